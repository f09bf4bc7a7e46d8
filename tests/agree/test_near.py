"""The distance of a number from its limit is one, whether it is read off a trace or worked out in columns."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening import collecting
from screening.interpreters.reference import Law
from screening.language.bars import comparisons
from screening.outcome.determination import determine
from screening.outcome.near_miss import Missed
from screening.sources.profile import read_profile
from tests.agree import cohorts, generate
from tests.agree.test_agree import _library


def compared(seed: int, people: int, folder: Path) -> tuple[int, int]:
    """Fails where the two differ; how many people one bar rules out, and how many of them columns tell of."""
    library = _library(seed, folder)
    if library is None:
        return 0, 0
    file = generate.library(seed)
    every = [
        read_profile(json.dumps(generate.person(file, seed * 1000 + n)).encode(), library, name="chance.json")
        for n in range(people)
    ]
    law = Law(library)
    made = {s.id: determine(library, law.trace(s, generate.AS_OF)) for s in every}
    barred = {id: found.reasons[0] for id, found in made.items() if len(found.reasons) == 1}
    asked = [each for c in library.criteria for each in comparisons(library, c)]
    tables = cohorts.write(library, every, folder / str(seed))
    found, left = collecting.in_columns(library, tables, barred, generate.AS_OF, asked)
    keys = {every[key].id for key in left}
    told = [m for m in collecting.by_law(library, every, barred, generate.AS_OF) if m.id not in keys]
    assert sorted(map(shown, found)) == sorted(map(shown, told)), seed
    return len(barred), len(barred) - len(keys)


def shown(missed: Missed) -> tuple[str, ...]:
    distance = f"{round(missed.distance, 6):f}"
    return missed.id, missed.criterion, missed.name, missed.limit, missed.unit, distance


def test_a_distance_in_columns_is_that_of_the_trace(tmp_path: Path) -> None:
    found = [compared(seed, 40, tmp_path) for seed in range(6)]
    assert sum(barred for barred, _ in found) > 20
    assert sum(told for _, told in found) > 10


@pytest.mark.long
def test_a_distance_in_columns_is_that_of_the_trace_many_times(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = [compared(seed, 60, tmp_path) for seed in range(1000, 1150)]
    with capsys.disabled():
        print(f"\n{sum(b for b, _ in found)} people of one bar, {sum(t for _, t in found)} of them in columns")
    assert sum(told for _, told in found) > 500
