"""What every node of a library is worth in columns, as terms of a query.

One `match`: a truth is a nullable Boolean, a value its two ends, a list two truths over the entries of its table.
Nothing is guessed: where columns cannot say what the law would, the person is `odd` and is left to the law. The
as-of date and the parameters are constants of the query. ODDITIES lists every reason for somebody to be odd.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, assert_never

from screening.errors import Diagnostic, UnsupportedError
from screening.interpreters import warehouse_day as days
from screening.interpreters import warehouse_number as numbers
from screening.interpreters import warehouse_rows as lists
from screening.interpreters import warehouse_selection as selection
from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_list import Lists, Notes, alike_terms, arithmetic, equal, signed, total
from screening.interpreters.warehouse_rows import Rows
from screening.interpreters.warehouse_source import Entry, Row
from screening.interpreters.warehouse_term import NO, OPEN_TRUTH, YES, Term
from screening.interpreters.warehouse_value import (
    KINDS,
    MIXED,
    NEAR,
    PERHAPS_ONE,
    Range,
    Value,
    blank,
    compare,
    constant,
    floats,
    hull,
    opposite,
    something_known,
)
from screening.interpreters.warehouse_word import alike, among
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type
from screening.record.tables import Tables
from screening.values.bounds import exactly
from screening.values.quantity import parse_unit
from screening.values.truth import TRUE

ODDITIES = (lists.ENTRY, lists.DENIED, lists.SYSTEMS, PERHAPS_ONE, NEAR, MIXED, days.AMOUNT)
Scope = Mapping[str, Row]


class Meanings(Lists):
    """The values of one library's names as terms over tables, each made when it is asked for."""

    def __init__(self, library: Library, tables: Tables, as_of: datetime.date, bits: bool = False) -> None:
        super().__init__(library, tables, as_of, bits)
        self.expressions = dict(library.order)
        self.parameters: dict[str, Any] = {p.name: p.value for p in library.parameters} | {AS_OF: exactly(as_of)}
        self.values: dict[str, Value] = {}
        self.at: dict[str, Value | Rows] = {}  # by place, what a node outside of queries is worth

    def value(self, name: str) -> Value:
        """What a definition, a requirement, a criterion or a root is worth."""
        if name not in self.values:
            self.values[name] = self.of(self.expressions[name], {}, self.notes)
        return self.values[name]

    def truth(self, name: str) -> Term:
        found = self.value(name)
        assert isinstance(found, Term)
        return found

    def of(self, node: AnyNode, scope: Scope, notes: Notes) -> Any:
        """The value of a node; UnsupportedError, with its place, where columns have no form for it."""
        try:
            found = self._meaning(node, scope, notes)
        except t.CorrelatedRows:
            what = f"`{node.place}` holds entries of two lists against each other, which is not asked of tables"
            raise UnsupportedError(Diagnostic(node.span, what, UnsupportedError)) from None
        if not scope:
            self.at[node.place] = found
        return found

    def _truth(self, node: AnyNode, scope: Scope, notes: Notes) -> Term:
        found = self.of(node, scope, notes)
        assert isinstance(found, Term)
        return found

    def _range(self, node: AnyNode, scope: Scope, notes: Notes) -> Range:
        found = self.of(node, scope, notes)
        assert isinstance(found, Range)
        return found

    def _firm(self, node: AnyNode, scope: Scope, notes: Notes) -> Range:
        """A value whose ends are what they are."""
        found = self._range(node, scope, notes)
        if found.least is None:
            return found
        notes.doubt(PERHAPS_ONE, t.surely(t.compared("lt", found.least, found.low)))
        return Range(found.low, found.high, found.error)

    def _each(self, nodes: Sequence[AnyNode], scope: Scope, notes: Notes) -> list[Range]:
        return [self._firm(node, scope, notes) for node in nodes]

    def _meaning(self, node: AnyNode, scope: Scope, notes: Notes) -> Any:
        match node:
            case e.Literal(value, type):
                return constant(value, type)
            case e.Parameter(name, type):
                return constant(self.parameters[name], type)
            case e.Reference(name):
                return self.value(name)
            case e.Field(alias, name, type):
                return self._field(alias, name, node, scope)
            # ------------------------------------------------------------------- logic
            case e.And(operands):
                return t.conjunction(*(self._truth(o, scope, notes) for o in operands))
            case e.Or(operands):
                return t.disjunction(*(self._truth(o, scope, notes) for o in operands))
            case e.Not(operand):
                return t.negation(self._truth(operand, scope, notes))
            case e.Implies(left, right):
                met = t.negation(self._truth(left, scope, notes))
                return t.disjunction(met, self._truth(right, scope, notes))
            case e.Xor(left, right):
                return t.negation(equal(self._truth(left, scope, notes), self._truth(right, scope, notes)))
            case e.If(condition, then, otherwise):
                return self._if(condition, then, otherwise, scope, notes)
            case e.Is(operand, state, negated):
                found = self.of(operand, scope, notes)
                if state == "null":
                    truth = t.negation(something_known(found))
                else:
                    truth = t.surely(found if state == "true" else t.negation(found))
                return t.negation(truth) if negated else truth
            case e.Coalesce(operands, type):
                return self._first_known(operands, type, scope, notes)
            case e.Favoured(operand, toward):
                return t.coalesce(self._truth(operand, scope, notes), YES if toward is TRUE else NO)
            case e.CountTrue(operands):
                truths = [self._truth(o, scope, notes) for o in operands]
                low = total([t.chosen(x, t.number(1), t.number(0)) for x in truths])
                high = total([t.chosen(t.negation(x), t.number(0), t.number(1)) for x in truths])
                return Range(low, high)
            # ------------------------------------------------------- comparisons, numbers, days
            case e.Compare(operator, left, right) if left.type.name in ORDERED:
                a, b = self._range(left, scope, notes), self._range(right, scope, notes)
                return compare(operator, a, b, notes.doubt)
            case e.Compare(operator, left, right):
                one, other = self._truth(left, scope, notes), self._truth(right, scope, notes)
                is_word = left.type.name == "String"
                same = alike(one, other, is_word) if KINDS[left.type.name] == "text" else equal(one, other)
                return same if operator == "=" else t.negation(same)
            case e.Between(operand, low_node, high_node):
                x, a, b = (self._range(part, scope, notes) for part in (operand, low_node, high_node))
                return days.inside(x, a, b, notes.doubt)
            case e.InInterval(operand, low_node, high_node, low_closed, high_closed):
                x, a, b = (self._range(part, scope, notes) for part in (operand, low_node, high_node))
                return days.inside(x, a, b, notes.doubt, low_closed, high_closed)
            case e.InSet(operand, _, codes):
                return among(self._truth(operand, scope, notes), codes, operand.type.name == "String")
            case e.Negate(operand):
                return opposite(self._firm(operand, scope, notes))
            case e.Arithmetic(operator, left, right):
                a, b = self._each((left, right), scope, notes)
                return arithmetic(operator, a, b, notes)
            case e.Function(name, operands, place=place):
                return self._function(name, self._each(operands, scope, notes), place, notes)
            case e.Convert(operand, source, target):
                found = self._firm(operand, scope, notes)
                return numbers.convert(found, parse_unit(source), parse_unit(target), notes.doubt)
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                x, a, b = (self._firm(part, scope, notes) for part in (operand, amount, reference))
                first, last = days.window(kind, inclusive, a, unit, b, notes.doubt)
                return days.inside(x, first, last, notes.doubt)
            case e.Shift(operand, amount, unit, sign):
                x, a = self._each((operand, amount), scope, notes)
                return days.shift(x, signed(a, sign), unit, notes.doubt)
            case e.DayOf(operand):
                return days.day_of(self._range(operand, scope, notes))
            case e.Duration(unit, left, right):
                a, b = self._each((left, right), scope, notes)
                return days.duration(a, b, unit)
            case e.Age(born, on):
                a, b = self._each((born, on), scope, notes)
                return days.age(a, b)
            # ---------------------------------------------------------- lists and selections
            case e.Retrieve(requirement):
                return self.retrieve(requirement)
            case e.Where(source, alias, condition):
                return self._where(self.of(source, scope, notes), alias, condition, scope, notes)
            case e.Select(source, take, readings, scale, type, place=place):
                empty = constant(scale, type) if type.name in ORDERED else blank(type)
                rows = self.of(source, scope, notes)
                taken = selection.select(rows, take, readings, empty, type, notes.doubt)
                notes.conflict(place, taken.conflict)
                return taken.value
            case e.DateOf(taken_node):
                rows = self.of(taken_node.source, scope, notes)
                take, readings = taken_node.take, taken_node.readings
                return selection.date_of(rows, take, readings, taken_node.type, notes.doubt)
            case e.Exists(source, place=place):
                return self._told(place, notes, lists.exists(self.of(source, scope, notes), notes.doubt))
            case e.Count(source, place=place):
                return self._told(place, notes, lists.count(self.of(source, scope, notes), notes.doubt))
            case e.CountDistinct(source, key, cap, place=place):
                rows = self.of(source, scope, notes)
                return self._told(place, notes, self.distinct(node, rows, key, cap, notes))
            case e.RowValues(source, field_name, function, type, place=place):
                rows = self.of(source, scope, notes)
                row = rows.source.row
                value = row.value(type) if field_name == "value" else row.field(field_name, type)
                assert isinstance(value, Range)
                return self._told(place, notes, lists.over_rows(rows, value, function, notes.doubt))
            case e.Silence(operand, source):
                truth, rows = self._truth(operand, scope, notes), self.of(source, scope, notes)
                said = rows.source.any(rows.all)
                if rows.absences is not None:
                    said = t.disjunction(said, rows.absences.any(rows.absent))
                return t.coalesce(truth, t.chosen(said, OPEN_TRUTH, NO))
            # ----------------------------------------------------------------------- verdict
            case e.Contradicted(criterion, hard, soft):
                self.value(criterion)
                always = [self.notes.conflicts.get(place, NO) for place in hard]
                while_open = [self.notes.conflicts.get(place, NO) for place in soft]
                is_open = t.unknown(self.truth(criterion))
                return t.disjunction(*always, t.conjunction(is_open, t.disjunction(*while_open)))
            case e.Fires(source, alias, condition):
                return self._fires(self.of(source, scope, notes), alias, condition, scope, notes)
        assert_never(node)

    def _told(self, place: str, notes: Notes, found: tuple[Any, Term]) -> Any:
        value, conflict = found
        notes.conflict(place, conflict)
        return value

    def _function(self, name: str, operands: list[Range], place: str, notes: Notes) -> Range:
        a, doubt = operands[0], notes.doubt
        match name:
            case "Round":
                places = numbers.rounds_to(operands[1]) if len(operands) > 1 else 0
                if places is None:
                    notes.doubt(MIXED, t.disjunction(something_known(a)))
                    return Range(t.null("float"), t.null("float"))
                return numbers.to_places(a, places, doubt)
            case "Agree":
                found, conflict = numbers.agreed(operands)
                notes.conflict(place, conflict)
                return found
            case "Ln":
                return numbers.logarithm(a, doubt)
            case "Exp":
                return numbers.exponential(a, doubt)
            case "Sqrt":
                return numbers.square_root(a, doubt)
            case "Abs":
                return numbers.absolute(a)
            case "Min":
                return numbers.least(operands)
            case "Max":
                return numbers.greatest(operands)
            case "Sum":
                return numbers.total(operands, doubt)
        return numbers.mean(operands, doubt)

    def _if(
        self, condition: Expression, then: Expression, otherwise: Expression, scope: Scope, notes: Notes
    ) -> Value:
        c = self._truth(condition, scope, notes)
        if then.type.name not in ORDERED:
            x, y = self._truth(then, scope, notes), self._truth(otherwise, scope, notes)
            agreeing = t.chosen(alike_terms(x, y), x, t.null(x.type))
            return t.cases((c, x), (t.negation(c), y), otherwise=agreeing)
        a, b = self._each((then, otherwise), scope, notes)
        if a.kind != b.kind:
            a, b = floats(a), floats(b)
        both = hull(a, b)
        low = t.cases((c, a.low), (t.negation(c), b.low), otherwise=both.low)
        return Range(low, t.cases((c, a.high), (t.negation(c), b.high), otherwise=both.high), both.error)

    def _first_known(self, operands: Sequence[AnyNode], type: Type, scope: Scope, notes: Notes) -> Value:
        if type.name not in ORDERED:
            return t.coalesce(*(self._truth(o, scope, notes) for o in operands))
        found = self._each(operands, scope, notes)
        if any(item.kind == "float" for item in found):
            found = [floats(item) for item in found]
        value = found[-1]
        for item in reversed(found[:-1]):
            there = something_known(item)
            low, high = t.chosen(there, item.low, value.low), t.chosen(there, item.high, value.high)
            value = Range(low, high, max(item.error, value.error))
        return value

    # ----------------------------------------------------------------------------------- lists

    def _field(self, alias: str, name: str, node: e.Field, scope: Scope) -> Value:
        row = scope[alias]
        if isinstance(row, Entry) and alias != list(scope)[-1]:
            raise t.CorrelatedRows
        match name:
            case "date":
                return row.when
            case "code":
                return row.code()
            case "value":
                return row.value(node.type)
        return row.field(name, node.type)

    def _where(self, rows: Rows, alias: str, condition: AnyNode, scope: Scope, notes: Notes) -> Rows:
        """The rows for which a condition holds; the unlisted row and the absences are tried like any other."""

        def tried(row: Row, within: Any) -> Term:
            inner = Notes()
            found = self._truth(condition, {**{k: v for k, v in scope.items() if k != alias}, alias: row}, inner)
            for reason, truth in inner.doubts.items():
                notes.doubt(reason, within(truth))
            for place, truth in inner.conflicts.items():
                notes.conflict(place, within(truth))
            return found

        source, absences = rows.source, rows.absences
        of_row = tried(source.row, lambda truth: source.any(t.conjunction(rows.all, truth)))
        unlisted, absence = YES, YES
        if rows.unlisted is not NO:
            unlisted = tried(rows.unlisted_row, lambda truth: t.conjunction(rows.unlisted, truth))
        if absences is not None:
            absence = tried(absences.row, lambda truth: absences.any(t.conjunction(rows.absent, truth)))
        return rows.filtered(of_row, unlisted, absence)

    def _fires(self, rows: Rows, alias: str, condition: AnyNode, scope: Scope, notes: Notes) -> Term:
        """An alert does not wait for certainty: one row suffices, certain or possible."""
        inner, seen = Notes(), lists.alarming(rows)
        found = self._truth(condition, {**scope, alias: rows.source.row}, inner)
        for reason, truth in inner.doubts.items():
            notes.doubt(reason, rows.source.any(t.conjunction(seen, truth)))
        for place, truth in inner.conflicts.items():
            notes.conflict(place, rows.source.any(t.conjunction(seen, truth)))
        return rows.source.any(t.conjunction(seen, t.surely(found)))
