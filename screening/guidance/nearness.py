"""Everything that stands near one person's verdict, put together; each part of it tried by the law."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import cast

from screening.errors import DefectError
from screening.guidance.breakpoints import breakpoints
from screening.guidance.counterfactual import Counterfactuals
from screening.guidance.sufficient import GOAL, alone, sufficient
from screening.language.library import Criterion, Library
from screening.outcome.determination import Verdict, determine
from screening.outcome.margin import margins, near_misses
from screening.outcome.near import Aim, Nearness
from screening.outcome.timeline import Lifting, lifting_of
from screening.record.subject import Subject
from screening.values import calendar
from screening.values.truth import Truth

_YEARS = 3


def nearness(library: Library, subject: Subject, as_of: datetime.date, most_bars: int = 1) -> Nearness:
    """Margins, near misses of no more than so many bars, what would have to be so, and what forces the verdict."""
    asked = Counterfactuals(library, subject, as_of)
    trace = asked.law.trace(asked.person, as_of)
    made = determine(library, trace)
    steps = {step.place: step for step in trace.steps if not step.row}
    lifted = tuple(_lifted(asked, subject, criterion) for criterion in asked.bars())
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


def _lifted(asked: Counterfactuals, subject: Subject, criterion: Criterion) -> Lifting:
    """What time alone does to one bar: the criterion asked on every day on which it may change.

    Raises DefectError where the law says something else of one of the days that are told.
    """
    last = calendar.beside(asked.as_of, 365 * _YEARS + 1)
    days = [asked.as_of, *breakpoints(subject, asked.library, asked.as_of, last)]
    compiled = alone(asked.library, criterion.expression)
    truths = [(day, cast(Truth, compiled.evaluate(subject, day)[GOAL])) for day in days]
    found = lifting_of(criterion, truths)
    said = dict(truths)
    for day in (found.possible, found.certain, found.lapses):
        if day is not None and asked.law.evaluate(subject, day)[criterion.id] is not said[day]:
            raise DefectError(f"the compiled form and the law differ at {criterion.id}")
    return found


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
