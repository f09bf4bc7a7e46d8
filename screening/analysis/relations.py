"""What criteria say of each other: one says all that another says; two, or all of them, that nobody satisfies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from screening.analysis.proofs import Proofs, is_eligible, truth_of_name
from screening.analysis.search import Search
from screening.analysis.witness import Values
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import every_part, requirement_of
from screening.interpreters.symbolic_term import Formula, both, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import WHOLE, Criterion, Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.record.subject import Evidence, Subject
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE


class Known(NamedTuple):
    """Who of the people seen so far comes out how for a criterion: one bit for each person."""

    met: int
    failed: int


class Pairs:
    """The criteria of a library that can be met and failed, two by two: those that ask for something in common.

    Two criteria that rest on nothing in common say nothing of each other: each of their truths can be had beside
    each of the other's.
    """

    def __init__(self, library: Library, proofs: Proofs, search: Search) -> None:
        self.library, self.proofs, self.search = library, proofs, search
        self.asked = {c.id: requirements_of(library, c) for c in library.criteria if c.id != WHOLE}
        self._known = dict.fromkeys((c.id for c in library.criteria), Known(0, 0))
        self._seen = 0
        self.usable = [c for c in library.criteria if self.asked.get(c.id) and all(self.known(c))]
        self._place = {c.id: at for at, c in enumerate(self.usable)}
        self._asking: dict[str, list[Criterion]] = {}
        for criterion in self.usable:
            for name in self.asked[criterion.id]:
                self._asking.setdefault(name, []).append(criterion)

    def known(self, criterion: Criterion) -> Known:
        """Who of the people seen so far comes out how: most pairs are settled by them, without the solver."""
        for at, (_, values) in enumerate(self.search.seen[self._seen :], self._seen):
            for id, (met, failed) in self._known.items():
                said = values[id]
                if said is TRUE:
                    self._known[id] = Known(met | 1 << at, failed)
                elif said is FALSE:
                    self._known[id] = Known(met, failed | 1 << at)
        self._seen = len(self.search.seen)
        return self._known[criterion.id]

    def is_later(self, criterion: Criterion, other: Criterion) -> bool:
        """Whether it comes after the other."""
        return self._place[criterion.id] > self._place[other.id]

    def beside(self, criterion: Criterion) -> list[Criterion]:
        """The others that ask for something that it asks for, in the order of the file."""
        others = {c.id: c for name in self.asked[criterion.id] for c in self._asking[name]}
        return sorted((c for id, c in others.items() if id != criterion.id), key=lambda c: self._place[c.id])


def related(pairs: Pairs) -> Iterator[Finding]:
    """Criteria that another makes idle, each with one that does, and pairs that nobody satisfies."""
    idle: set[str] = set()
    for criterion in pairs.usable:
        for by in pairs.beside(criterion):
            alike = by.strength == criterion.strength and by.category == criterion.category
            if alike and by.id not in idle and (found := _implied(criterion, by, pairs)):
                idle.add(criterion.id)
                yield found
                break
    for criterion in pairs.usable:
        for other in pairs.beside(criterion):
            if pairs.is_later(other, criterion) and (found := _contradicting(criterion, other, pairs)):
                yield found


def _implied(idle: Criterion, by: Criterion, pairs: Pairs) -> Finding | None:
    """Of two inclusions the wider one asks nothing more; of two exclusions the narrower one bars nobody more."""
    a, b = (by, idle) if idle.category == "inclusion" else (idle, by)
    if pairs.known(a).met & ~pairs.known(b).met:
        return None

    def apart(reader: Reading) -> Formula:
        return both((truth_of_name(reader, a.id).met, opposite(truth_of_name(reader, b.id).met)))

    sure = EVERY_RECORD
    if not pairs.proofs.is_never(apart(pairs.proofs.before)):
        sought = pairs.search.person(
            apart(pairs.search.reader), lambda values: values[a.id] is TRUE and values[b.id] is not TRUE
        )
        if not sought.none:
            return None
        sure = MADE_UP
    text = f"whoever has {a.id} has {b.id}: {idle.id} decides nothing that {by.id} does not"
    return Finding(
        "implied", (idle.id, by.id), text, sure, True,
        pairs.search.example(lambda values: values[a.id] is TRUE), idle.span, by.span,
        f"{a.id} and {b.id} are met",
    )  # fmt: skip


def _contradicting(a: Criterion, b: Criterion, pairs: Pairs) -> Finding | None:
    """Nobody satisfies both: whoever meets what the one asks is kept out by the other."""
    first, second = (_satisfying(c, pairs.known(c)) for c in (a, b))
    if first & second:
        return None
    sure = EVERY_RECORD
    together = [both((satisfied(a, r), satisfied(b, r))) for r in (pairs.proofs.before, pairs.search.reader)]
    if not pairs.proofs.is_never(together[0]):
        sought = pairs.search.person(together[1], lambda values: says(a, values) and says(b, values))
        if not sought.none:
            return None
        sure = MADE_UP
    text = f"nobody satisfies both {a.id} ({a.category}) and {b.id} ({b.category})"
    return Finding(
        "contradiction", (a.id, b.id), text, sure, True,
        pairs.search.example(lambda values: says(a, values)), a.span, b.span,
        f"{a.id} is satisfied and {b.id} is not",
    )  # fmt: skip


def _satisfying(criterion: Criterion, known: Known) -> int:
    return known.met if criterion.category == "inclusion" else known.failed


def says(criterion: Criterion, values: Values) -> bool:
    """Whether the law says that a criterion keeps nobody out."""
    return values[criterion.id] is (TRUE if criterion.category == "inclusion" else FALSE)


def satisfied(criterion: Criterion, reader: Reading) -> Formula:
    """That a criterion keeps a person in: an inclusion that is met, an exclusion that is not."""
    rails = truth_of_name(reader, criterion.id)
    return rails.met if criterion.category == "inclusion" else rails.unmet


def requirements_of(library: Library, criterion: Criterion) -> frozenset[str]:
    """The requirements that a criterion rests on."""
    expressions, seen, found = dict(library.order), set[str](), set[str]()
    waiting: list[AnyNode] = [criterion.expression]
    while waiting:
        for node in every_part(waiting.pop()):
            if isinstance(node, e.Retrieve):
                found.add(requirement_of(node))
            elif isinstance(node, e.Reference) and node.name not in seen:
                seen.add(node.name)
                waiting.append(expressions[node.name])
    return frozenset(found)


def eligible(library: Library, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """Whether anybody at all can be ELIGIBLE, and which criteria keep everybody out if not."""
    if library.incomplete:
        return
    sought = search.person(is_eligible(search.reader), is_said_eligible)
    if sought.subject is not None:
        yield Finding("somebody eligible", (), "somebody can be ELIGIBLE", SHOWN, False, sought.subject)
        yield from _by_silence(library, sought.subject, search)
        return
    if not sought.none:
        text = "whether anybody can be ELIGIBLE was not found out"
        yield Finding("somebody eligible", (), text, NOT_DECIDED, False)
        return
    every = proofs.is_never(is_eligible(proofs.before))
    core = _core(library, search)
    named = " and ".join(core)
    text = f"nobody can be ELIGIBLE: nobody satisfies {named}" + (" together" if len(core) > 1 else "")
    place = library.criterion(core[0]).span if core else library.criteria[0].span
    sure = EVERY_RECORD if every else MADE_UP
    kept = [library.criterion(id) for id in core[:-1]]
    nearest = _nearly(kept, search)
    shown = f"{' and '.join(core[:-1])} satisfied, {core[-1]} not" if nearest else ""
    yield Finding("nobody eligible", tuple(core), text, sure, True, nearest, place, shown=shown)


def _by_silence(library: Library, subject: Subject, search: Search) -> Iterator[Finding]:
    """Silence that the file reads as an answer, with somebody who is ELIGIBLE for nothing but that."""
    read = [part for _, whole in library.order for part in every_part(whole) if isinstance(part, e.Silence)]
    fewer = search.smallest(subject, is_said_eligible) if read else subject
    told: set[str] = set()
    for node in read:
        name = requirement_of(node.source)
        if name in told or name in fewer.evidence or name in fewer.absences or name in fewer.complete:
            continue
        requirement = library.requirement(name)
        codes = (min(requirement.concepts[0]),) if requirement.concepts else ()
        day = exactly(search.as_of)
        entry = Evidence(
            name, name, TRUE, day, codes=codes, origin="made up", concepts=frozenset({0} if codes else ())
        )
        recorded = replace(fewer, evidence={**fewer.evidence, name: (entry,)})
        if not is_said_eligible(search.law.evaluate(recorded, search.as_of)):
            told.add(name)
            text = f"that nothing is recorded of {name} is read as no, and ELIGIBLE can rest on it"
            shown = f"ELIGIBLE, and not once {name} is recorded"
            yield Finding("silence", (name,), text, SHOWN, False, fewer, node.span, shown=shown)


def _nearly(kept: Sequence[Criterion], search: Search) -> Subject | None:
    """Somebody who satisfies all of some criteria."""
    if not kept:
        return None
    wanted = both(satisfied(c, search.reader) for c in kept)
    holds = lambda values: all(says(c, values) for c in kept)  # noqa: E731
    sought = search.person(wanted, holds)
    return None if sought.subject is None else search.smallest(sought.subject, holds)


def is_said_eligible(values: Values) -> bool:
    """Whether the law says ELIGIBLE."""
    return values["eligible"] is TRUE and values["arranged"] is TRUE and values["review"] is FALSE


def _core(library: Library, search: Search) -> list[str]:
    """Criteria that nobody satisfies together, none of them too many."""
    kept = list(library.criteria)
    for criterion in list(kept):
        fewer = [c for c in kept if c is not criterion]
        if fewer and search.is_none(both(satisfied(c, search.reader) for c in fewer)):
            kept = fewer
    return [c.id for c in kept]
