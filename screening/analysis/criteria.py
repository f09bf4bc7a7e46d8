"""What is asked of one criterion or definition: can it be met and failed, is it decided although UNKNOWN."""

from __future__ import annotations

from collections.abc import Iterator

from screening.analysis.proofs import Proofs, formula_of, statements, truth_of_name
from screening.analysis.search import Search, Sought
from screening.interpreters.symbolic_table import alike, is_open
from screening.interpreters.symbolic_term import Rails, both, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Criterion, Definition, Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, Finding
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE, Truth

_WORDS = {
    "never met": "no record makes it TRUE",
    "never failed": "no record makes it FALSE: it is met, or it stays UNKNOWN",
}
_TRUTHS = e.And | e.Or | e.Not | e.Implies | e.Xor | e.If
_LIMITS = e.Compare | e.Between | e.InInterval


def reached(search: Search, id: str, truth: Truth) -> Sought:
    """A person for whom a criterion comes out so."""
    wanted = formula_of(truth_of_name(search.reader, id), truth)
    return search.person(wanted, lambda values: values[id] is truth)


def constant(criterion: Criterion, proofs: Proofs, found: dict[Truth, Sought]) -> Iterator[Finding]:
    """A criterion that no record meets, or none fails."""
    for truth, kind in ((TRUE, "never met"), (FALSE, "never failed")):
        if found[truth].subject is not None:
            continue
        never = proofs.is_never(formula_of(truth_of_name(proofs.before, criterion.id), truth))
        sure = EVERY_RECORD if never else MADE_UP if found[truth].none else NOT_DECIDED
        yield Finding(kind, (criterion.id,), _WORDS[kind], sure, sure != NOT_DECIDED, place=criterion.span)


def inside(name: str, expression: AnyNode, proofs: Proofs) -> Iterator[Finding]:
    """What is wrong with a part: decided although UNKNOWN, a limit out of reach, never reached."""
    for node in statements(expression):
        if isinstance(node, _TRUTHS) and node.type.name == "Boolean" and (found := _decided(name, node, proofs)):
            yield found
            return
    for node in statements(expression):
        if isinstance(node, _LIMITS) and (found := _limited(name, node, proofs)):
            yield found
    yield from _unreached(name, expression, proofs)


def _decided(name: str, node: e.Expression, proofs: Proofs) -> Finding | None:
    """A part that stays UNKNOWN although it comes out the same whatever is missing (`x <= 35 or x > 35`)."""
    after, before = proofs.after.value(node), proofs.before.value(node)
    assert isinstance(after, Rails)
    assert isinstance(before, Rails)
    for truth in (TRUE, FALSE):
        # A word of the file that is never known (`null`) stays open in every completion, and is meant to.
        if proofs.is_never(opposite(formula_of(after, truth))) and not proofs.is_never(is_open(before)):
            text = f"it is {truth.value} whatever is recorded, and UNKNOWN while something is not"
            return Finding("decided although UNKNOWN", (name,), text, EVERY_RECORD, place=node.span)
    return None


def _limited(name: str, node: e.Compare | e.Between | e.InInterval, proofs: Proofs) -> Finding | None:
    """A comparison that no value in its scale or plausible range makes TRUE, or none FALSE."""
    sides = (node.left, node.right) if isinstance(node, e.Compare) else (node.low, node.high)
    if not any(isinstance(side, e.Literal | e.Parameter) for side in sides):
        return None
    before = proofs.before.value(node)
    assert isinstance(before, Rails)
    if isinstance(before.met, bool) and isinstance(before.unmet, bool):
        return None
    never = [truth for truth in (TRUE, FALSE) if proofs.is_never(formula_of(before, truth))]
    # `x > 0` is how a file asks whether a value is known at all: it is met, or UNKNOWN.
    if len(never) != 1 or (never == [FALSE] and all(_is_nought(side) for side in sides if _is_constant(side))):
        return None
    text = f"no value in its scale and plausible range makes the comparison {never[0].value}"
    return Finding("limit out of reach", (name,), text, EVERY_RECORD, place=node.span)


def _is_constant(node: AnyNode) -> bool:
    return isinstance(node, e.Literal | e.Parameter)


def _is_nought(node: AnyNode) -> bool:
    return isinstance(node, e.Literal) and isinstance(node.value, Bounds) and node.value == (0, 0)


def _unreached(name: str, expression: AnyNode, proofs: Proofs) -> Iterator[Finding]:
    """A condition of `if` that holds of nobody of whom those before it do not."""
    for node in statements(expression):
        rest, passed = node.otherwise if isinstance(node, e.If) else None, [node]
        while isinstance(rest, e.If):
            if all(_is_sound(each, proofs) for each in (*passed, rest)):
                before = [_rails(each, proofs).unmet for each in passed if isinstance(each, e.If)]
                own = _rails(rest, proofs).met
                if proofs.is_never(both((*before, own))):
                    text = "nobody comes to this part: the conditions before it take everybody"
                    yield Finding("never reached", (name,), text, EVERY_RECORD, place=rest.condition.span)
            passed.append(rest)
            rest = rest.otherwise


def _rails(node: e.If, proofs: Proofs) -> Rails:
    found = proofs.after.value(node.condition)
    assert isinstance(found, Rails)
    return found


def _is_sound(node: AnyNode, proofs: Proofs) -> bool:
    """Whether the condition by itself can hold: one that never does is told as a limit out of reach."""
    return isinstance(node, e.If) and not proofs.is_never(_rails(node, proofs).met)


def printed(thing: Criterion | Definition, proofs: Proofs) -> Iterator[Finding]:
    """The form in which the source prints it, against the form that is evaluated."""
    node = thing.printed_expression
    if node is None:
        return
    name = thing.id if isinstance(thing, Criterion) else thing.name
    ours, theirs = proofs.after.value(thing.expression), proofs.after.value(node)
    if not isinstance(ours, Rails) or not isinstance(theirs, Rails):
        return
    sure = EVERY_RECORD if proofs.is_never(alike(ours, theirs).unmet) else NOT_DECIDED
    text = "the printed form comes out the same for everybody of whom all is known"
    yield Finding("equivalent to", (name,), text, sure, False, place=thing.span)


def definitions(library: Library) -> Iterator[Definition]:
    """The definitions that an author wrote."""
    yield from (definition for definition in library.definitions if definition.origin == "definition")
