"""The tables of a cohort as one lazy frame of people, to which what is asked of their entries is joined.

Columns are made in steps: each lies one step behind what it is made of, and all columns of a step are made
together. Entries are read once for each step in which anything is asked of them, grouped by person, and joined.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

import polars as pl

from screening.interpreters.cohort_truth import Plain, column, disjoined
from screening.record import tables as roles
from screening.record.tables import Entries, Tables
from screening.values.frozen import dataclass


# So many joins of one step are made one after the other.
SIDE_BY_SIDE = 8
KEYS = "keys of the people"


@dataclass(frozen=True, slots=True)
class _Step:
    """A column and what it is made of."""

    name: str
    made_of: pl.Expr


class Frame:
    """Columns that are made step by step out of those that are there."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.step: dict[str, int] = {}
        self.steps: dict[int, list[_Step]] = defaultdict(list)
        self.known: dict[bytes, pl.Expr] = {}

    def last(self, expressions: Iterable[pl.Expr]) -> int:
        """The step after which all that these are made of is there."""
        roots = {name for each in expressions for name in each.meta.root_names()}
        return max((self.step[name] for name in roots if name in self.step), default=0)

    def fresh(self) -> str:
        return f"{self.prefix}{len(self.step)}"

    def keep(self, made_of: pl.Expr) -> pl.Expr:
        """A column of this value; one that is there already is itself."""
        if made_of.meta.is_column() or not made_of.meta.root_names():
            return made_of
        text = made_of.meta.serialize()
        found = self.known.get(text)
        if found is None:
            name, step = self.fresh(), self.last([made_of]) + 1
            self.step[name] = step
            self.steps[step].append(_Step(name, made_of))
            found = self.known[text] = pl.col(name)
        return found

    def grown(self, frame: pl.LazyFrame, step: int, needed: set[str] | None = None) -> pl.LazyFrame:
        """The frame with the columns of one step, or those of them that are needed."""
        made = {s.name: s.made_of for s in self.steps.get(step, ()) if needed is None or s.name in needed}
        return frame.with_columns(**made) if made else frame


class Child(Frame):
    """The entries of one requirement, with what is asked of them in one step.

    Entries that bear on nothing that is asked are dropped before they are grouped.
    """

    def __init__(self, people: People, number: int, entries: Entries, at: int) -> None:
        super().__init__(f"row{number}~{at}~")
        self.people, self.entries, self.number, self.at = people, entries, number, at
        self.asked: list[_Step] = []
        self.answers: dict[bytes, str] = {}
        self.bearing: dict[bytes, pl.Expr] | None = {}

    @property
    def key(self) -> str:
        return row_column(self.number, roles.SUBJECT)

    def over(self, reduced: pl.Expr) -> pl.Expr:
        """What is the same for all entries of a person, beside each of them."""
        return self.keep(reduced.over(self.key))

    def ask(self, reduced: pl.Expr, bearing: Plain) -> pl.Expr:
        """A column of the people: what their entries come to; null for somebody of whom none bears on it."""
        if bearing is True:
            self.bearing = None
        elif self.bearing is not None and isinstance(bearing, pl.Expr):
            self.bearing.setdefault(bearing.meta.serialize(), bearing)
        text = reduced.meta.serialize()
        name = self.answers.get(text)
        if name is None:
            name = self.answers[text] = self.people.fresh()
            self.people.step[name] = self.at
            self.asked.append(_Step(name, reduced))
        return pl.col(name)

    def beside(self) -> set[str]:
        """The columns of the people that the entries are looked at with."""
        made = [each.made_of for each in self.asked] + list((self.bearing or {}).values())
        made += [s.made_of for steps in self.steps.values() for s in steps]
        return {name for each in made for name in each.meta.root_names()} & self.people.step.keys()

    def frame(self) -> pl.LazyFrame:
        """One row for each person who has entries."""
        rows = self.people.scanned(self.entries.table).select(
            pl.col(column).alias(row_column(self.number, role)) for role, column in self.entries.columns.items()
        )
        if roles.WHEN_LOW in self.entries.columns:
            first = pl.col(row_column(self.number, roles.WHEN_LOW))
            # SPEC: semantics 3.5, what is dated wholly later does not exist.
            rows = rows.filter(first.is_null() | (first <= self.people.as_of))
        beside = sorted(self.beside())
        if beside:
            people = self.people.frame(set(beside))
            known = people.select(pl.col(self.people.tables.key).alias(self.key), *beside)
            rows = rows.join(known, on=self.key, how="left")
        for step in sorted(self.steps):
            rows = self.grown(rows, step)
        if self.bearing is not None:
            rows = rows.filter(column(disjoined(self.bearing.values())))
        return rows.group_by(self.key).agg(**{each.name: each.made_of for each in self.asked})


def row_column(number: int, role: str) -> str:
    """The column of a role in the entries of one requirement."""
    return f"row{number}:{role}"


class People(Frame):
    """The people's table, and the entries that are joined to it."""

    def __init__(self, tables: Tables, as_of: datetime.date) -> None:
        super().__init__("person~")
        self.tables, self.as_of = tables, as_of
        self.children: dict[tuple[int, int], Child] = {}
        self.lists: list[tuple[str, pl.LazyFrame, frozenset[str]]] = []
        self.made_of: dict[str, set[str]] = {}
        # What lies in the people's table itself is there from the start.
        schema = pl.scan_parquet(tables.people).collect_schema()
        self.types: dict[str, Any] = dict(schema)
        self.step |= dict.fromkeys(schema, 0)

    def scanned(self, path: str) -> pl.LazyFrame:
        return pl.scan_parquet(path)

    def child(self, number: int, entries: Entries, conditions: Iterable[pl.Expr]) -> Child:
        """The entries of a requirement, in the step in which conditions on them can be tried."""
        at = self.last(conditions) + 1
        if (at, number) not in self.children:
            self.children[at, number] = Child(self, number, entries, at)
        return self.children[at, number]

    def beside(self, key: str, made: pl.LazyFrame, names: Iterable[str]) -> None:
        """Columns of another frame of one row a person, there after the first step."""
        self.lists.append((key, made, frozenset(names)))
        self.step |= dict.fromkeys(names, 1)

    def frame(self, wanted: set[str]) -> pl.LazyFrame:
        """What is wanted, with all that it is made of, one row a person, in the order of the people's table."""
        needed = self._needed(wanted)
        people = self.scanned(self.tables.people)
        for step in range(max((self.step[name] for name in needed if name in self.step), default=0) + 1):
            # What is made before a join need not be carried through it.
            people = self.grown(people, step, needed)
            lists = [(key, made) for key, made, names in self.lists if step == 1 and names & needed]
            joined = [
                (child.key, child.frame())
                for (at, _), child in self.children.items()
                if at == step and any(each.name in needed for each in child.asked)
            ]
            people = self._joined(people, [*lists, *joined])
        return people

    def _joined(self, people: pl.LazyFrame, made: list[tuple[str, pl.LazyFrame]]) -> pl.LazyFrame:
        """The people with what is asked of their entries.

        Many are joined to the keys alone, a few at a time, and laid side by side: all that is there would have to
        be carried through each join.
        """
        if len(made) <= SIDE_BY_SIDE:
            return self._chained(people, made)
        sides = []
        for first in range(0, len(made), SIDE_BY_SIDE):
            keys = self.scanned(self.tables.people).select(pl.col(self.tables.key).alias(KEYS))
            sides.append(self._chained(keys, made[first : first + SIDE_BY_SIDE], KEYS).drop(KEYS))
        return pl.concat([people, *sides], how="horizontal")

    def _chained(
        self, people: pl.LazyFrame, made: list[tuple[str, pl.LazyFrame]], own: str = ""
    ) -> pl.LazyFrame:
        for key, each in made:
            left = own or self.tables.key
            people = people.join(each, left_on=left, right_on=key, how="left", maintain_order="left")
        return people

    def _behind(self) -> dict[str, set[str]]:
        """What each column is made of; looked at once, when everything has been asked."""
        if len(self.made_of) < len(self.step):
            found = {s.name: set(s.made_of.meta.root_names()) for steps in self.steps.values() for s in steps}
            for child in self.children.values():
                found |= dict.fromkeys((each.name for each in child.asked), child.beside())
            self.made_of = {name: found.get(name, set()) for name in self.step}
        return self.made_of

    def _needed(self, wanted: set[str]) -> set[str]:
        """All columns that some are made of, directly or through the entries of a requirement."""
        behind = self._behind()
        needed, waiting = set[str](), list(wanted)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += behind.get(name, ())
        return needed
