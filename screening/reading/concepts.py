"""Codes as a rule file writes them (`SNOMED 203082005`), their synonyms, and sets of them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Map

from screening.errors import NameFault, SyntaxFault
from screening.reading.document import Scalar, Sequence, Tree
from screening.reading.faults import Faults, did_you_mean, shown
from screening.values.coding import Code, ValueSet, term

SYSTEMS = (
    "SNOMED", "LOINC", "RxNorm", "ICD-10-CM", "ICD-10", "ICD-10-GM", "ICD-9-CM", "ICD-10-PCS", "ICD-11", "ICPC-2",
    "ATC", "CPT", "HCPCS", "OPS", "CVX", "NDC", "PZN", "UNII", "HL7", "OMOP", "LOCAL",
)  # fmt: skip
_CODE = re.compile(r"(\S+) +(\S.*)\Z")

Concepts = tuple[frozenset[Code], ...]


def code_of(text: str) -> Code | None:
    """`SYSTEM CODE` as a code, None for any other text.

    >>> code_of("ICD-10-CM M79.7")
    Code(system='ICD-10-CM', code='M79.7')
    """
    found = _CODE.match(text.strip())
    if not found or found[1] not in SYSTEMS or len(found[2]) > 80 or " " in found[2].strip():
        return None
    return term(found[1], found[2].strip())


def read_code(faults: Faults, scalar: Scalar, valuesets: Iterable[str] | None = None) -> Code | None:
    """A code, or None with the fault noted."""
    found = code_of(scalar.text)
    if found is not None:
        return found
    system = scalar.text.split(" ")[0]
    near = did_you_mean(scalar.text, valuesets or ())
    if not near and system.casefold() != scalar.text.casefold():
        near = did_you_mean(system, SYSTEMS)
    help = near or "write a system and a code of it: `SNOMED 203082005`"
    what = "not a code" if valuesets is None else "neither a code nor a value set"
    faults.add(NameFault, scalar.span, f"`{shown(scalar.text)}` is {what}", help=help)
    return None


def read_concepts(
    faults: Faults, tree: Tree, valuesets: Map[str, ValueSet | None], link_ids: bool = False
) -> Concepts:
    """A code, a list of codes and of lists of synonyms, or the name of a value set."""
    found: list[frozenset[Code]] = []
    items = tree.items if isinstance(tree, Sequence) else (tree,)
    for item in items:
        if isinstance(item, Scalar):
            found += _named(faults, item, valuesets, link_ids)
        elif isinstance(item, Sequence):
            group = [_single(faults, part, valuesets, link_ids) for part in item]
            codes = frozenset(code for code in group if code is not None)
            found += [codes] if codes else []
        else:
            faults.add(SyntaxFault, item.span, "a code is one text, synonyms are a list of texts")
    return tuple(dict.fromkeys(found))


def _named(
    faults: Faults, item: Scalar, valuesets: Map[str, ValueSet | None], link_ids: bool
) -> Iterable[frozenset[Code]]:
    if item.text in valuesets:
        valueset = valuesets[item.text]
        return valueset.concepts if valueset is not None else ()
    code = _single(faults, item, valuesets, link_ids, named=bool(valuesets))
    return () if code is None else (frozenset((code,)),)


def _single(
    faults: Faults, item: Tree, valuesets: Map[str, ValueSet | None], link_ids: bool, named: bool = False
) -> Code | None:
    if not isinstance(item, Scalar):
        faults.add(SyntaxFault, item.span, "a code is one text, synonyms are a list of texts")
        return None
    if link_ids and item.text.strip() and code_of(item.text) is None:
        return Code("linkId", item.text.strip())
    return read_code(faults, item, valuesets if named else None)


def merged(faults: Faults, concepts: Concepts, groups: list[Tree]) -> Concepts:
    """The concepts with those joined that `synonyms:` says are one."""
    known = frozenset().union(*concepts) if concepts else frozenset()
    found = list(concepts)
    for group in groups:
        if not isinstance(group, Sequence):
            faults.add(SyntaxFault, group.span, "`synonyms:` is a list of lists of codes")
            continue
        codes = []
        for item in group:
            code = _single(faults, item, {}, False)
            if code is not None and code not in known:
                faults.add(NameFault, item.span, f"`{code}` is not among the codes of this requirement")
            elif code is not None:
                codes.append(code)
        joined = [c for c in found if not c.isdisjoint(codes)]
        if joined:
            first = found.index(joined[0])
            found = [c for c in found if c not in joined]
            found.insert(first, frozenset().union(*joined))
    return tuple(found)
