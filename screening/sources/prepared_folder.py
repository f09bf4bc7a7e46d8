"""Parts put together to a prepared cohort: one table a requirement, people numbered through, bounded in memory.

What is waiting is written down whenever it is more than is allowed, and every table is made of its pieces at the
end, in row groups of one size: the same people give the same bytes, in however many pieces they came.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import NamedTemporaryFile
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeAlias

from screening.errors import DefectError
from screening.record.people import DUPLICATE, duplicate
from screening.sources.index import Index
from screening.sources.joint import Joint
from screening.sources.prepared_columns import TRACE, columns_of
from screening.sources.prepared_part import (
    ABSENCES,
    COMPLETE,
    PASSING,
    PEOPLE,
    REJECTED,
    Part,
    renumbered,
    schema_of,
    shifted_by,
)
from screening.values.frozen import dataclass

if TYPE_CHECKING:
    import polars

    Frame: TypeAlias = polars.DataFrame

SUBJECTS, REJECTS = "subjects", "rejected"
ROW_GROUP = 1 << 16
_PIECES = ".pieces"
_PIECE = 1 << 20
# What polars may still hold of a table when it finds no room for it.
_ROOM = 1 << 17


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of the records. INVARIANT: read = people + rejected."""

    read: int
    people: int
    rejected: Mapping[str, int]
    synthetic: int
    extracted: str
    entries: Mapping[str, int]
    odd: Mapping[str, int]
    shared: Mapping[str, tuple[str, ...]]


class Writing:
    """A cohort being written into a folder; a context, so that the pieces are gone however it ends."""

    def __init__(self, folder: Path, joint: Joint, is_once: bool, most_bytes: int) -> None:
        self.folder, self.joint, self.most_bytes = folder, joint, most_bytes
        self.pieces = folder / _PIECES
        self.pieces.mkdir(mode=0o700)
        self.index = Index() if is_once else None
        self.waiting: dict[str, list[Frame]] = {}
        self.bytes = self.piece = self.people = self.read = self.synthetic = 0
        self.written: dict[str, list[Path]] = {}
        self.rejected: Counter[str] = Counter()
        self.entries: Counter[str] = Counter()
        self.odd: Counter[str] = Counter()
        self.sharing: dict[str, tuple[str, ...]] = {}
        self.said: dict[str, set[str]] = {}
        self.extracted = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.pieces, ignore_errors=True)
        if self.index is not None:
            self.index.close()

    def add(self, part: Part) -> None:
        """The people of one part after those that are there."""
        self.read += part.people.height + part.rejected.height
        if self.index is not None:
            part = once(part, self.index)
        self.synthetic += int(part.people["synthetic"].sum())
        last = part.people["extracted"].max()
        self.extracted = max(self.extracted, str(last) if last is not None else "")
        self.rejected.update(part.rejected["kind"].to_list())
        self.keep(REJECTS, part.rejected.drop(PASSING))
        part = shifted_by(part, self.people)
        self.keep(SUBJECTS, part.people.drop("number"))
        kinds = ("evidence", "absences", "complete", "shared")
        tables_by_kind: dict[str, Mapping[str, Frame]] = {kind: getattr(part, kind) for kind in kinds}
        for kind, tables in tables_by_kind.items():
            for number, table in tables.items():
                self.keep(f"{kind}/{number}", table)
        self.sharing |= part.sharing
        counted: list[tuple[tuple[str, ...], Frame]] = [((n,), table) for n, table in part.evidence.items()]
        counted += [(self.sharing[number], table) for number, table in part.shared.items()]
        for of, table in counted:
            odd = int(table["odd"].sum())
            for number in of:
                self.entries[number] += table.height
                self.odd[number] += odd
        self.people += part.people.height
        if self.bytes > self.most_bytes:
            self.put_down()

    def keep(self, name: str, table: Frame) -> None:
        if table.height:
            said = self.said.setdefault(name, set())
            unsaid = [column for column in TRACE if column in table.columns and column not in said]
            said.update(column for column in unsaid if _says(table, column))
            self.waiting.setdefault(name, []).append(table)
            self.bytes += int(table.estimated_size())

    def put_down(self) -> None:
        """Writes what is waiting as pieces."""
        import polars

        self.piece += 1
        for name, tables in self.waiting.items():
            path = self.pieces / f"{name.replace('/', '-')}.{self.piece:06d}"
            with by_number(self.pieces):
                polars.concat(tables).write_ipc(private(path), compression="lz4")
            self.written.setdefault(name, []).append(path)
        self.waiting.clear()
        self.bytes = 0

    def end(self) -> Counts:
        """Writes the tables. Raises DefectError where a record was lost."""
        if self.piece:
            self.put_down()
        if self.read != self.people + self.rejected.total():
            raise DefectError("the counts do not add up: a record was lost; nothing was written")
        shared = {name.partition("/")[2] for name in (*self.written, *self.waiting) if name.startswith("shared/")}
        for name, held in self.held():
            self.table(name, {column: word for column, word in held.items() if column not in PASSING})
        shutil.rmtree(self.pieces)
        return Counts(
            self.read,
            self.people,
            dict(sorted(self.rejected.items())),
            self.synthetic,
            self.extracted,
            dict(self.entries),
            dict(self.odd),
            {number: of for number, of in sorted(self.sharing.items()) if number in shared},
        )

    def held(self) -> Iterator[tuple[str, Mapping[str, str]]]:
        """Every table with what its columns hold; of absences and complete lists those that there are."""
        yield SUBJECTS, PEOPLE
        yield REJECTS, REJECTED
        columns = {each.number: columns_of(each.requirement).held for each in self.joint.asked}
        for number, of in sorted(self.sharing.items()):
            if f"shared/{number}" in self.written or f"shared/{number}" in self.waiting:
                yield f"shared/{number}", columns[of[0]]
        for each in self.joint.asked:
            yield f"evidence/{each.number}", columns[each.number]
            for kind, held in (("absences", ABSENCES), ("complete", COMPLETE)):
                if f"{kind}/{each.number}" in self.written or f"{kind}/{each.number}" in self.waiting:
                    yield f"{kind}/{each.number}", held

    def table(self, name: str, held: Mapping[str, str]) -> None:
        import polars

        path = self.folder / f"{name}.parquet"
        path.parent.mkdir(mode=0o700, exist_ok=True)
        pieces, waiting = self.written.get(name, []), self.waiting.pop(name, [])
        # What never was more than is allowed was not put down.
        waits = polars.concat(waiting).lazy() if waiting else polars.LazyFrame(schema=schema_of(held))
        table = polars.scan_ipc(pieces) if pieces else waits
        # ENGINE: row groups of this size whatever the pieces are, and no time of writing in the file.
        with by_number(self.folder):
            table.select(self.kept(name, held)).sink_parquet(
                private(path), compression="zstd", compression_level=3, statistics=True, row_group_size=ROW_GROUP
            )
        for piece in pieces:
            piece.unlink()

    def kept(self, name: str, held: Mapping[str, str]) -> list[str]:
        """The columns of a table: what only a trace needs is left out where no row says anything in it."""
        if not name.startswith(("evidence/", "shared/")):
            return list(held)
        said = self.said.get(name, set())
        return [column for column in held if column not in TRACE or column in said]


def _says(table: Frame, column: str) -> bool:
    """Whether any row says anything in a column; an empty text says no more than none."""
    cells = table[column]
    if cells.null_count() == table.height:
        return False
    return str(cells.dtype) != "String" or bool((cells != "").any())


@contextmanager
def by_number(written: Path | None = None) -> Iterator[None]:
    """Tells what is wrong with a disk as the system does; `written` is the folder that is being filled."""
    import polars

    # ENGINE: an error of the system that comes out of polars has its number in its text alone, whatever its kind;
    # where the end of a table finds no room it has none, and is asked for.
    try:
        yield
    except (OSError, polars.exceptions.ComputeError) as wrong:
        found = re.search(r"os error ([0-9]+)", str(wrong))
        if getattr(wrong, "errno", None) is not None:
            raise
        if found is None:
            if written is not None:
                _ask_for_room(written)
            raise
        raise OSError(int(found[1]), os.strerror(int(found[1]))) from wrong


def _ask_for_room(folder: Path) -> None:
    """Raises OSError where a disk has no room for a little more."""
    with NamedTemporaryFile(dir=folder) as file:
        file.write(bytes(_ROOM))
        file.flush()
        os.fsync(file.fileno())


def private(path: Path) -> Path:
    """A new empty file that only its owner may read, to be written by an outside library."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    return path


def once(part: Part, index: Index) -> Part:
    """The part without people whose id stands in an earlier record; each of them is a rejected record then."""
    import polars

    records = [
        *part.people.select("number", "id", "place").rows(),
        *part.rejected.filter(polars.col("id") != "").select("number", "id", "record").rows(),
    ]
    people = set(part.people["number"].to_list())
    out = []
    for number, id, place in sorted(records):
        first = index.add_person(id, place) if id else ""
        if first and number in people:
            out.append((number, duplicate(place, first, id)))
    if not out:
        return part
    numbers = [number for number, _ in out]
    left = part.people.filter(~polars.col("number").is_in(numbers))
    more = polars.DataFrame(
        {
            "number": numbers,
            "record": [one.place for _, one in out],
            "place": [one.place for _, one in out],
            "kind": [DUPLICATE] * len(out),
            "reason": [one.reason for _, one in out],
            "id": [one.id for _, one in out],
            "outside": [one.outside for _, one in out],
        },
        schema=schema_of(REJECTED),
    )

    rejected = polars.concat([part.rejected, more]).sort("number", maintain_order=True)
    return renumbered(replace(part, people=left, rejected=rejected))


def listed(folder: Path) -> list[dict[str, Any]]:
    """Every table of a cohort with its size and SHA-256, by name."""
    found = []
    for path in sorted(folder.rglob("*.parquet")):
        digest = hashlib.sha256()
        with path.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
        name = path.relative_to(folder).as_posix()
        found.append({"file": name, "bytes": path.stat().st_size, "sha256": digest.hexdigest()})
    return found
