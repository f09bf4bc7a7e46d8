"""A FHIR R4 bulk export to a prepared cohort, column by column, as the door that reads person by person makes it.

Each line is cut to its shape (`fhir_shape`), each kind of line is planned once by that door itself (`fhir_plan`),
and the plans are joined with the lines (`fhir_planned`), block by block (`fhir_block`). Then people are put
together (`fhir_range`), a range of them at a time, and nothing waits in memory but ids and the block being read.
Whoever has a line that this does not decide is read person by person through that door (`fhir_bulk`): a line of a
shape that is not ordinary, an entry that refers to another, two resources of one id, two Patients of one id.

Of a person on the fast road, notices, `searched`, `passed_over` and the digest of the record are not kept: only
reports show them, and the digests of the files stand in the manifest. All else is as the slow door says.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from screening.record.people import NOBODY, Rejected, duplicate
from screening.sources.fhir_block import Block, Known, Reading, block_of, kept
from screening.sources.fhir_blocks import Texts
from screening.sources.fhir_bulk import Bulk, Sorting, lines_of
from screening.sources.fhir_lines import FILE, Odd, chosen, plain_of
from screening.sources.fhir_noted import (
    AGAIN,
    ASKING,
    TWICE,
    UNPLAIN,
    UNPLANNED,
    Counted,
    Keeping,
    Kept,
    Noted,
)
from screening.sources.fhir_range import Range, slow_of
from screening.sources.fhir_shared import lists_of
from screening.sources.index import Index
from screening.sources.joint import Joint
from screening.sources.prepared_part import Part, packed, part_of, unpacked
from screening.sources.unread import Unread, people_in

if TYPE_CHECKING:
    import polars as pl

# So many people are put together at once.
PEOPLE = 16384
# But not of more entries than this, if each person has as many.
ENTRIES = 300_000


class InBlocks:
    """An export, read in columns for a joint reading; `keys` are those of what is kept, `made_with` is in each.

    `bulks` are the export, opened for each layer. `work` is a folder for what may be gone afterwards. Of what was
    read so many bytes stay in memory as `room` says; what is more lies on the disk until it is wanted.
    """

    def __init__(
        self, bulks: Sequence[Bulk], joint: Joint, keeping: Keeping, made_with: str, work: Path, room: int = 0
    ) -> None:
        self.bulks, self.joint, self.keeping, self.made_with, self.work = bulks, joint, keeping, made_with, work
        files, inside = bulks[0].files, bulks[0].inside
        names = [path.relative_to(inside).as_posix() if inside is not None else path.name for path in files]
        self.sources = [plain_of(path, names[n], work, n) for n, path in enumerate(files)]
        self.keys: list[str] = []
        # What a manifest says of the files that were read as they are.
        self.told: dict[Path, dict[str, str | int]] = {}
        self.noted = Noted()
        # INVARIANT: what `Sorting` asks of an index while lines come in is what `Noted` has.
        self.sorting = Sorting(self.noted)  # type: ignore[arg-type]
        self.rejected: list[tuple[int, Rejected]] = []
        self.new_rejected = 0
        self.broken: list[str] = []
        self.blocks: list[Kept] = []
        self.patients: list[pl.DataFrame] = []
        self.owners: list[pl.Series] = []
        self.known = [Known() for _ in joint.layers]
        self.sizes: list[Counter[int]] = [Counter() for _ in joint.layers]
        self.counted = Counted(0, 0)
        # How many people are read one by one, and why.
        self.reasons: Counter[str] = Counter()
        # Blocks at hand, by their number, and the room that is left for more.
        self.held: dict[int, tuple[Block, int]] = {}
        self.room = room

    def place(self, number: int) -> str:
        return f"{self.sources[number // FILE].name}:{number % FILE}"

    # ------------------------------------------------------------------------------- blocks

    def read(self, told: Callable[[int], None]) -> None:
        """Reads every block that is not kept; `told` is called with the number of people so far."""
        reading = Reading(self.joint.layers)
        people = 0
        for position, source in enumerate(self.sources):
            base = position * FILE
            if source.plain is None:
                # What is packed and broken lies in no block.
                self.broken.append(hashlib.sha256(source.path.read_bytes()).hexdigest())
                for number, line in lines_of(source.path):
                    self.look(Odd(base + number, line), is_new=True)
            texts = Texts(source.plain) if source.plain is not None else ()
            for first, data, digest in texts:
                key = self.key("block", [first == 1, digest])
                is_new = not self.keeping.has(key)
                if is_new:
                    block = reading.block(data, first == 1)
                    self.keeping.keep(key, kept(block))
                    self.hold(block)
                else:
                    block = block_of(self.keeping.read(key))
                self.take(key, block, base + first, is_new)
                people += block.patients.height
                told(people)
            if isinstance(texts, Texts) and source.plain == source.path:
                self.told[source.path] = texts.told
        self.settle()

    def hold(self, block: Block) -> None:
        """Keeps a block at hand, if there is room: else it is taken from what is kept when it is wanted."""
        size = sum(int(table.estimated_size()) for table in block.tables())
        if size <= self.room:
            self.room -= size
            self.held[len(self.blocks)] = (block, size)

    def block(self, number: int) -> Block:
        """A block again, from what is at hand or what is kept."""
        if number not in self.held:
            return block_of(self.keeping.read(self.blocks[number].key))
        block, size = self.held.pop(number)
        self.room += size
        return block

    def key(self, what: str, rests_on: object) -> str:
        return hashlib.sha256(json.dumps([self.made_with, what, rests_on]).encode()).hexdigest()

    def take(self, key: str, block: Block, base: int, is_new: bool) -> None:
        import polars as pl

        shifted = pl.col("number") + base
        self.patients.append(block.patients.select(shifted, "id", "synthetic", new=pl.lit(is_new)))
        self.owners.append(block.slow)
        for number, line in block.odd:
            self.look(Odd(base + number, line), is_new)
        templates = [known.add(layer.templates) for known, layer in zip(self.known, block.layers, strict=True)]
        absent = [known.deny(layer.absent) for known, layer in zip(self.known, block.layers, strict=True)]
        sets = [known.add_sets(layer.sets) for known, layer in zip(self.known, block.layers, strict=True)]
        for counts, layer, at in zip(self.sizes, block.layers, sets, strict=True):
            for number, size in layer.evidence["set"].value_counts().iter_rows():
                counts[at[number]] += size
        self.keys.append(key)
        self.blocks.append(Kept(key, base, templates, absent, sets, is_new))

    def look(self, odd: Odd, is_new: bool) -> None:
        """One line that is of no understood shape."""
        self.noted.number, self.noted.is_new = odd.number, is_new
        for rejected in self.sorting.line(odd.line, self.place(odd.number)):
            self.rejected.append((odd.number, rejected))
            self.new_rejected += is_new

    # ------------------------------------------------------------------------------- people

    def settle(self) -> None:
        """Who everybody is, and whose each entry is: blocks sorted by people, in the folder for work."""
        import polars as pl

        schema = {"number": pl.Int64, "id": pl.String, "synthetic": pl.Boolean, "new": pl.Boolean}
        noted = {"number": pl.Int64, "id": pl.String, "new": pl.Boolean}
        odd = pl.DataFrame(self.noted.people, schema=noted, orient="row").with_columns(synthetic=pl.lit(False))
        patients = pl.concat([*self.patients, odd.select(*schema)]).sort("number")
        self.patients.clear()
        twice = patients.filter(pl.col("id").is_duplicated())["id"].unique()
        # Everybody once, by the first Patient of an id; `person` is their number among these.
        firsts = patients.unique("id", keep="first", maintain_order=True)
        self.again = patients.filter(~pl.col("number").is_in(firsts["number"].implode()))
        self.people = firsts.with_row_index("person").with_columns(pl.col("person").cast(pl.Int64))
        self.ids = self.people.select("person", owner="id")
        slow = [(TWICE, twice), (UNPLAIN, odd["id"]), *((UNPLANNED, one) for one in self.owners)]
        self.owners.clear()
        entries = {"number": pl.Int64, "owner": pl.String, "kind": pl.String, "new": pl.Boolean}
        looked_at = pl.DataFrame(self.noted.entries, schema=entries, orient="row")
        slow.append((UNPLAIN, looked_at["owner"]))
        self.lists = lists_of(self.joint, self.known, self.sizes)
        most = max(1, *(counts.total() for counts in self.sizes))
        self.at_once = max(1, min(PEOPLE, ENTRIES * self.people.height // most))
        self.ranges = -(-self.people.height // self.at_once)
        self.sorted: dict[str, list[tuple[Path | pl.DataFrame, list[int]]]] = {}
        lost, new = [], [self.people.filter("new")["person"]]
        for number, each in enumerate(self.blocks):
            block = self.block(number)
            if self.noted.targets:
                slow.append((ASKING, block.asking))
            shifted = pl.col("number") + each.base
            lines = block.lines.with_columns(shifted).join(self.ids, on="owner", how="left")
            is_lost = pl.col("person").is_null()
            lost.append(lines.filter(is_lost).select("number", "owner", new=pl.lit(each.is_new)))
            lines = lines.filter(pl.col("person").is_not_null()).select("person", "number", "kind", "id")
            if each.is_new:
                new.append(lines["person"].unique())
            tables = {"lines": lines}
            for n, layer in enumerate(block.layers):
                for kind, table, at in (
                    ("evidence", layer.evidence, each.templates[n]),
                    ("absences", layer.absences, each.absent[n]),
                ):
                    place = pl.Series(at, dtype=pl.Int64)
                    table = table.with_columns(template=place.gather(table["template"]))
                    if kind == "evidence":
                        sets = pl.Series(each.sets[n], dtype=pl.Int32)
                        table = table.with_columns(set=sets.gather(table["set"]))
                    table = table.rename({"low": "low_day", "high": "high_day"})
                    tables[f"{kind}-{n}"] = table.join(self.ids, on="owner").drop("owner")
            self.put(number, tables)
        looked = looked_at.join(self.ids, on="owner", how="left")
        lost.append(looked.filter(pl.col("person").is_null()).select("number", "owner", "new"))
        looked = looked.filter(pl.col("person").is_not_null())
        new.append(looked.filter("new")["person"])
        looked = looked.select("person", "number", "kind", pl.lit(None, pl.String).alias("id"))
        self.put(len(self.blocks), {"lines": looked})
        nobody = pl.concat(lost).group_by("owner").agg(pl.col("number").min(), pl.len(), pl.col("new").any())
        self.lost = nobody.sort("number")
        named = pl.concat(
            one.cast(pl.String).alias("owner").to_frame().with_columns(why=pl.lit(why)) for why, one in slow
        )
        named = named.unique("owner", keep="first", maintain_order=True).join(self.ids, on="owner")
        self.slow = named["person"].sort()
        self.reasons.update(named["why"].to_list())
        everything = self.people.height + len(self.rejected) + self.again.height + self.lost.height
        read = pl.concat(new).n_unique() + self.new_rejected
        read += int(self.again["new"].sum()) + int(self.lost["new"].sum())
        self.counted = Counted(read, everything - read)

    def put(self, number: int, tables: dict[str, pl.DataFrame]) -> None:
        """Tables of one block by people, at hand or on disk, with where each range begins in them."""
        import polars as pl

        ends = pl.Series([at * self.at_once for at in range(self.ranges + 1)], dtype=pl.Int64)
        for kind, table in tables.items():
            if not table.height:
                continue
            table = table.sort("person", maintain_order=True)
            starts = table["person"].search_sorted(ends).to_list()
            size = int(table.estimated_size())
            place: Path | pl.DataFrame = table
            if size > self.room:
                place = self.work / f"{kind}.{number}"
                # Not packed, so that a range of it is read without the rest.
                table.write_ipc(place, compression="uncompressed")
            else:
                self.room -= size
            self.sorted.setdefault(kind, []).append((place, starts))

    def of_range(self, kind: str, at: int) -> list[pl.DataFrame]:
        """The rows of one range of people, block after block."""
        import polars as pl

        found = []
        for place, starts in self.sorted.get(kind, ()):
            first, number = starts[at], starts[at + 1] - starts[at]
            if number and isinstance(place, Path):
                found.append(pl.scan_ipc(place).slice(first, number).collect())
            elif number and not isinstance(place, Path):
                found.append(place.slice(first, number))
        return found

    # -------------------------------------------------------------------------------- parts

    def parts(self) -> Iterator[Part]:
        """Everybody, a range of people after the other, and first and last what is nobody.

        Of a range those are kept who were read one by one: the others are made of the blocks faster than found.
        """
        names = [source.name for source in self.sources]
        blocks = [(each.key, each.base) for each in self.blocks]
        whole = self.key("whole", [names, blocks, self.at_once, self.broken])
        yield self.alone(self.refused_lines())
        named = [self.key("range", [whole, at]) for at in range(self.ranges)]
        with Index() as index, closing(index.people()) as people:
            slow = [self.slow_of(at) for at in range(self.ranges)]
            missing = [at for at, key in enumerate(named) if slow[at].len() and not self.keeping.has(key)]
            self.index(index, [slow[at] for at in missing])
            bodies = Sorting(index)
            bodies.partial = self.sorting.partial
            for at, key in enumerate(named):
                if at in missing:
                    self.keeping.keep(key, packed(self.one_by_one(slow[at], people, bodies)))
                if slow[at].len():
                    self.keys.append(key)
                yield self.made(at, slow[at], unpacked(self.keeping.read(key)) if slow[at].len() else None)
        yield self.alone(self.orphans())

    def alone(self, rejected: Sequence[Rejected]) -> Part:
        return part_of(self.joint, ((number, [one], one.place) for number, one in enumerate(rejected)))

    def slow_of(self, at: int) -> pl.Series:
        """Those of a range who have to be read one by one."""
        absences = [table for n in range(len(self.known)) for table in self.of_range(f"absences-{n}", at)]
        named = self.slow.filter(self.slow.is_between(at * self.at_once, (at + 1) * self.at_once - 1))
        found = slow_of(named, self.of_range("lines", at), absences)
        self.reasons[AGAIN] += found.len() - named.len()
        return found

    def index(self, index: Index, people: Sequence[pl.Series]) -> None:
        """Puts every line of the people to be read one by one into an index."""
        import polars as pl

        if not people:
            return
        wanted = [pl.Series(self.noted.targets, dtype=pl.Int64)]
        for slow in people:
            lines = self.of_range("lines", int(slow[0]) // self.at_once)
            wanted += [table.filter(pl.col("person").is_in(slow.implode()))["number"] for table in lines]
            wanted.append(self.people["number"].gather(slow))
        numbers = pl.concat(wanted).unique()
        again = Sorting(index)
        for position, source in enumerate(self.sources):
            base = position * FILE
            here = numbers.filter(numbers.is_between(base, base + FILE - 1))
            for number, line in chosen(source, base, here) if here.len() else ():
                for _ in again.line(line, self.place(number)):
                    pass

    def one_by_one(self, slow: pl.Series, people: Iterator[tuple[str, str, str]], bodies: Sorting) -> Part:
        """Some people through the door that reads them one by one; `people` come in the order of the source."""
        records = []
        for number in slow.to_list():
            id, place, body = next(people)
            unread = Unread(id, place, [*bodies.resources_of(id, place, body), bodies.partial])
            read = [next(people_in(bulk, unread))[0] for bulk in self.bulks]
            records.append((number, read, place))
        return part_of(self.joint, records)

    def made(self, at: int, slow: pl.Series, of_slow: Part | None) -> Part:
        """One range of people as a part."""
        import polars as pl

        head = self.people.slice(at * self.at_once, self.at_once)
        # A name of a file need be no text at all.
        shown = [source.name.encode("utf-8", "backslashreplace").decode() for source in self.sources]
        names = pl.Series(shown, dtype=pl.String)
        name = names.gather(head["number"] // FILE)
        head = head.with_columns(place=pl.concat_str(name, pl.lit(":"), pl.col("number") % FILE))
        made = Range(self.joint, self.bulks[0].site, head, slow, self.sorting.partial)
        layers = [
            made.layer(
                n, self.lists[n], known, self.of_range(f"evidence-{n}", at), self.of_range(f"absences-{n}", at)
            )
            for n, known in enumerate(self.known)
        ]
        return made.part(layers, of_slow)

    # ----------------------------------------------------------------------- those left over

    def refused_lines(self) -> list[Rejected]:
        """Lines that could not be read, and second Patients of one id, in the order of the source."""
        found = list(self.rejected)
        firsts = dict(self.people.select("id", "number").iter_rows()) if self.again.height else {}
        for number, id in self.again.select("number", "id").iter_rows():
            found.append((number, duplicate(self.place(number), self.place(firsts[id]), id)))
        return [one for _, one in sorted(found, key=lambda pair: pair[0])]

    def orphans(self) -> list[Rejected]:
        found = []
        for id, first, number in self.lost.select("owner", "number", "len").iter_rows():
            several = "1 entry is" if number == 1 else f"{number} entries are"
            told = f"{several} about somebody whose Patient is not there"
            found.append(Rejected(self.place(first), told, id, NOBODY))
        return found
