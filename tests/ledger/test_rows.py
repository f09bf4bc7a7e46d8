"""One person's row of a run: its own entry, its proof, and everything that is no proof of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from screening import logbook, proving
from screening.errors import LedgerError
from screening.ledger import among, merkle
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Entry
from screening.ledger.store import Ledger
from screening.outcome.row import FORMAT
from tests.ledger.conftest import RULES, Clock, screened


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """What a run over seven people leaves, as far as the ledger reads it."""
    folder = tmp_path / "run"
    folder.mkdir()
    protocol = {"name": RULES.name, "version": RULES.version, "digest": RULES.digest, "status": RULES.status}
    manifest = {"cohort": FORMAT, "protocol": protocol, "as_of": "2026-11-22"}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    rows = [json.dumps({"id": f"p{number}", "verdict": "REVIEW"}, separators=(",", ":")) for number in range(7)]
    (folder / "people.ndjson").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture
def entered(ledger: Ledger, run: Path, investigator: Signer, clock: Clock) -> Entry:
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    return logbook.enter_cohort(ledger, run, RULES.digest, {}, entering)


@pytest.mark.usefixtures("entered")
def test_everybody_of_a_run_has_a_proof_and_one_entry(
    ledger: Ledger, run: Path, investigator: Signer, clock: Clock
) -> None:
    for number in range(7):
        draft = proving.row(ledger, run, f"p{number}", f"C{number}")
        assert isinstance(draft, Draft)
        first = replace(screened(f"C{number}"), refers=(-1,))
        row, screening = ledger.append([draft, first], investigator, clock())
        assert screening.refers == (row.number,) == (proving.row(ledger, run, f"p{number}", f"C{number}"),)
        document = proving.of_folder(ledger, run, f"p{number}")
        assert document == proving.of_entry(ledger, f"C{number}")
        assert not proving.checked(json.loads(document)).why
    assert ledger.verified().is_whole


@pytest.mark.usefixtures("entered")
def test_one_code_is_one_person_of_a_run(ledger: Ledger, run: Path, investigator: Signer, clock: Clock) -> None:
    draft = proving.row(ledger, run, "p1", "C1")
    assert isinstance(draft, Draft)
    ledger.append([draft], investigator, clock())
    with pytest.raises(LedgerError, match="somebody else in this run"):
        proving.row(ledger, run, "p2", "C1")
    with pytest.raises(LedgerError, match="is no row of this person"):
        ledger.append([replace(screened("C2"), refers=(4,))], investigator, clock())
    with pytest.raises(LedgerError, match="nobody of that id"):
        proving.row(ledger, run, "p", "C9")


def test_a_run_that_was_changed_since_proves_nothing(
    ledger: Ledger, run: Path, entered: Entry, investigator: Signer, clock: Clock
) -> None:
    rows = run / "people.ndjson"
    before = rows.read_bytes()
    for changed in (before.replace(b"REVIEW", b"ELIGIBLE", 1), before + b'{"id":"p9"}\n', before[:-30] + b"\n"):
        rows.write_bytes(changed)
        with pytest.raises(LedgerError, match="were changed since"):
            proving.row(ledger, run, "p3", "C3")
    rows.write_bytes(before)
    (run / "manifest.json").write_text((run / "manifest.json").read_text() + " ")
    with pytest.raises(LedgerError, match="was not entered"):
        proving.row(ledger, run, "p3", "C3")


def _other(name: str, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        document["proof"][name] = value

    return change


def _of_run(document: dict[str, Any]) -> None:
    document["run"]["statement"]["as_of"] = "2026-11-23"


def _unsigned(document: dict[str, Any]) -> None:
    document["run"]["actor"]["key"] = document["run"]["signature"] = document["key"] = ""


def _inner(document: dict[str, Any]) -> None:
    """A node of the tree given out as a row: the hashes of two halves where a row should be (second pre-image)."""
    document["row"] = "".join(document["proof"]["path"][-1:])
    document["proof"]["path"] = document["proof"]["path"][:-1]


@pytest.mark.parametrize(
    "change", [_other("position", 4), _other("rows", 8), _other("salt", "00" * 32), _of_run, _inner]
)
@pytest.mark.usefixtures("entered")
def test_a_changed_proof_is_refused(ledger: Ledger, run: Path, change: Callable[[dict[str, Any]], None]) -> None:
    document = json.loads(proving.of_folder(ledger, run, "p3"))
    change(document)
    assert proving.checked(document).why


def test_without_a_head_a_proof_shows_that_its_parts_fit_alone(ledger: Ledger, run: Path, entered: Entry) -> None:
    document = json.loads(proving.of_folder(ledger, run, "p3"))
    assert proving.checked(document, [entered.hash]).is_expected
    assert proving.checked(document, ["ab" * 32]).why == "the run's entry is not the head that was kept"
    _unsigned(document)
    assert not proving.checked(document).why
    assert proving.checked(document, [entered.hash]).why


@pytest.mark.usefixtures("entered")
@pytest.mark.parametrize(
    "change", [{"format": "x"}, {"more": 1}, {"proof": {}}, {"run": {}}, {"key": "x"}, {"row": 3}]
)
def test_what_is_no_proof(ledger: Ledger, run: Path, tmp_path: Path, change: dict[str, Any]) -> None:
    document = json.loads(proving.of_folder(ledger, run, "p3")) | change
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(LedgerError, match="no proof"):
        proving.checked(proving.read(path))


def test_the_ledger_refuses_a_row_that_is_not_of_its_run(
    ledger: Ledger, run: Path, entered: Entry, investigator: Signer, clock: Clock
) -> None:
    good = proving.row(ledger, run, "p3", "C3")
    assert isinstance(good, Draft)
    (kind, row), proof = good.contents
    for draft, why in (
        (replace(good, contents=((kind, row.replace(b"p3", b"p4")), proof)), "is not among those"),
        (replace(good, statement={"position": 9, "rows": 7}), "which of the run's rows"),
        (replace(good, statement={"position": 2, "rows": 7}), "that of another row"),
        (replace(good, refers=(2,)), "refers to the one run"),
        (replace(good, about=""), "is about somebody"),
        (replace(good, rules=replace(RULES, digest="5a5a" * 16)), "under other rules"),
        (replace(good, contents=((kind, row), (proof[0], b"{}"))), "is none"),
        (replace(good, contents=((kind, b"x"), *good.contents)), "other contents"),
        (replace(good, contents=((kind, row),)), "other contents"),
    ):
        with pytest.raises(LedgerError, match=why):
            ledger.append([draft], investigator, clock())
    assert ledger.verified().entries == entered.number


def test_a_proof_tells_nothing_of_neighbours(ledger: Ledger, run: Path, entered: Entry) -> None:
    """Who knows what a neighbour's row may say cannot tell by the hash whether it does."""
    document = json.loads(proving.of_folder(ledger, run, "p3"))
    rows = (run / "people.ndjson").read_bytes().splitlines(keepends=True)
    plain = {merkle.leaf(row).hex() for row in rows}
    assert not plain & set(document["proof"]["path"])
    key = ledger.content(next(c.digest for c in entered.contents if c.kind == among.KEY))
    assert key
    assert key.hex() not in json.dumps(document)
