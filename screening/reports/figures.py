"""The funnel drawn: the flow of participants as CONSORT has it, and below it where people are lost, as SVG or PNG.

The same counts, the same bytes: no clock, no random names, and the letters are those of a font that ships with
matplotlib. Colours differ in lightness and shapes beside them, so that print and colour-blind eyes tell them
apart. A hidden number has no bar, and no scale is made of it. What a rule file says is drawn, never read as
markup.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Mapping, Sequence
from typing import Any

from screening.reports.attrition import Attrition, barring, unmapped
from screening.reports.cell import Cells
from screening.reports.cohort import headed
from screening.reports.flow import UPPER_BOUND, Box, Flow
from screening.reports.lettering import SIZE, drawable, inches, wrapped
from screening.reports.words import DECISION_SUPPORT, SITE_CHOICE, safe

WIDTH = 7.2  # inches: two columns of a journal, and the text of an A4 page
_MARGIN, _LINE = 0.12, 0.155
_TEXT, _QUIET, _AGAINST = "#1a1a1a", "#595959", "#8a3d00"
_ANYWHERE, _IN_ORDER, _ALONE = "#a9cbee", "#0b4a8f", "#c3540a"
_LABEL, _MOST_LINES = 3.0, 3
_DOTS = 200
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
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: Any = {"svg.hashsalt": "screening", "svg.fonttype": "path", "font.family": ["DejaVu Sans"]}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        sheet = _Sheet(Figure(figsize=(WIDTH, 1.0), facecolor="white"))
        FigureCanvasAgg(sheet.figure)
        _head(sheet, manifest, flow)
        _flow(sheet, flow)
        _attrition(sheet, found, manifest, cells)
        _foot(sheet, manifest, limit)
        sheet.end()
        place = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        sheet.figure.savefig(place, format=form, dpi=_DOTS, metadata=metadata, facecolor="white")
    return _titled(place.getvalue(), *said(flow, manifest)) if form == "svg" else place.getvalue()


def _titled(svg: bytes, title: str, words: str) -> bytes:
    """The picture with its title and description, and without the address of any other file."""
    text = re.sub(r"<!DOCTYPE[^>]*>\s*", "", svg.decode("utf-8"))
    text = re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)
    # What is drawn as curves stands in remarks too, where it is of use to nobody.
    text = re.sub(r"<!--.*?-->\s*", "", text, flags=re.DOTALL)
    head = re.search(r"<svg\b[^>]*>", text)
    assert head is not None
    opened = head[0][:-1] + ' role="img" aria-labelledby="figure-title figure-words">'
    inside = (
        f'<title id="figure-title">{html.escape(title)}</title><desc id="figure-words">{html.escape(words)}</desc>'
    )
    return f"{text[: head.start()]}{opened}\n {inside}{text[head.end() :]}".encode()


# ------------------------------------------------------------------------------------ the sheet


class _Sheet:
    """A sheet of paper that grows downward; everything is placed in inches from its upper left corner."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure
        self.axes = figure.add_axes((0, 0, 1, 1))
        self.axes.axis("off")
        self.down = _MARGIN

    def end(self) -> None:
        """Cuts the sheet below the last thing on it."""
        height = self.down + _MARGIN
        self.figure.set_size_inches(WIDTH, height)
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = SIZE,
        colour: str = _TEXT,
        align: str = "left",
        weight: str = "normal",
    ) -> None:
        """One line of text, its middle at a height."""
        self.axes.text(
            x,
            y,
            text,
            fontsize=size,
            color=colour,
            ha=align,
            va="center_baseline",
            weight=weight,
            parse_math=False,
        )

    def lines(self, lines: Sequence[str], size: float = SIZE, colour: str = _TEXT, weight: str = "normal") -> None:
        """Lines of text over the whole width; the sheet goes on below them."""
        for line in lines:
            self.down += _LINE * size / SIZE
            self.text(_MARGIN, self.down - _LINE / 2, line, size, colour, weight=weight)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=_TEXT, linewidth=0.8))

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none"))

    def rule(
        self,
        y: float,
        colour: str = _QUIET,
        width: float = 0.5,
        start: float = _MARGIN,
        stop: float = WIDTH - _MARGIN,
    ) -> None:
        self.axes.plot([start, stop], [y, y], color=colour, linewidth=width, solid_capstyle="butt")

    def arrow(self, x: float, y: float, to_x: float, to_y: float) -> None:
        style = {
            "arrowstyle": "-|>,head_width=0.18,head_length=0.35",
            "linewidth": 0.8,
            "color": _TEXT,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        self.axes.annotate("", xy=(to_x, to_y), xytext=(x, y), arrowprops=style)


def _head(sheet: _Sheet, manifest: Mapping[str, Any], flow: Flow) -> None:
    first, *rest = (", ".join(re.split(r"\s{2,}", line.text.strip())) for line in headed(manifest))
    room = WIDTH - 2 * _MARGIN
    sheet.lines(wrapped(first, room, size=9, weight="bold"), 9, weight="bold")
    for line in rest:
        sheet.lines(wrapped(line, room))
    for warning in flow.warnings:
        sheet.down += 0.04
        sheet.lines(wrapped(f"x {warning}", room, weight="bold"), colour=_AGAINST, weight="bold")
    sheet.down += 0.1


def _letter(sheet: _Sheet, letter: str, title: str) -> None:
    sheet.text(_MARGIN, sheet.down + 0.08, letter, 10, weight="bold")
    sheet.text(_MARGIN + 0.22, sheet.down + 0.08, title, 8.5, weight="bold")
    sheet.down += 0.28


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


def _draw_box(sheet: _Sheet, box: Box, x: float, y: float, width: float, height: float = 0.0) -> float:
    """Draws a box and says how high it is."""
    lines = _lines_of(box, width - 0.2)
    height = max(height, len(lines) * _LINE + 0.16)
    sheet.box(x, y, width, height)
    for number, (text, figure, weight) in enumerate(lines):
        middle = y + 0.08 + (number + 0.5) * _LINE
        is_quiet = weight == "quiet"
        sheet.text(
            x + 0.1,
            middle,
            text,
            6.5 if is_quiet else SIZE,
            _QUIET if is_quiet else _TEXT,
            weight="bold" if weight == "bold" else "normal",
        )
        if figure:
            sheet.text(x + width - 0.1, middle, figure, align="right")
    return height


def _flow(sheet: _Sheet, flow: Flow) -> None:
    """The boxes: assessed, who left beside them, who is left, and what is known of those."""
    _letter(sheet, "A", "Flow of participants, from records")
    left, wide, beside = _MARGIN + 0.02, 3.0, 3.75
    middle, room = left + wide / 2, WIDTH - _MARGIN - 0.02 - beside
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
            sheet.axes.plot([middle, middle], [below, top], color=_TEXT, linewidth=0.8)
    # The three ends stand side by side; one line goes down and parts.
    fork, ends_top = top, top + 0.2
    gap = 0.2
    each = (WIDTH - 2 * (_MARGIN + 0.02) - gap * (len(flow.ends) - 1)) / len(flow.ends)
    middles = [left + position * (each + gap) + each / 2 for position in range(len(flow.ends))]
    sheet.rule(fork, _TEXT, 0.8, middles[0], middles[-1])
    highest = max(len(_lines_of(box, each - 0.2)) for box in flow.ends) * _LINE + 0.16
    for box, at in zip(flow.ends, middles, strict=True):
        sheet.arrow(at, fork, at, ends_top)
        _draw_box(sheet, box, at - each / 2, ends_top, each, highest)
    sheet.down = ends_top + highest + 0.3


def _attrition(sheet: _Sheet, found: Attrition, manifest: Mapping[str, Any], cells: Cells) -> None:
    """A line for every criterion that bars anybody: its words, its bars, its three numbers."""
    _letter(sheet, "B", "Known bar, or inclusion not met: people")
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
    start = _MARGIN + _LABEL + 0.1
    bars = max(0.8, WIDTH - _MARGIN - sum(wide) - start - 0.05)
    ends = [WIDTH - _MARGIN - sum(wide[at + 1 :]) for at in range(len(wide))]
    counted = [cells.drawn(f"any {each['id']}") for each in shown if each["id"] not in without]
    most = max([number for number in counted if number] or [1])
    _legend(sheet, start, ends)
    for each, numbers in zip(shown, texts, strict=True):
        _criterion(sheet, each, numbers, cells, (start, bars / most), ends, each["id"] in without)
    sheet.rule(sheet.down + 0.02)
    sheet.down += 0.08


def _legend(sheet: _Sheet, start: float, ends: Sequence[float]) -> None:
    """What the shapes are, above the bars, and the heads of the numbers."""
    y = sheet.down + 0.05
    for at, head in zip(ends, _COLUMNS, strict=True):
        sheet.text(at, y, head, align="right", weight="bold", size=7)
    x = _MARGIN
    for words, kind in (("in order", "order"), ("anywhere", "any"), ("only this one", "alone")):
        if kind == "alone":
            sheet.axes.plot([x + 0.08], [y], marker="D", markersize=3.6, color=_ALONE, linestyle="none")
        else:
            high = 0.09 if kind == "any" else 0.05
            sheet.bar(x, y - high / 2, 0.16, high, _ANYWHERE if kind == "any" else _IN_ORDER)
        sheet.text(x + 0.22, y, words, 7, _QUIET)
        x += 0.36 + inches(words, 7, "normal")
    sheet.down += 0.17
    sheet.rule(sheet.down)
    sheet.down += 0.04


def _criterion(
    sheet: _Sheet,
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
    middle = sheet.down + _LINE / 2 + 0.02
    sheet.text(_MARGIN, middle, id, weight="bold")
    for at_line, line in enumerate(lines):
        sheet.text(_MARGIN + indent, middle + at_line * _LINE, line)
    if has_no_source:
        sheet.text(
            ends[-1], middle, "no source is mapped: no count", colour=_AGAINST, align="right", weight="bold"
        )
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
        [start, start], [sheet.down, sheet.down + len(lines) * _LINE + 0.05], color=_QUIET, linewidth=0.5
    )
    sheet.down += len(lines) * _LINE + 0.05


def _foot(sheet: _Sheet, manifest: Mapping[str, Any], limit: int) -> None:
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
    words += [DECISION_SUPPORT, *manifest["protocol"]["words"]]
    for text in words:
        sheet.lines(wrapped(text, WIDTH - 2 * _MARGIN, size=6.5), 6.5, _QUIET)
