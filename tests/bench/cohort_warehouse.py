"""The generated query on DuckDB, Spark and PostgreSQL through the warehouse interpreter.

A server's CPU is not that of this process: it is read off the process table, for the Java machine that Spark
starts and for PostgreSQL, which is started here in a folder of its own, loaded before the clock starts, and stopped.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.bench.cohort_tables import AS_OF, files, protocol, tables

# Runs before the one that is timed: Spark compiles itself while it runs.
WARMING = {"generated-spark": 2}
_SERVERS: list[int] = []
_STOPS: list[Callable[[], object]] = []


def _tree(root: int) -> Iterator[Path]:
    """The process-table entries of a process and of all below it."""
    yield Path(f"/proc/{root}")
    for found in Path(f"/proc/{root}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in found.read_text().split():
                yield from _tree(int(child))


def servers_cpu() -> float:
    """CPU seconds of the servers started here and of everything below them, ended children included."""
    ticks = 0
    for entry in (entry for server in _SERVERS for entry in _tree(server)):
        with contextlib.suppress(OSError):
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / os.sysconf("SC_CLK_TCK")


def servers_memory() -> float:
    """Peak memory of the largest process of each server, in MB, summed over the servers."""
    found = 0.0
    for server in _SERVERS:
        peaks = [0]
        for entry in _tree(server):
            with contextlib.suppress(OSError):
                lines = (entry / "status").read_text().splitlines()
                peaks += [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
        found += max(peaks) / 1024
    return found


def stop_servers() -> None:
    for stop in reversed(_STOPS):
        with contextlib.suppress(Exception):
            stop()


def duckdb(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """DuckDB in this process, on two threads like the hand-written form."""
    import ibis

    library = protocol()

    def run() -> None:
        connection = ibis.duckdb.connect(threads=2)
        query = interpreter.compile(library, files(folder), AS_OF, connection)
        connection.to_parquet(query.truths(), out)

    return run


def spark(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """Spark local[2]; its Java machine is started before the clock."""
    import ibis
    from pyspark.sql import SparkSession

    library = protocol()
    made = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    session = made.config("spark.sql.shuffle.partitions", "4").config("spark.driver.memory", "4g").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    _SERVERS.append(session.sparkContext._gateway.proc.pid)
    _STOPS.append(session.stop)
    connection = ibis.pyspark.connect(session)

    def run() -> None:
        query = interpreter.compile(library, files(folder), AS_OF, connection)
        shutil.rmtree(out, ignore_errors=True)
        session.sql(connection.compile(query.truths())).write.mode("overwrite").parquet(str(out))

    return run


def postgresql(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """PostgreSQL on this machine, reached by a socket in its own folder; the table of verdicts stays in it."""
    import ibis

    library, place = protocol(), _started()
    connection = ibis.postgres.connect(host=str(place), user="bench", database="postgres")
    for name in ("patients", "trials"):
        _load(place, name, folder / f"{name}.parquet")
    connection.raw_sql("analyze").close()

    def run() -> None:
        query = interpreter.compile(library, tables("patients", "trials"), AS_OF, connection)
        connection.create_table("verdicts", query.truths(), overwrite=True)

    _STOPS.append(lambda: None)
    return run


def _load(place: Path, name: str, file: Path) -> None:
    """A Parquet file as a table of the server."""
    import duckdb as engine

    link = engine.connect()
    link.execute("INSTALL postgres; LOAD postgres")
    link.execute(f"ATTACH 'host={place} user=bench dbname=postgres' AS server (TYPE postgres)")
    link.execute(f"CREATE TABLE server.public.{name} AS SELECT * FROM '{file}'")


def _started() -> Path:
    """A server in a folder of its own. It refuses to run as root, which then lends it to the user `postgres`."""
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin")) or [Path(shutil.which("initdb") or "").parent]
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(place, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid}
    data = place / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": place, **user}
    subprocess.run([binaries[-1] / "initdb", "-D", data, "-U", "bench", "-A", "trust"], **quiet)
    options = f"-k {place} -c listen_addresses= -c shared_buffers=1GB -c work_mem=256MB -c max_parallel_workers=2"
    start = [binaries[-1] / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", options, "start"]
    subprocess.run(start, **quiet)
    _SERVERS.append(int((data / "postmaster.pid").read_text().splitlines()[0]))
    _STOPS.append(lambda: shutil.rmtree(place, ignore_errors=True))
    _STOPS.append(lambda: subprocess.run([binaries[-1] / "pg_ctl", "-D", data, "-m", "fast", "stop"], **quiet))
    return place
