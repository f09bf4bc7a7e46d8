"""Everybody of a cohort that lies in tables, screened there; and by the law whoever columns do not say all of.

Nobody's row rests on columns alone unless columns say all that the protocol asks. Of the others a sample, and
everybody whom somebody is to look at, is screened one by one as well, up to a bound; where one of them differs,
the columns are not believed of anybody. Nor are they where an interpreter of them fails at some of the people.
"""

from __future__ import annotations

import datetime
import secrets
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from screening.errors import DefectError, UnsupportedError
from screening.everybody.plan import ALL_HELD, Disagreement, Failure, InColumns, Plan, Tally, foreseen
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
from screening.record.tables import Tables
from screening.sources import prepared
from screening.sources.database import place_of
from screening.sources.in_place import in_place, people_in_place
from screening.sources.mapped import known_tables
from screening.sources.mapping import read_mapping
from screening.sources.opening import data_of
from screening.sources.site import SiteDeclaration, adapted
from screening.sources.typed import Typed

if TYPE_CHECKING:
    import polars

    from screening.sources.files import Beside

_BATCH = 32
_MOST_TOLD = 4
MOST_LISTED = 20_000
# So few people are screened one by one before a query over hundreds of tables is even planned, unless so many
# entries are recorded of them that reading these takes longer, and not everybody is held one by one anyway.
FEW, MANY_ENTRIES = 10_000, 1_000_000
AUTO, POLARS = "auto", "polars"
MEMORY = 2**30
# What the program, its rules and rows being written take beside people in columns, and the least for both.
TAKEN, LEAST_MEMORY = 320 << 20, 448 << 20


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
    columns are not to be believed, Failure where what nobody foresaw happened, and what the source raises.
    """
    with foreseen():
        return _screened(cohort, plan, folder, jobs, told)


def _screened(
    cohort: Cohort, plan: Plan, folder: Path, jobs: int, told: Callable[[int, int | None], None]
) -> tuple[Tally, dict[str, Any]]:
    criteria = tuple(criterion.id for criterion in plan.library.criteria)
    # Inside of the folder that is being made: what a killed run leaves there the next one removes.
    with tempfile.TemporaryDirectory(prefix=".query-", dir=folder) as work:
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
    what = "columns and law differ" if row.is_screened else "somebody screened one by one got no verdict"
    raise Disagreement(f"{what}{f' at {place}' if place else ''}")


# ------------------------------------------------------------------------------------- queries


class InPolars:
    """A library over tables on this machine, so many people at a time that the process takes about so many bytes.

    Fewer than `LEAST_MEMORY` cannot be held.
    """

    engine = POLARS

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, memory: int = MEMORY) -> None:
        from screening.interpreters import cohort

        self.query, self.memory = cohort.compile(library, tables, as_of), memory
        self.found: Mapping[str, int] = {}

    def write(self, rows: Path) -> None:
        self.found = self.query.write(rows, max(LEAST_MEMORY, self.memory) - TAKEN)

    def oddities(self) -> Mapping[str, int]:
        return self.found


class InWarehouse:
    """A library over tables by a database: DuckDB, PostgreSQL, Apache Spark. It is reached at once.

    PostgreSQL reads no Parquet files: they are copied into a schema of their own, which is dropped afterwards.
    Raises ConnectionRefused where the database cannot be reached or does not do what it is asked to.
    """

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, address: str) -> None:
        from screening.interpreters import warehouse
        from screening.interpreters.warehouse_connection import connect

        self.library, self.tables, self.as_of = library, tables, as_of
        self.connection, self.reasons = connect(address), Counter[str]()
        self.engine = self.connection.address
        try:
            warehouse.compile(library, tables, as_of, self.connection)
        except BaseException:
            self.connection.close()
            raise

    def write(self, rows: Path) -> None:
        from screening.interpreters.warehouse_connection import failing

        with closing(self.connection), failing(self.connection), self._loaded() as tables:
            self._write(tables, rows)
        wide.in_order(rows, Path(self.tables.people), self.tables.key)
        self.reasons = _reasons(rows)

    def _write(self, tables: Tables, rows: Path) -> None:
        from screening.interpreters import warehouse

        query = warehouse.compile(self.library, tables, self.as_of, self.connection)
        self.connection.write(query.rows_with_reasons(), rows)

    @contextmanager
    def _loaded(self) -> Iterator[Tables]:
        """The tables where the database reads them, as long as it does."""
        from screening.interpreters import warehouse_load

        if self.connection.engine != "postgres":
            yield self.tables
            return
        schema = f"screening_{secrets.token_hex(8)}"
        try:
            yield warehouse_load.load(self.tables, self.connection, schema)
        finally:
            warehouse_load.unload(self.connection, schema)

    def oddities(self) -> Mapping[str, int]:
        return self.reasons


def _reasons(rows: Path) -> Counter[str]:
    """Of how many people each reason holds, out of the rows of a warehouse."""
    import polars as pl

    from screening.interpreters.warehouse import REASON

    found = pl.scan_parquet(rows).select(pl.col(f"^{REASON}.*$").sum()).collect(engine="streaming")
    return Counter({name.removeprefix(REASON): int(found[name][0]) for name in found.columns})


def _query(library: Library, tables: Tables, as_of: datetime.date, engine: str, memory: int) -> Query:
    if engine in (AUTO, POLARS):
        return InPolars(library, tables, as_of, memory)
    return InWarehouse(library, tables, as_of, engine)


def of_prepared(
    folder: Path,
    library: Library,
    site: SiteDeclaration | None,
    as_of: datetime.date,
    engine: str = POLARS,
    memory: int = MEMORY,
) -> Cohort:
    """A prepared cohort, by Polars or at the address of a database. Raises UnsupportedError for a protocol that
    columns do not speak, and ConnectionRefused for a database that cannot be reached."""
    own = adapted(library, site)
    tables = prepared.tables_of(folder, library, site)
    manifest = prepared.read_prepared(folder)
    extracted = manifest.get("extracted")

    def people_of(people: polars.DataFrame) -> Iterator[Subject]:
        for _, subject in prepared.some_of_prepared(folder, library, site, people[wide.KEY].to_list()):
            yield subject

    return Cohort(
        _query(own, tables, as_of, engine, memory),
        people_of,
        tuple(prepared.rejected_of(folder)),
        datetime.date.fromisoformat(extracted) if extracted else None,
        int(manifest["counts"].get("synthetic", 0)),
    )


def of_mapped(
    source: Path,
    mapping: Path,
    library: Library,
    site: SiteDeclaration | None,
    as_of: datetime.date,
    least: int = 0,
    engine: str = POLARS,
    memory: int = MEMORY,
    beside: Beside | None = None,
) -> Cohort | None:
    """Tables with a mapping where they lie, by Polars; None where they have no types, or hold fewer people.

    Raises UnsupportedError with the reasons where they are not plain enough for that, and for a protocol that
    columns do not speak; UnreadableRecord and RuleError as `people_of` does.
    """
    own, meant = adapted(library, site), read_mapping(data_of(mapping), mapping.as_posix())
    (people, *others) = known_tables(source, meant)
    if not all(isinstance(known.file, Typed) for known in (people, *others)):
        return None
    assert isinstance(people.file, Typed)
    number = wide.number_of(people.file.path)
    if number < least:
        return None
    found = in_place(source, meant, own, site, beside)
    if found.tables is None:
        told, more = found.reasons[:_MOST_TOLD], len(found.reasons) - _MOST_TOLD
        reasons = "; ".join((*told, *([f"and {more} more"] if more > 0 else [])))
        raise UnsupportedError(f"the tables cannot be screened where they lie: {reasons}")

    def people_of(people: polars.DataFrame) -> Iterator[Subject]:
        for one in people_in_place(source, meant, own, site, people[wide.KEY].to_list()):
            if isinstance(one, Rejected):
                raise Disagreement(f"a record of tables that are plain was rejected: {one.kind}")
            yield one

    query = _query(own, found.tables, as_of, engine, memory)
    return Cohort(query, people_of, (), meant.extracted, number if meant.synthetic else 0)


def _is_for_columns(manifest: Mapping[str, Any]) -> bool:
    """Whether a prepared cohort is screened sooner in columns than one by one."""
    people = int(manifest["counts"]["people"])
    entries = sum(int(each["entries"]) for each in manifest["requirements"])
    return people >= FEW or (people > ALL_HELD and entries >= MANY_ENTRIES)


def screener(
    engine: str,
    source: Path | str,
    plan: Plan,
    mapping: Path | None = None,
    memory: int = MEMORY,
    beside: Beside | None = None,
) -> InColumns | None:
    """How a source is screened where its tables are; None where `auto` finds that it lies in none, or few people.

    `engine` is `auto`, `polars` or the address of a database; in a mapping the names that `beside` gives are no
    slips. Raises UnsupportedError for a protocol that columns
    do not speak, and where tables were asked for and there are none; ConnectionRefused for the database;
    UnreadableRecord and RuleError as `people_of` does. Where columns fail, what is returned raises Failure.
    """
    try:
        with foreseen():
            cohort = _cohort(engine, source, plan, mapping, memory, beside)
    except Failure as failure:
        return _failing(failure)
    if cohort is None:
        return None
    return lambda whole, folder, jobs, told: screen_tables(cohort, whole, folder, jobs, told)


def _failing(failure: Failure) -> InColumns:
    def raised(*_: object) -> tuple[Tally, dict[str, Any]]:
        raise failure

    return raised


def _cohort(
    engine: str, source: Path | str, plan: Plan, mapping: Path | None, memory: int, beside: Beside | None
) -> Cohort | None:
    path, least = Path(source), FEW if engine == AUTO else 0
    cohort = None
    if prepared.is_prepared(path):
        if engine != AUTO or _is_for_columns(prepared.read_prepared(path)):
            cohort = of_prepared(path, plan.library, plan.site, plan.as_of, engine, memory)
    elif mapping is not None and place_of(str(source)) is None:
        cohort = of_mapped(path, mapping, plan.library, plan.site, plan.as_of, least, engine, memory, beside)
    if cohort is None and engine != AUTO:
        raise UnsupportedError(f"`{path.name}` is no prepared cohort; `screening prepare` makes one of it")
    return cohort


__all__ = [
    "Cohort",
    "Disagreement",
    "InPolars",
    "InWarehouse",
    "Query",
    "of_mapped",
    "of_prepared",
    "screen_tables",
]
