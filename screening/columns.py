"""Everybody of a cohort that lies in tables, screened there; and by the law whoever columns do not say all of.

Nobody's row rests on columns alone unless columns say all that the protocol asks. Of the others a sample, and
everybody whom somebody is to look at, takes the whole path as well; where one of them differs, the columns are not
believed of anybody.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from screening.cohort import FILES, LOG, REJECTED, ROWS, Plan, worker
from screening.errors import DefectError
from screening.outcome.row import Row
from screening.output import wide
from screening.output.jobs import in_order
from screening.output.rows import DATA
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.reports import log

if TYPE_CHECKING:
    import polars

_BATCH = 32
MOST_LISTED = 20_000
PARQUET = "people.parquet"


class Query(Protocol):
    """What is asked of tables, by one of the interpreters of columns."""

    def write(self, rows: Path) -> None:
        """Puts the rows of everybody into a Parquet file, in the order of the source."""


class Disagreement(DefectError):
    """A row in columns is not that of the whole path."""


@dataclass(frozen=True, slots=True)
class Source:
    """A cohort in tables: its query, some of its people as subjects by their keys, and the records that are none."""

    query: Query
    people_of: Callable[[polars.Series], Iterable[tuple[Any, Subject]]]
    rejected: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Screened:
    """What was screened how: `people` in all, `odd` of them one by one, `held` against the whole path."""

    people: int
    odd: int
    held: int
    counts: Mapping[str, Any]


def screen_tables(
    source: Source, plan: Plan, folder: Path, work: Path, jobs: int, told: Callable[[int], None]
) -> Screened:
    """Screens everybody of tables and writes the files of their rows, all but the log, into a folder.

    `work` is a folder for what is in between. Raises Disagreement where the columns are not to be believed, and
    what the source raises.
    """
    criteria = tuple(criterion.id for criterion in plan.library.criteria)
    found, rows = work / "found.parquet", folder / PARQUET
    source.query.write(found)
    people = wide.number_of(found)
    sampled = plan.of_about(people)
    alone = wide.one_by_one(found, sampled.held_first, sampled.held_every, MOST_LISTED)
    in_columns = dict(wide.rows_of(found, alone.filter(~alone[wide.ODD])[wide.KEY], criteria))
    own = list(_alone(source, sampled, alone, jobs, told))
    _refuse_differing(own, in_columns)
    wide.completed(found, own, criteria, rows)
    wide.write_table(rows, criteria, folder / ROWS)
    wide.write_lines(rows, criteria, folder / DATA)
    return Screened(people, int(alone[wide.ODD].sum()), int(alone["held"].sum()), wide.counted(rows))


def _alone(
    source: Source, plan: Plan, alone: polars.DataFrame, jobs: int, told: Callable[[int], None]
) -> Iterator[tuple[Any, Row]]:
    """The rows of those who are screened one by one, with their keys."""
    # The worker holds whom the plan holds by number; whoever else is held is given a number that it holds.
    position = {key: at if held else -1 for key, at, held in alone.select(wide.KEY, wide.POSITION, "held").iter_rows()}
    keys: list[Any] = []

    def numbered() -> Iterator[tuple[int, Subject]]:
        for key, subject in source.people_of(alone[wide.KEY]):
            keys.append(key)
            told(len(keys))
            yield position[key], subject

    people = numbered()
    batches = iter(lambda: list(islice(people, _BATCH)), [])
    done = 0
    for made in in_order(batches, worker, (plan,), jobs):
        for row in made:
            yield keys[done], row
            done += 1
    if done != alone.height:
        raise DefectError("somebody of the tables was not found again; nothing was written")


def _refuse_differing(own: Iterable[tuple[Any, Row]], in_columns: Mapping[Any, Row]) -> None:
    for key, row in own:
        columns = in_columns.get(key)
        if columns is None or not row.is_screened:
            continue
        if columns != replace(row, evidence=()):
            pairs = zip(row.criteria, columns.criteria, strict=True)
            place = next((a[0] for a, b in pairs if a != b), "")
            raise Disagreement(f"columns and law differ{f' at {place}' if place else ''}")
