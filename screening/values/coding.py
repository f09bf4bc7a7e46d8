"""Codes, words and sets of codes; membership.

A coded value is the tuple of all codings that a record gives for one thing; the empty tuple
says that nothing is known. A plain word (`'female'`, a mechanism) is a code of the system "".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import field
from functools import lru_cache
from typing import NamedTuple

from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth


class Code(NamedTuple):
    """A term of a terminology: `SNOMED 203082005`."""

    system: str
    code: str

    def __str__(self) -> str:
        return f"{self.system} {self.code}" if self.system else f"'{self.code}'"


Codings = tuple[Code, ...]
NOT_CODED: Codings = ()


def word(text: str) -> Codings:
    """A plain word as a coded value."""
    return (Code("", text),)


# The category of a code of the ICD, what stands below it, and the star of a rule file.
_OF_ICD_10 = re.compile(r"([A-Z][0-9][0-9A-Z])([0-9A-Z]{1,4})(\*?)\Z")
_OF_ICD_9 = re.compile(r"([0-9]{3}|V[0-9]{2}|E[0-9]{3})([0-9]{1,2})(\*?)\Z")
_CATEGORIES = {"ICD-10-CM": _OF_ICD_10, "ICD-10": _OF_ICD_10, "ICD-10-GM": _OF_ICD_10, "ICD-9-CM": _OF_ICD_9}


def term(system: str, code: str) -> Code:
    """A code as its classification spells it: those of the ICD with the point that claims and hospitals leave out.

    Without it `M069` would be another code than M06.9, and somebody who has the disease would not have it.

    >>> [str(term(*each)) for each in (("ICD-10-CM", "m069"), ("ICD-9-CM", "7140"), ("SNOMED", "69896004"))]
    ['ICD-10-CM M06.9', 'ICD-9-CM 714.0', 'SNOMED 69896004']
    """
    category = _CATEGORIES.get(system)
    if category is None:
        return Code(system, code)
    capital = code.upper()
    found = category.match(capital)
    return Code(system, capital if found is None else f"{found[1]}.{found[2]}{found[3]}")


@dataclass(frozen=True, slots=True)
class Terminology:
    """A code system as a file uses it: of which version, from where, and under what licence; "" is not stated."""

    system: str
    version: str = ""
    origin: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class ValueSet:
    """A named set of terms; `concepts` groups the codes that are synonyms of one concept.

    A code given with a trailing `*` stands for itself and every code that begins with it
    (ICD-10-CM `M05.*`), since the classification's categories are prefixes of their leaves. Two sets are one
    if they hold the same: where the codes come from (`source`: keys of sources with their places), which of them
    are `unverified`, and of which `terminologies` they are is said of a set and makes no other of it.
    """

    name: str
    concepts: tuple[frozenset[Code], ...]
    source: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    unverified: tuple[Code, ...] = field(default=(), compare=False)
    text: str = field(default="", compare=False)
    terminologies: tuple[Terminology, ...] = field(default=(), compare=False)

    @property
    def codes(self) -> frozenset[Code]:
        return frozenset().union(*self.concepts) if self.concepts else frozenset()


def is_covered(code: Code, wanted: Code) -> bool:
    """Whether `wanted` names this code, by itself or as a category (`M05.*`)."""
    return member((code,), (wanted,)) is TRUE


def covers(wanted: frozenset[Code], codings: Codings) -> bool:
    """Whether any of some codes is named by a set, by itself or as a category; `is_covered` of many, made quick.

    >>> covers(frozenset({Code("ICD-10-CM", "M05.*")}), (Code("ICD-10-CM", "M05.79"),))
    True
    """
    if any(code in wanted for code in codings):
        return True
    categories = _categories(wanted) if codings else ()
    return any(is_covered(code, one) for one in categories for code in codings)


@lru_cache(maxsize=4096)
def _categories(wanted: frozenset[Code]) -> tuple[Code, ...]:
    return tuple(code for code in wanted if code.code.endswith("*"))


def member(codings: Iterable[Code], wanted: Iterable[Code]) -> Truth:
    """Membership by system and code; any coding counts. A wanted `M05.*` names a category with its leaves.

    FALSE needs a coding in a system that the set covers; a record that only speaks in other
    systems, or in free text, is UNKNOWN.

    >>> member((Code("LOCAL", "203082005"),), (Code("SNOMED", "203082005"),)).name
    'UNKNOWN'
    """
    # SPEC: semantics 4.1.
    covered = False
    for system, code in codings:
        for wanted_system, pattern in wanted:
            if wanted_system == system:
                if pattern == code or (pattern[-1:] == "*" and _in_category(code, pattern)):
                    return TRUE
                covered = True
    return FALSE if covered else UNKNOWN


def membership(wanted: Iterable[Code]) -> Callable[[Codings], Truth]:
    """`member` for one set of terms, laid out once to be asked of many coded values.

    >>> membership([Code("ICD-10-CM", "M05.*")])((Code("ICD-10-CM", "M05.79"),)).name
    'TRUE'
    """
    named = frozenset(wanted)
    systems = frozenset(code.system for code in named)
    categories = tuple([code for code in named if code.code.endswith("*")])

    def asked(codings: Codings) -> Truth:
        covered = False
        for coding in codings:
            if coding in named or (categories and member((coding,), categories) is TRUE):
                return TRUE
            covered = covered or coding[0] in systems
        return FALSE if covered else UNKNOWN

    return asked


def _in_category(code: str, pattern: str) -> bool:
    stem = pattern[:-1]
    return code.startswith(stem) or code == stem.rstrip(".")


def same(a: Codings, b: Codings) -> Truth:
    """Equality of two coded values: TRUE with a common coding, FALSE if one system tells them apart."""
    if not a or not b:
        return UNKNOWN
    return member(a, b)
