"""A ledger as JSON Lines: the entries in their order, each followed by what was kept with it.

An export can be kept, sent and verified without the file it came from; the same file gives the same bytes.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from screening.errors import LedgerError
from screening.ledger.entry import Entry, entry_of
from screening.ledger.verify import Content, strict_json
from screening.outcome.codec import canonical


def written(
    texts: Iterable[tuple[int, str]], contents_of: Callable[[Entry], Iterable[Content]]
) -> Iterator[bytes]:
    """The lines of an export, each with its line feed."""
    for _, text in texts:
        if not isinstance(text, str):
            raise LedgerError("an entry is no text; the ledger was altered")
        yield text.encode() + b"\n"
        for digest, salt, data in contents_of(entry_of(json.loads(text))):
            line = {"content": digest, "salt": _base64(salt), "data": _base64(data)}
            yield canonical(line) + b"\n"


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


class Export:
    """An export that is read once, from its first line to its last: an entry, then what was kept with it.

    Raises LedgerError at a line that is neither, with its number.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines = self._read(lines)
        self._next = next(self._lines, None)
        self._contents = 0

    def texts(self) -> Iterator[tuple[int, str]]:
        """The entries, by the numbers that they give themselves."""
        while self._next:
            line, data = self._next
            if "content" in data:
                raise LedgerError(f"line {line} is a content that lies with no entry")
            self._next = next(self._lines, None)
            number = data.get("number")
            yield (number if isinstance(number, int) else 0), json.dumps(data)

    def contents_of(self, entry: Entry) -> Iterator[Content]:
        """What lies with the entry that was read last."""
        while self._next and "content" in self._next[1]:
            content = _content(*self._next)
            self._next = next(self._lines, None)
            self._contents += 1
            yield content

    def count_contents(self) -> int:
        """How many contents were read; none lies anywhere else."""
        return self._contents

    @staticmethod
    def _read(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any]]]:
        for line, data in enumerate(lines, 1):
            if not data.strip():
                continue
            try:
                found = strict_json(data.decode("utf-8-sig" if line == 1 else "utf-8"))
            except (ValueError, RecursionError):
                found = None
            if not isinstance(found, dict):
                raise LedgerError(f"line {line} is no JSON object, or a key stands in it twice")
            yield line, found


def _content(line: int, data: dict[str, Any]) -> Content:
    try:
        if data.keys() != {"content", "salt", "data"}:
            raise ValueError
        salt, content = (base64.b64decode(data[key], validate=True) for key in ("salt", "data"))
        if [_base64(salt), _base64(content)] != [data["salt"], data["data"]]:
            raise ValueError
    except (ValueError, TypeError, binascii.Error):
        raise LedgerError(f"line {line} is no content of a ledger") from None
    return str(data["content"]), salt, content
