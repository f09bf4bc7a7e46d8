"""The whole-cohort benchmark: every engine beside the hand-written forms and the peers, interleaved in one run.

`python -m tests.bench.cohort [--people 1000000] [--rounds 5] [--large 10000000] [--data DIR] [--out FILE]` checks
every engine against the oracle on 100,000 people, times them round by round, each in a fresh process, and writes
the results page (`tests/bench/RESULTS.md`); `--check` checks alone. What is not there is named.
The scripts of the shared benchmark are used where they are (`../shared/bench`, or SCREENING_BENCH).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tests.bench import cohort_page, people
from tests.bench.cohort_page import Results, Sample
from tests.bench.process import measured
from tests.bench.run import ROOT, SHARED, one

HAND = ("hand-polars", "better-polars", "hand-duckdb", "better-duckdb")
GENERATED = ("generated-polars", "generated-duckdb", "generated-postgresql", "generated-spark")
PEERS = ("openfisca", "openfisca-loading")
ENGINES = ("scan", *HAND, *GENERATED, *PEERS)
# These write a table that can be held against the oracle.
ANSWERING = (*HAND, *GENERATED, "openfisca-loading")
ROW_WISE = ("compiled", "cel")
# Servers have to be started and loaded for every run.
SLOW = ("generated-postgresql", "generated-spark")
CHECKED = 100_000
ONE_BY_ONE = 1000


def make(folder: Path, count: int) -> Path:
    """The people of the workload as two Parquet files; those already there are used again."""
    place = folder / f"d{count}"
    if not (place / "trials.parquet").exists():
        place.mkdir(parents=True, exist_ok=True)
        command = [sys.executable, str(SHARED / "gen.py"), str(count), str(place)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return place


def judge(place: Path) -> Path:
    """The oracle's answers to a folder of people."""
    answers = place / "verdicts.csv"
    if not answers.exists():
        with answers.open("w") as out:
            subprocess.run([sys.executable, SHARED / "oracle.py", place], check=True, stdout=out)
    return answers


def timed(engine: str, place: Path, count: int, out: Path) -> Sample | str:
    """One engine once over everybody; why not, if it is not there."""
    command = [sys.executable, "-m", "tests.bench.cohort_engine", engine, str(place), str(out)]
    cost = measured(command, ROOT)
    if cost.status:
        return f"failed: {(cost.errors.strip().splitlines() or ['without a word'])[-1][:160]}"
    found = json.loads(cost.out.strip().splitlines()[-1])
    if "missing" in found:
        return f"missing: {found['missing']}"
    return Sample(count, found["wall"], found["cpu"], max(found["memory"], cost.memory))


def duckcdm(folder: Path) -> Sample | str:
    """The peer with its nine criteria over 100,000: the middle one of its three runs."""
    environment = {**os.environ, "DATA": str(folder)}
    cost = measured([sys.executable, "peer_duckcdm.py"], SHARED, environment)
    runs = re.findall(r"run s ([\d.]+) cpu ([\d.]+)", cost.out)
    if cost.status or not runs:
        return f"failed: {(cost.errors.strip().splitlines() or ['without a word'])[-1][:160]}"
    walls, processors = ([float(run[side]) for run in runs] for side in (0, 1))
    return Sample(CHECKED, statistics.median(walls), statistics.median(processors), cost.memory)


def row_wise(engine: str, folder: Path) -> Sample | str:
    """One person after the other, for three seconds."""
    try:
        found = one(engine, folder, ONE_BY_ONE, 3)
    except subprocess.CalledProcessError as failed:
        return f"failed: {(failed.stderr.strip().splitlines() or ['without a word'])[-1][:160]}"
    return Sample(1, 1 / found["pps"], 1 / found["cpu_pps"], found.get("rss_mb", 0))


def wrong(out: Path, answers: Path) -> int | str:
    """How many people differ from the oracle in the verdict or any of the 18 statuses."""
    import duckdb

    files = f"'{out}/*.parquet'" if out.is_dir() else f"'{out}'"
    known = {column[0] for column in duckdb.execute(f"SELECT * FROM {files} LIMIT 0").description}
    if "odd" in known:
        odd = duckdb.execute(f"SELECT count(*) FROM {files} WHERE odd").fetchone()
        if odd and odd[0]:
            return f"{odd[0]} people are odd: the law would have to screen them one by one"
    columns = ", ".join(f"CASE {id} WHEN true THEN 'T' WHEN false THEN 'F' ELSE 'U' END" for id in people.IDS)
    verdict = "CASE lower(verdict) WHEN 'undetermined' THEN 'indeterminate' ELSE lower(verdict) END"
    found = f"SELECT {'id' if 'id' in known else 'patient_id'}, {verdict}, {columns} FROM {files}"
    wanted = f"SELECT * FROM read_csv('{answers}', header=false, all_varchar=true)"
    either_way = (f"({wanted}) EXCEPT ALL ({found})", f"({found}) EXCEPT ALL ({wanted})")
    counted = [duckdb.execute(f"SELECT count(*) FROM ({differing})").fetchall() for differing in either_way]
    return max(rows[0][0] for rows in counted)


def check(folder: Path, out: Path, engines: Iterable[str] = ANSWERING) -> dict[str, str]:
    """Every engine that answers, held against the oracle on 100,000 people: what to say of each."""
    place = make(folder, CHECKED)
    answers, said = judge(place), {}
    for engine in engines:
        found = timed(engine, place, CHECKED, out)
        if isinstance(found, str):
            said[engine] = found
            continue
        differing = wrong(out, answers)
        said[engine] = differing if isinstance(differing, str) else f"{differing} of {CHECKED:,} wrong"
        remove(out)
        print(f"checked {engine}: {said[engine]}", flush=True)
    return said


def remove(out: Path) -> None:
    """A table of results, or a folder of its parts."""
    if out.is_dir():
        shutil.rmtree(out)
    out.unlink(missing_ok=True)


@dataclass
class Room:
    """Where people and results of a run lie, and what was measured so far."""

    folder: Path
    out: Path
    samples: dict[str, list[Sample]] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)

    def keep(self, engine: str, found: Sample | str) -> None:
        if isinstance(found, str):
            self.missing[engine] = found
            print(f"{engine}: {found}", flush=True)
            return
        self.samples.setdefault(engine, []).append(found)
        rate = found.people / found.cpu
        print(f"{engine}: {found.wall:.3f} s, {found.cpu:.3f} CPU s, {rate:,.0f} a CPU second", flush=True)

    def rounds(self, rounds: int, slow: int, count: int) -> Iterator[int]:
        """Every engine once a round, servers in the first rounds alone; what is missing is not asked again."""
        place, small = make(self.folder, count), self.folder / "one-by-one"
        if not (small / "people.jsonl").exists():
            people.make(SHARED, small, ONE_BY_ONE)
        judge(make(self.folder, CHECKED))
        for number in range(rounds):
            print(f"round {number + 1} of {rounds}, load {os.getloadavg()[0]:.2f}", flush=True)
            for engine in ENGINES:
                if engine not in self.missing and (number < slow or engine not in SLOW):
                    self.keep(engine, timed(engine, place, count, self.out))
                    remove(self.out)
            if "duckcdm" not in self.missing:
                self.keep("duckcdm", duckcdm(self.folder))
            for engine in ROW_WISE:
                if engine not in self.missing:
                    self.keep(engine, row_wise(engine, small))
            yield number + 1


def large(folder: Path, out: Path, rounds: int, count: int, engines: Iterable[str]) -> Mapping[str, list[Sample]]:
    """The engines that are to stay linear, on many more people."""
    room, place = Room(folder, out), make(folder, count)
    for number in range(rounds):
        print(f"{count:,} people, round {number + 1} of {rounds}, load {os.getloadavg()[0]:.2f}", flush=True)
        for engine in engines:
            if engine not in room.missing:
                room.keep(engine, timed(engine, place, count, out))
                remove(out)
    return room.samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--slow-rounds", type=int, default=2, help="rounds with PostgreSQL and Spark in them")
    parser.add_argument("--large", type=int, default=0, metavar="N", help="also on N people, for growth")
    parser.add_argument("--large-rounds", type=int, default=3)
    parser.add_argument("--data", type=Path, help="where the people lie or are made; kept")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "RESULTS.md")
    parser.add_argument("--engines", default=",".join(ENGINES), help="some of them, with a comma between")
    parser.add_argument("--large-engines", default=",".join((*HAND, *GENERATED[:2])))
    parser.add_argument("--check", action="store_true", help="hold every engine against the oracle and stop")
    given = parser.parse_args()
    if not (SHARED / "columnar" / "variants.py").exists():
        sys.exit(f"the compared engines' scripts are not in {SHARED}; set SCREENING_BENCH")
    asked = given.engines.split(",")
    with tempfile.TemporaryDirectory() as made:
        room = Room(given.data.resolve() if given.data else Path(made), Path(made) / "table.parquet")
        said = check(room.folder, Path(made) / "checked.parquet", [name for name in ANSWERING if name in asked])
        bad = [engine for engine, text in said.items() if re.match(r"[1-9]|failed", text)]
        if given.check or bad:
            sys.exit(f"not like the oracle: {', '.join(bad)}" if bad else 0)
        before = os.getloadavg()
        room.missing |= {name: "not asked for" for name in ENGINES if name not in asked}
        for done in room.rounds(given.rounds, given.slow_rounds, given.people):
            taken, now = (room.samples, room.missing), os.getloadavg()
            results = Results(given.people, done, before, now, said, *taken, {})
            given.out.write_text(cohort_page.page(results))
        if given.large:
            growing = [name for name in given.large_engines.split(",") if name not in room.missing]
            many = large(room.folder, room.out, given.large_rounds, given.large, growing)
            results = replace(results, large=many, after=os.getloadavg())
            given.out.write_text(cohort_page.page(results))
    print(cohort_page.verdicts(results))
    print(f"written: {given.out}")


if __name__ == "__main__":
    main()
