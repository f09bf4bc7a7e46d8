"""Constants that stand outside expressions: numbers of a scale, values of parameters."""

from __future__ import annotations

import re
from decimal import Decimal

from screening.errors import NameFault, RuleError, TypeFault, UnitFault
from screening.language.types import INTEGER, NUMBERS, Type, quantity
from screening.reading.concepts import code_of
from screening.reading.document import Scalar
from screening.reading.faults import Faults, did_you_mean, shown
from screening.reading.keys import Keys
from screening.values.bounds import Bounds, exactly
from screening.values.calendar import days_of, instants_of
from screening.values.coding import Codings, word
from screening.values.quantity import DimensionMismatch, UnknownUnit, convert, parse_unit
from screening.values.truth import FALSE, TRUE, Truth

Value = Truth | Bounds | Codings
MOST_DIGITS = 28
_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?\Z")
_QUANTITY = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) *'([^']+)'\Z")

SIMPLE = ("Boolean", "Integer", "Decimal", "Quantity", "Date", "DateTime", "String", "Code")


class NoConstant(Exception):
    """A text that is no value of its type: the class of the fault, what is wrong, and what may be done."""

    def __init__(self, kind: type[RuleError], message: str, help: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.help = kind, message, help


def number_of(text: str) -> int | Decimal | None:
    """A number as written, whole or decimal; None for any other text, and for one of too many digits."""
    if len(text) > MOST_DIGITS + 2 or not _NUMBER.match(text):
        return None
    return Decimal(text) if "." in text else int(text)


def constant_of(text: str, type: Type) -> Value:
    """The value that a text says, in a type. Raises NoConstant.

    >>> constant_of("150", Type("Integer"))
    Bounds(low=150, high=150)
    """
    text = text.strip()
    match type.name:
        case "Boolean" | "Judgement":
            if text not in ("true", "false"):
                raise NoConstant(TypeFault, f"`{shown(text)}` is neither `true` nor `false`")
            return TRUE if text == "true" else FALSE
        case "Integer" | "Decimal":
            number = number_of(text)
            if number is None or (type.name == "Integer" and not isinstance(number, int)):
                kind = "whole number" if type.name == "Integer" else "number"
                raise NoConstant(TypeFault, f"`{shown(text)}` is no {kind}")
            return exactly(number)
        case "Quantity":
            return exactly(_quantity(text, type.unit))
        case "Date" | "DateTime":
            written = text.removeprefix("@")
            try:
                return days_of(written) if type.name == "Date" else instants_of(written)
            except ValueError:
                help = "write it as `2026-08-15`, `2026-08` or `2026`"
                raise NoConstant(TypeFault, f"`{shown(text)}` is no day of the calendar", help) from None
        case "Code":
            code = code_of(text.strip("'"))
            if code is None:
                raise NoConstant(NameFault, f"`{shown(text)}` is not a code", "write `SYSTEM CODE`")
            return (code,)
    return word(text[1:-1] if len(text) > 1 and text[0] == text[-1] == "'" else text)


def _quantity(text: str, unit: str) -> Decimal:
    plain, written = number_of(text), _QUANTITY.match(text)
    if plain is not None:
        return Decimal(plain)
    if not written or len(written[1]) > MOST_DIGITS:
        raise NoConstant(TypeFault, f"`{shown(text)}` is no quantity", f"write a number, in `{unit}`")
    try:
        return convert(Decimal(written[1]), parse_unit(written[2]), parse_unit(unit))
    except UnknownUnit as unknown:
        raise NoConstant(UnitFault, str(unknown), _suggested(unknown)) from None
    except DimensionMismatch:
        message = f"the parameter is declared in `{unit}` and given in `{shown(written[2])}`"
        raise NoConstant(UnitFault, message, f"state it in `{unit}`") from None


def _suggested(unknown: UnknownUnit) -> str:
    return f"did you mean `{unknown.suggestion}`" if unknown.suggestion else "write the unit in UCUM"


def is_unit(faults: Faults, scalar: Scalar, criterion: str = "") -> bool:
    """Whether a text is a unit; that it is not is noted."""
    try:
        parse_unit(scalar.text)
    except UnknownUnit as unknown:
        faults.add(UnitFault, scalar.span, str(unknown), help=_suggested(unknown), criterion=criterion)
        return False
    return True


def read_type(faults: Faults, keys: Keys, allowed: tuple[str, ...], default: str = "") -> Type | None:
    """The type that `type:` and `unit:` declare, or None with the fault noted."""
    found = keys.scalar("type")
    if found is None:
        if not keys.has("type"):
            keys.need("type", help="`type: Boolean`, or another type")
        return None
    unit = keys.scalar("unit")
    name = found.text
    if name not in allowed:
        help = did_you_mean(name, allowed) or f"the types are {', '.join(allowed)}"
        keys.fault(TypeFault, found.span, f"there is no type `{shown(name)}` here", help=help)
        return None
    if name == "Quantity":
        if unit is None:
            if not keys.has("unit"):
                keys.fault(UnitFault, keys.span("type"), "a Quantity has no `unit:`", help="declare its UCUM unit")
            return None
        return quantity(unit.text) if is_unit(faults, unit, keys.criterion) else None
    if unit is not None:
        message = f"a unit is declared for a value of type {name}"
        keys.fault(UnitFault, keys.span("unit"), message, help="declare `type: Quantity`, or delete the unit")
    return Type(name)


def read_range(keys: Keys, key: str, type: Type) -> Bounds | None:
    """`[low, high]` of a scale or of what is plausible."""
    if not keys.has(key):
        return None
    items = keys.texts(key)
    numbers = [number_of(item.text) for item in items]
    if type.name not in NUMBERS:
        keys.fault(TypeFault, keys.span(key), f"`{key}:` is for numbers, and this is a value of type {type.name}")
        return None
    wrong = type == INTEGER and any(isinstance(n, Decimal) for n in numbers)
    if len(numbers) != 2 or numbers[0] is None or numbers[1] is None or wrong:
        keys.fault(TypeFault, keys.span(key), f"`{key}:` is two numbers, the least and the greatest: `[0, 10]`")
        return None
    if numbers[0] > numbers[1]:
        keys.fault(TypeFault, keys.span(key), f"`{key}:` begins above its end")
        return None
    return Bounds(numbers[0], numbers[1])
