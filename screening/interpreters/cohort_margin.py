"""How far from its limit a number lies that bars, in columns: for near misses over a whole cohort.

Only told of people, never decided by: a number that is calculated in doubles is near enough for that.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import polars as pl

from screening.errors import UnsupportedError
from screening.interpreters import cohort_truth as kleene
from screening.interpreters import cohort_value as values
from screening.interpreters.cohort_meaning import Meaning
from screening.interpreters.cohort_slices import Slices
from screening.interpreters.cohort_value import Ordered
from screening.language.bars import Comparison
from screening.language.library import Library
from screening.record.tables import Tables

MEMORY = 2**30


def margins(
    library: Library,
    tables: Tables,
    as_of: datetime.date,
    comparisons: Sequence[Comparison],
    memory: int = MEMORY,
) -> pl.DataFrame:
    """`id`, and for each comparison by its number how far beyond the limit the value lies; null where it is not.

    A comparison that columns do not speak has no column.
    """
    meaning = Meaning(library, tables, as_of)
    columns = [pl.col(tables.id).alias("id")]
    for number, comparison in enumerate(comparisons):
        try:
            columns.append(_margin(meaning, comparison).alias(str(number)))
        except UnsupportedError:
            continue
    slices = Slices(meaning.people, columns)
    return pl.concat(slices.frame(among) for among in slices.among(slices.at_once(memory)))


def _margin(meaning: Meaning, comparison: Comparison) -> pl.Expr:
    truth = meaning.value(comparison.node)
    value, limit = meaning.value(comparison.value), meaning.value(comparison.limit)
    assert isinstance(value, Ordered)
    assert isinstance(limit, Ordered)
    assert not isinstance(truth, Ordered)
    is_against = kleene.is_true(truth) if comparison.against else kleene.is_false(truth)  # type: ignore[arg-type]
    (low, high), (least, most) = values.ends(value), values.ends(limit)
    beyond = pl.max_horizontal((low - most).cast(pl.Float64), (least - high).cast(pl.Float64), pl.lit(0.0))
    return pl.when(kleene.column(is_against)).then(beyond)
