"""Names, types and units of one expression: the tree as written becomes the tree that is evaluated.

A node in which something is wrong settles to nothing and is noted; its neighbours are settled all the
same, so that one run tells everything.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace

from screening.errors import NameFault, TypeFault
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.library import DataRequirement
from screening.language.types import BOOLEAN, CODE, DATE, DATETIME, DECIMAL, INTEGER, ORDERED, STRING
from screening.reading import queries
from screening.reading.build import NULL
from screening.reading.concepts import code_of
from screening.reading.faults import did_you_mean, shown
from screening.reading.measures import (
    DAYS,
    TRUTHS,
    a_type,
    aligned,
    arithmetic,
    by_day,
    plain_number,
    said,
    unified,
    with_unit,
    word_of,
)
from screening.reading.scope import Faulty, Place
from screening.values.bounds import OPEN
from screening.values.coding import Code
from screening.values.truth import UNKNOWN

_NO_CHOICE = (
    "it asks what is recorded, and stands only in administrative criteria and `by_availability:` definitions"
)
_WHY_NO_CHOICE = "of a person of whom nothing is recorded it would be an answer"


class Check:
    """Settles one expression. `rows` are the requirements that the aliases in scope are rows of."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.rows: dict[str, DataRequirement] = {}

    def each(self, nodes: Sequence[Expression], settle: Callable[[Expression], Expression]) -> list[Expression]:
        """Several nodes, each settled though another may be faulty."""
        found = []
        for node in nodes:
            with contextlib.suppress(Faulty):
                found.append(settle(node))
        if len(found) < len(nodes):
            raise Faulty
        return found

    def of(self, nodes: Sequence[Expression]) -> list[Expression]:
        """Several values."""
        return self.each(nodes, self.settle)

    def truths(self, nodes: Sequence[Expression], what: str) -> tuple[Expression, ...]:
        """Several conditions."""
        return tuple(self.each(nodes, lambda node: self.truth(node, what)))

    def truth(self, node: Expression, what: str) -> Expression:
        """A condition: TRUE, FALSE or UNKNOWN."""
        settled = self.settle(node)
        if settled.type.name in TRUTHS:
            return settled
        if settled.type == NULL:
            return e.Literal(UNKNOWN, BOOLEAN, "null", span=node.span)
        help = "compare it with something"
        if isinstance(settled, e.Reference | e.Parameter) and what.startswith("`not`"):
            help = f"write `not (...)` around the comparison; here it takes {said(settled)} alone"
        elif settled.type.name in ORDERED:
            help = "compare it with a limit"
        message = f"{what}, and {said(settled)} is {a_type(settled.type)}"
        self.place.fault(TypeFault, settled.span, message, help)

    def settle(self, node: Expression) -> Expression:
        """The node with every name resolved and every unit converted; raises Faulty where that cannot be."""
        match node:
            case e.Literal():
                return with_unit(self.place, node) if node.type.name == "Quantity" else node
            case e.Reference():
                return self.named(node)
            case e.Field(alias, name):
                if alias not in self.rows:
                    help = (
                        did_you_mean(alias, self.rows)
                        if self.rows
                        else "a row is named in a query: `(Trials T where ...)`"
                    )
                    self.place.fault(NameFault, node.span, f"no row is called `{shown(alias)}` here", help)
                return replace(node, type=queries.field_of(self.rows[alias], name, node, self.place).type)
            case e.And(operands):
                return replace(node, operands=self.truths(operands, "`and` is for conditions"))
            case e.Or(operands):
                return replace(node, operands=self.truths(operands, "`or` is for conditions"))
            case e.CountTrue(operands):
                return replace(node, operands=self.truths(operands, "`Count` of a list is of conditions"))
            case e.Not(operand):
                return replace(node, operand=self.truth(operand, "`not` is for conditions"))
            case e.Xor(left, right):
                left, right = self.truths((left, right), "`xor` is for conditions")
                return replace(node, left=left, right=right)
            case e.Implies(left, right):
                left, right = self.truths((left, right), "`implies` is for conditions")
                return replace(node, left=left, right=right)
            case e.If():
                return self.choice(node)
            case e.Compare():
                return self.compared(node)
            case e.Between(operand, low, high):
                operand, low, high = self.ranged(operand, low, high)
                return replace(node, operand=operand, low=low, high=high)
            case e.InInterval(operand, low, high):
                operand, low, high = self.ranged(operand, low, high)
                return replace(node, operand=operand, low=low, high=high)
            case e.InSet():
                return self.member(node)
            case e.Is():
                return self.state(node)
            case e.Exists(source) | e.Count(source):
                rows = self.listed(source, alone=True)
                queries.answered_yes(rows, node, self.place)
                return replace(node, source=rows)
            case e.CountDistinct(source):
                rows = self.listed(source)
                queries.answered_yes(rows, node, self.place)
                return queries.distinct(node, rows, self.place)
            case e.RowValues(source):
                return queries.over_rows(node, self.listed(source), self.place)
            case e.DateOf():
                return queries.date_of(node, self.place, self.settle)
            case _:
                return self.valued(node)

    def valued(self, node: Expression) -> Expression:
        """Numbers, days and functions of them."""
        match node:
            case e.Arithmetic(left=left, right=right):
                left, right = self.of((left, right))
                return arithmetic(self.place, node, left, right)
            case e.Negate(operand):
                operand = self.settle(operand)
                if operand.type.name not in ("Integer", "Decimal", "Quantity"):
                    self.place.fault(
                        TypeFault, node.span, f"`-` is for numbers, and {said(operand)} is {a_type(operand.type)}"
                    )
                return replace(node, operand=operand, type=operand.type)
            case e.Function():
                return self.function(node)
            case e.Coalesce(operands):
                self.confined(node, "Coalesce")
                operands, type = unified(self.place, [self.unscaled(operand) for operand in operands])
                return replace(node, operands=operands, type=type)
            case e.Timing():
                return self.timing(node)
            case e.Shift(operand, amount, unit):
                operand, amount = self.of((operand, amount))
                self.instants((operand,), unit)
                return replace(node, operand=self.day(operand), amount=self.whole(amount), type=operand.type)
            case e.DayOf(operand):
                return by_day(self.day(self.settle(operand)))
            case e.Duration(unit, left, right):
                left, right = (self.day(side) for side in self.of((left, right)))
                self.instants((left, right), unit)
                if unit != "hours":
                    left, right = by_day(left), by_day(right)
                return replace(node, left=left, right=right)
            case e.Age(born, on):
                born, on = (by_day(self.day(side)) for side in self.of((born, on)))
                return replace(node, born=born, on=on)
        raise Faulty

    # -------------------------------------------------------------------------------- names

    def named(self, node: e.Reference) -> Expression:
        """What a name stands for."""
        place = self.place
        if node.name in self.rows:
            help = f"name one of its fields: `{node.name}.date`"
            place.fault(TypeFault, node.span, f"`{node.name}` is a row, not a value", help)
        found = place.scope.names.get(node.name)
        if found is None:
            if node.name in place.scope.valuesets:
                help = f'ask `... in "{node.name}"`'
                place.fault(TypeFault, node.span, f"`{node.name}` is a value set, not a value", help)
            place.undeclared(node.span, node.name)
        if found.type is None:
            raise Faulty
        if found.type.name == "Records":
            help = f"ask `exists {shown(found.name)}` or count its rows"
            place.fault(TypeFault, node.span, f"`{found.name}` is a list of records, not a value", help)
        if found.kind == "parameter":
            return e.Parameter(found.name, found.type, span=node.span)
        return replace(node, type=found.type)

    def unscaled(self, node: Expression) -> Expression:
        """A requirement as it is recorded, without what its scale says of a missing value."""
        settled = self.settle(node)
        found = self.place.scope.names.get(settled.name) if isinstance(settled, e.Reference) else None
        if found is None or found.declared is None or found.declared.requirement.scale == OPEN:
            return settled
        return replace(queries.value_of(found.declared, self.place, self.settle, scaled=False), span=node.span)

    def listed(self, rows: e.Rows, alone: bool = False) -> e.Rows:
        """The rows that a query lists."""
        if isinstance(rows, e.Retrieve):
            return queries.listed_rows(rows, self.place, alone)
        source = self.listed(rows.source)
        alias = rows.alias
        if alias in self.rows:
            self.place.fault(
                NameFault, rows.span, f"another row is called `{alias}` already", "choose another letter"
            )
        self.rows[alias] = queries.requirement_named(queries.retrieved(source), self.place).requirement
        try:
            return replace(rows, source=source, condition=self.truth(rows.condition, "`where` asks a condition"))
        finally:
            del self.rows[alias]

    # --------------------------------------------------------------------------- conditions

    def choice(self, node: e.If) -> Expression:
        (condition,) = self.truths((node.condition,), "`if` asks a condition")
        branches, type = unified(self.place, self.of((node.then, node.otherwise)))
        return replace(node, condition=condition, then=branches[0], otherwise=branches[1], type=type)

    def compared(self, node: e.Compare) -> Expression:
        left, right = aligned(self.place, *self.of((node.left, node.right)))
        if node.operator not in ("=", "!=") and left.type.name not in ORDERED:
            message = f"`{node.operator}` is for values with an order, and {said(left)} is {a_type(left.type)}"
            self.place.fault(TypeFault, node.span, message)
        for side, other in ((left, right), (right, left)):
            word = word_of(side)
            if word is not None:
                words = queries.vocabulary(other, self.place, self.rows)
                queries.in_vocabulary(word, side, other, words, self.place)
        return replace(node, left=left, right=right)

    def ranged(self, operand: Expression, low: Expression, high: Expression) -> tuple[Expression, ...]:
        """A value and the ends of its range, in the value's own unit."""
        operand, low, high = self.of((operand, low, high))
        if operand.type.name not in ORDERED:
            self.place.fault(
                TypeFault, operand.span, f"{said(operand)} is {a_type(operand.type)} and lies in no range"
            )
        if isinstance(operand, e.Literal):
            low, operand = aligned(self.place, low, operand)
            low, high = aligned(self.place, low, high)
            return operand, low, high
        operand, low = aligned(self.place, operand, low)
        operand, high = aligned(self.place, operand, high)
        return operand, by_day(low) if operand.type == DATE else low, high

    def member(self, node: e.InSet) -> Expression:
        place, operand = self.place, self.settle(node.operand)
        if operand.type not in (CODE, STRING):
            message = f"`in` is for codes and words, and {said(operand)} is {a_type(operand.type)}"
            place.fault(TypeFault, operand.span, message, "for numbers write `between`")
        if node.name:
            if node.name not in place.scope.valuesets:
                help = did_you_mean(node.name, place.scope.valuesets)
                place.fault(NameFault, node.span, f"there is no value set `{shown(node.name)}`", help)
            valueset = place.scope.valuesets[node.name]
            if valueset is None:
                raise Faulty
            if operand.type == STRING:
                place.fault(
                    TypeFault, operand.span, f"{said(operand)} is a word, and `{node.name}` is a set of codes"
                )
            return replace(node, operand=operand, codes=tuple(sorted(valueset.codes)))
        if operand.type == STRING:
            for code in node.codes:
                words = queries.vocabulary(operand, place, self.rows)
                queries.in_vocabulary(code.code, node, operand, words, place)
            return replace(node, operand=operand)
        codes: list[Code] = []
        for word in node.codes:
            found = code_of(word.code)
            if found is None:
                help = "write `'SNOMED 58848006'`, or name a value set"
                place.fault(
                    TypeFault, node.span, f"{said(operand)} is a code and `{shown(word.code)}` is a word", help
                )
            codes.append(found)
        return replace(node, operand=operand, codes=tuple(codes))

    def state(self, node: e.Is) -> Expression:
        self.confined(node, f"is {'not ' if node.negated else ''}{node.state}")
        if node.state == "null":
            return replace(node, operand=self.unscaled(node.operand))
        return replace(node, operand=self.truth(node.operand, f"`is {node.state}` is for conditions"))

    def confined(self, node: AnyNode, what: str) -> None:
        """`is null` and its like choose by what is recorded; they stand where the file says why."""
        # SPEC: semantics 1.2, evidence is monotone.
        if not self.place.choosing:
            help = "write the alternatives with `or`, or mark the definition `by_availability:` with a source"
            self.place.fault(
                TypeFault, node.span, f"`{what}` cannot stand here: {_NO_CHOICE}", help, _WHY_NO_CHOICE
            )

    # ---------------------------------------------------------------------- numbers and days

    def function(self, node: e.Function) -> Expression:
        operands = self.of(node.operands)
        match node.name:
            case "Ln" | "Exp" | "Sqrt":
                return replace(node, operands=(plain_number(self.place, operands[0], node.name),), type=DECIMAL)
            case "Abs" | "Round":
                self.numbers(node, operands[:1])
                places = tuple(self.whole(n) for n in operands[1:])
                return replace(node, operands=(operands[0], *places), type=operands[0].type)
        if node.name == "Agree" and len(operands) < 2:
            self.place.fault(
                TypeFault, node.span, "`Agree` holds two or more measurements of one thing against another"
            )
        if node.name in ("Sum", "Mean"):
            self.numbers(node, operands)
        for operand in operands:
            if operand.type.name not in ORDERED:
                message = (
                    f"`{node.name}` is for values with an order, and {said(operand)} is {a_type(operand.type)}"
                )
                self.place.fault(TypeFault, operand.span, message)
        same, type = unified(self.place, operands)
        mean = node.name == "Mean" and type == INTEGER
        return replace(node, operands=same, type=DECIMAL if mean else type)

    def numbers(self, node: e.Function, operands: Sequence[Expression]) -> None:
        for operand in operands:
            if operand.type.name not in ("Integer", "Decimal", "Quantity"):
                message = f"`{node.name}` is for numbers, and {said(operand)} is {a_type(operand.type)}"
                self.place.fault(TypeFault, operand.span, message)

    def timing(self, node: e.Timing) -> Expression:
        operand, amount, reference = self.of((node.operand, node.amount, node.reference))
        operand, reference = self.day(operand), self.day(reference)
        self.instants((operand, reference), node.unit)
        amount = self.whole(amount)
        if node.unit != "hours":
            operand, reference = by_day(operand), by_day(reference)
        elif node.kind.startswith("or less") and not node.inclusive:
            # A window of days without its own day ends a day earlier; one of hours ends just before the instant.
            within = replace(node, operand=operand, amount=amount, reference=reference, inclusive=True)
            operator = "<" if node.kind.endswith("before") else ">"
            return e.And((within, e.Compare(operator, operand, reference, span=node.span)), span=node.span)
        return replace(node, operand=operand, amount=amount, reference=reference)

    def day(self, node: Expression) -> Expression:
        if node.type.name not in DAYS:
            help = f"write `date of {said(node).strip('`')}`" if isinstance(node, e.Reference) else ""
            self.place.fault(
                TypeFault, node.span, f"a day is wanted, and {said(node)} is {a_type(node.type)}", help
            )
        return node

    def instants(self, nodes: Sequence[Expression], unit: str) -> None:
        """Hours are counted between instants; a day has none."""
        for node in nodes:
            if unit == "hours" and node.type != DATETIME:
                self.place.fault(
                    TypeFault, node.span, f"{said(node)} is a day and has no hours", "count in `days`"
                )

    def whole(self, node: Expression) -> Expression:
        if node.type != INTEGER:
            help = "a whole number, or a name of type Integer"
            self.place.fault(
                TypeFault, node.span, f"a number of units is whole, and {said(node)} is {a_type(node.type)}", help
            )
        return node


def settled(node: Expression, place: Place, wanted: str = "") -> Expression | None:
    """The settled expression, or None with every fault noted; `wanted` is the kind of value that it has to be."""
    try:
        if wanted == "truth":
            return Check(place).truth(node, "a criterion is a condition")
        found = Check(place).settle(node)
        if wanted == "day":
            if found.type.name not in DAYS:
                place.fault(TypeFault, node.span, f"a day is wanted, and {said(found)} is {a_type(found.type)}")
            return by_day(found)
        if found.type == NULL:
            return e.Literal(UNKNOWN, BOOLEAN, "null", span=node.span)
        return found
    except Faulty:
        return None
