"""Every node of the language as Python text: what it is worth, and of a statement when it is met and when it is not.

One `match` for values, one for statements, one for lists of rows. What may find a contradiction is always written as
a statement of its own, so that no condition that is settled early can pass it by.
"""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from screening.errors import UnsupportedError
from screening.interpreters import compiled_rows, compiled_selection, compiled_table
from screening.interpreters.compiled_page import Page, Rails, every, some
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import AS_OF, Library
from screening.language.types import ORDERED, Type, unknown
from screening.values import bounds, calendar
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, same
from screening.values.quantity import parse_unit
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_FUNCTIONS: dict[str, Any] = {
    "listed": compiled_rows.listed,
    "unlisted": compiled_rows.unlisted,
    "others": compiled_rows.others,
    "taken_apart": compiled_rows.taken_apart,
    "existence": compiled_rows.existence,
    "number": compiled_rows.number,
    "different": compiled_rows.different,
    "worked_out": compiled_rows.worked_out,
    "alarming": compiled_rows.alarming,
    "selected": compiled_selection.selected,
    "taken": compiled_selection.taken,
    "dated": compiled_selection.dated,
    "on_scale": compiled_selection.on_scale,
    "agreed": compiled_table.agreed,
    "holding": compiled_table.holding,
    "rounded": compiled_table.rounded,
    "converted": compiled_table.converted,
    "hull": bounds.hull,
    "exactly": bounds.exactly,
    "opposite": bounds.opposite,
    "add": bounds.add,
    "subtract": bounds.subtract,
    "multiply": bounds.multiply,
    "divide": bounds.divide,
    "power": bounds.power,
    "Ln": bounds.logarithm,
    "Exp": bounds.exponential,
    "Sqrt": bounds.square_root,
    "Abs": bounds.absolute,
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
    "same": same,
    "window": calendar.window,
    "shift": calendar.shift,
    "day_of": calendar.day_of,
    "duration": calendar.duration,
    "age": calendar.age,
    "Bounds": Bounds,
    "Truth": Truth,
}
_ARITHMETIC = {"+": "add", "-": "subtract", "*": "multiply", "/": "divide", "^": "power"}
_CLASSES = {"String": "tuple", "Code": "tuple"}
_LOUD = (e.Select, e.Exists, e.Count, e.CountDistinct, e.RowValues, e.Contradicted)


class Listed(NamedTuple):
    """The names of the five parts of a list: see `compiled_rows`."""

    sure: str
    maybe: str
    denials: str
    lacks: str
    concepts: str


class _Alias(NamedTuple):
    row: str
    level: int


def _every_node(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from _every_node(part)


def _is_truth(type: Type) -> bool:
    return type.name in ("Boolean", "Judgement")


def _is_worded(type: Type) -> bool:
    return type.name in ("String", "Code")


class Text:
    """Writes the names of a library that are wanted; `day` None leaves the as-of date to the caller."""

    def __init__(self, library: Library, wanted: Iterable[str], day: datetime.date | None) -> None:
        self.page = Page()
        for name, function in _FUNCTIONS.items():
            self.page.bind(name, function)
        self.parameters = {p.name: p.value for p in library.parameters if p.name != AS_OF}
        self.loud: dict[int, bool] = {}
        self.aliases: dict[str, _Alias] = {}
        self.same_place: dict[str, str] = {}
        self.seen: list[dict[AnyNode, tuple[Any, AnyNode]]] = [{}]
        self.entries: dict[str, str] = {}
        self.today, self.unlisted = self._day(day)
        expressions = dict(library.order)
        order = _reached(expressions, wanted)
        self.often = Counter(part for name in order for part in _every_node(expressions[name]))
        for name in order:
            self.entries[name] = self.value(expressions[name])

    def _day(self, day: datetime.date | None) -> tuple[str, str]:
        page = self.page
        if day is not None:
            page.write(0, f"day = {page.constant(day)}")
            return page.constant(bounds.exactly(day)), page.constant(compiled_rows.unlisted(day))
        return page.let("exactly(day)", ("day",)), page.let("unlisted(day)", ("day",))

    # ---------------------------------------------------------------------- what was written before

    def is_loud(self, node: AnyNode) -> bool:
        """Whether a contradiction may be found in a node."""
        found = self.loud.get(id(node))
        if found is None:
            found = isinstance(node, _LOUD) or (isinstance(node, e.Function) and node.name == "Agree")
            found = found or any(self.is_loud(part) for part in parts(node))
            self.loud[id(node)] = found
        return found

    def _known(self, node: AnyNode) -> Any:
        """What was written of an equal node; None if there was none, or if it has to be found anew for each row."""
        if self.page.here and self.is_loud(node):
            return None
        for seen in reversed(self.seen):
            if node in seen:
                found, first = seen[node]
                if first is not node and self.is_loud(node):
                    # A contradiction in one of them is one in both.
                    for here, there in zip(_every_node(node), _every_node(first), strict=True):
                        self.same_place[here.place] = self.same_place.get(there.place, there.place)
                return found
        return None

    def _keep(self, node: AnyNode, found: Any, level: int) -> None:
        late = isinstance(node, e.Contradicted) or any(isinstance(p, e.Contradicted) for p in parts(node))
        if not late and not (self.page.here and self.is_loud(node)):
            self.seen[level][node] = found, node

    def value(self, node: Expression) -> str:
        """The name of what a node is worth."""
        found: str | None = self._known(node)
        if found is None:
            if _is_truth(node.type) and (sides := self._sides(node)) is not None:
                found = self.page.truth(sides, self._least(node))
            else:
                found = self._value(node)
            self._keep(node, found, self.page.level((found,)))
        return found

    def rails(self, node: Expression) -> Rails:
        """The two conditions of a statement; one that is long, or asked for elsewhere too, gets a name first."""
        if self.often[node] < 2 and not self.is_loud(node):
            found = self._sides(node)
            if found is not None and not found.is_wide:
                return found
        return self.page.sides(self.value(node))

    def _least(self, node: AnyNode) -> int:
        """What is found anew for each row stays in the loop over the rows."""
        return self.page.here if self.is_loud(node) else 0

    def _let(self, node: AnyNode, text: str, *reads: str) -> str:
        return self.page.let(text, reads, self._least(node))

    # ---------------------------------------------------------------------------------- statements

    def _sides(self, node: Expression) -> Rails | None:
        """A statement as two conditions; None for what has to be worked out as a value first."""
        page = self.page
        match node:
            case e.Literal(value):
                return Rails(str(value is TRUE), str(value is FALSE))
            case e.And(operands):
                each = [self.rails(operand) for operand in operands]
                return _joined(each, every, some)
            case e.Or(operands):
                each = [self.rails(operand) for operand in operands if not isinstance(operand, e.Contradicted)]
                clashes = [operand for operand in operands if isinstance(operand, e.Contradicted)]
                if clashes:
                    each.append(self._contradicted(clashes))
                return _joined(each, some, every)
            case e.Not(operand):
                return self.rails(operand).turned()
            case e.Implies(left, right):
                return _joined([self.rails(left).turned(), self.rails(right)], some, every)
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
        if _is_worded(left.type):
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
            asked = self._named(operand.alias, f"{self._fields(operand.alias)}.get({operand.name!r})")
        else:
            asked, row = self.value(operand), ""
        table = page.bind("among_" + "_".join(map(str, [page.new("t")])), compiled_table.Among(codes))
        found = page.let(f"{table}[{asked}]", (asked, *([row] if row else [])))
        return page.sides(found)

    def _inside(
        self, x: str, low: str | None, high: str | None, low_closed: bool = True, high_closed: bool = True
    ) -> Rails:
        """Between two others; None is no end on that side."""
        sides = [] if low is None else [self.page.less(low, x, low_closed)]
        sides += [] if high is None else [self.page.less(x, high, high_closed)]
        return _joined(sides, every, some)

    def _is(self, x: str, state: str, type: Type) -> Rails:
        if state != "null":
            met = f"{x} is {'TRUE' if state == 'true' else 'FALSE'}"
        elif _is_truth(type):
            met = f"{x} is UNKNOWN"
        else:
            met = f"{x} == ()" if _is_worded(type) else f"{x} == OPEN"
        met = str(eval(met, self.page.names)) if x in self.page.constants else met
        return Rails(met, {"True": "False", "False": "True"}.get(met, f"not {met}"), (x,))

    def _contradicted(self, nodes: list[e.Contradicted]) -> Rails:
        """Whether evidence of any of several criteria contradicts itself; mostly nothing does."""
        page = self.page
        met = []
        for node in nodes:
            hard, soft = ([self.same_place.get(p, p) for p in places] for places in (node.hard, node.soft))
            always, while_open = page.constant(frozenset(hard)), page.constant(frozenset((*hard, *soft)))
            truth = self.entries[node.criterion]
            places = always if not soft else f"({while_open} if {truth} is UNKNOWN else {always})"
            met.append(f"not conflicts.isdisjoint({places})")
        found = page.let(f"TRUE if conflicts and {some(met)} else FALSE", ("conflicts",))
        return page.sides(found)

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
                return self._field(node)
            case e.If(condition, then, otherwise, type):
                c, a, b = self.rails(condition), self.value(then), self.value(otherwise)
                both = f"({a} if {a} == {b} else NOT_CODED)" if _is_worded(type) else f"hull({a}, {b})"
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
                return self._called(node, _ARITHMETIC[operator], (left, right), spread=True, opened=operator in "/^")
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
            case e.Select(e.Retrieve(), take, 1, scale) if take != "mean of latest day":
                return self._taken(node)
            case e.Select(source, take, readings, scale, type):
                found, blank = self.rows(source), page.constant(_blank(node))
                call = f"selected({found.sure}, {found.maybe}, {take!r}, {readings}, {blank}, "
                return self._let(node, f"{call}conflicts, {node.place!r})", *found)
            case e.DateOf(selection):
                found = self.rows(selection.source)
                call = f"dated({found.sure}, {found.maybe}, {selection.take!r}, {selection.readings})"
                return self._let(node, call, *found)
            case e.Exists(source):
                return self._told(node, "existence", source)
            case e.Count(source):
                return self._told(node, "number", source)
            case e.CountDistinct(source, key, cap):
                return self._told(node, "different", source, f", {key!r}, {cap}")
            case e.RowValues(source, name, function):
                return self._told(node, "worked_out", source, f", {name!r}, {function!r}")
            case e.Silence(operand, source):
                truth, found = self.value(operand), self.rows(source)
                silent = f"not ({found.sure} or {found.maybe} or {found.denials})"
                return self._let(node, f"FALSE if {truth} is UNKNOWN and {silent} else {truth}", truth, *found)
            case e.Fires(source, alias, condition):
                return self._fires(node, source, alias, condition)
        raise UnsupportedError(f"the compiled interpreter does not speak the node at {node.place}")

    def _told(self, node: Expression, table: str, source: e.Rows, more: str = "") -> str:
        found = self.rows(source)
        return self._let(node, f"{table}({', '.join(found)}, conflicts, {node.place!r}{more})", *found)

    def _taken(self, node: e.Select) -> str:
        """The one value of a requirement: most have one certain row or none, which are answered in place."""
        page, least = self.page, self._least(node)
        requirement = node.source.requirement  # type: ignore[union-attr]
        blank = page.constant(_blank(node))
        found, rows, row = page.place(page.new("v"), least), page.new("rows"), page.new("row")
        kind = "Bounds" if node.type.name in ORDERED else "tuple" if _is_worded(node.type) else "Truth"
        scaled = [f"        if {found}[0] is not {found}[1] or {found}[0] is None:",
                  f"            {found} = on_scale({found}, {blank})"] if kind == "Bounds" and blank != "OPEN" else []  # fmt: skip
        page.write(
            least,
            f"{found} = {blank}",
            f"{rows} = evidence({requirement!r})",
            f"if {rows}:",
            f"    {row} = {rows}[0]",
            f"    {found} = {row}.value",
            f"    when = {row}.when",
            f"    if (len({rows}) == 1 and {row}.certainty is TRUE and {found}.__class__ is {kind}",
            "            and (when is OPEN or when[0] is None or when[0] <= day)):",
            *(scaled or ["        pass"]),
            "    else:",
            f"        {found} = taken(subject, {requirement!r}, day, {node.take!r}, {blank}, conflicts, {node.place!r})",
        )
        return found

    # ------------------------------------------------------------------------------- rows and fields

    def rows(self, node: e.Rows) -> Listed:
        """The names of the parts of a list."""
        found: Listed | None = self._known(node)
        if found is None:
            match node:
                case e.Retrieve(requirement):
                    text = f"listed(subject, {requirement!r}, day, {self.unlisted})"
                    found = self._parts(text, 0)
                case e.Where(source, alias, condition):
                    found = self._where(node, self.rows(source), alias, condition)
            self._keep(node, found, self.page.level(found))
        return found

    def _parts(self, text: str, level: int) -> Listed:
        page = self.page
        found = Listed(*(page.place(page.new(letter), level) for letter in ("sure", "maybe", "denials", "lacks", "n")))
        page.write(level, f"{', '.join(found)} = {text}")
        return found

    def _level_of(self, node: e.Where | e.Fires, source: Listed) -> int:
        """The loop in which a query is to be answered: that of the rows of other queries which it asks about."""
        if self.is_loud(node.condition):
            return self.page.here
        used = {part.alias for part in _every_node(node.condition) if isinstance(part, e.Field)} - {node.alias}
        inner = [self.aliases[alias].level for alias in used if alias in self.aliases]
        return max([self.page.level(source), *inner])

    @contextmanager
    def _each(self, level: int, alias: str, rows: str) -> Iterator[str]:
        """A loop over rows, in which an alias stands for one of them."""
        page, outer = self.page, self.aliases.get(alias)
        row = page.new("row")
        hidden, self.seen[level + 1 :] = self.seen[level + 1 :], [{}]
        kept = self.seen[: level + 1]
        if outer is not None:
            # INVARIANT: under a name that is given anew, nothing that was said of the other row may be found.
            self.seen[1 : level + 1] = [{} for _ in range(level)]
        with page.loop(level, f"for {row} in {rows}:") as inside:
            page.place(row, inside)
            self.aliases[alias] = _Alias(row, inside)
            yield row
        self.seen = [*kept, *hidden]
        del self.aliases[alias]
        if outer is not None:
            self.aliases[alias] = outer

    def _tried(self, condition: Expression) -> Rails:
        """A condition, tried on one row: a part that is not met ends it, where no contradiction can be lost."""
        if not isinstance(condition, e.And):
            return self.rails(condition)
        left: list[Rails] = []
        for operand in sorted(condition.operands, key=lambda one: not self.is_loud(one)):
            one = self.rails(operand)
            if not self.is_loud(operand):
                self.page.write(self.page.here, f"if {one.unmet}: continue")
                one = Rails(one.met, "False", one.reads)
            left.append(one)
        return _joined(left, every, some)

    def _where(self, node: e.Where, source: Listed, alias: str, condition: Expression) -> Listed:
        """The rows for which a condition holds; denials and the missing row are tried like any other."""
        page, level = self.page, self._level_of(node, source)
        sure, maybe = (page.place(page.new(letter), level) for letter in ("sure", "maybe"))
        denials, lacks = (page.place(page.new(letter), level) for letter in ("denials", "lacks"))
        page.write(level, f"{sure}, {maybe}, {denials}, {lacks} = [], [], {source.denials}, {source.lacks}")
        with self._each(level, alias, source.sure) as row:
            sides = self._tried(condition)
            page.write(page.here, f"if {sides.met}: {sure}.append({row})")
            page.write(page.here, f"elif not {sides.unmet}: {maybe}.append({row})")
        kept, more = page.new("kept"), page.new("more")
        page.write(level, f"{kept} = {more} = ()")
        page.write(level, f"if {source.maybe} or {source.denials} or {source.lacks} is not None:")
        page.write(level, f"    {kept}, {more} = [], others({source.maybe}, {source.denials}, {source.lacks})")
        with self._each(level, alias, more) as row:
            sides = self._tried(condition)
            page.write(page.here, f"if not {sides.unmet}: {kept}.append({row})")
        page.write(level, f"if {more}:")
        page.write(level, f"    {more}, {denials}, {lacks} = taken_apart({kept})")
        page.write(level, f"    {maybe} += {more}")
        return Listed(sure, maybe, denials, lacks, source.concepts)

    def _fires(self, node: e.Fires, source: e.Rows, alias: str, condition: Expression) -> str:
        """An alert does not wait for certainty: one row suffices, certain or possible."""
        page, found = self.page, self.rows(source)
        level = self._level_of(node, found)
        fires = page.place(page.new("v"), level)
        page.write(level, f"{fires} = FALSE")
        with self._each(level, alias, f"alarming({found.sure}, {found.maybe}, {found.concepts})"):
            sides = self._tried(condition)
            page.write(page.here, f"if {sides.met}: {fires} = TRUE")
        return fires

    def _named(self, alias: str, text: str) -> str:
        """Something of the row that an alias stands for, asked once."""
        row, level = self.aliases[alias]
        key = e.Field(alias, text, Type("text"))
        if key not in self.seen[level]:
            self.seen[level][key] = self.page.let(text, (row,)), key
        found: str = self.seen[level][key][0]
        return found

    def _fields(self, alias: str) -> str:
        return self._named(alias, f"{self.aliases[alias].row}.fields")

    def _field(self, node: e.Field) -> str:
        """A field of a row; what is not there or cannot be used is what nothing known is."""
        row = self.aliases[node.alias].row
        match node.name:
            case "date":
                return self._named(node.alias, f"{row}.when")
            case "code":
                return self._named(node.alias, f"{row}.codes")
            case "value":
                found = self._named(node.alias, f"{row}.value")
            case name:
                found = self._named(node.alias, f"{self._fields(node.alias)}.get({name!r})")
        blank, kind = self.page.constant(unknown(node.type)), _class_of(node.type)
        return self.page.let(f"{found} if {found}.__class__ is {kind} else {blank}", (found,))


def _class_of(type: Type) -> str:
    """The Python class of the values of a type."""
    return "Bounds" if type.name in ORDERED else "tuple" if _is_worded(type) else "Truth"


def _blank(node: e.Select) -> Any:
    """What is known of a selection that gives nothing."""
    return node.scale if node.type.name in ORDERED else unknown(node.type)


def _joined(each: list[Rails], met: Any, unmet: Any) -> Rails:
    reads = tuple(dict.fromkeys(name for one in each for name in one.reads))
    return Rails(met(one.met for one in each), unmet(one.unmet for one in each), reads)


def _reached(expressions: dict[str, Expression], wanted: Iterable[str]) -> list[str]:
    """The names that are wanted and all that these ask for, in the order of the library."""
    waiting, reached = list(wanted), set[str]()
    while waiting:
        name = waiting.pop()
        if name in reached:
            continue
        reached.add(name)
        for part in _every_node(expressions[name]):
            if isinstance(part, e.Reference):
                waiting.append(part.name)
            elif isinstance(part, e.Contradicted):
                waiting.append(part.criterion)
    return [name for name in expressions if name in reached]
