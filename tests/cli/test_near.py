"""`screening near` and the Python API of it; and that the day on which a bar is over is told everywhere."""

from __future__ import annotations

import csv
import datetime
import json
import time
from pathlib import Path

import pytest

from screening import near, screen
from screening.outcome.determination import Verdict
from tests.checkout import ROOT
from tests.cli.cohorts import called

DAY = datetime.date(2026, 11, 22)
LIFTED = "2026-11-23"
RULES = """library: lifted
version: "1"
title: What a date alone lifts
status: draft
sources: {report: made up}
anchors: [Recorded RA]
requirements:
  Recorded RA: {type: Boolean, condition: SNOMED 69896004}
  Last Dose: {type: Date, take: latest}
  Onset: {type: Date, take: latest}
  Pain: {type: Integer, scale: [0, 10], take: latest}
criteria:
  - id: EXC1
    category: exclusion
    text: a dose in the past 14 days
    source: {report: page 1}
    until: 14 days after Last Dose
    expression: |
      "Last Dose" 13 days or less on or before day of "Screening Date"
  - id: INC1
    category: inclusion
    text: ill for 3 months
    source: {report: page 2}
    until:
      text: 3 months have passed
      date: |
        Onset + 3 months
    expression: |
      Onset 3 months or more on or before day of "Screening Date"
  - id: INC2
    category: inclusion
    text: in pain
    source: {report: page 3}
    expression: |
      Pain >= 4
"""


def folder_of(tmp_path: Path, dose: str, onset: str) -> Path:
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "lifted.yaml").write_text(RULES, encoding="utf-8")
    (tmp_path / "people").mkdir()
    text = f"""subject: SYN-0001
synthetic: true
evidence:
  Recorded RA: {{records: [{{code: SNOMED 69896004, date: 2020-01-01}}]}}
  Last Dose: {{records: [{{value: "@{dose}", date: {dose}}}]}}
  Onset: {{records: [{{value: "@{onset}", date: {onset}}}]}}
  Pain: {{records: [{{value: 4, date: 2026-11-20}}]}}
"""
    (tmp_path / "people" / "person.yaml").write_text(text, encoding="utf-8")
    return tmp_path


PROTOCOL = ("--protocol", "lifted", "--rules", "rules", "--as-of", DAY.isoformat())


# An exclusion that is present, and an inclusion that is not met; the other one is over long ago.
@pytest.mark.parametrize(
    ("dose", "onset", "bar"), [("2026-11-09", "2020-01-01", "EXC1"), ("2020-01-01", "2026-08-23", "INC1")]
)
def test_the_day_on_which_a_bar_is_over_is_told_everywhere(
    tmp_path: Path, dose: str, onset: str, bar: str
) -> None:
    folder = folder_of(tmp_path, dose, onset)
    for more in ((), ("--all",), ("--plain",)):
        shown = " ".join(called(folder, "check", "people/person.yaml", *PROTOCOL, *more).out.split())
        assert f"not before {LIFTED}" in shown.partition("Rescreen")[0], more
        assert f"not before {LIFTED}" in shown.partition("Rescreen")[2], more
    certificate = json.loads(called(folder, "check", "people/person.yaml", *PROTOCOL, "--format", "json").out)
    (finding,) = (f for f in certificate["determination"]["criteria"] if f["id"] == bar)
    assert finding["until"] == {"low": f"@{LIFTED}", "high": f"@{LIFTED}"}
    assert f"not before {LIFTED}" in called(folder, "when", "people/person.yaml", *PROTOCOL).out
    assert LIFTED in called(folder, "match", "people/person.yaml", "--rules", "rules", "--as-of", "2026-11-22").out
    assert called(folder, "cohort", "people", *PROTOCOL, "--out", "out").status == 0
    with (folder / "out" / "people.csv").open(encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert row["not_before"] == LIFTED
    with next((folder / "out").glob("*log*.csv")).open(encoding="utf-8") as file:
        (logged,) = csv.DictReader(file)
    assert logged["earliest_eligible_date"] == LIFTED
    assert f"not before {LIFTED}" in called(folder, "explain", "out", "--subject", "SYN-0001").out


def test_columns_say_the_same_day(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "2026-11-09", "2026-08-24")
    assert called(folder, "prepare", "people", "tables", "--protocol", "lifted", "--rules", "rules").status == 0
    rows = []
    for source, engine in (("people", "one-by-one"), ("tables", "polars"), ("tables", "duckdb")):
        assert called(folder, "cohort", source, *PROTOCOL, "--engine", engine, "--out", engine).status == 0
        with (folder / engine / "people.csv").open(encoding="utf-8") as file:
            rows.append(next(csv.DictReader(file))["not_before"])
    assert rows == ["2026-11-24"] * 3


def test_the_api_says_what_the_command_says() -> None:
    library = screen.load_protocol("ketamine-ra-fm")
    record = ROOT / "rules" / "records" / "SYN-0018.yaml"
    person = screen.read_record(record.read_bytes(), library, name=record.name)
    found = near.near(library, person, DAY)
    assert found.determination.verdict is Verdict.INELIGIBLE
    liver = next(margin for margin in found.margins if margin.criterion == "SHE03A")
    assert (liver.requirement, str(liver.distance), liver.is_near, liver.is_favourable) == (
        "ALT",
        "1",
        True,
        False,
    )
    assert found.misses == () and [each.criterion for each in near.near(library, person, DAY, 9).misses] == []
    assert found.sufficient.requirements == ("ALT", "ALT Upper Limit")
    assert all(aim.sets == () for aim in found.aims)
    lines = near.told_near(library, person, found)
    assert any(line.text.startswith("x SHE03A") for line in lines)
    data = near.near_data(library, person, found)
    assert json.loads(json.dumps(data)) == data and data["by_time"] == [
        {"criterion": "SMD02", "not_before": LIFTED}
    ]


def test_the_line_of_check_costs_next_to_nothing() -> None:
    from screening.reports.margin import near_sentence

    library = screen.load_protocol("ketamine-ra-fm")
    record = ROOT / "rules" / "records" / "index-completed.yaml"
    person = screen.read_record(record.read_bytes(), library, name=record.name)
    account = screen.account(screen.screen(library, person, DAY))
    start = time.process_time()
    for _ in range(10):
        assert near_sentence(account).startswith("INC04")
    assert (time.process_time() - start) / 10 < 0.02


def test_a_day_that_is_only_partly_known_gives_the_earliest_possible_one_everywhere(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "2020-01-01", "2026-09")
    said = {c: " ".join(called(folder, c, "people/person.yaml", *PROTOCOL).out.split()) for c in ("near", "when")}
    assert "not before 2026-12-01, for certain from 2026-12-30" in said["near"]
    assert "ELIGIBLE not before 2026-12-30 (earliest possible 2026-12-01)" in said["when"]


def test_what_is_only_open_on_the_day_may_be_so_already(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "2026-11", "2020-01-01")
    said = " ".join(called(folder, "when", "people/person.yaml", *PROTOCOL).out.split())
    assert "ELIGIBLE not before 2026-12-14 (earliest possible 2026-11-22)" in said


def test_where_no_number_decided_it_says_so(tmp_path: Path) -> None:
    folder = folder_of(tmp_path, "2020-01-01", "2020-01-01")
    path = folder / "people" / "person.yaml"
    path.write_text("subject: SYN-0001\nsynthetic: true\nevidence: {}\n", encoding="utf-8")
    assert "no number decided" in called(folder, "near", "people/person.yaml", *PROTOCOL).out
