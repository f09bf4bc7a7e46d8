"""Entries a second, durable and chained, beside plain inserts with the same synchronisation; long ones verified.

`python -m tests.bench.ledger [--entries 2000] [--verify 1000000] [--rounds 5]`; medians of interleaved rounds.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from screening.ledger import key
from screening.ledger.draft import Draft, Signer
from screening.ledger.entry import Kind, Rules
from screening.ledger.store import Ledger

RULES = Rules("ketamine-ra-fm", "0.1", "4fff" * 16, "draft")
RECORD_BYTES = 2000


def draft(number: int) -> Draft:
    """A screening as it is entered, with a record beside it."""
    said = {"verdict": "UNDETERMINED", "certificate": "aa" * 32, "draft": True}
    return Draft(
        Kind.SCREENED, said, f"P{number % 5000}", rules=RULES, contents=(("record", os.urandom(RECORD_BYTES)),)
    )


def plain(path: Path, count: int) -> float:
    """Seconds for so many transactions of one row of the same size."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry (number INTEGER PRIMARY KEY, data TEXT, content BLOB)")
    text, start = "x" * 1000, time.perf_counter()
    for number in range(count):
        row = (number, text, os.urandom(RECORD_BYTES))
        connection.execute("INSERT INTO entry VALUES (?, ?, ?)", row)
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def chained(path: Path, count: int, signer: Signer) -> float:
    """Seconds for so many entries, each acknowledged by itself."""
    now = datetime.datetime.now(datetime.UTC)
    ledger = Ledger.create(path, "bench", signer, now)
    start = time.perf_counter()
    for number in range(count):
        ledger.append([draft(number)], signer, now)
    seconds = time.perf_counter() - start
    ledger.close()
    return seconds


def long(path: Path, count: int, signer: Signer) -> None:
    """A ledger of so many entries without contents, a thousand in a transaction."""
    now = datetime.datetime.now(datetime.UTC)
    ledger = Ledger.create(path, "bench", signer, now)
    said = {"verdict": "UNDETERMINED", "certificate": "aa" * 32, "draft": True}
    for first in range(0, count, 1000):
        drafts = [
            Draft(Kind.SCREENED, said, f"P{number % 5000}", rules=RULES)
            for number in range(first, min(count, first + 1000))
        ]
        ledger.append(drafts, signer, now)
    ledger.close()


def verified(path: Path) -> None:
    """In a process of its own: what it took to verify a ledger."""
    ledger = Ledger.open(path, "bench", is_read_only=True)
    start = time.process_time()
    found = ledger.verified()
    seconds = time.process_time() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"verified {found.entries:>9,} entries, {found.signed:>9,} signed: {seconds:7.1f} CPU s, peak {peak} MB")
    assert found.is_whole, found.fault


def main() -> None:
    """The table."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--entries", type=int, default=2000)
    options.add_argument("--verify", type=int, default=1_000_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--only", type=Path, help=argparse.SUPPRESS)
    asked = options.parse_args()
    if asked.only:
        verified(asked.only)
        return
    versions = f"Python {sys.version.split()[0]}, SQLite {sqlite3.sqlite_version}"
    print(f"load {os.getloadavg()[0]:.1f}, {os.cpu_count()} cores, {versions}")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        signers = {
            "chained": Signer("K1"),
            "chained and signed": Signer("K1", "investigator", key.make(home / "k.pem", "a long passphrase")),
        }
        taken: dict[str, list[float]] = {}
        for round in range(asked.rounds):
            taken.setdefault("plain inserts", []).append(plain(home / f"p{round}", asked.entries))
            for name, signer in signers.items():
                path = home / f"{name}{round}".replace(" ", "")
                taken.setdefault(name, []).append(chained(path, asked.entries, signer))
        base = statistics.median(taken["plain inserts"])
        for name, seconds in taken.items():
            median = statistics.median(seconds)
            print(f"{name:20} {asked.entries / median:9,.0f} entries a second, {median / base:5.2f} x plain")
        for count in (asked.verify // 10, asked.verify):
            for name, signer in signers.items():
                path = home / f"long{count}{len(name)}"
                long(path, count, signer)
                subprocess.run([sys.executable, "-m", "tests.bench.ledger", "--only", str(path)], check=True)


if __name__ == "__main__":
    main()
