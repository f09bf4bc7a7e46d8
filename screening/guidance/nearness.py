"""Everything that stands near one person's verdict, put together; each part of it tried by the law."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from screening.guidance.counterfactual import Counterfactuals
from screening.guidance.sufficient import sufficient
from screening.guidance.timeline import timeline
from screening.language.library import Library
from screening.outcome.determination import Verdict, determine
from screening.outcome.margin import margins, near_misses
from screening.outcome.near import Aim, Nearness
from screening.outcome.timeline import Lifting, liftings
from screening.record.subject import Subject

_YEARS = 3


def nearness(library: Library, subject: Subject, as_of: datetime.date, most_bars: int = 1) -> Nearness:
    """Margins, near misses of no more than so many bars, what would have to be so, and what forces the verdict."""
    asked = Counterfactuals(library, subject, as_of)
    trace = asked.law.trace(asked.person, as_of)
    made = determine(library, trace)
    steps = {step.place: step for step in trace.steps if not step.row}
    lifted = _lifted(library, subject, as_of) if made.reasons else ()
    return Nearness(
        as_of=as_of,
        trace=trace,
        determination=made,
        margins=margins(library, steps, made),
        misses=near_misses(library, steps, made, most_bars),
        aims=tuple(_aims(asked, made.verdict, subject, lifted)),
        liftings=lifted,
        sufficient=sufficient(library, subject, as_of),
        modifiable=asked.names,
    )


def _lifted(library: Library, subject: Subject, as_of: datetime.date) -> tuple[Lifting, ...]:
    last = as_of + datetime.timedelta(days=365 * _YEARS + 1)
    return liftings(timeline(library, subject, as_of, last), library)


def _aims(asked: Counterfactuals, verdict: Verdict, subject: Subject, lifted: Sequence[Lifting]) -> Iterator[Aim]:
    bars = asked.bars()
    for criterion in asked.present():
        yield asked.lifting(criterion)
    if len(bars) > 1:
        yield asked.no_bar()
        days = [each.certain for each in lifted if each.certain is not None]
        if days and len(days) < len(bars):
            # On the day on which time has lifted what it lifts, less has to be otherwise.
            yield Counterfactuals(asked.library, subject, max(days)).no_bar()
    if verdict is not Verdict.ELIGIBLE:
        yield asked.eligible()
