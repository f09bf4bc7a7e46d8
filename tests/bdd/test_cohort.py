"""The steps of `cohort.feature`. They call the command line and nothing deeper."""

from __future__ import annotations

import csv
import re
import shutil
from pathlib import Path

import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, called, cohort, manifest, table
from tests.cli.test_screens import NEVER

scenarios("cohort.feature")

STATUS = {"ELIGIBLE": 0, "INELIGIBLE": 2, "UNDETERMINED": 4, "REVIEW": 4}


class Site:
    """A site's folder of records, and what the coordinator has seen and written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = folder / "people"
        self.shown = Called(0, "", "")
        self.person = ""
        self.lists: tuple[str, ...] = ()

    def screen(self) -> None:
        self.shown = cohort(self.folder, "people")

    def rows(self) -> list[dict[str, str]]:
        return table(self.folder / "out" / "people.csv")

    def worklist(self) -> list[dict[str, str]]:
        self.shown = called(self.folder, "worklist", "out", "--out", "list.csv", *self.lists)
        assert self.shown.status == 0
        return table(self.folder / "list.csv")

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@given("the records of a site, one of which cannot be read")
def _records(site: Site) -> None:
    shutil.copytree(RECORDS, site.records)
    (site.records / "site.yaml").unlink()
    (site.records / "broken.yaml").write_text("subject: [", encoding="utf-8")


@given("a person of whom nothing but the name is recorded")
def _unknown(site: Site) -> None:
    site.person = "SYN-0500"
    (site.records / "unknown.yaml").write_text("subject: SYN-0500\nevidence: {}\n", encoding="utf-8")


@given("a person who asked not to be contacted")
def _not_to_contact(site: Site) -> None:
    site.person = "SYN-0003"
    (site.folder / "no.csv").write_text("SYN-0003\n", encoding="utf-8")
    site.lists = ("--do-not-contact", "no.csv")


@given("everybody was screened before")
@when("everybody is screened")
def _screened(site: Site) -> None:
    site.screen()
    assert (site.shown.status, site.shown.err) == (0, "")


@given("the coordinator wrote beside a person that she declined")
def _declined(site: Site) -> None:
    site.person = "SYN-0077"
    rows = site.worklist()
    for row in rows:
        if row["pseudonym"] == site.person:
            row |= {"disposition": "Declined", "disposition_date": "2026-11-23", "disposition_by": "K7"}
    with open(site.folder / "filled.csv", "w", encoding="utf-8-sig", newline="") as file:
        table_of = csv.DictWriter(file, list(rows[0]), delimiter=";")
        table_of.writeheader()
        table_of.writerows(rows)


@when("the records are gone and everybody is screened again")
def _gone(site: Site) -> None:
    shutil.rmtree(site.records)
    site.screen()


@when("the worklist is made again")
def _again(site: Site) -> None:
    site.lists = ("--dispositions", "filled.csv")


@then("each record is a row or is rejected with its reason")
def _accounted(site: Site) -> None:
    rejected = table(site.folder / "out" / "rejected.csv")
    assert len(site.rows()) + len(rejected) == len(list(site.records.iterdir()))
    assert [each["place"].partition(":")[0] for each in rejected] == ["broken.yaml"]
    assert rejected[0]["reason"]


@then("the counts that are shown add up")
def _sums(site: Site) -> None:
    def number(head: str) -> int:
        found = re.search(rf"^(?:Standing: |Verdict: |  )?{head} +([\d,]+)", site.shown.out, re.MULTILINE)
        assert found, head
        return int(found[1].replace(",", ""))

    people = number("people")
    assert number("Records read") == number("rejected") + people
    assert number("RULED OUT") + number("NOT RULED OUT") + number("NO ANCHOR EVIDENCE") == people
    assert sum(number(verdict) for verdict in STATUS) == people == number("Each adds up to")


@then("DRAFT and the day stand in the first two lines")
def _head(site: Site) -> None:
    first, second = site.shown.out.splitlines()[:2]
    assert "DRAFT" in first and "2026-11-22" in second


@then("that person is UNDETERMINED")
def _undetermined(site: Site) -> None:
    assert {row["id"]: row["verdict"] for row in site.rows()}[site.person] == "UNDETERMINED"


@then("that person is not on the worklist")
def _not_listed(site: Site) -> None:
    listed = [row["pseudonym"] for row in site.worklist()]
    assert listed and site.person not in listed


@then("the worklist says how many people were left out")
def _left_out(site: Site) -> None:
    assert "3 NOT RULED OUT - 1 on the do-not-contact list = 2 rows" in site.words


@then("the screen counts the people with an alert and says to see them first")
def _alerts(site: Site) -> None:
    assert re.search(r"^!! Alerts +1  people of any standing: see these first$", site.shown.out, re.MULTILINE)


@then("it is refused")
def _refused(site: Site) -> None:
    assert (site.shown.status, site.shown.out) == (3, "")


@then("the earlier rows are still there")
def _still(site: Site) -> None:
    assert len(site.rows()) == manifest(site.folder / "out")["counts"]["people"] == 6


@then("each person screened alone has the verdict of the row")
def _explained(site: Site) -> None:
    for row in site.rows():
        done = called(site.folder, "explain", "out", "--subject", row["id"])
        assert done.status == STATUS[row["verdict"]]
        assert "agree with the row of the cohort" in " ".join(done.out.split())


@then("it still says that she declined")
def _kept(site: Site) -> None:
    (row,) = (row for row in site.worklist() if row["pseudonym"] == site.person)
    assert (row["disposition"], row["disposition_date"], row["disposition_by"]) == ("declined", "2026-11-23", "K7")


@then("the funnel counts her as declined")
def _counted(site: Site) -> None:
    done = called(site.folder, "funnel", "out", "--dispositions", "list.csv")
    assert "declined 1 +" in " ".join(done.out.split())


@then("the funnel shows each bar in order, anywhere, and as the only one")
def _funnel(site: Site) -> None:
    site.shown = called(site.folder, "funnel", "out")
    assert "in order    anywhere  only this one" in site.shown.out
    assert re.search(r"^INC06 .* 1 +1 +1$", site.shown.out, re.MULTILINE)
    assert re.search(r"^SMD02 .* 0 +1 +0$", site.shown.out, re.MULTILINE)


@then("nothing in it is worded as a forecast")
def _no_forecast(site: Site) -> None:
    assert "an upper bound, no forecast" in site.shown.out
    assert NEVER.search(site.shown.out) is None


@then("the log has one row for each person")
def _log(site: Site) -> None:
    assert len(table(site.folder / "out" / "screening-log.csv")) == len(site.rows())


@then("no id of the site stands in the log")
def _no_identity(site: Site) -> None:
    text = (site.folder / "out" / "screening-log.csv").read_text(encoding="utf-8")
    assert not any(row["id"] in text for row in site.rows())


@then("the pseudonyms are the same when everybody is screened again")
def _same_pseudonyms(site: Site) -> None:
    before = [row["pseudonym"] for row in table(site.folder / "out" / "screening-log.csv")]
    site.screen()
    assert [row["pseudonym"] for row in table(site.folder / "out" / "screening-log.csv")] == before
