"""The reading copy of a library: everything that its file says, for people who are to sign it.

Each criterion, definition, requirement, parameter and value set stands with its logic in words and as written, its
source, and the mark of whatever a site chose or nobody has verified; the open questions stand together at the end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import PurePath

from screening.errors import Span
from screening.language.library import Citation, Criterion, DataRequirement, Definition, Library, ParameterValue
from screening.language.text import spell
from screening.reports import value as values
from screening.reports.account import sign_off
from screening.reports.logic import Wording
from screening.reports.measure import label_of
from screening.reports.page import Fact, Page, Section, Table
from screening.reports.show import GROUPS, beside_meaning, repeat_text
from screening.reports.verdict import categories, missing_sentence, signed_sentence, status_of
from screening.reports.words import (
    DECISION_SUPPORT_FULL,
    LONG_OBTAINED,
    SITE_CHOICE,
    UNVERIFIED,
    counted,
    joined,
    safe,
)
from screening.values.bounds import is_open
from screening.values.coding import Code, ValueSet

NOT_STATED = "not stated"


def reading_copy(library: Library) -> Page:
    """The whole library as a page."""
    copy = Copy(library)
    parts = (*copy.criteria(), copy.definitions(), copy.requirements(), copy.parameters(), copy.valuesets())
    return Page(
        safe(library.title) or safe(library.name),
        f"{safe(library.name)} {safe(library.version)}: {status_of(library)}",
        tuple(copy.head()),
        (*(part for part in parts if part.sections), copy.sources(), copy.questions()),
        tuple(dict.fromkeys((DECISION_SUPPORT_FULL, *map(safe, library.fixed_words)))),
    )


class Copy:
    """What a library says of its criteria, definitions and inputs, each as a section of a page."""

    def __init__(self, library: Library) -> None:
        self.library, self.wording = library, Wording(library)
        self.full = dict(library.sources)

    def head(self) -> Iterator[Fact]:
        library = self.library
        includes = [f"{safe(i.name)} {safe(i.version)}, {i.digest}" for i in library.includes]
        said = (
            ("Library", (f"{safe(library.name)} {safe(library.version)}",)),
            ("Status", (status_of(library),)),
            ("Digest", (library.digest,)),
            ("For", (safe(library.intended_use),)),
            ("Registered", (safe(library.registration),)),
            ("Family", (safe(library.family),)),
            ("Missing", (missing_sentence(library),)),
            ("Signed", (signed_sentence(library) or "by nobody yet",)),
            ("Includes", tuple(includes)),
            ("Anchors", (", ".join(map(safe, library.anchors)),)),
            ("Criteria", (categories(library.criteria),)),
        )
        return (fact for name, texts in said if (fact := _fact(name, *texts)) is not None)

    # ------------------------------------------------------------------------------- criteria

    def criteria(self) -> Iterator[Section]:
        for title, category, strength in GROUPS:
            found = [c for c in self.library.criteria if c.strength == strength and category in ("", c.category)]
            yield Section(f"{title}, {len(found)}", sections=tuple(map(self.criterion, found)))

    def criterion(self, criterion: Criterion) -> Section:
        alert = criterion.alert
        said = [
            Fact("Logic", clause=self.wording.whole(criterion.expression)),
            _fact("As written", _flat(criterion.written or spell(criterion.expression))),
            _fact("As printed in the source", _flat(criterion.printed)),
            _fact("Applies", f"only when {_flat(criterion.applies)}" if criterion.applies else ""),
            _fact("Answers", *_answers(criterion)),
            _fact("Until", safe(criterion.until), _lift(criterion)),
            _fact("Repeat", repeat_text(criterion.repeat) if criterion.repeat is not None else ""),
            _fact("Alert", *(safe(text) for text in (alert.text, alert.escalate)) if alert else ()),
            *self.marks(criterion.chosen, criterion.unverified),
            _fact("Note", safe(criterion.note)),
            *self.cited("Source", criterion.source, *criterion.also),
            *self.cited("Changed by", criterion.override),
            _fact("Place", self.origin(criterion.library, criterion.span)),
        ]
        kind = "arrangement" if criterion.strength == "administrative" else criterion.category
        aside = joined((kind, "" if kind == "arrangement" else criterion.strength))
        return Section(criterion.id, aside, (safe(criterion.text),), tuple(f for f in said if f is not None))

    # --------------------------------------------------------------- definitions and parameters

    def definitions(self) -> Section:
        found = [d for d in self.library.definitions if d.origin == "definition"]
        return Section(f"Definitions, {len(found)}", sections=tuple(map(self.definition, found)))

    def definition(self, definition: Definition) -> Section:
        chooses = "by what is recorded, as its source says" if definition.by_availability else ""
        said = [
            Fact("Logic", clause=self.wording.clause(definition.expression)),
            _fact("As written", _flat(definition.written or spell(definition.expression))),
            _fact("As printed in the source", _flat(definition.printed)),
            _fact("Chooses", chooses),
            *self.marks(definition.chosen, definition.unverified),
            *self.cited("Source", definition.source),
        ]
        texts = (safe(definition.text),) if definition.text else ()
        name = safe(definition.name)
        return Section(name, str(definition.type), texts, tuple(fact for fact in said if fact is not None))

    def parameters(self) -> Section:
        found = self.library.parameters
        return Section(f"Parameters, {len(found)}", sections=tuple(map(self.parameter, found)))

    def parameter(self, parameter: ParameterValue) -> Section:
        origin = f" ({safe(parameter.origin)})" if parameter.origin not in ("library", "") else ""
        shown = values.value_text(parameter.value, parameter.type) if parameter.written else "the day of the run"
        mark = ("all",) if parameter.chosen else ()
        written = f"{shown}{origin}"
        if parameter.written and parameter.written not in written:
            written += f", written {safe(parameter.written)}"
        said = [_fact("Value", written), *self.marks(mark, ()), *self.cited("Source", parameter.source)]
        facts = tuple(fact for fact in said if fact is not None)
        return Section(safe(parameter.name), str(parameter.type), (), facts)

    # --------------------------------------------------------------------------- requirements

    def requirements(self) -> Section:
        found = self.library.requirements
        return Section(f"Data asked for, {len(found)}", sections=tuple(map(self.requirement, found)))

    def requirement(self, requirement: DataRequirement) -> Section:
        taken = requirement.take or ""
        if requirement.readings > 1:
            taken = joined((taken, f"{requirement.readings} or more readings"))
        ranges = joined(
            (
                f"scale {_range(requirement, 'scale')}" if not is_open(requirement.scale) else "",
                f"plausible {_range(requirement, 'plausible')}" if not is_open(requirement.plausible) else "",
                f"not below {safe(requirement.floor)}" if requirement.floor else "",
            ),
            "; ",
        )
        factors = (f"from {safe(f.unit)} by {safe(f.by)}: {safe(f.because)}" for f in requirement.factors)
        between = " and as ".join(map(safe, requirement.unit_missing))
        between = f"read as {between}, and known between its readings alone" if between else ""
        silent = {
            "unknown": "unknown, never read as an answer",
            "false": "read as no, because of the source below",
        }[requirement.when_absent]
        named = self.named_sets(requirement)
        said = [
            _fact("Called", label_of(requirement) if label_of(requirement) != safe(requirement.name) else ""),
            _fact("Obtained", LONG_OBTAINED.get(requirement.obtain, safe(requirement.obtain))),
            _fact("Taken", taken),
            _fact("Within", safe(requirement.within)),
            _fact("Values", ranges),
            _fact("Factors", *factors),
            _fact("No unit", between),
            _fact("Fields", *(_field(requirement, n) for n in range(len(requirement.fields)))),
            _fact("Only", "what holds at present" if requirement.active_only else ""),
            _fact("Value sets", ", ".join(named)),
            _fact("Codes", *(() if named else _concepts(requirement.concepts, requirement.reasons))),
            _fact("Uncoded", "left out" if requirement.uncoded == "ignore" else ""),
            _fact("Unusable", "passed over" if requirement.unusable == "skip" else ""),
            _fact("If absent", silent),
            _fact("Otherwise", *beside_meaning(requirement)),
            *self.cited("Because", requirement.because),
            *self.marks(requirement.chosen, requirement.unverified),
            *self.cited("Source", requirement.source),
        ]
        aside = joined((str(requirement.type), requirement.kind))
        texts = (safe(requirement.text),) if requirement.text else ()
        facts = tuple(fact for fact in said if fact is not None)
        return Section(safe(requirement.name), aside, texts, facts)

    def named_sets(self, requirement: DataRequirement) -> list[str]:
        """The value sets that a requirement is made of, where they are all of its codes."""
        asked = set(requirement.concepts)
        inside = [v for v in self.library.valuesets if set(v.concepts) <= asked]
        covered = {concept for valueset in inside for concept in valueset.concepts}
        return [safe(valueset.name) for valueset in inside] if asked and covered == asked else []

    # ----------------------------------------------------------------------------- value sets

    def valuesets(self) -> Section:
        found = self.library.valuesets
        return Section(f"Value sets, {len(found)}", sections=tuple(map(self.valueset, found)))

    def valueset(self, valueset: ValueSet) -> Section:
        systems = tuple(
            (t.system, t.version or NOT_STATED, t.origin or NOT_STATED, t.licence or NOT_STATED)
            for t in valueset.terminologies
        )
        rows = tuple(
            (str(number), values.code_text(code), UNVERIFIED if code in valueset.unverified else "")
            for number, concept in enumerate(valueset.concepts, 1)
            for code in sorted(concept)
        )
        tables = (
            Table("Code systems", ("system", "version", "origin", "licence"), systems),
            Table("Codes; those of one concept are synonyms", ("concept", "code", "mark"), rows),
        )
        cited = (Citation(key, place) for key, place in valueset.source)
        facts = tuple(fact for fact in self.cited("Source", *cited) if fact is not None)
        texts = (safe(valueset.text),) if valueset.text else ()
        return Section(safe(valueset.name), counted(len(valueset.codes), "code"), texts, facts, tables)

    # -------------------------------------------------------------------- sources and questions

    def sources(self) -> Section:
        rows = tuple((safe(key), safe(text)) for key, text in self.library.sources)
        return Section(f"Sources, {len(rows)}", tables=(Table("Sources", ("key", "source"), rows),))

    def questions(self) -> Section:
        """Everything that whoever signs has to answer for: each choice and each unverified limit, by name."""
        library = self.library
        marked: list[tuple[str, tuple[str, ...]]] = [(c.id, c.chosen) for c in library.criteria]
        marked += [(d.name, d.chosen) for d in library.definitions if d.origin == "definition"]
        marked += [(r.name, r.chosen) for r in library.requirements]
        marked += [(p.name, ("value",)) for p in library.parameters if p.chosen]
        chosen = [f"{safe(name)}: {safe(_what(what))} {SITE_CHOICE}" for name, of in marked for what in of]
        unverified = [f"{safe(name)}: {safe(_what(what))} {UNVERIFIED}" for name, what in sign_off(library).limits]
        missing = [library.incomplete] if library.incomplete else []
        texts = (f"{counted(len(chosen), 'site choice')}, {len(unverified)} unverified.",)
        items = (*unverified, *chosen, *(f"The file is incomplete: {safe(text)}" for text in missing))
        return Section("Open questions for sign-off", texts=texts, items=items)

    # ------------------------------------------------------------------------------ the parts

    def marks(self, chosen: tuple[str, ...], unverified: tuple[str, ...]) -> Iterator[Fact | None]:
        """What of a thing a site chose, and what nobody has verified."""
        said = [f"{safe(_what(what))} {SITE_CHOICE}" for what in chosen]
        yield _fact("Marks", *said, *(f"{safe(_what(what))} {UNVERIFIED}" for what in unverified))

    def cited(self, name: str, *citations: Citation | None) -> Iterator[Fact | None]:
        """Where a sentence stands: the source in full, and the place in it."""
        found = [c for c in citations if c is not None]
        texts = (f"{safe(self.full.get(c.source, c.source)).rstrip('.')}; {safe(c.place)}" for c in found)
        yield _fact(name, *(text.strip("; ") for text in texts))

    def origin(self, library: str, span: Span) -> str:
        """The library that a criterion is of, and its line; the folder and the file alone, the same everywhere."""
        file = "/".join(PurePath(span.file).parts[-2:])
        where = f"{safe(file)}:{span.line}" if span.line else ""
        return joined((safe(library) if library != self.library.name else "", where))


def _fact(name: str, *texts: str) -> Fact | None:
    """A fact, if anything is said."""
    kept = tuple(text for text in texts if text)
    return Fact(name, kept) if kept else None


def _flat(text: str) -> str:
    return safe(" ".join(text.split()))


def _what(mark: str) -> str:
    """What a mark is of; `true` alone marks the whole."""
    return "the whole" if mark == "all" else mark


def _lift(criterion: Criterion) -> str:
    """The day on which a bar is over, as the rule file counts it."""
    return f"not before {_flat(spell(criterion.until_date))}" if criterion.until_date is not None else ""


def _answers(criterion: Criterion) -> tuple[str, str]:
    """What each answer does to the verdict."""
    if criterion.strength == "administrative":
        return "not made: UNDETERMINED", "unknown: UNDETERMINED"
    if criterion.category == "inclusion":
        return "not met: INELIGIBLE", "unknown: UNDETERMINED, never read as met"
    if criterion.strength == "relative":
        return "present: REVIEW", "unknown: REVIEW, never read as absent"
    return "present: INELIGIBLE", "unknown: UNDETERMINED, never read as absent"


def _range(requirement: DataRequirement, which: str) -> str:
    bounds = requirement.scale if which == "scale" else requirement.plausible
    unit = values.unit_of(requirement.type)
    return values.with_unit(values.number(bounds).replace("..", " to "), unit)


def _field(requirement: DataRequirement, number: int) -> str:
    """A field of a record list: its type, its closed values, and the codes that give each of them."""
    field = requirement.fields[number]
    text = joined((f"{safe(field.name)}: {field.type}", ", ".join(map(safe, field.values))), "; ")
    if field.valueset:
        text += f"; of the value set {safe(field.valueset)}"
    by_code = (f"{safe(value)}: {', '.join(map(values.code_text, codes))}" for value, codes in field.by_code)
    return joined((text, *by_code), "; ")


def _concepts(concepts: Iterable[frozenset[Code]], reasons: Iterable[Code]) -> tuple[str, ...]:
    """Codes, the synonyms of one concept together."""
    groups = [" = ".join(map(values.code_text, sorted(concept))) for concept in concepts]
    return (*groups, *map(values.code_text, reasons))
