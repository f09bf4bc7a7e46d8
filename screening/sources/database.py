"""A database that many people's records are kept in: a DuckDB or SQLite file, or PostgreSQL; it is only read.

A source is named `FILE`, `FILE?schema=NAME`, or `postgres://USER@HOST/DATABASE?schema=NAME`. A password in such a
name is never shown, and is better left to PGPASSWORD or to the password file of PostgreSQL.
"""

from __future__ import annotations

import datetime
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.sources.parquet import PIECE, kind_of, pieces, quoted, selected, settings
from screening.sources.tree import near
from screening.sources.typed import NUMBER, WHOLE, Cut, Typed
from screening.values.frozen import dataclass

DUCKDB, SQLITE, POSTGRES = "DuckDB", "SQLite", "PostgreSQL"
_URLS = ("postgres://", "postgresql://")
# What of a URL says where a database is, and nothing that is to be kept from others.
_SHOWN = ("schema", "sslmode", "host", "port", "dbname", "user")
# Schemas that a database has of itself.
_OWN = ("information_schema", "pg_catalog", "pg_toast")
NOTHING: Mapping[str, str] = MappingProxyType({})
_Schema = Mapping[str, Sequence[tuple[str, str]]]
_ENDS_OF_SQLITE = ("_date", "_datetime")
_EPOCH, _DAY = datetime.date(1970, 1, 1), 86_400
# A day written as one number has eight digits; so many seconds are in the years about 1970.
_AS_ONE_NUMBER, _SURELY_SECONDS = 10_000_000, 100_000_000
_COLUMNS = """
SELECT table_schema, table_name, column_name, data_type FROM information_schema.columns
ORDER BY table_schema, table_name, ordinal_position
"""
# Those views too of which the rows are kept, which no schema of information has.
_OF_POSTGRES = """
SELECT table_schema, table_name, column_name, data_type, ordinal_position FROM information_schema.columns
UNION ALL
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL), a.attnum
FROM pg_catalog.pg_attribute a
JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind = 'm' AND a.attnum > 0 AND NOT a.attisdropped AND has_table_privilege(c.oid, 'SELECT')
ORDER BY 1, 2, 5
"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a database is: its kind, a path or a URL without the schema, and the schema if one is named."""

    kind: str
    address: str
    schema: str = ""

    @property
    def shown(self) -> str:
        """The place for people; no password."""
        return shown(self.address) if self.kind == POSTGRES else Path(self.address).name


def place_of(source: str) -> Place | None:
    """The database that a source names; None where it is none."""
    if source.startswith(_URLS):
        address, _, query = source.partition("?")
        asked = parse_qsl(query, keep_blank_values=True)
        schema = next((value for key, value in asked if key == "schema"), "")
        left = urlencode([(key, value) for key, value in asked if key != "schema"], quote_via=quote)
        return Place(POSTGRES, f"{address}?{left}" if left else address, schema)
    path, schema = source, ""
    if not Path(source).is_file() and "?schema=" in source:
        path, _, schema = source.partition("?schema=")
    kind = _kind_of(Path(path))
    return Place(kind, path, schema) if kind else None


def shown(source: str) -> str:
    """A source for people and for manifests: the same, and no password.

    >>> shown("postgres://reader:secret@host/cdm?schema=a&password=secret")
    'postgres://reader@host/cdm?schema=a'
    """
    if not source.startswith(_URLS):
        return source
    address, _, query = source.partition("?")
    start, _, rest = address.partition("://")
    login, at, where = rest.rpartition("@")
    left = urlencode([pair for pair in parse_qsl(query) if pair[0] in _SHOWN], quote_via=quote)
    return f"{start}://{login.partition(':')[0]}{at}{where}{'?' if left else ''}{left}"


def absolute(source: Path | str) -> str:
    """Where a source is, for a manifest: a path from the root of the disk, or an address without its password."""
    text = str(source)
    return shown(text) if text.startswith(_URLS) else str(Path(text).resolve())


def _kind_of(path: Path) -> str:
    """What a file is by how it begins."""
    try:
        with path.open("rb") as file:
            head = file.read(16)
    except OSError:
        return ""
    if head.startswith(b"SQLite format 3\x00"):
        return SQLITE
    return DUCKDB if head[8:12] == b"DUCK" else ""


class Database:
    """One database, opened anew for each stream of people and closed after it."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self._open: Any = None

    def refused(self, message: str, help: str = "") -> UnreadableRecord:
        return UnreadableRecord(Diagnostic(Span(self.place.shown), message, UnreadableRecord, help=help))

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Keeps the database open: all tables are read as they are at one moment."""
        self._open = self._connected()
        try:
            yield
        finally:
            self._open.close()
            self._open = None

    def tables(
        self, wanted: Sequence[str], least: Sequence[str] = (), narrowed: Mapping[str, str] = NOTHING
    ) -> dict[str, Typed]:
        """Those tables that are wanted, by name in lower case, while the database is open.

        `narrowed` are tables, each with its key, of which those rows alone are read that other tables name (a
        vocabulary has millions). One that the schema does not have is taken from the only other one that has it.

        Where no schema is named it is the one that has all of `least`. Raises UnreadableRecord where none has, or
        several have.
        """
        schemas = self._columns()
        fitting = [name for name, tables in schemas.items() if {*least} <= {table.casefold() for table in tables}]
        chosen = self.place.schema
        if chosen and chosen not in schemas:
            close = near(chosen, schemas)
            known = f"did you mean `{close}`" if close else "its schemas are " + ", ".join(sorted(schemas)[:20])
            raise self.refused(f"there is no schema `{chosen[:60]}` that can be read", known)
        if not chosen and len(fitting) > 1:
            names = ", ".join(sorted(fitting)[:20])
            raise self.refused(f"several schemas hold such tables: {names}", "name one: `SOURCE?schema=NAME`")
        if not chosen and not fitting:
            several = " and ".join(name.upper() for name in least)
            raise self.refused(f"no schema of it has the tables {several}", "a role has to be granted them")
        chosen = chosen or fitting[0]
        found: dict[str, Typed] = {}
        held = {name: columns for name, columns in schemas[chosen].items() if name.casefold() in wanted}
        for name, columns in sorted(held.items()):
            if name.casefold() in found:
                raise self.refused(f"two tables are named `{name.casefold()}`, apart from capital letters")
            key = narrowed.get(name.casefold(), "")
            where = self._only(chosen, held, columns, key) if key else ""
            found[name.casefold()] = self._table(chosen, name, columns, where)
        for wanted_name in narrowed.keys() - found.keys():
            others = [
                (schema, name, columns)
                for schema, tables in schemas.items()
                for name, columns in tables.items()
                if name.casefold() == wanted_name
            ]
            if len(others) == 1:
                schema, name, columns = others[0]
                where = self._only(chosen, held, columns, narrowed[wanted_name])
                found[wanted_name] = self._table(schema, name, columns, where)
        return found

    # ------------------------------------------------------------------------------ each kind

    def _connected(self) -> Any:
        match self.place.kind:
            case "DuckDB":
                return self._duckdb()
            case "SQLite":
                return self._sqlite()
        return self._postgres()

    def _duckdb(self) -> Any:
        import duckdb

        try:
            return duckdb.connect(self.place.address, read_only=True, config=settings())
        except (duckdb.Error, OSError):
            help = "close the program that writes to it, or check that it is whole and of a release that is read"
            raise self.refused("the database cannot be opened for reading", help) from None

    def _sqlite(self) -> Any:
        address = f"file:{quote(str(Path(self.place.address).absolute()))}?mode=ro"
        try:
            connection = sqlite3.connect(address, uri=True, isolation_level=None)
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:
            raise self.refused("the database cannot be opened for reading", "check that it is whole") from None
        # What is no UTF-8 comes in as lone surrogates, and rejects its row alone.
        connection.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        return connection

    def _postgres(self) -> Any:
        try:
            import psycopg
        except ImportError:
            help = "install the extra `warehouse`"
            raise self.refused("what reads PostgreSQL is not installed", help) from None
        try:
            options = "-c datestyle=ISO -c timezone=UTC -c extra_float_digits=1"
            connection = psycopg.connect(self.place.address, connect_timeout=10, options=options)
            connection.read_only = True
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        except (psycopg.Error, OSError, ValueError) as error:
            # INVARIANT: nothing of the driver's own words is shown; they may hold what the address holds.
            state = getattr(error, "sqlstate", None) or ""
            help = "check host, database and user; the password may stand in PGPASSWORD or in the password file"
            said = "refuses the login" if state.startswith("28") else "cannot be reached, or refuses the login"
            raise self.refused(f"the database {said}", help) from None
        return connection

    def _columns(self) -> dict[str, dict[str, list[tuple[str, str]]]]:
        """Names and types of all columns, by schema and table."""
        found: dict[str, dict[str, list[tuple[str, str]]]] = {}
        if self.place.kind == SQLITE:
            query = (
                "SELECT 'main', m.name, c.name, c.type FROM sqlite_master m, pragma_table_info(m.name) c "
                "WHERE m.type IN ('table', 'view') ORDER BY m.name, c.cid"
            )
        else:
            query = _COLUMNS if self.place.kind == DUCKDB else _OF_POSTGRES
        try:
            rows = self._open.execute(query).fetchall()
        except Exception as error:
            self._raise_foreign(error)
            raise self.refused("the names of its tables cannot be read") from None
        for schema, table, column, type, *_ in rows:
            if schema not in _OWN:
                found.setdefault(str(schema), {}).setdefault(str(table), []).append((str(column), str(type)))
        return found

    def _raise_foreign(self, error: Exception) -> None:
        """Lets everything pass that no database raises."""
        if not type(error).__module__.startswith(("_duckdb", "duckdb", "psycopg", "sqlite3")):
            raise error

    def _table(self, schema: str, name: str, columns: Sequence[tuple[str, str]], where: str = "") -> Typed:
        header = tuple(column.casefold() for column, _ in columns)
        asked = [self._selected(column, type) for column, type in columns]
        # INVARIANT: in the order of the key, or of everything: a database keeps no order of its own.
        key = [column for column, _ in columns if column.casefold() == f"{name.casefold()}_id"]
        order = ", ".join(f"t.{quoted(column)}" for column in key or [column for column, _ in columns])
        rest = f"FROM {quoted(schema)}.{quoted(name)} AS t {where} ORDER BY {order}"
        # In SQLite a column may hold anything, whatever type is declared for it.
        kinds = tuple("" if self.place.kind == SQLITE else kind_of(type) for _, type in columns)

        @contextmanager
        def values(chosen: Sequence[int]) -> Iterator[Iterator[Sequence[Any]]]:
            query = f"SELECT {', '.join(asked[n] for n in chosen)} {rest}"
            yield self._rows(query, [header[n] for n in chosen])

        return Typed(name, header, kinds, values)

    def _selected(self, column: str, type: str) -> str:
        match self.place.kind:
            case "DuckDB":
                return selected(column, type, "t.")
            case "PostgreSQL" if kind_of(type) == NUMBER:
                return f"NULLIF(CAST(t.{quoted(column)} AS TEXT), 'NaN')"
            case "PostgreSQL":
                # Its texts hold what no value of Python can: a day that is `infinity`, one before our era.
                return f"CAST(t.{quoted(column)} AS TEXT)"
        return f"t.{quoted(column)}"

    def _only(self, schema: str, tables: _Schema, columns: Sequence[tuple[str, str]], key: str) -> str:
        """The condition on a table that is named by whole numbers: those alone that other tables name."""
        named = [
            f"SELECT {self._whole(quoted(column), kind_of(type))} FROM {quoted(schema)}.{quoted(table)}"
            for table, others in sorted(tables.items())
            for column, type in others
            if others is not columns and column.casefold().endswith(f"_{key}")
        ]
        whole = [column for column, type in columns if kind_of(type) == WHOLE]
        own = next((column for column in whole if column.casefold() == key), "")
        if not own or not named or self.place.kind == SQLITE:
            return ""
        return f"WHERE t.{quoted(own)} IN ({' UNION '.join(named)})"

    def _whole(self, column: str, kind: str) -> str:
        """A column of whole numbers, also one that a program wrote as fractions or texts since cells are empty."""
        if kind in (WHOLE, NUMBER):
            return column
        if self.place.kind == DUCKDB:
            return f"TRY_CAST({column} AS DOUBLE)"
        return f"CASE WHEN CAST({column} AS TEXT) ~ '^[0-9]+([.]0*)?$' THEN CAST({column} AS NUMERIC) END"

    def _rows(self, query: str, header: Sequence[str]) -> Iterator[Sequence[Any]]:
        match self.place.kind:
            case "DuckDB":
                yield from pieces(self._open, query)
            case "SQLite":
                yield from self._of_sqlite(query, header)
            case _:
                yield from self._of_postgres(query)

    def _of_sqlite(self, query: str, header: Sequence[str]) -> Iterator[Sequence[Any]]:
        days = [next((end for end in _ENDS_OF_SQLITE if column.endswith(end)), "") for column in header]
        try:
            found = self._open.execute(query)
            while rows := found.fetchmany(PIECE):
                for row in rows:
                    pairs = zip(days, row, strict=True)
                    yield [_moment(v, day) if day and isinstance(v, float | int) else v for day, v in pairs]
        except (sqlite3.Error, OverflowError, ValueError, OSError):
            raise Cut from None

    def _of_postgres(self, query: str) -> Iterator[Sequence[Any]]:
        import psycopg

        try:
            with self._open.cursor(name="screening") as cursor:
                cursor.itersize = PIECE
                cursor.execute(query)
                yield from cursor
        except (psycopg.Error, ValueError, OverflowError):
            raise Cut from None


def _moment(number: float, end: str) -> Any:
    """A moment out of seconds since 1970, as OHDSI's tools keep days in SQLite, or a day out of days, as R does.

    A day written as one number (20240305) stays that; of any other number nobody knows what it says, and it is
    no year.

    >>> [str(_moment(each, "_date")) for each in (1709596800.0, 19787, 20240305, 1e300)]
    ['2024-03-05', '2024-03-05', '20240305', 'a number']
    """
    is_of_seconds = not number % _DAY or abs(number) >= _SURELY_SECONDS
    is_of_days = end == "_date" and abs(number) < _DAY and number == int(number)
    if is_of_days and number:
        return _EPOCH + datetime.timedelta(days=int(number))
    if not is_of_seconds:
        return number if _AS_ONE_NUMBER <= number < _SURELY_SECONDS else "a number"
    try:
        found = datetime.datetime.fromtimestamp(number, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return "a number"
    return found.date() if not number % _DAY else found
