"""What a source holds for each requirement of a protocol, counted over its people before anybody is screened.

Counts of people alone are kept, whatever the number of people; and codes that no requirement knows, of which
the rarest are given up where there are too many to keep.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from dataclasses import field
from typing import Any

from screening.language.library import DataRequirement, Library
from screening.record.people import People, Rejected
from screening.record.subject import Evidence, SetAside, Subject
from screening.values.bounds import OPEN
from screening.values.coding import NOT_CODED, Code
from screening.values.frozen import dataclass
from screening.values.truth import TRUE, UNKNOWN

MOST_CODES = 20_000
MOST_TOLD = 20
NO_UNIT = "no unit"
_UNIT = re.compile(r"[<>=]*[-+0-9.eE]+(?: to [-+0-9.eE]+)? (\S.*)\Z")


@dataclass
class Covered:
    """One requirement: people with a value, people whose entries are none, units as written, and days.

    `first` and `last` are the earliest and the latest day on which a value may be dated.
    """

    requirement: DataRequirement
    people: int = 0
    unusable: int = 0
    possible: int = 0
    units: Counter[str] = field(default_factory=Counter)
    first: datetime.date | None = None
    last: datetime.date | None = None


@dataclass
class Coverage:
    """Everything counted of one source; `subjects` and the `rejected` are all records that came in."""

    library: Library
    covered: tuple[Covered, ...]
    subjects: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    told: list[Rejected] = field(default_factory=list)
    unmapped: Counter[tuple[Code, str]] = field(default_factory=Counter)

    @property
    def records(self) -> int:
        """How many records came in."""
        return self.subjects + sum(self.rejected.values())


def measure(people: People, library: Library) -> Coverage:
    """Counts a source; the people themselves are not kept."""
    coverage = Coverage(library, tuple(Covered(requirement) for requirement in library.requirements))
    for one in people:
        if isinstance(one, Rejected):
            coverage.rejected[one.kind] += 1
            if len(coverage.told) < MOST_TOLD:
                coverage.told.append(one)
        else:
            coverage.subjects += 1
            _count(coverage, one)
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
        if any(_is_known(row) for row in certain) or subject.absences.get(name):
            covered.people += 1
        elif certain:
            covered.unusable += 1
        elif rows:
            covered.possible += 1
        for row in certain:
            _of_row(covered, row)
    counted = Counter((code, kind) for (origin, code), kind in unknown.items() if origin not in known)
    coverage.unmapped.update(counted)
    if len(coverage.unmapped) > 2 * MOST_CODES:
        coverage.unmapped = Counter(dict(coverage.unmapped.most_common(MOST_CODES)))


def _of_row(covered: Covered, row: Evidence) -> None:
    if covered.requirement.type.name == "Quantity":
        unit = _UNIT.match(row.written)
        if unit is not None:
            covered.units[unit[1]] += 1
        elif isinstance(row.value, SetAside) and row.value.why == NO_UNIT:
            covered.units[NO_UNIT] += 1
    low, high = row.when.low, row.when.high
    if low is not None and (covered.first is None or low < covered.first):
        covered.first = low
    if high is not None and (covered.last is None or high > covered.last):
        covered.last = high


def _is_known(row: Evidence) -> bool:
    value = row.value
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
                "first": day(one.first),
                "last": day(one.last),
            }
            for one in coverage.covered
        ],
        "unmapped codes": [
            {"system": code.system, "code": code.code, "kind": kind, "entries": number}
            for (code, kind), number in codes[:100]
        ],
    }
