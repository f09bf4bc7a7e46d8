"""The parts of FHIR R4 resources that are read; everything else in them is left alone.

Lenient where the standard is strict about what is not read: unknown elements pass, required ones may be
missing. An element that is read has the type R4 gives it, or the resource cannot be read at all.
"""

# ruff: noqa: N815 - the elements have the names that FHIR gives them
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from screening.sources.fhir_json import Number, spelled


class Part(BaseModel):
    """A part of a resource: elements that are not named here are passed over."""

    model_config = ConfigDict(strict=True, extra="ignore", arbitrary_types_allowed=True, frozen=True)


class Modifiable(Part):
    """A part that an extension may change in what it says; `is_changed` where one does, for none is known here."""

    modifierExtension: Any = None

    @property
    def is_changed(self) -> bool:
        return bool(self.modifierExtension)


class Extension(Part):
    url: str | None = None
    valueCode: str | None = None
    valueDecimal: Number | None = None


class Coding(Part):
    system: str | None = None
    code: str | None = None
    display: str | None = None
    extension: list[Extension] | None = None


class CodeableConcept(Part):
    coding: list[Coding] | None = None
    text: str | None = None


class Reference(Part):
    reference: str | None = None
    type: str | None = None


class Quantity(Part):
    value: Number | None = None
    comparator: str | None = None
    unit: str | None = None
    system: str | None = None
    code: str | None = None


class Period(Part):
    start: str | None = None
    end: str | None = None


class Range(Part):
    low: Quantity | None = None
    high: Quantity | None = None


class Valued(Part):
    """Whatever carries a value: an observation, one of its components, an answer."""

    valueQuantity: Quantity | None = None
    valueCodeableConcept: CodeableConcept | None = None
    valueCoding: Coding | None = None
    valueString: str | None = None
    valueBoolean: bool | None = None
    valueInteger: Number | None = None
    valueDecimal: Number | None = None
    valueRange: Range | None = None
    valuePeriod: Period | None = None
    valueDateTime: str | None = None
    valueDate: str | None = None
    valueTime: str | None = None
    valueUri: str | None = None
    valueRatio: dict[str, Any] | None = None
    valueSampledData: dict[str, Any] | None = None
    valueAttachment: dict[str, Any] | None = None
    valueReference: dict[str, Any] | None = None
    dataAbsentReason: CodeableConcept | None = None


VALUES = tuple(name for name in Valued.model_fields if name.startswith("value"))


class Component(Valued, Modifiable):
    code: CodeableConcept | None = None


class Label(Part):
    system: str | None = None
    code: str | None = None


class Meta(Part):
    tag: list[Label] | None = None
    security: list[Label] | None = None


class Resource(Modifiable):
    resourceType: str
    implicitRules: Any = None
    id: str | None = None
    meta: Meta | None = None
    contained: list[dict[str, Any]] | None = None

    @property
    def is_changed(self) -> bool:
        return bool(self.modifierExtension or self.implicitRules)


class Clinical(Resource):
    """A resource about one person."""

    subject: Reference | None = None
    patient: Reference | None = None


class Person(Resource):
    birthDate: str | None = None
    gender: str | None = None
    deceasedBoolean: bool | None = None
    deceasedDateTime: str | None = None
    deceased_element: dict[str, Any] | None = Field(None, alias="_deceasedDateTime")
    extension: list[Extension] | None = None


class Condition(Clinical):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    abatementDateTime: str | None = None
    abatementPeriod: Period | None = None
    abatementString: str | None = None
    abatementAge: Quantity | None = None
    abatementRange: Range | None = None
    recordedDate: str | None = None


class Observation(Clinical, Valued):
    status: str | None = None
    code: CodeableConcept | None = None
    focus: list[Reference] | None = None
    effectiveDateTime: str | None = None
    effectiveInstant: str | None = None
    effectivePeriod: Period | None = None
    issued: str | None = None
    component: list[Component] | None = None
    hasMember: list[Reference] | None = None


class Repeat(Part):
    boundsPeriod: Period | None = None


class Timing(Part):
    repeat: Repeat | None = None


class Dosage(Modifiable):
    timing: Timing | None = None


class Medicine(Clinical):
    status: str | None = None
    medicationCodeableConcept: CodeableConcept | None = None
    medicationReference: Reference | None = None
    reasonCode: list[CodeableConcept] | None = None
    effectiveDateTime: str | None = None
    effectivePeriod: Period | None = None


class MedicationRequest(Medicine):
    intent: str | None = None
    doNotPerform: bool | None = None
    authoredOn: str | None = None
    dosageInstruction: list[Dosage] | None = None

    @property
    def is_changed(self) -> bool:
        return super().is_changed or any(dose.is_changed for dose in self.dosageInstruction or ())


class MedicationStatement(Medicine):
    dateAsserted: str | None = None


class MedicationAdministration(Medicine):
    pass


class Ingredient(Modifiable):
    itemCodeableConcept: CodeableConcept | None = None
    itemReference: Reference | None = None


class Medication(Resource):
    code: CodeableConcept | None = None
    ingredient: list[Ingredient] | None = None

    @property
    def is_changed(self) -> bool:
        return super().is_changed or any(ingredient.is_changed for ingredient in self.ingredient or ())


class Reaction(Modifiable):
    substance: CodeableConcept | None = None


class AllergyIntolerance(Clinical):
    clinicalStatus: CodeableConcept | None = None
    verificationStatus: CodeableConcept | None = None
    code: CodeableConcept | None = None
    onsetDateTime: str | None = None
    onsetPeriod: Period | None = None
    recordedDate: str | None = None
    reaction: list[Reaction] | None = None

    @property
    def is_changed(self) -> bool:
        return super().is_changed or any(reaction.is_changed for reaction in self.reaction or ())


class Procedure(Clinical):
    status: str | None = None
    code: CodeableConcept | None = None
    performedDateTime: str | None = None
    performedPeriod: Period | None = None


class Encounter(Clinical):
    status: str | None = None
    period: Period | None = None
    reasonCode: list[CodeableConcept] | None = None
    reasonReference: list[Reference] | None = None


class Answer(Valued, Modifiable):
    item: list[Answered] | None = None


class Answered(Modifiable):
    linkId: str | None = None
    answer: list[Answer] | None = None
    item: list[Answered] | None = None


class QuestionnaireResponse(Clinical):
    questionnaire: str | None = None
    status: str | None = None
    authored: str | None = None
    item: list[Answered] | None = None


class Question(Part):
    linkId: str | None = None
    code: list[Coding] | None = None
    item: list[Question] | None = None


class Questionnaire(Resource):
    url: str | None = None
    item: list[Question] | None = None


MODELS: dict[str, type[Resource]] = {"Patient": Person} | {
    model.__name__: model
    for model in (
        Condition,
        Observation,
        MedicationRequest,
        MedicationStatement,
        MedicationAdministration,
        Medication,
        AllergyIntolerance,
        Procedure,
        Encounter,
        QuestionnaireResponse,
        Questionnaire,
    )
}

_WORDS = {
    "string_type": "is not text",
    "bool_type": "is not true or false",
    "list_type": "is not a list",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "is_instance_of": "is not a number",
}


def read_resource(tree: dict[str, Any], fault: Callable[[str], None]) -> Resource | None:
    """A resource of a kind that is read; each element of a wrong type is a fault. None if there is any."""
    model = MODELS[tree["resourceType"]]
    try:
        found = model.model_validate(tree)
    except ValidationError as refused:
        for error in refused.errors(include_url=False, include_input=False, include_context=False):
            path = spelled(error["loc"])
            fault(f"{path} {_WORDS.get(error['type'], 'cannot be read')}")
        return None
    several = [path for path, part in _valued(found) if sum(getattr(part, v) is not None for v in VALUES) > 1]
    for path in several:
        fault(f"{path or 'the resource'} has more than one value")
    return None if several else found


def _valued(resource: Resource) -> list[tuple[str, Valued]]:
    if isinstance(resource, Observation):
        parts = enumerate(resource.component or ())
        return [("", resource), *((f"component[{n}]", part) for n, part in parts)]
    return []
