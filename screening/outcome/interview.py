"""What an interview asks and how far it has come: screens of questions, and what the answer to one of them says.

Nothing is asked and nothing evaluated here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from screening.language.library import DataRequirement
from screening.outcome.determination import Determination
from screening.values.frozen import dataclass

Shape = Literal["yes or no", "values", "mixed", "list", "when"]


@dataclass(frozen=True, slots=True)
class Page:
    """What is asked on one screen, all of it obtained in one way.

    A `mixed` page has questions of yes or no and values; a `list` page one requirement of rows; a `when` page asks
    for the dates of what was said to be so.
    """

    obtain: str
    shape: Shape
    asked: tuple[DataRequirement, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(requirement.name for requirement in self.asked)

    def of(self, asked: tuple[DataRequirement, ...]) -> Page:
        """The same page with some of its questions."""
        truths = {requirement.type.name in ("Boolean", "Judgement") for requirement in asked}
        if self.shape != "mixed" or len(truths) > 1:
            return Page(self.obtain, self.shape, asked)
        return Page(self.obtain, "yes or no" if True in truths else "values", asked)


@dataclass(frozen=True, slots=True)
class Progress:
    """Which block of how many, and which question of how many.

    `at_most` are needed if no answer is changed: so many, where nothing is known. `about` are needed where every
    answer is known; an answer may make it a few more or less.
    """

    block: int
    blocks: int
    question: int
    at_most: int
    about: int = 0


@dataclass(frozen=True, slots=True)
class Answered:
    """What the answer to a page says: items of a profile by requirement, what is not known, what is not asked.

    An item is written as a profile writes it.
    """

    items: Mapping[str, Any] = field(default_factory=dict)
    unknown: frozenset[str] = frozenset()
    skipped: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        """Everything that need not be asked again."""
        return frozenset(self.items) | self.unknown | self.skipped

    def changed(self, new: Answered) -> Answered:
        """An answer with what was changed of it."""
        kept = {n: item for n, item in self.items.items() if n not in new.unknown | new.skipped}
        unknown = (self.unknown - new.names) | new.unknown
        return Answered(kept | dict(new.items), unknown, (self.skipped - new.names) | new.skipped)

    def is_undated(self, name: str) -> bool:
        """Whether something was said to be so, without a date."""
        item = self.items.get(name)
        return isinstance(item, Mapping) and item.get("value") == "TRUE" and "date" not in item


@dataclass(frozen=True, slots=True)
class Step:
    """A question that was answered: its screen, where it stood, what was said, and how that is read back."""

    page: Page
    progress: Progress
    answered: Answered
    values: Mapping[str, str]

    @property
    def recorded(self) -> dict[str, str]:
        """What was said of each item, as it is shown where it is asked again."""
        unknown = dict.fromkeys(self.answered.unknown, "not known")
        return {**unknown, **dict.fromkeys(self.answered.skipped, "not asked"), **self.values}


@dataclass(frozen=True, slots=True)
class Asking:
    """Where an interview stands: the page that is asked, None once nothing more can matter or it was stopped.

    `settled` says that no open answer can change the verdict; `alerts` are the criteria whose alert fired
    because of the last answer. `recorded` is what the page's items are by now, where it is asked again; `left`
    counts questions that were not asked because no answer to them can change the verdict.
    """

    determination: Determination
    page: Page | None
    progress: Progress
    settled: bool = False
    alerts: tuple[str, ...] = ()
    recorded: Mapping[str, str] = field(default_factory=dict)
    left: int = 0
