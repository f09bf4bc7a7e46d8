"""A node to a pair of solver terms, one per rail; ordered values to terms of their ends.

What rests on rows (retrieval, selection, existence, counts) is not worked out here: `Leaves` gives it, once as
anything that a record may say (`symbolic_leaves`: proofs), once as the rows of one made-up person
(`symbolic_rows`: witnesses). All other nodes mean here what they mean in the law.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any, Protocol

import z3

from screening.interpreters import symbolic_table as table
from screening.interpreters.symbolic_product import multiplied
from screening.interpreters.symbolic_table import constant_of, inside
from screening.interpreters.symbolic_term import (
    Formula,
    Opaque,
    Rails,
    Span,
    Symbol,
    Term,
    Words,
    both,
    constant,
    either,
    exact,
    follows,
    number,
    opposite,
)
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import AS_OF, Library
from screening.language.types import Type
from screening.values import bounds, calendar
from screening.values.bounds import Bounds
from screening.values.quantity import convert, parse_unit
from screening.values.truth import FALSE, TRUE

OF_ROWS = e.Select | e.DateOf | e.Exists | e.Count | e.CountDistinct | e.RowValues | e.Fires | e.Field
NUMBERS = ("number", "number")
_HALF = Decimal(5).scaleb(-bounds.PLACES - 1)


class Leaves(Protocol):
    """What the rows of a record may say."""

    def leaf(self, node: Any, reader: Reading) -> Symbol:
        """The value of a node that rests on rows."""
        ...

    def conflict(self, place: str) -> Formula:
        """Whether the evidence contradicts itself at a place that rests on rows."""
        ...

    def silent(self, node: e.Silence, operand: Rails, reader: Reading) -> Rails:
        """The value of silence read as an answer."""
        ...

    def state(self, node: e.Is, value: Symbol, reader: Reading) -> Formula:
        """Whether `is null`, `is true` or `is false` holds, before any `not`."""
        ...

    def absent(self, node: Expression, value: Symbol, reader: Reading) -> Formula:
        """Whether nothing usable is known of a part of `Coalesce`."""
        ...


class Reading:
    """One reading of a library: every name that it evaluates, as terms over what its leaves give.

    `facts` must hold of the terms whatever is asked; `opaque` are the values that the solver has no function for.
    """

    def __init__(self, library: Library, as_of: Bounds | Span, leaves: Leaves, name: str = "") -> None:
        self.library, self.leaves, self.name = library, leaves, name
        self.parameters: dict[str, Any] = {p.name: p.value for p in library.parameters} | {AS_OF: as_of}
        self.expressions = dict(library.order)
        self.facts: list[Formula] = []
        self.opaque: list[Opaque] = []
        self.conflicts: dict[str, Formula] = {}
        self._named: dict[str, Symbol] = {}
        self._kept: dict[int, Symbol] = {}
        self.scope: dict[str, Any] = {}
        self._fresh = 0

    # ------------------------------------------------------------------------------------ names

    def named(self, name: str) -> Symbol:
        """The value of what the library evaluates under a name."""
        if name not in self._named:
            self._named[name] = self.value(self.expressions[name])
        return self._named[name]

    def suppose(self, name: str, value: Symbol) -> None:
        """Another value under a name than what the library evaluates; before anything is read that rests on it."""
        self._named[name] = value

    def truth(self, node: Expression) -> Rails:
        """The rails of a truth."""
        found = self.value(node)
        assert isinstance(found, Rails)
        return found

    def words(self, node: Expression) -> Words:
        """The words or codes that a value may be."""
        found = self.value(node)
        assert isinstance(found, Words)
        return found

    def span(self, node: Expression) -> Span:
        """The ends of an ordered value."""
        found = self.value(node)
        assert isinstance(found, Span)
        return found

    def fresh(self, sort: str = "Real") -> Term:
        """A new term of which nothing is known."""
        self._fresh += 1
        name = f"{self.name}~{self._fresh}"
        return z3.Real(name) if sort == "Real" else z3.Int(name) if sort == "Int" else z3.Bool(name)

    # ------------------------------------------------------------------------------------- nodes

    def value(self, node: Expression) -> Symbol:
        """What a node means as terms, made once for each node."""
        if id(node) not in self._kept:
            self._kept[id(node)] = self._made(node)
        return self._kept[id(node)]

    def _made(self, node: Expression) -> Symbol:
        """One `match`."""
        match node:
            case e.Literal(constant_value):
                return table.literal(constant_value)
            case e.Parameter(name):
                return table.literal(self.parameters[name])
            case e.Reference(name):
                return self.named(name)
            case e.And(operands):
                parts = [self.truth(operand) for operand in operands]
                return Rails(both(p.met for p in parts), either(p.unmet for p in parts))
            case e.Or(operands):
                parts = [self.truth(operand) for operand in operands]
                return Rails(either(p.met for p in parts), both(p.unmet for p in parts))
            case e.Not(operand):
                met, unmet = self.truth(operand)
                return Rails(unmet, met)
            case e.Implies(left, right):
                a, b = self.truth(left), self.truth(right)
                return Rails(either((a.unmet, b.met)), both((a.met, b.unmet)))
            case e.Xor(left, right):
                agreeing = table.alike(self.truth(left), self.truth(right))
                return Rails(agreeing.unmet, agreeing.met)
            case e.If(condition, then, otherwise):
                return table.joined(self.truth(condition), self.value(then), self.value(otherwise))
            case e.Is(operand, _, negated):
                found = self.leaves.state(node, self.value(operand), self)
                return Rails(opposite(found), found) if negated else Rails(found, opposite(found))
            case e.Coalesce(operands):
                values = [self.value(operand) for operand in operands]
                result = values[-1]
                for operand, value in reversed(list(zip(operands, values, strict=True))[:-1]):
                    result = table.picked(self.leaves.absent(operand, value, self), result, value)
                return result
            case e.Favoured(operand, toward):
                met, unmet = self.truth(operand)
                if toward is TRUE:
                    return Rails(opposite(unmet), unmet)
                return Rails(met, opposite(met)) if toward is FALSE else Rails(met, unmet)
            case e.CountTrue(operands):
                parts = [self.truth(operand) for operand in operands]
                low = z3.Sum([number(0), *(table.one_if(p.met) for p in parts)])
                return Span(
                    low, z3.Sum([number(0), *(table.one_if(opposite(p.unmet)) for p in parts)]), False, False
                )
            case e.Compare(operator, left, right):
                return self._compare(operator, left.type, self.value(left), self.value(right))
            case e.Between(operand, low, high):
                return inside(self.span(operand), self.span(low), self.span(high))
            case e.InInterval(operand, low, high, low_closed, high_closed):
                ends = self.span(low), self.span(high)
                return inside(self.span(operand), *ends, low_closed, high_closed)
            case e.InSet(operand, _, codes):
                return table.among(self.words(operand), codes)
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                first, last = self._window(
                    kind, inclusive, self.span(amount), unit, self.span(reference), reference.type
                )
                return inside(self.span(operand), first, last)
            case e.Negate(operand):
                return table.negative(self.span(operand))
            case e.Arithmetic("*", left, right) if (product := multiplied(left, right, self)) is not None:
                return product
            case e.Arithmetic(operator, left, right):
                return self._arithmetic(operator, self.span(left), self.span(right))
            case e.Function(name, operands, place=place):
                return self._function(name, [self.span(operand) for operand in operands], place)
            case e.Convert(operand, source, target):
                return self._converted(self.span(operand), source, target)
            case e.Shift(operand, amount, unit, sign):
                by = self.span(amount)
                return self._shifted(
                    self.span(operand), by if sign > 0 else table.negative(by), unit, operand.type
                )
            case e.DayOf(operand):
                return table.day_part(self.span(operand))
            case e.Duration(unit, left, right):
                kinds = (table.kind_of(left.type), table.kind_of(right.type))
                of = lambda a, b: calendar.duration(a, b, unit)  # noqa: E731
                return self._opaque((self.span(left), self.span(right)), of, (-1, 1), kinds, "Int")
            case e.Age(born, on):
                return self._opaque((self.span(born), self.span(on)), calendar.age, (-1, 1), ("day", "day"), "Int")
            case e.Silence(operand):
                return self.leaves.silent(node, self.truth(operand), self)
            case e.Contradicted(criterion, hard, soft):
                said = self.named(criterion)
                assert isinstance(said, Rails)
                always = either(self.conflict(place) for place in hard)
                found = either(
                    (always, both((table.is_open(said), either(self.conflict(place) for place in soft))))
                )
                return Rails(found, opposite(found))
            case _:
                return self.leaves.leaf(node, self)

    def conflict(self, place: str) -> Formula:
        """Whether the evidence contradicts itself at a place."""
        return self.conflicts[place] if place in self.conflicts else self.leaves.conflict(place)

    # ------------------------------------------------------------------------------ comparisons

    def _compare(self, operator: str, type: Type, a: Symbol, b: Symbol) -> Rails:
        if isinstance(a, Span) and isinstance(b, Span):
            return table.compared(operator, a, b)
        found = self._equal(a, b)
        return found if operator == "=" else Rails(found.unmet, found.met)

    def _equal(self, a: Symbol, b: Symbol) -> Rails:
        if isinstance(a, Rails) and isinstance(b, Rails):
            return table.alike(a, b)
        assert isinstance(a, Words)
        assert isinstance(b, Words)
        return table.same_word(a, b)

    # -------------------------------------------------------------------------- numbers and days

    def _opaque(
        self,
        arguments: tuple[Span, ...],
        of: Callable[..., Bounds | None],
        rises: tuple[int, ...],
        kinds: tuple[str, ...],
        sort: str = "Real",
        guard: Formula = True,
    ) -> Span:
        """A value that the solver has no function for; folded where every argument is a constant."""
        fixed = [constant_of(argument, kind) for argument, kind in zip(arguments, kinds, strict=True)]
        if all(value is not None for value in fixed):
            return constant(of(*fixed) or bounds.OPEN)
        low, high = self.fresh(sort), self.fresh(sort)
        if sort == "Int":
            low, high = z3.ToReal(low), z3.ToReal(high)
        # Where the ends of a rising function are open is decided by the ends that it is given.
        ends = [
            (a.low_open, a.high_open) if rise > 0 else (a.high_open, a.low_open)
            for a, rise in zip(arguments, rises, strict=True)
        ]
        open_low, open_high = either(one for one, _ in ends), either(other for _, other in ends)
        if guard is not True:
            rising, (open_low, open_high) = (open_low, open_high), (self.fresh("Bool"), self.fresh("Bool"))
            self.facts.append(follows(guard, both((open_low == rising[0], open_high == rising[1]))))
        result = Span(low, high, open_low, open_high)
        self.facts.append(follows(both((opposite(open_low), opposite(open_high))), low <= high))
        self.opaque.append(Opaque(arguments, result, of, rises, kinds, guard))
        return result

    def _arithmetic(self, operator: str, a: Span, b: Span) -> Span:
        match operator:
            case "+":
                return table.added(a, b)
            case "-":
                return table.added(a, table.negative(b))
            case "*":
                for one, other in ((a, b), (b, a)):
                    factor = constant_of(one, "number")
                    if factor is not None and bounds.is_exact(factor):
                        return table.scaled(other, number(factor.low), factor.low)
                product = self._opaque((a, b), bounds.multiply, (1, 1), NUMBERS, guard=table.positive((a, b)))
                self.facts += [
                    follows(both((table.nothing(x), table.positive((y,)))), table.nothing(product))
                    for x, y in ((a, b), (b, a))
                ]
                self.facts.append(follows(both((table.nothing(a), table.nothing(b))), table.nothing(product)))
                return product
            case "/":
                divisor = constant_of(b, "number")
                if divisor is not None and bounds.is_exact(divisor) and divisor.low:
                    return self._near(table.scaled(a, 1 / number(divisor.low), divisor.low))
                quotient = self._opaque((a, b), bounds.divide, (1, -1), NUMBERS, guard=table.positive((a, b)))
                self.facts.append(
                    follows(either((table.nothing(a), table.may_be_nought(b))), table.nothing(quotient))
                )
                return quotient
        # Of a base above 1 the power rises with both; else only what it is for single arguments is known.
        exponent = constant_of(b, "number")
        above = both(
            (table.positive((a,)), exponent is not None and bounds.is_exact(exponent) and exponent.low > 0)
        )
        raised = self._opaque((a, b), bounds.power, (1, 1), NUMBERS, guard=above)
        if exponent is not None and bounds.is_exact(exponent) and exponent.low > 0:
            self.facts.append(follows(table.nothing(a), raised.high_open))
        return raised

    def _near(self, value: Span) -> Span:
        """A value after its rounding to eight decimals: a fresh one that lies no further from it."""
        of = lambda a: Bounds(*(None if end is None else bounds.rounded(Decimal(end)) for end in a))  # noqa: E731
        found = self._opaque((value,), of, (1,), ("number",))
        for rounded, end in ((found.low, value.low), (found.high, value.high)):
            self.facts.append(both((rounded >= end - number(_HALF), rounded <= end + number(_HALF))))
        return found

    def _function(self, name: str, items: list[Span], place: str) -> Span:
        match name:
            case "Sum":
                return table.total(items)
            case "Mean":
                count = number(len(items))
                total = table.total(items)
                return self._near(Span(total.low / count, total.high / count, total.low_open, total.high_open))
            case "Min":
                return table.least(items)
            case "Max":
                return table.greatest(items)
            case "Abs":
                return table.absolute(items[0])
            case "Agree":
                return self._agreed(items, place)
            case "Round":
                places = constant_of(items[1], "number") if len(items) > 1 else bounds.ZERO
                of = lambda a: bounds.to_places(a, int(places.low)) if places else None  # noqa: E731
                return self._opaque((items[0],), of, (1,), ("number",))
            case "Exp":
                return self._opaque((items[0],), bounds.exponential, (1,), ("number",))
        of_one = {"Ln": bounds.logarithm, "Sqrt": bounds.square_root}[name]
        return self._opaque((items[0],), of_one, (1,), ("number",), guard=table.positive((items[0],)))

    def _agreed(self, items: list[Span], place: str) -> Span:
        found, self.conflicts[place] = table.common(items)
        return found

    def _converted(self, value: Span, source: str, target: str) -> Span:
        old, new = parse_unit(source), parse_unit(target)
        of = lambda a: Bounds(*(None if end is None else convert(end, old, new) for end in a))  # noqa: E731
        zero, one, ten = (convert(Decimal(at), old, new) for at in (0, 1, 10))
        if ten - zero == 10 * (one - zero):
            factor = number(one - zero)
            return Span(
                value.low * factor + number(zero),
                value.high * factor + number(zero),
                value.low_open,
                value.high_open,
            )
        return self._opaque((value,), of, (1,), ("number",))

    def _shifted(self, days: Span, amount: Span, unit: str, type: Type) -> Span:
        by = constant_of(amount, "number")
        if by is not None and bounds.is_exact(by) and unit in ("days", "weeks", "hours"):
            step = (
                number(by.low) * number({"days": 1, "weeks": 7}.get(unit, 0))
                if unit != "hours"
                else number(by.low) / 24
            )
            return Span(days.low + step, days.high + step, days.low_open, days.high_open)
        of = lambda a, b: calendar.shift(a, b, unit)  # noqa: E731
        return self._opaque(
            (days, amount), of, (1, 1), (table.kind_of(type), "number"), "Int" if type.name == "Date" else "Real"
        )

    def _window(
        self, kind: str, inclusive: bool, amount: Span, unit: str, reference: Span, type: Type
    ) -> tuple[Span | None, Span | None]:
        """As `values.calendar.window`."""
        back = table.negative(amount)
        match kind:
            case "or less before":
                last = reference if inclusive else self._shifted(reference, exact(number(-1)), "days", type)
                return self._shifted(reference, back, unit, type), last
            case "or more before":
                return None, self._shifted(reference, back, unit, type)
            case "or less after":
                first = reference if inclusive else self._shifted(reference, exact(number(1)), "days", type)
                return first, self._shifted(reference, amount, unit, type)
            case "or more after":
                return self._shifted(reference, amount, unit, type), None
        return self._shifted(reference, back, unit, type), self._shifted(reference, amount, unit, type)
