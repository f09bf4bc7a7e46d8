"""Bounds: every operation encloses what it could give for any value inside, and decides only then."""

from __future__ import annotations

import decimal
import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.values import bounds
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.truth import FALSE, TRUE, UNKNOWN

numbers = st.decimals(min_value=-1000, max_value=1000, places=3)
TOLERANCE = Decimal("0.00000002")


@st.composite
def known(draw, values=numbers):
    """Bounds, one or both ends perhaps open, and a value inside them."""
    a, b = draw(values), draw(values)
    low, high = min(a, b), max(a, b)
    inside = draw(st.sampled_from([low, high, low + (high - low) / 2]))
    return Bounds(draw(st.sampled_from([low, low, None])), draw(st.sampled_from([high, high, None]))), inside


def encloses(found: Bounds | None, value: Decimal) -> bool:
    if found is None:
        return True
    low = found.low is None or found.low - TOLERANCE * (1 + abs(value)) <= value
    return low and (found.high is None or value <= found.high + TOLERANCE * (1 + abs(value)))


@given(known(), known())
def test_arithmetic_encloses_every_completion(a, b):
    (x, p), (y, q) = a, b
    with decimal.localcontext(prec=60):
        assert encloses(bounds.add(x, y), p + q)
        assert encloses(bounds.subtract(x, y), p - q)
        assert encloses(bounds.multiply(x, y), p * q)
        if q != 0:
            assert encloses(bounds.divide(x, y), p / q)
        assert encloses(bounds.least([x, y]), min(p, q))
        assert encloses(bounds.greatest([x, y]), max(p, q))
        assert encloses(bounds.mean([x, y]), (p + q) / 2)
        assert encloses(bounds.absolute(x), abs(p))
        assert encloses(bounds.opposite(x), -p)
        assert encloses(bounds.hull(x, y), p)
        if p > 0:
            assert encloses(bounds.logarithm(x), p.ln())
        if p >= 0:
            assert encloses(bounds.square_root(x), p.sqrt())


@given(known(st.decimals(-20, 20, places=2)), st.integers(-3, 4))
def test_whole_powers_enclose_every_completion(a, n):
    x, p = a
    if p != 0 or n > 0:
        with decimal.localcontext(prec=60):
            assert encloses(bounds.power(x, exactly(n)), p**n)


@given(known(st.decimals("0.5", 20, places=2)), known(st.decimals(-3, 3, places=1)))
def test_powers_of_positive_bases_enclose_every_completion(a, b):
    (x, p), (n, q) = a, b
    assert encloses(bounds.power(x, n), Decimal(repr(math.pow(p, q))))


@given(known(), known(), st.sampled_from(sorted(bounds.COMPARISONS)))
def test_a_comparison_decides_only_what_every_completion_agrees_on(a, b, operator):
    (x, p), (y, q) = a, b
    truth = bounds.COMPARISONS[operator](x, y)
    plain = {"<": p < q, "<=": p <= q, ">": p > q, ">=": p >= q, "=": p == q, "!=": p != q}[operator]
    assert truth in (UNKNOWN, TRUE if plain else FALSE)
    if bounds.is_exact(x) and bounds.is_exact(y):
        assert truth is not UNKNOWN


@given(known(), known())
def test_intersection_keeps_what_both_hold(a, b):
    (x, p), (y, _) = a, b
    found = bounds.intersect(x, y)
    inside_y = (y.low is None or y.low <= p) and (y.high is None or p <= y.high)
    if inside_y:
        assert found is not None
        assert encloses(found, p)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("0.000000005", "0.00000001"),
        ("-0.000000005", "-0.00000001"),
        ("0.0000000049", "0"),
        ("-0.0000000049", "0"),
    ],
)
def test_rounding_is_half_away_from_zero_and_knows_no_negative_zero(value, expected):
    found = bounds.rounded(Decimal(value))
    assert found == Decimal(expected)
    assert not (found == 0 and found.is_signed())


@pytest.mark.parametrize(
    ("value", "places", "expected"),
    [
        ("1.25", 1000, "1.25"),
        ("1.25", 10**12, "1.25"),
        ("12345.5", -(10**12), "0"),
        ("-51", -2, "-100"),
        (f"1.{'0' * 60}5", 60, f"1.{'0' * 59}1"),
    ],
)
def test_rounding_to_more_places_than_there_are_changes_nothing(value, places, expected):
    assert bounds.rounded(Decimal(value), places) == Decimal(expected)


def test_sums_and_products_lose_no_digit():
    a = Decimal("123456789012345678.12345678")
    assert bounds.multiply(exactly(a), exactly(a)).low is None  # beyond the largest number: open, never wrong
    assert bounds.add(exactly(a), exactly(Decimal("0.00000001"))).low == Decimal("123456789012345678.12345679")
    assert bounds.opposite(exactly(Decimal("12345678901234567890123456789.5"))).low == Decimal(
        "-12345678901234567890123456789.5"
    )


def test_numbers_too_large_to_hold_are_open_ends():
    huge = exactly(Decimal("9e29"))
    assert bounds.add(huge, huge) == OPEN
    assert bounds.exponential(exactly(Decimal(1000))) == OPEN
    assert bounds.exponential(OPEN) == Bounds(Decimal(0), None)
    assert bounds.power(exactly(Decimal(10)), exactly(Decimal(400))) == OPEN


def test_measured_noise_lies_between_its_neighbours():
    assert bounds.recorded(Decimal("139.99999999999997")) == Bounds(Decimal("139.99999999"), Decimal("140"))
    assert bounds.recorded(Decimal("-0.000000001")) == Bounds(Decimal("-1E-8"), Decimal("0"))
    assert bounds.recorded(Decimal("3.20")) == exactly(Decimal("3.2"))
