"""The verdict read off the roots, with every criterion, its reasons and what is missing.

Nothing is evaluated here: each word comes from a step of the trace.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from enum import Enum

from screening.language import expression as e
from screening.language.expression import AnyNode, Expression, parts
from screening.language.library import Criterion, Library
from screening.outcome.trace import RowsFound, Step, Trace
from screening.record.rows import is_unknown
from screening.record.subject import Value
from screening.values.bounds import Bounds, is_exact
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth


class Verdict(Enum):
    """What the protocol says of this person on this day."""

    ELIGIBLE = "ELIGIBLE"
    INELIGIBLE = "INELIGIBLE"
    UNDETERMINED = "UNDETERMINED"
    REVIEW = "REVIEW"


class Standing(Enum):
    """What charts alone can say; none of these words ever means eligible."""

    RULED_OUT = "RULED OUT"
    NOT_RULED_OUT = "NOT RULED OUT"
    NO_ANCHOR_EVIDENCE = "NO ANCHOR EVIDENCE"


NOT_APPLICABLE = "NOT APPLICABLE"
_SILENCES = ("silence read as no", "site declaration")


@dataclass(frozen=True, slots=True)
class Finding:
    """One criterion for one person.

    `shown` is TRUE, FALSE, UNKNOWN or NOT APPLICABLE. `facts` are the ids of the evidence behind it, `open` the
    names of requirements that keep it open, `judgements` those of them that only a named person answers.
    """

    id: str
    truth: Truth
    shown: str
    facts: tuple[str, ...] = ()
    open: tuple[str, ...] = ()
    judgements: tuple[str, ...] = ()
    contradicted: bool = False
    silences: tuple[str, ...] = ()
    until: Bounds | None = None


@dataclass(frozen=True, slots=True)
class AlertFired:
    """An alert that fired: the criterion that carries it, and the facts that someone must see now."""

    criterion: str
    facts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OpenItem:
    """One requirement that is to be obtained, how, and for which criteria."""

    requirement: str
    obtain: str
    criteria: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What an output of the protocol says: its name, its definition, and the value of that."""

    output: str
    definition: str
    value: Value


@dataclass(frozen=True, slots=True)
class Determination:
    """Verdict, standing, alerts, criteria, reasons and open items of one person on one day.

    `label` is what the protocol calls the verdict, the word itself where it declares no `labels:`.
    """

    verdict: Verdict
    label: str
    standing: Standing
    eligible: Truth
    favourable: Truth
    review: Truth
    arranged: Truth
    findings: tuple[Finding, ...]
    reasons: tuple[str, ...]
    to_obtain: tuple[OpenItem, ...]
    to_arrange: tuple[str, ...]
    to_review: tuple[str, ...]
    alerts: tuple[AlertFired, ...]
    outputs: tuple[Told, ...] = ()

    def finding(self, id: str) -> Finding:
        """The finding of one criterion; KeyError if the protocol has none of that id."""
        for finding in self.findings:
            if finding.id == id:
                return finding
        raise KeyError(id)


def verdict_of(eligible: Truth, favourable: Truth, review: Truth, arranged: Truth) -> Verdict:
    """The four verdicts, in the order of section 6.

    >>> verdict_of(Truth.UNKNOWN, Truth.UNKNOWN, Truth.FALSE, Truth.TRUE).name
    'UNDETERMINED'
    """
    # SPEC: semantics 6.1 to 6.4; `favourable` reads every open Judgement in the person's favour.
    if eligible is FALSE:
        return Verdict.INELIGIBLE
    if arranged is not TRUE or (eligible is UNKNOWN and favourable is not TRUE):
        return Verdict.UNDETERMINED
    if eligible is UNKNOWN or review is not FALSE:
        return Verdict.REVIEW
    return Verdict.ELIGIBLE


def standing_of(verdict: Verdict, anchors: list[Truth]) -> Standing:
    """RULED OUT by the verdict, NOT RULED OUT with every anchor on record, else NO ANCHOR EVIDENCE."""
    if verdict is Verdict.INELIGIBLE:
        return Standing.RULED_OUT
    if all(anchor is TRUE for anchor in anchors):
        return Standing.NOT_RULED_OUT
    return Standing.NO_ANCHOR_EVIDENCE


class _Steps:
    """Finds what stands behind a node: its open requirements, its facts, its silences."""

    def __init__(self, library: Library, trace: Trace) -> None:
        self.expressions = dict(library.order)
        self.requirements = {r.name: r for r in library.requirements}
        self.steps: Mapping[str, Step] = {step.place: step for step in trace.steps if not step.row}
        review = self.expressions["review"]
        self.contradictions = {p.criterion: p for p in parts(review) if isinstance(p, e.Contradicted)}
        self.is_silence_read = any(step.reason in _SILENCES for step in trace.steps)

    def value(self, node: AnyNode) -> Value | RowsFound:
        return self.steps[node.place].value

    def truth(self, name: str) -> Truth:
        found = self.value(self.expressions[name])
        assert isinstance(found, Truth)
        return found

    def open_requirements(self, node: AnyNode, seen: set[str]) -> Iterator[str]:
        """The requirements that keep a node open, in the order in which the rule file asks for them."""
        if node.place not in self.steps or not _is_unsettled(self.value(node)):
            return
        if isinstance(node, e.Reference):
            if node.name not in seen:
                seen.add(node.name)
                if node.name in self.requirements:
                    yield node.name
                else:
                    yield from self.open_requirements(self.expressions[node.name], seen)
            return
        if isinstance(node, e.Exists | e.Count | e.CountDistinct | e.RowValues | e.Select | e.DateOf | e.Silence):
            for name in _sources(node):
                if name not in seen:
                    seen.add(name)
                    yield name
            return
        for part in parts(node):
            yield from self.open_requirements(part, seen)

    def facts(self, node: AnyNode, seen: set[str]) -> Iterator[str]:
        """The evidence behind the value of a node, parts that do not bear on it left out."""
        step = self.steps.get(node.place)
        if step is None:
            return
        yield from step.facts
        if isinstance(node, e.Reference) and node.name not in seen:
            seen.add(node.name)
            yield from self.facts(self.expressions[node.name], seen)
        for part in self.bearing(node):
            yield from self.facts(part, seen)

    def bearing(self, node: AnyNode) -> tuple[AnyNode, ...]:
        """The parts that settle a node: of a TRUE `or` its true parts, of a FALSE `and` its false ones."""
        match node:
            case e.Or(operands) if self.value(node) is TRUE:
                return tuple(o for o in operands if self.value(o) is TRUE)
            case e.And(operands) if self.value(node) is FALSE:
                return tuple(o for o in operands if self.value(o) is FALSE)
            case e.Where(source):
                return (source,)
        return parts(node)

    def silences(self, node: AnyNode, seen: set[str]) -> Iterator[str]:
        """Where silence was read as an answer: requirement names."""
        if not self.is_silence_read:
            return
        step = self.steps.get(node.place)
        if step is not None and step.reason in _SILENCES:
            yield from _sources(node)
        if isinstance(node, e.Reference) and node.name not in seen:
            seen.add(node.name)
            yield from self.silences(self.expressions[node.name], seen)
        for part in parts(node):
            yield from self.silences(part, seen)


def _is_unsettled(value: Value | RowsFound) -> bool:
    if isinstance(value, RowsFound):
        return bool(value.possible) or value.open
    if isinstance(value, Bounds):
        return not is_exact(value)
    return is_unknown(value)


def _sources(node: AnyNode) -> Iterator[str]:
    if isinstance(node, e.Retrieve):
        yield node.requirement
    for part in parts(node):
        yield from _sources(part)


def _finding(library: Library, criterion: Criterion, reader: _Steps) -> Finding:
    truth = reader.truth(criterion.id)
    shown = truth.value
    if criterion.applies and reader.value(parts(criterion.expression)[0]) is FALSE:
        shown = NOT_APPLICABLE
    open_names = tuple(reader.open_requirements(criterion.expression, set())) if truth is UNKNOWN else ()
    judgements = tuple(n for n in open_names if reader.requirements[n].type.name == "Judgement")
    contradiction = reader.contradictions.get(criterion.id)
    until = None
    lift = reader.expressions.get(f"until:{criterion.id}")
    # A lift is read of what speaks against: an exclusion that is present, an inclusion that is not met.
    if lift is not None and truth is (FALSE if criterion.category == "inclusion" else TRUE):
        found = reader.value(lift)
        until = found if isinstance(found, Bounds) else None
    return Finding(
        id=criterion.id,
        truth=truth,
        shown=shown,
        facts=tuple(dict.fromkeys(reader.facts(criterion.expression, set()))),
        open=open_names,
        judgements=judgements,
        contradicted=contradiction is not None and reader.value(contradiction) is TRUE,
        silences=tuple(dict.fromkeys(reader.silences(criterion.expression, set()))),
        until=until,
    )


def determine(library: Library, trace: Trace, known: Mapping[str, Finding] | None = None) -> Determination:
    """Everything a clinician is shown of one person, read off a complete trace.

    `known` are findings, by criterion, that were read off the same steps before.
    """
    reader, known = _Steps(library, trace), known or {}
    findings = tuple(known.get(c.id) or _finding(library, c, reader) for c in library.criteria)
    eligible, favourable, review, arranged = (
        reader.truth(root) for root in ("eligible", "favourable", "review", "arranged")
    )
    verdict = verdict_of(eligible, favourable, review, arranged)
    pairs = list(zip(library.criteria, findings, strict=True))
    return Determination(
        verdict=verdict,
        label=library.label(verdict.value).label,
        standing=standing_of(verdict, [reader.truth(anchor) for anchor in library.anchors]),
        eligible=eligible,
        favourable=favourable,
        review=review,
        arranged=arranged,
        findings=findings,
        reasons=tuple(f.id for c, f in pairs if is_bar(c, f.truth)),
        to_obtain=_to_obtain(library, findings, reader),
        to_arrange=tuple(f.id for c, f in pairs if c.strength == "administrative" and f.truth is FALSE),
        to_review=tuple(f.id for c, f in pairs if _is_to_review(c, f)),
        alerts=tuple(_alerts(library, reader)),
        outputs=tuple(_told(library, reader)),
    )


def is_bar(criterion: Criterion, truth: Truth) -> bool:
    """Whether a criterion speaks against: an inclusion not met, an absolute exclusion present."""
    if criterion.strength != "absolute":
        return False
    return truth is (FALSE if criterion.category == "inclusion" else TRUE)


def _is_to_review(criterion: Criterion, finding: Finding) -> bool:
    relative = criterion.strength == "relative" and finding.truth is not FALSE
    return relative or bool(finding.judgements) or finding.contradicted


def _to_obtain(library: Library, findings: tuple[Finding, ...], reader: _Steps) -> tuple[OpenItem, ...]:
    wanted: dict[str, list[str]] = {}
    for finding in findings:
        for name in finding.open:
            if name not in finding.judgements:
                wanted.setdefault(name, []).append(finding.id)
    return tuple(
        OpenItem(name, reader.requirements[name].obtain, tuple(criteria)) for name, criteria in wanted.items()
    )


def _alerts(library: Library, reader: _Steps) -> Iterator[AlertFired]:
    for criterion in library.criteria:
        if criterion.alert is None:
            continue
        node: Expression = reader.expressions[criterion.alert.definition]
        if reader.value(node) is TRUE:
            yield AlertFired(criterion.id, tuple(dict.fromkeys(reader.facts(node, set()))))


def _told(library: Library, reader: _Steps) -> Iterator[Told]:
    """What the outputs of the protocol say, each read off the step of its definition."""
    for output in library.outputs:
        value = reader.value(reader.expressions[output.definition])
        assert not isinstance(value, RowsFound)
        yield Told(output.name, output.definition, value)


def rescreen_not_before(determination: Determination) -> datetime.date | None:
    """The first day on which every dated bar is over; None if a bar has no date."""
    barred = [determination.finding(id) for id in determination.reasons]
    days = [f.until.high for f in barred if f.until is not None and f.until.high is not None]
    return max(days) if barred and len(days) == len(barred) else None


def open_behind(library: Library, trace: Trace, name: str) -> tuple[str, ...]:
    """The requirements that keep a definition open, in the order in which it asks for them."""
    reader = _Steps(library, trace)
    return tuple(reader.open_requirements(reader.expressions[name], set()))


def silences_behind(library: Library, trace: Trace, name: str) -> tuple[str, ...]:
    """The requirements below a definition whose silence was read as an answer."""
    reader = _Steps(library, trace)
    return tuple(dict.fromkeys(reader.silences(reader.expressions[name], set())))


def facts_behind(library: Library, trace: Trace, name: str) -> tuple[str, ...]:
    """The ids of the evidence behind the value of a definition, parts that do not bear on it left out."""
    reader = _Steps(library, trace)
    return tuple(dict.fromkeys(reader.facts(reader.expressions[name], set())))
