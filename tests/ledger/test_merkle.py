"""The tree of RFC 6962 over the rows of a run, against its recursive definition."""

from __future__ import annotations

import hashlib

from hypothesis import given
from hypothesis import strategies as st

from screening.ledger import merkle


def defined(rows: list[bytes]) -> bytes:
    """Section 2.1 as it is written."""
    if not rows:
        return hashlib.sha256().digest()
    if len(rows) == 1:
        return hashlib.sha256(b"\x00" + rows[0]).digest()
    half = 1
    while half * 2 < len(rows):
        half *= 2
    return hashlib.sha256(b"\x01" + defined(rows[:half]) + defined(rows[half:])).digest()


def test_root_and_every_proof() -> None:
    for count in range(40):
        rows = [str(number).encode() for number in range(count)]
        root = merkle.root(iter(rows))
        assert root == defined(rows)
        for position, row in enumerate(rows):
            path = merkle.proof(iter(rows), position)
            assert merkle.is_among(row, position, count, path, root)
            assert not merkle.is_among(row + b" ", position, count, path, root)
            assert not merkle.is_among(row, position + 1, count, path, root)
            assert not merkle.is_among(row, position, count, path[:-1], root) or not path
            assert not merkle.is_among(row, position, count, (*path, root), root)


@given(st.lists(st.binary(max_size=3), min_size=1, max_size=9), st.data())
def test_no_other_row_has_a_proof(rows: list[bytes], data: st.DataObject) -> None:
    position = data.draw(st.integers(0, len(rows) - 1))
    path = merkle.proof(rows, position)
    other = data.draw(st.binary(max_size=3))
    assert merkle.is_among(other, position, len(rows), path, merkle.root(rows)) == (other == rows[position])
