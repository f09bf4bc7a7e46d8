"""What the text of one entry is worth in a declared type: a truth, bounds, codings, or set aside."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from screening.errors import NOWHERE, Diagnostic, OutOfRange, Span
from screening.language.library import DataRequirement, Factor, RowField
from screening.language.types import NUMBERS, Type, unknown
from screening.record.subject import SetAside, Value
from screening.sources.number import is_beyond, measured, ranged, unit_meant
from screening.values.bounds import OPEN, Bounds, hull, intersect
from screening.values.calendar import clock_of, days_of, instants_of
from screening.values.coding import NOT_CODED, Code, Codings, is_covered, term, word
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN

BEYOND = SetAside("beyond the scale")
AS_TEXT = SetAside("recorded as text")
NO_DATE = SetAside("not a date")
NO_TRUTH = SetAside("neither yes nor no")
NO_CODE = SetAside("not a code")
NOT_DECLARED = SetAside("none of the declared values")
# How a notice says why a value was set aside; what is not here is said in its own words.
PHRASES = {
    "no unit": "without unit, set aside",
    "unknown unit": "with an unknown unit, set aside",
    "unit of another dimension": "with a unit of another dimension, set aside",
    "a unit where none is asked for": "with a unit where none is asked for, set aside",
    "ends before it begins": "ending before it begins, set aside",
}

LONGEST_SHOWN = 200
_LITERAL = re.compile(r"\s*(<=|>=|<|>)?\s*([+-]?[0-9][^\s']*)\s*(?:'([^']*)')?\s*\Z")
_CODE = re.compile(r"([A-Za-z][^\s]*) +([^\s]{1,80})\Z")


class Written(NamedTuple):
    """One value as it is written: its number or word, or its codes, or free text."""

    value: str = ""
    comparator: str = ""
    unit: str = ""
    low: str = ""
    high: str = ""
    codes: Codings = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class FieldReading:
    """A named field of one entry, as the record writes it."""

    value: str = ""
    codes: Codings = ()
    text: str = ""
    span: Span = NOWHERE


def literal(text: str) -> Written | None:
    """A number as the language writes it, with comparator and unit: `<5 'mg/L'`; None for any other text."""
    found = _LITERAL.match(text) if len(text) <= 1000 else None
    return Written(found[2], found[1] or "", (found[3] or "").strip()) if found else None


def code_of(text: str) -> Code | None:
    """`SYSTEM CODE` as a code, None for any other text."""
    found = _CODE.match(text.strip()) if len(text) <= 400 else None
    return term(found[1], found[2]) if found else None


def when_of(text: str) -> tuple[Bounds, str] | None:
    """The days and the clock time of a date as written; None if it is no date.

    A period is written `start/end`, an empty side is open: the days between which the entry is dated.
    """
    text = text.strip().removeprefix("@")
    if not text.isascii() or len(text) > 80:
        return None
    if "/" in text:
        return _between(*text.split("/", 1))
    try:
        days, clock = days_of(text), clock_of(text)
        if clock:
            datetime.time.fromisoformat(clock)
    except ValueError:
        return None
    return days, clock


def _between(start: str, end: str) -> tuple[Bounds, str] | None:
    """The days of a period, either side perhaps open; it orders no readings of one day."""
    first, last = ((OPEN, "") if not side else None if "/" in side else when_of(side) for side in (start, end))
    if first is None or last is None:
        return None
    days = Bounds(first[0].low, last[0].high)
    return None if days.low is not None and days.high is not None and days.low > days.high else (days, "")


def moment_of(text: str) -> tuple[Bounds, str] | None:
    """The days that a date or a period (`start/end`, an open side empty) may mean; None if it is neither."""
    if "/" not in text:
        return when_of(text)
    ends = [when_of(end) if end.strip() else (OPEN, "") for end in text.split("/", 1)]
    first, last = ends
    if first is None or last is None or not text.strip("/ "):
        return None
    found = Bounds(first[0].low, last[0].high)
    return None if found.low is not None and found.high is not None and found.low > found.high else (found, "")


def of(
    type: Type,
    written: Written,
    factors: Sequence[Factor] = (),
    floor: str = "",
    scale: Bounds = OPEN,
    unit_missing: Sequence[str] = (),
) -> Value | SetAside:
    """The worth of a value in a type; a value that is not known is open, UNKNOWN or not coded.

    A number without a unit is in one of `unit_missing`, where a requirement declares them: it lies between
    its readings, and no one of them is taken for it.
    """
    if written == Written() or (written.value.upper() == "UNKNOWN" and type.name != "String"):
        return unknown(type)
    if type.name in NUMBERS:
        if unit_missing and not written.unit:
            return _between_units(type, written, factors, floor, unit_missing)
        return _number(type, written, factors, floor, scale)
    match type.name:
        case "Boolean" | "Judgement":
            answer = {"TRUE": TRUE, "FALSE": FALSE}.get(written.value.strip().upper())
            if answer is not None:
                return answer
            unanswered = type.name == "Judgement" and written.value == "OPEN"
            return UNKNOWN if unanswered else NO_TRUTH if written.value else AS_TEXT
        case "Date" | "DateTime":
            return _date(written, timed=type.name == "DateTime")
        case "Code":
            if written.codes:
                return written.codes
            code = code_of(written.value)
            return (code,) if code is not None else NO_CODE if written.value else AS_TEXT
        case "String":
            if written.value.strip():
                return NOT_CODED if written.value == "UNKNOWN" else word(written.value.strip())
            return written.codes or AS_TEXT
    return SetAside("not of the declared type")


def _number(
    type: Type, written: Written, factors: Sequence[Factor], floor: str, scale: Bounds
) -> Value | SetAside:
    unit = type.unit or "1" if type.name == "Quantity" else None
    whole = type.name == "Integer"
    if written.low or written.high:
        return ranged(
            written.low, written.high, written.unit, whole=whole, unit=unit, factors=factors, floor=floor
        )
    if not written.value:
        return SetAside("coded where a number is asked for") if written.codes else AS_TEXT
    if is_beyond(written.value, scale) and not written.comparator:
        return BEYOND
    return measured(
        written.value,
        written.comparator,
        written.unit,
        whole=whole,
        unit=unit,
        factors=factors,
        floor=floor,
    )


def _between_units(
    type: Type, written: Written, factors: Sequence[Factor], floor: str, units: Sequence[str]
) -> Value | SetAside:
    """A number that says no unit, as the bounds of what it is in each unit that it may be in."""
    # SPEC: semantics 2.6.
    found: Bounds | None = None
    for unit in units:
        one = _number(type, written._replace(unit=unit), factors, floor, OPEN)
        if not isinstance(one, Bounds):
            return one
        found = one if found is None else hull(found, one)
    assert found is not None
    return found


def _date(written: Written, timed: bool) -> Value | SetAside:
    if written.comparator:
        return NO_DATE
    ends: list[Bounds | None] = []
    for text in (written.low, written.high) if written.low or written.high else (written.value,):
        # A period says between which days an entry is dated; as a value it is no day.
        if text and ("/" in text or when_of(text) is None):
            return NO_DATE
        bare = text.strip().removeprefix("@")
        ends.append(None if not bare else instants_of(bare) if timed else days_of(bare))
    if len(ends) == 1:
        return ends[0] if ends[0] is not None else AS_TEXT
    first, last = ends
    found = Bounds(None if first is None else first.low, None if last is None else last.high)
    if found.low is not None and found.high is not None and found.low > found.high:
        return SetAside("ends before it begins")
    return found


def is_coded_missing(written: Written, missing: Sequence[str]) -> bool:
    """Whether the value is one by which the source says that there is none (`99`, exact text)."""
    if not missing or written.comparator:
        return False
    codes = {text for code in written.codes for text in (str(code), code.code)}
    return written.value in missing or bool(codes & set(missing))


def is_birth(requirement: DataRequirement) -> bool:
    """Whether the evidence of a requirement is the date of birth."""
    return requirement.kind == "birth date" or requirement.take.startswith("age")


def birth(written: Written) -> Value | SetAside:
    """A date of birth as its days."""
    return _date(written, timed=False)


def is_gender(requirement: DataRequirement) -> bool:
    """Whether a requirement is administrative gender."""
    return requirement.kind == "gender" or requirement.take == "gender"


def is_sex_at_birth(requirement: DataRequirement) -> bool:
    """Whether a requirement is sex at birth."""
    return requirement.is_sex_at_birth


def gender(written: Written) -> Value | SetAside:
    """Administrative gender; other and unknown answer for neither sex."""
    # SPEC: semantics 4.2.
    said = written.value.strip().lower()
    if said in ("male", "female"):
        return word(said)
    return NOT_CODED if said in ("other", "unknown", "") else NOT_DECLARED


# ------------------------------------------------------------------------------ scale and fields


def meets(found: Bounds, limits: Bounds) -> bool:
    """Whether a value may lie within limits."""
    return intersect(found, limits) is not None


def inside(found: Bounds, limits: Bounds) -> bool:
    """Whether every stated end of a range lies within limits."""
    ends = [end for end in found if end is not None]
    return all(meets(Bounds(end, end), limits) for end in ends)


def number_text(end: Decimal | int | None) -> str:
    return "" if end is None else format(Decimal(end), "f")


def range_text(limits: Bounds) -> str:
    """`0 to 3`, `at least 0`, `at most 3`."""
    low, high = number_text(limits.low), number_text(limits.high)
    return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}"


def outside(name: str, scale: Bounds, span: Span) -> Diagnostic:
    """The fault of a value outside the declared scale of its requirement; it names the scale alone."""
    return Diagnostic(
        span,
        f"`{name}` lies outside its scale, {range_text(scale)}",
        OutOfRange,
        why="a value that cannot be would otherwise decide a criterion",
    )


def field(
    declared: RowField, reading: FieldReading | None, codes: Codings, units: Sequence[tuple[str, str]] = ()
) -> Value | SetAside | None:
    """A named field of a row; derived from the row's codes where the file says how; None if not known."""
    if reading is None or not (reading.value.strip() or reading.codes or reading.text):
        return _by_code(declared, codes)
    text = reading.value.strip()
    written = Written(text, codes=tuple(sorted(set(reading.codes))), text=reading.text)
    if declared.type.name in NUMBERS and text:
        written = literal(text) or written
        written = written._replace(unit=unit_meant(written.unit, units) if written.unit else "")
    found = of(declared.type, written)
    if found == unknown(declared.type):
        return None
    allowed = [word(value) for value in declared.values]
    if allowed and declared.type.name == "String" and not isinstance(found, SetAside) and found not in allowed:
        return NOT_DECLARED
    return found


def _by_code(declared: RowField, codes: Codings) -> Value | None:
    """The one value that the row's codes name; None if they name none, or two."""
    if not declared.by_code or not codes:
        return None
    exact, categories = _laid_out(declared.by_code)
    named = {value for code in codes for value in exact.get(code, ())}
    named.update(value for value, wanted in categories if any(is_covered(code, wanted) for code in codes))
    return word(named.pop()) if len(named) == 1 else None


def _laid_out(by_code: _ByCode) -> tuple[dict[Code, set[str]], list[tuple[str, Code]]]:
    """The values that each code names, and the categories; asked with every row, and laid out once."""
    known = _LAID.get(id(by_code))
    if known is not None and known[0] is by_code:
        return known[1]
    exact: dict[Code, set[str]] = {}
    categories = []
    for value, wanted in by_code:
        for code in wanted:
            exact.setdefault(code, set()).add(value)
            if code.code.endswith("*"):
                categories.append((value, code))
    if len(_LAID) > _MOST_LAID:
        _LAID.clear()
    _LAID[id(by_code)] = by_code, (exact, categories)
    return exact, categories


_ByCode: TypeAlias = tuple[tuple[str, tuple[Code, ...]], ...]
# INVARIANT: what is held here lives on, so that no other one comes to stand in its place.
_LAID: dict[int, tuple[_ByCode, tuple[dict[Code, set[str]], list[tuple[str, Code]]]]] = {}
_MOST_LAID = 1000


def shown(written: Written) -> str:
    """A value as written, for reports."""
    if written.low or written.high:
        text = f"{written.low} to {written.high}".strip()
    else:
        text = written.comparator + (written.value or ", ".join(map(str, written.codes)) or written.text)
    text = f"{text} {written.unit}" if written.unit and text else text
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
