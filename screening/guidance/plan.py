"""In which order to ask: what settling a statement costs, how likely it turns out either way, what to ask first.

The cheapest order to try a conjunction of independent statements asks by cost over the chance that it fails, a
disjunction by cost over the chance that it holds; an expression is planned from its parts upwards. Exact where
each item stands in one place of the rules, otherwise a good order and no more: the verdict never rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from math import prod

from screening.guidance.cubes import Family, asked
from screening.guidance.gaps import Gaps
from screening.guidance.tables import Rails, Tables
from screening.language import expression as e
from screening.language.expression import Expression
from screening.values.frozen import dataclass
from screening.values.truth import TRUE

_NEVER = Decimal("0.000001")
_HALF = Decimal("0.5")


@dataclass(frozen=True, slots=True)
class Plan:
    """How a statement is settled: its items in the order of asking, the mean cost, the chance of TRUE."""

    items: tuple[str, ...]
    cost: Decimal
    chance: Decimal


class Planner:
    """Plans for the open statements of one person; `burden` says what an item costs."""

    def __init__(self, gaps: Gaps, tables: Tables, burden: Callable[[str], Decimal]) -> None:
        self.gaps, self.tables, self.burden = gaps, tables, burden
        self._names: dict[str, Plan] = {}

    def of(self, name: str) -> Plan:
        """The plan of a criterion or a definition."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = self.plan(self.gaps.reading.expressions[name])
        return found

    def plan(self, node: Expression) -> Plan:
        """How to settle a statement."""
        if not self.gaps.waits(node):
            value = self.gaps.value(node)
            return Plan((), Decimal(0), Decimal(1) if value is TRUE else Decimal(0))
        match node:
            case e.Reference(name):
                return self.of(name)
            case e.And(operands):
                return _all([self.plan(operand) for operand in operands])
            case e.Or(operands):
                return _turned(_all([_turned(self.plan(operand)) for operand in operands]))
            case e.Not(operand):
                return _turned(self.plan(operand))
            case e.Implies(left, right):
                return _turned(_all([self.plan(left), _turned(self.plan(right))]))
            case e.If(condition, then, otherwise) if node.type.name in ("Boolean", "Judgement"):
                c, a, b = self.plan(condition), self.plan(then), self.plan(otherwise)
                chance = c.chance * a.chance + (1 - c.chance) * b.chance
                cost = c.cost + c.chance * a.cost + (1 - c.chance) * b.cost
                return Plan(_once((*c.items, *a.items, *b.items)), cost, chance)
            case e.Xor(left, right):
                a, b = self.plan(left), self.plan(right)
                chance = a.chance * (1 - b.chance) + b.chance * (1 - a.chance)
                return Plan(_once((*a.items, *b.items)), a.cost + b.cost, chance)
        return self._of_table(node)

    def _of_table(self, node: Expression) -> Plan:
        """A statement that is a table of answers: the cheapest items that settle it, then the others."""
        rails = self.tables.rails(node)
        true, false = self._size(rails.true), self._size(rails.false)
        chance = true / (true + false) if true + false else _HALF
        sets = sorted(
            {asked(cube) for family in rails for cube in family.cubes},
            key=lambda items: (sum(map(self.burden, items)) / self._settling(rails, items), sorted(items)),
        )
        if not sets:
            return Plan((), Decimal(0), chance)
        first = sorted(sets[0], key=lambda item: (self.burden(item), item))
        others = sorted(self.gaps.waits(node) - sets[0], key=lambda item: (self.burden(item), item))
        return Plan((*first, *others), Decimal(sum(map(self.burden, first))), chance)

    def _settling(self, rails: Rails, items: frozenset[str]) -> Decimal:
        """How much of the answers to some items settles a statement either way; what overlaps counts twice."""
        every = prod(self.tables.number(item) for item in items)
        met = 0
        for cube in (*rails.true.cubes, *rails.false.cubes):
            if asked(cube) == cube.keys() <= items:
                rest = prod(self.tables.number(item) for item in items - cube.keys())
                met += rest * prod(bits.bit_count() for bits in cube.values())
        return min(Decimal(met) / max(every, 1), Decimal(1)) or _NEVER

    def _size(self, family: Family) -> Decimal:
        """How much of all combinations of answers a family takes up, each answer counting alike."""
        found = Decimal(0)
        for cube in family.cubes:
            part = Decimal(1)
            for item, bits in cube.items():
                part *= Decimal(bits.bit_count()) / (len(self.tables.answers(item).answers) + 1)
            found += part
        return found


def _turned(plan: Plan) -> Plan:
    return Plan(plan.items, plan.cost, 1 - plan.chance)


def _once(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def ratio(plan: Plan, failing: Decimal) -> Decimal:
    """What finding out costs for each time that it ends the matter."""
    return plan.cost / max(failing, _NEVER)


def _all(plans: list[Plan]) -> Plan:
    """A conjunction: what fails most for its cost is asked first, and the first that fails ends it."""
    ordered = sorted(plans, key=lambda p: (ratio(p, 1 - p.chance), p.items))
    cost, going_on = Decimal(0), Decimal(1)
    items: list[str] = []
    for plan in ordered:
        cost += going_on * plan.cost
        going_on *= plan.chance
        items += plan.items
    return Plan(_once(items), cost, going_on)
