"""Every node of the language as Python text: what it is worth; of a statement, when it is met and when it is not.

One `match` for statements, one for values, one for what is read off rows. What may find a contradiction is always
written as a line of its own, so that no condition that is settled early can pass it by.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable

from screening.errors import UnsupportedError
from screening.interpreters.compiled_page import Page, Rails, every, joined, some
from screening.interpreters.compiled_query import Queries, blank_of, every_node, is_truth, is_worded
from screening.interpreters.compiled_rows import unlisted
from screening.interpreters.compiled_table import FUNCTIONS, Among
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type
from screening.values import bounds
from screening.values.coding import Code
from screening.values.quantity import parse_unit
from screening.values.truth import FALSE, TRUE

_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}


class Text(Queries):
    """Writes the names of a library that are wanted; `day` None leaves the as-of date to the caller."""

    def __init__(self, library: Library, wanted: Iterable[str], day: datetime.date | None) -> None:
        page = Page()
        for name, function in FUNCTIONS.items():
            page.bind(name, function)
        if day is None:
            self.today, missing = page.let("exactly(day)", ("day",)), page.let("unlisted(day)", ("day",))
        else:
            page.write(0, f"day = {page.constant(day)}")
            self.today, missing = page.constant(bounds.exactly(day)), page.constant(unlisted(day))
        super().__init__(page, missing)
        self.parameters = {p.name: p.value for p in library.parameters if p.name != AS_OF}
        self.entries: dict[str, str] = {}
        self.tables: dict[tuple[Code, ...], str] = {}
        expressions = dict(library.order)
        order = _reached(expressions, wanted)
        self.often = Counter(part for name in order for part in every_node(expressions[name]))
        self.inside: dict[int, Rails] = {}
        self.gather(expressions[name] for name in order)
        for name in order:
            self.enter(name, expressions[name])

    def enter(self, name: str, expression: Expression) -> None:
        """Writes what one name is worth."""
        self.entries[name] = self.value(expression)

    def value(self, node: Expression) -> str:
        """The name of what a node is worth."""
        found: str | None = self.known(node)
        if found is None:
            if is_truth(node.type) and (sides := self._sides(node)) is not None:
                found = self.page.truth(sides, self.least(node))
            else:
                found = self._value(node)
            self.keep(node, found, self.page.level((found,)))
        return found

    def rails(self, node: Expression) -> Rails:
        """The two conditions of a statement; one that is long, or asked for elsewhere too, gets a name first."""
        if self.often[node] < 2 and not self.is_loud(node):
            if not self.page.here and id(node) in self.inside:
                return self.inside[id(node)]
            found = self._sides(node)
            if found is not None and not found.is_wide:
                if not self.page.here:
                    self.inside[id(node)] = found
                return found
        return self.page.sides(self.value(node))

    def _let(self, node: AnyNode, text: str, *reads: str) -> str:
        return self.page.let(text, reads, self.least(node))

    # ---------------------------------------------------------------------------------- statements

    def _sides(self, node: Expression) -> Rails | None:
        """A statement as two conditions; None for what has to be worked out as a value first."""
        page = self.page
        match node:
            case e.Literal(value):
                return Rails(str(value is TRUE), str(value is FALSE))
            case e.And(operands):
                each = [self.rails(operand) for operand in operands]
                return joined(each, every, some)
            case e.Or(operands):
                each = [self.rails(operand) for operand in operands if not isinstance(operand, e.Contradicted)]
                clashes = [operand for operand in operands if isinstance(operand, e.Contradicted)]
                if clashes:
                    each.append(self._contradicted(clashes))
                return joined(each, some, every)
            case e.Not(operand):
                return self.rails(operand).turned()
            case e.Implies(left, right):
                return joined([self.rails(left).turned(), self.rails(right)], some, every)
            case e.Xor(left, right):
                a, b = self.value(left), self.value(right)
                known = f"{a} is not UNKNOWN and {b} is not UNKNOWN"
                return Rails(f"({known} and {a} is not {b})", f"({known} and {a} is {b})", (a, b))
            case e.If(condition, then, otherwise):
                c, one, other = (page.sides(self.value(part)) for part in (condition, then, otherwise))
                met, unmet = (
                    some([every([c.met, x]), every([c.unmet, y]), every([x, y])])
                    for x, y in ((one.met, other.met), (one.unmet, other.unmet))
                )
                return Rails(met, unmet, (*c.reads, *one.reads, *other.reads))
            case e.Favoured(operand, toward):
                inner = self.rails(operand)
                if toward is TRUE:
                    return Rails(f"not {inner.unmet}", inner.unmet, inner.reads)
                return Rails(inner.met, f"not {inner.met}", inner.reads)
            case e.Is(operand, state, negated):
                said = self._is(self.value(operand), state, operand.type)
                return said.turned() if negated else said
            case e.Compare(operator, left, right):
                return self._compared(operator, left, right)
            case e.InSet(operand, _, codes):
                return self._among(operand, codes)
            case e.Between(operand, low, high):
                return self._inside(self.value(operand), self.value(low), self.value(high))
            case e.InInterval(operand, low, high, low_closed, high_closed):
                x = self.value(operand)
                return self._inside(x, self.value(low), self.value(high), low_closed, high_closed)
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                x, n, day = self.value(operand), self.value(amount), self.value(reference)
                around = self._let(node, f"window({kind!r}, {inclusive}, {n}, {unit!r}, {day})", n, day)
                first = None if kind == "or more before" else self._part(around, 0)
                last = None if kind == "or more after" else self._part(around, 1)
                return self._inside(x, first, last)
            case e.Contradicted():
                return self._contradicted([node])
        return None

    def _part(self, pair: str, which: int) -> str:
        return self.page.let(f"{pair}[{which}]", (pair,), 0)

    def _compared(self, operator: str, left: Expression, right: Expression) -> Rails:
        page = self.page
        if operator == "!=":
            return self._compared("=", left, right).turned()
        if left.type.name in ORDERED:
            a, b = self.value(left), self.value(right)
            if operator == "=":
                return page.equal(a, b)
            if operator in (">", ">="):
                a, b = b, a
            return page.less(a, b, equal=operator in ("<=", ">="))
        if is_worded(left.type):
            if isinstance(right, e.Literal) and right.value:
                return self._among(left, right.value)  # type: ignore[arg-type]
            a, b = self.value(left), self.value(right)
            return page.sides(page.let(f"same({a}, {b})", (a, b)))
        a, b = self.value(left), self.value(right)
        known = f"{a} is not UNKNOWN and {b} is not UNKNOWN"
        return Rails(f"({known} and {a} is {b})", f"({known} and {a} is not {b})", (a, b))

    def _among(self, operand: Expression, codes: tuple[Code, ...]) -> Rails:
        page = self.page
        if isinstance(operand, e.Field) and operand.name not in ("date", "code", "value"):
            # A table of answers takes what stands in a field as it is.
            row = self.aliases[operand.alias].row
            asked = self.named(operand.alias, f"{self.fields(operand.alias)}.get({operand.name!r})")
        else:
            asked, row = self.value(operand), ""
        if codes not in self.tables:
            self.tables[codes] = page.bind(page.new("among"), Among(codes))
        table = self.tables[codes]
        found = page.let(f"{table}[{asked}]", (asked, *([row] if row else [])))
        return page.sides(found)

    def _inside(
        self, x: str, low: str | None, high: str | None, low_closed: bool = True, high_closed: bool = True
    ) -> Rails:
        """Between two others; None is no end on that side."""
        sides = [] if low is None else [self.page.less(low, x, low_closed)]
        sides += [] if high is None else [self.page.less(x, high, high_closed)]
        return joined(sides, every, some)

    def _is(self, x: str, state: str, type: Type) -> Rails:
        if state != "null":
            met = f"{x} is {'TRUE' if state == 'true' else 'FALSE'}"
        elif is_truth(type):
            met = f"{x} is UNKNOWN"
        else:
            met = f"{x} == ()" if is_worded(type) else f"{x} == OPEN"
        met = str(eval(met, self.page.names)) if x in self.page.constants else met
        return Rails(met, {"True": "False", "False": "True"}.get(met, f"not {met}"), (x,))

    def _contradicted(self, nodes: list[e.Contradicted]) -> Rails:
        """Whether evidence of any of several criteria contradicts itself; mostly nothing does."""
        met = [self.clash(node) for node in nodes]
        found = self.page.let(f"TRUE if conflicts and {some(met)} else FALSE", ("conflicts",))
        return self.page.sides(found)

    def clash(self, node: e.Contradicted) -> str:
        """The condition that evidence of one criterion contradicts itself."""
        hard, soft = ([self.same_place.get(p, p) for p in places] for places in (node.hard, node.soft))
        always, while_open = (self.page.constant(frozenset(each)) for each in (hard, (*hard, *soft)))
        truth = self.entries[node.criterion]
        places = always if not soft else f"({while_open} if {truth} is UNKNOWN else {always})"
        return f"not {places}.isdisjoint(conflicts)"

    # -------------------------------------------------------------------------------------- values

    def _value(self, node: Expression) -> str:
        """What is no statement of two conditions, as the name of its value."""
        page = self.page
        match node:
            case e.Literal(value):
                return page.constant(value)
            case e.Parameter(name):
                return self.today if name == AS_OF else page.constant(self.parameters[name])
            case e.Reference(name):
                return self.entries[name]
            case e.Field():
                return self.field(node)
            case e.If(condition, then, otherwise, type):
                c, a, b = self.rails(condition), self.value(then), self.value(otherwise)
                both = f"({a} if {a} == {b} else NOT_CODED)" if is_worded(type) else f"hull({a}, {b})"
                return self._let(node, f"{a} if {c.met} else {b} if {c.unmet} else {both}", "", *c.reads, a, b)
            case e.Coalesce(operands, type):
                each = [self.value(operand) for operand in operands]
                known = [f"{one} if {self._is(one, 'null', type).unmet} else " for one in each[:-1]]
                return self._let(node, "".join(known) + each[-1], *each)
            case e.CountTrue(operands):
                return self._called(node, "holding", operands)
            case e.Negate(operand):
                return self._called(node, "opposite", (operand,), spread=True)
            case e.Arithmetic(operator, left, right):
                return self._called(
                    node, _ARITHMETIC[operator], (left, right), spread=True, opened=operator in "/^"
                )
            case e.Function("Round", operands):
                return self._called(node, "rounded", operands, spread=True)
            case e.Function("Agree", operands):
                each = [self.value(operand) for operand in operands]
                return self._let(node, f"agreed(({', '.join(each)},), conflicts, {node.place!r})", "", *each)
            case e.Function(name, operands) if name in ("Ln", "Exp", "Sqrt", "Abs"):
                return self._called(node, name, operands, spread=True, opened=True)
            case e.Function(name, operands):
                return self._called(node, name, operands)
            case e.Convert(operand, source, target):
                amount = self.value(operand)
                old, new = (page.bind(page.new("unit"), parse_unit(unit)) for unit in (source, target))
                return self._let(node, f"converted({amount}, {old}, {new})", amount)
            case e.Shift(operand, amount, unit, sign):
                day, n = self.value(operand), self.value(amount)
                n = n if sign > 0 else self._let(node, f"opposite({n})", n)
                return self._let(node, f"shift({day}, {n}, {unit!r})", day, n)
            case e.DayOf(operand):
                return self._called(node, "day_of", (operand,), spread=True)
            case e.Duration(unit, left, right):
                a, b = self.value(left), self.value(right)
                return self._let(node, f"duration({a}, {b}, {unit!r})", a, b)
            case e.Age(born, on):
                return self._called(node, "age", (born, on), spread=True)
        return self._of_rows(node)

    def _called(
        self, node: AnyNode, name: str, operands: Iterable[Expression], spread: bool = False, opened: bool = False
    ) -> str:
        """A function of the operands, or of all of them as one; what has no value is open."""
        each = [self.value(operand) for operand in operands]
        given = ", ".join(each)
        call = f"{name}({given})" if spread else f"{name}(({given},))"
        return self._let(node, f"{call} or OPEN" if opened else call, *each)

    def _of_rows(self, node: Expression) -> str:
        """What is read off a list of rows."""
        page = self.page
        match node:
            case e.Select(e.Retrieve(requirement), take, 1) if take != "mean of latest day":
                return self.taken(node, requirement)
            case e.Select(source, take, readings):
                found, blank = self.rows(source), page.constant(blank_of(node))
                call = f"selected({found.sure}, {found.maybe}, {take!r}, {readings}, {blank}, "
                return self._let(node, f"{call}conflicts, {node.place!r})", *found)
            case e.DateOf(selection):
                found = self.rows(selection.source)
                call = f"dated({found.sure}, {found.maybe}, {selection.take!r}, {selection.readings})"
                return self._let(node, call, *found)
            case e.Exists(source):
                return self._told(node, "existence", source)
            case e.Count(source):
                return self._told(node, "number", source, few=True)
            case e.CountDistinct(source, key, cap):
                return self._told(node, "different", source, f", {key!r}, {cap}", few=True)
            case e.RowValues(source, name, function):
                return self._told(node, "worked_out", source, f", {name!r}, {function!r}")
            case e.Silence(operand, source):
                truth, found = self.value(operand), self.rows(source)
                silent = f"not ({found.sure} or {found.maybe} or {found.denials})"
                return self._let(node, f"FALSE if {truth} is UNKNOWN and {silent} else {truth}", truth, *found)
            case e.Fires(source, alias, condition):
                return self.fires(node, source, alias, condition)
        raise UnsupportedError(f"the compiled interpreter does not speak the node at {node.place}")

    def _told(self, node: Expression, table: str, source: e.Rows, more: str = "", few: bool = False) -> str:
        """What a table says of a list; no row and one row of a closed list are counted in place."""
        found = self.rows(source)
        call = f"{table}({', '.join(found)}, conflicts, {node.place!r}{more})"
        if few:
            plain = f"{found.lacks} is None and not ({found.maybe} or {found.denials})"
            call = f"FEW[len({found.sure})] if {plain} and len({found.sure}) < 2 else {call}"
        return self._let(node, call, *found)


def _reached(expressions: dict[str, Expression], wanted: Iterable[str]) -> list[str]:
    """The names that are wanted and all that these ask for, in the order of the library."""
    waiting, reached = list(wanted), set[str]()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for part in every_node(expressions[name]):
            if isinstance(part, e.Reference):
                waiting.append(part.name)
            elif isinstance(part, e.Contradicted):
                waiting.append(part.criterion)
    return [name for name in expressions if name in reached]
