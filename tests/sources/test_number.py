"""Numbers as records write them: comparators, decimals, units, and what is no measurement."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.language.library import Factor
from screening.record.subject import SetAside
from screening.sources.number import is_beyond, measured, number_of, plain, ranged
from screening.values.bounds import LARGEST, STEP, Bounds

D = Decimal


@pytest.mark.parametrize(
    ("text", "comparator", "low", "high"),
    [
        ("5", "", "5", "5"),
        ("5", "<", None, "4.99999999"),
        ("5", "<=", None, "5"),
        ("5", ">", "5.00000001", None),
        ("5", ">=", "5", None),
        ("24.877689063800039", "", "24.87768906", "24.87768907"),
        ("-24.877689063800039", "", "-24.87768907", "-24.87768906"),
        ("5.123456789", "<", None, "5.12345678"),
        ("5.123456789", "<=", None, "5.12345678"),
        ("5.123456789", ">", "5.12345679", None),
        ("5.123456789", ">=", "5.12345679", None),
        ("1e-400", "", "0", "0.00000001"),
        ("-1E-999999999999", "", "-0.00000001", "0"),
        ("0e999999999999", "", "0", "0"),
        ("-0.0", "", "0", "0"),
        ("1.5e3", "", "1500", "1500"),
        ("+7", "", "7", "7"),
    ],
)
def test_a_number_becomes_bounds(text: str, comparator: str, low: str | None, high: str | None) -> None:
    expected = Bounds(None if low is None else D(low), None if high is None else D(high))
    assert measured(text, comparator) == expected


@pytest.mark.parametrize(
    ("text", "comparator", "low", "high"),
    [("5", "<", None, 4), ("5", ">", 6, None), ("5.5", "<", None, 5), ("5.5", ">", 6, None), ("5.0", "", 5, 5)],
)
def test_the_step_of_a_whole_number_is_one(text: str, comparator: str, low: int | None, high: int | None) -> None:
    found = measured(text, comparator, whole=True)
    assert found == Bounds(low, high)
    assert all(end is None or type(end) is int for end in found)


@pytest.mark.parametrize(
    ("text", "comparator", "unit", "wanted", "why"),
    [
        ("1.3", "", "", "mg/L", "no unit"),
        ("1.3", "", "mm/h", "mg/L", "unit of another dimension"),
        ("1.3", "", "mgs/litre", "mg/L", "unknown unit"),
        ("1.3", "", "1", "mg/L", "unit of another dimension"),
        ("35", "", "%", None, "a unit where none is asked for"),
        ("1e30", "", "mg/L", "mg/L", "too large"),
        ("9" * 400, "", "mg/L", "mg/L", "too large"),
        ("1e400", ">", "mg/L", "mg/L", "too large"),
        ("9e29", "", "kg/L", "ng/L", "too large"),
        ("1" * 501, "", "mg/L", "mg/L", "not a number"),
        ("five", "", "mg/L", "mg/L", "not a number"),
        ("\u0665", "", "mg/L", "mg/L", "not a number"),
        ("5,2", "", "mg/L", "mg/L", "not a number"),
        ("NaN", "", "mg/L", "mg/L", "not a number"),
        ("Infinity", "", "mg/L", "mg/L", "not a number"),
        ("5", "~", "mg/L", "mg/L", "unknown comparator"),
    ],
)
def test_what_is_no_measurement_is_set_aside(
    text: str, comparator: str, unit: str, wanted: str | None, why: str
) -> None:
    assert measured(text, comparator, unit, unit=wanted) == SetAside(why)


def test_a_pure_number_needs_no_unit() -> None:
    assert measured("2.5", unit="1") == Bounds(D("2.5"), D("2.5"))
    assert measured("2.5", "", "{INR}", unit="1") == Bounds(D("2.5"), D("2.5"))
    assert measured("7", "", "{score}", whole=True) == Bounds(7, 7)
    assert measured("7", "", "%", whole=True) == SetAside("a unit where none is asked for")


def test_half_a_whole_number_is_none() -> None:
    assert measured("7.5", whole=True) == SetAside("not a whole number")
    assert measured("7.00000000000000000001", whole=True) == SetAside("not a whole number")


def test_a_comparator_ends_in_the_unit_it_was_written_in() -> None:
    assert measured("0.5", "<", "mg/dL", unit="mg/L", floor="0") == Bounds(D(0), D("4.9999999"))
    assert measured("100.4", "", "[degF]", unit="Cel") == Bounds(D(38), D(38))


def test_a_factor_multiplies_toward_the_unit_only() -> None:
    factors = (Factor("mg/dL", "88.4", "molar mass"),)
    assert measured("1.3", "", "mg/dL", unit="umol/L", factors=factors) == Bounds(D("114.92"), D("114.92"))
    assert measured("13", "", "mg/L", unit="umol/L", factors=factors) == Bounds(D("114.92"), D("114.92"))
    assert measured("115", "", "umol/L", unit="mg/dL", factors=factors) == SetAside("unit of another dimension")


def test_below_the_floor_there_is_nothing() -> None:
    assert measured("0", "<", "", floor="0") == SetAside("ends before it begins")
    assert measured("0", "<=", "", floor="0") == Bounds(D(0), D(0))


def test_ranges() -> None:
    assert ranged("2", "3", whole=True) == Bounds(2, 3)
    assert ranged("", "3", "mg/dL", unit="mg/L", floor="0") == Bounds(D(0), D(30))
    assert ranged("3", "") == Bounds(D(3), None)
    assert ranged("3", "2") == SetAside("ends before it begins")
    assert ranged("2.5", "3", whole=True) == SetAside("not a whole number")
    assert ranged("x", "3") == SetAside("not a number")
    assert ranged("0.123456789", "0.123456789") == Bounds(D("0.12345678"), D("0.12345679"))


def test_a_number_too_large_to_hold_is_beyond_every_end_of_a_scale() -> None:
    assert is_beyond("1e400", Bounds(0, 3))
    assert is_beyond("-1e400", Bounds(0, 3))
    assert not is_beyond("1e400", Bounds(0, None))
    assert not is_beyond("4", Bounds(0, 3))


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=D("-1e20"), max_value=D("1e20")))
def test_up_to_eight_decimals_are_exact(value: Decimal) -> None:
    found = measured(f"{value:f}")
    assert isinstance(found, Bounds)
    assert found.low == found.high == value


@given(
    st.text(alphabet="0123456789.eE+-", max_size=40), st.sampled_from(["", "<", "<=", ">", ">="]), st.booleans()
)
def test_every_text_is_a_narrow_bound_or_set_aside(text: str, comparator: str, whole: bool) -> None:
    found = measured(text, comparator, whole=whole)
    if isinstance(found, SetAside):
        return
    ends = [end for end in found if end is not None]
    assert ends
    assert all(-LARGEST < end < LARGEST for end in ends)
    assert len(ends) == 1 or 0 <= found.high - found.low <= STEP


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=D("-1e25"), max_value=D("1e25")))
def test_one_value_has_one_form(value: Decimal) -> None:
    assert repr(plain(value)) == repr(plain(value + D("0.00")) if value == value + D("0.00") else plain(value))
    assert "E" not in str(plain(value)) or abs(value) < D("0.000001")
    exact = number_of(str(value))
    assert isinstance(exact, Decimal)
    assert exact == value or abs(value) < D("1e-59")
