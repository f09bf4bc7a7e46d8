"""Judgements: a leaf that only a named person answers, and which answer would favour the person screened."""

from __future__ import annotations

from screening.errors import TypeFault
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.reading.measures import CODED
from screening.reading.scope import Place


def judged_in(node: AnyNode, judged: frozenset[str] | set[str]) -> e.Reference | None:
    """The first reference to a Judgement at or below a node."""
    if isinstance(node, e.Reference):
        return node if node.type.name == "Judgement" or node.name in judged else None
    return next((found for part in e.parts(node) if (found := judged_in(part, judged)) is not None), None)


def polar(node: AnyNode, judged: set[str], place: Place) -> bool:
    """Whether every Judgement stands where it is known which answer would be the favourable one."""
    match node:
        case e.Xor():
            where, below = "under `xor`", e.parts(node)
        case e.Compare(operator):
            where, below = f"under `{operator}`", e.parts(node)
        case e.CountTrue():
            where, below = "in a count", e.parts(node)
        case e.If(condition) if node.type.name not in CODED:
            # A word that a Judgement chooses (a class) is shown; that no condition asks for it is seen to below.
            where, below = "in the condition of `if`", (condition,)
        case e.InSet():
            where, below = "under `in`", e.parts(node)
        case e.Where(_, _, condition):
            where, below = "in a query", (condition,)
        case e.Is() | e.Coalesce() if place.choosing != "administrative":
            where, below = "where availability chooses", e.parts(node)
        case _:
            where, below = "", ()
    for part in below:
        found = judged_in(part, judged)
        if found is not None:
            message = f"the judgement `{found.name}` stands {where}, where no answer is surely the favourable one"
            place.faults.add(
                TypeFault,
                found.span,
                message,
                criterion=place.criterion,
                help="join it with `and`, `or`, `not` or `implies`",
            )
            return False
    # Every part is looked at, also after a fault: one run tells everything.
    sound = [polar(part, judged, place) for part in e.parts(node)]
    return all(sound)
