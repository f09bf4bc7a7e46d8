"""CQL's functions in our spelling."""

from __future__ import annotations

from tests.cql.arithmetic import calculated
from tests.cql.forms import exists, of_list, put_together, rounded, truncated
from tests.cql.pieces import NULL, OutsideSubset, Piece, alike, value


def function(name: str, operands: list[Piece]) -> Piece:
    """A function of values or of a list that is written out."""
    listed = list(operands[0].items) if len(operands) == 1 and operands[0].kind == "list" else None
    match name, len(operands):
        case "DateTime" | "Date", _:
            return put_together(operands)
        case "Today", 0:
            return Piece('"Screening Date"', "day")
        case "IsNull" | "IsTrue" | "IsFalse", 1:
            return Piece(f"{value(operands[0]).within()} is {name[2:].lower()}", "truth")
        case "Abs" | "Ln" | "Exp" | "Round", 1 | 2 if listed is None:
            if name != "Round" and len(operands) == 2:
                raise OutsideSubset(f"{name} of two")
            if len(operands) == 2 and operands[1].kind == "null":
                operands = operands[:1]  # a precision of null is none that is given
            numbers = [alike(Piece("0", "number"), value(operand))[1] for operand in operands]
            text = ", ".join(number.text for number in numbers)
            return Piece(f"{name}({text})", numbers[0].kind, numbers[0].unit, is_whole=False)
        case "Floor" | "Ceiling" | "Truncate", 1:
            number = alike(Piece("0", "number"), value(operands[0]))[1]
            if number.kind != "number":
                raise OutsideSubset(f"{name} of a quantity")
            return truncated(number) if name == "Truncate" else rounded(number, name == "Floor")
        case "Power", 2:
            return calculated(operands[0], "^", operands[1])
        case "Log", 2:
            numbers = [alike(Piece("0", "number"), value(operand))[1] for operand in operands]
            return Piece(f"(Ln({numbers[0].text}) / Ln({numbers[1].text}))", "number")
        case "Coalesce", _:
            items = operands if listed is None else listed
            known = next((item for item in items if item.kind != "null"), None)
            if known is None:
                return NULL
            texts = [alike(known, value(item))[1].text for item in items]
            return Piece(f"Coalesce({', '.join(texts)})", known.kind, known.unit)
        case "Exists", 1:
            return exists(operands[0])
        case _ if listed:
            return of_list(name, listed, operands[0])
    raise OutsideSubset(f"the function {name}")
