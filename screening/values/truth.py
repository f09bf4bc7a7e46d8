"""The three truths and their tables.

UNKNOWN is an answer of its own: it is CQL's null, and no table turns it into TRUE or FALSE
unless the other side settles the matter by itself.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum


class Truth(Enum):
    """What is known of a statement about one person."""

    TRUE = "TRUE"
    FALSE = "FALSE"
    UNKNOWN = "UNKNOWN"

    def __repr__(self) -> str:
        return self.value

    # There is one object of each: its identity tells them apart, so no text needs to be hashed in a table.
    __hash__ = object.__hash__

    # INVARIANT: a Truth is never used as a Python bool, so that UNKNOWN can never pass an `if`.
    def __bool__(self) -> bool:
        raise TypeError("a Truth has three values; compare it with `is`")


TRUE, FALSE, UNKNOWN = Truth.TRUE, Truth.FALSE, Truth.UNKNOWN


def truth_of(known: bool) -> Truth:
    """TRUE or FALSE of a plain yes or no."""
    return TRUE if known else FALSE


def negate(a: Truth) -> Truth:
    """Kleene negation: not UNKNOWN is UNKNOWN."""
    return FALSE if a is TRUE else TRUE if a is FALSE else UNKNOWN


def conjoin(truths: Iterable[Truth]) -> Truth:
    """Kleene conjunction: one FALSE settles it, otherwise one UNKNOWN keeps it open.

    The empty conjunction is TRUE, which would admit everyone; `check` refuses a library
    without criteria.

    >>> conjoin([Truth.TRUE, Truth.UNKNOWN, Truth.FALSE]).name
    'FALSE'
    """
    # SPEC: CQL author's guide, three-valued logic.
    found = TRUE
    for truth in truths:
        if truth is FALSE:
            return FALSE
        if truth is UNKNOWN:
            found = UNKNOWN
    return found


def disjoin(truths: Iterable[Truth]) -> Truth:
    """Kleene disjunction: one TRUE settles it, otherwise one UNKNOWN keeps it open.

    >>> disjoin([Truth.FALSE, Truth.UNKNOWN, Truth.TRUE]).name
    'TRUE'
    """
    found = FALSE
    for truth in truths:
        if truth is TRUE:
            return TRUE
        if truth is UNKNOWN:
            found = UNKNOWN
    return found


def exclusive(a: Truth, b: Truth) -> Truth:
    """Exclusive or: UNKNOWN if either side is."""
    if a is UNKNOWN or b is UNKNOWN:
        return UNKNOWN
    return FALSE if a is b else TRUE


def implies(a: Truth, b: Truth) -> Truth:
    """`a implies b` is `not a or b`."""
    return disjoin((negate(a), b))


def agreeing(a: Truth, b: Truth) -> Truth:
    """What an open `if` says of two branches: their common truth, else UNKNOWN."""
    return a if a is b else UNKNOWN
