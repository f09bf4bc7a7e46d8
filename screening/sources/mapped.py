"""People out of a site's tables: one row a person, and tables of which each row is an entry of somebody.

Rows are put to their people on disk first, so that memory does not grow with the tables. A row that cannot be
read may be of anybody: beside it no list of anybody is complete, whatever the site declares. Of whom rows may be
that stand under an id written otherwise, none is complete either.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from screening.errors import Diagnostic, NameFault, RecordError, RuleError, UnreadableRecord
from screening.language.library import DataRequirement, Library
from screening.record.people import PARTIAL, Rejected, duplicate, is_shortened, numbered, of_nobody, refused
from screening.record.subject import Absence, Completeness, Evidence, Notice, Searched, Subject
from screening.sources.admission import Reading, admit
from screening.sources.delimited import Delimited
from screening.sources.index import Index, Stored
from screening.sources.mapping_form import Table, TableMapping
from screening.sources.parquet import is_parquet, open_parquet
from screening.sources.profile_text import misfit
from screening.sources.site import CLOSE, SiteDeclaration, completeness
from screening.sources.table_rows import Asking, Coded, Known
from screening.sources.tree import near
from screening.sources.typed import OTHER, Typed
from screening.sources.unread import Read, Unread
from screening.sources.worth import is_gender, when_of
from screening.values.quantity import UnknownUnit, parse_unit

if TYPE_CHECKING:
    from screening.sources.files import Beside

LONGEST_ID = 200
# What stands between the parts of an id of several columns.
DIVIDED = "-"
# How programs write an empty cell: rows of several people would be put to one who is called so.
NOBODY = re.compile(r"(?i:\.|na|nan|#?n/a|none|null|\\n)\Z")


def open_tables(
    source: Path,
    mapping: TableMapping,
    library: Library,
    site: SiteDeclaration | None = None,
    coded: Coded | None = None,
    beside: Beside | None = None,
) -> Mapped:
    """Tables, opened: everybody who has a row in the table of people; `library` has the site's codes in it.

    In `coded` the codes are counted, while people are read, that the mapping declares for what is missing; names
    that `beside` gives are no slips.

    Raises UnreadableRecord where a table is not there, and RuleError where the mapping does not fit the tables or
    the library, before the first person.
    """
    tables = known_tables(source, mapping)
    fitting(mapping, library, tables, beside)
    return Mapped(tables, mapping, library, site, coded)


def mapped_by(
    source: Path, mapping: TableMapping, library: Library, beside: Beside | None = None
) -> frozenset[str]:
    """The requirements that a column or a table of a mapping answers; raises as `open_tables` does."""
    tables = known_tables(source, mapping)
    fitting(mapping, library, tables, beside)
    return Asking(library, tables).mapped()


def fitting(
    mapping: TableMapping, library: Library, tables: Sequence[Known], beside: Beside | None = None
) -> None:
    """Raises RuleError where a mapping does not fit the tables or the library."""
    faults = [*_names(mapping, library, beside), *_words(mapping, library)]
    faults += [fault for known in tables for fault in _columns(mapping, known)]
    if faults:
        kinds = {fault.kind for fault in faults}
        raise NameFault(*faults) if kinds == {NameFault} else RuleError(*faults)


def known_tables(source: Path, mapping: TableMapping) -> list[Known]:
    """The tables of a mapping, opened: in the folder, or the one file that is given and those beside it."""
    folder = source if source.is_dir() else source.parent
    faults: list[Diagnostic] = []
    found = []
    for table in mapping.tables:
        path = path_of(source, mapping, table)
        if not path.is_file():
            close = near(table.name, [each.name for each in folder.iterdir()])
            help = f"did you mean `{close}`" if close else ""
            faults.append(Diagnostic(table.span, f"there is no table `{table.name}`", UnreadableRecord, help=help))
            continue
        style = table.style
        try:
            file: Delimited | Typed = (
                open_parquet(path)
                if is_parquet(path)
                else Delimited(path, path.name, style.encoding, style.delimiter).opened()
            )
        except UnreadableRecord as error:
            faults += error.diagnostics
            continue
        file = _cased(file, table)
        columns = sorted({column for column, _ in table.named} & set(file.header), key=file.header.index)
        found.append(Known(table, file, {column: n for n, column in enumerate(columns)}))
    if faults:
        raise UnreadableRecord(*faults)
    return found


def path_of(source: Path, mapping: TableMapping, table: Table) -> Path:
    """Where a table of a mapping is, or would be if it were there."""
    folder = source if source.is_dir() else source.parent
    path = folder / table.name
    if source.is_file() and len(mapping.tables) == 1:
        path = source
    beside = {each.name.casefold(): each for each in folder.iterdir()} if not path.is_file() else {}
    return beside.get(table.name.casefold(), path)


def id_of(table: Table, cells: Sequence[str]) -> str:
    """The id that the cells of a table's columns of ids hold."""
    return DIVIDED.join(numbered(cell.strip()) if table.is_numbered else cell.strip() for cell in cells)


def _cased(file: Delimited | Typed, table: Table) -> Delimited | Typed:
    """The table with its columns as the mapping writes them: programs change capitals and mean the same."""
    wanted = {column.casefold(): column for column, _ in table.named if column not in file.header}
    found = [name.casefold() for name in file.header]
    header = tuple(
        wanted[folded] if folded in wanted and found.count(folded) == 1 else name
        for name, folded in zip(file.header, found, strict=True)
    )
    return file if header == file.header else replace(file, header=header)


def _columns(mapping: TableMapping, known: Known) -> Iterator[Diagnostic]:
    """Columns that the mapping names and the table does not have."""
    file = known.file
    for column, span in known.table.named:
        position = file.position(column)
        if position is None:
            message = f"`{file.name}` has no column `{column}`"
            yield Diagnostic(span, message, NameFault, help=file.meant(column))
        elif isinstance(file, Typed) and file.kinds[position] == OTHER:
            message = f"`{column}` of `{file.name}` holds lists, records or bytes, where one value can stand"
            yield Diagnostic(span, message, NameFault, help="write it as a column or a table of its own")


def _names(mapping: TableMapping, library: Library, beside: Beside | None) -> Iterator[Diagnostic]:
    """Names that are nearly those of requirements; names of other protocols are passed over.

    A name that another protocol asks is no slip, and neither is one beside that which it is like.
    """
    by_name = {requirement.name: requirement for requirement in library.requirements}
    asked = {name for table in mapping.tables for name, _ in table.asked}
    missed = [name for name in by_name if name not in asked]
    given = ((name, span) for table in mapping.tables for name, span in table.asked if name not in by_name)
    close = [(name, span, meant) for name, span in given if (meant := near(name, missed, CLOSE))]
    others = beside() if close and beside is not None else ()
    for name, span, meant in close:
        if name not in others:
            message = f"`{library.name}` has no requirement `{name}`"
            yield Diagnostic(span, message, NameFault, help=f"did you mean `{meant}`")
    for table in mapping.tables:
        for rows in table.rows:
            wanted = by_name.get(rows.requirement)
            known = [declared.name for declared in wanted.fields] if wanted is not None else []
            for name in rows.fields if wanted is not None else ():
                if name not in known:
                    help = "its fields are " + ", ".join(known) if known else "it has none"
                    yield Diagnostic(
                        rows.span, f"`{rows.requirement}` has no field `{name}`", NameFault, help=help
                    )


def _words(mapping: TableMapping, library: Library) -> Iterator[Diagnostic]:
    """Meanings of answers that answer nothing, `yes` where a requirement takes TRUE, and units that are none."""
    by_name = {requirement.name: requirement for requirement in library.requirements}
    for table in mapping.tables:
        for column in table.columns:
            if not all(name in by_name for name in column.requirements):
                continue
            asked = [by_name[name] for name in column.requirements]
            unit = table.style.units.get(column.unit, column.unit)
            if unit and any(each.type.name == "Quantity" for each in asked) and not _is_unit(unit):
                help = "write it as UCUM does, as `[lb_av]`, or say below `units:` what it is there"
                yield Diagnostic(column.span, f"the unit `{column.unit}` is not known", help=help)
            for word in dict.fromkeys(column.words.values()):
                wrong = [_unfit(requirement, word) for requirement in asked]
                if all(wrong):
                    message = f"`{word[:40]}` is no answer to `{asked[0].name}`"
                    yield Diagnostic(column.span, message, help=wrong[0])


def _is_unit(text: str) -> bool:
    try:
        parse_unit(text)
    except UnknownUnit:
        return False
    return True


def _unfit(requirement: DataRequirement, word: str) -> str:
    """What to write for a word that cannot be an answer to a question of yes or no, or to gender; else ""."""
    kind = "gender" if is_gender(requirement) else requirement.type.name
    if kind not in ("Boolean", "Judgement", "Records", "gender") or word in requirement.missing:
        return ""
    found = misfit("Boolean" if kind == "Records" else kind, word)
    return "" if found is None else found[1]


def _no_ids(columns: Sequence[str], parts: Sequence[str]) -> Iterator[str]:
    """Why what stands in the columns of an id is none."""
    for number, (column, part) in enumerate(zip(columns, parts, strict=True)):
        if not part:
            yield f"`{column}` is empty, so the row is nobody's"
        if len(part) > LONGEST_ID // len(columns) or not part.isprintable():
            yield f"`{column}` holds what is no id"
        if NOBODY.match(part):
            yield f"`{column}` holds a word for an empty cell, so the row is nobody's"
        if is_shortened(part):
            # Of many ids such a program makes one: whose the row is cannot be told.
            yield f"`{column}` holds a number of which a spreadsheet or another program has left digits out"
        if number and DIVIDED in part:
            # Two ids of several parts would be written alike.
            yield f"`{column}` holds the `{DIVIDED}` that divides the parts of an id"


class Mapped:
    """Tables on their way in: rows by person first, then person by person."""

    is_once = False

    def __init__(
        self,
        tables: list[Known],
        mapping: TableMapping,
        library: Library,
        site: SiteDeclaration | None,
        coded: Coded | None,
    ) -> None:
        self.tables, self.mapping, self.library, self.site = tables, mapping, library, site
        self.asking = Asking(library, tables, coded)
        self.asking.extracted = mapping.extracted
        self.mapped = self.asking.mapped()
        self.partial = False

    def unread(self) -> Iterator[Unread | Rejected]:
        with Index() as index:
            for number, known in enumerate(self.tables):
                yield from self.keep(index, known, is_people=number == 0)
            strays = index.strays()
            for id, place, body in index.people():
                rows = [Stored(self.tables[0].table.name, place, body), *index.entries(id)]
                yield Unread(id, place, [rows, self.partial or id in strays])
            alike = set[str]().union(*strays.values())
            for id, place, number in index.orphans():
                help = "; `ids: numbers` in the mapping makes them one" if numbered(id).isdecimal() else ""
                yield of_nobody(place, number, "the table of people", id, id in alike, help)

    def keep(self, index: Index, known: Known, is_people: bool) -> Iterator[Rejected]:
        """Keeps the rows of a table by whose they are; what cannot be read is rejected."""
        table: Table = known.table
        # Of columns that have types those alone are read that the mapping names.
        file = known.file.only(known.kept) if isinstance(known.file, Typed) else known.file
        places = [file.header.index(column) for column in table.ids]
        positions = [file.header.index(column) for column in known.kept]
        for row in islice(file.rows(), table.skip, None):
            place = f"{table.name}:{row.line}"
            parts = [row.cells[at].strip() if at < len(row.cells) else "" for at in places]
            id = id_of(table, parts)
            wrong = row.wrong or next(_no_ids(table.ids, parts), "")
            if wrong:
                self.partial = True
                yield Rejected(place, wrong, "" if row.wrong else id[:LONGEST_ID])
                continue
            body = json.dumps([row.line, *(row.cells[position] for position in positions)])
            if not is_people:
                index.add(id, table.name, place, body)
                continue
            first = index.add_person(id, place, body)
            if first and table.repeats:
                index.add(id, table.name, place, body)
            elif first:
                yield duplicate(place, first, id)

    def read(self, record: Unread) -> Read:
        """One person with all rows that are theirs."""
        readings: dict[str, list[Reading]] = defaultdict(list)
        rows, partial = record.body
        for stored in rows:
            line, *cells = json.loads(stored.body)
            for name, reading in self.asking.readings(stored.part, line, cells):
                readings[name].append(reading)
        try:
            digest = _digest(record.name, self.mapping, rows)
            yield self.admitted(record.name, record.place, readings, digest, partial), record.place
        except RecordError as error:
            yield refused(error, record.place, record.name), record.place

    def admitted(
        self, id: str, place: str, readings: dict[str, list[Reading]], digest: str, partial: bool
    ) -> Subject:
        evidence: dict[str, tuple[Evidence, ...]] = {}
        absences: dict[str, tuple[Absence, ...]] = {}
        complete: dict[str, Completeness] = {}
        searched: dict[str, Searched] = {}
        notices = [Notice("", "", PARTIAL)] if partial else []
        faults: list[Diagnostic] = []
        for requirement in self.library.requirements:
            name = requirement.name
            given = readings.get(name)
            searched[name] = _searched(self.asking.asked[name], given) if given else self.asking.silent[name]
            if given:
                admission = admit(requirement, given)
                faults += admission.faults
                notices += admission.notices
                if admission.evidence:
                    evidence[name] = admission.evidence
                if admission.absences:
                    absences[name] = admission.absences
            declared = completeness(self.site, requirement)
            # SPEC: semantics 5.5; a list that no column is mapped from was not looked into.
            if declared is not None and name in self.mapped and not partial:
                complete[name] = declared
        if faults:
            raise faults[0].kind(*faults)
        return Subject(
            id=id,
            evidence=evidence,
            absences=absences,
            complete=complete,
            concepts=self.asking.concepts,
            searched=searched,
            notices=tuple(notices),
            extracted=self.mapping.extracted,
            synthetic=self.mapping.synthetic,
            source=f"{self.mapping.source}, {place}" if self.mapping.source else place,
            digest=digest,
            site="" if self.site is None else self.site.label,
        )


def _searched(codes: int, readings: list[Reading]) -> Searched:
    found = [when for r in readings if r.date and "/" not in r.date and (when := when_of(r.date)) is not None]
    first = min((days.low.isoformat() for days, _ in found if days.low is not None), default="")
    last = max((days.high.isoformat() for days, _ in found if days.high is not None), default="")
    return Searched(codes, len(readings), "entries", first, last)


def _digest(id: str, mapping: TableMapping, rows: list[Stored]) -> str:
    """The digest of a person's record: what stands in their rows, and what the mapping says that it means."""
    whole = json.dumps([id, mapping.digest, *((row.part, json.loads(row.body)[1:]) for row in rows)])
    return hashlib.sha256(whole.encode()).hexdigest()
