"""What is not known as terms of a solver: two rails of a truth, bounds of a number or day, one of several words.

Numbers are real terms; a day is the number of days since 1 January of year 1, an instant that number with its
fraction of a day. What z3 cannot say exactly (a logarithm, a day moved by months) is an *opaque* term: a fresh
name, of which only what is asserted about it is known. A proof with opaque terms holds whatever they are; a model
may be wrong about them, and is told what they truly are (`Opaque.exact`) until it is right or given up.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import z3

from screening.values.bounds import Bounds
from screening.values.coding import Codings

Formula = Any  # a z3.BoolRef, or a Python bool where it is known beforehand
Term = Any  # a z3.ArithRef


class Rails(NamedTuple):
    """A truth: surely so, surely not so; neither is UNKNOWN, never both."""

    met: Formula
    unmet: Formula


class Span(NamedTuple):
    """An ordered value: its least and greatest, and whether it is open on a side, whose end then means nothing."""

    low: Term
    high: Term
    low_open: Formula
    high_open: Formula


class Words(NamedTuple):
    """A word or code: which of the codings of `among` it is, none of them if it is not known."""

    among: tuple[Codings, ...]
    chosen: tuple[Formula, ...]


Symbol = Rails | Span | Words


class Opaque(NamedTuple):
    """A value that the solver has no function for, and what truly is there for known arguments.

    `rises` says of each argument whether the value rises with it (1), falls (-1) or neither is known (0); `kinds`
    how the ends of each argument are written (`number`, `day`, `instant`). Where it only rises for some arguments
    (a quotient of what is positive), `guard` says for which.
    """

    arguments: tuple[Span, ...]
    result: Span
    exact: Callable[..., Bounds | None]
    rises: tuple[int, ...]
    kinds: tuple[str, ...]
    guard: Formula = True


class NoTerm(Exception):
    """A node that the solver has no term for: of what rests on it nothing is decided."""


def afresh() -> None:
    """A new beginning: what was asked in this process before decides nothing of what is found next."""
    # ENGINE: z3 numbers its terms in one table for the process, and its search goes by the numbers.
    z3.z3._main_ctx = None


# ------------------------------------------------------------------------------------- formulas


def both(formulas: Iterable[Formula]) -> Formula:
    """All of the formulas, folded where they are known."""
    kept = []
    for formula in formulas:
        if formula is False:
            return False
        if formula is not True:
            kept.append(formula)
    return True if not kept else kept[0] if len(kept) == 1 else z3.And(*kept)


def either(formulas: Iterable[Formula]) -> Formula:
    """Any of the formulas, folded where they are known."""
    kept = []
    for formula in formulas:
        if formula is True:
            return True
        if formula is not False:
            kept.append(formula)
    return False if not kept else kept[0] if len(kept) == 1 else z3.Or(*kept)


def opposite(formula: Formula) -> Formula:
    """Not the formula."""
    return not formula if isinstance(formula, bool) else z3.Not(formula)


def follows(condition: Formula, formula: Formula) -> Formula:
    """If the one, then the other."""
    return either((opposite(condition), formula))


def chosen(condition: Formula, a: Any, b: Any) -> Any:
    """One of two terms or formulas."""
    if isinstance(condition, bool):
        return a if condition else b
    if isinstance(a, bool) or isinstance(b, bool) or z3.is_bool(a):
        return either((both((condition, a)), both((opposite(condition), b))))
    return a if a is b else z3.If(condition, a, b)


def asserted(formula: Formula) -> z3.BoolRef:
    """A formula as the solver takes it."""
    return z3.BoolVal(formula) if isinstance(formula, bool) else formula


# --------------------------------------------------------------------------------------- numbers


def rational(value: Any) -> Fraction:
    """A number, day or instant as the number that stands for it."""
    match value:
        case datetime.datetime():
            seconds = value.hour * 3600 + value.minute * 60 + value.second
            return value.toordinal() + Fraction(seconds, 86400)
        case datetime.date():
            return Fraction(value.toordinal())
        case int() | Decimal() | Fraction():
            return Fraction(value)
    raise TypeError(type(value).__name__)


def number(value: Any) -> Term:
    """A constant of the solver."""
    found = rational(value)
    return z3.Q(found.numerator, found.denominator)


def constant(value: Bounds) -> Span:
    """A value of the rule file."""
    low, high = value
    return Span(number(0 if low is None else low), number(0 if high is None else high), low is None, high is None)


def exact(term: Term) -> Span:
    """A value that is exactly known."""
    return Span(term, term, False, False)


def known(term: Term) -> Fraction | None:
    """The number that a term is, if it is a constant."""
    simple = z3.simplify(term)
    return simple.as_fraction() if z3.is_rational_value(simple) else None
