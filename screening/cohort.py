"""Everybody of a source: each person one row, each record that is no person one rejected row, nobody lost.

Where two interpreters differ there is no verdict for that person, and unless everybody was held against the whole
path the run starts over and holds everybody.
"""

from __future__ import annotations

import datetime
import itertools
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, Any

import screening
from screening.errors import DefectError, RuleError, UnreadableRecord
from screening.everybody.plan import Disagreement, Failure, InColumns
from screening.everybody.plan import Plan as Plan
from screening.everybody.plan import Tally as Tally
from screening.everybody.worker import worker
from screening.interpreters import forward
from screening.language.library import Library
from screening.outcome.row import Row, cells, columns, not_screened, row_data
from screening.output import desk, wide
from screening.output.folder import (
    digests,
    expected,
    open_private,
    refuse_inside,
    refuse_lost,
    replacing,
    stamps,
    stamps_now,
)
from screening.output.jobs import in_order
from screening.output.lists import Disposition
from screening.output.pseudonym import Pseudonyms, identification
from screening.output.rescreened import Rescreened, rescreened
from screening.output.rows import DATA, LOG, MANIFEST, PARQUET, REJECTED, ROWS
from screening.output.table import line
from screening.record.people import Rejected
from screening.record.people import failures as failures
from screening.record.subject import Subject
from screening.reports import cohort as report
from screening.reports import log, manifest
from screening.reports.line import Line
from screening.sources import prepared
from screening.sources.database import absolute
from screening.sources.opening import outside
from screening.sources.prepared_folder import by_number
from screening.sources.site import SiteDeclaration

FILES = (ROWS, DATA, PARQUET, REJECTED, LOG, MANIFEST, desk.FILE)
_BATCH = 32


def refuse_retired(library: Library, retired: bool) -> None:
    """Raises RuleError where the rules are retired, unless they are asked for."""
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired screens against it all the same")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was asked for: the plan, the source and how it is read, and what a repetition needs to know.

    `in_columns` screens a source that lies in tables; where its columns are not to be believed, everybody is
    screened one by one.
    """

    plan: Plan
    source: Path | str
    people: Callable[[], Iterable[Subject | Rejected]]
    wanted: Mapping[str, Any]
    identification: Path
    jobs: int = 1
    in_columns: InColumns | None = None
    without_source: Sequence[Mapping[str, Any]] = ()
    """The absolute exclusions of which nothing is looked for in the source, each with its requirements."""


def written(run: Run, out: Path, told: Callable[[int, int | None], None]) -> dict[str, Any]:
    """Screens everybody and writes the folder, whole or not at all; the manifest that stands in it.

    Raises what the source raises, UnreadableRecord where `out` holds anything else, OSError where the disk does.
    """
    plan, started = run.plan, _now()
    refuse_inside(run.source, out)
    refuse_lost(run.identification, run.source, out)
    # The list is opened first, and stands beside the folder.
    out.parent.mkdir(parents=True, exist_ok=True)
    with (
        identification(run.identification) as pseudonyms,
        replacing(out, FILES) as folder,
        by_number(folder),
    ):
        desk.carry(out, folder)
        named = Path(run.wanted["map"]) if run.wanted.get("map") else None
        also = outside(run.source, named)
        before, files = stamps(run.source, also), digests(run.source, also=also)
        mapping = digests(named)[0] if named is not None else None
        source = {"path": absolute(run.source), "files": files, "map": mapping}
        made = manifest.manifest(plan.library, plan.as_of, source, _site(plan.site), run.wanted, _versions())
        made["unmapped_absolute_exclusions"] = list(run.without_source)
        made["run"] = {"started": started, "jobs": run.jobs}
        decided, before_it = desk.read(out).decided, rescreened(out, plan.library.name)
        tally = _in_columns(run, folder, made, told, pseudonyms, before_it, decided)
        if tally is None:

            def logged(row: Row) -> list[str]:
                pseudonym = pseudonyms.of(row.id)
                earlier = before_it.of(pseudonym, log.screening_id(pseudonym, made))
                return log.cells(row, made, pseudonym, decided.get(row.id, ()), earlier)

            place = Place(folder, log.COLUMNS, logged)
            total = _recorded(run.source) or expected(files)
            is_doubted = "disagreed" in made["run"].get("columns", ())
            sampled = replace(plan, held_every=1) if is_doubted else plan.of_about(total)
            tally = screen_everybody(run.people, sampled, place, run.jobs, lambda read: told(read, total))
            wide.write_parquet(folder / DATA, _criteria(plan), folder / PARQUET)
        made["source"]["extracted"] = tally.latest_extract.isoformat() if tally.latest_extract else None
        after = stamps_now(run.source, also)
        if not set(before) <= set(after):
            # Rows of files that are gone or others now are not those of the digests in the manifest.
            name = Path(run.source).name
            raise UnreadableRecord(f"`{name}` was changed while it was read; nothing was written, run this again")
        made["source"]["changed"] = after != before
        made["counts"] = tally.data()
        made["run"]["finished"] = _now()
        with open_private(folder / MANIFEST) as file:
            file.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
        pseudonyms.keep()
    return made


def _in_columns(
    run: Run,
    folder: Path,
    made: dict[str, Any],
    told: Callable[[int, int | None], None],
    pseudonyms: Pseudonyms,
    before_it: Rescreened,
    decided: Mapping[str, Sequence[Disposition]],
) -> Tally | None:
    """Screens everybody where the tables are, and writes the log; None if that is not asked, or not believed."""
    if run.in_columns is None:
        return None
    try:
        tally, made["run"]["columns"] = run.in_columns(run.plan, folder, run.jobs, told)
    except Disagreement as wrong:
        made["run"]["columns"] = {"disagreed": wrong.diagnostics[0].message}
        return None
    except Failure as failure:
        # As after a disagreement: an interpreter that failed at some people is not believed of the others.
        made["run"]["columns"] = {"failed": failure.diagnostics[0].message}
        return None
    said = dict(zip(log.COLUMNS, log.cells(not_screened(""), made, ""), strict=True))
    texts = {each["id"]: each["text"] for each in made["criteria"]}
    decisions = {id: log.of_decisions(every) for id, every in decided.items() if every}
    with tempfile.TemporaryDirectory(prefix=".named-", dir=folder) as work:
        named, earlier = Path(work) / "named.parquet", Path(work) / "earlier.parquet"
        pseudonyms.beside(folder / PARQUET, named)
        before_it.beside(named, made["as_of"], earlier, pseudonyms.database)
        wide.write_log(folder / PARQUET, named, earlier, said, texts, decisions, folder / LOG)
    return tally


def _recorded(source: Path | str) -> int | None:
    """How many records a prepared cohort was made of; None of any other source, which does not say."""
    if not prepared.is_prepared(Path(source)):
        return None
    return int(prepared.read_prepared(Path(source))["counts"]["read"])


def _criteria(plan: Plan) -> tuple[str, ...]:
    return tuple(criterion.id for criterion in plan.library.criteria)


def summary(made: Mapping[str, Any], place: str) -> list[Line]:
    """What a run found, in counts."""
    return report.summary(made, place)


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _versions() -> dict[str, str]:
    engine = forward.engine_version() if forward.available() else "the law alone"
    return {"screening": screening.__version__, "engine": engine}


def _site(site: SiteDeclaration | None) -> dict[str, Any] | None:
    if site is None:
        return None
    return {"name": site.site, "date": site.date.isoformat(), "digest": site.digest, "signed_by": site.signed_by}


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows go; `log` makes the log row of a person."""

    folder: Path
    log_columns: tuple[str, ...]
    log: Callable[[Row], list[str]]


def screen_everybody(
    people: Callable[[], Iterable[Subject | Rejected]],
    plan: Plan,
    place: Place,
    jobs: int,
    told: Callable[[int], None],
) -> Tally:
    """Screens everybody of a source and writes the rows into a folder; the same source, the same bytes.

    `people` begins the source anew. `told` is called with the number of records read so far. Raises what the
    source raises. The rows are in the order of the source, whatever the number of jobs.
    """
    tally = _run(people(), plan, place, jobs, told)
    if tally.not_screened and tally.held < tally.people:
        # A fast interpreter that was wrong once in a sample may be wrong of those who are not in it.
        tally = _run(people(), replace(plan, held_every=1), place, jobs, told)
    if tally.read != tally.people + tally.rejected.total():
        raise DefectError("the counts do not add up: a record was lost; nothing was written")
    return tally


def _run(
    people: Iterable[Subject | Rejected], plan: Plan, place: Place, jobs: int, told: Callable[[int], None]
) -> Tally:
    criteria = tuple(criterion.id for criterion in plan.library.criteria)
    tally = Tally()
    with (
        open_private(place.folder / ROWS) as rows,
        open_private(place.folder / DATA) as data,
        open_private(place.folder / REJECTED) as rejected,
        open_private(place.folder / LOG) as log,
    ):
        rows.write(line(columns(criteria)))
        rejected.write(line(("place", "kind", "reason", "id")))
        log.write(line(place.log_columns))
        subjects = _subjects(people, tally, rejected, told)
        batches = iter(lambda: list(itertools.islice(subjects, _BATCH)), [])
        for made in in_order(batches, worker, (plan,), jobs):
            for row, is_held in made:
                tally.held += is_held
                _count(tally, row)
                rows.write(line(cells(row, criteria)))
                data.write(json.dumps(row_data(row), ensure_ascii=False, separators=(",", ":")) + "\n")
                log.write(line(place.log(row)))
    return tally


def _subjects(
    people: Iterable[Subject | Rejected], tally: Tally, rejected: IO[str], told: Callable[[int], None]
) -> Iterator[tuple[int, Subject]]:
    """The people of a source, numbered; each record that is none goes to the rejected ones."""
    number = 0
    for each in people:
        tally.read += 1
        told(tally.read)
        if isinstance(each, Rejected):
            tally.rejected[each.kind] += 1
            rejected.write(line((each.place, each.kind, each.reason, each.id)))
            continue
        tally.synthetic += each.synthetic
        if each.extracted is not None:
            tally.latest_extract = max(filter(None, (tally.latest_extract, each.extracted)))
        yield number, each
        number += 1


def _count(tally: Tally, row: Row) -> None:
    tally.standing[row.standing] += 1
    tally.verdict[row.verdict] += 1
    tally.alerts += bool(row.alerts)
    if not row.is_screened:
        tally.not_screened.append((row.id, row.place))
