"""How many rows, and how many different things, the compiled form counts: at least, and at most.

A key is a set of marks: codes with their systems, and the positions of the listed concepts. Keys that share a mark
are one thing; keys of a common system that share none are two; of keys in different systems nobody knows.
"""

from __future__ import annotations

import datetime
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeAlias

from screening.record.subject import Evidence, SetAside
from screening.values.bounds import Bounds
from screening.values.truth import UNKNOWN

Rows: TypeAlias = Sequence[Evidence]
Mark: TypeAlias = Any  # a code with its system, or the position of a listed concept
Key: TypeAlias = frozenset[Mark]

_EXACTLY = 12
_NEVER = datetime.date.max


# --------------------------------------------------------------------------- rows charted twice


def rows_at_least(rows: Rows, enough: int = 0) -> int:
    """How many rows there surely are, or `enough`: rows that may be one and the same, charted twice, are one."""
    # SPEC: semantics 5.2, 5.4.
    if len(rows) < 2:
        return len(rows)
    authors = {row.by for row in rows}
    if len(authors) == len(rows) and "" not in authors:
        return len(rows)  # each is somebody else's
    by_day: dict[Any, list[Evidence]] = defaultdict(list)
    for row in rows:
        low, high = row.when
        if low is None or low != high:
            return _kept(rows, enough)
        by_day[low].append(row)
    # Rows of different days are never one, so each day is counted by itself.
    return sum(1 if len(of_day) == 1 else _kept(of_day, enough) for of_day in by_day.values())


def _kept(rows: Rows, enough: int) -> int:
    """Taken by the day on which each ends, so that as many as possible are apart."""
    kept: list[Evidence] = []
    for row in sorted(rows, key=_end):
        if all(_are_apart(row, other) for other in kept):
            kept.append(row)
            if len(kept) == enough:
                break
    return len(kept)


def _end(row: Evidence) -> tuple[Any, ...]:
    low, high = row.when
    # An open end is later than any day; of rows that end together the one that began last is the narrower.
    began = 0 if low is None else -low.toordinal()
    return high is None, high or _NEVER, low is None, began, row.clock, row.id


def _are_apart(a: Evidence, b: Evidence) -> bool:
    """Whether anything that is known of both tells two rows apart."""
    if _disjoint(a.when, b.when) or (a.by and b.by and a.by != b.by):
        return True
    if a.clock and b.clock and a.clock != b.clock and a.when == b.when:
        return True
    numbers = isinstance(a.value, Bounds) and isinstance(b.value, Bounds)
    if a.codes and b.codes and not numbers and set(a.codes).isdisjoint(b.codes) and not a.concepts & b.concepts:
        return True
    if _unlike(a.value, b.value):
        return True
    return any(name in b.fields and _unlike(found, b.fields[name]) for name, found in a.fields.items())


def _disjoint(a: Bounds, b: Bounds) -> bool:
    (low, high), (least, most) = a, b
    return (high is not None and least is not None and high < least) or (
        most is not None and low is not None and most < low
    )


def _unlike(a: Any, b: Any) -> bool:
    if isinstance(a, Bounds) and isinstance(b, Bounds):
        return _disjoint(a, b)
    return bool(a != b) and not (_says_nothing(a) or _says_nothing(b))


def _says_nothing(found: Any) -> bool:
    return found is UNKNOWN or found == () or isinstance(found, SetAside)


# ------------------------------------------------------------------------------------- distinct


def key_of(row: Evidence, name: str) -> Key | None:
    """The key of a row: a field, its value or its code; None where that is not exactly known."""
    if name == "code":
        return row.concepts.union(row.codes) if row.codes else None
    found: Any = row.value if name == "value" else row.fields.get(name)
    if found is None or _says_nothing(found):
        return None
    if isinstance(found, Bounds):
        low, high = found
        return frozenset([("", low)]) if low is not None and low == high else None
    return frozenset(found if isinstance(found, tuple) else [("", found)])


def plain_keys(rows: Rows, name: str) -> set[Mark] | None:
    """The words of a field where each row says exactly one, all of one system; None where it is not so simple."""
    if name in ("code", "value"):
        return None
    words: set[Mark] = set()
    system = None
    for row in rows:
        found: Any = row.fields.get(name)
        if found.__class__ is not tuple or len(found) != 1:
            return None
        (said,) = found
        if system is None:
            system = said[0]
        elif said[0] != system:
            return None
        words.add(said)
    return words


def keys_at_least(rows: Rows, name: str) -> int:
    """How many things the rows surely speak of: the most keys of which any two are two; 1 if there is a row."""
    if len(rows) < 2:
        return len(rows)
    plain = plain_keys(rows, name)
    if plain is not None:
        return len(plain)
    keys = {key for row in rows if (key := key_of(row, name)) is not None}
    if not keys:
        return 1
    ordered = sorted(keys, key=_plainness)
    apart = [{n for n, other in enumerate(ordered) if _are_two(key, other)} for key in ordered]
    if len(ordered) > _EXACTLY:
        taken: set[int] = set()
        for n, others in enumerate(apart):
            if taken <= others:
                taken.add(n)
        return len(taken)
    return _widest(set(range(len(ordered))), apart)


def _plainness(key: Key) -> tuple[int, list[str], list[int]]:
    codes = [mark for mark in key if isinstance(mark, tuple)]
    concepts = sorted(mark for mark in key if not isinstance(mark, tuple))
    return len(codes), sorted(f"{system} {code}" for system, code in codes), concepts


def _widest(open: set[int], apart: list[set[int]]) -> int:
    """The size of the largest group out of those open in which any two are apart."""
    best = 0
    while len(open) > best:
        first = min(open)
        open = open - {first}
        best = max(best, 1 + _widest(open & apart[first], apart))
    return best


def keys_at_most(rows: Rows, name: str) -> int:
    """How many things the rows may speak of: keys that share a mark are one, a row without a key may be another.

    Where a chain of keys also holds two that surely are two, its codes contradict each other: each counts.
    """
    if len(rows) < 2:
        return len(rows)
    plain = plain_keys(rows, name)
    if plain is not None:
        return len(plain)
    unknown, chains = 0, list[tuple[set[Mark], set[Key]]]()
    for row in rows:
        key = key_of(row, name)
        if key is None:
            unknown += 1
            continue
        marks, members = set(key), {key}
        apart = []
        for chain in chains:
            if chain[0].isdisjoint(marks):
                apart.append(chain)
            else:
                marks |= chain[0]
                members |= chain[1]
        chains = [*apart, (marks, members)]
    return unknown + sum(len(keys) if _contradicts(keys) else 1 for _, keys in chains)


def _contradicts(keys: set[Key]) -> bool:
    return len(keys) > 1 and any(_are_two(a, b) for a in keys for b in keys)


def _are_two(a: Key, b: Key) -> bool:
    return a.isdisjoint(b) and not _systems(a).isdisjoint(_systems(b))


def _systems(key: Key) -> set[str]:
    return {mark[0] for mark in key if isinstance(mark, tuple)}
