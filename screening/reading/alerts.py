"""Alerts: a condition tried on every single row of what it names, whatever the criterion itself says."""

from __future__ import annotations

from functools import partial

from screening.errors import TypeFault
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression
from screening.language.types import BOOLEAN, DATE, Type, unknown
from screening.reading import queries
from screening.reading.check import Check
from screening.reading.measures import said
from screening.reading.requirements import Declared
from screening.reading.scope import Faulty, Place
from screening.reading.tree import mapped, nodes
from screening.values.truth import TRUE


def firing(node: Expression, place: Place) -> tuple[Expression, tuple[str, ...]]:
    """When an alert fires, and the requirements that it watches.

    One requirement after the other is read off a single row, the others being unknown: one value alone
    has to suffice.
    """
    # SPEC: semantics 6, alerts.
    settled = Check(place).truth(node, "an alert is a condition")
    names: list[str] = []
    for found in nodes(settled):
        if isinstance(found, e.Exists | e.Count | e.CountDistinct | e.RowValues | e.DateOf):
            place.fault(TypeFault, found.span, "an alert compares single values, and this asks for several rows")
        if isinstance(found, e.Reference):
            name = place.scope.names[found.name]
            if name.kind != "requirement" or name.declared is None:
                help = "name the requirements themselves"
                place.fault(
                    TypeFault,
                    found.span,
                    f"{said(found)} is a {name.kind}, and an alert is tried on one row",
                    help,
                )
            names.append(found.name)
    watched = tuple(dict.fromkeys(names))
    if not watched:
        place.fault(TypeFault, settled.span, "the alert names no requirement")
    fires = []
    for one in watched:
        declared = place.scope.names[one].declared
        if declared is None:
            raise Faulty
        source = queries.windowed(declared, place, Check(place).settle)
        on = (
            Check(place).settle(e.Reference(declared.age_on, Type(""), span=node.span))
            if declared.age_on
            else None
        )
        condition = mapped(settled, partial(_on_one_row, watched=one, declared=declared, on=on))
        fires.append(e.Fires(source, queries.ROW, condition, span=settled.span))
    return e.Or(tuple(fires), span=settled.span), watched


def _on_one_row(node: AnyNode, *, watched: str, declared: Declared, on: Expression | None) -> AnyNode | None:
    """The value of the watched requirement as one row has it; any other is unknown."""
    if not isinstance(node, e.Reference):
        return None
    type = BOOLEAN if node.type.name == "Judgement" else node.type
    if node.name != watched:
        return e.Literal(unknown(type), type, "", span=node.span)
    if queries.is_presence(declared.requirement):
        # A row of these codes is the finding itself.
        return e.Literal(TRUE, BOOLEAN, "true", span=node.span)
    if on is not None:
        return e.Age(e.Field(queries.ROW, "value", DATE, span=node.span), on, span=node.span)
    return e.Field(queries.ROW, "value", type, span=node.span)
