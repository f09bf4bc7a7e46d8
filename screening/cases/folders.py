"""Which case files a path means: a case file, those beside a rule file, or all of a folder."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from screening.errors import NOWHERE, Diagnostic, SyntaxFault
from screening.reading.folders import SUFFIXES, look_up

ENDINGS = tuple(f".cases{suffix}" for suffix in SUFFIXES)


def case_files(paths: Sequence[Path], folders: Sequence[Path]) -> tuple[list[Path], list[Diagnostic]]:
    """The case files that are meant, each once, and what is meant and not there; a name is a library's."""
    found: list[Path] = []
    missing: list[Diagnostic] = []
    for path in paths:
        known = look_up(str(path), folders) if not path.exists() else None
        here = _of(known or path)
        found += here
        if not here:
            shown = "".join(c if c.isprintable() else "?" for c in str(path)[:200])
            there = path.exists() or known is not None
            message = f"there are no cases for `{shown}`" if there else f"there is no `{shown}`"
            help = "`screening new` writes a first case file" if there else ""
            missing.append(Diagnostic(NOWHERE, message, SyntaxFault, help=help))
    return list(dict.fromkeys(found)), missing


def _of(path: Path) -> list[Path]:
    if path.is_dir():
        return _listed(path, "")
    if path.name.endswith(ENDINGS):
        return [path] if path.is_file() else []
    # `rules/trial.cases.yaml` and `rules/trial.<topic>.cases.yaml` belong to `rules/trial.yaml`.
    return _listed(path.parent, f"{path.stem}.") if path.is_file() and path.suffix in SUFFIXES else []


def _listed(folder: Path, beginning: str) -> list[Path]:
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    named = (name for name in names if name.startswith(beginning) and name.endswith(ENDINGS))
    return [folder / name for name in named if (folder / name).is_file()]
