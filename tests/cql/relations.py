"""The relations of CQL between points and intervals, spelled as comparisons of their ends.

An end that is left out is the next value of its type (`Interval[1, 10)` ends with 9); a closed `null` end is no
end; an open one is an end that nobody knows.
"""

from __future__ import annotations

from tests.cql.pieces import NULL, OutsideSubset, Piece, alike, unknown, value

_STEPS = {"number": "0.00000001", "day": "1 days"}


def point(piece: Piece) -> Piece:
    """A point as the interval that begins and ends with it."""
    if piece.kind == "interval":
        return piece
    known = not value(piece).is_null
    return Piece("", "interval", low=piece, high=piece, low_closed=known, high_closed=known)


def _end(interval: Piece, low: bool, like: Piece) -> Piece | None:
    """One end of an interval, closed; None is no end on that side."""
    end = interval.low if low else interval.high
    closed = interval.low_closed if low else interval.high_closed
    assert end is not None
    if end.kind == "null" or end.is_null:
        kind = _kind(interval) or _kind(like)
        return None if closed and not _is_unknown(interval) else unknown(*kind) if kind else NULL
    return end if closed else stepped(end, 1 if low else -1)


def _is_unknown(interval: Piece) -> bool:
    """Whether it is written without any type or end (`Interval[null, null]`): an interval that is itself null."""
    return (
        interval.low is not None
        and interval.high is not None
        and interval.low.kind == interval.high.kind == "null"
    )


def _kind(interval: Piece) -> tuple[str, str] | None:
    for end in (interval.low, interval.high):
        if end is not None and end.kind != "null":
            return end.kind, end.unit
    return None


def stepped(end: Piece, sign: int) -> Piece:
    """The next value of its type, or the one before."""
    if end.kind == "quantity":
        step = f"0.00000001 '{end.unit}'"
    elif end.kind in _STEPS:
        step = "1" if end.is_whole else _STEPS[end.kind]
    else:
        raise OutsideSubset("the step of an instant")
    text = f"({end.text} {'+' if sign > 0 else '-'} {step})"
    return Piece(text, end.kind, end.unit, is_whole=end.is_whole)


def _comparison(left: Piece | None, operator: str, right: Piece | None, precision: str, endless: str) -> str:
    """`endless` is what holds where one of the two ends is no end."""
    if left is None or right is None:
        if endless:
            return endless
        raise OutsideSubset("an interval without an end, compared by that end")
    left, right = alike(left, right)
    if precision and "instant" in (left.kind, right.kind):
        if precision != "day":
            raise OutsideSubset(f"a comparison to the {precision}")
        phrase = {
            "<": "before day of", "<=": "on or before day of", ">": "after day of", ">=": "on or after day of",
            "=": "same day as",
        }[operator]  # fmt: skip
        return f"{left.within()} {phrase} {right.within()}"
    if precision not in ("", "day") or (precision and left.kind not in ("day", "null")):
        raise OutsideSubset(f"a comparison to the {precision}")
    return f"{left.within()} {operator} {right.within()}"


def related(a: Piece, relation: str, b: Piece, precision: str = "") -> Piece:
    """A relation between two points or intervals as a condition."""
    if a.kind == "null" or b.kind == "null":
        if a.kind == b.kind:
            return unknown("truth")
        kind = _kind(point(a if b.kind == "null" else b)) or ("truth", "")
        a, b = (unknown(*kind) if piece.kind == "null" else piece for piece in (a, b))
    if b.kind != "interval" and relation in ("included in", "in"):
        raise OutsideSubset("a relation to a value that is no interval")
    is_point = a.kind != "interval"
    if is_point and relation == "included in" and not precision and b.low and b.high:
        found = _member(a, b)
        if found is not None:
            return found
    first, second = point(a), point(b)
    a1, a2 = _end(first, True, second), _end(first, False, second)
    b1, b2 = _end(second, True, first), _end(second, False, first)

    def compare(left: Piece | None, operator: str, right: Piece | None, endless: str = "") -> str:
        return _comparison(left, operator, right, precision, endless)

    def inside() -> list[str]:
        # No end of the outer interval is passed by nothing; no end of the inner one passes every end of the outer.
        low = "true" if b1 is None else compare(a1, ">=", b1, "false")
        high = "true" if b2 is None else compare(a2, "<=", b2, "false")
        return [low, high]

    overlap = [compare(a1, "<=", b2, "true"), compare(b1, "<=", a2, "true")]
    match relation:
        case "before":
            texts = [compare(a2, "<", b1, "false")]
        case "after":
            texts = [compare(a1, ">", b2, "false")]
        case "on or before":
            texts = [compare(a2, "<=", b1, "false")]
        case "on or after":
            texts = [compare(a1, ">=", b2, "false")]
        case "same":
            texts = [compare(a1, "=", b1), compare(a2, "=", b2)]
        case "included in":
            texts = inside()
        case "properly included in" if is_point:
            texts = [compare(a1, ">", b1, "true"), compare(a2, "<", b2, "true")]
        case "properly included in":
            beyond = f"({compare(a1, '>', b1, 'true')} or {compare(a2, '<', b2, 'true')})"
            texts = [*inside(), beyond]
        case "overlaps":
            texts = overlap
        case "overlaps before":
            texts = [*overlap, compare(a1, "<", b1)]
        case "overlaps after":
            texts = [*overlap, compare(a2, ">", b2)]
        case "starts":
            texts = [compare(a1, "=", b1), compare(a2, "<=", b2, "true")]
        case "ends":
            texts = [compare(a2, "=", b2), compare(a1, ">=", b1, "true")]
        case "meets before":
            texts = [_meeting(a2, b1, compare)]
        case "meets after":
            texts = [_meeting(b2, a1, compare)]
        case "meets":
            texts = [f"({_meeting(a2, b1, compare)} or {_meeting(b2, a1, compare)})"]
        case _:
            raise OutsideSubset(f"`{relation}`")
    return Piece(" and ".join(f"({text})" for text in texts), "truth")


def _member(a: Piece, b: Piece) -> Piece | None:
    """A point in an interval that has both ends: our own `in Interval[...]`, its brackets as they are."""
    if b.low is None or b.high is None or any(end.kind == "null" or end.is_null for end in (b.low, b.high)):
        return None
    opening, closing = "[" if b.low_closed else "(", "]" if b.high_closed else ")"
    return Piece(f"{a.within()} in Interval{opening}{b.low.text}, {b.high.text}{closing}", "truth")


def _meeting(end: Piece | None, start: Piece | None, compare: object) -> str:
    if end is None or start is None:
        return "false"
    return str(compare(stepped(end, 1), "=", start))  # type: ignore[operator]
