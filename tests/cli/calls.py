"""Calls of the program: in this process for speed, as a child where the console itself is tested."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from screening.cli.main import run
from tests.checkout import ROOT

HERE = Path(__file__).resolve().parent
RULES = "tests/cli/rules"
RECORDS = "tests/cli/records"
SMALL = ("--protocol", "small", "--rules", RULES)


class Called(NamedTuple):
    status: int
    out: str
    err: str


def call(monkeypatch: pytest.MonkeyPatch, *arguments: str, stdin: bytes = b"") -> Called:
    """The program in this process, as a pipe sees it."""
    out, err = io.StringIO(), io.StringIO()
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    status = run(arguments)
    monkeypatch.undo()
    return Called(status, out.getvalue(), err.getvalue())


def child(
    *arguments: str, stdin: bytes = b"", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """The program as a process of its own."""
    kept = {n: v for n, v in os.environ.items() if n not in ("NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING")}
    return subprocess.run(
        [sys.executable, "-m", "screening", *arguments],
        input=stdin,
        capture_output=True,
        cwd=ROOT,
        env={**kept, **(environment or {})},
        timeout=120,
        check=False,
    )


def infusion_day(record: str, *more: str) -> tuple[str, ...]:
    """The arguments that check one of the shipped records of a day of infusion."""
    file = f"rules/records/infusion-day-{record}.yaml"
    return ("check", file, "--protocol", "ketamine-infusion-day", "--as-of", "2026-11-25", *more)


def check(record: str, *more: str, as_of: str = "2026-11-22") -> tuple[str, ...]:
    """The arguments that check one of the small records."""
    return ("check", f"{RECORDS}/{record}.yaml", *SMALL, "--as-of", as_of, *more)
