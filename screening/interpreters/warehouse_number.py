"""Division, roots, rounding, conversion and gathering of partly known numbers in columns."""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from fractions import Fraction

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_term import NO, Term
from screening.interpreters.warehouse_value import (
    MIXED,
    NEAR,
    Doubt,
    Range,
    add,
    as_float,
    ends_of,
    exact,
    floats,
    halfway,
    opposite,
    snapped,
    too_large,
)
from screening.values.unit import Unit

_ZERO = t.literal(0.0, "float")
_OPEN = Range(t.null("float"), t.null("float"))
_STEP = 5e-9


def _at_least(value: float, end: Term) -> Term:
    return t.surely(t.compared("le", t.literal(value, "float"), end))


def divide(a: Range, b: Range, doubt: Doubt) -> Range:
    """`a / b`, rounded to 8 decimals; open if the divisor may be 0."""
    a, b = floats(a), floats(b)
    for end in ends_of(a, b):
        doubt(NEAR, too_large(end))
    if a.is_plane and b.is_plane:
        quotient = t.plain("over", a.low, b.low)
        found = Range(quotient, quotient)
    else:
        found = _quotients(a, b)
    if not a.error and not b.error:
        return snapped(found, doubt, rounds=True)
    doubt(NEAR, t.disjunction(*(t.surely(t.compared("lt", t.plain("abs", e), _small(b))) for e in ends_of(b))))
    least = _size_at_least(b)
    for end in ends_of(found):
        doubt(NEAR, too_large(end))
    return Range(found.low, found.high, (a.error + 1e6 * b.error) / least + _STEP)


def _small(b: Range) -> Term:
    return t.literal(_size_at_least(b), "float")


def _size_at_least(b: Range) -> float:
    return abs(b.low.extra) if b.is_plane and b.low.is_constant and b.low.extra else 1e-3


def _quotients(a: Range, b: Range) -> Range:
    positive = t.surely(t.compared("lt", _ZERO, b.low))
    negative = t.surely(t.compared("lt", b.high, _ZERO))
    x, y = _of_positive(a, b), _of_positive(opposite(a), opposite(b))
    null = t.null("float")
    return Range(
        t.cases((positive, x.low), (negative, y.low), otherwise=null),
        t.cases((positive, x.high), (negative, y.high), otherwise=null),
    )


def _of_positive(a: Range, b: Range) -> Range:
    def ends(end: Term) -> tuple[Term, Term]:
        far = t.chosen(t.known(b.high), t.plain("over", end, b.high), t.chosen(t.known(end), _ZERO, end))
        return t.plain("over", end, b.low), far

    return Range(t.lesser_of(*ends(a.low)), t.greater_of(*ends(a.high)))


# ------------------------------------------------------------------------------------------ functions of one


def _each(a: Range, op: str, doubt: Doubt, slope: float) -> Range:
    """A rising function end by end; `slope` is the most it magnifies an error by."""
    low = t.plain(op, a.low)
    found = Range(low, low if a.is_plane else t.plain(op, a.high))
    if not a.error:
        return snapped(found, doubt, rounds=True, wider=4.0 if op == "ln" else 2.0)
    for end in ends_of(found):
        doubt(NEAR, too_large(end))
    return Range(found.low, found.high, a.error * slope + _STEP + 1e-12)


def logarithm(a: Range, doubt: Doubt) -> Range:
    """`Ln`: open as soon as the argument may be 0 or less."""
    a = floats(a)
    positive = t.surely(t.compared("lt", _ZERO, a.low))
    if a.error:
        doubt(NEAR, _between(a.low, -1e-3, 1e-3))
    found = _each(a, "ln", doubt, 1e3)
    return _where(positive, found)


def square_root(a: Range, doubt: Doubt) -> Range:
    """`Sqrt`: open as soon as the argument may be negative."""
    a = floats(a)
    if a.error:
        doubt(NEAR, _between(a.low, -1e-3, 1e-3))
    found = _each(a, "sqrt", doubt, 16.0)
    return _where(_at_least(0.0, a.low), found)


def exponential(a: Range, doubt: Doubt) -> Range:
    """`Exp`: an end beyond 100 is open, below -100 it is 0; in between it is left to the law from 1e6 on."""
    a = floats(a)
    found = _each(a, "exp", doubt, 1e6)
    low = t.coalesce(found.low, t.chosen(t.known(a.low), found.low, _ZERO))
    low = t.chosen(t.known(a.low), found.low, low)
    for end in ends_of(a):
        doubt(NEAR, _at_least(13.0, t.plain("abs", end)))
    return Range(low, found.high, found.error)


def absolute(a: Range) -> Range:
    """`Abs`."""
    if a.is_plane:
        # Of what is not known at all, this much is known: it is not negative.
        size = t.plain("abs", a.low)
        zero = t.literal(0, "int") if a.kind == "int" else _ZERO
        return Range(t.coalesce(size, zero), size, a.error)
    turned = opposite(a)
    zero = t.literal(0, "int") if a.kind == "int" else _ZERO
    positive = t.surely(t.compared("le", zero, a.low))
    negative = t.surely(t.compared("le", a.high, zero))
    both = t.conjunction(t.known(a.high), t.known(turned.high))
    most = t.chosen(both, t.greater_of(a.high, turned.high), t.null(a.kind))
    return Range(
        t.cases((positive, a.low), (negative, turned.low), otherwise=zero),
        t.cases((positive, a.high), (negative, turned.high), otherwise=most),
        a.error,
    )


def _between(a: Term, low: float, high: float) -> Term:
    return t.conjunction(_at_least(low, a), t.surely(t.compared("le", a, t.literal(high, "float"))))


def _where(condition: Term, found: Range) -> Range:
    null = t.null(found.kind)
    low = t.chosen(condition, found.low, null)
    return Range(low, low if found.is_plane else t.chosen(condition, found.high, null), found.error)


def power(a: Range, n: Range, doubt: Doubt) -> Range:
    """`a ^ n`, to 8 decimals: of what is exactly known, and of a base of 0 or more the corners. A whole power of
    what may be negative or has an open end is left to the law, unless nothing is known of the base."""
    a, n = floats(a), floats(n)
    if a.error or n.error:
        doubt(NEAR, t.conjunction(_anything(a), _anything(n)))
        return _OPEN
    exponent = n.low.extra if n.is_plane and n.low.is_constant else None
    is_one = t.conjunction(exact(a), exact(n))
    whole = t.conjunction(exact(n), t.surely(t.compared("eq", n.low, t.plain("floor", n.low))))
    if n.low.is_constant and n.low.extra is not None:
        whole = t.conjunction(exact(n), t.YES if n.low.extra == int(n.low.extra) else NO)
    is_blank = t.negation(_anything(a))
    left = t.conjunction(t.unknown(a.high), _at_least(0.0, n.low))
    left = t.disjunction(left, t.negation(_at_least(0.0, a.low)))
    if exponent:  # nothing is known of a power of what nothing is known of, or that it is 0 or more
        left = t.conjunction(left, t.negation(is_blank))
    doubt(MIXED, t.conjunction(t.negation(is_one), whole, left))
    bounded = t.conjunction(*(t.known(end) for end in (a.high, n.low, n.high)), _at_least(0.0, a.low))
    to_zero = t.conjunction(
        t.negation(_at_least(0.0, n.low)), t.negation(t.surely(t.compared("lt", _ZERO, a.low)))
    )
    usable = t.disjunction(is_one, t.conjunction(bounded, t.negation(to_zero)))
    corners = [_corner(x, y, usable, doubt) for x in ends_of(a) for y in ends_of(n)]
    low, high = functools.reduce(t.lesser_of, corners), functools.reduce(t.greater_of, corners)
    if exponent and exponent > 0 and exponent % 2 == 0:
        return Range(t.chosen(is_blank, _ZERO, low), high)
    return Range(low, high)


def _corner(base: Term, exponent: Term, usable: Term, doubt: Doubt) -> Term:
    found = t.chosen(usable, t.plain("power", base, exponent), t.null("float"))
    doubt(NEAR, t.conjunction(usable, _steep(base, exponent)))
    wider = 4.0 + (abs(exponent.extra) if exponent.is_constant and exponent.extra is not None else 1000.0)
    return snapped(Range(found, found), doubt, rounds=True, wider=wider).low


def _anything(a: Range) -> Term:
    return t.disjunction(t.known(a.low), t.known(a.high))


def _steep(a: Term, n: Term) -> Term:
    """A result above 1e13 or below 1e-13: beyond what floats are asked here."""
    return _at_least(30.0, t.plain("abs", t.plain("times", t.plain("ln", t.plain("abs", a)), n)))


def to_places(a: Range, places: int, doubt: Doubt) -> Range:
    """`Round(a, n)`, half away from zero."""
    if a.kind == "int" and places >= 0:
        return a
    a = floats(a)

    def end_of(end: Term) -> Term:
        doubt(NEAR, too_large(end))
        if a.error:
            doubt(NEAR, halfway(end, places, a.error))
        return t.plain("round", end, extra=places)

    low = end_of(a.low)
    return Range(low, low if a.is_plane else end_of(a.high))


def convert(a: Range, source: Unit, target: Unit, doubt: Doubt) -> Range:
    """The same quantity in another unit."""
    a = floats(a)
    if (source.factor, source.offset) == (target.factor, target.offset):
        return a
    factor, offset = source.factor / target.factor, (source.offset - target.offset) / target.factor
    for end in ends_of(a):
        doubt(NEAR, too_large(end))

    def end_of(end: Term) -> Term:
        found = t.plain("times", end, t.literal(float(factor), "float"))
        return t.plain("plus", found, t.literal(float(offset), "float")) if offset else found

    low = end_of(a.low)
    found = Range(low, low if a.is_plane else end_of(a.high))
    # Some results have more than 8 decimals and are kept with all of them.
    if not a.error and not offset and factor == int(factor):
        return snapped(found, doubt, rounds=False)
    size = max(abs(float(factor)), 1.0)
    for end in ends_of(found):
        doubt(NEAR, too_large(end))
    return Range(found.low, found.high, size * (a.error + 4e-10) + (_STEP if _is_endless(factor) else 0.0))


def _is_endless(factor: Fraction) -> bool:
    rest = factor.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest != 1


# ------------------------------------------------------------------------------------------ functions of many


def least(items: Sequence[Range]) -> Range:
    """`Min`: open below as soon as one is; its high end is the least that is known."""
    return _extreme(items, t.lesser_of)


def greatest(items: Sequence[Range]) -> Range:
    """`Max`."""
    return _extreme(items, t.greater_of)


def _extreme(items: Sequence[Range], pick: object) -> Range:
    is_least = pick is t.lesser_of
    if any(item.kind == "float" for item in items):
        items = [floats(item) for item in items]
    choose = t.lesser_of if is_least else t.greater_of
    lows, highs = [i.low for i in items], [i.high for i in items]
    strict, lenient = (lows, highs) if is_least else (highs, lows)
    every = t.conjunction(*(t.known(end) for end in strict))
    sure = t.chosen(every, functools.reduce(choose, strict), t.null(items[0].kind))
    other = functools.reduce(choose, lenient)
    low, high = (sure, other) if is_least else (other, sure)
    return Range(low, high, max(item.error for item in items))


def total(items: Sequence[Range], doubt: Doubt) -> Range:
    """`Sum`: one missing value leaves it open."""
    return functools.reduce(lambda a, b: add(a, b, doubt), items)


def mean(items: Sequence[Range], doubt: Doubt) -> Range:
    """`Mean`: rounded once."""
    count = t.literal(float(len(items)), "float")
    return divide(total(items, doubt), Range(count, count), doubt)


def agreed(items: Sequence[Range]) -> tuple[Range, Term]:
    """What several measurements of one thing say at once, and whether they contradict each other."""
    kind = "float" if any(item.kind == "float" for item in items) else items[0].kind
    if kind == "float":
        items = [floats(item) for item in items]
    low = functools.reduce(t.greater_of, [i.low for i in items])
    high = functools.reduce(t.lesser_of, [i.high for i in items])
    conflict = t.surely(t.compared("lt", high, low))
    null = t.null(kind)
    found = Range(t.chosen(conflict, null, low), t.chosen(conflict, null, high), sum(i.error for i in items))
    return found, conflict


def rounds_to(places: Range) -> int | None:
    """The places of `Round` where they are a constant, else None."""
    end = places.low
    return int(end.extra) if end.is_constant and end.extra is not None and math.isfinite(end.extra) else None


__all__ = ["absolute", "agreed", "as_float", "convert", "divide", "exponential", "greatest", "least", "logarithm",
           "mean", "power", "rounds_to", "square_root", "to_places", "total"]  # fmt: skip
