"""Collects everything that is wrong with a protocol's files, each thing once and in the author's words."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence

from screening.errors import NOWHERE, Diagnostic, RuleError, ScreeningError, Span

MOST = 200
MOST_NAMES = 1000
LONGEST_LINE = 300


def meant(given: str, names: Iterable[str], cutoff: float = 0.7) -> str:
    """The name that was probably meant, or "".

    >>> meant("Systolic Presure", ["Diastolic Pressure", "Systolic Pressure"])
    'Systolic Pressure'
    """
    if not given or len(given) > 80:
        return ""
    folded: dict[str, str] = {}
    for name in names:
        # A name of quite another length was not meant; in a large file the rest would take too long.
        if abs(len(name) - len(given)) <= 2 + len(given) // 3 and len(folded) < MOST_NAMES:
            folded.setdefault(name.casefold(), name)
    wanted = given.casefold()
    if wanted in folded and folded[wanted] != given:
        return folded[wanted]
    close = difflib.get_close_matches(wanted, [n for n in folded if folded[n] != given], n=1, cutoff=cutoff)
    return folded[close[0]] if close else ""


def did_you_mean(given: str, names: Iterable[str]) -> str:
    """The help line of a misspelt word, or "" if nothing is near."""
    found = meant(given, names)
    return f"did you mean `{found}`" if found else ""


def listed(names: Iterable[str], word: str = "or") -> str:
    """Names in backticks, as a sentence lists them: `a`, `b` or `c`."""
    quoted = [f"`{name}`" for name in names]
    if len(quoted) < 2:
        return "".join(quoted)
    return ", ".join(quoted[:-1]) + f" {word} {quoted[-1]}"


def shown(text: str, longest: int = 60) -> str:
    """The author's own text, on one line and not too long."""
    plain = " ".join(text.split())
    plain = "".join(c if c.isprintable() else "?" for c in plain)
    return plain if len(plain) <= longest else plain[: longest - 3] + "..."


class TooMany(Exception):
    """So much is wrong that the rest is not looked at."""


class Faults:
    """The diagnostics of one run. `lines` gives the text of each file, for the excerpts."""

    def __init__(self) -> None:
        self.found: list[Diagnostic] = []
        self.lines: dict[str, Sequence[str]] = {}
        self._seen: set[tuple[Span, str]] = set()

    def add(
        self,
        kind: type[RuleError],
        span: Span,
        message: str,
        *,
        help: str = "",
        why: str = "",
        criterion: str = "",
    ) -> None:
        """Notes one thing wrong; the same thing at the same place is noted once. Raises TooMany in the end."""
        if (span, message) in self._seen:
            return
        if len(self.found) == MOST:
            raise TooMany
        self._seen.add((span, message))
        excerpt, span = self._excerpt(span)
        self.found.append(
            Diagnostic(span, message, kind, excerpt=excerpt, criterion=criterion, why=why, help=help)
        )

    def _excerpt(self, span: Span) -> tuple[str, Span]:
        lines = self.lines.get(span.file, ())
        if not 0 < span.line <= len(lines) or len(lines[span.line - 1]) > LONGEST_LINE:
            return "", span
        line = "".join(c if c.isprintable() else " " if c == "\t" else "?" for c in lines[span.line - 1])
        length = max(1, min(span.length, len(line) - span.column + 1))
        return line, Span(span.file, span.line, span.column, length)

    def __len__(self) -> int:
        return len(self.found)

    def raised(self, order: Mapping[str, int] | None = None) -> RuleError:
        """The error that carries every diagnostic, sorted by file and place."""
        files = order or {}

        def place(diagnostic: Diagnostic) -> tuple[int, str, int, int]:
            span = diagnostic.span
            return files.get(span.file, len(files)), span.file, span.line, span.column

        every = sorted(self.found, key=place)
        kinds = {d.kind for d in every}
        kind: type[ScreeningError] = kinds.pop() if len(kinds) == 1 else RuleError
        assert issubclass(kind, RuleError)
        if len(every) == MOST:
            every.append(Diagnostic(NOWHERE, f"the files were read no further after {MOST} errors", RuleError))
        return kind(*every)
