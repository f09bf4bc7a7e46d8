"""Rows in columns: which count, which may count, what denies them; existence, counts and values over them.

A list of entries is reduced to columns of its person. A requirement that a column of the people's table answers is
a list of one entry or none, of which every reduction is the entry itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import polars as pl

from screening.interpreters.cohort_number import exact_mean, exact_sum
from screening.interpreters.cohort_tables import Child, People
from screening.interpreters.cohort_truth import (
    Known,
    Plain,
    column,
    conjoined,
    disjoined,
    negated,
    of_planes,
)
from screening.interpreters.cohort_value import UNKNOWN, Doubt, Ordered, end_column, ends, of_bounds
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass

MAY_BE_ONE = "entries of which the columns do not say whether they are one"


class Rows(Protocol):
    """Entries that are reduced to one value a person."""

    def keep(self, made_of: pl.Expr) -> pl.Expr:
        """A column of the entries."""

    def beside(self, value: pl.Expr, where: Plain, least: bool = False) -> pl.Expr:
        """The greatest (or least) of the values, beside each of the entries."""

    def total(self, where: Plain) -> pl.Expr | int:
        """How many there are."""

    def some(self, where: Plain) -> Plain:
        """Whether there is any."""

    def most(self, value: pl.Expr, where: Plain) -> pl.Expr:
        """The greatest of the values; null if there is none."""

    def least(self, value: pl.Expr, where: Plain) -> pl.Expr:
        """The least of the values; null if there is none."""

    def sum(self, value: pl.Expr, where: Plain) -> pl.Expr:
        """The sum of the values that are not null."""

    def different(self, value: pl.Expr, where: Plain) -> pl.Expr:
        """How many different values there are; null is none."""

    def union(self, bits: pl.Expr, where: Plain) -> pl.Expr:
        """The bits that are set in any of them."""


def _when(where: Plain, value: pl.Expr) -> pl.Expr:
    return value if where is True else pl.when(column(where)).then(value)


class Entered:
    """The entries of a table; whatever is asked of those of a query bears on those that may count alone."""

    def __init__(self, child: Child, within: Plain | None = None) -> None:
        self.child, self.within = child, within

    def ask(self, reduced: pl.Expr, where: Plain) -> pl.Expr:
        """What they come to; `where` is which of them it is about."""
        return self.child.ask(reduced, where if self.within is None else self.within)

    def keep(self, made_of: pl.Expr) -> pl.Expr:
        return self.child.keep(made_of)

    def beside(self, value: pl.Expr, where: Plain, least: bool = False) -> pl.Expr:
        taken = self.child.keep(_when(where, value))
        return self.child.over(taken.min() if least else taken.max())

    def total(self, where: Plain) -> pl.Expr | int:
        if isinstance(where, bool):
            return self.ask(pl.len(), True).fill_null(0).cast(pl.Int64) if where else 0
        return self.ask(where.sum(), where).fill_null(0).cast(pl.Int64)

    def some(self, where: Plain) -> Plain:
        if isinstance(where, bool):
            return self.ask(pl.len(), True).is_not_null() if where else False
        return self.ask(where.any(), where).fill_null(False)

    def most(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return self.ask(_when(where, value).max(), where)

    def least(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return self.ask(_when(where, value).min(), where)

    def sum(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return self.ask(_when(where, value).sum(), where).fill_null(0)

    def different(self, value: pl.Expr, where: Plain) -> pl.Expr:
        taken = self.child.keep(_when(where, value))
        counted = self.ask(taken.n_unique(), where).fill_null(0).cast(pl.Int64)
        return counted - self.ask(taken.is_null().any(), where).fill_null(False).cast(pl.Int64)

    def union(self, bits: pl.Expr, where: Plain) -> pl.Expr:
        return self.ask(_when(where, bits).fill_null(0).bitwise_or(), where).fill_null(0)


class Alone:
    """The one entry that a column of the people's table is."""

    def __init__(self, people: People, present: pl.Expr) -> None:
        self.people, self.present = people, present

    def keep(self, made_of: pl.Expr) -> pl.Expr:
        return self.people.keep(made_of)

    def beside(self, value: pl.Expr, where: Plain, least: bool = False) -> pl.Expr:
        return self.least(value, where)

    def _of(self, where: Plain) -> pl.Expr:
        return self.present if where is True else self.present & column(where)

    def total(self, where: Plain) -> pl.Expr | int:
        return 0 if where is False else self._of(where).cast(pl.Int64)

    def some(self, where: Plain) -> Plain:
        return False if where is False else self._of(where)

    def most(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return pl.when(self._of(where)).then(value)

    def least(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return pl.when(self._of(where)).then(value)

    def sum(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return self.most(value, where).fill_null(0)

    def different(self, value: pl.Expr, where: Plain) -> pl.Expr:
        return self.most(value, where).is_not_null().cast(pl.Int64)

    def union(self, bits: pl.Expr, where: Plain) -> pl.Expr:
        return self.most(bits, where).fill_null(0)


@dataclass(frozen=True, slots=True)
class Denial:
    """An attested absence of a person: whether there is one, its days, and its concepts (null is all)."""

    present: Known
    low: pl.Expr
    high: pl.Expr
    concepts: pl.Expr


@dataclass(frozen=True, slots=True)
class Days:
    """The days of each entry, and what tells entries of a day apart; None where the table does not say."""

    when: Ordered
    clock: pl.Expr | None = None
    apart: pl.Expr | None = None
    concept: pl.Expr | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """The rows of a query: those that surely count, those that may, and whether none is missing.

    `rows` is None where nobody has any. `sure`, `maybe` are of the rows, all else is of the person; `concepts` is
    how many concepts the requirement lists, `foreign` whether a row speaks of none of them.
    """

    rows: Rows | None
    sure: Plain
    maybe: Plain
    closed: Plain
    denials: tuple[Denial, ...]
    concepts: int
    days: Days
    foreign: Plain = False
    set_aside: Plain = False
    either: Plain = False


def plain(truth: Known) -> Plain:
    """A truth that is known not to be UNKNOWN."""
    assert truth is not None
    return truth


@dataclass(frozen=True, slots=True)
class _Weighed:
    standing: Plain
    contradicted: Plain
    open: Plain
    closed: Plain
    every: Plain


def _speaks_of(denial: Denial, listed: Listed) -> pl.Expr:
    spoken = denial.concepts.is_null()
    if listed.days.concept is not None:
        spoken = spoken | denial.concepts.list.contains(listed.days.concept).fill_null(False)
    first = listed.days.when.low
    later = False if first is None else (end_column(first) > denial.high).fill_null(False)
    return column(denial.present) & spoken & ~column(later)


def _is_answered(listed: Listed) -> pl.Expr:
    """Whether a doubtful row is denied: whatever it may be of, and surely not before it."""
    last = listed.days.when.high
    if last is None:
        return column(False)
    after = [column(d.present) & (d.low >= end_column(last)).fill_null(False) for d in listed.denials]
    whole = [known & d.concepts.is_null() for known, d in zip(after, listed.denials, strict=True)]
    found = pl.any_horizontal(whole) | (_named(listed, after) >= max(listed.concepts, 1))
    concept = listed.days.concept
    if concept is None:
        return found
    named = [
        known & d.concepts.list.contains(concept).fill_null(False)
        for known, d in zip(after, listed.denials, strict=True)
    ]
    return pl.when(concept.is_null()).then(found).otherwise(pl.any_horizontal(whole) | pl.any_horizontal(named))


def _named(listed: Listed, which: Sequence[pl.Expr]) -> pl.Expr:
    """How many concepts some of the denials name together."""
    nothing = pl.lit([], dtype=pl.List(pl.Int16))
    united: pl.Expr | None = None
    for known, denial in zip(which, listed.denials, strict=True):
        each = pl.when(known).then(denial.concepts.cast(pl.List(pl.Int16))).otherwise(nothing).fill_null(nothing)
        united = each if united is None else united.list.set_union(each)
    assert united is not None
    return united.list.n_unique().cast(pl.Int64)


def weighed(listed: Listed) -> _Weighed:
    """Rows held against the denials: those that stand, those contradicted, the doubtful ones still open."""
    rows = listed.rows
    if not listed.denials:
        return _Weighed(listed.sure, False, listed.maybe, listed.closed, listed.either)
    present = [column(denial.present) for denial in listed.denials]
    whole = pl.any_horizontal(
        [known & d.concepts.is_null() for known, d in zip(present, listed.denials, strict=True)]
    ) | (_named(listed, present) >= max(listed.concepts, 1))
    if rows is None:
        return _Weighed(False, False, False, plain(disjoined((listed.closed, whole))), False)
    speaks = rows.keep(pl.any_horizontal([_speaks_of(denial, listed) for denial in listed.denials]))
    against = plain(conjoined((listed.sure, speaks)))
    standing = plain(conjoined((listed.sure, ~speaks)))
    doubtful = plain(conjoined((listed.maybe, ~rows.keep(_is_answered(listed)))))
    every = plain(disjoined((listed.sure, doubtful)))
    left = rows.some(every)
    ended = conjoined((negated(left), whole))
    return _Weighed(standing, against, doubtful, plain(disjoined((listed.closed, ended))), every)


def exists(listed: Listed) -> tuple[Known, Plain]:
    """`exists`: its truth, and whether what is recorded contradicts itself."""
    # SPEC: semantics 5.3.
    found, rows = weighed(listed), listed.rows
    if rows is None:
        return of_planes(False, found.closed), False
    stands, against = rows.some(found.standing), rows.some(found.contradicted)
    silent = conjoined((found.closed, *(negated(each) for each in (stands, against, rows.some(found.open)))))
    return of_planes(stands, plain(silent)), plain(conjoined((against, negated(stands))))


def some(listed: Listed) -> Plain:
    """Whether anything is recorded: a row, certain or possible, or a denial."""
    denied = disjoined([denial.present for denial in listed.denials])
    return plain(disjoined((denied, listed.rows.some(listed.either) if listed.rows is not None else False)))


def least_rows(listed: Listed, which: Plain) -> tuple[pl.Expr | int, pl.Expr | int]:
    """How many of the certain rows are surely apart, at least, and at most."""
    rows = listed.rows
    assert rows is not None
    count = rows.total(which)
    apart, when = listed.days.apart, listed.days.when
    if apart is None or not isinstance(count, pl.Expr):
        return count, count
    blurred = rows.some(plain(conjoined((which, ~apart))))
    least: pl.Expr = pl.min_horizontal(count, pl.lit(1))
    if isinstance(when.low, pl.Expr):
        low, high = ends(when)
        day = rows.keep(pl.when(low == high).then(low))
        # Rows of different exact days are apart, whatever else they say.
        least = pl.max_horizontal(least, rows.different(day, which))
    return pl.when(column(blurred)).then(least).otherwise(count), count


def count(listed: Listed) -> tuple[Ordered, pl.Expr | int, Plain]:
    """`Count`, the most that its lower end may be where the columns leave that open, and the contradiction."""
    # SPEC: semantics 5.4.
    found, rows = weighed(listed), listed.rows
    if rows is None:
        return _up_to(0, 0, found.closed), 0, False
    low, most = least_rows(listed, found.standing)
    return _up_to(low, rows.total(found.every), found.closed), most, rows.some(found.contradicted)


def _up_to(low: pl.Expr | int, high: pl.Expr | int, closed: Plain) -> Ordered:
    if closed is True:
        return (
            of_bounds(Bounds(low, high)) if isinstance(low, int) and isinstance(high, int) else Ordered(low, high)
        )
    if closed is False:
        return Ordered(low, None)
    return Ordered(low, pl.when(closed).then(end_column(high)))


def over_rows(listed: Listed, value: Ordered, function: str, doubt: Doubt) -> tuple[Ordered, Plain]:
    """Min, Max, Sum or Mean of a field over rows; open unless every row is certain and the list complete."""
    found, rows = weighed(listed), listed.rows
    if rows is None:
        return UNKNOWN, False
    against, stands = rows.some(found.contradicted), rows.some(found.standing)
    known = plain(conjoined((found.closed, stands, negated(against), negated(rows.some(found.open)))))
    low, high = ends(value)
    which = found.standing
    if function in ("Sum", "Mean"):
        least, most = least_rows(listed, which)
        if least is not most:
            doubt(MAY_BE_ONE, column(known) & (end_column(least) < end_column(most)))
            known = plain(conjoined((known, end_column(least) == end_column(most))))
        number = end_column(rows.total(which))
        planes = []
        for end in (low, high):
            total = rows.sum(end, which)
            is_open = column(rows.some(plain(conjoined((which, end.is_null())))))
            clear_total = pl.when(column(known) & ~is_open).then(total)
            is_sum = function == "Sum"
            planes.append(exact_sum(clear_total, doubt) if is_sum else exact_mean(clear_total, number, doubt))
        return Ordered(planes[0], planes[1], value.computed), against
    reduce = rows.least if function == "Min" else rows.most
    ends_of = [reduce(end, which) for end in (low, high)]
    held_open = 0 if function == "Min" else 1
    is_open = column(rows.some(plain(conjoined((which, (low, high)[held_open].is_null())))))
    clear = [column(known) & ~is_open if n == held_open else column(known) for n in range(2)]
    made = [pl.when(when).then(end) for when, end in zip(clear, ends_of, strict=True)]
    return Ordered(made[0], made[1], value.computed), against
