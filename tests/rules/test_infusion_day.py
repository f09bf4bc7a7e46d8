"""The day of infusion: what is missing is a hold, and no output names a dose that is to be given."""

from __future__ import annotations

import copy
import datetime
import functools
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from screening import screen
from screening.language.library import Library
from screening.outcome.determination import Verdict
from tests.checkout import ROOT

RULES = ROOT / "rules"
NAME = "ketamine-infusion-day"
DAY = datetime.date(2026, 11, 25)
RECORDS = {"no hold found": "no-hold", "HOLD": "hold", "STOP": "stop"}
# What says nothing while that of which it is a part is answered `no`; asked for only when it is answered `yes`.
SETTLED_BY_OTHERS = {
    "GLP-1 Agonist": "asked with stomach symptoms",
    "GLP-1 Dose Rising": "no GLP-1 agonist",
    "Delayed Stomach Emptying": "no stomach symptoms",
    "Stomach Symptoms": "neither a GLP-1 agonist nor delayed emptying",
    "Symptoms of High Pressure": "no high pressure",
    "Sex at Birth": "no childbearing potential",
    "Missed Period": "no childbearing potential",
    "Genito-urinary Pain Persists": "no other urinary symptom",
    "Monitored Anaesthetic Setting": "the order is below every cap",
}
ROWS = tuple(range(1, 19))
# A number with a unit in which a dose or a rate of it is told: `20 mg/h`, `0.35 mg/kg/h`, `80 mg`.
DOSE = re.compile(
    r"(\d+(?:\.\d+)?) ?(?:'?(mg|ug|mcg|g|ml|milligrams?)(?:/(?:kg|h|hour|min|d|kg/h|kg/min|mL))*'?)(?![\w/])",
    re.IGNORECASE,
)
ADVICE = re.compile(
    r"\b(gives?|administer\w*|infuse|increase\w*|reduc\w+|lower the|raise the|titrat\w*|adjust\w*|slow|"
    r"bolus\w*|start (?:at|with)|begin (?:at|with)|recommend\w*)\b",
    re.IGNORECASE,
)


def read(path: Path) -> dict[str, Any]:
    """A YAML file with every scalar as it is written."""
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return found


@functools.cache
def library() -> Library:
    return screen.load_library(NAME)


def record(name: str = "no-hold") -> dict[str, Any]:
    return read(RULES / "records" / f"infusion-day-{name}.yaml")


def screened(data: dict[str, Any], day: datetime.date = DAY) -> screen.Screening:
    person = screen.read_record(json.dumps(data).encode(), library(), "record.json")
    return screen.screen(library(), person, day)


@pytest.mark.parametrize("label", RECORDS)
def test_the_records_that_are_shipped_show_each_label(label: str) -> None:
    found = screened(record(RECORDS[label]))
    assert found.determination.label == label
    assert found.certificate["determination"]["label"] == label


@pytest.mark.parametrize("name", sorted(record()["evidence"]))
def test_what_is_not_recorded_is_a_hold(name: str) -> None:
    data = record()
    del data["evidence"][name]
    found = screened(data).determination
    if name in SETTLED_BY_OTHERS:
        # INVARIANT: then no answer to it could have been a hold either.
        assert found.label == "no hold found"
        return
    assert found.label == "HOLD"
    assert name in {item.requirement for item in found.to_obtain}


def test_nothing_recorded_is_a_hold() -> None:
    found = screened({"subject": "SYN-0000", "synthetic": "true", "evidence": {}}).determination
    assert (found.verdict, found.label) == (Verdict.UNDETERMINED, "HOLD")


def test_a_day_never_carries_over_to_the_next() -> None:
    found = screened(record(), DAY + datetime.timedelta(days=1)).determination
    assert found.label == "HOLD"
    assert {"Consent Still Valid", "Systolic Pressure", "Planned Start", "Reactions Asked"} <= {
        item.requirement for item in found.to_obtain
    }


def test_every_row_of_the_checklist_is_there_with_its_source() -> None:
    for row in ROWS:
        of_row = [c for c in library().criteria if c.id.startswith(f"DAY{row:02d}")]
        assert of_row, row
        for criterion in of_row:
            places = [c.place for c in (criterion.source, *criterion.also)]
            told = re.compile(rf"section 5, (?:row {row}\b|note below the table)|S-AW-02")
            assert any(told.search(place) for place in places), criterion.id


def test_every_worked_case_of_the_day_is_there() -> None:
    cases = read(RULES / f"{NAME}.cases.yaml")["cases"]
    named = {case["case"].partition(",")[0] for case in cases}
    assert {f"D{number:02d}" for number in range(1, 23)} <= named


def test_a_hold_is_for_a_physician_or_for_data_and_a_stop_is_absolute() -> None:
    strengths = {"A": "administrative", "L": "administrative", "H": "relative", "S": "absolute"}
    for criterion in library().criteria:
        kind = strengths.get(criterion.id[5])
        if criterion.id in ("DAY04L", "DAY04N"):
            kind = "relative"
        if criterion.id in ("DAY04C", "DAY04B", "DAY18E"):
            kind = "absolute"
        assert criterion.strength == kind, criterion.id


# ------------------------------------------------------------------------------------- nothing of dosing


def variants() -> list[tuple[str, dict[str, Any]]]:
    """The shipped records, one with an order above every cap, and one of which nothing is known."""
    above = record()
    above["evidence"]["Infusion Rate Ordered"] = {"value": "81.25 'mg/h'", "date": "2026-11-25"}
    nothing = {"subject": "SYN-0000", "synthetic": "true", "evidence": {}}
    shipped = [(name, record(name)) for name in RECORDS.values()]
    return [*shipped, ("above every cap", above), ("nothing recorded", nothing)]


def forms(found: screen.Screening) -> dict[str, str]:
    """Every form in which a person is told, as text on one line."""
    told = {
        "screen": screen.told(found),
        "plain": screen.told(found, plain=True),
        "all": screen.told(found, everything=True),
        "trace": screen.told(found, steps=True, everything=True),
    }
    texts = {name: " ".join(screen.plain_text(lines).split()) for name, lines in told.items()}
    texts["json"] = screen.data_text(found.certificate, "json")
    return texts


def recorded(data: dict[str, Any]) -> set[str]:
    """The numbers of the record that have a unit in which a dose is told."""
    return {found[1] for found in DOSE.finditer(yaml.safe_dump(copy.deepcopy(data), width=10_000))}


@pytest.mark.parametrize(("name", "data"), variants(), ids=lambda value: value if isinstance(value, str) else "")
def test_no_screen_names_a_dose_that_is_not_recorded(name: str, data: dict[str, Any]) -> None:
    known = recorded(data)
    texts = forms(screened(data))
    for form in ("screen", "plain", "json"):
        assert {found[1] for found in DOSE.finditer(texts[form])} <= known, form
    for form, text in texts.items():
        assert [found[0] for found in ADVICE.finditer(text)] == [], form


@pytest.mark.parametrize(("name", "data"), variants(), ids=lambda value: value if isinstance(value, str) else "")
def test_the_long_forms_name_the_caps_of_the_protocol_and_nothing_else(name: str, data: dict[str, Any]) -> None:
    caps = {p.written for p in library().parameters if p.name.startswith("Rate Cap")}
    texts = forms(screened(data))
    for form in ("all", "trace"):
        text = texts[form]
        for found in DOSE.finditer(text):
            before = text[max(0, found.start() - 60) : found.start()]
            is_cap = found[1] in caps and ("Rate Cap" in before or "limit" in before)
            assert found[1] in recorded(data) or is_cap, (form, before, found[0])


def test_the_protocol_itself_advises_no_dose() -> None:
    shown = [screen.shown(library()), *(screen.shown(library(), c.id) for c in library().criteria)]
    caps = {p.written for p in library().parameters if p.name.startswith("Rate Cap")}
    for lines in shown:
        text = " ".join(screen.plain_text(lines).split())
        assert [found[0] for found in ADVICE.finditer(text)] == []
        assert {found[1] for found in DOSE.finditer(text)} <= caps


def test_what_a_dose_looks_like() -> None:
    """The two patterns find what they are there for."""
    for text in ("give 0.35 mg/kg/h", "at 25 mg/h for 4 hours", "a bolus of 20 mg", "increase to 0.5 mg/kg"):
        assert DOSE.search(text), text
    for text in ("give 20", "increase to 25", "reduce the rate", "titrate", "we recommend 10"):
        assert ADVICE.search(text), text
    assert not DOSE.search("blood pressure 140 mmHg, 130 U/L, 10.26 umol/L, 74 kg")
