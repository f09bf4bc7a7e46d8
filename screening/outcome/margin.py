"""How far the numbers that decided lie from their limits, on either side; and bars that little stands behind.

Everything is read off a trace, nothing is evaluated. What no measurement error is declared for is near its limit
when it lies no further from it than one in the last place that the limit is written with (semantics 6, nearness).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any

from screening.language import expression as e
from screening.language.bars import sides
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Criterion, Library, MeasurementError, Repeat
from screening.language.types import NUMBERS
from screening.outcome.determination import NOT_APPLICABLE, Determination
from screening.outcome.trace import RowsFound, Step
from screening.record.subject import Value
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_COUNTED = e.Count | e.CountDistinct | e.CountTrue | e.RowValues | e.Duration | e.Exists


@dataclass(frozen=True, slots=True)
class Margin:
    """One comparison of a criterion, and how far its value lies from one of its limits.

    `distance` is the least that it may be, 0 or more, in the unit of `value` and `limit`, both of them bounds;
    `operator` is read from the value to the limit, `holds` says whether it does, `is_favourable` whether the
    criterion that rests on it speaks for entering. `error` is what is declared for the value, in that unit.
    `is_measured` is false for what is counted: entries, answers, days, years of age.
    """

    criterion: str
    value_node: Expression
    limit_node: Expression
    operator: str
    value: Bounds
    limit: Bounds
    distance: Decimal
    holds: bool
    is_favourable: bool
    is_measured: bool
    error: MeasurementError | None = None
    requirement: str = ""

    @property
    def last_place(self) -> Decimal:
        """One in the last place that the limit is written with.

        The limit 3.2 gives 0.1, and 160 gives 1.
        """
        return max(_last_place(end) for end in self.limit if end is not None)

    @property
    def in_errors(self) -> Decimal | None:
        """The distance as a multiple of the declared measurement error, to two decimals; None without one."""
        if self.error is None:
            return None
        return (self.distance / self.error.amount).quantize(Decimal("0.01"))

    @property
    def is_near(self) -> bool:
        """Whether it is met or missed by little: by the declared error or less, or else by one last place."""
        if self.error is not None:
            return self.distance <= self.error.amount
        return self.is_measured and self.distance <= self.last_place


@dataclass(frozen=True, slots=True)
class Miss:
    """A criterion that bars by numbers alone: the least of its comparisons that would all have to be otherwise."""

    criterion: str
    margins: tuple[Margin, ...]


def _last_place(end: Any) -> Decimal:
    exponent = end.as_tuple().exponent if isinstance(end, Decimal) else 0
    return Decimal(1).scaleb(min(0, exponent if isinstance(exponent, int) else 0))


def margins(library: Library, steps: Mapping[str, Step], made: Determination) -> tuple[Margin, ...]:
    """Each number that settles a criterion against each of its limits, in the order of the protocol.

    `steps` are those outside queries, by their place.
    """
    read = _Read(library, steps)
    found: list[Margin] = []
    for criterion, finding in zip(library.criteria, made.findings, strict=True):
        if finding.truth is not UNKNOWN and finding.shown != NOT_APPLICABLE:
            is_favourable = finding.truth is (FALSE if criterion.category == "exclusion" else TRUE)
            for node in read.bearing(criterion.expression, set()):
                found += read.compared(criterion, node, is_favourable)
    return tuple(dict.fromkeys(found))


def near_misses(
    library: Library, steps: Mapping[str, Step], made: Determination, most: int = 1
) -> tuple[Miss, ...]:
    """The bars of somebody who has no more than so many, if each of them is one by numbers alone; else nothing."""
    barring = [library.criterion(id) for id in made.reasons]
    if not 0 < len(barring) <= most:
        return ()
    read = _Read(library, steps)
    found = [(c, read.crossed(c, c.expression, FALSE if c.category == "inclusion" else TRUE)) for c in barring]
    return tuple(Miss(c.id, m) for c, m in found if m is not None) if all(m is not None for _, m in found) else ()


def repeats(library: Library, margin: Margin) -> tuple[Repeat, ...]:
    """The protocol's own words on measuring this again; nothing where its file says nothing."""
    requirement = next((r for r in library.requirements if r.name == margin.requirement), None)
    found = (library.criterion(margin.criterion).repeat, requirement.repeat if requirement is not None else None)
    return tuple(each for each in found if each is not None)


class _Read:
    """A library beside the steps of one person."""

    def __init__(self, library: Library, steps: Mapping[str, Step]) -> None:
        self.steps = steps
        self.expressions = dict(library.order)
        self.requirements = {r.name: r for r in library.requirements}
        self.errors = {d.name: d.measurement_error for d in library.definitions}

    def value(self, node: AnyNode) -> Value | RowsFound | None:
        step = self.steps.get(node.place)
        return None if step is None else step.value

    def bearing(self, node: AnyNode, seen: set[str]) -> Iterator[Expression]:
        """The comparisons that settle a node; parts that do not bear on it are left out."""
        truth = self.value(node)
        match node:
            case e.Compare() | e.Between() | e.InInterval():
                yield node
            case e.And(operands) | e.Or(operands):
                settling = FALSE if isinstance(node, e.And) else TRUE
                for operand in operands:
                    if truth is not settling or self.value(operand) is truth:
                        yield from self.bearing(operand, seen)
            case e.Implies(left, right):
                for side, at in ((left, FALSE), (right, TRUE)):
                    if truth is not TRUE or self.value(side) is at:
                        yield from self.bearing(side, seen)
            case e.Not(one) | e.Favoured(one) | e.Silence(one):
                yield from self.bearing(one, seen)
            case e.Xor(left, right):
                yield from self.bearing(left, seen)
                yield from self.bearing(right, seen)
            case e.If(condition, then, otherwise):
                # Where the condition is not known, both branches say the same, and neither by itself decides.
                if self.value(condition) is not UNKNOWN:
                    yield from self.bearing(condition, seen)
                    yield from self.bearing(then if self.value(condition) is TRUE else otherwise, seen)
            case e.Reference(name) if name not in seen and name not in self.requirements:
                seen.add(name)
                yield from self.bearing(self.expressions[name], seen)

    def compared(self, criterion: Criterion, node: AnyNode, is_favourable: bool) -> Iterator[Margin]:
        """A settled comparison of numbers with each limit that it bears on."""
        truth = self.value(node)
        if not isinstance(truth, Truth) or truth is UNKNOWN:
            return
        for operator, side, limit in sides(node):
            value, end = self.value(side), self.value(limit)
            if side.type.name not in NUMBERS or not isinstance(value, Bounds) or not isinstance(end, Bounds):
                continue
            gap = _gap(operator, value, end)
            if gap is None or (end.low is None and end.high is None):
                continue
            holds, distance = gap
            # Of an interval that a value lies outside of, the end that it has not passed decides nothing.
            if isinstance(node, e.Between | e.InInterval) and holds is not truth:
                continue
            # `ALT >= 0` among what is to be arranged says that it is recorded, and is no limit.
            if criterion.strength == "administrative" and end == (0, 0):
                continue
            yield Margin(
                criterion.id,
                side,
                limit,
                operator,
                value,
                end,
                distance,
                holds is TRUE,
                is_favourable,
                self.is_measured(side),
                self.error(side),
                self.requirement(side),
            )

    def is_measured(self, node: AnyNode) -> bool:
        """Whether a value is made of measured numbers, nothing in it being counted but an age."""
        below = list(self.below(node, set()))
        return not any(isinstance(each, _COUNTED) for each in below) and any(
            isinstance(each, e.Reference)
            and each.name in self.requirements
            and each.type.name in NUMBERS
            and not self.requirements[each.name].take.startswith("age")
            for each in below
        )

    def below(self, node: AnyNode, seen: set[str]) -> Iterator[AnyNode]:
        """A value and what it is made of, down to the inputs; of an `if` the branch that was taken."""
        yield node
        within = parts(node)
        match node:
            case e.Reference(name) if name not in self.requirements and name not in seen:
                seen.add(name)
                within = (self.expressions[name],)
            case e.If(condition, then, otherwise):
                within = (then if self.value(condition) is TRUE else otherwise,)
        for part in within:
            yield from self.below(part, seen)

    def error(self, node: Expression) -> MeasurementError | None:
        """The declared error of a value, in the unit in which it is compared."""
        match node:
            case e.Convert(operand, source, target):
                found = self.error(operand)
                if found is None:
                    return None
                old, new = parse_unit(source), parse_unit(target)
                amount = convert(found.amount, old, new) - convert(0, old, new)
                return MeasurementError(amount, found.source, found.chosen)
            case e.Reference(name) if name in self.requirements:
                return self.requirements[name].measurement_error
            case e.Reference(name):
                return self.errors.get(name) or self.error(self.expressions[name])
        return None

    def requirement(self, node: Expression) -> str:
        """The name of the input that a value is, "" if it is computed from several."""
        match node:
            case e.Convert(operand):
                return self.requirement(operand)
            case e.Reference(name) if name in self.requirements:
                return name
            case e.Reference(name):
                return self.requirement(self.expressions[name])
        return ""

    def crossed(self, criterion: Criterion, node: AnyNode, truth: Truth) -> tuple[Margin, ...] | None:
        """The fewest comparisons, all of which would have to be otherwise for a node to be so no longer.

        None where not numbers alone stand behind it.
        """
        if self.value(node) is not truth:
            return ()
        match node:
            case e.And(operands) | e.Or(operands):
                every = [self.crossed(criterion, o, truth) for o in operands if self.value(o) is truth]
                return _all(every) if truth is (FALSE if isinstance(node, e.And) else TRUE) else _fewest(every)
            case e.Not(one):
                return self.crossed(criterion, one, FALSE if truth is TRUE else TRUE)
            case e.Implies(left, right):
                left_too = FALSE if truth is TRUE else TRUE
                holding = [(left, left_too)] if self.value(left) is left_too else []
                holding += [(right, truth)] if self.value(right) is truth else []
                both = [self.crossed(criterion, side, at) for side, at in holding]
                return _all(both) if truth is TRUE else _fewest(both)
            case e.If(condition, then, otherwise) if self.value(condition) is not UNKNOWN:
                taken = then if self.value(condition) is TRUE else otherwise
                return self.crossed(criterion, taken, truth)
            case e.Reference(name) if name not in self.requirements:
                return self.crossed(criterion, self.expressions[name], truth)
            case e.Compare() | e.Between() | e.InInterval():
                return tuple(self.compared(criterion, node, False))[:1] or None
        return None


def _all(every: Sequence[tuple[Margin, ...] | None]) -> tuple[Margin, ...] | None:
    found = [each for each in every if each is not None]
    return tuple(dict.fromkeys(m for each in found for m in each)) if len(found) == len(every) else None


def _fewest(every: Sequence[tuple[Margin, ...] | None]) -> tuple[Margin, ...] | None:
    return min((each for each in every if each is not None), key=len, default=None)


def _gap(operator: str, value: Bounds, limit: Bounds) -> tuple[Truth, Decimal] | None:
    """Whether a value is surely on the asked side of a limit or surely not, and how far; None if neither."""
    above, strict = operator.startswith(">"), not operator.endswith("=")
    for is_above, low, high in ((True, value.low, limit.high), (False, limit.low, value.high)):
        if low is None or high is None or low < high:
            continue
        # On the limit itself it holds unless it is to lie beyond.
        if low > high or (is_above is above) is not strict:
            return (TRUE if is_above is above else FALSE), Decimal(low - high)
    return None
