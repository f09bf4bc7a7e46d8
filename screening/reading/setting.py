"""Another value of a parameter, or a range of values, as somebody writes it who tries it out."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from screening.errors import RuleError
from screening.language.library import Library, ParameterValue
from screening.reading.constants import NoConstant, constant_of
from screening.reading.faults import did_you_mean
from screening.values.bounds import Bounds
from screening.values.unit import everyday

SOURCE = "what-if"
_WITH_UNIT = re.compile(r"(-?[0-9]+(?:\.[0-9]+)?) +([^' ]+)\Z")
_NUMBERS = ("Integer", "Decimal", "Quantity")


@dataclass(frozen=True, slots=True)
class Setting:
    """A parameter with another value, or a range of values (`low` to `high`, both in)."""

    name: str
    written: str
    low: Fraction | None = None
    high: Fraction | None = None

    @property
    def is_range(self) -> bool:
        return self.low is not None


def setting(library: Library, text: str) -> Setting:
    """`PARAMETER=VALUE` or `PARAMETER=LOW..HIGH`, with or without units.

    Raises RuleError in the words of the author where it says nothing that can be tried.
    """
    name, sign, value = (part.strip() for part in text.partition("="))
    if not sign or not name or not value:
        raise RuleError(f"`{text}` sets nothing: write it as `PARAMETER=VALUE` or `PARAMETER=LOW..HIGH`")
    parameter = next((each for each in library.parameters if each.name == name), None)
    if parameter is None:
        names = [each.name for each in library.parameters]
        near = did_you_mean(name, names)
        known = f"; it has {', '.join(f'`{each}`' for each in names)}" if len(names) <= 12 else ""
        raise RuleError(f"`{library.name}` has no parameter `{name}`{f'; {near}' if near else known}")
    low, dots, high = (_in_unit(part.strip(), parameter) for part in value.partition(".."))
    if not dots:
        _constant(parameter, low)
        return Setting(name, low)
    if "'" in high and "'" not in low:
        # `140..180 mm[Hg]`: the unit is that of both ends.
        low = f"{low} {high[high.index(chr(39)) :]}"
    ends = [_number(parameter, end) for end in (low, high)]
    if ends[0] > ends[1]:
        raise RuleError(f"parameter `{name}`: the range `{value}` runs downwards")
    return Setting(name, value, *ends)


def _in_unit(text: str, parameter: ParameterValue) -> str:
    """A quantity as rule files write it: its unit in quotes, in UCUM; `140 mmHg` is understood too."""
    found = _WITH_UNIT.match(text)
    if found is None or parameter.type.name != "Quantity":
        return text
    own = parameter.type.unit
    return f"{found[1]} '{own if found[2] == everyday(own) else found[2]}'"


def _constant(parameter: ParameterValue, text: str) -> Any:
    try:
        return constant_of(text, parameter.type)
    except NoConstant as wrong:
        raise RuleError(
            f"parameter `{parameter.name}`: {wrong.message}{f'; {wrong.help}' if wrong.help else ''}"
        ) from None


def _number(parameter: ParameterValue, text: str) -> Fraction:
    found = _constant(parameter, text)
    if parameter.type.name not in _NUMBERS or not isinstance(found, Bounds):
        raise RuleError(f"parameter `{parameter.name}` is no number: only single values of it can be tried")
    return Fraction(found.low)


def changed(library: Library, name: str, written: str) -> Library:
    """The library with another value of a parameter."""
    made = tuple(
        replace(p, value=_constant(p, written), written=written, origin=SOURCE) if p.name == name else p
        for p in library.parameters
    )
    return replace(library, parameters=made)
