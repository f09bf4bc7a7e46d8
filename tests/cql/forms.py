"""What CQL's operators and functions on values are in our spelling; nothing is read here."""

from __future__ import annotations

from tests.cql.pieces import NULL, OutsideSubset, Piece, alike, unknown, value
from tests.cql.relations import compared, ends_alike, is_unknown


def rounded(number: Piece, down: bool) -> Piece:
    """The next whole number below or above. Exact, since a number has at most 8 decimals."""
    return Piece(f"Round({number.within()} {'-' if down else '+'} 0.499999995)", "number", is_whole=True)


def truncated(number: Piece) -> Piece:
    down, up = rounded(number, True), rounded(number, False)
    return Piece(f"(if {number.within()} >= 0 then {down.text} else {up.text})", "number", is_whole=True)


def comparison(left: Piece, sign: str, right: Piece) -> Piece:
    """Two values compared; of two nulls nothing is known."""
    left, right = alike(value(left), value(right))
    if left.kind == right.kind == "null":
        return unknown("truth")
    if "word" in (left.kind, right.kind) and sign not in ("=", "!="):
        raise OutsideSubset("the order of words")
    return Piece(compared(left, sign, right), "truth")


def between(x: Piece, low: Piece, high: Piece) -> Piece:
    known = next((piece for piece in (x, low, high) if piece.kind != "null"), None)
    if known is None:
        return unknown("truth")
    texts = [alike(known, value(piece))[1].within() for piece in (x, low, high)]
    return Piece(f"{texts[0]} between {texts[1]} and {texts[2]}", "truth")


def equivalent(left: Piece, right: Piece) -> Piece:
    """`~`: equal for certain, or both null."""
    if "interval" in (left.kind, right.kind):
        # What is null itself, what has ends that nobody knows, and the rest.
        states = [_state(piece) for piece in (left, right)]
        if set(states) != {""}:
            return Piece("true" if states[0] == states[1] else "false", "truth")
        return Piece(f"({' and '.join(f'({text})' for text in ends_alike(left, right))})", "truth")
    left, right = alike(value(left), value(right))
    if left.kind == right.kind == "null":
        left = right = unknown("truth")
    if left.text == right.text and left.text.startswith("@"):
        return Piece("true", "truth")  # both known to the same precision, which is all that is compared
    is_decimal = any(p.kind == "number" and not p.is_whole and not p.is_null for p in (left, right))
    if is_decimal or "word" in (left.kind, right.kind):
        raise OutsideSubset("equivalence (`~`) of decimals or words")
    both = f"({left.within()} is null and {right.within()} is null)"
    return Piece(f"({both} or ({compared(left, '=', right)}) is true)", "truth")


def _state(piece: Piece) -> str:
    if piece.kind == "null":
        return "null"
    if not is_unknown(piece):
        return ""
    assert piece.low is not None
    return "open" if piece.low.kind == "null" else "null"


def in_list(item: Piece, among: Piece) -> Piece:
    """Membership in a list that is written out; of days, truths and nulls, as equality with one of them."""
    if item.kind == "list":
        raise OutsideSubset("a list of lists")
    item = next((alike(item, each)[0] for each in among.items if each.kind != "null"), value(item))
    items = [alike(item, value(each))[1] for each in among.items]
    if any(each.kind != item.kind and {each.kind, item.kind} != {"day", "instant"} for each in items):
        raise OutsideSubset("an item of another type")
    if not items or item.kind == "null":
        raise OutsideSubset("an empty list or one of nulls alone")
    if item.kind in ("number", "word") and not any(each.is_null for each in items):
        return Piece(f"{item.within()} in {{{', '.join(each.text for each in items)}}}", "truth")
    return Piece(" or ".join(f"({item.within()} = {each.within()})" for each in items), "truth")


def count_of_known(listed: Piece) -> str:
    """How many items of a list are not null."""
    parts = ", ".join(f"({value(item).text}) is not null" for item in listed.items)
    return f"Count({{{parts}}} X where X)"


def exists(listed: Piece) -> Piece:
    """Whether a list that is written out has an item that is not null."""
    if listed.kind != "list" or not listed.items:
        raise OutsideSubset("an empty list")
    return Piece(f"{count_of_known(listed)} > 0", "truth")


def of_list(name: str, items: list[Piece], listed: Piece) -> Piece:
    known = next((item for item in items if item.kind != "null"), None)
    if known is None:
        raise OutsideSubset("a list of nulls")
    texts = [alike(known, value(item))[1].text for item in items]
    whole = all(item.is_whole for item in items)
    match name:
        case "Min" | "Max" | "Sum" | "Avg":
            function = "Mean" if name == "Avg" else name
            if known.kind not in ("number", "quantity", "day", "instant"):
                raise OutsideSubset("the order of words")
            return Piece(f"{function}({{{', '.join(texts)}}})", known.kind, known.unit, is_whole=whole)
        case "Product":
            return Piece(" * ".join(f"({text})" for text in texts), known.kind, known.unit, is_whole=whole)
        case "Count":
            return Piece(count_of_known(listed), "number", is_whole=True)
        case "AllTrue" | "AnyTrue":
            word = " and " if name == "AllTrue" else " or "
            return Piece(word.join(f"({text})" for text in texts), "truth")
    raise OutsideSubset(f"the function {name}")


def first_that_holds(branches: list[tuple[Piece, Piece]], otherwise: Piece) -> Piece:
    known = next((p for p in (*(then for _, then in branches), otherwise) if p.kind != "null"), None)
    if known is None:
        return NULL
    text = alike(known, value(otherwise))[1].text
    for condition, then in reversed(branches):
        text = f"if ({condition.text}) is true then {alike(known, value(then))[1].within()} else ({text})"
    return Piece(text, known.kind, known.unit, is_whole=known.is_whole)


def day_of(piece: Piece) -> Piece:
    """The day of an instant that is written out; a day is its own."""
    if piece.kind != "instant":
        return piece
    if not piece.text.startswith("@"):
        raise OutsideSubset("the day of a calculated instant")
    return Piece(piece.text[:11], "day")


def word_of(text: str) -> Piece:
    if "\\" in text:
        raise OutsideSubset("a word with an escape")
    return Piece(text, "word")


def date_of(text: str) -> Piece:
    day, _, clock = text.partition("T")
    zone = next((clock[clock.index(sign) :] for sign in "Z+-" if sign in clock), "")
    clock = clock.removesuffix(zone)
    if not clock:
        return Piece(day, "day")
    if len(clock) < 5:
        raise OutsideSubset("an instant known to the hour")
    clock, _, fraction = clock.partition(".")
    if fraction.strip("0"):
        raise OutsideSubset("fractions of a second")
    return Piece(f"{day}T{clock}{zone}", "instant")


def put_together(operands: list[Piece]) -> Piece:
    """`DateTime(2012, 2, 12, ...)`, each part a number that is written out."""
    if operands and operands[0].kind == "null":
        return unknown("day")
    parts = [operand.text for operand in operands]
    if not parts or not all(part.isdigit() for part in parts[:7]):
        raise OutsideSubset("a date of calculated parts")
    sizes = (4, 2, 2, 2, 2, 2, 3)
    year, *rest = [part.zfill(size) for part, size in zip(parts, sizes, strict=False)]
    day = "-".join([f"@{year}", *rest[:2]])
    if len(rest) < 3:
        return Piece(day, "day")
    clock = ":".join(rest[2:5]) + (f".{rest[5]}" if len(rest) > 5 else "")
    if len(parts) > 7:
        raise OutsideSubset("a zone put together")
    return date_of(f"{day}T{clock}")
