"""The funnel drawn: the flow of participants as CONSORT has it, and below it where people are lost, as SVG or PNG.

Colours differ in lightness and shapes beside them, so that print and colour-blind eyes tell them
apart. A hidden number has no bar, and no scale is made of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from screening.reports.attrition import Attrition, barring, unmapped
from screening.reports.cell import Cells
from screening.reports.flow import UPPER_BOUND, Box, Flow
from screening.reports.lettering import SIZE, drawable, inches, wrapped
from screening.reports.paper import AGAINST, LINE, MARGIN, QUIET, TEXT, WIDTH, Sheet, foot, heading, letter, saved
from screening.reports.words import SITE_CHOICE, safe

_ANYWHERE, _IN_ORDER, _ALONE = "#a9cbee", "#0b4a8f", "#c3540a"
_LABEL, _MOST_LINES = 3.0, 3
_COLUMNS = ("in order", "anywhere", "only this")


def said(flow: Flow, manifest: Mapping[str, Any]) -> tuple[str, str]:
    """The title of the figure, and what it shows in words."""
    protocol = manifest["protocol"]
    title = f"Flow and attrition under {safe(protocol['name'])} {safe(protocol['version'])}, {protocol['said']}"
    barred = ", ".join(f"{words} {number}" for words, number in flow.ruled_out.parts)
    left = ", ".join(f"{words} {number}" for words, number in flow.left.parts)
    ends = ", ".join(f"{box.title.lower()} {box.number}" for box in flow.ends)
    decided = "".join(f", {word} {number}" for word, number in flow.decided)
    text = (
        f"As of {manifest['as_of']}: assessed {flow.assessed.number}. Ruled out "
        f"{flow.ruled_out.number}: {barred}. "
        f"Not known to be barred {flow.remaining.number}, {UPPER_BOUND}{decided}. Of them left: {left}. "
        f"{ends[:1].upper()}{ends[1:]}."
    )
    return title, " ".join((*flow.warnings, text, "Below, the people lost at each criterion."))


def drawn(flow: Flow, found: Attrition, manifest: Mapping[str, Any], cells: Cells, limit: int, form: str) -> bytes:
    """The figure as `svg` or `png`."""

    def draw(sheet: Sheet) -> None:
        heading(sheet, manifest, flow.warnings)
        _flow(sheet, flow)
        _attrition(sheet, found, manifest, cells)
        foot(sheet, _words(limit), manifest)

    return saved(draw, said(flow, manifest), form)


def _lines_of(box: Box, room: float) -> list[tuple[str, str, str]]:
    """The lines of a box: text, number at its right end if any, weight."""
    title = f"{box.title} (n = {box.number})" if box.number else box.title
    lines = [(line, "", "bold") for line in wrapped(title, room, weight="bold")]
    for words, number in box.parts:
        *above, last = wrapped(words, room - inches(number, SIZE, "normal") - 0.1)
        lines += [(line, "", "normal") for line in above]
        lines.append((last, number, "normal"))
    lines += [(line, "", "quiet") for line in wrapped(box.note, room, size=6.5)] if box.note else []
    return lines


def _draw_box(sheet: Sheet, box: Box, x: float, y: float, width: float, height: float = 0.0) -> float:
    """Draws a box and says how high it is."""
    lines = _lines_of(box, width - 0.2)
    height = max(height, len(lines) * LINE + 0.16)
    sheet.box(x, y, width, height)
    for number, (text, figure, weight) in enumerate(lines):
        middle = y + 0.08 + (number + 0.5) * LINE
        is_quiet = weight == "quiet"
        sheet.text(
            x + 0.1,
            middle,
            text,
            6.5 if is_quiet else SIZE,
            QUIET if is_quiet else TEXT,
            weight="bold" if weight == "bold" else "normal",
        )
        if figure:
            sheet.text(x + width - 0.1, middle, figure, align="right")
    return height


def _flow(sheet: Sheet, flow: Flow) -> None:
    """The boxes: assessed, who left beside them, who is left, and what is known of those."""
    letter(sheet, "A", "Flow of participants, from records")
    left, wide, beside = MARGIN + 0.02, 3.0, 3.75
    middle, room = left + wide / 2, WIDTH - MARGIN - 0.02 - beside
    parts = (*flow.remaining.parts, *((f"of them {word}", number) for word, number in flow.decided))
    remaining = Box(flow.remaining.title, flow.remaining.number, parts, flow.remaining.note)
    top = sheet.down
    for box, out in ((flow.assessed, flow.ruled_out), (remaining, flow.left)):
        below = top + _draw_box(sheet, box, left, top, wide)
        high = _draw_box(sheet, out, beside, below + 0.1, room)
        top = below + high + 0.2
        sheet.arrow(middle, below + 0.1 + high / 2, beside, below + 0.1 + high / 2)
        if box is flow.assessed:
            sheet.arrow(middle, below, middle, top)
        else:
            sheet.axes.plot([middle, middle], [below, top], color=TEXT, linewidth=0.8)
    # The three ends stand side by side; one line goes down and parts.
    fork, ends_top = top, top + 0.2
    gap = 0.2
    each = (WIDTH - 2 * (MARGIN + 0.02) - gap * (len(flow.ends) - 1)) / len(flow.ends)
    middles = [left + position * (each + gap) + each / 2 for position in range(len(flow.ends))]
    sheet.rule(fork, TEXT, 0.8, middles[0], middles[-1])
    highest = max(len(_lines_of(box, each - 0.2)) for box in flow.ends) * LINE + 0.16
    for box, at in zip(flow.ends, middles, strict=True):
        sheet.arrow(at, fork, at, ends_top)
        _draw_box(sheet, box, at - each / 2, ends_top, each, highest)
    sheet.down = ends_top + highest + 0.3


def _attrition(sheet: Sheet, found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> None:
    """A line for every criterion that bars anybody: its words, its bars, its three numbers."""
    letter(sheet, "B", "Known bar, or inclusion not met: people")
    without = unmapped(manifest)
    every = set(barring(found, manifest)) | without.keys()
    shown = [each for each in manifest["criteria"] if each["id"] in every]
    if not shown:
        sheet.lines(["Nobody is ruled out by a known bar."])
        sheet.down += 0.1
        return
    kinds = ("order", "any", "alone")
    texts = [[cells.text(f"{kind} {each['id']}") for kind in kinds] for each in shown]
    wide = [
        max(inches(text, SIZE, "normal") for text in (head, *(row[at] for row in texts))) + 0.14
        for at, head in enumerate(_COLUMNS)
    ]
    start = MARGIN + _LABEL + 0.1
    bars = max(0.8, WIDTH - MARGIN - sum(wide) - start - 0.05)
    ends = [WIDTH - MARGIN - sum(wide[at + 1 :]) for at in range(len(wide))]
    counted = [cells.drawn(f"any {each['id']}") for each in shown if each["id"] not in without]
    most = max([number for number in counted if number] or [1])
    _legend(sheet, start, ends)
    for each, numbers in zip(shown, texts, strict=True):
        _criterion(sheet, each, numbers, cells, (start, bars / most), ends, each["id"] in without)
    sheet.rule(sheet.down + 0.02)
    sheet.down += 0.08


def _legend(sheet: Sheet, start: float, ends: Sequence[float]) -> None:
    """What the shapes are, above the bars, and the heads of the numbers."""
    y = sheet.down + 0.05
    for at, head in zip(ends, _COLUMNS, strict=True):
        sheet.text(at, y, head, align="right", weight="bold", size=7)
    x = MARGIN
    for words, kind in (("in order", "order"), ("anywhere", "any"), ("only this one", "alone")):
        if kind == "alone":
            sheet.axes.plot([x + 0.08], [y], marker="D", markersize=3.6, color=_ALONE, linestyle="none")
        else:
            high = 0.09 if kind == "any" else 0.05
            sheet.bar(x, y - high / 2, 0.16, high, _ANYWHERE if kind == "any" else _IN_ORDER)
        sheet.text(x + 0.22, y, words, 7, QUIET)
        x += 0.36 + inches(words, 7, "normal")
    sheet.down += 0.17
    sheet.rule(sheet.down)
    sheet.down += 0.04


def _criterion(
    sheet: Sheet,
    criterion: Mapping[str, Any],
    numbers: Sequence[str],
    cells: Cells,
    scale: tuple[float, float],
    ends: Sequence[float],
    has_no_source: bool,
) -> None:
    id = drawable(criterion["id"])
    start, per_person = scale
    indent = max(0.62, inches(id, SIZE, "bold") + 0.1)
    mark = f" {SITE_CHOICE}" if criterion["site_choice"] else ""
    lines = wrapped(f"{criterion['text']}{mark}", _LABEL - indent, _MOST_LINES)
    middle = sheet.down + LINE / 2 + 0.02
    sheet.text(MARGIN, middle, id, weight="bold")
    for at_line, line in enumerate(lines):
        sheet.text(MARGIN + indent, middle + at_line * LINE, line)
    if has_no_source:
        sheet.text(ends[-1], middle, "no source is mapped: no count", colour=AGAINST, align="right", weight="bold")
    else:
        drawn = {kind: cells.drawn(f"{kind} {criterion['id']}") for kind in ("order", "any", "alone")}
        if drawn["any"]:
            sheet.bar(start, middle - 0.055, drawn["any"] * per_person, 0.11, _ANYWHERE)
        if drawn["order"]:
            sheet.bar(start, middle - 0.03, drawn["order"] * per_person, 0.06, _IN_ORDER)
        if drawn["alone"]:
            at = start + drawn["alone"] * per_person
            sheet.axes.plot(
                [at],
                [middle],
                marker="D",
                markersize=3.6,
                color=_ALONE,
                markeredgecolor="white",
                markeredgewidth=0.5,
                linestyle="none",
            )
        for at, number in zip(ends, numbers, strict=True):
            sheet.text(at, middle, number, align="right")
    sheet.axes.plot(
        [start, start], [sheet.down, sheet.down + len(lines) * LINE + 0.05], color=QUIET, linewidth=0.5
    )
    sheet.down += len(lines) * LINE + 0.05


def _words(limit: int) -> list[str]:
    words = [
        "In order: each person once, at the first criterion that bars. Anywhere: at every one that bars. Only "
        "this one: where no other bars. Only what is known bars; what nobody recorded rules nobody out, so what "
        f"is left is {UPPER_BOUND}."
    ]
    if limit:
        words.append(
            f"Cells under {limit} are hidden as <{limit}; * hides any number, where a sum would tell one. "
            "What is hidden has no bar."
        )
    return words
