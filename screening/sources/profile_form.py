"""The form of a profile: which keys stand where. Every scalar is a text; what a text means comes later.

An item of a requirement has many shapes, from a bare `9` to a list of rows; a key that no shape has is a
fault with the key that was probably meant. The annotations of the classes below are the whole form: a
record is held against them here, and the published schema is printed from them.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar, TypeAlias, TypeVar

from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree, near

LONGEST_NAME = 200
MOST_ROWS = 20_000

# What may stand under a key. Whatever a scalar is in JSON or YAML, it is read as the text it is written as.
Text: TypeAlias = str
Yes: TypeAlias = str
Day: TypeAlias = str
Name: TypeAlias = str
Codes: TypeAlias = "str | list[str]"
Complete: TypeAlias = "str | Since"
Rows: TypeAlias = "list[Row] | None"
Items: TypeAlias = "dict[str, str | Entry]"


class Form:
    """What is written with keys; what is not written, or left empty, has the value that its class gives.

    `written` names the keys that are there, `more` holds further keys, where the form takes any.
    """

    keys: ClassVar[dict[str, str]] = {}
    """What may stand under each key: the name of its type, as it is annotated."""
    needed: ClassVar[list[str]] = []
    takes_more: ClassVar[bool] = False
    written: frozenset[str]
    more: dict[str, str]

    def __init_subclass__(cls) -> None:
        cls.keys = {**cls.keys, **cls.__annotations__}
        cls.needed = [name for name in cls.keys if not hasattr(cls, name)]

    def __init__(self, written: dict[str, Any], more: dict[str, str]) -> None:
        vars(self).update(written, written=frozenset(written), more=more)

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"what a record says is not changed: {name}")


class Since(Form):
    """A list that is complete since a day, because somebody who signs for it says why."""

    since: Day
    because: Name
    signed: Name


class Row(Form):
    """One entry of a list; further keys are the fields that the requirement declares.

    What another record said and nobody writes by hand has keys, too: `possible`, of which it is not known whether
    it is what is asked for; `unusable`, why a value that is there cannot be used; `coded`, the codes of a field
    or of the value (`drug: RxNorm 313782`).
    """

    takes_more = True

    date: Day = ""
    value: Text = ""
    low: Text = ""
    high: Text = ""
    possible: Yes = ""
    unusable: Text = ""
    coded: Codes = ""
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
    records: Rows = None


class Head(Form):
    """A profile without what it holds: who it is of, and from where."""

    subject: Name
    synthetic: Yes = ""
    extracted: Day = ""
    source: Text = ""
    note: Text = ""


class Profile(Head):
    # The whole profile, as it is published. In reading, each item is held against `Entry` by itself, so that
    # a fault in one hides none in another.
    evidence: Items = {}  # noqa: RUF012 (nobody changes it)


_KNOWN = {*Entry.keys, *Head.keys, *Since.keys, *Row.keys}
_Read = TypeVar("_Read", bound=Form)
# A place in a tree: keys of mappings and numbers of items, from the top.
Place: TypeAlias = tuple[str | int, ...]


def fitting(form: type[_Read], tree: Mapping, faults: Faults, what: str) -> tuple[_Read | None, Mapping]:
    """The tree in its form, and the tree; what does not fit is noted and left out, so that the rest is read too.

    None where nothing can be read.
    """
    reading = _Reading(faults, what)
    found = reading.form(form, tree, (), tree.at, 0)
    if not reading.broken:
        return found, tree
    if () in reading.broken:
        return None, tree
    rest = without(tree, reading.broken)
    assert isinstance(rest, Mapping)
    again = _Reading(Faults(faults.name), what)
    found = again.form(form, rest, (), rest.at, 0)
    return (None, tree) if again.broken else (found, rest)


def without(tree: Tree, broken: set[Place], at: Place = ()) -> Tree:
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


class _Reading:
    """One tree held against its form: everything that does not fit, and where it stands."""

    def __init__(self, faults: Faults, what: str) -> None:
        self.faults, self.what = faults, what
        self.broken: set[Place] = set()

    def refuse(self, place: Place, at: int, end: int, message: str, help: str = "") -> None:
        self.faults.add(at, message, help=help, end=end)
        self.broken.add(place)

    def of(self, place: Place) -> str:
        """How the part at a place is called."""
        names = ".".join(part for part in place if isinstance(part, str) and part in _KNOWN)
        return f"`{names}` of {self.what}" if names else self.what

    def form(self, form: type[_Read], tree: Mapping, place: Place, at: int, end: int) -> _Read:
        """What is written with keys; `at` and `end` are where it is named."""
        keys = form.keys
        written: dict[str, Any] = {}
        more: dict[str, str] = {}
        for name, (key, below) in tree.entries.items():
            # An empty text says nothing.
            if isinstance(below, Scalar) and not below.text.strip():
                continue
            there = (*place, name)
            if name in keys:
                written[name] = self.value(keys[name], below, there, key)
            elif form.takes_more:
                more[name] = self.text(below, there, key.at, key.end)
            else:
                meant = _meant(name, (Profile if form is Head else form).keys)
                self.refuse(there, key.at, key.end, f"{self.what} has no such key", meant)
        for name in form.needed:
            if name not in written:
                empty = tree.entries.get(name)
                message = f"`{name}` of {self.what} is missing"
                if empty is None:
                    self.refuse(place, at, end, message)
                else:
                    self.refuse((*place, name), empty[0].at, empty[0].end, message)
        return form(written, more)

    def value(self, kind: str, tree: Tree, place: Place, key: Scalar) -> Any:
        """What stands under a key, as the form has it there."""
        match kind, tree:
            case "Name", Scalar(text) if len(text) > LONGEST_NAME:
                message = f"{self.of(place)} is longer than {LONGEST_NAME} characters"
                self.refuse(place, key.at, key.end, message)
            case "Codes", Sequence(items):
                return [self.text(item, (*place, n), *_ends(item)) for n, item in enumerate(items)]
            case "Complete", Mapping():
                return self.form(Since, tree, place, key.at, key.end)
            case "Rows", Sequence(items) if len(items) > MOST_ROWS:
                self.refuse(place, key.at, key.end, f"{self.of(place)} has more than {MOST_ROWS} rows")
            case "Rows", Sequence(items):
                return [self.row(item, (*place, n)) for n, item in enumerate(items)]
            case "Rows", _:
                message = f"{self.of(place)} is a list"
                self.refuse(place, key.at, key.end, message, "each entry begins with `- `")
            case _:
                return self.text(tree, place, key.at, key.end)
        return None

    def text(self, tree: Tree, place: Place, at: int, end: int) -> str:
        if isinstance(tree, Scalar):
            return tree.text
        self.refuse(place, at, end, f"{self.of(place)} is one text")
        return ""

    def row(self, tree: Tree, place: Place) -> Row | None:
        at, end = _ends(tree)
        if isinstance(tree, Mapping):
            return self.form(Row, tree, place, at, end)
        self.refuse(place, at, end, f"a row of {self.what} is written as keys with values")
        return None


def _ends(tree: Tree) -> tuple[int, int]:
    return tree.at, tree.end if isinstance(tree, Scalar) else 0


def _meant(key: str, known: Iterable[str]) -> str:
    if key == "unit":
        return "write the unit with the value: `5.2 'mg/L'`"
    known = list(known)
    # At the top any name of a requirement may stand by mistake, and only a very near one is a slip of a key.
    is_top = "evidence" in known
    meant = near(key, known, 0.8 if is_top else 0.7)
    if meant:
        return f"did you mean `{meant}`"
    return f"the keys are {', '.join(known)}" + ("; what is recorded stands below `evidence:`" if is_top else "")
