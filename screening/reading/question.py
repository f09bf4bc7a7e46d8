"""One expression asked in the names of a protocol: a library of that definition and of what it rests on alone.

Its criteria are definitions among the others, so that no verdict can be read off it; what is given of a
definition takes its place, and nothing below it is asked any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from screening.errors import NameFault, Span, SyntaxFault
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import Definition, Library
from screening.language.types import BOOLEAN, Type
from screening.reading.check import settled
from screening.reading.document import Scalar
from screening.reading.load import Loading
from screening.reading.module import MOST_DEEP, Module
from screening.reading.parser import parse
from screening.reading.roots import assemble
from screening.reading.scope import Name, Place
from screening.reading.tree import depth, references

ASKED = "asked"
FILE = "expression"


@dataclass(frozen=True, slots=True)
class Open:
    """A protocol that may be asked: its checked file, and the faults of what is asked of it.

    `refer` leads from each name to the names below it.
    """

    loading: Loading
    module: Module
    path: Path

    @property
    def definitions(self) -> dict[str, Definition]:
        """Every definition, and every criterion as one."""
        found = dict(self.module.definitions)
        for criterion in self.module.criteria.values():
            found[criterion.id] = Definition(
                criterion.id, criterion.expression, BOOLEAN, text=criterion.text, source=criterion.source
            )
        return found

    def below(self, names: Iterable[str], given: Iterable[str] = ()) -> list[str]:
        """The names with everything that they rest on, but for what is below a given one."""
        behind = {**self.module.values, **{n: d.expression for n, d in self.definitions.items()}}
        ends = set(given)
        found: dict[str, None] = {}
        waiting = list(names)
        while waiting:
            name = waiting.pop(0)
            if name in found:
                continue
            found[name] = None
            if name in behind and name not in ends:
                waiting += [other for other in references(behind[name]) if other not in found]
        return list(found)

    def library(self, asked: Mapping[str, Definition], given: Mapping[str, Expression]) -> Library:
        """The library of some definitions with all that they rest on; `given` takes the place of what it names."""
        every = {**self.definitions, **asked}
        for name, value in given.items():
            every[name] = replace(every[name], expression=value)
        behind = {**self.module.values, **{n: d.expression for n, d in every.items()}}
        reached: dict[str, None] = {}
        waiting = list(asked)
        while waiting:
            name = waiting.pop()
            if name not in reached:
                reached[name] = None
                waiting += list(references(behind[name])) if name in behind else []
        module = replace(
            self.module,
            scope=replace(self.module.scope, names=dict(self.module.scope.names)),
            values={name: node for name, node in self.module.values.items() if name in reached},
            definitions={name: found for name, found in every.items() if name in reached},
            criteria={},
            alerts={},
            untils={},
            anchors=(),
        )
        found = assemble(module, self.path.as_posix(), self.loading.faults)
        if found is None:
            raise self.loading.raised()
        return found


def opened(path: Path, folders: Sequence[Path], parameters: Mapping[str, str], origin: str) -> Open:
    """A protocol by its rule file, or a file that only lends its definitions. Raises RuleError with its faults."""
    loading = Loading(folders)
    module = loading.module(path)
    if module is not None and not len(loading.faults):
        loading.give(module, parameters, origin)
    if module is None or len(loading.faults):
        raise loading.raised()
    return Open(loading, module, path)


def lending(path: Path, folders: Sequence[Path], parameters: Mapping[str, str], origin: str) -> Library | None:
    """The definitions of a file that has no criteria and only lends them to others; None if it has criteria.

    No verdict can be read off it. Raises RuleError with the faults of the file.
    """
    protocol = opened(path, folders, parameters, origin)
    return None if protocol.module.criteria else protocol.library(protocol.definitions, {})


def definition_of(text: str, protocol: Open) -> Definition:
    """An expression as the definition `asked`. Raises RuleError with every fault of it, each at its column."""
    faults = protocol.loading.faults
    lines = text.split("\n")
    faults.lines[FILE] = lines
    starts = tuple((number, 1) for number in range(1, len(lines) + 1))
    written = Scalar(text, Span(FILE, 1, 1, max(1, len(lines[0]))), "|", starts)
    scope = protocol.module.scope
    if ASKED in scope.names:
        faults.add(NameFault, Span(FILE), f"the protocol names something `{ASKED}` itself")
    node = parse(written, faults)
    # Nothing is concluded from the answer, so that it may be asked what is recorded (`is null`).
    found = None if node is None else settled(node, Place(faults, scope, choosing="by_availability"))
    if found is not None and depth(found) > MOST_DEEP:
        faults.add(SyntaxFault, found.span, "the expression is nested too deep")
    if found is None or len(faults):
        raise protocol.loading.raised()
    type = BOOLEAN if found.type.name == "Judgement" else found.type
    scope.names[ASKED] = Name(ASKED, "definition", type)
    return Definition(ASKED, found, type, written=text)


def given_value(value: object, type: Type, written: str) -> Expression:
    """A value that is given, as a constant of the language."""
    return e.Literal(value, type, written)  # type: ignore[arg-type]
