"""Name, version, status and digest of the shipped rule files without reading them: for `--version` alone.

It reads the few head lines that every shipped file writes in the same way; a test holds each digest
against that of the loaded library. For any other file `load` is asked.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from screening.reading.folders import read_bytes, rule_files

_HEAD = re.compile(rb'^(library|version|status):[ \t]*["\']?([^"\'\r\n#]*?)["\']?[ \t]*(?:#.*)?\r?$', re.MULTILINE)
_INCLUDE = re.compile(rb"^include:[ \t]*\r?\n((?:[ \t-].*\n|[ \t]*\r?\n|#.*\n)*)", re.MULTILINE)
_NAME = re.compile(rb'^[ \t]*-[ \t]*\{?[ \t]*library:[ \t]*["\']?([A-Za-z0-9_-]+)', re.MULTILINE)


class Stamp(NamedTuple):
    """What identifies a rule file."""

    name: str
    version: str
    status: str
    digest: str
    includes: tuple[str, ...]


def stamps(folders: Sequence[Path]) -> Iterator[Stamp]:
    """The stamp of every rule file of the folders, by name."""
    files = {stem: read_bytes(path) for stem, path in rule_files(folders)}
    for stem in sorted(files):
        head = {
            key.decode(): value.decode("utf-8", "replace") for key, value in reversed(_HEAD.findall(files[stem]))
        }
        digest = _digest(stem, files, ())
        if digest:
            yield Stamp(stem, head.get("version", ""), head.get("status", ""), digest, _included(files[stem]))


def _included(data: bytes) -> tuple[str, ...]:
    block = _INCLUDE.search(data)
    return tuple(name.decode() for name in _NAME.findall(block[1])) if block else ()


def _digest(stem: str, files: dict[str, bytes], above: tuple[str, ...]) -> str:
    # SPEC: as `load`: the bytes of the file, then the hexadecimal digests of what it includes, in order.
    if stem not in files or stem in above:
        return ""
    found = hashlib.sha256(files[stem])
    for name in _included(files[stem]):
        found.update(_digest(name, files, (*above, stem)).encode())
    return found.hexdigest()
