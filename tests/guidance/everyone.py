"""People by chance with all that their missing items may turn out to be, through the law: by brute force."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from math import prod
from pathlib import Path

from screening.errors import RuleError
from screening.guidance.questions import Person, Questions
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.expression import parts
from screening.language.library import Library
from screening.outcome.completion import Completion
from screening.outcome.determination import Verdict, determine
from screening.outcome.trace import Trace
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from tests.agree import generate
from tests.law.fill import gapped, without_choosing

Given = tuple[tuple[str, int], ...]


@dataclass
class Case:
    """One person by chance under a library by chance, with every combination of answers tried by the law."""

    library: Library
    subject: Subject
    person: Person
    items: tuple[str, ...]
    verdicts: dict[Given, Verdict] = field(default_factory=dict)

    def sets(self, verdict: Verdict) -> set[frozenset[str]]:
        """The smallest sets of items, none inside another, that can settle a verdict."""
        reaching = {frozenset(name for name, _ in given) for given, v in self.verdicts.items() if v is verdict}
        return {items for items in reaching if not any(other < items for other in reaching)}

    def matter(self) -> set[str]:
        """The items of which some answer changes the verdict that some other answers left."""
        found = set()
        for given, verdict in self.verdicts.items():
            for position, (name, _) in enumerate(given):
                before = self.verdicts.get(given[:position] + given[position + 1 :])
                if before is not None and before is not verdict:
                    found.add(name)
        return found


def made(seed: int, folder: Path) -> tuple[dict[str, object], Library] | None:
    """A rule file by chance without silence read as an answer, loaded; None if it is refused."""
    file = without_choosing(generate.library(seed))
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        return file, load(path, [folder])
    except RuleError:
        return None


def cases(seeds: range, folder: Path, people: int, most: int = 4000) -> Iterator[Case]:
    """Undetermined people whose missing items have so few answers that every combination can be tried."""
    for seed in seeds:
        found = made(seed, folder)
        if found is None:
            continue
        file, library = found
        questions = Questions(library, 1000)
        for number in range(people):
            profile = gapped(file, seed * 1000 + number)
            subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
            person = questions.person(subject, generate.AS_OF)
            case = tried(library, subject, person, most)
            if case is not None:
                yield case


def tried(library: Library, subject: Subject, person: Person, most: int) -> Case | None:
    """Every combination of answers of a person through the law; None if they are settled, or too many."""
    if person.verdict not in (Verdict.UNDETERMINED, Verdict.REVIEW):
        return None
    items = person.gaps.missing()
    given = {item: person.tables.answers(item).answers for item in items}
    if not items or prod(len(some) + 1 for some in given.values()) > most:
        return None
    case = Case(library, subject, person, items)
    law, places = Law(library), places_below(library)
    before = contradictions(law.trace(person.gaps.seen, generate.AS_OF), places)
    for size in range(len(items) + 1):
        for some in combinations(items, size):
            for way in product(*(range(1, len(given[item]) + 1) for item in some)):
                chosen = tuple(zip(some, way, strict=True))
                trace = law.trace(answered(person.gaps.seen, [given[i][n - 1] for i, n in chosen]), generate.AS_OF)
                if contradictions(trace, places) <= before:
                    case.verdicts[chosen] = determine(library, trace).verdict
    return case


def answered(subject: Subject, answers: list[Completion]) -> Subject:
    for answer in answers:
        subject = answer.of(subject)
    return subject


def places_below(library: Library) -> set[str]:
    """Where a contradiction counts: below a criterion."""
    nodes = [n for n in parts(dict(library.order)["review"]) if isinstance(n, e.Contradicted)]
    return {place for node in nodes for place in (*node.hard, *node.soft)}


def contradictions(trace: Trace, places: set[str]) -> set[str]:
    return {step.place for step in trace.steps if step.conflict and not step.row and step.place in places}
