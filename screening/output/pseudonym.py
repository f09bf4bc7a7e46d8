"""Pseudonyms of the people of a source: random, never derived, and the same in every run.

They stand with the ids in a file of its own, the identification list, for its owner alone. Whoever has only a
screening log cannot find a person, and no computation over ids finds a pseudonym.
"""

from __future__ import annotations

import csv
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.folder import write_private
from screening.output.table import as_written, table

COLUMNS = ("pseudonym", "id")
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_HALF = 4
# Of the 256 bytes as many as are a whole multiple of the letters, so that none comes more often.
_FAIR = 256 - 256 % len(_LETTERS)
_LETTER_OF = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))
_LEFT_OUT = bytes(range(_FAIR, 256))


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
            made = one()
            while made in self._taken:
                made = one()
            self.by_id[id] = made
            self._taken.add(made)
            self.added += 1
        return self.by_id[id]

    def of_many(self, ids: Sequence[str]) -> list[str]:
        """The pseudonyms of people, in their order, new ones where there are none yet."""
        new = [id for id in dict.fromkeys(ids) if id not in self.by_id]
        while new:
            for id, made in zip(new, _drawn(len(new)), strict=True):
                if made not in self._taken:
                    self.by_id[id] = made
                    self._taken.add(made)
                    self.added += 1
            new = [id for id in new if id not in self.by_id]
        return [self.by_id[id] for id in ids]

    def keep(self) -> None:
        """Writes the list, whole or not at all; nothing that was in it is left out."""
        if self.added or not self.path.exists():
            rows = sorted((pseudonym, id) for id, pseudonym in self.by_id.items())
            write_private(self.path, table(COLUMNS, rows))


@contextmanager
def identification(path: Path) -> Iterator[Pseudonyms]:
    """The identification list, for this run alone as long as it lasts.

    Two runs at once would each give the same person a pseudonym of their own, and the list would lose one. Raises
    UnreadableRecord where another run has the list, and as `Pseudonyms` does; a run that is killed frees it.
    """
    with alone(path):
        yield Pseudonyms(path)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """A list for this process alone, as long as it lasts. Raises UnreadableRecord where another one has it."""
    beside = path.with_name(f".{path.name}.lock")
    lock = _held(beside, path.name)
    try:
        yield
    finally:
        if lock is not None:
            # INVARIANT: whoever opened the file before it went finds after locking it that it is no longer there.
            beside.unlink(missing_ok=True)
            os.close(lock)


def _held(beside: Path, name: str) -> int | None:
    """Holds a file as long as this process lives; None where there are no locks, or nobody may write there."""
    if sys.platform == "win32":
        return None
    import fcntl

    while True:
        try:
            descriptor = os.open(beside, os.O_RDWR | os.O_CREAT, 0o600)
        except PermissionError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            raise UnreadableRecord(
                f"another run is using the identification list `{name}`; wait for it, or name another list"
            ) from None
        try:
            if os.path.samestat(os.stat(beside), os.fstat(descriptor)):
                return descriptor
        except FileNotFoundError:
            pass
        os.close(descriptor)


def one() -> str:
    """A pseudonym by chance."""
    return _drawn(1)[0]


def _drawn(number: int) -> list[str]:
    """So many pseudonyms by chance, every letter as likely as any other."""
    letters = ""
    while len(letters) < 2 * _HALF * number:
        drawn = secrets.token_bytes(2 * _HALF * number + 64)
        letters += drawn.translate(_LETTER_OF, delete=_LEFT_OUT).decode("ascii")
    halves = [letters[at : at + _HALF] for at in range(0, 2 * _HALF * number, _HALF)]
    return [f"{one}-{other}" for one, other in zip(halves[::2], halves[1::2], strict=True)]
