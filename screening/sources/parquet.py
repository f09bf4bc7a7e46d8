"""A Parquet file as a table of typed columns, read in pieces."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.sources import typed
from screening.sources.typed import Cut, Typed

SUFFIXES = (".parquet", ".pq")
PIECE = 2_000
_KINDS = {
    "BOOLEAN": typed.TRUTH, "DATE": typed.DAY, "VARCHAR": typed.TEXT, "UUID": typed.TEXT,
    **dict.fromkeys(("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT"), typed.WHOLE),
    **dict.fromkeys(("UTINYINT", "USMALLINT", "UINTEGER", "UBIGINT", "UHUGEINT"), typed.WHOLE),
    **dict.fromkeys(("DOUBLE", "DECIMAL"), typed.NUMBER), "FLOAT": typed.SHORT,
    **dict.fromkeys(("DOUBLE PRECISION", "REAL", "NUMERIC"), typed.NUMBER),
    **dict.fromkeys(("TIMESTAMP", "TIMESTAMP_S", "TIMESTAMP_MS", "TIMESTAMP_NS"), typed.MOMENT),
    **dict.fromkeys(("TIMESTAMP WITH TIME ZONE", "TIMESTAMP WITHOUT TIME ZONE"), typed.MOMENT),
    **dict.fromkeys(("CHARACTER VARYING", "CHARACTER", "TEXT"), typed.TEXT),
}  # fmt: skip


def is_parquet(path: Path) -> bool:
    """Whether a file is named as Parquet."""
    return path.suffix.casefold() in SUFFIXES


def open_parquet(path: Path, name: str = "") -> Typed:
    """A Parquet file with its columns. Raises UnreadableRecord where it is none, or is cut off."""
    name = name or path.name
    return table_of(name, described_in(path, name), path)


def described_in(path: Path, name: str) -> list[tuple[str, str]]:
    """Names and types of the columns of a file."""
    import duckdb

    try:
        with connected() as connection:
            described = connection.execute("DESCRIBE SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
    except (duckdb.Error, OSError):
        help = "a Parquet file begins and ends with `PAR1`; one that was not written to its end cannot be read"
        raise refused(name, "this is no Parquet file, or it is cut off", help) from None
    return [(str(row[0]), str(row[1])) for row in described]


def refused(name: str, message: str, help: str = "") -> UnreadableRecord:
    return UnreadableRecord(Diagnostic(Span(name), message, UnreadableRecord, help=help))


def kind_of(type: str) -> str:
    """What a type of a column holds.

    >>> kind_of("DECIMAL(18,2)"), kind_of("INTEGER[]"), kind_of("ENUM('a', 'b')")
    ('number', '', 'text')
    """
    bare = type.upper().split("(")[0].strip()
    if type.endswith("]"):
        return typed.OTHER
    return typed.TEXT if bare == "ENUM" else _KINDS.get(bare, typed.OTHER)


def settings() -> dict[str, Any]:
    """How the library is opened: in bounded memory, and nothing is fetched from anywhere."""
    return {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "memory_limit": "1GB",
        "temp_directory": str(Path(tempfile.gettempdir()) / "screening-duckdb"),
    }


def selected(column: str, type: str, table: str = "") -> str:
    """A column as it is asked for, so that what comes is the value and no more digits than it has."""
    name = table + quoted(column)
    match type.upper():
        case "FLOAT":
            # A number of 32 bits has digits of its own; as one of 64 bits it would show others.
            return f"CAST({name} AS VARCHAR)"
        case "TIMESTAMP WITH TIME ZONE":
            return f"CAST({name} AT TIME ZONE 'UTC' AS TIMESTAMP)"
    return name


def quoted(name: str) -> str:
    """A name of SQL, whatever letters it has."""
    return '"' + name.replace('"', '""') + '"'


def text_of(word: str) -> str:
    """A text of SQL, whatever letters it has."""
    return "'" + word.replace("'", "''") + "'"


def table_of(name: str, described: Sequence[tuple[str, str]], path: Path) -> Typed:
    header = tuple(" ".join(column.split()) for column, _ in described)
    twice = sorted({column for column in header if column and header.count(column) > 1})
    if twice:
        raise refused(name, f"two columns are named `{twice[0]}`")
    asked = [selected(column, type) for column, type in described]

    @contextmanager
    def values(columns: Sequence[int]) -> Iterator[Iterator[Sequence[Any]]]:
        chosen = ", ".join(asked[n] for n in columns) or "NULL"
        with connected() as connection:
            yield pieces(connection, f"SELECT {chosen} FROM read_parquet(?)", [str(path)])

    return Typed(name, header, tuple(kind_of(type) for _, type in described), values, path)


def some_of(table: Typed, key: str, wanted: Sequence[str]) -> Typed:
    """The same table, those rows alone that have one of these texts in a column; each keeps its number.

    Raises UnreadableRecord as `open_parquet` does.
    """
    described = described_in(table.path, table.name)
    own, type = described[table.header.index(key)]

    @contextmanager
    def values(columns: Sequence[int]) -> Iterator[Iterator[Sequence[Any]]]:
        chosen = ", ".join(("file_row_number + 1", *(selected(*described[n]) for n in columns)))
        # A text that no value of the column is may stand in another table: it is no fault of this one.
        texts = f"SELECT TRY_CAST(text AS {type}) FROM (SELECT unnest(?::VARCHAR[]) AS text)"
        query = f"SELECT {chosen} FROM read_parquet(?, file_row_number = true) WHERE {quoted(own)} IN ({texts}) "
        query += "ORDER BY file_row_number"
        with connected() as connection:
            yield pieces(connection, query, [str(table.path), list(wanted)])

    return replace(table, values=values, is_numbered=True)


def spellings(table: Typed, key: str, part: str) -> list[str]:
    """The different texts of a column of texts that have a part in them; none where it cannot be read."""
    import duckdb

    own = quoted(described_in(table.path, table.name)[table.header.index(key)][0])
    query = f"SELECT DISTINCT {own}::VARCHAR FROM read_parquet(?) WHERE contains({own}::VARCHAR, ?)"
    try:
        with connected() as connection:
            return [text for (text,) in connection.execute(query, [str(table.path), part]).fetchall()]
    except (duckdb.Error, OSError, UnicodeDecodeError):
        return []


def pieces(connection: Any, query: str, given: Sequence[Any] = ()) -> Iterator[Sequence[Any]]:
    """The rows of a query, a few at a time. Raises Cut where the rest cannot be read."""
    import duckdb

    try:
        found = connection.execute(query, list(given))
        while rows := found.fetchmany(PIECE):
            yield from rows
    except (duckdb.Error, OSError, UnicodeDecodeError, OverflowError, ValueError):
        raise Cut from None


@contextmanager
def connected() -> Iterator[Any]:
    """The library, for as long as something is read with it."""
    import duckdb

    connection = duckdb.connect(config=settings())
    try:
        yield connection
    finally:
        connection.close()
