"""Answers on which a statement turns, looked for where its combinations of answers are too many to try them all.

Everything is answered in some way, then item after item is taken back for as long as the statement stays settled:
what is left settles it, and nothing less of it does. Looked for is such a set with each of the items, on either
side; where a statement hardly ever turns, from the step at which it turns on the way between two sides.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from random import Random
from typing import Any

from screening.values.truth import FALSE, TRUE

Chosen = tuple[tuple[str, int], ...]
# What a statement is worth with some answers; None if they contradict one another.
Tried = Callable[[Chosen], Any]
_CONTEXTS = 6
_OF_AN_ITEM = 6


def pivots(
    numbers: Mapping[str, int], tried: Tried, most: int, may_turn: bool = False
) -> Iterator[tuple[Any, Chosen]]:
    """Smallest sets of answers that settle a statement, each with the truth that it makes of it.

    `numbers` says how many answers each item has; at most about `most` combinations are tried. `may_turn` says
    that a further answer may turn the statement around again. The same numbers bring the same sets.
    """
    items = [item for item, number in numbers.items() if number]
    if not items:
        return
    search = _Search(items, numbers, tried, may_turn)
    yield from search.through(_contexts(items, numbers), most)
    yield from search.through(search.on_the_way(), most)


def _contexts(items: list[str], numbers: Mapping[str, int]) -> Iterator[Chosen]:
    """Ways to answer everything: each with its first answer, its last, and some by a fixed chance."""
    yield tuple((item, 1) for item in items)
    yield tuple((item, numbers[item]) for item in items)
    chance = Random(len(items))
    for _ in range(_CONTEXTS):
        yield tuple((item, chance.randint(1, numbers[item])) for item in items)


class _Search:
    def __init__(self, items: list[str], numbers: Mapping[str, int], tried: Tried, may_turn: bool) -> None:
        self.items, self.numbers, self._tried, self.may_turn = items, numbers, tried, may_turn
        self.count = 0
        self.covered: set[tuple[str, Any]] = set()
        self.sides: dict[Any, Chosen] = {}
        self._known: dict[Chosen, Any] = {}

    def worth(self, chosen: Chosen) -> Any:
        if chosen not in self._known:
            self.count += 1
            self._known[chosen] = self._tried(chosen)
        return self._known[chosen]

    def through(self, contexts: Iterator[Chosen], most: int) -> Iterator[tuple[Any, Chosen]]:
        """The sets that are found from ways of answering everything."""
        for context in contexts:
            for item in self.items:
                if self.count >= most:
                    return
                if {(item, TRUE), (item, FALSE)} <= self.covered:
                    continue
                for answered in self._ways(context, item):
                    way = self._agreeing(answered, item)
                    truth = self.worth(way)
                    if truth not in (TRUE, FALSE):
                        continue
                    self.sides.setdefault(truth, way)
                    if (item, truth) in self.covered:
                        continue
                    least = self._least(way, item, truth)
                    if new := {(name, truth) for name, _ in least} - self.covered:
                        self.covered |= new
                        yield truth, least

    def _agreeing(self, way: Chosen, item: str) -> Chosen:
        """A way without the answers that contradict others, the answer to an item kept."""
        if self.worth(way) is not None:
            return way
        others = [name for name, _ in way if name != item]
        for name in others:
            if self.worth(shorter := _without(way, name)) is not None:
                return shorter
        for name in others:
            way = _without(way, name)
            if self.worth(way) is not None:
                break
        return way

    def _ways(self, context: Chosen, item: str) -> Iterator[Chosen]:
        """A way of answering everything, with some of the answers to one item."""
        number = self.numbers[item]
        stride = max(1, -(-number // _OF_AN_ITEM))
        for other in sorted({1, number, *range(1, number + 1, stride)}):
            yield tuple((name, other if name == item else n) for name, n in context)

    def _least(self, way: Chosen, item: str, truth: Any) -> Chosen:
        """What is left of a way if everything is taken back that the truth does not need, one item last of all.

        Where an answer may turn it around, the truth has to end with what is taken back last.
        """
        is_turned = self.may_turn and self.worth(_without(way, item)) is not truth
        for name in (*(name for name in self.items if name != item), item):
            shorter = _without(way, name)
            if self.worth(shorter) is not truth:
                continue
            if not is_turned or self.worth(_without(shorter, item)) is not truth:
                way = shorter
        return way

    def on_the_way(self) -> Iterator[Chosen]:
        """The steps at which the statement turns, between a way in which it holds and one in which it does not."""
        if len(self.sides) < 2:
            return
        for start, end in islice(self._ends(), 2):
            way, before = start, self.worth(start)
            of_end = dict(end)
            for position, (name, number) in enumerate(way):
                further = (*way[:position], (name, of_end.get(name, number)), *way[position + 1 :])
                if self.worth(further) is not before:
                    yield way
                    yield further
                    break
                way = further

    def _ends(self) -> Iterator[tuple[Chosen, Chosen]]:
        yield self.sides[TRUE], self.sides[FALSE]
        yield self.sides[FALSE], self.sides[TRUE]


def _without(chosen: Chosen, item: str) -> Chosen:
    return tuple(one for one in chosen if one[0] != item)
