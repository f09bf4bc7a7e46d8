"""What chaining asks of a record: which rows count, and the one truth, number or value that they give.

Section 5 of the semantics once more, in another way than `record.rows` says it: a list is one thing
with four parts, and the latest row is found by the edge that the certain rows draw, not pair by pair.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from screening.record.subject import Absence, Completeness, Evidence, SetAside, Subject, Value
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Codings
from screening.values.truth import FALSE, TRUE, UNKNOWN

Facts = tuple[str, ...]
NO_FIELDS: Mapping[str, Value | SetAside] = MappingProxyType({})


class Ghost(NamedTuple):
    """A row that nobody wrote down: it has days, and is otherwise not known."""

    id: str
    when: Bounds
    value: Value | SetAside = UNKNOWN
    codes: Codings = ()
    fields: Mapping[str, Value | SetAside] = NO_FIELDS


Row = Evidence | Ghost


class Listing(NamedTuple):
    """The rows that surely count, those that may, the denials, and the row that may yet be missing."""

    sure: tuple[Evidence, ...]
    maybe: tuple[Evidence, ...]
    denials: tuple[Absence, ...]
    missing: Ghost | None
    concepts: int
    basis: Completeness | None

    @property
    def facts(self) -> Facts:
        """The ids of all rows, the certain ones first."""
        return ids(self.sure) + ids(self.maybe)


class Said(NamedTuple):
    """What is said of a list: a value, the facts behind it, why it is open, whether they contradict."""

    value: Any
    facts: Facts = ()
    reason: str = ""
    conflict: bool = False


def ids(rows: Iterable[Evidence | Absence]) -> Facts:
    """The ids of rows, in order."""
    return tuple([row.id for row in rows])


def missing_until(day: datetime.date) -> Ghost:
    """The row that a list may still lack, dated at the latest on this day."""
    return Ghost("unlisted", Bounds(None, day), SetAside("unlisted"))


def listing(subject: Subject, requirement: str, missing: Ghost) -> Listing:
    """All that is known of a requirement; `missing` is what an open list may lack."""
    # SPEC: semantics 5.2, 5.5.
    rows = subject.evidence.get(requirement, ())
    basis = subject.complete.get(requirement)
    lacks: Ghost | None = missing
    if basis is not None:
        since = basis.since
        lacks = None if since is None else missing_until(since - datetime.timedelta(days=1))
    sure = [row for row in rows if row.certainty is TRUE]
    maybe = [row for row in rows if row.certainty is not TRUE] if len(sure) < len(rows) else ()
    denials = subject.absences.get(requirement, ())
    return Listing(tuple(sure), tuple(maybe), denials, lacks, subject.concepts.get(requirement, 0), basis)


# ---------------------------------------------------------------------------------- existence


def _denies(denial: Absence, row: Evidence) -> bool:
    """Whether somebody recorded, not before this row, that what it says is not there."""
    if denial.concepts is not None and (not row.concepts or row.concepts - denial.concepts):
        return False
    last, first = denial.when.high, row.when.low
    return last is None or first is None or first <= last


def _ruled_out(found: Listing) -> bool:
    """Whether everything asked for is denied, and no doubtful row may be later than the denials."""
    if not found.denials:
        return False
    named = [denial.concepts for denial in found.denials]
    if None not in named:
        denied = set[int]().union(*filter(None, named))
        if not found.concepts or len(denied) < found.concepts:
            return False
    ends = [denial.when.high for denial in found.denials]
    if None in ends:
        return True
    latest = max(ends)
    return not any(row.when.high is None or row.when.high > latest for row in found.maybe)


def existence(found: Listing) -> Said:
    """`exists`: one standing row is enough, silence never is."""
    # SPEC: semantics 5.3.
    if found.sure:
        standing = [r.id for r in found.sure if not any(_denies(d, r) for d in found.denials)]
        if standing:
            return Said(TRUE, tuple(standing))
        both = ids(found.sure) + ids(found.denials)
        return Said(UNKNOWN, both, "recorded as present and as absent", True)
    if _ruled_out(found):
        return Said(FALSE, ids(found.denials), "absence attested")
    if found.maybe:
        return Said(UNKNOWN, ids(found.maybe), "only possible entries")
    if found.missing is not None:
        return Said(UNKNOWN, (), "not recorded")
    by_site = found.basis is not None and found.basis.basis == "site declaration"
    return Said(FALSE, (), "site declaration" if by_site else "list complete")


# ----------------------------------------------------------------------------------- counting


def _closed(found: Listing) -> bool:
    return found.missing is None or _ruled_out(found)


def count(found: Listing) -> Said:
    """`Count`: at least the certain rows, at most those and the doubtful ones if none is missing."""
    # SPEC: semantics 5.4.
    least = len(found.sure)
    if _closed(found):
        return Said(Bounds(least, least + len(found.maybe)), found.facts)
    return Said(Bounds(least, None), found.facts, "list not complete")


def field(row: Row, name: str, blank: Any) -> Any:
    """A field of a row as a value; `blank` where there is none that can be used."""
    found: Any
    match name:
        case "date":
            return row.when
        case "code":
            return row.codes
        case "value":
            found = row.value
        case _:
            found = row.fields.get(name)
    return blank if found is None or found is UNKNOWN or isinstance(found, SetAside) else found


def _key(row: Evidence, name: str) -> Any:
    """What `distinct` tells rows apart by; None if it is not exactly known."""
    found = row.fields.get(name) if name == "date" else field(row, name, None)
    if isinstance(found, Bounds):
        return found if found.low is not None and found.low == found.high else None
    return None if found is UNKNOWN or found == () or isinstance(found, SetAside) else found


def count_distinct(name: str, cap: int | None) -> Callable[[Listing], Said]:
    """`Count(distinct)`: a row of unknown key may be a new one or an old one."""
    # SPEC: semantics 5.4.

    def counted(found: Listing) -> Said:
        keys = [_key(row, name) for row in found.sure]
        more = [_key(row, name) for row in found.maybe]
        known = {key for key in keys if key is not None}
        least = len(known) or (1 if keys else 0)
        closed = _closed(found)
        most = cap
        if closed:
            every = known.union(key for key in more if key is not None)
            most = len(every) + keys.count(None) + more.count(None)
            most = most if cap is None else min(most, cap)
        if most is not None and most < least:
            most = least  # INVARIANT: what is certain is never cut away by a declared list.
        return Said(Bounds(least, most), found.facts, "" if closed else "list not complete")

    return counted


_OVER: dict[str, Callable[[list[Bounds]], Bounds]] = {
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
}


def over(name: str, function: str) -> Callable[[Listing], Said]:
    """Min, Max, Sum or Mean of a field; known only if every row is."""

    def worked_out(found: Listing) -> Said:
        if not _closed(found):
            return Said(OPEN, found.facts, "list not complete")
        if found.maybe or not found.sure:
            return Said(OPEN, found.facts, "only possible entries")
        values = [row.value if name == "value" else row.fields.get(name) for row in found.sure]
        numbers = [value if isinstance(value, Bounds) else OPEN for value in values]
        return Said(_OVER.get(function, bounds.mean)(numbers), found.facts)

    return worked_out


# ---------------------------------------------------------------------------------- selection


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


def _of_nearest(found: Listing, first: bool, blank: Any) -> Said:
    rows = _nearest(found, first)
    facts, values = ids(rows), [row.value for row in rows]
    if any(isinstance(value, SetAside) for value in values):
        return Said(blank, facts, "set aside")
    certain = {id(row) for row in found.sure}
    sure = [row.value for row in rows if id(row) in certain]
    conflict = any(value != sure[0] for value in sure)
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
        return Said(blank, found.facts, "day not known")
    day = max(days)
    taken = [row for row in found.sure if row.when.low == day == row.when.high]
    others = [row for row in found.sure if not row.when.low == day == row.when.high]
    doubtful = [r for r in (*others, *found.maybe) if r.when.high is None or r.when.high >= day]
    facts = ids(taken) + ids(doubtful)
    if doubtful:
        return Said(blank, facts, "day not known")
    if len(taken) < readings:
        return Said(blank, facts, f"{readings} readings wanted")
    if any(isinstance(row.value, SetAside) for row in taken):
        return Said(blank, facts, "set aside")
    mean = bounds.mean([row.value for row in taken if isinstance(row.value, Bounds)])
    return Said(_on_scale(mean, blank), facts)


def _of_one(row: Evidence, take: str, blank: Any) -> Said:
    value: Any = row.value
    if isinstance(value, SetAside):
        return Said(blank, (row.id,), "set aside")
    if take == "mean of latest day" and isinstance(value, Bounds):
        value = bounds.mean([value])
    return Said(_on_scale(value, blank), (row.id,), "not known" if is_blank(value) else "")


def selection(take: str, readings: int, blank: Any) -> Callable[[Listing], Said]:
    """One value out of the rows; `blank` is what is known where they give none."""
    # SPEC: semantics 5.6.

    def selected(found: Listing) -> Said:
        certain = len(found.sure)
        if not certain:
            return Said(blank, ids(found.maybe), "only possible entries" if found.maybe else "not recorded")
        if certain < readings:
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
        if not found.sure or len(found.sure) < readings:
            return Said(OPEN, (), "not recorded")
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
