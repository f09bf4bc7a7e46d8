"""A cohort screened in columns: the same bytes as one by one, whoever columns do not say all of among them."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from screening import columns
from screening.everybody.plan import Disagreement
from screening.interpreters.warehouse_connection import shown
from screening.output import wide
from screening.output.pseudonym import Pseudonyms
from tests.cli.cohorts import SMALL, called, cohort, made_people, manifest, table

FILES = ("people.csv", "people.ndjson", "people.parquet", "rejected.csv")


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a cohort of 60 people and two broken records, prepared."""
    folder = tmp_path_factory.mktemp("columns")
    people = made_people(folder / "people", 60)
    (people / "broken.yaml").write_text("subject: [", encoding="utf-8")
    (people / "twice.yaml").write_bytes((people / "0003.yaml").read_bytes())
    done = called(folder, "prepare", "people", *SMALL[:4], "prepared")
    assert done.status == 0, done.err
    return folder


def test_in_columns_and_one_by_one_give_the_same_bytes(prepared: Path) -> None:
    in_columns = cohort(prepared, "prepared", "--engine", "polars", out="in-columns")
    one_by_one = cohort(prepared, "prepared", "--engine", "one-by-one", out="one-by-one")
    from_records = cohort(prepared, "people", out="from-records")
    assert [done.status for done in (in_columns, one_by_one, from_records)] == [0, 0, 0]
    for name in FILES:
        made = [(prepared / out / name).read_bytes() for out in ("in-columns", "one-by-one", "from-records")]
        assert made[0] == made[1], name
        if name != "rejected.csv":
            assert made[1] == made[2], name
    said = manifest(prepared / "in-columns")
    assert said["run"]["columns"]["engine"] == "polars"
    assert said["run"]["columns"]["people"] == 60
    assert said["counts"] == {**manifest(prepared / "one-by-one")["counts"], "held_against_the_whole_path": 60}


def _same_as_one_by_one(prepared: Path, address: str, out: str) -> dict[str, Any]:
    """Screens by a database and holds every file against the rows one by one; what the manifest says of it."""
    done = cohort(prepared, "prepared", "--engine", address, out=out)
    assert done.status == 0, done.err
    if not (prepared / "law").exists():
        assert cohort(prepared, "prepared", "--engine", "one-by-one", out="law").status == 0
    for name in FILES:
        assert (prepared / out / name).read_bytes() == (prepared / "law" / name).read_bytes(), name
    said: dict[str, Any] = manifest(prepared / out)["run"]["columns"]
    assert said["people"] == 60
    assert said["one_by_one"] + said["held"] == 60
    assert said["one_by_one"] <= sum(said["why"].values())
    return said


def test_duckdb_gives_the_same_bytes(prepared: Path) -> None:
    assert _same_as_one_by_one(prepared, "duckdb", "by-duckdb")["engine"] == "duckdb"


@pytest.mark.postgres
def test_postgresql_gives_the_same_bytes_and_keeps_nothing(prepared: Path) -> None:
    psycopg = pytest.importorskip("psycopg")
    address = os.environ.get("SCREENING_TEST_POSTGRES")
    if not address:
        pytest.fail("no database") if os.environ.get("CI") else pytest.skip(
            "SCREENING_TEST_POSTGRES names no database"
        )
    schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'screening\\_%'"
    with psycopg.connect(address) as asked:
        before = asked.execute(schemas).fetchone()
        said = _same_as_one_by_one(prepared, str(address), "by-postgresql")
        assert asked.execute(schemas).fetchone() == before
    assert said["engine"] == shown(str(address))


@pytest.mark.spark
def test_spark_gives_the_same_bytes(prepared: Path) -> None:
    if not os.environ.get("CI"):
        pytest.importorskip("pyspark")
        if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
            pytest.skip("there is no Java")
    assert _same_as_one_by_one(prepared, "spark", "by-spark")["engine"] == "spark"


@pytest.mark.parametrize(
    "address", ["postgresql://me:secret@127.0.0.1:1/none", "mysql://me:secret@host/db", "duckdb:////none/of/it"]
)
def test_a_database_that_cannot_be_reached_is_named_without_its_password(prepared: Path, address: str) -> None:
    done = cohort(prepared, "prepared", "--engine", address, out="unreached")
    assert done.status == 3
    assert address.replace("secret", "***") in done.err
    assert "secret" not in done.out + done.err
    assert not (prepared / "unreached").exists()


def test_the_log_is_that_of_one_by_one(prepared: Path) -> None:
    listed = ("--identification", "list.csv")
    cohort(prepared, "prepared", "--engine", "polars", *listed, out="in-columns")
    cohort(prepared, "prepared", "--engine", "one-by-one", *listed, out="one-by-one")
    logs = [table(prepared / out / "screening-log.csv") for out in ("in-columns", "one-by-one")]
    for one, other in zip(*logs, strict=True):
        assert {**one, "screening_datetime": ""} == {**other, "screening_datetime": ""}


def test_everybody_is_screened_one_by_one_where_columns_are_wrong(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wrong(row: object, other: object) -> None:
        raise Disagreement("columns and law differ at INC01")

    monkeypatch.setattr(columns, "_refuse_differing", wrong)
    done = cohort(prepared, "prepared", "--engine", "polars", out="disagreed")
    assert done.status == 0
    said = manifest(prepared / "disagreed")
    assert said["run"]["columns"] == {"disagreed": "columns and law differ at INC01"}
    assert said["counts"]["held_against_the_whole_path"] == 60
    right = (prepared / "one-by-one" / "people.csv").read_bytes()
    assert (prepared / "disagreed" / "people.csv").read_bytes() == right


def test_a_source_that_lies_in_no_tables_is_refused_where_columns_are_asked_for(prepared: Path) -> None:
    done = cohort(prepared, "people", "--engine", "polars", out="refused")
    assert done.status == 3
    assert "screening prepare" in done.err
    assert not (prepared / "refused").exists()


def test_a_cell_is_neutral_in_columns_too(tmp_path: Path) -> None:
    import polars

    ids = ["=1+1", " @x", "plain", "a\0b", 'a "quoted", one', "＝full", "-5", "line\nend"]  # noqa: RUF001
    names = ["id", "standing", "verdict", "C1", "deciding_reasons", "all_reasons", "missing_items", "alerts"]
    names += ["anchor_evidence", "not_before", "age_years", "sex"]
    rows = polars.DataFrame({name: ids if name == "id" else [""] * len(ids) for name in names})
    rows.write_parquet(tmp_path / "rows.parquet")
    wide.write_table(tmp_path / "rows.parquet", ("C1",), tmp_path / "rows.csv")
    from screening.output.table import line

    expected = "".join(line(cells) for cells in (names, *([id] + [""] * (len(names) - 1) for id in ids)))
    assert (tmp_path / "rows.csv").read_bytes().decode() == expected


def test_pseudonyms_of_many_are_kept_and_no_two_are_alike(tmp_path: Path) -> None:
    listed = Pseudonyms(tmp_path / "list.csv")
    first = listed.of("A")
    many = listed.of_many(["A", "B", "C", "B"])
    assert many[0] == first
    assert many[1] == many[3]
    assert len(set(many)) == 3
    listed.keep()
    assert Pseudonyms(tmp_path / "list.csv").of_many(["C", "B", "A"]) == [many[2], many[1], many[0]]


def test_the_manifest_counts_why_somebody_is_screened_one_by_one(prepared: Path) -> None:
    done = manifest(prepared / "in-columns")["run"]["columns"]
    assert json.dumps(done)
    assert done["one_by_one"] + done["held"] == 60
