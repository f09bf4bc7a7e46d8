"""What the R4B models of `fhir.resources` accept, we read: an independent reading of the standard."""

from __future__ import annotations

import copy
import importlib
import json
import random
from typing import Any

import pytest

from screening.sources.fhir_json import read_tree
from screening.sources.fhir_resource import MODELS, read_resource
from tests.sources.bundles import every_shared, shared

CODING = {"system": "http://x", "code": "c", "display": "d"}
CONCEPT = {"coding": [CODING], "text": "t"}
PERIOD = {"start": "2026-01-01", "end": "2026-01-02T10:00:00Z"}
QUANTITY = {"value": 1.5, "comparator": "<", "unit": "mg", "system": "http://unitsofmeasure.org", "code": "mg"}
REFERENCE = {"reference": "Patient/p1", "type": "Patient", "display": "x"}
VALUES: list[dict[str, Any]] = [
    {"valueQuantity": QUANTITY},
    {"valueCodeableConcept": CONCEPT},
    {"valueString": "x"},
    {"valueBoolean": False},
    {"valueInteger": 7},
    {"valueRange": {"low": {"value": 1}, "high": {"value": 2.5}}},
    {"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 2}}},
    {"valueSampledData": {"origin": {"value": 0}, "period": 1, "dimensions": 1, "data": "1 2"}},
    {"valueTime": "10:00:00"},
    {"valueDateTime": "2026-01"},
    {"valuePeriod": PERIOD},
    {"dataAbsentReason": CONCEPT},
]
ANSWERS: list[dict[str, Any]] = [
    {"valueBoolean": True},
    {"valueDecimal": 1.5},
    {"valueInteger": 2},
    {"valueDate": "2026-01-01"},
    {"valueDateTime": "2026-01-01T10:00:00Z"},
    {"valueTime": "10:00:00"},
    {"valueString": "x"},
    {"valueUri": "http://x"},
    {"valueAttachment": {"title": "x"}},
    {"valueCoding": CODING},
    {"valueQuantity": QUANTITY},
    {"valueReference": REFERENCE},
]
FULL: list[dict[str, Any]] = [
    *({"resourceType": "Observation", "status": "final", "code": CONCEPT, **value} for value in VALUES),
    {
        "resourceType": "Observation",
        "status": "final",
        "code": CONCEPT,
        "subject": REFERENCE,
        "focus": [REFERENCE],
        "effectivePeriod": PERIOD,
        "issued": "2026-01-01T10:00:00Z",
        "hasMember": [REFERENCE],
        "component": [{"code": CONCEPT, **value} for value in VALUES],
    },
    *(
        {
            "resourceType": "QuestionnaireResponse",
            "status": "completed",
            "questionnaire": "http://x/q|1",
            "authored": "2026-01-01",
            "item": [
                {"linkId": "1", "item": [{"linkId": "2", "answer": [{**answer, "item": [{"linkId": "3"}]}]}]}
            ],
        }
        for answer in ANSWERS
    ),
    {
        "resourceType": "Condition",
        "clinicalStatus": CONCEPT,
        "verificationStatus": CONCEPT,
        "subject": REFERENCE,
        "code": CONCEPT,
        "onsetPeriod": PERIOD,
        "abatementAge": {"value": 50, "unit": "a", "system": "http://unitsofmeasure.org", "code": "a"},
        "recordedDate": "2026",
    },
    {"resourceType": "Condition", "subject": REFERENCE, "abatementString": "x", "onsetString": "y"},
    {"resourceType": "Condition", "subject": REFERENCE, "abatementRange": {"low": {"value": 1}}},
    {
        "resourceType": "AllergyIntolerance",
        "patient": REFERENCE,
        "code": CONCEPT,
        "onsetPeriod": PERIOD,
        "reaction": [{"substance": CONCEPT, "manifestation": [CONCEPT]}],
    },
    {
        "resourceType": "MedicationRequest",
        "status": "active",
        "intent": "order",
        "doNotPerform": False,
        "subject": REFERENCE,
        "medicationReference": REFERENCE,
        "authoredOn": "2026-01-01",
        "reasonCode": [CONCEPT],
        "contained": [{"resourceType": "Medication", "id": "m", "code": CONCEPT}],
        "dosageInstruction": [{"timing": {"repeat": {"boundsPeriod": PERIOD}}}],
    },
    {
        "resourceType": "MedicationStatement",
        "status": "active",
        "subject": REFERENCE,
        "medicationCodeableConcept": CONCEPT,
        "effectivePeriod": PERIOD,
        "dateAsserted": "2026",
    },
    {
        "resourceType": "MedicationAdministration",
        "status": "completed",
        "subject": REFERENCE,
        "medicationCodeableConcept": CONCEPT,
        "effectiveDateTime": "2026-01-01",
    },
    {
        "resourceType": "Medication",
        "code": CONCEPT,
        "ingredient": [{"itemCodeableConcept": CONCEPT}, {"itemReference": REFERENCE}],
    },
    {"resourceType": "Procedure", "status": "completed", "subject": REFERENCE, "performedPeriod": PERIOD},
    {"resourceType": "Procedure", "status": "completed", "subject": REFERENCE, "performedString": "x"},
    {
        "resourceType": "Encounter",
        "status": "finished",
        "class": {"code": "AMB"},
        "period": PERIOD,
        "reasonCode": [CONCEPT],
        "reasonReference": [REFERENCE],
    },
    {"resourceType": "Patient", "gender": "other", "birthDate": "1970-05", "deceasedDateTime": "2026-01"},
    {"resourceType": "Patient", "deceasedBoolean": False, "_birthDate": {"extension": [{"url": "http://x"}]}},
    {
        "resourceType": "Questionnaire",
        "status": "active",
        "url": "http://x/q",
        "item": [{"linkId": "1", "type": "group", "code": [CODING], "item": [{"linkId": "2", "type": "date"}]}],
    },
]


def accepts(tree: dict[str, Any]) -> bool:
    """Whether the independent models take a resource."""
    kind = tree["resourceType"]
    model = getattr(importlib.import_module(f"fhir.resources.R4B.{kind.lower()}"), kind)
    try:
        model.model_validate(tree)
    except ValueError:
        return False
    return True


def faults(tree: dict[str, Any]) -> list[str]:
    found: list[str] = []
    # Through the text, as a record comes in.
    read_resource(read_tree(json.dumps(tree), "x"), found.append)
    return found


@pytest.mark.parametrize("tree", FULL, ids=lambda tree: tree["resourceType"])
def test_whatever_the_standard_allows_is_read(tree: dict[str, Any]) -> None:
    assert accepts(tree)
    assert faults(tree) == []


@pytest.mark.parametrize("path", every_shared() or ["absent"])
def test_shared_resources_and_what_is_left_of_them_when_parts_are_lost(path: str) -> None:
    chance = random.Random(path)
    resources = [entry["resource"] for entry in json.loads(shared(path))["entry"]]
    resources = [one for one in resources if one["resourceType"] in MODELS]
    compared = 0
    for whole in chance.sample(resources, min(60, len(resources))):
        tree = copy.deepcopy(whole)
        for _ in range(chance.randrange(4)):
            parts = [part for part in _objects(tree) if part]
            part = chance.choice(parts)
            if (key := chance.choice(list(part))) != "resourceType":
                del part[key]
        if accepts(tree):
            compared += 1
            assert faults(tree) == []
    assert compared > 10


def _objects(tree: Any) -> list[dict[str, Any]]:
    below = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else ()
    here = [tree] if isinstance(tree, dict) else []
    return here + [part for value in below for part in _objects(value)]
