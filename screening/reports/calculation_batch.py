"""A list of calculations: each value or why there is none, in what it differs, how many are as expected."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from screening.outcome.answer import Calculation
from screening.outcome.batch import Tried
from screening.reports import value as values
from screening.reports.calculation import as_json as calculation_json
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.words import MET, OPEN_MARK, counted, folded, safe


def told(every: Sequence[Tried]) -> list[Line]:
    """Every calculation in its order, then how many there were."""
    lines = [line for one in every for line in _one(one)]
    wrong = sum(one.calculation is None for one in every)
    held = sum(one.is_expected and one.is_sound for one in every)
    asked = sum(one.is_expected for one in every)
    text = counted(len(every), "calculation")
    text += f", {held} of {asked} as expected" if asked else ""
    text += f", {counted(wrong, 'cannot be computed', 'cannot be computed')}" if wrong else ""
    return [*lines, Line(text)]


def _one(one: Tried) -> Iterator[Line]:
    mark, token = ("x", AGAINST) if not one.is_sound else (MET, "")
    if one.is_sound and one.calculation is not None and one.calculation.missing:
        mark, token = OPEN_MARK, OPEN
    what = _value(one.calculation) if one.calculation is not None else safe(one.name) or "no name"
    first, *rest = folded(f"{safe(one.case)}  {what}", f"{mark} ", "    ")
    yield Line(first, token, 1 if token else 0)
    yield from map(Line, rest)
    for text in one.differs:
        yield from paragraph(safe(text), "    ", "    ")
    for diagnostic in one.diagnostics:
        help = f"; {diagnostic.help}" if diagnostic.help else ""
        yield from paragraph(safe(f"{diagnostic.message}{help}"), "    ", "    ")


def _value(found: Calculation) -> str:
    text = f"{safe(found.name)}: {values.value_text(found.value, found.answer.definition.type)}"
    classes = ", ".join(safe(each.word) or "open" for each in found.categories)
    return f"{text} ({classes})" if classes else text


def as_json(every: Sequence[Tried]) -> str:
    """Every calculation as data, with what it differs in."""
    return "[" + ",\n".join(map(_data, every)) + "]"


def _data(one: Tried) -> str:
    faults = [{"message": d.message, "help": d.help} for d in one.diagnostics]
    texts = {
        "case": json.dumps(one.case),
        "name": json.dumps(one.name),
        "result": "null" if one.calculation is None else calculation_json(one.calculation),
        "as_expected": json.dumps(one.is_sound if one.is_expected else None),
        "differs": json.dumps(list(one.differs)),
        "faults": json.dumps(faults),
    }
    return "{" + ",\n".join(f"{json.dumps(key)}: {text}" for key, text in texts.items()) + "}"
