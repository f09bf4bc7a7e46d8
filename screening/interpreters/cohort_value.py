"""Ordered values in columns: bounds of two columns, or one column where a value is exact or not known at all.

Ends are columns, constants, or None where nobody's is known. Stored numbers compare as their decimals do; whatever
is calculated in doubles is only a filter, and a person near a limit is noted as odd, for the law to decide.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any, TypeAlias

import polars as pl

from screening.interpreters.cohort_truth import (
    Known,
    Plain,
    column,
    conjoined,
    disjoined,
    is_true,
    negated,
    of_planes,
)
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds
from screening.values.frozen import dataclass

End: TypeAlias = Any  # pl.Expr, a constant, or None
Doubt: TypeAlias = Callable[[str, Plain], None]
# SPEC: semantics 2.5, how near a calculated value may come to a limit before the law is asked.
NEAR = 1e-6
MOST_DIGITS = 15
NEAR_LIMIT = "a calculated number so near to a limit that doubles cannot tell"


@dataclass(frozen=True, slots=True)
class Ordered:
    """A number or a day, `low..high`; one plane where both are the same object.

    `scale` stands for a value of one plane that is not known. `computed` numbers are doubles near the exact ones.
    `born` is the day that an age in years on the day `on` comes from: its limits are then days.
    """

    low: End
    high: End
    computed: bool = False
    scale: Bounds = OPEN
    born: Ordered | None = None
    on: datetime.date | None = None

    @property
    def is_single(self) -> bool:
        return self.low is self.high and bounds.is_open(self.scale)

    @property
    def is_constant(self) -> bool:
        return not (isinstance(self.low, pl.Expr) or isinstance(self.high, pl.Expr)) and bounds.is_open(self.scale)

    @property
    def bounds(self) -> Bounds:
        """What a constant is worth."""
        return Bounds(self.low, self.high)


UNKNOWN = Ordered(None, None)


def single(end: End, computed: bool = False) -> Ordered:
    """A value that is exact, or not known."""
    return Ordered(end, end, computed)


def of_bounds(found: Bounds) -> Ordered:
    """A constant; one plane if it is exact."""
    low, high = found
    if low is not None and low == high:
        high = low
    digits = (len(Decimal(x).as_tuple().digits) for x in (low, high) if isinstance(x, int | Decimal))
    return Ordered(low, high, any(n > MOST_DIGITS for n in digits))


def spread(a: Ordered) -> Ordered:
    """The same with its scale written out as two planes."""
    if bounds.is_open(a.scale):
        return a
    low, high = (
        a.low if end is None else number(end) if a.low is None else a.low.fill_null(number(end)) for end in a.scale
    )
    return Ordered(low, high, a.computed)


def number(end: Any) -> Any:
    """A constant as the engine takes it."""
    if isinstance(end, Decimal):
        return int(end) if end == end.to_integral_value() and abs(end) < 2**53 else float(end)
    return end


def ends(a: Ordered) -> tuple[pl.Expr, pl.Expr]:
    """Both ends as columns; the scale is written out."""
    a = spread(a)
    low = end_column(a.low)
    return low, low if a.high is a.low else end_column(a.high)


def end_column(end: End) -> pl.Expr:
    """An end as a column."""
    return end if isinstance(end, pl.Expr) else pl.lit(number(end))


def is_exact(a: Ordered) -> Known:
    """Whether one single value is left."""
    a = spread(a)
    if a.is_constant:
        return bounds.is_exact(a.bounds)
    if a.low is None or a.high is None:
        return False
    if a.low is a.high:
        return end_column(a.low).is_not_null()
    return (end_column(a.low) == end_column(a.high)).fill_null(False)


def is_nothing(a: Ordered) -> Plain:
    """Whether nothing at all is known."""
    a = spread(a)
    low, high = (e.is_null() if isinstance(e, pl.Expr) else e is None for e in (a.low, a.high))
    found = low if a.low is a.high else conjoined((low, high))
    assert found is not None
    return found


# ------------------------------------------------------------------------------------ comparisons


def _below(a: End, b: End, strict: bool) -> Known:
    """One end against another; UNKNOWN where either is open."""
    if a is None or b is None:
        return None
    if isinstance(a, pl.Expr) or isinstance(b, pl.Expr):
        left, right = number(a), number(b)
        if isinstance(a, pl.Expr):
            found: pl.Expr = a < right if strict else a <= right
            return found
        other: pl.Expr = b > left if strict else b >= left
        return other
    answer: bool = a < b if strict else a <= b
    return answer


def _guard(a: Ordered, b: Ordered, pairs: tuple[tuple[End, End], ...], doubt: Doubt) -> None:
    if not (a.computed or b.computed):
        return
    for x, y in pairs:
        if x is not None and y is not None and (isinstance(x, pl.Expr) or isinstance(y, pl.Expr)):
            doubt(NEAR_LIMIT, near(end_column(x), end_column(y)))


def near(x: pl.Expr, y: pl.Expr) -> pl.Expr:
    """Whether two numbers are too near to be told apart in doubles."""
    return ((x - y).abs() <= NEAR * pl.max_horizontal(pl.lit(1.0), x.abs(), y.abs())).fill_null(False)


def _ordering(strict: bool) -> Callable[[Ordered, Ordered, Doubt], Known]:
    def compare(a: Ordered, b: Ordered, doubt: Doubt) -> Known:
        if a.is_constant and b.is_constant:
            return _constant_ordering(a.bounds, b.bounds, strict)
        for one, other in ((a, b), (b, a)):
            if one.born is not None and other.is_constant and other.low is not None and other.low == other.high:
                return _aged(one, other.low, strict, one is a, doubt)
        if a.low is a.high and b.low is b.high and not (bounds.is_open(a.scale) or bounds.is_open(b.scale)):
            a, b = spread(a), spread(b)
        if a.low is a.high and b.low is b.high:
            scaled, other = (a, b) if not bounds.is_open(a.scale) else (b, a)
            if bounds.is_open(scaled.scale) or other.is_constant:
                _guard(a, b, ((a.low, b.low),), doubt)
                found = _below(a.low, b.low, strict)
                if bounds.is_open(scaled.scale):
                    return found
                x, y = (scaled.scale, other.bounds) if scaled is a else (other.bounds, scaled.scale)
                settled = _constant_ordering(x, y, strict)
                if found is None:
                    return settled
                return found.fill_null(settled) if isinstance(found, pl.Expr) and settled is not None else found
        a, b = spread(a), spread(b)
        _guard(a, b, ((a.high, b.low), (a.low, b.high)), doubt)
        return of_planes(_below(a.high, b.low, strict), _below(b.high, a.low, not strict))

    return compare


def _constant_ordering(a: Bounds, b: Bounds, strict: bool) -> bool | None:
    if None not in (a.high, b.low) and (a.high < b.low or (not strict and a.high == b.low)):
        return True
    if None not in (a.low, b.high) and (a.low > b.high or (strict and a.low == b.high)):
        return False
    return None


less, at_most = _ordering(True), _ordering(False)


def _aged(age: Ordered, limit: Any, strict: bool, is_left: bool, doubt: Doubt) -> Known:
    """An age against a number of years: the day of birth against a day."""
    assert age.born is not None
    assert age.on is not None
    if is_left:  # age < limit, age <= limit: not yet as old as the next whole year
        years = math.ceil(limit) if strict else math.floor(limit) + 1
        return negated(at_most(age.born, _born_by(age.on, years), doubt))
    years = math.floor(limit) + 1 if strict else math.ceil(limit)
    return at_most(age.born, _born_by(age.on, years), doubt)


def _born_by(on: datetime.date, years: int) -> Ordered:
    """The last day of birth of who is at least so old; beyond the calendar nobody or everybody is."""
    year = on.year - years
    if not 1 <= year <= 9999:
        return of_bounds(bounds.exactly(datetime.date.min if year < 1 else datetime.date.max))
    try:
        return single(on.replace(year=year))
    except ValueError:  # 29 February
        return single(datetime.date(year, 2, 28))


def equal(a: Ordered, b: Ordered, doubt: Doubt) -> Known:
    """`=`: TRUE if both are exactly known and equal, FALSE if they cannot meet."""
    if a.is_single and b.is_single and not (a.born or b.born):
        if a.low is None or b.low is None:
            return None
        if a.is_constant and b.is_constant:
            return bool(a.low == b.low)
        _guard(a, b, ((a.low, b.low),), doubt)
        return end_column(a.low) == end_column(b.low)
    apart = disjoined((is_true(less(a, b, doubt)), is_true(less(b, a, doubt))))
    exact = conjoined((is_exact(a), is_exact(b)))
    return of_planes(is_true(conjoined((exact, negated(apart)))), is_true(apart))


COMPARISONS: dict[str, Callable[[Ordered, Ordered, Doubt], Known]] = {
    "<": less,
    "<=": at_most,
    ">": lambda a, b, doubt: less(b, a, doubt),
    ">=": lambda a, b, doubt: at_most(b, a, doubt),
    "=": equal,
    "!=": lambda a, b, doubt: negated(equal(a, b, doubt)),
}


def inside(
    x: Ordered, low: Ordered | None, high: Ordered | None, doubt: Doubt, closed: tuple[bool, bool] = (True, True)
) -> Known:
    """Whether a value lies between two others; None is no end on that side."""
    above = True if low is None else at_most(low, x, doubt) if closed[0] else less(low, x, doubt)
    below = True if high is None else at_most(x, high, doubt) if closed[1] else less(x, high, doubt)
    return conjoined((above, below))


def hull(condition: Known, a: Ordered, b: Ordered) -> Ordered:
    """`if` over ordered values: where the condition is open, the bounds that enclose both branches."""
    if isinstance(condition, bool):
        return a if condition else b
    a, b = spread(a), spread(b)
    computed = a.computed or b.computed
    (low_a, high_a), (low_b, high_b) = ends(a), ends(b)
    if a.is_constant and b.is_constant and condition is None:
        return of_bounds(bounds.hull(a.bounds, b.bounds))
    known = column(condition)
    low = pl.when(known).then(low_a).when(~known).then(low_b)
    high = pl.when(known).then(high_a).when(~known).then(high_b)
    least = pl.when(low_a.is_not_null() & low_b.is_not_null()).then(pl.min_horizontal(low_a, low_b))
    most = pl.when(high_a.is_not_null() & high_b.is_not_null()).then(pl.max_horizontal(high_a, high_b))
    return Ordered(low.otherwise(least), high.otherwise(most), computed)
