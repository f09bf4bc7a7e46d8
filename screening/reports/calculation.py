"""`screening calculate`: a value with its classes, what it was computed from, and what is missing."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from screening.language.library import Citation, Definition
from screening.outcome.answer import Calculation
from screening.outcome.codec import number_text
from screening.reports import value as values
from screening.reports.line import OPEN, Line, paragraph
from screening.reports.words import MET, OPEN_MARK, counted, folded, joined, safe, sided
from screening.values.bounds import Bounds, is_exact
from screening.values.quantity import everyday
from screening.values.truth import UNKNOWN, Truth

_INDENT = " " * 11
# A sign that no text of an input can hold: what stands between two of them is a number of JSON.
_SIGN = "\x01"


def told(found: Calculation) -> list[Line]:
    """The value, exact or in bounds, then the classes, inputs and gaps."""
    answer = found.answer
    library = answer.library
    draft = "  DRAFT, not for use in care" if library.status == "draft" else ""
    lines = [Line(text) for text in sided(f"{safe(library.name)} {safe(library.version)}{draft}", _day(found))]
    lines += [Line(""), *_valued(found)]
    for category in found.categories:
        name = safe(category.definition.name)
        lines += _marked(
            not category.word, f"{name}: {safe(category.word) or 'open'}{_cited(category.definition)}"
        )
    parts = [f"{safe(p.definition.name)} {values.value_text(p.value, p.definition.type)}" for p in found.parts]
    lines.append(Line(""))
    lines += _titled("Made of", "; ".join(parts))
    used = [f"{safe(i.name)}: {_given(i.given, i.used, i.is_converted)}" for i in found.inputs if i.is_used]
    idle = [safe(i.name) for i in found.inputs if not i.is_used]
    lines += _titled("Inputs", "; ".join(used) or "none")
    converted = [safe(i.name) for i in found.inputs if i.is_converted]
    lines += _titled("Converted", ", ".join(converted))
    lines += _titled("Not used", ", ".join(idle))
    lines += _titled("Missing", ", ".join(map(safe, found.missing)))
    lines += _titled("Not given", ", ".join(map(safe, found.not_given)))
    lines += _titled(
        "Assumed", f"no, where nothing is said: {', '.join(map(safe, found.silent))}" if found.silent else ""
    )
    for notice in found.notices:
        lines += _titled("Notice", f"{safe(notice.requirement)}: {safe(notice.text)}")
    return lines


def _day(found: Calculation) -> str:
    return f"as of {found.answer.trace.as_of.isoformat()}"


def _given(given: str, used: str, is_converted: bool) -> str:
    if is_converted:
        return f"{safe(given)} = {safe(used)}"
    return safe(used or given)


def _valued(found: Calculation) -> Iterator[Line]:
    type = found.answer.definition.type
    text = values.value_text(found.value, type)
    is_open = bool(found.missing) or text == "unknown"
    more = "" if not found.missing else f"; open for want of {counted(len(found.missing), 'item')}"
    yield from _marked(is_open, f"{safe(found.name)}: {text}{more}{_cited(found.answer.definition)}")


def _marked(is_open: bool, text: str) -> Iterator[Line]:
    mark, token = (OPEN_MARK, OPEN) if is_open else (MET, "")
    first, *rest = folded(text, f"{mark} ", "    ")
    yield Line(first, token, 1 if token else 0)
    yield from map(Line, rest)


def _cited(definition: Definition) -> str:
    """The table that a value or a class is read off."""
    source = definition.source
    return "" if source is None else f" ({_place(source)})"


def _place(source: Citation) -> str:
    return safe(f"{source.source}: {source.place}")


def _titled(title: str, text: str) -> list[Line]:
    return paragraph(text, f"{title:<{len(_INDENT)}}", _INDENT) if text else []


# ----------------------------------------------------------------------------------------- as data


def data(found: Calculation) -> dict[str, Any]:
    """A calculation as data: `score` exact or null while it is open, `bounds`, classes, what is missing."""
    answer = found.answer
    value, type = found.value, answer.definition.type
    return {
        "name": found.name,
        "library": {
            "name": answer.library.name,
            "version": answer.library.version,
            "status": answer.library.status,
        },
        "as_of": answer.trace.as_of.isoformat(),
        "score": _exact(value),
        "unit": type.unit or None,
        "unit_shown": everyday(type.unit) if type.unit else None,
        "bounds": _bounds(value),
        "class": _class(found),
        "classes": {c.definition.name: c.word or None for c in found.categories},
        "parts": {p.definition.name: _exact(p.value) for p in found.parts},
        "tables": {d.name: _place(d.source) for d in _definitions(found) if d.source is not None},
        "inputs": [
            {
                "name": i.name,
                "called": i.called,
                "given": i.given,
                "used": i.used,
                "converted": i.is_converted,
                "counts": i.is_used,
            }
            for i in found.inputs
        ],
        "missing": list(found.missing),
        "not_given": list(found.not_given),
        "assumed_no": list(found.silent),
        "notices": [joined((n.requirement, n.text), ": ") for n in found.notices],
    }


def _class(found: Calculation) -> str | None:
    """The word of the first class, or of the value where that is a class itself."""
    if found.categories or not found.name.endswith("Category"):
        return next((c.word or None for c in found.categories), None)
    word = _exact(found.value)
    return word if isinstance(word, str) else None


def _definitions(found: Calculation) -> list[Definition]:
    return [found.answer.definition, *(category.definition for category in found.categories)]


def _exact(value: Any) -> Any:
    if isinstance(value, Truth):
        return None if value is UNKNOWN else value.value == "TRUE"
    if isinstance(value, Bounds):
        return _end(value.low) if is_exact(value) else None
    return " ".join(f"{code.system} {code.code}".strip() for code in value) or None


def _bounds(value: Any) -> dict[str, Any] | None:
    if not isinstance(value, Bounds):
        return None
    return {"low": _end(value.low), "high": _end(value.high)}


def _end(end: Any) -> Any:
    if end is None or hasattr(end, "isoformat"):
        return None if end is None else end.isoformat()
    return f"{_SIGN}{number_text(end)}{_SIGN}"


def as_json(found: Calculation) -> str:
    """The data as JSON; numbers stand in it with every digit, and pass through no float."""
    text = json.dumps(data(found), indent=2, ensure_ascii=True, allow_nan=False)
    sign = json.dumps(_SIGN)[1:-1]
    return re.sub(f'"{re.escape(sign)}(-?[0-9.]+){re.escape(sign)}"', r"\1", text)
