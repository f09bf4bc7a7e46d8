"""The law, forward chaining, the compiled form and the verifier agree on libraries and people made by chance.

The short run is part of every test run; the long one (`make long`) takes PAIRS from the environment,
100,000 by default. A failure names the two seeds that bring it back.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import replace
from pathlib import Path

import pytest

from screening.audit.verify import Verifier
from screening.errors import RuleError
from screening.interpreters import forward, reference
from screening.interpreters.compiled import Compiled
from screening.language.library import ROOTS, Library
from screening.outcome.determination import determine
from screening.outcome.row import row_of
from screening.reading.load import load
from screening.sources.profile import read_profile
from tests.agree import generate

PEOPLE = 40
Engines = tuple[Library, reference.Law, Verifier, Compiled, forward.Forward | None]


def _library(seed: int, folder: Path) -> Library | None:
    path = folder / "chance.yaml"
    path.write_text(json.dumps(generate.library(seed)), encoding="utf-8")
    try:
        return load(path, [folder])
    except RuleError as refused:
        # The generator draws a few ill-typed files; whatever is refused says why.
        if not all(diagnostic.message for diagnostic in refused.diagnostics):
            raise
        return None


def _agree(engines: Engines, file: dict[str, object], library_seed: int, person_seed: int) -> None:
    library, law_of, verifier, compiled, chain = engines
    where = f"library {library_seed}, person {person_seed}"
    profile = generate.person(file, person_seed)
    subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    law = law_of.trace(subject, generate.AS_OF)
    verifier.verify(subject, law)
    if chain is not None:
        assert chain.trace(subject, generate.AS_OF).steps == law.steps, where
    values = law_of.evaluate(subject, generate.AS_OF)
    places = {expression.place: name for name, expression in library.order}
    traced = {places[s.place]: s.value for s in law.steps if not s.row and s.place in places}
    assert traced == values, where
    assert compiled.evaluate(subject, generate.AS_OF) == values, where
    screened = compiled.verdict(subject, generate.AS_OF)
    assert screened[:4] == tuple(values[root] for root in ROOTS), where
    assert screened.criteria == {criterion.id: values[criterion.id] for criterion in library.criteria}, where
    other = generate.shuffled(profile, person_seed + 1)
    again = read_profile(json.dumps(other).encode(), library, name="chance.json")
    assert law_of.trace(again, generate.AS_OF).steps == law.steps, where
    made = row_of(library, subject.as_of(generate.AS_OF), law, determine(library, law))
    assert compiled.row(subject, generate.AS_OF) == replace(made, evidence=()), where


def _run(pairs: int, folder: Path, start: int) -> tuple[int, int]:
    done, refused, seed = 0, 0, start
    while done < pairs:
        file = generate.library(seed)
        library = _library(seed, folder)
        if library is None:
            refused += 1
            assert refused < 20 + done, "most generated libraries are refused"
        else:
            chain = forward.Forward(library) if forward.available() else None
            # The as-of date is a constant in every second of them.
            compiled = Compiled(library, generate.AS_OF if seed % 2 else None)
            engines = (library, reference.Law(library), Verifier(library), compiled, chain)
            for number in range(min(PEOPLE, pairs - done)):
                _agree(engines, file, seed, seed * 1000 + number)
            done += min(PEOPLE, pairs - done)
            if chain is not None:
                chain.dispose()
        seed += 1
    return done, refused


def test_a_short_run_agrees(tmp_path: Path) -> None:
    done, _ = _run(1200, tmp_path, 0)
    assert done == 1200


@pytest.mark.long
def test_a_long_run_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pairs = int(os.environ.get("PAIRS", "100000"))
    began = time.process_time()
    done, refused = _run(pairs, tmp_path, 1_000_000)
    with capsys.disabled():
        print(f"\n{done} pairs agree, {refused} libraries refused, {time.process_time() - began:.0f} s CPU")
