"""Many people as one stream of subjects, whatever they come in: what a source is, and who reads it."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from screening.errors import NOWHERE, Diagnostic, Span, UnreadableRecord
from screening.language.library import Library
from screening.record.people import People
from screening.sources import site as declarations
from screening.sources.database import place_of, shown
from screening.sources.site import SiteDeclaration

if TYPE_CHECKING:
    from screening.outcome.coverage import Coverage
    from screening.reports.line import Line
    from screening.sources.files import Beside
    from screening.sources.proposal import Proposal

LINES = (".jsonl", ".ndjson")
TABLES = (".csv", ".tsv", ".parquet", ".pq")
READS = (
    "a folder of FHIR R4 bundles or profiles, a FHIR bulk export (NDJSON), a JSON Lines file, OMOP CDM tables "
    "(CSV, Parquet, DuckDB, SQLite, PostgreSQL), or CSV or Parquet tables with --map"
)
_LONGEST_LOOK = 1 << 20


def people_of(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
    coded: Counter[tuple[str, str]] | None = None,
) -> People:
    """Everybody in a source, as subjects of a library; a record that cannot be read stops no other.

    A source is a path, or the name of a database (`postgres://...`). A mapping says what the columns of tables
    are; every other source is recognised by what it holds. In profiles the names that `beside` gives are no slips;
    in `coded` the codes are counted that a mapping declares for what is missing. Raises UnreadableRecord where the
    source is none that is read, and RuleError where site or mapping do not hold, before the first person. The same
    source gives the same stream; memory does not grow with the people.
    """
    library = declarations.adapted(library, site)
    place = place_of(str(source))
    if place is not None:
        from screening.sources.omop import people_of_database

        if mapping is not None:
            help = "with --map CSV and Parquet files are read; a database is read as an OMOP CDM"
            wrong = Diagnostic(Span(place.shown), "a database takes no --map", UnreadableRecord, help=help)
            raise UnreadableRecord(wrong)
        return people_of_database(place, library, site)
    source = Path(source)
    if not source.exists():
        raise _refused(source, "there is no such file or folder")
    if mapping is not None:
        from screening.sources.mapped import people_of_tables
        from screening.sources.mapping import read_mapping

        return people_of_tables(source, read_mapping(_data(mapping), mapping.as_posix()), library, site, coded)
    of = _of_folder if source.is_dir() else _of_file
    return of(source, library, site, beside)


def _of_folder(source: Path, library: Library, site: SiteDeclaration | None, beside: Beside | None) -> People:
    from screening.sources import files as records
    from screening.sources import omop

    if omop.is_omop(source):
        return omop.people_of_omop(source, library, site)
    every = sorted(path for path in source.rglob("*") if path.is_file() and not _is_hidden(path, source))
    lines = [path for path in every if _suffix(path) in LINES]
    found = [path for path in every if records.is_record(path) and path not in lines]
    tables = [path for path in every if path.suffix.lower() in TABLES]
    if lines:
        from screening.sources.fhir_bulk import people_of_bulk

        if found:
            raise _refused(source, "it holds NDJSON files beside records of single people", "name one of them")
        return people_of_bulk(lines, library, site, source)
    if found and tables:
        help = "with --map the tables are read; else name the folder of the records alone"
        raise _refused(source, "it holds tables beside records of single people", help)
    if found:
        return records.people_of_files(found, library, site, source, beside)
    if tables:
        help = "say with --map what the columns are; `screening map` proposes it"
        raise _refused(source, "it holds tables, and nothing says what their columns are", help)
    raise _refused(source, "it holds no record of anybody", f"what is read: {READS}")


def _of_file(source: Path, library: Library, site: SiteDeclaration | None, beside: Beside | None) -> People:
    from screening.sources import files as records

    if _suffix(source) in LINES:
        if _kind_of_line(source) == "resource":
            from screening.sources.fhir_bulk import people_of_bulk

            return people_of_bulk([source], library, site)
        return records.people_of_lines(source, library, site, beside)
    if source.suffix.lower() in records.READ:
        return records.people_of_files([source], library, site, beside=beside)
    if source.suffix.lower() in TABLES:
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


# --------------------------------------------------------------------------- before screening


def coverage(
    source: Path | str,
    library: Library,
    site: SiteDeclaration | None = None,
    mapping: Path | None = None,
    beside: Beside | None = None,
) -> Coverage:
    """What a source holds for each requirement of a library; raises as `people_of` does."""
    from screening.outcome.coverage import measure

    coded: Counter[tuple[str, str]] = Counter()
    people = people_of(source, library, site, mapping, beside, coded)
    library = declarations.adapted(library, site)
    return measure(people, library, coded, mapped(source, library, mapping))


def mapped(source: Path | str, library: Library, mapping: Path | None = None) -> frozenset[str] | None:
    """The requirements that are looked for in a source; None where each record may answer whatever it likes.

    Raises as `people_of` does.
    """
    if mapping is not None:
        from screening.sources.mapped import mapped_by
        from screening.sources.mapping import read_mapping

        return mapped_by(Path(source), read_mapping(_data(mapping), mapping.as_posix()), library)
    from screening.sources.omop import is_omop, mapped_in_omop

    path = Path(source)
    if place_of(str(source)) is not None or (path.is_dir() and is_omop(path)):
        return mapped_in_omop(library)
    if path.is_dir() and any(_suffix(each) in LINES for each in path.rglob("*")):
        is_bulk = True
    else:
        is_bulk = path.is_file() and _suffix(path) in LINES and _kind_of_line(path) == "resource"
    if not is_bulk:
        return None
    from screening.sources.fhir import asked_of_resources

    return asked_of_resources(library)


def exclusions_without_source(
    source: Path | str, library: Library, site: SiteDeclaration | None = None, mapping: Path | None = None
) -> list[dict[str, Any]]:
    """The absolute exclusions of which nothing is looked for in a source, for the manifest of a run."""
    from screening.outcome.coverage import unmapped_absolute_exclusions

    library = declarations.adapted(library, site)
    known = mapped(source, library, mapping)
    found = () if known is None else unmapped_absolute_exclusions(library, known)
    return [{"id": one.criterion, "requirements": list(one.requirements)} for one in found]


def covered(found: Coverage, source: str) -> list[Line]:
    """A coverage in lines for people."""
    from screening.reports.coverage import coverage as lines

    return lines(found, shown(source))


def coverage_text(found: Coverage) -> str:
    """A coverage as JSON text."""
    from screening.outcome.coverage import coverage_data
    from screening.reports.data import as_json

    return as_json(coverage_data(found))


def proposed(tables: Sequence[Path], library: Library) -> Proposal:
    """A mapping file proposed from the names of columns; raises UnreadableRecord for what is no table."""
    from screening.sources.proposal import propose

    return propose(tables, library)
