"""People at the edges of a library: one of each truth of a criterion, one at and about each of its limits."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from decimal import Decimal

from screening.analysis.otherwise import CHANGED, Changes
from screening.analysis.part import part_of
from screening.analysis.proofs import formula_of
from screening.analysis.search import Search
from screening.interpreters.reference import plain
from screening.interpreters.symbolic_leaves import every_part
from screening.interpreters.symbolic_term import Formula, Rails, Span, both, either, number, opposite
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import Criterion, Library
from screening.language.types import NUMBERS
from screening.record.subject import Subject
from screening.values.bounds import Bounds, exactly, is_exact
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN


@dataclass(frozen=True, slots=True)
class Edge:
    """Somebody made up of whom a criterion has a truth, or whose number lies at or about a limit."""

    criterion: str
    title: str
    subject: Subject


def edges(library: Library, as_of: datetime.date) -> Iterator[Edge]:
    """Everybody at an edge of a criterion, in the order of the file; whom the solver does not find is left out."""
    for criterion in library.criteria:
        changes = Changes(part_of(library, criterion.id), as_of)
        yield from _truths(criterion, changes)
        for node in every_part(criterion.expression):
            if isinstance(node, e.Compare) and node.left.type.name in NUMBERS:
                yield from _limit(criterion, node, changes)


def _truths(criterion: Criterion, changes: Changes) -> Iterator[Edge]:
    id, search = criterion.id, changes.search
    rails = search.reader.named(id)
    assert isinstance(rails, Rails)
    for truth in (TRUE, FALSE, UNKNOWN):
        found = search.person(formula_of(rails, truth), lambda values, truth=truth: values[id] is truth)  # type: ignore[misc]
        if found.subject is not None:
            fewer = search.smallest(found.subject, lambda values, truth=truth: values[id] is truth)  # type: ignore[misc]
            yield Edge(id, f"{id} {truth.value}", fewer)


def _limit(criterion: Criterion, node: e.Compare, changes: Changes) -> Iterator[Edge]:
    """People whose number lies just below, at and just above a limit that the file states."""
    measured, limit = (node.left, node.right) if _stated(node.right, changes) else (node.right, node.left)
    stated = _stated(limit, changes)
    if stated is None or _stated(measured, changes) is not None:
        return
    search, law = changes.search, changes.law
    step = Decimal(1).scaleb(min(0, int(stated.as_tuple().exponent))) if isinstance(stated, Decimal) else 1
    span = search.reader.value(measured)
    if not isinstance(span, Span):
        return
    law.changed = plain(measured)
    for value, where in ((stated - step, "just below"), (stated, "at"), (stated + step, "just above")):
        wanted, formula = exactly(value), _exactly(span, value)
        # Somebody for whom this limit turns the criterion goes before somebody for whom another part does.
        for truth in _turned(node, criterion, search):
            found = search.person(both((formula, truth)), lambda values, wanted=wanted: values[CHANGED] == wanted)  # type: ignore[misc]
            if found.subject is None:
                continue
            said = search.law.evaluate(found.subject, changes.as_of)[criterion.id]
            fewer = search.smallest(
                found.subject,
                lambda values, wanted=wanted, said=said: (
                    values[CHANGED] == wanted and values[criterion.id] is said
                ),  # type: ignore[misc]
            )
            yield Edge(criterion.id, f"{criterion.id} {where} {stated} ({node.place})", fewer)
            break
    law.changed = None


def _turned(node: e.Compare, criterion: Criterion, search: Search) -> Iterator[Formula]:
    """That the criterion comes out as the comparison does; the other way round; any way."""
    here, whole = search.reader.truth(node), search.reader.named(criterion.id)
    assert isinstance(whole, Rails)
    yield either((both((here.met, whole.met)), both((here.unmet, whole.unmet))))
    yield either((both((here.met, whole.unmet)), both((here.unmet, whole.met))))
    yield True


def _stated(node: Expression, changes: Changes) -> int | Decimal | None:
    """The number of a literal or a parameter."""
    value: object
    if isinstance(node, e.Literal):
        value = node.value
    elif isinstance(node, e.Parameter):
        value = changes.law.parameters.get(node.name)
    else:
        return None
    if isinstance(value, Bounds) and is_exact(value) and isinstance(value.low, int | Decimal):
        return value.low
    return None


def _exactly(span: Span, value: int | Decimal) -> Formula:
    wanted = number(value)
    return both((opposite(span.low_open), opposite(span.high_open), span.low == wanted, span.high == wanted))
