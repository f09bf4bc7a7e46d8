"""A checked library as plain JSON data and back, exactly: decimals, days, places and all.

Every class that may come back stands in one table; data that names anything else is refused.
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Callable
from dataclasses import fields, replace
from decimal import Decimal
from typing import Any

from screening.errors import Span
from screening.language import expression as e
from screening.language.library import (
    Alert,
    Citation,
    Criterion,
    DataRequirement,
    Definition,
    Factor,
    Inclusion,
    Label,
    Library,
    MeasurementError,
    Output,
    ParameterValue,
    Property,
    Repeat,
    RowField,
)
from screening.language.types import Type
from screening.values.bounds import Bounds
from screening.values.coding import Code, Terminology, ValueSet
from screening.values.truth import Truth

NODES = (
    e.Literal, e.Parameter, e.Reference, e.Field, e.Retrieve, e.Where, e.Select, e.DateOf, e.Exists, e.Silence,
    e.Count, e.CountDistinct, e.RowValues, e.Favoured, e.And, e.Or, e.Not, e.Xor, e.Implies, e.If, e.CountTrue,
    e.Compare, e.Between, e.InSet, e.InInterval, e.Is, e.Timing, e.Negate, e.Arithmetic, e.Function, e.Coalesce,
    e.Convert, e.Shift, e.DayOf, e.Duration, e.Age, e.Contradicted, e.Fires,
)  # fmt: skip
CLASSES: tuple[type[Any], ...] = (
    Type, Span, Bounds, Code, Terminology, ValueSet, Alert, Citation, Criterion, DataRequirement, Definition,
    Factor, Inclusion, Label, Library, MeasurementError, Output, ParameterValue, Property, Repeat, RowField,
    *NODES,
)  # fmt: skip
_NUMBERS = {cls: number for number, cls in enumerate(CLASSES)}


_FIRST_NODE = len(CLASSES) - len(NODES)
_OF_EVERY_NODE = ("span", "place")


def _names(cls: type[Any]) -> tuple[str, ...]:
    """The fields of a class as it takes them: those that every node has stand last, by name."""
    named: tuple[str, ...] = getattr(cls, "_fields", None) or tuple(f.name for f in fields(cls))
    return named if cls not in NODES else (*(n for n in named if n not in _OF_EVERY_NODE), *_OF_EVERY_NODE)


_FIELDS = tuple(_names(cls) for cls in CLASSES)


class NotEncoded(ValueError):
    """The data is no library of this program."""


# An object is a list: the number of its class and its fields; anything else that JSON has no word for is a
# list with a letter in front.


# What comes again and again is written once and named by its number.
_POOLED = (Type, Span, Code, Terminology, Citation, frozenset)


class _Pool:
    """What was written once, in the order of its numbers."""

    def __init__(self) -> None:
        self.numbers: dict[Any, int] = {}
        self.data: list[Any] = []

    def number(self, value: Any) -> int:
        if value not in self.numbers:
            data = self.encoded(value, pooled=False)
            self.numbers[value] = len(self.data)
            self.data.append(data)
        return self.numbers[value]

    def encoded(self, value: Any, pooled: bool = True) -> Any:
        if value is None or value is True or value is False or type(value) in (int, str):
            return value
        cls = type(value)
        if pooled and cls in _POOLED:
            return ["p", self.number(value)]
        if cls in _NUMBERS:
            number = _NUMBERS[cls]
            return [number, *(self.encoded(getattr(value, name)) for name in _FIELDS[number])]
        if cls is tuple:
            return ["t", *map(self.encoded, value)]
        if cls is frozenset:
            return ["s", *(self.encoded(item) for item in sorted(value))]
        if isinstance(value, Truth):
            return ["v", value.value]
        if cls is Decimal:
            return ["d", str(value)]
        if cls is datetime.date:
            return ["D", value.isoformat()]
        if cls is datetime.datetime:
            return ["T", value.isoformat()]
        raise NotEncoded(cls.__name__)


_READ: dict[str, Callable[[str], Any]] = {
    "v": Truth,
    "d": Decimal,
    "D": datetime.date.fromisoformat,
    "T": datetime.datetime.fromisoformat,
}


def _decoded(data: list[Any], pool: list[Any]) -> Any:
    head = data[0]
    items = [
        item if type(item) is not list else pool[item[1]] if item[0] == "p" else _decoded(item, pool)
        for item in data[1:]
    ]
    if type(head) is int:
        if len(items) != len(_FIELDS[head]):
            raise NotEncoded("another class")
        if head < _FIRST_NODE:
            return CLASSES[head](*items)
        place, span = items.pop(), items.pop()
        return CLASSES[head](*items, span=span, place=place)
    if head == "t":
        return tuple(items)
    if head == "s":
        return frozenset(items)
    return _READ[head](items[0])


def encode(library: Library) -> str:
    """A library as JSON text. What is evaluated is written once, though order and declarations both hold it."""
    order = [name for name, _ in library.order]
    pool = _Pool()
    data = pool.encoded(replace(library, order=()))
    return json.dumps([pool.data, order, data], ensure_ascii=True, separators=(",", ":"))


def decode(text: str) -> Library:
    """The library that a text encodes; raises NotEncoded for any other text."""
    try:
        pooled, order, data = json.loads(text)
        pool: list[Any] = []
        for item in pooled:
            pool.append(_decoded(item, pool))
        library = _decoded(data, pool)
        if not isinstance(library, Library):
            raise NotEncoded("no library")
        behind = {d.name: d.expression for d in library.definitions}
        behind |= {c.id: c.expression for c in library.criteria}
        return replace(library, order=tuple((name, behind[name]) for name in order))
    except (ValueError, TypeError, LookupError, ArithmeticError, RecursionError) as error:
        raise NotEncoded("not an encoded library") from error
