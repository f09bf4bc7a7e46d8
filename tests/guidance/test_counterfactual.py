"""What would have to be so is what trying every answer by the law, and a grid of further numbers, finds."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, product
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening.errors import RuleError
from screening.guidance.completions import answers
from screening.guidance.counterfactual import Counterfactuals, modifiable
from screening.guidance.gaps import Gaps
from screening.guidance.reading import Reading
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, DataRequirement, Library
from screening.outcome.determination import Verdict, is_bar, verdict_of
from screening.outcome.near import Aim, Limit
from screening.reading.load import load
from screening.record.subject import Evidence, Subject
from screening.sources.profile import read_profile
from screening.values.bounds import STEP, exactly
from screening.values.truth import FALSE, TRUE
from tests.agree import generate
from tests.guidance.everyone import contradictions, places_below

AS_OF = generate.AS_OF
GRID = [Decimal(n) / 2 for n in range(-4, 46)] + [Decimal(n) for n in (-1000, 50, 99, 100, 101, 500, 1000)]


Make = Callable[[Random, int], dict[str, Any]]


def mixed(rng: Random, seed: int) -> dict[str, Any]:
    """A rule file by chance, a small one or one of every kind of expression."""
    return small(rng) if seed % 3 else generate.library(seed)


def agreeing(rng: Random, seed: int) -> dict[str, Any]:
    """A small rule file by chance in which several numbers measure one thing."""
    file = small(rng)
    for criterion in file["criteria"]:
        a, b, c = rng.sample(["A", "B", "C", "D"], 3)
        k, operator, word = rng.randrange(1, 12), rng.choice(["<=", ">"]), rng.choice(["and", "or"])
        alike = rng.choice([f"Agree({a}, {b})", f"Agree({a}, {b} + {c})", f"Agree({a}, {k})"])
        if rng.random() < 0.6:
            criterion["expression"] = f"({criterion['expression']} {word} {alike} {operator} {k})"
    return file


def threefold(rng: Random, seed: int) -> dict[str, Any]:
    """A small rule file by chance in which three facts together decide: nothing less may do."""
    file = small(rng)
    numbers = ["A", "B", "C", "D"]

    def condition(name: str) -> str:
        if name == "T":
            return rng.choice([name, f"not {name}"])
        k, other = rng.randrange(1, 10), rng.choice([n for n in numbers if n != name])
        narrow = f"{name} between {k} and {k + 1}"
        return rng.choice(
            [narrow, narrow, f"{name} > {max(k, 6)}", f"{name} <= {min(k, 3)}.5", f"{name} > {other}"]
        )

    for criterion in file["criteria"][:2]:
        text = " and ".join(condition(name) for name in rng.sample([*numbers, "T"], 3))
        is_wanted = criterion["category"] == "inclusion"
        criterion |= {"strength": "absolute", "expression": text if is_wanted else f"not ({text})"}
    del file["criteria"][2:]
    for requirement in file["requirements"].values():
        requirement["modifiable"] = "by the treating clinician"
    return file


def people(folder: Path, seed: int, count: int, make: Make) -> Iterator[tuple[Library, Subject, str]]:
    """People by chance under a library by chance, of which the clinician may make some facts otherwise."""
    rng = Random(seed)
    file = make(rng, seed)
    for requirement in file["requirements"].values():
        single = (
            requirement["type"] in ("Integer", "Decimal", "Quantity", "Boolean") and "codes" not in requirement
        )
        if single and not requirement.get("take", "").startswith("age") and rng.random() < 0.7:
            requirement["modifiable"] = "by the treating clinician"
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        library = load(path, [folder])
    except RuleError:
        return
    for number in range(count):
        person = seed * 1000 + number
        withheld = 0.1 if seed % 3 else 0.3
        profile = json.dumps(generate.person(file, person, withheld)).encode()
        yield library, read_profile(profile, library, name="chance.json"), f"library {seed}, person {person}"


def small(rng: Random) -> dict[str, Any]:
    """A rule file by chance in which numbers and answers decide, some of them together."""
    numbers, truths = ["A", "B", "C", "D"], ["T", "U"]
    requirements: dict[str, Any] = {name: {"type": "Boolean", "take": "latest"} for name in truths}
    for name in numbers:
        more = {"scale": ["0", "10"]} if rng.random() < 0.5 else {}
        requirements[name] = {"type": rng.choice(["Integer", "Decimal"]), "take": "latest", **more}

    def truth(depth: int) -> str:
        if depth and rng.random() < 0.7:
            word = rng.choice(["and", "or", "or", "implies"])
            return f"({truth(depth - 1)} {word} {truth(depth - 1)})"
        a, b, k = rng.choice(numbers), rng.choice(numbers), rng.randrange(1, 12)
        operator = rng.choice(["<", "<=", ">", ">="])
        return rng.choice(
            [
                f"{a} {operator} {k}",
                f"{a} {operator} {k}",
                f"{a} {operator} {k}.5",
                f"{a} + {b} {operator} {k}",
                f"2 * {a} - {b} {operator} {k}",
                f"{a} between {k} and {k + 4}",
                f"{a} {operator} {b}",
                rng.choice(truths),
                f"not {rng.choice(truths)}",
            ]
        )

    criteria = []
    for n in range(rng.randrange(2, 5)):
        category = rng.choice(["inclusion", "exclusion"])
        strength = rng.choice(
            ["absolute", "absolute", "relative" if category == "exclusion" else "administrative"]
        )
        criterion = {"id": f"C{n}", "category": category, "strength": strength, "text": "made by chance"}
        criteria.append({**criterion, "source": {"made": "up"}, "expression": truth(2)})
    head = {"library": "chance", "version": "1", "title": "made by chance", "status": "draft"}
    return {**head, "sources": {"made": "by chance"}, "requirements": requirements, "criteria": criteria}


class Brute:
    """One person, tried by the law with every answer that is listed for some facts, in every combination."""

    def __init__(self, library: Library, person: Subject) -> None:
        self.library, self.person, self.law, self.reading = library, person, Law(library), Reading(library)
        self.places = places_below(library)
        self.before: dict[tuple[str, ...], set[str]] = {}

    def wanted(self, aim: Aim, subject: Subject) -> bool:
        values = self.law.evaluate(subject, AS_OF)
        if aim.criterion:
            now = self.law.evaluate(self.person, AS_OF)
            return aim.criterion not in self.present(values) and self.bars(values) <= self.bars(now)
        if aim.is_eligible:
            return verdict_of(*(values[root] for root in ROOTS)) is Verdict.ELIGIBLE  # type: ignore[arg-type]
        return values["eligible"] is not FALSE

    def brings(self, aim: Aim, subject: Subject, names: tuple[str, ...]) -> bool:
        """Whether answers to some facts bring what is wanted, and contradict nothing."""
        if not self.wanted(aim, subject):
            return False
        if names not in self.before:
            self.before[names] = self.contradictions(self.without(names))
        return self.contradictions(subject) <= self.before[names]

    def contradictions(self, subject: Subject) -> set[str]:
        return contradictions(self.law.trace(subject, AS_OF), self.places)

    def present(self, values: dict[str, Any]) -> set[str]:
        """What bars, and the relative exclusions that are present."""
        every = self.library.criteria
        relative = {c.id for c in every if c.strength == "relative" and values[c.id] is TRUE}
        return self.bars(values) | relative

    def bars(self, values: dict[str, Any]) -> set[str]:
        return {c.id for c in self.library.criteria if is_bar(c, values[c.id])}

    def without(self, names: tuple[str, ...]) -> Subject:
        person = self.person
        return replace(
            person,
            evidence={n: rows for n, rows in person.evidence.items() if n not in names},
            absences={n: rows for n, rows in person.absences.items() if n not in names},
            complete={n: said for n, said in person.complete.items() if n not in names},
        )

    def answered(self, names: tuple[str, ...]) -> Iterator[Subject]:
        """The facts with each answer that the rules tell apart, the first when nothing of the others is known."""

        def further(subject: Subject, left: tuple[str, ...]) -> Iterator[Subject]:
            if not left:
                yield subject
                return
            for answer in answers(Gaps(self.reading, subject, AS_OF), left[0]).answers:
                yield from further(answer.of(subject), left[1:])

        yield from further(self.without(names), names)

    def grid(self, names: tuple[str, ...]) -> Iterator[Subject]:
        """The facts with numbers of a grid, and with yes and no."""
        start = self.without(names)
        for values in product(*(self.values(self.library.requirement(name)) for name in names)):
            evidence = dict(start.evidence)
            for name, rows in zip(names, values, strict=True):
                evidence[name] = rows
            yield replace(start, evidence=evidence)

    def values(self, requirement: DataRequirement) -> Iterator[tuple[Evidence, ...]]:
        scale = requirement.scale
        for number in GRID:
            if requirement.type.name == "Boolean":
                break
            if (requirement.type.name == "Integer" and number % 1) or (
                scale.low is not None and not scale.low <= number <= scale.high
            ):
                continue
            value = exactly(int(number) if requirement.type.name == "Integer" else number)
            yield tuple(self.row(requirement, value, n) for n in range(requirement.readings))
        else:
            return
        yield (self.row(requirement, TRUE, 0),)
        if requirement.kind != "condition":
            yield (self.row(requirement, FALSE, 0),)

    def row(self, requirement: DataRequirement, value: Any, n: int) -> Evidence:
        return Evidence(f"g{n}", requirement.name, value, exactly(AS_OF), clock=f"08:{n:02d}")

    def sets(self, aim: Aim, most: int) -> set[frozenset[str]]:
        """Every set of modifiable facts, none in vain, of which an answer brings what is wanted."""
        found: list[frozenset[str]] = []
        names = () if self.wanted(aim, self.person) else modifiable(self.library, self.person)
        for size in range(1, most + 1):
            for some in combinations(names, size):
                is_new = not any(other <= set(some) for other in found)
                if is_new and any(self.brings(aim, subject, some) for subject in self.answered(some)):
                    found.append(frozenset(some))
        return set(found)

    def edges(self, aim: Aim) -> Iterator[tuple[Limit, bool, bool]]:
        """Each limit of a single number, and what the law says just inside and just beyond it."""
        for one in aim.sets:
            for limit in one.facts[0].limits if len(one.facts) == 1 else ():
                requirement = self.library.requirement(one.facts[0].requirement)
                step = Decimal(1) if requirement.type.name == "Integer" else STEP
                outward = step if limit.operator.startswith("<") else -step
                on = limit.value
                inside, beyond = (on, on + outward) if limit.operator.endswith("=") else (on - outward, on)
                yield limit, self.with_number(aim, requirement, inside), self.with_number(aim, requirement, beyond)

    def with_number(self, aim: Aim, requirement: DataRequirement, number: Decimal) -> bool:
        value = exactly(int(number) if requirement.type.name == "Integer" else number)
        rows = tuple(self.row(requirement, value, n) for n in range(requirement.readings))
        start = self.without((requirement.name,))
        subject = replace(start, evidence={**start.evidence, requirement.name: rows})
        return self.brings(aim, subject, (requirement.name,))

    def in_grid(self, aim: Aim) -> set[str]:
        """The single facts of which a value of the grid brings what is wanted."""
        names = () if self.wanted(aim, self.person) else modifiable(self.library, self.person)
        return {n for n in names if any(self.brings(aim, subject, (n,)) for subject in self.grid((n,)))}


def held(folder: Path, seeds: range, count: int, make: Make = mixed, most: int = 2) -> dict[str, int]:
    """Holds what is found against trying everything; how often how many sets of how many facts were found.

    `most` facts are tried together; three are told, and tried here, only where no two would do.
    """
    seen: dict[str, int] = {}
    for seed in seeds:
        for library, subject, where in people(folder, seed, count, make):
            asked = Counterfactuals(library, subject, AS_OF)
            brute = Brute(library, subject.as_of(AS_OF))
            aims = [asked.lifting(c) for c in asked.present()]
            aims += [asked.no_bar()] if asked.bars() else []
            for aim in [*aims, asked.eligible()]:
                told = {frozenset(one.names) for one in aim.sets}
                sizes = [len(one.facts) for one in aim.sets]
                assert sizes == sorted(sizes), where
                expected = brute.sets(aim, 2)
                assert {one for one in told if len(one) <= 2} == expected, f"{where}, {aim}"
                if most > 2 and not expected:
                    three = brute.sets(aim, 3)
                    # Where not all answers were tried, what is told is so, and it says that it is not all.
                    assert told == three if aim.is_complete else told <= three, f"{where}, {aim}"
                singles = {name for one in told if len(one) == 1 for name in one}
                assert not aim.is_complete or brute.in_grid(aim) <= singles, f"{where}, {aim}"
                for limit, inside, beyond in brute.edges(aim):
                    assert (inside, beyond) == (True, False), f"{where}, {limit}, {aim}"
                    seen["limits"] = seen.get("limits", 0) + 1
                kind = "bar" if aim.criterion else "eligible" if aim.is_eligible else "no bar"
                for size in sizes or [0]:
                    seen[f"{kind} {size}"] = seen.get(f"{kind} {size}", 0) + 1
    return seen


def test_what_would_have_to_be_so_is_what_trying_everything_finds(tmp_path: Path) -> None:
    seen = held(tmp_path, range(25), 2)
    assert all(
        seen.get(kind, 0) > 2 for kind in ("bar 1", "bar 2", "no bar 1", "eligible 1", "bar 0", "limits")
    ), seen


def twice(folder: Path, criteria: dict[str, tuple[str, str]], numbers: dict[str, int]) -> tuple[Library, Subject]:
    """Two measurements of one thing, and what is asked of them; what is recorded of both."""
    number = {"type": "Decimal", "take": "latest", "modifiable": "by the treating clinician"}
    head = {"library": "twice", "version": "1", "title": "made up", "status": "draft", "sources": {"made": "up"}}
    made = [
        {"id": id, "category": category, "expression": text, "text": "made up", "source": {"made": "up"}}
        for id, (category, text) in criteria.items()
    ]
    path = folder / "twice.yaml"
    requirements = {"First": number, "Second": number}
    path.write_text(json.dumps({**head, "requirements": requirements, "criteria": made}), encoding="utf-8")
    library = load(path, [folder])
    evidence = {name: {"value": value, "date": "2026-11-20"} for name, value in numbers.items()}
    profile = {"subject": "SYN-0001", "synthetic": True, "evidence": evidence}
    return library, read_profile(json.dumps(profile).encode(), library, name="twice.json")


def test_a_bar_does_not_fall_by_a_contradiction(tmp_path: Path) -> None:
    criteria = {"EXC1": ("exclusion", "Agree(First, Second) > 3"), "INC1": ("inclusion", "Second < 10")}
    library, subject = twice(tmp_path, criteria, {"First": 5, "Second": 5})
    aim = Counterfactuals(library, subject, AS_OF).lifting(library.criteria[0])
    # Another number of one of them would contradict the other one: both have to change, and to the same number.
    (found,) = aim.sets
    assert found.names == ("First", "Second")
    assert found.verdict is Verdict.ELIGIBLE
    for fact in found.facts:
        (low, high) = fact.limits
        assert (low.operator, high.operator, low.value) == (">=", "<=", high.value)
        assert high.value <= 3
        assert fact.is_instance
    # Of one of them alone not every number was tried.
    assert not aim.is_complete


def test_that_a_contradiction_ends_is_not_tried_to_the_end(tmp_path: Path) -> None:
    # Without either of them the other one settles the criterion: no answer is told apart, but some agree.
    criteria = {"INC1": ("inclusion", "Agree(First, Second) > 3")}
    library, subject = twice(tmp_path, criteria, {"First": 5, "Second": 6})
    aim = Counterfactuals(library, subject, AS_OF).eligible()
    brute = Brute(library, subject.as_of(AS_OF))
    assert brute.in_grid(aim) == {"First", "Second"}
    assert not aim.is_complete


def test_a_number_that_could_only_contradict_lifts_nothing(tmp_path: Path) -> None:
    # The bar rests on one number of two that are said to agree, the other of which is not usable.
    assert held(tmp_path, range(1785, 1786), 1)["bar 1"] > 0


def test_measurements_of_one_thing_have_to_agree(tmp_path: Path) -> None:
    seen = held(tmp_path, range(40), 1, agreeing)
    assert all(seen.get(kind, 0) > 2 for kind in ("bar 1", "bar 0", "eligible 0", "limits")), seen


def test_three_facts_are_what_trying_everything_finds(tmp_path: Path) -> None:
    seen = held(tmp_path, range(10, 17), 2, threefold, 3)
    assert seen.get("bar 3", 0) > 0 and seen.get("no bar 0", 0) + seen.get("eligible 0", 0) > 1, seen


@pytest.mark.long
def test_many_times_three_facts(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    libraries, start = int(os.environ.get("LIBRARIES", "300")), int(os.environ.get("START", "5000"))
    seen = held(tmp_path, range(start, start + libraries), 2, threefold, 3)
    with capsys.disabled():
        print(f"\n{libraries} libraries: {seen}")
    assert seen["bar 3"] > libraries / 10


@pytest.mark.long
def test_many_times_what_would_have_to_be_so(tmp_path: Path) -> None:
    libraries, start = int(os.environ.get("LIBRARIES", "2000")), int(os.environ.get("START", "1000"))
    assert sum(held(tmp_path, range(start, start + libraries), 1).values()) > libraries
    assert sum(held(tmp_path, range(start, start + libraries // 4), 1, agreeing).values()) > libraries // 4
