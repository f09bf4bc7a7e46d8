"""Entries of one person, list, day and clock time that may be charted twice: merged as `admission` merges them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from screening.language.library import DataRequirement
from screening.record.subject import Evidence, merged
from screening.sources.admission import order_of
from screening.sources.fhir_plan import stated
from screening.sources.fhir_planned import FIELDS
from screening.sources.prepared_columns import clock_of
from screening.values.bounds import Bounds, exactly
from screening.values.truth import Truth

if TYPE_CHECKING:
    import polars as pl

_WHEN = ["list", "moment"]


def list_of(person: str) -> pl.Expr:
    """The list of a person for a requirement, as one number."""
    import polars as pl

    return pl.col("requirement").cast(pl.Int64) * (1 << 40) + pl.col(person)


def moment() -> pl.Expr:
    """The days and the clock time of an entry as one number, in the order of `admission`: open comes first."""
    import polars as pl

    def days(name: str) -> pl.Expr:
        # INVARIANT: the days of the years 1 to 9999 take 22 bits.
        return (pl.col(name).cast(pl.Int32).cast(pl.Int64) + 719_163).fill_null(0)

    seconds = pl.col("clock").cast(pl.Int64).fill_null(0)
    return days("low_day") * (1 << 39) + days("high_day") * (1 << 17) + seconds


def entry_of(
    requirement: DataRequirement, template: Evidence, names: tuple[str, ...], row: Mapping[str, Any]
) -> Evidence:
    """The entry of a row, whole but for its id."""
    value, written = template.value, template.written
    if row["amount"] is not None:
        whole = requirement.type.name == "Integer"
        value = exactly(int(row["amount"])) if whole else stated(row["amount"])
        written = row["amount"] + written
    if row["day"] is not None:
        value, written = exactly(row["day"]), row["day"].isoformat()
    fields = {**template.fields, **{name: exactly(row[f"f{n}"]) for n, name in enumerate(names)}}
    when = Bounds(row["low_day"], row["high_day"])
    return Evidence(
        "", template.requirement, value, when, clock_of(row["clock"]), template.certainty,
        template.codes, fields, row["origin"], written, template.status, template.by, template.concepts,
    )  # fmt: skip


def settled(
    requirements: Sequence[DataRequirement],
    templates: list[Evidence],
    fields: list[tuple[str, ...]],
    evidence: pl.DataFrame,
) -> pl.DataFrame:
    """The entries with each charted once; `order` is their order where the template does not tell it.

    Entries that were merged have a template each, which is added to the others.
    """
    import polars as pl

    keyed = evidence.with_columns(list_of("subject").alias("list"), moment().alias("moment"))
    # Two of one hash are looked at as well, below.
    hashed = (pl.col("list").hash() + pl.col("moment").hash(1)).is_duplicated()
    is_tied = keyed.select(hashed).to_series()
    tied = keyed.select("template", *_WHEN).with_row_index("at").filter(is_tied)
    tied = tied.filter(pl.struct(_WHEN).is_duplicated())
    used = tied["template"].unique().sort().to_list()
    about = [(at, _fact(templates[at]), repr(templates[at].codes), _concepts(templates[at])) for at in used]
    types: dict[str, Any] = {"template": pl.Int64, "fact": pl.Boolean, "codes": pl.String, "concepts": pl.String}
    tied = tied.join(pl.DataFrame(about, schema=types, orient="row"), on="template", maintain_order="left")
    same = pl.col("concepts").is_not_null() & pl.struct(*_WHEN, "concepts").is_duplicated()
    doubtful = tied.filter(~pl.col("fact") | pl.struct(*_WHEN, "codes").is_duplicated() | same)
    at = tied.join(doubtful.select(_WHEN).unique(), on=_WHEN, how="semi")["at"]
    order = pl.lit(None, pl.UInt32).alias("order")
    if not at.len():
        return evidence.with_columns(order)
    kept = evidence.with_row_index("at").filter(~pl.col("at").is_in(at.implode())).drop("at")
    rows = _merged(requirements, templates, fields, keyed[at].sort(_WHEN), evidence.schema)
    return pl.concat([kept.with_columns(order), rows])


def _fact(entry: Evidence) -> bool:
    return isinstance(entry.value, Truth)


def _concepts(entry: Evidence) -> str | None:
    return repr(sorted(entry.concepts)) if entry.concepts else None


def _merged(
    requirements: Sequence[DataRequirement],
    templates: list[Evidence],
    fields: list[tuple[str, ...]],
    tied: pl.DataFrame,
    schema: Mapping[str, Any],
) -> pl.DataFrame:
    """The entries of each moment in their order, each with a template that is the entry itself."""
    import polars as pl

    found: list[dict[str, Any]] = []
    for _, group in groupby(tied.iter_rows(named=True), key=lambda row: (row["list"], row["moment"])):
        rows = list(group)
        requirement = requirements[rows[0]["requirement"]]
        entries = [entry_of(requirement, templates[row["template"]], fields[row["template"]], row) for row in rows]
        for number, entry in enumerate(merged(tuple(sorted(entries, key=order_of)))):
            empty: dict[str, Any] = dict.fromkeys(("amount", "day", *(f"f{n}" for n in range(FIELDS))))
            at = {"template": len(templates), "origin": entry.origin, "order": number}
            found.append(rows[0] | empty | at)
            templates.append(entry)
            fields.append(())
    types: dict[str, Any] = {**schema, "order": pl.UInt32}
    return pl.DataFrame(found, schema_overrides=types).select(list(types)).cast(types)  # type: ignore[arg-type]
