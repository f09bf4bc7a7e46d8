"""The identification list: random codes, a passphrase, and a file that is whole or as it was."""

from __future__ import annotations

import itertools
import json
import os
import stat
from pathlib import Path

import pytest

from screening.errors import LedgerError
from screening.ledger.identities import Identities

PASSPHRASE = "correct horse battery"


def test_codes_stay_and_nothing_of_a_person_is_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "who.json"
    drawn = iter(["K7QD", "K7QD", "B2NV"])
    found = Identities(path, PASSPHRASE)
    assert [found.code_of(id, lambda: next(drawn)) for id in ("Mary Example", "MRN 4711", "Mary Example")] == [
        "K7QD", "B2NV", "K7QD",
    ]  # fmt: skip
    found.keep()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert b"Mary" not in path.read_bytes()
    assert b"4711" not in path.read_bytes()
    again = Identities(path, PASSPHRASE)
    assert again.id_of("K7QD") == "Mary Example"
    assert "Mary" not in repr(again)
    again.forget("K7QD")
    again.keep()
    with pytest.raises(LedgerError, match="nobody"):
        Identities(path, PASSPHRASE).id_of("K7QD")


def test_it_opens_by_its_passphrase_alone(tmp_path: Path) -> None:
    path = tmp_path / "who.json"
    found = Identities(path, PASSPHRASE)
    found.code_of("Mary Example", itertools.count().__str__)
    found.keep()
    with pytest.raises(LedgerError, match="passphrase opens, or it was altered"):
        Identities(path, "wrong horse battery")
    with pytest.raises(LedgerError, match="at least 8"):
        Identities(path, "short")
    altered = json.loads(path.read_bytes())
    altered["data"] = altered["data"][:8] + ("A" if altered["data"][8] != "A" else "B") + altered["data"][9:]
    path.write_text(json.dumps(altered))
    with pytest.raises(LedgerError, match="passphrase opens, or it was altered"):
        Identities(path, PASSPHRASE)
    path.write_text("{}")
    with pytest.raises(LedgerError, match="is no identification list"):
        Identities(path, PASSPHRASE)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_what_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "who.json"
    Identities(path, PASSPHRASE).keep()
    before = path.read_bytes()
    tmp_path.chmod(0o500)
    with pytest.raises(LedgerError, match="it is as it was"):
        Identities(path, PASSPHRASE).keep()
    assert path.read_bytes() == before
