"""Values of observations: numbers as written, units of UCUM, coded answers, and what cannot be used."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest

from screening.language.types import BOOLEAN, CODE, DATE, INTEGER, STRING, Type, quantity
from screening.record.subject import SetAside
from screening.values.bounds import Bounds, exactly
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.sources.bundles import (
    DIASTOLIC,
    LOINC,
    SYSTOLIC,
    UCUM,
    asks,
    bundle,
    certain,
    concept,
    observation,
    read,
    rows,
)


def pressure(value: object = 150, unit: str = "mm[Hg]", **parts: Any) -> dict[str, Any]:
    return {"valueQuantity": {"value": value, "unit": unit, "system": UCUM, "code": unit, **parts}}


def one(requirement: Any, **parts: Any) -> object:
    """The value of the only row."""
    (row,) = rows(bundle(observation(**parts)), requirement)
    return row.value


CRP = asks("CRP", "observation", "LOINC 8480-6", type=quantity("mg/L"), floor="0")


def test_a_number_is_read_as_written() -> None:
    text = json.dumps(bundle(observation(**pressure(150)))).replace("150", "150.20000000000000000001")
    (row,) = read(text, SYSTOLIC).evidence["Systolic"]
    assert row.value == Bounds(Decimal("150.2"), Decimal("150.20000001"))
    assert row.written == "150.20000000000000000001 mm[Hg]"
    (row,) = read(text.replace("150.20000000000000000001", "1.5E2"), SYSTOLIC).evidence["Systolic"]
    assert row.value == exactly(Decimal(150))


def test_comparator_and_conversion() -> None:
    assert one(CRP, **pressure(0.5, "mg/dL", comparator="<")) == Bounds(Decimal(0), Decimal("4.9999999"))
    assert one(CRP, **pressure(2, "mg/dL")) == exactly(Decimal(20))
    assert isinstance(one(CRP, **pressure(2, "mg/dL", comparator="ad")), SetAside)


@pytest.mark.parametrize(
    ("quantity", "usable"),
    [
        ({"unit": "millimetres of mercury", "system": UCUM, "code": "mm[Hg]"}, True),
        ({"unit": "mm[Hg]"}, True),
        ({"code": "mm[Hg]"}, True),
        ({"unit": "mmHg"}, False),
        ({"unit": "mm[Hg]", "system": "http://snomed.info/sct", "code": "259018001"}, False),
        ({"unit": "kPa"}, True),
        ({"unit": "kg"}, False),
        ({}, False),
    ],
)
def test_units(quantity: dict[str, str], usable: bool) -> None:
    found = one(SYSTOLIC, valueQuantity={"value": 20, **quantity})
    assert isinstance(found, SetAside) is not usable


def test_a_panel_and_its_components() -> None:
    components = [
        {"code": concept("8480-6", LOINC), **pressure(152.8)},
        {"code": concept("8462-4", LOINC), **pressure(122.1)},
    ]
    for panel in ("85354-9", "55284-4"):
        tree = bundle(observation(panel, component=components))
        subject = read(tree, SYSTOLIC, DIASTOLIC)
        assert subject.evidence["Systolic"][0].value == exactly(Decimal("152.8"))
        assert subject.evidence["Diastolic"][0].origin == "Observation/o1 component LOINC 8462-4"
    loose = observation(id="o2", **pressure(152.8))
    (row,) = rows(bundle(observation("85354-9", component=components), loose), SYSTOLIC)
    assert row.origin.count("Observation/") == 2


def test_a_component_without_a_code_is_possible() -> None:
    panel = observation("85354-9", component=[{"code": {"text": "systolic"}, **pressure()}])
    assert certain(bundle(panel), SYSTOLIC) == ["UNKNOWN"]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("final", ["TRUE"]),
        ("amended", ["TRUE"]),
        ("corrected", ["TRUE"]),
        ("preliminary", ["UNKNOWN"]),
        ("unknown", ["UNKNOWN"]),
        (None, ["UNKNOWN"]),
        ("cancelled", []),
        ("entered-in-error", []),
    ],
)
def test_status(said: str | None, expected: list[str]) -> None:
    assert certain(bundle(observation(status=said, **pressure())), SYSTOLIC) == expected


def test_what_says_that_it_has_no_value_leaves_no_gap_and_what_is_silent_does() -> None:
    reason = concept("not-performed", "http://terminology.hl7.org/CodeSystem/data-absent-reason")
    assert rows(bundle(observation(dataAbsentReason=reason)), SYSTOLIC) == ()
    assert rows(bundle(observation(status="registered")), SYSTOLIC) == ()
    assert rows(bundle(observation(hasMember=[{"reference": "Observation/x"}])), SYSTOLIC) == ()
    assert isinstance(one(SYSTOLIC), SetAside)
    assert isinstance(one(SYSTOLIC, valueQuantity={"unit": "mm[Hg]"}), SetAside)


@pytest.mark.parametrize(
    "value",
    [
        {"valueString": "150"},
        {"valueBoolean": True},
        {"valueDateTime": "2026-01-01"},
        {"valueTime": "12:00:00"},
        {"valueRatio": {"numerator": {"value": 1}}},
        {"valueSampledData": {"origin": {"value": 1}}},
        {"valueCodeableConcept": {"text": "high"}},
        {"valueCodeableConcept": concept("LA6576-8", LOINC)},
        {"valuePeriod": {"start": "2026"}},
        {"valueRange": {"low": {"value": 1, "unit": "g"}, "high": {"value": 2, "unit": "kg"}}},
        {"valueRange": {}},
        {"valueString": ""},
    ],
)
def test_a_value_of_another_kind_is_set_aside_and_keeps_its_place(value: dict[str, Any]) -> None:
    tree = bundle(observation(**value), observation(id="o0", effectiveDateTime="2020", **pressure(120)))
    subject = read(tree, SYSTOLIC)
    assert [isinstance(row.value, SetAside) for row in subject.evidence["Systolic"]] == [False, True]
    assert [notice.place for notice in subject.notices] == ["Observation/o1"]


def test_a_range_is_bounds() -> None:
    ends = {"low": {"value": 10, "unit": "mg/L"}, "high": {"value": 20, "unit": "mg/L"}}
    assert one(CRP, valueRange=ends) == Bounds(Decimal(10), Decimal(20))
    assert one(CRP, valueRange={"low": ends["low"]}) == Bounds(Decimal(10), None)


def test_words_codes_numbers_and_dates() -> None:
    def of(type: Type) -> Any:
        return asks("X", "observation", "LOINC 8480-6", type=type, take="latest")

    assert one(of(INTEGER), valueInteger=7) == exactly(7)
    assert one(of(INTEGER), **pressure(7, "{score}")) == exactly(7)
    assert one(of(STRING), valueString="severe") == word("severe")
    severe = Code("SNOMED", "24484000")
    assert one(of(CODE), valueCodeableConcept=concept("24484000")) == (severe,)
    assert isinstance(one(of(CODE), valueCodeableConcept={"text": "severe"}), SetAside)
    assert one(of(DATE), valueDateTime="2026-03-04T10:00:00Z") == exactly(datetime.date(2026, 3, 4))
    period = {"start": "2026-03-04", "end": "2026-03-06"}
    assert one(of(DATE), valuePeriod=period) == Bounds(datetime.date(2026, 3, 4), datetime.date(2026, 3, 6))
    assert one(of(BOOLEAN), valueBoolean=False) is FALSE
    assert one(of(BOOLEAN), valueCodeableConcept=concept("10828004")) is TRUE
    assert one(of(BOOLEAN), valueCodeableConcept=concept("260385009")) is FALSE
    assert isinstance(one(of(BOOLEAN), valueString="negative"), SetAside)
    assert isinstance(one(of(BOOLEAN), valueCodeableConcept=concept("42425007")), SetAside)


def test_a_finding_that_is_asked_for_and_answered() -> None:
    pregnant = asks("Pregnant", "observation", "SNOMED 77386006")

    def found(**value: Any) -> tuple[list[str], int]:
        one = observation(code=concept("77386006"), **value)
        subject = read(bundle(one), pregnant)
        rows = [row.certainty.value for row in subject.evidence.get("Pregnant", ())]
        return rows, len(subject.absences.get("Pregnant", ()))

    assert found(valueBoolean=True) == (["TRUE"], 0)
    assert found(valueCodeableConcept=concept("373066001")) == (["TRUE"], 0)
    assert found(valueBoolean=False) == ([], 1)
    assert found(valueCodeableConcept=concept("LA32-8", LOINC)) == ([], 1)
    assert found(valueString="no") == (["UNKNOWN"], 0)
    assert found() == (["UNKNOWN"], 0)
    assert found(valueBoolean=False, status="preliminary") == ([], 0)


@pytest.mark.parametrize(
    ("dated", "when"),
    [
        ({"effectiveInstant": "2026-10-31T09:00:00.123+01:00"}, exactly(datetime.date(2026, 10, 31))),
        (
            {"effectivePeriod": {"start": "2026-10-30", "end": "2026-10-31"}},
            Bounds(datetime.date(2026, 10, 30), datetime.date(2026, 10, 31)),
        ),
        ({"issued": "2026-10-31T09:00:00Z"}, Bounds(None, datetime.date(2026, 10, 31))),
        ({"effectiveDateTime": "2026-10-31T24:00:00Z"}, exactly(datetime.date(2026, 10, 31))),
        ({"effectiveDateTime": "31.10.2026"}, Bounds(None, None)),
        ({"effectiveTiming": {"event": ["2026"]}}, Bounds(None, None)),
        ({}, Bounds(None, None)),
    ],
)
def test_the_day_of_an_observation(dated: dict[str, Any], when: Bounds) -> None:
    given = observation(**pressure())
    del given["effectiveDateTime"]
    (row,) = rows(bundle({**given, **dated}), SYSTOLIC)
    assert row.when == when


def test_a_date_that_cannot_be_read_is_said() -> None:
    subject = read(bundle(observation(effectiveDateTime="2026-99-99", **pressure())), SYSTOLIC)
    assert [(n.place, n.text) for n in subject.notices] == [
        ("Observation/o1", "effectiveDateTime is no date of FHIR, taken as undated")
    ]


def test_a_set_of_codings_counts_by_any_of_them() -> None:
    both = {"coding": [{"system": "http://x", "code": "SBP"}, *concept("8480-6", LOINC)["coding"]]}
    assert certain(bundle(observation(code=both, **pressure())), SYSTOLIC) == ["TRUE"]
    local = concept("8480-6", "http://x")
    assert certain(bundle(observation(code=local, **pressure())), SYSTOLIC) == [UNKNOWN.value]


LOCAL_QUESTION = asks("Question", "observation", "LOCAL q1", type=BOOLEAN, take="latest")


@pytest.mark.parametrize("unit", ["mm[Hg]", "mg/dL", "%"])
def test_a_measurement_is_no_answer_to_a_question_that_its_code_does_not_name(unit: str) -> None:
    assert rows(bundle(observation(**pressure(150, unit))), LOCAL_QUESTION) == ()


@pytest.mark.parametrize(
    "value", [pressure(1, "{score}"), pressure(1, "1"), {"valueQuantity": {"value": 1}}, {"valueBoolean": True}]
)
def test_what_may_be_an_answer_stays_possible(value: dict[str, Any]) -> None:
    (row,) = rows(bundle(observation(**value)), LOCAL_QUESTION)
    assert row.certainty is UNKNOWN


def test_a_measurement_under_the_code_of_the_question_keeps_its_place() -> None:
    named = asks("Question", "observation", "LOINC 8480-6", type=BOOLEAN, take="latest")
    (row,) = rows(bundle(observation(**pressure(150))), named)
    assert isinstance(row.value, SetAside)
    assert row.certainty is TRUE
