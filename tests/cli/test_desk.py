"""What a coordinator works with: workbooks that are filled in and read back, figures, breakdowns, comparisons."""

from __future__ import annotations

import datetime
import json
import re
import shutil
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.cli.cohorts import RECORDS, called, cohort, made_people, manifest, table
from tests.cli.test_screens import NEVER

# Whatever a name, a code or a rule may hold that somebody's program could run or show as something else.
HOSTILE = (
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-2+3",
    "@SUM(1)",
    "\tTAB=1",
    "\x1b[31mred",
    "a\x00b",
    "\u202eright to left",
    "<script>alert(1)</script>",
    "</svg><a href='http://example.org'>",
    "$\\frac{1}{2}$",
    "]]>&amp;",
    "\uff1d1+1",
)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    shutil.copytree(RECORDS, folder / "people")
    assert cohort(folder, "people").status == 0
    return folder


@pytest.fixture
def desk(ran: Path, tmp_path: Path) -> Path:
    shutil.copytree(ran, tmp_path, dirs_exist_ok=True)
    return tmp_path


def sheet(path: Path) -> tuple[Any, int, dict[str, int]]:
    """The first sheet of a workbook, the row of its heading, and its columns by name."""
    page = openpyxl.load_workbook(path).worksheets[0]
    head = next(row[0].row for row in page.iter_rows(max_row=10) if row[0].value == "pseudonym")
    return page, head, {cell.value: cell.column for cell in page[head]}


def fill(path: Path, id: str, word: str, day: datetime.date | str, by: str = "K7") -> None:
    """What a coordinator types into a row of a workbook."""
    book = openpyxl.load_workbook(path)
    page, head, columns = book.worksheets[0], 0, {}
    for row in page.iter_rows():
        if row[0].value == "pseudonym":
            head, columns = row[0].row, {cell.value: cell.column for cell in row}
        if head and row[0].value == id:
            for name, value in (("disposition", word), ("disposition_date", day), ("disposition_by", by)):
                page.cell(row[0].row, columns[name], value)
    book.save(path)


def listed(folder: Path, *more: str) -> tuple[str, list[dict[str, str]]]:
    done = called(folder, "worklist", "out", "--out", "w.csv", *more)
    assert (done.status, done.err) == (0, "")
    return " ".join(done.out.split()), table(folder / "w.csv")


def test_the_workbook_is_to_be_worked_in_and_printed(desk: Path) -> None:
    assert called(desk, "worklist", "out", "--out", "w.xlsx").status == 0
    page, head, _ = sheet(desk / "w.xlsx")
    assert "DRAFT" in page["A1"].value and "2026-11-22" in page["A2"].value
    assert page.freeze_panes == f"B{head + 1}" and page.auto_filter.ref.startswith(f"A{head}:")
    assert page.print_title_rows == f"${head}:${head}" and page.page_setup.orientation == "landscape"
    assert "DRAFT" in page.oddHeader.left.text
    rows = list(page.iter_rows(min_row=head + 1))
    assert {row[0].value for row in rows} == {"SYN-0003", "SYN-0049", "SYN-0077"}
    assert all(cell.alignment.wrap_text for row in rows for cell in row)
    assert all(cell.data_type != "f" for row in rows for cell in row)
    assert page.data_validations.dataValidation[0].formula1 == '"contacted,declined,consented,enrolled,other"'
    assert (desk / "w.xlsx").stat().st_mode & 0o777 == 0o600


def test_counts_and_days_of_a_workbook_can_be_sorted(desk: Path) -> None:
    assert called(desk, "worklist", "out", "--out", "w.xlsx").status == 0
    page, head, columns = sheet(desk / "w.xlsx")
    days = [page.cell(row, columns["as_of"]).value for row in range(head + 1, page.max_row + 1)]
    assert set(days) == {datetime.datetime(2026, 11, 22)}  # noqa: DTZ001
    items = list(page.parent["To obtain"].iter_rows(min_row=5, values_only=True))
    assert items and all(type(people) is int for _, _, people in items)


def test_the_same_workbook_has_the_same_bytes(desk: Path) -> None:
    made = []
    for _ in range(3):
        called(desk, "worklist", "out", "--out", "w.xlsx")
        made.append((desk / "w.xlsx").read_bytes())
    # The first one may be of people who are all new.
    assert made[1] == made[2]


def test_a_workbook_that_was_filled_in_is_read_back(desk: Path) -> None:
    called(desk, "worklist", "out", "--out", "w.xlsx")
    fill(desk / "w.xlsx", "SYN-0049", "consented on", datetime.date(2026, 11, 24))
    fill(desk / "w.xlsx", "SYN-0003", "Declined", "23.11.2026")
    words, rows = listed(desk, "--dispositions", "w.xlsx")
    found = {row["pseudonym"]: (row["disposition"], row["disposition_date"]) for row in rows}
    assert found["SYN-0049"] == ("consented", "2026-11-24") and found["SYN-0003"] == ("declined", "2026-11-23")
    assert "Dispositions: 1 consented, 1 declined, 1 none yet = 3." in words
    called(desk, "worklist", "out", "--out", "again.xlsx")
    page, head, columns = sheet(desk / "again.xlsx")
    days = [page.cell(head + n, columns["disposition_date"]).value for n in (1, 2, 3)]
    assert datetime.datetime(2026, 11, 24) in days  # noqa: DTZ001


def test_what_was_decided_and_whom_not_to_contact_outlives_a_new_run(desk: Path) -> None:
    (desk / "no.csv").write_text("SYN-0003\n", encoding="utf-8")
    (desk / "d.csv").write_text(
        "id,disposition,disposition_date\nSYN-0077,declined,2026-11-23\n", encoding="utf-8"
    )
    listed(desk, "--do-not-contact", "no.csv", "--dispositions", "d.csv")
    assert cohort(desk, "people").status == 0
    words, rows = listed(desk)
    assert "3 NOT RULED OUT - 1 on the do-not-contact list = 2 rows" in words
    assert {row["pseudonym"]: row["disposition"] for row in rows} == {"SYN-0049": "", "SYN-0077": "declined"}
    assert {row["change"] for row in rows} == {"same"}
    assert "declined 1 +" in " ".join(called(desk, "funnel", "out").out.split())
    log = table(desk / "out" / "screening-log.csv")
    assert sorted((row["declined"], row["decided_at"]) for row in log)[-2:] == [("", ""), ("yes", "2026-11-23")]
    # The same run again: it is held against the run before, not against itself.
    assert listed(desk)[1] == rows


def test_a_list_that_lost_people_takes_nobody_off(desk: Path) -> None:
    (desk / "no.csv").write_text("SYN-0003\nSYN-0049\n", encoding="utf-8")
    (desk / "less.csv").write_text("SYN-0049\n", encoding="utf-8")
    listed(desk, "--do-not-contact", "no.csv")
    words, rows = listed(desk, "--do-not-contact", "less.csv")
    assert {row["pseudonym"] for row in rows} == {"SYN-0077"}
    assert "1 of an earlier do-not-contact list are not on the one given; they are still left out" in words
    _, rows = listed(desk, "--do-not-contact", "less.csv", "--replace-list")
    assert {row["pseudonym"] for row in rows} == {"SYN-0003", "SYN-0077"}


def test_a_memory_that_is_broken_stops_everything(desk: Path) -> None:
    listed(desk)
    (desk / "out" / "desk.json").write_text("{}", encoding="utf-8")
    for done in (
        called(desk, "worklist", "out", "--out", "w.csv"),
        called(desk, "funnel", "out"),
        cohort(desk, "people"),
    ):
        assert done.status == 3 and "whom not to contact" in done.err


def test_dispositions_that_do_not_agree_are_named_and_none_is_lost(desk: Path) -> None:
    head = "id,disposition,disposition_date,disposition_by\n"
    (desk / "a.csv").write_text(f"{head}SYN-0049,enrolled,2026-11-25,K7\nGONE-1,contacted,,K7\n", encoding="utf-8")
    (desk / "b.csv").write_text(f"{head}SYN-0049,declined,2026-11-24,K8\n", encoding="utf-8")
    words, rows = listed(desk, "--dispositions", "a.csv", "--dispositions", "b.csv")
    assert "1 person has two dispositions that do not agree: SYN-0049." in words
    assert "1 person with a disposition is in no row of this run: GONE-1." in words
    by_id = {row["pseudonym"]: row for row in rows}
    assert by_id["SYN-0049"]["disposition"] == "enrolled"
    assert by_id["SYN-0049"]["earlier_dispositions"] == "declined 2026-11-24 K8"
    assert by_id["GONE-1"]["change"] == "in no row of this run"


def test_a_day_that_is_corrected_to_an_earlier_one_is_told(desk: Path) -> None:
    """The later day stands, also where it is the slip: whoever corrected it has to learn that."""
    for number, day in enumerate(("2026-11-25", "2026-11-15")):
        (desk / f"{number}.csv").write_text(
            f"id,disposition,disposition_date\nSYN-0049,contacted,{day}\n", "utf-8"
        )
        done = called(desk, "worklist", "out", "--dispositions", f"{number}.csv", "--out", "w.csv")
    words = " ".join(done.out.split())
    assert "1 person has two dispositions that do not agree: SYN-0049." in words


@pytest.mark.parametrize("day", ["11/12/2026", "2026-02-30", "soon"])
def test_a_date_that_may_be_two_days_is_refused(desk: Path, day: str) -> None:
    (desk / "d.csv").write_text(f"id,disposition,disposition_date\nSYN-0049,declined,{day}\n", encoding="utf-8")
    done = called(desk, "worklist", "out", "--out", "w.csv", "--dispositions", "d.csv")
    assert done.status == 3 and "d.csv:2:1" in done.err and day not in done.err


def test_a_file_that_is_no_workbook_is_told(desk: Path) -> None:
    (desk / "w.xlsx").write_bytes(b"PK\x03\x04 and nothing else")
    done = called(desk, "worklist", "out", "--out", "w.csv", "--dispositions", "w.xlsx")
    assert done.status == 3 and "no workbook" in done.err


# ------------------------------------------------------------------------------ hostile texts


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory, ran: Path) -> Path:
    """A run in which everything that is a text is hostile; its rows are written as a run writes them."""
    from screening.output.table import line

    folder = tmp_path_factory.mktemp("hostile")
    shutil.copytree(ran / "out", folder / "out")
    made = manifest(folder / "out")
    for number, each in enumerate((*made["criteria"], *made["requirements"])):
        each["text" if "text" in each else "label"] = HOSTILE[number % len(HOSTILE)]
    made["unmapped_absolute_exclusions"] = [{"id": made["criteria"][0]["id"], "requirements": list(HOSTILE)}]
    rows = table(folder / "out" / "people.csv")
    for number, row in enumerate(rows):
        row |= {"id": HOSTILE[number], "sex": HOSTILE[-1 - number], "standing": "NOT RULED OUT"}
        row["anchor_evidence"] = "|".join(HOSTILE)
    text = line(list(rows[0])) + "".join(line(list(row.values())) for row in rows)
    (folder / "out" / "people.csv").write_bytes(text.encode())
    (folder / "out" / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    return folder


def is_harmless(text: str) -> bool:
    return all(c == "\n" or c.isprintable() for c in text)


def test_nothing_hostile_runs_in_a_workbook_or_a_table(hostile: Path) -> None:
    for out in ("w.xlsx", "w.csv"):
        done = called(hostile, "worklist", "out", "--out", out)
        assert done.status == 0 and is_harmless(done.out)
    for page in openpyxl.load_workbook(hostile / "w.xlsx").worksheets:
        for cell in (cell for row in page.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type in ("s", "d", "n") and cell.hyperlink is None
            text = str(cell.value)
            assert text.lstrip(" ")[:1] not in set("=+-@\t\r\n\uff1d") and is_harmless(text.replace("\n", ""))
    rows = table(hostile / "w.csv")
    assert rows and all(
        cell.lstrip()[:1] not in set("=+-@\t\uff1d") and is_harmless(cell) for r in rows for cell in r.values()
    )


def test_a_hostile_id_is_the_same_person_when_the_list_comes_back(hostile: Path) -> None:
    called(hostile, "worklist", "out", "--out", "w.xlsx")
    page, head, columns = sheet(hostile / "w.xlsx")
    for row in range(head + 1, page.max_row + 1):
        page.cell(row, columns["disposition"], "contacted")
    page.parent.save(hostile / "w.xlsx")
    done = called(hostile, "worklist", "out", "--out", "w.csv", "--dispositions", "w.xlsx")
    assert done.status == 0 and "in no row of this run" not in done.out
    assert {row["disposition"] for row in table(hostile / "w.csv")} == {"contacted"}


def test_nothing_hostile_runs_in_figures_pages_and_terminals(hostile: Path) -> None:
    for form in ("text", "csv", "svg", "html"):
        done = called(hostile, "funnel", "out", "--format", form, "--by", "sex", "--all")
        assert (done.status, done.err) == (0, ""), form
        assert is_harmless(done.out), form
        if form in ("svg", "html"):
            assert "<script" not in done.out and "<a href='http" not in done.out
    svg = called(hostile, "funnel", "out", "--format", "svg").out
    root = ET.fromstring(svg)
    assert {each.tag.rpartition("}")[2] for each in root.iter()} <= {
        "svg", "title", "desc", "defs", "style", "g", "path", "use", "clipPath", "rect"
    }  # fmt: skip
    addresses = set(re.findall(r"https?://[^\"' ]+", re.sub(r"<desc.*?</desc>", "", svg)))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}


# ------------------------------------------------------------------------- figures, breakdowns


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("figures")
    made_people(folder / "people", 60)
    assert cohort(folder, "people").status == 0
    return folder


def test_a_figure_has_the_same_bytes_and_says_what_it_shows(many: Path) -> None:
    for name in ("a.svg", "b.svg", "a.png", "b.png", "a.html"):
        assert called(many, "funnel", "out", "--figure", name).status == 0
    assert (many / "a.svg").read_bytes() == (many / "b.svg").read_bytes()
    assert (many / "a.png").read_bytes() == (many / "b.png").read_bytes()
    root = ET.fromstring((many / "a.svg").read_bytes())
    names = [each.tag.rpartition("}")[2] for each in root[:2]]
    assert names == ["title", "desc"] and root.get("role") == "img"
    assert "DRAFT" in (root[0].text or "") and "an upper bound, no forecast" in (root[1].text or "")
    page = (many / "a.html").read_text(encoding="utf-8")
    assert "default-src 'none'" in page and "img-src data:" in page and 'src="http' not in page
    body = re.sub(r"base64,[A-Za-z0-9+/=]+", "", page.partition("<body>")[2])
    assert (found := NEVER.search(body)) is None, found
    done = called(many, "funnel", "out", "--figure", "a.pdf")
    assert done.status == 3 and ".svg, .png, .html" in done.err


def test_a_breakdown_adds_up_to_everybody(many: Path) -> None:
    done = called(many, "funnel", "out", "--format", "csv", "--by", "age", "--by", "sex", "--age-bands", "40,60")
    (many / "b.csv").write_text(done.out, encoding="utf-8")
    rows = table(many / "b.csv")
    for by in ("age", "sex"):
        for id in {row["id"] for row in rows}:
            cells = {r["group"]: int(r["people"]) for r in rows if (r["by"], r["id"]) == (by, id)}
            assert sum(number for group, number in cells.items() if group != "everybody") == cells["everybody"]
    ages = [row["age_years"] for row in table(many / "out" / "people.csv")]
    found = {r["group"]: int(r["people"]) for r in rows if (r["by"], r["id"]) == ("age", "assessed")}
    bounds = [[int(end) for end in age.split("..")] for age in ages if age]
    assert found["40 to 59"] == sum(all(40 <= end < 60 for end in ends) for ends in bounds) > 0
    assert found.get("not recorded", 0) == ages.count("")


def test_sites_are_counted_together_and_never_one_source_twice(many: Path, ran: Path) -> None:
    done = called(many, "funnel", "out", str(ran / "out"), "--by", "site")
    assert done.status == 0 and re.search(r"^people +66 +66$", done.out, re.MULTILINE)
    done = called(many, "funnel", "out", "out")
    assert done.status == 3 and "counted twice" in done.err


def test_an_exclusion_without_any_source_is_no_count(many: Path, tmp_path: Path) -> None:
    shutil.copytree(many / "out", tmp_path / "out")
    made = manifest(tmp_path / "out")
    made["unmapped_absolute_exclusions"] = [{"id": "SCV04", "requirements": ["Stroke"]}]
    (tmp_path / "out" / "manifest.json").write_text(json.dumps(made), encoding="utf-8")
    shown = called(tmp_path, "funnel", "out").out
    assert "x SCV04" in shown and "Nobody can have been ruled out by it" in " ".join(shown.split())
    assert re.search(r"^SCV04 .* no source +no source +no source$", shown, re.MULTILINE)
    svg = called(tmp_path, "funnel", "out", "--format", "svg").out
    assert "no source is mapped (Stroke)" in svg


# --------------------------------------------------------------------------------- comparisons


def test_a_comparison_adds_up_and_says_because_of_what(desk: Path) -> None:
    cohort(desk, "people", out="before")
    (desk / "people" / "eligible.yaml").unlink()
    file = desk / "people" / "review.yaml"
    lines = [line for line in file.read_text("utf-8").splitlines() if "Consent" not in line]
    file.write_text("\n".join(lines) + "\n", encoding="utf-8")
    cohort(desk, "people")
    done = called(desk, "funnel", "out", "--against", "before")
    number = {m[1].strip(): int(m[2]) for m in re.finditer(r"^(.+?)  +(\d+)$", done.out, re.MULTILINE)}
    assert number["People of the earlier run"] == 6 and number["People of this run"] == 5
    assert number["gone, not in this run"] == 1 and number["in both, changed"] == 1
    assert number["in both, the same"] == 4 and number["ADM01    TRUE -> UNKNOWN"] == 1
    assert "Only the data differ: every change is because of that." in done.out
    (desk / "c.csv").write_text(
        called(desk, "funnel", "out", "--against", "before", "--format", "csv").out, "utf-8"
    )
    rows = {row["id"]: row for row in table(desk / "c.csv")}
    assert {id: row["change"] for id, row in rows.items()} == {"SYN-0049": "gone", "SYN-0003": "changed"}
    assert rows["SYN-0003"]["criteria"] == "ADM01" and rows["SYN-0003"]["because"] == "the data"
    refused = called(desk, "funnel", "out", "--against", "before", "--format", "csv", "--suppress", "5")
    assert refused.status == 3


def test_where_several_things_differ_no_cause_is_claimed(desk: Path) -> None:
    called(desk, "cohort", "people", "--out", "before", *_small("2026-11-21"))
    (desk / "people" / "eligible.yaml").unlink()
    cohort(desk, "people")
    shown = " ".join(called(desk, "funnel", "out", "--against", "before").out.split())
    assert "These differ: the data and the as-of date." in shown and "cannot tell" in shown


def _small(day: str) -> tuple[str, ...]:
    from tests.cli.cohorts import SMALL

    return (*SMALL[:-1], day)
