"""Which release of FHIR a tree is written in: R4 and R4B are read, every other one is refused by its name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from screening.sources.fhir_json import place_of, refuse

READ = ("transaction", "batch", "collection", "searchset", "document")
_OTHER_BUNDLES = {
    "history": "a history, in which one entry stands several times",
    "transaction-response": "the answer to a transaction, without the entries themselves",
    "batch-response": "the answer to a batch, without the entries themselves",
    "message": "a message",
    "subscription-notification": "a notification",
}

_DSTU1_TYPES = ("MedicationPrescription", "AdverseReaction", "Alert", "DeviceObservationReport", "Query")
_DSTU2_TYPES = ("MedicationOrder", "DiagnosticOrder", "Conformance")
_STU3_TYPES = ("Sequence",)
_OLDER_TYPES = ("ReferralRequest", "ProcedureRequest", "EligibilityRequest", "DeviceComponent", "BodySite")
_R5_TYPES = ("MedicationUsage", "InventoryItem", "Transport", "GenomicStudy", "ImagingSelection")

Elements = Mapping[str, tuple[str, ...]]
# Elements that only one release has, by resource type.
_DSTU1_ELEMENTS: Elements = {
    "Observation": ("name", "appliesDateTime", "appliesPeriod"),
    "Condition": ("dateAsserted", "relatedItem"),
    "AllergyIntolerance": ("sensitivityType",),
    "Procedure": ("date",),
    "MedicationAdministration": ("whenGiven",),
}
_DSTU2_ELEMENTS: Elements = {
    "Observation": ("comments",),
    "AllergyIntolerance": ("lastOccurence", "substance"),
    "MedicationStatement": ("medicationUsed",),
    "Procedure": ("notPerformed",),
    "Condition": ("dateRecorded",),
    "Patient": ("careProvider",),
}
_STU3_ELEMENTS: Elements = {
    "Condition": ("assertedDate",),
    "AllergyIntolerance": ("assertedDate",),
    "MedicationStatement": ("taken",),
    "Procedure": ("notDone",),
    "MedicationAdministration": ("notGiven",),
    "Observation": ("related",),
    "Encounter": ("incomingReferral",),
    "QuestionnaireResponse": ("parent",),
}
_R5_ELEMENTS: Elements = {
    "Encounter": ("actualPeriod", "plannedStartDate", "admission"),
    "Procedure": ("occurrenceDateTime", "occurrencePeriod", "supportingInfo"),
    "MedicationRequest": ("medication", "renderedDosageInstruction"),
    "MedicationStatement": ("medication", "renderedDosageInstruction", "adherence"),
    "MedicationAdministration": ("medication", "occurenceDateTime", "occurencePeriod"),
    "Condition": ("participant",),
    "AllergyIntolerance": ("participant",),
    "Observation": ("triggeredBy", "instantiatesCanonical", "bodyStructure"),
}
_RELEASES: tuple[tuple[str, tuple[str, ...], Elements], ...] = (
    ("DSTU1", _DSTU1_TYPES, _DSTU1_ELEMENTS),
    ("DSTU2", _DSTU2_TYPES, _DSTU2_ELEMENTS),
    ("STU3", _STU3_TYPES, _STU3_ELEMENTS),
    ("DSTU2 or STU3", _OLDER_TYPES, {}),
    ("R5", _R5_TYPES, _R5_ELEMENTS),
)
_PROFILES = {"/1.0/": "DSTU2", "/3.0/": "STU3", "/5.0/": "R5"}


def looks_like_fhir(data: str | bytes) -> bool:
    """Whether a text is meant as FHIR: JSON that names a `resourceType`, or any XML (which is refused)."""
    text = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    head = text.lstrip(b"\xef\xbb\xbf \t\r\n")[:1]
    return head == b"<" or (head in (b"{", b"[") and b'"resourceType"' in text)


def resources(tree: dict[str, Any]) -> Iterator[tuple[int, dict[str, Any]]]:
    """The resources of a bundle with their positions, as far as its entries hold any."""
    entries = tree.get("entry")
    for position, entry in enumerate(entries if type(entries) is list else ()):
        resource = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(resource, dict):
            yield position, resource


def require_r4_bundle(tree: Any, name: str) -> None:
    """Raises UnreadableRecord for everything that is no Bundle of R4, by name where it has one."""
    if type(tree) is list:
        help = "put the resources into a Bundle of type collection"
        refuse(name, "this is a bare list, not a FHIR Bundle", help)
    if not isinstance(tree, dict):
        refuse(name, "this is no FHIR Bundle")
    kind = tree.get("resourceType")
    if not isinstance(kind, str):
        refuse(name, "this is no FHIR record: it has no `resourceType`")
    if kind != "Bundle":
        one = kind if kind.isascii() and kind.isalpha() and len(kind) <= 40 else "resource"
        help = "put it into a Bundle of type collection"
        refuse(name, f"this is a single {one}, and a Bundle is read", help)
    entries = tree.get("entry")
    if entries is not None and type(entries) is not list:
        refuse(name, "the `entry` of the Bundle is not a list")
    _require_release(tree, name)
    bundle = tree.get("type")
    if isinstance(bundle, str) and bundle in _OTHER_BUNDLES:
        help = "export the person as a collection, a searchset or a transaction"
        refuse(name, f"this Bundle is {_OTHER_BUNDLES[bundle]}, and is not read", help)
    if bundle not in READ:
        help = f"it is one of {', '.join(READ)}"
        refuse(name, "the Bundle does not say its type, or one that R4 does not have", help)


def _require_release(tree: dict[str, Any], name: str) -> None:
    entries = tree.get("entry") or ()
    if any(isinstance(entry, dict) and "content" in entry and "resource" not in entry for entry in entries):
        _refuse_release(name, "DSTU1", "its entries hold `content`, not `resource`")
    signs: dict[str, str] = {}
    for position, resource in resources(tree):
        for release, sign in signs_of(resource):
            signs.setdefault(release, f"`{place_of(resource, position)}` {sign}")
    # INVARIANT: an element that one release took over from an older one names the older; the oldest is told.
    for release, _, _ in _RELEASES:
        if release in signs:
            _refuse_release(name, release, signs[release])


def signs_of(resource: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kind = resource.get("resourceType")
    if not isinstance(kind, str):
        return
    for release, types, elements in _RELEASES:
        if kind in types:
            yield release, f"is of type `{kind}`"
        for element in elements.get(kind, ()):
            if element in resource:
                yield release, f"has `{element}`"
    if kind in ("Condition", "AllergyIntolerance"):
        for element in ("clinicalStatus", "verificationStatus"):
            if isinstance(resource.get(element), str):
                later = kind == "AllergyIntolerance" or "subject" in resource
                yield "STU3" if later else "DSTU2", f"has `{element}` as a word"
    if kind == "Encounter" and type(resource.get("class")) is list:
        yield "R5", "has `class` as a list"
    if kind == "Encounter" and isinstance(resource.get("class"), str):
        yield "DSTU2", "has `class` as a word"
    meta = resource.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    for profile in profiles if type(profiles) is list else ():
        if isinstance(profile, str) and profile.startswith("http://hl7.org/fhir/"):
            for part, release in _PROFILES.items():
                if part in profile:
                    yield release, "names a profile of that release"


def _refuse_release(name: str, release: str, sign: str) -> None:
    refuse(
        name,
        f"this is FHIR {release}, and only R4 (4.0.1 and 4.3.0) is read: {sign}",
        "export the record again as R4, or have it converted",
    )
