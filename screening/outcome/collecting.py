"""Which missing items, collected for how many people, could settle how many verdicts and standings of a cohort.

Somebody's open items are those that keep any criterion open. Where all of them are answered, no other item is
open, and answers that leave nothing unknown settle verdict and standing, whatever they are. Where only some of
those are answered that keep an absolute or an administrative criterion open, an answer could still settle the
verdict: by a bar, or because it makes another item idle. So the number of verdicts that some items settle lies
between two counts; neither says which way it would go.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from math import comb

from screening.values.frozen import dataclass

MOST_ITEMS = 5
# So many unions of open items are made, or else so many sets looked at, before the best is only sought greedily.
MOST_TRIED, MOST_SETS = 400_000, 100_000


@dataclass(frozen=True, slots=True)
class Lacking:
    """People who are alike: UNDETERMINED, with these open items.

    `deciding` are those of the items that keep an absolute or an administrative criterion open. `is_anchored` says
    whether every anchor is on record; `is_arranged` is false where something known is still to be arranged, so
    that no answer settles the verdict.
    """

    items: frozenset[str]
    deciding: frozenset[str]
    people: int
    is_anchored: bool = True
    is_arranged: bool = True


@dataclass(frozen=True, slots=True)
class Collected:
    """What collecting some items could do.

    `lacking` people lack at least one of the items. `settled` of them have no other open item: answers that
    leave nothing unknown settle their verdict. `standings` of these have not every anchor on record: their
    standing is settled too. `partly` are further people whose verdict an answer could settle though other items
    stay open. `is_best` says that no other items of that number settle more people; otherwise they were sought one
    after the other.
    """

    items: tuple[str, ...]
    lacking: int
    settled: int
    standings: int
    partly: int
    is_best: bool = True

    @property
    def could(self) -> int:
        """At most so many people's verdicts could be settled: an upper bound, `settled` the lower one."""
        return self.settled + self.partly


def collected(groups: Sequence[Lacking], items: Sequence[str], is_best: bool = True) -> Collected:
    """What collecting these items from everybody who lacks them could do.

    >>> groups = [Lacking(frozenset("A"), frozenset("A"), 3), Lacking(frozenset("AB"), frozenset("B"), 4)]
    >>> collected(groups, ["B"]).settled, collected(groups, ["B"]).could, collected(groups, ["A", "B"]).settled
    (0, 4, 7)
    """
    wanted = frozenset(items)
    counted: Counter[str] = Counter()
    for group in groups:
        if group.items & wanted:
            _count(counted, group, group.items <= wanted, bool(group.deciding & wanted))
    return _made(tuple(items), counted, is_best)


def _made(items: tuple[str, ...], counted: Counter[str], is_best: bool = True) -> Collected:
    numbers = (counted[name] for name in ("lacking", "settled", "standings", "partly"))
    lacking, settled, standings, partly = numbers
    return Collected(items, lacking, settled, standings, partly, is_best)


def _count(counted: Counter[str], group: Lacking, is_all: bool, is_deciding: bool) -> None:
    counted["lacking"] += group.people
    if not group.is_arranged:
        # What is known to be arranged still keeps the verdict open; an answer can only rule out.
        counted["partly"] += group.people if is_deciding else 0
    elif is_all:
        counted["settled"] += group.people
        counted["standings"] += 0 if group.is_anchored else group.people
    elif is_deciding:
        counted["partly"] += group.people


def alone(groups: Sequence[Lacking]) -> list[Collected]:
    """Each item by itself, the one that settles most people first."""
    counted: dict[str, Counter[str]] = {}
    for group in groups:
        for name in group.items:
            _count(counted.setdefault(name, Counter()), group, len(group.items) == 1, name in group.deciding)
    found = [_made((name,), each) for name, each in counted.items()]
    return sorted(found, key=lambda each: (-each.settled, -each.partly, -each.lacking, each.items))


def best(groups: Sequence[Lacking], most: int = MOST_ITEMS) -> list[Collected]:
    """For each number of items up to `most`, those that settle most people; fewer where fewer are open.

    Among sets that settle as many the first in alphabetical order is taken. A number of items of which no set
    settles more people than a smaller one does is left out.
    """
    counts: Counter[int] = Counter()
    small = [group for group in groups if group.is_arranged and 0 < len(group.items) <= most]
    names = sorted({name for group in small for name in group.items})
    bits = {name: 1 << n for n, name in enumerate(names)}
    for group in small:
        counts[sum(bits[name] for name in group.items)] += group.people
    unions = _unions(list(counts), most)
    found: list[Collected] = []
    last = 0
    for number in range(1, min(most, len(names)) + 1):
        among = _among(unions, list(bits.values()), number)
        is_best = among is not None
        if among is None:
            # Too many sets: what one group lacks is added to the items before, so that most are settled.
            among = [last | mask for mask in counts if (last | mask).bit_count() <= number]
        chosen = max(among, key=lambda mask: (_settled(counts, mask), -mask.bit_count(), -mask), default=last)
        if _settled(counts, chosen) > _settled(counts, last):
            items = [name for name in names if bits[name] & chosen]
            found.append(collected(groups, items, is_best))
            last = chosen
    return found


def _among(unions: set[int] | None, bits: Sequence[int], number: int) -> Iterable[int] | None:
    """Sets of so many items, the best among them; None where there are too many to look at."""
    if unions is not None:
        return [mask for mask in unions if mask.bit_count() <= number]
    if comb(len(bits), number) > MOST_SETS:
        return None
    return (sum(chosen) for chosen in combinations(bits, number))


def _settled(counts: Mapping[int, int], mask: int) -> int:
    """People all of whose open items are in a set: a set of five has 31 parts."""
    total, part = 0, mask
    while part:
        total += counts.get(part, 0)
        part = (part - 1) & mask
    return total


def _unions(masks: Sequence[int], most: int) -> set[int] | None:
    """All unions of at most so many items; None where there are too many to look at.

    INVARIANT: the best set is one of them, but for items in it that settle nobody.
    """
    found = set(masks)
    waiting = list(found)
    tried = 0
    while waiting:
        mask = waiting.pop()
        tried += len(masks)
        if tried > MOST_TRIED:
            return None
        for other in masks:
            union = mask | other
            if union not in found and union.bit_count() <= most:
                found.add(union)
                waiting.append(union)
    return found
