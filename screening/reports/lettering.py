"""Letters of figures: how wide a text is, where its lines break, and which letters the font does not have."""

from __future__ import annotations

from functools import cache
from typing import Any

from screening.reports.words import safe

SIZE = 7.5  # points


@cache
def _letters() -> Any:
    from matplotlib import font_manager

    return font_manager.get_font(font_manager.findfont("DejaVu Sans")).get_charmap()


def drawable(text: str) -> str:
    """A text of letters that the font has; others are shown by their numbers."""
    letters = _letters()
    return "".join(c if ord(c) in letters else f"\\u{ord(c):04x}" for c in safe(text))


@cache
def inches(text: str, size: float, weight: str) -> float:
    """How wide a text is, in inches."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import TextToPath

    letters = FontProperties(family="DejaVu Sans", size=size, weight=weight)
    width, _, _ = TextToPath().get_text_width_height_descent(text, letters, False)
    return float(width) / 72


def wrapped(text: str, room: float, most: int = 99, size: float = SIZE, weight: str = "normal") -> list[str]:
    """A text broken into lines of so many inches; what is cut is marked."""
    lines = [""]
    for word in drawable(text).split(" "):
        tried = f"{lines[-1]} {word}".strip()
        if inches(tried, size, weight) <= room:
            lines[-1] = tried
            continue
        if lines[-1]:
            lines.append("")
        while inches(word, size, weight) > room and len(word) > 1:
            fits = next(n for n in range(len(word) - 1, 0, -1) if n == 1 or inches(word[:n], size, weight) <= room)
            lines[-1], word = word[:fits], word[fits:]
            lines.append("")
        lines[-1] = word
    if len(lines) > most:
        last = lines[most - 1]
        while last and inches(f"{last}...", size, weight) > room:
            last = last[:-1]
        lines = [*lines[: most - 1], f"{last.rstrip(' ,;:(')}..."]
    return lines
