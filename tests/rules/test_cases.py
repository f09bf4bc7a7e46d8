"""Worked cases, as data beside the rule files or in `cases/`: what changes, and what is then expected.

A case changes items of a base record, or gives items where the base is `none`. An item that states no date carries
the date of its file. `about 4.4770` expects a number within half of its last digit.
"""

from __future__ import annotations

import copy
import datetime
import functools
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from screening import screen
from screening.interpreters import reference
from screening.language.library import Library
from screening.outcome.determination import Determination, determine
from screening.outcome.trace import Trace
from screening.reading.load import load
from screening.values.bounds import Bounds, exactly, is_exact, is_open
from screening.values.truth import Truth

HERE = Path(__file__).parent
RECORDS = HERE.parent / "records"
RULES = HERE.parents[1] / "rules"
FILES = sorted([*(HERE / "cases").glob("*.yaml"), *RULES.glob("*.cases.yaml")])
# What a date does not belong to: ages are dated by themselves, rows of a list each have their own.
UNDATED = ("date", "born", "age", "records")


def read(path: Path) -> dict[str, Any]:
    """A YAML file with every scalar as it is written."""
    found: dict[str, Any] = yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)
    return found


def files() -> list[Path]:
    """Every file of worked cases: those of several libraries, and those beside the library that they belong to."""
    return [*sorted((HERE / "cases").glob("*.yaml")), *sorted(RULES.glob("*.cases.yaml"))]


def cases() -> list[Any]:
    """Every case of every file, with what its file says for all of them."""
    found = []
    for path in files():
        file = read(path)
        common = {key: file[key] for key in ("protocol", "base", "as of", "date", "given") if key in file}
        for case in file["cases"]:
            found.append(pytest.param({**common, **case}, id=f"{path.name.partition('.')[0]}: {case['case']}"))
    return found


@functools.cache
def library(protocol: str, parameters: str) -> tuple[Library, reference.Law]:
    loaded = load(RULES / f"{protocol}.yaml", [RULES], json.loads(parameters))
    return loaded, reference.Law(loaded)


def dated(item: Any, date: str) -> Any:
    """An item with the date of its file, if it states none."""
    if isinstance(item, str):
        return {"value": item, "date": date}
    return item if any(key in item for key in UNDATED) else {**item, "date": date}


def record_of(case: dict[str, Any]) -> dict[str, Any]:
    base = case["base"]
    record: dict[str, Any] = {"subject": "SYN-CASE", "synthetic": "true"}
    if base != "none":
        record = read(next(folder / base for folder in (RECORDS, RULES) if (folder / base).exists()))
    evidence: dict[str, Any] = copy.deepcopy(record.get("evidence", {}))
    for name in case.get("without", []):
        # A name that is not there would make the case say something else than it means.
        del evidence[name]
    left_out = case.get("without given", [])
    given = {} if left_out == "all" else {n: i for n, i in case.get("given", {}).items() if n not in left_out}
    for changes in (given, case.get("change", {})):
        evidence |= {name: dated(item, case["date"]) for name, item in changes.items()}
    return {**record, "evidence": evidence}


def judged(case: dict[str, Any]) -> tuple[Library, Trace, Determination]:
    found, law = library(case["protocol"], json.dumps(case.get("parameters", {})))
    subject = screen.read_record(json.dumps(record_of(case)).encode(), found, "case.json")
    trace = law.trace(subject, datetime.date.fromisoformat(case["as of"]))
    return found, trace, determine(found, trace)


def agrees(value: Any, expected: str) -> bool:
    """Whether a value is the expected one: a truth, a word, a number, bounds, or nothing known."""
    if isinstance(value, Truth):
        return value.value == expected
    if not isinstance(value, Bounds):
        return [code.code for code in value] == ([] if expected == "unknown" else [expected])
    if expected == "unknown":
        return is_open(value)
    if ".." in expected:
        ends = [None if not end else Decimal(end) for end in expected.split("..")]
        return list(value) == ends
    if not is_exact(value):
        return False
    number = Decimal(str(value.low))
    if not expected.startswith("about "):
        return number == Decimal(expected)
    wanted = Decimal(expected.removeprefix("about "))
    exponent = wanted.as_tuple().exponent
    assert isinstance(exponent, int)
    return abs(number - wanted) <= Decimal(5).scaleb(exponent - 1)


@pytest.mark.parametrize("case", cases())
def test_case(case: dict[str, Any]) -> None:
    found, trace, determination = judged(case)
    expect = case["expect"]
    if "verdict" in expect:
        assert determination.verdict.value == expect["verdict"], determination.reasons
    for id, shown in expect.get("criteria", {}).items():
        assert determination.finding(id).shown == shown, id
    steps = {step.place: step.value for step in trace.steps if not step.row}
    places = {name: node.place for name, node in found.order}
    for name, expected in expect.get("values", {}).items():
        assert agrees(steps[places[name]], expected), f"{name} is {steps[places[name]]}"
    for id, day in expect.get("until", {}).items():
        until = determination.finding(id).until
        assert until == exactly(datetime.date.fromisoformat(day)), id
    if "alerts" in expect:
        assert [alert.criterion for alert in determination.alerts] == expect["alerts"]
    if "standing" in expect:
        assert determination.standing.value == expect["standing"]
    if "reasons" in expect:
        assert sorted(determination.reasons) == sorted(expect["reasons"])
    obtained = {item.requirement for item in determination.to_obtain}
    for named, every in (("review", set(determination.to_review)), ("obtain", obtained)):
        assert set(expect.get(named, [])) <= every
        assert set(expect.get(f"{named} exactly", every)) == every


def test_every_case_says_why_and_what_is_expected() -> None:
    for parameter in cases():
        (case,) = parameter.values
        assert case["why"], case["case"]
        assert case["expect"], case["case"]


def test_what_cannot_be_expressed_says_why() -> None:
    for path in files():
        assert all(read(path).get("not expressible", {"-": "-"}).values()), path.name
