"""`screening mutate`: how many slips the worked cases notice, and each that none does, with a case that would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from screening.outcome.mutation import NOTICED, PROVED, SURVIVES, UNDECIDED, Mutation, Slipped
from screening.reports import data
from screening.reports.line import AGAINST, Line, paragraph
from screening.reports.words import AGAINST as BAR
from screening.reports.words import counted, safe

_SAID = {
    SURVIVES: "no case notices",
    UNDECIDED: "no case notices, and whether it changes anything is not decided",
}


def told(found: Mutation, near: Callable[[str], str] = str) -> list[Line]:
    """The score, then each slip that no case notices, in the library's order; `near` tells a file."""
    slips, noticed = found.counted, found.count(NOTICED)
    by = counted(found.cases, "case")
    head = f"{found.library}: {found.percent} % of the slips noticed, {noticed} of {slips}, by {by}"
    lines = paragraph(head, "", "  ")
    proved, undecided = found.count(PROVED), found.count(UNDECIDED)
    if proved:
        lines += paragraph(f"Left out: {proved} proved to say the same of every record", "  ", "  ")
    if undecided:
        text = f"Counted as not noticed: {undecided} of which it is not decided whether they change anything"
        lines += paragraph(text, "  ", "  ")
    for slipped in found.slips:
        if slipped.state in _SAID:
            lines += _survivor(slipped, near(slipped.span.file))
    return lines


def _survivor(slipped: Slipped, file: str) -> list[Line]:
    where = f"{file}:{slipped.span.line}"
    text = f"{safe(where)}  {safe(slipped.name)}: {safe(slipped.slip)}; {_SAID[slipped.state]}"
    first, *rest = paragraph(text, f"{BAR} ", "    ")
    return [
        first._replace(token=AGAINST, marked=1),
        *rest,
        # To be pasted: never folded.
        *(Line(line) for line in slipped.case.splitlines()),
    ]


def as_json(found: Sequence[Mutation], near: Callable[[str], str] = str) -> str:
    """Every slip of some libraries, as JSON text."""
    return data.as_json({"libraries": [_library(one, near) for one in found]})


def _library(found: Mutation, near: Callable[[str], str]) -> dict[str, object]:
    return {
        "library": found.library,
        "cases": found.cases,
        "slips": len(found.slips),
        "noticed": found.count(NOTICED),
        "survive": found.count(SURVIVES),
        "not decided": found.count(UNDECIDED),
        "equivalent, proved": found.count(PROVED),
        "percent": found.percent,
        "survivors": [
            {
                "name": s.name,
                "slip": s.slip,
                "place": s.place,
                "file": near(s.span.file),
                "line": s.span.line,
                "column": s.span.column,
                "state": s.state,
                "case": s.case,
            }
            for s in found.slips
            if s.state in _SAID
        ],
    }
