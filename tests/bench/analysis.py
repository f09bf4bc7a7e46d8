"""How an analysis grows with the criteria: `python -m tests.bench.analysis [NUMBER]...`, in CPU seconds."""

from __future__ import annotations

import datetime
import sys
import tempfile
import time
from pathlib import Path

from screening.analysis.questions import findings
from tests.analysis.rules import library

DAY = datetime.date(2026, 11, 22)


def seconds(number: int) -> float:
    """Of a library of so many criteria, each with a limit of its own over two numbers and a condition."""
    names = ("Score", "Other")
    said = [f"(exclusion) {names[n % 2]} > {n % 5} and Disease" for n in range(number)]
    with tempfile.TemporaryDirectory() as folder:
        found = library(Path(folder), *said)
        began = time.process_time()
        findings(found, DAY)
        return time.process_time() - began


if __name__ == "__main__":
    for count in map(int, sys.argv[1:] or ("10", "100", "1000")):
        print(f"{count} criteria: {seconds(count):.1f} s", flush=True)
