"""What each node means in columns: one `match`, said again over the tables of a cohort.

Whatever asks about nothing but the person is worked out once, however often it is written; a condition on rows is
worked out beside the rows, and what it asks of the person is a column that the rows are joined to.
"""

from __future__ import annotations

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
from screening.interpreters.cohort_query import Queries, constant_of, field_of
from screening.interpreters.cohort_selection import Value
from screening.interpreters.cohort_truth import Known, Plain
from screening.interpreters.cohort_value import Ordered
from screening.interpreters.cohort_word import Word
from screening.language import expression as e
from screening.language.expression import Expression
from screening.values import bounds
from screening.values.truth import TRUE


class Meaning(Queries):
    """A library over the tables of a cohort on one day: columns for what was asked, and what makes people odd."""

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
            of_row: Value = self._meaning(node)
            return of_row
        if node not in self.known:
            outer = self.scopes, self.doubts
            self.scopes, self.doubts = {}, None
            self.known[node] = self._meaning(node)
            self.scopes, self.doubts = outer
        found: Value = self.known[node]
        if self.scopes:
            found = self.known[node] = self.kept(found)
        return found

    # --------------------------------------------------------------------------------------- nodes

    def _all(self, nodes: tuple[Expression, ...]) -> Iterator[Any]:
        return (self.value(node) for node in nodes)

    def _twice(self, found: Any) -> Any:
        """What is about to be written out more than once; of the person, it is a column."""
        return found if self.scopes else self.kept(found)

    def _meaning(self, node: Expression) -> Any:
        of: Any = self.value
        match node:
            case e.Literal(value):
                return constant_of(value)
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
                found = self._is(of(operand), state)
                return kleene.negated(found) if negated else found
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
                common, self.conflicts[node] = numbers.agreed(items, self.doubt)
                return self._twice(common)
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
                return self.select(node)
            case e.DateOf(taken):
                return self.date_of(taken)
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
                return self.distinct_of(node)
            case e.RowValues(source, field_name, function):
                value_ = field_of(self.source(source), field_name, node.type)
                assert isinstance(value_, Ordered)
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
                return self.fires(node)

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
            raise UnsupportedError(f"columns do not answer a count within a condition on rows, at {node.place}")
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

    def _chosen(self, condition: Known, a: Value, b: Value) -> Any:
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


def _is_whole(nodes: tuple[Expression, ...]) -> bool:
    return all(node.type.name == "Integer" for node in nodes)
