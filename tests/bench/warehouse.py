"""The benchmark protocol over the benchmark people where they lie, in a process of its own.

`python -m tests.bench.warehouse FOLDER OUT [ADDRESS] [TIMES]` writes the truths of everybody and prints one line
of JSON for each time: CPU seconds, seconds, memory.
"""

from __future__ import annotations

import datetime
import json
import resource
import sys
import time
from pathlib import Path
from typing import Any

from screening.interpreters import warehouse
from screening.interpreters.warehouse_connection import Warehouse, connect
from screening.reading.load import load
from screening.record.subject import Completeness
from screening.record.tables import Entries, Held, Tables
from tests.bench import people

DAY = datetime.date.fromisoformat(people.AS_OF)
HERE = Path(__file__).parent


def tables(folder: Path) -> Tables:
    """The people and their trials as they lie in the folder."""
    held: dict[str, Held | Entries] = {name: Held(column) for column, name in people.NAMES.items()}
    held["Age"] = Held("birth_date")
    held["Trials"] = Entries(
        str(folder / "trials.parquet"),
        {
            "subject": "patient_id",
            "class.word": "drug_class",
            "weeks.low": "weeks",
            "weeks.high": "weeks",
            "outcome.word": "outcome",
        },
    )
    complete = {"Trials": Completeness(None, "record")}
    return Tables(str(folder / "patients.parquet"), "patient_id", "patient_id", held, complete)


def write(connection: Warehouse, found: Any, out: str) -> None:
    """Writes a table of the warehouse to Parquet files."""
    if connection.engine == "spark":
        connection.backend.compile(found)
        connection.backend._session.sql(connection.backend.compile(found)).write.mode("overwrite").parquet(out)
    else:
        connection.backend.raw_sql(f"COPY ({connection.backend.compile(found)}) TO '{out}' (FORMAT parquet)")


def main() -> None:
    folder, out = Path(sys.argv[1]), sys.argv[2]
    address = sys.argv[3] if len(sys.argv) > 3 else "duckdb"
    times = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    library = load(HERE / "benchmark.yaml", [HERE])
    connection = connect(address)
    if connection.engine == "duckdb":
        connection.backend.raw_sql("SET threads=2; SET memory_limit='8GB'")
    for _ in range(times):
        wall, cpu = time.perf_counter(), time.process_time()
        query = warehouse.compile(library, tables(folder), DAY, connection)
        write(connection, query.truths(), out)
        found = {
            "cpu": time.process_time() - cpu,
            "seconds": time.perf_counter() - wall,
            "rss_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        }
        print(json.dumps(found))


if __name__ == "__main__":
    main()
