"""An expression back to its one canonical spelling; read again, it is the same tree.

Brackets stand only where they are needed, and where `or` meets `xor`. A settled tree is spelt in the
same words: a selection by the name of its requirement, what `check` inserted not at all.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.values.bounds import Bounds
from screening.values.truth import Truth

# How tightly each form holds together; an operand that holds less is put in brackets.
_CHOICE, _IMPLIES, _OR, _AND, _IN, _EQUAL, _ORDER, _TIMING, _NOT, _SUM, _PRODUCT, _POWER, _SIGNED, _PRIMARY = (
    range(14)
)

KEYWORDS = frozenset(
    [
        "if",
        "then",
        "else",
        "implies",
        "or",
        "xor",
        "and",
        "not",
        "in",
        "is",
        "between",
        "true",
        "false",
        "null",
        "less",
        "more",
        "on",
        "before",
        "after",
        "within",
        "same",
        "as",
        "of",
        "day",
        "date",
        "where",
        "return",
        "distinct",
        "Interval",
        "Round",
        "Agree",
        "Coalesce",
        "Count",
        "CalculateAgeInYearsAt",
        "exists",
        "Exists",
        "Ln",
        "Exp",
        "Sqrt",
        "Abs",
        "Min",
        "Max",
        "Sum",
        "Mean",
        "year",
        "years",
        "month",
        "months",
        "week",
        "weeks",
        "days",
        "hour",
        "hours",
    ]
)
_LETTERS = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = frozenset("0123456789")


def spell(node: AnyNode) -> str:
    """The canonical spelling of an expression or of a query.

    >>> from screening.language.types import BOOLEAN
    >>> a, b, c = (e.Reference(name, BOOLEAN) for name in ("A", "B", "Blood Pressure Low"))
    >>> spell(e.And((a, e.Or((b, e.Not(c))))))
    'A and (B or not "Blood Pressure Low")'
    """
    return _spell(node, _CHOICE)


def name(text: str) -> str:
    """A name as it stands in an expression: in double quotes unless it is one plain word."""
    plain = text and text[0] in _LETTERS and all(c in _LETTERS or c in _DIGITS for c in text)
    return text if plain and text not in KEYWORDS else f'"{text}"'


def quoted(text: str) -> str:
    """A word or unit in single quotes."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _spell(node: AnyNode, least: int) -> str:
    text, holds = _form(node)
    return text if holds >= least else f"({text})"


def _listed(nodes: tuple[AnyNode, ...]) -> str:
    return ", ".join(_spell(node, _CHOICE) for node in nodes)


def _form(node: AnyNode) -> tuple[str, int]:
    """The text of a node and how tightly it holds together."""
    match node:
        case e.Literal():
            return _literal(node)
        case e.Parameter(given) | e.Reference(given):
            return name(given), _PRIMARY
        case e.Field(alias, given):
            return f"{alias}.{_field(given)}", _PRIMARY
        case e.Retrieve(given):
            return name(given), _PRIMARY
        case e.Where() | e.CountDistinct() | e.RowValues() | e.Count() | e.Exists() | e.CountTrue():
            return _of_rows(node)
        case e.Select(source):
            return name(_requirement(source)), _PRIMARY
        case e.DateOf(selection):
            return f"date of {name(_requirement(selection.source))}", _PRIMARY
        case e.Silence(operand) | e.Favoured(operand) | e.Convert(operand):
            return _form(operand)
        case e.And() | e.Or() | e.Not() | e.Xor() | e.Implies() | e.If() | e.Is():
            return _logic(node)
        case e.Compare(operator, e.DayOf(left), e.DayOf(right)) if operator != "!=":
            return _by_day(operator, left, right), _TIMING
        case e.Compare(operator, left, right):
            return f"{_side(left)} {operator} {_side(right)}", _EQUAL if operator in ("=", "!=") else _ORDER
        case e.Between(operand, low, high):
            return f"{_spell(operand, _SUM)} between {_spell(low, _SUM)} and {_spell(high, _SUM)}", _TIMING
        case e.InSet(operand, given, codes):
            words = ", ".join(quoted(code.code if not code.system else str(code)) for code in codes)
            return f"{_spell(operand, _EQUAL)} in {name(given) if given else f'{{{words}}}'}", _IN
        case e.InInterval(operand, low, high, low_closed, high_closed):
            opening, closing = "[" if low_closed else "(", "]" if high_closed else ")"
            inside = f"{_spell(low, _CHOICE)}, {_spell(high, _CHOICE)}"
            return f"{_spell(operand, _EQUAL)} in Interval{opening}{inside}{closing}", _IN
        case e.Timing():
            return _timing(node), _TIMING
        case e.Duration(unit, left, right):
            return f"{unit} between {_spell(left, _SUM)} and {_spell(right, _SUM)}", _TIMING
        case e.Contradicted(criterion):
            return f"contradicted({criterion})", _PRIMARY
        case e.Fires(source, _, condition):
            return f"on any row of {name(_requirement(source))}: {_spell(condition, _CHOICE)}", _CHOICE
        case _:
            return _number(node)


def _side(node: AnyNode) -> str:
    """One side of a comparison; a comparison inside it stands in brackets, though CQL could do without."""
    return _form(node)[0] if isinstance(node, e.Duration) else _spell(node, _SUM)


def _logic(node: AnyNode) -> tuple[str, int]:
    match node:
        case e.And(operands):
            return " and ".join(_spell(operand, _IN) for operand in operands), _AND
        case e.Or(operands):
            return " or ".join(_spell(operand, _AND) for operand in operands), _OR
        case e.Xor(left, right):
            first = _form(left)[0] if isinstance(left, e.Xor) else _spell(left, _AND)
            return f"{first} xor {_spell(right, _AND)}", _OR
        case e.Not(operand):
            return f"not {_spell(operand, _NOT)}", _NOT
        case e.Implies(left, right):
            return f"{_spell(left, _IMPLIES)} implies {_spell(right, _OR)}", _IMPLIES
        case e.If(condition, then, otherwise):
            parts = f"{_spell(condition, _CHOICE)} then {_spell(then, _CHOICE)} else {_spell(otherwise, _CHOICE)}"
            return f"if {parts}", _CHOICE
        case e.Is(operand, state, negated):
            return f"{_spell(operand, _SUM)} is {'not ' if negated else ''}{state}", _NOT
    raise TypeError(type(node))


def _number(node: AnyNode) -> tuple[str, int]:
    match node:
        case e.Negate(operand):
            return f"-{_spell(operand, _PRIMARY)}", _SIGNED
        case e.Arithmetic("^", left, right):
            return f"{_spell(left, _PRIMARY)} ^ {_spell(right, _SIGNED)}", _POWER
        case e.Arithmetic("*" | "/" as operator, left, right):
            return f"{_spell(left, _PRODUCT)} {operator} {_spell(right, _POWER)}", _PRODUCT
        case e.Arithmetic(operator, left, right):
            return f"{_spell(left, _SUM)} {operator} {_spell(right, _PRODUCT)}", _SUM
        case e.Shift(operand, amount, unit, sign):
            return f"{_spell(operand, _SUM)} {'+' if sign > 0 else '-'} {_amount(amount, unit)}", _SUM
        case e.DayOf(operand):
            return _form(operand)
        case e.Age(born, on):
            return f"CalculateAgeInYearsAt({_listed((born, on))})", _PRIMARY
        case e.Coalesce(operands):
            return f"Coalesce({_listed(operands)})", _PRIMARY
        case e.Function(given, operands):
            listed = given in ("Min", "Max", "Sum", "Mean")
            return f"{given}({{{_listed(operands)}}})" if listed else f"{given}({_listed(operands)})", _PRIMARY
    raise TypeError(type(node))


def _of_rows(node: AnyNode) -> tuple[str, int]:
    match node:
        case e.Where(source, alias, condition):
            inner = f"({_form(source)[0]})" if isinstance(source, e.Where) else _form(source)[0]
            return f"{inner} {alias} where {_spell(condition, _CHOICE)}", _CHOICE
        case e.Exists(e.Retrieve(given)):
            return f"exists {name(given)}", _NOT
        case e.Exists(source):
            return f"exists ({_form(source)[0]})", _NOT
        case e.Count(source):
            return f"Count({_form(source)[0]})", _PRIMARY
        case e.CountTrue(operands):
            return f"Count({{{_listed(operands)}}} X where X)", _PRIMARY
        case e.CountDistinct(source, key):
            return f"Count(distinct ({_returning(source, key)}))", _PRIMARY
        case e.RowValues(source, key, function):
            return f"{function}(({_returning(source, key)}))", _PRIMARY
    raise TypeError(type(node))


def _returning(source: e.Rows, key: str) -> str:
    alias = source.alias if isinstance(source, e.Where) else "X"
    text = _form(source)[0] if isinstance(source, e.Where) else f"{_form(source)[0]} X"
    return f"{text} return {alias}.{_field(key)}"


def _field(given: str) -> str:
    plain = given and given[0] in _LETTERS and all(c in _LETTERS or c in _DIGITS for c in given)
    return given if plain else f'"{given}"'


def _requirement(rows: e.Rows) -> str:
    while isinstance(rows, e.Where):
        rows = rows.source
    return rows.requirement


def _by_day(operator: str, left: AnyNode, right: AnyNode) -> str:
    words = {
        "=": "same day as", "<": "before day of", "<=": "on or before day of", ">": "after day of",
        ">=": "on or after day of",
    }  # fmt: skip
    return f"{_spell(left, _SUM)} {words[operator]} {_spell(right, _SUM)}"


def _amount(amount: AnyNode, unit: str) -> str:
    text = _form(amount)[0]
    if isinstance(amount, e.Literal) and text.isdigit():
        return f"{text} {unit.removesuffix('s') if text == '1' else unit}"
    return f"({text}) {unit}"


def _timing(node: e.Timing) -> str:
    left, right, day = node.operand, node.reference, ""
    if isinstance(left, e.DayOf) and isinstance(right, e.DayOf):
        left, right, day = left.operand, right.operand, "day of "
    amount = _amount(node.amount, node.unit)
    if node.kind == "around":
        return f"{_spell(left, _SUM)} within {amount} of {day}{_spell(right, _SUM)}"
    how, _, direction = node.kind.rpartition(" ")
    on = "on or " if node.inclusive else ""
    return f"{_spell(left, _SUM)} {amount} {how} {on}{direction} {day}{_spell(right, _SUM)}"


def _literal(node: e.Literal) -> tuple[str, int]:
    text = node.text or _value(node)
    return text, _SIGNED if text.startswith("-") else _PRIMARY


def _value(node: e.Literal) -> str:
    value = node.value
    if isinstance(value, Truth):
        return {"TRUE": "true", "FALSE": "false"}.get(value.value, "null")
    if not isinstance(value, Bounds):
        return quoted(value[0].code if not value[0].system else str(value[0])) if value else "null"
    if value.low is None or value.high is None:
        return "null"
    if isinstance(value.low, datetime.date):
        return "@" + _day(value)
    number = format(value.low, "f") if isinstance(value.low, Decimal) else str(value.low)
    return f"{number} {quoted(node.type.unit)}" if node.type.name == "Quantity" else number


def _day(value: Bounds) -> str:
    low, high = value.low, value.high
    if isinstance(low, datetime.datetime):
        return low.isoformat() if low == high else _day(Bounds(low.date(), high.date()))
    if low == high:
        return str(low.isoformat())
    if low.month == high.month:
        return f"{low.year:04d}-{low.month:02d}"
    return f"{low.year:04d}"
