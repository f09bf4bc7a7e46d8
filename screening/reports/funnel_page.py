"""The funnel as a page: its figure, and every number of it as a table that a voice can read and a
program can copy.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.reports import breakdown, funnel
from screening.reports.attrition import Attrition, barring, unmapped
from screening.reports.cell import TOTALS, Cells
from screening.reports.cohort import settings
from screening.reports.flow import UPPER_BOUND, without_source
from screening.reports.page import Fact, Page, Picture, Section, Table
from screening.reports.words import DECISION_SUPPORT_FULL, LONG_OBTAINED, SITE_CHOICE, safe


def page(
    found: Attrition,
    broken: breakdown.Breakdowns,
    manifest: Mapping[str, Any],
    cells: Cells,
    limit: int,
    figure: bytes,
    words: tuple[str, str],
) -> Page:
    """The whole page; `words` are the title and the description of the figure."""
    first, second = (" ".join(" ".join(pair).split()) for pair in settings(manifest))
    protocol = manifest["protocol"]
    title, described = words
    sections = [
        Section(
            "Flow and attrition",
            texts=without_source(manifest),
            pictures=(Picture(title, described, figure),),
        ),
        Section(
            "Where people are lost",
            aside=UPPER_BOUND,
            tables=(_bars(found, manifest, cells), _totals(found, cells)),
        ),
    ]
    if found.missing:
        sections.append(Section("What is not known", tables=(_items(found, manifest, cells),)))
    sections += [
        Section(f"By {by}", tables=(_groups(found, by, groups, manifest, cells),)) for by, groups in broken.items()
    ]
    texts = [manifest["screened"]]
    if limit:
        texts.append(
            f"Cells under {limit} are hidden as <{limit}; * hides any number, where a sum would tell one."
        )
    sections.append(Section("How to read it", texts=(*texts, *_HOW)))
    return Page(
        f"Attrition of a cohort under {safe(protocol['name'])} {safe(protocol['version'])}",
        f"{protocol['said']}. {safe(protocol['name'])} {safe(protocol['version'])}, as of {manifest['as_of']}",
        (Fact("Rules", (first,)), Fact("Day and site", (second,)), Fact("Digest", (protocol["digest"],))),
        tuple(sections),
        (DECISION_SUPPORT_FULL, *protocol["words"]),
    )


_HOW = (
    "In order: each person once, at the first criterion that bars. Anywhere: at every criterion that bars. Only "
    "this one: where no other bars. Only what is known bars.",
    "Not known to be barred is an upper bound: what nobody recorded rules nobody out. It says nothing of how many "
    "people will enter the trial.",
)


def _bars(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> Table:
    without, every = unmapped(manifest), barring(found, manifest)
    rows = []
    for each in manifest["criteria"]:
        id = each["id"]
        if id in without:
            counts = [funnel.NO_SOURCE] * 3
        elif id in every:
            counts = [cells.text(f"{column} {id}") for column in ("order", "any", "alone")]
        else:
            continue
        text = f"{safe(each['text'])} {SITE_CHOICE if each['site_choice'] else ''}".strip()
        rows.append((safe(id), text, *counts))
    return Table(
        "Known bar, or inclusion not met; people",
        ("criterion", "text", "in order", "anywhere", "only this one"),
        tuple(rows),
    )


def _totals(found: Attrition, cells: Cells) -> Table:
    rows = tuple((words, cells.text(f"total {name}")) for name, words in TOTALS.items())
    return Table("All people, by what became of them", ("what", "people"), rows)


def _items(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> Table:
    named = {each["name"]: each for each in manifest["requirements"]}
    rows = tuple(
        (
            LONG_OBTAINED.get(named[name]["obtain"], named[name]["obtain"]),
            safe(named[name]["label"]),
            cells.text(f"missing {name}"),
            cells.text(f"sole {name}"),
        )
        for name in funnel.lacking(found, manifest, cells)
    )
    return Table(
        "People who are UNDETERMINED and lack an item", ("obtained", "item", "lack it", "lack nothing else"), rows
    )


def _groups(
    found: Attrition, by: str, groups: Mapping[str, Attrition], manifest: Mapping[str, Any], cells: Cells
) -> Table:
    rows = [
        (words, *(cells.of(by, name).text(f"total {total}") for name in groups), cells.text(f"total {total}"))
        for total, words in TOTALS.items()
        if found.totals[total] or total == "assessed"
    ]
    without, every = unmapped(manifest), barring(found, manifest)
    for id in (each["id"] for each in manifest["criteria"]):
        if id in without:
            rows.append((f"barred at {safe(id)}, anywhere", *[funnel.NO_SOURCE] * (len(groups) + 1)))
        elif id in every:
            counts = (cells.of(by, name).text(f"any {id}") for name in groups)
            rows.append((f"barred at {safe(id)}, anywhere", *counts, cells.text(f"any {id}")))
    return Table(f"People by {by}", ("what", *(safe(name) for name in groups), "everybody"), tuple(rows))
