"""Everything known of one person, dated, and from where; which lists are complete.

A subject answers exactly the requirements of one library. Values are in the requirement's unit,
words and codes are codings. What is not here is simply not known.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import field, replace
from typing import Any

from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Codings
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, Truth

Value = Truth | Bounds | Codings


@dataclass(frozen=True, slots=True)
class SetAside:
    """A value that is there and cannot be used: no unit, another dimension, or not plausible.

    It keeps its place: a selection it might win is UNKNOWN, a row it belongs to is possible.
    """

    why: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One value with the record it came from.

    `certainty` is TRUE for a confirmed row of a covered code and UNKNOWN for one that is only possible
    (provisional, uncoded); rows that do not count are not kept. `when` are the days it may be dated,
    `clock` orders readings of one day. `concepts` are the positions, among the concepts of the requirement, of
    those that its codes name. `id` is unique within the subject: facts are cited by it.
    """

    id: str
    requirement: str
    value: Value | SetAside
    when: Bounds = OPEN
    clock: str = ""
    certainty: Truth = TRUE
    codes: Codings = ()
    fields: Mapping[str, Value | SetAside] = field(default_factory=dict)
    origin: str = ""
    written: str = ""
    status: str = "confirmed"
    by: str = ""
    concepts: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Absence:
    """An attested absence: somebody recorded that a thing is not there, up to a date.

    `concepts` are the positions of the requirement's concepts that it speaks of; None is the whole
    requirement.
    """

    id: str
    requirement: str
    when: Bounds = OPEN
    concepts: frozenset[int] | None = None
    origin: str = ""
    by: str = ""


@dataclass(frozen=True, slots=True)
class Completeness:
    """What is said of a list being complete: never assumed. `since` None means ever.

    `basis` is `record` or `site declaration`.
    """

    since: datetime.date | None
    basis: str
    because: str = ""
    signed: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something set aside, merged or passed over, said without a value: `requirement`, `place`, `text`."""

    requirement: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class Searched:
    """What was searched for a requirement: `none of 12 codes in 146 conditions, 1962 to 2026`."""

    codes: int
    records: int
    of: str
    first: str = ""
    last: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """The evidence for one person.

    `passed_over` are entries of a code that is asked for which are no evidence, each with why: a condition that
    is over where only what holds counts. They belong to no certificate; nothing rests on them.
    """

    id: str
    evidence: Mapping[str, tuple[Evidence, ...]]
    absences: Mapping[str, tuple[Absence, ...]] = field(default_factory=dict)
    complete: Mapping[str, Completeness] = field(default_factory=dict)
    concepts: Mapping[str, int] = field(default_factory=dict)
    searched: Mapping[str, Searched] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    extracted: datetime.date | None = None
    synthetic: bool = False
    source: str = ""
    digest: str = ""
    site: str = ""
    passed_over: tuple[Notice, ...] = ()

    def as_of(self, day: datetime.date) -> Subject:
        """The subject as it stood on a day: evidence dated wholly after it is invisible, with a notice."""
        # SPEC: semantics 3.5.
        notices = list(self.notices)
        if self.extracted is not None and self.extracted < day:
            days = (day - self.extracted).days
            notices.append(Notice("", self.source, f"the as-of date is {days} days after the source's extract"))
        hidden = {name: rows for name, rows in self.evidence.items() if _any_later(rows, day)}
        denied = {name: rows for name, rows in self.absences.items() if _any_later(rows, day)}
        ongoing = {name: rows for name, rows in self.evidence.items() if any(map(_is_ongoing, rows))}
        if not hidden and not denied and not ongoing and len(notices) == len(self.notices):
            return self
        evidence, absences = dict(self.evidence), dict(self.absences)
        for name, rows in ongoing.items():
            # What began and has no known end (a prescription) is seen up to the as-of date, not beyond it.
            evidence[name] = tuple(_until(row, day) for row in rows)
        for name, rows in sorted(hidden.items()):
            evidence[name] = tuple(row for row in evidence[name] if not _any_later((row,), day))
            count = len(rows) - len(evidence[name])
            what = "1 entry" if count == 1 else f"{count} entries"
            notices.append(Notice(name, "", f"{what} dated after the as-of date, not used"))
        for name, attested in denied.items():
            absences[name] = tuple(a for a in attested if not _any_later((a,), day))
        return replace(self, evidence=evidence, absences=absences, notices=tuple(notices))


def _any_later(rows: Sequence[Evidence | Absence], day: datetime.date) -> bool:
    """Whether any of the entries is wholly dated after a day."""
    for row in rows:
        first = row.when.low
        if first is not None and first > day:
            return True
    return False


def _is_ongoing(row: Evidence) -> bool:
    return row.when.low is not None and row.when.high is None


def _until(row: Evidence, day: datetime.date) -> Evidence:
    """An entry without a known end, as far as it has gone by a day; one that began later stays as it is."""
    if not _is_ongoing(row) or row.when.low > day:
        return row
    return replace(row, when=Bounds(row.when.low, day))


def same_reading(a: Evidence, b: Evidence) -> bool:
    """Whether two rows are one: exact duplicates, or one instant, code family and value charted twice."""
    # SPEC: semantics 5.2.
    if a.value != b.value or a.when != b.when or a.clock != b.clock or a.certainty is not b.certainty:
        return False
    # Two facts of one instant are one only if they are the same fact; two numbers of one instant are one reading.
    same_fact = a.codes == b.codes or (bool(a.concepts) and a.concepts == b.concepts)
    family = same_fact or not isinstance(a.value, Truth)
    exact = bool(a.clock) and a.when.low is not None and a.when.low == a.when.high
    if exact and family and not a.fields and not b.fields:
        return True
    return dict(a.fields) == dict(b.fields) and a.codes == b.codes and a.by == b.by


def merged(rows: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The rows with each charted only once; the kept row names every origin."""
    kept: list[Evidence] = []
    buckets: dict[Any, list[int]] = {}
    more: dict[int, list[str]] = {}
    known: dict[int, set[str]] = {}
    for row in rows:
        bucket = buckets.setdefault((row.when, row.clock, repr(row.value)), [])
        for position in bucket:
            if same_reading(kept[position], row):
                # Somebody may be charted a hundred thousand times over; the origins are joined once, at the end.
                origins = more.setdefault(position, [kept[position].origin])
                seen = known.setdefault(position, set(kept[position].origin.split("; ")))
                if row.origin and row.origin not in seen:
                    origins.append(row.origin)
                    seen.update(row.origin.split("; "))
                break
        else:
            bucket.append(len(kept))
            kept.append(row)
    for position, origins in more.items():
        if len(origins) > 1:
            kept[position] = replace(kept[position], origin="; ".join(filter(None, origins)))
    return tuple(kept)
