"""Rows of a record: certain, possible or out; existence and counting over them.

These are the tables of section 5 of the semantics. The law and the verifier read them; the other
interpreters say the same again in their own medium.
"""

from __future__ import annotations

import datetime
import functools
from typing import NamedTuple

from screening.record.keys import key_of, least_distinct, least_rows, most_distinct
from screening.record.subject import Absence, Completeness, Evidence, SetAside, Subject, Value
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

UNLISTED = "unlisted"
_DAY = datetime.timedelta(days=1)


class RowSet(NamedTuple):
    """Rows that count or may count, with what may be missing from the list.

    `unlisted` is the row that nobody wrote down and that an incomplete list may still hold: dated as
    loosely as the list is open, otherwise unknown; None where the list is complete. Filtering it like any
    other row tells whether a declaration of completeness reaches as far as a window does.
    """

    certain: tuple[Evidence, ...]
    possible: tuple[Evidence, ...]
    unlisted: Evidence | None
    absences: tuple[Absence, ...]
    concepts: int
    basis: Completeness | None


class Finding(NamedTuple):
    """What a node over rows says: its value, the facts it rests on, and whether they contradict each other."""

    value: Value
    facts: tuple[str, ...] = ()
    conflict: bool = False
    reason: str = ""


def retrieve(subject: Subject, requirement: str, as_of: datetime.date) -> RowSet:
    """All rows of a requirement, as the subject stands on the as-of date."""
    rows = subject.evidence.get(requirement, ())
    basis = subject.complete.get(requirement)
    unlisted: Evidence | None = None
    if basis is None:
        unlisted = _unlisted(as_of)
    elif basis.since is not None:
        unlisted = _unlisted(basis.since - _DAY)
    # SPEC: semantics 2.6; the row of a value that cannot be used is possible.
    possible = tuple([r for r in rows if r.certainty is not TRUE or type(r.value) is SetAside]) if rows else rows
    certain = rows
    if possible:
        certain = tuple([r for r in rows if r.certainty is TRUE and type(r.value) is not SetAside])
    absences = subject.absences.get(requirement, ())
    return RowSet(certain, possible, unlisted, absences, subject.concepts.get(requirement, 0), basis)


@functools.lru_cache(maxsize=64)
def _unlisted(last: datetime.date) -> Evidence:
    return Evidence(UNLISTED, "", SetAside("unlisted"), Bounds(None, last), certainty=UNKNOWN)


def is_unknown(value: Value) -> bool:
    """Whether nothing at all is known of a value."""
    return value is UNKNOWN or value == () or (isinstance(value, Bounds) and bounds.is_open(value))


def as_row(absence: Absence) -> Evidence:
    """The days an attested absence surely speaks of, as a row: a window they cannot reach passes it by."""
    return Evidence(absence.id, absence.requirement, UNKNOWN, Bounds(None, absence.when.low), certainty=UNKNOWN)


# ------------------------------------------------------------------------- existence, counting


def _speaks_of(absence: Absence, row: Evidence) -> bool:
    """Whether an attested absence denies this row: same concepts, and the row is not surely later."""
    if absence.concepts is not None and not (row.concepts and row.concepts <= absence.concepts):
        return False
    later = row.when.low is not None and absence.when.high is not None and row.when.low > absence.when.high
    return not later


def _is_answered(rows: RowSet, row: Evidence) -> bool:
    """Whether a doubtful row is denied: whatever it may be of, and surely not before it."""
    last = row.when.high
    after = [a for a in rows.absences if last is not None and a.when.low is not None and a.when.low >= last]
    if any(absence.concepts is None for absence in after):
        return True
    denied = frozenset[int]().union(*(absence.concepts or () for absence in after))
    wanted = row.concepts or range(rows.concepts)
    return bool(wanted) and denied.issuperset(wanted)


def _is_denied_whole(rows: RowSet) -> bool:
    """Whether absence is attested for every concept of the set."""
    # SPEC: semantics 1.2, 4.2; a denial stands until something later is recorded, an undated one as of the day.
    if any(absence.concepts is None for absence in rows.absences):
        return True
    denied = frozenset[int]().union(*(absence.concepts or () for absence in rows.absences))
    return bool(rows.concepts) and len(denied) >= rows.concepts


class _Weighed(NamedTuple):
    """Rows held against the denials: certain ones that stand, those contradicted, doubtful ones still open."""

    standing: tuple[Evidence, ...]
    contradicted: tuple[Evidence, ...]
    open: tuple[Evidence, ...]
    closed: bool

    @property
    def facts(self) -> tuple[str, ...]:
        return tuple([row.id for row in (*self.standing, *self.contradicted, *self.open)])


def _weighed(rows: RowSet) -> _Weighed:
    if not rows.absences:
        return _Weighed(rows.certain, (), rows.possible, rows.unlisted is None)
    against = tuple(r for r in rows.certain if any(_speaks_of(a, r) for a in rows.absences))
    denied = {id(row) for row in against}
    standing = tuple(row for row in rows.certain if id(row) not in denied)
    doubtful = tuple(r for r in rows.possible if not _is_answered(rows, r))
    # A row after the denial shows that the list went on: what else came after it nobody knows.
    ended = not (rows.certain or doubtful) and _is_denied_whole(rows)
    return _Weighed(standing, against, doubtful, rows.unlisted is None or ended)


_BOTH = "recorded as present and as absent"


def exists(rows: RowSet) -> Finding:
    """`exists`: one certain row settles it; silence is no only where it has been ruled out."""
    # SPEC: semantics 5.3.
    standing, contradicted, doubtful, closed = _weighed(rows)
    if standing:
        return Finding(TRUE, tuple([r.id for r in standing]))
    if contradicted:
        involved = [r.id for r in contradicted] + [a.id for a in rows.absences]
        return Finding(UNKNOWN, tuple(involved), conflict=True, reason=_BOTH)
    if doubtful:
        return Finding(UNKNOWN, tuple([r.id for r in doubtful]), reason="only possible entries")
    if rows.absences and (rows.possible or _is_denied_whole(rows)) and closed:
        return Finding(FALSE, tuple([a.id for a in rows.absences]), reason="absence attested")
    if closed:
        return Finding(FALSE, reason=_declared(rows))
    return Finding(UNKNOWN, reason="not recorded")


def _declared(rows: RowSet) -> str:
    return "list complete" if rows.basis is None or rows.basis.basis == "record" else rows.basis.basis


def _counted(found: _Weighed, low: int, high: int | None) -> Finding:
    reason = _BOTH if found.contradicted else "" if found.closed else "list not complete"
    return Finding(Bounds(low, high), found.facts, bool(found.contradicted), reason)


def count(rows: RowSet) -> Finding:
    """`Count`: the certain rows to the certain and possible ones; open above in an incomplete list."""
    # SPEC: semantics 5.4.
    found = _weighed(rows)
    return _counted(found, least_rows(found.standing), len(found.facts) if found.closed else None)


def count_distinct(rows: RowSet, key: str, cap: int | None) -> Finding:
    """Distinct known keys of certain rows, at least; every further key that is possible, at most."""
    found = _weighed(rows)
    sure = [known for row in found.standing if (known := key_of(row, key)) is not None]
    low = least_distinct(sure) or min(1, len(found.standing))
    high = cap
    if found.closed:
        every = [key_of(row, key) for row in (*found.standing, *found.contradicted, *found.open)]
        most = most_distinct(known for known in every if known is not None) + every.count(None)
        high = most if cap is None else min(most, cap)
    # INVARIANT: a declared list of values never cuts below what is certain.
    return _counted(found, low, None if high is None else max(high, low))


def over_rows(rows: RowSet, field_name: str, function: str) -> Finding:
    """Min, Max, Sum or Mean of a field over rows; open unless every row is certain and the list complete."""
    found = _weighed(rows)
    facts = found.facts
    if found.contradicted:
        return Finding(OPEN, facts, conflict=True, reason=_BOTH)
    if not found.closed:
        return Finding(OPEN, facts, reason="list not complete")
    if found.open or not found.standing:
        return Finding(OPEN, facts, reason="only possible entries" if found.open else "no entries")
    if function in ("Sum", "Mean") and least_rows(found.standing) < len(found.standing):
        return Finding(OPEN, facts, reason="entries may be one")
    values = [row.value if field_name == "value" else row.fields.get(field_name) for row in found.standing]
    known = [v if isinstance(v, Bounds) else OPEN for v in values]
    match function:
        case "Min":
            return Finding(bounds.least(known), facts)
        case "Max":
            return Finding(bounds.greatest(known), facts)
        case "Sum":
            return Finding(bounds.total(known), facts)
    return Finding(bounds.mean(known), facts)


def alarming(rows: RowSet) -> tuple[Evidence, ...]:
    """The rows that an alert is tried on: certain and unconfirmed ones, not those coded as something else.

    A row that speaks only in systems which the requirement does not cover stays possible for the verdict; an
    address or a body weight is no reason to call somebody.
    """

    def is_foreign(row: Evidence) -> bool:
        return bool(row.codes) and not row.concepts

    return rows.certain + tuple(row for row in rows.possible if not (rows.concepts and is_foreign(row)))


def filtered(rows: RowSet, truths: dict[str, Truth]) -> RowSet:
    """The rows of a query, given what its condition says of each row, of the unlisted row and of each absence."""
    certain = tuple(row for row in rows.certain if truths[row.id] is TRUE)
    opened = tuple(row for row in rows.certain if truths[row.id] is UNKNOWN)
    possible = opened + tuple(row for row in rows.possible if truths[row.id] is not FALSE)
    unlisted = rows.unlisted if rows.unlisted is not None and truths[UNLISTED] is not FALSE else None
    absences = tuple(a for a in rows.absences if truths[a.id] is not FALSE)
    return RowSet(certain, possible, unlisted, absences, rows.concepts, rows.basis)
