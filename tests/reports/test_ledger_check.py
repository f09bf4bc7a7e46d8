"""What an entry may follow: what a ledger itself refuses the self-check of its page refuses, at the same entry."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from screening import report
from screening.ledger import among, event, merkle
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind
from screening.ledger.event import Event
from screening.ledger.store import Ledger
from screening.ledger.verify import verify
from tests.ledger.conftest import RULES, Clock, certified
from tests.ledger.conftest import clock as clock
from tests.reports.chromium import chromium
from tests.reports.test_list_edits import Opened, chained, data_of, with_data

pytestmark = pytest.mark.browser
DAY = "2026-11-22"
SAID = {"verdict": "REVIEW", "as_of": DAY, "stage": "screening", "consent": DAY, "basis": "", "draft": False}
FOUNDED = {"stage": "pre-screening", "basis": "waiver, IRB 12", "draft": False}
# The numbers of its entries after the approval.
CONSENT, SCREENED, FIRST, SECOND, DECIDED, RUN, ROW, AGAIN = range(3, 11)


@pytest.fixture
def page(tmp_path: Path, clock: Clock) -> str:
    """A ledger without keys: approval, consent, a review by two, a decision, a run with a row of somebody else."""
    people = [Signer(name) for name in ("A. Investigator", "B. Physician")]
    ledger = Ledger.create(tmp_path / "site.ledger", "0.1.0", people[0], clock())
    approved = Draft(Kind.APPROVED, {"meaning": "approval", "effective": DAY}, rules=RULES)
    screened = Draft(Kind.SCREENED, SAID, "C", rules=RULES, contents=certified(SAID))
    ledger.append([approved, event.draft(Event.CONSENT, "C", DAY), screened], people[0], clock())
    reviewed = Draft(
        Kind.REVIEWED, {"meaning": "review", "accepts": True}, "C", (SCREENED,), "again", RULES,
        (("criteria reviewed", b'{"EXC1":"accept"}'),),
    )  # fmt: skip
    for each in people:
        ledger.append([reviewed], each, clock())
    decided = Draft(Kind.DECIDED, {"meaning": "final", "decision": "may enter"}, "C", (SCREENED,), rules=RULES)
    key, rows = b"k" * among.KEY_BYTES, [b'{"id":"1"}\n', b'{"id":"2"}\n']
    said = {**FOUNDED, "root": merkle.root(among.salted(key, rows)).hex(), "rows": 2, "as_of": DAY}
    ledger.append([decided, Draft(Kind.COHORT, said, rules=RULES)], people[0], clock())
    run = ledger.entry(RUN)
    assert run is not None
    hashes = [merkle.leaf(each) for each in among.salted(key, rows)]
    proof = among.Proof(0, 2, among.salt_of(key, 0), merkle.path(hashes, 0))
    again = Draft(Kind.SCREENED, SAID | FOUNDED, "D", (ROW,), rules=RULES, contents=certified(SAID | FOUNDED))
    ledger.append([among.draft(run, "D", rows[0], proof), again], people[0], clock())
    text, is_whole = report.ledger(lambda seen: ledger.verified(seen=seen))
    assert is_whole
    ledger.close()
    return text


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Opened]:
    with chromium() as browser:
        yield Opened(browser.new_page(), tmp_path_factory.mktemp("followed") / "page.html")


def _says(number: int, **said: Any) -> Callable[[list[Any]], None]:
    def edit(entries: list[Any]) -> None:
        entries[number - 1]["statement"].update(said)

    return edit


def _is(number: int, **keys: Any) -> Callable[[list[Any]], None]:
    def edit(entries: list[Any]) -> None:
        entries[number - 1].update(keys)

    return edit


def _more(at: int, like: int, said: dict[str, Any], **keys: Any) -> Callable[[list[Any]], None]:
    """One more entry before that of a number, like another one."""

    def edit(entries: list[Any]) -> None:
        made = {**copy.deepcopy(entries[like - 1]), "contents": [], **keys}
        made["statement"] = {**made["statement"], **said}
        entries.insert(at - 1, made)

    return edit


def _both(*edits: Callable[[list[Any]], None]) -> Callable[[list[Any]], None]:
    def edit(entries: list[Any]) -> None:
        for each in edits:
            each(entries)

    return edit


WITHDRAWN = {"event": "consent withdrawn"}
ONE = {"name": "a.\u00a0INVESTIGATOR\u200b", "role": "", "key": ""}
EDITS: dict[str, tuple[Callable[[list[Any]], None], int]] = {
    "no event": (_says(CONSENT, event="picnic"), CONSENT),
    "an event before its day": (_says(CONSENT, on="2026-11-24"), CONSENT),
    "an event of nobody": (_is(CONSENT, about=""), CONSENT),
    "no day of consent": (_says(SCREENED, consent=""), SCREENED),
    "consent that came after": (_says(SCREENED, consent="2026-11-23"), SCREENED),
    "no day": (_says(SCREENED, consent="2026-02-30"), SCREENED),
    "a pre-screening without a basis": (_says(AGAIN, basis=" "), AGAIN),
    "a run that is no pre-screening": (_says(RUN, stage="screening"), RUN),
    "no record": (_is(SCREENED, contents=[]), SCREENED),
    "consent withdrawn": (_more(SCREENED, CONSENT, WITHDRAWN), SCREENED + 1),
    "consent withdrawn before the decision": (_more(DECIDED, CONSENT, WITHDRAWN), DECIDED + 1),
    "consent from before it was withdrawn": (
        _both(
            _more(SCREENED, CONSENT, {"event": "consent", "on": "2026-11-21"}), _more(SCREENED, CONSENT, WITHDRAWN)
        ),
        SCREENED + 2,
    ),
    "one reviewer": (_says(SECOND, accepts=False), DECIDED),
    "one reviewer under two names": (_is(SECOND, actor=ONE), DECIDED),
    "screened again": (
        _more(DECIDED, SCREENED, {"draft": True}, kind="re-screened", refers=[SCREENED]),
        DECIDED + 1,
    ),
    "decided on a draft": (_says(SCREENED, draft=True), DECIDED),
    "decided on a pre-screening": (_says(SCREENED, **FOUNDED), DECIDED),
    "decided after the approval was withdrawn": (
        _more(DECIDED, 2, {}, kind="approval withdrawn", reason="amended"),
        DECIDED + 1,
    ),
    "a row of no run": (_is(ROW, refers=[SCREENED]), ROW),
    "a row that is not there": (_says(ROW, position=2), ROW),
    "a row under other rules": (_is(ROW, rules={**asdict(RULES), "digest": "aa" * 32}), ROW),
    "a row of somebody else": (_is(ROW, about="E"), AGAIN),
}


@pytest.mark.parametrize("name", EDITS)
def test_what_the_ledger_refuses_its_page_refuses(opened: Opened, page: str, name: str) -> None:
    data = data_of(page)
    edit, number = EDITS[name]
    edit(data["entries"])
    for place, entry in enumerate(data["entries"], 1):
        entry["number"] = place
    chained(data)
    said = opened.said(with_data(page, data))
    # By itself, and not since the page shows it otherwise.
    assert said.startswith(f"REFUSED at /entries/{number}: ") and "shows" not in said, said
    texts = ((entry["number"], json.dumps(entry)) for entry in data["entries"])
    fault = verify(texts, lambda entry: (), lambda: 0).fault
    assert fault is not None and fault.number == number


def test_what_the_ledger_takes_its_page_takes(opened: Opened, page: str) -> None:
    assert opened.said(page).startswith("Accepted: 10 entries")
