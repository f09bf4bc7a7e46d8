"""Columns on what is hard to say in columns: partial dates, clocks, comparators, absences, ties, doubtful lists.

Each case is one person and one statement; the answer is that of the law, and the person is not odd.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from screening import screen
from screening.errors import UnsupportedError
from screening.interpreters import cohort
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.reading.load import load
from screening.record.subject import Completeness, Evidence, Subject
from screening.record.tables import Entries, Held, Tables
from screening.sources.profile import read_profile
from screening.values.bounds import Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.agree import cohorts
from tests.agree.test_cohort import compare

DAY = datetime.date(2026, 11, 22)
SOURCE = {"made": "by hand"}
REQUIREMENTS: dict[str, Any] = {
    "Latest": {"type": "Decimal", "take": "latest"},
    "First": {"type": "Decimal", "take": "first"},
    "Highest": {"type": "Decimal", "take": "highest"},
    "Lowest": {"type": "Decimal", "take": "lowest"},
    "Pressure": {"type": "Quantity", "unit": "mm[Hg]", "take": "mean of latest day", "readings": "2"},
    "Scaled": {"type": "Integer", "scale": ["0", "10"], "take": "latest"},
    "Amount": {"type": "Quantity", "unit": "mg/L", "plausible": ["0", "500"], "take": "latest"},
    "Answer": {"type": "Boolean", "take": "latest"},
    "Word": {"type": "String", "take": "latest"},
    "Day": {"type": "Date", "take": "latest"},
    "Age": {"type": "Integer", "take": "age on Screening Date"},
    "Present": {"type": "Boolean", "condition": ["SNOMED 100", "SNOMED 200"]},
    "Trials": {"type": "Records", "fields": {"kind": "String", "weeks": "Integer", "good": "Boolean"}},
}


def library(folder: Path, *expressions: str) -> Library:
    """A library of inclusions, one for each expression."""
    criteria = [
        {"id": f"C{n}", "category": "inclusion", "text": "made", "source": SOURCE, "expression": expression}
        for n, expression in enumerate(expressions)
    ]
    head = {
        "library": "hand",
        "version": "1",
        "title": "made by hand",
        "status": "draft",
        "sources": {"made": "x"},
    }
    path = folder / "hand.yaml"
    path.write_text(json.dumps({**head, "requirements": REQUIREMENTS, "criteria": criteria}), encoding="utf-8")
    return load(path, [folder])


def person(made: Library, evidence: dict[str, Any], id: str = "SYN-1") -> Subject:
    """A person with this evidence."""
    profile = {"subject": id, "synthetic": "true", "evidence": evidence}
    return read_profile(json.dumps(profile).encode(), made, name="hand.json")


def records(*rows: str | dict[str, Any], complete: bool = False) -> dict[str, Any]:
    """Rows as `value at date`, or as they are."""
    made = []
    for row in rows:
        if isinstance(row, str):
            value, _, date = row.partition(" at ")
            row = {"value": value, **({"date": date} if date else {})}
        made.append(row)
    return {"records": made, **({"complete": "true"} if complete else {})}


def trials(*rows: dict[str, str], complete: bool = True) -> dict[str, Any]:
    return {"Trials": records(*rows, complete=complete)}


def denied(*rows: dict[str, str]) -> dict[str, Any]:
    return {"Present": {"records": list(rows)}}


CASES: list[tuple[str, dict[str, Any], Truth]] = [
    # Partial dates: a reading of a month may be the latest beside one of a day in it.
    ("Latest > 5", {"Latest": records("9 at 2026-10", "7 at 2026-10-15")}, TRUE),
    ("Latest > 8", {"Latest": records("9 at 2026-10", "7 at 2026-10-15")}, UNKNOWN),
    ("Latest > 8", {"Latest": records("9 at 2026-10", "7 at 2026-09-15")}, TRUE),
    ("Latest > 8", {"Latest": records("9", "7 at 2026-09-15")}, UNKNOWN),
    ("First < 8", {"First": records("9 at 2026", "7 at 2025-12-31")}, TRUE),
    # What is dated wholly later does not exist; what may be of the day does.
    ("Latest > 8", {"Latest": records("9 at 2026-11-23", "7 at 2026-09-15")}, FALSE),
    ("Latest > 8", {"Latest": records("9 at 2026-11", "7 at 2026-09-15")}, TRUE),
    # Clock times order readings of one exact day.
    ("Latest > 8", {"Latest": records("9 at 2026-10-01T10:00", "7 at 2026-10-01T09:00")}, TRUE),
    ("Latest > 8", {"Latest": records("9 at 2026-10-01T10:00", "7 at 2026-10-01")}, UNKNOWN),
    ("First > 8", {"First": records("9 at 2026-10-01T10:00", "7 at 2026-10-01T09:00")}, FALSE),
    # Comparators are bounds.
    ("Latest < 5", {"Latest": records("<5 at 2026-10-01")}, TRUE),
    ("Latest < 4", {"Latest": records("<5 at 2026-10-01")}, UNKNOWN),
    ("Highest >= 5", {"Highest": records("4 at 2026-10-01", ">=5 at 2026-09-01")}, TRUE),
    ("Lowest < 3", {"Lowest": records("4 at 2026-10-01", "<5 at 2026-09-01")}, UNKNOWN),
    # A scale bounds what nobody has answered.
    ("Scaled <= 10", {}, TRUE),
    ("Scaled > 10", {}, FALSE),
    ("Scaled >= 5", {}, UNKNOWN),
    # An implausible value keeps its place: nothing older speaks for it.
    ("Amount < 50 'mg/L'", {"Amount": records("10 'mg/L' at 2026-09-01", "9000 'mg/L' at 2026-10-01")}, UNKNOWN),
    ("Amount < 50 'mg/L'", {"Amount": records("10 'mg/L' at 2026-10-01", "9000 'mg/L' at 2026-09-01")}, TRUE),
    # The mean of two readings of one day, and a doubt about the day.
    ("Pressure >= 120 'mm[Hg]'",
     {"Pressure": records("110 'mm[Hg]' at 2026-10-01T09:00", "130 'mm[Hg]' at 2026-10-01T10:00")}, TRUE),
    ("Pressure >= 120 'mm[Hg]'", {"Pressure": records("130 'mm[Hg]' at 2026-10-01")}, UNKNOWN),
    # Ties: readings of one time that differ are not known.
    ("Answer", {"Answer": records("TRUE at 2026-10-01", "FALSE at 2026-10-01")}, UNKNOWN),
    ("Answer", {"Answer": records("TRUE at 2026-10-01", "FALSE at 2026-09-01")}, TRUE),
    ("Word = 'alpha'", {"Word": records("'alpha' at 2026-10-01", "'beta' at 2026-10-01")}, UNKNOWN),
    ("Word in {'alpha', 'beta'}", {"Word": records("'beta' at 2026-10-01")}, TRUE),
    # Windows, durations and ages over partial dates.
    ("Day 6 months or more before day of \"Screening Date\"", {"Day": records("@2026-05-22")}, TRUE),
    ("Day 6 months or more before day of \"Screening Date\"", {"Day": records("@2026-05")}, UNKNOWN),
    ("months between Day and \"Screening Date\" >= 6", {"Day": records("@2026-05-23")}, FALSE),
    ("years between Day and \"Screening Date\" = 2", {"Day": records("@2024-11-22")}, TRUE),
    ("Age >= 18", {"Age": {"born": "2008-11-22"}}, TRUE),
    ("Age >= 18", {"Age": {"born": "2008-11"}}, UNKNOWN),
    ("Age >= 18", {"Age": {"born": "2027-01-01"}}, UNKNOWN),
    # Absences: silence is no answer, a denial is one, and a later row ends it.
    ("Present", {}, UNKNOWN),
    ("Present", denied({"status": "absent", "date": "2026-10-01"}), FALSE),
    ("Present", denied({"code": "SNOMED 100", "status": "refuted", "date": "2026-10-01"}), UNKNOWN),
    ("Present",
     denied({"code": "SNOMED 100", "date": "2026-09-01"}, {"status": "absent", "date": "2026-10-01"}), UNKNOWN),
    ("Present",
     denied({"code": "SNOMED 100", "date": "2026-11-01"}, {"status": "absent", "date": "2026-10-01"}), TRUE),
    ("Present",
     denied({"code": "LOCAL 9", "date": "2026-09-01"}, {"status": "absent", "date": "2026-10-01"}), FALSE),
    # Lists: complete, open, with rows that may or may not meet the condition.
    ("Count(Trials T where T.good) >= 1", trials({"good": "TRUE", "date": "2026-01-01"}), TRUE),
    ("Count(Trials T where T.good) >= 2", trials({"good": "TRUE"}, {"kind": "a"}, complete=True), UNKNOWN),
    ("Count(Trials T where T.good) >= 1", trials(complete=True), FALSE),
    ("Count(Trials T where T.good) >= 1", trials(complete=False), UNKNOWN),
    ("Count(distinct (Trials T where T.good return T.kind)) >= 2",
     trials({"good": "TRUE", "kind": "a"}, {"good": "TRUE", "kind": "b"}), TRUE),
    ("Count(distinct (Trials T where T.kind in {'a', 'b'} return T.kind)) >= 2",
     trials({"kind": "a"}, {"kind": "a"}, {"weeks": "3"}), UNKNOWN),
    ("Sum((Trials T where T.good return T.weeks)) > 5",
     trials({"good": "TRUE", "weeks": "2", "date": "2026-01-01"},
            {"good": "TRUE", "weeks": "4", "date": "2026-02-01"}), TRUE),
    ("Max((Trials T where T.good return T.weeks)) > 5", trials({"weeks": "9"}), UNKNOWN),
    # Arithmetic: a divisor that may be 0, sums of decimals that doubles do not hold.
    ("Latest / Lowest > 1", {"Latest": records("3"), "Lowest": records("0")}, UNKNOWN),
    ("Latest + Lowest = 0.3", {"Latest": records("0.1"), "Lowest": records("0.2")}, TRUE),
    ("Agree(Latest, Lowest) > 1", {"Latest": records("3"), "Lowest": records("4")}, UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(CASES)))
def test_hard_cases(number: int, tmp_path: Path) -> None:
    expression, evidence, wanted = CASES[number]
    made = library(tmp_path, expression)
    subject = person(made, evidence)
    assert Law(made).evaluate(subject, DAY)["C0"] is wanted
    assert compare(made, [subject], DAY, tmp_path / "tables")["odd"] == 0


# What columns do not say exactly, and why.
ODD: list[tuple[str, dict[str, Any], str]] = [
    ("Count(Trials T where T.good) >= 2",
     trials({"good": "TRUE"}, {"good": "TRUE", "weeks": "3"}), "whether they are one"),
    ("Latest * Lowest > 0.06", {"Latest": records("0.2"), "Lowest": records("0.3")}, "near to a limit"),
    ("Round(Latest, 1) > 1", {"Latest": records("1.05")}, "tie"),
    ("Latest > 1", {"Latest": records("12345678901234567")}, "does not fit"),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(ODD)))
def test_what_is_odd_has_its_reason(number: int, tmp_path: Path) -> None:
    expression, evidence, reason = ODD[number]
    made = library(tmp_path, expression)
    tables = cohorts.write(made, [person(made, evidence)], tmp_path / "tables")
    query = cohort.compile(made, tables, DAY)
    assert query.odd_people().collect().to_dicts() == [{"subject": 0}]
    said = [why for why, count in cohort.reasons(query).items() if count]
    assert len(said) == 1
    assert reason in said[0]
    assert query.truths().collect()["odd"].to_list() == [True]


def test_a_count_is_odd_only_where_it_matters(tmp_path: Path) -> None:
    made = library(tmp_path, "Count(Trials T where T.good) >= 1", "Count(Trials T where T.good) >= 3")
    subject = person(made, trials({"good": "TRUE"}, {"good": "TRUE", "weeks": "3"}))
    assert compare(made, [subject], DAY, tmp_path / "tables")["odd"] == 0


def test_people_without_rows_and_many_row_groups(tmp_path: Path) -> None:
    made = library(tmp_path, "Count(Trials T where T.weeks >= 4) >= 2", "Latest > 3")
    people = [
        person(made, trials(*({"weeks": str(w), "date": f"2026-01-{w + 1:02}"} for w in range(n % 9))), f"SYN-{n}")
        for n in range(60)
    ]
    people += [person(made, {}, f"SYN-N{n}") for n in range(5)]
    assert compare(made, people, DAY, tmp_path / "tables")["odd"] == 0


def test_a_table_without_a_row(tmp_path: Path) -> None:
    made = library(tmp_path, "Count(Trials T where T.weeks >= 4) >= 2", "exists Trials")
    people = [person(made, trials(), f"SYN-{n}") for n in range(3)]
    assert compare(made, people, DAY, tmp_path / "tables")["odd"] == 0


def test_a_hundred_thousand_rows_of_one_person(tmp_path: Path) -> None:
    made = library(tmp_path, "Latest > 3", "Highest > 90", "exists (Trials T where T.weeks >= 4)")
    first = datetime.date(1700, 1, 1)
    rows = tuple(
        Evidence(f"e{n}", "Latest", Bounds(n % 97, n % 97), Bounds(day, day))
        for n, day in ((n, first + datetime.timedelta(days=n)) for n in range(100_000))
    )
    people = [Subject("SYN-0", {"Latest": rows, "Highest": rows}), Subject("SYN-1", {})]
    tables = cohorts.write(made, people, tmp_path / "tables", group=9_999)
    found = cohort.compile(made, tables, DAY).truths().collect(engine="streaming").to_dicts()
    law = Law(made)
    words = {True: TRUE, False: FALSE, None: UNKNOWN}
    for row, subject in zip(found, people, strict=True):
        values = law.evaluate(subject, DAY)
        assert [words[row[id]] for id in ("C0", "C1", "C2")] == [values[id] for id in ("C0", "C1", "C2")]


def test_columns_of_the_people_themselves(tmp_path: Path) -> None:
    made = library(
        tmp_path, "Latest > 3", "Answer", "Word = 'alpha'", "Age >= 18", "Scaled <= 10", "exists Trials"
    )
    people = pl.DataFrame(
        {
            "mrn": ["a", "b", "c"],
            "reading": [3.5, None, 2.0],
            "taken": [datetime.date(2026, 1, 1), None, datetime.date(2026, 12, 1)],
            "smokes": ["Y", "N", None],
            "word": ["alpha", "beta", None],
            "born": [datetime.date(1990, 1, 1), datetime.date(2020, 1, 1), None],
        }
    )
    people.write_parquet(tmp_path / "people.parquet")
    pl.DataFrame({"who": ["a"], "length": [3]}).write_parquet(tmp_path / "trials.parquet")
    tables = Tables(
        str(tmp_path / "people.parquet"),
        "mrn",
        "mrn",
        {
            "Latest": Held("reading", "taken"),
            "Answer": Held("smokes", words={"Y": "true", "N": "false"}),
            "Word": Held("word"),
            "Age": Held("born"),
            "Trials": Entries(
                str(tmp_path / "trials.parquet"),
                {"subject": "who", "weeks.low": "length", "weeks.high": "length"},
            ),
        },
        {"Trials": Completeness(None, "site declaration")},
    )
    found = cohort.compile(made, tables, DAY).truths().collect(engine="streaming")
    assert found["id"].to_list() == ["a", "b", "c"]
    assert found["C0"].to_list() == [True, None, None]
    assert found["C1"].to_list() == [True, False, None]
    assert found["C2"].to_list() == [True, False, None]
    assert found["C3"].to_list() == [True, False, None]
    assert found["C4"].to_list() == [True, True, True]
    assert found["C5"].to_list() == [True, False, False]
    assert found["verdict"].to_list() == ["ELIGIBLE", "INELIGIBLE", "INELIGIBLE"]


def test_what_nobody_has_is_a_constant(tmp_path: Path) -> None:
    made = library(tmp_path, "Latest > 3", "exists Trials", "Scaled <= 10")
    pl.DataFrame({"n": [1, 2]}).write_parquet(tmp_path / "people.parquet")
    tables = Tables(str(tmp_path / "people.parquet"), "n", "n", {})
    found = cohort.compile(made, tables, DAY).truths().collect()
    assert [found[id].to_list() for id in ("C0", "C1", "C2")] == [[None, None], [None, None], [True, True]]
    assert "odd" not in found.columns


def test_a_query_about_a_row_of_another_is_a_declared_gap(tmp_path: Path) -> None:
    made = library(tmp_path, "exists (Trials T where exists (Trials U where U.weeks < T.weeks))")
    with pytest.raises(UnsupportedError, match="C0"):
        cohort.compile(made, Tables(_empty(tmp_path), "n", "n", {"Trials": Held("n")}), DAY)


def _empty(folder: Path) -> str:
    pl.DataFrame({"n": [1]}).write_parquet(folder / "people.parquet")
    return str(folder / "people.parquet")


def test_a_thousand_criteria(tmp_path: Path) -> None:
    made = library(tmp_path, *(f"Latest > {n} or Scaled >= {n % 10}" for n in range(1000)))
    pl.DataFrame({"n": [1, 2], "x": [500.0, None], "s": [3, 8]}).write_parquet(tmp_path / "people.parquet")
    path = str(tmp_path / "people.parquet")
    tables = Tables(path, "n", "n", {"Latest": Held("x"), "Scaled": Held("s")})
    found = cohort.compile(made, tables, DAY).truths().collect(engine="streaming")
    assert found["C999"].to_list() == [False, None]
    assert found["verdict"].to_list() == ["INELIGIBLE", "UNDETERMINED"]


def test_what_nobody_has_on_record_is_calculated_once(tmp_path: Path) -> None:
    """21 items of a questionnaire, none of them recorded, and a rule for missing items: no plan of megabytes."""
    made = screen.load_library("fibromyalgia-fiqr")
    query = cohort.compile(made, cohorts.write(made, [person(made, {})], tmp_path), DAY)
    assert len(query.rows().explain(optimized=False)) < 200_000
