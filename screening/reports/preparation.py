"""The screen of a source that was prepared: what became of its records, and what of it had to be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from screening.reports.line import Line, paragraph
from screening.reports.words import DECISION_SUPPORT, counted, grouped_digest, safe, sided

_NUMBER = 29
_MOST_NAMED = 6
_BY_CONTENTS = "Told by the contents of every file."
_BY_STAMPS = "Told by the size, times and place of every file; --checksum compares contents."


def summary(
    made: Mapping[str, Any],
    read: int,
    kept: int,
    is_unchanged: bool,
    place: str,
    *,
    by_contents: bool = True,
    alone: Mapping[str, int] | None = None,
) -> list[Line]:
    """What a run did, in counts.

    `by_contents` says how it was told that nothing has changed, `alone` who was read one by one, and why.
    """
    lines = [Line(text.rstrip()) for text in _head(made)]
    counts = made["counts"]
    kinds = ", ".join(f"{number:,} {kind}" for kind, number in counts["rejected_by_kind"].items())
    lines.append(_row("Records read", counts["read"]))
    lines.append(_row("  rejected", counts["rejected"], kinds))
    lines.append(_row("  people", counts["people"], f"+ {counts['rejected']:,} = {counts['read']:,}"))
    requirements = made["requirements"]
    never = sum(1 for each in requirements if not each["entries"])
    asked = counted(len(requirements), "input")
    lines.append(_row("Entries", counts["entries"], f"of {asked}; {never:,} of them recorded of nobody"))
    lines += _unasked(made.get("unasked", ()))
    lines.append(Line(""))
    if is_unchanged:
        lines += paragraph(f"Nothing has changed since {safe(place)} was written; nothing was read again.")
        lines += paragraph(_BY_CONTENTS if by_contents else _BY_STAMPS)
    else:
        if kept:
            again = f"Read this time: {counted(read, 'record')}; not changed since an earlier run: {kept:,}."
            lines += paragraph(again)
        if alone:
            whys = "; ".join(f"{number:,} for {why}" for why, number in alone.items())
            lines += paragraph(
                f"Read one by one, which is slower: {counted(sum(alone.values()), 'person', 'people')}, {whys}."
            )
        lines += paragraph(f"Written: {safe(place)}. Next: screening cohort {safe(place)} --out DIR.")
    return [*lines, Line(""), *paragraph(DECISION_SUPPORT)]


def _unasked(every: Sequence[Mapping[str, Any]]) -> list[Line]:
    """Names that no protocol asks, the likely slips first; what another protocol asks is none."""
    found = [one for one in every if not one["asked by another protocol"]]
    found.sort(key=lambda one: not one["no source of it"])
    named = []
    for one in found[:_MOST_NAMED]:
        meant = f", meant `{safe(one['did you mean'])}`?" if one["did you mean"] else ""
        named.append(f"`{safe(one['name'])}` ({safe(one['place'])}{meant})")
    more = f" and {len(found) - len(named)} more" if len(found) > len(named) else ""
    told = "Named and not asked, so that nothing is read for it: " + ", ".join(named) + more
    return paragraph(f"{told}; `screening coverage` tells more", "? ", "    ") if found else []


def _head(made: Mapping[str, Any]) -> list[str]:
    found = []
    for library in made["libraries"][:_MOST_NAMED]:
        name = f"{safe(library['name'])} {safe(library['version'])}  {safe(library['status']).upper()}"
        found += sided(name, f"rules {grouped_digest(library['digest'])}")
    if more := len(made["libraries"]) - _MOST_NAMED:
        found += [f"and {counted(more, 'more protocol')}"] if more > 0 else []
    extract = f"Extracted {made['extracted']}" if made["extracted"] else "Extract not dated"
    site = f"site: {safe(made['site']['name'])}" if made["site"] else "site: none declared"
    return [*found, *sided(extract, site)]


def _row(head: str, number: int, after: str = "") -> Line:
    text = f"{head}{number:>{max(1, _NUMBER - len(head))},}"
    return Line(f"{text}  {after}".rstrip())
