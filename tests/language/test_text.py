from __future__ import annotations

import pytest
from hypothesis import given, settings

from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.text import spell
from screening.language.types import BOOLEAN, DATE, DECIMAL, INTEGER, quantity
from screening.reading.load import load
from screening.reading.tree import nodes
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.coding import Code
from screening.values.truth import TRUE
from tests.language.surface import EXPRESSIONS
from tests.reading.made import RULES, read


@settings(max_examples=1500, deadline=None)
@given(EXPRESSIONS)
def test_printed_and_read_again_it_is_the_same_tree(tree: Expression) -> None:
    text = spell(tree)
    again = read(text)
    assert again == tree, text
    assert spell(again) == text


@pytest.mark.parametrize(
    "text",
    [
        "A and B and C",
        "(A and B) and C",
        "A or B and C",
        "(A or B) and C",
        "not A and B",
        "not (A and B)",
        "not not A",
        "(A or B) xor C",
        "A or (B xor C)",
        "A implies B implies C",
        "A implies (B implies C)",
        "if A then B else if C then D else E",
        "(if A then B else C) >= 3",
        "A + B - C",
        "A - (B - C)",
        "A * B / C",
        "A / (B * C)",
        "(A + B) * C",
        "-A",
        "-(A + B)",
        "-(A ^ 2)",
        "(-A) ^ 2",
        "A ^ -2",
        "A ^ (B ^ C)",
        "A - -B",
        "(A < B) = C",
        "(A = B) < C",
        "(A < B) < C",
        "A is null",
        "not A is not true",
        "(A >= 3) is true",
        "A between B + 1 and C",
        "(A between B and C) = D",
        "months between A and B = 3",
        "(months between A and B) * 2",
        "(A + B) is null",
        "A in {'it\\'s', 'back\\\\slash'}",
        "A in Interval[1, 2)",
        "A in Interval(B or C, if D then E else F]",
        "A 1 month or less before B",
        "A (N) days or more on or after day of B",
        "A within 2 weeks of day of B",
        "A same day as B",
        "A on or before day of B",
        "A + 6 months > B",
        "A - (if B then 1 else 2) days",
        'exists "of"',
        "exists (T R where R.date < @2026)",
        "exists ((T R where R.a) S where S.b)",
        "Count({A, B >= 3} X where X)",
        "Count(distinct (T X return X.days))",
        'Max((T R where R.ok return R."the drug"))',
        "date of A",
        "5.20 'mg/L'",
        "@2026-08-15T09:30:00",
        "Coalesce(A, B, 0)",
    ],
)
def test_a_canonical_text_stays_as_it_is(text: str) -> None:
    assert spell(read(text)) == text.replace("(A + B) is null", "A + B is null")


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("((A))", "A"),
        ('"A" and ("B c")', 'A and "B c"'),
        ("A and  // why\n  B", "A and B"),
        ("A before B", "A < B"),
        ("A on or after B", "A >= B"),
        ("A within 3 months before B", "A 3 months or less on or before B"),
        ("A 1 months or less before B", "A 1 month or less before B"),
        ("A in {1, 2}", "A = 1 or A = 2"),
        ("A in {1}", "A = 1"),
        ("exists ({A, B} X where X)", "A or B"),
        ("exists ({A} X where X)", "A"),
        ("Count({A, B} X where X > 3)", "Count({A > 3, B > 3} X where X)"),
        ("Mean(A, B)", "Mean({A, B})"),
        ("Exists(T)", "exists T"),
        ("(A xor B) xor C", "A xor B xor C"),
        ("A < B = C", "(A < B) = C"),
        ("exists A = true", "(exists A) = true"),
    ],
)
def test_one_meaning_has_one_spelling(written: str, canonical: str) -> None:
    assert spell(read(written)) == canonical
    assert spell(read(canonical)) == canonical


def test_constants_without_their_text() -> None:
    for node, text in (
        (e.Literal(exactly(-3), INTEGER), "-3"),
        (e.Literal(OPEN, INTEGER), "null"),
        (e.Literal(Bounds(1, None), DECIMAL), "null"),
        (e.Literal((), BOOLEAN), "null"),
        (e.Literal((Code("SNOMED", "1"),), BOOLEAN), "'SNOMED 1'"),
        (e.Literal(TRUE, BOOLEAN), "true"),
    ):
        assert spell(node) == text
    assert (
        spell(e.Arithmetic("^", e.Literal(exactly(-3), INTEGER), e.Literal(exactly(2), INTEGER), DECIMAL))
        == "(-3) ^ 2"
    )


def test_what_check_inserts_is_not_spelt() -> None:
    reference = e.Reference("A", quantity("mg/L"))
    assert spell(e.Convert(reference, "mg/L", "g/L", quantity("g/L"))) == "A"
    assert spell(e.Favoured(e.Reference("A"), TRUE)) == "A"
    assert spell(e.DayOf(e.Reference("A", DATE))) == "A"
    rows = e.Where(e.Retrieve("B c"), "row", e.Literal(TRUE, BOOLEAN))
    assert spell(e.Select(rows, "latest", 1, OPEN, INTEGER)) == '"B c"'
    assert spell(e.Silence(e.Exists(e.Retrieve("A")), e.Retrieve("A"))) == "exists A"
    assert spell(e.Fires(rows, "row", e.Reference("A"))) == 'on any row of "B c": A'


def test_every_node_of_a_settled_library_can_be_spelt() -> None:
    library = load(RULES / "whole.yaml", [RULES])
    seen = {type(node) for _, tree in library.order for node in nodes(tree) if spell(node)}
    assert len(seen) >= 35
