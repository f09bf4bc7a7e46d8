"""Whether two expressions say the same of every record: proved, by the solver or part by part.

The solver is asked of anything that a record may say (`symbolic_leaves`); of two queries that keep rows by
conditions, whether the conditions say the same of any row. No answer in time is no proof.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Iterator
from typing import Any

import z3

from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import Anything, every_part
from screening.interpreters.symbolic_term import (
    Formula,
    Rails,
    Span,
    Symbol,
    Words,
    asserted,
    both,
    either,
    follows,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import Library
from screening.language.types import ORDERED
from screening.values.bounds import exactly
from screening.values.coding import Codings

# Steps of the solver, not seconds: the same question has the same answer on a busy machine.
STEPS = 2_000_000
_WORDS = ("String", "Code")
# Of these, and of `Agree`, `reading/roots.py` makes the review of what contradicts itself.
_CONTRADICTED = e.Select | e.Exists | e.Count | e.CountDistinct | e.RowValues


class _AnyRow(Anything):
    """Values of which nothing is known; what a field of a row says neither."""

    def __init__(self, library: Library, said: Iterable[Codings]) -> None:
        super().__init__(library)
        self._said = tuple(said)
        self.fields: dict[AnyNode, Symbol] = {}

    def leaf(self, node: Any, reader: Reading) -> Symbol:
        """The value of a node that rests on rows, or of a field of the row that is looked at."""
        if not isinstance(node, e.Field):
            return super().leaf(node, reader)
        if node not in self.fields:
            self.fields[node] = _ordered(reader) if node.type.name in ORDERED else _truth(reader)
        return self.fields[node]


class _Rows(Reading):
    """A reading in which a row may carry several codes: what is asked of them is one question each, not a word."""

    def _made(self, node: Expression) -> Symbol:
        assert isinstance(self.leaves, _AnyRow)
        match node:
            case e.Compare("!=", left, right) if _is_word_of_row(left) or _is_word_of_row(right):
                met, unmet = self._asked(dataclasses.replace(node, operator="="))
                return Rails(unmet, met)
            case e.Compare(_, left, right) if _is_word_of_row(left) or _is_word_of_row(right):
                return self._asked(node)
            case e.InSet(operand) if _is_word_of_row(operand):
                return self._asked(node)
        return super()._made(node)

    def _asked(self, node: Expression) -> Rails:
        assert isinstance(self.leaves, _AnyRow)
        if node not in self.leaves.fields:
            self.leaves.fields[node] = _truth(self)
        found = self.leaves.fields[node]
        assert isinstance(found, Rails)
        return found


def _is_word_of_row(node: AnyNode) -> bool:
    return any(isinstance(part, e.Field) and part.type.name in _WORDS for part in every_part(node))


class Sameness:
    """One library, asked of one pair of expressions after another."""

    def __init__(self, library: Library, as_of: datetime.date, said: Iterable[Codings]) -> None:
        self._expressions = dict(library.order)
        self.reader = _Rows(library, exactly(as_of), _AnyRow(library, said), "record")
        self.solver = z3.Solver()
        self.solver.set("rlimit", STEPS)
        self._told = 0
        self._below: dict[str, frozenset[AnyNode]] = {}
        # Terms are kept by the identity of a node: none of them may be another one later.
        self._asked: list[tuple[AnyNode, AnyNode]] = []

    def is_proved(self, a: Expression, b: Expression) -> bool:
        """Whether every record gives both the same value, and contradicts itself in both alike."""
        self._asked.append((a, b))
        return self._same(a, b)

    def _contradicting(self, node: Expression) -> frozenset[AnyNode]:
        """The queries in which evidence may contradict itself, those of what is referred to included.

        A criterion comes to review for any of them: what asks fewer of a record is not the same.
        """
        found: set[AnyNode] = set()
        for part in every_part(node):
            if isinstance(part, e.Reference):
                if part.name not in self._below:
                    self._below[part.name] = self._contradicting(self._expressions[part.name])
                found |= self._below[part.name]
            elif isinstance(part, _CONTRADICTED) or (isinstance(part, e.Function) and part.name == "Agree"):
                found.add(part)
        return frozenset(found)

    def _same(self, a: Any, b: Any) -> bool:
        if a == b:
            return True
        is_worth = not isinstance(a, e.Retrieve | e.Where) and not isinstance(b, e.Retrieve | e.Where)
        if is_worth and self._contradicting(a) == self._contradicting(b) and self._is_never(a, b):
            return True
        # What is made of the same parts in the same way is the same, and contradicts itself in the same places.
        return type(a) is type(b) and all(self._alike(x, y) for x, y in _fields(a, b))

    def _alike(self, a: Any, b: Any) -> bool:
        if isinstance(a, e.Node) and isinstance(b, e.Node):
            return self._same(a, b)
        if isinstance(a, tuple) and isinstance(b, tuple) and a and b and isinstance(a[0], e.Node):
            return len(a) == len(b) and all(self._alike(x, y) for x, y in zip(a, b, strict=True))
        return bool(a == b)

    def _is_never(self, a: Expression, b: Expression) -> bool:
        """Whether nothing that a record may say gives them different values."""
        wanted = differ(self.reader.value(a), self.reader.value(b))
        if isinstance(wanted, bool):
            return not wanted
        self.solver.add(*map(asserted, self.reader.facts[self._told :]))
        self._told = len(self.reader.facts)
        return bool(self.solver.check(asserted(wanted)) == z3.unsat)


def _fields(a: Any, b: Any) -> Iterator[tuple[Any, Any]]:
    for field in dataclasses.fields(a):
        if field.compare:
            yield getattr(a, field.name), getattr(b, field.name)


def _truth(reader: Reading) -> Rails:
    met, unmet = reader.fresh("Bool"), reader.fresh("Bool")
    reader.facts.append(opposite(both((met, unmet))))
    return Rails(met, unmet)


def _ordered(reader: Reading) -> Span:
    found = Span(reader.fresh(), reader.fresh(), reader.fresh("Bool"), reader.fresh("Bool"))
    reader.facts.append(
        follows(both((opposite(found.low_open), opposite(found.high_open))), found.low <= found.high)
    )
    return found


def differ(a: Symbol, b: Symbol) -> Formula:
    """That two values are not the same, what is not known of them included."""
    return either(_differences(a, b))


def _differences(a: Symbol, b: Symbol) -> Iterator[Formula]:
    match a, b:
        case Rails(), Rails():
            yield from (_unlike(a.met, b.met), _unlike(a.unmet, b.unmet))
        case Span(), Span():
            for open_a, open_b, end_a, end_b in (
                (a.low_open, b.low_open, a.low, b.low),
                (a.high_open, b.high_open, a.high, b.high),
            ):
                yield _unlike(open_a, open_b)
                yield both((opposite(open_a), opposite(open_b), end_a != end_b))
        case Words(), Words():
            chosen = [dict(zip(words.among, words.chosen, strict=True)) for words in (a, b)]
            for word in sorted({*chosen[0], *chosen[1]}):
                yield _unlike(chosen[0].get(word, False), chosen[1].get(word, False))


def _unlike(a: Formula, b: Formula) -> Formula:
    return either((both((a, opposite(b))), both((opposite(a), b))))
