"""Queries of a library over the tables of a cohort: lists, conditions tried on their rows, what is taken of them.

What an expression is worth is said by `cohort_meaning`; conditions on rows ask it, and it asks for rows here.
"""

from __future__ import annotations

import datetime
from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import Any

import polars as pl

from screening.errors import UnsupportedError
from screening.interpreters import cohort_distinct as distinct
from screening.interpreters import cohort_rows as rows
from screening.interpreters import cohort_selection as selection
from screening.interpreters import cohort_truth as kleene
from screening.interpreters import cohort_value as values
from screening.interpreters.cohort_lists import DENIED_OFTEN, UNEXPLAINED, Scope, Source, blank
from screening.interpreters.cohort_rows import Listed
from screening.interpreters.cohort_selection import Value
from screening.interpreters.cohort_tables import People
from screening.interpreters.cohort_truth import Known, Plain
from screening.interpreters.cohort_value import Ordered
from screening.interpreters.cohort_word import Word, spelt
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type
from screening.record.tables import Held, Tables
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.coding import Code
from screening.values.truth import Truth

_LOUD = e.Select | e.Exists | e.Count | e.CountDistinct | e.RowValues


class Queries(ABC):
    """What a library asks of the rows in the tables of a cohort; and what makes people odd."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date) -> None:
        self.library, self.as_of = library, as_of
        self.people = People(tables, as_of)
        given = {p.name: p.value for p in library.parameters} | {AS_OF: bounds.exactly(as_of)}
        self.parameters: dict[str, Value] = {name: constant_of(value) for name, value in given.items()}
        self.entries = dict(library.order)
        self.requirements = {r.name: (n, r) for n, r in enumerate(library.requirements)}
        self.odd: dict[str, dict[bytes, pl.Expr]] = {}
        self.sources: dict[str, Source] = {}
        self.scopes: dict[str, Scope] = {}
        self.doubts: list[tuple[str, Plain]] | None = None
        self.known: dict[AnyNode, Any] = {}
        self.conflicts: dict[AnyNode, Plain] = {}
        self.named: dict[str, Value] = {}
        self.free: dict[int, frozenset[str]] = {}
        self.loud: dict[str, tuple[AnyNode, tuple[e.Rows, ...]]] = {}
        self.asked_for_codes = frozenset(name for _, each in library.order for name in _asked_for_codes(each))
        for _, expression in library.order:
            self._find_loud(expression, ())

    @abstractmethod
    def value(self, node: Expression) -> Value:
        """What a node is worth."""

    def kept(self, found: Value) -> Value:
        """The same as columns of the people."""
        keep = self.people.keep
        match found:
            case Ordered(low, high):
                kept = keep(low) if isinstance(low, pl.Expr) else low
                other = kept if low is high else keep(high) if isinstance(high, pl.Expr) else high
                born = self.kept(found.born) if found.born is not None else None
                assert born is None or isinstance(born, Ordered)
                return Ordered(kept, other, found.computed, found.scale, born, found.on)
            case Word(word) if isinstance(word, pl.Expr):
                return Word(keep(word), found.is_plain)
            case pl.Expr():
                return keep(found)
        return found

    def doubt(self, reason: str, of: Plain) -> None:
        """Somebody for whom this holds is odd; in a condition on rows, somebody who has such a row."""
        if of is False:
            return
        if self.doubts is not None:
            self.doubts.append((reason, of))
            return
        found = kleene.column(of)
        self.odd.setdefault(reason, {})[found.meta.serialize()] = found

    def contradicted(self, place: str) -> Plain:
        """Whether what stands at a place contradicts itself, there or for one of the rows it is tried on."""
        node, gates = self.loud[place]
        if self._aliases(node):
            # A constant or a column of the row has nothing to contradict but itself.
            raise UnsupportedError(f"columns do not answer a contradiction within a condition on rows, at {place}")
        if isinstance(node, e.Count):
            # How many rows are apart has no part in it.
            self.conflicts[node] = rows.count(self.listed(node.source))[2]
        else:
            self.value(node)  # type: ignore[arg-type]
        found: list[Known] = [self.conflicts.get(node, False)]
        for gate in gates:
            listed = self.listed(gate)
            found.append(kleene.disjoined((rows.some(listed), kleene.negated(listed.closed))))
        return rows.plain(kleene.conjoined(found))

    def _find_loud(self, node: AnyNode, gates: tuple[e.Rows, ...]) -> None:
        if isinstance(node, _LOUD) or (isinstance(node, e.Function) and node.name == "Agree"):
            self.loud[node.place] = node, gates
        for part in parts(node):
            is_tried = isinstance(node, e.Where | e.Fires) and part is node.condition
            inner = (*gates, node.source) if isinstance(node, e.Where | e.Fires) and is_tried else gates
            self._find_loud(part, inner)

    def _aliases(self, node: AnyNode) -> frozenset[str]:
        """The aliases that a node asks about and does not itself give."""
        found = self.free.get(id(node))
        if found is None:
            below = [self._aliases(part) for part in parts(node)]
            if isinstance(node, e.Field):
                found = frozenset({node.alias})
            elif isinstance(node, e.Where | e.Fires):
                found = below[0] | (below[1] - {node.alias})
            else:
                found = frozenset[str]().union(*below)
            self.free[id(node)] = found
        return found

    # ---------------------------------------------------------------------------------------- rows

    def source(self, node: AnyNode) -> Source:
        """The requirement that a list is of."""
        while isinstance(node, e.Where):
            node = node.source
        assert isinstance(node, e.Retrieve)
        if node.requirement not in self.sources:
            number, requirement = self.requirements[node.requirement]
            is_asked = node.requirement in self.asked_for_codes
            made = self.sources[node.requirement] = Source(self.people, requirement, number, is_asked)
            outer, self.doubts = self.doubts, None
            self.doubt(DENIED_OFTEN, made.too_often())
            self.doubt(UNEXPLAINED, made.unexplained())
            self.doubts = outer
        return self.sources[node.requirement]

    def listed(self, node: e.Rows) -> Listed:
        """The rows of a query."""
        if self._aliases(node):
            raise UnsupportedError(f"columns do not answer a query about a row of another query, at {node.place}")
        if node not in self.known:
            outer = self.scopes, self.doubts
            self.scopes, self.doubts = {}, None
            self.known[node], _ = self.source(node).listed(lambda scope: self._tried(node, scope), self.doubt)
            self.scopes, self.doubts = outer
        found: Listed = self.known[node]
        return found

    def _tried(self, node: AnyNode, scope: Scope) -> tuple[Known, list[tuple[str, Plain]]]:
        """What the conditions of a query say of a row, and what of it is doubtful."""
        said: list[Known] = []
        doubts: list[tuple[str, Plain]] = []
        while isinstance(node, e.Where | e.Fires):
            outer = self.scopes, self.doubts
            self.scopes, self.doubts = {node.alias: scope}, doubts
            found = self.value(node.condition)
            self.scopes, self.doubts = outer
            assert not isinstance(found, Ordered | Word)
            said.append(found)
            if isinstance(node, e.Fires):
                break
            node = node.source
        return kleene.conjoined(reversed(said)), doubts

    def select(self, node: e.Select) -> Value:
        source = self.source(node.source)
        if isinstance(source.at, Held) and isinstance(node.source, e.Retrieve) and node.readings == 1:
            found = source.scope().field("value", node.type)
            return Ordered(found.low, found.high, scale=node.scale) if isinstance(found, Ordered) else found
        listed = self.listed(node.source)
        value = field_of(source, "value", node.type)
        scale = node.scale if node.type.name in ORDERED else bounds.OPEN
        taken = selection.select(listed, value, node.take, node.readings, scale, self.doubt)
        self.conflicts[node] = taken.conflict
        return self.kept(taken.value)

    def date_of(self, node: e.Select) -> Value:
        source = self.source(node.source)
        value = field_of(source, "value", node.type)
        found = selection.date_of(self.listed(node.source), value, node.take, node.readings, self.doubt)
        return self.kept(found)

    def distinct_of(self, node: e.CountDistinct) -> Ordered:
        source, listed = self.source(node.source), self.listed(node.source)
        type = next((f.type for f in source.requirement.fields if f.name == node.key), None)
        keys = source.keys(node.key, type or (source.requirement.type if node.key == "value" else None))
        found = field_of(source, node.key, Type("String"))
        if keys is not None and node.key != "code" and isinstance(found, Word) and isinstance(found.word, pl.Expr):
            implied = tuple(_implied(node.source, node.key))
            declared = next((f.values for f in source.requirement.fields if f.name == node.key), ())
            few = implied or tuple(Code("", value) for value in declared)
            if 0 < len(few) <= distinct.MOST_BITS and not any(code.code.endswith("*") for code in few):
                # INVARIANT: plain words are of no system, so that a row that counts has one of these or none.
                is_sure = bool(implied) and found.is_plain
                texts = tuple(spelt(code, found.is_plain) for code in few)
                keys = distinct.Keys(keys.key, None, texts, never_null=bool(implied), is_sure=is_sure)
        value, conflict = distinct.count_distinct(listed, keys, node.cap, self.doubt)
        self.conflicts[node] = conflict
        return value

    def fires(self, node: e.Fires) -> Known:
        listed, source = self.listed(node.source), self.source(node.source)
        if listed.rows is None:
            return False
        said, doubts = self._tried(node, source.scope())
        foreign = kleene.conjoined((listed.maybe, listed.foreign))
        alarming = kleene.conjoined((listed.either, kleene.negated(foreign)))
        if any(isinstance(x, pl.Expr) and self.people.last([x]) for x in (said, *(d for _, d in doubts))):
            raise UnsupportedError(f"columns do not answer an alert about more than its row, at {node.place}")
        for reason, of in doubts:
            self.doubt(reason, listed.rows.some(of))
        return listed.rows.some(rows.plain(kleene.conjoined((alarming, kleene.is_true(said)))))


def constant_of(value: Truth | Bounds | tuple[Any, ...]) -> Value:
    """A constant of the rule file."""
    if isinstance(value, Truth):
        return kleene.constant(value)
    return values.of_bounds(value) if isinstance(value, Bounds) else Word(value)


def field_of(source: Source, name: str, type: Type) -> Value:
    """A field of an entry, of a requirement of which anything is recorded."""
    if source.at is None:
        return blank(type)
    return source.scope().field(name, type)


def _asked_for_codes(node: AnyNode) -> Iterator[str]:
    """The requirements of whose entries anybody asks what they are coded as; an alert asks it of all its rows."""
    match node:
        case e.Where(source, _, condition) if _names_code(condition):
            yield from _retrieved(source)
        case e.Fires(source) | e.CountDistinct(source, "code") | e.RowValues(source, "code"):
            yield from _retrieved(source)
    for part in parts(node):
        yield from _asked_for_codes(part)


def _names_code(node: AnyNode) -> bool:
    return (isinstance(node, e.Field) and node.name == "code") or any(map(_names_code, parts(node)))


def _retrieved(node: AnyNode) -> Iterator[str]:
    if isinstance(node, e.Retrieve):
        yield node.requirement
    for part in parts(node):
        yield from _retrieved(part)


def _implied(node: AnyNode, key: str) -> Iterator[Any]:
    """The words one of which the key of a row must be, unless it is not known, for the row to count."""
    while isinstance(node, e.Where):
        condition = node.condition
        for part in condition.operands if isinstance(condition, e.And) else (condition,):
            match part:
                case e.InSet(e.Field(alias, name), _, codes) if (alias, name) == (node.alias, key):
                    yield from codes
                    return
                case e.Compare("=", e.Field(alias, name), e.Literal(codes)) if (alias, name) == (node.alias, key):
                    yield from codes  # type: ignore[misc]
                    return
        node = node.source
