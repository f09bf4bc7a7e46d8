"""A list of an interview on one line: `methotrexate, 2013-02, primary inefficacy, days 240; adalimumab, ...; all`.

Rows are divided by `;`, what is said of one by `,`: first what it is, by a name that the rules' sets of codes
have, then its date, its outcome in words or by number, and what its other fields are worth. `all` says that
these are all there are, `n` that there is none.
"""

from __future__ import annotations

import re
from typing import Any

from screening.errors import TypeFault
from screening.evaluation.answer_value import past
from screening.evaluation.names import DAY, YES
from screening.evaluation.said import Beside, Wanting
from screening.evaluation.units import NotTaken, number_in
from screening.language.library import DataRequirement, Library, RowField
from screening.language.types import NUMBERS
from screening.reading.faults import listed, shown
from screening.reading.naming import folded
from screening.sources.tree import near
from screening.values.coding import Code

_NUMBER = re.compile(r"\d{1,2}\Z")
_VALUE = re.compile(r"([<>]?=?\s*\d[\d.]*)\s*(.*)\Z")
# Systems whose codes name a substance, the first that a set has is written.
_SYSTEMS = ("RxNorm", "SNOMED", "LOINC", "ICD-10-CM", "ATC")


def item(library: Library, requirement: DataRequirement, text: str, beside: Beside) -> tuple[Any, str]:
    """The item of a profile for a list, and what is read back of it. Raises NotTaken, Wanting."""
    source = beside.source(requirement.obtain)
    parts = [" ".join(part.split()) for part in text.split(";") if part.strip()]
    plain = [part.casefold() for part in parts]
    if plain == ["n"]:
        return {"absent": "true", "date": beside.day.isoformat(), "by": beside.by, "source": source}, "none"
    whole = beside.whole
    if plain and plain[-1] in ("all", "more"):
        whole, parts = plain[-1] == "all", parts[:-1]
    if not parts:
        raise NotTaken(TypeFault, "nothing was answered", "write one row, or n none, ? not known, s not asked")
    rows = [_row(library, requirement, part, beside) for part in parts]
    if whole is None:
        raise Wanting("whole")
    said = f"{len(rows)} {'row' if len(rows) == 1 else 'rows'}, {'the whole list' if whole else 'perhaps not all'}"
    return {"complete": "true" if whole else "false", "by": beside.by, "source": source, "records": rows}, said


def named_first(requirement: DataRequirement) -> RowField | None:
    """The field that a row begins with: what was taken or done, a free text or the first of the declared ones."""
    return requirement.fields[0] if requirement.fields else None


def names(library: Library, requirement: DataRequirement) -> dict[str, tuple[Code, ...]]:
    """What the rules' sets of codes call one thing of a list, with its codes."""
    found: dict[str, tuple[Code, ...]] = {}
    for valueset in library.valuesets:
        if len(valueset.concepts) == 1 and valueset.codes <= requirement.codes:
            found.setdefault(valueset.name, tuple(sorted(valueset.codes)))
    for declared in requirement.fields:
        if declared.name in ("drug", "substance"):
            for value, codes in declared.by_code:
                found.setdefault(value, codes)
    return found


def _row(library: Library, requirement: DataRequirement, text: str, beside: Beside) -> dict[str, str]:
    first, *more = [part.strip() for part in text.split(",") if part.strip()]
    row: dict[str, str] = {}
    opening = named_first(requirement)
    if opening is not None:
        row |= _opening(library, requirement, opening, first, beside)
    for part in more:
        name, value = _said(requirement, part, beside)
        if name in row:
            raise NotTaken(TypeFault, f"`{shown(name)}` is said twice of one row", "say it once")
        row[name] = value
    return row


def _opening(
    library: Library, requirement: DataRequirement, field: RowField, text: str, beside: Beside
) -> dict[str, str]:
    """What a row is of, with the code that the rules know for it."""
    if field.values and not field.by_code:
        return {field.name: _chosen(field, text)}
    known = names(library, requirement)
    found = next((name for name in known if folded(name) == folded(text)), "")
    if found:
        code = min(known[found], key=lambda c: (_SYSTEMS.index(c.system) if c.system in _SYSTEMS else 99, c))
        row = {"code": str(code)}
        return row if field.by_code else {field.name: found.casefold(), **row}
    meant = near(text, known, 0.7)
    if meant:
        raise NotTaken(TypeFault, f"`{shown(text)}` is no name that the rules know", f"did you mean `{meant}`")
    if field.values:
        raise NotTaken(TypeFault, f"`{shown(text)}` is no name that the rules know", f"{listed(field.values)}")
    if known and not beside.sure:
        told = "it would be kept without a code, so that its class stays unknown."
        raise Wanting("sure", f"`{shown(text)}` is no name that the rules know; {told}")
    return {field.name: text}


def _said(requirement: DataRequirement, part: str, beside: Beside) -> tuple[str, str]:
    """One thing that is said of a row: the name of its field, and the value."""
    if DAY.match(part):
        return "date", past(part, beside)
    for field in requirement.fields[1:]:
        if field.values and not field.by_code and (meant := _meant(field, part)):
            return field.name, meant
    words = part.split()
    for field in requirement.fields:
        name, count = folded(field.name), len(field.name.split())
        if len(words) > count and folded(" ".join(words[:count])) == name:
            return field.name, _value(field, " ".join(words[count:]), beside)
        if len(words) > count and folded(" ".join(words[-count:])) == name:
            return field.name, _value(field, " ".join(words[:-count]), beside)
    found = _VALUE.match(part)
    if found and found[2]:
        for field in requirement.fields:
            if field.type.name == "Quantity":
                try:
                    return field.name, _value(field, part, beside)
                except NotTaken:
                    continue
    kinds = listed([field.name for field in requirement.fields[1:]])
    raise NotTaken(TypeFault, f"`{shown(part)}` says nothing that is asked", f"say a date, or {kinds}")


def _value(field: RowField, text: str, beside: Beside) -> str:
    """The value of a field as a profile writes it."""
    if field.values:
        return _chosen(field, text)
    if field.type.name in NUMBERS:
        found = number_in(field.name, text, field.type)
        return f"{found.number} '{found.unit}'" if found.unit else found.number
    if field.type.name in ("Boolean", "Judgement"):
        answer = YES.get(text.casefold())
        if answer is None:
            raise NotTaken(TypeFault, f"`{shown(field.name)}` is neither yes nor no", "write y or n")
        return answer
    if field.type.name in ("Date", "DateTime"):
        return f"@{past(text, beside)}"
    return text


def _chosen(field: RowField, text: str) -> str:
    found = _meant(field, text)
    if not found:
        help = f"it is one of {listed(field.values)}, or its number"
        raise NotTaken(TypeFault, f"`{shown(text)}` is no {field.name} that is declared", help)
    return found


def _meant(field: RowField, text: str) -> str:
    """The declared value that a text is: by its number on the screen, whole, or the only one that begins so."""
    if _NUMBER.match(text) and 1 <= int(text) <= len(field.values):
        return field.values[int(text) - 1]
    wanted = folded(text)
    exact = [value for value in field.values if folded(value) == wanted]
    begun = [value for value in field.values if wanted and folded(value).startswith(wanted)]
    return exact[0] if exact else begun[0] if len(begun) == 1 else ""
