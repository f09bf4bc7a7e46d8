"""Accepts or refuses a trace, step by step, trusting no engine.

It walks the library beside the steps. Each leaf is held against the record, each node against the
values that the steps give for its parts, by one line of a table. The first step that does not
follow is named. It imports no interpreter.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from screening.errors import VerificationError
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, unknown
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record import rows as tables
from screening.record import selection
from screening.record.rows import Finding, RowSet
from screening.record.subject import Evidence, SetAside, Subject
from screening.values import bounds, calendar, truth
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, member, same
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth


class _Refused(Exception):
    """A step that does not follow: the place, and why."""


class Line(NamedTuple):
    """One node, laid out in the order of the steps: how many parts precede it, and what it has to obey.

    `rule` gives the node's value, or a Finding where facts, a reason or a contradiction may come with it. A query
    carries the lines of its condition, which are walked once for every row.
    """

    place: str
    parts: int
    node: AnyNode
    rule: Callable[[_Walk, list[Any], Mapping[str, Evidence]], Any]
    condition: tuple[Line, ...] = ()


def _lines(node: AnyNode) -> list[Line]:
    """A node with everything under it, parts before the whole."""
    if isinstance(node, e.Where | e.Fires):
        return [*_lines(node.source), Line(node.place, 1, node, _rule(node), tuple(_lines(node.condition)))]
    under = e.parts(node)
    laid = [line for part in under for line in _lines(part)]
    return [*laid, Line(node.place, len(under), node, _rule(node))]


class _Walk:
    """One pass over the steps of one trace."""

    def __init__(self, library: Library, subject: Subject, as_of: datetime.date, steps: Sequence[Step]) -> None:
        self.subject, self.as_of, self.steps, self.next = subject, as_of, steps, 0
        self.parameters = {p.name: p.value for p in library.parameters}
        self.parameters[AS_OF] = bounds.exactly(as_of)
        self.named: dict[str, Any] = {}
        self.contradictions: set[str] = set()

    def follow(self, lines: Sequence[Line], row: str, scope: Mapping[str, Evidence]) -> Any:
        """Holds one step after the other against the steps of its parts; gives the last one's value."""
        values: list[Any] = []
        steps = self.steps
        for line in lines:
            place, count, node, rule, condition = line
            if count == 0:
                under: list[Any] = []
            elif count == 1:
                under = [values.pop()]
            else:
                under = values[-count:]
                del values[-count:]
            if condition:  # a query
                under.append(self.tried(node, under[0], condition, row, scope))
            held = rule(self, under, scope)
            wanted: tuple[Any, ...]
            if type(held) is RowSet:
                wanted = (place, row, _shown(held), (), "", False)
            elif type(held) is Finding:
                wanted = (place, row, held.value, held.facts, held.reason, held.conflict)
                if held.conflict:
                    self.contradictions.add(place)
                held = held.value
            else:
                wanted = (place, row, held, (), "", False)
            if self.next >= len(steps):
                raise _Refused(place, "the step is missing")
            if steps[self.next] != wanted:
                raise _Refused(place, _difference(steps[self.next], wanted))
            self.next += 1
            values.append(held)
        return values[-1]

    def tried(
        self, node: AnyNode, listed: RowSet, condition: Sequence[Line], row: str, scope: Mapping[str, Evidence]
    ) -> dict[str, Truth]:
        """What the steps say of a query's condition, row by row."""
        assert isinstance(node, e.Where | e.Fires)
        tried: list[Evidence] = list(tables.alarming(listed))
        if isinstance(node, e.Where):
            tried = [*listed.certain, *listed.possible]
            tried += [tables.as_row(absence) for absence in listed.absences]
            if listed.unlisted is not None:
                tried.append(listed.unlisted)
        paths = [f"{row}/{one.id}" if row else one.id for one in tried]
        return {
            one.id: self.follow(condition, path, {**scope, node.alias: one})
            for one, path in zip(tried, paths, strict=True)
        }


def _difference(step: Step, wanted: tuple[Any, ...]) -> str:
    if (step.place, step.row) != wanted[:2]:
        return "another step stands in its place"
    if step.value != wanted[2]:
        return "its value does not follow from its parts"
    return "its facts or its reason do not follow"


Rule = Callable[[_Walk, list[Any], Mapping[str, Evidence]], Any]


def _rule(node: AnyNode) -> Rule:
    """The one line of the table that a node has to obey, over the values `v` of its parts."""
    match node:
        case e.Literal(value):
            return lambda w, v, s: value
        case e.Parameter(name):
            return lambda w, v, s: w.parameters[name]
        case e.Reference(name):
            return lambda w, v, s: w.named[name]
        case e.Field(alias, name, type):
            blank = unknown(type)
            return lambda w, v, s: _of_row(s[alias], name, blank)
        case e.Retrieve(requirement):
            return lambda w, v, s: tables.retrieve(w.subject, requirement, w.as_of)
        case e.Where():
            return lambda w, v, s: tables.filtered(v[0], v[1])
        case e.Fires():
            return lambda w, v, s: _fired(v[1])
        case e.And():
            return lambda w, v, s: FALSE if FALSE in v else UNKNOWN if UNKNOWN in v else TRUE
        case e.Or():
            return lambda w, v, s: TRUE if TRUE in v else UNKNOWN if UNKNOWN in v else FALSE
        case e.Not():
            return lambda w, v, s: truth.negate(v[0])
        case e.Implies():
            return lambda w, v, s: truth.disjoin((truth.negate(v[0]), v[1]))
        case e.Xor():
            return lambda w, v, s: truth.exclusive(v[0], v[1])
        case e.If():
            return lambda w, v, s: v[1] if v[0] is TRUE else v[2] if v[0] is FALSE else _hull(v[1], v[2])
        case e.Compare(operator):
            return lambda w, v, s: _compared(operator, v[0], v[1])
        case e.Between():
            return lambda w, v, s: _between(v[0], v[1], v[2])
        case e.InInterval(low_closed=low_closed, high_closed=high_closed):
            above = bounds.at_most if low_closed else bounds.less
            below = bounds.at_most if high_closed else bounds.less
            return lambda w, v, s: truth.conjoin((above(v[1], v[0]), below(v[0], v[2])))
        case e.InSet(codes=codes):
            return lambda w, v, s: member(v[0], codes)
        case e.Is(state=state, negated=negated):
            return lambda w, v, s: truth.truth_of(_is(v[0], state) is not negated)
        case e.Timing(kind=kind, inclusive=inclusive, unit=unit):
            return lambda w, v, s: _between(v[0], *calendar.window(kind, inclusive, v[1], unit, v[2]))
        case e.CountTrue():
            return lambda w, v, s: Bounds(v.count(TRUE), len(v) - v.count(FALSE))
        case e.Select(take=take, readings=readings, scale=scale, type=type):
            empty = scale if type.name in ORDERED else unknown(type)
            return lambda w, v, s: selection.select(v[0], take, readings, empty)
        case e.DateOf(taken):
            return lambda w, v, s: selection.date_of(v[0], taken.take, taken.readings)
        case e.Exists():
            return lambda w, v, s: tables.exists(v[0])
        case e.Silence():
            return lambda w, v, s: _silence(v[0], v[1])
        case e.Count():
            return lambda w, v, s: tables.count(v[0])
        case e.CountDistinct(key=key, cap=cap):
            return lambda w, v, s: tables.count_distinct(v[0], key, cap)
        case e.RowValues(field_name=field_name, function=function):
            return lambda w, v, s: tables.over_rows(v[0], field_name, function)
        case e.Favoured(toward=toward):
            return lambda w, v, s: toward if v[0] is UNKNOWN else v[0]
        case e.Negate():
            return lambda w, v, s: bounds.opposite(v[0])
        case e.Arithmetic(operator):
            return lambda w, v, s: _calculated(operator, v[0], v[1])
        case e.Function(name):
            return lambda w, v, s: _function(name, v)
        case e.Coalesce():
            return lambda w, v, s: next((x for x in v if not tables.is_unknown(x)), v[-1])
        case e.Convert(source=source, target=target):
            a, b = parse_unit(source), parse_unit(target)
            return lambda w, v, s: Bounds(*(None if end is None else convert(end, a, b) for end in v[0]))
        case e.Shift(unit=unit, sign=sign):
            return lambda w, v, s: calendar.shift(v[0], v[1] if sign > 0 else bounds.opposite(v[1]), unit)
        case e.DayOf():
            return lambda w, v, s: calendar.day_of(v[0])
        case e.Duration(unit):
            return lambda w, v, s: calendar.duration(v[0], v[1], unit)
        case e.Age():
            return lambda w, v, s: calendar.age(v[0], v[1])
        case e.Contradicted(criterion, hard, soft):
            both = {*hard, *soft}
            return lambda w, v, s: (
                TRUE if w.contradictions & (both if w.named[criterion] is UNKNOWN else set(hard)) else FALSE
            )


def _fired(said: Mapping[str, Truth]) -> Finding:
    seen = tuple(id for id, found in said.items() if found is TRUE)
    return Finding(TRUE if seen else FALSE, seen)


def _between(x: Bounds, low: Bounds | None, high: Bounds | None) -> Truth:
    ends = [bounds.at_most(low, x)] if low is not None else []
    return truth.conjoin(ends + ([bounds.at_most(x, high)] if high is not None else []))


def _is(value: Any, state: str) -> bool:
    if state == "null":
        return tables.is_unknown(value)
    return value is (TRUE if state == "true" else FALSE)


def _silence(said: Truth, listed: RowSet) -> Finding:
    if said is UNKNOWN and not (listed.certain or listed.possible or listed.absences):
        return Finding(FALSE, reason="silence read as no")
    return Finding(said)


def _shown(rows: RowSet) -> RowsFound:
    ids = [tuple(row.id for row in part) for part in (rows.certain, rows.possible, rows.absences)]
    return RowsFound(ids[0], ids[1], ids[2], rows.unlisted is not None)


def _of_row(row: Evidence, name: str, blank: Any) -> Any:
    special: dict[str, Any] = {"date": row.when, "code": row.codes, "value": row.value}
    found = special[name] if name in special else row.fields.get(name)
    return blank if found is None or found is UNKNOWN or isinstance(found, SetAside) else found


def _compared(operator: str, a: Any, b: Any) -> Truth:
    if isinstance(a, Bounds):
        return bounds.COMPARISONS[operator](a, b)
    alike = same(a, b) if isinstance(a, tuple) else truth.negate(truth.exclusive(a, b))
    return alike if operator == "=" else truth.negate(alike)


def _hull(a: Any, b: Any) -> Any:
    if isinstance(a, Bounds):
        return bounds.hull(a, b)
    return a if a == b else UNKNOWN if isinstance(a, Truth) else NOT_CODED


def _calculated(operator: str, a: Bounds, b: Bounds) -> Bounds | Finding:
    match operator:
        case "+":
            return bounds.add(a, b)
        case "-":
            return bounds.subtract(a, b)
        case "*":
            return bounds.multiply(a, b)
        case "/":
            return _or_open(bounds.divide(a, b), "divisor may be 0")
    return _or_open(bounds.power(a, b), "outside the domain")


def _function(name: str, v: list[Any]) -> Bounds | Finding:
    match name:
        case "Ln":
            return _or_open(bounds.logarithm(v[0]), "outside the domain")
        case "Exp":
            return bounds.exponential(v[0])
        case "Sqrt":
            return _or_open(bounds.square_root(v[0]), "outside the domain")
        case "Abs":
            return bounds.absolute(v[0])
        case "Round":
            places = v[1] if len(v) > 1 else bounds.ZERO
            found = bounds.to_places(v[0], int(places.low)) if bounds.is_exact(places) else None
            return _or_open(found, "places not known")
        case "Min":
            return bounds.least(v)
        case "Max":
            return bounds.greatest(v)
        case "Sum":
            return bounds.total(v)
        case "Mean":
            return bounds.mean(v)
    agreed: Bounds | None = v[0]
    for other in v[1:]:
        agreed = None if agreed is None else bounds.intersect(agreed, other)
    if agreed is None:
        return Finding(OPEN, conflict=True, reason="the measurements contradict each other")
    return Finding(agreed)


def _or_open(found: Bounds | None, reason: str) -> Finding:
    return Finding(OPEN, reason=reason) if found is None else Finding(found)


class Verifier:
    """Accepts or refuses the traces of one library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.lines = [(name, tuple(_lines(expression))) for name, expression in library.order]

    def verify(self, subject: Subject, trace: Trace) -> None:
        """Accepts a trace in silence; raises VerificationError at the first step that does not follow."""
        if trace.library != self.library.name:
            raise VerificationError("the trace is of another library")
        walk = _Walk(self.library, subject.as_of(trace.as_of), trace.as_of, trace.steps)
        try:
            for name, lines in self.lines:
                walk.named[name] = walk.follow(lines, "", {})
            if walk.next != len(trace.steps):
                raise _Refused(trace.steps[walk.next].place, "no node of the library stands behind it")
        except _Refused as refused:
            place, why = refused.args
            raise VerificationError(f"the trace does not hold at {place}: {why}") from None


def verify_trace(library: Library, subject: Subject, trace: Trace) -> None:
    """`Verifier(library).verify(...)` for one trace."""
    Verifier(library).verify(subject, trace)
