"""A cohort prepared once: everybody of a source in tables, from which any number of screenings then start.

Every record that comes in is a person or a rejected record with its reason. What has not changed since the last
run, or was finished by one that was killed, is not read again. The folder is written whole or not at all, and the
same source, rules, site and mapping give the same bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import screening
from screening.errors import RuleError, ScreeningError, UnreadableRecord
from screening.language.library import Library
from screening.output.folder import (
    digests,
    expected,
    open_private,
    people_of,
    refuse_inside,
    replacing,
    stamps,
    stamps_now,
)
from screening.output.jobs import in_order
from screening.output.parts import Parts, tidied
from screening.record.people import Rejected, failures
from screening.record.subject import Subject
from screening.reports import preparation as report
from screening.reports.line import Line
from screening.sources import prepared as read_again
from screening.sources.database import place_of
from screening.sources.fhir_bulk import Bulk
from screening.sources.fhir_columns import InBlocks
from screening.sources.files import Beside
from screening.sources.joint import Joint, joined
from screening.sources.opening import looked_for, opened, outside
from screening.sources.prepared_columns import columns_of
from screening.sources.prepared_folder import Counts, Writing, listed
from screening.sources.prepared_part import InColumns, Part, is_whole, packed, part_of, together, unpacked
from screening.sources.site import SiteDeclaration, adapted
from screening.sources.unasked import unasked_names
from screening.sources.unread import Door, Unread, in_layers

# A part holds about so many bytes of records, or so many records; never more than so many times that.
PART_BYTES, PART_RECORDS, MOST_TIMES = 1 << 21, 512, 4
MEMORY = 1 << 30
_MOST_PEOPLE = 1 << 32
# An export of so many bytes is read in columns; of a smaller one notices and what was searched are kept as well.
LEAST_IN_BLOCKS = 1 << 20
# What the program, its rules and a table being written take before anybody waits in memory.
_TAKEN, _LEAST = 400 << 20, 16 << 20
_AGAIN = "nothing was written, run this again"
_OWN_ROOMS = ("sources", "record", "values", "language")

Record: TypeAlias = tuple[Unread | Rejected, str]
"""A record that is not read yet, with the digest of all that its reading rests on."""


@dataclass(frozen=True, slots=True)
class Preparation:
    """What is to be prepared: a source, for the inputs of these libraries; `mapping` is the path of a mapping.

    A source is a path, or the name of a database. In profiles the names that `beside` gives are no slips: what
    other protocols ask of the same records; `beside_stamp` is a digest of what they rest on. `memory` in bytes
    bounds what waits to be written; neither it nor `jobs` changes the result.
    """

    source: Path | str
    libraries: tuple[Library, ...]
    site: SiteDeclaration | None = None
    mapping: Path | None = None
    jobs: int = 1
    memory: int = MEMORY
    beside: Beside | None = None
    beside_stamp: str = ""

    @property
    def name(self) -> str:
        """The name of the source for people, without the folders that it stands in."""
        place = place_of(str(self.source))
        return Path(self.source).name if place is None else place.shown


@dataclass(frozen=True, slots=True)
class Prepared:
    """What a run did: the manifest that stands in the folder, and how many of the records it had to read.

    `alone` are those people of an export who are read one by one, by the reason why.
    """

    manifest: Mapping[str, Any]
    read: int
    kept: int
    is_unchanged: bool = False
    alone: Mapping[str, int] = field(default_factory=dict)


def refuse_retired(library: Library, retired: bool) -> None:
    """Raises RuleError where rules are retired, unless they are asked for."""
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired prepares for it all the same")


def prepared(wanted: Preparation, out: Path, told: Callable[[int, int | None], None]) -> Prepared:
    """Makes the prepared cohort of a source, or finds that nothing has changed.

    `told` is called with the number of records so far, and how many there are about. Raises what
    `people.people_of` raises, RuleError where two libraries declare one input otherwise, UnreadableRecord where
    `out` holds anything else or the source changes meanwhile, OSError where the disk does; `out` stays then.
    """
    refuse_inside(wanted.source, out)
    site = wanted.site
    joint = joined([adapted(library, site) for library in wanted.libraries])
    if read_again.is_prepared(Path(wanted.source)):
        raise UnreadableRecord(f"`{wanted.name}` is a prepared cohort already; name its source")
    # Wrong sources are refused before anything is hashed or written.
    door = opened(wanted.source, joint.layers[0], site, wanted.mapping, wanted.beside)
    also = outside(wanted.source, wanted.mapping)
    before = stamps(wanted.source, also)
    in_blocks = isinstance(door, Bulk) and door.bytes() >= LEAST_IN_BLOCKS
    # Of an export whose result is not there yet, files are hashed while they are read.
    files = None if in_blocks and not read_again.is_prepared(out) else digests(wanted.source, also=also)
    mapping = str(digests(wanted.mapping)[0]["sha256"]) if wanted.mapping is not None else None
    # Names are read in profiles alone, of which the second of one id is out.
    beside = wanted.beside_stamp if door.is_once else ""
    made_with = _made_with(joint, site, mapping, beside)
    is_told = files is not None and place_of(str(wanted.source)) is None  # a database is not told by files
    found = _unchanged(out, made_with, files) if files is not None and is_told else None
    if found is not None:
        tidied(out)
        return Prepared(found, 0, found["counts"]["read"], is_unchanged=True)
    with Parts(out, is_whole) as parts:
        filling = _Filling(wanted, joint, parts, made_with)
        with replacing(out, read_again.FILES) as folder:
            most = max(_LEAST, (wanted.memory - _TAKEN) // 4)
            total = expected(files) if files is not None else people_of(wanted.source)
            filled = filling.in_blocks(folder, total, told) if in_blocks else filling.one_by_one(door, total, told)
            with Writing(folder, joint, door.is_once, most) as writing, closing(filled):
                for part in filled:
                    writing.add(part)
                counts = writing.end()
            files = digests(wanted.source, filling.told, also)
            if stamps_now(wanted.source, also) != before:
                raise UnreadableRecord(f"`{wanted.name}` was changed while it was read; {_AGAIN}")
            made = _manifest(wanted, joint, made_with, mapping, files, counts, listed(folder))
            with open_private(folder / read_again.MANIFEST) as file:
                file.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
            # Before the result stands in its place: after a kill the next run would find nothing to do. Nothing is
            # kept of one in which a fault of this program left somebody out.
            parts.only(filling.keys if not failures(counts.rejected) else ())
    return Prepared(made, filling.read, filling.kept, alone=filling.alone)


def is_told_by_files(wanted: Preparation) -> bool:
    """Whether the files of a source tell all that is read: not of a database, nor of tables outside of it."""
    return place_of(str(wanted.source)) is None and not outside(wanted.source, wanted.mapping)


def _unchanged(out: Path, made_with: str, files: Sequence[Mapping[str, Any]]) -> dict[str, Any] | None:
    """The manifest of what is there, if it was made of the very same and every file of it is as it was written."""
    if not read_again.is_prepared(out):
        return None
    try:
        found = read_again.read_prepared(out, by_digest=True)
    except ScreeningError:
        return None
    same = found.get("made_with") == made_with and found["source"]["files"] == list(files)
    return found if same and not failures(found["counts"]["rejected_by_kind"]) else None


def _made_with(joint: Joint, site: SiteDeclaration | None, mapping: str | None, beside: str) -> str:
    """The digest of everything beside the source that the result rests on, this very program among it."""
    own = hashlib.sha256()
    here = Path(screening.__file__).parent
    for room in _OWN_ROOMS:
        for path in sorted((here / room).glob("*.py")):
            own.update(path.name.encode() + path.read_bytes())
    data = [
        read_again.FORMAT,
        screening.__version__,
        own.hexdigest(),
        [[library.name, library.version, library.digest] for library in joint.libraries],
        [[each.number, each.name, each.declared, each.layer] for each in joint.asked],
        [site.digest, site.label] if site is not None else None,
        mapping,
        beside,
    ]
    return hashlib.sha256(json.dumps(data).encode()).hexdigest()


# --------------------------------------------------------------------------------------- parts


class _Filling:
    """Reads what was not read yet, part by part; `keys` are those of all parts, in the order of the source."""

    def __init__(self, wanted: Preparation, joint: Joint, parts: Parts, made_with: str) -> None:
        self.wanted, self.joint, self.parts, self.made_with = wanted, joint, parts, made_with
        self.keys: list[str] = []
        self.read = self.kept = 0
        # What the manifest says of files that were hashed while they were read.
        self.told: Mapping[Path, Mapping[str, str | int]] = {}
        self.alone: Mapping[str, int] = {}

    def fill(self, door: Door, total: int | None, told: Callable[[int, int | None], None]) -> None:
        waiting: deque[tuple[str, int]] = deque()

        def missing() -> Iterator[list[Record]]:
            for records in cut(door.unread()):
                key = self.key(records)
                self.keys.append(key)
                if self.parts.has(key):
                    self.kept += len(records)
                    told(self.read + self.kept, total)
                else:
                    waiting.append((key, len(records)))
                    yield records

        wanted = self.wanted
        given = (wanted.source, self.joint, wanted.site, wanted.mapping, wanted.beside)
        for data in in_order(missing(), reading, given, wanted.jobs):
            key, number = waiting.popleft()
            self.parts.keep(key, data)
            self.read += number
            told(self.read + self.kept, total)

    def one_by_one(
        self, door: Door, total: int | None, told: Callable[[int, int | None], None]
    ) -> Generator[Part, None, None]:
        """Everything read, and then part by part in the order of the source."""
        self.fill(door, total, told)
        for key in self.keys:
            yield unpacked(self.parts.read(key))

    def in_blocks(
        self, folder: Path, total: int | None, told: Callable[[int, int | None], None]
    ) -> Generator[Part, None, None]:
        """An export of many people, in columns."""
        wanted = self.wanted
        doors = (opened(wanted.source, layer, wanted.site) for layer in self.joint.layers)
        with TemporaryDirectory(prefix=".work.", dir=folder) as work:
            bulks = [door for door in doors if isinstance(door, Bulk)]
            room = max(0, wanted.memory - _TAKEN) // 4
            export = InBlocks(bulks, self.joint, self.parts, self.made_with, Path(work), room)
            export.read(lambda people: told(people, total))
            self.told = export.told
            yield from export.parts()
        self.keys, (self.read, self.kept) = export.keys, export.counted
        self.alone = {why: number for why, number in export.reasons.items() if number}
        told(self.read + self.kept, total)

    def key(self, records: Sequence[Record]) -> str:
        text = json.dumps([self.made_with, [stamp for _, stamp in records]])
        return hashlib.sha256(text.encode()).hexdigest()


def cut(records: Iterable[Unread | Rejected]) -> Iterator[list[Record]]:
    """Records by parts. Whether a part ends with a record is decided by that record alone, and by chance.

    So one that is changed, added or removed changes its own part and hardly ever another one.
    """
    part: list[Record] = []
    size = 0
    for record in records:
        if isinstance(record, Rejected):
            name, stamp, bytes = record.place, _digest(repr(record)), 0
        else:
            name, (stamp, bytes) = record.name, record.stamp()
        part.append((record, stamp))
        size += bytes
        chance = int(_digest(name)[:8], 16) / (1 << 32)
        is_full = size >= MOST_TIMES * PART_BYTES or len(part) >= MOST_TIMES * PART_RECORDS
        if is_full or chance < max(bytes / PART_BYTES, 1 / PART_RECORDS):
            yield part
            part, size = [], 0
    if part:
        yield part


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()


def reading(
    source: Path | str,
    joint: Joint,
    site: SiteDeclaration | None,
    mapping: Path | None,
    beside: Beside | None,
) -> Callable[[list[Record]], bytes]:
    """Reads records that were found in a source; made once in each process."""
    doors = [opened(source, layer, site, mapping, beside) for layer in joint.layers]
    return lambda records: packed(_part(doors, joint, records))


def _part(doors: Sequence[Door], joint: Joint, records: Sequence[Record]) -> Part:
    """Records as a part: in columns as far as their door can do that, the others person by person."""
    # A record may be several people; each number leaves room for them.
    numbered = [(position * _MOST_PEOPLE, record) for position, (record, _) in enumerate(records)]
    first, parts = doors[0], []
    if isinstance(first, InColumns):
        unread = [(number, record) for number, record in numbered if isinstance(record, Unread)]
        in_columns, left = first.in_columns(joint, unread)
        parts.append(in_columns)
        refused = [(number, record) for number, record in numbered if isinstance(record, Rejected)]
        numbered = sorted([*refused, *left], key=lambda each: each[0])
    parts.append(part_of(joint, _read(doors, numbered)))
    for record, stamp in records:
        # INVARIANT: a part stands for the very bytes that its key was made of.
        if isinstance(record, Unread) and record.path and record.stamp()[0] != stamp:
            raise UnreadableRecord(f"`{record.name}` was changed while it was read; {_AGAIN}")
    return together(parts)


def _read(
    doors: Sequence[Door], records: Sequence[tuple[int, Unread | Rejected]]
) -> Iterator[tuple[int, list[Subject | Rejected], str]]:
    for number, record in records:
        if isinstance(record, Rejected):
            yield number, [record], record.place
            continue
        for more, layers in enumerate(in_layers(doors, record)):
            yield number + more, [one for one, _ in layers], layers[0][1]


# ------------------------------------------------------------------------------------ manifest


def _manifest(
    wanted: Preparation,
    joint: Joint,
    made_with: str,
    mapping: str | None,
    files: Sequence[Mapping[str, Any]],
    counts: Counts,
    tables: Sequence[Mapping[str, Any]],
) -> dict[str, Any]:
    """What stands beside the tables; no time and no path in it, so that the same input gives the same bytes."""
    site, looked = wanted.site, _looked_for(wanted, joint)
    return {
        "format": read_again.FORMAT,
        "made_with": made_with,
        "versions": {"screening": screening.__version__},
        "libraries": [
            {"name": one.name, "version": one.version, "status": one.status, "digest": one.digest}
            for one in joint.libraries
        ],
        "site": None
        if site is None
        else {"name": site.site, "date": site.date.isoformat(), "digest": site.digest},
        "mapping": mapping,
        "source": {"name": wanted.name, "files": list(files)},
        "looked_for": looked,
        "unasked": unasked_names(wanted.libraries, wanted.mapping, site, looked, wanted.beside),
        "extracted": counts.extracted or None,
        "synthetic": counts.synthetic,
        "counts": {
            "read": counts.read,
            "people": counts.people,
            "rejected": sum(counts.rejected.values()),
            "rejected_by_kind": dict(counts.rejected),
            # An entry of several requirements is one of each.
            "entries": sum(counts.entries.values()),
            "odd_entries": sum(counts.odd.values()),
        },
        "requirements": [
            {
                "name": each.name,
                "declared": each.declared,
                "file": each.number,
                "layer": each.layer,
                "shared": [number for number, of in counts.shared.items() if each.number in of],
                "entries": counts.entries.get(each.number, 0),
                "columns": list(columns_of(each.requirement).roles),
            }
            for each in joint.asked
        ],
        "files": list(tables),
    }


def _looked_for(wanted: Preparation, joint: Joint) -> list[str] | None:
    """The requirements that are looked for in the source, in alphabetical order; None where any may be there."""
    found = [looked_for(wanted.source, layer, wanted.mapping, wanted.beside) for layer in joint.layers]
    known = [names for names in found if names is not None]
    return sorted(frozenset().union(*known)) if known else None


def summary(made: Prepared, place: str) -> list[Line]:
    """What a run did, in counts that add up."""
    return report.summary(made.manifest, made.read, made.kept, made.is_unchanged, place, alone=made.alone)
