"""Decided despite missing: what every answer decides alike, though the law leaves it open.

`x <= 35 or x > 35` is open while `x` is missing, and no value of `x` changes it. It is said as a note beside the
law's verdict, with what is known of every answer: any number, 0 to 3 by its scale. What is plausible bounds
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable

from screening.guidance.cubes import Cube, Family, point
from screening.guidance.gaps import Gaps
from screening.guidance.questions import Person
from screening.language.library import DataRequirement
from screening.language.types import NUMBERS
from screening.outcome.decisive import Despite
from screening.outcome.determination import Verdict
from screening.values.bounds import is_open

_MOST_ITEMS = 4


def despite(gaps: Gaps) -> tuple[Despite, ...]:
    """The criteria that every answer decides alike, and the verdict if every answer leads to it.

    Looked for where at most four missing items are weighed together; said only where every answer could be listed.
    """
    person = Person(gaps, anything=True)
    found: list[Despite] = []
    cleared = person.may_be_cleared
    for part in person.parts.all:
        if len(part.items) > _MOST_ITEMS or not person.is_exact(part):
            cleared = False
            continue
        for id in part.criteria:
            items, rails = gaps.waits_of(id), person.parts.statements.of(id)
            for truth, family in (("TRUE", rails.true), ("FALSE", rails.false)):
                if _is_sure(person, items, family, part.contradictions):
                    found.append(Despite(id, truth, _domain(gaps, items)))
        if _is_sure(person, part.items, part.barring, part.contradictions):
            found.append(Despite("", Verdict.INELIGIBLE.value, _domain(gaps, part.items)))
        cleared = cleared and _is_sure(person, part.items, part.clearing, part.contradictions)
    if cleared:
        found.append(Despite("", Verdict.ELIGIBLE.value, _domain(gaps, gaps.missing())))
    return tuple(found)


def _is_sure(person: Person, items: Iterable[str], family: Family, contradictions: tuple[Cube, ...]) -> bool:
    """Whether everybody who has answered all of some items is inside a family."""
    if not family.cubes:
        return False
    everybody = {item: (1 << len(person.tables.answers(item).answers) + 1) - 2 for item in items}
    if not all(everybody.values()):
        return False
    return point(everybody, (*family.cubes, *contradictions)) is None


def _domain(gaps: Gaps, items: Iterable[str]) -> tuple[tuple[str, str], ...]:
    order = gaps.missing()
    return tuple((item, of_domain(gaps.reading.requirements[item])) for item in order if item in set(items))


def of_domain(requirement: DataRequirement) -> str:
    """What is known of every answer to a requirement: `any number`, `0 to 3 by its scale`."""
    low, high = requirement.scale
    if requirement.type.name in NUMBERS:
        if requirement.take.startswith("age"):
            return "any age"
        if is_open(requirement.scale):
            return "any number"
        ends = [str(end) for end in (low, high) if end is not None]
        return f"{' to '.join(ends)} by its scale"
    match requirement.type.name:
        case "Boolean" | "Judgement":
            return "yes or no"
        case "Date" | "DateTime":
            return "any day"
        case "String" | "Code":
            return "any word"
    return "any entries, or none"
