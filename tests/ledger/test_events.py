"""Events beside a verdict, and what has to come before what."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace
from typing import Any

import pytest

from screening import coded, listing, signing
from screening.cli import log, log_people, sign
from screening.errors import LedgerError
from screening.ledger import event
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Entry, Kind, entry_of
from screening.ledger.event import Event
from screening.ledger.past import Remembered
from screening.ledger.store import Ledger
from screening.reports.html import packaged
from tests.ledger.conftest import RULES, Clock, certified, screened

DAY = "2026-11-22"
APPROVED = Draft(Kind.APPROVED, {"meaning": "approval of rules", "effective": DAY}, rules=RULES)


def of(said: dict[str, Any]) -> Draft:
    final = {"verdict": "ELIGIBLE", "as_of": DAY, "stage": "screening", "consent": "", "basis": "", "draft": False}
    return Draft(Kind.SCREENED, final | said, "C", rules=RULES, contents=certified(final | said))


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({}, "no day of consent is given"),
        ({"consent": "2026-11-23"}, "consent came after"),
        ({"consent": "2026-11-23", "draft": True}, "consent came after"),
        ({"consent": "22/11/2026"}, "is no day"),
        ({"consent": "2026-02-30"}, "is no day"),
        ({"stage": "pre-screening"}, "on which basis"),
        ({"stage": "pre-screening", "basis": " "}, "on which basis"),
    ],
)
def test_what_comes_before_consent_is_refused(
    ledger: Ledger, investigator: Signer, clock: Clock, said: dict[str, Any], why: str
) -> None:
    ledger.append([APPROVED], investigator, clock())
    with pytest.raises(LedgerError, match=why):
        ledger.append([of(said)], investigator, clock())
    assert ledger.verified().entries == 3


@pytest.mark.parametrize(
    "said",
    [{"consent": DAY}, {"stage": "pre-screening", "basis": "waiver"}, {"draft": True}],
    ids=["consent", "basis", "draft"],
)
def test_what_may_come_first(ledger: Ledger, investigator: Signer, clock: Clock, said: dict[str, Any]) -> None:
    ledger.append([APPROVED, of(said)], investigator, clock())
    assert ledger.verified().is_whole


def test_a_run_over_many_people_is_a_pre_screening(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    said = {"root": "00" * 32, "rows": 3, "as_of": DAY, "draft": False}
    ledger.append([APPROVED], investigator, clock())
    for stage, basis in (("screening", "waiver"), ("pre-screening", "")):
        run = Draft(Kind.COHORT, {**said, "stage": stage, "basis": basis}, rules=RULES)
        with pytest.raises(LedgerError, match="is a pre-screening, and says on which basis"):
            ledger.append([run], investigator, clock())
    founded = {**said, "stage": "pre-screening", "basis": "waiver, IRB 12"}
    ledger.append([Draft(Kind.COHORT, founded, rules=RULES)], investigator, clock())
    assert ledger.verified().is_whole


def test_consent_can_be_withdrawn_and_given_again(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    ledger.append([APPROVED, event.draft(Event.CONSENT, "C", DAY)], investigator, clock())
    [entry] = ledger.append([of({"consent": DAY})], investigator, clock())
    ledger.append([event.draft(Event.CONSENT_WITHDRAWN, "C", DAY)], investigator, clock())
    assert event.consents(ledger.entries("C")) == ("", True)
    again = replace(of({"consent": DAY}), kind=Kind.RESCREENED, refers=(entry.number,))
    enter = Draft(Kind.DECIDED, {"meaning": "final", "decision": "may enter"}, "C", (entry.number,), rules=RULES)
    for draft in (screened("C"), again, enter):
        with pytest.raises(LedgerError, match="withdrawn consent"):
            ledger.append([draft], investigator, clock())
    ledger.append([screened("D")], investigator, clock())
    ledger.append([event.draft(Event.CONSENT, "C", DAY)], investigator, clock())
    assert event.consents(ledger.entries("C")) == (DAY, False)
    ledger.append([enter, again], investigator, clock())
    assert ledger.verified().is_whole


def test_consent_from_before_its_withdrawal_takes_nothing_back(
    ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    withdrawn = event.draft(Event.CONSENT_WITHDRAWN, "C", "2026-11-20")
    late = event.draft(Event.CONSENT, "C", "2026-11-10")
    ledger.append([APPROVED, withdrawn, late], investigator, clock())
    assert event.consents(ledger.entries("C")) == ("", True)
    with pytest.raises(LedgerError, match="withdrawn consent"):
        ledger.append([screened("C")], investigator, clock())
    # Given again two days later; the form of the first one, entered still later, says nothing of that.
    ledger.append([event.draft(Event.CONSENT, "C", DAY), late], investigator, clock())
    assert event.consents(ledger.entries("C")) == (DAY, False)
    ledger.append([of({"consent": DAY})], investigator, clock())
    assert ledger.verified().is_whole


def test_whoever_reads_a_ledger_refuses_a_screening_on_consent_from_before_its_withdrawal() -> None:
    past = Remembered()
    for number, (said, on) in enumerate((("consent withdrawn", "2026-11-20"), ("consent", "2026-11-10")), 1):
        past.add(entered(number, {"event": said, "on": on}))
        assert past.has_withdrawn("C")
    past.add(entered(3, {"event": "consent", "on": "2026-11-20"}))
    assert not past.has_withdrawn("C")


def entered(number: int, said: dict[str, Any]) -> Entry:
    data: dict[str, Any] = {
        "entry": "screening-ledger-entry-1", "ledger": "L", "number": number, "previous": "0" * 64,
        "kind": "event", "at": "2026-11-22T08:14:05.000000Z", "offset": "+00:00", "clock": "", "program": "",
        "about": "C", "actor": {"name": "A", "role": "", "key": ""}, "refers": [], "reason": "", "rules": None,
        "statement": said, "contents": [], "signature": "",
    }  # fmt: skip
    return entry_of(data)


@pytest.mark.parametrize(
    ("said", "about", "why"),
    [
        ({"event": "picnic", "on": DAY}, "C", "no event that a ledger knows"),
        ({"event": "consent", "on": "yesterday"}, "C", "has its day"),
        ({"event": "consent", "on": "2027-01-01"}, "C", "not before"),
        ({"event": "consent", "on": DAY}, "", "about one person"),
        ({"event": "audit trail reviewed", "on": DAY}, "C", "about nobody"),
    ],
)
def test_what_is_no_event(
    ledger: Ledger, investigator: Signer, clock: Clock, said: dict[str, Any], about: str, why: str
) -> None:
    with pytest.raises(LedgerError, match=why):
        ledger.append([Draft(Kind.EVENT, said, about)], investigator, clock())


def test_the_words_of_an_event_can_be_purged(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    [entry] = ledger.append([event.draft(Event.ADVERSE_EVENT, "C", DAY, "fainted")], investigator, clock())
    ledger.append([event.draft(Event.TRAIL_REVIEWED, "", DAY)], investigator, clock())
    assert ledger.content(entry.contents[0].digest) == b"fainted"
    ledger.purge([entry.contents[0].digest], "15 years are over", investigator, clock())
    assert ledger.verified().is_whole


def test_commands_and_exports_have_the_words_of_the_ledger() -> None:
    assert [word.replace("-", " ") for word in log_people.EVENTS] == [each.value for each in Event]
    assert log.STAGES == event.STAGES
    assert [word.replace("-", " ") for word in sign._DECISIONS] == list(signing.DECISIONS)
    assert sign._CODES == signing.CODES
    assert (coded._WORDS["decision"], coded._WORDS["code"]) == (signing.DECISIONS, signing.CODES)
    script = packaged("ledger_verify.js")
    kinds, events = (json.loads(f"[{_listed(script, name)}]") for name in ("KINDS", "EVENTS"))
    assert (kinds, events) == ([each.value for each in Kind], [each.value for each in Event])


def _listed(script: str, name: str) -> str:
    """What stands in a list of a script, without the comma after the last of it."""
    found = re.search(rf"const {name} = \[(.*?),?\s*\];", script, re.DOTALL)
    assert found is not None
    return found[1]


def test_whoever_declined_and_consented_later_did_not_decline(
    ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    declined, consent = Event.DECLINED, Event.CONSENT
    happened = [
        ("C", declined, "2026-11-10"), ("C", consent, "2026-11-15"), ("D", declined, DAY),
        ("E", consent, "2026-11-15"), ("E", declined, DAY), ("F", declined, "2026-11-10"), ("F", consent, DAY),
        ("G", declined, DAY), ("G", consent, "2026-11-15"), ("H", consent, DAY), ("H", declined, "2026-11-10"),
    ]  # fmt: skip
    ledger.append([event.draft(what, about, on) for about, what, on in happened], investigator, clock())
    ledger.append([screened("C"), screened("E")], investigator, clock())
    rows = list(csv.DictReader(io.StringIO(listing.screening_log(ledger))))
    said = [(row["code"], row["outcome"], row["decision"]) for row in rows]
    assert said == [("D", "", "declined"), ("G", "", "declined"), ("C", "REVIEW", ""), ("E", "REVIEW", "declined")]
