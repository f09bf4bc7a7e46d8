"""Inputs of a calculation from a file, JSON or YAML, every scalar as the text that it is written as.

`{"CRP": "12 mg/L"}`, `{"CRP": {"value": 12, "unit": "mg/L"}}` and `[{"name": "CRP", "value": 12, "unit": "mg/L"}]`
are one; a profile has them under `evidence:`. A list of calculations has them under `inputs:` of each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import dataclass
from typing import Any

from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_HELP = "write names with values, or a list of `name`, `value`, `unit`"


_CASE = ("name", "inputs", "expected", "case", "library", "as_of")


@dataclass(frozen=True, slots=True)
class Listed:
    """One calculation of a list: its definition, inputs, and what is expected (`score`, `class`, `tolerance`)."""

    name: str
    inputs: Map[str, Any]
    expected: Map[str, str]
    case: str = ""
    library: str = ""
    as_of: str = ""


def calculations(data: bytes, name: str) -> list[Listed] | None:
    """The calculations of a list, or None where the file holds the inputs of one. Raises UnreadableRecord."""
    faults = Faults(name)
    tree = read_tree(data, faults)
    below = tree.get("cases") if isinstance(tree, Mapping) else tree
    items = below.items if isinstance(below, Sequence) else ()
    if not any(isinstance(item, Mapping) and item.get("inputs") is not None for item in items):
        return None
    found = [_calculation(item, faults) for item in items]
    if faults.found:
        raise faults.base(*faults.sorted())
    return found


def _calculation(item: Tree, faults: Faults) -> Listed:
    below = item.get("inputs") if isinstance(item, Mapping) else None
    if not isinstance(item, Mapping) or not isinstance(below, Mapping | Sequence):
        faults.add(item.at, "a calculation has no inputs", help="write `name`, `inputs` and perhaps `expected`")
        return Listed("", {}, {})
    for key, (at, _) in item.entries.items():
        if key not in _CASE:
            faults.add(
                at.at, f"a calculation has no key `{key}`", end=at.end, help=f"the keys are {', '.join(_CASE)}"
            )
    texts = {key: found.text.strip() for key in _CASE if isinstance(found := item.get(key), Scalar)}
    day = texts.get("as_of", "")
    if day and not _DAY.match(day):
        faults.add(item.at, "`as_of` is no day", help="write it as 2026-08-15")
    expected = item.get("expected")
    wanted = {}
    if isinstance(expected, Scalar):
        wanted = {"score": expected.text}
    elif isinstance(expected, Mapping):
        wanted = {
            key: v.text for key, (_, v) in expected.entries.items() if isinstance(v, Scalar) and v.text.strip()
        }
    return Listed(
        texts.get("name", ""), _given(below, faults), wanted, texts.get("case", ""), texts.get("library", ""), day
    )


def inputs(data: bytes, name: str) -> dict[str, Any]:
    """The inputs by name. Raises UnreadableRecord with everything that is wrong with the file."""
    faults = Faults(name)
    # A list of JSON is YAML too, and numbers stay as they are written in both.
    tree = read_tree(data, faults)
    if isinstance(tree, Mapping):
        below = tree.get("evidence")
        tree = below if isinstance(below, Mapping) else tree
    found = _given(tree, faults)
    if faults.found:
        raise faults.base(*faults.sorted())
    return found


def _given(tree: Tree | None, faults: Faults) -> dict[str, Any]:
    if isinstance(tree, Mapping):
        return {key: data_of(below) for key, (_, below) in tree.entries.items() if _is_said(below)}
    if isinstance(tree, Sequence):
        return _listed(tree, faults)
    if tree is not None:
        faults.add(tree.at, "inputs are written as names with values", help=_HELP)
    return {}


def _is_said(tree: Tree) -> bool:
    return not (isinstance(tree, Scalar) and not tree.text.strip())


def _listed(tree: Sequence, faults: Faults) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in tree.items:
        named = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(item, Mapping) or not isinstance(named, Scalar) or not named.text.strip():
            faults.add(item.at, "an input has no name", help=_HELP)
            continue
        if named.text in found:
            faults.add(named.at, "this input stands here for the second time", end=named.end)
        found[named.text] = {key: data_of(below) for key, (_, below) in item.entries.items() if key != "name"}
    return found
