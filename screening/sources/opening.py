"""What a source of many people is, by its files, and the door that reads it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from screening.errors import NOWHERE, Diagnostic, Span, UnreadableRecord
from screening.language.library import Library
from screening.sources import site as declarations
from screening.sources.site import SiteDeclaration
from screening.sources.unread import Door

LINES = (".jsonl", ".ndjson")
READS = (
    "a prepared cohort, a folder of FHIR R4 bundles or profiles, a FHIR bulk export (NDJSON), OMOP CDM tables "
    "(CSV), a JSON Lines file, or CSV tables with --map"
)
_LONGEST_LOOK = 1 << 20


def opened(
    source: Path, library: Library, site: SiteDeclaration | None = None, mapping: Path | None = None
) -> Door:
    """A source that is to be read record by record; raises as `people.people_of` does."""
    if not source.exists():
        raise _refused(source, "there is no such file or folder")
    library = declarations.adapted(library, site)
    if mapping is not None:
        from screening.sources.mapped import open_tables
        from screening.sources.mapping import read_mapping

        return open_tables(source, read_mapping(_data(mapping), mapping.as_posix()), library, site)
    return _of_folder(source, library, site) if source.is_dir() else _of_file(source, library, site)


def _of_folder(source: Path, library: Library, site: SiteDeclaration | None) -> Door:
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
    every = sorted(path for path in source.rglob("*") if path.is_file() and not _is_hidden(path, source))
    lines = [path for path in every if _suffix(path) in LINES]
    found = [path for path in every if records.is_record(path) and path not in lines]
    tables = [path for path in every if path.suffix.lower() == ".csv"]
    if lines:
        from screening.sources.fhir_bulk import Bulk

        if found:
            raise _refused(source, "it holds NDJSON files beside records of single people", "name one of them")
        return Bulk(lines, library, site, source)
    if found and tables:
        help = "with --map the tables are read; else name the folder of the records alone"
        raise _refused(source, "it holds tables beside records of single people", help)
    if found:
        return records.Files(found, library, site, source)
    if tables:
        help = "say with --map what the columns are; `screening map` proposes it"
        raise _refused(source, "it holds tables, and nothing says what their columns are", help)
    raise _refused(source, "it holds no record of anybody", f"what is read: {READS}")


def _of_file(source: Path, library: Library, site: SiteDeclaration | None) -> Door:
    from screening.sources import files as records

    if _suffix(source) in LINES:
        if _kind_of_line(source) == "resource":
            from screening.sources.fhir_bulk import Bulk

            return Bulk([source], library, site)
        return records.Lines(source, library, site)
    if source.suffix.lower() in records.READ:
        return records.Files([source], library, site)
    if source.suffix.lower() in (".csv", ".tsv"):
        help = "say with --map what its columns are; `screening map` proposes it"
        raise _refused(source, "this is a table, and nothing says what its columns are", help)
    raise _refused(source, "this is no source of people that is read", f"what is read: {READS}")


def _is_hidden(path: Path, source: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(source).parts)


def _suffix(path: Path) -> str:
    """How a file's name ends, whether or not it is packed."""
    return (path.with_suffix("") if path.suffix.lower() == ".gz" else path).suffix.lower()


def _kind_of_line(path: Path) -> str:
    """What the first line holds: a `bundle`, another `resource` of FHIR, or "" for anything else."""
    from screening.sources.fhir_bulk import lines_of

    line = next((line for _, line in lines_of(path)), b"")
    try:
        found = json.loads(line)
    except (ValueError, RecursionError):
        found = None
    kind = found.get("resourceType") if isinstance(found, dict) else None
    return "" if kind is None else "bundle" if kind == "Bundle" else "resource"


def _data(mapping: Path) -> bytes:
    try:
        return mapping.read_bytes()
    except OSError as wrong:
        reason = (os.strerror(wrong.errno) if wrong.errno else "an error of the system").lower()
        raise _refused(mapping, f"the mapping cannot be read: {reason}") from None


def _refused(source: Path, message: str, help: str = "") -> UnreadableRecord:
    where = Span(source.as_posix()) if source.name else NOWHERE
    return UnreadableRecord(Diagnostic(where, message, UnreadableRecord, help=help))
