"""`screening funnel`: where people are lost, in the order of the protocol beside whatever the order.

No count here says who will enter a trial: what is certain is worded as such, what is possible is an upper bound.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from screening.reports.attrition import Attrition, barring, printed
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import OPEN, Line, paragraph
from screening.reports.words import SHORT_OBTAINED, SITE_CHOICE, columns, counted, cut_to, folded, safe

_TEXT, _NUMBER, _ID = 38, 12, 8
_MOST_CRITERIA, _MOST_ITEMS = 8, 5
_COLUMNS = ("in order", "anywhere", "only this one")
CSV_COLUMNS = ("part", "id", "text", "in_order", "anywhere", "only_this_one", "people")


class _Cells:
    """The cells as they are printed; what is hidden says so."""

    def __init__(self, found: Attrition, manifest: Mapping[str, Any], own: Sequence[str], limit: int) -> None:
        self.numbers, self.hidden = printed(found, manifest, own, limit)

    def text(self, name: str) -> str:
        """A cell for people: `1,204`."""
        return self.hidden.get(name, f"{self.numbers.get(name, 0):,}")

    def bare(self, name: str) -> str:
        """A cell for files: `1204`."""
        return self.hidden.get(name, str(self.numbers.get(name, 0)))


def _own(found: Attrition, every: Sequence[str], whole: bool) -> list[str]:
    """The criteria with a line of their own: all, or those at which most people are lost."""
    if whole or len(every) <= _MOST_CRITERIA:
        return list(every)
    most = sorted(every, key=lambda id: (-found.in_order[id], -found.anywhere[id], every.index(id)))
    return [id for id in every if id in most[: _MOST_CRITERIA - 1]]


def told(found: Attrition, manifest: Mapping[str, Any], limit: int, whole: bool) -> list[Line]:
    """The funnel on a screen: `limit` hides cells below it, `whole` shortens nothing."""
    every = barring(found, manifest)
    own = _own(found, every, whole)
    cells = _Cells(found, manifest, own, limit)
    lines = headed(manifest)
    lines.append(_row("Known bar, or inclusion not met", *_COLUMNS))
    named = {each["id"]: each for each in manifest["criteria"]}
    for id in own:
        order, anywhere, alone = (cells.text(f"{column} {id}") for column in ("order", "any", "alone"))
        lines += _criterion(named[id], order, anywhere, alone)
    if len(own) < len(every):
        left = counted(len(every) - len(own), "other criterion", "other criteria")
        lines.append(_row(f"        {left}", cells.text("order others")))
    lines.append(_row("        RULED OUT", cells.text("total ruled out")))
    lines.append(Line(""))
    lines.append(_row("Certain to be eligible", cells.text("total eligible")))
    lines.append(_row("To be reviewed, no known bar", cells.text("total review")))
    lines.append(
        _row("Not known to be barred", cells.text("total not barred"), after="an upper bound, no forecast")
    )
    lines.append(_row("  with every anchor on record", cells.text("total not ruled out")))
    if found.totals["not screened"]:
        lines.append(_row("NOT SCREENED, no verdict", cells.text("total not screened")))
    lines.append(Line(""))
    lines += _consort(cells.text, bool(found.totals["not screened"]))
    lines += _missing(found, manifest, cells, whole)
    if limit:
        lines += paragraph(f"Cells under {limit} are hidden as <{limit}, and as * where a sum would tell them.")
    return [*lines, Line(""), *fixed_words(manifest)]


def _row(head: str, first: str, second: str = "", third: str = "", after: str = "") -> Line:
    """A head and its numbers, each below its heading; the head is cut where it is too long, never a number."""
    return Line(_numbers(cut_to(head, _TEXT), first, second, third, after))


def _numbers(head: str, first: str, second: str, third: str, after: str = "") -> str:
    text = f"{head:<{_TEXT}}{first:>{_NUMBER}}"
    if second or third:
        text += f"{second:>{_NUMBER}}{third:>{_NUMBER + 3}}"
    return f"{text}  {after}".rstrip()


def _criterion(criterion: Mapping[str, Any], first: str, second: str, third: str) -> list[Line]:
    """One criterion; its sentence goes on below itself, and the numbers stand on its first line."""
    mark = f" {SITE_CHOICE}" if criterion["site_choice"] else ""
    indent = " " * _ID
    text = cut_to(safe(criterion["text"]), 2 * (_TEXT - _ID) - columns(mark) - 4)
    head, *rest = folded(f"{text}{mark}", f"{criterion['id']:<{_ID}}", indent, _TEXT)
    return [Line(_numbers(head, first, second, third)), *(Line(each) for each in rest)]


def _consort(number: Callable[[str], str], has_not_screened: bool) -> list[Line]:
    parts = [
        f"inclusion not met {number('total inclusion not met')}",
        f"exclusion present {number('total exclusion present')}",
        f"declined {number('total declined')}",
        "other 0",
        f"undetermined {number('total undetermined')}",
        f"to be reviewed {number('total review')}",
        f"eligible {number('total eligible')}",
    ]
    if has_not_screened:
        parts.append(f"not screened {number('total not screened')}")
    return paragraph(f"CONSORT  assessed {number('total assessed')} = {' + '.join(parts)}", "", " " * 9)


def _missing(found: Attrition, manifest: Mapping[str, Any], cells: _Cells, whole: bool) -> list[Line]:
    """What the people who are UNDETERMINED lack, the most frequent item first."""
    if not found.missing:
        return []
    named = {each["name"]: each for each in manifest["requirements"]}
    most = sorted(found.missing, key=lambda name: (-found.missing[name], list(named).index(name)))
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


def table(found: Attrition, manifest: Mapping[str, Any], limit: int) -> list[list[str]]:
    """The same as rows of a table, every criterion and every item in it."""
    every = barring(found, manifest)
    cells = _Cells(found, manifest, _own(found, every, False), limit)
    rows = []
    for each in manifest["criteria"]:
        id = each["id"]
        counts = [cells.bare(f"{column} {id}") for column in ("order", "any", "alone")]
        rows.append(["criterion", id, each["text"], *counts, cells.bare(f"unknown {id}")])
    for name, words in _TOTALS.items():
        rows.append(["total", name.replace(" ", "_"), words, "", "", "", cells.bare(f"total {name}")])
    for each in manifest["requirements"]:
        name = each["name"]
        if found.missing[name]:
            lacking = [cells.bare(f"sole {name}"), cells.bare(f"missing {name}")]
            rows.append(["missing item", name, each["label"], "", "", *lacking])
    return rows


_TOTALS = {
    "assessed": "people",
    "ruled out": "a known bar, or an inclusion not met",
    "inclusion not met": "RULED OUT in order at an inclusion",
    "exclusion present": "RULED OUT in order at an exclusion",
    "declined": "declined, and no known bar",
    "undetermined": "UNDETERMINED",
    "review": "REVIEW",
    "eligible": "certain to be eligible",
    "not screened": "NOT SCREENED: a fault of the program",
    "not barred": "not known to be barred: an upper bound, no forecast",
    "not ruled out": "not known to be barred, every anchor on record",
    "no anchor": "not known to be barred, not every anchor on record",
}
