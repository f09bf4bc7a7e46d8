"""What a line is worth to a library, found once for all lines that differ only in person, day and plain number.

The door that reads bundles is asked, not repeated: it reads a line of the kind twice, with two sets of days and
numbers that no record holds, and what it makes of them tells which part of its evidence is which day or number.
Where that is not plain, there is no plan, and the lines are read person by person.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field, replace
from decimal import Decimal
from typing import NamedTuple

from screening.language.library import DataRequirement, Library
from screening.language.types import NUMBERS
from screening.record.subject import Absence, Evidence, SetAside, Value
from screening.sources.admission import Admission, admit
from screening.sources.fhir import ALSO, Asked, is_of_patient, is_synthetic
from screening.sources.fhir_record import KINDS, BundleReading, Entry, Record
from screening.sources.fhir_resource import Person, Resource, read_resource
from screening.sources.fhir_row import Row
from screening.sources.fhir_shape import Shape, parsed
from screening.sources.fhir_version import signs_of
from screening.sources.number import plain
from screening.values.bounds import OPEN, Bounds, exactly, recorded
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE

NONE = -1
LITERAL, DAY, INSTANT = "", "d", "t"
# A number that is worth `stated` of it. One that is short is held exactly by a double, and rounded by nobody.
FREE_NUMBER = r"^-?[0-9]{1,7}(?:\.[0-9]{1,30})?$"
SHORT_NUMBER = r"^-?[0-9]{1,7}(?:\.[0-9]{1,8})?$"


@dataclass(frozen=True, slots=True)
class Planned:
    """One entry of evidence without what differs from line to line; the slots say where that comes from.

    `entry` has neither id nor the day, clock, number and origin that a slot gives; its origin is what follows the
    name of the resource. A number has to lie between `least` and `most`, and be whole if `whole`.
    """

    requirement: int
    entry: Evidence
    low: int = NONE
    high: int = NONE
    clock: int = NONE
    number: int = NONE
    value_day: int = NONE
    fields: Mapping[str, int] = field(default_factory=dict)
    least: Decimal | None = None
    most: Decimal | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class PlannedAbsence:
    """One attested absence, in the same way."""

    requirement: int
    entry: Absence
    low: int = NONE
    high: int = NONE


@dataclass(frozen=True, slots=True)
class Plan:
    """What lines of one kind give. `before` are pairs of slots of which the first day has to be the earlier."""

    rows: tuple[Planned, ...] = ()
    absences: tuple[PlannedAbsence, ...] = ()
    before: frozenset[tuple[int, int]] = frozenset()
    synthetic: bool = False


class Sample(NamedTuple):
    """One set of days, clocks and numbers put into the slots of a line."""

    days: tuple[datetime.date | None, ...]
    texts: tuple[str, ...]
    clocks: tuple[str, ...]
    numbers: tuple[str, ...]


class Planner:
    """Plans for the lines of one library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.asked = Asked(library, Record("line"))
        self.by_kind: dict[str, list[tuple[int, DataRequirement]]] = {}
        self._known: dict[tuple[object, ...], list[tuple[int, DataRequirement]]] = {}
        for number, requirement in enumerate(library.requirements):
            for kind in {requirement.kind, ALSO.get(requirement.kind, "")}:
                self.by_kind.setdefault(kind, []).append((number, requirement))
        self.of_patients = [
            (number, requirement)
            for number, requirement in enumerate(library.requirements)
            if is_of_patient(requirement)
        ]

    def plan(self, shape: Shape, line: str, forms: Sequence[str], numbers_free: bool) -> Plan | None:
        """The plan of a line whose days have these forms; None if it has to be read by itself."""
        whole = re.match(shape.pattern, line)
        if whole is None:
            return None
        found = []
        wanted: list[tuple[int, DataRequirement]] | None = None
        for odd in (False, True):
            sample = _sample(shape, whole, forms, numbers_free, odd)
            admitted = self._read(shape, _filled(shape, whole, sample), wanted)
            if admitted is None:
                return None
            found.append((sample, admitted))
            # INVARIANT: whether an entry answers a requirement at all is told by its codes and by the kind of its
            # value, which are the same in both samples.
            wanted = [(number, self.library.requirements[number]) for number, _ in admitted[0][1]]
        (first, (ones, synthetic)), (second, (others, _)) = found
        return _compared(self.library, (first, ones), (second, others), numbers_free, synthetic)

    def _read(
        self, shape: Shape, line: str, wanted: list[tuple[int, DataRequirement]] | None
    ) -> tuple[tuple[str, list[tuple[int, Admission]]], bool] | None:
        """What the door takes from a line, by requirement, with the name of the resource."""
        tree = parsed(line)
        if any(signs_of(tree)):
            return None
        record = Record("line")
        model = read_resource(tree, record.fault)
        if model is None:
            return None
        place = f"{shape.kind}/{tree['id']}"
        record.place = place
        every = self._rows(shape.kind, model, record, place, tree)
        self.asked.record = record
        found = []
        for number, requirement in every if wanted is None else wanted:
            readings = list(self.asked.readings(requirement))
            admission = admit(requirement, readings) if readings else None
            if admission is not None and admission.faults:
                return None
            if admission is not None:
                found.append((number, admission))
        return (place, found), isinstance(model, Person) and is_synthetic(model)

    def _rows(
        self, kind: str, model: Resource, record: Record, place: str, tree: dict[str, object]
    ) -> list[tuple[int, DataRequirement]]:
        if isinstance(model, Person):
            record.patient = model
            return self.of_patients
        reading = BundleReading({"entry": []}, record)
        record.rows[KINDS[kind]] = list(reading.rows(model, Entry(place, tree, ())))  # type: ignore[arg-type]
        return self._may_answer(KINDS[kind], record.rows[KINDS[kind]])

    def _may_answer(self, kind: str, rows: Sequence[Row]) -> list[tuple[int, DataRequirement]]:
        """The requirements that rows of one kind may answer by their codes; found once for all lines of these."""
        key = (kind, *((row.codings, row.attests) for row in rows))
        if key not in self._known:
            self._known[key] = [
                (number, requirement)
                for number, requirement in self.by_kind.get(kind, [])
                if any(self._may_be(requirement, kind, row) for row in rows)
            ]
        return self._known[key]

    def _may_be(self, requirement: DataRequirement, kind: str, row: Row) -> bool:
        """Whether `Asked.readings` goes on with a row after it has looked at its codes."""
        matcher = self.asked.matcher(requirement)
        if requirement.kind == kind:
            return bool(row.attests) or self.asked.matched(requirement, row, matcher) is not FALSE
        return matcher.match(row.codings) is TRUE


# ------------------------------------------------------------------------------------- samples


def _sample(shape: Shape, line: re.Match[str], forms: Sequence[str], numbers_free: bool, odd: bool) -> Sample:
    days: list[datetime.date | None] = []
    texts, clocks, numbers = [], [], []
    given = dict(zip((slot.name for slot in shape.slots), line.groups(), strict=True))
    slots = [slot for slot in shape.slots if slot.role == "day"]
    for at, (slot, form) in enumerate(zip(slots, forms, strict=True)):
        last = slot.path[-1] == "end" or slot.path[-1].startswith("abatement")
        day = datetime.date((4100 if last else 3100) + at * 7 + 300 * odd, 3 + odd, 4 + 2 * odd + at % 20)
        clock = f"{13 if odd else 7}:{11 + at % 40}:{29 + odd}".zfill(8) if form == INSTANT else ""
        text = given[slot.name] if form == LITERAL else day.isoformat() + (f"T{clock}Z" if clock else "")
        days.append(None if form == LITERAL else day)
        texts.append(text)
        clocks.append(clock)
    for slot in shape.slots:
        if slot.role == "number":
            text = given[slot.name]
            numbers.append(_neighbour(text) if odd and numbers_free else text)
    return Sample(tuple(days), tuple(texts), tuple(clocks), tuple(numbers))


def _neighbour(text: str) -> str:
    """Another number near by: another first decimal, or another last digit of a whole number."""
    at = text.index(".") + 1 if "." in text else len(text) - 1
    return text[:at] + ("8" if text[at] == "9" else str(int(text[at]) + 1)) + text[at + 1 :]


def stated(text: str) -> Bounds:
    """What a free number says as it stands, in no other unit: see `sources.number`."""
    found = recorded(Decimal(text))
    return Bounds(plain(found.low), plain(found.high))


def _filled(shape: Shape, line: re.Match[str], sample: Sample) -> str:
    days, numbers = iter(sample.texts), iter(sample.numbers)
    found, start, whole = [], 0, line.string
    for group, slot in enumerate(shape.slots, 1):
        if slot.role in ("day", "number"):
            found += [whole[start : line.start(group)], next(days if slot.role == "day" else numbers)]
            start = line.end(group)
    return "".join((*found, whole[start:]))


# ----------------------------------------------------------------------------------- comparison


class _Unplanned(Exception):
    """Something differs between the samples in a way that no slot explains."""


_Side = tuple[Sample, tuple[str, list[tuple[int, Admission]]]]


def _compared(library: Library, one: _Side, other: _Side, numbers_free: bool, synthetic: bool) -> Plan | None:
    (first, (place, ones)), (second, (_, others)) = one, other
    if [number for number, _ in ones] != [number for number, _ in others]:
        return None
    rows: list[Planned] = []
    absences: list[PlannedAbsence] = []
    before: set[tuple[int, int]] = set()
    compare = _Compare(first, second, place, numbers_free, before)
    try:
        for (number, a), (_, b) in zip(ones, others, strict=True):
            requirement = library.requirements[number]
            if len(a.evidence) != len(b.evidence) or len(a.absences) != len(b.absences):
                return None
            rows += [compare.row(number, requirement, x, y) for x, y in _pairs(a.evidence, b.evidence)]
            absences += [compare.absence(number, x, y) for x, y in zip(a.absences, b.absences, strict=True)]
    except _Unplanned:
        return None
    return Plan(tuple(rows), tuple(absences), frozenset(before), synthetic)


def _pairs(ones: Sequence[Evidence], others: Sequence[Evidence]) -> Iterator[tuple[Evidence, Evidence]]:
    """The same entries of both samples: those of one origin, which is theirs alone."""
    by_origin = {row.origin: row for row in others}
    if len(by_origin) < len(others) or len({row.origin for row in ones}) < len(ones):
        raise _Unplanned
    for row in ones:
        if row.origin not in by_origin:
            raise _Unplanned
        yield row, by_origin[row.origin]


class _Compare:
    def __init__(
        self, first: Sample, second: Sample, place: str, numbers_free: bool, before: set[tuple[int, int]]
    ) -> None:
        self.first, self.second, self.place, self.before = first, second, place, before
        self.numbers_free = numbers_free

    def row(self, number: int, requirement: DataRequirement, a: Evidence, b: Evidence) -> Planned:
        low, high, when = self.when(a.when, b.when)
        clock, at = self.clock(a.clock, b.clock)
        fields: dict[str, int] = {}
        kept: dict[str, Value | SetAside] = {}
        if a.fields.keys() != b.fields.keys():
            raise _Unplanned
        for name, value in a.fields.items():
            slot = self.day_value(value, b.fields[name])
            if slot == NONE:
                kept[name] = value
            else:
                fields[name] = slot
        found = Planned(number, a, low, high, at, fields=fields)
        found = self.valued(requirement, found, a, b)
        entry = replace(
            found.entry, id="", when=when, clock=clock, fields=kept, origin=self.suffix(a.origin, b.origin)
        )
        if (a.certainty, a.codes, a.status, a.by, a.concepts) != (
            b.certainty,
            b.codes,
            b.status,
            b.by,
            b.concepts,
        ):
            raise _Unplanned
        return replace(found, entry=entry)

    def absence(self, number: int, a: Absence, b: Absence) -> PlannedAbsence:
        # A refuted code that is only a part of what is asked for makes other rows doubtful.
        if a.concepts != b.concepts or a.concepts == frozenset() or a.by != b.by:
            raise _Unplanned
        low, high, when = self.when(a.when, b.when)
        entry = replace(a, id="", when=when, origin=self.suffix(a.origin, b.origin))
        return PlannedAbsence(number, entry, low, high)

    def suffix(self, a: str, b: str) -> str:
        if a != b or not a.startswith(self.place) or "; " in a:
            raise _Unplanned
        return a.removeprefix(self.place)

    def when(self, a: Bounds, b: Bounds) -> tuple[int, int, Bounds]:
        low, high = self.day(a.low, b.low), self.day(a.high, b.high)
        if low != NONE and high != NONE and low != high:
            self.before.add((low, high))
        if (low == NONE) is not (high == NONE) and None not in (a.low, a.high):
            # One end as written and one in a slot: nobody has compared them.
            raise _Unplanned
        return low, high, Bounds(a.low if low == NONE else None, a.high if high == NONE else None)

    def day(self, a: object, b: object) -> int:
        for slot, (one, other) in enumerate(zip(self.first.days, self.second.days, strict=True)):
            if one is not None and a == one and b == other:
                return slot
        if a != b:
            raise _Unplanned
        return NONE

    def clock(self, a: str, b: str) -> tuple[str, int]:
        for slot, (one, other) in enumerate(zip(self.first.clocks, self.second.clocks, strict=True)):
            if one and a == one and b == other:
                return "", slot
        if a != b:
            raise _Unplanned
        return a, NONE

    def day_value(self, a: object, b: object) -> int:
        """The slot of a value that is one exact day; none for one that is the same in both."""
        if a == b and type(a) is type(b):
            return NONE
        if not (isinstance(a, Bounds) and isinstance(b, Bounds)) or a != exactly(a.low) or b != exactly(b.low):
            raise _Unplanned
        if isinstance(a.low, datetime.datetime) or not isinstance(a.low, datetime.date):
            raise _Unplanned
        return self.day(a.low, b.low)

    def valued(self, requirement: DataRequirement, found: Planned, a: Evidence, b: Evidence) -> Planned:
        """The row with its value settled: always the same, the day of a slot, or the number of one."""
        if a.value == b.value and type(a.value) is type(b.value) and a.written == b.written:
            if not self.numbers_free or requirement.type.name not in NUMBERS or not isinstance(a.value, Bounds):
                return found
            if a.value == OPEN:
                return found
        slot = self.number(requirement, a, b)
        if slot != NONE:
            least, most = _limits(requirement)
            suffix = a.written.removeprefix(self.first.numbers[slot])
            entry = replace(a, value=OPEN, written=suffix)
            whole = requirement.type.name == "Integer"
            return replace(found, entry=entry, number=slot, least=least, most=most, whole=whole)
        at = self.day_value(a.value, b.value)
        if at == NONE:
            if a.written != b.written:
                raise _Unplanned
            return found
        if (a.written, b.written) != (self.first.texts[at], self.second.texts[at]) or self.first.clocks[at]:
            raise _Unplanned
        return replace(found, entry=replace(a, value=OPEN, written=""), value_day=at)

    def number(self, requirement: DataRequirement, a: Evidence, b: Evidence) -> int:
        """The slot whose number is the value, as it stands and in the unit of the requirement."""
        if not self.numbers_free or requirement.type.name not in NUMBERS or requirement.missing:
            return NONE
        for slot, (one, other) in enumerate(zip(self.first.numbers, self.second.numbers, strict=True)):
            if not (re.match(FREE_NUMBER, one) and re.match(FREE_NUMBER, other)):
                continue
            is_it = a.value == stated(one) and b.value == stated(other)
            suffix = a.written.removeprefix(one)
            if is_it and one != other and (a.written, b.written) == (one + suffix, other + suffix):
                return slot
        return NONE


def _limits(requirement: DataRequirement) -> tuple[Decimal | None, Decimal | None]:
    """Between which numbers a value is simply itself."""
    both = (requirement.scale, requirement.plausible)
    lows = [Decimal(limits.low) for limits in both if limits.low is not None]
    highs = [Decimal(limits.high) for limits in both if limits.high is not None]
    return max(lows, default=None), min(highs, default=None)
