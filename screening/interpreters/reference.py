"""The law: what a library says of one person, node by node.

This is the semantics page as code: one `match` over the nodes, no caches, no cleverness. The
other interpreters are measured against it.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from screening.errors import DefectError
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type, unknown
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record import rows as tables
from screening.record.rows import UNLISTED, RowSet
from screening.record.subject import Evidence, SetAside, Subject, Value
from screening.values import bounds, calendar
from screening.values import truth as kleene
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, member, same
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth, conjoin, negate, truth_of

ENGINE = "reference"
Scope = dict[str, Evidence]

_ARITHMETIC: dict[str, Callable[[Bounds, Bounds], Bounds | None]] = {
    "+": bounds.add,
    "-": bounds.subtract,
    "*": bounds.multiply,
    "/": bounds.divide,
    "^": bounds.power,
}
_OF_ONE: dict[str, Callable[[Bounds], Bounds | None]] = {
    "Ln": bounds.logarithm,
    "Exp": bounds.exponential,
    "Sqrt": bounds.square_root,
    "Abs": bounds.absolute,
}
_OF_MANY: dict[str, Callable[[list[Bounds]], Bounds]] = {
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
}


class _Run:
    """One evaluation: the subject as of a day, what is evaluated so far, and the steps taken."""

    def __init__(self, library: Library, subject: Subject, as_of: datetime.date, traced: bool) -> None:
        self.subject, self.as_of = subject, as_of
        self.parameters = {p.name: p.value for p in library.parameters} | {AS_OF: bounds.exactly(as_of)}
        self.values: dict[str, Any] = {}
        self.conflicts: set[str] = set()
        self.steps: list[Step] = []
        self.row = ""
        self.of: Callable[[AnyNode, Scope], Any] = self.traced if traced else self.value
        self.said: tuple[tuple[str, ...], str, bool] = ((), "", False)

    def traced(self, node: AnyNode, scope: Scope) -> Any:
        """The value of a node, leaving a step."""
        found = self.value(node, scope)
        facts, reason, conflict = self.said
        self.said = ((), "", False)
        shown = _listed(found) if isinstance(found, RowSet) else found
        self.steps.append(Step(node.place, self.row, shown, facts, reason, conflict))
        return found

    def say(self, node: AnyNode, finding: tables.Finding) -> Any:
        """A finding over rows, noted for the step and, if it contradicts itself, for the review."""
        self.said = (finding.facts, finding.reason, finding.conflict)
        if finding.conflict:
            self.conflicts.add(node.place)
        return finding.value

    def opened(self, found: Bounds | None, reason: str) -> Bounds:
        """A value, or the open value with its reason where the operator has none."""
        if found is None:
            self.said = ((), reason, False)
            return OPEN
        return found

    def value(self, node: AnyNode, scope: Scope) -> Any:
        """What a node is worth: a truth, bounds, codings, or rows."""
        of = self.of
        match node:
            case e.Compare(operator, left, right):
                a, b = of(left, scope), of(right, scope)
                if isinstance(a, Bounds):
                    return bounds.COMPARISONS[operator](a, b)
                truth = same(a, b) if isinstance(a, tuple) else agreeing_truths(a, b)
                return truth if operator == "=" else negate(truth)
            case e.Reference(name):
                return self.values[name]
            case e.Literal(value):
                return value
            case e.And(operands):
                return conjoin([of(operand, scope) for operand in operands])
            case e.Or(operands):
                return kleene.disjoin([of(operand, scope) for operand in operands])
            case e.Field(alias, name, type):
                return _field(scope[alias], name, type)
            case e.InSet(operand, _, codes):
                return member(of(operand, scope), codes)
            case e.Where(source, alias, condition):
                return self.where(of(source, scope), alias, condition, scope)
            case e.Retrieve(requirement):
                return tables.retrieve(self.subject, requirement, self.as_of)
            case e.Select(source, take, readings, scale, type):
                blank = scale if type.name in ORDERED else unknown(type)
                return self.say(node, tables.select(of(source, scope), take, readings, blank))
            case e.Exists(source):
                return self.say(node, tables.exists(of(source, scope)))
            case e.Not(operand):
                return negate(of(operand, scope))
            case e.Parameter(name):
                return self.parameters[name]
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                day = of(operand, scope)
                first, last = calendar.window(kind, inclusive, of(amount, scope), unit, of(reference, scope))
                return conjoin((bounds.at_most(first, day), bounds.at_most(day, last)))
            case e.Between(operand, low, high):
                x, a, b = of(operand, scope), of(low, scope), of(high, scope)
                return conjoin((bounds.at_most(a, x), bounds.at_most(x, b)))
            case e.InInterval(operand, low, high, low_closed, high_closed):
                x, a, b = of(operand, scope), of(low, scope), of(high, scope)
                above = bounds.at_most(a, x) if low_closed else bounds.less(a, x)
                return conjoin((above, bounds.at_most(x, b) if high_closed else bounds.less(x, b)))
            case e.Implies(left, right):
                return kleene.implies(of(left, scope), of(right, scope))
            case e.Xor(left, right):
                return kleene.exclusive(of(left, scope), of(right, scope))
            case e.If(condition, then, otherwise):
                c, a, b = of(condition, scope), of(then, scope), of(otherwise, scope)
                return a if c is TRUE else b if c is FALSE else _either(a, b)
            case e.Arithmetic(operator, left, right):
                found = _ARITHMETIC[operator](of(left, scope), of(right, scope))
                return self.opened(found, "divisor may be 0" if operator == "/" else "outside the domain")
            case e.Function("Round", operands):
                x, *places = [of(operand, scope) for operand in operands]
                n = places[0] if places else bounds.ZERO
                return self.opened(bounds.to_places(x, int(n.low)) if bounds.is_exact(n) else None, "places not known")
            case e.Function("Agree", operands):
                return self.agreed(node, [of(operand, scope) for operand in operands])
            case e.Function(name, operands) if name in _OF_ONE:
                return self.opened(_OF_ONE[name](of(operands[0], scope)), "outside the domain")
            case e.Function(name, operands):
                return _OF_MANY[name]([of(operand, scope) for operand in operands])
            case e.Negate(operand):
                return bounds.opposite(of(operand, scope))
            case e.Count(source):
                return self.say(node, tables.count(of(source, scope)))
            case e.CountDistinct(source, key, cap):
                return self.say(node, tables.count_distinct(of(source, scope), key, cap))
            case e.RowValues(source, field_name, function):
                return self.say(node, tables.over_rows(of(source, scope), field_name, function))
            case e.CountTrue(operands):
                truths = [of(operand, scope) for operand in operands]
                certain = sum(truth is TRUE for truth in truths)
                return Bounds(certain, certain + sum(truth is UNKNOWN for truth in truths))
            case e.DateOf(selection):
                listed = of(selection.source, scope)
                return self.say(node, tables.date_of(listed, selection.take, selection.readings))
            case e.Silence(operand, source):
                truth, listed = of(operand, scope), of(source, scope)
                silent = truth is UNKNOWN and not (listed.certain or listed.possible or listed.absences)
                return self.say(node, tables.Finding(FALSE, reason="silence read as no")) if silent else truth
            case e.Is(operand, "null", negated):
                return truth_of(tables.is_unknown(of(operand, scope)) is not negated)
            case e.Is(operand, state, negated):
                return truth_of((of(operand, scope) is (TRUE if state == "true" else FALSE)) is not negated)
            case e.Coalesce(operands):
                found = [of(operand, scope) for operand in operands]
                return next((value for value in found if not tables.is_unknown(value)), found[-1])
            case e.Convert(operand, source, target):
                return _converted(of(operand, scope), source, target)
            case e.Shift(operand, amount, unit, sign):
                day, by = of(operand, scope), of(amount, scope)
                return calendar.shift(day, by if sign > 0 else bounds.opposite(by), unit)
            case e.DayOf(operand):
                return calendar.day_of(of(operand, scope))
            case e.Duration(unit, left, right):
                return calendar.duration(of(left, scope), of(right, scope), unit)
            case e.Age(born, on):
                return calendar.age(of(born, scope), of(on, scope))
            case e.Favoured(operand, toward):
                truth = of(operand, scope)
                return toward if truth is UNKNOWN else truth
            case e.Contradicted(criterion, hard, soft):
                is_open = self.values[criterion] is UNKNOWN
                return truth_of(any(p in self.conflicts for p in hard + (soft if is_open else ())))
            case e.Fires(source, alias, condition):
                return self.fires(node, of(source, scope), alias, condition, scope)

    def tried(self, row: Evidence, alias: str, condition: AnyNode, scope: Scope) -> Truth:
        """What a condition says of one row."""
        outer, self.row = self.row, f"{self.row}/{row.id}" if self.row else row.id
        truth: Truth = self.of(condition, {**scope, alias: row})
        self.row = outer
        return truth

    def where(self, listed: RowSet, alias: str, condition: AnyNode, scope: Scope) -> RowSet:
        """The rows for which a condition holds; the unlisted row and the absences are tried like any other."""
        every = [*listed.certain, *listed.possible, *map(tables.as_row, listed.absences)]
        truths = {row.id: self.tried(row, alias, condition, scope) for row in every}
        if listed.unlisted is not None:
            truths[UNLISTED] = self.tried(listed.unlisted, alias, condition, scope)
        return tables.filtered(listed, truths)

    def fires(self, node: AnyNode, listed: RowSet, alias: str, condition: AnyNode, scope: Scope) -> Any:
        """An alert does not wait for certainty: one row suffices, certain or possible."""
        every = (*listed.certain, *listed.possible)
        seen = tuple(row.id for row in every if self.tried(row, alias, condition, scope) is TRUE)
        return self.say(node, tables.Finding(truth_of(bool(seen)), seen))

    def agreed(self, node: AnyNode, items: list[Bounds]) -> Bounds:
        """The intersection of several measurements of one thing; an empty one is open and contradicts."""
        found: Bounds | None = items[0]
        for item in items[1:]:
            found = None if found is None else bounds.intersect(found, item)
        if found is None:
            finding = tables.Finding(OPEN, conflict=True, reason="the measurements contradict each other")
            return self.say(node, finding)  # type: ignore[no-any-return]
        return found


def agreeing_truths(a: Truth, b: Truth) -> Truth:
    """Equality of two truths: UNKNOWN if either is."""
    return negate(kleene.exclusive(a, b))


def _either(a: Any, b: Any) -> Any:
    """An open condition: the hull of both branches."""
    if isinstance(a, Bounds):
        return bounds.hull(a, b)
    return kleene.agreeing(a, b) if isinstance(a, Truth) else (a if a == b else NOT_CODED)


def _field(row: Evidence, name: str, type: Type) -> Value:
    match name:
        case "date":
            return row.when
        case "value":
            found: Value | SetAside | None = row.value
        case "code":
            return row.codes
        case _:
            found = row.fields.get(name)
    return unknown(type) if found is None or isinstance(found, SetAside) or found is UNKNOWN else found


def _converted(value: Bounds, source: str, target: str) -> Bounds:
    a, b = parse_unit(source), parse_unit(target)
    return Bounds(*(None if end is None else convert(end, a, b) for end in value))


def _listed(rows: RowSet) -> RowsFound:
    return RowsFound(
        tuple(row.id for row in rows.certain),
        tuple(row.id for row in rows.possible),
        tuple(absence.id for absence in rows.absences),
        rows.unlisted is not None,
    )


def evaluate(library: Library, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
    """The value of every requirement, definition, criterion and root, by name, without a trace.

    The subject is seen as of that day: evidence dated later does not exist.
    """
    run = _Run(library, subject.as_of(as_of), as_of, traced=False)
    for name, expression in library.order:
        run.values[name] = run.of(expression, {})
    return run.values


def trace(library: Library, subject: Subject, as_of: datetime.date) -> Trace:
    """The same evaluation with one step for every node."""
    run = _Run(library, subject.as_of(as_of), as_of, traced=True)
    for name, expression in library.order:
        run.values[name] = run.of(expression, {})
    if len({step.place for step in run.steps}) < len(library.order):
        raise DefectError("two nodes of the library share a place")
    return Trace(library.name, as_of, ENGINE, tuple(run.steps))
