"""The scores of the shipped libraries as the field calls and writes them: names, units, answers, both sides of limits.

Formulas and limits are held by the worked cases beside the rule files; here it is what people type.
"""

# ruff: noqa: E501 (inputs stand on one line)

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest

from screening import screen
from screening.errors import ScreeningError
from screening.outcome.answer import Calculation
from screening.reports.calculation import data
from screening.values.bounds import Bounds

DAY = datetime.date(2026, 11, 22)
JOINTS = {"TJC28": 4, "SJC28": 4}
QUESTIONS = {f"Q{n}": "no" for n in range(1, 7)}
LIVER = {"bilirubin": "1 mg/dL", "albumin": "4 g/dL", "INR": 1, "ascites": "none", "encephalopathy": "none"}


def calculated(name: str, given: dict[str, Any]) -> Calculation:
    return screen.calculate(name, given, as_of=DAY)


def near(found: Calculation, value: str, places: int) -> bool:
    assert isinstance(found.value, Bounds)
    low, high = found.value
    assert low == high
    return round(Decimal(str(low)), places) == Decimal(value)


@pytest.mark.parametrize(
    ("name", "given", "value", "places", "word"),
    [
        ("DAS28-CRP", {**JOINTS, "CRP": "10 mg/L", "GH": 50}, "4.2032", 4, "moderate"),
        ("das28crp", {"Tender joint count (TJC)": "4.0", "swollen_joint_count": 4, "C-reactive protein": "1 mg/dl", "PtGA": "50 mm"}, "4.2032", 4, "moderate"),
        ("DAS28-CRP score", {**JOINTS, "CRP (mg/L)": 10, "patient global": "5 cm"}, "4.2032", 4, "moderate"),
        ("DAS28-CRP", {**JOINTS, "CRP": "10 mg/L", "PGA": "5 of 0-10"}, "4.2032", 4, "moderate"),
        ("DAS28-CRP", {**JOINTS, "CRP": "10 mg/L", "GH": 50, "PtGA": 5}, "4.2032", 4, "moderate"),
        ("DAS28-CRP(4)", {**JOINTS, "CRP": "10 mg/L", "GH": 50}, "4.2032", 4, "moderate"),
        ("DAS28-CRP(3)", {**JOINTS, "CRP": "10 mg/L"}, "3.9476", 4, "moderate"),
        ("DAS28-ESR", {**JOINTS, "ESR": "20 mm/hr", "VAS": 50}, "4.4770", 4, "moderate"),
        ("DAS28 ESR 3", {**JOINTS, "sed rate": "20 mm/1h"}, "4.2392", 4, "moderate"),
        ("CDAI", {"TJC": 2, "SJC": 1, "PtGA": 3, "EGA": 2}, "8", 0, "low"),
        ("CDAI", {"TJC": 2, "SJC": 1, "PtGDA": "30 mm", "PhGA": "2 cm"}, "8", 0, "low"),
        ("clinical disease activity index (CDAI)", {"TJC": 2, "SJC": 1, "PtGA": "30 (0-100)", "provider global": "2/10"}, "8", 0, "low"),
        ("SDAI", {"TJC": 2, "SJC": 1, "PtGA": 3, "EGA": 2, "CRP": "8 mg/L"}, "8.8", 1, "low"),
        ("AUDIT-C", {"Q1": 1, "Q2": 1, "Q3": 1, "sex": "Female"}, "3", 0, "positive"),
        ("audit c", {"AUDIT-C Q1": 1, "item 2": 1, "question 3": 1, "gender": "m"}, "3", 0, "negative"),
        ("QTc Bazett", {"QT": "400 msec", "HR": "75 bpm"}, "447.2", 1, None),
        ("QTc (Fridericia)", {"QT interval": "0.4 s", "heart rate": "75 beats/min"}, "430.9", 1, "up to 450 ms"),
        ("QTcF", {"QT": "400 ms", "RR interval": "0.8 sec"}, "430.9", 1, "up to 450 ms"),
        ("Cockcroft-Gault", {"age": "60 years", "weight": "72 kg", "sCr": "1 mg/dl", "sex": "M"}, "80", 4, "50 mL/min or more"),
        ("CrCl", {"age": 60, "body weight": "72 KG", "creatinine": "88.4 \u00b5mol/L", "sex": "F"}, "68", 4, "50 mL/min or more"),
        ("Cockcroft Gault", {"DOB": "1966-05-10", "Weight (kg)": 72, "serum creatinine": "88.4 umol/l", "sex at birth": "male"}, "80", 4, "50 mL/min or more"),
        ("Child-Pugh", LIVER, "5", 0, "A"),
        ("Child-Turcotte-Pugh", {**LIVER, "ascites": "Slight", "encephalopathy": "Grade 1-2"}, "7", 0, "B"),
        ("child pugh score", {**LIVER, "ascites": "Moderate-Severe", "encephalopathy": "grade III-IV", "albumin": "27 g/l"}, "11", 0, "C"),
        ("ACR/EULAR 2010", {"joint distribution": ">10 joints", "serology": 0, "symptom duration": "\u2265 6 weeks", "acute phase reactants": "normal CRP and ESR"}, "6", 0, "definite RA"),
        ("ACR/EULAR RA", {"joint involvement": "4-10 small joints", "serology": "low positive RF or ACPA", "symptom duration": "5 weeks", "acute phase reactants": 0}, "5", 0, "not classifiable now"),
        ("2010 ACR/EULAR", {"small joint count": 4, "large joint count": 0, "joint count": 4, "RF": "42 IU/mL", "RF ULN": "14 IU/mL", "anti-CCP": "negative", "CRP": "3 mg/L", "CRP ULN": "5 mg/L", "ESR": "35 mm/h", "ESR ULN": "20 mm/h", "symptom duration": "6 weeks"}, "7", 0, "definite RA"),
    ],
)  # fmt: skip
def test_a_score_is_found_and_computed(
    name: str, given: dict[str, Any], value: str, places: int, word: str | None
) -> None:
    found = calculated(name, given)
    assert near(found, value, places)
    assert data(found)["class"] == word


@pytest.mark.parametrize(
    ("given", "word"),
    [
        (QUESTIONS, "none"),
        ({**QUESTIONS, "Q1": "yes"}, "low"),
        ({**QUESTIONS, "suicidal thoughts": "yes"} | {"Q2": "yes"}, None),
        ({**QUESTIONS, "Q3": True}, "moderate"),
        ({**QUESTIONS, "Q6": "yes", "Q6 past 3 months": "no"}, "moderate"),
        ({**QUESTIONS, "Q6": "yes"}, ""),
        ({"intent": "yes"}, "high"),
        ({**QUESTIONS, "Q5": 1}, "high"),
        ({**QUESTIONS, "Q6": "yes", "recent suicidal behavior": "y"}, "high"),
    ],
)
def test_the_triage_of_the_screener(given: dict[str, Any], word: str | None) -> None:
    if word is None:
        with pytest.raises(ScreeningError, match="given twice"):
            calculated("C-SSRS", given)
    else:
        assert (data(calculated("C-SSRS", given))["class"] or "") == word


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("DAS28", {}, "`DAS28` may be several definitions; say which: `DAS28 CRP` or `DAS28 ESR`"),
        ("QTc", {}, "`QTc` may be several definitions; say which: `QTcB` or `QTcF`"),
        ("CDAI", {"PGA": 3}, "`PGA` may be several inputs; say which: `Patient Global` or `Evaluator Global`"),
        ("CDAI", {"PtGA": "3 kg"}, "`Patient Global` cannot be given in `kg`; it is a mark on a scale of 0 to 10 in `cm`, or any unit of the same dimension, or a number alone"),
        ("CDAI", {"PtGA": "300 mm"}, "`Patient Global` lies outside its scale, 0 to 10"),
        ("CDAI", {"TJC": "2,5"}, "`Tender Joints 28` is a number with a comma; write a point before decimals, and nothing between thousands: `1.5`, `1500`"),
        ("SDAI", {"CRP": "3"}, "`CRP` has no unit; it is counted in `mg/L`, or any unit of the same dimension"),
        ("SDAI", {"CRP": "3 smoot"}, "`CRP`: unknown unit `smoot`; it is counted in `mg/L`, or any unit of the same dimension"),
        ("Child-Pugh", {"ascites": "some"}, "`Ascites` is none of its answers; its answers are `none`, `mild` or `moderate to severe`"),
        ("Child-Pugh", {"encephalopathy": 1}, "`Encephalopathy` is none of its answers; its answers are `none`, `grade 1 to 2` or `grade 3 to 4`"),
        ("CrCl", {"sex": "other"}, "`Sex at Birth` is none of its answers; its answers are `female` or `male`"),
        ("ACR/EULAR 2010", {"joint distribution": 4}, "`Joint Points` is none of its answers; its answers are `0 (1 large joint)`, `1 (2 to 10 large joints)`, `2 (1 to 3 small joints)`, `3 (4 to 10 small joints)` or `5 (more than 10 joints)`"),
        ("ACR/EULAR 2010", {"symptom duration": 7}, "`Synovitis Duration` has no unit; it is counted in `d`, or any unit of the same dimension"),
    ],
)  # fmt: skip
def test_nothing_is_guessed(name: str, given: dict[str, Any], said: str) -> None:
    with pytest.raises(ScreeningError) as wrong:
        calculated(name, given)
    assert [d.message + (f"; {d.help}" if d.help else "") for d in wrong.value.diagnostics if not d.why] + [
        d.message for d in wrong.value.diagnostics if d.why
    ] == [said]


def test_points_by_domain_are_told() -> None:
    found = data(
        calculated(
            "ACR/EULAR 2010",
            {"joint distribution": 3, "serology": 2, "acute phase": 1, "symptom duration": "7 weeks"},
        )
    )
    points = {name: str(value).strip("\x01") for name, value in found["parts"].items()}
    assert points == {
        "Joint Points": "3",
        "Serology Points": "2",
        "Acute Phase Points": "1",
        "Duration Points": "1",
    }


def test_a_converted_mark_is_told_and_a_bound_stays_one() -> None:
    one, other = calculated("CDAI", {"PtGA": "<35 mm", "EGA": "35 mm"}).inputs
    assert (one.name, one.called, one.given, one.is_converted) == ("Patient Global", "PtGA", "<35 mm", True)
    assert (one.used, other.used) == ("..3.49999999", "3.5")
