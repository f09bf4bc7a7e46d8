"""One file, settled: every declaration in an order in which each comes after what it refers to."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from collections.abc import Mapping as Map
from dataclasses import dataclass, field, replace

from screening.errors import NameFault, Span, TypeFault
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import (
    AS_OF,
    Alert,
    Criterion,
    Definition,
    Inclusion,
    Output,
    ParameterValue,
    Property,
)
from screening.language.types import BOOLEAN, Type
from screening.reading import queries
from screening.reading.alerts import firing
from screening.reading.check import Check, settled
from screening.reading.draft import Draft, DraftCriterion, DraftDefinition, Head
from screening.reading.faults import Faults, meant, shown
from screening.reading.judgement import judged_in, polar
from screening.reading.labels import named_outputs
from screening.reading.naming import fit_answers
from screening.reading.otherwise import settled_error
from screening.reading.parser import Until
from screening.reading.properties import settled_properties
from screening.reading.requirements import Declared
from screening.reading.scope import Faulty, Name, Place, Scope
from screening.reading.tree import DEEPEST, depth, references
from screening.values.coding import ValueSet

MOST_DEEP = 2 * DEEPEST


@dataclass(slots=True)
class Module:
    """A checked file with all that it includes, not yet a protocol of its own.

    `values` are what stands behind each requirement used as a single value, `untils` the days on which a
    criterion lifts, `alerts` when it fires; `names` is everything that an including file may refer to.
    """

    head: Head
    file: str
    digest: str
    scope: Scope
    parameters: dict[str, ParameterValue] = field(default_factory=dict)
    requirements: dict[str, Declared] = field(default_factory=dict)
    values: dict[str, Expression] = field(default_factory=dict)
    definitions: dict[str, Definition] = field(default_factory=dict)
    criteria: dict[str, Criterion] = field(default_factory=dict)
    alerts: dict[str, Expression] = field(default_factory=dict)
    untils: dict[str, Expression] = field(default_factory=dict)
    anchors: tuple[str, ...] = ()
    outputs: tuple[Output, ...] = ()
    properties: tuple[Property, ...] = ()
    analysis: tuple[tuple[str, str], ...] = ()
    includes: tuple[Inclusion, ...] = ()
    fixed_words: tuple[str, ...] = ()
    status: str = "draft"

    def valuesets(self) -> tuple[ValueSet, ...]:
        return tuple(found for found in self.scope.valuesets.values() if found is not None)


class Settling:
    """Settles the declarations of one draft into a module that holds already what the file includes."""

    def __init__(self, faults: Faults, module: Module, draft: Draft) -> None:
        self.faults, self.module, self.draft = faults, module, draft
        self.judged = {name for name, found in module.scope.names.items() if found.judged}
        self.own = module.head.name.text

    def run(self) -> None:
        draft, names = self.draft, self.module.scope.names
        for name, parameter in draft.parameters.items():
            if (
                name != AS_OF
                and self.declare(name, "parameter", parameter.type if parameter else None)
                and parameter
            ):
                self.module.parameters[name] = parameter
        for name, valueset in draft.valuesets.items():
            present = self.module.scope.valuesets.get(name)
            if present is not None and valueset is not None and present != valueset:
                message = f"an included library declares the value set `{shown(name)}` otherwise"
                self.faults.add(NameFault, draft.valueset_spans[name], message, help="choose another name")
            self.module.scope.valuesets[name] = valueset
        kept: dict[str, Callable[[], None]] = {}
        for name, declared in draft.requirements.items():
            type = declared.requirement.type if declared else None
            if self.declare(name, "requirement", type, declared) and declared:
                self.module.requirements[name] = declared
                kept[name] = lambda d=declared: self.requirement(d)  # type: ignore[misc]
        for name, definition in draft.definitions.items():
            if self.declare(name, "definition", None):
                kept[name] = lambda d=definition: self.definition(d)  # type: ignore[misc]
        for name, criterion in draft.criteria.items():
            if self.declare(name, "criterion", BOOLEAN if criterion.expression else None):
                kept[name] = lambda c=criterion: self.criterion(c)  # type: ignore[misc]
        for name in self.ordered(kept):
            kept[name]()
        # A type that a cycle or a fault left open stays open: its uses are not told again.
        self.module.criteria = {name: self.module.criteria[name] for name in self.in_file_order()}
        self.anchors()
        self.module.outputs = named_outputs(self.faults, draft.outputs, self.module.scope)
        self.module.properties = settled_properties(self.faults, draft.properties, self.module.scope)
        self.module.analysis = draft.analysis
        assert all(name in names for name in kept)

    def in_file_order(self) -> Iterable[str]:
        """Included criteria first, then the file's own, as they stand in it."""
        own = [name for name in self.draft.criteria if name in self.module.criteria]
        return [*(name for name in self.module.criteria if name not in self.draft.criteria), *own]

    def declare(self, name: str, kind: str, type: Type | None, declared: Declared | None = None) -> bool:
        """Enters a name of this file; one that an included library declares otherwise is noted."""
        names = self.module.scope.names
        present = names.get(name)
        if present is not None:
            both = present.declared is not None and declared is not None
            if both and present.declared is not None and declared is not None:
                same = replace(present.declared.requirement) == declared.requirement
                if same and present.declared.window == declared.window:
                    return False
            span = self.draft.spans.get(name, Span())
            message = f"`{shown(name)}` is declared in library `{present.library}` already"
            self.faults.add(NameFault, span, message, help="delete it here, or choose another name")
            return False
        judged = type is not None and type.name == "Judgement"
        names[name] = Name(name, kind, type, self.own, judged, declared)
        if judged:
            self.judged.add(name)
        return True

    # ---------------------------------------------------------------------------------- order

    def referred(self, name: str) -> list[str]:
        """What a declaration of this file refers to, in its own file."""
        draft = self.draft
        found: list[str] = []
        if name in draft.definitions:
            found += _named(draft.definitions[name].expression)
        elif name in draft.criteria:
            criterion = draft.criteria[name]
            found += [*_named(criterion.expression), *_named(criterion.applies)]
        else:
            declared = draft.requirements.get(name)
            if declared is not None and declared.window is not None:
                found += [*_named(declared.window.amount), declared.window.name]
            if declared is not None:
                found.append(declared.age_on)
        return found

    def ordered(self, kept: Map[str, object]) -> list[str]:
        """The declarations, each after what it refers to; a circle is noted and left out."""
        done: dict[str, bool] = {}
        order: list[str] = []
        for start in kept:
            path: list[str] = []
            waiting = [(start, False)]
            while waiting:
                name, finished = waiting.pop()
                if finished:
                    path.pop()
                    if not done.get(name, False):
                        done[name] = True
                        order.append(name)
                elif name in path:
                    self.circle(path[path.index(name) :])
                    done |= dict.fromkeys(path[path.index(name) :], True)
                elif name not in done and name in kept:
                    path.append(name)
                    waiting.append((name, True))
                    waiting += [(other, False) for other in reversed(self.referred(name))]
        return order

    def circle(self, path: list[str]) -> None:
        whole = ", ".join(f"`{shown(name)}`" for name in [*path, path[0]])
        span = self.draft.spans.get(path[0], Span())
        self.faults.add(NameFault, span, f"`{shown(path[0])}` refers to itself: {whole}")

    # ----------------------------------------------------------------------------- each of them

    def place(self, criterion: str = "", choosing: str = "") -> Place:
        return Place(self.faults, self.module.scope, criterion, choosing)

    def sound(self, node: Expression, place: Place) -> bool:
        """Whether a settled expression is not too deep, and its judgements stand where they may."""
        if depth(node) > MOST_DEEP:
            self.faults.add(TypeFault, node.span, "the expression is nested too deep", criterion=place.criterion)
            return False
        return polar(node, self.judged, place)

    def requirement(self, declared: Declared) -> None:
        requirement, place = declared.requirement, self.place()
        if requirement.type.name == "Records":
            return
        try:
            value = queries.value_of(declared, place, Check(place).settle)
        except Faulty:
            return
        if self.sound(value, place):
            self.module.values[requirement.name] = value

    def definition(self, draft: DraftDefinition) -> None:
        name = draft.name.text
        place = self.place(choosing="by_availability" if draft.by_availability else "")
        if draft.expression is None:
            return
        found = settled(draft.expression, place)
        if found is None or not self.sound(found, place):
            return
        type = BOOLEAN if found.type.name == "Judgement" else found.type
        judged = judged_in(found, self.judged) is not None
        printed = self.printed(draft.printed, type, place)
        fit_answers(self.faults, draft.answers, type, draft.name)
        self.module.scope.names[name] = Name(name, "definition", type, self.own, judged)
        if judged:
            self.judged.add(name)
        self.module.definitions[name] = Definition(
            name=name,
            expression=found,
            type=type,
            text=draft.text,
            source=draft.source,
            by_availability=draft.by_availability,
            printed=draft.printed_text,
            printed_expression=printed,
            written=draft.written,
            chosen=draft.chosen,
            unverified=draft.unverified,
            short_names=draft.short_names,
            answers=draft.answers,
            measurement_error=settled_error(self.faults, draft.error, type),
            analysis=draft.analysis,
            span=draft.name.span,
        )

    def printed(self, node: Expression | None, type: Type, place: Place) -> Expression | None:
        """The equivalent form that the source prints: the same names, the same kind of value."""
        found = settled(node, place) if node is not None else None
        if found is None or not self.sound(found, place):
            return None
        numbers = ("Integer", "Decimal")
        same = found.type == type or (found.type.name in numbers and type.name in numbers)
        if not same and {found.type.name, type.name} != {"Boolean", "Judgement"}:
            message = f"the printed form is of type {found.type}, the expression of type {type}"
            self.faults.add(TypeFault, found.span, message, criterion=place.criterion)
        return found

    def criterion(self, draft: DraftCriterion) -> None:
        name = draft.id.text
        choosing = "administrative" if draft.strength == "administrative" else ""
        place = self.place(name, choosing)
        found = settled(draft.expression, place, "truth") if draft.expression is not None else None
        applies = settled(draft.applies, place, "truth") if draft.applies is not None else None
        until = self.until(draft, self.place(name))
        alert = self.alert(draft, self.place(name))
        if found is None or (draft.applies is not None and applies is None):
            self.poison(name)
            return
        printed = self.printed(draft.printed, BOOLEAN, place)
        if applies is not None:
            # SPEC: semantics 6, `applies implies c` in an inclusion, `applies and c` in an exclusion.
            inclusion = draft.category == "inclusion"
            span = found.span
            found = e.Implies(applies, found, span=span) if inclusion else e.And((applies, found), span=span)
        if not self.sound(found, place) or not draft.sources or not draft.category:
            self.poison(name)
            return
        judged = judged_in(found, self.judged) is not None
        self.module.scope.names[name] = Name(name, "criterion", BOOLEAN, self.own, judged)
        if judged:
            self.judged.add(name)
        self.module.criteria[name] = Criterion(
            id=name,
            category=draft.category,
            strength=draft.strength,
            text=draft.text,
            source=draft.sources[0],
            also=draft.sources[1:],
            expression=found,
            written=draft.written,
            applies=draft.applies_text,
            until=draft.until.text,
            until_date=until,
            alert=alert,
            printed=draft.printed_text,
            printed_expression=printed,
            chosen=draft.chosen,
            unverified=draft.unverified,
            note=draft.note,
            repeat=draft.repeat,
            analysis=draft.analysis,
            library=self.own,
            span=draft.id.span,
        )

    def poison(self, name: str) -> None:
        self.module.scope.names[name] = Name(name, "criterion", None, self.own)

    def until(self, draft: DraftCriterion, place: Place) -> Expression | None:
        node = until_of(draft.until.after, draft.until.text, place) or draft.until.day
        found = settled(node, place, "day") if node is not None else None
        if found is not None and self.sound(found, place):
            self.module.untils[draft.id.text] = found
            return found
        return None

    def alert(self, draft: DraftCriterion, place: Place) -> Alert | None:
        if draft.alert is None or draft.alert.expression is None:
            return None
        try:
            fires, names = firing(draft.alert.expression, place)
        except Faulty:
            return None
        if not self.sound(fires, place):
            return None
        self.module.alerts[draft.id.text] = fires
        return Alert(draft.alert.text, f"alert:{draft.id.text}", draft.alert.escalate, names)

    def anchors(self) -> None:
        """What must be on record before charts can say anything: Boolean requirements and definitions."""
        found = []
        for scalar in self.draft.anchors:
            name = self.module.scope.names.get(scalar.text)
            if name is None:
                near = meant(scalar.text, self.module.scope.of_kind("requirement", "definition", "criterion"))
                help = f"did you mean `{near}`" if near else ""
                self.faults.add(NameFault, scalar.span, f"`{shown(scalar.text)}` is not declared", help=help)
            elif name.type is not None and (name.type != BOOLEAN or name.kind == "parameter"):
                message = f"the anchor `{shown(scalar.text)}` is a {name.kind} of type {name.type}"
                help = "an anchor is a Boolean requirement or definition"
                self.faults.add(TypeFault, scalar.span, message, help=help)
            else:
                found.append(scalar.text)
        self.module.anchors = tuple(dict.fromkeys(found))


def _named(node: Expression | None) -> list[str]:
    return [] if node is None else list(references(node))


def until_of(after: Until | None, text: str, place: Place) -> Expression | None:
    """`14 days after NAME` as a day; words that only look like it stay words."""
    if after is None:
        return None
    if after.name not in place.scope.names and not text.endswith('"'):
        near = meant(after.name, place.scope.of_kind("requirement", "definition", "parameter"))
        if near:
            message = f"`{shown(after.name)}` is not declared"
            help = f"did you mean `{near}`; or say it in words: `until: {{text: ...}}`"
            place.faults.add(NameFault, after.span, message, help=help, criterion=place.criterion)
        return None
    reference = e.Reference(after.name, Type(""), span=after.span)
    return e.Shift(reference, after.amount, after.unit, 1, span=after.span)
