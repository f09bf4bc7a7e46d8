"""Facts of a solver by what they speak of: a question is asked among those alone that have to do with it.

A library of a thousand criteria has some ten thousand facts, and a question about one criterion touches a few.
Facts that share no term with it, directly or by others, can neither prove nor refute it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

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
        self._spoken: dict[int, tuple[z3.ExprRef, frozenset[str]]] = {}
        self._solvers: dict[frozenset[int], tuple[z3.Solver, set[int]]] = {}

    def add(self, facts: Iterable[Formula]) -> None:
        """More facts; what they speak of belongs together from now on."""
        for fact in facts:
            if fact is True:
                continue
            at = len(self.all)
            self.all.append(asserted(fact))
            group = self._joined(sorted(self._names(self.all[at]) or {""}))
            self._members[group][1].append(at)

    def belong(self, terms: Iterable[Formula]) -> None:
        """Terms that belong together though no fact says so yet: a value and what it is worked out from."""
        names = {name for term in terms if isinstance(term, z3.ExprRef) for name in self._names(term)}
        if names:
            self._joined(sorted(names))

    def _names(self, formula: z3.ExprRef) -> frozenset[str]:
        """The terms that a formula speaks of."""
        # ENGINE: equal formulas are one object of z3 with one number, as long as somebody keeps it.
        known = self._spoken.get(formula.get_id())
        if known is None:
            known = self._spoken[formula.get_id()] = (formula, frozenset(_NAME.findall(formula.sexpr())))
        return known[1]

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

    def check(self, *formulas: Formula) -> tuple[z3.CheckSatResult, z3.ModelRef | None]:
        """Whether the formulas can be so together, and if they can, one way how.

        What has no term in common is asked apart: each part has its own way, and all of them are one.
        """
        found: z3.ModelRef | None = None
        undecided = False
        for groups, wanted in self._apart([part for formula in formulas for part in _parts(asserted(formula))]):
            solver = self._about(groups)
            answer = solver.check(*wanted)
            if answer == z3.unsat:
                return answer, None
            undecided = undecided or answer != z3.sat
            if not undecided:
                found = _merged(found, solver.model())
        return (z3.unknown, None) if undecided else (z3.sat, found)

    def is_never(self, *formulas: Formula) -> bool:
        """Whether the formulas are never so together, within the steps that are allowed."""
        return bool(self.check(*formulas)[0] == z3.unsat)

    def _apart(self, wanted: Sequence[z3.BoolRef]) -> list[tuple[frozenset[int], list[z3.BoolRef]]]:
        """What is asked, sorted by the groups of facts that it has to do with."""
        kept: list[tuple[set[int], list[z3.BoolRef]]] = []
        by_group: dict[int, int] = {}
        for formula in wanted:
            # A term of which no fact speaks is a group of its own.
            groups = {
                self._joined([name]) if name not in self._group else self._group[name]
                for name in sorted(self._names(formula))
            }
            found = sorted({by_group[group] for group in groups if group in by_group})
            at = found[0] if found else len(kept)
            if not found:
                kept.append((set(), []))
            for other in found[1:]:
                kept[at][0].update(kept[other][0])
                kept[at][1].extend(kept[other][1])
                kept[other] = (set(), [])
            kept[at][0].update(groups)
            kept[at][1].append(formula)
            by_group.update(dict.fromkeys(kept[at][0], at))
        return [(frozenset(groups), parts) for groups, parts in kept if parts]

    def _about(self, groups: frozenset[int]) -> z3.Solver:
        """A solver that knows every fact of some groups."""
        # Facts without a term are known to all: one of them may be that nothing can be so.
        groups = groups | {self._group[""]} if "" in self._group else groups
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


def _parts(formula: z3.BoolRef) -> Iterator[z3.BoolRef]:
    """What must all be so for a formula to be so."""
    waiting = [formula]
    while waiting:
        part = waiting.pop()
        inner = part.arg(0) if z3.is_not(part) else None
        if z3.is_and(part):
            waiting += reversed(part.children())
        elif inner is not None and z3.is_or(inner):
            waiting += [z3.Not(child) for child in reversed(inner.children())]
        elif inner is not None and z3.is_not(inner):
            waiting.append(inner.arg(0))
        else:
            yield part


def _merged(found: z3.ModelRef | None, more: z3.ModelRef) -> z3.ModelRef:
    """Two ways of which neither says anything of the terms of the other."""
    if found is None:
        return more
    for term in more.decls():
        found.update_value(term, more[term])
    return found
