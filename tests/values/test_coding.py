"""Coded values: membership laid out once says what membership asked each time says."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from screening.values.coding import Code, Codings, member, membership

SYSTEMS = st.sampled_from(["", "SNOMED", "ICD-10-CM", "LOCAL"])
CODES = st.sampled_from(["M05", "M05.7", "M05.79", "M06", "TNFi", "M05.*", "M0*", "*", ""])
CODINGS = st.lists(st.builds(Code, SYSTEMS, CODES), max_size=4).map(tuple)


@given(CODINGS, st.lists(CODINGS, max_size=4))
def test_membership_is_that_of_member(wanted: Codings, asked: list[Codings]) -> None:
    among = membership(wanted)
    for codings in asked:
        assert among(codings) is member(codings, wanted)
