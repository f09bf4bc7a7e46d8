"""What is asked of one criterion or definition: can it be met and failed, is it decided although UNKNOWN."""

from __future__ import annotations

from collections.abc import Iterator

from screening.analysis.proofs import Proofs, formula_of, statements, truth_of_name
from screening.analysis.search import Search, Sought
from screening.interpreters.symbolic_table import alike, compared, is_open, same_word
from screening.interpreters.symbolic_term import Formula, Rails, Span, Symbol, Words, both, opposite
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import WHOLE, Criterion, Definition, Library
from screening.outcome.finding import EVERY_RECORD, MADE_UP, NOT_DECIDED, SHOWN, Finding
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

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


def seen_together(search: Search) -> None:
    """People of whom as many criteria as can be are met, failed or open at once: few settle most questions."""
    ids = [criterion.id for criterion in search.library.criteria if criterion.id != WHOLE]
    for truth in (TRUE, FALSE, UNKNOWN):
        search.together([formula_of(truth_of_name(search.reader, id), truth) for id in ids])


def constant(
    criterion: Criterion, proofs: Proofs, found: dict[Truth, Sought], search: Search
) -> Iterator[Finding]:
    """A criterion that no record meets, or none fails."""
    for truth, kind in ((TRUE, "never met"), (FALSE, "never failed")):
        if found[truth].subject is not None:
            continue
        never = proofs.is_never(formula_of(truth_of_name(proofs.before, criterion.id), truth))
        sure = EVERY_RECORD if never else MADE_UP if found[truth].none else NOT_DECIDED
        other = FALSE if truth is TRUE else TRUE
        example = search.example(lambda values, other=other: values[criterion.id] is other)  # type: ignore[misc]
        shown = f"{criterion.id} is {other.value}, as of everybody of whom it is decided" if example else ""
        is_fault = sure != NOT_DECIDED
        yield Finding(kind, (criterion.id,), _WORDS[kind], sure, is_fault, example, criterion.span, shown=shown)


def inside(name: str, expression: AnyNode, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """What is wrong with a part: decided although UNKNOWN, a limit out of reach, never reached."""
    for node in statements(expression):
        if (
            isinstance(node, _TRUTHS)
            and node.type.name == "Boolean"
            and (found := _decided(name, node, proofs, search))
        ):
            yield found
            return
    for node in statements(expression):
        if isinstance(node, _LIMITS) and (found := _limited(name, node, proofs, search)):
            yield found
    yield from _unreached(name, expression, proofs, search)


def _decided(name: str, node: e.Expression, proofs: Proofs, search: Search) -> Finding | None:
    """A part that stays UNKNOWN although it comes out the same whatever is missing (`x <= 35 or x > 35`)."""
    after, before = proofs.after.value(node), proofs.before.value(node)
    assert isinstance(after, Rails)
    assert isinstance(before, Rails)
    for truth in (TRUE, FALSE):
        # A word of the file that is never known (`null`) stays open in every completion, and is meant to.
        if proofs.is_never(opposite(formula_of(after, truth))) and not proofs.is_never(is_open(before)):
            text = f"it is {truth.value} whatever is recorded, and UNKNOWN while something is not"
            example = search.person_of(node, is_open, lambda value: value is UNKNOWN)
            shown = "it is UNKNOWN" if example else ""
            return Finding(
                "decided although UNKNOWN", (name,), text, EVERY_RECORD, True, example, node.span, shown=shown
            )
    return None


def _limited(
    name: str, node: e.Compare | e.Between | e.InInterval, proofs: Proofs, search: Search
) -> Finding | None:
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
    other = FALSE if never[0] is TRUE else TRUE
    example = search.person_of(node, lambda rails: formula_of(rails, other), lambda value: value is other)
    shown = f"the comparison is {other.value}" if example else ""
    return Finding("limit out of reach", (name,), text, EVERY_RECORD, True, example, node.span, shown=shown)


def _is_constant(node: AnyNode) -> bool:
    return isinstance(node, e.Literal | e.Parameter)


def _is_nought(node: AnyNode) -> bool:
    return isinstance(node, e.Literal) and isinstance(node.value, Bounds) and node.value == (0, 0)


def _unreached(name: str, expression: AnyNode, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """A condition of `if` that holds of nobody of whom those before it do not."""
    for node in statements(expression):
        rest, passed = node.otherwise if isinstance(node, e.If) else None, [node]
        while isinstance(rest, e.If):
            if all(_is_sound(each, proofs) for each in (*passed, rest)):
                before = [_rails(each, proofs).unmet for each in passed if isinstance(each, e.If)]
                own = _rails(rest, proofs).met
                if proofs.is_never(both((*before, own))):
                    text = "nobody comes to this part: the conditions before it take everybody"
                    example = search.person_of(
                        rest.condition, lambda rails: rails.met, lambda value: value is TRUE
                    )
                    shown = "the condition holds, and one before it holds too" if example else ""
                    at = rest.condition.span
                    yield Finding("never reached", (name,), text, EVERY_RECORD, True, example, at, shown=shown)
            passed.append(rest)
            rest = rest.otherwise


def _rails(node: e.If, proofs: Proofs) -> Rails:
    found = proofs.after.value(node.condition)
    assert isinstance(found, Rails)
    return found


def _is_sound(node: AnyNode, proofs: Proofs) -> bool:
    """Whether the condition by itself can hold: one that never does is told as a limit out of reach."""
    return isinstance(node, e.If) and not proofs.is_never(_rails(node, proofs).met)


def printed(thing: Criterion | Definition, proofs: Proofs, search: Search) -> Iterator[Finding]:
    """The form in which the source prints it, against the form that is evaluated."""
    node = thing.printed_expression
    if node is None:
        return
    name = thing.id if isinstance(thing, Criterion) else thing.name
    ours, theirs = proofs.after.value(thing.expression), proofs.after.value(node)
    text = "the printed form comes out the same for everybody of whom all is known"
    if proofs.is_never(_otherwise(ours, theirs)):
        yield Finding("equivalent to", (name,), text, EVERY_RECORD, False, place=thing.span)
        return
    asked = e.Compare("=", thing.expression, node)
    example = search.person_of(asked, lambda rails: rails.unmet, lambda value: value is FALSE)
    if example is None:
        yield Finding("equivalent to", (name,), text, NOT_DECIDED, False, place=thing.span)
        return
    text = "the printed form comes out otherwise than the one that is evaluated"
    yield Finding("equivalent to", (name,), text, SHOWN, True, example, thing.span, shown="the two forms differ")


def _otherwise(ours: Symbol, theirs: Symbol) -> Formula:
    """That two values of whom all is known are not the same."""
    match ours, theirs:
        case Rails(), Rails():
            return alike(ours, theirs).unmet
        case Span(), Span():
            return compared("=", ours, theirs).unmet
        case Words(), Words():
            return same_word(ours, theirs).unmet
    return True


def definitions(library: Library) -> Iterator[Definition]:
    """The definitions that an author wrote."""
    yield from (definition for definition in library.definitions if definition.origin == "definition")
