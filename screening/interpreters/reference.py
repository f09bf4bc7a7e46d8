"""The law: what a library says of one person, node by node.

The semantics page as code: one `match` says what each node means, as a function of run and rows in scope.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type, unknown
from screening.outcome.trace import Step, Trace, rows_found, written
from screening.record import rows as tables
from screening.record import selection
from screening.record.rows import UNLISTED, Finding, RowSet
from screening.record.subject import Absence, Evidence, SetAside, Subject, Value
from screening.values import bounds, calendar
from screening.values import truth as kleene
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, membership, same
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth, conjoin, disjoin, negate, truth_of

ENGINE = "reference"
Scope = dict[str, Evidence]
_QUIET = Finding(UNKNOWN)

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


class Run:
    """One evaluation: the subject as of a day, what is evaluated so far, and the steps taken."""

    def __init__(self, parameters: dict[str, Value], subject: Subject, as_of: datetime.date) -> None:
        self.subject, self.as_of = subject, as_of
        self.parameters: dict[str, Any] = {**parameters, AS_OF: bounds.exactly(as_of)}
        self.values: dict[str, Any] = {}
        self.conflicts: set[str] = set()
        self.steps: list[Step] = []
        self.row = ""
        self.said = _QUIET

    def say(self, place: str, finding: Finding) -> Any:
        """A finding, noted for the step and, if it contradicts itself, for the review."""
        self.said = finding
        if finding.conflict:
            self.conflicts.add(place)
        return finding.value

    def opened(self, found: Bounds | None, reason: str) -> Bounds:
        """A value, or the open value with its reason where the operator has none."""
        if found is None:
            self.said = Finding(OPEN, reason=reason)
            return OPEN
        return found


Meaning = Callable[[Run, Scope], Any]


def meaning_of(node: AnyNode, of: Callable[[AnyNode], Meaning]) -> Meaning:
    """What a node means; `of` gives the meaning of its parts."""
    match node:
        case e.Literal(value):
            return lambda run, scope: value
        case e.Parameter(name):
            return lambda run, scope: run.parameters[name]
        case e.Reference(name):
            return lambda run, scope: run.values[name]
        case e.Field(alias, name, type):
            blank = unknown(type)
            return lambda run, scope: _field(scope[alias], name, blank)
        # ------------------------------------------------------------------------ logic, section 1
        case e.And(operands):
            each = [of(operand) for operand in operands]
            return lambda run, scope: conjoin([one(run, scope) for one in each])
        case e.Or(operands):
            each = [of(operand) for operand in operands]
            return lambda run, scope: disjoin([one(run, scope) for one in each])
        case e.Not(operand):
            a = of(operand)
            return lambda run, scope: negate(a(run, scope))
        case e.Implies(left, right):
            a, b = of(left), of(right)
            return lambda run, scope: kleene.implies(a(run, scope), b(run, scope))
        case e.Xor(left, right):
            a, b = of(left), of(right)
            return lambda run, scope: kleene.exclusive(a(run, scope), b(run, scope))
        case e.If(condition, then, otherwise):
            c, a, b = of(condition), of(then), of(otherwise)
            return lambda run, scope: _chosen(c(run, scope), a(run, scope), b(run, scope))
        case e.Is(operand, state, negated):
            a = of(operand)
            return lambda run, scope: truth_of(_is(a(run, scope), state) is not negated)
        case e.Coalesce(operands):
            each = [of(operand) for operand in operands]
            return lambda run, scope: _first_known([one(run, scope) for one in each])
        case e.Favoured(operand, toward):
            a = of(operand)
            return lambda run, scope: toward if (truth := a(run, scope)) is UNKNOWN else truth
        case e.CountTrue(operands):
            each = [of(operand) for operand in operands]
            return lambda run, scope: _holding([one(run, scope) for one in each])
        # ---------------------------------------------------------- comparisons and numbers, section 2
        case e.Compare(operator, left, right):
            a, b, compare = of(left), of(right), _comparison(operator, left.type)
            return lambda run, scope: compare(a(run, scope), b(run, scope))
        case e.Between(operand, low, high):
            x, a, b = of(operand), of(low), of(high)
            return lambda run, scope: _inside(x(run, scope), a(run, scope), b(run, scope))
        case e.InInterval(operand, low, high, low_closed, high_closed):
            x, a, b = of(operand), of(low), of(high)
            return lambda run, scope: _inside(x(run, scope), a(run, scope), b(run, scope), low_closed, high_closed)
        case e.InSet(operand, _, codes):
            a, among = of(operand), membership(codes)
            return lambda run, scope: among(a(run, scope))
        case e.Negate(operand):
            a = of(operand)
            return lambda run, scope: bounds.opposite(a(run, scope))
        case e.Arithmetic(operator, left, right):
            a, b, calculate = of(left), of(right), _ARITHMETIC[operator]
            why = "divisor may be 0" if operator == "/" else "outside the domain"
            return lambda run, scope: run.opened(calculate(a(run, scope), b(run, scope)), why)
        case e.Function("Round", operands):
            each = [of(operand) for operand in operands]
            return lambda run, scope: run.opened(_round([one(run, scope) for one in each]), "places not known")
        case e.Function("Agree", operands, place=place):
            each = [of(operand) for operand in operands]
            return lambda run, scope: run.say(place, _agreed([one(run, scope) for one in each]))
        case e.Function(name, operands) if name in _OF_ONE:
            a, function = of(operands[0]), _OF_ONE[name]
            return lambda run, scope: run.opened(function(a(run, scope)), "outside the domain")
        case e.Function(name, operands):
            each, gather = [of(operand) for operand in operands], _OF_MANY[name]
            return lambda run, scope: gather([one(run, scope) for one in each])
        case e.Convert(operand, source, target):
            a, old, new = of(operand), parse_unit(source), parse_unit(target)
            return lambda run, scope: Bounds(
                *(None if end is None else convert(end, old, new) for end in a(run, scope))
            )
        # --------------------------------------------------------------------------- dates, section 3
        case e.Timing(operand, kind, inclusive, amount, unit, reference):
            x, a, b = of(operand), of(amount), of(reference)
            return lambda run, scope: _inside(
                x(run, scope), *calendar.window(kind, inclusive, a(run, scope), unit, b(run, scope))
            )
        case e.Shift(operand, amount, unit, sign):
            x, a, turned = of(operand), of(amount), bounds.opposite if sign < 0 else _same
            return lambda run, scope: calendar.shift(x(run, scope), turned(a(run, scope)), unit)
        case e.DayOf(operand):
            a = of(operand)
            return lambda run, scope: calendar.day_of(a(run, scope))
        case e.Duration(unit, left, right):
            a, b = of(left), of(right)
            return lambda run, scope: calendar.duration(a(run, scope), b(run, scope), unit)
        case e.Age(born, on):
            a, b = of(born), of(on)
            return lambda run, scope: calendar.age(a(run, scope), b(run, scope))
        # ------------------------------------------------------- records, counting, selection, section 5
        case e.Retrieve(requirement):
            return lambda run, scope: tables.retrieve(run.subject, requirement, run.as_of)
        case e.Where(source, alias, condition):
            a, c = of(source), of(condition)
            return lambda run, scope: _where(run, a(run, scope), alias, c, scope)
        case e.Select(source, take, readings, scale, type, place=place):
            a, blank = of(source), scale if type.name in ORDERED else unknown(type)
            return lambda run, scope: run.say(place, selection.select(a(run, scope), take, readings, blank))
        case e.DateOf(taken, place=place):
            a, take, readings = of(taken.source), taken.take, taken.readings
            return lambda run, scope: run.say(place, selection.date_of(a(run, scope), take, readings))
        case e.Exists(source, place=place):
            a = of(source)
            return lambda run, scope: run.say(place, tables.exists(a(run, scope)))
        case e.Silence(operand, source, place=place):
            a, b = of(operand), of(source)
            return lambda run, scope: run.say(place, _silent(a(run, scope), b(run, scope)))
        case e.Count(source, place=place):
            a = of(source)
            return lambda run, scope: run.say(place, tables.count(a(run, scope)))
        case e.CountDistinct(source, key, cap, place=place):
            a = of(source)
            return lambda run, scope: run.say(place, tables.count_distinct(a(run, scope), key, cap))
        case e.RowValues(source, field_name, function, place=place):
            a = of(source)
            return lambda run, scope: run.say(place, tables.over_rows(a(run, scope), field_name, function))
        # ------------------------------------------------------------------------- verdict, section 6
        case e.Contradicted(criterion, hard, soft):
            return lambda run, scope: truth_of(
                not run.conflicts.isdisjoint(hard + soft if run.values[criterion] is UNKNOWN else hard)
            )
        case e.Fires(source, alias, condition, place=place):
            a, c = of(source), of(condition)
            return lambda run, scope: run.say(place, _fires(run, a(run, scope), alias, c, scope))


def _comparison(operator: str, type: Type) -> Callable[[Any, Any], Truth]:
    if type.name in ORDERED:
        return bounds.COMPARISONS[operator]
    alike = same if type.name in ("String", "Code") else _agreeing
    return alike if operator == "=" else lambda a, b: negate(alike(a, b))


def _same(amount: Bounds) -> Bounds:
    return amount


def _agreeing(a: Truth, b: Truth) -> Truth:
    return negate(kleene.exclusive(a, b))


def _inside(
    x: Bounds, low: Bounds | None, high: Bounds | None, low_closed: bool = True, high_closed: bool = True
) -> Truth:
    """Whether a value lies between two others; None is no end on that side."""
    above = TRUE if low is None else bounds.at_most(low, x) if low_closed else bounds.less(low, x)
    below = TRUE if high is None else bounds.at_most(x, high) if high_closed else bounds.less(x, high)
    return conjoin((above, below))


def _chosen(condition: Truth, a: Any, b: Any) -> Any:
    """`if`: an open condition gives the hull of both branches."""
    if condition is not UNKNOWN:
        return a if condition is TRUE else b
    if isinstance(a, Bounds):
        return bounds.hull(a, b)
    return kleene.agreeing(a, b) if isinstance(a, Truth) else (a if a == b else NOT_CODED)


def _is(value: Value, state: str) -> bool:
    return tables.is_unknown(value) if state == "null" else value is (TRUE if state == "true" else FALSE)


def _first_known(values: list[Any]) -> Any:
    return next((value for value in values if not tables.is_unknown(value)), values[-1])


def _holding(truths: list[Truth]) -> Bounds:
    return Bounds(truths.count(TRUE), len(truths) - truths.count(FALSE))


def _round(values: list[Bounds]) -> Bounds | None:
    places = values[1] if len(values) > 1 else bounds.ZERO
    return bounds.to_places(values[0], int(places.low)) if bounds.is_exact(places) else None


def _agreed(items: list[Bounds]) -> Finding:
    """The intersection of several measurements of one thing; an empty one is open and contradicts."""
    found: Bounds | None = items[0]
    for item in items[1:]:
        found = None if found is None else bounds.intersect(found, item)
    if found is None:
        return Finding(OPEN, conflict=True, reason="the measurements contradict each other")
    return Finding(found)


def _silent(truth: Truth, listed: RowSet) -> Finding:
    silent = truth is UNKNOWN and not (listed.certain or listed.possible or listed.absences)
    return Finding(FALSE, reason="silence read as no") if silent else Finding(truth)


def _field(row: Evidence, name: str, blank: Value) -> Value:
    match name:
        case "date":
            return row.when
        case "code":
            return row.codes
        case "value":
            found: Value | SetAside | None = row.value
        case _:
            found = row.fields.get(name)
    return blank if found is None or isinstance(found, SetAside) or found is UNKNOWN else found


def _tried(run: Run, row: Evidence, alias: str, condition: Meaning, scope: Scope) -> Truth:
    """What a condition says of one row."""
    outer, run.row = run.row, f"{run.row}/{row.id}" if run.row else row.id
    truth: Truth = condition(run, {**scope, alias: row})
    run.row = outer
    return truth


def _where(run: Run, listed: RowSet, alias: str, condition: Meaning, scope: Scope) -> RowSet:
    """The rows for which a condition holds; the unlisted row and the absences are tried like any other."""
    every = [*listed.certain, *listed.possible, *map(tables.as_row, listed.absences)]
    truths = {row.id: _tried(run, row, alias, condition, scope) for row in every}
    if listed.unlisted is not None:
        truths[UNLISTED] = _tried(run, listed.unlisted, alias, condition, scope)
    return tables.filtered(listed, truths)


def _fires(run: Run, listed: RowSet, alias: str, condition: Meaning, scope: Scope) -> Finding:
    """An alert does not wait for certainty: one row suffices, certain or possible."""
    every = tables.alarming(listed)
    seen = tuple(row.id for row in every if _tried(run, row, alias, condition, scope) is TRUE)
    return Finding(truth_of(bool(seen)), seen)


def _ids(rows: tuple[Evidence, ...] | tuple[Absence, ...]) -> tuple[str, ...]:
    return tuple([row.id for row in rows]) if rows else ()


def plain(node: AnyNode) -> Meaning:
    return meaning_of(node, plain)


_OF_ROWS = e.Select | e.DateOf | e.Exists | e.Silence | e.Count | e.CountDistinct | e.RowValues | e.Fires


def stepped(node: AnyNode, of_rows: bool = False, tried: Callable[[AnyNode], Meaning] | None = None) -> Meaning:
    """The meaning of a node that also leaves a step; inside a query, unless `tried` gives it, one for each row."""
    condition = node.condition if isinstance(node, e.Where | e.Fires) else None
    inner = tried or (lambda part: stepped(part, True))
    meaning = meaning_of(node, lambda part: inner(part) if part is condition else stepped(part, of_rows, tried))
    place, truths = node.place, {truth: Step(node.place, "", truth) for truth in Truth}

    def listed(run: Run, scope: Scope) -> RowSet:
        found: RowSet = meaning(run, scope)
        shown = (_ids(found.certain), _ids(found.possible), _ids(found.absences), found.unlisted is not None)
        run.steps.append(written((place, run.row, rows_found(shown), (), "", False)))
        return found

    def told(run: Run, scope: Scope) -> Any:
        found = meaning(run, scope)
        (_, facts, conflict, reason), run.said = run.said, _QUIET
        run.steps.append(written((place, run.row, found, facts, reason, conflict)))
        return found

    def one_truth(run: Run, scope: Scope) -> Any:
        found = meaning(run, scope)
        run.steps.append(truths[found])
        return found

    def quiet(run: Run, scope: Scope) -> Any:
        found = meaning(run, scope)
        run.steps.append(written((place, run.row, found, (), "", False)))
        return found

    if isinstance(node, e.Retrieve | e.Where):
        return listed
    if isinstance(node, _OF_ROWS | e.Arithmetic | e.Function):
        return told
    return one_truth if not of_rows and node.type.name in ("Boolean", "Judgement") else quiet


class Law:
    """The law of one library, ready for any number of people."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.parameters = {parameter.name: parameter.value for parameter in library.parameters}
        self.plain: list[tuple[str, Meaning]] = []  # made for who asks for values without a trace
        self.stepped = [(name, stepped(expression)) for name, expression in library.order]

    def evaluate(self, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
        """Every requirement, definition, criterion and root by name; evidence dated later does not exist."""
        run = Run(self.parameters, subject.as_of(as_of), as_of)
        self.plain = self.plain or [(name, plain(expression)) for name, expression in self.library.order]
        for name, meaning in self.plain:
            run.values[name] = meaning(run, {})
        return run.values

    def trace(self, subject: Subject, as_of: datetime.date) -> Trace:
        """The same evaluation with one step for every node."""
        run = Run(self.parameters, subject.as_of(as_of), as_of)
        for name, meaning in self.stepped:
            run.values[name] = meaning(run, {})
        return Trace(self.library.name, as_of, ENGINE, tuple(run.steps))


def evaluate(library: Library, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
    """`Law(library).evaluate(...)` for one person."""
    return Law(library).evaluate(subject, as_of)


def trace(library: Library, subject: Subject, as_of: datetime.date) -> Trace:
    """`Law(library).trace(...)` for one person."""
    return Law(library).trace(subject, as_of)
