"""Cohorts out of databases and out of profiles that are shared between protocols, on the command line."""

from __future__ import annotations

import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from tests.cli.calls import SMALL, call
from tests.cli.cohorts import RECORDS, called, cohort, manifest
from tests.cli.cohorts import SMALL as FROM_ANYWHERE
from tests.sources import databases
from tests.sources.test_omop_forms import small

SECRET = "hunter-2"
ASKED = FROM_ANYWHERE[:4]


@pytest.fixture
def cdm(tmp_path: Path) -> Path:
    return small(
        tmp_path / "cdm.sqlite",
        "CREATE TABLE concept (concept_id, vocabulary_id, concept_code)",
        "INSERT INTO concept VALUES (3004249, 'LOINC', '8480-6')",
    )


def test_a_cohort_of_a_database_is_screened_and_explained(cdm: Path) -> None:
    folder = cdm.parent
    done = cohort(folder, cdm.name)
    assert (done.status, done.err) == (0, "")
    made = manifest(folder / "out")
    assert made["counts"]["people"] == 1
    assert [each["file"] for each in made["source"]["files"]] == ["cdm.sqlite"]
    explained = called(folder, "explain", "out", "--subject", "1")
    assert explained.err == ""
    assert explained.status in (0, 2, 4)


def test_what_no_table_of_the_model_can_answer_is_in_the_manifest(cdm: Path) -> None:
    cohort(cdm.parent, cdm.name)
    without = {
        each["id"]: each["requirements"] for each in manifest(cdm.parent / "out")["unmapped_absolute_exclusions"]
    }
    assert "SCV01A" not in without  # blood pressure
    assert without["SMD02"] == ["MAO Inhibitor Last Dose"]


def test_records_of_people_may_answer_anything(tmp_path: Path) -> None:
    shutil.copytree(RECORDS, tmp_path / "people")
    cohort(tmp_path, "people")
    assert manifest(tmp_path / "out")["unmapped_absolute_exclusions"] == []


def test_a_password_reaches_neither_screen_nor_message(monkeypatch: pytest.MonkeyPatch) -> None:
    done = call(monkeypatch, "coverage", f"postgres://u:{SECRET}@127.0.0.1:1/db", *SMALL)
    assert (done.status, done.out) == (3, "")
    assert "postgres://u@127.0.0.1:1/db" in done.err
    assert SECRET not in done.err


@pytest.mark.postgres
def test_a_manifest_names_the_server_and_no_password(
    cdm: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    import psycopg

    address = databases.postgres()
    schema = "screening_test_manifest"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
        connection.execute(f"CREATE SCHEMA {schema}")
        try:
            for statement in (
                "person (person_id INTEGER, gender_concept_id INTEGER, year_of_birth INTEGER)",
                "concept (concept_id INTEGER, vocabulary_id TEXT, concept_code TEXT)",
            ):
                connection.execute(f"CREATE TABLE {schema}.{statement}")
            connection.execute(f"INSERT INTO {schema}.person VALUES (1, 8532, 1970)")
            mark = "&" if "?" in address else "?"
            source = f"{address}{mark}schema={schema}&password={SECRET}"
            out = tmp_path / "out"
            done = call(monkeypatch, "cohort", source, *SMALL, "--as-of", "2026-11-22", "--out", str(out))
            assert (done.status, done.err) == (0, "")
            written = (out / "manifest.json").read_text(encoding="utf-8")
            assert SECRET not in written + done.out
            assert f"schema={schema}" in json.loads(written)["source"]["path"]
            made = call(monkeypatch, "prepare", source, str(tmp_path / "prepared"), *SMALL)
            assert (made.status, made.err) == (0, "")
            written = (tmp_path / "prepared" / "manifest.json").read_text(encoding="utf-8")
            assert SECRET not in written + made.out
            assert json.loads(written)["counts"]["people"] == 1
        finally:
            connection.execute(f"DROP SCHEMA {schema} CASCADE")


def test_a_name_of_another_protocol_is_no_slip_in_a_folder_of_profiles(tmp_path: Path) -> None:
    """`AST Upper Limit` is nearly `ALT Upper Limit`, and what another protocol asks of the same profile."""
    (tmp_path / "people").mkdir()
    for name, item in (("one", "AST Upper Limit"), ("two", "ALT Uper Limit")):
        text = f"subject: {name}\nevidence:\n  {item}: {{value: \"40 'U/L'\"}}\n"
        (tmp_path / "people" / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert cohort(tmp_path, "people").status == 0
    assert manifest(tmp_path / "out")["counts"]["people"] == 1
    rejected = (tmp_path / "out" / "rejected.csv").read_text(encoding="utf-8")
    assert "two.yaml:3" in rejected
    assert "one.yaml" not in rejected


def test_resources_answer_what_has_a_code(tmp_path: Path) -> None:
    patient = '{"resourceType": "Patient", "id": "a", "birthDate": "1970"}\n'
    (tmp_path / "Patient.ndjson").write_text(patient, encoding="utf-8")
    assert cohort(tmp_path, "Patient.ndjson").status == 0
    without = manifest(tmp_path / "out")["unmapped_absolute_exclusions"]
    # The day of a last dose is told by people alone, and the QTcF of this protocol has no code.
    assert [each["id"] for each in without] == ["SMD02", "SCV06A"]


def test_a_database_is_prepared_and_says_the_same_afterwards(cdm: Path) -> None:
    folder = cdm.parent
    done = called(folder, "prepare", cdm.name, "prepared", *ASKED)
    assert (done.status, done.err) == (0, "")
    cohort(folder, cdm.name, out="from-database")
    again = cohort(folder, "prepared", out="from-prepared")
    assert (again.status, again.err) == (0, "")
    for name in ("people.csv", "people.ndjson"):
        assert (folder / "from-database" / name).read_bytes() == (folder / "from-prepared" / name).read_bytes()
    one, other = (manifest(folder / name) for name in ("from-database", "from-prepared"))
    assert one["unmapped_absolute_exclusions"] == other["unmapped_absolute_exclusions"] != []
    # What a database holds is not told by files: it is looked at again, and what has not changed is kept.
    assert "Read this time: no records" in called(folder, "prepare", cdm.name, "prepared", *ASKED).out
    with sqlite3.connect(cdm) as connection:
        connection.execute("CREATE TABLE another AS SELECT * FROM person")
        connection.execute("UPDATE another SET person_id = person_id + 1")
        connection.execute("INSERT INTO person SELECT * FROM another")
    assert "2 + 0 = 2" in " ".join(called(folder, "prepare", cdm.name, "prepared", *ASKED).out.split())


def test_a_profile_shared_between_protocols_is_prepared_by_several_processes(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    for name, item in (("one", "AST Upper Limit"), ("two", "ALT Uper Limit")):
        text = f"subject: {name}\nevidence:\n  {item}: {{value: \"40 'U/L'\"}}\n"
        (tmp_path / "people" / f"{name}.yaml").write_text(text, encoding="utf-8")
    done = called(tmp_path, "prepare", "people", "prepared", *ASKED, "--jobs", "2")
    assert done.status == 0, done.err
    made = json.loads((tmp_path / "prepared" / "manifest.json").read_text(encoding="utf-8"))
    assert (made["counts"]["people"], made["counts"]["rejected"]) == (1, 1)


@pytest.mark.parametrize("command", [("cohort", "--out", "out"), ("prepare", "out"), ("coverage",)])
def test_a_source_of_which_every_record_is_rejected_is_wrong_input(
    command: tuple[str, ...], tmp_path: Path
) -> None:
    (tmp_path / "people").mkdir()
    for name in ("one", "two"):
        (tmp_path / "people" / f"{name}.yaml").write_text("subject: [", encoding="utf-8")
    first, *more = command
    day = ("--as-of", "2026-11-22") if first == "cohort" else ()
    done = called(tmp_path, first, "people", *more, *ASKED, *day)
    assert done.status == 3
    assert "every record of the source was rejected" in done.err
    assert first == "coverage" or (tmp_path / "out" / "manifest.json").exists()
