"""Lists that people keep of people: whom not to contact, and what was decided of whom; read from CSV or Excel.

Ids are taken as they are written, without spaces around them; `named` says whom they mean. A line that cannot be
used is an error at its place and stops everything: a person on a list of people not to contact is never contacted
because of a slip.
"""

from __future__ import annotations

import datetime
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.output.filled import Filled, fault, lines, wrong
from screening.output.workbook import shown

ID_COLUMNS = ("pseudonym", "id", "subject", "subject_id", "person_id")
DECISIONS = ("contacted", "declined", "consented", "enrolled", "other")
_DECISION_COLUMNS = ("disposition", "disposition_date", "disposition_by", "note")
# Above the heading of a worklist stand lines that say what it is.
_MOST_ABOVE = 10
_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})\Z", re.ASCII)
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Disposition:
    """What was decided of one person: contacted, declined, consented, enrolled, or left for another reason.

    `date` is a day as 2026-11-22, "" where none was written.
    """

    word: str
    date: str = ""
    by: str = ""
    note: str = ""

    def __str__(self) -> str:
        return " ".join(part for part in (self.word, self.date, self.by, self.note) if part)


@dataclass(frozen=True, slots=True)
class Said:
    """What a table says was decided of a person: in which line, and whether the id there is the text that it was.

    Of an id that is not, a spreadsheet may have made another one: 42 of 0042.
    """

    disposition: Disposition
    line: int
    is_kept: bool = False


def do_not_contact(path: Path) -> dict[str, int]:
    """The ids of a list with their lines: one a line, or the column `pseudonym` or `id` of a table.

    `#` before a space begins a remark. Raises UnreadableRecord for a list that names nobody, below a heading too.
    """
    rows = [row for row in lines(path) if any(row.cells) and not _is_remark(row.cells)]
    column, above = _heading(rows, ())
    if not rows[above:]:
        raise UnreadableRecord(Diagnostic(Span(str(path)), "the list is empty", UnreadableRecord, help=_EMPTY))
    if column is None and any(len([cell for cell in row.cells if cell]) > 1 for row in rows):
        help = f"name it {' or '.join(ID_COLUMNS[:2])}"
        raise wrong(path, rows[0].number, "no column says whose line it is", help)
    rows = rows[above:]
    short = [row.number for row in rows if len(row.cells) <= (column or 0) or not row.cells[column or 0]]
    if short:
        raise UnreadableRecord(*(fault(path, number, "the line names nobody") for number in short))
    return {row.cells[column or 0]: row.number for row in rows}


_EMPTY = "leave the option out where there is nobody on it; a file that lost its lines must not read as nobody"


def _is_remark(cells: Sequence[str]) -> bool:
    """Whether a line is no line of the list; `#12` is an id, whatever else begins so."""
    return cells[0].startswith("# ") or (cells[0] == "#" and not any(cells[1:]))


def _heading(rows: Sequence[Filled], needed: tuple[str, ...]) -> tuple[int | None, int]:
    """In which column the ids are, and how many rows end with the heading; None and 0 where there is no
    heading.
    """
    for above, row in enumerate(rows[:_MOST_ABOVE], 1):
        names = [cell.lower() for cell in row.cells]
        column = next((names.index(name) for name in ID_COLUMNS if name in names), None)
        if column is not None and all(name in names for name in needed):
            return column, above
    return None, 0


def dispositions(path: Path) -> dict[str, Said]:
    """Dispositions by id as it is written, out of a table such as a filled-in worklist; people without one are
    left out.
    """
    rows = lines(path)
    id, above = _heading(rows, ("disposition",))
    if id is None:
        help = "its columns are pseudonym, disposition, disposition_date, disposition_by, note"
        raise wrong(path, rows[0].number if rows else 0, "this is no table of dispositions", help)
    heading = [cell.lower() for cell in rows[above - 1].cells]
    places = [heading.index(name) if name in heading else -1 for name in _DECISION_COLUMNS]
    found: dict[str, Said] = {}
    faults = []
    # Of two lines of one id one may be somebody else's, also where nothing is written into it.
    lines_of = Counter(row.cells[id] for row in rows[above:] if len(row.cells) > id)
    for number, cells, kept in rows[above:]:
        # As a list shows them: what is read back is what was given before.
        texts = [shown(" ".join(cells[at].split())) if 0 <= at < len(cells) else "" for at in places]
        word, day = texts[0].lower().removesuffix(" on"), _day(texts[1])
        if not any(texts):
            continue
        if len(cells) <= id or not cells[id]:
            faults.append(fault(path, number, "the line names nobody"))
        elif word and word not in DECISIONS:
            faults.append(fault(path, number, f"a disposition is one of {', '.join(DECISIONS)}"))
        elif day is None:
            faults.append(fault(path, number, "the date is no day", "write it as 2026-11-23"))
        elif lines_of[cells[id]] > 1:
            faults.append(fault(path, number, "a person stands in the table twice"))
        else:
            found[cells[id]] = Said(Disposition(word, day, *texts[2:]), number, id in kept)
    if faults:
        raise UnreadableRecord(*faults)
    return found


def _day(text: str) -> str | None:
    """A day as ISO 8601 writes it, "" for none, None for what is no day; `11/12/2026` may be two days and
    is none.
    """
    if not text:
        return ""
    parts: tuple[str, ...] = ()
    if iso := _DAY.match(text.removesuffix(" 00:00:00")):
        parts = iso.groups()
    elif dotted := _DOTTED.match(text):
        parts = dotted.groups()[::-1]
    try:
        return datetime.date(*(int(part) for part in parts)).isoformat() if parts else None
    except ValueError:
        return None
