"""What two editions say differently of one record: proved the same, or otherwise, with a person for each way."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator

import z3

from screening.analysis.correction import chained, corrections
from screening.analysis.counting import entries_needed, is_of_any, places_needed, uncountable
from screening.analysis.editions import (
    beside_the_truths,
    granted,
    matched,
    read_otherwise,
    same_names,
    steps,
    twins,
)
from screening.analysis.part import part_of
from screening.analysis.proofs import formula_of, is_eligible, statements, truth_of_name
from screening.analysis.witness import Model, Values, smallest, subject_of
from screening.interpreters import symbolic_table as table
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import Anything
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_term import Formula, afresh, asserted, both, either, opposite
from screening.language import expression as e
from screening.language.library import ROOTS, Criterion, Library
from screening.language.types import ORDERED
from screening.outcome.determination import verdict_of
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Changed, Editions, Otherwise
from screening.record.subject import Subject
from screening.values.bounds import Bounds, exactly, is_exact
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

ROUNDS = 20
STEPS = 5_000_000
_TOLD = 6
Holds = Callable[[Values, Values], bool]


class Pair:
    """One made-up person, and anything that a record may say, under two editions."""

    def __init__(self, old: Library, new: Library, as_of: datetime.date) -> None:
        self.libraries, self.as_of = (old, new), as_of
        self.same = same_names(old, new)
        needed = [entries_needed(library) for library in self.libraries]
        slots = {name: max(each.get(name, 2) for each in needed) for each in needed for name in each}
        places = max(map(places_needed, self.libraries))
        self.rows = (Rows(old, slots, places=places), Rows(new, slots, places=places))
        self._uncountable = uncountable(old) | uncountable(new)
        self.people = self._readers(self.rows[0], self.rows[1], "person")
        self.otherwise = read_otherwise(old, new)
        self._nobody_has(self.otherwise)
        first = Anything(old)
        self.anything = self._readers(first, Anything(new, first, self.same), "record")
        self.laws = (Law(old), Law(new))
        self._solvers = (z3.Solver(), z3.Solver())
        for solver in self._solvers:
            solver.set("rlimit", STEPS)
        self._told: dict[str, int] = {}
        self.twins = twins(old, new)
        # What two editions call alike but for its year is made up alike, where that shows the difference as well.
        self._alike = both(
            table.known_alike(self.people[0].named(one), self.people[1].named(other))
            for other, one in self.twins.items()
        )

    def _readers(self, first: object, second: object, name: str) -> tuple[Reading, Reading]:
        day = exactly(self.as_of)
        old, new = self.libraries
        readers = Reading(old, day, first, f"{name} old"), Reading(new, day, second, f"{name} new")  # type: ignore[arg-type]
        for shared, _ in old.order:
            if shared in self.same:
                readers[1].suppose(shared, readers[0].named(shared))
        return readers

    def _nobody_has(self, names: frozenset[str]) -> None:
        """Nothing is written down of some inputs, nor said of their lists."""
        for library, rows, reader in zip(self.libraries, self.rows, self.people, strict=True):
            for name in sorted(names & {r.name for r in library.requirements}):
                listed = rows.list_of(name, reader)
                reader.facts.append(opposite(listed.denied))
                reader.facts.append(opposite(listed.complete))
                reader.facts += [opposite(slot.here) for slot in listed.slots]

    def inputs(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What the editions read otherwise of a record among what some names of either rest on."""
        parts = (part_of(library, name) for library, name in zip(self.libraries, names, strict=True))
        return tuple(sorted(self.otherwise & {r.name for part in parts for r in part.requirements}))

    def _tell(self, solver: z3.Solver, readers: tuple[Reading, Reading]) -> None:
        for reader in readers:
            solver.add(*map(asserted, reader.facts[self._told.get(reader.name, 0) :]))
            self._told[reader.name] = len(reader.facts)

    def is_never(self, of: Callable[[Reading, Reading], Formula]) -> bool:
        """Whether it is so of no record at all."""
        formula = of(*self.anything)
        self._tell(self._solvers[0], self.anything)
        return bool(self._solvers[0].check(asserted(formula)) == z3.unsat)

    def granting(self, names: tuple[str, str]) -> Formula:
        """That what one edition alone asks holds: the difference shows best in what both ask."""
        old, new = self.libraries
        parts = (granted(old, new, names[0]), granted(new, old, names[1]))
        each = zip(self.people, parts, strict=True)
        return both(reader.truth(node).met for reader, nodes in each for node in nodes)

    def person(
        self, of: Callable[[Reading, Reading], Formula], holds: Holds, granting: Formula = True
    ) -> tuple[Subject | None, bool]:
        """A person of whom the laws of both editions say so, or that there is none among those made up."""
        wanted, solver = of(*self.people), self._solvers[1]
        self._tell(solver, self.people)
        for preferred in (both((self._alike, granting)), self._alike):
            found, _ = self._found(both((wanted, preferred)), holds) if preferred is not True else (None, False)
            if found is not None:
                return found, False
        return self._found(wanted, holds)

    def _found(self, formula: Formula, holds: Holds) -> tuple[Subject | None, bool]:
        solver = self._solvers[1]
        opaques = [*self.people[0].opaque, *self.people[1].opaque]
        still: list[Formula] = []
        for _ in range(ROUNDS):
            answer = solver.check(*map(asserted, (formula, *still)))
            if answer != z3.sat and still:
                still = []
                continue
            if answer != z3.sat:
                return None, answer == z3.unsat and not is_of_any(formula, self._uncountable, bool(opaques))
            model = Model(solver.model())
            subject = self._subject(model)
            if holds(*self.values(subject)):
                return self._smallest(subject, holds), False
            lemmas = [lemma for opaque in opaques for lemma in corrections(opaque, model)]
            if not lemmas:
                break
            facts, still = chained(opaques, model)
            solver.add(*map(asserted, (*lemmas, *facts)))
        return None, False

    def values(self, subject: Subject) -> tuple[Values, Values]:
        """What both laws say of a person."""
        old, new = (law.evaluate(subject, self.as_of) for law in self.laws)
        return old, new

    def _subject(self, model: Model) -> Subject:
        """One person with what either edition asks for."""
        old, new = (subject_of(rows, model, self.as_of) for rows in self.rows)
        return Subject(
            "made up",
            {**old.evidence, **new.evidence},
            {**old.absences, **new.absences},
            {**old.complete, **new.complete},
            {**old.concepts, **new.concepts},
            synthetic=True,
        )

    def _smallest(self, subject: Subject, holds: Holds) -> Subject:
        """Nothing recorded that the difference does not need; what has a twin stays as exactly known as it is."""
        kept = self._alike_in(*self.values(subject))

        def still(fewer: Subject) -> bool:
            values = self.values(fewer)
            return holds(*values) and kept <= self._alike_in(*values)

        return smallest(subject, still)

    def _alike_in(self, old: Values, new: Values) -> set[str]:
        """What has a twin and is exactly known and the same under both."""
        pairs = {name: (new.get(name), old.get(twin)) for name, twin in self.twins.items()}
        return {n for n, (a, b) in pairs.items() if isinstance(a, Bounds) and is_exact(a) and a == b}


def difference(old: Library, new: Library, as_of: datetime.date) -> Editions:
    """Everything in which two editions differ, each direction with the smallest person that was found."""
    afresh()
    pair = Pair(old, new, as_of)
    criteria = tuple(_changed(before, after, pair) for before, after in matched(old, new))
    verdict = _verdict(pair)
    made, why = steps(old.version, new.version)
    is_otherwise = any(c.state != "equivalent" for c in (*criteria, verdict) if c.state != "renamed")
    asked = "none" if old.digest == new.digest else "patch"
    if is_otherwise:
        asked = "major"
    elif any(c.state == "renamed" for c in criteria) or beside_the_truths(old, new, pair.same):
        asked = "minor"
    first, second = (f"{library.name} {library.version}" for library in (old, new))
    return Editions(first, second, criteria, verdict, asked, made, why)


def _changed(before: Criterion | None, after: Criterion | None, pair: Pair) -> Changed:
    if before is None or after is None:
        only = before or after
        assert only is not None
        return Changed(only.id, "removed" if after is None else "added", EVERY_RECORD)
    was = before.id if before.id != after.id else ""
    weight = [(c.category, c.strength) for c in (before, after)]
    if not was and after.id in pair.same and weight[0] == weight[1]:
        return Changed(after.id, "equivalent", EVERY_RECORD)
    good = [TRUE if c.category == "inclusion" else FALSE for c in (before, after)]
    bad = [FALSE if g is TRUE else TRUE for g in good]
    names = before.id, after.id
    shown, sure = [], EVERY_RECORD
    for direction, wanted in (
        ("tightened", ((good[0], bad[1]), (good[0], UNKNOWN), (UNKNOWN, bad[1]))),
        ("loosened", ((bad[0], good[1]), (UNKNOWN, good[1]), (bad[0], UNKNOWN))),
    ):
        found, how = _shown(direction, names, wanted, pair)
        shown += [found] if found else []
        sure = how if sure == EVERY_RECORD or how == NOT_DECIDED else sure
    inputs = pair.inputs(names)
    # Of people who have none of these inputs nothing follows for those who do.
    sure = NOT_DECIDED if inputs else sure
    return Changed(after.id, _state(shown, sure, was, weight), SHOWN if shown else sure, tuple(shown), was, inputs)


def _state(shown: list[Otherwise], sure: str, was: str, weight: list[tuple[str, str]]) -> str:
    if shown:
        return "both" if len(shown) > 1 else shown[0].direction
    if sure == NOT_DECIDED:
        return NOT_DECIDED
    # The same of everybody, with another weight in the verdict.
    if weight[0] != weight[1]:
        return "both"
    return "renamed" if was else "equivalent"


def _shown(
    direction: str, names: tuple[str, str], wanted: tuple[tuple[Truth, Truth], ...], pair: Pair
) -> tuple[Otherwise | None, str]:
    """The first of the changes of a direction that somebody shows; else how sure it is that nobody does."""
    sure = EVERY_RECORD
    granting = pair.granting(names)
    for old, new in wanted:

        def of(one: Reading, other: Reading, old: Truth = old, new: Truth = new) -> Formula:
            first, second = truth_of_name(one, names[0]), truth_of_name(other, names[1])
            return both((formula_of(first, old), formula_of(second, new)))

        def holds(before: Values, after: Values, old: Truth = old, new: Truth = new) -> bool:
            return before[names[0]] is old and after[names[1]] is new

        subject, none = pair.person(of, holds, granting)
        if subject is not None:
            told = tuple(_told(names, subject, pair))
            return Otherwise(direction, old.value, new.value, subject, told), SHOWN
        if not pair.is_never(of):
            sure = MADE_UP if none and sure != NOT_DECIDED else NOT_DECIDED
    return None, sure


def _verdict(pair: Pair) -> Changed:
    """Who is ELIGIBLE under one edition and not under the other; who is ruled out under one alone."""
    if set(ROOTS) <= pair.same:
        return Changed("verdict", "equivalent", EVERY_RECORD)
    shown: list[Otherwise] = []
    sure = EVERY_RECORD
    for direction, at in (("tightened", 0), ("loosened", 1)):
        for asks in (_lets_in, _bars, _leaves_to_review):
            found, how = asks(direction, at, pair)
            if found is not None:
                shown.append(found)
                break
            sure = how if sure == EVERY_RECORD or how == NOT_DECIDED else sure
    inputs = tuple(sorted({name for root in ROOTS for name in pair.inputs((root, root))}))
    sure = NOT_DECIDED if inputs else sure
    state = _state(shown, sure, "", [("", "")] * 2)
    return Changed("verdict", state, SHOWN if shown else sure, tuple(shown), "", inputs)


def _lets_in(direction: str, at: int, pair: Pair) -> tuple[Otherwise | None, str]:
    """Somebody is ELIGIBLE under the edition of that number, and not under the other."""

    def of(one: Reading, other: Reading) -> Formula:
        readers = (one, other)
        return both((is_eligible(readers[at]), opposite(is_eligible(readers[1 - at]))))

    return _person(direction, of, lambda *v: _word(v[at]) == "ELIGIBLE" != _word(v[1 - at]), pair)


def _bars(direction: str, at: int, pair: Pair) -> tuple[Otherwise | None, str]:
    """Somebody is not ruled out under the edition of that number, and is under the other."""

    def of(one: Reading, other: Reading) -> Formula:
        rails = truth_of_name(one, "eligible"), truth_of_name(other, "eligible")
        return both((opposite(rails[at].unmet), rails[1 - at].unmet))

    return _person(direction, of, lambda *v: _word(v[at]) != "INELIGIBLE" == _word(v[1 - at]), pair)


def _leaves_to_review(direction: str, at: int, pair: Pair) -> tuple[Otherwise | None, str]:
    """Somebody is ELIGIBLE or at REVIEW under the edition of that number, and UNDETERMINED under the other."""

    def is_ready(reader: Reading) -> Formula:
        eligible, favourable, arranged = (truth_of_name(reader, n) for n in ("eligible", "favourable", "arranged"))
        return both((opposite(eligible.unmet), arranged.met, either((eligible.met, favourable.met))))

    def of(one: Reading, other: Reading) -> Formula:
        readers = (one, other)
        others = truth_of_name(readers[1 - at], "eligible")
        return both((is_ready(readers[at]), opposite(is_ready(readers[1 - at])), opposite(others.unmet)))

    ready = ("ELIGIBLE", "REVIEW")
    return _person(direction, of, lambda *v: _word(v[at]) in ready and _word(v[1 - at]) == "UNDETERMINED", pair)


def _person(
    direction: str, of: Callable[[Reading, Reading], Formula], holds: Holds, pair: Pair
) -> tuple[Otherwise | None, str]:
    subject, none = pair.person(of, holds)
    if subject is not None:
        old, new = pair.values(subject)
        told = tuple(_told(("eligible", "eligible"), subject, pair))
        return Otherwise(direction, _word(old), _word(new), subject, told), SHOWN
    if pair.is_never(of):
        return None, EVERY_RECORD
    return None, MADE_UP if none else NOT_DECIDED


def _word(values: Values) -> str:
    """The verdict by its four nodes (semantics 6)."""
    eligible, favourable, review, arranged = (values[root] for root in ROOTS)
    assert isinstance(eligible, Truth)
    assert isinstance(favourable, Truth)
    assert isinstance(review, Truth)
    assert isinstance(arranged, Truth)
    return verdict_of(eligible, favourable, review, arranged).value


def _told(names: tuple[str, str], subject: Subject, pair: Pair) -> Iterator[tuple[str, str]]:
    """Numbers that both editions take into account, as the person has them."""
    told: dict[str, str] = {}
    twin = {old: new for new, old in pair.twins.items()}
    both_have = {n for n, _ in pair.libraries[0].order} & {n for n, _ in pair.libraries[1].order}
    for library, values, name in reversed(list(zip(pair.libraries, pair.values(subject), names, strict=True))):
        defined = {d.name: d for d in library.definitions if d.origin == "definition"}
        for reached in _below(library, name):
            value = values.get(reached)
            is_number = reached in defined and defined[reached].type.name in ORDERED
            is_shared = reached in both_have or reached in twin or reached in pair.twins
            if is_number and is_shared and isinstance(value, Bounds) and is_exact(value):
                told.setdefault(twin.get(reached, reached), str(value.low))
    yield from list(told.items())[:_TOLD]


def _below(library: Library, name: str) -> Iterator[str]:
    """The names that a name rests on, the nearest first."""
    expressions = dict(library.order)
    waiting, seen = [name], {name}
    while waiting:
        for node in statements(expressions[waiting.pop(0)]):
            if isinstance(node, e.Reference) and node.name not in seen:
                seen.add(node.name)
                waiting.append(node.name)
                yield node.name
