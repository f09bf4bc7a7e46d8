"""What a source holds for each requirement of a protocol, counted over its people before anybody is screened.

Counts of people alone are kept, whatever the number of people; and codes that no requirement knows, of which
the rarest are given up where there are too many to keep.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import field
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from screening.language.expression import AnyNode, Expression, Reference, Retrieve, parts
from screening.language.library import DataRequirement, Library
from screening.record.missing_code import Numbers
from screening.record.people import People, Rejected
from screening.record.subject import Evidence, SetAside, Subject, Value
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, Code
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, UNKNOWN

MOST_CODES = 20_000
MOST_TOLD = 20
NO_UNIT = "no unit"
NOTHING: Mapping[tuple[str, str], int] = MappingProxyType({})
# Numbers by which surveys say refused or not known, and which hardly anything measured in people is.
LIKE_CODES = frozenset(
    Decimal(sign + digit * times)
    for sign, least in (("", 3), ("-", 1))
    for digit in ("7", "8", "9")
    for times in range(least, 7)
)
# What stands behind a number; with a blank in it, or made of numbers, it may be a name or a day, and is not shown.
_UNIT = re.compile(r"[<>=]*[-+0-9.eE]+(?: to [-+0-9.eE]+)? (?![0-9.,:/-]+\Z)(\S{1,40})\Z")


@dataclass
class Covered:
    """One requirement: people with a value, people whose entries are none, units as written, and days.

    `first` and `last` are the earliest and the latest day on which a value may be dated. `set_aside` counts why
    entries cannot be used, `beyond` the people who are rejected for a value outside its scale, `coded` the codes
    that are declared to say that there is no value; among `numbers` are those written as surveys write such codes.
    """

    requirement: DataRequirement
    people: int = 0
    unusable: int = 0
    possible: int = 0
    units: Counter[str] = field(default_factory=Counter)
    first: datetime.date | None = None
    last: datetime.date | None = None
    set_aside: Counter[str] = field(default_factory=Counter)
    beyond: int = 0
    coded: Counter[str] = field(default_factory=Counter)
    numbers: Numbers = field(default_factory=Numbers)

    def take_days(self, low: datetime.date | None, high: datetime.date | None) -> None:
        """The days on which a value may be dated, the first and the last; None is open."""
        if low is not None and (self.first is None or low < self.first):
            self.first = low
        if high is not None and (self.last is None or high > self.last):
            self.last = high

    @property
    def like_codes(self) -> int:
        """How many numbers are likely codes that nobody has declared."""
        return max(self.numbers.likely_codes(), sum(self.numbers.codes[code] for code in LIKE_CODES))


@dataclass(frozen=True, slots=True)
class WithoutSource:
    """An absolute exclusion of which nothing is looked for in a source, with the requirements that it asks for."""

    criterion: str
    requirements: tuple[str, ...]


@dataclass
class Coverage:
    """Everything counted of one source; `subjects` and the `rejected` are all records that came in."""

    library: Library
    covered: tuple[Covered, ...]
    subjects: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    told: list[Rejected] = field(default_factory=list)
    unmapped: Counter[tuple[Code, str]] = field(default_factory=Counter)
    without_source: tuple[WithoutSource, ...] = ()

    @property
    def records(self) -> int:
        """How many records came in."""
        return self.subjects + sum(self.rejected.values())

    def reject(self, one: Rejected) -> None:
        """Counts a record that is rejected; the first ones are kept to be told."""
        self.rejected[one.kind] += 1
        for covered in self.covered:
            covered.beyond += covered.requirement.name in one.outside
        if len(self.told) < MOST_TOLD:
            self.told.append(one)


def unmapped_absolute_exclusions(library: Library, mapped: Collection[str]) -> tuple[WithoutSource, ...]:
    """The absolute exclusions none of whose requirements is in `mapped`, in the order of the protocol.

    Nobody can be excluded by such a criterion, and it stays open for everybody: what a cohort says of how many
    remain is then no count of who may enter.
    """
    expressions = dict(library.order)
    found = []
    for criterion in library.criteria:
        if criterion.category != "exclusion" or criterion.strength != "absolute":
            continue
        names = tuple(dict.fromkeys(_requirements_below(criterion.expression, expressions, set())))
        if names and not set(names) & set(mapped):
            found.append(WithoutSource(criterion.id, names))
    return tuple(found)


def _requirements_below(node: AnyNode, expressions: Mapping[str, Expression], seen: set[str]) -> Iterator[str]:
    if isinstance(node, Retrieve):
        yield node.requirement
    if isinstance(node, Reference) and node.name not in seen and node.name in expressions:
        seen.add(node.name)
        yield from _requirements_below(expressions[node.name], expressions, seen)
    for part in parts(node):
        yield from _requirements_below(part, expressions, seen)


def measure(
    people: People,
    library: Library,
    coded: Mapping[tuple[str, str], int] = NOTHING,
    mapped: Collection[str] | None = None,
) -> Coverage:
    """Counts a source; the people themselves are not kept.

    `coded` are the declared codes for what is missing with how often they stand, filled while people come;
    `mapped` are the requirements that are looked for in the source, where that is known.
    """
    coverage = begun(library, mapped)
    by_name = {covered.requirement.name: covered for covered in coverage.covered}
    for one in people:
        if isinstance(one, Rejected):
            coverage.reject(one)
        else:
            coverage.subjects += 1
            _count(coverage, one)
    for (name, code), number in coded.items():
        by_name[name].coded[code] += number
    return coverage


def begun(library: Library, mapped: Collection[str] | None = None) -> Coverage:
    """A coverage of which nothing is counted yet; `mapped` as `measure` takes it."""
    coverage = Coverage(library, tuple(Covered(requirement) for requirement in library.requirements))
    if mapped is not None:
        coverage.without_source = unmapped_absolute_exclusions(library, mapped)
    return coverage


def _count(coverage: Coverage, subject: Subject) -> None:
    known: set[str] = set()
    unknown: dict[tuple[str, Code], str] = {}
    for covered in coverage.covered:
        name = covered.requirement.name
        rows = subject.evidence.get(name, ())
        certain = [row for row in rows if row.certainty is TRUE]
        known |= {row.origin for row in certain if row.concepts}
        for row in rows:
            if row.certainty is UNKNOWN and not row.concepts:
                unknown |= {(row.origin, code): covered.requirement.kind for code in row.codes}
        if any(is_value(row.value) for row in certain) or subject.absences.get(name):
            covered.people += 1
        elif certain:
            covered.unusable += 1
        elif rows:
            covered.possible += 1
        for row in certain:
            _of_row(covered, row)
    counted = Counter((code, kind) for (origin, code), kind in unknown.items() if origin not in known)
    coverage.unmapped.update(counted)
    keep_most(coverage)


def keep_most(coverage: Coverage) -> None:
    """Gives up the rarest codes that no requirement knows, where there are too many to keep."""
    if len(coverage.unmapped) > 2 * MOST_CODES:
        # Of codes that are as rare, the same are kept in whatever order they came.
        kept = sorted(coverage.unmapped.items(), key=lambda item: (-item[1], item[0]))
        coverage.unmapped = Counter(dict(kept[:MOST_CODES]))


def _of_row(covered: Covered, row: Evidence) -> None:
    if covered.requirement.type.name == "Quantity":
        unit = unit_of(row.written)
        if unit is not None:
            covered.units[unit] += 1
        elif isinstance(row.value, SetAside) and row.value.why == NO_UNIT:
            covered.units[NO_UNIT] += 1
    _of_value(covered, row)
    covered.take_days(row.when.low, row.when.high)


def _of_value(covered: Covered, row: Evidence) -> None:
    """Counts a value that is none, and a number that looks like a code for one; the value itself is not kept."""
    value = row.value
    if isinstance(value, SetAside):
        covered.set_aside[value.why] += 1
    elif row.written in covered.requirement.missing and not is_value(value):
        covered.coded[row.written] += 1
    elif (number := number_of(value)) is not None:
        covered.numbers.take(number)


def number_of(value: Value | SetAside) -> Decimal | None:
    """The one number that a value is; None of anything else."""
    if isinstance(value, Bounds) and value.low == value.high and isinstance(value.low, int | Decimal):
        return Decimal(value.low)
    return None


def unit_of(written: str) -> str | None:
    """The unit behind a number as it is written; None where there is none.

    >>> unit_of("<5.2 mg/L"), unit_of("5 to 7 mg/L"), unit_of("5.2")
    ('mg/L', 'mg/L', None)
    """
    unit = _UNIT.match(written)
    return None if unit is None else unit[1]


def is_value(value: Value | SetAside) -> bool:
    """Whether a value says anything at all."""
    return not isinstance(value, SetAside) and value is not UNKNOWN and value not in (OPEN, NOT_CODED, ())


def coverage_data(coverage: Coverage) -> dict[str, Any]:
    """A coverage as JSON data."""

    def day(date: datetime.date | None) -> str:
        return "" if date is None else date.isoformat()

    codes = sorted(coverage.unmapped.items(), key=lambda item: (-item[1], item[0]))
    return {
        "protocol": coverage.library.name,
        "version": coverage.library.version,
        "digest": coverage.library.digest,
        "records": coverage.records,
        "people": coverage.subjects,
        "rejected": dict(sorted(coverage.rejected.items())),
        "first rejected": [{"place": r.place, "kind": r.kind, "reason": r.reason} for r in coverage.told],
        "requirements": [
            {
                "requirement": one.requirement.name,
                "people": one.people,
                "unusable": one.unusable,
                "possible": one.possible,
                "units": dict(sorted(one.units.items())),
                "set aside": dict(sorted(one.set_aside.items())),
                "outside the scale": one.beyond,
                "coded as missing": dict(sorted(one.coded.items())),
                "like codes for missing": one.like_codes,
                "first": day(one.first),
                "last": day(one.last),
            }
            for one in coverage.covered
        ],
        "absolute exclusions without a source": [
            {"criterion": one.criterion, "requirements": list(one.requirements)} for one in coverage.without_source
        ],
        "unmapped codes": [
            {"system": code.system, "code": code.code, "kind": kind, "entries": number}
            for (code, kind), number in codes[:100]
        ],
    }
