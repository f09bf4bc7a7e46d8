"""One complete answer that somebody might turn out to give to a missing item. Nothing is evaluated here."""

from __future__ import annotations

from dataclasses import replace

from screening.record.subject import Absence, Completeness, Evidence, Subject
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Completion:
    """What would be on record for one requirement if it were completely answered.

    It refines what is recorded and withdraws nothing: a partly known day becomes one day, a doubtful entry is
    confirmed or is no entry. `said` says the answer in short: `yes`, `none`, `4`, `before 2026-11-09`.
    """

    requirement: str
    said: str
    rows: tuple[Evidence, ...] = ()
    absences: tuple[Absence, ...] = ()
    complete: Completeness | None = None
    concepts: int = 0

    def of(self, subject: Subject) -> Subject:
        """The person with this answer, everything else as it is recorded."""
        name = self.requirement
        absences, complete, concepts = subject.absences, subject.complete, subject.concepts
        # Hundreds of answers are tried for one question: what stays as it is is not copied.
        if self.absences != absences.get(name, ()):
            absences = {**absences, name: self.absences}
        if self.complete is not None:
            complete = {**complete, name: self.complete}
        elif name in complete:
            complete = {other: basis for other, basis in complete.items() if other != name}
        if name not in concepts:
            concepts = {**concepts, name: self.concepts}
        evidence = {**subject.evidence, name: self.rows}
        return replace(subject, evidence=evidence, absences=absences, complete=complete, concepts=concepts)
