"""The inputs of several libraries asked of one source at once, the evidence of each as if it were asked alone.

What a requirement takes from a record rests on its own declaration and, for medicines and allergens, on the codes
that its library names for other ones: one requirement of two libraries may have two readings then, and both are
kept. Two libraries that declare one name otherwise cannot share a record.
"""

from __future__ import annotations

import dataclasses
import datetime
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from screening.errors import Diagnostic, RuleError
from screening.language.library import DataRequirement, Library
from screening.sources.fhir_code import others
from screening.values.frozen import dataclass

# What a record is read by; the rest of a declaration says what is made of the evidence, or is text for people.
READ = (
    "name", "type", "kind", "concepts", "reasons", "missing", "scale", "plausible", "floor", "factors",
    "unit_missing", "units", "fields", "take", "uncoded", "unusable", "active_only",
)  # fmt: skip
NOT_READ = (
    "within", "readings", "when_absent", "because", "obtain", "label", "text", "chosen", "unverified", "source",
    "short_names", "answers", "scale_unit", "span", "measurement_error", "modifiable", "repeat", "sensitive",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """One requirement as a record is read for it: `declared` is the digest of all that its evidence rests on.

    `number` names its file in a prepared cohort; `layer` is the reading of the record that it belongs to.
    """

    number: str
    requirement: DataRequirement
    declared: str
    layer: int

    @property
    def name(self) -> str:
        return self.requirement.name


@dataclass(frozen=True, slots=True)
class Joint:
    """Several libraries, and the few libraries of inputs alone that a record is read for in their place."""

    libraries: tuple[Library, ...]
    layers: tuple[Library, ...]
    asked: tuple[Asked, ...]

    def of_layer(self, layer: int) -> list[Asked]:
        """What one reading of a record answers, in the order of the libraries."""
        return [each for each in self.asked if each.layer == layer]


def joined(libraries: Sequence[Library]) -> Joint:
    """The inputs of libraries with the site's codes in them, each thing once.

    Raises RuleError where two of them declare one name otherwise; it names both files.
    """
    first: dict[str, tuple[DataRequirement, Library]] = {}
    layers: list[dict[str, tuple[DataRequirement, Library]]] = [{}]
    known: set[tuple[str, str]] = set()
    found: list[tuple[DataRequirement, str, int]] = []
    faults = []
    for library in libraries:
        for requirement in library.requirements:
            name = requirement.name
            other, of = first.setdefault(name, (requirement, library))
            if _declaration(other) != _declaration(requirement):
                faults.append(_otherwise(requirement, library, other, of))
                continue
            declared = declared_as(requirement, library)
            if (name, declared) in known:
                continue
            known.add((name, declared))
            layer = next((n for n, taken in enumerate(layers) if name not in taken), len(layers))
            layers += [{}] if layer == len(layers) else []
            layers[layer][name] = requirement, library
            found.append((requirement, declared, layer))
    if faults:
        raise RuleError(*faults)
    asked = tuple(Asked(f"{number:04d}", *each) for number, each in enumerate(found, 1))
    return Joint(tuple(libraries), tuple(_layer(libraries, layer) for layer in layers), asked)


def _layer(libraries: Sequence[Library], asked: Mapping[str, tuple[DataRequirement, Library]]) -> Library:
    """A library of inputs alone, for the doors of records."""
    bare = {
        id(one): replace(one, definitions=(), criteria=(), anchors=(), order=(), asked_by=()) for one in libraries
    }
    head = bare[id(libraries[0])]
    if len(libraries) == 1:
        return head
    return replace(
        head,
        name=", ".join(dict.fromkeys(one.name for _, one in asked.values())) or head.name,
        requirements=tuple(requirement for requirement, _ in asked.values()),
        asked_by=tuple((name, bare[id(one)]) for name, (_, one) in asked.items()),
    )


def _otherwise(requirement: DataRequirement, library: Library, other: DataRequirement, of: Library) -> Diagnostic:
    where = requirement.span if requirement.span.file else replace(requirement.span, file=library.path)
    there = (other.span.file or of.path).replace("\\", "/").rpartition("/")[2]
    place = f"{there}:{other.span.line}" if other.span.line else there
    message = f"`{requirement.name}` of `{library.name}` is declared otherwise in `{of.name}`, {place}"
    return Diagnostic(where, message, RuleError, help="prepare the two protocols in two folders")


def declared_as(requirement: DataRequirement, library: Library) -> str:
    """The digest (SHA-256) of everything that the evidence of a requirement rests on, beside record and site."""
    text = _declaration(requirement) + json.dumps(_plain(others(requirement, library)))
    return hashlib.sha256(text.encode()).hexdigest()


def _declaration(requirement: DataRequirement) -> str:
    # Units are a site's alone: where it declares none, a declaration is what it is without a site.
    read = {name: _plain(value) for name in READ if (value := getattr(requirement, name)) or name != "units"}
    return json.dumps(read, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """A part of a declaration as plain data, the same for equal parts."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, Decimal):
        return {"number": format(value.normalize(), "f")}
    if isinstance(value, datetime.date):
        return {"day": value.isoformat()}
    if isinstance(value, frozenset):
        return {"set": sorted((_plain(item) for item in value), key=json.dumps)}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return list(_parts(value))


def _parts(value: Any) -> Iterator[Any]:
    for field in dataclasses.fields(value):
        yield _plain(getattr(value, field.name))
