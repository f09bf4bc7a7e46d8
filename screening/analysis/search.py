"""Looking for a person: the solver makes one up, the law says whether it is one, the solver is told why not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from typing import NamedTuple

import z3

from screening.analysis.witness import Model, Values, smallest, subject_of
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reader
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_table import end_of
from screening.interpreters.symbolic_term import Formula, Opaque, asserted, both, constant, follows, opposite, rational
from screening.language.library import Library
from screening.record.subject import Subject
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds, exactly

ROUNDS = 40
# Steps of the solver in one round, not seconds: the same question has the same answer on a busy machine.
STEPS = 5_000_000
# Where an argument is looked for, in steps of a hundredth, a day or a minute.
_STEPS = {"number": 100, "day": 1, "instant": 1440}
_RANGE = {"number": (-1_000_000, 1_000_000), "day": (600_000, 800_000), "instant": (600_000 * 1440, 800_000 * 1440)}


class Sought(NamedTuple):
    """What a search came to: a person of whom the law says so; that there is none among those made up; or neither."""

    subject: Subject | None
    none: bool

    @property
    def decided(self) -> bool:
        return self.subject is not None or self.none


class Search:
    """One library, asked for people of whom something is so."""

    def __init__(
        self, library: Library, as_of: datetime.date, slots: Mapping[str, int] | None = None
    ) -> None:
        self.library, self.as_of = library, as_of
        self.rows = Rows(library, slots)
        self.reader = Reader(library, exactly(as_of), self.rows, "person")
        self.law = Law(library)
        self.solver = z3.Solver()
        self.solver.set("rlimit", STEPS)
        self._told = 0

    def person(self, wanted: Formula, holds: Callable[[Values], bool]) -> Sought:
        """A person for whom `wanted` is so by the solver and `holds` by the law."""
        self._tell()
        for _ in range(ROUNDS):
            answer = self.solver.check(asserted(wanted))
            if answer == z3.unsat:
                return Sought(None, True)
            if answer != z3.sat:
                break
            model = Model(self.solver.model())
            subject = subject_of(self.rows, model, self.as_of)
            if holds(self.law.evaluate(subject, self.as_of)):
                return Sought(subject, False)
            lemmas = [lemma for opaque in self.reader.opaque for lemma in corrections(opaque, model)]
            if not lemmas:
                break
            self.solver.add(*map(asserted, lemmas))
        return Sought(None, False)

    def smallest(self, subject: Subject, holds: Callable[[Values], bool]) -> Subject:
        """The same person with nothing recorded that the property does not need."""
        return smallest(subject, lambda fewer: holds(self.law.evaluate(fewer, self.as_of)))

    def _tell(self) -> None:
        """The facts that have come up since the solver was last asked."""
        self.solver.add(*map(asserted, self.reader.facts[self._told :]))
        self._told = len(self.reader.facts)


def corrections(opaque: Opaque, model: Model) -> Iterable[Formula]:
    """What a model got wrong about a value that the solver has no function for, as facts that hold always."""
    given = [model.bounds(a, kind) for a, kind in zip(opaque.arguments, opaque.kinds, strict=True)]
    truly = opaque.exact(*given) or OPEN
    said = constant(truly)
    claimed = opaque.result
    wrong_low = truly.low is not None and (model.holds(claimed.low_open) or model.number(claimed.low) != model.number(said.low))
    wrong_high = truly.high is not None and (model.holds(claimed.high_open) or model.number(claimed.high) != model.number(said.high))
    wrong_open = (truly.low is None) != model.holds(claimed.low_open) or (truly.high is None) != model.holds(claimed.high_open)
    if not (wrong_low or wrong_high or wrong_open):
        return
    if not all(opaque.rises) or not model.holds(opaque.guard):
        yield follows(both(_equal(a, g) for a, g in zip(opaque.arguments, given, strict=True)), _equal(claimed, truly))
        return
    yield from lemmas(opaque, given)
    if not model.holds(claimed.low_open) and bounds.is_exact(truly):
        wanted = model.number(claimed.low)
        for at, value in enumerate(given):
            if bounds.is_exact(value):
                for near in _where(opaque, given, at, wanted):
                    yield from lemmas(opaque, [*given[:at], near, *given[at + 1 :]])


def lemmas(opaque: Opaque, given: list[Bounds]) -> Iterable[Formula]:
    """What follows for all arguments from the value for some, since it rises and falls with them."""
    truly = opaque.exact(*given) or OPEN
    pairs = list(zip(opaque.arguments, given, opaque.rises, strict=True))
    for is_low in (True, False):
        end = truly.low if is_low else truly.high
        if end is None:
            continue
        limit = constant(Bounds(end, end)).low
        result, is_open = (
            (opaque.result.low, opaque.result.low_open) if is_low else (opaque.result.high, opaque.result.high_open)
        )
        for up in (True, False):
            beyond = [_beyond(a, g, rise, is_low, up) for a, g, rise in pairs]
            if all(formula is not None for formula in beyond):
                yield follows(both((opaque.guard, opposite(is_open), *beyond)), result >= limit if up else result <= limit)


def _where(opaque: Opaque, given: list[Bounds], at: int, wanted: Fraction) -> Iterable[Bounds]:
    """The neighbouring values of one argument between which the value comes to the wanted one, and leaves it."""
    for is_left in (False, True):
        yield from _passing(opaque, given, at, wanted, is_left)


def _passing(opaque: Opaque, given: list[Bounds], at: int, wanted: Fraction, is_left: bool) -> Iterable[Bounds]:
    kind, rise = opaque.kinds[at], opaque.rises[at]
    low, high = _RANGE[kind]
    here = int(rational(given[at].low) * _STEPS[kind])

    def value(position: int) -> Fraction | None:
        argument = exactly(end_of(Fraction(position, _STEPS[kind]), kind))
        found = opaque.exact(*given[:at], argument, *given[at + 1 :])
        return None if found is None or found.low is None else rational(found.low)

    while high - low > 1:
        middle = (low + high) // 2
        found = value(middle)
        if found is None:
            # Nothing is there (born after the day, not above 0): nearer to where there is something.
            low, high = (low, middle) if middle > here else (middle, high)
        elif ((found > wanted) if is_left else (found >= wanted)) is (rise > 0):
            high = middle
        else:
            low = middle
    for position in (low, high):
        yield exactly(end_of(Fraction(position, _STEPS[kind]), kind))


def _beyond(argument: object, given: Bounds, rise: int, is_low: bool, up: bool) -> Formula | None:
    """The end of an argument that moves an end of the value lies no nearer than it does in a model."""
    takes_low = is_low if rise > 0 else not is_low
    end = given.low if takes_low else given.high
    if end is None:
        return None
    term, is_open = (argument.low, argument.low_open) if takes_low else (argument.high, argument.high_open)  # type: ignore[attr-defined]
    at = constant(Bounds(end, end)).low
    above = up if rise > 0 else not up
    return both((opposite(is_open), term >= at if above else term <= at))


def _equal(span: object, value: Bounds) -> Formula:
    said = constant(value)
    return both(
        (
            span.low_open if value.low is None else both((opposite(span.low_open), span.low == said.low)),  # type: ignore[attr-defined]
            span.high_open if value.high is None else both((opposite(span.high_open), span.high == said.high)),  # type: ignore[attr-defined]
        )
    )

