"""What would have to be otherwise for a bar to fall, or for the verdict to be ELIGIBLE: the smallest sets.

Only facts that the rule file calls modifiable by the treating clinician, and never one of a sensitive kind. A set
is tried with every answer to its facts that the rules tell apart, the rest of the record as it is. It is told only
if the law says so of an answer, and nothing of a set with fewer of its facts. Answers that contradict each other,
or the rest of the record, are none: a bar does not fall because nobody knows any more what is so.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations

from screening.errors import DefectError
from screening.guidance.bounding import bounding, is_between, is_inside, nearest_to, number_of, with_number
from screening.guidance.completion_value import usable, values_of
from screening.guidance.completions import answers
from screening.guidance.gaps import Gaps
from screening.guidance.limits import limits
from screening.guidance.reading import Reading
from screening.guidance.sufficient import recorded
from screening.interpreters.compiled import Compiled, Screened
from screening.interpreters.reference import Law
from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import BY_CLINICIAN, ROOTS, Criterion, Library
from screening.outcome.completion import Completion
from screening.outcome.determination import Verdict, is_bar, verdict_of
from screening.outcome.near import Aim, Counterfactual, Limit, Otherwise
from screening.record.subject import Subject
from screening.values.bounds import Bounds, is_exact
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, Truth

# Sets of so many facts are always looked for; larger ones, up to the second number, only if there is none.
MOST_FACTS, MOST_AT_ALL = 2, 3
MOST_TRIED = 4000
Answered = tuple[Completion, ...]


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: of a criterion, and of a whole verdict; whether nothing may be left to review."""

    allows: Callable[[Criterion, Truth], bool]
    holds: Callable[[Screened], bool]
    is_review_over: bool


def modifiable(library: Library, subject: Subject) -> tuple[str, ...]:
    """The recorded facts that the treating clinician may make otherwise, in the order of the library."""
    named = {r.name for r in library.requirements if r.modifiable == BY_CLINICIAN and not r.is_sensitive}
    return tuple(name for name in recorded(library, subject) if name in named)


class Counterfactuals:
    """One person under one library on one day, ready to be asked."""

    def __init__(self, library: Library, subject: Subject, as_of: datetime.date) -> None:
        self.library, self.as_of, self.person = library, as_of, subject.as_of(as_of)
        self.compiled, self.law, self.reading = Compiled(library), Law(library), Reading(library)
        self.names = modifiable(library, self.person)
        self.now = self.compiled.verdict(self.person, as_of)
        expressions = dict(library.order)
        steps = {step.place: step.value for step in self.law.trace(self.person, as_of).steps if not step.row}
        nodes = [node for node in parts(expressions["review"]) if isinstance(node, e.Contradicted)]
        ids = {node.criterion for node in nodes if steps[node.place] is TRUE}
        self.contradicted = tuple(c for c in library.criteria if c.id in ids)
        self.below = {c.id: _below(c.expression, expressions).intersection(self.names) for c in library.criteria}
        # By what may contradict itself the facts that it weighs, and by a set of them what does so without them.
        self.clashing = [(n, self.reading.read_by(n)) for n in self.reading.clashing]
        self._rest: dict[frozenset[str], Gaps] = {}

    def bars(self) -> tuple[Criterion, ...]:
        """The criteria that bar on the day."""
        return tuple(c for c in self.library.criteria if is_bar(c, self.now.criteria[c.id]))

    def present(self) -> tuple[Criterion, ...]:
        """The criteria that bar, and the relative exclusions that are present."""
        return tuple(c for c in self.library.criteria if _is_present(c, self.now.criteria[c.id]))

    def lifting(self, criterion: Criterion) -> Aim:
        """The smallest sets with which one of these would be so no longer, and nothing else would newly bar."""
        now = {c.id for c in self.bars()} - {criterion.id}

        def allows(other: Criterion, truth: Truth) -> bool:
            if other.id == criterion.id:
                return not _is_present(other, truth)
            return other.id in now or not is_bar(other, truth)

        def holds(found: Screened) -> bool:
            return all(allows(c, found.criteria[c.id]) for c in self.library.criteria)

        return self._aim(criterion.id, False, allows, holds)

    def no_bar(self) -> Aim:
        """The smallest sets with which nothing would bar."""
        return self._aim(
            "", False, lambda c, truth: not is_bar(c, truth), lambda found: found.eligible is not FALSE
        )

    def eligible(self) -> Aim:
        """The smallest sets with which the verdict would be ELIGIBLE."""
        return self._aim("", True, _is_favourable, lambda found: verdict_of(*found[:4]) is Verdict.ELIGIBLE)

    def _aim(
        self,
        criterion: str,
        is_eligible: bool,
        allows: Callable[[Criterion, Truth], bool],
        holds: Callable[[Screened], bool],
    ) -> Aim:
        search = _Search(self, _Wanted(allows, holds, is_eligible))
        sets = tuple(search.found())
        return Aim(criterion, is_eligible, self.as_of, sets, search.is_complete)

    def without(self, names: Sequence[str]) -> Subject:
        """The person of whom nothing is recorded for some requirements."""
        left = [
            {n: x for n, x in of.items() if n not in names}
            for of in (self.person.evidence, self.person.absences, self.person.complete)
        ]
        evidence, absences, complete = left
        return replace(self.person, evidence=evidence, absences=absences, complete=complete)  # type: ignore[arg-type]

    def said(self, answered: Answered) -> Screened:
        """What is said of the person with some facts answered otherwise."""
        subject = self.person
        for answer in answered:
            subject = answer.of(subject)
        return self.compiled.verdict(subject, self.as_of)

    def contradicts(self, answered: Answered) -> bool:
        """Whether answers contradict each other, or what is recorded besides and does not contradict itself."""
        names = frozenset(answer.requirement for answer in answered)
        weighed = [node for node, read in self.clashing if not read.isdisjoint(names)]
        if not weighed:
            return False
        if names not in self._rest:
            self._rest[names] = self.gaps(self.without(tuple(names)))
        rest = self._rest[names]
        return any(n.place in rest.conflicts_at(n, answered) - rest.conflicts for n in weighed)

    def may_clash(self, name: str) -> bool:
        """Whether a fact is one of several that can contradict each other."""
        return any(name in read for _, read in self.clashing)

    def gaps(self, subject: Subject) -> Gaps:
        return Gaps(self.reading, subject, self.as_of, self.law.trace(subject, self.as_of))


class _Search:
    """The sets of facts that bring what is wanted."""

    def __init__(self, of: Counterfactuals, wanted: _Wanted) -> None:
        self.of, self.wanted = of, wanted
        self.is_complete = True
        self.tried = 0

    def found(self) -> Iterator[Counterfactual]:
        """Every set of which none is in vain, the smallest first."""
        of = self.of
        against = [c for c in of.library.criteria if not self.wanted.allows(c, of.now.criteria[c.id])]
        # What contradicts itself is reviewed, however its criterion stands.
        against += [c for c in of.contradicted if self.wanted.is_review_over and c not in against]
        if not against or any(not of.below[c.id] for c in against):
            return
        known: list[frozenset[str]] = []
        for size in range(1, min(MOST_AT_ALL, len(of.names)) + 1):
            if known and size > MOST_FACTS:
                return
            for names in combinations(of.names, size):
                one = frozenset(names)
                if not any(other <= one for other in known) and self.may_do(one, against):
                    made = self.made(names)
                    if made is not None:
                        known.append(one)
                        yield made
        self.is_complete &= len(of.names) <= MOST_AT_ALL or bool(known)

    def may_do(self, names: frozenset[str], against: Sequence[Criterion]) -> bool:
        """Whether a set reaches everything that stands against, and no fact of it is beside the point."""
        below = self.of.below
        if any(below[c.id].isdisjoint(names) for c in against):
            return False
        reached = frozenset(name for c in against for name in below[c.id]) & names
        while True:
            # A fact that no criterion weighs together with one that is needed could as well stay as it is.
            more = frozenset(n for b in below.values() if not b.isdisjoint(reached) for n in b) & names
            if more == reached:
                return reached == names
            reached = more

    def made(self, names: Sequence[str]) -> Counterfactual | None:
        """What would have to be so of a set of facts; None if no answer to them brings it."""
        was_complete = self.is_complete
        tried = [(answered, self.holds(answered)) for answered in self.answered(names, ())]
        doing = [answered for answered, fits in tried if fits]
        if not doing:
            # One of the answers that the rules do not tell apart may contradict nothing.
            self.is_complete &= not any(self.of.contradicts(answered) for answered, _ in tried)
            return None
        self.is_complete = was_complete  # It is there, however many answers were not looked at.
        nearest = min(doing, key=self.distance)
        # As near to what is recorded as the others of the set let it be, one after the other.
        for position in range(len(names)):
            nearest = self.moved(nearest, position)
        told = self.law_says(nearest)
        facts = [self.otherwise(nearest, position) for position in range(len(names))]
        depends = any(_within(answered, facts) and not fits for answered, fits in tried)
        if len(facts) > 1 and (depends or any(_is_one_number(fact.limits) for fact in facts)):
            facts = [replace(fact, is_instance=True) for fact in facts]
        return Counterfactual(tuple(facts), told)

    def holds(self, answered: Answered) -> bool:
        """Whether answers bring what is wanted."""
        return self.wanted.holds(self.of.said(answered)) and not self.of.contradicts(answered)

    def answered(self, names: Sequence[str], given: Answered) -> Iterator[Answered]:
        """The facts answered one after the other, each with what the rules tell apart after those before it."""
        if len(given) == len(names):
            yield given
            return
        subject = self.of.without(names[len(given) :])
        for answer in given:
            subject = answer.of(subject)
        found = self.answers(subject, names[len(given)])
        if not found and self.of.may_clash(names[len(given)]) and (len(names) > 1 or self.of.contradicted):
            # It settles nothing, but might have to change, alone or with the others, for the record to agree.
            self.is_complete = False
        for answer in found:
            yield from self.answered(names, (*given, answer))

    def answers(self, subject: Subject, name: str) -> Answered:
        """Every answer to a fact that is not on record, as far as the rules tell them apart."""
        self.tried += 1
        if self.tried > MOST_TRIED:
            self.is_complete = False
            return ()
        found = answers(self.of.gaps(subject), name)
        self.is_complete &= found.is_exact
        return found.answers

    def distance(self, answered: Answered) -> tuple[object, ...]:
        """How far the numbers of an answer lie from those that are recorded: the nearest is told."""
        far = []
        for answer in answered:
            number, now = number_of(answer.rows), number_of(self.of.person.evidence.get(answer.requirement, ()))
            far.append(abs(number - now) / (abs(now) + 1) if number is not None and now is not None else 0)
        return (sum(far), *far)

    def law_says(self, answered: Answered) -> Verdict:
        """The verdict of the law with an answer. Raises DefectError where it does not bring what is wanted."""
        subject = self.of.person
        for answer in answered:
            subject = answer.of(subject)
        values = self.of.law.evaluate(subject, self.of.as_of)
        roots = [values[root] for root in ROOTS]
        criteria = {c.id: values[c.id] for c in self.of.library.criteria}
        screened = Screened(roots[0], roots[1], roots[2], roots[3], criteria, (), ())  # type: ignore[arg-type]
        if not self.wanted.holds(screened):
            raise DefectError("the law does not say of an answer what the compiled form says")
        return verdict_of(*roots)  # type: ignore[arg-type]

    def moved(self, answered: Answered, position: int) -> Answered:
        """The same answers, the number of one fact as near to what is recorded as the others let it be."""
        mine = answered[position]
        now = number_of(self.of.person.evidence.get(mine.requirement, ()))
        if now is None or number_of(mine.rows) is None:
            return answered
        number = nearest_to(now, self.ends(answered, position), self.is_whole(mine))
        nearer = self.put(answered, position, with_number(mine, number))
        return nearer if self.holds(nearer) else answered

    def otherwise(self, answered: Answered, position: int) -> Otherwise:
        """What would have to be so of one fact, the others of its set being answered."""
        mine = answered[position]
        number = number_of(mine.rows)
        if number is not None:
            limits = self.ends(answered, position)
            now = number_of(self.of.person.evidence.get(mine.requirement, ()))
            if len(answered) > 1 and now is not None and not _is_one_number(limits):
                # How far it might go the other way is a matter of the others, unless they leave it one number.
                limits = tuple(each for each in limits if is_between(each, number, now))
            return Otherwise(mine.requirement, limits)
        beside = [
            (answer, self.holds(self.put(answered, position, answer)))
            for answer in self.beside(answered, position)
        ]
        said = (mine.said, *(answer.said for answer, fits in beside if fits))
        return Otherwise(mine.requirement, said=tuple(dict.fromkeys(said)))

    def ends(self, answered: Answered, position: int) -> tuple[Limit, ...]:
        """Between which limits the number of one fact does, the others of its set being answered."""
        mine = answered[position]
        number = number_of(mine.rows)
        assert number is not None
        numbers = {number: True}
        for other in self.numbers(answered, position):
            numbers[other] = self.holds(self.put(answered, position, with_number(mine, other)))
        return bounding(
            number,
            numbers,
            self.is_whole(mine),
            lambda middle: self.holds(self.put(answered, position, with_number(mine, middle))),
        )

    def numbers(self, answered: Answered, position: int) -> set[Decimal]:
        """A number of every stretch that the limits of the rules cut, the others of the set being answered."""
        gaps, requirement = self.gaps_beside(answered, position), answered[position].requirement
        declared = self.of.library.requirement(requirement)
        cut = values_of(declared.type, limits(gaps, requirement), self.of.as_of, usable(declared)).values
        found = {Decimal(v.low) for v in cut if isinstance(v, Bounds) and is_exact(v)}
        told = (number_of(answer.rows) for answer in answers(gaps, requirement).answers)
        return found | {number for number in told if number is not None}

    def gaps_beside(self, answered: Answered, position: int) -> Gaps:
        """What is open where one fact of a set is not on record, and the others are answered."""
        subject = self.of.without((answered[position].requirement,))
        for number, answer in enumerate(answered):
            if number != position:
                subject = answer.of(subject)
        return self.of.gaps(subject)

    def beside(self, answered: Answered, position: int) -> Answered:
        """Every answer to one fact that the rules tell apart, the others of its set being answered."""
        return answers(self.gaps_beside(answered, position), answered[position].requirement).answers

    def put(self, answered: Answered, position: int, answer: Completion) -> Answered:
        return (*answered[:position], answer, *answered[position + 1 :])

    def is_whole(self, answer: Completion) -> bool:
        return self.of.library.requirement(answer.requirement).type.name == "Integer"


def _is_one_number(limits: Sequence[Limit]) -> bool:
    """Whether limits leave a single number, which is then a matter of the other facts of the set."""
    return len({limit.value for limit in limits}) < len(limits)


def _within(answered: Answered, facts: Sequence[Otherwise]) -> bool:
    """Whether answers are such as a set of facts says that they would have to be."""
    for answer, fact in zip(answered, facts, strict=True):
        number = number_of(answer.rows)
        if number is None or fact.said:
            if answer.said not in fact.said:
                return False
        elif not all(is_inside(number, limit) for limit in fact.limits):
            return False
    return True


def _is_present(criterion: Criterion, truth: Truth) -> bool:
    return is_bar(criterion, truth) or (criterion.strength == "relative" and truth is TRUE)


def _is_favourable(criterion: Criterion, truth: Truth) -> bool:
    return truth is (FALSE if criterion.category == "exclusion" else TRUE)


def _below(node: AnyNode, expressions: dict[str, e.Expression], seen: set[str] | None = None) -> frozenset[str]:
    """The requirements that a node rests on."""
    seen = set() if seen is None else seen
    if isinstance(node, e.Retrieve):
        return frozenset((node.requirement,))
    inner: tuple[AnyNode, ...] = parts(node)
    if isinstance(node, e.Reference):
        inner = () if node.name in seen else (expressions[node.name],)
        seen.add(node.name)
    return frozenset[str]().union(*(_below(part, expressions, seen) for part in inner))
