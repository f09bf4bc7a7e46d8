"""Editions against each other: who changes, and the step of the version that it asks for."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

pytest.importorskip("z3")

from screening.analysis.difference import difference
from screening.analysis.editions import steps
from screening.outcome.finding import EVERY_RECORD
from screening.reports.tightening import sentence
from screening.screen import load_protocol
from tests.analysis.rules import library

DAY = datetime.date(2026, 11, 22)


def test_the_editions_of_2010_and_2016_part_at_three_areas() -> None:
    found = difference(load_protocol("fibromyalgia-acr-2010"), load_protocol("fibromyalgia-acr-2016"), DAY)
    (changed,) = found.criteria
    assert (changed.about, changed.was, changed.state) == ("FM2016", "FM2010", "both")
    assert sentence(changed.shown[0]) == "tightened: WPI 3, SSS 9 was yes, now no"


def test_a_form_that_says_the_same_is_the_same_of_every_record(tmp_path: Path) -> None:
    old = library(tmp_path / "old", "not (Score < 3 or Disease)")
    new = library(tmp_path / "new", "Score >= 3 and not Disease", version="0.1.1")
    found = difference(old, new, DAY)
    assert [(c.state, c.sure) for c in (*found.criteria, found.verdict)] == [("equivalent", EVERY_RECORD)] * 2
    assert (found.asked, found.made, found.is_told) == ("minor", "minor", True)


def test_another_limit_asks_for_a_major_step(tmp_path: Path) -> None:
    old = library(tmp_path / "old", "Score >= 3", "Other < 2", version="1.0.0")
    new = library(tmp_path / "new", "Score >= 4", "Other < 2", version="1.1.0")
    found = difference(old, new, DAY)
    assert [c.state for c in found.criteria] == ["tightened", "equivalent"]
    assert found.verdict.state == "tightened"
    assert (found.asked, found.made, found.is_told) == ("major", "minor", False)


def test_other_words_ask_for_a_patch(tmp_path: Path) -> None:
    old = library(tmp_path / "old", "Score >= 3", version="1.0.0")
    new = library(tmp_path / "new", "Score >= 3 ;; note: in other words", version="1.0.1")
    found = difference(old, new, DAY)
    assert (found.asked, found.made) == ("patch", "patch")


@pytest.mark.parametrize(
    ("old", "new", "step"),
    [
        ("1.2.3", "2.0.0", "major"),
        ("1.2.3", "1.3.0", "minor"),
        ("1.2.3", "1.2.4", "patch"),
        ("0.1", "0.2", "major"),
        ("0.1.0", "0.1.1", "minor"),
        ("1.2", "1.1", "none"),
        ("2010-12-15", "2016-01-01", "major"),
    ],
)
def test_the_step_between_versions(old: str, new: str, step: str) -> None:
    assert steps(old, new)[0] == step
