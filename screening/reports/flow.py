"""The flow of participants as CONSORT draws it, in words and numbers: who was assessed, who left where, who is
left.

Text, figure and page are made of the same boxes, so that none of them says what another does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from screening.reports.attrition import TAKEN, Attrition, unmapped
from screening.reports.cell import Cells
from screening.reports.words import cut_to, safe

UPPER_BOUND = "an upper bound, no forecast"
NOT_SCREENED = "not screened, a fault of the program"


@dataclass(frozen=True, slots=True)
class Box:
    """One box of the flow: a title with its number, and what it is made of."""

    title: str
    number: str
    parts: tuple[tuple[str, str], ...] = ()
    note: str = ""


@dataclass(frozen=True, slots=True)
class Flow:
    """Down the middle who is still there, beside it who left; below it what is known of those who are left.

    assessed = ruled out + not screened + remaining, and remaining = left + the ends.
    """

    assessed: Box
    ruled_out: Box
    remaining: Box
    left: Box
    ends: tuple[Box, ...]
    decided: tuple[tuple[str, str], ...]
    warnings: tuple[str, ...]


def flow(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> Flow:
    """The flow of one run, or of several of the same rules."""

    def number(name: str) -> str:
        return cells.text(f"total {name}")

    barred = [(words, number(words)) for words in ("inclusion not met", "exclusion present")]
    if found.totals["not screened"]:
        barred.append((NOT_SCREENED, number("not screened")))
    words = [(word, number(word)) for word in TAKEN if found.totals[word]]
    return Flow(
        Box("Assessed on records", number("assessed")),
        Box("Ruled out", number("ruled out"), tuple(barred)),
        Box(
            "Not known to be barred",
            number("not barred"),
            (("with every anchor on record", number("not ruled out")),),
            UPPER_BOUND,
        ),
        Box("Left", "", (("declined", number("declined")), ("other", number("other")))),
        (
            Box("Certain to be eligible", number("eligible"), note="in the data given; a physician decides"),
            Box("To be reviewed", number("review"), note="no known bar"),
            Box("Undetermined", number("undetermined"), note="something is not known"),
        ),
        tuple(words),
        without_source(manifest),
    )


def without_source(manifest: Mapping[str, Any]) -> tuple[str, ...]:
    """A sentence for every absolute exclusion of which no source is mapped: its count is no answer."""
    texts = {each["id"]: each["text"] for each in manifest["criteria"]}
    said = []
    for id, names in unmapped(manifest).items():
        asks = f" ({safe(', '.join(names))})" if names else ""
        said.append(
            f"{safe(id)} {cut_to(safe(texts.get(id, '')), 80)}: no source is mapped{asks}. "
            "Nobody can have been ruled out by it; "
            "map a source and run again before any number is relied on."
        )
    return tuple(said)
