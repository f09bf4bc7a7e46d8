"""Inputs of a calculation from a file, JSON or YAML, every scalar as the text that it is written as.

`{"CRP": "12 mg/L"}`, `{"CRP": {"value": 12, "unit": "mg/L"}}` and `[{"name": "CRP", "value": 12, "unit": "mg/L"}]`
are one; a profile has them under `evidence:`.
"""

from __future__ import annotations

from typing import Any

from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree

_HELP = "write names with values, or a list of `name`, `value`, `unit`"


def inputs(data: bytes, name: str) -> dict[str, Any]:
    """The inputs by name. Raises UnreadableRecord with everything that is wrong with the file."""
    faults = Faults(name)
    # A list of JSON is YAML too, and numbers stay as they are written in both.
    tree = read_tree(data, faults)
    found: dict[str, Any] = {}
    if isinstance(tree, Mapping):
        below = tree.get("evidence")
        tree = below if isinstance(below, Mapping) else tree
    if isinstance(tree, Mapping):
        found = {key: data_of(below) for key, (_, below) in tree.entries.items() if _is_said(below)}
    elif isinstance(tree, Sequence):
        found = _listed(tree, faults)
    elif tree is not None:
        faults.add(tree.at, "inputs are written as names with values", help=_HELP)
    if faults.found:
        raise faults.base(*faults.sorted())
    return found


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
