"""What stands behind a verdict of one person, and what would have to be so for it to be another.

Nothing is evaluated here; whoever makes these has tried each of them by the law.
"""

from __future__ import annotations

import datetime

from screening.outcome.determination import Determination, Verdict
from screening.outcome.margin import Margin, Miss
from screening.outcome.timeline import Lifting
from screening.outcome.trace import Trace
from screening.record.subject import Value
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
    value: Value


@dataclass(frozen=True, slots=True)
class Otherwise:
    """One recorded fact that would have to be otherwise.

    `modifiable` says by whom or what. `limits` are where a number would have to lie, all of them at once, if
    everything else stays as it is or as the same set has it; `values` are the answers that would do, of anything
    else.
    """

    requirement: str
    modifiable: str
    limits: tuple[Limit, ...] = ()
    values: tuple[Value, ...] = ()


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The smallest set of modifiable facts, or one of several, that would all have to be otherwise.

    `verdict` is what the protocol would then say, all else being as it is recorded.
    """

    facts: tuple[Otherwise, ...]
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Aim:
    """What is asked for, and the smallest sets of facts that would bring it; none where nothing modifiable would.

    `criterion` is the bar that would fall, "" for the whole: first that no bar is left, then ELIGIBLE.
    `is_complete` is false where the search was ended before all sets were tried.
    """

    criterion: str
    verdict: Verdict | None
    sets: tuple[Counterfactual, ...]
    is_complete: bool = True


@dataclass(frozen=True, slots=True)
class Nearness:
    """Everything of one person: margins, near misses, what would have to be so, and what forces the verdict."""

    as_of: datetime.date
    trace: Trace
    determination: Determination
    margins: tuple[Margin, ...]
    misses: tuple[Miss, ...]
    aims: tuple[Aim, ...]
    liftings: tuple[Lifting, ...]
    sufficient: Sufficient | None
    modifiable: tuple[str, ...]
