"""What chaining needs decided first: values, rows and comparisons, each node compiled once to a closure.

A closure takes the run and the rows in scope, leaves its step and gives its value. All that follows from
the tree alone is settled while compiling: which table a node obeys, which row a field means, what a
constant looks like in the trace. Truths have their tables here a second time, comparisons too; numbers
and days are shared with the law, and so are the codes.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any, TypeAlias

from screening.errors import UnsupportedError
from screening.interpreters import gather, selection
from screening.interpreters.gather import Ghost, Listing, Row, Said
from screening.interpreters.table import (
    ARITHMETIC,
    BOTH,
    COMPARE,
    NOT,
    OF_MANY,
    OF_ONE,
    STATES,
    XOR,
    alike,
    at_most,
    hull,
    is_truth,
    less,
    settled,
    told,
)
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, unknown
from screening.outcome.trace import Step, rows_found, written
from screening.record.subject import Absence, Subject
from screening.values import bounds, calendar
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import membership
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

Scope: TypeAlias = tuple[Row, ...]
Leaf: TypeAlias = Callable[["Run", Scope], Any]
Depths: TypeAlias = dict[str, int]  # where in the scope the row of an alias stands


class Run:
    """One person on one day: what was found so far, by name, and the steps taken."""

    __slots__ = ("conflicts", "missing", "note", "path", "steps", "subject", "today", "values")

    def __init__(self, subject: Subject, as_of: datetime.date) -> None:
        self.subject = subject.as_of(as_of)
        self.today = bounds.exactly(as_of)
        self.missing = gather.missing_until(as_of)
        self.values: dict[str, Any] = {}
        self.conflicts: set[str] = set()
        self.steps: list[Step] = []
        self.note = self.steps.append
        self.path = ""


# -------------------------------------------------------------------------------------- steps


def _valued(place: str, value: Callable[[Run, Scope], Any], one_truth: bool = False) -> Leaf:
    """A node that rests on its parts alone; for one truth of a person there are three steps, made beforehand."""
    truths = {truth: Step(place, "", truth) for truth in Truth}

    def truly(run: Run, scope: Scope) -> Any:
        found = value(run, scope)
        run.note(truths[found])
        return found

    def leaf(run: Run, scope: Scope) -> Any:
        found = value(run, scope)
        run.note(written((place, run.path, found, (), "", False)))
        return found

    return truly if one_truth else leaf


def _stated(place: str, say: Callable[[Run, Scope], Said]) -> Leaf:
    """A node that has facts, a reason or a contradiction to show."""

    def leaf(run: Run, scope: Scope) -> Any:
        value, facts, reason, conflict = say(run, scope)
        run.note(written((place, run.path, value, facts, reason, conflict)))
        if conflict:
            run.conflicts.add(place)
        return value

    return leaf


def _constant(place: str, value: Any, depths: Depths) -> Leaf:
    step = Step(place, "", value)

    def leaf(run: Run, scope: Scope) -> Any:
        run.note(written((place, run.path, value, (), "", False)) if depths else step)
        return value

    return leaf


def _listed(place: str, rows: Callable[[Run, Scope], Listing]) -> Leaf:
    """A node that is worth rows; its step names them."""

    def leaf(run: Run, scope: Scope) -> Listing:
        found = rows(run, scope)
        sure, maybe, denials, missing, _, _ = found
        ids = [gather.ids(rows) if rows else () for rows in (sure, maybe, denials)]
        run.note(written((place, run.path, rows_found((*ids, missing is not None)), (), "", False)))
        return found

    return leaf


def _or_open(found: Bounds | None, reason: str) -> Said:
    return Said(OPEN, (), reason) if found is None else Said(found)


# ------------------------------------------------------------------------------------ queries


def _trying(run: Run, scope: Scope, condition: Leaf) -> Callable[[Row | Absence], Truth]:
    """Tries a condition on one row after the other, each step under the row's id."""
    lead = f"{run.path}/" if run.path else ""

    def tried(row: Row | Absence) -> Truth:
        if isinstance(row, Absence):
            # The days that a denial surely speaks of, as a row: all up to its own.
            row = Ghost(row.id, Bounds(None, row.when.low))
        outer, run.path = run.path, lead + row.id
        truth: Truth = condition(run, (*scope, row))
        run.path = outer
        return truth

    return tried


def _where(source: Leaf, condition: Leaf) -> Callable[[Run, Scope], Listing]:
    def where(run: Run, scope: Scope) -> Listing:
        sure, maybe, denials, missing, concepts, basis = source(run, scope)
        tried = _trying(run, scope, condition)
        truths = [tried(row) for row in sure]
        doubtful = [row for row, truth in zip(sure, truths, strict=True) if truth is UNKNOWN]
        doubtful += [row for row in maybe if tried(row) is not FALSE]
        return Listing(
            tuple([row for row, truth in zip(sure, truths, strict=True) if truth is TRUE]),
            tuple(doubtful),
            tuple([denial for denial in denials if tried(denial) is not FALSE]),
            missing if missing is not None and tried(missing) is not FALSE else None,
            concepts,
            basis,
        )

    return where


def _fires(source: Leaf, condition: Leaf) -> Callable[[Run, Scope], Said]:
    def fires(run: Run, scope: Scope) -> Said:
        found: Listing = source(run, scope)
        tried = _trying(run, scope, condition)
        # Doubtful rows that are coded as something else alarm nobody.
        heard = [row for row in found.maybe if row.concepts or not (found.concepts and row.codes)]
        seen = tuple([row.id for row in (*found.sure, *heard) if tried(row) is TRUE])
        return Said(told(bool(seen)), seen)

    return fires


# -------------------------------------------------------------------------------- compilation


class Leaves:
    """Compiles the nodes of one library."""

    def __init__(self, library: Library) -> None:
        self._parameters = {p.name: p.value for p in library.parameters if p.name != AS_OF}

    def leaf(self, node: AnyNode, depths: Depths | None = None) -> Leaf:
        """A node as a closure; `depths` says which row of the scope each alias means."""
        depths = depths or {}
        place = node.place
        parts = self._parts(node, depths)
        match node:
            case e.Literal(value):
                return _constant(place, value, depths)
            case e.Parameter(name) if name == AS_OF:
                return _valued(place, lambda run, scope: run.today)
            case e.Parameter(name):
                return _constant(place, self._parameters[name], depths)
            case e.Reference(name):
                return _valued(place, lambda run, scope: run.values[name], not depths and is_truth(node.type))
            case e.Field(alias, name, type):
                at, blank = depths[alias], unknown(type)
                return _valued(place, lambda run, scope: gather.field(scope[at], name, blank))
            case e.Retrieve(requirement):
                return _listed(place, lambda run, scope: gather.listing(run.subject, requirement, run.missing))
            case e.Where():
                return _listed(place, _where(*parts))
            case e.Fires():
                return _stated(place, _fires(*parts))
            case e.Contradicted(criterion, hard, soft):
                always, while_open = frozenset(hard), frozenset(hard + soft)

                def contradicted(run: Run, scope: Scope) -> Truth:
                    places = while_open if run.values[criterion] is UNKNOWN else always
                    return told(not places.isdisjoint(run.conflicts))

                return _valued(place, contradicted, not depths)
        found = _over_rows(node, parts) or _spoken(node, parts)
        if found is not None:
            return _stated(place, found)
        if (truth := _truth(node, parts)) is not None:
            return _valued(place, truth, not depths)
        if (worth := _value(node, parts)) is not None:
            return _valued(place, worth)
        raise UnsupportedError(f"the chaining interpreter does not speak the node at {place}")

    def _parts(self, node: AnyNode, depths: Depths) -> tuple[Leaf, ...]:
        """The parts of a node as closures, in the order in which they are evaluated."""
        if isinstance(node, e.Where | e.Fires):
            inside = {**depths, node.alias: max(depths.values(), default=-1) + 1}
            return self.leaf(node.source, depths), self.leaf(node.condition, inside)
        return tuple(self.leaf(part, depths) for part in e.parts(node))


def _over_rows(node: AnyNode, parts: tuple[Leaf, ...]) -> Callable[[Run, Scope], Said] | None:
    """A node that is read off rows alone."""
    table: Callable[[Listing], Said]
    match node:
        case e.Select(_, take, readings, scale, type):
            table = selection.selection(take, readings, scale if type.name in ORDERED else unknown(type))
        case e.DateOf(taken):
            table = selection.dating(taken.take, taken.readings)
        case e.Exists():
            table = gather.existence
        case e.Count():
            table = gather.count
        case e.CountDistinct(_, key, cap):
            table = gather.count_distinct(key, cap)
        case e.RowValues(_, field_name, function):
            table = gather.over(field_name, function)
        case _:
            return None
    (source,) = parts
    return lambda run, scope: table(source(run, scope))


def _spoken(node: AnyNode, parts: tuple[Leaf, ...]) -> Callable[[Run, Scope], Said] | None:
    """A node that may have a reason of its own to be open, or to be FALSE."""
    match node:
        case e.Silence():
            operand, source = parts

            def silence(run: Run, scope: Scope) -> Said:
                truth, found = operand(run, scope), source(run, scope)
                if truth is UNKNOWN and not (found.sure or found.maybe or found.denials):
                    return Said(FALSE, (), "silence read as no")
                return Said(truth)

            return silence
        case e.Arithmetic(name):
            left, right = parts
            work_out = ARITHMETIC[name]
            why = "divisor may be 0" if name == "/" else "outside the domain"
            return lambda run, scope: _or_open(work_out(left(run, scope), right(run, scope)), why)
        case e.Function(name) if name in OF_ONE:
            (only,) = parts
            table = OF_ONE[name]
            return lambda run, scope: _or_open(table(only(run, scope)), "outside the domain")
        case e.Function("Round"):

            def round_to(run: Run, scope: Scope) -> Said:
                number, *places = [part(run, scope) for part in parts]
                low, high = places[0] if places else bounds.ZERO
                known = low is not None and low == high
                return _or_open(bounds.to_places(number, int(low)) if known else None, "places not known")

            return round_to
        case e.Function("Agree"):

            def agree(run: Run, scope: Scope) -> Said:
                items = [part(run, scope) for part in parts]
                lows = [item.low for item in items if item.low is not None]
                highs = [item.high for item in items if item.high is not None]
                low, high = max(lows, default=None), min(highs, default=None)
                if low is not None and high is not None and low > high:
                    return Said(OPEN, (), "the measurements contradict each other", True)
                return Said(Bounds(low, high))

            return agree
    return None


def _truth(node: AnyNode, parts: tuple[Leaf, ...]) -> Callable[[Run, Scope], Any] | None:
    """A statement inside a leaf: in a condition over rows, under `if`, in a count of parts."""
    match node, parts:
        case ((e.And() | e.Or()), _):
            connect = settled(FALSE, TRUE) if isinstance(node, e.And) else settled(TRUE, FALSE)
            return lambda run, scope: connect([part(run, scope) for part in parts])
        case e.Not(), (a,):
            return lambda run, scope: NOT[a(run, scope)]
        case e.Xor(), (a, b):
            return lambda run, scope: XOR[a(run, scope), b(run, scope)]
        case e.Implies(), (a, b):
            return lambda run, scope: NOT[BOTH[a(run, scope), NOT[b(run, scope)]]]
        case e.Favoured(_, toward), (a,):
            return lambda run, scope: toward if (truth := a(run, scope)) is UNKNOWN else truth
        case e.Is(_, state, negated), (a,):
            is_so = STATES[state]
            return lambda run, scope: told(is_so(a(run, scope)) is not negated)
        case e.Compare(name, left), (a, b):
            compare = COMPARE[name] if left.type.name in ORDERED else alike(name, left.type)
            return lambda run, scope: compare(a(run, scope), b(run, scope))
        case e.InSet(codes=codes), (a,):
            among = membership(codes)
            return lambda run, scope: among(a(run, scope))
        case ((e.Between() | e.InInterval()), (a, b, c)):
            closed = (True, True) if isinstance(node, e.Between) else (node.low_closed, node.high_closed)
            above, below = (at_most if each else less for each in closed)

            def between(run: Run, scope: Scope) -> Truth:
                x, low, high = a(run, scope), b(run, scope), c(run, scope)
                return BOTH[above(low, x), below(x, high)]

            return between
        case e.Timing(kind=kind, inclusive=inclusive, unit=unit), (a, b, c):

            def timing(run: Run, scope: Scope) -> Truth:
                day, amount, reference = a(run, scope), b(run, scope), c(run, scope)
                first, last = calendar.window(kind, inclusive, amount, unit, reference)
                above = TRUE if first is None else at_most(first, day)
                return BOTH[above, TRUE if last is None else at_most(day, last)]

            return timing
    return None


def _value(node: AnyNode, parts: tuple[Leaf, ...]) -> Callable[[Run, Scope], Any] | None:
    """A number, a day, a word or a code that is worked out from its parts."""
    match node, parts:
        case e.If(type=type), (condition, then, otherwise):
            agreed = hull(type)

            def choose(run: Run, scope: Scope) -> Any:
                truth, a, b = condition(run, scope), then(run, scope), otherwise(run, scope)
                return a if truth is TRUE else b if truth is FALSE else agreed(a, b)

            return choose
        case e.CountTrue(), _:

            def count(run: Run, scope: Scope) -> Bounds:
                truths = [part(run, scope) for part in parts]
                return Bounds(truths.count(TRUE), len(truths) - truths.count(FALSE))

            return count
        case e.Function(name), _ if name in OF_MANY:
            table = OF_MANY[name]
            return lambda run, scope: table([part(run, scope) for part in parts])
        case e.Coalesce(), _:

            def coalesce(run: Run, scope: Scope) -> Any:
                values = [part(run, scope) for part in parts]
                known = [value for value in values if not selection.is_blank(value)]
                return known[0] if known else values[-1]

            return coalesce
        case e.Negate(), (a,):
            return lambda run, scope: bounds.opposite(a(run, scope))
        case e.Convert(_, source, target), (a,):
            one, other = parse_unit(source), parse_unit(target)

            def converted(run: Run, scope: Scope) -> Bounds:
                low, high = a(run, scope)
                return Bounds(
                    None if low is None else convert(low, one, other),
                    None if high is None else convert(high, one, other),
                )

            return converted
        case e.Shift(unit=unit, sign=sign), (a, b):
            if sign > 0:
                return lambda run, scope: calendar.shift(a(run, scope), b(run, scope), unit)
            return lambda run, scope: calendar.shift(a(run, scope), bounds.opposite(b(run, scope)), unit)
        case e.DayOf(), (a,):
            return lambda run, scope: calendar.day_of(a(run, scope))
        case e.Duration(unit), (a, b):
            return lambda run, scope: calendar.duration(a(run, scope), b(run, scope), unit)
        case e.Age(), (a, b):
            return lambda run, scope: calendar.age(a(run, scope), b(run, scope))
    return None
