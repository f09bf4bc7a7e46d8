"""`screening worklist` and `screening funnel`: who is on the list, what is kept, what adds up."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import openpyxl
import pytest

from tests.cli.cohorts import RECORDS, called, cohort, made_people, manifest, table

LISTED = {"SYN-0003", "SYN-0049", "SYN-0077"}


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worklist")
    shutil.copytree(RECORDS, folder / "people")
    assert cohort(folder, "people").status == 0
    return folder


@pytest.fixture(autouse=True)
def _without_memory(ran: Path) -> None:
    """Each test begins with a folder that remembers nothing."""
    (ran / "out" / "desk.json").unlink(missing_ok=True)


def worklist(folder: Path, *more: str, delimiter: str = ",") -> tuple[str, list[dict[str, str]]]:
    done = called(folder, "worklist", "out", "--out", "w.csv", *more)
    assert (done.status, done.err) == (0, "")
    return " ".join(done.out.split()), table(folder / "w.csv", delimiter)


def test_everybody_not_ruled_out_and_nobody_else_is_listed(ran: Path) -> None:
    _, rows = worklist(ran)
    expected = {r["id"] for r in table(ran / "out" / "people.csv") if r["standing"] == "NOT RULED OUT"}
    assert {row["pseudonym"] for row in rows} == expected == LISTED
    assert {row["change"] for row in rows} == {"new"}
    assert all("Recorded FM: " in row["anchor_evidence"] for row in rows)


def test_every_missing_item_stands_in_one_column(ran: Path) -> None:
    _, rows = worklist(ran)
    labels = {each["name"]: each["label"] for each in manifest(ran / "out")["requirements"]}
    missing = {r["id"]: r["missing_items"] for r in table(ran / "out" / "people.csv")}
    for row in rows:
        found = [item for column in row if column.startswith("open_") for item in row[column].split("; ") if item]
        assert sorted(found) == sorted(labels[name] for name in missing[row["pseudonym"]].split("|") if name)


def test_the_file_opens_in_excel(ran: Path) -> None:
    worklist(ran, "--delimiter", ";", delimiter=";")
    data = (ran / "w.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbfpseudonym;change;alert;")
    assert data.count(b"\r\n") == len(LISTED) + 1


def test_whom_not_to_contact_is_never_listed_and_counted(ran: Path) -> None:
    (ran / "no.csv").write_text("id\nSYN-0003\nSYN-0018\nNOBODY\n", encoding="utf-8")
    (ran / "done.csv").write_text("id,disposition\nSYN-0003,contacted\n", encoding="utf-8")
    words, rows = worklist(ran, "--do-not-contact", "no.csv", "--dispositions", "done.csv")
    assert {row["pseudonym"] for row in rows} == LISTED - {"SYN-0003"}
    assert "3 NOT RULED OUT - 1 on the do-not-contact list = 2 rows" in words
    assert "1 more on that list are not NOT RULED OUT, 1 are in no row of this run" in words


def test_whom_a_spreadsheet_names_otherwise_is_not_contacted_either(ran: Path) -> None:
    (ran / "no.csv").write_text("id\nsyn-0003.0\nsyn-0049\n", encoding="utf-8")
    words, rows = worklist(ran, "--do-not-contact", "no.csv")
    assert {row["pseudonym"] for row in rows} == LISTED - {"SYN-0049"}
    assert "3 NOT RULED OUT - 1 on the do-not-contact list = 2 rows" in words
    assert "2 are in no row of this run" in words
    assert "only in how it is written: SYN-0049." in words


def test_dispositions_are_kept_when_the_list_is_given_again(ran: Path) -> None:
    text = "id,disposition,disposition_date,disposition_by,note\n"
    text += "SYN-0049,contacted,2026-11-23,K7,=call\nSYN-0018,declined,2026-11-20,K7,\n"
    (ran / "done.csv").write_text(text, encoding="utf-8")
    words, rows = worklist(ran, "--dispositions", "done.csv")
    by_id = {row["pseudonym"]: row for row in rows}
    assert (by_id["SYN-0049"]["disposition"], by_id["SYN-0049"]["note"]) == ("contacted", "'=call")
    assert by_id["SYN-0018"]["change"] == "no longer listed"
    assert "1 disposition of people no longer listed kept" in words
    shutil.copy(ran / "w.csv", ran / "filled.csv")
    assert worklist(ran, "--dispositions", "filled.csv")[1] == rows


def test_what_changed_since_the_run_before_is_said(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran / "people", tmp_path / "people")
    (tmp_path / "people" / "eligible.yaml").unlink()
    file = tmp_path / "people" / "review.yaml"
    file.write_text(file.read_text("utf-8").replace("Neck and Airway: ", "Neck and Airways: "), encoding="utf-8")
    review = [line for line in file.read_text("utf-8").splitlines() if "Consent" not in line]
    file.write_text("\n".join(review) + "\n", encoding="utf-8")
    cohort(tmp_path, "people", out="before")
    shutil.copytree(ran / "people", tmp_path / "people", dirs_exist_ok=True)
    cohort(tmp_path, "people")
    words, rows = worklist(tmp_path, "--previous", "before")
    changes = {row["pseudonym"]: row["change"] for row in rows}
    assert changes == {"SYN-0003": "changed", "SYN-0049": "new", "SYN-0077": "same"}
    assert "1 new, 1 changed, 1 same" in words
    done = called(tmp_path, "worklist", "before", "--out", "w.csv", "--previous", "out")
    assert "1 person of the run before not listed any more" in " ".join(done.out.split())


# --------------------------------------------------------------------------------------- funnel


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("funnel")
    made_people(folder / "people", 90)
    assert cohort(folder, "people").status == 0
    return folder


def funnel(folder: Path, *more: str) -> list[dict[str, str]]:
    done = called(folder, "funnel", "out", "--format", "csv", *more)
    assert (done.status, done.err) == (0, "")
    (folder / "funnel.csv").write_text(done.out, encoding="utf-8")
    return table(folder / "funnel.csv")


def test_the_funnel_adds_up_and_counts_what_the_rows_say(many: Path) -> None:
    rows = table(many / "out" / "people.csv")
    found = funnel(many)
    totals = {each["id"]: int(each["people"]) for each in found if each["part"] == "total"}
    criteria = [each for each in found if each["part"] == "criterion"]
    assert sum(int(each["in_order"]) for each in criteria) == totals["ruled_out"]
    assert totals["assessed"] == len(rows) == totals["ruled_out"] + totals["not_barred"]
    assert totals["inclusion_not_met"] + totals["exclusion_present"] == totals["ruled_out"]
    assert totals["undetermined"] + totals["review"] + totals["eligible"] == totals["not_barred"]
    assert totals["not_ruled_out"] + totals["no_anchor"] == totals["not_barred"]
    for each in criteria:
        barred = [r["deciding_reasons"].split("|") for r in rows if r["verdict"] == "INELIGIBLE"]
        assert int(each["anywhere"]) == sum(each["id"] in reasons for reasons in barred)
        assert int(each["only_this_one"]) == sum(reasons == [each["id"]] for reasons in barred)
        assert int(each["only_this_one"]) <= int(each["in_order"]) <= int(each["anywhere"])
    for each in found:
        if each["part"] == "missing item":
            lacking = [
                r for r in rows if r["verdict"] == "UNDETERMINED" and each["id"] in r["missing_items"].split("|")
            ]
            assert int(each["people"]) == len(lacking)


def test_no_small_cell_is_printed_where_small_cells_are_hidden(many: Path) -> None:
    shown = funnel(many, "--suppress", "5")
    cells = [each[column] for each in shown for column in ("in_order", "anywhere", "only_this_one", "people")]
    assert set(cells) & {"1", "2", "3", "4"} == set()
    assert "<5" in cells
    text = called(many, "funnel", "out", "--suppress", "5", "--all").out
    numbers = {word.strip(",.;") for line in text.splitlines()[2:-6] for word in line[38:].split()}
    assert numbers & {"1", "2", "3", "4"} == set()


def test_who_declined_is_counted_apart(many: Path) -> None:
    open = [r["id"] for r in table(many / "out" / "people.csv") if r["verdict"] == "UNDETERMINED"]
    (many / "done.csv").write_text(f"id,disposition\n{open[0]},declined\n{open[1]},contacted\n", encoding="utf-8")
    before = {e["id"]: e["people"] for e in funnel(many) if e["part"] == "total"}
    after = {e["id"]: e["people"] for e in funnel(many, "--dispositions", "done.csv") if e["part"] == "total"}
    assert (before["declined"], after["declined"]) == ("0", "1")
    assert int(after["undetermined"]) == int(before["undetermined"]) - 1


# ---------------------------------------------------------------------------- ids as a spreadsheet writes them

NUMBERS = ("42", "0042", "007", "1234567890123456789", "syn-a", "SYN-A")


@pytest.fixture(scope="module")
def numbered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of people whose ids a spreadsheet takes for numbers; all of them are NOT RULED OUT."""
    folder = tmp_path_factory.mktemp("numbered")
    (folder / "people").mkdir()
    text = (RECORDS / "review.yaml").read_text(encoding="utf-8")
    for position, id in enumerate(NUMBERS):
        told = re.sub(r"^subject: .*$", f"subject: '{id}'", text, flags=re.MULTILINE)
        (folder / "people" / f"{position}.yaml").write_text(told, encoding="utf-8")
    assert cohort(folder, "people").status == 0
    return folder


@pytest.mark.parametrize(
    ("listed", "out"),
    [
        ("42", {"42", "0042"}),  # it may have been 0042
        ("0042", {"0042"}),  # no spreadsheet writes 42 so
        ("7", {"007"}),
        ("1234567890123450000", {"1234567890123456789"}),
        ("1234567890123456000", set()),  # of another number
        ("syn-a", {"syn-a"}),
        ("Syn-A", {"syn-a", "SYN-A"}),
    ],
)
def test_whoever_a_number_on_the_list_may_mean_is_not_contacted(
    numbered: Path, tmp_path: Path, listed: str, out: set[str]
) -> None:
    shutil.copytree(numbered, tmp_path, dirs_exist_ok=True)
    (tmp_path / "no.csv").write_text(f"id\n{listed}\n", encoding="utf-8")
    words, rows = worklist(tmp_path, "--do-not-contact", "no.csv")
    assert {row["pseudonym"] for row in rows} == set(NUMBERS) - out
    assert f"6 NOT RULED OUT - {len(out)} on the do-not-contact list = {6 - len(out)} rows" in words
    for id in out - {listed}:
        assert id in words


def test_an_id_that_lost_its_digits_is_refused_at_its_line(numbered: Path, tmp_path: Path) -> None:
    shutil.copytree(numbered, tmp_path, dirs_exist_ok=True)
    (tmp_path / "no.csv").write_text("id\n007\n1.23457E+18\n", encoding="utf-8")
    (tmp_path / "done.csv").write_text("id;disposition\n1,23457E+18;declined\n", encoding="utf-8")
    for option, place in (("--do-not-contact", "no.csv:3:1"), ("--dispositions", "done.csv:2:1")):
        done = called(tmp_path, "worklist", "out", "--out", "w.csv", option, place.partition(":")[0])
        assert done.status == 3 and place in done.err and "shortened the id" in done.err
        assert "1.23457" not in done.err and not (tmp_path / "out" / "desk.json").exists()


def test_a_disposition_is_never_given_to_another_person(numbered: Path, tmp_path: Path) -> None:
    shutil.copytree(numbered, tmp_path, dirs_exist_ok=True)
    (tmp_path / "done.csv").write_text("id,disposition\n42,declined\n7,contacted\nsyn-a,other\n", encoding="utf-8")
    for command in (("worklist", "out", "--out", "w.csv"), ("funnel", "out")):
        done = called(tmp_path, *command, "--dispositions", "done.csv")
        assert done.status == 3 and "done.csv:2:1: error: the id may be of several people" in done.err
        assert "done.csv:3" not in done.err and "done.csv:4" not in done.err
    (tmp_path / "done.csv").write_text("id,disposition\n7,contacted\nsyn-a,other\n", encoding="utf-8")
    words, rows = worklist(tmp_path, "--dispositions", "done.csv")
    found = {row["pseudonym"]: row["disposition"] for row in rows if row["disposition"]}
    assert found == {"007": "contacted", "syn-a": "other"}
    assert "1 disposition is of an id that the run writes otherwise: 7 for 007." in words


def test_an_id_that_a_workbook_kept_as_a_text_is_that_person(numbered: Path, tmp_path: Path) -> None:
    shutil.copytree(numbered, tmp_path, dirs_exist_ok=True)
    assert called(tmp_path, "worklist", "out", "--out", "w.xlsx").status == 0
    book = openpyxl.load_workbook(tmp_path / "w.xlsx")
    page = book.worksheets[0]
    head = next(row[0].row for row in page.iter_rows(max_row=10) if row[0].value == "pseudonym")
    column = next(cell.column for cell in page[head] if cell.value == "disposition")
    rows = {row[0].value: row[0].row for row in page.iter_rows(min_row=head + 1)}
    page.cell(rows["42"], column, "declined")
    page.title = "Liste"
    page.delete_rows(rows["SYN-A"])
    book.save(tmp_path / "filled.xlsx")
    assert {
        row["pseudonym"] for row in worklist(tmp_path, "--dispositions", "filled.xlsx")[1] if row["disposition"]
    } == {"42"}
    page.cell(rows["42"], 1, 42)
    book.save(tmp_path / "filled.xlsx")
    done = called(tmp_path, "worklist", "out", "--out", "w.csv", "--dispositions", "filled.xlsx")
    assert done.status == 3 and "several people" in done.err
