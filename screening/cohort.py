"""Everybody of a source: each person one row, each record that is no person one rejected row, nobody lost.

Two interpreters screen everybody, the law and the compiled one. Of people who are held (everybody in a small
cohort, a sample of a large one) the whole path is taken as well: forward chaining, the law, the verifier. Where
they differ there is no verdict for that person, and where they differ in a sample the run starts over and holds
everybody.
"""

from __future__ import annotations

import datetime
import itertools
import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any, Protocol, TypeAlias

import screening
from screening.errors import DefectError, RuleError, UnreadableRecord
from screening.interpreters import compiled as compiled_interpreter
from screening.interpreters import forward
from screening.interpreters.compiled import Compiled
from screening.interpreters.sparse import Sparse, lists_of
from screening.language.library import Library
from screening.outcome.determination import Determination, Finding, determine, standing_of, verdict_of
from screening.outcome.row import Row, cells, columns, not_screened, row_data, row_of
from screening.outcome.trace import Trace
from screening.output.folder import digests, expected, open_private, replacing, stamps
from screening.output.jobs import in_order
from screening.output.pseudonym import Pseudonyms
from screening.output.rows import DATA, MANIFEST
from screening.output.table import line
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.reports import cohort as report
from screening.reports import log, manifest
from screening.reports.line import Line
from screening.sources.database import absolute
from screening.sources.site import SiteDeclaration

ROWS, REJECTED, LOG = "people.csv", "rejected.csv", "screening-log.csv"
FILES = (ROWS, DATA, REJECTED, LOG, MANIFEST)
# Everybody of a source of so many is held against the whole path; of a larger one every 1,000th, and 200 at least.
ALL_HELD, HELD_EVERY, LEAST_HELD = 2000, 1000, 200
_BATCH = 32
_MOST_NAMED = 20


class Screened(Protocol):
    """One person by the whole path, as `screen.screen` returns it."""

    @property
    def subject(self) -> Subject: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def determination(self) -> Determination: ...


WholePath: TypeAlias = Callable[[Library, Subject, datetime.date, SiteDeclaration | None, bool], Screened]
Numbered: TypeAlias = list[tuple[int, Subject]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What everybody is screened against: rules, day, site; `whole_path` is how one person is held."""

    library: Library
    as_of: datetime.date
    whole_path: WholePath
    site: SiteDeclaration | None = None
    retired: bool = False
    held_first: int = ALL_HELD
    held_every: int = HELD_EVERY

    def is_held(self, number: int) -> bool:
        """Whether the so many-th person of the source, from 0, is held."""
        return number < self.held_first or number % self.held_every == 0

    def of_about(self, total: int | None) -> Plan:
        """The same plan for a source of about so many people; None where its size is not known beforehand."""
        if total is None or total <= ALL_HELD:
            return replace(self, held_first=ALL_HELD, held_every=HELD_EVERY)
        return replace(self, held_first=0, held_every=max(1, min(HELD_EVERY, total // LEAST_HELD)))


@dataclass(slots=True)
class Tally:
    """What became of the records of a source. INVARIANT: read = rejected + people, people = rows."""

    read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)
    verdict: Counter[str] = field(default_factory=Counter)
    alerts: int = 0
    held: int = 0
    not_screened: list[tuple[str, str]] = field(default_factory=list)
    latest_extract: datetime.date | None = None
    synthetic: int = 0

    @property
    def people(self) -> int:
        return self.verdict.total()

    def data(self) -> dict[str, Any]:
        """The counts as data."""
        return {
            "read": self.read,
            "rejected": self.rejected.total(),
            "rejected_by_kind": dict(sorted(self.rejected.items())),
            "people": self.people,
            "screened": self.people - len(self.not_screened),
            "not_screened": len(self.not_screened),
            "not_screened_named": [
                {"id": id, "place": place} for id, place in sorted(self.not_screened)[:_MOST_NAMED]
            ],
            "standing": dict(sorted(self.standing.items())),
            "verdict": dict(sorted(self.verdict.items())),
            "people_with_alerts": self.alerts,
            "held_against_the_whole_path": self.held,
        }


def fast(library: Library, as_of: datetime.date) -> Callable[[Subject], Row]:
    """One person without a certificate: what everybody is screened by.

    The trace is the law's, its silent parts made once, and the compiled interpreter says the same by itself. Where
    the two differ there is no verdict.
    """
    sparse, compiled = Sparse(library, as_of), Compiled(library, as_of)
    silent: dict[tuple[Any, ...], dict[str, Finding]] = {}

    def row(subject: Subject) -> Row:
        trace, blank = sparse.trace(subject)
        known = silent.setdefault(lists_of(subject), {})
        made = determine(library, trace, {id: known[id] for id in blank if id in known})
        known.update({f.id: f for f in made.findings if f.id in blank and f.id not in known})
        place = _differing(compiled.verdict(subject, as_of), made)
        return not_screened(subject.id, place) if place else row_of(library, subject.as_of(as_of), trace, made)

    return row


def _differing(compiled: compiled_interpreter.Screened, made: Determination) -> str:
    """The first criterion, root or alert of which the compiled interpreter says something else, "" if none."""
    for finding in made.findings:
        if compiled.criteria[finding.id] is not finding.truth:
            return finding.id
    roots = ("eligible", "favourable", "review", "arranged")
    if differing := [root for root in roots if getattr(compiled, root) is not getattr(made, root)]:
        return differing[0]
    verdict = verdict_of(compiled.eligible, compiled.favourable, compiled.review, compiled.arranged)
    if standing_of(verdict, list(compiled.anchors)) is not made.standing:
        return "standing"
    return "" if compiled.alerts == tuple(alert.criterion for alert in made.alerts) else "alerts"


def worker(plan: Plan) -> Callable[[Numbered], list[Row]]:
    """Screens a batch of people; one of whom the interpreters differ gets a row without a verdict."""
    quick = fast(plan.library, plan.as_of)
    return lambda batch: [_row(plan, quick, number, subject) for number, subject in batch]


def _row(plan: Plan, quick: Callable[[Subject], Row], number: int, subject: Subject) -> Row:
    found = quick(subject)
    if not plan.is_held(number) or not found.is_screened:
        return found
    try:
        held = plan.whole_path(plan.library, subject, plan.as_of, plan.site, plan.retired)
    except DefectError as fault:
        return not_screened(subject.id, getattr(fault, "place", ""))
    expected = row_of(plan.library, held.subject, held.trace, held.determination)
    if expected == found:
        return found
    pairs = zip(expected.criteria, found.criteria, strict=False)
    return not_screened(subject.id, next((a[0] for a, b in pairs if a != b), "verdict"))


def refuse_retired(library: Library, retired: bool) -> None:
    """Raises RuleError where the rules are retired, unless they are asked for."""
    if library.status == "retired" and not retired:
        raise RuleError(f"`{library.name}` is retired; --retired screens against it all the same")


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it was asked for: the plan, the source and how it is read, and what a repetition needs to know."""

    plan: Plan
    source: Path | str
    people: Callable[[], Iterable[Subject | Rejected]]
    wanted: Mapping[str, Any]
    identification: Path
    jobs: int = 1
    without_source: Sequence[Mapping[str, Any]] = ()
    """The absolute exclusions of which nothing is looked for in the source, each with its requirements."""


def written(run: Run, out: Path, told: Callable[[int, int | None], None]) -> dict[str, Any]:
    """Screens everybody and writes the folder, whole or not at all; the manifest that stands in it.

    Raises what the source raises, UnreadableRecord where `out` holds anything else, OSError where the disk does.
    """
    plan, started = run.plan, _now()
    _refuse_inside(run.source, out)
    pseudonyms = Pseudonyms(run.identification)
    with replacing(out, FILES) as folder:
        before, files = stamps(run.source), digests(run.source)
        mapping = digests(Path(run.wanted["map"]))[0] if run.wanted.get("map") else None
        source = {"path": absolute(run.source), "files": files, "map": mapping}
        made = manifest.manifest(plan.library, plan.as_of, source, _site(plan.site), run.wanted, _versions())
        made["unmapped_absolute_exclusions"] = list(run.without_source)
        made["run"] = {"started": started, "jobs": run.jobs}
        place = Place(folder, log.COLUMNS, lambda row: log.cells(row, made, pseudonyms.of(row.id)))
        total = expected(files)
        sampled = plan.of_about(total)
        tally = screen_everybody(run.people, sampled, place, run.jobs, lambda read: told(read, total))
        made["source"]["extracted"] = tally.latest_extract.isoformat() if tally.latest_extract else None
        made["source"]["changed"] = stamps(run.source) != before
        made["counts"] = tally.data()
        made["run"]["finished"] = _now()
        with open_private(folder / MANIFEST) as file:
            file.write(json.dumps(made, ensure_ascii=False, indent=1) + "\n")
        pseudonyms.keep()
    return made


def _refuse_inside(source: Path | str, out: Path) -> None:
    """Raises UnreadableRecord where the rows would be written into the source, to be read as records."""
    if Path(source).is_dir() and Path(os.path.abspath(out)).is_relative_to(os.path.abspath(source)):
        raise UnreadableRecord(f"`{out.name}` lies inside the source; name a folder outside of it")


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
            for row in made:
                tally.held += plan.is_held(tally.people)
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
