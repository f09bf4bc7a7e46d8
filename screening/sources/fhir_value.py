"""The value of an observation or an answer, as a reading of one requirement.

Nothing is converted here: a number stays as it is written, with its comparator and unit. A value of
another kind than is asked for cannot be used, and says so without being shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from screening.language.library import DataRequirement
from screening.language.types import NUMBERS
from screening.sources import fhir_time
from screening.sources.fhir_code import LOCAL, answer_of, system_of
from screening.sources.fhir_resource import VALUES, CodeableConcept, Coding, Quantity, Range, Valued
from screening.sources.number import OF_ANOTHER_SYSTEM, unit_meant
from screening.values.coding import Codings, term
from screening.values.quantity import UnknownUnit, parse_unit
from screening.values.truth import FALSE, TRUE

_ORDINALS = (
    "http://hl7.org/fhir/StructureDefinition/ordinalValue",
    "http://hl7.org/fhir/StructureDefinition/itemWeight",
)
_OTHER = {
    "valueTime": "a time of day",
    "valueUri": "an address",
    "valueRatio": "a ratio",
    "valueSampledData": "a curve",
    "valueAttachment": "an attachment",
    "valueReference": "a reference",
}

Parts = dict[str, Any]
"""Some of the parts of a `Reading`."""


def codings_of(concept: CodeableConcept | None) -> Codings:
    """All codings that a record gives for one thing, each once."""
    return _listed(concept.coding or ()) if concept is not None else ()


def _listed(codings: Sequence[Coding]) -> Codings:
    found = (
        term(system_of(coding.system), coding.code.strip())
        for coding in codings
        if coding.code is not None and coding.code.strip()
    )
    return tuple(dict.fromkeys(found))


def text_of(concept: CodeableConcept | None) -> str:
    """The free text of a concept, or what its codings display."""
    if concept is None:
        return ""
    return concept.text or next((coding.display for coding in concept.coding or () if coding.display), "")


def value_of(requirement: DataRequirement, value: Valued, is_panel: bool = False) -> Parts:
    """What a value says to a requirement; `is_panel`: the entry's values are elsewhere, so none is no gap."""
    if requirement.type.name == "Records":
        return {"missing": True} if is_panel or value.dataAbsentReason is not None else {}
    if value.dataAbsentReason is not None and any(getattr(value, name) is not None for name in VALUES):
        return {"unusable": "a value beside a reason why there is none"}
    match value:
        case Valued(valueQuantity=Quantity() as quantity):
            return _quantity(requirement, quantity)
        case Valued(valueCodeableConcept=CodeableConcept() as concept):
            return _coded(requirement, concept.coding or (), concept.text or "")
        case Valued(valueCoding=Coding() as coding):
            return _coded(requirement, (coding,), coding.display or "")
        case Valued(valueString=str() as text):
            return {"value": text} if requirement.type.name == "String" else _text(text)
        case Valued(valueBoolean=bool() as answer):
            truth = "TRUE" if answer else "FALSE"
            return {"value": truth} if _asks_truth(requirement) else _unusable("yes or no")
        case Valued(valueRange=Range() as range):
            return _range(requirement, range)
    for number in (value.valueInteger, value.valueDecimal):
        if number is not None:
            return {"value": number.text} if requirement.type.name in NUMBERS else _unusable("a number")
    day = value.valueDateTime if value.valueDateTime is not None else value.valueDate
    if day is not None:
        return {"value": day} if requirement.type.name in ("Date", "DateTime") else _unusable("a date")
    if value.valuePeriod is not None:
        ends = fhir_time.written(value.valuePeriod.start), fhir_time.written(value.valuePeriod.end)
        if requirement.type.name not in ("Date", "DateTime") or ends == ("", ""):
            return _unusable("a period")
        return {"low": ends[0], "high": ends[1]}
    for element, what in _OTHER.items():
        if getattr(value, element) is not None:
            return _unusable(what)
    if value.dataAbsentReason is not None or is_panel:
        return {"missing": True}
    return {"unusable": "no value is recorded"}


def _unusable(what: str) -> Parts:
    return {"unusable": f"recorded as {what}"}


def _text(text: str) -> Parts:
    return {"text": text} if text.strip() else {"unusable": "nothing is written"}


def _asks_truth(requirement: DataRequirement) -> bool:
    return requirement.type.name in ("Boolean", "Judgement")


def is_no_answer(requirement: DataRequirement, value: Valued | None) -> bool:
    """Whether a value cannot be an answer at all: a number with a unit of measure, to a question of yes or no.

    Without a code that says so, 120 mmHg is no answer to a question of a questionnaire.
    """
    if value is None or value.valueQuantity is None or not _asks_truth(requirement):
        return False
    try:
        unit = parse_unit(unit_meant(unit_of(value.valueQuantity), requirement.units))
    except UnknownUnit:
        return False
    # A score (`{score}`, `1`, no unit) may be how an answer is kept.
    return bool(unit.dimension) or unit.factor != 1


def unit_of(quantity: Quantity) -> str:
    """The unit of a quantity as UCUM writes it; what is none of UCUM stays as written, to be set aside."""
    code, text = (quantity.code or "").strip(), (quantity.unit or "").strip()
    if not code:
        return text
    # INVARIANT: no unit of UCUM has a blank, so a code of another system is never taken for one.
    return code if system_of(quantity.system) in ("UCUM", LOCAL) else code + OF_ANOTHER_SYSTEM


def _quantity(requirement: DataRequirement, quantity: Quantity) -> Parts:
    if requirement.type.name not in NUMBERS:
        return _unusable("a quantity")
    if quantity.value is None:
        return {"unusable": "no number is recorded"}
    unit = unit_of(quantity)
    return {"value": quantity.value.text, "comparator": (quantity.comparator or "").strip(), "unit": unit}


def _range(requirement: DataRequirement, range: Range) -> Parts:
    ends = [end for end in (range.low, range.high) if end is not None and end.value is not None]
    if requirement.type.name not in NUMBERS or not ends:
        return _unusable("a range")
    if len({unit_of(end) for end in ends}) > 1 or any(end.comparator for end in ends):
        return _unusable("a range in two units")
    low, high = ("" if e is None or e.value is None else e.value.text for e in (range.low, range.high))
    return {"low": low, "high": high, "unit": unit_of(ends[0])}


def _coded(requirement: DataRequirement, codings: Sequence[Coding], text: str) -> Parts:
    codes = _listed(codings)
    if _asks_truth(requirement):
        answer = answer_of(codes)
        if answer is TRUE or answer is FALSE:
            return {"value": answer.value}
        return {"unusable": "coded as neither yes nor no"}
    if requirement.type.name in NUMBERS:
        weights = {weight for coding in codings if (weight := _ordinal(coding))}
        if len(weights) == 1:
            return {"value": weights.pop()}
    if requirement.type.name in ("Date", "DateTime"):
        return _unusable("a code")
    return {"value_codes": codes, "text": text} if codes else _text(text)


def _ordinal(coding: Coding) -> str:
    """The number that an answer stands for, where the questionnaire says it (`ordinalValue`)."""
    for extension in coding.extension or ():
        if extension.url in _ORDINALS and extension.valueDecimal is not None:
            return extension.valueDecimal.text
    return ""
