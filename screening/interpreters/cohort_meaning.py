"""What each node means in columns: one `match`, said again over the tables of a cohort.

Whatever asks about nothing but the person is worked out once, however often it is written; a condition on rows is
worked out beside the rows, and what it asks of the person is a column that the rows are joined to.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import polars as pl

from screening.errors import UnsupportedError
from screening.interpreters import cohort_days as days
from screening.interpreters import cohort_number as numbers
from screening.interpreters import cohort_rows as rows
from screening.interpreters import cohort_selection as selection
from screening.interpreters import cohort_truth as kleene
from screening.interpreters import cohort_value as values
from screening.interpreters import cohort_word as words
from screening.interpreters.cohort_lists import DENIED_OFTEN, Scope, Source
from screening.interpreters.cohort_selection import Value
from screening.interpreters.cohort_tables import People
from screening.interpreters.cohort_truth import Known, Plain
from screening.interpreters.cohort_value import Ordered
from screening.interpreters.cohort_word import Word
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type
from screening.record.tables import Held, Tables
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.truth import TRUE, Truth

_LOUD = e.Select | e.Exists | e.Count | e.CountDistinct | e.RowValues
Listed = rows.Listed


class Meaning:
    """A library over the tables of a cohort on one day: columns for what was asked, and what makes people odd."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date) -> None:
        self.library, self.as_of = library, as_of
        self.people = People(tables, as_of)
        given = {p.name: p.value for p in library.parameters} | {AS_OF: bounds.exactly(as_of)}
        self.parameters: dict[str, Value] = {name: _constant(value) for name, value in given.items()}
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
        for _, expression in library.order:
            self._find_loud(expression, ())

    # -------------------------------------------------------------------------------- what is asked

    def name(self, name: str) -> Value:
        """The value of a requirement, a definition, a criterion or a root."""
        found = self.named.get(name, self)
        if found is self:
            found = self.named[name] = self.kept(self.value(self.entries[name]))
        return found  # type: ignore[return-value]

    def truth(self, name: str) -> Known:
        """The truth of a statement of that name."""
        found = self.name(name)
        assert not isinstance(found, Ordered | Word)
        return found

    def value(self, node: Expression) -> Value:
        """What a node is worth; of the person, unless it asks about a row in scope."""
        if self._aliases(node):
            return self._meaning(node)
        if node not in self.known:
            outer = self.scopes, self.doubts
            self.scopes, self.doubts = {}, None
            self.known[node] = self._meaning(node)
            self.scopes, self.doubts = outer
        found: Value = self.known[node]
        if self.scopes:
            found = self.known[node] = self.kept(found)
        return found

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
            raise UnsupportedError(f"a contradiction within a condition on rows at {place}")
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
            inner = isinstance(node, e.Where | e.Fires) and part is node.condition
            self._find_loud(part, (*gates, node.source) if inner else gates)  # type: ignore[union-attr]

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
            made = self.sources[node.requirement] = Source(self.people, requirement, number)
            self.doubt(DENIED_OFTEN, made.too_often())
        return self.sources[node.requirement]

    def listed(self, node: e.Rows) -> Listed:
        """The rows of a query."""
        if self._aliases(node):
            raise UnsupportedError(f"a query about a row of another query at {node.place}")
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

    def _select(self, node: e.Select) -> Value:
        source = self.source(node.source)
        if isinstance(source.at, Held) and isinstance(node.source, e.Retrieve) and node.readings == 1:
            found = source.scope().field("value", node.type)
            return Ordered(found.low, found.high, scale=node.scale) if isinstance(found, Ordered) else found
        listed = self.listed(node.source)
        value = _field(source, "value", node.type)
        scale = node.scale if node.type.name in ORDERED else bounds.OPEN
        taken = selection.select(listed, value, node.take, node.readings, scale, self.doubt)
        self.conflicts[node] = taken.conflict
        return self.kept(taken.value)

    def _date_of(self, node: e.Select) -> Value:
        source = self.source(node.source)
        value = _field(source, "value", node.type)
        found = selection.date_of(self.listed(node.source), value, node.take, node.readings, self.doubt)
        return self.kept(found)

    def _distinct(self, node: e.CountDistinct) -> Ordered:
        source, listed = self.source(node.source), self.listed(node.source)
        type = next((f.type for f in source.requirement.fields if f.name == node.key), None)
        keys = source.keys(node.key, type or (source.requirement.type if node.key == "value" else None))
        if keys is not None and keys.system is None:
            few = tuple(_implied(node.source, node.key))
            found = source.scope().field(node.key, Type("String"))
            if 0 < len(few) <= 64 and isinstance(found, Word) and isinstance(found.word, pl.Expr):
                # INVARIANT: plain words are of no system, so that a row that counts has one of these or none.
                values_ = tuple(found.word == code.code for code in few)
                keys = rows.Keys(keys.key, None, values_, never_null=True)
        value, conflict = rows.count_distinct(listed, keys, node.cap, self.doubt)
        self.conflicts[node] = conflict
        return value

    def _fires(self, node: e.Fires) -> Known:
        listed, source = self.listed(node.source), self.source(node.source)
        if listed.rows is None:
            return False
        said, doubts = self._tried(node, source.scope())
        alarming = kleene.conjoined(
            (listed.either, kleene.negated(kleene.conjoined((listed.maybe, listed.foreign))))
        )
        if any(isinstance(x, pl.Expr) and self.people.last([x]) for x in (said, *(d for _, d in doubts))):
            raise UnsupportedError(f"an alert about more than one row at {node.place}")
        for reason, of in doubts:
            self.doubt(reason, listed.rows.some(of))
        return listed.rows.some(rows.plain(kleene.conjoined((alarming, kleene.is_true(said)))))

    # --------------------------------------------------------------------------------------- nodes

    def _all(self, nodes: tuple[Expression, ...]) -> Iterator[Any]:
        return (self.value(node) for node in nodes)

    def _twice(self, found: Any) -> Any:
        """What is about to be written out more than once; of the person, it is a column."""
        return found if self.scopes else self.kept(found)

    def _meaning(self, node: Expression) -> Value:
        of: Any = self.value
        match node:
            case e.Literal(value):
                return _constant(value)
            case e.Parameter(name):
                return self.parameters[name]
            case e.Reference(name):
                return self.name(name)
            case e.Field(alias, name, type):
                return self.scopes[alias].field(name, type)
            # -------------------------------------------------------------------- logic, section 1
            case e.And(operands):
                return kleene.conjoined(self._all(operands))
            case e.Or(operands):
                return kleene.disjoined(self._all(operands))
            case e.Not(operand):
                return kleene.negated(of(operand))
            case e.Implies(left, right):
                return kleene.disjoined((kleene.negated(of(left)), of(right)))
            case e.Xor(left, right):
                return kleene.exclusive(of(left), of(right))
            case e.If(condition, then, otherwise):
                return self._chosen(*(self._twice(of(part)) for part in (condition, then, otherwise)))
            case e.Is(operand, state, negated):
                return (
                    self._is(of(operand), state) if not negated else kleene.negated(self._is(of(operand), state))
                )
            case e.Coalesce(operands):
                return self._first_known(list(self._all(operands)))
            case e.Favoured(operand, toward):
                return kleene.favoured(of(operand), toward is TRUE)
            case e.CountTrue(operands):
                return self._twice(numbers.holding(list(self._all(operands))))
            # ------------------------------------------------------ comparisons and numbers, section 2
            case e.Compare(operator, left, right):
                return self._compared(operator, left, right)
            case e.Between(operand, low, high):
                return values.inside(self._twice(of(operand)), of(low), of(high), self.doubt)
            case e.InInterval(operand, low, high, low_closed, high_closed):
                closed = low_closed, high_closed
                return values.inside(self._twice(of(operand)), of(low), of(high), self.doubt, closed)
            case e.InSet(operand, _, codes):
                return words.member(of(operand), codes)
            case e.Negate(operand):
                return numbers.opposite(of(operand))
            case e.Arithmetic(operator, left, right):
                a, b = self._twice(of(left)), self._twice(of(right))
                return self._twice(numbers.arithmetic(operator, a, b, _is_whole((left, right)), self.doubt))
            case e.Function("Round", operands):
                amount, places = [*self._all(operands), values.of_bounds(bounds.ZERO)][:2]
                return self._twice(numbers.rounded(self._twice(amount), places, self.doubt))
            case e.Function("Agree", operands):
                items = [self._twice(item) for item in self._all(operands)]
                found, self.conflicts[node] = numbers.agreed(items, self.doubt)
                return self._twice(found)
            case e.Function(name, operands) if name in ("Ln", "Exp", "Sqrt", "Abs"):
                return self._twice(numbers.of_one(name, self._twice(of(operands[0])), self.doubt))
            case e.Function(name, operands):
                items = [self._twice(item) for item in self._all(operands)]
                return self._twice(numbers.of_many(name, items, _is_whole(operands), self.doubt))
            case e.Convert(operand, source, target):
                return self._twice(numbers.converted(of(operand), source, target))
            # ---------------------------------------------------------------------- dates, section 3
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                x, a, b = of(operand), of(amount), of(reference)
                return values.inside(x, *days.window(kind, inclusive, a, unit, b, self.doubt), self.doubt)
            case e.Shift(operand, amount, unit, sign):
                a = of(amount)
                return days.shift(of(operand), numbers.opposite(a) if sign < 0 else a, unit, self.doubt)
            case e.DayOf(operand):
                return days.day_of(of(operand))
            case e.Duration(unit, left, right):
                return self._twice(days.duration(unit, of(left), of(right)))
            case e.Age(born, on):
                return self._twice(days.age(of(born), of(on), self.doubt))
            # --------------------------------------------------- records, counting, selection, section 5
            case e.Select():
                return self._select(node)
            case e.DateOf(taken):
                return self._date_of(taken)
            case e.Exists(source):
                truth, self.conflicts[node] = rows.exists(self.listed(source))
                return self._twice(truth)
            case e.Silence(operand, source):
                return self._twice(selection.silent(self._twice(of(operand)), rows.some(self.listed(source))))
            case e.Count(source):
                counted, most, self.conflicts[node] = rows.count(self.listed(source))
                if counted.low is not most:
                    self.doubt(rows.MAY_BE_ONE, values.end_column(counted.low) < values.end_column(most))
                return counted
            case e.CountDistinct():
                return self._distinct(node)
            case e.RowValues(source, field_name, function):
                value_ = _field(self.source(source), field_name, node.type)
                over = rows.over_rows(self.listed(source), value_, function, self.doubt)
                self.conflicts[node] = over[1]
                return self._twice(over[0])
            # ------------------------------------------------------------------------ verdict, section 6
            case e.Contradicted(criterion, hard, soft):
                always = kleene.disjoined([self.contradicted(place) for place in hard])
                is_open = kleene.is_open(self.truth(criterion))
                while_open = kleene.disjoined([self.contradicted(place) for place in soft])
                return kleene.disjoined((always, kleene.conjoined((is_open, while_open))))
            case e.Fires():
                return self._fires(node)

    def _compared(self, operator: str, left: Expression, right: Expression) -> Known:
        for count, limit in ((left, right), (right, left)):
            if isinstance(count, e.Count) and isinstance(limit, e.Literal):
                return self._counted(operator, count, limit, count is left)
        a, b = self._twice(self.value(left)), self._twice(self.value(right))
        if isinstance(a, Ordered):
            return values.COMPARISONS[operator](a, b, self.doubt)
        found = words.alike(a, b) if isinstance(a, Word) else kleene.agreeing(a, b)
        return found if operator == "=" else kleene.negated(found)

    def _counted(self, operator: str, node: e.Count, limit: Expression, is_left: bool) -> Known:
        """A count against a number: odd only where it matters how many of the rows are surely apart."""
        if self.scopes:
            raise UnsupportedError(f"a count within a condition on rows at {node.place}")
        counted, most, self.conflicts[node] = rows.count(self.listed(node.source))
        against = self.value(limit)
        assert isinstance(against, Ordered)
        compare = values.COMPARISONS[operator]

        def said(of: Ordered) -> Known:
            return compare(of, against, self.doubt) if is_left else compare(against, of, self.doubt)

        found = said(counted)
        if counted.low is not most and isinstance(most, pl.Expr):
            found = kleene.column(found)
            self.doubt(rows.MAY_BE_ONE, found.ne_missing(kleene.column(said(Ordered(most, counted.high)))))
        return found

    def _chosen(self, condition: Known, a: Value, b: Value) -> Value:
        if isinstance(a, Ordered):
            assert isinstance(b, Ordered)
            return self._twice(values.hull(condition, a, b))
        if isinstance(a, Word):
            assert isinstance(b, Word)
            return self._twice(words.chosen(condition, a, b))
        assert not isinstance(b, Ordered | Word)
        return kleene.chosen(condition, a, b)

    def _nothing(self, value: Value) -> Plain:
        if isinstance(value, Ordered):
            return values.is_nothing(value)
        return words.is_blank(value) if isinstance(value, Word) else kleene.is_open(value)

    def _is(self, value: Value, state: str) -> Known:
        if state == "null":
            return self._nothing(value)
        assert not isinstance(value, Ordered | Word)
        return kleene.is_true(value) if state == "true" else kleene.is_false(value)

    def _first_known(self, each: list[Value]) -> Value:
        found = each[-1]
        for value in reversed(each[:-1]):
            value = self._twice(value)
            found = self._chosen(kleene.negated(self._nothing(value)), value, self._twice(found))
        return found


def _constant(value: Truth | Bounds | tuple[Any, ...]) -> Value:
    if isinstance(value, Truth):
        return kleene.constant(value)
    return values.of_bounds(value) if isinstance(value, Bounds) else Word(value)


def _field(source: Source, name: str, type: Type) -> Value:
    """A field of an entry, of a requirement of which anything is recorded."""
    if source.at is None:
        return (
            values.UNKNOWN if type.name in ORDERED else words.NOTHING if type.name in ("String", "Code") else None
        )
    return source.scope().field(name, type)


def _is_whole(nodes: tuple[Expression, ...]) -> bool:
    return all(node.type.name == "Integer" for node in nodes)


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
