"""Files of records: a bundle or a profile each, in folders; and JSON Lines, one profile or one bundle a line."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

from screening.errors import RecordError, RequirementMismatch
from screening.language.library import Library
from screening.record.people import Rejected, refused
from screening.record.subject import Notice, Subject
from screening.sources.fhir_bulk import lines_of
from screening.sources.fhir_json import LARGEST_FILE, id_of, identified
from screening.sources.fhir_people import people_of_bundle
from screening.sources.fhir_version import looks_like_fhir, resources
from screening.sources.index import Index
from screening.sources.profile import read_profile
from screening.sources.site import SiteDeclaration
from screening.sources.unread import Read, Unread

READ = (".json", ".yaml", ".yml")
# What looks like a record and is none that is read; any other file is no record.
_OTHERWISE = {
    ".xml": "this is XML, and only the JSON form of FHIR R4 is read",
    ".gz": "the file is packed; unpack it first",
    ".zip": "the file is packed; unpack it first",
}


def is_record(path: Path) -> bool:
    """Whether a file is meant as the record of somebody."""
    suffix = path.suffix.lower()
    return (suffix in READ or suffix in _OTHERWISE) and not path.name.startswith((".", "_"))


Beside: TypeAlias = Callable[[], Collection[str]]
"""The names that other protocols ask of the same profiles; asked for only where a name seems to be a slip."""
# The second record is rejected, and may hold what the lists of the first lack.
_ELSEWHERE = "another record of the same id is in the source and is not read, so no list is complete"


class _Records:
    """What reads one record after the other. Of two people of one id the second is out."""

    is_once = True

    def __init__(
        self,
        files: Sequence[Path],
        library: Library,
        site: SiteDeclaration | None = None,
        inside: Path | None = None,
        beside: Beside | None = None,
    ) -> None:
        self.files, self.library, self.site, self.inside, self.beside = files, library, site, inside, beside
        self.names: Collection[str] | None = None

    def name_of(self, path: Path) -> str:
        return path.relative_to(self.inside).as_posix() if self.inside is not None else path.name

    def several(self, records: Iterator[tuple[str, bytes]]) -> Mapping[str, list[str]]:
        """The ids of people of whom several bundles are, by each of those bundles; by name.

        Looked for only where the site declares that lists are complete, since nothing else rests on it.
        """
        found: dict[str, set[str]] = {}
        if self.site is None or not self.site.complete:
            return {}
        with Index() as index:
            for name, data in records:
                for id in _patients_in(data) if looks_like_fhir(data) else ():
                    first = index.add_person(id, name)
                    for each in (first, name) if first else ():
                        found.setdefault(each, set()).add(id)
        return {name: sorted(ids) for name, ids in found.items()}

    def people(self, data: bytes, name: str, several: Collection[str] = ()) -> Read:
        """The people of a bundle, or the one of a profile; of `several` there are other bundles too."""
        if looks_like_fhir(data):
            for one, place in people_of_bundle(data, self.library, name, self.site):
                if isinstance(one, Subject) and one.id in several:
                    one = replace(one, complete={}, notices=(*one.notices, Notice("", "", _ELSEWHERE)))
                yield one, place
            return
        try:
            yield self.profile(data, name), name
        except RecordError as error:
            yield refused(error, name), name

    def profile(self, data: bytes, name: str) -> Subject:
        """A profile; a name that another protocol asks of it is no slip, as for a single record."""
        if self.names is None:
            try:
                return read_profile(data, self.library, name=name, site=self.site)
            except RecordError as error:
                slips = [d for d in error.diagnostics if issubclass(d.kind, RequirementMismatch)]
                if not slips or self.beside is None:
                    raise
            self.names = frozenset(self.beside())
        return read_profile(data, self.library, name=name, site=self.site, beside=self.names)


class Files(_Records):
    """Files of records, opened: a bundle or a profile each; places are named from the folder `inside`."""

    def unread(self) -> Iterator[Unread]:
        several = self.several(self.contents())
        for path in self.files:
            name = self.name_of(path)
            yield Unread(name, name, several.get(name), path=str(path))

    def contents(self) -> Iterator[tuple[str, bytes]]:
        """Each file that can be read, by name."""
        for path in self.files:
            try:
                if path.suffix.lower() not in _OTHERWISE and path.stat().st_size <= LARGEST_FILE:
                    yield self.name_of(path), path.read_bytes()
            except OSError:
                continue

    def read(self, record: Unread) -> Read:
        path = Path(record.path)
        otherwise = _OTHERWISE.get(path.suffix.lower(), "")
        try:
            if not otherwise and path.stat().st_size > LARGEST_FILE:
                otherwise = f"the record is larger than {LARGEST_FILE // (1024 * 1024)} MiB"
            data = b"" if otherwise else path.read_bytes()
        except OSError:
            otherwise = "the file cannot be read"
        if otherwise:
            yield Rejected(record.name, otherwise), record.name
        else:
            yield from self.people(data, record.name, record.body or ())


class Lines(_Records):
    """JSON Lines files, opened: a profile or a bundle each line; places are named from the folder `inside`."""

    def unread(self) -> Iterator[Unread | Rejected]:
        several = self.several((place, line) for place, line in self.lines() if isinstance(line, bytes))
        for place, line in self.lines():
            if isinstance(line, str):
                yield Rejected(place, line)
            elif not line.startswith(b"{"):
                yield Rejected(place, "the line is no JSON object")
            else:
                # A line is bytes, and need be no text: each byte is kept as the character of its number.
                yield Unread(place, place, [line.decode("latin-1"), *several.get(place, ())])

    def lines(self) -> Iterator[tuple[str, bytes | str]]:
        """Each line of each file with its place; a text says why it cannot be read."""
        for path in self.files:
            name = self.name_of(path)
            for number, line in lines_of(path):
                yield f"{name}:{number}", line

    def read(self, record: Unread) -> Read:
        text, *several = record.body
        return self.people(text.encode("latin-1"), record.place, several)


def _patients_in(data: bytes) -> Iterator[str]:
    """The ids of the Patients of a bundle; none of one that cannot be read."""
    try:
        tree = json.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return
    for position, resource in resources(tree) if isinstance(tree, dict) else ():
        id = id_of(identified(resource, tree["entry"][position].get("fullUrl")))
        if id and resource.get("resourceType") == "Patient":
            yield id
