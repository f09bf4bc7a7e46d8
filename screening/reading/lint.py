"""Everything that is wrong with a set of rule files, each thing once."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from screening.errors import NOWHERE, Diagnostic, RuleError, SyntaxFault
from screening.reading.folders import rule_files
from screening.reading.load import Loading


class Lint(NamedTuple):
    """The files looked at, what is wrong with them, in that order, and the status of each sound one."""

    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]
    statuses: tuple[str, ...] = ()


def lint(paths: Sequence[Path], folders: Sequence[Path]) -> Lint:
    """Looks at files and at every rule file of folders; what a file includes is found in the rules folders.

    A library that only lends its definitions to others needs no criteria of its own.
    """
    files: list[Path] = []
    found: list[Diagnostic] = []
    statuses: list[str] = []
    for path in paths:
        if not path.exists():
            found.append(Diagnostic(NOWHERE, f"there is no rule file `{_plain(str(path))}`", SyntaxFault))
            continue
        files += [path] if not path.is_dir() else _below(path)
    for path in files:
        around = [*folders, *(p if p.is_dir() else p.parent for p in paths if p.exists())]
        wrong, status = _of_file(path, around)
        found += wrong
        statuses += [status] if status else []
    listed = dict.fromkeys(path.as_posix() for path in files)
    return Lint(tuple(listed), tuple(dict.fromkeys(found)), tuple(statuses))


def _below(folder: Path) -> list[Path]:
    return [path for _, path in rule_files([folder])]


def _of_file(path: Path, folders: Sequence[Path]) -> tuple[Sequence[Diagnostic], str]:
    """What is wrong with a file; its status if nothing is."""
    loading = Loading(folders)
    module = loading.module(path)
    if module is not None and module.criteria and not len(loading.faults):
        with contextlib.suppress(RuleError):
            loading.library(path, {}, "")
    if len(loading.faults):
        return loading.raised().diagnostics, ""
    return (), module.status if module is not None else ""


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:200])
