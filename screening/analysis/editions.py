"""Two editions of one library over one record: what means the same in both, and which criterion became which."""

from __future__ import annotations

import re
from itertools import product

from screening.interpreters.symbolic_leaves import every_part, read_as
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import ROOTS, Criterion, Library
from screening.language.types import ORDERED

_YEAR = re.compile(r" (19|20)\d\d\b")
_ONE_OF_ITS_KIND = ("birth date", "gender", "death")
_OWN = ("definition", "requirement")


def same_names(old: Library, new: Library) -> frozenset[str]:
    """The names that mean the same in both: the same expression over the same inputs, parameters and names."""
    before, after = dict(old.order), dict(new.order)
    inputs = [{r.name: r for r in library.requirements} for library in (old, new)]
    values = [{p.name: p.value for p in library.parameters} for library in (old, new)]
    found: set[str] = set()
    # INVARIANT: a name comes after what it refers to, so that one pass settles all.
    for name, expression in old.order:
        if name not in after or expression != after[name] or isinstance(expression, e.Contradicted):
            continue
        parts = list(every_part(expression))
        sound = all(part.name in found for part in parts if isinstance(part, e.Reference))
        sound &= all(
            read_as(inputs[0][part.requirement]) == read_as(inputs[1][part.requirement])
            for part in parts
            if isinstance(part, e.Retrieve)
        )
        sound &= all(
            values[0].get(part.name) == values[1].get(part.name) for part in parts if isinstance(part, e.Parameter)
        )
        sound &= all(part.criterion in found for part in parts if isinstance(part, e.Contradicted))
        if sound and before[name] == after[name]:
            found.add(name)
    return frozenset(found)


def read_otherwise(old: Library, new: Library) -> frozenset[str]:
    """Inputs for which the editions take one record otherwise: other codes, another unit, scale or name.

    No made-up person has any of them: what is written down under one edition is not what the other reads.
    """
    before, after = ({r.name: r for r in library.requirements} for library in (old, new))
    found = {n for n in before if n in after and read_as(before[n]) != read_as(after[n])}
    # An input of one edition alone that reads what is called otherwise in the other.
    lone = [[r for n, r in one.items() if n not in other] for one, other in ((before, after), (after, before))]
    for one, other in product(*lone):
        if one.kind == other.kind and (one.codes & other.codes or one.kind in _ONE_OF_ITS_KIND):
            found |= {one.name, other.name}
    return frozenset(found)


def matched(old: Library, new: Library) -> list[tuple[Criterion | None, Criterion | None]]:
    """Each criterion with what became of it: by its id, by what it says, or as the only one left of its kind."""
    later = {c.id: c for c in new.criteria}
    pairs: list[tuple[Criterion | None, Criterion | None]] = [
        (c, later[c.id]) for c in old.criteria if c.id in later
    ]
    left = [c for c in old.criteria if c.id not in later]
    fresh = [c for c in new.criteria if c.id not in {o.id for o in old.criteria}]
    for criterion in list(left):
        twins = [c for c in fresh if (c.category, c.expression) == (criterion.category, criterion.expression)]
        kind = (criterion.category, criterion.strength)
        if not twins and [(c.category, c.strength) for c in left].count(kind) == 1:
            twins = [c for c in fresh if (c.category, c.strength) == kind]
            twins = twins if len(twins) == 1 else []
        if twins:
            pairs.append((criterion, twins[0]))
            left.remove(criterion)
            fresh.remove(twins[0])
    return [*pairs, *((c, None) for c in left), *((None, c) for c in fresh)]


def twins(old: Library, new: Library) -> dict[str, str]:
    """Numbers and days of the new edition that the old one calls the same but for a year: `SSS`, `SSS 2010`."""
    names = [
        {d.name: _YEAR.sub("", d.name) for d in library.definitions if d.type.name in ORDERED and d.origin in _OWN}
        for library in (old, new)
    ]
    before = {plain: name for name, plain in names[0].items() if name not in names[1]}
    return {name: before[plain] for name, plain in names[1].items() if plain in before and name not in names[0]}


def granted(own: Library, other: Library, name: str) -> list[Expression]:
    """The parts of an inclusion that ask what the other edition knows nothing of: all that must hold besides."""
    known = {n for n, _ in other.order}
    twinned = {*twins(own, other).values(), *twins(other, own)}
    expressions = dict(own.order)
    found: list[Expression] = []
    waiting = [expressions[name]]
    while waiting:
        node = waiting.pop()
        if isinstance(node, e.And):
            waiting += node.operands
        elif isinstance(node, e.Reference) and isinstance(expressions.get(node.name), e.And):
            waiting.append(expressions[node.name])
        else:
            asked = {part.name for part in every_part(node) if isinstance(part, e.Reference)}
            if asked and not asked & known and not asked & twinned:
                found.append(node)
    return found


def steps(old: str, new: str) -> tuple[str, str]:
    """Which step lies between two versions, and why: major, minor, patch or none.

    Of `1.4.2` the first number is major, the second minor, the third patch; while the first is 0, the second is
    major and the third minor. Of versions of another form, a different one says everything.
    """
    if old == new:
        return "none", "the version is the same"
    before, after = _numbers(old), _numbers(new)
    if before is None or after is None:
        return "major", "versions of this form say that anything may be otherwise"
    if after < before:
        return "none", "the version goes back"
    if after == before:
        return "none", "both spell the same version"
    at = next(at for at, pair in enumerate(zip(before, after, strict=True)) if pair[0] != pair[1])
    if before[0] == after[0] == 0:
        return ("major", "major", "minor")[at], "while the first number is 0, the second is the major one"
    return ("major", "minor", "patch")[at], ""


def _numbers(version: str) -> tuple[int, int, int] | None:
    parts = version.split(".")
    if len(parts) not in (2, 3) or not all(part.isdecimal() for part in parts):
        return None
    numbers = [*map(int, parts), 0]
    return numbers[0], numbers[1], numbers[2]


def beside_the_truths(old: Library, new: Library, same: frozenset[str]) -> bool:
    """Whether something is otherwise that no criterion shows: inputs, definitions, labels, what is told."""
    if _beside(old) != _beside(new):
        return True
    names = {name for library in (old, new) for name, _ in library.order} - {*ROOTS}
    return any(name not in same for name in names)


def _beside(library: Library) -> tuple[object, ...]:
    return library.labels, library.outputs, library.anchors, library.requirements
