"""The benchmark protocol written by hand once more, for both engines, better than the shared forms of it.

A trial is of one class, so a row can bear on one criterion only: one code a row instead of three conditions, rows
that bear on none are dropped before the aggregate, and the mechanisms are bits of one number. Polars reads the
words as an `Enum`. The output is that of the shared forms: id, verdict, one nullable Boolean a criterion.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

CLASSES = ("csDMARD", "TNFi", "IL6i", "CD20", "CTLA4", "JAKi", "NSAID", "opioid", "SNRI", "gabapentinoid")
OUTCOMES = ("inadequate_response", "intolerance", "response", "ongoing")
# The bit of a class: csDMARD the lowest, then the five mechanisms, then all analgesics together.
BITS = tuple(1 << position if position < 6 else 64 for position in range(len(CLASSES)))
MECHANISMS = sum(BITS[1:6])


def better_polars(shared: Any, folder: Path, out: Path) -> None:
    """`shared` is the module with the forms that are given; the plain criteria and the verdict are its own."""
    import polars as pl

    column = pl.col
    words = pl.scan_parquet(folder / "trials.parquet").select(
        "patient_id",
        kind=column("drug_class").cast(pl.Enum(CLASSES)).to_physical(),
        long=column("weeks") >= 12,
        failed=column("outcome").cast(pl.Enum(OUTCOMES)).to_physical() < 2,
    )
    bit = pl.lit(64, pl.UInt8)
    for position in range(6):
        bit = pl.when(column("kind") == position).then(pl.lit(BITS[position], pl.UInt8)).otherwise(bit)
    rows = words.select(
        "patient_id", maybe=bit, counts=((column("kind") >= 6) | column("long")) & column("failed")
    ).filter(column("counts").fill_null(True))
    sure, analgesic = column("counts").fill_null(False), column("maybe") == 64
    people = (
        rows.select(
            "patient_id",
            "maybe",
            sure=pl.when(sure).then(column("maybe")).otherwise(0).cast(pl.UInt8),
            few=analgesic & sure,
            many=analgesic,
        )
        .group_by("patient_id")
        .agg(column("maybe").bitwise_or(), column("sure").bitwise_or(), column("few").sum(), column("many").sum())
    )
    maybe, sure, few, many = (column(name).fill_null(0) for name in ("maybe", "sure", "few", "many"))
    of_one = {
        "I4": pl.when(sure & 1 == 1).then(True).when(maybe & 1 == 0).then(False),
        "I5": shared.pl_atl(
            pl, (sure & MECHANISMS).bitwise_count_ones(), (maybe & MECHANISMS).bitwise_count_ones(), 2
        ),
        "I8": shared.pl_atl(pl, few, many, 2),
    }
    criteria = {**shared.pl_exprs()[2], **of_one}
    joined = pl.scan_parquet(folder / "patients.parquet").join(
        people, on="patient_id", how="left", maintain_order="left"
    )
    statuses = joined.select("patient_id", **{name: criteria[name] for name in shared.NAMES})
    shared.pl_final(pl, statuses, "wide").sink_parquet(out)


def better_duckdb(shared: Any, folder: Path, out: Path) -> None:
    """The same as one statement."""
    kind = " ".join(f"WHEN '{name}' THEN {bit}" for name, bit in zip(CLASSES, BITS, strict=True))
    people = f"""
        SELECT patient_id, bit_or(CASE WHEN counts THEN maybe ELSE 0 END) sure, bit_or(maybe) maybe,
               count(*) FILTER (maybe = 64 AND counts) few, count(*) FILTER (maybe = 64) many
        FROM (SELECT patient_id, (CASE drug_class {kind} ELSE 0 END)::UTINYINT maybe,
                     CASE WHEN maybe = 64 THEN {shared.FAILED} ELSE {shared.FAILED} AND {shared.W} END counts
              FROM '{folder}/trials.parquet')
        WHERE maybe > 0 AND counts IS NOT FALSE GROUP BY 1"""
    sure, maybe, few, many = (f"coalesce({name}, 0)" for name in ("sure", "maybe", "few", "many"))
    bits = (f"bit_count(({value} & {MECHANISMS})::UTINYINT)" for value in (sure, maybe))
    of_one = {
        "I4": f"CASE WHEN ({sure} & 1) > 0 THEN true WHEN ({maybe} & 1) = 0 THEN false END",
        "I5": shared.atl(*bits, 2),
        "I8": shared.atl(few, many, 2),
    }
    criteria = {**shared.SCALAR, **of_one}
    statuses = f"""
        SELECT p.patient_id, {", ".join(f"{criteria[name]} AS {name}" for name in shared.NAMES)}
        FROM '{folder}/patients.parquet' p LEFT JOIN ({people}) t ON p.patient_id = t.patient_id"""
    shared.run_ddb(shared.final(statuses, "wide"), out)
