"""Durations between dates in our spelling."""

from __future__ import annotations

from tests.cql.forms import day_of, truncated
from tests.cql.pieces import OutsideSubset, Piece


def difference(unit: str, left: Piece, right: Piece) -> Piece:
    """How often the boundary of a unit is crossed."""
    if unit != "day":
        raise OutsideSubset(f"boundaries of a {unit} crossed (`difference in`)")
    # The boundaries of days that are crossed are the days between the two days.
    texts = [day_of(piece).within() for piece in (left, right)]
    return Piece(f"days between {texts[0]} and {texts[1]}", "number", is_whole=True)


def duration(unit: str, left: Piece, right: Piece) -> Piece:
    """How many whole units lie between two dates."""
    if unit in ("minute", "second", "millisecond"):
        raise OutsideSubset(f"a duration in {unit}s")
    if unit == "hour" and "day" in (left.kind, right.kind):
        raise OutsideSubset("hours counted from a day")
    if "instant" in (left.kind, right.kind) and "day" in (left.kind, right.kind):
        raise OutsideSubset(f"{unit}s between a day and a clock time")
    if left.kind == right.kind == "instant" and unit != "hour":
        return _between_instants(unit, left, right)
    if unit == "day" and left.kind == right.kind == "day":
        return Piece(f"days between {left.within()} and {right.within()}", "number", is_whole=True)
    return _whole(unit, left, right)


def _between_instants(unit: str, left: Piece, right: Piece) -> Piece:
    """Whole days and weeks are so many hours each; months end at the clock time at which they began."""
    if unit in ("day", "week"):
        hours = _whole("hour", left, right)
        return truncated(Piece(f"({hours.text} / {24 if unit == 'day' else 168})", "number"))
    first, second = sorted((left.text, right.text))
    if not (first[0] == second[0] == "@") or first.partition("T")[2] > second.partition("T")[2]:
        raise OutsideSubset(f"{unit}s counted between clock times")
    return _whole(unit, left, right)


def _whole(unit: str, left: Piece, right: Piece) -> Piece:
    there, back = (f"{unit}s between {a.within()} and {b.within()}" for a, b in ((left, right), (right, left)))
    # Backwards, CQL counts whole periods too (`-6`; ours is the largest number that is not too large, `-7`).
    return Piece(f"(Max({{0, {there}}}) - Max({{0, {back}}}))", "number", is_whole=True)
