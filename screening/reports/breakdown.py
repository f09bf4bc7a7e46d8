"""`screening funnel --by`: the same counts by site, sex or age band, each group beside everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from screening.reports.attrition import Attrition, barring, unmapped
from screening.reports.cell import TOTALS, Cells
from screening.reports.cohort import fixed_words, headed
from screening.reports.funnel import NO_SOURCE, hiding
from screening.reports.line import Line, paragraph
from screening.reports.words import columns, cut_to, safe

CSV_COLUMNS = ("by", "group", "part", "id", "text", "people")
_HEAD, _WIDTH = 24, 80
_LEAST = 14
_SHOWN = (
    ("people", "assessed"),
    ("RULED OUT", "ruled out"),
    ("  inclusion not met", "inclusion not met"),
    ("  exclusion present", "exclusion present"),
    ("not known to be barred", "not barred"),
    ("  NOT RULED OUT", "not ruled out"),
    ("  NO ANCHOR EVIDENCE", "no anchor"),
    ("  UNDETERMINED", "undetermined"),
    ("  REVIEW", "review"),
    ("  ELIGIBLE", "eligible"),
    ("  declined", "declined"),
    ("  other reason", "other"),
    ("NOT SCREENED", "not screened"),
)
Breakdowns = Mapping[str, Mapping[str, Attrition]]


def told(
    whole: Attrition, broken: Breakdowns, manifest: Mapping[str, Any], cells: Cells, limit: int
) -> list[Line]:
    """Every breakdown as a table of groups; wide ones are continued below."""
    lines = headed(manifest)
    without = unmapped(manifest)
    for by, groups in broken.items():
        names = list(groups)
        per_table = max(1, (_WIDTH - _HEAD - _LEAST) // _LEAST)
        for start in range(0, len(names), per_table):
            part = names[start : start + per_table]
            lines += [Line(""), _row(f"By {by}", [safe(name) for name in part] + ["everybody"])]
            for head, name in _SHOWN:
                if whole.totals[name] or name in ("assessed", "ruled out", "not barred"):
                    lines.append(_row(head, _numbers(by, part, f"total {name}", cells)))
            lines.append(Line("barred, anywhere, at"))
            for id in [each["id"] for each in manifest["criteria"]]:
                if id in without:
                    lines.append(_row(f"x {id}", [NO_SOURCE] * (len(part) + 1)))
                elif id in barring(whole, manifest):
                    lines.append(_row(f"  {id}", _numbers(by, part, f"any {id}", cells)))
    lines += paragraph("Not known to be barred is an upper bound, no forecast.")
    if limit:
        lines += hiding(limit)
        lines += paragraph(
            "Breakdowns that leave, on whatever day, are asked for together, --by given for each: "
            "of two answers one may show what the other hides."
        )
    return [*lines, Line(""), *fixed_words(manifest)]


def _numbers(by: str, part: Sequence[str], name: str, cells: Cells) -> list[str]:
    return [*(cells.of(by, group).text(name) for group in part), cells.text(name)]


def _row(head: str, numbers: Sequence[str]) -> Line:
    head = cut_to(head, _HEAD - 1)
    text = head + " " * (_HEAD - columns(head))
    for number in numbers:
        shown = cut_to(number, _LEAST - 1)
        text += " " * max(1, _LEAST - columns(shown)) + shown
    return Line(text.rstrip())


def table(broken: Breakdowns, manifest: Mapping[str, Any], cells: Cells) -> list[list[str]]:
    """The same as rows of a table, everybody as the group `everybody`; every criterion in it."""
    rows = []
    without = unmapped(manifest)
    for by, groups in broken.items():
        for group, of in [*((safe(name), cells.of(by, name)) for name in groups), ("everybody", cells)]:
            for each in manifest["criteria"]:
                count = NO_SOURCE if each["id"] in without else of.bare(f"any {each['id']}")
                rows.append([by, group, "barred anywhere", each["id"], safe(each["text"]), count])
            for name, words in TOTALS.items():
                total = of.bare(f"total {name}")
                rows.append([by, group, "total", name.replace(" ", "_"), words, total])
    return rows
