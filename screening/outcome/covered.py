"""What worked cases show of each named statement: its truths, each part by itself, the sides of each limit."""

from __future__ import annotations

from dataclasses import dataclass

from screening.errors import Span
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

EVERY_TRUTH = (TRUE, FALSE, UNKNOWN)
BELOW, AT, ABOVE = "below", "at", "above"
EVERY_SIDE = (BELOW, AT, ABOVE)


@dataclass(frozen=True, slots=True)
class Covered:
    """One named statement of a library.

    `parts` says of each part of an `and` or an `or`, by its place, whether two cases show that it decides by
    itself (MC/DC); `limits` on which sides of each limit, by its place, a case lies.
    """

    library: str
    name: str
    span: Span
    truths: frozenset[Truth]
    parts: tuple[tuple[str, bool], ...]
    limits: tuple[tuple[str, frozenset[str]], ...]

    @property
    def met(self) -> int:
        """How many of the things that cases may show are shown."""
        return (
            len(self.truths) + sum(shown for _, shown in self.parts) + sum(len(sides) for _, sides in self.limits)
        )

    @property
    def all(self) -> int:
        """How many there are."""
        return len(EVERY_TRUTH) + len(self.parts) + len(EVERY_SIDE) * len(self.limits)
