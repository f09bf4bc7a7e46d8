"""People whom exactly one bar rules out, and how far the number behind it lies from its limit."""

from __future__ import annotations

from decimal import Decimal

from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Missed:
    """One number of one person on the wrong side of its limit, `distance` from it in `unit`: see `Margin`."""

    id: str
    criterion: str
    name: str
    limit: str
    unit: str
    distance: Decimal


@dataclass(frozen=True, slots=True)
class NearMisses:
    """One criterion, the only bar of so many people; `numbers` are those of them behind which a number lies."""

    criterion: str
    people: int
    ids: tuple[str, ...]
    numbers: tuple[Missed, ...] = ()

    def nearest_first(self) -> tuple[Missed, ...]:
        """The numbers, those that lie nearest to their limits first."""
        return tuple(sorted(self.numbers, key=lambda each: (each.name, each.distance, each.id)))
