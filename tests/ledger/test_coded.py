"""What leaves a ledger without records: codes and coded words, and nothing that anybody typed."""

from __future__ import annotations

import json
from typing import Any

from screening import coded
from screening.ledger import among, event, merkle
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind
from screening.ledger.event import Event
from screening.ledger.store import Ledger
from tests.ledger.conftest import RULES, Clock, screened
from tests.ledger.test_tampering import COHORT, KEY

TYPED = "JANE-DOE-1931"


def filled(ledger: Ledger, investigator: Signer, clock: Clock, age: str) -> None:
    """Everything typed is one word, wherever anybody can type."""
    criteria = {"INC01": "TRUE", "INC02": TYPED, f"{TYPED} said so": "TRUE"}
    row = {
        "id": TYPED,
        "criteria": criteria,
        "reasons": ["INC01", f"{TYPED} said so"],
        "age_years": age,
        "sex": TYPED,
    }
    line = json.dumps(row).encode() + b"\n"
    root = merkle.root(among.salted(KEY, [line])).hex()
    said: dict[str, Any] = COHORT | {"root": root, "rows": 1, "stage": TYPED}
    [run] = ledger.append([Draft(Kind.COHORT, said, rules=RULES)], investigator, clock())
    proof = among.Proof(0, 1, among.salt_of(KEY, 0), ())
    ledger.append([among.draft(run, TYPED, line, proof)], investigator, clock())
    draft = screened("K7QD-4MXR", record=TYPED.encode())
    statement = {**draft.statement, "stage": TYPED, "basis": TYPED, "as_of": "1931-02-03", "site": TYPED}
    ledger.append([Draft(Kind.SCREENED, statement, TYPED, rules=RULES)], investigator, clock())
    ledger.append([draft], investigator, clock())
    ledger.append([event.draft(Event.ADVERSE_EVENT, TYPED, "2026-11-22", TYPED)], investigator, clock())
    ledger.append([Draft(Kind.EXCEPTION, {}, reason=TYPED)], investigator, clock())


def test_nothing_typed_leaves_and_days_become_years(ledger: Ledger, investigator: Signer, clock: Clock) -> None:
    filled(ledger, investigator, clock, "94")
    for years_only in (False, True):
        lines = [json.loads(line) for line in coded.lines(ledger, years_only)]
        text = json.dumps(lines)
        assert TYPED not in text
        assert "Investigator" not in text
        row = next(line for line in lines if line.get("kind") == "cohort row")
        assert (row["age_years"], row["sex"]) == ("90 or older", "")
        assert (row["criteria"], row["reasons"]) == ({"INC01": "TRUE"}, ["INC01"])
        assert [line["hash"] for line in lines[1:]] == [entry.hash for entry in ledger.entries()]
        # A month and a day: two digits alone stand in codes by chance, and in the number of a ledger.
        assert ("-11-22" in text.replace(TYPED, "")) is not years_only
        codes = {line["about"] for line in lines[1:]} - {""}
        assert len(codes) == 2
        assert ("K7QD-4MXR" in codes) is not years_only


def test_an_exact_age_up_to_89_and_no_other_form_of_one() -> None:
    assert [coded.banded(age) for age in ("17", "89", "90", "88..91", "94..95", "")] == [
        "17", "89", "90 or older", "", "", "",
    ]  # fmt: skip
