"""Looking for a person: the solver makes one up, the law says whether it is one, the solver is told why not."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any, NamedTuple

import z3

from screening.analysis.correction import chained, corrections
from screening.analysis.counting import entries_needed, is_of_any, places_needed, uncountable
from screening.analysis.facts import Facts
from screening.analysis.witness import Model, Values, smallest, subject_of, varied
from screening.interpreters.reference import Law
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_rows import Rows
from screening.interpreters.symbolic_term import Formula
from screening.language.expression import Expression
from screening.language.library import Library
from screening.record.subject import Subject, Value
from screening.values.bounds import OPEN, Bounds, exactly, intersect
from screening.values.coding import Codings

_PART = "a part of the file"
ROUNDS, _EARLY = 40, 3
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
        *,
        tries: int = 0,
    ) -> None:
        """`tries` is how many people beside one that the solver came close with are shown to the law."""
        self.library, self.as_of = library, as_of
        needed = entries_needed(library) if slots is None else slots
        self.rows = Rows(library, needed, said, places_needed(library))
        self._uncountable = uncountable(library)
        self.reader = Reading(library, exactly(as_of), self.rows, "person")
        self.law = Law(library)
        self.facts = Facts(STEPS)
        self.tries = tries
        self.seen: list[tuple[Subject, Values]] = []
        self._told: dict[str, tuple[int, int]] = {}

    def person(self, wanted: Formula, holds: Callable[[Values], bool]) -> Sought:
        """A person for whom `wanted` is so by the solver and `holds` by the law."""
        for known, values in self.seen:
            if holds(values):
                return Sought(known, False)
        self.tell(self.reader)
        subject: Subject | None = None
        for round in range(ROUNDS):
            answer, way = self.facts.check(wanted)
            if answer == z3.unsat:
                return Sought(None, not self._is_short(wanted))
            if way is None:
                break
            model = Model(way)
            subject = subject_of(self.rows, model, self.as_of)
            if holds(self._evaluated(subject)):
                return Sought(subject, False)
            if round == _EARLY and (near := self._beside(subject, holds, self.tries // 6)) is not None:
                return Sought(near, False)
            lemmas = [lemma for opaque in self.reader.opaque for lemma in corrections(opaque, model)]
            if not lemmas:
                break
            facts, still = chained(self.reader.opaque, model)
            self.facts.add((*lemmas, *facts))
            found = self._held(wanted, still, holds)
            if found is not None:
                return Sought(found, False)
        return Sought(self._beside(subject, holds, self.tries), False)

    def _beside(self, subject: Subject | None, holds: Callable[[Values], bool], tries: int) -> Subject | None:
        """Somebody of whom it is so among people who are like the last one that the solver came to."""
        for other in islice(varied(self.rows, subject), tries) if subject is not None else ():
            if holds(self.law.evaluate(other, self.as_of)):
                self._evaluated(other)
                return other
        return None

    def _held(self, wanted: Formula, still: list[Formula], holds: Callable[[Values], bool]) -> Subject | None:
        """A person along the lines on which the arguments of products and quotients are held still."""
        if not still:
            return None
        _, way = self.facts.check(wanted, *still)
        if way is None:
            return None
        subject = subject_of(self.rows, Model(way), self.as_of)
        return subject if holds(self._evaluated(subject)) else None

    def _evaluated(self, subject: Subject) -> Values:
        """What the law says of a person, kept: it may settle the next question."""
        values = self.law.evaluate(subject, self.as_of)
        self.seen.append((subject, values))
        return values

    def is_none(self, wanted: Formula) -> bool:
        """Whether there is nobody among those made up, by the solver alone."""
        self.tell(self.reader)
        return not self._is_short(wanted) and self.facts.is_never(wanted)

    def _is_short(self, wanted: Formula) -> bool:
        """Whether it is of lists that are counted further than anybody here has entries."""
        return is_of_any(wanted, self._uncountable, bool(self.reader.opaque))

    def reduced(self, subject: Subject, holds: Callable[[Subject], bool]) -> Subject:
        """The same person with nothing recorded that something does not need."""
        return smallest(subject, holds)

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

    def together(self, wanted: Sequence[Formula]) -> None:
        """Makes up people of whom as many of some things as can be are so at once, for the law to look at."""
        self.tell(self.reader)
        waiting = [list(wanted)]
        while waiting:
            some = waiting.pop()
            _, way = self.facts.check(*some)
            if way is not None:
                self._evaluated(subject_of(self.rows, Model(way), self.as_of))
            elif len(some) > 1:
                waiting += [some[: len(some) // 2], some[len(some) // 2 :]]

    def example(self, holds: Callable[[Values], bool]) -> Subject | None:
        """The smallest form of somebody already seen of whom it is so."""
        found = [subject for subject, values in self.seen if holds(values)]
        return self.smallest(min(found, key=_recorded), holds) if found else None

    def person_of(
        self, node: Expression, wanted: Callable[[Any], Formula], holds: Callable[[Value], bool]
    ) -> Subject | None:
        """The smallest person of whom a part of an expression is worth something, by the law as by the solver."""
        named = replace(self.library, order=(*self.library.order, (_PART, node)))
        before, self.law = self.law, Law(named)
        seen, self.seen = self.seen, []
        try:
            sought = self.person(wanted(self.reader.value(node)), lambda values: holds(values[_PART]))
            if sought.subject is None:
                return None
            return self.smallest(sought.subject, lambda values: holds(values[_PART]))
        finally:
            self.law, self.seen = before, seen

    def tell(self, reader: Reading) -> None:
        """The facts of a reading that have come up since the solver was last asked."""
        told, linked = self._told.get(reader.name, (0, 0))
        self.facts.add(reader.facts[told:])
        for opaque in reader.opaque[linked:]:
            self.facts.belong(term for span in (opaque.result, *opaque.arguments) for term in span)
        self._told[reader.name] = len(reader.facts), len(reader.opaque)


def _recorded(subject: Subject) -> int:
    """How much is recorded of a person."""
    return sum(map(len, subject.evidence.values())) + len(subject.complete) + len(subject.absences)
