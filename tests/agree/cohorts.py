"""People in the files of a prepared cohort, written from what a door has read: what columns are tried on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl

from screening.language.library import DataRequirement, Library
from screening.language.types import ORDERED, Type
from screening.record import tables as roles
from screening.record.keys import may_be_one
from screening.record.subject import Evidence, SetAside, Subject
from screening.record.tables import Entries, Held, Tables
from screening.sources.prepared_columns import TRACE, columns_of, rows_of
from screening.sources.prepared_part import frame_of
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_TRUTHS = {TRUE: True, FALSE: False, UNKNOWN: None}
_KINDS: dict[str, Any] = {"Date": pl.Date, "DateTime": pl.Datetime, "String": pl.String, "Code": pl.String}
MOST_COMPARED = 64


def write_exactly(library: Library, people: Sequence[Subject], folder: Path) -> Tables:
    """The same with the entries as they are prepared, and everything that is said beside their columns."""
    tables = write(library, people, folder)
    found: dict[str, Held | Entries] = {}
    for name, entries in tables.requirements.items():
        assert isinstance(entries, Entries)
        columns = columns_of(next(each for each in library.requirements if each.name == name))
        made = [row for n, s in enumerate(people) for row in rows_of(columns, n, s.evidence.get(name, ()))]
        table = frame_of(made, columns.held)
        # What no row says has no column.
        table.drop(c for c in TRACE if table[c].null_count() == table.height).write_parquet(entries.table)
        found[name] = replace(entries, columns={role: role for role in columns.roles}, is_exact=True)
    return replace(tables, requirements=found)


def write(library: Library, people: Sequence[Subject], folder: Path, group: int = 7) -> Tables:
    """The files of a cohort, in row groups of so many rows, and where everything lies."""
    folder.mkdir(parents=True, exist_ok=True)
    kinds: dict[str, Any] = {"subject": pl.Int64, "id": pl.String}
    ids = pl.DataFrame({"subject": range(len(people)), "id": [s.id for s in people]}, schema=kinds)
    ids.write_parquet(folder / "subjects.parquet", row_group_size=group)
    found: dict[str, Entries] = {}
    for number, requirement in enumerate(library.requirements):
        entries = _requirement(requirement, people, folder, number, group)
        if entries is not None:
            found[requirement.name] = entries
    return Tables(str(folder / "subjects.parquet"), "subject", "id", found)


def _requirement(
    requirement: DataRequirement, people: Sequence[Subject], folder: Path, number: int, group: int
) -> Entries | None:
    name = requirement.name
    if not any(name in s.evidence or name in s.absences or name in s.complete for s in people):
        return None
    types = {"value": _own(requirement), **{f.name: f.type for f in requirement.fields if f.name != "value"}}
    schema = _schema(types)
    lists = [(n, s.evidence.get(name, ())) for n, s in enumerate(people)]
    made = [row for n, evidence in lists for row in _rows(n, evidence, types)]
    table = folder / f"{number:04}.parquet"
    pl.DataFrame(made, schema=schema, orient="row").write_parquet(table, row_group_size=group)
    denied = [
        (n, a.when.low, a.when.high, None if a.concepts is None else sorted(a.concepts))
        for n, s in enumerate(people)
        for a in s.absences.get(name, ())
    ]
    absences = ""
    if denied:
        absences = str(folder / f"absences{number:04}.parquet")
        kinds: dict[str, Any] = {
            "subject": pl.Int64,
            "when_low": pl.Date,
            "when_high": pl.Date,
            "concepts": pl.List(pl.Int16),
        }
        pl.DataFrame(denied, schema=kinds, orient="row").write_parquet(absences, row_group_size=group)
    lists_ = [(n, s.complete[name].since) for n, s in enumerate(people) if name in s.complete]
    complete = ""
    if lists_:
        complete = str(folder / f"complete{number:04}.parquet")
        pl.DataFrame(lists_, schema={"subject": pl.Int64, "since": pl.Date}, orient="row").write_parquet(complete)
    return Entries(str(table), {role: role for role in schema}, absences, complete)


def _own(requirement: DataRequirement) -> Type:
    if requirement.kind == "birth date" or requirement.take.startswith("age"):
        return Type("Date")
    return Type("String") if requirement.kind == "gender" else requirement.type


def _schema(types: dict[str, Type]) -> dict[str, Any]:
    found: dict[str, Any] = {roles.SUBJECT: pl.Int64, roles.CERTAIN: pl.Boolean, roles.SET_ASIDE: pl.Boolean}
    found |= {roles.WHEN_LOW: pl.Date, roles.WHEN_HIGH: pl.Date, roles.CLOCK: pl.Int16}
    found |= {roles.CONCEPT: pl.Int16, roles.CODE: pl.String, roles.APART: pl.Boolean, roles.ODD: pl.Boolean}
    for name, type in types.items():
        for role in _roles(type):
            column = role if name == "value" else roles.of_field(name, role)
            found[column] = pl.Boolean if role == roles.TRUTH else _KINDS.get(type.name, pl.Float64)
    return found


def _roles(type: Type) -> tuple[str, ...]:
    if type.name in ORDERED:
        return roles.LOW, roles.HIGH
    return (roles.WORD,) if type.name in ("String", "Code") else (roles.TRUTH,)


def _rows(subject: int, evidence: Sequence[Evidence], types: dict[str, Type]) -> list[tuple[Any, ...]]:
    apart = len(evidence) <= MOST_COMPARED and not any(
        may_be_one(a, b) for n, a in enumerate(evidence) for b in evidence[:n]
    )
    clocks = sorted({row.clock for row in evidence if row.clock})
    made = []
    for row in evidence:
        cells: list[Any] = []
        odd = len(row.codes) > 1 or len(row.concepts) > 1
        for name, type in types.items():
            value = row.value if name == "value" else row.fields.get(name)
            found, is_odd = _cells(type, value)
            cells += found
            odd = odd or is_odd
        clock = clocks.index(row.clock) + 1 if row.clock else None
        concept = next(iter(row.concepts)) if len(row.concepts) == 1 else None
        code = f"{row.codes[0].system}|{row.codes[0].code}" if len(row.codes) == 1 else None
        aside = isinstance(row.value, SetAside)
        when = row.when
        made.append(
            (subject, row.certainty is TRUE, aside, when.low, when.high, clock, concept, code, apart, odd, *cells)
        )
    return made


def _cells(type: Type, value: Any) -> tuple[list[Any], bool]:
    if type.name in ORDERED:
        if not isinstance(value, Bounds):
            return [None, None], False
        ends = [float(x) if isinstance(x, int | Decimal) else x for x in value]
        digits = [len(Decimal(x).as_tuple().digits) for x in value if isinstance(x, int | Decimal)]
        return ends, any(n > 15 for n in digits)
    if type.name in ("String", "Code"):
        codings = value if isinstance(value, tuple) and not isinstance(value, Bounds) else ()
        return [f"{codings[0].system}|{codings[0].code}" if codings else None], len(codings) > 1
    return [_TRUTHS[value] if isinstance(value, Truth) else None], False
