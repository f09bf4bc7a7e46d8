"""What can be seen of a table without knowing what it means: how it is written, and what its cells look like.

Of the cells only shapes and counts are kept, and words that say that something is missing; no value of a person.
"""

from __future__ import annotations

import csv
import re
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import field
from decimal import Decimal
from pathlib import Path

from screening.record.missing_code import bare, standing_apart
from screening.sources.cell import MONTHS
from screening.sources.delimited import DELIMITERS, Delimited, unpacked
from screening.sources.parquet import is_parquet, open_parquet
from screening.sources.typed import Typed
from screening.values.frozen import dataclass

MOST_ROWS = 5_000
MISSING_WORDS = (
    "na", "n/a", "nan", "null", "none", ".", "-", "?", "unknown", "missing", "refused", "not known", "not done",
    "don't know", "unbekannt", "keine angabe", "k.a.",
)  # fmt: skip
# How SAS writes that a value is missing, with a letter for the reason.
_SAS_LETTER = re.compile(r"\.[A-Za-z_]\Z")
# What a zero becomes on its way through a SAS transport file: 16 to the power of -65.
SAS_ZERO = re.compile(r"5\.(?:397\d*|40?)[eE]-0?79\Z")
_NUMBER = re.compile(r"[<>]?=?\s*-?\d+(?:\.\d+)?\Z")
_COMMA = re.compile(r"[<>]?=?\s*-?\d+,\d+\Z")
_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2}([T ].*)?)?)?\Z")
_POINTS = re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}\Z")
# Days by which programs and surveys say that there is none: years that no record is of, and where calendars begin.
_NO_DAY = re.compile(
    r"(?:(?:0000|7777|8888|9999)-\d\d-\d\d|\d\d[/.]\d\d[/.](?:0000|7777|8888|9999)"
    r"|1900-01-01|0?1[/.]0?1[/.]1900|1899-12-3[01])(?:[T ]\d\d:\d\d.*)?\Z"
)
# Days in forms that say themselves which part is which.
_FORMS = (
    ("YYYYMMDD", re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\Z")),
    ("YYYY/MM/DD", re.compile(r"\d{4}/\d{1,2}/\d{1,2}\Z")),
    *(
        (f"DD{mark}MMM{mark}YYYY", re.compile(rf"\d{{1,2}}{mark}(?:{'|'.join(MONTHS)}){mark}\d{{4}}\Z", re.I))
        for mark in ("", "-", " ")
    ),
)
# Ages as surveys band them: `18-24`, `85+`, `80 years and over`.
_BAND = re.compile(
    r"\d{1,3}\s*(?:-|–|to)\s*\d{1,3}\Z"
    r"|\d{1,3}\s*(?:years?\s*)?(?:\+|(?:and|or)\s+(?:over|older|more|above))",
    re.I,
)
_SLASHES = re.compile(r"(\d{1,2})/(\d{1,2})/\d{4}\Z")


@dataclass
class Shape:
    """The cells of one column: how many there are, of which form, and between which numbers."""

    filled: int = 0
    numbers: int = 0
    commas: int = 0
    iso: int = 0
    points: int = 0
    slashes: int = 0
    first: int = 0
    second: int = 0
    named: Counter[str] = field(default_factory=Counter)
    whole: int = 0
    spelled: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    values: Counter[Decimal] = field(default_factory=Counter)
    words: set[str] = field(default_factory=set)
    zeros: Counter[str] = field(default_factory=Counter)
    bands: int = 0
    widths: set[int] = field(default_factory=set)
    """How many digits its whole numbers are written in; 0 for those that have other signs too."""

    def take(self, text: str) -> None:
        if not text:
            return
        self.filled += 1
        if text.casefold() in MISSING_WORDS or _SAS_LETTER.match(text) or _NO_DAY.match(text):
            self.missing[text] += 1
            return
        if SAS_ZERO.match(text):
            self.numbers += 1
            self.zeros[text] += 1
            return
        slashes = _SLASHES.match(text)
        self.bands += bool(_BAND.match(text))
        self.numbers += bool(_NUMBER.match(text))
        self.commas += bool(_COMMA.match(text))
        self.iso += bool(_ISO.match(text))
        self.points += bool(_POINTS.match(text))
        self.slashes += slashes is not None
        plain = bare(text)
        self.named.update(form for form, pattern in _FORMS if pattern.match(plain))
        # Whole numbers, and those of them that are written in more signs than their digits.
        self.whole += plain.isdecimal()
        self.widths.add(len(text) if text.isdecimal() else 0)
        self.spelled += plain.isdecimal() and (plain != text or (len(text) > 1 and text.startswith("0")))
        if slashes is not None:
            self.first, self.second = max(self.first, int(slashes[1])), max(self.second, int(slashes[2]))
        if _NUMBER.match(text) and len(text) < 12 and len(self.values) < MOST_ROWS:
            self.values[Decimal(text.strip("<>= "))] += 1
        if len(self.words) < 8:
            self.words.add(text.casefold())

    @property
    def is_date(self) -> bool:
        """Whether most cells are days."""
        days = self.points + self.slashes + (self.iso if self.iso > self.numbers else 0) + self.named.total()
        # Numbers that might be days of eight digits are days only where all of them might.
        if 0 < self.named["YYYYMMDD"] < self.whole:
            days -= self.named["YYYYMMDD"]
        return days * 2 > max(1, self.filled - sum(self.missing.values()))

    def date_form(self) -> str:
        """The form of its dates, "" for ISO 8601, `?` where day and month cannot be told apart."""
        if self.points:
            return "DD.MM.YYYY"
        if not self.slashes:
            return self.named.most_common(1)[0][0] if self.named else ""
        if (self.first > 12) == (self.second > 12):
            return "?"
        return "DD/MM/YYYY" if self.first > 12 else "MM/DD/YYYY"

    def odd_codes(self) -> list[str]:
        """Numbers that surveys use for what is missing, and that stand apart from all others there."""
        return [f"{code.normalize():f}" for code in standing_apart(self.values.keys())]


@dataclass
class Look:
    """One table as it was seen."""

    file: Delimited | Typed
    shapes: Mapping[str, Shape]
    rows: int
    broken: int
    repeated: frozenset[str]
    """Columns in which some text stands twice, or in which a cell is empty."""


def look(path: Path) -> Look:
    """A table, looked at. Raises UnreadableRecord where it is none."""
    if is_parquet(path):
        return _seen(open_parquet(path))
    encoding, head = _encoding(path)
    delimiter = max(DELIMITERS, key=lambda mark: (_width(head, mark), -DELIMITERS.index(mark)))
    return _seen(Delimited(path, path.name, encoding, delimiter).opened())


def _seen(file: Delimited | Typed) -> Look:
    shapes = {name: Shape() for name in file.header if name}
    seen: dict[str, set[str]] = {name: set() for name in shapes}
    repeated: set[str] = set()
    rows = broken = 0
    for row in file.rows():
        if rows + broken >= MOST_ROWS:
            break
        if row.wrong:
            broken += 1
            continue
        rows += 1
        for name, cell in zip(file.header, row.cells, strict=True):
            text = cell.strip()
            if name:
                shapes[name].take(text)
                if name not in repeated:
                    if not text or text in seen[name]:
                        repeated.add(name)
                        seen[name].clear()
                    seen[name].add(text)
    return Look(file, shapes, rows, broken, frozenset(repeated))


def _width(head: str, mark: str) -> int:
    try:
        return len(next(csv.reader([head], delimiter=mark), []))
    except csv.Error:
        return 0


def _encoding(path: Path) -> tuple[str, str]:
    """The encoding that a table seems to be in, and its first line."""
    try:
        with unpacked(path) as file:
            data = file.read(1 << 20)
    except (OSError, EOFError, zlib.error):
        raise Delimited(path, path.name).refused("the table cannot be read") from None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16", _first_line(data.decode("utf-16", "replace"))
    # Without its mark UTF-16 shows itself in the first letters: every other byte of them is nothing.
    for encoding, empty in (("utf-16-le", data[1:16:2]), ("utf-16-be", data[0:16:2])):
        if empty and not any(empty):
            return encoding, _first_line(data.decode(encoding, "replace"))
    try:
        # The last letter of what was read may be cut.
        text = (
            data[: max(0, len(data) - 4)].decode("utf-8-sig") if len(data) == 1 << 20 else data.decode("utf-8-sig")
        )
    except UnicodeDecodeError:
        return "cp1252", _first_line(data.decode("cp1252", "replace"))
    return "utf-8", _first_line(text)


def _first_line(text: str) -> str:
    """The first line that holds anything, whatever ends it: old programs write a carriage return alone."""
    return re.split(r"[\r\n]", text.lstrip("\r\n "), maxsplit=1)[0].strip()
