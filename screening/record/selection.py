"""The one value that a selection takes out of rows: the latest, the first, the highest, the mean of a day.

These are the tables of section 5.6 of the semantics. The law and the verifier read them; the other interpreters
say the same again in their own medium.
"""

from __future__ import annotations

from collections.abc import Sequence

from screening.record.keys import least_rows
from screening.record.rows import Finding, RowSet, is_unknown
from screening.record.subject import Evidence, SetAside, Value
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import same
from screening.values.truth import FALSE, TRUE


def select(rows: RowSet, take: str, readings: int, blank: Value) -> Finding:
    """One value out of the rows; `blank` is what is known when nothing is (the scale, UNKNOWN, no coding).

    Rows that partial dates, equal times or doubt leave as candidates give their hull; a candidate that
    was set aside leaves it blank; only possible rows leave it blank.
    """
    # SPEC: semantics 5.6.
    certain, possible = rows.certain, rows.possible
    if not certain:
        return Finding(blank, tuple([r.id for r in possible]), False, _without_certain(rows))
    if len(certain) == 1 and not possible and readings == 1:
        return _alone(certain[0], take, blank)
    if readings > 1 and least_rows(certain, readings) < readings:
        return Finding(blank, tuple([r.id for r in certain]), False, f"{readings} readings wanted")
    match take:
        case "highest" | "lowest":
            return _extreme(rows, take, blank)
        case "mean of latest day":
            return _mean_of_latest_day(rows, readings, blank)
    candidates, sure = _candidates(rows, take)
    return _hull(candidates, sure, blank)


def _without_certain(rows: RowSet) -> str:
    if not rows.possible:
        return "not recorded"
    unusable = any(isinstance(row.value, SetAside) for row in rows.possible)
    return "set aside" if unusable else "only possible entries"


def _alone(row: Evidence, take: str, blank: Value) -> Finding:
    value = row.value
    assert not isinstance(value, SetAside)  # INVARIANT: the row of such a value is never certain.
    reason = "not known" if is_unknown(value) else ""
    if isinstance(value, Bounds):
        if take == "mean of latest day":
            value = bounds.mean([value])
        if isinstance(blank, Bounds) and not bounds.is_open(blank):
            value = _within(value, blank)
    return Finding(value, (row.id,), False, reason)


def _within(value: Value, blank: Value) -> Value:
    """A partly known value lies in its declared scale too."""
    if isinstance(value, Bounds) and isinstance(blank, Bounds) and not bounds.is_open(blank):
        return bounds.intersect(value, blank) or value
    return value


def _candidates(rows: RowSet, take: str) -> tuple[list[Evidence], set[str]]:
    """The rows that may be the latest (or the first): those that no certain row surely follows (precedes)."""
    # One reading surely is the later one by its day, or by clock time on one and the same day.
    first, everything = take == "first", (*rows.certain, *rows.possible)
    inner, outer = (1, 0) if first else (0, 1)
    ends = [row.when[inner] for row in rows.certain if row.when[inner] is not None]
    edge = (min if first else max)(ends) if ends else None
    clocks = [r.clock for r in rows.certain if r.clock and edge is not None and r.when.low == edge == r.when.high]
    clock = (min if first else max)(clocks) if clocks else ""

    def is_passed(row: Evidence) -> bool:
        end = row.when[outer]
        if end is None or edge is None:
            return False
        if end > edge if first else end < edge:
            return True
        on_the_day = bool(clock and row.clock) and row.when.low == edge == row.when.high
        return on_the_day and (row.clock > clock if first else row.clock < clock)

    return [row for row in everything if not is_passed(row)], {row.id for row in rows.certain}


def _exclude(a: Value | SetAside, b: Value | SetAside) -> bool:
    """Whether two readings of one thing cannot both hold: no number, no coding and no truth is both."""
    if isinstance(a, Bounds) and isinstance(b, Bounds):
        return bounds.intersect(a, b) is None
    if isinstance(a, tuple) and isinstance(b, tuple):
        return same(a, b) is FALSE
    return {a, b} == {TRUE, FALSE}


def _hull(candidates: Sequence[Evidence], certain: set[str], blank: Value) -> Finding:
    facts = tuple(row.id for row in candidates)
    if any(isinstance(row.value, SetAside) for row in candidates):
        return Finding(blank, facts, reason="set aside")
    values = [row.value for row in candidates if not isinstance(row.value, SetAside)]
    sure = [row.value for row in candidates if row.id in certain]
    different = list(dict.fromkeys(sure))
    conflict = any(_exclude(a, b) for n, a in enumerate(different) for b in different[:n])
    if all(isinstance(value, Bounds) for value in values):
        found = values[0]
        for value in values[1:]:
            found = bounds.hull(found, value)  # type: ignore[arg-type]
        several = any(value != values[0] for value in values)
        return Finding(_within(found, blank), facts, conflict, "several candidates" if several else "")
    if any(value != values[0] for value in values):
        return Finding(blank, facts, conflict, "several candidates")
    return Finding(values[0], facts)


def _extreme(rows: RowSet, take: str, blank: Value) -> Finding:
    """Highest: the greatest low of the certain rows .. the greatest high of all; lowest mirrored."""
    candidates = _may_be_extreme(rows, take)
    facts = tuple(row.id for row in candidates)
    if any(isinstance(row.value, SetAside) for row in candidates):
        return Finding(blank, facts, reason="set aside")
    certain = [row.value for row in rows.certain if isinstance(row.value, Bounds)]
    every = [row.value for row in (*rows.certain, *rows.possible) if isinstance(row.value, Bounds)]
    if take == "highest":
        found = Bounds(bounds.greatest(certain).low, bounds.greatest(every).high)
    else:
        found = Bounds(bounds.least(every).low, bounds.least(certain).high)
    return Finding(_within(found, blank), facts)


def _may_be_extreme(rows: RowSet, take: str) -> list[Evidence]:
    certain = [row.value for row in rows.certain if isinstance(row.value, Bounds)]
    sure = (bounds.greatest(certain).low if take == "highest" else bounds.least(certain).high) if certain else None

    def may(row: Evidence) -> bool:
        if isinstance(row.value, SetAside) or not isinstance(row.value, Bounds) or sure is None:
            return True
        end = row.value.high if take == "highest" else row.value.low
        return end is None or (end >= sure if take == "highest" else end <= sure)

    return [row for row in (*rows.certain, *rows.possible) if may(row)]


def _mean_of_latest_day(rows: RowSet, readings: int, blank: Value) -> Finding:
    """The mean of the certain readings of the latest day; any doubt about that day leaves it blank."""
    exact = [row.when.low for row in rows.certain if row.when.low is not None and row.when.low == row.when.high]
    everything = (*rows.certain, *rows.possible)
    if not exact:
        return Finding(blank, tuple(row.id for row in everything), reason="day not known")
    day = max(exact)
    taken = [row for row in rows.certain if row.when.low == day == row.when.high]
    chosen = {row.id for row in taken}
    doubtful = [r for r in everything if r.id not in chosen and (r.when.high is None or r.when.high >= day)]
    facts = tuple(row.id for row in (*taken, *doubtful))
    if doubtful:
        unusable = any(isinstance(row.value, SetAside) for row in doubtful)
        return Finding(blank, facts, reason="set aside" if unusable else "day not known")
    if readings > 1 and least_rows(taken, readings) < readings:
        return Finding(blank, facts, reason=f"{readings} readings wanted")
    values = [row.value for row in taken if isinstance(row.value, Bounds)]
    return Finding(_within(bounds.mean(values), blank), facts)


def date_of(rows: RowSet, take: str, readings: int) -> Finding:
    """The days of the evidence that the selection takes; open if it takes none."""
    if not rows.certain or (readings > 1 and least_rows(rows.certain, readings) < readings):
        return Finding(OPEN, reason="not recorded")
    if len(rows.certain) == 1 and not rows.possible:
        return Finding(rows.certain[0].when, (rows.certain[0].id,))
    match take:
        case "highest" | "lowest":
            candidates = _may_be_extreme(rows, take)
        case "mean of latest day":
            mean = _mean_of_latest_day(rows, readings, OPEN)
            if mean.reason:
                return Finding(OPEN, mean.facts, reason=mean.reason)
            candidates = [row for row in rows.certain if row.id in mean.facts]
        case _:
            candidates, _certain = _candidates(rows, take)
    found = candidates[0].when
    for row in candidates[1:]:
        found = bounds.hull(found, row.when)
    return Finding(found, tuple(row.id for row in candidates))
