"""What a definition may be given, and lists of calculations with what is expected of them."""

# ruff: noqa: E501 (calculations stand on one line)

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from screening import author, screen
from screening.errors import ScreeningError
from screening.outcome.batch import Tried
from screening.reports.calculation_form import data

DAY = datetime.date(2026, 11, 22)
FOLDERS = screen.rules_folders()
SCORES = (
    "ACR/EULAR 2010", "DAS28-CRP", "DAS28-ESR", "DAS28 CRP 3", "CDAI", "SDAI", "AUDIT-C", "C-SSRS", "QTcF", "QTcB",
    "Cockcroft-Gault", "Child-Pugh", "BMI", "CKD-EPI 2021",
)  # fmt: skip


def uses(name: str) -> dict[str, str]:
    return {each["name"]: each["use"] for each in data(author.calculation_form(name, FOLDERS))["inputs"]}


def tried(text: str, name: str = "") -> list[Tried]:
    listed = author.calculations_of(text.encode(), "list")
    assert listed is not None
    return author.calculations_tried(listed, FOLDERS, name=name, as_of=DAY)


def test_what_is_needed_and_what_may_be_left_out() -> None:
    found = uses("DAS28-CRP")
    assert {name for name, use in found.items() if use == "needed"} == {
        "Tender Joints 28",
        "Swollen Joints 28",
        "CRP",
    }
    assert {name for name, use in found.items() if use == "may be given"} == {
        "Global Health",
        "DAS28 CRP Recorded",
    }
    assert set(uses("Cockcroft-Gault").values()) == {"needed"}
    assert set(uses("AUDIT-C").values()) == {"one of several"}


@pytest.mark.parametrize("name", SCORES)
def test_every_input_that_is_listed_can_be_given_by_every_name_that_is_listed(name: str) -> None:
    form = data(author.calculation_form(name, FOLDERS))
    text = "\n".join(line.text for line in author.form_told(author.calculation_form(name, FOLDERS)))
    assert json.loads(author.form_text(author.calculation_form(name, FOLDERS))) == form
    for each in form["inputs"]:
        assert f"  {each['name']}: " in text
        for called in (each["name"], each["label"], *each["short_names"]):
            if called in _shared(form, each):
                continue  # the value tells them apart, or nothing does
            given = screen.calculate(
                form["name"], {called: _value(each)}, library=form["library"]["name"], as_of=DAY
            )
            assert [one.is_used for one in given.inputs] == [True], called
            assert given.inputs[0].name == each["name"], called


def _shared(form: dict[str, Any], each: dict[str, Any]) -> set[str]:
    """Names that something else of the form has too."""
    others = [*form["inputs"], *form["instead"]]
    return {
        name
        for other in others
        if other["name"] != each["name"]
        for name in (other["name"], *other["short_names"])
    }


def _value(each: dict[str, Any]) -> Any:
    if each["answers"]:
        return next(iter(each["answers"]))
    low = (each["plausible"] or each["scale"] or ["1"])[0] or "1"
    match each["type"]:
        case "Quantity":
            return f"{low} {each['unit']}"
        case "Boolean":
            return "yes"
        case "Date":
            return "2026-11-01"
        case "Records":
            return [{"joint": "left MCP 2", "kind": "MCP", "swollen": "TRUE", "date": "2026-11-20"}]
    return "40" if each["name"] == "Age" else low


def test_a_list_of_calculations() -> None:
    found = tried(
        """
        cases:
          - {case: one, name: CDAI, inputs: {TJC: 2, SJC: 1, PtGA: 3, EGA: 2}, expected: {score: 8.0, class: Low}}
          - {case: two, name: SDAI, inputs: [{name: CRP, value: 8, unit: mg/L}, {name: CDAI, value: 8}], expected: 8.7}
          - {case: three, name: Cockcroft-Gault, as_of: 2020-06-01, expected: {score: 80.0, tolerance: 0.1},
             inputs: {DOB: 1960-05-10, weight: 72 kg, sCr: 1 mg/dL, sex: male}}
          - {inputs: {TJC: many}}
          - {name: QTc, inputs: {QT: 400 ms}}
          - {name: ra-class, inputs: {a: 1}}
        """,
        name="CDAI",
    )
    assert [one.case for one in found] == ["one", "two", "three", "4", "5", "6"]
    assert [one.is_sound for one in found] == [True, False, True, False, False, False]
    assert found[1].differs == ("score 8.8, expected 8.7",)
    assert [len(one.diagnostics) for one in found] == [0, 0, 0, 1, 1, 1]
    text = "\n".join(line.text for line in author.calculations_told(found))
    assert text.endswith("6 calculations, 2 of 3 as expected, 3 cannot be computed")
    shown = json.loads(author.calculations_text(found))
    assert [one["as_expected"] for one in shown] == [True, False, True, None, None, None]
    assert shown[0]["result"]["score"] == 8


@pytest.mark.parametrize(
    ("expected", "differs"),
    [
        ("{score: 4.20}", 0), ("{score: 4.2032}", 0), ("{score: 4}", 0), ("{score: 4.21}", 1), ("{class: Moderate}", 0),
        ("{class: high}", 1), ("{score: 4.3, tolerance: 0.1}", 0), ("{DAS28 CRP Category: moderate}", 0),
        ("{DAS28 CRP Kategory: moderate}", 1), ("{score: much}", 1),
    ],
)  # fmt: skip
def test_what_is_expected(expected: str, differs: int) -> None:
    inputs = "{TJC: 4, SJC: 4, CRP: 10 mg/L, GH: 50}"
    (one,) = tried(f"[{{name: DAS28-CRP, inputs: {inputs}, expected: {expected}}}]")
    assert len(one.differs) == differs


@pytest.mark.parametrize(
    "text",
    [
        "[{name: CDAI, inputs: {TJC: 1}, excepted: 1}]",
        "[{name: CDAI, inputs: {TJC: 1}}, {name: CDAI}]",
        "[{name: CDAI, inputs: {TJC: 1}, as_of: today}]",
        "[{name: CDAI, inputs: {TJC: 1, TJC: 2}}]",
    ],
)
def test_a_list_that_is_refused(text: str) -> None:
    with pytest.raises(ScreeningError):
        author.calculations_of(text.encode(), "list")


def test_inputs_of_one_are_no_list() -> None:
    for text in ('{"TJC": 1}', '[{"name": "TJC", "value": 1}]', "", "3"):
        assert author.calculations_of(text.encode(), "inputs") is None


def test_two_short_names_of_one_name(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(
            f'library: {name}\nversion: "1"\ntitle: A\nstatus: draft\nsources: {{book: A book}}\n'
            f"requirements:\n  Age: {{type: Integer}}\ndefinitions:\n"
            f"  Of {name}: {{short names: [Quint, Q-1], source: {{book: p 1}}, expression: Age}}\n"
        )
    with pytest.raises(ScreeningError, match="may be several definitions") as wrong:
        screen.calculate("quint", {"Age": 1}, folders=[tmp_path])
    assert wrong.value.diagnostics[0].help == "say which: `Of one` or `Of two`"
    assert screen.calculate("q1", {"Age": 1}, folders=[tmp_path], library="two").name == "Of two"
