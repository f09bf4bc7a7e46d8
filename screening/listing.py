"""A ledger looked through: the entries that a review of the trail asks for, and the screening log as a table.

Sources: ICH E6(R3) 4.2.4 (review of the audit trail by plan), E6(R2) 8.3.20 (screening log), CONSORT 2025 (one
primary reason: the first in the order of the protocol).
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from screening.ledger.entry import Entry, Kind
from screening.ledger.event import Event, event_of, is_day
from screening.ledger.past import SCREENINGS
from screening.ledger.screened import CERTIFICATE
from screening.ledger.store import Ledger
from screening.output.table import table

if TYPE_CHECKING:
    from screening.reports.line import Line

KINDS = tuple(kind.value for kind in Kind)
_OF_ROLES = frozenset({Kind.KEY, Kind.KEY_WITHDRAWN, Kind.APPROVED, Kind.WITHDRAWN, Kind.EXCEPTION})
_CHANGES = SCREENINGS | {Kind.CORRECTED, Kind.REVIEWED, Kind.DECIDED}
COLUMNS = (
    "code", "assessed", "stage", "outcome", "standing", "primary_reason", "reasons", "consent", "decision",
    "draft", "entry", "entered",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """Which entries are listed: those that meet everything that is asked for; all of them if nothing is."""

    about: str = ""
    kind: str = ""
    late_days: int | None = None
    after_decision: bool = False
    roles: bool = False


def found(ledger: Ledger, asked: Asked) -> Iterator[Entry]:
    """The entries that are asked for, in their order."""
    decided: set[str] = set()
    for entry in ledger.entries(asked.about or None):
        is_after = entry.about in decided and entry.kind in _CHANGES
        if entry.kind is Kind.DECIDED:
            decided.add(entry.about)
        if asked.kind and entry.kind.value != asked.kind:
            continue
        if asked.late_days is not None and not _days_late(entry) > asked.late_days:
            continue
        if (is_after or not asked.after_decision) and (entry.kind in _OF_ROLES or not asked.roles):
            yield entry


def _days_late(entry: Entry) -> int:
    """How many days after what it is about an entry was made: the day of a screening, of an event."""
    said = entry.statement.get("as_of" if entry.kind in SCREENINGS | {Kind.COHORT} else "on")
    if not is_day(said):
        return 0
    return (datetime.date.fromisoformat(entry.at[:10]) - datetime.date.fromisoformat(str(said))).days


def screening_log(ledger: Ledger) -> str:
    """Every screening as a row of a CSV table, and everybody who declined without one.

    Who consented on a later day than that of declining did not decline.
    """
    from screening.reports.words import safe

    rows: list[tuple[str, ...]] = []
    screened: set[str] = set()
    decisions: dict[int, str] = {}
    # Of each person the last time that they declined, and that they did not: the day, then the entry.
    declined: dict[str, tuple[str, int]] = {}
    consented: dict[str, tuple[str, int]] = {}
    for entry in ledger.entries():
        if entry.kind is Kind.DECIDED:
            decisions[entry.refers[0]] = str(entry.statement.get("decision", ""))
        if entry.kind in SCREENINGS:
            screened.add(entry.about)
        event = event_of(entry)
        if event in (Event.DECLINED, Event.CONSENT, Event.ENROLLED):
            said = declined if event is Event.DECLINED else consented
            said[entry.about] = max(said.get(entry.about, ("", 0)), (str(entry.statement["on"]), entry.number))
    has_declined = {about: last for about, last in declined.items() if last > consented.get(about, ("", 0))}
    for entry in ledger.entries():
        if entry.kind in SCREENINGS:
            word = decisions.get(entry.number) or ("declined" if entry.about in has_declined else "")
            rows.append(_row(ledger, entry, word))
        elif (last := has_declined.get(entry.about)) and last[1] == entry.number and entry.about not in screened:
            rows.append(
                (entry.about, last[0], "", "", "", "", "", "", "declined", "", str(entry.number), entry.at)
            )
    # Codes are typed by people, and the table is read in terminals as well.
    return table(COLUMNS, [tuple(map(safe, row)) for row in rows])


def _row(ledger: Ledger, entry: Entry, decision: str) -> tuple[str, ...]:
    said: dict[str, Any] = dict(entry.statement)
    reasons = _reasons(ledger, entry)
    return (
        entry.about,
        str(said.get("as_of", "")),
        str(said.get("stage", "")),
        str(said.get("verdict", "")),
        str(said.get("standing", "")),
        reasons[0] if reasons else "",
        " ".join(reasons),
        str(said.get("consent", "")),
        decision,
        "yes" if said.get("draft") is True else "no",
        str(entry.number),
        entry.at,
    )


def _reasons(ledger: Ledger, entry: Entry) -> list[str]:
    """What decides, or is to be reviewed, or else is not known, in the order of the protocol; none if purged."""
    for each in entry.contents:
        data = ledger.content(each.digest) if each.kind == CERTIFICATE else None
        if data is not None:
            made = json.loads(data)["determination"]
            decide = [str(id) for id in (*made["reasons"], *made["to_review"])]
            return decide or [str(each["id"]) for each in made["criteria"] if each["shown"] == "UNKNOWN"]
    return []


def told(entries: Iterator[Entry]) -> list[Line]:
    """Entries, a line each, for people."""
    from screening.reports import retained as report

    return report.listed(entries)
