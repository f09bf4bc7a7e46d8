"""Whether the row of one person in a cohort still holds, said below the screen of that person."""

from __future__ import annotations

from collections.abc import Sequence

from screening.outcome.row import Row
from screening.reports.line import AGAINST, OPEN, Line, paragraph
from screening.reports.words import counted, folded, safe

_MOST = 6


def agreement(written: Row, now: Row, changed: Sequence[str], rules_changed: bool) -> list[Line]:
    """What was compared with what, and what has changed of source and rules since the run."""
    lines = [Line("")]
    if written == now:
        lines += paragraph(
            f"Row: {counted(len(now.criteria), 'criterion', 'criteria')}, reasons, missing items, alerts, "
            "standing and verdict of this screening agree with the row of the cohort.",
            "+ ",
            "  ",
        )
    else:
        shown = folded(f"Row: differs from the row of the cohort in {_differing(written, now)}.", "x ", "  ")
        lines += [Line(shown[0], AGAINST, 1), *(Line(each) for each in shown[1:])]
    if changed:
        named = ", ".join(safe(name) for name in changed[:3])
        more = f", {len(changed) - 3:,} more" if len(changed) > 3 else ""
        lines += _open(f"Source: changed since the run: {counted(len(changed), 'file')} ({named}{more}).")
    if rules_changed:
        lines += _open(
            "Rules or site declaration: changed since the run; its manifest names the digests of those used."
        )
    if changed or rules_changed:
        lines += paragraph("Run `screening cohort` again before the row is relied on.", "  ", "  ")
    return lines


def _open(text: str) -> list[Line]:
    shown = folded(text, "? ", "  ")
    return [Line(shown[0], OPEN, 1), *(Line(each) for each in shown[1:])]


def _differing(written: Row, now: Row) -> str:
    """In what two rows differ, by name and without a value."""
    before = dict(written.criteria)
    ids = [id for id, truth in now.criteria if before.get(id) != truth]
    ids += [id for id in before if id not in dict(now.criteria)]
    parts = [f"{', '.join(ids[:_MOST])}{f', {len(ids) - _MOST} more' if len(ids) > _MOST else ''}"] if ids else []
    for name in ("standing", "verdict", "deciding", "reasons", "missing", "alerts", "evidence", "not_before"):
        if getattr(written, name) != getattr(now, name):
            parts.append(name.replace("_", " "))
    return "; ".join(parts) or "age or sex"
