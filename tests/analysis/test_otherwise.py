"""What is said of a changed expression: proved where enumeration finds nobody, else shown by somebody."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

pytest.importorskip("z3")

from screening.analysis.mutants import mutants
from screening.analysis.otherwise import Changes
from screening.analysis.part import part_of
from screening.analysis.sameness import Sameness
from screening.cases.mutation import with_changed
from screening.interpreters.reference import Law
from screening.interpreters.symbolic_leaves import said_in
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, SHOWN
from screening.reading.load import load
from tests.analysis.rules import library
from tests.analysis.test_enumeration import DAY, everybody, expression


def agree(folder: Path, seed: int) -> None:
    """Every slip of a generated library, against everybody there is."""
    random_ = random.Random(seed)
    found = library(folder, expression(random_), expression(random_))
    people = [person for person in everybody(found) if random_.random() < 0.3]
    law = Law(found)
    known = [law.evaluate(person, DAY) for person in people]
    for mutant in mutants(found):
        said = Changes(part_of(found, mutant.name), DAY).otherwise(mutant.name, mutant.expression)
        other = Law(with_changed(found, mutant.name, mutant.expression))
        text = f"seed {seed}: {mutant.name}, {mutant.slip}: {[c.written for c in found.criteria]}"
        if said.subject is None:
            assert said.sure in (EVERY_RECORD, MADE_UP), text
            # Of an equivalent one everything is as it was, the verdict and what contradicts itself too.
            assert all(
                other.evaluate(person, DAY) == values for person, values in zip(people, known, strict=True)
            ), text
        else:
            assert said.sure == SHOWN
            was, now = (one.evaluate(said.subject, DAY)[mutant.name] for one in (law, other))
            assert was != now, text


@pytest.mark.parametrize("seed", range(2))
def test_the_solver_agrees_with_enumeration(tmp_path: Path, seed: int) -> None:
    agree(tmp_path, seed)


@pytest.mark.long
def test_the_solver_agrees_with_enumeration_at_length(tmp_path: Path) -> None:
    for seed in range(2000, 2100):
        agree(tmp_path / str(seed), seed)


RULES = """\
library: drugs
version: "1"
title: Drugs of a test
status: draft
sources: {report: A report of a test}
valuesets:
  Opioid: {source: {report: table}, concepts: [ATC N02A]}
  Steroid: {source: {report: table}, concepts: [ATC H02A]}
requirements:
  Score: {type: Integer, obtain: ask, source: {report: table}}
  Drugs: {type: Records, medication: [Opioid, Steroid], fields: {dose: Integer}, source: {report: table}}
definitions:
"""
DEFINITIONS = {
    "Once": "exists (Drugs D where D.dose > 3)",
    "Twice": "exists (Drugs D where D.dose > 3 and D.dose >= 3)",
    "Another": "exists (Drugs D where D.dose > 4)",
    "Any": "exists Drugs",
    "Sure": "exists (Drugs D where not (D.code in Opioid and D.code in Steroid))",
    "Above": "Score > 3",
    "From": "Score >= 4",
    "With": "Score > 3 or Score > 3 and Once",
}


@pytest.fixture(scope="module")
def drugs(tmp_path_factory: pytest.TempPathFactory) -> Library:
    path = tmp_path_factory.mktemp("drugs") / "drugs.yaml"
    each = (
        f"  {name}: {{expression: '{text}', source: {{report: table}}}}\n" for name, text in DEFINITIONS.items()
    )
    criteria = "".join(
        f"  - {{id: C{at}, category: inclusion, text: One, source: {{report: table}}, expression: {name}}}\n"
        for at, name in enumerate(DEFINITIONS)
    )
    path.write_text(RULES + "".join(each) + "criteria:\n" + criteria, encoding="utf-8")
    return load(path, [path.parent])


@pytest.mark.parametrize(
    ("one", "other", "is_proved"),
    [
        ("Once", "Twice", True),  # one condition on a row, written in two ways
        ("Above", "From", True),  # of whole numbers
        ("Once", "Another", False),
        ("Any", "Sure", False),  # a row may carry codes of both
        # The same truth, but what is known of the drugs, contradictions included, no longer counts.
        ("With", "Above", False),
    ],
)
def test_a_proof_is_of_rows_and_of_what_contradicts_itself_too(
    drugs: Library, one: str, other: str, is_proved: bool
) -> None:
    expressions = dict(drugs.order)
    sameness = Sameness(drugs, DAY, said_in(drugs))
    assert sameness.is_proved(expressions[one], expressions[other]) is is_proved
    assert sameness.is_proved(expressions[one], expressions[one])
