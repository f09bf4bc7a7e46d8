"""Inputs of a calculation, by name, value and unit, as entries of a record or as values of definitions.

What each is called is for `names.py`, how a number and its unit are read for `units.py`.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from screening.errors import RuleError, TypeFault
from screening.evaluation.names import DAY, YES, Meant, assigned, canonical
from screening.evaluation.units import Measured, NotTaken, mark_in, number_in, unit_shown, with_unit_of
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
from screening.values.truth import FALSE, TRUE

Given = str | int | float | bool | Mapping[str, Any] | Sequence[Any]
_OF_A_VALUE = {"name", "value", "unit", "date"}


@dataclass(slots=True)
class Taken:
    """The inputs as they are taken: entries of a record, values of definitions, and how each was meant."""

    entries: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Expression] = field(default_factory=dict)
    inputs: list[Input] = field(default_factory=list)


def taken(
    given: Mapping[str, Given],
    requirements: Mapping[str, DataRequirement],
    definitions: Mapping[str, Definition],
    day: str,
    asked: Collection[str] = (),
) -> Taken:
    """Every input, dated on a day. Raises RuleError with everything that is wrong; no value is repeated.

    `asked` is what the calculation asks for: of several things of one name those are meant.
    """
    found = Taken()
    given = {name: value if _is_record(value) else _united(name, value) for name, value in given.items()}
    texts = {name: None if _is_record(value) else _said(value) for name, value in given.items()}
    meant, faults = assigned(texts, requirements, definitions, asked)
    wrong = [fault.diagnostic for fault in faults]
    for name, value in given.items():
        try:
            if name in meant:
                _take(found, name, meant[name], value, day)
        except NotTaken as fault:
            wrong.append(fault.diagnostic)
    if wrong:
        kinds = {diagnostic.kind for diagnostic in wrong}
        kind = kinds.pop() if len(kinds) == 1 else RuleError
        raise kind(*wrong)
    return found


def _is_record(value: Given) -> bool:
    """Whether a value is an entry of a record as it stands: rows, or keys of its own."""
    if isinstance(value, Mapping):
        return not set(value) <= _OF_A_VALUE
    return isinstance(value, Sequence) and not isinstance(value, str)


def _united(name: str, value: Given) -> Given:
    """A value with the unit that its name says, if it says one and the value does not."""
    if isinstance(value, Mapping):
        return (
            value if value.get("unit") else {**value, "value": with_unit_of(name, _said(value.get("value", "")))}
        )
    text = _said(value)
    united = with_unit_of(name, text)
    return value if united == text else united


def _take(found: Taken, name: str, meant: Meant, value: Given, day: str) -> None:
    known = meant.name
    if isinstance(meant, Definition):
        literal, used = _constant(meant, value)
        found.values[known] = literal
        found.inputs.append(Input(known, _said(value), used, called=name))
        return
    if _is_record(value):
        found.entries[known] = _plain(value if isinstance(value, Mapping) else {"records": value})
        found.inputs.append(Input(known, "a record of its own", "", called=name))
        return
    dated = str(value.get("date") or day) if isinstance(value, Mapping) else day
    item, used, is_converted = entry(meant, _said(value), dated)
    found.entries[known] = item
    found.inputs.append(Input(known, _said(value), used, is_converted, called=name))


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


# ------------------------------------------------------------------------- entries and constants


def entry(requirement: DataRequirement, text: str, day: str) -> tuple[Any, str, bool]:
    """An entry of a record for one input, what it counts as, and whether its unit was converted."""
    name, type = requirement.name, requirement.type
    if requirement.kind == "birth date":
        return _birth(name, text, type, day)
    if text.upper() == "UNKNOWN" or not text:
        return "", "unknown", False
    value, used, is_converted = text, text, False
    answer = _answer(requirement, text)
    if answer is not None:
        value = used = answer if type.name not in ("Boolean", "Judgement") else answer.upper()
    elif type.name in NUMBERS:
        number = _number(requirement, text)
        value = f"{number.number} '{number.unit}'" if number.unit else number.number
        used, is_converted = unit_shown(number), number.is_converted
    elif type.name in ("Boolean", "Judgement"):
        value = used = _truth(name, text)
    elif type.name in ("Date", "DateTime"):
        found = DAY.match(text)
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


def _birth(name: str, text: str, type: Type, day: str) -> tuple[Any, str, bool]:
    """A date of birth, or an age in completed years on the day."""
    born = DAY.match(text)
    if born and "-" in born[1]:
        return {"born": born[1]}, f"born {born[1]}", False
    found = number_in(name, text, Type("Quantity", "a") if not text.isdigit() else type)
    if not found.number.isdigit() or found.unit not in ("", "a"):
        raise NotTaken(TypeFault, f"`{shown(name)}` is not in completed years", "write it as `58`")
    return {"age": found.number, "date": day}, f"{found.number} years", False


def _number(requirement: DataRequirement, text: str) -> Measured:
    """A number in the unit that it is written in, or on the scale of the requirement."""
    if requirement.type.name == "Quantity":
        return number_in(requirement.name, text, requirement.type, [f.unit for f in requirement.factors])
    return mark_in(requirement, text)


def _answer(meant: Meant, text: str) -> str | None:
    """The value that a text is a word of. Raises NotTaken where it is none of the words that are declared."""
    found = canonical(meant, text)
    if found is None and meant.answers and not (meant.type.name in ("Boolean", "Judgement") and text in YES):
        help = f"its answers are {listed(said(value, words) for value, words in meant.answers)}"
        raise NotTaken(TypeFault, f"`{shown(meant.name)}` is none of its answers", help)
    return found


def said(value: str, words: Sequence[str]) -> str:
    """A value with the first of the words that it is written in: `1` alone says nothing.

    >>> said("1", ["2 to 10 large joints"]), said("mild", ["slight"])
    ('1 (2 to 10 large joints)', 'mild')
    """
    return f"{value} ({words[0]})" if words and not any(c.isalpha() for c in value) else value


def _truth(name: str, text: str) -> str:
    found = YES.get(text.casefold())
    if found is None:
        raise NotTaken(TypeFault, f"`{shown(name)}` is neither yes nor no", "write yes, no, true or false")
    return found


def _constant(definition: Definition, value: Given) -> tuple[Expression, str]:
    """A definition's value as it is given, in the unit of the definition."""
    if isinstance(value, Sequence) and not isinstance(value, str):
        raise NotTaken(TypeFault, f"`{shown(definition.name)}` is a single value")
    text, type, name = _said(value), definition.type, definition.name
    answer = _answer(definition, text)
    text = text if answer is None else answer
    match type.name:
        case "Boolean":
            truth = _truth(name, text)
            return given_value(TRUE if truth == "TRUE" else FALSE, type, truth.lower()), truth
        case "String" | "Code":
            return given_value(word(text), type, f"'{text}'"), text
        case "Date" | "DateTime":
            found = DAY.match(text)
            if found is None:
                raise NotTaken(TypeFault, f"`{shown(name)}` is not a day", "write it as 2026-08-15")
            return given_value(days_of(found[1]), type, f"@{found[1]}"), found[1]
    number = number_in(name, text, type)
    comparator = re.match(r"<=|>=|<|>|", number.number)
    sign = comparator[0] if comparator else ""
    asked = type.unit if type.name == "Quantity" else None
    bounds = measured(
        number.number.removeprefix(sign), sign, number.unit, whole=type.name == "Integer", unit=asked
    )
    if isinstance(bounds, SetAside):
        raise NotTaken(TypeFault, f"`{shown(name)}` cannot be used: {bounds.why}")
    return given_value(bounds, type, number.number), unit_shown(number)
