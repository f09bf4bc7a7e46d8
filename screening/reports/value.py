"""Values as people read them: numbers as recorded, everyday units, days as far as they are known.

No number is rounded so that it would reach or cross a limit: 159.6 never prints as 160.
"""

from __future__ import annotations

import calendar
import datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from screening.language.types import Type
from screening.outcome.codec import number_text
from screening.record.subject import Evidence, SetAside, Value
from screening.reports.words import safe
from screening.values.bounds import Bounds, is_exact, is_open
from screening.values.coding import Code
from screening.values.quantity import everyday
from screening.values.truth import Truth

_ONE_MONTH_FROM = 28
_TRUTHS = {"TRUE": "yes", "FALSE": "no", "UNKNOWN": "unknown"}


def day_text(when: Bounds) -> str:
    """A day as far as it is known; "" if nothing is.

    >>> day_text(Bounds(datetime.date(2024, 3, 1), datetime.date(2024, 3, 31)))
    '2024-03, day not known'
    """
    low, high = (_day(end) for end in when)
    if low is None:
        return "" if high is None else f"up to {high.isoformat()}"
    if high is None:
        return f"from {low.isoformat()} on"
    if low == high:
        return low.isoformat()
    whole_months = low.day == 1 and high.day == calendar.monthrange(high.year, high.month)[1]
    if whole_months and low.year == high.year:
        if low.month == high.month:
            return f"{low.year:04d}-{low.month:02d}, day not known"
        if (low.month, high.month) == (1, 12):
            return f"{low.year:04d}, month not known"
    return f"{low.isoformat()} to {high.isoformat()}"


def instant_text(when: Bounds) -> str:
    """An instant by day and clock time, as far as it is known; what lies within whole days, by its days.

    >>> at = datetime.datetime(2026, 11, 24, 5, 30)
    >>> instant_text(Bounds(at, at))
    '2026-11-24 05:30'
    """
    low, high = when
    if low is not None and low == high:
        return _clock(low)
    begins = low is None or low.time() == datetime.time.min
    ends = high is None or high.time() == datetime.time(23, 59, 59)
    if begins and ends:
        return day_text(when)
    if low is None:
        return f"up to {_clock(high)}"
    return f"from {_clock(low)} on" if high is None else f"{_clock(low)} to {_clock(high)}"


def _clock(instant: datetime.datetime) -> str:
    """Day and clock time, the seconds only where there are any."""
    return instant.isoformat(" ", "seconds" if instant.second else "minutes")


def _day(end: Any) -> datetime.date | None:
    return end.date() if isinstance(end, datetime.datetime) else end


def one_day(when: Bounds) -> datetime.date | None:
    """The day, if exactly one is known."""
    low, high = (_day(end) for end in when)
    return low if low is not None and low == high else None


def unit_of(type: Type) -> str:
    """The everyday name of a type's unit; "" for a pure number."""
    return everyday(type.unit) if type.name == "Quantity" and type.unit else ""


def with_unit(number: str, unit: str) -> str:
    """A number and its unit; a percent sign follows after a space, as all units do."""
    return f"{number} {unit}" if number and unit else number


def decimals(value: Any) -> int:
    """How many decimals a number is written with."""
    if not isinstance(value, Decimal):
        return 0
    text = number_text(value)
    return len(text.partition(".")[2])


def _rounded(value: Any, places: int, limits: tuple[Any, ...]) -> str:
    """A computed number to so many decimals, with more wherever it would reach or cross a limit."""
    if not isinstance(value, Decimal) or decimals(value) <= places:
        return number_text(value)
    for digits in range(places, decimals(value)):
        near = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        if all((near > limit) - (near < limit) == (value > limit) - (value < limit) for limit in limits):
            return number_text(near)
    return number_text(value)


def number(value: Bounds, places: int | None = None, limits: tuple[Any, ...] = ()) -> str:
    """A number or the bounds it lies in; `places` rounds a computed one.

    >>> number(Bounds(5, 8)), number(Bounds(Decimal("159.96"), Decimal("159.96")), 1, (160,))
    ('5..8', '159.96')
    """
    ends = [
        None if end is None else number_text(end) if places is None else _rounded(end, places, limits)
        for end in value
    ]
    if ends[0] is None:
        return "unknown" if ends[1] is None else f"at most {ends[1]}"
    if ends[1] is None:
        return f"{ends[0]} or more"
    return ends[0] if ends[0] == ends[1] and is_exact(value) else f"{ends[0]}..{ends[1]}"


def code_text(code: Code) -> str:
    """A code with its system, or a plain word as it is."""
    return safe(f"{code.system} {code.code}" if code.system else code.code)


def value_text(value: Value | SetAside | None, type: Type) -> str:
    """A value with its unit, as it stands in the library."""
    match value:
        case None:
            return "unknown"
        case SetAside(why):
            return f"set aside: {safe(why)}"
        case Truth():
            return _TRUTHS[value.value]
        case Bounds():
            if is_open(value):
                return "unknown"
            end = value.low if value.low is not None else value.high
            if isinstance(end, datetime.datetime):
                return instant_text(value)
            if isinstance(end, datetime.date):
                return day_text(value)
            return with_unit(number(value), unit_of(type))
    return " = ".join(code_text(code) for code in value) or "unknown"


def fact_text(row: Evidence, type: Type) -> str:
    """The value of one fact, as recorded, and as the library reads it where that differs."""
    read = value_text(row.value, type)
    written = safe(row.written).strip()
    if (
        not written
        or isinstance(row.value, SetAside | Truth)
        or type.name not in ("Integer", "Decimal", "Quantity")
    ):
        return read
    shown = _as_written(written)
    if shown == read or shown == read.replace(" ", ""):
        return read
    if _number_of(shown) == _number_of(read) and " " not in shown:
        return with_unit(shown, unit_of(type))
    return shown if _number_of(shown) == _number_of(read) and _same_unit(shown, read) else f"{shown} = {read}"


def _as_written(written: str) -> str:
    """A recorded quantity without the quotes of the language, its unit by its everyday name."""
    value, space, unit = written.partition(" ")
    for sign in ("<=", ">=", "<", ">"):
        if value.startswith(sign) and len(value) > len(sign):
            value = f"{sign} {value[len(sign) :]}"
            break
    return with_unit(value, everyday(unit.strip("'"))) if space else value


def _number_of(text: str) -> Decimal | None:
    try:
        return Decimal(text.split(" ")[0])
    except ArithmeticError:
        return None


def _same_unit(a: str, b: str) -> bool:
    return a.partition(" ")[2] == b.partition(" ")[2]
