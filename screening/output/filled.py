"""Tables that people keep and fill in, as Excel workbooks or as CSV: their rows as texts, each with its line.

Nothing in a workbook is run: of a formula only the value that it was saved with is read, and a cell without one is
empty. A day of a workbook is read as `2026-11-22`.
"""

from __future__ import annotations

import codecs
import csv
import datetime
import warnings
import zipfile
from pathlib import Path
from typing import Any, NamedTuple

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.table import as_written

_DELIMITERS = (";", "\t", ",")
# A workbook that unpacks to more is no list of people; it is refused before it is read.
_MOST_BYTES = 512 * 1024 * 1024


class Filled(NamedTuple):
    """A row of a file: its number, its cells without spaces around them, as they were before `neutral`, and which
    of them a spreadsheet kept as the text that they are. Of any other it may have made a number or a day: 42 of
    0042.
    """

    number: int
    cells: list[str]
    kept: frozenset[int] = frozenset()


def lines(path: Path) -> list[Filled]:
    """The rows of a file.

    Raises UnreadableRecord where the file is no workbook, no UTF-8 text or no CSV.
    """
    try:
        with open(path, "rb") as file:
            is_workbook = file.read(4) == b"PK\x03\x04"
    except FileNotFoundError:
        raise wrong(path, 0, "there is no such file") from None
    except OSError:
        raise wrong(path, 0, "the file cannot be read", "name a file that you may read") from None
    return _workbook(path) if is_workbook else _delimited(path)


def _delimited(path: Path) -> list[Filled]:
    """The rows of a CSV file; the delimiter is the one that its first line has."""
    data = path.read_bytes()
    try:
        text = data.removeprefix(codecs.BOM_UTF8).decode()
    except UnicodeDecodeError as broken:
        line = data[: broken.start].count(b"\n") + 1
        raise wrong(path, line, "the file is no UTF-8 text", "save it as CSV UTF-8, or as .xlsx") from None
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    found = []
    try:
        for cells in reader:
            found.append(Filled(reader.line_num, [as_written(cell.strip()) for cell in cells]))
    except csv.Error:
        message = "the line is no CSV: a quotation mark is open or out of place"
        raise wrong(path, reader.line_num, message) from None
    return found


def _workbook(path: Path) -> list[Filled]:
    """The rows of the first sheet of a workbook."""
    import openpyxl  # type: ignore[import-untyped]
    from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

    try:
        with zipfile.ZipFile(path) as whole:
            if sum(each.file_size for each in whole.infolist()) > _MOST_BYTES:
                raise wrong(path, 0, "the workbook is larger than any worklist")
        with warnings.catch_warnings(), open(path, "rb") as file:
            # ENGINE: openpyxl warns of parts of a workbook that it leaves alone, such as lists of choices.
            warnings.simplefilter("ignore")
            book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = [
                Filled(
                    number,
                    [_text(cell) for cell in row],
                    frozenset(column for column, cell in enumerate(row) if isinstance(cell, str)),
                )
                for number, row in enumerate(sheet.iter_rows(values_only=True), 1)
            ]
            book.close()
    except UnreadableRecord:
        raise
    except (InvalidFileException, zipfile.BadZipFile, KeyError, IndexError, ValueError, SyntaxError, OSError):
        raise wrong(path, 0, "the file is no workbook that can be read", "save it as .xlsx or CSV UTF-8") from None
    return rows


def _text(cell: Any) -> str:
    match cell:
        case None:
            return ""
        case datetime.datetime() if cell.time() == datetime.time():
            return cell.date().isoformat()
        case datetime.date():
            return cell.isoformat()
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer():
            return str(int(cell))
    return as_written(str(cell).strip())


def fault(path: Path, line: int, message: str, help: str = "") -> Diagnostic:
    """One thing wrong with a line of a file."""
    return Diagnostic(Span(str(path), line, 1), message, UnreadableRecord, help=help)


def wrong(path: Path, line: int, message: str, help: str = "") -> UnreadableRecord:
    """A file that cannot be used at all."""
    return UnreadableRecord(fault(path, line, message, help))
