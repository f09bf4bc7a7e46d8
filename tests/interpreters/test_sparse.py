"""The shared law against the law itself, on what is made by chance: the same steps outside of queries."""

from __future__ import annotations

import datetime
import json
from dataclasses import replace
from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.everybody.worker import fast
from screening.interpreters.reference import Law
from screening.interpreters.sparse import Sparse
from screening.outcome.determination import determine
from screening.outcome.row import row_data, row_from, row_of
from screening.reading.load import load
from screening.record.subject import Completeness
from screening.sources.profile import read_profile
from tests.agree import generate

LIBRARIES, PEOPLE = 12, 15


@pytest.mark.parametrize("withheld", [0.35, 0.9])
def test_the_trace_is_the_laws_own_and_the_row_with_it(tmp_path: Path, withheld: float) -> None:
    compared = blanks = 0
    for seed in range(LIBRARIES):
        file = generate.library(seed)
        path = tmp_path / "chance.yaml"
        path.write_text(json.dumps(file), encoding="utf-8")
        try:
            library = load(path, [tmp_path])
        except RuleError:
            continue
        law, sparse, row = Law(library), Sparse(library, generate.AS_OF), fast(library, generate.AS_OF)
        for number in range(PEOPLE):
            profile = generate.person(file, seed * 1000 + number, withheld)
            subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
            expected = law.trace(subject, generate.AS_OF)
            found, blank = sparse.trace(subject)
            outside = replace(expected, steps=tuple(step for step in expected.steps if not step.row))
            assert found == outside, f"library {seed}, person {number}"
            whole = row_of(library, subject.as_of(generate.AS_OF), expected, determine(library, expected))
            assert row(subject) == whole, f"library {seed}, person {number}"
            assert row_from(json.loads(json.dumps(row_data(whole)))) == whole
            compared, blanks = compared + 1, blanks + len(blank)
    assert compared > LIBRARIES * PEOPLE / 2
    assert blanks > compared


def test_what_is_shared_is_bounded_and_forgotten_without_a_difference(tmp_path: Path) -> None:
    """People whose lists are complete since days of their own are each another kind of silence."""
    file = generate.library(3)
    path = tmp_path / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    library = load(path, [tmp_path])
    law, sparse = Law(library), Sparse(library, generate.AS_OF)
    sparse.silent.most = 4
    profile = generate.person(file, 3, 0.9)
    plain = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    name = library.requirements[0].name
    for days in [*range(12), *range(12)]:
        since = generate.AS_OF - datetime.timedelta(days=days)
        subject = replace(plain, complete={name: Completeness(since, "record", "", "")})
        expected = law.trace(subject, generate.AS_OF)
        found, _ = sparse.trace(subject)
        assert found == replace(expected, steps=tuple(step for step in expected.steps if not step.row))
        assert len(sparse.silent) <= 4
