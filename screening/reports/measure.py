"""What stands behind a number, a date or a code of an expression: label, value and the facts used."""

from __future__ import annotations

import datetime
import re
from dataclasses import replace
from typing import Any

from screening.language import expression as e
from screening.language.expression import AnyNode, parts
from screening.language.library import DataRequirement
from screening.language.text import spell
from screening.language.types import NUMBERS, Type
from screening.outcome.trace import RowsFound
from screening.record.subject import Absence, Evidence
from screening.reports import value as values
from screening.reports.account import Account
from screening.reports.words import ago, joined, plural, safe
from screening.values.bounds import Bounds, hull, is_open
from screening.values.frozen import dataclass
from screening.values.truth import Truth

# A scale behind a label ("pain, 0 to 10") would be read as a part of the value that follows.
_SCALED = re.compile(r", \d+ to \d+( [a-z]+)?\Z")
# The name of a definition says what is counted.
_DIFFERENT = re.compile(r"^(\S+) different [^(]*?(?= \(|$)")
_COUNT = re.compile(r"\d+(\.\d+)?\Z")
_RESOURCE = re.compile(r"\b([A-Z][A-Za-z]+)/([0-9a-f]{8})-[0-9a-f-]{27}(?: component [^;]*)?")
_PROFILE = re.compile(r"profile .*?(?:, (row \d+))?(?: \((.*)\))?\Z")


@dataclass(frozen=True, slots=True)
class Measure:
    """One side of a comparison, in words; `passed` is how long ago it was, `origin` its provenance."""

    label: str
    value: str
    unit: str = ""
    detail: str = ""
    dated: str = ""
    passed: str = ""
    origin: str = ""
    scale: str = ""
    is_given: bool = False
    bounds: Bounds | None = None


def label_of(requirement: DataRequirement) -> str:
    """How a requirement is called on a screen."""
    return _SCALED.sub("", safe(requirement.label)) or safe(requirement.name)


def has_data(node: AnyNode) -> bool:
    """Whether a node rests on the record, not on the protocol alone."""
    if isinstance(node, e.Reference | e.Retrieve | e.Field):
        return True
    return any(has_data(part) for part in parts(node))


def measured(account: Account, node: AnyNode, places: int | None = None, limits: tuple[Any, ...] = ()) -> Measure:
    """A node that is compared, with what it was taken from; `places`, `limits`: for computed numbers."""
    match node:
        case e.Reference(name) if name in account.requirements:
            return of_requirement(account, account.requirements[name], places, limits)
        case e.Reference(name) if name in account.expressions:
            inner = _computed(account, account.expressions[name], places, limits)
            value = _DIFFERENT.sub(r"\1", inner.value) if inner.label.endswith(":") else inner.value
            return replace(inner, label=safe(name), value=value)
        case e.Convert(operand) | e.DayOf(operand):
            inner = measured(account, operand, places, limits)
            read = account.value(node)
            if isinstance(node, e.Convert) and isinstance(read, Bounds) and not is_open(read):
                return replace(inner, unit=values.unit_of(node.type), bounds=read)
            return inner
        case e.Literal() | e.Parameter():
            return Measure("", limit(account, node), is_given=True)
    return _computed(account, node, places, limits)


def _computed(account: Account, node: AnyNode, places: int | None, limits: tuple[Any, ...]) -> Measure:
    """The value of an expression that is no requirement."""
    found = account.value(node)
    type: Type = getattr(node, "type", Type("Boolean"))
    step = account.step(node)
    bounds = found if isinstance(found, Bounds) else None
    text = _text(found, type, places, limits)
    label = safe(spell(node))
    match node:
        case e.CountTrue(operands):
            return Measure(label, f"{text} of {len(operands)}", bounds=bounds)
        case e.Count() | e.CountDistinct():
            return replace(_rows_counted(account, node, text), bounds=bounds)
        case e.Duration(unit, left, right):
            side = left if has_data(left) else right
            inner = measured(account, side)
            words = f"{text} {unit.removesuffix('s') if text == '1' else unit}"
            return replace(inner, value=words, detail=inner.value or inner.dated, dated="", bounds=bounds)
        case e.Age(born):
            inner = measured(account, born)
            return replace(inner, value=text, unit="years", detail="", bounds=bounds)
        case e.DateOf(selection):
            name = _requirement(selection.source)
            origin = _origin(account.rows(step.facts))
            return Measure(f"date of {label_of(account.requirements[name])}", text, origin=origin, bounds=bounds)
        case e.If() | e.Coalesce() | e.Silence() | e.Favoured():
            return Measure(label, text, values.unit_of(type), bounds=bounds)
        case e.Reference():
            return replace(measured(account, node, places, limits), label=label)
    inner_dates = [measured(account, part).dated for part in parts(node) if has_data(part)]
    dated = inner_dates[0] if inner_dates and len(set(inner_dates)) == 1 else ""
    return Measure(label, text, values.unit_of(type), dated=dated, bounds=bounds)


def _text(found: Any, type: Type, places: int | None, limits: tuple[Any, ...]) -> str:
    if isinstance(found, Bounds) and type.name in NUMBERS:
        unit = "" if is_open(found) else values.unit_of(type)
        return values.with_unit(values.number(found, places, limits), unit)
    if isinstance(found, RowsFound):
        return ""
    return values.value_text(found, type)


def _requirement(rows: e.Rows) -> str:
    while isinstance(rows, e.Where):
        rows = rows.source
    return rows.requirement


def _rows_counted(account: Account, node: e.Count | e.CountDistinct, text: str) -> Measure:
    """A count over rows: what was counted, and which keys were found."""
    requirement = account.requirements[_requirement(node.source)]
    rows = account.rows(account.step(node).facts)
    if isinstance(node, e.Count):
        return Measure(f"{label_of(requirement)}:", text, origin=_origin(rows))
    found = [_key(row, node.key) for row in rows]
    keys = ", ".join(dict.fromkeys(key for key in found if key))
    many = safe(node.key) if text == "1" else plural(safe(node.key))
    value = f"{text} different {many}"
    return Measure(f"{label_of(requirement)}:", f"{value} ({keys})" if keys else value, origin=_origin(rows))


def _key(row: Evidence, key: str) -> str:
    found = row.codes if key == "code" else row.value if key == "value" else row.fields.get(key)
    if found is None or isinstance(found, Truth | Bounds) or not found:
        return ""
    return values.value_text(found, Type("Code"))


def place_of(row: Evidence | Absence) -> str:
    """Where an entry stands, in the words of the record; of a profile, what it names as its source."""
    found = _PROFILE.match(row.origin)
    if found is None:
        return "; ".join(dict.fromkeys(safe(part) for part in row.origin.split("; ")))
    return joined((safe(found[2] or ""), found[1] or ""))


def brief(origin: str) -> str:
    """The same place with the first 8 characters of each resource's id.

    >>> brief("Observation/3c5ff05a-77a6-4ed2-8e17-963345037e20 component LOINC 8462-4")
    'Observation 3c5ff05a'
    """
    return "; ".join(dict.fromkeys(_RESOURCE.sub(r"\1 \2", origin).split("; ")))


def _origin(rows: tuple[Evidence, ...]) -> str:
    places = list(dict.fromkeys(place for row in rows if (place := place_of(row))))
    together: dict[str, list[str]] = {}
    for place in places:
        source, _, number = place.rpartition("row ")
        together.setdefault(source if number.isdigit() else place, []).append(number)
    origins = [
        f"{source}row{'s' if len(numbers) > 1 else ''} {', '.join(numbers)}" if numbers[0].isdigit() else source
        for source, numbers in together.items()
    ]
    if len(origins) > 2:
        return f"{origins[0]} and {len(origins) - 1} more"
    return "; ".join(origins)


def when_of(account: Account, rows: tuple[Evidence, ...]) -> tuple[str, str]:
    """The date of these rows and how long ago it was, where one day is known."""
    if not rows:
        return "", ""
    when = rows[0].when
    for row in rows[1:]:
        when = hull(when, row.when)
    day = values.one_day(when)
    return values.day_text(when), ago(day, account.as_of) if day is not None else ""


def of_requirement(
    account: Account,
    requirement: DataRequirement,
    places: int | None = None,
    limits: tuple[Any, ...] = (),
) -> Measure:
    """A requirement read as one value, with the date and the place of what was taken."""
    step = account.named(requirement.name)
    rows = account.rows(step.facts)
    dated, passed = when_of(account, rows)[0], ""
    found = step.value
    bounds = found if isinstance(found, Bounds) else None
    detail = ""
    unit = "years" if requirement.take.startswith("age ") else values.unit_of(requirement.type)
    if len(rows) == 1 and rows[0].value == found:
        text = values.fact_text(rows[0], requirement.type)
    elif requirement.take.startswith("age ") and bounds is not None and not is_open(bounds):
        text = values.with_unit(values.number(bounds), "years")
        dated = ""
    else:
        text = _text(found, requirement.type, places, limits)
    if requirement.take.startswith("mean") and len(rows) > 1:
        detail = f"mean of {len(rows)}"
    elif requirement.take in ("highest", "lowest", "first") and len(rows) == 1:
        detail = requirement.take
    scale = ""
    if requirement.scale.high is not None and requirement.scale.low == 0 and _COUNT.match(text):
        scale = f" of {values.number(Bounds(requirement.scale.high, requirement.scale.high))}"
    if requirement.type.name in ("Date", "DateTime") and bounds is not None:
        day = values.one_day(bounds)
        dated, passed = "", ago(day, account.as_of) if day is not None else ""
    origin = _origin(rows)
    return Measure(label_of(requirement), text, unit, detail, dated, passed, origin, scale, bounds=bounds)


def limit(account: Account, node: AnyNode, unit: bool = False) -> str:
    """What a value is held against; a computed limit shows its parts and what they come to."""
    match node:
        case e.Literal(value, type):
            if isinstance(value, Bounds) and type.name in NUMBERS:
                return values.with_unit(values.number(value), values.unit_of(type) if unit else "")
            return values.value_text(value, type)
        case e.Parameter(type=type):
            found = account.value(node)
            if isinstance(found, Bounds) and type.name in NUMBERS:
                return values.with_unit(values.number(found), values.unit_of(type) if unit else "")
            return values.value_text(found if not isinstance(found, RowsFound) else None, type)
        case e.Convert(operand) if not has_data(operand):
            found = account.value(node)
            assert isinstance(found, Bounds)
            return values.with_unit(values.number(found), values.unit_of(node.type) if unit else "")
        case e.Convert(operand) | e.DayOf(operand):
            return limit(account, operand, unit)
    found = account.value(node)
    type_ = getattr(node, "type", Type("Boolean"))
    total = "" if isinstance(found, RowsFound) else values.value_text(found, type_)
    if not unit and isinstance(found, Bounds) and type_.name in NUMBERS:
        total = values.number(found)
    shown = _parts_of_limit(account, node)
    if isinstance(node, e.Reference) and shown:
        return shown
    return f"{shown} = {total}" if shown and shown != total else total


def _parts_of_limit(account: Account, node: AnyNode) -> str:
    match node:
        case e.Reference():
            side = measured(account, node)
            number = side.value.removesuffix(f" {side.unit}") if side.unit else side.value
            return f"{number} ({side.label})"
        case e.Arithmetic(operator, left, right):
            sign = "x" if operator == "*" else operator
            return f"{_parts_of_limit(account, left)} {sign} {_parts_of_limit(account, right)}"
        case e.Shift(operand, amount, unit, sign):
            words = "+" if sign > 0 else "-"
            return f"{_parts_of_limit(account, operand)} {words} {_parts_of_limit(account, amount)} {unit}"
        case e.Literal() | e.Parameter() | e.Convert() | e.DayOf():
            return limit(account, node)
        case e.Negate(operand):
            return f"-{_parts_of_limit(account, operand)}"
    return ""


def limit_decimals(account: Account, node: AnyNode) -> tuple[int, tuple[Any, ...]]:
    """The decimals of a limit, and the ends that no printed value may reach by rounding."""
    found = account.value(node)
    if not isinstance(found, Bounds):
        return 0, ()
    ends = tuple(end for end in found if end is not None and not isinstance(end, datetime.date))
    return max((values.decimals(end) for end in ends), default=0), ends
