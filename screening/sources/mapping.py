"""A mapping file: which column of which table answers which requirement, and how the table is written.

It says only what the tables mean; what a value is worth is asked at the same door as of any other record.
Everything that is wrong with it is said at once, each fault at its place.
"""

from __future__ import annotations

import codecs
import datetime
import re
from collections.abc import Iterator

from screening.errors import Span
from screening.record.missing_code import bare
from screening.sources.document import digest_of
from screening.sources.keyed import Keys, read_whole
from screening.sources.mapping_form import Boxes, Column, Rows, Style, Table, TableMapping, Where
from screening.sources.profile_text import SYSTEMS
from screening.sources.site import LISTS
from screening.sources.tree import Faults, Mapping, Scalar, Sequence, Tree
from screening.sources.worth import moment_of, when_of

HEAD = ("source", "extracted", "synthetic", "note", "ids", "tables")
# What `ids` may say of them: that each is a whole number, in whatever way it is written.
NUMBERED = "numbers"
WRITTEN = ("encoding", "delimiter", "decimal", "dates", "missing", "empty", "units")
TABLE = (
    "id",
    "ids",
    "people",
    "repeats",
    "skip",
    "where",
    "date",
    "on",
    "columns",
    "checkboxes",
    "rows",
    *WRITTEN,
)
COLUMN = (
    "for",
    "unit",
    "unit column",
    "date",
    "on",
    "words",
    "missing",
    "empty",
    "as",
    "system",
    "by",
    "where",
    "note",
)
BOXES = ("columns", "form", "complete", "none", "missing", "ticked", "date", "on")
ROWS = (
    "for", "list", "code", "system", "name", "names", "unlisted", "value", "unit", "unit column", "date", "on",
    "until", "status", "by", "text", "fields", "words", "missing", "where", "apart",
)  # fmt: skip
_SYSTEMS = {re.sub(r"[^a-z0-9]", "", name.casefold()): name for name in SYSTEMS} | {"snomedct": "SNOMED"}
FIELD = ("column", "words", "missing")
# What `rows` may name several columns for: those of an array, an entry each.
ARRAYS = ("code", "name", "date", "until")


def read_mapping(data: str | bytes, name: str) -> TableMapping:
    """A mapping in YAML. Raises RuleError with everything that is wrong with it."""
    return read_whole(data, name, lambda faults, tree: _Door(faults).mapping(tree))


class _Door(Keys):
    """Reads the keys of a mapping; what is missing or misspelt is noted."""

    def __init__(self, faults: Faults) -> None:
        super().__init__(faults)
        self.named: list[tuple[str, Span]] = []
        self.asked: list[tuple[str, Span]] = []
        self.systems: list[tuple[str, Span]] = []

    # ------------------------------------------------------------------------------- pieces

    def column(self, tree: Mapping, key: str) -> str:
        """The name of a column that a key names."""
        found = tree.get(key)
        text = " ".join(self.text(tree, key).split())
        if text and isinstance(found, Scalar):
            self.named.append((text, self.faults.span(found.at, found.end)))
        return text

    def each(self, found: Tree | None, noted: list[tuple[str, Span]]) -> tuple[str, ...]:
        """The names that stand there, one or several, noted with their places."""
        items = found.items if isinstance(found, Sequence) else [found] if found is not None else []
        names = [(" ".join(i.text.split()), self.faults.span(i.at, i.end)) for i in items if isinstance(i, Scalar)]
        noted += [(name, span) for name, span in names if name]
        return tuple(name for name, _ in names if name)

    def words(self, tree: Mapping) -> dict[str, str]:
        below = self.keys(tree.get("words"), None, "`words`")
        found = self.meanings(below, "the answer", "write UNKNOWN where it says that nobody knows")
        # A code may be declared as `1.0`, and be written as 1.
        return {**{bare(key): word for key, word in found.items()}, **found}

    def system(self, tree: Mapping) -> str:
        """The system of codes; a site's own may have any name, and known ones are written in one way."""
        text = self.text(tree, "system")
        meant = _SYSTEMS.get(re.sub(r"[^a-z0-9]", "", text.casefold()), text)
        if meant != text and text != "column":
            self.wrong(tree, "system", "the system of codes is written otherwise", f"did you mean `{meant}`")
        return text

    def meanings(self, below: Mapping, what: str, help: str) -> dict[str, str]:
        """What each text of a table means; one without a meaning would be an entry that says nothing."""
        found = {key: self.text(below, key) for key in below.entries}
        for key, (name, part) in below.entries.items():
            if not found[key] and isinstance(part, Scalar):
                self.faults.add(name.at, f"{what} `{key[:40]}` is given no meaning", help=help, end=name.end)
        return found

    def where(self, tree: Mapping) -> Where:
        """The cells that rows have to have: `where: {form: drugs}`, one text or several; "" is an empty cell."""
        below = self.keys(tree.get("where"), None, "`where`")
        for name, _ in below.entries.values():
            self.named.append((" ".join(name.text.split()), self.faults.span(name.at, name.end)))
        return tuple((" ".join(key.split()), self.texts(below, key) or ("",)) for key in below.entries)

    def day(self, tree: Mapping, key: str) -> str:
        text = self.text(tree, key)
        if text and when_of(text) is None:
            self.wrong(tree, key, f"`{key}` is a date", "write it as 2026-11-20, 2026-11 or 2026")
            return ""
        return text

    def days(self, tree: Mapping) -> str:
        """The day of all values, `on:`; of a survey of two years it is a period."""
        text = self.text(tree, "on")
        found = moment_of(text) if text else None
        if text and (found is None or None in found[0]):
            help = "write it as 2026-11-20, 2026-11 or 2026, or as a period, 2025/2026"
            self.wrong(tree, "on", "`on` is a date or a period", help)
            return ""
        return text

    # -------------------------------------------------------------------------------- wholes

    def mapping(self, tree: Tree) -> TableMapping | None:
        head = self.keys(tree, (*HEAD, *WRITTEN), "a mapping")
        style = self.style(head, Style())
        below = self.keys(head.get("tables"), None, "`tables`")
        numbered = self.numbered(head)
        tables = [self.table(key, part, style, numbered) for key, part in below.entries.values()]
        if not tables:
            self.faults.add(head.at, "`tables` is missing", help="name each table with its columns below it")
        people = [table for table in tables if table.is_people]
        if len(people) > 1:
            self.faults.add(
                head.at, f"{len(people)} tables say `people: true`", help="one table has a row a person"
            )
        first = people[0] if people else tables[0] if tables else None
        extracted = self.day(head, "extracted")
        if extracted and len(extracted) != len("2026-11-20"):
            self.wrong(head, "extracted", "`extracted` is a day", "write it as 2026-11-20")
            extracted = ""
        return TableMapping(
            tuple(sorted(tables, key=lambda table: table is not first)), self.text(head, "source"),
            datetime.date.fromisoformat(extracted) if extracted else None,
            self.yes(head, "synthetic"), digest_of(tree), self.faults.name, tuple(dict.fromkeys(self.systems)),
        )  # fmt: skip

    def style(self, tree: Mapping, above: Style) -> Style:
        """How a table is written, where it says it itself, else as all tables are."""
        encoding, delimiter = (
            self.text(tree, "encoding") or above.encoding,
            self.delimiter(tree) or above.delimiter,
        )
        try:
            codecs.lookup(encoding)
        except LookupError:
            self.wrong(tree, "encoding", "there is no such encoding", "write utf-8, cp1252 or utf-16")
        decimal = self.text(tree, "decimal") or above.decimal
        if decimal not in (".", ","):
            self.wrong(tree, "decimal", "`decimal` is a point or a comma")
        dates = self.texts(tree, "dates") or above.dates
        for form in dates:
            if "YYYY" not in form or form.replace("YYYY", "").strip("DMhms:./- T_"):
                help = "write it as DD.MM.YYYY; a year of two digits does not say its century"
                self.wrong(tree, "dates", "this is no form of a date", help)
        if len({form.replace("D", "M") for form in dates}) < len(set(dates)):
            help = "03/04/2024 is in either; give each table the one that its dates are written in"
            self.wrong(tree, "dates", "two forms differ only in what comes first, day or month", help)
        missing = (*above.missing, *self.texts(tree, "missing"))
        below = self.keys(tree.get("units"), None, "`units`")
        units = {**above.units, **{key: self.text(below, key) for key in below.entries}}
        empty = (*above.empty, *self.texts(tree, "empty"))
        return Style(encoding, delimiter, decimal, dates, missing, units, empty)

    def delimiter(self, tree: Mapping) -> str:
        found = tree.get("delimiter")
        text = found.text if isinstance(found, Scalar) else ""
        text = {"tab": "\t", "\\t": "\t"}.get(text.strip().casefold(), text)
        if text and len(text) != 1:
            self.wrong(tree, "delimiter", "`delimiter` is one character, or `tab`")
            return ""
        return text

    def numbered(self, tree: Mapping) -> bool:
        said = self.text(tree, "ids")
        if said not in ("", NUMBERED):
            help = "it says that 42.0, 0042 and 42 are one id; without it an id is the text that stands there"
            self.wrong(tree, "ids", f"`ids` is `{NUMBERED}`, or is left out", help)
        return said == NUMBERED

    def skip(self, tree: Mapping) -> int:
        """How many rows below the names of the columns are of nobody: questions in full, ids of a survey tool."""
        text = self.text(tree, "skip")
        if text and not (text.isdecimal() and len(text) < 3):
            self.wrong(tree, "skip", "`skip` is how many rows below the names of the columns are of nobody")
            return 0
        return int(text or 0)

    def table(self, key: Scalar, part: Tree, style: Style, numbered: bool) -> Table:
        self.named, self.asked = [], []
        tree = self.keys(part, TABLE, f"the table `{key.text[:60]}`")
        ids = self.each(tree.get("id"), self.named)
        if not ids:
            self.faults.add(key.at, "`id` is missing, so the rows are nobody's", help="name the column of the ids")
        date, on = self.column(tree, "date"), self.days(tree)
        style = self.style(tree, style)
        below = self.keys(tree.get("columns"), None, "`columns`")
        columns = tuple(self.of_column(name, each, date, on) for name, each in below.entries.values())
        listed = tree.get("checkboxes")
        items = listed.items if isinstance(listed, Sequence) else [] if listed is None else [listed]
        boxes = tuple(self.boxes(item, date, on) for item in items)
        listed = tree.get("rows")
        every = listed.items if isinstance(listed, Sequence) else [] if listed is None else [listed]
        parts = [one for each in every for one in self.parts(each)]
        rows = tuple(self.rows(one, date, on, is_array) for one, is_array in parts)
        where = self.where(tree)
        if not every and not columns and not boxes and not self.yes(tree, "people"):
            self.faults.add(
                key.at, "nothing says what the table holds", help="write `columns:` or `rows:` below it"
            )
        return Table(
            key.text, ids, style, self.yes(tree, "people"), self.yes(tree, "repeats"), columns, boxes, rows,
            self.faults.span(key.at, key.end), tuple(dict.fromkeys(self.named)), where,
            numbered or self.numbered(tree), tuple(self.asked), self.skip(tree),
        )  # fmt: skip

    def of_column(self, name: Scalar, part: Tree, date: str, on: str) -> Column:
        """`crp: CRP`, or the column with all that is said of it."""
        span = self.faults.span(name.at, name.end)
        column = " ".join(name.text.split())
        self.named.append((column, span))
        if isinstance(part, Scalar):
            if not part.text.strip():
                self.faults.add(name.at, "nothing says which requirement this column answers", end=name.end)
            return Column(column, self.each(part, self.asked), date=date, on=on, span=span)
        tree = self.keys(part, COLUMN, f"the column `{name.text[:60]}`")
        wanted = self.each(tree.get("for"), self.asked)
        if not wanted:
            self.faults.add(name.at, "`for` is missing: which requirement this column answers", end=name.end)
        return self.valued(tree, column, wanted, date, on, span)

    def valued(
        self, tree: Mapping, column: str, wanted: tuple[str, ...], date: str, on: str, span: Span
    ) -> Column:
        kind = self.text(tree, "as")
        self.each(tree.get("system"), self.systems)
        if kind not in ("", "age"):
            self.wrong(tree, "as", "`as` is age: completed years on the day that `date` or `on` says")
        own, fixed = self.column(tree, "date"), self.days(tree)
        date, on = (own, fixed) if own or fixed else (date, on)
        if kind == "age" and not (date or on):
            help = "name the column of that day as `date:`, or say `on: 2014`"
            self.wrong(tree, "as", "an age needs the day on which it was told", help)
        return Column(
            column, wanted, self.text(tree, "unit"), self.column(tree, "unit column"), date, on,
            self.words(tree), self.texts(tree, "missing"), kind == "age", self.system(tree),
            self.column(tree, "by"), span, self.where(tree), self.texts(tree, "empty"),
        )  # fmt: skip

    def boxes(self, item: Tree, date: str, on: str) -> Boxes:
        tree = self.keys(item, BOXES, "an entry of `checkboxes`")
        own, fixed = self.column(tree, "date"), self.days(tree)
        date, on = (own, fixed) if own or fixed else (date, on)
        below = self.keys(tree.get("columns"), None, "`columns` of a group")
        columns = tuple(self.of_column(name, each, date, on) for name, each in below.entries.values())
        if not columns:
            self.faults.add(tree.at, "`columns` is missing: a column for each answer")
        usual = Boxes(())
        return Boxes(
            columns, self.column(tree, "form"), self.texts(tree, "complete") or usual.complete,
            self.column(tree, "none"), self.texts(tree, "ticked") or usual.ticked,
            self.each(tree.get("missing"), self.named),
        )  # fmt: skip

    def parts(self, part: Tree) -> list[tuple[Tree, bool]]:
        """`rows` for each column of an array (`code: [dx1, dx2]`), and whether it is one."""
        listed = {
            key: found.items
            for key in ARRAYS
            if isinstance(part, Mapping) and isinstance(found := part.get(key), Sequence)
        }
        if not isinstance(part, Mapping) or not listed:
            return [(part, False)]
        lengths = {key: len(items) for key, items in listed.items()}
        if len(set(lengths.values())) > 1 or not {"code", "name"} & listed.keys():
            said = ", ".join(f"`{key}` {number}" for key, number in lengths.items())
            help = "name as many columns for each, and those of `code:` or `name:` among them"
            self.faults.add(part.at, f"the columns of an array do not fit: {said}", help=help)
            return []
        return [
            (
                Mapping(
                    {**part.entries, **{key: (part.entries[key][0], items[n]) for key, items in listed.items()}},
                    part.at,
                ),
                True,
            )
            for n in range(min(lengths.values()))
        ]

    def rows(self, part: Tree, date: str, on: str, is_array: bool) -> Rows:
        tree = self.keys(part, ROWS, "`rows`")
        wanted, listed = self.text(tree, "for"), self.text(tree, "list")
        self.each(tree.get("for"), self.asked)
        self.each(tree.get("system"), self.systems)
        if bool(wanted) == bool(listed):
            help = "`for:` a requirement, or `list:` " + ", ".join(LISTS)
            self.faults.add(tree.at, "`rows` says either what each row answers, or of which list it is", help=help)
        if listed and listed not in LISTS:
            self.wrong(tree, "list", "there is no such list", "the lists are " + ", ".join(LISTS))
        span = self.faults.span(tree.at)
        own, fixed = self.column(tree, "date"), self.days(tree)
        date, on = (own, fixed) if own or fixed else (date, on)
        if "/" in on and tree.get("until") is not None:
            self.wrong(tree, "until", "`on` is a period, and `until` ends it again", "leave one of them out")
        names = self.keys(tree.get("names"), None, "`names`")
        for _, named in names.entries.values():
            self.each(named, self.asked)
        code, name, unlisted = self.column(tree, "code"), self.column(tree, "name"), self.text(tree, "unlisted")
        if listed and not code and not name:
            self.faults.add(tree.at, "`rows` of a list need a column `code:` or `name:`")
        if code and not self.text(tree, "system"):
            help = "write `system: LOINC`, or `system: column` where each code is written with its system"
            self.wrong(tree, "code", "nothing says of which system the codes are", help)
        if unlisted not in ("", "possible", "something else"):
            self.wrong(tree, "unlisted", "`unlisted` is `possible` or `something else`")
        value = self.column(tree, "value")
        measured = (
            self.valued(without(tree, "date", "on", "by", "where"), value, (), date, on, span) if value else None
        )
        return Rows(
            wanted, LISTS.get(listed, ""), code, self.system(tree), name,
            self.meanings(names, "the name", "name its requirement; a name that is left out is `unlisted`"),
            unlisted or "possible", measured,
            self.column(tree, "until"), self.column(tree, "status"), self.column(tree, "by"),
            self.column(tree, "text"), dict(self.fields(tree)), date, on, span, self.where(tree),
            self.yes(tree, "apart"), self.texts(tree, "missing"), is_array,
        )  # fmt: skip

    def fields(self, tree: Mapping) -> Iterator[tuple[str, Column]]:
        below = self.keys(tree.get("fields"), None, "`fields`")
        for name, (_, part) in below.entries.items():
            if isinstance(part, Scalar):
                yield name, Column(self.column(below, name), span=self.faults.span(part.at, part.end))
            else:
                inner = self.keys(part, FIELD, "a field")
                column, missing = self.column(inner, "column"), self.texts(inner, "missing")
                yield name, Column(column, words=self.words(inner), missing=missing)


def without(tree: Mapping, *keys: str) -> Mapping:
    """A mapping without some of its keys."""
    return Mapping({key: pair for key, pair in tree.entries.items() if key not in keys}, tree.at)
