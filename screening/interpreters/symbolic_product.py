"""Products of which one factor is a whole number of a short scale: each number that it may be is one case.

A solver has no function for the product of two terms, but one for a term times a number: a score from 0 to 6 is
seven of them, and nothing about the product is left open.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import z3

from screening.interpreters.symbolic_table import constant_of
from screening.interpreters.symbolic_term import Span, Term, both, number
from screening.language import expression as e
from screening.language.expression import Expression

# Longer scales are left to be worked out from made-up values.
MOST = 32
MEAN = "mean of latest day"  # of whole numbers it need not be one


class Spans(Protocol):
    """What the values of a reading are, as far as a product needs it."""

    expressions: dict[str, Expression]

    def span(self, node: Expression) -> Span:
        """The ends of an ordered value."""
        ...


def whole_scale(node: Expression, expressions: Mapping[str, Expression]) -> range | None:
    """The whole numbers from 0 on that a value may be, if they are few; None if nothing says so."""
    match node:
        case e.Reference(name) if name in expressions:
            return whole_scale(expressions[name], expressions)
        case e.CountTrue(operands):
            ends: tuple[object, object] = (0, len(operands))
        case e.Select(scale=scale, take=take) if node.type.name == "Integer" and take != MEAN:
            ends = (scale.low, scale.high)
        case _:
            return None
    low, high = ends
    if not isinstance(low, int) or not isinstance(high, int) or low < 0 or high - low >= MOST:
        return None
    return range(low, high + 1)


def multiplied(left: Expression, right: Expression, reader: Spans) -> Span | None:
    """The product of two values, exactly, if one of them is of a short scale and the other is no constant."""
    known = [(whole_scale(one, reader.expressions), one, other) for one, other in ((left, right), (right, left))]
    short = [(len(scale), at) for at, (scale, _, _) in enumerate(known) if scale is not None]
    values = [reader.span(node) for node in (left, right)]
    if not short or any(constant_of(value, "number") is not None for value in values):
        return None
    scale, factor, other = known[min(short)[1]]
    assert scale is not None
    return times(reader.span(other), reader.span(factor), scale)


def times(value: Span, factor: Span, scale: range) -> Span:
    """A value times a factor both ends of which are in a scale from 0 on; 0 times an open end is 0."""
    low, other_low = (_case(value.low, end, scale) for end in (factor.low, factor.high))
    high, other_high = (_case(value.high, end, scale) for end in (factor.low, factor.high))
    counts = factor.high > 0
    return Span(
        z3.If(low <= other_low, low, other_low),
        z3.If(high >= other_high, high, other_high),
        both((value.low_open, counts)),
        both((value.high_open, counts)),
    )


def _case(term: Term, end: Term, scale: range) -> Term:
    """A term times the number of the scale that an end is."""
    found = term * number(scale[-1])
    for each in reversed(scale[:-1]):
        found = z3.If(end == number(each), term * number(each), found)
    return found
