"""Pseudonyms of the people of a source: random, never derived, and the same in every run.

They stand with the ids in a file of its own, the identification list, for its owner alone. Whoever has only a
screening log cannot find a person, and no computation over ids finds a pseudonym.
"""

from __future__ import annotations

import csv
import itertools
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.folder import write_private_pieces
from screening.output.pseudonym_table import PseudonymTable
from screening.output.table import as_written, line

COLUMNS = ("pseudonym", "id")
# Of so many people, and those of the list, the list is held in memory; 140 bytes each.
MOST_HELD = 500_000
_LETTERS = "23456789BCDFGHJKMNPQRSTVWXYZ"
_HALF = 4
# Of the 256 bytes as many as are a whole multiple of the letters, so that none comes more often.
_FAIR = 256 - 256 % len(_LETTERS)
_LETTER_OF = bytes(ord(_LETTERS[byte % len(_LETTERS)]) for byte in range(256))
_LEFT_OUT = bytes(range(_FAIR, 256))


class Pseudonyms:
    """The identification list: what is in its file, and what this run adds.

    It is held in memory up to a number of people, and of more in a database beside what the run writes.
    """

    def __init__(self, path: Path) -> None:
        """Looks at the list, if there is one, and reads it if it is no long one.

        Raises UnreadableRecord where it is none, so that none is lost.
        """
        self.path, self.added = path, 0
        self._held: dict[str, str] | None = None
        self._taken: set[str] = set()
        self._table: PseudonymTable | None = None
        lines = self._lines()
        if sum(1 for _ in itertools.islice(lines, MOST_HELD + 1)) <= MOST_HELD:
            self._known()

    def _lines(self) -> Iterator[tuple[str, str]]:
        """The ids of the file with their pseudonyms."""
        if not self.path.exists():
            return
        try:
            with open(self.path, encoding="utf-8-sig", newline="") as file:
                lines = csv.reader(file)
                if tuple(next(lines, ())) != COLUMNS:
                    raise self._foreign()
                for number, cells in enumerate(lines, 2):
                    if len(cells) == len(COLUMNS):
                        yield as_written(cells[1]), cells[0]
                    elif cells:
                        raise self._broken(number)
        except (UnicodeDecodeError, csv.Error):
            raise self._foreign() from None

    def _foreign(self) -> UnreadableRecord:
        return UnreadableRecord(f"`{self.path.name}` is no list of pseudonyms; its columns are pseudonym and id")

    def _broken(self, number: int) -> UnreadableRecord:
        what = "a line of the list of pseudonyms is broken or there twice"
        return UnreadableRecord(Diagnostic(Span(str(self.path), number, 1), what, UnreadableRecord))

    def _known(self) -> dict[str, str]:
        """The whole list in memory."""
        if self._held is None:
            held: dict[str, str] = {}
            for number, (id, pseudonym) in enumerate(self._lines(), 2):
                if id in held:
                    raise self._broken(number)
                held[id] = pseudonym
            self._held, self._taken = held, set(held.values())
        return self._held

    def of(self, id: str) -> str:
        """The pseudonym of a person, a new one where there is none yet."""
        return self.of_many([id])[0]

    def of_many(self, ids: Sequence[str]) -> list[str]:
        """The pseudonyms of people, in their order, new ones where there are none yet."""
        by_id = self._known()
        new = [id for id in dict.fromkeys(ids) if id not in by_id]
        while new:
            for id, made in zip(new, _drawn(len(new)), strict=True):
                if made not in self._taken:
                    by_id[id] = made
                    self._taken.add(made)
                    self.added += 1
            new = [id for id in new if id not in by_id]
        return [by_id[id] for id in ids]

    def beside(self, rows: Path, out: Path) -> None:
        """The pseudonyms of everybody of a file of rows (column `id`), new ones where there are none yet, as a
        Parquet file of their ids (`listed`) and them, in the order of the rows. Once a run, before `keep`."""
        import polars as pl

        ids = pl.scan_parquet(rows).select("id")
        few = MOST_HELD if not self.added else sys.maxsize
        if self._held is not None and len(self._held) + ids.select(pl.len()).collect().item() <= few:
            listed = ids.collect()["id"].to_list()
            held = {"listed": listed, "pseudonym": self.of_many(listed)}
            pl.DataFrame(held, schema=dict.fromkeys(held, pl.String)).write_parquet(out)
            return
        self._held, self._taken = None, set()
        # Beside the rows until the list is kept, after which nothing of it is left there.
        self._table = PseudonymTable(Path(tempfile.mkdtemp(prefix=".list-", dir=rows.parent)))
        self._table.read(self._lines())
        self._table.draw(rows, _drawn)
        self._table.write(rows, out)
        self.added += self._table.added

    @property
    def database(self) -> Any:
        """The database that holds a long list, to be asked more; None where the list is held in memory."""
        return None if self._table is None else self._table.connection

    def keep(self) -> None:
        """Writes the list, whole or not at all; nothing that was in it is left out."""
        table = self._table
        if self.added or not self.path.exists():
            rows = sorted((made, id) for id, made in self._known().items()) if table is None else table.sorted()
            lines = map(line, itertools.chain((COLUMNS,), rows))
            write_private_pieces(self.path, (each.encode("utf-8", "backslashreplace") for each in lines))
        if table is not None:
            table.close()
            shutil.rmtree(table.folder)


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
