"""What a criterion rests on: the inputs it asks for, and the comparisons of numbers that can make it bar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Criterion, Library
from screening.language.text import spell
from screening.language.types import NUMBERS
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Comparison:
    """A number held against a limit; while it is `against` (TRUE or FALSE), the criterion may bar by it."""

    criterion: str
    node: e.Compare
    value: Expression
    limit: Expression
    against: bool

    @property
    def name(self) -> str:
        """What is compared, as the rule file calls it."""
        return self.value.name if isinstance(self.value, e.Reference) else spell(self.value)

    @property
    def written(self) -> str:
        """The limit, as the rule file writes it."""
        return spell(self.limit)

    @property
    def unit(self) -> str:
        return self.value.type.unit


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
    return tuple(dict.fromkeys(_comparisons(criterion.id, entries[criterion.id], wanted, entries)))


def _comparisons(id: str, node: AnyNode, against: bool, entries: Mapping[str, Expression]) -> Iterator[Comparison]:
    match node:
        case e.And(operands) | e.Or(operands):
            for operand in operands:
                yield from _comparisons(id, operand, against, entries)
        case e.Not(operand):
            yield from _comparisons(id, operand, not against, entries)
        case e.Implies(left, right):
            yield from _comparisons(id, left, not against, entries)
            yield from _comparisons(id, right, against, entries)
        case e.Reference(name):
            yield from _comparisons(id, entries[name], against, entries)
        case e.Compare(operator, left, right) if operator in ("<", "<=", ">", ">=") and left.type.name in NUMBERS:
            for value, limit in ((left, right), (right, left)):
                if _is_constant(limit) and not _is_constant(value):
                    yield Comparison(id, node, value, limit, against)
        case e.Between(operand, low, high):
            for operator, limit in ((">=", low), ("<=", high)):
                if operand.type.name in NUMBERS and _is_constant(limit) and not _is_constant(operand):
                    yield Comparison(
                        id, e.Compare(operator, operand, limit, place=node.place), operand, limit, against
                    )


def _is_constant(node: AnyNode) -> bool:
    if isinstance(node, e.Literal | e.Parameter):
        return True
    below = parts(node)
    return isinstance(node, e.Arithmetic | e.Negate | e.Convert) and all(_is_constant(part) for part in below)
