"""The page of results: what was measured on what, the ratios, and whether each goal was met."""

from __future__ import annotations

import datetime
import importlib.metadata
import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

PACKAGES = ("polars", "duckdb", "ibis-framework", "pyspark", "openfisca-core", "duckcdm", "cel-expr-python")
PACKAGES += ("numpy", "pyarrow")
WHAT = {
    "scan": "every value of both files decoded and summed (Polars), nothing written",
    "hand-polars": "`pl_join_wide` of the shared benchmark",
    "better-polars": "written better by hand (`cohort_hand.py`): one code a row, filtered first, words as an Enum",
    "hand-duckdb": "`ddb_join_wide` of the shared benchmark",
    "better-duckdb": "written better by hand (`cohort_hand.py`): one code a row, filtered first",
    "generated-polars": "`screening.interpreters.cohort` on the rule file",
    "generated-duckdb": "`screening.interpreters.warehouse` on DuckDB",
    "generated-postgresql": "`screening.interpreters.warehouse` on PostgreSQL, tables loaded before",
    "generated-spark": "`screening.interpreters.warehouse` on Spark local[2], third run of one session",
    "openfisca": "openfisca-core from arrays in memory to arrays, batches of 20,000",
    "openfisca-loading": "openfisca-core, Parquet to arrays to a written table",
    "duckcdm": "Circe on DuckDB: nine criteria, two-valued, tables made before, one thread",
    "compiled": "the rules as one Python function, person by person, no trace",
    "cel": "cel-expr-python, person by person",
}


@dataclass(frozen=True)
class Sample:
    """One engine once: people, wall and CPU seconds of all threads and children, peak memory in MB."""

    people: int
    wall: float
    cpu: float
    memory: float


@dataclass(frozen=True)
class Results:
    """All that a run has measured."""

    people: int
    rounds: int
    before: tuple[float, float, float]
    after: tuple[float, float, float]
    checked: Mapping[str, str]
    samples: Mapping[str, Sequence[Sample]]
    missing: Mapping[str, str]
    large: Mapping[str, Sequence[Sample]]


@dataclass(frozen=True)
class Goal:
    """A ratio of two engines, round by round, that is to be at most or at least so much."""

    text: str
    ours: str
    theirs: str
    of: str
    limit: float
    least: bool = False
    large: bool = False

    def met(self, ratio: float) -> bool:
        return ratio >= self.limit if self.least else ratio <= self.limit


GOALS = (
    Goal("generated Polars / hand Polars, CPU", "generated-polars", "hand-polars", "cpu", 1.1),
    Goal("generated Polars / better hand Polars, CPU", "generated-polars", "better-polars", "cpu", 1.1),
    Goal("generated Polars / scan, wall", "generated-polars", "scan", "wall", 8),
    Goal(
        "generated Polars / openfisca with loading, people a CPU second",
        "generated-polars", "openfisca-loading", "rate", 1, True,
    ),
    Goal(
        "generated Polars / openfisca from arrays, people a CPU second",
        "generated-polars", "openfisca", "rate", 0.7, True,
    ),
    Goal("generated Polars / duckcdm, people a CPU second", "generated-polars", "duckcdm", "rate", 1, True),
    Goal("generated DuckDB / hand DuckDB, CPU", "generated-duckdb", "hand-duckdb", "cpu", 1.45),
    Goal("generated DuckDB / better hand DuckDB, CPU", "generated-duckdb", "better-duckdb", "cpu", 1.45),
    Goal("Spark local[2] warm / hand DuckDB, CPU", "generated-spark", "hand-duckdb", "cpu", 5),
    Goal("compiled / CEL, people a CPU second", "compiled", "cel", "rate", 3, True),
    Goal("generated Polars / hand Polars, CPU", "generated-polars", "hand-polars", "cpu", 1.1, False, True),
    Goal("generated DuckDB / hand DuckDB, CPU", "generated-duckdb", "hand-duckdb", "cpu", 1.25, False, True),
    Goal("generated DuckDB / better hand SQL, CPU", "generated-duckdb", "better-duckdb", "cpu", 1.25, False, True),
)  # fmt: skip
LINEAR, MEMORY = 1.2, 4096.0

MEASURES: Mapping[str, Callable[[Sample], float]] = {
    "cpu": lambda sample: sample.cpu,
    "wall": lambda sample: sample.wall,
    "rate": lambda sample: sample.people / sample.cpu,
}


def spread(values: Sequence[float], form: str) -> str:
    """The median, and the range of the rounds."""
    low, high, middle = min(values), max(values), statistics.median(values)
    return f"{middle:{form}} [{low:{form}}–{high:{form}}]"


def table(samples: Mapping[str, Sequence[Sample]]) -> list[str]:
    lines = ["| engine | people | wall s | CPU s | people a CPU second | peak MB |", "|---|---|---|---|---|---|"]
    for engine, taken in samples.items():
        wall, cpu = spread([each.wall for each in taken], ".3f"), spread([each.cpu for each in taken], ".3f")
        rate = statistics.median(each.people / each.cpu for each in taken)
        memory, count = max(each.memory for each in taken), taken[0].people
        if count == 1:
            wall, cpu = (
                spread([getattr(each, side) * 1e6 for each in taken], ".1f") + " µs" for side in ("wall", "cpu")
            )
        size, number = f"{memory:,.0f}" if memory else "–", "one by one" if count == 1 else f"{count:,}"
        lines.append(f"| {engine} | {number} | {wall} | {cpu} | {rate:,.0f} | {size} |")
    return lines


def held(results: Results) -> list[tuple[str, str, str, str]]:
    """Every goal as text, ratio, goal, and `met`, `NOT met` or why it was not measured."""
    rows = []
    for goal in GOALS:
        samples = results.large if goal.large else results.samples
        text = f"{goal.text}{', large' if goal.large else ''}"
        wanted = f"{'at least' if goal.least else 'at most'} {goal.limit:g}"
        ours, theirs = samples.get(goal.ours), samples.get(goal.theirs)
        if not ours or not theirs:
            if goal.large and not results.large:
                rows.append((text, "–", wanted, "not measured: run with `--large 10000000`"))
                continue
            why = next(
                (
                    f"{name} {results.missing[name]}"
                    for name in (goal.ours, goal.theirs)
                    if name in results.missing
                ),
                "not measured",
            )
            rows.append((text, "–", wanted, why))
            continue
        of = MEASURES[goal.of]
        ratios = [of(one) / of(other) for one, other in zip(ours, theirs, strict=False)]
        met = goal.met(statistics.median(ratios))
        rows.append((text, spread(ratios, ".2f"), wanted, "met" if met else "NOT met"))
    return rows + growth(results)


def growth(results: Results) -> list[tuple[str, str, str, str]]:
    """Whether many more people cost only as many times more, and how much memory."""
    few, many = results.samples.get("generated-polars"), results.large.get("generated-polars")
    text, size = (
        "generated Polars, large: CPU a person / that of the smaller cohort",
        "generated Polars, large: peak MB",
    )
    wanted = (f"at most {LINEAR:g}", f"at most {MEMORY:g}")
    if not few or not many:
        why = results.missing.get("generated-polars") or "run with `--large 10000000`"
        return [(text, "–", wanted[0], f"not measured: {why}"), (size, "–", wanted[1], f"not measured: {why}")]
    each = [statistics.median(taken.cpu / taken.people for taken in samples) for samples in (many, few)]
    peak = max(taken.memory for taken in many)
    return [
        (text, f"{each[0] / each[1]:.2f}", wanted[0], "met" if each[0] / each[1] <= LINEAR else "NOT met"),
        (size, f"{peak:,.0f}", wanted[1], "met" if peak <= MEMORY else "NOT met"),
    ]


def verdicts(results: Results) -> str:
    """The goals as lines of a terminal."""
    return "\n".join(f"{text}: {ratio} (goal {goal}): {said}" for text, ratio, goal, said in held(results))


def machine() -> str:
    """Processor, cores and memory of the machine, without its name."""
    model = platform.processor() or platform.machine()
    if Path("/proc/cpuinfo").exists():
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1024**3
    return f"{model}, {os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()}"


def versions() -> str:
    found = [f"Python {platform.python_version()}"]
    for name in PACKAGES:
        try:
            found.append(f"{name} {importlib.metadata.version(name)}")
        except importlib.metadata.PackageNotFoundError:
            found.append(f"{name} not installed")
    return ", ".join(found)


def page(results: Results) -> str:
    """The page as Markdown."""
    loads = " to ".join(f"{load[0]:.2f}" for load in (results.before, results.after))
    lines = [
        "# Whole cohorts: measured",
        "",
        f"Written by `python -m tests.bench.cohort` on {datetime.date.today().isoformat()}; not edited by hand.",  # noqa: DTZ011
        "",
        f"- Machine: {machine()}; load {loads} (one minute, before and after).",
        f"- Versions: {versions()}.",
        f"- Rounds, interleaved: {results.rounds}; every engine in a fresh process. Engines are imported and the",
        "  rule file is read before the clock starts; making a query of the rules, reading Parquet and writing a",
        "  table of verdict and 18 statuses count. Median [range]; CPU is user and system of all threads",
        "  and children, servers included. Servers are started and loaded before the clock.",
        "- Ratios are medians of the ratios within a round. On a busy machine trust CPU, not the wall.",
        "",
        "## Goals",
        "",
        "| ratio | measured | goal | |",
        "|---|---|---|---|",
        *(f"| {' | '.join(row)} |" for row in held(results)),
        "",
        f"## Engines, {results.people:,} people",
        "",
        *table(results.samples),
        "",
    ]
    if results.large:
        lines += ["## Many more people", "", *table(results.large), ""]
    if results.missing:
        lines += ["## Not measured", "", *(f"- {name}: {why}" for name, why in results.missing.items()), ""]
    lines += ["## What each one is", "", *(f"- {name}: {what}" for name, what in WHAT.items()), ""]
    lines += ["## Held against the oracle", "", "Verdict and all 18 statuses, person by person:", ""]
    lines += [f"- {name}: {said}" for name, said in results.checked.items()]
    return "\n".join(lines) + "\n"
