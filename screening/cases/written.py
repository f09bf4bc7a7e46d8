"""A person as a worked case: what is recorded of them, and what the rules say of one name."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace

from screening.errors import UnsupportedError
from screening.language.library import Library
from screening.outcome.determination import Determination
from screening.record.subject import Subject, Value
from screening.sources.profile_edit import scalar
from screening.sources.profile_written import profile_of
from screening.values.bounds import Bounds
from screening.values.truth import Truth


def head(library: str, as_of: datetime.date, about: str) -> str:
    """The beginning of a case file whose cases rest on no record."""
    day = as_of.isoformat()
    return f"{about}protocol: {library}\nbase: none\nas of: {day}\ndate: {day}\n\ncases:\n"


def case_text(name: str, why: str, subject: Subject, library: Library, expect: str) -> str | None:
    """One case of a file; None where what is recorded of the person cannot be written down."""
    bare = {
        name: tuple(replace(row, origin="", written="", by="") for row in rows)
        for name, rows in subject.evidence.items()
    }
    absences = {key: tuple(replace(a, origin="", by="") for a in rows) for key, rows in subject.absences.items()}
    try:
        text = profile_of(replace(subject, evidence=bare, absences=absences), library, None, "case")
    except UnsupportedError:
        return None
    items = text.partition("evidence:\n")[2]
    lines = [f"  - case: {scalar(name)}", f"    why: {scalar(why)}"]
    if items.strip():
        lines += ["    change:", *(f"    {line}" for line in items.splitlines())]
    return "\n".join([*lines, f"    expect: {expect}", ""])


def expectation(name: str, library: Library, values: Mapping[str, Value], determination: Determination) -> str | None:
    """What a case expects of one name, as the rules have it; None of what a case cannot speak of."""
    if any(criterion.id == name for criterion in library.criteria):
        return f"{{criteria: {{{name}: {determination.finding(name).shown}}}}}"
    for criterion in library.criteria:
        if criterion.alert is not None and criterion.alert.definition == name:
            return f"{{alerts: [{', '.join(alert.criterion for alert in determination.alerts)}]}}"
    for definition in library.definitions:
        if definition.name == name and definition.origin in ("definition", "requirement"):
            text = _text(values[name])
            return None if text is None else f"{{values: {{{scalar(name)}: {scalar(text)}}}}}"
    return None


def _text(value: Value) -> str | None:
    """A value as a case expects it."""
    match value:
        case Truth():
            return value.value
        case Bounds(None, None):
            return "unknown"
        case Bounds(low, high):
            low, high = ("" if end is None else end.isoformat() if hasattr(end, "isoformat") else str(end) for end in value)
            return low if low == high else f"{low}..{high}"
    words = [f"{code.system} {code.code}".strip() for code in value]
    return "unknown" if not words else words[0] if len(words) == 1 else None
