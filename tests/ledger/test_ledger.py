"""What a ledger takes, what it refuses, and what it shows."""

from __future__ import annotations

import datetime
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from screening.errors import LedgerError
from screening.ledger import key
from screening.ledger.draft import Draft, Signer, key_draft
from screening.ledger.entry import Kind, Rules, data_of, entry_of
from screening.ledger.lines import Export
from screening.ledger.store import Ledger
from screening.ledger.verify import Verified, verify
from tests.ledger.conftest import RULES, Clock, certified, screened


def exported(ledger: Ledger) -> Verified:
    export = Export(list(ledger.exported()))
    return verify(export.texts(), export.contents_of, export.count_contents)


def test_every_entry_follows_from_the_one_before(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    entered = ledger.append([screened(), screened("B2NV-77AA", "INELIGIBLE")], investigator, clock())
    assert [e.number for e in entered] == [3, 4]
    assert entered[1].previous == entered[0].hash
    assert entered[0].at == "2026-11-22T08:14:06.000000Z"
    assert entered[0].offset == "+01:00"
    found = ledger.verified([entered[0].hash])
    assert found.expected == ((entered[0].hash, 3),)
    assert ledger.verified() == exported(ledger)
    assert found.is_whole
    assert (found.entries, found.signed, found.keys, found.contents) == (4, 3, 1, 2)
    assert ledger.content(entered[0].contents[0].digest) == b'{"pain": 7}'
    assert [e.number for e in ledger.entries("B2NV-77AA")] == [4]
    assert entry_of(data_of(entered[0])) == entered[0]


def test_nobody_else_can_read_it(ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path) -> None:
    ledger.append([screened()], investigator, clock())
    for path in tmp_path.glob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    with pytest.raises(LedgerError, match="never written over"):
        Ledger.create(tmp_path / "site.ledger", "0.1.0", investigator, clock())
    with pytest.raises(LedgerError, match="never written over"):
        key.make(tmp_path / "a.pem", "a long passphrase")


def test_nothing_is_changed_or_deleted(ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path) -> None:
    ledger.append([screened()], investigator, clock())
    connection = sqlite3.connect(tmp_path / "site.ledger")
    for statement in (
        "DELETE FROM entry",
        "UPDATE entry SET number = 9",
        "DELETE FROM content",
        "UPDATE content SET salt = ''",
    ):
        with pytest.raises(sqlite3.IntegrityError):
            connection.execute(statement)


def test_two_writers(ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path) -> None:
    other = Ledger.open(tmp_path / "site.ledger", "0.1.0")
    for number in range(6):
        (ledger, other)[number % 2].append([screened(f"P{number}")], investigator, clock())
    assert ledger.verified().is_whole
    assert ledger.verified() == other.verified()
    other.close()


def test_all_or_nothing(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    with pytest.raises(LedgerError, match="refers to one screening"):
        ledger.append([screened(), Draft(Kind.REVIEWED, {"meaning": "review"})], investigator, clock())
    assert ledger.verified().entries == 2
    assert ledger.verified().contents == 0
    ledger.append([screened()], investigator, clock())
    assert ledger.verified().is_whole


def test_what_is_purged_leaves_its_digest(
    ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    secret = os.urandom(600)  # which no compression makes shorter
    [entry] = ledger.append([screened(record=secret)], investigator, clock())
    assert any(secret[100:200] in path.read_bytes() for path in tmp_path.glob("site.ledger*"))
    with pytest.raises(LedgerError, match="needs a reason"):
        ledger.purge([entry.contents[0].digest], " ", investigator, clock())
    ledger.purge([entry.contents[0].digest], "never approached; policy of 90 days", investigator, clock())
    assert not any(secret[100:200] in path.read_bytes() for path in tmp_path.glob("site.ledger*"))
    assert ledger.content(entry.contents[0].digest) is None
    assert ledger.verified().is_whole
    assert ledger.verified().purged == 1
    assert exported(ledger).is_whole


def test_who_may_enter_what(
    ledger: Ledger, investigator: Signer, coordinator: Signer, clock: Clock, tmp_path: Path
) -> None:
    with pytest.raises(LedgerError, match="does not know"):
        ledger.append([screened()], coordinator, clock())
    assert coordinator.key
    theirs = key_draft(Signer(coordinator.name, coordinator.role), ("review",), coordinator.key.public.text)
    ledger.append([theirs], investigator, clock())
    ledger.append([screened()], coordinator, clock())
    with pytest.raises(LedgerError, match="may not enter `key`"):
        ledger.append([key_draft(coordinator)], coordinator, clock())
    with pytest.raises(LedgerError, match="not those that the key was entered for"):
        ledger.append([screened()], Signer("Somebody Else", "", coordinator.key), clock())
    with pytest.raises(LedgerError, match="not signed"):
        ledger.append([screened()], Signer("C. Coordinator", "coordinator"), clock())
    gone = Draft(Kind.KEY_WITHDRAWN, {"key": coordinator.key.public.fingerprint}, reason="left the site")
    ledger.append([gone], investigator, clock())
    with pytest.raises(LedgerError, match="withdrawn"):
        ledger.append([screened()], coordinator, clock())
    assert ledger.verified().is_whole


def test_without_keys_nobody_can_tell_who_typed(tmp_path: Path, clock: Clock) -> None:
    ledger = Ledger.create(tmp_path / "plain.ledger", "0.1.0", Signer("K7"), clock())
    ledger.append([screened()], Signer("K7"), clock())
    found = ledger.verified()
    assert found.is_whole
    assert (found.has_personal_keys, found.signed) == (False, 0)


def decided(number: int, about: str, rules: Rules = RULES) -> Draft:
    said = {"meaning": "eligibility confirmed", "decision": "may enter"}
    return Draft(Kind.DECIDED, said, about, (number,), rules=rules)


def test_no_signature_goes_past_a_bar(
    ledger: Ledger, investigator: Signer, coordinator: Signer, clock: Clock
) -> None:
    def enter(draft: Draft, signer: Signer = investigator) -> int:
        return ledger.append([draft], signer, clock())[0].number

    barred, missing, review = (
        enter(screened(about, verdict))
        for about, verdict in (("A", "INELIGIBLE"), ("B", "UNDETERMINED"), ("C", "REVIEW"))
    )
    with pytest.raises(LedgerError, match="bars cannot be signed away"):
        enter(decided(barred, "A"))
    with pytest.raises(LedgerError, match="missing cannot be signed away"):
        enter(decided(missing, "B"))
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        enter(decided(review, "C"))
    with pytest.raises(LedgerError, match="about somebody else"):
        enter(decided(review, "A"))
    assert coordinator.key
    enter(key_draft(Signer(coordinator.name, coordinator.role), ("review",), coordinator.key.public.text))
    reviewed = Draft(
        Kind.REVIEWED, {"meaning": "review of relative criteria", "accepts": True}, "C", (review,), "acceptable"
    )
    enter(reviewed)
    enter(reviewed)
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        enter(decided(review, "C"))
    enter(reviewed, coordinator)
    with pytest.raises(LedgerError, match="the screening is a draft"):
        enter(decided(review, "C"))
    approved = Draft(Kind.APPROVED, {"meaning": "approved", "effective": "2026-11-22"}, rules=RULES)
    enter(approved)
    with pytest.raises(LedgerError, match="the screening is a draft"):
        enter(decided(review, "C"))
    said = {
        "verdict": "REVIEW",
        "draft": False,
        "stage": "screening",
        "as_of": "2026-11-22",
        "consent": "2026-11-20",
    }
    again = enter(Draft(Kind.RESCREENED, said, "C", (review,), rules=RULES, contents=certified(said)))
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        enter(decided(again, "C"))
    for signer in (investigator, coordinator):
        enter(Draft(Kind.REVIEWED, reviewed.statement, "C", (again,), "acceptable"), signer)
    enter(decided(again, "C"))
    enter(
        Draft(Kind.DECIDED, {"meaning": "not entered", "decision": "may not enter"}, "A", (barred,), rules=RULES)
    )
    assert ledger.verified().is_whole


def test_the_clock_does_not_go_back(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    with pytest.raises(LedgerError, match="clock went back"):
        ledger.append([screened()], investigator, clock() - datetime.timedelta(minutes=3))
    with pytest.raises(ValueError, match="offset"):
        ledger.append([screened()], investigator, datetime.datetime(2027, 1, 1))  # noqa: DTZ001


def test_what_cannot_be_written_says_so(
    ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    reader = Ledger.open(tmp_path / "site.ledger", "0.1.0", is_read_only=True)
    with pytest.raises(LedgerError, match=r"only be read; nothing was entered"):
        reader.append([screened()], investigator, clock())
    assert reader.verified().is_whole
    reader.close()
    other = tmp_path / "letter.txt"
    other.write_text("Dear Sir")
    with pytest.raises(LedgerError, match="is no ledger"):
        Ledger.open(other, "0.1.0")
    with pytest.raises(LedgerError, match="screening log init"):
        Ledger.open(tmp_path / "nowhere", "0.1.0")


def test_keys_open_by_their_passphrase_alone(tmp_path: Path) -> None:
    made = key.make(tmp_path / "k.pem", "correct horse")
    assert key.load(tmp_path / "k.pem", "correct horse").public == made.public
    for passphrase in ("", "wrong horse"):
        with pytest.raises(LedgerError, match="no key that this passphrase opens"):
            key.load(tmp_path / "k.pem", passphrase)
    with pytest.raises(LedgerError, match="at least 8"):
        key.make(tmp_path / "short.pem", "short")
    assert "correct" not in repr(made)
    assert made.public.has_signed(b"these", made.sign(b"these"))
    assert not made.public.has_signed(b"those", made.sign(b"these"))
