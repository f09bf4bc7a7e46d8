"""The names that a rule file declares under one of its keys, without reading what they mean."""

from __future__ import annotations

import functools
from pathlib import Path

from screening.reading.document import Mapping, read_document
from screening.reading.faults import Faults
from screening.reading.folders import read_bytes


def declared(path: Path, key: str) -> tuple[str, ...]:
    """The names below `requirements:` or `definitions:`; a faulty file has those that it shows."""
    return _declared(path, key, stamp_of(path))


def stamp_of(path: Path) -> tuple[int, int]:
    """What tells one state of a file from another."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=512)
def _declared(path: Path, key: str, stamp: tuple[int, int]) -> tuple[str, ...]:
    try:
        tree = read_document(read_bytes(path), path.as_posix(), Faults())
    except OSError:
        return ()
    below = tree.get(key) if isinstance(tree, Mapping) else None
    return tuple(name.text for name, _ in below) if isinstance(below, Mapping) else ()
