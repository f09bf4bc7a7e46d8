"""The author's path: worked cases run, beside `screen.py`, which is the way of a person's record.

Nothing here is a screening: what is found is told to who writes rules, and no certificate is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import Diagnostic

if TYPE_CHECKING:
    from screening.cases.run import Running
    from screening.outcome.case import CasesOutcome
    from screening.reports.line import Line
    from screening.sources.site import SiteDeclaration


def case_files(paths: Sequence[str], folders: Sequence[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The case files that are meant by files, folders and names of libraries; all of the rules folders by none.

    Beside them what is meant and not there.
    """
    from screening.cases.folders import case_files as found

    return found([Path(path) for path in paths] or list(folders), folders)


def running(folders: Sequence[Path], site: SiteDeclaration | None = None) -> Running:
    """What runs case files, each library of them read once."""
    from screening.cases.run import Running

    return Running(folders, site)


def told_cases(outcomes: Sequence[CasesOutcome]) -> list[Line]:
    """What became of case files, in lines for people."""
    from screening.reports.cases import told

    return told(outcomes)


def junit_text(outcomes: Sequence[CasesOutcome]) -> str:
    """What became of case files as JUnit XML."""
    from screening.reports.junit import junit

    return junit(outcomes)
