"""Coded values: membership laid out once says what membership asked each time says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.values.coding import Code, Codings, member, membership, term

SYSTEMS = st.sampled_from(["", "SNOMED", "ICD-10-CM", "LOCAL"])
CODES = st.sampled_from(["M05", "M05.7", "M05.79", "M06", "TNFi", "M05.*", "M0*", "*", ""])
CODINGS = st.lists(st.builds(Code, SYSTEMS, CODES), max_size=4).map(tuple)


@given(CODINGS, st.lists(CODINGS, max_size=4))
def test_membership_is_that_of_member(wanted: Codings, asked: list[Codings]) -> None:
    among = membership(wanted)
    for codings in asked:
        assert among(codings) is member(codings, wanted)


@pytest.mark.parametrize(
    ("system", "written", "spelled"),
    [
        ("ICD-10-CM", "M069", "M06.9"), ("ICD-10-CM", "m06.9", "M06.9"), ("ICD-10-CM", "M06", "M06"),
        ("ICD-10-CM", "C4A0", "C4A.0"), ("ICD-10-CM", "S72001A", "S72.001A"), ("ICD-10-CM", "M05*", "M05*"),
        ("ICD-10-CM", "M057*", "M05.7*"), ("ICD-10-CM", "M05.*", "M05.*"), ("ICD-10", "M069", "M06.9"),
        ("ICD-10-GM", "M0690", "M06.90"), ("ICD-9-CM", "7140", "714.0"), ("ICD-9-CM", "714", "714"),
        ("ICD-9-CM", "V5869", "V58.69"), ("ICD-9-CM", "E9320", "E932.0"), ("ICD-10-CM", "none", "NONE"),
        ("SNOMED", "69896004", "69896004"), ("LOCAL", "m069", "m069"), ("", "m069", "m069"),
    ],
)  # fmt: skip
def test_a_code_of_the_icd_is_one_with_and_without_its_point(system: str, written: str, spelled: str) -> None:
    assert term(system, written) == Code(system, spelled)
    assert term(system, spelled) == Code(system, spelled)
