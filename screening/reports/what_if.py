"""`screening what-if`: what other limits and criteria would do to counts, worded so that nobody reads a forecast.

Certain is ELIGIBLE. Possible is whoever is not RULED OUT: an upper bound, since what nobody recorded rules nobody
out. Whom a person has to judge is told apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from screening.outcome.amendment import CERTAIN, POSSIBLE, Effect, Shift
from screening.outcome.attribution import Attribution, ordered
from screening.outcome.curve import VERDICTS, Curve, Mark, Step
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import Line, paragraph
from screening.reports.suppression import HIDDEN, hidden
from screening.reports.words import columns, counted, cut_to, listed, safe
from screening.values.unit import everyday

NO_FORECAST = (
    "A laboratory: nobody's verdict changes by it, and no rule file. A count under another limit says what these "
    "records would have said; it is no forecast of recruitment."
)
MEANING = (
    "Certain: ELIGIBLE, every criterion known. To review: no known bar, a person has to judge. Possible: not "
    "RULED OUT, an upper bound; certain and to review are part of it."
)
SHOWN, MOST = 12, 12
CURVE_COLUMNS = (
    "parameter", "unit", "from", "value", "certain", "review", "undetermined", "possible", "ruled_out",
)  # fmt: skip
EFFECT_COLUMNS = ("change", "part", "group", "before", "entering", "leaving", "now", "difference")
MOVE_COLUMNS = ("change", "site", "person", "before", "now")
ATTRIBUTION_COLUMNS = (
    "criterion", "text", "shapley", "shapley_exact", "least", "most", "in_order", "anywhere", "only_this_one",
    "unknown",
)  # fmt: skip
_TEXT, _NUMBER = 20, 14


def number_text(value: Fraction) -> str:
    """A number as it is written; one that no decimal is exactly, with what it is a quotient of.

    >>> number_text(Fraction(5, 2)), number_text(Fraction(40, 3))
    ('2.5', '40/3')
    """
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while places < 40 and (value * 10**places).denominator != 1:
        places += 1
    if places == 40:
        return f"{value.numerator}/{value.denominator}"
    return f"{Decimal((value * 10**places).numerator).scaleb(-places):f}"


def mark_text(mark: Mark) -> str:
    """A mark in words: the value, or all above it up to the next line."""
    return f"above {number_text(mark.value)}" if mark.is_above else number_text(mark.value)


# ------------------------------------------------------------------------------------- curves


def shown_steps(curve: Curve, limit: int) -> tuple[Step, ...]:
    """The steps that may be shown where cells below a limit are hidden.

    A step is left out where the people who move at it are too few: they join the next one that is shown.
    """
    if not limit:
        return curve.steps
    kept: list[Step] = []
    for step in curve.steps:
        moved = [abs(step.people.get(w, 0) - kept[-1].people.get(w, 0)) for w in VERDICTS] if kept else [limit]
        if any(moved) and not any(0 < each < limit for each in moved):
            kept.append(step)
    return tuple(kept)


def cells_of(step: Step, limit: int) -> dict[str, str]:
    """The numbers of a step as they are printed."""
    cells = {word: step.people.get(word, 0) for word in VERDICTS}
    cells |= {"possible": step.possible, "everybody": sum(step.people.values())}
    sums = [
        {"ELIGIBLE": 1, "REVIEW": 1, "UNDETERMINED": 1, "possible": -1},
        {"possible": 1, "INELIGIBLE": 1, "everybody": -1},
    ]
    marks = hidden(cells, sums, limit)
    return {name: marks.get(name, f"{number:,}") for name, number in cells.items()}


def told_curve(curve: Curve, limit: int, everything: bool) -> list[Line]:
    """A curve as a table: the ends of the range, the value in force, and where counts change."""
    unit = everyday(curve.unit) if curve.unit else ""
    span = f"{number_text(curve.low)}..{number_text(curve.high)}{f' {unit}' if unit else ''}"
    asked = f", held by {listed(curve.criteria[:4])}" if curve.criteria else ", which no criterion asks for"
    more = f" and {len(curve.criteria) - 4} more" if len(curve.criteria) > 4 else ""
    first = f"{safe(curve.parameter)} {span}; in force {safe(curve.present)} ({safe(curve.source)}){asked}{more}"
    lines = paragraph(first, "", "  ")
    lines.append(_row("  value", "certain", "to review", "possible", "ruled out"))
    steps = shown_steps(curve, limit)
    chosen = steps if everything or len(steps) <= SHOWN else _some(steps)
    for step in chosen:
        cells = cells_of(step, limit)
        head = f"  from {mark_text(step.mark)}" if not step.mark.is_above else f"  {mark_text(step.mark)}"
        lines.append(_row(head, cells["ELIGIBLE"], cells["REVIEW"], cells["possible"], cells["INELIGIBLE"]))
    if len(chosen) < len(steps):
        lines += paragraph(
            f"{counted(len(steps) - len(chosen), 'further step')}: --all, or --format csv.", "  ", "  "
        )
    if curve.odd:
        lines += paragraph(f"{curve.odd:,} of {curve.people:,} people were worked out one by one.", "  ", "  ")
    return lines


def _some(steps: Sequence[Step]) -> list[Step]:
    """The first step, the last, and others at about even distances."""
    wide = (len(steps) - 1) / (SHOWN - 1)
    return [steps[round(n * wide)] for n in range(SHOWN)]


def _row(head: str, *cells: str) -> Line:
    text = head + " " * max(1, _TEXT - columns(head))
    return Line((text + "".join(f"{cell:>{_NUMBER}}" for cell in cells)).rstrip())


def curve_rows(curve: Curve, limit: int) -> Iterator[tuple[str, ...]]:
    """Every step of a curve as cells."""
    for step in shown_steps(curve, limit):
        cells = {name: text.replace(",", "") for name, text in cells_of(step, limit).items()}
        kind = "above" if step.mark.is_above else "at"
        yield (
            curve.parameter, curve.unit, kind, number_text(step.mark.value), cells["ELIGIBLE"], cells["REVIEW"],
            cells["UNDETERMINED"], cells["possible"], cells["INELIGIBLE"],
        )  # fmt: skip


# ------------------------------------------------------------------------------------ effects


def effect_cells(effect: Effect, kind: str, limit: int) -> tuple[str, str, str, str]:
    """Before, entering, leaving and now, as they are printed."""
    names = ("before", "entering", "leaving", "now")
    cells = dict(zip(names, effect.counted(kind), strict=True))
    marks = hidden(cells, [{"before": 1, "entering": 1, "leaving": -1, "now": -1}], limit)
    before, entering, leaving, now = (marks.get(name, f"{number:,}") for name, number in cells.items())
    return before, entering, leaving, now


def told_effect(effect: Effect, limit: int, everything: bool) -> list[Line]:
    """Who would enter and leave, and how the groups would shift."""
    lines = paragraph(safe(effect.title), "", "  ")
    lines.append(_row("", "now in force", "entering", "leaving", "then"))
    for kind, words in ((CERTAIN, "  certain"), (POSSIBLE, "  possible")):
        lines.append(_row(words, *effect_cells(effect, kind, limit)))
    said = effect.shifts[POSSIBLE]
    if not effect.changed:
        return [*lines, Line("  Nobody's verdict would be another one.")]
    lines.append(_row("  of the possible", "before", "then", "difference"))
    shown = (
        said if everything else [each for each in said if each.difference is None or abs(each.difference) >= 0.0]
    )
    for shift in shown[: None if everything else MOST]:
        head = f"  {shift.by}: {safe(shift.group)}" if shift.group != "mean age" else "  mean age, years"
        lines.append(_row(cut_to(head, _TEXT - 1), shift.before, shift.now, difference_text(shift)))
    lines += paragraph(
        "difference: standardised mean difference; about 0.1 and more is a shift.",
        "  ",
        "  ",
    )
    return lines


def difference_text(shift: Shift) -> str:
    """A difference with its sign; nothing where it is hidden or not defined."""
    return "" if shift.difference is None else f"{shift.difference:+.3f}"


def effect_rows(effect: Effect, limit: int) -> Iterator[tuple[str, ...]]:
    """An effect as cells: counts, and the shifts of both kinds."""
    for kind in (CERTAIN, POSSIBLE):
        cells = (text.replace(",", "") for text in effect_cells(effect, kind, limit))
        yield (effect.title, kind, "", *cells, "")
        for shift in effect.shifts[kind]:
            values = (shift.before.replace(",", ""), "", "", shift.now.replace(",", ""))
            yield (effect.title, f"{kind} by {shift.by}", shift.group, *values, difference_text(shift))


# -------------------------------------------------------------------------------- attribution


def told_attribution(found: Attribution, manifest: Mapping[str, Any], limit: int, everything: bool) -> list[Line]:
    """To which criteria the people who are ruled out are owed."""
    marks = attribution_marks(found, limit)
    lines = paragraph(
        f"Ruled out: {marks['all']} of {found.people:,} people, shared by the criteria that bar them "
        "(Shapley: each person counts 1, in equal parts)."
    )
    lines.append(_row("  criterion", "share", "only this", "in order", "anywhere"))
    every = ordered(found)
    barring = [(id, share) for id, share in every if share.anywhere]
    shown = barring if everything else barring[:MOST]
    for id, share in shown:
        text = share_text(share.share) if marks[f"any {id}"] == f"{share.anywhere:,}" else HIDDEN
        lines.append(_row(f"  {safe(id)}", text, marks[f"alone {id}"], marks[f"order {id}"], marks[f"any {id}"]))
    if len(shown) < len(barring):
        lines += paragraph(
            f"{counted(len(barring) - len(shown), 'more criterion', 'more criteria')}: --all.", "  "
        )
    unknown = sorted(((share.unknown, id) for id, share in every if share.unknown), reverse=True)
    if unknown:
        most = ", ".join(f"{safe(id)} {marks[f'open {id}']}" for _, id in unknown[:3])
        lines += paragraph(
            f"Only what is known bars. Of people who are not ruled out, what is unknown may still bar: most often "
            f"{most}."
        )
    return lines


def share_text(share: Fraction) -> str:
    """A share to one place; it is exact in the CSV."""
    return f"{float(share):,.1f}"


def attribution_marks(found: Attribution, limit: int) -> dict[str, str]:
    """The counts of an attribution as they are printed."""
    cells: dict[str, int] = {"all": found.ruled_out}
    sums: list[dict[str, int]] = [{"all": -1}]
    for id, share in found.shares.items():
        cells |= {f"any {id}": share.anywhere, f"order {id}": share.in_order, f"alone {id}": share.alone}
        cells[f"open {id}"] = share.unknown
        sums[0][f"order {id}"] = 1
    marks = hidden(cells, sums, limit)
    return {name: marks.get(name, f"{number:,}") for name, number in cells.items()}


def attribution_rows(found: Attribution, manifest: Mapping[str, Any], limit: int) -> Iterator[tuple[str, ...]]:
    """Every criterion that bars anybody or may, the largest share first."""
    texts = {each["id"]: each["text"] for each in manifest["criteria"]}
    marks = {name: text.replace(",", "") for name, text in attribution_marks(found, limit).items()}
    for id, share in ordered(found):
        is_hidden = any(not marks[f"{kind} {id}"].isdigit() for kind in ("any", "alone", "order", "open"))
        exact = (share.share, share.least, share.most)
        numbers = (
            [HIDDEN] * 4
            if is_hidden
            else [f"{float(exact[0]):.12g}", str(exact[0]), *(f"{float(x):.12g}" for x in exact[1:])]
        )
        counts = (marks[f"{kind} {id}"] for kind in ("order", "any", "alone", "open"))
        yield (id, texts.get(id, ""), *numbers, *counts)


# ---------------------------------------------------------------------------------- the screen


def told(manifest: Mapping[str, Any], parts: Sequence[Sequence[Line]], limit: int) -> list[Line]:
    """The screen: which rules and day, what it is, each part, and what the numbers mean."""
    lines = [*headed(manifest), *paragraph(NO_FORECAST)]
    for part in parts:
        lines += [Line(""), *part]
    lines += [Line(""), *paragraph(MEANING)]
    if limit:
        lines += paragraph(
            f"Cells under {limit} are hidden as <{limit}; * hides any number. "
            "Steps at which fewer people move are joined."
        )
    return [*lines, Line(""), *fixed_words(manifest)]
