"""What makes each open statement of one person TRUE and what makes it FALSE, put together as the law does.

Kleene's tables on families of answers: a conjunction is TRUE with what makes all its parts TRUE, FALSE with what
makes one of them FALSE. Statements that are no logic are tables of answers.
"""

from __future__ import annotations

from screening.guidance.cubes import ALWAYS, NEVER, Family, both, either
from screening.guidance.gaps import Gaps
from screening.guidance.reading import every
from screening.guidance.tables import Rails, Tables
from screening.language import expression as e
from screening.language.expression import Expression
from screening.values.truth import FALSE, TRUE

_STANDS = {TRUE: Rails(ALWAYS, NEVER), FALSE: Rails(NEVER, ALWAYS)}
_NEITHER = Rails(NEVER, NEVER)


class Statements:
    """The rails of the open statements of one person."""

    def __init__(self, gaps: Gaps, tables: Tables) -> None:
        self.gaps, self.tables = gaps, tables
        self._names: dict[str, Rails] = {}

    def of(self, name: str) -> Rails:
        """The rails of a criterion, a definition or a requirement that is a statement."""
        found = self._names.get(name)
        if found is None:
            found = self._names[name] = self.rails(self.gaps.reading.expressions[name])
        return found

    def rails(self, node: Expression) -> Rails:
        """What makes a statement TRUE, and what makes it FALSE."""
        waits = self.gaps.waits(node)
        if not waits and not isinstance(node, e.Favoured):
            return _STANDS.get(self.gaps.value(node), _NEITHER)
        if len(waits) == 1 and not isinstance(node, e.Reference) and not self._favours(node):
            return self.tables.rails(node)
        match node:
            case e.Reference(name):
                return self.of(name)
            case e.And(operands):
                each = [self.rails(operand) for operand in operands]
                return Rails(both(r.true for r in each), either(r.false for r in each))
            case e.Or(operands):
                each = [self.rails(operand) for operand in operands]
                return Rails(either(r.true for r in each), both(r.false for r in each))
            case e.Not(operand):
                found = self.rails(operand)
                return Rails(found.false, found.true)
            case e.Implies(left, right):
                a, b = self.rails(left), self.rails(right)
                return Rails(either((a.false, b.true)), both((a.true, b.false)))
            case e.Xor(left, right):
                a, b = self.rails(left), self.rails(right)
                return Rails(
                    either((both((a.true, b.false)), both((a.false, b.true)))),
                    either((both((a.true, b.true)), both((a.false, b.false)))),
                )
            case e.If(condition, then, otherwise) if node.type.name in ("Boolean", "Judgement"):
                c, a, b = self.rails(condition), self.rails(then), self.rails(otherwise)
                return Rails(_chosen(c, a.true, b.true), _chosen(c, a.false, b.false))
            case e.Favoured(operand, toward):
                return self._favoured(operand, toward is TRUE)
        return self.tables.rails(node)

    def _favours(self, node: Expression) -> bool:
        return any(isinstance(part, e.Favoured) for part in every(node))

    def _favoured(self, operand: Expression, is_true: bool) -> Rails:
        """A Judgement in the person's favour: as it is answered, and favourable as long as it is not."""
        found = self.rails(operand)
        against = found.false if is_true else found.true
        for_it = found.true if is_true else found.false
        open_ones = [{item: 1} for item in self.gaps.waits(operand)]
        if not open_ones and self.gaps.value(operand) not in (TRUE, FALSE):
            favoured = ALWAYS
        else:
            favoured = either((for_it, Family(tuple(open_ones))))
        return Rails(favoured, against) if is_true else Rails(against, favoured)


def _chosen(condition: Rails, then: Family, otherwise: Family) -> Family:
    """`if`: either branch with its condition, or both of them alike whatever the condition."""
    return either((both((condition.true, then)), both((condition.false, otherwise)), both((then, otherwise))))
