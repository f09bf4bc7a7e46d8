"""One screening, one run over many people, or one ledger as a page that carries everything with it.

Such a page asks for nothing from outside: what it shows, and what a second program needs to check it, stand in the
file. Nothing here reads a clock; the same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import UnreadableRecord, UnsupportedError
from screening.output.folder import write_private

if TYPE_CHECKING:
    import datetime

    from screening.language.library import Library
    from screening.ledger.entry import Entry
    from screening.ledger.store import Ledger
    from screening.ledger.verify import Content, Seen, Verified
    from screening.outcome.question import Question
    from screening.record.subject import Subject
    from screening.reports.account import Account
    from screening.reports.page import Table

# The second verifier, a program in another language, written from the specification of the certificate alone.
VERIFIER = Path(__file__).resolve().parent / "reports" / "verifier.js"
MOST_QUESTIONS = 5
_HEAD = 1 << 16


def verifier() -> str:
    """The text of the second verifier, "" if none is shipped."""
    return VERIFIER.read_text(encoding="utf-8") if VERIFIER.is_file() else ""


def determination(
    account: Account,
    certificate: Mapping[str, Any],
    bundle: Mapping[str, Any],
    questions: Sequence[Question] = (),
    decided: Table | None = None,
    at: str = "",
) -> str:
    """One screening as a page; `decided` are the decisions of people about it, None where no ledger was given.

    `bundle` is what a second program needs to check the certificate by itself.
    """
    from screening.reports.determination_page import Made, determination_page

    return determination_page(account, Made(certificate, bundle, decided, tuple(questions), at, verifier()))


def questions(library: Library, subject: Subject, as_of: datetime.date) -> tuple[Question, ...]:
    """What to ask next of somebody whose verdict is open, the first few."""
    from screening.guidance.questions import ranked

    return tuple(ranked(library, subject, as_of, {}, None))[:MOST_QUESTIONS]


def write(place: Path, text: str) -> None:
    """Writes a page whole or not at all, for its owner alone."""
    write_private(place, text)


def otherwise(page: Path, made: str) -> list[str]:
    """Where a page is otherwise than one that was just made. Raises UnreadableRecord for what is no text."""
    from screening.reports.seal import otherwise

    try:
        return otherwise(page.read_bytes().decode(), made)
    except (OSError, UnicodeDecodeError):
        raise UnreadableRecord("the page that is to be checked cannot be read as text") from None


# ----------------------------------------------------------------------- cohorts and ledgers


def cohort(folder: Path, at: str = "") -> tuple[str, str]:
    """A run over many people as a page, and the digest of what it lists, to be kept elsewhere.

    Raises UnreadableRecord where its rows are not those of its manifest.
    """
    from screening.output import rows
    from screening.reports.cohort_page import cohort_page

    manifest = rows.read_manifest(folder)
    digest = hashlib.sha256((folder / rows.MANIFEST).read_bytes()).hexdigest()
    return cohort_page(manifest, rows.everybody(folder), at, digest)


def is_ledger(path: Path) -> bool:
    """Whether a file is a ledger or its export, by how it begins."""
    from screening.ledger.entry import FORMAT

    if not path.is_file():
        return False
    with open(path, "rb") as file:
        head = file.read(_HEAD)
    return head.startswith(b"SQLite") or f'"entry":"{FORMAT}"'.encode() in head


def ledger(verified: Callable[[Seen], Verified], at: str = "") -> tuple[str, bool]:
    """A ledger, or its export, as a page, and whether it holds; what does not hold is not shown.

    `verified` verifies it and shows each entry that holds.
    """
    from screening.ledger.entry import data_of
    from screening.reports import ledger_page

    entries: list[ledger_page.Seen] = []
    carried: list[ledger_page.Carried] = []

    def seen(entry: Entry, contents: Sequence[Content]) -> None:
        kinds = {each.digest: each.kind for each in entry.contents}
        # Certificates and records are not held for the page, which tells nothing of them.
        told = [each for each in contents if kinds[each[0]] in ledger_page.TOLD]
        entries.append((entry, {kinds[digest]: data for digest, _, data in told}))
        carried.append((data_of(entry), told))

    found = verified(seen)
    return ledger_page.ledger_html(entries, carried, found, at), found.is_whole


def decided(ledger: Ledger, number: int) -> Table:
    """What people reviewed and decided of one screening of a ledger."""
    from screening.reports.ledger_page import HUMAN, decisions

    found = (entry for entry in ledger.entries() if entry.kind in HUMAN and number in entry.refers)
    return decisions((entry, dict(_contents(ledger, entry))) for entry in found)


def _contents(ledger: Ledger, entry: Entry) -> Iterator[tuple[str, bytes]]:
    for each in entry.contents:
        data = ledger.content(each.digest)
        if data is not None:
            yield each.kind, data


# ---------------------------------------------------------------------------- the second verifier


def verifier_page(place: Path) -> str:
    """Writes a page on which a bundle is checked by the second verifier; its SHA-256 digest.

    Raises UnsupportedError where no second verifier is shipped.
    """
    from screening.reports.verifier_page import verifier_page as page

    text = verifier()
    if not text:
        raise UnsupportedError("no second verifier is shipped with this release")
    made = page(text)
    write_private(place, made)
    return hashlib.sha256(made.encode()).hexdigest()
