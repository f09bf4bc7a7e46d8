"""The one value that the compiled form takes out of rows: the latest, the first, the highest, the mean of a day.

Section 5.6 of the semantics once more. Most lists hold one certain row; the written text answers those by itself
and comes here with all others.
"""

from __future__ import annotations

import datetime
from typing import Any

from screening.interpreters.compiled_keys import rows_at_least
from screening.interpreters.compiled_rows import Blank, Rows, listed
from screening.record.subject import Evidence, SetAside, Subject
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import same
from screening.values.truth import FALSE, TRUE

_NOTHING = Blank(OPEN)


def on_scale(value: Any, scale: Any) -> Any:
    """A partly known value lies in its declared scale too; one outside it stays as it is."""
    if value.__class__ is not Bounds or scale.__class__ is not Bounds:
        return value
    return bounds.intersect(value, scale) or value


def around(values: list[Bounds]) -> Bounds:
    """The narrowest bounds around all of several."""
    low, high = values[0]
    for least, most in values[1:]:
        low = None if low is None or least is None else min(low, least)
        high = None if high is None or most is None else max(high, most)
    return Bounds(low, high)


def _nearest(sure: Rows, maybe: Rows, first: bool) -> list[Evidence]:
    """The rows that may be the latest (the first): those beyond which no certain row surely lies."""
    every = [*sure, *maybe]
    inner, outer = (1, 0) if first else (0, 1)
    ends = [row.when[inner] for row in sure if row.when[inner] is not None]
    if not ends:
        return every
    edge = min(ends) if first else max(ends)
    of_day = [row for row in every if row.when[0] == edge == row.when[1]]
    certain = {id(row) for row in sure}
    clocks = [row.clock for row in of_day if row.clock and id(row) in certain]
    passed: set[int] = set()
    if clocks:
        last = min(clocks) if first else max(clocks)
        passed = {id(row) for row in of_day if row.clock and (row.clock > last if first else row.clock < last)}
    found = []
    for row in every:
        end = row.when[outer]
        if end is not None and (end > edge if first else end < edge):
            continue
        if id(row) not in passed:
            found.append(row)
    return found


def _contradict(values: list[Any]) -> bool:
    """Whether two readings cannot both hold: no number, no coding and no truth is both."""
    ranges = [value for value in values if isinstance(value, Bounds)]
    lows = [low for low, _ in ranges if low is not None]
    highs = [high for _, high in ranges if high is not None]
    if lows and highs and max(lows) > min(highs):
        return True
    if TRUE in values and FALSE in values:
        return True
    coded = [value for value in values if isinstance(value, tuple) and not isinstance(value, Bounds)]
    return any(same(a, b) is FALSE for n, a in enumerate(coded) for b in coded[:n])


def _farthest(sure: Rows, maybe: Rows, greatest: bool) -> list[Evidence]:
    """The rows that may hold the highest (the lowest) value, those whose value is not readable among them."""
    inner, outer = (0, 1) if greatest else (1, 0)
    ends = [row.value[inner] for row in sure if isinstance(row.value, Bounds)]
    known = [end for end in ends if end is not None]
    if not known:
        return [*sure, *maybe]
    edge = max(known) if greatest else min(known)

    def may(row: Evidence) -> bool:
        if not isinstance(row.value, Bounds):
            return True
        end = row.value[outer]
        return end is None or bool(end >= edge if greatest else end <= edge)

    return [row for row in (*sure, *maybe) if may(row)]


def _of_latest_day(sure: Rows, maybe: Rows, readings: int) -> list[Evidence]:
    """The certain readings of the latest day; none if there is any doubt about that day."""
    exact = [row.when[0] for row in sure if row.when[0] is not None and row.when[0] == row.when[1]]
    if not exact:
        return []
    day, taken = max(exact), list[Evidence]()
    for row in sure:
        low, high = row.when
        if low == day == high:
            taken.append(row)
        elif high is None or high >= day:
            return []
    for row in maybe:
        if row.when[1] is None or row.when[1] >= day:
            return []
    return [] if readings > 1 and rows_at_least(taken, readings) < readings else taken


def selected(
    sure: Rows, maybe: Rows, take: str, readings: int, blank: Any, conflicts: list[str], place: str
) -> Any:
    """One value out of the rows; `blank` is what is known where they give none: the scale, no coding, UNKNOWN."""
    if not sure or (readings > 1 and rows_at_least(sure, readings) < readings):
        return blank
    if take == "mean of latest day":
        if len(sure) == 1 and not maybe:
            value: Any = sure[0].value
            return on_scale(bounds.mean([value]) if isinstance(value, Bounds) else value, blank)
        taken = _of_latest_day(sure, maybe, readings)
        values = [row.value for row in taken if isinstance(row.value, Bounds)]
        return on_scale(bounds.mean(values), blank) if taken else blank
    if len(sure) == 1 and not maybe:
        return on_scale(sure[0].value, blank)
    if take == "highest" or take == "lowest":
        return on_scale(_extreme(sure, maybe, take == "highest"), blank) or blank
    rows = _nearest(sure, maybe, take == "first")
    return _together(rows, sure, blank, conflicts, place)


def _extreme(sure: Rows, maybe: Rows, greatest: bool) -> Bounds | None:
    """The greatest low of the certain rows to the greatest high of all, or mirrored; None if one was set aside."""
    if any(row.value.__class__ is SetAside for row in _farthest(sure, maybe, greatest)):
        return None
    certain = [row.value for row in sure if isinstance(row.value, Bounds)]
    every = certain + [row.value for row in maybe if isinstance(row.value, Bounds)]
    if greatest:
        return Bounds(bounds.greatest(certain)[0], bounds.greatest(every)[1])
    return Bounds(bounds.least(every)[0], bounds.least(certain)[1])


def _together(rows: list[Evidence], sure: Rows, blank: Any, conflicts: list[str], place: str) -> Any:
    """What several candidates say together; certain ones of which two cannot both hold contradict each other."""
    values = [row.value for row in rows]
    if any(value.__class__ is SetAside for value in values):
        return blank
    certain = {id(row) for row in sure}
    if len(rows) > 1 and _contradict([row.value for row in rows if id(row) in certain]):
        conflicts.append(place)
    if all(isinstance(value, Bounds) for value in values):
        return on_scale(around(values), blank)  # type: ignore[arg-type]
    return values[0] if all(value == values[0] for value in values) else blank


def dated(sure: Rows, maybe: Rows, take: str, readings: int) -> Bounds:
    """`date of X`: the days of the rows that the selection takes; open if it takes none."""
    if not sure or (readings > 1 and rows_at_least(sure, readings) < readings):
        return OPEN
    if len(sure) == 1 and not maybe:
        return sure[0].when
    if take == "mean of latest day":
        rows = _of_latest_day(sure, maybe, readings)
    elif take == "highest" or take == "lowest":
        rows = _farthest(sure, maybe, take == "highest")
    else:
        rows = _nearest(sure, maybe, take == "first")
    return around([row.when for row in rows]) if rows else OPEN


def taken(
    subject: Subject,
    requirement: str,
    day: datetime.date,
    take: str,
    blank: Any,
    conflicts: list[str],
    place: str,
) -> Any:
    """The one value of a requirement of which more is on record than a single certain row."""
    sure, maybe, _, _, _ = listed(subject, requirement, day, _NOTHING)
    return selected(sure, maybe, take, 1, blank, conflicts, place)
