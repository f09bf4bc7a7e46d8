"""Tables as CSV (RFC 4180) that a spreadsheet opens and cannot be made to run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

# A spreadsheet reads a cell that begins so as a formula, in their full-width forms too; a tab or a line end
# before it does not stop it.
_RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001
_QUOTED = "'"
# What `as_written` takes the apostrophe from, as a pattern.
QUOTED_PATTERN = f"^{_QUOTED} *[{''.join(each if each != '-' else chr(92) + '-' for each in _RUN)}]"
BYTE_ORDER_MARK = "\ufeff"


def neutral(cell: str) -> str:
    """A cell that no spreadsheet runs: one that begins like a formula gets an apostrophe before it.

    >>> neutral("=1+1"), neutral("2026-11-22"), neutral(" -3")
    ("'=1+1", '2026-11-22', "' -3")
    """
    return _QUOTED + cell if cell.lstrip(" ")[:1] in _RUN and cell.strip(" ") else cell


def as_written(cell: str) -> str:
    """A cell as it was before `neutral`.

    >>> as_written("'=1+1"), as_written("'s")
    ('=1+1', "'s")
    """
    return cell[1:] if cell.startswith(_QUOTED) and neutral(cell[1:]) == cell else cell


def line(cells: Iterable[str], delimiter: str = ",") -> str:
    """One row with its line end; a null character, which no CSV can hold, is shown by its number."""
    text = io.StringIO()
    made = [neutral(cell.replace("\0", "\\x00")) for cell in cells]
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerow(made)
    return text.getvalue()


def table(columns: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    """A whole table under its heading."""
    return "".join((line(columns, delimiter), *(line(row, delimiter) for row in rows)))
