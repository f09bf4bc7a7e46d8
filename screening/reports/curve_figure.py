"""Curves of the amendment laboratory drawn: people who are certain and possible over a range of a parameter.

Two panels of one width, since the possible are many and the certain few. A step is drawn as a step, never as a
slope: between two marks nothing changes. The value in force is a dashed line.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from screening.outcome.curve import Curve, Step
from screening.reports.lettering import inches, wrapped
from screening.reports.paper import LINE, MARGIN, QUIET, TEXT, WIDTH, Sheet, foot, heading, letter, saved
from screening.reports.what_if import MEANING, NO_FORECAST, number_text, shown_steps
from screening.reports.words import safe
from screening.values.unit import everyday

_CERTAIN, _POSSIBLE = "#0b4a8f", "#c3540a"
_LEFT, _RIGHT, _HIGH, _TICKS = 0.85, 0.2, 1.25, 5
_PANELS = (
    ("Certain: ELIGIBLE", "ELIGIBLE", _CERTAIN),
    ("Possible: not RULED OUT, an upper bound", "possible", _POSSIBLE),
)


def said(curves: Sequence[Curve], manifest: Mapping[str, Any], limit: int) -> tuple[str, str]:
    """The title of the figure, and what it shows in words."""
    protocol = manifest["protocol"]
    names = ", ".join(safe(curve.parameter) for curve in curves)
    title = (
        f"People over a range of {names}, {safe(protocol['name'])} {safe(protocol['version'])}, {protocol['said']}"
    )
    texts = [NO_FORECAST]
    for curve in curves:
        steps = shown_steps(curve, limit)
        if not steps:
            continue
        ends = [
            f"{number_text(value)}: certain {_shown(step.certain, limit)}, possible {_shown(step.possible, limit)}"
            for value, step in ((curve.low, steps[0]), (curve.high, steps[-1]))
        ]
        texts.append(f"As of {manifest['as_of']}, {safe(curve.parameter)} at {'; at '.join(ends)}.")
    return title, " ".join(texts)


def _shown(number: int, limit: int) -> str:
    return f"<{limit}" if 0 < number < limit else f"{number:,}"


def drawn(curves: Sequence[Curve], manifest: Mapping[str, Any], limit: int, form: str) -> bytes:
    """The curves as `svg` or `png`."""

    def draw(sheet: Sheet) -> None:
        heading(sheet, manifest)
        for number, curve in enumerate(curves):
            unit = everyday(curve.unit) if curve.unit else ""
            label = f"{safe(curve.parameter)}{f', {unit}' if unit else ''}"
            letter(sheet, chr(ord("A") + number), label)
            source = f"In force: {safe(curve.present)} ({safe(curve.source)})"
            sheet.lines(wrapped(source, WIDTH - 2 * MARGIN), colour=QUIET)
            steps = shown_steps(curve, limit)
            for position, named in enumerate(_PANELS):
                _panel(sheet, curve, steps, named, limit, position == len(_PANELS) - 1, label)
            sheet.down += 0.1
        words = [NO_FORECAST, MEANING]
        if limit:
            words.append(f"Counts under {limit} are not drawn; steps at which fewer people move are joined.")
        foot(sheet, words, manifest)

    return saved(draw, said(curves, manifest, limit), form)


def _panel(
    sheet: Sheet,
    curve: Curve,
    steps: Sequence[Step],
    named: tuple[str, str, str],
    limit: int,
    is_last: bool,
    label: str,
) -> None:
    """One count over the range, on axes of its own."""
    title, word, colour = named
    sheet.down += 0.34
    sheet.text(_LEFT, sheet.down - 0.2, title, 7.5, TEXT, weight="bold")
    top, bottom = sheet.down, sheet.down + _HIGH
    width = WIDTH - _LEFT - _RIGHT
    counts = [_count(step, word) for step in steps]
    drawn_counts = [n for n in counts if not 0 < n < limit]
    ticks = nice(0, max([*drawn_counts, 1]))
    if ticks[-1] < max(drawn_counts, default=0):
        # The line ends below the highest tick.
        ticks.append(2 * ticks[-1] - ticks[-2])
    most = ticks[-1]

    def x(value: Fraction) -> float:
        span = curve.high - curve.low
        return _LEFT + width * (float((value - curve.low) / span) if span else 0.5)

    def y(number: float) -> float:
        return bottom - _HIGH * number / most

    for tick in ticks:
        sheet.rule(y(tick), "#d9d9d9", 0.5, _LEFT, _LEFT + width)
        sheet.text(_LEFT - 0.08, y(tick), f"{tick:,.0f}", 7, QUIET, "right")
    _line(sheet, curve, steps, counts, limit, (x, y, colour))
    present = _present(curve)
    if present is not None:
        at = x(present)
        sheet.axes.plot([at, at], [top, bottom], color=TEXT, linewidth=0.8, linestyle=(0, (4, 3)))
        if not is_last:
            words = f"in force {number_text(present)}"
            half = inches(words, 6.5, "normal") / 2
            middle = min(max(at, _LEFT + half), _LEFT + width - half)
            sheet.text(middle, top - 0.07, words, 6.5, TEXT, "center")
    sheet.rule(bottom, TEXT, 0.8, _LEFT, _LEFT + width)
    sheet.down = bottom
    for tick in nice(float(curve.low), float(curve.high), curve.is_whole):
        at = x(Fraction(tick).limit_denominator(10**6))
        sheet.axes.plot([at, at], [bottom, bottom + 0.04], color=TEXT, linewidth=0.8)
        if is_last:
            sheet.text(at, bottom + 0.12, f"{tick:g}", 7, QUIET, "center")
    if is_last:
        sheet.text(_LEFT + width / 2, bottom + 0.12 + LINE, label, 7.5, TEXT, "center")
        sheet.down += 0.12 + 2 * LINE


def _line(
    sheet: Sheet,
    curve: Curve,
    steps: Sequence[Step],
    counts: Sequence[int],
    limit: int,
    places: tuple[Any, Any, str],
) -> None:
    """The steps as one line; a hidden count leaves a gap in it."""
    x, y, colour = places
    xs: list[float] = []
    ys: list[float] = []
    for position, (step, number) in enumerate(zip(steps, counts, strict=True)):
        after = steps[position + 1].mark.value if position + 1 < len(steps) else curve.high
        height = math.nan if 0 < number < limit else y(number)
        xs += [x(step.mark.value), x(after)]
        ys += [height, height]
    sheet.axes.plot(xs, ys, color=colour, linewidth=1.4, solid_joinstyle="miter", solid_capstyle="butt")


def _count(step: Step, word: str) -> int:
    return step.possible if word == "possible" else step.people.get(word, 0)


def _present(curve: Curve) -> Fraction | None:
    """The value in force, where it lies in the range."""
    try:
        value = Fraction(curve.present.split(" ")[0])
    except ValueError:
        return None
    return value if curve.low <= value <= curve.high else None


def nice(low: float, high: float, is_whole: bool = True) -> list[float]:
    """Round numbers from one to another, at about even distances.

    >>> nice(140, 180)
    [140, 150, 160, 170, 180]
    """
    if high <= low:
        return [low]
    rough = (high - low) / _TICKS
    power = 10 ** math.floor(math.log10(rough))
    step = next(power * n for n in (1, 2, 2.5, 5, 10) if power * n >= rough)
    step = max(1, math.ceil(step)) if is_whole else step
    first = math.ceil(low / step - 1e-9)
    return [round(n * step, 10) for n in range(first, math.floor(high / step + 1e-9) + 1)]
