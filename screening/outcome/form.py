"""What a definition may be given: every input with what it takes, and what may stand for what."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from screening.language.library import DataRequirement, Definition, Library


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
