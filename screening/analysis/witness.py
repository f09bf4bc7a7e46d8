"""A solver model as a Subject, re-run by the law before it is shown."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

import z3

from screening.interpreters.symbolic_rows import Listed, Rows, Slot
from screening.interpreters.symbolic_table import end_of
from screening.interpreters.symbolic_term import Formula, Rails, Span, Symbol, Words
from screening.record.subject import Absence, Completeness, Evidence, Subject, Value
from screening.values.bounds import Bounds, exactly
from screening.values.truth import truth_of

_RECORD = Completeness(None, "record", "made up by the analysis")


class Model:
    """What a solver found, read as values."""

    def __init__(self, model: z3.ModelRef) -> None:
        self.model = model

    def holds(self, formula: Formula) -> bool:
        """Whether a formula is so in the model."""
        return formula if isinstance(formula, bool) else z3.is_true(self.model.eval(formula, model_completion=True))

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
        fields={name: _value(value, rows.field_kind(requirement, name), model) for name, value in slot.fields.items()},
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
