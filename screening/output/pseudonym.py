"""Pseudonyms of the people of a source: random, never derived, and the same in every run.

They stand with the ids in a file of its own, the identification list, for its owner alone. Whoever has only a
screening log cannot find a person, and no computation over ids finds a pseudonym.
"""

from __future__ import annotations

import csv
import secrets
from pathlib import Path

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.folder import write_private
from screening.output.table import as_written, table

COLUMNS = ("pseudonym", "id")
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_HALF = 4


class Pseudonyms:
    """The identification list: what is in its file, and what this run adds."""

    def __init__(self, path: Path) -> None:
        """Reads the list, if there is one. Raises UnreadableRecord where it is none, so that none is lost."""
        self.path = path
        self.by_id: dict[str, str] = {}
        self.added = 0
        if path.exists():
            self._read()
        self._taken = set(self.by_id.values())

    def _read(self) -> None:
        try:
            with open(self.path, encoding="utf-8-sig", newline="") as file:
                lines = list(csv.reader(file))
        except (UnicodeDecodeError, csv.Error):
            lines = []
        if not lines or tuple(lines[0]) != COLUMNS:
            raise UnreadableRecord(
                f"`{self.path.name}` is no list of pseudonyms; its columns are pseudonym and id"
            )
        for number, cells in enumerate(lines[1:], 2):
            if not cells:
                continue
            if len(cells) != len(COLUMNS) or cells[1] in self.by_id:
                span = Span(str(self.path), number, 1)
                raise UnreadableRecord(
                    Diagnostic(span, "a line of the list of pseudonyms is broken or there twice", UnreadableRecord)
                )
            self.by_id[as_written(cells[1])] = cells[0]

    def of(self, id: str) -> str:
        """The pseudonym of a person, a new one where there is none yet."""
        if id not in self.by_id:
            made = _random()
            while made in self._taken:
                made = _random()
            self.by_id[id] = made
            self._taken.add(made)
            self.added += 1
        return self.by_id[id]

    def keep(self) -> None:
        """Writes the list, whole or not at all; nothing that was in it is left out."""
        if self.added or not self.path.exists():
            rows = sorted((pseudonym, id) for id, pseudonym in self.by_id.items())
            write_private(self.path, table(COLUMNS, rows))


def _random() -> str:
    half = ("".join(secrets.choice(_LETTERS) for _ in range(_HALF)) for _ in range(2))
    return "-".join(half)
