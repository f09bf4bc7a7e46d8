"""Where something stands in a file, what is wrong with it, and the tree of errors.

A message names a place in a rule file or a record and never a person's value.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of one line of a file: lines and columns count from 1."""

    file: str = ""
    line: int = 0
    column: int = 0
    length: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file


NOWHERE = Span()


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing wrong, and where, in the author's words.

    `message` is one sentence in lower case without a full stop, the author's own text in backticks.
    `why` is said only where the fault could admit somebody; `help` only if it can be acted upon.
    `kind` is the class of the error tree that the fault belongs to.
    """

    span: Span
    message: str
    kind: type[ScreeningError] = field(default_factory=lambda: RuleError)
    severity: str = "error"
    excerpt: str = ""
    criterion: str = ""
    why: str = ""
    help: str = ""

    def __str__(self) -> str:
        place = str(self.span)
        lines = [f"{place}: {self.severity}: {self.message}" if place else f"{self.severity}: {self.message}"]
        if self.excerpt:
            number = f"{self.span.line:5d} | "
            lines.append(number + self.excerpt)
            lines.append(
                " " * (len(number) - 2) + "| " + " " * (self.span.column - 1) + "^" * max(1, self.span.length)
            )
        if self.criterion:
            lines.append(f"   criterion {self.criterion}")
        if self.why:
            lines.append(f"   why: {self.why}")
        if self.help:
            lines.append(f"   help: {self.help}")
        return "\n".join(lines)


class ScreeningError(Exception):
    """Anything this program refuses; carries every diagnostic found, not only the first."""

    def __init__(self, *diagnostics: Diagnostic | str) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(
            d if isinstance(d, Diagnostic) else Diagnostic(NOWHERE, d, type(self)) for d in diagnostics
        )
        super().__init__("\n".join(str(d) for d in self.diagnostics))


class RuleError(ScreeningError):
    """Something is wrong with the author's text."""


class SyntaxFault(RuleError):
    """The text does not follow the grammar, or the file is no rule file."""


class NameFault(RuleError):
    """A name is not declared, or declared twice."""


class TypeFault(RuleError):
    """An operator is given something it does not take."""


class UnitFault(RuleError):
    """Units of two dimensions meet, or a unit is unknown."""


class CitationFault(RuleError):
    """A sentence, a changed strength or a silence read as an answer has no source."""


class RecordError(ScreeningError):
    """Something is wrong with the subject's record."""


class UnreadableRecord(RecordError):
    """The record is not in a form this program reads."""


class RequirementMismatch(RecordError):
    """The record answers a requirement in another type than the protocol declares."""


class OutOfRange(RecordError):
    """A value lies outside the declared scale of its requirement."""


class UnsupportedError(ScreeningError):
    """This interpreter does not speak this node."""


class VerificationError(ScreeningError):
    """A trace does not hold: the first step that fails, and why."""


class LedgerError(ScreeningError):
    """The ledger cannot take what it is given, or cannot be written; nothing was entered."""


class EngineFault(ScreeningError):
    """The chaining engine failed; the person is not screened."""


class DefectError(ScreeningError):
    """Ours, never the user's."""


def is_panic(fault: BaseException) -> bool:
    """Whether a library that is written in Rust gave up; Python counts that among what ends a program."""
    return type(fault).__module__ == "pyo3_runtime"


def told_fault(fault: BaseException) -> str:
    """An unforeseen fault of this program by its kind and where it happened: `TypeError at values/bounds.py:12`.

    What it says itself may hold somebody's value, and is left out.
    """
    place, trace = "", fault.__traceback__
    while trace is not None:
        _, inside, file = trace.tb_frame.f_code.co_filename.replace("\\", "/").rpartition("/screening/")
        place = f" at {file}:{trace.tb_lineno}" if inside else place
        trace = trace.tb_next
    return f"{type(fault).__name__}{place}"
