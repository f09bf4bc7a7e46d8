"""Files of records: a bundle or a profile each, in folders; and JSON Lines, one profile or one bundle a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from screening.errors import RecordError
from screening.language.library import Library
from screening.record.people import Rejected, refused
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


class Files:
    """Files of records, opened; places are named from the folder `inside`. Of two of one id the second is out."""

    is_once = True

    def __init__(
        self,
        files: Sequence[Path],
        library: Library,
        site: SiteDeclaration | None = None,
        inside: Path | None = None,
    ) -> None:
        self.files, self.library, self.site, self.inside = files, library, site, inside

    def unread(self) -> Iterator[Unread]:
        for path in self.files:
            name = path.relative_to(self.inside).as_posix() if self.inside is not None else path.name
            yield Unread(name, name, path=str(path))

    def read(self, record: Unread) -> Read:
        return _of_file(Path(record.path), self.library, record.name, self.site)


class Lines:
    """A JSON Lines file, opened: a profile or a bundle each."""

    is_once = True

    def __init__(self, path: Path, library: Library, site: SiteDeclaration | None = None) -> None:
        self.path, self.library, self.site = path, library, site

    def unread(self) -> Iterator[Unread | Rejected]:
        for number, line in lines_of(self.path):
            place = f"{self.path.name}:{number}"
            if isinstance(line, str):
                yield Rejected(place, line)
            elif not line.startswith(b"{"):
                yield Rejected(place, "the line is no JSON object")
            else:
                # A line is bytes, and need be no text at all: each byte is kept as the character of its number.
                yield Unread(place, place, line.decode("latin-1"))

    def read(self, record: Unread) -> Read:
        return _of_data(record.body.encode("latin-1"), self.library, record.place, self.site)


def _of_file(path: Path, library: Library, name: str, site: SiteDeclaration | None) -> Read:
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
        yield from _of_data(data, library, name, site)


def _of_data(data: bytes, library: Library, name: str, site: SiteDeclaration | None) -> Read:
    if looks_like_fhir(data):
        yield from people_of_bundle(data, library, name, site)
        return
    try:
        yield read_profile(data, library, name=name, site=site), name
    except RecordError as error:
        yield refused(error, name), name
