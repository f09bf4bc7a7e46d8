"""Two editions over one record: what a solver proves of both, and people whom the laws of both are asked of."""

from __future__ import annotations

import calendar
import datetime
from collections.abc import Callable, Iterable, Iterator

import z3

from screening.analysis.claims import agreeing, is_one_function
from screening.analysis.correction import chained, corrections
from screening.analysis.counting import entries_needed, is_of_any, places_needed, uncountable
from screening.analysis.editions import granted, read_otherwise, same_names, twins
from screening.analysis.part import part_of
from screening.analysis.witness import Model, Values, smallest, subject_of
from screening.interpreters import symbolic_table as table
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import Anything, every_node
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_term import Formula, Span, asserted, both, exact, opposite
from screening.language import expression as e
from screening.language.library import AS_OF, Library
from screening.record.subject import Subject
from screening.values.bounds import Bounds, exactly, is_exact

ROUNDS = 20
STEPS = 5_000_000
# The last leap year of the calendar.
_LAST_LEAP = 9996
Holds = Callable[[Values, Values], bool]
Of = Callable[[Reading, Reading], Formula]


def other_days(as_of: datetime.date) -> Iterator[datetime.date]:
    """Days near one from which a month, three, six or twelve of them back are of other lengths."""
    later = range(as_of.year, min(as_of.year + 9, datetime.MAXYEAR + 1))
    leap = next((year for year in later if calendar.isleap(year)), _LAST_LEAP)
    for year, month, day in ((as_of.year, 3, 15), (as_of.year, 5, 15), (as_of.year, 8, 31), (leap, 7, 15)):
        if (found := datetime.date(year, month, day)) != as_of:
            yield found


class Pair:
    """One made-up person, and anything that a record may say, under two editions."""

    def __init__(self, old: Library, new: Library, as_of: datetime.date, whole: Pair | None = None) -> None:
        """`whole`: the pair of editions of which these two are what a name of each rests on."""
        self.libraries, self.as_of = (old, new), as_of
        self.whole = self if whole is None else whole
        self.same = same_names(old, new)
        needed = [entries_needed(library) for library in self.libraries]
        slots = {name: max(each.get(name, 2) for each in needed) for each in needed for name in each}
        places = max(map(places_needed, self.libraries))
        self.rows = (Rows(old, slots, places=places), Rows(new, slots, places=places))
        self._uncountable = uncountable(old) | uncountable(new)
        self.people = self._readers(self.rows[0], self.rows[1], "person")
        self.otherwise: frozenset[str] = read_otherwise(old, new) if whole is None else whole.otherwise
        self._nobody_has(self.otherwise)
        self._any_day: tuple[Reading, Reading] | None = None
        self.laws = (Law(old), Law(new))
        self._solvers = (z3.Solver(), z3.Solver())
        for solver in self._solvers:
            solver.set("rlimit", STEPS)
        self._told: dict[str, int] = {}
        self._others: dict[datetime.date, Pair] = {}
        self._parts: dict[tuple[str, str], Pair] = {}
        self._never: list[Of] = []
        self._linked: dict[str, tuple[int, int]] = {}
        known = [{name for name, _ in library.order} for library in self.libraries]
        found = twins(old, new) if whole is None else whole.twins
        self.twins: dict[str, str] = {
            other: one for other, one in found.items() if one in known[0] and other in known[1]
        }
        # What two editions call alike but for its year is made up alike, where that shows the difference as well.
        self._alike = both(
            table.known_alike(self.people[0].named(one), self.people[1].named(other))
            for other, one in self.twins.items()
        )

    def _readers(
        self, first: object, second: object, name: str, day: Bounds | Span | None = None
    ) -> tuple[Reading, Reading]:
        day = day or exactly(self.as_of)
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

    def _links(self, readers: tuple[Reading, Reading]) -> Iterator[Formula]:
        """What both editions work out in one way is the same where it is worked out from the same."""
        known = self._linked.get(readers[0].name, (0, 0))
        every = [reader.opaque for reader in readers]
        self._linked[readers[0].name] = len(every[0]), len(every[1])
        for at, one in enumerate(every[0]):
            for place, other in enumerate(every[1]):
                if (at >= known[0] or place >= known[1]) and is_one_function(one, other):
                    yield from agreeing(one, other)

    def inputs(self, names: tuple[str, ...]) -> tuple[str, ...]:
        """What the editions read otherwise of a record among what some names of either rest on."""
        parts = (part_of(library, name) for library, name in zip(self.libraries, names, strict=True))
        return tuple(sorted(self.otherwise & {r.name for part in parts for r in part.requirements}))

    def _tell(self, solver: z3.Solver, readers: tuple[Reading, Reading]) -> None:
        solver.add(*map(asserted, self._links(readers)))
        for reader in readers:
            solver.add(*map(asserted, reader.facts[self._told.get(reader.name, 0) :]))
            self._told[reader.name] = len(reader.facts)

    def grant(self, never: Of) -> None:
        """What was proved of a part: of no record is it so, whatever the day."""
        self._never.append(never)

    def is_never_on_any_day(self, of: Of) -> bool:
        """Whether it is so of no record at all, whatever the day as of which it is read."""
        if self._any_day is None:
            first, day = Anything(self.libraries[0]), exact(z3.ToReal(z3.Int("any day")))
            second = Anything(self.libraries[1], first, self.same)
            self._any_day = self._readers(first, second, "any day", day)
        formula, solver = of(*self._any_day), self._solvers[0]
        if isinstance(formula, bool):
            return not formula
        while self._never:
            solver.add(asserted(opposite(self._never.pop()(*self._any_day))))
        self._tell(solver, self._any_day)
        return bool(solver.check(asserted(formula)) == z3.unsat)

    def rests_on_the_day(self, names: tuple[str, str]) -> bool:
        """Whether something below the names of either edition is worked out from the day of screening."""
        return any(
            isinstance(node, e.Parameter) and node.name == AS_OF
            for library, name in zip(self.libraries, names, strict=True)
            for node in every_node(part_of(library, name))
        )

    def elsewhen(self, days: Iterable[datetime.date]) -> Iterator[Pair]:
        """The same pair on other days."""
        for day in days:
            if day not in self._others:
                self._others[day] = Pair(*self.libraries, day, self.whole if self.whole is not self else None)
            yield self._others[day]

    def part(self, names: tuple[str, str]) -> Pair:
        """The pair of what a name of each edition rests on: the same of these names, and sooner decided."""
        if names not in self._parts:
            old, new = (part_of(library, name) for library, name in zip(self.libraries, names, strict=True))
            self._parts[names] = Pair(old, new, self.as_of, self)
        return self._parts[names]

    def granting(self, names: tuple[str, str]) -> Formula:
        """That what one edition alone asks holds: the difference shows best in what both ask."""
        old, new = self.whole.libraries
        parts = (granted(old, new, names[0]), granted(new, old, names[1]))
        each = zip(self.people, parts, strict=True)
        return both(reader.truth(node).met for reader, nodes in each for node in nodes)

    def person(
        self, of: Of, holds: Holds, granting: Formula = True, rounds: int = ROUNDS
    ) -> tuple[Subject | None, bool]:
        """A person of whom the laws of both editions say so, or that there is none among those made up."""
        wanted, solver = of(*self.people), self._solvers[1]
        self._tell(solver, self.people)
        for preferred in (both((self._alike, granting)), self._alike):
            found, _ = (
                self._found(both((wanted, preferred)), holds, rounds) if preferred is not True else (None, False)
            )
            if found is not None:
                return found, False
        return self._found(wanted, holds, rounds)

    def _found(self, formula: Formula, holds: Holds, rounds: int) -> tuple[Subject | None, bool]:
        solver = self._solvers[1]
        opaques = [*self.people[0].opaque, *self.people[1].opaque]
        still: list[Formula] = []
        for _ in range(rounds):
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
