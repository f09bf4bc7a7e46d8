"""An expression in words, nested as it is nested: what has to hold, part by part, for people who read no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, DataRequirement, Library
from screening.language.text import spell
from screening.reports import value as values
from screening.reports.measure import label_of
from screening.reports.words import listed, safe

_COMPARED = {
    "<": "is less than",
    "<=": "is at most",
    ">": "is more than",
    ">=": "is at least",
    "=": "is",
    "!=": "is not",
}
_RESULTS = {
    "Ln": "the natural logarithm of",
    "Exp": "the exponential of",
    "Sqrt": "the square root of",
    "Abs": "the size of",
    "Round": "rounded:",
    "Min": "the least of",
    "Max": "the greatest of",
    "Sum": "the sum of",
    "Mean": "the mean of",
    "Agree": "what all of these agree on:",
}


@dataclass(frozen=True, slots=True)
class Clause:
    """A statement, and the statements that it is made of."""

    text: str
    parts: tuple[Clause, ...] = ()


class Wording:
    """Says expressions of one library, requirements by their labels."""

    def __init__(self, library: Library) -> None:
        self.requirements: Mapping[str, DataRequirement] = {r.name: r for r in library.requirements}
        self.definitions = {d.name: d for d in library.definitions if d.origin == "definition"}
        self.parameters = {p.name: p for p in library.parameters if p.written}

    def whole(self, node: AnyNode) -> Clause:
        """A condition as statements; one that only names a definition says what that is."""
        if isinstance(node, e.Reference) and node.name in self.definitions:
            inner = self.definitions[node.name]
            return Clause(f"{safe(node.name)}, that is:", (self.clause(inner.expression),))
        return self.clause(node)

    def clause(self, node: AnyNode) -> Clause:
        """A condition, or a value that is chosen between, as statements."""
        match node:
            case e.And(operands):
                return Clause("all of these hold:", tuple(map(self.clause, operands)))
            case e.Or(operands):
                return Clause("at least one of these holds:", tuple(map(self.clause, operands)))
            case e.Xor(left, right):
                return Clause("exactly one of these holds:", (self.clause(left), self.clause(right)))
            case e.Not(operand):
                inner = self.clause(operand)
                if inner.parts:
                    return Clause("this does not hold:", (inner,))
                return Clause(f"not: {inner.text}")
            case e.Implies(left, right):
                return Clause("if the first holds, the second holds too:", (self.clause(left), self.clause(right)))
            case e.If(condition, then, otherwise):
                asked = Clause("if", (self.clause(condition),))
                return Clause("one of two:", (asked, _led("then", self.clause(then)), self._otherwise(otherwise)))
            case e.CountTrue(operands):
                return Clause("the number of these that hold:", tuple(map(self.clause, operands)))
            case e.Silence(operand) | e.Favoured(operand):
                return self.clause(operand)
            case e.Exists(source):
                return self.rows("there is an entry of", source)
            case e.Count(source):
                return self.rows("the number of entries of", source)
            case e.CountDistinct(source, key):
                return self.rows(f"the number of different values of {safe(key)} in", source)
            case e.Compare(operator, left, right):
                return self.compared(left, f"{_COMPARED[operator]} {self.term(right)}")
            case e.Between(operand, low, high):
                return self.compared(operand, f"is from {self.term(low)} to {self.term(high)}, both ends in")
            case e.InInterval(operand, low, high, low_closed, high_closed):
                first = "is at least" if low_closed else "is more than"
                last = "at most" if high_closed else "less than"
                return self.compared(operand, f"{first} {self.term(low)} and {last} {self.term(high)}")
            case e.InSet(operand, valueset, codes):
                named = safe(valueset) or listed([values.code_text(code) for code in codes])
                return self.compared(operand, f"is one of {named}")
            case e.Is(operand, state, negated):
                word = "recorded" if state == "null" else {"true": "yes", "false": "no"}[state]
                is_said = negated if state == "null" else not negated
                return self.compared(operand, f"is {'' if is_said else 'not '}{word}")
            case e.Timing(operand, kind, inclusive, amount, unit, reference):
                return self.compared(operand, self.window(kind, inclusive, amount, unit, reference))
            case e.Function(name, operands) if any(_is_nested(part) for part in operands):
                return Clause(_RESULTS.get(name, name), tuple(map(self.clause, operands)))
        return Clause(self.term(node))

    def _otherwise(self, node: AnyNode) -> Clause:
        return _led("otherwise", self.clause(node))

    def compared(self, side: AnyNode, said: str) -> Clause:
        """A comparison; what is compared is nested where it is a count or a formula of its own."""
        if _is_nested(side):
            return Clause(f"this {said}:", (self.clause(side),))
        return Clause(f"{self.term(side)} {said}")

    def window(self, kind: str, inclusive: bool, amount: AnyNode, unit: str, reference: AnyNode) -> str:
        number, day = self.term(amount), self.term(reference)
        how, _, direction = kind.rpartition(" ")
        ends = "" if inclusive else ", the ends left out"
        if kind == "around":
            return f"lies within {number} {unit} of {day}{ends}"
        least = {"or less": "at most ", "or more": "at least "}.get(how, "")
        return f"lies {least}{number} {unit} {direction} {day}{ends}"

    def rows(self, said: str, source: e.Rows) -> Clause:
        """Entries of a list, with what is asked of each."""
        conditions: list[Clause] = []
        while isinstance(source, e.Where):
            conditions.insert(0, self.clause(source.condition))
            source = source.source
        name = self.label(source.requirement)
        if not conditions:
            return Clause(f"{said} {name}")
        return Clause(f"{said} {name} of which this holds:", tuple(conditions))

    def label(self, name: str) -> str:
        requirement = self.requirements.get(name)
        return label_of(requirement) if requirement is not None else safe(name)

    def parameter(self, name: str) -> str:
        """A parameter with the value that is in force."""
        found = self.parameters.get(name)
        return f"{safe(name)} ({values.value_text(found.value, found.type)})" if found else safe(name)

    def term(self, node: AnyNode) -> str:
        """A value in words; a formula as it is spelt."""
        match node:
            case e.Reference(name):
                return self.label(name)
            case e.Parameter(name):
                return "the as-of date" if name == AS_OF else self.parameter(name)
            case e.Literal(worth, type, text):
                return safe(text) if text and type.name != "Quantity" else values.value_text(worth, type)
            case e.Field(_, name):
                return f"its {safe(name)}"
            case e.Convert(operand) | e.DayOf(operand) | e.Favoured(operand):
                return self.term(operand)
            case e.Age(on=on):
                return f"the age in completed years on {self.term(on)}"
            case e.DateOf(selection):
                return f"the date of {self.label(_name(selection.source))}"
            case e.Select(source):
                return self.label(_name(source))
            case e.Shift(operand, amount, unit, sign):
                return f"{self.term(amount)} {unit} {'after' if sign > 0 else 'before'} {self.term(operand)}"
            case e.Duration(unit, left, right):
                return f"the whole {unit} from {self.term(left)} to {self.term(right)}"
            case e.Function(name, operands) if name in _RESULTS:
                return f"{_RESULTS[name]} {listed([self.term(part) for part in operands])}"
            case e.Coalesce(operands):
                return f"the first that is recorded of {listed([self.term(part) for part in operands])}"
        return safe(" ".join(spell(node).split()))


def _led(word: str, clause: Clause) -> Clause:
    """A statement behind a word."""
    return Clause(f"{word} {clause.text}", clause.parts)


def _name(rows: e.Rows) -> str:
    while isinstance(rows, e.Where):
        rows = rows.source
    return rows.requirement


def _is_nested(node: AnyNode) -> bool:
    """Whether a value is made of conditions or entries, and is said as statements of its own."""
    return isinstance(node, e.Count | e.CountDistinct | e.CountTrue | e.If)
