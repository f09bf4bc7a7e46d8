"""Dates of year, month or day precision as bounds; windows, durations and ages.

A date known to the month is the interval of its days. An instant is a `datetime` without a
zone: the calendar day and clock time as written. Nothing here reads the clock.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re

from screening.values.bounds import OPEN, Bounds, exactly, hull

UNITS = ("years", "months", "weeks", "days", "hours")
_DATE = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[T ](.*))?)?)?\Z")
_TIME = re.compile(r"(\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?\Z")
FIRST, LAST = datetime.date(1, 1, 1), datetime.date(9999, 12, 31)


def beside(day: datetime.date, days: int) -> datetime.date:
    """The day so many days after another one, before it if fewer than none; at most the end of the calendar.

    >>> beside(datetime.date(2026, 1, 1), -1), beside(datetime.date(9999, 12, 31), 1)
    (datetime.date(2025, 12, 31), datetime.date(9999, 12, 31))
    """
    return datetime.date.fromordinal(min(max(day.toordinal() + days, FIRST.toordinal()), LAST.toordinal()))


def days_of(text: str) -> Bounds:
    """The days that a date as written stands for.

    Raises ValueError for anything that is no date.

    >>> days_of("2024-02")
    Bounds(low=datetime.date(2024, 2, 1), high=datetime.date(2024, 2, 29))
    """
    # SPEC: semantics 3.1; a DateTime is the calendar day as written, never shifted between zones.
    match = _DATE.match(text)
    if not match or (match[4] and not _TIME.match(match[4])):
        raise ValueError("no date")
    year, month, day = int(match[1]), match[2], match[3]
    if day:
        return exactly(datetime.date(year, int(month), int(day)))
    if month:
        last = calendar.monthrange(year, int(month))[1] if 1 <= int(month) <= 12 else 0
        return Bounds(datetime.date(year, int(month), 1), datetime.date(year, int(month), last))
    return Bounds(datetime.date(year, 1, 1), datetime.date(year, 12, 31))


def clock_of(text: str) -> str:
    """The clock time of a date as written, `HH:MM:SS`, or "" if none is given."""
    match = _DATE.match(text)
    clock = _TIME.match(match[4]) if match and match[4] else None
    return f"{clock[1]}:{clock[2]}:{clock[3] or '00'}" if clock else ""


def instants_of(text: str) -> Bounds:
    """The instants that a date or time as written stands for; a day is all of its minutes."""
    days, clock = days_of(text), clock_of(text)
    if clock:
        instant = datetime.datetime.combine(days.low, datetime.time.fromisoformat(clock))
        return exactly(instant)
    return Bounds(
        datetime.datetime.combine(days.low, datetime.time.min),
        datetime.datetime.combine(days.high, datetime.time(23, 59, 59)),
    )


def day_of(instant: Bounds) -> Bounds:
    """The days of an instant."""
    return Bounds(
        None if instant.low is None else instant.low.date(),
        None if instant.high is None else instant.high.date(),
    )


def _shift(day: datetime.date, amount: int, unit: str) -> datetime.date | None:
    """A day so many units later; None beyond the calendar. Keeps the day, clamped to the month's end."""
    try:
        if unit in ("days", "weeks"):
            return day + datetime.timedelta(days=amount * (7 if unit == "weeks" else 1))
        if unit == "hours":
            return day + datetime.timedelta(hours=amount)
        months = day.year * 12 + day.month - 1 + amount * (12 if unit == "years" else 1)
        year, month = divmod(months, 12)
        if not 1 <= year <= 9999:
            return None
        return day.replace(year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1]))
    except OverflowError:
        return None


def shift(days: Bounds, amount: Bounds, unit: str) -> Bounds:
    """`date + N months`: bound by bound; the amount is a whole number, itself perhaps partly known.

    >>> shift(days_of("2026-08-31"), Bounds(-6, -6), "months").low
    datetime.date(2026, 2, 28)
    """
    low = None if days.low is None or amount.low is None else _shift(days.low, _whole(amount.low), unit)
    high = None if days.high is None or amount.high is None else _shift(days.high, _whole(amount.high), unit)
    return Bounds(low, high)


def _whole(number: object) -> int:
    # INVARIANT: `check` admits only whole amounts; a computed one is cut towards zero, but never past a limit
    # of ten thousand years, where the calendar ends.
    value: int = int(number)  # type: ignore[call-overload]
    return max(-4_000_000, min(4_000_000, value))


def _completed(a: datetime.date, b: datetime.date, unit: str) -> int:
    """The largest n with `a + n units <= b`."""
    if unit == "hours":
        between: datetime.timedelta = b - a
        hours: int = between.days * 24 + between.seconds // 3600
        return hours
    if unit in ("days", "weeks"):
        return (b - a).days // (7 if unit == "weeks" else 1)
    n = (b.year - a.year) * 12 + b.month - a.month
    if unit == "years":
        n //= 12
    # INVARIANT: n is at most one too large, since only the day of the month is still to be looked at.
    moved = _shift(a, n, unit)
    if moved is not None and moved > b:
        n -= 1
    return n


def duration(a: Bounds, b: Bounds, unit: str) -> Bounds:
    """`months between a and b`: the interval over all completions of both dates.

    >>> duration(days_of("2026-08"), days_of("2026-11-22"), "months")
    Bounds(low=2, high=3)
    """
    # SPEC: semantics 3.4; falling in a and rising in b, so the ends are reached at opposite corners.
    low = None if a.high is None or b.low is None else _completed(a.high, b.low, unit)
    high = None if a.low is None or b.high is None else _completed(a.low, b.high, unit)
    return Bounds(low, high)


def _age(born: datetime.date, on: datetime.date) -> int:
    """Completed years; who is born on 29 February completes on 1 March in other years."""
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))


def age(born: Bounds, on: Bounds) -> Bounds:
    """Age in completed years on a day; not the same as `years between` for 29 February.

    Who is born after the day for certain has no age on it: one of the two days is wrong, and nothing is known.
    """
    # SPEC: semantics 3.4.
    if born.low is not None and on.high is not None and born.low > on.high:
        return Bounds(None, None)
    if born[0] is born[1] is not None and on[0] is on[1] is not None:
        return exactly(_age(born[0], on[0]))
    low = None if born.high is None or on.low is None else _age(born.high, on.low)
    high = None if born.low is None or on.high is None else _age(born.low, on.high)
    return Bounds(low, high)


@functools.lru_cache(maxsize=1024)
def window(
    kind: str, inclusive: bool, amount: Bounds, unit: str, reference: Bounds
) -> tuple[Bounds | None, Bounds | None]:
    """The first and the last day of a window beside a reference day, each perhaps partly known; None is no end.

    `kind` is one of `or less before`, `or more before`, `or less after`, `or more after`, `around`;
    `inclusive` says whether the reference day itself counts (`on or before`).
    """
    # SPEC: semantics 3.3; both ends in, an event on the boundary counts.
    one = exactly(1)
    back = Bounds(_negated(amount.high), _negated(amount.low))
    match kind:
        case "or less before":
            last = reference if inclusive else shift(reference, exactly(-1), "days")
            return shift(reference, back, unit), last
        case "or more before":
            return None, shift(reference, back, unit)
        case "or less after":
            first = reference if inclusive else shift(reference, one, "days")
            return first, shift(reference, amount, unit)
        case "or more after":
            return shift(reference, amount, unit), None
        case "around":
            return shift(reference, back, unit), shift(reference, amount, unit)
    raise ValueError(kind)


def _negated(end: object) -> object:
    return None if end is None else -end  # type: ignore[operator]


def joined(days: list[Bounds]) -> Bounds:
    """The days that enclose all of them; open if there are none."""
    if not days:
        return OPEN
    found = days[0]
    for more in days[1:]:
        found = hull(found, more)
    return found
