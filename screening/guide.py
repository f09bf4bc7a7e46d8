"""What is asked after a verdict, about one person: when it changes by itself. The Python API of it."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from screening.language.library import Library
from screening.record.subject import Subject
from screening.values import calendar

if TYPE_CHECKING:
    from screening.outcome.timeline import Timeline
    from screening.reports.account import Account
    from screening.reports.line import Line

YEARS = 3


def when(library: Library, subject: Subject, as_of: datetime.date, until: datetime.date | None = None) -> Timeline:
    """What a library says of a person on each day up to `until` (three years later if not given).

    Raises ValueError where `until` lies before the as-of date.
    """
    from screening.guidance.timeline import timeline

    return timeline(library, subject, as_of, until or calendar.beside(as_of, 365 * YEARS + 1))


def _accounts(library: Library, subject: Subject, found: Timeline) -> list[Account]:
    from screening.reports.account import account

    return [account(library, subject.as_of(s.first), s.trace, s.determination) for s in found.stretches]


def told_when(library: Library, subject: Subject, found: Timeline, everything: bool = False) -> list[Line]:
    """A timeline in lines for people."""
    from screening.reports.when import told

    return told(found, _accounts(library, subject, found), everything)


def when_data(library: Library, subject: Subject, found: Timeline) -> dict[str, Any]:
    """A timeline as JSON data."""
    from screening.reports.when import data

    return data(found, _accounts(library, subject, found))
