"""What the parser holds while it reads: a node with its stretch of text, a query, one side of a window."""

from __future__ import annotations

from typing import Any, NamedTuple

from lark import Token

from screening.language import expression as e


class Slip(Exception):
    """The text is well formed and still says nothing: where, what, and what may be done."""

    def __init__(self, piece: Piece | Token | Rows, message: str, help: str = "") -> None:
        super().__init__(message)
        self.start, self.end = ends_of(piece)
        self.message, self.help = message, help


class Piece(NamedTuple):
    """A node, the stretch of text it was made of, how deep it is and how many nodes it holds."""

    node: e.Expression
    start: int
    end: int
    depth: int
    size: int


class Rows(NamedTuple):
    """What a query says: rows of a requirement or a list of items, the alias, and the field it returns."""

    rows: e.Rows | None
    items: tuple[Piece, ...]
    alias: str
    condition: Piece | None
    key: str
    start: int
    end: int
    depth: int
    size: int


class Side(NamedTuple):
    """`on or before day of`."""

    direction: str
    inclusive: bool
    by_day: bool


def ends_of(piece: Any) -> tuple[int, int]:
    if isinstance(piece, Token):
        return int(piece.start_pos or 0), int(piece.end_pos or 0)
    return piece.start, piece.end
