"""A library: all criteria of one protocol version, and the nodes that the verdict is read off.

Everything here is settled: `reading.load` has resolved inclusions and overrides, and put the
definitions in an order in which each comes after what it refers to.
"""

from __future__ import annotations

from dataclasses import field
from decimal import Decimal

from screening.errors import NOWHERE, Span
from screening.language.expression import Expression
from screening.language.types import Type
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, Codings, ValueSet
from screening.values.frozen import dataclass
from screening.values.truth import Truth

AS_OF = "Screening Date"
# The inclusion that a file carries which says of itself that it is incomplete; no answer to it is ever recorded.
WHOLE = "WHOLE"
# The four words of semantics 6, from the most to the least favourable.
VERDICTS = ("ELIGIBLE", "REVIEW", "UNDETERMINED", "INELIGIBLE")


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a sentence stands: the key of a source of the library, and the place in it."""

    source: str
    place: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class RowField:
    """A named field of a record list: its type, and the closed list of values it can take, if declared.

    `by_code` derives the field from the codes of its row where the record does not state it
    (`mechanism` TNF from a TNF inhibitor's code): each value with the codes that name it.
    """

    name: str
    type: Type
    values: tuple[str, ...] = ()
    valueset: str = ""
    by_code: tuple[tuple[str, tuple[Code, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Factor:
    """A factor between mass and substance that one requirement states, with its source; never inverted."""

    unit: str
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class MeasurementError:
    """How far two measurements of one unchanged thing may lie apart, in the unit of what declares it."""

    amount: Decimal
    source: Citation | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Repeat:
    """That the protocol foresees to measure again, in its words (`in 2 to 4 weeks`); it replaces no reading."""

    text: str
    source: Citation | None = None
    chosen: bool = False


# Who or what may make a recorded fact otherwise (`modifiable:`), and what is never spoken of in that way.
NEVER, BY_TIME, BY_CLINICIAN = MODIFIABLE = ("never", "by time", "by the treating clinician")
SENSITIVE = ("medicine", "pregnancy", "suicidality", "drug screen")
_DRUG_SYSTEMS = ("RxNorm", "ATC", "NDC")


@dataclass(frozen=True, slots=True)
class DataRequirement:
    """One input of a protocol: what it is, where it may be found, and what its absence means.

    `concepts` groups the codes that mean the same; `kind` says which records may carry them:
    observation, condition, medication, procedure, allergy, questionnaire, birth date, gender, death,
    or "" for an item that only a profile answers. `obtain` is how it is obtained: chart, ask,
    questionnaire, examine, blood, ECG, arrange, judge. `short_names` is what the field calls it in short (TJC28),
    `answers` each value with the words it is written in, `scale_unit` the unit in which a scale is drawn (cm).
    `unit_missing` are the units, one of which a number written without any is in: it lies between its readings.
    `units` are what the site calls units, each with what UCUM calls it; "" is a number without any.
    `modifiable` says who may make what is recorded otherwise, `sensitive` of which kind it is if nobody is ever
    told what would have to be so; both take no part in any verdict.
    """

    name: str
    type: Type
    kind: str = ""
    concepts: tuple[frozenset[Code], ...] = ()
    reasons: tuple[Code, ...] = ()
    missing: tuple[str, ...] = ()
    scale: Bounds = OPEN
    plausible: Bounds = OPEN
    floor: str = ""
    factors: tuple[Factor, ...] = ()
    unit_missing: tuple[str, ...] = ()
    units: tuple[tuple[str, str], ...] = ()
    fields: tuple[RowField, ...] = ()
    take: str = ""
    within: str = ""
    readings: int = 1
    uncoded: str = "possible"
    unusable: str = "keep"
    when_absent: str = "unknown"
    because: Citation | None = None
    obtain: str = "chart"
    label: str = ""
    text: str = ""
    active_only: bool = False
    chosen: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    source: Citation | None = None
    short_names: tuple[str, ...] = field(default=(), compare=False)
    answers: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), compare=False)
    scale_unit: str = field(default="", compare=False)
    modifiable: str = NEVER
    sensitive: str = ""
    measurement_error: MeasurementError | None = None
    repeat: Repeat | None = None
    span: Span = field(default=NOWHERE, compare=False, repr=False)

    @property
    def is_sensitive(self) -> bool:
        """Whether it is declared to be, or is of medicines by its kind or by any code."""
        codes = self.codes | {code for f in self.fields for _, named in f.by_code for code in named}
        is_drug = self.kind == "medication" or any(code.system in _DRUG_SYSTEMS for code in codes)
        return bool(self.sensitive) or is_drug

    @property
    def codes(self) -> frozenset[Code]:
        return frozenset().union(*self.concepts) if self.concepts else frozenset()

    @property
    def is_sex_at_birth(self) -> bool:
        """Whether it is sex at birth, by the name that rule files share, or by its LOINC code 76689-9."""
        named = self.name == "Sex at Birth" or self.kind == "sex at birth"
        return self.type.name == "String" and (named or any(code.code == "76689-9" for code in self.codes))

    @property
    def says_sex(self) -> bool:
        """Whether a cohort tells people apart by it: sex at birth, or the gender that a protocol asks for."""
        return self.kind == "gender" or self.is_sex_at_birth


@dataclass(frozen=True, slots=True)
class Definition:
    """A named value the criteria use; a requirement used as a value is one too (`origin` is `requirement`).

    `origin`: definition, requirement, alert, favourable, root. `printed` is an equivalent form as the
    source prints it (`equivalent_to:`); `short_names` and `answers` are as in a requirement.
    """

    name: str
    expression: Expression
    type: Type
    origin: str = "definition"
    text: str = ""
    source: Citation | None = None
    by_availability: bool = False
    printed: str = ""
    written: str = ""
    chosen: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    printed_expression: Expression | None = None
    short_names: tuple[str, ...] = field(default=(), compare=False)
    answers: tuple[tuple[str, tuple[str, ...]], ...] = field(default=(), compare=False)
    measurement_error: MeasurementError | None = None
    analysis: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Alert:
    """A finding someone must see now, whatever the verdict: fires on one single row."""

    text: str
    definition: str
    escalate: str = ""
    requirements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """One sentence of the protocol.

    `id` is up to 8 letters and digits; `library` the included library it came from, if any.
    `expression` holds the whole criterion: `applies implies c` for an inclusion, `applies and c` for an
    exclusion, where `applies` is given (its own node is then the first part).
    """

    id: str
    category: str
    strength: str
    text: str
    source: Citation
    expression: Expression
    written: str = ""
    applies: str = ""
    until: str = ""
    until_date: Expression | None = None
    alert: Alert | None = None
    printed: str = ""
    chosen: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    mark: str = ""
    note: str = ""
    library: str = ""
    override: Citation | None = None
    also: tuple[Citation, ...] = ()
    printed_expression: Expression | None = None
    repeat: Repeat | None = None
    analysis: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ParameterValue:
    """A parameter in force: its type, its value as written, and where that value comes from."""

    name: str
    type: Type
    value: Truth | Bounds | Codings
    written: str
    origin: str = "library"
    source: Citation | None = None
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A library included by name and version, with the digest of its file."""

    name: str
    version: str
    digest: str


@dataclass(frozen=True, slots=True)
class Label:
    """What a protocol calls one of the four verdicts, and the sentence that then stands below it.

    It changes what is said, never what is decided: exit status, certificate and trace keep the verdict.
    """

    verdict: str
    label: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """A definition whose value is told beside the verdict (`ends_series`), and under which name."""

    name: str
    definition: str


@dataclass(frozen=True, slots=True)
class Property:
    """What its author says of the rules, for `screening analyse` to prove (`properties:`); no verdict rests on it.

    `kind` is `never` (no record makes `expression` TRUE), `always` (none makes it FALSE), or `keeps`: more of the
    value named by `more`, all else the same, never takes `expression` from TRUE. `behind` are names that it rests
    on and no verdict does.
    """

    kind: str
    expression: Expression
    written: str
    more: str = ""
    text: str = ""
    source: Citation | None = None
    because: str = ""
    behind: tuple[tuple[str, Expression], ...] = ()
    span: Span = field(default=NOWHERE, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Library:
    """All criteria of one protocol version, checked.

    `order` names everything that is evaluated, each after what it refers to: requirements used as values,
    definitions, criteria (by id), then contradictions, favourable readings, alerts and the roots
    `eligible`, `favourable`, `review`, `arranged`. `family` names what editions of one thing have in common.
    """

    name: str
    version: str
    status: str
    title: str
    sources: tuple[tuple[str, str], ...]
    parameters: tuple[ParameterValue, ...]
    valuesets: tuple[ValueSet, ...]
    requirements: tuple[DataRequirement, ...]
    definitions: tuple[Definition, ...]
    criteria: tuple[Criterion, ...]
    anchors: tuple[str, ...]
    order: tuple[tuple[str, Expression], ...]
    includes: tuple[Inclusion, ...] = ()
    fixed_words: tuple[str, ...] = ()
    registration: str = ""
    family: str = ""
    digest: str = ""
    path: str = ""
    intended_use: str = ""
    approval: tuple[tuple[str, str], ...] = ()
    labels: tuple[Label, ...] = ()
    outputs: tuple[Output, ...] = ()
    properties: tuple[Property, ...] = field(default=(), compare=False)
    analysis: tuple[tuple[str, str], ...] = field(default=(), compare=False)
    # Of a library that joins the inputs of several: whose each of them is, since what a code beside it means is
    # decided by the codes that that library names.
    asked_by: tuple[tuple[str, Library], ...] = field(default=(), compare=False, repr=False)

    def label(self, verdict: str) -> Label:
        """What this protocol calls a verdict: the word itself where it declares no `labels:`."""
        for label in self.labels:
            if label.verdict == verdict:
                return label
        return Label(verdict, verdict)

    @property
    def incomplete(self) -> str:
        """What of the protocol is missing in its file, "" if nothing: an incomplete one never says ELIGIBLE."""
        return next((criterion.note for criterion in self.criteria if criterion.id == WHOLE), "")

    def requirement(self, name: str) -> DataRequirement:
        """The requirement of that name; KeyError if there is none."""
        for requirement in self.requirements:
            if requirement.name == name:
                return requirement
        raise KeyError(name)

    def criterion(self, id: str) -> Criterion:
        """The criterion of that id; KeyError if there is none."""
        for criterion in self.criteria:
            if criterion.id == id:
                return criterion
        raise KeyError(id)


ROOTS = ("eligible", "favourable", "review", "arranged")
# What an analysis may find that an author may have meant (`analysis:`).
FINDINGS = (
    "never met", "never failed", "implied", "decided although UNKNOWN", "limit out of reach", "never reached",
    "gap between bands", "bands overlap", "contradiction", "nobody eligible", "equivalent to", "fail-safe",
)  # fmt: skip
