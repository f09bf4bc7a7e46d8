"""Entries in columns, each a template and what differs from it, as the tables of a prepared cohort.

A template becomes a row once, as any entry does; days, clock times and numbers are put over it column by column.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from screening.language.library import DataRequirement
from screening.record.subject import Absence
from screening.record.tables import APART, CLOCK, HIGH, LOW, ODD, SET_ASIDE, WHEN_HIGH, WHEN_LOW, of_field
from screening.sources.fhir_block import Known
from screening.sources.fhir_tied import entry_of
from screening.sources.prepared_cells import NUMBER, as_text, cells_of, exact_data
from screening.sources.prepared_columns import Columns, columns_of, row_of
from screening.sources.prepared_part import ABSENCES, frame_of, schema_of

if TYPE_CHECKING:
    import polars as pl


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
            rows[at] = row_of(columns, 0, self.entries[at], True, "")
        return rows[at]

    def of(self, alike: Alike, used: Sequence[int]) -> pl.DataFrame:
        """The rows of some templates, by `template`."""
        import polars as pl

        held = alike.columns
        rows = [self.row(held[self.entries[at].requirement], at) for at in used]
        table = frame_of(rows, alike.first.held)
        return table.drop("subject").with_columns(template=pl.Series(used, dtype=pl.Int64))


class Alike:
    """Requirements whose tables have the same columns, by name: their entries are made at once."""

    def __init__(self) -> None:
        self.columns: dict[str, Columns] = {}

    @property
    def first(self) -> Columns:
        return next(iter(self.columns.values()))


def alike(requirements: Iterable[DataRequirement]) -> list[Alike]:
    """Requirements by the columns of their tables."""
    found: dict[tuple[Any, ...], Alike] = {}
    for requirement in requirements:
        columns = columns_of(requirement)
        found.setdefault(columns.alike, Alike()).columns[requirement.name] = columns
    return list(found.values())


def widened(of: Alike, rows: pl.DataFrame, templates: Templates) -> pl.DataFrame:
    """The entries of requirements that are alike, in the order in which they come, as one table."""
    import polars as pl

    columns = of.first
    used = rows["template"].unique().sort().to_list()
    numbers = _amounts(of, rows, templates)
    whole = rows.rename({"origin": "own", "clock": "at", "day": "on", "apart": "are"})
    whole = whole.join(templates.of(of, used), on="template", maintain_order="left")
    said: dict[str, pl.Expr] = {
        WHEN_LOW: pl.col("low_day"),
        WHEN_HIGH: pl.col("high_day"),
        CLOCK: pl.col("at"),
        APART: pl.col("are"),
        # Its place in the list is its name.
        "entry": pl.lit(None),
        "origin": pl.col("own"),
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
    said["written"] = written
    held = schema_of(columns.held)
    chosen = [said.get(name, pl.col(name)).cast(type).alias(name) for name, type in held.items()]
    return whole.select(chosen)


def _day_fields(templates: Templates, used: Sequence[int]) -> list[tuple[int, str]]:
    return sorted({(at, name) for n in used for at, name in enumerate(templates.fields[n])})


def _amounts(of: Alike, rows: pl.DataFrame, templates: Templates) -> pl.DataFrame | None:
    """The cells of each number as written, by template and number; None where there is none."""
    import polars as pl

    columns = of.first
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
            held = cells_of(columns.value, entry.value)
            data = None if held.is_exact else exact_data(entry.value)
            made = cells[amount] = (held, data, None if held.is_exact else as_text({"value": data}))
        held, data, text = made
        exact = templates.row(of.columns[templates.entries[template].requirement], template)[place]
        if exact is not None and data is not None:
            # INVARIANT: `value` comes after `certainty` and `fields` and before `when`, which no template has.
            text = f'{exact[:-1]},"value":{as_text(data)}}}'
        elif exact is not None:
            text = exact
        found.append((template, amount, *held.cells, text, held.is_odd))
    types: dict[str, Any] = {"template": pl.Int64, "amount": pl.String}
    types |= {f"amount_{LOW}": pl.Float64, f"amount_{HIGH}": pl.Float64}
    types |= {"amount_exact": pl.String, "amount_odd": pl.Boolean}
    return pl.DataFrame(found, schema=types, orient="row")


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
