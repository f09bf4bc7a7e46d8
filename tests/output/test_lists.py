"""Lists that people keep: whatever Excel makes of them is read, and what cannot be used stops everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening.errors import UnreadableRecord
from screening.output.lists import Disposition, dispositions, do_not_contact


@pytest.mark.parametrize(
    "text",
    [
        "A1\nB2\n",
        "id\nA1\nB2\n",
        "# asked not to be called\n\nA1\r\nB2",
        "\ufeffname;pseudonym\r\nx;A1\r\ny;B2\r\n",
        'pseudonym,why\nA1,"asked, twice"\nB2,\n',
        "name\tid\nx\tA1\ny\t B2 \n",
        "id\nA1\n# moved away\nB2\n",
    ],
)
def test_a_list_is_read_however_it_was_saved(tmp_path: Path, text: str) -> None:
    (tmp_path / "no.csv").write_bytes(text.encode())
    assert do_not_contact(tmp_path / "no.csv").keys() == {"A1", "B2"}


@pytest.mark.parametrize("text", ["#12\n", "id\n#12\n", "id,why\n#12,asked\n", "# asked\n#12\n"])
def test_an_id_may_begin_like_a_remark(tmp_path: Path, text: str) -> None:
    (tmp_path / "no.csv").write_text(text, encoding="utf-8")
    assert do_not_contact(tmp_path / "no.csv").keys() == {"#12"}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the list is empty"),
        (b"id\n", "the list is empty"),
        (b"pseudonym,why\n,\n", "the list is empty"),
        (b"# nobody\n", "the list is empty"),
        (b"name,why\nx,y\n", "no column says"),
        (b"name,id\nx,\ny,B\n", "names nobody"),
        (b"id\nZo\xeb\n", r"no\.csv:2.*no UTF-8"),
        (b'id\n"A1\n', "no CSV"),
    ],
)
def test_a_list_that_cannot_be_used_is_refused_at_its_place(tmp_path: Path, data: bytes, message: str) -> None:
    (tmp_path / "no.csv").write_bytes(data)
    with pytest.raises(UnreadableRecord, match=message):
        do_not_contact(tmp_path / "no.csv")


def said(path: Path) -> dict[str, Disposition]:
    return {id: each.disposition for id, each in dispositions(path).items()}


def test_dispositions_are_read_from_a_worklist_that_was_filled_in(tmp_path: Path) -> None:
    text = "pseudonym;verdict;disposition;disposition_date;disposition_by;note\r\n"
    text += "A1;REVIEW;Declined;2026-11-20;K7;'=no\r\nB2;REVIEW;;;;\r\nC3;REVIEW;;;;call again\r\n"
    text += "D4;REVIEW;consented on;2026-11-21;K7;\r\n"
    (tmp_path / "w.csv").write_bytes(("\ufeff" + text).encode())
    assert said(tmp_path / "w.csv") == {
        "A1": Disposition("declined", "2026-11-20", "K7", "=no"),
        "C3": Disposition("", "", "", "call again"),
        "D4": Disposition("consented", "2026-11-21", "K7", ""),
    }


def test_what_a_list_shows_of_a_note_is_read_back_as_the_same_note(tmp_path: Path) -> None:
    for number, note in enumerate(['"two\nlines, and\xa0a\u200b"', '"two lines, and a\\u200b"']):
        file = tmp_path / f"{number}.csv"
        file.write_text(f"id,disposition,note\nA1,declined,{note}\n", encoding="utf-8")
        assert said(file) == {"A1": Disposition("declined", note="two lines, and a\\u200b")}


def test_everything_wrong_with_dispositions_is_told_at_once(tmp_path: Path) -> None:
    text = "id,disposition\nA1,maybe\nA2,declined\nA2,contacted\n,declined\nA3,other\nA3,\n"
    (tmp_path / "w.csv").write_text(text, encoding="utf-8")
    with pytest.raises(UnreadableRecord) as refused:
        dispositions(tmp_path / "w.csv")
    assert [each.span.line for each in refused.value.diagnostics] == [2, 3, 4, 5, 6]
    assert "maybe" not in str(refused.value)
