"""Curves of the programme's own parameters: by the law, in columns, and by full runs of the compiled form."""

from __future__ import annotations

import json
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from random import Random

import pytest

from screening import screen
from screening.errors import RecordError
from screening.guidance.threshold import Threshold, parameter_of
from screening.interpreters.cohort_varied import Varied
from screening.interpreters.compiled import Compiled
from screening.language.library import Library
from screening.outcome.curve import Curve, Sum
from screening.outcome.determination import verdict_of
from screening.reading.amended import amended
from screening.record.subject import Subject
from tests.agree import cohorts
from tests.agree.test_compiled import DAYS, FILES, _person
from tests.guidance import varied

# A limit of a measurement, one of a scale, the age of a result in days, one in months, a lower limit.
PARAMETERS = {
    "Upper Systolic": (120, 190),
    "Review QTcF": (400, 500),
    "Lowest Pain": (0, 10),
    "Lowest Age": (16, 70),
    "Pain Days": (0, 60),
    "TSH Months": (0, 24),
}
NUMBER = 3


def everybody(library: Library, number: int) -> list[Subject]:
    """The programme's records with answers withheld and added; those of the complete ones often as they are."""
    beside = {key for record in FILES.values() for key in record["evidence"]}
    people = []
    for name, record in FILES.items():
        for n in range(number):
            made = record if n == 0 else _person(Random(f"{name} {n}"), record, library)
            try:
                data = json.dumps({**made, "subject": f"{name} {n}"}).encode()
                people.append(screen.read_record(data, library, "person.json", beside=beside))
            except RecordError:
                continue
    return people


def with_criteria(library: Library, kept: tuple[str, ...], folder: Path) -> Library:
    """The library of some criteria alone: with all of them nobody's verdict would turn on one limit."""
    path = folder / "what-if.yaml"
    path.write_text(amended(library, [c.id for c in library.criteria if c.id not in kept]), encoding="utf-8")
    return screen.load_library(str(path), [Path(library.path).parent])


@pytest.mark.parametrize("name", PARAMETERS)
def test_a_curve_is_the_sum_of_full_runs(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = screen.load_library("ketamine-ra-fm")
    low, high = (Fraction(end) for end in PARAMETERS[name])
    criteria = Threshold(whole, name, low, high).varying.criteria
    counted: Counter[str] = Counter()
    for library in (whole, with_criteria(whole, criteria, tmp_path)):
        people = everybody(library, NUMBER)
        threshold = Threshold(library, name, low, high)
        total = Sum()
        for subject in people:
            total.add(threshold.steps(subject, DAYS[0]))
        tables = cohorts.write(library, people, tmp_path / str(len(library.criteria)))
        columns = Varied(library, tables, DAYS[0], threshold.varying, low, high).counted()
        left = set(columns.left["id"])
        for subject in people:
            if subject.id in left:
                columns.sum.add(threshold.steps(subject, DAYS[0]))
        steps = total.steps(low)
        assert columns.sum.steps(low) == steps
        parameter = parameter_of(library, name)
        curve = Curve(
            name, "", parameter.type.name == "Integer", low, high, parameter.written, "", steps, len(people)
        )
        points = [low, *curve.breakpoints, high]
        for value in varied.probes(sorted(set(points)), curve.is_whole):
            number = value.numerator if value.denominator == 1 else Decimal(value.numerator) / value.denominator
            compiled = Compiled(varied.with_value(library, name, number), DAYS[0])
            found = Counter(verdict_of(*compiled.verdict(subject, DAYS[0])[:4]).value for subject in people)
            assert found == Counter(+Counter(dict(curve.at(value).people))), (library.name, name, value)
            counted["full runs"] += 1
        counted["breakpoints"] += len(curve.breakpoints)
        counted["one by one"] += len(left)
        counted["people"] += len(people)
    with capsys.disabled():
        print(f"\n{name}: {dict(counted)}")
    assert counted["breakpoints"] > 0
