"""How long what people were screened from is kept: what a policy would delete, what it may not, and deleting it.

Nothing of somebody who consented or was decided on is deleted before the retention of the trial has ended, and
nothing at all under a legal hold. Entries, digests and reasons stay for ever.

Sources: 21 CFR 312.62(c) and 11.10(c), ICH E6(R3) appendix C; how long is a site's setting.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from screening.errors import LedgerError
from screening.ledger.entry import Entry, Kind
from screening.ledger.event import APPROACHED, Event, event_of
from screening.ledger.past import SCREENINGS
from screening.ledger.store import Ledger
from screening.values import calendar
from screening.values.bounds import exactly

if TYPE_CHECKING:
    from screening.ledger.draft import Signer
    from screening.reports.line import Line

_PERIOD = re.compile(r"P(\d{1,3})([YMWD])", re.ASCII)
_UNITS = {"Y": "years", "M": "months", "W": "weeks", "D": "days"}
# Of whom one of these is recorded belongs to the trial's records, also after consent was withdrawn.
_OF_THE_TRIAL = (
    Event.CONSENT, Event.CONSENT_WITHDRAWN, Event.ENROLLED, Event.ADVERSE_EVENT, Event.DEVIATION,
)  # fmt: skip
HELD, KEPT, APPROACHED_ONLY = "legal hold", "consented or decided on", "approached"


@dataclass(frozen=True)
class Policy:
    """Whose contents go: of people whose last entry is from before a moment, or of everybody where it is empty; of
    those alone whom nobody approached.

    `has_ended`: the retention of the trial has ended, so that nothing is kept for consent or decision.
    """

    before: str
    never_approached: bool = False
    has_ended: bool = False


@dataclass(frozen=True)
class Due:
    """One person of whom something is kept and old enough: which contents of which entries, or why they stay."""

    about: str
    last_at: str
    numbers: tuple[int, ...]
    contents: tuple[str, ...]
    kept_for: str = ""


@dataclass
class _Person:
    """What the entries about one person come to."""

    last_at: str = ""
    is_held: bool = False
    held_on: str = ""
    has_consented: bool = False
    was_approached: bool = False
    entries: list[Entry] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """One more entry."""
        self.last_at = max(self.last_at, entry.at)
        event = event_of(entry)
        match event:
            case Event.HOLD:
                self.is_held, self.held_on = True, max(self.held_on, str(entry.statement["on"]))
            case Event.HOLD_LIFTED if str(entry.statement["on"]) >= self.held_on:
                # The end of an earlier hold, entered late, lifts no later one.
                self.is_held = False
        asked = entry.kind in SCREENINGS and bool(entry.statement.get("consent"))
        decided = entry.kind in (Kind.REVIEWED, Kind.DECIDED)
        self.has_consented |= asked or decided or event in _OF_THE_TRIAL
        self.was_approached |= event in APPROACHED or entry.kind is Kind.LOOKED_UP
        if entry.contents:
            self.entries.append(entry)

    def is_due(self, policy: Policy) -> bool:
        """Whether the last entry is old enough; without a period every one is."""
        return not policy.before or self.last_at < policy.before

    def kept_for(self, policy: Policy) -> str:
        """Why nothing of this person may be deleted; empty if it may."""
        if self.is_held:
            return HELD
        if self.has_consented and not policy.has_ended:
            return KEPT
        return APPROACHED_ONLY if policy.never_approached and (self.was_approached or self.has_consented) else ""


def before(period: str, now: datetime.datetime) -> str:
    """The moment so long ago, as entries write it: `P2Y`, `P18M`, `P90D`. Raises LedgerError for any other."""
    found = _PERIOD.fullmatch(period)
    amount = int(found[1]) if found else 0
    day = None
    if found and amount:
        shifted = calendar.shift(exactly(now.astimezone(datetime.UTC).date()), exactly(-amount), _UNITS[found[2]])
        day = shifted.low
    if day is None:
        raise LedgerError("a period is written like P2Y, P18M, P26W or P90D")
    return f"{day.isoformat()}T00:00:00.000000Z"


def due(ledger: Ledger, policy: Policy) -> list[Due]:
    """Everybody whose last entry is old enough and of whom something is kept, in the order of their entries."""
    return [
        found
        for about, person in _people(ledger.entries()).items()
        if person.is_due(policy) and (found := _due(ledger, about, person, policy)).contents
    ]


def _people(entries: Iterable[Entry]) -> dict[str, _Person]:
    found: dict[str, _Person] = {}
    for entry in entries:
        if entry.about:
            found.setdefault(entry.about, _Person()).add(entry)
    return found


def _due(ledger: Ledger, about: str, person: _Person, policy: Policy) -> Due:
    held = [(entry.number, digest) for entry in person.entries for digest, _, _ in ledger.contents_of(entry)]
    numbers = tuple(dict.fromkeys(number for number, _ in held))
    return Due(about, person.last_at, numbers, tuple(digest for _, digest in held), person.kept_for(policy))


def purge(
    ledger: Ledger, found: Sequence[Due], policy: Policy, reason: str, by: Signer, now: datetime.datetime
) -> Entry | None:
    """Deletes what is due and not kept for anything; None where there is nothing to delete.

    Raises LedgerError where it is not due any more: somebody consented meanwhile, or is under a legal hold.
    """
    digests = _going(found)
    return ledger.purge(digests, reason, by, now, lambda: {*_going(due(ledger, policy))}) if digests else None


def _going(found: Iterable[Due]) -> list[str]:
    return [digest for each in found if not each.kept_for for digest in each.contents]


def purge_entries(
    ledger: Ledger, numbers: Sequence[int], reason: str, has_ended: bool, by: Signer, now: datetime.datetime
) -> Entry:
    """Deletes what these entries were made from.

    Raises LedgerError where there is nothing of one of them, or the person's contents are kept for something.
    """

    def going() -> list[str]:
        return _of_entries(ledger, numbers, has_ended)

    return ledger.purge(going(), reason, by, now, lambda: {*going()})


def _of_entries(ledger: Ledger, numbers: Sequence[int], has_ended: bool) -> list[str]:
    digests: list[str] = []
    people: dict[str, _Person] = {}
    for number in dict.fromkeys(numbers):
        entry = ledger.entry(number)
        held = [digest for digest, _, _ in ledger.contents_of(entry)] if entry else []
        if entry is None or not held:
            raise LedgerError(f"there is nothing of entry {number} to purge")
        if entry.about and entry.about not in people:
            people |= _people(ledger.entries(entry.about))
        kept = people[entry.about].kept_for(Policy("", False, has_ended)) if entry.about else ""
        if kept:
            raise LedgerError(f"entry {number} is kept: {_WHY[kept]}")
        digests += held
    return digests


_WHY = {
    HELD: "the person is under a legal hold; it is lifted by an event of its own",
    KEPT: "the person consented or was decided on; say --retention-ended when the trial's retention has ended",
}


def tally(found: Iterable[Due]) -> Iterator[tuple[str, int, int]]:
    """How many people and contents go (first), and how many stay for what."""
    reasons = ("", KEPT, APPROACHED_ONLY, HELD)
    kept = list(found)
    for reason in reasons:
        those = [each for each in kept if each.kept_for == reason]
        yield reason, len(those), sum(len(each.contents) for each in those)


def told(found: Sequence[Due], policy: Policy, is_done: bool) -> list[Line]:
    """What a policy would delete or has deleted, in lines for people."""
    from screening.reports import retained as report

    going = [each.about for each in found if not each.kept_for]
    return report.due(list(tally(found)), going, policy.before[:10], is_done)
