"""People whom exactly one bar rules out, and how far the number behind it lies from its limit."""

from __future__ import annotations

from decimal import Decimal

from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Beyond:
    """One number of one person, `beyond` its limit by so much, in `unit`."""

    id: str
    criterion: str
    name: str
    limit: str
    unit: str
    beyond: Decimal


@dataclass(frozen=True, slots=True)
class NearMisses:
    """One criterion, the only bar of so many people; `numbers` are those of them behind which a number lies."""

    criterion: str
    people: int
    ids: tuple[str, ...]
    numbers: tuple[Beyond, ...] = ()

    def nearest_first(self) -> tuple[Beyond, ...]:
        """The numbers, those that lie nearest to their limits first."""
        return tuple(sorted(self.numbers, key=lambda each: (each.name, each.beyond, each.id)))
