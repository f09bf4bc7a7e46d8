"""The types an expression may have."""

from __future__ import annotations

from screening.values.bounds import OPEN, Bounds
from screening.values.coding import NOT_CODED, Codings
from screening.values.frozen import dataclass
from screening.values.truth import UNKNOWN, Truth


@dataclass(frozen=True, slots=True)
class Type:
    """A type of the language; a Quantity carries its UCUM unit, Records the requirement it lists.

    Judgement is a Boolean that only a named person can answer; List holds items of one type.
    """

    name: str
    unit: str = ""
    records: str = ""
    item: Type | None = None

    def __str__(self) -> str:
        if self.name == "Quantity" and self.unit:
            return f"Quantity in `{self.unit}`"
        if self.name == "Records":
            return f"Records of {self.records}"
        if self.name == "List" and self.item is not None:
            return f"List of {self.item}"
        return self.name


BOOLEAN = Type("Boolean")
INTEGER = Type("Integer")
DECIMAL = Type("Decimal")
DATE = Type("Date")
DATETIME = Type("DateTime")
STRING = Type("String")
CODE = Type("Code")

# What a requirement may declare; Records is a list of rows with named fields.
DECLARABLE = (
    "Boolean", "Judgement", "Integer", "Decimal", "Quantity", "Date", "DateTime", "String", "Code", "Records",
)  # fmt: skip
NUMBERS = ("Integer", "Decimal", "Quantity")
ORDERED = (*NUMBERS, "Date", "DateTime")


def quantity(unit: str) -> Type:
    """The type of quantities in one unit."""
    return Type("Quantity", unit)


def unknown(type: Type) -> Truth | Bounds | Codings:
    """What nothing known is, by type: an open value, no coding, or UNKNOWN."""
    if type.name in ORDERED:
        return OPEN
    return NOT_CODED if type.name in ("String", "Code") else UNKNOWN
