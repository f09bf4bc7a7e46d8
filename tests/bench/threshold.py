"""A curve over the benchmark people beside one run over the same: `python -m tests.bench.threshold --data DIR`.

Interleaved, each in a process of its own: the truths of the benchmark's query (`truths`, the cheapest run there
is), the whole of `screening cohort` (`cohort`), and the curve of one limit over 41 values (`curve`). Prints CPU
seconds of each, and how many runs a curve costs.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.cohort import make
from tests.bench.cohort_engine import processor
from tests.bench.cohort_tables import AS_OF, HERE
from tests.bench.process import measured
from tests.bench.run import ROOT

if TYPE_CHECKING:
    from screening.everybody.gathered import Everybody

KINDS = ("truths", "cohort", "curve")
PARAMETER, RANGE = "Upper Systolic", "140..180"


def protocol(folder: Path) -> Path:
    """The benchmark protocol with its limit of blood pressure as a parameter."""
    text = (HERE / "benchmark.yaml").read_text(encoding="utf-8")
    declared = f"  Screening Date: Date\n  {PARAMETER}: {{type: Integer, value: 160, source: {{spec: E1}}}}\n"
    text = text.replace("requirements:\n", f"parameters:\n{declared}requirements:\n", 1)
    text, found = re.subn("Systolic >= 160", f'Systolic >= "{PARAMETER}"', text)
    assert found == 1
    path = folder / "benchmark.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def work(kind: str, data: Path, folder: Path) -> Callable[[], None]:
    """What the clock is to hold."""
    from screening import amendment, screen
    from screening.cli.main import run
    from screening.everybody.gathered import Everybody

    rules, site, mapping = protocol(folder), HERE / "benchmark.site.yaml", HERE / "benchmark.map.yaml"
    declared = screen.read_site(site)
    library = screen.load_protocol(str(rules), [], declared)
    origin = amendment.Origin(data, declared, mapping)
    if kind == "curve":
        laboratory = amendment.Laboratory(library, [origin], AS_OF)
        return lambda: print(len(laboratory.curve(amendment.setting(library, f"{PARAMETER}={RANGE}")).steps))
    if kind == "truths":
        return lambda: _truths(Everybody(origin, library, least=0), folder / "truths.parquet")
    options = ("--protocol", str(rules), "--site", str(site), "--map", str(mapping), "--as-of", AS_OF.isoformat())
    return lambda: sys.exit(1) if run(["cohort", str(data), *options, "--out", str(folder / "out")]) else None


def _truths(everybody: Everybody, out: Path) -> None:
    from screening.interpreters import cohort

    assert everybody.tables is not None
    cohort.compile(everybody.library, everybody.tables, AS_OF).truths().sink_parquet(out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="where the people lie or are made; kept")
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", choices=KINDS, help="one of them, once, in this process")
    given = parser.parse_args()
    place = make(given.data.resolve(), given.people)
    if given.one:
        with tempfile.TemporaryDirectory() as folder:
            run = work(given.one, place, Path(folder))
            used = processor()
            run()
            print(json.dumps({"cpu": processor() - used}), flush=True)
        return
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for number in range(given.rounds):
        for kind in KINDS:
            command = [sys.executable, "-m", "tests.bench.threshold", "--data", str(given.data), "--people"]
            cost = measured([*command, str(given.people), "--one", kind], ROOT)
            if cost.status:
                sys.exit(f"{kind} failed: {cost.errors[-300:]}")
            seconds[kind].append(json.loads(cost.out.strip().splitlines()[-1])["cpu"])
            print(f"round {number + 1}: {kind} {seconds[kind][-1]:.2f} CPU s", flush=True)
    middle = {kind: statistics.median(found) for kind, found in seconds.items()}
    for kind in KINDS[:2]:
        print(f"a curve of {given.people:,} people costs {middle['curve'] / middle[kind]:.2f} runs of {kind}")


if __name__ == "__main__":
    main()
