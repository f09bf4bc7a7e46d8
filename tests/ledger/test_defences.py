"""What somebody who may enter could try, and what comes of it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening import logbook, replaying, screen
from screening.errors import LedgerError
from screening.ledger.draft import Draft, Signer, key_draft
from screening.ledger.entry import Kind, Rules
from screening.ledger.key import make
from screening.ledger.store import Ledger
from tests.cli.cohorts import called
from tests.ledger.conftest import RULES, Clock, certified, screened

DAY = "2026-11-22"
REVIEWED: dict[str, Any] = {"meaning": "review of relative criteria", "accepts": True}


def approved(effective: str = "2026-11-22") -> Draft:
    return Draft(Kind.APPROVED, {"meaning": "approval of rules", "effective": effective}, rules=RULES)


def final(about: str = "C", verdict: str = "REVIEW", rules: Rules = RULES) -> Draft:
    said = {"verdict": verdict, "draft": False, "stage": "screening", "as_of": DAY, "consent": DAY, "basis": ""}
    return Draft(Kind.SCREENED, said, about, rules=rules, contents=certified(said, rules))


def decided(number: int, about: str = "C") -> Draft:
    said = {"meaning": "final decision on eligibility", "decision": "may enter"}
    return Draft(Kind.DECIDED, said, about, (number,), rules=RULES)


def test_one_person_with_two_keys_is_one_reviewer(
    ledger: Ledger, investigator: Signer, coordinator: Signer, clock: Clock
) -> None:
    assert coordinator.key
    second = Signer(investigator.name, investigator.role, coordinator.key)
    draft = key_draft(Signer(second.name, second.role), ("review",), coordinator.key.public.text)
    *_, entry = ledger.append([draft, approved(), final()], investigator, clock())
    for signer in (investigator, second):
        ledger.append([Draft(Kind.REVIEWED, REVIEWED, "C", (entry.number,))], signer, clock())
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        ledger.append([decided(entry.number)], investigator, clock())


def test_who_takes_a_review_back_has_not_accepted(
    ledger: Ledger, investigator: Signer, coordinator: Signer, clock: Clock
) -> None:
    assert coordinator.key
    draft = key_draft(Signer(coordinator.name, coordinator.role), ("review",), coordinator.key.public.text)
    *_, entry = ledger.append([draft, approved(), final()], investigator, clock())
    for signer, accepts in ((investigator, True), (coordinator, True), (coordinator, False)):
        said = {**REVIEWED, "accepts": accepts}
        ledger.append([Draft(Kind.REVIEWED, said, "C", (entry.number,))], signer, clock())
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        ledger.append([decided(entry.number)], investigator, clock())
    assert ledger.verified().is_whole


def test_a_decision_is_on_the_last_screening_under_its_rules(
    ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    _, first = ledger.append([approved(), final(verdict="ELIGIBLE")], investigator, clock())
    other = replace(RULES, digest="5a5a" * 16)
    with pytest.raises(LedgerError, match="under other rules"):
        ledger.append([replace(decided(first.number), rules=other)], investigator, clock())
    again = replace(final(verdict="INELIGIBLE"), kind=Kind.RESCREENED, refers=(first.number,))
    ledger.append([again], investigator, clock())
    with pytest.raises(LedgerError, match="screened again after"):
        ledger.append([decided(first.number)], investigator, clock())
    assert ledger.verified().is_whole


def test_a_decision_on_what_somebody_else_screened_again_meanwhile_is_refused(
    ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    """Whoever decides has looked up the last screening, and typed a passphrase since."""
    _, first = ledger.append([approved(), final(verdict="ELIGIBLE")], investigator, clock())
    other = replace(RULES, name="stop-bang", digest="5a5a" * 16)
    ledger.append([replace(approved(), rules=other), final(rules=other)], investigator, clock())
    ledger.append([final("D", "ELIGIBLE"), decided(first.number)], investigator, clock())
    ledger.append([final(verdict="INELIGIBLE")], investigator, clock())
    with pytest.raises(LedgerError, match="screened again after"):
        ledger.append([decided(first.number)], investigator, clock())
    assert ledger.verified().is_whole


def test_what_is_screened_again_shows_when_a_ledger_is_verified(
    ledger: Ledger, investigator: Signer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, first, _ = ledger.append(
        [approved(), final(verdict="ELIGIBLE"), final(verdict="INELIGIBLE")], investigator, clock()
    )
    with monkeypatch.context() as patched:
        patched.setattr("screening.ledger.past.LookedUp.is_superseded", lambda self, number: False)
        ledger.append([decided(first.number)], investigator, clock())
    fault = ledger.verified().fault
    assert fault is not None
    assert "screened again after" in fault.why


def test_a_screening_is_about_somebody(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    with pytest.raises(LedgerError, match="about somebody"):
        ledger.append([screened(" ")], investigator, clock())


def test_one_name_is_one_person_however_it_is_encoded(
    ledger: Ledger, investigator: Signer, coordinator: Signer, clock: Clock, tmp_path: Path
) -> None:
    assert coordinator.key
    third = Signer("Rene\u0301e  Zu\u0308st\u200b", "", make(tmp_path / "b.pem", "another passphrase"))
    assert third.key
    second = Signer("Ren\u00e9e Z\u00fcst", "", coordinator.key)
    publics = {second: coordinator.key.public.text, third: third.key.public.text}
    keys = [key_draft(Signer(each.name), ("review",), text) for each, text in publics.items()]
    *_, entry = ledger.append([*keys, approved(), final()], investigator, clock())
    for signer in (second, third):
        ledger.append([Draft(Kind.REVIEWED, REVIEWED, "C", (entry.number,))], signer, clock())
    with pytest.raises(LedgerError, match="closed by 2 named people"):
        ledger.append([decided(entry.number)], investigator, clock())


def test_an_approval_holds_from_its_day(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    ledger.append([approved("2099-01-01")], investigator, clock())
    with pytest.raises(LedgerError, match="as a draft alone"):
        ledger.append([final()], investigator, clock())


@pytest.fixture(scope="module")
def certificate() -> dict[str, Any]:
    library = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    import datetime

    day = datetime.date(2026, 11, 22)
    return screen.screen(library, screen.read_record(data, library, name), day).certificate


def test_an_entry_says_what_its_certificate_says(
    ledger: Ledger, investigator: Signer, clock: Clock, certificate: dict[str, Any]
) -> None:
    given = logbook.Given(b"{}", "person.yaml")
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    [entry] = logbook.enter(ledger, certificate, given, "C", {}, entering)
    held = ledger.content(entry.contents[0].digest) or b""
    lying = Draft(
        Kind.SCREENED,
        {**entry.statement, "verdict": "INELIGIBLE"},
        "C",
        (),
        "",
        entry.rules,
        (("certificate", held),),
    )
    with pytest.raises(LedgerError, match="another verdict"):
        ledger.append([lying], investigator, clock())


def test_a_parameter_of_a_command_line_is_a_draft(
    ledger: Ledger, investigator: Signer, clock: Clock, certificate: dict[str, Any]
) -> None:
    changed = json.loads(json.dumps(certificate))
    changed["parameters"][3]["origin"] = "command line"
    of = logbook.Rules(*(changed["library"][key] for key in ("name", "version", "digest", "status")))
    ledger.append([replace(approved(), rules=of)], investigator, clock())
    given = logbook.Given(b"{}", "person.yaml")
    with pytest.raises(LedgerError, match="parameters were changed"):
        logbook.enter(ledger, changed, given, "C", {}, logbook.Entering(investigator, clock(), consent=DAY))
    logbook.enter(ledger, certificate, given, "C", {}, logbook.Entering(investigator, clock(), consent=DAY))
    assert ledger.verified().is_whole


def test_a_correction_is_about_the_same_person(
    ledger: Ledger, investigator: Signer, clock: Clock, certificate: dict[str, Any]
) -> None:
    given = logbook.Given(b"{}", "Jane_Doe_1957.yaml")
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    [entry] = logbook.enter(ledger, certificate, given, "C", {}, entering)
    assert "Jane" not in json.dumps(dict(entry.statement))
    other = {**certificate, "subject": "OTHER-1", "facts": []}
    with pytest.raises(LedgerError, match="somebody else"):
        logbook.correct(ledger, entry.number, other, given, {}, entering, "misread")


@pytest.mark.parametrize("name", ["../escaped.yaml", "/tmp/escaped.yaml", "a/b.yaml", "run.py"])
def test_kept_rules_stay_in_their_folder(
    name: str, ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    [entry] = ledger.append([screened()], investigator, clock())
    connection = sqlite3.connect(tmp_path / "site.ledger")
    connection.execute("INSERT INTO rule VALUES (?, ?, ?)", (RULES.digest, name, b"x"))
    connection.commit()
    with pytest.raises(LedgerError, match="no rule file"), replaying.rules_in_a_folder(ledger, entry):
        pass
    assert not list(tmp_path.parent.glob("**/escaped.yaml"))


@pytest.mark.parametrize("typed", ["K7\udcff", "\ud83d"])
def test_what_is_typed_is_text(
    typed: str, ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    head, entering = ledger.order.head, logbook.Entering(investigator, clock())
    for draft in (screened(typed), Draft(Kind.EXCEPTION, {}, reason=typed), replace(approved(), reason=typed)):
        with pytest.raises(LedgerError, match="no text in UTF-8"):
            ledger.append([draft], investigator, clock())
    with pytest.raises(LedgerError, match="no text in UTF-8"):
        logbook.enter_event(ledger, "adverse event", "C", DAY, "\udcff", entering)
    with pytest.raises(LedgerError, match="no text in UTF-8"):
        Ledger.create(tmp_path / "other.ledger", "0.1.0", Signer(typed), clock())
    assert not (tmp_path / "other.ledger").exists()
    assert ledger.order.head == head


@pytest.mark.parametrize("left", [0, 1])
def test_a_screening_without_what_it_was_made_from_is_refused(
    left: int, ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    ledger.append([approved()], investigator, clock())
    bare = replace(final(verdict="ELIGIBLE"), contents=final(verdict="ELIGIBLE").contents[left : left + 1])
    with pytest.raises(LedgerError, match="names its certificate and its record"):
        ledger.append([bare], investigator, clock())


def test_a_draft_without_a_certificate_is_told(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    [entry] = ledger.append([screened("C")], investigator, clock())
    with pytest.raises(LedgerError, match=f"entry {entry.number} names no certificate"):
        logbook.certificate_of(ledger, entry)
    with pytest.raises(LedgerError, match=f"entry {entry.number} names no certificate"):
        logbook.correct(
            ledger,
            entry.number,
            {},
            logbook.Given(b"", ""),
            {},
            logbook.Entering(investigator, clock()),
            "misread",
        )


@pytest.mark.parametrize("number", [0, -1, 2**53, 10**23])
def test_a_number_that_no_entry_has(number: int, ledger: Ledger) -> None:
    assert ledger.entry(number) is None


def test_what_somebody_took_out_of_the_file_is_told(
    ledger: Ledger, investigator: Signer, clock: Clock, tmp_path: Path
) -> None:
    first, entry = ledger.append([screened("C"), screened("C")], investigator, clock())
    connection = sqlite3.connect(tmp_path / "site.ledger")
    connection.execute("DROP TABLE content")
    connection.execute("DROP TRIGGER entry_stays")
    connection.execute("DELETE FROM entry WHERE number = ?", (first.number,))
    connection.commit()
    connection.close()
    with pytest.raises(LedgerError, match="SQLite refuses it"):
        list(ledger.contents_of(entry))
    review = Draft(Kind.REVIEWED, REVIEWED, "C", (first.number,))
    with pytest.raises(LedgerError, match=f"entry {first.number} is not there any more"):
        ledger.append([review], investigator, clock())


def test_a_ledger_that_is_not_opened_leaves_no_key(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
    (tmp_path / "site.ledger").write_bytes(b"there already")
    for name, by in (("site.ledger", "K7"), ("new.ledger", "K7\udcff")):
        assert called(tmp_path, "log", "init", name, "--new-key", "k.pem", "--by", by).status == 3
        assert [each.name for each in tmp_path.iterdir()] == ["site.ledger"]
    assert called(tmp_path, "log", "init", "new.ledger", "--new-key", "k.pem", "--by", "K7").status == 0
