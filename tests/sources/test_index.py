"""Entries of many people on disk."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from screening.sources.index import BATCH, Index, Stored
from tests.checkout import ROOT


def test_people_come_out_in_the_order_in_which_they_came() -> None:
    with Index() as index:
        for id in ("b", "a", "c"):
            assert index.add_person(id, f"p:{id}") == ""
        assert index.add_person("a", "later") == "p:a"
        assert [id for id, _, _ in index.people()] == ["b", "a", "c"]


def test_entries_of_a_person_may_come_before_the_person_and_in_any_number() -> None:
    with Index() as index:
        for number in range(BATCH + 5):
            index.add("a", "t", f"t:{number}", str(number))
        index.add("x", "t", "t:x", "")
        index.add("x", "t", "t:y", "")
        index.add_person("a", "p:1")
        assert index.entries("a") == [Stored("t", f"t:{n}", str(n)) for n in range(BATCH + 5)]
        assert index.entries("nobody") == []
        assert list(index.orphans()) == [("x", "t:x", 2)]


def test_who_may_be_meant_by_an_id_that_is_written_otherwise() -> None:
    with Index() as index:
        for id in ("42.0", "0043", "p-7", "8", "9"):
            index.add_person(id, "p")
        for id in ("42", "43", "P-7", "7", "8"):
            index.add(id, "t", "t", "")
        assert index.strays() == {"42.0": {"42"}, "0043": {"43"}, "p-7": {"P-7"}}


def test_of_two_targets_of_one_key_the_first_stands() -> None:
    with Index() as index:
        index.add_target("k", "t:1", "one")
        index.add_target("k", "t:2", "two")
        assert index.target("k") == Stored("k", "t:1", "one")
        assert index.target("n") is None


def test_nothing_is_left_on_disk_when_the_process_is_killed(tmp_path: Path) -> None:
    script = (
        "import os, signal\n"
        "from screening.sources.index import Index\n"
        "index = Index()\n"
        "for n in range(40_000):\n"
        "    index.add(str(n), 't', 'p', 'x' * 2_000)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path), "SQLITE_TMPDIR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, env=environment, check=False, timeout=120)
    assert done.returncode == -signal.SIGKILL
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limit on the size of files there")
def test_a_full_disk_ends_in_a_message() -> None:
    script = (
        "import resource, signal\n"
        "from screening.errors import UnreadableRecord\n"
        "from screening.sources.index import Index\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))\n"
        "index = Index()\n"
        "try:\n"
        "    for n in range(40_000):\n"
        "        index.add(str(n), 't', 'p', 'x' * 2_000)\n"
        "except UnreadableRecord as told:\n"
        "    print(told)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False, timeout=120
    )
    assert "is full or cannot be written" in done.stdout
    assert "TMPDIR" in done.stdout
