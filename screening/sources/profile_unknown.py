"""What was asked and is not known, kept in a profile: a note at the item, which is no evidence of anything.

`Stroke: {complete: false, note: "asked 2026-11-22 by K7: not known"}` says what an empty item says, and that
somebody was asked. It makes no list complete, for a site's declaration neither, and is taken off again with the
first answer.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping
from typing import Any

from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults
from screening.sources.tree import Mapping as Branch

_MARK = re.compile(r"(?:\A|; )asked (\d{4}-\d{2}-\d{2}) by [^;]{1,60}: not known(?=; |\Z)")
_SILENT: tuple[Any, ...] = (None, "", {})


def evidence_of(text: str) -> dict[str, Any]:
    """What a profile says already, item by item."""
    tree = read_tree(text, Faults("profile"))
    below = tree.get("evidence") if isinstance(tree, Branch) else None
    return dict(data_of(below)) if isinstance(below, Branch) else {}


def not_known(evidence: Mapping[str, Any]) -> dict[str, str]:
    """The items of which somebody said that they are not known, each with the last day on which it was said."""
    found = {}
    for name, item in evidence.items():
        days = _MARK.findall(str(item.get("note", ""))) if isinstance(item, Mapping) else []
        if days:
            found[name] = max(days)
    return found


def marked(item: Any, day: datetime.date, by: str) -> Any:
    """An item with the note that it is not known, beside whatever it says."""
    item = unmarked(item)
    mark = f"asked {day.isoformat()} by {by.replace(';', ',')}: not known"
    if item in _SILENT or _is_unknown(item):
        # INVARIANT: an item that says something may be completed by a site's declaration; this one may not.
        return {"complete": "false", "note": mark}
    said = dict(item) if isinstance(item, Mapping) else {"value": item}
    if said == {"complete": "false"}:
        # Written by hand, and to be left when the mark is taken off again.
        said["note"] = "recorded as not complete"
    return {**said, "note": f"{said['note']}; {mark}" if said.get("note") else mark}


def unmarked(item: Any) -> Any:
    """An item as it was before anybody said that it is not known."""
    if not isinstance(item, Mapping) or not _MARK.search(str(item.get("note", ""))):
        return item
    left = {key: below for key, below in item.items() if key != "note"}
    note = _MARK.sub("", str(item["note"])).removeprefix("; ")
    if note:
        left["note"] = note
    return "" if left == {"complete": "false"} else left


def _is_unknown(item: Any) -> bool:
    return isinstance(item, str) and item.strip().upper() == "UNKNOWN"
