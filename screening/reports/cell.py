"""The cells of a funnel as they are printed: every number by name, what adds up among them, and what is hidden.

Whatever is printed of a run, screen, table, figure or breakdown, is hidden in all of them alike; else one would
give away what another hides.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from screening.reports.attrition import EVERYBODY, LEFT, TAKEN, VERDICTS, Attrition, barring, unmapped
from screening.reports.suppression import UNCOUNTED, Sum, hidden

TOTALS = {
    "assessed": "people",
    "ruled out": "a known bar, or an inclusion not met",
    "inclusion not met": "RULED OUT in order at an inclusion",
    "exclusion present": "RULED OUT in order at an exclusion",
    "declined": "declined, and no known bar",
    "other": "left for another reason, and no known bar",
    "undetermined": "UNDETERMINED",
    "review": "REVIEW",
    "eligible": "certain to be eligible",
    "not screened": "NOT SCREENED: a fault of the program",
    "not barred": "not known to be barred: an upper bound, no forecast",
    "not ruled out": "not known to be barred, every anchor on record",
    "no anchor": "not known to be barred, not every anchor on record",
    "contacted": "contacted, and no known bar",
    "consented": "consented, and no known bar",
    "enrolled": "enrolled, and no known bar",
}
_MOST_CRITERIA = 8


@dataclass(frozen=True, slots=True)
class Cells:
    """The numbers of one group, and the marks of those that are hidden."""

    numbers: Mapping[str, int]
    hidden: Mapping[str, str]
    group: str = EVERYBODY

    def text(self, name: str) -> str:
        """A cell for people: `1,204`."""
        return self.hidden.get(self.group + name, f"{self.numbers.get(self.group + name, 0):,}")

    def bare(self, name: str) -> str:
        """A cell for files: `1204`."""
        return self.hidden.get(self.group + name, str(self.numbers.get(self.group + name, 0)))

    def drawn(self, name: str) -> int | None:
        """How long a bar is; None where the number is hidden."""
        return None if self.group + name in self.hidden else self.numbers.get(self.group + name, 0)

    def of(self, by: str, group: str) -> Cells:
        """The cells of a group of a breakdown."""
        return Cells(self.numbers, self.hidden, _prefix(by, group))


def _prefix(by: str, group: str) -> str:
    """What stands before the names of the cells of a group."""
    return f"{by}\x1f{group}\x1f"


def shown_alone(found: Attrition, manifest: Mapping[str, Any], whole: bool) -> list[str]:
    """The criteria with a line of their own: all that bar, or those at which most people are lost.

    An absolute exclusion without any mapped source has a line in any case: nobody can have been ruled out by it.
    """
    without = unmapped(manifest)
    every = [each["id"] for each in manifest["criteria"] if found.anywhere[each["id"]] or each["id"] in without]
    counted = [id for id in every if id not in without]
    if whole or len(counted) <= _MOST_CRITERIA:
        return every
    most = sorted(counted, key=lambda id: (-found.in_order[id], -found.anywhere[id], every.index(id)))
    return [id for id in every if id in without or id in most[: _MOST_CRITERIA - 1]]


def cells(found: Attrition, manifest: Mapping[str, Any], limit: int) -> Cells:
    """Every cell that is printed of everybody."""
    return published(found, manifest, limit).cells


@dataclass(frozen=True, slots=True)
class Published:
    """What somebody has who has the funnel of a run: its cells, what adds up, and cells that are printed nowhere.

    `categories` says of each criterion whether it is an inclusion or an exclusion.
    """

    cells: Cells
    sums: Sequence[Sum]
    implied: Collection[str]
    categories: Mapping[str, str]


def published(found: Attrition, manifest: Mapping[str, Any], limit: int) -> Published:
    """The funnel of everybody of a run as it is printed."""
    numbers, sums, implied = _system(found, manifest)
    marks = hidden(numbers, sums, limit, implied) if limit else {}
    categories = {each["id"]: each["category"] for each in manifest["criteria"]}
    return Published(Cells(numbers, marks), sums, implied, categories)


def of_groups(
    whole: Attrition, broken: Mapping[str, Mapping[str, Attrition]], manifest: Mapping[str, Any], limit: int
) -> Cells:
    """The cells of everybody and of breakdowns; what is printed of everybody is the same with and without them.

    Several breakdowns are hidden together: what one tells about another is counted in.
    """
    numbers, sums, implied = _system(whole, manifest)
    before = hidden(numbers, sums, limit, implied) if limit else {}
    known = {name: before.get(name, "") for name in numbers if name not in implied}
    every = barring(whole, manifest)
    kinds = [f"total {name}" for name in TOTALS] + [f"any {id}" for id in every]
    for by, groups in broken.items():
        for name, found in groups.items():
            more, also, further = _group(found, _prefix(by, name), every)
            numbers, sums, implied = numbers | more, sums + also, implied | further
        for kind in kinds:
            parts = {at + kind: 1 for at in (_prefix(by, name) for name in groups) if at + kind in numbers}
            if parts:
                sums.append({**parts, kind: -1})
    marks = hidden(numbers, sums, limit, implied, known) if limit else {}
    return Cells(numbers, marks)


def _system(found: Attrition, manifest: Mapping[str, Any]) -> tuple[dict[str, int], list[Sum], set[str]]:
    """The cells of everybody, everything that adds up among them, and those that are printed nowhere."""
    every = barring(found, manifest)
    numbers, sums, implied, rest = _totals(found, EVERYBODY)
    _criteria(found, manifest, every, numbers, sums, implied, rest)
    for name, number in found.missing.items():
        numbers |= {f"missing {name}": number, f"sole {name}": found.sole_missing[name]}
        rest(f"missing {name}", [f"sole {name}"], f"not only {name}")
        rest("total undetermined", [f"missing {name}"], f"not lacking {name}")
    rest("total undetermined", [f"sole {name}" for name in found.missing], "lacking none or several")
    for name in found.missing:
        rest("lacking none or several", [f"not only {name}"], f"lacking several but {name}")
    for id, number in found.unknown.items():
        numbers[f"unknown {id}"] = number
        rest("total undetermined", [f"unknown {id}"], f"known {id}")
    return numbers, sums, implied


def _group(found: Attrition, at: str, every: Sequence[str]) -> tuple[dict[str, int], list[Sum], set[str]]:
    """The same of a group of a breakdown, of which less is printed: totals, and who is barred anywhere."""
    numbers, sums, implied, rest = _totals(found, at)
    for id in every:
        numbers[f"{at}any {id}"] = found.anywhere[id]
        rest("total ruled out", [f"any {id}"], f"ruled out but {id}")
    if every:
        # Everybody who is ruled out is barred somewhere.
        spare = f"{at}{UNCOUNTED}any"
        numbers[spare] = sum(found.anywhere[id] for id in every) - found.totals["ruled out"]
        implied.add(spare)
        sums.append({**{f"{at}any {id}": -1 for id in every}, spare: 1, f"{at}total ruled out": 1})
    return numbers, sums, implied


Rest = Callable[[str, Iterable[str], str], None]


def _totals(found: Attrition, at: str) -> tuple[dict[str, int], list[Sum], set[str], Rest]:
    """The totals of a group with their sums, and how the number between a cell and parts of it is added
    to them.
    """
    totals = found.totals
    numbers = {f"{at}total {name}": totals[name] for name in TOTALS}
    sums: list[Sum] = []
    implied: set[str] = set()

    def total(whole: str, *parts: str) -> None:
        sums.append({**{f"{at}total {part}": 1 for part in parts}, f"{at}total {whole}": -1})

    def rest(whole: str, parts: Iterable[str], name: str) -> None:
        """The number between a cell and parts of it is a cell too."""
        parts = list(parts)
        numbers[at + name] = numbers[at + whole] - sum(numbers[at + part] for part in parts)
        implied.add(at + name)
        sums.append({**{at + part: 1 for part in parts}, at + name: 1, at + whole: -1})

    total("assessed", "ruled out", "not barred", "not screened")
    total("ruled out", "inclusion not met", "exclusion present")
    total("not barred", *LEFT, *VERDICTS)
    total("not barred", "not ruled out", "no anchor")
    total("assessed", "inclusion not met", "exclusion present", *LEFT, *VERDICTS, "not screened")
    rest("total not barred", [f"total {word}" for word in (*LEFT, *TAKEN)], "undecided")
    return numbers, sums, implied, rest


def _criteria(
    found: Attrition,
    manifest: Mapping[str, Any],
    every: Sequence[str],
    numbers: dict[str, int],
    sums: list[Sum],
    implied: set[str],
    rest: Rest,
) -> None:
    """What adds up among the criteria that bar.

    Before the first nobody is lost, and after the last nobody else is.
    """
    for id in every:
        numbers[f"order {id}"] = found.in_order[id]
        numbers[f"any {id}"] = found.anywhere[id]
        numbers[f"alone {id}"] = found.alone[id]
        rest(f"order {id}", [f"alone {id}"], f"first of several {id}")
        rest(f"any {id}", [f"order {id}"], f"later {id}")
    inclusions = {each["id"] for each in manifest["criteria"] if each["category"] == "inclusion"}
    for kind, of_kind in (
        ("inclusion not met", [id for id in every if id in inclusions]),
        ("exclusion present", [id for id in every if id not in inclusions]),
    ):
        sums.append({**{f"order {id}": 1 for id in of_kind}, f"total {kind}": -1})
    rest("total ruled out", [f"alone {id}" for id in every], "barred by several")
    sums.append({**{f"first of several {id}": 1 for id in every}, "barred by several": -1})
    for id in every:
        # Whoever is barred there and elsewhere is one of those who are barred by several.
        rest("barred by several", [f"first of several {id}", f"later {id}"], f"several but {id}")
    for position, id in enumerate(every):
        # Whoever is barred later was lost at an earlier one, and whoever has several bars has a later one.
        earlier, later = every[:position], every[position + 1 :]
        for part, others in (
            (f"later {id}", [f"first of several {each}" for each in earlier]),
            (f"first of several {id}", [f"later {each}" for each in later]),
        ):
            spare = f"{UNCOUNTED}{part}"
            numbers[spare] = sum(numbers[each] for each in others) - numbers[part]
            implied.add(spare)
            sums.append({part: 1, spare: 1, **dict.fromkeys(others, -1)})
    spare = f"{UNCOUNTED}later"
    numbers[spare] = sum(numbers[f"later {id}"] for id in every) - numbers["barred by several"]
    implied.add(spare)
    sums.append({**{f"later {id}": -1 for id in every}, spare: 1, "barred by several": 1})
