"""What one rule file takes from another, and what it changes of it, each change with its source."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Map
from dataclasses import replace
from typing import TypeVar

from screening.errors import CitationFault, NameFault, Span, SyntaxFault, TypeFault
from screening.language import expression as e
from screening.language.library import Citation, Criterion, Inclusion, ParameterValue
from screening.reading.check import settled
from screening.reading.constants import NoConstant, constant_of
from screening.reading.document import Scalar
from screening.reading.document import Sequence as ListOf
from screening.reading.draft import STRENGTHS, Lift, read_until, wrong_strength
from screening.reading.faults import Faults, did_you_mean, shown
from screening.reading.keys import Keys
from screening.reading.module import Module, until_of
from screening.reading.scope import Name, Place
from screening.reading.tree import nodes, references
from screening.values.frozen import dataclass

KEYS = ("library", "version", "criteria", "overrides", "parameters")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One entry of `include:`; `criteria` is None for all of them."""

    name: Scalar
    version: Scalar
    criteria: tuple[Scalar, ...] | None
    keys: Keys


@dataclass(frozen=True, slots=True)
class Change:
    """A changed criterion; its `until:` is settled once every name of the including file is."""

    id: str
    lift: Lift
    place: Place


def read_inclusions(faults: Faults, keys: Keys) -> list[Wanted]:
    """The entries of `include:`."""
    found = []
    for tree in keys.items("include"):
        entry = Keys(faults, tree, KEYS, "an included library", tree.span)
        name, version = entry.scalar("library"), entry.scalar("version")
        entry.need("library"), entry.need("version", 'name the version that was read: `version: "0.1"`')
        chosen: tuple[Scalar, ...] | None = None
        criteria = entry.tree("criteria")
        if isinstance(criteria, Scalar) and criteria.text in ("all", "none"):
            chosen = None if criteria.text == "all" else ()
        elif isinstance(criteria, ListOf):
            chosen = tuple(entry.texts("criteria"))
        elif criteria is not None:
            entry.fault(SyntaxFault, entry.span("criteria"), "`criteria:` is `all`, `none` or a list of criteria")
        if name is not None and version is not None:
            found.append(Wanted(name, version, chosen, entry))
    return found


# ------------------------------------------------------------------------------------- taking over


class Taking:
    """Takes an included module into the one that includes it."""

    def __init__(self, faults: Faults, module: Module) -> None:
        self.faults, self.module = faults, module
        self.changes: list[Change] = []

    def take(self, wanted: Wanted, other: Module) -> None:
        module = self.module
        # A library that two files include is read once: it is not to be changed for one of them.
        other = replace(_with_sources(other, module.scope.sources), untils=dict(other.untils))
        module.scope.sources = {**other.scope.sources, **module.scope.sources}
        module.scope.incomplete |= other.scope.incomplete
        criteria = self.chosen(wanted, other)
        criteria = self.changed(wanted, other, criteria)
        parameters = self.set(wanted, other)
        at = wanted.name.span
        self.join(module.parameters, parameters, at, "parameter", wanted)
        self.join(module.scope.valuesets, other.scope.valuesets, at, "value set", wanted)
        self.join(module.requirements, other.requirements, at, "requirement", wanted)
        self.join(module.values, other.values, at, "", wanted)
        self.join(module.definitions, other.definitions, at, "definition", wanted)
        self.join(module.criteria, criteria, at, "criterion", wanted)
        self.join(module.alerts, {i: n for i, n in other.alerts.items() if i in criteria}, at, "", wanted)
        self.join(module.untils, {i: n for i, n in other.untils.items() if i in criteria}, at, "", wanted)
        for name, found in other.scope.names.items():
            if (
                found.kind != "criterion" or name in criteria or found.type is None
            ) and name not in module.scope.names:
                module.scope.names[name] = found
        self.clashes(other, at)
        mine = Inclusion(other.head.name.text, other.head.version, other.digest)
        for inclusion in (*other.includes, mine):
            same = [i for i in module.includes if i.name == inclusion.name]
            if same and same[0] != inclusion:
                versions = f"`{same[0].version}` and `{inclusion.version}`"
                message = f"library `{inclusion.name}` is included twice, as version {versions}"
                self.faults.add(NameFault, at, message)
            if not same:
                module.includes = (*module.includes, inclusion)
        module.fixed_words = tuple(dict.fromkeys((*module.fixed_words, *other.fixed_words)))
        if other.status != "approved" and module.status == "approved":
            module.status = "draft"
        if other.status == "retired" and module.status != "retired":
            message = f"library `{wanted.name.text}` is retired"
            self.faults.add(NameFault, at, message, help="include what replaced it, or retire this file too")

    def join(self, mine: dict[str, T], theirs: Map[str, T], at: Span, what: str, wanted: Wanted) -> None:
        """Adds what is not there; the same thing declared twice and differently is noted."""
        for name, found in theirs.items():
            if name not in mine:
                mine[name] = found
            elif what and mine[name] is not None and found is not None and mine[name] != found:
                message = (
                    f"the {what} `{shown(name)}` of library `{wanted.name.text}` differs from one included before"
                )
                self.faults.add(NameFault, at, message)

    def clashes(self, other: Module, at: Span) -> None:
        """One name cannot be a requirement in one library and a definition in another."""
        for name, found in other.scope.names.items():
            mine = self.module.scope.names.get(name)
            if mine is not None and mine.kind != found.kind:
                both = f"a {found.kind} of library `{found.library}` and a {mine.kind} of `{mine.library}`"
                message = f"`{shown(name)}` is {both}"
                self.faults.add(NameFault, at, message)

    def chosen(self, wanted: Wanted, other: Module) -> dict[str, Criterion]:
        """The criteria that come along, and nothing that one of them refers to left behind."""
        if wanted.criteria is None:
            return dict(other.criteria)
        found: dict[str, Criterion] = {}
        for id in wanted.criteria:
            if id.text in other.criteria:
                found[id.text] = other.criteria[id.text]
            elif other.scope.names.get(id.text) is None:
                self.missing(id, other.criteria, wanted)
        for criterion in found.values():
            for name in references(criterion.expression):
                if name in other.criteria and name not in found:
                    message = f"criterion `{criterion.id}` refers to `{name}`, which is not included"
                    self.faults.add(NameFault, wanted.name.span, message, help=f"include `{name}` too")
        return found

    def missing(self, id: Scalar, criteria: Iterable[str], wanted: Wanted) -> None:
        message = f"library `{wanted.name.text}` has no criterion `{shown(id.text)}`"
        self.faults.add(NameFault, id.span, message, help=did_you_mean(id.text, criteria))

    def changed(self, wanted: Wanted, other: Module, criteria: dict[str, Criterion]) -> dict[str, Criterion]:
        """The criteria with the strengths that the including file gives them, each with a source."""
        found = dict(criteria)
        for id, tree in wanted.keys.named("overrides"):
            what = f"the change of criterion {shown(id.text, 20)}"
            keys = Keys(self.faults, tree, ("strength", "until", "source"), what, id.span, shown(id.text, 20))
            why = "a person whom the library keeps out could be let in, and nobody could say on whose word"
            keys.need("source", "write `source: {key of a source: its exact place}`", CitationFault, why)
            source = keys.citation("source", self.module.scope.sources)
            if id.text not in criteria:
                if other.scope.names.get(id.text) is None or id.text in other.criteria:
                    self.missing(id, criteria, wanted)
                continue
            criterion = criteria[id.text]
            strength = keys.one_of("strength", STRENGTHS, criterion.strength)
            fault = wrong_strength(criterion.category, strength) or _keeps_choosing(criterion, strength)
            if fault:
                keys.fault(TypeFault, keys.span("strength"), fault[0], help=fault[1])
            if keys.has("until"):
                lift = read_until(self.faults, keys)
                self.changes.append(Change(id.text, lift, Place(self.faults, self.module.scope, id.text)))
                criterion = replace(criterion, until=lift.text, until_date=None)
                other.untils.pop(id.text, None)
            found[id.text] = replace(criterion, strength=strength, override=source)
        return found

    def set(self, wanted: Wanted, other: Module) -> dict[str, ParameterValue]:
        """The parameters with the values that the including file gives them."""
        found = dict(other.parameters)
        for name, tree in wanted.keys.named("parameters"):
            keys = Keys(
                self.faults,
                tree,
                ("value", "source", "chosen"),
                f"parameter `{shown(name.text)}`",
                name.span,
            )
            keys.need("source", "write `source: {key of a source: its exact place}`", CitationFault)
            keys.need("value")
            source, value = keys.citation("source", self.module.scope.sources), keys.scalar("value")
            if name.text not in other.parameters:
                help = did_you_mean(name.text, other.parameters)
                message = f"library `{wanted.name.text}` has no parameter `{shown(name.text)}`"
                if other.scope.names.get(name.text) is None:
                    keys.fault(NameFault, name.span, message, help=help)
            elif value is not None:
                try:
                    found[name.text] = given(
                        found[name.text], value.text, self.module.head.name.text, source, keys.yes("chosen")
                    )
                except NoConstant as wrong:
                    keys.fault(wrong.kind, value.span, wrong.message, help=wrong.help)
        return found

    def settle_changes(self) -> None:
        """The days of changed `until:`s, now that every name of the file is known."""
        for change in self.changes:
            criterion = self.module.criteria.get(change.id)
            node = until_of(change.lift.after, change.lift.text, change.place) or change.lift.day
            found = settled(node, change.place, "day") if node is not None else None
            if criterion is not None and found is not None:
                self.module.untils[change.id] = found
                self.module.criteria[change.id] = replace(criterion, until_date=found)


def _keeps_choosing(criterion: Criterion, strength: str) -> tuple[str, str] | None:
    chooses = any(isinstance(node, e.Is | e.Coalesce) for node in nodes(criterion.expression))
    if chooses and strength != "administrative":
        return "the criterion asks what is recorded, and only an administrative one may", "leave its strength"
    return None


def given(
    parameter: ParameterValue, text: str, origin: str, source: Citation | None = None, chosen: bool = False
) -> ParameterValue:
    """A parameter with another value. Raises NoConstant."""
    value = constant_of(text, parameter.type)
    return replace(parameter, value=value, written=text, origin=origin, source=source, chosen=chosen)


# ------------------------------------------------------------------------------------------ sources


def _with_sources(other: Module, mine: Map[str, str]) -> Module:
    """The module with its source keys renamed where the including file uses them for something else."""
    clash = {
        k: f"{other.head.name.text}:{k}" for k, text in other.scope.sources.items() if mine.get(k, text) != text
    }
    if not clash:
        return other

    def cited(citation: Citation | None) -> Citation | None:
        return None if citation is None else replace(citation, source=clash.get(citation.source, citation.source))

    def every(citations: Sequence[Citation]) -> tuple[Citation, ...]:
        return tuple(replace(c, source=clash.get(c.source, c.source)) for c in citations)

    requirements = {}
    for name, declared in other.requirements.items():
        r = declared.requirement
        requirements[name] = replace(
            declared, requirement=replace(r, source=cited(r.source), because=cited(r.because))
        )
    criteria = {
        id: replace(c, source=every((c.source,))[0], also=every(c.also), override=cited(c.override))
        for id, c in other.criteria.items()
    }
    names: dict[str, Name] = {
        name: replace(found, declared=requirements.get(name)) for name, found in other.scope.names.items()
    }
    valuesets = {
        name: found and replace(found, source=tuple((clash.get(key, key), place) for key, place in found.source))
        for name, found in other.scope.valuesets.items()
    }
    renamed = {clash.get(k, k): text for k, text in other.scope.sources.items()}
    scope = replace(other.scope, names=names, sources=renamed, valuesets=valuesets)
    return replace(
        other,
        scope=scope,
        requirements=requirements,
        criteria=criteria,
        parameters={n: replace(p, source=cited(p.source)) for n, p in other.parameters.items()},
        definitions={n: replace(d, source=cited(d.source)) for n, d in other.definitions.items()},
    )
