"""The tables of chaining: three truths once more, and comparisons as two rails, one for each answer.

Numbers have one kernel in `values.bounds`; here stands only which of its functions a name means.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any, TypeAlias

from screening.interpreters.selection import enclosing, is_blank
from screening.language.types import ORDERED, Type
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.coding import NOT_CODED, same
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

# ------------------------------------------------------------------------------------- truths

NOT: dict[Truth, Truth] = {TRUE: FALSE, FALSE: TRUE, UNKNOWN: UNKNOWN}
XOR = {(a, b): UNKNOWN if UNKNOWN in (a, b) else FALSE if a is b else TRUE for a in Truth for b in Truth}
BOTH = {(a, b): FALSE if FALSE in (a, b) else TRUE if a is b is TRUE else UNKNOWN for a in Truth for b in Truth}


def is_truth(type: Type) -> bool:
    """Whether a value of this type is TRUE, FALSE or UNKNOWN."""
    return type.name in ("Boolean", "Judgement")


def settled(by: Truth, otherwise: Truth) -> Callable[[list[Truth]], Truth]:
    """One part settles it, otherwise one open part leaves it open."""
    return lambda truths: by if by in truths else UNKNOWN if UNKNOWN in truths else otherwise


STATES: dict[str, Callable[[Any], bool]] = {
    "null": is_blank,
    "true": lambda value: value is TRUE,
    "false": lambda value: value is FALSE,
}


def told(known: bool) -> Truth:
    """TRUE or FALSE."""
    return TRUE if known else FALSE


# -------------------------------------------------------------------------------- comparisons

Compared: TypeAlias = Callable[[Bounds, Bounds], Truth]


def _ordering(met: Callable[[Any, Any], bool], unmet: Callable[[Any, Any], bool]) -> Compared:
    """Two rails: one is raised by the upper end of the left side, the other by its lower end."""

    def compare(a: Bounds, b: Bounds) -> Truth:
        if a[1] is not None and b[0] is not None and met(a[1], b[0]):
            return TRUE
        if a[0] is not None and b[1] is not None and unmet(a[0], b[1]):
            return FALSE
        return UNKNOWN

    return compare


less = _ordering(operator.lt, operator.ge)
at_most = _ordering(operator.le, operator.gt)


def equal(a: Bounds, b: Bounds) -> Truth:
    """Equality: denied where the bounds lie apart, met where both are one and the same value."""
    if at_most(a, b) is FALSE or at_most(b, a) is FALSE:
        return FALSE
    return TRUE if a[0] is not None and a[0] == a[1] and b[0] is not None and b[0] == b[1] else UNKNOWN


COMPARE: dict[str, Compared] = {
    "<": less,
    "<=": at_most,
    ">": lambda a, b: less(b, a),
    ">=": lambda a, b: at_most(b, a),
    "=": equal,
    "!=": lambda a, b: NOT[equal(a, b)],
}


def alike(name: str, operands: Type) -> Callable[[Any, Any], Truth]:
    """Equality of codes, words or truths."""
    said: Callable[[Any, Any], Truth] = same if not is_truth(operands) else lambda a, b: NOT[XOR[a, b]]
    return said if name == "=" else lambda a, b: NOT[said(a, b)]


def hull(type: Type) -> Callable[[Any, Any], Any]:
    """What two branches agree on."""
    if type.name in ORDERED:
        return lambda a, b: enclosing([a, b])
    blank = UNKNOWN if is_truth(type) else NOT_CODED
    return lambda a, b: a if a == b else blank


# ------------------------------------------------------------------------------------ numbers

ARITHMETIC: dict[str, Callable[[Bounds, Bounds], Bounds | None]] = {
    "+": bounds.add,
    "-": bounds.subtract,
    "*": bounds.multiply,
    "/": bounds.divide,
    "^": bounds.power,
}
OF_ONE: dict[str, Callable[[Bounds], Bounds | None]] = {
    "Ln": bounds.logarithm,
    "Exp": bounds.exponential,
    "Sqrt": bounds.square_root,
    "Abs": bounds.absolute,
}
OF_MANY: dict[str, Callable[[list[Bounds]], Bounds]] = {
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
}
