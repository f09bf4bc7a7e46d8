"""How far from its limit a number lies that bars one person, by the law: for near misses of a small cohort."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from screening.interpreters.reference import Law, Run, plain
from screening.language.bars import Comparison
from screening.language.library import Library
from screening.record.subject import Subject
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE


class Margins:
    """The comparisons of a library, ready for any number of people."""

    def __init__(self, library: Library, comparisons: Sequence[Comparison]) -> None:
        self.law = Law(library)
        self.asked = [(each, plain(each.node), plain(each.value), plain(each.limit)) for each in comparisons]

    def of(self, subject: Subject, as_of: datetime.date) -> list[Decimal | None]:
        """How far beyond the limit each value lies that is against the person; None where it is not."""
        run = Run(self.law.parameters, subject.as_of(as_of), as_of)
        run.values = dict(self.law.evaluate(subject, as_of))
        found: list[Decimal | None] = []
        for each, truth, value, limit in self.asked:
            is_against = truth(run, {}) is (TRUE if each.against else FALSE)
            found.append(_beyond(value(run, {}), limit(run, {})) if is_against else None)
        return found


def _beyond(value: Bounds, limit: Bounds) -> Decimal:
    pairs: list[tuple[Any, Any]] = [(value.low, limit.high), (limit.low, value.high)]
    gaps = [Decimal(a) - Decimal(b) for a, b in pairs if a is not None and b is not None]
    return max([*gaps, Decimal(0)])
