"""Where the people of a cohort are lost, counted: in the order of the protocol, and whatever the order.

Only what is known bars: an inclusion that is not met, an absolute exclusion that is present. In order, each person
is counted once, at the first criterion that bars; anywhere, at every one; alone, where it is the only one. The
rows
are counted in columns as they are read, so that a million people take seconds and little memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from screening.outcome.determination import Standing, Verdict
from screening.outcome.row import NOT_SCREENED

if TYPE_CHECKING:
    import polars

# What may have been decided of people who are not known to be barred; those of the first line leave the flow
# there.
LEFT = ("declined", "other")
TAKEN = ("contacted", "consented", "enrolled")
VERDICTS = ("undetermined", "review", "eligible")
EVERYBODY = ""
_BATCH = 100_000
_GROUP, _DECIDED = "group of a breakdown", "what was decided"


@dataclass(slots=True)
class Attrition:
    """Counts of a cohort. `missing` counts, of those who are UNDETERMINED and did not leave, who lacks an item."""

    in_order: Counter[str] = field(default_factory=Counter)
    anywhere: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    sole_missing: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)

    def add(self, other: Attrition) -> None:
        """Adds the counts of other people."""
        for name in ("in_order", "anywhere", "alone", "unknown", "missing", "sole_missing", "totals"):
            getattr(self, name).update(getattr(other, name))


def columns(manifest: Mapping[str, Any]) -> list[str]:
    """The columns of a run that are counted."""
    return ["id", "standing", "verdict", *ids(manifest), "deciding_reasons", "missing_items", "age_years", "sex"]


def ids(manifest: Mapping[str, Any]) -> list[str]:
    """The criteria in the order of the protocol."""
    return [each["id"] for each in manifest["criteria"]]


def counted(
    rows: polars.LazyFrame,
    manifest: Mapping[str, Any],
    decided: Mapping[str, str],
    group: polars.Expr | None = None,
) -> dict[str, Attrition]:
    """The counts of all rows, by group; everybody is one group where none is asked for.

    `decided` says of people what was decided. Who declined is counted as such, unless a known bar rules out
    anyway.
    """
    import polars as pl

    known = pl.LazyFrame({"id": list(decided), _DECIDED: list(decided.values())}, schema_overrides=_texts())
    rows = rows.with_columns((pl.lit(EVERYBODY) if group is None else group).alias(_GROUP))
    rows = rows.join(known, on="id", how="left") if decided else rows.with_columns(pl.lit("").alias(_DECIDED))
    found: dict[str, Attrition] = {}
    # One pass over the rows, so many at a time: the table is read once and never held as a whole.
    for batch in rows.collect_batches(chunk_size=_BATCH, maintain_order=False, engine="streaming"):
        _count(found, batch, ids(manifest))
    inclusions = {each["id"] for each in manifest["criteria"] if each["category"] == "inclusion"}
    for attrition in found.values():
        for id, number in attrition.in_order.items():
            attrition.totals["inclusion not met" if id in inclusions else "exclusion present"] += number
    return found or {EVERYBODY: Attrition()}


def _texts() -> dict[str, Any]:
    import polars as pl

    return {"id": pl.String, _DECIDED: pl.String}


def _count(found: dict[str, Attrition], rows: polars.DataFrame, criteria: list[str]) -> None:
    """Counts some of the rows."""
    import polars as pl

    kinds = ["standing", "verdict", _DECIDED]
    for each in rows.group_by(_GROUP, *kinds).len().iter_rows(named=True):
        _sorted_in(found.setdefault(each[_GROUP], Attrition()), each, each["len"])
    open = rows.filter(
        (pl.col("verdict") == Verdict.UNDETERMINED.value) & ~pl.col(_DECIDED).is_in(LEFT).fill_null(False)
    )
    unknown = open.group_by(_GROUP).agg((pl.col(id) == "UNKNOWN").sum() for id in criteria)
    for each in unknown.iter_rows(named=True):
        name = each.pop(_GROUP)
        found[name].unknown.update({id: number for id, number in each.items() if number})
    barred = rows.filter(pl.col("verdict") == Verdict.INELIGIBLE.value)
    for column, people, first, every, alone in (
        ("deciding_reasons", barred, "in_order", "anywhere", "alone"),
        ("missing_items", open, "", "missing", "sole_missing"),
    ):
        # Many people have the same reasons: each set of them is taken apart once.
        for name, text, number in people.group_by(_GROUP, column).len().iter_rows():
            several = text.split("|") if text else []
            if several and first:
                getattr(found[name], first)[several[0]] += number
            if len(several) == 1:
                getattr(found[name], alone)[several[0]] += number
            counts = getattr(found[name], every)
            for each in several:
                counts[each] += number


def _sorted_in(found: Attrition, kind: Mapping[str, Any], number: int) -> None:
    """Counts so many people of one standing, verdict and disposition."""
    totals = found.totals
    totals["assessed"] += number
    if kind["verdict"] == NOT_SCREENED:
        totals["not screened"] += number
        return
    if kind["verdict"] == Verdict.INELIGIBLE.value:
        totals["ruled out"] += number
        return
    word = kind[_DECIDED] or ""
    totals["not barred"] += number
    totals["not ruled out" if kind["standing"] == Standing.NOT_RULED_OUT.value else "no anchor"] += number
    totals[word if word in LEFT else kind["verdict"].lower()] += number
    if word in TAKEN:
        totals[word] += number


def unmapped(manifest: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The absolute exclusions of which no source is mapped, with what they ask for; none where a run does
    not say.
    """
    said = manifest.get("unmapped_absolute_exclusions") or {}
    if not isinstance(said, Mapping):
        pairs = [
            (each["id"], each.get("requirements", ())) if isinstance(each, Mapping) else each for each in said
        ]
        said = dict(pair if not isinstance(pair, str) else (pair, ()) for pair in pairs)
    return {str(id): tuple(str(name) for name in names) for id, names in said.items()}


def barring(found: Attrition, manifest: Mapping[str, Any]) -> list[str]:
    """The criteria that bar anybody, in the order of the protocol."""
    return [id for id in ids(manifest) if found.anywhere[id]]
