"""The form of a profile: which keys stand where. Every scalar is a text; what a text means comes later.

An item of a requirement has many shapes, from a bare `9` to a list of rows; a key that no shape has is a
fault with the key that was probably meant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    Tag,
    ValidationError,
    WithJsonSchema,
    create_model,
)

from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree, near

LONGEST_NAME = 200
MOST_ROWS = 20_000

# A scalar of JSON or YAML; whatever it is there, it is read as the text it is written as.
ANY_SCALAR: dict[str, Any] = {"type": ["string", "number", "boolean", "null"]}
TRUTH_SCALAR: dict[str, Any] = {"enum": [True, False, "TRUE", "FALSE", "true", "false", "", None]}
DAY_SCALAR: dict[str, Any] = {
    "type": ["string", "integer", "null"],
    "pattern": r"^(@?\d{4}(-\d{2}(-\d{2}([T ].*)?)?)?)?$",
}

Text = Annotated[str, WithJsonSchema(ANY_SCALAR)]
Yes = Annotated[str, WithJsonSchema(TRUTH_SCALAR)]
Day = Annotated[str, WithJsonSchema(DAY_SCALAR)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


def _shape(value: Any) -> str:
    return "(mapping)" if isinstance(value, dict) else "(list)" if isinstance(value, list) else "(text)"


class Form(BaseModel):
    """What is written with keys: other keys than those named are refused."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Since(Form):
    """A list that is complete since a day, because somebody who signs for it says why."""

    since: Day
    because: Name
    signed: Name


Complete = Annotated[Annotated[Yes, Tag("(text)")] | Annotated[Since, Tag("(mapping)")], Discriminator(_shape)]
Codes = Annotated[Annotated[Text, Tag("(text)")] | Annotated[list[Text], Tag("(list)")], Discriminator(_shape)]


class Row(BaseModel):
    """One entry of a list; further keys are the fields that the requirement declares."""

    model_config = ConfigDict(strict=True, extra="allow", frozen=True)
    __pydantic_extra__: dict[str, Text] = Field(init=False)

    date: Day = ""
    value: Text = ""
    code: Text = ""
    codes: Codes = ""
    panel: Codes = ""
    status: Text = ""
    by: Text = ""
    source: Text = ""
    text: Text = ""


class Entry(Form):
    """What is recorded for one requirement: one value with its date and source, or a list of rows."""

    value: Text = ""
    low: Text = ""
    high: Text = ""
    missing: Yes = ""
    absent: Yes = ""
    text: Text = ""
    born: Day = ""
    age: Text = ""
    date: Day = ""
    code: Text = ""
    codes: Codes = ""
    panel: Codes = ""
    status: Text = ""
    by: Text = ""
    source: Text = ""
    note: Text = ""
    complete: Complete = ""
    records: Annotated[list[Row], Field(max_length=MOST_ROWS)] | None = None


class Head(Form):
    """A profile without what it holds: who it is of, and from where."""

    subject: Name
    synthetic: Yes = ""
    extracted: Day = ""
    source: Text = ""
    note: Text = ""


OneOrMore = Annotated[Annotated[Text, Tag("(text)")] | Annotated[Entry, Tag("(mapping)")], Discriminator(_shape)]
# The whole profile, for the published schema; in reading, each item is held against `Entry` by itself, so
# that a fault in one hides none in another.
Profile = create_model("Profile", __base__=Head, evidence=(dict[str, OneOrMore], Field(default_factory=dict)))


def fitting(model: type[Form], data: Any, tree: Mapping, faults: Faults, what: str) -> tuple[Any, Mapping]:
    """The data in its form with its tree; what does not fit is noted and left out, so that the rest is read too.

    None where nothing can be read.
    """
    try:
        return model.model_validate(data), tree
    except ValidationError as refused:
        broken = []
        for error in refused.errors(include_url=False, include_context=True, include_input=False):
            loc = [part for part in error["loc"] if not (isinstance(part, str) and part.startswith("("))]
            _note(error["type"], loc, error.get("ctx") or {}, tree, faults, what, model)
            broken.append(tuple(loc[: _place(tree, loc)[2]]))
        if () in broken:
            return None, tree
    rest = without(tree, set(broken))
    assert isinstance(rest, Mapping)
    try:
        return model.model_validate(written_of(rest)), rest
    except ValidationError:
        return None, tree


def without(tree: Tree, broken: set[tuple[Any, ...]], at: tuple[Any, ...] = ()) -> Tree:
    """The tree without the parts at these places."""
    match tree:
        case Mapping(entries):
            kept = {
                name: (key, without(below, broken, (*at, name)))
                for name, (key, below) in entries.items()
                if (*at, name) not in broken
            }
            return Mapping(kept, tree.at)
        case Sequence(items):
            left = [without(one, broken, (*at, i)) for i, one in enumerate(items) if (*at, i) not in broken]
            return Sequence(left, tree.at)
    return tree


def written_of(tree: Tree) -> Any:
    """A tree as data without what is left empty: an empty text says nothing."""
    match tree:
        case Scalar(text):
            return text
        case Sequence(items):
            return [written_of(item) for item in items]
        case Mapping(entries):
            below = ((key, tree) for key, (_, tree) in entries.items())
            return {key: written_of(t) for key, t in below if not (isinstance(t, Scalar) and not t.text.strip())}


def _note(
    kind: str,
    loc: list[Any],
    context: dict[str, Any],
    tree: Mapping,
    faults: Faults,
    what: str,
    model: type[Form],
) -> None:
    at, end, depth = _place(tree, loc)
    names = ".".join(str(part) for part in loc[:depth] if isinstance(part, str) and part in _KNOWN)
    of = f"`{names}` of {what}" if names else what
    last = loc[-1] if loc else ""
    match kind:
        case "extra_forbidden":
            keys = Since.model_fields if "complete" in loc[:-1] else model.model_fields
            if model is Head:
                keys = Profile.model_fields
            faults.add(at, f"{what} has no such key", help=_meant(str(last), keys), end=end)
        case "missing":
            faults.add(at, f"`{last}` of {what} is missing", end=end)
        case "string_too_short":
            faults.add(at, f"{of} is empty", end=end)
        case "string_too_long":
            faults.add(at, f"{of} is longer than {context.get('max_length')} characters", end=end)
        case "too_long":
            faults.add(at, f"{of} has more than {context.get('max_length')} rows", end=end)
        case "list_type":
            faults.add(at, f"{of} is a list", help="each entry begins with `- `", end=end)
        case "model_type" | "dict_type":
            faults.add(at, f"a row of {what} is written as keys with values", end=end)
        case _:
            faults.add(at, f"{of} is one text", end=end)


_KNOWN = {*Entry.model_fields, *Head.model_fields, *Since.model_fields, *Row.model_fields}


def _meant(key: str, known: Iterable[str]) -> str:
    if key == "unit":
        return "write the unit with the value: `5.2 'mg/L'`"
    meant = near(key, known, 0.7)
    return f"did you mean `{meant}`" if meant else "the keys are " + ", ".join(known)


def _place(tree: Tree, loc: list[Any]) -> tuple[int, int, int]:
    """Where a part of the tree stands; where a part is missing, what it is missing in; and how deep that is."""
    found, at, end, depth = tree, tree.at, tree.end if isinstance(tree, Scalar) else 0, 0
    for part in loc:
        if isinstance(found, Mapping) and part in found.entries:
            key, found = found.entries[part]
            at, end = key.at, key.end
        elif isinstance(found, Sequence) and isinstance(part, int) and part < len(found.items):
            found = found.items[part]
            at, end = found.at, found.end if isinstance(found, Scalar) else 0
        else:
            break
        depth += 1
    return at, end, depth
