"""The tables of a cohort as one lazy frame of people, to which what is asked of their entries is joined.

Columns are made in steps: each lies one step behind what it is made of, and all columns of a step are made
together. Entries are read once for each step in which anything is asked of them, grouped by person, and joined.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, TypeAlias

import polars as pl

from screening.interpreters.cohort_truth import Plain, column, disjoined
from screening.record import tables as roles
from screening.record.tables import Entries, Tables
from screening.values.frozen import dataclass

# So many joins of one step are made one after the other.
SIDE_BY_SIDE = 8
KEYS = "keys of the people"
BESIDE = "said beside the columns"
# Some people, by the first and the last of keys in order, or by each of their keys; None is everybody.
Among: TypeAlias = tuple[Any, Any] | pl.Series | None


@dataclass(frozen=True, slots=True)
class _Step:
    """A column and what it is made of."""

    name: str
    made_of: pl.Expr


@dataclass(frozen=True, slots=True)
class Aside:
    """A table of which each person has at most a few rows, reduced to one row a person; `there` is which count."""

    table: str
    key: str
    reduced: tuple[pl.Expr, ...]
    there: pl.Expr | None = None

    @property
    def names(self) -> frozenset[str]:
        """The columns that it comes to."""
        return frozenset(each.meta.output_name() for each in self.reduced)

    def frame(self, among: Among = None) -> pl.LazyFrame:
        """One row for each person who is in it."""
        rows = scanned(self.table, roles.SUBJECT, among)
        rows = rows if self.there is None else rows.filter(self.there)
        return rows.group_by(pl.col(roles.SUBJECT).alias(self.key)).agg(*self.reduced)


def scanned(path: str, key: str, among: Among) -> pl.LazyFrame:
    """A table, or the rows of it that are of some people."""
    frame = pl.scan_parquet(path)
    if among is None:
        return frame
    if isinstance(among, tuple):
        first, last = among
        return frame.filter(pl.col(key).is_between(pl.lit(first), pl.lit(last)))
    return frame.filter(pl.col(key).is_in(among.cast(frame.collect_schema()[key]).implode()))


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
        """A column of this value; one that is there already is itself, and a constant is calculated at once."""
        if made_of.meta.is_column() or made_of.meta.is_literal():
            return made_of
        text = made_of.meta.serialize()
        found = self.known.get(text)
        if found is None and not made_of.meta.root_names():
            found = self.known[text] = _constant(made_of)
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


def _constant(made_of: pl.Expr) -> pl.Expr:
    """What is made of no column, as a literal; a number of rows has no column behind it either, and is none.

    INVARIANT: else what nobody has on record is written again wherever it is asked, and in what is made of it.
    """
    one, three = (pl.DataFrame({"row": range(rows)}).select(made_of).to_series() for rows in (1, 3))
    is_constant = len(one) == len(three) == 1 and one.equals(three, null_equal=True) and not one.dtype.is_nested()
    return pl.lit(one[0], dtype=one.dtype) if is_constant else made_of


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

    def looked_at_with(self, people: pl.LazyFrame) -> pl.LazyFrame:
        """What the entries are looked at with, out of a frame of people that has it."""
        return people.select(pl.col(self.people.tables.key).alias(self.key), *sorted(self.beside()))

    def frame(self, needed: set[str], known: pl.LazyFrame | None, among: Among = None) -> pl.LazyFrame:
        """One row for each person who has entries that bear on anything, with those answers that are needed."""
        own = self.entries.columns[roles.SUBJECT]
        tables = (self.entries.table, *self.entries.shared)
        rows = pl.concat([self._held(scanned(table, own, among)) for table in tables])
        if roles.WHEN_LOW in self.entries.columns:
            first = pl.col(row_column(self.number, roles.WHEN_LOW))
            # SPEC: semantics 3.5, what is dated wholly later does not exist.
            rows = rows.filter(first.is_null() | (first <= self.people.as_of))
        if known is not None:
            rows = rows.join(known, on=self.key, how="left")
        for step in sorted(self.steps):
            rows = self.grown(rows, step)
        if self.bearing is not None:
            rows = rows.filter(column(disjoined(self.bearing.values())))
        return rows.group_by(self.key).agg(**{x.name: x.made_of for x in self.asked if x.name in needed})

    def _held(self, rows: pl.LazyFrame) -> pl.LazyFrame:
        """The entries of one table by their roles, and whether a prepared cohort says anything beside them."""
        held = [
            pl.col(column).alias(row_column(self.number, role)) for role, column in self.entries.columns.items()
        ]
        if self.entries.is_exact:
            names = set(rows.collect_schema())
            beside = [pl.col(name).is_not_null() for name in (roles.EXACT, roles.TIME) if name in names]
            said = pl.any_horizontal(beside) if beside else pl.lit(False)
            held.append(said.alias(row_column(self.number, BESIDE)))
        return rows.select(held)


def row_column(number: int, role: str) -> str:
    """The column of a role in the entries of one requirement."""
    return f"row{number}:{role}"


class People(Frame):
    """The people's table, and the entries that are joined to it."""

    def __init__(self, tables: Tables, as_of: datetime.date) -> None:
        super().__init__("person~")
        self.tables, self.as_of = tables, as_of
        self.children: dict[tuple[int, int], Child] = {}
        self.asides: list[Aside] = []
        self.made_of: dict[str, set[str]] = {}
        # What lies in the people's table itself is there from the start.
        schema = pl.scan_parquet(tables.people).collect_schema()
        self.types: dict[str, Any] = dict(schema)
        self.step |= dict.fromkeys(schema, 0)

    def child(self, number: int, entries: Entries, conditions: Iterable[pl.Expr]) -> Child:
        """The entries of a requirement, in the step in which conditions on them can be tried."""
        at = self.last(conditions) + 1
        if (at, number) not in self.children:
            self.children[at, number] = Child(self, number, entries, at)
        return self.children[at, number]

    def beside(self, aside: Aside) -> None:
        """Columns of another frame of one row a person, there after the first step."""
        self.asides.append(aside)
        self.step |= dict.fromkeys(aside.names, 1)

    def frame(self, wanted: set[str]) -> pl.LazyFrame:
        """What is wanted, with all that it is made of, one row a person, in the order of the people's table."""
        needed = self.needed(wanted)
        people = pl.scan_parquet(self.tables.people)
        for step in range(max((self.step[name] for name in needed if name in self.step), default=0) + 1):
            # What is made before a join need not be carried through it.
            people = self.grown(people, step, needed)
            made = [(aside.key, aside.frame()) for aside in self.asides_at(step, needed)]
            for child in self.children_at(step, needed):
                beside = child.beside()
                known = child.looked_at_with(self.frame(beside)) if beside else None
                made.append((child.key, child.frame(needed, known)))
            people = self._joined(people, made)
        return people

    def asides_at(self, step: int, needed: set[str]) -> list[Aside]:
        """What is beside the people in a step."""
        return [aside for aside in self.asides if step == 1 and aside.names & needed]

    def children_at(self, step: int, needed: set[str]) -> list[Child]:
        """Whose entries are asked for anything that is needed in a step."""
        children = (child for (at, _), child in self.children.items() if at == step)
        return [child for child in children if any(each.name in needed for each in child.asked)]

    def _joined(self, people: pl.LazyFrame, made: list[tuple[str, pl.LazyFrame]]) -> pl.LazyFrame:
        """The people with what is asked of their entries.

        Many are joined to the keys alone, a few at a time, and laid side by side: all that is there would have to
        be carried through each join.
        """
        if len(made) <= SIDE_BY_SIDE:
            return self._chained(people, made)
        sides = []
        for first in range(0, len(made), SIDE_BY_SIDE):
            keys = pl.scan_parquet(self.tables.people).select(pl.col(self.tables.key).alias(KEYS))
            sides.append(self._chained(keys, made[first : first + SIDE_BY_SIDE], KEYS).drop(KEYS))
        return pl.concat([people, *sides], how="horizontal")

    def _chained(self, people: pl.LazyFrame, made: list[tuple[str, pl.LazyFrame]], own: str = "") -> pl.LazyFrame:
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

    def needed(self, wanted: set[str]) -> set[str]:
        """All columns that some are made of, directly or through the entries of a requirement."""
        behind = self._behind()
        needed, waiting = set[str](), list(wanted)
        while waiting:
            name = waiting.pop()
            if name not in needed:
                needed.add(name)
                waiting += behind.get(name, ())
        return needed
