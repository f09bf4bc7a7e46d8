"""What is known of an ordered value: `low..high`, both ends in, either may be open.

Numbers are whole numbers or decimals, never floats; days are `datetime.date`, instants
`datetime.datetime`. An end that is None is open. The six comparisons and all arithmetic are
those of section 2 of the semantics: sums, differences and products exact, the rest rounded at
the node, half away from zero, to 8 decimals.
"""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth, negate

Number = int | Decimal
End = int | Decimal | datetime.date | None

PLACES = 8
STEP = Decimal(1).scaleb(-PLACES)
# INVARIANT: no end of a bounded number is as large as this; a larger one is open. It keeps exact
# sums and products of measured values short, and 10^400 from being a way to stop the program.
LARGEST = Decimal(10) ** 30

_EXACT = decimal.Context(prec=400, Emax=999999, Emin=-999999, traps=[decimal.Inexact, decimal.InvalidOperation])
_WIDE = decimal.Context(prec=80, Emax=999999, Emin=-999999, traps=[decimal.InvalidOperation])
# A number has at most 30 whole digits: with so many decimals more it is still exact in `_WIDE`.
_MOST_PLACES = 50


class Bounds(NamedTuple):
    """An ordered value known to lie between `low` and `high`, both ends in; None is an open end.

    >>> Bounds(6, 7)
    Bounds(low=6, high=7)
    """

    low: Any
    high: Any


OPEN = Bounds(None, None)
ZERO = Bounds(0, 0)


def exactly(value: Any) -> Bounds:
    """An exactly known value."""
    return Bounds(value, value)


def is_exact(a: Bounds) -> bool:
    """Whether one single value is left."""
    return a.low is not None and a.low == a.high


def is_open(a: Bounds) -> bool:
    """Whether nothing at all is known."""
    return a.low is None and a.high is None


def recorded(value: Decimal) -> Bounds:
    """A number as written in a record: one with more than 8 decimals lies between its neighbours.

    >>> recorded(Decimal("24.877689063800039"))
    Bounds(low=Decimal('24.87768906'), high=Decimal('24.87768907'))
    """
    # SPEC: semantics 2.1, measured values printed with float noise.
    exponent = value.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PLACES:
        return Bounds(
            value.quantize(STEP, ROUND_FLOOR, _WIDE),
            value.quantize(STEP, ROUND_CEILING, _WIDE),
        )
    return exactly(value)


def hull(a: Bounds, b: Bounds) -> Bounds:
    """The narrowest bounds that enclose both."""
    low = None if a.low is None or b.low is None else min(a.low, b.low)
    high = None if a.high is None or b.high is None else max(a.high, b.high)
    return Bounds(low, high)


def intersect(a: Bounds, b: Bounds) -> Bounds | None:
    """What both say at once; None if they contradict each other."""
    low, high = a
    least, most = b
    if least is not None and (low is None or low < least):
        low = least
    if most is not None and (high is None or most < high):
        high = most
    if low is not None and high is not None and low > high:
        return None
    return Bounds(low, high)


# ------------------------------------------------------------------------------- comparisons


def less(a: Bounds, b: Bounds) -> Truth:
    """`a < b`, bound against bound.

    >>> less(Bounds(1, 2), Bounds(3, 5)).name
    'TRUE'
    """
    high, low = a.high, b.low
    if high is not None and low is not None and high < low:
        return TRUE
    low, high = a.low, b.high
    return FALSE if low is not None and high is not None and low >= high else UNKNOWN


def at_most(a: Bounds, b: Bounds) -> Truth:
    """`a <= b`, bound against bound."""
    high, low = a.high, b.low
    if high is not None and low is not None and high <= low:
        return TRUE
    low, high = a.low, b.high
    return FALSE if low is not None and high is not None and low > high else UNKNOWN


def equal(a: Bounds, b: Bounds) -> Truth:
    """`a = b`: TRUE if both are exactly known and equal, FALSE if they cannot meet."""
    if intersect(a, b) is None:
        return FALSE
    return TRUE if is_exact(a) and is_exact(b) else UNKNOWN


COMPARISONS: dict[str, Callable[[Bounds, Bounds], Truth]] = {
    "<": less,
    "<=": at_most,
    ">": lambda a, b: less(b, a),
    ">=": lambda a, b: at_most(b, a),
    "=": equal,
    "!=": lambda a, b: negate(equal(a, b)),
}


# -------------------------------------------------------------------------------- arithmetic


def _end(value: Decimal | int | None) -> Decimal | int | None:
    return None if value is None or not -LARGEST < value < LARGEST else value


def _sum(a: Number | None, b: Number | None) -> Number | None:
    return None if a is None or b is None else _end(_EXACT.add(a, b))


def opposite(a: Bounds) -> Bounds:
    """`-a`."""
    return Bounds(None if a.high is None else _EXACT.minus(a.high), None if a.low is None else _EXACT.minus(a.low))


def add(a: Bounds, b: Bounds) -> Bounds:
    """`a + b`, exact."""
    return Bounds(_sum(a.low, b.low), _sum(a.high, b.high))


def subtract(a: Bounds, b: Bounds) -> Bounds:
    """`a - b`, exact; one value is not tracked against itself, so x - x may be -1..1."""
    return add(a, opposite(b))


def multiply(a: Bounds, b: Bounds) -> Bounds:
    """`a * b`, exact: the least and greatest of the four products, 0 times an open end being 0."""
    if is_exact(a) and is_exact(b):
        return exactly(_end(_EXACT.multiply(a.low, b.low)))
    infinite = Decimal("Infinity")
    ends = [
        Decimal(0) if x == 0 or y == 0 else _EXACT.multiply(x, y)
        for x in (-infinite if a.low is None else a.low, infinite if a.high is None else a.high)
        for y in (-infinite if b.low is None else b.low, infinite if b.high is None else b.high)
    ]
    return Bounds(_end(min(ends)), _end(max(ends)))


def rounded(value: Decimal, places: int = PLACES) -> Decimal:
    """Half away from zero, to so many decimals."""
    if not -_MOST_PLACES <= places <= _MOST_PLACES:
        decimals = -int(value.as_tuple().exponent)
        if places >= decimals:
            return value
        places = max(places, -_MOST_PLACES)
    step = Decimal(1).scaleb(-places)
    found = value.quantize(step, ROUND_HALF_UP, _WIDE).normalize(_WIDE)
    return found if found else Decimal(0)


def _quotient(a: Number | None, b: Number | None) -> Decimal | None:
    """One of the four quotients of interval division; a finite number over an open end tends to 0."""
    if a is None:
        return None
    if b is None:
        return Decimal(0)
    return _WIDE.divide(a, b)


def divide(a: Bounds, b: Bounds) -> Bounds | None:
    """`a / b`, rounded to 8 decimals; None if the divisor may be 0."""
    if b.low is None or b.high is None:
        positive = b.low is not None and b.low > 0
        negative = b.high is not None and b.high < 0
        if not (positive or negative):
            return None
    elif b.low <= 0 <= b.high:
        return None
    if is_exact(a) and is_exact(b):
        return exactly(_end(rounded(_WIDE.divide(a.low, b.low))))
    inverse_sign_negative = b.high is not None and b.high < 0
    if inverse_sign_negative:
        a, b = opposite(a), opposite(b)
    # INVARIANT: b is positive from here on; an open upper end of b sends the quotient to 0.
    low = None if a.low is None else min(_known(_quotient(a.low, b.low)), _known(_quotient(a.low, b.high)))
    high = None if a.high is None else max(_known(_quotient(a.high, b.low)), _known(_quotient(a.high, b.high)))
    return Bounds(
        None if low is None else _end(rounded(low)),
        None if high is None else _end(rounded(high)),
    )


def _known(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


def _monotone(function: Callable[[Decimal], Decimal], a: Bounds) -> Bounds:
    ends = [None if end is None else _end(rounded(function(Decimal(end)))) for end in a]
    return Bounds(ends[0], ends[1])


def logarithm(a: Bounds) -> Bounds | None:
    """`Ln(a)`, to 8 decimals; None as soon as the argument may be 0 or less."""
    if a.low is None or a.low <= 0:
        return None
    return _monotone(_WIDE.ln, a)


def exponential(a: Bounds) -> Bounds:
    """`Exp(a)`, to 8 decimals; an end beyond the largest number is open, below all is 0."""

    def grow(x: Decimal) -> Decimal:
        return LARGEST if x > 100 else Decimal(0) if x < -100 else _WIDE.exp(x)

    low = Decimal(0) if a.low is None else _monotone(grow, exactly(a.low)).low
    high = None if a.high is None else _monotone(grow, exactly(a.high)).high
    return Bounds(low, high)


def square_root(a: Bounds) -> Bounds | None:
    """`Sqrt(a)`, to 8 decimals; None if the argument may be negative."""
    if a.low is None or a.low < 0:
        return None
    return _monotone(_WIDE.sqrt, a)


def absolute(a: Bounds) -> Bounds:
    """`Abs(a)`."""
    if a.low is not None and a.low >= 0:
        return a
    if a.high is not None and a.high <= 0:
        return opposite(a)
    flipped = opposite(a)
    high = None if a.high is None or flipped.high is None else max(a.high, flipped.high)
    return Bounds(0, high)


def to_places(a: Bounds, places: int) -> Bounds:
    """`Round(a, n)`: both bounds, half away from zero."""
    ends = [None if end is None else _end(rounded(Decimal(end), places)) for end in a]
    return Bounds(ends[0], ends[1])


def _raise(base: Decimal, exponent: Decimal) -> Decimal:
    """One corner of a power; a corner too large to hold is the largest number, too small is 0."""
    if base == 0:
        return Decimal(1) if exponent == 0 else Decimal(0)
    # A logarithm takes long: it is asked only of a power whose number of digits does not tell its size.
    if abs(exponent) * (abs(base.adjusted()) + 1) > 40:
        size = _WIDE.multiply(exponent, _WIDE.ln(abs(base)))
        if size > 100:
            return LARGEST if base > 0 or exponent % 2 == 0 else -LARGEST
        if size < -100:
            return Decimal(0)
    return _WIDE.power(base, exponent)


def power(a: Bounds, n: Bounds) -> Bounds | None:
    """`a ^ n` over the bounds, to 8 decimals.

    None if the base may be negative and the exponent is not one exact whole number, or if 0 may
    be raised to a negative power.
    """
    low, high = a
    may_be_negative = low is None or low < 0
    whole = is_exact(n) and n.low == int(n.low) and abs(n.low) <= 1000
    if may_be_negative and not whole:
        return None
    if (low is None or low <= 0) and (high is None or high >= 0) and (n.low is None or n.low < 0):
        return None
    if n.low is None or n.high is None:
        return None
    if low is None or high is None:
        return _open_power(a, n) if whole and n.low >= 0 else None
    # Of an exact base and exponent all four corners are one.
    corners = [_raise(Decimal(x), Decimal(y)) for x in {low, high} for y in {n.low, n.high}]
    if low < 0 < high:
        corners.append(_raise(Decimal(0), Decimal(n.low)))
    return Bounds(_end(rounded(min(corners))), _end(rounded(max(corners))))


def _open_power(a: Bounds, n: Bounds) -> Bounds:
    """A whole power, 0 or more, of a base with an open end."""
    if n.low == 0:
        return exactly(Decimal(1))
    if n.low % 2 == 0:
        low = absolute(a).low
        return Bounds(_end(rounded(_raise(Decimal(low), Decimal(n.low)))), None)
    ends = [None if x is None else _end(rounded(_raise(Decimal(x), Decimal(n.low)))) for x in a]
    return Bounds(ends[0], ends[1])


def least(items: Sequence[Bounds]) -> Bounds:
    """`Min`: the least of several partly known values."""
    highs = [i.high for i in items if i.high is not None]
    low = None if any(i.low is None for i in items) else min(i.low for i in items)
    return Bounds(low, min(highs) if highs else None)


def greatest(items: Sequence[Bounds]) -> Bounds:
    """`Max`: the greatest of several partly known values."""
    lows = [i.low for i in items if i.low is not None]
    high = None if any(i.high is None for i in items) else max(i.high for i in items)
    return Bounds(max(lows) if lows else None, high)


def total(items: Sequence[Bounds]) -> Bounds:
    """`Sum`: exact; one missing value leaves it open, none is skipped."""
    found = ZERO
    for item in items:
        found = add(found, item)
    return found


def mean(items: Sequence[Bounds]) -> Bounds:
    """`Mean`: rounded once, to 8 decimals; one missing value leaves it open, none is skipped."""
    quotient = divide(total(items), exactly(len(items)))
    assert quotient is not None
    return quotient
