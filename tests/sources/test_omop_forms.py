"""One OMOP CDM database in every form that is read: the same people, with the same evidence."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening.errors import UnreadableRecord
from screening.people import people_of
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.sources.database import place_of, shown
from screening.sources.site import read_site
from screening.values.truth import TRUE
from tests.sources import databases
from tests.sources.test_omop import LIBRARY

SECRET = "hunter-2"


@pytest.fixture(scope="module")
def files() -> dict[str, Subject]:
    databases.sample()
    return people(databases.SAMPLE)


def people(source: Path | str, **more: Any) -> dict[str, Subject]:
    """Everybody of a source by id, apart from where their rows stood; nobody is rejected."""
    found = list(people_of(source, LIBRARY, **more))
    assert not [one for one in found if isinstance(one, Rejected)]
    return {one.id: replace(one, source="") for one in found if isinstance(one, Subject)}


def test_a_duckdb_file_says_what_the_csv_files_say(files: dict[str, Subject], tmp_path: Path) -> None:
    assert people(databases.duckdb_file(tmp_path / "cdm.db")) == files
    assert len(files) == 14


@pytest.mark.parametrize("seconds", ["", "REAL", "DATE"])
def test_a_sqlite_file_says_it_too(seconds: str, files: dict[str, Subject], tmp_path: Path) -> None:
    assert people(databases.sqlite_file(tmp_path / "cdm.db", seconds)) == files


def test_parquet_files_say_it_too(files: dict[str, Subject], tmp_path: Path) -> None:
    assert people(databases.parquet_folder(tmp_path / "cdm")) == files


def test_a_schema_is_named_where_there_are_several(files: dict[str, Subject], tmp_path: Path) -> None:
    path = databases.duckdb_file(tmp_path / "cdm.duckdb", ("cdm53", "cdm54"))
    with pytest.raises(UnreadableRecord, match="several schemas hold such tables: cdm53, cdm54"):
        people(path)
    with pytest.raises(UnreadableRecord, match="did you mean `cdm54`"):
        people(f"{path}?schema=cdm4")
    assert people(f"{path}?schema=cdm54") == files


def test_a_vocabulary_may_stand_in_a_schema_of_its_own(files: dict[str, Subject], tmp_path: Path) -> None:
    import duckdb

    path = databases.duckdb_file(tmp_path / "site.duckdb", ("cdm",))
    with duckdb.connect(str(path)) as connection:
        connection.execute('CREATE SCHEMA vocab; CREATE TABLE vocab.concept AS SELECT * FROM cdm."Concept"')
        connection.execute('DROP TABLE cdm."Concept"')
    assert people(path) == files
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE SCHEMA other; CREATE TABLE other.concept AS SELECT * FROM vocab.concept")
    with pytest.raises(UnreadableRecord, match="there is no table CONCEPT"):
        people(path)


def test_nothing_is_ever_written(tmp_path: Path) -> None:
    for path in (databases.duckdb_file(tmp_path / "a.db"), databases.sqlite_file(tmp_path / "b.db")):
        before = path.read_bytes()
        path.chmod(0o400)
        people(path)
        assert path.read_bytes() == before
        assert sorted(each.name for each in tmp_path.iterdir() if each.name.startswith(path.name)) == [path.name]


# -------------------------------------------------------------------------- what is not as it should be


def small(path: Path, *statements: str) -> Path:
    connection = sqlite3.connect(path)
    for statement in (
        "CREATE TABLE person (person_id INTEGER, gender_concept_id INTEGER, year_of_birth INTEGER)",
        "INSERT INTO person VALUES (1, 8532, 1970)",
        "CREATE TABLE measurement (measurement_id INTEGER, person_id INTEGER, measurement_concept_id INTEGER, "
        "measurement_datetime TEXT, value_as_number REAL, unit_source_value TEXT)",
        "INSERT INTO measurement VALUES (1, 1, 3004249, '2024-01-05 08:00:00', 120.0, 'mm[Hg]')",
        *statements,
    ):
        connection.execute(statement)
    connection.commit()
    connection.close()
    return path


def test_without_concept_a_site_says_which_concepts_are_meant(tmp_path: Path) -> None:
    path = small(tmp_path / "cdm.sqlite")
    with pytest.raises(UnreadableRecord, match="there is no table CONCEPT") as refused:
        people(path)
    assert "OMOP" in refused.value.diagnostics[0].help
    site = read_site(
        b"{site: S, owner: O, signed by: N, date: 2026-11-01, codes: {Systolic: [OMOP 3004249]}}", "site.yaml"
    )
    one = people(path, site=site)["1"]
    assert [(row.written, row.certainty) for row in one.evidence["Systolic"]] == [("120 mm[Hg]", TRUE)]


def test_what_a_table_lacks_is_said_at_once(tmp_path: Path) -> None:
    path = small(tmp_path / "x.db", "CREATE TABLE concept (concept_id, vocabulary_id)", "CREATE TABLE death (id)")
    with pytest.raises(UnreadableRecord) as refused:
        people(path)
    assert [str(d.span) + ": " + d.message for d in refused.value.diagnostics] == [
        "concept:1:1: the table has no column `concept_code`",
        "death:1:1: the table has no column `person_id`",
    ]


def test_rows_that_cannot_be_read_are_named_and_nothing_is_lost(tmp_path: Path) -> None:
    path = small(
        tmp_path / "x.db",
        "CREATE TABLE concept (concept_id, vocabulary_id, concept_code)",
        "INSERT INTO concept VALUES (3004249, 'LOINC', '8480-6')",
        "INSERT INTO person VALUES (1, 8507, 1980)",
        "INSERT INTO person VALUES (NULL, 8507, 1980)",
        "INSERT INTO person VALUES (2, 8507, x'00ff')",
        "INSERT INTO measurement VALUES (2, 9, 3004249, '2024', 1, '')",
        "INSERT INTO measurement VALUES (3, 1, 3004249, '2024', 1, CAST(x'61ff' AS TEXT))",
        "INSERT INTO measurement VALUES (4, NULL, 3004249, '2024', 1, 'a')",
        "INSERT INTO measurement VALUES (5, 1, 3004249, '2024', 'a' || char(0) || 'b', 'a')",
    )
    found = list(people_of(path, LIBRARY))
    assert [one.id for one in found if isinstance(one, Subject)] == ["1"]
    assert [(one.place, one.kind, one.reason) for one in found if isinstance(one, Rejected)] == [
        ("person:1", "unreadable", "`person_id` is empty, or holds what is no id"),
        ("person:3", "duplicate id", "the id stands in person:2 already"),
        ("person:4", "unreadable", "`year_of_birth` holds bytes, or a list, where one value can stand"),
        ("measurement:3", "unreadable", "the row is not in the encoding of its table"),
        ("measurement:4", "unreadable", "`person_id` is empty, so the row is nobody's"),
        ("measurement:5", "unreadable", "the row holds NUL, which no text does"),
        ("measurement:2", "nobody's", "1 row is of somebody who is not in PERSON"),
    ]


@pytest.mark.parametrize(
    ("written", "expected"),
    [("19787", ["2024-03-05"]), ("1709596800", ["2024-03-05"]), ("20240305", ["2024-03-05"]), ("1e300", None)],
)
def test_a_day_that_is_a_number(written: str, expected: list[str] | None, tmp_path: Path) -> None:
    path = small(
        tmp_path / "x.db",
        "CREATE TABLE concept (concept_id, vocabulary_id, concept_code)",
        "INSERT INTO concept VALUES (3004249, 'LOINC', '8480-6')",
        "DROP TABLE measurement",
        "CREATE TABLE measurement (measurement_id, person_id, measurement_concept_id, measurement_date DATE)",
        f"INSERT INTO measurement VALUES (1, 1, 3004249, {written})",
    )
    if expected is None:
        with pytest.raises(UnreadableRecord, match="no day in `measurement_date` can be read"):
            people(path)
    else:
        assert [str(row.when.low) for row in people(path)["1"].evidence["Systolic"] if row.when] == expected


def test_days_of_a_database_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    path = small(
        tmp_path / "x.db",
        "CREATE TABLE concept (concept_id, vocabulary_id, concept_code)",
        "UPDATE measurement SET measurement_datetime = '05/01/2024'",
    )
    with pytest.raises(UnreadableRecord, match="no day in `measurement_datetime` can be read"):
        people(path)


@pytest.mark.parametrize("type", ["DOUBLE", "VARCHAR", "DECIMAL(18,2)"])
def test_concepts_are_found_by_ids_in_columns_of_any_type(
    type: str, files: dict[str, Subject], tmp_path: Path
) -> None:
    """A program without a null of whole numbers writes the ids of units as fractions, or as texts."""
    import duckdb

    path = databases.duckdb_file(tmp_path / "cdm.duckdb")
    with duckdb.connect(str(path)) as connection:
        for column in ("unit_concept_id", "value_as_concept_id"):
            connection.execute(f'ALTER TABLE "Measurement" ALTER "{column}" TYPE {type}')
    assert people(path) == files


@pytest.mark.parametrize("make", [databases.duckdb_file, databases.sqlite_file])
def test_half_a_database_is_refused_or_told(make: Any, tmp_path: Path) -> None:
    path = make(tmp_path / "cdm.db")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    found: list[Subject | Rejected] = []
    with suppress(UnreadableRecord):
        found = list(people_of(path, LIBRARY))
    assert not found or any(isinstance(one, Rejected) for one in found)
    assert all(one.notices for one in found if isinstance(one, Subject))


@pytest.mark.parametrize("head", [b"SQLite format 3\x00", b"\x00" * 8 + b"DUCK" + b"\x00" * 100])
def test_what_only_begins_like_a_database_is_refused(head: bytes, tmp_path: Path) -> None:
    (tmp_path / "x.db").write_bytes(head)
    with pytest.raises(UnreadableRecord):
        people(tmp_path / "x.db")


def test_a_database_takes_no_mapping(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecord, match="takes no --map"):
        people_of(small(tmp_path / "x.db"), LIBRARY, mapping=tmp_path / "map.yaml")


# ------------------------------------------------------------------------------------- PostgreSQL


@pytest.mark.parametrize(
    "address",
    [
        f"postgres://u:{SECRET}@127.0.0.1:1/db?schema=cdm",
        f"postgresql://127.0.0.1:1/db?user=u&password={SECRET}",
        f"postgres://u:{SECRET}@127.0.0.1:port/db",
        f"postgres://u:{SECRET}@127.0.0.1:1/db?nonsense={SECRET}",
    ],
)
def test_a_password_is_never_shown(address: str) -> None:
    with pytest.raises(UnreadableRecord) as refused:
        people(address)
    place = place_of(address)
    assert place is not None
    for text in (str(refused.value), place.shown, shown(address)):
        assert SECRET not in text
    assert refused.value.__cause__ is None


@pytest.fixture
def server() -> Iterator[Any]:
    """A connection to a schema of its own, which is gone after the test."""
    address = databases.postgres()
    import psycopg

    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute('DROP SCHEMA IF EXISTS "Screening Test" CASCADE')
        connection.execute('CREATE SCHEMA "Screening Test"')
        yield connection
        connection.execute('DROP SCHEMA "Screening Test" CASCADE')


def named() -> str:
    address = databases.postgres()
    return address + ("&" if "?" in address else "?") + "schema=Screening%20Test"


@pytest.mark.postgres
def test_postgresql_says_what_the_csv_files_say(server: Any, files: dict[str, Subject]) -> None:
    with server.transaction():
        databases.fill(server.execute, '"Screening Test".', "%s")
    assert people(named()) == files


@pytest.mark.postgres
@pytest.mark.parametrize("type", ["DOUBLE PRECISION", "TEXT", "NUMERIC(18,2)"])
def test_concepts_are_found_by_ids_of_any_type_there_too(
    type: str, server: Any, files: dict[str, Subject]
) -> None:
    with server.transaction():
        databases.fill(server.execute, '"Screening Test".', "%s")
        server.execute(f'ALTER TABLE "Screening Test"."Measurement" ALTER unit_concept_id TYPE {type}')
    assert people(named()) == files


@pytest.mark.postgres
def test_views_are_tables_too(server: Any, files: dict[str, Subject]) -> None:
    with server.transaction():
        databases.fill(server.execute, '"Screening Test".', "%s")
        for name, kind in (
            ("Measurement", "MATERIALIZED VIEW"),
            ("Person", "VIEW"),
            ("Concept", "MATERIALIZED VIEW"),
        ):
            server.execute(f'ALTER TABLE "Screening Test"."{name}" RENAME TO "kept {name}"')
            server.execute(
                f'CREATE {kind} "Screening Test".{name} AS SELECT * FROM "Screening Test"."kept {name}"'
            )
    assert people(named()) == files


@pytest.mark.postgres
def test_days_that_no_calendar_has_stop_nobody(server: Any) -> None:
    for statement in (
        "person (person_id BIGINT, gender_concept_id INTEGER, birth_datetime TIMESTAMPTZ)",
        "concept (concept_id BIGINT, vocabulary_id TEXT, concept_code TEXT)",
        "condition_occurrence (condition_occurrence_id BIGINT, person_id BIGINT, condition_concept_id BIGINT, "
        "condition_start_date DATE)",
    ):
        server.execute(f'CREATE TABLE "Screening Test".{statement}')
    server.execute("""INSERT INTO "Screening Test".person VALUES (1, 8532, '1970-05-06 00:00:00+00')""")
    server.execute("""INSERT INTO "Screening Test".concept VALUES (7, 'SNOMED', '69896004')""")
    server.execute("""INSERT INTO "Screening Test".condition_occurrence VALUES (1, 1, 7, 'infinity')""")
    one = people(named())["1"]
    assert [row.certainty for row in one.evidence["RA"]] == [TRUE]
    assert [row.written for row in one.evidence["Age"]] == ["1970-05-06"]


@pytest.mark.postgres
def test_a_schema_that_is_not_there_and_one_without_tables_are_refused(server: Any) -> None:
    with pytest.raises(UnreadableRecord, match="no schema `"):
        people(named())
    assert server.execute("SELECT 1").fetchone() == (1,)
