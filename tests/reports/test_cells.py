"""What is hidden in a funnel and its breakdowns: tried against every other cohort that would be printed alike."""

from __future__ import annotations

import itertools
from functools import cache
from random import Random
from typing import Any

import pytest

from screening.reports.attrition import Attrition
from screening.reports.cell import Cells, cells, of_groups
from screening.reports.suppression import HIDDEN, UNCOUNTED

LIMIT = 3
MANIFEST: dict[str, Any] = {
    "criteria": [
        {"id": "INC01", "category": "inclusion", "text": "adult", "site_choice": False},
        {"id": "EXC02", "category": "exclusion", "text": "stroke", "site_choice": False},
    ],
    "requirements": [{"name": "ALT", "label": "ALT", "obtain": "blood"}],
}
# Barred at one criterion, at the other, at both; open and lacking ALT; to be reviewed; open and lacking nothing.
KINDS: tuple[tuple[tuple[str, ...], str], ...] = (
    (("INC01",), "ruled out"),
    (("EXC02",), "ruled out"),
    (("INC01", "EXC02"), "ruled out"),
    ((), "undetermined"),
    ((), "review"),
    ((), "undetermined for what nobody can obtain"),
)
World = tuple[int, ...]


def attrition(world: World) -> Attrition:
    """The counts of so many people of each kind, by the definitions of the words alone."""
    found = Attrition()
    for (bars, verdict), number in zip(KINDS, world, strict=True):
        found.totals["assessed"] += number
        found.totals[verdict.split(" for ")[0]] += number
        if bars:
            found.totals["inclusion not met" if bars[0] == "INC01" else "exclusion present"] += number
            found.in_order[bars[0]] += number
            for bar in bars:
                found.anywhere[bar] += number
            if len(bars) == 1:
                found.alone[bars[0]] += number
            continue
        found.totals["not barred"] += number
        found.totals["no anchor"] += number
        if verdict == "undetermined" and number:
            for counts in (found.missing, found.sole_missing):
                counts["ALT"] += number
            found.unknown["EXC02"] += number
    return found


@cache
def numbers(world: World) -> dict[str, int]:
    return dict(cells(attrition(world), MANIFEST, 0).numbers)


def looks_alike(mine: Cells, other: dict[str, int], printed: list[str]) -> bool:
    for name in printed:
        number, mark = other.get(name, 0), mine.hidden.get(name)
        if mark is None:
            if number != mine.numbers[name]:
                return False
        elif mark != HIDDEN and not 0 < number < LIMIT:
            return False
    return True


def printed_of(every: dict[str, int]) -> list[str]:
    """The cells that a funnel prints."""
    kinds = ("total ", "order ", "any ", "alone ", "missing ", "sole ", "unknown ")
    return [name for name in every if name.rpartition("\x1f")[2].startswith(kinds)]


@pytest.mark.parametrize("seed", range(16))
def test_no_small_number_of_a_funnel_can_be_computed_from_what_is_printed(seed: int) -> None:
    chance = Random(seed)
    world = tuple(chance.choice((0, 1, 2, 3)) for _ in KINDS)
    mine = cells(attrition(world), MANIFEST, LIMIT)
    printed = printed_of(dict(mine.numbers))
    alike = [
        numbers(other)
        for other in itertools.product(range(5), repeat=len(KINDS))
        if looks_alike(mine, numbers(other), printed)
    ]
    assert numbers(world) in alike
    for name, number in mine.numbers.items():
        if 0 < number < LIMIT and UNCOUNTED not in name:
            assert len({other.get(name, 0) for other in alike}) > 1, (world, name, mine.hidden)
            assert name not in printed or name in mine.hidden


@pytest.mark.parametrize("seed", range(4))
def test_no_small_number_of_a_breakdown_can_be_computed_from_what_is_printed(seed: int) -> None:
    chance = Random(1000 + seed)
    kinds = (0, 2, 3)  # people barred at one, at both, and open ones, in two groups
    parts = [tuple(chance.choice((0, 1, 2, 3, 4)) for _ in kinds) for _ in "fm"]

    def made(people: tuple[tuple[int, ...], ...], limit: int) -> Cells:
        worlds = []
        for part in people:
            world = [0] * len(KINDS)
            for kind, number in zip(kinds, part, strict=True):
                world[kind] = number
            worlds.append(attrition(tuple(world)))
        whole = Attrition()
        for each in worlds:
            whole.add(each)
        return of_groups(whole, {"sex": {"female": worlds[0], "male": worlds[1]}}, MANIFEST, limit)

    mine = made((parts[0], parts[1]), LIMIT)
    printed = printed_of(dict(mine.numbers))
    alike = []
    for flat in itertools.product(range(6), repeat=6):
        # The sums of the kinds are looked at first: most other cohorts differ there already.
        other = made((flat[:3], flat[3:]), 0) if _is_near(mine, flat) else None
        if other is not None and looks_alike(mine, dict(other.numbers), printed):
            alike.append(other.numbers)
    assert alike
    for name, number in mine.numbers.items():
        if 0 < number < LIMIT and UNCOUNTED not in name:
            assert len({other.get(name, 0) for other in alike}) > 1, (parts, name, mine.hidden)


def _is_near(mine: Cells, flat: tuple[int, ...]) -> bool:
    for at, group in ((0, "female"), (3, "male")):
        for name, number in (
            ("total undetermined", flat[at + 2]),
            ("any EXC02", flat[at + 1]),
            ("total ruled out", flat[at] + flat[at + 1]),
        ):
            cell = f"sex\x1f{group}\x1f{name}"
            if cell in mine.numbers and cell not in mine.hidden and mine.numbers[cell] != number:
                return False
    return True


def test_what_is_printed_of_everybody_is_the_same_with_and_without_a_breakdown() -> None:
    world = (4, 2, 1, 5, 3, 0)
    whole = attrition(world)
    broken = {"sex": {"female": attrition((3, 0, 1, 4, 0, 0)), "male": attrition((1, 2, 0, 1, 3, 0))}}
    alone, beside = cells(whole, MANIFEST, LIMIT), of_groups(whole, broken, MANIFEST, LIMIT)
    for name in printed_of(dict(alone.numbers)):
        assert alone.text(name) == beside.text(name)


def test_the_difference_of_two_large_cells_is_protected_where_it_is_small() -> None:
    found = attrition((10, 8, 2, 9, 0, 0))
    shown = cells(found, MANIFEST, LIMIT)
    # 12 are lost at INC01 and 10 have no other bar: the 2 that are between must not follow.
    assert "*" in (shown.text("order INC01"), shown.text("alone INC01"))
