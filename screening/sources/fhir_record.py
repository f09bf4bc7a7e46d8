"""A bundle as one person's rows: which resources are theirs, what refers to what, and what cannot be read.

Every resource of a kind that is read is either used, of somebody else by name, out by its status, or a
notice; one that cannot be read at all is a fault, since passing over it might hide a bar.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import field
from typing import Any

from screening.errors import Diagnostic, Span, UnreadableRecord
from screening.record.subject import Notice
from screening.sources import fhir_row, fhir_time
from screening.sources.fhir_code import AT_PRESENT, LINK, NOTHING
from screening.sources.fhir_json import NO_ID_OF_FHIR, Number, identified, is_identifier, place_of
from screening.sources.fhir_resource import (
    MODELS,
    AllergyIntolerance,
    Clinical,
    CodeableConcept,
    Condition,
    Encounter,
    Medication,
    MedicationAdministration,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Person,
    Procedure,
    Question,
    Questionnaire,
    QuestionnaireResponse,
    Reference,
    Resource,
    read_resource,
)
from screening.sources.fhir_row import Row
from screening.sources.fhir_value import codings_of, text_of
from screening.sources.fhir_version import resources
from screening.values.coding import Code, Codings
from screening.values.frozen import dataclass

KINDS = {
    "Condition": "condition",
    "Observation": "observation",
    "MedicationRequest": "medication",
    "MedicationStatement": "medication",
    "MedicationAdministration": "medication",
    "AllergyIntolerance": "allergy",
    "Procedure": "procedure",
    "Encounter": "encounter",
    "QuestionnaireResponse": "questionnaire",
}
BESIDE = ("Medication", "Questionnaire")
# Types that say nothing of a person's health: nobody has to be told that they are not read.
NOT_OF_A_PERSON = (
    "Organization", "Practitioner", "PractitionerRole", "Location", "Provenance", "Device", "Composition",
    "Claim", "ExplanationOfBenefit", "Coverage", "OperationOutcome", "Endpoint", "HealthcareService",
    "Substance",
)  # fmt: skip
NOT_A_PERSON = ("Group/", "Device/", "Location/", "Medication/", "Substance/", "Organization/")


@dataclass(frozen=True, slots=True)
class Entry:
    """A resource of a bundle: where it stands, and what it is referred to by."""

    place: str
    tree: dict[str, Any]
    keys: tuple[str, ...]


@dataclass
class Record:
    """What a bundle says of one person, by kind of entry."""

    name: str
    patient: Person | None = None
    place: str = ""
    rows: dict[str, list[Row]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)
    faults: list[Diagnostic] = field(default_factory=list)
    partial: bool = False

    def fault(self, message: str) -> None:
        self.faults.append(Diagnostic(Span(self.name), message, UnreadableRecord))


def read_record(tree: dict[str, Any], name: str, subject: str) -> Record:
    """The rows of the one person of a bundle. Raises UnreadableRecord with everything that is wrong."""
    reading = BundleReading(tree, Record(name))
    reading.choose(subject)
    reading.read()
    if reading.record.faults:
        raise UnreadableRecord(*reading.record.faults)
    return reading.record


def digest_of(tree: dict[str, Any]) -> str:
    """The digest of a bundle: the same for the same entries in any order, whatever the blanks between."""

    def plain(number: object) -> list[str]:
        # INVARIANT: the tree holds nothing else that JSON cannot write.
        assert isinstance(number, Number)
        return ["number", number.text]

    def line(part: Any) -> str:
        return json.dumps(part, sort_keys=True, separators=(",", ":"), default=plain)

    entries = sorted(line(resource) for _, resource in resources(tree))
    head = line({key: tree[key] for key in ("resourceType", "timestamp") if key in tree})
    return hashlib.sha256("\n".join((head, *entries)).encode()).hexdigest()


class BundleReading:
    """One bundle on its way in."""

    def __init__(self, tree: dict[str, Any], record: Record) -> None:
        self.tree, self.record = tree, record
        self.entries: list[Entry] = []
        self.targets: dict[str, Entry] = {}
        self.unread: Counter[str] = Counter()
        self.models: dict[int, Resource | None] = {}
        self.own: frozenset[str] = frozenset()
        self.others: frozenset[str] = frozenset()
        self._list()

    # ------------------------------------------------------------------------- what is there

    def _list(self) -> None:
        """Every entry once; two entries of one id must be one and the same."""
        entries = self.tree.get("entry") or ()
        for position, entry in enumerate(entries):
            if not isinstance(entry, dict):
                self.record.fault(f"entry {position + 1} of the Bundle is not an object")
                continue
            resource = entry.get("resource")
            if resource is None:
                continue
            if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
                self.record.fault(f"entry {position + 1} of the Bundle holds no `resourceType`")
                continue
            self._add(entry, identified(resource, entry.get("fullUrl")), position)
        links, total = self.tree.get("link"), self.tree.get("total")
        pages = [one.get("relation") for one in (links if type(links) is list else ()) if isinstance(one, dict)]
        more = isinstance(total, Number) and total.text.isdigit() and int(total.text) > len(entries)
        self.record.partial = "next" in pages or more

    def _add(self, entry: dict[str, Any], resource: dict[str, Any], position: int) -> None:
        kind, id, url = resource["resourceType"], resource.get("id"), entry.get("fullUrl")
        place = place_of(resource, position)
        if kind not in MODELS:
            if kind not in NOT_OF_A_PERSON and kind.isascii() and kind.isalpha() and len(kind) <= 40:
                self.unread[kind] += 1
            return
        own = f"{kind}/{id}" if isinstance(id, str) and is_identifier(id) else ""
        twin = self.targets.get(own) if own else None
        if twin is not None:
            if not _is_same(twin.tree, resource):
                self.record.fault(f"`{place}` stands in the Bundle twice, with different content")
            return
        keys = tuple(key for key in (own, url if isinstance(url, str) else "") if key)
        found = Entry(place, resource, keys)
        self.entries.append(found)
        for key in keys:
            self.targets.setdefault(key, found)

    def choose(self, subject: str) -> None:
        """The one person of the bundle, or the one that is asked for."""
        patients = [entry for entry in self.entries if entry.tree["resourceType"] == "Patient"]
        named = ", ".join(f"`{entry.place}`" for entry in patients[:10])
        if subject:
            wanted = (subject, f"Patient/{subject}")
            chosen = [entry for entry in patients if any(key in wanted for key in entry.keys)]
            if not chosen and patients:
                self.record.fault(f"the Bundle does not hold the Patient asked for, it holds {named}")
        else:
            chosen = patients
            if len(patients) > 1:
                several = f"{len(patients)} Patients" + ("" if len(patients) <= 10 else ", among them")
                self.record.fault(f"the Bundle holds {several}: {named}; say which one is meant")
        if not patients:
            self.record.fault("the Bundle holds no Patient, so its entries are nobody's")
        if len(chosen) != 1:
            raise UnreadableRecord(*self.record.faults)
        if not chosen[0].keys and "id" in chosen[0].tree:
            self.record.fault(NO_ID_OF_FHIR)
        self.own = frozenset(chosen[0].keys)
        self.others = frozenset(key for entry in patients for key in entry.keys) - self.own
        self.record.place = chosen[0].place
        patient = self.model(chosen[0])
        self.record.patient = patient if isinstance(patient, Person) else None

    # ----------------------------------------------------------------------------- the rows

    def read(self) -> None:
        for entry in self.entries:
            kind = KINDS.get(entry.tree["resourceType"])
            model = self.model(entry) if kind is not None or entry.tree["resourceType"] in BESIDE else None
            if kind is None or not isinstance(model, Clinical) or not self.is_theirs(model, entry.place):
                continue
            self.record.counts[kind] += 1
            for what in fhir_time.unreadable(model):
                self.say(entry.place, what)
            self.record.rows.setdefault(kind, []).extend(self.rows(model, entry))
        for kind, number in sorted(self.unread.items()):
            noun = "resource" if number == 1 else "resources"
            self.say("", f"{number} {noun} of type {kind}, which is not read")
        if self.record.partial:
            self.say("", "the search goes on on a page that is not here")

    def say(self, place: str, text: str) -> None:
        self.record.notices.append(Notice("", place, text))

    def model(self, entry: Entry) -> Resource | None:
        """A resource, read once; its faults are told once."""
        key = id(entry.tree)
        if key not in self.models:
            self.models[key] = read_resource(entry.tree, lambda what: self.record.fault(f"`{entry.place}` {what}"))
        return self.models[key]

    def is_theirs(self, resource: Clinical, place: str) -> bool:
        """Whether a resource is about the person; one about nobody in particular is, if they are alone."""
        about = resource.subject or resource.patient
        key = _bare(about)
        if about is None or not key:
            if self.others:
                self.record.fault(f"`{place}` does not say which of the Patients it is about")
            return not self.others
        if key in self.own:
            return self.is_focused(resource, place)
        if key in self.others:
            return False
        tail = "/".join(key.rsplit("/", 2)[-2:])
        if tail in self.own and "://" in key:
            return self.is_focused(resource, place)
        if tail in self.others and "://" in key:
            return False
        if key.startswith(NOT_A_PERSON) or tail.startswith(NOT_A_PERSON):
            self.say(place, "is not about a person, not used")
            return False
        self.record.fault(f"`{place}` is about somebody who is not in the Bundle")
        return False

    def is_focused(self, resource: Clinical, place: str) -> bool:
        """Whether an observation is of the person, not of a child, a donor or a device (`focus`)."""
        focus = [_bare(one) for one in resource.focus or ()] if isinstance(resource, Observation) else []
        if all(key in self.own for key in focus):
            return True
        self.say(place, "has a `focus` that is not the person, not used")
        return False

    def rows(self, resource: Clinical, entry: Entry) -> Iterator[Row]:
        found: list[Row | None] = []
        match resource:
            case Condition():
                found = [fhir_row.condition_row(resource, entry.place)]
            case AllergyIntolerance():
                found = [fhir_row.allergy_row(resource, entry.place)]
            case Procedure():
                found = [fhir_row.procedure_row(resource, entry.place)]
            case Observation():
                found = [*fhir_row.observation_rows(resource, entry.place)]
            case MedicationRequest() | MedicationStatement() | MedicationAdministration():
                codings, text = self.medicine(resource, entry)
                found = [fhir_row.medicine_row(resource, entry.place, codings, text)]
            case Encounter():
                found = [*self.stay(resource, entry)]
            case QuestionnaireResponse():
                found = [*self.answers(resource, entry)]
        for row in found:
            if row is not None and (resource.is_changed or row.is_changed):
                yield fhir_row.doubted(row)
            elif row is not None:
                self.attested(row)
                yield row

    def attested(self, row: Row) -> None:
        """What a "no known ..." code does not speak of is said once."""
        if row.attests in AT_PRESENT:
            self.say(row.place, "says that there is nothing at present, and nothing of the past")
        elif row.attests == NOTHING:
            self.say(row.place, "says that nothing is known or nothing is of interest, which attests nothing")

    def target(self, reference: Reference | None, resource: Resource) -> Resource | None:
        """What a resource refers to, in its own contents or in the bundle; None if it is not there."""
        key = _bare(reference)
        if key.startswith("#"):
            for part in resource.contained or ():
                kind = part.get("resourceType")
                if part.get("id") == key[1:] and isinstance(kind, str) and kind in MODELS:
                    id = f"/{resource.id}" if is_identifier(resource.id or "") else ""
                    return self.model(Entry(f"{resource.resourceType}{id}#{kind}", part, ()))
            return None
        found = self.targets.get(key)
        if found is None and "://" in key:
            found = self.targets.get("/".join(key.rsplit("/", 2)[-2:]))
        return self.model(found) if found is not None else None

    def medicine(
        self,
        resource: MedicationRequest | MedicationStatement | MedicationAdministration,
        entry: Entry,
    ) -> tuple[Codings, str]:
        """What a medicine is: its own codes, or those of its Medication and of the ingredients."""
        if resource.medicationReference is None:
            return codings_of(resource.medicationCodeableConcept), text_of(resource.medicationCodeableConcept)
        found = self.target(resource.medicationReference, resource)
        if not isinstance(found, Medication):
            self.say(entry.place, "refers to a medicine that is not in the record, so it may be any")
            return (), ""
        if found.is_changed:
            self.say(entry.place, "refers to a medicine that an extension changes, so it may be any")
            return (), ""
        codings = [*codings_of(found.code)]
        for ingredient in found.ingredient or ():
            part = self.target(ingredient.itemReference, found) if ingredient.itemReference else None
            codings += codings_of(ingredient.itemCodeableConcept)
            codings += codings_of(part.code) if isinstance(part, Medication) else ()
        return tuple(dict.fromkeys(codings)), text_of(found.code)

    def stay(self, resource: Encounter, entry: Entry) -> Iterator[Row | None]:
        """One row for each reason of a stay or visit."""
        for reason in resource.reasonCode or ():
            yield fhir_row.encounter_row(resource, entry.place, reason, codings_of(reason))
        for reference in resource.reasonReference or ():
            found = self.target(reference, resource)
            if isinstance(found, Condition | Procedure | Observation) and not found.is_changed:
                yield fhir_row.encounter_row(resource, entry.place, found.code, codings_of(found.code))
            else:
                self.say(entry.place, "gives a reason that is not in the record, so it may be any")
                yield fhir_row.encounter_row(resource, entry.place, None, ())

    # -------------------------------------------------------------------------- questionnaires

    def answers(self, resource: QuestionnaireResponse, entry: Entry) -> Iterator[Row]:
        """One row for each answer, by the item it answers and the codes that the questionnaire gives it."""
        status = fhir_row.ANSWERED.get(resource.status or "", fhir_row.POSSIBLE)
        if status == fhir_row.OUT:
            return
        codes = self.questions(resource)
        moment = fhir_time.written(resource.authored)
        waiting = [(item, False) for item in resource.item or ()]
        while waiting:
            item, is_changed = waiting.pop(0)
            is_changed = is_changed or item.is_changed
            below = [(part, is_changed or a.is_changed) for a in item.answer or () for part in a.item or ()]
            waiting[:0] = [*((part, is_changed) for part in item.item or ()), *below]
            link = (item.linkId or "").strip()
            codings: Codings = (Code(LINK, link), *codes.get(link, ())) if link else ()
            origin = f"{entry.place} item {link}" if is_identifier(link) else f"{entry.place} item"
            for answer in item.answer or ():
                changed = is_changed or answer.is_changed
                yield Row(
                    entry.place, origin, codings, moment=moment, status=status, value=answer, is_changed=changed
                )

    def questions(self, resource: QuestionnaireResponse) -> dict[str, Codings]:
        """The codes of each item, where the questionnaire itself is in the record."""
        url = (resource.questionnaire or "").split("|")[0]
        if not url:
            return {}
        found = self.target(Reference(reference=url), resource)
        if not isinstance(found, Questionnaire):
            every = (self.model(e) for e in self.entries if e.tree["resourceType"] == "Questionnaire")
            found = next((q for q in every if isinstance(q, Questionnaire) and q.url == url), None)
        if not isinstance(found, Questionnaire):
            return {}
        codes: dict[str, Codings] = {}
        waiting: list[Question] = list(found.item or ())
        while waiting:
            item = waiting.pop()
            waiting += item.item or ()
            if item.linkId and item.code:
                codes[item.linkId.strip()] = codings_of(CodeableConcept(coding=item.code))
        return codes


def _bare(reference: Reference | None) -> str:
    """A reference without the version it names."""
    if reference is None or reference.reference is None:
        return ""
    return reference.reference.strip().split("/_history/")[0]


def _is_same(a: Any, b: Any) -> bool:
    """Whether two parts of a tree say the same."""
    if isinstance(a, Number) or isinstance(b, Number):
        return isinstance(a, Number) and isinstance(b, Number) and a.text == b.text
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_is_same(a[key], b[key]) for key in a)
    if type(a) is list and type(b) is list:
        return len(a) == len(b) and all(map(_is_same, a, b))
    return type(a) is type(b) and bool(a == b)
