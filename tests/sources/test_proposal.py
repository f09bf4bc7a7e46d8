"""Proposed mappings: what a name says plainly is placed, everything else is asked."""

from __future__ import annotations

import datetime
import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from screening.errors import UnreadableRecord
from screening.language.library import DataRequirement
from screening.language.types import BOOLEAN, DATE, INTEGER, STRING, quantity
from screening.people import people_of
from screening.record.subject import Subject
from screening.sources.mapping import read_mapping
from screening.sources.naming import Names
from screening.sources.proposal import propose
from screening.values.bounds import Bounds
from tests.sources.bundles import AGE, GENDER, asks, library

CRP = asks("CRP", "observation", "LOINC 1988-5", type=quantity("mg/L"), label="C-reactive protein", take="latest")
SYSTOLIC = asks("Systolic Pressure", "observation", "LOINC 8480-6", type=quantity("mm[Hg]"), short_names=("SBP",))
PAIN = DataRequirement("Pain", INTEGER, scale=Bounds(0, 10), label="pain, 0 to 10")
SMOKER = DataRequirement("Smoker", BOOLEAN)
PSYCHOSIS = asks("Psychosis", "condition", "SNOMED 69322001")
ONSET = DataRequirement("Onset", DATE)
DAY = datetime.date(2024, 3, 5)
LIBRARY = library(CRP, SYSTOLIC, PAIN, SMOKER, PSYCHOSIS, ONSET, AGE, GENDER)


@pytest.mark.parametrize(
    ("column", "name", "unit"),
    [
        ("crp", "CRP", ""),
        ("crp_mg_l", "CRP", "mg/L"),
        ("CRP (mg/dL)", "CRP", "mg/dL"),
        ("C_Reactive_Protein_mg_L", "CRP", "mg/L"),
        ("crp_kg", "CRP", ""),  # no unit of a CRP
        ("sbp_mmhg", "Systolic Pressure", "mm[Hg]"),
        ("systolicPressure", "Systolic Pressure", ""),
        ("pain", "Pain", ""),
        ("dob", "Age", ""),
        ("Sex", "Gender", ""),
        ("systolic_presure", "Systolic Pressure", ""),
        ("1988-5", "CRP", ""),
        ("loinc_8480_6", "Systolic Pressure", ""),
        ("X1988.5", "CRP", ""),
        ("crp_mg_per_dl", "CRP", "mg/dL"),
        ("systolicpressure_mm_hg", "Systolic Pressure", "mm[Hg]"),
        ("smoker_yn", "Smoker", ""),
        ("crp_result_mg_l", "CRP", "mg/L"),
        ("sbp_v2", "Systolic Pressure", ""),
    ],
)
def test_a_name_says_what_a_column_is(column: str, name: str, unit: str) -> None:
    named = Names(LIBRARY).named(column)
    assert named is not None
    assert (named.requirement.name, named.unit) == (name, unit)
    assert named.is_sure is (column not in ("systolic_presure", "smoker_yn", "crp_result_mg_l", "sbp_v2"))


@pytest.mark.parametrize("column", ["note", "x", "crypt", "painter", "mg_l", ""])
def test_a_name_that_says_nothing_is_not_placed(column: str) -> None:
    assert Names(LIBRARY).named(column) is None


def test_a_score_is_likely_to_be_its_total() -> None:
    found = Names(library(DataRequirement("WPI Total", INTEGER), AGE)).named("wpi")
    assert found is not None
    assert (found.requirement.name, found.is_sure) == ("WPI Total", False)


def test_what_a_programme_asks_for_is_found_by_the_names_of_the_field() -> None:
    from screening import screen

    names = Names(screen.load_protocol("ketamine-ra-fm", []))
    for column, name, unit in (
        ("egfr_ml_min_1_73", "eGFR Reported", "mL/min/{1.73_m2}"),
        ("crp_mg_l", "CRP", "mg/L"),
        ("SBP", "Systolic Pressure", ""),
        ("spo2_pct", "Oxygen Saturation", "%"),
        ("phq9_q1", "PHQ-9 Item 1", ""),
        ("phq9_total", "PHQ-9 Total", ""),
        ("phq9", "PHQ-9 Total", ""),
        ("qtcf_ms", "QTcF Recorded", "ms"),
        ("alt_u_l", "ALT", "U/L"),
        ("tjc28", "Tender Joints 28", ""),
        ("heart_failure", "Heart Failure", ""),
        ("2160-0", "Serum Creatinine", ""),
        ("pain_nrs", "Pain", ""),
        ("das28_crp", "DAS28 CRP Recorded", ""),
    ):
        found = names.named(column)
        assert found is not None, column
        assert (found.requirement.name, found.unit) == (name, unit)
    for column in ("q1", "item_1", "mg", "pga", "note"):
        assert names.named(column) is None, column


def test_gender_is_not_placed_as_sex_at_birth() -> None:
    asked = DataRequirement("Sex at Birth", STRING, short_names=("sex", "gender", "birth sex"))
    names = Names(library(asked))
    assert names.named("gender") is None
    assert (found := names.named("birth_sex")) is not None
    assert found.requirement.name == "Sex at Birth"


def test_a_proposal_is_a_mapping_that_can_be_read(tmp_path: Path) -> None:
    people = tmp_path / "people.csv"
    people.write_text(
        "Record ID;Sex;age;visit_date;crp_mg_l;Pain;smoker;sbp;q___1;q___psychosis;form_complete;hobby\n"
        "p1;F;51;05.03.2024;5,2;99;1;120;0;1;2;chess\n"
        "p2;M;40;15.03.2024;NA;3;2;130;0;0;2;go\n",
        encoding="utf-8",
    )
    labs = tmp_path / "labs.csv"
    labs.write_text(
        "Record ID,loinc,drawn,result,unit\np1,1988-5,2024-01-02,5,mg/L\np1,1988-5,2024-01-03,6,mg/L\n"
    )
    found = propose([labs, people], LIBRARY)
    mapping = read_mapping(found.text, "proposed.yaml")
    assert [table.name for table in mapping.tables] == ["people.csv", "labs.csv"]
    assert [column for _, column in found.unplaced] == ["q___1", "hobby"]
    assert found.columns == 17
    for ask in ("does 99 say", "`words: {1: TRUE, 2: FALSE}`", '`unit: "mm[Hg]"`'):
        assert ask in found.text
    for value in ("chess", "p1", "51", "5,2"):
        assert value not in found.text
    # What is asked is for a person to settle; until then 99 is a pain beyond its scale.
    settled = found.text.replace("Pain: {for: Pain}", 'Pain: {for: Pain, missing: ["99"]}')
    assert settled != found.text
    (tmp_path / "map.yaml").write_text(settled, encoding="utf-8")
    one, two = people_of(tmp_path, LIBRARY, mapping=tmp_path / "map.yaml")
    assert isinstance(one, Subject)
    assert isinstance(two, Subject)
    assert [row.value for row in one.evidence["CRP"]] == [
        Bounds(Decimal(5), Decimal(5)), Bounds(Decimal(6), Decimal(6)), Bounds(Decimal("5.2"), Decimal("5.2")),
    ]  # fmt: skip
    assert one.evidence["CRP"][2].when.low is not None
    assert "Psychosis" in one.evidence
    assert "Psychosis" in two.absences


def test_a_day_and_a_month_that_cannot_be_told_apart_are_asked(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,onset\n1,03/04/2024\n")
    assert "say `dates: DD/MM/YYYY` or" in propose([table], LIBRARY).text
    table.write_text("id,onset\n1,03/14/2024\n")
    assert "dates: [MM/DD/YYYY]" in propose([table], LIBRARY).text


@pytest.mark.parametrize(
    ("cell", "form"),
    [
        ("20240305", "YYYYMMDD"),
        ("20240305.0", "YYYYMMDD"),
        ("05MAR2024", "DDMMMYYYY"),
        ("5-Mar-2024", "DD-MMM-YYYY"),
        ("2024/3/5", "YYYY/MM/DD"),
    ],
)
def test_a_form_of_days_that_says_itself_is_proposed_and_read(cell: str, form: str, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text(f"id,onset\n1,{cell}\n")
    (tmp_path / "map.yaml").write_text(proposed := propose([table], LIBRARY).text)
    assert f"dates: [{form}]" in proposed
    (found,) = people_of(tmp_path, LIBRARY, mapping=tmp_path / "map.yaml")
    assert isinstance(found, Subject)
    assert [str(row.value) for row in found.evidence["Onset"]] == [str(Bounds(DAY, DAY))]


def test_numbers_of_eight_digits_are_days_only_where_all_are(tmp_path: Path) -> None:
    table = tmp_path / "t.csv"
    table.write_text("id,onset\n1,20240305\n2,20249999\n")
    assert "dates:" not in propose([table], LIBRARY).text


def test_ids_that_are_written_in_two_ways_are_asked_for_as_numbers(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("SEQN,pain\n93703,1\n93704,2\n")
    (tmp_path / "q.csv").write_text("SEQN,smoker\n93703.0,1\n")
    whole, both = ([tmp_path / "p.csv"], [tmp_path / "p.csv", tmp_path / "q.csv"])
    assert "ids:" not in propose(whole, LIBRARY).text
    assert "\nids: numbers  " in propose(both, LIBRARY).text
    (tmp_path / "q.csv").write_text("SEQN,smoker\nA7,1\n93703.0,1\n")
    assert "ids:" not in propose(both, LIBRARY).text


@pytest.mark.parametrize(
    ("ids", "are_numbers"),
    [("001,002,103", False), ("01,002,103", True), ("1.0,2.0", True), ("001,2.0", True), ("1,2", False)],
)
def test_ids_filled_up_with_zeros_to_one_width_are_left_as_they_are(
    ids: str, are_numbers: bool, tmp_path: Path
) -> None:
    (tmp_path / "p.csv").write_text("id,smoker\n" + "".join(f"{id},1\n" for id in ids.split(",")))
    assert ("ids: numbers" in propose([tmp_path / "p.csv"], LIBRARY).text) is are_numbers


@pytest.mark.parametrize(
    ("data", "line"),
    [
        (gzip.compress(b"id;pain\n1;2\n", mtime=0), 'delimiter: ";"'),
        (b"id\tpain\n1\t2\n", "delimiter: tab"),
        ("id,größe\n1,ä\n".encode("cp1252"), "encoding: cp1252"),
        ("id,pain\n1,2\n".encode("utf-16"), "encoding: utf-16"),
        ("id,pain\n1,2\n".encode("utf-16-le"), "encoding: utf-16-le"),
        ("id,pain\n1,2\n".encode("utf-16-be"), "encoding: utf-16-be"),
        (b"id;pain\r1;2\r", 'delimiter: ";"'),
        (b"nr,pain\n1,2\n", "id: TO-FILL"),
        (b"id,pain\n1,2\n1,3\n", "some ids stand twice"),
        (b"id,pain\n1,refused\n", '"refused"'),
    ],
)
def test_how_a_table_is_written_is_seen(data: bytes, line: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    assert line in propose([tmp_path / "t.csv"], LIBRARY).text


@pytest.mark.parametrize("data", [b"", b"PAR1xxxx", b"PK\3\4xx", b"HEADER RECORD*******LIBRARY"])
def test_what_is_no_table_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_bytes(data)
    with pytest.raises(UnreadableRecord):
        propose([tmp_path / "t.csv"], LIBRARY)


def test_a_table_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecord):
        propose([tmp_path / "t.csv"], LIBRARY)
