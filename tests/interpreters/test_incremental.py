"""One person answer by answer: at each step the trace of the law, a new session only for a changed answer."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest

from screening.errors import RuleError
from screening.interpreters import forward
from screening.interpreters.incremental import Incremental
from screening.interpreters.reference import Law
from screening.reading.load import load
from screening.sources.profile import read_profile
from tests.agree import generate

if not forward.available():
    pytest.skip("the chaining engine is not installed", allow_module_level=True)

RULES = """
library: two
version: "1"
title: Two
sources: {made: made up}
requirements:
  A: {type: Boolean, text: A, chosen: true, source: {made: "1"}}
  B: {type: Integer, take: latest, text: B, chosen: true, source: {made: "1"}}
criteria:
  - {id: INC01, category: inclusion, text: A, source: {made: "1"}, expression: "A"}
  - {id: EXC01, category: exclusion, strength: absolute, text: B, source: {made: "1"}, expression: "B > 3"}
"""


def test_every_step_is_that_of_the_law(tmp_path: Path) -> None:
    """Items are added, changed and taken away in any order, on libraries made by chance."""
    libraries = steps = sessions = 0
    for seed in range(60):
        file = generate.library(seed)
        path = tmp_path / "chance.yaml"
        path.write_text(json.dumps(file), encoding="utf-8")
        try:
            library = load(path, [tmp_path])
        except RuleError:
            continue
        libraries += 1
        rng, law, following = Random(seed), Law(library), Incremental(library)
        people = [generate.person(file, seed * 10 + n) for n in range(3)]
        known = {**people[0], "evidence": {}}
        for _ in range(14):
            other = rng.choice(people)["evidence"]
            name = rng.choice(sorted(set(other) | set(known["evidence"])) or ["none"])
            evidence = {k: v for k, v in known["evidence"].items() if k != name}
            if name in other and rng.random() < 0.85:
                evidence[name] = other[name]
            known = {**known, "evidence": evidence}
            subject = read_profile(json.dumps(known).encode(), library, name="chance.json")
            found = following.trace(subject, generate.AS_OF)
            assert found.steps == law.trace(subject, generate.AS_OF).steps
            steps += 1
        sessions += following.sessions
        following.dispose()
    assert libraries > 20
    assert sessions < steps


def test_an_answer_that_settles_is_added_and_a_changed_one_opens_anew(tmp_path: Path) -> None:
    path = tmp_path / "two.yaml"
    path.write_text(RULES, encoding="utf-8")
    library = load(path, [tmp_path])
    following = Incremental(library)
    counts = []
    for evidence in ({}, {"A": "TRUE"}, {"A": "TRUE", "B": "2"}, {"A": "FALSE", "B": "2"}, {"B": "2"}):
        profile = json.dumps({"subject": "SYN-1", "evidence": evidence}).encode()
        subject = read_profile(profile, library, name="p.json")
        assert following.trace(subject, generate.AS_OF).steps == Law(library).trace(subject, generate.AS_OF).steps
        counts.append(following.sessions)
    # Two answers are added to the first session; one that is changed, and one that is taken back, open anew.
    assert counts == [1, 1, 1, 2, 3]
    following.dispose()
