"""What another value of a parameter, or another criterion, would do to counts of a cohort: moves and shifts."""

from __future__ import annotations

from collections.abc import Mapping

from screening.values.frozen import dataclass

CERTAIN, POSSIBLE = "certain", "possible"


@dataclass(frozen=True, slots=True)
class Shift:
    """How a group differs between those who count before and those who count now.

    `difference` is the standardised mean difference (of an age in years, or of the share of a group), None where
    it is not defined or hidden. `before` and `now` are people of the group; of an age, people whose age is known.
    """

    by: str
    group: str
    before: str
    now: str
    difference: float | None


@dataclass(frozen=True, slots=True)
class Move:
    """Somebody whose verdict would be another one."""

    site: str
    id: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Effect:
    """One change of the rules tried on a cohort.

    `moves` counts people by verdict before and now, those who stay among them. `changed` names whose verdict would
    be another one. `shifts` is given for those who are ELIGIBLE (`certain`) and who are not RULED OUT
    (`possible`).
    """

    title: str
    moves: Mapping[tuple[str, str], int]
    changed: tuple[Move, ...]
    shifts: Mapping[str, tuple[Shift, ...]]

    def counted(self, kind: str) -> tuple[int, int, int, int]:
        """Before, entering, leaving and now: people who are certain or possible."""
        before = sum(n for (old, _), n in self.moves.items() if counts(kind, old))
        now = sum(n for (_, new), n in self.moves.items() if counts(kind, new))
        enter = sum(n for (old, new), n in self.moves.items() if counts(kind, new) and not counts(kind, old))
        leave = sum(n for (old, new), n in self.moves.items() if counts(kind, old) and not counts(kind, new))
        return before, enter, leave, now


def counts(kind: str, verdict: str) -> bool:
    """Whether somebody of a verdict counts: certain is ELIGIBLE, possible is not RULED OUT."""
    return verdict == "ELIGIBLE" if kind == CERTAIN else verdict in ("ELIGIBLE", "REVIEW", "UNDETERMINED")
