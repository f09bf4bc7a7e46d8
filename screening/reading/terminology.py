"""Value sets as a rule file lists them, and the code systems that they are of: version, origin, licence.

A licence and an origin that every file shares are known here, as far as the licence of the codes says them; a file
states under `terminologies:` which version it was written with, and a single set may say otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping as Map
from dataclasses import replace

from screening.errors import CitationFault, NameFault, SyntaxFault
from screening.reading.concepts import SYSTEMS, read_code, read_concepts
from screening.reading.document import Scalar, Tree
from screening.reading.faults import Faults, did_you_mean, shown
from screening.reading.keys import Keys, is_name
from screening.values.coding import Code, Terminology, ValueSet

_SAID = ("version", "origin", "licence")
# Codes alone are listed here and in the rule files, never the term texts of a terminology.
KNOWN: Map[str, Terminology] = {
    "SNOMED": Terminology(
        "SNOMED",
        "",
        "SNOMED CT, (c) SNOMED International",
        "use in a live system needs an affiliate licence; codes alone are listed, no terms",
    ),
    "LOINC": Terminology("LOINC", "", "LOINC, (c) Regenstrief Institute", "LOINC licence"),
    "RxNorm": Terminology("RxNorm", "", "RxNorm, U.S. National Library of Medicine", ""),
}

Terminologies = dict[str, Terminology]


def read_terminologies(faults: Faults, keys: Keys) -> Terminologies:
    """The code systems of a file: what is known of each, with what `terminologies:` states."""
    found = dict(KNOWN)
    for name, tree in keys.named("terminologies"):
        if name.text not in SYSTEMS:
            help = did_you_mean(name.text, SYSTEMS) or ""
            keys.fault(NameFault, name.span, f"there is no code system `{shown(name.text)}`", help=help)
            continue
        said = Keys(faults, tree, _SAID, f"terminology `{name.text}`", name.span)
        found[name.text] = _with(found.get(name.text, Terminology(name.text)), said)
    return found


def _with(terminology: Terminology, said: Keys) -> Terminology:
    """A terminology with what a mapping says of it."""
    return replace(
        terminology,
        version=said.text("version", terminology.version),
        origin=said.text("origin", terminology.origin),
        licence=said.text("licence", terminology.licence),
    )


def read_valueset(
    faults: Faults,
    name: Scalar,
    tree: Tree,
    sources: Map[str, str],
    valuesets: Map[str, ValueSet | None],
    terminologies: Terminologies,
) -> ValueSet | None:
    """One entry of `valuesets:`, or None with the fault noted; it may name sets that stand before it.

    A set of one code system may say its own `version:`, `origin:` and `licence:`; in a set of several they would
    be of nobody knows which.
    """
    before = len(faults)
    what = f"value set `{shown(name.text)}`"
    keys = Keys(faults, tree, ("concepts", "source", "unverified", "text", *_SAID), what, name.span)
    is_name(faults, name, "a value set")
    keys.need("concepts", "list the codes of the set")
    keys.need("source", "say where the codes come from", CitationFault)
    cited = keys.citations("source", sources)
    concepts_tree = keys.tree("concepts")
    concepts = read_concepts(faults, concepts_tree, valuesets) if concepts_tree is not None else ()
    known = frozenset().union(*concepts) if concepts else frozenset()
    unverified: list[Code] = []
    for scalar in keys.texts("unverified"):
        if scalar.text == "true":
            unverified += sorted(known)
            continue
        code = read_code(faults, scalar)
        if code is not None and code not in known:
            keys.fault(NameFault, scalar.span, f"`{code}` is not in this value set")
        elif code is not None:
            unverified.append(code)
    # A code that a set before it does not vouch for is no better in this one.
    unverified += (code for other in valuesets.values() if other for code in other.unverified if code in known)
    if keys.has("concepts") and not concepts and len(faults) == before:
        keys.fault(SyntaxFault, keys.span("concepts"), f"{what} has no codes")
    systems = sorted({code.system for code in known})
    own = [key for key in _SAID if keys.has(key)]
    if own and len(systems) > 1:
        help = "say it under `terminologies:`, once for each"
        keys.fault(
            SyntaxFault, keys.span(own[0]), f"`{own[0]}:` of a set of {len(systems)} code systems", help=help
        )
    of = [terminologies.get(system, Terminology(system)) for system in systems]
    if len(faults) > before:
        return None
    return ValueSet(
        name.text,
        concepts,
        tuple((citation.source, citation.place) for citation in cited),
        tuple(dict.fromkeys(unverified)),
        keys.text("text"),
        tuple(_with(one, keys) if own else one for one in of),
    )
