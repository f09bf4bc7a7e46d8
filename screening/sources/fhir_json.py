"""The JSON text of a FHIR record as a tree, numbers as they are written; hostile text is refused.

No number is ever a float on its way in, and nothing of the record's content enters a message: a place is
named by entry, resource id and element.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NoReturn

from screening.errors import Diagnostic, Span, UnreadableRecord

LARGEST_FILE = 64 * 1024 * 1024
DEEPEST = 64
LONGEST_NUMBER = 60
# INVARIANT: beyond these a number is no measurement; `values.bounds` holds none as large.
LARGEST_EXPONENT, SMALLEST_EXPONENT = 29, -40

_ELEMENT = re.compile(r"_?[A-Za-z][A-Za-z0-9]{0,60}\Z")
_IDENTIFIER = re.compile(r"[A-Za-z0-9\-.]{1,64}\Z")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)


class Number:
    """A JSON number, as written."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


class _Constant(ValueError):
    """`NaN` or `Infinity`, which JSON does not know."""


class _Doubled(dict[str, Any]):
    """An object that names one of its elements twice."""


def read_tree(data: str | bytes, name: str) -> Any:
    """The tree of a JSON text. Raises UnreadableRecord for whatever is not one, or is made to do harm."""
    text = _decoded(data, name)
    start = text.lstrip()[:1]
    if start == "<":
        help = "export the record as FHIR JSON"
        refuse(name, "this is XML, and only the JSON form of FHIR R4 is read", help)
    if not start:
        refuse(name, "the file is empty")
    odd: list[Number] = []
    doubled = False

    def number(written: str) -> Number:
        found = Number(written)
        if (len(written) > 20 or "e" in written or "E" in written) and not _is_reasonable(written):
            odd.append(found)
        return found

    def pairs(items: list[tuple[str, Any]]) -> dict[str, Any]:
        nonlocal doubled
        found = dict(items)
        if len(found) != len(items):
            doubled = True
            return _Doubled(found)
        return found

    try:
        tree = json.loads(
            text, parse_float=number, parse_int=number, parse_constant=_no_constant, object_pairs_hook=pairs
        )
    except _Constant:
        line, column = _constant_at(text)
        refuse(name, "`NaN` and `Infinity` are no numbers of JSON", line=line, column=column)
    except json.JSONDecodeError as fault:
        _not_json(text, fault, name)
    except RecursionError:
        refuse(name, f"the record is nested more than {DEEPEST} deep")
    if _is_too_deep(tree):
        refuse(name, f"the record is nested more than {DEEPEST} deep")
    if doubled:
        place = _place(tree, lambda value: isinstance(value, _Doubled))
        refuse(name, f"{place} names one of its elements twice")
    if odd:
        place = _place(tree, lambda value: value is odd[0])
        refuse(name, f"{place} is a number too long, too large or too small to be a measurement")
    if _SURROGATE.search(text):
        _refuse_surrogates(tree, name)
    return tree


def refuse(name: str, message: str, help: str = "", line: int = 0, column: int = 0) -> NoReturn:
    """Refuses the record as a whole."""
    raise UnreadableRecord(Diagnostic(Span(name, line, column), message, UnreadableRecord, help=help))


NO_ID_OF_FHIR = "the `id` of this Patient is none of FHIR, which has letters, digits, `-` and `.`, 64 at most"


def place_of(resource: Any, position: int) -> str:
    """How a resource is named: `Observation/3c5f`, or by its entry where it has no usable id."""
    if isinstance(resource, dict):
        kind, id = resource.get("resourceType"), resource.get("id")
        known = kind if isinstance(kind, str) and _ELEMENT.match(kind) else "resource"
        if isinstance(id, str) and _IDENTIFIER.match(id):
            return f"{known}/{id}"
        return f"{known} of entry {position + 1}"
    return f"entry {position + 1}"


def identified(resource: dict[str, Any], url: Any) -> dict[str, Any]:
    """A Patient without an id that FHIR allows, by the one that the `fullUrl` of its entry ends with.

    >>> identified({"resourceType": "Patient"}, "urn:uuid:0c5e")["id"]
    '0c5e'
    """
    id = re.split("[:/]", url.split("/_history/")[0])[-1] if isinstance(url, str) else ""
    if resource.get("resourceType") != "Patient" or id_of(resource) or not is_identifier(id):
        return resource
    return {**resource, "id": id}


def id_of(resource: dict[str, Any]) -> str:
    """The id of a resource; "" where it has none, or none that FHIR allows."""
    id = resource.get("id")
    return id if isinstance(id, str) and is_identifier(id) else ""


def is_identifier(text: str) -> bool:
    """Whether a text can be an id of FHIR."""
    return bool(_IDENTIFIER.match(text))


# --------------------------------------------------------------------------------- hostile text


def _decoded(data: str | bytes, name: str) -> str:
    size = len(data)
    if size <= LARGEST_FILE and isinstance(data, str):
        size = len(data.encode("utf-8", "surrogatepass"))
    if size > LARGEST_FILE:
        refuse(name, f"the record is larger than {LARGEST_FILE // (1024 * 1024)} MiB")
    if isinstance(data, str):
        return data.removeprefix("\ufeff")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = data.count(b"\n", 0, fault.start) + 1
        refuse(name, "the text is not UTF-8", "save the record as UTF-8", line=line, column=1)


def _is_reasonable(written: str) -> bool:
    if len(written) > LONGEST_NUMBER:
        return False
    try:
        value = Decimal(written)
    except InvalidOperation:
        return False
    if not value:
        exponent = value.as_tuple().exponent
        return isinstance(exponent, int) and abs(exponent) <= LONGEST_NUMBER
    return SMALLEST_EXPONENT <= value.adjusted() <= LARGEST_EXPONENT


def _no_constant(text: str) -> NoReturn:
    raise _Constant(text)


def _constant_at(text: str) -> tuple[int, int]:
    """Line and column of the first `NaN` or `Infinity` outside a string."""
    bare = _STRING.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)
    found = re.search(r"NaN|-?Infinity", bare)
    at = found.start() if found else 0
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)


def _not_json(text: str, fault: json.JSONDecodeError, name: str) -> NoReturn:
    lines = [line for line in text.splitlines() if line.strip()][:2]
    if len(lines) == 2 and all(_is_object(line) for line in lines):
        message = "this is NDJSON, one resource a line, and one Bundle is read at a time; name it .ndjson"
        refuse(name, message, "a cohort is screened from tables, a person from a Bundle")
    refuse(name, "from here on the text is no JSON", line=fault.lineno, column=fault.colno)


def _is_object(line: str) -> bool:
    try:
        return isinstance(json.loads(line, parse_float=Number, parse_int=Number), dict)
    except (ValueError, RecursionError):
        return False


def _is_too_deep(tree: Any) -> bool:
    level, depth = [tree], 0
    while level:
        depth += 1
        if depth > DEEPEST:
            return True
        level = [
            part
            for whole in level
            for part in (whole.values() if isinstance(whole, dict) else whole if type(whole) is list else ())
            if isinstance(part, dict) or type(part) is list
        ]
    return False


def _refuse_surrogates(tree: Any, name: str) -> None:
    def is_broken(value: Any) -> bool:
        words = [value] if isinstance(value, str) else list(value) if isinstance(value, dict) else []
        return any("\ud800" <= letter <= "\udfff" for word in words for letter in word)

    place = _place(tree, is_broken)
    if place:
        refuse(name, f"{place} holds half of a character (a lone surrogate)")


# ---------------------------------------------------------------------------------------- places


def _walk(value: Any, path: tuple[str | int, ...]) -> Iterator[tuple[Any, tuple[str | int, ...]]]:
    # INVARIANT: the tree is at most DEEPEST deep here.
    yield value, path
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _walk(part, (*path, key))
    elif type(value) is list:
        for position, part in enumerate(value):
            yield from _walk(part, (*path, position))


def _place(tree: Any, wanted: Any) -> str:
    """The place of the first part that is wanted; "" if none is."""
    for value, path in _walk(tree, ()):
        if wanted(value):
            return _named(tree, path)
    return ""


def _named(tree: Any, path: tuple[str | int, ...]) -> str:
    if len(path) > 2 and path[0] == "entry" and isinstance(path[1], int) and path[2] == "resource":
        resource = tree["entry"][path[1]]["resource"]
        within = spelled(path[3:])
        return f"`{place_of(resource, path[1])}`" + (f" {within}" if within else "")
    return spelled(path) or "the record"


def spelled(path: tuple[str | int, ...]) -> str:
    """A path inside a resource: `component[1].valueQuantity.value`; names FHIR cannot have are left out."""
    found = ""
    for step in path:
        if isinstance(step, int):
            found += f"[{step}]"
        else:
            found += ("." if found else "") + (step if _ELEMENT.match(step) else "...")
    return found
