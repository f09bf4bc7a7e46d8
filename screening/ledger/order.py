"""What an entry may follow. The same rules hold when an entry is made and when a ledger is verified.

Nothing of a person's record is needed for them.
"""

from __future__ import annotations

from collections.abc import Iterator

from screening.errors import LedgerError
from screening.ledger import among, event
from screening.ledger.among import Run, run_of
from screening.ledger.entry import BEGINNING, Actor, Entry, Kind, moment, signed_data
from screening.ledger.key import PublicKey
from screening.ledger.past import SCREENINGS, VERDICTS, Past
from screening.ledger.screened import lacking
from screening.outcome.codec import canonical

# The clock of the machine may have been set back by so much between two entries (a site choice).
MOST_BACKWARDS_SECONDS = 120

_UNDER_RULES = SCREENINGS | {Kind.COHORT}
_ABOUT_SCREENINGS = frozenset({Kind.RESCREENED, Kind.REVIEWED, Kind.DECIDED})
_MAY_ENTER = "may enter"
_REASONED = frozenset(
    {Kind.CORRECTED, Kind.PURGED, Kind.EXCEPTION, Kind.KEY_WITHDRAWN, Kind.WITHDRAWN, Kind.LOOKED_UP}
)
_REVIEWERS = 2
# What only people may enter whose key says so, in a ledger of personal keys. The first key may do all of it.
PERMISSIONS = {
    Kind.KEY: "keys",
    Kind.KEY_WITHDRAWN: "keys",
    Kind.APPROVED: "approve",
    Kind.WITHDRAWN: "approve",
    Kind.REVIEWED: "review",
    Kind.DECIDED: "decide",
    Kind.LOOKED_UP: "identities",
    Kind.PURGED: "purge",
    Kind.EXCEPTION: "keys",
}


class Order:
    """The entries seen so far, as far as the next one depends on them."""

    def __init__(self, past: Past) -> None:
        self.ledger = ""
        self.number = 0
        self.head = BEGINNING
        self.keys: dict[str, PublicKey] = {}
        self.owners: dict[str, Actor] = {}
        self.has_personal_keys = False
        self.withdrawn: set[str] = set()
        # The program that an entry which is refused is of, if only its link and its signature hold.
        self.linked_by = ""
        self._past = past
        self._may: dict[str, frozenset[str]] = {}
        self._at = ""
        self._approved: dict[str, str] = {}

    def take(self, entry: Entry) -> None:
        """Counts an entry in. Raises LedgerError, with what does not follow, and is then as it was."""
        for fault in self._faults(entry):
            raise LedgerError(fault)
        self.linked_by = ""
        self.resume(entry)
        self._past.add(entry)

    def resume(self, entry: Entry) -> None:
        """Counts in an entry that was held against the order before, as the last one so far."""
        self.ledger, self.number, self.head, self._at = entry.ledger, entry.number, entry.hash, entry.at
        said = entry.statement
        match entry.kind:
            case Kind.OPENED:
                self.has_personal_keys = said.get("keys") == "personal"
            case Kind.KEY:
                key = PublicKey(str(said["public"]))
                self._may[key.fingerprint] = frozenset(said["may"] if self.keys else PERMISSIONS.values())
                self.keys[key.fingerprint] = key
                self.owners[key.fingerprint] = Actor(str(said["name"]), str(said["role"]), key.fingerprint)
            case Kind.KEY_WITHDRAWN:
                self.withdrawn.add(str(said["key"]))
            case Kind.APPROVED | Kind.WITHDRAWN if entry.rules is not None:
                effective = str(said.get("effective")) if entry.kind is Kind.APPROVED else ""
                self._approved[entry.rules.digest] = effective
            case _:
                pass

    def run(self, number: int) -> Run | None:
        """What the run of an earlier entry commits to; None of any other entry."""
        return self._past.run(number)

    def is_approved(self, digest: str, at: str) -> bool:
        """Whether rules of this digest are approved, and their effective date has come at this moment."""
        effective = self._approved.get(digest, "")
        return bool(effective) and effective <= at[:10]

    def _faults(self, entry: Entry) -> Iterator[str]:
        yield from self._chain(entry)
        yield from self._signature(entry)
        self.linked_by = entry.program
        yield from self._statement(entry)
        for number in entry.refers:
            if number >= entry.number:
                yield "it refers to an entry that does not come before it"
                return
        if entry.kind in _REASONED and not entry.reason.strip():
            yield f"an entry `{entry.kind}` needs a reason"
        is_draft = entry.statement.get("draft") is True or entry.kind not in _UNDER_RULES
        if not is_draft and entry.rules and not self.is_approved(entry.rules.digest, entry.at):
            yield "its rules are not approved; it can be entered as a draft alone"
        if entry.kind in _ABOUT_SCREENINGS:
            yield from self._screenings(entry)
        if entry.kind in SCREENINGS:
            yield from event.unconsented(entry, self._past.has_withdrawn(entry.about))
        if entry.kind is Kind.COHORT:
            yield from event.without_basis(entry)
        if entry.kind is Kind.SCREENED:
            yield from self._rows(entry)
        if entry.kind is Kind.ROW:
            yield from self._row(entry)
        if entry.kind is Kind.CORRECTED and len(entry.refers) != 1:
            yield "a correction refers to the one entry that it corrects"
        if entry.kind is Kind.DECIDED:
            yield from self._decision(entry)

    def _chain(self, entry: Entry) -> Iterator[str]:
        if entry.number != self.number + 1:
            yield f"its number is {entry.number}, and {self.number + 1} is next"
        if entry.previous != self.head:
            yield f"it does not follow from entry {self.number}" if self.number else "it is no beginning"
        if (entry.kind is Kind.OPENED) != (self.number == 0):
            yield "a ledger is opened once, by its first entry"
        if self.number and entry.ledger != self.ledger:
            yield "it is an entry of another ledger"
        if self._at and (moment(self._at) - moment(entry.at)).total_seconds() > MOST_BACKWARDS_SECONDS:
            yield f"the clock went back by more than {MOST_BACKWARDS_SECONDS} seconds"

    def _signature(self, entry: Entry) -> Iterator[str]:
        key = entry.actor.key
        if not key:
            if entry.signature:
                yield "it is signed by no key"
            if self.has_personal_keys:
                yield "it is not signed, in a ledger of personal keys"
            return
        known = self.keys.get(key)
        if known is None and entry.kind is Kind.KEY and not self.keys:
            known = PublicKey(str(entry.statement.get("public", "")))
            if known.fingerprint != key:
                yield "the first key has to sign itself"
        if known is None or key in self.withdrawn:
            yield "it is signed with a key that this ledger does not know, or that was withdrawn"
            return
        owner = self.owners.get(key)
        if owner is not None and owner != entry.actor:
            yield "name and role are not those that the key was entered for"
        if not known.has_signed(canonical(signed_data(entry)), entry.signature):
            yield "its signature does not fit"
        permission = PERMISSIONS.get(entry.kind)
        if permission and self.keys and permission not in self._may[key]:
            yield f"the key of {entry.actor.name} may not enter `{entry.kind}`"

    def _statement(self, entry: Entry) -> Iterator[str]:
        """What a statement has to say, by the kind of entry."""
        said = entry.statement
        match entry.kind:
            case Kind.OPENED if said.get("keys") not in ("personal", "none"):
                yield "it does not say whether people have keys of their own"
            case Kind.KEY if not all(isinstance(said.get(k), str) for k in ("public", "name", "role")):
                yield "a key is entered with its public half, a printed name and a role"
            case Kind.KEY if said.get("may") != [] and not _texts(said.get("may")):
                yield "it does not say what the key may enter"
            case Kind.KEY if PublicKey(said["public"]).fingerprint in self.keys:
                yield "that key was entered before"
            case Kind.KEY_WITHDRAWN if str(said.get("key")) not in self.keys:
                yield "it withdraws a key that was never entered"
            case Kind.APPROVED | Kind.WITHDRAWN if entry.rules is None:
                yield "it names no rules"
            case Kind.APPROVED if not event.is_day(said.get("effective")):
                yield "an approval has an effective date"
            case Kind.SCREENED | Kind.RESCREENED if said.get("verdict") not in VERDICTS or not entry.rules:
                yield "a screening has a verdict and its rules"
            case Kind.SCREENED | Kind.RESCREENED if not entry.about.strip():
                yield "a screening is about somebody; name the participant"
            case Kind.SCREENED | Kind.RESCREENED if lacking(entry):
                yield "a screening names its certificate and its record, or is a draft"
            case Kind.COHORT if run_of(entry) is None or not entry.rules:
                yield "a run over many people has the root of its rows, their number and its rules"
            case Kind.EVENT:
                yield from event.faults(entry)
            case Kind.REVIEWED | Kind.DECIDED if not said.get("meaning"):
                yield "a signature has a meaning"
            case Kind.PURGED if not _texts(said.get("contents")):
                yield "it does not say what was purged"
            case _:
                pass

    def _screenings(self, entry: Entry) -> Iterator[str]:
        if not entry.refers or (entry.kind is not Kind.RESCREENED and len(entry.refers) != 1):
            yield f"an entry `{entry.kind}` refers to one screening"
        for number in entry.refers:
            if self._past.kind(number) not in SCREENINGS:
                yield f"entry {number}, which it refers to, is no screening"
            elif not self._past.is_about(number, entry.about):
                yield f"entry {number}, which it refers to, is about somebody else"

    def _rows(self, entry: Entry) -> Iterator[str]:
        """A first screening refers to nothing but the rows that the person had in a run."""
        for number in entry.refers:
            if self._past.kind(number) is not Kind.ROW or not self._past.is_about(number, entry.about):
                yield f"entry {number}, which it refers to, is no row of this person"

    def _row(self, entry: Entry) -> Iterator[str]:
        run = self._past.run(entry.refers[0]) if len(entry.refers) == 1 else None
        if run is None or not entry.about:
            yield "a person's row refers to the one run that it is of, and is about somebody"
            return
        if entry.rules is None or not self._past.is_under(entry.refers[0], entry.rules.digest):
            yield "the run that it refers to was made under other rules"
        if [each.kind for each in entry.contents] != [among.ROW, among.PROOF]:
            yield "it has other contents than one row and its proof"
        position, rows = entry.statement.get("position"), entry.statement.get("rows")
        if type(position) is not int or rows != run.rows or not 0 <= position < run.rows:
            yield "it does not say which of the run's rows it is"

    def _decision(self, entry: Entry) -> Iterator[str]:
        """That somebody may enter has no way past a bar, past what is missing, or past two reviewers."""
        if entry.statement.get("decision") != _MAY_ENTER:
            return
        for number in entry.refers:
            if self._past.is_superseded(number):
                yield f"the person was screened again after entry {number}"
            if entry.rules is None or not self._past.is_under(number, entry.rules.digest):
                yield f"entry {number} was screened under other rules"
            verdict = self._past.verdict(number)
            if verdict == "INELIGIBLE":
                yield "absolute bars cannot be signed away"
            if verdict == "UNDETERMINED":
                yield "what is missing cannot be signed away"
            if verdict == "REVIEW" and len(self._past.reviewers(number)) < _REVIEWERS:
                yield f"a review is closed by {_REVIEWERS} named people"
        if self._past.has_withdrawn(entry.about):
            yield "the person has withdrawn consent"
        if entry.statement.get("draft") is True:
            return
        if any(self._past.is_before_consent(number) for number in entry.refers):
            yield "a pre-screening supports no enrolment; screen again after consent"
        if any(self._past.is_draft(number) for number in entry.refers):
            yield "the screening is a draft, and supports no enrolment; screen again under the approved rules"
        if entry.rules is None or not self.is_approved(entry.rules.digest, entry.at):
            yield "its rules are not approved; it can be entered as a draft alone, which supports no enrolment"


def _texts(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, str) for each in value)
