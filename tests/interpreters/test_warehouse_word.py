"""How a plain word stands in a column: where its form is not certain it is compared in both."""

from __future__ import annotations

import pytest

from screening.interpreters import warehouse_term as t
from screening.interpreters.warehouse_word import spelled
from screening.values.coding import Code


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("outcome", ("worse",)),
        ("outcome.word", ("worse", "|worse")),
        ("word", ("worse", "|worse")),
        ("code", ("worse", "|worse")),
        ("keyword", ("worse",)),
    ],
)
def test_a_word_is_compared_as_its_column_may_write_it(name: str, texts: tuple[str, ...]) -> None:
    assert spelled(Code("", "worse"), t.column(name, "text")) == texts


def test_what_is_made_of_columns_is_compared_in_both_ways() -> None:
    made = t.chosen(t.column("is", "bool"), t.column("outcome", "text"), t.null("text"))
    assert spelled(Code("", "worse"), made) == ("worse", "|worse")
    assert spelled(Code("S", "1"), made) == ("S|1",)
