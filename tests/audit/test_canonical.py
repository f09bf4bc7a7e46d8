"""Canonical bytes are those of RFC 8785, whichever program wrote them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from screening.outcome.codec import canonical
from screening.values.truth import Truth

# What one of two programs might escape, sort or refuse otherwise than the other.
TEXTS = st.text(
    st.sampled_from('ab"\\/\x00\x08\x1f\x7f\x85\n\t\u2028\ud7ff\ue000\uffff\U00010000\U0010ffff\udc00\ud800')
    | st.characters(),
    max_size=6,
)
NUMBERS = st.integers(-(2**54), 2**54) | st.sampled_from(
    [2**53, 2**53 - 1, -(2**53), 1.0, -0.0, 1e21, 0.1, float("nan")]
)
NAMES = TEXTS | st.integers(0, 2) | st.booleans() | st.none()
DATA = st.recursive(
    TEXTS
    | NUMBERS
    | st.booleans()
    | st.none()
    | st.sampled_from(list(Truth))
    | st.just(Decimal(1))
    | st.just(b"x"),
    lambda below: (
        st.lists(below, max_size=3)
        | st.lists(below, max_size=3).map(tuple)
        | st.dictionaries(TEXTS, below, max_size=4)
        | st.dictionaries(NAMES, below, max_size=2)
    ),
    max_leaves=12,
)


def written(by: Any, data: Any) -> bytes | None:
    try:
        return bytes(by(data))
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


@given(DATA)
def test_it_is_written_as_the_standard_says(data: Any) -> None:
    assert written(canonical, data) == written(rfc8785.dumps, data)


@pytest.mark.parametrize(
    "odd", [{1: "a"}, {"a": 2**53}, {"a": float("inf")}, {"\ud800": 1}, ["\ud800"], {None: 1}, {1, 2}]
)
def test_what_is_no_json_is_refused(odd: Any) -> None:
    with pytest.raises(Exception):  # noqa: B017, PT011
        canonical(odd)


def test_names_are_sorted_by_code_units() -> None:
    assert canonical({"\ue000": 1, "\U00010000": 2}) == '{"\U00010000":2,"\ue000":1}'.encode()
    assert canonical({"b": 1.5, "a": "\x7f\u2028\x1f"}) == '{"a":"\x7f\u2028\\u001f","b":1.5}'.encode()
