"""Where the people of a cohort are lost, counted: in the order of the protocol, and whatever the order.

Only what is known bars: an inclusion that is not met, an absolute exclusion that is present. In order, each person
is counted once, at the first criterion that bars; anywhere, at every one; alone, where it is the only one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from screening.outcome.determination import Verdict
from screening.outcome.row import Row
from screening.reports.suppression import Sum, hidden

TOTALS = (
    "assessed",
    "ruled out",
    "inclusion not met",
    "exclusion present",
    "declined",
    "undetermined",
    "review",
    "eligible",
    "not screened",
    "not barred",
    "not ruled out",
    "no anchor",
)


@dataclass(slots=True)
class Attrition:
    """Counts of a cohort. `missing` counts, of those who are UNDETERMINED, the people who lack an item."""

    in_order: Counter[str] = field(default_factory=Counter)
    anywhere: Counter[str] = field(default_factory=Counter)
    alone: Counter[str] = field(default_factory=Counter)
    unknown: Counter[str] = field(default_factory=Counter)
    missing: Counter[str] = field(default_factory=Counter)
    sole_missing: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)


def counted(rows: Iterable[Row], manifest: Mapping[str, Any], declined: frozenset[str] = frozenset()) -> Attrition:
    """The counts of all rows; who declined is counted as such, unless a known bar rules out anyway."""
    found = Attrition()
    inclusions = {each["id"] for each in manifest["criteria"] if each["category"] == "inclusion"}
    for row in rows:
        found.totals["assessed"] += 1
        if not row.is_screened:
            found.totals["not screened"] += 1
            continue
        if row.verdict == Verdict.INELIGIBLE.value:
            _barred(found, row, inclusions)
            continue
        found.totals["not barred"] += 1
        found.totals["not ruled out" if row.is_listed else "no anchor"] += 1
        found.totals["declined" if row.id in declined else row.verdict.lower()] += 1
        if row.verdict == Verdict.UNDETERMINED.value:
            found.unknown.update(id for id, truth in row.criteria if truth == "UNKNOWN")
            found.missing.update(row.missing)
            if len(row.missing) == 1:
                found.sole_missing.update(row.missing)
    return found


def _barred(found: Attrition, row: Row, inclusions: set[str]) -> None:
    first = row.deciding[0]
    found.totals["ruled out"] += 1
    found.totals["inclusion not met" if first in inclusions else "exclusion present"] += 1
    found.in_order[first] += 1
    found.anywhere.update(row.deciding)
    if len(row.deciding) == 1:
        found.alone[first] += 1


def barring(found: Attrition, manifest: Mapping[str, Any]) -> list[str]:
    """The criteria that bar anybody, in the order of the protocol."""
    return [each["id"] for each in manifest["criteria"] if found.anywhere[each["id"]]]


def printed(
    found: Attrition, manifest: Mapping[str, Any], shown: Iterable[str], limit: int
) -> tuple[dict[str, int], dict[str, str]]:
    """Every cell that is printed, by name, and what is printed instead of those that are hidden.

    `shown` are the criteria that have a line of their own on the screen; the others stand in one sum.
    """
    every = barring(found, manifest)
    own = set(shown)
    cells = {f"total {name}": found.totals[name] for name in TOTALS}
    for id in every:
        cells |= {
            f"order {id}": found.in_order[id],
            f"any {id}": found.anywhere[id],
            f"alone {id}": found.alone[id],
        }
    cells["order others"] = sum(found.in_order[id] for id in every if id not in own)
    cells |= {f"missing {name}": number for name, number in found.missing.items()}
    cells |= {f"sole {name}": number for name, number in found.sole_missing.items()}
    cells |= {f"unknown {id}": number for id, number in found.unknown.items()}
    return cells, hidden(cells, _sums(every, own, manifest), limit)


def _sums(every: list[str], own: set[str], manifest: Mapping[str, Any]) -> list[Sum]:
    """Everything that adds up among the cells: whoever knows all but one of such a sum knows that one too."""

    def total(whole: str, *parts: str) -> Sum:
        return {**{f"total {part}": 1 for part in parts}, f"total {whole}": -1}

    verdicts = ("declined", "undetermined", "review", "eligible")
    inclusions = {each["id"] for each in manifest["criteria"] if each["category"] == "inclusion"}
    found: list[Sum] = [
        total("assessed", "ruled out", "not barred", "not screened"),
        total("ruled out", "inclusion not met", "exclusion present"),
        total("not barred", *verdicts),
        total("not barred", "not ruled out", "no anchor"),
        total("assessed", "inclusion not met", "exclusion present", *verdicts, "not screened"),
        {**{f"order {id}": 1 for id in every if id not in own}, "order others": -1},
        {**{f"order {id}": 1 for id in every if id in inclusions}, "total inclusion not met": -1},
        {**{f"order {id}": 1 for id in every if id not in inclusions}, "total exclusion present": -1},
    ]
    if every:
        # Before the first criterion nobody is lost, and after the last nobody else is.
        found.append({f"order {every[0]}": 1, f"any {every[0]}": -1})
        found.append({f"order {every[-1]}": 1, f"alone {every[-1]}": -1})
    return found
