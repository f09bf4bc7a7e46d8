"""What a definition may be given: every input, which of them are needed, and what stands for what."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from screening.evaluation.calculate import calculate, opened_at, targets_of
from screening.evaluation.catalogue import one
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import DataRequirement
from screening.outcome.form import Entry, Form, Instead
from screening.reading.question import Open
from screening.reading.tree import nodes, references

Sides = tuple[tuple[str, ...], ...]


class _Uses(NamedTuple):
    """Groups of inputs of which one is enough, and inputs without which the others are enough."""

    either: list[Sides]
    optional: set[str]


def form(name: str, folders: Sequence[Path], *, library: str = "") -> Form:
    """What a definition may be given. Raises NameFault for a name of nothing, RuleError for faulty rules."""
    found = one(name, library, folders)
    protocol = opened_at(found.path, folders, {})
    targets = targets_of(protocol, found.name)
    needed = set(calculate(found.name, {}, folders, library=found.library).missing)
    reached = protocol.below([found.name])
    requirements = protocol.module.requirements
    definitions = protocol.module.definitions
    uses = _uses(protocol, [definitions[n].expression for n in reached if n in definitions])
    instead = [
        Instead(protocol.definitions[n], _requirements(protocol, [n]))
        for n in reached
        if n in definitions and n not in targets
    ]
    return Form(
        library=protocol.library(targets, {}),
        definition=targets[found.name],
        categories=tuple(d for n, d in targets.items() if n != found.name),
        entries=tuple(_entry(requirements[n].requirement, uses, needed) for n in reached if n in requirements),
        instead=tuple(each for each in instead if each.below),
        either=tuple(uses.either),
    )


def _entry(requirement: DataRequirement, uses: _Uses, needed: Collection[str]) -> Entry:
    name = requirement.name
    if name in uses.optional:
        return Entry(requirement, "may be given")
    among = [sides for sides in uses.either if any(name in side for side in sides)]
    if any(not all(name in side for side in sides) for sides in among):
        return Entry(requirement, "one of several")
    return Entry(requirement, "needed" if name in needed else "may be given")


def _requirements(protocol: Open, names: Sequence[str]) -> tuple[str, ...]:
    return tuple(n for n in protocol.below(names) if n in protocol.module.requirements)


def _uses(protocol: Open, expressions: Sequence[AnyNode]) -> _Uses:
    """Two measurements of one thing, and what is chosen by what is recorded: one side is enough."""
    either: dict[Sides, None] = {}
    optional: set[str] = set()
    for branches in (found for expression in expressions for found in _branches(expression)):
        sides = tuple(_requirements(protocol, list(references(branch))) for branch in branches)
        least = min(map(set, sides), key=len)
        if all(sides) and len(set(map(frozenset, sides))) > 1:
            if all(least <= set(side) for side in sides):
                optional |= {name for side in sides for name in side} - least
            else:
                either[sides] = None
    kept = {tuple(tuple(n for n in side if n not in optional) for side in sides): None for sides in either}
    return _Uses([sides for sides in kept if all(sides)], optional)


def _branches(expression: AnyNode) -> Iterator[tuple[AnyNode, ...]]:
    for node in nodes(expression):
        if isinstance(node, e.Coalesce) or (isinstance(node, e.Function) and node.name == "Agree"):
            yield node.operands
        elif isinstance(node, e.If) and any(
            isinstance(n, e.Is) and n.state == "null" for n in nodes(node.condition)
        ):
            yield node.otherwise, node.then
