"""Worked cases put to the test: one slip after another in a library, and whether a case notices.

Nothing here is a screening: what is found is told to who writes rules and cases.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from screening.analysis.edges import edges
from screening.analysis.mutants import Mutant, mutants
from screening.analysis.otherwise import Changes
from screening.analysis.part import part_of
from screening.cases import packing
from screening.cases.folders import case_files
from screening.cases.mutation import Dependents, Suite
from screening.cases.packing import Packing, Person, Slip
from screening.cases.run import Asked, Running, asked_of
from screening.errors import RuleError
from screening.language.library import Library
from screening.outcome import mutation as states
from screening.outcome.finding import EVERY_RECORD
from screening.outcome.mutation import Mutation, Slipped
from screening.reading import cache
from screening.reading.folders import look_up, path_of
from screening.reading.question import lending
from screening.reports import mutation as report
from screening.reports.line import Line


class Survivors(NamedTuple):
    """The slips that no case notices though they change something, who tells them apart, what names read."""

    slips: list[Slip]
    people: list[Person]
    reads: dict[str, frozenset[str]]


class Trial:
    """One library with the worked cases of it and of what it includes."""

    def __init__(self, protocol: str, folders: Sequence[Path], today: datetime.date) -> None:
        self.path = path_of(protocol, folders)
        self.folders = list(dict.fromkeys((self.path.parent, *folders)))
        self.library = _library(self.path, self.folders)
        self.running = Running(self.folders)
        included = [look_up(other.name, self.folders) for other in self.library.includes]
        files, _ = case_files([self.path, *(path for path in included if path is not None)], self.folders)
        self.asked = [one for file in files for one in asked_of(self.running, file)]
        # People are made up as of the day of the newest case: what is there today decides nothing.
        self.as_of = max((one.case.as_of for one in self.asked), default=today)
        self.ready: dict[int, Dependents] = {}
        self.packing = Packing(self.library, self.as_of)

    def mutation(
        self, name: str = "", heard: Callable[[int, int], None] | None = None
    ) -> tuple[Mutation, Survivors]:
        """What became of every slip, of one name or of all; and the people that would notice what no case does."""
        expressions = dict(self.library.order)
        suite = Suite(self.asked, self.ready)
        slips = [mutant for mutant in mutants(self.library) if name in ("", mutant.name)]
        found: list[Slipped] = []
        survivors = Survivors([], [], {})
        changes: dict[str, Changes] = {}
        for number, mutant in enumerate(slips):
            if heard is not None:
                heard(number, len(slips))
            original = expressions[mutant.name]
            if suite.killer(mutant.name, original, mutant.expression) is not None:
                found.append(self._slipped(mutant, states.NOTICED))
                continue
            if mutant.name not in changes:
                changes[mutant.name] = Changes(part_of(self.library, mutant.name), self.as_of)
            known = suite.people(mutant.name, original)
            sought = changes[mutant.name].otherwise(mutant.name, mutant.expression, known)
            if sought.subject is None:
                state = states.PROVED if sought.sure == EVERY_RECORD else states.UNDECIDED
                found.append(self._slipped(mutant, state))
                continue
            found.append(self._slipped(mutant, states.SURVIVES))
            survivors.slips.append(Slip(mutant.name, mutant.expression, mutant.slip))
        for about, of_name in changes.items():
            survivors.people.extend(Person(about, subject, run) for subject, run in of_name.people)
            survivors.reads[about] = of_name.requirements
        return Mutation(self.library.name, len(self.asked), tuple(found)), survivors

    def shown(self, found: Mutation, survivors: Survivors) -> Mutation:
        """The same with a case for each slip that none notices, where one can be written that would."""
        waiting = iter(survivors.slips)
        slips = [
            replace(slipped, case=self._case(next(waiting), survivors))
            if slipped.state == states.SURVIVES
            else slipped
            for slipped in found.slips
        ]
        return replace(found, slips=tuple(slips))

    def _case(self, slip: Slip, survivors: Survivors) -> str:
        person = next(one for one in survivors.people if one.name == slip.name and one.tells(slip))
        title, why = f"{slip.name}, {slip.said}", f"tells apart: {slip.said}"
        text = self.packing.text(title, why, [slip.name], person.subject)
        return text if text and self.noticed(text, [slip]) else ""

    def noticed(self, cases: str, slips: Sequence[Slip]) -> list[Slip]:
        """The slips that cases, read as they would be written down, notice."""
        suite = Suite(self.read(cases), self.ready)
        expressions = dict(self.library.order)
        return [
            slip for slip in slips if suite.killer(slip.name, expressions[slip.name], slip.changed) is not None
        ]

    def read(self, cases: str) -> list[Asked]:
        """Cases as they would be read from beside the rule file."""
        text = packing.head(self.library.name, self.as_of) + cases
        return asked_of(self.running, self.path.with_suffix(".edges.cases.yaml"), text.encode())

    def case_file(self, survivors: Survivors) -> str:
        """People who would notice what no case does, as a case file that nobody has signed off yet."""
        packed = self.packing.packed(survivors.people, survivors.slips, survivors.reads, self.noticed)
        return packing.ABOUT + packing.head(self.library.name, self.as_of) + "".join(packed)

    def boundary(self) -> tuple[str, int]:
        """People at every edge of the criteria as a case file to be signed off, and how many they are."""
        texts: list[str] = []
        for edge in edges(self.library, self.as_of):
            why = "for a clinician: is this what is meant?"
            text = self.packing.text(edge.title, why, [edge.criterion], edge.subject)
            # Not everybody who can be made up can be written down: only who is read back so is kept.
            if text and len(self.read(text)) == 1:
                texts.append(text)
        return packing.ABOUT + packing.head(self.library.name, self.as_of) + "".join(texts), len(texts)

    def _slipped(self, mutant: Mutant, state: str) -> Slipped:
        return Slipped(mutant.name, mutant.slip, mutant.place, mutant.span, state)


def _library(path: Path, folders: Sequence[Path]) -> Library:
    """A protocol, or the definitions of a file that only lends them."""
    try:
        return cache.load_cached(path, folders, {}, "case")
    except RuleError:
        lent = lending(path, folders, {}, "case")
        if lent is None:
            raise
        return lent


def told(found: Mutation, near: Callable[[str], str] = str) -> list[Line]:
    """What became of the slips of a library, for people."""
    return report.told(found, near)


def as_json(found: Sequence[Mutation], near: Callable[[str], str] = str) -> str:
    """The same of some libraries as JSON text."""
    return report.as_json(found, near)
