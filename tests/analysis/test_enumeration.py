"""The solver against every person there is of small generated libraries, and against the law on every witness."""

from __future__ import annotations

import datetime
import itertools
import random
from pathlib import Path

import pytest

pytest.importorskip("z3")

from screening.analysis.difference import difference
from screening.analysis.proofs import Proofs, formula_of, truth_of_name
from screening.analysis.search import Search
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.record.subject import Absence, Evidence, Subject, Value
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.analysis.rules import library

DAY = datetime.date(2026, 11, 22)
NUMBERS = (None, 0, 1, 2, 3, 4, 5, 6)


def expression(random_: random.Random, deep: int = 2) -> str:
    """A truth over two numbers of a small scale and one condition."""
    if deep == 0 or random_.random() < 0.2:
        name = random_.choice(("Score", "Other"))
        limit = random_.randint(-1, 7)
        return random_.choice(
            (
                f"{name} {random_.choice(('<', '<=', '>', '>=', '=', '!='))} {max(limit, 0)}",
                "Disease",
                f"Score + Other > {limit + 3}",
                f"Score * Other >= {limit + 3}",
                f"{name} between 1 and {max(limit, 2)}",
                "Score < Other",
                "Max(Score, Other) > 3",
            )
        )
    first, second = expression(random_, deep - 1), expression(random_, deep - 1)
    return random_.choice(
        (
            f"({first}) and ({second})",
            f"({first}) or ({second})",
            f"not ({first})",
            f"({first}) implies ({second})",
        )
    )


def everybody(found: Library) -> list[Subject]:
    """Every person of whom each number is recorded once or not, and the condition as present, absent or not."""
    people = []
    for score, other, disease in itertools.product(NUMBERS, NUMBERS, (TRUE, FALSE, UNKNOWN)):
        evidence: dict[str, tuple[Evidence, ...]] = {}
        values: dict[str, Value] = {}
        values |= {} if score is None else {"Score": exactly(score)}
        values |= {} if other is None else {"Other": exactly(other)}
        values |= {"Disease": TRUE} if disease is TRUE else {}
        for name, value in values.items():
            codes = tuple(min(c) for c in found.requirement(name).concepts)
            row = Evidence(name, name, value, exactly(DAY), codes=codes, concepts=frozenset({0}))
            evidence[name] = (row,)
        absent = {"Disease": (Absence("none", "Disease", exactly(DAY)),)} if disease is FALSE else {}
        people.append(Subject("one", evidence, absent, concepts={r.name: 1 for r in found.requirements}))
    return people


def agree(folder: Path, seed: int) -> None:
    """One generated library: what nobody reaches by enumeration the solver finds nobody for, and the other way."""
    random_ = random.Random(seed)
    found = library(folder, expression(random_), expression(random_))
    law, search, proofs = Law(found), Search(found, DAY), Proofs(found, DAY)
    known = [law.evaluate(person, DAY) for person in everybody(found)]
    for id, truth in itertools.product(("C1", "C2"), (TRUE, FALSE, UNKNOWN)):
        reached = any(values[id] is truth for values in known)

        def holds(values: object, id: str = id, truth: object = truth) -> bool:
            return values[id] is truth  # type: ignore[index]

        sought = search.person(formula_of(truth_of_name(search.reader, id), truth), holds)
        never = proofs.is_never(formula_of(truth_of_name(proofs.before, id), truth))
        text = f"seed {seed}: {id} {truth}: {found.criteria[0].written} | {found.criteria[1].written}"
        assert (sought.subject is not None) == reached, text
        assert not (never and reached), text
        if sought.subject is not None:
            smallest = search.smallest(sought.subject, holds)
            assert law.evaluate(smallest, DAY)[id] is truth, text


def agree_between(folder: Path, seed: int) -> None:
    """Two generated editions: tightened and loosened are what enumeration says."""
    random_ = random.Random(seed)
    old = library(folder / "old", expression(random_))
    new = library(folder / "new", expression(random_), version="0.2")
    changed = difference(old, new, DAY).criteria[0]
    order = {FALSE: 0, UNKNOWN: 1, TRUE: 2}
    laws = Law(old), Law(new)
    pairs = [[order[law.evaluate(person, DAY)["C1"]] for law in laws] for person in everybody(old)]  # type: ignore[index]
    ways = {"tightened": any(a > b for a, b in pairs), "loosened": any(a < b for a, b in pairs)}
    found = {shown.direction for shown in changed.shown}
    assert found == {way for way, is_so in ways.items() if is_so}, (seed, old.criteria[0].written)
    assert (changed.state == "equivalent") is not any(ways.values()), seed


@pytest.mark.parametrize("seed", range(12))
def test_the_solver_agrees_with_enumeration(tmp_path: Path, seed: int) -> None:
    agree(tmp_path, seed)
    agree_between(tmp_path, seed)


def test_a_product_of_two_short_scales_is_found_out(tmp_path: Path) -> None:
    """`Score * Other >= 9` against a narrower form: one of the pairs in which a number made up never was one."""
    agree_between(tmp_path, 1264)


@pytest.mark.long
def test_the_solver_agrees_with_enumeration_at_length(tmp_path: Path) -> None:
    for seed in range(1000, 1400):
        agree(tmp_path, seed)
        agree_between(tmp_path, seed)
