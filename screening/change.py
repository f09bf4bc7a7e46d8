"""A run held against an earlier one: who is new, gone or changed, and because of what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import UnreadableRecord
from screening.output import desk as memory
from screening.output import rows as written_rows
from screening.output.table import table
from screening.reports import attrition, cell, difference
from screening.reports.line import Line

if TYPE_CHECKING:
    import polars


@dataclass(frozen=True, slots=True)
class Compared:
    """Two runs, the earlier one second, and what differs."""

    made: Mapping[str, Any]
    earlier: Mapping[str, Any]
    rows: polars.LazyFrame
    found: difference.Difference
    shown: difference.Shown
    limit: int


def compared(now: Path, before: Path, limit: int) -> Compared:
    """What has changed since an earlier run. Raises UnreadableRecord where one is none, or of another protocol."""
    made, earlier = written_rows.read_manifest(now), written_rows.read_manifest(before)
    if made["protocol"]["name"] != earlier["protocol"]["name"]:
        raise UnreadableRecord("the runs are of two protocols; only runs of one protocol are compared")
    frames = [written_rows.frame(folder, attrition.columns(of)) for folder, of in ((now, made), (before, earlier))]
    with written_rows.reading():
        rows = difference.beside(frames[0], frames[1], made, earlier)
        found = difference.counted(rows, made, earlier)
    funnels = [_funnel(folder, of, limit) for folder, of in ((before, earlier), (now, made))] if limit else []
    return Compared(made, earlier, rows, found, difference.shown(found, limit, funnels), limit)


def _funnel(folder: Path, made: Mapping[str, Any], limit: int) -> cell.Published:
    """What somebody has who has the funnel of a run."""
    rows = written_rows.frame(folder, attrition.columns(made))
    with written_rows.reading():
        counts = attrition.counted(rows, made, memory.read(folder).words())[attrition.EVERYBODY]
    return cell.published(counts, made, limit)


def lines_of(compared: Compared) -> list[Line]:
    """The comparison on a screen."""
    return difference.told(compared.found, compared.made, compared.earlier, compared.shown, compared.limit)


def table_of(compared: Compared) -> str:
    """Everybody who is new, gone or changed, as CSV.

    Raises UnreadableRecord where small cells are to be hidden.
    """
    if compared.limit:
        raise UnreadableRecord(
            "a table with a row a person cannot leave the site; leave --suppress or --format csv out"
        )
    with written_rows.reading():
        rows = written_rows.other_than(compared.rows, "change", difference.SAME)
    return table(difference.CSV_COLUMNS, difference.table(rows, compared.found))
