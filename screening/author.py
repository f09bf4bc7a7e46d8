"""The author's path: worked cases run, beside `screen.py`, which is the way of a person's record.

Nothing here is a screening: what is found is told to who writes rules, and no certificate is made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import Diagnostic

if TYPE_CHECKING:
    from screening.cases.watch import Watch
    from screening.outcome.case import CasesOutcome
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration


# ------------------------------------------------------------------------------- worked cases


def case_files(paths: Sequence[str], folders: Sequence[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The case files that are meant by files, folders and names of libraries; all of the rules folders by none.

    Beside them what is meant and not there.
    """
    from screening.cases.folders import case_files as found

    return found([Path(path) for path in paths] or list(folders), folders)


def watch(
    listed: Callable[[], Sequence[Path]], folders: Sequence[Path], site: SiteDeclaration | None = None
) -> Watch:
    """What runs the case files that are listed, and runs them again when something changes."""
    from screening.cases.run import Running
    from screening.cases.watch import Watch

    return Watch(Running(folders, site), listed)


def cases_told(outcome: CasesOutcome, before: Sequence[CasesOutcome] = ()) -> list[Line]:
    """What became of one case file; what is wrong with the rules is not said again after it was said `before`."""
    from screening.reports.cases import told

    return told(outcome, {diagnostic for other in before for diagnostic in other.diagnostics})


def cases_counted(outcomes: Sequence[CasesOutcome]) -> list[Line]:
    """How many cases in how many files, and how many are otherwise than expected."""
    from screening.reports.cases import counts

    return counts(outcomes)


def junit_text(outcomes: Sequence[CasesOutcome]) -> str:
    """What became of case files as JUnit XML."""
    from screening.reports.junit import junit

    return junit(outcomes)
