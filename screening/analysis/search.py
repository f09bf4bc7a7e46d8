"""Looking for a person: the solver makes one up, the law says whether it is one, the solver is told why not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

import z3

from screening.analysis.correction import chained, corrections
from screening.analysis.counting import entries_needed
from screening.analysis.witness import Model, Values, smallest, subject_of
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_term import Formula, asserted
from screening.language.library import Library
from screening.record.subject import Subject
from screening.values.bounds import OPEN, Bounds, exactly, intersect
from screening.values.coding import Codings

ROUNDS = 40
# Steps of the solver in one round, not seconds: the same question has the same answer on a busy machine.
STEPS = 5_000_000


class Sought(NamedTuple):
    """What a search came to: a person of whom the law says so; none among those made up; or neither."""

    subject: Subject | None
    none: bool

    @property
    def decided(self) -> bool:
        return self.subject is not None or self.none


class Search:
    """One library, asked for people of whom something is so."""

    def __init__(
        self,
        library: Library,
        as_of: datetime.date,
        slots: Mapping[str, int] | None = None,
        said: Iterable[Codings] | None = None,
    ) -> None:
        self.library, self.as_of = library, as_of
        self.rows = Rows(library, entries_needed(library) if slots is None else slots, said)
        self.reader = Reading(library, exactly(as_of), self.rows, "person")
        self.law = Law(library)
        self.solver = z3.Solver()
        self.solver.set("rlimit", STEPS)
        self.seen: list[tuple[Subject, Values]] = []
        self._told = 0

    def person(self, wanted: Formula, holds: Callable[[Values], bool]) -> Sought:
        """A person for whom `wanted` is so by the solver and `holds` by the law."""
        for subject, values in self.seen:
            if holds(values):
                return Sought(subject, False)
        self._tell()
        for _ in range(ROUNDS):
            answer = self.solver.check(asserted(wanted))
            if answer == z3.unsat:
                return Sought(None, True)
            if answer != z3.sat:
                break
            model = Model(self.solver.model())
            subject = subject_of(self.rows, model, self.as_of)
            if holds(self._evaluated(subject)):
                return Sought(subject, False)
            lemmas = [lemma for opaque in self.reader.opaque for lemma in corrections(opaque, model)]
            if not lemmas:
                break
            facts, still = chained(self.reader.opaque, model)
            self.solver.add(*map(asserted, (*lemmas, *facts)))
            found = self._held(wanted, still, holds)
            if found is not None:
                return Sought(found, False)
        return Sought(None, False)

    def _held(self, wanted: Formula, still: list[Formula], holds: Callable[[Values], bool]) -> Subject | None:
        """A person along the lines on which the arguments of products and quotients are held still."""
        if not still or self.solver.check(*map(asserted, (wanted, *still))) != z3.sat:
            return None
        subject = subject_of(self.rows, Model(self.solver.model()), self.as_of)
        return subject if holds(self._evaluated(subject)) else None

    def _evaluated(self, subject: Subject) -> Values:
        """What the law says of a person, kept: it may settle the next question."""
        values = self.law.evaluate(subject, self.as_of)
        self.seen.append((subject, values))
        return values

    def is_none(self, wanted: Formula) -> bool:
        """Whether there is nobody among those made up, by the solver alone."""
        self._tell()
        return bool(self.solver.check(asserted(wanted)) == z3.unsat)

    def smallest(self, subject: Subject, holds: Callable[[Values], bool]) -> Subject:
        """The same person with nothing recorded that the property does not need."""
        return smallest(
            subject, lambda fewer: self._could_be(fewer) and holds(self.law.evaluate(fewer, self.as_of))
        )

    def _could_be(self, subject: Subject) -> bool:
        """Whether every number lies where one of its kind may lie: what does not cannot be written down."""
        for requirement in self.library.requirements:
            within = intersect(requirement.scale, requirement.plausible) or requirement.scale
            for row in subject.evidence.get(requirement.name, ()) if within != OPEN else ():
                value, is_number = row.value, self.rows.kind_of(requirement) == "number"
                if is_number and isinstance(value, Bounds) and intersect(value, within) != value:
                    return False
        return True

    def _tell(self) -> None:
        """The facts that have come up since the solver was last asked."""
        self.solver.add(*map(asserted, self.reader.facts[self._told :]))
        self._told = len(self.reader.facts)
