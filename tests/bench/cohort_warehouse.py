"""The generated query on DuckDB, Spark and PostgreSQL through the warehouse interpreter.

A server's CPU is not that of this process: it is read off the process table, for the Java machine of Spark and
for PostgreSQL, which is started here in a folder of its own, loaded before the clock starts, and stopped.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from screening.errors import ScreeningError
from tests.bench.cohort_tables import AS_OF, files, protocol, tables
from tests.bench.process import NotThereError

# Runs before the one that is timed: Spark compiles itself while it runs.
WARMING = {"generated-spark": 2}
_SERVERS: list[int] = []
_STOPS: list[Callable[[], object]] = []
_FINALLY: list[Callable[[], object]] = []


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


def copy_out() -> None:
    """What is to be checked and lies in a server yet."""
    for last in _FINALLY:
        last()


def stop_servers() -> None:
    """Stops whatever was started here."""
    for stop in reversed(_STOPS):
        with contextlib.suppress(Exception):
            stop()


def reached(address: str) -> Any:
    """The project's own connection to a database. Raises NotThereError where a package or Java is missing."""
    try:
        return importlib.import_module("screening.interpreters.warehouse_connection").connect(address)
    except ScreeningError as refused:
        raise NotThereError(str(refused).removeprefix("error: ")) from None


def duckdb(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """DuckDB in this process, on as many threads as the hand-written form."""
    library = protocol()
    reached("duckdb")

    def run() -> None:
        warehouse = reached("duckdb")
        query = interpreter.compile(library, files(folder), AS_OF, warehouse)
        warehouse.backend.to_parquet(query.truths(), out)

    return run


def spark(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """Spark local[2]; its Java machine is started before the clock."""
    library, warehouse = protocol(), reached("spark")
    from pyspark.sql import SparkSession

    session = SparkSession.getActiveSession()
    session.sparkContext.setLogLevel("ERROR")
    _SERVERS.append(session.sparkContext._gateway.proc.pid)
    _STOPS.append(session.stop)

    def run() -> None:
        query = interpreter.compile(library, files(folder), AS_OF, warehouse)
        text = warehouse.backend.compile(query.truths())
        session.sql(text).write.mode("overwrite").parquet(str(out))

    return run


def postgresql(interpreter: Any, folder: Path, out: Path) -> Callable[[], None]:
    """PostgreSQL on this machine; the verdicts are a table in it, copied out afterwards to be checked."""
    library = protocol()
    place, address = _started()
    warehouse = reached(address)
    for name in ("patients", "trials"):
        _load(warehouse.backend, place, name, folder / f"{name}.parquet")

    def run() -> None:
        query = interpreter.compile(library, tables("patients", "trials"), AS_OF, warehouse)
        warehouse.backend.create_table("verdicts", query.truths())

    _FINALLY.append(lambda: warehouse.backend.to_parquet(warehouse.backend.table("verdicts"), out))
    return run


def _load(backend: Any, place: Path, name: str, file: Path) -> None:
    """A Parquet file as a table of the server, by way of a text file beside it."""
    import duckdb as engine

    text = place / f"{name}.csv"
    engine.execute(f"COPY (SELECT * FROM '{file}') TO '{text}' (HEADER false)")
    text.chmod(0o644)
    kinds = {"VARCHAR": "text", "DOUBLE": "double precision", "INTEGER": "integer"}
    columns = engine.execute(f"DESCRIBE SELECT * FROM '{file}'").fetchall()
    listed = ", ".join(f'"{column[0]}" {kinds.get(column[1], column[1])}' for column in columns)
    with backend.con.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} ({listed})")
        cursor.execute(f"COPY {name} FROM '{text}' (FORMAT csv)")
        cursor.execute(f"ANALYZE {name}")
    backend.con.commit()
    text.unlink()


def _started() -> tuple[Path, str]:
    """A server in a folder of its own, with its address. It refuses to run as root; then `postgres` runs it."""
    on_path = shutil.which("initdb")
    binaries = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), *([Path(on_path).parent] if on_path else [])]
    if not binaries:
        raise NotThereError("no PostgreSQL server is installed")
    place = Path(tempfile.mkdtemp(prefix="bench-"))
    user: dict[str, Any] = {}
    if os.getuid() == 0:
        account = pwd.getpwnam("postgres")
        os.chown(place, account.pw_uid, account.pw_gid)
        user = {"user": account.pw_uid, "group": account.pw_gid}
    place.chmod(0o755)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = place / "data"
    quiet = {"check": True, "stdout": subprocess.DEVNULL, "cwd": place, **user}
    subprocess.run([binaries[-1] / "initdb", "-D", data, "-U", "bench", "-A", "trust"], **quiet)
    options = f"-k {place} -p {port} -c shared_buffers=1GB -c work_mem=256MB"
    start = [binaries[-1] / "pg_ctl", "-D", data, "-w", "-l", place / "log", "-o", options, "start"]
    subprocess.run(start, **quiet)
    _SERVERS.append(int((data / "postmaster.pid").read_text().splitlines()[0]))
    _STOPS.append(lambda: shutil.rmtree(place, ignore_errors=True))
    _STOPS.append(lambda: subprocess.run([binaries[-1] / "pg_ctl", "-D", data, "-m", "fast", "stop"], **quiet))
    return place, f"postgres://bench@127.0.0.1:{port}/postgres"
