"""The open criteria of one person in parts that share no missing item, and what settles each part.

The roots of a verdict are conjunctions and disjunctions of criteria, so what settles the whole is put together
from the parts: one of them suffices for INELIGIBLE, each of them is needed for ELIGIBLE.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import field
from functools import cached_property

from screening.guidance.clearing import Wanted, together
from screening.guidance.completions import Answers
from screening.guidance.cubes import UNANSWERED, Cube, Family, asked, both, either, is_within, point
from screening.guidance.gaps import Gaps, Group, grouped
from screening.guidance.kept import Kept
from screening.guidance.plan import Plan
from screening.guidance.rails import Statements
from screening.guidance.tables import Tables
from screening.language.library import Criterion
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE

_MOST_STEPS, _MOST_CUBES = 40, 2


@dataclass(frozen=True)
class Part:
    """Some criteria with every missing item that they wait for; no other criterion waits for any of them.

    `barring` are the answers by which one of them speaks against, `clearing` those with which none of them is left
    open, `reviewing` those with which nothing but the physician's review is left open;
    `alone` names criteria with an item of which some answer makes them speak against, whatever else is answered.
    `plans` keeps in which order to ask for them, by what items cost.
    """

    criteria: tuple[str, ...]
    items: frozenset[str]
    barring: Family
    clearing: Family
    reviewing: Family
    contradictions: tuple[Cube, ...]
    alone: frozenset[tuple[str, str]] = frozenset()
    plans: dict[Hashable, dict[str, Plan]] = field(default_factory=dict, compare=False)
    _needed: dict[int, frozenset[str]] = field(default_factory=dict, compare=False)

    def needed(self, family: Family, answers: Callable[[str], int]) -> frozenset[str]:
        """The items on which one of its families is shown to turn; found once."""
        # INVARIANT: the families live as long as the part does.
        if id(family) not in self._needed:
            self._needed[id(family)] = needed(family, self.contradictions, answers)
        return self._needed[id(family)]

    @property
    def is_whole(self) -> bool:
        """Whether every combination of the listed answers was looked at."""
        return self.barring.is_all and self.clearing.is_all and self.reviewing.is_all


# A part with the answers to its items, and those of them of which not every combination was tried.
KeptPart = tuple[Part, Mapping[str, Answers], frozenset[str]]


class Parts:
    """All parts of one person; made criterion by criterion when they are asked for."""

    def __init__(self, gaps: Gaps, tables: Tables, kept: Kept[KeptPart] | None = None) -> None:
        self.gaps, self.tables, self.kept = gaps, tables, kept
        self.statements = Statements(gaps, tables)
        self.criteria = {c.id: c for c in gaps.reading.library.criteria}

    @cached_property
    def groups(self) -> list[Group]:
        """The open criteria that share missing items, directly or through others, with those items."""
        open_ones = [((id,), self.gaps.waits_of(id)) for id in self.gaps.open_criteria()]
        # What measures one thing twice goes together too: such answers may contradict each other.
        alike = [((), self.tables.measured(node)) for node in self.gaps.reading.agreeing]
        alike += [((), self.gaps.bearing_on(node)) for node in self.gaps.contradicted]
        order = {id: n for n, id in enumerate(self.criteria)}
        found = [group for group in grouped([*open_ones, *alike]) if group[0]]
        ordered = [(tuple(sorted(ids, key=order.__getitem__)), items) for ids, items in found]
        return sorted(ordered, key=lambda group: order[group[0][0]])

    @cached_property
    def all(self) -> tuple[Part, ...]:
        return tuple(self._kept(ids, items) for ids, items in self.groups)

    def _kept(self, ids: tuple[str, ...], items: frozenset[str]) -> Part:
        """A part as it was found before, if nothing that bears on it is recorded otherwise; or made anew."""
        if self.kept is None:
            return self._part(ids, items)
        key = self.kept.key(self.gaps, ids, items)
        known = self.kept.found(key)
        if known is None:
            part = self._part(ids, items)
            known = (part, {item: self.tables.answers(item) for item in items}, items & self.tables.cut)
            self.kept.keep(key, known)
        part, answers, cut = known
        self.tables.know(answers, cut)
        return part

    def _part(self, ids: tuple[str, ...], items: frozenset[str]) -> Part:
        criteria = [self.criteria[id] for id in ids]
        barring = either(self.against(c) for c in criteria if c.strength == "absolute")
        contradicted = [n for n in self.gaps.contradicted if not items.isdisjoint(self.gaps.bearing_on(n))]
        resolving = [self.tables.resolving(node) for node in contradicted]
        clearing = both([*(self._clearing(c) for c in criteria), *resolving])
        reviewed = [c for c in criteria if c.strength != "relative"]
        reviewing = both(self._reviewing(c) for c in reviewed)
        if self.tables.is_deep and not contradicted:
            clearing = self._together(clearing, [(c, c.id, self._clearing(c)) for c in criteria])
            favourable = self.gaps.reading.favourable
            reviewing = self._together(reviewing, [(c, favourable(c), self._reviewing(c)) for c in reviewed])
        contradicting = self._contradictions(items)
        return Part(
            ids,
            items,
            self._possible(barring, contradicting),
            self._possible(clearing, contradicting),
            self._possible(reviewing, contradicting),
            contradicting.cubes,
            frozenset(self._alone(criteria)),
        )

    def _together(self, family: Family, criteria: Iterable[tuple[Criterion, str, Family]]) -> Family:
        """A family with one way at least to be met, if one is found where not every one was tried."""
        if family.cubes or not family.beyond:
            return family
        expressions = self.gaps.reading.expressions
        wanted = [
            Wanted(expressions[name], TRUE if criterion.category == "inclusion" else FALSE, known)
            for criterion, name, known in criteria
        ]
        found = together(self.tables, wanted)
        return family if found is None else Family((found,), False, family.beyond)

    def _alone(self, criteria: Iterable[Criterion]) -> Iterator[tuple[str, str]]:
        for criterion in criteria:
            cubes = self.against(criterion).cubes if criterion.strength == "absolute" else ()
            yield from ((criterion.id, next(iter(asked(cube)))) for cube in cubes if len(asked(cube)) == 1)

    def _contradictions(self, items: frozenset[str]) -> Family:
        """The answers to some items that contradict one another or what is recorded, below any criterion."""
        measured = self.tables.measured
        agreeing = [node for node in self.gaps.reading.agreeing if not items.isdisjoint(measured(node))]
        return either(self.tables.contradicting(node) for node in agreeing)

    def _possible(self, family: Family, contradicted: Family) -> Family:
        """The cubes of a family inside which somebody can be without contradicting themselves."""
        is_all = family.is_all and contradicted.is_all
        if not contradicted.cubes:
            return Family(family.cubes, is_all, family.beyond)
        possible = tuple(c for c in family.cubes if point(c, contradicted.cubes) is not None)
        return Family(possible, is_all, family.beyond)

    def against(self, criterion: Criterion) -> Family:
        """What makes a criterion speak against the person."""
        rails = self.statements.of(criterion.id)
        return rails.false if criterion.category == "inclusion" else rails.true

    def _clearing(self, criterion: Criterion) -> Family:
        rails = self.statements.of(criterion.id)
        return rails.true if criterion.category == "inclusion" else rails.false

    def _reviewing(self, criterion: Criterion) -> Family:
        """What leaves nothing open of a criterion but Judgements: the reading in the person's favour clears it."""
        rails = self.statements.of(self.gaps.reading.favourable(criterion))
        return rails.true if criterion.category == "inclusion" else rails.false


def causing(part: Part) -> Family:
    """Of what leaves a part to the review: where something is left for it, the part not cleared altogether."""
    found = [c for c in part.reviewing.cubes if point(c, (*part.clearing.cubes, *part.contradictions)) is not None]
    beyond = part.reviewing.beyond | part.clearing.beyond
    return Family(tuple(found), part.reviewing.is_all and part.clearing.is_all, beyond)


def item_sets(family: Family) -> tuple[frozenset[str], ...]:
    """The smallest sets of items by whose answers a family can be met, none inside another; the least first."""
    found: list[frozenset[str]] = []
    for items in sorted({asked(cube) for cube in family.cubes}, key=lambda s: (len(s), sorted(s))):
        if not any(other <= items for other in found):
            found.append(items)
    return tuple(found)


def needed(family: Family, contradictions: tuple[Cube, ...], answers: Callable[[str], int]) -> frozenset[str]:
    """The items of a family on whose answer it turns for somebody, shown by the answers of such a person.

    `answers` says how many answers an item has. Whatever was left out of the family may turn on those of
    `Family.beyond` as well, which is not shown.
    """
    found: set[str] = set()
    tried: Counter[str] = Counter()
    for cube in family.cubes:
        for item in cube.keys() - found:
            # Of what is asked anyway it is no great loss if it is not shown: that is not looked for at length.
            most = _MOST_STEPS if item in family.beyond else None
            tried[item] += 1
            if (most is None or tried[item] <= _MOST_CUBES) and _turns(
                cube, item, family, contradictions, answers, most
            ):
                found.add(item)
    return frozenset(found)


def _turns(
    cube: Cube,
    item: str,
    family: Family,
    contradictions: tuple[Cube, ...],
    answers: Callable[[str], int],
    most: int | None,
) -> bool:
    """Whether it turns on an item for somebody inside a cube."""
    if not cube[item] & UNANSWERED:
        return _is_needed(cube, item, family, contradictions, most)
    # It holds while the item is left unanswered: it turns on the item if some answer ends it.
    elsewhere = {**cube, item: (1 << answers(item) + 1) - 2}
    return bool(elsewhere[item]) and point(elsewhere, (*family.cubes, *contradictions), most) is not None


def _is_needed(cube: Cube, item: str, family: Family, contradictions: tuple[Cube, ...], most: int | None) -> bool:
    """Whether somebody inside a cube meets the family with an item and does not meet it without."""
    rest = _without(cube, item)
    without = [_without(other, item) for other in family.cubes if other.get(item, UNANSWERED) & UNANSWERED]
    if any(is_within(rest, other) for other in without):
        return False
    return point(cube, (*without, *contradictions), most) is not None


def _without(cube: Cube, item: str) -> Cube:
    return {i: bits for i, bits in cube.items() if i != item} if item in cube else cube
