"""What tells rows apart, and the keys that `distinct` counts: codes after the listed synonyms, words, days.

Two rows are surely of one thing if their codings share a code or a listed concept, and surely of two if one
system names both and they share nothing. A row that speaks RxNorm and one that speaks ATC may be either.
"""

from __future__ import annotations

import datetime
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from screening.record.subject import Evidence, SetAside, Value
from screening.values import bounds
from screening.values.bounds import Bounds
from screening.values.truth import UNKNOWN

MOST_EXACT = 12


class Key(NamedTuple):
    """One known key: its marks, each of a system, and the listed concepts that it names."""

    marks: frozenset[tuple[str, Hashable]]
    concepts: frozenset[int] = frozenset()


def key_of(row: Evidence, name: str) -> Key | None:
    """The key of a row: a field, its value or its code; None where that is not exactly known."""
    if name == "code":
        return Key(frozenset(row.codes), row.concepts) if row.codes else None
    found = row.value if name == "value" else row.fields.get(name)
    if found is None or isinstance(found, SetAside) or found is UNKNOWN or found == ():
        return None
    if isinstance(found, Bounds):
        return Key(frozenset({("", found.low)})) if bounds.is_exact(found) else None
    return Key(frozenset(found) if isinstance(found, tuple) else frozenset({("", found)}))


def are_one(a: Key, b: Key) -> bool:
    """Whether two keys surely name one thing."""
    return not (a.marks.isdisjoint(b.marks) and a.concepts.isdisjoint(b.concepts))


def are_two(a: Key, b: Key) -> bool:
    """Whether two keys surely name two things: one system speaks of both, and they share nothing."""
    return not are_one(a, b) and not {s for s, _ in a.marks}.isdisjoint(s for s, _ in b.marks)


def least_distinct(keys: Iterable[Key]) -> int:
    """How many things there surely are: the most keys of which any two are surely two.

    Beyond a dozen different keys they are taken one by one, the plainest first: no more than there are.
    """
    ordered = _ordered(keys)
    if len(ordered) <= MOST_EXACT:
        return _most_apart(ordered)
    taken: list[Key] = []
    for key in ordered:
        if all(are_two(key, other) for other in taken):
            taken.append(key)
    return len(taken)


def _ordered(keys: Iterable[Key]) -> list[Key]:
    def plainness(key: Key) -> tuple[int, list[str], list[int]]:
        return len(key.marks), sorted(f"{system} {value}" for system, value in key.marks), sorted(key.concepts)

    return sorted(set(keys), key=plainness)


def _most_apart(keys: Sequence[Key]) -> int:
    if not keys:
        return 0
    first, rest = keys[0], keys[1:]
    apart = [key for key in rest if are_two(first, key)]
    with_first = 1 + _most_apart(apart)
    return with_first if len(apart) == len(rest) else max(with_first, _most_apart(rest))


def most_distinct(keys: Iterable[Key]) -> int:
    """How many things there are at most: keys that surely are one count once.

    Where a chain of such keys also holds two that surely are two, its codes contradict each other, and each
    key of it counts.
    """
    left, found = list(dict.fromkeys(keys)), 0
    while left:
        chain, waiting = [left[0]], left[1:]
        for member in chain:  # it grows while it is walked
            chain += [key for key in waiting if are_one(member, key)]
            waiting = [key for key in waiting if not are_one(member, key)]
        found += len(chain) if any(are_two(a, b) for a in chain for b in chain) else 1
        left = waiting
    return found


def least_rows(rows: Sequence[Evidence], enough: int = 0) -> int:
    """How many rows there surely are: rows that may be one and the same, charted twice, count once.

    Taken by the day on which each ends, so that as many as possible are apart. Where `enough` are found, nobody
    asks for more.
    """
    # SPEC: semantics 5.2, 5.4; a row without a day may be the dated one again.
    if len(rows) < 2:
        return len(rows)
    taken: list[Evidence] = []
    for row in sorted(rows, key=_by_end):
        if not any(may_be_one(row, other) for other in _reaching(taken, row)):
            taken.append(row)
            if len(taken) == enough:
                break
    return len(taken)


def _reaching(taken: Sequence[Evidence], row: Evidence) -> Iterator[Evidence]:
    """Those of the rows, in the order of their ends, that do not end before a row begins: few in a long list."""
    first = row.when.low
    for other in reversed(taken):
        if first is not None and other.when.high is not None and other.when.high < first:
            return
        yield other


def _by_end(row: Evidence) -> tuple[bool, object, bool, object, str, str]:
    low, high = row.when.low, row.when.high
    never = datetime.date.max
    # An open end comes last; of rows that end together the one that began last is the narrower.
    return high is None, high or never, low is None, -(low or never).toordinal(), row.clock, row.id


def may_be_one(a: Evidence, b: Evidence) -> bool:
    """Whether two rows may turn out to be one: nothing that is known of both tells them apart."""
    if a.clock and b.clock and a.clock != b.clock and a.when == b.when:
        return False
    if bounds.intersect(a.when, b.when) is None or (a.by and b.by and a.by != b.by):
        return False
    if _are_coded_apart(a, b) and not (isinstance(a.value, Bounds) and isinstance(b.value, Bounds)):
        return False  # two numbers of one instant are one reading whatever their codes
    shared = a.fields.keys() & b.fields.keys()
    return _may_equal(a.value, b.value) and all(_may_equal(a.fields[name], b.fields[name]) for name in shared)


def _are_coded_apart(a: Evidence, b: Evidence) -> bool:
    one, other = Key(frozenset(a.codes), a.concepts), Key(frozenset(b.codes), b.concepts)
    return bool(a.codes and b.codes) and not are_one(one, other)


def _may_equal(a: Value | SetAside, b: Value | SetAside) -> bool:
    if isinstance(a, Bounds) and isinstance(b, Bounds):
        return bounds.intersect(a, b) is not None
    unknown = any(isinstance(x, SetAside) or x is UNKNOWN or x == () for x in (a, b))
    return unknown or a == b
