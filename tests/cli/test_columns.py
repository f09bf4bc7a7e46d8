"""A cohort screened in columns: the same bytes as one by one, whoever columns do not say all of among them."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from screening import columns
from screening.everybody import plan
from screening.everybody.plan import Disagreement
from screening.interpreters.warehouse_connection import shown
from screening.output import pseudonym, wide
from screening.output.pseudonym import Pseudonyms
from tests.checkout import ROOT, absent
from tests.cli.calls import Called
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


def test_few_people_of_whom_much_is_recorded_are_screened_in_columns(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(columns, "ALL_HELD", 10)
    assert cohort(prepared, "prepared", out="few").status == 0
    assert "columns" not in manifest(prepared / "few")["run"]
    monkeypatch.setattr(columns, "MANY_ENTRIES", 100)
    assert cohort(prepared, "prepared", out="much").status == 0
    assert manifest(prepared / "much")["run"]["columns"]["engine"] == "polars"
    for name in FILES:
        assert (prepared / "few" / name).read_bytes() == (prepared / "much" / name).read_bytes(), name
    monkeypatch.setattr(columns, "ALL_HELD", 60)
    assert cohort(prepared, "prepared", out="held").status == 0
    assert "columns" not in manifest(prepared / "held")["run"]


def test_a_prepared_cohort_is_held_as_its_records_are(prepared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(plan, "ALL_HELD", 10)
    monkeypatch.setattr(plan, "LEAST_HELD", 5)
    held = []
    for source in ("people", "prepared"):
        assert cohort(prepared, source, "--engine", "one-by-one", out=f"held-{source}").status == 0
        held.append(manifest(prepared / f"held-{source}")["counts"]["held_against_the_whole_path"])
    assert held[0] == held[1] < 60


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


# --------------------------------------------------------------------------- tables where they lie

BENCH = ROOT / "tests" / "bench"
DAY = ("--as-of", "2026-11-22")
RULES = ("--protocol", str(BENCH / "benchmark.yaml"), "--site", str(BENCH / "benchmark.site.yaml"))
MAP = ("--map", str(BENCH / "benchmark.map.yaml"))


@pytest.fixture(scope="module")
def workload(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """200 people of the benchmark workload in Parquet tables."""
    made = ROOT.parent / "shared" / "bench" / "gen.py"
    if not made.exists():
        absent(f"no generator of the benchmark workload beside the checkout ({made})")
    folder = tmp_path_factory.mktemp("workload") / "tables"
    folder.mkdir()
    subprocess.run([sys.executable, str(made), "200", str(folder)], check=True, stdout=subprocess.DEVNULL)
    return folder


def screened(folder: Path, *more: str, out: str) -> Called:
    return called(folder.parent, "cohort", folder.name, *RULES, *MAP, *DAY, "--out", out, *more)


def test_plain_tables_are_screened_where_they_lie_with_the_same_bytes(
    workload: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert screened(workload, out="few").status == 0
    assert "columns" not in manifest(workload.parent / "few")["run"]
    monkeypatch.setattr(columns, "FEW", 200)
    done = {
        engine: screened(workload, "--engine", engine, out=engine)
        for engine in ("auto", "polars", "duckdb", "one-by-one")
    }
    assert [(each.status, each.err) for each in done.values()] == [(0, "")] * 4
    for name in FILES:
        bytes = {(workload.parent / engine / name).read_bytes() for engine in done}
        assert len(bytes) == 1, name
    said = manifest(workload.parent / "auto")
    assert (said["run"]["columns"]["engine"], said["counts"]["people"]) == ("polars", 200)
    # The row of somebody to look at names places of the whole table, not of a part of it.
    assert any(row["standing"] == "NOT RULED OUT" for row in table(workload.parent / "auto" / "people.csv"))
    assert said["unmapped_absolute_exclusions"] == []
    assert "columns" not in manifest(workload.parent / "one-by-one")["run"]


def test_a_database_keeps_the_order_of_the_tables(workload: Path, tmp_path: Path) -> None:
    """It writes people in the order of their ids, which stand in a table in any order."""
    import duckdb

    folder = tmp_path / "tables"
    shutil.copytree(workload, folder)
    with duckdb.connect() as connection:
        people = f"SELECT * FROM '{workload / 'patients.parquet'}' ORDER BY hash(patient_id)"
        connection.execute(f"COPY ({people}) TO '{folder / 'patients.parquet'}' (FORMAT parquet)")
    for engine in ("duckdb", "one-by-one"):
        done = screened(folder, "--engine", engine, out=engine)
        assert (done.status, done.err) == (0, "")
    assert "disagreed" not in manifest(tmp_path / "duckdb")["run"]["columns"]
    for name in FILES:
        assert (tmp_path / "duckdb" / name).read_bytes() == (tmp_path / "one-by-one" / name).read_bytes(), name


@pytest.mark.postgres
def test_numbers_of_every_type_are_copied_into_a_database(workload: Path, tmp_path: Path) -> None:
    import duckdb

    address = os.environ.get("SCREENING_TEST_POSTGRES") or absent("a database in SCREENING_TEST_POSTGRES")
    folder = tmp_path / "tables"
    shutil.copytree(workload, folder)
    casts = "wpi::UTINYINT AS wpi, sss::UBIGINT AS sss, sbp::USMALLINT AS sbp, cdai::DECIMAL(9, 2) AS cdai"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * REPLACE ({casts}) FROM '{workload / 'patients.parquet'}'")
        connection.execute(f"COPY t TO '{folder / 'patients.parquet'}' (FORMAT parquet)")
    for engine in (str(address), "one-by-one"):
        done = screened(folder, "--engine", engine, out=engine[:3])
        assert (done.status, done.err) == (0, "")
    for name in FILES:
        assert (tmp_path / "pos" / name).read_bytes() == (tmp_path / "one" / name).read_bytes(), name


def test_prepared_tables_say_the_same(workload: Path) -> None:
    done = called(workload.parent, "prepare", workload.name, "prepared", *RULES, *MAP)
    assert done.status == 0, done.err
    screened(workload, "--engine", "polars", out="in-place")
    asked = ("--engine", "polars", "--out", "again")
    again = called(workload.parent, "cohort", "prepared", *RULES, *DAY, *asked)
    assert (again.status, again.err) == (0, "")
    for name in FILES:
        assert (workload.parent / "in-place" / name).read_bytes() == (
            workload.parent / "again" / name
        ).read_bytes()


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("SELECT * FROM t UNION ALL (SELECT * FROM t LIMIT 1)", "some ids stand twice"),
        (
            "SELECT * REPLACE (nullif(patient_id, (SELECT min(patient_id) FROM t)) AS patient_id) FROM t",
            "are empty",
        ),
        ("SELECT * FROM t OFFSET 1", "some rows are of nobody in the table of people"),
    ],
)
def test_tables_that_are_not_plain_are_screened_one_by_one_and_it_is_said(
    change: str, reason: str, workload: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import duckdb

    folder = tmp_path / "tables"
    shutil.copytree(workload, folder)
    people = workload / "patients.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM '{people}' ORDER BY patient_id <> 'P0'")
        connection.execute(f"COPY ({change}) TO '{folder / 'patients.parquet'}' (FORMAT parquet)")
    monkeypatch.setattr(columns, "FEW", 0)
    done = screened(folder, out="auto")
    assert done.status == 0
    assert "screened one by one" in done.err and reason in done.err
    counts = manifest(tmp_path / "auto")["counts"]
    assert counts["rejected"] > 0
    asked = screened(folder, "--engine", "polars", out="polars")
    assert asked.status == 3 and reason in asked.err


def test_somebody_of_tables_is_explained_with_the_rows_that_may_be_of_anybody(
    workload: Path, tmp_path: Path
) -> None:
    """A trial of nobody leaves the trials of nobody complete, whoever is asked for alone."""
    import duckdb

    folder = tmp_path / "tables"
    shutil.copytree(workload, folder)
    with duckdb.connect() as connection:
        connection.execute(f"CREATE TABLE t AS SELECT * FROM '{workload / 'trials.parquet'}'")
        connection.execute("INSERT INTO t SELECT * REPLACE (NULL AS patient_id) FROM t LIMIT 1")
        connection.execute(f"COPY t TO '{folder / 'trials.parquet'}' (FORMAT parquet)")
    assert screened(folder, out="out").status == 0
    for row in table(tmp_path / "out" / "people.csv")[:3]:
        done = called(tmp_path, "explain", "out", "--subject", row["id"])
        assert "agree with the row of the cohort" in " ".join(done.out.split())


def test_a_prepared_cohort_is_no_run_and_says_what_to_do(prepared: Path) -> None:
    done = called(prepared, "funnel", "prepared")
    assert done.status == 3
    assert "run `screening cohort prepared --out DIR` first" in done.err


def test_an_engine_that_there_is_not_is_refused_with_those_there_are(prepared: Path) -> None:
    done = cohort(prepared, "prepared", "--engine", "polar", out="refused")
    assert (done.status, "one-by-one, polars, duckdb" in done.err) == (3, True)
    assert not (prepared / "refused").exists()


def test_less_memory_than_can_be_held_is_refused_with_the_least(prepared: Path) -> None:
    done = cohort(prepared, "prepared", "--engine", "polars", "--memory", "300M", out="little")
    assert done.status == 3
    assert "448M is the least" in done.err
    assert not (prepared / "little").exists()


def test_a_list_of_more_people_than_memory_holds_is_kept_all_the_same(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonym, "MOST_HELD", 10)
    logs = []
    for _ in range(2):
        done = cohort(prepared, "prepared", "--engine", "polars", out="on-disk")
        assert done.status == 0, done.err
        logs.append([row["pseudonym"] for row in table(prepared / "on-disk" / "screening-log.csv")])
    assert logs[0] == logs[1]
    assert len(set(logs[0])) == 60
    listed = {row["id"]: row["pseudonym"] for row in table(prepared / "on-disk.identification.csv")}
    ids = [row["id"] for row in table(prepared / "on-disk" / "people.csv")]
    assert [listed[id] for id in ids] == logs[0]
    assert not [path for path in (prepared / "on-disk").iterdir() if path.is_dir()]
