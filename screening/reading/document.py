"""YAML as a tree of scalars, mappings and lists, each with its line and column.

Scalars stay as they are written: `NO` is a word and `5.20` keeps its zero. Anchors, aliases, tags,
merge keys, duplicate keys and several documents are refused, and so is anything large or deep
enough to stop a program. Read from events, so nothing here recurses. Case files may name a part and
use it again: there anchors, aliases and merge keys are read, each use counted as if it were written out.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import field
from typing import Any, TypeAlias

import yaml

from screening.errors import Span, SyntaxFault
from screening.reading.faults import Faults, shown
from screening.values.frozen import dataclass

MOST_BYTES = 1 << 20
DEEPEST = 32
MOST_NODES = 50_000

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# The line ends that nobody sees (next line, line and paragraph separator) are refused with the controls.
_UNREADABLE = re.compile(
    "[^\t\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_BREAK = re.compile(r"\r\n|\r|\n")
_ESCAPES = {"x": 4, "u": 6, "U": 10}


@dataclass(frozen=True, slots=True)
class Scalar:
    """A text as written. `starts` are line and column of the first character of each of its lines."""

    text: str
    span: Span
    style: str = ""
    starts: tuple[tuple[int, int], ...] = ()
    columns: tuple[int, ...] = ()

    def within(self, offset: int, length: int = 1) -> Span:
        """The place of a part of the text in the file; it never runs past the end of its line."""
        before = self.text[:offset]
        line = before.count("\n")
        column = offset - (before.rfind("\n") + 1)
        rest = self.text.find("\n", offset)
        length = max(1, length if rest < 0 else min(length, max(1, rest - offset)))
        if self.columns:
            at = self.columns[min(offset, len(self.columns) - 1)]
            end = self.columns[min(offset + length, len(self.columns) - 1)]
            return Span(self.span.file, self.starts[0][0], at, max(1, end - at))
        if line >= len(self.starts):
            return self.span
        number, first = self.starts[line]
        return Span(self.span.file, number, first + column, length)


@dataclass(frozen=True, slots=True)
class Mapping:
    """Keys with what stands under them, in the order of the file."""

    entries: tuple[tuple[Scalar, Tree], ...]
    span: Span

    def __iter__(self) -> Iterator[tuple[Scalar, Tree]]:
        return iter(self.entries)

    def get(self, key: str) -> Tree | None:
        """What stands under a key."""
        return next((tree for name, tree in self.entries if name.text == key), None)

    def key(self, key: str) -> Scalar | None:
        """The key itself, with its place."""
        return next((name for name, _ in self.entries if name.text == key), None)


@dataclass(frozen=True, slots=True)
class Sequence:
    """A list."""

    items: tuple[Tree, ...]
    span: Span

    def __iter__(self) -> Iterator[Tree]:
        return iter(self.items)


Tree: TypeAlias = Scalar | Mapping | Sequence


@dataclass(slots=True)
class _Open:
    """A mapping or list that is still being read."""

    is_mapping: bool
    span: Span
    entries: list[tuple[Scalar, Tree]]
    items: list[Tree]
    keys: set[str]
    key: Scalar | None = None
    anchor: str | None = None
    before: int = 0
    merged: list[tuple[Scalar, Tree]] = field(default_factory=list)


class _Refused(Exception):
    """Reading cannot go on; the diagnostic is noted."""


def read_document(data: bytes, name: str, faults: Faults, anchored: bool = False) -> Tree | None:
    """The tree of a file, or None with everything that is wrong noted in `faults`.

    `anchored` reads anchors, aliases and merge keys, which a rule file may not have.
    """
    before = len(faults)
    try:
        text = _decoded(data, name, faults)
        tree = _Composing(text, name, faults, anchored).read()
    except _Refused:
        return None
    return tree if len(faults) == before else None


def _decoded(data: bytes, name: str, faults: Faults) -> str:
    if len(data) > MOST_BYTES:
        faults.add(SyntaxFault, Span(name), "the file is larger than 1 MiB")
        raise _Refused
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8-sig", "replace")
        lines = _BREAK.split(before)
        span = Span(name, len(lines), len(lines[-1]) + 1)
        faults.add(SyntaxFault, span, "the file is not written in UTF-8")
        raise _Refused from None
    faults.lines[name] = _BREAK.split(text)
    found = _UNREADABLE.search(text)
    if found:
        lines = _BREAK.split(text[: found.start()])
        span = Span(name, len(lines), len(lines[-1]) + 1)
        faults.add(SyntaxFault, span, f"the character U+{ord(found[0]):04X} cannot stand in a rule file")
        raise _Refused
    return text


class _Composing:
    def __init__(self, text: str, name: str, faults: Faults, anchored: bool) -> None:
        self.text, self.name, self.faults, self.anchored = text, name, faults, anchored
        self.anchors: dict[str, tuple[Tree, int]] = {}
        self.lines = faults.lines[name]
        self.nodes = 0
        self.stack: list[_Open] = []
        self.root: Tree | None = None
        self.documents = 0

    def read(self) -> Tree:
        try:
            for event in yaml.parse(self.text, Loader=_LOADER):
                self.take(event)
        except yaml.MarkedYAMLError as error:
            raise self.unreadable(error) from None
        except yaml.YAMLError:
            raise self.refuse(Span(self.name, 1, 1), "this is not readable as YAML") from None
        if self.root is None:
            raise self.refuse(Span(self.name, 1, 1), "the file is empty")
        return self.root

    def refuse(self, span: Span, message: str, help: str = "") -> _Refused:
        self.faults.add(SyntaxFault, span, message, help=help)
        return _Refused()

    def unreadable(self, error: yaml.MarkedYAMLError) -> _Refused:
        is_open = "found unexpected end of stream" in str(error.problem)
        mark = (error.context_mark if is_open else None) or error.problem_mark or error.context_mark
        line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
        if line > len(self.lines):
            line, column = len(self.lines), len(self.lines[-1]) + 1
        tab = line <= len(self.lines) and self.lines[line - 1][column - 1 : column] == "\t"
        if tab:
            return self.refuse(Span(self.name, line, column), "a tab cannot indent", "use spaces")
        problem = shown(str(error.problem or "this is not readable as YAML"), 120)
        for said, ours, help in _IN_PLAIN_WORDS:
            if said in problem:
                return self.refuse(Span(self.name, line, column), ours, help)
        return self.refuse(Span(self.name, line, column), f"not readable as YAML: {problem}")

    def span(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        length = end.column - start.column if end.line == start.line else 1
        return Span(self.name, start.line + 1, start.column + 1, max(1, length))

    def take(self, event: Any) -> None:
        match event:
            case yaml.DocumentStartEvent():
                self.documents += 1
                if self.documents > 1:
                    raise self.refuse(self.span(event), "a second document begins here", "one library a file")
            case yaml.AliasEvent():
                self.attach(self.aliased(event))
            case yaml.ScalarEvent():
                self.plain(event)
                scalar = self.scalar(event)
                self.attach(scalar)
                self.named(event.anchor, scalar, 1)
            case yaml.MappingStartEvent() | yaml.SequenceStartEvent():
                self.plain(event)
                if len(self.stack) >= DEEPEST:
                    raise self.refuse(self.span(event), f"nested more than {DEEPEST} deep")
                is_mapping = isinstance(event, yaml.MappingStartEvent)
                top = self.stack[-1] if self.stack else None
                if top is not None and top.is_mapping and top.key is None:
                    raise self.refuse(self.span(event), "a key is a word, not a list or a mapping")
                opened = _Open(is_mapping, self.span(event), [], [], set(), None, event.anchor, self.nodes)
                self.stack.append(opened)
            case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                done = self.stack.pop()
                start, end = done.span, _end(event)
                if end.line + 1 == start.line:
                    start = Span(start.file, start.line, start.column, max(1, end.column + 1 - start.column))
                tree: Tree = Sequence(tuple(done.items), start)
                if done.is_mapping:
                    merged = [(key, below) for key, below in done.merged if key.text not in done.keys]
                    tree = Mapping((*merged, *done.entries), start)
                self.attach(tree)
                self.named(done.anchor, tree, 1 + self.nodes - done.before)

    def plain(self, event: Any) -> None:
        """Refuses what makes YAML more than text: anchors, tags, and too many nodes."""
        self.count(event, 1)
        if event.anchor is not None and not self.anchored:
            raise self.refuse(self.span(event), "an anchor cannot stand in a rule file", "write the text out")
        if event.tag is not None:
            raise self.refuse(self.span(event), "a tag cannot stand in a rule file", "delete what begins with `!`")

    def count(self, event: Any, nodes: int) -> None:
        self.nodes += nodes
        if self.nodes > MOST_NODES:
            raise self.refuse(self.span(event), f"the file has more than {MOST_NODES} entries")

    def named(self, anchor: str | None, tree: Tree, nodes: int) -> None:
        """Keeps a finished part under its anchor; one that is still being read cannot be part of itself."""
        if anchor is not None:
            self.anchors[anchor] = (tree, nodes)

    def aliased(self, event: Any) -> Tree:
        """The part that an alias stands for, where the file may have any."""
        if not self.anchored:
            raise self.refuse(self.span(event), "an alias cannot stand in a rule file", "write the text out")
        if event.anchor not in self.anchors:
            raise self.refuse(self.span(event), f"nothing before this is named `&{shown(event.anchor)}`")
        tree, nodes = self.anchors[event.anchor]
        top = self.stack[-1] if self.stack else None
        if top is not None and top.is_mapping and top.key is None:
            raise self.refuse(self.span(event), "a key is a word, not an alias")
        # INVARIANT: what is used again counts again, so that a few lines cannot stand for millions.
        self.count(event, nodes)
        return tree

    def attach(self, tree: Tree) -> None:
        if not self.stack:
            self.root = tree
            return
        top = self.stack[-1]
        if not top.is_mapping:
            top.items.append(tree)
        elif top.key is not None and self.anchored and _is_merge(top.key):
            self.merge(top, tree)
            top.key = None
        elif top.key is not None:
            top.entries.append((top.key, tree))
            top.key = None
        else:
            assert isinstance(tree, Scalar)
            top.key = tree
            if _is_merge(tree) and not self.anchored:
                raise self.refuse(tree.span, "a merge key cannot stand in a rule file", "write the text out")
            if tree.text in top.keys:
                first = next(k.span.line for k, _ in top.entries if k.text == tree.text)
                message = f"the key `{shown(tree.text)}` stands here for the second time"
                self.faults.add(SyntaxFault, tree.span, message, help=f"it is already in line {first}")
            top.keys.add(tree.text)

    def merge(self, top: _Open, tree: Tree) -> None:
        """Takes over what a mapping holds; what is written out beside it goes before."""
        if not isinstance(tree, Mapping):
            raise self.refuse(tree.span, "`<<` takes over a mapping, and this is none")
        there = {key.text for key, _ in top.merged}
        top.merged += [(key, below) for key, below in tree if key.text not in there]

    def scalar(self, event: Any) -> Scalar:
        text: str = event.value
        span = self.span(event)
        if _UNREADABLE.search(text):
            raise self.refuse(span, "this text holds a character that cannot stand in a rule file")
        first, last = event.start_mark, event.end_mark
        style = "" if event.implicit[0] else self.text_at(first)
        if style in ("|", ">"):
            return Scalar(text, span, style, self.block(text, first.line + 1) if style == "|" else ())
        if first.line != last.line:
            return Scalar(text, span, style, ())
        line, column = first.line + 1, first.column + 1
        if style not in ("'", '"'):
            return Scalar(text, span, style, ((line, column),))
        raw = self.lines[first.line][first.column + 1 : last.column - 1]
        if raw == text:
            return Scalar(text, span, style, ((line, column + 1),))
        return Scalar(text, span, style, ((line, column + 1),), tuple(_columns(raw, style, column + 1)))

    def text_at(self, mark: Any) -> str:
        line = self.lines[mark.line] if mark.line < len(self.lines) else ""
        return line[mark.column : mark.column + 1]

    def block(self, text: str, first: int) -> tuple[tuple[int, int], ...]:
        """Line and column at which each line of a literal block begins."""
        starts = []
        for number, line in enumerate(text.split("\n")):
            written = self.lines[first + number] if first + number < len(self.lines) else line
            starts.append((first + number + 1, max(0, len(written) - len(line)) + 1))
        return tuple(starts)


def _is_merge(key: Scalar) -> bool:
    return key.text == "<<" and key.style == ""


def _end(event: Any) -> Any:
    return event.end_mark


def _columns(raw: str, style: str, first: int) -> Iterator[int]:
    """The column of every character of a quoted text, and of what follows it."""
    at = 0
    while at < len(raw):
        yield first + at
        if style == "'":
            at += 2 if raw[at] == "'" else 1
        else:
            at += _ESCAPES.get(raw[at + 1 : at + 2], 2) if raw[at] == "\\" else 1
    yield first + len(raw)


_QUOTE = "; a text with a comma or a bracket in it stands in double quotes"
_IN_PLAIN_WORDS = (
    ("found character that cannot start any token", "a word cannot begin with this character", "put it in quotes"),
    ("mapping values are not allowed", "a second `:` stands on this line", "put the text in quotes"),
    ("did not find expected key", "the indentation does not fit, or a quote or bracket is open", ""),
    ("could not find expected ':'", "a `:` is missing after this key", ""),
    ("did not find expected ',' or ']'", "this list does not go on here", "write `]` where it ends" + _QUOTE),
    ("did not find expected ',' or '}'", "this mapping does not go on here", "write `}` where it ends" + _QUOTE),
    ("found unexpected end of stream", "this quote is never closed", ""),
    ("found unknown escape character", "no such escape after a backslash", "use single quotes"),
    ("did not find expected '-' indicator", "the indentation of this list does not fit", ""),
    ("block sequence entries are not allowed", "a list cannot begin here", "begin it on a line of its own"),
)  # fmt: skip
