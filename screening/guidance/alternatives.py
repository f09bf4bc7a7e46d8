"""Which questions measure one thing twice, and which way of asking comes first.

A rule compares measurements of one thing (`Agree`) or chooses between them (`Coalesce`, `if ... is null`). Each
of them is a side; an interview asks one side, and the next one only where that left the thing open. First comes
the side with the fewest questions that are not asked anyway: the sum written on a filled form before its items.
Among equals comes first what the rule itself takes where both are recorded.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import cached_property

from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Library
from screening.outcome.trace import RowsFound, Trace
from screening.record.rows import is_unknown
from screening.record.subject import Value
from screening.values.bounds import Bounds, is_exact

_LISTED: frozenset[str] = frozenset()


def sides(node: AnyNode) -> tuple[AnyNode, ...]:
    """The measurements of one thing that a node compares or chooses between; () for every other node."""
    match node:
        case e.Function("Agree", operands) | e.Coalesce(operands):
            return operands
        case e.If(condition, then, otherwise) if any(
            isinstance(n, e.Is) and n.state == "null" for n in _all(condition)
        ):
            return otherwise, then
    return ()


def _all(node: AnyNode) -> tuple[AnyNode, ...]:
    return (node, *(below for part in e.parts(node) for below in _all(part)))


class Alternatives:
    """The alternatives of a library, found in its expressions once."""

    def __init__(self, library: Library) -> None:
        self.library = library
        named = (
            *((d.name, d.expression) for d in library.definitions),
            *((c.id, c.expression) for c in library.criteria),
        )
        self.expressions: Mapping[str, AnyNode] = dict(named)
        self._below: dict[str, frozenset[str]] = {}
        self._sides: dict[int, tuple[AnyNode, ...]] = {}

    @cached_property
    def tiers(self) -> Mapping[str, int]:
        """How many other ways of asking come before a question at least: 0 for what is asked at once.

        Questions of different tiers never stand on one screen.
        """
        found: dict[str, int] = {}
        walked: dict[str, int] = {}

        def walk(node: AnyNode, tier: int) -> None:
            match node:
                case e.Retrieve(name):
                    found[name] = min(tier, found.get(name, tier))
                case e.Reference(name) if name in self.expressions and walked.get(name, tier + 1) > tier:
                    walked[name] = tier
                    walk(self.expressions[name], tier)
            ordered = self.ordered(node)
            for place, side in enumerate(ordered):
                walk(side, tier + place)
            for part in () if ordered else e.parts(node):
                walk(part, tier)

        for criterion in self.library.criteria:
            walk(criterion.expression, 0)
        return found

    def ordered(self, node: AnyNode) -> tuple[AnyNode, ...]:
        """The sides of a node, the one to ask first at the front; () where it has no alternatives.

        A choice that only adds a question to the others ("the three-variable form without global health") is none.
        """
        if id(node) not in self._sides:
            self._sides[id(node)] = self._ordered(node)
        return self._sides[id(node)]

    def _ordered(self, node: AnyNode) -> tuple[AnyNode, ...]:
        found = sides(node)
        every = [self.below(side) for side in found]
        is_chosen = not isinstance(node, e.Function)
        # A side that is a plain number asks nothing and would settle everything.
        if not all(every) or (
            is_chosen and any(one <= other for one in every for other in every if one is not other)
        ):
            return ()
        return tuple(sorted(found, key=lambda side: len(self._first(side) - self._anyway)))

    def below(self, node: AnyNode) -> frozenset[str]:
        """Every requirement that a node rests on."""
        match node:
            case e.Retrieve(name):
                return frozenset((name,))
            case e.Reference(name) if name in self.expressions:
                if name not in self._below:
                    self._below[name] = self.below(self.expressions[name])
                return self._below[name]
        return _LISTED.union(*(self.below(part) for part in e.parts(node)))

    def _first(self, node: AnyNode) -> frozenset[str]:
        """What a node asks if everything below it is asked in the way that comes first."""
        return self._reached(node, lambda ordered: ordered[:1])

    @cached_property
    def _anyway(self) -> frozenset[str]:
        """What some criterion asks outside of all alternatives."""
        found: set[str] = set()

        def walk(node: AnyNode) -> None:
            match node:
                case e.Retrieve(name):
                    found.add(name)
                case e.Reference(name) if name in self.expressions:
                    walk(self.expressions[name])
            for part in () if sides(node) else e.parts(node):
                walk(part)

        for criterion in self.library.criteria:
            walk(criterion.expression)
        return frozenset(found)

    def _reached(
        self, node: AnyNode, taken: Callable[[tuple[AnyNode, ...]], tuple[AnyNode, ...]]
    ) -> frozenset[str]:
        """The requirements below a node, walking of alternatives the sides that are `taken`."""
        match node:
            case e.Retrieve(name):
                return frozenset((name,))
            case e.Reference(name) if name in self.expressions:
                return self._reached(self.expressions[name], taken)
        ordered = self.ordered(node)
        return _LISTED.union(
            *(self._reached(each, taken) for each in (taken(ordered) if ordered else e.parts(node)))
        )

    def asked(self, trace: Trace, still: Collection[str] = ()) -> frozenset[str]:
        """The questions to put now: of alternatives one side, while any of its questions is `still` to be asked.

        A side that settles its thing, by what the trace says, leaves nothing to ask of the others.
        """
        settled = {s.place for s in trace.steps if not s.row and _is_settled(s.value)}
        seen: dict[str, frozenset[str]] = {}
        waiting = frozenset(still)

        def reached(node: AnyNode) -> frozenset[str]:
            match node:
                case e.Retrieve(name):
                    return frozenset((name,))
                case e.Reference(name) if name in self.expressions:
                    if name not in seen:
                        seen[name] = reached(self.expressions[name])
                    return seen[name]
            ordered = self.ordered(node)
            if not ordered:
                return _LISTED.union(*(reached(part) for part in e.parts(node)))
            found = _LISTED
            for side in [one for one in ordered if one.place in settled] or ordered:
                found |= reached(side)
                if waiting & found:
                    break
            return found

        unread = frozenset(r.name for r in self.library.requirements) - self.tiers.keys()
        return unread.union(*(reached(criterion.expression) for criterion in self.library.criteria))


def _is_settled(value: Value | RowsFound) -> bool:
    if isinstance(value, Bounds):
        return is_exact(value)
    return not isinstance(value, RowsFound) and not is_unknown(value)
