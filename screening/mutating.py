"""Worked cases put to the test: one slip after another in a library, and whether a case notices.

Nothing here is a screening: what is found is told to who writes rules and cases.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from screening.analysis.edges import edges
from screening.analysis.mutants import Mutant, mutants
from screening.analysis.otherwise import Changes
from screening.cases import packing
from screening.cases.folders import case_files
from screening.cases.mutation import Suite
from screening.cases.packing import Packing, Ready
from screening.cases.run import Asked, Running, asked_of
from screening.errors import RuleError
from screening.language.library import Library
from screening.outcome import mutation as states
from screening.outcome.finding import EVERY_RECORD, MADE_UP
from screening.outcome.mutation import Mutation, Slipped
from screening.reading import cache
from screening.reading.folders import look_up, path_of
from screening.reading.question import lending
from screening.reports import mutation as report
from screening.reports.line import Line

_STATES = {EVERY_RECORD: states.PROVED, MADE_UP: states.NOBODY}


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
        self.packing = Packing(self.library, self.as_of)

    def mutation(
        self, name: str = "", heard: Callable[[int, int], None] | None = None
    ) -> tuple[Mutation, list[Ready]]:
        """What became of every slip, of one name or of all; and the people that would notice what no case does."""
        expressions = dict(self.library.order)
        suite, changes = Suite(self.asked), Changes(self.library, self.as_of)
        slips = [mutant for mutant in mutants(self.library) if name in ("", mutant.name)]
        found: list[Slipped] = []
        ready: list[Ready] = []
        for number, mutant in enumerate(slips):
            if heard is not None:
                heard(number, len(slips))
            if suite.killer(mutant.name, expressions[mutant.name], mutant.expression) is not None:
                found.append(self._slipped(mutant, states.NOTICED))
                continue
            slipped, one = self._survivor(mutant, changes)
            found.append(slipped)
            ready += [one] if one is not None else []
        return Mutation(self.library.name, len(self.asked), tuple(found)), ready

    def _survivor(self, mutant: Mutant, changes: Changes) -> tuple[Slipped, Ready | None]:
        """A slip that no case notices: whether it changes anything, and for whom."""
        sought = changes.otherwise(mutant.name, mutant.expression)
        state = _STATES.get(sought.sure, states.SURVIVES if sought.subject is not None else states.UNDECIDED)
        slipped = self._slipped(mutant, state)
        if sought.subject is None:
            return slipped, None
        title = f"{mutant.name}, {mutant.slip}"
        one = Ready(mutant.name, mutant.expression, title, sought.subject)
        text = self.packing.text(title, f"tells apart: {mutant.slip}", [one])
        if not text or not self.notices(text, [one]):
            return slipped, None
        return replace(slipped, case=text), one

    def notices(self, cases: str, ready: Sequence[Ready]) -> bool:
        """Whether cases, read as they would be written down, notice every one of some slips."""
        suite = Suite(self.read(cases))
        expressions = dict(self.library.order)
        return all(
            one.changed is None or suite.killer(one.name, expressions[one.name], one.changed) is not None
            for one in ready
        )

    def read(self, cases: str) -> list[Asked]:
        """Cases as they would be read from beside the rule file."""
        text = packing.head(self.library.name, self.as_of) + cases
        return asked_of(self.running, self.path.with_suffix(".edges.cases.yaml"), text.encode())

    def case_file(self, ready: Sequence[Ready]) -> str:
        """People who would notice what no case does, as a case file that nobody has signed off yet."""
        packed = self.packing.packed(ready, self.notices)
        return packing.ABOUT + packing.head(self.library.name, self.as_of) + "".join(packed)

    def boundary(self) -> tuple[str, int]:
        """People at every edge of the criteria as a case file to be signed off, and how many they are."""
        texts: list[str] = []
        for edge in edges(self.library, self.as_of):
            one = Ready(edge.criterion, None, edge.title, edge.subject)
            text = self.packing.text(edge.title, "for a clinician: is this what is meant?", [one])
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
