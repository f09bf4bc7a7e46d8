"""A library as HL7 CQL text that gives our answers: every requirement, definition, criterion and root a `define`.

The data come in as parameters: for each requirement the entries of the record, as they stood on the screening
date (`cql_record.py` makes them of a subject). What CQL cannot say with our meaning is a declared gap: that one
value then comes in as a parameter too, and is UNKNOWN where nobody hands it in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from screening.errors import Diagnostic, UnsupportedError
from screening.interpreters.cql_meaning import Speaker
from screening.interpreters.cql_name import (
    DAYS,
    ENTRIES,
    INSTANTS,
    NUMBER,
    TRUTH,
    WORDS,
    carried,
    constant,
    entries_of,
    function_names,
    kind_of,
    list_of,
    named,
    text,
)
from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import AS_OF, Criterion, Library
from screening.values.frozen import dataclass

_TYPES = {"number": NUMBER, "day": DAYS, "instant": INSTANTS, "truth": TRUTH, "word": WORDS}
_HEAD = """\
// {title}
// Exported from the rules `{name}`, version {version} ({status}). Decision support: the investigator decides.
//
// Three truths: true, false, and null for what is not known. An ordered value is a tuple of its two ends, a null
// end being open; a date is the days that it may be. Each entry of a record is a tuple; `kind` is entry, absence
// (somebody attested that there is none; `whole` where it denies the whole requirement, `until` the last day that
// it may speak of) or complete (somebody declared the list complete, since `first` or ever): a list without such
// an entry may hold more. `certain` is true, or null for an entry that is only possible. Codes are written
// SYSTEM|code, words as they are. Entries stand in the order of their last days; what is later than the screening
// date is not seen.
// Functions come first, then inputs, definitions and criteria, at the end the verdict."""


@dataclass(frozen=True, slots=True)
class Exported:
    """The text of an exported library, and what of it CQL cannot say: by name, each with reason and place."""

    text: str
    gaps: tuple[tuple[str, Diagnostic], ...]


class Export:
    """One library on its way to CQL."""

    def __init__(self, library: Library, given: frozenset[str]) -> None:
        self.library, self.given = library, given
        self.speaker = Speaker(library.requirements)
        self.gaps: dict[str, Diagnostic] = {}
        self.handed: list[str] = []
        self.defined: list[str] = []
        self.kinds = {name: kind_of(node.type) for name, node in library.order}
        self.criteria = {criterion.id: criterion for criterion in library.criteria}
        self.definitions = {definition.name: definition for definition in library.definitions}
        self.conflicts: dict[str, bool] = {}
        self.places = {
            below.place: (below, in_row) for _, node in library.order for below, in_row in _scoped(node, False)
        }

    # ------------------------------------------------------------------------------------ statements

    def text(self) -> str:
        """The whole library. Raises UnsupportedError where two things would have one name."""
        for parameter in self.library.parameters:
            if parameter.name != AS_OF and kind_of(parameter.type):
                value = constant(parameter.value, kind_of(parameter.type))
                self.defined.append(f"define {named(parameter.name)}:\n  {value}")
        for name, node in self.library.order:
            self._define(name, node)
        lists = [
            f'define {named(list_of(r.name))}:\n  "Opened"({named(entries_of(r.name))}, {named(AS_OF)})'
            for r in self.library.requirements
            if r.name in self.speaker.read
        ]
        self.defined = lists + self.defined
        verdict = _verdict()
        head = _HEAD.format(
            title=_line(self.library.title or self.library.name),
            name=self.library.name,
            version=self.library.version,
            status=self.library.status,
        )
        blocks = [
            head,
            f"library {named(self.library.name)} version {text(self.library.version)}",
            "\n".join([f"parameter {named(AS_OF)} Date", *self.handed]),
            "\n".join(self._parameters()),
            "context Unfiltered",
            *carried(self.defined),
            *self.defined,
            verdict,
        ]
        written = "\n\n".join(blocks) + "\n"
        for name in sorted(function_names() & set(self.kinds)):
            # A rule file may call a definition like one of our functions: the function gives way.
            written = written.replace(f'"{name}"(', f'"{name} Function"(')
        names = re.findall(r'^(?:define|parameter) "((?:[^"\\]|\\.)*)"', written, re.MULTILINE)
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise UnsupportedError("exported names that would mean two things: " + ", ".join(twice))
        return written

    def _parameters(self) -> Iterator[str]:
        for requirement in self.library.requirements:
            if requirement.name in self.speaker.read:
                codes = ", ".join(sorted(f"{code}" for code in requirement.codes))
                said = " ".join(filter(None, (f"{requirement.type}", requirement.label, codes and f"({codes})")))
                yield f"// {_line(said)}"
                yield f"parameter {named(entries_of(requirement.name))} {ENTRIES}"

    def _define(self, name: str, node: Expression) -> None:
        kind = self.kinds[name]
        if name in self.given:
            self.handed.append(f"parameter {named(name)} {_TYPES[kind]}")
            return
        try:
            said = self._spoken(node)
        except UnsupportedError as error:
            self.gaps[name] = error.diagnostics[0]
            if kind:
                self.handed += [f"// not exported: {_line(error.diagnostics[0].message)}"]
                self.handed += [f"parameter {named(name)} {_TYPES[kind]}"]
            return
        self.defined.append("\n".join([*self._comment(name), f"define {named(name)}:", f"  {said}"]))

    def _spoken(self, node: Expression) -> str:
        for below in _nodes(node):
            if isinstance(below, e.Reference) and not self.kinds.get(below.name, ""):
                raise UnsupportedError(Diagnostic(below.span, f"`{below.name}` is not exported", UnsupportedError))
        if isinstance(node, e.And | e.Or) and node.operands:
            word = "and" if isinstance(node, e.And) else "or"
            return f"\n    {word} ".join(self._operand(operand) for operand in node.operands)
        return self._operand(node)

    def _operand(self, node: Expression) -> str:
        return self._contradicted(node) if isinstance(node, e.Contradicted) else self.speaker.said(node)

    def _comment(self, name: str) -> Iterator[str]:
        criterion = self.criteria.get(name)
        if criterion is not None:
            yield from _criterion(criterion)
            return
        definition = self.definitions.get(name)
        if definition is not None:
            if definition.text:
                yield f"// {_line(definition.text)}"
            if definition.source is not None:
                yield f"// source: {_line(definition.source.source)}, {_line(definition.source.place)}"
            if definition.written:
                yield from _written(definition.written)

    # -------------------------------------------------------------------------------- contradictions

    def _contradicted(self, node: e.Contradicted) -> str:
        """A contradiction has a `define` of its own, made of those of the places where evidence may contradict."""
        name = f"{node.criterion} Contradiction"
        hard = [found for place in node.hard if (found := self._conflict(place))]
        soft = [found for place in node.soft if (found := self._conflict(place))]
        either = list(hard)
        if soft:
            either.append(f"({named(node.criterion)} is null and ({' or '.join(soft)}))")
        if not either:
            return "false"
        self.defined.append(f"define {named(name)}:\n  " + "\n    or ".join(either))
        return named(name)

    def _conflict(self, place: str) -> str:
        """The name of the contradiction at one place; "" if there can be none."""
        name = f"Contradiction at {place}"
        if place not in self.conflicts:
            node, in_row = self.places[place]
            said = self.speaker.conflict(node)
            if said and in_row:
                raise UnsupportedError(
                    Diagnostic(node.span, "it may contradict itself within a row", UnsupportedError)
                )
            self.conflicts[place] = bool(said)
            if said:
                self.defined.append(f"define {named(name)}:\n  {said}")
        return named(name) if self.conflicts[place] else ""


def _nodes(node: AnyNode) -> Iterator[AnyNode]:
    yield node
    for part in parts(node):
        yield from _nodes(part)


def _scoped(node: AnyNode, in_row: bool) -> Iterator[tuple[AnyNode, bool]]:
    """Every node, and whether it stands in the condition of a query."""
    yield node, in_row
    condition = node.condition if isinstance(node, e.Where | e.Fires) else None
    for part in parts(node):
        yield from _scoped(part, in_row or part is condition)


def _line(words: str) -> str:
    return " ".join(words.split())


def _written(rule: str) -> Iterator[str]:
    for number, line in enumerate(filter(None, map(str.rstrip, rule.strip("\n").split("\n")))):
        yield ("// rule: " if number == 0 else "//       ") + line


def _criterion(criterion: Criterion) -> Iterator[str]:
    yield f"// {criterion.id}, {criterion.category}, {criterion.strength}: {_line(criterion.text)}"
    yield f"// source: {_line(criterion.source.source)}, {_line(criterion.source.place)}"
    if criterion.applies:
        yield f"// applies when: {_line(criterion.applies)}"
    if criterion.written:
        yield from _written(criterion.written)


def _verdict() -> str:
    return """// The four words in their order; `favourable` reads open judgements in the person's favour.
define "Verdict":
  if "eligible" is false then 'INELIGIBLE'
    else if not ("arranged" is true) or ("eligible" is null and not ("favourable" is true)) then 'UNDETERMINED'
    else if "eligible" is null or not ("review" is false) then 'REVIEW'
    else 'ELIGIBLE'"""


def export(library: Library, given: frozenset[str] = frozenset()) -> Exported:
    """A checked library as CQL text, with its gaps; the same bytes for the same library.

    `given` are names whose value is handed in as a parameter, where somebody else computes it.
    """
    exporting = Export(library, given)
    written = exporting.text()
    return Exported(written, tuple(exporting.gaps.items()))
