"""What chaining asks of a record: which rows count, and the one truth, number or value that they give.

Sections 5.1 to 5.5 of the semantics once more, in another way than `record.rows` says it: a list is one thing
with four parts, and denials are a table of days, one for each concept.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from screening.interpreters import distinct
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
    # SPEC: semantics 2.6; a row whose value cannot be used is a doubtful one.
    sure: list[Evidence] = []
    maybe: list[Evidence] = []
    for row in rows:
        (maybe if row.certainty is not TRUE or isinstance(row.value, SetAside) else sure).append(row)
    denials = subject.absences.get(requirement, ())
    return Listing(tuple(sure), tuple(maybe), denials, lacks, subject.concepts.get(requirement, 0), basis)


# ---------------------------------------------------------------------------------- existence


def _denies(denial: Absence, row: Evidence) -> bool:
    """Whether somebody recorded, not before this row, that what it says is not there."""
    if denial.concepts is not None and (not row.concepts or row.concepts - denial.concepts):
        return False
    last, first = denial.when.high, row.when.low
    return last is None or first is None or first <= last


_EVERYTHING = None
Denied = dict[int | None, datetime.date | None]


def _denied_until(found: Listing) -> Denied:
    """For each concept that is denied, the day up to which it surely is; under None what is said of all."""
    until: Denied = {}
    for denial in found.denials:
        day = denial.when.low
        for concept in (_EVERYTHING,) if denial.concepts is None else denial.concepts:
            known = until.get(concept)
            until[concept] = day if known is None or (day is not None and day > known) else known
    return until


def _outlives(row: Evidence, found: Listing, until: Denied) -> bool:
    """Whether a doubtful row may be true all the same: some concept it may be of is not denied after it."""
    end = row.when.high

    def settles(concept: int | None) -> bool:
        day = until.get(concept)
        return end is not None and day is not None and day >= end

    if settles(_EVERYTHING):
        return False
    may_be = row.concepts or frozenset(range(found.concepts))
    return not may_be or not all(settles(concept) for concept in may_be)


class Sorted(NamedTuple):
    """A list held against its denials: what stands, what is contradicted, what stays doubtful, and its end."""

    stands: tuple[Evidence, ...]
    disputed: tuple[Evidence, ...]
    doubtful: tuple[Evidence, ...]
    denied: bool
    is_closed: bool

    @property
    def facts(self) -> Facts:
        return ids(self.stands) + ids(self.disputed) + ids(self.doubtful)

    @property
    def why_open(self) -> str:
        return _DISPUTED if self.disputed else "" if self.is_closed else "list not complete"


_DISPUTED = "recorded as present and as absent"


def sort_out(found: Listing) -> Sorted:
    """Certain and doubtful rows against what is denied."""
    complete = found.missing is None
    if not found.denials:
        return Sorted(found.sure, (), found.maybe, False, complete)
    disputed = [row for row in found.sure if any(_denies(denial, row) for denial in found.denials)]
    until = _denied_until(found)
    doubtful = tuple([row for row in found.maybe if _outlives(row, found, until)])
    concepts = until.keys() - {_EVERYTHING}
    denied = _EVERYTHING in until or (found.concepts > 0 and len(concepts) >= found.concepts)
    nothing_since = not found.sure and not doubtful
    stands = found.sure
    if disputed:
        known = set(map(id, disputed))
        stands = tuple([row for row in found.sure if id(row) not in known])
    return Sorted(stands, tuple(disputed), doubtful, denied, complete or (denied and nothing_since))


def existence(found: Listing) -> Said:
    """`exists`: one standing row is enough, silence never is."""
    # SPEC: semantics 5.3.
    stands, disputed, doubtful, denied, is_closed = sort_out(found)
    if stands:
        return Said(TRUE, ids(stands))
    if disputed:
        return Said(UNKNOWN, ids(disputed) + ids(found.denials), _DISPUTED, True)
    if doubtful:
        return Said(UNKNOWN, ids(doubtful), "only possible entries")
    if not is_closed:
        return Said(UNKNOWN, (), "not recorded")
    if denied or (found.denials and found.maybe):
        return Said(FALSE, ids(found.denials), "absence attested")
    by_site = found.basis is not None and found.basis.basis == "site declaration"
    return Said(FALSE, (), "site declaration" if by_site else "list complete")


# ----------------------------------------------------------------------------------- counting


def count(found: Listing) -> Said:
    """`Count`: at least the rows that stand, at most all that may, if none is missing."""
    # SPEC: semantics 5.4.
    rows = sort_out(found)
    facts, least = rows.facts, distinct.apart(rows.stands)
    most = len(facts) if rows.is_closed else None
    return Said(Bounds(least, most), facts, rows.why_open, bool(rows.disputed))


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


def count_distinct(name: str, cap: int | None) -> Callable[[Listing], Said]:
    """`Count(distinct)`: a row of unknown key may be a new one or an old one."""
    # SPEC: semantics 5.4.

    def counted(found: Listing) -> Said:
        rows = sort_out(found)
        least = distinct.at_least([distinct.names(row, name) for row in rows.stands])
        most = cap
        if rows.is_closed:
            every = (*rows.stands, *rows.disputed, *rows.doubtful)
            most = distinct.at_most([distinct.names(row, name) for row in every])
            most = most if cap is None else min(most, cap)
        if most is not None and most < least:
            most = least  # INVARIANT: what is certain is never cut away by a declared list.
        return Said(Bounds(least, most), rows.facts, rows.why_open, bool(rows.disputed))

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
        rows = sort_out(found)
        if rows.why_open:
            return Said(OPEN, rows.facts, rows.why_open, bool(rows.disputed))
        if rows.doubtful or not rows.stands:
            return Said(OPEN, rows.facts, "only possible entries" if rows.doubtful else "no entries")
        if function not in ("Min", "Max") and distinct.apart(rows.stands) < len(rows.stands):
            return Said(OPEN, rows.facts, "entries may be one")
        values = [row.value if name == "value" else row.fields.get(name) for row in rows.stands]
        numbers = [value if isinstance(value, Bounds) else OPEN for value in values]
        return Said(_OVER.get(function, bounds.mean)(numbers), rows.facts)

    return worked_out
