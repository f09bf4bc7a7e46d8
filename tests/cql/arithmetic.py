"""Arithmetic of values and calendar durations in our spelling."""

from __future__ import annotations

from dataclasses import replace

from tests.cql.forms import truncated
from tests.cql.pieces import OutsideSubset, Piece, alike, unknown, value


def calculated(left: Piece, sign: str, right: Piece) -> Piece:
    """Two values added, taken from each other, multiplied, divided or raised."""
    if right.kind == "duration":
        if right.text.lstrip("(").startswith("-"):
            sign = "-" if sign == "+" else "+"
            right = replace(right, text=right.text.strip("()-"))
        if left.kind not in ("day", "instant", "null"):
            raise OutsideSubset("a calendar duration as a value")
        if right.unit in ("minute", "second", "millisecond"):
            raise OutsideSubset(f"a shift by {right.unit}s")
        if left.kind == "day" and right.unit == "hour":
            raise OutsideSubset("a day shifted by hours")
        left = unknown("day") if left.kind == "null" else left
        return replace(left, text=f"({left.within()} {sign} {right.text} {right.unit}s)")
    left, right = value(left), value(right)
    if left.kind == right.kind == "null":
        left = right = unknown("number")
    left, right = alike(left, right)
    kinds = {left.kind, right.kind}
    if not kinds <= {"number", "quantity"}:
        raise OutsideSubset("arithmetic of what are no numbers")
    if sign in "+-" and len(kinds) == 2:
        raise OutsideSubset("a quantity and a number added")
    whole = left.is_whole and right.is_whole and sign in "+-*"
    kind, unit = ("quantity", left.unit or right.unit) if "quantity" in kinds else ("number", "")
    if sign == "/" and left.unit == right.unit:
        kind, unit = "number", ""
    text = f"({left.within()} {sign} {right.within()})"
    return Piece(text, kind, unit, is_whole=whole)


def divided(left: Piece, word: str, right: Piece) -> Piece:
    """Whole division and its rest; of quantities of one unit only the rest is one."""
    left, right = value(left), value(right)
    if word == "div" and "quantity" in (left.kind, right.kind):
        raise OutsideSubset("`div` of quantities")
    if left.kind == right.kind == "quantity" and left.unit != right.unit:
        raise OutsideSubset("`mod` of two units")
    quotient = truncated(calculated(left, "/", right))
    if word == "div":
        return quotient
    left, right = alike(left, right)
    if right.kind == "null":
        return unknown("number")
    rest = calculated(left, "-", calculated(right, "*", quotient))
    # Nothing times an open quotient is nothing: the rest of a division by 0 is said not to be known.
    zero = f"0 '{right.unit}'" if right.kind == "quantity" else "0"
    text = f"(if {right.within()} = {zero} then {unknown(rest.kind, left.unit).text} else {rest.text})"
    return replace(rest, text=text)
