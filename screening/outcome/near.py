"""What stands behind a verdict of one person, and what would have to be so for it to be another.

Nothing is evaluated here; whoever makes these has tried each of them by the law.
"""

from __future__ import annotations

import datetime
from decimal import Decimal

from screening.outcome.determination import Determination, Verdict
from screening.outcome.margin import Margin, Miss
from screening.outcome.timeline import Lifting
from screening.outcome.trace import Trace
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Sufficient:
    """Recorded facts, by the names of their requirements, that alone force a verdict: all else may be unknown.

    `criteria` are those that they settle, for INELIGIBLE the one bar. `is_smallest` is false where the search was
    ended before it was known that no fewer do.
    """

    verdict: Verdict
    requirements: tuple[str, ...]
    criteria: tuple[str, ...] = ()
    is_smallest: bool = True


@dataclass(frozen=True, slots=True)
class Limit:
    """Where a number would have to lie: `operator` is <, <=, > or >=, read from the number."""

    operator: str
    value: Decimal


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One recorded fact that would have to be otherwise, all others of its set being as they are said to be.

    `limits` are where a number would have to lie, all of them at once; `said` the answers that would do, in short,
    of anything else. `is_instance` is true where what would do depends on the other facts of the set, so that this
    is one way of several.
    """

    requirement: str
    limits: tuple[Limit, ...] = ()
    said: tuple[str, ...] = ()
    is_instance: bool = False


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """Modifiable facts that would all have to be otherwise, none of them in vain, and what would then be said."""

    facts: tuple[Otherwise, ...]
    verdict: Verdict

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(fact.requirement for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked for on a day, and the sets of facts that would bring it, the smallest first.

    `criterion` is a bar that would fall; "" asks that no bar is left, or with `is_eligible` for ELIGIBLE. No sets
    mean that nothing modifiable would bring it. `is_complete` is false where that was not tried to the end.
    """

    criterion: str
    is_eligible: bool
    day: datetime.date
    sets: tuple[Counterfactual, ...]
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Nearness:
    """Everything of one person: margins, near misses, what would have to be so, and what forces the verdict.

    `misses` are the bars of somebody who has no other than by numbers. `modifiable` are the recorded facts that
    the treating clinician may make otherwise, `liftings` what time does to the bars.
    """

    as_of: datetime.date
    trace: Trace
    determination: Determination
    margins: tuple[Margin, ...]
    misses: tuple[Miss, ...]
    aims: tuple[Aim, ...]
    liftings: tuple[Lifting, ...]
    sufficient: Sufficient
    modifiable: tuple[str, ...]
