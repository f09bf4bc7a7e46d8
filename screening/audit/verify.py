"""Accepts or refuses a trace, step by step, trusting no engine.

It walks the library beside the steps. Each leaf is held against the record, each node against the
values that the steps give for its parts, by one line of a table. The first step that does not
follow is named. It imports no interpreter.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from screening.errors import VerificationError
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type, unknown
from screening.outcome.trace import RowsFound, Step, Trace, rows_found
from screening.record import rows as tables
from screening.record import selection
from screening.record.rows import Finding, RowSet
from screening.record.subject import Evidence, SetAside, Subject
from screening.values import bounds, calendar, truth
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, membership, same
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

Rule: TypeAlias = "Callable[[_Walk, list[Any], Mapping[str, Evidence]], Any]"
Ordering: TypeAlias = Callable[[Bounds, Bounds], Truth]
Written: TypeAlias = tuple[Any, ...]


# One node, laid out in the order of the steps: its place; its rule, which takes the values of the node's parts off
# the end of a list and gives its own, or a Finding where facts, a reason or a contradiction may come with it; the
# steps that a plain truth would have, for a node outside queries; and, of a query, the lines of its condition,
# which are walked once for every row. A plain tuple, since there are hundreds of them to be read for each person.
Line: TypeAlias = "tuple[str, Rule, Mapping[Truth, Written] | None, e.Where | e.Fires | None, tuple[Line, ...]]"


def _lines(node: AnyNode, of_rows: bool = False) -> list[Line]:
    """A node with everything under it, parts before the whole."""
    place, rule = node.place, _rule(node)
    steps = None if of_rows else {found: (place, "", found, (), "", False) for found in Truth}
    if isinstance(node, e.Where | e.Fires):
        condition = tuple(_lines(node.condition, of_rows=True))
        return [*_lines(node.source, of_rows), (place, rule, steps, node, condition)]
    laid = [line for part in e.parts(node) for line in _lines(part, of_rows)]
    return [*laid, (place, rule, steps, None, ())]


class _Walk:
    """One pass over a library beside one record: the steps that have to stand in a trace of it."""

    def __init__(self, parameters: Mapping[str, Any], subject: Subject, as_of: datetime.date) -> None:
        self.subject, self.as_of = subject, as_of
        self.parameters = {**parameters, AS_OF: bounds.exactly(as_of)}
        self.named: dict[str, Any] = {}
        self.contradictions: set[str] = set()
        self.wanted: list[Written] = []

    def follow(self, lines: Sequence[Line], row: str, scope: Mapping[str, Evidence]) -> Any:
        """Writes one step after the other from the values of its parts; gives the last one's value."""
        values: list[Any] = []
        write, push = self.wanted.append, values.append
        for place, rule, steps, query, condition in lines:
            if query is not None:
                push(self.tried(query, values[-1], condition, row, scope))
            held = rule(self, values, scope)
            kind = type(held)
            if kind is Truth and steps is not None:
                write(steps[held])
            elif kind is RowSet:
                write((place, row, _shown(held), (), "", False))
            elif kind is Finding:
                held, facts, conflict, reason = held
                write((place, row, held, facts, reason, conflict))
                if conflict:
                    self.contradictions.add(place)
            else:
                write((place, row, held, (), "", False))
            push(held)
        return values[-1]

    def tried(
        self,
        query: e.Where | e.Fires,
        listed: RowSet,
        condition: Sequence[Line],
        row: str,
        scope: Mapping[str, Evidence],
    ) -> dict[str, Truth]:
        """What follows for a query's condition, row by row."""
        tried: Sequence[Evidence] = tables.alarming(listed)
        if isinstance(query, e.Where):
            tried = [*listed.certain, *listed.possible, *map(tables.as_row, listed.absences)]
            if listed.unlisted is not None:
                tried.append(listed.unlisted)
        alias, follow = query.alias, self.follow
        return {
            one.id: follow(condition, f"{row}/{one.id}" if row else one.id, {**scope, alias: one}) for one in tried
        }


def _fault(steps: Sequence[Step], wanted: Sequence[Written]) -> tuple[str, str]:
    """The first step that does not follow: its place, and why."""
    for step, other in zip(steps, wanted, strict=False):
        if step == other:
            continue
        if step[:2] != other[:2]:
            return other[0], "another step stands in its place"
        if step.value != other[2]:
            return other[0], "its value does not follow from its parts"
        return other[0], "its facts or its reason do not follow"
    if len(steps) < len(wanted):
        return wanted[len(steps)][0], "the step is missing"
    return steps[len(wanted)].place, "no node of the library stands behind it"


def _last(values: list[Any], count: int) -> list[Any]:
    """The last values, taken off the list."""
    start = len(values) - count
    taken = values[start:]
    del values[start:]
    return taken


def _rule(node: AnyNode) -> Rule:
    """The one line of the table that a node has to obey; it takes the values of its parts off the end of `v`."""
    match node:
        case e.Literal(value):
            return lambda w, v, s: value
        case e.Parameter(name):
            return lambda w, v, s: w.parameters[name]
        case e.Reference(name):
            return lambda w, v, s: w.named[name]
        case e.Field(alias, name, type):
            return _of_row(alias, name, unknown(type))
        case e.Retrieve(requirement):
            return lambda w, v, s: tables.retrieve(w.subject, requirement, w.as_of)
        case e.Where():
            return lambda w, v, s: tables.filtered(v.pop(-2), v.pop())
        case e.Fires():
            return lambda w, v, s: _fired(v.pop(-2), v.pop())
        case e.And(operands):
            n = len(operands)
            return lambda w, v, s: _settled(FALSE, _last(v, n), TRUE)
        case e.Or(operands):
            n = len(operands)
            return lambda w, v, s: _settled(TRUE, _last(v, n), FALSE)
        case e.Not():
            return lambda w, v, s: truth.negate(v.pop())
        case e.Implies():
            return lambda w, v, s: truth.disjoin((truth.negate(v.pop(-2)), v.pop()))
        case e.Xor():
            return lambda w, v, s: truth.exclusive(v.pop(-2), v.pop())
        case e.If():
            return lambda w, v, s: _branch(v.pop(-3), v.pop(-2), v.pop())
        case e.Compare(operator, left):
            compare = _comparison(operator, left.type)
            return lambda w, v, s: compare(v.pop(-2), v.pop())
        case e.Between():
            return lambda w, v, s: _between(v.pop(-3), v.pop(-2), v.pop())
        case e.InInterval(low_closed=low_closed, high_closed=high_closed):
            above = bounds.at_most if low_closed else bounds.less
            below = bounds.at_most if high_closed else bounds.less
            return lambda w, v, s: _inside(v.pop(-3), above, v.pop(-2), below, v.pop())
        case e.InSet(codes=codes):
            among = membership(codes)
            return lambda w, v, s: among(v.pop())
        case e.Is(state=state, negated=negated):
            return lambda w, v, s: truth.truth_of(_is(v.pop(), state) is not negated)
        case e.Timing(kind=kind, inclusive=inclusive, unit=unit):
            return lambda w, v, s: _between(v.pop(-3), *calendar.window(kind, inclusive, v.pop(-2), unit, v.pop()))
        case e.CountTrue(operands):
            n = len(operands)
            return lambda w, v, s: _holding(_last(v, n))
        case e.Select(take=take, readings=readings, scale=scale, type=type):
            empty = scale if type.name in ORDERED else unknown(type)
            return lambda w, v, s: selection.select(v.pop(), take, readings, empty)
        case e.DateOf(taken):
            return lambda w, v, s: selection.date_of(v.pop(), taken.take, taken.readings)
        case e.Exists():
            return lambda w, v, s: tables.exists(v.pop())
        case e.Silence():
            return lambda w, v, s: _silence(v.pop(-2), v.pop())
        case e.Count():
            return lambda w, v, s: tables.count(v.pop())
        case e.CountDistinct(key=key, cap=cap):
            return lambda w, v, s: tables.count_distinct(v.pop(), key, cap)
        case e.RowValues(field_name=field_name, function=function):
            return lambda w, v, s: tables.over_rows(v.pop(), field_name, function)
        case e.Favoured(toward=toward):
            return lambda w, v, s: toward if (found := v.pop()) is UNKNOWN else found
        case e.Negate():
            return lambda w, v, s: bounds.opposite(v.pop())
        case e.Arithmetic(operator):
            return lambda w, v, s: _calculated(operator, v.pop(-2), v.pop())
        case e.Function(name, operands):
            n = len(operands)
            return lambda w, v, s: _function(name, _last(v, n))
        case e.Coalesce(operands):
            n = len(operands)
            return lambda w, v, s: _first_known(_last(v, n))
        case e.Convert(source=source, target=target):
            a, b = parse_unit(source), parse_unit(target)
            return lambda w, v, s: Bounds(*(None if end is None else convert(end, a, b) for end in v.pop()))
        case e.Shift(unit=unit, sign=sign):
            signed = _same if sign > 0 else bounds.opposite
            return lambda w, v, s: calendar.shift(v.pop(-2), signed(v.pop()), unit)
        case e.DayOf():
            return lambda w, v, s: calendar.day_of(v.pop())
        case e.Duration(unit):
            return lambda w, v, s: calendar.duration(v.pop(-2), v.pop(), unit)
        case e.Age():
            return lambda w, v, s: calendar.age(v.pop(-2), v.pop())
        case e.Contradicted(criterion, hard, soft):
            always, while_open = frozenset(hard), frozenset((*hard, *soft))
            return lambda w, v, s: _clashing(w, while_open if w.named[criterion] is UNKNOWN else always)


def _clashing(walk: _Walk, places: frozenset[str]) -> Truth:
    return FALSE if walk.contradictions.isdisjoint(places) else TRUE


def _settled(by: Truth, parts: list[Truth], otherwise: Truth) -> Truth:
    return by if by in parts else UNKNOWN if UNKNOWN in parts else otherwise


def _fired(listed: RowSet, said: Mapping[str, Truth]) -> Finding:
    seen = tuple(id for id, found in said.items() if found is TRUE)
    return Finding(TRUE if seen else FALSE, seen)


def _between(x: Bounds, low: Bounds | None, high: Bounds | None) -> Truth:
    ends = [bounds.at_most(low, x)] if low is not None else []
    return truth.conjoin(ends + ([bounds.at_most(x, high)] if high is not None else []))


def _inside(x: Bounds, above: Ordering, low: Bounds, below: Ordering, high: Bounds) -> Truth:
    return truth.conjoin((above(low, x), below(x, high)))


def _is(value: Any, state: str) -> bool:
    if state == "null":
        return tables.is_unknown(value)
    return value is (TRUE if state == "true" else FALSE)


def _holding(parts: list[Truth]) -> Bounds:
    return Bounds(parts.count(TRUE), len(parts) - parts.count(FALSE))


def _first_known(parts: list[Any]) -> Any:
    return next((part for part in parts if not tables.is_unknown(part)), parts[-1])


def _same(amount: Bounds) -> Bounds:
    return amount


def _silence(said: Truth, listed: RowSet) -> Finding:
    if said is UNKNOWN and not (listed.certain or listed.possible or listed.absences):
        return Finding(FALSE, reason="silence read as no")
    return Finding(said)


def _shown(rows: RowSet) -> RowsFound:
    certain, possible, unlisted, absences, _, _ = rows
    return rows_found(
        (
            tuple([row.id for row in certain]) if certain else (),
            tuple([row.id for row in possible]) if possible else (),
            tuple([absence.id for absence in absences]) if absences else (),
            unlisted is not None,
        )
    )


def _of_row(alias: str, name: str, blank: Any) -> Rule:
    """A field of the row in scope; what is not recorded or was set aside is blank."""
    match name:
        case "date":
            return lambda w, v, s: s[alias].when
        case "code":
            return lambda w, v, s: s[alias].codes
        case "value":
            return lambda w, v, s: _usable(s[alias].value, blank)
    return lambda w, v, s: _usable(s[alias].fields.get(name), blank)


def _usable(found: Any, blank: Any) -> Any:
    return blank if found is None or found is UNKNOWN or isinstance(found, SetAside) else found


def _comparison(operator: str, type: Type) -> Callable[[Any, Any], Truth]:
    if type.name in ORDERED:
        return bounds.COMPARISONS[operator]
    alike = same if type.name in ("String", "Code") else lambda a, b: truth.negate(truth.exclusive(a, b))
    return alike if operator == "=" else lambda a, b: truth.negate(alike(a, b))


def _branch(condition: Truth, a: Any, b: Any) -> Any:
    """`if`: the branch that its condition names, what both have in common while it is open."""
    if condition is not UNKNOWN:
        return a if condition is TRUE else b
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
        self.parameters = {parameter.name: parameter.value for parameter in library.parameters}
        self.lines = [(name, tuple(_lines(expression))) for name, expression in library.order]

    def verify(self, subject: Subject, trace: Trace) -> None:
        """Accepts a trace in silence; raises VerificationError at the first step that does not follow."""
        if trace.library != self.library.name:
            raise VerificationError("the trace is of another library")
        walk = _Walk(self.parameters, subject.as_of(trace.as_of), trace.as_of)
        for name, lines in self.lines:
            walk.named[name] = walk.follow(lines, "", {})
        steps = tuple(trace.steps)
        if steps != tuple(walk.wanted):
            place, why = _fault(steps, walk.wanted)
            raise VerificationError(f"the trace does not hold at {place}: {why}")


def verify_trace(library: Library, subject: Subject, trace: Trace) -> None:
    """`Verifier(library).verify(...)` for one trace."""
    Verifier(library).verify(subject, trace)
