"""What became of a list of calculations: each value, or why there is none, and in what it differs."""

from __future__ import annotations

from dataclasses import dataclass

from screening.errors import Diagnostic
from screening.outcome.answer import Calculation


@dataclass(frozen=True, slots=True)
class Tried:
    """One calculation of a list. `differs` is in what it is otherwise than expected, each in words."""

    case: str
    name: str
    calculation: Calculation | None
    diagnostics: tuple[Diagnostic, ...] = ()
    is_expected: bool = False
    differs: tuple[str, ...] = ()

    @property
    def is_sound(self) -> bool:
        return self.calculation is not None and not self.differs
