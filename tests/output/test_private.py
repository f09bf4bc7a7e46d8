"""Files for their owner alone: written whole or not at all, and never over what nobody could make again."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from screening.errors import LedgerError, UnreadableRecord
from screening.output.folder import write_private, write_private_pieces

KEPT = {
    "site.ledger": b"SQLite format 3\0" + bytes(84),
    "k7.pem": b"-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIG\n-----END ENCRYPTED PRIVATE KEY-----\n",
    "codes.json": b'{"data":"AA==","format":"screening-identities-1","nonce":"AA==","salt":"AA=="}',
}


@pytest.mark.parametrize("name", KEPT)
def test_what_nobody_could_make_again_is_never_written_over(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(KEPT[name])
    with pytest.raises(UnreadableRecord, match="not written over; name another file"):
        write_private(tmp_path / name, "a page")
    assert {each.name: each.read_bytes() for each in tmp_path.iterdir()} == {name: KEPT[name]}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the system knows no pipes with a name")
def test_a_device_or_a_pipe_stays_what_it_is(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "page.html").write_text("before")
    (tmp_path / "link").symlink_to(tmp_path / "page.html")
    for name in ("pipe", "link", ""):
        with pytest.raises(UnreadableRecord, match="name a file"):
            write_private(tmp_path / name if name else Path(""), "a page")
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "page.html").read_text() == "before"


def test_nothing_is_written_through_what_somebody_else_laid_ready(tmp_path: Path) -> None:
    (tmp_path / "theirs").write_text("")
    (tmp_path / ".page.html.partial").symlink_to(tmp_path / "theirs")
    write_private(tmp_path / "page.html", "a page")
    assert (tmp_path / "theirs").read_text() == ""
    assert (tmp_path / "page.html").read_text() == "a page"
    assert stat.S_IMODE((tmp_path / "page.html").stat().st_mode) == 0o600


def test_what_stops_half_way_leaves_nothing(tmp_path: Path) -> None:
    def pieces() -> Iterator[bytes]:
        yield b"half of somebody's record"
        raise LedgerError("an entry is no text")

    (tmp_path / "copy.jsonl").write_text("before")
    with pytest.raises(LedgerError):
        write_private_pieces(tmp_path / "copy.jsonl", pieces())
    assert {each.name: each.read_text() for each in tmp_path.iterdir()} == {"copy.jsonl": "before"}
