"""Inputs of a calculation, by name, value and unit, as entries of a record or as values of definitions.

An input is named as its requirement, by the label of it, by one of its short names, or as a definition. A value
without unit is refused where a unit is wanted, since nobody can know which was meant.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from screening.errors import NOWHERE, Diagnostic, NameFault, RuleError, ScreeningError, TypeFault, UnitFault
from screening.evaluation.catalogue import called, near
from screening.language.expression import Expression
from screening.language.library import DataRequirement, Definition
from screening.language.types import NUMBERS, Type
from screening.outcome.answer import Input
from screening.reading.faults import listed, shown
from screening.reading.question import given_value
from screening.record.subject import SetAside
from screening.sources.number import measured
from screening.values.calendar import days_of
from screening.values.coding import word
from screening.values.quantity import UnknownUnit, everyday, parse_unit, same_dimension
from screening.values.truth import FALSE, TRUE

Given = str | int | float | bool | Mapping[str, Any] | Sequence[Any]
_YES = {"true": "TRUE", "yes": "TRUE", "false": "FALSE", "no": "FALSE"}
_NUMBER = re.compile(r"\s*((?:<=|>=|<|>)?\s*[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)\s*(.*?)\s*\Z", re.DOTALL)
_DAY = re.compile(r"@?(\d{4}(?:-\d{2}(?:-\d{2})?)?)\Z", re.ASCII)
# Units as people write them, each with the one unit that it can only mean.
_SAID = {
    "mm/hr": "mm/h", "mm/hour": "mm/h", "years": "a", "year": "a", "yrs": "a", "yr": "a", "y": "a",
    "bpm": "/min", "beats/min": "/min", "msec": "ms", "percent": "%", "kgs": "kg", "hr": "h", "hours": "h",
}  # fmt: skip


@dataclass(slots=True)
class Taken:
    """The inputs as they are taken: entries of a record, values of definitions, and how each was meant."""

    entries: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Expression] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)


class NotTaken(Exception):
    """An input that cannot be used: the class of the fault, what is wrong with it, and what to do."""

    def __init__(self, kind: type[ScreeningError], message: str, help: str = "") -> None:
        super().__init__(message)
        self.kind, self.message, self.help = kind, message, help


def taken(
    given: Mapping[str, Given],
    requirements: Mapping[str, DataRequirement],
    definitions: Mapping[str, Definition],
    day: str,
) -> Taken:
    """Every input, dated on a day. Raises RuleError with everything that is wrong; no value is repeated."""
    found = Taken()
    wrong: list[Diagnostic] = []
    for name, value in given.items():
        try:
            _take(found, name, value, requirements, definitions, day)
        except NotTaken as fault:
            wrong.append(Diagnostic(NOWHERE, fault.message, fault.kind, help=fault.help))
    if wrong:
        kinds = {diagnostic.kind for diagnostic in wrong}
        kind = kinds.pop() if len(kinds) == 1 else RuleError
        raise kind(*wrong)
    return found


def _take(
    found: Taken,
    name: str,
    value: Given,
    requirements: Mapping[str, DataRequirement],
    definitions: Mapping[str, Definition],
    day: str,
) -> None:
    meant = named(name, requirements, definitions)
    known = meant.name
    if known in found.entries or known in found.values:
        raise NotTaken(NameFault, f"`{shown(known)}` is given twice")
    if isinstance(meant, Definition):
        literal, used = _constant(meant, value)
        found.values[known] = literal
        found.inputs.append(Input(known, _said(value), used))
        return
    if isinstance(value, Mapping) and not set(value) <= {"name", "value", "unit", "date"}:
        found.entries[known] = {key: _plain(below) for key, below in value.items()}
        found.inputs.append(Input(known, "a record of its own", ""))
        return
    if isinstance(value, Sequence) and not isinstance(value, str):
        found.entries[known] = {"records": _plain(value)}
        found.inputs.append(Input(known, "a record of its own", ""))
        return
    dated = str(value.get("date") or day) if isinstance(value, Mapping) else day
    entry, used, is_converted = _entry(meant, _said(value), dated)
    found.entries[known] = entry
    found.inputs.append(Input(known, _said(value), used, is_converted))


def named(
    name: str, requirements: Mapping[str, DataRequirement], definitions: Mapping[str, Definition]
) -> DataRequirement | Definition:
    """What an input is called: a requirement by name, label or short name, else a definition."""
    labels = {r.label: r for r in requirements.values() if r.label}
    short = {each: r for r in requirements.values() for each in r.short_names}
    for names in (requirements, labels, short):
        found = called(name, names)
        if len(found) == 1:
            return found[0]
        if found:
            help = f"say which: {listed(each.name for each in found)}"
            raise NotTaken(NameFault, f"`{shown(name)}` may be several inputs", help)
    computed = called(name, definitions)
    if len(computed) == 1:
        return computed[0]
    help = near(name, [*requirements, *labels, *short, *definitions])
    raise NotTaken(NameFault, f"there is no input `{shown(name)}`", help)


def _said(value: Given) -> str:
    """A scalar, or value and unit, as one text."""
    if isinstance(value, Mapping):
        return f"{_said(value.get('value', ''))} {value.get('unit') or ''}".strip()
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return str(value).strip()


def _plain(value: Any) -> Any:
    """Data as texts, as a record is read."""
    if isinstance(value, Mapping):
        return {str(key): _plain(below) for key, below in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [_plain(item) for item in value]
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return "" if value is None else str(value)


# ------------------------------------------------------------------------------ numbers and units


def _parts(name: str, text: str, type: Type, factors: Sequence[str] = ()) -> tuple[str, str]:
    """The number of a text with its comparator, and its UCUM unit."""
    found = _NUMBER.match(text)
    if found is None:
        raise NotTaken(TypeFault, f"`{shown(name)}` is not a number", "write it as `7`, or `<5`")
    number, unit = found[1].replace(" ", ""), found[2].strip().strip("'\"").strip()
    wanted = type.unit if type.name == "Quantity" else ""
    if not unit:
        if wanted and not _is_one(wanted):
            help = f"it is counted in {accepted(wanted, factors)}"
            raise NotTaken(UnitFault, f"`{shown(name)}` has no unit", help)
        return number, wanted
    ucum = _ucum(name, unit)
    if not wanted:
        if _is_one(ucum):
            return number, ""
        raise NotTaken(UnitFault, f"`{shown(name)}` is a number without a unit", "leave out the unit")
    fitting = [wanted, *factors]
    if not any(same_dimension(parse_unit(ucum), parse_unit(each)) for each in fitting):
        help = f"it is counted in {accepted(wanted, factors)}"
        raise NotTaken(UnitFault, f"`{shown(name)}` cannot be given in `{shown(unit)}`", help)
    return number, ucum


def accepted(unit: str, factors: Sequence[str]) -> str:
    """The units in which a value may be given.

    >>> accepted("umol/L", ("mg/dL",))
    '`umol/L` or `mg/dL`, or any unit of the same dimension'
    """
    return f"{listed((unit, *factors))}, or any unit of the same dimension"


def _is_one(unit: str) -> bool:
    found = parse_unit(unit)
    return not found.dimension and found.factor == 1 and found.offset == 0


def _ucum(name: str, unit: str) -> str:
    """A unit in UCUM; everyday names (`mmHg`) and the usual spellings of a few others are read too."""
    try:
        parse_unit(unit)
        return unit
    except UnknownUnit as unknown:
        meant = _SAID.get(unit.casefold(), "")
        if not meant and unknown.suggestion and everyday(unknown.suggestion).casefold() == unit.casefold():
            meant = unknown.suggestion
        if meant:
            return meant
        help = f"did you mean `{unknown.suggestion}`" if unknown.suggestion else "write the unit in UCUM"
        raise NotTaken(UnitFault, f"`{shown(name)}`: unknown unit `{shown(unit)}`", help) from None


# ------------------------------------------------------------------------- entries and constants


def _entry(requirement: DataRequirement, text: str, day: str) -> tuple[Any, str, bool]:
    """An entry of a record for one input, what it counts as, and whether its unit was converted."""
    name, type = requirement.name, requirement.type
    if requirement.kind == "birth date":
        born = _DAY.match(text)
        if born and "-" in born[1]:
            return {"born": born[1]}, f"born {born[1]}", False
        number, unit = _parts(name, text, Type("Quantity", "a") if not text.isdigit() else type)
        if not number.isdigit() or unit not in ("", "a"):
            raise NotTaken(TypeFault, f"`{shown(name)}` is not in completed years", "write it as `58`")
        return {"age": number, "date": day}, f"{number} years", False
    if text.upper() == "UNKNOWN" or not text:
        return "", "unknown", False
    value, used, is_converted = text, text, False
    if type.name in NUMBERS:
        number, unit = _parts(name, text, type, [factor.unit for factor in requirement.factors])
        value = f"{number} '{unit}'" if unit and type.name == "Quantity" else number
        used = f"{number} {everyday(unit)}".strip()
        is_converted = type.name == "Quantity" and not _same_unit(unit, type.unit)
    elif type.name in ("Boolean", "Judgement"):
        value = used = _truth(name, text)
    elif type.name in ("Date", "DateTime"):
        found = _DAY.match(text)
        if found is None:
            raise NotTaken(TypeFault, f"`{shown(name)}` is not a day", "write it as 2026-08-15, 2026-08 or 2026")
        value, used = f"@{found[1]}", found[1]
    elif type.name == "Records":
        help = "give its rows in a file: `--from inputs.yaml`"
        raise NotTaken(TypeFault, f"`{shown(name)}` is a list of records", help)
    by = {"by": "as given"} if type.name == "Judgement" else {}
    if requirement.readings > 1:
        # What is given stands for what the protocol would select: it is entered as often as readings are wanted.
        rows = [{"value": value, "date": f"{day}T00:{n:02d}"} for n in range(requirement.readings)]
        return {"records": rows}, used, is_converted
    return {"value": value, "date": day, **by}, used, is_converted


def _same_unit(a: str, b: str) -> bool:
    one, other = parse_unit(a or "1"), parse_unit(b or "1")
    return one.dimension == other.dimension and one.factor == other.factor and one.offset == other.offset


def _truth(name: str, text: str) -> str:
    found = _YES.get(text.casefold())
    if found is None:
        raise NotTaken(TypeFault, f"`{shown(name)}` is neither yes nor no", "write yes, no, true or false")
    return found


def _constant(definition: Definition, value: Given) -> tuple[Expression, str]:
    """A definition's value as it is given, in the unit of the definition."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        raise NotTaken(TypeFault, f"`{shown(definition.name)}` is a single value")
    text, type, name = _said(value), definition.type, definition.name
    match type.name:
        case "Boolean":
            truth = _truth(name, text)
            return given_value(TRUE if truth == "TRUE" else FALSE, type, truth.lower()), truth
        case "String" | "Code":
            return given_value(word(text), type, f"'{text}'"), text
        case "Date" | "DateTime":
            found = _DAY.match(text)
            if found is None:
                raise NotTaken(TypeFault, f"`{shown(name)}` is not a day", "write it as 2026-08-15")
            return given_value(days_of(found[1]), type, f"@{found[1]}"), found[1]
    number, unit = _parts(name, text, type)
    comparator = re.match(r"<=|>=|<|>|", number)
    sign = comparator[0] if comparator else ""
    asked = type.unit if type.name == "Quantity" else None
    bounds = measured(number.removeprefix(sign), sign, unit, whole=type.name == "Integer", unit=asked)
    if isinstance(bounds, SetAside):
        raise NotTaken(TypeFault, f"`{shown(name)}` cannot be used: {bounds.why}")
    return given_value(bounds, type, number), f"{number} {everyday(unit)}".strip()
