"""People out of the tables of an OMOP CDM 5.4 database: CSV or Parquet files in one folder, or a database.

Nothing is complete unless the site declares it, and no declaration reaches allergies, questionnaires or reasons of
stays: the CDM has no such lists; nor a list whose table is not there, since nobody looked into it. A row that
cannot be read may be of anybody: beside it no list is complete.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from screening.errors import Diagnostic, RecordError, Span, UnreadableRecord
from screening.language.library import DataRequirement, Library
from screening.record.missing_code import bare
from screening.record.people import (
    BEYOND_A_RECORD,
    Rejected,
    duplicate,
    failed,
    is_shortened,
    of_nobody,
    refused,
)
from screening.record.subject import Notice, Subject
from screening.sources.database import Database, Place
from screening.sources.delimited import DELIMITERS, ENCODED, Delimited, Row, unpacked
from screening.sources.fhir import asked_of_resources, subject_of
from screening.sources.fhir_json import is_identifier
from screening.sources.index import Index
from screening.sources.omop_person import OMOP, is_day, patient, resources
from screening.sources.parquet import SUFFIXES, is_parquet, open_parquet
from screening.sources.site import SiteDeclaration
from screening.sources.tree import near
from screening.sources.typed import DAY, MOMENT, Grid, Typed
from screening.sources.unread import Read, Unread

TABLES = ("condition_occurrence", "measurement", "observation", "drug_exposure", "procedure_occurrence", "death")
_NO_LISTS = ("allergy", "questionnaire", "encounter")
# In which tables an entry of a kind is looked for; a table that is not there was looked into by nobody.
_TABLES_OF = {
    "condition": ("condition_occurrence", "observation"), "allergy": ("condition_occurrence", "observation"),
    "observation": ("measurement", "observation"), "questionnaire": ("measurement", "observation"),
    "medication": ("drug_exposure",), "procedure": ("procedure_occurrence",), "death": ("death",),
}  # fmt: skip
_SUBSTANCES = ("RxNorm", "ATC")
# The tables in which the lists of the CDM stand.
_LISTS = {
    "condition": ("condition_occurrence",),
    "observation": ("measurement", "observation"),
    "medication": ("drug_exposure",),
    "procedure": ("procedure_occurrence",),
}
# Without one of these columns the rows of a table are nobody's, or mean nothing; later releases of the model keep
# days as moments alone.
_NEEDED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "person": (("person_id",), ("gender_concept_id",), ("year_of_birth", "birth_datetime")),
    "condition_occurrence": (
        ("person_id",), ("condition_concept_id",), ("condition_start_date", "condition_start_datetime"),
    ),
    "measurement": (("person_id",), ("measurement_concept_id",), ("measurement_date", "measurement_datetime")),
    "observation": (("person_id",), ("observation_concept_id",), ("observation_date", "observation_datetime")),
    "drug_exposure": (
        ("person_id",), ("drug_concept_id",), ("drug_exposure_start_date", "drug_exposure_start_datetime"),
    ),
    "procedure_occurrence": (
        ("person_id",), ("procedure_concept_id",), ("procedure_date", "procedure_datetime"),
    ),
    "death": (("person_id",),),
    "concept": (("concept_id",), ("vocabulary_id",), ("concept_code",)),
}  # fmt: skip
# What no cell of a table means: how databases write null, and how programs do where a number or a day stands.
_NULLS, _NONE, _PLAIN = ("\\N", "NULL"), ("na", "nan", "none", "nat", "null"), ("value_as_number", "quantity")
_ENDS = (*(f"{end}{packed}" for end in (".csv", ".tsv", ".txt") for packed in ("", ".gz")), *SUFFIXES)
# What programs add to the name of a table that they write in parts.
_PART = re.compile(r"(?:[_.-]+(?:part[_.-]*)?[0-9]+)+\Z")
# So many rows are looked at to tell whether days are written as the model writes them.
_LOOKED_AT = 50
_NOT_THERE = "there is no table {}, so no list of what stands in it is complete"
_WITHOUT_CONCEPT = (
    "without it a site declares which concepts are meant, by their ids: `codes: {CRP: OMOP 3020460}`"
)


def _said(column: str, cell: str) -> str:
    """A cell without what programs write for null; a whole number, which some write as `42.0`, as such."""
    text = cell.strip()
    if text in _NULLS:
        return ""
    is_whole = column.endswith("_id") or column in ("year_of_birth", "month_of_birth", "day_of_birth")
    if is_whole or column in _PLAIN or column.endswith(("_date", "_datetime")):
        text = "" if text.casefold() in _NONE else text
        return bare(text) if is_whole and not is_shortened(text) else text
    return cell


def tables_in(folder: Path) -> dict[str, Path]:
    """The tables of the CDM that a folder holds, by name in lower case."""
    found = {name: path for path in sorted(folder.iterdir()) if (name := _name_of(path)) and path.is_file()}
    return {name: found[name] for name in _NEEDED if name in found}


def _name_of(path: Path) -> str:
    """The name of the table that a file or a folder of tables is called by; "" of any other."""
    name = path.name.casefold()
    end = next((end for end in _ENDS if name.endswith(end)), "")
    return name.removesuffix(end) if end or path.is_dir() else ""


def _scattered(folder: Path) -> Iterator[Diagnostic]:
    """Tables of which there are several files: to read one of them alone would lose what is in the others."""
    parts: dict[str, list[Path]] = {}
    for path in sorted(folder.iterdir()):
        if name := _PART.sub("", _name_of(path)):
            parts.setdefault(name, []).append(path)
    for name, paths in parts.items():
        whole = len(paths) == 1 and paths[0].is_file() and _name_of(paths[0]) == name
        if name in _NEEDED and not whole:
            names = ", ".join(path.name + ("/" if path.is_dir() else "") for path in paths[:10])
            message = f"the table {name.upper()} is not in one file, and parts are not put together: {names}"
            help = "keep one file of each table in the folder"
            yield Diagnostic(Span(folder.name), message, UnreadableRecord, help=help)


def is_omop(folder: Path) -> bool:
    """Whether a folder holds the tables of a CDM: PERSON, and one more of them."""
    found = tables_in(folder)
    return "person" in found and len(found) > 1


def open_omop(folder: Path, library: Library, site: SiteDeclaration | None = None) -> Omop:
    """A database, opened: everybody in PERSON, in its order; `library` has the site's codes in it.

    Raises UnreadableRecord before the first person where PERSON or CONCEPT is not there, a table stands in two
    files, or lacks a column without which its rows are nobody's or mean nothing.
    """
    faults = [*_scattered(folder)]
    opened: dict[str, Grid] = {}
    paths = tables_in(folder)
    for name, path in paths.items():
        try:
            opened[name] = _opened(path)
        except UnreadableRecord as error:
            faults += error.diagnostics
    faults += _lacking(folder.name, opened, library, [name for name in paths if name not in opened])
    faults += [fault for name, table in opened.items() for fault in _undated(name, table)]
    if faults:
        raise UnreadableRecord(*faults)
    return Omop(opened, library, site)


def open_database(place: Place, library: Library, site: SiteDeclaration | None = None) -> Omop:
    """A database, opened: everybody in its table PERSON, by id; raises as `open_omop` does.

    The tables are read as they are at one moment; nothing is ever written.
    """
    database = Database(place)
    with database.reading():
        tables = database.tables(tuple(_NEEDED), ("person",), {"concept": "concept_id"})
        faults = _lacking(place.shown, tables, library)
        faults += [fault for name, table in tables.items() for fault in _undated(name, table)]
    if faults:
        raise UnreadableRecord(*faults)
    return Omop(tables, library, site, database)


def mapped_in_omop(library: Library, tables: Collection[str]) -> frozenset[str]:
    """The requirements that these tables of the CDM can answer: those with codes, of a kind that a table is of.

    It has no list of allergies: one is found where its codes are those of a finding, and not of substances alone.
    """
    asked = asked_of_resources(library, ("encounter", "sex at birth"))
    return frozenset(
        r.name
        for r in library.requirements
        if r.name in asked
        and (r.kind not in _TABLES_OF or set(_TABLES_OF[r.kind]) & set(tables))
        and _is_listed(r)
    )


def _is_listed(requirement: DataRequirement) -> bool:
    match requirement.kind:
        case "allergy":
            return any(not any(code.system in _SUBSTANCES for code in one) for one in requirement.concepts)
        case "questionnaire":
            return any(code.system != "linkId" for code in requirement.codes)
    return True


def tables_of(place: Place) -> frozenset[str]:
    """The tables of the CDM that a database has; raises as `open_database` does."""
    database = Database(place)
    with database.reading():
        return frozenset(database.tables(tuple(_NEEDED), ("person",), {"concept": "concept_id"}))


def _lacking(
    where: str, tables: Mapping[str, Grid], library: Library, unread: Sequence[str] = ()
) -> list[Diagnostic]:
    """Tables and columns that are not there, and without which nothing can be told."""
    faults = []
    for name in ("person", *(() if _names_concepts(library) else ("concept",))):
        if name not in tables and name not in unread:
            help = "" if name == "person" else _WITHOUT_CONCEPT
            message = f"there is no table {name.upper()}, which an OMOP CDM database has"
            faults.append(Diagnostic(Span(where), message, UnreadableRecord, help=help))
    for name, table in tables.items():
        for column, *others in _NEEDED[name]:
            if column in table.header or set(others) & set(table.header):
                continue
            close = near(column, table.header, 0.7)
            help = f"did you mean `{close}`" if close else ""
            also = "".join(f", nor `{other}`" for other in others)
            message = f"the table has no column `{column}`{also}"
            faults.append(Diagnostic(Span(table.name, 1, 1), message, UnreadableRecord, help=help))
    return faults


def _undated(name: str, table: Grid) -> Iterator[Diagnostic]:
    """Days that are all written otherwise than in the model: everything in the table would be undated."""
    # A year of birth stands beside the moment, and says enough where that cannot be read.
    told = [needed for needed in _NEEDED[name] if "year_of_birth" not in {*needed} & {*table.header}]
    columns = [column for needed in told for column in needed if column.endswith(("_date", "_datetime"))]
    line = 2
    if isinstance(table, Typed):
        # Columns of days hold nothing else; of others nothing but the days is asked for.
        kinds = dict(zip(table.header, table.kinds, strict=True))
        table, line = table.only([column for column in columns if kinds.get(column) not in (DAY, MOMENT)]), 1
    places = [(column, at) for column in columns if (at := table.position(column)) is not None]
    if not places:
        return
    rows = [row.cells for row in islice(table.rows(), _LOOKED_AT) if not row.wrong]
    written = {column: [said for row in rows if (said := _said(column, row[at]))] for column, at in places}
    if any(written.values()) and not any(is_day(cell) for cells in written.values() for cell in cells):
        column = next(column for column, cells in written.items() if cells)
        where = Span(table.name, line, table.header.index(column) + 1)
        message = f"no day in `{column}` can be read, so nothing in the table would be dated"
        help = "the CDM writes days as 2024-03-05; which part of another form is the month is not guessed"
        yield Diagnostic(where, message, UnreadableRecord, help=help)


def _names_concepts(library: Library) -> bool:
    """Whether a protocol, or the site for it, names concepts of the CDM by their ids: `OMOP 4030840`."""
    return any(code.system == OMOP for r in library.requirements for code in (*r.codes, *r.reasons))


def _opened(path: Path) -> Grid:
    """A table with its columns in lower case, by whatever its names are divided: vocabularies come with tabs."""
    if is_parquet(path):
        table = open_parquet(path)
        return replace(table, header=tuple(name.casefold() for name in table.header))
    try:
        with unpacked(path) as file:
            head = file.readline(1 << 16)
    except (OSError, EOFError, zlib.error):
        raise Delimited(path, path.name).refused("the table cannot be read") from None
    encoding = "utf-16" if head[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    names = head.decode(encoding, "replace")
    delimited = Delimited(path, path.name, encoding, max(DELIMITERS, key=names.count)).opened()
    return replace(delimited, header=tuple(name.casefold() for name in delimited.header))


class Omop:
    """A database on its way in: rows by person first, then person by person."""

    is_once = False

    def __init__(
        self,
        tables: Mapping[str, Grid],
        library: Library,
        site: SiteDeclaration | None,
        database: Database | None = None,
    ) -> None:
        self.tables, self.library, self.site = tables, library, site
        self.database = database
        self.partial = False
        self.by_id = _names_concepts(library)
        self.known: dict[str, tuple[str, str, str] | None] = {}
        self.not_there = [name for tables in _LISTS.values() for name in tables if name not in self.tables]

    def unread(self) -> Iterator[Unread | Rejected]:
        open = self.database.reading() if self.database is not None else nullcontext()
        with open, Index() as index:
            yield from self.concepts(index)
            yield from self.persons(index)
            for name in TABLES:
                if name in self.tables:
                    yield from self.keep(index, name)
            strays = index.strays()
            for id, place, body in index.people():
                try:
                    found = self.resources_of(index, id, body)
                except (RecordError, *BEYOND_A_RECORD):
                    raise
                except Exception as fault:
                    yield failed(fault, place, id)
                    continue
                yield Unread(id, place, [found, self.partial or id in strays, self.not_there])
            alike = set[str]().union(*strays.values())
            for id, place, number in index.orphans():
                yield of_nobody(place, number, "PERSON", id, id in alike)

    def rows(self, name: str) -> Iterator[tuple[str, dict[str, str], Row]]:
        """Place and cells of each row of a table, those that hold something, and the row."""
        table = self.tables[name]
        for row in table.rows():
            if row.wrong == ENCODED:
                row = row._replace(wrong="the row is not UTF-8; save the table as UTF-8")
            cells = {} if row.wrong else dict(zip(table.header, row.cells, strict=True))
            yield (
                f"{table.name}:{row.line}",
                {k: said for k, cell in cells.items() if (said := _said(k, cell))},
                row,
            )

    def concepts(self, index: Index) -> Iterator[Rejected]:
        for place, cells, row in self.rows("concept") if "concept" in self.tables else ():
            if row.wrong:
                self.partial = True
                yield Rejected(place, f"{row.wrong}; what is of this concept is without a code")
                continue
            parts = (cells.get("vocabulary_id", ""), cells.get("concept_code", ""), cells.get("concept_name", ""))
            index.add_target(cells.get("concept_id", ""), place, json.dumps(parts))

    def persons(self, index: Index) -> Iterator[Rejected]:
        for place, cells, row in self.rows("person"):
            id = cells.get("person_id", "").strip()
            wrong = row.wrong or ("" if is_identifier(id) else "`person_id` is empty, or holds what is no id")
            if wrong:
                self.partial = True
                yield Rejected(place, wrong)
                continue
            first = index.add_person(id, place, json.dumps({**cells, "person_id": id}))
            if first:
                yield duplicate(place, first, id)

    def keep(self, index: Index, name: str) -> Iterator[Rejected]:
        for place, cells, row in self.rows(name):
            id = cells.get("person_id", "").strip()
            wrong = row.wrong or ("" if id else "`person_id` is empty, so the row is nobody's")
            if wrong:
                self.partial = True
                yield Rejected(place, wrong)
            else:
                index.add(id, name, place, json.dumps({**cells, "person_id": id}))

    def resources_of(self, index: Index, id: str, body: str) -> list[dict[str, Any]]:
        """All rows of one person as resources."""
        rows = [(entry.part, json.loads(entry.body)) for entry in index.entries(id)]
        deaths = [cells for part, cells in rows if part == "death"]

        def concept(id: str) -> tuple[str, str, str] | None:
            return self.concept(index, id)

        found = [patient(json.loads(body), deaths)]
        for part, cells in rows:
            found += resources(part, cells, concept, self.by_id)
        return found

    def read(self, record: Unread) -> Read:
        found, partial, not_there = record.body
        entries = [{"resource": resource} for resource in found]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        try:
            whole = subject_of(bundle, self.library, record.place, self.site, partial=partial)
            yield self.without_lists(whole, not_there), record.place
        except RecordError as error:
            yield refused(error, record.place, record.name), record.place

    def without_lists(self, subject: Subject, not_there: Sequence[str]) -> Subject:
        """The subject without lists declared complete that the CDM, or this source of it, does not have."""
        kinds = {requirement.name: requirement.kind for requirement in self.library.requirements}
        missing = {kind: name for kind, tables in _LISTS.items() for name in tables if name in not_there}
        closed = {kinds.get(name) for name in subject.complete}
        notices = [Notice("", "", _NOT_THERE.format(missing[kind].upper())) for kind in missing if kind in closed]
        without = (*_NO_LISTS, *missing)
        kept = {name: said for name, said in subject.complete.items() if kinds.get(name) not in without}
        if len(kept) == len(subject.complete):
            return subject
        return replace(subject, complete=kept, notices=(*subject.notices, *notices))

    def concept(self, index: Index, id: str) -> tuple[str, str, str] | None:
        """Vocabulary, code and name of a concept; None of no concept, and of one that CONCEPT does not hold."""
        if id in ("", "0"):
            return None
        if id not in self.known:
            if len(self.known) > 50_000:
                self.known.clear()
            stored = index.target(id)
            self.known[id] = None if stored is None else tuple(json.loads(stored.body))
        return self.known[id]
