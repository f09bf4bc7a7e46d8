"""Facts of a solver by what they speak of: a question is asked among those alone that have to do with it.

A library of a thousand criteria has some ten thousand facts, and a question about one criterion touches a few. Facts
that share no term with it, directly or by others, can neither prove nor refute it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import z3

from screening.interpreters.symbolic_term import Formula, asserted

# ENGINE: z3 writes a formula with every name once, however often its parts are shared; a name of words in bars.
_NAME = re.compile(r"\|[^|]*\||[A-Za-z_][\w.]*~\d+")
_KEPT = 64


class Facts:
    """What holds of the terms, in groups that have no term in common; solvers that know the groups asked of."""

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.all: list[z3.BoolRef] = []
        self._group: dict[str, int] = {}
        self._members: dict[int, tuple[list[str], list[int]]] = {}
        self._solvers: dict[frozenset[int], tuple[z3.Solver, set[int]]] = {}

    def add(self, facts: Iterable[Formula]) -> None:
        """More facts; what they speak of belongs together from now on."""
        for fact in facts:
            if fact is True:
                continue
            at = len(self.all)
            self.all.append(asserted(fact))
            names = _names(self.all[at]) or {""}
            group = self._joined(names)
            self._members[group][1].append(at)

    def _joined(self, names: Iterable[str]) -> int:
        """The group of some names, of which there is one afterwards."""
        groups = {self._group[name] for name in names if name in self._group}
        kept = max(groups, key=lambda group: (len(self._members[group][0]), -group), default=len(self._group))
        if not groups:
            self._members[kept] = ([], [])
        for other in groups - {kept}:
            members, facts = self._members.pop(other)
            self._members[kept][0].extend(members)
            self._members[kept][1].extend(facts)
            self._group.update(dict.fromkeys(members, kept))
        fresh = [name for name in names if name not in self._group]
        self._members[kept][0].extend(fresh)
        self._group.update(dict.fromkeys(fresh, kept))
        return kept

    def check(self, *formulas: Formula) -> tuple[z3.CheckSatResult, z3.Solver]:
        """Whether the formulas can be so together, and the solver that knows how."""
        wanted = [asserted(formula) for formula in formulas]
        solver = self._about(wanted)
        return solver.check(*wanted), solver

    def is_never(self, *formulas: Formula) -> bool:
        """Whether the formulas are never so together, within the steps that are allowed."""
        return bool(self.check(*formulas)[0] == z3.unsat)

    def _about(self, wanted: Sequence[z3.BoolRef]) -> z3.Solver:
        """A solver that knows every fact that has to do with what is asked."""
        names = {name for formula in wanted for name in _names(formula)}
        groups = frozenset(self._group[name] for name in names | {""} if name in self._group)
        if groups not in self._solvers:
            while len(self._solvers) >= _KEPT:
                del self._solvers[next(iter(self._solvers))]
            self._solvers[groups] = (z3.Solver(), set())
            self._solvers[groups][0].set("rlimit", self.steps)
        solver, told = self._solvers[groups]
        fresh = sorted({at for group in groups for at in self._members[group][1]} - told)
        solver.add(*(self.all[at] for at in fresh))
        told.update(fresh)
        return solver


def _names(formula: z3.BoolRef) -> set[str]:
    """The terms that a formula speaks of."""
    return set(_NAME.findall(formula.sexpr()))
