"""What a text of a profile may be in a declared type, and the parts of a reading that it gives."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from screening.language.library import RowField
from screening.language.types import NUMBERS, Type
from screening.sources.number import NO_NUMBER, NOT_WHOLE, measured, number_of
from screening.sources.tree import near
from screening.sources.worth import code_of, literal, when_of
from screening.values.bounds import Bounds, exactly
from screening.values.calendar import shift
from screening.values.coding import Code

SYSTEMS = (
    "SNOMED", "LOINC", "RxNorm", "ICD-10-CM", "ICD-10", "ICD-10-GM", "ICD-9-CM", "ICD-10-PCS", "ICD-11",
    "ICPC-2", "ATC", "CPT", "HCPCS", "OPS", "CVX", "NDC", "PZN", "UNII", "HL7", "OMOP", "LOCAL", "linkId",
)  # fmt: skip
GENDERS = ("male", "female", "other", "unknown")
WANTED = {
    "Integer": ("a whole number", "write `7`, or `<5`"),
    "Decimal": ("a number", "write `3.20`, with a decimal point and no unit"),
    "Quantity": ("a number with its unit", "write `5.2 'mg/L'`"),
    "Boolean": ("yes or no", "write TRUE, FALSE or UNKNOWN"),
    "Judgement": ("yes or no, judged by somebody", "write TRUE, FALSE or OPEN"),
    "Date": ("a date", "write `@2026-08-15`, `@2026-08` or `@2026`"),
    "DateTime": ("a date, perhaps with a time", "write `@2026-08-15T09:30`"),
    "birth date": ("a date of birth, from which the age on a day follows", "write {born: 1969-02}"),
    "gender": ("administrative gender", "write " + ", ".join(GENDERS)),
}
Misfit = tuple[str, str]
"""What a text should have been, and what may be done."""


def is_yes(text: str) -> bool | None:
    """`true` or `false` in any case; None for anything else."""
    return {"true": True, "false": False}.get(text.strip().casefold())


def unquoted(text: str) -> str:
    """A word without the quotes of the language."""
    text = text.strip()
    return text[1:-1].strip() if len(text) >= 2 and text[0] == text[-1] == "'" else text


def misfit(kind: str, text: str, systems: Collection[str] = ()) -> Misfit | None:
    """What is wrong with a text as a value of a kind: a type's name, `birth date` or `gender`.

    Free text where a code was asked for is no fault here; it is set aside when it is admitted.
    """
    if text.upper() == "UNKNOWN":
        return None
    match kind:
        case "Integer" | "Decimal" | "Quantity":
            found = literal(text)
            fits = found is not None and number_of(found.value) is not NO_NUMBER
            if fits and found is not None and kind == "Integer" and not found.comparator:
                fits = measured(found.value, whole=True) is not NOT_WHOLE
        case "Boolean" | "Judgement":
            fits = is_yes(text) is not None
        case "Date" | "DateTime" | "birth date":
            fits = "/" not in text and when_of(text) is not None
        case "gender":
            fits = unquoted(text).casefold() in GENDERS
        case "Code":
            code = code_of(text)
            meant = misspelt(code, systems) if code is not None else ""
            return ("a code of a known system", f"did you mean `{meant}`") if meant else None
        case _:
            return None
    return None if fits else WANTED[kind]


def misspelt(code: Code, systems: Collection[str]) -> str:
    """The system that was probably meant; a system that nobody here knows is a site's own."""
    known = {*SYSTEMS, *systems}
    return "" if code.system in known else near(code.system, sorted(known))


def field_misfit(declared: RowField, text: str, systems: Collection[str] = ()) -> Misfit | None:
    """What is wrong with a text as a named field of a row; a closed list of values admits no other."""
    found = misfit(declared.type.name, text, systems)
    if found is None and declared.values and unquoted(text) not in declared.values and text != "UNKNOWN":
        meant = near(unquoted(text), declared.values)
        help = f"did you mean `{meant}`" if meant else "it is one of " + ", ".join(declared.values)
        return "one of its declared values", help
    return found


def value_parts(type: Type, kind: str, text: str) -> dict[str, Any]:
    """The parts of a reading that a fitting text gives."""
    if kind in NUMBERS:
        found = literal(text)
        if found is not None:
            return {"value": found.value, "comparator": found.comparator, "unit": found.unit}
    if kind == "Code":
        code = code_of(text)
        return {"text": text} if code is None else {"value_codes": (code,)}
    return {"value": unquoted(text) if type.name == "String" else text}


def field_parts(declared: RowField, text: str) -> dict[str, Any]:
    """The parts of a field's reading that a fitting text gives."""
    if text.upper() == "UNKNOWN":
        return {}
    if declared.type.name == "Code":
        code = code_of(text)
        return {"text": text} if code is None else {"codes": (code,)}
    return {"value": unquoted(text) if declared.type.name == "String" else text}


def born_between(age: int, told: Bounds) -> tuple[str, str]:
    """The first and the last day on which somebody was born who was so old when it was told.

    >>> from screening.values.calendar import days_of
    >>> born_between(49, days_of("2018-02-05"))
    ('1968-02-06', '1969-02-05')
    """
    first = shift(shift(exactly(told.low), exactly(-age - 1), "years"), exactly(1), "days").low
    last = shift(exactly(told.high), exactly(-age), "years").high
    return "" if first is None else first.isoformat(), "" if last is None else last.isoformat()
