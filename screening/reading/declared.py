"""The names that a rule file declares under one of its keys, without reading what they mean."""

from __future__ import annotations

import functools
from pathlib import Path

from screening.reading.document import Mapping, Scalar, Sequence, Tree, read_document
from screening.reading.faults import Faults
from screening.reading.folders import read_bytes


def declared(path: Path, key: str) -> tuple[str, ...]:
    """The names below `requirements:` or `definitions:`; a faulty file has those that it shows."""
    return tuple(name for name, _ in short_names(path, key))


def short_names(path: Path, key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The same names, each with its `short names:`."""
    return _declared(path, key, stamp_of(path))


def stamp_of(path: Path) -> tuple[int, int]:
    """What tells one state of a file from another."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=512)
def _declared(path: Path, key: str, stamp: tuple[int, int]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    try:
        tree = read_document(read_bytes(path), path.as_posix(), Faults())
    except OSError:
        return ()
    below = tree.get(key) if isinstance(tree, Mapping) else None
    return tuple((name.text, _short(entry)) for name, entry in below) if isinstance(below, Mapping) else ()


def _short(entry: Tree) -> tuple[str, ...]:
    found = entry.get("short names") if isinstance(entry, Mapping) else None
    items = found.items if isinstance(found, Sequence) else (found,)
    return tuple(item.text for item in items if isinstance(item, Scalar))
