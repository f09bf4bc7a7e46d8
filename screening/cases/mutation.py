"""Which worked case would notice if a rule said something else: one named expression changed, all else as it is.

What a name rests on decides what it is worth: of cases that are alike in that, one is evaluated for all of them.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from screening.cases.compare import compared, holds_at_a_glance
from screening.cases.document import Case
from screening.cases.run import Asked
from screening.interpreters.reference import Law, Meaning, Run, plain, stepped
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Criterion, Library
from screening.outcome.determination import determine
from screening.outcome.trace import Trace
from screening.record.rows import is_unknown
from screening.record.subject import Subject, Value


def _every(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from _every(part)


@dataclass(frozen=True, slots=True)
class Uses:
    """What an expression rests on: names, parameters, requirements; and whether on what contradicts itself."""

    names: frozenset[str]
    parameters: frozenset[str]
    requirements: frozenset[str]
    contradicted: bool


def uses_of(expression: Expression) -> Uses:
    """What an expression rests on, each of it by name."""
    names, parameters, requirements, contradicted = set[str](), set[str](), set[str](), False
    for node in _every(expression):
        match node:
            case e.Reference(name):
                names.add(name)
            case e.Parameter(name):
                parameters.add(name)
            case e.Retrieve(requirement):
                requirements.add(requirement)
            case e.Contradicted(criterion):
                names.add(criterion)
                contradicted = True
    return Uses(frozenset(names), frozenset(parameters), frozenset(requirements), contradicted)


class Dependents:
    """A library as the cases of it are evaluated again: what rests on what, and the meanings, each made once."""

    def __init__(self, library: Library) -> None:
        self.library, self.law = library, Law(library)
        self.expressions = dict(library.order)
        self.uses = {name: uses_of(expression) for name, expression in library.order}
        self.meanings = {name: plain(expression) for name, expression in library.order}
        self.positions = {name: at for at, (name, _) in enumerate(library.order)}
        self.users: dict[str, list[str]] = {}
        for name, uses in self.uses.items():
            for used in uses.names:
                self.users.setdefault(used, []).append(name)
        self.contradicted = [name for name, uses in self.uses.items() if uses.contradicted]


class Held:
    """One case, kept as the law left it, so that a changed expression is evaluated in its place alone."""

    def __init__(self, asked: Asked, dependents: Dependents) -> None:
        self.case, self.dependents = asked.case, dependents
        self.subject = asked.subject.as_of(asked.case.as_of)
        self.run = run = Run(dict(dependents.law.parameters), self.subject, asked.case.as_of)
        # Where evidence contradicts itself, by the name whose evaluation finds it.
        self.conflicts: dict[str, frozenset[str]] = {}
        for name, meaning in dependents.meanings.items():
            run.values[name] = meaning(run, {})
            if run.conflicts and not dependents.uses[name].contradicted:
                found = frozenset(run.conflicts.difference(*self.conflicts.values()))
                if found:
                    self.conflicts[name] = found
        self.every = frozenset(run.conflicts)
        self.looked_at = _looked_at(self.case, dependents.library)
        self._keys: dict[str, Hashable] = {}

    def likeness(self, uses: Uses) -> Hashable:
        """Everything that decides what an expression is worth here: of cases alike in it one is evaluated."""
        run = self.run
        return (
            run.as_of,
            tuple(_key(run.values[name]) for name in sorted(uses.names)),
            tuple(repr(run.parameters[name]) for name in sorted(uses.parameters)),
            tuple(self._recorded(name) for name in sorted(uses.requirements)),
            self.every if uses.contradicted else (),
        )

    def _recorded(self, name: str) -> Hashable:
        """What the record says of a requirement, wherever it was written down."""
        if name not in self._keys:
            person = self.subject
            rows = [
                (row.id, row.value, row.when, row.clock, row.certainty, row.codes, sorted(row.fields.items()),
                 row.status, sorted(row.concepts))
                for row in person.evidence.get(name, ())
            ]  # fmt: skip
            said = person.absences.get(name), person.complete.get(name), person.searched.get(name)
            self._keys[name] = repr((rows, said, person.concepts.get(name)))
        return self._keys[name]

    def worth(self, meaning: Meaning, uses: Uses) -> tuple[Value, frozenset[str]]:
        """What an expression is worth here, and where evidence contradicts itself in it."""
        run = self.run
        run.conflicts = set(self.every) if uses.contradicted else set()
        found = meaning(run, {})
        return found, frozenset(run.conflicts)

    def changed(
        self, name: str, found: Value, conflicts: frozenset[str], before: frozenset[str]
    ) -> dict[str, Value]:
        """Every name that is worth something else once one of them is, with what it then is worth."""
        own = self.dependents
        run = Run(self.run.parameters, self.subject, self.run.as_of)
        run.values = {**self.run.values, name: found}
        others = self.every - before
        run.conflicts = set(others | conflicts)
        different = {name: found}
        waiting = {own.positions[user] for user in own.users.get(name, ())}
        if conflicts != before:
            waiting |= {own.positions[other] for other in own.contradicted}
        order = own.library.order
        while waiting:
            position = min(waiting)
            waiting.discard(position)
            other = order[position][0]
            if other == name:
                continue
            value = own.meanings[other](run, {})
            if value != run.values[other]:
                different[other] = run.values[other] = value
                waiting |= {at for user in own.users.get(other, ()) if (at := own.positions[user]) > position}
        return different

    def notices(self, different: Mapping[str, Value]) -> bool | None:
        """Whether these values are otherwise than the case expects; None where only the steps can say it."""
        if self.looked_at is not None and self.looked_at.isdisjoint(different):
            return False
        if holds_at_a_glance(self.case, self.dependents.library, {**self.run.values, **different}):
            return False
        return None if self.looked_at is None else True

    def differs(self, name: str, expression: Expression, meaning: Meaning) -> bool:
        """The whole case, step by step, with the changed expression."""
        own, case = self.dependents, self.case
        library = with_changed(own.library, name, expression)
        run = Run(self.run.parameters, self.subject, self.run.as_of)
        for other, step in own.law.stepped:
            run.values[other] = (meaning if other == name else step)(run, {})
        trace = Trace(library.name, case.as_of, "reference", tuple(run.steps))
        return any(True for _ in compared(case, library, trace, determine(library, trace)))


def _key(value: Any) -> Hashable:
    return value if isinstance(value, Hashable) else repr(value)


def _looked_at(case: Case, library: Library) -> frozenset[str] | None:
    """The names whose values decide whether a case is as expected; None where that is not seen of values alone."""
    expect = case.expect
    criteria = {criterion.id: criterion for criterion in library.criteria}
    named = [name.text for name, _ in expect.named.get("criteria", ())]
    if expect.named.get("until") or set(expect.lists) - {"alerts", "reasons"}:
        return None
    if any(criteria[name].applies for name in named):
        return None
    names = {*named, *(name.text for name, _ in expect.named.get("values", ()))}
    if expect.verdict is not None or expect.standing is not None:
        names |= {*ROOTS, *library.anchors}
    if "reasons" in expect.lists:
        names |= set(criteria)
    if "alerts" in expect.lists:
        names |= {c.alert.definition for c in library.criteria if c.alert}
    return frozenset(names)


def with_changed(library: Library, name: str, expression: Expression) -> Library:
    """A library in which one name means something else, wherever it is kept."""
    return replace(
        library,
        order=tuple((key, expression if key == name else old) for key, old in library.order),
        criteria=tuple(_as_changed(c, expression) if c.id == name else c for c in library.criteria),
        definitions=tuple(replace(d, expression=expression) if d.name == name else d for d in library.definitions),
    )


def _as_changed(criterion: Criterion, expression: Expression) -> Criterion:
    """A criterion that says something else; whom it applies to is its first part, if it still has that form."""
    applies = criterion.applies if type(expression) is type(criterion.expression) else ""
    return replace(criterion, expression=expression, applies=applies)


@dataclass(slots=True)
class _Alike:
    """The cases in which an expression rests on the same, and what it is worth in all of them."""

    cases: list[Held]
    worth: tuple[Value, frozenset[str]]


class Suite:
    """The cases of some files, by the libraries that they are of."""

    def __init__(self, asked: Iterable[Asked], libraries: dict[int, Dependents] | None = None) -> None:
        """`libraries` are those that were made ready before, by their identity."""
        self.libraries = {} if libraries is None else libraries
        self.held: list[Held] = []
        for one in asked:
            dependents = self.libraries.get(id(one.library))
            if dependents is None:
                dependents = self.libraries[id(one.library)] = Dependents(one.library)
            self.held.append(Held(one, dependents))
        self._alike: tuple[Any, Uses, list[_Alike]] | None = None

    def killer(self, name: str, original: Expression, mutated: Expression) -> Held | None:
        """A case that notices the change, of any library in which the name says the same; None if none."""
        groups, uses = self._groups(name, original)
        meaning = plain(mutated)
        unseen: list[Held] = []
        for group in groups:
            found, conflicts = group.cases[0].worth(meaning, uses)
            if (found, conflicts) == group.worth:
                continue
            for held in group.cases:
                noticed = held.notices(held.changed(name, found, conflicts, group.worth[1]))
                if noticed:
                    return held
                if noticed is None:
                    unseen.append(held)
        if unseen:
            steps = stepped(mutated)
            for held in unseen:
                if held.differs(name, mutated, steps):
                    return held
        return None

    def people(self, name: str, original: Expression) -> list[Subject]:
        """One person of all cases that are alike in what a name rests on; first those of whom it is known."""
        groups, _ = self._groups(name, original)
        return [one.cases[0].subject for one in sorted(groups, key=lambda group: is_unknown(group.worth[0]))]

    def speaking(self, name: str, expression: Expression) -> frozenset[int]:
        """The libraries in which a name says this, each by its identity."""
        return frozenset(id(own) for own in self.libraries.values() if own.expressions.get(name) == expression)

    def _groups(self, name: str, original: Expression) -> tuple[list[_Alike], Uses]:
        """The cases by what the name rests on; those that speak of it themselves come first."""
        if self._alike is None or self._alike[0] is not original:
            uses, meaning = uses_of(original), plain(original)
            speaking = self.speaking(name, original)
            alike: dict[Hashable, list[Held]] = {}
            for held in self.held:
                if id(held.dependents) in speaking:
                    alike.setdefault(held.likeness(uses), []).append(held)
            for group in alike.values():
                group.sort(key=lambda held: held.looked_at is None or name not in held.looked_at)
            groups = [_Alike(group, group[0].worth(meaning, uses)) for group in alike.values()]
            self._alike = original, uses, groups
        return self._alike[2], self._alike[1]
