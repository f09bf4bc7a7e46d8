"""A rule file as it is written: every declaration read, no expression settled yet."""

from __future__ import annotations

import re
from collections.abc import Mapping as Map
from dataclasses import field

from screening.errors import CitationFault, NameFault, RuleError, Span, TypeFault
from screening.language.expression import Expression
from screening.language.library import AS_OF, WHOLE, Citation, Label, ParameterValue, Repeat
from screening.language.types import unknown
from screening.reading.approval import read_approval
from screening.reading.constants import SIMPLE, NoConstant, constant_of, read_type
from screening.reading.document import Mapping, Scalar, Tree
from screening.reading.faults import Faults, did_you_mean, shown
from screening.reading.folders import plain
from screening.reading.keys import Keys, is_name
from screening.reading.labels import DraftOutput, read_labels, read_outputs
from screening.reading.naming import Answers, read_answers, read_short_names
from screening.reading.otherwise import DraftError, draft_error, read_repeat
from screening.reading.parser import Until, parse, parse_until
from screening.reading.properties import DraftProperty, read_analysis, read_properties
from screening.reading.requirements import Declared, read_requirement
from screening.reading.terminology import read_terminologies, read_valueset
from screening.values.coding import ValueSet
from screening.values.frozen import dataclass

TOP = (
    "library", "version", "title", "status", "approval", "intended use", "registration", "family", "incomplete",
    "sources", "fixed words", "labels", "outputs", "include", "anchors", "parameters", "terminologies",
    "valuesets", "requirements", "definitions", "criteria", "properties", "analysis",
)  # fmt: skip
DEFINITION = (
    "expression", "text", "source", "by_availability", "equivalent_to", "chosen", "unverified", "short names",
    "answers", "measurement error", "analysis",
)  # fmt: skip
CRITERION = (
    "id", "category", "strength", "text", "source", "chosen", "unverified", "applies when", "until", "alert",
    "note", "equivalent_to", "expression", "repeat", "analysis",
)  # fmt: skip
STRENGTHS = ("absolute", "relative", "administrative")
_UNTIL = re.compile(r'(?:[0-9]+|"[^"]+"|\(.*\)) +(?:years?|months?|weeks?|days?) +after +("?)(.+?)\1\Z')


@dataclass(frozen=True, slots=True)
class Lift:
    """What lifts a criterion: words, and the day on which it does, if that can be computed."""

    text: str
    after: Until | None = None
    day: Expression | None = None


@dataclass(frozen=True, slots=True)
class DraftDefinition:
    name: Scalar
    expression: Expression | None
    written: str
    printed: Expression | None
    printed_text: str
    text: str
    source: Citation | None
    by_availability: bool
    chosen: tuple[str, ...]
    unverified: tuple[str, ...]
    short_names: tuple[str, ...]
    answers: Answers
    error: DraftError | None = None
    analysis: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class DraftAlert:
    expression: Expression | None
    text: str
    escalate: str
    span: Span


@dataclass(frozen=True, slots=True)
class DraftCriterion:
    id: Scalar
    category: str
    strength: str
    text: str
    sources: tuple[Citation, ...]
    expression: Expression | None
    written: str
    applies: Expression | None
    applies_text: str
    until: Lift
    alert: DraftAlert | None
    printed: Expression | None
    printed_text: str
    chosen: tuple[str, ...]
    unverified: tuple[str, ...]
    note: str
    repeat: Repeat | None = None
    analysis: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Head:
    """What a file says of itself."""

    name: Scalar
    version: str
    title: str
    status: str
    approval: tuple[tuple[str, str], ...]
    intended_use: str
    registration: str
    family: str
    fixed_words: tuple[str, ...]
    labels: tuple[Label, ...]
    sources: dict[str, str]


@dataclass(slots=True)
class Draft:
    """The declarations of one file; a faulty one is there by name alone (None)."""

    parameters: dict[str, ParameterValue | None] = field(default_factory=dict)
    valuesets: dict[str, ValueSet | None] = field(default_factory=dict)
    requirements: dict[str, Declared | None] = field(default_factory=dict)
    definitions: dict[str, DraftDefinition] = field(default_factory=dict)
    criteria: dict[str, DraftCriterion] = field(default_factory=dict)
    anchors: list[Scalar] = field(default_factory=list)
    outputs: tuple[DraftOutput, ...] = ()
    properties: tuple[DraftProperty, ...] = ()
    analysis: tuple[tuple[str, str], ...] = ()
    spans: dict[str, Span] = field(default_factory=dict)
    valueset_spans: dict[str, Span] = field(default_factory=dict)


def read_head(faults: Faults, tree: Tree, file: str, stem: str) -> tuple[Keys, Head | None]:
    """The keys of a file and what it says of itself."""
    keys = Keys(faults, tree, TOP, "a rule file", Span(file, 1, 1))
    name, version = keys.scalar("library"), keys.text("version")
    keys.need("library", "begin with `library: name-of-the-file`")
    keys.need("version", 'write `version: "0.1"`')
    if name is not None:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9-]{0,79}", name.text):
            help = "letters, digits and hyphens"
            keys.fault(NameFault, name.span, f"`{shown(name.text)}` cannot name a library", help=help)
        elif plain(name.text) != plain(stem):
            message = f"library `{name.text}` stands in a file named `{shown(stem)}`"
            keys.fault(NameFault, name.span, message, help="the file is named after the library")
    status, people = read_approval(faults, keys)
    sources: dict[str, str] = {}
    for key, text in keys.named("sources"):
        if isinstance(text, Scalar) and text.text.strip():
            sources[key.text] = " ".join(text.text.split())
        else:
            help = "author, journal or label, year, and where to find it"
            keys.fault(CitationFault, key.span, f"source `{shown(key.text)}` has no citation", help=help)
    head = Head(
        name or Scalar(stem, keys.at),
        version,
        keys.text("title"),
        status,
        people,
        keys.text("intended use"),
        keys.text("registration"),
        keys.text("family"),
        tuple(" ".join(s.text.split()) for s in keys.texts("fixed words")),
        read_labels(faults, keys),
        sources,
    )
    return keys, head if name is not None and version else None


def read_draft(faults: Faults, keys: Keys, sources: Map[str, str], included: Map[str, ValueSet | None]) -> Draft:
    """Every declaration of a file; what is wrong is noted."""
    draft = Draft()
    for name, tree in keys.named("parameters"):
        _declare(faults, draft, name, "a parameter")
        draft.parameters[name.text] = read_parameter(faults, name, tree, sources)
    terminologies = read_terminologies(faults, keys)
    for name, tree in keys.named("valuesets"):
        draft.valueset_spans[name.text] = name.span
        before = {**included, **draft.valuesets}
        draft.valuesets[name.text] = read_valueset(faults, name, tree, sources, before, terminologies)
    valuesets = {**included, **draft.valuesets}
    for name, tree in keys.named("requirements"):
        requirement = read_requirement(faults, name, tree, sources, valuesets)
        if _declare(faults, draft, name, "a requirement"):
            draft.requirements[name.text] = requirement
    for name, tree in keys.named("definitions"):
        definition = _definition(faults, name, tree, sources)
        if _declare(faults, draft, name, "a definition"):
            draft.definitions[name.text] = definition
    for tree in keys.items("criteria"):
        criterion = _criterion(faults, tree, sources)
        if criterion is not None and _declare(faults, draft, criterion.id, "a criterion"):
            draft.criteria[criterion.id.text] = criterion
    draft.anchors = keys.texts("anchors")
    draft.outputs = read_outputs(faults, keys)
    draft.properties = read_properties(faults, keys, sources)
    draft.analysis = read_analysis(keys)
    return draft


def _declare(faults: Faults, draft: Draft, name: Scalar, what: str) -> bool:
    if name.text in draft.spans:
        line = draft.spans[name.text].line
        message = f"`{shown(name.text)}` is declared twice"
        faults.add(NameFault, name.span, message, help=f"the other stands in line {line}")
        return False
    draft.spans[name.text] = name.span
    if what != "a criterion" and not (what == "a parameter" and name.text == AS_OF):
        is_name(faults, name, what)
    return True


def read_parameter(faults: Faults, name: Scalar, tree: Tree, sources: Map[str, str]) -> ParameterValue | None:
    """One entry of `parameters:`: a type, and perhaps a value."""
    what = f"parameter `{shown(name.text)}`"
    if isinstance(tree, Scalar):
        tree = Mapping(((Scalar("type", name.span), tree),), tree.span)
    keys = Keys(faults, tree, ("type", "unit", "value", "chosen", "source", "text"), what, name.span)
    type = read_type(faults, keys, SIMPLE)
    source = keys.citation("source", sources)
    value = keys.scalar("value")
    if type is None:
        return None
    if name.text == AS_OF and (type.name != "Date" or value is not None):
        keys.fault(TypeFault, name.span, f"`{AS_OF}` is the as-of date of the run", help=f"write `{AS_OF}: Date`")
        return None
    if value is None:
        return ParameterValue(name.text, type, unknown(type), "", "not set", source, keys.yes("chosen"))
    try:
        found = constant_of(value.text, type)
    except NoConstant as wrong:
        keys.fault(wrong.kind, value.span, wrong.message, help=wrong.help)
        return None
    return ParameterValue(name.text, type, found, value.text, "library", source, keys.yes("chosen"))


def _expression(faults: Faults, keys: Keys, key: str) -> tuple[Expression | None, str]:
    scalar = keys.scalar(key)
    if scalar is None:
        return None, ""
    return parse(scalar, faults, keys.criterion), scalar.text.strip()


def _definition(faults: Faults, name: Scalar, tree: Tree, sources: Map[str, str]) -> DraftDefinition:
    what = f"definition `{shown(name.text)}`"
    if isinstance(tree, Scalar):
        tree = Mapping(((Scalar("expression", name.span), tree),), tree.span)
    keys = Keys(faults, tree, DEFINITION, what, name.span)
    keys.need("expression", "say what it is: `expression: |`")
    expression, written = _expression(faults, keys, "expression")
    printed, printed_text = _expression(faults, keys, "equivalent_to")
    by_availability = keys.has("by_availability")
    marked = keys.citation("by_availability", sources, "name the source that chooses by what is recorded")
    return DraftDefinition(
        name,
        expression,
        written,
        printed,
        printed_text,
        keys.text("text"),
        keys.citation("source", sources) or marked,
        by_availability,
        keys.words("chosen"),
        keys.words("unverified"),
        read_short_names(keys),
        read_answers(keys),
        draft_error(keys, sources),
        read_analysis(keys),
    )


def _criterion(faults: Faults, tree: Tree, sources: Map[str, str]) -> DraftCriterion | None:
    found = tree.get("id") if isinstance(tree, Mapping) else None
    named = found.text if isinstance(found, Scalar) else ""
    what = f"criterion {shown(named, 20)}" if named else "a criterion"
    at = found.span if isinstance(found, Scalar) else tree.span
    keys = Keys(faults, tree, CRITERION, what, at, named if re.fullmatch("[A-Z0-9]{1,8}", named) else "")
    id = keys.scalar("id")
    if id is None:
        keys.need("id", "up to 8 capitals and digits: `id: INC01`")
        return None
    if not re.fullmatch("[A-Z0-9]{1,8}", id.text):
        keys.fault(
            NameFault, id.span, f"`{shown(id.text)}` cannot name a criterion", help="up to 8 capitals and digits"
        )
        return None
    if id.text == WHOLE:
        message = f"`{WHOLE}` is a word of the program and cannot name a criterion"
        keys.fault(NameFault, id.span, message, help="say what is missing under `incomplete:`")
        return None
    keys.need("category", "inclusion or exclusion")
    keys.need("text", "the sentence of the protocol")
    keys.need("source", "write `source: {key of a source: its exact place}`", CitationFault)
    keys.need("expression", "say what it means: `expression: |`")
    category = keys.one_of("category", ("inclusion", "exclusion"), "")
    strength = keys.one_of("strength", STRENGTHS, "absolute")
    if fault := wrong_strength(category, strength):
        keys.fault(TypeFault, keys.span("strength"), fault[0], help=fault[1])
    expression, written = _expression(faults, keys, "expression")
    applies, applies_text = _expression(faults, keys, "applies when")
    printed, printed_text = _expression(faults, keys, "equivalent_to")
    return DraftCriterion(
        id,
        category,
        strength,
        keys.text("text"),
        keys.citations("source", sources),
        expression,
        written,
        applies,
        applies_text,
        read_until(faults, keys),
        _alert(faults, keys),
        printed,
        printed_text,
        keys.words("chosen"),
        keys.words("unverified"),
        keys.text("note"),
        read_repeat(keys, sources),
        read_analysis(keys),
    )


def wrong_strength(category: str, strength: str) -> tuple[str, str] | None:
    """What is wrong with a strength in its category, and what may be done."""
    if strength == "relative" and category == "inclusion":
        return "an inclusion cannot be relative", "write it as a relative exclusion"
    if strength == "administrative" and category == "exclusion":
        return "what must be arranged is written as what must hold", "write it as an inclusion"
    return None


def read_until(faults: Faults, keys: Keys) -> Lift:
    """`until:` as words, as `14 days after NAME`, or as words with the expression of a day."""
    tree = keys.tree("until")
    if tree is None:
        return Lift("")
    if isinstance(tree, Mapping):
        inner = Keys(faults, tree, ("text", "date"), "`until:`", keys.span("until"), keys.criterion)
        inner.need("text", "say in words what lifts it")
        return Lift(inner.text("text"), None, _expression(faults, inner, "date")[0])
    scalar = keys.scalar("until")
    if scalar is None:
        return Lift("")
    text = " ".join(scalar.text.split())
    found = _UNTIL.match(text)
    if not found:
        return Lift(text)
    if not found[1]:
        # The name may stand without its quotes: it is whatever follows the word.
        at = scalar.text.rfind(found[2])
        quoted = f'{scalar.text[:at]}"{found[2]}"'
        scalar = Scalar(quoted, scalar.span, scalar.style, scalar.starts, scalar.columns)
    return Lift(text, parse_until(scalar, faults, keys.criterion))


def _alert(faults: Faults, keys: Keys) -> DraftAlert | None:
    tree = keys.tree("alert")
    if tree is None:
        return None
    span = keys.span("alert")
    if not isinstance(tree, Mapping):
        return DraftAlert(_expression(faults, keys, "alert")[0], "", "", span)
    inner = Keys(faults, tree, ("expression", "text", "escalate"), "`alert:`", span, keys.criterion)
    inner.need("expression", "say when it fires")
    return DraftAlert(
        _expression(faults, inner, "expression")[0], inner.text("text"), inner.text("escalate"), span
    )


def unknown_key(faults: Faults, name: Scalar, names: Map[str, object], kind: type[RuleError], what: str) -> None:
    """A name of an included library that it does not have."""
    help = did_you_mean(name.text, names)
    faults.add(kind, name.span, f"{what} `{shown(name.text)}`", help=help)
