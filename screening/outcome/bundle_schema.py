"""The published JSON Schema (draft 2020-12) of a bundle: of its nodes by the table that encodes them, the rest by
hand; and all published schemas by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.outcome import embedded, recorded, tree
from screening.outcome.certificate import BUNDLE
from screening.outcome.schema import CERTIFICATE, DEFS, DIAGNOSTICS, DIALECT, TEXT, YES, Schema, form, list_of, of

_RATIO: Schema = {
    "description": "An exact fraction in lowest terms.",
    "type": "string",
    "pattern": r"^(0|-?[1-9][0-9]*)/[1-9][0-9]*$",
}
_WHOLE: Schema = {"type": "integer", "minimum": 0, "maximum": 999_999_999_999_999}
_TYPE: Schema = {"$ref": "#/$defs/type"}


def _field(kind: tree.Kind) -> Schema:
    """What a field of a node may hold."""
    if isinstance(kind, tuple):
        return {"enum": list(kind)}
    match kind:
        case tree.NODE:
            return of("node")
        case tree.ROWS:
            return of("node_rows")
        case tree.NODES:
            return list_of(of("node"))
        case tree.SOME:
            return {**list_of(of("node")), "minItems": 1}
        case tree.FLAG:
            return YES
        case tree.COUNT:
            return _WHOLE
        case tree.CAP:
            return {"anyOf": [_WHOLE, {"type": "null"}]}
        case tree.SIGN:
            return {"enum": [1, -1]}
        case tree.VALUE | tree.BOUNDS | tree.TRUTH:
            return of(kind)
        case tree.CODES:
            return of("codings")
        case tree.TEXTS:
            return list_of(TEXT)
        case tree.RATIO:
            return _RATIO
    return TEXT


def _node(cls: type[Any]) -> Schema:
    fields: dict[str, Schema] = {"node": {"const": cls.__name__}, "place": TEXT}
    if tree.IS_TYPED[cls]:
        fields["type"] = _TYPE
    about = " ".join((cls.__doc__ or "").split("\n\n")[0].split())
    described = about if not about.startswith(f"{cls.__name__}(") else ""
    return form(described, {**fields, **{name: _field(kind) for name, kind in tree.FORMS[cls].items()}})


def _nodes() -> dict[str, Schema]:
    """One branch for every class of node, and which of them may stand where."""
    rows = [name for name in tree.CLASSES if name in tree.ROW_NODES]
    others = [name for name in tree.CLASSES if name not in tree.ROW_NODES]
    return {
        **{f"node_{name}": _node(cls) for name, cls in tree.CLASSES.items()},
        "node": _one_of(others),
        "node_rows": _one_of(rows),
    }


def _one_of(names: list[str]) -> Schema:
    """Nodes told apart by their name: with `oneOf` a validator would try all of them at every depth."""
    return {
        "type": "object",
        "properties": {"node": {"enum": names}},
        "required": ["node"],
        "allOf": [{"if": {"properties": {"node": {"const": name}}}, "then": of(f"node_{name}")} for name in names],
    }


_TYPE_FORM = form(
    "A type; a Quantity has its unit, Records the requirement, a List the type of what is in it.",
    {"name": {"enum": list(tree.TYPE_NAMES)}},
    {"unit": TEXT, "records": TEXT, "item": _TYPE},
)
_PARAMETER: Schema = {
    **DEFS["parameter"],
    "properties": {**DEFS["parameter"]["properties"], "type": _TYPE},
    "required": [*DEFS["parameter"]["required"], "type"],
}
_REQUIREMENT = form(
    "One input of the protocol.",
    {
        "name": TEXT,
        "type": _TYPE,
        "obtain": TEXT,
        "factors": list_of(form("A factor between mass and substance.", {"unit": TEXT, "by": TEXT})),
    },
)
_CRITERION = form(
    "One sentence of the protocol; its expression stands in `order` under its id.",
    {
        "id": TEXT,
        "category": {"enum": list(embedded.CATEGORIES)},
        "strength": {"enum": list(embedded.STRENGTHS)},
        "text": TEXT,
        "source": of("citation"),
        "applies": YES,
    },
    {"alert": TEXT},
)
_TREE = form(
    "Everything of the rules that a verdict rests on.",
    {
        "format": {"const": embedded.FORMAT},
        "library": of("library"),
        "fixed_words": list_of(TEXT),
        "parameters": list_of(_PARAMETER),
        "anchors": list_of(TEXT),
        "labels": list_of(
            form("What a verdict is called.", {"verdict": {"enum": list(embedded.VERDICTS)}, "label": TEXT})
        ),
        "outputs": list_of(form("A definition that is told.", {"output": TEXT, "definition": TEXT})),
        "requirements": list_of(_REQUIREMENT),
        "criteria": list_of(_CRITERION),
        "order": list_of(form("An expression by name.", {"name": TEXT, "expression": of("node")})),
    },
)
_OF_RECORD = ("subject", "synthetic", "record", "site", "facts", "absences", "complete", "searched", "notices")
_RECORD = form(
    "The record as the law reads it, whatever its dates.",
    {
        "format": {"const": recorded.FORMAT},
        **{name: CERTIFICATE["properties"][name] for name in _OF_RECORD},
        "concepts": {"type": "object", "additionalProperties": _WHOLE},
        "conversions": list_of(
            form(
                "What a number written in one unit is multiplied by, and what is then added.",
                {"requirement": TEXT, "from": TEXT, "to": TEXT, "factor": _RATIO, "offset": _RATIO},
            )
        ),
    },
)

BUNDLE_SCHEMA: Schema = {
    "$schema": DIALECT,
    "title": "A certificate with all that it rests on",
    **form(
        "A verdict that can be verified from this alone.",
        {
            "bundle": {"const": BUNDLE},
            "certificate": of("certificate"),
            "tree": of("tree"),
            "record": of("record"),
        },
    ),
    "$defs": {
        **DEFS,
        **_nodes(),
        "type": _TYPE_FORM,
        "certificate": {
            key: CERTIFICATE[key]
            for key in ("description", "type", "properties", "required", "additionalProperties")
        },
        "tree": _TREE,
        "record": _RECORD,
    },
}

SCHEMAS: Mapping[str, Schema] = {"certificate": CERTIFICATE, "bundle": BUNDLE_SCHEMA, "diagnostic": DIAGNOSTICS}
