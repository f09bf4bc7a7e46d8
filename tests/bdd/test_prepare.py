"""The steps of `prepare.feature`. They call the command line and nothing deeper."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, SMALL, called, row_bytes, table
from tests.cli.test_prepare import bytes_of, prepared

scenarios("prepare.feature")


class Site:
    """A site's folder of records, and what the coordinator has seen."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.records = folder / "people"
        self.shown = Called(0, "", "")
        self.before: dict[str, bytes] = {}

    def prepare(self) -> None:
        self.shown = prepared(self.folder, "people")

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


@given("the records were prepared before")
@when("the records are prepared")
def _prepared(site: Site) -> None:
    site.prepare()
    assert (site.shown.status, site.shown.err) == (0, "")
    site.before = bytes_of(site.folder / "out")


@given("a record was corrected")
def _corrected(site: Site) -> None:
    path = site.records / "eligible.yaml"
    text = path.read_text(encoding="utf-8")
    assert called(site.folder, "check", str(path), *SMALL).status == 0
    changed = re.sub(r"^  Pain:.*$", "  Pain: {value: 0, date: 2026-11-20}", text, flags=re.MULTILINE)
    assert changed != text
    path.write_text(changed, encoding="utf-8")


@when("the records are gone and are prepared again")
def _gone(site: Site) -> None:
    shutil.rmtree(site.records)
    site.prepare()


@when("somebody screens it by a protocol that asks for something else")
def _other(site: Site) -> None:
    site.shown = called(site.folder, "cohort", "out", "--protocol", "ketamine-ra-fm", "--out", "screened")


@then("each record is a person or is rejected with its reason")
def _nobody_lost(site: Site) -> None:
    counts = json.loads((site.folder / "out" / "manifest.json").read_text(encoding="utf-8"))["counts"]
    records = len(list(site.records.iterdir()))
    assert counts["read"] == records == counts["people"] + counts["rejected"]
    called(site.folder, "cohort", "out", *SMALL, "--out", "screened")
    rejected = table(site.folder / "screened" / "rejected.csv")
    assert len(rejected) == counts["rejected"] and all(row["reason"] for row in rejected)
    assert "broken.yaml" in {row["place"].split(":")[0] for row in rejected}


@then("the counts that are shown add up")
def _adds_up(site: Site) -> None:
    found = re.search(
        r"Records read ([\d,]+) rejected ([\d,]+) .*people ([\d,]+) \+ ([\d,]+) = ([\d,]+)", site.words
    )
    assert found
    read, rejected, people, again, total = (int(number.replace(",", "")) for number in found.groups())
    assert (rejected, read) == (again, total) and people + rejected == read


@then("everybody screened from it has the same row as from the records")
def _alike(site: Site) -> None:
    for source, out in (("people", "plain"), ("out", "of-it")):
        assert called(site.folder, "cohort", source, *SMALL, "--out", out).status == 0
    assert row_bytes(site.folder / "plain") == row_bytes(site.folder / "of-it")


@then("each person screened alone from it has the verdict of their record")
def _alone(site: Site) -> None:
    called(site.folder, "cohort", "people", *SMALL, "--out", "plain")
    rows = table(site.folder / "plain" / "people.csv")
    assert rows
    for row in rows:
        shown = called(site.folder, "check", "out", "--subject", row["id"], *SMALL)
        assert row["verdict"] in shown.out.split("\n\n")[1]


@then("the coordinator is told that nothing has changed")
def _unchanged(site: Site) -> None:
    assert "Nothing has changed since out was written" in site.words


@then("the person of that record is screened as corrected")
def _as_corrected(site: Site) -> None:
    alone = called(site.folder, "check", str(site.records / "eligible.yaml"), *SMALL)
    id = re.search(r"^subject: (\S+)", (site.records / "eligible.yaml").read_text(encoding="utf-8"), re.MULTILINE)
    assert id
    assert alone.status != 0
    assert called(site.folder, "check", "out", "--subject", id[1], *SMALL) == alone


@then("it is refused")
def _refused(site: Site) -> None:
    assert site.shown.status == 3 and site.shown.err


@then("the earlier cohort is still there")
def _still_there(site: Site) -> None:
    assert bytes_of(site.folder / "out") == site.before


@then("the coordinator is told which inputs are not in it, and to prepare it again")
def _told(site: Site) -> None:
    assert "prepared for other rules" in site.shown.err
    assert "screening prepare" in site.shown.err and "--protocol ketamine-ra-fm" in site.shown.err
