"""The verdicts of one person over a range of a parameter are those of a full run at each value and between."""

from __future__ import annotations

import os
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

from screening.errors import UnsupportedError
from screening.guidance.threshold import Threshold, between, is_decimal
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.curve import Mark, Steps
from screening.outcome.determination import verdict_of
from screening.record.subject import Subject
from tests.agree import generate
from tests.guidance import varied

SEEDS = int(os.environ.get("SEEDS", "40"))
RANGES = {
    "Limit": (Fraction(0), Fraction(20)),
    "Number": (Fraction(0), Fraction(8)),
    "Length": (Fraction(0), Fraction(60)),
}


def by_law(library: Library, subject: Subject, name: str, value: Fraction) -> str:
    number = (
        value.numerator
        if value.denominator == 1
        else between(value - Fraction(1, 10**9), value + Fraction(1, 10**9))
    )
    values = Law(varied.with_value(library, name, number)).evaluate(subject, generate.AS_OF)
    return verdict_of(*(values[root] for root in ROOTS)).value  # type: ignore[arg-type]


def said(steps: Steps, value: Fraction) -> str:
    return next(verdict for mark, verdict in reversed(steps) if mark <= Mark(value))


def decimal_near(value: Fraction) -> Fraction:
    return value if is_decimal(value) else Fraction(round(value * 10**12), 10**12)


def test_every_value_is_that_of_a_full_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for seed in range(SEEDS):
        library = varied.library(seed, tmp_path)
        if library is None:
            continue
        people = varied.people(seed, library, 4)
        for name, (low, high) in RANGES.items():
            try:
                threshold = Threshold(library, name, low, high)
            except UnsupportedError:
                counted[f"{name} refused"] += 1
                continue
            is_whole = name != "Limit"
            for subject in people:
                steps = threshold.steps(subject, generate.AS_OF)
                points = sorted({low, high, *(mark.value for mark, _ in steps)})
                if is_whole and high - low <= 8:
                    points = [Fraction(n) for n in range(int(low), int(high) + 1)]
                for value in {decimal_near(v) for v in varied.probes(points, is_whole)}:
                    where = f"seed {seed}, {name} = {value}, {subject.id}"
                    assert said(steps, value) == by_law(library, subject, name, value), where
                    counted["held"] += 1
                counted["varied" if len(steps) > 1 else "constant"] += 1
    with capsys.disabled():
        print(f"\n{dict(counted)}")
    assert counted["varied"] > SEEDS / 4
