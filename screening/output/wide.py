"""The rows of a run in columns: what a query over tables found, completed and written without a row in Python.

The query's rows stand in a Parquet file in the order of the source. People who were screened one by one, because
columns do not say everything of them or to hold the query against the whole path, replace their rows here.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from screening.errors import DefectError
from screening.outcome.row import COLUMNS_AFTER, COLUMNS_BEFORE, NOT_SCREENED, Row, cells, columns

if TYPE_CHECKING:
    import polars

KEY, ODD, POSITION = "subject", "odd", "position"
# Rows that stand together in a file, whose reader holds several such groups at once; rows in memory as text.
GROUP, PIECE = 16_384, 65_536
_LISTED = ("NOT RULED OUT",)
_LISTS = ("deciding_reasons", "all_reasons", "missing_items", "alerts", "anchor_evidence")
_ROLES = ("deciding", "reasons", "missing", "alerts", "evidence")
# As `output.table` writes a cell: nothing that a spreadsheet would run.
_RUN = "^ *[=+\\-@\\t\\r\\n＝＋－＠]"  # noqa: RUF001


def numbered(found: Path) -> polars.LazyFrame:
    """The rows of a query with their number in the source, from 0."""
    import polars

    return polars.scan_parquet(found).with_row_index(POSITION)


def number_of(found: Path) -> int:
    """How many people there are."""
    import polars

    return int(polars.scan_parquet(found).select(polars.len()).collect().item())


def in_order(found: Path, people: Path, key: str) -> None:
    """Puts rows that a database wrote in the order of their keys into that of the table of people."""
    import polars as pl

    order = pl.scan_parquet(people).select(pl.col(key).alias(KEY))
    if order.collect_schema()[KEY].is_integer():
        return  # the numbers of people ascend
    names = pl.scan_parquet(found).collect_schema().names()
    made = found.with_name(f"{found.name}.ordered")
    order.join(pl.scan_parquet(found), on=KEY, how="left", maintain_order="left").select(names).sink_parquet(
        made, compression="lz4", row_group_size=GROUP, maintain_order=True
    )
    os.replace(made, found)


def one_by_one(found: Path, held_first: int, held_every: int, most_listed: int) -> polars.DataFrame:
    """Who is screened one by one: `subject`, `id`, `position`, `odd`, `held`, in the order of the source.

    Those whom columns do not say everything of; of the others a sample, and everybody whom somebody is to look at,
    up to `most_listed` of them, the first of the source.
    """
    import polars as pl

    is_held = (pl.col(POSITION) < held_first) | (pl.col(POSITION) % held_every == 0)
    listed = numbered(found).filter(pl.col("standing").is_in(_LISTED)).select(POSITION).head(most_listed).collect()
    is_listed = pl.col(POSITION).is_in(listed[POSITION].implode())
    return (
        numbered(found)
        .select(KEY, "id", POSITION, ODD, held=is_held | is_listed)
        .filter(pl.col(ODD) | pl.col("held"))
        .collect(engine="streaming")
    )


def rows_of(found: Path, keys: polars.Series, criteria: tuple[str, ...]) -> Iterator[tuple[Any, Row]]:
    """The rows that the query made of some people, by their keys; anchors' evidence is not among them."""
    import polars as pl

    frame = pl.scan_parquet(found).filter(pl.col(KEY).is_in(keys.implode())).collect(engine="streaming")
    for data in frame.iter_rows(named=True):
        lists = {name: tuple(data[name].split("|")) if data[name] else () for name in _LISTS[:-1]}
        yield (
            data[KEY],
            Row(
                id=data["id"],
                standing=data["standing"],
                verdict=data["verdict"],
                criteria=tuple((id, data[id]) for id in criteria),
                deciding=lists["deciding_reasons"],
                reasons=lists["all_reasons"],
                missing=lists["missing_items"],
                alerts=lists["alerts"],
                not_before=data["not_before"],
                age_years=data["age_years"],
                sex=data["sex"],
            ),
        )


def completed(found: Path, own: Iterable[tuple[Any, Row]], criteria: tuple[str, ...], out: Path) -> None:
    """All rows as one Parquet file, those of people screened one by one in the place of the query's.

    INVARIANT: nobody whose row is odd keeps the query's row. Raises DefectError where one would.
    """
    import polars as pl

    names = columns(criteria)
    kept = [(key, cells(row, criteria), row.place) for key, row in own]
    schema = pl.scan_parquet(found).collect_schema()
    own_rows = pl.DataFrame(
        {
            KEY: pl.Series([key for key, _, _ in kept], dtype=schema[KEY]),
            **{
                f"own {name}": pl.Series([each[at] for _, each, _ in kept], dtype=pl.String)
                for at, name in enumerate(names)
            },
            "own place": pl.Series([place for _, _, place in kept], dtype=pl.String),
        }
    )
    odd = pl.scan_parquet(found).filter(ODD).select(KEY).collect(engine="streaming")
    if odd.join(own_rows, on=KEY, how="anti").height:
        raise DefectError("somebody whom columns do not say everything of was not screened; nothing was written")
    said = [pl.coalesce(f"own {name}", name).alias(name) for name in (*names, "place")]
    with tempfile.TemporaryDirectory(prefix=".rows-", dir=out.parent) as work:
        parts = []
        for number, piece in enumerate(_pieces(found)):
            every = piece.with_columns(anchor_evidence=pl.lit(""), place=pl.lit(""))
            joined = every.join(own_rows.lazy(), on=KEY, how="left", maintain_order="left")
            parts.append(Path(work) / f"{number:06}.parquet")
            joined.select(said).collect().write_parquet(parts[-1], compression="lz4", row_group_size=GROUP)
        made = pl.scan_parquet(parts)
        made.sink_parquet(_private(out), compression="zstd", row_group_size=GROUP, maintain_order=True)


def counted(rows: Path) -> dict[str, Any]:
    """How many people of each standing and verdict, how many with an alert, and who was not screened."""
    import polars as pl

    every = pl.scan_parquet(rows)

    def each(name: str) -> dict[str, int]:
        found = every.group_by(name).len().collect(engine="streaming")
        return {str(word): int(number) for word, number in sorted(found.iter_rows())}

    alerts = every.select((pl.col("alerts") != "").sum()).collect(engine="streaming").item()
    faults = every.filter(pl.col("verdict") == NOT_SCREENED).select("id", "place").collect(engine="streaming")
    return {
        "standing": each("standing"),
        "verdict": each("verdict"),
        "people_with_alerts": int(alerts),
        "not_screened": [(str(id), str(place)) for id, place in faults.iter_rows()],
    }


def write_table(rows: Path, criteria: tuple[str, ...], out: Path) -> None:
    """The rows as CSV, as `output.table` writes them one by one."""

    with _opened(out) as file:
        for number, piece in enumerate(_pieces(rows)):
            _as_csv(piece.select(_neutral(name) for name in columns(criteria)), file, number == 0)


def write_lines(rows: Path, criteria: tuple[str, ...], out: Path) -> None:
    """The rows as JSON Lines, in the form of `outcome.row.row_data`."""
    import polars as pl

    def listed(name: str, role: str) -> pl.Expr:
        split = (
            pl.when(pl.col(name) == "")
            .then(pl.lit([], dtype=pl.List(pl.String)))
            .otherwise(pl.col(name).str.split("|"))
        )
        return split.alias(role)

    with _opened(out) as file:
        for piece in _pieces(rows):
            made = piece.select(
                *COLUMNS_BEFORE,
                pl.struct(criteria).alias("criteria"),
                *(listed(name, role) for name, role in zip(_LISTS, _ROLES, strict=True)),
                *COLUMNS_AFTER[len(_LISTS) :],
                "place",
            )
            made.collect().write_ndjson(file)


def write_parquet(lines: Path, criteria: tuple[str, ...], out: Path) -> None:
    """Rows that were written as JSON Lines as Parquet: a text for each column of the CSV, and `place`."""
    import polars as pl

    roles = dict(zip(_LISTS, _ROLES, strict=True))
    texts = (*COLUMNS_BEFORE, *COLUMNS_AFTER[len(_LISTS) :], "place")
    schema = {name: pl.String() for name in texts} | {role: pl.List(pl.String) for role in _ROLES}
    held = {**schema, "criteria": pl.Struct(dict.fromkeys(criteria, pl.String))}
    said = [
        pl.col(roles[name]).list.join("|").alias(name)
        if name in roles
        else pl.col("criteria").struct.field(name).fill_null("")
        if name in criteria
        else pl.col(name)
        for name in (*columns(criteria), "place")
    ]
    made = pl.scan_ndjson(lines, schema=held).select(said)
    made.sink_parquet(_private(out), compression="zstd", row_group_size=GROUP)


def _pieces(rows: Path, *beside: Path) -> Iterator[polars.LazyFrame]:
    """So many rows of a file at a time as one piece of text needs; with columns of further files beside them."""
    import polars as pl

    for first in range(0, max(1, number_of(rows)), PIECE):
        files = [pl.scan_parquet(path).slice(first, PIECE) for path in (rows, *beside)]
        yield pl.concat(files, how="horizontal") if beside else files[0]


def _as_csv(piece: polars.LazyFrame, file: IO[bytes], is_first: bool) -> None:
    piece.collect().write_csv(file, include_header=is_first, line_terminator="\r\n")


def _opened(path: Path) -> IO[bytes]:
    """A new file that only its owner may read."""
    return open(_private(path), "wb")


def _private(path: Path) -> Path:
    """A new empty file that only its owner may read; what is written into it stays so."""
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    return path


def write_log(
    rows: Path,
    pseudonyms: Path,
    rescreened: Path,
    fixed: Mapping[str, str],
    texts: Mapping[str, str],
    decided: Mapping[str, Mapping[str, str]],
    out: Path,
) -> None:
    """The screening log: `fixed` has every column in the order of the log, with what is the same for everybody.

    `texts` is the text of each criterion, `decided` the cells of what was decided of a person; `pseudonyms` is a
    Parquet file of them and of the ids that they are of (`listed`), in the order of the rows, `rescreened` one of
    the screenings that were before theirs.
    """
    import polars as pl

    first = pl.col("deciding_reasons").str.split("|").list.first().fill_null("")
    own = {
        "screening_id": pl.concat_str("pseudonym", pl.lit("/" + fixed["as_of_date"])),
        "pseudonym": pl.col("pseudonym"),
        "age_years": pl.col("age_years"),
        "sex_at_birth": pl.col("sex"),
        "standing": pl.col("standing"),
        "verdict": pl.col("verdict"),
        "primary_reason_code": first,
        "primary_reason_text": first.replace_strict(dict(texts), default="", return_dtype=pl.String),
        "all_reason_codes": pl.col("all_reasons"),
        "missing_fields": pl.col("missing_items"),
        "earliest_eligible_date": pl.col("not_before"),
        "rescreen_of": pl.col("rescreen_of"),
    }
    names = sorted({name for cells in decided.values() for name in cells})
    own |= {name: pl.col(f"decided {name}").fill_null("") for name in names}
    held = {
        "id": list(decided),
        **{f"decided {name}": [cells[name] for cells in decided.values()] for name in names},
    }
    decisions = pl.DataFrame(held, schema=dict.fromkeys(held, pl.String)).lazy()
    named = [(own[name] if name in own else pl.lit(value)).alias(name) for name, value in fixed.items()]
    with _opened(out) as file:
        for number, piece in enumerate(_pieces(rows, pseudonyms, rescreened)):
            wrong = piece.filter(pl.col("id").ne_missing(pl.col("listed"))).select(pl.len()).collect().item()
            if wrong:
                raise DefectError("somebody would be named by the pseudonym of another; nothing was written")
            joined = piece.join(decisions, on="id", how="left", maintain_order="left")
            _as_csv(joined.select(named).select(_neutral(name) for name in fixed), file, number == 0)


def _neutral(name: str) -> polars.Expr:
    import polars as pl

    cell = pl.col(name).str.replace_all("\0", "\\x00", literal=True)
    # An empty text is an empty cell, which is written without quotes as a null is.
    empty = pl.when(cell == "").then(None)
    return empty.when(cell.str.contains(_RUN)).then(pl.lit("'") + cell).otherwise(cell).alias(name)
