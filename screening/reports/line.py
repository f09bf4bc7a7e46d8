"""Lines of a screen, and how they reach a terminal: colour on the mark, the verdict and the alert alone.

Each palette is set by hand: mapping one palette down to fewer colours picks ones that fail in contrast.
rich is imported where a person looks at a colour terminal, and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import IO, NamedTuple

from screening.reports.words import MARGIN, WIDTH, folded

AGAINST, OPEN, QUIET = "against", "open", "quiet"


class Line(NamedTuple):
    """One line: its text, the token and length of its mark, its bold part, whether it is an alert."""

    text: str
    token: str = ""
    marked: int = 0
    bold: tuple[int, int] = (0, 0)
    is_alert: bool = False


_TRUECOLOR = {
    AGAINST: "#c3540a",
    OPEN: "#1576d6",
    QUIET: "#767676",
    "bold": "bold",
    "alert": "bold #ffffff on #c3540a",
}
_256 = {AGAINST: "color(131)", OPEN: "color(63)", "bold": "bold", "alert": "bold color(231) on color(131)"}
# With 16 colours the terminal's owner decides what they look like: only bold and reverse are safe.
_16 = {AGAINST: "bold", OPEN: "bold", "bold": "bold", "alert": "bold reverse"}
PALETTES: Mapping[str, Mapping[str, str]] = {"truecolor": _TRUECOLOR, "256": _256, "standard": _16}


def palette_for(environment: Mapping[str, str]) -> str:
    """Which palette a terminal can show, by what it says of itself."""
    if environment.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return "truecolor"
    return "256" if "256" in environment.get("TERM", "") else "standard"


def marked(mark: str, token: str, head: str, texts: Sequence[str], width: int | None = None) -> list[Line]:
    """A mark in column 1, a name, and texts; the first goes on the mark's line, all are indented below it."""
    start = f"{mark} {head}".ljust(MARGIN)
    if not start.endswith(" "):
        start += " "
    indent = " " * MARGIN
    lines: list[str] = []
    for position, text in enumerate(texts):
        lines += folded(text, start if position == 0 else indent, indent, width)
    lines = lines or [start.rstrip()]
    return [Line(lines[0], token, len(mark)), *(Line(text) for text in lines[1:])]


def paragraph(text: str, first: str = "", rest: str = "") -> list[Line]:
    """A text broken into lines of the window's columns, 80 at most."""
    return [Line(each) for each in folded(text, first, rest)]


def titled(title: str, text: str) -> list[Line]:
    """A title of the margin's width and what belongs to it."""
    return paragraph(text, f"{title:<{MARGIN}}", " " * MARGIN)


def plain_text(lines: Iterable[Line]) -> str:
    """The lines without any colour; the bytes of a pipe."""
    return "".join(line.text + "\n" for line in lines)


def print_coloured(lines: Iterable[Line], file: IO[str], palette: str) -> None:
    """The lines on a colour terminal."""
    from rich.console import Console
    from rich.text import Text

    styles = PALETTES[palette]
    console = Console(
        file=file,
        color_system=palette,  # type: ignore[arg-type]
        force_terminal=True,
        width=WIDTH,
        highlight=False,
        markup=False,
        emoji=False,
    )
    for line in lines:
        text = Text(line.text, no_wrap=True, overflow="ignore", end="\n")
        if line.is_alert and "alert" in styles:
            text.stylize(styles["alert"])
        elif line.token and line.token in styles:
            text.stylize(styles[line.token], 0, line.marked)
        if line.bold != (0, 0):
            text.stylize(styles["bold"], *line.bold)
            if line.token in styles:
                text.stylize(styles[line.token], *line.bold)
        console.print(text, crop=False, soft_wrap=True)
