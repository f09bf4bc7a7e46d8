"""Days in columns: windows beside a day, days moved by months, durations and ages.

Whatever is beside a constant day is a constant, worked out by the kernel of `values`.
"""

from __future__ import annotations

import datetime
from typing import Any

import polars as pl

from screening.interpreters.cohort_number import opposite
from screening.interpreters.cohort_value import UNKNOWN, Doubt, Ordered, end_column, ends, of_bounds, single
from screening.values import bounds, calendar
from screening.values.bounds import Bounds

CALENDAR = "a day moved by so much that it may leave the calendar, or by a number that is only partly known"
_SUFFIX = {"years": "y", "months": "mo", "weeks": "w", "days": "d", "hours": "h"}
_FIRST, _LAST = datetime.date(100, 1, 1), datetime.date(9900, 12, 31)


def shift(days: Ordered, amount: Ordered, unit: str, doubt: Doubt) -> Ordered:
    """`date + N months`: bound by bound, clamped to the month's end."""
    if days.is_constant and amount.is_constant:
        return of_bounds(calendar.shift(days.bounds, amount.bounds, unit))
    if amount.is_constant and bounds.is_open(amount.bounds):
        return UNKNOWN
    if days.is_single and amount.is_single:
        return single(_moved(days.low, amount.low, unit, doubt))
    return Ordered(_moved(days.low, amount.low, unit, doubt), _moved(days.high, amount.high, unit, doubt))


def _moved(day: Any, amount: Any, unit: str, doubt: Doubt) -> pl.Expr | None:
    if day is None or amount is None:
        return None
    column = end_column(day)
    safe = column.is_between(_FIRST, _LAST) if unit != "hours" else column.is_not_null()
    doubt(CALENDAR, (~safe).fill_null(False))
    inside = pl.when(safe).then(column)
    if isinstance(amount, pl.Expr):
        # INVARIANT: a computed amount is cut towards zero.
        whole = amount.cast(pl.Float64)
        doubt(CALENDAR, (whole.abs() > 1000).fill_null(False))
        cut = pl.when(whole.abs() <= 1000).then(whole).cast(pl.Int64)
        by: Any = pl.format("{}" + _SUFFIX[unit], cut)
    else:
        number = int(amount)
        if unit in ("days", "weeks") and abs(number) < 10_000:
            return inside + datetime.timedelta(days=number * (7 if unit == "weeks" else 1))
        if abs(number) > 90 * {"years": 1, "months": 12}.get(unit, 365):
            doubt(CALENDAR, column.is_not_null())
            return None
        by = f"{number}{_SUFFIX[unit]}"
    return inside.dt.offset_by(by)


def window(
    kind: str, inclusive: bool, amount: Ordered, unit: str, reference: Ordered, doubt: Doubt
) -> tuple[Ordered | None, Ordered | None]:
    """The first and the last day of a window beside a reference day; None is no end on that side."""
    if amount.is_constant and reference.is_constant:
        found = calendar.window(kind, inclusive, amount.bounds, unit, reference.bounds)
        first, last = (None if end is None else of_bounds(end) for end in found)
        return first, last
    back, one = opposite(amount), of_bounds(Bounds(1, 1))

    def moved(by: Ordered, of: str) -> Ordered:
        return shift(reference, by, of, doubt)

    match kind:
        case "or less before":
            return moved(back, unit), reference if inclusive else moved(opposite(one), "days")
        case "or more before":
            return None, moved(back, unit)
        case "or less after":
            return reference if inclusive else moved(one, "days"), moved(amount, unit)
        case "or more after":
            return moved(amount, unit), None
    return moved(back, unit), moved(amount, unit)


def day_of(instant: Ordered) -> Ordered:
    """The days of an instant."""
    if instant.is_constant:
        return of_bounds(calendar.day_of(instant.bounds))
    if instant.is_single:
        return single(instant.low.dt.date())
    low, high = ends(instant)
    return Ordered(low.cast(pl.Date), high.cast(pl.Date))


def duration(unit: str, a: Ordered, b: Ordered) -> Ordered:
    """`months between a and b`: falling in a and rising in b."""
    if a.is_constant and b.is_constant:
        return of_bounds(calendar.duration(a.bounds, b.bounds, unit))
    if (a.is_constant and bounds.is_open(a.bounds)) or (b.is_constant and bounds.is_open(b.bounds)):
        return UNKNOWN
    (low_a, high_a), (low_b, high_b) = ends(a), ends(b)
    low = _completed(high_a, low_b, unit)
    return single(low) if a.is_single and b.is_single else Ordered(low, _completed(low_a, high_b, unit))


def _completed(a: pl.Expr, b: pl.Expr, unit: str) -> pl.Expr:
    """The largest n with `a + n units <= b`."""
    if unit in ("hours", "days", "weeks"):
        length = {"hours": "h", "days": "d", "weeks": "d"}[unit]
        between = (
            (b - a).dt.total_hours() if length == "h" else (b.cast(pl.Date) - a.cast(pl.Date)).dt.total_days()
        )
        if unit == "hours":
            exact = (b - a).dt.total_seconds()
            return exact.floordiv(3600)
        return between.floordiv(7) if unit == "weeks" else between
    years = b.dt.year().cast(pl.Int64) - a.dt.year()
    day = pl.min_horizontal(a.dt.day().cast(pl.Int64), b.dt.days_in_month().cast(pl.Int64))
    is_early = day > b.dt.day()
    month_a, month_b = a.dt.month().cast(pl.Int64), b.dt.month().cast(pl.Int64)
    if unit == "months":
        return years * 12 + month_b - month_a - is_early.cast(pl.Int64)
    return years - ((month_b < month_a) | ((month_b == month_a) & is_early)).cast(pl.Int64)


def age(born: Ordered, on: Ordered, doubt: Doubt) -> Ordered:
    """Age in completed years; who is surely born later has none."""
    if born.is_constant and on.is_constant:
        return of_bounds(calendar.age(born.bounds, on.bounds))
    (low_b, high_b), (low_o, high_o) = ends(born), ends(on)
    later = (low_b > high_o).fill_null(False)
    planes = [pl.when(~later).then(x) for x in ((low_b,) if born.is_single else (low_b, high_b))]
    low_b, high_b = planes[0], planes[-1]
    if not (on.is_constant and on.is_single and isinstance(on.low, datetime.date)):
        return Ordered(_years(high_b, low_o), _years(low_b, high_o))
    since = single(low_b) if born.is_single else Ordered(low_b, high_b)
    low = _years(high_b, low_o)
    if born.is_single:
        return Ordered(low, low, born=since, on=on.low)
    return Ordered(low, _years(low_b, high_o), born=since, on=on.low)


def _years(born: pl.Expr, on: pl.Expr) -> pl.Expr:
    later = (on.dt.month() < born.dt.month()) | (
        (on.dt.month() == born.dt.month()) & (on.dt.day() < born.dt.day())
    )
    return on.dt.year().cast(pl.Int64) - born.dt.year() - later.cast(pl.Int64)
