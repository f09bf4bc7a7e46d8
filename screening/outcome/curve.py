"""How many people are of each verdict for every value of one parameter: an exact step function.

A verdict holds from a mark on until the next one. A mark is a value itself, or all values just above it: a limit
may belong to either side. Of a parameter in whole numbers only whole numbers are marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import field
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from screening.values.frozen import dataclass

Number = int | Decimal | Fraction
VERDICTS = ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")


class Mark(NamedTuple):
    """A value of a parameter, or (`is_above`) the values just above it."""

    value: Fraction
    is_above: bool = False


Steps = tuple[tuple[Mark, str], ...]
"""One person: from which mark on which verdict holds, beginning at the low end of the range."""


@dataclass(frozen=True, slots=True)
class Step:
    """From a mark on: so many people of each verdict."""

    mark: Mark
    people: Mapping[str, int]

    @property
    def certain(self) -> int:
        """People who are ELIGIBLE: every criterion is known and none of them bars."""
        return self.people.get("ELIGIBLE", 0)

    @property
    def review(self) -> int:
        """People of whom no criterion bars, and a person has to judge."""
        return self.people.get("REVIEW", 0)

    @property
    def possible(self) -> int:
        """People who are not RULED OUT: an upper bound, since what nobody recorded rules nobody out."""
        return sum(number for word, number in self.people.items() if word != "INELIGIBLE")


@dataclass(frozen=True, slots=True)
class Curve:
    """Counts over a range of one parameter, both ends in.

    `present` is the value in force, as written. Each step differs from the one before it, but for the first and
    those at `low` and `high`. `odd` people were worked out one by one, by the law.
    """

    parameter: str
    unit: str
    is_whole: bool
    low: Fraction
    high: Fraction
    present: str
    source: str
    steps: tuple[Step, ...]
    people: int
    odd: int = 0
    criteria: tuple[str, ...] = ()

    def at(self, value: Number) -> Step:
        """The counts at one value of the range. Raises ValueError outside of it."""
        mark = Mark(Fraction(value))
        if not self.low <= mark.value <= self.high:
            raise ValueError("the value lies outside the range")
        return Step(mark, [step for step in self.steps if step.mark <= mark][-1].people)

    @property
    def breakpoints(self) -> tuple[Fraction, ...]:
        """The values at which any count changes."""
        return tuple(dict.fromkeys(step.mark.value for step in self.steps[1:]))


@dataclass(slots=True)
class Sum:
    """The steps of many people added up."""

    changes: dict[Mark, Counter[str]] = field(default_factory=dict)
    people: int = 0

    def add(self, steps: Steps, number: int = 1) -> None:
        """So many people of these steps."""
        self.people += number
        before = ""
        for mark, verdict in steps:
            if verdict != before:
                self.change(mark, verdict, number)
                if before:
                    self.change(mark, before, -number)
            before = verdict

    def join(self, other: Sum) -> None:
        """The people of another sum."""
        self.people += other.people
        for mark, verdicts in other.changes.items():
            self.changes.setdefault(mark, Counter()).update(verdicts)

    def change(self, mark: Mark, verdict: str, number: int) -> None:
        """So many people more of a verdict from a mark on."""
        self.changes.setdefault(mark, Counter())[verdict] += number

    def steps(self, low: Fraction) -> tuple[Step, ...]:
        """The counts from mark to mark, beginning at `low`."""
        made: list[Step] = []
        now: Counter[str] = Counter(dict.fromkeys(VERDICTS, 0))
        for mark in sorted({Mark(low), *self.changes}):
            now.update(self.changes.get(mark, {}))
            if not made or dict(now) != made[-1].people:
                made.append(Step(mark, dict(now)))
        return tuple(made)


def in_order(found: Iterable[tuple[Mark, str]]) -> Steps:
    """Verdicts at marks as steps: where one holds on, nothing is said again."""
    made: list[tuple[Mark, str]] = []
    for mark, verdict in sorted(found):
        if not made or made[-1][1] != verdict:
            made.append((mark, verdict))
    return tuple(made)
