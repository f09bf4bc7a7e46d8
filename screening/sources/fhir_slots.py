"""What stands in the slots of lines: days with their clock times and forms, and the column that a slot names."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from screening.sources.fhir_plan import DAY, INSTANT
from screening.sources.fhir_shape import Shape

if TYPE_CHECKING:
    import polars as pl

_DATE = r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}$"
_TIME = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(?:\.[0-9]{1,9})?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$"
)


def with_days(shape: Shape, lines: pl.DataFrame) -> pl.DataFrame:
    """Each day of a line as a day (`d0`), its clock time (`c0`) and its form (`form0`: `d`, `t` or as written)."""
    import polars as pl

    for number, name in enumerate(shape.names("day")):
        text = lines[name]
        day = text.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False).alias(f"d{number}")
        plain = _form_of_all(text) if not day.null_count() else None
        if plain is not None:
            form = pl.lit(plain, pl.String)
            second = _second(pl.col(name)) if plain == INSTANT else pl.lit(None, pl.Int32)
            lines = lines.with_columns(day, form.alias(f"form{number}"), second.alias(f"c{number}"))
        else:
            lines = _with_day(lines.with_columns(day), number, name)
    return lines


def _form_of_all(text: pl.Series) -> str | None:
    """The form of every one of some texts, where it is one form."""
    for form, pattern in ((DAY, _DATE), (INSTANT, _TIME)):
        if len(text) and text.head(1).str.contains(pattern).all() and text.str.contains(pattern).all():
            return form
    return None


def _with_day(lines: pl.DataFrame, number: int, name: str) -> pl.DataFrame:
    """The form and the clock time of texts of which each may be of another form."""
    import polars as pl

    text = pl.col(name)
    form = pl.when(text.str.contains(_DATE)).then(pl.lit(DAY)).when(text.str.contains(_TIME))
    # INVARIANT: no written text is one of the two words.
    form_text = pl.concat_str(pl.lit("="), text)
    lines = lines.with_columns(form.then(pl.lit(INSTANT)).otherwise(None).alias(f"form{number}"))
    return lines.with_columns(
        pl.when(pl.col(f"d{number}").is_not_null())
        .then(f"form{number}")
        .fill_null(form_text)
        .alias(f"form{number}"),
        pl.when(pl.col(f"form{number}") == INSTANT).then(_second(text)).alias(f"c{number}"),
    )


def _second(text: pl.Expr) -> pl.Expr:
    """The clock time of an instant as written, as `second_of` gives it."""
    import polars as pl

    hours, minutes, seconds = (text.str.slice(at, 2).cast(pl.Int32, strict=False) for at in (11, 14, 17))
    return hours * 3600 + minutes * 60 + seconds + 1


def chosen(planned: pl.DataFrame, slot: str, columns: Sequence[str], otherwise: Any) -> pl.Expr:
    """The column that a slot names; `otherwise` where it names none."""
    import polars as pl

    found = pl.col(otherwise) if isinstance(otherwise, str) else otherwise
    used = set(planned[slot].unique().to_list())
    for number, column in enumerate(columns):
        if used == {number}:
            return pl.col(column)
        if number in used:
            found = pl.when(pl.col(slot) == number).then(pl.col(column)).otherwise(found)
    return found
