"""Accepts or refuses a bundle: a certificate with the tree and the record that it rests on, from nothing else.

What is in it must be whole, in the one spelling of its format, and be what the certificate cites; then the
certificate has to follow from it, as it would from rule files and a record.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from screening.audit.certificate import differences, verify_certificate
from screening.errors import DefectError, ScreeningError, VerificationError, told_fault
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import AS_OF, ROOTS, Library
from screening.language.types import ORDERED
from screening.outcome import codec, embedded, recorded
from screening.outcome.certificate import BUNDLE
from screening.outcome.embedded import library_of, tree_data
from screening.outcome.recorded import record_data, record_of
from screening.outcome.tree import mapping
from screening.record.subject import Subject

PARTS = {"tree": embedded.FORMAT, "record": recorded.FORMAT}
_WRONG = (ArithmeticError, AssertionError, AttributeError, LookupError, RecursionError, TypeError, ValueError)


def verify_bundle(
    data: Mapping[str, Any], library: Library | None = None, subject: Subject | None = None
) -> tuple[Library, Subject]:
    """Accepts a bundle, giving the library and the subject in it; raises VerificationError at the first place.

    `library`, loaded from rule files, must have the embedded tree, and `subject`, read from a record, the
    embedded record; what is not given is not compared. Raises DefectError where a tree of rule files fails on a
    record that was read: that is no fault of the bundle.
    """
    if data.get("bundle") != BUNDLE:
        raise VerificationError(f"/bundle is not `{BUNDLE}`")
    mapping(dict(data), "", ("bundle", "certificate", "tree", "record"))
    certificate, tree, record = data["certificate"], data["tree"], data["record"]
    if not isinstance(certificate, Mapping):
        raise VerificationError("/certificate is no object")
    try:
        if library is not None:
            _same(tree, tree_data(library), "/tree", "is not what the rule files give")
        held = library_of(tree)
        if subject is not None:
            _same(record, record_data(subject, held), "/record", "is not what the record gives")
        known = record_of(record)
        _same(tree, tree_data(held), "/tree", "is not in the form that the rest of it gives")
        _same(record, record_data(known, held), "/record", "is not in the form that the rest of it gives")
        nodes = list(_nodes(held))
        altered = [f"/{name}" for name, form in PARTS.items() if _digest(form, data[name]) != _cited(data, name)]
        try:
            verify_certificate(certificate, held, known)
        except VerificationError as fault:
            what = f"{' and '.join(altered)} altered: the certificate cites another digest; " if altered else ""
            raise VerificationError(f"{what}/certificate: {fault.diagnostics[0].message}") from fault
        _of_their_kind(certificate["steps"], nodes, held)
    except _WRONG as wrong:
        raise _not_evaluated(wrong, library is not None and subject is not None) from wrong
    return held, known


def _not_evaluated(wrong: Exception, is_ours: bool) -> ScreeningError:
    """What is said where a tree fails on a record. Where both are those of a rule file and a record that this
    program read by itself, the fault is its own; of a bundle alone nobody can tell, and it is refused."""
    if is_ours:
        return DefectError(f"a fault in this program, not in the bundle: {told_fault(wrong)}; it was not verified")
    return VerificationError(
        "/tree cannot be evaluated on /record: a value is of another type than its node takes, or this program "
        f"fails at it ({told_fault(wrong)}); held against rule files and record it says which"
    )


def _of_their_kind(steps: Sequence[Mapping[str, Any]], nodes: Sequence[AnyNode], library: Library) -> None:
    """Refuses a tree that no rule file gives: parts that are no truths where they have to be, a place twice."""
    places = [node.place for node in nodes]
    if len(set(places)) < len(places):
        raise VerificationError("/tree/order holds two nodes of one place")
    wanted = {place for node in nodes for place in _truths(node)} | {*ROOTS}
    wanted |= {one.id for one in library.criteria}
    wanted |= {one.alert.definition for one in library.criteria if one.alert is not None}
    for step in steps:
        if step["place"] in wanted and not isinstance(step["value"], str):
            raise VerificationError(f"/certificate: the trace does not hold at {step['place']}: it is no truth")


def _nodes(library: Library) -> Iterator[AnyNode]:
    """Every node of a tree, each of which names what is known where it stands, whether or not it is evaluated."""
    parameters = {AS_OF, *(parameter.name for parameter in library.parameters)}
    entries: set[str] = set()
    for name, expression in library.order:
        for node, aliases in _scoped(expression, frozenset()):
            match node:
                case e.Reference(other) | e.Contradicted(other):
                    is_known = other in entries
                case e.Parameter(other):
                    is_known = other in parameters
                case e.Field(alias):
                    is_known = alias in aliases
                case _:
                    is_known = True
            if not is_known:
                raise VerificationError(f"/tree/order: the node at {node.place} names nothing that is known there")
            yield node
        entries.add(name)


def _scoped(node: AnyNode, aliases: frozenset[str]) -> Iterator[tuple[AnyNode, frozenset[str]]]:
    yield node, aliases
    for part in e.parts(node):
        is_tried = isinstance(node, e.Where | e.Fires) and part is node.condition
        yield from _scoped(part, aliases | {str(getattr(node, "alias", ""))} if is_tried else aliases)


def _truths(node: AnyNode) -> list[str]:
    """The places of the parts of a node that have to be truths."""
    match node:
        case e.And(operands) | e.Or(operands) | e.CountTrue(operands):
            return [part.place for part in operands]
        case e.Xor(left, right) | e.Implies(left, right):
            return [left.place, right.place]
        case e.Not(operand) | e.Favoured(operand) | e.Silence(operand):
            return [operand.place]
        case e.Is(operand, state) if state != "null":
            return [operand.place]
        case e.If(condition):
            return [condition.place]
        case e.Where(condition=condition) | e.Fires(condition=condition):
            return [condition.place]
        case e.Compare(operator, left, right) if left.type.name not in ORDERED:
            if operator not in ("=", "!="):
                raise VerificationError(f"/certificate: the trace does not hold at {node.place}: it has no order")
            return [] if left.type.name in ("String", "Code") else [left.place, right.place]
    return []


def _same(stated: Any, made: Any, path: str, why: str) -> None:
    for place in differences(stated, made):
        raise VerificationError(f"{path}{place.rstrip('/')} {why}")


def _digest(form: str, data: Any) -> str:
    try:
        return codec.digest(form, data)
    except (ValueError, RecursionError) as fault:
        raise VerificationError("the bundle cannot be written in canonical form") from fault


def _cited(data: Mapping[str, Any], name: str) -> Any:
    cited = data["certificate"].get("rests_on")
    return cited.get(name) if isinstance(cited, Mapping) else None
