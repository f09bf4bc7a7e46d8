"""Bands of one value (`if x < 2.6 then ... else if x < 3.2 then ...`): gaps between them, and where two overlap.

A chain of comparisons of one value with constants says the same of all values between two neighbouring limits, so
each limit and one value between each two are all that there is to try.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from itertools import pairwise
from typing import Any

from screening.analysis.proofs import statements
from screening.analysis.search import Search
from screening.interpreters.symbolic_leaves import is_of_whole
from screening.interpreters.symbolic_term import both, number, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Definition, Library
from screening.outcome.finding import EVERY_RECORD, Finding
from screening.record.subject import Subject
from screening.values.bounds import OPEN, Bounds, is_exact
from screening.values.coding import NOT_CODED
from screening.values.truth import UNKNOWN

Holds = Callable[[Decimal], bool]
_NOTHING = (OPEN, UNKNOWN, NOT_CODED)  # what `null` is, by type


def bands(library: Library, definition: Definition, search: Search) -> Iterator[Finding]:
    """What is wrong with the bands of a definition."""
    inner: set[int] = set()
    for node in statements(definition.expression):
        if not isinstance(node, e.If) or id(node) in inner:
            continue
        conditions, otherwise = _chain(node, inner)
        value = _value(conditions[0])
        if value is None or len(conditions) < 2:
            continue
        limits: set[Decimal] = set()
        tests = [_test(condition, value, _constants(library), limits) for condition in conditions]
        if all(tests):
            for kind, text, at in _faults(tests, _points(limits, value, library), otherwise):  # type: ignore[arg-type]
                yield Finding(
                    kind, (definition.name,), text, EVERY_RECORD, True, _worth(value, at, search), node.span
                )


def _worth(value: Any, at: Decimal, search: Search) -> Subject | None:
    """A person for whom a value is just so, if there is one: the number may lie out of its reach."""
    exact = Bounds(at, at)
    return search.person_of(
        value,
        lambda span: both(
            (opposite(span.low_open), opposite(span.high_open), span.low == number(at), span.high == number(at))
        ),
        lambda found: found == exact,
    )


def _chain(node: e.If, inner: set[int]) -> tuple[list[AnyNode], AnyNode]:
    conditions: list[AnyNode] = []
    rest: AnyNode = node
    while isinstance(rest, e.If):
        inner.add(id(rest))
        conditions.append(rest.condition)
        rest = rest.otherwise
    return conditions, rest


def _constants(library: Library) -> Mapping[str, Bounds]:
    return {p.name: p.value for p in library.parameters if isinstance(p.value, Bounds)}


def _value(node: AnyNode) -> AnyNode | None:
    """The value that a condition compares, taken from its first comparison."""
    for part in statements(node):
        if isinstance(part, e.Compare):
            sides = [s for s in (part.left, part.right) if not isinstance(s, e.Literal | e.Parameter)]
            return sides[0] if len(sides) == 1 else None
        if isinstance(part, e.Between | e.InInterval):
            return part.operand
    return None


def _test(node: AnyNode, value: AnyNode, known: Mapping[str, Bounds], limits: set[Decimal]) -> Holds | None:
    """The condition as a test of one number, if it asks nothing else; its limits are gathered."""
    match node:
        case e.And(operands) | e.Or(operands):
            tests = [_test(operand, value, known, limits) for operand in operands]
            if not all(tests):
                return None
            every = all if isinstance(node, e.And) else any
            return lambda x: every(test(x) for test in tests if test)
        case e.Not(operand):
            test = _test(operand, value, known, limits)
            return None if test is None else lambda x: not test(x)
        case e.Compare(operator, left, right):
            limit = _limit(right if left == value else left, known)
            if limit is None or value not in (left, right):
                return None
            limits.add(limit)
            sign = operator if left == value else operator.translate(str.maketrans("<>", "><"))
            return lambda x: _compared(sign, x, limit)
        case e.Between(operand, low, high):
            ends = _limit(low, known), _limit(high, known)
            if operand != value or ends[0] is None or ends[1] is None:
                return None
            first, last = ends[0], ends[1]
            limits.update((first, last))
            return lambda x: first <= x <= last
    return None


def _limit(node: AnyNode, known: Mapping[str, Bounds]) -> Decimal | None:
    value = node.value if isinstance(node, e.Literal) else None
    if isinstance(node, e.Parameter):
        value = known.get(node.name)
    if not isinstance(value, Bounds) or not is_exact(value) or not isinstance(value.low, int | Decimal):
        return None
    return Decimal(value.low)


def _compared(operator: str, x: Decimal, limit: Decimal) -> bool:
    match operator:
        case "<":
            return x < limit
        case "<=":
            return x <= limit
        case ">":
            return x > limit
        case ">=":
            return x >= limit
    return (x == limit) is (operator == "=")


def _points(limits: set[Decimal], value: AnyNode, library: Library) -> list[Decimal]:
    """Every limit, and one value between each two and beyond them; of whole numbers whole ones."""
    ordered = sorted(limits)
    named = dict(library.order).get(value.name, value) if isinstance(value, e.Reference) else value
    if getattr(named, "type", None) is not None and named.type.name == "Integer" and is_of_whole(named):  # type: ignore[union-attr]
        return [Decimal(x) for x in range(int(ordered[0]) - 1, int(ordered[-1]) + 2)][:10_000]
    between = [(a + b) / 2 for a, b in pairwise(ordered)]
    return sorted([ordered[0] - 1, *ordered, *between, ordered[-1] + 1])


def _faults(tests: list[Holds], points: list[Decimal], otherwise: AnyNode) -> Iterator[tuple[str, str, Decimal]]:
    """Kinds of what is wrong, with what is to be said, and at which value."""
    held = [[test(x) for x in points] for test in tests]
    for later in range(len(held)):
        for earlier in range(later):
            pair = list(zip(held[earlier], held[later], strict=True))
            shared = [x for x, (a, b) in zip(points, pair, strict=True) if a and b]
            # One that holds wherever the other does is how chains are written: `x < 2.6`, then `x < 3.2`.
            if shared and (True, False) in pair and (False, True) in pair:
                text = f"bands {earlier + 1} and {later + 1} both hold at {shared[0]}: the first of them wins"
                yield "bands overlap", text, shared[0]
    left = [not any(column) for column in zip(*held, strict=True)]
    inside = [x for at, x in enumerate(points) if left[at] and not all(left[at:]) and not all(left[: at + 1])]
    is_beyond = left[0] or left[-1]
    is_null = isinstance(otherwise, e.Literal) and otherwise.value in _NOTHING
    if inside and (is_beyond or is_null):
        text = f"no band holds at {inside[0]}, between bands: it is taken for what is left over"
        yield "gap between bands", text, inside[0]
