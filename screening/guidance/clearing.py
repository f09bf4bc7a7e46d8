"""One way to settle several statements at once, where their combinations of answers are too many to try them all.

Statement after statement is settled with what answers it wants beside those that are given already; where none
does, the way is gone back a few steps. That nothing is found says nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from screening.guidance.cubes import Cube, Family, numbers
from screening.guidance.pivots import Chosen
from screening.guidance.tables import Tables
from screening.language.expression import Expression
from screening.values.frozen import dataclass
from screening.values.truth import Truth

_MOST_STEPS, _MOST_WAYS = 60, 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """A statement, the truth that is wanted of it, and what is known to make it so."""

    node: Expression
    truth: Truth
    family: Family


def together(tables: Tables, wanted: Iterable[Wanted]) -> Cube | None:
    """Answers with which all of some statements are as they are wanted; None if none were found."""
    # What can be met in the fewest ways comes first.
    ordered = sorted(wanted, key=lambda one: len(one.family.cubes))
    found = _Together(tables, ordered).found(0, ())
    return None if found is None else {item: 1 << number for item, number in found}


class _Together:
    def __init__(self, tables: Tables, wanted: Sequence[Wanted]) -> None:
        self.tables, self.wanted, self.left = tables, wanted, _MOST_STEPS

    def found(self, position: int, given: Chosen) -> Chosen | None:
        self.left -= 1
        if self.left < 0:
            return None
        if position == len(self.wanted):
            return given if self._holds(given) else None
        one = self.wanted[position]
        if self.tables.truth(one.node, given) is one.truth:
            return self.found(position + 1, given)
        for more in islice(self._ways(one, given), _MOST_WAYS):
            found = self.found(position + 1, (*given, *more))
            if found is not None:
                return found
        return None

    def _ways(self, one: Wanted, given: Chosen) -> Iterator[Chosen]:
        known = dict(given)
        for cube in one.family.cubes:
            if all(item not in known or bits >> known[item] & 1 for item, bits in cube.items()):
                chosen = ((item, next(numbers(bits))) for item, bits in cube.items() if item not in known)
                more = tuple((item, number) for item, number in chosen if number)
                if self.tables.truth(one.node, (*given, *more)) is one.truth:
                    yield more
        yield from self.tables.clearing(one.node, one.truth, given)

    def _holds(self, given: Chosen) -> bool:
        """Whether what came later turned nothing of what came before around."""
        return all(self.tables.truth(one.node, given) is one.truth for one in self.wanted)
