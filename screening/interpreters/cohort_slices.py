"""Some people of a cohort at a time, step by step in memory: for protocols that ask of hundreds of lists.

A plan of hundreds of joins costs more to make and to run than what it does. Here the entries of each requirement
are reduced on their own, and a column is dropped as soon as nothing more is made of it; how many people are taken
at a time is what bounds the memory.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

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
        """Ranges of keys of so many people; everybody at once where keys are no ascending numbers."""
        tables = self.people.tables
        if not self.people.types[tables.key].is_integer():
            yield None
            return
        keys = pl.scan_parquet(tables.people).select(tables.key).collect(engine="streaming")[tables.key]
        if len(keys) <= size or not keys.is_sorted():
            yield None
            return
        for first in range(0, len(keys), size):
            yield keys[first], keys[min(first + size, len(keys)) - 1]

    def frame(self, among: Among) -> pl.DataFrame:
        """The columns of some people, in the order of the people's table."""
        people, key = self.people, self.people.tables.key
        own = [name for name in people.types if name in self.needed or name == key]
        frame = scanned(people.tables.people, key, among).select(own).collect()
        for step in range(self.end + 1):
            frame = people.grown(frame.lazy(), step, self.needed).collect()
            made = [(aside.key, aside.frame(among)) for aside in people.asides_at(step, self.needed)]
            for child in people.children_at(step, self.needed):
                known = child.looked_at_with(frame.lazy()) if child.beside() else None
                made.append((child.key, child.frame(self.needed, known, among)))
            keys = frame.select(pl.col(key).alias(KEYS))
            sides = [_beside(keys, each_key, each.collect()) for each_key, each in made]
            frame = frame.select(name for name in frame.columns if self.last.get(name, 0) > step)
            frame = frame.hstack([column for side in sides for column in side])
        return frame.select(self.columns)


def _beside(keys: pl.DataFrame, key: str, made: pl.DataFrame) -> list[pl.Series]:
    joined = keys.join(made, left_on=KEYS, right_on=key, how="left", maintain_order="left")
    return joined.drop(KEYS).get_columns()
