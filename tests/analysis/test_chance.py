"""What the solver says of libraries made by chance, against the law on people made by chance.

Counts, windows, partial days, units, `if`, words, records with gaps and contradictions: whatever is said of every
record holds of each of these people, whoever they are.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from random import Random

import pytest

pytest.importorskip("z3")

from screening.analysis.difference import difference
from screening.analysis.mutants import mutants
from screening.analysis.questions import findings
from screening.cases.mutation import with_changed
from screening.errors import RuleError, ScreeningError
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.determination import verdict_of
from screening.outcome.finding import EVERY_RECORD, Changed, Finding
from screening.reading.load import load
from screening.record.subject import Subject, Value
from screening.sources.profile import read_profile
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.agree import generate

ORDER = {FALSE: 0, UNKNOWN: 1, TRUE: 2}
Values = Mapping[str, Value]


def made(folder: Path, seed: int) -> Library | None:
    """A library by chance; None of the few that are refused."""
    path = folder / "chance.yaml"
    path.write_text(json.dumps(generate.library(seed)), encoding="utf-8")
    try:
        return load(path, [folder])
    except RuleError:
        return None


def people(library: Library, seed: int, number: int) -> list[Subject]:
    """Records of which little, some and much is withheld; those that are rejected are left out."""
    file, found = generate.library(seed), []
    for each in range(number):
        profile = generate.person(file, seed * 1000 + each, (0.1, 0.35, 0.7)[each % 3])
        try:
            found.append(read_profile(json.dumps(profile).encode(), library, name="chance.json"))
        except ScreeningError:
            continue
    return found


def is_kept(library: Library, id: str, values: Values) -> bool:
    """Whether a criterion keeps nobody out."""
    return values[id] is (TRUE if library.criterion(id).category == "inclusion" else FALSE)


def is_against(library: Library, finding: Finding, values: Values) -> bool:
    """Whether a person is one of those of whom a finding says that there are none."""
    match finding.kind, finding.about:
        case "never met", (id,):
            return values[id] is TRUE
        case "never failed", (id,):
            return values[id] is FALSE
        case "contradiction", (a, b):
            return is_kept(library, a, values) and is_kept(library, b, values)
        case "implied", (idle, by):
            a, b = (by, idle) if library.criterion(idle).category == "inclusion" else (idle, by)
            return values[a] is TRUE and values[b] is not TRUE
        case "nobody eligible", _:
            return verdict(values) == "ELIGIBLE"
    return False


def verdict(values: Values) -> str:
    return verdict_of(*(values[root] for root in ROOTS)).value  # type: ignore[arg-type]


def ways(library: Library, changed: Changed, pairs: list[tuple[Values, Values]]) -> set[str]:
    """In which directions somebody changes."""
    if changed.about == "verdict":
        return {"changed"} if any(verdict(a) != verdict(b) for a, b in pairs) else set()
    id = changed.about.removeprefix("alert of ")
    criterion = library.criterion(id)
    if id != changed.about:
        # Somebody is warned of, or is not; whether it is known that they are not is one.
        assert criterion.alert is not None
        name = criterion.alert.definition
        steps = {(a[name] is TRUE) - (b[name] is TRUE) for a, b in pairs}
    else:
        sign = 1 if criterion.category == "inclusion" else -1
        steps = {sign * (ORDER[b[id]] - ORDER[a[id]]) for a, b in pairs}  # type: ignore[index]
    return {way for way, found in (("tightened", min(steps) < 0), ("loosened", max(steps) > 0)) if found}


def agree(folder: Path, seed: int, number: int, slips: int) -> int:
    """Everything that is said of one library, and of some editions with one slip; how many editions it was."""
    library = made(folder, seed)
    if library is None:
        return 0
    subjects, law = people(library, seed, number), Law(library)
    known = [law.evaluate(subject, generate.AS_OF) for subject in subjects]
    for finding in findings(library, generate.AS_OF):
        if finding.sure == EVERY_RECORD:
            against = sum(is_against(library, finding, values) for values in known)
            assert not against, f"seed {seed}: {finding.kind} {finding.about} of {against}"
    every = list(mutants(library))
    some = Random(seed).sample(every, min(slips, len(every)))
    for slip in some:
        new = with_changed(library, slip.name, slip.expression)
        said = difference(library, new, generate.AS_OF)
        other = Law(new)
        pairs = [(a, other.evaluate(s, generate.AS_OF)) for a, s in zip(known, subjects, strict=True)]
        for changed in (*said.criteria, said.verdict):
            found = ways(library, changed, pairs)
            text = f"seed {seed}, {slip.name}: {slip.slip}: {changed.about} is {changed.state}, found {found}"
            if changed.state == "equivalent":
                assert not found or changed.sure != EVERY_RECORD, text
            elif changed.state in ("tightened", "loosened") and changed.about != "verdict":
                other_way = "loosened" if changed.state == "tightened" else "tightened"
                assert other_way not in found or other_way in changed.undecided, text
    return len(some)


@pytest.mark.parametrize("seed", [1, 2, 11, 14])
def test_what_is_said_of_every_record_holds_of_everybody(tmp_path: Path, seed: int) -> None:
    assert agree(tmp_path, seed, 60, 3)


@pytest.mark.long
def test_what_is_said_of_every_record_holds_of_everybody_at_length(tmp_path: Path) -> None:
    assert sum(agree(tmp_path, seed, 150, 4) for seed in range(5000, 5040)) > 100
