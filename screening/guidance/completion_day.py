"""On which days a new reading may have been taken: one day of those that the rules cannot tell apart.

A day tells by the conditions on single entries, and by the comparisons of the date of what is taken. Where a day
stands beside the value in one comparison, or beside what is recorded, days are not put together.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence

from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits
from screening.guidance.reading import conditions, every, listed
from screening.guidance.trial import Trial
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import DataRequirement
from screening.outcome.completion import Completion
from screening.record.subject import Evidence, Value
from screening.values.bounds import exactly


def told_apart(
    gaps: Gaps, declared: DataRequirement, found: Limits, days: list[datetime.date], value: Value
) -> list[datetime.date]:
    """The first of the days that nothing tells apart; all of them where that cannot be said."""
    name = declared.name
    fields = {p.name for n in found.takers for c in conditions(n) for p in every(c) if isinstance(p, e.Field)}
    is_new = not gaps.seen.evidence.get(name) and not gaps.seen.complete.get(name)
    compared = _compared(gaps, name)
    if found.is_joint or not is_new or fields - {"date"} or compared is None:
        return days
    nodes = (*compared, *_listings(gaps, name))
    kept: dict[tuple[object, ...], datetime.date] = {}
    for day in days:
        rows = tuple(
            Evidence(f"{name}?{n}", name, value, exactly(day), clock=f"12:{n:02d}", origin="supposed")
            for n in range(declared.readings)
        )
        answer = Completion(name, "", rows, (), None, len(declared.concepts))
        trial = Trial(gaps, answer)
        kept.setdefault(tuple(trial.value(node) for node in nodes), day)
    return list(kept.values())


def _listings(gaps: Gaps, name: str) -> Iterator[Expression]:
    """Of every taking of rows whether there is a row that it takes."""
    for node in gaps.reading.takers.get(name, ()):
        match node:
            case e.DateOf(selection):
                yield gaps.reading.anything(selection.source)
            case e.Select(source):
                yield gaps.reading.anything(source)
            case _ if (listing := gaps.reading.listing(node)) is not None:
                yield listing


def _compared(gaps: Gaps, name: str) -> Sequence[AnyNode] | None:
    """The statements by which a date of what is taken tells; None if one of them weighs the value too."""
    found: dict[int, AnyNode] = {}
    waiting: list[AnyNode] = list(gaps.alone(name))
    while waiting:
        node = waiting.pop()
        if name not in gaps.waits(node):
            continue
        if isinstance(node, e.Reference):
            waiting.append(gaps.reading.expressions[node.name])
            continue
        below = [*every(node), *(p for n in gaps.reading.cone(node) for p in every(gaps.reading.expressions[n]))]
        dated = [p for p in below if isinstance(p, e.DateOf) and listed(p) == name]
        valued = any(isinstance(p, e.Select | e.RowValues | e.CountDistinct) and listed(p) == name for p in below)
        if not dated:
            continue
        if not valued:
            found[id(node)] = node
        elif isinstance(node, e.And | e.Or | e.Not | e.Implies | e.Xor | e.If | e.CountTrue):
            waiting += parts(node)
        else:
            return None
    return list(found.values())
