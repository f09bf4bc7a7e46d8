"""Rows of a record: certain, possible or out; existence, counting and selection over them.

These are the tables of section 5 of the semantics. The law and the verifier read them; the other
interpreters say the same again in their own medium.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from typing import NamedTuple

from screening.record.keys import key_of, least_distinct, most_distinct
from screening.record.subject import Absence, Completeness, Evidence, SetAside, Subject, Value
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import same
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
    absences = subject.absences.get(requirement, ())
    possible = tuple([row for row in rows if not _is_certain(row)])
    certain = tuple([row for row in rows if _is_certain(row)]) if possible else rows
    return RowSet(certain, possible, unlisted, absences, subject.concepts.get(requirement, 0), basis)


def _is_certain(row: Evidence) -> bool:
    # SPEC: semantics 2.6; the row of a value that cannot be used is possible.
    return row.certainty is TRUE and type(row.value) is not SetAside


@functools.lru_cache(maxsize=64)
def _unlisted(last: datetime.date) -> Evidence:
    return Evidence(UNLISTED, "", SetAside("unlisted"), Bounds(None, last), certainty=UNKNOWN)


def as_row(absence: Absence) -> Evidence:
    """The days an attested absence surely speaks of, as a row: a window they cannot reach passes it by."""
    return Evidence(absence.id, absence.requirement, UNKNOWN, Bounds(None, absence.when.low), certainty=UNKNOWN)


def _later(a: Evidence, b: Evidence) -> bool:
    """Whether `a` surely is the later reading: by day, or by clock time on one and the same day."""
    if a.when.low is None or b.when.high is None:
        return False
    if a.when.low > b.when.high:
        return True
    one_day = a.when.low == a.when.high == b.when.low == b.when.high
    return one_day and bool(a.clock) and bool(b.clock) and a.clock > b.clock


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
    standing = tuple(r for r in rows.certain if r not in against)
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
    return _counted(found, len(found.standing), len(found.facts) if found.closed else None)


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


# ----------------------------------------------------------------------------------- selection


def select(rows: RowSet, take: str, readings: int, blank: Value) -> Finding:
    """One value out of the rows; `blank` is what is known when nothing is (the scale, UNKNOWN, no coding).

    Rows that partial dates, equal times or doubt leave as candidates give their hull; a candidate that
    was set aside leaves it blank; only possible rows leave it blank.
    """
    # SPEC: semantics 5.6.
    if len(rows.certain) == 1 and not rows.possible and readings == 1:
        return _alone(rows.certain[0], take, blank)
    if not rows.certain:
        return Finding(blank, tuple(r.id for r in rows.possible), reason=_without_certain(rows))
    if len(rows.certain) < readings:
        return Finding(blank, tuple(r.id for r in rows.certain), reason=f"{readings} readings wanted")
    match take:
        case "highest" | "lowest":
            return _extreme(rows, take, blank)
        case "mean of latest day":
            return _mean_of_latest_day(rows, readings, blank)
    candidates, certain = _candidates(rows, take)
    return _hull(candidates, certain, blank)


def _without_certain(rows: RowSet) -> str:
    if any(isinstance(row.value, SetAside) for row in rows.possible):
        return "set aside"
    return "only possible entries" if rows.possible else "not recorded"


def _alone(row: Evidence, take: str, blank: Value) -> Finding:
    value = row.value
    assert not isinstance(value, SetAside)  # INVARIANT: the row of such a value is never certain.
    if take == "mean of latest day" and isinstance(value, Bounds):
        value = bounds.mean([value])
    return Finding(_within(value, blank), (row.id,), reason="" if not is_unknown(value) else "not known")


def is_unknown(value: Value) -> bool:
    """Whether nothing at all is known of a value."""
    return value is UNKNOWN or value == () or (isinstance(value, Bounds) and bounds.is_open(value))


def _within(value: Value, blank: Value) -> Value:
    """A partly known value lies in its declared scale too."""
    if isinstance(value, Bounds) and isinstance(blank, Bounds) and not bounds.is_open(blank):
        return bounds.intersect(value, blank) or value
    return value


def _candidates(rows: RowSet, take: str) -> tuple[list[Evidence], set[str]]:
    """The rows that may be the latest (or the first): those that no certain row surely follows (precedes)."""
    first = take == "first"
    everything = (*rows.certain, *rows.possible)
    left = [
        row
        for row in everything
        if not any(
            (_later(row, other) if first else _later(other, row)) for other in rows.certain if other is not row
        )
    ]
    return left, {row.id for row in rows.certain}


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
    conflict = any(_exclude(a, b) for n, a in enumerate(sure) for b in sure[:n])
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
    if len(taken) < readings:
        return Finding(blank, facts, reason=f"{readings} readings wanted")
    values = [row.value for row in taken if isinstance(row.value, Bounds)]
    return Finding(_within(bounds.mean(values), blank), facts)


def date_of(rows: RowSet, take: str, readings: int) -> Finding:
    """The days of the evidence that the selection takes; open if it takes none."""
    if not rows.certain or len(rows.certain) < readings:
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
