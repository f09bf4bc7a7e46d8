"""What a missing value may turn out to be: one representative on each side of every limit beside it."""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from screening.guidance.limits import Limits, days_about
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS, Type
from screening.record.subject import Value
from screening.values import calendar
from screening.values.bounds import OPEN, STEP, Bounds, exactly, intersect
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, Truth

_MOST_NUMBERS = 12
_LONGEST_SCALE = 60
_FAR, _LARGEST = Decimal(100_000), Decimal(10) ** 12


class Values(NamedTuple):
    """Values of one type that the limits tell apart, and whether these are all that can be told apart."""

    values: tuple[Value, ...]
    is_exact: bool


def values_of(
    type: Type, found: Limits, as_of: datetime.date, within: Bounds = OPEN, words: tuple[str, ...] = ()
) -> Values:
    """The values of a type that the limits tell apart, those within `within` alone."""
    match type.name:
        case "Boolean" | "Judgement":
            return Values((TRUE, FALSE), True)
        case "String":
            return Values(tuple(_words(found, words)), not found.is_joint or bool(words))
        case "Code":
            return Values(tuple(_codes(found)), not found.is_joint)
        case "Date" | "DateTime":
            return _days(type, found, as_of, within)
    assert type.name in NUMBERS
    return _numbers(type, found, within)


def _words(found: Limits, words: tuple[str, ...]) -> Iterator[Value]:
    named = {code.code for code in found.codes if not code.system}
    if words:
        # Of a closed list those that a rule names, and one of the others; all where others are weighed.
        yield from (word(text) for text in words if text in named)
        others = [text for text in words if text not in named]
        yield from map(word, others if found.is_joint else others[:1])
        return
    yield from (word(text) for text in sorted(named))
    yield word("another")
    if found.is_joint:
        yield word("a further one")


def _codes(found: Limits) -> Iterator[Value]:
    named = sorted(code for code in found.codes if code.system)
    for code in named:
        yield (Code(code.system, code.code.rstrip("*").rstrip(".")),)
    for system in sorted({code.system for code in named}) or ["LOCAL"]:
        yield (Code(system, "another"),)
        if found.is_joint:
            yield (Code(system, "a further one"),)


def _days(type: Type, found: Limits, as_of: datetime.date, within: Bounds) -> Values:
    days = days_about(found, as_of)
    later = [calendar.beside(as_of, days) for days in (1, 365 * 60)]
    days = list(dict.fromkeys([*days, *later]))
    if type.name == "DateTime":
        moments = [datetime.datetime.combine(day, datetime.time(12)) for day in days]
        kept: list[Value] = [exactly(m) for m in moments if _is_inside(m, within)]
        return Values(tuple(kept), found.is_plain and not found.is_joint)
    inside = [day for day in days if _is_inside(day, within)]
    for end in within:
        if end is not None and end not in inside:
            inside.append(end)
    return Values(tuple(exactly(day) for day in inside), found.is_plain and not found.is_joint)


def _is_inside(value: datetime.date | Decimal | int, within: Bounds) -> bool:
    return intersect(exactly(value), within) is not None


def _numbers(type: Type, found: Limits, within: Bounds) -> Values:
    low, high = within
    if type.name == "Integer" and low is not None and high is not None and high - low <= _LONGEST_SCALE:
        return Values(tuple(exactly(n) for n in range(_whole(low, up=True), int(high) + 1)), True)
    # A limit as large as no measurement is cuts nothing that is measured.
    limits = {number for number in found.numbers if abs(number) < _LARGEST}
    points = {Decimal(0), Decimal(1), *limits}
    if found.is_joint or not (found.is_plain or found.is_monotone):
        few = sorted(limits, key=abs)[:8]
        combined = {a * b for a in few for b in few} | {a + b for a in few for b in few}
        points |= {number for number in combined if abs(number) < _LARGEST}
        points |= {Decimal(n) for n in (2, 10, 40, 200, 1000)}
    step = Decimal(1) if type.name == "Integer" else _step(limits)
    ends = {Decimal(end) for end in within if end is not None and abs(end) < _LARGEST}
    near = {p + n * step for p in limits | ends for n in (-1, 0, 1)} | points | {_FAR, -_FAR}
    if type.name == "Integer":
        near = {Decimal(int(n)) for n in near}
    else:
        # No number of a record has more than 8 decimals (semantics 2.1).
        near = {n.quantize(STEP).normalize() for n in near} | {p + n * STEP for p in ends for n in (-1, 0, 1)}
    inside = sorted((n for n in near if _is_inside(n, within)), key=lambda n: (n < 0, abs(n)))
    is_exact = (found.is_plain or found.is_monotone) and not found.is_joint
    if len(inside) > _MOST_NUMBERS and not is_exact:
        stride = len(inside) / _MOST_NUMBERS
        inside = [inside[int(n * stride)] for n in range(_MOST_NUMBERS - 1)] + [inside[-1]]
        known = {n.quantize(STEP).normalize() for n in found.agreeing if abs(n) < _LARGEST} - set(inside)
        inside += sorted(n for n in known if _is_inside(n, within) and (type.name != "Integer" or n == int(n)))[:4]
    whole = type.name == "Integer"
    return Values(tuple(exactly(int(n) if whole else n) for n in inside), is_exact)


def _whole(number: Decimal | int, up: bool) -> int:
    return -int(-number // 1) if up else int(number)


def _step(numbers: set[Decimal]) -> Decimal:
    """How far beside a limit a representative stands: finer where the limits lie close."""
    ordered = sorted(numbers)
    gaps = [b - a for a, b in itertools.pairwise(ordered)]
    step = Decimal("0.1")
    while step > STEP and any(gap <= 2 * step for gap in gaps):
        step /= 10
    return step


def said(value: Value) -> str:
    """A supposed value in short: `yes`, `4`, `2026-11-22`, `female`."""
    if isinstance(value, Truth):
        return "yes" if value is TRUE else "no"
    if isinstance(value, Bounds):
        end = value.low
        if isinstance(end, datetime.datetime):
            return end.isoformat(" ", "minutes")
        return end.isoformat() if isinstance(end, datetime.date) else format(Decimal(end), "f")
    return " or ".join(code.code if not code.system else str(code) for code in value)


def usable(requirement: DataRequirement, anything: bool = False) -> Bounds:
    """Where a number must lie to be used when it is recorded: its scale, and what is plausible of it.

    What is plausible never bounds a missing value: with `anything` its scale alone does (semantics 2.2).
    """
    if anything:
        return requirement.scale
    floor = OPEN if not requirement.floor else Bounds(Decimal(requirement.floor.split()[0]), None)
    found = intersect(requirement.scale, requirement.plausible) or requirement.scale
    return intersect(found, floor) or found
