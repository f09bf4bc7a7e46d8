"""One person of typed tables, asked for alone: with all rows that are theirs, however their id is written."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from tests.cli.cohorts import called, cohort, table

SITE = """site: S
owner: O
signed by: B
date: 2026-11-02
complete: [{requirement: DMARD Trials, since: ever, because: all are kept}]
"""
MAP = """tables:
  p.parquet: {people: true, id: id, columns: {pain: Pain}}
  d.parquet: {id: id, rows: {for: DMARD Trials, apart: true, fields: {mechanism: m, outcome: o}}}
"""
TYPES = {str: pl.String, int: pl.Int64, float: pl.Float64}


@pytest.mark.parametrize(
    ("person", "other", "said"),
    [
        ("42", "42  ", ""), ("42", 42.0, ""), ("42", 42, ""),
        ("42", "42.0", "ids: numbers\n"), ("42.0", 42, "ids: numbers\n"),
    ],
)  # fmt: skip
def test_everybody_is_explained_as_they_were_screened(
    person: str, other: str | float, said: str, tmp_path: Path
) -> None:
    """Two trials of one person, none of another whose id is no number, under ids that tables write in two ways."""
    (tmp_path / "t").mkdir()
    pl.DataFrame({"Id": [person, "P-1"], "pain": [5, 6]}).write_parquet(tmp_path / "t" / "p.parquet")
    trials = {"id": [other, other], "m": ["TNF", "JAK"], "o": ["failed", "failed"]}
    types = {"id": TYPES[type(other)]}
    pl.DataFrame(trials, schema_overrides=types).write_parquet(tmp_path / "t" / "d.parquet")
    (tmp_path / "map.yaml").write_text(said + MAP, encoding="utf-8")
    (tmp_path / "site.yaml").write_text(SITE, encoding="utf-8")
    done = cohort(tmp_path, "t", "--map", "map.yaml", "--site", "site.yaml")
    assert done.status == 0, done.err
    rows = table(tmp_path / "out" / "people.csv")
    assert [row["INC04"] for row in rows] == ["TRUE", "UNKNOWN"]
    assert ["DMARD Trials" in row["missing_items"] for row in rows] == [False, False]
    for row in rows:
        told = called(tmp_path, "explain", "out", "--subject", row["id"])
        assert "agree with the row of the cohort" in " ".join(told.out.split())
