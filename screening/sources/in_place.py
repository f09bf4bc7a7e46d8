"""Whether the tables of a mapping are plain enough to be screened where they lie; if not, every reason why.

Plain is what reads as the same entry column by column as it does person by person: typed columns of Parquet files
in the requirement's unit, numbers that are exact, words that are themselves, and nothing that the door would
reject, set aside or take for missing. What types do not say is looked up in the tables before anybody is screened.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from screening.language.library import DataRequirement, Library, RowField
from screening.language.types import NUMBERS, Type
from screening.record import tables as roles
from screening.record.people import SHORTENED, People
from screening.record.tables import Entries, Held, Tables, of_field
from screening.sources.admission import is_presence
from screening.sources.mapped import LONGEST_ID, NOBODY, Mapped, fitting, id_of, known_tables
from screening.sources.mapping_form import Column, Rows, TableMapping
from screening.sources.number import unit_meant
from screening.sources.parquet import connected, open_parquet, quoted, refused, some_of, spellings, text_of
from screening.sources.site import SiteDeclaration, completeness
from screening.sources.table_rows import Asking, Known
from screening.sources.typed import DAY, NUMBER, TEXT, TRUTH, WHOLE, Typed
from screening.sources.unread import people_through
from screening.sources.worth import is_birth, is_gender
from screening.values.bounds import OPEN, Bounds
from screening.values.frozen import dataclass

if TYPE_CHECKING:
    from screening.sources.files import Beside
_FITS = {"Boolean": (TRUTH,), "Judgement": (), "Integer": (WHOLE,), "Decimal": (WHOLE, NUMBER),
         "Quantity": (WHOLE, NUMBER), "Date": (DAY,), "String": (TEXT,)}  # fmt: skip
_Ask: TypeAlias = Callable[..., int]
# A blank is what the door takes for one: of more kinds than the white space of a regular expression.
_BLANK = "[" + "".join(f"\\x{{{n:x}}}" for n in range(0x3100) if chr(n).isspace()) + "]"
_SHORT, _NOBODY = (f"^{each.pattern.removesuffix(chr(92) + 'Z')}$" for each in (SHORTENED, NOBODY))
# Up to here a 64-bit float says a whole number, and one of eight decimals, as its text does.
_MOST = {WHOLE: 10**15, NUMBER: 10**7}
_PLACES = 8


@dataclass(frozen=True, slots=True)
class InPlace:
    """The tables to be screened where they lie; None if they cannot be, with every reason."""

    tables: Tables | None
    reasons: tuple[str, ...] = ()


def in_place(
    source: Path,
    mapping: TableMapping,
    library: Library,
    site: SiteDeclaration | None = None,
    beside: Beside | None = None,
) -> InPlace:
    """The tables of a mapping for the interpreters of columns; `library` has the site's codes in it.

    Of everybody in them the same is read as of their subjects. Raises as `open_tables` does.
    """
    tables = known_tables(source, mapping)
    fitting(mapping, library, tables, beside)
    found = _Looking(tables, library)
    held = dict(found.held())
    found.keys()
    if found.reasons:
        return InPlace(None, tuple(dict.fromkeys(found.reasons)))
    mapped = Asking(library, tables).mapped()
    declared = ((r, completeness(site, r)) for r in library.requirements if r.name in mapped)
    id = tables[0].table.ids[0]
    complete = {requirement.name: said for requirement, said in declared if said is not None}
    return InPlace(Tables(str(found.path(tables[0])), id, id, held, complete))


def people_in_place(
    source: Path, mapping: TableMapping, library: Library, site: SiteDeclaration | None, ids: Sequence[str]
) -> People:
    """Some of the people of tables that are plain, in the order of their table; the same as among all of them."""
    return _some(source, mapping, library, site, lambda known: ids)


def person_in_place(
    source: Path, mapping: TableMapping, library: Library, site: SiteDeclaration | None, id: str
) -> People:
    """One of the people of tables, whether these are plain or not, of which every row is known to be somebody's.

    INVARIANT: rows are theirs that a table writes under `42 `, or under `42.0` where ids are numbers. Nobody is
    asked for alone whose id stands in several columns.
    """

    def texts(known: Known) -> list[str]:
        part, (own,) = "" if known.table.is_numbered else id, known.table.ids
        assert isinstance(known.file, Typed)
        found = spellings(known.file, own, part) if _kind(known, own) == TEXT else []
        return [id, *(text for text in found if id_of(known.table, [text]) == id)]

    if any(len(table.ids) > 1 for table in mapping.tables):
        return iter(())
    return _some(source, mapping, library, site, texts)


def _some(
    source: Path,
    mapping: TableMapping,
    library: Library,
    site: SiteDeclaration | None,
    texts: Callable[[Known], Sequence[str]],
) -> People:
    """The people of tables, of rows alone whose id is written as one of some texts."""
    tables = [
        known._replace(file=some_of(known.file, known.table.ids[0], texts(known)))
        if isinstance(known.file, Typed)
        else known
        for known in known_tables(source, mapping)
    ]
    return people_through(Mapped(tables, mapping, library, site, None))


class _Looking:
    """Goes through the tables and notes what is not plain."""

    def __init__(self, tables: Sequence[Known], library: Library) -> None:
        self.tables, self.library = tables, library
        self.by_name = {requirement.name: requirement for requirement in library.requirements}
        self.reasons: list[str] = []
        self.answered: dict[str, str] = {}

    def no(self, where: str, why: str) -> None:
        self.reasons.append(f"{where}: {why}")

    def path(self, known: Known) -> Path:
        assert isinstance(known.file, Typed)
        return known.file.path

    def held(self) -> Iterator[tuple[str, Held | Entries]]:
        """Where each requirement lies."""
        for number, known in enumerate(self.tables):
            table, name = known.table, known.table.name
            if not isinstance(known.file, Typed):
                self.no(name, "it is no Parquet file")
                continue
            if known.file.header != open_parquet(known.file.path).header:
                self.no(name, "its columns are written in other capitals than in the mapping")
            if table.skip:
                self.no(name, "some of its rows are passed over")
            if table.is_numbered:
                self.no(name, "its ids are numbers, in whatever way they are written")
            if table.boxes:
                self.no(name, "it has checkboxes, which stand for what is not ticked too")
            if table.repeats or table.where:
                self.no(name, "several of its rows are of one person, or some are passed over")
            if table.columns and number:
                self.no(name, "its columns answer requirements, and only those of the table of people can")
            yield from self.columns(known, table.columns if not number else ())
            for rows in table.rows:
                yield from self.rows(known, rows)

    def columns(self, known: Known, columns: Sequence[Column]) -> Iterator[tuple[str, Held]]:
        with _numbers(self.path(known)) as ask:
            for column in columns:
                where = f"{known.table.name} {column.column}"
                for requirement in (self.by_name[name] for name in column.requirements if name in self.by_name):
                    self.once(requirement.name, where)
                    self.plain(where, column, known)
                    if is_presence(requirement) or requirement.type.name == "Records":
                        self.no(where, f"its answers say whether there is any `{requirement.name}`")
                        continue
                    self.worth(where, requirement, column, known, ask)
                    yield requirement.name, Held(column.column, "" if is_birth(requirement) else column.date)

    def once(self, name: str, where: str) -> None:
        if name in self.answered:
            self.no(where, f"`{name}` is answered by {self.answered[name]} already")
        self.answered[name] = where

    def plain(self, where: str, column: Column, known: Known) -> None:
        """What a mapping may say of a column that makes its cells other than they are."""
        said = {
            "a word that means something": column.words,
            "a code for what is missing": (*column.missing, *known.table.style.missing),
            "a code for an empty cell": (*column.empty, *known.table.style.empty),
            "a column of units": column.unit_column,
            "an age": column.is_age,
            "one day for all": column.on,
            "who said it": column.by,
            "the system of its codes": column.system,
            "in which rows it was asked": column.where,
        }
        for what, found in said.items():
            if found:
                self.no(where, f"the mapping gives {what}")
        if column.date and _kind(known, column.date) != DAY:
            self.no(where, f"`{column.date}` is no column of days")

    def worth(self, where: str, requirement: DataRequirement, column: Column, known: Known, ask: _Ask) -> None:
        """Holds the values of a column against what its requirement takes."""
        kind, type = _kind(known, column.column), requirement.type
        wanted = (DAY,) if is_birth(requirement) else _FITS.get(type.name, ())
        if kind not in wanted:
            self.no(where, f"a {type.name} cannot be read off a column of the kind `{kind or 'other'}`")
            return
        style = known.table.style
        unit = unit_meant(style.units.get(column.unit, column.unit), requirement.units)
        if type.name == "Quantity" and unit != (type.unit or "1"):
            self.no(where, f"its unit is not `{type.unit or '1'}`")
        if type.name in NUMBERS and type.name != "Quantity" and unit not in ("", "1"):
            self.no(where, "a unit where none is asked for")
        if requirement.missing:
            self.no(where, "the rule file knows codes for what is missing")
        if kind in _MOST:
            self.numbers(where, column.column, (requirement.scale, requirement.plausible), kind, ask)
        if kind == TEXT:
            self.words(where, column.column, ("male", "female") if is_gender(requirement) else (), ask)

    def numbers(self, where: str, column: str, limits: Sequence[Bounds], kind: str, ask: _Ask) -> None:
        name = quoted(column)
        bad = f"isnan({name}::DOUBLE) OR abs({name}) >= {_MOST[kind]}"
        if kind == NUMBER:
            bad += f" OR round({name}::DOUBLE, {_PLACES}) <> {name}::DOUBLE"
        if ask(f"{name} IS NOT NULL AND ({bad})"):
            self.no(where, f"some numbers have more digits, or more than {_PLACES} decimals, than are exact")
        for bounds, what in zip(limits, ("its scale", "what is plausible"), strict=True):
            ends = [(end, sign) for end, sign in zip(bounds, ("<", ">"), strict=True) if end is not None]
            beyond = " OR ".join(f"{name} {sign} {Decimal(end):f}" for end, sign in ends)
            if bounds != OPEN and ask(beyond):
                self.no(where, f"some numbers lie outside {what}")

    def words(self, where: str, column: str, allowed: Sequence[str], ask: _Ask) -> None:
        name = quoted(column)
        # What the door reads off the ends of a cell, or takes for no word at all; a bar divides system and code.
        if ask(
            rf"{name} = '' OR regexp_matches({name}, '^{_BLANK}|{_BLANK}$|\||[\x00]') OR upper({name}) = 'UNKNOWN'"
        ):
            self.no(
                where, "some words begin or end with a blank, are empty, hold `|`, or say that nothing is known"
            )
        if allowed:
            listed = ", ".join(text_of(word) for word in allowed)
            if ask(f"{name} IS NOT NULL AND {name} NOT IN ({listed})"):
                self.no(where, f"some words are none of {', '.join(allowed)}")

    # ------------------------------------------------------------------------ a row, an entry

    def rows(self, known: Known, rows: Rows) -> Iterator[tuple[str, Entries]]:
        name = known.table.name
        requirement = self.by_name.get(rows.requirement)
        if rows.kind or rows.code or rows.name:
            self.no(name, "which requirement a row answers is said by a code or a name in it")
            return
        if requirement is None:
            return
        self.once(requirement.name, name)
        said = {
            "ends": rows.until,
            "a status": rows.status,
            "who said it": rows.by,
            "texts": rows.text,
            "values": rows.value,
            "one day for all": rows.on,
            "which rows are meant": rows.where,
            "codes for what is missing": (*rows.missing, *known.table.style.missing, *known.table.style.empty),
        }
        for what, found in said.items():
            if found:
                self.no(name, f"the mapping gives {what}")
        if not rows.apart:
            self.no(name, "two of its rows may be one that is recorded twice; `apart: true` says that none are")
        if requirement.type.name != "Records" or requirement.active_only:
            self.no(name, f"`{requirement.name}` is no list of records")
            return
        columns = {roles.SUBJECT: known.table.ids[0]}
        if rows.date:
            columns |= {roles.WHEN_LOW: rows.date, roles.WHEN_HIGH: rows.date}
            if _kind(known, rows.date) != DAY:
                self.no(name, f"`{rows.date}` is no column of days")
        with _numbers(self.path(known)) as ask:
            for declared in requirement.fields:
                if declared.name in rows.fields:
                    columns |= self.field(known, declared, rows.fields[declared.name], ask)
                elif declared.by_code:
                    self.no(name, f"`{declared.name}` is read off the codes of a row")
        yield requirement.name, Entries(str(self.path(known)), columns)

    def field(self, known: Known, declared: RowField, column: Column, ask: _Ask) -> dict[str, str]:
        where = f"{known.table.name} {column.column}"
        kind = _kind(known, column.column)
        if column.words or column.missing or declared.name in ("value", "date", "code"):
            self.no(where, "the mapping gives a word that means something, or it is no field of its own")
        if kind not in _FITS.get(declared.type.name, ()) or declared.type.name == "Quantity":
            self.no(where, f"a {declared.type.name} cannot be read off a column of the kind `{kind or 'other'}`")
            return {}
        if declared.type.name in NUMBERS:
            self.numbers(where, column.column, (OPEN, OPEN), kind, ask)
        if kind == TEXT:
            self.words(where, column.column, declared.values, ask)
        return {of_field(declared.name, role): column.column for role in _roles(declared.type)}

    # ----------------------------------------------------------------------------------- keys

    def keys(self) -> None:
        """Whose each row is: everybody once, and no row of nobody."""
        first = self.tables[0]
        for known in self.tables:
            if not isinstance(known.file, Typed):
                return
            if len(known.table.ids) > 1:
                self.no(known.table.name, "an id of several columns")
                return
            if _kind(known, known.table.ids[0]) != TEXT:
                self.no(f"{known.table.name} {known.table.ids[0]}", "an id that is no text")
                return
        id, people = quoted(first.table.ids[0]), self.path(first)
        with _numbers(people) as ask:
            odd = rf"'^\s|\s$|[^\x20-\x7e]|^$|{_SHORT}|{_NOBODY}'"
            if ask(f"{id} IS NULL OR length({id}) > {LONGEST_ID} OR regexp_matches({id}, {odd})"):
                self.no(first.table.name, "some ids are empty, or are none")
            if ask("TRUE", f"count(*) - count(DISTINCT {id})"):
                self.no(first.table.name, "some ids stand twice")
            for known in self.tables[1:]:
                of = quoted(known.table.ids[0])
                mine = f"SELECT {id} FROM read_parquet(?)"
                with _numbers(self.path(known)) as below:
                    if below(f"{of} IS NULL OR {of} NOT IN ({mine})", "count(*)", str(people)):
                        self.no(known.table.name, "some rows are of nobody in the table of people")


@contextmanager
def _numbers(path: Path) -> Iterator[_Ask]:
    """Counts rows of a Parquet file of which a condition is true."""
    import duckdb

    with connected() as connection:

        def ask(condition: str, what: str = "count(*)", *given: str) -> int:
            query = f"SELECT {what} FROM read_parquet(?) WHERE {condition}"
            try:
                found = connection.execute(query, [str(path), *given]).fetchone()
            except duckdb.Error:
                raise refused(path.name, "the table cannot be read to its end; it may be cut off") from None
            return int(found[0])

        yield ask


def _kind(known: Known, column: str) -> str:
    position = known.file.position(column)
    return known.file.kinds[position] if isinstance(known.file, Typed) and position is not None else ""


def _roles(type: Type) -> tuple[str, ...]:
    if type.name == "Boolean":
        return (roles.TRUTH,)
    return (roles.WORD,) if type.name == "String" else (roles.LOW, roles.HIGH)
