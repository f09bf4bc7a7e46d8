"""Files of records: a bundle or a profile each, in folders; and JSON Lines, one profile or one bundle a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from screening.errors import RecordError, RequirementMismatch
from screening.language.library import Library
from screening.record.people import People, Rejected, duplicate, refused
from screening.record.subject import Subject
from screening.sources.fhir_bulk import lines_of
from screening.sources.fhir_json import LARGEST_FILE
from screening.sources.fhir_people import people_of_bundle
from screening.sources.fhir_version import looks_like_fhir
from screening.sources.index import Index
from screening.sources.profile import read_profile
from screening.sources.site import SiteDeclaration

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


def people_of_files(
    files: Sequence[Path],
    library: Library,
    site: SiteDeclaration | None = None,
    inside: Path | None = None,
    beside: Beside | None = None,
) -> People:
    """The people of each file; places are named from the folder `inside`. Of two of one id the second is out."""
    door = _Door(library, site, beside)
    yield from _once(found for path in files for found in _of_file(path, door, inside))


def people_of_lines(
    path: Path, library: Library, site: SiteDeclaration | None = None, beside: Beside | None = None
) -> People:
    """The people of a JSON Lines file, a profile or a bundle each."""
    yield from _once(found for found in _of_lines(path, _Door(library, site, beside)))


class _Door:
    """What reads one record after the other."""

    def __init__(self, library: Library, site: SiteDeclaration | None, beside: Beside | None) -> None:
        self.library, self.site, self.beside = library, site, beside
        self.names: Collection[str] | None = None

    def people(self, data: bytes, name: str) -> Iterator[tuple[Subject | Rejected, str]]:
        """The people of a bundle, or the one of a profile."""
        if looks_like_fhir(data):
            yield from people_of_bundle(data, self.library, name, self.site)
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


def _once(stream: Iterator[tuple[Subject | Rejected, str]]) -> People:
    with Index() as index:
        for one, place in stream:
            # INVARIANT: an id that stood in a record that could not be read is taken as well: of two records
            # nobody knows which is right.
            first = index.add_person(one.id, place) if one.id else ""
            yield duplicate(place, first, one.id) if first and isinstance(one, Subject) else one


def _of_file(path: Path, door: _Door, inside: Path | None) -> Iterator[tuple[Subject | Rejected, str]]:
    name = path.relative_to(inside).as_posix() if inside is not None else path.name
    otherwise = _OTHERWISE.get(path.suffix.lower(), "")
    try:
        if not otherwise and path.stat().st_size > LARGEST_FILE:
            otherwise = f"the record is larger than {LARGEST_FILE // (1024 * 1024)} MiB"
        data = b"" if otherwise else path.read_bytes()
    except OSError:
        otherwise = "the file cannot be read"
    if otherwise:
        yield Rejected(name, otherwise), name
    else:
        yield from door.people(data, name)


def _of_lines(path: Path, door: _Door) -> Iterator[tuple[Subject | Rejected, str]]:
    for number, line in lines_of(path):
        place = f"{path.name}:{number}"
        if isinstance(line, str):
            yield Rejected(place, line), place
        elif not line.startswith(b"{"):
            yield Rejected(place, "the line is no JSON object"), place
        else:
            yield from door.people(line, place)
