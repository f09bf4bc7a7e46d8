"""Checked libraries kept as data, so that a program that has just started need not read the rules again.

An entry holds for the bytes of every file it was made of, for its parameters and for this very program;
one that is corrupt, foreign or not private is passed over. It holds rules only, nothing of any person.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path

import screening
from screening.language.library import Library
from screening.reading.encoding import NotEncoded, decode, encode
from screening.reading.folders import look_up, path_of, read_bytes

MOST_ENTRIES = 200
_HERE = Path(__file__).resolve().parent.parent
_ROOMS = ("reading", "language", "values")


def load_cached(
    name: Path | str,
    folders: Sequence[Path],
    parameters: Mapping[str, str] | None = None,
    parameter_origin: str = "",
    keep: Path | None = None,
) -> Library:
    """As `load`, from the cache where nothing has changed. `keep` is the cache folder, the user's own by default.

    Raises the same errors as `load`: a faulty file is never kept.
    """
    folders = [Path(folder) for folder in folders]
    path = path_of(name, folders)
    given = dict(parameters or {})
    entry = _entry(keep or cache_folder(), path, folders, given, parameter_origin)
    found = _read(entry, folders) if entry is not None else None
    if found is not None:
        return found
    # INVARIANT: a hit imports neither the grammar nor YAML; cold start is the point of this file.
    from screening.reading.load import Loading

    loading = Loading(folders)
    library = loading.library(path, given, parameter_origin)
    if entry is not None:
        with contextlib.suppress(OSError):
            _write(entry, path, library, loading.files)
    return library


def cache_folder() -> Path:
    """`screening` in the user's cache folder."""
    set_by_user = os.environ.get("XDG_CACHE_HOME", "")
    base = Path(set_by_user) if os.path.isabs(set_by_user) else Path(os.path.expanduser("~")) / ".cache"
    return base / "screening"


def _entry(
    folder: Path, path: Path, folders: Sequence[Path], parameters: Mapping[str, str], origin: str
) -> Path | None:
    """Where a library of these bytes is kept; None if there is no private place for it."""
    try:
        digest = _digest(path)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_private(os.lstat(folder)):
            return None
    except OSError:
        return None
    key = [_program(), str(path), [str(f) for f in folders], sorted(parameters.items()), origin, digest]
    return folder / f"{hashlib.sha256(json.dumps(key).encode()).hexdigest()}.json"


def _digest(path: Path) -> str:
    return hashlib.sha256(read_bytes(path)).hexdigest()


def _program() -> list[object]:
    """This program: its version, and the files that decide what a rule file means."""
    files: list[object] = [screening.__version__]
    for room in _ROOMS:
        with contextlib.suppress(OSError):
            for found in sorted(os.scandir(_HERE / room), key=lambda entry: entry.name):
                if found.name.endswith((".py", ".lark")):
                    status = found.stat()
                    files.append([found.name, status.st_size, status.st_mtime_ns])
    return files


def _is_private(status: os.stat_result) -> bool:
    """Whether nobody else can have written it."""
    owner = getattr(os, "getuid", None)
    mine = owner is None or status.st_uid == owner()
    return mine and not stat.S_ISLNK(status.st_mode) and (owner is None or not status.st_mode & 0o022)


def _read(entry: Path, folders: Sequence[Path]) -> Library | None:
    try:
        descriptor = os.open(entry, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with open(descriptor, encoding="ascii") as file:
            if not _is_private(os.fstat(file.fileno())):
                return None
            digest, files, text = file.read().split("\n", 2)
        if digest != _seal(files, text):
            return None
        for name, where, expected in json.loads(files):
            found = look_up(name, folders)
            if found is None or str(found) != where or _digest(found) != expected:
                return None
        return decode(text)
    except (OSError, ValueError, TypeError, NotEncoded):
        return None


def _seal(files: str, text: str) -> str:
    return hashlib.sha256(f"{files}\n{text}".encode("ascii", "replace")).hexdigest()


def _write(entry: Path, path: Path, library: Library, files: Mapping[str, bytes]) -> None:
    """Writes an entry in one step: it is there as a whole or not at all."""
    included = [
        [Path(file).stem, str(Path(file)), hashlib.sha256(data).hexdigest()]
        for file, data in files.items()
        if Path(file) != path
    ]
    import tempfile

    names, text = json.dumps(included), encode(library)
    # `mkstemp` gives a file that nobody but its owner may read or write.
    descriptor, temporary = tempfile.mkstemp(dir=entry.parent, suffix=".part")
    try:
        with open(descriptor, "w", encoding="ascii", newline="\n") as file:
            file.write(f"{_seal(names, text)}\n{names}\n{text}")
        os.replace(temporary, entry)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _forget(entry.parent)


def _forget(folder: Path) -> None:
    """Drops the oldest entries of a folder that has grown too large."""
    entries = sorted(folder.glob("*.json"), key=lambda found: found.stat().st_mtime, reverse=True)
    for old in entries[MOST_ENTRIES:]:
        with contextlib.suppress(OSError):
            old.unlink()
