"""The tables of the semantics over solver terms: Kleene's, bound against bound, words, sums."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal
from fractions import Fraction

import z3

from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Term,
    Words,
    both,
    chosen,
    constant,
    either,
    known,
    number,
    opposite,
)
from screening.language.types import Type
from screening.values.bounds import LARGEST, PLACES, Bounds
from screening.values.coding import Code, Codings, membership, same
from screening.values.truth import FALSE, TRUE, Truth

_WIDE = Context(prec=80)

# ---------------------------------------------------------------------------------------- truths


def is_open(rails: Rails) -> Formula:
    """UNKNOWN: neither rail is raised."""
    return both((opposite(rails.met), opposite(rails.unmet)))


def alike(a: Rails, b: Rails) -> Rails:
    """`=` of two truths: open if either is."""
    return Rails(
        either((both((a.met, b.met)), both((a.unmet, b.unmet)))),
        either((both((a.met, b.unmet)), both((a.unmet, b.met)))),
    )


def picked(condition: Formula, a: Symbol, b: Symbol) -> Symbol:
    """One of two values of one type."""
    if isinstance(a, Rails) and isinstance(b, Rails):
        return Rails(chosen(condition, a.met, b.met), chosen(condition, a.unmet, b.unmet))
    if isinstance(a, Span) and isinstance(b, Span):
        return Span(*(chosen(condition, one, other) for one, other in zip(a, b, strict=True)))
    assert isinstance(a, Words)
    assert isinstance(b, Words)
    a, b = _over(a, b.among), _over(b, a.among)
    return Words(a.among, tuple(chosen(condition, x, y) for x, y in zip(a.chosen, b.chosen, strict=True)))


def joined(condition: Rails, a: Symbol, b: Symbol) -> Symbol:
    """`if`: an open condition gives what both branches agree on, or the bounds that enclose both."""
    undecided = is_open(condition)
    settled = picked(condition.met, a, b)
    if isinstance(a, Rails) and isinstance(b, Rails):
        return picked(undecided, Rails(both((a.met, b.met)), both((a.unmet, b.unmet))), settled)
    if isinstance(a, Span) and isinstance(b, Span):
        return picked(undecided, enclosing((a, b)), settled)
    assert isinstance(a, Words)
    assert isinstance(b, Words)
    return picked(undecided, agreed_word(a, b), settled)


# ---------------------------------------------------------------------------------------- ordered


def compared(operator: str, a: Span, b: Span) -> Rails:
    """The six comparisons, bound against bound."""
    match operator:
        case "<":
            return _less(a, b)
        case "<=":
            return at_most(a, b)
        case ">":
            return _less(b, a)
        case ">=":
            return at_most(b, a)
    closed = both(opposite(end) for end in (a.low_open, a.high_open, b.low_open, b.high_open))
    met = both((closed, a.low == a.high, b.low == b.high, a.low == b.low))
    unmet = either((_less(a, b).met, _less(b, a).met))
    return Rails(met, unmet) if operator == "=" else Rails(unmet, met)


def _less(a: Span, b: Span) -> Rails:
    return Rails(
        both((opposite(a.high_open), opposite(b.low_open), a.high < b.low)),
        both((opposite(a.low_open), opposite(b.high_open), a.low >= b.high)),
    )


def at_most(a: Span, b: Span) -> Rails:
    """`a <= b`."""
    return Rails(
        both((opposite(a.high_open), opposite(b.low_open), a.high <= b.low)),
        both((opposite(a.low_open), opposite(b.high_open), a.low > b.high)),
    )


def inside(
    x: Span, low: Span | None, high: Span | None, low_closed: bool = True, high_closed: bool = True
) -> Rails:
    """Whether a value lies between two others; None is no end on that side."""
    above = Rails(True, False) if low is None else at_most(low, x) if low_closed else _less(low, x)
    below = Rails(True, False) if high is None else at_most(x, high) if high_closed else _less(x, high)
    return Rails(both((above.met, below.met)), either((above.unmet, below.unmet)))


def negative(a: Span) -> Span:
    """`-a`."""
    return Span(-a.high, -a.low, a.high_open, a.low_open)


def added(a: Span, b: Span) -> Span:
    """`a + b`."""
    return Span(
        a.low + b.low, a.high + b.high, either((a.low_open, b.low_open)), either((a.high_open, b.high_open))
    )


def total(items: Sequence[Span]) -> Span:
    """The sum of some values."""
    return Span(
        z3.Sum([item.low for item in items]),
        z3.Sum([item.high for item in items]),
        either(item.low_open for item in items),
        either(item.high_open for item in items),
    )


def scaled(a: Span, factor: Term, sign: Decimal | int) -> Span:
    """A value times a constant; 0 times an open end is 0."""
    if not sign:
        return Span(number(0), number(0), False, False)
    found = Span(a.low * factor, a.high * factor, a.low_open, a.high_open)
    return found if sign > 0 else Span(found.high, found.low, found.high_open, found.low_open)


def least(items: Sequence[Span]) -> Span:
    """`Min`: an open upper end says nothing, an open lower one everything."""
    found = items[0]
    for item in items[1:]:
        low = z3.If(found.low <= item.low, found.low, item.low)
        nearer = z3.If(found.high <= item.high, found.high, item.high)
        high = chosen(found.high_open, item.high, chosen(item.high_open, found.high, nearer))
        found = Span(low, high, either((found.low_open, item.low_open)), both((found.high_open, item.high_open)))
    return found


def greatest(items: Sequence[Span]) -> Span:
    """`Max`."""
    return negative(least([negative(item) for item in items]))


def enclosing(items: Sequence[Span]) -> Span:
    """The narrowest bounds around all of the values."""
    found = items[0]
    for item in items[1:]:
        found = Span(
            z3.If(found.low <= item.low, found.low, item.low),
            z3.If(found.high >= item.high, found.high, item.high),
            either((found.low_open, item.low_open)),
            either((found.high_open, item.high_open)),
        )
    return found


def common(items: Sequence[Span]) -> tuple[Span, Formula]:
    """What all values say at once, open where that is nothing; and whether it is nothing (`Agree`)."""
    found = items[0]
    for item in items[1:]:
        nearer = z3.If(found.high <= item.high, found.high, item.high)
        further = z3.If(found.low >= item.low, found.low, item.low)
        found = Span(
            chosen(found.low_open, item.low, chosen(item.low_open, found.low, further)),
            chosen(found.high_open, item.high, chosen(item.high_open, found.high, nearer)),
            both((found.low_open, item.low_open)),
            both((found.high_open, item.high_open)),
        )
    empty = both((opposite(found.low_open), opposite(found.high_open), found.low > found.high))
    return Span(found.low, found.high, either((empty, found.low_open)), either((empty, found.high_open))), empty


def absolute(a: Span) -> Span:
    """`Abs`."""
    mirrored = negative(a)
    above, below = both((opposite(a.low_open), a.low >= 0)), both((opposite(a.high_open), a.high <= 0))
    farther = z3.If(a.high >= -a.low, a.high, -a.low)
    across = Span(number(0), farther, False, either((a.low_open, a.high_open)))
    found = picked(above, a, picked(below, mirrored, across))
    assert isinstance(found, Span)
    return found


def day_part(a: Span) -> Span:
    """The day of an instant."""
    return Span(z3.ToReal(z3.ToInt(a.low)), z3.ToReal(z3.ToInt(a.high)), a.low_open, a.high_open)


def one_if(formula: Formula) -> Term:
    """1 if it holds, else 0."""
    return number(int(formula)) if isinstance(formula, bool) else z3.If(formula, number(1), number(0))


# ---------------------------------------------------------------------------------------- words


def same_word(a: Words, b: Words) -> Rails:
    """`=` of two words or codes, by the table of each pair that they may be."""
    pairs = [
        (same(one, other), both((x, y)))
        for one, x in zip(a.among, a.chosen, strict=True)
        for other, y in zip(b.among, b.chosen, strict=True)
    ]
    return _by_any(pairs)


def among(a: Words, codes: Iterable[Code]) -> Rails:
    """Membership by system and code."""
    asked = membership(codes)
    answers = [(asked(one), x) for one, x in zip(a.among, a.chosen, strict=True)]
    return _by_any(answers)


def _by_any(answers: list[tuple[Truth, Formula]]) -> Rails:
    """Of all codings that a value has one is enough; only where none is can another tell it apart."""
    met = either(f for truth, f in answers if truth is TRUE)
    return Rails(met, both((opposite(met), either(f for truth, f in answers if truth is FALSE))))


def agreed_word(a: Words, b: Words) -> Words:
    """What is known of a word that is one of two: the word if both are the same, codings and all."""
    a, b = _over(a, b.among), _over(b, a.among)
    are_same = both(_equal(x, y) for x, y in zip(a.chosen, b.chosen, strict=True))
    return Words(a.among, tuple(both((are_same, x)) for x in a.chosen))


def _equal(x: Formula, y: Formula) -> Formula:
    return either((both((x, y)), both((opposite(x), opposite(y)))))


def _over(words: Words, more: Iterable[Codings]) -> Words:
    """The same word over a wider choice, in an order of its own."""
    kept = dict(zip(words.among, words.chosen, strict=True))
    every = sorted({*kept, *more})
    return Words(tuple(every), tuple(kept.get(one, False) for one in every))


# ------------------------------------------------------------------------------------- constants


def decimal_of(value: Fraction) -> Decimal | int | None:
    """A number of the solver as the kernels of `values` take it: to eight places, whole ones whole."""
    if abs(value) >= LARGEST:
        return None
    if value.denominator == 1:
        return int(value)
    step = Decimal(1).scaleb(-PLACES)
    return _WIDE.divide(Decimal(value.numerator), Decimal(value.denominator)).quantize(step, context=_WIDE)


def end_of(value: Fraction, kind: str) -> Decimal | int | datetime.date | None:
    """A number of the solver as an end of a value; None where it is no day of the calendar."""
    if kind == "number":
        return decimal_of(value)
    day, part = divmod(value, 1)
    if not 1 <= day <= datetime.date.max.toordinal():
        return None
    found = datetime.date.fromordinal(int(day))
    if kind == "day":
        return found
    return datetime.datetime.combine(found, datetime.time.min) + datetime.timedelta(seconds=round(part * 86400))


def constant_of(span: Span, kind: str) -> Bounds | None:
    """The value that terms are, if they are constants."""
    if not isinstance(span.low_open, bool) or not isinstance(span.high_open, bool):
        return None
    ends = []
    for term, is_open_end in ((span.low, span.low_open), (span.high, span.high_open)):
        value = None if is_open_end else known(term)
        if value is None and not is_open_end:
            return None
        ends.append(None if value is None else end_of(value, kind))
    return Bounds(*ends)


def positive(spans: Iterable[Span]) -> Formula:
    """Every value is surely above 0."""
    return both(both((opposite(span.low_open), span.low > 0)) for span in spans)


def known_alike(a: Symbol, b: Symbol) -> Formula:
    """That two ordered values are exactly known and the same; of anything else nothing is asked."""
    if not isinstance(a, Span) or not isinstance(b, Span):
        return True
    closed = (opposite(is_open_end) for span in (a, b) for is_open_end in (span.low_open, span.high_open))
    return both((*closed, a.low == a.high, b.low == b.high, a.low == b.low))


def may_be_nought(span: Span) -> Formula:
    """0 lies between its ends: nothing is divided by it."""
    return both((either((span.low_open, span.low <= 0)), either((span.high_open, span.high >= 0))))


def nothing(span: Span) -> Formula:
    """Nothing at all is known."""
    return both((span.low_open, span.high_open))


def literal(value: Truth | Bounds | Codings | Span) -> Symbol:
    """A constant of the rule file; the day as of which all holds may be any day, a term as it is."""
    if isinstance(value, Span):
        return value
    if isinstance(value, Truth):
        return Rails(value is TRUE, value is FALSE)
    return constant(value) if isinstance(value, Bounds) else Words((value,), (bool(value),))


def kind_of(type: Type) -> str:
    """How the ends of values of a type are written."""
    return "day" if type.name == "Date" else "instant" if type.name == "DateTime" else "number"
