"""The relations of CQL between points and intervals, spelled as comparisons of their ends.

An end that is left out is the next value of its type (`Interval[1, 10)` ends with 9); a closed `null` end is no
end; an open one is an end that nobody knows.
"""

from __future__ import annotations

from dataclasses import replace

from tests.cql.pieces import NULL, UNKNOWN_NAMES, OutsideSubset, Piece, alike, unknown, value

_STEPS = {"number": "0.00000001", "day": "1 days"}
# What a closed `null` end stands for: no value is beyond it.
LOWEST, HIGHEST = Piece("", "lowest"), Piece("", "highest")
_ENDLESS = (LOWEST, HIGHEST)
# Which of them are relations to a point, too; the others are between intervals alone.
_OF_POINTS = frozenset(
    ["before", "after", "on or before", "on or after", "same", "included in", "properly included in"]
)


def point(piece: Piece) -> Piece:
    """A point as the interval that begins and ends with it."""
    if piece.kind == "interval":
        return piece
    known = not value(piece).is_null
    return Piece("", "interval", low=piece, high=piece, low_closed=known, high_closed=known)


def _end(interval: Piece, low: bool, like: Piece) -> Piece:
    """One end of an interval, closed; LOWEST or HIGHEST is no end on that side."""
    end = interval.low if low else interval.high
    closed = interval.low_closed if low else interval.high_closed
    assert end is not None
    if end.kind == "null" or end.is_null:
        kind = _kind(interval) or _kind(like)
        if closed and not is_unknown(interval):
            return LOWEST if low else HIGHEST
        return _beside(interval, low, unknown(*kind)) if kind else NULL
    return end if closed else stepped(end, 1 if low else -1)


def _beside(interval: Piece, low: bool, end: Piece) -> Piece:
    """An end that nobody knows is on its side of the other one, if that is known: no interval ends before it
    starts."""
    other = interval.high if low else interval.low
    if other is None or other.kind not in ("number", "quantity", "day", "instant") or other.is_null:
        return end
    closed = interval.high_closed if low else interval.low_closed
    if not closed and other.kind == "instant":
        return end
    other = other if closed else stepped(other, -1 if low else 1)
    text = f"{'Min' if low else 'Max'}({{{other.text}, {end.text}}})"
    return replace(end, text=text, is_whole=other.is_whole)


def is_unknown(interval: Piece) -> bool:
    """Whether it is written without any type or end (`Interval[null, null]`): an interval that is itself null."""
    ends = (interval.low, interval.high)
    if any(end is None for end in ends):
        return False
    bare = all(end is not None and end.kind == "null" for end in ends)
    as_null = all(end is not None and end.is_null for end in ends) and not interval.low_closed
    return bare or (as_null and not interval.high_closed)


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


def compared(left: Piece, sign: str, right: Piece) -> str:
    """Two values compared. A day and an instant are compared by the day, which decides if it is another one: which
    comes first of a day without a clock time and an instant of it, CQL does not say."""
    if {left.kind, right.kind} != {"day", "instant"}:
        return f"{left.within()} {sign} {right.within()}"
    open_ = f'({left.within()} same day as {right.within()} and "{UNKNOWN_NAMES["truth"]}")'
    if sign in ("=", "!="):
        return open_ if sign == "=" else f"not {open_}"
    return f"({left.within()} {'before' if '<' in sign else 'after'} day of {right.within()}) or {open_}"


def _beside_endless(left: Piece, sign: str, right: Piece) -> str:
    """A comparison of which one side at least is no end; with one that is not known, no more than is certain."""
    rank = {"lowest": -1, "highest": 1}
    first, second = rank.get(left.kind, 0), rank.get(right.kind, 0)
    if any(side.is_null or side.kind == "null" for side in (left, right)):
        # The value that is not known may be the last one itself, and is not beyond it.
        sure = {"<=": "true", ">": "false"} if first < second else {">=": "true", "<": "false"}
        return sure.get(sign) or unknown("truth").text
    holds = {"<": first < second, "<=": first <= second, ">": first > second, ">=": first >= second}
    return "true" if holds.get(sign, first == second) else "false"


def _comparison(left: Piece, operator: str, right: Piece, precision: str) -> str:
    if left in _ENDLESS or right in _ENDLESS:
        return _beside_endless(left, operator, right)
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
    return compared(left, operator, right)


def related(a: Piece, relation: str, b: Piece, precision: str = "") -> Piece:
    """A relation between two points or intervals as a condition."""
    if a.kind == "null" or b.kind == "null":
        if a.kind == b.kind or ("interval" in (a.kind, b.kind) and relation not in ("included in", "in")):
            return unknown("truth")
        kind = _kind(point(a if b.kind == "null" else b))
        if kind is None:
            return unknown("truth")
        a, b = (unknown(*kind) if piece.kind == "null" else piece for piece in (a, b))
    if b.kind != "interval" and relation in ("included in", "in"):
        raise OutsideSubset("a relation to a value that is no interval")
    is_point = a.kind != "interval"
    if any(is_unknown(each) for each in (a, b) if each.kind == "interval") and not (
        is_point and relation.endswith("in")
    ):
        return unknown("truth")
    if is_point and relation == "included in" and not precision and b.low and b.high:
        found = _member(a, b)
        if found is not None:
            return found
    first, second = point(a), point(b)
    a1, a2 = _end(first, True, second), _end(first, False, second)
    b1, b2 = _end(second, True, first), _end(second, False, first)

    if relation not in _OF_POINTS and (a.kind, b.kind) != ("interval", "interval"):
        raise OutsideSubset(f"`{relation}` of a point")

    def compare(left: Piece, operator: str, right: Piece) -> str:
        return _comparison(left, operator, right, precision)

    inside = [compare(a1, ">=", b1), compare(a2, "<=", b2)]
    overlap = [compare(a1, "<=", b2), compare(b1, "<=", a2)]
    match relation:
        case "before":
            texts = [compare(a2, "<", b1)]
        case "after":
            texts = [compare(a1, ">", b2)]
        case "on or before":
            texts = [compare(a2, "<=", b1)]
        case "on or after":
            texts = [compare(a1, ">=", b2)]
        case "same":
            texts = [compare(a1, "=", b1), compare(a2, "=", b2)]
        case "included in":
            texts = inside
        case "properly included in" if is_point:
            texts = [compare(a1, ">", b1), compare(a2, "<", b2)]
        case "properly included in":
            beyond = f"({compare(a1, '>', b1)} or {compare(a2, '<', b2)})"
            texts = [*inside, beyond]
        case "overlaps":
            texts = overlap
        case "overlaps before":
            texts = [*overlap, compare(a1, "<", b1)]
        case "overlaps after":
            texts = [*overlap, compare(a2, ">", b2)]
        case "starts":
            texts = [compare(a1, "=", b1), compare(a2, "<=", b2)]
        case "ends":
            texts = [compare(a2, "=", b2), compare(a1, ">=", b1)]
        case "meets before":
            texts = [_meeting(a2, b1, compare)]
        case "meets after":
            texts = [_meeting(b2, a1, compare)]
        case "meets":
            texts = [f"({_meeting(a2, b1, compare)} or {_meeting(b2, a1, compare)})"]
        case _:
            raise OutsideSubset(f"`{relation}`")
    return Piece(" and ".join(f"({text})" for text in texts), "truth")


def ends_alike(a: Piece, b: Piece) -> list[str]:
    """Two intervals as equivalent (`~`): the ends of both sides equal for certain, or neither of them known."""
    texts = []
    for low in (True, False):
        one, other = _end(a, low, b), _end(b, low, a)
        unknowns = [end.is_null or end.kind == "null" for end in (one, other)]
        if any(unknowns):
            texts.append("true" if all(unknowns) else "false")
        elif one.text == other.text and one.text.startswith("@"):
            texts.append("true")
        else:
            texts.append(f"({_comparison(one, '=', other, '')}) is true")
    return texts


def _member(a: Piece, b: Piece) -> Piece | None:
    """A point in an interval that has both ends: our own `in Interval[...]`, its brackets as they are."""
    if b.low is None or b.high is None or any(end.kind == "null" or end.is_null for end in (b.low, b.high)):
        return None
    if {a.kind, b.low.kind, b.high.kind} >= {"day", "instant"}:
        return None
    opening, closing = "[" if b.low_closed else "(", "]" if b.high_closed else ")"
    return Piece(f"{a.within()} in Interval{opening}{b.low.text}, {b.high.text}{closing}", "truth")


def _meeting(end: Piece, start: Piece, compare: object) -> str:
    if end in _ENDLESS or start in _ENDLESS:
        return "false"
    return str(compare(stepped(end, 1), "=", start))  # type: ignore[operator]
