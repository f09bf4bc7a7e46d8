"""`properties:` and `analysis:`: what an author says of his rules, and findings that are meant to be as they are.

Neither takes part in a verdict. `screening analyse` proves the one and holds the other against what it finds.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace

from screening.errors import NameFault, TypeFault
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import FINDINGS, ROOTS, Citation, Property
from screening.language.types import BOOLEAN, ORDERED
from screening.reading.check import settled
from screening.reading.document import Scalar, Tree
from screening.reading.faults import Faults, meant, shown
from screening.reading.keys import Keys
from screening.reading.parser import parse
from screening.reading.scope import Name, Place, Scope
from screening.reading.tree import placed
from screening.values.frozen import dataclass

PROPERTY = ("never", "always", "more", "keeps", "text", "source", "because")
_HELP = "write `- {never: EXPRESSION}`, `- {always: EXPRESSION}` or `- {more: NAME, keeps: NAME}`"


@dataclass(frozen=True, slots=True)
class DraftProperty:
    """One entry of `properties:` as it is written."""

    kind: str
    said: Scalar
    more: Scalar | None
    text: str
    source: Citation | None
    because: str


def read_properties(faults: Faults, keys: Keys, sources: Map[str, str]) -> tuple[DraftProperty, ...]:
    """The entries of `properties:`; what is wrong with them is noted."""
    found = [_property(faults, tree, sources) for tree in keys.items("properties")]
    return tuple(draft for draft in found if draft is not None)


def _property(faults: Faults, tree: Tree, sources: Map[str, str]) -> DraftProperty | None:
    keys = Keys(faults, tree, PROPERTY, "a property", tree.span)
    kinds = [kind for kind in ("never", "always", "keeps") if keys.has(kind)]
    if len(kinds) != 1 or keys.has("more") != (kinds == ["keeps"]):
        keys.fault(TypeFault, keys.at, "a property says one thing", help=_HELP)
        return None
    if not keys.has("because"):
        keys.need("source", "write `source: {key of a source: its exact place}`, or `because:` and why")
    said, more = keys.scalar(kinds[0]), keys.scalar("more")
    if said is None:
        return None
    return DraftProperty(
        kinds[0], said, more, keys.text("text"), keys.citation("source", sources), keys.text("because")
    )


def settled_properties(faults: Faults, drafts: tuple[DraftProperty, ...], scope: Scope) -> tuple[Property, ...]:
    """The properties, each held against what the file declares; the verdict's own words may be used in them."""
    roots = {name: Name(name, "criterion", BOOLEAN) for name in ROOTS}
    place = Place(faults, replace(scope, names={**scope.names, **roots}), choosing="by_availability")
    found = []
    for number, draft in enumerate(drafts, 1):
        node = _expression(faults, draft, place)
        more = _grown(faults, draft, place)
        if node is not None and (draft.kind != "keeps" or more):
            node = placed(node, f"property:{number}")
            written = " ".join(draft.said.text.split())
            found.append(
                Property(
                    draft.kind, node, written, more, draft.text, draft.source, draft.because, span=draft.said.span
                )
            )
    return tuple(found)


def _expression(faults: Faults, draft: DraftProperty, place: Place) -> Expression | None:
    """An expression, or the bare name of one statement."""
    named = place.scope.names.get(draft.said.text.strip())
    if named is not None and named.type == BOOLEAN:
        return e.Reference(named.name, BOOLEAN, span=draft.said.span)
    parsed = parse(draft.said, faults, "")
    return None if parsed is None else settled(parsed, place, "truth")


def _grown(faults: Faults, draft: DraftProperty, place: Place) -> str:
    """The value that may grow: a requirement or definition with an order."""
    if draft.more is None:
        return ""
    name = draft.more.text.strip().strip('"')
    found = place.scope.names.get(name)
    if found is None:
        if not place.scope.incomplete:
            near = meant(name, place.scope.of_kind("requirement", "definition"))
            help = f"did you mean `{near}`" if near else ""
            faults.add(NameFault, draft.more.span, f"`{shown(name)}` is not declared", help=help)
        return ""
    if found.kind not in ("requirement", "definition") or found.type is None or found.type.name not in ORDERED:
        message = f"`{shown(name)}` has no more and less"
        faults.add(TypeFault, draft.more.span, message, help="name a number or a day")
        return ""
    return name


def read_analysis(keys: Keys) -> tuple[tuple[str, str], ...]:
    """`analysis:`, the findings that are meant to be as they are, each with why."""
    tree = keys.tree("analysis")
    if tree is None:
        return ()
    inner = Keys(keys.faults, tree, FINDINGS, "`analysis:`", keys.span("analysis"), keys.criterion)
    return tuple((kind, inner.text(kind)) for kind in FINDINGS if inner.has(kind) and inner.text(kind))
