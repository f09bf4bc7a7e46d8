"""What a library says of one person for every value of one of its parameters, by the law, in one evaluation.

What does not depend on the parameter is worked out once. Of the rest the law is asked with the parameter open,
which tells what it is held against for this person; between the ends of that nothing can change. At each of these
values, and once between every two, the law says the verdict.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from math import ceil, floor
from typing import Any

from screening.errors import UnsupportedError
from screening.interpreters.reference import Run, plain, stepped
from screening.language.library import ROOTS, Library, ParameterValue
from screening.language.varying import Held, Undoing, Varying, Window, varying, wanted
from screening.outcome.curve import Mark, Steps, in_order
from screening.outcome.determination import verdict_of
from screening.record.subject import Subject
from screening.values import calendar
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.quantity import parse_unit

NUMBERS = ("Integer", "Decimal", "Quantity")
# Where not every place is known at which a truth can change, so many whole numbers are tried one by one.
MOST_VALUES = 1000
# A completed month or year ends up to so many units beside the one that is counted: clamped days, partial dates.
_BESIDE = range(-2, 3)


def parameter_of(library: Library, name: str) -> ParameterValue:
    """The parameter of that name. Raises KeyError."""
    return {parameter.name: parameter for parameter in library.parameters}[name]


def variable(library: Library, name: str, low: Fraction, high: Fraction) -> Varying:
    """What depends on a parameter that is to run through a range.

    Raises UnsupportedError where it is no number, or where it stands in a calculation that is not undone, unless
    its whole numbers are few enough to be tried one by one; KeyError where there is no such parameter.
    """
    parameter = parameter_of(library, name)
    if parameter.type.name not in NUMBERS:
        raise UnsupportedError(f"parameter `{name}` is no number: try single values of it, `{name}=VALUE`")
    found = varying(library, name)
    is_whole = parameter.type.name == "Integer"
    if found.elsewhere and not (is_whole and high - low <= MOST_VALUES):
        where = ", ".join(found.elsewhere[:3])
        help = f"a range of at most {MOST_VALUES} values" if is_whole else f"single values of it, `{name}=VALUE`"
        raise UnsupportedError(f"parameter `{name}` stands in a calculation at {where}: try {help}")
    return found


class Threshold:
    """One parameter of a library between two values, both of them in."""

    def __init__(self, library: Library, name: str, low: Fraction, high: Fraction) -> None:
        self.library, self.name, self.low, self.high = library, name, low, high
        self.varying = variable(library, name, low, high)
        self.is_whole = parameter_of(library, name).type.name == "Integer"
        self.parameters: dict[str, Any] = {p.name: p.value for p in library.parameters}
        names = frozenset(self.varying.names)
        beside = wanted(library) - names
        self.fixed = [(name, plain(node)) for name, node in library.order if name in beside]
        self.varied = [(name, plain(node)) for name, node in library.order if name in names]
        self.traced = [(name, stepped(node)) for name, node in library.order if name in names]

    def steps(self, subject: Subject, as_of: datetime.date) -> Steps:
        """From which value on which verdict holds, for one person on one day."""
        known = Run(self.parameters, subject.as_of(as_of), as_of)
        for name, meaning in self.fixed:
            known.values[name] = meaning(known, {})
        whole = self._run(known, Bounds(_number(self.low), _number(self.high)))
        if self._verdict(whole) == "INELIGIBLE":
            # INVARIANT: what the law says of an open value it says of each value that it may have.
            return ((Mark(self.low), "INELIGIBLE"),)
        return in_order((mark, self._at(known, value)) for mark, value in self._tried(known))

    def at(self, subject: Subject, as_of: datetime.date, value: Fraction) -> str:
        """The verdict at one value."""
        known = Run(self.parameters, subject.as_of(as_of), as_of)
        for name, meaning in self.fixed:
            known.values[name] = meaning(known, {})
        return self._at(known, _number(value))

    def _run(self, known: Run, value: Bounds, is_traced: bool = False) -> Run:
        run = Run(self.parameters | {self.name: value}, known.subject, known.as_of)
        run.values, run.conflicts = dict(known.values), set(known.conflicts)
        for name, meaning in self.traced if is_traced else self.varied:
            run.values[name] = meaning(run, {})
        return run

    def _at(self, known: Run, value: Any) -> str:
        return self._verdict(self._run(known, exactly(value)))

    @staticmethod
    def _verdict(run: Run) -> str:
        return verdict_of(*(run.values[root] for root in ROOTS)).value

    # --------------------------------------------------------------------------- where it can change

    def _tried(self, known: Run) -> Iterator[tuple[Mark, Any]]:
        if self.varying.elsewhere:
            for number in range(ceil(self.low), floor(self.high) + 1):
                yield Mark(Fraction(number)), number
            return
        found = self._critical(known)
        yield from whole(found, self.low, self.high) if self.is_whole else real(found, self.low, self.high)

    def _critical(self, known: Run) -> set[Fraction]:
        """The values at which anything can change for this person."""
        run = self._run(known, OPEN, is_traced=True)
        values: dict[str, list[Any]] = {}
        for step in run.steps:
            if isinstance(step.value, Bounds):
                values.setdefault(step.place, []).append(step.value)
        found: set[Fraction] = set()
        for place in self.varying.held:
            found.update(_solved(place, values))
        for window in self.varying.windows:
            found.update(_lengths(window, values))
        return {value for value in found if self.low <= value <= self.high}


def _solved(held: Held, values: dict[str, list[Any]]) -> set[Fraction]:
    """The values of the parameter at which its side comes to an end of what it is held against."""
    found = {Fraction(end) for known in values.get(held.other.place, ()) for end in known if _is_number(end)}
    for step in held.undone:
        beside = {Fraction(1)}
        if step.beside is not None:
            ends = (end for known in values.get(step.beside.place, ()) for end in known)
            beside = {Fraction(end) for end in ends if _is_number(end)}
        found = {each for target in found for y in beside for each in _undone(step, target, y)}
    return found


def _is_number(end: object) -> bool:
    return isinstance(end, int | Decimal)


def _undone(step: Undoing, target: Fraction, y: Fraction) -> Iterator[Fraction]:
    match step.operator:
        case "negate":
            yield -target
        case "+":
            yield target - y
        case "-":
            yield target + y if step.is_left else y - target
        case "*" if y:
            yield target / y
        case "convert":
            old, new = (parse_unit(unit) for unit in step.units)
            yield (target * new.factor + new.offset - old.offset) / old.factor


def _lengths(window: Window, values: dict[str, list[Any]]) -> set[Fraction]:
    """The lengths, in completed units, about which a day comes into a window or leaves it."""
    found: set[Fraction] = set()
    for one in values.get(window.operand.place, ()):
        for other in values.get(window.reference.place, ()):
            for a in one:
                for b in other:
                    if isinstance(a, datetime.date) and isinstance(b, datetime.date):
                        first, last = sorted((_day(a), _day(b)))
                        units = calendar.duration(exactly(first), exactly(last), window.unit).low
                        found.update(Fraction(sign * units + more) for more in _BESIDE for sign in (1, -1))
    return found


def _day(day: datetime.date) -> datetime.date:
    return day.date() if isinstance(day, datetime.datetime) else day


# ------------------------------------------------------------------------------- what is tried


def whole(critical: Iterable[Fraction], low: Fraction, high: Fraction) -> list[tuple[Mark, Any]]:
    """The whole numbers at which a verdict can begin to hold."""
    found = {ceil(low)}
    for value in critical:
        found.update((ceil(value), floor(value) + 1))
    return [(Mark(Fraction(n)), n) for n in sorted(found) if low <= n <= high]


def real(critical: Iterable[Fraction], low: Fraction, high: Fraction) -> list[tuple[Mark, Any]]:
    """Marks with a decimal that stands for each: every value, and all values up to the next one."""
    points: Sequence[Fraction] = sorted({low, high, *critical})
    found: list[tuple[Mark, Any]] = []
    for value, after in pairwise(points):
        if is_decimal(value):
            found.append((Mark(value), _number(value)))
        found.append((Mark(value, is_above=True), between(value, after)))
    return [*found, (Mark(high), _number(high))]


def is_decimal(value: Fraction) -> bool:
    """Whether a decimal number is exactly this: no limit can be set to any other one."""
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def between(low: Fraction, high: Fraction) -> Decimal:
    """A decimal between two numbers, of as few places as may be.

    >>> between(Fraction(1), Fraction(2))
    Decimal('1.5')
    """
    places = 0
    while True:
        step = Fraction(1, 10**places)
        found = (floor(((low + high) / 2) / step)) * step
        found = found if found > low else found + step
        if low < found < high:
            return Decimal(found.numerator * 10**places // found.denominator).scaleb(-places)
        places += 1


def _number(value: Fraction) -> int | Decimal:
    """A number as the law calculates with it."""
    if value.denominator == 1:
        return value.numerator
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    return Decimal((value * 10**places).numerator).scaleb(-places)
