"""What the written text of a library calls beside the kernels of `values`: membership, choice, rounding.

Everything here is small and has no part in what is written; the text refers to it by name.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

from screening.interpreters import compiled_rows, compiled_selection
from screening.values import bounds, calendar
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, membership, same
from screening.values.quantity import convert
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from screening.values.unit import Unit

_MOST = 10_000  # coded values that a table keeps its answer for


class Among(dict[Any, Truth]):
    """Membership of one set of terms as a table of answers, each worked out when it is first asked for.

    What is no coded value (a field that is not there or cannot be used) is UNKNOWN like no coding at all.

    >>> Among([Code("", "female")])[(Code("", "male"),)].name
    'FALSE'
    """

    def __init__(self, wanted: Sequence[Code]) -> None:
        super().__init__()
        self.asked = membership(wanted)

    def __missing__(self, codings: Any) -> Truth:
        found = self.asked(codings) if isinstance(codings, tuple) else UNKNOWN
        if len(self) < _MOST:
            self[codings] = found
        return found


def agreed(items: Sequence[Bounds], conflicts: list[str], place: str) -> Bounds:
    """The intersection of several measurements of one thing; an empty one is open and contradicts."""
    # SPEC: semantics 1.4.
    found: Bounds | None = items[0]
    for item in items[1:]:
        found = found and bounds.intersect(found, item)
    if found is None:
        conflicts.append(place)
        return OPEN
    return found


def holding(truths: Sequence[Truth]) -> Bounds:
    """How many of several statements hold: those that do to those that may."""
    return Bounds(truths.count(TRUE), len(truths) - truths.count(FALSE))


def rounded(number: Bounds, places: Bounds = bounds.ZERO) -> Bounds:
    """`Round(x, n)`; open while the number of places is."""
    return bounds.to_places(number, int(places[0])) if bounds.is_exact(places) else OPEN


def converted(amount: Bounds, old: Unit, new: Unit) -> Bounds:
    """An amount in another unit of its dimension."""
    low, high = amount
    return Bounds(
        None if low is None else convert(low, old, new),
        None if high is None else convert(high, old, new),
    )


# The names that the text may call by.
FUNCTIONS: dict[str, Any] = {
    "listed": compiled_rows.listed,
    "unlisted": compiled_rows.unlisted,
    "others": compiled_rows.others,
    "taken_apart": compiled_rows.taken_apart,
    "existence": compiled_rows.existence,
    "number": compiled_rows.number,
    "FEW": compiled_rows.FEW,
    "different": compiled_rows.different,
    "worked_out": compiled_rows.worked_out,
    "alarming": compiled_rows.alarming,
    "selected": compiled_selection.selected,
    "taken": compiled_selection.taken,
    "dated": compiled_selection.dated,
    "on_scale": compiled_selection.on_scale,
    "agreed": agreed,
    "holding": holding,
    "rounded": rounded,
    "converted": converted,
    "hull": bounds.hull,
    "exactly": bounds.exactly,
    "opposite": bounds.opposite,
    "add": bounds.add,
    "subtract": bounds.subtract,
    "multiply": bounds.multiply,
    "divide": bounds.divide,
    # Dear, rounded to one spelling of each value, and asked of the same few values again and again.
    "power": functools.lru_cache(_MOST)(bounds.power),
    "Ln": functools.lru_cache(_MOST)(bounds.logarithm),
    "Exp": functools.lru_cache(_MOST)(bounds.exponential),
    "Sqrt": bounds.square_root,
    "Abs": bounds.absolute,
    "Min": bounds.least,
    "Max": bounds.greatest,
    "Sum": bounds.total,
    "Mean": bounds.mean,
    "same": same,
    "window": calendar.window,
    "shift": calendar.shift,
    "day_of": calendar.day_of,
    "duration": calendar.duration,
    "age": calendar.age,
    "Bounds": Bounds,
    "Truth": Truth,
}
