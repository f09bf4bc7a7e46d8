"""One determination with what it was read off, to be looked things up in; it evaluates nothing."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import AS_OF, Criterion, DataRequirement, Definition, Library, ParameterValue
from screening.outcome.decisive import Ahead
from screening.outcome.determination import Determination, Finding
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record.subject import Absence, Evidence, Subject, Value
from screening.values.frozen import dataclass

NO_STEP = Step("", "", RowsFound((), (), (), False))


@dataclass(frozen=True, slots=True)
class Account:
    """A determination, its library, person and trace; steps by place, facts by id, the rest by name."""

    library: Library
    subject: Subject
    trace: Trace
    determination: Determination
    steps: Mapping[str, Step]
    expressions: Mapping[str, Expression]
    requirements: Mapping[str, DataRequirement]
    definitions: Mapping[str, Definition]
    parameters: Mapping[str, ParameterValue]
    criteria: Mapping[str, Criterion]
    findings: Mapping[str, Finding]
    facts: Mapping[str, Evidence | Absence]
    site_alerts: frozenset[str] = frozenset()
    ahead: Ahead | None = None

    @property
    def as_of(self) -> datetime.date:
        return self.trace.as_of

    def step(self, node: AnyNode) -> Step:
        """The step of a node outside queries."""
        return self.steps.get(node.place, NO_STEP)

    def value(self, node: AnyNode) -> Value | RowsFound:
        return self.step(node).value

    def named(self, name: str) -> Step:
        """The step of a requirement, a definition or a criterion."""
        return self.step(self.expressions[name]) if name in self.expressions else NO_STEP

    def rows(self, ids: tuple[str, ...]) -> tuple[Evidence, ...]:
        """The facts of these ids that are rows, in their order."""
        found = (self.facts.get(id) for id in ids)
        return tuple(row for row in found if isinstance(row, Evidence))

    def denials(self, ids: tuple[str, ...]) -> tuple[Absence, ...]:
        """The facts of these ids that are attested absences."""
        found = (self.facts.get(id) for id in ids)
        return tuple(absence for absence in found if isinstance(absence, Absence))


def account(
    library: Library,
    subject: Subject,
    trace: Trace,
    determination: Determination,
    site_alerts: frozenset[str] = frozenset(),
    ahead: Ahead | None = None,
) -> Account:
    """Everything of one screening, by name; `subject` is the person as of the day of the trace.

    `site_alerts` are the criteria whose alert says what the site wants done, `ahead` what could settle an open
    verdict.
    """
    facts: dict[str, Evidence | Absence] = {}
    for rows in subject.evidence.values():
        facts.update({row.id: row for row in rows})
    for absences in subject.absences.values():
        facts.update({absence.id: absence for absence in absences})
    return Account(
        library,
        subject,
        trace,
        determination,
        {step.place: step for step in trace.steps if not step.row},
        dict(library.order),
        {r.name: r for r in library.requirements},
        {d.name: d for d in library.definitions if d.origin != "requirement"},
        {p.name: p for p in library.parameters},
        {c.id: c for c in library.criteria},
        {f.id: f for f in determination.findings},
        facts,
        site_alerts,
        ahead,
    )


def below(node: AnyNode, expressions: Mapping[str, Expression], seen: set[str] | None = None) -> Iterator[AnyNode]:
    """A node and everything it rests on, what it refers to by name included, each name once."""
    seen = set() if seen is None else seen
    yield node
    if isinstance(node, e.Reference) and node.name not in seen and node.name in expressions:
        seen.add(node.name)
        yield from below(expressions[node.name], expressions, seen)
    for part in parts(node):
        yield from below(part, expressions, seen)


def requirements_below(node: AnyNode, expressions: Mapping[str, Expression]) -> tuple[str, ...]:
    """The names of the requirements that a node rests on, in the order in which they are asked for."""
    names = (n.requirement for n in below(node, expressions) if isinstance(n, e.Retrieve))
    return tuple(dict.fromkeys(names))


def parameters_below(node: AnyNode, expressions: Mapping[str, Expression]) -> tuple[str, ...]:
    """The names of the parameters that a node rests on, the as-of date apart."""
    names = (n.name for n in below(node, expressions) if isinstance(n, e.Parameter))
    return tuple(name for name in dict.fromkeys(names) if name != AS_OF)


def definitions_below(node: AnyNode, library: Library) -> tuple[Definition, ...]:
    """The definitions that a node rests on."""
    expressions = dict(library.order)
    names = {n.name for n in below(node, expressions) if isinstance(n, e.Reference)}
    return tuple(d for d in library.definitions if d.name in names and d.origin == "definition")


# A mark that is a code of a terminology, or a stretch of its classification: `ICD-10-CM I21.*`.
_CODE = re.compile(r"[A-Z][A-Za-z0-9-]+ [A-Z0-9][A-Za-z0-9.-]*\*?\Z")


@dataclass(frozen=True, slots=True)
class SignOff:
    """What nobody has signed yet: how many site choices, each unverified limit, and which criteria read one.

    Unverified codes are counted apart: they say of what is recorded whether it is the thing asked for.
    """

    choices: int
    limits: tuple[tuple[str, str], ...]
    criteria: tuple[str, ...] = ()

    @property
    def codes(self) -> int:
        return sum(bool(_CODE.match(what)) for _, what in self.limits)

    @property
    def unverified(self) -> tuple[str, ...]:
        """Each unverified limit behind the name of its criterion or requirement."""
        return tuple(f"{name} {what}" for name, what in self.limits)


def sign_off(library: Library) -> SignOff:
    """The site choices of a protocol, counted, and its unverified limits, each by name."""
    choices = 0
    unverified: list[tuple[str, str]] = []
    for criterion in library.criteria:
        choices += len(criterion.chosen)
        unverified += [(criterion.id, what) for what in criterion.unverified]
    for requirement in library.requirements:
        choices += len(requirement.chosen)
        unverified += [(requirement.name, what) for what in requirement.unverified]
    for definition in library.definitions:
        if definition.origin == "definition":
            choices += len(definition.chosen)
            unverified += [(definition.name, what) for what in definition.unverified]
    # A code that stands in several sets is signed once.
    codes = {str(code): v.name for v in reversed(library.valuesets) for code in v.unverified}
    unverified += [(name, code) for code, name in codes.items()]
    choices += sum(p.chosen for p in library.parameters)
    named = {name for name, what in unverified if not _CODE.match(what)}
    expressions = dict(library.order)
    resting = (c.id for c in library.criteria if not named.isdisjoint(_named_in(c, expressions)))
    return SignOff(choices, tuple(unverified), tuple(resting))


def _named_in(criterion: Criterion, expressions: Mapping[str, Expression]) -> set[str]:
    """A criterion with everything that it reads, by name."""
    seen: set[str] = set()
    nodes = list(below(criterion.expression, expressions, seen))
    return {criterion.id, *seen, *(node.requirement for node in nodes if isinstance(node, e.Retrieve))}


def is_chosen(criterion: Criterion, library: Library, expressions: Mapping[str, Expression]) -> bool:
    """Whether a site chose anything of what a criterion says: a limit, a window, a parameter."""
    names = {n.name for n in below(criterion.expression, expressions) if isinstance(n, e.Reference | e.Parameter)}
    names |= set(requirements_below(criterion.expression, expressions))
    return (
        bool(criterion.chosen)
        or any(p.chosen for p in library.parameters if p.name in names)
        or any(r.chosen for r in library.requirements if r.name in names)
        or any(d.chosen for d in library.definitions if d.name in names and d.origin == "definition")
    )


def is_unverified(criterion: Criterion, library: Library, expressions: Mapping[str, Expression]) -> bool:
    """Whether anything of what a criterion says is from memory and was not checked against its source."""
    names = {n.name for n in below(criterion.expression, expressions) if isinstance(n, e.Reference)}
    names |= set(requirements_below(criterion.expression, expressions))
    return (
        bool(criterion.unverified)
        or any(r.unverified for r in library.requirements if r.name in names)
        or any(d.unverified for d in library.definitions if d.name in names and d.origin == "definition")
    )
