"""What is signed, corrected and shown of a ledger is what lies in it."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screening import intact, logbook, screen
from screening.errors import LedgerError
from screening.ledger.draft import Signer
from screening.ledger.entry import Kind
from screening.ledger.order import Order
from screening.ledger.store import Ledger
from tests.cli.cohorts import RECORDS, ROOT, called
from tests.ledger.conftest import Clock
from tests.ledger.test_defences import approved, decided, final

RULES_FOLDER = ROOT / "tests" / "cli" / "rules"
NOW = datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC)
DRAFT = logbook.Entering(Signer("K7"), NOW, is_draft=True)


def small(record: str, change: Callable[[bytes], bytes] = bytes) -> tuple[dict[str, Any], logbook.Given]:
    """The certificate of a small record, and what it was made from."""
    library = screen.load_library("small", [RULES_FOLDER])
    data = change((RECORDS / f"{record}.yaml").read_bytes())
    subject = screen.read_record(data, library, "r.yaml")
    return screen.screen(library, subject, datetime.date(2026, 11, 22)).certificate, logbook.Given(data, "r.yaml")


@pytest.fixture
def open_to_all(tmp_path: Path) -> Ledger:
    return logbook.create(tmp_path / "open.ledger", Signer("K7"), NOW)


def files() -> dict[str, bytes]:
    return logbook.rule_files(screen.load_library("small", [RULES_FOLDER]), "small", [RULES_FOLDER])


@pytest.mark.parametrize(
    "changed", [{}, {"program": {"name": "screening", "version": "0.0.9"}}, {"searched": ["x"]}]
)
def test_nobody_signs_a_certificate_and_has_seen_another(
    changed: dict[str, Any], open_to_all: Ledger, tmp_path: Path
) -> None:
    certificate, given = small("review")
    logbook.enter(open_to_all, certificate | changed, given, "C", files(), DRAFT)
    open_to_all.close()
    ids = certificate["determination"]["to_review"]
    answers = [word for id in ids for word in ("--review", f"{id}=accept")]
    more = ("--reason", "seen", "--by", "K7", "--draft")
    done = called(tmp_path, "sign", "C", "--ledger", "open.ledger", *answers, *more)
    if "searched" not in changed:
        assert done.status == 0, done
        return
    assert done.status == 3
    assert "says something else than its certificate, at /searched; nothing can be signed of it" in done.err
    again = logbook.open_ledger(tmp_path / "open.ledger")
    assert not [entry for entry in again.entries() if entry.kind is Kind.REVIEWED]
    again.close()


def test_what_was_purged_is_not_reviewed(open_to_all: Ledger, tmp_path: Path) -> None:
    certificate, given = small("review")
    [entry] = logbook.enter(open_to_all, certificate, given, "C", files(), DRAFT)
    record = next(each.digest for each in entry.contents if each.kind == "record")
    open_to_all.purge([record], "gone", DRAFT.signer, NOW)
    open_to_all.close()
    answers = [word for id in certificate["determination"]["to_review"] for word in ("--review", f"{id}=accept")]
    done = called(
        tmp_path, "sign", "C", "--ledger", "open.ledger", *answers, "--reason", "r", "--by", "K7", "--draft"
    )
    assert done.status == 3 and "was purged; there is nothing to review" in done.err, done


def test_a_screening_under_another_protocol_corrects_nothing(open_to_all: Ledger, tmp_path: Path) -> None:
    certificate, given = small("review")
    [entry] = logbook.enter(open_to_all, certificate, given, "C", files(), DRAFT)
    other = screen.load_library("stop-bang")
    record = b"subject: SYN-2\nevidence: {}\n".replace(b"SYN-2", certificate["subject"].encode())
    made = screen.screen(
        other, screen.read_record(record, other, "r.yaml"), datetime.date(2026, 11, 22)
    ).certificate
    with pytest.raises(LedgerError, match=f"entry {entry.number} is a screening under `small`"):
        logbook.correct(open_to_all, entry.number, made, logbook.Given(record, "r.yaml"), {}, DRAFT, "misread")
    assert not open_to_all._order._past.is_superseded(entry.number)
    open_to_all.close()
    # What is corrected says itself under which protocol, and nobody has to.
    changed = tmp_path / "changed.yaml"
    changed.write_text(
        (RECORDS / "eligible.yaml").read_text("utf-8").replace("SYN-0049", certificate["subject"]), "utf-8"
    )
    more = ("--rules", str(RULES_FOLDER), "--as-of", "2026-11-22", "--reason", "misread", "--by", "K7", "--draft")
    done = called(tmp_path, "log", "correct", "open.ledger", str(entry.number), "changed.yaml", *more)
    assert done.status == 0, done
    again = logbook.open_ledger(tmp_path / "open.ledger")
    assert [each.rules.name for each in again.entries() if each.rules] == ["small", "small"]
    again.close()


def test_a_table_runs_nothing_in_a_terminal(open_to_all: Ledger, tmp_path: Path) -> None:
    certificate, given = small("eligible")
    about = "C\x1b[2J\x9b31m\u202e=1"
    logbook.enter(open_to_all, certificate, given, about, files(), DRAFT)
    open_to_all.close()
    done = called(tmp_path, "log", "table", "open.ledger")
    assert done.status == 0
    assert "C\\x1b[2J\\x9b31m\\u202e=1" in done.out
    assert all(sign.isprintable() or sign in "\r\n" for sign in done.out)


def test_a_ledger_from_before_a_rule_is_told_from_one_that_was_altered(
    ledger: Ledger, investigator: Signer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        # As if there were no rule yet that a decision needs two reviewers.
        patched.setattr(Order, "_decision", lambda self, entry: iter(()))
        *_, entry = ledger.append([approved(), final()], investigator, clock())
        ledger.append([decided(entry.number)], investigator, clock())
    found = ledger.verified()
    assert not found.is_whole and found.fault is not None and found.fault.entered_by == "0.1.0"
    lines, is_whole = intact.told_verification(ledger.path)
    text = " ".join(screen.plain_text(lines).split())
    assert not is_whole
    assert "NOT WHOLE entry 5: a review is closed by 2 named people" in text
    assert (
        "Its contents, link and signature hold. The program that entered it (0.1.0) had no such rule yet" in text
    )
    assert "compare it with another copy" not in text


def test_what_was_altered_is_not_told_as_older(
    ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    import sqlite3

    ledger.append([approved(), final()], investigator, clock())
    ledger.close()
    with sqlite3.connect(tmp_path / "site.ledger") as connection:
        triggers = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for (name,) in triggers:
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.execute(
            "UPDATE entry SET data = replace(data, 'A. Investigator', 'B. Investigator') WHERE number = 4"
        )
    found = intact.verified(tmp_path / "site.ledger")
    assert found.fault is not None and found.fault.entered_by == ""
    lines, _ = intact.told_verification(tmp_path / "site.ledger")
    assert "compare it with another copy" in screen.plain_text(lines)
