"""How a group of people shifts when others count: standardised mean differences by sex, age and site.

The difference of two means, or of two shares, in units of the standard deviation within both; about 0.1 is the
size from which reports call groups different. Small cells are hidden as in every table that leaves a site, and no
difference is given that a hidden cell follows from.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from screening.outcome.amendment import Shift
from screening.reports import grouping
from screening.reports.suppression import hidden

if TYPE_CHECKING:
    import polars

_YEARS = "years"


def shifts(joined: polars.DataFrame, before: polars.Expr, now: polars.Expr, limit: int) -> tuple[Shift, ...]:
    """The shifts from those for whom `before` holds to those for whom `now` does.

    `joined` has `site`, `sex` and `age_years` as rows have them. `limit` hides cells below it, 0 none.
    """
    import polars as pl

    known = joined.with_columns(before.alias("before"), now.alias("counts now"))
    found: list[Shift] = []
    for by in (grouping.SEX, grouping.AGE, grouping.SITE):
        group = pl.col("site") if by == grouping.SITE else grouping.expression(by, "", grouping.BANDS)
        counted = known.group_by(group.alias("group")).agg(pl.col("before").sum(), pl.col("counts now").sum())
        cells = {name: (int(old), int(new)) for name, old, new in counted.iter_rows()}
        names = [name for name in grouping.ordered(by, list(cells), grouping.BANDS) if any(cells[name])]
        if by == grouping.SITE and len(names) < 2:
            continue
        found += _shares(by, {name: cells[name] for name in names}, limit)
        if by == grouping.AGE:
            found += _years(known, limit)
    return tuple(found)


def _shares(by: str, cells: dict[str, tuple[int, int]], limit: int) -> list[Shift]:
    """One line for each group: its share before and now."""
    totals = [sum(each[side] for each in cells.values()) for side in (0, 1)]
    flat = {f"{side} {name}": number for name, each in cells.items() for side, number in enumerate(each)}
    flat |= {f"total {side}": total for side, total in enumerate(totals)}
    sums = [{**{f"{side} {name}": 1 for name in cells}, f"total {side}": -1} for side in (0, 1)]
    # How many a group has gained or lost is printed nowhere, and follows from what is.
    pairs = {f"moved {name}": (f"0 {name}", f"1 {name}") for name in cells} | {"moved": ("total 0", "total 1")}
    for moved, (first, last) in pairs.items():
        flat[moved] = abs(flat[last] - flat[first])
        sums.append({last: 1, first: -1, moved: -1 if flat[last] >= flat[first] else 1})
    marks = hidden(flat, sums, limit, implied=list(pairs))
    made = []
    for name, (old, new) in cells.items():
        is_hidden = any(f"{side} {name}" in marks or f"total {side}" in marks for side in (0, 1))
        then, later = (marks.get(f"{side} {name}", f"{number:,}") for side, number in enumerate((old, new)))
        found = None if is_hidden else _of_shares(old, totals[0], new, totals[1])
        made.append(Shift(by, name, then, later, found))
    return made


def _of_shares(old: int, before: int, new: int, now: int) -> float | None:
    if not before or not now:
        return None
    p, q = old / before, new / now
    within = (p * (1 - p) + q * (1 - q)) / 2
    if within == 0:
        return 0.0 if p == q else None
    return (q - p) / math.sqrt(within)


def _years(known: polars.DataFrame, limit: int) -> list[Shift]:
    """The mean age, of those whose age is known to the year."""
    import polars as pl

    years = pl.col("age_years").cast(pl.Float64, strict=False).alias(_YEARS)
    told = known.select("before", "counts now", years).drop_nulls(_YEARS)
    ages = [told.filter(pl.col(side))[_YEARS] for side in ("before", "counts now")]
    moved = told.filter(pl.col("before") != pl.col("counts now")).height
    if min(len(each) for each in ages) < max(2, limit) or 0 < moved < limit:
        return [Shift(grouping.AGE, "mean age", "", "", None)] if any(len(each) for each in ages) else []
    means = [_number(each.mean()) for each in ages]
    within = sum(_number(each.var(ddof=1)) for each in ages) / 2
    found = (means[1] - means[0]) / math.sqrt(within) if within else (0.0 if means[0] == means[1] else None)
    return [Shift(grouping.AGE, "mean age", f"{means[0]:.1f}", f"{means[1]:.1f}", found)]


def _number(found: object) -> float:
    assert isinstance(found, float)
    return found
