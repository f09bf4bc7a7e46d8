"""Words, folding and escaping: nothing is lost, nothing runs over, nothing moves the cursor."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.reports import words

TEXTS = st.text(alphabet=st.characters(), max_size=200)
PLAIN = st.text(alphabet="abc ,.;", max_size=300)


@given(TEXTS)
def test_what_is_shown_cannot_move_the_cursor_or_turn_the_writing(text: str) -> None:
    shown = words.safe(text)
    assert all(c.isprintable() for c in shown)
    shown.encode("utf-8")


@given(PLAIN, st.sampled_from(["", "x SCV01A ", "          "]))
def test_folding_keeps_every_word_within_80_columns(text: str, first: str) -> None:
    lines = words.folded(text, first, " " * 10)
    assert all(len(line) <= 80 for line in lines)
    assert " ".join(lines).split() == (first + text).split()


def test_a_word_too_long_for_a_line_is_broken_and_not_lost() -> None:
    lines = words.folded("a" * 200, "x ", "  ")
    assert all(len(line) <= 80 for line in lines)
    assert "".join(line.strip(" x") for line in lines) == "a" * 200


@given(TEXTS, st.integers(4, 80))
def test_a_cut_text_fits_and_says_that_it_is_cut(text: str, width: int) -> None:
    text = words.safe(text)
    if words.columns(text) == len(text):
        kept = words.cut_to(text, width)
        assert len(kept) <= width
        assert kept == text or kept.endswith("...")


def test_wide_characters_count_twice() -> None:
    assert words.columns("\u6f22a\u0301") == 3
    assert words.columns("abc") == 3


@pytest.mark.parametrize(
    ("day", "said"), [("2026-11-22", "today"), ("2026-11-21", "1 day ago"), ("2026-11-23", "1 day ahead")]
)
def test_how_long_ago(day: str, said: str) -> None:
    assert words.ago(datetime.date.fromisoformat(day), datetime.date(2026, 11, 22)) == said


def test_counts_are_digits_with_a_plural() -> None:
    assert words.counted(1204187, "item") == "1,204,187 items"
    assert words.counted(0, "alert") == "no alerts"
    assert words.counted(2, "entry", "entries") == "2 entries"


def test_short_forms_go_both_ways() -> None:
    assert words.shortened("Blood pressure in fibromyalgia") == "BP in FM"
    assert words.spelt_out("BP in FM, mmHg") == "blood pressure in fibromyalgia, millimetres of mercury"


def test_two_texts_share_a_line_if_they_fit() -> None:
    assert words.sided("left", "right") == ["left" + " " * 70 + "right"]
    assert words.sided("l" * 70, "right of it") == ["l" * 70, "  right of it"]
