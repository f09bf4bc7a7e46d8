"""What an analysis finds of small libraries: each fault by its kind, and none where there is none."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

pytest.importorskip("z3")

from screening.analysis.questions import findings
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, SHOWN
from screening.reading.load import load
from tests.analysis.rules import library

DAY = datetime.date(2026, 11, 22)


def faults(found: Library) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.kind, f.about) for f in findings(found, DAY) if f.is_fault]


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (("Score >= 3", "Other < 2"), []),
        (("Score > 6",), [("never met", ("C1",)), ("limit out of reach", ("C1",)), ("nobody eligible", ("C1",))]),
        (("Score >= 3 or Score < 3",), [("never failed", ("C1",)), ("decided although UNKNOWN", ("C1",))]),
        (("Score >= 3", "Score < 2"), [("contradiction", ("C1", "C2")), ("nobody eligible", ("C1", "C2"))]),
        (("Score >= 3", "Score >= 2"), [("implied", ("C2", "C1"))]),
        (("(exclusion) Score >= 3", "(exclusion) Score >= 2"), [("implied", ("C1", "C2"))]),
        (
            ("Score >= 3", "(exclusion) Score >= 2", "Disease"),
            [("contradiction", ("C1", "C2")), ("nobody eligible", ("C1", "C2"))],
        ),
        (("Score > 0",), []),
    ],
)
def test_each_fault_is_found_by_its_kind(
    tmp_path: Path, criteria: tuple[str, ...], expected: list[tuple[str, tuple[str, ...]]]
) -> None:
    assert faults(library(tmp_path, *criteria)) == expected


@pytest.mark.parametrize(
    ("bands", "expected"),
    [
        ("if Score < 2 then 'low' else if Score < 4 then 'middle' else 'high'", []),
        ("if Score < 2 then 'low' else if Score between 3 and 4 then 'middle' else 'high'", ["gap between bands"]),
        (
            "if Score between 0 and 2 then 'low' else if Score between 2 and 4 then 'middle' else 'high'",
            ["bands overlap"],
        ),
        ("if Score < 4 then 'low' else if Score < 2 then 'middle' else 'high'", ["never reached"]),
        ("if Score < 2 then 'low' else if Score > 4 then 'high' else 'middle'", []),
    ],
)
def test_gaps_and_overlaps_of_bands(tmp_path: Path, bands: str, expected: list[str]) -> None:
    found = library(tmp_path, "Score > 1", definitions=f"  Class:\n    expression: |\n      {bands}\n")
    assert [kind for kind, about in faults(found) if about == ("Class",)] == expected


def test_what_is_meant_is_no_fault_and_what_is_meant_in_vain_is_one(tmp_path: Path) -> None:
    meant = library(tmp_path, "Score >= 3", "Score >= 2 ;; analysis: {implied: two sources}")
    assert faults(meant) == []
    assert [f.justified for f in findings(meant, DAY) if f.kind == "implied"] == ["two sources"]
    vain = library(tmp_path, "Score >= 3", "Other >= 2 ;; analysis: {implied: two sources}")
    assert faults(vain) == [("justified in vain", ("C2",))]


def test_properties_are_proved_or_refuted_by_the_smallest_person(tmp_path: Path) -> None:
    tail = """properties:
  - never: |
      Score < 3 and eligible
    because: the first sentence
  - never: |
      Other > 4 and eligible
    because: nothing says so
  - more: Score
    keeps: C1
    because: a lower limit
  - more: Score
    keeps: C2
    because: it is no lower limit
"""
    found = library(tmp_path, "Score >= 3", "Score < 5 or Disease", tail=tail)
    said = [f for f in findings(found, DAY) if f.kind == "property"]
    assert [f.is_fault for f in said] == [False, True, False, True]
    assert [f.sure for f in said[:3]] == [EVERY_RECORD, SHOWN, EVERY_RECORD]
    assert said[1].subject is not None
    assert set(said[1].subject.evidence) == {"Score", "Other"}
    (entry,) = said[1].subject.evidence["Other"]
    assert entry.value == (5, 5)


def test_the_same_question_has_the_same_answer(tmp_path: Path) -> None:
    found = library(tmp_path, "Score >= 3", "Other / Score > 1", "Disease")
    assert findings(found, DAY) == findings(found, DAY)


def test_a_word_that_no_rule_speaks_of_is_a_word_all_the_same(tmp_path: Path) -> None:
    """`not (Sex = 'male')` holds of somebody, though no other word stands in the file."""
    path = tmp_path / "words.yaml"
    text = """library: words
version: "0.1"
title: Words
status: draft
sources: {report: A report}
requirements:
  Sex: {type: String, source: {report: table}}
criteria:
  - {id: C1, category: inclusion, text: A sentence, source: {report: table}, expression: "not (Sex = 'male')"}
"""
    path.write_text(text, encoding="utf-8")
    assert faults(load(path, [tmp_path])) == []
