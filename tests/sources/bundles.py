"""Small bundles and the requirements they are asked, for the tests of the FHIR door."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screening.language.library import DataRequirement, Library
from screening.language.types import BOOLEAN, INTEGER, STRING, Type, quantity
from screening.record.subject import Evidence, Subject
from screening.sources.fhir import read_bundle
from screening.values.coding import Code

SHARED = Path(__file__).parents[3] / "shared" / "data" / "fhir"
SCT, LOINC = "http://snomed.info/sct", "http://loinc.org"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"
UCUM = "http://unitsofmeasure.org"
RA, FM, PSYCHOSIS = "69896004", "203082005", "69322001"
ABOUT = {"reference": "Patient/p1"}
PATIENT = {"resourceType": "Patient", "id": "p1", "gender": "female", "birthDate": "1970-05-01"}
Tree = dict[str, Any]


def shared(path: str) -> bytes:
    """A bundle of the shared data; the test is skipped where the data is not beside the checkout."""
    file = SHARED / path
    if not file.exists():
        pytest.skip(f"no shared data beside the checkout ({file})")
    return file.read_bytes()


def every_shared() -> list[str]:
    """The R4 bundles of the shared data."""
    found = sorted(p.relative_to(SHARED).as_posix() for p in SHARED.glob("*/*.json"))
    return [path for path in found if not path.startswith("legacy")]


def codes(*written: str | list[str]) -> tuple[frozenset[Code], ...]:
    groups = [one if isinstance(one, list) else [one] for one in written]
    return tuple(frozenset(Code(*code.split(" ", 1)) for code in group) for group in groups)


def asks(name: str, kind: str, *written: str | list[str], type: Type = BOOLEAN, **more: Any) -> DataRequirement:
    return DataRequirement(name, type, kind, codes(*written), **more)


def library(*requirements: DataRequirement, **more: Any) -> Library:
    empty: dict[str, Any] = dict.fromkeys(
        ("sources", "parameters", "valuesets", "definitions", "criteria", "anchors", "order"), ()
    )
    named = {"name": "test", "version": "1", "status": "draft", "title": "t", "requirements": requirements}
    return Library(**{**empty, **named, **more})


def concept(code: str, system: str = SCT, text: str = "") -> Tree:
    return {"coding": [{"system": system, "code": code}], **({"text": text} if text else {})}


def resource(kind: str, id: str = "r1", **parts: Any) -> Tree:
    about = {"patient" if kind == "AllergyIntolerance" else "subject": ABOUT}
    return {"resourceType": kind, "id": id, **about, **parts}


def condition(term: str = RA, /, id: str = "c1", **parts: Any) -> Tree:
    return resource("Condition", id, **{"code": concept(term), "onsetDateTime": "2018-05-27", **parts})


def observation(term: str = "8480-6", /, id: str = "o1", **parts: Any) -> Tree:
    given = {"status": "final", "code": concept(term, LOINC), "effectiveDateTime": "2026-10-31T09:00:00Z"}
    return resource("Observation", id, **{**given, **parts})


def prescription(term: str = "6851", /, id: str = "m1", **parts: Any) -> Tree:
    drug = {"status": "active", "intent": "order", "authoredOn": "2026-01-10"}
    named = {} if "medicationReference" in parts else {"medicationCodeableConcept": concept(term, RXNORM)}
    return resource("MedicationRequest", id, **{**drug, **named, **parts})


def bundle(*resources: Tree, type: str | None = "collection", patient: Tree | None = PATIENT, **more: Any) -> Tree:
    every = [*([patient] if patient else []), *resources]
    return {"resourceType": "Bundle", "type": type, "entry": [{"resource": one} for one in every], **more}


def read(tree: Tree | str | bytes, *requirements: DataRequirement, **more: Any) -> Subject:
    data = tree if isinstance(tree, str | bytes) else json.dumps(tree)
    named: dict[str, Any] = {"name": "record.json", **more}
    return read_bundle(data, library(*(requirements or (RHEUMATOID,))), **named)


def rows(tree: Tree, requirement: DataRequirement, **more: Any) -> tuple[Evidence, ...]:
    return read(tree, requirement, **more).evidence.get(requirement.name, ())


def certain(tree: Tree, requirement: DataRequirement) -> list[str]:
    """For each row whether it is certain or only possible."""
    return [row.certainty.value for row in rows(tree, requirement)]


RHEUMATOID = asks("RA", "condition", f"SNOMED {RA}")
ACTIVE = asks("RA Active", "condition", f"SNOMED {RA}", active_only=True)
FIBROMYALGIA = asks("FM", "condition", [f"SNOMED {FM}", "SNOMED 95417003"])
SYSTOLIC = asks("Systolic", "observation", "LOINC 8480-6", type=quantity("mm[Hg]"), take="latest")
DIASTOLIC = asks("Diastolic", "observation", "LOINC 8462-4", type=quantity("mm[Hg]"), take="latest")
METHOTREXATE = asks("MTX", "medication", ["RxNorm 6851", "RxNorm 105585", "RxNorm 105586"])
KETAMINE_ALLERGY = asks("Ketamine Allergy", "allergy", ["RxNorm 6130", "SNOMED 373464007"])
AGE = DataRequirement("Age", INTEGER, "birth date", take="age on Screening Date")
GENDER = DataRequirement("Gender", STRING, "gender", take="gender")
DEAD = DataRequirement("Dead", BOOLEAN, "death", take="death")
EVERYTHING = (
    RHEUMATOID, ACTIVE, FIBROMYALGIA, SYSTOLIC, DIASTOLIC, METHOTREXATE, KETAMINE_ALLERGY, AGE, GENDER, DEAD,
)  # fmt: skip
