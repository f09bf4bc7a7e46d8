"""One resource as rows: its codes, its days, and whether it is confirmed, refuted or only possible.

Status words are those of R4. What is entered in error or was called off leaves no row; what a status does
not settle is only possible.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from screening.sources import fhir_time
from screening.sources.admission import FieldReading
from screening.sources.fhir_code import is_known, no_known
from screening.sources.fhir_json import is_identifier
from screening.sources.fhir_resource import (
    AllergyIntolerance,
    CodeableConcept,
    Component,
    Condition,
    Encounter,
    MedicationAdministration,
    MedicationRequest,
    MedicationStatement,
    Observation,
    Part,
    Period,
    Procedure,
    Valued,
)
from screening.sources.fhir_value import codings_of, text_of
from screening.values.coding import Codings
from screening.values.frozen import dataclass
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

OUT = "out"
CONFIRMED, POSSIBLE = "confirmed", "unconfirmed"
DENIED = ("refuted", "absent")


@dataclass(frozen=True, slots=True)
class Row:
    """An entry that may answer requirements of its kind.

    `active` says whether it holds at present; `denies` that it says so of a thing that does not hold now;
    `attests` what a "no known ..." code speaks of. `moment` is a date or a period (`start/end`). `is_changed` says
    that an extension may change what it says.
    """

    place: str
    origin: str
    codings: Codings = ()
    text: str = ""
    moment: str = ""
    status: str = CONFIRMED
    active: Truth = TRUE
    denies: bool = False
    attests: str = ""
    value: Valued | None = None
    is_panel: bool = False
    is_changed: bool = False
    fields: Mapping[str, FieldReading] = field(default_factory=dict)


def doubted(row: Row) -> Row:
    """A row that an extension changes in a way that nobody here knows: it says neither yes nor no."""
    return replace(
        row, status=POSSIBLE, active=UNKNOWN, denies=False, attests="", fields={}, is_panel=False, is_changed=True
    )


# -------------------------------------------------------------------------------------- status

_VERIFIED = {
    "confirmed": CONFIRMED,
    "unconfirmed": POSSIBLE,
    "provisional": "provisional",
    "differential": "differential",
    "presumed": "provisional",
    "refuted": "refuted",
    "entered-in-error": OUT,
}
_CLINICAL = {
    "active": TRUE,
    "recurrence": TRUE,
    "relapse": TRUE,
    "inactive": FALSE,
    "remission": FALSE,
    "resolved": FALSE,
}
_OBSERVED = {
    "final": CONFIRMED,
    "amended": CONFIRMED,
    "corrected": CONFIRMED,
    "preliminary": "provisional",
    "registered": "provisional",
    "cancelled": OUT,
    "entered-in-error": OUT,
}
_PRESCRIBED: dict[str, tuple[str, Truth]] = {
    "active": (CONFIRMED, TRUE),
    "on-hold": (CONFIRMED, UNKNOWN),
    "completed": (CONFIRMED, FALSE),
    "stopped": (CONFIRMED, FALSE),
    # Withdrawn before anything was given.
    "cancelled": (OUT, FALSE),
    "entered-in-error": (OUT, FALSE),
}
_STATED: dict[str, tuple[str, Truth]] = {
    "active": (CONFIRMED, TRUE),
    "on-hold": (CONFIRMED, UNKNOWN),
    "completed": (CONFIRMED, FALSE),
    "stopped": (CONFIRMED, FALSE),
    "entered-in-error": (OUT, FALSE),
}
_GIVEN: dict[str, tuple[str, Truth]] = {
    "in-progress": (CONFIRMED, TRUE),
    # One dose is done; whether the treatment goes on, the status of a dose does not say.
    "completed": (CONFIRMED, UNKNOWN),
    "stopped": (CONFIRMED, UNKNOWN),
    "not-done": (OUT, FALSE),
    "entered-in-error": (OUT, FALSE),
}
_DONE = {
    "completed": CONFIRMED,
    "in-progress": CONFIRMED,
    "not-done": OUT,
    "preparation": OUT,
    "entered-in-error": OUT,
}
_VISITED = {
    "finished": CONFIRMED,
    "in-progress": CONFIRMED,
    "arrived": CONFIRMED,
    "triaged": CONFIRMED,
    "onleave": CONFIRMED,
    "planned": OUT,
    "cancelled": OUT,
    "entered-in-error": OUT,
}
ANSWERED = {
    "completed": CONFIRMED,
    "amended": CONFIRMED,
    "in-progress": "provisional",
    "stopped": "provisional",
    "entered-in-error": OUT,
}
_ORDERS = ("order", "original-order", "reflex-order", "filler-order", "instance-order")


def _words(concept: CodeableConcept | None, known: Mapping[str, Any]) -> set[str]:
    """The status words of a coded status; a word that R4 does not have, or bare text, is `?`."""
    if concept is None:
        return set()
    words = {(coding.code or "").strip().lower() for coding in concept.coding or ()}
    found = {word for word in words if word in known}
    return found or {"?"}


def verified(concept: CodeableConcept | None) -> str:
    """The status of a condition or an allergy: none stated is confirmed, two at once is only possible."""
    found = {_VERIFIED.get(word, POSSIBLE) for word in _words(concept, _VERIFIED)}
    if not found:
        return CONFIRMED
    return found.pop() if len(found) == 1 else POSSIBLE


def holds(concept: CodeableConcept | None) -> Truth:
    """Whether a condition or an allergy holds at present; UNKNOWN if its clinical status does not say."""
    found = {_CLINICAL.get(word, UNKNOWN) for word in _words(concept, _CLINICAL)}
    return found.pop() if len(found) == 1 else UNKNOWN


def _moment(written: str | None, period: Period | None = None) -> str:
    """The day of an event, or the days of a period that has an end or a beginning."""
    day = fhir_time.written(written)
    if day or period is None:
        return day
    return fhir_time.period(fhir_time.written(period.start), fhir_time.written(period.end))


def _day(text: str) -> FieldReading:
    return FieldReading(text)


# --------------------------------------------------------------------------- one kind by another


def condition_row(resource: Condition, place: str) -> Row | None:
    """A condition, dated by its onset; recorded without one, it began on that day or before."""
    status = verified(resource.verificationStatus)
    if status == OUT:
        return None
    ended = _moment(resource.abatementDateTime, resource.abatementPeriod)
    abated = ended or any((resource.abatementString, resource.abatementAge, resource.abatementRange))
    active = holds(resource.clinicalStatus)
    onset = _moment(resource.onsetDateTime, resource.onsetPeriod)
    recorded = fhir_time.written(resource.recordedDate)
    fields = {
        "onset": _day(fhir_time.first_of(onset)),
        "recorded": _day(recorded),
        "ended": _day(fhir_time.last_of(ended)),
        **_standing(resource.clinicalStatus, resource.verificationStatus),
    }
    # INVARIANT: a refutation counts up to the day it was written down, whenever the thing was thought of.
    codings = codings_of(resource.code)
    attests = no_known(codings)
    began = onset or _before(recorded or fhir_time.last_of(ended))
    moment = recorded if status == "refuted" or attests else began
    return Row(
        place,
        place,
        codings,
        text_of(resource.code),
        moment,
        status,
        UNKNOWN if abated and active is TRUE else active,
        attests=attests,
        fields=fields,
    )


def _before(day: str) -> str:
    return f"/{day}" if day else ""


def _standing(clinical: CodeableConcept | None, verification: CodeableConcept | None) -> dict[str, FieldReading]:
    found = {}
    for name, concept, known in (
        ("clinical_status", clinical, _CLINICAL),
        ("verification_status", verification, _VERIFIED),
    ):
        words = _words(concept, known) - {"?"}
        if len(words) == 1:
            found[name] = FieldReading(words.pop())
    return found


def allergy_row(resource: AllergyIntolerance, place: str) -> Row | None:
    """An allergy: what it is against, by its own code or by the substance of a reaction."""
    status = verified(resource.verificationStatus)
    if status == OUT:
        return None
    codings = codings_of(resource.code)
    attests = no_known(codings)
    if status != "refuted" and not attests:
        reactions = (code for r in resource.reaction or () for code in codings_of(r.substance))
        codings = tuple(dict.fromkeys((*codings, *reactions)))
    onset = _moment(resource.onsetDateTime, resource.onsetPeriod)
    recorded = fhir_time.written(resource.recordedDate)
    dated = recorded if status == "refuted" or attests else onset or _before(recorded)
    fields = {
        "onset": _day(fhir_time.first_of(onset)),
        "recorded": _day(recorded),
        "substance": FieldReading(codes=codings),
        **_standing(resource.clinicalStatus, resource.verificationStatus),
    }
    active = holds(resource.clinicalStatus)
    text = text_of(resource.code)
    return Row(place, place, codings, text, dated, status, active, attests=attests, fields=fields)


def observation_rows(resource: Observation, place: str) -> list[Row]:
    """An observation and its components, each by its own code; a panel without a value is their frame."""
    status = _OBSERVED.get(resource.status or "", POSSIBLE)
    if status == OUT:
        return []
    moment = _moment(resource.effectiveDateTime or resource.effectiveInstant, resource.effectivePeriod)
    moment = moment or _before(fhir_time.written(resource.issued))
    members = bool(resource.component or resource.hasMember) or resource.status == "registered"
    parts: list[tuple[str, CodeableConcept | None, Observation | Component, bool]] = []
    parts.append(("", resource.code, resource, members))
    for number, part in enumerate(resource.component or (), 1):
        parts.append((f" component {_code_of(part) or number}", part.code, part, False))
    found = []
    for what, concept, value, is_panel in parts:
        codings = codings_of(concept)
        found.append(
            Row(
                place, place + what, codings, text_of(concept), moment, status,
                value=value, is_panel=is_panel, is_changed=bool(value.modifierExtension),
            )
        )  # fmt: skip
    return found


def _code_of(part: Component) -> str:
    """The code by which a component is named in its origin; a code of nobody's system might hold anything."""
    known = (code for code in codings_of(part.code) if is_known(code.system) and is_identifier(code.code))
    return next(map(str, known), "")


def medicine_row(
    resource: MedicationRequest | MedicationStatement | MedicationAdministration,
    place: str,
    codings: Codings,
    text: str,
) -> Row | None:
    """A medicine prescribed, reported or given. Who was prescribed one may take it from that day on.

    A prescription says when it was written, not when the last tablet was taken: without a stated end its
    days stay open.
    """
    # INVARIANT: the days of an open prescription reach on, so that no window closes before the last dose.
    denies = False
    start = end = ""
    match resource:
        case MedicationRequest():
            status, active = _PRESCRIBED.get(resource.status or "", (POSSIBLE, UNKNOWN))
            if resource.doNotPerform:
                return None
            if resource.intent not in _ORDERS:
                status = status if status == OUT else "provisional"
            start, end = _bounds(resource, ended=active is FALSE)
        case MedicationStatement():
            status, active = _STATED.get(resource.status or "", (POSSIBLE, UNKNOWN))
            denies = resource.status == "not-taken"
            period = resource.effectivePeriod or Period()
            start = fhir_time.written(resource.effectiveDateTime) or fhir_time.written(period.start)
            end = fhir_time.written(period.end)
            if denies:
                status, start = "absent", fhir_time.written(resource.dateAsserted) or end or start
        case MedicationAdministration():
            status, active = _GIVEN.get(resource.status or "", (POSSIBLE, UNKNOWN))
    if status == OUT:
        return None
    if isinstance(resource, MedicationAdministration):
        moment = _moment(resource.effectiveDateTime, resource.effectivePeriod)
    else:
        moment = start if denies else fhir_time.period(start, end) if end else start and f"{start}/"
    reasons = tuple(code for reason in resource.reasonCode or () for code in codings_of(reason))
    fields = {
        **{name: FieldReading(codes=codings) for name in ("drug", "medication", "substance")},
        "reason": FieldReading(codes=reasons),
    }
    # One dose is given on a day; when the treatment began and ended it does not say.
    if not isinstance(resource, MedicationAdministration):
        fields |= {"started": _day(fhir_time.first_of(moment)), "stopped": _day(fhir_time.last_of(moment))}
    if isinstance(resource, MedicationRequest):
        fields["intent"] = FieldReading(resource.intent or "")
    attests = no_known(codings)
    return Row(place, place, codings, text, moment, status, active, denies=denies, attests=attests, fields=fields)


def _bounds(resource: MedicationRequest, ended: bool) -> tuple[str, str]:
    """The first and the last day of a prescription; a planned end counts only once it is over."""
    repeats = [d.timing.repeat for d in resource.dosageInstruction or () if d.timing and d.timing.repeat]
    periods = [r.boundsPeriod for r in repeats if r.boundsPeriod]
    starts = [day for period in periods if (day := fhir_time.written(period.start))]
    ends = [day for period in periods if (day := fhir_time.written(period.end))]
    start = starts[0] if len(starts) == 1 else fhir_time.written(resource.authoredOn)
    whole = len(resource.dosageInstruction or ()) == len(ends) == 1
    return start, ends[0] if ended and whole else ""


def procedure_row(resource: Procedure, place: str) -> Row | None:
    """A procedure that was done, or begun."""
    status = _DONE.get(resource.status or "", POSSIBLE)
    if status == OUT:
        return None
    codings = codings_of(resource.code)
    moment = _moment(resource.performedDateTime, resource.performedPeriod)
    fields = {"ended": _day(fhir_time.last_of(moment))}
    text = text_of(resource.code)
    return Row(place, place, codings, text, moment, status, attests=no_known(codings), fields=fields)


def encounter_row(resource: Encounter, place: str, reason: Part | None, codings: Codings) -> Row | None:
    """A stay or a visit, by one of its reasons."""
    status = _VISITED.get(resource.status or "", POSSIBLE)
    if status == OUT:
        return None
    period = resource.period or Period()
    start, end = fhir_time.written(period.start), fhir_time.written(period.end)
    moment = fhir_time.period(start, end)
    text = text_of(reason) if isinstance(reason, CodeableConcept) else ""
    fields = {"started": _day(start), "ended": _day(end)}
    return Row(place, place, codings, text, moment, status, fields=fields)
