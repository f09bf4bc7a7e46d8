"""`screening worklist`: the people of a cohort to look at, with what is on record and what is to be obtained.

Who is on it is NOT RULED OUT, which never means eligible. Who is not to be contacted is never on it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from screening.outcome.row import Row
from screening.reports.cohort import fixed_words, headed
from screening.reports.line import Line, paragraph
from screening.reports.words import OBTAINED, SHORT_OBTAINED, counted, safe

_OPEN = {way: f"open_{SHORT_OBTAINED.get(way, way).lower()}" for way in OBTAINED}
COLUMNS = (
    "pseudonym",
    "change",
    "alert",
    "verdict",
    "anchor_evidence",
    *(_OPEN[way] for way in ("ask", "questionnaire", "examine", "blood", "ECG", "chart", "arrange", "judge")),
    "not_before",
    "disposition",
    "disposition_date",
    "disposition_by",
    "note",
)
NEW, CHANGED, SAME, OFF = "new", "changed", "same", "no longer listed"


class Decided(Protocol):
    """What was decided of one person."""

    @property
    def word(self) -> str: ...
    @property
    def date(self) -> str: ...
    @property
    def by(self) -> str: ...
    @property
    def note(self) -> str: ...


@dataclass(slots=True)
class Worklist:
    """The rows of a worklist, and the counts that say where everybody else is.

    `blocked` are NOT RULED OUT and not to be contacted; `blocked_elsewhere` stand on that list and were not to be
    listed anyway; `unknown` stand on it and in no row of the run. `gone` were listed in the run before.
    """

    rows: list[list[str]] = field(default_factory=list)
    listed: int = 0
    blocked: int = 0
    blocked_elsewhere: int = 0
    unknown: int = 0
    kept: int = 0
    gone: int = 0
    changes: Counter[str] = field(default_factory=Counter)


def worklist(
    rows: Iterable[Row],
    manifest: Mapping[str, Any],
    before: Iterable[Row] | None,
    blocked: frozenset[str],
    decided: Mapping[str, Decided],
) -> Worklist:
    """Everybody who is NOT RULED OUT and may be contacted, people with an alert first, then in the source's order.

    `before` are the rows of an earlier run. A disposition of somebody who is no longer on the list keeps a row at
    its end, so that a worklist which is filled in and given again loses none.
    """
    earlier = {row.id: row for row in before if row.is_listed} if before is not None else None
    obtain = {each["name"]: (each["obtain"], each["label"]) for each in manifest["requirements"]}
    found = Worklist()
    seen, listed = set[str](), set[str]()
    first: list[list[str]] = []
    later: list[list[str]] = []
    for row in rows:
        seen.add(row.id)
        if row.id in blocked:
            found.blocked += row.is_listed
            found.blocked_elsewhere += not row.is_listed
        if not row.is_listed:
            continue
        found.listed += 1
        listed.add(row.id)
        if row.id in blocked:
            continue
        change = _change(row, earlier)
        found.changes[change] += 1
        (first if row.alerts else later).append(_cells(row, change, obtain, decided.get(row.id)))
    found.unknown = len(blocked - seen)
    found.gone = len(earlier.keys() - listed) if earlier is not None else 0
    kept = [id for id in decided if id not in listed and id not in blocked]
    found.kept = len(kept)
    found.rows = [*first, *later, *(_cells(Row(id, "", ""), OFF, obtain, decided[id]) for id in sorted(kept))]
    return found


def _change(row: Row, earlier: Mapping[str, Row] | None) -> str:
    if earlier is None or row.id not in earlier:
        return NEW
    old = earlier[row.id]

    def told(each: Row) -> tuple[object, ...]:
        return (each.verdict, each.criteria, each.missing, each.alerts, each.not_before)

    return SAME if told(old) == told(row) else CHANGED


def _cells(row: Row, change: str, obtain: Mapping[str, tuple[str, str]], decided: Decided | None) -> list[str]:
    open: dict[str, list[str]] = {}
    for name in row.missing:
        way, label = obtain.get(name, ("chart", name))
        open.setdefault(_OPEN.get(way, _OPEN["chart"]), []).append(label)
    said = {
        "pseudonym": row.id,
        "change": change,
        "alert": "; ".join(row.alerts),
        "verdict": row.verdict,
        "anchor_evidence": "; ".join(row.evidence),
        **{column: "; ".join(labels) for column, labels in open.items()},
        "not_before": row.not_before,
    }
    if decided is not None:
        said |= {
            "disposition": decided.word,
            "disposition_date": decided.date,
            "disposition_by": decided.by,
            "note": decided.note,
        }
    return [said.get(column, "") for column in COLUMNS]


def told(
    found: Worklist,
    manifest: Mapping[str, Any],
    place: str,
    has_list: bool,
    has_before: bool,
    differ: Sequence[str],
) -> list[Line]:
    """What was written, in counts that add up."""
    on_it = found.listed - found.blocked
    lines = headed(manifest)
    lines += paragraph(
        f"{found.listed:,} NOT RULED OUT - {found.blocked:,} on the do-not-contact list = {counted(on_it, 'row')}"
    )
    if has_list:
        elsewhere = f"{found.blocked_elsewhere:,} more on that list are not NOT RULED OUT"
        lines += paragraph(f"{elsewhere}, {found.unknown:,} are in no row of this run.", "  ", "  ")
    else:
        lines += paragraph("No do-not-contact list was given (--do-not-contact).", "  ", "  ")
    changes = ", ".join(f"{found.changes[word]:,} {word}" for word in (NEW, CHANGED, SAME))
    gone = (
        f"; {counted(found.gone, 'person', 'people')} of the run before not listed any more" if found.gone else ""
    )
    if has_before:
        lines += paragraph(f"Since the run before: {changes}{gone}.", "", "  ")
    else:
        lines += paragraph("No run before was given (--previous): everybody is new.", "  ", "  ")
    if differ:
        lines += paragraph(f"The run before differs in {', '.join(differ)}.", "", "  ")
    if found.kept:
        kept = counted(found.kept, "disposition")
        lines += paragraph(f"{kept} of people no longer listed kept at the end, change `{OFF}`.", "+ ", "  ")
    lines += paragraph(f"Written: {safe(place)}. It names people: keep it where their records are kept.", "", "  ")
    return [*lines, Line(""), *fixed_words(manifest)]
