"""Some people of a cohort at a time, step by step in memory: for protocols that ask of hundreds of lists.

A plan of hundreds of joins costs more to make and to run than what it does. Here the entries of each requirement
are reduced on their own, and a column is dropped as soon as nothing more is made of it; how many people are taken
at a time is what bounds the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import polars as pl

from screening.interpreters.cohort_tables import KEYS, Among, People, scanned

# What a column of a person takes, with what it is made of.
BYTES = 32
FEWEST = 1000


class Slices:
    """Columns of the people, made of so many of them at a time."""

    def __init__(self, people: People, columns: Sequence[pl.Expr]) -> None:
        self.people, self.columns = people, columns
        wanted = {name for each in columns for name in each.meta.root_names()}
        self.needed = people.needed(wanted)
        self.end = max((people.step.get(name, 0) for name in self.needed), default=0)
        self.last = self._last_uses(wanted)

    def _last_uses(self, wanted: set[str]) -> dict[str, int]:
        """The last step in which each column is looked at."""
        last: dict[str, int] = {}
        for step, made in self.people.steps.items():
            for each in made:
                if each.name in self.needed:
                    for root in each.made_of.meta.root_names():
                        last[root] = max(last.get(root, 0), step)
        for step in range(self.end + 1):
            for child in self.people.children_at(step, self.needed):
                for name in child.beside():
                    last[name] = max(last.get(name, 0), step)
        return last | dict.fromkeys((*wanted, self.people.tables.key), self.end + 1)

    def at_once(self, memory: int) -> int:
        """How many people may be taken at a time to stay within so many bytes."""
        made = Counter(self.people.step[name] for name in self.needed)
        dropped = Counter(self.last.get(name, 0) for name in self.needed)
        width = most = 0
        for step in range(self.end + 1):
            width += made[step]
            most = max(most, width)
            width -= dropped[step]
        return max(FEWEST, memory // (BYTES * max(1, most)))

    def among(self, size: int) -> Iterator[Among]:
        """So many people at a time, in the order of their table: by ranges where their keys ascend in it."""
        tables = self.people.tables
        keys = pl.scan_parquet(tables.people).select(tables.key)
        number, nameless = keys.select(pl.len(), nameless=pl.col(tables.key).null_count()).collect().row(0)
        if number <= size or nameless:
            yield None
            return
        firsts = range(0, number, size)
        ends = _ends(keys.slice(first, size).collect()[tables.key] for first in firsts)
        if ends is not None:
            yield from ends
            return
        # Of a key that is there twice all rows come with its first: it stands in one piece.
        if keys.select(pl.col(tables.key).n_unique()).collect().item() < number:
            keys = keys.unique(maintain_order=True).collect().lazy()
        for first in firsts:
            some = keys.slice(first, size).collect()[tables.key]
            if some.len():
                yield some

    def frame(self, among: Among) -> pl.DataFrame:
        """The columns of some people, in the order of the people's table."""
        people, key = self.people, self.people.tables.key
        own = [name for name in people.types if name in self.needed or name == key]
        first = scanned(people.tables.people, key, among).select(own).collect()
        held = {name: first[name] for name in own}
        keys = pl.DataFrame([held[key].alias(KEYS)])
        for step in range(self.end + 1):
            made = [(aside.key, aside.frame(among)) for aside in people.asides_at(step, self.needed)]
            for child in people.children_at(step, self.needed):
                beside = child.beside()
                known = _of(held, beside | {key}).lazy()
                made.append(
                    (child.key, child.frame(self.needed, child.looked_at_with(known) if beside else None, among))
                )
            new = self._grown(held, step)
            for each_key, each in made:
                new += _beside(keys, each_key, each.collect())
            held = {name: column for name, column in held.items() if self.last.get(name, 0) > step}
            held |= {column.name: column for column in new}
        return pl.DataFrame(list(held.values())).select(self.columns)

    def _grown(self, held: Mapping[str, pl.Series], step: int) -> list[pl.Series]:
        made = {each.name: each.made_of for each in self.people.steps.get(step, ()) if each.name in self.needed}
        if not made:
            return []
        roots = {root for each in made.values() for root in each.meta.root_names()}
        return _of(held, roots).lazy().select(**made).collect().get_columns()


def _ends(pieces: Iterable[pl.Series]) -> list[tuple[Any, Any]] | None:
    """The first and the last key of each piece; None where keys do not ascend through all of them."""
    found: list[tuple[Any, Any]] = []
    for keys in pieces:
        if not keys.is_sorted() or (found and keys[0] <= found[-1][1]):
            return None
        found.append((keys[0], keys[-1]))
    return found


def _of(held: Mapping[str, pl.Series], names: Iterable[str]) -> pl.DataFrame:
    return pl.DataFrame([held[name] for name in sorted(names)])


def _beside(keys: pl.DataFrame, key: str, made: pl.DataFrame) -> list[pl.Series]:
    joined = keys.join(made, left_on=KEYS, right_on=key, how="left", maintain_order="left")
    return joined.drop(KEYS).get_columns()
