"""Writers killed at any moment, and disks that fill up: no acknowledged entry is lost, and the ledger verifies."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from screening.ledger.draft import Signer
from screening.ledger.store import Ledger
from tests.ledger.conftest import Clock

FEW, MANY = 3, 500
# Enters until it is killed, and says each number once it is on the disk.
WRITER = """
import datetime, os, sys
from pathlib import Path
from screening.ledger.draft import Signer
from screening.ledger.store import Ledger
from tests.ledger.conftest import screened
ledger = Ledger.open(Path(sys.argv[1]), "0.1.0")
said = os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND)
while True:
    now = datetime.datetime.now(datetime.UTC)
    [entry] = ledger.append([screened(sys.argv[3], record=os.urandom(400))], Signer(sys.argv[3]), now)
    os.write(said, f"{entry.number} {entry.hash}\\n".encode())
"""


def killed(folder: Path, rounds: int) -> tuple[int, int]:
    """How many entries were acknowledged to two writers who were killed so often, and how many are there."""
    path, said = folder / "site.ledger", folder / "said.txt"
    said.touch()
    import datetime

    Ledger.create(path, "0.1.0", Signer("K1"), datetime.datetime.now(datetime.UTC)).close()
    rng = Random(rounds)
    for _ in range(rounds):
        writers = [
            subprocess.Popen([sys.executable, "-c", WRITER, str(path), str(said), name]) for name in ("K1", "K2")
        ]
        begun, size = time.monotonic(), said.stat().st_size
        # Until both have started and entered something; then at any moment.
        while said.stat().st_size <= size and time.monotonic() - begun < 60:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.2)
        for writer in rng.sample(writers, 2):
            writer.send_signal(signal.SIGKILL)
            time.sleep(rng.random() * 0.01)
        for writer in writers:
            writer.wait()
    ledger = Ledger.open(path, "0.1.0")
    found = ledger.verified()
    assert found.is_whole, found.fault
    there = {f"{entry.number} {entry.hash}" for entry in ledger.entries()}
    acknowledged = set(said.read_text().split("\n")) - {""}
    assert acknowledged <= there
    ledger.close()
    return len(acknowledged), len(there)


def test_a_few_kills(tmp_path: Path) -> None:
    acknowledged, there = killed(tmp_path, FEW)
    assert 0 < acknowledged < there


@pytest.mark.long
def test_five_hundred_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    acknowledged, there = killed(tmp_path, MANY // 2)
    with capsys.disabled():
        print(f"\n{MANY} kills, {acknowledged} entries acknowledged, {there} there")


FULL = """
import datetime, os, resource, signal, sys
from pathlib import Path
from screening.errors import LedgerError
from screening.ledger.draft import Signer
from screening.ledger.store import Ledger
from tests.ledger.conftest import screened
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
ledger = Ledger.open(Path(sys.argv[1]), "0.1.0")
count = 0
try:
    while True:
        now = datetime.datetime.now(datetime.UTC)
        ledger.append([screened(record=os.urandom(2000))], Signer("K1"), now)
        count += 1
except LedgerError as refused:
    print(count, refused)
"""


def test_a_file_that_cannot_grow(tmp_path: Path, clock: Clock) -> None:
    """As on a disk that is full: it says so, and everything acknowledged is there."""
    path = tmp_path / "site.ledger"
    Ledger.create(path, "0.1.0", Signer("K1"), clock()).close()
    said = subprocess.run(
        [sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=120, check=True
    )
    count, _, why = said.stdout.partition(" ")
    assert "nothing was entered" in why
    assert int(count) > 10
    ledger = Ledger.open(path, "0.1.0")
    assert ledger.verified().is_whole
    assert ledger.verified().entries == 1 + int(count)
    ledger.append([], Signer("K1"), clock())
    ledger.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_a_full_disk(tmp_path: Path, clock: Clock) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(small)], capture_output=True
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        path = small / "site.ledger"
        Ledger.create(path, "0.1.0", Signer("K1"), clock()).close()
        unlimited = FULL.replace("(300_000, 300_000)", f"({resource.RLIM_INFINITY}, {resource.RLIM_INFINITY})")
        said = subprocess.run(
            [sys.executable, "-c", unlimited, str(path)], capture_output=True, text=True, timeout=120, check=True
        )
        count, _, why = said.stdout.partition(" ")
        assert "the disk is full; nothing was entered" in why
        ledger = Ledger.open(path, "0.1.0")
        assert ledger.verified().is_whole
        assert ledger.verified().entries == 1 + int(count)
        ledger.close()
    finally:
        subprocess.run(["umount", str(small)], check=False)
