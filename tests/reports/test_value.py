"""Values as people read them: never rounded to or over a limit, days as far as they are known."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.language.types import CODE, DATE, INTEGER, quantity
from screening.record.subject import Evidence, SetAside
from screening.reports import value as values
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code
from screening.values.truth import TRUE, UNKNOWN

NUMBERS = st.decimals(min_value=0, max_value=1000, allow_nan=False, places=8)


@given(NUMBERS, st.integers(0, 1000), st.integers(0, 3))
def test_a_printed_value_stands_on_the_same_side_of_the_limit(value: Decimal, limit: int, places: int) -> None:
    printed = Decimal(values.number(exactly(value), places, (limit,)))
    assert (printed > limit, printed == limit) == (value > limit, value == limit)


@given(NUMBERS)
def test_a_value_of_the_record_is_printed_exactly(value: Decimal) -> None:
    assert Decimal(values.number(exactly(value))) == value


def test_a_computed_value_gets_the_decimals_of_its_limit_and_one() -> None:
    assert values.number(exactly(Decimal("3.26789")), 2, (Decimal("3.2"),)) == "3.27"
    assert values.number(exactly(Decimal("159.96")), 1, (160,)) == "159.96"
    assert values.number(exactly(Decimal("159.94")), 1, (160,)) == "159.9"


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        ("2026-11-20", "2026-11-20", "2026-11-20"),
        ("2024-03-01", "2024-03-31", "2024-03, day not known"),
        ("2024-02-01", "2024-02-29", "2024-02, day not known"),
        ("2024-01-01", "2024-12-31", "2024, month not known"),
        ("2024-01-05", "2024-02-10", "2024-01-05 to 2024-02-10"),
        (None, "2024-02-10", "up to 2024-02-10"),
        ("2024-02-10", None, "from 2024-02-10 on"),
        (None, None, ""),
    ],
)
def test_a_day_is_said_as_far_as_it_is_known(low: str | None, high: str | None, said: str) -> None:
    ends = [None if end is None else datetime.date.fromisoformat(end) for end in (low, high)]
    assert values.day_text(Bounds(*ends)) == said


@pytest.mark.parametrize(
    ("written", "low", "high", "said"),
    [
        ("140 mm[Hg]", "140", "140", "140 mmHg"),
        ("140", "140", "140", "140 mmHg"),
        ("140.0", "140.0", "140.0", "140.0 mmHg"),
        ("<140 mm[Hg]", None, "139.99999999", "< 140 mmHg = at most 139.99999999 mmHg"),
        ("18.7 kPa", "140.2615398", "140.2615398", "18.7 kPa = 140.2615398 mmHg"),
        ("", "5", "8", "5..8 mmHg"),
    ],
)
def test_a_fact_is_printed_as_recorded_and_as_read(
    written: str, low: str | None, high: str | None, said: str
) -> None:
    ends = [None if end is None else Decimal(end) for end in (low, high)]
    row = Evidence("x#1", "x", Bounds(*ends), written=written)
    assert values.fact_text(row, quantity("mm[Hg]")) == said


def test_other_values() -> None:
    assert values.value_text(TRUE, INTEGER) == "yes"
    assert values.value_text(UNKNOWN, INTEGER) == "unknown"
    assert values.value_text(OPEN, quantity("mg/dL")) == "unknown"
    assert values.value_text(SetAside("not plausible"), INTEGER) == "set aside: not plausible"
    assert values.value_text((Code("SNOMED", "1"), Code("", "word")), CODE) == "SNOMED 1 = word"
    assert values.value_text(Bounds(None, 4), INTEGER) == "at most 4"
    assert values.value_text(Bounds(4, None), INTEGER) == "4 or more"
    assert values.value_text(exactly(datetime.date(2026, 11, 9)), DATE) == "2026-11-09"
