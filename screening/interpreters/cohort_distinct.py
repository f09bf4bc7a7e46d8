"""How many different things rows name, in columns: at least, and at most.

Where the values that count are few, each is a bit, and the bits of all rows of a person are counted.
"""

from __future__ import annotations

import polars as pl

from screening.interpreters.cohort_rows import Listed, Rows, plain, weighed
from screening.interpreters.cohort_truth import Plain, conjoined
from screening.interpreters.cohort_value import Doubt, Ordered, end_column
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Keys:
    """What `distinct` counts: its column, its system where several occur, and the values it can take if few.

    A row that surely counts has a key if `never_null`, and nobody has another one than these if `is_sure`.
    """

    key: pl.Expr
    system: pl.Expr | None = None
    values: tuple[str, ...] = ()
    never_null: bool = False
    is_sure: bool = False


SYSTEMS = "more than a dozen different keys of several systems"
MOST_EXACT = 12
MOST_BITS = 64
THREE_SYSTEMS = "keys of three systems"
OTHER_KEY = "a key that is none of those that the rule file names"


def count_distinct(listed: Listed, keys: Keys | None, cap: int | None, doubt: Doubt) -> tuple[Ordered, Plain]:
    """Distinct known keys of certain rows, at least; every further key that is possible, at most."""
    found, rows = weighed(listed), listed.rows
    if rows is None or keys is None:
        none = 0 if rows is None else rows.total(listed.either)
        few = 0 if rows is None else end_column(rows.total(found.standing)).clip(0, 1)
        against = False if rows is None else rows.some(found.contradicted)
        return _capped(few, end_column(none), found.closed, cap), against
    if keys.values:
        if not keys.is_sure:
            other = conjoined((found.every, keys.key.is_not_null() & ~keys.key.is_in(list(keys.values))))
            doubt(OTHER_KEY, rows.some(plain(other)))
        bits = rows.keep(_bits(keys))
        low = rows.union(bits, found.standing).bitwise_count_ones().cast(pl.Int64)
        most = rows.union(bits, found.every).bitwise_count_ones().cast(pl.Int64)
    elif keys.system is None:
        low, most = rows.different(keys.key, found.standing), rows.different(keys.key, found.every)
    else:
        low, most = _of_systems(rows, keys, found.standing, doubt), rows.different(keys.key, found.every)
    if not keys.never_null:
        low = pl.max_horizontal(low, end_column(rows.total(found.standing)).clip(0, 1))
    # What may count twice counts once where nothing of it is known.
    blank = plain(conjoined((found.every, keys.key.is_null())))
    most = most + end_column(rows.total(blank))
    return _capped(low, most, found.closed, cap), rows.some(found.contradicted)


def _bits(keys: Keys) -> pl.Expr:
    kind = pl.UInt8 if len(keys.values) <= 8 else pl.UInt64
    bits = pl.lit(0, kind)
    for position, value in enumerate(keys.values):
        bits = pl.when(keys.key == value).then(pl.lit(1 << position, kind)).otherwise(bits)
    return bits


def _of_systems(rows: Rows, keys: Keys, which: Plain, doubt: Doubt) -> pl.Expr:
    """At least so many: keys of two systems may be one, so that one system alone tells things apart."""
    assert keys.system is not None
    first, last = rows.least(keys.system, which), rows.most(keys.system, which)
    mixed = (first != last).fill_null(False)
    every = rows.different(keys.key, which)
    doubt(SYSTEMS, mixed & (every > MOST_EXACT))
    ranked = [
        rows.different(keys.key, plain(conjoined((which, rows.keep(keys.system == side)))))
        for side in (rows.beside(keys.system, which, least=True), rows.beside(keys.system, which))
    ]
    doubt(THREE_SYSTEMS, mixed & (rows.different(keys.system, which) > 2))
    return pl.when(mixed).then(pl.max_horizontal(ranked)).otherwise(every)


def _capped(low: pl.Expr | int, most: pl.Expr, closed: Plain, cap: int | None) -> Ordered:
    high: pl.Expr | int | None = cap
    if closed is not False:
        capped = most if cap is None else pl.min_horizontal(most, pl.lit(cap))
        high = capped if closed is True else pl.when(closed).then(capped)
        if closed is not True and cap is not None:
            high = pl.when(closed).then(capped).otherwise(cap)
    if high is None:
        return Ordered(low, None)
    least = end_column(low)
    # INVARIANT: a declared list of values never cuts below what is certain.
    top = end_column(high)
    return Ordered(least, pl.when(top.is_not_null()).then(pl.max_horizontal(top, least)))
