"""Between which numbers something holds that holds for one of them: the limits on either side, found exactly.

Numbers have at most 8 decimals (semantics 2.1), so that a limit lies between two neighbours; a limit is looked for
between a number for which it holds and one for which it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from screening.outcome.completion import Completion
from screening.outcome.near import Limit
from screening.record.subject import Evidence
from screening.values.bounds import STEP, Bounds, exactly, is_exact

Fits = Callable[[Decimal], bool]


def number_of(rows: Sequence[Evidence]) -> Decimal | None:
    """The number that the last of some readings says; None if it says none, or no single one."""
    value = rows[-1].value if rows else None
    if not isinstance(value, Bounds) or not is_exact(value) or not isinstance(value.low, int | Decimal):
        return None
    return Decimal(value.low)


def with_number(answer: Completion, number: Decimal) -> Completion:
    """The same answer with another number in each of its readings."""

    def moved(row: Evidence) -> Evidence:
        whole = isinstance(row.value, Bounds) and isinstance(row.value.low, int)
        return replace(row, value=exactly(int(number) if whole else number))

    return replace(answer, said=str(number), rows=tuple(map(moved, answer.rows)))


def bounding(number: Decimal, tried: Mapping[Decimal, bool], is_whole: bool, fits: Fits) -> tuple[Limit, ...]:
    """The limits about a number between which something holds; none on a side where it always does.

    `tried` has a number of every stretch on which nothing changes, and whether it holds there. Beyond a limit it
    does not hold; it may again further on.
    """
    step = Decimal(1) if is_whole else STEP
    found = []
    for sign in (-1, 1):
        beyond = sorted((n for n in tried if (n - number) * sign > 0), key=lambda n: abs(n - number))
        outside = next((n for n in beyond if not tried[n]), None)
        if outside is None:
            continue
        inside = max(
            (n for n in beyond if abs(n - number) < abs(outside - number)),
            key=lambda n: abs(n - number),
            default=number,
        )
        while abs(outside - inside) > step:
            middle = inside + ((outside - inside) / 2 / step).to_integral_value() * step
            if fits(middle):
                inside = middle
            else:
                outside = middle
        found.append(_limit(inside, sign, step))
    return tuple(found)


def is_inside(number: Decimal, limit: Limit) -> bool:
    """Whether a number lies where a limit says that it would have to."""
    match limit.operator:
        case "<":
            return number < limit.value
        case "<=":
            return number <= limit.value
        case ">":
            return number > limit.value
    return number >= limit.value


def is_between(limit: Limit, number: Decimal, now: Decimal) -> bool:
    """Whether a limit is what keeps a number from what is recorded now."""
    return is_inside(number, limit) and not is_inside(now, limit)


def nearest_to(now: Decimal, limits: Sequence[Limit], is_whole: bool) -> Decimal:
    """The number within limits that is nearest to what is recorded now."""
    step = Decimal(1) if is_whole else STEP
    for limit in limits:
        if not is_inside(now, limit):
            strict = {"<": -step, ">": step}.get(limit.operator, Decimal(0))
            return limit.value + strict
    return now


def _limit(last: Decimal, sign: int, step: Decimal) -> Limit:
    """A limit as it would be written: at a number, or short of the next one where that has fewer decimals."""
    beyond = last + sign * step
    if step != 1 and _places(beyond) < _places(last):
        return Limit("<" if sign > 0 else ">", beyond)
    return Limit("<=" if sign > 0 else ">=", last)


def _places(number: Decimal) -> int:
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
