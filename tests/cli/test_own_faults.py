"""What nobody foresaw, at one record: the others are screened, and it is said that the fault is the program's."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening import prepare
from screening.everybody import worker
from screening.interpreters import cohort as in_columns
from screening.interpreters import cohort_slices, warehouse
from screening.sources import fhir_bulk, fhir_lines, fhir_people, fhir_plan, files, mapped
from tests.cli.cohorts import SMALL, called, cohort, made_people, manifest, table
from tests.cli.test_prepare import made_export

SECRET = "somebody's value"
WHO = "SYN-0007"
RULES = SMALL[2:4]


def failing(right: Callable[..., Any], is_met: Callable[..., bool]) -> Callable[..., Any]:
    """The same but for one record, at which it fails with what no message may show."""

    def made(*given: Any, **named: Any) -> Any:
        if is_met(*given):
            raise TypeError(f"cannot add {SECRET}")
        return right(*given, **named)

    return made


@pytest.fixture
def people(tmp_path: Path) -> Path:
    return made_people(tmp_path / "people", 12)


def rows(folder: Path) -> dict[str, str]:
    return {row["id"]: row["verdict"] for row in table(folder / "people.csv")}


def test_a_fault_in_reading_one_record_rejects_it_as_ours(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cohort(tmp_path, people, out="before").status == 0
    at_one = failing(files.read_profile, lambda data, *_: WHO.encode() in data)
    monkeypatch.setattr(files, "read_profile", at_one)
    done = cohort(tmp_path, people)
    assert done.status == 1
    assert "NOT READ, 1 record: a fault in this program, not in the record." in done.out
    assert "this program failed at 1 of the records, no fault of theirs" in done.err
    counts = manifest(tmp_path / "out")["counts"]
    assert counts["rejected_by_kind"] == {"fault of this program": 1}
    assert counts["read"] == 12 == counts["people"] + 1
    (rejected,) = table(tmp_path / "out" / "rejected.csv")
    assert rejected["place"] == "0007.yaml"
    assert rejected["reason"].startswith("a fault in this program, not in the record: TypeError at ")
    before = rows(tmp_path / "before")
    assert before.pop(WHO) and rows(tmp_path / "out") == before
    written = "".join(
        path.read_text("utf-8") for path in (tmp_path / "out").iterdir() if path.suffix != ".parquet"
    )
    assert SECRET not in written + done.out + done.err


@pytest.mark.parametrize("where", ["the quick row", "the whole path"])
def test_a_fault_in_screening_one_person_leaves_them_without_a_verdict(
    where: str, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screening import screen

    assert cohort(tmp_path, people, out="before").status == 0
    if where == "the quick row":
        right = worker.fast
        monkeypatch.setattr(
            worker, "fast", lambda *given: failing(right(*given), lambda subject: subject.id == WHO)
        )
    else:
        monkeypatch.setattr(
            screen, "screen", failing(screen.screen, lambda library, subject, *_: subject.id == WHO)
        )
    done = cohort(tmp_path, people)
    assert done.status == 1
    assert "NOT SCREENED, 1: a fault in this program, not in the record." in done.out
    assert WHO in done.out and "TypeError" in done.out
    assert SECRET not in done.out + done.err
    before = rows(tmp_path / "before")
    assert rows(tmp_path / "out") == {**before, WHO: "NOT SCREENED"}
    counts = manifest(tmp_path / "out")["counts"]
    assert (counts["people"], counts["screened"], counts["not_screened"]) == (12, 11, 1)


def test_what_is_of_all_records_alike_stops_the_run(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any, **__: Any) -> Any:
        raise MemoryError

    monkeypatch.setattr(files, "read_profile", full)
    assert cohort(tmp_path, people).status == 1
    assert not (tmp_path / "out").exists()


def test_one_person_of_a_bundle_takes_no_other_with_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [{"resource": {"resourceType": "Patient", "id": f"p{n}"}} for n in range(4)]
    (tmp_path / "several").mkdir()
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
    (tmp_path / "several" / "all.json").write_text(json.dumps(bundle), encoding="utf-8")
    at_one = failing(fhir_people.subject_of, lambda tree, *_: tree["entry"][0]["resource"]["id"] == "p2")
    monkeypatch.setattr(fhir_people, "subject_of", at_one)
    assert cohort(tmp_path, "several").status == 1
    assert list(rows(tmp_path / "out")) == ["p0", "p1", "p3"]
    (rejected,) = table(tmp_path / "out" / "rejected.csv")
    assert (rejected["id"], rejected["kind"]) == ("p2", "fault of this program")


@pytest.mark.parametrize("form", ["export", "tables"])
def test_a_person_of_an_export_or_of_tables_is_named(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, more = tmp_path / form, []
    source.mkdir()
    if form == "export":
        lines = "".join(f'{{"resourceType":"Patient","id":"p{n}"}}\n' for n in range(4))
        (source / "Patient.ndjson").write_text(lines, encoding="utf-8")
        at_one = failing(fhir_bulk.subject_of, lambda tree, library, place, *_: place.endswith(":3"))
        monkeypatch.setattr(fhir_bulk, "subject_of", at_one)
    else:
        (source / "people.csv").write_text(
            "id,pain\n" + "".join(f"p{n},{n}\n" for n in range(4)), encoding="utf-8"
        )
        (tmp_path / "map.yaml").write_text(
            "source: tables\ndates: YYYY-MM-DD\ntables:\n"
            "  people.csv: {people: true, id: id, columns: {pain: Pain}}\n",
            encoding="utf-8",
        )
        more = ["--map", "map.yaml"]
        monkeypatch.setattr(
            mapped.Mapped, "admitted", failing(mapped.Mapped.admitted, lambda _, id, *__: id == "p2")
        )
    done = cohort(tmp_path, form, *more)
    assert done.status == 1, done.err
    assert list(rows(tmp_path / "out")) == ["p0", "p1", "p3"]
    (rejected,) = table(tmp_path / "out" / "rejected.csv")
    assert (rejected["id"], rejected["kind"]) == ("p2", "fault of this program")


def test_a_cohort_is_prepared_without_the_record(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_one = failing(files.read_profile, lambda data, *_: WHO.encode() in data)
    monkeypatch.setattr(files, "read_profile", at_one)
    made = called(tmp_path, "prepare", "people", "cohort", "--protocol", "small", *RULES)
    assert made.status == 1, made.err
    assert "1 fault of this program" in made.out and "this program failed at 1 of the records" in made.err
    done = cohort(tmp_path, "cohort")
    assert done.status == 1 and "NOT READ, 1 record" in done.out
    assert WHO not in rows(tmp_path / "out") and len(rows(tmp_path / "out")) == 11
    # Counts of a cohort in which somebody is missing by our fault are not given at all.
    for source in ("people", "cohort"):
        asked = called(tmp_path, "what-if", "small", source, *SMALL[2:])
        assert asked.status == 1 and "fault in this program" in asked.err, asked
    measured = called(tmp_path, "coverage", "people", "--protocol", "small", *RULES)
    assert measured.status == 1 and "1 fault of this program" in measured.out


@pytest.mark.parametrize("where", ["the form of a line", "what a line gives"])
def test_lines_of_an_export_at_which_columns_fail_are_read_one_by_one(
    where: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_export(tmp_path / "bulk", 30)
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
    prepared = ("--protocol", "small", *RULES)
    assert called(tmp_path, "prepare", "bulk", "before", *prepared).status == 0
    if where == "the form of a line":
        monkeypatch.setattr(fhir_lines, "shape_of", failing(fhir_lines.shape_of, lambda *_: True))
    else:
        monkeypatch.setattr(fhir_plan, "admit", failing(fhir_plan.admit, lambda *_: True))
    made = called(tmp_path, "prepare", "bulk", "cohort", *prepared)
    assert made.status == 0, made.err
    counts = [manifest(tmp_path / name)["counts"] for name in ("before", "cohort")]
    assert counts[0] == counts[1] and counts[0]["people"] > 20 and counts[0]["entries"] > 20
    assert SECRET not in made.out + made.err


@pytest.mark.parametrize("form", ["records", "export"])
def test_a_cohort_is_prepared_again_where_the_fault_is_gone(
    form: str, people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who is missing by our fault would be missing as long as nothing else has changed."""
    where, name = files, "read_profile"
    is_met: Callable[..., bool] = lambda data, *_: WHO.encode() in data  # noqa: E731
    if form == "export":
        people.rename(tmp_path / "profiles")
        people.mkdir()
        lines = "".join(f'{{"resourceType":"Patient","id":"p{n}"}}\n' for n in range(4))
        (people / "Patient.ndjson").write_text(lines, encoding="utf-8")
        # What an extension may change is read by itself, and whose it is with it.
        changed = {"resourceType": "Condition", "subject": {"reference": "Patient/p1"}, "modifierExtension": [{}]}
        (people / "Condition.ndjson").write_text(json.dumps(changed) + "\n", encoding="utf-8")
        monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
        where, name, is_met = fhir_bulk, "subject_of", lambda *_: True

    def made() -> tuple[int, int, int]:
        done = called(tmp_path, "prepare", "people", "cohort", "--protocol", "small", *RULES)
        counts = manifest(tmp_path / "cohort")["counts"]
        return done.status, counts["people"], counts["rejected_by_kind"].get("fault of this program", 0)

    with monkeypatch.context() as patched:
        patched.setattr(where, name, failing(getattr(where, name), is_met))
        status, number, failed = made()
        assert (status, failed) == (1, 1)
    assert made() == (0, number + 1, 0)


def test_explain_says_of_a_record_at_which_the_program_fails_that_it_does(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cohort(tmp_path, people).status == 0
    monkeypatch.setattr(files, "read_profile", failing(files.read_profile, lambda data, *_: WHO.encode() in data))
    told = called(tmp_path, "explain", "out", "--subject", WHO)
    assert told.status == 1 and "a fault in this program, not in the record" in told.err, told


# ------------------------------------------------------------------------------------- columns


@pytest.mark.parametrize(
    ("where", "fault"),
    [
        ("frame", TypeError), ("frame", pl.exceptions.ComputeError), ("frame", pl.exceptions.PanicException),
        ("compile", KeyError), ("the query of a database", KeyError),
    ],
)  # fmt: skip
def test_everybody_is_screened_one_by_one_where_columns_fail(
    where: str, fault: type[BaseException], people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At some of the people, or before the first; those whom columns had answered are not believed either."""
    assert called(tmp_path, "prepare", "people", "cohort", "--protocol", "small", *RULES).status == 0
    assert cohort(tmp_path, "cohort", "--engine", "one-by-one", out="before").status == 0
    done = []
    monkeypatch.setattr(cohort_slices.Slices, "at_once", lambda *_: 5)
    frame = cohort_slices.Slices.frame

    def second(*given: Any) -> Any:
        done.append(given)
        if len(done) == 2:
            raise fault(SECRET)
        return frame(*given)

    def never(*_: Any) -> Any:
        raise fault(SECRET)

    if where == "frame":
        monkeypatch.setattr(cohort_slices.Slices, "frame", second)
    elif where == "compile":
        monkeypatch.setattr(in_columns, "compile", never)
    else:
        monkeypatch.setattr(warehouse, "compile", never)
    made = cohort(tmp_path, "cohort", "--engine", "duckdb" if "database" in where else "polars")
    assert made.status == 0, made.err
    assert len(done) == (2 if where == "frame" else 0)
    assert f"A fault in this program: columns failed ({fault.__name__} at " in " ".join(made.out.split())
    assert "Everybody was screened one by one instead." in " ".join(made.out.split())
    said = manifest(tmp_path / "out")
    assert said["run"]["columns"]["failed"].startswith(f"{fault.__name__} at ")
    assert said["counts"] == manifest(tmp_path / "before")["counts"]
    for name in ("people.csv", "people.ndjson", "people.parquet", "rejected.csv"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "before" / name).read_bytes(), name
    assert SECRET not in made.out + made.err + json.dumps(said)


def test_a_full_disk_stops_columns_as_everything_else(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: Any) -> Any:
        raise OSError(28, "No space left on device")

    assert called(tmp_path, "prepare", "people", "cohort", "--protocol", "small", *RULES).status == 0
    monkeypatch.setattr(cohort_slices.Slices, "frame", full)
    made = cohort(tmp_path, "cohort", "--engine", "polars")
    assert made.status == 1 and "no space left on device" in made.err
    assert not (tmp_path / "out").exists()


def test_a_library_that_gives_up_is_told_in_one_line(
    people: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def panic(*_: Any, **__: Any) -> Any:
        raise pl.exceptions.PanicException(SECRET)

    monkeypatch.setattr(files, "read_profile", panic)
    made = called(tmp_path, "prepare", "people", "cohort", "--protocol", "small", *RULES)
    assert made.status == 1
    assert (
        made.err
        == "a fault in this program (PanicException); nothing was concluded. SCREENING_DEBUG=1 shows where\n"
    )
