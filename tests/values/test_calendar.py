"""Dates as intervals of days; months, durations and ages against a plain count of days."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.values import calendar
from screening.values.bounds import OPEN, Bounds, exactly

days = st.dates(datetime.date(1900, 1, 1), datetime.date(2100, 12, 31))
UNITS = ("years", "months", "weeks", "days")


@given(days, days, st.sampled_from(UNITS))
def test_a_duration_is_the_largest_number_that_does_not_overshoot(a, b, unit):
    n = calendar.duration(exactly(a), exactly(b), unit).low
    assert calendar.shift(exactly(a), exactly(n), unit).low <= b
    assert calendar.shift(exactly(a), exactly(n + 1), unit).low > b


@given(days, days, days, st.sampled_from(UNITS))
def test_a_partial_date_encloses_the_durations_of_its_days(a, b, c, unit):
    low, high = min(a, b), max(a, b)
    around = calendar.duration(Bounds(low, high), exactly(c), unit)
    for day in (low, high, low + (high - low) // 2):
        exact = calendar.duration(exactly(day), exactly(c), unit).low
        assert around.low <= exact <= around.high


@given(days, days)
def test_age_counts_birthdays(born, on):
    age = calendar.age(exactly(born), exactly(on)).low
    passed = 0
    for year in range(born.year + 1, on.year + 1):
        leap_child = born.month == 2 and born.day == 29
        leap_year = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
        birthday = datetime.date(year, 3, 1) if leap_child and not leap_year else born.replace(year=year)
        passed += birthday <= on
    assert age == passed or born > on


@pytest.mark.parametrize("text", ["", "2026-13", "2026-02-30", "26-01-01", "2026-1-1", "2026-01-01T25", "soon"])
def test_what_is_no_date_is_refused(text):
    with pytest.raises(ValueError, match=r"."):
        calendar.days_of(text)


def test_clock_times_order_a_day_and_never_shift_it():
    assert calendar.clock_of("2026-11-20T09:05:00+02:00") == "09:05:00"
    assert calendar.clock_of("2026-11-20T09:05") == "09:05:00"
    assert calendar.clock_of("2026-11-20") == ""
    assert calendar.days_of("2026-11-20T23:59:00-11:00") == exactly(datetime.date(2026, 11, 20))


def test_beyond_the_calendar_is_open():
    assert calendar.shift(exactly(datetime.date(9999, 12, 1)), exactly(1), "months") == OPEN
    assert calendar.shift(exactly(datetime.date(1, 1, 1)), exactly(-1), "days") == OPEN
    assert calendar.shift(exactly(datetime.date(2026, 1, 1)), exactly(10**30), "years") == OPEN


@given(days, st.integers(0, 40), st.sampled_from(UNITS))
def test_windows_hold_their_edges(day, n, unit):
    reference = exactly(day)
    first, last = calendar.window("or less before", True, exactly(n), unit, reference)
    assert last == reference
    assert first == calendar.shift(reference, exactly(-n), unit)
    _, latest = calendar.window("or more before", True, exactly(n), unit, reference)
    assert latest == first
