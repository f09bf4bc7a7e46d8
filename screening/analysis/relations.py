"""What criteria say of each other: one says all that another says; together nobody satisfies them."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from screening.analysis.proofs import Proofs, is_eligible, truth_of_name
from screening.analysis.search import Search, Sought
from screening.analysis.witness import Values
from screening.interpreters.symbolic_leaves import every_part, requirement_of
from screening.interpreters.symbolic_term import Formula, both, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Criterion, Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.values.truth import FALSE, TRUE, Truth


def related(
    library: Library, proofs: Proofs, search: Search, found: dict[str, dict[Truth, Sought]]
) -> Iterator[Finding]:
    """Two criteria of one kind and strength of which one says all that the other says."""
    asked = {c.id: _requirements(library, c) for c in library.criteria}
    usable = [c for c in library.criteria if asked[c.id] and all(s.subject for s in found[c.id].values())]
    for a, b in itertools.permutations(usable, 2):
        alike = a.strength == b.strength and a.category == b.category and asked[a.id] & asked[b.id]
        if alike and not any(v[a.id] is TRUE and v[b.id] is not TRUE for _, v in search.seen):
            yield from _implied(a, b, proofs, search)


def _implied(a: Criterion, b: Criterion, proofs: Proofs, search: Search) -> Iterator[Finding]:
    first, second = (truth_of_name(proofs.before, c.id) for c in (a, b))
    sure = EVERY_RECORD
    if not proofs.is_never(both((first.met, opposite(second.met)))):
        first, second = (truth_of_name(search.reader, c.id) for c in (a, b))
        sought = search.person(
            both((first.met, opposite(second.met))),
            lambda values: values[a.id] is TRUE and values[b.id] is not TRUE,
        )
        if not sought.none:
            return
        sure = MADE_UP
    # Of two inclusions the wider one asks nothing more; of two exclusions the narrower one bars nobody more.
    idle, by = (b, a) if a.category == "inclusion" else (a, b)
    text = f"whoever has {a.id} has {b.id}: {idle.id} decides nothing that {by.id} does not"
    yield Finding("implied", (idle.id, by.id), text, sure, place=idle.span)


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


def eligible(library: Library, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """Whether anybody at all can be ELIGIBLE, and which criteria keep everybody out if not."""
    if library.incomplete:
        return
    sought = search.person(is_eligible(search.reader), _says_eligible)
    if sought.subject is not None:
        text = "somebody can be ELIGIBLE"
        yield Finding("somebody eligible", (), text, SHOWN, False, sought.subject)
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
    yield Finding("nobody eligible", tuple(core), text, EVERY_RECORD if every else MADE_UP, place=place)


def _says_eligible(values: Values) -> bool:
    return values["eligible"] is TRUE and values["arranged"] is TRUE and values["review"] is FALSE


def _core(library: Library, search: Search) -> list[str]:
    """Criteria that nobody satisfies together, none of them too many."""
    kept = list(library.criteria)
    for criterion in list(kept):
        fewer = [c for c in kept if c is not criterion]
        if fewer and search.is_none(both(_satisfied(c, search) for c in fewer)):
            kept = fewer
    return [c.id for c in kept]


def _satisfied(criterion: Criterion, search: Search) -> Formula:
    rails = truth_of_name(search.reader, criterion.id)
    return rails.met if criterion.category == "inclusion" else rails.unmet
