"""A FHIR R4 bulk export: NDJSON files, one resource a line, in any number of parts and in any order.

A line that cannot be read may be of anybody, so no list of anybody is complete beside it, whatever the site
declares. Files packed by gzip are read as they are.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, Any

from screening.errors import RecordError
from screening.language.library import Library
from screening.record.people import NOBODY, People, Rejected, duplicate, refused
from screening.record.subject import Subject
from screening.sources.fhir import subject_of
from screening.sources.fhir_json import LARGEST_FILE, is_identifier, read_tree
from screening.sources.fhir_people import is_a_person, owner_of, tail_of
from screening.sources.fhir_record import BESIDE, KINDS, NOT_OF_A_PERSON
from screening.sources.index import Index, Stored
from screening.sources.site import SiteDeclaration

_Resource = dict[str, Any]


def lines_of(path: Path) -> Iterator[tuple[int, bytes | str]]:
    """The lines of a file that are not empty, with their numbers; a text instead says why one cannot be read."""
    number = 0
    try:
        with gzip.open(path) if path.suffix.lower() == ".gz" else path.open("rb") as file:
            stream: Any = file
            while line := stream.readline(LARGEST_FILE + 1):
                number += 1
                if len(line) > LARGEST_FILE and not line.endswith(b"\n"):
                    yield number, f"the line is longer than {LARGEST_FILE // (1024 * 1024)} MiB"
                    _skip(stream)
                    continue
                line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
                if line.strip():
                    yield number, line.strip()
    except (EOFError, zlib.error, gzip.BadGzipFile):
        yield number + 1, "the packed file is broken or ends too early"


def _skip(stream: IO[bytes]) -> None:
    while (part := stream.readline(1 << 20)) and not part.endswith(b"\n"):
        pass


def people_of_bulk(
    files: Sequence[Path], library: Library, site: SiteDeclaration | None = None, inside: Path | None = None
) -> People:
    """Everybody whose Patient stands in one of the files, in its order; `library` has the site's codes in it.

    Places are named from the folder `inside`.
    """
    with Index() as index:
        reading = _Bulk(index, library, site)
        for path in files:
            name = path.relative_to(inside).as_posix() if inside is not None else path.name
            yield from reading.keep(path, name)
        for id, place, body in index.people():
            yield reading.subject(id, place, body)
        for id, place, number in index.orphans():
            several = "1 entry is" if number == 1 else f"{number} entries are"
            yield Rejected(place, f"{several} about somebody whose Patient is not there", id, NOBODY)


class _Bulk:
    """An export on its way in: lines by person first, then person by person."""

    def __init__(self, index: Index, library: Library, site: SiteDeclaration | None) -> None:
        self.index, self.library, self.site = index, library, site
        self.partial = False

    def keep(self, path: Path, name: str) -> Iterator[Rejected]:
        """Keeps each line of a file by whom it is about; what cannot be read is rejected."""
        for number, line in lines_of(path):
            place = f"{name}:{number}"
            reason = line if isinstance(line, str) else ""
            if isinstance(line, bytes):
                reason, resource, text = _parsed(line)
                if resource is not None:
                    yield from self.kept(resource, text, place)
            if reason:
                self.partial = True
                yield Rejected(place, reason)

    def kept(self, resource: _Resource, text: str, place: str) -> Iterator[Rejected]:
        kind, id = resource["resourceType"], resource.get("id")
        known = id if isinstance(id, str) and is_identifier(id) else ""
        if kind == "Patient":
            first = self.index.add_person(known, place, text) if known else ""
            if not known:
                self.partial = True
                yield Rejected(place, "this Patient has no `id`, so nothing can be said to be theirs")
            elif first:
                yield duplicate(place, first, known)
        elif kind in BESIDE:
            url = resource.get("url")
            for key in (f"{kind}/{known}" if known else "", url if isinstance(url, str) else ""):
                if key:
                    self.index.add_target(key, place, text)
        elif kind not in NOT_OF_A_PERSON:
            reference = owner_of(resource)
            person = person_of(reference)
            if kind not in KINDS:
                # What is not read is told by its type alone.
                text = json.dumps({"resourceType": kind})
                if person:
                    self.index.add(person, kind, place, text)
            elif person:
                self.index.add(person, kind, place, text)
            elif not reference or is_a_person(reference):
                self.partial = True
                yield Rejected(place, "it does not say by a Patient's id whom it is about", "", NOBODY)

    def subject(self, id: str, place: str, body: str) -> Subject | Rejected:
        """One person with everything that is about them."""
        try:
            entries = self.index.entries(id)
            trees = [read_tree(body, place), *(read_tree(entry.body, entry.place) for entry in entries)]
            trees += [read_tree(target.body, target.place) for target in self.targets(trees)]
            bundle = {"resourceType": "Bundle", "type": "collection"}
            whole: _Resource = {**bundle, "entry": [{"resource": tree} for tree in trees]}
            return subject_of(whole, self.library, place, self.site, partial=self.partial)
        except RecordError as error:
            return refused(error, place, id)

    def targets(self, trees: Sequence[_Resource]) -> list[Stored]:
        """Medicines and questionnaires that entries refer to, and the ingredients of the medicines."""
        found: dict[str, Stored] = {}
        waiting = [key for tree in trees for key in _references(tree)]
        while waiting:
            key = waiting.pop(0)
            target = None if key in found else self.index.target(key)
            if target is not None and all(target.body != other.body for other in found.values()):
                found[key] = target
                waiting += _references(json.loads(target.body))
        return list(found.values())


def person_of(reference: str) -> str:
    """The id of the Patient that a reference names; "" if it names none.

    >>> person_of("https://example.org/fhir/Patient/p1"), person_of("urn:uuid:p2"), person_of("Group/g")
    ('p1', 'p2', '')
    """
    if reference.startswith("urn:uuid:"):
        return reference.removeprefix("urn:uuid:")
    tail = tail_of(reference)
    id = tail.removeprefix("Patient/")
    return id if tail.startswith("Patient/") and is_identifier(id) else ""


def _parsed(line: bytes) -> tuple[str, _Resource | None, str]:
    """Why a line cannot be read, or the resource and its text."""
    try:
        text = line.decode("utf-8")
        found = json.loads(text)
    except UnicodeDecodeError:
        return "the line is not UTF-8", None, ""
    except (ValueError, RecursionError):
        return "the line is no JSON, or only half of it", None, ""
    if not isinstance(found, dict) or not isinstance(found.get("resourceType"), str):
        return "the line holds no FHIR resource", None, ""
    if found["resourceType"] == "Bundle":
        return "the line holds a Bundle among single resources", None, ""
    return "", found, text


def _references(tree: _Resource) -> Iterator[str]:
    """What a resource refers to beside people: its medicine, its questionnaire, its ingredients."""
    medicine = tree.get("medicationReference")
    parts = tree.get("ingredient")
    items = [part.get("itemReference") for part in parts if isinstance(part, dict)] if type(parts) is list else []
    for one in (medicine, *items):
        reference = one.get("reference") if isinstance(one, dict) else None
        if isinstance(reference, str) and not reference.startswith("#"):
            yield tail_of(reference.strip().split("/_history/")[0])
    canonical = tree.get("questionnaire")
    if isinstance(canonical, str):
        url = canonical.split("|")[0]
        yield url
        yield tail_of(url)
