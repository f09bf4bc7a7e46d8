"""A cohort in tables: columns in, columns of truths out, streaming on one machine.

The meaning of each node is said again in `cohort_meaning`; here stand the query that is made of a library, and the
row of each person that is read off it. Nothing is collected here: both answers are lazy frames.

What columns cannot say exactly is never guessed: the person is odd, and the law has to be asked.
"""

from __future__ import annotations

import datetime
import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl

from screening.interpreters import (
    cohort_days,
    cohort_distinct,
    cohort_lists,
    cohort_number,
    cohort_rows,
    cohort_selection,
    cohort_value,
)
from screening.interpreters import cohort_truth as kleene
from screening.interpreters.cohort_meaning import Meaning
from screening.interpreters.cohort_row import row_columns, verdict_column
from screening.interpreters.cohort_slices import Slices
from screening.language.library import Library
from screening.record.tables import SUBJECT, Tables

ENGINE = "polars"
ODD = "odd"
MEMORY = 2**30
# Rows that stand together in a file: what reads it holds several such groups at once.
GROUP = 16_384
# Why the law has to be asked about somebody: all that columns do not say exactly.
ODDITIES = (
    cohort_lists.NOT_FITTING,
    cohort_lists.UNEXPLAINED,
    cohort_lists.DENIED_OFTEN,
    cohort_rows.MAY_BE_ONE,
    cohort_distinct.OTHER_KEY,
    cohort_distinct.SYSTEMS,
    cohort_distinct.THREE_SYSTEMS,
    cohort_selection.SEVERAL,
    cohort_value.NEAR_LIMIT,
    cohort_number.NEAR_ZERO,
    cohort_number.ALIKE,
    cohort_number.TIE,
    cohort_number.TOO_LARGE,
    cohort_number.MANY_DECIMALS,
    cohort_days.CALENDAR,
)


class Query:
    """A library over the tables of a cohort on one day."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date) -> None:
        self.library, self.tables, self.as_of = library, tables, as_of

    def truths(self) -> pl.LazyFrame:
        """`id`, `verdict`, a nullable Boolean for each criterion, and `odd` where anybody can be."""
        meaning = Meaning(self.library, self.tables, self.as_of)
        made = {c.id: kleene.column(meaning.truth(c.id)) for c in self.library.criteria}
        verdict = verdict_column(meaning)
        odd = _odd(meaning)
        columns = [pl.col(self.tables.id).alias("id"), verdict.alias("verdict")]
        columns += [truth.alias(id) for id, truth in made.items()]
        return _selected(meaning, [*columns, *([] if odd is None else [odd.alias(ODD)])])

    def rows(self) -> pl.LazyFrame:
        """One row a person, as `outcome.row` tells it; `subject` is the key that entries name the person by."""
        meaning = Meaning(self.library, self.tables, self.as_of)
        return _selected(meaning, self._row(meaning))

    def _row(self, meaning: Meaning) -> list[pl.Expr]:
        made = row_columns(meaning)
        odd = _odd(meaning)
        columns = [pl.col(self.tables.id).alias("id")]
        columns += [column.alias(name) for name, column in made.items()]
        columns.append(pl.col(self.tables.key).alias(SUBJECT))
        return [*columns, (pl.lit(False) if odd is None else odd).alias(ODD)]

    def write(self, out: Path, memory: int = MEMORY) -> dict[str, int]:
        """Writes `rows` into a Parquet file, some people at a time; how many are odd for each reason.

        About so many bytes of memory are used; whatever they are, the rows are the same.
        """
        meaning = Meaning(self.library, self.tables, self.as_of)
        columns = self._row(meaning)
        reasons = tuple(meaning.odd)
        flags = [pl.any_horizontal(list(meaning.odd[reason].values())).fill_null(False) for reason in reasons]
        flagged = [flag.alias(f"odd {n}") for n, flag in enumerate(flags)]
        slices = Slices(meaning.people, [*columns, *flagged])
        counted: Counter[str] = Counter()
        with tempfile.TemporaryDirectory(prefix="slices-", dir=out.parent) as folder:
            parts = []
            for number, among in enumerate(slices.among(slices.at_once(memory))):
                made = slices.frame(among)
                counted.update({reason: made[f"odd {n}"].sum() for n, reason in enumerate(reasons)})
                parts.append(Path(folder) / f"{number:06}.parquet")
                made = made.drop(f"odd {n}" for n in range(len(reasons)))
                made.write_parquet(parts[-1], compression="lz4", row_group_size=GROUP)
            every = pl.scan_parquet(parts)
            every.sink_parquet(out, compression="lz4", row_group_size=GROUP, maintain_order=True)
        return dict(+counted)

    def odd_people(self) -> pl.LazyFrame:
        """The keys of those whom the law has to be asked about: one column, `subject`."""
        return self.rows().filter(pl.col(ODD)).select(SUBJECT)

    def oddities(self) -> pl.LazyFrame:
        """How many people are odd for each reason: one row, one column a reason; some count twice."""
        meaning = Meaning(self.library, self.tables, self.as_of)
        row_columns(meaning)
        counted = {
            reason: pl.any_horizontal(list(each.values())).fill_null(False).sum()
            for reason, each in meaning.odd.items()
        }
        if not counted:
            return pl.LazyFrame()
        return _selected(meaning, [counted_.alias(reason) for reason, counted_ in counted.items()])


def _selected(meaning: Meaning, columns: list[pl.Expr]) -> pl.LazyFrame:
    wanted = {name for column in columns for name in column.meta.root_names()}
    return meaning.people.frame(wanted).select(columns)


def _odd(meaning: Meaning) -> pl.Expr | None:
    every = [each for found in meaning.odd.values() for each in found.values()]
    return pl.any_horizontal(every).fill_null(False) if every else None


def compile(library: Library, tables: Tables, as_of: datetime.date) -> Query:
    """The query of a library over tables on one day.

    Raises UnsupportedError, naming the place, for what columns do not say at all: then everybody is
    screened one by one.
    """
    query = Query(library, tables, as_of)
    meaning = Meaning(library, tables, as_of)
    verdict_column(meaning)
    for criterion in library.criteria:
        meaning.truth(criterion.id)
        if criterion.alert is not None:
            meaning.truth(criterion.alert.definition)
    return query


def reasons(query: Query) -> Mapping[str, int]:
    """How many people are odd for each reason."""
    found = query.oddities().collect(engine="streaming")
    return {name: int(found[name][0]) for name in found.columns}
