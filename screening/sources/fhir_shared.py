"""Entries that may answer many requirements, written once: in which lists what is found lies.

A result of which no code is asked for is a possible entry of every requirement that knows codes of one hospital
alone, in the same words. Such entries lie in a list of their own, which is part of the list of each of these
requirements. Where anything in another list of a person has to be told apart from it, it is not shared.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field
from functools import cached_property
from typing import TYPE_CHECKING

from screening.language.library import DataRequirement
from screening.sources.fhir_block import Known
from screening.sources.joint import Joint
from screening.values.frozen import dataclass

if TYPE_CHECKING:
    import polars as pl

# What spares fewer entries than this is not worth a table of its own, and no more tables are.
LEAST_SPARED = 4096
MOST_TABLES = 48


@dataclass(frozen=True)
class Lists:
    """The lists of one layer: one for each requirement, by its position, and after these those that are shared.

    `sets` are the requirements that an entry is for, as blocks have them, and `asked` the numbers of those that
    this layer answers. `shared` are the requirements of each list that is shared, from list `first` on.
    """

    requirements: Sequence[DataRequirement]
    asked: Mapping[int, str]
    sets: Sequence[tuple[int, ...]]
    shared: Sequence[tuple[int, ...]]
    before: int = 0
    every: list[DataRequirement] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Every list has a requirement that its entries are made by."""
        self.every.extend([*self.requirements, *(self.requirements[of[0]] for of in self.shared)])

    @property
    def first(self) -> int:
        return len(self.requirements)

    def number(self, list: int) -> str:
        """What the table of a list is called."""
        return self.asked[list] if list < self.first else f"{self.before + list - self.first + 1:04d}"

    @property
    def sharing(self) -> dict[str, tuple[str, ...]]:
        """Whose entries the tables hold that are shared, by the number of the table."""
        return {
            self.number(at): tuple(self.asked[one] for one in of) for at, of in enumerate(self.shared, self.first)
        }

    @cached_property
    def heads(self) -> frozenset[int]:
        """The requirements whose entries stand beside each person as well: birth dates, and sex."""
        every = enumerate(self.requirements)
        return frozenset(at for at, one in every if one.kind == "birth date" or one.says_sex)

    @cached_property
    def of_sets(self) -> pl.DataFrame:
        """In which lists (`requirement`) the entries of each `set` lie."""
        at = {of: number for number, of in enumerate(self.shared, self.first)}
        pairs = []
        for number, of in enumerate(self.sets):
            wanted = tuple(one for one in of if one in self.asked)
            lists = [at[wanted]] if wanted in at else wanted
            pairs += [(number, one) for one in lists]
        return _pairs(pairs, "set", "requirement")

    @cached_property
    def members(self) -> pl.DataFrame:
        """The requirements (`member`) of each shared list (`requirement`)."""
        pairs = [(at, one) for at, of in enumerate(self.shared, self.first) for one in of]
        return _pairs(pairs, "requirement", "member")

    @cached_property
    def meeting(self) -> pl.DataFrame:
        """Each list with the shared ones (`other`) that are part of one requirement's list with it."""
        pairs = [(one, at) for at, of in enumerate(self.shared, self.first) for one in of]
        for at, of in enumerate(self.shared, self.first):
            for also, others in enumerate(self.shared, self.first):
                if at != also and not set(of).isdisjoint(others):
                    pairs.append((at, also))
        return _pairs(pairs, "requirement", "other")

    @cached_property
    def within(self) -> pl.DataFrame:
        """Each shared list with another one (`other`) all of whose requirements it has."""
        pairs = []
        for at, of in enumerate(self.shared, self.first):
            for also, others in enumerate(self.shared, self.first):
                if at != also and set(others) <= set(of):
                    pairs.append((at, also))
        return _pairs(pairs, "requirement", "other")

    def apart(self, rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
        """The rows, some shared lists of people (`subject`, `requirement`) written out for each requirement."""
        import polars as pl

        key = ("subject", "requirement")
        moved = rows.join(people, on=key, how="semi").join(self.members, on="requirement")
        moved = moved.with_columns(requirement="member").select(rows.columns)
        return pl.concat([rows.join(people, on=key, how="anti"), moved])


def _pairs(pairs: Sequence[tuple[int, int]], one: str, other: str) -> pl.DataFrame:
    import polars as pl

    return pl.DataFrame(pairs, schema={one: pl.Int32, other: pl.Int32}, orient="row")


def lists_of(joint: Joint, known: Sequence[Known], sizes: Sequence[Mapping[int, int]]) -> list[Lists]:
    """The lists of each layer. What is shared is told by the whole of an export, whatever blocks it came in."""
    found: list[Lists] = []
    for number, (layer, of_layer) in enumerate(zip(joint.layers, known, strict=True)):
        names = {each.name: each.number for each in joint.of_layer(number)}
        asked = {at: names[one.name] for at, one in enumerate(layer.requirements) if one.name in names}
        entries: Counter[tuple[int, ...]] = Counter()
        for at, size in sizes[number].items():
            entries[tuple(one for one in of_layer.sets[at] if one in asked)] += size
        spared = {of: (len(of) - 1) * size for of, size in entries.items() if len(of) > 1}
        worth = sorted((of for of in spared if spared[of] >= LEAST_SPARED), key=lambda of: (-spared[of], of))
        before = sum(len(one.shared) for one in found)
        found.append(Lists(layer.requirements, asked, of_layer.sets, worth[:MOST_TABLES], before))
    return found
