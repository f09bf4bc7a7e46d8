"""What became of worked cases: each case of a case file, and in what it differs from what is expected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from screening.errors import Diagnostic, Span
from screening.language.library import Library
from screening.outcome.determination import Determination
from screening.outcome.trace import Trace
from screening.record.subject import Subject, Value


class Difference(NamedTuple):
    """One thing that a case expects and that is otherwise.

    `aspect` is the key of the case file: verdict, standing, criteria, values, until, alerts, reasons, review or
    obtain. `name` is the criterion or definition, "" where it is said of the whole person; `found` the value of
    a definition, else a text.
    """

    aspect: str
    name: str
    expected: str
    found: str | Value
    span: Span


class Said(NamedTuple):
    """What the rules say of the person of a case, seen as of its day."""

    subject: Subject
    trace: Trace
    determination: Determination


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """One case, and in what the rules say otherwise than it expects; `said` is there where they do.

    `seconds` is how long it took, for the readers of test reports alone.
    """

    name: str
    why: str
    span: Span
    library: Library
    differences: tuple[Difference, ...] = ()
    said: Said | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class CasesOutcome:
    """One case file: its cases, or what is wrong with it; what it says cannot be expressed, with the reason.

    `files` are all that it was read from: itself, the rules and the base records.
    """

    file: str
    cases: tuple[CaseOutcome, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    inexpressible: tuple[tuple[str, str], ...] = ()
    files: frozenset[str] = frozenset()

    @property
    def differing(self) -> tuple[CaseOutcome, ...]:
        """The cases in which something is otherwise than expected."""
        return tuple(case for case in self.cases if case.differences)
