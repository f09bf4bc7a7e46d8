"""`screening funnel`: where people are lost, in the order of the protocol beside whatever the order.

No count here says who will enter a trial: what is certain is worded as such, what is possible is an upper bound.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.reports.attrition import Attrition, barring, unmapped
from screening.reports.cell import TOTALS, Cells, shown_alone
from screening.reports.cohort import fixed_words, headed
from screening.reports.flow import UPPER_BOUND, flow, without_source
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.words import SHORT_OBTAINED, SITE_CHOICE, columns, counted, cut_to, folded, safe

_TEXT, _NUMBER, _ID = 38, 12, 8
_MOST_ITEMS = 5
_COLUMNS = ("in order", "anywhere", "only this one")
NO_SOURCE = "no source"
CSV_COLUMNS = ("part", "id", "text", "in_order", "anywhere", "only_this_one", "people")


def told(found: Attrition, manifest: Mapping[str, Any], cells: Cells, limit: int, whole: bool) -> list[Line]:
    """The funnel on a screen: `limit` hides cells below it, `whole` shortens nothing."""
    # Which criteria are the largest says something of their numbers: where some are hidden, all have a line.
    own = shown_alone(found, manifest, whole or bool(limit))
    without = unmapped(manifest)
    lines = headed(manifest)
    for text in without_source(manifest):
        first, *rest = paragraph(text, "x ", "  ")
        lines += [Line(first.text, AGAINST, 1), *rest]
    lines.append(_row("Known bar, or inclusion not met", *_COLUMNS))
    named = {each["id"]: each for each in manifest["criteria"]}
    for id in own:
        if id in without:
            lines += _criterion(named[id], NO_SOURCE, NO_SOURCE, NO_SOURCE)
            continue
        order, anywhere, alone = (cells.text(f"{column} {id}") for column in ("order", "any", "alone"))
        lines += _criterion(named[id], order, anywhere, alone)
    others = [id for id in barring(found, manifest) if id not in own]
    if others:
        left = counted(len(others), "other criterion", "other criteria")
        lines.append(_row(f"        {left}", f"{sum(found.in_order[id] for id in others):,}"))
    lines.append(_row("        RULED OUT", cells.text("total ruled out")))
    lines.append(Line(""))
    lines.append(_row("Certain to be eligible", cells.text("total eligible")))
    lines.append(_row("To be reviewed, no known bar", cells.text("total review")))
    lines.append(_row("Not known to be barred", cells.text("total not barred"), after=UPPER_BOUND))
    lines.append(_row("  with every anchor on record", cells.text("total not ruled out")))
    if found.totals["not screened"]:
        lines.append(_row("NOT SCREENED, no verdict", cells.text("total not screened")))
    lines.append(Line(""))
    lines += _consort(found, manifest, cells)
    lines += _missing(found, manifest, cells, whole)
    if limit:
        lines += hiding(limit)
    return [*lines, Line(""), *fixed_words(manifest)]


def hiding(limit: int) -> list[Line]:
    """What the marks of hidden cells mean."""
    return paragraph(
        f"Cells under {limit} are hidden as <{limit}; * hides any number, where a sum would tell one. "
        "Another print of the same people, by another limit, other age bands or without a site, may tell them."
    )


def _row(head: str, first: str, second: str = "", third: str = "", after: str = "") -> Line:
    """A head and its numbers, each below its heading; the head is cut where it is too long, never a number."""
    return Line(_numbers(cut_to(head, _TEXT), first, second, third, after))


def _numbers(head: str, first: str, second: str, third: str, after: str = "") -> str:
    text = f"{head}{' ' * (_TEXT - columns(head))}{first:>{_NUMBER}}"
    if second or third:
        text += f"{second:>{_NUMBER}}{third:>{_NUMBER + 3}}"
    return f"{text}  {after}".rstrip()


def _criterion(criterion: Mapping[str, Any], first: str, second: str, third: str) -> list[Line]:
    """One criterion; its sentence goes on below itself, and the numbers stand on its first line."""
    mark = f" {SITE_CHOICE}" if criterion["site_choice"] else ""
    indent = " " * _ID
    text = cut_to(safe(criterion["text"]), 2 * (_TEXT - _ID) - columns(mark) - 4)
    head, *rest = folded(f"{text}{mark}", f"{safe(criterion['id']):<{_ID}}", indent, _TEXT)
    return [Line(_numbers(head, first, second, third)), *(Line(each) for each in rest)]


def _consort(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> list[Line]:
    """The flow of participants in one sum, and what was decided of those who are left."""
    made = flow(found, manifest, cells)
    barred, left = made.ruled_out.parts, made.left.parts
    parts = [f"{words} {number}" for words, number in (*barred[:2], *left)]
    parts += [f"undetermined {made.ends[2].number}", f"to be reviewed {made.ends[1].number}"]
    parts += [f"eligible {made.ends[0].number}"]
    parts += [f"not screened {number}" for _, number in barred[2:]]
    lines = paragraph(f"CONSORT  assessed {made.assessed.number} = {' + '.join(parts)}", "", " " * 9)
    if made.decided:
        said = ", ".join(f"{word} {number}" for word, number in made.decided)
        lines += paragraph(f"Of those not known to be barred: {said}.", " " * 9, " " * 9)
    return lines


def _missing(found: Attrition, manifest: Mapping[str, Any], cells: Cells, whole: bool) -> list[Line]:
    """What the people who are UNDETERMINED lack, the most frequent item first."""
    if not found.missing:
        return []
    named = {each["name"]: each for each in manifest["requirements"]}
    most = lacking(found, manifest, cells)
    shown = most if whole else most[:_MOST_ITEMS]
    number = cells.text("total undetermined")
    lines = [Line(f"? UNDETERMINED {number}; of them lack an item, the most frequent first", OPEN, 1)]
    for name in shown:
        item = named[name]
        obtain = SHORT_OBTAINED.get(item["obtain"], item["obtain"])
        head = f"  {obtain}: {safe(item['label'])}"
        lines.append(
            _row(head, cells.text(f"missing {name}"), after=f"{cells.text(f'sole {name}')} lack nothing else")
        )
    if len(shown) < len(most):
        lines.append(Line(f"  {counted(len(most) - len(shown), 'more item')} (--all)"))
    return lines


def lacking(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> list[str]:
    """The items that somebody who is UNDETERMINED lacks, the most frequent first; a hidden number has no place
    among the others that would tell it.
    """
    order = {each["name"]: position for position, each in enumerate(manifest["requirements"])}

    def place(name: str) -> tuple[int, int]:
        return -(cells.drawn(f"missing {name}") or 0), order[name]

    return sorted((name for name in found.missing if name in order), key=place)


def table(found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> list[list[str]]:
    """The same as rows of a table, every criterion and every item in it."""
    rows = []
    without = unmapped(manifest)
    for each in manifest["criteria"]:
        id = each["id"]
        counts = [cells.bare(f"{column} {id}") for column in ("order", "any", "alone")]
        if id in without:
            counts = [NO_SOURCE] * 3
        rows.append(["criterion", id, safe(each["text"]), *counts, cells.bare(f"unknown {id}")])
    for name, words in TOTALS.items():
        rows.append(["total", name.replace(" ", "_"), words, "", "", "", cells.bare(f"total {name}")])
    for name in (each["name"] for each in manifest["requirements"]):
        if found.missing[name]:
            label = next(each["label"] for each in manifest["requirements"] if each["name"] == name)
            lacks = [cells.bare(f"sole {name}"), cells.bare(f"missing {name}")]
            rows.append(["missing item", safe(name), safe(label), "", "", *lacks])
    return rows
