"""One step for every node, in the order of evaluation: parts before the whole.

A step says what a node is worth for this person, which facts it rests on, and, where it is open,
why. Steps inside a query carry the row that they were taken for.
"""

from __future__ import annotations

import datetime
import functools
from collections.abc import Callable
from typing import NamedTuple

from screening.record.subject import Value
from screening.values.frozen import dataclass


class RowsFound(NamedTuple):
    """What a query left: ids of certain and possible rows and of attested absences; is the list open."""

    certain: tuple[str, ...]
    possible: tuple[str, ...]
    absences: tuple[str, ...]
    open: bool


class Step(NamedTuple):
    """One node, evaluated.

    `place` is the node's place, `row` the id of the row for which a query's condition was tried ("" outside
    queries), `facts` the ids of the evidence it rests on, `reason` says in fixed words why a value is open or
    what a FALSE from silence rests on, `conflict` that the facts contradict each other.
    """

    place: str
    row: str
    value: Value | RowsFound
    facts: tuple[str, ...] = ()
    reason: str = ""
    conflict: bool = False


# The same two from all of their fields in order, at a third of the cost: there are hundreds for each person.
rows_found: Callable[[tuple[object, ...]], RowsFound] = functools.partial(tuple.__new__, RowsFound)
written: Callable[[tuple[object, ...]], Step] = functools.partial(tuple.__new__, Step)


@dataclass(frozen=True, slots=True)
class Trace:
    """All steps of one person under one library on one day, by one engine."""

    library: str
    as_of: datetime.date
    engine: str
    steps: tuple[Step, ...]
