"""What a site declares of itself: what its lists are complete for, its codes and parameters, signed.

Completeness turns absence into evidence, so a declaration nobody signed, or one without a reason, is
refused. What a declaration changes stands in every report with the name of who signed it.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator
from collections.abc import Mapping as Map
from dataclasses import field, replace

from screening.errors import CitationFault, Diagnostic, NameFault, Span, SyntaxFault
from screening.language.library import Alert, Criterion, DataRequirement, Library
from screening.record.subject import Completeness
from screening.record.unasked import CRITERION, PARAMETER, REQUIREMENT, SYSTEM
from screening.sources.document import digest_of
from screening.sources.keyed import Keys, read_whole
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree, near
from screening.sources.worth import code_of
from screening.values.coding import Code
from screening.values.frozen import dataclass
from screening.values.quantity import UnknownUnit, parse_unit, same_dimension

BASIS = "site declaration"
LISTS = {
    "conditions": "condition",
    "medications": "medication",
    "allergies": "allergy",
    "procedures": "procedure",
    "observations": "observation",
    "questionnaires": "questionnaire",
    "encounters": "encounter",
}
KEYS = (
    "site",
    "owner",
    "signed by",
    "date",
    "complete",
    "codes",
    "parameters",
    "alerts",
    "units",
    "without unit",
    "note",
)
CLOSE = 0.85
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_MICRO = ({0xB5: 0x3BC}, {0x3BC: 0xB5})
_UNSIGNED = "absence would be evidence that nobody answers for"

Concepts = tuple[frozenset[Code], ...]


@dataclass(frozen=True, slots=True)
class ListDeclaration:
    """One list that is complete: of a requirement, or of a kind of record; `since` None is ever.

    `active` says that only what is active now is complete; it then answers no question about the past.
    """

    requirement: str
    kind: str
    since: datetime.date | None
    because: str
    active: bool = False


@dataclass(frozen=True, slots=True)
class SiteAlert:
    """What a site shows with an alert of one criterion, and whom it names."""

    criterion: str
    text: str
    escalate: str


@dataclass(frozen=True, slots=True)
class SiteDeclaration:
    """What a site's sources are complete for, its codes and parameters, signed."""

    site: str
    owner: str
    signed_by: str
    date: datetime.date
    complete: tuple[ListDeclaration, ...] = ()
    codes: Map[str, Concepts] = field(default_factory=dict)
    parameters: Map[str, str] = field(default_factory=dict)
    alerts: tuple[SiteAlert, ...] = ()
    digest: str = ""
    path: str = ""
    units: Map[str, str] = field(default_factory=dict)
    """What the site's records call a unit, with what UCUM calls it: `mmHg`, or a code of another system."""
    without_unit: Map[str, str] = field(default_factory=dict)
    """The unit that a number has which is written without any, by requirement."""
    named: tuple[tuple[str, str, Span], ...] = ()
    """Every name that it gives: as what (a requirement, a parameter, a criterion, a code system), and where."""

    @property
    def signed(self) -> str:
        """Who signed, and when."""
        return f"{self.signed_by}, {self.date.isoformat()}"

    @property
    def label(self) -> str:
        """How reports and certificates name the declaration."""
        return f"{self.site}, declaration of {self.date.isoformat()}, {self.digest[:12]}"


def completeness(site: SiteDeclaration | None, requirement: DataRequirement) -> Completeness | None:
    """What the site says of the list of one requirement; a declaration by name goes before one by kind."""
    # SPEC: semantics 5.5.
    if site is None:
        return None
    named = [d for d in site.complete if d.requirement == requirement.name]
    of_kind = [d for d in site.complete if d.kind and d.kind == requirement.kind]
    fitting = [d for d in named or of_kind if requirement.active_only or not d.active]
    if not fitting:
        return None
    # The one that reaches back furthest; each of them is signed.
    best = min(fitting, key=lambda d: datetime.date.min if d.since is None else d.since)
    return Completeness(best.since, BASIS, best.because, site.signed)


def parameters_in(site: SiteDeclaration, library: Library) -> dict[str, str]:
    """Those parameters of the declaration that a protocol has, as texts for loading it with them."""
    known = {parameter.name for parameter in library.parameters}
    return {name: value for name, value in site.parameters.items() if name in known}


def adapted(library: Library, site: SiteDeclaration | None) -> Library:
    """The protocol with the site's codes and the texts of its alerts; applied twice, it is the same.

    Raises NameFault where a name of the declaration is nearly one of the protocol's; names of other
    protocols are passed over.
    """
    if site is None:
        return library
    _names_fit(library, site)
    return replace(
        library,
        requirements=tuple(
            _with_units(_with_codes(r, site.codes.get(r.name, ())), site) for r in library.requirements
        ),
        criteria=tuple(_with_alert(c, site.alerts) for c in library.criteria),
    )


def _names_fit(library: Library, site: SiteDeclaration) -> None:
    """A name beside that which it is like is no slip: `Tender Joints 68` of another protocol."""
    known = {
        REQUIREMENT: [r.name for r in library.requirements],
        PARAMETER: [p.name for p in library.parameters],
        CRITERION: [c.id for c in library.criteria],
    }
    given = {(kind, name) for kind, name, _ in site.named}
    faults = []
    for kind, name, span in site.named:
        if kind == SYSTEM or name in known[kind]:
            continue
        missed = [each for each in known[kind] if (kind, each) not in given]
        # Ids of criteria are all alike: one is meant only where it differs in capitals alone.
        meant = near(name, missed, CLOSE if kind != CRITERION else 1)
        if meant:
            message = f"`{library.name}` has no `{name}`"
            faults.append(Diagnostic(span, message, NameFault, help=f"did you mean `{meant}`"))
    if faults:
        raise NameFault(*faults)


def _with_codes(requirement: DataRequirement, more: Concepts) -> DataRequirement:
    """A requirement with further concepts; one that shares a code with another joins it as a synonym."""
    if not more:
        return requirement
    if requirement.reasons:
        codes = sorted({*requirement.reasons, *(code for concept in more for code in concept)})
        return replace(requirement, reasons=tuple(codes))
    found = list(requirement.concepts)
    for concept in more:
        position = next((i for i, one in enumerate(found) if one & concept), len(found))
        joined = concept.union(*(one for one in found if one & concept))
        found = [one for one in found if not one & concept]
        found.insert(min(position, len(found)), joined)
    return replace(requirement, concepts=tuple(found))


def _with_units(requirement: DataRequirement, site: SiteDeclaration) -> DataRequirement:
    """A requirement with the site's words for units."""
    own = site.without_unit.get(requirement.name, "") if requirement.type.name == "Quantity" else ""
    # The two signs of a micro look alike, and one of them may be written where the other is declared.
    both = {unit.translate(way): meant for way in _MICRO for unit, meant in site.units.items()} | dict(site.units)
    units = (*sorted(both.items()), *([("", own)] if own else []))
    return replace(requirement, units=units) if units else requirement


def _with_alert(criterion: Criterion, alerts: Iterable[SiteAlert]) -> Criterion:
    said = next((a for a in alerts if a.criterion == criterion.id), None)
    if said is None or criterion.alert is None:
        return criterion
    alert: Alert = criterion.alert
    return replace(
        criterion,
        alert=replace(alert, text=said.text or alert.text, escalate=said.escalate or alert.escalate),
    )


# ------------------------------------------------------------------------------------ reading


def read_site(data: str | bytes, name: str) -> SiteDeclaration:
    """A declaration in YAML. Raises RuleError with everything that is wrong with it."""
    return read_whole(data, name, lambda faults, tree: _Door(faults, tree).declaration(tree))


class _Door(Keys):
    """Reads the keys of a declaration; what is missing or misspelt is noted."""

    def __init__(self, faults: Faults, tree: Tree) -> None:
        super().__init__(faults)
        self.head = self.keys(tree, KEYS, "a site declaration")
        self.given: list[tuple[str, str, Span]] = []

    def needed(self, mapping: Mapping, key: str, why: str = "") -> str:
        found = self.text(mapping, key)
        if not found and not isinstance(mapping.get(key), (Mapping, Sequence)):
            kind = CitationFault if why else SyntaxFault
            self.faults.add(mapping.at, f"`{key}` is missing", kind=kind, why=why)
        return found

    def day(self, mapping: Mapping, key: str, text: str, also: str = "") -> datetime.date | None:
        if _is_day(text):
            return datetime.date.fromisoformat(text)
        found = mapping.get(key)
        if text and text != also and found is not None:
            self.faults.add(found.at, f"`{key}` is a day", help="write it as 2026-11-01")
        return None

    def declaration(self, tree: Tree) -> SiteDeclaration | None:
        head = self.head
        site = self.needed(head, "site")
        owner = self.needed(head, "owner", _UNSIGNED)
        signed = self.needed(head, "signed by", _UNSIGNED)
        date = self.day(head, "date", self.needed(head, "date", _UNSIGNED))
        complete = tuple(self.lists())
        codes = {key.text: self.concepts(below) for key, below in self.named("codes", REQUIREMENT)}
        parameters = {key.text: self.parameter(key, below) for key, below in self.named("parameters", PARAMETER)}
        alerts = tuple(self.alert(key, below) for key, below in self.named("alerts", CRITERION))
        units = {key.text: self.unit(key, below) for key, below in self.keyed("units")}
        without = {key.text: self.unit(None, below) for key, below in self.named("without unit", REQUIREMENT)}
        if date is None:
            return None
        return SiteDeclaration(
            site, owner, signed, date, complete, codes, parameters, alerts, digest_of(tree), self.faults.name,
            units, without, tuple(self.given),
        )  # fmt: skip

    def keyed(self, key: str) -> Iterable[tuple[Scalar, Tree]]:
        found = self.head.get(key)
        return () if found is None else self.keys(found, None, f"`{key}`").entries.values()

    def named(self, key: str, kind: str) -> Iterator[tuple[Scalar, Tree]]:
        for name, below in self.keyed(key):
            self.given.append((kind, name.text, self.faults.span(name.at, name.end)))
            yield name, below

    def lists(self) -> Iterator[ListDeclaration]:
        found = self.head.get("complete")
        if found is None or (isinstance(found, Scalar) and not found.text):
            return
        if not isinstance(found, Sequence):
            self.faults.add(found.at, "`complete` is a list", help="each entry begins with `- `")
            return
        seen: set[tuple[str, str, bool]] = set()
        for item in found.items:
            one = self.list_declaration(item)
            key = (one.requirement, one.kind, one.active)
            if key in seen and any(key[:2]):
                self.faults.add(item.at, "this list is declared for the second time")
            seen.add(key)
            yield one

    def list_declaration(self, item: Tree) -> ListDeclaration:
        keys = ("requirement", "list", "since", "because", "active")
        entry = self.keys(item, keys, "an entry of `complete`")
        requirement, listed = self.text(entry, "requirement"), self.text(entry, "list")
        if bool(requirement) == bool(listed):
            self.faults.add(entry.at, "an entry names either a `requirement` or a `list`")
        if listed and listed not in LISTS:
            meant = near(listed, LISTS)
            help = f"did you mean `{meant}`" if meant else "the lists are " + ", ".join(LISTS)
            self.faults.add(entry.at, "there is no such list", kind=NameFault, help=help)
        if isinstance(named := entry.get("requirement"), Scalar) and requirement:
            self.given.append((REQUIREMENT, requirement, self.faults.span(named.at, named.end)))
        because = self.needed(entry, "because", "silence would be an answer without a reason")
        since = self.needed(entry, "since")
        active = self.yes(entry, "active")
        first = self.day(entry, "since", since, also="ever")
        return ListDeclaration(requirement, LISTS.get(listed, ""), first, because, active)

    def concepts(self, tree: Tree) -> Concepts:
        found = []
        for item in tree.items if isinstance(tree, Sequence) else [tree]:
            group = [self.code(one) for one in (item.items if isinstance(item, Sequence) else [item])]
            codes = frozenset(code for code in group if code is not None)
            found += [codes] if codes else []
        return tuple(found)

    def code(self, tree: Tree) -> Code | None:
        found = code_of(tree.text) if isinstance(tree, Scalar) else None
        if found is None:
            self.faults.add(tree.at, "this is not a code", help="write `SYSTEM CODE`, as `LOCAL 4711`")
        elif isinstance(tree, Scalar):
            self.given.append((SYSTEM, found.system, self.faults.span(tree.at, tree.end)))
        return found

    def parameter(self, key: Scalar, tree: Tree) -> str:
        if isinstance(tree, Mapping):
            self.keys(tree, ("value", "because"), "a parameter")
            return self.needed(tree, "value")
        if not isinstance(tree, Scalar) or not tree.text.strip():
            self.faults.add(key.at, "a parameter has one value", end=key.end)
            return ""
        return tree.text.strip()

    def unit(self, key: Scalar | None, tree: Tree) -> str:
        """What UCUM calls what the site calls `key`, or a number without any unit where that is None."""
        unit = " ".join(tree.text.split()) if isinstance(tree, Scalar) else ""
        try:
            meant = parse_unit(unit)
        except UnknownUnit as unknown:
            near = unknown.suggestion
            help = f"did you mean `{near}`" if near else "write the unit in UCUM, as `mm[Hg]`"
            self.faults.add(tree.at, "this is no unit of UCUM", help=help)
            return ""
        try:
            own = parse_unit(key.text) if key is not None else meant
        except UnknownUnit:
            return unit
        # What UCUM calls so is another unit of the same thing: each number of it would silently be another one.
        if (
            key is not None
            and same_dimension(own, meant)
            and (own.factor, own.offset) != (meant.factor, meant.offset)
        ):
            self.faults.add(key.at, "this is a unit of UCUM, and another one", end=key.end)
        return unit

    def alert(self, key: Scalar, tree: Tree) -> SiteAlert:
        mapping = self.keys(tree, ("text", "escalate"), "an alert")
        return SiteAlert(key.text, self.text(mapping, "text"), self.text(mapping, "escalate"))


def _is_day(text: str) -> bool:
    try:
        return bool(_DAY.match(text)) and datetime.date.fromisoformat(text) is not None
    except ValueError:
        return False
