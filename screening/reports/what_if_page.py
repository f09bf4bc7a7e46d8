"""The amendment laboratory as a page: the figure of the curves, and every number as a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from screening.outcome.amendment import Effect
from screening.outcome.attribution import Attribution
from screening.outcome.curve import Curve
from screening.reports import what_if
from screening.reports.cohort import settings
from screening.reports.page import Fact, Page, Picture, Section, Table
from screening.reports.words import DECISION_SUPPORT_FULL, safe


def page(
    manifest: Mapping[str, Any],
    curves: Sequence[Curve],
    effects: Sequence[Effect],
    attribution: Attribution | None,
    limit: int,
    figure: tuple[bytes, tuple[str, str]] | None,
) -> Page:
    """The whole page; `figure` is a PNG with its title and its description, where there are curves."""
    protocol = manifest["protocol"]
    first, second = (" ".join(" ".join(pair).split()) for pair in settings(manifest))
    sections = [Section("What this is", texts=(what_if.NO_FORECAST, what_if.MEANING))]
    if figure is not None:
        png, (title, words) = figure
        sections.append(Section("Curves", pictures=(Picture(title, words, png),)))
    for curve in curves:
        rows = tuple(what_if.curve_rows(curve, limit))
        table = Table(f"People by {safe(curve.parameter)}", what_if.CURVE_COLUMNS, _safe(rows))
        texts = (f"In force: {safe(curve.present)} ({safe(curve.source)}).",)
        sections.append(Section(safe(curve.parameter), texts=texts, tables=(table,)))
    for effect in effects:
        table = Table(
            "Counts and shifts",
            what_if.EFFECT_COLUMNS[1:],
            _safe(r[1:] for r in what_if.effect_rows(effect, limit)),
        )
        sections.append(Section(safe(effect.title), tables=(table,)))
    if attribution is not None:
        rows = tuple(what_if.attribution_rows(attribution, manifest, limit))
        table = Table("Who is ruled out, by criterion", what_if.ATTRIBUTION_COLUMNS, _safe(rows))
        sections.append(Section("To which criteria the people lost are owed", tables=(table,)))
    return Page(
        f"What if: {safe(protocol['name'])} {safe(protocol['version'])}",
        f"{protocol['said']}. {safe(protocol['name'])} {safe(protocol['version'])}, as of {manifest['as_of']}",
        (Fact("Rules", (first,)), Fact("Day and site", (second,)), Fact("Digest", (protocol["digest"],))),
        tuple(sections),
        (DECISION_SUPPORT_FULL, *protocol["words"]),
    )


def _safe(rows: Any) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(safe(cell) for cell in row) for row in rows)
