"""Definitions by themselves: names and units as people write them, bounds where something is missing."""

# ruff: noqa: E501 (rules stand as an author writes them)

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening import author, screen
from screening.errors import ScreeningError
from screening.outcome.answer import Calculation
from screening.reports.calculation import data
from screening.values.bounds import Bounds, exactly

DAY = datetime.date(2026, 11, 22)
RULES = """\
library: measures
version: "1"
title: Measures to be computed
status: draft
sources: {book: A book of nobody}
parameters:
  Upper: {type: Decimal, value: 3.0, source: {book: p 1}}
requirements:
  Creatinine: {type: Quantity, unit: umol/L, code: LOINC 14682-9, take: latest, within: 30 days, chosen: window,
    factor: {from: mg/dL, by: 88.42, because: molar mass of creatinine}, obtain: blood, label: serum creatinine}
  Tender Joints 28: {type: Integer, scale: [0, 28], obtain: examine, short names: [TJC28, TJC]}
  Pressure: {type: Quantity, unit: "mm[Hg]", code: LOINC 8480-6, take: mean of latest day, readings: 2, obtain: examine}
  Age: {type: Integer, take: age on Screening Date, obtain: ask}
  Sex: {type: String, obtain: ask}
  Ascites: {type: Boolean, obtain: examine}
  Silent: {type: Boolean, when_absent: "false", because: {book: p 2}, obtain: ask}
  Onset: {type: Date, obtain: ask}
  Trials: {type: Records, fields: {drug: String}, obtain: chart}
definitions:
  Quint Sum:
    source: {book: p 3}
    expression: |
      "Tender Joints 28" + 1
  Whole Sum:
    source: {book: p 4}
    expression: |
      "Quint Sum" * 2 + Age
  Whole Sum Category:
    source: {book: p 5}
    expression: |
      if "Whole Sum" > 40 then 'high' else 'low'
  Whole Sum Category Strict:
    source: {book: p 6}
    expression: |
      if "Whole Sum" > 10 then 'high' else 'low'
  Creatinine Doubled:
    source: {book: p 7}
    expression: |
      Creatinine * 2
  Mean Pressure:
    source: {book: p 8}
    expression: |
      Pressure
  Any Sign:
    source: {book: p 9}
    expression: |
      Ascites or Silent
  Months:
    source: {book: p 10}
    expression: |
      months between Onset and "Screening Date"
  Drugs:
    source: {book: p 11}
    expression: |
      Count(Trials)
"""
OTHER = """\
library: other
version: "1"
title: Other measures
status: draft
sources: {book: A book of nobody}
requirements:
  Age: {type: Integer, take: age on Screening Date, obtain: ask}
definitions:
  Quint Sum:
    source: {book: p 3}
    expression: |
      Age + 1
"""


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "measures.yaml").write_text(RULES)
    (folder / "other.yaml").write_text(OTHER)
    return folder


def calculated(rules: Path, name: str, given: dict[str, Any], **more: Any) -> Calculation:
    return screen.calculate(name, given, folders=[rules], **{"as_of": DAY, **more})


def refused(rules: Path, name: str, given: dict[str, Any], **more: Any) -> list[str]:
    with pytest.raises(ScreeningError) as wrong:
        calculated(rules, name, given, **more)
    return [d.message + (f"; {d.help}" if d.help else "") for d in wrong.value.diagnostics]


@pytest.mark.parametrize("name", ["Whole Sum", "whole-sum", "WHOLE_SUM", "wholesum"])
@pytest.mark.parametrize("joints", ["Tender Joints 28", "tender-joints_28", "TJC28", "tjc"])
def test_names_are_found_as_people_write_them(rules: Path, name: str, joints: str) -> None:
    found = calculated(rules, name, {joints: "3", "age": 50})
    assert found.value == exactly(58)
    assert {c.definition.name: c.word for c in found.categories} == {
        "Whole Sum Category": "high",
        "Whole Sum Category Strict": "high",
    }


def test_what_is_missing_leaves_bounds(rules: Path) -> None:
    found = calculated(rules, "Whole Sum", {"Age": "20 years"})
    assert found.value == Bounds(22, 78)
    assert found.missing == ("Tender Joints 28",)
    assert [c.word for c in found.categories] == ["", "high"]
    shown = data(found)
    assert (shown["score"], shown["class"]) == (None, None)
    text = author.calculation_text(found)
    assert json.loads(text)["bounds"] == {"low": 22, "high": 78}


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("100 umol/L", "200"),
        ("0.1 mmol/L", "200"),
        ("1 mg/dL", "176.84"),
        ("1 'mg/dL'", "176.84"),
        ({"value": 1, "unit": "mg/dL"}, "176.84"),
        ({"value": "1.0", "unit": "MG/DL"}, "176.84"),
    ],
)
def test_units_are_converted(rules: Path, given: Any, value: str) -> None:
    found = calculated(rules, "Creatinine Doubled", {"serum creatinine": given})
    assert found.value == exactly(Decimal(value))
    assert found.unit == "umol/L"
    (one,) = found.inputs
    assert one.is_converted == (value != "200" or given != "100 umol/L")
    assert json.loads(author.calculation_text(found))["score"] == float(value)


def test_a_bound_is_converted_and_what_cannot_be_used_is_not(rules: Path) -> None:
    (below,) = calculated(rules, "Creatinine Doubled", {"Creatinine": "<1 mg/dL"}).inputs
    assert (below.is_converted, below.given, below.used) == (True, "<1 mg/dL", "..88.4199991158 umol/L")
    huge = calculated(rules, "Creatinine Doubled", {"Creatinine": "1e400 mg/dL"})
    assert [i.is_converted for i in huge.inputs] == [False]
    assert [notice.requirement for notice in huge.notices] == ["Creatinine"]


def test_every_digit_stands_in_the_data(rules: Path) -> None:
    found = calculated(rules, "Creatinine Doubled", {"Creatinine": "1.23456789 umol/L"})
    assert '"score": 2.46913578,' in author.calculation_text(found)


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        (
            "Creatinine Doubled",
            {"Creatinine": "100"},
            "`Creatinine` has no unit; it is counted in `umol/L` or `mg/dL`, or any unit of the same dimension",
        ),
        (
            "Creatinine Doubled",
            {"Creatinine": "100 mm"},
            "`Creatinine` cannot be given in `mm`; it is counted in `umol/L` or `mg/dL`, or any unit of the same dimension",
        ),
        (
            "Creatinine Doubled",
            {"Creatinine": "1 umool/L"},
            "`Creatinine`: unknown unit `umool/L`; did you mean `umol/L`",
        ),
        ("Creatinine Doubled", {"Creatinine": "much"}, "`Creatinine` is not a number; write it as `7`, or `<5`"),
        (
            "Creatinine Doubled",
            {"Creatinin": "1 mg/dL"},
            "there is no input `Creatinin`; did you mean `Creatinine` or `serum creatinine`",
        ),
        ("Quint Summ", {}, "`Quint Summ` is not defined in any library; did you mean `Quint Sum`"),
        ("Quint Sum", {}, "`Quint Sum` is defined in `measures` and `other`; say which: `--library NAME`"),
        (
            "Whole Sum",
            {"Quint Sum": 3, "TJC": 2},
            "`Quint Sum` is given and so is `Tender Joints 28`, of which it is computed; "
            "give one or the other: what is computed from is not asked any more",
        ),
        ("Whole Sum", {"TJC": 2, "Tender Joints 28": 2}, "`Tender Joints 28` is given twice"),
        ("Whole Sum", {"TJC": 2.5}, "`Tender Joints 28` is not a whole number; write `7`, or `<5`"),
        ("Whole Sum", {"TJC": 29}, "`Tender Joints 28` lies outside its scale, 0 to 28"),
        ("Whole Sum", {"TJC": "2 mm"}, "`Tender Joints 28` is a number without a unit; leave out the unit"),
        ("Any Sign", {"Ascites": "moderate"}, "`Ascites` is neither yes nor no; write yes, no, true or false"),
        ("Months", {"Onset": "spring"}, "`Onset` is not a day; write it as 2026-08-15, 2026-08 or 2026"),
        (
            "Drugs",
            {"Trials": "two"},
            "`Trials` is a list of records; give its rows in a file: `--from inputs.yaml`",
        ),
    ],
)
def test_what_cannot_be_used_is_said_without_its_value(
    rules: Path, name: str, given: dict[str, Any], said: str
) -> None:
    assert refused(rules, name, given) == [said]


def test_everything_wrong_is_said_at_once(rules: Path) -> None:
    found = refused(rules, "Whole Sum", {"TJC": "many", "Aeg": 3, "Sex": "x", "Creatinine": 3})
    assert len(found) == 3


def test_a_definition_may_be_given(rules: Path) -> None:
    found = calculated(rules, "Whole Sum", {"Quint Sum": "10", "Age": 20})
    assert found.value == exactly(40)
    assert found.missing == ()
    assert [c.word for c in found.categories] == ["low", "high"]
    assert calculated(rules, "Whole Sum", {"Quint Sum": "<3", "Age": 20}).value == Bounds(None, 24)


def test_a_value_stands_for_as_many_readings_as_are_wanted(rules: Path) -> None:
    found = calculated(rules, "Mean Pressure", {"Pressure": "140 mmHg"})
    assert found.value == exactly(140)


def test_truths(rules: Path) -> None:
    assert data(calculated(rules, "Any Sign", {"Ascites": "yes"}))["score"] is True
    assert data(calculated(rules, "Any Sign", {"Ascites": False, "Silent": "no"}))["score"] is False
    found = calculated(rules, "Any Sign", {"Ascites": "no"})
    assert found.silent == ("Silent",)


def test_dates_need_the_day(rules: Path) -> None:
    assert calculated(rules, "Months", {"Onset": "2026-08"}).value == Bounds(2, 3)
    assert refused(rules, "Months", {"Onset": "2026-08"}, as_of=None) == [
        "`Onset` depends on the day of the calculation; say which day it is: `as_of`"
    ]
    assert calculated(rules, "Whole Sum", {"Age": "1970-01-01", "TJC": 0}).value == exactly(58)
    assert calculated(rules, "Whole Sum", {"Age": "58", "TJC": 0}, as_of=None).value == exactly(60)


def test_an_input_may_be_dated(rules: Path) -> None:
    old = {"Creatinine": {"value": 1, "unit": "mg/dL", "date": "2026-01-01"}}
    found = calculated(rules, "Creatinine Doubled", old)
    assert found.missing == ("Creatinine",)  # the window is 30 days
    assert refused(rules, "Creatinine Doubled", old, as_of=None) == [
        "`Creatinine` depends on the day of the calculation; say which day it is: `as_of`"
    ]


def test_an_input_that_is_not_asked_for_is_told(rules: Path) -> None:
    found = calculated(rules, "Quint Sum", {"TJC": 3, "Creatinine": "1 mg/dL"}, library="measures")
    assert [(i.name, i.is_used) for i in found.inputs] == [("Tender Joints 28", True), ("Creatinine", False)]


def test_rows_come_from_a_file(rules: Path) -> None:
    text = b"Trials:\n  complete: true\n  records: [{drug: a, date: 2026-01-01}, {drug: b, date: 2026-02-01}]\n"
    assert calculated(rules, "Drugs", author.inputs_of(text, "inputs.yaml")).value == exactly(2)


@pytest.mark.parametrize(
    "text",
    [
        '{"Creatinine": "1 mg/dL"}',
        '{"Creatinine": {"value": 1, "unit": "mg/dL"}}',
        '[{"name": "Creatinine", "value": 1.0, "unit": "mg/dL"}]',
        "Creatinine: 1 mg/dL\nAge:\n",
        "subject: SYN-1\nevidence:\n  Creatinine: {value: \"1 'mg/dL'\", date: 2026-11-20}\n",
    ],
)
def test_inputs_of_a_file(rules: Path, text: str) -> None:
    found = calculated(rules, "creatinine doubled", author.inputs_of(text.encode(), "inputs"))
    assert found.value == exactly(Decimal("176.84"))


def test_a_file_without_names_is_refused() -> None:
    for text in ("[{value: 1}]", "[3]", "3", '{"a": 1, "a": 2}', "[{name: a, value: 1}, {name: a, value: 1}]"):
        with pytest.raises(ScreeningError):
            author.inputs_of(text.encode(), "inputs")


def test_a_site_counts(rules: Path, tmp_path: Path) -> None:
    path = tmp_path / "site.yaml"
    path.write_text(
        "site: Clinic\nowner: A. Owner\nsigned by: B. Signer\ndate: 2026-11-01\nparameters: {Upper: {value: 4, because: agreed}}\n"
    )
    assert calculated(rules, "Whole Sum", {"TJC": 3, "Age": 50}, site=screen.read_site(path)).value == exactly(58)


def test_das28_of_the_shipped_library() -> None:
    given = {"Tender Joints 28": 5, "Swollen Joints 28": 3, "ESR": "28 mm/hr", "Global Health": 40}
    found = screen.calculate("das28-esr", given)
    assert isinstance(found.value, Bounds)
    assert abs(Decimal(found.value.low) - Decimal("4.6297")) < Decimal("0.0001")
    open_ended = screen.calculate("das28-esr", {n: v for n, v in given.items() if n != "Swollen Joints 28"})
    assert "Swollen Joints 28" in open_ended.missing
    assert isinstance(open_ended.value, Bounds)
    assert open_ended.value.low <= found.value.low <= open_ended.value.high
