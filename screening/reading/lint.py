"""Everything that is wrong with a set of rule files, each thing once."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from screening.errors import NOWHERE, Diagnostic, RuleError, SyntaxFault
from screening.reading.folders import rule_files
from screening.reading.load import Loading


class Lint(NamedTuple):
    """The files looked at, and what is wrong with them, in the order of the files."""

    files: tuple[str, ...]
    diagnostics: tuple[Diagnostic, ...]


def lint(paths: Sequence[Path], folders: Sequence[Path]) -> Lint:
    """Looks at files and at every rule file of folders; what a file includes is found in the rules folders.

    A library that only lends its definitions to others needs no criteria of its own.
    """
    files: list[Path] = []
    found: list[Diagnostic] = []
    for path in paths:
        if not path.exists():
            found.append(Diagnostic(NOWHERE, f"there is no rule file `{_plain(str(path))}`", SyntaxFault))
            continue
        files += [path] if not path.is_dir() else _below(path)
    for path in files:
        around = [*folders, *(p if p.is_dir() else p.parent for p in paths if p.exists())]
        found += _of_file(path, around)
    listed = dict.fromkeys(path.as_posix() for path in files)
    return Lint(tuple(listed), tuple(dict.fromkeys(found)))


def _below(folder: Path) -> list[Path]:
    return [path for _, path in rule_files([folder])]


def _of_file(path: Path, folders: Sequence[Path]) -> Iterator[Diagnostic]:
    loading = Loading(folders)
    module = loading.module(path)
    if module is not None and module.criteria and not len(loading.faults):
        with contextlib.suppress(RuleError):
            loading.library(path, {}, "")
    if len(loading.faults):
        yield from loading.raised().diagnostics


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:200])
