"""What tells two answers to one requirement apart: everything that rests on the requirement alone, by the law."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from screening.guidance.gaps import Gaps
from screening.guidance.trial import Trial
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.outcome.completion import Completion
from screening.values.bounds import Bounds, is_exact


class Telling:
    """The nodes by which answers to one requirement differ, and those that no answer may change.

    What a person's record settles today stays settled: an answer after which a settled taking of rows says
    something else would withdraw what is recorded, and one that brings a contradiction is none.
    """

    def __init__(self, gaps: Gaps, requirement: str) -> None:
        self.gaps, self.requirement = gaps, requirement
        self.alone = gaps.alone(requirement)
        self.takers = [n for n in gaps.reading.takers.get(requirement, ()) if n.place in gaps.steps]
        self._taken: set[tuple[object, ...]] = set()
        # Entries that are weighed together with other missing items: any difference between them may tell.
        self.is_weighed = any(len(gaps.waits(node)) > 1 for node in self.alone)
        self.standing: list[AnyNode] = [n for n in self.takers if not gaps.is_open(n)]

    def signature(self, answer: Completion) -> tuple[object, ...] | None:
        """What the nodes are worth with an answer; None if it is no answer, or one that was had before.

        Two answers of which every taking of rows takes the same are one: nothing else reads an entry.
        """
        trial = Trial(self.gaps, answer)
        taken = tuple(trial.value(node) for node in self.takers)
        if taken in self._taken and not self.is_weighed:
            return None
        self._taken.add(taken)
        found: list[object] = [trial.value(node) for node in self.alone]
        if trial.contradicts or any(trial.value(node) != self.gaps.value(node) for node in self.standing):
            return None
        if self.is_weighed:
            found.append(
                tuple((row.value, row.when, row.codes, repr(sorted(row.fields.items()))) for row in answer.rows)
            )
        return tuple(found)

    def compared(self, answer: Completion) -> tuple[object, ...]:
        """On which side of every limit below those nodes an answer lies: below it, on it, above it."""
        trial = Trial(self.gaps, answer)
        return tuple(side for node in self.comparisons for side in _sides(trial, node))

    @cached_property
    def comparisons(self) -> list[AnyNode]:
        """The statements below the nodes that are no logic of others: comparisons, windows, memberships."""
        found: dict[str, AnyNode] = {}
        waiting = list(self.alone)
        while waiting:
            node = waiting.pop()
            if not self.gaps.waits(node):
                continue
            if isinstance(node, e.Compare | e.Between | e.InInterval):
                found[node.place] = node
            if isinstance(node, e.Reference):
                waiting.append(self.gaps.reading.expressions[node.name])
            else:
                waiting += parts(node)
        return list(found.values())


def _sides(trial: Trial, node: AnyNode) -> Iterator[object]:
    """Where a number lies by a comparison. Between two limits it may hold on a stretch that begins and ends."""
    number, *limits = map(trial.value, parts(node))
    for limit in limits:
        if isinstance(number, Bounds) and isinstance(limit, Bounds) and is_exact(number) and is_exact(limit):
            yield (number.low > limit.low) - (number.low < limit.low)
        else:
            yield trial.value(node)
