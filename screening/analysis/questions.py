"""Never met, always met, implied, contradictory, decided although UNKNOWN, printed otherwise: asked of one library.

A proof is of terms that stand for anything a record may say (`symbolic_leaves`); where there is none, a person is
looked for (`search`). What neither settles in time is not decided, and said to be.
"""

from __future__ import annotations

import datetime
import itertools
import time
from collections.abc import Iterator

import z3

from screening.analysis.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.analysis.search import Search, Sought
from screening.interpreters.symbolic import Reader
from screening.interpreters.symbolic_leaves import Anything, Completion, every_part, narrowed, requirement_of
from screening.interpreters.symbolic_table import alike, is_open
from screening.interpreters.symbolic_term import Formula, Rails, asserted, both, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Criterion, Library
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE, Truth

# Steps of the solver, not seconds: the same question has the same answer on a busy machine.
STEPS = 40_000_000


class Proofs:
    """Anything that a record may say, and any completion of it: what cannot be of these cannot be of any record."""

    def __init__(self, library: Library, as_of: datetime.date) -> None:
        self.before = Reader(library, exactly(as_of), Anything(library), "record")
        names = [name for name, _ in library.order]
        for name in names:
            self.before.named(name)
        self.completion = Completion(self.before)
        self.after = Reader(library, exactly(as_of), self.completion, "completed")
        for name in names:
            self.after.named(name)
        narrowed(self.before, self.after)
        self.solver = z3.Solver()
        self.solver.set("rlimit", STEPS)
        self.solver.add(*map(asserted, (*self.before.facts, *self.after.facts)))

    def is_never(self, formula: Formula) -> bool:
        """Whether no record at all makes it so."""
        return bool(self.solver.check(asserted(formula)) == z3.unsat)


def findings(library: Library, as_of: datetime.date) -> Iterator[Finding]:
    """Everything that is asked of a library, criterion by criterion, in the order of its file."""
    proofs, search = Proofs(library, as_of), Search(library, as_of)
    yield fail_safe(library, proofs)
    reached: dict[str, dict[Truth, Sought]] = {}
    for criterion in library.criteria:
        reached[criterion.id] = {truth: _reached(search, criterion.id, truth) for truth in (TRUE, FALSE)}
        yield from _constant(criterion, proofs, reached[criterion.id])
        yield from _decided(criterion, proofs)
        yield from _printed(library, criterion, proofs, search)
    yield from _related(library, search, reached)
    yield from _eligible(library, search)


def formula_of(rails: Rails, truth: Truth) -> Formula:
    """That a statement has a truth."""
    return rails.met if truth is TRUE else rails.unmet if truth is FALSE else is_open(rails)


def _truth(reader: Reader, name: str) -> Rails:
    found = reader.named(name)
    assert isinstance(found, Rails)
    return found


def _reached(search: Search, id: str, truth: Truth) -> Sought:
    return search.person(formula_of(_truth(search.reader, id), truth), lambda values: values[id] is truth)


def _constant(criterion: Criterion, proofs: Proofs, reached: dict[Truth, Sought]) -> Iterator[Finding]:
    """A criterion that no record meets, or none fails."""
    for truth, kind in ((TRUE, "never met"), (FALSE, "never failed")):
        sought = reached[truth]
        if sought.subject is not None:
            continue
        never = proofs.is_never(formula_of(_truth(proofs.before, criterion.id), truth))
        sure = EVERY_RECORD if never else MADE_UP if sought.none else NOT_DECIDED
        yield Finding(kind, (criterion.id,), _WORDS[kind], sure, sure != NOT_DECIDED, place=criterion.span)


_WORDS = {
    "never met": "no record makes it TRUE",
    "never failed": "no record makes it FALSE: it is met, or it stays UNKNOWN",
}


def _decided(criterion: Criterion, proofs: Proofs) -> Iterator[Finding]:
    """A part that stays UNKNOWN although it comes out the same whatever is missing (`x <= 35 or x > 35`)."""
    for node in every_part(criterion.expression):
        if not isinstance(node, e.And | e.Or | e.Not | e.Implies | e.Xor | e.If) or node.type.name != "Boolean":
            continue
        after, before = proofs.after.value(node), proofs.before.value(node)
        assert isinstance(after, Rails)
        assert isinstance(before, Rails)
        for truth in (TRUE, FALSE):
            # A word of the file that is never known (`null`) stays open in every completion, and is meant to.
            if proofs.is_never(opposite(formula_of(after, truth))) and not proofs.is_never(is_open(before)):
                text = f"it is {truth.value} whatever is recorded, and UNKNOWN while something is not"
                yield Finding("decided although UNKNOWN", (criterion.id,), text, EVERY_RECORD, place=node.span)
                return


def _printed(library: Library, criterion: Criterion, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """The form in which the source prints it, against the form that is evaluated."""
    printed = criterion.printed_expression
    if printed is None:
        return
    began = time.process_time()
    ours, theirs = proofs.after.value(criterion.expression), proofs.after.value(printed)
    assert isinstance(ours, Rails)
    assert isinstance(theirs, Rails)
    differ = alike(ours, theirs).unmet
    sure = EVERY_RECORD if proofs.is_never(differ) else NOT_DECIDED
    text = "the printed form comes out the same for everybody of whom all is known"
    yield Finding(
        "equivalent to", (criterion.id,), text, sure, False, place=criterion.span, seconds=time.process_time() - began
    )


def fail_safe(library: Library, proofs: Proofs) -> Finding:
    """No completion of what is unknown makes ELIGIBLE wrong; the constructs that choose are named."""
    began = time.process_time()
    solver = z3.Solver()
    solver.set("rlimit", STEPS)
    solver.add(*proofs.solver.assertions())
    solver.add(asserted(_is_eligible(proofs.before)), asserted(opposite(_is_eligible(proofs.after))))
    answer = solver.check()
    sure = EVERY_RECORD if answer == z3.unsat else NOT_DECIDED
    places = ", ".join(sorted(proofs.completion.choosing))
    text = "no completion of what is unknown makes ELIGIBLE wrong"
    if places:
        text += f"; that rests on what the file chooses to read silence as, at {places}"
    return Finding("fail-safe", (), text, sure, answer != z3.unsat, seconds=time.process_time() - began)


def _is_eligible(reader: Reader) -> Formula:
    return both((_truth(reader, "eligible").met, _truth(reader, "arranged").met, _truth(reader, "review").unmet))


def _related(library: Library, search: Search, reached: dict[str, dict[Truth, Sought]]) -> Iterator[Finding]:
    """Two exclusions of one strength of which one says all that the other says; two that cannot both hold."""
    barring = [c for c in library.criteria if c.category == "exclusion" and reached[c.id][TRUE].subject is not None]
    asked = {c.id: _requirements(library, c) for c in library.criteria}
    for a, b in itertools.permutations(barring, 2):
        if a.strength != b.strength or not asked[a.id] or not asked[a.id] & asked[b.id]:
            continue
        rails = _truth(search.reader, a.id), _truth(search.reader, b.id)
        sought = search.person(
            both((rails[0].met, opposite(rails[1].met))),
            lambda values, a=a, b=b: values[a.id] is TRUE and values[b.id] is not TRUE,  # type: ignore[misc]
        )
        if sought.none:
            yield Finding("implied", (a.id, b.id), f"whoever has {a.id} has {b.id}", MADE_UP, place=a.span)


def _requirements(library: Library, criterion: Criterion) -> frozenset[str]:
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


def _eligible(library: Library, search: Search) -> Iterator[Finding]:
    """Whether anybody at all can be ELIGIBLE."""
    if library.incomplete:
        return
    began = time.process_time()
    sought = search.person(
        _is_eligible(search.reader),
        lambda v: v["eligible"] is TRUE and v["arranged"] is TRUE and v["review"] is FALSE,
    )
    sure = SHOWN if sought.subject is not None else MADE_UP if sought.none else NOT_DECIDED
    text = "somebody can be ELIGIBLE" if sought.subject is not None else "nobody can be ELIGIBLE"
    yield Finding(
        "somebody eligible", (), text, sure, sure == MADE_UP, sought.subject, seconds=time.process_time() - began
    )

