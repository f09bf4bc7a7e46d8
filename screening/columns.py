"""Everybody of a cohort that lies in tables, screened there; and by the law whoever columns do not say all of.

Nobody's row rests on columns alone unless columns say all that the protocol asks. Of the others a sample, and
everybody whom somebody is to look at, is screened one by one as well, up to a bound; where one of them differs,
the columns are not believed of anybody.
"""

from __future__ import annotations

import datetime
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from screening.errors import DefectError, UnsupportedError
from screening.everybody.plan import Disagreement, InColumns, Plan, Tally
from screening.everybody.worker import worker
from screening.language.library import Library
from screening.outcome.row import Row
from screening.output import wide
from screening.output.folder import open_private
from screening.output.jobs import in_order
from screening.output.rows import DATA, PARQUET, REJECTED, ROWS
from screening.output.table import line
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.record.tables import SUBJECT, Entries, Tables
from screening.sources import prepared
from screening.sources.site import SiteDeclaration, adapted

if TYPE_CHECKING:
    import polars

_BATCH = 32
MOST_LISTED = 20_000
AUTO, POLARS = "auto", "polars"
MEMORY = 2**30


class Query(Protocol):
    """What is asked of tables, by one of the interpreters of columns."""

    engine: str

    def write(self, rows: Path) -> None:
        """Puts the rows of everybody into a Parquet file, in the order of the source."""

    def oddities(self) -> Mapping[str, int]:
        """Of how many people columns do not say everything, by reason."""


@dataclass(frozen=True, slots=True)
class Cohort:
    """A cohort in tables: its query, some of its people as subjects, and the records that are none.

    `people_of` gives the subjects of a frame of people (`subject`, `id`), in its order.
    """

    query: Query
    people_of: Callable[[polars.DataFrame], Iterable[Subject]]
    rejected: tuple[Rejected, ...] = ()
    extracted: datetime.date | None = None
    synthetic: int = 0


def screen_tables(
    cohort: Cohort, plan: Plan, folder: Path, jobs: int, told: Callable[[int, int | None], None]
) -> tuple[Tally, dict[str, Any]]:
    """Screens everybody of tables and writes the files of their rows, all but the log, into a folder.

    What became of the records, and how many were screened one by one and why. Raises Disagreement where the
    columns are not to be believed, and what the source raises.
    """
    criteria = tuple(criterion.id for criterion in plan.library.criteria)
    with tempfile.TemporaryDirectory(prefix="query-", dir=folder.parent) as work:
        found, rows = Path(work) / "found.parquet", folder / PARQUET
        cohort.query.write(found)
        people = wide.number_of(found)
        sampled = plan.of_about(people)
        alone = wide.one_by_one(found, sampled.held_first, sampled.held_every, MOST_LISTED)
        in_columns = dict(wide.rows_of(found, alone.filter(~alone[wide.ODD])[wide.KEY], criteria))
        tally = Tally(people + len(cohort.rejected), latest_extract=cohort.extracted, synthetic=cohort.synthetic)
        own = []
        for key, row, is_held in _one_by_one(cohort, sampled, alone, jobs, told):
            own.append((key, row))
            tally.held += is_held
            _refuse_differing(row, in_columns.get(key))
        wide.completed(found, own, criteria, rows)
    wide.write_table(rows, criteria, folder / ROWS)
    wide.write_lines(rows, criteria, folder / DATA)
    with open_private(folder / REJECTED) as file:
        file.write(line(("place", "kind", "reason", "id")))
        for each in cohort.rejected:
            tally.rejected[each.kind] += 1
            file.write(line((each.place, each.kind, each.reason, each.id)))
    counts = wide.counted(rows)
    tally.standing.update(counts["standing"])
    tally.verdict.update(counts["verdict"])
    tally.alerts, tally.not_screened = counts["people_with_alerts"], counts["not_screened"]
    if tally.people != people:
        raise DefectError("the counts do not add up: a record was lost; nothing was written")
    odd = int(alone[wide.ODD].sum())
    return tally, {
        "engine": cohort.query.engine,
        "people": people,
        "one_by_one": odd,
        "why": dict(cohort.query.oddities()) if odd else {},
        "held": alone.height - odd,
    }


def _one_by_one(
    cohort: Cohort, plan: Plan, alone: polars.DataFrame, jobs: int, told: Callable[[int, int | None], None]
) -> Iterator[tuple[Any, Row, bool]]:
    """The rows of those who are screened one by one, with their keys, and whether the whole path was taken."""

    def numbered() -> Iterator[tuple[int, Subject]]:
        numbers = alone[wide.POSITION].to_list()
        yield from zip(numbers, cohort.people_of(alone), strict=True)

    people, keys, done = numbered(), alone[wide.KEY].to_list(), 0
    batches = iter(lambda: list(islice(people, _BATCH)), [])
    for made in in_order(batches, worker, (plan,), jobs):
        for row, is_held in made:
            yield keys[done], row, is_held
            done += 1
            told(done, alone.height)
    if done != alone.height:
        raise DefectError("somebody of the tables was not found again; nothing was written")


def _refuse_differing(row: Row, columns: Row | None) -> None:
    """Raises Disagreement where a row in columns is another, or no row holds; None: columns do not say it."""
    if row.is_screened and (columns is None or columns == replace(row, evidence=())):
        return
    pairs = zip(row.criteria, columns.criteria if columns is not None else (), strict=False)
    place = row.place or next((a[0] for a, b in pairs if a != b), "")
    raise Disagreement(f"columns and law differ{f' at {place}' if place else ''}")


# ------------------------------------------------------------------------------------- queries


class InPolars:
    """A library over tables on this machine, so many people at a time that about so many bytes are used."""

    engine = POLARS

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, memory: int = MEMORY) -> None:
        from screening.interpreters import cohort

        self.query, self.memory = cohort.compile(library, tables, as_of), memory
        self.found: Mapping[str, int] = {}

    def write(self, rows: Path) -> None:
        self.found = self.query.write(rows, self.memory)

    def oddities(self) -> Mapping[str, int]:
        return self.found


def of_prepared(
    folder: Path, library: Library, site: SiteDeclaration | None, as_of: datetime.date, memory: int = MEMORY
) -> Cohort:
    """A prepared cohort, by Polars. Raises UnsupportedError for a protocol that columns do not speak."""
    own = adapted(library, site)
    tables = prepared.tables_of(folder, library, site)
    manifest = prepared.read_prepared(folder)
    extracted = manifest.get("extracted")

    def people_of(people: polars.DataFrame) -> Iterator[Subject]:
        for _, subject in prepared.some_of_prepared(folder, library, site, people[wide.KEY].to_list()):
            yield subject

    return Cohort(
        InPolars(own, tables, as_of, memory),
        people_of,
        tuple(prepared.rejected_of(folder)),
        datetime.date.fromisoformat(extracted) if extracted else None,
        int(manifest["counts"].get("synthetic", 0)),
    )


def subset(tables: Tables, source: Path, wanted: polars.Series, into: Path) -> Path:
    """The rows of some people out of tables in place, in files of the same names; where they now are.

    The people's table keeps its order.
    """
    import polars as pl

    keys = {tables.people: tables.key}
    entries = [held for held in tables.requirements.values() if isinstance(held, Entries)]
    keys |= {held.table: held.columns[SUBJECT] for held in entries}
    base = source if source.is_dir() else source.parent
    for path, key in keys.items():
        made = into / Path(path).relative_to(base)
        made.parent.mkdir(parents=True, exist_ok=True)
        pl.scan_parquet(path).filter(pl.col(key).is_in(wanted.implode())).sink_parquet(made)
    return into if source.is_dir() else into / source.name


def screener(
    engine: str, source: Path, plan: Plan, mapping: Path | None = None, memory: int = MEMORY
) -> InColumns | None:
    """How a source is screened where its tables are; None where `auto` finds that it lies in none.

    Raises UnsupportedError for a protocol that columns do not speak, and where tables were asked for and there are
    none; UnreadableRecord and RuleError as `people_of` does.
    """
    if prepared.is_prepared(source):
        cohort = of_prepared(source, plan.library, plan.site, plan.as_of, memory)
    elif engine == AUTO:
        return None
    else:
        raise UnsupportedError(f"`{source.name}` is no prepared cohort; `screening prepare` makes one of it")
    return lambda whole, folder, jobs, told: screen_tables(cohort, whole, folder, jobs, told)


__all__ = ["Cohort", "Disagreement", "InPolars", "Query", "of_prepared", "screen_tables", "subset"]
