"""What a definition may be given: every input with what it takes, and what may stand for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screening.language.library import DataRequirement, Definition, Library
from screening.language.types import NUMBERS
from screening.outcome.codec import number_text
from screening.values.bounds import Bounds
from screening.values.quantity import everyday


@dataclass(frozen=True, slots=True)
class Entry:
    """One input, and its use: needed, one of several that are enough, or given beside the others."""

    requirement: DataRequirement
    use: Literal["needed", "one of several", "may be given"]


@dataclass(frozen=True, slots=True)
class Instead:
    """A definition that may be given itself, and the requirements that are then not asked."""

    definition: Definition
    below: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Form:
    """What a calculation takes. `either` are groups of inputs of which one is enough: a total, or items."""

    library: Library
    definition: Definition
    categories: tuple[Definition, ...]
    entries: tuple[Entry, ...]
    instead: tuple[Instead, ...]
    either: tuple[tuple[tuple[str, ...], ...], ...]


def range_words(bounds: Bounds) -> str:
    """`0 to 3`, `at least 0`, `at most 3`; nothing where there is no end.

    >>> range_words(Bounds(0, 3)), range_words(Bounds(None, None))
    ('0 to 3', '')
    """
    low, high = ("" if end is None else number_text(end) for end in bounds)
    return f"{low} to {high}" if low and high else f"at least {low}" if low else f"at most {high}" if high else ""


def takes(requirement: DataRequirement) -> str:
    """What is accepted for a value, in a few words.

    >>> from screening.language.types import Type
    >>> takes(DataRequirement("Pain", Type("Integer"), scale=Bounds(0, 10)))
    '0 to 10'
    """
    type = requirement.type
    if requirement.kind == "birth date":
        return "years, or born 1977-02"
    if requirement.kind == "gender":
        return "male, female or other"
    if requirement.answers:
        values = [value for value, _ in requirement.answers]
        is_numbered = not any(value[:1].isalpha() for value in values)
        return f"{values[0]} to {values[-1]}" if is_numbered and len(values) > 2 else " or ".join(values)
    if type.name in ("Date", "DateTime"):
        return "2021-03-14, 2021-03 or 2021"
    if type.name in ("Boolean", "Judgement"):
        return "y or n"
    if type.name not in NUMBERS:
        return "a word"
    number = range_words(requirement.scale) or ("whole number" if type.name == "Integer" else "")
    units = " or ".join(everyday(each) for each in (type.unit, *(f.unit for f in requirement.factors)) if each)
    return f"{number} {units}".strip() or "number"
