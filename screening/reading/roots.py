"""A protocol out of a checked file: favourable readings, the nodes that the verdict is read off, the order."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from screening.errors import NameFault, TypeFault
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import ROOTS, Criterion, DataRequirement, Definition, Library, Property
from screening.language.types import BOOLEAN, DATE, Type
from screening.reading.faults import Faults, shown
from screening.reading.judgement import judged_in
from screening.reading.module import MOST_DEEP, Module
from screening.reading.tree import depth, nodes, placed, references, with_parts
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, Truth, negate

MOST_NODES = 20_000
# What a row on record and an attested absence can contradict.
_DENIABLE = e.Exists | e.Count | e.CountDistinct | e.RowValues


@dataclass(frozen=True, slots=True)
class Protocol:
    """The whole of what is evaluated, under construction: expressions by name, in order."""

    module: Module
    entries: dict[str, Expression]
    judged: frozenset[str]


def assemble(module: Module, path: str, faults: Faults) -> Library | None:
    """The library of a module, or None with the fault noted."""
    kinds = ("requirement", "definition", "criterion")
    behind: dict[str, Expression] = {**module.values}
    behind |= {name: d.expression for name, d in module.definitions.items()}
    behind |= {name: c.expression for name, c in module.criteria.items()}
    judged = frozenset(n for n, found in module.scope.names.items() if found.judged and found.kind in kinds)
    # INVARIANT: whatever is said of a person is reached from a definition, a criterion, an anchor or a lift.
    starts = [*module.definitions, *module.criteria, *module.anchors]
    for node in (*module.untils.values(), *module.alerts.values()):
        starts += references(node)
    order = list(_ordered(starts, behind))
    ranked = {name: n for n, name in enumerate(order)}
    # Requirements first, then definitions, then criteria, each still after what it refers to.
    entries = {name: placed(behind[name], name) for name in order}
    first = [name for name in order if name not in module.criteria]
    last = [name for name in order if name in module.criteria]
    if any(name in module.criteria for f in first for name in references(behind[f])):
        first, last = order, []
    entries = {name: entries[name] for name in (*first, *last)}
    protocol = Protocol(module, entries, judged)
    assert len(ranked) == len(entries)
    for id, node in module.untils.items():
        entries[f"until:{id}"] = placed(node, f"until:{id}")
    favourable = _favourable(protocol, faults)
    if favourable is None:
        return None
    entries.update({f"favourable:{id}": placed(node, f"favourable:{id}") for id, node in favourable.items()})
    entries.update({f"alert:{id}": placed(node, f"alert:{id}") for id, node in module.alerts.items()})
    entries.update({root: placed(node, root) for root, node in _roots(protocol, favourable).items()})
    properties = tuple(_property(claim, protocol, behind, faults) for claim in module.properties)
    return replace(_library(protocol, path), properties=properties)


def _property(claim: Property, protocol: Protocol, behind: dict[str, Expression], faults: Faults) -> Property:
    """A property with the names that it rests on and nothing else does: they take no part in any verdict."""
    starts = [*references(claim.expression), *([claim.more] if claim.more else [])]
    more = [name for name in _ordered(starts, behind) if name not in protocol.entries]
    asked = {requirement.name for requirement in _asked(protocol)}
    for name in more:
        if name in protocol.module.requirements and name not in asked:
            faults.add(
                NameFault, claim.span, f"`{shown(name)}` is asked of nobody here", help="name what is asked"
            )
    return replace(claim, behind=tuple((name, placed(behind[name], name)) for name in more))


def _ordered(starts: Iterable[str], behind: dict[str, Expression]) -> Iterator[str]:
    """Names with everything below them, each after what it refers to."""
    done: set[str] = set()
    waiting = [(name, False) for name in reversed(list(starts))]
    while waiting:
        name, finished = waiting.pop()
        if finished:
            if name not in done:
                done.add(name)
                yield name
        elif name in behind and name not in done:
            waiting.append((name, True))
            below = [n for n in references(behind[name]) if n not in done and n != name]
            waiting += [(other, False) for other in reversed(below)]


# ---------------------------------------------------------------------------------- favourable readings


def _favourable(protocol: Protocol, faults: Faults) -> dict[str, Expression] | None:
    """Every absolute criterion with a Judgement below it, with each open Judgement read in the person's favour."""
    # SPEC: semantics 6, "more than open Judgements".
    criteria = [
        c for c in protocol.module.criteria.values() if c.strength == "absolute" and c.id in protocol.judged
    ]
    sizes = _sizes(protocol)
    found: dict[str, Expression] = {}
    for criterion in criteria:
        size, deep = sizes[criterion.id]
        if size > MOST_NODES or deep > MOST_DEEP:
            message = f"criterion `{shown(criterion.id)}` reaches its judgements through too many definitions"
            faults.add(TypeFault, criterion.span, message, criterion=criterion.id)
            continue
        good = TRUE if criterion.category == "inclusion" else FALSE
        found[criterion.id] = _favoured(protocol.entries[criterion.id], good, protocol)
    return found if len(found) == len(criteria) else None


def _sizes(protocol: Protocol) -> dict[str, tuple[int, int]]:
    """How large and how deep each judged expression is with every judged name in it written out."""
    found: dict[str, tuple[int, int]] = {}
    for name, node in protocol.entries.items():
        if name not in protocol.judged:
            continue
        size, deep = 0, depth(node)
        below = 0
        for part in nodes(node):
            inner = found.get(part.name, (1, 1)) if isinstance(part, e.Reference) else (1, 1)
            size, below = min(size + inner[0], 10 * MOST_NODES), max(below, inner[1])
        found[name] = size, deep + below
    return found


def _favoured(node: Expression, good: Truth, protocol: Protocol) -> Expression:
    """A copy in which every open Judgement is read as `good`, or as its opposite behind a `not`."""
    if judged_in(node, protocol.judged) is None:
        return node
    match node:
        case e.Reference(name, type):
            if type.name == "Judgement":
                return e.Favoured(node, good, span=node.span)
            return _favoured(protocol.entries[name], good, protocol)
        case e.Not(operand):
            return replace(node, operand=_favoured(operand, negate(good), protocol))
        case e.Implies(left, right):
            left, right = _favoured(left, negate(good), protocol), _favoured(right, good, protocol)
            return replace(node, left=left, right=right)
    below = [_part(part, good, protocol) for part in parts(node)]
    made: Expression = with_parts(node, below)  # type: ignore[assignment]
    return made


def _part(node: AnyNode, good: Truth, protocol: Protocol) -> AnyNode:
    return node if isinstance(node, e.Retrieve | e.Where) else _favoured(node, good, protocol)


# --------------------------------------------------------------------------------------------- the roots


def _roots(protocol: Protocol, favourable: dict[str, Expression]) -> dict[str, Expression]:
    criteria = list(protocol.module.criteria.values())
    absolute = [c for c in criteria if c.strength == "absolute"]
    review: list[Expression] = [e.Reference(c.id, span=c.span) for c in criteria if c.strength == "relative"]
    review += _contradictions(protocol, criteria)
    arranged = tuple(e.Reference(c.id, span=c.span) for c in criteria if c.strength == "administrative")
    # With no Judgement in the protocol there is nothing to read in anybody's favour.
    same = e.Reference("eligible", BOOLEAN)
    readings = {c.id: f"favourable:{c.id}" if c.id in favourable else c.id for c in absolute}
    return {
        "eligible": e.And(tuple(_wanted(c, c.id) for c in absolute)),
        "favourable": e.And(tuple(_wanted(c, readings[c.id]) for c in absolute)) if favourable else same,
        "review": e.Or(tuple(review)) if review else e.Literal(FALSE, BOOLEAN, "false"),
        "arranged": e.And(arranged) if arranged else e.Literal(TRUE, BOOLEAN, "true"),
    }


def _wanted(criterion: Criterion, name: str) -> Expression:
    reference = e.Reference(name, span=criterion.span)
    return reference if criterion.category == "inclusion" else e.Not(reference, span=criterion.span)


def _contradictions(protocol: Protocol, criteria: list[Criterion]) -> Iterator[Expression]:
    """One node for each criterion in which evidence could contradict itself."""
    own: dict[str, tuple[list[str], list[str], list[str]]] = {}
    for name, node in protocol.entries.items():
        hard = [n.place for n in nodes(node) if isinstance(n, _DENIABLE) or _is_agreement(n)]
        soft = [n.place for n in nodes(node) if isinstance(n, e.Select)]
        own[name] = hard, soft, [n.name for n in nodes(node) if isinstance(n, e.Reference)]
    for criterion in criteria:
        hard, soft = [], []
        waiting, seen = [criterion.id], {criterion.id}
        while waiting:
            more_hard, more_soft, below = own[waiting.pop()]
            hard += more_hard
            soft += more_soft
            fresh = [name for name in dict.fromkeys(below) if name not in seen]
            seen.update(fresh)
            waiting += reversed(fresh)
        if hard or soft:
            yield e.Contradicted(criterion.id, tuple(hard), tuple(soft), span=criterion.span)


def _is_agreement(node: AnyNode) -> bool:
    return isinstance(node, e.Function) and node.name == "Agree"


# ------------------------------------------------------------------------------------------- the library


def _library(protocol: Protocol, path: str) -> Library:
    module, entries = protocol.module, protocol.entries
    head = module.head
    criteria = tuple(_criterion(c, entries) for c in module.criteria.values())
    definitions = tuple(_definition(name, protocol) for name in entries if name not in module.criteria)
    return Library(
        name=head.name.text,
        version=head.version,
        status=module.status,
        title=head.title,
        sources=tuple(module.scope.sources.items()),
        parameters=tuple(module.parameters.values()),
        valuesets=module.valuesets(),
        requirements=_asked(protocol),
        definitions=definitions,
        criteria=criteria,
        anchors=module.anchors,
        order=tuple(entries.items()),
        includes=module.includes,
        fixed_words=module.fixed_words,
        registration=head.registration,
        family=head.family,
        digest=module.digest,
        path=path,
        intended_use=head.intended_use,
        approval=head.approval,
        labels=head.labels,
        outputs=module.outputs,
        analysis=module.analysis,
    )


def _asked(protocol: Protocol) -> tuple[DataRequirement, ...]:
    """Every input that the file itself declares, and of the included ones those that anything refers to.

    A library of inputs lends all of them; nobody is asked for what nothing here reads.
    """
    module = protocol.module
    own, names = module.head.name.text, module.scope.names
    listed = {
        n.requirement for node in protocol.entries.values() for n in nodes(node) if isinstance(n, e.Retrieve)
    }
    return tuple(
        declared.requirement
        for name, declared in module.requirements.items()
        if name in protocol.entries or name in listed or names[name].library == own
    )


def _criterion(criterion: Criterion, entries: dict[str, Expression]) -> Criterion:
    printed = criterion.printed_expression
    return replace(
        criterion,
        expression=entries[criterion.id],
        until_date=entries.get(f"until:{criterion.id}"),
        printed_expression=None if printed is None else placed(printed, f"printed:{criterion.id}"),
    )


def _definition(name: str, protocol: Protocol) -> Definition:
    module, node = protocol.module, protocol.entries[name]
    declared = module.definitions.get(name)
    if declared is not None:
        printed = declared.printed_expression
        written_out = None if printed is None else placed(printed, f"printed:{name}")
        return replace(declared, expression=node, printed_expression=written_out)
    if name in module.values:
        requirement = module.requirements[name].requirement
        return Definition(
            name,
            node,
            requirement.type,
            "requirement",
            requirement.text,
            requirement.source,
            chosen=requirement.chosen,
            unverified=requirement.unverified,
            span=requirement.span,
        )
    kind = name.partition(":")[0]
    type: Type = DATE if kind == "until" else BOOLEAN
    return Definition(name, node, type, "root" if name in ROOTS else kind, span=node.span)
