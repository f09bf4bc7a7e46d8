"""The worked cases of the clinical references, as far as the shipped rule files express them."""

from __future__ import annotations

import copy
import datetime
import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from screening import screen
from screening.outcome.determination import Determination
from screening.values.bounds import exactly

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
AS_OF = datetime.date(2026, 11, 22)
AREAS = {
    "J": "Jaw", "SG": "Shoulder Girdle", "UA": "Upper Arm", "LA": "Lower Arm", "H": "Hip", "UL": "Upper Leg",
    "LL": "Lower Leg", "N": "Neck", "UB": "Upper Back", "LB": "Lower Back", "C": "Chest", "A": "Abdomen",
}  # fmt: skip
SIDES = {"l": " Left", "r": " Right"}
EVERY = [f"{part}.{side}" for part in ("J", "SG", "UA", "LA", "H", "UL", "LL") for side in "lr"]
EVERY += ["N", "UB", "LB", "C", "A"]
DAY = "2026-11-20"


def cases(name: str) -> list[Any]:
    loaded = yaml.load((HERE / "worked" / f"{name}.yaml").read_text(encoding="utf-8"), yaml.BaseLoader)
    return [pytest.param(case, id=case["case"]) for case in loaded]


@cache
def library(name: str) -> Any:
    return screen.load_library(name)


def determined(protocol: str, evidence: dict[str, Any]) -> Determination:
    record = {"subject": "SYN-CASE", "synthetic": "true", "evidence": evidence}
    subject = screen.read_record(json.dumps(record).encode(), library(protocol), "case.json")
    return screen.screen(library(protocol), subject, AS_OF).determination


def area(short: str) -> str:
    part, _, side = short.partition(".")
    return AREAS[part] + (SIDES[side] if side else "")


@pytest.mark.parametrize("case", cases("fibromyalgia"))
def test_fibromyalgia(case: dict[str, Any]) -> None:
    evidence: dict[str, Any] = {}
    for short in EVERY:
        if short not in case.get("missing", []):
            painful = short in case["areas"]
            evidence[area(short)] = {"value": str(painful).upper(), "date": DAY}
    evidence["FM Symptom Onset"] = {"value": "@" + case.get("onset", "2026-08-22")}
    if "sss" in case:
        evidence["SSS Total"] = {"value": case["sss"], "date": DAY}
    else:
        for name, value in zip(
            ("Waking Unrefreshed", "Cognitive Symptoms"), split(int(case["parts"])), strict=True
        ):
            evidence[name] = {"value": str(value), "date": DAY}
        for name in ("Headache", "Lower Abdominal Pain", "Depression Symptom"):
            evidence[name] = {"value": "FALSE", "date": DAY}
    assert determined("fibromyalgia-acr-2016", evidence).finding("FM2016").shown == case["expect"]


def split(total: int) -> tuple[int, int]:
    return min(3, total), total - min(3, total)


def trial(text: str, number: int) -> dict[str, str]:
    kind, _, rest = text.partition("/")
    outcome, _, days = rest.partition("/")
    row = {"outcome": outcome or "primary inefficacy", "days": days or "200", "date": f"20{10 + number}"}
    if kind == "cs":
        return {**row, "class": "csDMARD", "drug": "RxNorm 6851"}
    if kind == "other":
        return {**row, "class": "other", "drug": "LOCAL secukinumab"}
    return {**row, "class": "b or tsDMARD", "mechanism": kind, "drug": f"LOCAL drug{number}"}


@pytest.mark.parametrize("case", cases("difficult_to_treat"))
def test_difficult_to_treat(case: dict[str, Any]) -> None:
    rows = [trial(text, number) for number, text in enumerate(case["trials"])]
    perceived = "FALSE" if case.get("perceived") == "no" else "TRUE"
    evidence: dict[str, Any] = {
        "DMARD Trials": {"complete": "true", "records": rows},
        "csDMARDs Contraindicated": {"value": str(case.get("contraindicated") == "yes").upper(), "date": DAY},
        "DMARD Access Waiver": {"value": "FALSE", "by": "R1", "date": DAY},
        "Problematic for Rheumatologist": {"value": perceived, "by": "R1", "date": DAY},
        "Problematic for Patient": {"value": perceived, "by": "the person", "date": DAY},
    }
    if "silent" not in case:
        evidence |= {
            "Active Disease Suspected": {"value": "FALSE", "by": "R1", "date": DAY},
            "RA Symptoms Reduce Quality of Life": {"value": "FALSE", "date": DAY},
            "Lowest Prednisone Equivalent": {"value": f"{case.get('prednisone', '0')} 'mg/d'", "date": DAY},
            "Sharp Score Change": {"value": case.get("sharp", "0"), "date": DAY},
        }
    for key, name in (("das28", "DAS28 ESR Recorded"), ("cdai", "CDAI Recorded"), ("sdai", "SDAI Recorded")):
        if key in case:
            evidence[name] = {"value": case[key], "date": DAY}
    assert determined("ra-difficult-to-treat", evidence).finding("D2T").shown == case["expect"]


@cache
def completed() -> dict[str, Any]:
    text = (ROOT / "rules" / "records" / "index-completed.yaml").read_text(encoding="utf-8")
    found: dict[str, Any] = yaml.load(text, yaml.BaseLoader)["evidence"]
    return found


@pytest.mark.parametrize("case", cases("safety"))
def test_safety(case: dict[str, Any]) -> None:
    evidence = copy.deepcopy(completed())
    for position, name in enumerate(("Systolic Pressure", "Diastolic Pressure")):
        if "bp" in case:
            readings = [reading.split("/")[position] for reading in case["bp"]]
            rows = [{"value": f"{v} 'mm[Hg]'", "date": f"{DAY}T09:0{i}"} for i, v in enumerate(readings)]
            evidence[name] = {"records": rows}
    if "lft" in case:
        for name in ("ALT", "AST", "ALP", "GGT", "Bilirubin"):
            evidence[name]["date"] = case["lft"]
    for name, item in case.get("change", {}).items():
        if item == "gone":
            del evidence[name]
        else:
            evidence[name] = item
    found = determined("ketamine-ra-fm", evidence)
    wrong = {f.id: f.shown for f in found.findings if f.shown == "UNKNOWN" or f.id in found.reasons}
    assert found.verdict.value == case["expect"], wrong
    for id, shown in case.get("criteria", {}).items():
        assert found.finding(id).shown == shown, id
    assert {a.criterion for a in found.alerts} == set(case.get("alerts", []))
    assert set(case.get("obtain", [])) <= {item.requirement for item in found.to_obtain}
    for id, day in case.get("until", {}).items():
        assert found.finding(id).until == exactly(datetime.date.fromisoformat(day))
