"""The funnel of one run, or of several of the same rules: counted once, and shown in whatever form is
asked for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from screening.errors import UnreadableRecord
from screening.output import desk as memory
from screening.output import lists
from screening.output import rows as written_rows
from screening.output.folder import write_private, write_private_bytes
from screening.output.named import named
from screening.output.table import table
from screening.reports import attrition, breakdown, cell, funnel, grouping
from screening.reports.attrition import EVERYBODY, Attrition
from screening.reports.cell import Cells
from screening.reports.flow import flow
from screening.reports.line import Line
from screening.reports.words import safe

BY = (grouping.SITE, grouping.SEX, grouping.AGE)
FIGURES = (".svg", ".png", ".html")


@dataclass(frozen=True, slots=True)
class Asked:
    """A funnel as it was asked for."""

    folders: Sequence[Path]
    dispositions: Sequence[Path] = ()
    suppress: int = 0
    by: Sequence[str] = ()
    bands: Sequence[int] = grouping.BANDS


@dataclass(frozen=True, slots=True)
class Funnel:
    """The counts of a funnel with the cells as they are printed."""

    manifest: Mapping[str, Any]
    whole: Attrition
    broken: Mapping[str, Mapping[str, Attrition]]
    cells: Cells
    limit: int

    def lines(self, everything: bool) -> list[Line]:
        """The funnel on a screen; a breakdown where one is asked for."""
        if self.broken:
            return breakdown.told(self.whole, self.broken, self.manifest, self.cells, self.limit)
        return funnel.told(self.whole, self.manifest, self.cells, self.limit, everything)

    def table(self) -> str:
        """The funnel, or a breakdown, as CSV."""
        if self.broken:
            return table(breakdown.CSV_COLUMNS, breakdown.table(self.broken, self.manifest, self.cells))
        return table(funnel.CSV_COLUMNS, funnel.table(self.whole, self.manifest, self.cells))

    def figure(self, form: str) -> bytes:
        """The flow of participants and the attrition as a figure: `svg` or `png`."""
        from screening.reports import figures

        made = flow(self.whole, self.manifest, self.cells)
        return figures.drawn(made, self.whole, self.manifest, self.cells, self.limit, form)

    def page(self) -> str:
        """The funnel as one self-contained HTML page with its figure."""
        from screening.reports import figures, funnel_page
        from screening.reports.html import html

        made = flow(self.whole, self.manifest, self.cells)
        words = figures.said(made, self.manifest)
        return html(
            funnel_page.page(
                self.whole, self.broken, self.manifest, self.cells, self.limit, self.figure("png"), words
            )
        )


def counted(asked: Asked) -> Funnel:
    """Counts the people of the runs.

    Raises UnreadableRecord where a folder is no run, or not of the same rules.
    """
    manifests = [written_rows.read_manifest(folder) for folder in asked.folders]
    _refuse_mixed(manifests, asked.folders)
    made = _together(manifests)
    given = [named(asked.folders, path, lists.dispositions(path)).dispositions for path in asked.dispositions]
    whole = Attrition()
    broken: dict[str, dict[str, Attrition]] = {by: {} for by in asked.by}
    for folder, manifest in zip(asked.folders, manifests, strict=True):
        desk = memory.read(folder)
        memory.merge(desk, given)
        rows = written_rows.frame(folder, attrition.columns(manifest))
        with written_rows.reading():
            one = attrition.counted(rows, manifest, desk.words())[EVERYBODY]
            _refuse_incomplete(one, manifest)
            whole.add(one)
            for by in asked.by:
                group = grouping.expression(by, _site(manifest), asked.bands)
                for name, found in attrition.counted(rows, manifest, desk.words(), group).items():
                    broken[by].setdefault(name, Attrition()).add(found)
    ordered = {
        by: {name: groups[name] for name in grouping.ordered(by, list(groups), asked.bands)}
        for by, groups in broken.items()
    }
    cells = (
        cell.of_groups(whole, ordered, made, asked.suppress)
        if ordered
        else cell.cells(whole, made, asked.suppress)
    )
    return Funnel(made, whole, ordered, cells, asked.suppress)


def _site(manifest: Mapping[str, Any]) -> str:
    return safe(manifest["site"]["name"]) if manifest["site"] else grouping.NOT_RECORDED


def _refuse_mixed(manifests: Sequence[Mapping[str, Any]], folders: Sequence[Path]) -> None:
    """Counts of different rules do not add up, and people of one run are not counted twice."""
    first = manifests[0]
    for folder, other in zip(folders[1:], manifests[1:], strict=True):
        if (
            other["protocol"]["digest"] != first["protocol"]["digest"]
            or other["parameters"] != first["parameters"]
        ):
            raise UnreadableRecord(
                f"`{safe(str(folder))}` was screened with other rules or parameters; "
                "its counts do not add up with the others"
            )
    sources = [tuple(each["sha256"] for each in manifest["source"]["files"]) for manifest in manifests]
    if len(set(sources)) < len(sources):
        raise UnreadableRecord("two of the runs are of the same source; its people would be counted twice")


def _refuse_incomplete(found: Attrition, manifest: Mapping[str, Any]) -> None:
    if found.totals["assessed"] != manifest["counts"]["people"]:
        raise written_rows.broken()


def _together(manifests: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One manifest for the head of a page: of several runs the sites and days of all."""
    made = dict(manifests[0])
    if len(manifests) == 1:
        return made
    days = sorted({manifest["as_of"] for manifest in manifests})
    sites = list(dict.fromkeys(_site(manifest) for manifest in manifests))
    shown = ", ".join(sites) if len(sites) <= 3 else f"{len(sites)} sites"
    made["as_of"] = days[0] if len(days) == 1 else f"{days[0]} to {days[-1]}"
    made["site"] = {"name": shown}
    made["source"] = {**made["source"], "extracted": None}
    without: dict[str, tuple[str, ...]] = {}
    for manifest in manifests:
        without |= attrition.unmapped(manifest)
    made["unmapped_absolute_exclusions"] = without
    return made


def write_figure(made: Funnel, out: Path) -> None:
    """Writes the figure as its name says: .svg, .png, or the .html page around it.

    Raises UnreadableRecord otherwise.
    """
    match out.suffix.lower():
        case ".svg" | ".png" as suffix:
            write_private_bytes(out, made.figure(suffix[1:]))
        case ".html":
            write_private(out, made.page())
        case _:
            raise UnreadableRecord(
                f"a figure is written as {', '.join(FIGURES)}; give its file one of these endings"
            )
