"""What a source of many people is, by what it holds, and the door that reads it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import NOWHERE, Diagnostic, Span, UnreadableRecord
from screening.language.library import Library
from screening.sources import site as declarations
from screening.sources.database import place_of
from screening.sources.site import SiteDeclaration
from screening.sources.unread import Door

if TYPE_CHECKING:
    from screening.sources.files import Beside
    from screening.sources.mapping_form import TableMapping
    from screening.sources.table_rows import Coded

LINES = (".jsonl", ".ndjson")
_ARCHIVES = (".zip", ".gz", ".tgz", ".tar", ".7z", ".bz2", ".xz", ".zst")
TABLES = (".csv", ".tsv", ".parquet", ".pq")
READS = (
    "a prepared cohort, a folder of FHIR R4 bundles or profiles, a FHIR bulk export (NDJSON), a JSON Lines file, "
    "OMOP CDM tables (CSV, Parquet, DuckDB, SQLite, PostgreSQL), or CSV or Parquet tables with --map"
)
_MANIFEST = 1 << 24
# Within so many bytes a record of FHIR says that it is one.
_HEAD = 1 << 16
# So many lines are looked at to tell what a file of lines holds: the first of them may be broken.
_LOOKED_AT = 20
_RESOURCE, _BUNDLE, _PROFILE = "resource", "bundle", "profile"


def opened(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
    coded: Coded | None = None,
) -> Door:
    """A source that is to be read record by record, in files or in a database; raises as `people.people_of` does.

    In profiles and mappings the names that `beside` gives are no slips; in `coded` the codes are counted, while
    people are read, that a mapping declares for what is missing.
    """
    library = declarations.adapted(library, site)
    place = place_of(str(source))
    if place is not None:
        from screening.sources.omop import open_database

        if mapping is not None:
            help = "with --map CSV and Parquet files are read; a database is read as an OMOP CDM"
            wrong = Diagnostic(Span(place.shown), "a database takes no --map", UnreadableRecord, help=help)
            raise UnreadableRecord(wrong)
        return open_database(place, library, site)
    source = Path(source)
    if not source.exists():
        raise _refused(source, "there is no such file or folder")
    if mapping is not None:
        from screening.sources.mapped import open_tables
        from screening.sources.mapping import read_mapping

        meant = read_mapping(data_of(mapping), mapping.as_posix())
        return open_tables(source, meant, library, site, coded, beside)
    of = _of_folder if source.is_dir() else _of_file
    return of(source, library, site, beside)


def _of_folder(source: Path, library: Library, site: SiteDeclaration | None, beside: Beside | None) -> Door:
    from screening.sources import files as records
    from screening.sources import omop

    if omop.is_omop(source):
        return omop.open_omop(source, library, site)
    linked = sorted(path for path in source.rglob("*") if path.is_symlink() and path.is_dir())
    if any(not _is_hidden(path, source) for path in linked):
        # What stands behind such a link is not walked, and its people would be missing without a word.
        raise _refused(
            source, "it holds a link to another folder, which is not followed", "name that folder itself"
        )
    every = _files_in(source)
    lines = [path for path in every if _suffix(path) in LINES]
    tables = [path for path in every if _suffix(path) in TABLES]
    found = [path for path in every if records.is_record(path) and path not in lines and path not in tables]
    if lines and not tables:
        # What a server says of its export lies beside it, and is nobody's record.
        found = [path for path in found if not _is_manifest(path)]
    if lines and found:
        raise _refused(source, "it holds NDJSON files beside records of single people", "name one of them")
    if tables and (lines or found):
        what = "NDJSON files" if lines else "records of single people"
        help = "with --map the tables are read; else name the folder of the records alone"
        raise _refused(source, f"it holds tables beside {what}", help)
    if lines and _are_people(source, lines):
        return records.Lines(lines, library, site, source, beside)
    if lines:
        from screening.sources.fhir_bulk import Bulk

        return Bulk(lines, library, site, source)
    if found:
        return records.Files(found, library, site, source, beside)
    if tables:
        below = next((at for at in sorted({path.parent for path in tables}) if omop.is_omop(at)), None)
        help = "say with --map what the columns are; `screening map` proposes it"
        help = help if below is None else f"tables of an OMOP CDM are in `{below.relative_to(source)}`; name that"
        raise _refused(source, "it holds tables, and nothing says what their columns are", help)
    raise _refused(source, "it holds no record of anybody", f"what is read: {READS}")


def _is_manifest(path: Path) -> bool:
    """Whether a file is what a server says of a bulk export: when, of what, and which files it wrote."""
    try:
        with path.open("rb") as file:
            found = json.loads(file.read(_MANIFEST)) if path.suffix.lower() == ".json" else None
    except (OSError, ValueError, RecursionError):
        return False
    return (
        isinstance(found, dict) and {"transactionTime", "output"} <= found.keys() and "resourceType" not in found
    )


def _are_people(source: Path, lines: Sequence[Path]) -> bool:
    """Whether each line is all of somebody, a profile or a bundle, and not one resource of a bulk export."""
    kinds = {_kind_of_lines(path) for path in lines}
    if _RESOURCE in kinds and kinds & {_BUNDLE, _PROFILE}:
        message = "it holds files of single resources beside files of whole records, one a line"
        raise _refused(source, message, "name the files or folders of each alone")
    return bool(kinds & {_BUNDLE, _PROFILE})


def _of_file(source: Path, library: Library, site: SiteDeclaration | None, beside: Beside | None) -> Door:
    from screening.sources import files as records

    if _suffix(source) in LINES:
        if _kind_of_lines(source) == _RESOURCE:
            from screening.sources.fhir_bulk import Bulk

            return Bulk([source], library, site)
        return records.Lines([source], library, site, beside=beside)
    if source.suffix.lower() in records.READ:
        return records.Files([source], library, site, beside=beside)
    if _suffix(source) in TABLES:
        help = "say with --map what its columns are; `screening map` proposes it"
        raise _refused(source, "this is a table, and nothing says what its columns are", help)
    help = "it may be packed; unpack it first; " if source.suffix.lower() in _ARCHIVES else ""
    raise _refused(source, "this is no source of people that is read", f"{help}what is read: {READS}")


def outside(source: Path | str, mapping: Path | None) -> list[str]:
    """The tables of a mapping that lie outside of a source, by their names from its folder.

    Of a source that is one file they are the other tables. Raises RuleError where the mapping does not hold.
    """
    if mapping is None or place_of(str(source)) is not None:
        return []
    from screening.sources.mapped import path_of
    from screening.sources.mapping import read_mapping

    path, meant = Path(source), read_mapping(data_of(mapping), mapping.as_posix())
    own = os.path.abspath(path)
    found = [path_of(path, meant, table) for table in meant.tables]
    others = [each for each in found if not Path(os.path.abspath(each)).is_relative_to(own)]
    folder = path if path.is_dir() else path.parent
    return list(dict.fromkeys(Path(os.path.relpath(each, folder)).as_posix() for each in others))


def looked_for(
    source: Path | str, library: Library, mapping: Path | None = None, beside: Beside | None = None
) -> frozenset[str] | None:
    """The requirements that are looked for in a source; None where each record may answer whatever it likes.

    `library` has the site's codes in it. Raises as `opened` does.
    """
    if mapping is not None:
        from screening.sources.mapped import mapped_by
        from screening.sources.mapping import read_mapping

        meant = read_mapping(data_of(mapping), mapping.as_posix())
        return mapped_by(Path(source), meant, library, beside)
    from screening.sources.omop import is_omop, mapped_in_omop, tables_in, tables_of

    place, path = place_of(str(source)), Path(source)
    if place is not None:
        return mapped_in_omop(library, tables_of(place))
    if path.is_dir() and is_omop(path):
        return mapped_in_omop(library, tables_in(path))
    files = _files_in(path) if path.is_dir() else [path]
    lines = [each for each in files if _suffix(each) in LINES]
    if not any(_kind_of_lines(each) == _RESOURCE for each in lines) and not _is_all_fhir(files, lines):
        return None
    from screening.sources.fhir import asked_of_resources

    return asked_of_resources(library)


def _is_all_fhir(files: Sequence[Path], lines: Sequence[Path]) -> bool:
    """Whether every record of a source is FHIR and none a profile, which may answer whatever it likes."""
    from screening.sources.fhir_bulk import lines_of
    from screening.sources.fhir_version import looks_like_fhir
    from screening.sources.files import READ, is_record

    def heads() -> Iterator[bytes]:
        for path in files:
            if path in lines:
                yield from (line[:_HEAD] for _, line in lines_of(path) if isinstance(line, bytes))
            elif path.suffix.lower() in READ and is_record(path):
                # What cannot be read, or is packed, is rejected, and answers nothing.
                with contextlib.suppress(OSError), path.open("rb") as file:
                    yield file.read(_HEAD)

    is_any = False
    for head in heads():
        # A file in which nothing stands answers nothing.
        is_any = is_any or bool(head.strip())
        if head.strip() and not looks_like_fhir(head):
            return False
    return is_any


def _files_in(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and not _is_hidden(path, folder))


def _is_hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def _suffix(path: Path) -> str:
    """How a file's name ends, whether or not it is packed."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _kind_of_lines(path: Path) -> str:
    """What the first lines hold: a `bundle`, another `resource` of FHIR, a `profile`, or "" for anything else."""
    from screening.sources.fhir_bulk import lines_of

    for _, line in islice(lines_of(path), _LOOKED_AT):
        try:
            found = json.loads(line)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and isinstance(found.get("resourceType"), str):
            return _BUNDLE if found["resourceType"] == "Bundle" else _RESOURCE
        if isinstance(found, dict) and "subject" in found:
            return _PROFILE
    return ""


def read_mapped(mapping: Path | None) -> TableMapping | None:
    """A mapping file, where there is one; raises as `data_of` and `read_mapping` do."""
    if mapping is None:
        return None
    from screening.sources.mapping import read_mapping

    return read_mapping(data_of(mapping), mapping.as_posix())


def data_of(mapping: Path) -> bytes:
    """The bytes of a mapping file. Raises UnreadableRecord where it cannot be read."""
    try:
        return mapping.read_bytes()
    except OSError as wrong:
        reason = (os.strerror(wrong.errno) if wrong.errno else "an error of the system").lower()
        raise _refused(mapping, f"the mapping cannot be read: {reason}") from None


def _refused(source: Path, message: str, help: str = "") -> UnreadableRecord:
    where = Span(source.as_posix()) if source.name else NOWHERE
    return UnreadableRecord(Diagnostic(where, message, UnreadableRecord, help=help))
