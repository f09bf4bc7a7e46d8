"""A prepared cohort copied into PostgreSQL, which reads no Parquet files: one table for each file."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.errors import ScreeningError
from screening.interpreters.warehouse_connection import Warehouse
from screening.record.tables import Entries, Held, Tables

_TYPES = {
    "BOOLEAN": "boolean", "TINYINT": "smallint", "SMALLINT": "smallint", "INTEGER": "integer", "BIGINT": "bigint",
    "DOUBLE": "double precision", "DATE": "date", "TIMESTAMP": "timestamp", "VARCHAR": "text",
    "SMALLINT[]": "smallint[]", "FLOAT": "real", "UTINYINT": "smallint", "USMALLINT": "integer",
    "UINTEGER": "bigint", "UBIGINT": "numeric", "HUGEINT": "numeric", "DECIMAL": "numeric",
}  # fmt: skip
_NAME = re.compile(r"[a-z_][a-z0-9_]{0,40}\Z")


def load(tables: Tables, warehouse: Warehouse, schema: str) -> Tables:
    """Copies every file that `tables` names into a schema of the database, replacing what a run before left there.

    Only columns that a query reads are copied. Raises ScreeningError for a name that no schema may have.
    """
    if not _NAME.match(schema):
        raise ScreeningError(f"`{schema}` is no name for a schema: lower case letters, digits and `_`")
    copied = _Copied(warehouse, schema)
    people = copied.table(tables.people, _held_columns(tables))
    requirements: dict[str, Held | Entries] = {}
    for name, held in tables.requirements.items():
        if isinstance(held, Entries):
            columns = {*held.columns.values(), "subject"}
            held = replace(
                held,
                table=copied.table(held.table, columns),
                shared=tuple(copied.table(table, columns) for table in held.shared),
                absences=held.absences and copied.table(held.absences, ()),
                complete=held.complete and copied.table(held.complete, ()),
            )
        requirements[name] = held
    copied.finished()
    return replace(tables, people=people, requirements=requirements)


def unload(warehouse: Warehouse, schema: str) -> None:
    """Drops the schema and everything in it, whatever became of the query."""
    warehouse.backend.con.rollback()
    with warehouse.backend.con.cursor() as cursor:
        cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
    warehouse.backend.con.commit()


def _held_columns(tables: Tables) -> set[str]:
    held = [h for h in tables.requirements.values() if isinstance(h, Held)]
    return {tables.key, tables.id, *(h.column for h in held), *(h.date for h in held if h.date)}


class _Copied:
    """The tables copied so far, by the path of their file."""

    def __init__(self, warehouse: Warehouse, schema: str) -> None:
        import duckdb

        self.files, self.schema = duckdb.connect(), schema
        self.connection: Any = warehouse.backend.con
        self.made: dict[str, str] = {}
        with self.connection.cursor() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {schema}")

    def table(self, path: str, wanted: Any) -> str:
        if not path.endswith(".parquet"):
            return path
        if path not in self.made:
            self.made[path] = f"{self.schema}.t{len(self.made)}"
            self._copy(path, self.made[path], set(wanted))
        return self.made[path]

    def _columns(self, path: str, wanted: set[str]) -> Mapping[str, str]:
        described = self.files.execute("DESCRIBE SELECT * FROM read_parquet($1)", [path]).fetchall()
        # Of `DECIMAL(10,3)` the digits are left out: PostgreSQL keeps as many as there are.
        types = {row[0]: _TYPES.get(str(row[1]).partition("(")[0]) for row in described}
        return {name: type for name, type in types.items() if type is not None and (not wanted or name in wanted)}

    def _copy(self, path: str, name: str, wanted: set[str]) -> None:
        columns = self._columns(path, wanted)
        quoted = {column: '"' + column.replace('"', '""') + '"' for column in columns}
        lists = {
            c: f"'{{' || array_to_string({quoted[c]}, ',') || '}}'" for c in columns if columns[c] == "smallint[]"
        }
        chosen = ", ".join(lists.get(column, quoted[column]) for column in columns)
        declared = ", ".join(f"{quoted[column]} {type}" for column, type in columns.items())
        with tempfile.TemporaryDirectory() as folder, self.connection.cursor() as cursor:
            text = Path(folder) / "rows.csv"
            to = str(text).replace("'", "''")
            form = "(FORMAT csv, HEADER false, NULLSTR '\\N')"
            self.files.execute(f"COPY (SELECT {chosen} FROM read_parquet($1)) TO '{to}' {form}", [path])
            cursor.execute(f"CREATE TABLE {name} ({declared})")
            with (
                text.open("rb") as lines,
                cursor.copy(f"COPY {name} FROM STDIN (FORMAT csv, NULL '\\N')") as into,
            ):
                while block := lines.read(1 << 20):
                    into.write(block)

    def finished(self) -> None:
        with self.connection.cursor() as cursor:
            for name in self.made.values():
                cursor.execute(f"ANALYZE {name}")
        self.connection.commit()
        self.files.close()
