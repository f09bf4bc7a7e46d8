"""What became of slips in a library: which a worked case notices, which none does, which say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from screening.errors import Span

NOTICED = "noticed"
SURVIVES = "survives"
PROVED = "says the same of every record"
UNDECIDED = "not decided"


@dataclass(frozen=True, slots=True)
class Slipped:
    """One slip: where, in which words, what became of it; `case` is one that would notice it."""

    name: str
    slip: str
    place: str
    span: Span
    state: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class Mutation:
    """Every slip of one library, against `cases` worked cases."""

    library: str
    cases: int
    slips: tuple[Slipped, ...]

    def count(self, *states: str) -> int:
        """How many slips came to one of some states."""
        found = Counter(slipped.state for slipped in self.slips)
        return sum(found[state] for state in states)

    @property
    def counted(self) -> int:
        """The slips that are not proved to change nothing: what is not decided counts as not noticed."""
        return len(self.slips) - self.count(PROVED)

    @property
    def percent(self) -> int:
        """How many of a hundred of them a worked case notices, rounded down; 100 where there is none."""
        return 100 if not self.counted else self.count(NOTICED) * 100 // self.counted
