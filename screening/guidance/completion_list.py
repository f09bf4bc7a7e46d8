"""What a list of entries may turn out to hold: none, and entries of every kind that the rules tell apart.

A kind of entry is what each taking of rows makes of it. Lists grow entry by entry for as long as that says
anything new: a further entry of a kind that already counts as often as any rule counts changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice, product
from math import prod
from typing import Any

from screening.guidance.completion_value import said, values_of
from screening.guidance.gaps import Gaps
from screening.guidance.limits import Limits, days_about
from screening.guidance.refining import Refined, fields_read, is_whole, last_open_day
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import DataRequirement
from screening.outcome.completion import Completion
from screening.record.subject import Evidence, Value
from screening.values.bounds import exactly
from screening.values.coding import Code
from screening.values.truth import TRUE

_MOST_KINDS, _MOST_DRAWN, _MOST_LISTS, _MOST_CODES = 24, 160, 120, 4

_LONGEST = 4
_NOTHING: frozenset[str] = frozenset()
_MOST_RECORDED = 4


def lists_of(
    gaps: Gaps, declared: DataRequirement, found: Limits, already: Iterable[Refined]
) -> tuple[Iterator[Completion], bool]:
    """Every list that the recorded entries may turn out to be the beginning of; and whether these are all."""
    already = list(already)
    if is_whole(gaps, declared.name):
        return (rows.completion(gaps, declared, rows.said or "none", complete=True) for rows in already), True
    kinds, all_kinds = _kinds(gaps, declared, found)
    grown, all_lists = _grown(kinds, _most_counted(found))
    if len(already) * len(grown) > _MOST_LISTS:
        # Some of each: of what is recorded from the first to the last way, of what is new the shortest lists.
        stride = -(-len(already) // _MOST_RECORDED)
        already, all_lists = already[::stride], False
        grown = grown[: max(1, _MOST_LISTS // len(already))]
    return _made(gaps, declared, already, grown), all_kinds and all_lists and not found.is_joint


def _made(
    gaps: Gaps, declared: DataRequirement, already: list[Refined], grown: list[tuple[_Kind, ...]]
) -> Iterator[Completion]:
    for new in grown:
        rows = tuple(_numbered(kind.row, n) for n, kind in enumerate(new))
        for recorded in already:
            words = [recorded.said, *(kind.said for kind in new)]
            told = "; ".join(word for word in words if word) or ("none" if not recorded.rows else "no others")
            yield recorded.completion(gaps, declared, told, rows, complete=True)


def _numbered(row: Evidence, number: int) -> Evidence:
    return Evidence(
        f"{row.requirement}?{number}", row.requirement, row.value, row.when, codes=row.codes, fields=row.fields,
        origin="supposed", concepts=row.concepts,
    )  # fmt: skip


class _Kind:
    """One kind of entry: an entry of it, what it is in short, and what each taking of rows makes of it."""

    def __init__(self, row: Evidence, words: str, makes: tuple[Any, ...]) -> None:
        self.row, self.said, self.makes = row, words, makes


def _kinds(gaps: Gaps, declared: DataRequirement, found: Limits) -> tuple[list[_Kind], bool]:
    kept: dict[tuple[Any, ...], _Kind] = {}
    rows, is_all = _entries(gaps, declared, found)
    listings = [gaps.reading.listing(node) for node in found.takers]
    asked = [listing for listing in listings if listing is not None]
    for row, words in rows:
        only = Completion(declared.name, "", (row,), (), None, len(declared.concepts)).of(gaps.seen)
        values, _ = gaps.reading.tried_together(asked, only, gaps.as_of, gaps.values, _NOTHING)
        there = iter(values)
        taken = [listing is not None and next(there) is TRUE for listing in listings]
        makes = tuple(_makes(row, node) if once else None for node, once in zip(found.takers, taken, strict=True))
        kept.setdefault(makes, _Kind(row, words, makes))
        if len(kept) >= _MOST_KINDS:
            return list(kept.values()), False
    return list(kept.values()), is_all


def _makes(row: Evidence, node: AnyNode) -> Any:
    """What a node makes of an entry that it takes, the only one there is: once, or its key, or its value."""
    match node:
        case e.CountDistinct(_, key):
            return ("key", row.codes if key == "code" else repr(row.fields.get(key)))
        case e.RowValues(_, name):
            return ("value", repr(row.fields.get(name) if name != "value" else row.value))
    return ("once",)


def _entries(gaps: Gaps, declared: DataRequirement, found: Limits) -> tuple[Iterator[tuple[Evidence, str]], bool]:
    """Entries with every field that is read, in each of the ways that the limits tell apart."""
    read = fields_read(found)
    last = last_open_day(gaps, declared.name)
    days = [last, *(day for day in days_about(found, gaps.as_of) if day < last)] if "date" in read else [last]
    codes = _codes(declared, "code" in read)
    named = [f for f in declared.fields if f.name in read and f.name not in ("date", "code", "value")]
    fields = [values_of(f.type, found, gaps.as_of, words=f.values) for f in named]
    number = len(days) * len(codes) * prod(len(values.values) for values in fields)
    every = product(product(*(values.values for values in fields)), codes, days)
    stride = max(1, -(-number // _MOST_DRAWN))
    # A stride that shares no factor with a field's number of values meets all of them.
    while stride > 1 and any(stride % n == 0 for n in (2, 3, 5, 7) if number % n == 0):
        stride += 1

    def made() -> Iterator[tuple[Evidence, str]]:
        for values, (code, concepts), day in islice(every, 0, None, stride):
            filled: dict[str, Value] = dict(zip((f.name for f in named), values, strict=True))
            row = Evidence(
                f"{declared.name}?", declared.name, TRUE, exactly(day), codes=code, fields=filled,
                origin="supposed", concepts=concepts,
            )  # fmt: skip
            words = [f"{name} {said(value)}" for name, value in filled.items()]
            words += [f"on {day.isoformat()}"] if len(days) > 1 else []
            words += [str(code[0])] if len(codes) > 1 and code else []
            yield row, ", ".join(words) or "yes"

    is_all = stride == 1 and all(v.is_exact for v in fields) and len(declared.concepts) <= _MOST_CODES
    return made(), is_all or (stride == 1 and "code" not in read and all(v.is_exact for v in fields))


def _codes(declared: DataRequirement, is_read: bool) -> list[tuple[tuple[Code, ...], frozenset[int]]]:
    """A code of each concept where a rule tells codes apart; of the first concept where none does."""
    found: list[tuple[tuple[Code, ...], frozenset[int]]] = []
    for position, concept in enumerate(declared.concepts[: _MOST_CODES if is_read else 1]):
        code = min(concept)
        stem = Code(code.system, code.code.rstrip("*").rstrip("."))
        found.append(((stem,), frozenset({position})))
    return found or [((), frozenset())]


def _most_counted(found: Limits) -> int:
    """How often something may have to be there before a rule says anything new."""
    whole = [int(number) for number in found.numbers if number == int(number) and 0 <= number <= 6]
    counts = any(isinstance(node, e.Count | e.CountDistinct) for node in found.takers)
    return max(whole, default=0) + 1 if counts else 1


def _grown(kinds: list[_Kind], most: int) -> tuple[list[tuple[_Kind, ...]], bool]:
    """Lists of new entries, the empty one first, each of which says something new."""
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


def _state(made: tuple[_Kind, ...], most: int) -> tuple[Any, ...]:
    """What the takings of rows make of a list: how often, up to `most`; which keys; which values."""
    found: list[Any] = []
    for each in zip(*(kind.makes for kind in made), strict=True):
        there = [one for one in each if one is not None]
        keys = frozenset(one for one in there if one[0] == "key")
        values = tuple(sorted({one for one in there if one[0] == "value"}))
        found.append((min(sum(1 for one in there if one[0] == "once"), most), keys, values, bool(there)))
    return tuple(found) if any(any(part) for part in found) or made else ()
