"""What a made-up person needs: entries of each list, one more than a count is held against; decimals of a number.

A person who has fewer could not show what three failed drugs do. What is held against more than can be made up is
told: of it nothing is known from people.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from screening.interpreters.symbolic_leaves import every_node, every_part, requirement_of
from screening.interpreters.symbolic_rows import PLACES
from screening.interpreters.symbolic_term import Formula
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Library
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.quantity import convert, parse_unit

# A count that is itself held against a number is followed further than one that something is worked out from.
LEAST, MOST, FURTHEST = 2, 8, 20


def entries_needed(library: Library) -> dict[str, int]:
    """Of each requirement that is counted, how many entries a made-up person may have; two of every other."""
    found: dict[str, int] = {}
    for name, number, most in _held(library):
        if number <= most:
            found[name] = max(found.get(name, LEAST), number + 1)
    return found


def uncountable(library: Library) -> frozenset[str]:
    """The requirements that are counted up to more entries than a made-up person may have."""
    return frozenset(name for name, number, most in _held(library) if number > most)


def is_of_any(formula: Formula, names: frozenset[str], opaque: bool) -> bool:
    """Whether a formula speaks of entries of some requirements; where values hide what they rest on, it may."""
    if not names or isinstance(formula, bool):
        return False
    text = formula.sexpr()
    return opaque or any(f"here {name} " in text for name in names)


def places_needed(library: Library) -> int:
    """How many decimals a made-up number may have: one more than any limit, for those between two limits."""
    constants = {p.name: p.value for p in library.parameters}
    limits = [
        part
        for node in every_node(library)
        if isinstance(node, e.Compare | e.Between | e.InInterval)
        for part in ((node.left, node.right) if isinstance(node, e.Compare) else (node.low, node.high))
    ]
    found = max((_decimals(end) for part in limits for end in _ends(part, constants)), default=0)
    return min(max(PLACES, found + 1), bounds.PLACES)


def _held(library: Library) -> Iterator[tuple[str, int, int]]:
    """Each requirement that is counted with a number that the count is held against, and how far people go."""
    expressions = dict(library.order)
    constants = {p.name: p.value for p in library.parameters if isinstance(p.value, Bounds)}
    for expression in expressions.values():
        for node in every_part(expression):
            if isinstance(node, e.Compare | e.Between | e.InInterval):
                parts = [_named(part, expressions) for part in every_part(node)]
                numbers = sorted({n for part in parts if (n := _number(part, constants))})
                sides = (node.left, node.right) if isinstance(node, e.Compare) else (node.operand,)
                most = FURTHEST if any(_is_count(side, expressions) for side in sides) else MOST
                names = sorted(_counted(node, expressions)) if numbers else []
                yield from ((name, number, most) for name in names for number in numbers)
            elif isinstance(node, e.Select) and node.readings > 1:
                yield requirement_of(node), node.readings, MOST


def _number(node: AnyNode, constants: Mapping[str, Bounds]) -> int:
    value = node.value if isinstance(node, e.Literal) else None
    if isinstance(node, e.Parameter):
        value = constants.get(node.name)
    if not isinstance(value, Bounds) or not isinstance(value.low, int) or isinstance(value.low, bool):
        return 0
    return max(value.low, 0)


def _is_count(node: AnyNode, expressions: Mapping[str, AnyNode]) -> bool:
    return isinstance(_named(node, expressions), e.Count | e.CountDistinct)


def _named(node: AnyNode, expressions: Mapping[str, AnyNode]) -> AnyNode:
    """What a name stands for."""
    while isinstance(node, e.Reference) and node.name in expressions:
        node = expressions[node.name]
    return node


def _counted(node: AnyNode, expressions: Mapping[str, AnyNode]) -> set[str]:
    """The requirements whose entries are counted below a node."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for part in every_part(waiting.pop()):
            if isinstance(part, e.Count | e.CountDistinct):
                found.add(requirement_of(part))
            elif isinstance(part, e.Reference) and part.name not in seen and part.name in expressions:
                seen.add(part.name)
                waiting.append(expressions[part.name])
    return found


def _ends(node: AnyNode, constants: Mapping[str, object]) -> Iterator[Decimal]:
    """The number that a limit is, in the unit in which it is compared."""
    match node:
        case e.Convert(operand, source, target):
            yield from (convert(end, parse_unit(source), parse_unit(target)) for end in _ends(operand, constants))
        case e.Literal(value=value):
            yield from _numbers(value)
        case e.Parameter(name):
            yield from _numbers(constants.get(name))


def _numbers(value: object) -> Iterator[Decimal]:
    if isinstance(value, Bounds):
        yield from (Decimal(end) for end in value if isinstance(end, int | Decimal))


def _decimals(value: Decimal) -> int:
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
