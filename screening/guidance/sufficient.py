"""The fewest recorded facts that alone force a verdict, everything else unknown; found exactly, tried by the law.

A fact here is all that is recorded for one requirement. Evidence is monotone (semantics 1.2): what settles a
verdict still does so with more. So a set that does not force it is grown as far as it will go, and of whatever was
left out one is needed; the smallest set with one of each that was left out so far is tried next. Where a construct
chooses (silence, availability, a denial, two measurements of one thing), each choice of such facts is tried.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations
from typing import cast

from screening.errors import DefectError
from screening.interpreters.compiled import Compiled
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Library
from screening.outcome.determination import Verdict, verdict_of
from screening.outcome.near import Sufficient
from screening.record.subject import Subject
from screening.values.truth import FALSE, TRUE, Truth

Names = frozenset[str]
Holds = Callable[[Names], bool]
# So many facts below choosing constructs are tried in every choice; so many sets are tried one by one.
MOST_CHOICES, MOST_TRIED = 10, 20_000
GOAL = "goal:"


def recorded(library: Library, subject: Subject) -> tuple[str, ...]:
    """The requirements for which anything is recorded, in the order of the library."""
    said = (subject.evidence, subject.absences, subject.complete)
    return tuple(r.name for r in library.requirements if any(of.get(r.name) for of in said))


def restricted(subject: Subject, kept: Names) -> Subject:
    """The person of whom nothing is known but what is recorded for some requirements."""
    return replace(
        subject,
        evidence={name: rows for name, rows in subject.evidence.items() if name in kept},
        absences={name: rows for name, rows in subject.absences.items() if name in kept},
        complete={name: said for name, said in subject.complete.items() if name in kept},
    )


def sufficient(library: Library, subject: Subject, as_of: datetime.date) -> Sufficient:
    """The fewest recorded facts that alone force the verdict of a person on a day.

    INELIGIBLE has to be so by a criterion that bars in fact. Of several sets of that size one, the same each time.
    None is needed for what the absence of facts says as well, as UNDETERMINED. Raises DefectError where the law
    does not say so of the facts that were found.
    """
    person, law = subject.as_of(as_of), Law(library)

    def said(names: Names) -> Verdict:
        values = law.evaluate(restricted(person, names), as_of)
        return verdict_of(*(values[root] for root in ROOTS))  # type: ignore[arg-type]

    below = _Below(library, person, as_of)
    verdict = said(frozenset(below.recorded))
    if verdict is not Verdict.INELIGIBLE and said(frozenset()) is verdict:
        return Sufficient(verdict, ())
    found: Sufficient | None = None
    match verdict:
        case Verdict.INELIGIBLE:
            for criterion in library.criteria:
                goal = below.goal(criterion.expression, FALSE if criterion.category == "inclusion" else TRUE)
                if criterion.strength == "absolute" and goal.is_reached:
                    found = _better(found, Sufficient(verdict, *_of((goal,), below, (criterion.id,))))
        case Verdict.ELIGIBLE:
            goals = (*below.goals("eligible", TRUE), *below.goals("arranged", TRUE), *below.goals("review", FALSE))
            found = Sufficient(verdict, *_of(goals, below))
        case Verdict.REVIEW:
            # What is to be reviewed is so without any fact, too; only what else there is has to be settled.
            found = Sufficient(
                verdict, *_of((*below.goals("favourable", TRUE), *below.goals("arranged", TRUE)), below)
            )
    if found is None or said(frozenset(found.requirements)) is not verdict:
        kept, exact = _one_by_one(below.recorded, lambda names: said(names) is verdict)
        found = Sufficient(verdict, _ordered(below.recorded, kept), is_smallest=exact)
    if said(frozenset(found.requirements)) is not verdict:
        raise DefectError("the law does not say of some facts what it was searched for")
    return found


def _better(a: Sufficient | None, b: Sufficient) -> Sufficient:
    if a is None:
        return b
    fewer = b if len(b.requirements) < len(a.requirements) else a
    return replace(fewer, is_smallest=a.is_smallest and b.is_smallest)


def _of(
    goals: Sequence[_Goal], below: _Below, criteria: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
    """The fewest facts that reach all goals: what one of them cannot do without, then the rest, part by part."""
    fixed = frozenset(name for goal in goals for name in goal.necessary())
    left = [goal for goal in goals if not goal.holds(fixed & goal.names)]
    kept, is_exact = fixed, True
    for part in _parted(left, fixed):
        names = frozenset(name for goal in part for name in goal.names) - fixed
        choosing = frozenset(name for goal in part for name in goal.choosing) - fixed

        def holds(some: Names, part: list[_Goal] = part) -> bool:
            return all(goal.holds((fixed | some) & goal.names) for goal in part)

        found, exact = smallest(_ordered(below.recorded, names), holds, choosing)
        kept, is_exact = kept | found, is_exact and exact
    return _ordered(below.recorded, kept), criteria, is_exact


def _parted(goals: Sequence[_Goal], fixed: Names) -> list[list[_Goal]]:
    """Goals in parts that share no fact, but for those that are needed in any case."""
    parts: list[tuple[Names, list[_Goal]]] = []
    for goal in goals:
        names, part = goal.names - fixed, [goal]
        apart = []
        for others, members in parts:
            if names.isdisjoint(others):
                apart.append((others, members))
            else:
                names, part = names | others, [*members, *part]
        parts = [*apart, (names, part)]
    return [part for _, part in parts]


def _ordered(order: Sequence[str], names: Names) -> tuple[str, ...]:
    return tuple(name for name in order if name in names)


# ------------------------------------------------------------------------------------ the search


def smallest(universe: Sequence[str], holds: Holds, choosing: Names = frozenset()) -> tuple[Names, bool]:
    """The smallest set of names for which something holds that holds for all, and whether none is smaller.

    It has to hold for every larger set too, the names of `choosing` apart.
    """
    if holds(frozenset()):
        return frozenset(), True
    chosen = [name for name in universe if name in choosing]
    settled = [name for name in universe if name not in choosing]
    if len(chosen) > MOST_CHOICES:
        return _one_by_one(universe, holds)
    best: Names | None = None
    for size in range(len(chosen) + 1):
        for taken in combinations(chosen, size):
            most = len(best) - 1 if best is not None else len(universe)
            if size <= most:
                found = _hitting_all(settled, holds, frozenset(taken), most - size)
                best = found if found is not None else best
    assert best is not None
    return best, True


def _hitting_all(universe: Sequence[str], holds: Holds, taken: Names, most: int) -> Names | None:
    """The smallest set that holds beside what is taken, of no more than so many names; None if none does."""
    every = frozenset(universe)
    if not holds(taken | every):
        return None
    needed = [frozenset((name,)) for name in universe if not holds((taken | every) - {name})]
    while len(needed) <= most or any(len(one) > 1 for one in needed):
        tried = _hitting(needed, universe, most)
        if tried is None:
            return None
        if holds(taken | tried):
            return taken | tried
        grown = tried
        for name in universe:
            if name not in grown and not holds(taken | grown | {name}):
                grown |= {name}
        needed.append(every - grown)
    return None


def _hitting(sets: Sequence[Names], order: Sequence[str], most: int) -> Names | None:
    """The smallest set with a name of each set, of no more than so many names; None if there is none."""
    certain = frozenset(name for one in sets if len(one) == 1 for name in one)
    left = [one for one in sets if one.isdisjoint(certain)]
    best: Names | None = None

    def branch(taken: Names, left: list[Names]) -> None:
        nonlocal best
        bound = most if best is None else len(best) - 1
        if not left:
            best = taken if len(taken) <= bound else best
            return
        if len(taken) + _disjoint(left) > bound:
            return
        first = min(left, key=len)
        for name in order:
            if name in first:
                branch(taken | {name}, [one for one in left if name not in one])

    branch(certain, left)
    return best


def _disjoint(sets: Sequence[Names]) -> int:
    """How many of these share no name: so many names are needed at least."""
    seen: Names = frozenset()
    count = 0
    for one in sorted(sets, key=len):
        if one.isdisjoint(seen):
            seen |= one
            count += 1
    return count


def _one_by_one(universe: Sequence[str], holds: Holds) -> tuple[Names, bool]:
    """By size, each set; after so many what is left when names are taken away one after the other."""
    tried = 0
    for size in range(1, len(universe) + 1):
        for taken in combinations(universe, size):
            tried += 1
            if holds(frozenset(taken)):
                return frozenset(taken), True
            if tried == MOST_TRIED:
                kept = frozenset(universe)
                for name in reversed(universe):
                    kept = kept - {name} if holds(kept - {name}) else kept
                return kept, False
    return frozenset(universe), True


# ------------------------------------------------------------------------------ what rests on what


class _Goal:
    """That one node has one truth, with what it rests on of what is recorded of one person."""

    def __init__(self, holds: Holds, names: Names, choosing: Names, order: Sequence[str]) -> None:
        self.names, self.choosing = names, choosing
        self._holds, self._order = holds, order
        self._known: dict[Names, bool] = {}

    def holds(self, names: Names) -> bool:
        """Whether it has with these facts alone."""
        if names not in self._known:
            self._known[names] = self._holds(names)
        return self._known[names]

    @property
    def is_reached(self) -> bool:
        return self.holds(self.names)

    def necessary(self) -> Iterator[str]:
        """The facts without which it does not, whatever else of what is recorded is kept."""
        if len(self.choosing) > MOST_CHOICES or self.holds(frozenset()):
            return
        settled = self.names - self.choosing
        for name in _ordered(self._order, self.names):
            kept, free = settled - {name}, self.choosing - {name}
            if not any(self.holds(kept | frozenset(some)) for some in _choices(_ordered(self._order, free))):
                yield name


def _choices(names: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """Every choice of some names, the largest first."""
    for size in range(len(names), -1, -1):
        yield from combinations(names, size)


def alone(library: Library, node: AnyNode) -> Compiled:
    """A library of nothing but one node, under the name `GOAL`, and what it rests on: fast to be asked often."""
    expressions = dict(library.order)
    seen: set[str] = set()
    waiting: list[AnyNode] = [node]
    while waiting:
        found = waiting.pop()
        waiting += parts(found)
        for name in _named_by(found):
            if name not in seen:
                seen.add(name)
                waiting.append(expressions[name])
    order = tuple((name, expression) for name, expression in library.order if name in seen)
    return Compiled(replace(library, order=(*order, (GOAL, cast(Expression, node)))))


def _named_by(node: AnyNode) -> tuple[str, ...]:
    match node:
        case e.Reference(name) | e.Contradicted(name):
            return (name,)
    return ()


class _Below:
    """What the expressions of a library rest on, as far as it is recorded of one person."""

    def __init__(self, library: Library, person: Subject, as_of: datetime.date) -> None:
        self.library, self.person, self.as_of = library, person, as_of
        self.expressions = dict(library.order)
        self.recorded = recorded(library, person)
        steps = Law(library).trace(person, as_of).steps
        self.conflicts = frozenset(step.place for step in steps if step.conflict)

    def goals(self, root: str, truth: Truth) -> tuple[_Goal, ...]:
        """That a root has a truth which each of its parts has to have."""
        node = self.expressions[root]
        if isinstance(node, e.Reference):
            return self.goals(node.name, truth)
        return tuple(
            self.goal(part, truth) for part in (parts(node) if isinstance(node, e.And | e.Or) else (node,))
        )

    def goal(self, node: AnyNode, truth: Truth) -> _Goal:
        every = list(self.nodes(node, set()))
        names = self.named(every)
        compiled = alone(self.library, node)

        def holds(kept: Names) -> bool:
            return compiled.evaluate(restricted(self.person, kept), self.as_of)[GOAL] is truth

        choosing = frozenset(
            n for each in every if self.chooses(each) for n in self.named(self.nodes(each, set()))
        )
        return _Goal(holds, names, choosing, self.recorded)

    def nodes(self, node: AnyNode, seen: set[str]) -> Iterator[AnyNode]:
        """A node and everything that it rests on, each name once."""
        yield node
        inner: tuple[AnyNode, ...] = parts(node)
        name = (
            node.name
            if isinstance(node, e.Reference)
            else node.criterion
            if isinstance(node, e.Contradicted)
            else ""
        )
        if name and name not in seen:
            seen.add(name)
            inner = (self.expressions[name],)
        for part in inner:
            yield from self.nodes(part, seen)

    def named(self, nodes: Iterable[AnyNode]) -> Names:
        """The recorded requirements among nodes."""
        return frozenset(n.requirement for n in nodes if isinstance(n, e.Retrieve)).intersection(self.recorded)

    def chooses(self, node: AnyNode) -> bool:
        """Whether more evidence below a node may unsettle what less had settled."""
        match node:
            case e.Silence() | e.Is() | e.Coalesce() | e.Favoured():
                return True
            case e.Function("Agree", place=place):
                # What all of it agrees on, a part of it does.
                return place in self.conflicts
            case e.Where():
                denied = self.person.absences
                return any(
                    isinstance(n, e.Retrieve) and denied.get(n.requirement) for n in self.nodes(node, set())
                )
        return False
