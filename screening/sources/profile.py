"""A person's record in the project's own form, YAML or JSON, as a Subject.

Every scalar is read as text. Everything that is wrong with a record is said at once, each fault at its
line and column, and no message holds a value. What is not in the record is not known.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from collections.abc import Mapping as Map

from screening.errors import Diagnostic, RecordError, RequirementMismatch
from screening.language.library import DataRequirement, Library
from screening.record.subject import Absence, Completeness, Evidence, Notice, Searched, Subject
from screening.sources.admission import Reading, admit
from screening.sources.document import digest_of, read_tree
from screening.sources.profile_entry import Stating
from screening.sources.profile_form import Head, fitting
from screening.sources.profile_schema import profile_schema
from screening.sources.profile_template import template
from screening.sources.profile_text import is_yes
from screening.sources.site import SiteDeclaration, adapted, completeness
from screening.sources.tree import Faults, Mapping, Scalar, Tree, near
from screening.sources.worth import when_of
from screening.values.truth import FALSE

__all__ = ["profile_schema", "read_profile", "subject_of", "template"]

# As near as this, a name that the protocol does not have is taken for a slip, not for another protocol's.
CLOSE = 0.85


def read_profile(
    data: str | bytes,
    library: Library,
    *,
    name: str,
    site: SiteDeclaration | None = None,
    beside: Collection[str] = (),
) -> Subject:
    """The subject of a profile. Raises RecordError with everything that is wrong with the record.

    Of a site's declaration, its codes count, and its complete lists where the profile has an item for the
    requirement: a profile that does not mention it was not made by looking into the list. `beside` are the
    names that other protocols ask of the same profile: none of them is a slip for one of this protocol's.
    """
    faults = Faults(name)
    tree = read_tree(data, faults)
    if tree is None:
        raise _refusal(faults.sorted())
    return subject_of(tree, faults, library, site, beside)


def subject_of(
    tree: Tree,
    faults: Faults,
    library: Library,
    site: SiteDeclaration | None = None,
    beside: Collection[str] = (),
) -> Subject:
    """The subject of a profile that is read as a tree already; raises RecordError as `read_profile` does."""
    if isinstance(tree, Mapping):
        found = _Profile(adapted(library, site), site, faults, tree, beside).subject()
    else:
        faults.add(tree.at, "a profile is written as keys with values", help="begin with `subject: ...`")
        found = None
    if faults.found or found is None:
        raise _refusal(faults.sorted())
    return found


def _refusal(faults: list[Diagnostic]) -> RecordError:
    """The class of the error tree that all faults belong to, else the one above."""
    kinds = {fault.kind for fault in faults}
    kind = kinds.pop() if len(kinds) == 1 else RecordError
    return kind(*faults) if issubclass(kind, RecordError) else RecordError(*faults)


class _Profile:
    """One profile, read requirement by requirement."""

    def __init__(
        self,
        library: Library,
        site: SiteDeclaration | None,
        faults: Faults,
        tree: Mapping,
        beside: Collection[str] = (),
    ) -> None:
        self.library, self.site, self.faults, self.tree, self.beside = library, site, faults, tree, beside
        self.evidence: dict[str, tuple[Evidence, ...]] = {}
        self.absences: dict[str, tuple[Absence, ...]] = {}
        self.complete: dict[str, Completeness] = {}
        self.searched: dict[str, Searched] = {}
        self.notices: list[Notice] = []

    def subject(self) -> Subject | None:
        """The subject, if nothing is wrong."""
        head = self.head()
        items = self.items()
        source = head.source if head is not None else ""
        for requirement in self.library.requirements:
            if requirement.name in items:
                self.take(requirement, items[requirement.name][1], source)
            else:
                self.searched[requirement.name] = Searched(_asked(requirement), 0, "entries")
        self.others(items)
        if head is None or self.faults.found:
            return None
        extracted = when_of(head.extracted)
        return Subject(
            id=" ".join(head.subject.split()),
            evidence=self.evidence,
            absences=self.absences,
            complete=self.complete,
            concepts={r.name: len(r.concepts) for r in self.library.requirements},
            searched=self.searched,
            notices=tuple(self.notices),
            extracted=None if extracted is None else extracted[0].low,
            synthetic=is_yes(head.synthetic) is True,
            source=" ".join(source.split()) or "profile",
            digest=digest_of(self.tree),
            site="" if self.site is None else self.site.label,
        )

    def head(self) -> Head | None:
        """Who the profile is of, and from where."""
        entries = {key: pair for key, pair in self.tree.entries.items() if key != "evidence"}
        head = Mapping(entries, self.tree.at)
        found = fitting(Head, head, self.faults, "the profile")[0]
        for key, pair in entries.items():
            below = pair[1]
            text = below.text.strip() if isinstance(below, Scalar) else ""
            if key == "synthetic" and text and is_yes(text) is None:
                self.wrong(below, "`synthetic` is true or false")
            if key == "extracted" and text:
                when = when_of(text)
                if when is None or when[0].low != when[0].high:
                    self.wrong(below, "`extracted` is a day", "write it as 2026-11-20")
        return found

    def wrong(self, tree: Tree, message: str, help: str = "") -> None:
        self.faults.add(tree.at, message, help=help, end=tree.end if isinstance(tree, Scalar) else 0)

    def items(self) -> Map[str, tuple[Scalar, Tree]]:
        """What the profile holds, by the name of the requirement."""
        below = self.tree.get("evidence")
        if isinstance(below, Mapping):
            return below.entries
        if below is not None and not (isinstance(below, Scalar) and not below.text.strip()):
            self.wrong(below, "`evidence` is written as names of requirements with what is recorded")
        return {}

    def take(self, requirement: DataRequirement, tree: Tree, source: str) -> None:
        """One requirement: what is stated, admitted; what the record or the site says of its list."""
        stated = Stating(requirement, self.faults, source).stated(tree)
        name = requirement.name
        admission = admit(requirement, stated.readings)
        self.faults.found += admission.faults
        if admission.evidence:
            self.evidence[name] = admission.evidence
        if admission.absences:
            self.absences[name] = admission.absences
        self.notices += admission.notices
        self.notices += _of_something_else(name, stated.readings)
        # INVARIANT: what the record says of its own list goes before what the site says of all its lists.
        declared = stated.complete if stated.said_complete else completeness(self.site, requirement)
        silent = isinstance(tree, Scalar) and not tree.text.strip()
        if declared is not None and not silent:
            self.complete[name] = declared
        days = [when[0] for r in stated.readings if r.date and (when := when_of(r.date)) is not None]
        first = min((day.low.isoformat() for day in days if day.low is not None), default="")
        last = max((day.high.isoformat() for day in days if day.high is not None), default="")
        self.searched[name] = Searched(_asked(requirement), len(stated.readings), "entries", first, last)

    def others(self, items: Map[str, tuple[Scalar, Tree]]) -> None:
        """Items that this protocol does not ask for: another protocol's, unless nearly one of its own."""
        known = [requirement.name for requirement in self.library.requirements]
        lines = []
        for name, (key, _) in items.items():
            if name in known:
                continue
            meant = near(" ".join(name.split()), [n for n in known if n not in items], CLOSE)
            if meant and name not in self.beside:
                message = f"this is no requirement of {self.library.name}"
                help = f"did you mean `{meant}`"
                self.faults.add(key.at, message, kind=RequirementMismatch, help=help, end=key.end)
            lines.append(self.faults.span(key.at).line)
        if lines:
            several = "1 item" if len(lines) == 1 else f"{len(lines)} items"
            where = ", ".join(str(line) for line in sorted(set(lines))[:20])
            text = f"{several} that {self.library.name} does not ask for, not used"
            self.notices.append(Notice("", f"line {where}", text))


def _asked(requirement: DataRequirement) -> int:
    """How many codes are asked for."""
    return len(requirement.codes or requirement.reasons)


def _of_something_else(name: str, readings: tuple[Reading, ...]) -> Iterator[Notice]:
    places = [reading.origin for reading in readings if reading.match is FALSE]
    if places:
        several = "1 entry" if len(places) == 1 else f"{len(places)} entries"
        yield Notice(name, "; ".join(places[:3]), f"{several} coded as something else, not used")
