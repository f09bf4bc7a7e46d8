"""`screening calculate` without inputs: what may be given, in lines to be filled in by hand and as data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from screening.language.library import DataRequirement, Definition
from screening.outcome.codec import number_text
from screening.outcome.form import Form, range_words
from screening.reports.line import Line, paragraph
from screening.reports.words import joined, safe
from screening.values.bounds import Bounds, is_open
from screening.values.quantity import everyday

_INDENT = " " * 11
_KINDS = {
    "Boolean": "yes or no", "Judgement": "a named clinician's yes or no", "Integer": "whole number",
    "Decimal": "number", "Date": "day", "DateTime": "day", "String": "word", "Code": "code",
    "Records": "a list, by file",
}  # fmt: skip
_DRAWN = {"cm": "0-10", "mm": "0-100"}


def told(form: Form) -> list[Line]:
    """A definition and its classes, then every input: needed first, then what may be given beside or instead."""
    library, definition = form.library, form.definition
    draft = "  DRAFT, not for use in care" if library.status == "draft" else ""
    lines = [Line(f"{safe(library.name)} {safe(library.version)}{draft}")]
    unit = everyday(definition.type.unit) if definition.type.unit else ""
    lines += [Line(""), Line(f"{safe(definition.name)}{f', in {unit}' if unit else ''}")]
    lines += _titled("Called", ", ".join(map(safe, definition.short_names)))
    lines += _titled("Meaning", safe(definition.text))
    lines += _titled("Classes", ", ".join(safe(each.name) for each in form.categories))
    for title, use in (
        ("Needed", "needed"),
        ("One of several", "one of several"),
        ("May be given", "may be given"),
    ):
        found = [each.requirement for each in form.entries if each.use == use]
        if found:
            lines += [Line(""), Line(title)]
        for requirement in found:
            lines += paragraph(f"{safe(requirement.name)}: {_takes(requirement)}", "  ", "    ")
            lines += _also(requirement)
    if form.either:
        lines.append(Line(""))
    for sides in form.either:
        lines += _titled("One of", "; or ".join(" and ".join(map(safe, side)) for side in sides))
    if form.instead:
        lines += [Line(""), Line("Or give what is computed, and leave out what it is computed from")]
    for each in form.instead:
        kind, below = _of_definition(each.definition), joined(map(safe, each.below))
        lines += paragraph(f"{safe(each.definition.name)}: {kind}; for {below}", "  ", "    ")
        lines += _called(each.definition.short_names)
    example = next((each.requirement for each in form.entries if each.use != "may be given"), None)
    if example is not None:
        value = f"{safe(example.name)}=VALUE{' UNIT' if example.type.unit else ''}"
        command = f'screening calculate "{safe(definition.name)}" --set "{value}" ...'
        lines += [Line(""), *_titled("Fill in", command)]
    return lines


def _titled(title: str, text: str) -> list[Line]:
    return paragraph(text, f"{title:<{len(_INDENT)}}", _INDENT) if text else []


def _takes(requirement: DataRequirement) -> str:
    """What an input takes: its type or answers, units and range."""
    type = requirement.type
    if requirement.kind == "birth date":
        return "age in completed years, or the date of birth"
    if requirement.answers:
        return _answers(requirement.answers)
    kind = "number" if type.name == "Quantity" else _KINDS.get(type.name, type.name)
    units = [everyday(unit) for unit in _units(requirement)]
    parts = [
        kind + (f" with its unit, {' or '.join(units)}" if units else ""),
        range_words(requirement.scale),
        f"or a mark drawn in {_drawn(requirement)}" if requirement.scale_unit else "",
        f"plausible {range_words(requirement.plausible)}" if not is_open(requirement.plausible) else "",
        f"at least {requirement.floor}" if requirement.floor else "",
    ]
    return joined(part for part in parts if part)


def _drawn(requirement: DataRequirement) -> str:
    return f"mm or cm (on {_DRAWN.get(requirement.scale_unit, 'its scale')} {requirement.scale_unit})"


def _units(requirement: DataRequirement) -> list[str]:
    return [u for u in (requirement.type.unit, *(f.unit for f in requirement.factors)) if u]


def _answers(answers: Sequence[tuple[str, tuple[str, ...]]]) -> str:
    return " | ".join(
        f"{safe(value)} ({safe(words[0])})" if words and not any(map(str.isalpha, value)) else safe(value)
        for value, words in answers
    )


def _of_definition(definition: Definition) -> str:
    if definition.answers:
        return _answers(definition.answers)
    unit = everyday(definition.type.unit) if definition.type.unit else ""
    kind = (
        "number" if definition.type.name == "Quantity" else _KINDS.get(definition.type.name, definition.type.name)
    )
    return f"{kind} with its unit, {unit}" if unit else kind


def _also(requirement: DataRequirement) -> list[Line]:
    same = [requirement.label] if requirement.label.casefold() != requirement.name.casefold() else []
    return _called(list(dict.fromkeys([*(each for each in same if each), *requirement.short_names])))


def _called(names: Sequence[str]) -> list[Line]:
    return paragraph(f"also: {', '.join(map(safe, names))}", "    ", "    ") if names else []


# ----------------------------------------------------------------------------------------- as data


def data(form: Form) -> dict[str, Any]:
    """A form as data: every input with type, unit, range, names and answers; numbers of ranges as texts."""
    definition = form.definition
    return {
        "name": definition.name,
        "library": {"name": form.library.name, "version": form.library.version, "status": form.library.status},
        "short_names": list(definition.short_names),
        "text": definition.text,
        "type": definition.type.name,
        "unit": definition.type.unit or None,
        "classes": [each.name for each in form.categories],
        "inputs": [{**_input(each.requirement), "use": each.use} for each in form.entries],
        "either": [[list(side) for side in sides] for sides in form.either],
        "instead": [
            {
                "name": each.definition.name,
                "short_names": list(each.definition.short_names),
                "type": each.definition.type.name,
                "unit": each.definition.type.unit or None,
                "answers": _words(each.definition.answers),
                "replaces": list(each.below),
            }
            for each in form.instead
        ],
    }


def _input(requirement: DataRequirement) -> dict[str, Any]:
    return {
        "name": requirement.name,
        "label": requirement.label,
        "short_names": list(requirement.short_names),
        "text": requirement.text,
        "type": requirement.type.name,
        "unit": requirement.type.unit or None,
        "units": _units(requirement),
        "scale": _ends(requirement.scale),
        "scale_unit": requirement.scale_unit or None,
        "plausible": _ends(requirement.plausible),
        "at_least": requirement.floor or None,
        "answers": _words(requirement.answers),
    }


def _ends(bounds: Bounds) -> list[str | None] | None:
    return None if is_open(bounds) else [None if end is None else number_text(end) for end in bounds]


def _words(answers: Sequence[tuple[str, tuple[str, ...]]]) -> dict[str, list[str]] | None:
    return {value: list(words) for value, words in answers} or None


def as_json(form: Form) -> str:
    """The data as JSON."""
    return json.dumps(data(form), indent=2, ensure_ascii=True)
