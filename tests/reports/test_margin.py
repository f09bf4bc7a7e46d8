"""How far numbers lie from their limits, and what is said of it; repeats only where the protocol says so."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.interpreters.reference import Law
from screening.outcome.determination import determine
from screening.outcome.margin import Margin, Miss, margins, near_misses
from screening.reading.load import load
from screening.reports.account import Account, account
from screening.reports.margin import full, near_sentence
from screening.sources.profile import read_profile
from tests.agree import generate

RULES = """
library: near
version: "1"
title: Numbers with and without a declared error
status: draft
sources: {report: made up}
requirements:
  Pressure: {type: Quantity, unit: "mm[Hg]", label: BP, take: latest,
             measurement error: {value: "5 'mm[Hg]'", source: {report: page 1}},
             repeat: {text: after 5 minutes, source: {report: page 2}, chosen: true}}
  ALT: {type: Quantity, unit: U/L, take: latest}
  Limit: {type: Quantity, unit: U/L, label: upper limit, take: latest}
  Joints: {type: Integer, scale: [0, 28], take: latest}
  Trials: {type: Records, fields: {drug: String}}
  Age: {type: Integer, take: age on Screening Date}
definitions:
  Score:
    measurement error: {value: "0.6", chosen: true}
    expression: |
      Round(Sqrt(Joints), 4)
criteria:
"""
CRITERIA = (
    ("INC1", "inclusion", "absolute", "Age >= 18"),
    ("INC2", "inclusion", "absolute", "Score > 3.2"),
    ("INC3", "inclusion", "absolute", "Count(Trials) >= 2"),
    ("EXC1", "exclusion", "absolute", "Pressure >= 160 'mm[Hg]'"),
    ("EXC2", "exclusion", "absolute", "ALT > 3 * Limit"),
    ("EXC3", "exclusion", "relative", "Pressure between 140 'mm[Hg]' and 159 'mm[Hg]'"),
)


def found(folder: Path, **values: Any) -> Account:
    text = RULES
    for id, category, strength, expression in CRITERIA:
        head = f"  - id: {id}\n    category: {category}\n    strength: {strength}\n    text: made up\n"
        text += f"{head}    source: {{report: page 9}}\n    expression: |\n      {expression}\n"
    path = folder / "near.yaml"
    path.write_text(text, encoding="utf-8")
    library = load(path, [folder])
    given = {"Pressure": "150 'mm[Hg]'", "ALT": "100 'U/L'", "Limit": "40 'U/L'", "Joints": "16", **values}
    evidence: dict[str, Any] = {
        name: {"records": [{"value": value, "date": "2026-11-20"}]} for name, value in given.items()
    }
    evidence["Age"] = {"born": "1960-01-01"}
    evidence["Trials"] = {"complete": "true", "records": [{"drug": "a"}, {"drug": "b"}]}
    data = json.dumps({"subject": "SYN-1", "synthetic": "true", "evidence": evidence}).encode()
    subject = read_profile(data, library, name="made.json")
    trace = Law(library).trace(subject, generate.AS_OF)
    return account(library, subject.as_of(generate.AS_OF), trace, determine(library, trace))


def of(seen: Account, criterion: str) -> list[Margin]:
    every = margins(seen.library, seen.steps, seen.determination)
    return [margin for margin in every if margin.criterion == criterion]


def test_a_distance_is_in_units_and_in_declared_errors(tmp_path: Path) -> None:
    (margin,) = of(found(tmp_path), "EXC1")
    assert (margin.distance, margin.holds, margin.is_favourable) == (10, False, True)
    assert (margin.in_errors, margin.is_near) == (Decimal("2.00"), False)


@pytest.mark.parametrize(
    ("value", "near"), [("155", True), ("154", False), ("160", True), ("165", True), ("166", False)]
)
def test_both_sides_of_a_limit_are_near_within_the_error(tmp_path: Path, value: str, near: bool) -> None:
    (margin,) = of(found(tmp_path, Pressure=f"{value} 'mm[Hg]'"), "EXC1")
    assert margin.is_near is near


@pytest.mark.parametrize(("value", "near"), [("119", True), ("121", True), ("118.9", False), ("121.5", False)])
def test_without_a_declared_error_one_last_place_is_near(tmp_path: Path, value: str, near: bool) -> None:
    (margin,) = of(found(tmp_path, ALT=f"{value} 'U/L'"), "EXC2")
    assert (margin.limit.low, margin.last_place, margin.error, margin.is_near) == (120, 1, None, near)


def test_a_score_has_the_error_that_its_definition_declares(tmp_path: Path) -> None:
    (margin,) = of(found(tmp_path), "INC2")
    assert (margin.distance, margin.in_errors, margin.is_measured) == (Decimal("0.8000"), Decimal("1.33"), True)
    (near,) = of(found(tmp_path, Joints="12"), "INC2")
    assert near.distance == Decimal("0.2641") and near.is_near


def test_what_is_counted_is_never_near(tmp_path: Path) -> None:
    seen = found(tmp_path)
    (trials,), (age,) = of(seen, "INC3"), of(seen, "INC1")
    assert (trials.distance, trials.is_measured, trials.is_near) == (0, False, False)
    assert (age.is_measured, age.is_near) == (False, False)


def test_of_an_interval_both_ends_count_inside_and_one_outside(tmp_path: Path) -> None:
    inside = of(found(tmp_path, Pressure="150 'mm[Hg]'"), "EXC3")
    assert [(m.operator, m.distance) for m in inside] == [(">=", 10), ("<=", 9)]
    (outside,) = of(found(tmp_path, Pressure="161 'mm[Hg]'"), "EXC3")
    assert (outside.operator, outside.distance, outside.holds) == ("<=", 2, False)


def test_a_near_miss_is_a_bar_by_numbers_alone(tmp_path: Path) -> None:
    seen = found(tmp_path, ALT="121 'U/L'")
    (miss,) = near_misses(seen.library, seen.steps, seen.determination)
    assert (miss.criterion, [m.distance for m in miss.margins]) == ("EXC2", [1])
    both = found(tmp_path, ALT="121 'U/L'", Pressure="165 'mm[Hg]'")
    assert near_misses(both.library, both.steps, both.determination) == ()
    two = near_misses(both.library, both.steps, both.determination, most=2)
    assert [each.criterion for each in two] == ["EXC1", "EXC2"] and all(isinstance(m, Miss) for m in two)


def test_repeat_is_said_only_where_the_protocol_says_so(tmp_path: Path) -> None:
    seen = found(tmp_path, ALT="121 'U/L'", Pressure="162 'mm[Hg]'")
    (pressure,), (liver,) = of(seen, "EXC1"), of(seen, "EXC2")
    assert full(seen, pressure) == (
        "BP 162 mmHg is 2 mmHg above its limit of 160 mmHg; present by little; 0.40 times its measurement error "
        "of 5 mmHg; by the protocol measured again: after 5 minutes [site choice]; all readings stay"
    )
    assert "again" not in full(seen, liver) and "repeat" not in full(seen, liver)
    assert near_sentence(seen) == "EXC1: BP is 2 mmHg above its limit; 2 more: screening near"


def test_nothing_is_near_where_everything_is_far(tmp_path: Path) -> None:
    assert near_sentence(found(tmp_path)) == ""
