"""What a criterion rests on: the inputs it asks for, and the comparisons of numbers that can make it bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Criterion, Library
from screening.language.text import spell
from screening.language.types import NUMBERS
from screening.values.frozen import dataclass

_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number held against a limit, where it decides a criterion while it is `against` (TRUE or FALSE).

    It bears on the criterion only while all that it is `through` is as said: `x > 5` in `x > 5 and y` bears on an
    exclusion that is present, and while `y` is absent, on nothing.
    """

    criterion: str
    node: e.Compare
    value: Expression
    limit: Expression
    against: bool
    through: tuple[tuple[Expression, bool], ...] = ()

    @property
    def name(self) -> str:
        """What is compared, as the rule file calls it."""
        return name_of(self.value)

    @property
    def written(self) -> str:
        """The limit, as the rule file writes it."""
        return spell(self.limit)

    @property
    def unit(self) -> str:
        return self.value.type.unit


def name_of(value: Expression) -> str:
    """What is compared, as the rule file calls it."""
    return value.name if isinstance(value, e.Reference) else spell(value)


def inputs(library: Library) -> dict[str, frozenset[str]]:
    """The requirements that each name of a library rests on."""
    found: dict[str, frozenset[str]] = {}
    for name, expression in library.order:
        found[name] = frozenset(_inputs(expression, found))
    return found


def _inputs(node: AnyNode, known: Mapping[str, frozenset[str]]) -> Iterator[str]:
    match node:
        case e.Retrieve(requirement):
            yield requirement
        case e.Reference(name):
            yield from known.get(name, ())
    for part in parts(node):
        yield from _inputs(part, known)


def comparisons(library: Library, criterion: Criterion) -> tuple[Comparison, ...]:
    """The comparisons of numbers with limits that make an absolute criterion bar; none of rows of a list."""
    entries = dict(library.order)
    wanted = criterion.category == "exclusion"
    return tuple(dict.fromkeys(_comparisons(criterion.id, entries[criterion.id], wanted, entries, ())))


def sides(node: AnyNode) -> Iterator[tuple[str, Expression, Expression]]:
    """Operator, value and limit of each comparison in a node, the value being what rests on the record."""
    match node:
        case e.Compare(operator, left, right) if operator in _SWAPPED:
            if not _has_data(left) and _has_data(right):
                yield _SWAPPED[operator], right, left
            else:
                yield operator, left, right
        case e.Between(operand, low, high):
            yield ">=", operand, low
            yield "<=", operand, high
        case e.InInterval(operand, low, high, low_closed, high_closed):
            yield ">=" if low_closed else ">", operand, low
            yield "<=" if high_closed else "<", operand, high


def _comparisons(
    id: str,
    node: Expression,
    against: bool,
    entries: Mapping[str, Expression],
    through: tuple[tuple[Expression, bool], ...],
) -> Iterator[Comparison]:
    def below(*ways: tuple[Expression, bool]) -> Iterator[Comparison]:
        """Every way down, together with what has to be so for it to bear."""
        *beside, (one, truth) = ways
        yield from _comparisons(id, one, truth, entries, (*through, *beside, (node, against)))

    match node:
        case e.And(operands) | e.Or(operands):
            for operand in operands:
                yield from below((operand, against))
        case e.Not(operand):
            yield from below((operand, not against))
        case e.Favoured(operand) | e.Silence(operand):
            yield from below((operand, against))
        case e.Implies(left, right):
            yield from below((left, not against))
            yield from below((right, against))
        case e.Xor(left, right):
            for operand in (left, right):
                yield from below((operand, True))
                yield from below((operand, False))
        case e.If(condition, then, otherwise):
            for truth in (True, False):
                yield from below((condition, truth))
            yield from below((condition, True), (then, against))
            yield from below((condition, False), (otherwise, against))
        case e.Reference(name) if name in entries:
            yield from below((entries[name], against))
        case e.Compare() | e.Between() | e.InInterval():
            for operator, value, limit in sides(node):
                if value.type.name in NUMBERS:
                    one = e.Compare(operator, value, limit, place=node.place)
                    yield Comparison(id, one, value, limit, against, (*through, (node, against)))


def _has_data(node: AnyNode) -> bool:
    """Whether a node rests on the record, not on the protocol alone."""
    return isinstance(node, e.Reference | e.Retrieve | e.Field) or any(map(_has_data, parts(node)))
