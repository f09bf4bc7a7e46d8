"""A record in JSON or YAML as a tree; hostile text is refused.

Every scalar is read as it is written: `5.20` keeps its zero, a JSON number never becomes a float,
`NO` is a word.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from typing import Any

import rfc8785

from screening.sources.tree import (
    Building,
    Faults,
    Mapping,
    Refused,
    Scalar,
    Sequence,
    Tree,
    unreadable,
)

MOST_BYTES = 8 << 20

_BREAK = re.compile(r"\r\n|\r|\n")
_SPACE = re.compile(r"[ \t\r\n]*")
_TOKEN = re.compile(
    r"""(?P<string>"[^"\\\x00-\x1f]*+(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[^"\\\x00-\x1f]*+)*+")
      | (?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?(?![0-9.A-Za-z+-]))
      | (?P<word>(?:true|false|null)\b) | (?P<constant>-?(?:Infinity|NaN)\b) | (?P<mark>[{}\[\]:,])""",
    re.VERBOSE,
)
_NOTHING = ("null", "Null", "NULL", "~")


def read_tree(data: str | bytes, faults: Faults, only_yaml: bool = False) -> Tree | None:
    """The tree of a record: JSON if it begins with `{`, else YAML. None where it cannot be read."""
    try:
        text = _decoded(data, faults)
        faults.starts = [0, *(match.end() for match in _BREAK.finditer(text))]
        building = Building(text, faults)
        if not only_yaml and text.lstrip()[:1] == "{":
            _read_json(text, building)
        else:
            _read_yaml(text, building)
        if building.root is None:
            raise building.refuse(0, "the file is empty")
        return building.root
    except Refused:
        return None


def data_of(tree: Tree) -> Any:
    """A tree as plain data: texts, lists and mappings."""
    match tree:
        case Scalar(text):
            return text
        case Sequence(items):
            return [data_of(item) for item in items]
        case Mapping(entries):
            return {key: data_of(below) for key, (_, below) in entries.items()}


def digest_of(tree: Tree) -> str:
    """SHA-256 in hex over the one canonical spelling (RFC 8785) of the texts, whatever form they came in."""
    return hashlib.sha256(rfc8785.dumps(data_of(tree))).hexdigest()


def _decoded(data: str | bytes, faults: Faults) -> str:
    if len(data) > MOST_BYTES:
        faults.add(0, f"the file is larger than {MOST_BYTES >> 20} MiB")
        raise Refused
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        before = data[: fault.start].decode("utf-8-sig", "replace")
        faults.starts = [0, *(match.end() for match in _BREAK.finditer(before))]
        faults.add(len(before), "the text is not UTF-8", help="save the file as UTF-8")
        raise Refused from None


# --------------------------------------------------------------------------------------- JSON


def _tokens(text: str, building: Building) -> Iterator[tuple[str, str, int, int]]:
    at = 0
    while True:
        space = _SPACE.match(text, at)
        at = space.end() if space else at
        if at >= len(text):
            return
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise building.refuse(at, "this is not JSON", _JSON_HELP.get(text[at], ""))
        yield token.lastgroup, token[0], at, token.end()
        at = token.end()


_JSON_HELP = {
    "'": 'JSON quotes with `"`',
    '"': "this text has no end, or an escape that JSON does not know",
    "/": "JSON has no comments",
    "#": "JSON has no comments; a record that begins with `{` is read as JSON",
}


def _read_json(text: str, building: Building) -> None:
    # What may come next: a value, a key, `:`, or what follows a value (`,` or the end of what is open).
    wanted, may_close = "value", False
    for kind, token, at, end in _tokens(text, building):
        if not building.stack and building.root is not None:
            raise building.refuse(at, "the record ends before this")
        top = building.stack[-1].node if building.stack else None
        closes = token in "}]" and kind == "mark"
        if closes and (wanted == "comma" or may_close) and isinstance(top, Mapping if token == "}" else Sequence):
            building.closed()
            wanted, may_close = "comma", False
        elif wanted == "comma" and token == ",":
            wanted, may_close = "key" if isinstance(top, Mapping) else "value", False
        elif wanted == "colon" and token == ":":
            wanted = "value"
        elif wanted == "key" and kind == "string":
            building.scalar(Scalar(_unescaped(token), at, end))
            wanted, may_close = "colon", False
        elif wanted == "value" and kind == "constant":
            raise building.refuse(at, "`NaN` and `Infinity` are no numbers", "leave out what is not known")
        elif wanted == "value" and token == "{":
            building.opened(Mapping({}, at))
            wanted, may_close = "key", True
        elif wanted == "value" and token == "[":
            building.opened(Sequence([], at))
            wanted, may_close = "value", True
        elif wanted == "value" and kind != "mark":
            plain = _unescaped(token) if kind == "string" else "" if token == "null" else token
            building.scalar(Scalar(plain, at, end))
            wanted, may_close = "comma", False
        else:
            raise building.refuse(at, "this is not JSON", _EXPECTED[wanted])
    if building.stack:
        raise building.refuse(max(0, len(text.rstrip()) - 1), "the record ends before it is closed")


_EXPECTED = {
    "value": "a value is missing here",
    "key": 'a key in `"` is missing here, or a comma too many stands before',
    "colon": "a `:` is missing here",
    "comma": "a `,` is missing here, or a bracket of another kind",
}


def _unescaped(token: str) -> str:
    return str(json.loads(token)) if "\\" in token else token[1:-1]


# --------------------------------------------------------------------------------------- YAML


def _read_yaml(text: str, building: Building) -> None:
    # A record in JSON is read without this import.
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found = unreadable(text)
    if found is not None:
        raise building.refuse(found[0], f"{found[1]} cannot stand in a record")
    starts = building.faults.starts

    def place(mark: Any) -> int:
        line, column = (int(mark.line), int(mark.column)) if mark is not None else (len(starts), 0)
        return min(starts[line] + column, len(text)) if line < len(starts) else len(text)

    documents = 0
    try:
        for event in yaml.parse(text, Loader=loader):
            match event:
                case yaml.DocumentStartEvent():
                    documents += 1
                    if documents > 1:
                        raise building.refuse(place(event.start_mark), "a second document begins here")
                case yaml.AliasEvent():
                    raise building.refuse(place(event.start_mark), "an alias cannot stand here", _WRITE_OUT)
                case yaml.ScalarEvent():
                    _no_magic(event, place(event.start_mark), building)
                    bare = event.implicit[0] and event.value in _NOTHING
                    value = "" if bare else event.value
                    building.scalar(Scalar(value, place(event.start_mark), place(event.end_mark)))
                    _no_merge(event, building)
                case yaml.MappingStartEvent():
                    _no_magic(event, place(event.start_mark), building)
                    building.opened(Mapping({}, place(event.start_mark)))
                case yaml.SequenceStartEvent():
                    _no_magic(event, place(event.start_mark), building)
                    building.opened(Sequence([], place(event.start_mark)))
                case yaml.MappingEndEvent() | yaml.SequenceEndEvent():
                    building.closed()
    except yaml.MarkedYAMLError as error:
        problem = str(error.problem)
        ours = next((words for said, words in _IN_PLAIN_WORDS if said in problem), "this is not readable as YAML")
        raise building.refuse(place(error.problem_mark or error.context_mark), ours) from None
    except (yaml.YAMLError, RecursionError):
        raise building.refuse(0, "this is not readable as YAML") from None


_WRITE_OUT = "write the text out"


def _no_magic(event: Any, at: int, building: Building) -> None:
    """Refuses what makes YAML more than text."""
    if event.anchor is not None:
        raise building.refuse(at, "an anchor cannot stand here", _WRITE_OUT)
    if event.tag is not None:
        raise building.refuse(at, "a tag cannot stand here", "delete what begins with `!`")


def _no_merge(event: Any, building: Building) -> None:
    key = building.stack[-1].key if building.stack else None
    if key is not None and key.text == "<<" and event.value == "<<" and event.implicit[0]:
        raise building.refuse(key.at, "a merge key cannot stand here", _WRITE_OUT)


_IN_PLAIN_WORDS = (
    ("cannot start any token", "a text cannot begin with this character; put it in quotes"),
    ("mapping values are not allowed", "a second `:` stands on this line; put the text in quotes"),
    ("did not find expected key", "the indentation does not fit, or a quote or bracket is open"),
    ("could not find expected ':'", "a `:` is missing after this key"),
    ("did not find expected ',' or ']'", "this list has no end; write `]` where it ends"),
    ("did not find expected ',' or '}'", "this mapping has no end; write `}` where it ends"),
    ("unexpected end of stream", "a quote is open to the end of the file"),
    ("unknown escape character", "no such escape after a backslash; use single quotes"),
    ("did not find expected '-' indicator", "the indentation of this list does not fit"),
    ("block sequence entries are not allowed", "a list cannot begin here; begin it on a line of its own"),
    ("found a tab character", "a tab cannot indent; use spaces"),
)
