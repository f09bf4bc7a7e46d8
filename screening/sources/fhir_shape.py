"""The shape of a line of NDJSON: everything of it but its values, so that one look tells of many thousand lines.

A shape is a line with the contents of its strings and its numbers cut out. It is judged once, by the door that
reads bundles: whether R4 gives its elements these types, whether a name stands in it twice, how deep it is. What
matches the shape's pattern, to the last character, is the same tree with other values; so nothing can hide.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import field
from functools import cache
from types import UnionType
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from screening.errors import RecordError
from screening.sources.fhir_json import Number, read_tree
from screening.sources.fhir_record import BESIDE, KINDS, NOT_OF_A_PERSON
from screening.sources.fhir_resource import MODELS, read_resource
from screening.sources.fhir_time import DATES, PERIODS
from screening.sources.fhir_version import signs_of
from screening.values.frozen import dataclass

# A character of a string as JSON writes it; half a character (a surrogate) is none.
_LETTER = r'(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u(?:[0-9abcefABCEF][0-9a-fA-F]{3}|[dD][0-7][0-9a-fA-F]{2})))'
TEXT = f"{_LETTER}*"
# A number of which no rule of size has to be asked (`fhir_json`): no exponent, not too many digits on either side.
NUMBER = r"-?(?:0|[1-9][0-9]{0,17})(?:\.[0-9]{1,30})?"
_TOKEN = re.compile(
    rf'"(?P<text>{_LETTER}*+)"(?P<key>[ \t\r\n]*:)?|(?P<number>(?<![0-9.eE+-]){NUMBER}(?![0-9.eE]))'
)
_PLAIN = r'[^"\\\x00-\x1f]*'
# The letters of most strings: what is made of them alone is found faster, so it is looked for first.
_ASCII = r"[ !#-\[\]-\x7f]*"
# ENGINE: beyond so many values taken out at once an expression is tried step by step.
MOST_TAKEN = 15
_ID = r"[A-Za-z0-9.\-]+"
_OWNERS = (("subject", "reference"), ("patient", "reference"))
_NUMBERS = ("value", "valueInteger", "valueDecimal")
_KINDLESS = ("[]",)
_DAYS_OF_A_PERSON = ("birthDate", "deceasedDateTime")
# What counts by being there, whatever it says.
_UNTOLD = ("hasMember", "abatementAge", "abatementRange")
# What refers to other lines of the person: such a line is read beside them.
_REFERRING = ("contained", "focus", "medicationReference")

# What may change what a thing says: such a line is read by itself.
_CHANGING = ('"modifierExtension"', '"implicitRules"')

Steps = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Slot:
    """One value cut out of a line: what it is (`id`, `owner`, `day`, `number`, `word`), and where it stands."""

    role: str
    path: Steps
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Shape:
    """A shape that is understood: its kind of resource, its pattern, and the values that the pattern takes out.

    A kind that says nothing of a person has no slots, one that is not read has the owner alone. `items` takes
    answers to a questionnaire apart: what stands before the items, each of two or more, and what stands after.
    `plain` are patterns for lines in the letters of ASCII alone and without a backslash, which take a few slots
    each; `fixed` is what stands between the values, in every line of the shape, and `values` is what each of these
    is: the piece that was cut out, and its role if it is wanted.
    """

    kind: str
    pattern: str
    slots: tuple[Slot, ...] = field(default_factory=tuple)
    items: str = ""
    plain: tuple[str, ...] = ()
    fixed: tuple[str, ...] = ()
    values: tuple[tuple[str, str], ...] = ()

    def names(self, role: str) -> tuple[str, ...]:
        return tuple(slot.name for slot in self.slots if slot.role == role)


def cut(line: str) -> tuple[str, ...]:
    """A line without its values: its fixed pieces, between which a value each was cut out (`"` or `0`).

    >>> cut('{"resourceType":"Patient","n":[5,"x"]}')
    ('{"resourceType":"Patient","n":[', '0', ',', '"', ']}')
    """
    pieces: list[str] = []
    start = 0
    named = ""
    for found in _TOKEN.finditer(line):
        if found["key"] is not None:
            named = found["text"]
            continue
        if found["text"] is not None and named == "resourceType":
            named = ""
            continue
        pieces += [line[start : found.start()], "0" if found["number"] is not None else '"']
        start = found.end()
        named = ""
    return (*pieces, line[start:])


def shape_of(pieces: tuple[str, ...]) -> Shape | None:
    """The shape, if its lines are ordinary; None for one whose lines have to be read one by one."""
    marks = [("9" + str(n).zfill(8)) if piece == "0" else f'"\ue000{n}"' for n, piece in _values(pieces)]
    filled = iter(marks)
    text = "".join(next(filled) if at % 2 else piece for at, piece in enumerate(pieces))
    # A mark of the order of bytes is passed over by the door that reads bundles, and no JSON to the one of lines.
    if _has_a_value(pieces) or not text.startswith("{") or any(name in text for name in _CHANGING):
        return None
    try:
        tree = read_tree(text, "line")
    except RecordError:
        return None
    kind = tree.get("resourceType") if isinstance(tree, dict) else None
    if not isinstance(kind, str) or kind == "Bundle" or kind in BESIDE:
        return None
    by_mark = {mark.strip('"'): slot for slot in _slots(kind, tree) for mark in [slot.name]}
    if kind not in NOT_OF_A_PERSON and not _is_ordinary(kind, tree, list(by_mark.values())):
        return None
    slots: list[Slot] = []
    # Fixed text as it is; each value as its piece and its role, if it is wanted.
    parts: list[tuple[str, str]] = []
    marks_left = iter(marks)
    for at, piece in enumerate(pieces):
        if at % 2 == 0:
            continue
        slot = by_mark.get(next(marks_left).strip('"'))
        wanted = slot is not None and _is_wanted(kind, slot.role)
        if slot is not None and wanted:
            slots.append(Slot(slot.role, slot.path, f"s{len(slots)}"))
        parts.append((piece, slot.role if slot is not None and wanted else ""))
    items = _items(text) if kind == "QuestionnaireResponse" else ""
    fixed, taken = pieces[::2], [_pattern(piece, role) for piece, role in parts]
    plain = tuple(pattern for pattern, _ in _plain(fixed, parts, {}))
    return Shape(kind, _interleaved(fixed, taken), tuple(slots), items, plain, fixed, tuple(parts))


def _interleaved(fixed: tuple[str, ...], values: list[str]) -> str:
    """The pattern of a whole line."""
    return "^" + "".join(re.escape(text) + value for text, value in zip(fixed, [*values, "$"], strict=True))


def narrowed(shape: Shape, said: Mapping[str, str]) -> list[tuple[str, list[str]]]:
    """As `plain`, of lines alone whose slots hold what is said of them; each with the slots that it takes."""
    return _plain(shape.fixed, shape.values, said)


def _plain(
    fixed: tuple[str, ...], parts: Sequence[tuple[str, str]], said: Mapping[str, str]
) -> list[tuple[str, list[str]]]:
    """Patterns for lines in the letters of ASCII alone, each taking a few slots out of them."""
    names = [f"s{n}" for n in range(sum(bool(role) for _, role in parts))]
    left = [name for name in names if name not in said]
    found = []
    for first in range(0, max(1, len(left)), MOST_TAKEN):
        wanted = left[first : first + MOST_TAKEN]
        values, slots = [], iter(names)
        for piece, role in parts:
            name = next(slots) if role else ""
            value = _pattern(piece, role).replace(TEXT, _ASCII).replace(_PLAIN, _ASCII)
            if name in said:
                value = f'"{re.escape(said[name])}"' if piece == '"' else re.escape(said[name])
            elif role and name not in wanted:
                value = value.replace("(", "(?:", 1)
            values.append(value)
        found.append((_interleaved(fixed, values), wanted))
    return found


def _items(text: str) -> str:
    """The pattern that takes the items of a resource apart; "" if it has not two."""
    parts = dict(_elements(text, 0))
    start = parts.get("item", (0, 0))[0]
    if text[start : start + 1] != "[":
        return ""
    items = [span for _, span in _elements(text, start)]
    if len(items) < 2:
        return ""
    pattern, at = "^(" + _patterned(text[: items[0][0]]) + ")", items[0][0]
    for first, last in items:
        pattern += _patterned(text[at:first]) + "(" + _patterned(text[first:last]) + ")"
        at = last
    return pattern + "(" + _patterned(text[at:]) + ")$"


def _elements(text: str, start: int) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each element of the object or list that begins at a place: its name, and where its value begins and ends."""
    decoder, blank = json.JSONDecoder(), re.compile(r"[ \t\r\n]*")
    is_object, at, name = text[start] == "{", start + 1, ""
    while True:
        at = _after(blank, text, at)
        if text[at] in "}]":
            return
        if is_object:
            name, at = decoder.raw_decode(text, at)
            at = _after(blank, text, _after(blank, text, at) + 1)
        _, end = decoder.raw_decode(text, at)
        yield name, (at, end)
        at = _after(blank, text, end)
        at += text[at] == ","


def _after(blank: re.Pattern[str], text: str, at: int) -> int:
    found = blank.match(text, at)
    return found.end() if found is not None else at


def _patterned(text: str) -> str:
    """A stretch of a shape as a pattern, any value in the place of a mark."""
    parts = re.split('("\ue000[0-9]+"|9[0-9]{8})', text)
    kinds = {'"': f'"{TEXT}"', "9": NUMBER}
    return "".join(kinds[part[0]] if at % 2 else re.escape(part) for at, part in enumerate(parts))


def _values(pieces: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for at in range(1, len(pieces), 2):
        yield at, pieces[at]


def _has_a_value(pieces: tuple[str, ...]) -> bool:
    """Whether something like a value was left where it stands: a string that is none, a number too long."""
    return any(re.search(r"[\[,:]\s*[-0-9]", piece) for piece in pieces[::2])


def _pattern(piece: str, role: str) -> str:
    match role:
        case "owner":
            return f'"Patient/({_ID})"'
        case "id":
            return f'"({_ID})"'
        case "day":
            return f'"({_PLAIN})"'
    inner = NUMBER if piece == "0" else TEXT
    inner = f"({inner})" if role else inner
    return inner if piece == "0" else f'"{inner}"'


def _is_wanted(kind: str, role: str) -> bool:
    if kind in KINDS:
        return bool(role)
    if kind == "Patient":
        return role in ("id", "day", "word", "number")
    return role == "owner" and kind not in NOT_OF_A_PERSON


def _is_ordinary(kind: str, tree: dict[str, Any], slots: list[Slot]) -> bool:
    owners = [slot for slot in slots if slot.role == "owner"]
    ids = [slot for slot in slots if slot.role == "id"]
    is_read = kind in KINDS or kind == "Patient"
    if any(signs_of(tree if is_read else {"resourceType": kind})):
        return False
    if kind == "Patient":
        return len(ids) == 1 and read_resource(tree, _ignore) is not None
    if len(owners) != 1 or any(isinstance(tree.get(e), dict) and not _refers(tree[e]) for e, _ in _OWNERS):
        return False
    if kind not in KINDS:
        return True
    # An observation of somebody else beside the person, or a thing held inside another, is read by itself.
    if len(ids) != 1 or any(tree.get(element) is not None for element in _REFERRING):
        return False
    if kind == "Encounter" and tree.get("reasonReference") is not None:
        return False
    return read_resource(tree, _ignore) is not None


def _refers(about: dict[str, Any]) -> bool:
    return isinstance(about.get("reference"), str)


def _ignore(_: str) -> None:
    pass


# ------------------------------------------------------------------------------------ the values


def _slots(kind: str, tree: dict[str, Any]) -> Iterator[Slot]:
    """Each value of the tree that matters, under the mark that stands in its place."""
    reads = _reads(MODELS[kind]) if kind in MODELS else {}
    for mark, path in _marks(tree, ()):
        role = _role(kind, path, reads)
        if role:
            yield Slot(role, path, mark)


def _marks(part: Any, path: Steps) -> Iterator[tuple[str, Steps]]:
    if isinstance(part, dict):
        for key, value in part.items():
            yield from _marks(value, (*path, key))
    elif type(part) is list:
        for value in part:
            yield from _marks(value, (*path, "[]"))
    elif isinstance(part, Number):
        yield part.text, path
    elif isinstance(part, str) and part.startswith("\ue000"):
        yield part, path


def _role(kind: str, path: Steps, reads: dict[str, Any]) -> str:
    if path == ("id",):
        return "id"
    if path in _OWNERS and kind != "Patient":
        return "owner"
    # The release that a profile names is looked at for every resource.
    if path == ("meta", "profile", "[]"):
        return "word"
    if not _is_read(path, reads):
        return ""
    plain = tuple(step for step in path if step != "[]")
    if plain[0] in _UNTOLD or (kind == "Patient" and plain == ("extension", "valueDecimal")):
        return ""
    if (len(plain) == 1 and plain[0] in (*DATES, *_DAYS_OF_A_PERSON)) or _is_end_of_period(plain):
        return "day"
    return "number" if plain[-1] in _NUMBERS and plain[0] != "extension" else "word"


def _is_end_of_period(plain: Steps) -> bool:
    return len(plain) > 1 and plain[-1] in ("start", "end") and plain[-2] in (*PERIODS, "boundsPeriod")


def _is_read(path: Steps, reads: Any) -> bool:
    for step in path:
        if step in _KINDLESS:
            continue
        if not isinstance(reads, dict) or step not in reads:
            return False
        reads = reads[step]() if callable(reads[step]) else reads[step]
    return True


@cache
def _reads(model: type[BaseModel]) -> dict[str, Any]:
    """The elements of a model by name, each with what makes out the elements below it."""
    found: dict[str, Any] = {}
    for name, info in model.model_fields.items():
        inner = _model_of(info.annotation)
        found[info.alias or name] = (lambda inner=inner: _reads(inner)) if inner is not None else None
    return found


def _model_of(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (Union, UnionType, list):
        return next((m for part in get_args(annotation) if (m := _model_of(part)) is not None), None)
    return None


def parsed(line: str) -> dict[str, Any]:
    """An ordinary line as a tree, numbers as written."""
    tree: dict[str, Any] = json.loads(line, parse_float=Number, parse_int=Number)
    return tree
