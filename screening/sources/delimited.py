"""A table as delimited text (CSV), row by row, each with its line; a broken row takes no other with it.

A quote that is never closed would swallow the rows after it: such a row is told, and reading goes on with the
line that follows its first.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.sources.tree import near
from screening.values.frozen import dataclass

DELIMITERS = (",", ";", "\t", "|")
# Lines and letters that one row may have; a quote that is open for longer was never meant as one.
MOST_LINES = 500
LONGEST_ROW = 1 << 20
_VALUE = re.compile(r"(?:\d{4}-\d\d-\d\d.*|\d{1,2}[./]\d{1,2}[./]\d{4}|[-+]?\d+[.,]\d+)\Z")
_MARKS = {b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16", b"PK": "", b"PAR1": ""}


_TRANSPORT = b"HEADER RECORD*******"
_PACKED = b"\x1f\x8b"
ENCODED = "the row is not in the encoding that is declared"
_EMPTY_LETTER = "the row holds NUL, which no text does"
# What to do where the line with the names of the columns cannot be read.
_REMEDIES = {
    ENCODED: "say its `encoding:` in the mapping, as cp1252",
    _EMPTY_LETTER: "it may be written in UTF-16: say `encoding: utf-16-le` in the mapping",
}


def unpacked(path: Path) -> BinaryIO:
    """The bytes of a table, which may be packed by gzip. Raises OSError, and while it is read EOFError too."""
    with path.open("rb") as file:
        head = file.read(2)
    return gzip.open(path, "rb") if head == _PACKED else path.open("rb")  # type: ignore[return-value]


def _are_values(names: tuple[str, ...]) -> bool:
    """Whether a first line is a row: it has a day or a broken number, or mostly numbers that are no years."""
    if any(_VALUE.match(name) for name in names):
        return True
    numbers = [name for name in names if name.isdecimal() and not ("1900" <= name <= "2100" and len(name) == 4)]
    return 2 * len(numbers) > len([name for name in names if name])


class Row(NamedTuple):
    """One row: its line, and its cells; or why it cannot be read, and the cells as far as they go."""

    line: int
    cells: list[str]
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Delimited:
    """A table: how it is written, and the names of its columns."""

    path: Path
    name: str
    encoding: str = "utf-8"
    delimiter: str = ","
    header: tuple[str, ...] = ()

    def opened(self) -> Delimited:
        """The table with its columns. Raises UnreadableRecord where there is no line with their names."""
        try:
            with unpacked(self.path) as file:
                head = file.read(len(_TRANSPORT))
        except (OSError, EOFError, zlib.error):
            raise self.refused("the table cannot be read") from None
        if head == _TRANSPORT:
            raise self.refused("this is a SAS transport file and no text", "save it as CSV")
        for mark, encoding in _MARKS.items():
            if head.startswith(mark) and not self.encoding.lower().startswith("utf-16"):
                help = f"say `encoding: {encoding}` in the mapping" if encoding else "save it as CSV"
                raise self.refused("this is no text in the encoding that is declared", help)
        first = next(self._rows(None), None)
        if first is None:
            raise self.refused("the file is empty; a table begins with the names of its columns")
        if first.wrong:
            help = _REMEDIES.get(first.wrong, "")
            raise self.refused(f"the line with the names of the columns cannot be read: {first.wrong}", help)
        names = tuple(" ".join(name.split()) for name in first.cells)
        if _are_values(names):
            # INVARIANT: names of columns are shown in messages; what stands here may be somebody's.
            help = "write the names of the columns above the rows"
            raise self.refused("the first line holds numbers or days where names of columns stand", help)
        twice = sorted({name for name in names if name and names.count(name) > 1})
        if twice:
            raise self.refused(f"two columns are named `{twice[0]}`")
        return replace(self, header=names)

    def refused(self, message: str, help: str = "") -> UnreadableRecord:
        return UnreadableRecord(Diagnostic(Span(self.name, 1, 1), message, UnreadableRecord, help=help))

    def position(self, column: str) -> int | None:
        """Where a column stands; None if there is none of that name."""
        return self.header.index(column) if column in self.header else None

    def meant(self, column: str) -> str:
        """What to do about a column that is not there."""
        if len(self.header) == 1:
            found = next((mark for mark in DELIMITERS if mark in self.header[0]), "")
            if found:
                return f"the columns seem to be divided by `{found}`; say `delimiter:` in the mapping"
        close = near(column, self.header, 0.6)
        return f"did you mean `{close}`" if close else "its columns are " + ", ".join(self.header[:20])

    def rows(self) -> Iterator[Row]:
        """The rows below the header; lines without anything in them are none."""
        rows = self._rows(len(self.header))
        next(rows, None)
        for row in rows:
            if row.wrong or any(cell.strip() for cell in row.cells):
                yield row

    def _rows(self, width: int | None) -> Iterator[Row]:
        encoding = "utf-8-sig" if self.encoding.lower() in ("utf-8", "utf8") else self.encoding
        # What is not in the encoding comes in as lone surrogates, and rejects its row alone.
        with (
            unpacked(self.path) as data,
            io.TextIOWrapper(data, encoding=encoding, errors="surrogateescape", newline="") as file,
        ):
            yield from _Reading(file, self.delimiter, width).rows()


class _Reading:
    """Lines of a file on their way to rows; those of a broken row but its first are read again."""

    def __init__(self, file: TextIO, delimiter: str, width: int | None) -> None:
        self.file, self.delimiter, self.width = file, delimiter, width
        self.again: deque[str] = deque()
        self.taken: list[str] = []
        self.letters = 0
        self.line = 1

    def lines(self) -> Iterator[str]:
        """The lines of one row, as many as it asks for."""
        while len(self.taken) < MOST_LINES and self.letters < LONGEST_ROW:
            line = self.again.popleft() if self.again else self.file.readline(LONGEST_ROW)
            if not line:
                return
            self.taken.append(line)
            self.letters += len(line)
            yield line

    def rows(self) -> Iterator[Row]:
        csv.field_size_limit(LONGEST_ROW)
        while True:
            self.taken, self.letters = [], 0
            wrong, cells = "", None
            try:
                cells = next(csv.reader(self.lines(), delimiter=self.delimiter, strict=True), None)
            except (OSError, EOFError, zlib.error):
                yield Row(self.line, [], "the table cannot be read from here on; it may be cut off")
                return
            except (csv.Error, UnicodeError):
                wrong = "a quote is open, or stands where none can stand"
            if not self.taken:
                if wrong:
                    # ENGINE: a decoder of UTF-16 reads nothing beyond what it cannot read.
                    yield Row(self.line, [], "from here on the table is not in the encoding that is declared")
                return
            first, many = self.line, len(self.taken)
            if cells is not None and not wrong:
                wrong = self.odd(cells)
            plain = self.unquoted() if wrong else None
            if plain is not None:
                self.again.extendleft(reversed(self.taken[1:]))
                cells, wrong, many = plain, "", 1
            if wrong and many > 1:
                self.again.extendleft(reversed(self.taken[1:]))
                many = 1
                wrong = wrong if cells is None else f"{wrong}, and it goes over several lines"
            self.line += many
            if wrong or cells:
                yield Row(first, cells or [], wrong)

    def unquoted(self) -> list[str] | None:
        """The cells of a line between tabs, where a quote is a letter as any other, as vocabularies write it."""
        cells = self.taken[0].rstrip("\r\n").split("\t")
        fits = self.delimiter == "\t" and self.width == len(cells)
        return cells if fits and not self.odd(cells) else None

    def odd(self, cells: list[str]) -> str:
        """What is wrong with the cells of a row that could be read; "" if nothing is."""
        if self.width is not None and cells and len(cells) != self.width:
            return f"the row has {len(cells)} cells, the table {self.width} columns"
        text = "".join(cells)
        if "\x00" in text:
            return _EMPTY_LETTER
        if not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text):
            return ENCODED
        return ""
