"""Requirements in an expression: as single values, as lists of rows, and the fields of a row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from screening.errors import NameFault, TypeFault
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import AS_OF, DataRequirement, RowField
from screening.language.types import BOOLEAN, CODE, DATE, INTEGER, NUMBERS, ORDERED, Type
from screening.reading.faults import did_you_mean, listed, shown
from screening.reading.measures import said
from screening.reading.requirements import Declared
from screening.reading.scope import Faulty, Place
from screening.reading.tree import nodes
from screening.values.bounds import OPEN, Bounds

ROW = "row"
ONE_OF_A_KIND = ("birth date", "gender", "death")
Settle = Callable[[Expression], Expression]


def is_presence(requirement: DataRequirement) -> bool:
    """Whether a Boolean asks for records of its codes (`Angioedema`), not for a recorded yes or no."""
    by_codes = requirement.concepts and requirement.kind not in ("questionnaire", *ONE_OF_A_KIND)
    return requirement.type == BOOLEAN and bool(by_codes) and not requirement.take


def windowed(declared: Declared, place: Place, settle: Settle) -> e.Rows:
    """The rows of a requirement within its own window."""
    requirement, window = declared.requirement, declared.window
    rows = e.Retrieve(requirement.name, span=requirement.span)
    if window is None:
        return rows
    amount = settle(window.amount)
    if amount.type != INTEGER:
        place.fault(TypeFault, amount.span, f"{said(amount)} is no whole number")
    reference: Expression = e.Parameter(AS_OF, DATE, span=requirement.span)
    if window.name:
        reference = by_day(settle(e.Reference(window.name, Type(""), span=window.span)), place)
    day = e.Field(ROW, "date", DATE, span=requirement.span)
    timing = e.Timing(day, "or less before", True, amount, window.unit, reference, span=window.amount.span)
    return e.Where(rows, ROW, timing, span=requirement.span)


def by_day(node: Expression, place: Place) -> Expression:
    """A day, or the day of an instant."""
    if node.type.name not in ("Date", "DateTime"):
        place.fault(TypeFault, node.span, f"{said(node)} is of type {node.type}, and a day is wanted")
    return node if node.type == DATE else e.DayOf(node, span=node.span)


def value_of(declared: Declared, place: Place, settle: Settle, scaled: bool = True) -> Expression:
    """What a requirement is worth as a single value: the node that stands behind its name."""
    requirement = declared.requirement
    span, type = requirement.span, requirement.type
    rows = windowed(declared, place, settle)
    if declared.age_on:
        born = e.Select(rows, "latest", 1, OPEN, DATE, span=span)
        on = by_day(settle(e.Reference(declared.age_on, Type(""), span=span)), place)
        return e.Age(born, on, span=span)
    if is_presence(requirement):
        found: Expression = e.Exists(rows, span=span)
    else:
        found = selection(requirement, rows, requirement.scale if scaled else OPEN)
    if requirement.when_absent == "false" and type == BOOLEAN:
        return e.Silence(found, rows, span=span)
    return found


def selection(requirement: DataRequirement, rows: e.Rows, scale: Bounds) -> e.Select:
    """The one value that a requirement takes out of its rows."""
    take = requirement.take if requirement.take not in ("", *ONE_OF_A_KIND) else "latest"
    span = requirement.span
    return e.Select(rows, take, requirement.readings, scale, requirement.type, span=span)


def date_of(node: e.DateOf, place: Place, settle: Settle) -> Expression:
    """`date of X`: the date of the evidence that the selection takes."""
    source = node.selection.source
    assert isinstance(source, e.Retrieve)
    declared = requirement_named(source, place)
    requirement = declared.requirement
    if requirement.kind in ONE_OF_A_KIND or requirement.type.name == "Records":
        place.fault(TypeFault, source.span, f"`{requirement.name}` is not one dated value")
    taken = selection(requirement, windowed(declared, place, settle), OPEN)
    return replace(node, selection=replace(taken, span=node.selection.span))


def requirement_named(rows: e.Retrieve, place: Place) -> Declared:
    """The requirement whose rows a query lists."""
    name = place.scope.names.get(rows.requirement)
    if name is None:
        place.undeclared(rows.span, rows.requirement, ("requirement",))
    if name.kind != "requirement":
        place.fault(TypeFault, rows.span, f"`{name.name}` is a {name.kind}, not a list of records")
    if name.declared is None:
        raise Faulty
    return name.declared


# --------------------------------------------------------------------------------------- the rows


def listed_rows(node: e.Retrieve, place: Place, alone: bool) -> e.Rows:
    """A requirement as the source of a query; `alone` where nothing is asked of its rows."""
    requirement = requirement_named(node, place).requirement
    if requirement.kind in ONE_OF_A_KIND:
        place.fault(TypeFault, node.span, f"`{requirement.name}` is one value, not a list of records")
    if alone and is_presence(requirement) and (requirement.within or requirement.when_absent == "false"):
        what = "window" if requirement.within else "`when_absent:`"
        help = f"write `{shown(requirement.name)}` alone"
        place.fault(
            TypeFault, node.span, f"`{requirement.name}` has its own {what}, which a query does not see", help
        )
    return node


def answered_yes(source: e.Rows, node: Expression, place: Place) -> None:
    """Refuses to count entries of a yes-or-no question without asking what they say: a no is an entry too."""
    requirement = requirement_named(retrieved(source), place).requirement
    if requirement.type.name not in ("Boolean", "Judgement") or is_presence(requirement):
        return
    below: e.Rows = source
    while isinstance(below, e.Where):
        fields = (part for part in nodes(below.condition) if isinstance(part, e.Field))
        if any(field.alias == below.alias and field.name == "value" for field in fields):
            return
        below = below.source
    name = shown(requirement.name)
    message = f"`{name}` is answered yes or no, and an entry that says no is an entry too"
    help = f"""ask what it says: `"{name}" R where R.value`"""
    place.fault(TypeFault, node.span, message, help, "a recorded no would count as a yes")


def field_of(requirement: DataRequirement, name: str, node: e.AnyNode, place: Place) -> RowField:
    """A field of a row of this requirement: what every row has, or what the list declares."""
    if name == "date":
        return RowField(name, DATE)
    if name == "code":
        return RowField(name, CODE)
    if name == "value" and requirement.type.name != "Records":
        type = BOOLEAN if requirement.type.name == "Judgement" else requirement.type
        return RowField(name, type)
    for found in requirement.fields:
        if found.name == name:
            return found
    names = ["date", "code", *(["value"] if requirement.type.name != "Records" else [])]
    names += [found.name for found in requirement.fields]
    help = did_you_mean(name, names) or f"its fields are {listed(names, 'and')}"
    message = f"a row of `{requirement.name}` has no field `{shown(name)}`"
    place.fault(NameFault, node.span, message, help)


def distinct(node: e.CountDistinct, source: e.Rows, place: Place) -> Expression:
    """`Count(distinct ...)`, capped by the values that the key can take."""
    requirement = requirement_named(retrieved(source), place).requirement
    key = _returned(requirement, node.key, node, place)
    return replace(node, source=source, cap=len(key.values) or None)


def over_rows(node: e.RowValues, source: e.Rows, place: Place) -> Expression:
    """`Max((T R return R.days))` and its like."""
    requirement = requirement_named(retrieved(source), place).requirement
    key = _returned(requirement, node.field_name, node, place)
    allowed = ORDERED if node.function in ("Min", "Max") else NUMBERS
    if key.type.name not in allowed:
        message = f"`{node.function}` does not go with `{key.name}`, which is of type {key.type}"
        place.fault(TypeFault, node.span, message)
    return replace(node, source=source, type=key.type)


def _returned(requirement: DataRequirement, name: str, node: Expression, place: Place) -> RowField:
    if name == "date":
        place.fault(TypeFault, node.span, "a query returns what the rows say, not when they were recorded")
    return field_of(requirement, name, node, place)


def retrieved(rows: e.Rows) -> e.Retrieve:
    """The retrieval below all conditions of a query."""
    while isinstance(rows, e.Where):
        rows = rows.source
    return rows


# --------------------------------------------------------------------------- closed lists of words


def vocabulary(node: Expression, place: Place, rows: dict[str, DataRequirement]) -> tuple[str, ...]:
    """The words that a value can be, where the file declares them; empty if it can be any."""
    if isinstance(node, e.Field) and node.alias in rows:
        for found in rows[node.alias].fields:
            if found.name == node.name:
                return found.values
    if isinstance(node, e.Reference):
        name = place.scope.names.get(node.name)
        if name is not None and name.declared is not None and name.declared.requirement.take == "gender":
            return ("female", "male")
    return ()


def in_vocabulary(word: str, at: Expression, node: Expression, words: tuple[str, ...], place: Place) -> None:
    """A word that is compared with a value that can never be it is a slip of the pen."""
    if not words or word in words:
        return
    help = did_you_mean(word, words) or f"it is {listed(words)}"
    place.fault(
        NameFault,
        at.span,
        f"`{shown(word)}` is not among the values of {said(node)}",
        help,
        "a comparison that can never hold would decide",
    )
