"""The fewest facts that force a verdict are those that trying every set of facts by the law finds."""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.guidance import sufficient as search
from screening.guidance.sufficient import recorded, restricted, smallest, sufficient
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.determination import Verdict, is_bar, verdict_of
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from tests.agree import generate


def people(folder: Path, seed: int, count: int) -> Iterator[tuple[Library, Subject, str]]:
    """People by chance under one library by chance."""
    file = generate.library(seed)
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        library = load(path, [folder])
    except RuleError:
        return
    for number in range(count):
        person = seed * 1000 + number
        profile = json.dumps(generate.person(file, person)).encode()
        yield library, read_profile(profile, library, name="chance.json"), f"library {seed}, person {person}"


def says(law: Law, person: Subject, as_of: datetime.date) -> tuple[Verdict, frozenset[str]]:
    """The verdict of the law, and what bars."""
    values = law.evaluate(person, as_of)
    roots = [values[root] for root in ROOTS]
    bars = frozenset(c.id for c in law.library.criteria if is_bar(c, values[c.id]))  # type: ignore[arg-type]
    return verdict_of(*roots), bars  # type: ignore[arg-type]


def fewest(law: Law, library: Library, subject: Subject, as_of: datetime.date) -> int:
    """How many facts are needed at least, each set tried by the law; a bar has to be one that bars in fact."""
    person = subject.as_of(as_of)
    (said, bars), names = says(law, person, as_of), recorded(library, person)
    for size in range(len(names) + 1):
        for kept in combinations(names, size):
            verdict, found = says(law, restricted(person, frozenset(kept)), as_of)
            if verdict is said and (verdict is not Verdict.INELIGIBLE or not found.isdisjoint(bars)):
                return size
    raise AssertionError("all facts together do not force the verdict")


def held(folder: Path, seeds: range, count: int) -> dict[str, int]:
    """Holds the search against trying everything; how many people there were, and how many facts were needed."""
    seen: dict[str, int] = {}
    for seed in seeds:
        for library, subject, where in people(folder, seed, count):
            found = sufficient(library, subject, generate.AS_OF)
            expected = fewest(Law(library), library, subject, generate.AS_OF)
            assert (len(found.requirements), found.is_smallest) == (expected, True), where
            key = f"{found.verdict.value} {expected}"
            seen[key] = seen.get(key, 0) + 1
    return seen


def test_the_fewest_facts_are_those_that_trying_every_set_finds(tmp_path: Path) -> None:
    seen = held(tmp_path, range(40), 3)
    assert seen["INELIGIBLE 1"] > 10 and sum(seen.values()) > 60


def test_a_bound_on_what_is_tried_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "MOST_CHOICES", 0)
    monkeypatch.setattr(search, "MOST_TRIED", 3)
    names = tuple("abcdef")
    kept, exact = smallest(names, lambda some: {"b", "e"} <= some, frozenset("a"))
    assert (kept, exact) == (frozenset("be"), False)


def test_three_of_four_alternatives_are_found() -> None:
    names = tuple("abcdefgh")
    pairs = [set("ab"), set("bc"), set("cd"), set("fg")]
    kept, exact = smallest(names, lambda some: all(not pair.isdisjoint(some) for pair in pairs) and "h" in some)
    assert (len(kept), exact) == (4, True)
    assert "h" in kept and all(not pair.isdisjoint(kept) for pair in pairs)


@pytest.mark.long
def test_many_smallest_sets_of_facts(tmp_path: Path) -> None:
    libraries = int(os.environ.get("LIBRARIES", "2000"))
    assert sum(held(tmp_path, range(1000, 1000 + libraries), 2).values()) > libraries
