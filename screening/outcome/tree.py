"""An expression of a checked library as plain JSON data and back, each field by its name.

One table says which fields a node has and of what kind each is; the encoder, the decoder and the JSON Schema all
read it. Places are written out and held against the node's position; what a file looked like is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import fields
from fractions import Fraction
from typing import Any, NoReturn

from screening.errors import VerificationError
from screening.language import expression as e
from screening.language.expression import AnyNode
from screening.language.types import DATE, DECLARABLE, Type
from screening.outcome import codec
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code
from screening.values.quantity import same_dimension
from screening.values.truth import Truth
from screening.values.unit import Unit, UnknownUnit, parse_unit

DEEPEST = 250
TYPE_NAMES = (*DECLARABLE, "List")
UNITS = ("years", "months", "weeks", "days", "hours")
COMPARISONS = ("=", "!=", "<", "<=", ">", ">=")
OPERATORS = ("+", "-", "*", "/", "^")
FUNCTIONS = ("Ln", "Exp", "Sqrt", "Abs", "Round", "Min", "Max", "Sum", "Mean", "Agree")
TAKES = ("latest", "first", "highest", "lowest", "mean of latest day")
WINDOWS = ("or less before", "or more before", "or less after", "or more after", "around")
STATES = ("null", "true", "false")
GATHERED = ("Min", "Max", "Sum", "Mean")

# What a field holds: a node, rows, any number of nodes, some nodes, or a plain value; a tuple lists the words that
# may stand there.
NODE, ROWS, NODES, SOME, TEXT, FLAG, COUNT, CAP, SIGN, TYPE, VALUE, BOUNDS, CODES, TRUTH, TEXTS, RATIO = (
    "node", "rows", "nodes", "some", "text", "flag", "count", "cap", "sign", "type", "value", "bounds", "codes",
    "truth", "texts", "ratio",
)  # fmt: skip
Kind = str | tuple[str, ...]

# Fields in the order in which the class takes them. Parts are evaluated in the order in which they stand here.
FORMS: Mapping[type[Any], Mapping[str, Kind]] = {
    e.Literal: {"value": VALUE},
    e.Parameter: {"name": TEXT},
    e.Reference: {"name": TEXT},
    e.Field: {"alias": TEXT, "name": TEXT},
    e.Retrieve: {"requirement": TEXT},
    e.Where: {"source": ROWS, "alias": TEXT, "condition": NODE},
    e.Select: {"source": ROWS, "take": TAKES, "readings": COUNT, "scale": BOUNDS},
    e.DateOf: {"source": ROWS, "take": TAKES, "readings": COUNT},
    e.Exists: {"source": ROWS},
    e.Silence: {"operand": NODE, "source": ROWS},
    e.Count: {"source": ROWS},
    e.CountDistinct: {"source": ROWS, "key": TEXT, "cap": CAP},
    e.RowValues: {"source": ROWS, "field_name": TEXT, "function": GATHERED},
    e.Favoured: {"operand": NODE, "toward": TRUTH},
    e.And: {"operands": NODES},
    e.Or: {"operands": NODES},
    e.Not: {"operand": NODE},
    e.Xor: {"left": NODE, "right": NODE},
    e.Implies: {"left": NODE, "right": NODE},
    e.If: {"condition": NODE, "then": NODE, "otherwise": NODE},
    e.CountTrue: {"operands": NODES},
    e.Compare: {"operator": COMPARISONS, "left": NODE, "right": NODE},
    e.Between: {"operand": NODE, "low": NODE, "high": NODE},
    e.InSet: {"operand": NODE, "name": TEXT, "codes": CODES},
    e.InInterval: {"operand": NODE, "low": NODE, "high": NODE, "low_closed": FLAG, "high_closed": FLAG},
    e.Is: {"operand": NODE, "state": STATES, "negated": FLAG},
    e.Timing: {
        "operand": NODE, "kind": WINDOWS, "inclusive": FLAG, "amount": NODE, "unit": UNITS, "reference": NODE,
    },
    e.Negate: {"operand": NODE},
    e.Arithmetic: {"operator": OPERATORS, "left": NODE, "right": NODE},
    e.Function: {"name": FUNCTIONS, "operands": SOME},
    e.Coalesce: {"operands": SOME},
    e.Convert: {"operand": NODE, "source": TEXT, "target": TEXT, "factor": RATIO, "offset": RATIO},
    e.Shift: {"operand": NODE, "amount": NODE, "unit": UNITS, "sign": SIGN},
    e.DayOf: {"operand": NODE},
    e.Duration: {"unit": UNITS, "left": NODE, "right": NODE},
    e.Age: {"born": NODE, "on": NODE},
    e.Contradicted: {"criterion": TEXT, "hard": TEXTS, "soft": TEXTS},
    e.Fires: {"source": ROWS, "alias": TEXT, "condition": NODE},
}  # fmt: skip
CLASSES: Mapping[str, type[Any]] = {cls.__name__: cls for cls in FORMS}
IS_TYPED = {cls: any(field.name == "type" for field in fields(cls)) for cls in FORMS}
_DIGEST = re.compile("[0-9a-f]{64}")
ROW_NODES = ("Retrieve", "Where")


def refuse(path: str, why: str) -> NoReturn:
    """Raises VerificationError: what stands at a place of a bundle is not what the format says."""
    raise VerificationError(f"{path} {why}")


# ------------------------------------------------------------------------------------- writing


def type_data(type: Type) -> dict[str, Any]:
    """A type; what is empty is left out."""
    data: dict[str, Any] = {"name": type.name}
    if type.unit:
        data["unit"] = type.unit
    if type.records:
        data["records"] = type.records
    if type.item is not None:
        data["item"] = type_data(type.item)
    return data


def ratio(exact: Fraction) -> str:
    """A fraction as `numerator/denominator`, in lowest terms, the denominator positive."""
    return f"{exact.numerator}/{exact.denominator}"


def conversion(source: Unit, target: Unit) -> tuple[Fraction, Fraction]:
    """Factor and offset: a value x of one unit is x * factor + offset in the other."""
    return source.factor / target.factor, (source.offset - target.offset) / target.factor


def node_data(node: AnyNode) -> dict[str, Any]:
    """A node with everything under it."""
    data: dict[str, Any] = {"node": type(node).__name__, "place": node.place}
    if IS_TYPED[type(node)]:
        data["type"] = type_data(node.type)  # type: ignore[union-attr]
    holder: Any = node.selection if isinstance(node, e.DateOf) else node
    for name, kind in FORMS[type(node)].items():
        if kind == RATIO:
            assert isinstance(node, e.Convert)
            ratios = conversion(parse_unit(node.source), parse_unit(node.target))
            data[name] = ratio(ratios[0] if name == "factor" else ratios[1])
        else:
            data[name] = _field_data(getattr(holder, name), kind)
    return data


def _field_data(value: Any, kind: Kind) -> Any:
    match kind:
        case "node" | "rows":
            return node_data(value)
        case "nodes" | "some":
            return [node_data(one) for one in value]
        case "value" | "bounds" | "truth":
            return codec.value_data(value)
        case "codes":
            return [[code.system, code.code] for code in value]
        case "texts":
            return list(value)
    return value


# ------------------------------------------------------------------------------------- reading


def mapping(data: Any, path: str, needed: Iterable[str], optional: Iterable[str] = ()) -> Mapping[str, Any]:
    """An object with exactly these keys; those of `optional` may be left out."""
    if not isinstance(data, dict):
        refuse(path, "is no object")
    wanted = set(needed)
    for key in sorted(data.keys() - wanted - set(optional)):
        refuse(f"{path}/{key}", "is no field of this format")
    for key in sorted(wanted - data.keys()):
        refuse(f"{path}/{key}", "is missing")
    return data


def items(data: Any, path: str) -> list[Any]:
    """A list."""
    if not isinstance(data, list):
        refuse(path, "is no list")
    return data


def text(data: Any, path: str) -> str:
    """A text."""
    if not isinstance(data, str):
        refuse(path, "is no text")
    return data


def digest(data: Any, path: str) -> str:
    """A digest, 64 hexadecimal digits."""
    found = text(data, path)
    return found if _DIGEST.fullmatch(found) else refuse(path, "is no digest")


def flag(data: Any, path: str) -> bool:
    """`true` or `false`."""
    if not isinstance(data, bool):
        refuse(path, "is neither true nor false")
    return data


def count(data: Any, path: str) -> int:
    """A whole number, 0 or more."""
    if type(data) is not int or data < 0:
        refuse(path, "is no whole number")
    return data


def one_of(data: Any, path: str, words: Iterable[str]) -> str:
    """One of the words that may stand there."""
    if not isinstance(data, str) or data not in words:
        refuse(path, "is none of the words that may stand here")
    return data


def codings(data: Any, path: str) -> tuple[Code, ...]:
    """Codes, each a system and a code."""
    found = []
    for n, pair in enumerate(items(data, path)):
        if not isinstance(pair, list) or len(pair) != 2 or not all(isinstance(part, str) for part in pair):
            refuse(f"{path}/{n}", "is no code")
        found.append(Code(*pair))
    return tuple(found)


def value(data: Any, path: str) -> Truth | Bounds | tuple[Code, ...]:
    """A truth, bounds or codings."""
    match data:
        case str():
            return Truth(one_of(data, path, [truth.value for truth in Truth]))
        case list():
            return codings(data, path)
    return bounds(data, path)


def bounds(data: Any, path: str) -> Bounds:
    """`low..high` of one kind, the lower end not above the upper one."""
    ends = mapping(data, path, ("low", "high"))
    found: list[Any] = []
    for name in ("low", "high"):
        if ends[name] is not None and not isinstance(ends[name], str):
            refuse(f"{path}/{name}", "is no text")
        try:
            end = codec.end_of(ends[name])
        except (ValueError, ArithmeticError):
            refuse(f"{path}/{name}", "is no number or day in its one spelling")
        if codec.end_text(end) != ends[name]:
            refuse(f"{path}/{name}", "is no number or day in its one spelling")
        found.append(end)
    low, high = found
    if low is not None and high is not None and (type(low) is not type(high) or low > high):
        refuse(path, "has ends that do not go together")
    return Bounds(low, high)


def type_of(data: Any, path: str) -> Type:
    """The inverse of `type_data`."""
    said = mapping(data, path, ("name",), ("unit", "records", "item"))
    name = one_of(said["name"], f"{path}/name", TYPE_NAMES)
    unit, records = (text(said.get(key, ""), f"{path}/{key}") for key in ("unit", "records"))
    item = type_of(said["item"], f"{path}/item") if "item" in said else None
    return Type(name, unit, records, item)


def node_of(data: Any, path: str, place: str, deep: int = 0, is_rows: bool = False) -> Any:
    """The inverse of `node_data`; `place` is the position at which the node stands."""
    if deep > DEEPEST:
        refuse(path, "lies too deep")
    name = one_of(data.get("node") if isinstance(data, dict) else None, f"{path}/node", CLASSES)
    if (name in ROW_NODES) is not is_rows:
        refuse(f"{path}/node", "is none that may stand here")
    cls = CLASSES[name]
    form = FORMS[cls]
    typed = ("type",) if IS_TYPED[cls] else ()
    said = mapping(data, path, ("node", "place", *typed, *form))
    if said["place"] != place:
        refuse(f"{path}/place", f"is not {place}")
    given: dict[str, Any] = {"type": type_of(said["type"], f"{path}/type")} if typed else {}
    part = 0
    for key, kind in form.items():
        at = f"{path}/{key}"
        if kind in (NODE, ROWS):
            part += 1
            given[key] = node_of(said[key], at, f"{place}.{part}", deep + 1, kind == ROWS)
        elif kind in (NODES, SOME):
            listed = items(said[key], at)
            if not listed and kind == SOME:
                refuse(at, "is empty")
            given[key] = tuple(
                node_of(one, f"{at}/{n}", f"{place}.{n + 1}", deep + 1) for n, one in enumerate(listed)
            )
        else:
            given[key] = _field_of(said[key], kind, at)
    return _made(cls, given, path, place)


def _field_of(data: Any, kind: Kind, at: str) -> Any:
    if isinstance(kind, tuple):
        return one_of(data, at, kind)
    match kind:
        case "value":
            return value(data, at)
        case "bounds":
            return bounds(data, at)
        case "truth":
            return Truth(one_of(data, at, [truth.value for truth in Truth]))
        case "codes":
            return codings(data, at)
        case "texts":
            return tuple(text(one, f"{at}/{n}") for n, one in enumerate(items(data, at)))
        case "flag":
            return flag(data, at)
        case "count":
            return count(data, at)
        case "cap":
            return None if data is None else count(data, at)
        case "sign":
            return data if type(data) is int and data in (1, -1) else refuse(at, "is neither 1 nor -1")
    return text(data, at)


def _made(cls: type[Any], given: dict[str, Any], path: str, place: str) -> Any:
    if cls is e.DateOf:
        taken = e.Select(given["source"], given["take"], given["readings"], OPEN, DATE, place=place)
        return e.DateOf(taken, type=given["type"], place=place)
    if cls is e.Convert:
        try:
            units = parse_unit(given["source"]), parse_unit(given["target"])
        except UnknownUnit:
            refuse(path, "converts a unit that is unknown")
        stated = given.pop("factor"), given.pop("offset")
        if not same_dimension(*units) or stated != tuple(map(ratio, conversion(*units))):
            refuse(path, "converts otherwise than its units say")
    return cls(**given, place=place)
