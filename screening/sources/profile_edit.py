"""A profile with some of its items written anew, as text: what else stands in the file stays as it is.

An item takes one line. A file that is not laid out line by line, JSON among them, is written whole; what it says
stays the same, its comments and its order of lines do not.
"""

from __future__ import annotations

import json
import operator
from collections.abc import Mapping as Map
from decimal import Decimal
from typing import Any

from screening.errors import DefectError
from screening.sources.document import data_of, read_tree
from screening.sources.profile_form import Row
from screening.sources.profile_template import key_text
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree
from screening.sources.worth import literal

_PLAIN_FIRST = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
_PLAIN = _PLAIN_FIRST + " .()/+-_%"
_INDENT = "  "
_OF_RANGE = {"value", "low", "high", "date", "by", "source"}
_ENDS = {"value": "", "low": ">=", "high": "<="}
_HOLDS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


def begun(subject: str, synthetic: bool, source: str) -> str:
    """A profile of which nothing is known yet."""
    head = f"subject: {scalar(subject)}\n"
    head += "synthetic: true\n" if synthetic else ""
    return f"{head}source: {scalar(source)}\nevidence:\n"


def edited(text: str, items: Map[str, Any]) -> str:
    """The profile with these items of its evidence; an item of None is taken out."""
    faults = Faults("profile")
    tree = read_tree(text, faults)
    if not isinstance(tree, Mapping):
        raise DefectError("only a profile that can be read is edited")
    wanted = _data(tree, items)
    for made in (_by_lines(text, tree, items), _whole(wanted, text.lstrip()[:1] == "{")):
        if made is None:
            continue
        again = read_tree(made, Faults("profile"))
        # INVARIANT: what is written is read back before it is kept; the order of items says nothing.
        if again is not None and _same(data_of(again), wanted):
            return made
    raise DefectError("the profile could not be written")


def scalar(text: str) -> str:
    """A text as a scalar of YAML that is read as this text."""
    is_plain = bool(text) and text[0] in _PLAIN_FIRST and all(c in _PLAIN for c in text) and text == text.strip()
    return text if is_plain else json.dumps(text, ensure_ascii=False)


def flow(data: Any) -> str:
    """Data on one line of YAML."""
    if isinstance(data, Map):
        return "{" + ", ".join(f"{key_text(str(key))}: {flow(below)}" for key, below in data.items()) + "}"
    if isinstance(data, list | tuple):
        return "[" + ", ".join(flow(below) for below in data) + "]"
    return scalar(str(data))


def _data(tree: Mapping, items: Map[str, Any]) -> dict[str, Any]:
    """What the edited profile says, as plain data of texts."""
    found: dict[str, Any] = data_of(tree)
    evidence = found.get("evidence") or {}
    kept = {name: below for name, below in evidence.items() if name not in items}
    written = {name: _texts(below) for name, below in items.items() if below is not None}
    return {**found, "evidence": {**kept, **written}}


def _texts(data: Any) -> Any:
    if isinstance(data, Map):
        return {str(key): _texts(below) for key, below in data.items()}
    return [_texts(below) for below in data] if isinstance(data, list | tuple) else str(data)


def _same(found: Any, wanted: dict[str, Any]) -> bool:
    return isinstance(found, dict) and {**found, "evidence": found.get("evidence") or {}} == wanted


def _by_lines(text: str, tree: Mapping, items: Map[str, Any]) -> str | None:
    """The text with lines taken out and lines put in; None where it is not laid out so."""
    pair = tree.entries.get("evidence")
    if pair is None or text.lstrip()[:1] == "{" or "\r" in text:
        return None
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    evidence = pair[1]
    entries = evidence.entries if isinstance(evidence, Mapping) else {}
    indent = _INDENT
    drop: set[int] = set()
    after = _line(starts, pair[0].at)
    for name, (key, below) in entries.items():
        first, last = _line(starts, key.at), _line(starts, max(_end(below), key.end) - 1)
        before = lines[first][: key.at - starts[first]]
        if before.strip() or not before:
            return None  # written in braces
        indent = before
        after = max(after, last)
        if name in items:
            drop |= set(range(first, last + 1))
    made = [line for number, line in enumerate(lines) if number <= after and number not in drop]
    made += [f"{indent}{key_text(name)}: {flow(below)}\n" for name, below in items.items() if below is not None]
    return "".join([*made, *lines[after + 1 :]])


def _line(starts: list[int], at: int) -> int:
    import bisect

    return max(0, bisect.bisect_right(starts, at) - 1)


def _end(tree: Tree) -> int:
    match tree:
        case Scalar(_, at, end):
            return max(at + 1, end)
        case Mapping(entries):
            return max((_end(below) for _, below in entries.values()), default=tree.at + 1)
        case Sequence(items):
            return max((_end(below) for below in items), default=tree.at + 1)


def _whole(data: dict[str, Any], as_json: bool) -> str:
    if as_json:
        return json.dumps(data, indent=2, ensure_ascii=False) + "\n"
    evidence = data["evidence"]
    head = [f"{key_text(key)}: {flow(below)}\n" for key, below in data.items() if key != "evidence"]
    lines = [f"{_INDENT}{key_text(name)}: {flow(below)}\n" for name, below in evidence.items()]
    return "".join([*head, "evidence:\n", *lines])


def added(before: Any, item: Any, is_one_number: bool = False) -> Any:
    """An item beside what a profile says already for the same requirement: nothing that is recorded is withdrawn.

    What cannot stand as a row of a list, a date of birth, is replaced by what refines it. So is a range of the
    same day, or of none, in which the answer lies, where `is_one_number` says that the latest reading alone
    counts: a note keeps what it was.
    """
    if before in (None, "", {}):
        return item
    old = _rows(before)
    new = _rows(item)
    if old is None or new is None:
        return item
    more = {key: below for key, below in _mapping(before).items() if key in ("note", "complete")}
    more |= {key: below for key, below in _mapping(item).items() if key == "complete"}
    if is_one_number and len(old) == len(new) == 1 and _refines(new[0], old[0]):
        was = f"recorded before: {_range_of(old[0])}"
        return {**more, **new[0], "note": f"{more['note']}; {was}" if more.get("note") else was}
    return {**more, "records": [*old, *new]}


def _refines(new: Map[str, Any], old: Map[str, Any]) -> bool:
    """Whether an exact number lies in a range of the same unit that is recorded for the same day, or for none."""
    if set(old) - _OF_RANGE or old.get("date", "") not in ("", new.get("date")):
        return False
    exact = literal(str(new.get("value", "")))
    ends = [(sign, literal(str(old[key]))) for key, sign in _ENDS.items() if old.get(key)]
    ends = [(each.comparator if each and not sign else sign, each) for sign, each in ends]
    if exact is None or exact.comparator or not ends:
        return False
    return all(
        each is not None and each.unit == exact.unit and sign in _HOLDS
        # INVARIANT: no comparator stands at an end that is one already.
        and (sign == each.comparator or not each.comparator)
        and _HOLDS[sign](Decimal(exact.value), Decimal(each.value))
        for sign, each in ends
    )  # fmt: skip


def _range_of(row: Map[str, Any]) -> str:
    return str(row["value"]) if row.get("value") else f"{row.get('low', '')} to {row.get('high', '')}".strip()


def _mapping(item: Any) -> Map[str, Any]:
    return item if isinstance(item, Map) else {"value": item}


def _rows(item: Any) -> list[Map[str, Any]] | None:
    """An item as rows of a list; None where it is none."""
    found = _mapping(item)
    if "records" in found:
        said = {key: found[key] for key in ("by", "source") if key in found}
        return [{**said, **row} for row in found["records"] or ()]
    row = {key: below for key, below in found.items() if key not in ("note", "complete")}
    if str(row.get("absent", "")).lower() == "true":
        # A denial beside rows is a row of its own: what is recorded besides is not taken back by it.
        row = {key: below for key, below in row.items() if key != "absent"} | {"status": "absent"}
    if set(row) - set(Row.keys):
        return None
    return [row] if row else []
