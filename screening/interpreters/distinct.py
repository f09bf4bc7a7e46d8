"""How many different things, and how many rows, chaining counts: at least, and at most.

Each row is a set of names: codes with their systems, and numbers of the listed concepts. Sets that touch are one
thing; sets of a common system that do not touch are two; of sets in different systems nobody knows.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Sequence
from typing import Any

from screening.record.subject import Evidence, SetAside
from screening.values.bounds import Bounds
from screening.values.truth import UNKNOWN

Name = tuple[str, Hashable]
Names = frozenset[Name]
CONCEPT = "listed concept"  # a number of a concept joins rows; it never tells them apart
_EXACTLY = 12


def marks(codings: Iterable[Any]) -> Names:
    """Codings as names."""
    return frozenset((code.system, code.code) for code in codings)


def names(row: Evidence, key: str) -> Names:
    """What a row calls itself under a key; nothing where that is not exactly known."""
    if key == "code":
        return marks(row.codes) | {(CONCEPT, number) for number in row.concepts} if row.codes else frozenset()
    found: Any = row.value if key == "value" else row.fields.get(key)
    match found:
        case None | SetAside():
            return frozenset()
        case Bounds(low, high):
            return frozenset({("", low)}) if low is not None and low == high else frozenset()
        case tuple():
            return marks(found)
    return frozenset() if found is UNKNOWN else frozenset({("", found)})


def is_other(a: Names, b: Names) -> bool:
    """Whether two sets of names are surely two things."""
    return not a & b and bool(_systems(a) & _systems(b))


def _systems(named: Names) -> set[str]:
    return {system for system, _ in named} - {CONCEPT}


def at_least(rows: list[Names]) -> int:
    """The size of the largest group in which all are surely different; one if there is any row at all."""
    known = sorted({row for row in rows if row}, key=_plain)
    if not known:
        return min(1, len(rows))
    apart = [sum(1 << j for j, b in enumerate(known) if is_other(a, b)) for a in known]
    if len(known) > _EXACTLY:
        group = 0
        for n, others in enumerate(apart):
            if group & others == group:
                group |= 1 << n
        return group.bit_count()
    return _largest((1 << len(known)) - 1, apart)


def _plain(named: Names) -> tuple[int, list[str], list[Hashable]]:
    codes = [name for name in named if name[0] != CONCEPT]
    concepts = sorted(int(str(number)) for system, number in named if system == CONCEPT)
    return len(codes), sorted(f"{system} {code}" for system, code in codes), list(concepts)


def _largest(open: int, apart: list[int]) -> int:
    """Grows a group by each candidate in turn; the candidates left are those apart from all in it."""
    best, left = 0, open
    while left:
        n = left.bit_length() - 1
        left &= ~(1 << n)
        best = max(best, 1 + _largest(left & apart[n], apart))
        if left.bit_count() <= best - 1:
            break
    return best


def at_most(rows: list[Names]) -> int:
    """One for each group of rows that touch, all of them where a group contradicts itself; unknown ones each."""
    groups: list[set[Names]] = []
    for row in rows:
        if row:
            touching = [group for group in groups if any(row & other for other in group)]
            groups = [group for group in groups if group not in touching] + [{row}.union(*touching)]
    unknown = sum(not row for row in rows)
    return unknown + sum(len(g) if any(is_other(a, b) for a in g for b in g) else 1 for g in groups)


def apart(rows: Sequence[Evidence], wanted: int | None = None) -> int:
    """How many rows are surely not the same one charted again, the earliest to end first; no more than wanted."""
    if len(rows) < 2:
        return len(rows)
    kept: list[Evidence] = []
    ended = [row for row in rows if row.when.high is not None]
    ended.sort(key=lambda row: row.id)
    ended.sort(key=lambda row: row.clock)
    ended.sort(key=lambda row: row.when.low or datetime.date.min, reverse=True)
    ended.sort(key=lambda row: row.when.high)
    open_ended = sorted((row for row in rows if row.when.high is None), key=_began_late)
    for row in (*ended, *open_ended):
        # INVARIANT: they are kept by their ends; below the first that is over before this one, all are.
        place = len(kept)
        while place and _touches(kept[place - 1], row) and _tell_apart(row, kept[place - 1]):
            place -= 1
        if not place or not _touches(kept[place - 1], row):
            kept.append(row)
            if len(kept) == wanted:
                return len(kept)
    return len(kept)


def _touches(earlier: Evidence, row: Evidence) -> bool:
    end, begin = earlier.when.high, row.when.low
    return end is None or begin is None or end >= begin


def _began_late(row: Evidence) -> tuple[int, str, str]:
    return -(row.when.low.toordinal() if row.when.low is not None else 0), row.clock, row.id


def _tell_apart(a: Evidence, b: Evidence) -> bool:
    """Whether something that both rows say is not the same: day, time, who, what, how much."""
    if _disjoint(a.when, b.when) or (a.when == b.when and a.clock and b.clock and a.clock != b.clock):
        return True
    if a.by and b.by and a.by != b.by:
        return True
    measured = isinstance(a.value, Bounds) and isinstance(b.value, Bounds)
    if a.codes and b.codes and not measured and not names(a, "code") & names(b, "code"):
        return True
    pairs = [(a.value, b.value), *((a.fields[name], b.fields[name]) for name in a.fields if name in b.fields)]
    return any(_unlike(x, y) for x, y in pairs)


def _disjoint(a: Bounds, b: Bounds) -> bool:
    before = a.high is not None and b.low is not None and a.high < b.low
    return before or (b.high is not None and a.low is not None and b.high < a.low)


def _unlike(x: Any, y: Any) -> bool:
    for value in (x, y):
        if value is UNKNOWN or value == () or isinstance(value, SetAside):
            return False
    return _disjoint(x, y) if isinstance(x, Bounds) and isinstance(y, Bounds) else bool(x != y)
