"""`screening test --coverage`: what the worked cases show of each statement, and what none of them does."""

from __future__ import annotations

from collections.abc import Sequence

from screening.outcome.covered import EVERY_SIDE, EVERY_TRUTH, Covered
from screening.reports import data
from screening.reports.line import Line, paragraph
from screening.reports.words import counted, joined, safe


def told(found: Sequence[Covered]) -> list[Line]:
    """How much of everything is shown, then each statement of which something is not."""
    met, whole = sum(one.met for one in found), sum(one.all for one in found)
    if not whole:
        return paragraph("The cases are of no statement", "", "  ")
    full = sum(one.met == one.all for one in found)
    statements = counted(len(found), "statement")
    head = f"The cases show {met * 100 // whole} % ({met} of {whole}) of {statements}, and everything of {full}"
    lines = paragraph(head, "", "  ")
    for one in found:
        if one.met < one.all:
            lines += paragraph(f"{safe(one.library)}  {safe(one.name)}: {_missing(one)}", "  ", "      ")
    return lines


def _missing(one: Covered) -> str:
    truths = [truth.value for truth in EVERY_TRUTH if truth not in one.truths]
    parts = [place for place, shown in one.parts if not shown]
    limits = [
        f"{', '.join(side for side in EVERY_SIDE if side not in sides)} {place}"
        for place, sides in one.limits
        if len(sides) < len(EVERY_SIDE)
    ]
    return "no case " + joined(
        (
            f"comes to {' or '.join(truths)}" if truths else "",
            f"rests on {', '.join(parts)} alone" if parts else "",
            f"lies {' or '.join(limits)}" if limits else "",
        ),
        "; ",
    )


def as_json(found: Sequence[Covered]) -> str:
    """The same of every statement as JSON text."""
    return data.as_json({"statements": [_statement(one) for one in found]})


def _statement(one: Covered) -> dict[str, object]:
    return {
        "library": one.library,
        "name": one.name,
        "line": one.span.line,
        "shown": one.met,
        "of": one.all,
        "truths": [truth.value for truth in EVERY_TRUTH if truth in one.truths],
        "parts": [{"place": place, "decides": shown} for place, shown in one.parts],
        "limits": [
            {"place": place, "sides": [side for side in EVERY_SIDE if side in sides]}
            for place, sides in one.limits
        ],
    }
