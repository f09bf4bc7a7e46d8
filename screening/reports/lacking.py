"""The rows of a run counted for questions to a cohort: who lacks what, whom one bar keeps out, whom time lets
in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screening.outcome.collecting import Lacking
from screening.outcome.determination import Standing, Verdict

if TYPE_CHECKING:
    import polars

OPEN = (Verdict.UNDETERMINED.value, Verdict.REVIEW.value)
COLUMNS = ("id", "standing", "verdict", "deciding_reasons", "missing_items", "not_before")
_SEPARATOR = "|"


def lacking(
    rows: polars.DataFrame, manifest: Mapping[str, Any], inputs: Mapping[str, frozenset[str]]
) -> list[Lacking]:
    """People whose verdict is open and who lack an item, those who are alike together.

    `inputs` has what each criterion rests on.
    """
    import polars as pl

    deciding = [each["id"] for each in manifest["criteria"] if each["strength"] != "relative"]
    arranged = [each["id"] for each in manifest["criteria"] if each["strength"] == "administrative"]
    names = [pl.when(pl.col(id) == "UNKNOWN").then(pl.lit(id)) for id in deciding]
    unknown = pl.concat_str(names, separator=_SEPARATOR, ignore_nulls=True) if names else pl.lit("")
    waits = pl.any_horizontal(pl.col(id) == "FALSE" for id in arranged) if arranged else pl.lit(False)
    people = rows.filter(pl.col("verdict").is_in(OPEN) & (pl.col("missing_items") != ""))
    is_anchored = pl.col("standing") == Standing.NOT_RULED_OUT.value
    grouped = people.group_by(
        "missing_items", unknown.alias("unknown"), is_anchored.alias("anchored"), waits.alias("waits")
    ).len()
    made = []
    for missing, open_, anchored, is_waiting, number in grouped.sort("missing_items", "unknown").iter_rows():
        items = frozenset(missing.split(_SEPARATOR))
        below = frozenset[str]().union(*(inputs[id] for id in open_.split(_SEPARATOR) if id))
        made.append(Lacking(items, items & below, number, anchored, not is_waiting))
    return made


def open_people(rows: polars.DataFrame) -> int:
    """People whose verdict is open."""
    import polars as pl

    return rows.filter(pl.col("verdict").is_in(OPEN)).height


def one_bar(rows: polars.DataFrame) -> polars.DataFrame:
    """`id` and `criterion` of the people whom exactly one bar rules out."""
    import polars as pl

    single = (pl.col("verdict") == Verdict.INELIGIBLE.value) & ~pl.col("deciding_reasons").str.contains(
        _SEPARATOR, literal=True
    )
    return rows.filter(single).select("id", pl.col("deciding_reasons").alias("criterion"))


def by_month(rows: polars.DataFrame) -> dict[str, int]:
    """People all of whose bars end by their dates, by the month before which none of them does."""
    import polars as pl

    dated = rows.filter((pl.col("verdict") == Verdict.INELIGIBLE.value) & (pl.col("not_before") != ""))
    counted = dated.group_by(pl.col("not_before").str.slice(0, 7).alias("month")).len()
    return dict(sorted(counted.iter_rows()))


def columns(manifest: Mapping[str, Any]) -> list[str]:
    """The columns of a run that are looked at."""
    return [*COLUMNS, *(each["id"] for each in manifest["criteria"])]


def by_criterion(near: polars.DataFrame, order: Sequence[str]) -> dict[str, int]:
    """How many people each criterion alone rules out, in the order of the protocol."""
    counts = Counter(near["criterion"].to_list())
    return {id: counts[id] for id in order if counts[id]}
