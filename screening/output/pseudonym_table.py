"""The identification list on disk: where it or a source has more people than are to be held in memory.

Pseudonyms are drawn by chance, as for a few; that no two are alike is found by a database in a folder of its own,
which lasts as long as the run and lies beside what the run writes, for its owner alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from screening.errors import DefectError, UnreadableRecord

PIECE = 250_000
# What the database may take; it writes what is more into its folder. Each of its threads holds pages of its own
# that cannot be written out, so there is one: with two, 160 MB were too little for four million people.
MEMORY = 192 << 20


class PseudonymTable:
    """The list as a table: what its file says, and what is drawn for people who are not in it."""

    def __init__(self, folder: Path, memory: int = MEMORY) -> None:
        """An empty list in an empty folder."""
        import duckdb

        self.folder, self.added = folder, 0
        settings: dict[str, Any] = {
            "memory_limit": f"{max(MEMORY, memory) >> 20}MB",
            "temp_directory": str(folder / "spilt"),
            "threads": 1,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        self.connection = duckdb.connect(folder / "list.duckdb", config=settings)
        self.connection.execute("CREATE TABLE list (id VARCHAR, pseudonym VARCHAR)")

    def read(self, pairs: Iterable[tuple[str, str]]) -> None:
        """What a list says: ids and their pseudonyms. Raises UnreadableRecord for an id that is there twice."""
        for some in _many(pairs):
            self._insert("list", {"id": [id for id, _ in some], "pseudonym": [known for _, known in some]})
        if self._asked("SELECT 1 FROM list GROUP BY id HAVING count(*) > 1 LIMIT 1"):
            raise UnreadableRecord("a person stands in the list of pseudonyms twice")

    def draw(self, rows: Path, drawn: Callable[[int], list[str]]) -> None:
        """New pseudonyms for everybody of a file of rows (column `id`) who has none; `drawn` makes them."""
        new = (
            "SELECT DISTINCT id FROM read_parquet(?) r WHERE NOT EXISTS (SELECT 1 FROM list WHERE list.id = r.id)"
        )
        self.connection.execute(f"CREATE TABLE new AS {new}", [str(rows)])
        (self.added,) = self._asked("SELECT count(*) FROM new")[0]
        for first in range(0, self.added, PIECE):
            number = min(PIECE, self.added - first)
            self._insert("made", {"pseudonym": drawn(number)})
        if self.added:
            self.connection.execute("INSERT INTO list SELECT new.id, made.pseudonym FROM new POSITIONAL JOIN made")
            self.connection.execute("DROP TABLE made")
        self.connection.execute("DROP TABLE new")
        self._part(drawn)

    def _part(self, drawn: Callable[[int], list[str]]) -> None:
        """Draws again for whoever has the pseudonym of somebody before, until nobody has."""
        alike = "SELECT pseudonym, min(rowid) AS first FROM list GROUP BY pseudonym HAVING count(*) > 1"
        while True:
            twice = self._asked(
                f"SELECT list.rowid FROM list JOIN ({alike}) a ON a.pseudonym = list.pseudonym "
                "WHERE list.rowid > a.first ORDER BY list.rowid"
            )
            if not twice:
                return
            self._insert("again", {"number": [row[0] for row in twice], "pseudonym": drawn(len(twice))})
            self.connection.execute(
                "UPDATE list SET pseudonym = again.pseudonym FROM again WHERE list.rowid = again.number"
            )
            self.connection.execute("DROP TABLE again")

    def write(self, rows: Path, out: Path) -> None:
        """A Parquet file with `listed` (the id) and `pseudonym` of everybody of the rows, in their order."""
        found = "read_parquet(?, file_row_number = true) r LEFT JOIN list ON list.id = r.id"
        made = f"SELECT r.id AS listed, list.pseudonym FROM {found} ORDER BY r.file_row_number"
        group = "FORMAT parquet, ROW_GROUP_SIZE 16384"
        self.connection.execute(f"COPY ({made}) TO '{_quoted(out)}' ({group})", [str(rows)])
        wrong = "SELECT count(*) FROM read_parquet(?) WHERE pseudonym IS NULL"
        if self.connection.execute(wrong, [str(out)]).fetchall()[0][0]:
            raise DefectError("somebody got no pseudonym; nothing was written")

    def sorted(self) -> Iterator[tuple[str, str]]:
        """Pseudonyms with their ids, in the order of the pseudonyms, which tells nothing of that of the people."""
        found = self.connection.execute("SELECT pseudonym, id FROM list ORDER BY pseudonym")
        while some := found.fetchmany(10_000):
            yield from some

    def close(self) -> None:
        self.connection.close()

    def _asked(self, query: str) -> list[Any]:
        return self.connection.execute(query).fetchall()

    def _insert(self, table: str, columns: dict[str, Any]) -> None:
        import polars as pl

        piece = self.folder / "piece.parquet"
        pl.DataFrame(columns).write_parquet(piece, compression="uncompressed")
        names = ", ".join(columns)
        self.connection.execute(
            f"CREATE TABLE IF NOT EXISTS {table} AS SELECT {names} FROM read_parquet(?) LIMIT 0", [str(piece)]
        )
        self.connection.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM read_parquet(?)", [str(piece)])
        piece.unlink()


def _many(pairs: Iterable[tuple[str, str]]) -> Iterator[list[tuple[str, str]]]:
    some: list[tuple[str, str]] = []
    for pair in pairs:
        some.append(pair)
        if len(some) == PIECE:
            yield some
            some = []
    if some:
        yield some


def _quoted(path: Path) -> str:
    return str(path).replace("'", "''")
