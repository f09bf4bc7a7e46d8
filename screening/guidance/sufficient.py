"""The fewest recorded facts that alone force a verdict, everything else unknown; found exactly, tried by the law.

A fact here is all that is recorded for one requirement. Evidence is monotone (semantics 1.2): what settles a
verdict still does so with more. So a set that does not force it is grown as far as it will go, and of whatever was
left out one is needed; the smallest set with one of each that was left out so far is tried next. Where a construct
chooses (silence, availability, a denial, two measurements of one thing), each choice of such facts is tried.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from screening.errors import DefectError
from screening.interpreters.compiled import Compiled, Screened
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import ROOTS, Criterion, Library
from screening.outcome.determination import Verdict, is_bar, verdict_of
from screening.outcome.near import Sufficient
from screening.record.subject import Subject

Names = frozenset[str]
Holds = Callable[[Names], bool]
# So many facts below choosing constructs are tried in every choice; so many sets are tried one by one.
MOST_CHOICES, MOST_TRIED = 10, 20_000


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


def sufficient(
    library: Library, subject: Subject, as_of: datetime.date, compiled: Compiled | None = None
) -> Sufficient:
    """The fewest recorded facts that alone force the verdict of a person on a day.

    Of several sets of that size the one that comes first in the order of the protocol. None is needed for
    UNDETERMINED: it is what the absence of facts says. Raises DefectError where law and compiled form differ.
    """
    compiled, person = compiled or Compiled(library), subject.as_of(as_of)
    below = _Below(library, person)

    def screened(kept: Names) -> Screened:
        return compiled.verdict(restricted(person, kept), as_of)

    everything = screened(frozenset(below.recorded))
    verdict = verdict_of(*everything[:4])
    found: Sufficient | None = None
    if verdict is Verdict.INELIGIBLE:
        for criterion in library.criteria:
            if is_bar(criterion, everything.criteria[criterion.id]):
                found = _better(found, _of_bar(criterion, below, screened))
    else:
        universe = below.names([expression for name, expression in library.order if name in ROOTS])
        choosing = below.choosing(ROOTS, is_review=verdict is Verdict.REVIEW)
        kept, exact = smallest(universe, lambda names: verdict_of(*screened(names)[:4]) is verdict, choosing)
        found = Sufficient(verdict, _ordered(below.recorded, kept), is_smallest=exact)
    assert found is not None
    _tried(library, restricted(person, frozenset(found.requirements)), as_of, found)
    return found


def _of_bar(criterion: Criterion, below: _Below, screened: Callable[[Names], Screened]) -> Sufficient:
    universe, choosing = below.names([criterion.expression]), below.choosing([criterion.id])
    kept, exact = smallest(
        universe, lambda names: is_bar(criterion, screened(names).criteria[criterion.id]), choosing
    )
    return Sufficient(Verdict.INELIGIBLE, _ordered(below.recorded, kept), (criterion.id,), exact)


def _better(a: Sufficient | None, b: Sufficient) -> Sufficient:
    if a is None:
        return b
    fewer = b if len(b.requirements) < len(a.requirements) else a
    return replace(fewer, is_smallest=a.is_smallest and b.is_smallest)


def _ordered(order: Sequence[str], names: Names) -> tuple[str, ...]:
    return tuple(name for name in order if name in names)


def _tried(library: Library, person: Subject, as_of: datetime.date, found: Sufficient) -> None:
    values = Law(library).evaluate(person, as_of)
    said = verdict_of(*(values[root] for root in ROOTS))  # type: ignore[arg-type]
    if said is not found.verdict:
        raise DefectError("the law does not say of some facts what the compiled form says")


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


class _Below:
    """What the expressions of a library rest on, as far as it is recorded of one person."""

    def __init__(self, library: Library, person: Subject) -> None:
        self.expressions = dict(library.order)
        self.person = person
        self.recorded = recorded(library, person)

    def nodes(self, node: AnyNode, seen: set[str]) -> Iterator[AnyNode]:
        yield node
        inner: tuple[AnyNode, ...] = parts(node)
        match node:
            case e.Reference(name) if name not in seen:
                seen.add(name)
                inner = (self.expressions[name],)
            case e.Contradicted(criterion) if criterion not in seen:
                seen.add(criterion)
                inner = (self.expressions[criterion],)
        for part in inner:
            yield from self.nodes(part, seen)

    def names(self, expressions: Sequence[AnyNode]) -> tuple[str, ...]:
        """The recorded requirements that expressions rest on, in the order of the library."""
        seen: set[str] = set()
        every = (node for expression in expressions for node in self.nodes(expression, seen))
        named = {node.requirement for node in every if isinstance(node, e.Retrieve)}
        return _ordered(self.recorded, frozenset(named))

    def choosing(self, of: Sequence[str], is_review: bool = False) -> Names:
        """The recorded requirements of which more may unsettle what less had settled."""
        seen: set[str] = set()
        found: set[str] = set()
        for name in of:
            for node in self.nodes(self.expressions[name], seen):
                if self.chooses(node, is_review):
                    found.update(self.names([node]))
        return frozenset(found)

    def chooses(self, node: AnyNode, is_review: bool) -> bool:
        match node:
            case e.Silence() | e.Is() | e.Coalesce() | e.Function("Agree"):
                return True
            case e.Where():
                denied = self.person.absences
                return any(
                    isinstance(n, e.Retrieve) and denied.get(n.requirement) for n in self.nodes(node, set())
                )
            case e.Favoured():
                return is_review
        return False
