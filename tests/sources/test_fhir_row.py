"""Status words, days and codes of each kind of entry: certain, only possible, denied, or not there."""

from __future__ import annotations

import datetime
from typing import Any

import pytest

from screening.language.library import DataRequirement, RowField
from screening.language.types import CODE, DATE, STRING, Type
from screening.reading.concepts import code_of as rule_code
from screening.record.rows import exists, retrieve
from screening.record.subject import SetAside, Subject
from screening.sources.worth import code_of
from screening.values.bounds import Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.sources.bundles import (
    ABOUT,
    ACTIVE,
    AGE,
    DIASTOLIC,
    GENDER,
    KETAMINE_ALLERGY,
    LOINC,
    METHOTREXATE,
    PATIENT,
    RHEUMATOID,
    RXNORM,
    SCT,
    SYSTOLIC,
    asks,
    bundle,
    certain,
    concept,
    condition,
    observation,
    prescription,
    read,
    resource,
    rows,
)

NOW = datetime.date(2026, 11, 22)
VERIFIED = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
METHOTREXATE_NOW = asks("MTX Now", "medication", "RxNorm 6851", active_only=True)
MMHG = {"value": 120, "unit": "mm[Hg]", "system": "http://unitsofmeasure.org", "code": "mm[Hg]"}
STAY = DataRequirement("HF Stay", DATE, "encounter", reasons=(Code("SNOMED", "84114007"),), take="latest")


def present(subject: Subject, requirement: DataRequirement) -> Truth:
    """Whether it exists, as the law says."""
    value = exists(retrieve(subject.as_of(NOW), requirement.name, NOW)).value
    assert isinstance(value, Truth)
    return value


def asked(requirement: DataRequirement, *resources: dict[str, Any]) -> Truth:
    return present(read(bundle(*resources), requirement), requirement)


def status(code: str, system: str = VERIFIED) -> dict[str, Any]:
    return concept(code, system)


# --------------------------------------------------------------------------------- conditions


@pytest.mark.parametrize(
    ("said", "truth"),
    [
        ("confirmed", TRUE),
        ("provisional", UNKNOWN),
        ("differential", UNKNOWN),
        ("unconfirmed", UNKNOWN),
        ("nonsense", UNKNOWN),
        ("refuted", FALSE),
        ("entered-in-error", UNKNOWN),
    ],
)
def test_verification_of_a_condition(said: str, truth: Truth) -> None:
    one = condition(verificationStatus=status(said), recordedDate="2026-01-01")
    assert asked(RHEUMATOID, one) is truth
    assert bool(rows(bundle(one), RHEUMATOID)) is (said not in ("refuted", "entered-in-error"))


def test_a_diagnosis_without_the_point_of_its_code_is_that_diagnosis() -> None:
    wanted = asks("RA", "condition", "ICD-10-CM M06.9")
    system = "http://hl7.org/fhir/sid/icd-10-cm"
    assert asked(wanted, condition(code=concept("M069", system))) is TRUE
    assert asked(asks("RA", "condition", "ICD-10-CM M06.*"), condition(code=concept("m069", system))) is TRUE
    # What a site or a rule writes without it means the same.
    assert code_of("ICD-10-CM M069") == rule_code("ICD-10-CM M069") == Code("ICD-10-CM", "M06.9")


def test_two_statuses_at_once_settle_nothing() -> None:
    both = {"coding": [{"system": VERIFIED, "code": code} for code in ("confirmed", "refuted")]}
    assert certain(bundle(condition(verificationStatus=both)), RHEUMATOID) == ["UNKNOWN"]
    assert certain(bundle(condition(verificationStatus={"text": "sure"})), RHEUMATOID) == ["UNKNOWN"]


def test_a_refutation_counts_up_to_the_day_it_was_written() -> None:
    refuted = condition(verificationStatus=status("refuted"), recordedDate="2020-01-01", onsetDateTime="2015")
    later = condition(id="c2", onsetDateTime="2021")
    subject = read(bundle(refuted), RHEUMATOID)
    assert [absence.when for absence in subject.absences["RA"]] == [exactly(datetime.date(2020, 1, 1))]
    assert asked(RHEUMATOID, refuted, later) is TRUE
    assert asked(RHEUMATOID, refuted, condition(id="c2", onsetDateTime="2019")) is UNKNOWN


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({"clinicalStatus": status("active", CLINICAL)}, ["TRUE"]),
        ({"clinicalStatus": status("recurrence", CLINICAL)}, ["TRUE"]),
        ({"clinicalStatus": status("relapse", CLINICAL)}, ["TRUE"]),
        ({"clinicalStatus": status("inactive", CLINICAL)}, []),
        ({"clinicalStatus": status("remission", CLINICAL)}, []),
        ({"clinicalStatus": status("resolved", CLINICAL)}, []),
        ({}, ["UNKNOWN"]),
        ({"clinicalStatus": {"text": "ongoing"}}, ["UNKNOWN"]),
        ({"clinicalStatus": status("active", CLINICAL), "abatementDateTime": "2020"}, ["UNKNOWN"]),
        ({"clinicalStatus": status("active", CLINICAL), "abatementString": "last year"}, ["UNKNOWN"]),
    ],
)
def test_what_is_active_and_what_ever_was(said: dict[str, Any], expected: list[str]) -> None:
    assert certain(bundle(condition(**said)), ACTIVE) == expected
    assert certain(bundle(condition(**said)), RHEUMATOID) == ["TRUE"]


@pytest.mark.parametrize(
    ("dated", "when"),
    [
        ({"onsetDateTime": "2018-05"}, Bounds(datetime.date(2018, 5, 1), datetime.date(2018, 5, 31))),
        (
            {"onsetPeriod": {"start": "2018", "end": "2019-02-03"}},
            Bounds(datetime.date(2018, 1, 1), datetime.date(2019, 2, 3)),
        ),
        ({"recordedDate": "2020-02-03"}, Bounds(None, datetime.date(2020, 2, 3))),
        ({"abatementDateTime": "2020-02-03"}, Bounds(None, datetime.date(2020, 2, 3))),
        ({"onsetDateTime": "2018-13-40"}, Bounds(None, None)),
        ({"onsetString": "as a child"}, Bounds(None, None)),
        ({"onsetPeriod": {"start": "2020", "end": "2018"}}, Bounds(None, None)),
    ],
)
def test_the_day_of_a_condition_is_its_onset(dated: dict[str, Any], when: Bounds) -> None:
    one = condition()
    del one["onsetDateTime"]
    (row,) = rows(bundle({**one, **dated}), RHEUMATOID)
    assert row.when == when


def test_an_uncoded_condition_is_possible_and_one_of_another_code_is_not() -> None:
    assert asked(RHEUMATOID, condition(code={"text": "RA"})) is UNKNOWN
    assert certain(bundle(condition(code={"text": "RA"})), RHEUMATOID) == ["UNKNOWN"]
    assert rows(bundle(condition("38341003")), RHEUMATOID) == ()
    local = concept("RA", "http://clinic.example/codes")
    assert certain(bundle(condition(code=local)), RHEUMATOID) == ["UNKNOWN"]


def test_fields_of_a_list_of_conditions() -> None:
    fields = (RowField("ended", DATE), RowField("clinical_status", STRING))
    listed = asks("Diseases", "condition", "SNOMED 69896004", type=Type("Records"), fields=fields)
    one = condition(clinicalStatus=status("resolved", CLINICAL), abatementDateTime="2014-02-01")
    (row,) = rows(bundle(one), listed)
    assert dict(row.fields) == {
        "ended": exactly(datetime.date(2014, 2, 1)),
        "clinical_status": word("resolved"),
    }


# ----------------------------------------------------------------------------------- "no known"


def allergy(term: str, system: str = SCT, id: str = "a1", **parts: Any) -> dict[str, Any]:
    return resource("AllergyIntolerance", id, code=concept(term, system), recordedDate="2026-03-01", **parts)


FOOD_ALLERGY = asks("Peanut Allergy", "allergy", "SNOMED 91935009")


def test_no_known_allergy_denies_every_allergy() -> None:
    assert asked(KETAMINE_ALLERGY, allergy("716186003")) is FALSE
    assert asked(FOOD_ALLERGY, allergy("716186003")) is FALSE
    ips = "http://hl7.org/fhir/uv/ips/CodeSystem/absent-unknown-uv-ips"
    assert asked(FOOD_ALLERGY, allergy("no-known-allergies", ips)) is FALSE
    assert asked(FOOD_ALLERGY, allergy("no-allergy-info", ips)) is UNKNOWN


def test_no_known_drug_allergy_denies_drugs_alone() -> None:
    assert asked(KETAMINE_ALLERGY, allergy("409137002")) is FALSE
    assert asked(FOOD_ALLERGY, allergy("409137002")) is UNKNOWN


@pytest.mark.parametrize("said", ["refuted", "unconfirmed", "entered-in-error"])
def test_a_doubtful_no_known_denies_nothing(said: str) -> None:
    assert asked(KETAMINE_ALLERGY, allergy("716186003", verificationStatus=status(said))) is UNKNOWN


def test_a_no_known_that_is_over_denies_nothing() -> None:
    over = allergy("716186003", clinicalStatus=status("inactive", "x"))
    assert asked(KETAMINE_ALLERGY, over) is UNKNOWN


def test_an_allergy_beside_no_known_allergy_is_a_contradiction() -> None:
    both = allergy("716186003"), allergy("373464007", id="a2")
    subject = read(bundle(*both), KETAMINE_ALLERGY)
    assert exists(retrieve(subject, "Ketamine Allergy", NOW)).conflict


def test_no_current_problems_denies_nothing_of_the_past() -> None:
    none = condition("160245001", recordedDate="2026-03-01")
    assert asked(ACTIVE, none) is FALSE
    assert asked(RHEUMATOID, none) is UNKNOWN
    places = [notice.place for notice in read(bundle(none)).notices]
    assert places == ["Condition/c1"]


@pytest.mark.parametrize("code", ["716186003", "409137002", "787480003", "787481004"])
def test_no_known_allergy_among_the_problems_says_nothing_of_problems(code: str) -> None:
    assert asked(RHEUMATOID, condition(code)) is UNKNOWN
    assert asked(ACTIVE, condition(code)) is UNKNOWN


def test_no_known_medication_denies_only_what_is_taken_now() -> None:
    none = resource(
        "MedicationStatement",
        status="active",
        effectiveDateTime="2026-10-01",
        medicationCodeableConcept=concept("787481004"),
    )
    assert asked(METHOTREXATE_NOW, none) is FALSE
    assert asked(METHOTREXATE, none) is UNKNOWN


# ----------------------------------------------------------------------------------- allergies


def test_an_allergy_by_its_own_code_or_by_the_substance_of_a_reaction() -> None:
    assert asked(KETAMINE_ALLERGY, allergy("6130", RXNORM)) is TRUE
    reaction = allergy("416098002", reaction=[{"substance": concept("373464007")}])
    assert asked(KETAMINE_ALLERGY, reaction) is TRUE
    assert asked(KETAMINE_ALLERGY, condition("373464007")) is TRUE
    refuted = allergy("6130", RXNORM, verificationStatus=status("refuted"))
    assert asked(KETAMINE_ALLERGY, refuted) is FALSE


def test_a_drug_code_that_nobody_has_mapped_is_a_possible_allergy() -> None:
    assert certain(bundle(allergy("7984", RXNORM)), KETAMINE_ALLERGY) == ["UNKNOWN"]
    assert certain(bundle(allergy("91936005")), KETAMINE_ALLERGY) == []


# ----------------------------------------------------------------------------------- medicines


@pytest.mark.parametrize(
    ("said", "ever", "now"),
    [
        ("active", ["TRUE"], ["TRUE"]),
        ("on-hold", ["TRUE"], ["UNKNOWN"]),
        ("completed", ["TRUE"], []),
        ("stopped", ["TRUE"], []),
        ("cancelled", [], []),
        ("entered-in-error", [], []),
        ("draft", ["UNKNOWN"], ["UNKNOWN"]),
        ("unknown", ["UNKNOWN"], ["UNKNOWN"]),
        (None, ["UNKNOWN"], ["UNKNOWN"]),
    ],
)
def test_status_of_a_prescription(said: str | None, ever: list[str], now: list[str]) -> None:
    tree = bundle(prescription(status=said))
    assert (certain(tree, METHOTREXATE), certain(tree, METHOTREXATE_NOW)) == (ever, now)


def test_a_plan_is_possible_and_a_prohibition_is_no_use() -> None:
    assert certain(bundle(prescription(intent="plan")), METHOTREXATE) == ["UNKNOWN"]
    assert certain(bundle(prescription(doNotPerform=True)), METHOTREXATE) == []


@pytest.mark.parametrize(
    ("kind", "said", "ever", "now"),
    [
        ("MedicationStatement", "active", ["TRUE"], ["TRUE"]),
        ("MedicationStatement", "completed", ["TRUE"], []),
        ("MedicationStatement", "intended", ["UNKNOWN"], ["UNKNOWN"]),
        ("MedicationStatement", "not-taken", [], []),
        ("MedicationStatement", "entered-in-error", [], []),
        ("MedicationAdministration", "completed", ["TRUE"], ["UNKNOWN"]),
        ("MedicationAdministration", "in-progress", ["TRUE"], ["TRUE"]),
        ("MedicationAdministration", "not-done", [], []),
        ("MedicationAdministration", "on-hold", ["UNKNOWN"], ["UNKNOWN"]),
    ],
)
def test_status_of_what_was_reported_or_given(kind: str, said: str, ever: list[str], now: list[str]) -> None:
    drug = concept("6851", RXNORM)
    one = resource(kind, status=said, medicationCodeableConcept=drug, effectiveDateTime="2026-05-01")
    assert (certain(bundle(one), METHOTREXATE), certain(bundle(one), METHOTREXATE_NOW)) == (ever, now)


def test_not_taken_denies_the_present_alone() -> None:
    drug = concept("6851", RXNORM)
    one = resource("MedicationStatement", status="not-taken", medicationCodeableConcept=drug)
    assert asked(METHOTREXATE_NOW, one) is FALSE
    assert asked(METHOTREXATE, one) is UNKNOWN


def test_a_product_that_nobody_has_mapped_may_be_any_drug() -> None:
    assert certain(bundle(prescription("1049504")), METHOTREXATE) == ["UNKNOWN"]
    opioid = asks("Opioid", "medication", ["RxNorm 7804", "RxNorm 1049504"])
    subject = read(bundle(prescription("1049504")), METHOTREXATE, opioid)
    assert list(subject.evidence) == ["Opioid"]


def test_free_text_never_decides() -> None:
    one = prescription(medicationCodeableConcept={"text": "metformin 500 mg"})
    assert certain(bundle(one), METHOTREXATE) == ["UNKNOWN"]


def test_a_medicine_by_reference_contained_or_missing() -> None:
    medication = {"resourceType": "Medication", "id": "d1", "code": concept("6851", RXNORM)}
    there = prescription(medicationReference={"reference": "Medication/d1"})
    assert certain(bundle(there, medication), METHOTREXATE) == ["TRUE"]
    inside = prescription(medicationReference={"reference": "#d1"}, contained=[medication])
    assert certain(bundle(inside), METHOTREXATE) == ["TRUE"]
    ingredient = {"itemCodeableConcept": concept("6851", RXNORM)}
    parts = {"resourceType": "Medication", "id": "d1", "ingredient": [ingredient]}
    assert certain(bundle(there, parts), METHOTREXATE) == ["TRUE"]
    subject = read(bundle(there), METHOTREXATE)
    assert [row.certainty for row in subject.evidence["MTX"]] == [UNKNOWN]
    assert "refers to a medicine that is not in the record" in subject.notices[0].text


def test_a_prescription_reaches_on_until_its_end_is_known() -> None:
    first = datetime.date(2026, 1, 10)
    assert rows(bundle(prescription()), METHOTREXATE)[0].when == Bounds(first, None)
    bounds = {"timing": {"repeat": {"boundsPeriod": {"start": "2026-01-10", "end": "2026-03-01"}}}}
    planned = prescription(dosageInstruction=[bounds])
    assert rows(bundle(planned), METHOTREXATE)[0].when == Bounds(first, None)
    over = prescription(dosageInstruction=[bounds], status="completed")
    assert rows(bundle(over), METHOTREXATE)[0].when == Bounds(first, datetime.date(2026, 3, 1))
    subject = read(bundle(prescription()), METHOTREXATE).as_of(NOW)
    assert subject.evidence["MTX"][0].when == Bounds(first, NOW)
    assert subject.as_of(NOW) is not None


def test_the_last_dose_is_not_the_day_of_the_prescription() -> None:
    last = asks("Last Dose", "medication", "RxNorm 6851", type=DATE, take="latest")
    assert rows(bundle(prescription()), last)[0].value == Bounds(datetime.date(2026, 1, 10), None)
    given = resource(
        "MedicationAdministration",
        status="completed",
        medicationCodeableConcept=concept("6851", RXNORM),
        effectiveDateTime="2026-05-01T08:00:00Z",
    )
    assert rows(bundle(given), last)[0].value == exactly(datetime.date(2026, 5, 1))


def test_fields_of_a_list_of_medicines() -> None:
    fields = (
        RowField("drug", CODE),
        RowField("started", DATE),
        RowField("stopped", DATE),
        RowField("mechanism", STRING, ("TNF", "folate"), by_code=(("folate", (Code("RxNorm", "6851"),)),)),
    )
    listed = asks("DMARDs", "medication", "RxNorm 6851", type=Type("Records"), fields=fields)
    period = {"start": "2024-01-02", "end": "2025-03"}
    drug = concept("6851", RXNORM)
    one = resource("MedicationStatement", status="stopped", effectivePeriod=period, medicationCodeableConcept=drug)
    (row,) = rows(bundle(one), listed)
    assert dict(row.fields) == {
        "drug": (Code("RxNorm", "6851"),),
        "started": exactly(datetime.date(2024, 1, 2)),
        "stopped": Bounds(datetime.date(2025, 3, 1), datetime.date(2025, 3, 31)),
        "mechanism": word("folate"),
    }


# ----------------------------------------------------------------------- procedures and stays


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("completed", ["TRUE"]),
        ("in-progress", ["TRUE"]),
        ("not-done", []),
        ("preparation", []),
        ("stopped", ["UNKNOWN"]),
        ("unknown", ["UNKNOWN"]),
        ("entered-in-error", []),
    ],
)
def test_status_of_a_procedure(said: str, expected: list[str]) -> None:
    period = {"start": "2026-01-02T08:00:00Z", "end": "2026-01-02T09:00:00Z"}
    done: dict[str, Any] = {"status": said, "performedPeriod": period}
    surgery = asks("Surgery", "procedure", "SNOMED 387713003")
    tree = bundle(resource("Procedure", code=concept("387713003"), **done))
    assert certain(tree, surgery) == expected
    for row in rows(tree, surgery):
        assert (row.when, row.clock) == (exactly(datetime.date(2026, 1, 2)), "08:00:00")


def stay(**parts: Any) -> dict[str, Any]:
    reasons = {} if "reasonReference" in parts else {"reasonCode": [concept("84114007")]}
    period = {"start": "2026-02-01", "end": "2026-02-09"}
    return resource("Encounter", "e1", **{"status": "finished", "period": period, **reasons, **parts})


def test_a_stay_is_asked_by_its_reason() -> None:
    (row,) = rows(bundle(stay()), STAY)
    assert row.value == row.when == Bounds(datetime.date(2026, 2, 1), datetime.date(2026, 2, 9))
    assert rows(bundle(stay(status="planned")), STAY) == ()
    assert rows(bundle(stay(reasonCode=[concept("38341003")])), STAY) == ()
    assert certain(bundle(stay(reasonCode=[{"text": "heart failure"}])), STAY) == ["UNKNOWN"]
    assert certain(bundle(stay(status="unknown")), STAY) == ["UNKNOWN"]


def test_a_reason_by_reference_or_missing() -> None:
    by_reference = stay(reasonReference=[{"reference": "Condition/c1"}])
    assert certain(bundle(by_reference, condition("84114007")), STAY) == ["TRUE"]
    assert certain(bundle(by_reference), STAY) == ["UNKNOWN"]


# ------------------------------------------------------------------------------ questionnaires


def response(**parts: Any) -> dict[str, Any]:
    item = {"linkId": "g", "item": [{"linkId": "pain", "answer": [{"valueInteger": 7}]}]}
    given = {"status": "completed", "authored": "2026-11-01", "item": [item]}
    return {"resourceType": "QuestionnaireResponse", "id": "q1", "subject": ABOUT, **given, **parts}


PAIN = asks("Pain", "questionnaire", "linkId pain", "LOINC 72514-3", type=Type("Integer"), take="latest")


def test_answers_by_link_or_by_the_code_of_the_question() -> None:
    (row,) = rows(bundle(response()), PAIN)
    assert (row.value, row.origin) == (exactly(7), "QuestionnaireResponse/q1 item pain")
    item = {"linkId": "a", "item": [{"linkId": "pain", "code": concept("72514-3", "http://loinc.org")["coding"]}]}
    form = {"resourceType": "Questionnaire", "id": "f", "url": "http://x/f", "item": [item]}
    by_code = asks("Pain", "questionnaire", "LOINC 72514-3", type=Type("Integer"), take="latest")
    tree = bundle(response(questionnaire="http://x/f|2"), form)
    assert certain(tree, by_code) == ["TRUE"]
    as_observation = asks("Pain", "observation", "LOINC 72514-3", type=Type("Integer"), take="latest")
    assert certain(tree, as_observation) == ["TRUE"]
    assert certain(bundle(response()), as_observation) == []


@pytest.mark.parametrize(
    ("said", "expected"),
    [("completed", ["TRUE"]), ("in-progress", ["UNKNOWN"]), ("entered-in-error", []), (None, ["UNKNOWN"])],
)
def test_status_of_a_questionnaire(said: str | None, expected: list[str]) -> None:
    assert certain(bundle(response(status=said)), PAIN) == expected


def test_a_question_without_an_answer_says_nothing() -> None:
    assert rows(bundle(response(item=[{"linkId": "pain"}])), PAIN) == ()


def test_an_ordinal_answer_counts_as_its_number() -> None:
    weight = {"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 2}
    coded = {"system": "http://loinc.org", "code": "LA6570-1", "extension": [weight]}
    (row,) = rows(bundle(response(item=[{"linkId": "pain", "answer": [{"valueCoding": coded}]}])), PAIN)
    assert row.value == exactly(2)
    del coded["extension"]
    (row,) = rows(bundle(response(item=[{"linkId": "pain", "answer": [{"valueCoding": coded}]}])), PAIN)
    assert isinstance(row.value, SetAside)


# ---------------------------------------------------------------------- what may change its meaning

CHANGING: dict[str, Any] = {"modifierExtension": [{"url": "http://example.org/was-negated", "valueBoolean": True}]}


@pytest.mark.parametrize("changing", [CHANGING, {"implicitRules": "http://example.org/rules"}])
def test_what_an_extension_may_change_says_neither_yes_nor_no(changing: dict[str, Any]) -> None:
    assert asked(RHEUMATOID, condition(**changing)) is UNKNOWN
    refuted = condition(verificationStatus=status("refuted"), recordedDate="2026-01-01")
    assert asked(RHEUMATOID, refuted) is FALSE
    assert asked(RHEUMATOID, {**refuted, **changing}) is UNKNOWN
    assert asked(KETAMINE_ALLERGY, allergy("716186003", **changing)) is UNKNOWN
    assert asked(METHOTREXATE, prescription(dosageInstruction=[CHANGING])) is UNKNOWN
    drug = {"resourceType": "Medication", "id": "m", "code": concept("6851", RXNORM)}
    for held, truth in ((drug, TRUE), ({**drug, **changing}, UNKNOWN)):
        medicine = prescription(medicationReference={"reference": "#m"}, contained=[held])
        assert asked(METHOTREXATE, medicine) is truth
    person = read(bundle(patient={**PATIENT, **changing}), AGE, GENDER)
    assert all(isinstance(row.value, SetAside) for name in ("Age", "Gender") for row in person.evidence[name])


def test_a_component_that_an_extension_may_change_leaves_the_other_one_known() -> None:
    pressure = [{"code": concept(code, LOINC), "valueQuantity": MMHG} for code in ("8480-6", "8462-4")]
    panel = observation("85354-9", component=[{**pressure[0], **CHANGING}, pressure[1]])
    found = read(bundle(panel), SYSTOLIC, DIASTOLIC)
    assert isinstance(found.evidence["Systolic"][0].value, SetAside)
    assert found.evidence["Diastolic"][0].certainty is TRUE
    assert not isinstance(found.evidence["Diastolic"][0].value, SetAside)
