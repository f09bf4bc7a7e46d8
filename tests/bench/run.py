"""The project beside zen-engine and CEL on one workload, interleaved in one run: medians and ratios.

`python -m tests.bench.run [--rounds 5] [--seconds 4] [--people 1000] [--starts 15]`; with `--rounds 0` cold
starts alone. The compared engines are run by the scripts of the shared benchmark (`../shared/bench`, or
SCREENING_BENCH). Figures are people a CPU second; of starts, the median on the wall and the range.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import people

ROOT = Path(__file__).parents[2]
SHARED = Path(os.environ.get("SCREENING_BENCH", ROOT.parent / "shared" / "bench")).resolve()
OURS = ("compiled", "law", "law-trace-verify", "forward-law-verify", "forward")
GOALS = (
    ("compiled", "cel", 3.0),
    ("law", "cel", 0.35),
    ("law-trace-verify", "zen-trace", 0.5),
    ("forward-law-verify", "zen-trace", 0.25),
)


def one(name: str, folder: Path, count: int, seconds: float) -> dict[str, float]:
    """One engine once, in a process of its own."""
    if name in OURS:
        command = [sys.executable, "-m", "tests.bench.engine", name, str(folder), str(count), str(seconds)]
        environment, place = dict(os.environ), ROOT
    else:
        script = "peer_zen.py" if name.startswith("zen") else "peer_cel.py"
        command = [sys.executable, script, "speed", str(folder / "people"), str(seconds)]
        environment = {**os.environ, "CEL_LIB": "google", **({"ZEN_TRACE": "1"} if name == "zen-trace" else {})}
        place = SHARED
    done = subprocess.run(command, cwd=place, env=environment, check=True, capture_output=True, text=True)
    found: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def start(command: list[str], place: Path, environment: dict[str, str]) -> float:
    """Wall milliseconds of one process from start to end."""
    began = time.perf_counter()
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True)
    if done.returncode not in (0, 2, 4):
        raise RuntimeError(done.stderr.decode())
    return (time.perf_counter() - began) * 1000


def cold(folder: Path, starts: int) -> dict[str, list[float]]:
    """Wall milliseconds from process start to verdict, interleaved: `screening check` (library cached) and zen."""
    record = folder / "one.json"
    record.write_bytes(people.profiles(folder, 1)[0])
    ours = [sys.executable, "-m", "screening", "check", str(record), "--protocol", "benchmark"]
    ours += ["--rules", str(ROOT / "tests" / "bench"), "--as-of", people.AS_OF]
    zen = [sys.executable, "peer_zen.py", "one", str(folder / "people")]
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    start(ours, ROOT, environment), start(zen, SHARED, environment)
    times: dict[str, list[float]] = {"check": [], "zen": []}
    for _ in range(starts):
        times["check"].append(start(ours, ROOT, environment))
        times["zen"].append(start(zen, SHARED, environment))
    return times


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--starts", type=int, default=15)
    given = parser.parse_args()
    if not (SHARED / "peer_zen.py").exists():
        sys.exit(f"the compared engines' scripts are not in {SHARED}; set SCREENING_BENCH")
    print(f"load before: {os.getloadavg()[0]:.2f} of {os.cpu_count()} cores")
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        people.make(SHARED, folder, given.people)
        names = ("cel", *OURS[:2], "zen-trace", *OURS[2:]) if given.rounds else ()
        rates: dict[str, list[float]] = {name: [] for name in names}
        memory: dict[str, float] = {}
        for _ in range(given.rounds):
            for name in names:
                found = one(name, folder, given.people, given.seconds)
                rates[name].append(found["cpu_pps"])
                memory[name] = found.get("rss_mb", 0)
        medians = {name: statistics.median(values) for name, values in rates.items()}
        for name in names:
            low, high = min(rates[name]), max(rates[name])
            size = f"{memory[name]:6.0f} MB" if memory[name] else ""
            print(f"{name:20s} {medians[name]:9,.0f} a CPU second  [{low:,.0f} to {high:,.0f}] {size}")
        for ours, theirs, goal in GOALS if given.rounds else ():
            print(f"{ours} / {theirs}: {medians[ours] / medians[theirs]:.2f} (goal {goal})")
        starts = cold(folder, given.starts)
        check, zen = (statistics.median(starts[name]) for name in ("check", "zen"))
        spread = ", ".join(f"{name} {min(each):.0f} to {max(each):.0f}" for name, each in starts.items())
        print(f"cold start: check {check:.0f} ms, zen {zen:.0f} ms, ratio {check / zen:.1f} (goal 6)  [{spread}]")
    print(f"load after: {os.getloadavg()[0]:.2f}")


if __name__ == "__main__":
    main()
