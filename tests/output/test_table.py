"""Tables that a spreadsheet opens: nothing in them is run, and a CSV reader gets back what was written."""

from __future__ import annotations

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from screening.output.table import as_written, line, neutral

TEXTS = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"))


@given(st.lists(TEXTS, min_size=1), st.sampled_from(",;"))
def test_what_was_written_is_read(cells: list[str], delimiter: str) -> None:
    (read,) = csv.reader(io.StringIO(line(cells, delimiter), newline=""), delimiter=delimiter)
    assert [as_written(cell) for cell in read] == [as_written(neutral(cell)) for cell in cells]


@given(TEXTS)
def test_no_cell_begins_like_a_formula(cell: str) -> None:
    (read,) = next(csv.reader(io.StringIO(line([cell, "x"]), newline="")))[:1]
    assert read.lstrip(" ")[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")


def test_ids_and_days_stay_as_they_are() -> None:
    for cell in ("SYN-0001", "2026-11-22", "12.5", "<5", "*", "'s"):
        assert neutral(cell) == cell
