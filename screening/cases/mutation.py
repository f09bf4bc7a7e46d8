"""Which worked case would notice if a rule said something else: one named expression changed, all else as it is."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from screening.cases.compare import compared, holds_at_a_glance
from screening.cases.run import Asked
from screening.interpreters.reference import Law, Meaning, Run, plain
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.record.subject import Value


class Dependents:
    """What of a library is evaluated again when something of it is otherwise."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.meanings: dict[str, Meaning] = {}
        self._expressions = dict(library.order)
        self._uses = {name: frozenset(_references(expression)) for name, expression in library.order}

    @functools.cache  # noqa: B019 - one for each library of a run, gone with it
    def of(self, name: str) -> tuple[str, ...]:
        """The names that rest on a name, each after what it rests on."""
        changed = {name}
        found = []
        for other, uses in self._uses.items():
            if other != name and uses & changed:
                changed.add(other)
                found.append(other)
        return tuple(found)

    def meaning(self, name: str) -> Meaning:
        """What a name means, made once."""
        if name not in self.meanings:
            self.meanings[name] = plain(self._expressions[name])
        return self.meanings[name]


def _every(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from _every(part)


def _references(node: AnyNode) -> Iterator[str]:
    match node:
        case e.Reference(name):
            yield name
        case e.Contradicted(criterion):
            # What contradicts itself is found while anything is evaluated; the criterion alone is named.
            yield criterion
    for part in parts(node):
        yield from _references(part)


class Held:
    """One case, kept as the law left it, so that a changed expression is evaluated in its place alone."""

    def __init__(self, asked: Asked, dependents: Dependents) -> None:
        self.asked, self.dependents = asked, dependents
        library = asked.library
        run = Run({p.name: p.value for p in library.parameters}, asked.subject.as_of(asked.case.as_of), asked.case.as_of)
        # Where evidence contradicts itself, by the name whose evaluation finds it. What reads that off comes last.
        self.conflicts: dict[str, frozenset[str]] = {}
        for name, expression in library.order:
            before = frozenset(run.conflicts)
            run.values[name] = dependents.meaning(name)(run, {})
            if not any(isinstance(part, e.Contradicted) for part in _every(expression)):
                self.conflicts[name] = frozenset(run.conflicts) - before
        self.every = frozenset(run.conflicts)
        self.run = run

    def notices(self, name: str, meaning: Meaning, expression: Expression) -> bool:
        """Whether the case is otherwise than expected when a name means something else."""
        run = self.run
        run.conflicts = set() if name in self.conflicts else set(self.every)
        found = meaning(run, {})
        conflicts = frozenset(run.conflicts) if name in self.conflicts else self.every
        if found == run.values[name] and conflicts == self.conflicts.get(name, self.every):
            return False
        values: dict[str, Value] = {**run.values, name: found}
        run = Run(self.run.parameters, self.run.subject, self.run.as_of)
        run.values = values
        run.conflicts = set(conflicts.union(*(own for other, own in self.conflicts.items() if other != name)))
        names: Sequence[str] = self.dependents.of(name)
        if conflicts != self.conflicts.get(name, self.every):
            names = [other for other, _ in self.asked.library.order if other != name]
        for other in names:
            values[other] = self.dependents.meaning(other)(run, {})
        case, library = self.asked.case, self.asked.library
        if holds_at_a_glance(case, library, values):
            return False
        return self._differs(name, expression)

    def _differs(self, name: str, expression: Expression) -> bool:
        """The whole case, step by step, with the changed library."""
        library = changed(self.asked.library, name, expression)
        case = self.asked.case
        trace = Law(library).trace(self.asked.subject, case.as_of)
        return any(True for _ in compared(case, library, trace, determine(library, trace)))


def changed(library: Library, name: str, expression: Expression) -> Library:
    """A library in which one name means something else, wherever it is kept."""
    return replace(
        library,
        order=tuple((key, expression if key == name else old) for key, old in library.order),
        criteria=tuple(replace(c, expression=expression) if c.id == name else c for c in library.criteria),
        definitions=tuple(replace(d, expression=expression) if d.name == name else d for d in library.definitions),
    )


class Suite:
    """The cases of some files, by the libraries that they are of."""

    def __init__(self, asked: Iterable[Asked]) -> None:
        self.libraries: dict[int, Dependents] = {}
        self.held: list[Held] = []
        for one in asked:
            dependents = self.libraries.setdefault(id(one.library), Dependents(one.library))
            self.held.append(Held(one, dependents))

    def killer(self, name: str, original: Expression, mutated: Expression, first: Held | None = None) -> Held | None:
        """A case that notices the change, in any library in which the name says what it says here; None if none."""
        meaning = plain(mutated)
        speaking = _speaking(self.libraries.values(), name, original)
        order = self.held if first is None else [first, *(held for held in self.held if held is not first)]
        for held in order:
            if id(held.asked.library) in speaking and held.notices(name, meaning, mutated):
                return held
        return None


def _speaking(libraries: Iterable[Dependents], name: str, original: Expression) -> frozenset[int]:
    found = []
    for dependents in libraries:
        expressions: Mapping[str, Any] = dict(dependents.library.order)
        if expressions.get(name) == original:
            found.append(id(dependents.library))
    return frozenset(found)
