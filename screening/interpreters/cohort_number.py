"""Arithmetic over bounds in columns: doubles near the exact decimals, rounded where the semantics round.

Constants are calculated by the kernel of `values`. What has no answer is open; what is too large for doubles to be
near the decimal is noted as odd.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal

import polars as pl

from screening.interpreters.cohort_truth import column, conjoined, is_true
from screening.interpreters.cohort_value import (
    NEAR,
    UNKNOWN,
    Doubt,
    Ordered,
    end_column,
    ends,
    is_exact,
    near,
    of_bounds,
    single,
    spread,
)
from screening.values import bounds
from screening.values.bounds import OPEN, PLACES, Bounds
from screening.values.quantity import convert, parse_unit

# Beyond it a double is too far from the decimal to be rounded to 8 places.
LARGEST = 1e9
TOO_LARGE = "a calculated number too large for doubles to be near it"
TIE = "a number so near to a tie of rounding that doubles cannot tell"
INFINITE = float("inf")
_CONSTANT: dict[str, Callable[[Bounds, Bounds], Bounds | None]] = {
    "+": bounds.add,
    "-": bounds.subtract,
    "*": bounds.multiply,
    "/": bounds.divide,
    "^": bounds.power,
}


def _made(low: pl.Expr, high: pl.Expr, doubt: Doubt, rounds: bool, computed: bool = True) -> Ordered:
    """The ends of a result, rounded, and noted where they are too large."""
    same = low is high
    planes = []
    for end in (low,) if same else (low, high):
        if computed:
            doubt(TOO_LARGE, (end.abs() > LARGEST).fill_null(False))
        planes.append(end.round(PLACES, mode="half_away_from_zero") if rounds else end)
    return Ordered(planes[0], planes[-1], computed) if not same else single(planes[0], computed)


def opposite(a: Ordered) -> Ordered:
    """`-a`."""
    a = spread(a)
    if a.is_constant:
        return of_bounds(bounds.opposite(a.bounds))
    low, high = ends(a)
    return single(-low, a.computed) if a.is_single else Ordered(-high, -low, a.computed)


def arithmetic(operator: str, a: Ordered, b: Ordered, is_whole: bool, doubt: Doubt) -> Ordered:
    """`+ - * / ^`; whole numbers are exact in doubles but for division and powers."""
    if a.is_constant and b.is_constant:
        return of_bounds(_CONSTANT[operator](a.bounds, b.bounds) or OPEN)
    a, b = spread(a), spread(b)
    match operator:
        case "+":
            return _sum(a, b, is_whole, doubt)
        case "-":
            return _sum(a, opposite(b), is_whole, doubt)
        case "*":
            return _product(a, b, not is_whole or a.computed or b.computed, doubt)
        case "/":
            return _quotient(a, b, doubt)
    return _power(a, b, doubt)


def _sum(a: Ordered, b: Ordered, is_whole: bool, doubt: Doubt) -> Ordered:
    if any(x.is_constant and bounds.is_open(x.bounds) for x in (a, b)):
        return UNKNOWN
    computed = a.computed or b.computed
    (low_a, high_a), (low_b, high_b) = ends(a), ends(b)
    planes = [low_a + low_b] if a.is_single and b.is_single else [low_a + low_b, high_a + high_b]
    if computed:
        # What cancels out may be 0, or what doubles have lost.
        for total, end in zip(planes, (low_a, high_a), strict=False):
            doubt(NEAR_ZERO, ((total == 0) & (end != 0)).fill_null(False))
    elif not is_whole:
        planes = [exact_sum(total, doubt) for total in planes]
    return _made(planes[0], planes[-1], doubt, False, computed)


def exact_sum(total: pl.Expr, doubt: Doubt) -> pl.Expr:
    """A sum of numbers of at most 8 decimals: the double next to it that is one too."""
    doubt(TOO_LARGE, (total.abs() > MOST_EXACT).fill_null(False))
    rounded_ = total.round(PLACES, mode="half_away_from_zero")
    # A number of more decimals (converted from another unit) leaves a rest behind.
    doubt(MANY_DECIMALS, ((total - rounded_).abs() > LEFT).fill_null(False))
    return rounded_


def exact_mean(total: pl.Expr, number: pl.Expr, doubt: Doubt) -> pl.Expr:
    """The mean of numbers of at most 8 decimals, rounded as the decimals are, out of their sum."""
    mean = exact_sum(total, doubt) / number
    scaled = mean.abs() * 10.0**PLACES
    doubt(TIE, (((scaled % 1.0) - 0.5).abs() <= TIE_WIDTH).fill_null(False))
    return mean.round(PLACES, mode="half_away_from_zero")


MOST_EXACT, LEFT = 1e5, 1e-10
# What the double of a number below `MOST_EXACT` may be off, counted in its 8th decimal.
TIE_WIDTH = 0.01
MANY_DECIMALS = "a sum of numbers of more than 8 decimals"


def _product(a: Ordered, b: Ordered, computed: bool, doubt: Doubt) -> Ordered:
    (low_a, high_a), (low_b, high_b) = ends(a), ends(b)
    if a.is_single and b.is_single:
        found = low_a * low_b
        if not (a.is_constant and a.low) and not (b.is_constant and b.low):
            # 0 times what is not known is 0.
            found = pl.when(((low_a == 0) | (low_b == 0)).fill_null(False)).then(0.0).otherwise(found)
        return _made(found, found, doubt, False, computed)
    numbers = [x.cast(pl.Float64) for x in (low_a, high_a, low_b, high_b)]
    filled = [x.fill_null(INFINITE if n % 2 else -INFINITE) for n, x in enumerate(numbers)]
    products = [(x * y).fill_nan(0.0) for x in filled[:2] for y in filled[2:]]
    low, high = pl.min_horizontal(products), pl.max_horizontal(products)
    return _made(_finite(low), _finite(high), doubt, False, computed)


def _finite(end: pl.Expr) -> pl.Expr:
    return pl.when(end.is_finite()).then(end)


def _quotient(a: Ordered, b: Ordered, doubt: Doubt) -> Ordered:
    (low_a, high_a), (low_b, high_b) = ends(a), ends(b)
    if b.computed:
        # Whether it is 0 is for the law to say.
        for end in (low_b, high_b):
            doubt(NEAR_ZERO, near_zero(end))
    if a.is_single and b.is_single:
        found = pl.when(low_b != 0).then(low_a / low_b)
        return _made(found, found, doubt, True)
    positive, negative = (low_b > 0).fill_null(False), (high_b < 0).fill_null(False)
    x, y = pl.when(negative).then(-high_a).otherwise(low_a), pl.when(negative).then(-low_a).otherwise(high_a)
    least, most = (
        pl.when(negative).then(-high_b).otherwise(low_b),
        pl.when(negative).then(-low_b).otherwise(high_b),
    )
    sure = positive | negative
    tends = [pl.when(most.is_null()).then(0.0).otherwise(end / most) for end in (x, y)]
    low = pl.when(sure & x.is_not_null()).then(pl.min_horizontal(x / least, tends[0]))
    high = pl.when(sure & y.is_not_null()).then(pl.max_horizontal(y / least, tends[1]))
    return _made(low, high, doubt, True)


NEAR_ZERO = "a calculated divisor or argument so near to 0 that doubles cannot tell"


def near_zero(end: pl.Expr) -> pl.Expr:
    """Whether a number may be 0, or on its other side, though its double is not."""
    return ((end != 0) & (end.abs() <= NEAR)).fill_null(False)


def _power(a: Ordered, n: Ordered, doubt: Doubt) -> Ordered:
    low, high = (x.cast(pl.Float64) for x in ends(a))
    if a.computed:
        for end in (low, high):
            doubt(NEAR_ZERO, near_zero(end))
    if n.is_constant and n.low is not None and n.low == n.high:
        return _constant_power(a, low, high, Decimal(n.low), doubt)
    less, most = (x.cast(pl.Float64) for x in ends(n))
    # INVARIANT: of a base that is not surely above 0 the law says what a varying power of it is.
    known = low.is_not_null() & high.is_not_null() & less.is_not_null() & most.is_not_null()
    doubt(NEAR_ZERO, known & (low <= 0))
    corners = [x**y for x in (low, high) for y in (less, most)]
    sure = known & (low > 0)
    return _made(
        pl.when(sure).then(pl.min_horizontal(corners)), pl.when(sure).then(pl.max_horizontal(corners)), doubt, True
    )


def _constant_power(a: Ordered, low: pl.Expr, high: pl.Expr, n: Decimal, doubt: Doubt) -> Ordered:
    whole, power = n == int(n) and abs(n) <= 1000, float(n)
    if n == 0:
        return of_bounds(bounds.exactly(Decimal(1)))
    known = low.is_not_null() & high.is_not_null()
    allowed = known if whole else known & (low >= 0)
    if n < 0:
        allowed = allowed & ((low > 0) | (high < 0))
    if a.is_single and not (whole and n > 0 and n % 2 == 0):
        found = pl.when(allowed).then(low**power)
        return _made(found, found, doubt, True)
    corners = [low**power, high**power]
    least, most = pl.min_horizontal(corners), pl.max_horizontal(corners)
    if n > 0:
        crossing = (low < 0) & (high > 0)
        least, most = _with_zero(crossing, least, pl.min_horizontal), _with_zero(crossing, most, pl.max_horizontal)
    least, most = pl.when(allowed).then(least), pl.when(allowed).then(most)
    if whole and n > 0 and n % 2 == 0:
        nearest = pl.when(low >= 0).then(low).when(high <= 0).then(-high).otherwise(0.0)
        least = least.otherwise(nearest**power)
    elif whole and n > 0:
        least, most = least.otherwise(corners[0]), most.otherwise(corners[1])
    return _made(least, most, doubt, True)


def _with_zero(crossing: pl.Expr, corner: pl.Expr, taken: Callable[..., pl.Expr]) -> pl.Expr:
    return pl.when(crossing).then(taken(corner, pl.lit(0.0))).otherwise(corner)


# -------------------------------------------------------------------------------------- functions


def of_one(name: str, a: Ordered, doubt: Doubt) -> Ordered:
    """`Ln Exp Sqrt Abs`."""
    if a.is_constant:
        kernel: Callable[[Bounds], Bounds | None] = {
            "Ln": bounds.logarithm,
            "Exp": bounds.exponential,
            "Sqrt": bounds.square_root,
            "Abs": bounds.absolute,
        }[name]
        return of_bounds(kernel(a.bounds) or OPEN)
    a = spread(a)
    low, high = ends(a)
    if name == "Abs":
        size = pl.when(low >= 0).then(low).when(high <= 0).then(-high).otherwise(0)
        most = pl.when(low >= 0).then(high).when(high <= 0).then(-low)
        both = pl.when(low.is_not_null() & high.is_not_null()).then(pl.max_horizontal(-low, high))
        return Ordered(size, most.otherwise(both), a.computed)
    low, high = low.cast(pl.Float64), high.cast(pl.Float64)
    if name == "Exp":
        ceiling = pl.when(high <= 100).then(high.exp())
        return _made(low.clip(-200, 100).exp().fill_null(0.0), ceiling, doubt, True)
    if a.computed:
        doubt(NEAR_ZERO, near_zero(low))
    allowed = low > 0 if name == "Ln" else low >= 0
    made = [pl.when(allowed).then(x.log() if name == "Ln" else x.sqrt()) for x in (low, high)]
    return _made(made[0], made[0] if a.is_single else made[1], doubt, True)


ALIKE = "measurements of one thing that are too near to be told apart"


def of_many(name: str, items: Sequence[Ordered], is_whole: bool, doubt: Doubt) -> Ordered:
    """`Min Max Sum Mean`; no missing value is skipped."""
    if all(item.is_constant for item in items):
        kernels: dict[str, Callable[[list[Bounds]], Bounds]] = {
            "Min": bounds.least,
            "Max": bounds.greatest,
            "Sum": bounds.total,
            "Mean": bounds.mean,
        }
        return of_bounds(kernels[name]([item.bounds for item in items]))
    if name in ("Sum", "Mean"):
        total = items[0]
        for item in items[1:]:
            total = arithmetic("+", total, item, is_whole, doubt)
        if name == "Sum":
            return total
        return arithmetic("/", total, of_bounds(bounds.exactly(len(items))), False, doubt)
    pairs = [ends(item) for item in items]
    computed = any(item.computed for item in items)
    lows, highs = [low for low, _ in pairs], [high for _, high in pairs]
    if name == "Min":
        low = pl.when(pl.all_horizontal([x.is_not_null() for x in lows])).then(pl.min_horizontal(lows))
        return Ordered(low, pl.min_horizontal(highs), computed)
    high = pl.when(pl.all_horizontal([x.is_not_null() for x in highs])).then(pl.max_horizontal(highs))
    return Ordered(pl.max_horizontal(lows), high, computed)


def agreed(items: Sequence[Ordered], doubt: Doubt) -> tuple[Ordered, pl.Expr | bool]:
    """What several measurements of one thing have in common, and whether they contradict each other."""
    if all(item.is_constant for item in items):
        found: Bounds | None = items[0].bounds
        for item in items[1:]:
            found = found and bounds.intersect(found, item.bounds)
        return of_bounds(found or OPEN), found is None
    pairs = [ends(item) for item in items]
    low, high = pl.max_horizontal([low for low, _ in pairs]), pl.min_horizontal([high for _, high in pairs])
    computed = any(item.computed for item in items)
    for n, (one, item) in enumerate(zip(pairs, items, strict=True)):
        for other, another in zip(pairs[:n], items[:n], strict=True):
            if item.computed or another.computed:
                doubt(ALIKE, near(one[0], other[1]) | near(other[0], one[1]))
    conflict = (low > high).fill_null(False)
    if all(spread(item).is_single for item in items):
        return single(pl.when(~conflict).then(low), computed), conflict
    return Ordered(pl.when(~conflict).then(low), pl.when(~conflict).then(high), computed), conflict


def rounded(a: Ordered, places: Ordered, doubt: Doubt) -> Ordered:
    """`Round(x, n)`: half away from zero; open while the number of places is."""
    if not places.is_constant:
        doubt(TIE, is_exact(places))  # type: ignore[arg-type]
        return UNKNOWN
    if not bounds.is_exact(places.bounds):
        return UNKNOWN
    n = int(places.low)
    if a.is_constant:
        return of_bounds(bounds.to_places(a.bounds, n))
    a = spread(a)
    made = []
    for end in ends(a)[: 1 if a.is_single else 2]:
        scaled = end.cast(pl.Float64) * 10.0**n
        doubt(TIE, (((scaled.abs() % 1.0) - 0.5).abs() <= NEAR).fill_null(False))
        doubt(TOO_LARGE, (end.abs() > LARGEST).fill_null(False))
        made.append((scaled.abs() + 0.5).floor() * scaled.sign() / 10.0**n)
    return Ordered(made[0], made[-1]) if len(made) > 1 else single(made[0])


def holding(truths: Sequence[object]) -> Ordered:
    """How many of several statements hold: those that do to those that may."""
    columns = [column(truth) for truth in truths]  # type: ignore[arg-type]
    low = pl.sum_horizontal([x.fill_null(False).cast(pl.Int64) for x in columns])
    high = pl.sum_horizontal([x.fill_null(True).cast(pl.Int64) for x in columns])
    return Ordered(low, high)


def converted(a: Ordered, source: str, target: str) -> Ordered:
    """A quantity in another unit of its dimension."""
    old, new = parse_unit(source), parse_unit(target)
    a = spread(a)
    if a.is_constant:
        low, high = (None if x is None else convert(x, old, new) for x in a.bounds)
        return of_bounds(Bounds(low, high))
    factor, offset = float(old.factor / new.factor), float((old.offset - new.offset) / new.factor)
    made = [end_column(x) * factor + offset for x in ((a.low,) if a.is_single else (a.low, a.high))]
    return Ordered(made[0], made[-1], True) if len(made) > 1 else single(made[0], True)


def within(a: Ordered, scale: Bounds) -> Ordered:
    """A partly known value in its declared scale; one that lies outside it stays as it is."""
    if bounds.is_open(scale) or (a.low is a.high and not isinstance(a.low, pl.Expr) and a.low is not None):
        return a
    low, high = ends(a)
    least = low if scale.low is None else pl.max_horizontal(low, end_column(scale.low))
    most = high if scale.high is None else pl.min_horizontal(high, end_column(scale.high))
    fits = is_true(conjoined(((least <= most).fill_null(True),)))
    assert isinstance(fits, pl.Expr)
    return Ordered(pl.when(fits).then(least).otherwise(low), pl.when(fits).then(most).otherwise(high), a.computed)
