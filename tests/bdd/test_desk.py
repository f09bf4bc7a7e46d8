"""The steps of `desk.feature`. They call the command line and read what it writes, nothing deeper."""

from __future__ import annotations

import datetime
import json
import re
import shutil
from pathlib import Path

import openpyxl
import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, called, cohort, manifest, table
from tests.cli.test_desk import fill, sheet
from tests.cli.test_screens import NEVER

scenarios("desk.feature")


class Desk:
    """A site's folder, and what the coordinator has seen last."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shown = Called(0, "", "")

    def ask(self, *words: str) -> None:
        self.shown = called(self.folder, *words)
        assert (self.shown.status, self.shown.err) == (0, "")

    def screen(self, out: str = "out") -> None:
        assert cohort(self.folder, "people", out=out).status == 0

    def rows(self) -> dict[str, dict[str, str]]:
        return {row["pseudonym"]: row for row in table(self.folder / "list.csv")}

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@given("the people of a site were screened")
def _screened(desk: Desk) -> None:
    shutil.copytree(RECORDS, desk.folder / "people")
    (desk.folder / "people" / "site.yaml").unlink()
    desk.screen()


@given("the coordinator wrote into the workbook that SYN-0049 consented on 2026-11-24")
def _wrote(desk: Desk) -> None:
    desk.ask("worklist", "out", "--out", "list.xlsx")
    fill(desk.folder / "list.xlsx", "SYN-0049", "consented", datetime.date(2026, 11, 24))


@given("SYN-0003 asked not to be contacted")
def _asked_not(desk: Desk) -> None:
    (desk.folder / "no.csv").write_text("SYN-0003\n", encoding="utf-8")
    desk.ask("worklist", "out", "--do-not-contact", "no.csv", "--out", "list.csv")


@given("one workbook says that SYN-0049 enrolled on 2026-11-25 and another that she declined the day before")
def _two(desk: Desk) -> None:
    desk.ask("worklist", "out", "--out", "one.xlsx")
    shutil.copy(desk.folder / "one.xlsx", desk.folder / "other.xlsx")
    fill(desk.folder / "one.xlsx", "SYN-0049", "enrolled", datetime.date(2026, 11, 25))
    fill(desk.folder / "other.xlsx", "SYN-0049", "declined", datetime.date(2026, 11, 24))


@given("no source is mapped for stroke, which is an absolute exclusion")
def _unmapped(desk: Desk) -> None:
    made = manifest(desk.folder / "out")
    made["unmapped_absolute_exclusions"] = [{"id": "SCV04", "requirements": ["Stroke"]}]
    (desk.folder / "out" / "manifest.json").write_text(json.dumps(made), encoding="utf-8")


@given("one person is not in the new extract and another one's consent is not in it")
def _extract(desk: Desk) -> None:
    desk.screen("last")
    (desk.folder / "people" / "eligible.yaml").unlink()
    file = desk.folder / "people" / "review.yaml"
    lines = [line for line in file.read_text("utf-8").splitlines() if "Consent" not in line]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    desk.screen()


@when("the coordinator asks for the worklist as a workbook")
def _workbook(desk: Desk) -> None:
    desk.ask("worklist", "out", "--out", "list.xlsx")


@when("the people are screened again and the worklist is made from the workbook")
def _from_workbook(desk: Desk) -> None:
    desk.screen()
    desk.ask("worklist", "out", "--dispositions", "list.xlsx", "--out", "list.csv")


@when("the people are screened again and the worklist is made without naming that list")
def _without(desk: Desk) -> None:
    desk.screen()
    desk.ask("worklist", "out", "--out", "list.csv")


@when("the worklist is made from both")
def _both(desk: Desk) -> None:
    files = ("--dispositions", "one.xlsx", "--dispositions", "other.xlsx")
    desk.ask("worklist", "out", *files, "--out", "list.csv")


@when("the coordinator asks for the funnel as a figure")
def _figure(desk: Desk) -> None:
    desk.ask("funnel", "out", "--figure", "funnel.png", "--format", "svg")


@when("the funnel by sex and age is asked for with cells under 5 hidden")
def _hidden(desk: Desk) -> None:
    desk.ask("funnel", "out", "--by", "sex", "--by", "age", "--suppress", "5", "--format", "csv")


@when("the coordinator asks for the funnel")
def _funnel(desk: Desk) -> None:
    desk.ask("funnel", "out")


@when("the new run is held against the last one")
def _against(desk: Desk) -> None:
    desk.ask("funnel", "out", "--against", "last")


@then("everybody who is NOT RULED OUT has a row, people with an alert first")
def _rows(desk: Desk) -> None:
    page, head, columns = sheet(desk.folder / "list.xlsx")
    people = {row["id"]: row for row in table(desk.folder / "out" / "people.csv")}
    ids = [page.cell(row, 1).value for row in range(head + 1, page.max_row + 1)]
    assert sorted(ids) == sorted(id for id, row in people.items() if row["standing"] == "NOT RULED OUT")
    alerts = [bool(page.cell(row, columns["alert"]).value) for row in range(head + 1, page.max_row + 1)]
    assert alerts == sorted(alerts, reverse=True)


@then("each row says what is on record, and what is to be obtained and how")
def _says(desk: Desk) -> None:
    page, head, columns = sheet(desk.folder / "list.xlsx")
    open_ones = [name for name in columns if name.startswith("open_")]
    people = {row["id"]: row for row in table(desk.folder / "out" / "people.csv")}
    for row in range(head + 1, page.max_row + 1):
        cells = {name: page.cell(row, column).value or "" for name, column in columns.items()}
        assert "Recorded FM: " in cells["anchor_evidence"]
        items = [item for name in open_ones for item in cells[name].split("; ") if item]
        missing = people[cells["pseudonym"]]["missing_items"]
        assert len(items) == len([name for name in missing.split("|") if name])


@then("the workbook says DRAFT and the day, on screen and on paper")
def _draft(desk: Desk) -> None:
    page = openpyxl.load_workbook(desk.folder / "list.xlsx").worksheets[0]
    for text in (f"{page['A1'].value} {page['A2'].value}", page.oddHeader.left.text):
        assert "DRAFT" in text and "2026-11-22" in text


@then("SYN-0049 is still marked as consented on 2026-11-24")
def _still(desk: Desk) -> None:
    row = desk.rows()["SYN-0049"]
    assert (row["disposition"], row["disposition_date"], row["disposition_by"]) == (
        "consented",
        "2026-11-24",
        "K7",
    )


@then("who is new, changed or the same since the last run is said")
def _since(desk: Desk) -> None:
    assert "Since the run before: 0 new, 0 changed, 3 same." in desk.words


@then("SYN-0003 is not on it")
def _not_on_it(desk: Desk) -> None:
    assert desk.rows() and "SYN-0003" not in desk.rows()


@then("the screen counts who was left out")
def _left_out(desk: Desk) -> None:
    assert "3 NOT RULED OUT - 1 on the do-not-contact list = 2 rows" in desk.words


@then("the later one stands, the other is kept beside it, and the screen names SYN-0049")
def _later(desk: Desk) -> None:
    row = desk.rows()["SYN-0049"]
    assert (row["disposition"], row["disposition_date"]) == ("enrolled", "2026-11-25")
    assert row["earlier_dispositions"] == "declined 2026-11-24 K7"
    assert "two dispositions that do not agree: SYN-0049." in desk.words


@then("it is drawn, and says in words what it shows")
def _drawn(desk: Desk) -> None:
    assert (desk.folder / "funnel.png").read_bytes().startswith(b"\x89PNG")
    assert re.search(r"<title .*DRAFT.*</title><desc .*assessed 6\b.*</desc>", desk.shown.out)


@then("nothing in it reads as a forecast")
def _no_forecast(desk: Desk) -> None:
    words = re.findall(r"<(?:title|desc)[^>]*>(.*?)</", desk.shown.out)
    assert words and "an upper bound, no forecast" in words[1]
    assert NEVER.search(" ".join(words)) is None


@then("no number from 1 to 4 is in it")
def _no_small(desk: Desk) -> None:
    (desk.folder / "f.csv").write_text(desk.shown.out, encoding="utf-8")
    cells = {row["people"] for row in table(desk.folder / "f.csv")}
    assert not cells & {"1", "2", "3", "4"} and "<5" in cells


@then("it says that nobody can have been ruled out by it, and gives no count")
def _no_count(desk: Desk) -> None:
    assert "x SCV04" in desk.shown.out and "Nobody can have been ruled out by it" in desk.words
    assert re.search(r"^SCV04 .* no source +no source +no source$", desk.shown.out, re.MULTILINE)


@then("one person is gone, one has changed, and the counts add up")
def _adds_up(desk: Desk) -> None:
    def number(head: str) -> int:
        found = re.search(rf"^ *{head} +(\d+)$", desk.shown.out, re.MULTILINE)
        assert found, head
        return int(found[1])

    both = number("in both, changed") + number("in both, the same")
    assert number("gone, not in this run") == number("in both, changed") == 1
    assert number("People of the earlier run") == both + 1 and number("People of this run") == both


@then("it says that the data are the reason")
def _reason(desk: Desk) -> None:
    assert "Only the data differ: every change is because of that." in desk.words
