"""Files of records: a bundle or a profile each, in folders; and JSON Lines, one profile or one bundle a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from screening.errors import RecordError, RequirementMismatch
from screening.language.library import Library
from screening.record.people import Rejected, refused
from screening.record.subject import Subject
from screening.sources.fhir_bulk import lines_of
from screening.sources.fhir_json import LARGEST_FILE
from screening.sources.fhir_people import people_of_bundle
from screening.sources.fhir_version import looks_like_fhir
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

    def people(self, data: bytes, name: str) -> Read:
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


class Files(_Records):
    """Files of records, opened: a bundle or a profile each; places are named from the folder `inside`."""

    def unread(self) -> Iterator[Unread]:
        for path in self.files:
            name = self.name_of(path)
            yield Unread(name, name, path=str(path))

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
            yield from self.people(data, record.name)


class Lines(_Records):
    """JSON Lines files, opened: a profile or a bundle each line; places are named from the folder `inside`."""

    def unread(self) -> Iterator[Unread | Rejected]:
        for path in self.files:
            name = self.name_of(path)
            for number, line in lines_of(path):
                place = f"{name}:{number}"
                if isinstance(line, str):
                    yield Rejected(place, line)
                elif not line.startswith(b"{"):
                    yield Rejected(place, "the line is no JSON object")
                else:
                    # A line is bytes, and need be no text: each byte is kept as the character of its number.
                    yield Unread(place, place, line.decode("latin-1"))

    def read(self, record: Unread) -> Read:
        return self.people(record.body.encode("latin-1"), record.place)
