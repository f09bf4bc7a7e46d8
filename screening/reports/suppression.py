"""Small cells hidden in a table that leaves the site, and enough others that no sum gives one away.

A cell of 1 to one below the limit is shown as `<5`. Where the sums that are printed would tell it all the same,
further cells are hidden as `*`, the smallest first, until of every small number another value fits all that is
left; where that is not enough, `<5` becomes `*` too. A 0 is never hidden, so `*` may be any number but 0. The
number that is left between two printed cells, such as the people lost at a criterion who are lost elsewhere
too, is
a cell of its own that is implied: where it is small, one of the two is hidden.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

# A sum as printed: cells with their signs, which together are 0.
Sum = Mapping[str, int]
HIDDEN = "*"
# A cell whose name holds this is no number of people: what is left where one number is at most another.
UNCOUNTED = "~"
# So many steps are tried to find another value of a hidden cell; where none is found, more is hidden.
_STEPS, _DEEP = 400, 60


def hidden(
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    limit: int,
    implied: Collection[str] = (),
    shown: Mapping[str, str] | None = None,
) -> dict[str, str]:
    """What is printed instead of the cells that are hidden.

    What cannot be protected at all is hidden as far as it may be: `protected` says so.

    `implied` are cells that are printed nowhere and may follow from those that are. `shown` says of cells that are
    published elsewhere what is printed instead of them, "" for the number itself: it is kept.

    >>> hidden({"a": 3, "b": 7, "c": 90, "all": 100}, [{"a": 1, "b": 1, "c": 1, "all": -1}], 5)
    {'a': '<5', 'b': '*'}
    >>> hidden({"a": 3}, [], 0)
    {}
    >>> hidden({"all": 90, "part": 88, "left": 2}, [{"part": 1, "left": 1, "all": -1}], 5, implied=["left"])
    {'part': '*'}
    """
    return protected(cells, sums, limit, implied, shown or {}).marks


@dataclass(frozen=True, slots=True)
class Protected:
    """What is printed instead of cells, and the small ones of which even so no other value was found."""

    marks: dict[str, str]
    told: frozenset[str] = frozenset()


def protected(
    cells: Mapping[str, int],
    sums: Sequence[Sum],
    limit: int,
    implied: Collection[str],
    shown: Mapping[str, str],
    kept: Collection[str] = (),
    steps: int = _STEPS,
) -> Protected:
    """The same, with what cannot be protected; `steps` are tried to find another value of each cell.

    `kept` are cells that must not follow either, whatever their number.
    """
    small = {name for name, number in cells.items() if 0 < number < limit and UNCOUNTED not in name}
    out = {name: f"<{limit}" for name in small if name not in implied}
    out |= {name: mark for name, mark in shown.items() if mark}
    fixed = set(shown) - set(out)
    system = _System(cells, sums, limit, frozenset(implied), steps)
    open = set[str]()
    proofs: dict[str, frozenset[str]] = {}

    def is_told(name: str) -> bool:
        """Whether no other value was found of a small cell."""
        if name not in proofs and (moved := system.moved(name, out)) is not None:
            proofs[name] = moved
        return name not in proofs

    for name in sorted(small | set(kept), key=lambda name: (name in system.implied, cells[name], name)):
        while is_told(name):
            # Of the cells that a sum with it still shows; a 0 is nobody, and hiding it would protect nobody.
            may = {n for n in cells if n not in out and n not in fixed and n not in system.implied and cells[n]}
            sought, beside = {name}, set[str]()
            while not beside and (near := system.beside(sought)) - sought:
                beside, sought = near & may, sought | near
            if not may:
                # All that may be hidden is. That a cell is small says too much of it or of one beside it.
                small_ones = [
                    n for n in (name, *sorted(sought)) if out.get(n, HIDDEN) != HIDDEN and n not in shown
                ]
                if not small_ones:
                    open.add(name)
                    break
                out[small_ones[0]] = HIDDEN
                continue
            out[min(beside or may, key=lambda each: (cells[each], each))] = HIDDEN
    # What was hidden on the way and protects nobody in the end is shown.
    beyond = [name for name in out if out[name] == HIDDEN and name not in shown and name not in small]
    for name in sorted(beyond, key=lambda name: (-cells[name], name)):
        kept, lost = dict(proofs), sorted(each for each, moved in proofs.items() if name in moved)
        del out[name]
        for each in lost:
            del proofs[each]
        if any(is_told(each) for each in lost):
            out[name] = HIDDEN
            proofs.clear()
            proofs.update(kept)
    return Protected({name: out[name] for name in cells if name in out}, frozenset(open))


class _System:
    """The cells with their sums: what somebody who knows what `<5` and `*` mean can work with."""

    def __init__(
        self, cells: Mapping[str, int], sums: Sequence[Sum], limit: int, implied: frozenset[str], steps: int
    ) -> None:
        self.cells, self.sums, self.limit, self.implied, self.most = cells, sums, limit, implied, steps
        self.off: dict[int, int] = {}
        self.wrong: set[int] = set()
        self.sums_of: dict[str, list[int]] = {name: [] for name in cells}
        # What is left of an inequality has a cell of its own, which no other sum holds.
        self.spare: dict[int, tuple[int, int]] = {}
        self.order: list[list[str]] = []
        for number, each in enumerate(sums):
            for name, sign in each.items():
                if UNCOUNTED in name:
                    self.spare[number] = cells[name], sign
                else:
                    self.sums_of[name].append(number)
        for each in sums:
            # Cells of few sums first: they put off the fewest others; those nobody prints before those marked.
            names = (name for name in each if UNCOUNTED not in name)
            self.order.append(sorted(names, key=lambda n: (len(self.sums_of[n]), n not in implied, n)))
        # Of sums that do not hold the shortest is put right first: it leaves the fewest ways.
        shortest = sorted(range(len(sums)), key=lambda n: (len(self.order[n]), n))
        self.rank = [0] * len(sums)
        for rank, number in enumerate(shortest):
            self.rank[number] = rank

    def beside(self, names: Collection[str]) -> set[str]:
        """The cells that stand in a sum with one of these."""
        return {other for name in names for number in self.sums_of.get(name, ()) for other in self.order[number]}

    def _fits(self, name: str, value: int, out: Mapping[str, str]) -> bool:
        """Whether a reader thinks a value of a hidden cell possible."""
        if name in self.implied:
            return value >= 0
        return value > 0 and (out.get(name) == HIDDEN or value < self.limit)

    def moved(self, name: str, out: Mapping[str, str]) -> frozenset[str] | None:
        """The cells of another table that a reader cannot tell from this one, in which a cell has another value.

        Only whole numbers that fit every mark and every sum count, so a table that is found is a proof; None where
        none was found.
        """
        for step in (1, -1):
            if not self._fits(name, self.cells[name] + step, out):
                continue
            move = {name: step}
            self.steps, self.off, self.wrong = self.most, {}, set()
            self._move(name, step)
            if self._settled(move, out):
                return frozenset(move)
        return None

    def _move(self, name: str, step: int) -> None:
        """Notes by how much the sums of a cell are off when it moves, and which of them do not hold."""
        for number in self.sums_of[name]:
            by = self.off[number] = self.off.get(number, 0) + self.sums[number][name] * step
            if self._is_off(number, by):
                self.wrong.add(number)
            else:
                self.wrong.discard(number)

    def _is_off(self, number: int, by: int) -> bool:
        """Whether a sum does not hold; what is left of an inequality takes up what it can."""
        if number in self.spare:
            left, sign = self.spare[number]
            return left - by * sign < 0
        return by != 0

    def _settled(self, move: dict[str, int], out: Mapping[str, str]) -> bool:
        """Whether the sums that a move has put off can be put right by moving further hidden cells."""
        if not self.wrong:
            return True
        if len(move) > _DEEP or self.steps <= 0:
            return False
        number = min(self.wrong, key=self.rank.__getitem__)
        by = self.off[number]
        if number in self.spare:
            left, sign = self.spare[number]
            by = (by * sign - left) * sign
        for other in self.order[number]:
            if other in move or not (other in out or other in self.implied):
                continue
            self.steps -= 1
            step = -by * self.sums[number][other]
            if not self._fits(other, self.cells[other] + step, out):
                continue
            self._move(other, step)
            move[other] = step
            if self._settled(move, out):
                return True
            del move[other]
            self._move(other, -step)
        return False
