"""An expression again with other parts: how the tree is settled, filled in and given its places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any, TypeVar, cast

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.types import Type

N = TypeVar("N", bound=AnyNode)

UNSETTLED = Type("")
"""The type of a node that the parser made and `check` has not settled yet."""

DEEPEST = 100


def with_parts(node: AnyNode, new: Sequence[AnyNode]) -> AnyNode:
    """The same node over other parts, given in the order of `parts`."""
    of: Any = tuple(new)
    match node:
        case e.And() | e.Or() | e.CountTrue() | e.Coalesce() | e.Function():
            return replace(node, operands=of)
        case e.Not() | e.Negate() | e.DayOf() | e.Favoured() | e.Convert() | e.Is() | e.InSet():
            return replace(node, operand=of[0])
        case e.Xor() | e.Implies() | e.Compare() | e.Duration() | e.Arithmetic():
            return replace(node, left=of[0], right=of[1])
        case e.If():
            return replace(node, condition=of[0], then=of[1], otherwise=of[2])
        case e.Between() | e.InInterval():
            return replace(node, operand=of[0], low=of[1], high=of[2])
        case e.Timing():
            return replace(node, operand=of[0], amount=of[1], reference=of[2])
        case e.Shift():
            return replace(node, operand=of[0], amount=of[1])
        case e.Age():
            return replace(node, born=of[0], on=of[1])
        case e.Where() | e.Fires():
            return replace(node, source=of[0], condition=of[1])
        case e.Select() | e.Exists() | e.Count() | e.CountDistinct() | e.RowValues():
            return replace(node, source=of[0])
        case e.Silence():
            return replace(node, operand=of[0], source=of[1])
        case e.DateOf(selection):
            return replace(node, selection=replace(selection, source=of[0]))
        case e.Literal() | e.Parameter() | e.Reference() | e.Field() | e.Retrieve() | e.Contradicted():
            return node


def mapped(node: N, change: Callable[[AnyNode], AnyNode | None]) -> N:
    """The tree with every node replaced for which `change` gives another; what it gives is not entered."""
    found = change(node)
    if found is None:
        below = parts(node)
        new = [mapped(part, change) for part in below]
        same = all(a is b for a, b in zip(below, new, strict=True))
        found = node if same else with_parts(node, new)
    return cast(N, found)


def placed(node: N, place: str) -> N:
    """The tree with a place on every node: parts are counted from 1."""
    new = [placed(part, f"{place}.{n}") for n, part in enumerate(parts(node), 1)]
    made: Any = replace(with_parts(node, new), place=place)
    if isinstance(made, e.DateOf):
        made = replace(made, selection=replace(made.selection, place=place))
    return cast(N, made)


def nodes(node: AnyNode) -> Iterator[AnyNode]:
    """A node and all below it, without recursion."""
    waiting = [node]
    while waiting:
        found = waiting.pop()
        yield found
        waiting.extend(reversed(parts(found)))


def depth(node: AnyNode) -> int:
    """How many nodes stand one below another."""
    deepest, level = 0, [node]
    while level:
        deepest += 1
        level = [part for found in level for part in parts(found)]
    return deepest


def references(node: AnyNode) -> Iterator[str]:
    """The names that an expression refers to, requirements whose rows it lists among them."""
    for found in nodes(node):
        if isinstance(found, e.Reference):
            yield found.name
        elif isinstance(found, e.Retrieve):
            yield found.requirement


def same_but(node: Expression, alias: str, item: Expression) -> Expression:
    """The condition of a query over a list, with one item of the list in the place of the alias."""

    def change(found: AnyNode) -> AnyNode | None:
        match found:
            case e.Reference(name) if name == alias:
                return item
            case e.Where(source, inner) if inner == alias:
                return replace(found, source=mapped(source, change))
        return None

    return mapped(node, change)
