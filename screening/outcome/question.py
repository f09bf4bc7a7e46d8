"""Which missing item to ask for, why, and what it may settle. Nothing is evaluated here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from screening.values.frozen import dataclass

# How burdensome an item is by how it is obtained: an order, no measurement. A site may declare its own.
BURDENS: Mapping[str, Decimal] = {
    "ask": Decimal(1),
    "questionnaire": Decimal(2),
    "chart": Decimal(3),
    "examine": Decimal(4),
    "judge": Decimal(5),
    "ECG": Decimal(6),
    "blood": Decimal(7),
    "arrange": Decimal(9),
}


@dataclass(frozen=True, slots=True)
class Question:
    """One missing item that can still change the verdict.

    `burden` weighs how it is obtained, `criteria` are the open ones that wait for it, `against` those of them that
    one of its answers alone makes speak against the person. `chance` is how likely it is that what is asked with
    it settles the verdict as INELIGIBLE: declared, counted in a cohort, or one half of the answers that would do.
    `shown` says that somebody is known whose verdict turns on the answer; where it does not, not every answer
    could be tried, and it may turn out that none changes anything.
    """

    requirement: str
    obtain: str
    burden: Decimal
    criteria: tuple[str, ...]
    against: tuple[str, ...]
    chance: Decimal
    shown: bool = True
