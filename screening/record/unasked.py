"""Names that a site gives to what it has and that no requirement bears: slips, or another protocol's.

A mapping serves several protocols, so that such a name is no fault. Of a slip nothing is read, and what rests on
the requirement that was meant stays unknown for everybody.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from screening.values.frozen import dataclass

REQUIREMENT, PARAMETER, CRITERION, SYSTEM = "requirement", "parameter", "criterion", "code system"


@dataclass(frozen=True, slots=True)
class Unasked:
    """One name that is not asked, and where it stands: the file and its line.

    `given_as` is what it is given as: `requirement`, `parameter`, `criterion` or `code system`. `known_as` is
    what the protocol has of that name instead: a `parameter` or a `definition`. `meant` is what it is like,
    and `is_missed` says that nothing else of the source is looked for under that name. `is_of_another` says that
    another protocol asks for it, or, of a parameter or a criterion, is taken to.
    """

    name: str
    place: str
    given_as: str = REQUIREMENT
    known_as: str = ""
    meant: str = ""
    is_missed: bool = False
    is_of_another: bool = False


def unasked_data(one: Unasked) -> dict[str, str | bool]:
    """One name as JSON data."""
    return {
        "name": one.name,
        "place": one.place,
        "given as": one.given_as,
        "known as": one.known_as,
        "did you mean": one.meant,
        "no source of it": one.is_missed,
        "asked by another protocol": one.is_of_another,
    }


def unasked_of(data: Mapping[str, Any]) -> Unasked:
    """One name from its JSON data."""
    name, place, given, known, meant = (
        str(data[key]) for key in ("name", "place", "given as", "known as", "did you mean")
    )
    missed, another = bool(data["no source of it"]), bool(data["asked by another protocol"])
    return Unasked(name, place, given, known, meant, missed, another)
