"""Lists that people keep of people: whom not to contact, and what was decided of whom; read from CSV.

Ids are compared as they are written, without spaces around them. A line that cannot be used is an error at its
place and stops everything: a person on a list of people not to contact is never contacted because of a slip.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.table import as_written

ID_COLUMNS = ("pseudonym", "id", "subject", "subject_id", "person_id")
DECISIONS = ("contacted", "declined", "consented", "enrolled")
_DECISION_COLUMNS = ("disposition", "disposition_date", "disposition_by", "note")
_DELIMITERS = (";", "\t", ",")


@dataclass(frozen=True, slots=True)
class Disposition:
    """What was decided of one person: contacted, declined, consented or enrolled; on which day, by whom."""

    word: str
    date: str = ""
    by: str = ""
    note: str = ""


def do_not_contact(path: Path) -> frozenset[str]:
    """The ids of a list: one a line, or the column `pseudonym` or `id` of a table; `#` begins a remark."""
    lines = [(n, cells) for n, cells in _lines(path) if any(cells) and not cells[0].startswith("#")]
    if not lines:
        raise UnreadableRecord(Diagnostic(Span(str(path)), "the list is empty", UnreadableRecord, help=_EMPTY))
    heading = [cell.lower() for cell in lines[0][1]]
    column = next((heading.index(name) for name in ID_COLUMNS if name in heading), None)
    if column is not None:
        lines = lines[1:]
    elif any(len(cells) > 1 for _, cells in lines):
        raise _wrong(
            path, lines[0][0], "no column says whose line it is", f"name it {' or '.join(ID_COLUMNS[:2])}"
        )
    short = [number for number, cells in lines if len(cells) <= (column or 0) or not cells[column or 0]]
    if short:
        raise UnreadableRecord(*(_fault(path, number, "the line names nobody") for number in short))
    return frozenset(cells[column or 0] for _, cells in lines)


_EMPTY = "leave the option out where there is nobody on it; a file that lost its lines must not read as nobody"


def dispositions(path: Path) -> dict[str, Disposition]:
    """Dispositions by id, out of a table such as a filled-in worklist; people without one are left out."""
    lines = _lines(path)
    heading = [cell.lower() for cell in lines[0][1]] if lines else []
    id = next((heading.index(name) for name in ID_COLUMNS if name in heading), None)
    if id is None or "disposition" not in heading:
        help = "its columns are pseudonym, disposition, disposition_date, disposition_by, note"
        raise _wrong(path, lines[0][0] if lines else 0, "this is no table of dispositions", help)
    places = [heading.index(name) if name in heading else -1 for name in _DECISION_COLUMNS]
    found: dict[str, Disposition] = {}
    faults = []
    for number, cells in lines[1:]:
        if not any(cells):
            continue
        texts = [cells[at] if 0 <= at < len(cells) else "" for at in places]
        word = texts[0].lower().removesuffix(" on")
        if not word and not any(texts[1:]):
            continue
        if len(cells) <= id or not cells[id]:
            faults.append(_fault(path, number, "the line names nobody"))
        elif word and word not in DECISIONS:
            faults.append(_fault(path, number, f"a disposition is one of {', '.join(DECISIONS)}"))
        elif cells[id] in found:
            faults.append(_fault(path, number, "a person stands in the table twice"))
        else:
            found[cells[id]] = Disposition(word, *texts[1:])
    if faults:
        raise UnreadableRecord(*faults)
    return found


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """The rows of a file with their lines; the delimiter is the one that its first line has."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise _wrong(path, 0, "the file is no UTF-8 text", "save it as CSV UTF-8") from None
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    delimiter = max(_DELIMITERS, key=first.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    found = []
    try:
        for cells in reader:
            found.append((reader.line_num, [as_written(cell.strip()) for cell in cells]))
    except csv.Error:
        raise _wrong(
            path, reader.line_num, "the line is no CSV: a quotation mark is open or out of place"
        ) from None
    return found


def _fault(path: Path, line: int, message: str, help: str = "") -> Diagnostic:
    return Diagnostic(Span(str(path), line, 1), message, UnreadableRecord, help=help)


def _wrong(path: Path, line: int, message: str, help: str = "") -> UnreadableRecord:
    return UnreadableRecord(_fault(path, line, message, help))
