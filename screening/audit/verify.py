"""Accepts or refuses a trace, step by step, trusting no engine.

It walks the library beside the steps. Each leaf is held against the record, each node against the
values that the steps give for its parts, by one line of a table. The first step that does not
follow is named. It imports no interpreter.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from screening.errors import VerificationError
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, unknown
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record import rows as tables
from screening.record.rows import Finding, RowSet
from screening.record.subject import Evidence, SetAside, Subject
from screening.values import bounds, calendar, truth
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, member, same
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_QUIET = Finding(UNKNOWN)


class _Walk:
    """One pass over the steps, in the order in which a tree is walked: parts before the whole."""

    def __init__(self, library: Library, subject: Subject, as_of: datetime.date, steps: Sequence[Step]) -> None:
        self.subject, self.as_of, self.steps, self.next = subject, as_of, steps, 0
        self.parameters = {p.name: p.value for p in library.parameters}
        self.parameters[AS_OF] = bounds.exactly(as_of)
        self.named: dict[str, Any] = {}
        self.contradictions: set[str] = set()

    def refuse(self, place: str, why: str) -> NoReturn:
        raise VerificationError(f"the trace does not hold at {place}: {why}")

    def follow(self, node: AnyNode, row: str, scope: Mapping[str, Evidence]) -> Any:
        """Holds one node's step against the steps of its parts, and gives its value on."""
        rows: RowSet | None = None
        if isinstance(node, e.Where | e.Fires):
            held, rows = self.query(node, row, scope)
        elif isinstance(node, e.Retrieve):
            rows = tables.retrieve(self.subject, node.requirement, self.as_of)
            held = _QUIET
        else:
            values = [self.follow(part, row, scope) for part in e.parts(node)]
            held = self.table(node, values, scope)
        if self.next >= len(self.steps):
            self.refuse(node.place, "the step is missing")
        step = self.steps[self.next]
        self.next += 1
        if step.place != node.place or step.row != row:
            self.refuse(node.place, "another step stands in its place")
        is_rows = isinstance(node, e.Where | e.Retrieve)
        value = _shown(rows) if is_rows and rows is not None else held.value
        if type(step.value) is not type(value) or step.value != value:
            self.refuse(node.place, "its value does not follow from its parts")
        if (step.facts, step.reason, step.conflict) != (held.facts, held.reason, held.conflict):
            self.refuse(node.place, "its facts or its reason do not follow")
        if step.conflict:
            self.contradictions.add(node.place)
        return rows if is_rows else step.value

    def query(self, node: e.Where | e.Fires, row: str, scope: Mapping[str, Evidence]) -> tuple[Finding, RowSet]:
        """The condition of a query, tried on each row of its source."""
        listed: RowSet = self.follow(node.source, row, scope)
        tried: list[Evidence] = [*listed.certain, *listed.possible]
        if isinstance(node, e.Where):
            tried += [tables.as_row(absence) for absence in listed.absences]
            if listed.unlisted is not None:
                tried.append(listed.unlisted)
        said: dict[str, Truth] = {}
        for one in tried:
            path = f"{row}/{one.id}" if row else one.id
            said[one.id] = self.follow(node.condition, path, {**scope, node.alias: one})
        if isinstance(node, e.Where):
            return _QUIET, tables.filtered(listed, said)
        seen = tuple(one.id for one in tried if said[one.id] is TRUE)
        return Finding(TRUE if seen else FALSE, seen), listed

    def table(self, node: AnyNode, v: list[Any], scope: Mapping[str, Evidence]) -> Finding:
        """The one line that a node has to obey, given the values of its parts."""
        match node:
            case e.Literal(value):
                return Finding(value)
            case e.Parameter(name):
                return Finding(self.parameters[name])
            case e.Reference(name):
                return Finding(self.named[name])
            case e.Field(alias, name, type):
                return Finding(_of_row(scope[alias], name, unknown(type)))
            case e.And():
                return Finding(FALSE if FALSE in v else UNKNOWN if UNKNOWN in v else TRUE)
            case e.Or():
                return Finding(TRUE if TRUE in v else UNKNOWN if UNKNOWN in v else FALSE)
            case e.Not():
                return Finding(truth.negate(v[0]))
            case e.Implies():
                return Finding(truth.disjoin((truth.negate(v[0]), v[1])))
            case e.Xor():
                return Finding(truth.exclusive(v[0], v[1]))
            case e.If():
                return Finding(v[1] if v[0] is TRUE else v[2] if v[0] is FALSE else _hull(v[1], v[2]))
            case e.Compare(operator):
                return Finding(_compared(operator, v[0], v[1]))
            case e.Between():
                return Finding(truth.conjoin((bounds.at_most(v[1], v[0]), bounds.at_most(v[0], v[2]))))
            case e.InInterval(low_closed=low_closed, high_closed=high_closed):
                above = (bounds.at_most if low_closed else bounds.less)(v[1], v[0])
                below = (bounds.at_most if high_closed else bounds.less)(v[0], v[2])
                return Finding(truth.conjoin((above, below)))
            case e.InSet(codes=codes):
                return Finding(member(v[0], codes))
            case e.Is(state=state, negated=negated):
                wanted = {"true": v[0] is TRUE, "false": v[0] is FALSE, "null": tables.is_unknown(v[0])}[state]
                return Finding(truth.truth_of(wanted is not negated))
            case e.Timing(kind=kind, inclusive=inclusive, unit=unit):
                first, last = calendar.window(kind, inclusive, v[1], unit, v[2])
                return Finding(truth.conjoin((bounds.at_most(first, v[0]), bounds.at_most(v[0], last))))
            case e.CountTrue():
                return Finding(Bounds(v.count(TRUE), len(v) - v.count(FALSE)))
            case e.Select(take=take, readings=readings, scale=scale, type=type):
                return tables.select(v[0], take, readings, scale if type.name in ORDERED else unknown(type))
            case e.DateOf(selection):
                return tables.date_of(v[0], selection.take, selection.readings)
            case e.Exists():
                return tables.exists(v[0])
            case e.Silence():
                empty = not (v[1].certain or v[1].possible or v[1].absences)
                silent = v[0] is UNKNOWN and empty
                return Finding(FALSE, reason="silence read as no") if silent else Finding(v[0])
            case e.Count():
                return tables.count(v[0])
            case e.CountDistinct(key=key, cap=cap):
                return tables.count_distinct(v[0], key, cap)
            case e.RowValues(field_name=field_name, function=function):
                return tables.over_rows(v[0], field_name, function)
            case e.Favoured(toward=toward):
                return Finding(toward if v[0] is UNKNOWN else v[0])
            case e.Negate():
                return Finding(bounds.opposite(v[0]))
            case e.Arithmetic(operator):
                return _calculated(operator, v[0], v[1])
            case e.Function(name):
                return _function(name, v)
            case e.Coalesce():
                return Finding(next((x for x in v if not tables.is_unknown(x)), v[-1]))
            case e.Convert(source=source, target=target):
                a, b = parse_unit(source), parse_unit(target)
                return Finding(Bounds(*(None if end is None else convert(end, a, b) for end in v[0])))
            case e.Shift(unit=unit, sign=sign):
                return Finding(calendar.shift(v[0], v[1] if sign > 0 else bounds.opposite(v[1]), unit))
            case e.DayOf():
                return Finding(calendar.day_of(v[0]))
            case e.Duration(unit):
                return Finding(calendar.duration(v[0], v[1], unit))
            case e.Age():
                return Finding(calendar.age(v[0], v[1]))
            case e.Contradicted(criterion, hard, soft):
                places = {*hard, *soft} if self.named[criterion] is UNKNOWN else set(hard)
                return Finding(TRUE if places & self.contradictions else FALSE)
            case e.Where() | e.Fires() | e.Retrieve():
                raise AssertionError(node.place)


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


def _calculated(operator: str, a: Bounds, b: Bounds) -> Finding:
    match operator:
        case "+":
            return Finding(bounds.add(a, b))
        case "-":
            return Finding(bounds.subtract(a, b))
        case "*":
            return Finding(bounds.multiply(a, b))
        case "/":
            return _or_open(bounds.divide(a, b), "divisor may be 0")
    return _or_open(bounds.power(a, b), "outside the domain")


def _function(name: str, v: list[Any]) -> Finding:
    match name:
        case "Ln":
            return _or_open(bounds.logarithm(v[0]), "outside the domain")
        case "Exp":
            return Finding(bounds.exponential(v[0]))
        case "Sqrt":
            return _or_open(bounds.square_root(v[0]), "outside the domain")
        case "Abs":
            return Finding(bounds.absolute(v[0]))
        case "Round":
            places = v[1] if len(v) > 1 else bounds.ZERO
            found = bounds.to_places(v[0], int(places.low)) if bounds.is_exact(places) else None
            return _or_open(found, "places not known")
        case "Min":
            return Finding(bounds.least(v))
        case "Max":
            return Finding(bounds.greatest(v))
        case "Sum":
            return Finding(bounds.total(v))
        case "Mean":
            return Finding(bounds.mean(v))
    agreed: Bounds | None = v[0]
    for other in v[1:]:
        agreed = None if agreed is None else bounds.intersect(agreed, other)
    if agreed is None:
        return Finding(OPEN, conflict=True, reason="the measurements contradict each other")
    return Finding(agreed)


def _or_open(found: Bounds | None, reason: str) -> Finding:
    return Finding(OPEN, reason=reason) if found is None else Finding(found)


def verify_trace(library: Library, subject: Subject, trace: Trace) -> None:
    """Accepts a trace in silence; raises VerificationError at the first step that does not follow."""
    if trace.library != library.name:
        raise VerificationError("the trace is of another library")
    walk = _Walk(library, subject.as_of(trace.as_of), trace.as_of, trace.steps)
    for name, expression in library.order:
        walk.named[name] = walk.follow(expression, "", {})
    if walk.next != len(trace.steps):
        walk.refuse(trace.steps[walk.next].place, "no node of the library stands behind it")
