"""`screening mutate`, `boundary` and `test --coverage`: which slips the cases notice, and people who would."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening.errors import NOWHERE
from screening.outcome import mutation as states
from screening.outcome.mutation import Mutation, Slipped
from screening.reports.mutation import told
from tests.cli.calls import call

RULES = """\
library: trial
version: "1"
title: A trial
status: draft
sources:
  protocol: A protocol of nobody
requirements:
  Age: {type: Integer, take: latest, obtain: ask}
  Burn: {type: Boolean, obtain: ask}
criteria:
  - id: EXC01
    category: exclusion
    text: Above 65, and a burn
    source: {protocol: section 1}
    expression: |
      Age > 65 and Burn
  - id: EXC02
    category: exclusion
    text: A burn or none
    source: {protocol: section 2}
    expression: |
      Age >= 18 and Age >= 18 and Burn
"""
CASES = """\
protocol: trial
base: none
as of: 2026-01-31

cases:
  - case: above
    why: both
    change: {Age: 70, Burn: TRUE}
    expect: {criteria: {EXC01: TRUE}}
  - case: below
    why: too young
    change: {Age: 60, Burn: TRUE}
    expect: {criteria: {EXC01: FALSE}}
"""


@pytest.fixture
def rule(tmp_path: Path) -> Path:
    (tmp_path / "trial.yaml").write_text(RULES)
    (tmp_path / "trial.cases.yaml").write_text(CASES)
    return tmp_path / "trial.yaml"


def test_what_no_case_notices_is_told_with_a_case_that_would(monkeypatch: pytest.MonkeyPatch, rule: Path) -> None:
    done = call(monkeypatch, "mutate", str(rule), "--name", "EXC01", "--json")
    assert done.status == 0, done.err
    found = json.loads(done.out)["libraries"][0]
    survivors = {one["slip"]: one for one in found["survivors"]}
    assert "`>=` for `>`" in survivors
    assert "Burn left out" in survivors
    assert "`or` for `and`" not in survivors, "the second case notices it"
    assert survivors["`>=` for `>`"]["line"] == 16
    assert "Age: {date" in survivors["`>=` for `>`"]["case"]
    assert "value: 65}" in survivors["`>=` for `>`"]["case"]
    assert found["noticed"] + found["survive"] == found["slips"]


def test_a_slip_that_changes_nothing_is_left_out(monkeypatch: pytest.MonkeyPatch, rule: Path) -> None:
    done = call(monkeypatch, "mutate", str(rule), "--name", "EXC02", "--json")
    found = json.loads(done.out)["libraries"][0]
    # Either half of `Age >= 18 and Age >= 18` may be left out.
    assert found["equivalent, proved"] >= 2
    assert not {"part 1 left out", "part 2 left out"} & {one["slip"] for one in found["survivors"]}


def test_what_is_not_decided_counts_as_not_noticed() -> None:
    ends = [states.NOTICED] * 3 + [states.PROVED, states.UNDECIDED]
    found = Mutation(
        "trial", 1, tuple(Slipped("EXC01", f"slip {at}", "", NOWHERE, end) for at, end in enumerate(ends))
    )
    assert (found.counted, found.percent) == (4, 75)
    text = " ".join(" ".join(line.text for line in told(found)).split())
    assert "75 % of the slips noticed, 3 of 4" in text
    assert "Left out: 1 proved to say the same of every record" in text
    assert "Counted as not noticed: 1 of which it is not decided whether they change anything" in text


def test_few_people_tell_many_slips_apart(monkeypatch: pytest.MonkeyPatch, rule: Path) -> None:
    edges = rule.with_name("trial.edges.cases.yaml")
    done = call(monkeypatch, "mutate", str(rule), "--json")
    survivors = json.loads(done.out)["libraries"][0]["survive"]
    assert call(monkeypatch, "mutate", str(rule), "--write", str(edges)).status == 0
    assert 0 < edges.read_text().count("  - case:") < survivors
    assert "EXC01 (Above 65, and a burn): `>=` written for `>`" in edges.read_text()


def test_the_people_that_are_written_notice_everything(monkeypatch: pytest.MonkeyPatch, rule: Path) -> None:
    assert call(monkeypatch, "mutate", str(rule), "--at-least", "95").status == 5
    edges = rule.with_name("trial.edges.cases.yaml")
    assert call(monkeypatch, "mutate", str(rule), "--write", str(edges)).status == 0
    assert "AWAITING SIGN-OFF" in edges.read_text()
    assert call(monkeypatch, "mutate", str(rule), "--write", str(edges)).status == 3, "it is there already"
    assert call(monkeypatch, "test", str(rule)).status == 0
    done = call(monkeypatch, "mutate", str(rule), "--at-least", "100")
    assert (done.status, done.out.splitlines()[0][:35]) == (0, "trial: 100 % of the slips noticed, ")


def test_boundary_writes_people_at_the_edges_once(monkeypatch: pytest.MonkeyPatch, rule: Path) -> None:
    into = rule.with_name("trial.boundary.cases.yaml")
    assert call(monkeypatch, "boundary", str(rule), "--into", str(into)).status == 0
    text = into.read_text()
    for title in ("EXC01 TRUE", "EXC01 FALSE", "EXC01 UNKNOWN", "just below 65", "EXC01 at 65", "just above 65"):
        assert title in text
    assert call(monkeypatch, "test", str(into)).status == 0
    assert call(monkeypatch, "boundary", str(rule), "--into", str(into)).status == 3
    assert into.read_text() == text


@pytest.mark.parametrize("how", [("boundary", "--into"), ("mutate", "--write")])
def test_a_place_that_cannot_take_a_file_is_refused_before_any_work(
    monkeypatch: pytest.MonkeyPatch, rule: Path, how: tuple[str, str]
) -> None:
    def worked(*given: object) -> None:
        raise AssertionError("work was done")

    with monkeypatch.context() as patch:
        patch.setattr("screening.mutating.Trial", worked)
        done = call(patch, how[0], str(rule), how[1], str(rule.parent / "nowhere" / "x.cases.yaml"))
    assert done.status == 3 and "x.cases.yaml is not there; make it first" in done.err


def test_coverage_says_what_no_case_shows(monkeypatch: pytest.MonkeyPatch, rule: Path, tmp_path: Path) -> None:
    data = tmp_path / "coverage.json"
    done = call(monkeypatch, "test", str(rule), "--coverage", "--coverage-json", str(data))
    assert "EXC01: no case comes to UNKNOWN; rests on EXC01.2 alone; lies at EXC01.1" in " ".join(done.out.split())
    first = json.loads(data.read_text())["statements"][0]
    assert first["parts"] == [{"place": "EXC01.1", "decides": True}, {"place": "EXC01.2", "decides": False}]
    assert first["limits"] == [{"place": "EXC01.1", "sides": ["below", "above"]}]
