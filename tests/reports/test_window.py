"""Windows and parameters on the screen: values in force, never the names that a rule file uses for them."""

from __future__ import annotations

import datetime
from pathlib import Path

from screening import screen

DAY = datetime.date(2026, 11, 22)
RULES = """
library: window
version: "1"
title: One reading of the week
status: draft
sources: {report: A report}
parameters:
  Screening Date: Date
  Reading Days: {type: Integer, value: 7, chosen: true, source: {report: p. 1}}
  Least Score: {type: Integer, chosen: true, source: {report: p. 2}}
requirements:
  Score: {type: Integer, code: LOINC 72514-3, within: '"Reading Days" days', source: {report: p. 1}}
criteria:
- {id: INC01, category: inclusion, strength: absolute, text: a score, source: {report: p. 1},
   expression: Score >= 4 and Score >= "Least Score"}
"""
PERSON = "subject: P1\nevidence: {Score: {value: 5, date: 2026-10-01}}\n"


def told(tmp_path: Path, parameters: dict[str, str] | None = None) -> str:
    (tmp_path / "window.yaml").write_text(RULES, encoding="utf-8")
    library = screen.load_library(str(tmp_path / "window.yaml"), [], parameters, "command line")
    person = screen.read_record(PERSON.encode(), library, "person.yaml")
    return " ".join(screen.plain_text(screen.told(screen.screen(library, person, DAY), everything=True)).split())


def test_a_window_is_told_by_the_value_in_force(tmp_path: Path) -> None:
    found = told(tmp_path)
    assert "none within 7 days; 1 entry in all" in found
    assert '"Reading Days"' not in found
    assert "none within 3 days" in told(tmp_path, {"Reading Days": "3"})


def test_a_parameter_that_no_file_sets_was_changed_by_nobody(tmp_path: Path) -> None:
    assert "Changed" not in told(tmp_path)
    assert "Changed Least Score 5" in told(tmp_path, {"Least Score": "5"})


NOTED = RULES.replace(
    "expression: Score", "note: Tells nothing of the joints. Look at each part., expression: Score"
)


def test_a_protocol_of_a_single_criterion_shows_its_note(tmp_path: Path) -> None:
    (tmp_path / "window.yaml").write_text(NOTED, encoding="utf-8")
    library = screen.load_library(str(tmp_path / "window.yaml"), [], {"Least Score": "1"})
    for day in ("2026-11-20", "2026-10-01"):
        person = screen.read_record(PERSON.replace("2026-10-01", day).encode(), library, "person.yaml")
        told = screen.plain_text(screen.told(screen.screen(library, person, DAY)))
        assert "Tells nothing of the joints. Look at each part." in " ".join(told.split())
