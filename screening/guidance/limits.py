"""Where the rules can tell apart two answers to one requirement: the numbers, days and words that stand beside it.

Collected along the open nodes that wait for the requirement, so that a limit of a criterion that is settled cuts
nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import field
from decimal import Decimal
from typing import Any, TypeGuard

from screening.guidance.gaps import Gaps
from screening.guidance.reading import OF_ROWS, conditions, every, listed, names
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.values import calendar
from screening.values.bounds import Bounds, exactly
from screening.values.coding import Code
from screening.values.frozen import dataclass

# A month less from the 31st may be the 28th: boundaries lie so many days beside the shifted day at most.
_CLAMPED = 3
_AGES_AGO = 365 * 60
_MOST_DAYS, _MOST_JOINT_DAYS = 160, 6


@dataclass(slots=True)
class Limits:
    """What stands beside one requirement in the open nodes that wait for it.

    `agreeing` are numbers that would not contradict another measurement of the same thing; `beside` are those of
    the numbers that stand beside what is made of the entries, not in a condition on them; `amounts` are what is
    counted from days, with their units; `is_plain` says that between a value and the truth
    that is read off it stands nothing but comparisons, `is_monotone` that what else stands there only grows or
    only falls with it, and `is_joint` that an open node weighs the requirement together with another missing one.
    """

    numbers: set[Decimal] = field(default_factory=set)
    agreeing: set[Decimal] = field(default_factory=set)
    beside: set[Decimal] = field(default_factory=set)
    days: set[datetime.date] = field(default_factory=set)
    codes: set[Code] = field(default_factory=set)
    amounts: set[tuple[int, str]] = field(default_factory=set)
    units: set[str] = field(default_factory=set)
    takers: list[AnyNode] = field(default_factory=list)
    is_plain: bool = True
    is_monotone: bool = True
    is_joint: bool = False


# Between a value and a truth these leave no cell that the limits beside them do not cut.
_PLAIN = (
    e.And | e.Or | e.Not | e.Implies | e.Xor | e.If | e.CountTrue | e.Compare | e.Between | e.InInterval | e.InSet
    | e.Is | e.Timing | e.Reference | e.Favoured | e.Age | e.Duration | e.DayOf | e.Shift | OF_ROWS
)  # fmt: skip


def limits(gaps: Gaps, requirement: str) -> Limits:
    """Everything that cuts the answers to one requirement of one person."""
    found = Limits()
    seen: set[str] = set()

    def visit(node: AnyNode) -> None:
        waits = gaps.waits(node)
        if requirement not in waits:
            _beside(gaps, node, found)
            return
        if isinstance(node, e.Reference):
            if node.name not in seen:
                seen.add(node.name)
                visit(gaps.reading.expressions[node.name])
            return
        if not isinstance(node, _PLAIN):
            found.is_plain = False
            found.is_monotone &= _is_monotone(gaps, node, requirement)
        _own(gaps, node, found)
        if isinstance(node, e.Function) and node.name == "Agree":
            ends = [end for part in node.operands for end in gaps.value(part)]
            found.agreeing.update(Decimal(end) for end in ends if isinstance(end, int | Decimal))
        if isinstance(node, OF_ROWS):
            _rows(gaps, node, requirement, found)
            for name in sorted(names(conditions(node))):
                if name not in seen and requirement in gaps.waits_of(name):
                    seen.add(name)
                    visit(gaps.reading.expressions[name])
            if isinstance(node, e.Silence):
                visit(node.operand)
        else:
            for part in parts(node):
                # How far a window reaches is no number that is measured: `_own` has it.
                if not (isinstance(node, e.Timing) and part is node.amount and isinstance(part, e.Literal)):
                    visit(part)

    found.is_joint = is_joint(gaps, requirement)
    if found.is_joint:
        for id in gaps.waiting(requirement):
            visit(gaps.reading.expressions[id])
    else:
        # Above a statement that waits for nothing else no limit stands.
        for node in gaps.alone(requirement):
            visit(node)
    return found


def is_joint(gaps: Gaps, requirement: str) -> bool:
    """Whether an open node weighs a requirement together with another missing one, as no statement of its own."""
    truths, alone = ("Boolean", "Judgement"), gaps.alone(requirement)
    return any(len(gaps.waits(n)) > 1 or (n.type.name not in truths) for n in alone if _typed(n))


def _typed(node: AnyNode) -> TypeGuard[Expression]:
    return not isinstance(node, e.Retrieve | e.Where)


def _is_monotone(gaps: Gaps, node: AnyNode, requirement: str) -> bool:
    """Whether a node only grows, or only falls, with the one of its parts that waits for a requirement."""
    waiting = [part for part in parts(node) if requirement in gaps.waits(part)]
    match node:
        case e.Convert() | e.Negate():
            return True
        case e.Arithmetic("/"):
            return len(waiting) == 1 and waiting[0] is node.left
        case e.Arithmetic("+" | "-" | "*"):
            return len(waiting) == 1
        case e.Function("Round" | "Min" | "Max" | "Sum" | "Mean" | "Ln" | "Exp" | "Sqrt"):
            return len(waiting) == 1
    return False


def _rows(gaps: Gaps, node: AnyNode, requirement: str, found: Limits) -> None:
    """What the conditions on single rows name; of another missing requirement they make a joint matter."""
    if listed(node) == requirement:
        found.takers.append(node)
    for condition in conditions(node):
        for part in every(condition):
            if isinstance(part, e.Literal | e.Parameter):
                _value(gaps, part, found)
            elif isinstance(part, e.Reference):
                _value_of(gaps.values[part.name], found)
                for name in gaps.reading.cone(part):
                    for inner in every(gaps.reading.expressions[name]):
                        _own(gaps, inner, found)
            _own(gaps, part, found)


def _own(gaps: Gaps, node: AnyNode, found: Limits) -> None:
    """What a node itself brings: codes of a set, amounts counted from a day."""
    match node:
        case e.InSet(_, _, codes):
            found.codes.update(codes)
        case e.Timing(amount=amount, unit=unit) | e.Shift(_, amount, unit):
            found.units.add(unit)
            value = _constant(gaps, amount)
            if isinstance(value, Bounds) and value.low is not None:
                found.amounts.add((int(value.low), unit))
        case e.Duration(unit):
            found.units.add(unit)
        case e.Age():
            found.units.add("years")


def _constant(gaps: Gaps, node: AnyNode) -> Any:
    match node:
        case e.Literal(value):
            return value
        case e.Parameter(name):
            return exactly(gaps.as_of) if name not in gaps.reading.parameters else gaps.reading.parameters[name]
    return gaps.steps.get(node.place)


def _beside(gaps: Gaps, node: AnyNode, found: Limits) -> None:
    """A part that does not wait for the requirement: what it is worth is a limit; open, so are its constants."""
    if not _typed(node) or node.type.name in ("Boolean", "Judgement"):
        return
    constants = (part for part in every(node) if isinstance(part, e.Literal | e.Parameter))
    for part in (node, *constants) if gaps.waits(node) else (node,):
        value = _constant(gaps, part)
        _value_of(value, found)
        if isinstance(value, Bounds):
            found.beside.update(Decimal(end) for end in value if isinstance(end, int | Decimal))


def _value(gaps: Gaps, node: AnyNode, found: Limits) -> None:
    _value_of(_constant(gaps, node), found)


def _value_of(value: Any, found: Limits) -> None:
    if isinstance(value, Bounds):
        for end in value:
            if isinstance(end, datetime.datetime):
                found.days.add(end.date())
            elif isinstance(end, datetime.date):
                found.days.add(end)
            elif end is not None:
                found.numbers.add(Decimal(end))
    elif isinstance(value, tuple):
        found.codes.update(value)


def days_about(found: Limits, as_of: datetime.date, more: Iterable[datetime.date] = ()) -> list[datetime.date]:
    """The days on both sides of every boundary that the limits draw, the as-of date first."""
    starts = {as_of, *found.days, *more}
    amounts = set(found.amounts)
    for unit in found.units:
        whole = {int(number) for number in found.numbers if number == int(number) and abs(number) < 2000}
        amounts |= {(n + by, unit) for n in whole for by in (0, 1)}
    if found.units and not amounts:
        amounts = {(1, unit) for unit in found.units}
    edges = set(starts)
    for start in starts:
        for amount, unit in amounts:
            for sign in (1, -1):
                moved = (
                    calendar.shift(exactly(start), exactly(sign * amount), unit).low if unit != "hours" else None
                )
                if moved is not None:
                    edges.add(moved)
    around = range(-_CLAMPED, _CLAMPED + 1) if found.units & {"months", "years"} else range(-1, 2)
    near = {calendar.beside(edge, n) for edge in edges for n in around} | {calendar.beside(as_of, -_AGES_AGO)}
    ordered = sorted(near, key=lambda day: (day > as_of, abs((as_of - day).days)))
    most = _MOST_JOINT_DAYS if found.is_joint else _MOST_DAYS
    if len(ordered) > most:
        step = len(ordered) / most
        ordered = [ordered[int(n * step)] for n in range(most)]
    return ordered
