"""Types and units of values: what may meet, what is converted, what comes out of arithmetic."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screening.errors import TypeFault, UnitFault
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.text import spell
from screening.language.types import CODE, DATE, DATETIME, DECIMAL, INTEGER, NUMBERS, Type, quantity, unknown
from screening.reading.build import NULL
from screening.reading.concepts import code_of
from screening.reading.faults import shown
from screening.reading.scope import Place
from screening.values.bounds import Bounds
from screening.values.quantity import (
    OffsetUnit,
    UnknownUnit,
    convert,
    divide,
    multiply,
    parse_unit,
    power,
    same_dimension,
)

TRUTHS = ("Boolean", "Judgement")
DAYS = ("Date", "DateTime")
CODED = ("String", "Code")


def said(node: e.AnyNode) -> str:
    """The author's words for a node, in backticks."""
    return f"`{shown(spell(node), 50).strip(chr(34))}`"


def a_type(type: Type) -> str:
    """A type with its article: `an Integer`."""
    return f"{'an' if str(type)[0] in 'AEIOU' else 'a'} {type}"


def is_number(type: Type) -> bool:
    return type.name in NUMBERS


def is_plain(node: Expression) -> bool:
    return node.type.name in ("Integer", "Decimal")


# ------------------------------------------------------------------------------------- in one type


def in_unit(node: Expression, target: Type) -> Expression:
    """A quantity in another unit of its dimension: a constant at once, anything else by a conversion."""
    source, unit = parse_unit(node.type.unit), parse_unit(target.unit)
    if (source.factor, source.offset) == (unit.factor, unit.offset):
        return replace(node, type=target) if isinstance(node, e.Literal) else node
    if isinstance(node, e.Literal) and isinstance(node.value, Bounds):
        ends = (None if end is None else convert(end, source, unit) for end in node.value)
        return replace(node, value=Bounds(*ends), type=target)
    return e.Convert(node, node.type.unit, target.unit, target, span=node.span)


def by_day(node: Expression) -> Expression:
    """A day for an instant; a day stays what it is."""
    return e.DayOf(node, span=node.span) if node.type == DATETIME else node


def aligned(place: Place, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    """Both in one type and unit; the right side follows the left, a constant follows what it is compared with."""
    a, b = left.type, right.type
    if a.name == b.name == "Quantity":
        return _in_one_unit(place, left, right)
    if "Quantity" in (a.name, b.name) and is_number(a) and is_number(b):
        united, without = (left, right) if a.name == "Quantity" else (right, left)
        unit = united.type.unit
        if isinstance(united, e.Literal) and not isinstance(without, e.Literal):
            place.fault(UnitFault, united.span, f"{said(without)} has no unit and is compared in `{unit}`")
        help = f"write `{spell(without)} '{unit}'`" if isinstance(without, e.Literal) else ""
        message = f"{said(united)} is in `{unit}` and {said(without)} has no unit"
        place.fault(UnitFault, without.span, message, help)
    if is_number(a) and is_number(b):
        return left, right
    if a.name in DAYS and b.name in DAYS:
        return (left, right) if a == b else (by_day(left), by_day(right))
    if a.name in TRUTHS and b.name in TRUTHS:
        return left, right
    if a.name in CODED and b.name in CODED:
        return _in_one_vocabulary(place, left, right)
    if NULL in (a, b):
        null = left if a == NULL else right
        place.fault(TypeFault, null.span, "nothing can be compared with `null`", "ask `... is null`")
    message = f"{said(left)} is {a_type(a)} and {said(right)} is {a_type(b)}"
    place.fault(TypeFault, right.span, message)


def _in_one_unit(place: Place, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    if not same_dimension(parse_unit(left.type.unit), parse_unit(right.type.unit)):
        constant = isinstance(left, e.Literal) and not isinstance(right, e.Literal)
        declared, found = (right, left) if constant else (left, right)
        verb = "compared in" if isinstance(found, e.Literal) else f"meets {said(found)} in"
        message = f"{said(declared)} is in `{declared.type.unit}` and {verb} `{found.type.unit}`"
        if isinstance(declared, e.Reference):
            message = f"{said(declared)} is declared in `{declared.type.unit}` and {verb} `{found.type.unit}`"
        help = f"state the limit in `{declared.type.unit}`" if isinstance(found, e.Literal) else ""
        place.fault(UnitFault, found.span, message, help)
    if isinstance(left, e.Literal) and not isinstance(right, e.Literal):
        return in_unit(left, right.type), right
    return left, in_unit(right, left.type)


def _in_one_vocabulary(place: Place, left: Expression, right: Expression) -> tuple[Expression, Expression]:
    if left.type == right.type:
        return left, right
    coded, other = (left, right) if left.type == CODE else (right, left)
    found = as_code(place, other, coded)
    return (coded, found) if coded is left else (found, coded)


def word_of(node: Expression) -> str | None:
    """The word that a constant is, None for any other node."""
    if not isinstance(node, e.Literal) or node.type.name not in CODED:
        return None
    value = node.value
    return value[0].code if isinstance(value, tuple) and not isinstance(value, Bounds) and value else None


def as_code(place: Place, node: Expression, coded: Expression) -> Expression:
    """A word in single quotes as the code that it spells."""
    word = word_of(node)
    if isinstance(node, e.Literal) and word is not None:
        code = code_of(word)
        if code is not None:
            return replace(node, value=(code,), type=CODE)
        help = "write `'SNOMED 58848006'`, or ask `in` with a value set"
        place.fault(TypeFault, node.span, f"{said(coded)} is a code and {said(node)} is a word", help)
    place.fault(TypeFault, node.span, f"{said(coded)} is a code and {said(node)} is {a_type(node.type)}")


def unified(place: Place, nodes: Sequence[Expression]) -> tuple[tuple[Expression, ...], Type]:
    """Several values of one type, in one unit: branches of an `if`, items of a list."""
    known = [node for node in nodes if node.type != NULL]
    if not known:
        return nodes_unknown(nodes, Type("Boolean")), Type("Boolean")
    first = known[0]
    found: list[Expression] = []
    for node in known[1:]:
        first, other = aligned(place, first, node)
        found.append(other)
    every = [first, *found]
    type = first.type
    if is_plain(first):
        type = DECIMAL if any(node.type == DECIMAL for node in every) else INTEGER
    elif type.name in TRUTHS:
        type = Type("Boolean")
    if type == DATE:
        every = [by_day(node) for node in every]
    if len(every) < len(nodes):
        remaining = iter(every)
        every = [nodes_unknown([node], type)[0] if node.type == NULL else next(remaining) for node in nodes]
    return tuple(every), type


def nodes_unknown(nodes: Sequence[Expression], type: Type) -> tuple[Expression, ...]:
    """`null` as the unknown value of a type."""
    return tuple(e.Literal(unknown(type), type, "null", span=node.span) for node in nodes)


# -------------------------------------------------------------------------------------- arithmetic


def arithmetic(place: Place, node: e.Arithmetic, left: Expression, right: Expression) -> Expression:
    """`+ - * / ^` with the unit that comes out of it."""
    for side in (left, right):
        if not is_number(side.type):
            help = ""
            if side.type.name in DAYS:
                both = left.type.name in DAYS and right.type.name in DAYS
                help = "write `days between A and B`" if both else f"write `{node.operator} 6 months`"
            message = f"`{node.operator}` is for numbers, and {said(side)} is {a_type(side.type)}"
            place.fault(TypeFault, side.span, message, help)
    try:
        match node.operator:
            case "+" | "-":
                return _sum(place, node, left, right)
            case "^":
                return _power(place, node, left, right)
        return _product(node, left, right)
    except OffsetUnit as unit:
        place.fault(UnitFault, node.span, str(unit), "convert it to `K` where it is recorded")
    except UnknownUnit:
        place.fault(UnitFault, node.span, f"{said(node)} has a unit that nobody can read")


def _sum(place: Place, node: e.Arithmetic, left: Expression, right: Expression) -> Expression:
    left, right = aligned(place, left, right)
    for side in (left, right):
        if side.type.name == "Quantity" and parse_unit(side.type.unit).offset:
            message = f"`{side.type.unit}` counts from another zero than `K` and cannot be added"
            place.fault(UnitFault, side.span, message, "convert it to `K` where it is recorded")
    type = left.type if left.type == right.type or left.type.name == "Quantity" else DECIMAL
    return replace(node, left=left, right=right, type=type)


def _product(node: e.Arithmetic, left: Expression, right: Expression) -> Expression:
    a, b = left.type, right.type
    whole = a == b == INTEGER and node.operator == "*"
    if a.name != "Quantity" and b.name != "Quantity":
        return replace(node, left=left, right=right, type=INTEGER if whole else DECIMAL)
    above = parse_unit(a.unit if a.name == "Quantity" else "1")
    below = parse_unit(b.unit if b.name == "Quantity" else "1")
    if node.operator == "*":
        return replace(node, left=left, right=right, type=quantity(multiply(above, below).text))
    if a.name == b.name and same_dimension(above, below):
        if above.offset or below.offset:
            raise OffsetUnit(above.text)
        return replace(node, left=left, right=in_unit(right, a), type=DECIMAL)
    return replace(node, left=left, right=right, type=quantity(divide(above, below).text))


def _power(place: Place, node: e.Arithmetic, left: Expression, right: Expression) -> Expression:
    if right.type.name == "Quantity":
        message = f"{said(right)} is in `{right.type.unit}` and cannot be an exponent"
        place.fault(UnitFault, right.span, message)
    if left.type.name != "Quantity":
        return replace(node, left=left, right=right, type=DECIMAL)
    whole = right.value if isinstance(right, e.Literal) and right.type == INTEGER else None
    if not isinstance(whole, Bounds) or abs(whole.low) > 20:
        message = f"{said(left)} is in `{left.type.unit}`; only whole powers keep a unit"
        place.fault(UnitFault, left.span, message, f"divide by the unit first: `/ 1 '{left.type.unit}'`")
    return replace(node, left=left, right=right, type=quantity(power(parse_unit(left.type.unit), whole.low).text))


def plain_number(place: Place, node: Expression, name: str) -> Expression:
    """A number without a unit, as logarithms and roots want it."""
    if is_plain(node):
        return node
    if node.type.name == "Quantity":
        message = f"{said(node)} is in `{node.type.unit}`, and `{name}` takes a number without a unit"
        place.fault(UnitFault, node.span, message, f"divide by the unit: `/ 1 '{node.type.unit}'`")
    place.fault(TypeFault, node.span, f"`{name}` is for numbers, and {said(node)} is {a_type(node.type)}")


def with_unit(place: Place, node: e.Literal) -> e.Literal:
    """A quantity of an expression, its unit being one."""
    try:
        parse_unit(node.type.unit)
        return node
    except UnknownUnit as wrong:
        help = f"did you mean `{wrong.suggestion}`" if wrong.suggestion else "write the unit in UCUM"
        place.fault(UnitFault, node.span, str(wrong), help)
