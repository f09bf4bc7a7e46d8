"""The root of the rows of a run over many people, and the proof that one row is among them.

The tree is that of RFC 6962, section 2.1: leaves and nodes are hashed apart, so that no node passes for a row.
Rows are read once; what is kept is as long as the tree is high.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

EMPTY = hashlib.sha256(b"").digest()


def leaf(row: bytes) -> bytes:
    """The hash of a row."""
    return hashlib.sha256(b"\x00" + row).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two hashes."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def root(rows: Iterable[bytes]) -> bytes:
    """The root of rows in their order.

    >>> root([]).hex()[:8], root([b""]).hex()[:8]
    ('e3b0c442', '6e340b9c')
    """
    whole: list[tuple[int, bytes]] = []
    for row in rows:
        _put(whole, leaf(row))
    return _folded(whole)


def _put(whole: list[tuple[int, bytes]], hashed: bytes) -> None:
    """One more leaf: two complete trees of one height become one, as in the carrying of an addition."""
    height = 0
    while whole and whole[-1][0] == height:
        hashed = node(whole.pop()[1], hashed)
        height += 1
    whole.append((height, hashed))


def _folded(whole: list[tuple[int, bytes]]) -> bytes:
    if not whole:
        return EMPTY
    found = whole[-1][1]
    for _, left in reversed(whole[:-1]):
        found = node(left, found)
    return found


def proof(rows: Iterable[bytes], position: int) -> tuple[bytes, ...]:
    """The hashes that lead from one row to the root, the nearest first (RFC 6962, section 2.1.1).

    Raises IndexError if there is no such row.
    """
    return path([leaf(row) for row in rows], position)


def path(hashes: Sequence[bytes], position: int) -> tuple[bytes, ...]:
    """The same, of rows that are hashed already. Raises IndexError if there is no such row."""
    if not 0 <= position < len(hashes):
        raise IndexError(position)
    found: list[bytes] = []
    first, last = 0, len(hashes)
    while last - first > 1:
        middle = first + _half(last - first)
        inside, beside = ((first, middle), (middle, last))
        if position >= middle:
            inside, beside = beside, inside
        whole: list[tuple[int, bytes]] = []
        for hashed in hashes[slice(*beside)]:
            _put(whole, hashed)
        found.append(_folded(whole))
        first, last = inside
    return tuple(reversed(found))


def _half(count: int) -> int:
    """The largest power of two below a count of two or more."""
    return 1 << ((count - 1).bit_length() - 1)


def is_among(row: bytes, position: int, count: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether a row stands at a position among so many, by its proof and the root (RFC 9162, section 2.1.3.2)."""
    if not 0 <= position < count:
        return False
    place, last, found = position, count - 1, leaf(row)
    for beside in path:
        if last == 0:
            return False
        if place & 1 or place == last:
            found = node(beside, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node(found, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and found == expected
