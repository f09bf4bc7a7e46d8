"""How long an analysis takes: `python -m tests.bench.analysis` writes ANALYSIS.md, in CPU seconds of one core.

Every shipped library and protocol with whether a gap in a record can make ELIGIBLE wrong; then libraries of 10,
100 and 1,000 criteria, made up for it. `python -m tests.bench.analysis 300` only prints how it grows.
"""

from __future__ import annotations

import datetime
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from screening import analyse, screen
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, Finding
from screening.reading.load import load

DAY = datetime.date(2026, 11, 22)
HERE = Path(__file__).parent
SIZES = (10, 100, 1000)
_HEAD = """library: {name}
version: "0.1"
title: Criteria made up to measure by
status: draft
sources: {{report: A report}}
requirements:
"""
_NUMBER = "  {name}: {{type: Integer, scale: [0, 100], code: LOINC {n}-1, source: {{report: table}}}}\n"
_DISEASE = "  Disease {n}: {{type: Boolean, condition: SNOMED {n}, source: {{report: table}}}}\n"
_CRITERION = """  - id: C{n}
    category: {category}
    text: Sentence {n}
    source: {{report: table}}
    expression: |
      {expression}
"""


def independent(folder: Path, number: int) -> Library:
    """Criteria as a protocol has them: each with a measurement and a disease of its own."""
    said = [
        (f'"Value {n}" > {n % 90} and "Disease {n}"', "exclusion")
        if n % 3
        else (f'"Value {n}" >= {n % 90 + 1} or not "Disease {n}"', "inclusion")
        for n in range(1, number + 1)
    ]
    return _library(folder, said, number)


def entangled(folder: Path, number: int) -> Library:
    """The worst case: all criteria over the same ten measurements, each with a limit of its own."""
    said = [
        (f'"Value {n % 10 + 1}" > {n % 97} and "Disease {n % 10 + 1}"', "exclusion") for n in range(1, number + 1)
    ]
    return _library(folder, said, 10)


def _library(folder: Path, said: Sequence[tuple[str, str]], measured: int) -> Library:
    numbers = range(1, measured + 1)
    text = _HEAD.format(name="made-up")
    text += "".join(_NUMBER.format(name=f"Value {n}", n=n) + _DISEASE.format(n=n) for n in numbers) + "criteria:\n"
    text += "".join(
        _CRITERION.format(n=n, category=category, expression=expression)
        for n, (expression, category) in enumerate(said, 1)
    )
    path = folder / "made-up.yaml"
    path.write_text(text, encoding="utf-8")
    return load(path, [folder])


def analysed(library: Library) -> tuple[list[Finding], float]:
    """What is found, and in how many CPU seconds."""
    began = time.process_time()
    found = analyse.findings(library, DAY)
    return found, time.process_time() - began


def growth(sizes: Sequence[int]) -> list[str]:
    """A row for each size: of criteria that have nothing in common, and of criteria that all have."""
    rows = []
    for number in sizes:
        seconds = []
        for made in (independent, entangled):
            with tempfile.TemporaryDirectory() as folder:
                seconds.append(analysed(made(Path(folder), number))[1])
        rows.append(f"| {number} | {seconds[0]:.1f} | {seconds[1]:.1f} |")
        print(rows[-1], flush=True)
    return rows


def shipped() -> list[str]:
    """A row for each shipped library and protocol."""
    rows = []
    for library in analyse.libraries((), screen.rules_folders(())):
        found, seconds = analysed(library)
        (safe,) = [finding for finding in found if finding.kind == "fail-safe"]
        granted = safe.text.partition("is granted: ")[2]
        proved = "proved" if safe.sure == EVERY_RECORD else "not decided"
        faults = sum(finding.is_fault for finding in found)
        meant = sum(bool(finding.justified) for finding in found)
        left = sum(finding.sure == "not decided" for finding in found)
        cells = (
            library.name,
            len(library.criteria),
            proved,
            granted or "-",
            faults,
            meant,
            left,
            f"{seconds:.1f}",
        )
        rows.append(f"| {' | '.join(map(str, cells))} |")
        print(rows[-1], flush=True)
    return rows


def page(rows: Sequence[str], grown: Sequence[str]) -> str:
    """The whole page."""
    seconds = sum(float(row.split("|")[-2]) for row in rows)
    return f"""# What is proved of the shipped rules

Written by `python -m tests.bench.analysis`, as of {DAY}; CPU seconds of one core. *Fail-safe*: whatever turns
out to be so of what is unknown, who was ELIGIBLE still is; proved of every record, with any number of entries,
partial dates and several codings of one thing. Where a file itself reads an answer out of what is not recorded,
the proof grants it that: those places are named. *Meant* are findings that the file justifies (`analysis:`).

{len(rows)} libraries in {seconds:.0f} s.

| library | criteria | fail-safe | granted | faults | meant | not decided | s |
|---|---|---|---|---|---|---|---|
{chr(10).join(rows)}

## How it grows

Made-up libraries: criteria that ask for nothing in common, and criteria that all ask for the same ten values.

| criteria | nothing in common, s | ten measurements for all, s |
|---|---|---|
{chr(10).join(grown)}
"""


if __name__ == "__main__":
    if sys.argv[1:]:
        growth([int(said) for said in sys.argv[1:]])
    else:
        written = page(shipped(), growth(SIZES))
        (HERE / "ANALYSIS.md").write_text(written, encoding="utf-8")
