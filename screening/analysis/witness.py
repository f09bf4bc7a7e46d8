"""A solver model as a Subject, re-run by the law before it is shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import combinations, product
from typing import Any

import z3

from screening.interpreters.symbolic_list import Listed, Slot
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_table import end_of
from screening.interpreters.symbolic_term import Formula, Rails, Span, Symbol, Words
from screening.record.subject import Absence, Completeness, Evidence, Subject, Value
from screening.values.bounds import Bounds, exactly, intersect
from screening.values.truth import truth_of

_SMALL = 30
_PARTS = 8
_SIZES = (0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
_RECORD = Completeness(None, "record", "made up by the analysis")


class Model:
    """What a solver found, read as values."""

    def __init__(self, model: z3.ModelRef) -> None:
        self.model = model

    def holds(self, formula: Formula) -> bool:
        """Whether a formula is so in the model."""
        return (
            formula if isinstance(formula, bool) else z3.is_true(self.model.eval(formula, model_completion=True))
        )

    def number(self, term: Any) -> Fraction:
        """The number that a term is; an irrational one to twelve places."""
        found = self.model.eval(term, model_completion=True)
        if z3.is_algebraic_value(found):
            found = found.approx(12)
        return Fraction(found.as_fraction()) if not z3.is_int_value(found) else Fraction(found.as_long())

    def bounds(self, span: Span, kind: str) -> Bounds:
        """The ends of an ordered value."""
        low = None if self.holds(span.low_open) else end_of(self.number(span.low), kind)
        high = None if self.holds(span.high_open) else end_of(self.number(span.high), kind)
        return Bounds(low, high)


def subject_of(rows: Rows, model: Model, as_of: datetime.date) -> Subject:
    """The person that a model speaks of: what it says nothing of is not recorded."""
    evidence: dict[str, tuple[Evidence, ...]] = {}
    complete: dict[str, Completeness] = {}
    absences: dict[str, tuple[Absence, ...]] = {}
    for name, listed in rows.listed.items():
        here = [slot for slot in listed.slots if model.holds(slot.here)]
        if here:
            evidence[name] = tuple(_entry(rows, listed, slot, at, model) for at, slot in enumerate(here))
        if model.holds(listed.complete):
            complete[name] = _RECORD
        if model.holds(listed.denied):
            absences[name] = (Absence(f"{name} none", name, exactly(as_of), origin="made up"),)
    concepts = {r.name: len(r.concepts) for r in rows.library.requirements if r.concepts}
    return Subject("made up", evidence, absences, complete, concepts, synthetic=True)


def _entry(rows: Rows, listed: Listed, slot: Slot, at: int, model: Model) -> Evidence:
    requirement = listed.requirement
    codes = () if slot.codes is None else _value(slot.codes, "", model)
    named = frozenset(n for n, concept in enumerate(requirement.concepts) if not concept.isdisjoint(codes))
    day = model.bounds(slot.day, "day")
    kind = rows.kind_of(requirement)
    return Evidence(
        id=f"{requirement.name} {at + 1}",
        requirement=requirement.name,
        value=truth_of(True) if slot.value is None else _value(slot.value, kind, model),
        when=day,
        clock="" if isinstance(slot.value, Rails) or slot.value is None else f"{23 - at:02d}:00:00",
        codes=codes,
        fields={
            name: _value(value, rows.field_kind(requirement, name), model) for name, value in slot.fields.items()
        },
        origin="made up",
        concepts=named,
    )


def _value(symbol: Symbol, kind: str, model: Model) -> Any:
    match symbol:
        case Rails(met, _):
            return truth_of(model.holds(met))
        case Span():
            return model.bounds(symbol, kind)
        case Words(among, chosen):
            return next((one for one, is_it in zip(among, chosen, strict=True) if model.holds(is_it)), ())
    raise TypeError(type(symbol).__name__)


def varied(rows: Rows, subject: Subject) -> Iterator[Subject]:
    """The same person with one number, then two, spread over what is plausible of them.

    Where a value is a product, a quotient or a logarithm the solver may come close and not hit: the law looks on.
    """
    measured = sorted(name for name, found in subject.evidence.items() if isinstance(found[0].value, Bounds))
    free = {name: _spread(rows, name) for name in measured}
    names = [name for name, values in free.items() if values]
    for name in names:
        for value in free[name]:
            yield _having(subject, name, value)
    for first, second in combinations(names, 2):
        for one, other in product(free[first], free[second]):
            yield _having(_having(subject, first, one), second, other)


def _spread(rows: Rows, name: str) -> list[Bounds]:
    """Numbers from the least to the greatest that is plausible; of many sizes where the file says no range."""
    requirement = rows.library.requirement(name)
    within = intersect(requirement.scale, requirement.plausible) or requirement.scale
    if rows.kind_of(requirement) != "number":
        return []
    if within.low is None or within.high is None:
        return [exactly(size) for size in _SIZES if intersect(exactly(size), within)]
    low, high = Fraction(within.low), Fraction(within.high)
    steps = [low + (high - low) * at / _PARTS for at in range(_PARTS + 1)]
    if requirement.type.name == "Integer":
        return [exactly(int(step)) for step in sorted({*map(int, steps)})]
    return [exactly(Decimal(int(step * 100)).scaleb(-2)) for step in steps]


def _having(subject: Subject, name: str, value: Bounds) -> Subject:
    first, *rest = subject.evidence[name]
    return replace(subject, evidence={**subject.evidence, name: (replace(first, value=value), *rest)})


def smallest(subject: Subject, holds: Callable[[Subject], bool]) -> Subject:
    """The same person without what the property does not need: each item, entry and list is tried, last first."""
    for name in sorted({*subject.evidence, *subject.absences, *subject.complete}):
        for fewer in _without(subject, name):
            if holds(fewer):
                subject = fewer
                break
    for name in sorted(subject.evidence):
        for entry in subject.evidence[name]:
            left = tuple(other for other in subject.evidence[name] if other is not entry)
            fewer = replace(subject, evidence=_with(subject.evidence, name, left))
            if holds(fewer):
                subject = fewer
    for name in sorted(subject.evidence):
        subject = _lower(subject, name, holds)
    return subject


def _lower(subject: Subject, name: str, holds: Callable[[Subject], bool]) -> Subject:
    """The same person with the least whole number that the property allows, of small ones: scores, counts."""
    for at, entry in enumerate(subject.evidence[name]):
        value = entry.value
        if not isinstance(value, Bounds) or not isinstance(value.low, int) or not 0 < value.low <= _SMALL:
            continue
        for less in range(value.low):
            rows = list(subject.evidence[name])
            rows[at] = replace(entry, value=exactly(less))
            fewer = replace(subject, evidence=_with(subject.evidence, name, tuple(rows)))
            if holds(fewer):
                subject = fewer
                break
    return subject


def _without(subject: Subject, name: str) -> list[Subject]:
    """Everything of a requirement left out; then only what is said of its list."""
    bare = replace(
        subject,
        evidence=_with(subject.evidence, name, ()),
        absences=_with(subject.absences, name, ()),
        complete={key: value for key, value in subject.complete.items() if key != name},
    )
    unclosed = replace(subject, complete=bare.complete)
    return [bare, unclosed] if name in subject.complete else [bare]


def _with(mapping: Mapping[str, Any], name: str, value: tuple[Any, ...]) -> dict[str, Any]:
    found = dict(mapping)
    if value:
        found[name] = value
    else:
        found.pop(name, None)
    return found


Values = Mapping[str, Value]
