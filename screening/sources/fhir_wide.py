"""Entries in columns, each a template and what differs from it, as the tables of a prepared cohort.

A template becomes a row once, as any entry does; days, clock times and numbers are put over it column by column.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from screening.language.library import DataRequirement
from screening.record.keys import may_be_one
from screening.record.subject import Absence
from screening.record.tables import APART, CLOCK, HIGH, LOW, ODD, SET_ASIDE, WHEN_HIGH, WHEN_LOW, of_field
from screening.sources.fhir_block import Known
from screening.sources.fhir_tied import entry_of
from screening.sources.prepared_cells import NUMBER, as_text, cells_of, exact_data
from screening.sources.prepared_columns import MOST_COMPARED, Columns, row_of
from screening.sources.prepared_part import ABSENCES, frame_of, schema_of

if TYPE_CHECKING:
    import polars as pl

# What an entry says that is not its template's, beside its days.
_SAID = ("template", "amount", "day", "f0", "f1", "f2")


class Templates:
    """The templates of one range of people, with their rows made once for all of them."""

    def __init__(self, known: Known) -> None:
        # Those of all blocks serve every range; what this range adds is its own.
        self.entries, self.fields = [*known.entries], [*known.fields]
        self.of_all, self.own = known.rows, dict[int, tuple[Any, ...]]()
        self.shared = len(self.entries)

    def row(self, columns: Columns, at: int) -> tuple[Any, ...]:
        """A template as a row."""
        rows = self.of_all if at < self.shared else self.own
        if at not in rows:
            rows[at] = row_of(columns, 0, self.entries[at], True, None)
        return rows[at]

    def of(self, columns: Columns, used: Sequence[int]) -> pl.DataFrame:
        """The rows of some templates, by `template`."""
        import polars as pl

        table = frame_of([self.row(columns, at) for at in used], columns.held)
        return table.drop("subject").with_columns(template=pl.Series(used, dtype=pl.Int64))


def widened(columns: Columns, rows: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """The entries of one requirement, sorted by `subject` and in the order of each list, as its table."""
    import polars as pl

    used = rows["template"].unique().sort().to_list()
    rows = rows.with_columns(pl.int_range(pl.len()).over("subject").alias("place"))
    rows = rows.with_columns(apart=_apart(columns.requirement, rows, templates))
    numbers = _amounts(columns, rows, templates)
    whole = rows.rename({"origin": "own", "clock": "at", "day": "on", "apart": "are"})
    whole = whole.join(templates.of(columns, used), on="template", maintain_order="left")
    said: dict[str, pl.Expr] = {
        WHEN_LOW: pl.col("low_day"),
        WHEN_HIGH: pl.col("high_day"),
        CLOCK: _rank(whole),
        APART: pl.col("are"),
        "entry": pl.concat_str(pl.lit(f"{columns.requirement.name}#"), pl.col("place") + 1),
        "origin": pl.col("own"),
        "time": pl.when(pl.col("at") != "").then("at"),
    }
    for at, name in _day_fields(templates, used):
        here = pl.col("template").is_in([n for n in used if templates.fields[n][at : at + 1] == (name,)])
        for role in (LOW, HIGH):
            cell = said.get(of_field(name, role), pl.col(of_field(name, role)))
            said[of_field(name, role)] = pl.when(here).then(f"f{at}").otherwise(cell)
        aside = said.get(of_field(name, SET_ASIDE), pl.col(of_field(name, SET_ASIDE)))
        said[of_field(name, SET_ASIDE)] = aside & ~here
    written = pl.col("written")
    if whole["on"].null_count() < whole.height:
        for role in (LOW, HIGH):
            said[role] = pl.coalesce("on", role)
        written = pl.coalesce(pl.col("on").dt.strftime("%Y-%m-%d"), written)
    if numbers is not None:
        whole = whole.join(numbers, on=("template", "amount"), how="left", maintain_order="left", nulls_equal=True)
        for role in (LOW, HIGH):
            given = pl.when(pl.col("amount").is_not_null())
            said[role] = given.then(f"amount_{role}").otherwise(role)
        said["exact"] = pl.when(pl.col("amount").is_not_null()).then("amount_exact").otherwise("exact")
        said[ODD] = pl.col(ODD) | pl.col("amount_odd").fill_null(False)
        written = pl.when(pl.col("amount").is_null()).then(written).otherwise(pl.col("amount") + pl.col("written"))
    held = schema_of(columns.held)
    chosen = [said.get(name, pl.col(name)).cast(type).alias(name) for name, type in held.items()]
    return whole.with_columns(written=written).select(chosen)


def _rank(whole: pl.DataFrame) -> pl.Expr:
    """The rank of a clock time among those of its list."""
    import polars as pl

    if not (whole["at"] != "").any():
        return pl.lit(None)
    # ENGINE: nulls have no rank.
    return pl.when(pl.col("at") != "").then("at").rank("dense").over("subject")


def _day_fields(templates: Templates, used: Sequence[int]) -> list[tuple[int, str]]:
    return sorted({(at, name) for n in used for at, name in enumerate(templates.fields[n])})


def _amounts(columns: Columns, rows: pl.DataFrame, templates: Templates) -> pl.DataFrame | None:
    """The cells of each number as written, by template and number; None where there is none."""
    import polars as pl

    if columns.value.cells != NUMBER:
        return None
    given = rows.filter(pl.col("amount").is_not_null()).select("template", "amount").unique()
    if not given.height:
        return None
    place = list(columns.held).index("exact")
    empty: dict[str, Any] = dict.fromkeys(("low_day", "high_day", "day", "f0", "f1", "f2", "clock", "origin"))
    cells: dict[str, Any] = {}
    found = []
    for template, amount in given.iter_rows():
        made = cells.get(amount)
        if made is None:
            entry = entry_of(
                columns.requirement,
                templates.entries[template],
                (),
                {**empty, "amount": amount, "template": template},
            )
            of = cells_of(columns.value, entry.value)
            data = None if of.is_exact else exact_data(entry.value)
            made = cells[amount] = (of, data, None if of.is_exact else as_text({"value": data}))
        of, data, text = made
        exact = templates.row(columns, template)[place]
        if exact is not None and data is not None:
            # INVARIANT: `value` comes after `certainty` and `fields` and before `when`, which no template has.
            text = f'{exact[:-1]},"value":{as_text(data)}}}'
        elif exact is not None:
            text = exact
        found.append((template, amount, *of.cells, text, of.is_odd))
    types: dict[str, Any] = {"template": pl.Int64, "amount": pl.String}
    types |= {f"amount_{LOW}": pl.Float64, f"amount_{HIGH}": pl.Float64}
    types |= {"amount_exact": pl.String, "amount_odd": pl.Boolean}
    return pl.DataFrame(found, schema=types, orient="row")


# ------------------------------------------------------------------------------ what is apart


def _apart(requirement: DataRequirement, rows: pl.DataFrame, templates: Templates) -> pl.Series:
    """Whether no two entries of a list may turn out to be one, as `prepared_columns.are_apart` finds it."""
    import polars as pl

    exact = (pl.col("low_day") == pl.col("high_day")).fill_null(False).all().over("subject")
    keyed = rows.select(
        "subject", "place", "low_day", "high_day", "clock", *_SAID, days=pl.when(exact).then("low_day")
    )
    keyed = keyed.with_columns(pl.len().over("subject", "days").alias("number"))
    several = keyed.filter(pl.col("number") > 1)
    if not several.height:
        return pl.repeat(True, rows.height, dtype=pl.Boolean, eager=True)
    long = several.filter(pl.col("number") > MOST_COMPARED)["subject"].unique()
    several = several.filter(~pl.col("subject").is_in(long.implode())).drop("number")
    pairs = several.join(several, on=("subject", "days"), suffix="_b", nulls_equal=True)
    pairs = pairs.filter(pl.col("place") < pl.col("place_b"))
    never_low, never_high = pl.date(1, 1, 1), pl.date(9999, 12, 31)
    same = pl.col("low_day").eq_missing(pl.col("low_day_b")) & pl.col("high_day").eq_missing(pl.col("high_day_b"))
    clocked = (pl.col("clock") != "") & (pl.col("clock_b") != "") & (pl.col("clock") != pl.col("clock_b"))
    meet = pl.max_horizontal(pl.col("low_day").fill_null(never_low), pl.col("low_day_b").fill_null(never_low))
    meet = meet <= pl.min_horizontal(
        pl.col("high_day").fill_null(never_high), pl.col("high_day_b").fill_null(never_high)
    )
    pairs = pairs.filter(meet & ~(same & clocked))
    both = [*_SAID, *(f"{name}_b" for name in _SAID)]
    kinds = pairs.select(both).unique()
    may = [_may_be_one(requirement, templates, row) for row in kinds.iter_rows()]
    kinds = kinds.filter(pl.Series(may, dtype=pl.Boolean))
    one = pairs.join(kinds, on=both, how="semi", nulls_equal=True)["subject"].unique()
    return ~rows["subject"].is_in(pl.concat([one, long]).implode())


def _may_be_one(requirement: DataRequirement, templates: Templates, pair: tuple[Any, ...]) -> bool:
    one, other = (
        entry_of(requirement, templates.entries[said[0]], templates.fields[said[0]], _undated(said))
        for said in (pair[: len(_SAID)], pair[len(_SAID) :])
    )
    return may_be_one(one, other)


def _undated(said: tuple[Any, ...]) -> Mapping[str, Any]:
    return dict(zip(_SAID, said, strict=True)) | {"low_day": None, "high_day": None, "clock": "", "origin": ""}


# ----------------------------------------------------------------------------------- absences


def absences(name: str, rows: pl.DataFrame, absent: Sequence[Absence]) -> pl.DataFrame:
    """The attested absences of one requirement, sorted by `subject` and in their order, as its table."""
    import polars as pl

    used = rows["template"].unique().sort().to_list()
    about = [None if absent[n].concepts is None else sorted(absent[n].concepts or ()) for n in used]
    said = pl.DataFrame(
        {"template": used, "concepts": about, "by": [absent[n].by for n in used]},
        schema={"template": pl.Int64, "concepts": pl.List(pl.Int16), "by": pl.String},
    )
    place = pl.int_range(pl.len()).over("subject") + 1
    found = rows.with_columns(entry=pl.concat_str(pl.lit(f"{name}#absent"), place))
    found = found.join(said, on="template", maintain_order="left")
    return (
        found.select(
            pl.col(column).cast(type)
            for column, type in schema_of(ABSENCES).items()
            if column not in (WHEN_LOW, WHEN_HIGH)
        )
        .with_columns(when_low=found["low_day"], when_high=found["high_day"])
        .select(list(ABSENCES))
    )
