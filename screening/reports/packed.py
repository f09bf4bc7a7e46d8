"""Columns of many people in few characters: each different cell once, and for each person its number."""

from __future__ import annotations

import base64
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

_TYPES = ((1 << 8, 1, "B"), (1 << 16, 2, "H"), (1 << 32, 4, "I"))


class Packed:
    """One column in the making; cells are texts, each kept once."""

    def __init__(self) -> None:
        self.cells: dict[str, int] = {}
        self.numbers: list[int] = []

    def add(self, cell: str) -> None:
        """The cell of the next person."""
        self.numbers.append(self.cells.setdefault(cell, len(self.cells)))

    def counts(self) -> list[int]:
        """How many people have each cell, in the order of the cells."""
        found = [0] * len(self.cells)
        for number in self.numbers:
            found[number] += 1
        return found

    def words(self) -> dict[str, Any]:
        """The column as data: its cells, and the number of each person's."""
        return {"words": list(self.cells), **self._index()}

    def sets(self, members: Sequence[str]) -> dict[str, Any]:
        """The column as data where cells are lists separated by `|`: each list as bits, one for each member."""
        place = {member: number for number, member in enumerate(members)}
        width = max(1, (len(members) + 7) // 8)
        packed = bytearray()
        for cell in self.cells:
            bits = bytearray(width)
            for number in (place[each] for each in listed(cell)):
                bits[number >> 3] |= 1 << (number & 7)
            packed += bits
        return {"width": width, "sets": _text(bytes(packed)), **self._index()}

    def tally(self, members: Iterable[str]) -> Mapping[str, int]:
        """How many people have each member among theirs."""
        found = dict.fromkeys(members, 0)
        for cell, number in zip(self.cells, self.counts(), strict=True):
            for member in listed(cell):
                found[member] += number
        return found

    def _index(self) -> dict[str, Any]:
        bytes_each, code = next((size, code) for most, size, code in _TYPES if len(self.cells) <= most)
        numbers = array(code, self.numbers)
        if numbers.itemsize != bytes_each:
            raise OverflowError(code)
        # INVARIANT: the least byte comes first, whatever machine wrote it.
        if array("H", [1]).tobytes()[0] != 1:
            numbers.byteswap()
        return {"bytes": bytes_each, "index": _text(numbers.tobytes())}


def listed(cell: str) -> tuple[str, ...]:
    """The members of a cell that holds a list."""
    return tuple(cell.split("|")) if cell else ()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
