"""Editions against each other: who changes, and the step of the version that it asks for."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

pytest.importorskip("z3")

from screening import analyse, screen
from screening.analysis.difference import difference
from screening.analysis.editions import steps
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD
from screening.reading.load import load
from screening.reports.tightening import sentence
from screening.screen import load_protocol
from tests.analysis.rules import library

DAY = datetime.date(2026, 11, 22)


def test_the_editions_of_2010_and_2016_part_at_three_areas() -> None:
    found = difference(load_protocol("fibromyalgia-acr-2010"), load_protocol("fibromyalgia-acr-2016"), DAY)
    (changed,) = found.criteria
    assert (changed.about, changed.was, changed.state) == ("FM2016", "FM2010", "both")
    assert sentence(changed.shown[0]) == "tightened: WPI 3, SSS 9 was yes, now no"


def test_one_limit_of_a_large_protocol_is_decided_of_its_criterion_alone(tmp_path: Path) -> None:
    """What nothing of the criterion rests on does not keep the solver from an answer."""
    old = load_protocol("ketamine-ra-fm")
    text = Path(old.path).read_text(encoding="utf-8")
    before, after = (
        "  Lowest Pain:\n    type: Integer\n    value: 4\n",
        "  Lowest Pain:\n    type: Integer\n    value: 7\n",
    )
    assert before in text
    path = tmp_path / "ketamine-ra-fm.yaml"
    path.write_text(text.replace(before, after), encoding="utf-8")
    found = difference(old, load(path, [tmp_path, Path(old.path).parent]), DAY)
    (changed,) = (c for c in found.criteria if c.state != "equivalent")
    assert (changed.about, changed.state, changed.undecided) == ("INC06", "tightened", ())


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
        ("0.1", "0.1.0", "none"),
        ("1.0.2", "1.00.2", "none"),
        ("2010-12-15", "2016-01-01", "major"),
    ],
)
def test_the_step_between_versions(old: str, new: str, step: str) -> None:
    assert steps(old, new)[0] == step


HEAD = """library: inputs
version: "{version}"
title: A library of a test
status: draft
sources: {{report: A report of a test}}
requirements:
{requirements}criteria:
{criteria}"""


def edition(
    folder: Path, requirements: str, *criteria: str, version: str = "1.0.0", strength: str = ""
) -> Library:
    """A library of one or more inputs and of inclusions `C1`, `C2`."""
    folder.mkdir()
    each = "".join(
        f"  - id: C{at}\n    category: {'exclusion' if strength == 'relative' and at == 1 else 'inclusion'}\n"
        f"    strength: {strength or 'absolute'}\n    text: Sentence {at}\n    source: {{report: table}}\n"
        f"    expression: |\n      {said}\n"
        for at, said in enumerate(criteria, 1)
    )
    path = folder / "inputs.yaml"
    path.write_text(HEAD.format(version=version, requirements=requirements, criteria=each), encoding="utf-8")
    return load(path, [folder])


def input_of(said: str) -> str:
    return f"  {said[:-1]}, source: {{report: table}}}}\n"


OF_G_PER_L = input_of("Albumin: {type: Quantity, unit: g/L, code: LOINC 1-1}")
DISEASE = input_of("Disease: {type: Boolean, condition: SNOMED 1}")
SCORE = input_of("Score: {type: Integer, scale: [0, 6], code: LOINC 1-1}")


@pytest.mark.parametrize(
    ("before", "old", "after", "new"),
    [
        # The same limit in words, of another number on paper.
        (OF_G_PER_L, "Albumin > 35 'g/L'", OF_G_PER_L.replace("g/L", "g/dL"), "Albumin > 35 'g/dL'"),
        (OF_G_PER_L, "Albumin > 35 'g/L'", OF_G_PER_L.replace("g/L", "g/dL"), "Albumin > 3.5 'g/dL'"),
        (DISEASE, "Disease", DISEASE.replace("SNOMED 1", "SNOMED 2"), "Disease"),
        (DISEASE, "Disease", DISEASE.replace("SNOMED 1", "[SNOMED 1, SNOMED 2]"), "Disease"),
        (SCORE, "Score > 3", SCORE.replace("6]", "8]"), "Score > 3"),
        (SCORE, "Score > 3", SCORE.replace("scale", "plausible"), "Score > 3"),
        (SCORE, "Score > 3", SCORE.replace("Score", "Points"), "Points > 3"),
    ],
)
def test_of_an_input_that_is_read_otherwise_nothing_is_claimed(
    tmp_path: Path, before: str, old: str, after: str, new: str
) -> None:
    """One made-up person cannot have one number in two units, nor a code that only one edition knows."""
    editions = edition(tmp_path / "old", before, old), edition(tmp_path / "new", after, new, version="1.1.0")
    found = difference(*editions, DAY)
    (changed,) = found.criteria
    assert (changed.state, changed.shown, found.verdict.state) == ("not decided", (), "not decided")
    assert changed.inputs
    assert (found.asked, found.is_told) == ("major", False)
    told = " ".join(line.text for line in analyse.difference_told(found, *reversed(editions)))
    assert f"not asked of anybody who has {changed.inputs[0]}" in told


def test_another_label_of_an_input_changes_nothing(tmp_path: Path) -> None:
    old = edition(tmp_path / "old", SCORE, "Score > 3")
    new = edition(tmp_path / "new", SCORE.replace("code:", "label: Points, code:"), "Score > 3", version="1.0.1")
    assert [(c.state, c.sure) for c in difference(old, new, DAY).criteria] == [("equivalent", EVERY_RECORD)]


DRUGS = input_of("Drugs: {type: Records, medication: [ATC N02A], fields: {dose: Integer}}")
VISIT = input_of("Visit: {type: Date}")
AGO = '{} or less on or before day of "Screening Date"'


@pytest.mark.parametrize(
    ("inputs", "old", "new", "state"),
    [
        (DRUGS, "Count(Drugs) >= 10", "Count(Drugs) >= 12", "tightened"),
        (DRUGS, "Count(Drugs) >= 30", "Count(Drugs) >= 32", "not decided"),  # nobody has so many
        (OF_G_PER_L, "Albumin > 35.1234 'g/L'", "Albumin > 35.1235 'g/L'", "tightened"),
        # Of 22 November three months are 92 days; of March fewer.
        (VISIT, f"Visit {AGO.format('3 months')}", f"Visit {AGO.format('92 days')}", "loosened"),
        (VISIT, f"Visit {AGO.format('1 years')}", f"Visit {AGO.format('365 days')}", "tightened"),
        (
            DRUGS, f"exists (Drugs D where D.date {AGO.format('3 months')})",
            f"exists (Drugs D where D.date {AGO.format('92 days')})", "loosened",
        ),
        # Two doses have a mean between whole numbers.
        (
            DRUGS, "Mean((Drugs D return D.dose)) > 2 and Mean((Drugs D return D.dose)) < 3",
            "Mean((Drugs D return D.dose)) > 9 and Mean((Drugs D return D.dose)) < 3", "tightened",
        ),
        (
            VISIT + SCORE, f"Visit {AGO.format('3 months')} and Score > 3",
            f"Score >= 4 and Visit {AGO.format('3 months')}", "equivalent",
        ),
        (
            OF_G_PER_L, "Ln(Albumin / 1 'g/L') > 2 and Albumin < 50 'g/L'",
            "Albumin < 50 'g/L' and Ln(Albumin / 1 'g/L') > 2", "equivalent",
        ),
    ],
)  # fmt: skip
def test_what_an_edition_changes(tmp_path: Path, inputs: str, old: str, new: str, state: str) -> None:
    editions = edition(tmp_path / "old", inputs, old), edition(tmp_path / "new", inputs, new, version="1.1.0")
    found = difference(*editions, DAY)
    (changed,) = found.criteria
    assert changed.state == state
    assert state != "equivalent" or changed.sure == EVERY_RECORD
    assert found.asked == ("minor" if state == "equivalent" else "major")
    for shown in changed.shown:
        laws = (Law(library).evaluate(shown.subject, shown.as_of or DAY) for library in editions)
        assert [values["C1"].value for values in laws] == [shown.old, shown.new]  # type: ignore[union-attr]


def test_a_verdict_is_told_as_the_law_says_it(tmp_path: Path) -> None:
    """A relative exclusion that is not known is REVIEW, not UNDETERMINED."""
    old = edition(tmp_path / "old", SCORE + DISEASE, "Score > 6", strength="relative")
    new = edition(tmp_path / "new", SCORE + DISEASE, "Score > 6 or Disease", strength="relative")
    found = difference(old, new, DAY)
    for shown in found.verdict.shown:
        screened = [screen.screen(each, shown.subject, DAY).determination.verdict.value for each in (old, new)]
        assert screened == [shown.old, shown.new]
    assert found.verdict.shown


def test_another_weight_is_told_as_that(tmp_path: Path) -> None:
    """The same of everybody, and no longer a matter of review."""
    old = library(tmp_path / "old", "(exclusion) Score > 3 ;; strength: relative")
    new = library(tmp_path / "new", "(exclusion) Score > 3", version="0.2")
    found = difference(old, new, DAY)
    assert [c.state for c in (*found.criteria, found.verdict)] == ["weighed otherwise", "tightened"]
    told = " ".join(line.text for line in analyse.difference_told(found, new, old))
    assert "C1: weighed otherwise: relative exclusion, now absolute exclusion" in told
