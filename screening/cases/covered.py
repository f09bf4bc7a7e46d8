"""What the cases of a library show of each of its statements; a part is asked in every case by the law."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from screening.cases.mutation import Held, Suite
from screening.errors import Span
from screening.interpreters.reference import Meaning, plain
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import Library
from screening.language.types import ORDERED
from screening.outcome.covered import ABOVE, AT, BELOW, Covered
from screening.record.subject import Value
from screening.values.bounds import Bounds, is_exact
from screening.values.truth import FALSE, TRUE, Truth


def covered(suite: Suite) -> Iterator[Covered]:
    """Every statement of the libraries of some cases, in their order; one that libraries share is told once."""
    seen: dict[tuple[str, Expression], None] = {}
    for dependents in suite.libraries.values():
        library = dependents.library
        for name, span, expression in _statements(library):
            if (name, expression) in seen:
                continue
            seen[name, expression] = None
            speaking = suite.speaking(name, expression)
            cases = [held for held in suite.held if id(held.dependents) in speaking]
            yield _of(library.name, name, span, expression, cases)


def _statements(library: Library) -> Iterator[tuple[str, Span, Expression]]:
    for definition in library.definitions:
        if definition.origin == "definition" and definition.type.name in ("Boolean", "Judgement"):
            yield definition.name, definition.span, definition.expression
    for criterion in library.criteria:
        yield criterion.id, criterion.span, criterion.expression


def _of(library: str, name: str, span: Span, expression: Expression, cases: Sequence[Held]) -> Covered:
    truths = frozenset(value for held in cases if isinstance(value := held.run.values[name], Truth))
    parts: list[tuple[str, bool]] = []
    limits: list[tuple[str, frozenset[str]]] = []
    for node in _outside_rows(expression):
        match node:
            case e.And(operands) | e.Or(operands):
                rows = _asked(operands, cases)
                deciding = FALSE if isinstance(node, e.And) else TRUE
                parts += [(operand.place, _decides(at, rows, deciding)) for at, operand in enumerate(operands)]
            case e.Compare(_, left, right) if _is_limited(left, right):
                limits.append((node.place, frozenset(_sides(left, right, cases))))
            case e.Between(operand, low, high) | e.InInterval(operand, low, high):
                for end in (low, high):
                    limits.append((end.place, frozenset(_sides(operand, end, cases))))
    return Covered(library, name, span, truths, tuple(parts), tuple(limits))


def _outside_rows(node: Expression) -> Iterator[Expression]:
    """The node and what of it is asked of the person, not of an entry of a list."""
    yield node
    match node:
        case e.And(operands) | e.Or(operands) | e.CountTrue(operands):
            below: tuple[Expression, ...] = operands
        case e.Not(operand) | e.Is(operand):
            below = (operand,)
        case e.Implies(left, right) | e.Xor(left, right):
            below = (left, right)
        case e.If(condition, then, otherwise):
            below = (condition, then, otherwise)
        case _:
            below = ()
    for part in below:
        yield from _outside_rows(part)


def _asked(operands: Sequence[Expression], cases: Sequence[Held]) -> set[tuple[Value, ...]]:
    """What the parts are worth in each case, each combination once."""
    meanings = [plain(operand) for operand in operands]
    return {tuple(_worth(held, meaning) for meaning in meanings) for held in cases}


def _decides(at: int, rows: set[tuple[Value, ...]], deciding: Truth) -> bool:
    """Whether a part alone turns the whole: a case with it against all others, and one with none against them."""
    other = TRUE if deciding is FALSE else FALSE
    alone = any(row[at] is deciding and all(t is other for n, t in enumerate(row) if n != at) for row in rows)
    return alone and any(all(truth is other for truth in row) for row in rows)


def _is_limited(left: Expression, right: Expression) -> bool:
    """Whether something that has an order is held against what the file says."""
    return left.type.name in ORDERED and (_is_limit(left) or _is_limit(right))


def _is_limit(node: Expression) -> bool:
    return isinstance(node, e.Literal | e.Parameter)


def _sides(left: Expression, right: Expression, cases: Sequence[Held]) -> Iterator[str]:
    """On which sides of a limit the cases lie of which the number is known."""
    measured, limit = (right, left) if _is_limit(left) else (left, right)
    value, end = plain(measured), plain(limit)
    for held in cases:
        a, b = _worth(held, value), _worth(held, end)
        if isinstance(a, Bounds) and isinstance(b, Bounds) and is_exact(a) and is_exact(b):
            one, other = a.low, b.low
            yield AT if one == other else BELOW if one < other else ABOVE


def _worth(held: Held, meaning: Meaning) -> Value:
    held.run.conflicts = set(held.every)
    found: Value = meaning(held.run, {})
    return found
