"""What of the entries before it an entry depends on: looked up in the file, or remembered while a ledger is read.

Nothing of a person's record is needed: kinds, whom entries are about, verdicts, a few bytes for each entry; so a
ledger of a million entries is held in little memory.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
import unicodedata
from array import array
from collections.abc import Iterator, Set
from typing import Protocol

from screening.errors import LedgerError
from screening.ledger import event
from screening.ledger.among import Run, run_of
from screening.ledger.entry import Actor, Entry, Kind, entry_of

SCREENINGS = frozenset({Kind.SCREENED, Kind.RESCREENED})
VERDICTS = ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")
_KINDS = tuple(Kind)
_OF_ENTRIES = ("", *VERDICTS)
_DRAFT, _SUPERSEDED, _BEFORE_CONSENT = 0x80, 0x40, 0x20


class Past(Protocol):
    """What is asked of earlier entries, by their numbers."""

    def kind(self, number: int) -> Kind:
        """The kind of an entry."""

    def is_about(self, number: int, about: str) -> bool:
        """Whether an entry is about this person."""

    def verdict(self, number: int) -> str:
        """The verdict of a screening; empty for any other entry."""

    def is_draft(self, number: int) -> bool:
        """Whether an entry was made under rules that nobody had approved."""

    def is_superseded(self, number: int) -> bool:
        """Whether the person was screened again since, of it or under rules of the same name."""

    def is_under(self, number: int, digest: str) -> bool:
        """Whether a screening was made under rules of this digest."""

    def is_before_consent(self, number: int) -> bool:
        """Whether a screening was one before consent."""

    def has_withdrawn(self, about: str) -> bool:
        """Whether a person has withdrawn consent, and not given it again."""

    def run(self, number: int) -> Run | None:
        """What a run over many people commits to; None of any other entry."""

    def reviewers(self, number: int) -> Set[str]:
        """Who accepted, when they last reviewed a screening, everything that was to be reviewed."""

    def add(self, entry: Entry) -> None:
        """One more entry."""


class Remembered:
    """The past of a ledger that is read from its beginning, in about thirty bytes an entry."""

    def __init__(self) -> None:
        self._kinds = bytearray(1)
        self._verdicts = bytearray(1)
        self._about: array[int] = array("Q", [0])
        self._rules: array[int] = array("Q", [0])
        self._names: array[int] = array("L", [0])
        self._known: dict[str, int] = {"": 0}
        self._reviewers: dict[int, dict[str, bool]] = {}
        self._runs: dict[int, Run] = {}
        # Of everybody who has ever withdrawn consent.
        self._consents: dict[int, event.Consent] = {}

    def kind(self, number: int) -> Kind:
        """The kind of an entry."""
        return _KINDS[self._kinds[number]]

    def is_about(self, number: int, about: str) -> bool:
        """Whether an entry is about this person, by 64 bits of a digest."""
        return self._about[number] == _short(about)

    def verdict(self, number: int) -> str:
        """The verdict of a screening; empty for any other entry."""
        return _OF_ENTRIES[self._verdicts[number] & ~(_DRAFT | _SUPERSEDED | _BEFORE_CONSENT)]

    def is_superseded(self, number: int) -> bool:
        """Whether the person was screened again since, of it or under rules of the same name."""
        if self._verdicts[number] & _SUPERSEDED:
            return True
        about, rules, later = self._about[number], self._names[number], number
        while True:
            try:
                later = self._about.index(about, later + 1)
            except ValueError:
                return False
            if self.kind(later) in SCREENINGS and self._names[later] == rules:
                return True

    def is_under(self, number: int, digest: str) -> bool:
        """Whether a screening was made under rules of this digest, by 64 bits of it."""
        return self._rules[number] == _short(digest)

    def is_draft(self, number: int) -> bool:
        """Whether an entry was made under rules that nobody had approved."""
        return bool(self._verdicts[number] & _DRAFT)

    def is_before_consent(self, number: int) -> bool:
        """Whether a screening was one before consent."""
        return bool(self._verdicts[number] & _BEFORE_CONSENT)

    def has_withdrawn(self, about: str) -> bool:
        """Whether a person has withdrawn consent, and not given it again, by 64 bits of a digest."""
        found = self._consents.get(_short(about)) if self._consents else None
        return found is not None and found.is_withdrawn

    def run(self, number: int) -> Run | None:
        """What a run over many people commits to; None of any other entry."""
        return self._runs.get(number)

    def reviewers(self, number: int) -> Set[str]:
        """Who accepted, when they last reviewed a screening, everything that was to be reviewed."""
        return {name for name, accepted in self._reviewers.get(number, {}).items() if accepted}

    def add(self, entry: Entry) -> None:
        """One more entry."""
        self._kinds.append(_KINDS.index(entry.kind))
        self._about.append(_short(entry.about))
        marks = _DRAFT if entry.statement.get("draft") is True else 0
        marks |= _BEFORE_CONSENT if is_before_consent(entry) else 0
        self._verdicts.append(_OF_ENTRIES.index(verdict_of(entry)) | marks)
        if run := run_of(entry):
            self._runs[entry.number] = run
        found = self._consents.get(self._about[-1], event.Consent()).after(entry)
        if found.withdrawn:
            self._consents[self._about[-1]] = found
        self._rules.append(_short(entry.rules.digest) if entry.rules else 0)
        self._names.append(self._known.setdefault(entry.rules.name if entry.rules else "", len(self._known)))
        for number in entry.refers:
            if entry.kind is Kind.REVIEWED:
                self._reviewers.setdefault(number, {})[person(entry.actor)] = accepts(entry)
            if entry.kind is Kind.RESCREENED:
                self._verdicts[number] |= _SUPERSEDED


class LookedUp:
    """The past of a ledger, looked up where it lies."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def _entry(self, number: int) -> Entry:
        found = self._connection.execute("SELECT data FROM entry WHERE number = ?", (number,)).fetchone()
        if found is None:
            raise LedgerError(f"entry {number} is not there any more; the ledger was altered")
        return entry_of(json.loads(found[0]))

    def kind(self, number: int) -> Kind:
        """The kind of an entry."""
        return self._entry(number).kind

    def is_about(self, number: int, about: str) -> bool:
        """Whether an entry is about this person."""
        return self._entry(number).about == about

    def verdict(self, number: int) -> str:
        """The verdict of a screening; empty for any other entry."""
        return verdict_of(self._entry(number))

    def is_draft(self, number: int) -> bool:
        """Whether an entry was made under rules that nobody had approved."""
        return self._entry(number).statement.get("draft") is True

    def reviewers(self, number: int) -> Set[str]:
        """Who has reviewed a screening and accepted everything that was to be reviewed."""
        last = {person(entry.actor): accepts(entry) for entry in self._about(number, Kind.REVIEWED)}
        return {name for name, accepted in last.items() if accepted}

    def is_superseded(self, number: int) -> bool:
        """Whether the person was screened again since, of it or under rules of the same name."""
        first = self._entry(number)
        later = (each for kind in sorted(SCREENINGS) for each in self._of(first.about, kind))
        return any(
            each.number > number
            and (number in each.refers or (each.rules and each.rules.name) == (first.rules and first.rules.name))
            for each in later
        )

    def is_before_consent(self, number: int) -> bool:
        """Whether a screening was one before consent."""
        return is_before_consent(self._entry(number))

    def has_withdrawn(self, about: str) -> bool:
        """Whether a person has withdrawn consent, and not given it again."""
        return bool(about) and event.consents(self._of(about, Kind.EVENT))[1]

    def run(self, number: int) -> Run | None:
        """What a run over many people commits to; None of any other entry."""
        return run_of(self._entry(number))

    def is_under(self, number: int, digest: str) -> bool:
        """Whether a screening was made under rules of this digest."""
        rules = self._entry(number).rules
        return rules is not None and rules.digest == digest

    def _about(self, number: int, kind: Kind) -> Iterator[Entry]:
        return (entry for entry in self._of(self._entry(number).about, kind) if number in entry.refers)

    def _of(self, about: str, kind: Kind) -> Iterator[Entry]:
        query = "SELECT data FROM entry WHERE about = ? AND about <> '' AND kind = ? ORDER BY number"
        for (data,) in self._connection.execute(query, (about, kind)):
            yield entry_of(json.loads(data))

    def add(self, entry: Entry) -> None:
        """Nothing: it lies in the table."""


def person(actor: Actor) -> str:
    """Two actors are two people if their names differ in print: who has two keys is one person.

    How a name is encoded is not seen in print, nor are case, the number of spaces, and signs that only format.
    """
    printed = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", actor.name).casefold())
    return " ".join("".join(sign for sign in printed if unicodedata.category(sign) != "Cf").split())


def accepts(entry: Entry) -> bool:
    """Whether somebody accepts everything that was to be reviewed of a screening."""
    return entry.kind is Kind.REVIEWED and entry.statement.get("accepts") is True


def is_before_consent(entry: Entry) -> bool:
    """Whether an entry is a screening before consent."""
    return entry.kind in SCREENINGS and entry.statement.get("stage") == event.PRE_SCREENING


def verdict_of(entry: Entry) -> str:
    """The verdict of a screening; empty for any other entry."""
    verdict = entry.statement.get("verdict") if entry.kind in SCREENINGS else ""
    return verdict if isinstance(verdict, str) and verdict in VERDICTS else ""


def _short(about: str) -> int:
    return int.from_bytes(hashlib.sha256(about.encode()).digest()[:8], "big")
