"""Numbers as people write them beside a name: the comparator, the unit in UCUM, a mark on a scale drawn on paper.

A unit is read where it can mean one thing only. What cannot be read is refused with what would be, and a number
without unit is refused where one is wanted, since nobody can know which was meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from screening.errors import NOWHERE, Diagnostic, ScreeningError, TypeFault, UnitFault
from screening.language.library import DataRequirement
from screening.language.types import Type
from screening.reading.faults import listed, shown
from screening.sources.number import number_of
from screening.values.bounds import Bounds
from screening.values.quantity import UnknownUnit, convert, everyday, parse_unit, same_dimension, spelt

_NUMBER = re.compile(r"\s*((?:<=|>=|<|>)?\s*[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*\Z", re.DOTALL)
_COMMA = re.compile(r"\s*[<>]?=?\s*[+-]?[0-9]+,[0-9]")
# `50 of 0-100`, `5/10`: the scale that a mark was made on, perhaps with its unit.
_SCALE = re.compile(
    r"(?:of |on |/|\()? ?(?:0 ?(?:-|\u2013|to) ?)?(10|100)\b ?(cm|mm)?(?: ?(?:vas|nrs|scale))?\)?\Z"
)
_BEHIND = re.compile(r"[(\[]([^()]*)[)\]]\s*\Z")
_SIGNS = (("\u2264", "<="), ("\u2265", ">="))


class NotTaken(Exception):
    """An input that cannot be used: the class of the fault, what is wrong with it, and what to do."""

    def __init__(self, kind: type[ScreeningError], message: str, help: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.help = kind, message, help

    @property
    def diagnostic(self) -> Diagnostic:
        return Diagnostic(NOWHERE, self.message, self.kind, help=self.help)


class Measured(NamedTuple):
    """A number with its comparator as it counts, its UCUM unit or "", and whether it was converted."""

    number: str
    unit: str
    is_converted: bool = False


def is_number(text: str) -> bool:
    """Whether a text begins as a number does."""
    return _NUMBER.match(_plain(text)) is not None


def has_unit(text: str) -> bool:
    """Whether something stands behind the number of a text."""
    found = _NUMBER.match(_plain(text))
    return found is not None and bool(found[2])


def is_unit(text: str) -> bool:
    """Whether a word can be read as a unit, in UCUM or as people write it."""
    try:
        parse_unit(text)
    except UnknownUnit:
        return bool(spelt(text))
    return True


def with_unit_of(name: str, text: str) -> str:
    """A number with the unit that stands in brackets behind its name, where it has none: `Weight (kg)`.

    >>> with_unit_of("CRP [mg/L]", "12"), with_unit_of("CRP (mg/L)", "1 mg/dL"), with_unit_of("GH (VAS)", "40")
    ('12 mg/L', '1 mg/dL', '40')
    """
    found = _BEHIND.search(name)
    if found is None or not is_number(text) or has_unit(text):
        return text
    unit = found[1].strip()
    return f"{text} {unit}" if spelt(unit) or _SCALE.match(unit.casefold()) else text


def number_in(name: str, text: str, type: Type, factors: Sequence[str] = ()) -> Measured:
    """The number of a text and its unit, one of the dimension that the type or a factor wants. Raises NotTaken."""
    number, unit = _split(name, text)
    wanted = type.unit if type.name == "Quantity" else ""
    if not unit:
        if wanted and not _is_one(wanted):
            help = f"it is counted in {accepted(wanted, factors)}"
            raise NotTaken(UnitFault, f"`{shown(name)}` has no unit", help)
        return Measured(number, wanted)
    ucum = _ucum(name, unit, (wanted, *factors))
    if not wanted:
        if _is_one(ucum):
            return Measured(number, "")
        raise NotTaken(UnitFault, f"`{shown(name)}` is a number without a unit", "leave out the unit")
    if not any(same_dimension(parse_unit(ucum), parse_unit(each)) for each in (wanted, *factors)):
        help = f"it is counted in {accepted(wanted, factors)}"
        raise NotTaken(UnitFault, f"`{shown(name)}` cannot be given in `{shown(unit)}`", help)
    return Measured(number, ucum, not _same_unit(ucum, wanted))


def mark_in(requirement: DataRequirement, text: str) -> Measured:
    """A number on a scale that is drawn in a unit: `35 mm` is 3.5 on a scale of 0 to 10 in cm. Raises NotTaken.

    Without a unit it is a number on the scale as it is declared.
    """
    name, drawn = requirement.name, requirement.scale_unit
    number, unit = _split(name, text)
    if not drawn or not unit:
        return number_in(name, text, requirement.type)
    scale = _SCALE.match(unit.casefold())
    if scale is not None and scale[2] in (None, {"10": "cm", "100": "mm"}[scale[1]]):
        length = Decimal(requirement.scale.high or 0) / Decimal(scale[1])
        return _times(number, length)
    ucum = _ucum(name, unit, (drawn,))
    if _is_one(ucum):
        return Measured(number, "")
    if not same_dimension(parse_unit(ucum), parse_unit(drawn)):
        help = (
            f"it is a mark on a scale of {_range(requirement.scale)} in {accepted(drawn, ())}, or a number alone"
        )
        raise NotTaken(UnitFault, f"`{shown(name)}` cannot be given in `{shown(unit)}`", help)
    return _times(number, convert(Decimal(1), parse_unit(ucum), parse_unit(drawn)))


def accepted(unit: str, factors: Sequence[str]) -> str:
    """The units in which a value may be given.

    >>> accepted("umol/L", ("mg/dL",))
    '`umol/L` or `mg/dL`, or any unit of the same dimension'
    """
    return f"{listed((unit, *factors))}, or any unit of the same dimension"


def _plain(text: str) -> str:
    for written, meant in _SIGNS:
        text = text.replace(written, meant)
    return text


def _split(name: str, text: str) -> tuple[str, str]:
    found = _NUMBER.match(_plain(text))
    if _COMMA.match(text):
        help = "write a point before decimals, and nothing between thousands: `1.5`, `1500`"
        raise NotTaken(TypeFault, f"`{shown(name)}` is a number with a comma", help)
    if found is None:
        raise NotTaken(TypeFault, f"`{shown(name)}` is not a number", "write it as `7`, or `<5`")
    return found[1].replace(" ", ""), found[2].strip().strip("'\"").strip()


def _times(number: str, factor: Decimal) -> Measured:
    if factor == 1:
        return Measured(number, "")
    sign = number[: len(number) - len(number.lstrip("<=>"))]
    value = number_of(number.removeprefix(sign))
    if not isinstance(value, Decimal):
        raise NotTaken(TypeFault, "the number cannot be used", value.why)
    return Measured(f"{sign}{format(value * factor, 'f')}", "", is_converted=True)


def _range(bounds: Bounds) -> str:
    return f"{bounds.low} to {bounds.high}"


def _is_one(unit: str) -> bool:
    found = parse_unit(unit)
    return not found.dimension and found.factor == 1 and found.offset == 0


def _same_unit(a: str, b: str) -> bool:
    one, other = parse_unit(a or "1"), parse_unit(b or "1")
    return one.dimension == other.dimension and one.factor == other.factor and one.offset == other.offset


def _ucum(name: str, unit: str, fitting: Sequence[str]) -> str:
    """A unit in UCUM; what people write for it is read where it can mean nothing else."""
    try:
        parse_unit(unit)
        return unit
    except UnknownUnit as unknown:
        if meant := spelt(unit):
            return meant
        near = unknown.suggestion
        help = f"did you mean `{near}`" if near else "write the unit in UCUM"
        units = [each for each in fitting if each]
        if not near and units:
            help = f"it is counted in {accepted(units[0], units[1:])}"
        raise NotTaken(UnitFault, f"`{shown(name)}`: unknown unit `{shown(unit)}`", help) from None


def unit_shown(measured: Measured) -> str:
    """A number with the everyday name of its unit."""
    return f"{measured.number} {everyday(measured.unit)}".strip()
