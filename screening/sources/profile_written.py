"""A person who was read from another record, written as a profile: what was recorded, of what, when and where.

It holds what one protocol asks for and nothing else of the record; the record itself is not touched. The text is
read back before it is handed out, and what would be read otherwise than the record says is never written.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard

from screening.errors import UnsupportedError
from screening.language.library import DataRequirement, Library
from screening.language.types import NUMBERS, Type
from screening.record.subject import Absence, Evidence, SetAside, Subject, Value
from screening.sources.profile import read_profile
from screening.sources.profile_edit import edited, scalar
from screening.sources.profile_entry import UNUSABLE
from screening.sources.profile_form import Entry
from screening.sources.site import SiteDeclaration, adapted, completeness
from screening.sources.worth import LONGEST_SHOWN, is_birth, is_gender, literal, of
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, Codings
from screening.values.truth import TRUE, UNKNOWN, Truth


def profile_of(subject: Subject, library: Library, site: SiteDeclaration | None, source: str) -> str:
    """The profile of a subject of this library.

    Raises UnsupportedError, naming the inputs of which the record says what a profile cannot.
    """
    library = adapted(library, site)
    head = f"subject: {scalar(subject.id)}\n"
    head += "synthetic: true\n" if subject.synthetic else ""
    head += f"extracted: {subject.extracted.isoformat()}\n" if subject.extracted else ""
    head += f"source: {scalar(source)}\nevidence:\n"
    items = {}
    for requirement in library.requirements:
        item = item_of(requirement, subject, site)
        if item is not None:
            items[requirement.name] = item
    text = edited(head, items)
    again = read_profile(text, library, name="profile", site=site)
    # INVARIANT: what is written says what the record says, input by input; nothing is nearly so.
    wrong = [r.name for r in library.requirements if _said(again, r.name) != _said(subject, r.name)]
    if wrong:
        named = ", ".join(f"`{name}`" for name in wrong[:6]) + (f" and {len(wrong) - 6} more" if wrong[6:] else "")
        raise UnsupportedError(f"what the record says of {named} cannot be written in a profile")
    return text


def item_of(requirement: DataRequirement, subject: Subject, site: SiteDeclaration | None) -> Any:
    """What is written for one input; None where there is nothing to be said."""
    rows, absences = subject.evidence.get(requirement.name, ()), subject.absences.get(requirement.name, ())
    is_complete = requirement.name in subject.complete
    made = [_row(requirement, row) for row in rows]
    made += [_denied(requirement, absence) for absence in absences if absence.concepts != frozenset()]
    if not made and not is_complete:
        return None
    # A list that is mentioned is as complete as the site says of it.
    declared = {} if is_complete or completeness(site, requirement) is None else {"complete": "false"}
    is_single = len(made) == 1 and bool(rows) and made[0].keys() <= Entry.keys.keys()
    if is_birth(requirement) or (is_single and requirement.type.name != "Records"):
        return {**made[0], **declared} if len(made) == 1 else None
    return {**declared, "records": made}


def _row(requirement: DataRequirement, row: Evidence) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if row.when != OPEN:
        made["date"] = f"{_days(row.when)}T{row.clock}" if row.clock else _days(row.when)
    if row.codes:
        made["codes"] = [str(code) for code in row.codes]
    made.update(_value(requirement, row))
    coded = []
    if "value" not in made and _is_coded(row.value):
        coded = [f"value: {code}" for code in row.value]
    if row.status != "confirmed":
        made["status"] = row.status
    if row.certainty is not TRUE:
        made["possible"] = "true"
    for field in requirement.fields:
        found = row.fields.get(field.name)
        if isinstance(found, SetAside):
            coded.append(f"{field.name}: {UNUSABLE}")
        elif found is not None and _is_coded(found):
            coded += [f"{field.name}: {code}" for code in found]
        elif found is not None:
            made[field.name] = _text(field.type, found)
    if coded:
        made["coded"] = coded
    if row.by:
        made["by"] = row.by
    return {**made, **({"source": row.origin} if row.origin else {})}


def _denied(requirement: DataRequirement, absence: Absence) -> dict[str, Any]:
    made: dict[str, Any] = {"status": "absent"}
    if absence.when != OPEN:
        made["date"] = _days(absence.when)
    if absence.concepts is not None:
        # One code of each concept that is denied says it of the whole of it.
        made["codes"] = [str(min(requirement.concepts[n])) for n in sorted(absence.concepts)]
    if absence.by:
        made["by"] = absence.by
    return {**made, **({"source": absence.origin} if absence.origin else {})}


def _value(requirement: DataRequirement, row: Evidence) -> dict[str, str]:
    value = row.value
    if isinstance(value, SetAside):
        return {"unusable": value.why}
    if is_birth(requirement) and isinstance(value, Bounds):
        return _ends(None if end is None else end.isoformat() for end in value)
    if is_gender(requirement):
        return {"value": "unknown" if isinstance(value, Bounds | Truth) or not value else value[0].code}
    if requirement.type.name == "Records":
        # A row counts by being there, unless the rule file declares what its value is.
        declared = next((f for f in requirement.fields if f.name == "value"), None)
        return {} if declared is None else {"value": _text(declared.type, value)}
    if isinstance(value, Bounds) and (text := _as_written(requirement, row.written, value)):
        return {"value": text}
    if isinstance(value, Bounds) and value.low != value.high and value != OPEN:
        if requirement.type.name in NUMBERS:
            return _ends(None if end is None else _number(requirement.type, end) for end in value)
        return _ends(None if end is None else end.isoformat() for end in value)
    if _is_coded(value) and (len(value) > 1 or requirement.type.name == "String"):
        return {}
    return {"value": _text(requirement.type, value)}


def _as_written(requirement: DataRequirement, written: str, value: Bounds) -> str:
    """A number with the unit that the record has it in; "" where that is not what is read of it."""
    number, _, unit = written.partition(" ")
    text = f"{number} '{unit}'" if unit else number
    if requirement.type.name not in NUMBERS or literal(text) is None or len(text) > LONGEST_SHOWN:
        return ""
    r, as_text = requirement, literal(text)
    assert as_text is not None
    return text if of(r.type, as_text, r.factors, r.floor, r.scale, r.unit_missing) == value else ""


def _is_coded(value: Value | SetAside) -> TypeGuard[Codings]:
    """Whether a value is codes of terminologies, and no plain word."""
    return isinstance(value, tuple) and not isinstance(value, Bounds) and any(code.system for code in value)


def _ends(ends: Iterator[str | None]) -> dict[str, str]:
    low, high = ends
    if low == high and low is not None:
        return {"value": low}
    return {key: end for key, end in (("low", low), ("high", high)) if end is not None}


def _text(type: Type, value: Value) -> str:
    """A value as the language writes it; what is not known as UNKNOWN."""
    match value:
        case Bounds(low, high) if low is None and high is None:
            return "UNKNOWN"
        case Bounds(low, high) if type.name in NUMBERS:
            if low == high:
                return _number(type, low)
            return f">={_number(type, low)}" if high is None else f"<={_number(type, high)}"
        case Bounds():
            return _days(value)
        case Truth():
            return "OPEN" if value is UNKNOWN and type.name == "Judgement" else value.value
        case (Code(system, code),) if not system:
            return code
        case (code,):
            return str(code)
    return "UNKNOWN"


def _number(type: Type, number: Any) -> str:
    plain = format(number, "f")
    return f"{plain} '{type.unit or '1'}'" if type.name == "Quantity" else plain


def _days(when: Bounds) -> str:
    """Days as they are written: a day, or the period between two."""
    low, high = when
    if low == high:
        return str(low.isoformat())
    return "/".join("" if end is None else _day(end) for end in when)


def _day(end: datetime.date) -> str:
    return end.isoformat()


# --------------------------------------------------------------------------------- read back


def _said(subject: Subject, name: str) -> tuple[Any, ...]:
    """Everything that the law reads of one input, in an order of its own."""
    rows = sorted(map(_read, subject.evidence.get(name, ())))
    denied = {(repr(a.when), repr(a.concepts and sorted(a.concepts))) for a in subject.absences.get(name, ())}
    # An absence of a part of a concept denies nothing of it.
    return rows, denied - {(when, "frozenset()") for when, _ in denied}, subject.complete.get(name)


def _read(row: Evidence) -> tuple[str, ...]:
    fields: Mapping[str, Any] = {key: _worth(value) for key, value in row.fields.items()}
    parts = (_worth(row.value), row.when, row.clock, row.certainty, row.codes, sorted(fields.items()))
    return (*map(repr, parts), repr(sorted(row.concepts)), row.by)


def _worth(value: Value | SetAside) -> Any:
    return "set aside" if isinstance(value, SetAside) else value
