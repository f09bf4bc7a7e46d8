"""Questions to a cohort out of the rows of a run: what to collect, near misses, whom time lets in. The Python API.

What could settle a verdict is counted, never which way it would go. The rows are read, nobody is screened anew;
for how far a number lies from its limit the source of the run is asked, where it is still what it was.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from screening.errors import UnreadableRecord, UnsupportedError
from screening.everybody.gathered import FEW, Everybody, Origin
from screening.interpreters.reference import Law
from screening.language.bars import Comparison, comparisons, inputs, name_of
from screening.language.expression import Expression
from screening.language.library import Library
from screening.language.node import Parameter
from screening.language.text import spell
from screening.outcome.collecting import MOST_ITEMS, Collected, alone, best
from screening.outcome.determination import determine
from screening.outcome.margin import margins
from screening.outcome.near_miss import Missed, NearMisses
from screening.output import rows as written_rows
from screening.output.folder import told_again, write_private
from screening.output.table import table
from screening.record.subject import Subject
from screening.record.tables import Tables
from screening.reports import collecting, lacking

if TYPE_CHECKING:
    from screening.reports.line import Line

__all__ = ["Origin", "Questions", "questions"]


@dataclass(frozen=True, slots=True)
class Questions:
    """What is asked of a cohort: items one by one, the best few together, near misses, and months."""

    manifest: Mapping[str, Any]
    people: int
    open_people: int
    items: Sequence[Collected]
    sets: Sequence[Collected]
    near: Sequence[NearMisses]
    months: Mapping[str, int]

    def lines(self, everything: bool = False) -> list[Line]:
        """The questions on a screen."""
        return collecting.told(
            self.manifest, self.people, self.open_people, self.items, self.sets, self.near, self.months, everything
        )

    def table(self) -> str:
        """What collecting items could settle, as CSV."""
        return table(collecting.ITEM_COLUMNS, collecting.item_rows(self.items, self.sets))

    def near_misses(self) -> str:
        """Everybody whom exactly one bar rules out, as CSV; nearest to a limit first."""
        return table(collecting.NEAR_COLUMNS, collecting.near_rows(self.near, self.manifest))


def questions(
    folder: Path, library: Library, origin: Origin | None = None, most: int = MOST_ITEMS, least: int = FEW
) -> Questions:
    """The questions to the cohort of a run; `library` is the one that it was screened with.

    With `origin`, the source of the run, near misses say how far their numbers lie from the limits, in columns
    where it holds `least` people. Raises
    UnreadableRecord where the folder is no run, or one of other rules.
    """
    manifest = written_rows.read_manifest(folder)
    if manifest["protocol"]["digest"] != library.digest:
        raise UnreadableRecord(
            f"`{folder.name}` was screened with other rules than these; run `screening cohort` again"
        )
    with written_rows.reading():
        rows = written_rows.frame(folder, lacking.columns(manifest)).collect(engine="streaming")
    if rows.height != manifest["counts"]["people"]:
        raise written_rows.broken()
    groups = lacking.lacking(rows, manifest, inputs(library))
    return Questions(
        manifest,
        rows.height,
        lacking.open_people(rows),
        alone(groups),
        best(groups, most),
        _near(lacking.one_bar(rows), library, manifest, origin, least),
        lacking.by_month(rows),
    )


def is_unchanged(manifest: Mapping[str, Any]) -> bool:
    """Whether the source of a run is still where it was, and what it was."""
    try:
        now = told_again(manifest["source"]["path"], manifest["source"]["files"])
    except OSError:
        return False
    return [each["sha256"] for each in now] == [each["sha256"] for each in manifest["source"]["files"]]


# ------------------------------------------------------------------------------------ near misses


def _near(
    near: pl.DataFrame, library: Library, manifest: Mapping[str, Any], origin: Origin | None, least: int
) -> list[NearMisses]:
    counts = lacking.by_criterion(near, [criterion.id for criterion in library.criteria])
    asked = [each for c in library.criteria if c.id in counts for each in comparisons(library, c)]
    day = datetime.date.fromisoformat(manifest["as_of"])
    numbers = _numbers(near, library, asked, day, origin, least) if origin is not None and asked else []
    ids = {id: near.filter(near["criterion"] == id)["id"].to_list() for id in counts}
    return [
        NearMisses(id, number, tuple(ids[id]), tuple(b for b in numbers if b.criterion == id))
        for id, number in counts.items()
    ]


def _numbers(
    near: pl.DataFrame,
    library: Library,
    asked: Sequence[Comparison],
    day: datetime.date,
    origin: Origin,
    least: int,
) -> list[Missed]:
    """The numbers that are against people whom one bar rules out."""
    barred = dict(near.select("id", "criterion").iter_rows())
    everybody = Everybody(origin, library, least)
    if everybody.tables is None:
        return by_law(everybody.library, everybody.people(), barred, day)
    found, left = in_columns(everybody.library, everybody.tables, barred, day, asked)
    return [*found, *by_law(everybody.library, everybody.some(left), barred, day)]


def by_law(
    library: Library, people: Iterable[Subject], barred: Mapping[str, str], day: datetime.date
) -> list[Missed]:
    """The numbers on the wrong side of their limits behind the one bar of each person, as `screening near` has
    them. `barred` names that bar by the person's id.
    """
    law = Law(library)
    found: list[Missed] = []
    for subject in people:
        if subject.id not in barred:
            continue
        trace = law.trace(subject, day)
        steps = {step.place: step for step in trace.steps if not step.row}
        for m in margins(library, steps, determine(library, trace)):
            if m.criterion == barred[subject.id] and not m.is_favourable:
                found.append(_missed(subject.id, m.criterion, m.value_node, m.limit_node, m.distance, library))
    return list(dict.fromkeys(found))


def in_columns(
    library: Library, tables: Tables, barred: Mapping[str, str], day: datetime.date, asked: Sequence[Comparison]
) -> tuple[list[Missed], list[Any]]:
    """The same in columns, and the keys of those of whom the law has to be asked."""
    from screening.interpreters import cohort_margin

    try:
        made = cohort_margin.margins(library, tables, day, asked)
    except UnsupportedError:
        keys = pl.scan_parquet(tables.people).filter(pl.col(tables.id).is_in(list(barred))).select(tables.key)
        return [], keys.collect()[tables.key].to_list()
    unspoken = {each.criterion for number, each in enumerate(asked) if str(number) not in made.columns}
    found, left = [], []
    for row in made.filter(pl.col("id").is_in(list(barred))).iter_rows(named=True):
        if row[cohort_margin.ODD] or barred[row["id"]] in unspoken:
            left.append(row[cohort_margin.SUBJECT])
            continue
        for number, each in enumerate(asked):
            distance = row[str(number)] if each.criterion == barred[row["id"]] else None
            if distance is not None:
                exact = Decimal(repr(round(distance, 8)))
                found.append(_missed(row["id"], each.criterion, each.value, each.limit, exact, library))
    return list(dict.fromkeys(found)), left


def _missed(
    id: str, criterion: str, value: Expression, limit: Expression, distance: Decimal, library: Library
) -> Missed:
    return Missed(id, criterion, name_of(value), _limit(limit, library), value.type.unit, distance)


def _limit(limit: Expression, library: Library) -> str:
    """A limit as the rule file writes it; a parameter with its value."""
    if not isinstance(limit, Parameter):
        return spell(limit)
    values = {parameter.name: parameter.written for parameter in library.parameters}
    return f"{values.get(limit.name, '')} ({limit.name})"


def write(made: Questions, items: Path | None = None, near: Path | None = None) -> None:
    """Writes the tables that are asked for, each whole or not at all, for its owner alone."""
    if items is not None:
        write_private(items, made.table())
    if near is not None:
        write_private(near, made.near_misses())
