"""What a mapping says of tables: how they are written, and what their columns, boxes and rows answer."""

from __future__ import annotations

import datetime
from collections.abc import Mapping as Map
from dataclasses import field
from typing import TypeAlias

from screening.errors import NOWHERE, Span
from screening.values.frozen import dataclass

Where: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""Columns with the texts of which a row has one there; what is not so is passed over."""


@dataclass(frozen=True, slots=True)
class Style:
    """How cells are written: decimal sign, forms of dates, what says missing, and what UCUM calls the units.

    A code that is `missing` says that nobody knows the value; one that is `empty`, as of a question that was not
    asked or a reading that was not taken, says no more than an empty cell does.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    dates: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    units: Map[str, str] = field(default_factory=dict)
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Column:
    """One column that answers requirements: `words` say what the answers mean, `on` is the day of all of them.

    Of several columns of a table that answer one question of yes or no as of one day, a no to one is a no to the
    question only where the others are answered too. `where` says in which rows the column was asked at all, as a
    question behind a gate is: in others it answers nothing, and nothing waits for it.
    """

    column: str
    requirements: tuple[str, ...] = ()
    unit: str = ""
    unit_column: str = ""
    date: str = ""
    on: str = ""
    words: Map[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    is_age: bool = False
    system: str = ""
    by: str = ""
    span: Span = NOWHERE
    where: Where = ()
    empty: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Boxes:
    """A question with several answers to be ticked, a column each.

    SPEC: a group in which nothing is ticked is not known, unless its form is marked complete. A tick in one of the
    columns `missing` says why nobody answered; then what is not ticked is not known either, whatever lists a site
    declares complete.
    """

    columns: tuple[Column, ...]
    form: str = ""
    complete: tuple[str, ...] = ("2", "Complete")
    none: str = ""
    ticked: tuple[str, ...] = ("1", "Checked")
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rows:
    """A table of which each row is an entry: of one requirement, or of the one that its code or name says.

    `apart` says that each row is an entry of its own: no two of them are one thing that was recorded twice.
    A `value` beside a condition or another fact says whether it is there: by `words`, `true` or `false`. A code or
    a name that is `missing` says that nobody knows what the entry is of, as an empty cell does; in one of the
    columns of an array an empty cell is no entry.
    """

    requirement: str = ""
    kind: str = ""
    code: str = ""
    system: str = ""
    name: str = ""
    names: Map[str, str] = field(default_factory=dict)
    unlisted: str = "possible"
    value: Column | None = None
    until: str = ""
    status: str = ""
    by: str = ""
    text: str = ""
    fields: Map[str, Column] = field(default_factory=dict)
    date: str = ""
    on: str = ""
    span: Span = NOWHERE
    where: Where = ()
    apart: bool = False
    missing: tuple[str, ...] = ()
    is_array: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """One table: the column that says whose a row is, or several that say it together, and what the others are."""

    name: str
    ids: tuple[str, ...]
    style: Style
    is_people: bool = False
    repeats: bool = False
    columns: tuple[Column, ...] = ()
    boxes: tuple[Boxes, ...] = ()
    rows: tuple[Rows, ...] = ()
    span: Span = NOWHERE
    named: tuple[tuple[str, Span], ...] = ()
    """Every column that the mapping names, with the place where it does."""
    where: Where = ()
    """Of which rows `columns` and `boxes` speak; `rows` have their own."""
    is_numbered: bool = False
    """Whether ids are whole numbers: then `42.0`, `0042` and 42 are one."""
    asked: tuple[tuple[str, Span], ...] = ()
    """Every requirement that the mapping names, with the place where it does."""
    skip: int = 0
    """So many rows below the names of the columns are of nobody: they say in full what the columns are."""


@dataclass(frozen=True, slots=True)
class TableMapping:
    """What the columns of a site's tables are; the first of the tables is that of the people."""

    tables: tuple[Table, ...]
    source: str = ""
    extracted: datetime.date | None = None
    synthetic: bool = False
    digest: str = ""
    path: str = ""
    systems: tuple[tuple[str, Span], ...] = ()
    """Every code system that the mapping names, with the place where it does."""
