"""A table whose columns have types, of a Parquet file or a database, as rows of texts: the same doors read them.

A text is the shortest that says the value: days and moments as ISO 8601 has them, numbers with the fewest digits
that tell them from every other number, truths as `true` and `false`; null, and what is not a number, is empty.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any, Protocol

from screening.sources.delimited import Row
from screening.sources.tree import near
from screening.values.frozen import dataclass

TRUTH, WHOLE, NUMBER, DAY, MOMENT, TEXT, OTHER = "truth", "whole", "number", "day", "moment", "text", ""
# A number of 32 bits: the digits of its text are other ones than those of the same number in 64 bits.
SHORT = "short number"


class Grid(Protocol):
    """A table as rows of texts, whatever it is kept in."""

    @property
    def name(self) -> str: ...
    @property
    def header(self) -> tuple[str, ...]: ...
    def position(self, column: str) -> int | None:
        """Where a column stands; None if there is none of that name."""
        ...

    def meant(self, column: str) -> str:
        """What to do about a column that is not there."""
        ...

    def rows(self) -> Iterator[Row]:
        """The rows, each with its number or line."""
        ...


Values = Callable[[Sequence[int]], AbstractContextManager[Iterator[Sequence[Any]]]]
"""The values of some columns, by their positions, row by row; it raises Cut where the rest cannot be read."""


class Cut(Exception):
    """The rest of a table cannot be read."""


@dataclass(frozen=True, slots=True)
class Typed:
    """A table with the kinds of its columns: `truth`, `whole`, `number`, `day`, `moment`, `text`, "" of others."""

    name: str
    header: tuple[str, ...]
    kinds: tuple[str, ...]
    values: Values
    path: Path = Path()
    columns: tuple[int, ...] | None = None
    """The positions in the file of those columns that are read; None are all."""
    is_numbered: bool = False
    """Whether some of its rows alone come: before its values each has its number in the file."""

    def only(self, names: Collection[str]) -> Typed:
        """The table with some of its columns alone: what is in others is not looked at."""
        kept = [n for n, column in enumerate(self.header) if column in names]
        header, kinds = tuple(self.header[n] for n in kept), tuple(self.kinds[n] for n in kept)
        places = tuple(kept if self.columns is None else (self.columns[n] for n in kept))
        return replace(self, header=header, kinds=kinds, columns=places)

    def position(self, column: str) -> int | None:
        """Where a column stands; None if there is none of that name."""
        return self.header.index(column) if column in self.header else None

    def meant(self, column: str) -> str:
        """What to do about a column that is not there."""
        close = near(column, self.header, 0.6)
        return f"did you mean `{close}`" if close else "its columns are " + ", ".join(self.header[:20])

    def rows(self) -> Iterator[Row]:
        """The rows, numbered from 1 as they stand; after one that cannot be read at all there is no other."""
        number = 0
        try:
            places = self.columns if self.columns is not None else tuple(range(len(self.header)))
            with self.values(places) as every:
                for values in every:
                    number = values[0] if self.is_numbered else number + 1
                    yield self.row(number, values[1:] if self.is_numbered else values)
        except Cut:
            yield Row(number + 1, [], "the table cannot be read from here on; it may be cut off")

    def row(self, number: int, values: Sequence[Any]) -> Row:
        cells: list[str] = []
        wrong = ""
        for column, value in zip(self.header, values, strict=True):
            cell = text_of(value)
            if cell is None:
                wrong = wrong or f"`{column}` holds bytes, or a list, where one value can stand"
                cell = ""
            elif "\x00" in cell:
                wrong = wrong or "the row holds NUL, which no text does"
            elif not cell.isascii() and any("\ud800" <= letter <= "\udfff" for letter in cell):
                wrong = wrong or "the row is not in the encoding of its table"
            cells.append(cell)
        return Row(number, cells, wrong)


def text_of(value: Any) -> str | None:
    """A value as the text that says it; None for what is no single value.

    >>> text_of(5.0), text_of(0.1), text_of(True), text_of(datetime.date(2024, 3, 5)), text_of(None)
    ('5', '0.1', 'true', '2024-03-05', '')
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case str():
            return value
        case int():
            return str(value)
        case float():
            # Programs that have no null in a column of numbers write NaN for it.
            return "" if math.isnan(value) else repr(value).removesuffix(".0")
        case Decimal():
            return "" if value.is_nan() else format(value, "f") if value.is_finite() else str(value)
        case datetime.datetime():
            moment = value if value.tzinfo is None else value.astimezone(datetime.UTC).replace(tzinfo=None)
            return str(moment.isoformat(" ", "microseconds" if moment.microsecond else "seconds"))
        case datetime.date() | datetime.time():
            return value.isoformat()
        case bytes() | bytearray() | memoryview() | list() | tuple() | dict() | set():
            return None
    return str(value)
