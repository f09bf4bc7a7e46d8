"""The lines of a bulk export in blocks: those of a shape that is understood as columns, the others one by one."""

from __future__ import annotations

import gzip
import io
import re
import shutil
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from screening.record.people import BEYOND_A_RECORD
from screening.sources.fhir_blocks import Texts
from screening.sources.fhir_bulk import lines_of
from screening.sources.fhir_json import LARGEST_FILE
from screening.sources.fhir_shape import Shape, cut, narrowed, shape_of

if TYPE_CHECKING:
    import polars as pl

SAMPLE = 400
# A shape of fewer lines of a sample than this is looked for line by line.
LEAST = 2
# Line numbers of all files in one order: files count by 2^40.
FILE = 1 << 40
_LONGEST_ID = 64
# So many lines tell what most lines of a shape have in common; those that have not are looked for again.
_COMPARED = 24


class File(NamedTuple):
    """A file of an export: how it is named in places, and where its text lies unpacked, if it does."""

    path: Path
    name: str
    plain: Path | None


class Odd(NamedTuple):
    """A line of no shape that is understood; a text instead of its bytes says why it cannot be read."""

    number: int
    line: bytes | str


class Block(NamedTuple):
    """Part of a file: lines of each shape (`number`, `line` and the slots as `s0`, ...), and the odd ones."""

    shaped: list[tuple[Shape, pl.DataFrame]]
    odd: list[Odd]


def plain_of(path: Path, name: str, folder: Path, position: int) -> File:
    """A file with its text unpacked into a folder; one that is packed and broken is read line by line."""
    if path.suffix.lower() != ".gz":
        return File(path, name, path)
    plain = folder / f"{position}.ndjson"
    try:
        with gzip.open(path) as packed, plain.open("wb") as file:
            shutil.copyfileobj(packed, file, 1 << 20)
    except (EOFError, zlib.error, gzip.BadGzipFile):
        plain.unlink(missing_ok=True)
        return File(path, name, None)
    return File(path, name, plain)


class Shapes:
    """The shapes met so far."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, ...], Shape | None] = {}
        self._marks: dict[tuple[Shape, Shape], str] = {}

    def of(self, line: str) -> Shape | None:
        pieces = cut(line)
        if pieces not in self._known:
            if len(self._known) > 100_000:
                self._known.clear()
            self._known[pieces] = _shape(pieces)
        return self._known[pieces]

    def read(self, data: bytes, first: int) -> Block:
        """Whole lines of a file, of which the first is the so many-th; they are numbered as in the file."""
        lines, broken = _frame(data, first)
        return self.block(lines, broken)

    def block(self, lines: pl.DataFrame, broken: dict[int, bytes]) -> Block:
        import polars as pl

        found: list[tuple[Shape, pl.DataFrame]] = []
        left = lines.filter(~pl.col("number").is_in(list(broken))) if broken else lines
        for shape, marks, alike in self._frequent(left):
            hit, left = _split(shape, marks, left, alike)
            found.append((shape, hit))
        odd = [Odd(number, line) for number, line in broken.items()]
        few: dict[Shape, list[tuple[Any, ...]]] = {}
        for number, line in left.iter_rows():
            shape_found = self.of(line)
            match = re.match(shape_found.pattern, line) if shape_found is not None else None
            if shape_found is None or match is None:
                odd.append(Odd(number, line.encode()))
            elif shape_found.slots:
                few.setdefault(shape_found, []).append((number, line, *match.groups()))
        for shape, rows in few.items():
            columns = ["number", "line", *(slot.name for slot in shape.slots)]
            types = {"number": pl.Int64} | dict.fromkeys(columns[1:], pl.String)
            found.append((shape, pl.DataFrame(rows, schema=types, orient="row")))
        kept = []
        found, apart = _apart(found)
        if apart is not None:
            # Answers to a questionnaire, an item a line: else hardly two lines would be alike.
            single = self.block(apart, {})
            kept += single.shaped
            odd += single.odd
        for shape, hit in found:
            if hit.height and shape.slots:
                hit, out = _short(shape, hit)
                kept.append((shape, hit))
                odd += [Odd(number, line.encode()) for number, line in out.iter_rows()]
        odd = [Odd(number, _bare(line, number == 1)) for number, line in odd]
        return Block(kept, sorted(one for one in odd if one.line))

    def _frequent(self, lines: pl.DataFrame) -> list[tuple[Shape, tuple[str, ...], dict[str, str]]]:
        """The shapes of a sample, each with fixed texts of it that those after it have not all, and what its lines
        in the sample have in common: words, by slot."""
        if not lines.height:
            return []
        sample = lines["line"].gather_every(max(1, lines.height // SAMPLE)).to_list()
        lines_of: dict[Shape, list[str]] = {}
        for line in sample:
            if (shape_found := self.of(line)) is not None:
                lines_of.setdefault(shape_found, []).append(line)
        counts = sorted(lines_of, key=lambda shape: -len(lines_of[shape]))
        left = [shape for shape in counts if len(lines_of[shape]) >= LEAST]
        found = []
        while left:
            # Those first that can be told from all the others; of these the most frequent.
            marks = {shape: [self.mark(shape, other) for other in left if other is not shape] for shape in left}
            shape = min(left, key=lambda shape: marks[shape].count(""))
            alike = _in_common(shape, lines_of[shape])
            found.append((shape, tuple(dict.fromkeys(filter(None, marks[shape]))), alike))
            left.remove(shape)
        return found

    def mark(self, shape: Shape, other: Shape) -> str:
        """The longest fixed text of one shape that another has not; "" if there is none."""
        pair = (shape, other)
        if pair not in self._marks:
            if len(self._marks) > 100_000:
                self._marks.clear()
            whole = "\n".join(other.fixed)
            texts = sorted(set(shape.fixed), key=lambda text: (-len(text), text))
            self._marks[pair] = next((text for text in texts if text not in whole), "")
        return self._marks[pair]


def _shape(pieces: tuple[str, ...]) -> Shape | None:
    """A shape. Lines of one at which this program fails are read one by one, and that is said there."""
    try:
        return shape_of(pieces)
    except BEYOND_A_RECORD:
        raise
    except Exception:
        return None


def _apart(
    found: list[tuple[Shape, pl.DataFrame]],
) -> tuple[list[tuple[Shape, pl.DataFrame]], pl.DataFrame | None]:
    """Lines with several items as lines of one item each, of the same number; and the lines without."""
    import polars as pl

    made = []
    for shape, hit in found:
        if shape.items and hit.height:
            parts = hit["line"].str.extract_groups(shape.items).struct.unnest()
            first, *items, last = parts.columns
            for item in items:
                line = parts.select(pl.concat_str(first, item, last)).to_series().alias("line")
                made.append(pl.DataFrame([hit["number"], line]))
    return [pair for pair in found if not pair[0].items], pl.concat(made) if made else None


def _frame(data: bytes, first: int) -> tuple[pl.DataFrame, dict[int, bytes]]:
    """The lines of a block with their numbers, and those that are no UTF-8 or too long."""
    import polars as pl

    if len(data) <= LARGEST_FILE:
        try:
            found = pl.scan_lines(io.BytesIO(data), name="line").collect()
            return found.select(pl.int_range(first, first + pl.len(), dtype=pl.Int64).alias("number"), "line"), {}
        except pl.exceptions.ComputeError:
            pass
    broken: dict[int, bytes] = {}
    texts = []
    for at, line in enumerate(data.removesuffix(b"\n").split(b"\n"), first):
        try:
            text = line.decode() if len(line) <= LARGEST_FILE else ""
        except UnicodeDecodeError:
            text = ""
        if line and not text:
            broken[at] = line
        texts.append(text)
    numbers = pl.int_range(first, first + len(texts), dtype=pl.Int64, eager=True)
    return pl.DataFrame({"number": numbers, "line": pl.Series(texts, dtype=pl.String)}), broken


def _bare(line: bytes | str, is_first: bool) -> bytes | str:
    """A line as the door that reads it alone is given it."""
    if isinstance(line, str):
        return line
    if len(line) > LARGEST_FILE:
        return f"the line is longer than {LARGEST_FILE // (1024 * 1024)} MiB"
    return (line.removeprefix(b"\xef\xbb\xbf") if is_first else line).strip()


def _in_common(shape: Shape, lines: Sequence[str]) -> dict[str, str]:
    """The words that all of some lines have, by slot."""
    pattern, some = re.compile(shape.pattern), lines[:: max(1, len(lines) // _COMPARED)]
    rows = [match.groups() for line in some if (match := pattern.match(line)) is not None]
    words = set(shape.names("word"))
    columns = zip(shape.slots, zip(*rows, strict=True), strict=True) if rows and shape.slots else ()
    same = {slot.name: cells[0] for slot, cells in columns if slot.name in words and len(set(cells)) == 1}
    return {name: text for name, text in same.items() if text.isascii() and "\\" not in text}


def _split(
    shape: Shape, marks: Sequence[str], lines: pl.DataFrame, alike: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines of a shape with its slots, and the rest; `marks` are texts that all of its lines have.

    `alike` are words that most of them have in common.
    """
    import polars as pl

    others = lines.clear()
    if marks:
        # Failing to match costs as much as matching.
        text = pl.col("line")
        may_be = lines.select(
            pl.all_horizontal(text.str.contains(mark, literal=True) for mark in marks)
        ).to_series()
        others, lines = lines.filter(~may_be), lines.filter(may_be)
    if not shape.slots:
        hit = lines["line"].str.contains(shape.pattern)
        return lines.clear(), pl.concat([lines.filter(~hit), others])
    taken, left = _taken(shape, narrowed(shape, alike), lines, alike)
    if left.height and alike:
        other, left = _taken(shape, narrowed(shape, {}), left, {})
        taken = pl.concat([taken, other]).sort("number") if other.height else taken
    if left.height:
        rest = left["line"]
        rare = rest.str.contains("\\", literal=True) | (rest.str.len_bytes() != rest.str.len_chars())
        every = [slot.name for slot in shape.slots]
        also, still = _taken(shape, [(shape.pattern, every)], left.filter(rare), {})
        taken = pl.concat([taken, also]).sort("number") if also.height else taken
        left = pl.concat([left.filter(~rare), still])
    return taken, pl.concat([left, others])


def _taken(
    shape: Shape, patterns: Sequence[tuple[str, Sequence[str]]], lines: pl.DataFrame, said: Mapping[str, str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines that patterns match with the slots that they take out and those that are said, and the rest."""
    import polars as pl

    hit, left = lines, lines.clear()
    for number, (pattern, names) in enumerate(patterns):
        slots = hit["line"].str.extract_groups(pattern).struct.unnest()
        slots.columns = list(names)
        found = pl.concat([hit, slots], how="horizontal")
        is_hit = slots.to_series(0).is_not_null()
        if number or is_hit.all():
            # INVARIANT: what one of the patterns matches all of them do.
            hit = found
        else:
            hit, left = found.filter(is_hit), lines.filter(~is_hit)
    constant = [pl.lit(text, pl.String).alias(name) for name, text in said.items()]
    return hit.with_columns(constant).select(*lines.columns, *(slot.name for slot in shape.slots)), left


def _short(shape: Shape, hit: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The lines whose ids are no longer than FHIR has them, and the others."""
    import polars as pl

    ids: Sequence[str] = (*shape.names("id"), *shape.names("owner"))
    long = pl.any_horizontal(pl.col(ids).str.len_bytes() > _LONGEST_ID)
    if not hit.select(long.any()).item():
        return hit, hit.clear().select("number", "line")
    return hit.filter(~long), hit.filter(long).select("number", "line")


def chosen(file: File, base: int, numbers: pl.Series) -> Iterator[Odd]:
    """Some lines of a file again, by their numbers, each as the door that reads it alone is given it."""
    import polars as pl

    if file.plain is None:
        wanted = set(numbers.to_list())
        yield from (Odd(base + n, line) for n, line in lines_of(file.path) if base + n in wanted)
        return
    for first, data, _ in Texts(file.plain):
        last = base + first + data.count(b"\n")
        if not numbers.is_between(base + first, last).any():
            continue
        lines, broken = _frame(data, base + first)
        hit = lines.filter(pl.col("number").is_in(numbers.implode()))
        for number, text in hit.iter_rows():
            line = broken[number] if number in broken else text.encode()
            yield Odd(number, _bare(line, number == base + 1))
