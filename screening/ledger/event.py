"""Events of a trial that stand beside a verdict: consent, what happened at screening, holds; and what they forbid.

An event is coded and has its day. Its words are health data: they lie beside the entry and can be purged.

Sources: 21 CFR 11.10(f) and 312.62 (consent before participation), ICH E6(R3) 2.7.2 (events before the first dose
are recorded apart from the reason of eligibility) and 4.2.4 (review of the audit trail).
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from enum import StrEnum
from functools import reduce
from typing import NamedTuple

from screening.errors import LedgerError
from screening.ledger.draft import Draft
from screening.ledger.entry import Entry, Kind, is_text

PRE_SCREENING = "pre-screening"
STAGES = (PRE_SCREENING, "screening", "day-of-infusion")
NOTE = "note"


class Event(StrEnum):
    """What happened. Only the review of the audit trail is about nobody."""

    CONTACTED = "contacted"
    CONSENT = "consent"
    CONSENT_WITHDRAWN = "consent withdrawn"
    DECLINED = "declined"
    ENROLLED = "enrolled"
    ADVERSE_EVENT = "adverse event"
    DEVIATION = "protocol deviation"
    HOLD = "legal hold"
    HOLD_LIFTED = "legal hold lifted"
    TRAIL_REVIEWED = "audit trail reviewed"


# Whoever one of these is recorded of was approached: what was kept of them is part of the trial's records.
APPROACHED = frozenset(Event) - {Event.HOLD, Event.HOLD_LIFTED, Event.TRAIL_REVIEWED}


def draft(event: Event, about: str, day: str, note: str = "", refers: tuple[int, ...] = ()) -> Draft:
    """An event before it has its place. Raises LedgerError for words that are no text."""
    if not is_text(note):
        raise LedgerError("the words of an event hold what is no text in UTF-8; write them again")
    contents = ((NOTE, note.encode()),) if note.strip() else ()
    return Draft(Kind.EVENT, {"event": event.value, "on": day}, about, refers, contents=contents)


def event_of(entry: Entry) -> Event | None:
    """Which event an entry is of; None of every other entry."""
    said = entry.statement.get("event")
    return Event(said) if entry.kind is Kind.EVENT and said in tuple(Event) else None


def faults(entry: Entry) -> Iterator[str]:
    """What is wrong with an entry of an event by itself."""
    event = event_of(entry)
    if event is None:
        yield "it is no event that a ledger knows"
    elif not is_day(entry.statement.get("on")):
        yield "an event has its day"
    elif str(entry.statement["on"]) > entry.at[:10] and not _is_near_midnight(entry):
        yield "an event is entered when it has happened, not before"
    elif (event is Event.TRAIL_REVIEWED) == bool(entry.about):
        yield "an event is about one person; a review of the audit trail is about nobody"


def _is_near_midnight(entry: Entry) -> bool:
    """Whether the local day may be the next one already: `on` is a local day, `at` is UTC."""
    day = datetime.date.fromisoformat(entry.at[:10]) + datetime.timedelta(days=1)
    return entry.statement["on"] == day.isoformat() and entry.offset.startswith("+")


def is_day(text: object) -> bool:
    """Whether a text is a day of the calendar in its one spelling."""
    try:
        return isinstance(text, str) and datetime.date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def unconsented(entry: Entry, has_withdrawn: bool) -> Iterator[str]:
    """What of a screening came before consent, and may not have (the sequence of R10)."""
    said = entry.statement
    consent, as_of, is_draft = said.get("consent") or "", said.get("as_of", ""), said.get("draft") is True
    if has_withdrawn:
        yield "the person has withdrawn consent; consent given again, then or later, is an event of its own"
    if consent and not is_day(consent):
        yield "the day of consent is no day"
    if said.get("stage") == PRE_SCREENING:
        if not is_draft and not str(said.get("basis") or "").strip():
            yield "a pre-screening says on which basis records are read before consent"
        return
    if consent and consent > str(as_of):
        yield "consent came after the day of this screening; what comes before it is a pre-screening"
    if not consent and not is_draft:
        yield "no day of consent is given; what comes before consent is a pre-screening, with its basis"


def without_basis(entry: Entry) -> Iterator[str]:
    """Why a run over many people may not be entered: nobody's consent is known of it, so it is a pre-screening."""
    said = entry.statement
    is_founded = said.get("stage") == PRE_SCREENING and bool(str(said.get("basis") or "").strip())
    if said.get("draft") is not True and not is_founded:
        yield "a run over many people is a pre-screening, and says on which basis records are read before consent"


class Consent(NamedTuple):
    """What events say of a person's consent: its day, empty if there is none; whether it was withdrawn since.

    `withdrawn` is the last day on which it was: consent from before that day, entered late, is not given again.
    """

    day: str = ""
    is_withdrawn: bool = False
    withdrawn: str = ""

    def after(self, entry: Entry) -> Consent:
        """The same after one more entry about the person."""
        on = str(entry.statement.get("on", ""))
        match event_of(entry):
            case Event.CONSENT_WITHDRAWN:
                return Consent("", True, max(on, self.withdrawn))
            case Event.CONSENT if on >= self.withdrawn:
                return Consent(on, False, self.withdrawn)
        return self


def consents(entries: Iterable[Entry]) -> tuple[str, bool]:
    """The day of a person's consent, empty if there is none, and whether it was withdrawn since."""
    found = reduce(Consent.after, entries, Consent())
    return found.day, found.is_withdrawn
