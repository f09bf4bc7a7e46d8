"""Rules that are proved: what a solver finds of a library, and what two editions change; nobody is screened."""

from __future__ import annotations

import datetime
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import RuleError, UnsupportedError

if TYPE_CHECKING:
    from screening.language.library import Library
    from screening.outcome.finding import Editions, Finding
    from screening.reports.line import Line

_MISSING = "the solver is not installed: pip install 'screening[analysis]'"


def need_solver() -> None:
    """Refuses with what to do where the optional solver is not installed."""
    try:
        from screening.interpreters import symbolic_term as symbolic_term
    except ImportError as error:
        raise UnsupportedError(_MISSING) from error


def libraries(names: Sequence[str], folders: Sequence[Path]) -> Iterator[Library]:
    """The protocols that are meant by names, files and folders; every shipped one by none.

    A file that only lends what it declares is passed over in a folder. Raises RuleError for what is faulty.
    """
    from screening.reading.folders import rule_files
    from screening.reading.load import lent, load

    for name in names or [str(folder) for folder in folders]:
        if not os.path.isdir(name):
            yield load(Path(name) if os.path.isfile(name) else name, _around(name, folders))
            continue
        around = [Path(name), *folders]
        for _, path in rule_files([Path(name)]):
            if lent(path, around) is None:
                yield load(path, around)


def _around(name: str, folders: Sequence[Path]) -> list[Path]:
    """The rules folders; before them that of a file that is named, whose includes are of its own edition."""
    return [*([Path(name).parent] if os.path.isfile(name) else []), *folders]


def loaded(name: str, folders: Sequence[Path]) -> Library:
    """One edition by name or by the path of its file."""
    if os.path.isdir(name):
        raise RuleError("an edition is one rule file, not a folder")
    return next(libraries([name], folders))


def findings(library: Library, as_of: datetime.date) -> list[Finding]:
    """Everything that is found of one library."""
    need_solver()
    from screening.analysis.questions import findings as found

    return found(library, as_of)


def findings_told(library: Library, found: Sequence[Finding], as_of: datetime.date) -> list[Line]:
    """What was found of one library, in lines for people."""
    from screening.reports.analysis import told

    return told(library, found, as_of.isoformat())


def findings_counted(found: Sequence[Finding], number: int, seconds: str) -> list[Line]:
    """How much was found in all."""
    from screening.reports.analysis import counts

    return counts(found, number, seconds)


def findings_data(library: Library, found: Sequence[Finding], as_of: datetime.date) -> dict[str, Any]:
    """What was found of one library, as data."""
    from screening.reports.analysis import data

    return data(library, found, as_of.isoformat())


def difference(old: Library, new: Library, as_of: datetime.date) -> Editions:
    """Everything in which two editions differ."""
    need_solver()
    from screening.analysis.difference import difference as found

    return found(old, new, as_of)


def difference_told(found: Editions, new: Library, old: Library) -> list[Line]:
    """What two editions change, in lines for people."""
    from screening.reports.tightening import told

    return told(found, new, old)


def difference_data(found: Editions, new: Library, old: Library) -> dict[str, Any]:
    """The same as data."""
    from screening.reports.tightening import data

    return data(found, new, old)


def people_told(rows: Sequence[tuple[str, str, str, str]], asked: int) -> list[Line]:
    """Who of people on record changes, in lines for people."""
    from screening.reports.tightening import people

    return people(rows, asked)


def json_text(data: Any) -> str:
    """Data as JSON text."""
    from screening.reports.data import as_json

    return as_json(data)
