"""How many entries of each list a made-up person needs: one more than any number that a count is held against.

A person who has fewer could not show what three failed drugs do. Larger numbers than eight are not made up.
"""

from __future__ import annotations

from collections.abc import Mapping

from screening.interpreters.symbolic_leaves import every_part, requirement_of
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.library import Library
from screening.values.bounds import Bounds

LEAST, MOST = 2, 8


def entries_needed(library: Library) -> dict[str, int]:
    """Of each requirement that is counted, how many entries a made-up person may have; two of every other."""
    expressions = dict(library.order)
    constants = {p.name: p.value for p in library.parameters if isinstance(p.value, Bounds)}
    found: dict[str, int] = {}
    for expression in expressions.values():
        for node in every_part(expression):
            if isinstance(node, e.Compare | e.Between | e.InInterval):
                number = max((n for part in every_part(node) if (n := _number(part, constants))), default=0)
                for name in _counted(node, expressions) if number else ():
                    found[name] = max(found.get(name, LEAST), min(number + 1, MOST))
            elif isinstance(node, e.Select) and node.readings > 1:
                name = requirement_of(node)
                found[name] = max(found.get(name, LEAST), min(node.readings + 1, MOST))
    return found


def _number(node: AnyNode, constants: Mapping[str, Bounds]) -> int:
    value = node.value if isinstance(node, e.Literal) else None
    if isinstance(node, e.Parameter):
        value = constants.get(node.name)
    if not isinstance(value, Bounds) or not isinstance(value.low, int) or isinstance(value.low, bool):
        return 0
    return value.low if 0 < value.low <= MOST else 0


def _counted(node: AnyNode, expressions: Mapping[str, AnyNode]) -> set[str]:
    """The requirements whose entries are counted below a node."""
    found: set[str] = set()
    seen: set[str] = set()
    waiting = [node]
    while waiting:
        for part in every_part(waiting.pop()):
            if isinstance(part, e.Count | e.CountDistinct):
                found.add(requirement_of(part))
            elif isinstance(part, e.Reference) and part.name not in seen and part.name in expressions:
                seen.add(part.name)
                waiting.append(expressions[part.name])
    return found
