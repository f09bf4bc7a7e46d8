"""By what the people of runs are broken down: site, sex, age band.

Who is in no band known is a group of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars

SITE, SEX, AGE = "site", "sex", "age"
NOT_RECORDED = "not recorded"
NOT_KNOWN = "band not known"
# The bands of the European register of clinical trials for adults: 18 to 64, 65 to 84, 85 and over.
BANDS = (18, 65, 85)


def bands(edges: Sequence[int]) -> list[str]:
    """The names of the bands that begin at these ages, the one before the first of them too.

    >>> bands([18, 65])
    ['under 18', '18 to 64', '65 and over']
    """
    between = [f"{low} to {high - 1}" if high - 1 > low else f"{low}" for low, high in pairwise(edges)]
    return [f"under {edges[0]}", *between, f"{edges[-1]} and over"]


def expression(by: str, site: str, edges: Sequence[int]) -> polars.Expr:
    """The group of each row. An age that is known as bounds is in a band only where both are."""
    import polars as pl

    if by == SITE:
        return pl.lit(site)
    if by == SEX:
        return pl.when(pl.col("sex") == "").then(pl.lit(NOT_RECORDED)).otherwise(pl.col("sex"))
    low = pl.col("age_years").str.split("..").list.first().cast(pl.Int64, strict=False)
    high = pl.col("age_years").str.split("..").list.last().cast(pl.Int64, strict=False)
    names = bands(edges)

    def band(age: polars.Expr) -> polars.Expr:
        found = pl.lit(names[0])
        for edge, name in zip(edges, names[1:], strict=True):
            found = pl.when(age >= edge).then(pl.lit(name)).otherwise(found)
        return found

    known = pl.when(band(low) == band(high)).then(band(low)).otherwise(pl.lit(NOT_KNOWN))
    return pl.when(low.is_null() | high.is_null()).then(pl.lit(NOT_RECORDED)).otherwise(known)


def ordered(by: str, names: Sequence[str], edges: Sequence[int]) -> list[str]:
    """Groups in the order in which they are shown; what is not known comes last."""
    last = (NOT_KNOWN, NOT_RECORDED)
    known = bands(edges) if by == AGE else sorted(name for name in names if name not in last)
    return [name for name in (*known, *last) if name in names]
