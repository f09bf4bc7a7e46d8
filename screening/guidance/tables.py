"""What answers make of one open statement, by the law: its two rails as families of cubes.

A statement that waits for one item is a table of that item's answers. One that weighs several items (a sum, a
formula, a condition on entries) is tried with every combination of some of their answers, few items first; what
the others leave open is asked of no further combination once it is settled.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from screening.guidance.completions import Answers, answers
from screening.guidance.cubes import NOTHING, UNANSWERED, Cube, Family, smallest
from screening.guidance.gaps import Gaps
from screening.guidance.pivots import Chosen, pivots
from screening.guidance.reading import OF_ROWS
from screening.guidance.trial import Trial
from screening.interpreters.reference import Meaning, Run, Scope, meaning_of
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.outcome.completion import Completion
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE, Truth

MOST_TRIED = 1500
# Under these names a run has the answers that are tried: one after the other, and by what they answer.
_CHOSEN, _NUMBERS = "?", "#"


class Rails(NamedTuple):
    """What makes a statement TRUE, and what makes it FALSE."""

    true: Family
    false: Family


class Combinations:
    """Combinations of answers to some of the items, few items first, that hold no combination that is settled.

    `numbers` says how many answers each item has. Who walks through them puts into `settled` what needs no further
    answer; nothing that holds it comes afterwards.
    """

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self.numbers = numbers
        self.settled: set[Chosen] = set()

    def __iter__(self) -> Iterator[Chosen]:
        yield ()
        items = list(self.numbers)
        level: list[Chosen] = [()]
        while level:
            still = {chosen for chosen in level if chosen not in self.settled}
            grown: list[Chosen] = []
            for chosen in level:
                if chosen not in still:
                    continue
                first = items.index(chosen[-1][0]) + 1 if chosen else 0
                for item in items[first:]:
                    for number in range(1, self.numbers[item] + 1):
                        longer = (*chosen, (item, number))
                        # What holds a settled combination is not looked at, and grows into nothing.
                        if all((*longer[:n], *longer[n + 1 :]) in still for n in range(len(chosen))):
                            yield longer
                            grown.append(longer)
            level = grown


class Tables:
    """The tables of one person: what each answer makes of each open node.

    `cut` are the items of which more combinations than `most_tried` would have had to be tried; with `is_deep`
    answers on which such a statement turns are looked for besides.
    """

    def __init__(
        self, gaps: Gaps, most_tried: int = MOST_TRIED, anything: bool = False, is_deep: bool = False
    ) -> None:
        self.gaps, self.most_tried, self.anything, self.is_deep = gaps, most_tried, anything, is_deep
        self._answers: dict[str, Answers] = {}
        self._values: dict[tuple[int, str], tuple[Any, ...]] = {}
        self._trials: dict[str, list[Trial]] = {}
        self._rails: dict[int, Rails] = {}
        self._meanings: dict[int, Meaning] = {}
        self._measured: dict[int, frozenset[str]] = {}
        self._below: dict[str, int] = {}
        self._void: set[tuple[str, int]] = set()
        self.cut: set[str] = set()

    def answers(self, item: str) -> Answers:
        """The answers that an item may have."""
        found = self._answers.get(item)
        if found is None:
            found = self._answers[item] = answers(self.gaps, item, self.anything)
            for position, node in enumerate(found.alone):
                worth = tuple(values[position] for values in found.values)
                self._values[id(node), item] = (self.gaps.value(node), *worth)
        return found

    def number(self, item: str) -> int:
        """How many answers an item has that are not known to contradict what is recorded."""
        return sum((item, n) not in self._void for n in range(1, len(self.answers(item).answers) + 1))

    def know(self, answers: Mapping[str, Answers], cut: frozenset[str] | set[str]) -> None:
        """Takes over what was found out before about items of which nothing else is recorded since."""
        self._answers.update(answers)
        self.cut |= cut

    def sampled(self, items: Iterable[str]) -> frozenset[str]:
        """Those of some items that have answers beside the listed ones."""
        return frozenset(item for item in items if not self.answers(item).is_exact)

    def below_zero(self, item: str) -> int:
        """The answers of an item that are numbers below 0, as bits."""
        below = self._below.get(item)
        if below is not None:
            return below
        below = 0
        for number, answer in enumerate(self.answers(item).answers, 1):
            values = [row.value for row in answer.rows]
            if any(isinstance(v, Bounds) and isinstance(v.low, int | Decimal) and v.low < 0 for v in values):
                below |= 1 << number
        self._below[item] = below
        return below

    def answer(self, item: str, number: int) -> Completion:
        """The n-th answer of an item, counted from 1."""
        return self.answers(item).answers[number - 1]

    def worth(self, node: AnyNode, item: str) -> tuple[Any, ...]:
        """What a node that waits for one item alone is worth: as it stands, and with each answer."""
        given = self.answers(item).answers
        found = self._values.get((id(node), item))
        if found is None:
            trials = self._trials.get(item)
            if trials is None:
                trials = self._trials[item] = [Trial(self.gaps, answer) for answer in given]
            found = self._values[id(node), item] = (self.gaps.value(node), *(t.value(node) for t in trials))
        return found

    def rails(self, node: Expression) -> Rails:
        """What makes an open statement TRUE and FALSE, of the answers to what it waits for."""
        found = self._rails.get(id(node))
        if found is None:
            items = sorted(self.gaps.waits(node))
            made = self._of_one(node, items[0]) if len(items) == 1 else self._of_several(node, items)
            found = self._rails[id(node)] = made
        return found

    def _of_one(self, node: Expression, item: str) -> Rails:
        worth = self.worth(node, item)
        cubes: dict[Any, list[Cube]] = {TRUE: [], FALSE: []}
        for truth, found in cubes.items():
            bits = sum(1 << number for number, value in enumerate(worth) if number and value is truth)
            if bits:
                found.append({item: bits})
            if worth[0] is truth:
                # What stands as long as nothing is recorded (`is null`) stands with the item left unanswered.
                found.append({item: UNANSWERED})
        beyond = self.sampled([item])
        return Rails(smallest(cubes[TRUE], True, beyond), smallest(cubes[FALSE], True, beyond))

    # ------------------------------------------------------------------------------ several at once

    def _of_several(self, node: Expression, items: list[str]) -> Rails:
        meaning = self._residual(node)
        may_turn = self.gaps.may_turn(node) or self.gaps.reading.is_choosing(node)
        cubes: dict[Any, list[Cube]] = {TRUE: [], FALSE: []}
        combinations, is_all = self._combinations(items), True
        for tried, chosen in enumerate(combinations):
            if tried >= self.most_tried:
                is_all = False
                self.cut.update(items)
                break
            cube: Cube = {item: 1 << number for item, number in chosen}
            truth, contradicts = self._try(meaning, chosen)
            if contradicts:
                combinations.settled.add(chosen)
                self._void.update(chosen if len(chosen) == 1 else ())
            elif may_turn:
                # An answer may turn it around again: what is left unanswered belongs to the cube.
                whole = dict.fromkeys(items, UNANSWERED) | dict(cube)
                if truth in cubes:
                    cubes[truth].append(whole)
            elif truth in cubes:
                cubes[truth].append(cube)
                combinations.settled.add(chosen)
        if not is_all and self.is_deep:
            others = dict.fromkeys(items, UNANSWERED) if may_turn else {}
            for truth, chosen in self.pivots(meaning, items, may_turn):
                cubes[truth].append(others | {item: 1 << number for item, number in chosen})
        beyond = frozenset(items) if not is_all or self.sampled(items) else NOTHING
        return Rails(smallest(cubes[TRUE], is_all, beyond), smallest(cubes[FALSE], is_all, beyond))

    def pivots(
        self, meaning: Meaning, items: Iterable[str], may_turn: bool, given: Chosen = ()
    ) -> Iterator[tuple[Any, Chosen]]:
        """Sets of answers that settle a statement beside those `given`; not every one is looked for."""

        def tried(chosen: Chosen) -> Any:
            truth, contradicts = self._try(meaning, (*given, *chosen))
            return None if contradicts else truth

        numbers = {item: len(self.answers(item).answers) for item in items}
        return pivots(numbers, tried, self.most_tried, may_turn)

    def measured(self, node: Expression) -> frozenset[str]:
        """The missing items that a thing is measured by, also where its value is known already."""
        found = self._measured.get(id(node))
        if found is None:
            found = self._measured[id(node)] = frozenset().union(*map(self.gaps.waits, parts(node)))
        return found

    def contradicting(self, node: Expression) -> Family:
        """The smallest combinations of answers with which measurements of one thing contradict each other."""
        items = sorted(self.measured(node))
        meaning = self._residual(node)
        found: list[Cube] = []
        combinations = self._combinations(items)
        for tried, chosen in enumerate(combinations):
            if tried >= self.most_tried:
                self.cut.update(items)
                return smallest(found, False, frozenset(items))
            if self._try(meaning, chosen)[1]:
                found.append({item: 1 << number for item, number in chosen})
                combinations.settled.add(chosen)
        return smallest(found)

    def resolving(self, node: Expression) -> Family:
        """The smallest combinations of answers with which a contradiction on record is none any more."""
        items = sorted(self.gaps.bearing_on(node))
        found: list[Cube] = []
        combinations = self._combinations(items)
        for tried, chosen in enumerate(combinations):
            if tried >= self.most_tried:
                self.cut.update(items)
                return smallest(found, False, frozenset(items))
            answers = tuple(self.answer(item, number) for item, number in chosen)
            if node.place not in self.gaps.conflicts_at(node, answers):
                found.append({item: 1 << number for item, number in chosen})
                combinations.settled.add(chosen)
        return smallest(found, True, frozenset(items) if self.sampled(items) else NOTHING)

    def _combinations(self, items: list[str]) -> Combinations:
        return Combinations({item: len(self.answers(item).answers) for item in items})

    def _try(self, meaning: Meaning, chosen: Chosen) -> tuple[Any, bool]:
        run = Run(self.gaps.reading.parameters, self.gaps.seen, self.gaps.as_of)
        run.values = {_CHOSEN: chosen, _NUMBERS: dict(chosen)}
        truth = meaning(run, {})
        return truth, not run.conflicts <= self.gaps.conflicts

    def truth(self, node: Expression, chosen: Chosen) -> Any:
        """What a statement is worth with some answers; None if they contradict one another."""
        truth, contradicts = self._try(self._inside(node), chosen)
        return None if contradicts else truth

    def clearing(self, node: Expression, wanted: Truth, given: Chosen) -> Iterator[Chosen]:
        """Answers beside those given with which a statement is TRUE, or FALSE, as it is wanted."""
        items = sorted(self.gaps.waits(node) - {item for item, _ in given})
        may_turn = self.gaps.reading.is_choosing(node)
        for truth, chosen in self.pivots(self._inside(node), items, may_turn, given):
            if truth is wanted:
                yield chosen

    def _residual(self, node: Expression) -> Meaning:
        """The law's meaning of a node in which what rests on one item alone, or on none, is looked up."""
        # A thing that is measured twice is worked out itself, also where its value is known already.
        return self._retried(node) if isinstance(node, OF_ROWS) else meaning_of(node, self._inside)

    def _inside(self, node: AnyNode) -> Meaning:
        """What a part of a statement is worth; one that weighs several items is worked out once a choice."""
        found = self._meanings.get(id(node))
        if found is None:
            found = self._meanings[id(node)] = self._inside_anew(node)
        return found

    def _inside_anew(self, node: AnyNode) -> Meaning:
        waits = self.gaps.waits(node)
        if not waits:
            standing = self.gaps.value(node)
            return lambda run, scope: standing
        if len(waits) == 1:
            return self._looked_up(node, next(iter(waits)))
        if isinstance(node, e.Reference):
            return self._inside(self.gaps.reading.expressions[node.name])
        anew = self._retried(node) if isinstance(node, OF_ROWS) else meaning_of(node, self._inside)
        return _remembered(anew, waits)

    def _looked_up(self, node: AnyNode, item: str) -> Meaning:
        worth = self.worth(node, item)

        return lambda run, scope: worth[run.values[_NUMBERS].get(item, 0)]

    def _retried(self, node: AnyNode) -> Meaning:
        """A taking of rows whose conditions ask other missing items: tried on the person with these answers."""
        waits = self.gaps.waits(node)

        def found(run: Run, scope: Scope) -> Any:
            given = tuple(self.answer(name, number) for name, number in run.values[_CHOSEN] if name in waits)
            value, contradicts = self.gaps.tried(node, given)
            if contradicts:
                run.conflicts.add(_CHOSEN)
            return value

        return found


def _remembered(meaning: Meaning, waits: frozenset[str]) -> Meaning:
    """A meaning that is worked out once for every choice of answers to what it waits for."""
    known: dict[Chosen, tuple[Any, set[str]]] = {}

    def found(run: Run, scope: Scope) -> Any:
        chosen = tuple([one for one in run.values[_CHOSEN] if one[0] in waits])
        held = known.get(chosen)
        if held is None:
            before, run.conflicts = run.conflicts, set()
            held = known[chosen] = (meaning(run, scope), run.conflicts)
            run.conflicts = before
        run.conflicts |= held[1]
        return held[0]

    return found
