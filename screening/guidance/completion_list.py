"""What a list of entries may turn out to hold: none, and entries of every kind that the rules tell apart.

A kind of entry is what each taking of rows makes of it. Lists grow entry by entry for as long as that says
anything new: a further entry of a kind that already counts as often as any rule counts changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from typing import Any

from screening.guidance.completion_entry import entries, wheres
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits
from screening.guidance.refining import Refined, is_whole
from screening.interpreters.reference import Run
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import DataRequirement
from screening.outcome.completion import Completion
from screening.record.keys import may_be_one
from screening.record.subject import Evidence
from screening.values.truth import TRUE

_MOST_KINDS, _MOST_LISTS, _MOST_STATES = 40, 120, 400

_LONGEST = 12
_MOST_RECORDED = 4


def lists_of(
    gaps: Gaps, declared: DataRequirement, found: Limits, already: Iterable[Refined]
) -> tuple[Iterator[Completion], bool]:
    """Every list that the recorded entries may turn out to be the beginning of; and whether these are all."""
    already = list(already)
    if is_whole(gaps, declared.name):
        return (rows.completion(gaps, declared, rows.said or "none", complete=True) for rows in already), True
    most, all_counts = _most_counted(found)
    kinds, all_kinds = _kinds(gaps, declared, found, most)
    # What is added up may be reached by numbers that stand beside no limit.
    added = [n for n in found.takers if isinstance(n, e.RowValues) and n.function in ("Sum", "Mean")]
    all_kinds = all_kinds and all_counts and not added and not _may_be_recorded(kinds, already, most)
    grown, all_lists = _grown(kinds, most)
    if len(already) * len(grown) > _MOST_LISTS:
        # Some of each: of what is recorded from the first to the last way, of what is new the shortest lists.
        stride = -(-len(already) // _MOST_RECORDED)
        already, all_lists = already[::stride], False
        grown = grown[: max(1, _MOST_LISTS // len(already))]
    return _made(gaps, declared, already, grown), all_kinds and all_lists and not found.is_joint


def _made(
    gaps: Gaps, declared: DataRequirement, already: list[Refined], grown: list[tuple[_Kind, ...]]
) -> Iterator[Completion]:
    # One entry for all lists that hold it at one place, so that what is said of it is found out once.
    numbered = cache(_nth)
    for new in grown:
        rows = tuple(numbered(kind, n) for n, kind in enumerate(new))
        for recorded in already:
            words = [recorded.said, *(kind.said for kind in new)]
            told = "; ".join(word for word in words if word) or ("none" if not recorded.rows else "no others")
            yield recorded.completion(gaps, declared, told, rows, complete=True)


def _nth(kind: _Kind, number: int) -> Evidence:
    return _numbered(kind.row, number)


def _numbered(row: Evidence, number: int) -> Evidence:
    # Each at its own time of the day: entries that may be one and the same are counted once (semantics 5.4).
    return Evidence(
        f"{row.requirement}?{number}", row.requirement, row.value, row.when, codes=row.codes, fields=row.fields,
        clock=f"{12 + number // 60:02d}:{number % 60:02d}", origin="supposed", concepts=row.concepts,
    )  # fmt: skip


def _may_be_recorded(kinds: list[_Kind], already: list[Refined], most: int) -> bool:
    """Whether a new entry that is counted may be one that is recorded, so that it does not surely count."""
    if most < 2:
        return False
    recorded = [row for rows in already for row in rows.rows]
    return any(may_be_one(_numbered(kind.row, 0), row) for kind in kinds for row in recorded)


class _Kind:
    """One kind of entry: an entry of it, what it is in short, and what each taking of rows makes of it."""

    def __init__(self, row: Evidence, words: str, makes: tuple[Any, ...]) -> None:
        self.row, self.said, self.makes = row, words, makes
        self.keys = frozenset(one for one in makes if one is not None and one[0] == "key")


def _kinds(gaps: Gaps, declared: DataRequirement, found: Limits, most: int) -> tuple[list[_Kind], bool]:
    kept: dict[tuple[Any, ...], _Kind] = {}
    rows, is_all = entries(gaps, declared, found, most)
    tried = [[(w.alias, gaps.reading.meaning(w.condition)) for w in wheres(node)] for node in found.takers]
    run = Run(gaps.reading.parameters, gaps.seen, gaps.as_of)
    run.values = gaps.values
    for row, words in rows:
        taken = [all(holds(run, {alias: row}) is TRUE for alias, holds in conditions) for conditions in tried]
        makes = tuple(_makes(row, node) if once else None for node, once in zip(found.takers, taken, strict=True))
        if makes not in kept:
            kept[makes] = _Kind(row, words, makes)
        if len(kept) >= _MOST_KINDS:
            return list(kept.values()), False
    return list(kept.values()), is_all


def _makes(row: Evidence, node: AnyNode) -> Any:
    """What a node makes of an entry that it takes, the only one there is: once, or its key, or its value."""
    match node:
        case e.CountDistinct(_, key):
            # Codes of one concept are counted as one thing.
            return ("key", (row.concepts or row.codes) if key == "code" else _held(row, key))
        case e.RowValues(_, name):
            return ("value", _held(row, name))
    return ("once",)


def _held(row: Evidence, name: str) -> str:
    return repr(row.value if name == "value" else row.fields.get(name))


def _most_counted(found: Limits) -> tuple[int, bool]:
    """How often something may have to be there until no further one says anything new; and whether it is enough.

    One more than any number beside a count, as long as nothing is reckoned with it.
    """
    if not any(isinstance(node, e.Count | e.CountDistinct) for node in found.takers):
        return 1, True
    most = max((int(number) for number in found.beside if number >= 0), default=0) + 1
    return min(most, _LONGEST), most <= _LONGEST and found.is_plain


def _grown(kinds: list[_Kind], most: int) -> tuple[list[tuple[_Kind, ...]], bool]:
    """Lists of new entries, the empty one first, each of which says something new; and whether these are all.

    Where things are counted once each, key after key is added; of the lists that leave every count alike one is
    kept, whatever keys it holds.
    """
    by_key: dict[Any, list[_Kind]] = {}
    is_plain = all(len(kind.keys) < 2 for kind in kinds)
    for kind in kinds:
        by_key.setdefault(kind.keys if is_plain else None, []).append(kind)
    found: dict[Any, tuple[_Kind, ...]] = {_counts(_state((), most), most): ()}
    is_all = True
    for alike in by_key.values():
        more, all_more = _of_few_keys(alike, most)
        is_all = is_all and all_more
        for made, new in product(list(found.values()), more):
            found.setdefault(_counts(_state((*made, *new), most), most), (*made, *new))
            if len(found) > _MOST_STATES:
                return sorted(found.values(), key=len), False
    return sorted(found.values(), key=len), is_all


def _of_few_keys(kinds: list[_Kind], most: int) -> tuple[list[tuple[_Kind, ...]], bool]:
    lists: list[tuple[_Kind, ...]] = [()]
    seen: set[Any] = {_state((), most)}
    for made in lists:
        for kind in kinds:
            longer = (*made, kind)
            state = _state(longer, most)
            if state not in seen:
                if len(lists) >= _MOST_LISTS or len(longer) > _LONGEST:
                    return lists, False
                seen.add(state)
                lists.append(longer)
    return lists, True


_State = tuple[tuple[int, frozenset[Any], tuple[Any, ...], bool], ...]


def _state(made: tuple[_Kind, ...], most: int) -> _State:
    """What the takings of rows make of a list: how often, up to `most`; which keys; which values; if any."""
    found = []
    for each in zip(*(kind.makes for kind in made), strict=True):
        there = [one for one in each if one is not None]
        keys = frozenset(one for one in there if one[0] == "key")
        values = tuple(sorted({one for one in there if one[0] == "value"}))
        found.append((min(sum(1 for one in there if one[0] == "once"), most), keys, values, bool(there)))
    return tuple(found) if any(any(part) for part in found) else ()


def _counts(state: _State, most: int) -> tuple[Any, ...]:
    """The same with how many keys there are, up to `most`, in place of the keys."""
    return tuple((once, min(len(keys), most), values, there) for once, keys, values, there in state)
