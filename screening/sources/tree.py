"""A record as a tree of texts, each with its place in the file; and what is wrong with it, all at once.

A message names a place and never holds a part of the record. Nothing here recurses.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Iterable
from dataclasses import field
from typing import TypeAlias

from screening.errors import Diagnostic, ScreeningError, Span, UnreadableRecord
from screening.values.frozen import dataclass

DEEPEST = 32
MOST_NODES = 400_000
LONGEST_TEXT = 20_000
LONGEST_KEY = 200
MOST_FAULTS = 200

# Controls (a terminal or a report would obey them), line ends that nobody sees, lone surrogates, NUL.
_UNREADABLE = "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written, from `at` to `end` in the file; what is written as null is the empty text."""

    text: str
    at: int
    end: int


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with what stands under them, in the order of the file; of a doubled key the first stands."""

    entries: dict[str, tuple[Scalar, Tree]]
    at: int

    def get(self, key: str) -> Tree | None:
        """What stands under a key."""
        found = self.entries.get(key)
        return None if found is None else found[1]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: list[Tree]
    at: int


Tree: TypeAlias = Scalar | Mapping | Sequence


def unreadable(text: str) -> tuple[int, str] | None:
    """Where a text holds a character that nobody should have to read, and what it is called."""
    # Most texts are of plain characters; so many ranges take longer to compile than a record to read.
    if text.isascii() and text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        return None
    found = re.search(_UNREADABLE, text)
    if found is None:
        return None
    code = ord(found[0])
    return found.start(), "a lone surrogate" if 0xD800 <= code < 0xE000 else f"the character U+{code:04X}"


def near(given: str, names: Iterable[str], cutoff: float = 0.75) -> str:
    """The name that was probably meant, or ""."""
    if not given or len(given) > LONGEST_KEY:
        return ""
    # Only a name that is wrong is worth the import.
    import difflib

    folded: dict[str, str] = {}
    for name in names:
        folded.setdefault(name.casefold(), name)
    close = difflib.get_close_matches(given.casefold(), folded, n=1, cutoff=cutoff)
    return folded[close[0]] if close else ""


@dataclass
class Faults:
    """Everything that is wrong with one file, each thing at its place."""

    name: str
    base: type[ScreeningError] = UnreadableRecord
    starts: list[int] = field(default_factory=lambda: [0])
    found: list[Diagnostic] = field(default_factory=list)

    def span(self, at: int, end: int = 0) -> Span:
        """Line and column of a place in the text."""
        line = bisect.bisect_right(self.starts, at)
        start = self.starts[line - 1]
        following = self.starts[line] if line < len(self.starts) else end
        length = min(end, max(following - 1, at)) - at
        return Span(self.name, line, at - start + 1, max(1, length))

    def add(
        self,
        at: int,
        message: str,
        *,
        kind: type[ScreeningError] | None = None,
        help: str = "",
        why: str = "",
        end: int = 0,
    ) -> None:
        self.found.append(Diagnostic(self.span(at, end), message, kind or self.base, help=help, why=why))

    def sorted(self) -> list[Diagnostic]:
        """Every fault once, in the order of the file, and not endlessly many."""
        once = dict.fromkeys(self.found)
        found = sorted(once, key=lambda d: (d.span.line, d.span.column, d.message))
        if len(found) > MOST_FAULTS:
            rest = Diagnostic(Span(self.name), f"and {len(found) - MOST_FAULTS} more", self.base)
            return [*found[:MOST_FAULTS], rest]
        return found


class Refused(Exception):
    """Reading cannot go on; the fault is noted."""


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    node: Mapping | Sequence
    key: Scalar | None = None


class Building:
    """The tree as it grows."""

    def __init__(self, text: str, faults: Faults) -> None:
        self.text, self.faults = text, faults
        self.stack: list[_Open] = []
        self.root: Tree | None = None
        self.nodes = 0

    def refuse(self, at: int, message: str, help: str = "") -> Refused:
        self.faults.add(at, message, help=help)
        return Refused()

    def opened(self, node: Mapping | Sequence) -> None:
        if len(self.stack) >= DEEPEST:
            raise self.refuse(node.at, f"nested more than {DEEPEST} deep")
        top = self.stack[-1] if self.stack else None
        if top is not None and isinstance(top.node, Mapping) and top.key is None:
            raise self.refuse(node.at, "a key is a text, not a list or a mapping")
        self.count(node.at)
        self.stack.append(_Open(node))

    def closed(self) -> None:
        self.attach(self.stack.pop().node)

    def count(self, at: int) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise self.refuse(at, f"more than {MOST_NODES} entries")

    def scalar(self, node: Scalar) -> None:
        self.count(node.at)
        found = unreadable(node.text)
        if found is not None:
            raise self.refuse(node.at, f"this text holds {found[1]}, which cannot stand in a record")
        top = self.stack[-1] if self.stack else None
        is_key = top is not None and isinstance(top.node, Mapping) and top.key is None
        longest = LONGEST_KEY if is_key else LONGEST_TEXT
        if len(node.text) > longest:
            raise self.refuse(node.at, f"a {'key' if is_key else 'text'} of more than {longest} characters")
        self.attach(node)

    def attach(self, node: Tree) -> None:
        if not self.stack:
            self.root = node
            return
        top = self.stack[-1]
        if isinstance(top.node, Sequence):
            top.node.items.append(node)
        elif top.key is None:
            assert isinstance(node, Scalar)
            top.key = node
        else:
            entries, key = top.node.entries, top.key
            if key.text in entries:
                line = self.faults.span(entries[key.text][0].at).line
                help = f"it stands in line {line} already"
                self.faults.add(key.at, "this key stands here for the second time", help=help, end=key.end)
            entries.setdefault(key.text, (key, node))
            top.key = None
