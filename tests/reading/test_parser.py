# ruff: noqa: E501 (tables of texts, one case a line)
from __future__ import annotations

import random
import re
import time
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lark import Lark, logger

from screening.errors import SyntaxFault
from screening.language import expression as e
from screening.language.types import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, STRING, quantity
from screening.reading.build import NULL
from screening.reading.faults import Faults
from screening.reading.parser import GRAMMAR, parse, parse_until, parse_window
from screening.reading.tree import UNSETTLED, nodes
from screening.values.bounds import exactly
from screening.values.calendar import days_of
from screening.values.coding import word
from screening.values.truth import TRUE, UNKNOWN
from tests.reading.made import read, scalar, told


def ref(name: str) -> e.Reference:
    return e.Reference(name, UNSETTLED)


A, B, C = ref("A"), ref("B"), ref("C")


@pytest.mark.parametrize(
    ("text", "node"),
    [
        ("7", e.Literal(exactly(7), INTEGER)),
        ("3.20", e.Literal(exactly(Decimal("3.20")), DECIMAL)),
        ("5.2 'mg/L'", e.Literal(exactly(Decimal("5.2")), quantity("mg/L"))),
        ("'a \\'b\\''", e.Literal(word("a 'b'"), STRING)),
        ("@2026-08", e.Literal(days_of("2026-08"), DATE)),
        ("true", e.Literal(TRUE, BOOLEAN)),
        ("null", e.Literal(UNKNOWN, NULL)),
        ('"A b"', ref("A b")),
        ("T.days", e.Field("T", "days", UNSETTLED)),
        ('T."the day"', e.Field("T", "the day", UNSETTLED)),
        ("A or B and C", e.Or((A, e.And((B, C))))),
        ("A implies B", e.Implies(A, B)),
        ("not A = B", e.Compare("=", e.Not(A), B)),
        ("A before B", e.Compare("<", A, B)),
        ("A on or after day of B", e.Compare(">=", e.DayOf(A), e.DayOf(B))),
        ("A + 1 day", e.Shift(A, e.Literal(exactly(1), INTEGER), "days", 1)),
        ("A - (B) hours", e.Shift(A, B, "hours", -1)),
        ("-(A ^ 2)", e.Negate(e.Arithmetic("^", A, e.Literal(exactly(2), INTEGER), UNSETTLED), UNSETTLED)),
        ("A in \"B c\"", e.InSet(A, "B c", ())),
        ("exists A", e.Exists(e.Retrieve("A"))),
        ("Count(A)", e.Count(e.Retrieve("A"))),
        ("Count((A T where B))", e.Count(e.Where(e.Retrieve("A"), "T", B))),
        ("exists ({A, B} X where X)", e.Or((A, B))),
        ("Count({A, B} A where A)", e.CountTrue((A, B))),
        ("A 3 weeks or less before B", e.Timing(A, "or less before", False, e.Literal(exactly(3), INTEGER), "weeks", B)),
        ('A "N" days or more after B', e.Timing(A, "or more after", False, ref("N"), "days", B)),
        ("A within 3 days of B", e.Timing(A, "around", True, e.Literal(exactly(3), INTEGER), "days", B)),
        ("CalculateAgeInYearsAt(A, B)", e.Age(A, B)),
        ("A is not true", e.Is(A, "true", True)),
        ("A in Interval[B, C)", e.InInterval(A, B, C, True, False)),
    ],
)  # fmt: skip
def test_what_a_text_says(text: str, node: e.Expression) -> None:
    assert read(text) == node


def test_an_alias_inside_an_inner_query_is_its_own() -> None:
    found = read("Count({B, C} A where A and exists (T A where A.x))")
    inner = e.Exists(e.Where(e.Retrieve("T"), "A", e.Field("A", "x", UNSETTLED)))
    assert found == e.CountTrue((e.And((B, inner)), e.And((C, inner))))


def test_an_instant() -> None:
    found = read("@2026-08-15T09:30")
    assert isinstance(found, e.Literal)
    assert found.type == DATETIME
    assert str(found.value[0]) == "2026-08-15 09:30:00"  # type: ignore[index]


def test_every_node_has_its_place_in_the_file() -> None:
    text = "A >= 3\n  and exists (\"T u\" R where R.x = 'y')\n  and 5 'mg' > B"
    lines = text.split("\n")
    seen = {}
    for node in nodes(read(text)):
        span = node.span
        assert span.line >= 1, node
        seen[type(node).__name__, lines[span.line - 1][span.column - 1 :][: span.length]] = span
    assert ("Literal", "3") in seen
    assert ("Retrieve", '"T u"') in seen
    assert ("Field", "R.x") in seen
    assert ("Literal", "5 'mg'") in seen
    assert ("Compare", "A >= 3") in seen


def test_windows_and_lifts() -> None:
    faults = Faults()
    window = parse_window(scalar('"Look Back" weeks before "Last Dose"'), faults)
    assert window is not None
    assert (window.amount, window.unit, window.name) == (ref("Look Back"), "weeks", "Last Dose")
    until = parse_until(scalar("14 days after Onset"), faults)
    assert until is not None
    assert (until.unit, until.name) == ("days", "Onset")
    assert parse_window(scalar("6 months after Onset"), faults) is None
    assert len(faults) == 1


@pytest.mark.parametrize(
    ("text", "at", "message", "help"),
    [
        ("A >= 7 adn B", "adn", "an operator such as `and` or the end was expected and `adn` stands here", "did you mean `and`"),
        ("nto A", "nto", "`nto` is not expected here", "did you mean `not`"),
        ("A is nul", "nul", "`false`, `not`, `null` or `true` was expected and `nul` stands here", "did you mean `null`"),
        ("Cuont(A)", "Cuont", "`Cuont` is no function of the language", "did you mean `Count`"),
        ("LN(A)", "LN", "`LN` is no function of the language", "did you mean `Ln`"),
        ("A < Now()", "Now", "`Now` is no function of the language", 'nothing reads the clock: use "Screening Date", the as-of date'),
        ("A between 3 or 4", "or", "`and` was expected and `or` stands here", ""),
        ("A <> 3", ">", "`<>` is no operator", "write `!=`"),
        ("A # x", "#", "`#` is not part of the language", "a comment begins with `//`"),
        ('"A', '"A', 'this name has no closing `"`', ""),
        ("@x", "@", "a day was expected after `@`", "write it as `@2026-08-15`, `@2026-08` or `@2026`"),
        ("{A, B} X where X", "{", "a value or a condition was expected and `{` stands here", ""),
        ("A 3 month or less befor B", "befor", "`after`, `before` or `on` was expected and `befor` stands here", "did you mean `before`"),
        ("Count(A T return T.x)", "A T return T.x", "rows are counted without `return`", "for different values write `Count(distinct (...))`"),
        ("exists (T R return S.x)", "S", "`S` is not the row of this query", "write `return R.x`"),
        ("Max((T R where A))", "(T R where A)", "of which field `Max` is taken is not said", "end it with `return R.days`"),
        ("Count(distinct T)", "T", "different values of which field are counted is not said", "write `Count(distinct (T R where ... return R.mechanism))`"),
        ("Count({A, B})", ")", "a name was expected and `)` stands here", ""),
        ("exists ({A, B} X)", "{A, B} X", "a list is asked for a condition", "write `{A, B} X where X`"),
        ("exists ((T R return R.x) S where S.y)", "(T R return R.x)", "`return` stands at the end of the outermost query only", ""),
        ("12345678901234567890123456789", "1", "a number has at most 28 digits", ""),
    ],
)  # fmt: skip
def test_a_slip_is_told_at_its_place(text: str, at: str, message: str, help: str) -> None:
    found = told(text)
    assert (found.message, found.help, found.kind) == (message, help, SyntaxFault)
    assert text[found.span.column - 1 :].startswith(at)


def test_limits_are_told_and_not_met_by_a_crash() -> None:
    deep = [
        "(" * 5000 + "A",
        "not " * 5000 + "A",
        "-" * 5000 + "A",
        "A" + " + A" * 5000,
        "A" + " implies A" * 1800,
    ]
    deep += ["if A then A else " * 1000 + "A", "Abs(" * 4000 + "A", "A" + " xor A" * 3000]
    deep += ["exists (T R where " * 1000, "A in Interval[" * 1000, "x" * 20_001, "Count({A} X where " * 1000]
    for text in deep:
        start = time.process_time()
        found = told(text[:20_001])
        assert found.message
        assert time.process_time() - start < 3
    wide = read("A" + " and A" * 3000)
    assert isinstance(wide, e.And)
    assert len(wide.operands) == 3001


def test_a_list_within_lists_does_not_grow_without_end() -> None:
    text = "X"
    for n in range(40):
        text = f"Count({{A, A, A}} X{n} where X{n} > {text})"
    assert "at once" in told(text.replace("{A, A, A}", "{A + A, A + A}")).message


def test_the_grammar_is_decided_by_one_word(caplog: pytest.LogCaptureFixture) -> None:
    text = GRAMMAR.read_text(encoding="utf-8")
    logger.addHandler(caplog.handler)
    level = logger.level
    try:
        # Lark resolves some conflicts in silence, and says so only when it is asked to.
        logger.setLevel("DEBUG")
        Lark(text, parser="lalr", lexer="basic", start=["expression", "window", "until"], debug=True)
    finally:
        logger.setLevel(level)
        logger.removeHandler(caplog.handler)
    assert "onflict" not in caplog.text


def test_the_examples_of_the_grammar_are_of_the_language() -> None:
    page = GRAMMAR.read_text(encoding="utf-8")
    examples = re.findall(r"^ +// (.*)$", page, re.MULTILINE)
    seen = 0
    for line in examples:
        for text in re.split(r"  {2,}", line):
            plain = text.split(": two measurements")[0].split(":")[0].strip() if ": " in text else text.strip()
            if re.match(r"(within|until)\b", text) or re.fullmatch(r"[a-z ,`A-Z]+", plain) or "`" in plain:
                continue
            faults = Faults()
            assert parse(scalar(plain), faults) is not None, (plain, [d.message for d in faults.found])
            seen += 1
    assert seen >= 30


WORDS = [
    "A", '"B c"', "and", "or", "not", "(", ")", "{", "}", "[", "]", ",", "3", "3.5", "'mg/L'", "@2026", "is", "null", "if",
    "then", "else", "exists", "Count", "distinct", "where", "return", "T", ".x", "before", "day", "of", "days", "or less",
    "between", "in", "Interval", "+", "-", "*", "/", "^", "=", "!=", "<", ">=", "Ln", "Mean", "date", "within", "same",
    "//", "\n", "\u2265", "'", '"', "@", "0" * 50, "\u00e4",
]  # fmt: skip


def test_texts_of_loose_words_are_read_or_told() -> None:
    chance = random.Random(3)
    read_so_far = 0
    for _ in range(6000):
        text = " ".join(chance.choice(WORDS) for _ in range(chance.randrange(1, 12)))
        faults = Faults()
        found = parse(scalar(text), faults)
        assert (found is None) == (len(faults) == 1), text
        read_so_far += found is not None
        for diagnostic in faults.found:
            assert diagnostic.kind is SyntaxFault
            assert 1 <= diagnostic.span.line <= text.count("\n") + 1
    assert read_so_far > 50


@settings(max_examples=500, deadline=None)
@given(st.text(max_size=60))
def test_any_text_is_read_or_told(text: str) -> None:
    faults = Faults()
    found = parse(scalar(text), faults)
    assert (found is None) == (len(faults) == 1)
