"""Texts that would do something else than be shown, through every door and every output but the pages.

The pages themselves are opened in Chromium by `test_browser.py`.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

from screening import columns
from screening.output.table import as_written
from tests.checkout import absent
from tests.cli.cohorts import called, manifest, table
from tests.reports import hostile
from tests.reports.hostile import CORPUS, REFUSED, TAKEN, assert_harmless

RUN = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
ASKED = ("--protocol", "hostile", "--rules", "rules")
DAY = ("--as-of", "2026-11-22")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    hostile.rules(folder / "rules")
    hostile.people(folder / "people")
    every = " ".join(TAKEN.values())
    (folder / "one.yaml").write_text(hostile.record(hostile.ID, 4, every), encoding="utf-8")
    hostile.ledger(folder)
    assert called(folder, "cohort", "people", *ASKED, *DAY, "--out", "out").status == 0
    return folder


def test_the_corpus_is_what_it_says() -> None:
    assert len(CORPUS) >= 40 and len(set(CORPUS.values())) == len(CORPUS)
    assert len(REFUSED) >= 8 and len(TAKEN) >= 30


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_rule_file_and_no_profile_may_hold_is_refused_and_not_printed(tmp_path: Path, name: str) -> None:
    text = hostile.quoted(REFUSED[name])
    rules = hostile.rules(tmp_path / "rules") / "hostile.yaml"
    rules.write_text(
        rules.read_text(encoding="utf-8").replace("status: draft", f"status: {text}"), encoding="utf-8"
    )
    done = called(tmp_path, "lint", "rules/hostile.yaml")
    assert done.status == 3
    assert_harmless(done.out + done.err, name)
    (tmp_path / "one.yaml").write_text(f"subject: {text}\nevidence: {{}}\n", encoding="utf-8")
    done = called(tmp_path, "check", "one.yaml", *DAY)
    assert (done.status, done.out) == (3, "")
    assert_harmless(done.err, name)


@pytest.mark.parametrize(
    "words",
    [
        ("check", "one.yaml", *ASKED, *DAY),
        ("check", "one.yaml", *ASKED, *DAY, "--all", "--trace"),
        ("check", "one.yaml", *ASKED, *DAY, "--plain"),
        ("check", "one.yaml", *ASKED, *DAY, "--format", "json"),
        ("check", "one.yaml", *ASKED, *DAY, "--format", "yaml"),
        ("next", "one.yaml", *ASKED, *DAY),
        ("near", "one.yaml", *ASKED, *DAY, "--all"),
        ("when", "one.yaml", *ASKED, *DAY),
        ("worksheet", "one.yaml", *ASKED, *DAY),
        ("worksheet", "one.yaml", *ASKED, *DAY, "--format", "md"),
        ("validate", "one.yaml", *ASKED),
        ("show", "hostile", *ASKED[2:]),
        ("show", "hostile", "H1X", *ASKED[2:]),
        ("show", "hostile", *ASKED[2:], "--format", "md"),
        ("template", "hostile", *ASKED[2:]),
        ("lint", "rules/hostile.yaml"),
        ("coverage", "people", *ASKED),
        ("funnel", "out"),
        ("explain", "out", "--subject", TAKEN["bidi override"]),
        ("explain", "out", "--subject", TAKEN["script end"], "--all"),
        ("explain", "out", "--subject", CORPUS["cursor"]),
        ("log", "status", "site.ledger"),
        ("log", "verify", "site.ledger"),
        ("log", "verify", "site.ledger", "--expect-head", CORPUS["colour"]),
        ("replay", "site.ledger"),
        ("report", CORPUS["window title"], "--out", "x.html"),
        ("report", "people", "--out", f"nowhere/{CORPUS['cursor']}"),
        ("report", "out", "--subject", CORPUS["terminal link"], "--out", "x.html"),
        ("report", "site.ledger", "--subject", CORPUS["one byte control"], "--out", "x.html"),
        ("sign", CORPUS["colour"], "--ledger", "site.ledger", "--by", CORPUS["cursor"]),
        ("check", "one.yaml", "--protocol", CORPUS["window title"]),
        ("check", CORPUS["colour"]),
    ],
    ids=lambda words: " ".join(words[:2]).encode("ascii", "replace").decode().replace("\x1b", "ESC"),
)
def test_a_terminal_is_told_nothing_that_it_would_do(site: Path, words: tuple[str, ...]) -> None:
    done = called(site, *words)
    assert done.status in (0, 2, 3, 4, 5)
    assert done.out or done.err
    assert_harmless(done.out, *words[:2])
    assert_harmless(done.err, *words[:2])


def cells(path: Path) -> Iterator[str]:
    for row in csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")):
        yield from row


def test_no_cell_of_any_table_is_run_by_a_spreadsheet(site: Path) -> None:
    called(site, "worklist", "out", "--out", "w.csv")
    for name in ("out/people.csv", "out/rejected.csv", "out/screening-log.csv", "w.csv", "out.identification.csv"):
        if name == "out.identification.csv" and not (site / name).exists():
            continue
        found = [cell for cell in cells(site / name) if cell.lstrip(" ").startswith(RUN)]
        assert found == [], name
    ids = [as_written(row["id"]) for row in table(site / "out" / "people.csv")]
    assert ids == list(dict.fromkeys(" ".join(text.split()) for text in TAKEN.values()))


def test_no_cell_of_a_workbook_is_run_or_linked(site: Path) -> None:
    done = called(site, "worklist", "out", "--out", "w.xlsx")
    assert done.status == 0, done.err
    for page in openpyxl.load_workbook(site / "w.xlsx").worksheets:
        for cell in (cell for row in page.iter_rows() for cell in row if cell.value is not None):
            assert cell.data_type in ("s", "d", "n") and cell.hyperlink is None, cell.coordinate
            assert not str(cell.value).lstrip(" ").startswith(RUN), cell.coordinate


# ---------------------------------------------------------------------------- tables and databases


def mapped(folder: Path, people: str, column: str, is_typed: bool = False) -> None:
    """A mapping file of tables whose names and columns are hostile themselves."""
    quoted = hostile.quoted
    truth = "H1" if is_typed else "{for: H1, words: {x: TRUE, y: FALSE}}"
    lines = [
        "source: tables",
        "extracted: 2026-11-01",
        "synthetic: true",
        "tables:",
        f"  {quoted(people)}:",
        "    people: true",
        f"    id: {quoted(column)}",
        "    columns:",
        f"      {quoted('pain ' + column)}: Pain",
        f"      {quoted('h ' + column)}: {truth}",
    ]
    if is_typed:
        fields = f"{{drug: drug, outcome: {quoted('outcome ' + column)}}}"
        lines += ["  trials.parquet:", f"    id: {quoted(column)}"]
        lines.append(f"    rows: {{for: Trials, apart: true, fields: {fields}}}")
    (folder / "map.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")


def screened(folder: Path, source: str, engine: str, out: str) -> bytes:
    done = called(folder, "cohort", source, *ASKED, *DAY, "--map", "map.yaml", "--engine", engine, "--out", out)
    assert_harmless(done.out, engine)
    assert_harmless(done.err, engine)
    assert done.status == 0, done.err
    return (folder / out / "people.csv").read_bytes()


def rows() -> list[tuple[str, str, str]]:
    """People whose ids are the whole corpus, and what is recorded of them."""
    return [(text, str(number % 11), "xy"[number % 2]) for number, text in enumerate(CORPUS.values())]


def test_a_table_may_hold_every_text_and_nobody_is_lost(tmp_path: Path) -> None:
    hostile.rules(tmp_path / "rules")
    column = TAKEN["sql identifier"]
    mapped(tmp_path, "people.csv", column)
    with open(tmp_path / "people.csv", "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([(column, f"pain {column}", f"h {column}"), *rows()])
    screened(tmp_path, "people.csv", "one-by-one", "out")
    found = table(tmp_path / "out" / "people.csv") + table(tmp_path / "out" / "rejected.csv")
    assert len(found) == len(CORPUS)
    done = called(tmp_path, "report", "out", "--out", "page.html")
    assert done.status == 0, done.err
    for id in [row["id"] for row in found][:6]:
        done = called(tmp_path, "explain", "out", "--subject", as_written(id))
        assert_harmless(done.out + done.err, id)


@pytest.mark.parametrize(
    "name", ["sql identifier", "sql statement", "sql comment", "sql backslash", "double quote"]
)
def test_names_and_values_of_tables_are_names_and_values(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Polars and DuckDB screen where tables lie: a name with quotes in it names what it names."""
    import polars

    monkeypatch.setattr(columns, "FEW", len(TAKEN))
    hostile.rules(tmp_path / "rules")
    column = TAKEN[name]
    file = f"{column.replace('/', '_')}.parquet"
    (tmp_path / "tables").mkdir()
    # Columns are believed where tables are plain: texts in ASCII, numbers, truths.
    plain = [text for text in TAKEN.values() if text.isascii() and text.isprintable() and text == text.strip()]
    kept = [(text, number % 11, number % 2 == 0) for number, text in enumerate(plain)]
    types = (polars.String, polars.Int64, polars.Boolean)
    schema = dict(zip((column, f"pain {column}", f"h {column}"), types, strict=True))
    polars.DataFrame(kept, schema=schema, orient="row").write_parquet(tmp_path / "tables" / file)
    # Of a closed list only its words are believed; they are hostile themselves.
    words = [word for word in hostile.WORDS if word.isascii()]
    trials = [(plain[number], word, ("failed", word)[number % 2]) for number, word in enumerate(words)]
    types = dict.fromkeys((column, "drug", f"outcome {column}"), polars.String)
    polars.DataFrame(trials, schema=types, orient="row").write_parquet(tmp_path / "tables" / "trials.parquet")
    mapped(tmp_path, file, column, is_typed=True)
    one = screened(tmp_path, "tables", "one-by-one", "one")
    found = [as_written(row["id"]) for row in table(tmp_path / "one" / "people.csv")]
    assert found == plain and column in found
    for engine in ("polars", "duckdb"):
        assert screened(tmp_path, "tables", engine, engine) == one
        assert "disagreed" not in manifest(tmp_path / engine)["run"]["columns"]


@pytest.mark.postgres
def test_postgresql_is_asked_in_names_and_values_too(tmp_path: Path) -> None:
    address = os.environ.get("SCREENING_TEST_POSTGRES") or absent("no PostgreSQL server")
    hostile.rules(tmp_path / "rules")
    column = TAKEN["sql identifier"]
    mapped(tmp_path, "people.csv", column)
    with open(tmp_path / "people.csv", "w", encoding="utf-8", newline="") as file:
        kept = [row for row in rows() if row[0] in TAKEN.values()]
        csv.writer(file).writerows([(column, f"pain {column}", f"h {column}"), *kept])
    done = called(tmp_path, "prepare", "people.csv", "prepared", *ASKED, "--map", "map.yaml")
    assert done.status == 0, done.err
    made = []
    for engine in (str(address), "one-by-one"):
        done = called(tmp_path, "cohort", "prepared", *ASKED, *DAY, "--engine", engine, "--out", engine[:3])
        assert done.status == 0, done.err
        made.append((tmp_path / engine[:3] / "people.csv").read_bytes())
    assert made[0] == made[1]
