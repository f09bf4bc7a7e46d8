"""Who was screened before: the screening log of the run that a new one replaces in its folder.

A person's earlier screening is found by the pseudonym, so nobody's is where another identification list was used.
A run as of the same day is the same screening once more: what it was a rescreening of, it still is.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from screening.errors import DefectError, UnreadableRecord
from screening.output.rows import LOG, is_run, read_manifest

PIECE = 16_384
# What the database may take while it puts two long lists together; it writes what is more beside the rows.
MEMORY = "192MB"
_NAMES = ("pseudonym", "screening_id", "rescreen_of")


class Rescreened:
    """The log of the run before, of the same protocol, while it stands in its folder; None where there is none."""

    def __init__(self, log: Path | None) -> None:
        self.log = log
        self._held: Mapping[str, tuple[str, str]] | None = None

    def of(self, pseudonym: str, screening_id: str) -> str:
        """The screening of which this one of a person is a rescreening; "" if it is the first."""
        if self._held is None:
            self._held = self._read()
        before, of = self._held.get(pseudonym, ("", ""))
        return of if before == screening_id else before

    def beside(self, named: Path, as_of: str, out: Path, database: Any = None) -> None:
        """The same of everybody of a file of pseudonyms, as a Parquet file (`rescreen_of`) in its order.

        `database` is one of DuckDB that is open already: two of them would take twice the memory.
        """
        import duckdb
        import polars as pl

        if self.log is None:
            nobody = pl.scan_parquet(named).with_columns(rescreen_of=pl.lit("")).select("rescreen_of")
            nobody.sink_parquet(out, row_group_size=PIECE)
            return
        before = (
            "SELECT pseudonym, min(screening_id) AS screening_id, coalesce(min(rescreen_of), '') AS rescreen_of "
            "FROM read_csv(?, header = true, all_varchar = true, delim = ',', quote = '\"', escape = '\"') "
            "GROUP BY pseudonym"
        )
        made = (
            "SELECT CASE WHEN b.pseudonym IS NULL THEN '' "
            "WHEN b.screening_id = n.pseudonym || ? THEN b.rescreen_of ELSE b.screening_id END AS rescreen_of "
            "FROM read_parquet(?, file_row_number = true) n "
            f"LEFT JOIN ({before}) b ON b.pseudonym = n.pseudonym ORDER BY n.file_row_number"
        )
        target = str(out).replace("'", "''")
        settings: dict[str, Any] = {
            "memory_limit": MEMORY,
            "temp_directory": str(out.parent / "spilt"),
            "threads": 1,
            "autoinstall_known_extensions": "false",
            "autoload_known_extensions": "false",
        }
        with duckdb.connect(config=settings) if database is None else nullcontext(database) as connection:
            try:
                query = f"COPY ({made}) TO '{target}' (FORMAT parquet, ROW_GROUP_SIZE {PIECE})"
                connection.execute(query, [f"/{as_of}", str(named), str(self.log)])
            except (duckdb.InvalidInputException, duckdb.BinderException):
                raise self._broken() from None
        number = [pl.scan_parquet(path).select(pl.len()).collect().item() for path in (named, out)]
        if number[0] != number[1]:
            raise DefectError("the earlier screenings are not of everybody; nothing was written")

    def _read(self) -> dict[str, tuple[str, str]]:
        if self.log is None:
            return {}
        try:
            with open(self.log, encoding="utf-8", newline="") as file:
                found = csv.DictReader(file, strict=True)
                return {each["pseudonym"]: (each["screening_id"], each["rescreen_of"] or "") for each in found}
        except (UnicodeDecodeError, csv.Error, KeyError):
            raise self._broken() from None

    def _broken(self) -> UnreadableRecord:
        what = f"`{LOG}` of the run before, which says who was screened already, was changed and cannot be read"
        return UnreadableRecord(f"{what}; put it back, or write into another folder")


def rescreened(out: Path, protocol: str) -> Rescreened:
    """What the run before in a folder says, if it is of the same protocol; nothing where it was of another."""
    log = out / LOG
    if not is_run(out) or not log.is_file():
        return Rescreened(None)
    return Rescreened(log if read_manifest(out)["protocol"]["name"] == protocol else None)
