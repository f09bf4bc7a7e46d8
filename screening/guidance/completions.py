"""What a missing item of one person may turn out to be: complete answers, one for each that the rules tell apart.

A finite set of representatives: yes and no, every declared word, a number on each side of every limit, a day on
each side of every window, entries of a list of every kind that a condition tells apart, none at all. An answer
refines what is recorded and withdraws nothing. Two answers are one if everything that rests on the item alone is
worth the same with both. Where the answers cannot all be listed they are a bounded sample, and say so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise, product

from screening.guidance.completion_day import told_apart
from screening.guidance.completion_list import lists_of
from screening.guidance.completion_value import said, usable, values_of
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits, days_about, is_joint, limits
from screening.guidance.reading import Reading, conditions
from screening.guidance.refining import Refined, is_whole, last_open_day, refined
from screening.guidance.telling import Telling
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import DataRequirement, Library
from screening.language.types import NUMBERS, Type
from screening.outcome.completion import Completion
from screening.record.rows import is_unknown
from screening.record.subject import Evidence, Subject, Value
from screening.values.bounds import STEP, Bounds, exactly, is_exact
from screening.values.frozen import dataclass

_MOST = 64
_MOST_SPLITS = 400


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers to one requirement; `is_exact` says that the rules can tell no further ones apart.

    `alone` are the nodes that rest on the requirement alone, `values` what they are worth with each of the
    answers.
    """

    requirement: str
    answers: tuple[Completion, ...]
    is_exact: bool
    alone: tuple[AnyNode, ...] = ()
    values: tuple[tuple[object, ...], ...] = ()


def completions(library: Library, subject: Subject, as_of: datetime.date, requirement: str) -> tuple[Subject, ...]:
    """The person with one requirement completely answered, once for each answer that the rules tell apart.

    Empty if nothing waits for the requirement, or if what is recorded leaves it no further answer. Whether these
    are all is told by `answers`. Raises KeyError if the library does not ask for the requirement.
    """
    gaps = Gaps(Reading(library), subject, as_of)
    return tuple(answer.of(subject) for answer in answers(gaps, requirement).answers)


def answers(gaps: Gaps, requirement: str, anything: bool = False) -> Answers:
    """Every answer to a requirement that the rules tell apart, for one person; or a bounded sample of them.

    With `anything` numbers that would be set aside as not plausible are among them.
    """
    key = _shared(gaps, requirement)
    if key is None:
        return _answers(gaps, requirement, anything)
    known = gaps.reading.answered.get((*key, anything))
    if known is None:
        known = gaps.reading.answered[*key, anything] = _answers(gaps, requirement, anything)
    assert isinstance(known, Answers)
    return known


def _shared(gaps: Gaps, requirement: str) -> tuple[object, ...] | None:
    """What answers to a requirement rest on, where that is not of the person: everybody of that has the same.

    Nothing is recorded of it, and what waits for it reads nothing else.
    """
    seen = gaps.seen
    if seen.evidence.get(requirement) or seen.absences.get(requirement) or requirement in seen.complete:
        return None
    nodes = (*gaps.alone(requirement), *gaps.reading.takers.get(requirement, ()))
    only = frozenset((requirement,))
    if is_joint(gaps, requirement) or any(gaps.reading.read_by(node) != only for node in nodes):
        return None
    return requirement, gaps.as_of, tuple((id(node), gaps.is_open(node)) for node in nodes)


def _answers(gaps: Gaps, requirement: str, anything: bool) -> Answers:
    declared = gaps.reading.requirements[requirement]
    found = limits(gaps, requirement)
    if not found.takers:
        return Answers(requirement, (), True)
    type = _type_of(gaps, declared)
    recorded, is_all = refined(gaps, declared, found, type)
    drawn: Iterable[Completion]
    if _is_listed(gaps, declared):
        drawn, is_all_drawn = lists_of(gaps, declared, found, recorded)
    else:
        # Nobody is born after the day: such an answer would leave the age open.
        within = Bounds(None, gaps.as_of) if declared.take.startswith("age") else usable(declared, anything)
        values = values_of(type, found, gaps.as_of, within, _words(declared))
        days = [last_open_day(gaps, requirement)]
        if _is_dated(found):
            days += [day for day in days_about(found, gaps.as_of) if day < days[0]]
            days = told_apart(gaps, declared, found, days, values.values[0]) if values.values else days
        # Where a rule also asks whether there is any reading of some kind, there has to be known to be no other.
        closed = any(not isinstance(node, e.Select | e.DateOf) for node in found.takers)
        drawn = _valued(gaps, declared, recorded, values.values, days, closed)
        # Where its readings are counted too, there may be any number of them.
        is_all_drawn = values.is_exact and not any(isinstance(n, e.Count | e.CountDistinct) for n in found.takers)
    telling = Telling(gaps, requirement)
    kept: dict[tuple[object, ...], Completion] = {}
    is_split = type.name in NUMBERS and not found.is_plain and not found.is_joint
    if is_split:
        drawn = _split(telling, declared, list(drawn))
    for answer in drawn:
        signature = telling.signature(answer)
        if signature is not None:
            kept.setdefault(signature, answer)
        if len(kept) >= _MOST:
            is_all = False
            break
    return Answers(requirement, tuple(kept.values()), is_all and is_all_drawn, tuple(telling.alone), tuple(kept))


def _is_listed(gaps: Gaps, declared: DataRequirement) -> bool:
    """Whether it is answered by entries of a list, or by there being none: no value is selected of it."""
    takers = gaps.reading.takers.get(declared.name, ())
    return declared.type.name == "Records" or not any(isinstance(n, e.Select | e.DateOf) for n in takers)


def _words(declared: DataRequirement) -> tuple[str, ...]:
    return ("female", "male") if declared.says_sex else ()


def _type_of(gaps: Gaps, declared: DataRequirement) -> Type:
    """The type of what is recorded: of an age the day of birth."""
    for node in gaps.reading.takers.get(declared.name, ()):
        if isinstance(node, e.Select):
            return node.type
    return declared.type


def _is_dated(found: Limits) -> bool:
    """Whether more is asked of an entry's day than that it is recent enough for one window."""
    windows = {c for node in found.takers for c in conditions(node)}
    others = any(not isinstance(node, e.Select) for node in found.takers)
    dates = any(isinstance(node, e.DateOf) for node in found.takers)
    return dates or len(windows) > 1 or (others and bool(windows))


def _valued(
    gaps: Gaps,
    declared: DataRequirement,
    recorded: list[Refined],
    values: tuple[Value, ...],
    days: list[datetime.date],
    closed: bool,
) -> Iterator[Completion]:
    """What is recorded, made exact; where that does not settle the value, with a new reading besides."""
    for rows in recorded:
        found = rows.completion(gaps, declared, rows.said, complete=closed)
        if rows.rows and _is_settled(gaps, declared, found):
            yield found
        elif not is_whole(gaps, declared.name):
            if closed and not rows.rows and declared.type.name == "Boolean":
                # An entry says that a thing is there, whatever its value: that it is not is no entry at all.
                yield rows.completion(gaps, declared, "none", complete=True)
            for value, day in product(values, days):
                yield rows.completion(gaps, declared, said(value), _readings(declared, value, day), closed)


def _readings(declared: DataRequirement, value: Value, day: datetime.date) -> tuple[Evidence, ...]:
    """As many new readings of one value as the requirement wants, each at its own time of the day."""
    name, several = declared.name, declared.readings > 1
    return tuple(
        Evidence(
            f"{name}?{n}", name, value, exactly(day), clock=f"12:{n:02d}" if several else "", origin="supposed"
        )
        for n in range(declared.readings)
    )


def _is_settled(gaps: Gaps, declared: DataRequirement, answer: Completion) -> bool:
    """Whether the value of a requirement is one single value with an answer."""
    node = gaps.reading.expressions.get(declared.name)
    if node is None:
        return False
    value, contradicts = gaps.tried(node, (answer,))
    return not contradicts and (is_exact(value) if isinstance(value, Bounds) else not is_unknown(value))


def _split(telling: Telling, declared: DataRequirement, drawn: list[Completion]) -> list[Completion]:
    """The same answers with further numbers on both sides of every boundary of a comparison."""
    step = Decimal(1) if declared.type.name == "Integer" else STEP
    by_number = {number: answer for answer in drawn if (number := _number(answer)) is not None}
    told = {number: telling.compared(answer) for number, answer in by_number.items()}
    waiting = list(pairwise(sorted(by_number)))
    found, tried = list(drawn), 0
    while waiting and tried < _MOST_SPLITS:
        low, high = waiting.pop()
        middle = _between(low, high, step) if told[low] != told[high] else None
        if middle is None:
            continue
        tried += 1
        answer = _with_number(by_number[low], middle)
        by_number[middle], told[middle] = answer, telling.compared(answer)
        if told[middle] != told[low] and told[middle] != told[high]:
            found.append(answer)
        waiting += [(low, middle), (middle, high)]
    return found


def _number(answer: Completion) -> Decimal | None:
    value = answer.rows[-1].value if answer.rows else None
    known = isinstance(value, Bounds) and is_exact(value) and isinstance(value.low, int | Decimal)
    return Decimal(value.low) if known and isinstance(value, Bounds) else None


def _between(low: Decimal, high: Decimal, step: Decimal) -> Decimal | None:
    if high - low <= step:
        return None
    middle = ((low + high) / 2).quantize(step)
    return middle if low < middle < high else None


def _with_number(answer: Completion, number: Decimal) -> Completion:
    whole = isinstance(answer.rows[-1].value, Bounds) and isinstance(answer.rows[-1].value.low, int)
    value = exactly(int(number) if whole else number)
    last = {row.id for row in answer.rows if row.origin == "supposed"} or {answer.rows[-1].id}
    rows = tuple(replace(row, value=value) if row.id in last else row for row in answer.rows)
    return replace(answer, said=said(value), rows=rows)
