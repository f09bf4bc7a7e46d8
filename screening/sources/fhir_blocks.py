"""The text of a file of an export in blocks of whole lines, read once: each with a digest, and the file's own."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO, NamedTuple

BLOCK = 64 * 1024 * 1024
_PIECE = 1 << 16


class Text(NamedTuple):
    """Whole lines of a file: how many lines are before them and 1, and a digest of the file up to their end."""

    first: int
    data: bytes
    digest: str


class Texts:
    """The blocks of a file, in their order; `told` is what a manifest says of a file, once all of them were read.

    A block is told by everything in the file up to its end, so that the file is hashed once. A change leaves the
    blocks before it as they are; what comes after one that adds or takes a letter is cut elsewhere anyway.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.told: dict[str, str | int] = {}

    def __iter__(self) -> Iterator[Text]:
        found, lines, size = hashlib.sha256(), 0, 0
        with self.path.open("rb", buffering=0) as stream:
            for length in _lengths(stream):
                data = _read(stream, length)
                found.update(data)
                yield Text(lines + 1, data, f"{size}-{found.copy().hexdigest()}")
                size += len(data)
                lines += data.count(b"\n")
        self.told = {"bytes": size, "lines": lines, "sha256": found.hexdigest()}


def _lengths(stream: IO[bytes]) -> Iterator[int]:
    """How long each block is: it ends with a line, and is no longer than `BLOCK` unless one line alone is."""
    size, at = os.fstat(stream.fileno()).st_size, 0
    while at < size:
        end = _end(stream, at, size)
        stream.seek(at)
        yield end - at
        at = end


def _end(stream: IO[bytes], at: int, size: int) -> int:
    """Where a block that begins at a place ends."""
    end = min(at + BLOCK, size)
    if end == size:
        return size
    last = end
    while last > at:
        first = max(at, last - _PIECE)
        stream.seek(first)
        found = _read(stream, last - first).rfind(b"\n")
        if found >= 0:
            return first + found + 1
        last = first
    while end < size:
        stream.seek(end)
        piece = _read(stream, _PIECE)
        found = piece.find(b"\n")
        if found >= 0:
            return end + found + 1
        if not piece:
            return end
        end += len(piece)
    return size


def _read(stream: IO[bytes], length: int) -> bytes:
    """So many bytes, or fewer where the file ends; the system may give them in pieces."""
    data = stream.read(length)
    while len(data) < length and (more := stream.read(length - len(data))):
        data += more
    return data
