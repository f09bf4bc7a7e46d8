"""What a stretch of CQL is in our spelling, with its kind: enough to spell what stands around it."""

from __future__ import annotations

from dataclasses import dataclass, replace


class OutsideSubset(Exception):
    """The test uses something that the language does not have; the message names it."""


@dataclass(frozen=True)
class Piece:
    """A value in our spelling. `kind`: truth, number, quantity, day, instant, word, null, duration, interval,
    list.

    A duration (`5 years`) is `text` and `unit`; an interval has its two ends, a list its items: neither is a
    value of our language, only what relations between values are written with.
    """

    text: str
    kind: str
    unit: str = ""
    low: Piece | None = None
    high: Piece | None = None
    low_closed: bool = True
    high_closed: bool = True
    items: tuple[Piece, ...] = ()
    is_whole: bool = False
    is_null: bool = False

    def within(self) -> str:
        """The text as part of something longer."""
        return f"({self.text})"


UNKNOWN_NAMES = {
    "truth": "Unknown Truth",
    "number": "Unknown Number",
    "day": "Unknown Day",
    "instant": "Unknown Instant",
    "word": "Unknown Word",
}
NULL = Piece("null", "null")


def unknown(kind: str, unit: str = "") -> Piece:
    """`null` of a kind: an input of which nothing is recorded, since our `null` alone has no kind."""
    if kind == "quantity":
        return Piece(f'"Unknown Amount {unit}"', kind, unit, is_null=True)
    if kind in UNKNOWN_NAMES:
        return Piece(f'"{UNKNOWN_NAMES[kind]}"', kind, is_null=True)
    return replace(NULL)


def alike(left: Piece, right: Piece) -> tuple[Piece, Piece]:
    """Two values with a `null` among them given the kind of the other."""
    if left.kind == "null" and right.kind != "null":
        left = unknown(right.kind, right.unit)
    if right.kind == "null" and left.kind != "null":
        right = unknown(left.kind, left.unit)
    return left, right


def value(piece: Piece) -> Piece:
    """The piece, if it is a value of our language. Raises OutsideSubset."""
    if piece.kind == "interval":
        raise OutsideSubset("an interval as a value")
    if piece.kind == "list":
        raise OutsideSubset("a list as a value")
    if piece.kind == "duration":
        raise OutsideSubset("a calendar duration as a value")
    return piece
