"""Questions to a cohort out of the rows of a run: what to collect, near misses, whom time lets in. The Python API.

What could settle a verdict is counted, never which way it would go. The rows are read, nobody is screened anew;
for how far a number lies from its limit the source of the run is asked, where it is still what it was.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import UnreadableRecord
from screening.everybody.gathered import FEW, Everybody, Origin
from screening.language.bars import Comparison, comparisons, inputs
from screening.language.library import Library
from screening.language.node import Parameter
from screening.outcome.collecting import MOST_ITEMS, Collected, alone, best
from screening.outcome.near_miss import Beyond, NearMisses
from screening.output import rows as written_rows
from screening.output.folder import digests, write_private
from screening.output.table import table
from screening.reports import collecting, lacking

if TYPE_CHECKING:
    import polars

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
        now = digests(manifest["source"]["path"])
    except OSError:
        return False
    return [each["sha256"] for each in now] == [each["sha256"] for each in manifest["source"]["files"]]


# ------------------------------------------------------------------------------------ near misses


def _near(
    near: polars.DataFrame, library: Library, manifest: Mapping[str, Any], origin: Origin | None, least: int
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
    near: polars.DataFrame,
    library: Library,
    asked: Sequence[Comparison],
    day: datetime.date,
    origin: Origin,
    least: int,
) -> list[Beyond]:
    """The numbers that are against people whom one bar rules out."""
    barred = dict(near.select("id", "criterion").iter_rows())
    everybody = Everybody(origin, library, least)
    found: list[Beyond] = []

    def note(id: str, number: int, beyond: Decimal | None) -> None:
        each = asked[number]
        if beyond is not None and barred.get(id) == each.criterion:
            found.append(Beyond(id, each.criterion, each.name, _limit(each, library), each.unit, beyond))

    if everybody.tables is not None:
        from screening.interpreters.cohort_margin import margins

        made = margins(everybody.library, everybody.tables, day, asked)
        told = made.join(near.select("id"), on="id", how="semi", maintain_order="left")
        for row in told.iter_rows(named=True):
            for name, beyond in row.items():
                if name != "id" and beyond is not None:
                    note(row["id"], int(name), Decimal(repr(round(beyond, 8))))
        return found
    from screening.guidance.margins import Margins

    law = Margins(everybody.library, asked)
    for subject in everybody.people():
        if subject.id in barred:
            for number, beyond in enumerate(law.of(subject, day)):
                note(subject.id, number, beyond)
    return found


def _limit(each: Comparison, library: Library) -> str:
    """A limit as the rule file writes it; a parameter with its value."""
    if not isinstance(each.limit, Parameter):
        return each.written
    values = {parameter.name: parameter.written for parameter in library.parameters}
    return f"{values.get(each.limit.name, '')} ({each.limit.name})"


def write(made: Questions, items: Path | None = None, near: Path | None = None) -> None:
    """Writes the tables that are asked for, each whole or not at all, for its owner alone."""
    if items is not None:
        write_private(items, made.table())
    if near is not None:
        write_private(near, made.near_misses())
