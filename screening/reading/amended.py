"""A protocol with criteria dropped or added, as the text of a rule file of its own: it includes the protocol.

The rule file of the protocol is not touched. What is added goes through the same doors as any rule file, so that a
fault in it is told at its place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from screening.errors import NOWHERE, NameFault, RuleError, SyntaxFault
from screening.language.library import Library
from screening.reading.document import Mapping as Map
from screening.reading.document import Scalar, read_document
from screening.reading.document import Sequence as ListOf
from screening.reading.faults import Faults, did_you_mean, shown
from screening.reading.setting import SOURCE

NAME = "what-if"
CATEGORIES = ("inclusion", "exclusion")
_KEYS = ("sources", "parameters", "valuesets", "requirements", "definitions", "criteria")
_ADDED = "ADDED"


def amended(library: Library, dropped: Sequence[str] = (), added: Mapping[str, Any] | None = None) -> str:
    """The rule file that includes a protocol without some of its criteria, and with what is added.

    Raises RuleError where there is no such criterion, or where none would be left.
    """
    faults = Faults()
    ids = [criterion.id for criterion in library.criteria]
    for id in dropped:
        if id not in ids:
            message = f"`{library.name}` has no criterion `{shown(id)}`"
            faults.add(NameFault, NOWHERE, message, help=did_you_mean(id, ids))
    kept = [id for id in ids if id not in dropped]
    more = dict(added or {})
    if not kept and not more.get("criteria") and not len(faults):
        faults.add(SyntaxFault, NOWHERE, "no criterion would be left, and everybody would be ELIGIBLE")
    if len(faults):
        raise faults.raised({})
    head = {
        "library": NAME,
        "version": "0",
        "title": f"{library.title}, amended to try something out",
        "status": "draft",
        "include": [{"library": library.name, "version": library.version, "criteria": kept or "none"}],
        "anchors": list(library.anchors),
    }
    sources = {**dict(library.sources), SOURCE: "tried out in the amendment laboratory", **more.pop("sources", {})}
    return json.dumps({**head, "sources": sources, **more}, ensure_ascii=False, indent=1)


def criterion_of(text: str) -> dict[str, Any] | None:
    """What `inclusion: EXPRESSION` or `exclusion: EXPRESSION` adds; None for a text that is neither."""
    category, sign, expression = text.partition(":")
    if not sign or category.strip() not in CATEGORIES:
        return None
    return {
        "criteria": [
            {
                "id": f"{_ADDED}1",
                "category": category.strip(),
                "text": f"tried out: {expression.strip()}",
                "source": {SOURCE: "given on the command line"},
                "expression": expression.strip(),
            }
        ]
    }


def criteria_in(data: bytes, file: str) -> dict[str, Any]:
    """What a file adds: one criterion, or `criteria:` with the requirements and definitions that they ask for.

    A criterion without an id or a source gets one that says that it is tried out. Raises RuleError at its place.
    """
    faults = Faults()
    tree = read_document(data, file, faults)
    if tree is None or not isinstance(tree, Map):
        if not len(faults):
            faults.add(SyntaxFault, NOWHERE, f"`{shown(file)}` holds no criterion")
        raise faults.raised({file: 0})
    found = _plain(tree)
    made = {"criteria": [found]} if "expression" in found else found
    for key in made:
        if key not in _KEYS:
            raise RuleError(f"`{shown(file)}`: `{shown(key)}` is nothing that is added; {', '.join(_KEYS)} are")
    criteria = made.get("criteria")
    if not isinstance(criteria, list) or not criteria or not all(isinstance(each, dict) for each in criteria):
        raise RuleError(f"`{shown(file)}` holds no criterion: write `criteria:` and a list of them")
    made["criteria"] = [
        {"id": f"{_ADDED}{n}", "text": "tried out", "source": {SOURCE: "a file of its own"}, **each}
        for n, each in enumerate(criteria, 1)
    ]
    return made


def _plain(tree: Any) -> Any:
    """A tree of a rule file as plain data."""
    if isinstance(tree, Scalar):
        return tree.text
    if isinstance(tree, ListOf):
        return [_plain(each) for each in tree.items]
    return {key.text: _plain(value) for key, value in tree.entries}
