"""Small cells: whatever the counts, no hidden small cell follows from the sums that are left."""

from __future__ import annotations

import itertools
from random import Random

import pytest

from screening.reports.suppression import HIDDEN, hidden


def _possible(
    cells: dict[str, int], sums: list[dict[str, int]], out: dict[str, str], most: int
) -> dict[str, set[int]]:
    """Every value that each hidden cell can have, by trying all of them."""
    names = sorted(out)
    found: dict[str, set[int]] = {name: set() for name in names}
    for values in itertools.product(range(most + 1), repeat=len(names)):
        trial = cells | dict(zip(names, values, strict=True))
        if all(sum(sign * trial[name] for name, sign in each.items()) == 0 for each in sums):
            for name, value in zip(names, values, strict=True):
                found[name].add(value)
    return found


@pytest.mark.parametrize("seed", range(60))
def test_a_hidden_small_cell_has_more_than_one_possible_value(seed: int) -> None:
    chance = Random(seed)
    a, b, c, d = (chance.choice((0, 1, 2, 3, 6, 9)) for _ in range(4))
    cells = {"a": a, "b": b, "c": c, "d": d, "ab": a + b, "cd": c + d, "all": a + b + c + d}
    sums = [{"a": 1, "b": 1, "ab": -1}, {"c": 1, "d": 1, "cd": -1}, {"ab": 1, "cd": 1, "all": -1}]
    out = hidden(cells, sums, 5)
    small = {name for name, number in cells.items() if 0 < number < 5}
    assert small <= out.keys()
    assert {name for name, shown in out.items() if shown == HIDDEN}.isdisjoint(small)
    if len(out) <= 5:
        possible = _possible(cells, sums, out, 20)
        assert all(len(possible[name]) > 1 for name in small), (cells, out)


def test_nothing_is_hidden_that_need_not_be() -> None:
    assert hidden({"a": 5, "b": 0, "all": 5}, [{"a": 1, "b": 1, "all": -1}], 5) == {}
    assert hidden({"a": 1, "b": 1}, [], 0) == {}
    # A single small cell without any sum takes nothing with it.
    assert hidden({"a": 1, "b": 50}, [], 5) == {"a": "<5"}


def test_two_small_cells_of_one_sum_protect_each_other() -> None:
    out = hidden({"a": 2, "b": 3, "c": 40, "all": 45}, [{"a": 1, "b": 1, "c": 1, "all": -1}], 5)
    assert out == {"a": "<5", "b": "<5"}
