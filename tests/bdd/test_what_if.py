"""The steps of `what_if.feature`. They call the command line and read what it writes, nothing deeper."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from pathlib import Path

import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import Called
from tests.cli.cohorts import SMALL, called, cohort, spread_people, table
from tests.cli.test_screens import NEVER

scenarios("what_if.feature")


class Laboratory:
    """A site's folder, and what the coordinator has seen last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown = Called(0, "", "")

    def ask(self, *words: str) -> None:
        self.shown = called(self.folder, "what-if", "small", "people", *SMALL[2:], *words)
        assert (self.shown.status, self.shown.err) == (0, "")
        assert not NEVER.search(self.words)

    def csv(self, *words: str) -> list[dict[str, str]]:
        self.ask(*words, "--format", "csv")
        return list(csv.DictReader(io.StringIO(self.shown.out)))

    def run(self, *more: str) -> list[dict[str, str]]:
        assert cohort(self.folder, "people", *more).status == 0
        return table(self.folder / "out" / "people.csv")

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())


@pytest.fixture
def laboratory(tmp_path: Path) -> Laboratory:
    return Laboratory(tmp_path)


@given("the people of a site")
def _people(laboratory: Laboratory) -> None:
    spread_people(laboratory.folder / "people", 40)


@when("the coordinator asks what if the lowest pain were 0 to 10")
def _range(laboratory: Laboratory) -> None:
    laboratory.ask("--set", "Lowest Pain=0..10")


@then("at every value the counts are those of a run with that limit")
def _every_value(laboratory: Laboratory) -> None:
    shown = laboratory.shown
    steps = laboratory.csv("--set", "Lowest Pain=0..10")
    laboratory.shown = shown
    for value in range(11):
        step = [each for each in steps if int(each["value"]) <= value][-1]
        found = Counter(row["verdict"] for row in laboratory.run("--parameter", f"Lowest Pain={value}"))
        assert int(step["certain"]) == found["ELIGIBLE"]
        assert int(step["review"]) == found["REVIEW"]
        assert int(step["possible"]) == found.total() - found["INELIGIBLE"]


@then("certain, to review and possible are told apart")
def _told_apart(laboratory: Laboratory) -> None:
    assert re.search(r"certain +to review +possible +ruled out", laboratory.shown.out)
    assert "Certain: ELIGIBLE" in laboratory.words


@then("the screen says which limit is in force and where it comes from")
def _in_force(laboratory: Laboratory) -> None:
    assert "in force 4 (report: page 142)" in laboratory.words


@then("it says DRAFT, the day, and that no count is a forecast")
def _draft(laboratory: Laboratory) -> None:
    first, second = laboratory.shown.out.splitlines()[:2]
    assert "DRAFT" in first
    assert "As of 2026-11-22" in second
    assert "no forecast of recruitment" in laboratory.words


@when("the coordinator asks what if the lowest pain were 10")
def _one(laboratory: Laboratory) -> None:
    laboratory.ask("--set", "Lowest Pain=10", "--people", "moves.csv")


@then("the screen says how many would enter and leave")
def _enter_and_leave(laboratory: Laboratory) -> None:
    assert re.search(r"now in force +entering +leaving +then", laboratory.shown.out)


@then("a list names whose verdict would be another one")
def _list(laboratory: Laboratory) -> None:
    moved = {row["person"]: (row["before"], row["now"]) for row in table(laboratory.folder / "moves.csv")}
    before = {row["id"]: row["verdict"] for row in laboratory.run()}
    now = {row["id"]: row["verdict"] for row in laboratory.run("--parameter", "Lowest Pain=10")}
    assert moved == {id: (before[id], now[id]) for id in before if before[id] != now[id]}


@then("the screen says how sex and age would shift")
def _shift(laboratory: Laboratory) -> None:
    assert "mean age, years" in laboratory.words
    assert "standardised mean difference" in laboratory.words


@when("the coordinator asks what if INC03 were dropped")
def _dropped(laboratory: Laboratory) -> None:
    laboratory.ask("--drop", "INC03", "--people", "moves.csv")


@then("nobody leaves")
def _nobody_leaves(laboratory: Laboratory) -> None:
    assert not [row for row in table(laboratory.folder / "moves.csv") if row["now"] == "INELIGIBLE"]


@then("who enters had no other bar")
def _no_other_bar(laboratory: Laboratory) -> None:
    bars = {row["id"]: row["deciding_reasons"] for row in laboratory.run()}
    entering = [r for r in table(laboratory.folder / "moves.csv") if r["before"] == "INELIGIBLE"]
    assert {bars[row["person"]] for row in entering} <= {"INC03"}


@when("the coordinator asks what if people over 40 were excluded")
def _added(laboratory: Laboratory) -> None:
    laboratory.ask("--add", "exclusion: Age > 40", "--people", "moves.csv")


@then("nobody enters")
def _nobody_enters(laboratory: Laboratory) -> None:
    moves = table(laboratory.folder / "moves.csv")
    assert moves
    assert not [row for row in moves if row["before"] == "INELIGIBLE"]


@when("the coordinator asks to which criteria the people lost are owed")
def _owed(laboratory: Laboratory) -> None:
    laboratory.ask("--attribution")


@then("the shares add up to the people who are ruled out")
def _add_up(laboratory: Laboratory) -> None:
    shown = laboratory.shown
    rows = laboratory.csv("--attribution")
    laboratory.shown = shown
    ruled_out = sum(row["verdict"] == "INELIGIBLE" for row in laboratory.run())
    assert abs(sum(float(row["shapley"]) for row in rows) - ruled_out) < 1e-9


@then("it says that what is unknown bars nobody")
def _unknown(laboratory: Laboratory) -> None:
    assert "Only what is known bars" in laboratory.words


@when("the coordinator asks for the range as a figure with small cells hidden")
def _figure(laboratory: Laboratory) -> None:
    laboratory.ask("--set", "Lowest Pain=0..10", "--suppress", "5", "--format", "svg")


@then("it says in words what it shows, and no number from 1 to 4 is in it")
def _words_of_figure(laboratory: Laboratory) -> None:
    described = re.search(r"<desc[^>]*>(.*?)</desc>", laboratory.shown.out, re.DOTALL)
    assert described
    assert "no forecast" in described[1]
    assert not re.search(r"(certain|possible) [1-4]\b", described[1])


@given("everybody was screened")
def _screened(laboratory: Laboratory) -> None:
    laboratory.run()


@when("the coordinator asks the cohort its questions")
def _questions(laboratory: Laboratory) -> None:
    done = called(laboratory.folder, "cohort", "out", "--questions", "--items", "items.csv", "--near", "near.csv")
    assert (done.status, done.err) == (0, "")
    assert not NEVER.search(" ".join(done.out.split()))
    laboratory.shown = done


@then("each open item is there with how many lack it and how many verdicts it could settle")
def _items(laboratory: Laboratory) -> None:
    rows = [
        row
        for row in table(laboratory.folder / "out" / "people.csv")
        if row["verdict"] in ("UNDETERMINED", "REVIEW")
    ]
    lacking = Counter(name for row in rows for name in row["missing_items"].split("|") if name)
    found = {row["items"]: row for row in table(laboratory.folder / "items.csv") if row["number"] == "1"}
    assert {name: int(row["lack_any"]) for name, row in found.items()} == lacking
    for row in found.values():
        assert int(row["settled"]) <= int(row["could_settle_at_most"]) <= int(row["lack_any"])


@then("the people with exactly one bar are counted, with how far a number lies from its limit")
def _near(laboratory: Laboratory) -> None:
    rows = table(laboratory.folder / "out" / "people.csv")
    single = {r["id"] for r in rows if r["verdict"] == "INELIGIBLE" and "|" not in r["deciding_reasons"]}
    near = table(laboratory.folder / "near.csv")
    assert {row["person"] for row in near} == single
    assert [row for row in near if row["number"] and float(row["distance"]) >= 0]
    assert f"in all {len(single)}" in laboratory.words


@then("people whose bars end by their dates are counted by month")
def _months(laboratory: Laboratory) -> None:
    rows = table(laboratory.folder / "out" / "people.csv")
    months = Counter(r["not_before"][:7] for r in rows if r["verdict"] == "INELIGIBLE" and r["not_before"])
    for month, number in months.items():
        assert re.search(rf"{month} +{number}\b", laboratory.shown.out)
    assert months or "Nobody's bars all end by their dates" in laboratory.words


@when("everybody is screened with questions")
def _with_questions(laboratory: Laboratory) -> None:
    laboratory.shown = cohort(laboratory.folder, "people", "--questions")


@then("the counts of the run and the questions are both there")
def _both(laboratory: Laboratory) -> None:
    assert laboratory.shown.status == 0
    assert "Records read" in laboratory.words
    assert "Collect, each by itself" in laboratory.words
