"""Cohorts for tests: folders of made-up profiles, and calls of the program from a folder of its own."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from screening.cli import progress
from screening.cli.main import run
from tests.checkout import ROOT
from tests.cli.calls import Called

RECORDS = ROOT / "tests" / "cli" / "records"
SMALL = ("--protocol", "small", "--rules", str(ROOT / "tests" / "cli" / "rules"), "--as-of", "2026-11-22")
ROW_FILES = ("people.csv", "people.ndjson", "rejected.csv")


@contextmanager
def inside(folder: Path) -> Iterator[None]:
    """Another present folder."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def called(folder: Path, *arguments: str) -> Called:
    """The program in this process, in a folder of its own, as a pipe sees it."""
    out, err = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as calling, inside(folder):
        calling.setattr(sys, "stdout", out)
        calling.setattr(sys, "stderr", err)
        # On a slow machine a run says how far it has come: of that no test is.
        calling.setattr(progress, "_OTHER_SECONDS", 1e9)
        status = run(arguments)
    return Called(status, out.getvalue(), err.getvalue())


def cohort(folder: Path, source: Path | str, *more: str, out: str = "out") -> Called:
    """`screening cohort` against the small protocol."""
    return called(folder, "cohort", str(source), *SMALL, "--out", out, *more)


def made_people(folder: Path, number: int) -> Path:
    """A folder of so many profiles of many kinds: the small records again and again, changed a little."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = [
        path.read_text(encoding="utf-8") for path in sorted(RECORDS.glob("*.yaml")) if path.name != "site.yaml"
    ]
    for position in range(number):
        text = texts[position % len(texts)]
        lines = [line for n, line in enumerate(text.splitlines()) if line.startswith(("subject", "evidence", " "))]
        # One entry of every second person is left out, so that what is missing differs.
        entries = [n for n, line in enumerate(lines) if line.startswith("  ") and line[2] != " " and "{" in line]
        if position % 2 and entries:
            del lines[entries[position % len(entries)]]
        lines[0] = f"subject: SYN-{position:04d}"
        (folder / f"{position:04d}.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def spread_people(folder: Path, number: int) -> Path:
    """The same with pain and blood pressure of many values, so that a limit of them divides people."""
    for position, path in enumerate(sorted(made_people(folder, number).glob("*.yaml"))):
        text = path.read_text(encoding="utf-8")
        text = re.sub(r"^(  Pain: \{value: )[^,}]+", rf"\g<1>{position * 7 % 11}", text, flags=re.MULTILINE)
        text = re.sub(r"\b1[0-9]{2} 'mm\[Hg\]'", f"{104 + position * 13 % 60} 'mm[Hg]'", text)
        path.write_text(text, encoding="utf-8")
    return folder


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """A CSV file as mappings."""
    text = path.read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))


def manifest(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return found


def row_bytes(folder: Path) -> list[bytes]:
    return [(folder / name).read_bytes() for name in ROW_FILES]
