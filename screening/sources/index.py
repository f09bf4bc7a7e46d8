"""Entries of many people, by person, on disk: what a source does not hold in one place, in bounded memory.

The database is a temporary file without a name: it is gone when it is closed, and when the process ends
in whatever way. It holds records of people and stands where the system keeps temporary files.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import NamedTuple, Self

from screening.errors import NOWHERE, Diagnostic, UnreadableRecord
from screening.record.people import alike

BATCH = 2_000
_TABLES = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA cache_size = -32000;
CREATE TABLE people (id TEXT PRIMARY KEY, place TEXT, body TEXT, number INTEGER);
CREATE TABLE entries (person TEXT, part TEXT, place TEXT, body TEXT);
CREATE TABLE targets (key TEXT PRIMARY KEY, place TEXT, body TEXT) WITHOUT ROWID;
"""
_ORPHANS = """
SELECT person, min(rowid), count(*), place FROM entries
WHERE NOT EXISTS (SELECT 1 FROM people WHERE people.id = entries.person)
GROUP BY person ORDER BY min(rowid)
"""
# Who may be meant by an orphan.
_STRAYS = """
SELECT DISTINCT people.id, orphans.person FROM people JOIN orphans ON orphans.alike = alike(people.id)
"""


class Stored(NamedTuple):
    """One entry as it stands in a source: the part of the source (a table), its place there, and its text."""

    part: str
    place: str
    body: str


@contextmanager
def _told() -> Iterator[None]:
    """Says what stops the database: a disk that is full or fails is no fault of the source, nor of one record."""
    try:
        yield
    except sqlite3.OperationalError:
        message = "the entries cannot be kept on disk: the folder for temporary files is full or cannot be written"
        help = "free some space, or name another folder in TMPDIR"
        raise UnreadableRecord(Diagnostic(NOWHERE, message, UnreadableRecord, help=help)) from None


class Index:
    """People in the order in which they came, and the entries of each."""

    def __init__(self) -> None:
        # ENGINE: the empty name is a private database on disk, deleted when the connection ends.
        self._database = sqlite3.connect("", isolation_level=None)
        with _told():
            self._database.executescript(_TABLES)
            self._database.create_function("alike", 1, alike, deterministic=True)
            self._database.execute("BEGIN")
        self._waiting: list[tuple[str, str, str, str]] = []
        self._number = 0
        self._is_sealed = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the database, and with it everything kept."""
        self._database.close()

    def add_person(self, id: str, place: str, body: str = "") -> str:
        """Keeps a person; if the id is there already nothing is kept, and the place of the first is returned."""
        self._number += 1
        row = (id, place, body, self._number)
        with _told():
            done = self._database.execute("INSERT OR IGNORE INTO people VALUES (?, ?, ?, ?)", row)
        if done.rowcount:
            return ""
        found = self._database.execute("SELECT place FROM people WHERE id = ?", (id,)).fetchone()
        return str(found[0])

    def add(self, person: str, part: str, place: str, body: str) -> None:
        """Keeps one entry of a person, who may come later."""
        self._waiting.append((person, part, place, body))
        if len(self._waiting) >= BATCH:
            self._write()

    def add_target(self, key: str, place: str, body: str) -> None:
        """Keeps what entries of any person may refer to; of two with one key the first stands."""
        with _told():
            self._database.execute("INSERT OR IGNORE INTO targets VALUES (?, ?, ?)", (key, place, body))

    def _write(self) -> None:
        with _told():
            self._database.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", self._waiting)
        self._waiting.clear()

    def _seal(self) -> None:
        if not self._is_sealed:
            self._write()
            with _told():
                self._database.execute("CREATE INDEX by_person ON entries (person)")
            self._is_sealed = True

    def people(self) -> Generator[tuple[str, str, str], None, None]:
        """Id, place and text of every person, in the order in which they came."""
        yield from self._database.execute("SELECT id, place, body FROM people ORDER BY number")

    def entries(self, person: str) -> list[Stored]:
        """Everything kept for a person, in the order in which it came."""
        self._seal()
        with _told():
            found = self._database.execute(
                "SELECT part, place, body FROM entries WHERE person = ? ORDER BY rowid", (person,)
            )
            return [Stored(*row) for row in found]

    def target(self, key: str) -> Stored | None:
        """What is kept under a key."""
        with _told():
            found = self._database.execute("SELECT key, place, body FROM targets WHERE key = ?", (key,)).fetchone()
        return None if found is None else Stored(*found)

    def orphans(self) -> Iterator[tuple[str, str, int]]:
        """Each id that has entries and is no person: the id, the place of its first entry, and how many."""
        self._seal()
        for person, _, number, place in self._database.execute(_ORPHANS):
            yield person, place, number

    def strays(self) -> dict[str, set[str]]:
        """People of whom entries may be that name them otherwise (`42.0` for 42), each with the ids of those.

        None of them is given to anybody: that two ids are one is for those to say who keep the tables.
        """
        self._seal()
        with _told():
            self._database.execute(
                "CREATE TEMP TABLE IF NOT EXISTS orphans AS SELECT DISTINCT person, alike(person) AS alike "
                "FROM entries WHERE NOT EXISTS (SELECT 1 FROM people WHERE people.id = entries.person)"
            )
            self._database.execute("CREATE INDEX IF NOT EXISTS of_orphans ON orphans (alike)")
        if self._database.execute("SELECT 1 FROM orphans LIMIT 1").fetchone() is None:
            return {}
        found: dict[str, set[str]] = {}
        for person, orphan in self._database.execute(_STRAYS):
            found.setdefault(person, set()).add(orphan)
        return found
