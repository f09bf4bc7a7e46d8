"""Where rule files are: by name in the rules folders, never outside them. Imports nothing that is slow."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from screening.errors import NOWHERE, Diagnostic, NameFault

SUFFIXES = (".yaml", ".yml")
MOST_BYTES = 1 << 20
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,79}\Z")


def rule_files(folders: Sequence[Path]) -> Iterator[tuple[str, Path]]:
    """Every rule file of the folders by its stem; of two of one name the first counts."""
    seen: set[str] = set()
    for folder in folders:
        try:
            names = sorted(os.listdir(folder))
        except OSError:
            continue
        for name in names:
            stem, suffix = os.path.splitext(name)
            if suffix in SUFFIXES and _NAME.match(stem) and plain(stem) not in seen:
                path = Path(folder) / name
                if path.is_file():  # a pipe would wait for ever
                    seen.add(plain(stem))
                    yield stem, path


def plain(stem: str) -> str:
    """A file's or library's name without case, `_` and `-` being one.

    >>> plain("paradigm_hf") == plain("PARADIGM-HF")
    True
    """
    return stem.casefold().replace("_", "-")


def stays_inside(path: Path, folder: Path) -> bool:
    """Whether a file lies in its folder when every link is followed."""
    real = os.path.realpath(path)
    return os.path.commonpath([real, os.path.realpath(folder)]) == os.path.realpath(folder)


def look_up(name: str, folders: Sequence[Path]) -> Path | None:
    """The rule file of a library in the rules folders, None if there is none."""
    if not _NAME.match(name):
        return None
    for stem, path in rule_files(folders):
        if plain(stem) == plain(name) and stays_inside(path, path.parent):
            return path
    return None


def find(name: str, folders: Sequence[Path]) -> Path:
    """The rule file of a library by name; raises NameFault with the name that may have been meant."""
    found = look_up(name, folders)
    if found is not None:
        return found
    import difflib

    names = [stem for stem, _ in rule_files(folders)]
    near = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    shown = "".join(c if c.isprintable() else "?" for c in name[:80])
    help = f"did you mean `{near[0]}`" if near else ""
    raise NameFault(
        Diagnostic(NOWHERE, f"there is no library `{shown}` in the rules folders", NameFault, help=help)
    )


def path_of(given: Path | str, folders: Sequence[Path]) -> Path:
    """A rule file by its path, or by name in the rules folders; raises NameFault if there is none."""
    text = os.fspath(given)
    is_path = isinstance(given, Path) or os.sep in text or text.endswith(SUFFIXES)
    if not is_path:
        return find(text, folders)
    path = Path(text)
    if path.is_file():
        return path
    shown = "".join(c if c.isprintable() else "?" for c in text[:200])
    raise NameFault(Diagnostic(NOWHERE, f"there is no rule file `{shown}`", NameFault))


def read_bytes(path: Path) -> bytes:
    """The bytes of a file, and no more of a huge one than it takes to refuse it."""
    with open(path, "rb") as file:
        return file.read(MOST_BYTES + 1)
