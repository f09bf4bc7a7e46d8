"""Which entries of a list may turn out to be one, and which shared entries cannot stay in a list of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from screening.language.library import DataRequirement
from screening.record.keys import may_be_one
from screening.record.subject import Evidence, same_reading
from screening.sources.fhir_shared import Lists
from screening.sources.fhir_tied import entry_of
from screening.sources.fhir_wide import Templates
from screening.sources.prepared_columns import MOST_COMPARED
from screening.values.bounds import Bounds

if TYPE_CHECKING:
    import polars as pl

# What an entry says that is not its template's, beside its days.
_SAID = ("template", "amount", "day", "f0", "f1", "f2")
_WHEN = ("low_day", "high_day", "clock")
_LIST = ["subject", "requirement"]
_SOME_DAY = date(2000, 1, 1)


def not_apart(every: Sequence[DataRequirement], rows: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """The lists of which two entries may turn out to be one, as `prepared_columns.are_apart` finds it."""
    import polars as pl

    # Entries of two exact days are two. Two of one hash are looked at as well, below.
    hashed = pl.struct(_LIST).hash()
    open_lists = rows.filter(~_is_exact()).select(hashed.unique()).to_series()
    of_a_day = (hashed + pl.col("low_day").hash(1)).is_duplicated()
    keyed = rows.filter(of_a_day | hashed.is_in(open_lists.implode())).select(*_LIST, *_WHEN, *_SAID)
    exact = _is_exact().all().over(_LIST)
    keyed = keyed.with_columns(days=pl.when(exact).then("low_day")).with_row_index("place")
    keyed = keyed.with_columns(pl.len().over([*_LIST, "days"]).alias("number"))
    several = keyed.filter(pl.col("number") > 1)
    long = several.filter(pl.col("number") > MOST_COMPARED).select(_LIST).unique()
    several = several.join(long, on=_LIST, how="anti").drop("number")
    pairs = several.join(several, on=[*_LIST, "days"], suffix="_b", nulls_equal=True)
    pairs = pairs.filter((pl.col("place") < pl.col("place_b")) & _meet())
    return pl.concat([_that_may_be_one(every, pairs, templates).select(_LIST), long]).unique()


def to_be_told_apart(
    lists: Lists, given: pl.DataFrame, rows: pl.DataFrame, blurred: pl.DataFrame, templates: Templates
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Which shared lists of people (`subject`, `requirement`) have to be parted, and which others are not apart.

    `given` are the entries as they came, `rows` those that are left after what is charted twice is one, `blurred`
    the lists that are not apart in themselves. A shared list is parted where an entry of it and one of another
    list that stand in one list together may turn out to be one, or are one; where another one is not apart, as it
    is not then for some of its requirements; and where nobody looks, so many entries there are.
    """
    import polars as pl

    is_shared = pl.col("requirement") >= lists.first
    parted = [_charted_twice(lists, given, templates)]
    # Who has a list that is not apart has none of its requirements' lists apart: those within it are known then.
    beside = blurred.join(lists.meeting, on="requirement").select("subject", "other", "requirement")
    held = rows.filter(is_shared).select(_LIST).unique()
    beside = beside.rename({"other": "requirement", "requirement": "by"}).join(held, on=_LIST, how="semi")
    beside = beside.join(blurred, on=_LIST, how="anti")
    twice = blurred.join(parted[0], on=_LIST, how="semi").select("subject", by="requirement")
    inside = lists.within.select(by="requirement", requirement="other")
    sure = beside.join(inside, on=("by", "requirement"), how="semi").join(twice, on=("subject", "by"), how="anti")
    sure = sure.select(_LIST).unique()
    parted.append(beside.select(_LIST).join(sure, on=_LIST, how="anti"))
    blurred = pl.concat([blurred.select(_LIST), sure])
    clear = rows.filter(is_shared).join(blurred, on=_LIST, how="anti")
    if clear.height:
        others = rows.join(lists.meeting.select("requirement").unique(), on="requirement", how="semi")
        others = others.join(blurred, on=_LIST, how="anti")
        parted.append(_that_meet(lists, others, clear, templates))
        parted.append(_too_many(lists, others, clear))
    every = pl.concat([one.select(_LIST) for one in parted]).unique()
    return every, sure.join(every, on=_LIST, how="anti")


def _charted_twice(lists: Lists, given: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """Shared lists with an entry that is the same reading as one of another list."""
    import polars as pl

    keys = ["subject", *_WHEN]
    shared = given.filter(pl.col("requirement") >= lists.first).select(*_LIST, *_WHEN, *_SAID)
    if not shared.height:
        return given.select(_LIST).clear()
    several = given.join(shared.select(keys).unique(), on=keys, how="semi", nulls_equal=True)
    several = several.select(*_LIST, *_WHEN, *_SAID).join(lists.meeting, on="requirement")
    shared = shared.rename({"requirement": "other"})
    pairs = several.join(shared, on=[*keys, "other"], suffix="_b", nulls_equal=True)
    pairs = pairs.with_columns(timed=_is_exact() & pl.col("clock").is_not_null())
    used = pl.concat([pairs["template"], pairs["template_b"]]).unique().to_list()
    worth = {at: _worth(templates.entries[at]) for at in used}
    said = pl.DataFrame(
        {"template": list(worth), "worth": list(worth.values())}, schema={"template": pl.Int64, "worth": pl.String}
    )
    pairs = pairs.join(said, on="template").join(said, left_on="template_b", right_on="template", suffix="_b")
    pairs = pairs.filter(pl.col("worth") == pl.col("worth_b"))
    both = [*_SAID, *(f"{name}_b" for name in _SAID), "timed"]
    kinds = pairs.select("requirement", *both).unique(both, maintain_order=True)
    same = [_is_same_reading(lists.every[row[0]], templates, row[1:]) for row in kinds.iter_rows()]
    kinds = kinds.filter(pl.Series(same, dtype=pl.Boolean))
    found = pairs.join(kinds, on=both, how="semi", nulls_equal=True)
    mine = found.filter(pl.col("requirement") >= lists.first).select(_LIST)
    return pl.concat([found.select("subject", requirement="other"), mine]).unique()


def _worth(entry: Evidence) -> str:
    """What two templates have in common whose entries may be the same reading; numbers and days differ by line."""
    return entry.certainty.value + ("" if isinstance(entry.value, Bounds) else repr(entry.value))


def _that_meet(lists: Lists, others: pl.DataFrame, clear: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """Shared lists with an entry that may be one with an entry of another list."""
    import polars as pl

    chosen = (*_LIST, *_WHEN, *_SAID)
    left = others.select(chosen).join(lists.meeting, on="requirement")
    left = left.join(clear.select("subject", other="requirement").unique(), on=("subject", "other"), how="semi")
    right = clear.select(chosen).rename({"requirement": "other"})
    on, day = ["subject", "other"], ["low_day"]
    exact = _is_exact()
    pairs = [
        left.filter(exact).join(right.filter(exact), on=on + day, suffix="_b", coalesce=False),
        left.filter(exact).join(right.filter(~exact), on=on, suffix="_b", coalesce=False),
        left.filter(~exact).join(right, on=on, suffix="_b", coalesce=False),
    ]
    names = [*_LIST, "other", *_WHEN, *_SAID, *(f"{name}_b" for name in (*_WHEN, *_SAID))]
    found = _that_may_be_one(
        lists.every, pl.concat([one.select(names) for one in pairs]).filter(_meet()), templates
    )
    mine = found.filter(pl.col("requirement") >= lists.first).select(_LIST)
    return pl.concat([found.select("subject", requirement="other"), mine]).unique()


def _too_many(lists: Lists, others: pl.DataFrame, clear: pl.DataFrame) -> pl.DataFrame:
    """Shared lists that are part of a list of which so many entries are of one day that nobody compares them."""
    import polars as pl

    many = others.group_by("subject").len().filter(pl.col("len") > MOST_COMPARED)
    if not many.height:
        return clear.select(_LIST).clear()
    days = pl.when(_is_exact()).then("low_day")
    rows = others.join(many, on="subject", how="semi").select(*_LIST, days.alias("days"))
    counted = rows.group_by(*_LIST, "days").len()
    own = counted.filter(pl.col("requirement") < lists.first).with_columns(member="requirement")
    through = counted.join(lists.members, on="requirement")
    whole = (
        pl.concat([own, through.select(own.columns)])
        .group_by("subject", "member", "days")
        .agg(pl.col("len").sum())
    )
    of_list = whole.group_by("subject", "member").agg(
        pl.col("len").sum().alias("all"), pl.col("len").max().alias("most"), pl.col("days").is_null().any()
    )
    long = of_list.filter(pl.when("days").then("all").otherwise("most") > MOST_COMPARED)
    return (
        long.join(lists.members, on="member")
        .select(_LIST)
        .join(clear.select(_LIST).unique(), on=_LIST, how="semi")
    )


def _is_exact() -> pl.Expr:
    import polars as pl

    return (pl.col("low_day") == pl.col("high_day")).fill_null(False)


def _meet() -> pl.Expr:
    """Whether two entries may be of one moment: their days meet, and no clock times tell them apart."""
    import polars as pl

    never_low, never_high = pl.date(1, 1, 1), pl.date(9999, 12, 31)
    low, high = (pl.col(name).eq_missing(pl.col(f"{name}_b")) for name in ("low_day", "high_day"))
    clocked = (pl.col("clock") != pl.col("clock_b")).fill_null(False)
    first = pl.max_horizontal(pl.col("low_day").fill_null(never_low), pl.col("low_day_b").fill_null(never_low))
    last = pl.min_horizontal(pl.col("high_day").fill_null(never_high), pl.col("high_day_b").fill_null(never_high))
    return (first <= last) & ~(low & high & clocked)


def _that_may_be_one(every: Sequence[DataRequirement], pairs: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """Those pairs of which nothing else that is known of both tells them apart."""
    import polars as pl

    both = [*_SAID, *(f"{name}_b" for name in _SAID)]
    kinds = pairs.select("requirement", *both).unique(both, maintain_order=True)
    may = [_may_be_one(every[row[0]], templates, row[1:]) for row in kinds.iter_rows()]
    kinds = kinds.filter(pl.Series(may, dtype=pl.Boolean))
    return pairs.join(kinds, on=both, how="semi", nulls_equal=True)


def _may_be_one(requirement: DataRequirement, templates: Templates, pair: tuple[Any, ...]) -> bool:
    one, other = _both(requirement, templates, pair, {"low_day": None, "high_day": None, "clock": None})
    return may_be_one(one, other)


def _is_same_reading(requirement: DataRequirement, templates: Templates, pair: tuple[Any, ...]) -> bool:
    day = _SOME_DAY if pair[-1] else None
    one, other = _both(requirement, templates, pair, {"low_day": day, "high_day": day, "clock": 1})
    return same_reading(one, other)


def _both(
    requirement: DataRequirement, templates: Templates, pair: tuple[Any, ...], when: Mapping[str, Any]
) -> list[Evidence]:
    said = (pair[: len(_SAID)], pair[len(_SAID) : 2 * len(_SAID)])
    return [
        entry_of(requirement, templates.entries[one[0]], templates.fields[one[0]],
                 {**dict(zip(_SAID, one, strict=True)), **when, "origin": ""})
        for one in said
    ]  # fmt: skip
