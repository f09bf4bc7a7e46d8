"""What is refused: hostile text, other releases by their name, broken resources with every fault at once."""

from __future__ import annotations

import json
from typing import Any

import pytest

from screening.errors import RecordError, UnreadableRecord
from screening.sources import fhir_json
from screening.values.bounds import Bounds
from tests.sources.bundles import (
    ABOUT,
    PATIENT,
    RHEUMATOID,
    SYSTOLIC,
    asks,
    bundle,
    concept,
    condition,
    observation,
    prescription,
    read,
    resource,
    rows,
)


def refusal(data: Any) -> str:
    with pytest.raises(UnreadableRecord) as refused:
        read(data, RHEUMATOID, SYSTOLIC)
    assert all(d.span.file == "record.json" for d in refused.value.diagnostics)
    return str(refused.value)


def with_number(number: str) -> str:
    value: dict[str, Any] = {"valueQuantity": {"value": 4711, "unit": "mm[Hg]"}}
    return json.dumps(bundle(observation(**value))).replace("4711", number)


# --------------------------------------------------------------------------------------- JSON


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
def test_constants_that_are_no_numbers(number: str) -> None:
    told = refusal(with_number(number))
    assert "`NaN` and `Infinity` are no numbers of JSON" in told
    column = with_number(number).index(number) + 1
    assert told.startswith(f"record.json:1:{column}")
    in_text = bundle(condition(code=concept("x", text="NaN")))
    assert rows(in_text, RHEUMATOID) == ()


@pytest.mark.parametrize(
    "number", ["1" + "0" * 400, "1e400", "-1e30", "1e-400", "0." + "1" * 5000, "1e99999999999"]
)
def test_a_number_that_is_no_measurement(number: str) -> None:
    place = "`Observation/o1` valueQuantity.value"
    assert refusal(with_number(number)) == (
        f"record.json: error: {place} is a number too long, too large or too small to be a measurement"
    )


@pytest.mark.parametrize("number", ["0", "0.0000000000000000000000", "1E+2", "999999999999999999999999.5"])
def test_a_number_that_may_be_one(number: str) -> None:
    assert read(with_number(number), SYSTOLIC).evidence


@pytest.mark.parametrize("half", ["\\ud83d", "\\udE00 \\ud83d"])
def test_half_a_character(half: str) -> None:
    tree = json.dumps(bundle(condition(code=concept("x", text="HALF")))).replace("HALF", half)
    place = "`Condition/c1` code.text"
    assert refusal(tree) == f"record.json: error: {place} holds half of a character (a lone surrogate)"
    whole = tree.replace(half, "\\ud83d\\ude00")
    assert read(whole).id == "p1"
    assert "half of a character" in refusal(tree.replace(half, "\ud83d"))
    as_key = json.dumps(bundle(condition(KEY=1))).replace("KEY", "\\ud83d")
    assert "`Condition/c1` holds half" in refusal(as_key)


def test_an_element_named_twice() -> None:
    tree = json.dumps(bundle(condition())).replace('"onsetDateTime"', '"id": "x", "onsetDateTime"')
    assert "`Condition/x` names one of its elements twice" in refusal(tree)


@pytest.mark.parametrize("deep", [70, 5_000, 200_000])
def test_deep_nesting(deep: int) -> None:
    for start, end in (("[", "]"), ('{"a":', "}")):
        value = start * deep + ("1" if start != "[" else "") + end * deep
        tree = json.dumps(bundle(condition(extension="DEEP"))).replace('"DEEP"', value)
        assert "nested more than 64 deep" in refusal(tree)
    assert "nested more than 64 deep" in refusal("[" * deep + "]" * deep)


def test_size(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "larger than 64 MiB" in refusal(b" " * (64 * 1024 * 1024 + 1))
    monkeypatch.setattr(fhir_json, "LARGEST_FILE", 100)
    assert "larger than" in refusal("{" + "ä" * 60)


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "the file is empty"),
        (" \n", "the file is empty"),
        (b"\xff\xfe{", "the text is not UTF-8"),
        (b'{"resourceType": "Bundle", "x": "\xe4"}', "the text is not UTF-8"),
        ("<Bundle xmlns='http://hl7.org/fhir'>", "this is XML, and only the JSON form of FHIR R4 is read"),
        ('{"resourceType": "Bundle", "entry": [', "from here on the text is no JSON"),
        ('{"resourceType": "Patient"}\n{"resourceType": "Condition"}\n', "this is NDJSON, one resource a line"),
        ('{"resourceType": "Patient"}\n{"resource', "from here on the text is no JSON"),
        ("[]", "this is a bare list, not a FHIR Bundle"),
        ('"resourceType"', "this is no FHIR Bundle"),
        ("{}", "this is no FHIR record: it has no `resourceType`"),
        (json.dumps(PATIENT), "this is a single Patient, and a Bundle is read"),
        ('{"resourceType": "Bundle"}', "the Bundle does not say its type"),
        ('{"resourceType": "Bundle", "type": "collection", "entry": {}}', "is not a list"),
        ('{"resourceType": "Bundle", "type": "collection"}', "the Bundle holds no Patient"),
        (
            '{"resourceType": "Bundle", "type": "collection", "entry": [1]}',
            "entry 1 of the Bundle is not an object",
        ),
    ],
)
def test_what_is_no_bundle(data: str | bytes, told: str) -> None:
    assert told in refusal(data)


@pytest.mark.parametrize("type", ["transaction", "batch", "collection", "searchset", "document"])
def test_bundles_that_are_read(type: str) -> None:
    assert rows(bundle(condition(), type=type), RHEUMATOID)


@pytest.mark.parametrize("type", ["history", "transaction-response", "batch-response", "message", "list", None])
def test_bundles_that_are_not(type: str | None) -> None:
    assert "Bundle" in refusal(bundle(condition(), type=type))


# ------------------------------------------------------------------------------ other releases

STU3_CONDITION = condition(clinicalStatus="active", verificationStatus="confirmed")


@pytest.mark.parametrize(
    ("one", "release"),
    [
        ({"resourceType": "MedicationPrescription", "id": "m"}, "DSTU1"),
        ({"resourceType": "AdverseReaction", "id": "m"}, "DSTU1"),
        (resource("Observation", name=concept("1"), appliesDateTime="2014"), "DSTU1"),
        (resource("MedicationOrder"), "DSTU2"),
        ({"resourceType": "Condition", "id": "c", "patient": ABOUT, "clinicalStatus": "active"}, "DSTU2"),
        ({**PATIENT, "id": "p3", "careProvider": []}, "DSTU2"),
        (STU3_CONDITION, "STU3"),
        (condition(assertedDate="2017"), "STU3"),
        (resource("MedicationStatement", taken="y"), "STU3"),
        (resource("AllergyIntolerance", clinicalStatus="active"), "STU3"),
        (resource("ReferralRequest"), "DSTU2 or STU3"),
        (resource("MedicationRequest", medication={"concept": concept("1")}), "R5"),
        ({"resourceType": "Encounter", "id": "e", "class": [concept("AMB")]}, "R5"),
        (resource("Procedure", occurrenceDateTime="2026"), "R5"),
        (condition(meta={"profile": ["http://hl7.org/fhir/5.0/StructureDefinition/Condition"]}), "R5"),
    ],
)
def test_other_releases_by_their_name(one: dict[str, Any], release: str) -> None:
    told = refusal(bundle(one))
    assert f"this is FHIR {release}, and only R4 (4.0.1 and 4.3.0) is read: `" in told
    assert "help: " in told


def test_the_oldest_form_of_a_feed() -> None:
    feed = {"resourceType": "Bundle", "title": "x", "entry": [{"content": PATIENT}]}
    assert "this is FHIR DSTU1" in refusal(feed)


# ---------------------------------------------------------------------------- broken resources

MARK = "Zy9-geheim"


def test_every_fault_is_told_at_once_with_its_place_and_without_a_value() -> None:
    told = refusal(
        bundle(
            condition(code=MARK),
            observation(valueQuantity={"value": MARK}, component=[{"valueBoolean": MARK}]),
            prescription(medicationCodeableConcept={"coding": {"code": MARK}}),
            resource("Procedure", "p", code=[MARK], performedPeriod=MARK, status=7),
            condition(id="c2"),
            condition(id="c2", recordedDate=MARK),
            patient={**PATIENT, "birthDate": 1970},
        )
    )
    assert MARK not in told
    assert "1970" not in told
    assert sorted(line.removeprefix("record.json: error: ") for line in told.splitlines()) == [
        "`Condition/c1` code is not an object",
        "`Condition/c2` stands in the Bundle twice, with different content",
        "`MedicationRequest/m1` medicationCodeableConcept.coding is not a list",
        "`Observation/o1` component[0].valueBoolean is not true or false",
        "`Observation/o1` valueQuantity.value is not a number",
        "`Patient/p1` birthDate is not text",
        "`Procedure/p` code is not an object",
        "`Procedure/p` performedPeriod is not an object",
        "`Procedure/p` status is not text",
    ]


@pytest.mark.parametrize(
    ("one", "told"),
    [
        (observation(valueQuantity={"value": "150"}), "valueQuantity.value is not a number"),
        (observation(valueInteger=True), "valueInteger is not a number"),
        (observation(valueString=7), "valueString is not text"),
        (observation(valueInteger=1, valueString="x"), "the resource has more than one value"),
        (
            observation(component=[{"valueInteger": 1, "valueBoolean": True}]),
            "component[0] has more than one value",
        ),
        (observation(component=[None]), "component[0] is not an object"),
    ],
)
def test_an_element_of_a_wrong_type_is_a_fault(one: dict[str, Any], told: str) -> None:
    assert refusal(bundle(one)) == f"record.json: error: `Observation/o1` {told}"


def test_a_broken_part_inside_a_resource_is_named_by_its_whole() -> None:
    inside = prescription(
        medicationReference={"reference": "#d"}, contained=[{"resourceType": "Medication", "id": "d", "code": 7}]
    )
    assert "`MedicationRequest/m1#Medication` code is not an object" in refusal(bundle(inside))


def test_an_entry_without_a_resource_type_is_a_fault_and_one_without_a_resource_is_none() -> None:
    tree = bundle(condition())
    tree["entry"] += [{"fullUrl": "urn:uuid:1"}, {"request": {"method": "DELETE", "url": "Condition/c9"}}]
    assert rows(tree, RHEUMATOID)
    tree["entry"].append({"resource": {"id": "x"}})
    assert "entry 5 of the Bundle holds no `resourceType`" in refusal(tree)


def test_an_odd_id_is_never_shown() -> None:
    told = refusal(bundle(condition(id=f"{MARK} Mustermann, 1970", code=7)))
    assert told == "record.json: error: `Condition of entry 2` code is not an object"


def test_what_is_not_read_may_be_anything() -> None:
    strange = condition(bodySite=7, note={"a": [None]}, unknownElement=MARK)
    tree = bundle(strange, {"resourceType": "Strange", "id": 7}, {"resourceType": "Basic", "subject": 3})
    assert rows(tree, RHEUMATOID)
    nulls = condition(clinicalStatus=None, recordedDate=None, verificationStatus=None)
    assert rows(bundle(nulls), RHEUMATOID)


def test_a_value_outside_its_scale_is_a_fault_of_its_own() -> None:
    pain = asks("Pain", "observation", "LOINC 8480-6", type=SYSTOLIC.type, scale=Bounds(0, 10))
    value: dict[str, Any] = {"valueQuantity": {"value": 77, "unit": "mm[Hg]"}}
    with pytest.raises(RecordError) as refused:
        read(bundle(observation(**value)), pain)
    assert "77" not in str(refused.value)
    assert "Observation/o1" in str(refused.value)
