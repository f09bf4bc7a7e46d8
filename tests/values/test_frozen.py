"""The cheaper `dataclass` is held against the standard one, on the same declarations."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from screening.language import expression as e
from screening.language.types import BOOLEAN
from screening.values import frozen

Declare = Callable[..., Any]


def declared(dataclass: Declare) -> dict[str, Any]:
    """The same three classes by one decorator: fields of every kind, an inherited one, and none at all."""

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Placed:
        place: str = dataclasses.field(default="", compare=False, repr=False)

    @dataclass(frozen=True, slots=True)
    class Limit(Placed):
        """A limit."""

        number: int
        unit: str = "1"
        more: list[int] = dataclasses.field(default_factory=list, hash=False)

    @dataclass(frozen=True, slots=True)
    class Nothing:
        pass

    return {"Placed": Placed, "Limit": Limit, "Nothing": Nothing}


OURS, STANDARD = declared(frozen.dataclass), declared(dataclasses.dataclass)
BOTH = pytest.mark.parametrize("classes", [OURS, STANDARD], ids=["ours", "standard"])


@BOTH
def test_a_value_is_made_as_declared(classes: dict[str, Any]) -> None:
    limit = classes["Limit"](5, place="INC01")
    assert (limit.number, limit.unit, limit.more, limit.place) == (5, "1", [], "INC01")
    assert classes["Limit"](5).more is not limit.more
    assert repr(limit).endswith("Limit(number=5, unit='1', more=[])")
    for given, named in (((), {}), ((5, "1", [], "INC01"), {}), ((5,), {"number": 5}), ((5,), {"units": "g"})):
        with pytest.raises(TypeError):
            classes["Limit"](*given, **named)


@BOTH
def test_equality_and_hash_are_of_the_compared_fields(classes: dict[str, Any]) -> None:
    limit, placed = classes["Limit"], classes["Placed"]
    assert limit(5) == limit(5, "1", place="INC01")
    assert limit(5) != limit(6) and limit(5) != (5, "1", []) and limit(5) != classes["Nothing"]()
    assert hash(placed(place="a")) == hash(placed(place="b"))
    assert classes["Nothing"]() == classes["Nothing"]() and len({classes["Nothing"](), classes["Nothing"]()}) == 1


@BOTH
def test_a_value_is_not_changed(classes: dict[str, Any]) -> None:
    limit = classes["Limit"](5)
    for name in ("number", "place"):
        with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"):
            setattr(limit, name, 6)
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot delete field 'number'"):
        del limit.number
    assert limit == classes["Limit"](5)
    assert not hasattr(limit, "__dict__")


@BOTH
def test_it_is_a_dataclass_to_everybody(classes: dict[str, Any]) -> None:
    limit = classes["Limit"](5, place="INC01")
    assert [field.name for field in dataclasses.fields(limit)] == ["place", "number", "unit", "more"]
    assert dataclasses.replace(limit, number=6) == classes["Limit"](6)
    assert dataclasses.replace(limit, number=6).place == "INC01"
    assert copy.copy(limit) == limit and copy.deepcopy(limit).place == "INC01"
    assert classes["Limit"].__match_args__ == ("number", "unit", "more")


def test_one_that_is_changed_or_asks_for_more_is_the_standard_one() -> None:
    @frozen.dataclass
    class Open:
        number: int = 0

    @frozen.dataclass(frozen=True, slots=True, order=True)
    class Ordered:
        number: int = 0

    changed = Open()
    changed.number = 3
    assert changed == Open(3)
    assert Ordered(1) < Ordered(2)


def test_what_is_compiled_is_compiled_once() -> None:
    classes = declared(frozen.dataclass)
    before = classes["Limit"].__init__
    classes["Limit"](5)
    compiled = classes["Limit"].__init__
    classes["Limit"](6)
    assert before is not compiled and classes["Limit"].__init__ is compiled


def test_a_node_is_copied_with_what_is_not_compared() -> None:
    node = e.And((e.Reference("INC01", BOOLEAN), e.Not(e.Reference("EXC01"), place="INC01.2")), place="eligible")
    again = copy.deepcopy(node)
    assert again == node and again is not node
    assert (again.place, again.operands[1].place) == ("eligible", "INC01.2")
