"""What the compiled form asks of a list: which rows count, whether any does, how many, and what they say.

Sections 5.1 to 5.5 of the semantics once more. A list is five things side by side: the rows that surely count,
those that may, the denials, the row that may yet be missing (None where the list is complete), and the number of
listed concepts. What a table finds contradicted is added to `conflicts` under the place of its node.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple, TypeAlias

from screening.interpreters.compiled_keys import keys_at_least, keys_at_most, plain_keys, rows_at_least
from screening.record.subject import Absence, Evidence, SetAside, Subject
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

Rows: TypeAlias = tuple[Evidence, ...] | list[Evidence]
Denials: TypeAlias = tuple[Absence, ...] | list[Absence]


class Blank(NamedTuple):
    """A row that nobody wrote down, or the days that a denial speaks of: it has days, else nothing is known."""

    when: Bounds
    of: Absence | None = None
    value: Any = UNKNOWN
    codes: tuple[()] = ()
    fields: Mapping[str, Any] = MappingProxyType({})


Listed: TypeAlias = tuple[Rows, Rows, Denials, Blank | None, int]
_DAY = datetime.timedelta(days=1)
# Bounds from both ends at once, at half the cost.
_bounds: Callable[[tuple[Any, Any]], Bounds] = functools.partial(tuple.__new__, Bounds)
# No certain row in a closed list that holds no other, and one, which is one thing whatever it is counted by.
FEW = (Bounds(0, 0), Bounds(1, 1))


def unlisted(last: datetime.date) -> Blank:
    """The row that a list may still lack, dated at the latest on a day."""
    return Blank(Bounds(None, last))


def listed(subject: Subject, requirement: str, day: datetime.date, missing: Blank) -> Listed:
    """All that is known of a requirement on a day; `missing` is what a list lacks of which nothing is declared."""
    # SPEC: semantics 5.1, 5.5.
    rows: Rows = subject.evidence.get(requirement, ())
    maybe: Rows = ()
    for row in rows:
        if row.certainty is TRUE and row.value.__class__ is not SetAside:
            when = row.when
            if when is OPEN or (first := when[0]) is None or (first <= day and when[1] is not None):
                continue
        rows, maybe = _parted(rows, day)
        break
    denials: Denials = ()
    if subject.absences and (denials := subject.absences.get(requirement, ())):
        # SPEC: semantics 3.5; what is dated wholly after the day is invisible.
        denials = [denial for denial in denials if denial.when[0] is None or denial.when[0] <= day]
    basis = subject.complete.get(requirement)
    lacks: Blank | None = None
    if basis is None:
        lacks = missing
    elif basis.since is not None:
        lacks = unlisted(basis.since - _DAY)
    return rows, maybe, denials, lacks, subject.concepts.get(requirement, 0)


def _parted(rows: Rows, day: datetime.date) -> tuple[Rows, Rows]:
    """Certain and doubtful rows as they stand on a day: later ones are invisible, ongoing ones end with it."""
    sure: list[Evidence] = []
    maybe: list[Evidence] = []
    for row in rows:
        first, last = row.when
        if first is not None and first > day:
            continue
        if first is not None and last is None:
            row = _until(row, Bounds(first, day))
        # SPEC: semantics 2.6; the row of a value that cannot be used is a doubtful one.
        (sure if row.certainty is TRUE and row.value.__class__ is not SetAside else maybe).append(row)
    return sure, maybe


def _until(row: Evidence, when: Bounds) -> Evidence:
    # Field by field in their order: the standard `replace` takes five times as long.
    return Evidence(
        row.id, row.requirement, row.value, when, row.clock, row.certainty, row.codes, row.fields, row.origin,
        row.written, row.status, row.by, row.concepts,
    )  # fmt: skip


def others(maybe: Rows, denials: Denials, lacks: Blank | None) -> list[Any]:
    """What a condition is tried on beside the certain rows: doubtful rows, then denials and the missing row."""
    # The days that a denial surely speaks of are a row: a window that they cannot reach passes it by.
    every: list[Any] = [*maybe, *(Blank(Bounds(None, denial.when[0]), denial) for denial in denials)]
    if lacks is not None:
        every.append(lacks)
    return every


def taken_apart(kept: list[Any]) -> tuple[list[Evidence], list[Absence], Blank | None]:
    """What a condition has left of `others`, once more as doubtful rows, denials and the missing row."""
    maybe: list[Evidence] = []
    denials: list[Absence] = []
    lacks: Blank | None = None
    for row in kept:
        if row.__class__ is not Blank:
            maybe.append(row)
        elif row.of is None:
            lacks = row
        else:
            denials.append(row.of)
    return maybe, denials, lacks


# -------------------------------------------------------------------------------------- denials

_WHOLE = None


def _is_disputed(row: Evidence, denials: Denials) -> bool:
    """Whether it is on record, not before this row, that what it says is not there."""
    first = row.when[0]
    for denial in denials:
        last = denial.when[1]
        if first is not None and last is not None and first > last:
            continue
        if denial.concepts is _WHOLE or (row.concepts and row.concepts <= denial.concepts):
            return True
    return False


def _is_denied(row: Evidence, denials: Denials, concepts: int) -> bool:
    """Whether everything that a doubtful row may be of is denied on its last possible day or later."""
    last = row.when[1]
    if last is None:
        return False
    left = set(row.concepts) if row.concepts else set(range(concepts))
    spoken = bool(left)
    for denial in denials:
        until = denial.when[0]
        if until is None or until < last:
            continue
        if denial.concepts is _WHOLE:
            return True
        left -= denial.concepts
    return spoken and not left


def _is_whole(denials: Denials, concepts: int) -> bool:
    """Whether absence is attested for every concept of the list."""
    # SPEC: semantics 1.2, 4.2; a denial stands until something later is recorded.
    seen: set[int] = set()
    for denial in denials:
        if denial.concepts is _WHOLE:
            return True
        seen |= denial.concepts
    return 0 < concepts <= len(seen)


def _weighed(
    sure: Rows, maybe: Rows, denials: Denials, lacks: Blank | None, concepts: int
) -> tuple[Rows, Rows, Rows, bool]:
    """Rows that stand, those disputed by a denial, doubtful ones that are still open; whether the list ends."""
    disputed = [row for row in sure if _is_disputed(row, denials)]
    known = {id(row) for row in disputed}
    stand = [row for row in sure if id(row) not in known] if disputed else sure
    doubtful = [row for row in maybe if not _is_denied(row, denials, concepts)]
    # A row after the denial shows that the list went on: what else came after it nobody knows.
    ended = lacks is None or (not (sure or doubtful) and _is_whole(denials, concepts))
    return stand, disputed, doubtful, ended


# --------------------------------------------------------------------------- existence, counting


def existence(
    sure: Rows,
    maybe: Rows,
    denials: Denials,
    lacks: Blank | None,
    concepts: int,
    conflicts: list[str],
    place: str,
) -> Truth:
    """`exists`: a row that stands settles it; silence is no only where it has been ruled out."""
    # SPEC: semantics 5.3.
    ended = lacks is None
    if denials:
        sure, disputed, maybe, ended = _weighed(sure, maybe, denials, lacks, concepts)
        if disputed and not sure:
            conflicts.append(place)
            return UNKNOWN
    if sure:
        return TRUE
    return FALSE if ended and not maybe else UNKNOWN


def number(
    sure: Rows,
    maybe: Rows,
    denials: Denials,
    lacks: Blank | None,
    concepts: int,
    conflicts: list[str],
    place: str,
) -> Bounds:
    """`Count`: at least the rows that stand, at most all of them, if none is missing."""
    # SPEC: semantics 5.4.
    if not denials:
        return _bounds((rows_at_least(sure), len(sure) + len(maybe) if lacks is None else None))
    stand, disputed, doubtful, ended = _weighed(sure, maybe, denials, lacks, concepts)
    if disputed:
        conflicts.append(place)
    return Bounds(rows_at_least(stand), len(sure) + len(doubtful) if ended else None)


def different(
    sure: Rows,
    maybe: Rows,
    denials: Denials,
    lacks: Blank | None,
    concepts: int,
    conflicts: list[str],
    place: str,
    key: str,
    cap: int | None,
) -> Bounds:
    """`Count(distinct)`: the known keys of rows that stand, to every key that there may be."""
    ended, disputed = lacks is None, list[Evidence]()
    if denials:
        sure, disputed, maybe, ended = _weighed(sure, maybe, denials, lacks, concepts)  # type: ignore[assignment]
        if disputed:
            conflicts.append(place)
    if ended and not disputed and not maybe and (plain := plain_keys(sure, key)) is not None:
        # INVARIANT: a declared list of values never cuts below what is certain.
        return _bounds((len(plain), len(plain)))
    low, high = keys_at_least(sure, key), cap
    if ended:
        every = [*sure, *disputed, *maybe] if disputed or maybe else sure
        most = keys_at_most(every, key)
        high = most if cap is None else min(most, cap)
    return Bounds(low, None if high is None else max(low, high))


OF_MANY: dict[str, Callable[[list[Bounds]], Bounds]] = {
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
}


def worked_out(
    sure: Rows,
    maybe: Rows,
    denials: Denials,
    lacks: Blank | None,
    concepts: int,
    conflicts: list[str],
    place: str,
    name: str,
    function: str,
) -> Bounds:
    """Min, Max, Sum or Mean of a field: known only if the list ends and every row of it stands."""
    ended = lacks is None
    if denials:
        sure, disputed, maybe, ended = _weighed(sure, maybe, denials, lacks, concepts)
        if disputed:
            conflicts.append(place)
            return OPEN
    if maybe or not sure or not ended:
        return OPEN
    if function in ("Sum", "Mean") and rows_at_least(sure) < len(sure):
        return OPEN
    values = [row.value if name == "value" else row.fields.get(name) for row in sure]
    return OF_MANY[function]([value if isinstance(value, Bounds) else OPEN for value in values])


def alarming(sure: Rows, maybe: Rows, concepts: int) -> list[Evidence]:
    """The rows that an alert is tried on: certain and doubtful ones, but none that is coded as something else."""
    return [*sure, *(row for row in maybe if not (concepts and row.codes and not row.concepts))]
