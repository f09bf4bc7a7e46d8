"""People near others: one entry of somebody moved to an edge, blurred, or doubled.

The solver makes up few entries on exact days, and gives up on some powers and ages; who lies next to a person of
whom much is known may show what it does not find.
"""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

from screening.interpreters.symbolic_leaves import every_node
from screening.language import expression as e
from screening.language.library import Library
from screening.record.subject import Evidence, Subject
from screening.values.bounds import Bounds, exactly, is_exact
from screening.values.truth import FALSE, TRUE

# The last place that a quotient is rounded to is the eighth: a ninth tells it from a product.
_NINTH = Decimal("1E-9")


def limits_of(library: Library) -> tuple[int | Decimal, ...]:
    """The numbers that the expressions of a library state, and its parameters."""
    values = [node.value for node in every_node(library) if isinstance(node, e.Literal)]
    values += [parameter.value for parameter in library.parameters]
    found = {v.low for v in values if isinstance(v, Bounds) and is_exact(v) and isinstance(v.low, int | Decimal)}
    return tuple(sorted(found))


def nearby(subject: Subject, limits: tuple[int | Decimal, ...], as_of: datetime.date) -> Iterator[Subject]:
    """The same person with one entry otherwise, each in turn."""
    for name in sorted(subject.evidence):
        rows = subject.evidence[name]
        for at, row in enumerate(rows):
            for others in _otherwise(row, limits, as_of):
                changed = (*rows[:at], *others, *rows[at + 1 :])
                yield replace(subject, evidence={**subject.evidence, name: changed})


def _otherwise(
    row: Evidence, limits: tuple[int | Decimal, ...], as_of: datetime.date
) -> Iterator[tuple[Evidence, ...]]:
    for value in _values(row.value, limits, as_of):
        yield (replace(row, value=value),)
        yield row, replace(row, id=f"{row.id} again", value=value)
        if isinstance(day := row.when.low, datetime.date):
            earlier = exactly(day - datetime.timedelta(days=1))
            yield row, replace(row, id=f"{row.id} before", value=value, when=earlier)
    for when in _days(row.when, limits, as_of):
        yield (replace(row, when=when),)


def _values(value: Any, limits: tuple[int | Decimal, ...], as_of: datetime.date) -> Iterator[Any]:
    if value in (TRUE, FALSE):
        yield FALSE if value is TRUE else TRUE
    if not isinstance(value, Bounds) or not is_exact(value):
        return
    match value.low:
        case int() as number:
            yield from map(exactly, (number - 1, number + 1))
            whole = (limit for limit in limits if isinstance(limit, int))
            yield from (exactly(limit + step) for limit in whole for step in (-1, 0, 1))
        case Decimal() as number:
            yield from map(exactly, (number + _NINTH, number - 1, number + 1, number * 2, number * 10))
            yield from (
                exactly(limit + step) for limit in limits for step in (Decimal("-0.01"), Decimal(0), _NINTH)
            )
        case datetime.datetime():
            return
        case datetime.date():
            for limit in limits:
                if isinstance(limit, int) and 0 < limit < 120:
                    for step in (-1, 0, 1):
                        yield exactly(_years_before(as_of, limit) + datetime.timedelta(days=step))


def _days(when: Any, limits: tuple[int | Decimal, ...], as_of: datetime.date) -> Iterator[Bounds]:
    for limit in limits:
        if isinstance(limit, int) and 0 <= limit < 4000:
            for step in (-1, 0, 1):
                if limit + step >= 0:
                    yield exactly(as_of - datetime.timedelta(days=limit + step))
    if isinstance(when, Bounds) and isinstance(when.low, datetime.date):
        day = when.low
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        yield Bounds(day.replace(day=1), min(last, as_of))


def _years_before(day: datetime.date, years: int) -> datetime.date:
    # A birthday on 29 February is looked for as the day before.
    return day.replace(year=day.year - years, day=28 if (day.month, day.day) == (2, 29) else day.day)
