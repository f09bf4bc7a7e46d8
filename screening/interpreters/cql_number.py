"""Calls of functions in CQL, what cannot be exported, and numbers that are known when a library is exported."""

from __future__ import annotations

from decimal import Decimal

from screening.errors import Diagnostic, UnsupportedError
from screening.interpreters.cql_name import decimal
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.values.bounds import Bounds, divide, exactly
from screening.values.quantity import convert, parse_unit


def gap(node: AnyNode, why: str) -> UnsupportedError:
    """What cannot be exported, and where it stands."""
    return UnsupportedError(Diagnostic(node.span, why, UnsupportedError))


def call(function: str, *operands: str) -> str:
    """A function of the exported library, called."""
    return f'"{function}"({", ".join(operands)})'


def is_fraction(node: e.Expression) -> bool:
    known = constant_of(node)
    return known is not None and known != known.to_integral_value()


def constant_of(node: e.Expression) -> Decimal | None:
    """The value of an expression of constants alone, rounded as semantics 2.4 has it; None if it is none."""
    match node:
        case e.Literal(Bounds(low, high)) if isinstance(low, int | Decimal) and low == high:
            return Decimal(low)
        case e.Negate(operand):
            known = constant_of(operand)
            return None if known is None else -known
        case e.Arithmetic("/", left, right):
            above, below = constant_of(left), constant_of(right)
            found = None if above is None or not below else divide(exactly(above), exactly(below))
            return None if found is None else found.low
    return None


def number_of(value: Decimal) -> str:
    return f'"Exactly"({decimal(value)})'


def converted(node: e.Convert, found: str) -> str:
    """A quantity in another unit, where the factor is a decimal or divides by a whole number."""
    old, new = parse_unit(node.source), parse_unit(node.target)
    zero, one = (convert(Decimal(n), old, new) for n in (0, 1))
    if zero == 0 and one == round(one, 8) and convert(Decimal(7), old, new) == 7 * one:
        return call("Times", found, number_of(one))
    back = convert(Decimal(1), new, old)
    if zero == 0 and back == back.to_integral_value():
        return call("Divided By", found, number_of(back))
    raise gap(node, f"`{node.source}` is not a decimal multiple of `{node.target}`")
