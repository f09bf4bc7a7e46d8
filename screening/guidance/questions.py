"""Which missing items can still change a verdict, and which of them to ask first.

An item matters if somebody's answer to it, with some answers to others, makes the verdict another. Asking one that
does not matter would be a question for nothing.

Where few items are open the first question is the best there is (`optimum`); otherwise it comes from a plan that
is the best one if no item stands in two places of the rules.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from screening.guidance.answerable import answerable
from screening.guidance.cubes import Family
from screening.guidance.gaps import Gaps
from screening.guidance.kept import Kept
from screening.guidance.optimum import Optimum, Possible, optimum
from screening.guidance.parts import KeptPart, Part, Parts
from screening.guidance.plan import Plan, Planner, ratio
from screening.guidance.reading import Reading
from screening.guidance.tables import Tables
from screening.interpreters.reference import Law
from screening.language.library import Criterion, Library
from screening.outcome.determination import Verdict, verdict_of
from screening.outcome.question import BURDENS, Question
from screening.outcome.trace import Trace
from screening.record.subject import Subject

# How many combinations of answers are tried for one statement; fewer where somebody waits for the next question.
MOST_TRIED, MOST_DEEP, MOST_WHILE_ASKING = 1000, 400, 80


# What can end the matter is asked first, then what a physician has to weigh, then what has to be arranged.
_KINDS = {"absolute": 0, "relative": 1, "administrative": 2}


def _failing(criterion: Criterion, plan: Plan) -> Decimal:
    """The chance that a criterion speaks against the person, as far as its answers alone tell."""
    return 1 - plan.chance if criterion.category == "inclusion" else plan.chance


class Person:
    """One person on one day with everything that answers could make of the verdict."""

    def __init__(
        self,
        gaps: Gaps,
        most_tried: int = MOST_TRIED,
        anything: bool = False,
        kept: Kept[KeptPart] | None = None,
        is_deep: bool = False,
    ) -> None:
        self.gaps = gaps
        self.tables = Tables(gaps, most_tried, anything, is_deep)
        self.parts = Parts(gaps, self.tables, kept)
        self.verdict = verdict_of(*gaps.roots)
        self._order = {r.name: n for n, r in enumerate(gaps.reading.library.requirements)}

    def is_exact(self, part: Part) -> bool:
        """Whether nothing about a part was left out: every answer of every item, every combination."""
        return part.is_whole and all(self.tables.answers(item).is_exact for item in part.items)

    @cached_property
    def may_be_cleared(self) -> bool:
        """Whether answers can still make it ELIGIBLE."""
        if self.gaps.stays_contradicted() or self.gaps.is_stuck(relative=True):
            return False
        return all(part.clearing.cubes or part.clearing.beyond for part in self.parts.all)

    @cached_property
    def may_be_reviewed(self) -> bool:
        """Whether answers can still leave nothing but a review."""
        if self.gaps.is_stuck(relative=False):
            return False
        return all(part.reviewing.cubes or part.reviewing.beyond for part in self.parts.all)

    def matter(self) -> tuple[str, ...]:
        """The missing items whose answer can still change the verdict, in the order of the rule file."""
        if self.verdict in (Verdict.INELIGIBLE, Verdict.ELIGIBLE):
            return ()
        found: set[str] = set()
        for part in self.parts.all:
            for family in self._families(part):
                found |= part.needed(family, self._number)
                # What may be left out of it may turn on any of these that has an answer.
                found |= {item for item in family.beyond if self._number(item)}
        return tuple(sorted(found, key=self._order.__getitem__))

    @cached_property
    def shown(self) -> frozenset[str]:
        """Those of them of which there are answers to some others with which it turns on theirs.

        Of the others it is not known, since not every answer, or not every combination, could be tried. Where it
        is of none, it is looked for at more length.
        """
        found, mattering = self._shown(), self.matter()
        if self.tables.is_deep or not mattering or not found.isdisjoint(mattering):
            return found
        deeper = Person(self.gaps, MOST_DEEP, self.tables.anything, is_deep=True)
        deeper.tables.know({item: self.tables.answers(item) for item in self.gaps.missing()}, frozenset())
        return deeper._shown()

    def _shown(self) -> frozenset[str]:
        if self.verdict in (Verdict.INELIGIBLE, Verdict.ELIGIBLE):
            return frozenset()
        return frozenset(
            item
            for part in self.parts.all
            for family in self._families(part, is_shown=True)
            for item in part.needed(family, self._number)
        )

    def _families(self, part: Part, is_shown: bool = False) -> Iterator[Family]:
        """What of a part the verdict may turn on, as far as the other parts allow it; or are shown to."""
        yield part.barring
        if self.may_be_cleared and (not is_shown or all(other.clearing.cubes for other in self.parts.all)):
            yield part.clearing
        if self.may_be_reviewed and (not is_shown or all(other.reviewing.cubes for other in self.parts.all)):
            yield part.reviewing

    def ranked(self, burdens: Mapping[str, Decimal], chances: Mapping[str, Decimal]) -> tuple[Question, ...]:
        """The items that matter, the one to ask first at the front.

        Criteria are taken by what settling one costs for each time that it speaks against the person; within one
        its items are taken as its plan has them. What can only be reviewed or arranged comes after what can bar.
        Where every answer costs the same and `chances` are declared, it is asked by fail rate, without what cannot
        change anything; what is not known to change anything comes last of all.
        """
        mattering = self.matter()
        if not mattering:
            return ()
        requirements = self.gaps.reading.requirements

        def burden(item: str) -> Decimal:
            obtain = requirements[item].obtain
            return burdens.get(item, burdens.get(obtain, BURDENS.get(obtain, BURDENS["arrange"])))

        plans = self._plans(burden, tuple(sorted(burdens.items())))
        places: dict[str, tuple[tuple[int, Decimal, int], str, Decimal]] = {}
        for position, criterion in enumerate(self.gaps.reading.library.criteria):
            if not self.gaps.waits_of(criterion.id):
                continue
            plan = plans[criterion.id]
            failing = chances.get(criterion.id, _failing(criterion, plan))
            rank = _KINDS[criterion.strength]
            key = (rank, ratio(plan, failing if rank == 0 else Decimal(1)), position)
            for item in plan.items:
                if item not in places or key < places[item][0]:
                    places[item] = (key, criterion.id, failing)
        order: list[str] = []
        for _, id in sorted({(key, id) for key, id, _ in places.values()}):
            order += [item for item in plans[id].items if item not in order and item in mattering]
        order += [item for item in mattering if item not in order]
        if chances and len({burden(item) for item in order}) == 1:
            order = self._by_fail_rate(mattering, chances)
        elif (best := self.optimum(order, burden, chances)) is not None and (first := best.first()) is not None:
            order.sort(key=lambda item: item != first)
        # What is not known to change anything is asked when nothing else is left.
        order.sort(key=lambda item: item not in self.shown)
        return tuple(self._question(item, burden(item), places) for item in order)

    def _by_fail_rate(self, mattering: Sequence[str], chances: Mapping[str, Decimal]) -> list[str]:
        """By what speaks against people most often, item by item as it asks for them, without what cannot matter.

        Where every answer costs the same: any other order asks somebody more questions than asking by fail rate
        does, however few it asks in the mean.
        """
        order = self.gaps.open_criteria()
        often = sorted(order, key=lambda id: (-chances.get(id, Decimal(0)), order.index(id)))
        found = dict.fromkeys(item for id in often for item in self.gaps.in_order(id) if item in mattering)
        return [*found, *(item for item in mattering if item not in found)]

    def optimum(
        self, items: Sequence[str], burden: Callable[[str], Decimal], chances: Mapping[str, Decimal]
    ) -> Optimum | None:
        """The best order to ask for some items; None where it takes too long to find."""
        possible = Possible(self.parts.all, self.may_be_cleared, self.may_be_reviewed)
        return optimum(possible, {item: self._number(item) for item in items}, burden, chances)

    def _plans(self, burden: Callable[[str], Decimal], prices: Hashable) -> Mapping[str, Plan]:
        """How to ask for each open criterion; of a part that was found before as it was planned then."""
        planner = Planner(self.gaps, self.tables, burden)
        found: dict[str, Plan] = {}
        for part in self.parts.all:
            plans = part.plans.setdefault(prices, {})
            for id in part.criteria:
                if id not in plans:
                    plans[id] = planner.of(id)
            found |= plans
        return found

    def _question(
        self, item: str, burden: Decimal, places: Mapping[str, tuple[tuple[int, Decimal, int], str, Decimal]]
    ) -> Question:
        waiting = [id for id in self.gaps.open_criteria() if item in self.gaps.waits_of(id)]
        against = [id for id in waiting if any((id, item) in part.alone for part in self.parts.all)]
        place = places.get(item)
        chance = place[2] if place is not None and place[0][0] == 0 else Decimal(0)
        obtain = self.gaps.reading.requirements[item].obtain
        return Question(item, obtain, burden, tuple(waiting), tuple(against), chance, item in self.shown)

    def _number(self, item: str) -> int:
        return len(self.tables.answers(item).answers)


class Questions:
    """A library, made ready once for all the questions of an interview.

    `most_tried` bounds how many combinations of answers are tried for a statement that weighs several missing
    items. Beyond it what is told is sound and perhaps not all; `Person.is_exact` says of which part.
    """

    def __init__(self, library: Library, most_tried: int = MOST_WHILE_ASKING) -> None:
        self.library, self.most_tried = library, most_tried
        self.is_deep = most_tried > MOST_WHILE_ASKING
        self.reading = Reading(library)
        self._kept: Kept[KeptPart] = Kept()

    @cached_property
    def law(self) -> Law:
        """The law of the library, for who has no trace of a person at hand."""
        return Law(self.library)

    def person(self, subject: Subject, as_of: datetime.date, trace: Trace | None = None) -> Person:
        """What answers could make of the verdict of one person; `trace` is the law's, if it is at hand."""
        gaps = Gaps(self.reading, subject, as_of, trace or self.law.trace(subject, as_of))
        return Person(answerable(gaps), self.most_tried, kept=self._kept, is_deep=self.is_deep)

    def matter(self, subject: Subject, as_of: datetime.date) -> tuple[str, ...]:
        """The missing items whose answer can still change the verdict, in the order of the rule file.

        None that matters is left out. Exact where every answer of an item and every combination can be tried;
        what a statement weighs whose answers are only sampled (a formula over several missing numbers, a long
        list) is named as long as an answer that was not tried might change the verdict, which it may turn out not
        to; `Person.shown` are those of which it is known. What rests on settled criteria alone, or on statements
        that can never come out, is not named, nor what nobody can answer without contradicting the record.
        """
        return self.person(subject, as_of).matter()

    def ranked(
        self,
        subject: Subject,
        as_of: datetime.date,
        burdens: Mapping[str, Decimal] = BURDENS,
        chances: Mapping[str, Decimal] | None = None,
    ) -> tuple[Question, ...]:
        """The missing items that can still change the verdict, the one to ask first at the front.

        `burdens` are what items cost, by requirement or by the way in which they are obtained; `chances` how often
        a criterion speaks against somebody, by its id.
        """
        return self.person(subject, as_of).ranked(burdens, chances or {})


def matter(library: Library, subject: Subject, as_of: datetime.date) -> tuple[str, ...]:
    """`Questions(library).matter(...)` for one person."""
    return Questions(library).matter(subject, as_of)


def ranked(
    library: Library,
    subject: Subject,
    as_of: datetime.date,
    burdens: Mapping[str, Decimal] = BURDENS,
    chances: Mapping[str, Decimal] | None = None,
) -> tuple[Question, ...]:
    """`Questions(library).ranked(...)` for one person."""
    return Questions(library).ranked(subject, as_of, burdens, chances)
