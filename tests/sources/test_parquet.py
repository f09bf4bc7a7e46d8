"""Parquet tables with a mapping: what CSV tables say, in typed columns; and which are screened in place."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from screening import screen
from screening.errors import NameFault, UnreadableRecord
from screening.people import people_of
from screening.record import tables as roles
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.record.tables import Entries, Held
from screening.sources.in_place import InPlace, in_place
from screening.sources.mapping import read_mapping
from screening.sources.site import read_site
from tests.checkout import ROOT
from tests.sources.test_tables import LIBRARY

BENCH = ROOT / "tests" / "bench"
MAPPING = """
tables:
  people.%s:
    people: true
    id: id
    date: day
    columns:
      pain: {for: Pain, missing: ["77"]}
      smoker: Smoker
      clinic: Clinic
      onset: Onset
      crp: {for: CRP, unit: mg/dL}
      born: Age
  labs.%s: {id: id, date: at, rows: {list: observations, code: loinc, system: LOINC, value: value, unit: mg/L}}
  trials.%s: {id: id, rows: {for: Trials, apart: true, fields: {drug: drug, weeks: weeks}}}
"""
PEOPLE = """
    id VARCHAR, day DATE, pain SMALLINT, smoker BOOLEAN, clinic VARCHAR, onset TIMESTAMP, crp FLOAT, born DATE
"""


def made(folder: Path, **tables: str) -> Path:
    """A folder of tables, each by the query that gives its rows, once as Parquet and once as CSV."""
    import duckdb

    folder.mkdir(exist_ok=True)
    with duckdb.connect() as connection:
        for name, query in tables.items():
            for form in ("parquet", "csv"):
                connection.execute(f"COPY ({query}) TO '{folder / name}.{form}' (FORMAT {form})")
    return folder


def values(columns: str, *rows: str) -> str:
    """Rows as a query, in columns of declared types."""
    parts = [column.split() for column in columns.strip().split(", ")]
    cast = ", ".join(f'CAST(c{n} AS {type}) AS "{name}"' for n, (name, type) in enumerate(parts))
    names = ", ".join(f"c{n}" for n in range(len(parts)))
    return f"SELECT {cast} FROM (VALUES {', '.join(rows)}) AS t({names})"


def everybody(folder: Path, mapping: str, **more: Any) -> list[Subject | Rejected]:
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    return list(people_of(folder, LIBRARY, mapping=folder / "map.yaml", **more))


def test_parquet_and_csv_say_the_same(tmp_path: Path) -> None:
    rng = random.Random(5)
    rows = [
        f"('p{n}', DATE '2024-03-{1 + n % 28:02}', {rng.choice(['NULL', 77, 3, 9])}, "
        f"{rng.choice(['NULL', 'true', 'false'])}, {rng.choice(['NULL', chr(39) + 'Süd' + chr(39)])}, "
        f"TIMESTAMP '2024-01-0{1 + n % 9} 00:00:00', {rng.choice(['NULL', 0.1, 0.52, 12345.678, 1e-7, '-0.0'])}, "
        f"DATE '19{10 + n}-05-06')"
        for n in range(60)
    ]
    folder = made(
        tmp_path / "t",
        people=values(PEOPLE, *rows),
        labs=values(
            "id VARCHAR, at TIMESTAMP, loinc VARCHAR, value DECIMAL(9,3)",
            "('p1', TIMESTAMP '2024-01-02 09:30:00', '1988-5', 5.250)",
            "('p1', NULL, '1988-5', NULL)",
            "('nobody', NULL, '1988-5', 1)",
        ),
        trials=values("id VARCHAR, drug VARCHAR, weeks BIGINT", "('p2', 'x', 12)", "('p2', 'x', 12)"),
    )
    mapping = {form: MAPPING.replace("%s", form) for form in ("parquet", "csv")}
    typed, text = (everybody(folder, mapping[form]) for form in ("parquet", "csv"))

    def said(one: Subject | Rejected) -> object:
        if isinstance(one, Rejected):
            return one.kind, one.id, one.reason
        rows = {
            name: sorted((repr(r.value), repr(r.when), r.clock, r.certainty.value, repr(r.fields)) for r in every)
            for name, every in one.evidence.items()
        }
        return one.id, rows, {name: len(every) for name, every in one.absences.items()}

    assert [said(one) for one in typed] == [said(one) for one in text]
    assert len(typed) == 61
    assert isinstance(typed[2], Subject)
    assert len(typed[2].evidence["Trials"]) == 2  # alike, and each an entry of its own


@pytest.mark.parametrize("cut", [0, 4, 200, -8])
def test_half_a_file_is_refused_at_its_place(cut: int, tmp_path: Path) -> None:
    folder = made(tmp_path / "t", people=values(PEOPLE, "('a', NULL, 1, true, 'x', NULL, 1.0, NULL)"))
    path = folder / "people.parquet"
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(
        UnreadableRecord, match=r"people\.parquet: error: this is no Parquet file, or it is cut off"
    ):
        everybody(folder, "tables: {people.parquet: {id: id, columns: {pain: Pain}}}")


def test_a_page_that_is_broken_takes_the_rest_and_says_so(tmp_path: Path) -> None:
    query = "SELECT 'p' || i AS id, i % 10 AS pain, md5(i::VARCHAR) AS clinic FROM range(50000) t(i)"
    folder = made(tmp_path / "t", people=query)
    path = folder / "people.parquet"
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 4000] = bytes(4000)
    path.write_bytes(data)
    found = everybody(folder, "tables: {people.parquet: {id: id, columns: {pain: Pain, clinic: Clinic}}}")
    assert any(isinstance(one, Rejected) and "cannot be read from here on" in one.reason for one in found)
    assert all(one.notices for one in found if isinstance(one, Subject))


def test_duplicates_nobodys_rows_and_nul_are_each_named(tmp_path: Path) -> None:
    folder = made(
        tmp_path / "t",
        people=values("id VARCHAR, clinic VARCHAR", "('a', 'x')", "('a', 'y')", "(NULL, 'x')", "('b', chr(0))"),
    )
    found = everybody(folder, "tables: {people.parquet: {id: id, columns: {clinic: Clinic}}}")
    assert [(one.place, one.kind) for one in found if isinstance(one, Rejected)] == [
        ("people.parquet:2", "duplicate id"),
        ("people.parquet:3", "unreadable"),
        ("people.parquet:4", "unreadable"),
    ]


def test_a_column_of_lists_is_refused_only_where_it_is_mapped(tmp_path: Path) -> None:
    folder = made(tmp_path / "t", people="SELECT 'a' AS id, 3 AS pain, [1, 2] AS more")
    (one,) = everybody(folder, "tables: {people.parquet: {id: id, columns: {pain: Pain}}}")
    assert isinstance(one, Subject)
    assert not one.notices
    with pytest.raises(NameFault, match="holds lists, records or bytes"):
        everybody(folder, "tables: {people.parquet: {id: id, columns: {more: Pain}}}")


# --------------------------------------------------------------------------------------- in place


def looked(folder: Path, mapping: str) -> InPlace:
    return in_place(folder, read_mapping(mapping, "map.yaml"), LIBRARY)


def test_the_benchmark_is_screened_in_place(tmp_path: Path) -> None:
    made(
        tmp_path,
        patients="SELECT 'P' || i AS patient_id, DATE '1980-05-06' AS birth_date, 'female' AS sex,"
        " false AS pregnant,"
        " 120 AS sbp, 80 AS dbp, 9 AS wpi, 7 AS sss, 4 AS pain_regions, 12 AS symptom_months,"
        " DATE '2020-01-01' AS ra_dx_date, 12.1::DOUBLE AS cdai, 3.21::DOUBLE AS das28_crp, 5 AS pain_nrs,"
        " 0.8::DOUBLE AS alt_uln, 88::DOUBLE AS egfr, false AS active_psychosis, false AS active_sud,"
        " false AS raised_icp, NULL::BOOLEAN AS raised_iop, false AS unstable_cardiac, false AS ketamine_allergy"
        " FROM range(50) t(i)",
        trials="SELECT 'P' || (i % 50) AS patient_id, 'TNFi' AS drug_class, NULL::INTEGER AS weeks, 'response' AS "
        "outcome FROM range(90) t(i)",
    )
    library = screen.load_protocol(str(BENCH / "benchmark.yaml"), [])
    site = read_site((BENCH / "benchmark.site.yaml").read_bytes(), "site.yaml")
    path = BENCH / "benchmark.map.yaml"
    found = in_place(tmp_path, read_mapping(path.read_bytes(), "map.yaml"), library, site)
    assert found.reasons == ()
    assert found.tables is not None
    assert {r.name for r in library.requirements} == found.tables.requirements.keys()
    assert found.tables.requirements["Age"] == Held("birth_date")
    trials = found.tables.requirements["Trials"]
    assert isinstance(trials, Entries)
    assert trials.columns == {
        roles.SUBJECT: "patient_id",
        "class.word": "drug_class",
        "weeks.low": "weeks",
        "weeks.high": "weeks",
        "outcome.word": "outcome",
    }
    people = list(people_of(tmp_path, library, site, path))
    assert all(isinstance(one, Subject) for one in people)
    one = people[0]
    assert isinstance(one, Subject)
    assert found.tables.complete == one.complete
    assert len(one.evidence["Trials"]) == 2


@pytest.mark.parametrize(
    ("people", "column", "reason"),
    [
        ("'a' AS id, 3 AS v", '{for: Pain, missing: ["77"]}', "a code for what is missing"),
        ("'a' AS id, 3 AS v", "Pain", "the rule file knows codes for what is missing"),
        ("'a' AS id, 3 AS v", "{for: CRP, unit: mg/dL}", "its unit is not `mg/L`"),
        ("'a' AS id, 900 AS v", "{for: CRP, unit: mg/L}", "lie outside what is plausible"),
        ("'a' AS id, 1/3::DOUBLE AS v", "{for: CRP, unit: mg/L}", "than are exact"),
        ("'a' AS id, 'nan'::DOUBLE AS v", "{for: CRP, unit: mg/L}", "than are exact"),
        ("'a' AS id, 1::FLOAT AS v", "{for: CRP, unit: mg/L}", "a column of the kind `short number`"),
        ("'a' AS id, '5' AS v", "{for: CRP, unit: mg/L}", "a column of the kind `text`"),
        ("'a' AS id, true AS v", "Psychosis", "whether there is any `Psychosis`"),
        ("'a' AS id, 1 AS v", "Smoker", "a Boolean cannot be read off a column of the kind `whole`"),
        ("'a' AS id, 'm' AS v", "Gender", "some words are none of male, female"),
        ("'a' AS id, ' x' AS v", "Clinic", "some words begin or end with a blank"),
        ("'a' AS id, 'x' || chr(160) AS v", "Clinic", "some words begin or end with a blank"),
        ("'a' AS id, chr(8195) || 'x' AS v", "Clinic", "some words begin or end with a blank"),
        ("'a' AS id, 'x' || chr(11) AS v", "Clinic", "some words begin or end with a blank"),
        ("'a' AS id, 'a|b' AS v", "Clinic", "hold `|`"),
        ("'a' AS id, 'Unknown' AS v", "Clinic", "say that nothing is known"),
        ("1 AS id, 'x' AS v", "Clinic", "an id that is no text"),
        ("unnest(['a', 'a']) AS id, 'x' AS v", "Clinic", "some ids stand twice"),
        ("unnest(['a', NULL]) AS id, 'x' AS v", "Clinic", "some ids are empty"),
        ("'a' AS id, DATE '2024-01-01' AS v", '{for: Onset, on: "2024"}', "one day for all"),
    ],
)
def test_what_is_not_plain_is_named(people: str, column: str, reason: str, tmp_path: Path) -> None:
    made(tmp_path, p=f"SELECT {people}")
    found = looked(tmp_path, f"tables: {{p.parquet: {{id: id, columns: {{v: {column}}}}}}}")
    assert found.tables is None
    assert any(reason in each for each in found.reasons), found.reasons


def test_rows_that_may_be_one_and_tables_that_are_text_stay_outside(tmp_path: Path) -> None:
    made(tmp_path, p="SELECT 'a' AS id", t="SELECT unnest(['a', 'b']) AS id, 'x' AS drug")
    mapping = "tables: {p.%s: {people: true, id: id}, t.%s: {id: id, rows: {for: Trials, fields: {drug: drug}}}}"
    found = looked(tmp_path, mapping.replace("%s", "parquet"))
    assert [reason.split(":")[0] for reason in found.reasons] == ["t.parquet", "t.parquet"]
    assert "may be one that is recorded twice" in found.reasons[0]
    assert "of nobody" in found.reasons[1]
    assert looked(tmp_path, mapping.replace("%s", "csv")).reasons == (
        "p.csv: it is no Parquet file",
        "t.csv: it is no Parquet file",
    )
