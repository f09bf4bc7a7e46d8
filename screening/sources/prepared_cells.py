"""What stands in the cells of a prepared cohort: values as columns hold them, and exactly as their door made them.

Numbers lie in columns as 64-bit floats. What such a cell does not give back exactly (a decimal with its zeros, two
codings, a value of another type than the declared one) is said beside it once more, as exact text.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from screening.language.library import DataRequirement
from screening.language.types import NUMBERS, Type
from screening.record.subject import SetAside, Value
from screening.record.tables import HIGH, LOW, TRUTH, WORD
from screening.sources.worth import is_birth, is_gender
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, Codings
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

# Which cells a value takes: none, a truth, two ends of a number, of a day or of an instant, or a word.
NOTHING, ANSWER, NUMBER, DAY, INSTANT, CODED = "", "truth", "number", "day", "instant", "word"
ROLES = {
    NOTHING: (),
    ANSWER: (TRUTH,),
    NUMBER: (LOW, HIGH),
    DAY: (LOW, HIGH),
    INSTANT: (LOW, HIGH),
    CODED: (WORD,),
}
# A double gives every decimal of so many digits back.
MOST_DIGITS = 15
_TRUTHS: dict[bool | None, Truth] = {True: TRUE, False: FALSE, None: UNKNOWN}
_ANSWERS = {truth: answer for answer, truth in _TRUTHS.items()}


@dataclass(frozen=True, slots=True)
class Form:
    """How the values of one requirement, or of one field of it, lie in columns; `whole` is of whole numbers."""

    cells: str
    whole: bool = False


def form_of(type: Type) -> Form:
    """The form of a declared type; of Records it is none, a row counts by being there."""
    match type.name:
        case "Boolean" | "Judgement":
            return Form(ANSWER)
        case name if name in NUMBERS:
            return Form(NUMBER, name == "Integer")
        case "Date":
            return Form(DAY)
        case "DateTime":
            return Form(INSTANT)
        case "String" | "Code":
            return Form(CODED)
    return Form(NOTHING)


def form_of_value(requirement: DataRequirement) -> Form:
    """The form of a requirement's own value: an age is kept as the date of birth."""
    if is_birth(requirement):
        return Form(DAY)
    if is_gender(requirement):
        return Form(CODED)
    declared = next((field for field in requirement.fields if field.name == "value"), None)
    listed = requirement.type.name == "Records" and declared is not None
    return form_of(declared.type if listed and declared is not None else requirement.type)


def forms_of_fields(requirement: DataRequirement) -> dict[str, Form]:
    """The forms of the named fields of a record list, in their declared order."""
    named = (field for field in requirement.fields if field.name not in ("value", "date", "code"))
    return {field.name: form_of(field.type) for field in named}


class Cells(NamedTuple):
    """A value in columns: its cells, whether they give it back exactly, and whether columns cannot say it."""

    cells: tuple[Any, ...]
    is_exact: bool
    is_odd: bool


_EMPTY = {form: Cells((None,) * len(roles), False, True) for form, roles in ROLES.items()}


def cells_of(form: Form, value: Value | SetAside) -> Cells:
    """A value as cells of a form; one of another form has none."""
    if isinstance(value, SetAside):
        return Cells(_EMPTY[form.cells].cells, True, False)
    match form.cells:
        case "truth" if isinstance(value, Truth):
            return Cells((_ANSWERS[value],), True, False)
        case "number" if isinstance(value, Bounds):
            return _numbers(value, form.whole)
        case "day" if isinstance(value, Bounds) and _are(value, datetime.date):
            return Cells(tuple(value), True, False)
        case "instant" if isinstance(value, Bounds) and _are(value, datetime.datetime):
            return Cells(tuple(value), True, False)
        case "word" if isinstance(value, tuple) and not isinstance(value, Bounds):
            if len(value) > 1:
                return _EMPTY[CODED]
            cell = coded(value[0]) if value else None
            return Cells((cell,), codings_of(cell) == value, False)
        case "" if value is TRUE:
            return Cells((), True, False)
    return _EMPTY[form.cells]


def value_of(form: Form, cells: tuple[Any, ...]) -> Value:
    """The value that exact cells hold."""
    match form.cells:
        case "truth":
            return _TRUTHS[cells[0]]
        case "number":
            low, high = cells
            if low is None and high is None:
                return OPEN
            first = None if low is None else _number(low, form.whole)
            return Bounds(first, first if low == high else None if high is None else _number(high, form.whole))
        case "day" | "instant":
            return Bounds(*cells)
        case "word":
            return codings_of(cells[0])
    return TRUE


def _are(value: Bounds, kind: type[datetime.date]) -> bool:
    """Whether both ends are exactly of a kind, or open; an instant of a known time zone has no cell."""
    return all(end is None or (type(end) is kind and getattr(end, "tzinfo", None) is None) for end in value)


def _numbers(value: Bounds, whole: bool) -> Cells:
    low, high = value
    if (low is not None and not _is_number(low)) or (high is not None and not _is_number(high)):
        return _EMPTY[NUMBER]
    cells = (None if low is None else float(low), None if high is None else float(high))
    ends = ((low, cells[0]),) if low is high else ((low, cells[0]), (high, cells[1]))
    is_exact, is_odd = True, False
    for end, cell in ends:
        if end is not None and cell is not None:
            back, text = _number(cell, whole), str(end)
            is_exact = is_exact and type(back) is type(end) and str(back) == text
            is_odd = is_odd or (len(text) > MOST_DIGITS and _digits(end) > MOST_DIGITS)
    # Ends that are equal and not written alike are still two ends.
    return Cells(cells, is_exact and (low is high or low != high or str(low) == str(high)), is_odd)


def _is_number(end: object) -> bool:
    return type(end) is int or isinstance(end, Decimal)


def _digits(end: int | Decimal) -> int:
    return len("".join(map(str, Decimal(end).as_tuple().digits)).strip("0"))


def _number(cell: float, whole: bool) -> int | Decimal:
    if whole:
        return int(cell)
    return Decimal(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else Decimal(repr(cell))


def coded(code: Code) -> str:
    """A coding as a cell, `system|code`."""
    return f"{code.system}|{code.code}"


def codings_of(cell: str | None) -> Codings:
    """The coding of a cell; none of an empty one."""
    if cell is None:
        return ()
    system, _, code = cell.partition("|")
    return (Code(system, code),)


# ----------------------------------------------------------------------------------- exact text


def exact_data(value: Value | SetAside) -> Any:
    """A value exactly, as plain data: numbers with their type and every zero."""
    match value:
        case Truth():
            return value.value
        case SetAside(why):
            return {"set_aside": why}
        case Bounds(low, high):
            return {"low": _end_data(low), "high": _end_data(high)}
    return [[code.system, code.code] for code in value]


def exactly_of(data: Any) -> Value | SetAside:
    """The inverse of `exact_data`. Raises ValueError for anything else."""
    match data:
        case str():
            return Truth(data)
        case {"set_aside": str(why)}:
            return SetAside(why)
        case {"low": low, "high": high}:
            return Bounds(_end_of(low), _end_of(high))
        case list():
            return tuple(Code(system, code) for system, code in data)
    raise ValueError("no value")


def _end_data(end: Any) -> Any:
    if end is None:
        return None
    if isinstance(end, datetime.datetime):
        return {"instant": end.isoformat()}
    if isinstance(end, datetime.date):
        return {"day": end.isoformat()}
    return {"whole" if type(end) is int else "number": str(end)}


def _end_of(data: Mapping[str, str] | None) -> Any:
    match data:
        case None:
            return None
        case {"instant": text}:
            return datetime.datetime.fromisoformat(text)
        case {"day": text}:
            return datetime.date.fromisoformat(text)
        case {"whole": text}:
            return int(text)
        case {"number": text}:
            return Decimal(text)
    raise ValueError("no end")


def as_text(data: Any) -> str:
    """Plain data in one spelling."""
    return json.dumps(data, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
