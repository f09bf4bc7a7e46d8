"""Some people at a time: the rows are those of everybody at once, whatever their keys are and however they lie."""

from __future__ import annotations

import datetime
import random
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening.interpreters import cohort, cohort_slices
from screening.record.tables import Tables
from tests.bench import cohort_tables, people

DAY = datetime.date(2026, 11, 22)
PEOPLE, TRIALS = 500, 1500


def _tables(folder: Path, keys: list[Any]) -> Tables:
    """The benchmark protocol's tables, with people by these keys."""
    chance = random.Random(5)
    columns: dict[str, Any] = {"patient_id": keys}
    for name in ("birth_date", *people.NAMES):
        match name:
            case "sex":
                columns[name] = [chance.choice(("female", "male", None)) for _ in keys]
            case "birth_date" | "ra_dx_date":
                columns[name] = [datetime.date(1940 + chance.randrange(80), 3, 1) for _ in keys]
            case "cdai" | "das28_crp" | "alt_uln" | "egfr":
                columns[name] = [chance.choice((None, 2.5, 11.0, 90.0)) for _ in keys]
            case "pregnant" | "active_psychosis" | "active_sud" | "raised_icp" | "raised_iop":
                columns[name] = [chance.choice((False, False, True, None)) for _ in keys]
            case "unstable_cardiac" | "ketamine_allergy":
                columns[name] = [chance.choice((False, None)) for _ in keys]
            case _:
                columns[name] = [chance.choice((None, 5, 9)) for _ in keys]
    pl.DataFrame(columns).write_parquet(folder / "patients.parquet", row_group_size=64)
    rows = {
        "patient_id": [chance.choice(keys) for _ in range(TRIALS)],
        "drug_class": [chance.choice(("csDMARD", "TNFi", "IL6i", "NSAID", "SNRI", None)) for _ in range(TRIALS)],
        "weeks": [chance.choice((4, 20, None)) for _ in range(TRIALS)],
        "outcome": [chance.choice(("intolerance", "response", None)) for _ in range(TRIALS)],
    }
    pl.DataFrame(rows).write_parquet(folder / "trials.parquet")
    return cohort_tables.files(folder)


def _shuffled(keys: list[Any]) -> list[Any]:
    made = list(keys)
    random.Random(3).shuffle(made)
    return made


NUMBERS, NAMES = list(range(PEOPLE)), [f"P{n:06}" for n in range(PEOPLE)]


@pytest.mark.parametrize(
    "keys",
    [NUMBERS, _shuffled(NUMBERS), NAMES, _shuffled(NAMES), [f"Ä{n}" for n in range(PEOPLE)]],
    ids=["numbers", "numbers in disorder", "names", "names in disorder", "names of other letters"],
)
def test_a_few_at_a_time_are_everybody(keys: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    query = cohort.compile(cohort_tables.protocol(), _tables(tmp_path, keys), DAY)
    at_once, few = tmp_path / "at-once.parquet", tmp_path / "few.parquet"
    odd = query.write(at_once)
    monkeypatch.setattr(cohort_slices, "FEWEST", 37)
    assert query.write(few, 1) == odd
    assert pl.read_parquet(few).equals(pl.read_parquet(at_once), null_equal=True)
    assert pl.read_parquet(few)["subject"].to_list() == keys


@pytest.mark.parametrize(
    "keys",
    [[*NUMBERS[:37], *NUMBERS[36:]], _shuffled([*NAMES, *NAMES[:40]])],
    ids=["on the border of two pieces", "far apart"],
)
def test_whoever_is_there_twice_is_not_there_four_times(
    keys: list[Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = cohort.compile(cohort_tables.protocol(), _tables(tmp_path, keys), DAY)
    at_once, few = tmp_path / "at-once.parquet", tmp_path / "few.parquet"
    odd = query.write(at_once)
    monkeypatch.setattr(cohort_slices, "FEWEST", 37)
    assert query.write(few, 1) == odd
    whole, pieces = pl.read_parquet(at_once), pl.read_parquet(few)
    assert pieces.height == whole.height == len(keys)
    assert pieces.sort(pieces.columns).equals(whole.sort(whole.columns), null_equal=True)
