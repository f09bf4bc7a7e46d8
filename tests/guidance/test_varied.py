"""Curves in columns are the sums of the curves by the law, person by person, at every value and between."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

from screening.errors import UnsupportedError
from screening.guidance.threshold import Threshold
from screening.interpreters.cohort_varied import Varied
from screening.outcome.curve import Sum
from tests.agree import cohorts, generate
from tests.guidance import varied
from tests.guidance.test_threshold import RANGES

SEEDS = int(os.environ.get("SEEDS", "15"))


def test_columns_count_what_the_law_says(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for seed in range(SEEDS):
        library = varied.library(seed, tmp_path)
        if library is None:
            continue
        people = varied.people(seed, library, 25)
        tables = cohorts.write(library, people, tmp_path / str(seed))
        for name, (low, high) in RANGES.items():
            try:
                threshold = Threshold(library, name, low, high)
                columns = Varied(library, tables, generate.AS_OF, threshold.varying, low, high).counted(1)
            except UnsupportedError as gap:
                counted[f"refused: {str(gap)[:60]}"] += 1
                continue
            wanted, left = Sum(), set(columns.left["id"])
            for subject in people:
                steps = threshold.steps(subject, generate.AS_OF)
                wanted.add(steps)
                if subject.id in left:
                    columns.sum.add(steps)
            where = f"seed {seed}, {name}"
            assert columns.sum.people == len(people), where
            assert columns.sum.steps(low) == wanted.steps(low), where
            counted["people"] += len(people)
            counted["odd"] += len(left)
            counted["curves that vary"] += len(wanted.steps(low)) > 1
    with capsys.disabled():
        print(f"\n{dict(counted)}")
    assert counted["odd"] < counted["people"] / 3
    assert counted["curves that vary"] > SEEDS / 3
