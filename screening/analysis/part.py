"""A library cut down to what one name of it rests on: asked of that name, it says the same, and is soon asked."""

from __future__ import annotations

from dataclasses import replace

from screening.interpreters.symbolic_leaves import every_part
from screening.language import expression as e
from screening.language.library import Library


def part_of(library: Library, name: str) -> Library:
    """The expressions below a name, itself the last, with the requirements that they read; KeyError if none."""
    expressions = dict(library.order)
    names, requirements = {name}, set[str]()
    waiting = [name]
    while waiting:
        for node in every_part(expressions[waiting.pop()]):
            match node:
                case e.Reference(other) | e.Contradicted(other):
                    if other not in names:
                        names.add(other)
                        waiting.append(other)
                case e.Retrieve(requirement):
                    requirements.add(requirement)
    return replace(
        library,
        requirements=tuple(r for r in library.requirements if r.name in requirements),
        definitions=tuple(d for d in library.definitions if d.name in names),
        criteria=tuple(c for c in library.criteria if c.id in names),
        order=tuple((other, expression) for other, expression in library.order if other in names),
    )
