"""The rows of one person in mapped tables, as readings of the requirements of a library."""

from __future__ import annotations

import datetime
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from screening.errors import Span
from screening.language.library import DataRequirement, Library
from screening.record.missing_code import bare, is_null
from screening.record.subject import Searched
from screening.sources import cell as cells_of
from screening.sources.admission import DENIED, Reading, is_presence
from screening.sources.cell import Cells
from screening.sources.fhir_code import PRODUCTS, Matcher, denied_by, no_known, vocabularies
from screening.sources.mapping_form import Boxes, Column, Rows, Style, Table, Where
from screening.sources.profile_text import is_yes
from screening.sources.typed import Grid
from screening.sources.worth import code_of, when_of
from screening.values.coding import Code, Codings, term
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth

_COLUMN = "column"
Coded: TypeAlias = Counter[tuple[str, str]]
"""How often each code stands that is declared to say that a value is missing, by requirement and code."""
_WHOLE = ("SNOMED", "RxNorm", "OMOP")
# How an empty box is written, in any case.
_EMPTY = ("0", "unchecked")
# Answers that are kept of which codes are of which requirement, for all people together.
MOST_MATCHES = 200_000


class Known(NamedTuple):
    """A table of the mapping with its file, and the columns that are kept of it, by name."""

    table: Table
    file: Grid
    kept: dict[str, int]


class Asking:
    """What the rows of tables answer to the requirements of one library; made once for all people."""

    def __init__(self, library: Library, tables: Sequence[Known], coded: Coded | None = None) -> None:
        self.library = library
        self.coded = coded
        self.extracted: datetime.date | None = None
        self.tables = {known.table.name: known for known in tables}
        self.by_name = {requirement.name: requirement for requirement in library.requirements}
        self.by_kind: dict[str, list[DataRequirement]] = defaultdict(list)
        for requirement in library.requirements:
            self.by_kind[requirement.kind].append(requirement)
        self.vocabularies = vocabularies(library)
        self.asked = {r.name: len(r.codes or r.reasons) for r in library.requirements}
        self.silent = {name: Searched(codes, 0, "entries") for name, codes in self.asked.items()}
        self.concepts = {r.name: len(r.concepts) for r in library.requirements}
        self.matches: dict[tuple[str, Codings], Truth] = {}
        self.matchers = {r.name: Matcher(r.codes or r.reasons) for r in library.requirements}
        self.parts = {known.table.name: dict(self.parts_of(known.table)) for known in tables}
        self.readings_of = {known.table.name: frozenset(self.several_of(known.table)) for known in tables}

    def several_of(self, table: Table) -> Iterator[tuple[str, str]]:
        """Columns of one table that are readings of one thing as of one day, where each of them counts.

        Of three pressures two that are equal are still two: nothing is charted again in another column.
        """
        found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
        for column in table.columns:
            for name in column.requirements:
                wanted = self.by_name.get(name)
                if wanted is not None and (wanted.take == "mean of latest day" or wanted.readings > 1):
                    found[name, column.date, column.on].append(column.column)
        yield from ((name, column) for (name, _, _), several in found.items() for column in several if several[1:])

    def parts_of(self, table: Table) -> Iterator[tuple[tuple[str, str, str], tuple[Column, ...]]]:
        """Columns of one table that answer one question of yes or no between them, as of one day.

        A table that asks for the same thing on several days says so by the days.
        """
        found: dict[tuple[str, str, str], list[Column]] = defaultdict(list)
        for column in table.columns:
            for name in column.requirements:
                if name in self.by_name and self.by_name[name].type.name in ("Boolean", "Records"):
                    found[name, column.date, column.on].append(column)
        yield from ((key, tuple(columns)) for key, columns in found.items() if len(columns) > 1)

    def mapped(self) -> frozenset[str]:
        """The requirements that a column or a table answers."""
        found: set[str] = set()
        for known in self.tables.values():
            table = known.table
            columns = [*table.columns, *(column for group in table.boxes for column in group.columns)]
            found |= {name for column in columns for name in column.requirements}
            for rows in table.rows:
                found |= {rows.requirement, *rows.names.values()}
                if rows.code:
                    found |= {requirement.name for requirement in self.by_kind.get(rows.kind, ())}
        return frozenset(found & self.by_name.keys())

    def readings(self, name: str, line: int, row: Sequence[str]) -> Iterator[tuple[str, Reading]]:
        """Every reading that a row gives, with the name of the requirement."""
        known = self.tables[name]

        empty = known.table.style.empty

        def cells(column: str) -> str:
            text = row[known.kept[column]].strip() if column in known.kept else ""
            return "" if empty and cells_of.is_coded(text, empty) else text

        is_meant = _is_meant(known.table.where, cells)
        for column in known.table.columns if is_meant else ():
            yield from self.of_column(known, column, cells, line)
        for group in known.table.boxes if is_meant else ():
            yield from self.of_boxes(known, group, cells, line)
        for rows in known.table.rows:
            if _is_meant(rows.where, cells):
                yield from self.of_row(known, rows, cells, line)

    def start(self, known: Known, line: int, column: str = "") -> Reading:
        place = f"{known.table.name}:{line}"
        position = known.file.position(column) if column else None
        span = Span(known.table.name, line, 1 if position is None else position + 1)
        return Reading(f"{place} {column}".strip(), span=span)

    def of_column(self, known: Known, column: Column, cells: Cells, line: int) -> Iterator[tuple[str, Reading]]:
        for name in column.requirements:
            requirement = self.by_name.get(name)
            if requirement is not None and _is_meant(column.where, cells):
                start = self.start(known, line, column.column)
                found = cells_of.reading_of(requirement, column, cells, known.table.style, start)
                if self.coded is not None:
                    self.count(name, column, cells, known.table.style)
                parts = self.parts[known.table.name].get((name, column.date, column.on), ())
                if found is not None and parts and _says_no(found) and column in parts:
                    found = self.part(requirement, found, parts, cells, known.table.style)
                if found is not None and (name, column.column) in self.readings_of[known.table.name]:
                    found = replace(found, by=", ".join(filter(None, (found.by, column.column))))
                    # One moment of the whole row does not make them one either.
                    found = replace(
                        found, date=found.date.partition("T")[0] if "/" not in found.date else found.date
                    )
                if found is not None:
                    yield name, found

    def part(
        self, requirement: DataRequirement, found: Reading, parts: Sequence[Column], cells: Cells, style: Style
    ) -> Reading:
        """A no to one part of a question: it says no to the whole only where no other part is left open."""
        asked = [part for part in parts if _is_meant(part.where, cells)]
        others = [cells_of.reading_of(requirement, part, cells, style, Reading("")) for part in asked]
        if all(other is not None and (_says_no(other) or _says_yes(other)) for other in others):
            return found
        if requirement.type.name == "Records":
            return replace(found, status="unconfirmed")
        return replace(found, value="UNKNOWN")

    def count(self, name: str, column: Column, cells: Cells, style: Style) -> None:
        """Counts a code that the mapping declares for what is missing; no other value is ever kept."""
        code = bare(cells(column.column))
        if self.coded is not None and code and cells_of.is_missing(code, column, style):
            self.coded[name, code] += 1

    def of_boxes(self, known: Known, group: Boxes, cells: Cells, line: int) -> Iterator[tuple[str, Reading]]:
        """A ticked box says yes; an empty one says no only where the question was answered."""
        ticked = {column.column for column in group.columns if bare(cells(column.column)) in group.ticked}
        none = bool(group.none) and bare(cells(group.none)) in group.ticked
        complete = bare(cells(group.form)) in group.complete if group.form else bool(ticked) or none
        untold = any(bare(cells(column)) in group.ticked for column in group.missing)
        # A box for "none of these" beside a ticked one says nothing that can be used.
        answered = complete and not (none and ticked) and not untold
        told = {name for column in group.columns if column.column in ticked for name in column.requirements}
        for column in group.columns:
            if column.column not in ticked:
                # Beside a tick that says yes to the same, an empty box says nothing.
                column = replace(column, requirements=tuple(n for n in column.requirements if n not in told))
            written = cells(column.column)
            empty = bare(written).casefold() in _EMPTY
            if column.column in ticked or (written and (answered or untold or not empty)):
                # What is neither ticked nor empty is no answer of this question, and stands as it is written.
                no = "UNKNOWN" if untold else "FALSE"
                said = "TRUE" if column.column in ticked else no if empty else written
                answer = Column(column.column, column.requirements, words={written: said}, date=column.date)
                answer = replace(answer, on=column.on, where=column.where)
                yield from self.of_column(known, answer, cells, line)

    # ------------------------------------------------------------------------ a row, an entry

    def of_row(self, known: Known, rows: Rows, cells: Cells, line: int) -> Iterator[tuple[str, Reading]]:
        style = known.table.style
        if rows.is_array and is_null(cells(rows.code)) and is_null(cells(rows.name)):
            return
        untold = Column("", missing=rows.missing)
        date = cells_of.dated(Column("", date=rows.date, on=rows.on), cells, style)
        until = cells(rows.until) if rows.until else ""
        until = "" if cells_of.is_missing(until, Column(""), style) else cells_of.iso(until, style.dates)
        # What has ended lies between its days; what has not goes on.
        moment = f"{date}/{until}" if rows.until and (date or until) else date
        start = replace(
            self.start(known, line, (rows.code or rows.name) if rows.is_array else ""),
            date=moment,
            status=cells(rows.status).casefold() or "confirmed" if rows.status else "confirmed",
            by=cells(rows.by) if rows.by else f"row {line}" if rows.apart else "",
            text=cells(rows.text) if rows.text else "",
            codes=() if cells_of.is_missing(cells(rows.code), untold, style) else self.codes(rows, cells),
        )
        wanted = self.by_name.get(rows.requirement)
        if wanted is not None:
            # Where a code says what a row is of, one without a code may be of anything.
            match = self.match(wanted, start.codes) if start.codes else UNKNOWN if rows.code else TRUE
            yield from self.entry(known, rows, cells, wanted, replace(start, match=match))
        if not rows.kind:
            return
        attested = no_known(start.codes)
        name = cells(rows.name) if rows.name else ""
        named = rows.names.get(name) or rows.names.get(bare(name), "")
        name = "" if not named and cells_of.is_missing(name, untold, style) else name
        for requirement in self.by_kind.get(rows.kind, ()):
            if attested:
                codes = denied_by(requirement, attested)
                if codes is not None and start.status == "confirmed" and not until:
                    yield requirement.name, replace(start, codes=codes, status="absent", text="")
                continue
            match = self.match(requirement, start.codes)
            if named:
                match = TRUE if named == requirement.name else match if match is TRUE else FALSE
                if start.status in DENIED and not start.codes and [*rows.names.values()].count(named) > 1:
                    # One of several names denied is not all of them denied.
                    match = UNKNOWN if match is TRUE else match
            elif match is UNKNOWN and rows.unlisted != "possible" and (name or start.codes):
                match = FALSE
            if match is not FALSE:
                text = start.text or ("" if start.codes else name)
                yield from self.entry(known, rows, cells, requirement, replace(start, match=match, text=text))

    def codes(self, rows: Rows, cells: Cells) -> Codings:
        written = cells(rows.code) if rows.code else ""
        if not written:
            return ()
        code = code_of(written) if rows.system == _COLUMN else Code(rows.system, written)
        if code is None:
            return ()
        # A code of these systems is a whole number; in others a point belongs to it, as in `714.0` of ICD-9.
        whole = bare(code.code) if code.system in _WHOLE else code.code
        # Procedures of ICD-9 have their point elsewhere.
        is_procedure = "procedure" in (rows.kind, getattr(self.by_name.get(rows.requirement), "kind", ""))
        return (code._replace(code=whole) if is_procedure else term(code.system, whole),)

    def match(self, requirement: DataRequirement, codes: Codings) -> Truth:
        key = (requirement.name, codes)
        if key not in self.matches:
            if len(self.matches) > MOST_MATCHES:
                self.matches.clear()
            self.matches[key] = self.matched(requirement, codes)
        return self.matches[key]

    def matched(self, requirement: DataRequirement, codes: Codings) -> Truth:
        # SPEC: semantics 4.1; a product code that nobody has mapped is no other drug.
        matcher = self.matchers[requirement.name]
        if requirement.kind in PRODUCTS:
            vocabulary = self.vocabularies[requirement.name]
            return vocabulary.match_substance(codes, matcher, PRODUCTS[requirement.kind])
        return matcher.match(codes)

    def is_over(self, until: str) -> Truth:
        """Whether what ends on a day was over when the tables were extracted; what has no end goes on.

        Where nobody says when that was, no end is surely over: one that is planned lies ahead of that day.
        """
        if not until:
            return FALSE
        found = when_of(until)
        if found is None:
            return UNKNOWN
        (first, last), day = found[0], self.extracted
        if day is None:
            return UNKNOWN
        if last is not None and last < day:
            return TRUE
        return FALSE if first is not None and first >= day else UNKNOWN

    def entry(
        self, known: Known, rows: Rows, cells: Cells, requirement: DataRequirement, start: Reading
    ) -> Iterator[tuple[str, Reading]]:
        """One entry of a requirement: a fact by being there, or a value with what measures it."""
        style, kind = known.table.style, requirement.kind
        if requirement.active_only and kind != "observation":
            until = start.date.partition("/")[2]
            # A word for what is missing says that nobody knows the end; an empty cell that there is none.
            is_told = until or is_null(cells(rows.until))
            over = self.is_over(until) if rows.until and is_told else UNKNOWN
            if over is TRUE:
                return
            if over is UNKNOWN and start.status == "confirmed":
                start = replace(start, status="unconfirmed")
        start = replace(start, fields=cells_of.fields_of(requirement, rows.fields, cells, style))
        is_fact = is_presence(requirement) and kind != "observation"
        if rows.value is None or is_fact or (requirement.type.name == "Records" and kind != "observation"):
            fact = _fact(requirement, start)
            said = fact if rows.value is None else answered(fact, rows.value, kind, cells, style)
            yield requirement.name, said
            return
        found = cells_of.reading_of(requirement, rows.value, cells, style, start)
        if found is not None and start.codes:
            found = replace(found, text="")
        yield requirement.name, found if found is not None else replace(start, unusable="without a value")


def answered(fact: Reading, value: Column, kind: str, cells: Cells, style: Style) -> Reading:
    """A fact by being there, beside which a cell says whether it is so; the dose of a medicine does not."""
    text = cells_of.meant(cells(value.column), value.words)
    answer = is_yes(text)
    missing = not text or text.upper() == "UNKNOWN" or cells_of.is_missing(cells(value.column), value, style)
    if (
        answer is True
        or fact.status != "confirmed"
        or (kind == "medication" and answer is None and not value.words)
    ):
        return fact
    if answer is False:
        return replace(fact, status="absent")
    return replace(fact, status="unconfirmed") if missing else replace(fact, unusable="neither yes nor no")


def _says_no(reading: Reading) -> bool:
    return reading.status == "absent" or is_yes(reading.value) is False


def _says_yes(reading: Reading) -> bool:
    return not reading.unusable and (
        is_yes(reading.value) is True or (not reading.value and reading.status == "confirmed")
    )


def _is_meant(where: Where, cells: Cells) -> bool:
    """Whether a row has in the columns that are named one of the texts that are."""
    return all(cells(column) in texts or bare(cells(column)) in texts for column, texts in where)


def _fact(requirement: DataRequirement, start: Reading) -> Reading:
    """An entry that is itself the fact: that it is there, when, and of which code."""
    text = "" if start.codes else start.text
    match requirement.type.name:
        case "Boolean" | "Judgement" if not is_presence(requirement):
            return replace(start, value="TRUE", text="")
        case "Date" | "DateTime":
            first, _, last = start.date.partition("/")
            if not first:
                return replace(start, unusable="not dated")
            return replace(start, low=first, high=last, text="") if last else replace(start, value=first, text="")
        case "Code" | "String":
            if start.codes or text:
                return replace(start, value_codes=start.codes, text=text)
            return replace(start, unusable="not coded")
        case "Boolean" | "Records":
            return replace(start, text=text)
    return replace(start, unusable="recorded without a number")
