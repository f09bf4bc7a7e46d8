"""What could settle an open verdict about one person, and what to ask first. The Python API of it."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import UnreadableRecord
from screening.language.library import Library
from screening.record.subject import Subject

if TYPE_CHECKING:
    from screening.outcome.decisive import Decisive
    from screening.outcome.question import Question
    from screening.reports.account import Account
    from screening.reports.line import Line

MOST_SETS = 12


def decisive(
    library: Library,
    subject: Subject,
    as_of: datetime.date,
    burdens: Mapping[str, Decimal] | None = None,
    chances: Mapping[str, Decimal] | None = None,
    most: int = MOST_SETS,
) -> Decisive:
    """The smallest sets of missing items that could settle the verdict each way, and the questions in their order.

    At most so many sets are listed for each verdict, all are counted. `burdens` are what items cost, by
    requirement or by the way in which they are obtained; `chances` how often a criterion speaks against somebody,
    by its id.
    """
    from screening.guidance.decisive import decisive as found
    from screening.guidance.questions import MOST_TRIED, Questions

    return found(Questions(library, MOST_TRIED).person(subject, as_of), burdens or {}, chances, most)


def matter(library: Library, subject: Subject, as_of: datetime.date) -> tuple[str, ...]:
    """The missing items whose answer can still change the verdict, in the order of the rule file."""
    from screening.guidance.questions import matter as found

    return found(library, subject, as_of)


def ranked(
    library: Library,
    subject: Subject,
    as_of: datetime.date,
    burdens: Mapping[str, Decimal] | None = None,
    chances: Mapping[str, Decimal] | None = None,
) -> tuple[Question, ...]:
    """The same items, the one to ask first at the front."""
    from screening.guidance.questions import ranked as found

    return found(library, subject, as_of, burdens or {}, chances)


def completions(library: Library, subject: Subject, as_of: datetime.date, requirement: str) -> tuple[Subject, ...]:
    """The person with one requirement completely answered, once for each answer that the rules tell apart.

    Raises KeyError if the library does not ask for the requirement.
    """
    from screening.guidance.completions import completions as found

    return found(library, subject, as_of, requirement)


def read_burdens(path: Path, library: Library) -> Mapping[str, Decimal]:
    """What items cost at a site: one line each, a requirement or a way of obtaining it, and a number.

    Raises RecordError with every line that is not one.
    """
    from screening.guidance.declared import burdens

    return burdens(path.read_text(encoding="utf-8"), path.as_posix(), library)


def chances_of(folder: Path, library: Library) -> Mapping[str, Decimal]:
    """How often each criterion speaks against the people of a `screening cohort` run, by its id.

    Raises RecordError if the folder holds no run under this protocol.
    """
    from screening.guidance.declared import frequencies
    from screening.output import rows

    named = rows.read_manifest(folder)["protocol"]["name"]
    if named != library.name:
        raise UnreadableRecord(f"the run is of `{named}`, not of `{library.name}`")
    return frequencies(rows.rows(folder), library)


def _account(library: Library, subject: Subject, as_of: datetime.date) -> Account:
    from screening.interpreters.reference import Law
    from screening.outcome.determination import determine
    from screening.reports.account import account

    trace = Law(library).trace(subject, as_of)
    return account(library, subject.as_of(as_of), trace, determine(library, trace))


def told(
    library: Library, subject: Subject, as_of: datetime.date, found: Decisive, everything: bool = False
) -> list[Line]:
    """What could settle a verdict, in lines for people."""
    from screening.reports.decisive import told as lines

    return lines(found, _account(library, subject, as_of), everything)


def data(library: Library, subject: Subject, as_of: datetime.date, found: Decisive) -> dict[str, Any]:
    """The same as JSON data."""
    from screening.reports.decisive import data as written

    return written(found, _account(library, subject, as_of))
