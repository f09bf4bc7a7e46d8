"""A person as a worked case: what is recorded of them, and what the rules say of one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from screening.language.library import Library
from screening.outcome.determination import Determination
from screening.record.subject import Subject, Value
from screening.sources.profile_edit import edited, scalar
from screening.sources.profile_written import item_of
from screening.values.bounds import Bounds
from screening.values.truth import Truth


def case_text(name: str, why: str, subject: Subject, library: Library, expect: str) -> str:
    """One case of a file. It is to be read back before it is believed: not every person can be written down."""
    items = {}
    for requirement in library.requirements:
        item = item_of(requirement, _plain(subject, requirement.name), None)
        if item is not None and requirement.name in subject.complete:
            item = {"complete": "true", **item}
        if item is not None:
            items[requirement.name] = item
    lines = [f"  - case: {scalar(name)}", f"    why: {scalar(why)}"]
    if items:
        text = edited("evidence:\n", items).partition("\n")[2]
        lines += ["    change:", *(f"    {line}" for line in text.splitlines())]
    return "\n".join([*lines, f"    expect: {expect}", ""])


def _plain(subject: Subject, name: str) -> Subject:
    """What is recorded of one requirement without where it comes from, numbers without idle digits."""
    rows = tuple(
        replace(
            row,
            value=_shorter(row.value),
            fields={key: _shorter(value) for key, value in row.fields.items()},
            origin="", written="", by="",
        )
        for row in subject.evidence.get(name, ())
    )  # fmt: skip
    denied = tuple(replace(absence, origin="", by="") for absence in subject.absences.get(name, ()))
    return replace(subject, evidence={**subject.evidence, name: rows}, absences={**subject.absences, name: denied})


def _shorter(value: Any) -> Any:
    if isinstance(value, Bounds):
        return Bounds(*(_number(end) for end in value))
    return value


def _number(end: Any) -> Any:
    """`0.0100` as `0.01`, and 30 not as `3E+1`."""
    if isinstance(end, bool) or not isinstance(end, int | Decimal):
        return end
    return Decimal(format(Decimal(end).normalize(), "f"))


def expectation(
    names: Sequence[str], library: Library, values: Mapping[str, Value], determination: Determination
) -> str:
    """What a case expects of some names, as the rules have it; "" where a case cannot speak of any."""
    criteria = {criterion.id for criterion in library.criteria}
    alerts = {criterion.alert.definition for criterion in library.criteria if criterion.alert is not None}
    valued = {d.name for d in library.definitions if d.origin in ("definition", "requirement")}
    parts = []
    said = [f"{name}: {determination.finding(name).shown}" for name in names if name in criteria]
    if said:
        parts.append(f"criteria: {{{', '.join(said)}}}")
    worth = [(name, _text(values[name])) for name in names if name in valued]
    said = [f"{scalar(name)}: {scalar(text)}" for name, text in worth if text is not None]
    if said:
        parts.append(f"values: {{{', '.join(said)}}}")
    if alerts & set(names):
        parts.append(f"alerts: [{', '.join(alert.criterion for alert in determination.alerts)}]")
    return f"{{{', '.join(parts)}}}" if parts else ""


def _text(value: Value) -> str | None:
    """A value as a case expects it."""
    match value:
        case Truth():
            return value.value
        case Bounds(None, None):
            return "unknown"
        case Bounds(low, high):
            ends = ["" if end is None else str(_number(end)) for end in (low, high)]
            return ends[0] if low == high else "..".join(ends)
    words = [f"{code.system} {code.code}".strip() for code in value]
    return "unknown" if not words else words[0] if len(words) == 1 else None
