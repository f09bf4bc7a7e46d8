"""The days on which anything that a library says of one person can change, if nothing new is recorded.

A superset, from what the person's record is dated and from what the rules count off it: a day, so many units
before or after it, each completed year, month or week since it. Between two of these days no node changes.
"""

from __future__ import annotations

import calendar as months
import datetime
from collections.abc import Iterable, Iterator, Mapping
from itertools import takewhile

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import AS_OF, Library
from screening.record.subject import Evidence, Subject
from screening.values import calendar
from screening.values.bounds import Bounds, exactly, is_exact
from screening.values.frozen import dataclass

# A month less from the 31st may be the 28th: a window ends so many days beside the shifted day at most.
_CLAMPED = 4
_DAY = datetime.timedelta(days=1)
_Amount = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Counted:
    """What rules count from a day: amounts with their units, and units of which each completed one may matter.

    `is_daily` says that every day may matter: an amount that is itself computed, a duration in days or hours.
    """

    amounts: frozenset[_Amount]
    shifts: frozenset[_Amount]
    units: frozenset[str]
    days: frozenset[datetime.date]
    is_daily: bool


def counted(library: Library) -> Counted:
    """What the rules of a library count from days."""
    constants = {p.name: p.value for p in library.parameters}
    amounts: set[_Amount] = set()
    shifts: set[_Amount] = set()
    units: set[str] = set()
    days = {day for p in library.parameters for day in _ends(p.value)}
    is_daily = False

    def amount(node: AnyNode, unit: str, into: set[_Amount]) -> bool:
        value = _constant(node, constants)
        if not isinstance(value, Bounds) or not is_exact(value) or unit == "hours":
            return False
        into.add((int(value.low), unit))
        return True

    for node in (node for _, expression in library.order for node in _every(expression)):
        match node:
            case e.Timing(amount=by, unit=unit):
                is_daily |= not amount(by, unit, amounts)
            case e.Shift(_, by, unit):
                is_daily |= not amount(by, unit, shifts)
            case e.Duration(unit):
                units.add(unit)
            case e.Age():
                units.add("years")
            case e.Literal(value):
                days.update(_ends(value))
            case _:
                pass
    is_daily |= bool(units & {"days", "hours"})
    return Counted(frozenset(amounts), frozenset(shifts), frozenset(units), frozenset(days), is_daily)


def _every(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from _every(part)


def _constant(node: AnyNode, constants: Mapping[str, object]) -> object:
    match node:
        case e.Literal(value):
            return value
        case e.Parameter(name) if name != AS_OF:
            return constants.get(name)
    return None


def days_of(subject: Subject, library: Library) -> frozenset[datetime.date]:
    """Every day that the record of a person names, of what the library asks for."""
    found: set[datetime.date] = set()
    for requirement in library.requirements:
        for row in subject.evidence.get(requirement.name, ()):
            found.update(_of_row(row))
        for absence in subject.absences.get(requirement.name, ()):
            found.update(_ends(absence.when))
        basis = subject.complete.get(requirement.name)
        if basis is not None and basis.since is not None:
            found.add(basis.since)
    return frozenset(found)


def _of_row(row: Evidence) -> Iterator[datetime.date]:
    for value in (row.when, row.value, *row.fields.values()):
        yield from _ends(value)


def _ends(value: object) -> Iterator[datetime.date]:
    """The ends of dates; of anything else nothing."""
    for end in value if isinstance(value, Bounds) else ():
        if isinstance(end, datetime.datetime):
            yield end.date()
        elif isinstance(end, datetime.date):
            yield end


def breakpoints(
    subject: Subject, library: Library, first: datetime.date, last: datetime.date
) -> list[datetime.date]:
    """The days after `first`, up to `last`, on which anything may change; in their order."""
    rules = counted(library)
    if rules.is_daily:
        return [first + _DAY * n for n in range(1, (last - first).days + 1)]
    named = days_of(subject, library) | rules.days
    shifted = named | {day for n in (1, -1) for by in rules.shifts for day in _moved(named, by, n)}
    # A shifted day may be shifted once more, and both ends of a window may be.
    shifted |= {day for n in (1, -1) for by in rules.shifts for day in _moved(shifted, by, n)}
    found = set(shifted)
    for by in rules.amounts:
        found.update(_moved(shifted, by, 1), _moved(shifted, by, -1))
    for unit in rules.units:
        found.update(day for start in shifted for day in _completed(start, unit, first, last))
    begin, end = calendar.beside(first, -8), calendar.beside(last, 8)
    near = {calendar.beside(day, n) for day in found if begin <= day <= end for n in _beside()}
    return sorted(day for day in near if first < day <= last)


def _beside() -> range:
    return range(-_CLAMPED, _CLAMPED + 1)


def _moved(days: Iterable[datetime.date], by: _Amount, sign: int) -> Iterator[datetime.date]:
    amount, unit = by
    for day in days:
        moved = calendar.shift(exactly(day), exactly(sign * amount), unit).low
        if moved is not None:
            yield moved


def _completed(
    start: datetime.date, unit: str, first: datetime.date, last: datetime.date
) -> Iterator[datetime.date]:
    """The days about `first` to `last` on which another year, month or week since or until a day is completed."""
    if unit == "weeks":
        offset = (start - first).days % 7
        yield from takewhile(
            lambda day: day <= last, (calendar.beside(first, offset + 7 * n) for n in range(6000))
        )
        return
    step = 12 if unit == "years" else 1
    begin, end = max(first.year * 12 + first.month - 2, 12), last.year * 12 + last.month
    for month in range(begin, min(end, calendar.LAST.year * 12 + 11) + 1):
        if (month - (start.year * 12 + start.month - 1)) % step == 0:
            year, number = divmod(month, 12)
            most = months.monthrange(year, number + 1)[1]
            yield datetime.date(year, number + 1, min(start.day, most))
