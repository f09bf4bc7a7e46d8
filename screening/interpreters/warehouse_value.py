"""Partly known values in columns: a low and a high term, comparisons of them, and arithmetic.

Columns hold 64-bit floats, the law calculates in decimals. A number of at most 8 decimals lies on a grid: its
float is the nearest one, and comparing floats is comparing decimals. What is calculated is brought back to that
grid wherever the law's result has at most 8 decimals; `doubt` is TRUE where the float is too near to the middle
between two steps to say which, or too large. What the law keeps with more decimals (products) carries `error`, the
most it can be off by: two such values nearer to each other than that are left to the law as well.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_term import NO, OPEN_TRUTH, YES, Term
from screening.language.types import Type
from screening.values.bounds import Bounds
from screening.values.frozen import dataclass

KINDS = {
    "Boolean": "bool", "Judgement": "bool", "Integer": "int", "Decimal": "float", "Quantity": "float",
    "Date": "date", "DateTime": "time", "String": "text", "Code": "text", "Records": "bool",
}  # fmt: skip
LARGEST = 1_000_000.0  # what is calculated with is at most this large; anything larger is left to the law
_HALF = 5e-9  # half a step of the grid
_OF_FLOATS = 4e-10  # what one operation on numbers below LARGEST can be off by
Doubt = Callable[[str, Term], None]

NEAR = "a calculated number too near to a limit, or too large, for floats to decide"
MIXED = "a power, or a number of places, that is only partly known"
PERHAPS_ONE = "entries that may be one and the same"


@dataclass(frozen=True, slots=True)
class Range:
    """`low..high`; null is open. One term for both is a value that is exact or not known at all.

    `least`, if given, says that the low end is somewhere from `least` to `low`: of entries that may be one.
    """

    low: Term
    high: Term
    error: float = 0.0
    least: Term | None = None

    @property
    def is_plane(self) -> bool:
        return self.low is self.high

    @property
    def kind(self) -> str:
        return self.low.type


Words = Term  # a coding as `system|code`, or as a plain word; null is none
Value = Term | Range


def constant(value: Any, type: Type) -> Value:
    """A constant of the rule file: a truth, bounds, or one coding."""
    kind = KINDS[type.name]
    if isinstance(value, Bounds):
        ends = [t.literal(_plain(end, kind), kind) for end in value]
        return Range(ends[0], ends[1])
    if isinstance(value, tuple):
        return t.literal(str_of(value[0]) if value else None, "text")
    return t.literal({"TRUE": True, "FALSE": False}.get(value.name), "bool")


def str_of(code: Any) -> str:
    """A coding as one text; a plain word stands for itself."""
    return f"{code.system}|{code.code}" if code.system else str(code.code)


def _plain(end: Any, kind: str) -> Any:
    if end is None or kind in ("date", "time"):
        return end
    if kind == "int" and end == int(end):
        return int(end)
    return float(end)


def blank(type: Type) -> Value:
    """What nothing known is."""
    end = t.null(KINDS[type.name])
    return Range(end, end) if type.name in ("Integer", "Decimal", "Quantity", "Date", "DateTime") else end


def exact(a: Range) -> Term:
    """Whether one single value is left."""
    return t.known(a.low) if a.is_plane else t.surely(t.compared("eq", a.low, a.high))


def settled(a: Value) -> Term:
    return exact(a) if isinstance(a, Range) else t.known(a)


def something_known(a: Value) -> Term:
    """The opposite of `is null`."""
    return t.disjunction(t.known(a.low), t.known(a.high)) if isinstance(a, Range) else t.known(a)


def hull(a: Range, b: Range) -> Range:
    low = t.cases((t.compared("lt", b.low, a.low), b.low), (t.known(b.low), a.low), otherwise=t.null(a.kind))
    high = t.cases((t.compared("lt", a.high, b.high), b.high), (t.known(b.high), a.high), otherwise=t.null(a.kind))
    return Range(low, high, max(a.error, b.error))


def within(a: Range, scale: Range) -> Range:
    """A partly known value lies in its declared scale too, unless the two contradict each other."""
    if t.is_null(scale.low) and t.is_null(scale.high):
        return a
    if a.is_plane:
        return Range(t.coalesce(a.low, scale.low), t.coalesce(a.high, scale.high), a.error)
    apart = t.disjunction(
        t.surely(t.compared("lt", scale.high, a.low)), t.surely(t.compared("lt", a.high, scale.low))
    )
    low, high = t.greater_of(a.low, scale.low), t.lesser_of(a.high, scale.high)
    return Range(t.chosen(apart, a.low, low), t.chosen(apart, a.high, high), a.error)


# ------------------------------------------------------------------------------------------ comparisons


def _near(a: Term, b: Term, error: float) -> Term:
    gap = t.plain("abs", t.plain("minus", a, b, type="float"))
    return t.surely(t.compared("le", gap, t.literal(error, "float")))


def _doubtful(a: Range, b: Range, doubt: Doubt) -> None:
    error = a.error + b.error
    if error:
        doubt(NEAR, t.disjunction(_near(a.high, b.low, error), _near(a.low, b.high, error)))


def _split(x: Range, swap: bool, other: Term) -> Term | None:
    """`x` against one constant, where x is a column with a scale for what is not known: one comparison."""
    if x.low.op != "coalesce" or x.high.op != "coalesce" or not other.is_constant or is_open(other):
        return None
    column, low = x.low.args[0], x.low.args[-1]
    if x.high.args[0] is not column or len(x.low.args) != 2 or len(x.high.args) != 2:
        return None
    high = x.high.args[-1]
    return column if low.is_constant and high.is_constant else None


def is_open(a: Term) -> bool:
    return t.is_null(a)


def compare(operator: str, a: Range, b: Range, doubt: Doubt) -> Term:
    """The six comparisons, bound against bound."""
    _doubtful(a, b, doubt)
    found = _compared(operator, a, b)
    for x, y in ((a, b), (b, a)):
        if x.least is not None:
            less = Range(x.least, x.high, x.error)
            other = _compared(operator, less, y) if x is a else _compared(operator, y, less)
            doubt(PERHAPS_ONE, t.negation(t.same(found, other)))
    return found


def _compared(operator: str, a: Range, b: Range) -> Term:
    for x, y, swap in ((a, b, False), (b, a, True)):
        column = _split(x, swap, y.low) if y.is_plane else None
        if column is not None:
            scale = Range(x.low.args[-1], x.high.args[-1])
            pairs = [(Range(column, column), y), (scale, y)]
            inside, outside = (_compared(operator, *(reversed(p) if swap else p)) for p in pairs)
            return t.coalesce(inside, outside)
    match operator:
        case "<":
            return _ordered("lt", "le", a, b)
        case "<=":
            return _ordered("le", "lt", a, b)
        case ">":
            return _ordered("lt", "le", b, a)
        case ">=":
            return _ordered("le", "lt", b, a)
        case "=":
            return _equal(a, b)
    return t.negation(_equal(a, b))


def _ordered(op: str, opposite: str, a: Range, b: Range) -> Term:
    if a.is_plane and b.is_plane:
        return t.compared(op, a.low, b.low)
    met, failed = t.compared(op, a.high, b.low), t.compared(opposite, b.high, a.low)
    return t.cases((met, YES), (failed, NO), otherwise=OPEN_TRUTH)


def _equal(a: Range, b: Range) -> Term:
    if a.is_plane and b.is_plane:
        return t.compared("eq", a.low, b.low)
    apart = t.disjunction(t.compared("lt", a.high, b.low), t.compared("lt", b.high, a.low))
    return t.cases((apart, NO), (t.conjunction(exact(a), exact(b)), YES), otherwise=OPEN_TRUTH)


# ------------------------------------------------------------------------------------------- arithmetic


def as_float(a: Term) -> Term:
    if a.type == "float":
        return a
    return (
        t.literal(None if a.extra is None else float(a.extra), "float")
        if a.is_constant
        else t.plain("float", a, type="float")
    )


def floats(a: Range) -> Range:
    low = as_float(a.low)
    return Range(low, low if a.is_plane else as_float(a.high), a.error)


def too_large(term: Term) -> Term:
    if term.is_constant and term.extra is not None:
        return NO if abs(term.extra) <= LARGEST else YES
    return t.surely(t.compared("lt", t.literal(LARGEST, "float"), t.plain("abs", term)))


def ends_of(*ranges: Range) -> list[Term]:
    return list(dict.fromkeys(end for r in ranges for end in (r.low, r.high)))


def snapped(a: Range, doubt: Doubt, rounds: bool, wider: float = 1.0) -> Range:
    """A result on the grid again: the step nearest to the float. `rounds`: the law rounded to that step, so
    that the middle between two is near a limit itself; `wider`: how many operations it is off by."""

    def step(end: Term) -> Term:
        doubt(NEAR, too_large(end))
        if rounds:
            doubt(NEAR, halfway(end, 8, 0.0, wider))
        return t.plain("snap", end, type="float")

    low = step(a.low)
    return Range(low, low if a.is_plane else step(a.high))


def halfway(end: Term, places: int, error: float, wider: float = 1.0) -> Term:
    """Whether a float is as near to the middle between two steps as it may be off by."""
    scaled = t.plain("abs", t.plain("times", end, t.literal(10.0**places, "float")))
    rest = t.plain("minus", scaled, t.plain("floor", scaled))
    off = t.plain("abs", t.plain("minus", rest, t.literal(0.5, "float")))
    relative = t.plain("times", scaled, t.literal(1e-15 * wider, "float"))
    most = t.plain("plus", relative, t.literal(1e-6 + error * 10.0**places, "float"))
    return t.surely(t.compared("le", off, most))


def _negated(end: Term) -> Term:
    if end.is_constant:
        return t.literal(None if end.extra is None else -end.extra, end.type)
    return t.plain("negate", end)


def opposite(a: Range) -> Range:
    """`-a`."""
    low, high = (
        t.literal(None if end.extra is None else -end.extra, end.type)
        if end.is_constant
        else t.plain("negate", end)
        for end in (a.high, a.low)
    )
    return Range(low, low if a.is_plane else high, a.error)


def add(a: Range, b: Range, doubt: Doubt) -> Range:
    """`a + b`: whole numbers exactly, others back on the grid."""
    if a.kind == b.kind == "int":
        low = t.plain("plus", a.low, b.low)
        return Range(low, low if a.is_plane and b.is_plane else t.plain("plus", a.high, b.high))
    a, b = floats(a), floats(b)
    low = t.plain("plus", a.low, b.low)
    found = Range(low, low if a.is_plane and b.is_plane else t.plain("plus", a.high, b.high))
    for end in ends_of(a, b):
        doubt(NEAR, too_large(end))
    if a.error or b.error:
        return Range(found.low, found.high, a.error + b.error + _OF_FLOATS)
    return snapped(found, doubt, rounds=False)


def places_of(a: Range) -> int:
    """How many decimals a number has at most: none if whole, those of a constant as written, else 8."""
    if a.kind == "int":
        return 0
    if a.is_plane and a.low.is_constant and a.low.extra is not None:
        return next((n for n in range(8) if round(a.low.extra, n) == a.low.extra), 8)
    return 8


def multiply(a: Range, b: Range, doubt: Doubt) -> Range:
    """`a * b`: the least and the greatest of the four products, 0 times an open end being 0."""
    whole = a.kind == b.kind == "int"
    places = places_of(a) + places_of(b)
    a, b = floats(a), floats(b)
    for end in ends_of(a, b):
        doubt(NEAR, too_large(end))
    found = _product(a, b)
    if whole:
        return found
    for end in ends_of(found):
        doubt(NEAR, too_large(end))
    if places <= 8 and not a.error and not b.error:
        return snapped(found, doubt, rounds=False)
    return Range(found.low, found.high, _OF_FLOATS + a.error * _size(b) + b.error * _size(a))


def _size(a: Range) -> float:
    if a.is_plane and a.low.is_constant and a.low.extra is not None:
        return abs(float(a.low.extra))
    return LARGEST


def _product(a: Range, b: Range) -> Range:
    zero = t.literal(0.0, "float")
    is_zero = t.disjunction(*(t.conjunction(exact(x), t.surely(t.compared("eq", x.low, zero))) for x in (a, b)))
    if a.is_plane and b.is_plane:
        product = t.chosen(is_zero, zero, t.plain("times", a.low, b.low))
        return Range(product, product)
    for constant_, other in ((a, b), (b, a)):
        factor = constant_.low
        if constant_.is_plane and factor.is_constant and factor.extra:
            low, high = (other.low, other.high) if factor.extra > 0 else (other.high, other.low)
            return Range(t.plain("times", low, factor), t.plain("times", high, factor))
    # Of the four products, those with an open end are 0 or endless; an endless one leaves that end open.
    least, most = _endless(a, b), _endless(a, opposite(b))
    low = high = t.null("float")
    for x in (a.low, a.high):
        for y in (b.low, b.high):
            none = t.disjunction(*(t.surely(t.compared("eq", end, zero)) for end in (x, y)))
            product = t.chosen(none, zero, t.plain("times", x, y))
            low, high = t.lesser_of(low, product), t.greater_of(high, product)
    null = t.null("float")
    return Range(t.chosen(least, null, low), t.chosen(most, null, high))


def _endless(a: Range, b: Range) -> Term:
    """Whether a product may be as small as one likes: an open end of one beside what the other may be."""
    zero = t.literal(0.0, "float")

    def some(x: Range, y: Range) -> Term:
        above = t.disjunction(t.unknown(y.high), t.surely(t.compared("lt", zero, y.high)))
        below = t.disjunction(t.unknown(y.low), t.surely(t.compared("lt", y.low, zero)))
        return t.disjunction(t.conjunction(t.unknown(x.low), above), t.conjunction(t.unknown(x.high), below))

    return t.disjunction(some(a, b), some(b, a))
