"""A FHIR R4 bundle to a Subject: what the requirements of a library ask for, each value with its resource.

A bundle is complete for nothing unless the site's declaration says so. What cannot be read rejects the
record, with every fault at once; what can be read and not used is a notice. No message holds a value.
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from typing import Any

from screening.errors import Diagnostic
from screening.language.library import DataRequirement, Library
from screening.record.people import PARTIAL
from screening.record.subject import Absence, Completeness, Evidence, Notice, Searched, Subject
from screening.sources import fhir_time
from screening.sources.admission import Reading, admit, is_presence
from screening.sources.fhir_code import (
    PRODUCTS,
    Matcher,
    denied_by,
    vocabularies,
)
from screening.sources.fhir_json import read_tree
from screening.sources.fhir_record import Record, digest_of, read_record
from screening.sources.fhir_resource import Person
from screening.sources.fhir_row import CONFIRMED, DENIED, POSSIBLE, Row
from screening.sources.fhir_value import Parts, is_no_answer, value_of
from screening.sources.fhir_version import require_r4_bundle
from screening.sources.site import SiteDeclaration, adapted, completeness
from screening.sources.worth import is_sex_at_birth
from screening.values.bounds import exactly
from screening.values.calendar import days_of
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_WORDS = {
    "condition": "conditions",
    "observation": "laboratory results and vital signs",
    "medication": "medicines",
    "allergy": "allergies",
    "procedure": "procedures",
    "encounter": "visits and stays",
    "questionnaire": "questionnaires",
}
# Where else an entry may stand that surely answers: an allergy in the problem list, a score observed.
ALSO = {"allergy": "condition", "observation": "questionnaire", "questionnaire": "observation"}
# What a Patient says of itself.
_OF_PATIENT = ("birth date", "gender", "death")
_BIRTH_SEX = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
# SPEC: FHIR R4, 2.4.0: what has an extension of this kind that is not known says nothing that can be relied on.
CHANGED = "with an extension that may change what it says"
_SEXES = {"F": "female", "M": "male"}


def read_bundle(
    data: str | bytes, library: Library, *, name: str, site: SiteDeclaration | None = None, subject: str = ""
) -> Subject:
    """One person of a bundle as a Subject. `subject` chooses among several Patients, by id.

    Raises RecordError with everything that is wrong with the record.
    """
    return subject_of(read_tree(data, name), adapted(library, site), name, site, subject)


def subject_of(
    tree: Any,
    library: Library,
    name: str,
    site: SiteDeclaration | None = None,
    subject: str = "",
    partial: bool = False,
) -> Subject:
    """One person of a bundle that is read as a tree already, for a library with the site's codes in it.

    `partial` says that entries may be missing from it: then no list is complete, whatever the site declares.
    """
    require_r4_bundle(tree, name)
    record = read_record(tree, name, subject)
    if partial:
        record.partial = True
        record.notices.append(Notice("", "", PARTIAL))
    asked = Asked(library, record)
    evidence: dict[str, tuple[Evidence, ...]] = {}
    absences: dict[str, tuple[Absence, ...]] = {}
    notices = sorted(record.notices, key=lambda notice: (notice.place, notice.text))
    faults: list[Diagnostic] = []
    for requirement in library.requirements:
        readings = list(asked.readings(requirement))
        if not readings:
            continue
        admission = admit(requirement, readings)
        evidence[requirement.name] = admission.evidence
        if admission.absences:
            absences[requirement.name] = admission.absences
        notices += admission.notices
        faults += admission.faults
    if faults:
        raise faults[0].kind(*faults)
    return Subject(
        id=record.place.partition("/")[2] or "subject",
        evidence={name: rows for name, rows in evidence.items() if rows},
        absences=absences,
        complete=_complete(site, library, record),
        concepts={r.name: len(r.concepts) for r in library.requirements if r.concepts},
        searched=asked.searched(),
        notices=tuple(notices),
        extracted=_extracted(tree),
        synthetic=is_synthetic(record.patient),
        source=name,
        digest=digest_of(tree),
        site=site.label if site is not None else "",
        passed_over=tuple(dict.fromkeys(asked.passed_over)),
    )


def asked_of_resources(library: Library, without: Collection[str] = ()) -> frozenset[str]:
    """The requirements that resources can answer: those with codes, and what a Patient says of itself.

    `without` are kinds of lists that a source does not have, and `sex at birth` where its people do not say it.
    """
    return frozenset(
        r.name
        for r in library.requirements
        if is_of_patient(r, without) or ((r.codes or r.reasons) and r.kind not in ("", *without))
    )


def is_of_patient(requirement: DataRequirement, without: Collection[str] = ()) -> bool:
    """Whether it is what a Patient says of itself."""
    return requirement.kind in _OF_PATIENT or ("sex at birth" not in without and is_sex_at_birth(requirement))


class Asked:
    """What a record answers to the requirements of a library."""

    def __init__(self, library: Library, record: Record) -> None:
        self.library, self.record = library, record
        self.vocabularies = vocabularies(library)
        self.passed_over: list[Notice] = []
        self._matchers: dict[str, Matcher] = {}

    def matcher(self, requirement: DataRequirement) -> Matcher:
        found = self._matchers.get(requirement.name)
        if found is None:
            found = self._matchers[requirement.name] = Matcher(requirement.codes or requirement.reasons)
        return found

    def readings(self, requirement: DataRequirement) -> Iterator[Reading]:
        """Every entry that may answer a requirement."""
        kind = requirement.kind
        if kind in _WORDS:
            matcher = self.matcher(requirement)
            for row in self.record.rows.get(kind, ()):
                yield from self.answered(requirement, row, self.matched(requirement, row, matcher))
            for row in self.record.rows.get(ALSO.get(kind, ""), ()):
                if matcher.match(row.codings) is TRUE:
                    yield from self.answered(requirement, row, TRUE)
        elif self.record.patient is not None:
            yield from _of_the_patient(kind, self.record.patient, self.record.place)
        if self.record.patient is not None and is_sex_at_birth(requirement):
            yield from _sex_at_birth(self.record.patient, self.record.place)

    def matched(self, requirement: DataRequirement, row: Row, matcher: Matcher) -> Truth:
        kind = requirement.kind
        # SPEC: semantics 4.1; a product code that nobody has mapped is no other drug.
        if kind in PRODUCTS:
            vocabulary = self.vocabularies[requirement.name]
            return vocabulary.match_substance(row.codings, matcher, PRODUCTS[kind])
        return matcher.match(row.codings)

    def answered(self, requirement: DataRequirement, row: Row, match: Truth) -> Iterator[Reading]:
        if row.attests:
            yield from _attested(requirement, row)
            return
        # SPEC: semantics 4.1; what is possible by its code alone has to be possible by its value too.
        if match is FALSE or (match is UNKNOWN and is_no_answer(requirement, row.value)):
            return
        if row.denies and not requirement.active_only:
            self.pass_over(requirement, row, match, "recorded as not taken, which says nothing of other times")
            return
        status = row.status
        if requirement.active_only and status not in DENIED and row.value is None:
            if row.active is FALSE:
                self.pass_over(requirement, row, match, "over by the record, and only what holds now counts")
                return
            status = POSSIBLE if row.active is UNKNOWN and status == CONFIRMED else status
        value = row.value
        parts = _of_fact(requirement, row) if value is None else value_of(requirement, value, row.is_panel)
        if row.is_changed:
            parts = {"unusable": CHANGED}
        yield Reading(
            origin=row.origin,
            codes=row.codings,
            match=match,
            date=row.moment,
            status=status,
            fields=row.fields,
            **parts,
        )

    def pass_over(self, requirement: DataRequirement, row: Row, match: Truth, why: str) -> None:
        """Keeps why an entry that surely is of what is asked for is no evidence of it."""
        if match is TRUE:
            self.passed_over.append(Notice(requirement.name, row.origin, why))

    def searched(self) -> dict[str, Searched]:
        """What was looked through for each requirement, used or not."""
        years: dict[str, tuple[str, str]] = {}
        for kind, rows in self.record.rows.items():
            spans = [fhir_time.year_of(row.moment) for row in rows if row.moment]
            if spans:
                years[kind] = min(first for first, _ in spans), max(last for _, last in spans)
        found = {}
        for requirement in self.library.requirements:
            kind = requirement.kind
            if kind in _WORDS:
                codes = len(requirement.codes or requirement.reasons)
                first, last = years.get(kind, ("", ""))
                found[requirement.name] = Searched(codes, self.record.counts[kind], _WORDS[kind], first, last)
        return found


def _of_fact(requirement: DataRequirement, row: Row) -> Parts:
    """What an entry says that is itself the fact: that it is there, when, and of which code."""
    text = "" if row.codings else row.text
    if is_presence(requirement) or requirement.type.name == "Records":
        return {"text": text}
    match requirement.type.name:
        case "Boolean" | "Judgement":
            return {"value": "TRUE"}
        case "Date" | "DateTime":
            if not row.moment:
                return {"unusable": "not dated"}
            if "/" not in row.moment:
                return {"value": row.moment}
            return {"low": fhir_time.first_of(row.moment), "high": fhir_time.last_of(row.moment)}
        case "Code" | "String":
            said = row.codings or text.strip()
            return {"value_codes": row.codings, "text": text} if said else {"unusable": "not coded"}
    return {"unusable": "recorded without a number"}


def _attested(requirement: DataRequirement, row: Row) -> Iterator[Reading]:
    """What a "no known ..." code says to a requirement: absence of everything, of drugs, or at present."""
    if row.status != CONFIRMED or row.active is FALSE:
        return
    codes = denied_by(requirement, row.attests)
    if codes is not None:
        yield Reading(origin=row.origin, codes=codes, date=row.moment, status="absent")


def _of_the_patient(kind: str, patient: Person, place: str) -> Iterator[Reading]:
    """What the Patient itself says: birth date, administrative gender, death."""
    match kind:
        case "birth date" | "gender" | "death" if patient.is_changed:
            yield Reading(place, unusable=CHANGED)
        case "birth date" if patient.birthDate:
            yield Reading(place, value=patient.birthDate)
        case "gender" if patient.gender:
            yield Reading(place, value=patient.gender)
        case "death":
            if patient.deceasedDateTime is not None:
                yield Reading(place, value="TRUE", date=patient.deceasedDateTime)
            elif patient.deceasedBoolean is not None:
                yield Reading(place, value="TRUE" if patient.deceasedBoolean else "FALSE")
            elif patient.deceased_element is not None:
                # A day of death that is withheld: the person may be dead.
                yield Reading(place, unusable="withheld")


def _sex_at_birth(patient: Person, place: str) -> Iterator[Reading]:
    """The extension of US Core; administrative gender is another thing, and no word for this one."""
    if patient.is_changed:
        yield Reading(place, unusable=CHANGED)
        return
    for extension in patient.extension or ():
        if extension.url == _BIRTH_SEX:
            sex = _SEXES.get(extension.valueCode or "")
            yield Reading(place, value=sex) if sex else Reading(place, unusable="not recorded as female or male")


def _extracted(tree: dict[str, Any]) -> datetime.date | None:
    """The day of the bundle, where it says it."""
    meta = tree.get("meta")
    for text in (tree.get("timestamp"), meta.get("lastUpdated") if isinstance(meta, dict) else None):
        written = fhir_time.written(text) if isinstance(text, str) else ""
        days = days_of(written) if written else None
        if days is not None and days == exactly(days.low):
            day: datetime.date = days.low
            return day
    return None


def is_synthetic(patient: Person | None) -> bool:
    """Whether the Patient is marked as test data, or as made by Synthea."""
    meta = patient.meta if patient is not None else None
    labels = [*(meta.security or ()), *(meta.tag or ())] if meta is not None else []
    return any(label.code == "HTEST" or (label.code or "").startswith("synthea-") for label in labels)


def _complete(site: SiteDeclaration | None, library: Library, record: Record) -> dict[str, Completeness]:
    """What the site declares its lists complete for; one page of a search is complete for nothing."""
    # SPEC: semantics 5.5.
    if site is None or record.partial:
        return {}
    found = ((r.name, completeness(site, r)) for r in library.requirements)
    return {name: complete for name, complete in found if complete is not None}
