"""What tells two answers to one requirement apart: everything that rests on the requirement alone, by the law."""

from __future__ import annotations

from functools import cached_property

from screening.guidance.gaps import Gaps
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.outcome.completion import Completion


class Telling:
    """The nodes by which answers to one requirement differ, and those that no answer may change.

    What a person's record settles today stays settled: an answer after which a settled taking of rows says
    something else would withdraw what is recorded, and one that brings a contradiction is none.
    """

    def __init__(self, gaps: Gaps, requirement: str) -> None:
        self.gaps, self.requirement = gaps, requirement
        self.alone = gaps.alone(requirement)
        takers = gaps.reading.takers.get(requirement, ())
        # Entries that are weighed together with other missing items: any difference between them may tell.
        self.is_weighed = any(len(gaps.waits(node)) > 1 for node in self.alone)
        self.standing: list[AnyNode] = [n for n in takers if n.place in gaps.steps and not gaps.is_open(n)]

    def signature(self, answer: Completion) -> tuple[object, ...] | None:
        """What the nodes are worth with an answer; None if it is no answer."""
        values, contradicts = self.gaps.tried_together((*self.alone, *self.standing), answer)
        if contradicts:
            return None
        found: list[object] = values[: len(self.alone)]
        stands = zip(values[len(self.alone) :], self.standing, strict=True)
        if any(value != self.gaps.value(node) for value, node in stands):
            return None
        if self.is_weighed:
            found.append(
                tuple((row.value, row.when, row.codes, repr(sorted(row.fields.items()))) for row in answer.rows)
            )
        return tuple(found)

    def compared(self, answer: Completion) -> tuple[object, ...]:
        """What every single comparison below those nodes is worth with an answer."""
        return tuple(self.gaps.tried_together(self.comparisons, answer)[0])

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
