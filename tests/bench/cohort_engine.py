"""One engine over the whole cohort, once, in a process of its own: Parquet in, verdict and 18 statuses out.

`python -m tests.bench.cohort_engine ENGINE FOLDER OUT` prints one line of JSON: wall seconds, CPU seconds of all
threads and children, peak memory, people. Engines are imported and the rule file is read before the clock starts;
making a query out of the rules counts. An engine that is not there says so: `{"missing": why}`.
"""

from __future__ import annotations

import importlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.bench import cohort_hand, cohort_openfisca, cohort_warehouse
from tests.bench.cohort_tables import AS_OF, files, protocol
from tests.bench.process import NotThereError
from tests.bench.run import SHARED

Run = Callable[[], None]
# A table of results with such a name is held against the oracle, so that it has to be a file.
CHECKED = "checked"


def shared_forms() -> Any:
    """The hand-written forms that are given, as a module."""
    sys.path.insert(0, str(SHARED / "columnar"))
    return importlib.import_module("variants")


def room(name: str) -> Any:
    """One of the project's interpreters of columns."""
    try:
        return importlib.import_module(f"screening.interpreters.{name}")
    except ModuleNotFoundError as missing:
        raise NotThereError(f"no module {missing.name}") from None


def by_hand(engine: str, folder: Path, out: Path) -> Run:
    """A hand-written form, given or better, or the scan of the columns alone."""
    importlib.import_module("duckdb" if engine.endswith("duckdb") else "polars")
    forms = shared_forms()
    match engine:
        case "hand-polars":
            return lambda: forms.pl_join_wide(str(folder), str(out))
        case "hand-duckdb":
            return lambda: forms.ddb_join_wide(str(folder), str(out))
        case "better-polars":
            return lambda: cohort_hand.better_polars(forms, folder, out)
        case "better-duckdb":
            return lambda: cohort_hand.better_duckdb(forms, folder, out)
    return lambda: forms.scan_pl_both(str(folder), str(out))


def generated_polars(folder: Path, out: Path) -> Run:
    """The project's query, made out of the rule file."""
    importlib.import_module("polars")
    interpreter, library = room("cohort"), protocol()
    return lambda: interpreter.compile(library, files(folder), AS_OF).truths().sink_parquet(out)


def prepared(engine: str, folder: Path, out: Path) -> Run:
    """What the clock is to hold, everything before it done."""
    match engine:
        case "generated-polars":
            return generated_polars(folder, out)
        case "generated-duckdb":
            return cohort_warehouse.duckdb(room("warehouse"), folder, out)
        case "generated-spark":
            return cohort_warehouse.spark(room("warehouse"), folder, out)
        case "generated-postgresql":
            return cohort_warehouse.postgresql(room("warehouse"), folder, out)
        case "openfisca" | "openfisca-loading":
            return cohort_openfisca.run(folder, out, loading=engine.endswith("loading"))
    return by_hand(engine, folder, out)


def processor() -> float:
    """CPU seconds of this process, of its children that ended, and of servers that it has started."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    ours = own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime
    return ours + cohort_warehouse.servers_cpu()


def timed(engine: str, folder: Path, out: Path) -> dict[str, float]:
    """One run, after those that warm up."""
    run = prepared(engine, folder, out)
    for _ in range(cohort_warehouse.WARMING.get(engine, 0)):
        run()
    began, used = time.perf_counter(), processor()
    run()
    wall, cpu = time.perf_counter() - began, processor() - used
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)
    memory = peak + cohort_warehouse.servers_memory()
    if out.name.startswith(CHECKED):
        cohort_warehouse.copy_out()
    return {"wall": wall, "cpu": cpu, "memory": memory}


def main() -> None:
    engine, folder, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    try:
        print(json.dumps(timed(engine, folder, out)), flush=True)
    except NotThereError as why:
        print(json.dumps({"missing": str(why)}), flush=True)
    finally:
        cohort_warehouse.stop_servers()
    os._exit(0)


if __name__ == "__main__":
    main()
