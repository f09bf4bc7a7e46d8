"""Which missing items can still change a verdict, and which of them to ask first.

An item matters if somebody's answer to it, with some answers to others, makes the verdict another. Asking one that
does not matter would be a question for nothing.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator

from screening.guidance.gaps import Gaps
from screening.guidance.parts import Part, Parts, mattering
from screening.guidance.reading import Reading
from screening.guidance.tables import Tables
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.determination import Verdict, verdict_of
from screening.outcome.trace import Trace
from screening.record.subject import Subject
from screening.values.truth import TRUE

MOST_TRIED = 300


class Person:
    """One person on one day with everything that answers could make of the verdict."""

    def __init__(self, gaps: Gaps, most_tried: int = MOST_TRIED) -> None:
        self.gaps = gaps
        self.tables = Tables(gaps, most_tried)
        self.parts = Parts(gaps, self.tables)
        self.verdict = verdict_of(*(gaps.values[root] for root in ROOTS))
        self._order = {r.name: n for n, r in enumerate(gaps.reading.library.requirements)}

    def is_exact(self, part: Part) -> bool:
        """Whether nothing about a part was left out: every answer of every item, every combination."""
        return part.is_whole and all(self.tables.answers(item).is_exact for item in part.items)

    @property
    def may_be_cleared(self) -> bool:
        """Whether answers can still make it ELIGIBLE."""
        if self.gaps.values["review"] is TRUE or self.parts.is_stuck(relative=True):
            return False
        return all(part.clearing.cubes or not part.clearing.is_all for part in self.parts.all)

    @property
    def may_be_reviewed(self) -> bool:
        """Whether answers can still leave nothing but a review."""
        if self.parts.is_stuck(relative=False):
            return False
        return all(part.reviewing.cubes or not part.reviewing.is_all for part in self.parts.all)

    def matter(self) -> tuple[str, ...]:
        """The missing items whose answer can still change the verdict, in the order of the rule file."""
        if self.verdict in (Verdict.INELIGIBLE, Verdict.ELIGIBLE):
            return ()
        found = {item for part in self.parts.all for item in self._mattering(part)}
        return tuple(sorted(found, key=self._order.__getitem__))

    def _mattering(self, part: Part) -> Iterator[str]:
        if not self.is_exact(part):
            # Of a part that is only sampled, everything that is open may matter.
            yield from (item for item in part.items if self.tables.answers(item).answers)
            return
        yield from mattering(part.barring, part.contradictions)
        if self.may_be_cleared:
            yield from mattering(part.clearing, part.contradictions)
        if self.may_be_reviewed:
            yield from mattering(part.reviewing, part.contradictions)


class Questions:
    """A library, made ready once for all the questions of an interview."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.reading = Reading(library)
        self._law = Law(library)

    def person(self, subject: Subject, as_of: datetime.date, trace: Trace | None = None) -> Person:
        """What answers could make of the verdict of one person; `trace` is the law's, if it is at hand."""
        return Person(Gaps(self.reading, subject, as_of, trace or self._law.trace(subject, as_of)))

    def matter(self, subject: Subject, as_of: datetime.date) -> tuple[str, ...]:
        """The missing items whose answer can still change the verdict, in the order of the rule file.

        Exact where every answer of an item can be listed; of an item whose answers are only sampled (a formula over
        several missing numbers) everything that an open criterion waits for.
        """
        return self.person(subject, as_of).matter()


def matter(library: Library, subject: Subject, as_of: datetime.date) -> tuple[str, ...]:
    """`Questions(library).matter(...)` for one person."""
    return Questions(library).matter(subject, as_of)
