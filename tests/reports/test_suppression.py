"""Small cells: whatever the counts, no hidden small cell follows from the sums that are left."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from screening.reports.suppression import HIDDEN, hidden


def _possible(cells: dict[str, int], sums: list[dict[str, int]], out: dict[str, str]) -> dict[str, set[int]]:
    """Every value that each cell can have for somebody who knows what the marks mean, by trying all of them."""
    found: dict[str, set[int]] = {name: set() for name in cells}
    for a, b, c, d in itertools.product(range(14), repeat=4):
        trial = {"a": a, "b": b, "c": c, "d": d, "ab": a + b, "cd": c + d, "all": a + b + c + d}
        if all(_fits(trial[name], cells[name], out.get(name)) for name in cells):
            for name, value in trial.items():
                found[name].add(value)
    return found


def _fits(trial: int, cell: int, shown: str | None) -> bool:
    return trial == cell if shown is None else trial >= 0 if shown == HIDDEN else 0 < trial < 5


@pytest.mark.parametrize("seed", range(60))
def test_a_hidden_small_cell_has_more_than_one_possible_value(seed: int) -> None:
    chance = Random(seed)
    a, b, c, d = (chance.choice((0, 1, 2, 3, 4, 6, 9)) for _ in range(4))
    cells = {"a": a, "b": b, "c": c, "d": d, "ab": a + b, "cd": c + d, "all": a + b + c + d}
    sums = [{"a": 1, "b": 1, "ab": -1}, {"c": 1, "d": 1, "cd": -1}, {"ab": 1, "cd": 1, "all": -1}]
    out = hidden(cells, sums, 5)
    small = {name for name, number in cells.items() if 0 < number < 5}
    assert small <= out.keys()
    possible = _possible(cells, sums, out)
    assert all(len(possible[name]) > 1 for name in small), (cells, out)


def test_two_cells_that_their_sum_would_squeeze_are_protected() -> None:
    out = hidden(
        {"a": 4, "b": 4, "ab": 8, "c": 20, "all": 28},
        [{"a": 1, "b": 1, "ab": -1}, {"ab": 1, "c": 1, "all": -1}],
        5,
    )
    assert out["ab"] == HIDDEN and (out.get("c") or out.get("all")) == HIDDEN


def test_nothing_is_hidden_that_need_not_be() -> None:
    assert hidden({"a": 5, "b": 0, "all": 5}, [{"a": 1, "b": 1, "all": -1}], 5) == {}
    assert hidden({"a": 1, "b": 1}, [], 0) == {}
    # A single small cell without any sum takes nothing with it.
    assert hidden({"a": 1, "b": 50}, [], 5) == {"a": "<5"}


def test_two_small_cells_of_one_sum_protect_each_other() -> None:
    out = hidden({"a": 2, "b": 3, "c": 40, "all": 45}, [{"a": 1, "b": 1, "c": 1, "all": -1}], 5)
    assert out == {"a": "<5", "b": "<5"}
