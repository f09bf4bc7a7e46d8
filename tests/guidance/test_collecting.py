"""What collecting items could settle, against all complete answers of generated people through the law."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from random import Random

import pytest

from screening.everybody.gathered import _frame
from screening.guidance.completions import completions
from screening.interpreters.reference import Law
from screening.language.bars import inputs
from screening.language.library import Library
from screening.outcome.collecting import Lacking, alone, best, collected
from screening.outcome.determination import determine
from screening.outcome.row import Row, row_of
from screening.record.subject import Subject
from screening.reports.lacking import OPEN, lacking
from screening.reports.manifest import manifest
from tests.agree import generate
from tests.agree.test_agree import _library
from tests.guidance import varied

SEEDS = int(os.environ.get("SEEDS", "30"))
MOST_ANSWERS = 24


def by_law(law: Law, subject: Subject) -> Row:
    trace = law.trace(subject, generate.AS_OF)
    return row_of(law.library, subject.as_of(generate.AS_OF), trace, determine(law.library, trace))


def answered(law: Law, subject: Subject, items: tuple[str, ...]) -> Iterator[Subject]:
    """The person with some items completely answered, in every way that the rules tell apart.

    Nobody where an item is open and the record leaves it no answer: a list that is called complete and is empty.
    """
    if not items:
        yield subject
        return
    found = completions(law.library, subject, generate.AS_OF, items[0])
    if not found and items[0] not in by_law(law, subject).missing:
        found = (subject,)
    for one in found:
        yield from answered(law, one, items[1:])


def group_of(library: Library, row: Row) -> Lacking | None:
    head = manifest(library, generate.AS_OF, {}, None, {}, {})
    found = lacking(_frame([row], [c.id for c in library.criteria]), head, inputs(library))
    return found[0] if found else None


def test_between_what_surely_settles_and_what_could(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted: Counter[str] = Counter()
    for seed in range(SEEDS):
        library = _library(seed, tmp_path)
        if library is None:
            continue
        law = Law(library)
        for subject in varied.people(seed, library, 12):
            row = by_law(law, subject)
            group = group_of(library, row)
            # People who lack little are those of whom anything is surely settled.
            if group is None or len(group.items) > 3:
                continue
            assert row.verdict in OPEN
            assert group.items == set(row.missing)
            for items in [c for n in (1, 2) for c in combinations(sorted(row.missing), n)]:
                found = collected([group], items)
                rows = []
                for _, one in zip(range(MOST_ANSWERS), answered(law, subject, items), strict=False):
                    rows.append(by_law(law, one))
                where = f"seed {seed}, {subject.id}, {items}"
                if found.settled:
                    # What an answer may leave open is itself: the least of a list that is known to be empty.
                    assert all(set(each.missing) <= set(items) for each in rows), where
                    counted["surely"] += any(not each.missing for each in rows)
                if any(each.verdict in ("INELIGIBLE", "ELIGIBLE") for each in rows):
                    assert found.could, where
                    counted["could"] += 1
                counted["sets"] += 1
    with capsys.disabled():
        print(f"\n{dict(counted)}")
    assert min(counted["surely"], counted["could"]) > 10


def groups(rng: Random, names: str) -> list[Lacking]:
    made = []
    for _ in range(rng.randrange(1, 40)):
        items = frozenset(rng.sample(names, rng.randrange(1, min(6, len(names)) + 1)))
        deciding = frozenset(name for name in items if rng.random() < 0.7)
        made.append(Lacking(items, deciding, rng.randrange(1, 30), rng.random() < 0.5, rng.random() < 0.9))
    return made


def test_the_best_sets_are_best_of_all_sets() -> None:
    for seed in range(60):
        rng = Random(seed)
        drawn, names = groups(rng, "ABCDEFG"), "ABCDEFG"
        found = {len(one.items): one for one in best(drawn)}
        most = 0
        for number in range(1, 6):
            wanted = max(collected(drawn, items).settled for items in combinations(names, number))
            most = max(most, found[number].settled if number in found else 0)
            assert most == wanted, (seed, number)
        assert all(one.is_best for one in found.values())


def test_each_item_by_itself_is_the_set_of_one() -> None:
    for seed in range(60):
        drawn = groups(Random(seed), "ABCDEF")
        for one in alone(drawn):
            assert one == collected(drawn, one.items)


def test_too_many_sets_are_sought_greedily_and_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.outcome.collecting.MOST_TRIED", 0)
    monkeypatch.setattr("screening.outcome.collecting.MOST_SETS", 10)
    found = best(groups(Random(3), "ABCDEFGHIJKL"))
    assert found
    assert not all(one.is_best for one in found)
    assert sorted(one.settled for one in found) == [one.settled for one in found]
