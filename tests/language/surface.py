"""Trees as the parser makes them, drawn by chance."""

from __future__ import annotations

import datetime
from decimal import Decimal

from hypothesis import strategies as st

from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.types import BOOLEAN, DATE, DATETIME, DECIMAL, INTEGER, STRING, quantity
from screening.reading.build import NULL
from screening.reading.tree import UNSETTLED
from screening.values.bounds import OPEN, exactly
from screening.values.calendar import UNITS, days_of
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN

NAMES = st.sampled_from(
    [
        "A",
        "WPI",
        "Systolic Pressure",
        "NT-proBNP",
        "and",
        "days",
        "x.y",
        "Last Dose",
        "true",
        "Count",
        "_a1",
        "1st",
    ]
)
ALIASES = st.sampled_from(["T", "R", "row1"])
FIELDS = st.sampled_from(["date", "value", "mechanism", "days", "of", "the drug"])
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=8)
NUMBERS = st.integers(0, 10**9) | st.decimals(0, 10**6, places=3)


def _number(value: int | Decimal) -> e.Literal:
    return e.Literal(exactly(value), INTEGER if isinstance(value, int) else DECIMAL)


def _instant(value: datetime.datetime) -> e.Literal:
    return e.Literal(exactly(value.replace(microsecond=0)), DATETIME)


LITERALS = st.one_of(
    st.sampled_from([e.Literal(TRUE, BOOLEAN), e.Literal(FALSE, BOOLEAN), e.Literal(UNKNOWN, NULL)]),
    NUMBERS.map(_number),
    st.builds(
        lambda v, u: e.Literal(exactly(Decimal(v)), quantity(u)),
        NUMBERS,
        st.sampled_from(["mg/L", "mm[Hg]", "[wood'U]"]),
    ),
    WORDS.map(lambda w: e.Literal(word(w), STRING)),
    st.dates(datetime.date(1900, 1, 1)).map(lambda d: e.Literal(exactly(d), DATE)),
    st.sampled_from(["2026", "2024-02"]).map(lambda d: e.Literal(days_of(d), DATE)),
    st.datetimes(datetime.datetime.fromisoformat("1900-01-01")).map(_instant),
)
REFERENCES = NAMES.map(lambda name: e.Reference(name, UNSETTLED))
RETRIEVES = NAMES.map(e.Retrieve)


def _date_of(rows: e.Retrieve) -> Expression:
    return e.DateOf(e.Select(rows, "", 1, OPEN, UNSETTLED))


LEAVES = st.one_of(
    LITERALS, REFERENCES, st.builds(e.Field, ALIASES, FIELDS, st.just(UNSETTLED)), RETRIEVES.map(_date_of)
)


def _several(inner: st.SearchStrategy[Expression], least: int) -> st.SearchStrategy[tuple[Expression, ...]]:
    return st.lists(inner, min_size=least, max_size=4).map(tuple)


def _amounts(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    return st.integers(0, 99).map(_number) | inner


def _rows(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[e.Rows]:
    return st.recursive(RETRIEVES, lambda rows: st.builds(e.Where, rows, ALIASES, inner), max_leaves=2)


def _functions(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    def made(name: str, operands: tuple[Expression, ...]) -> Expression:
        return e.Function(name, operands, UNSETTLED)

    return st.one_of(
        st.builds(made, st.sampled_from(["Ln", "Exp", "Sqrt", "Abs", "Round"]), st.tuples(inner)),
        st.builds(made, st.just("Round"), st.tuples(inner, inner)),
        st.builds(made, st.sampled_from(["Min", "Max", "Sum", "Mean", "Agree"]), _several(inner, 1)),
        st.builds(e.Coalesce, _several(inner, 1), st.just(UNSETTLED)),
    )


def _timings(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    def made(
        by_day: bool, kind: str, inclusive: bool, a: Expression, n: Expression, unit: str, b: Expression
    ) -> Expression:
        if by_day:
            a, b = e.DayOf(a), e.DayOf(b)
        return e.Timing(a, kind, inclusive or kind == "around", n, unit, b)

    kinds = st.sampled_from(["or less before", "or more before", "or less after", "or more after", "around"])
    return st.builds(
        made, st.booleans(), kinds, st.booleans(), inner, _amounts(inner), st.sampled_from(UNITS), inner
    )


def _compared(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    by_day = st.builds(
        lambda o, a, b: e.Compare(o, e.DayOf(a), e.DayOf(b)),
        st.sampled_from(["=", "<", "<=", ">", ">="]),
        inner,
        inner,
    )
    return by_day | st.builds(e.Compare, st.sampled_from(["=", "!=", "<", "<=", ">", ">="]), inner, inner)


def _grown(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    flags, words = st.booleans(), WORDS.map(lambda w: Code("", w))
    return st.one_of(
        st.builds(e.And, _several(inner, 2)),
        st.builds(e.Or, _several(inner, 2)),
        st.builds(e.Xor, inner, inner),
        st.builds(e.Implies, inner, inner),
        st.builds(e.Not, inner),
        st.builds(e.If, inner, inner, inner, st.just(UNSETTLED)),
        st.builds(e.CountTrue, _several(inner, 1)),
        _compared(inner),
        st.builds(e.Between, inner, inner, inner),
        st.builds(e.InInterval, inner, inner, inner, flags, flags),
        st.builds(lambda o, n: e.InSet(o, n, ()), inner, NAMES),
        st.builds(lambda o, c: e.InSet(o, "", tuple(c)), inner, st.lists(words, min_size=1, max_size=3)),
        st.builds(e.Is, inner, st.sampled_from(["null", "true", "false"]), flags),
        _timings(inner),
        st.builds(e.Negate, inner, st.just(UNSETTLED)),
        st.builds(e.Arithmetic, st.sampled_from(["+", "-", "*", "/", "^"]), inner, inner, st.just(UNSETTLED)),
        _functions(inner),
        st.builds(e.Shift, inner, _amounts(inner), st.sampled_from(UNITS), st.sampled_from([1, -1])),
        st.builds(e.Duration, st.sampled_from(UNITS), inner, inner),
        st.builds(e.Age, inner, inner),
        st.builds(e.Exists, _rows(inner)),
        st.builds(e.Count, _rows(inner)),
        st.builds(e.CountDistinct, _rows(inner), FIELDS, st.none()),
        st.builds(
            e.RowValues, _rows(inner), FIELDS, st.sampled_from(["Min", "Max", "Sum", "Mean"]), st.just(UNSETTLED)
        ),
    )


EXPRESSIONS: st.SearchStrategy[Expression] = st.recursive(LEAVES, _grown, max_leaves=12)
