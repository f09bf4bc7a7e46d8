"""A protocol in another language, for those who screen elsewhere: HL7 CQL, and a record as its parameters.

What is exported gives our answers, or says that it does not hold them; nothing here is a screening.
"""

from __future__ import annotations

import datetime
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from screening.errors import Diagnostic
    from screening.interpreters.cql import Exported
    from screening.language.library import Library
    from screening.record.subject import Subject

LANGUAGES = ("cql",)


def exported(library: Library) -> Exported:
    """A protocol in CQL, and what of it CQL cannot say. Raises UnsupportedError if none can be made."""
    from screening.interpreters.cql import export

    return export(library)


def gaps_told(made: Exported) -> list[Diagnostic]:
    """What is handed in as a parameter instead of being exported: each with its reason and its place."""
    from dataclasses import replace

    return [
        replace(gap, severity="note", message=f"`{name}` is handed in: {gap.message}") for name, gap in made.gaps
    ]


def write_parameters(place: Path, text: str) -> None:
    """Writes a person's record whole or not at all, for its owner alone."""
    from screening.output.folder import write_private

    write_private(place, text)


def parameters_text(library: Library, subject: Subject, as_of: datetime.date) -> str:
    """One person's record as the parameters of the exported library, in JSON, but for what is handed in."""
    from screening.interpreters.cql_record import parameters

    return json.dumps(parameters(library, subject, as_of), ensure_ascii=False, indent=1, sort_keys=True) + "\n"
