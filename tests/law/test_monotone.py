"""Filling a gap may settle UNKNOWN; it never turns TRUE into FALSE or back, and never widens what is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.interpreters import reference
from screening.language.library import Library
from screening.outcome.determination import Verdict, determine
from screening.reading.load import load
from screening.sources.profile import read_profile
from screening.values.bounds import Bounds, intersect
from screening.values.truth import Truth
from tests.agree import generate
from tests.law.fill import filled, gapped, without_choosing

# What a requirement is worth may be chosen anew when its list grows (`take`); statements may not flip.
EXEMPT = ("review", "favourable")


def _made(seed: int, folder: Path) -> tuple[dict[str, object], Library] | None:
    file = without_choosing(generate.library(seed))
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        return file, load(path, [folder])
    except RuleError:
        return None


def _values(library: Library, profile: dict[str, object]) -> dict[str, object]:
    subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    return reference.evaluate(library, subject, generate.AS_OF)  # type: ignore[return-value]


def _contradictions(library: Library, profile: dict[str, object]) -> set[tuple[str, str]]:
    subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    steps = reference.trace(library, subject, generate.AS_OF).steps
    return {(step.place, step.row) for step in steps if step.conflict}


def _hold(file: dict[str, object], library: Library, seed: int) -> int:
    before_profile = gapped(file, seed)
    before = _values(library, before_profile)
    after_profile = filled(file, before_profile, seed + 7)
    if _contradictions(library, after_profile) - _contradictions(library, before_profile):
        return 0  # an answer that contradicts what is recorded is no filling of a gap
    after = _values(library, after_profile)
    settled = 0
    criteria = {c.id for c in library.criteria}
    for name, value in before.items():
        if name in EXEMPT or name.startswith(("favourable:", "alert:")):
            continue
        now = after[name]
        if isinstance(value, Truth) and value is not Truth.UNKNOWN:
            settled += name in criteria
            assert now is value, f"{name} flipped, seed {seed}"
        elif isinstance(value, Bounds) and isinstance(now, Bounds):
            assert intersect(value, now) == now, f"{name} left its bounds, seed {seed}"
    return settled


def _run(count: int, start: int, folder: Path) -> int:
    settled, seed = 0, start
    done = 0
    while done < count:
        made = _made(seed, folder)
        seed += 1
        if made is None:
            continue
        for number in range(25):
            settled += _hold(*made, seed * 1000 + number)
            done += 1
    return settled


def test_filling_gaps_flips_nothing(tmp_path: Path) -> None:
    assert _run(500, 5_000, tmp_path) > 200


@pytest.mark.long
def test_filling_gaps_flips_nothing_for_long(tmp_path: Path) -> None:
    assert _run(20_000, 2_000_000, tmp_path) > 5_000


def test_an_eligible_verdict_survives_every_filling_tried(tmp_path: Path) -> None:
    tried = 0
    for seed in range(7_000, 8_600):
        if tried >= 8:
            break
        made = _made(seed, tmp_path)
        if made is None:
            continue
        file, library = made
        for number in range(10):
            profile = gapped(file, seed * 100 + number)
            if _verdict(library, profile) is Verdict.ELIGIBLE:
                tried += 1
                later = filled(file, profile, seed + number)
                assert _verdict(library, later) in (Verdict.ELIGIBLE, Verdict.REVIEW), f"seed {seed}, {number}"
    assert tried > 5


def _verdict(library: Library, profile: dict[str, object]) -> Verdict:
    subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    return determine(library, reference.trace(library, subject, generate.AS_OF)).verdict
