"""What is hidden in a comparison of two runs: tried against all people who give the same prints."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from random import Random
from typing import Any

import pytest

from screening.reports import cell, difference, moved
from screening.reports.attrition import Attrition
from screening.reports.difference import CHANGED, GONE, NEW, SAME, Difference
from screening.reports.suppression import HIDDEN

LIMIT = 3
MANIFEST: dict[str, Any] = {
    "criteria": [{"id": "EXC1", "category": "exclusion", "text": "stroke", "site_choice": False}],
    "requirements": [],
}
BARRED, OPEN, CLEAR = ("RULED OUT", "INELIGIBLE"), ("NOT RULED OUT", "UNDETERMINED"), ("NOT RULED OUT", "ELIGIBLE")
WAYS = tuple(
    (one, other)
    for one in (BARRED, OPEN, CLEAR, moved.ABSENT)
    for other in (BARRED, OPEN, CLEAR, moved.ABSENT)
    if (one, other) != (moved.ABSENT, moved.ABSENT)
)
World = tuple[int, ...]
"""So many people went each way between two runs."""


def attrition(world: World, at: int) -> Attrition:
    """The counts of one of the runs, by the definitions of the words alone."""
    found = Attrition()
    for way, number in zip(WAYS, world, strict=True):
        state = way[at]
        if state == moved.ABSENT or not number:
            continue
        words = {BARRED: ("ruled out", "exclusion present"), OPEN: ("undetermined",), CLEAR: ("eligible",)}[state]
        for word in ("assessed", *words, *(() if state == BARRED else ("not barred", "not ruled out"))):
            found.totals[word] += number
        if state == BARRED:
            for counts in (found.in_order, found.anywhere, found.alone):
                counts["EXC1"] += number
    return found


def compared(world: World) -> Difference:
    found = Difference()
    for (one, other), number in zip(WAYS, world, strict=True):
        if not number:
            continue
        alone = NEW if one == moved.ABSENT else GONE if other == moved.ABSENT else ""
        change = alone or (SAME if one == other else CHANGED)
        found.totals[change] += number
        found.paths[one, other, change] += number
        if change in (SAME, CHANGED):
            found.standings[one[0], other[0]] += number
            found.moves[one[1], other[1]] += number
    return found


def numbers(world: World) -> dict[str, int]:
    """Every number of the three prints; a move that nobody made has none."""
    found = {f"funnel {at} {name}": attrition(world, at).totals[name] for at in (0, 1) for name in cell.TOTALS}
    return found | difference.cells(compared(world))


def hidden(world: World) -> tuple[dict[str, str], bool]:
    """What is hidden in the three prints, and whether the moves are withheld."""
    funnels = [cell.published(attrition(world, at), MANIFEST, LIMIT) for at in (0, 1)]
    found = compared(world)
    marks = moved.marks(found.paths, found.criteria, difference.cells(found), LIMIT, *funnels)
    out = {
        f"funnel {at} {name}": funnels[at].cells.hidden.get(f"total {name}", "")
        for at in (0, 1)
        for name in cell.TOTALS
    }
    return out | dict(marks.hidden), "moves" in marks.withheld


def looks_alike(mine: Mapping[str, int], marks: Mapping[str, str], other: Mapping[str, int]) -> bool:
    if mine.keys() != other.keys():
        return False
    for name, number in other.items():
        mark = marks.get(name, "")
        if not (number == mine[name] if not mark else number > 0 if mark == HIDDEN else 0 < number < LIMIT):
            return False
    return True


@pytest.mark.parametrize("seed", range(8))
def test_no_small_number_follows_from_two_funnels_and_their_comparison(seed: int) -> None:
    chance = Random(seed)
    ways = sorted(chance.sample(range(len(WAYS)), 4))
    world = tuple(chance.choice((1, 2, 3, 4)) if at in ways else 0 for at in range(len(WAYS)))
    mine, (marks, is_withheld) = numbers(world), hidden(world)
    if is_withheld:
        return
    alike = []
    for some in itertools.product(range(6), repeat=len(ways)):
        other = [0] * len(WAYS)
        for at, number in zip(ways, some, strict=True):
            other[at] = number
        if abs(sum(some) - sum(world)) <= 1 and looks_alike(mine, marks, found := numbers(tuple(other))):
            alike.append(found)
    assert mine in alike
    for name, number in mine.items():
        if 0 < number < LIMIT:
            assert marks.get(name), name
            assert len({other[name] for other in alike}) > 1, (world, name, marks)


def test_what_two_funnels_tell_alone_is_not_counted_in_moves() -> None:
    # 12 were barred and 10 are, of the same people: that 2 changed follows from the funnels.
    ways = {(BARRED, BARRED): 10, (BARRED, OPEN): 2, (OPEN, OPEN): 30}
    assert hidden(tuple(ways.get(way, 0) for way in WAYS))[1]


def test_of_many_people_moves_are_printed_and_small_ones_hidden() -> None:
    ways = {(BARRED, BARRED): 90, (BARRED, OPEN): 1, (OPEN, BARRED): 7, (OPEN, OPEN): 60}
    ways |= {(BARRED, moved.ABSENT): 5, (OPEN, moved.ABSENT): 8}
    ways |= {(moved.ABSENT, OPEN): 9, (moved.ABSENT, BARRED): 6}
    marks, is_withheld = hidden(tuple(ways.get(way, 0) for way in WAYS))
    assert not is_withheld and marks["verdict INELIGIBLE UNDETERMINED"]
    assert len([name for name, mark in marks.items() if mark]) < 12
