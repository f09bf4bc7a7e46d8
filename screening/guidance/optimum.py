"""The best possible next question where few items are open: by dynamic programming over everything they can say.

Answers that every part of the person takes alike are one. What is least is the mean cost until no answer changes
the verdict, each answer counting alike, or as often as the declared frequencies of the criteria say. It is found
for people of whom the combinations of the listed answers are few enough; of others nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from math import prod
from typing import NamedTuple

from screening.guidance.cubes import UNANSWERED, Cube
from screening.guidance.parts import Part
from screening.outcome.determination import Verdict

MOST_STATES = 800
SETTLED = (Verdict.INELIGIBLE, Verdict.ELIGIBLE)
# Of each item, in their order, which of its kinds of answers was given: 0 is none.
State = tuple[int, ...]


class Possible(NamedTuple):
    """What answers can make of one person: the parts, and whether ELIGIBLE and REVIEW are still within reach."""

    parts: tuple[Part, ...]
    may_be_cleared: bool
    may_be_reviewed: bool


class Optimum:
    """The best order to ask one person in, worked out answer by answer; `items` are those that matter."""

    def __init__(
        self,
        possible: Possible,
        items: Sequence[str],
        burden: Callable[[str], Decimal],
        chances: Mapping[str, Decimal],
        kinds: Mapping[str, Sequence[int]],
    ) -> None:
        self.possible, self.items = possible, items
        self.burdens = [float(burden(item)) for item in items]
        self.kinds = [(UNANSWERED, *kinds[item]) for item in items]
        self.weights = [_weights(possible.parts, item, kinds[item], chances) for item in items]
        self.parts = [_Members(part, items) for part in possible.parts]
        self._verdicts: dict[State, Verdict | None] = {}
        self._final: dict[State, bool] = {}
        self._costs: dict[State, float] = {}

    def first(self) -> str | None:
        """The item with which the best order begins; None if nothing is left to ask. Of equals the first."""
        start = (0,) * len(self.items)
        found = [(cost, n) for n in range(len(self.items)) if (cost := self._asking(start, n)) is not None]
        return self.items[min(found)[1]] if found and not self._is_final(start) else None

    def cost(self) -> float:
        """What the best order costs in the mean."""
        return self._cost((0,) * len(self.items))

    def _cost(self, state: State) -> float:
        found = self._costs.get(state)
        if found is None:
            costs: Iterable[float] = ()
            if not self._is_final(state):
                asking = (self._asking(state, n) for n, kind in enumerate(state) if not kind)
                costs = [cost for cost in asking if cost is not None]
            found = self._costs[state] = min(costs, default=0.0)
        return found

    def _asking(self, state: State, item: int) -> float | None:
        """The mean cost if an item is asked next; None if it has no answer beside the others."""
        weight = total = 0.0
        for kind, share in enumerate(self.weights[item], 1):
            after = (*state[:item], kind, *state[item + 1 :])
            if self._verdict(after) is not None:
                weight += share
                total += share * self._cost(after)
        return self.burdens[item] + total / weight if weight else None

    def _is_final(self, state: State) -> bool:
        """Whether no further answer changes the verdict."""
        found = self._final.get(state)
        if found is None:
            verdict = self._verdict(state)
            found = self._final[state] = verdict in SETTLED or all(
                other is None or (other is verdict and self._is_final(after))
                for after in self._further(state)
                for other in (self._verdict(after),)
            )
        return found

    def _further(self, state: State) -> Iterable[State]:
        for item, given in enumerate(state):
            if not given:
                for kind in range(1, len(self.kinds[item])):
                    yield (*state[:item], kind, *state[item + 1 :])

    def _verdict(self, state: State) -> Verdict | None:
        """The verdict with some answers; None if they contradict one another."""
        if state not in self._verdicts:
            bits = [kinds[kind] for kinds, kind in zip(self.kinds, state, strict=True)]
            self._verdicts[state] = self._read_off(bits)
        return self._verdicts[state]

    def _read_off(self, bits: list[int]) -> Verdict | None:
        if any(_meets(part.contradictions, bits) for part in self.parts):
            return None
        if any(_meets(part.barring, bits) for part in self.parts):
            return Verdict.INELIGIBLE
        if self.possible.may_be_cleared and all(_meets(part.clearing, bits) for part in self.parts):
            return Verdict.ELIGIBLE
        if self.possible.may_be_reviewed and all(_meets(part.reviewing, bits) for part in self.parts):
            return Verdict.REVIEW
        return Verdict.UNDETERMINED


Members = list[list[tuple[int, int]]]


class _Members:
    """The cubes of a part by the places of its items; an item that is not asked stays unanswered."""

    def __init__(self, part: Part, items: Sequence[str]) -> None:
        places = {item: place for place, item in enumerate(items)}
        self.barring = _placed(part.barring.cubes, places)
        self.clearing = _placed(part.clearing.cubes, places)
        self.reviewing = _placed(part.reviewing.cubes, places)
        self.contradictions = _placed(part.contradictions, places)


def _placed(cubes: Iterable[Cube], places: Mapping[str, int]) -> Members:
    reachable = (c for c in cubes if all(item in places or bits & UNANSWERED for item, bits in c.items()))
    return [[(places[item], bits) for item, bits in cube.items() if item in places] for cube in reachable]


def _meets(cubes: Members, given: list[int]) -> bool:
    return any(all(given[place] & bits for place, bits in cube) for cube in cubes)


def optimum(
    possible: Possible,
    items: Mapping[str, int],
    burden: Callable[[str], Decimal],
    chances: Mapping[str, Decimal],
) -> Optimum | None:
    """The best order to ask for some items of one person, each with how many answers it has.

    None where combinations of the listed answers were left out, or are too many.
    """
    if 2 ** len(items) > MOST_STATES or not all(part.is_whole for part in possible.parts):
        return None
    kinds = {item: _kinds(possible.parts, item, number) for item, number in items.items()}
    if prod(len(masks) + 1 for masks in kinds.values()) > MOST_STATES:
        return None
    return Optimum(possible, list(items), burden, chances, kinds)


def _kinds(parts: Iterable[Part], item: str, number: int) -> list[int]:
    """The answers to an item, as bits, put together as far as every cube takes them alike."""
    families = [(p.barring.cubes, p.clearing.cubes, p.reviewing.cubes, p.contradictions) for p in parts]
    masks = {cube[item] for four in families for cubes in four for cube in cubes if item in cube}
    found: dict[tuple[bool, ...], int] = {}
    for answer in range(1, number + 1):
        alike = tuple(bool(mask >> answer & 1) for mask in sorted(masks))
        found[alike] = found.get(alike, 0) | 1 << answer
    return list(found.values())


def _weights(
    parts: Iterable[Part], item: str, kinds: Sequence[int], chances: Mapping[str, Decimal]
) -> list[float]:
    """How likely each kind of answer is: as many answers as it has, or as often as a criterion speaks against."""
    counts = [kind.bit_count() for kind in kinds]
    shares = [count / sum(counts) for count in counts]
    for part in parts:
        often = [chances[id] for id, other in part.alone if other == item and id in chances]
        barring = 0
        for cube in part.barring.cubes:
            if set(cube) == {item}:
                barring |= cube[item]
        against = [bool(kind & barring) for kind in kinds]
        if often and any(against) and not all(against):
            chance = float(max(often))
            for side, share in ((True, chance), (False, 1 - chance)):
                total = sum(s for s, a in zip(shares, against, strict=True) if a is side)
                shares = [s * share / total if a is side else s for s, a in zip(shares, against, strict=True)]
    return shares
