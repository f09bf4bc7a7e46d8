"""How near a verdict is to another one: margins, what would have to be so, what forces it. The Python API."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from screening.language.library import Library
from screening.record.subject import Subject

if TYPE_CHECKING:
    from screening.outcome.near import Nearness
    from screening.reports.account import Account
    from screening.reports.line import Line


def near(library: Library, subject: Subject, as_of: datetime.date, most_bars: int = 1) -> Nearness:
    """Margins of every number that decided, near misses, what would have to be otherwise, and what forces it.

    `most_bars` is how many bars somebody may have and still be a near miss.
    """
    from screening.guidance.nearness import nearness

    return nearness(library, subject, as_of, most_bars)


def _account(library: Library, subject: Subject, found: Nearness) -> Account:
    from screening.reports.account import account

    return account(library, subject.as_of(found.as_of), found.trace, found.determination)


def told_near(library: Library, subject: Subject, found: Nearness, everything: bool = False) -> list[Line]:
    """It in lines for people."""
    from screening.reports.near import told

    return told(found, _account(library, subject, found), everything)


def near_data(library: Library, subject: Subject, found: Nearness) -> dict[str, Any]:
    """It as JSON data."""
    from screening.reports.near_data import data

    return data(found, _account(library, subject, found))
