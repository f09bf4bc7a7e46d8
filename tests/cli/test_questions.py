"""`screening cohort --questions`: out of the rows of a run, by records and in columns alike; and as a screen."""

from __future__ import annotations

import time
from collections import Counter
from pathlib import Path

import polars as pl
import pytest

from screening import collecting, screen
from screening.errors import UnreadableRecord
from tests.checkout import ROOT
from tests.cli.cohorts import SMALL, called, cohort, spread_people, table
from tests.cli.test_screens import bless, held

RULES = ROOT / "tests" / "cli" / "rules"
__all__ = ["bless"]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with 60 people, as records and prepared, and a run of each."""
    folder = tmp_path_factory.mktemp("questions")
    spread_people(folder / "people", 60)
    assert called(folder, "prepare", "people", *SMALL[:4], "prepared").status == 0
    assert cohort(folder, "people").status == 0
    return folder


def test_the_screen_is_as_reviewed(site: Path, bless: bool) -> None:
    done = called(site, "cohort", "out", "--questions")
    assert (done.status, done.err) == (0, "")
    held("cohort-questions", f"$ screening cohort out --questions\n{done.out}", bless)
    assert max(map(len, done.out.splitlines())) <= 80


def test_columns_and_law_find_the_same_margins(site: Path) -> None:
    library = screen.load_protocol("small", [RULES])
    by_law = collecting.questions(site / "out", library, collecting.Origin(site / "people"))
    in_columns = collecting.questions(site / "out", library, collecting.Origin(site / "prepared"), least=0)
    assert by_law.near_misses() == in_columns.near_misses()
    assert any(each.numbers for each in by_law.near)
    own = table(site / "out" / "people.csv")
    for each in by_law.near:
        only = [row for row in own if row["verdict"] == "INELIGIBLE" and row["deciding_reasons"] == each.criterion]
        assert each.people == len(only)


def test_without_the_source_there_are_no_margins_but_all_counts(site: Path) -> None:
    library = screen.load_protocol("small", [RULES])
    found = collecting.questions(site / "out", library)
    assert found.people == 60
    assert all(not each.numbers for each in found.near)
    assert {one.items[0] for one in found.items} == {
        name for row in table(site / "out" / "people.csv")
        for name in row["missing_items"].split("|") if name and row["verdict"] in ("UNDETERMINED", "REVIEW")
    }  # fmt: skip
    other = screen.load_library("ketamine-ra-fm")
    with pytest.raises(UnreadableRecord, match="other rules"):
        collecting.questions(site / "out", other)


def test_questions_need_a_run(site: Path) -> None:
    assert called(site, "cohort", "people", "--questions").status == 3
    assert called(site, "cohort", "people", "--protocol", "small").status == 3
    assert called(site, "cohort", "people", *SMALL, "--out", "o", "--near", "n.csv").status == 3


def test_a_large_cohort_is_asked_in_seconds(site: Path, tmp_path: Path) -> None:
    """100,000 people: the rows of the run again and again, with ids of their own and items left out by turns."""
    run = tmp_path / "large"
    run.mkdir()
    rows = pl.read_csv(site / "out" / "people.csv", infer_schema=False)
    times = 100_000 // rows.height + 1
    many = pl.concat([rows] * times).head(100_000).with_row_index("n")
    items = pl.col("missing_items").str.split("|")
    fewer = pl.when(pl.col("missing_items") != "").then(items.list.head(1 + pl.col("n") % 7).list.join("|"))
    many = many.with_columns(
        fewer.fill_null("").alias("missing_items"), ("P" + pl.col("n").cast(pl.String)).alias("id")
    )
    many.drop("n").write_csv(run / "people.csv", line_terminator="\r\n")
    text = (site / "out" / "manifest.json").read_text(encoding="utf-8")
    (run / "manifest.json").write_text(text.replace('"people": 60', '"people": 100000'), encoding="utf-8")
    library = screen.load_protocol("small", [RULES])
    began = time.process_time()
    found = collecting.questions(run, library)
    assert time.process_time() - began < 20
    assert found.people == 100_000
    lacking = Counter(one.items[0] for one in found.items)
    assert lacking
    assert found.sets
