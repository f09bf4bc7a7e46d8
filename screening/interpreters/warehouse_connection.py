"""Reaching a database: DuckDB in this process or a file, PostgreSQL, Apache Spark here or on a cluster.

A password stands in the address or the environment of the driver, and never in a message.
"""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from screening.errors import ScreeningError
from screening.values.frozen import dataclass

_NUMBERS = itertools.count()
_DRIVERS = ("duckdb", "_duckdb", "psycopg", "pyspark", "py4j", "grpc")


class ConnectionRefused(ScreeningError):
    """A database that cannot be reached, or a package, a Java or a server that is missing; what to do is said."""


@dataclass(frozen=True, slots=True)
class Warehouse:
    """A connection. `engine` is duckdb, postgres or spark; `address` names it without any password."""

    engine: str
    backend: Any
    address: str

    @property
    def has_bits(self) -> bool:
        """Whether distinct words are gathered as bits of one number; elsewhere as one maximum for each."""
        return self.engine != "postgres"

    @property
    def has_few_columns(self) -> bool:
        """PostgreSQL: at most 1,600 columns in a table, and 8 kB in a row."""
        return self.engine == "postgres"

    @property
    def writes_steps_out(self) -> bool:
        """PostgreSQL: a step of a query is written out again in every place that uses it."""
        return self.engine == "postgres"

    def table(self, name: str) -> Any:
        """The table of a name; a path that ends in `.parquet` is read in place."""
        if not name.endswith(".parquet") and "/" not in name:
            schema, _, own = name.rpartition(".")
            return self.backend.table(own, database=schema or None)
        if self.engine == "postgres":
            what = "PostgreSQL reads no Parquet files; copy the cohort into it first (`load`)"
            raise ConnectionRefused(what)
        return self.backend.read_parquet(name)

    def kept(self, relation: Any) -> Any:
        """A relation computed now and kept as a table of this connection."""
        name = f"screening_{next(_NUMBERS)}"
        found = relation.to_expr()
        if self.engine == "spark":
            frame = self.backend._session.sql(self.backend.compile(found)).localCheckpoint()
            frame.createOrReplaceTempView(name)
        elif self.engine == "duckdb":
            self.backend.raw_sql(f"CREATE TEMP TABLE {name} AS {self.backend.compile(found)}")
        else:
            self.backend.raw_sql(f"CREATE TEMP TABLE {name} AS {self.backend.compile(found)}").close()
        import ibis.expr.operations as ops  # type: ignore[import-untyped]

        return ops.DatabaseTable(name, found.schema(), self.backend).to_expr().op()

    def dropped(self, relations: Sequence[Any]) -> None:
        """Tables that `kept` made and nobody needs any more."""
        for relation in relations:
            if self.engine == "spark":
                self.backend._session.catalog.dropTempView(relation.name)
            elif self.engine == "duckdb":
                self.backend.raw_sql(f"DROP TABLE {relation.name}")
            else:
                self.backend.raw_sql(f"DROP TABLE {relation.name}").close()

    def rows(self, table: Any) -> list[dict[str, Any]]:
        """Everything in a table, computed now: for what is not large."""
        if self.engine == "spark":  # the way by Arrow goes through pandas, which warns of its own use there
            return [row.asDict() for row in self.backend._session.sql(self.backend.compile(table)).collect()]
        found: list[dict[str, Any]] = table.to_pyarrow().to_pylist()
        return found

    def write(self, table: Any, rows: Path) -> None:
        """Everything in a table, computed now, as one Parquet file in the order of the numbers `subject`."""
        ordered = table.order_by("subject")
        if self.engine != "spark":
            self.backend.to_parquet(ordered, rows)
            return
        # Spark writes folders. Its own machines write this one: on a cluster, `rows` is in a folder that all see.
        frame = self.backend._session.sql(self.backend.compile(ordered))
        with tempfile.TemporaryDirectory(prefix="spark-", dir=rows.parent) as folder:
            frame.coalesce(1).write.mode("overwrite").parquet(folder)
            (made,) = Path(folder).glob("part-*.parquet")
            made.replace(rows)

    def close(self) -> None:
        self.backend.disconnect()


@contextmanager
def failing(warehouse: Warehouse) -> Iterator[None]:
    """Says of what a database cannot do that it is the database, without what it says itself: that may hold a
    person's values. Raises ConnectionRefused."""
    try:
        yield
    except Exception as error:
        if type(error).__module__.partition(".")[0] not in _DRIVERS:
            raise
        code = getattr(error, "sqlstate", None) or getattr(error, "getCondition", lambda: None)()
        named = f"{type(error).__name__}, {code}" if code else type(error).__name__
        what = f"`{warehouse.address}` did not answer the query ({named}); `--engine polars` asks no database"
        raise ConnectionRefused(what) from error


def shown(address: str) -> str:
    """An address without its password."""
    return re.sub(r"(://[^:/@]*):[^@]*@", r"\1:***@", re.sub(r"(?i)(password=)[^&;\s]*", r"\1***", address))


def connect(address: str) -> Warehouse:
    """`duckdb`, `duckdb:///file`, `postgres://...`, `spark` (here), `spark://...` (a cluster) or `sc://...` (Spark
    Connect). Raises ConnectionRefused with what is missing."""
    scheme = address.split(":", 1)[0]
    named = shown(address)
    match scheme:
        case "duckdb":
            return Warehouse("duckdb", _duckdb(address), named)
        case "postgres" | "postgresql":
            return Warehouse("postgres", _postgres(address), named)
        case "spark" | "sc":
            return Warehouse("spark", _spark(address), named)
    known = "one-by-one, polars, duckdb, duckdb:///file, postgres://..., spark, spark://... or sc://..."
    what = f"`{named}` names no engine and no database: write {known}"
    raise ConnectionRefused(what)


def _missing(extra: str, error: ImportError) -> ConnectionRefused:
    return ConnectionRefused(f"{error.name or 'a package'} is not installed: pip install 'screening[{extra}]'")


def _duckdb(address: str) -> Any:
    try:
        import ibis

        path = address.removeprefix("duckdb").removeprefix("://").removeprefix("/") or ":memory:"
        if address.startswith("duckdb:////"):
            path = "/" + path.lstrip("/")
        found = ibis.duckdb.connect(path)
        # Aggregates are narrow and people wide: people pass by a table of aggregates, never the other way round.
        found.raw_sql("SET disabled_optimizers = 'build_side_probe_side'")
        return found
    except ImportError as error:
        raise _missing("warehouse", error) from None
    # Errors of drivers have no base in common, and their texts may hold the address: only their kind is told.
    except Exception as error:
        raise ConnectionRefused(f"`{shown(address)}` cannot be opened: {type(error).__name__}") from None


def _postgres(address: str) -> Any:
    try:
        import ibis
        import psycopg  # noqa: F401
    except ImportError as error:
        raise _missing("warehouse", error) from None
    try:
        found = ibis.connect(address.replace("postgresql://", "postgres://", 1))
        # Hundreds of tables are joined in the order in which they are written; planning would never end otherwise.
        for setting in ("join_collapse_limit = 1", "from_collapse_limit = 1", "jit = off", "work_mem = '64MB'"):
            found.raw_sql(f"SET {setting}").close()
        return found
    except Exception as error:
        raise ConnectionRefused(f"`{shown(address)}` does not answer ({type(error).__name__})") from None


# Spark on this machine, whose Java is started for it: a collector that takes no threads of its own beside two, and
# tables of aggregates that are hashed instead of sorted, wherever a part of them fits into memory.
_ON_THIS_MACHINE = {
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:+UseParallelGC -XX:ParallelGCThreads=2",
    "spark.driver.memory": "2g",
    "spark.sql.shuffle.partitions": "4",
    "spark.sql.adaptive.maxShuffledHashJoinLocalMapThreshold": "64MB",
}


def _spark(address: str) -> Any:
    import os
    import shutil

    try:
        import ibis
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise _missing("spark", error) from None
    builder = SparkSession.builder.appName("screening").config("spark.ui.enabled", "false")
    builder = builder.config("spark.sql.session.timeZone", "UTC").config("spark.sql.ansi.enabled", "false")
    if address.startswith("sc://"):
        builder = builder.remote(address)
    else:
        if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
            raise ConnectionRefused("Spark needs Java 17: apt install openjdk-17-jre-headless")
        os.environ.setdefault("SPARK_LOCAL_IP", "127.0.0.1")
        builder = builder.master("local[2]" if address == "spark" else address)
        if address == "spark":
            for setting, value in _ON_THIS_MACHINE.items():
                builder = builder.config(setting, value)
    try:
        return ibis.pyspark.connect(builder.getOrCreate())
    except Exception as error:
        raise ConnectionRefused(f"`{shown(address)}` does not answer ({type(error).__name__})") from None
