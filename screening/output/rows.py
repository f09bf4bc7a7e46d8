"""What a run over many people left: its manifest and its rows, read again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import UnreadableRecord
from screening.outcome.row import FORMAT, Row, row_from
from screening.output.table import QUOTED_PATTERN

if TYPE_CHECKING:
    import polars

ROWS, DATA, MANIFEST, PARQUET = "people.csv", "people.ndjson", "manifest.json", "people.parquet"
REJECTED, LOG = "rejected.csv", "screening-log.csv"
# What is told of people by their pseudonyms alone.
TOLD = ("standing", "verdict", "deciding_reasons", "all_reasons", "missing_items", "alerts", "not_before")
_NAMED = ("pseudonym", "standing", "verdict")
_BATCH = 100_000


def is_run(folder: Path) -> bool:
    """Whether a path is the folder of a run."""
    return folder.is_dir() and (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> dict[str, Any]:
    """The manifest of a run. Raises UnreadableRecord where the folder holds none, or one of another release."""
    named = "".join(c if c.isprintable() else "?" for c in str(folder)[:200])
    if not is_run(folder):
        raise UnreadableRecord(f"`{named}` holds no `{MANIFEST}`; it is made by `screening cohort --out`")
    try:
        data = json.loads((folder / MANIFEST).read_bytes())
        if str(data.get("format", "")).startswith("screening-prepared"):
            what = f"`{named}` is a prepared cohort, nobody of it is screened yet"
            raise UnreadableRecord(f"{what}; run `screening cohort {named} --out DIR` first")
        if data["cohort"] == FORMAT:
            return dict(data)
    except (ValueError, KeyError, TypeError, AttributeError):
        pass
    raise UnreadableRecord(f"the manifest of `{named}` is broken, or was written by another release")


def rows(folder: Path) -> Iterator[Row]:
    """The people of a run, in the order of its source. Raises UnreadableRecord at a broken line."""
    with open(folder / DATA, encoding="utf-8") as file:
        for number, text in enumerate(file, 1):
            try:
                yield row_from(json.loads(text))
            except (ValueError, KeyError, TypeError):
                raise UnreadableRecord(
                    f"line {number} of `{DATA}` is broken; run `screening cohort` again"
                ) from None


def row_of(folder: Path, id: str) -> Row:
    """The row of one person. Raises UnreadableRecord where there is none of that id."""
    # INVARIANT: `outcome.row.row_data` begins with the id, so that other lines need not be read.
    begins = f'{{"id":{json.dumps(id, ensure_ascii=False)},'
    with open(folder / DATA, encoding="utf-8") as file:
        for text in file:
            if text.startswith(begins):
                return row_from(json.loads(text))
    raise UnreadableRecord("no row of that id; it is in `rejected.csv`, or not in the source")


def frame(folder: Path, columns: Sequence[str]) -> polars.LazyFrame:
    """The rows of a run in columns of text, read as they are needed; an id is as the source writes it.

    Raises UnreadableRecord where the table lacks a column.
    """
    import polars as pl

    path = folder / ROWS
    try:
        rows = pl.scan_csv(path, infer_schema=False)
        lacking = [name for name in columns if name not in rows.collect_schema().names()]
    except (OSError, pl.exceptions.PolarsError):
        raise broken() from None
    if lacking:
        raise broken()
    rows = rows.select(pl.col(columns).fill_null(""))
    return rows.with_columns(_as_written(pl.col(name)) for name in ("id", "sex") if name in columns)


def _as_written(cell: polars.Expr) -> polars.Expr:
    """A cell as it was before it was made safe for spreadsheets: `as_written`, for a whole column."""
    import polars as pl

    return pl.when(cell.str.contains(QUOTED_PATTERN)).then(cell.str.slice(1)).otherwise(cell)


def ids(folder: Path) -> Iterator[str]:
    """The ids of everybody of a run, so many at a time that they are never held as a whole."""
    with reading():
        rows = frame(folder, ["id"])
        for batch in rows.collect_batches(chunk_size=_BATCH, maintain_order=True, engine="streaming"):
            yield from batch["id"]


def present(folder: Path, ids: Collection[str]) -> frozenset[str]:
    """Those of these people who have a row in a run."""
    import polars as pl

    if not ids:
        return frozenset()
    with reading():
        rows = frame(folder, ["id"]).filter(pl.col("id").is_in(sorted(ids)))
        return frozenset(rows.collect(engine="streaming")["id"])


def of_standing(folder: Path, columns: Sequence[str], standing: str) -> Iterator[dict[str, str]]:
    """The rows of one standing, in the order of the source, as cells by column; no other row is held."""
    import polars as pl

    with reading():
        rows = frame(folder, columns).filter(pl.col("standing") == standing).collect(engine="streaming")
    return rows.iter_rows(named=True)


def everybody(folder: Path) -> Iterator[tuple[str, ...]]:
    """Everybody of a run by pseudonym, in the order of the source: the pseudonym, then the cells of `TOLD`.

    Raises UnreadableRecord where rows and screening log are not of the same people.
    """
    import polars as pl

    with reading():
        rows = frame(folder, TOLD).collect(engine="streaming")
        log = (
            pl.scan_csv(folder / LOG, infer_schema=False).select(_NAMED).fill_null("").collect(engine="streaming")
        )
    if log.height != rows.height or not log.select(_NAMED[1:]).equals(rows.select(_NAMED[1:])):
        raise UnreadableRecord(f"`{LOG}` and `{ROWS}` are not of the same people; run `screening cohort` again")
    return rows.insert_column(0, log["pseudonym"]).iter_rows()


def other_than(rows: polars.LazyFrame, column: str, word: str) -> polars.DataFrame:
    """The rows that hold another word in a column, in the order of their ids."""
    import polars as pl

    return rows.filter(pl.col(column) != word).sort("id").collect(engine="streaming")


@contextmanager
def reading() -> Iterator[None]:
    """While rows are read: a row that is none is told as such."""
    import polars as pl

    try:
        yield
    except (pl.exceptions.PolarsError, OSError):
        raise broken() from None


def broken() -> UnreadableRecord:
    """What is said of rows that cannot be those of a run."""
    return UnreadableRecord(f"`{ROWS}` is broken, or not that of its manifest; run `screening cohort` again")
