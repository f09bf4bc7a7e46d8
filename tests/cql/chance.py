"""Expressions of CQL in great number: every operator of the subset, and of what lies beside it, on operands of
every kind, known and not, whole and cut short, open and closed.

They are written by rule, not drawn: `expressions()` is all of them, always in the same order.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

_WHOLE = ["1", "2", "-1", "null", "3.0", "2.5", "5L", "6L"]
_AMOUNTS = ["1 'g'", "1000 'mg'", "2 'g'", "null", "1 'cm'"]
_DAYS = ["@2014", "@2014-05", "@2014-05-10", "@2014-06-01", "@2015-01-01", "null", "@2014-05-31"]
_INSTANTS = [
    "@2014-05-10T10:00:00", "@2014-05-10T", "@2014-05-10T12:30", "DateTime(2014)", "DateTime(2014, 5)",
    "DateTime(2014, 5, 10)", "DateTime(2014, 5, 11, 0, 0, 0, 0)", "@2014-05-10T10:00:00.000Z",
    "@2014-05-10T23:30:00.000-05:00", "null", "DateTime(2014, 5, 10, 10)",
]  # fmt: skip
_TRUTHS = ["true", "false", "null"]
_WORDS = ["'a'", "'b'", "null", "''"]
_CALCULATED = ["7", "-7", "0", "null", "2.5", "-3", "5L", "1.00000001"]
_ROUNDED = ["0", "1", "-1", "2.5", "-2.5", "1.005", "-0.5", "null", "0.99999999", "7L", "null as Decimal"]
_UNITS = ["year", "month", "week", "day", "hour", "minute", "second", "millisecond"]
_COMPARED = ["=", "!=", "<", "<=", ">", ">=", "~", "!~"]
_INTERVALS = {
    "number": (
        [
            "Interval[1, 5]", "Interval(1, 5)", "Interval[1, null]", "Interval[1, null)", "Interval(null, 5]",
            "Interval[null, 5]", "Interval[5, 8]", "Interval[6, 9]", "Interval[1, 5)", "null", "Interval[3, 4]",
        ],
        ["1", "5", "3", "null", "9"],
    ),
    "day": (
        [
            "Interval[@2014-05, @2014-06]", "Interval[@2014-05-10, @2014-06-01)", "Interval[@2014-05-10, null]",
            "Interval(@2014-01-01, @2014-05-10]", "Interval[null, @2014-05-31)", "Interval[@2014, @2015]",
            "Interval[@2014-05-10, null)",
        ],
        ["@2014-05-10", "@2014-05", "null", "@2014", "@2016-01-01"],
    ),
    "decimal": (
        [
            "Interval[1.0, 5.0)", "Interval(5.0, 6.5]", "Interval[5.0, null)", "(null as Interval<Decimal>)",
            "Interval(null, null)",
        ],
        ["5.0", "null", "6.5"],
    ),
    "amount": (
        ["Interval[1 'g', 5 'g']", "Interval(500 'mg', 5 'g')", "Interval[2.0 'g', null)"],
        ["1 'g'", "0.9999 'g'", "null"],
    ),
}  # fmt: skip
_RELATIONS = [
    "before", "after", "overlaps", "overlaps before", "overlaps after", "meets", "meets before", "meets after",
    "starts", "ends", "includes", "included in", "during", "properly includes", "properly included in",
    "properly during", "=", "!=", "~", "same as", "on or before", "on or after", "same or before", "before or on",
    "after or on",
]  # fmt: skip
_LISTS = [
    "{}",
    "{1, null}",
    "{null, null}",
    "{1, 2, 2}",
    "null",
    "{'a', 'b'}",
    "{@2014, @2014-05}",
    "{1 'g', 500 'mg'}",
]
_TYPES = ["Integer", "Decimal", "Boolean", "String", "Date", "DateTime", "Quantity", "Long"]
_SINGLE = [
    "Date(2014)", "Date(2014, 5)", "Date(2014, 2, 30)", "Date(0)", "@0001-01-01 - 1 day", "@9999-12-31 + 1 day",
    "DateTime(10000)", "DateTime(2014, 13)", "2147483647 + 1", "2147483648", "1.123456789", "-2147483648",
    "Today() = Today()", "Now() is null", "1 year = 12 months", "5 days > 1 week", "Interval[5, 1]",
    "Interval[1, 1)", "Interval(1, 2)", "Interval[null, null]", "5 'g' + 1", "1 +", "(", "'a", "case 1 end",
    "if true then 1", "  ", "// x", "from ({1}) X return X", "{1}[0]", "'abc'[0]", "@T10 < @T11",
    "1 is not null and 2 > 1 or false xor true implies null",
]  # fmt: skip


def expressions() -> list[str]:
    """All of them, each once."""
    parts = [_truths(), _numbers(), _comparisons(), _dates(), _durations(), _intervals(), _lists(), _types()]
    return list(dict.fromkeys([*itertools.chain(*parts), *_SINGLE]))


def _comparisons() -> Iterator[str]:
    for operands in (_WHOLE, _AMOUNTS, _DAYS, _INSTANTS):
        for a, b in itertools.product(operands, repeat=2):
            yield from (f"{a} {sign} {b}" for sign in _COMPARED)
    for a, b in itertools.product(_WORDS, _WORDS[:3]):
        yield from (f"{a} {sign} {b}" for sign in _COMPARED)
        yield from (f"{a} in {{'a', {b}}}", f"{a} + {b}", f"{a} & {b}", f"Coalesce({a}, {b}, 'z')")
        yield f"case {a} when {b} then 'x' else 'y' end"
    for among in (["1", "null", "2.5"], ["@2014-05", "null", "@2014-05-10", "@2014"]):
        yield from (f"{a} between {b} and {c}" for a, b, c in itertools.product(among, repeat=3))


def _truths() -> Iterator[str]:
    for a, b in itertools.product(_TRUTHS, repeat=2):
        yield from (f"{a} {word} {b}" for word in ("and", "or", "xor", "implies"))
        yield from (f"Coalesce({a}, {b})", f"AllTrue({{{a}, {b}}})", f"AnyTrue({{{a}, {b}}})")
        yield from (f"if {a} then 1 else 2", f"case when {a} then 1 when {b} then 2 else 3 end")
        yield from (f"{{{a}, {b}}} contains true", f"exists ({{{a}, {b}}})", f"({a} and {b}) is not true")
    for a in _TRUTHS:
        yield from (f"{a} is {no}{state}" for no in ("", "not ") for state in ("null", "true", "false"))
        yield from (f"not {a}", f"IsNull({a})", f"IsTrue({a})", f"IsFalse({a})", f"not {a} is null")


def _numbers() -> Iterator[str]:
    for a, b in itertools.product(_CALCULATED, repeat=2):
        yield from (f"{a} {sign} {b}" for sign in ("+", "-", "*", "/", "div", "mod", "^"))
        yield from (f"{name}({a}, {b})" for name in ("Power", "Log", "Coalesce"))
        yield from (f"{name}({{{a}, {b}}})" for name in ("Min", "Max", "Sum", "Avg", "Count", "Product"))
        yield f"{a} in {{{b}, 7}}"
    for a in _ROUNDED:
        yield from (f"{name}({a})" for name in ("Abs", "Ceiling", "Floor", "Truncate", "Round", "Ln", "Exp"))
        yield from (f"-({a})", f"Round({a}, 1)", f"Round({a}, null)", f"predecessor of {a}", f"successor of {a}")
    for a, b in itertools.product(_AMOUNTS, repeat=2):
        yield from (f"{a} {sign} {b}" for sign in "+-*/")
        yield from (f"Max({{{a}, {b}}})", f"Sum({{{a}, {b}}})")


def _dates() -> Iterator[str]:
    for a in (*_DAYS, *_INSTANTS):
        for unit, count in itertools.product(_UNITS, (1, 0, -1, 13)):
            yield from (f"{a} + {count} {unit}s", f"{a} - {count} {unit}s")
        yield from (f"{part} from {a}" for part in ("year", "month", "day", "date"))
    for operands in (_DAYS, _INSTANTS):
        for a, b in itertools.product(operands, repeat=2):
            for unit in ("", *_UNITS):
                of, beside = (f" {unit} of", f" {unit}") if unit else ("", "")
                yield from (f"{a} {word}{of} {b}" for word in ("before", "after", "on or before", "on or after"))
                yield from (f"{a} same{beside} {word} {b}" for word in ("as", "or before", "or after"))


def _durations() -> Iterator[str]:
    for operands in (_DAYS, _INSTANTS):
        for a, b in itertools.product(operands, repeat=2):
            for unit in _UNITS:
                yield from (f"{unit}s between {a} and {b}", f"difference in {unit}s between {a} and {b}")
            yield from (f"(days between {a} and {b}) > 10", f"(months between {a} and {b}) + 1")
            yield f"(years between {a} and {b}) in Interval[0, 1]"
            yield from (f"{a} 3 days or less before {b}", f"{a} within 3 days of {b}")
            yield f"{a} 1 month or more after {b}"


def _intervals() -> Iterator[str]:
    for kind, (intervals, points) in _INTERVALS.items():
        for a, b in itertools.product(intervals, repeat=2):
            yield from (f"{a} {relation} {b}" for relation in _RELATIONS)
            if kind == "day":
                for unit in ("day", "month", "year"):
                    to_the_unit = ("before", "overlaps", "included in", "meets", "starts")
                    yield from (f"{a} {word} {unit} of {b}" for word in to_the_unit)
                    yield f"{a} same {unit} as {b}"
        for a in intervals:
            yield from (f"start of {a}", f"end of {a}", f"width of {a}", f"{a} is null")
        for point, a in itertools.product(points, intervals):
            words = ("in", "before", "after", "starts", "properly included in", "on or after", "overlaps")
            yield from (f"{point} {word} {a}" for word in words)
            yield from (f"{a} {word} {point}" for word in ("contains", "before", "properly includes", "includes"))
            if kind == "day":
                yield from (f"{point} in day of {a}", f"{point} in month of {a}", f"{point} during month of {a}")


def _lists() -> Iterator[str]:
    names = (
        "Count",
        "Sum",
        "Min",
        "Max",
        "Avg",
        "Median",
        "Mode",
        "Exists",
        "First",
        "Length",
        "AllTrue",
        "AnyTrue",
    )
    for a in _LISTS:
        yield from (f"{name}({a})" for name in names)
        yield from (f"exists {a}", f"1 in {a}", f"null in {a}", f"{a} contains 1", f"{a} contains null")
        yield from (f"{a} is null", f"{a} = {a}", f"{a} includes 1", f"1 included in {a}", f"{a} union {a}")


def _types() -> Iterator[str]:
    for a in _TYPES:
        yield from (f"(null as {a}) is null", f"null is {a}", f"Coalesce(null as {a}, null)", f"cast null as {a}")
        yield from (f"minimum {a}", f"maximum {a}", f"1 is {a}", f"1 as {a}")
