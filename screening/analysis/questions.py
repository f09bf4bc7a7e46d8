"""Everything that is asked of one library, criterion by criterion, held against what its author says is meant.

A proof is of terms that stand for anything a record may say (`proofs`); where there is none, a person is looked
for (`search`). What neither settles in time is not decided, and said to be.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import replace

from screening.analysis.bands import bands
from screening.analysis.claims import claims, with_claims
from screening.analysis.criteria import constant, definitions, inside, printed, reached, seen_together
from screening.analysis.proofs import Proofs, fail_safe
from screening.analysis.relations import Pairs, eligible, related
from screening.analysis.search import Search, Sought
from screening.interpreters.symbolic_term import afresh
from screening.language.library import WHOLE, Library
from screening.outcome.finding import EVERY_RECORD, NOT_DECIDED, Finding
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_TRIES = 600


def findings(library: Library, as_of: datetime.date) -> list[Finding]:
    """What was found of a library, in the order of its file."""
    afresh()
    library = with_claims(library)
    proofs, search = Proofs(library, as_of), Search(library, as_of, tries=_TRIES)
    found = [fail_safe(proofs), *claims(library, as_of, proofs, search)]
    people: dict[str, dict[Truth, Sought]] = {}
    seen_together(search)
    for criterion in library.criteria:
        if criterion.id == WHOLE:
            people[WHOLE] = dict.fromkeys((TRUE, FALSE), Sought(None, False))
            continue
        people[criterion.id] = {truth: reached(search, criterion.id, truth) for truth in (TRUE, FALSE)}
        found += constant(criterion, proofs, people[criterion.id], search)
        found += inside(criterion.id, criterion.expression, proofs, search)
        found += printed(criterion, proofs, search)
        if all(sought.subject is not None for sought in people[criterion.id].values()):
            reached(search, criterion.id, UNKNOWN)
    for definition in definitions(library):
        found += inside(definition.name, definition.expression, proofs, search)
        found += bands(library, definition, search)
        found += printed(definition, proofs, search)
    everybody = list(eligible(library, proofs, search))
    found += [*related(Pairs(library, proofs, search)), *everybody]
    return justified(library, found)


def justified(library: Library, found: Sequence[Finding]) -> list[Finding]:
    """The findings with what the file says of those that are meant; what it says of none is a finding itself."""
    said = {(c.id, kind): why for c in library.criteria for kind, why in c.analysis}
    said |= {(d.name, kind): why for d in library.definitions for kind, why in d.analysis}
    said |= {("", kind): why for kind, why in library.analysis}
    own = {c.id for c in library.criteria if c.library == library.name}
    told = []
    for finding in found:
        first = finding.about[0] if finding.about else ""
        # What a file includes it justifies at its head; its own criteria where they stand.
        at_head = said.get(("", finding.kind)) if first not in own else None
        why = said.get((first, finding.kind)) or at_head or ""
        told.append(replace(finding, justified=why, is_fault=False) if why and finding.is_fault else finding)
    return [*told, *_in_vain(library, found)]


def _in_vain(library: Library, found: Sequence[Finding]) -> Iterator[Finding]:
    """What is said to be meant and does not occur: nobody may believe that it does."""
    kinds = {(name, finding.kind) for finding in found for name in (*finding.about, "")}
    open_kinds = {(f.about[:1], f.kind) for f in found if f.sure == NOT_DECIDED}
    own = [(c.id, c.analysis, c.span) for c in library.criteria if c.library == library.name]
    own += [(d.name, d.analysis, d.span) for d in library.definitions if d.span.file == library.path]
    own += [("", library.analysis, library.criteria[0].span)]
    for name, analysis, span in own:
        for kind, _ in analysis:
            if (name, kind) not in kinds and ((name,), kind) not in open_kinds:
                text = f"`analysis: {kind}` is said to be meant, and is not so"
                yield Finding("justified in vain", (name,) if name else (), text, EVERY_RECORD, place=span)
