"""What a policy deletes, and what nothing deletes."""

from __future__ import annotations

import datetime

import pytest

from screening import retention
from screening.errors import LedgerError
from screening.ledger import event
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind
from screening.ledger.event import Event
from screening.ledger.store import Ledger
from screening.retention import APPROACHED_ONLY, HELD, KEPT, Policy
from tests.ledger.conftest import RULES, Clock, screened

DAY = "2026-11-22"
LATER = datetime.datetime(2029, 11, 23, tzinfo=datetime.UTC)


@pytest.fixture
def people(ledger: Ledger, investigator: Signer, clock: Clock) -> Ledger:
    """Six people, each in another position; all of them long ago, but for the last."""
    ledger.append([screened(f"P{number}") for number in range(7)], investigator, clock())
    for about, what in (("P1", Event.CONSENT), ("P2", Event.CONTACTED), ("P3", Event.HOLD)):
        ledger.append([event.draft(what, about, DAY)], investigator, clock())
    ledger.append([Draft(Kind.LOOKED_UP, {}, "P4", reason="to call her")], investigator, clock())
    said = {"meaning": "final", "decision": "may not enter"}
    ledger.append([Draft(Kind.DECIDED, said, "P5", (8,), "declined", rules=RULES)], investigator, clock())
    soon = LATER - datetime.timedelta(days=30)
    ledger.append([screened("P6")], investigator, soon)
    return ledger


def kept(ledger: Ledger, policy: Policy) -> dict[str, str]:
    return {each.about: each.kept_for for each in retention.due(ledger, policy)}


def test_what_a_policy_deletes(people: Ledger, investigator: Signer) -> None:
    before = retention.before("P2Y", LATER)
    assert before == "2027-11-23T00:00:00.000000Z"
    old = kept(people, Policy(before))
    assert old == {"P0": "", "P1": KEPT, "P2": "", "P3": HELD, "P4": "", "P5": KEPT}
    nobody = kept(people, Policy(before, never_approached=True))
    assert nobody == {"P0": "", "P1": KEPT, "P2": APPROACHED_ONLY, "P3": HELD, "P4": APPROACHED_ONLY, "P5": KEPT}
    policy = Policy(before, has_ended=True)
    assert kept(people, policy) == {"P0": "", "P1": "", "P2": "", "P3": HELD, "P4": "", "P5": ""}
    never = Policy(before, never_approached=True)
    due = retention.due(people, never)
    assert retention.purge(people, due, never, "policy", investigator, LATER)
    assert people.verified().is_whole
    assert people.verified().purged == 1
    assert "P0" not in kept(people, policy)
    assert not retention.purge(people, [], policy, "policy", investigator, LATER)


def test_what_was_due_a_moment_ago_is_looked_at_again(people: Ledger, investigator: Signer, clock: Clock) -> None:
    """Between the list of what is due and the deletion somebody types a passphrase."""
    policy = Policy(retention.before("P2Y", LATER))
    due = retention.due(people, policy)
    people.append([event.draft(Event.HOLD, "P0", DAY)], investigator, LATER)
    held, entries = kept(people, policy), people.order.number
    with pytest.raises(LedgerError, match="nothing was deleted"):
        retention.purge(people, due, policy, "policy", investigator, LATER)
    assert (kept(people, policy), people.order.number) == (held, entries)
    assert people.verified().is_whole


def test_under_a_legal_hold_nothing_goes(people: Ledger, investigator: Signer) -> None:
    held = next(people.entries("P3"))
    for has_ended in (False, True):
        with pytest.raises(LedgerError, match="legal hold"):
            retention.purge_entries(people, [held.number], "a wish", has_ended, investigator, LATER)
    people.append([event.draft(Event.HOLD_LIFTED, "P3", DAY)], investigator, LATER)
    retention.purge_entries(people, [held.number], "a wish", False, investigator, LATER)
    with pytest.raises(LedgerError, match="nothing of entry"):
        retention.purge_entries(people, [held.number], "a wish", False, investigator, LATER)
    assert people.verified().is_whole


def test_the_end_of_an_earlier_hold_entered_late_lifts_no_later_one(people: Ledger, investigator: Signer) -> None:
    held = next(people.entries("P3"))
    people.append([event.draft(Event.HOLD_LIFTED, "P3", "2026-11-21")], investigator, LATER)
    with pytest.raises(LedgerError, match="legal hold"):
        retention.purge_entries(people, [held.number], "a wish", False, investigator, LATER)
    assert kept(people, Policy(""))["P3"] == HELD
    people.append([event.draft(Event.HOLD_LIFTED, "P3", "2026-11-23")], investigator, LATER)
    # A hold of before that, entered later still, is one that nobody is known to have lifted.
    people.append([event.draft(Event.HOLD, "P3", "2026-11-20")], investigator, LATER)
    assert kept(people, Policy(""))["P3"] == HELD


@pytest.mark.parametrize("period", ["2 years", "P2", "P0Y", "P-1Y", "PT2H", "P9999Y", ""])
def test_a_period_in_another_spelling(period: str) -> None:
    with pytest.raises(LedgerError, match="is written like"):
        retention.before(period, LATER)
