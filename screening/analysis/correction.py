"""What a model got wrong about a value that the solver has no function for, as facts that hold always.

A logarithm, a quotient, a power, an age: the solver makes up what it comes to. Here it is worked out from the
arguments in the model, and said to the solver in the widest form that is true of all arguments.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import z3

from screening.analysis.witness import Model
from screening.interpreters.symbolic_table import end_of
from screening.interpreters.symbolic_term import (
    Formula,
    Opaque,
    Span,
    both,
    constant,
    follows,
    number,
    opposite,
    rational,
)
from screening.values import bounds
from screening.values.bounds import OPEN, Bounds, exactly

# Where an argument is looked for, in steps of a hundredth, a day or a minute.
_STEPS = {"number": 100, "day": 1, "instant": 1440}
_RANGE = {
    "number": (-1_000_000, 1_000_000),
    "day": (600_000, 800_000),
    "instant": (600_000 * 1440, 800_000 * 1440),
}
_HALF = Fraction(1, 10**bounds.PLACES)


def chained(opaques: Iterable[Opaque], model: Model) -> tuple[list[Formula], list[Formula]]:
    """Facts about values along a chain, each from what truly goes into it, and what to hold still meanwhile.

    A product or quotient is a straight line in one argument while the other stays where the model has it: with
    what is held still the solver can reach any value along that line.
    """
    truly: list[tuple[z3.ExprRef, z3.ExprRef]] = []
    facts: list[Formula] = []
    still: list[Formula] = []
    for opaque in opaques:
        given = [
            model.bounds(_put(a, truly), kind) for a, kind in zip(opaque.arguments, opaque.kinds, strict=True)
        ]
        found = opaque.exact(*given) or OPEN
        equal = both(equals(a, g) for a, g in zip(opaque.arguments, given, strict=True))
        facts.append(follows(equal, equals(opaque.result, found)))
        if opaque.exact in (bounds.multiply, bounds.divide) and _is_positive(given[1]):
            facts += _line(opaque, given[1])
            still.append(equals(opaque.arguments[1], given[1]))
        elif opaque.exact is bounds.power and bounds.is_exact(given[0]):
            still.append(equals(opaque.arguments[0], given[0]))
        said = constant(found)
        truly += [
            (term, value)
            for term, value in zip(opaque.result, said, strict=True)
            if isinstance(term, z3.ExprRef) and z3.is_const(_bare(term))
            for term, value in [_same_sort(_bare(term), value)]
        ]
    return facts, still


def _bare(term: z3.ExprRef) -> z3.ExprRef:
    """A whole number without its cast."""
    return term.arg(0) if z3.is_app(term) and term.decl().kind() == z3.Z3_OP_TO_REAL else term


def _same_sort(term: z3.ExprRef, value: object) -> tuple[z3.ExprRef, z3.ExprRef]:
    if isinstance(value, bool):
        return term, z3.BoolVal(value)
    return term, z3.ToInt(value) if z3.is_int(term) else value


def _put(span: Span, truly: list[tuple[z3.ExprRef, z3.ExprRef]]) -> Span:
    """An argument with every value before it as it truly is."""
    return Span(*(z3.substitute(t, *truly) if isinstance(t, z3.ExprRef) and truly else t for t in span))


def _is_positive(value: Bounds) -> bool:
    return bounds.is_exact(value) and not isinstance(value.low, bool) and rational(value.low) > 0


def _line(opaque: Opaque, by: Bounds) -> Iterable[Formula]:
    """A product or quotient where the second argument is one number above 0: near a multiple of the first."""
    first, result = opaque.arguments[0], opaque.result
    factor = rational(by.low) if opaque.exact is bounds.multiply else 1 / rational(by.low)
    at = equals(opaque.arguments[1], by)
    for end, is_open, came, came_open in (
        (first.low, first.low_open, result.low, result.low_open),
        (first.high, first.high_open, result.high, result.high_open),
    ):
        near = end * number(factor)
        fact = both((opposite(came_open), came >= near - number(_HALF), came <= near + number(_HALF)))
        yield follows(both((at, opposite(is_open))), fact)


def corrections(opaque: Opaque, model: Model) -> Iterable[Formula]:
    """What a model got wrong about a value that the solver has no function for, as facts that hold always."""
    given = [model.bounds(a, kind) for a, kind in zip(opaque.arguments, opaque.kinds, strict=True)]
    truly = opaque.exact(*given) or OPEN
    said = constant(truly)
    claimed = opaque.result
    wrong_low = truly.low is not None and (
        model.holds(claimed.low_open) or model.number(claimed.low) != model.number(said.low)
    )
    wrong_high = truly.high is not None and (
        model.holds(claimed.high_open) or model.number(claimed.high) != model.number(said.high)
    )
    wrong_open = (truly.low is None) != model.holds(claimed.low_open) or (truly.high is None) != model.holds(
        claimed.high_open
    )
    if not (wrong_low or wrong_high or wrong_open):
        return
    if not all(opaque.rises) or not model.holds(opaque.guard):
        yield follows(
            both(equals(a, g) for a, g in zip(opaque.arguments, given, strict=True)), equals(claimed, truly)
        )
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
            (opaque.result.low, opaque.result.low_open)
            if is_low
            else (opaque.result.high, opaque.result.high_open)
        )
        for up in (True, False):
            beyond = [_beyond(a, g, rise, is_low, up) for a, g, rise in pairs]
            if all(formula is not None for formula in beyond):
                yield follows(
                    both((opaque.guard, opposite(is_open), *beyond)), result >= limit if up else result <= limit
                )


def _where(opaque: Opaque, given: list[Bounds], at: int, wanted: Fraction) -> Iterable[Bounds]:
    """The neighbouring values of one argument between which the value comes to the wanted one, and leaves it."""
    for is_left in (False, True):
        yield from _passing(opaque, given, at, wanted, is_left)


def _passing(opaque: Opaque, given: list[Bounds], at: int, wanted: Fraction, is_left: bool) -> Iterable[Bounds]:
    kind, rise = opaque.kinds[at], opaque.rises[at]
    low, high = _RANGE[kind]
    if opaque.guard is not True:
        # INVARIANT: a guard asks for what is above 0, and what is said beside it is said of such values alone.
        low = 1
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


def _beyond(argument: Span, given: Bounds, rise: int, is_low: bool, up: bool) -> Formula | None:
    """The end of an argument that moves an end of the value lies no nearer than it does in a model."""
    takes_low = is_low if rise > 0 else not is_low
    end = given.low if takes_low else given.high
    if end is None:
        return None
    term, is_open = (argument.low, argument.low_open) if takes_low else (argument.high, argument.high_open)
    at = constant(Bounds(end, end)).low
    above = up if rise > 0 else not up
    return both((opposite(is_open), term >= at if above else term <= at))


def equals(span: Span, value: Bounds) -> Formula:
    said = constant(value)
    return both(
        (
            span.low_open if value.low is None else both((opposite(span.low_open), span.low == said.low)),
            span.high_open if value.high is None else both((opposite(span.high_open), span.high == said.high)),
        )
    )
