"""The questions of `screening cohort --questions`: out of the rows of a run, with the library it was screened
with.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from screening.cli import options


class Asked(NamedTuple):
    """Where the questions go besides the screen: a table of items, a list of near misses; `everything`: --all."""

    items: str | None = None
    near: str | None = None
    everything: bool = False


def put_questions(folder: str, asked: Asked) -> int:
    """Puts the questions to the cohort of a run."""
    from screening import collecting, screen
    from screening import folder as run

    made = run.manifest(folder)
    wanted: dict[str, Any] = made["options"]
    declared = options.read_site(wanted["site"])
    library = screen.load_protocol(wanted["protocol"], wanted["rules"], declared, wanted["parameters"])
    origin = None
    if collecting.is_unchanged(made):
        mapping = Path(wanted["map"]) if wanted["map"] is not None else None
        beside = options.names_beside(wanted["rules"])
        origin = collecting.Origin(made["source"]["path"], declared, mapping, beside)
    found = collecting.questions(Path(folder), library, origin)
    collecting.write(found, *(Path(path) if path is not None else None for path in asked[:2]))
    options.put_lines(found.lines(asked.everything))
    return options.DONE
