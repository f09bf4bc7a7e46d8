"""Colour: each token has contrast enough, stays apart for colour-blind eyes, and no word hangs on it."""

from __future__ import annotations

import io
import re

import pytest

from screening.reports import line
from screening.reports.line import Line

WHITE, BLACK = (255, 255, 255), (0, 0, 0)
# The xterm palette's own values of the colours that are named by number.
XTERM = {131: (0xAF, 0x5F, 0x5F), 63: (0x5F, 0x5F, 0xFF), 231: WHITE}


def luminance(colour: tuple[int, int, int]) -> float:
    def linear(part: int) -> float:
        share = part / 255
        return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part) for part in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(a: tuple[int, int, int], b: tuple[int, int, int]) -> float:
    low, high = sorted((luminance(a), luminance(b)))
    return (high + 0.05) / (low + 0.05)


def colour_of(style: str) -> tuple[int, int, int]:
    if style.startswith("#"):
        return int(style[1:3], 16), int(style[3:5], 16), int(style[5:7], 16)
    return XTERM[int(style.removeprefix("color(").removesuffix(")"))]


@pytest.mark.parametrize("palette", ["truecolor", "256"])
@pytest.mark.parametrize("token", [line.AGAINST, line.OPEN])
@pytest.mark.parametrize("ground", [WHITE, BLACK])
def test_a_token_can_be_read_on_black_and_on_white(palette: str, token: str, ground: tuple[int, int, int]) -> None:
    assert contrast(colour_of(line.PALETTES[palette][token]), ground) >= 4.5


@pytest.mark.parametrize("palette", ["truecolor", "256"])
def test_the_alert_can_be_read(palette: str) -> None:
    front, back = line.PALETTES[palette]["alert"].removeprefix("bold ").split(" on ")
    assert contrast(colour_of(front), colour_of(back)) >= 4.5


def test_with_16_colours_only_bold_and_reverse() -> None:
    assert set(" ".join(line.PALETTES["standard"].values()).split()) == {"bold", "reverse"}


@pytest.mark.parametrize(
    ("environment", "palette"),
    [
        ({"COLORTERM": "truecolor"}, "truecolor"),
        ({"COLORTERM": "24bit", "TERM": "xterm-256color"}, "truecolor"),
        ({"TERM": "xterm-256color"}, "256"),
        ({"TERM": "xterm"}, "standard"),
        ({}, "standard"),
    ],
)
def test_the_palette_follows_what_the_terminal_says(environment: dict[str, str], palette: str) -> None:
    assert line.palette_for(environment) == palette


def test_the_words_are_the_same_with_and_without_colour() -> None:
    lines = [
        Line("x INELIGIBLE    [1 bar]  :smile:", line.AGAINST, 1, (2, 12)),
        Line("!! ALERT", line.AGAINST, 2, is_alert=True),
        Line("y" * 90),
        Line(""),
    ]
    for palette in line.PALETTES:
        file = io.StringIO()
        line.print_coloured(lines, file, palette)
        plain = re.sub(r"\x1b\[[0-9;]*m", "", file.getvalue())
        assert plain == line.plain_text(lines)


def test_a_mark_stands_in_column_1_and_what_follows_is_indented() -> None:
    lines = line.marked("x", line.AGAINST, "SCV01A", ["word " * 20, "until treated"])
    assert lines[0].text.startswith("x SCV01A  word")
    assert all(each.text.startswith(" " * 10) for each in lines[1:])
    assert lines[-1].text == " " * 10 + "until treated"
