"""What a library reads where: which names rest on which requirements, and the law's meaning of any of its nodes.

Made once for a library; nothing here is of a person.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from screening.interpreters.reference import Meaning, Run, plain
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Criterion, Library
from screening.record.subject import Subject

# What takes a value out of the rows of a requirement; an alert takes no part in a verdict.
OF_ROWS = e.Select | e.DateOf | e.Exists | e.Silence | e.Count | e.CountDistinct | e.RowValues

# What asks whether anything is recorded at all.
_CHOOSING = (e.Is, e.Coalesce, e.Favoured)
Named = tuple[str, Meaning]


def every(node: AnyNode) -> Iterator[AnyNode]:
    """A node with everything below it in its own expression."""
    waiting = [node]
    while waiting:
        node = waiting.pop()
        yield node
        if below := parts(node):
            waiting += below[::-1]


class Reading:
    """The expressions of a library by name, what each rests on, and what its nodes mean."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.expressions: dict[str, Expression] = dict(library.order)
        self.requirements = {r.name: r for r in library.requirements}
        self.parameters = {parameter.name: parameter.value for parameter in library.parameters}
        self._rank = {name: n for n, name in enumerate(self.expressions)}
        self._meanings: dict[int, tuple[AnyNode, Meaning]] = {}
        self._nodes: dict[str, tuple[AnyNode, ...]] = {}
        self._reads: dict[str, frozenset[str]] = {}
        self._listings: dict[int, tuple[AnyNode, Expression]] = {}
        self._anew: dict[tuple[tuple[int, ...], frozenset[str]], tuple[tuple[AnyNode, ...], list[Named]]] = {}
        self._cones: dict[int, tuple[str, ...]] = {}
        self._rests: dict[int, tuple[AnyNode, frozenset[str]]] = {}
        # Answers to requirements of which nothing is recorded, where they are everybody's: `completions` fills it.
        self.answered: dict[tuple[object, ...], object] = {}
        # What nodes mean for somebody of whom one requirement is answered otherwise: `trial.meaning` fills it.
        self.retried: dict[tuple[int, str], tuple[AnyNode, Meaning]] = {}

    def nodes(self, name: str) -> tuple[AnyNode, ...]:
        """The expression of a name with everything below it, walked through once."""
        found = self._nodes.get(name)
        if found is None:
            found = self._nodes[name] = tuple(every(self.expressions[name]))
        return found

    def reads(self, name: str) -> frozenset[str]:
        """The requirements that a name rests on, directly or through other names."""
        found = self._reads.get(name)
        if found is None:
            names: set[str] = set()
            for part in self.nodes(name):
                if isinstance(part, e.Retrieve):
                    names.add(part.requirement)
                elif isinstance(part, e.Reference):
                    names |= self.reads(part.name)
            found = self._reads[name] = frozenset(names)
        return found

    def read_by(self, node: AnyNode) -> frozenset[str]:
        """The requirements that a node rests on."""
        # INVARIANT: a node is kept beside what it rests on, so that its identity stays its own.
        found = self._rests.get(id(node))
        if found is None:
            match node:
                case e.Retrieve(requirement):
                    names = frozenset((requirement,))
                case e.Reference(name):
                    names = self.reads(name)
                case _:
                    names = frozenset[str]().union(*map(self.read_by, parts(node)))
            found = self._rests[id(node)] = node, names
        return found[1]

    @cached_property
    def choosing(self) -> frozenset[str]:
        """The names below which something is asked of what is recorded at all: `is null`, `Coalesce`."""
        found: set[str] = set()
        for name in self.expressions:
            if any(isinstance(n, _CHOOSING) or _refers(n, found) for n in self.nodes(name)):
                found.add(name)
        return frozenset(found)

    def is_choosing(self, node: AnyNode) -> bool:
        """Whether an answer may turn the value of a node around, since it asks what is recorded at all."""
        return any(isinstance(n, _CHOOSING) or _refers(n, self.choosing) for n in every(node))

    @cached_property
    def takers(self) -> Mapping[str, tuple[Expression, ...]]:
        """By requirement every node that takes something out of its rows."""
        found: dict[str, list[Expression]] = {}
        for name in self.expressions:
            if name.startswith(("alert:", "favourable:")):
                continue
            for node in self.nodes(name):
                if isinstance(node, OF_ROWS):
                    found.setdefault(listed(node), []).append(node)
        return {name: tuple(nodes) for name, nodes in found.items()}

    def favourable(self, criterion: Criterion) -> str:
        """The name of what is read of a criterion while its Judgements are open: in the person's favour."""
        name = f"favourable:{criterion.id}"
        return name if criterion.strength == "absolute" and name in self.expressions else criterion.id

    @cached_property
    def agreeing(self) -> tuple[Expression, ...]:
        """Every `Agree` below a criterion: where two measurements of one thing may contradict each other."""
        return tuple(n for n in self._below_criteria if isinstance(n, e.Function) and n.name == "Agree")

    @cached_property
    def clashing(self) -> tuple[Expression, ...]:
        """Where facts may contradict each other below a criterion: `Agree`, and rows weighed by other facts."""
        rows = (n for n in self._below_criteria if isinstance(n, OF_ROWS) and len(self.read_by(n)) > 1)
        return (*self.agreeing, *rows)

    @cached_property
    def _below_criteria(self) -> tuple[AnyNode, ...]:
        names = {c.id for c in self.library.criteria}
        waiting = list(names)
        while waiting:
            below = {n.name for n in self.nodes(waiting.pop()) if isinstance(n, e.Reference)} - names
            names |= below
            waiting += below
        found = (node for name in self.expressions if name in names for node in self.nodes(name))
        return tuple({id(node): node for node in found}.values())

    def listing(self, node: AnyNode) -> Expression | None:
        """Whether there is any entry that a node counts, as a question of its own."""
        match node:
            case e.Exists(source) | e.Count(source) | e.CountDistinct(source):
                return self.anything(source)
            case e.RowValues(source) | e.Silence(_, source):
                return self.anything(source)
        return None

    def anything(self, rows: e.Rows) -> Expression:
        """Whether there is any of some rows."""
        # INVARIANT: the rows are kept beside the question, so that their identity stays their own.
        found = self._listings.get(id(rows))
        if found is None:
            found = self._listings[id(rows)] = (rows, e.Exists(rows))
        return found[1]

    def cone(self, node: AnyNode) -> tuple[str, ...]:
        """The names that a node rests on, each after what it refers to."""
        found = self._cones.get(id(node))
        if found is None:
            direct = {part.name for part in every(node) if isinstance(part, e.Reference)}
            seen = direct.union(*(self.cone(self.expressions[name]) for name in direct))
            found = self._cones[id(node)] = tuple(sorted(seen, key=self._rank.__getitem__))
        return found

    def meaning(self, node: AnyNode) -> Meaning:
        """What the law says that a node means."""
        # INVARIANT: a node is kept beside its meaning, so that its identity stays its own.
        found = self._meanings.get(id(node))
        if found is None:
            found = self._meanings[id(node)] = (node, plain(node))
        return found[1]

    def roots(
        self,
        subject: Subject,
        as_of: datetime.date,
        known: Mapping[str, Any],
        changed: set[str],
        conflicts: frozenset[str],
    ) -> Mapping[str, Any]:
        """Every value by the law for a subject that differs from the one of `known` in some requirements.

        What rests on none of them is taken over; `conflicts` are the places at which the known one contradicts
        itself.
        """
        run = Run(self.parameters, subject, as_of)
        run.values = values = dict(known)
        anew = [name for name in self.expressions if not changed.isdisjoint(self.reads(name)) or name in ROOTS]
        run.conflicts = set(conflicts).difference(*(self._places(name) for name in anew)) if conflicts else set()
        for name in anew:
            if not name.startswith("alert:"):
                values[name] = self.meaning(self.expressions[name])(run, {})
        return values

    def _places(self, name: str) -> frozenset[str]:
        return frozenset(node.place for node in every(self.expressions[name]))

    def tried(
        self,
        node: AnyNode,
        subject: Subject,
        as_of: datetime.date,
        known: Mapping[str, Any],
        changed: frozenset[str] | set[str],
    ) -> tuple[Any, set[str]]:
        """The law's value of a node for a subject that differs from the one of `known` in some requirements.

        `subject` is as of the day already. Beside the value the places at which its evidence contradicts itself.
        """
        (value,), conflicts = self.tried_together((node,), subject, as_of, known, changed)
        return value, conflicts

    def tried_together(
        self,
        nodes: Sequence[AnyNode],
        subject: Subject,
        as_of: datetime.date,
        known: Mapping[str, Any],
        changed: frozenset[str] | set[str],
    ) -> tuple[list[Any], set[str]]:
        """The law's values of several nodes at once; each name that they share is worked out once."""
        run = Run(self.parameters, subject, as_of)
        run.values = values = dict(known)
        for name, meaning in self._below(nodes, frozenset(changed)):
            values[name] = meaning(run, {})
        return [self.meaning(node)(run, {}) for node in nodes], run.conflicts

    def _below(self, nodes: Sequence[AnyNode], changed: frozenset[str]) -> Sequence[Named]:
        """The names that nodes rest on and that rest on any of some requirements, with what they mean."""
        # INVARIANT: nodes are kept beside what is below them, so that their identity stays their own.
        key = (tuple(map(id, nodes)), changed)
        found = self._anew.get(key)
        if found is None:
            cones = {
                name for node in nodes for name in self.cone(node) if not changed.isdisjoint(self.reads(name))
            }
            ordered = sorted(cones, key=self._rank.__getitem__)
            below = [(name, self.meaning(self.expressions[name])) for name in ordered]
            found = self._anew[key] = (tuple(nodes), below)
        return found[1]

    def beside(self, requirement: str) -> frozenset[str]:
        """The requirements that any criterion rests on together with this one, itself among them."""
        return self._beside.get(requirement) or frozenset((requirement,))

    @cached_property
    def _beside(self) -> Mapping[str, frozenset[str]]:
        found: dict[str, set[str]] = {}
        for criterion in self.library.criteria:
            for requirement in self.reads(criterion.id):
                found.setdefault(requirement, set()).update(self.reads(criterion.id))
        return {requirement: frozenset(names) for requirement, names in found.items()}


def _refers(node: AnyNode, names: Collection[str]) -> bool:
    return isinstance(node, e.Reference) and node.name in names


def listed(node: AnyNode) -> str:
    """The requirement whose rows a node takes something of."""
    match node:
        case e.Retrieve(requirement):
            return requirement
        case e.Where(source) | e.Select(source) | e.Exists(source) | e.Count(source):
            return listed(source)
        case e.CountDistinct(source) | e.RowValues(source):
            return listed(source)
        case e.DateOf(selection):
            return listed(selection)
        case e.Silence(_, source):
            return listed(source)
    raise TypeError(f"{type(node).__name__} takes nothing out of rows")


def conditions(node: AnyNode) -> Iterator[Expression]:
    """The conditions that are tried on single rows below a node that takes something out of them."""
    match node:
        case e.Where(source, _, condition):
            yield condition
            yield from conditions(source)
        case e.Select(source) | e.Exists(source) | e.Count(source) | e.CountDistinct(source):
            yield from conditions(source)
        case e.RowValues(source) | e.Silence(_, source):
            yield from conditions(source)
        case e.DateOf(selection):
            yield from conditions(selection)


def names(nodes: Iterable[AnyNode]) -> set[str]:
    """The names that nodes refer to, in their own expressions."""
    return {part.name for node in nodes for part in every(node) if isinstance(part, e.Reference)}
