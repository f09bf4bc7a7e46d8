"""Rows of a record: certain, possible or out; existence, counting and selection over them.

These are the tables of section 5 of the semantics. The law and the verifier read them; the other
interpreters say the same again in their own medium.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Sequence
from typing import NamedTuple

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
    absences = subject.absences.get(requirement, ())
    possible = tuple([row for row in rows if row.certainty is not TRUE])
    certain = tuple([row for row in rows if row.certainty is TRUE]) if possible else rows
    return RowSet(certain, possible, unlisted, absences, subject.concepts.get(requirement, 0), basis)


@functools.lru_cache(maxsize=64)
def _unlisted(last: datetime.date) -> Evidence:
    return Evidence(UNLISTED, "", SetAside("unlisted"), Bounds(None, last), certainty=UNKNOWN)


def as_row(absence: Absence) -> Evidence:
    """The days an attested absence speaks of, as a row: a window that these days cannot reach passes it by."""
    return Evidence(absence.id, absence.requirement, UNKNOWN, Bounds(None, absence.when.high), certainty=UNKNOWN)


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


def attested(rows: RowSet) -> bool:
    """Whether absence is attested for every concept of the set, and no possible row may be later."""
    covered: set[int] = set()
    whole = False
    for absence in rows.absences:
        if absence.concepts is None:
            whole = True
        else:
            covered |= absence.concepts
    if not (whole or (rows.concepts and len(covered) >= rows.concepts)):
        return False
    # An undated attestation counts: someone looked at this record and said so.
    dated = [a.when.high for a in rows.absences if a.when.high is not None]
    last = max(dated) if dated and len(dated) == len(rows.absences) else None
    return all(last is None or (row.when.high is not None and row.when.high <= last) for row in rows.possible)


def exists(rows: RowSet) -> Finding:
    """`exists`: one certain row settles it; silence is no only where it has been ruled out."""
    # SPEC: semantics 5.3.
    standing = [r.id for r in rows.certain if not any(_speaks_of(a, r) for a in rows.absences)]
    if standing:
        return Finding(TRUE, tuple(standing))
    if rows.certain:
        involved = [r.id for r in rows.certain] + [a.id for a in rows.absences]
        return Finding(UNKNOWN, tuple(involved), conflict=True, reason="recorded as present and as absent")
    if rows.absences and attested(rows):
        return Finding(FALSE, tuple(a.id for a in rows.absences), reason="absence attested")
    if rows.possible:
        return Finding(UNKNOWN, tuple(r.id for r in rows.possible), reason="only possible entries")
    if rows.unlisted is None:
        return Finding(FALSE, reason=_declared(rows))
    return Finding(UNKNOWN, reason="not recorded")


def _declared(rows: RowSet) -> str:
    declared = rows.basis is not None and rows.basis.basis == "site declaration"
    return "site declaration" if declared else "list complete"


def is_closed(rows: RowSet) -> bool:
    """Whether no further row can be in the list."""
    return rows.unlisted is None or (bool(rows.absences) and attested(rows))


def count(rows: RowSet) -> Finding:
    """`Count`: the certain rows to the certain and possible ones; open above in an incomplete list."""
    # SPEC: semantics 5.4.
    low, high = len(rows.certain), len(rows.certain) + len(rows.possible)
    facts = tuple(r.id for r in rows.certain) + tuple(r.id for r in rows.possible)
    closed = is_closed(rows)
    return Finding(Bounds(low, high if closed else None), facts, reason="" if closed else "list not complete")


def count_distinct(rows: RowSet, key: str, cap: int | None) -> Finding:
    """Distinct known keys of certain rows, at least; every further key that is possible, at most."""
    known = {k for row in rows.certain if (k := _key(row, key)) is not None}
    low = len(known) or min(1, len(rows.certain))
    possible = known | {k for row in rows.possible if (k := _key(row, key)) is not None}
    unknown = sum(1 for row in (*rows.certain, *rows.possible) if _key(row, key) is None)
    high: int | None = len(possible) + unknown
    closed = is_closed(rows)
    if not closed:
        high = cap
    elif cap is not None:
        high = min(len(possible) + unknown, cap)
    # INVARIANT: a declared list of values never cuts below what is certain.
    if high is not None:
        high = max(high, low)
    facts = tuple(r.id for r in rows.certain) + tuple(r.id for r in rows.possible)
    return Finding(Bounds(low, high), facts, reason="" if closed else "list not complete")


def _key(row: Evidence, name: str) -> Value | None:
    if name == "code":
        return row.codes or None
    found = row.value if name == "value" else row.fields.get(name)
    if found is None or isinstance(found, SetAside) or found is UNKNOWN or found == ():
        return None
    if isinstance(found, Bounds) and not bounds.is_exact(found):
        return None
    return found


def over_rows(rows: RowSet, field_name: str, function: str) -> Finding:
    """Min, Max, Sum or Mean of a field over rows; open unless every row is certain and the list complete."""
    facts = tuple(r.id for r in (*rows.certain, *rows.possible))
    if rows.possible or not is_closed(rows) or not rows.certain:
        return Finding(OPEN, facts, reason="list not complete" if not is_closed(rows) else "only possible entries")
    values = [row.value if field_name == "value" else row.fields.get(field_name) for row in rows.certain]
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
        reason = "only possible entries" if rows.possible else "not recorded"
        return Finding(blank, tuple(r.id for r in rows.possible), reason=reason)
    if len(rows.certain) < readings:
        return Finding(blank, tuple(r.id for r in rows.certain), reason=f"{readings} readings wanted")
    match take:
        case "highest" | "lowest":
            return _extreme(rows, take, blank)
        case "mean of latest day":
            return _mean_of_latest_day(rows, readings, blank)
    candidates, certain = _candidates(rows, take)
    return _hull(candidates, certain, blank)


def _alone(row: Evidence, take: str, blank: Value) -> Finding:
    if isinstance(row.value, SetAside):
        return Finding(blank, (row.id,), reason="set aside")
    value = row.value
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


def _hull(candidates: Sequence[Evidence], certain: set[str], blank: Value) -> Finding:
    facts = tuple(row.id for row in candidates)
    if any(isinstance(row.value, SetAside) for row in candidates):
        return Finding(blank, facts, reason="set aside")
    values = [row.value for row in candidates if not isinstance(row.value, SetAside)]
    sure = [row.value for row in candidates if row.id in certain]
    conflict = any(value != sure[0] for value in sure[1:])
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
        return Finding(blank, facts, reason="day not known")
    if len(taken) < readings:
        return Finding(blank, facts, reason=f"{readings} readings wanted")
    if any(isinstance(row.value, SetAside) for row in taken):
        return Finding(blank, facts, reason="set aside")
    values = [row.value for row in taken if isinstance(row.value, Bounds)]
    return Finding(_within(bounds.mean(values), blank), facts)


def date_of(rows: RowSet, take: str, readings: int) -> Finding:
    """The days of the evidence that the selection takes; open if it takes none."""
    if not rows.certain or len(rows.certain) < readings:
        return Finding(OPEN, reason="not recorded")
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
