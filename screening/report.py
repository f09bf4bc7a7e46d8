"""One screening, one run over many people, or one ledger as a page that carries everything with it.

Such a page asks for nothing from outside: what it shows, and what a second program needs to check it, stand in the
file. Nothing here reads a clock; the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import LedgerError, UnsupportedError
from screening.output.folder import write_private

if TYPE_CHECKING:
    import datetime

    from screening.language.library import Library
    from screening.ledger.entry import Entry
    from screening.ledger.store import Ledger
    from screening.outcome.question import Question
    from screening.record.subject import Subject
    from screening.reports.account import Account
    from screening.reports.page import Table

# The second verifier, a program in another language, written from the specification of the certificate alone.
VERIFIER = Path(__file__).resolve().parent / "reports" / "verifier.js"
MOST_QUESTIONS = 5


def verifier() -> str:
    """The text of the second verifier, "" if none is shipped."""
    return VERIFIER.read_text(encoding="utf-8") if VERIFIER.is_file() else ""


def determination(
    account: Account,
    certificate: Mapping[str, Any],
    questions: Sequence[Question] = (),
    decided: Table | None = None,
    at: str = "",
) -> str:
    """One screening as a page; `decided` are the decisions of people about it, None where no ledger was given."""
    from screening.reports.determination_page import Made, determination_page

    made = Made(certificate, bundle(account.library, certificate), decided, tuple(questions), at, verifier())
    return determination_page(account, made)


def bundle(library: Library, certificate: Mapping[str, Any]) -> dict[str, Any]:
    """What a second program needs to check a screening: the certificate, and the tree of the rules."""
    import json

    from screening.reading.encoding import encode

    return {"certificate": dict(certificate), "tree": json.loads(encode(library))}


def questions(library: Library, subject: Subject, as_of: datetime.date) -> tuple[Question, ...]:
    """What to ask next of somebody whose verdict is open, the first few."""
    from screening.guidance.questions import ranked

    return tuple(ranked(library, subject, as_of, {}, None))[:MOST_QUESTIONS]


def write(place: Path, text: str) -> None:
    """Writes a page whole or not at all, for its owner alone."""
    write_private(place, text)
