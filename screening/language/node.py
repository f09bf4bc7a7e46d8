"""What every node of an expression has, and the leaves: constants, parameters, references, fields of a row."""

from __future__ import annotations

from dataclasses import field

from screening.errors import NOWHERE, Span
from screening.language.types import BOOLEAN, Type
from screening.values.bounds import Bounds
from screening.values.coding import Codings
from screening.values.frozen import dataclass
from screening.values.truth import Truth


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What every node has beside its own parts."""

    span: Span = field(default=NOWHERE, compare=False, repr=False)
    place: str = field(default="", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Literal(Node):
    """A constant of the rule file: a truth, a number, a day, a word or code, or an open value."""

    value: Truth | Bounds | Codings
    type: Type
    text: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Parameter(Node):
    """A parameter of the run, the as-of date (`Screening Date`) among them."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Reference(Node):
    """The value of a definition, a requirement or a criterion, evaluated before."""

    name: str
    type: Type = BOOLEAN


@dataclass(frozen=True, slots=True)
class Field(Node):
    """A named field of the row in scope: `date`, `value`, `code`, or one that the record list declares."""

    alias: str
    name: str
    type: Type
