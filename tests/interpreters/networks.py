"""Random networks, and Kleene's tables written out once more to measure the engine by."""

from __future__ import annotations

import json
from collections.abc import Callable
from random import Random
from typing import Any

from screening.interpreters import network as network_module
from screening.interpreters.blueprint import Blueprint, Firing
from screening.interpreters.network import GIVEN, Network
from tests.interpreters.driven import Driven

Gate = tuple[str, Any]  # the kind, and its literals; or a name, or a truth
Answers = list[tuple[int, bool]]  # the atoms that are told, in that order


def some_gates(random: Random, most: int) -> list[Gate]:
    """A network of shared gates up to 40 wide, negated at random, constants among them."""
    gates: list[Gate] = [("atom", f"a{place}") for place in range(random.randint(1, most))]
    for _ in range(random.randint(1, most)):

        def literals(count: int, limit: int = 2 * len(gates) - 1) -> list[int]:
            return [random.randint(0, limit) for _ in range(count)]

        kind = random.choice(["and", "or", "and", "or", "xor", "if", "constant"])
        if kind == "constant":
            gates.append((kind, random.choice([True, False])))
        elif kind in ("xor", "if"):
            gates.append((kind, literals(2 if kind == "xor" else 3)))
        else:
            gates.append((kind, literals(random.choice([0, 1, 2, 2, 3, 3, 4, 7, 9, 17, 40]))))
    return gates


def some_answers(random: Random, gates: list[Gate]) -> Answers:
    atoms = [node for node, (kind, _) in enumerate(gates) if kind == "atom"]
    random.shuffle(atoms)
    known = random.randint(0, len(atoms))
    return [(atom, random.choice([True, False])) for atom in atoms[:known]]


def kleene(gates: list[Gate], answers: Answers) -> list[bool | None]:
    told = dict(answers)
    truths: list[bool | None] = []

    def read(literal: int) -> bool | None:
        truth = truths[literal >> 1]
        return truth if truth is None or literal & 1 else not truth

    for node, (kind, content) in enumerate(gates):
        if kind == "atom":
            truths.append(told.get(node))
        elif kind == "constant":
            truths.append(content)
        else:
            parts = [read(literal) for literal in content]
            if kind == "and":
                truths.append(False if False in parts else None if None in parts else True)
            elif kind == "or":
                truths.append(True if True in parts else None if None in parts else False)
            elif kind == "xor":
                truths.append(None if None in parts else parts[0] is not parts[1])
            else:
                condition, then, otherwise = parts
                agreed = then if then is otherwise else None
                truths.append(agreed if condition is None else then if condition else otherwise)
    return truths


def draw(gates: list[Gate]) -> tuple[Blueprint, list[int]]:
    """The blueprint of these gates, and the node of each."""
    blueprint = Blueprint()
    nodes: list[int] = []
    for kind, content in gates:
        if kind == "atom":
            nodes.append(blueprint.atom(content))
        elif kind == "constant":
            nodes.append(blueprint.constant(content))
        else:
            literals = [2 * nodes[literal >> 1] + (literal & 1) for literal in content]
            if kind == "and":
                nodes.append(blueprint.conjunction(literals))
            elif kind == "or":
                nodes.append(blueprint.disjunction(literals))
            elif kind == "xor":
                nodes.append(blueprint.exclusive(*literals))
            else:
                nodes.append(blueprint.choice(*literals))
    return blueprint, nodes


def check_derivation(blueprint: Blueprint, told: set[int], firings: tuple[Firing, ...]) -> None:
    raised: set[int] = set()
    for firing in firings:
        if firing.rule == GIVEN:
            assert firing.literal in told or firing.literal in blueprint.constants.values()
            assert not firing.premises
        else:
            assert firing in blueprint.rules
            assert firing.premises
            assert raised.issuperset(firing.premises)
        assert firing.literal not in raised, "a rail is raised once"
        assert firing.literal ^ 1 not in raised, "both rails never"
        raised.add(firing.literal)


def check_sessions(random: Random, most: int) -> int:
    """Some people after each other on one network; after each answer all truths; returns how many people."""
    gates = some_gates(random, most)
    blueprint, nodes = draw(gates)
    network = Network(blueprint)
    people = random.randint(1, 4)
    try:
        for _ in range(people):
            answers = some_answers(random, gates)
            with network.session():
                before: list[int] = []
                for count in range(len(answers) + 1):
                    if count:
                        atom, truth = answers[count - 1]
                        network.tell(nodes[atom], truth)
                    assert [network.truth(node) for node in nodes] == kleene(gates, answers[:count])
                    raised = [firing.literal for firing in network.firings]
                    assert raised[: len(before)] == before, "no rail that was raised disappears"
                    before = raised
                check_derivation(blueprint, {2 * nodes[a] + t for a, t in answers}, network.firings)
    finally:
        network.dispose()
    return people


def check_many(networks: int, seed: int) -> None:
    """Called by a child process, whose memory is filled with rubbish."""
    random = Random(seed)
    print(sum(check_sessions(random, most=random.choice([3, 12, 60])) for _ in range(networks)))


def check_own_driver(random: Random, most: int, people: int) -> None:
    """The rules of a network under the library's host, its actions telling what they derive."""
    gates = some_gates(random, most)
    blueprint, nodes = draw(gates)
    group = network_module.group_of(blueprint.nodes)
    raised: set[int] = set()

    def raise_rail(literal: int, tell: Callable[[dict[str, Any]], object]) -> None:
        if literal not in raised:
            assert literal ^ 1 not in raised
            raised.add(literal)
            if any(literal in rule.premises for rule in blueprint.rules):
                tell(json.loads(network_module._fact(literal, group)))

    def action(literal: int) -> Callable[[Any], None]:
        def run(closure: Any) -> None:
            raise_rail(literal, closure.assert_fact)

        return run

    definition = json.loads(network_module._definition(blueprint.rules, group))
    for rule in blueprint.rules:
        definition[rule.rule]["run"] = action(rule.literal)
    driven = Driven(definition)

    def tell(fact: dict[str, Any]) -> None:
        driven.tell(**fact)
        # ENGINE: an error in an action is swallowed, only the state tells.
        assert driven.host.get_state("r", "p").get("exception") is None

    for _ in range(people):
        answers = some_answers(random, gates)
        raised.clear()
        tell(json.loads(network_module.BOOT_FACT))
        for literal in blueprint.constants.values():
            raise_rail(literal, tell)
        for atom, truth in answers:
            raise_rail(2 * nodes[atom] + truth, tell)
        truths = [True if 2 * n + 1 in raised else False if 2 * n in raised else None for n in nodes]
        assert truths == kleene(gates, answers)
        driven.host.delete_state("r", "p")
