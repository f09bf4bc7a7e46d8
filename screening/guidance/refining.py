"""What is recorded of one requirement, made exact in every way that it leaves open.

A day that is known to the month becomes one of its days, a number known as `<5` one below 5, a doubtful entry is
confirmed or is no entry, a missing field of an entry is filled in. Nothing that is known is taken back.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product
from math import prod

from screening.guidance.completion_value import said, usable, values_of
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits, days_about
from screening.guidance.reading import conditions, every
from screening.language import expression as e
from screening.language.library import DataRequirement, RowField
from screening.language.types import Type
from screening.outcome.completion import Completion
from screening.record.rows import is_unknown
from screening.record.subject import Absence, Completeness, Evidence, SetAside, Value
from screening.values import calendar
from screening.values.bounds import OPEN, Bounds, exactly, intersect, is_exact
from screening.values.frozen import dataclass
from screening.values.truth import TRUE

_MOST_OF_A_ROW = 48
_MOST = 96


@dataclass(frozen=True, slots=True)
class Refined:
    """The recorded entries of one requirement, made exact in one way; `said` names what was open in short."""

    rows: tuple[Evidence, ...] = ()
    said: str = ""
    absences: tuple[Absence, ...] = ()

    def completion(
        self,
        gaps: Gaps,
        declared: DataRequirement,
        words: str,
        new: tuple[Evidence, ...] = (),
        complete: bool = False,
    ) -> Completion:
        """The answer that these entries and some new ones are; `complete` says that there are no others."""
        name = declared.name
        basis = Completeness(None, "record") if complete else gaps.seen.complete.get(name)
        return Completion(name, words, (*self.rows, *new), self.absences, basis, len(declared.concepts))


def fields_read(found: Limits) -> set[str]:
    """The fields of an entry that any taking of rows reads, `date`, `value` and `code` among them."""
    names = {p.name for node in found.takers for c in conditions(node) for p in every(c) if isinstance(p, e.Field)}
    for node in found.takers:
        match node:
            case e.CountDistinct(_, key):
                names.add(key)
            case e.RowValues(_, field_name):
                names.add(field_name)
            case e.Select():
                names.add("value")
            case e.DateOf():
                names.add("date")
    return names


def is_whole(gaps: Gaps, name: str) -> bool:
    """Whether the record says that its list of a requirement holds everything there is."""
    basis = gaps.seen.complete.get(name)
    return basis is not None and basis.since is None


def last_open_day(gaps: Gaps, name: str) -> datetime.date:
    """The last day of which the record leaves open whether there are further entries of a requirement."""
    basis = gaps.seen.complete.get(name)
    closed = basis is not None and basis.since is not None and basis.since <= gaps.as_of
    return calendar.beside(basis.since, -1) if closed and basis is not None and basis.since else gaps.as_of


def refined(gaps: Gaps, declared: DataRequirement, found: Limits, type: Type) -> tuple[list[Refined], bool]:
    """Every way in which the recorded entries may turn out exactly, and whether these are all that matter."""
    rows, absences = gaps.seen.evidence.get(declared.name, ()), gaps.seen.absences.get(declared.name, ())
    read = fields_read(found)
    # Which of several is the latest, and what a denial still speaks of, is told by their days.
    several = len(rows) + len(absences) > 1
    each = [list(_variants(gaps, declared, found, type, row, read, several)) for row in rows]
    number = prod(len(variants) for variants in each)
    denied = list(islice(product(*(_denials(gaps, found, one) for one in absences)), _MOST_OF_A_ROW))
    number *= len(denied)
    ways = [
        Refined(
            tuple(r for r, _ in way if r is not None),
            _joined((*way, *((None, text) for _, text in told))),
            tuple(one for one, _ in told),
        )
        # INVARIANT: way by way; `product` of a product would make every one of them first.
        for way, told in islice(((way, told) for way in product(*each) for told in denied), _MOST)
    ]
    is_all = number <= _MOST and max(map(len, each), default=0) < _MOST_OF_A_ROW > len(denied)
    return ways, is_all


_Variant = tuple[Evidence | None, str]


def _joined(way: tuple[_Variant, ...]) -> str:
    return ", ".join(text for _, text in way if text)


def _denials(gaps: Gaps, found: Limits, absence: Absence) -> list[tuple[Absence, str]]:
    """What was denied on a day that is not exactly known, denied on each of the days that it may have been."""
    days = _days(gaps, found, absence.requirement, absence.when)
    return [(replace(absence, when=day), "" if day == absence.when else f"none on {said(day)}") for day in days]


def _variants(
    gaps: Gaps, declared: DataRequirement, found: Limits, type: Type, row: Evidence, read: set[str], several: bool
) -> Iterator[_Variant]:
    values = _values(gaps, declared, found, type, row, read)
    days = _days(gaps, found, row.requirement, row.when) if "date" in read or several else [row.when]
    fields = [(field.name, _of_field(gaps, found, field, row)) for field in declared.fields if field.name in read]
    certain = row.certainty is TRUE
    if not certain:
        yield None, "no such entry"
    every_way = product(values, days, *(options for _, options in fields))
    for value, when, *filled in islice(every_way, _MOST_OF_A_ROW):
        told = [said(value)] if value != row.value and not isinstance(value, SetAside) else []
        told += [f"on {said(when)}"] if when != row.when else []
        more = {name: one for (name, _), one in zip(fields, filled, strict=True) if one is not None}
        told += [
            f"{n} {said(v)}" for n, v in more.items() if row.fields.get(n) != v and not isinstance(v, SetAside)
        ]
        told += [] if certain else ["confirmed"]
        yield replace(row, value=value, when=when, fields={**row.fields, **more}, certainty=TRUE), " ".join(told)


def _values(
    gaps: Gaps, declared: DataRequirement, found: Limits, type: Type, row: Evidence, read: set[str]
) -> list[Value | SetAside]:
    value = row.value
    if declared.type.name == "Records":
        return [TRUE if isinstance(value, SetAside) else value]
    if "value" not in read:
        return (
            list(values_of(type, found, gaps.as_of, usable(declared)).values[:1])
            if isinstance(value, SetAside)
            else [value]
        )
    if isinstance(value, Bounds):
        if is_exact(value):
            return [value]
        within = intersect(value, usable(declared)) or value
        return list(values_of(type, found, gaps.as_of, within).values) or [value]
    if isinstance(value, SetAside) or is_unknown(value):
        return list(values_of(type, found, gaps.as_of, usable(declared)).values)
    return [value]


def _days(gaps: Gaps, found: Limits, requirement: str, when: Bounds) -> list[Bounds]:
    if is_exact(when):
        return [when]
    # What is on record by the as-of date happened by then.
    within = intersect(when, Bounds(None, gaps.as_of)) or when
    ends = [end for end in within if isinstance(end, datetime.date)]
    # It may have been before or after anything else that is recorded of the same.
    seen = [row.when for row in gaps.seen.evidence.get(requirement, ())]
    seen += [absence.when for absence in gaps.seen.absences.get(requirement, ())]
    others = {_date_of(end) for day in seen for end in day if isinstance(end, datetime.date)}
    about = days_about(found, gaps.as_of)
    beside = [calendar.beside(day, n) for day in sorted(others) for n in (-1, 0, 1)]
    days = [day for day in (*about, *beside) if intersect(exactly(day), within) is not None]
    return [exactly(day) for day in dict.fromkeys([*days, *ends])]


def _date_of(moment: datetime.date) -> datetime.date:
    return moment.date() if isinstance(moment, datetime.datetime) else moment


def _of_field(gaps: Gaps, found: Limits, field: RowField, row: Evidence) -> list[Value | SetAside | None]:
    value = row.fields.get(field.name)
    if isinstance(value, Bounds) and not is_exact(value):
        return list(values_of(field.type, found, gaps.as_of, value, field.values).values) or [value]
    if value is None or isinstance(value, SetAside) or is_unknown(value):
        return list(values_of(field.type, found, gaps.as_of, OPEN, field.values).values)
    return [value]
