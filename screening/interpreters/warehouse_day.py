"""Days and instants in columns: shifts, windows, whole units between two days, ages.

What is constant (the as-of date, a length in a rule file) is folded with the very functions of the law.
"""

from __future__ import annotations

import datetime
from typing import Any

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_term import YES, Term
from screening.interpreters.warehouse_value import Doubt, Range, compare
from screening.values import calendar
from screening.values.bounds import Bounds

AMOUNT = "a length of time that is not constant"
FIRST, LAST = calendar.FIRST, calendar.LAST


def _constant(end: Term) -> Any:
    return end.extra


def _as_bounds(a: Range) -> Bounds | None:
    """The bounds that constant terms stand for."""
    if not (a.low.is_constant and a.high.is_constant):
        return None
    return Bounds(_constant(a.low), _constant(a.high))


def _literal(found: Bounds, kind: str) -> Range:
    return Range(t.literal(found.low, kind), t.literal(found.high, kind))


def shift(days: Range, amount: Range, unit: str, doubt: Doubt) -> Range:
    """`date + N units`; the length is a constant, or the person is left to the law."""
    whole = _as_bounds(amount)
    if whole is None:
        doubt(AMOUNT, t.disjunction(t.known(days.low), t.known(days.high)))
        return Range(t.null(days.kind), t.null(days.kind))
    folded = _as_bounds(days)
    if folded is not None:
        return _literal(calendar.shift(folded, whole, unit), days.kind)
    low, high = _moved(days.low, whole.low, unit), _moved(days.high, whole.high, unit)
    return Range(low, low if days.is_plane and whole.low == whole.high else high)


def _moved(day: Term, amount: Any, unit: str) -> Term:
    if amount is None or t.is_null(day):
        return t.null(day.type)
    number = max(-4_000_000, min(4_000_000, int(amount)))
    if number == 0:
        return day
    if day.is_constant:
        found = calendar.shift(Bounds(day.extra, day.extra), Bounds(number, number), unit)
        return t.literal(found.low, day.type)
    moved = t.plain("shift", day, extra=(number, unit))
    # Beyond the calendar there is no day.
    edge = calendar.shift(*_edge(day.type, number), unit).low
    if edge is None:
        return t.null(day.type)
    limit = t.literal(edge, day.type)
    inside = t.compared("le", day, limit) if number > 0 else t.compared("le", limit, day)
    return t.chosen(inside, moved, t.null(day.type))


def _edge(kind: str, number: int) -> tuple[Bounds, Bounds]:
    edge: Any = LAST if number > 0 else FIRST
    if kind == "time":
        edge = datetime.datetime.combine(edge, datetime.time.max if number > 0 else datetime.time.min)
    return Bounds(edge, edge), Bounds(-number, -number)


def day_of(a: Range) -> Range:
    """The days of an instant."""

    def day(end: Term) -> Term:
        if end.is_constant:
            return t.literal(None if end.extra is None else end.extra.date(), "date")
        return t.plain("day_of", end, type="date")

    low = day(a.low)
    return Range(low, low if a.is_plane else day(a.high))


def window(
    kind: str, inclusive: bool, amount: Range, unit: str, reference: Range, doubt: Doubt
) -> tuple[Range | None, Range | None]:
    """The first and the last day of a window, as `values.calendar.window` says; None is no end."""
    folded, length = _as_bounds(reference), _as_bounds(amount)
    if folded is not None and length is not None:
        ends = calendar.window(kind, inclusive, length, unit, folded)
        first, last = (None if end is None else _literal(end, reference.kind) for end in ends)
        return first, last
    one = Range(t.number(1), t.number(1))
    less_one = Range(t.number(-1), t.number(-1))
    back = Range(t.plain("negate", amount.high), t.plain("negate", amount.low))
    if length is not None:
        low, high = (t.literal(None if e is None else -e, amount.kind) for e in (length.high, length.low))
        back = Range(low, high)
    match kind:
        case "or less before":
            last = reference if inclusive else shift(reference, less_one, "days", doubt)
            return shift(reference, back, unit, doubt), last
        case "or more before":
            return None, shift(reference, back, unit, doubt)
        case "or less after":
            first = reference if inclusive else shift(reference, one, "days", doubt)
            return first, shift(reference, amount, unit, doubt)
        case "or more after":
            return shift(reference, amount, unit, doubt), None
    return shift(reference, back, unit, doubt), shift(reference, amount, unit, doubt)


def inside(
    x: Range,
    low: Range | None,
    high: Range | None,
    doubt: Doubt,
    low_closed: bool = True,
    high_closed: bool = True,
) -> Term:
    """Whether a value lies between two others; None is no end on that side."""
    above = YES if low is None else compare("<=" if low_closed else "<", low, x, doubt)
    below = YES if high is None else compare("<=" if high_closed else "<", x, high, doubt)
    return t.conjunction(above, below)


# ----------------------------------------------------------------------------------- whole units between two days


def duration(a: Range, b: Range, unit: str) -> Range:
    """`months between a and b`: the interval over all completions of both."""
    folded = _as_bounds(a), _as_bounds(b)
    if folded[0] is not None and folded[1] is not None:
        return _literal(calendar.duration(folded[0], folded[1], unit), "int")
    low = _completed(a.high, b.low, unit)
    return Range(low, low if a.is_plane and b.is_plane else _completed(a.low, b.high, unit))


def _completed(a: Term, b: Term, unit: str) -> Term:
    if unit in ("days", "weeks", "hours"):
        between = t.plain("hours_between" if unit == "hours" else "days_between", a, b, type="int")
        return t.plain("floor_over", between, type="int", extra=7) if unit == "weeks" else between
    if t.is_null(a) or t.is_null(b):
        return t.null("int")
    years = t.plain("minus", _part("year", b), _part("year", a))
    months = t.plain("minus", t.plain("plus", t.plain("times", years, t.number(12)), _part("month", b)),
                     _part("month", a))  # fmt: skip
    # The last month is not complete if its day is still to come, unless the month of `b` ends before it does.
    tomorrow = _moved(b, 1, "days")
    ends = t.negation(t.compared("eq", _part("month", tomorrow), _part("month", b)))
    early = t.conjunction(t.compared("lt", _part("day", b), _part("day", a)), t.negation(ends))
    whole = t.plain("minus", months, t.chosen(early, t.number(1), t.number(0)), type="int")
    return t.plain("floor_over", whole, type="int", extra=12) if unit == "years" else whole


def _part(name: str, day: Term) -> Term:
    if day.is_constant and day.extra is not None:
        return t.number(getattr(day.extra, name))
    return t.plain(name, day, type="int")


def age(born: Range, on: Range) -> Range:
    """Age in completed years on a day; nothing is known of who is born after it."""
    folded = _as_bounds(born), _as_bounds(on)
    if folded[0] is not None and folded[1] is not None:
        return _literal(calendar.age(folded[0], folded[1]), "int")
    if born.is_plane and on.is_plane:
        years = _years(born.low, on.low)
        later = t.surely(t.compared("lt", on.low, born.low))
        years = t.chosen(later, t.null("int"), years)
        return Range(years, years)
    later = t.surely(t.compared("lt", on.high, born.low))
    low = t.chosen(later, t.null("int"), _years(born.high, on.low))
    high = t.chosen(later, t.null("int"), _years(born.low, on.high))
    return Range(low, high)


def _years(born: Term, on: Term) -> Term:
    if t.is_null(born) or t.is_null(on):
        return t.null("int")
    difference = t.plain("minus", _part("year", on), _part("year", born))
    before = t.compared("lt", _in_year(on), _in_year(born))
    return t.plain("minus", difference, t.chosen(before, t.number(1), t.number(0)), type="int")


def _in_year(day: Term) -> Term:
    return t.plain("plus", t.plain("times", _part("month", day), t.number(100)), _part("day", day))


def ordinal(day: Term) -> Term:
    """A number that orders days: 20240229."""
    if t.is_null(day):
        return t.null("int")
    year = t.plain("times", _part("year", day), t.number(10_000))
    return t.plain("plus", year, _in_year(day))


__all__ = ["age", "day_of", "duration", "inside", "ordinal", "shift", "window"]
