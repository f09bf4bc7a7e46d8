"""A sheet of paper that figures are drawn on, as SVG or PNG: the same counts, the same bytes.

No clock and no random names, and the letters are those of a font that ships with matplotlib. What a rule file says
is drawn, never read as markup.
"""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from screening.reports.cohort import headed
from screening.reports.lettering import SIZE, wrapped
from screening.reports.words import DECISION_SUPPORT

WIDTH = 7.2  # inches: two columns of a journal, and the text of an A4 page
MARGIN, LINE = 0.12, 0.155
TEXT, QUIET, AGAINST = "#1a1a1a", "#595959", "#8a3d00"
_DOTS = 200


def saved(draw: Callable[[Sheet], None], said: tuple[str, str], form: str) -> bytes:
    """What is drawn as `svg` or `png`; `said` is its title, and what it shows in words."""
    import matplotlib
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    settings: Any = {"svg.hashsalt": "screening", "svg.fonttype": "path", "font.family": ["DejaVu Sans"]}
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(settings)
        sheet = Sheet(Figure(figsize=(WIDTH, 1.0), facecolor="white"))
        FigureCanvasAgg(sheet.figure)
        draw(sheet)
        sheet.end()
        place = io.BytesIO()
        metadata: dict[str, Any] = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
        sheet.figure.savefig(place, format=form, dpi=_DOTS, metadata=metadata, facecolor="white")
    return _titled(place.getvalue(), *said) if form == "svg" else place.getvalue()


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


class Sheet:
    """A sheet of paper that grows downward; everything is placed in inches from its upper left corner."""

    def __init__(self, figure: Any) -> None:
        self.figure = figure
        self.axes = figure.add_axes((0, 0, 1, 1))
        self.axes.axis("off")
        self.down = MARGIN

    def end(self) -> None:
        """Cuts the sheet below the last thing on it."""
        height = self.down + MARGIN
        self.figure.set_size_inches(WIDTH, height)
        self.axes.set_xlim(0, WIDTH)
        self.axes.set_ylim(height, 0)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float = SIZE,
        colour: str = TEXT,
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

    def lines(self, lines: Sequence[str], size: float = SIZE, colour: str = TEXT, weight: str = "normal") -> None:
        """Lines of text over the whole width; the sheet goes on below them."""
        for line in lines:
            self.down += LINE * size / SIZE
            self.text(MARGIN, self.down - LINE / 2, line, size, colour, weight=weight)

    def box(self, x: float, y: float, width: float, height: float) -> None:
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, fill=False, edgecolor=TEXT, linewidth=0.8))

    def bar(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        from matplotlib.patches import Rectangle

        self.axes.add_patch(Rectangle((x, y), width, height, facecolor=colour, edgecolor="none"))

    def rule(
        self,
        y: float,
        colour: str = QUIET,
        width: float = 0.5,
        start: float = MARGIN,
        stop: float = WIDTH - MARGIN,
    ) -> None:
        self.axes.plot([start, stop], [y, y], color=colour, linewidth=width, solid_capstyle="butt")

    def arrow(self, x: float, y: float, to_x: float, to_y: float) -> None:
        style = {
            "arrowstyle": "-|>,head_width=0.18,head_length=0.35",
            "linewidth": 0.8,
            "color": TEXT,
            "shrinkA": 0,
            "shrinkB": 0,
        }
        self.axes.annotate("", xy=(to_x, to_y), xytext=(x, y), arrowprops=style)


def heading(sheet: Sheet, manifest: Mapping[str, Any], warnings: Sequence[str] = ()) -> None:
    """Which rules, which day and site; and what has to be said against the figure before anything else."""
    first, *rest = (", ".join(re.split(r"\s{2,}", line.text.strip())) for line in headed(manifest))
    room = WIDTH - 2 * MARGIN
    sheet.lines(wrapped(first, room, size=9, weight="bold"), 9, weight="bold")
    for line in rest:
        sheet.lines(wrapped(line, room))
    for warning in warnings:
        sheet.down += 0.04
        sheet.lines(wrapped(f"x {warning}", room, weight="bold"), colour=AGAINST, weight="bold")
    sheet.down += 0.1


def letter(sheet: Sheet, letter: str, title: str) -> None:
    """The letter and the title of a part of the figure."""
    sheet.text(MARGIN, sheet.down + 0.08, letter, 10, weight="bold")
    sheet.text(MARGIN + 0.22, sheet.down + 0.08, title, 8.5, weight="bold")
    sheet.down += 0.28


def foot(sheet: Sheet, words: Sequence[str], manifest: Mapping[str, Any]) -> None:
    """What has to be known to read a figure, and the words that stand on every sheet."""
    for text in (*words, DECISION_SUPPORT, *manifest["protocol"]["words"]):
        sheet.lines(wrapped(text, WIDTH - 2 * MARGIN, size=6.5), 6.5, QUIET)
