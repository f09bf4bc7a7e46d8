"""Excel workbooks that people work in and print: every cell a text, a day or a count, none of them ever run.

The same content, the same bytes: no clock goes into the file.
"""

from __future__ import annotations

import datetime
import io
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from screening.output.table import neutral

# The epoch that ZIP archives begin with; a workbook says when it was made, and that would change its bytes.
_MADE = datetime.datetime(1980, 1, 1)  # noqa: DTZ001
_MOST_CHARACTERS = 32_000
_ROWS_OF_EXCEL = 1_048_576
_WIDEST, _NARROWEST = 44, 9


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table under lines that say what it is.

    `days` are columns that hold days, `numbers` those of counts, `choices` the words that a column of the reader's
    own may hold, `own` are the columns that are for people to fill in, `strong` the rows that must be seen first.
    """

    name: str
    above: tuple[str, ...]
    columns: tuple[str, ...]
    rows: Sequence[Sequence[str]]
    days: Collection[str] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Collection[str] = ()
    strong: Collection[int] = ()
    footer: str = ""
    numbers: Collection[str] = ()


def fits(rows: int) -> bool:
    """Whether a sheet can hold so many rows."""
    return rows < _ROWS_OF_EXCEL - 20


def workbook(sheets: Sequence[Sheet], title: str) -> bytes:
    """The workbook as a file's bytes."""
    import xlsxwriter  # type: ignore[import-untyped]

    place = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    book = xlsxwriter.Workbook(place, options)
    book.set_properties({"title": shown(title), "created": _MADE})
    base = {"valign": "top", "text_wrap": True, "font_size": 10}
    line = {**base, "border": 1, "border_color": "#A6A6A6"}
    forms = {
        "above": book.add_format({"bold": True, "font_size": 11}),
        "head": book.add_format({**line, "bold": True, "bg_color": "#E8E8E8"}),
        "text": book.add_format({**line, "num_format": "@"}),
        "number": book.add_format({**line, "num_format": "0"}),
        "day": book.add_format({**line, "num_format": "yyyy-mm-dd", "align": "left"}),
        "own": book.add_format({**line, "num_format": "@", "bg_color": "#FFF9E5"}),
        "own day": book.add_format({**line, "num_format": "yyyy-mm-dd", "align": "left", "bg_color": "#FFF9E5"}),
        "strong": book.add_format({**line, "num_format": "@", "bold": True, "bg_color": "#FFF1E5"}),
    }
    for sheet in sheets:
        _fill(book.add_worksheet(sheet.name), sheet, forms)
    book.close()
    return place.getvalue()


def _fill(page: Any, sheet: Sheet, forms: Mapping[str, Any]) -> None:
    for number, text in enumerate(sheet.above):
        page.write_string(number, 0, cell_of(text), forms["above"])
    head = len(sheet.above)
    last = head + max(1, len(sheet.rows))
    for column, name in enumerate(sheet.columns):
        page.write_string(head, column, cell_of(name), forms["head"])
        page.set_column(column, column, _width(name, [row[column] for row in sheet.rows[:500]]))
        if name in sheet.choices:
            rule = {"validate": "list", "source": list(sheet.choices[name]), "ignore_blank": True}
            page.data_validation(head + 1, column, last, column, rule)
    for number, row in enumerate(sheet.rows):
        for column, text in enumerate(row):
            _write(page, head + 1 + number, column, text, sheet, forms, number in sheet.strong)
    if sheet.columns:
        page.freeze_panes(head + 1, 1)
        page.autofilter(head, 0, last, len(sheet.columns) - 1)
        page.repeat_rows(head)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.5, right=0.5, top=0.7, bottom=0.7)
    title = shown(sheet.footer)[:180].replace("&", "&&")
    page.set_header(f"&L&8{title}")
    page.set_footer("&L&8&A&R&8page &P of &N")


def _write(
    page: Any, row: int, column: int, text: str, sheet: Sheet, forms: Mapping[str, Any], strong: bool
) -> None:
    name = sheet.columns[column]
    is_own = name in sheet.own
    if name in sheet.days:
        day = _day(text)
        form = forms["own day" if is_own else "day"]
        if day is not None:
            page.write_datetime(row, column, day, form)
            return
        if not text:
            page.write_blank(row, column, None, form)
            return
    if name in sheet.numbers and text.isdecimal():
        page.write_number(row, column, int(text), forms["number"])
        return
    form = forms["own" if is_own else "strong" if strong and column == 0 else "text"]
    # ENGINE: write() guesses what a text is; write_string never makes a formula, a link or a number of it.
    page.write_string(row, column, cell_of(text), form) if text else page.write_blank(row, column, None, form)


def _day(text: str) -> datetime.datetime | None:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return None
    # ENGINE: Excel knows no day before 1900.
    return datetime.datetime(day.year, day.month, day.day) if day.year >= 1901 else None  # noqa: DTZ001


def cell_of(text: str) -> str:
    """A text as a cell holds it: no formula, also after somebody saves the sheet as CSV, and no control
    character.
    """
    return neutral(shown(text))[:_MOST_CHARACTERS]


def shown(text: str) -> str:
    r"""A text without characters that move a cursor, turn the writing or break a file: each by its number.

    >>> print(shown("a\x1b[31mb"))
    a\x1b[31mb
    """
    return "".join(c if c.isprintable() else _numbered(ord(c)) for c in text)


def _numbered(code: int) -> str:
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _width(name: str, cells: Sequence[str]) -> float:
    """A width at which most cells of a column need few lines."""
    lengths = sorted(len(cell) for cell in cells)
    usual = lengths[int(len(lengths) * 0.9)] if lengths else 0
    return max(_NARROWEST, min(_WIDEST, max(len(name) + 3, min(usual, 30 + usual // 6)) + 1))
