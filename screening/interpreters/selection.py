"""The one value that chaining takes out of a list of rows: the latest, the highest, the mean of a day.

Section 5.6 of the semantics once more, in another way than `record.rows` says it: the latest row is found by the
edge that the certain rows draw, not pair by pair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from screening.interpreters import distinct
from screening.interpreters.gather import Listing, Said, ids
from screening.record.subject import Evidence, SetAside
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN


def is_blank(value: Any) -> bool:
    """Whether nothing at all is known of a value."""
    if isinstance(value, Bounds):
        return value.low is None and value.high is None
    return value is UNKNOWN or value == ()


def enclosing(values: list[Bounds]) -> Bounds:
    """The narrowest bounds around all of several."""
    lows, highs = [v.low for v in values], [v.high for v in values]
    return Bounds(None if None in lows else min(lows), None if None in highs else max(highs))


def _on_scale(value: Any, scale: Any) -> Any:
    """A partly known value cut to its declared scale."""
    if not isinstance(value, Bounds) or not isinstance(scale, Bounds):
        return value
    low, high = value
    if scale.low is not None and (low is None or low < scale.low):
        low = scale.low
    if scale.high is not None and (high is None or high > scale.high):
        high = scale.high
    return value if low is not None and high is not None and low > high else Bounds(low, high)


def _nearest(found: Listing, first: bool) -> list[Evidence]:
    """The rows that may be the latest (the first): none that is certain lies surely beyond them."""
    # INVARIANT: who is beyond a row is beyond it by day, or on the very day of the edge by the clock.
    everyone = [*found.sure, *found.maybe]
    ends = [end for r in found.sure if (end := r.when.high if first else r.when.low) is not None]
    if not ends or len(everyone) == 1:
        return everyone
    edge = min(ends) if first else max(ends)
    clocks = [r.clock for r in found.sure if r.clock and r.when.low == edge == r.when.high]
    clock = "" if not clocks else min(clocks) if first else max(clocks)

    def is_passed(row: Evidence) -> bool:
        low, high = row.when
        by_day = (low is not None and low > edge) if first else (high is not None and high < edge)
        if by_day or not (clock and row.clock and low == edge == high):
            return by_day
        return row.clock > clock if first else row.clock < clock

    return [row for row in everyone if not is_passed(row)]


def _farthest(found: Listing, greatest: bool) -> list[Evidence]:
    """The rows that may hold the highest (the lowest) value, the unreadable ones among them."""
    ends = [row.value[0 if greatest else 1] for row in found.sure if isinstance(row.value, Bounds)]
    known = [end for end in ends if end is not None]
    # The highest is at least the greatest low there is; the lowest is open above if one reading is.
    sure = (max if greatest else min)(known) if known else None

    def may(row: Evidence) -> bool:
        if sure is None or not isinstance(row.value, Bounds):
            return True
        end = row.value.high if greatest else row.value.low
        return end is None or (end >= sure if greatest else end <= sure)

    return [row for row in (*found.sure, *found.maybe) if may(row)]


def _contradict(values: list[Any]) -> bool:
    """Whether no single value could be what all of these readings say."""
    if all(isinstance(value, Bounds) for value in values):
        lows = [low for low, _ in values if low is not None]
        highs = [high for _, high in values if high is not None]
        return bool(lows and highs) and max(lows) > min(highs)
    if all(isinstance(value, tuple) for value in values):
        named = [distinct.marks(value) for value in values]
        return any(distinct.is_other(a, b) for n, a in enumerate(named) for b in named[:n])
    return TRUE in values and FALSE in values


def _of_nearest(found: Listing, first: bool, blank: Any) -> Said:
    rows = _nearest(found, first)
    facts, values = ids(rows), [row.value for row in rows]
    if any(isinstance(value, SetAside) for value in values):
        return Said(blank, facts, "set aside")
    certain = {id(row) for row in found.sure}
    sure = [row.value for row in rows if id(row) in certain]
    conflict = _contradict(sure)
    several = any(value != values[0] for value in values)
    reason = "several candidates" if several else ""
    numbers = [value for value in values if isinstance(value, Bounds)]
    if len(numbers) == len(values):
        return Said(_on_scale(enclosing(numbers), blank), facts, reason, conflict)
    return Said(blank, facts, reason, conflict) if several else Said(values[0], facts)


def _of_farthest(found: Listing, greatest: bool, blank: Any) -> Said:
    rows = _farthest(found, greatest)
    if any(isinstance(row.value, SetAside) for row in rows):
        return Said(blank, ids(rows), "set aside")
    sure = [row.value for row in found.sure if isinstance(row.value, Bounds)]
    every = sure + [row.value for row in found.maybe if isinstance(row.value, Bounds)]
    # SPEC: semantics 5.6; the greatest low of the certain rows .. the greatest high of all.
    if greatest:
        extreme = Bounds(bounds.greatest(sure).low, bounds.greatest(every).high)
    else:
        extreme = Bounds(bounds.least(every).low, bounds.least(sure).high)
    return Said(_on_scale(extreme, blank), ids(rows))


def _of_latest_day(found: Listing, readings: int, blank: Any) -> Said:
    days = [row.when.low for row in found.sure if row.when.low is not None and row.when.low == row.when.high]
    if not days:
        return Said(blank, ids(found.sure) + ids(found.maybe), "day not known")
    day = max(days)
    taken = [row for row in found.sure if row.when.low == day == row.when.high]
    others = [row for row in found.sure if not row.when.low == day == row.when.high]
    doubtful = [r for r in (*others, *found.maybe) if r.when.high is None or r.when.high >= day]
    facts = ids(taken) + ids(doubtful)
    if doubtful:
        unusable = [row for row in doubtful if isinstance(row.value, SetAside)]
        return Said(blank, facts, "set aside" if unusable else "day not known")
    if readings > 1 and distinct.apart(taken, readings) < readings:
        return Said(blank, facts, f"{readings} readings wanted")
    mean = bounds.mean([row.value for row in taken if isinstance(row.value, Bounds)])
    return Said(_on_scale(mean, blank), facts)


def _of_one(row: Evidence, take: str, blank: Any) -> Said:
    value: Any = row.value
    if take == "mean of latest day" and isinstance(value, Bounds):
        value = bounds.mean([value])
    return Said(_on_scale(value, blank), (row.id,), "not known" if is_blank(value) else "")


def selection(take: str, readings: int, blank: Any) -> Callable[[Listing], Said]:
    """One value out of the rows; `blank` is what is known where they give none."""
    # SPEC: semantics 5.6.

    def selected(found: Listing) -> Said:
        certain = len(found.sure)
        if not certain:
            unusable = any(isinstance(row.value, SetAside) for row in found.maybe)
            why = "set aside" if unusable else "only possible entries" if found.maybe else "not recorded"
            return Said(blank, ids(found.maybe), why)
        if readings > 1 and distinct.apart(found.sure, readings) < readings:
            return Said(blank, ids(found.sure), f"{readings} readings wanted")
        if certain == 1 and not found.maybe:
            return _of_one(found.sure[0], take, blank)
        if take == "mean of latest day":
            return _of_latest_day(found, readings, blank)
        if take in ("highest", "lowest"):
            return _of_farthest(found, take == "highest", blank)
        return _of_nearest(found, take == "first", blank)

    return selected


def dating(take: str, readings: int) -> Callable[[Listing], Said]:
    """`date of X`: the days of the rows that the selection takes."""

    def dated(found: Listing) -> Said:
        if not found.sure or (readings > 1 and distinct.apart(found.sure, readings) < readings):
            return Said(OPEN, (), "not recorded")
        if len(found.sure) == 1 and not found.maybe:
            return Said(found.sure[0].when, ids(found.sure))
        if take == "mean of latest day":
            mean = _of_latest_day(found, readings, OPEN)
            if mean.reason:
                return Said(OPEN, mean.facts, mean.reason)
            rows = [row for row in found.sure if row.id in mean.facts]
        elif take in ("highest", "lowest"):
            rows = _farthest(found, take == "highest")
        else:
            rows = _nearest(found, take == "first")
        return Said(enclosing([row.when for row in rows]), ids(rows))

    return dated
