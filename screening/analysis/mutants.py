"""One slip at a time: what an author may have written instead of what a library says.

Each mutant is a named expression with one node otherwise: another comparison, a limit one step off or in another
unit, `and` for `or`, a part or a list member left out, a dropped `not`, a window turned round.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from screening.errors import Span
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import AS_OF, ROOTS, Library
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass

# Of a longer list of codes so many members are left out, spread evenly: the first and the last among them.
MOST_MEMBERS = 8


@dataclass(frozen=True, slots=True)
class Mutant:
    """A named expression with one slip, and what the slip is in an author's words."""

    name: str
    expression: Expression
    slip: str
    place: str
    span: Span


def mutants(library: Library) -> Iterator[Mutant]:
    """Every slip in everything that somebody wrote of what a library evaluates, in its order, each once."""
    derived = {*ROOTS, *(d.name for d in library.definitions if d.origin in ("favourable", "root"))}
    for name, expression in library.order:
        if name in derived:
            continue
        seen: set[Any] = {expression}
        for node, changed, slip in _slips(expression):
            if changed not in seen:
                seen.add(changed)
                yield Mutant(name, changed, slip, node.place, node.span)


def _slips(node: Any) -> Iterator[tuple[AnyNode, Any, str]]:
    """Each way in which one node below, or this one, is otherwise: the node, the whole with it, what was done."""
    for changed, slip in _of_node(node):
        yield node, changed, slip
    for field in dataclasses.fields(node):
        value = getattr(node, field.name)
        if isinstance(value, e.Node):
            for at, changed, slip in _slips(value):
                yield at, dataclasses.replace(node, **{field.name: changed}), slip
        elif isinstance(value, tuple) and value and isinstance(value[0], e.Node):
            for position, part in enumerate(value):
                for at, changed, slip in _slips(part):
                    whole = (*value[:position], changed, *value[position + 1 :])
                    yield at, dataclasses.replace(node, **{field.name: whole}), slip


_OTHERWISE = {
    "<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "=": ("!=",), "!=": ("=",),
}  # fmt: skip
_TURNED = {
    "or less before": ("or more before", "or less after"),
    "or more before": ("or less before", "or more after"),
    "or less after": ("or more after", "or less before"),
    "or more after": ("or less after", "or more before"),
    "around": ("or less before",),
}
_TAKEN = {"latest": "first", "first": "latest", "highest": "lowest", "lowest": "highest"}
_LONGER = {"days": "weeks", "weeks": "months", "months": "years", "years": "months", "hours": "days"}


def _of_node(node: Any) -> Iterator[tuple[Any, str]]:
    """The slips of one node itself; one `match`."""
    match node:
        case e.Compare(operator, left, right):
            for other in _OTHERWISE[operator]:
                yield dataclasses.replace(node, operator=other), f"`{other}` for `{operator}`"
            yield from _limits(node, "left", left)
            yield from _limits(node, "right", right)
        case e.Between(_, low, high):
            yield from _limits(node, "low", low)
            yield from _limits(node, "high", high)
        case e.InInterval(_, low, high, low_closed, high_closed):
            yield from _limits(node, "low", low)
            yield from _limits(node, "high", high)
            yield dataclasses.replace(node, low_closed=not low_closed), "the lower end in or out"
            yield dataclasses.replace(node, high_closed=not high_closed), "the upper end in or out"
        case e.And(operands):
            yield e.Or(operands, place=node.place, span=node.span), "`or` for `and`"
            yield from _fewer(node, operands)
        case e.Or(operands):
            yield e.And(operands, place=node.place, span=node.span), "`and` for `or`"
            yield from _fewer(node, operands)
        case e.Not(operand):
            yield operand, "a dropped `not`"
        case e.Implies(left, right):
            yield e.Implies(right, left, place=node.place, span=node.span), "`implies` turned round"
            yield right, "the condition left out"
        case e.Xor(left, right):
            yield e.Or((left, right), place=node.place, span=node.span), "`or` for `xor`"
        case e.If(_, then, otherwise):
            yield dataclasses.replace(node, then=otherwise, otherwise=then), "the branches of `if` exchanged"
        case e.CountTrue(operands):
            yield from _fewer(node, operands)
        case e.Function(name, operands) if name in ("Min", "Max"):
            other = "Max" if name == "Min" else "Min"
            yield dataclasses.replace(node, name=other), f"`{other}` for `{name}`"
        case e.Function(name, operands) if name in ("Sum", "Mean") and len(operands) > 1:
            yield from _fewer(node, operands)
        case e.Arithmetic(operator, left, right):
            turned = {"+": "-", "-": "+", "*": "/", "/": "*"}.get(operator)
            if turned is not None and not (turned == "/" and right.type != left.type):
                yield dataclasses.replace(node, operator=turned), f"`{turned}` for `{operator}`"
            yield from _limits(node, "left", left)
            yield from _limits(node, "right", right)
        case e.Timing(_, kind, inclusive, amount, unit):
            for other in _TURNED[kind]:
                yield dataclasses.replace(node, kind=other), f"`{other}` for `{kind}`"
            yield dataclasses.replace(node, unit=_LONGER[unit]), f"{_LONGER[unit]} for {unit}"
            yield from _limits(node, "amount", amount)
            if kind in ("or less before", "or less after"):
                yield dataclasses.replace(node, inclusive=not inclusive), "the day itself in or out"
        case e.InSet(_, _, codes) if len(codes) > 1:
            for code in _spread(codes):
                kept = tuple(other for other in codes if other != code)
                yield dataclasses.replace(node, codes=kept), f"{code} left out"
        case e.Select(_, take, readings):
            if take in _TAKEN:
                yield dataclasses.replace(node, take=_TAKEN[take]), f"`{_TAKEN[take]}` for `{take}`"
            if readings > 1:
                yield dataclasses.replace(node, readings=1), "one reading for several"
        case e.Where(source):
            yield source, "`where` left out"
        case e.Is(_, _, negated):
            yield dataclasses.replace(node, negated=not negated), "`is` for `is not`, or the other way round"
        case e.Silence(operand):
            yield operand, "silence read as not known"


def _fewer(node: Any, operands: tuple[Any, ...]) -> Iterator[tuple[Any, str]]:
    if len(operands) < 2:
        return
    for position, part in enumerate(operands):
        kept = (*operands[:position], *operands[position + 1 :])
        what = f"{part.name} left out" if isinstance(part, e.Reference) else f"part {position + 1} left out"
        yield dataclasses.replace(node, operands=kept), what


def _limits(node: Any, field: str, part: Any) -> Iterator[tuple[Any, str]]:
    """A number or day of the file one step off on either side; a number with a unit also ten times as large."""
    if isinstance(part, e.Literal) and isinstance(part.value, Bounds) and bounds.is_exact(part.value):
        value = part.value.low
        if not isinstance(value, int | Decimal) or isinstance(value, bool):
            return
        step = _step(value)
        for other, what in (
            (value - step, "one less"),
            (value + step, "one more"),
            (value * 10, "ten times as much"),
        ):
            if what == "ten times as much" and (part.type.name != "Quantity" or not value):
                continue
            changed = dataclasses.replace(part, value=bounds.exactly(other), text="")
            yield dataclasses.replace(node, **{field: changed}), f"{other} for {value}"
    elif (
        isinstance(part, e.Parameter)
        and part.name != AS_OF
        and part.type.name in ("Integer", "Decimal", "Quantity")
    ):
        one = e.Literal(bounds.exactly(1), part.type, place=part.place, span=part.span)
        for operator, what in (("-", "one less"), ("+", "one more")):
            changed_part = e.Arithmetic(operator, part, one, part.type, place=part.place, span=part.span)
            yield dataclasses.replace(node, **{field: changed_part}), f"{part.name} {what}"


def _step(value: int | Decimal) -> int | Decimal:
    """One in the last place that the limit is written with."""
    if isinstance(value, int):
        return 1
    exponent = value.as_tuple().exponent
    return Decimal(1).scaleb(min(0, exponent)) if isinstance(exponent, int) else Decimal(1)


def _spread(codes: tuple[Any, ...]) -> tuple[Any, ...]:
    if len(codes) <= MOST_MEMBERS:
        return codes
    last = len(codes) - 1
    return tuple(codes[round(at * last / (MOST_MEMBERS - 1))] for at in range(MOST_MEMBERS))
