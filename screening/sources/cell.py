"""One cell of a table as a reading of one requirement: how it is written there, never what it is worth."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from screening.language.library import DataRequirement, RowField
from screening.language.types import NUMBERS
from screening.record.missing_code import bare
from screening.sources.admission import FieldReading, Reading
from screening.sources.mapping_form import Column, Style
from screening.sources.profile_text import born_between, field_parts, is_yes
from screening.sources.worth import code_of, is_birth, is_gender, moment_of
from screening.values.coding import term
from screening.values.quantity import UnknownUnit, parse_unit

_NUMBER = re.compile(
    r"(<=|>=|<|>|≤|≥)?\s*([+-]?[.,]?[0-9][0-9.,]*(?:[eE][+-]?[0-9]+)?)\s*(?:'([^']*)'|(\S.{0,40}))?\Z"
)
# What a band of numbers means, as `words` say it: both ends in.
_RANGE = re.compile(r"([+-]?[0-9]+(?:\.[0-9]+)?)\.\.([+-]?[0-9]+(?:\.[0-9]+)?)\Z")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(\.[0-9]{3})+\Z")
_UNITLIKE = re.compile(r"(?:[^\s\d/]{1,4}|[^\s\d/]{0,6}/[^\s/]{1,6})\Z")
_YEARS = ("", "a", "y", "yr", "yrs", "year", "years", "y/o", "yo")
_SIGNS = {"≤": "<=", "≥": ">="}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MMM": rf"(?P<name>(?i:{'|'.join(MONTHS)}))",
    "MM": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d{1,2})",
    "hh": r"(?P<hour>\d{1,2})",
    "mm": r"(?P<minute>\d{2})",
    "ss": r"(?P<second>\d{2})",
}
OLDEST = 130
# A Boolean that a table asks for by name says yes or no; a list of rows has one row, or none, by the same words.
_FORMS: dict[str, re.Pattern[str]] = {}

Cells = Callable[[str], str]
"""What a row has in a column, without the blanks around it."""


def iso(text: str, forms: tuple[str, ...]) -> str:
    """A date in one of the declared forms as ISO 8601 writes it; any other text as it is.

    >>> iso("5.3.2024", ("DD.MM.YYYY",)), iso("03/2024", ("MM/YYYY",)), iso("2024-03-05", ("DD.MM.YYYY",))
    ('2024-03-05', '2024-03', '2024-03-05')
    >>> iso("2004.0", ()), iso("5.2004", ())
    ('2004', '5.2004')
    >>> iso("05-MAR-2024", ("DD-MMM-YYYY",)), iso("20240305.0", ("YYYYMMDD",))
    ('2024-03-05', '2024-03-05')
    """
    for form in forms:
        found = _pattern(form).match(bare(text) if form.isalpha() else text)
        if found is None:
            continue
        parts = found.groupdict()
        if name := parts.pop("name", None):
            parts["month"] = str(MONTHS.index(name.casefold()) + 1)
        date = "-".join(parts[key].zfill(2) for key in ("year", "month", "day") if parts.get(key))
        clock = ":".join(parts[key].zfill(2) for key in ("hour", "minute", "second") if parts.get(key))
        return f"{date}T{clock}" if clock and parts.get("day") else date
    # A program that knows only fractions writes a year so.
    if len(text) == 6 and bare(text).isdecimal():
        return bare(text)
    # A database writes a blank between day and time.
    return f"{text[:10]}T{text[11:]}" if re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d", text) else text


def _pattern(form: str) -> re.Pattern[str]:
    if form not in _FORMS:
        found = re.sub("YYYY|MMM|MM|DD|hh|mm|ss", lambda part: _PARTS[part[0]], _plain(form)) + r"\Z"
        # Where nothing divides them, a day or a month of one digit would make two readings of one text.
        _FORMS[form] = re.compile(found.replace("{1,2}", "{2}") if form.isalpha() else found)
    return _FORMS[form]


def _plain(form: str) -> str:
    return form.replace(".", r"\.")


def meant(text: str, words: Mapping[str, str]) -> str:
    """What a word or a code of the site means; any other text as it is."""
    return words[text] if text in words else words.get(bare(text), text)


def is_missing(text: str, column: Column, style: Style) -> bool:
    """Whether a cell says by a word or a code of the site that there is no value."""
    return is_coded(text, column.missing) or is_coded(text, style.missing)


def is_coded(text: str, codes: tuple[str, ...]) -> bool:
    """Whether a cell holds one of some codes, however a program writes a whole number."""
    return bool(codes) and (text in _forms(codes) or bare(text) in _forms(codes))


@lru_cache
def _forms(codes: tuple[str, ...]) -> frozenset[str]:
    """Declared codes as they are written, and as whole numbers: somebody may declare `9.0`."""
    return frozenset(form for code in codes for form in (code, bare(code)))


def dated(column: Column, cells: Cells, style: Style) -> str:
    """The day of a value: what the mapping says of the whole column, else what stands in the row."""
    if column.on:
        return column.on
    text = cells(column.date) if column.date else ""
    return "" if is_missing(text, column, style) else iso(text, style.dates)


def reading_of(
    requirement: DataRequirement, column: Column, cells: Cells, style: Style, start: Reading
) -> Reading | None:
    """What a cell says to a requirement, as a reading that begins as `start`; None if the cell is empty."""
    written = cells(column.column)
    if not written or is_coded(written, column.empty):
        return None
    by = cells(column.by) if column.by else start.by
    found = replace(start, date=start.date or dated(column, cells, style), by=by)
    listed, birth = requirement.type.name == "Records", is_birth(requirement)
    missing = is_missing(written, column, style)
    text = meant(written, column.words)
    if bare(text) in requirement.missing:
        text = bare(text)
    if missing or text.upper() == "UNKNOWN":
        # SPEC: semantics 2.6; the value is not known, which is another thing than no entry: a list that is
        # declared complete may still have one.
        if listed:
            return replace(found, status="unconfirmed")
        return None if birth else replace(found, value="UNKNOWN")
    if listed:
        answer = is_yes(text)
        if answer is None:
            return replace(found, unusable="neither yes nor no")
        return found if answer else replace(found, status="absent")
    if birth:
        return _age(text, found, style) if column.is_age else replace(found, value=iso(text, style.dates), date="")
    return replace(found, **parts_of(requirement, column, text, cells, style))


def parts_of(
    requirement: DataRequirement, column: Column, text: str, cells: Cells, style: Style
) -> dict[str, Any]:
    """The parts of a reading that a text gives in the declared type."""
    kind = requirement.type.name
    if is_gender(requirement) or kind in ("Boolean", "Judgement"):
        return {"value": text}
    if kind in NUMBERS:
        unit = cells(column.unit_column) if column.unit_column else column.unit
        return number(text, unit if unit not in style.missing else "", style)
    if kind in ("Date", "DateTime"):
        return {"value": iso(text, style.dates)}
    if kind == "Code":
        named = column.system and text not in column.words.values()
        code = term(column.system, text) if named else code_of(text)
        return {"text": text} if code is None else {"value_codes": (code,)}
    return {"value": text}


def number(text: str, unit: str, style: Style) -> dict[str, str]:
    """A number with its comparator and unit, or a band of numbers; a unit in the cell goes before the column's."""
    if band := _RANGE.match(text):
        return {"low": band[1], "high": band[2], "unit": style.units.get(unit, unit)}
    found = _NUMBER.match(text)
    if found is None:
        return {"value": text, "unit": style.units.get(unit, unit)}
    digits = found[2]
    if style.decimal == "," and (("." in digits and "," in digits) or _THOUSANDS.match(digits)):
        # Where a comma divides, a point beside it or before three digits may stand between thousands: no number.
        return {"value": text, "unusable": "a point beside a decimal comma, or before three digits"}
    if style.decimal == ",":
        digits = digits.replace(",", ".")
    # SPSS and SAS write 0.5 as `.5`.
    digits = re.sub(r"^([+-]?)\.", r"\g<1>0.", digits)
    sign = found[1] or ""
    if found[4] and not _is_unit(found[4].strip(), style):
        # INVARIANT: units are shown where people are counted; what stands here may be a name or a day.
        return {"value": digits, "unusable": "with something behind the number that is no unit"}
    unit = (found[3] or found[4] or unit).strip()
    return {"value": digits, "comparator": _SIGNS.get(sign, sign), "unit": style.units.get(unit, unit)}


def _is_unit(text: str, style: Style) -> bool:
    """Whether what stands behind a number is a unit, or is as short as one that nobody knows."""
    if text in style.units or _UNITLIKE.match(text):
        return True
    if re.fullmatch(r"[0-9.,:/-]+", text):
        return False
    try:
        parse_unit(text)
    except UnknownUnit:
        return False
    return True


def _age(text: str, found: Reading, style: Style) -> Reading:
    """Completed years, told on a day: born within a year before it; `>=80` was born then or earlier.

    Of a band of ages, `18..24`, either end may be the age.
    """
    told = moment_of(found.date) if found.date else None
    band = _RANGE.match(text)
    if (
        band
        and told is not None
        and band[1].isdigit()
        and band[2].isdigit()
        and int(band[1]) <= int(band[2]) <= OLDEST
    ):
        return replace(
            found, low=born_between(int(band[2]), told[0])[0], high=born_between(int(band[1]), told[0])[1], date=""
        )
    written = _NUMBER.match(bare(text))
    unit = "" if written is None else (written[3] or written[4] or "").strip().rstrip(".").casefold()
    if written is None or not written[2].isdigit() or int(written[2][:4]) > OLDEST or unit not in _YEARS:
        return replace(found, unusable="not an age in completed years", date="")
    if told is None:
        return replace(found, unusable="an age without the day on which it was told", date="")
    first, last = born_between(int(written[2]), told[0])
    sign = _SIGNS.get(written[1] or "", written[1] or "")
    if sign in (">", ">="):
        first = ""
        last = born_between(int(written[2]) + 1, told[0])[1] if sign == ">" else last
    elif sign in ("<", "<="):
        last = ""
        first = born_between(int(written[2]) - 1, told[0])[0] if sign == "<" and int(written[2]) else first
    return replace(found, low=first, high=last, date="")


def field_of(declared: RowField, column: Column, cells: Cells, style: Style) -> FieldReading | None:
    """What a cell says in a named field of a row; None if it says nothing."""
    written = cells(column.column)
    if not written or is_missing(written, column, style):
        return None
    text = meant(written, column.words)
    if declared.type.name in ("Date", "DateTime"):
        text = iso(text, style.dates)
    elif declared.type.name in NUMBERS:
        found = number(text, "", style)
        unit = f" '{found['unit']}'" if found.get("unit") else ""
        text = (
            "?"
            if "unusable" in found or "value" not in found
            else f"{found.get('comparator', '')}{found['value']}{unit}"
        )
    return FieldReading(**field_parts(declared, text))


def fields_of(
    requirement: DataRequirement, columns: Mapping[str, Column], cells: Cells, style: Style
) -> dict[str, FieldReading]:
    """The declared fields of a row, as far as the mapping names a column for them."""
    found = {}
    for declared in requirement.fields:
        if declared.name in columns:
            reading = field_of(declared, columns[declared.name], cells, style)
            if reading is not None:
                found[declared.name] = reading
    return found
