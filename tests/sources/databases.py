"""The shared OMOP sample as tables in a database: the same rows, in columns of the types that the CDM declares."""

from __future__ import annotations

import csv
import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.checkout import ROOT, absent

SAMPLE = ROOT.parent / "shared" / "data" / "omop" / "synthea27nj"
POSTGRES = "SCREENING_TEST_POSTGRES"


def postgres() -> str:
    """The address of a PostgreSQL server that tests may write to."""
    return os.environ.get(POSTGRES) or absent(f"no PostgreSQL server: {POSTGRES} is not set")


def type_of(column: str) -> str:
    """The type of a column, as the CDM declares them."""
    if column.endswith("_datetime"):
        return "TIMESTAMP"
    if column.endswith("_date"):
        return "DATE"
    if column in ("domain_id", "vocabulary_id", "concept_class_id"):
        return "VARCHAR"
    if column.endswith("_id") or column.split("_")[0] in ("year", "month", "day"):
        return "INTEGER"
    return "DOUBLE PRECISION" if column in ("value_as_number", "range_low", "range_high") else "VARCHAR"


def sample() -> dict[str, tuple[list[str], list[list[str]]]]:
    """Columns and rows of each table; an empty cell is the empty text."""
    if not SAMPLE.exists():
        absent(f"no shared data beside the checkout ({SAMPLE})")
    found = {}
    for path in sorted(SAMPLE.glob("*.csv")):
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        found[path.stem] = (header, rows)
    return found


def fill(execute: Callable[[str, list[Any]], object], schema: str = "", mark: str = "?") -> None:
    """Makes the tables of the sample, with names in mixed case, and fills them in an order of their own."""
    for name, (header, rows) in sample().items():
        table = f'{schema}"{name.title()}"'
        columns = ", ".join(f'"{column}" {type_of(column)}' for column in header)
        execute(f"CREATE TABLE {table} ({columns})", [])
        marks = ", ".join(f"CAST({mark} AS {type_of(column)})" for column in header)
        for row in reversed(rows):
            execute(f"INSERT INTO {table} VALUES ({marks})", [cell or None for cell in row])


def duckdb_file(path: Path, schemas: tuple[str, ...] = ("main",)) -> Path:
    import duckdb

    with duckdb.connect(str(path)) as connection:
        connection.execute("BEGIN")
        for schema in schemas:
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
            fill(connection.execute, f"{schema}.")
        connection.execute("COMMIT")
    return path


def sqlite_file(path: Path, seconds: str = "") -> Path:
    """`seconds` keeps days as OHDSI's tools do, as seconds since 1970, in columns of that type."""
    connection = sqlite3.connect(path)
    connection.execute("BEGIN")
    for name, (header, rows) in sample().items():
        kinds = [type_of(column) for column in header]
        names = ", ".join(
            f'"{column}" {seconds if seconds and kind in ("DATE", "TIMESTAMP") else _plain(kind)}'
            for column, kind in zip(header, kinds, strict=True)
        )
        connection.execute(f'CREATE TABLE "{name.lower()}" ({names})')
        for row in rows:
            cells = [
                _seconds(cell) if seconds and cell and kind in ("DATE", "TIMESTAMP") else cell or None
                for cell, kind in zip(row, kinds, strict=True)
            ]
            connection.execute(f'INSERT INTO "{name.lower()}" VALUES ({", ".join("?" * len(cells))})', cells)
    connection.execute("COMMIT")
    connection.close()
    return path


def _plain(kind: str) -> str:
    return {"INTEGER": "INTEGER", "DOUBLE PRECISION": "REAL"}.get(kind, "TEXT")


def _seconds(text: str) -> float:
    import datetime

    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC).timestamp()


def parquet_folder(folder: Path) -> Path:
    import duckdb

    folder.mkdir()
    with duckdb.connect() as connection:
        connection.execute("BEGIN")
        fill(connection.execute, "main.")
        connection.execute("COMMIT")
        for name in sample():
            connection.execute(f"""COPY "{name.title()}" TO '{folder / name.lower()}.parquet' (FORMAT parquet)""")
    return folder
