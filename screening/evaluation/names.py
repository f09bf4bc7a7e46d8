"""What the inputs of a calculation are called, and which one thing each of them is.

A name is looked up without case, blanks and signs: as the name of a requirement, by its label, by a short name of
the field, or as a definition that may be given. One name may stand for several things. What the value can be, what
the definition asks for, and what is given beside it tell them apart; where they do not, nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

from screening.errors import NameFault
from screening.evaluation.catalogue import near, spellings
from screening.evaluation.units import NotTaken, has_unit, is_number
from screening.language.library import DataRequirement, Definition
from screening.language.types import NUMBERS
from screening.reading.faults import listed, shown
from screening.reading.naming import folded, folded_answer

Meant = DataRequirement | Definition

YES = {
    "true": "TRUE", "yes": "TRUE", "y": "TRUE", "1": "TRUE", "present": "TRUE",
    "false": "FALSE", "no": "FALSE", "n": "FALSE", "0": "FALSE", "absent": "FALSE",
}  # fmt: skip
DAY = re.compile(r"@?(\d{4}(?:-\d{2}(?:-\d{2})?)?)(?:T[0-9:.]+(?:Z|[+-][0-9:]+)?)?\Z", re.ASCII)


class _Called(NamedTuple):
    """A thing that a name may mean; the lower the rank, the more it is its very name."""

    rank: int
    meant: Meant


def canonical(meant: Meant, text: str) -> str | None:
    """The value that a text is the word of, by the answers of a requirement or definition; None if it is none."""
    wanted = folded_answer(text)
    for value, words in meant.answers:
        if wanted and wanted in {folded_answer(value), *map(folded_answer, words)}:
            return value
    if meant.answers and meant.type.name in NUMBERS and is_number(text) and not has_unit(text):
        number = text.strip().removesuffix(".0")
        return number if number in dict(meant.answers) else None
    return None


def assigned(
    names: Mapping[str, str | None],
    requirements: Mapping[str, DataRequirement],
    definitions: Mapping[str, Definition],
    asked: Collection[str],
) -> tuple[dict[str, Meant], list[NotTaken]]:
    """The one thing that each input is, by its name and the text of its value (None for a record of its own).

    Beside them what is wrong: a name of nothing, one of several things, and a thing that is given twice.
    """
    found: dict[str, Meant] = {}
    wrong: list[NotTaken] = []
    taken: set[str] = set()
    called = {name: _fitting(_called(name, requirements, definitions), text) for name, text in names.items()}
    # What has one meaning takes it first; what has several is then what is left.
    for name in sorted(names, key=lambda name: len(called[name]) > 1):
        if not called[name]:
            help = near(name, _every(requirements, definitions))
            wrong.append(NotTaken(NameFault, f"there is no input `{shown(name)}`", help))
            continue
        left = [each for each in called[name] if each.meant.name not in taken]
        left = [each for each in left if each.meant.name in asked] or left
        best = [each for each in left if each.rank == min(other.rank for other in left)]
        if len(best) == 1:
            found[name] = best[0].meant
            taken.add(best[0].meant.name)
        elif best:
            help = f"say which: {listed(each.meant.name for each in best)}"
            wrong.append(NotTaken(NameFault, f"`{shown(name)}` may be several inputs", help))
        else:
            wrong.append(NotTaken(NameFault, f"`{shown(called[name][0].meant.name)}` is given twice"))
    return found, wrong


def _every(requirements: Mapping[str, DataRequirement], definitions: Mapping[str, Definition]) -> list[str]:
    labels = [r.label for r in requirements.values() if r.label]
    things: Sequence[Meant] = [*requirements.values(), *definitions.values()]
    return [*requirements, *labels, *(each for thing in things for each in thing.short_names), *definitions]


def _called(
    name: str, requirements: Mapping[str, DataRequirement], definitions: Mapping[str, Definition]
) -> list[_Called]:
    """Everything that is called so, each once, by the first spelling that anything is called by."""
    for spelling in spellings(name):
        ranked: dict[str, _Called] = {}
        for each in _matches(spelling, requirements, definitions):
            ranked.setdefault(each.meant.name, each)
        if ranked:
            return list(ranked.values())
    return []


def _matches(
    name: str, requirements: Mapping[str, DataRequirement], definitions: Mapping[str, Definition]
) -> Iterator[_Called]:
    if name in requirements:
        yield _Called(0, requirements[name])
    wanted = folded(name)
    for requirement in requirements.values():
        if folded(requirement.name) == wanted:
            yield _Called(1, requirement)
        elif folded(requirement.label) == wanted:
            yield _Called(2, requirement)
        elif wanted in map(folded, requirement.short_names):
            yield _Called(3, requirement)
    for definition in definitions.values():
        if folded(definition.name) == wanted:
            yield _Called(4, definition)
        elif wanted in map(folded, definition.short_names):
            yield _Called(5, definition)


def _fitting(called: list[_Called], text: str | None) -> list[_Called]:
    """Those of which the value can be one; all of them where it can be of none."""
    return [each for each in called if text is None or _fits(each.meant, text)] or called


def _fits(meant: Meant, text: str) -> bool:
    """Whether a text can be a value of the type; what is not known can be of any."""
    if not text or text.upper() == "UNKNOWN" or canonical(meant, text) is not None:
        return True
    type = meant.type
    if isinstance(meant, DataRequirement) and meant.kind == "birth date":
        return is_number(text)
    if meant.answers:
        return False
    if type.name in ("Boolean", "Judgement"):
        return text.casefold() in YES
    if type.name == "Quantity":
        return has_unit(text)
    if type.name in NUMBERS:
        return is_number(text)
    if type.name in ("Date", "DateTime"):
        return DAY.match(text) is not None
    return type.name != "Records"
