"""Three truths in columns: a nullable Boolean column, null being UNKNOWN, or a constant that needs none.

Polars' own `&`, `|` and `~` over such columns are Kleene's. What is the same for everybody is folded here, so that
a query holds only what differs from person to person.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import polars as pl

from screening.values.truth import FALSE, TRUE, Truth

# True, False and None (UNKNOWN) are constants.
Known: TypeAlias = pl.Expr | bool | None
# A statement that is never UNKNOWN.
Plain: TypeAlias = pl.Expr | bool
MANY = 4


def constant(truth: Truth) -> bool | None:
    """A truth of the language as a constant."""
    return True if truth is TRUE else False if truth is FALSE else None


def column(truth: Known) -> pl.Expr:
    """A truth as a column of Booleans."""
    return truth if isinstance(truth, pl.Expr) else pl.lit(truth, dtype=pl.Boolean)


def conjoined(truths: Iterable[Known]) -> Known:
    """Kleene conjunction; the empty one is True."""
    return _folded(truths, False)


def disjoined(truths: Iterable[Known]) -> Known:
    """Kleene disjunction; the empty one is False."""
    return _folded(truths, True)


def _folded(truths: Iterable[Known], settling: bool) -> Known:
    left: list[pl.Expr] = []
    is_open = False
    for truth in truths:
        if truth is settling:
            return settling
        if isinstance(truth, pl.Expr):
            left.append(truth)
        is_open = is_open or truth is None
    if not left:
        return None if is_open else not settling
    if is_open:
        left.append(column(None))
    if len(left) > MANY:
        # INVARIANT: wide, not deep: a thousand criteria are one node of the query.
        return pl.any_horizontal(left) if settling else pl.all_horizontal(left)
    found = left[0]
    for more in left[1:]:
        found = found | more if settling else found & more
    return found


def negated(truth: Known) -> Known:
    """Kleene negation."""
    return ~truth if isinstance(truth, pl.Expr) else None if truth is None else not truth


def exclusive(a: Known, b: Known) -> Known:
    """Exclusive or: UNKNOWN if either side is."""
    if a is None or b is None:
        return None
    if isinstance(a, bool):
        return negated(b) if a else b
    return exclusive(b, a) if isinstance(b, bool) else a.xor(b)


def chosen(condition: Known, a: Known, b: Known) -> Known:
    """`if`: where the condition is open, what both branches agree on."""
    if isinstance(condition, bool):
        return a if condition else b
    both = [conjoined((condition, a)), conjoined((negated(condition), b)), conjoined((a, b))]
    return disjoined(both)


def is_true(truth: Known) -> Plain:
    """Whether a truth is TRUE."""
    return truth.fill_null(False) if isinstance(truth, pl.Expr) else truth is True


def is_false(truth: Known) -> Plain:
    """Whether a truth is FALSE."""
    return ~truth.fill_null(True) if isinstance(truth, pl.Expr) else truth is False


def is_open(truth: Known) -> Plain:
    """Whether a truth is UNKNOWN."""
    return truth.is_null() if isinstance(truth, pl.Expr) else truth is None


def of_planes(met: Known, unmet: Known) -> Known:
    """The truth of two planes that are never raised together: surely, and surely not; null is not raised."""
    met, unmet = False if met is None else met, False if unmet is None else unmet
    if met is True or (unmet is True):
        return met is True
    if met is False and unmet is False:
        return None
    if met is False:
        return pl.when(column(unmet)).then(False)
    if unmet is False:
        return pl.when(column(met)).then(True)
    return pl.when(column(met)).then(True).when(column(unmet)).then(False)


def agreeing(a: Known, b: Known) -> Known:
    """Equality of two truths."""
    return negated(exclusive(a, b))


def favoured(truth: Known, toward: bool) -> Known:
    """An open truth read as the one that is given."""
    return truth.fill_null(toward) if isinstance(truth, pl.Expr) else toward if truth is None else truth


def where_not(truth: Known, unless: Plain) -> Known:
    """A truth that is UNKNOWN where something else holds."""
    if isinstance(unless, bool):
        return None if unless else truth
    if truth is None:
        return None
    return pl.when(~unless).then(column(truth))
