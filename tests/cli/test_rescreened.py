"""Screening logs say of which earlier screening a later one is the rescreening."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.output import pseudonym
from tests.cli.cohorts import SMALL, called, made_people, table

DAYS = ("2026-11-22", "2026-12-01", "2026-12-01", "2027-01-10")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Five people, prepared; a sixth is in the records alone."""
    made_people(tmp_path / "people", 5)
    done = called(tmp_path, "prepare", "people", *SMALL[:4], "prepared")
    assert done.status == 0, done.err
    return tmp_path


def logged(place: Path, day: str, source: str, *more: str) -> dict[str, tuple[str, str]]:
    """By pseudonym, which screening it is and of which it is a rescreening."""
    done = called(place, "cohort", source, *SMALL[:4], "--as-of", day, "--out", "out", *more)
    assert done.status == 0, done.err
    rows = table(place / "out" / "screening-log.csv")
    return {row["pseudonym"]: (row["screening_id"], row["rescreen_of"]) for row in rows}


@pytest.mark.parametrize("most_held", [500_000, 2])
@pytest.mark.parametrize("engine", ["polars", "one-by-one"])
def test_each_screening_names_the_one_before(
    place: Path, engine: str, most_held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pseudonym, "MOST_HELD", most_held)
    first, second, once_more, third = (logged(place, day, "prepared", "--engine", engine) for day in DAYS)
    assert len(first) == 5
    assert first == {name: (f"{name}/2026-11-22", "") for name in first}
    assert second == {name: (f"{name}/2026-12-01", f"{name}/2026-11-22") for name in first}
    assert once_more == second
    assert third == {name: (f"{name}/2027-01-10", f"{name}/2026-12-01") for name in first}


def test_who_is_new_is_no_rescreening(place: Path) -> None:
    first = logged(place, DAYS[0], "people")
    made_people(place / "people", 6)
    second = logged(place, DAYS[1], "people")
    assert len(second) == 6
    assert {name for name, (_, before) in second.items() if before} == first.keys()


def test_another_list_knows_no_earlier_screening(place: Path) -> None:
    logged(place, DAYS[0], "people")
    assert {before for _, before in logged(place, DAYS[1], "people", "--identification", "new.csv").values()} == {
        ""
    }


@pytest.mark.parametrize("engine", ["polars", "one-by-one"])
def test_a_log_that_was_changed_is_told_and_left(place: Path, engine: str) -> None:
    logged(place, DAYS[0], "prepared")
    log = place / "out" / "screening-log.csv"
    log.write_text("pseudonym;screening_id\nA;B\n", encoding="utf-8")
    words = ("cohort", "prepared", *SMALL[:4], "--as-of", DAYS[1], "--out", "out", "--engine", engine)
    done = called(place, *words)
    assert done.status == 3
    assert "screening-log.csv" in done.err
    assert "put it back" in done.err
    assert log.read_text(encoding="utf-8").startswith("pseudonym;")
