"""Small cells hidden in a table that leaves the site, and enough others that no sum gives one away.

A cell of 1 to one below the limit is shown as `<5`. Where the sums that are printed would tell it all the same,
further cells are hidden, the smallest first, until none of the hidden ones follows from what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from fractions import Fraction

# A sum as printed: cells with their signs, which together are 0.
Sum = Mapping[str, int]
HIDDEN = "*"


def hidden(cells: Mapping[str, int], sums: Sequence[Sum], limit: int) -> dict[str, str]:
    """What is printed instead of the cells that are hidden.

    >>> hidden({"a": 3, "b": 7, "c": 90, "all": 100}, [{"a": 1, "b": 1, "c": 1, "all": -1}], 5)
    {'a': '<5', 'b': '*'}
    >>> hidden({"a": 3}, [], 0)
    {}
    """
    small = {name for name, number in cells.items() if 0 < number < limit}
    out = dict.fromkeys(small, f"<{limit}")

    def told(names: Collection[str]) -> set[str]:
        return (_solved(names, sums) | _squeezed(cells, names, sums, limit)) & small

    while found := told(out):
        # Of the cells that a sum with a told one still shows; a 0 is nobody, and hiding it would protect nobody.
        beside = {n for each in sums if found & each.keys() for n in each if n not in out and cells[n]}
        if not beside:
            beside = {n for each in sums for n in each if n not in out and cells[n]}
        if not beside:
            break
        out[min(beside, key=lambda name: (cells[name], name))] = HIDDEN
    # What was hidden on the way and protects nobody in the end is shown.
    for name in sorted((n for n in out if out[n] == HIDDEN), key=lambda name: -cells[name]):
        if not told(out.keys() - {name}):
            del out[name]
    return {name: out[name] for name in cells if name in out}


def _squeezed(cells: Mapping[str, int], out: Collection[str], sums: Sequence[Sum], limit: int) -> set[str]:
    """The hidden cells of which the sums leave one value, when one knows what `<5` and `*` mean.

    Two cells `<5` that together are 8 are 4 each.
    """
    most = sum(cells.values())
    bounds = {
        n: (c, c) if n not in out else (1, limit - 1) if 0 < c < limit else (limit, most) for n, c in cells.items()
    }
    for _ in range(len(cells)):
        before = dict(bounds)
        for each in sums:
            for name, sign in each.items():
                # The others of the sum, with the sign that they have on the other side.
                ends = [
                    sorted(-sign * k * end for end in bounds[other]) for other, k in each.items() if other != name
                ]
                low, high = bounds[name]
                bounds[name] = max(low, sum(end[0] for end in ends)), min(high, sum(end[1] for end in ends))
        if bounds == before:
            break
    return {name for name in out if bounds[name][0] == bounds[name][1]}


def _solved(out: Iterable[str], sums: Sequence[Sum]) -> set[str]:
    """The hidden cells that follow from the sums: those that stand alone when the sums are solved for them."""
    names = sorted(out)
    rows = [[Fraction(each.get(name, 0)) for name in names] for each in sums]
    solved = 0
    for column in range(len(names)):
        pivot = next((row for row in range(solved, len(rows)) if rows[row][column]), None)
        if pivot is None:
            continue
        rows[solved], rows[pivot] = rows[pivot], rows[solved]
        head = rows[solved][column]
        rows[solved] = [value / head for value in rows[solved]]
        for row in range(len(rows)):
            if row != solved and (factor := rows[row][column]):
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[solved], strict=True)]
        solved += 1
    alone = (row for row in rows[:solved] if sum(bool(value) for value in row) == 1)
    return {names[next(i for i, value in enumerate(row) if value)] for row in alone}
