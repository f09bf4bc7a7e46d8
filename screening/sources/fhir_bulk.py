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
from screening.record.people import NOBODY, Rejected, duplicate, refused
from screening.sources.fhir import subject_of
from screening.sources.fhir_json import LARGEST_FILE, NO_ID_OF_FHIR, is_identifier, read_tree
from screening.sources.fhir_people import is_a_person, owner_of, tail_of
from screening.sources.fhir_record import BESIDE, KINDS, NOT_OF_A_PERSON
from screening.sources.index import Index, Stored
from screening.sources.site import SiteDeclaration
from screening.sources.unread import Read, Unread

_Resource = dict[str, Any]
_URN = "urn:uuid:"
_REFERRING = ("medicationReference", "ingredient", "questionnaire")


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


class Bulk:
    """An export, opened: everybody whose Patient stands in one of the files, in its order.

    `library` has the site's codes in it; places are named from the folder `inside`.
    """

    is_once = False

    def __init__(
        self,
        files: Sequence[Path],
        library: Library,
        site: SiteDeclaration | None = None,
        inside: Path | None = None,
    ) -> None:
        self.files, self.library, self.site, self.inside = files, library, site, inside

    def bytes(self) -> int:
        """How large the export is, packed as it lies there."""
        return sum(path.stat().st_size for path in self.files)

    def unread(self) -> Iterator[Unread | Rejected]:
        with Index() as index:
            sorting = Sorting(index)
            for path in self.files:
                name = path.relative_to(self.inside).as_posix() if self.inside is not None else path.name
                yield from sorting.keep(path, name)
            for id, place, body in index.people():
                yield Unread(id, place, [*sorting.resources_of(id, place, body), sorting.partial])
            for id, place, number in index.orphans():
                several = "1 entry is" if number == 1 else f"{number} entries are"
                yield Rejected(place, f"{several} about somebody whose Patient is not there", id, NOBODY)

    def read(self, record: Unread) -> Read:
        """One person with everything that is about them."""
        *texts, partial = record.body
        try:
            trees = [read_tree(text, place) for place, text in texts]
            bundle = {"resourceType": "Bundle", "type": "collection"}
            whole: _Resource = {**bundle, "entry": [_entry(tree) for tree in trees]}
            found = subject_of(whole, self.library, record.place, self.site, partial=partial)
            yield found, record.place
        except RecordError as error:
            yield refused(error, record.place, record.name), record.place


class Sorting:
    """An export on its way in: lines are put to their people."""

    def __init__(self, index: Index) -> None:
        self.index, self.partial = index, False

    def keep(self, path: Path, name: str) -> Iterator[Rejected]:
        """Keeps each line of a file by whom it is about; what cannot be read is rejected."""
        for number, line in lines_of(path):
            yield from self.line(line, f"{name}:{number}")

    def line(self, line: bytes | str, place: str) -> Iterator[Rejected]:
        """Keeps one line; a text instead says why it cannot be read."""
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
                reason = NO_ID_OF_FHIR if id else "this Patient has no `id`, so nothing can be said to be theirs"
                yield Rejected(place, reason)
            elif first:
                yield duplicate(place, first, known)
        elif kind in BESIDE:
            url = resource.get("url")
            own = (f"{kind}/{known}", f"{_URN}{known}") if known else ()
            for key in (*own, url if isinstance(url, str) else ""):
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

    def resources_of(self, id: str, place: str, body: str) -> list[tuple[str, str]]:
        """Place and text of everything that is about a person, and of what it refers to."""
        entries = self.index.entries(id)
        trees = [json.loads(text) for text in (body, *(entry.body for entry in entries)) if _may_refer(text)]
        return [(place, body), *((each.place, each.body) for each in (*entries, *self.targets(trees)))]

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


def _entry(tree: _Resource) -> _Resource:
    """A resource of an export as an entry; lines that were bundles once may name it by the URN of its id."""
    id = tree.get("id")
    named = isinstance(id, str) and (tree["resourceType"] == "Patient" or tree["resourceType"] in BESIDE)
    return {"fullUrl": f"{_URN}{id}", "resource": tree} if named else {"resource": tree}


def person_of(reference: str) -> str:
    """The id of the Patient that a reference names; "" if it names none.

    >>> person_of("https://example.org/fhir/Patient/p1"), person_of("urn:uuid:p2"), person_of("Group/g")
    ('p1', 'p2', '')
    """
    if reference.startswith(_URN):
        return reference.removeprefix(_URN)
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


def _may_refer(text: str) -> bool:
    """Whether a resource may refer to another one; a look at its text takes a tenth of the time of reading it."""
    return "\\u" in text or any(f'"{key}"' in text for key in _REFERRING)


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
