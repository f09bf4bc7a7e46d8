"""The worklist of a run: read from its rows, with what people wrote into earlier ones, and written as
CSV or Excel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.errors import UnreadableRecord
from screening.outcome.determination import Standing
from screening.outcome.row import Row
from screening.output import desk as memory
from screening.output import lists, workbook
from screening.output import rows as written_rows
from screening.output.desk import Desk
from screening.output.folder import write_private, write_private_bytes
from screening.output.named import named, refuse_shortened
from screening.output.table import BYTE_ORDER_MARK, table
from screening.reports import attrition, worklist
from screening.reports.cohort import headed
from screening.reports.line import Line
from screening.reports.manifest import settings_that_differ

_COLUMNS = ("id", "standing", "verdict", "missing_items", "alerts", "anchor_evidence", "not_before")


@dataclass(frozen=True, slots=True)
class Asked:
    """A worklist as it was asked for."""

    folder: Path
    out: Path
    since: Path | None = None
    blocked: Path | None = None
    replace_list: bool = False
    decided: Sequence[Path] = ()
    delimiter: str = ","


def write(asked: Asked) -> list[Line]:
    """Writes the worklist of a run, keeps what it was given in the folder of the run, and says what is on it.

    Raises UnreadableRecord where the folder, a list or what the folder remembers cannot be read.
    """
    made = written_rows.read_manifest(asked.folder)
    desk = memory.read(asked.folder)
    differ, before = _before(asked, made, desk)
    still = _block(asked, desk)
    files = [named([asked.folder], path, lists.dispositions(path)) for path in asked.decided]
    taken = [pair for each in files for pair in each.taken]
    merged = memory.merge(desk, (each.dispositions for each in files))
    present = written_rows.present(asked.folder, desk.blocked | desk.decided.keys())
    known = worklist.Known(before, frozenset(desk.blocked), desk.decided, present)
    found = worklist.worklist(_listed(asked.folder, made), made, known)
    desk.listed, desk.before = found.showed, before
    about = worklist.About(str(asked.out), bool(desk.blocked), merged.new, merged.conflicts, differ, still, taken)
    lines = worklist.told(found, made, about, before is not None)
    # The memory first: a list that was written without it would forget what it was given.
    memory.keep(asked.folder, desk)
    if asked.out.suffix.lower() == ".xlsx":
        write_private_bytes(asked.out, _workbook(found, made, lines))
    else:
        write_private(asked.out, BYTE_ORDER_MARK + table(worklist.COLUMNS, found.rows, asked.delimiter))
    return lines


def _before(asked: Asked, made: dict[str, Any], desk: Desk) -> tuple[list[str], dict[str, str] | None]:
    """In what the run before differs, and what it listed: of a folder that is named, or as this one
    remembers it.
    """
    if asked.since is not None:
        earlier = written_rows.read_manifest(asked.since)
        memory.inherit(desk, memory.read(asked.since))
        listed = {row.id: worklist.state(row) for row in _listed(asked.since, earlier)}
        return settings_that_differ(made, earlier), listed
    return [], desk.before


def _block(asked: Asked, desk: Desk) -> int:
    """Takes in a list of whom not to contact; how many of earlier lists are not on it and stay blocked."""
    if asked.blocked is None:
        if asked.replace_list:
            raise UnreadableRecord("--replace-list needs the list that is to replace the earlier ones")
        return 0
    given = lists.do_not_contact(asked.blocked)
    refuse_shortened(asked.folder, asked.blocked, given)
    if asked.replace_list:
        desk.blocked = set(given)
        return 0
    still = len(desk.blocked - given.keys())
    desk.blocked |= given.keys()
    return still


def _listed(folder: Path, made: dict[str, Any]) -> Iterator[Row]:
    """The rows of the people who are NOT RULED OUT, in the order of the source."""
    ids = attrition.ids(made)
    for each in written_rows.of_standing(folder, [*_COLUMNS, *ids], Standing.NOT_RULED_OUT.value):
        yield Row(
            id=each["id"],
            standing=each["standing"],
            verdict=each["verdict"],
            criteria=tuple((id, each[id]) for id in ids),
            missing=_several(each["missing_items"]),
            alerts=_several(each["alerts"]),
            evidence=_several(each["anchor_evidence"]),
            not_before=each["not_before"],
        )


def _several(cell: str) -> tuple[str, ...]:
    return tuple(cell.split("|")) if cell else ()


def _workbook(found: worklist.Worklist, made: dict[str, Any], lines: list[Line]) -> bytes:
    """The worklist, what is to be obtained, and what the list is, on a sheet each."""
    if not workbook.fits(len(found.rows)):
        raise UnreadableRecord("a sheet of Excel holds fewer rows than this worklist has; write it as .csv")
    head = tuple(line.text for line in headed(made))
    title = " ".join(head[0].split())
    foot = f"{title}  {' '.join(head[1].split())}"
    alert = worklist.COLUMNS.index("alert")
    list_sheet = workbook.Sheet(
        "Worklist",
        (*head[:2], "NOT RULED OUT, to look at; this never means eligible. The yellow columns are yours."),
        worklist.COLUMNS,
        found.rows,
        worklist.DAYS,
        {"disposition": lists.DECISIONS},
        worklist.OWN,
        {number for number, row in enumerate(found.rows) if row[alert]},
        foot,
    )
    items = workbook.Sheet(
        "To obtain",
        (*head[:2], "People on the list who lack each item, by how it is obtained"),
        worklist.ITEM_COLUMNS,
        worklist.items(found, made),
        numbers=("people",),
        footer=foot,
    )
    about = workbook.Sheet(
        "About", head[:2], ("about",), [[line.text] for line in lines[len(head) :] if line.text], footer=foot
    )
    return workbook.workbook([list_sheet, items, about], title)
