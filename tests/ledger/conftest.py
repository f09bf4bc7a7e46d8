"""A clock that goes on by itself, people with keys, and ledgers of both sorts."""

from __future__ import annotations

import datetime
import itertools
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from screening.ledger import key
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind, Rules
from screening.ledger.store import Ledger

Clock = Callable[[], datetime.datetime]
RULES = Rules("ketamine-ra-fm", "0.1", "4fff" * 16, "draft")


@pytest.fixture
def clock() -> Clock:
    start = datetime.datetime(2026, 11, 22, 9, 14, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))
    ticks = itertools.count()
    return lambda: start + datetime.timedelta(seconds=next(ticks))


@pytest.fixture
def investigator(tmp_path: Path) -> Signer:
    return Signer("A. Investigator", "investigator", key.make(tmp_path / "a.pem", "a long passphrase"))


@pytest.fixture
def coordinator(tmp_path: Path) -> Signer:
    return Signer("C. Coordinator", "coordinator", key.make(tmp_path / "c.pem", "another passphrase"))


@pytest.fixture
def ledger(tmp_path: Path, clock: Clock, investigator: Signer) -> Iterator[Ledger]:
    found = Ledger.create(tmp_path / "site.ledger", "0.1.0", investigator, clock())
    yield found
    found.close()


def certified(said: Mapping[str, Any], rules: Rules = RULES) -> tuple[tuple[str, bytes], ...]:
    """What lies beside a screening that says so: as much of a certificate as a ledger reads, and a record."""
    library = {"name": rules.name, "version": rules.version, "digest": rules.digest, "status": rules.status}
    found = {
        "library": {**library, "includes": []},
        "determination": {"verdict": said["verdict"]},
        "as_of": said.get("as_of"),
        "parameters": [],
    }
    return ("certificate", json.dumps(found).encode()), ("record", b"{}")


def screened(about: str = "K7QD-4MXR", verdict: str = "REVIEW", record: bytes = b'{"pain": 7}') -> Draft:
    """A screening under rules that nobody has approved."""
    said = {"verdict": verdict, "certificate": "aa" * 32, "draft": True}
    return Draft(Kind.SCREENED, said, about, rules=RULES, contents=(("record", record),))
