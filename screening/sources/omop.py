"""People out of the tables of an OMOP CDM 5.4 database, as CSV files in one folder.

Nothing is complete unless the site declares it, and no declaration reaches allergies, questionnaires or reasons of
stays: the CDM has no such lists. A row that cannot be read may be of anybody: beside it no list is complete.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from screening.errors import Diagnostic, RecordError, Span, UnreadableRecord
from screening.language.library import Library
from screening.record.people import NOBODY, Rejected, duplicate, refused
from screening.record.subject import Subject
from screening.sources.delimited import Delimited, Row
from screening.sources.fhir import subject_of
from screening.sources.fhir_json import is_identifier
from screening.sources.index import Index
from screening.sources.omop_person import patient, resources
from screening.sources.site import SiteDeclaration
from screening.sources.tree import near
from screening.sources.unread import Read, Unread

TABLES = ("condition_occurrence", "measurement", "observation", "drug_exposure", "procedure_occurrence", "death")
_NO_LISTS = ("allergy", "questionnaire", "encounter")
_NEEDED = {
    "person": ("person_id", "gender_concept_id", "year_of_birth"),
    "condition_occurrence": ("person_id", "condition_concept_id", "condition_start_date"),
    "measurement": ("person_id", "measurement_concept_id", "measurement_date"),
    "observation": ("person_id", "observation_concept_id", "observation_date"),
    "drug_exposure": ("person_id", "drug_concept_id", "drug_exposure_start_date"),
    "procedure_occurrence": ("person_id", "procedure_concept_id", "procedure_date"),
    "death": ("person_id",),
    "concept": ("concept_id", "vocabulary_id", "concept_code"),
}


def tables_in(folder: Path) -> dict[str, Path]:
    """The tables of the CDM that a folder holds, by name in lower case."""
    found = {path.stem.casefold(): path for path in sorted(folder.iterdir()) if path.suffix.casefold() == ".csv"}
    return {name: found[name] for name in _NEEDED if name in found}


def is_omop(folder: Path) -> bool:
    """Whether a folder holds the tables of a CDM: PERSON, and one more of them."""
    found = tables_in(folder)
    return "person" in found and len(found) > 1


def open_omop(folder: Path, library: Library, site: SiteDeclaration | None = None) -> Omop:
    """A database, opened: everybody in PERSON, in its order; `library` has the site's codes in it.

    Raises UnreadableRecord before the first person where PERSON or CONCEPT is not there, or a table lacks a column
    without which its rows are nobody's or mean nothing.
    """
    paths = tables_in(folder)
    faults = []
    opened: dict[str, Delimited] = {}
    for name in ("person", "concept"):
        if name not in paths:
            message = f"there is no table {name.upper()}, which an OMOP CDM database has"
            faults.append(Diagnostic(Span(folder.name), message, UnreadableRecord))
    for name, path in paths.items():
        try:
            table = _opened(path)
        except UnreadableRecord as error:
            faults += error.diagnostics
            continue
        opened[name] = table
        for column in _NEEDED[name]:
            if column not in table.header:
                close = near(column, table.header, 0.7)
                help = f"did you mean `{close}`" if close else ""
                where = Span(table.name, 1, 1)
                faults.append(
                    Diagnostic(where, f"the table has no column `{column}`", UnreadableRecord, help=help)
                )
    if faults:
        raise UnreadableRecord(*faults)
    return Omop(opened, library, site)


def _opened(path: Path) -> Delimited:
    """A table with its columns in lower case; vocabularies are handed out divided by tabs."""
    with path.open("rb") as file:
        head = file.readline(1 << 16)
    table = Delimited(path, path.name, delimiter="\t" if b"\t" in head else ",").opened()
    return replace(table, header=tuple(name.casefold() for name in table.header))


class Omop:
    """A database on its way in: rows by person first, then person by person."""

    is_once = False

    def __init__(self, tables: dict[str, Delimited], library: Library, site: SiteDeclaration | None) -> None:
        self.tables, self.library, self.site = tables, library, site
        self.partial = False
        self.known: dict[str, tuple[str, str, str] | None] = {}

    def unread(self) -> Iterator[Unread | Rejected]:
        with Index() as index:
            yield from self.concepts(index)
            yield from self.persons(index)
            for name in TABLES:
                if name in self.tables:
                    yield from self.keep(index, name)
            for id, place, body in index.people():
                yield Unread(id, place, [self.resources_of(index, id, body), self.partial])
            for id, place, number in index.orphans():
                several = "1 row is" if number == 1 else f"{number} rows are"
                yield Rejected(place, f"{several} of somebody who is not in PERSON", id, NOBODY)

    def rows(self, name: str) -> Iterator[tuple[str, dict[str, str], Row]]:
        """Place and cells of each row of a table, those that hold something, and the row."""
        table = self.tables[name]
        for row in table.rows():
            cells = {} if row.wrong else dict(zip(table.header, row.cells, strict=True))
            yield f"{table.name}:{row.line}", {key: cell for key, cell in cells.items() if cell}, row

    def concepts(self, index: Index) -> Iterator[Rejected]:
        for place, cells, row in self.rows("concept"):
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
        death = next((cells for part, cells in rows if part == "death"), None)

        def concept(id: str) -> tuple[str, str, str] | None:
            return self.concept(index, id)

        found = [patient(json.loads(body), death)]
        for part, cells in rows:
            found += resources(part, cells, concept)
        return found

    def read(self, record: Unread) -> Read:
        found, partial = record.body
        entries = [{"resource": resource} for resource in found]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        try:
            whole = subject_of(bundle, self.library, record.place, self.site, partial=partial)
            yield self.without_lists(whole), record.place
        except RecordError as error:
            yield refused(error, record.place, record.name), record.place

    def without_lists(self, subject: Subject) -> Subject:
        """The subject without lists declared complete that the CDM does not have."""
        kinds = {requirement.name: requirement.kind for requirement in self.library.requirements}
        kept = {name: said for name, said in subject.complete.items() if kinds.get(name) not in _NO_LISTS}
        return subject if len(kept) == len(subject.complete) else replace(subject, complete=kept)

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
