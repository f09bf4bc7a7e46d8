"""Whoever knows a person's whole record and answers the screens of an interview out of it, as one would type."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from screening.outcome.interview import Page
from screening.sources.document import data_of, read_tree
from screening.sources.tree import Faults, Mapping
from tests.checkout import ROOT

INDEX = ROOT / "rules" / "records" / "index-completed.yaml"
TRUTHS = ("Boolean", "Judgement")


def known(path: Path = INDEX) -> dict[str, Any]:
    """What a profile says, item by item."""
    tree = read_tree(path.read_bytes(), Faults(str(path)))
    assert isinstance(tree, Mapping)
    found: dict[str, Any] = data_of(tree)["evidence"]
    return found


def line(page: Page, record: dict[str, Any], who: str = "b", judge: str = "rheumatologist K2") -> str:
    """The one line that says everything the record knows of a page; what it does not know is `?`."""
    if page.shape == "list":
        return rows(record.get(page.names[0]))
    yes, valued, no = [], [], 0
    date = ""
    for number, requirement in enumerate(page.asked, 1):
        found = record.get(requirement.name)
        if found is None:
            valued.append(f"{number}=?")
            continue
        text = str(found.get("value", found.get("born", "")))
        if requirement.type.name in TRUTHS:
            since = found.get("date", "") if requirement.kind in ("condition", "medication") else ""
            yes += [f"{number} {since}".strip()] if text == "TRUE" else []
            no += text == "FALSE"
            continue
        if "records" in found:
            text = "+".join(str(row["value"]) for row in found["records"])
        dated = found.get("date", "")
        at = f"@{dated}" if dated and requirement.within else ""
        valued.append(f"{number}={text.replace(chr(39), '').lstrip('@')}{at}")
    rest = ["n" if no else "s"] if yes or no else []
    told = [who] if no and page.obtain in ("ask", "chart") else []
    judged = [f"by {judge}"] if page.obtain == "judge" and (yes or no) else []
    return " ".join([*yes, *valued, *(rest if no else []), *told, *judged, *([date] if date else [])])


def rows(found: Any) -> str:
    """A list as one types it."""
    if found is None:
        return "?"
    made = []
    for row in found["records"]:
        first = row.get("drug", row.get("measure"))
        parts = [first, row.get("date", ""), row.get("outcome", "")]
        parts += [
            f"{key} {row[key]}" for key in ("mechanism", "days", "weeks", "adequate dose", "relief") if key in row
        ]
        made.append(", ".join(part.replace("'", "").replace("TRUE", "y") for part in parts if part))
    return "; ".join([*made, "all" if found.get("complete") == "true" else "more"])
