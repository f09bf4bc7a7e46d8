"""What a protocol says of one person on the days to come, in stretches of days on which nothing changes.

Nothing is evaluated here: each stretch carries the determination of its first day.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from screening.language.library import Criterion, Library
from screening.outcome.determination import Determination, Verdict, is_bar
from screening.outcome.trace import Trace
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, Truth


@dataclass(frozen=True, slots=True)
class Change:
    """A criterion that is another on the first day of a stretch than on the day before."""

    criterion: str
    before: Truth
    after: Truth


@dataclass(frozen=True, slots=True)
class Stretch:
    """Days, both ends in, on which everything stays as it is; `trace` and `determination` are of the first."""

    first: datetime.date
    last: datetime.date
    trace: Trace
    determination: Determination
    changes: tuple[Change, ...] = ()

    @property
    def verdict(self) -> Verdict:
        return self.determination.verdict


@dataclass(frozen=True, slots=True)
class Timeline:
    """The stretches from the as-of date to the last day looked at, one after the other, none left out."""

    stretches: tuple[Stretch, ...]

    @property
    def as_of(self) -> datetime.date:
        return self.stretches[0].first

    @property
    def last(self) -> datetime.date:
        return self.stretches[-1].last

    @property
    def earliest_certain(self) -> datetime.date | None:
        """The first day on which the verdict is ELIGIBLE, if nothing else changes; None if there is none."""
        return next((s.first for s in self.stretches if s.verdict is Verdict.ELIGIBLE), None)

    def at(self, day: datetime.date) -> Stretch:
        """The stretch of a day. Raises ValueError for one that was not looked at."""
        for stretch in self.stretches:
            if stretch.first <= day <= stretch.last:
                return stretch
        raise ValueError("the day was not looked at")


@dataclass(frozen=True, slots=True)
class Lifting:
    """What time does to a criterion that bars on the as-of date.

    `possible` is the first day on which it may no longer bar, `certain` the first on which it surely does not;
    they differ where a date is only partly known. `lapses` is the first day on which what is recorded no longer
    counts, so that it has to be recorded again: no date lifts such a bar, nor one without any of the three.
    """

    criterion: str
    possible: datetime.date | None = None
    certain: datetime.date | None = None
    lapses: datetime.date | None = None


def liftings(found: Timeline, library: Library) -> tuple[Lifting, ...]:
    """The bars of the as-of date, in the order of the protocol, each with what time does to it."""
    return tuple(
        lifting_of(criterion, [(s.first, s.determination.finding(criterion.id).truth) for s in found.stretches])
        for criterion in library.criteria
        if is_bar(criterion, found.stretches[0].determination.finding(criterion.id).truth)
    )


def lifting_of(criterion: Criterion, truths: Sequence[tuple[datetime.date, Truth]]) -> Lifting:
    """What time does to a bar, by what it is on the days on which it may change, in their order."""
    first = next((day for day, truth in truths if not is_bar(criterion, truth)), None)
    certain = next((day for day, truth in truths if is_favourable(criterion, truth)), None)
    if certain is None:
        return Lifting(criterion.id, lapses=first)
    return Lifting(criterion.id, first, certain)


def is_favourable(criterion: Criterion, truth: Truth) -> bool:
    """Whether a criterion speaks for entering: an exclusion that is absent, anything else that is met."""
    return truth is (FALSE if criterion.category == "exclusion" else TRUE)
