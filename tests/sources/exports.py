"""FHIR R4 bulk exports of people who do not exist, for the tests and the benchmark of what reads them.

Codes and units are those that a library asks for, beside codes that nobody asks for. `odd` is the share of
resources that are spoilt in one of many ways, `broken` that of lines broken as text, `repeated` that of lines
written twice.
"""

from __future__ import annotations

import gzip
import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from screening.language.library import DataRequirement, Library

Resource = dict[str, Any]
_URI = {
    "SNOMED": "http://snomed.info/sct",
    "LOINC": "http://loinc.org",
    "RxNorm": "http://www.nlm.nih.gov/research/umls/rxnorm",
    "ICD-10-CM": "http://hl7.org/fhir/sid/icd-10-cm",
    "ATC": "http://www.whocc.no/atc",
}
_UNASKED = {
    "condition": [
        ("SNOMED", "444814009"),
        ("SNOMED", "38341003"),
        ("SNOMED", "195662009"),
        ("ICD-10-CM", "J06.9"),
    ],
    "observation": [("LOINC", "2339-0"), ("LOINC", "718-7"), ("LOINC", "6690-2"), ("LOINC", "777-3")],
    "medication": [("ATC", "C10AA05"), ("RxNorm", "314076"), ("ATC", "A02BC01")],
    "procedure": [("SNOMED", "430193006"), ("SNOMED", "73761001")],
}
_STATUS = "http://terminology.hl7.org/CodeSystem/"


class Maker:
    """Makes the resources of one export, the same for the same seed."""

    def __init__(self, library: Library, seed: int = 1, odd: float = 0.0) -> None:
        self.random, self.odd = random.Random(seed), odd
        self.asked: dict[str, list[DataRequirement]] = {}
        for requirement in library.requirements:
            if requirement.codes:
                self.asked.setdefault(requirement.kind, []).append(requirement)
        self.number = 0

    # -------------------------------------------------------------------------------- parts

    def id(self) -> str:
        self.number += 1
        return f"{self.random.getrandbits(32):08x}-{self.random.getrandbits(16):04x}-{self.number:012x}"

    def day(self, first: int = 2015, last: int = 2026) -> str:
        year, month, day = self.random.randint(first, last), self.random.randint(1, 12), self.random.randint(1, 28)
        return f"{year}-{month:02}-{day:02}"

    def instant(self) -> str:
        clock = f"{self.random.randrange(24):02}:{self.random.randrange(60):02}:{self.random.randrange(60):02}"
        return f"{self.day()}T{clock}+01:00"

    def concept(self, kind: str) -> tuple[Resource, DataRequirement | None]:
        """A concept of a kind: as a rule one that is asked for."""
        asked = self.asked.get(kind, [])
        if asked and self.random.random() < 0.6:
            requirement = self.random.choice(asked)
            codes = sorted(self.random.choice(requirement.concepts))
            pairs = [(code.system, code.code.rstrip("*").rstrip(".")) for code in codes[:2]]
            return self.coded(*pairs, text=requirement.name), requirement
        pair = self.random.choice(_UNASKED.get(kind) or [("SNOMED", "1")])
        return self.coded(pair, text="something else"), None

    def coded(self, *pairs: tuple[str, str], text: str) -> Resource:
        codings = []
        for system, code in pairs:
            uri = {"system": _URI[system]} if system in _URI else {"system": "http://example.org/" + system}
            codings.append({**uri, "code": code, "display": text})
        return {"coding": codings, "text": text}

    def status(self, system: str, code: str) -> Resource:
        return {"coding": [{"system": _STATUS + system, "code": code}]}

    def about(self, person: str, name: str = "subject") -> Resource:
        return {name: {"reference": f"Patient/{person}"}}

    # ---------------------------------------------------------------------------- resources

    def patient(self, id: str) -> Resource:
        family = self.random.choice(("Meier", "Smith", "Garcia", "Müller"))
        return {
            "resourceType": "Patient",
            "id": id,
            "identifier": [{"system": "urn:hospital", "value": str(self.random.getrandbits(40))}],
            "name": [{"family": family, "given": [f"Given{self.random.randrange(500)}"]}],
            "gender": self.random.choice(("female", "male", "other")),
            "birthDate": self.day(1940, 2005),
        }

    def observation(self, person: str) -> Resource:
        code, requirement = self.concept("observation")
        found: Resource = {
            "resourceType": "Observation",
            "id": self.id(),
            "status": "final",
            "category": [self.status("observation-category", "laboratory")],
            "code": code,
            **self.about(person),
            "effectiveDateTime": self.instant(),
        }
        type = requirement.type.name if requirement is not None else "Quantity"
        if type == "Boolean":
            pair = self.random.choice((("373066001", "Yes"), ("373067005", "No")))
            found["valueCodeableConcept"] = self.coded(("SNOMED", pair[0]), text=pair[1])
        elif type == "Integer":
            high = requirement.scale.high if requirement is not None else None
            found["valueInteger"] = self.random.randint(0, int(high if high is not None else 10))
        else:
            unit = (requirement.type.unit if requirement is not None else "mg/dL") or "1"
            low, high = (requirement.plausible if requirement is not None else None) or (None, None)
            size = self.random.uniform(
                float(low if low is not None else 1), float(high if high is not None else 9)
            )
            found["valueQuantity"] = {
                "value": round(size, 1),
                "unit": unit,
                "system": "http://unitsofmeasure.org",
                "code": unit,
            }
        return found

    def pressure(self, person: str) -> Resource:
        parts = []
        for code, low, high in (("8480-6", 95, 170), ("8462-4", 55, 100)):
            quantity = {"value": self.random.randint(low, high), "unit": "mm[Hg]"}
            quantity |= {"system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
            parts.append({"code": self.coded(("LOINC", code), text="pressure"), "valueQuantity": quantity})
        return {
            "resourceType": "Observation",
            "id": self.id(),
            "status": "final",
            "code": self.coded(("LOINC", "85354-9"), text="Blood pressure"),
            **self.about(person),
            "effectiveDateTime": self.instant(),
            "component": parts,
        }

    def condition(self, person: str) -> Resource:
        code, _ = self.concept("condition")
        found: Resource = {
            "resourceType": "Condition",
            "id": self.id(),
            "clinicalStatus": self.status(
                "condition-clinical", self.random.choice(("active", "active", "resolved"))
            ),
            "verificationStatus": self.status("condition-ver-status", "confirmed"),
            "code": code,
            **self.about(person),
            "onsetDateTime": self.day(),
            "recordedDate": self.day(),
        }
        if found["clinicalStatus"]["coding"][0]["code"] == "resolved":
            found["abatementDateTime"] = self.day(2025, 2026)
        return found

    def request(self, person: str) -> Resource:
        code, _ = self.concept("medication")
        return {
            "resourceType": "MedicationRequest",
            "id": self.id(),
            "status": self.random.choice(("active", "completed", "stopped")),
            "intent": "order",
            "medicationCodeableConcept": code,
            **self.about(person),
            "authoredOn": self.day(),
            "dosageInstruction": [{"text": "one a day"}],
        }

    def statement(self, person: str) -> Resource:
        code, _ = self.concept("medication")
        return {
            "resourceType": "MedicationStatement",
            "id": self.id(),
            "status": self.random.choice(("active", "completed", "completed", "not-taken")),
            "medicationCodeableConcept": code,
            **self.about(person),
            "effectivePeriod": {"start": self.day(2015, 2020), "end": self.day(2021, 2026)},
        }

    def procedure(self, person: str) -> Resource:
        code, _ = self.concept("procedure")
        return {
            "resourceType": "Procedure",
            "id": self.id(),
            "status": "completed",
            "code": code,
            **self.about(person),
            "performedDateTime": self.day(),
        }

    def dose(self, person: str) -> Resource:
        code, _ = self.concept("medication")
        day = self.day()
        end = day if self.random.random() < 0.5 else self.day(2026, 2027)
        return {
            "resourceType": "MedicationAdministration",
            "id": self.id(),
            "status": "completed",
            "medicationCodeableConcept": code,
            **self.about(person),
            "effectivePeriod": {"start": f"{day}T08:00:00Z", "end": f"{end}T08:30:00Z"},
        }

    def stay(self, person: str) -> Resource:
        code, _ = self.concept("condition")
        return {
            "resourceType": "Encounter",
            "id": self.id(),
            "status": "finished",
            "class": {"code": "AMB"},
            **self.about(person),
            "period": {"start": self.instant(), "end": self.day(2026, 2027)},
            "reasonCode": [code],
        }

    def allergy(self, person: str) -> Resource:
        known = self.random.random() < 0.3
        code = self.coded(("RxNorm", "6130" if known else "7980"), text="drug")
        if self.random.random() < 0.4:
            code = self.coded(("SNOMED", "716186003"), text="No known allergy")
        return {
            "resourceType": "AllergyIntolerance",
            "id": self.id(),
            "clinicalStatus": self.status("allergyintolerance-clinical", "active"),
            "verificationStatus": self.status("allergyintolerance-verification", "confirmed"),
            "code": code,
            **self.about(person, "patient"),
            "recordedDate": self.day(),
        }

    def response(self, person: str) -> Resource:
        items = []
        for requirement in self.random.sample(self.asked.get("questionnaire", []), 3):
            link = next(code.code for code in sorted(requirement.codes))
            whole = requirement.type.name == "Integer"
            answer = {"valueInteger": self.random.randint(0, 3)} if whole else {"valueBoolean": True}
            items.append({"linkId": link, "answer": [answer]})
        return {
            "resourceType": "QuestionnaireResponse",
            "id": self.id(),
            "status": "completed",
            **self.about(person),
            "authored": self.instant(),
            "item": items,
        }

    def of_person(self, id: str, least: int = 8, most: int = 16) -> list[Resource]:
        """The Patient and what is recorded of them."""
        makers: list[Callable[[str], Resource]] = [self.observation] * 6
        makers += [self.condition] * 3 + [self.request] * 2 + [self.pressure, self.statement, self.procedure]
        makers += [self.dose, self.stay] if self.odd else []
        found = [self.patient(id)]
        found += [self.random.choice(makers)(id) for _ in range(self.random.randint(least, most))]
        if self.random.random() < 0.5:
            found.append(self.allergy(id))
        if "questionnaire" in self.asked and self.random.random() < 0.2:
            found.append(self.response(id))
        return [spoilt(one, self.random) if self.random.random() < self.odd else one for one in found]


# ------------------------------------------------------------------------------------- spoiling


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    """Every element of a tree with what holds it."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in list(items):
        yield tree, key
        yield from _places(part)


_VALUES: list[Any] = [
    None, "", "x", 5, 5.25, True, [], {}, "2020", "2021-02", "2021-02-30", "9999-12-31T24:00:00Z", ["a", "b"],
    {"coding": []}, {"reference": "Patient/nobody"}, {"reference": "Group/1"}, "entered-in-error", "resolved",
    "refuted", " final ", "Ünïcode \U0001f600", "a \"quoted\" \\ text", 0, -1, 1e30, 12345678901234567890,
    0.1234567890123, "2020-01-01T00:00:00Z", "ICD-10",
    "http://snomed.info/sct/900000000000207008", "2020-01-01T10:00:00+25:00", "2020-01-01T10:00", [{"x": [1, 2]}],
]  # fmt: skip
_EXTRA: list[tuple[str, Any]] = [
    ("contained", [{"resourceType": "Medication", "id": "m"}]), ("valueString", "positive"), ("taken", "y"),
    ("valueRange", {"low": {"value": 1}, "high": {"value": 2}}), ("dataAbsentReason", {"text": "not done"}),
    ("modifierExtension", [{"url": "http://example.org/not", "valueBoolean": True}]),
    ("focus", [{"reference": "Patient/x"}]),
    ("doNotPerform", True), ("meta", {"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/X"]}),
    ("medicationReference", {"reference": "Medication/1"}), ("reasonCode", [{"text": "pain"}]),
    ("issued", "2020-05-05"),
    ("unknown", {"deep": [1, {"er": "x"}]}), ("assertedDate", "2020-01-01"),
    ("hasMember", [{"reference": "Observation/1"}]),
    ("deceasedDateTime", "2020-01-01"), ("_deceasedDateTime", {"extension": []}), ("abatementString", "gone"),
    ("reaction", [{"substance": {"coding": [{"system": _URI["RxNorm"], "code": "6130"}]}}]),
]  # fmt: skip


def spoilt(resource: Resource, random: random.Random) -> Resource:
    """A resource with one random edit, which may well leave it sound."""
    found: Resource = json.loads(json.dumps(resource))
    match random.randrange(5):
        case 0:
            key, value = random.choice(_EXTRA)
            found[key] = value
        case 1:
            owner, key = random.choice(list(_places(found)))
            del owner[key]
        case 2:
            places = [(o, k) for o, k in _places(found) if isinstance(o[k], list) and o[k]]
            if places:
                owner, key = random.choice(places)
                owner[key].append(owner[key][0])
        case _:
            owner, key = random.choice(list(_places(found)))
            owner[key] = random.choice(_VALUES)
    return found


def spoilt_line(line: str, random: random.Random) -> str:
    """A line of JSON that is broken as text."""
    match random.randrange(9):
        case 0:
            return line[: random.randrange(1, len(line))]
        case 1:
            return line.replace('"id":', '"id":"other","id":', 1)
        case 2:
            return line.replace("}", ",}", 1)
        case 3:
            return line.replace('"code":', '"code" :\t', 1)
        case 4:
            return line.replace("{", '{"a":{"b":1,"b":2},', 1)
        case 5:
            return line.replace('"text":"', '"text":"\\ud800', 1)
        case 6:
            return line.replace('"value":', '"value":0', 1)
        case 7:
            return line.replace('"value":', '"value":NaN,"v":', 1)
    at = random.randrange(len(line))
    return line[:at] + random.choice('"\\{}[],:0x \x01é') + line[at:]


def write(
    folder: Path, library: Library, people: int, *, seed: int = 1, odd: float = 0.0, broken: float = 0.0,
    parts: int = 1, packed: bool = False, mixed: bool = False, repeated: float = 0.0, spaced: bool = False,
) -> list[Path]:  # fmt: skip
    """Writes an export, a file a resource type and part (`mixed`: all types in each); the files in order."""
    maker = Maker(library, seed, odd)
    lines: dict[str, list[str]] = {}
    separators = (", ", ": ") if spaced else (",", ":")
    for number in range(people):
        for resource in maker.of_person(f"p{number}"):
            line = json.dumps(resource, separators=separators, ensure_ascii=bool(number % 2))
            if maker.random.random() < broken:
                line = spoilt_line(line, maker.random)
            kind = str(resource.get("resourceType", "Observation")) if not mixed else "All"
            kind = kind if kind.isalpha() else "Observation"
            lines.setdefault(kind, []).append(line)
            if maker.random.random() < repeated:
                lines[kind].append(line)
    files = []
    for kind, every in sorted(lines.items()):
        if mixed:
            maker.random.shuffle(every)
        for part in range(parts):
            name = f"{kind}.{part}.ndjson" + (".gz" if packed else "")
            text = "".join(line + "\n" for line in every[part::parts]).encode()
            (folder / name).write_bytes(gzip.compress(text) if packed else text)
            files.append(folder / name)
    return files
