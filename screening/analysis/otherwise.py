"""Whether a changed expression says anything else of anybody: a person of whom it does, or a proof.

The person is made up by the solver and confirmed by the law of both; a proof is of every record. Between them is
what no made-up person shows and no proof settles, and it is said to be so.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from screening.analysis.nearby import limits_of, nearby
from screening.analysis.sameness import Sameness, differ
from screening.analysis.search import Search
from screening.analysis.witness import Values
from screening.interpreters.reference import Law, Meaning, Run, plain
from screening.interpreters.symbolic_leaves import said_in
from screening.interpreters.symbolic_term import Formula, NoTerm, Span, both, number
from screening.language.expression import Expression
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN
from screening.record.subject import Subject, Value
from screening.values.coding import Code
from screening.values.frozen import dataclass

CHANGED = "\0changed"
# What was recorded longer ago than two years is looked for last.
RECENT = 730
# Near so many people others are looked for.
NEAR = 12


@dataclass(frozen=True, slots=True)
class Otherwise:
    """How sure it is that a changed expression differs (`SHOWN`, with the person) or never does."""

    sure: str
    subject: Subject | None = None

    @property
    def is_equivalent(self) -> bool:
        """Whether nobody is known of whom it would say anything else."""
        return self.sure in (EVERY_RECORD, MADE_UP)


class _Both(Law):
    """The law of a library, which also says what one changed expression is worth."""

    changed: Meaning | None = None

    def evaluate(self, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
        """Every name, and under `CHANGED` what the changed expression is worth."""
        values = super().evaluate(subject, as_of)
        if self.changed is not None:
            run = Run(self.parameters, subject.as_of(as_of), as_of)
            run.values = values
            values[CHANGED] = self.changed(run, {})
        return values


class _Anew(Search):
    """A search that keeps nobody: what a changed expression is worth of one person is another thing each time."""

    def _evaluated(self, subject: Subject) -> Values:
        return self.law.evaluate(subject, self.as_of)


class Changes:
    """One library, asked of one changed expression after another; the less it holds, the sooner it answers.

    `people` are those found so far: of the next change they are asked before anybody else is made up.
    """

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.library, self.as_of = library, as_of
        # Two words that the library does not speak of: who says the one and then the other says another thing.
        said = said_in(library)
        self.said = (*said, *((Code(one.system, "yet another"),) for (one,) in said if one.code == "another"))
        self.search = _Anew(library, as_of, said=self.said)
        self.law = self.search.law = _Both(library)
        self.requirements = frozenset(requirement.name for requirement in library.requirements)
        self.people: list[tuple[Subject, Run]] = []
        self._sameness: Sameness | None = None
        # The solver's terms are kept by the identity of a node: none of them may be another one later.
        self._asked: list[Expression] = []

    def otherwise(self, name: str, changed: Expression, known: Sequence[Subject] = ()) -> Otherwise:
        """Whether the expression under a name, changed so, comes out otherwise for anybody.

        `known` are people from elsewhere who may be some: asked where the solver is slow or says nothing.
        """
        meaning = plain(changed)
        for subject, run in self.people:
            if meaning(run, {}) != run.values[name]:
                return Otherwise(SHOWN, subject)
        if self.is_proved(name, changed):
            return Otherwise(EVERY_RECORD)
        self._asked.append(changed)
        self.law.changed = meaning
        try:
            wanted = differ(self.search.reader.named(name), self.search.reader.value(changed))
        except NoTerm:
            found = self._known(name, known)
            return Otherwise(SHOWN, found) if found is not None else Otherwise(NOT_DECIDED)
        # Of powers and ages the solver is slow: who is known, or lies near, is asked before it.
        if self.search.reader.opaque and (found := self._known(name, self._around(known))) is not None:
            return Otherwise(SHOWN, found)
        is_none = False
        for also in self._preferred():
            sought = self.search.person(both((wanted, *also)), lambda values: values[name] != values[CHANGED])
            if sought.subject is not None:
                return Otherwise(SHOWN, self.keep(name, sought.subject))
            is_none = sought.none
        if not self.search.reader.opaque and (found := self._known(name, self._around(known))) is not None:
            return Otherwise(SHOWN, found)
        return Otherwise(MADE_UP if is_none else NOT_DECIDED)

    def _around(self, known: Sequence[Subject]) -> Iterator[Subject]:
        """Some people, then those near the first of them and near those who were found before."""
        yield from known
        limits = limits_of(self.library)
        for subject in (*(subject for subject, _ in self.people[:NEAR]), *known[:NEAR]):
            yield from nearby(only(subject, self.requirements), limits, self.as_of)

    def _known(self, name: str, known: Iterable[Subject]) -> Subject | None:
        """The first of some people whom the change last asked of tells apart, with what is asked of here alone."""
        for subject in known:
            asked = only(subject, self.requirements)
            values = self.law.evaluate(asked, self.as_of)
            if values[name] != values[CHANGED]:
                return self.keep(name, asked)
        return None

    def keep(self, name: str, subject: Subject) -> Subject:
        """Somebody whom the change last asked of tells apart, as little as that needs; asked from now on."""
        fewer = self.search.smallest(subject, lambda values: values[name] != values[CHANGED])
        run = Run(dict(self.law.parameters), fewer.as_of(self.as_of), self.as_of)
        run.values = Law.evaluate(self.law, fewer, self.as_of)
        self.people.append((fewer, run))
        return fewer

    def is_proved(self, name: str, changed: Expression) -> bool:
        """Whether the expression under a name, changed so, is proved to say the same of every record."""
        if self._sameness is None:
            self._sameness = Sameness(self.library, self.as_of, self.said)
        return self._sameness.is_proved(self.search.reader.expressions[name], changed)

    def _preferred(self) -> list[list[Formula]]:
        """Whom to look for first: people as they come to a clinic, without a logarithm or power; then everybody.

        Only the last of them says that there is nobody: whoever is not asked for by the others is among these.
        """
        reader, as_of = self.search.reader, number(self.as_of)
        ordinary: list[Formula] = []
        for listed in self.search.rows.listed.values():
            for slot in listed.slots:
                ordinary.append(slot.day.low >= as_of - RECENT)
                if isinstance(slot.value, Span) and self.search.rows.kind_of(listed.requirement) == "number":
                    ordinary.append(slot.value.low >= 0)
        plainly = [both((o.result.low_open, o.result.high_open)) for o in reader.opaque]
        return [[*ordinary, *plainly], *([plainly] if plainly else []), []]


def only(subject: Subject, names: frozenset[str]) -> Subject:
    """Somebody of whom nothing is recorded but some requirements."""
    return replace(
        subject,
        evidence={name: rows for name, rows in subject.evidence.items() if name in names},
        absences={name: rows for name, rows in subject.absences.items() if name in names},
        complete={name: said for name, said in subject.complete.items() if name in names},
    )
