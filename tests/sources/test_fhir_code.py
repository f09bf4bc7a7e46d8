"""Code systems, membership and the vocabulary of a library."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.language.library import RowField
from screening.language.types import STRING, Type
from screening.sources.fhir_code import Matcher, Vocabulary, answer_of, drug_codes, no_known, system_of
from screening.values.coding import Code, ValueSet, member
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.sources.bundles import KETAMINE_ALLERGY, asks, library

CODES = st.builds(
    Code, st.sampled_from(["SNOMED", "ATC", "ICD-10-CM"]), st.sampled_from(["M05", "M05.7", "M0", "N"])
)
WANTED = st.builds(
    Code, st.sampled_from(["SNOMED", "ATC", "ICD-10-CM"]), st.sampled_from(["M05.*", "M05", "M0*", "M05.7", "N"])
)


@given(st.lists(CODES, max_size=3), st.frozensets(WANTED, min_size=1, max_size=3))
def test_membership_is_that_of_the_semantics(codings: list[Code], wanted: frozenset[Code]) -> None:
    assert Matcher(wanted).match(tuple(codings)) is member(codings, wanted)


@pytest.mark.parametrize(
    ("uri", "short"),
    [
        ("http://snomed.info/sct", "SNOMED"),
        ("http://snomed.info/sct/731000124108/version/20250901", "SNOMED"),
        ("http://loinc.org", "LOINC"),
        ("http://loinc.org/", "LOINC"),
        ("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"),
        ("http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"),
        ("http://hl7.org/fhir/sid/icd-10", "ICD-10"),
        ("http://hl7.org/fhir/sid/icd-9-cm", "ICD-9-CM"),
        ("http://www.whocc.no/atc", "ATC"),
        ("urn:oid:2.16.840.1.113883.6.96", "SNOMED"),
        ("http://unitsofmeasure.org", "UCUM"),
        ("http://hl7.org/fhir/sid/cvx", "CVX"),
        ("http://clinic.example/codes", "http://clinic.example/codes"),
        ("", "LOCAL"),
        (None, "LOCAL"),
    ],
)
def test_systems(uri: str | None, short: str) -> None:
    assert system_of(uri) == short


def substance(
    codings: list[str], wanted: list[str], *others: list[str], products: tuple[str, ...] = ("RxNorm",)
) -> Truth:
    """Membership of a medicine, where the library also names other sets of synonyms."""
    sets = tuple(ValueSet(f"S{n}", asks("x", "", group).concepts) for n, group in enumerate(others))
    vocabulary = Vocabulary(library(valuesets=sets))
    codes = tuple(Code(*code.split(" ")) for code in codings)
    return vocabulary.match_substance(codes, Matcher(Code(*w.split(" ")) for w in wanted), products)


@pytest.mark.parametrize(
    ("codings", "others", "expected"),
    [
        (["RxNorm 6130"], [], TRUE),
        (["RxNorm 238082"], [], UNKNOWN),
        (["RxNorm 6851"], [["RxNorm 6851"]], FALSE),
        (["RxNorm 6851"], [], UNKNOWN),
        # Named elsewhere as a synonym of what is wanted: no other drug.
        (["RxNorm 238082"], [["RxNorm 6130", "RxNorm 238082"]], UNKNOWN),
        (["RxNorm 999", "RxNorm 6851"], [["RxNorm 6851"]], FALSE),
        (["ATC N01AX03"], [], TRUE),
        (["ATC L04AX03"], [], FALSE),
        (["ATC N01A"], [], UNKNOWN),
        (["ATC L04"], [], FALSE),
        (["NDC 1"], [], UNKNOWN),
        ([], [], UNKNOWN),
    ],
)
def test_only_a_code_named_for_another_drug_says_no(
    codings: list[str], others: list[list[str]], expected: Truth
) -> None:
    assert substance(codings, ["RxNorm 6130", "ATC N01AX03"], *others) is expected


def test_codes_of_fields_are_named_too() -> None:
    field = RowField("mechanism", STRING, ("TNF",), by_code=(("TNF", (Code("RxNorm", "214555"),)),))
    vocabulary = Vocabulary(library(asks("DMARDs", "medication", type=Type("Records"), fields=(field,))))
    assert vocabulary.is_named(Code("RxNorm", "214555"))
    assert not vocabulary.is_named(Code("RxNorm", "1"))


def test_yes_and_no() -> None:
    yes, no = Code("SNOMED", "373066001"), Code("LOINC", "LA32-8")
    assert answer_of((yes,)) is TRUE
    assert answer_of((no, Code("LOCAL", "n"))) is FALSE
    assert answer_of((yes, no)) is UNKNOWN
    assert answer_of(()) is UNKNOWN


def test_no_known() -> None:
    assert no_known((Code("LOCAL", "x"), Code("SNOMED", "716186003"))) == "allergies"
    assert no_known((Code("LOINC", "716186003"),)) == ""
    assert Code("SNOMED", "373464007") in drug_codes(KETAMINE_ALLERGY)
    assert drug_codes(asks("Peanut", "allergy", "SNOMED 91935009")) == ()
