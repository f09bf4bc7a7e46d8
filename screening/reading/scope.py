"""The names that an expression may use, and where a fault in it is noted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from typing import NoReturn

from screening.errors import NameFault, RuleError, Span
from screening.language.library import AS_OF
from screening.language.types import DATE, Type
from screening.reading.faults import Faults, meant, shown
from screening.reading.requirements import Declared
from screening.values.coding import ValueSet
from screening.values.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Name:
    """Something declared: a parameter, requirement, definition or criterion.

    `type` is None where its declaration is faulty: then nothing more is said about its uses. `judged` says
    that a Judgement stands behind it. `library` is the file that declares it.
    """

    name: str
    kind: str
    type: Type | None
    library: str = ""
    judged: bool = False
    declared: Declared | None = None


@dataclass(slots=True)
class Scope:
    """Everything that is in force in one file, what it includes among it.

    `incomplete` where an included file could not be read at all: then a name may well be declared there.
    """

    names: dict[str, Name] = field(default_factory=dict)
    valuesets: dict[str, ValueSet | None] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    incomplete: bool = False

    def __post_init__(self) -> None:
        self.names.setdefault(AS_OF, Name(AS_OF, "parameter", DATE))

    def of_kind(self, *kinds: str) -> Iterable[str]:
        return (name for name, found in self.names.items() if found.kind in kinds)


class Faulty(Exception):
    """A node that cannot be settled; what is wrong is noted already."""


@dataclass(slots=True)
class Place:
    """Where an expression stands: whose it is, and whether it may ask what is recorded.

    `choosing` is why it may (`administrative`, `by_availability`), "" if it may not.
    """

    faults: Faults
    scope: Scope
    criterion: str = ""
    choosing: str = ""

    def fault(self, kind: type[RuleError], span: Span, message: str, help: str = "", why: str = "") -> NoReturn:
        """Notes one thing wrong with the expression and gives the node up; its neighbours are still settled."""
        self.faults.add(kind, span, message, help=help, why=why, criterion=self.criterion)
        raise Faulty

    def undeclared(self, span: Span, name: str, kinds: tuple[str, ...] = ()) -> NoReturn:
        """A name that nobody declared, with the one that may have been meant."""
        if self.scope.incomplete:
            raise Faulty
        names = self.scope.of_kind(*kinds) if kinds else self.scope.names
        near = meant(name, names)
        help = f"did you mean `{near}`" if near else ""
        if not help and name.lower() in ("true", "false", "null"):
            help = f"write `{name.lower()}`"
        self.fault(NameFault, span, f"`{shown(name)}` is not declared", help)
