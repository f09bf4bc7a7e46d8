"""What of a checked library a verdict rests on, as plain JSON data and back: expressions in their order, and what
is read off them. Where a file is and how it is laid out takes no part in it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import (
    AS_OF,
    ROOTS,
    Alert,
    Citation,
    Criterion,
    DataRequirement,
    Definition,
    Factor,
    Inclusion,
    Label,
    Library,
    Output,
    ParameterValue,
)
from screening.language.types import BOOLEAN, Type
from screening.outcome import codec
from screening.outcome.tree import (
    digest,
    flag,
    items,
    mapping,
    node_data,
    node_of,
    one_of,
    refuse,
    text,
    type_data,
    type_of,
    value,
)

FORMAT = "screening-tree-1"
# Of these lists of the tree, the member by which each item is known.
_NAMED = {"parameters": "name", "labels": "verdict", "outputs": "output", "requirements": "name", "criteria": "id"}
CATEGORIES = ("inclusion", "exclusion")
STRENGTHS = ("absolute", "relative", "administrative")
STATUSES = ("draft", "approved", "retired")
VERDICTS = ("ELIGIBLE", "INELIGIBLE", "UNDETERMINED", "REVIEW")


def citation_data(citation: Citation) -> dict[str, str]:
    """Where a sentence stands."""
    return {"source": citation.source, "place": citation.place}


def parameter_data(parameter: ParameterValue) -> dict[str, Any]:
    """A parameter in force, where its value comes from, and the source that the rule file names for it."""
    data = {
        "name": parameter.name,
        "value": codec.value_data(parameter.value),
        "origin": parameter.origin,
        "chosen": parameter.chosen,
    }
    return data if parameter.source is None else {**data, "source": citation_data(parameter.source)}


def library_data(library: Library) -> dict[str, Any]:
    """Which rules: name, version, status, approval and digest, with those of everything included."""
    return {
        "name": library.name,
        "version": library.version,
        "status": library.status,
        "approval": [[key, said] for key, said in library.approval],
        "digest": library.digest,
        "includes": [{"name": i.name, "version": i.version, "digest": i.digest} for i in library.includes],
        "overrides": [
            {"criterion": c.id, "strength": c.strength, **citation_data(c.override)}
            for c in library.criteria
            if c.override is not None
        ],
    }


def _criterion_data(criterion: Criterion) -> dict[str, Any]:
    data: dict[str, Any] = {
        "id": criterion.id,
        "category": criterion.category,
        "strength": criterion.strength,
        "text": criterion.text,
        "source": citation_data(criterion.source),
        "applies": bool(criterion.applies),
    }
    return data if criterion.alert is None else {**data, "alert": criterion.alert.definition}


def tree_data(library: Library) -> dict[str, Any]:
    """Everything of a library that a verdict rests on."""
    return {
        "format": FORMAT,
        "library": library_data(library),
        "fixed_words": list(library.fixed_words),
        "parameters": [
            {**parameter_data(p), "type": type_data(p.type)} for p in library.parameters if p.name != AS_OF
        ],
        "anchors": list(library.anchors),
        "labels": [{"verdict": label.verdict, "label": label.label} for label in library.labels],
        "outputs": [{"output": o.name, "definition": o.definition} for o in library.outputs],
        "requirements": [
            {
                "name": r.name,
                "type": type_data(r.type),
                "obtain": r.obtain,
                "factors": [{"unit": f.unit, "by": codec.number_text(Decimal(f.by))} for f in r.factors],
            }
            for r in library.requirements
        ],
        "criteria": [_criterion_data(criterion) for criterion in library.criteria],
        "order": [{"name": name, "expression": node_data(node)} for name, node in library.order],
    }


# ------------------------------------------------------------------------------------- reading


def _citation_of(data: Any, path: str) -> Citation:
    said = mapping(data, path, ("source", "place"))
    return Citation(text(said["source"], f"{path}/source"), text(said["place"], f"{path}/place"))


def _parameter_of(data: Any, path: str) -> ParameterValue:
    said = mapping(data, path, ("name", "value", "origin", "chosen", "type"), ("source",))
    return ParameterValue(
        name=text(said["name"], f"{path}/name"),
        type=type_of(said["type"], f"{path}/type"),
        value=value(said["value"], f"{path}/value"),
        written="",
        origin=text(said["origin"], f"{path}/origin"),
        source=_citation_of(said["source"], f"{path}/source") if "source" in said else None,
        chosen=flag(said["chosen"], f"{path}/chosen"),
    )


def _overrides_of(data: Any, path: str) -> dict[str, tuple[str, Citation]]:
    found = {}
    for n, one in enumerate(items(data, path)):
        said = mapping(one, f"{path}/{n}", ("criterion", "strength", "source", "place"))
        said = {key: text(each, f"{path}/{n}/{key}") for key, each in said.items()}
        found[said["criterion"]] = said["strength"], Citation(said["source"], said["place"])
    return found


def _criterion_of(data: Any, path: str, expressions: dict[str, Any], overrides: dict[str, Any]) -> Criterion:
    needed = ("id", "category", "strength", "text", "source", "applies")
    said = mapping(data, path, needed, ("alert",))
    id = text(said["id"], f"{path}/id")
    strength = one_of(said["strength"], f"{path}/strength", STRENGTHS)
    if id not in expressions:
        refuse(f"{path}/id", "names nothing that is evaluated")
    stated, override = overrides.pop(id, (strength, None))
    if stated != strength:
        refuse(f"{path}/strength", "is not that of its override")
    alert = None
    if "alert" in said:
        alert = Alert("", text(said["alert"], f"{path}/alert"))
        if alert.definition not in expressions:
            refuse(f"{path}/alert", "names nothing that is evaluated")
    category = one_of(said["category"], f"{path}/category", CATEGORIES)
    applies = flag(said["applies"], f"{path}/applies")
    if applies and not _has_condition(category, expressions[id]):
        refuse(f"{path}/applies", "is said of a criterion without a condition")
    return Criterion(
        id=id,
        category=category,
        strength=strength,
        text=text(said["text"], f"{path}/text"),
        source=_citation_of(said["source"], f"{path}/source"),
        expression=expressions[id],
        applies="stated" if applies else "",
        alert=alert,
        override=override,
    )


def _has_condition(category: str, expression: Expression) -> bool:
    """Whether a criterion has the form of one that applies under a condition, its first part."""
    match expression:
        case e.Implies():
            return category == "inclusion"
        case e.And(operands):
            return category == "exclusion" and len(operands) == 2
    return False


def _order_of(data: Any, path: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for n, one in enumerate(items(data, path)):
        said = mapping(one, f"{path}/{n}", ("name", "expression"))
        name = text(said["name"], f"{path}/{n}/name")
        if name in found:
            refuse(f"{path}/{n}/name", "stands twice")
        found[name] = node_of(said["expression"], f"{path}/{n}/expression", name)
    for root in ROOTS:
        if root not in found:
            refuse(path, f"holds no `{root}`")
    return found


def _pairs_of(data: Any, path: str, first: str, second: str) -> list[tuple[str, str]]:
    found = []
    for n, one in enumerate(items(data, path)):
        said = mapping(one, f"{path}/{n}", (first, second))
        found.append((text(said[first], f"{path}/{n}/{first}"), text(said[second], f"{path}/{n}/{second}")))
    return found


def _names_of(data: Any, path: str, among: Any) -> tuple[str, ...]:
    found = tuple(text(one, f"{path}/{n}") for n, one in enumerate(items(data, path)))
    for n, name in enumerate(found):
        if among is not None and name not in among:
            refuse(f"{path}/{n}", "names nothing that is evaluated")
    return found


def _requirement_of(data: Any, path: str) -> DataRequirement:
    said = mapping(data, path, ("name", "type", "obtain", "factors"))
    name, obtain = (text(said[key], f"{path}/{key}") for key in ("name", "obtain"))
    factors = tuple(Factor(*pair, "") for pair in _pairs_of(said["factors"], f"{path}/factors", "unit", "by"))
    for n, factor in enumerate(factors):
        if not isinstance(_end(factor.by), Decimal):
            refuse(f"{path}/factors/{n}/by", "is no number")
    return DataRequirement(name, type_of(said["type"], f"{path}/type"), factors=factors, obtain=obtain)


def _end(written: str) -> Any:
    try:
        return codec.end_of(written)
    except (ValueError, ArithmeticError):
        return None


def _inclusion_of(data: Any, path: str) -> Inclusion:
    said = mapping(data, path, ("name", "version", "digest"))
    name, version = (text(said[key], f"{path}/{key}") for key in ("name", "version"))
    return Inclusion(name, version, digest(said["digest"], f"{path}/digest"))


def library_of(data: Any, path: str = "/tree") -> Library:
    """The inverse of `tree_data`: a library that evaluates as the one it was made of; raises VerificationError.

    What takes no part in a verdict is empty in it.
    """
    keys = (
        "library",
        "fixed_words",
        "parameters",
        "anchors",
        "labels",
        "outputs",
        "requirements",
        "criteria",
        "order",
    )
    said = mapping(data, path, ("format", *keys))
    if said["format"] != FORMAT:
        refuse(f"{path}/format", f"is not `{FORMAT}`")
    at = f"{path}/library"
    head = mapping(
        said["library"], at, ("name", "version", "status", "approval", "digest", "includes", "overrides")
    )
    expressions = _order_of(said["order"], f"{path}/order")
    overrides = _overrides_of(head["overrides"], f"{at}/overrides")
    criteria = tuple(
        _criterion_of(one, f"{path}/criteria/{n}", expressions, overrides)
        for n, one in enumerate(items(said["criteria"], f"{path}/criteria"))
    )
    if overrides:
        refuse(f"{at}/overrides", "name a criterion that there is not")
    outputs = _pairs_of(said["outputs"], f"{path}/outputs", "output", "definition")
    _names_of([definition for _, definition in outputs], f"{path}/outputs", expressions)
    found = Library(
        name=text(head["name"], f"{at}/name"),
        version=text(head["version"], f"{at}/version"),
        status=one_of(head["status"], f"{at}/status", STATUSES),
        title="",
        sources=(),
        parameters=tuple(
            _parameter_of(one, f"{path}/parameters/{n}")
            for n, one in enumerate(items(said["parameters"], f"{path}/parameters"))
        ),
        valuesets=(),
        requirements=tuple(
            _requirement_of(one, f"{path}/requirements/{n}")
            for n, one in enumerate(items(said["requirements"], f"{path}/requirements"))
        ),
        definitions=tuple(Definition(name, node, _type_of(node)) for name, node in expressions.items()),
        criteria=criteria,
        anchors=_names_of(said["anchors"], f"{path}/anchors", expressions),
        order=tuple(expressions.items()),
        includes=tuple(
            _inclusion_of(one, f"{at}/includes/{n}")
            for n, one in enumerate(items(head["includes"], f"{at}/includes"))
        ),
        fixed_words=_names_of(said["fixed_words"], f"{path}/fixed_words", None),
        digest=digest(head["digest"], f"{at}/digest"),
        approval=_approval_of(head["approval"], f"{at}/approval"),
        labels=tuple(
            Label(one_of(verdict, f"{path}/labels/{n}/verdict", VERDICTS), label)
            for n, (verdict, label) in enumerate(_pairs_of(said["labels"], f"{path}/labels", "verdict", "label"))
        ),
        outputs=tuple(Output(*pair) for pair in outputs),
    )
    for kind, key in _NAMED.items():
        _once(said[kind], f"{path}/{kind}", key)
    return found


def _once(data: Any, path: str, key: str) -> None:
    """Refuses a list in which one name stands twice: two readers could take another one of them."""
    names = [one[key] for one in data]
    for n, name in enumerate(names):
        if name in names[:n]:
            refuse(f"{path}/{n}/{key}", "stands twice")


def _type_of(node: Any) -> Type:
    found: Type = getattr(node, "type", BOOLEAN)
    return found


def _approval_of(data: Any, path: str) -> tuple[tuple[str, str], ...]:
    found = []
    for n, pair in enumerate(items(data, path)):
        if not isinstance(pair, list) or len(pair) != 2:
            refuse(f"{path}/{n}", "is no pair of texts")
        found.append((text(pair[0], f"{path}/{n}/0"), text(pair[1], f"{path}/{n}/1")))
    return tuple(found)
