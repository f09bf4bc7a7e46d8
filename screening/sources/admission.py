"""A raw entry of a record against its requirement: units, comparators, codes, status, duplicates.

Every source (profile, FHIR bundle) brings its entries as `Reading`s and asks `admit` what they are
worth; so a record means the same whatever form it came in. What cannot be used is set aside with a
notice and keeps its place; a value outside its declared scale rejects the record. No message and no
notice ever holds a value.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screening.errors import NOWHERE, Diagnostic, Span
from screening.language.library import DataRequirement
from screening.record.subject import Absence, Evidence, Notice
from screening.values.coding import Codings
from screening.values.truth import TRUE, Truth


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A named field of one entry, as the record writes it."""

    value: str = ""
    codes: Codings = ()
    text: str = ""
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Reading:
    """One raw entry as the record writes it, before the requirement has been asked.

    `match` is the membership of `codes` in the requirement's codes, as the source decided it; `unusable`
    says why the source already knows that the entry cannot be used; `missing` that the entry itself says it
    has no value, which leaves no gap. `span` is where the value stands, for a fault.
    """

    origin: str
    value: str = ""
    comparator: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    value_codes: Codings = ()
    text: str = ""
    codes: Codings = ()
    match: Truth = TRUE
    date: str = ""
    status: str = "confirmed"
    by: str = ""
    fields: Mapping[str, FieldReading] = field(default_factory=dict)
    unusable: str = ""
    missing: bool = False
    span: Span = NOWHERE


@dataclass(frozen=True, slots=True)
class Admission:
    """What a requirement takes from a record: evidence and attested absences, and what is to be said."""

    evidence: tuple[Evidence, ...] = ()
    absences: tuple[Absence, ...] = ()
    notices: tuple[Notice, ...] = ()
    faults: tuple[Diagnostic, ...] = ()


def admit(requirement: DataRequirement, readings: Sequence[Reading]) -> Admission:
    """The evidence that these entries give for one requirement."""
    raise NotImplementedError
