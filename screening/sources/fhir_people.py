"""The people of a FHIR R4 bundle, one or many: each read by itself, so that a fault in one stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from screening.errors import RecordError
from screening.language.library import Library
from screening.record.people import BEYOND_A_RECORD, NOBODY, Rejected, failed, refused
from screening.record.subject import Subject
from screening.sources.fhir import subject_of
from screening.sources.fhir_json import Number, id_of, identified, place_of, read_tree
from screening.sources.fhir_record import BESIDE, KINDS, NOT_A_PERSON
from screening.sources.fhir_version import require_r4_bundle, resources
from screening.sources.site import SiteDeclaration

_Resource = dict[str, Any]


def owner_of(resource: _Resource) -> str:
    """Whom a resource is about, as it refers to them; "" if it does not say."""
    for element in ("subject", "patient"):
        about = resource.get(element)
        reference = about.get("reference") if isinstance(about, dict) else None
        if isinstance(reference, str) and reference.strip():
            return reference.strip().split("/_history/")[0]
    return ""


def tail_of(reference: str) -> str:
    """Type and id of a reference that names a server before them: `Patient/p1`."""
    return "/".join(reference.rsplit("/", 2)[-2:])


def is_a_person(reference: str) -> bool:
    """Whether a reference may be to a person: it does not say that it is a device, a place or a group."""
    return not (reference.startswith(NOT_A_PERSON) or tail_of(reference).startswith(NOT_A_PERSON))


def people_of_bundle(
    data: bytes, library: Library, name: str, site: SiteDeclaration | None = None
) -> Iterator[tuple[Subject | Rejected, str]]:
    """Each person of a bundle with the place of their Patient; `library` has the site's codes in it.

    A resource that may be of any of several people makes no list of theirs complete; it is rejected.
    """
    try:
        tree = read_tree(data, name)
        require_r4_bundle(tree, name)
    except RecordError as error:
        yield refused(error, name), name
        return
    patients = [
        (n, identified(one, tree["entry"][n].get("fullUrl")))
        for n, one in resources(tree)
        if one.get("resourceType") == "Patient"
    ]
    if len(patients) < 2:
        yield _read(tree, library, name, site, False, patients[0] if patients else None)
        return
    split = _Split(tree, name)
    lost = list(split.lost())
    for position, patient in split.people:
        part = split.bundle(position)
        yield _read(
            part, library, f"{name} {place_of(patient, position)}", site, split.partial, (position, patient)
        )
    for rejected in lost:
        yield rejected, rejected.place


def _read(
    tree: _Resource,
    library: Library,
    name: str,
    site: SiteDeclaration | None,
    partial: bool,
    patient: tuple[int, _Resource] | None,
) -> tuple[Subject | Rejected, str]:
    id = id_of(patient[1]) if patient is not None else ""
    try:
        found = subject_of(tree, library, name, site, partial=partial)
        # Whom nothing else names is named by where they stand: the next such person is another one.
        return found if id else replace(found, id=name), name
    except RecordError as error:
        return refused(error, name, id), name
    except BEYOND_A_RECORD:
        raise
    except Exception as fault:
        return failed(fault, name, id), name


class _Split:
    """The entries of a bundle of several people, by person."""

    def __init__(self, tree: _Resource, name: str) -> None:
        self.tree, self.name = tree, name
        self.people: list[tuple[int, _Resource]] = []
        self.keys: dict[str, int] = {}
        self.entries: dict[int, list[Any]] = {}
        self.shared: list[Any] = []
        total, links = tree.get("total"), tree.get("link")
        every = tree.get("entry") or ()
        pages = [link.get("relation") for link in links if isinstance(link, dict)] if type(links) is list else []
        more = isinstance(total, Number) and total.text.isdigit() and int(total.text) > len(every)
        self.partial = more or "next" in pages
        for position, entry in enumerate(every):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            if isinstance(resource, dict) and resource.get("resourceType") == "Patient":
                resource = identified(resource, entry.get("fullUrl"))
                self.people.append((position, resource))
                self.entries[position] = [entry]
                id, url = resource.get("id"), entry.get("fullUrl")
                for key in (f"Patient/{id}" if isinstance(id, str) else "", url if isinstance(url, str) else ""):
                    if key:
                        self.keys.setdefault(key, position)

    def owner(self, reference: str) -> int | None:
        """Which of the people a reference names, by the position of the Patient."""
        found = self.keys.get(reference)
        if found is None and "://" in reference:
            found = self.keys.get(tail_of(reference))
        return found

    def lost(self) -> Iterator[Rejected]:
        """Puts every entry to its person; what is nobody's, or might be anybody's, is rejected."""
        strangers: dict[str, list[str]] = {}
        for position, entry in enumerate(self.tree.get("entry") or ()):
            resource = entry.get("resource") if isinstance(entry, dict) else None
            place = f"{self.name} {place_of(resource, position)}"
            kind = resource.get("resourceType") if isinstance(resource, dict) else None
            if not isinstance(resource, dict) or not isinstance(kind, str):
                if isinstance(entry, dict) and resource is None:
                    continue
                self.partial = True
                yield Rejected(place, "this entry of the Bundle holds no resource, so it may be anybody's")
            elif kind in BESIDE:
                self.shared.append(entry)
            elif kind != "Patient":
                reference = owner_of(resource)
                found = self.owner(reference)
                if found is not None:
                    self.entries[found].append(entry)
                elif kind in KINDS and not reference:
                    self.partial = True
                    yield Rejected(place, "it does not say which of the Patients it is about", "", NOBODY)
                elif kind in KINDS and is_a_person(reference):
                    strangers.setdefault(reference, []).append(place)
        for places in strangers.values():
            number = "1 entry is" if len(places) == 1 else f"{len(places)} entries are"
            yield Rejected(places[0], f"{number} about somebody who is not in the Bundle", "", NOBODY)

    def bundle(self, position: int) -> _Resource:
        """What the bundle holds of one person, and what everybody's entries may refer to."""
        head: _Resource = {key: self.tree[key] for key in ("timestamp", "meta") if key in self.tree}
        entries = [*self.entries[position], *self.shared]
        return {"resourceType": "Bundle", "type": "collection", **head, "entry": entries}


__all__ = ["is_a_person", "owner_of", "people_of_bundle", "tail_of"]
