"""What an author claims of his rules (`properties:`), proved of every record, or refuted by a person."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from dataclasses import replace

import z3

from screening.analysis.growing import Growing, within
from screening.analysis.proofs import STEPS, Proofs, truth_of_name
from screening.analysis.search import Search
from screening.interpreters.symbolic import Reading
from screening.interpreters.symbolic_leaves import Anything
from screening.interpreters.symbolic_term import (
    Formula,
    Opaque,
    Span,
    Symbol,
    asserted,
    both,
    either,
    follows,
    opposite,
)
from screening.language.library import Library, Property
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.values.bounds import exactly
from screening.values.truth import FALSE, TRUE


def with_claims(library: Library) -> Library:
    """The library with every property as one more name, so that solver and law read it like any other."""
    named = tuple((claim_name(at), claim.expression) for at, claim in enumerate(library.properties, 1))
    behind = {name: node for claim in library.properties for name, node in claim.behind}
    return replace(library, order=(*library.order, *behind.items(), *named))


def claim_name(number: int) -> str:
    """Under which name a property is evaluated."""
    return f"property:{number}"


def claims(library: Library, as_of: datetime.date, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """Every property with whether it holds. One that is not proved is a fault: nobody may rely on it."""
    for number, claim in enumerate(library.properties, 1):
        if claim.kind == "keeps":
            yield _kept(library, as_of, claim, claim_name(number), search)
        else:
            yield _never(claim, claim_name(number), proofs, search)


def _never(claim: Property, name: str, proofs: Proofs, search: Search) -> Finding:
    truth = TRUE if claim.kind == "never" else FALSE
    rails = truth_of_name(proofs.before, name)
    text = claim.text or f"{claim.kind}: {claim.written}"
    if proofs.is_never(rails.met if truth is TRUE else rails.unmet):
        return Finding("property", (), text, EVERY_RECORD, False, place=claim.span)
    rails = truth_of_name(search.reader, name)
    sought = search.person(rails.met if truth is TRUE else rails.unmet, lambda values: values[name] is truth)
    if sought.subject is not None:
        smallest = search.smallest(sought.subject, lambda values: values[name] is truth)
        return Finding("property", (), f"does not hold: {text}", SHOWN, True, smallest, claim.span)
    sure = MADE_UP if sought.none else NOT_DECIDED
    return Finding("property", (), text, sure, not sought.none, place=claim.span)


def _kept(library: Library, as_of: datetime.date, claim: Property, name: str, search: Search) -> Finding:
    """More of one value, all else the same, never takes a statement from TRUE."""
    text = claim.text or f"more {claim.more} keeps: {claim.written}"
    leaves = Anything(library)
    before, after = (Reading(library, exactly(as_of), leaves, side) for side in ("less", "more"))
    less = before.named(claim.more)
    assert isinstance(less, Span)
    more = Span(after.fresh(), after.fresh(), after.fresh("Bool"), after.fresh("Bool"))
    after.suppose(claim.more, more)
    del after.expressions[claim.more]  # more of it is not bound by what it is made of
    facts: list[Formula] = [
        either((less.low_open, both((opposite(more.low_open), more.low >= less.low)))),
        either((more.high_open, both((opposite(less.high_open), more.high >= less.high)))),
        either((more.low_open, more.high_open, more.low <= more.high)),
        either((more.low_open, within(library, claim.more, more.low))),
        either((more.high_open, within(library, claim.more, more.high))),
    ]
    first, second = truth_of_name(before, name), truth_of_name(after, name)
    facts += [fact for one, other in _paired(before, after) for fact in agreeing(one, other)]
    solver = z3.Solver()
    solver.set("rlimit", STEPS)
    solver.add(*map(asserted, (*before.facts, *after.facts, *facts)))
    if solver.check(asserted(both((first.met, opposite(second.met))))) == z3.unsat:
        return Finding("property", (), text, EVERY_RECORD, False, place=claim.span)
    broken = Growing(library, claim, name, search).person()
    if broken is None:
        return Finding("property", (), f"is not proved: {text}", NOT_DECIDED, True, place=claim.span)
    subject, (less_said, more_said) = broken
    shown = f"with {claim.more} {less_said} it holds, with {more_said} and all else the same it does not"
    return Finding("property", (), f"does not hold: {text}", SHOWN, True, subject, claim.span, shown=shown)


def _paired(before: Reading, after: Reading) -> Iterator[tuple[Opaque, Opaque]]:
    """Values without a function in the solver that both readings have: made in one order, of one kind."""
    for one in before.opaque:
        for other in after.opaque:
            if is_one_function(one, other):
                yield one, other


def is_one_function(one: Opaque, other: Opaque) -> bool:
    """Whether two values are worked out in one way: by one function, with the same given to it beforehand."""
    if (one.kinds, one.rises) != (other.kinds, other.rises):
        return False
    code = [getattr(each.exact, "__code__", each.exact) for each in (one, other)]
    given = [[c.cell_contents for c in getattr(each.exact, "__closure__", None) or ()] for each in (one, other)]
    return code[0] is code[1] and given[0] == given[1]


def agreeing(one: Opaque, other: Opaque) -> Iterator[Formula]:
    """Of the same arguments the same value comes."""
    same = both(_same(a, b) for a, b in zip(one.arguments, other.arguments, strict=True))
    yield follows(same, _same(one.result, other.result))


def _same(a: Symbol, b: Symbol) -> Formula:
    assert isinstance(a, Span)
    assert isinstance(b, Span)
    return both(
        (
            _alike(a.low_open, b.low_open),
            _alike(a.high_open, b.high_open),
            either((a.low_open, a.low == b.low)),
            either((a.high_open, a.high == b.high)),
        )
    )


def _alike(a: Formula, b: Formula) -> Formula:
    return both((follows(a, b), follows(b, a)))
