"""A raw entry of a record against its requirement: units, comparators, codes, status, duplicates.

Every source (profile, FHIR bundle) brings its entries as `Reading`s and asks `admit` what they are
worth; so a record means the same whatever form it came in. What cannot be used is set aside with a
notice and keeps its place; a value outside its declared scale rejects the record. No message and no
notice ever holds a value.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from screening.errors import NOWHERE, Diagnostic, Span
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS, unknown
from screening.record.subject import Absence, Evidence, Notice, SetAside, Value, merged
from screening.sources import worth
from screening.sources.number import unit_meant
from screening.sources.worth import FieldReading, Written, moment_of
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, Codings, covers
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

__all__ = ["Admission", "FieldReading", "Reading", "admit", "is_presence"]

STRUCK_OUT = ("entered-in-error", "cancelled", "family-history")
DENIED = ("refuted", "absent")
DOUBTFUL = ("provisional", "differential", "unconfirmed")
STATUSES = ("confirmed", *DOUBTFUL, *DENIED, *STRUCK_OUT)
# Kinds whose entries are themselves the fact; a text beside their code is no answer.
_FACTS = ("condition", "medication", "procedure", "allergy", "encounter")

# What is to be said, as (`entry` or `value`, phrase), with the origins of those it is said of.
_Said = dict[tuple[str, str], list[str]]


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


def is_presence(requirement: DataRequirement) -> bool:
    """Whether the requirement asks if something is there: a Boolean with codes and no selection."""
    coded = bool(requirement.concepts or requirement.reasons)
    return requirement.type.name == "Boolean" and coded and not requirement.take


def admit(requirement: DataRequirement, readings: Sequence[Reading]) -> Admission:
    """The evidence that these entries give for one requirement, in an order that does not depend on theirs."""
    door = _Door(requirement)
    for reading in readings:
        door.take(reading)
    return door.closed()


class _Door:
    """Takes the entries of one requirement one by one."""

    def __init__(self, requirement: DataRequirement) -> None:
        self.requirement = requirement
        self.presence = is_presence(requirement)
        self.listed = requirement.type.name == "Records"
        self.rows: list[Evidence] = []
        self.absences: list[Absence] = []
        self.leaves_denied: list[tuple[Codings, Bounds]] = []
        self.said: _Said = {}
        self.faults: list[Diagnostic] = []

    def say(self, what: str, reading: Reading, noun: str = "entry") -> None:
        self.said.setdefault((noun, what), []).append(reading.origin)

    def set_aside(self, found: SetAside, reading: Reading) -> None:
        self.say(worth.PHRASES.get(found.why, f"{found.why}, set aside"), reading, "value")

    def take(self, reading: Reading) -> None:
        """One entry: out, an attested absence, or a row."""
        # SPEC: semantics 4.1, 4.2, 2.6.
        if reading.status in STRUCK_OUT or reading.missing or reading.match is FALSE:
            return
        if self.requirement.units:
            reading = self.in_units_of_ucum(reading)
        if reading.match is UNKNOWN and self.requirement.uncoded == "ignore":
            self.say("without a code that the protocol knows, passed over as the rule file says", reading)
            return
        when, clock = self.dated(reading)
        if reading.status in DENIED:
            self.deny(reading, when, clock)
            return
        certainty = TRUE if reading.match is TRUE and reading.status == "confirmed" else UNKNOWN
        if reading.status not in STATUSES:
            self.say("of a status that is not known, only possible", reading)
        value = self.value(reading)
        if self.presence and value is FALSE:
            if certainty is TRUE:
                self.absent(reading, when)
            else:
                self.say("says no without being certain, not used", reading)
            return
        # A row that asks for a fact and does not say yes leaves the fact possible.
        if (self.presence or self.listed) and (isinstance(value, SetAside) or value is UNKNOWN):
            certainty = UNKNOWN
        self.add(reading, value, when, clock, certainty)

    def dated(self, reading: Reading) -> tuple[Bounds, str]:
        if not reading.date:
            return OPEN, ""
        found = moment_of(reading.date)
        if found is None:
            self.say("with a date that cannot be read, taken as undated", reading)
            return OPEN, ""
        return found

    def in_units_of_ucum(self, reading: Reading) -> Reading:
        """An entry with its unit as UCUM calls it, where the site says what its records call so."""
        # SPEC: semantics 2.6.
        unit = unit_meant(reading.unit, self.requirement.units)
        is_number = reading.low or reading.high or (reading.value and reading.value.upper() != "UNKNOWN")
        if reading.unit or not unit or not is_number:
            return replace(reading, unit=unit if reading.unit else "")
        self.say(f"without unit, read as {unit}, as the site declares", reading, "value")
        return replace(reading, unit=unit)

    # ------------------------------------------------------------------------------- absence

    def deny(self, reading: Reading, when: Bounds, clock: str) -> None:
        """A refuted entry, or one that says that a thing is not there."""
        if reading.match is not TRUE:
            self.say("refuted, without a code that the protocol knows, not used", reading)
            return
        contradicts = reading.status == "refuted" and reading.value.upper() == "FALSE"
        if self.requirement.type.name in ("Boolean", "Judgement") and (contradicts or not self.presence):
            value = SetAside("refuted and denied") if contradicts else self.judged(reading, FALSE)
            certainty = UNKNOWN if self.presence else TRUE
            self.add(reading, value, when, clock, certainty)
            if contradicts:
                self.say("refuted and denied at once, set aside", reading)
            return
        self.absent(reading, when)

    def absent(self, reading: Reading, when: Bounds) -> None:
        concepts = self.requirement.concepts
        about = None
        if reading.codes and concepts:
            about = frozenset(
                position
                for position, concept in enumerate(concepts)
                if any(_is_all_of(code, wanted) for code in reading.codes for wanted in concept)
            )
            if not about:
                self.leaves_denied.append((reading.codes, when))
        self.absences.append(Absence("", self.requirement.name, when, about, origin=reading.origin, by=reading.by))

    # -------------------------------------------------------------------------------- values

    def judged(self, reading: Reading, value: Value | SetAside) -> Value | SetAside:
        if self.requirement.type.name == "Judgement" and isinstance(value, Truth) and not reading.by.strip():
            self.say("without the name of who judged, set aside", reading)
            return SetAside("nobody named")
        return value

    def value(self, reading: Reading) -> Value | SetAside:
        """What an entry is worth for the requirement."""
        requirement = self.requirement
        if reading.unusable:
            self.say(f"not usable ({reading.unusable}), set aside", reading)
            return SetAside(reading.unusable)
        if self.listed:
            return self.listed_value(reading)
        if self.presence and not (reading.value or reading.value_codes):
            if reading.text and reading.match is TRUE and requirement.kind not in _FACTS:
                self.say("recorded as text, only possible", reading)
                return SetAside("recorded as text")
            if reading.match is UNKNOWN:
                self.say("without a code that the protocol knows, only possible", reading)
            return TRUE
        written = _written(reading)
        if worth.is_coded_missing(written, requirement.missing):
            self.say("coded as missing, taken as not known", reading)
            return unknown(requirement.type)
        if worth.is_birth(requirement):
            found = worth.birth(written)
        elif worth.is_gender(requirement):
            found = worth.gender(written)
        else:
            asked = requirement
            found = worth.of(asked.type, written, asked.factors, asked.floor, asked.scale, asked.unit_missing)
            if found is worth.BEYOND:
                found = self.out_of_scale(reading)
            elif isinstance(found, Bounds) and requirement.type.name in NUMBERS:
                found = self.within(reading, found)
                if requirement.unit_missing and not reading.unit and reading.value.upper() != "UNKNOWN":
                    units = " and as ".join(requirement.unit_missing)
                    self.say(f"without unit, read as {units}, and known between the two alone", reading, "value")
        if isinstance(found, SetAside):
            self.set_aside(found, reading)
        return self.judged(reading, found)

    def listed_value(self, reading: Reading) -> Value | SetAside:
        """A row of a list counts by being there, unless the file declares what its `value` is."""
        declared = next((f for f in self.requirement.fields if f.name == "value"), None)
        if declared is None:
            return TRUE
        found = worth.of(declared.type, _written(reading))
        if isinstance(found, SetAside):
            self.set_aside(found, reading)
        return found

    def within(self, reading: Reading, found: Bounds) -> Value | SetAside:
        """Held against the declared scale, which rejects, and what is plausible, which sets aside."""
        # SPEC: semantics 2.2.
        scale, plausible = self.requirement.scale, self.requirement.plausible
        stated = bool(reading.low or reading.high)
        if not worth.meets(found, scale) or (stated and not worth.inside(found, scale)):
            return self.out_of_scale(reading)
        if not worth.meets(found, plausible):
            return SetAside("not plausible")
        return found

    def out_of_scale(self, reading: Reading) -> SetAside:
        """Rejects the record; but not for an entry of which nobody knows that it answers this requirement."""
        if reading.match is TRUE:
            span = reading.span if reading.span != NOWHERE else Span(reading.origin)
            self.faults.append(worth.outside(self.requirement.name, self.requirement.scale, span))
        return SetAside("outside the scale")

    def fields(self, reading: Reading) -> dict[str, Value | SetAside]:
        found: dict[str, Value | SetAside] = {}
        for declared in self.requirement.fields:
            if declared.name in ("value", "date", "code"):
                continue
            value = worth.field(declared, reading.fields.get(declared.name), reading.codes, self.requirement.units)
            if value is None:
                continue
            if isinstance(value, SetAside):
                self.say(f"whose `{declared.name}` cannot be used, that field set aside", reading)
            found[declared.name] = value
        return found

    # ---------------------------------------------------------------------------------- rows

    def add(self, reading: Reading, value: Value | SetAside, when: Bounds, clock: str, certainty: Truth) -> None:
        if isinstance(value, SetAside) and self.requirement.unusable == "skip":
            self.say("that cannot be used, passed over as the rule file says", reading)
            return
        codes = tuple(sorted(set(reading.codes)))
        covering = frozenset(
            position for position, concept in enumerate(self.requirement.concepts) if covers(concept, codes)
        )
        self.rows.append(
            Evidence(
                id="",
                requirement=self.requirement.name,
                value=value,
                when=when,
                clock=clock,
                certainty=certainty,
                codes=codes,
                fields=self.fields(reading),
                origin=reading.origin,
                written=worth.shown(_written(reading)),
                status=reading.status if reading.status in STATUSES else "unconfirmed",
                by=reading.by,
                concepts=covering,
            )
        )

    def closed(self) -> Admission:
        """Everything taken, duplicates merged, in canonical order, with ids."""
        name = self.requirement.name
        # Most entries are alone, and need neither an order nor another one that they could be.
        several = len(self.rows) > 1
        rows = [self.doubted(row) for row in (sorted(self.rows, key=order_of) if several else self.rows)]
        kept = merged(tuple(rows)) if several else tuple(rows)
        notices = list(_notices(name, self.said))
        if len(kept) < len(rows):
            twice = _several(len(rows) - len(kept), "entry")
            notices.append(Notice(name, "", f"{twice} charted again, counted once"))
        evidence = tuple(replace(row, id=f"{name}#{n}") for n, row in enumerate(kept, 1))
        absences: dict[tuple[str, ...], Absence] = {}
        for absence in sorted(self.absences, key=_absence_order):
            absences.setdefault(_absence_order(absence)[:3], absence)
        denied = tuple(replace(a, id=f"{name}#absent{n}") for n, a in enumerate(absences.values(), 1))
        return Admission(evidence, denied, tuple(notices), tuple(self.faults))

    def doubted(self, row: Evidence) -> Evidence:
        """A row whose own code was refuted, under a concept written as a prefix, is only possible.

        An absence speaks of whole concepts; M05.9 refuted is not M05.* refuted, and still not to be built on.
        """
        for codes, when in self.leaves_denied:
            later = row.when.low is not None and when.high is not None and row.when.low > when.high
            if not later and set(codes) & set(row.codes):
                return replace(row, certainty=UNKNOWN)
        return row


def _written(reading: Reading) -> Written:
    return Written(
        reading.value,
        reading.comparator,
        reading.unit,
        reading.low,
        reading.high,
        tuple(sorted(set(reading.value_codes))),
        reading.text,
    )


def _is_all_of(code: Code, wanted: Code) -> bool:
    """Whether a code names all of what is wanted: the code itself, or the category of a prefix."""
    if code == wanted:
        return True
    category = wanted.code[:-1].rstrip(".") if wanted.code.endswith("*") else wanted.code
    return code.system == wanted.system and code.code == category


def order_of(row: Evidence) -> tuple[str, ...]:
    """By date, clock and value; whatever else tells two rows apart follows, so that no order is left to chance."""
    fields = sorted((name, repr(value)) for name, value in row.fields.items())
    parts = (row.written, row.certainty.value, row.status, row.codes, fields, row.by, row.origin)
    return (_days(row.when), row.clock, repr(row.value), *map(repr, parts))


def _days(when: Bounds) -> str:
    return "/".join("-" if end is None else end.isoformat() for end in when)


def _absence_order(absence: Absence) -> tuple[str, ...]:
    about = "all" if absence.concepts is None else repr(sorted(absence.concepts))
    return (_days(absence.when), about, absence.requirement, absence.by, absence.origin)


def _several(number: int, noun: str) -> str:
    plural = {"entry": "entries", "value": "values"}[noun]
    return f"1 {noun}" if number == 1 else f"{number} {plural}"


def _notices(name: str, said: _Said) -> Iterable[Notice]:
    for (noun, what), every in sorted(said.items()):
        origins = sorted(set(every))
        place = "; ".join(origins[:3]) + (f"; and {len(origins) - 3} more" if len(origins) > 3 else "")
        yield Notice(name, place, f"{_several(len(every), noun)} {what}")
