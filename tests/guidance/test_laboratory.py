"""The Python API of the laboratory and of the cohort's questions, as its users write it."""

from __future__ import annotations

import datetime
from fractions import Fraction
from pathlib import Path

from screening import amendment, collecting, screen
from tests.checkout import ROOT
from tests.cli.cohorts import SMALL, called, cohort, spread_people

DAY = datetime.date(2026, 11, 22)
RULES = ROOT / "tests" / "cli" / "rules"


def test_a_curve_in_a_few_lines(tmp_path: Path) -> None:
    people = spread_people(tmp_path / "people", 30)

    library = screen.load_protocol("small", [RULES])
    laboratory = amendment.Laboratory(library, [amendment.Origin(people)], DAY)
    curve = laboratory.curve(amendment.setting(library, "Lowest Pain=0..10"))

    assert curve.at(4).certain <= curve.at(4).possible <= curve.people == 30
    assert curve.at(10).possible <= curve.at(0).possible
    assert all(Fraction(0) < value <= 10 for value in curve.breakpoints)


def test_an_amendment_in_a_few_lines(tmp_path: Path) -> None:
    people = spread_people(tmp_path / "people", 30)

    library = screen.load_protocol("small", [RULES])
    laboratory = amendment.Laboratory(library, [amendment.Origin(people)], DAY)
    other = amendment.changed(library, "Lowest Pain", "8")
    effect = laboratory.effect("Lowest Pain = 8", other)
    before, entering, leaving, now = effect.counted("possible")
    with amendment.rule_file(library, dropped=["INC03"]) as path:
        without = laboratory.effect("without INC03", screen.load_protocol(str(path), [RULES]))
    owed = laboratory.attribution()
    answers = amendment.Answers(
        amendment.manifest(library, laboratory.origins, DAY), effects=[effect, without], attribution=owed
    )

    assert before + entering - leaving == now
    assert without.counted("possible")[2] == 0
    assert sum(share.share for share in owed.shares.values()) == owed.ruled_out
    assert "no forecast" in " ".join(line.text for line in answers.lines())
    assert answers.moves().startswith("change,site,person,before,now")


def test_questions_in_a_few_lines(tmp_path: Path) -> None:
    people = spread_people(tmp_path / "people", 30)
    assert cohort(tmp_path, "people").status == 0

    library = screen.load_protocol("small", [RULES])
    found = collecting.questions(tmp_path / "out", library, collecting.Origin(people))

    assert all(one.settled <= one.could <= one.lacking for one in (*found.items, *found.sets))
    assert sum(each.people for each in found.near) <= found.people
    assert called(tmp_path, "cohort", "out", "--questions", *SMALL[:0]).status == 0
