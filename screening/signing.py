"""The human side of a screening: reviews and decisions, each by a named person, kept beside the verdict.

A review says of every criterion that was to be reviewed whether it is accepted; two people who accept all of them
close it. A decision never changes a verdict, and has no way past an absolute bar or past what is missing.

Sources: 21 CFR 11.50 (name, time, meaning), ICH E6(R3) 2.7.1 (a physician decides).
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screening.errors import LedgerError
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Entry, Kind
from screening.ledger.store import Ledger
from screening.outcome.codec import canonical

if TYPE_CHECKING:
    from screening.reports.account import Account
    from screening.reports.line import Line

ACCEPT, REFUSE, MORE = "accept", "refuse", "more"
ANSWERS = (ACCEPT, REFUSE, MORE)
MAY_ENTER, MAY_NOT_ENTER, MORE_NEEDED = "may enter", "may not enter", "more needed"
DECISIONS = (MAY_ENTER, MAY_NOT_ENTER, MORE_NEEDED)
# Why a relative criterion is accepted although it is present; the list is a site choice.
CODES = ("measured-again", "treated", "specialist-opinion", "clinical-judgement", "other")
_REVIEW, _DECISION = "review of relative criteria", "final decision on eligibility"


def to_review(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """The criteria that people have to review, in the order of the protocol."""
    return tuple(certificate["determination"]["to_review"])


def bars(certificate: Mapping[str, Any]) -> tuple[str, ...]:
    """The criteria that decide against a person."""
    return tuple(certificate["determination"]["reasons"])


def missing(certificate: Mapping[str, Any]) -> int:
    """How many items are not known."""
    return len(certificate["determination"]["to_obtain"]) + len(certificate["determination"]["to_arrange"])


def is_refused(certificate: Mapping[str, Any], decision: str) -> bool:
    """Whether nobody can decide this: to enter in spite of a bar, or of what is missing."""
    return decision == MAY_ENTER and certificate["determination"]["verdict"] in ("INELIGIBLE", "UNDETERMINED")


def review(
    entry: Entry,
    certificate: Mapping[str, Any],
    answers: Mapping[str, str],
    code: str,
    reason: str,
    is_draft: bool,
) -> Draft:
    """What one person says of each criterion to be reviewed. Raises LedgerError where one is not answered."""
    asked = to_review(certificate)
    if tuple(answers) != asked or not set(answers.values()) <= set(ANSWERS):
        raise LedgerError("a review answers every criterion that is to be reviewed, and no other")
    if not reason.strip() or code not in CODES:
        raise LedgerError("a review has a coded reason, and one in words")
    said = {
        "meaning": _REVIEW,
        "accepts": all(answer == ACCEPT for answer in answers.values()),
        "code": code,
        "draft": is_draft,
    }
    note = (("criteria reviewed", canonical(dict(answers))),)
    return Draft(Kind.REVIEWED, said, entry.about, (entry.number,), reason, entry.rules, note)


def decision(entry: Entry, certificate: Mapping[str, Any], decided: str, reason: str, is_draft: bool) -> Draft:
    """The final decision of a physician. Raises LedgerError for what is none."""
    if decided not in DECISIONS:
        raise LedgerError(f"a decision is one of: {', '.join(DECISIONS)}")
    if decided != MAY_ENTER and not reason.strip():
        raise LedgerError("why somebody may not enter, or what is needed, is said with the decision")
    said = {"meaning": _DECISION, "decision": decided, "draft": is_draft}
    return Draft(Kind.DECIDED, said, entry.about, (entry.number,), reason, entry.rules)


def enter(
    ledger: Ledger, drafts: Sequence[Draft], by: Signer, now: datetime.datetime, row: int | Draft | None = None
) -> list[Entry]:
    """Enters reviews and decisions, all or none; before them the person's row in a run, if there is a new one.

    Raises LedgerError where one of them has no way.
    """
    rows = [row] if isinstance(row, Draft) else []
    return ledger.append([*rows, *drafts], by, now)


def told_refusal(certificate: Mapping[str, Any]) -> list[Line]:
    """Why nobody can sign this person in."""
    from screening.reports import ledger as report

    return report.refusal(certificate["determination"]["verdict"], bars(certificate), missing(certificate))


def told_head(account: Account, certificate: Mapping[str, Any], is_draft: bool) -> list[Line]:
    """What is signed."""
    from screening.reports import ledger as report

    return report.to_sign(account, certificate["digest"], is_draft)


def told_question(account: Account, id: str, number: int, of: int) -> list[Line]:
    """One criterion that is to be reviewed."""
    from screening.reports import ledger as report

    return report.question(account, id, number, of)


def told_not_answered(ids: Sequence[str]) -> list[Line]:
    """Which criteria a review has not answered."""
    from screening.reports import ledger as report

    return report.not_answered(ids)
