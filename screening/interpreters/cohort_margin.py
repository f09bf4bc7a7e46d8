"""How far from its limit a number lies that bars, in columns: for near misses over a whole cohort.

It is the distance that `outcome/margin.py` tells of one person, of the same comparisons.

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
from screening.language.expression import Expression
from screening.language.library import Library
from screening.record.tables import Tables

MEMORY = 2**30
SUBJECT, ODD = "subject", "odd"


def margins(
    library: Library,
    tables: Tables,
    as_of: datetime.date,
    comparisons: Sequence[Comparison],
    memory: int = MEMORY,
) -> pl.DataFrame:
    """`id`, `subject` (the key), for each comparison by its number the distance of the value from its limit, null
    where it does not bear, and `odd`, of whom the law has to be asked.

    A comparison that columns do not speak has no column.
    """
    meaning = Meaning(library, tables, as_of)
    columns = [pl.col(tables.id).alias("id"), pl.col(tables.key).alias(SUBJECT)]
    for number, comparison in enumerate(comparisons):
        try:
            columns.append(_margin(meaning, comparison).alias(str(number)))
        except UnsupportedError:
            continue
    odd = [each for found in meaning.odd.values() for each in found.values()]
    columns.append((pl.any_horizontal(odd).fill_null(False) if odd else pl.lit(False)).alias(ODD))
    slices = Slices(meaning.people, columns)
    return pl.concat(slices.frame(among) for among in slices.among(slices.at_once(memory)))


def _margin(meaning: Meaning, comparison: Comparison) -> pl.Expr:
    value, limit = meaning.value(comparison.value), meaning.value(comparison.limit)
    assert isinstance(value, Ordered)
    assert isinstance(limit, Ordered)
    bears = kleene.conjoined(_is(meaning, *each) for each in (*comparison.through, _itself(comparison)))
    (low, high), (least, most) = values.ends(value), values.ends(limit)
    distance = pl.max_horizontal((low - most).cast(pl.Float64), (least - high).cast(pl.Float64), pl.lit(0.0))
    return pl.when(kleene.column(bears)).then(distance)


def _itself(comparison: Comparison) -> tuple[Expression, bool]:
    return comparison.node, comparison.against


def _is(meaning: Meaning, node: Expression, wanted: bool) -> kleene.Plain:
    truth = meaning.value(node)
    assert not isinstance(truth, Ordered)
    return kleene.is_true(truth) if wanted else kleene.is_false(truth)  # type: ignore[arg-type]
