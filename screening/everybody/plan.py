"""What everybody of a source is screened against, who is held against the whole path, and what came of it."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, TypeAlias

from screening.errors import DefectError, ScreeningError, is_panic, told_fault
from screening.language.library import Library
from screening.outcome.determination import Determination
from screening.outcome.trace import Trace
from screening.record.people import BEYOND_A_RECORD
from screening.record.subject import Subject
from screening.sources.site import SiteDeclaration

# Everybody of a source of so many is held against the whole path; of a larger one every 1,000th, and 200 at least.
ALL_HELD, HELD_EVERY, LEAST_HELD = 2000, 1000, 200
_MOST_NAMED = 20


class Screened(Protocol):
    """One person by the whole path, as `screen.screen` returns it."""

    @property
    def subject(self) -> Subject: ...
    @property
    def trace(self) -> Trace: ...
    @property
    def determination(self) -> Determination: ...


WholePath: TypeAlias = Callable[[Library, Subject, datetime.date, SiteDeclaration | None, bool], Screened]


@dataclass(frozen=True, slots=True)
class Plan:
    """What everybody is screened against: rules, day, site; `whole_path` is how one person is held."""

    library: Library
    as_of: datetime.date
    whole_path: WholePath
    site: SiteDeclaration | None = None
    retired: bool = False
    held_first: int = ALL_HELD
    held_every: int = HELD_EVERY

    def is_held(self, number: int) -> bool:
        """Whether the so many-th person of the source, from 0, is held."""
        return number < self.held_first or number % self.held_every == 0

    def of_about(self, total: int | None) -> Plan:
        """The same plan for a source of about so many people; None where its size is not known beforehand."""
        if total is None or total <= ALL_HELD:
            return replace(self, held_first=ALL_HELD, held_every=HELD_EVERY)
        return replace(self, held_first=0, held_every=max(1, min(HELD_EVERY, total // LEAST_HELD)))


@dataclass(slots=True)
class Tally:
    """What became of the records of a source. INVARIANT: read = rejected + people, people = rows."""

    read: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    standing: Counter[str] = field(default_factory=Counter)
    verdict: Counter[str] = field(default_factory=Counter)
    alerts: int = 0
    held: int = 0
    not_screened: list[tuple[str, str]] = field(default_factory=list)
    latest_extract: datetime.date | None = None
    synthetic: int = 0

    @property
    def people(self) -> int:
        return self.verdict.total()

    def data(self) -> dict[str, Any]:
        """The counts as data."""
        return {
            "read": self.read,
            "rejected": self.rejected.total(),
            "rejected_by_kind": dict(sorted(self.rejected.items())),
            "people": self.people,
            "screened": self.people - len(self.not_screened),
            "not_screened": len(self.not_screened),
            "not_screened_named": [
                {"id": id, "place": place} for id, place in sorted(self.not_screened)[:_MOST_NAMED]
            ],
            "standing": dict(sorted(self.standing.items())),
            "verdict": dict(sorted(self.verdict.items())),
            "people_with_alerts": self.alerts,
            "held_against_the_whole_path": self.held,
        }


class Disagreement(DefectError):
    """A row in columns is not that of the law."""


class Failure(DefectError):
    """An interpreter of columns failed at a cohort in a way that nobody foresaw."""


@contextmanager
def foreseen() -> Iterator[None]:
    """Says of what nobody foresaw that columns failed, which is the program's fault, and where. Raises Failure."""
    try:
        yield
    except (ScreeningError, *BEYOND_A_RECORD):
        raise
    except Exception as fault:
        raise Failure(told_fault(fault)) from fault
    except BaseException as fault:
        if not is_panic(fault):
            raise
        raise Failure(told_fault(fault)) from fault


# Screens everybody of tables and writes all files of rows but the log: what came of it, and how it was done.
InColumns: TypeAlias = Callable[
    [Plan, Path, int, Callable[[int, int | None], None]], tuple["Tally", dict[str, Any]]
]
