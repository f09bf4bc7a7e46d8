"""The law for many people of whom little is recorded: what rests on nothing recorded is worked out once.

A name that rests only on requirements of which a record says nothing has the value and the steps that it has for
somebody of whom nothing is recorded at all. The steps are the law's own, but those inside of queries, one for each
row and node, are left out: a row of a cohort is read off the others, and somebody may have 100,000 rows.
"""

from __future__ import annotations

import datetime
from collections import OrderedDict
from collections.abc import Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from screening.interpreters.reference import ENGINE, Run, plain, stepped
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import Library
from screening.outcome.trace import Step, Trace
from screening.record.subject import Subject

Kept = TypeVar("Kept")
MOST_SILENT = 256


class Part(NamedTuple):
    """One name, evaluated for somebody of whom nothing is recorded."""

    value: Any
    steps: tuple[Step, ...]
    conflicts: frozenset[str]


class Recent(Generic[Kept]):
    """What was worked out for the last few hundred kinds of silence: people may each have lists of their own days."""

    def __init__(self, most: int = MOST_SILENT) -> None:
        self.most = most
        self._known: OrderedDict[tuple[Any, ...], Kept] = OrderedDict()

    def __len__(self) -> int:
        return len(self._known)

    def get(self, key: tuple[Any, ...]) -> Kept | None:
        """What is known of a kind, which is then the last one to be forgotten."""
        if key in self._known:
            self._known.move_to_end(key)
        return self._known.get(key)

    def keep(self, key: tuple[Any, ...], found: Kept) -> Kept:
        """Keeps something new, and forgets what was not asked for longest."""
        self._known[key] = found
        while len(self._known) > self.most:
            self._known.popitem(last=False)
        return found


class Sparse:
    """The law of one library for many people of one day."""

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.library, self.as_of = library, as_of
        self.parameters = {parameter.name: parameter.value for parameter in library.parameters}
        self.stepped = [(name, stepped(expression, tried=plain)) for name, expression in library.order]
        self.requirements = tuple(requirement.name for requirement in library.requirements)
        self.below: dict[str, frozenset[str]] = {}
        for name, expression in library.order:
            self.below[name] = frozenset(self._below(expression))
        # By what lists are declared complete, as one site's declaration does for all of its people.
        self.silent: Recent[dict[str, Part]] = Recent()

    def _below(self, node: AnyNode) -> Iterator[str]:
        """The requirements that a node rests on; names it refers to stand before it in the order."""
        if isinstance(node, e.Retrieve):
            yield node.requirement
        if isinstance(node, e.Reference):
            yield from self.below[node.name]
        if isinstance(node, e.Contradicted):
            # What contradicts itself does so in the criterion or in anything that it rests on.
            yield from self.below[node.criterion]
        for part in parts(node):
            yield from self._below(part)

    def trace(self, subject: Subject) -> tuple[Trace, frozenset[str]]:
        """The law's steps outside of queries, and the names that rest on nothing recorded of that person."""
        seen = subject.as_of(self.as_of)
        said = {name for name, rows in seen.evidence.items() if rows}
        said.update(name for name, rows in seen.absences.items() if rows)
        silent = self._silent(seen)
        run = Run(self.parameters, seen, self.as_of)
        blank = set()
        for name, meaning in self.stepped:
            if self.below[name].isdisjoint(said):
                blank.add(name)
                part = silent[name]
                run.values[name] = part.value
                run.steps.extend(part.steps)
                run.conflicts.update(part.conflicts)
            else:
                run.values[name] = meaning(run, {})
        return Trace(self.library.name, self.as_of, ENGINE, tuple(run.steps)), frozenset(blank)

    def _silent(self, seen: Subject) -> dict[str, Part]:
        """Every name for somebody with the same complete lists and nothing recorded."""
        # INVARIANT: of a subject the law reads evidence, absences, completeness and concepts, each by requirement.
        key = lists_of(seen)
        known = self.silent.get(key)
        if known is None:
            nobody = Subject(id="", evidence={}, complete=seen.complete, concepts=seen.concepts)
            run = Run(self.parameters, nobody, self.as_of)
            found: dict[str, Part] = {}
            for name, meaning in self.stepped:
                first, before = len(run.steps), frozenset(run.conflicts)
                run.values[name] = meaning(run, {})
                found[name] = Part(run.values[name], tuple(run.steps[first:]), frozenset(run.conflicts) - before)
            known = self.silent.keep(key, found)
        return known


def lists_of(subject: Subject) -> tuple[Any, ...]:
    """What the silence of a record means: which of its lists are complete, and how many concepts each knows."""
    complete = tuple(repr(each) for each in sorted(subject.complete.items(), key=lambda each: each[0]))
    return complete, tuple(sorted(subject.concepts.items()))
