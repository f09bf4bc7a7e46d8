"""People out of OMOP CDM tables: what the model says, and what it leaves open."""

from __future__ import annotations

import datetime
import gzip
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.errors import UnreadableRecord
from screening.people import people_of
from screening.record.people import Rejected
from screening.record.subject import SetAside, Subject
from screening.sources import omop
from screening.sources.opening import looked_for
from screening.sources.site import read_site
from screening.values.bounds import Bounds, exactly
from screening.values.truth import TRUE, UNKNOWN, Truth
from tests.checkout import absent
from tests.sources.bundles import (
    ACTIVE,
    AGE,
    DEAD,
    FIBROMYALGIA,
    FM,
    GENDER,
    KETAMINE_ALLERGY,
    METHOTREXATE,
    RA,
    RHEUMATOID,
    SYSTOLIC,
    asks,
    library,
)

SHARED = Path(__file__).parents[3] / "shared" / "data" / "omop" / "synthea27nj"
POSITIVE = asks("Rheumatoid Factor Positive", "observation", "LOINC 11572-5", take="latest")
LIBRARY = library(
    RHEUMATOID, ACTIVE, FIBROMYALGIA, SYSTOLIC, METHOTREXATE, KETAMINE_ALLERGY, AGE, GENDER, DEAD, POSITIVE
)
PERSON = "person_id,gender_concept_id,year_of_birth,month_of_birth,day_of_birth,birth_datetime"
CONDITION = (
    "condition_occurrence_id,person_id,condition_concept_id,condition_start_date,condition_end_date,"
    "condition_status_concept_id,condition_source_value,condition_source_concept_id"
)
MEASUREMENT = (
    "measurement_id,person_id,measurement_concept_id,measurement_date,measurement_datetime,operator_concept_id,"
    "value_as_number,value_as_concept_id,unit_concept_id,unit_source_value,value_source_value"
)
OBSERVATION = (
    "observation_id,person_id,observation_concept_id,observation_date,"
    "value_as_number,value_as_string,value_as_concept_id"
)
DRUG = "drug_exposure_id,person_id,drug_concept_id,drug_exposure_start_date,drug_exposure_end_date"
CONCEPTS = f"""\
concept_id,concept_name,vocabulary_id,concept_code
1,,SNOMED,{RA}
2,,SNOMED,{FM}
3,,LOINC,8480-6
4,,UCUM,mm[Hg]
5,,RxNorm,6851
6,,SNOMED,417662000
7,,SNOMED,57177007
8,Preliminary diagnosis,Condition Status,x
9,,LOINC,11572-5
10,,SNOMED,10828004
"""


def read(folder: Path, site: Any = None, **tables: str) -> tuple[list[Subject], list[Rejected]]:
    whole = {"PERSON": f"{PERSON}\n1,8532,1970,5,,\n", "CONCEPT": CONCEPTS, **tables}
    for name, text in whole.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    found = list(people_of(folder, LIBRARY, site))
    subjects = [one for one in found if isinstance(one, Subject)]
    return subjects, [one for one in found if isinstance(one, Rejected)]


def rows(subject: Subject, name: str) -> list[tuple[object, object]]:
    return [(row.value, row.certainty) for row in subject.evidence.get(name, ())]


def certain(subject: Subject, name: str) -> list[object]:
    return [row.certainty for row in subject.evidence.get(name, ())]


def test_a_person_with_birth_gender_and_death(tmp_path: Path) -> None:
    person = f"{PERSON}\n1,8532,1970,5,,\n2,8507,1960,1,2,1960-01-02 00:00:00\n3,0,,,,\n"
    (one, two, three), rejected = read(tmp_path, PERSON=person, DEATH="person_id,death_date\n2,2020-02-03\n")
    assert rejected == []
    assert [[row.written for row in one.evidence[name]] for name in ("Age", "Gender")] == [["1970-05"], ["female"]]
    assert [row.written for row in two.evidence["Age"]] == ["1960-01-02"]
    assert rows(two, "Dead") == [(TRUE, TRUE)]
    assert three.evidence == {}


@pytest.mark.parametrize("rows", ["1,2031-01-01\n1,2020-02-03\n", "1,2020-02-03\n1,2031-01-01\n1,\n"])
def test_of_several_days_of_death_the_first_counts_in_whatever_order(rows: str, tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, DEATH=f"person_id,death_date\n{rows}")
    assert [str(row.when) for row in one.evidence["Dead"]] == [str(exactly(datetime.date(2020, 2, 3)))]


@pytest.mark.parametrize(
    ("born", "known"),
    [
        ("1970,5,6,some day", "1970-05-06"), ("1970,5,6,1970-05-06 04:00:00", "1970-05-06"),
        ("1970,,,1970-06-15 00:00:00", "1970"), ("1970,5,,1970-05-01 00:00:00", "1970-05"),
        (",,,1970-05-06 00:00:00", "1970-05-06"), ("70,5,6,", "70-05-06"),
    ],
)  # fmt: skip
def test_of_a_birth_that_is_known_which_is_not_made_up(born: str, known: str, tmp_path: Path) -> None:
    """The CDM has a moment of birth made up where its day is not known."""
    (one,), _ = read(tmp_path, PERSON=f"{PERSON}\n1,8532,{born}\n")
    (row,) = one.evidence["Age"]
    assert row.written == known
    assert isinstance(row.value, SetAside) is (known == "70-05-06")


def test_a_table_in_utf_16_is_told_by_its_mark(tmp_path: Path) -> None:
    (tmp_path / "CONDITION_OCCURRENCE.csv").write_bytes(f"{CONDITION}\n1,1,1,2020-01-01,,,,\n".encode("utf-16"))
    (one,), rejected = read(tmp_path)
    assert rejected == []
    assert certain(one, "RA") == [TRUE]


@pytest.mark.parametrize("name", ["condition_occurrence", "Condition_Occurrence"])
def test_tables_are_found_in_any_case(name: str, tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, **{name: f"{CONDITION.upper()}\n1,1,1,2020-01-01,,,,\n"})
    assert certain(one, "RA") == [TRUE]
    assert one.evidence["RA"][0].origin == "Condition/condition-occurrence-1"


def test_the_end_of_a_condition_does_not_say_that_it_is_over(tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, CONDITION_OCCURRENCE=f"{CONDITION}\n1,1,1,2020-01-01,2020-01-02,,,\n")
    assert certain(one, "RA") == [TRUE]
    assert certain(one, "RA Active") == [UNKNOWN]


def test_a_preliminary_diagnosis_and_one_without_a_concept_are_only_possible(tmp_path: Path) -> None:
    table = f"{CONDITION}\n1,1,1,2020-01-01,,8,,\n2,1,0,2020-01-01,,,some words,\n"
    (one,), _ = read(tmp_path, CONDITION_OCCURRENCE=table)
    assert certain(one, "RA") == [UNKNOWN, UNKNOWN]
    assert certain(one, "FM") == [UNKNOWN]


def test_measurements_have_units_by_concept_or_as_the_source_wrote_them(tmp_path: Path) -> None:
    table = (
        f"{MEASUREMENT}\n"
        "1,1,3,2024-01-01,2024-01-01 09:30:00,0,120,0,4,,\n"
        "2,1,3,2024-01-02,,4171756,130,0,0,mm[Hg],\n"
        "3,1,3,2024-01-03,,0,140,0,0,,\n"
        "4,1,3,2024-01-04,,77,150,0,4,,\n"
        "5,1,9,2024-01-04,,0,,10,0,,pos\n"
    )
    (one,), _ = read(tmp_path, MEASUREMENT=table)
    found = one.evidence["Systolic"]
    assert [row.written for row in found[:3]] == ["120 mm[Hg]", "<130 mm[Hg]", "140"]
    assert [getattr(row.value, "why", "") for row in found] == ["", "", "no unit", "recorded as text"]
    assert found[0].clock
    assert rows(one, "Rheumatoid Factor Positive") == [(TRUE, TRUE)]


def test_history_is_the_persons_and_that_of_the_family_is_not(tmp_path: Path) -> None:
    table = f"{OBSERVATION}\n1,1,6,2024-01-01,,,1\n2,1,7,2024-01-01,,,2\n"
    (one,), _ = read(tmp_path, OBSERVATION=table)
    assert certain(one, "RA") == [TRUE]
    assert one.evidence["RA"][0].when.low is None
    assert certain(one, "FM") == []


def test_a_finding_among_the_observations_is_the_fact_itself(tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, OBSERVATION=f"{OBSERVATION}\n1,1,2,2024-01-01,,,0\n")
    assert certain(one, "FM") == [TRUE]


def test_drugs_by_ingredient(tmp_path: Path) -> None:
    (one,), _ = read(tmp_path, DRUG_EXPOSURE=f"{DRUG}\n1,1,5,2024-01-01,2024-02-01\n")
    assert certain(one, "MTX") == [TRUE]
    assert one.evidence["MTX"][0].when.high is not None


def test_nothing_is_complete_unless_declared_and_never_what_the_model_has_no_list_of(tmp_path: Path) -> None:
    site = read_site(
        b"{site: S, owner: O, signed by: N, date: 2026-11-01, complete: ["
        b"{list: conditions, since: ever, because: kept}, {list: allergies, since: ever, because: kept}]}",
        "site.yaml",
    )
    assert read(tmp_path)[0][0].complete == {}
    (without,), _ = read(tmp_path, site)
    assert without.complete == {}
    assert any("no table CONDITION_OCCURRENCE" in notice.text for notice in without.notices)
    assert set(read(tmp_path, site, CONDITION_OCCURRENCE=f"{CONDITION}\n")[0][0].complete) == {
        "RA",
        "RA Active",
        "FM",
    }
    broken = f"{CONDITION}\n1,1\n"
    assert read(tmp_path, site, CONDITION_OCCURRENCE=broken)[0][0].complete == {}


@pytest.mark.parametrize(
    "others",
    [
        ["MEASUREMENT_1.csv", "MEASUREMENT_2.csv"], ["measurement-part-0001.csv.gz"], ["measurement/"],
        ["measurement.parquet/"], ["MEASUREMENT.csv", "measurement.tsv"], ["MEASUREMENT.csv", "measurement_2.csv"],
    ],
)  # fmt: skip
def test_a_table_in_parts_is_refused_since_one_part_is_not_the_whole(others: list[str], tmp_path: Path) -> None:
    for name in others:
        at = tmp_path / name
        if name.endswith("/"):
            at.mkdir()
        else:
            at.write_text(f"{MEASUREMENT}\n", encoding="utf-8")
    (tmp_path / "OBSERVATION_PERIOD_2.csv").write_text("a,b\n")
    with pytest.raises(UnreadableRecord, match="the table MEASUREMENT is not in one file") as refused:
        read(tmp_path, CONDITION_OCCURRENCE=f"{CONDITION}\n")
    assert all(name in refused.value.diagnostics[0].message for name in others)


@pytest.mark.parametrize("name", ['"Ecstasy" overdose', '"Ecstasy', 'of "Ecstasy"', '"Ecstasy"'])
def test_a_quote_in_a_vocabulary_between_tabs_is_a_letter(name: str, tmp_path: Path) -> None:
    """The vocabularies are written so: a name may begin with a quote, and nothing closes it."""
    (tmp_path / "CONCEPT.tsv").write_text(
        f"concept_id\tconcept_name\tvocabulary_id\tconcept_code\n9\t{name}\tSNOMED\t1\n1\tx\tSNOMED\t{RA}\n"
        f'8\t"y\tSNOMED\t2\n', encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "PERSON.csv").write_text(f"{PERSON}\n1,8532,1970,5,,\n", encoding="utf-8")
    (tmp_path / "CONDITION_OCCURRENCE.csv").write_text(f"{CONDITION}\n1,1,1,2020-01-01,,,,\n", encoding="utf-8")
    (one,) = people_of(tmp_path, LIBRARY)
    assert isinstance(one, Subject)
    assert certain(one, "RA") == [TRUE]


def test_a_row_that_is_not_utf_8_is_told_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "CONDITION_OCCURRENCE.csv").write_bytes(
        f"{CONDITION}\n1,1,1,2020-01-01,,,Rh\xe9,\n".encode("cp1252")
    )
    _, (rejected,) = read(tmp_path)
    assert rejected.reason == "the row is not UTF-8; save the table as UTF-8"


def test_what_no_table_is_there_for_is_not_looked_for(tmp_path: Path) -> None:
    read(tmp_path, OBSERVATION=f"{OBSERVATION}\n")
    everything = looked_for(tmp_path, LIBRARY)
    assert everything is not None and {"RA", "Systolic", "Age"} <= everything
    assert not {"MTX", "Ketamine Allergy"} & everything
    (tmp_path / "OBSERVATION.csv").rename(tmp_path / "DRUG_EXPOSURE.csv")
    drugs = looked_for(tmp_path, LIBRARY)
    assert drugs is not None and "MTX" in drugs and not {"RA", "Systolic"} & drugs


def test_whole_numbers_may_be_written_as_fractions(tmp_path: Path) -> None:
    """As a program does that knows no empty whole number; a row then still has its person, concept and year."""
    person = f"{PERSON}\n1,8532.0,1970.0,5.0,,\n"
    table = f"{CONDITION}\n1,1.0,1.0,2020-01-01,,0.0,,0.0\n"
    (subject,), rejected = read(tmp_path, PERSON=person, CONDITION_OCCURRENCE=table)
    assert rejected == []
    (one,) = read(tmp_path, PERSON=person.replace(".0", ""), CONDITION_OCCURRENCE=table.replace(".0", ""))[0]
    assert subject.evidence == one.evidence
    assert "RA" in subject.evidence and "Gender" in subject.evidence


@pytest.mark.parametrize("mark", [";", "|", "\t"])
@pytest.mark.parametrize("end", [".csv", ".txt", ".tsv.gz"])
def test_tables_are_read_by_whatever_divides_their_cells_and_packed(mark: str, end: str, tmp_path: Path) -> None:
    data = f"{CONDITION}\n1,1,1,2020-01-01,,,,\n".replace(",", mark).encode()
    name = tmp_path / f"CONDITION_OCCURRENCE{end}"
    name.write_bytes(gzip.compress(data) if end.endswith(".gz") else data)
    (one,), rejected = read(tmp_path)
    assert (certain(one, "RA"), rejected) == ([TRUE], [])


@pytest.mark.parametrize("null", ["NULL", "\\N", "NA", "nan", "None"])
def test_what_programs_write_for_null_is_no_value(null: str, tmp_path: Path) -> None:
    table = f"{MEASUREMENT}\n1,1,3,2020-01-01,?,?,130,?,4,mmHg,?\n2,1,3,2020-01-02,?,?,?,?,?,mmHg,\n"
    (said,), _ = read(tmp_path, MEASUREMENT=table.replace("?", null).replace(f"mmHg,{null}", "mmHg,"))
    (meant,), _ = read(tmp_path, MEASUREMENT=table.replace("?", ""))
    assert said.evidence == meant.evidence


def test_days_that_cannot_be_read_are_refused_and_another_column_may_say_them(tmp_path: Path) -> None:
    """Else everything in the table would be undated, and equal values of two days would be one."""
    table = f"{CONDITION}\n1,1,1,05/03/2020,,,,\n"
    with pytest.raises(UnreadableRecord, match="no day in `condition_start_date` can be read"):
        read(tmp_path, CONDITION_OCCURRENCE=table)
    head = CONDITION.replace("condition_end_date", "condition_start_datetime")
    (one,), rejected = read(tmp_path, CONDITION_OCCURRENCE=f"{head}\n1,1,1,05/03/2020,2020-03-05 00:00:00,,,\n")
    assert ([row.when.low for row in one.evidence["RA"] if row.when], rejected) == (
        [datetime.date(2020, 3, 5)],
        [],
    )


def test_a_folder_above_the_tables_is_told_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "csv").mkdir()
    read(tmp_path / "csv", CONDITION_OCCURRENCE=f"{CONDITION}\n1,1,1,2020-01-01,,,,\n")
    with pytest.raises(UnreadableRecord) as refused:
        people_of(tmp_path, LIBRARY)
    assert "tables of an OMOP CDM are in `csv`" in refused.value.diagnostics[0].help


def test_every_row_that_is_nobodys_is_counted(tmp_path: Path) -> None:
    person = f"{PERSON}\n1,8532,1970,5,,\n1,8532,1971,5,,\n,8532,1970,5,,\n2,8532\n"
    table = f"{CONDITION}\n1,9,1,2020-01-01,,,,\n2,9,1,2020-01-01,,,,\n3,,1,2020-01-01,,,,\n"
    subjects, rejected = read(tmp_path, PERSON=person, CONDITION_OCCURRENCE=table)
    assert [s.id for s in subjects] == ["1"]
    assert [(r.place, r.kind) for r in rejected] == [
        ("PERSON.csv:3", "duplicate id"),
        ("PERSON.csv:4", "unreadable"),
        ("PERSON.csv:5", "unreadable"),
        ("CONDITION_OCCURRENCE.csv:4", "unreadable"),
        ("CONDITION_OCCURRENCE.csv:2", "nobody's"),
    ]


@pytest.mark.parametrize(
    ("tables", "words"),
    [
        ({"PERSON": "persn_id,gender_concept_id,year_of_birth\n"}, "did you mean `persn_id`"),
        ({"CONDITION_OCCURRENCE": ""}, "the file is empty"),
        ({"CONCEPT": "concept_id,vocabulary_id\n"}, "no column `concept_code`"),
    ],
)
def test_tables_that_are_none_of_the_model_are_refused_at_once(
    tables: dict[str, str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableRecord, match=words):
        read(tmp_path, **tables)


def test_the_shared_database_is_read_whole() -> None:
    if not SHARED.exists():
        absent(f"no shared data beside the checkout ({SHARED})")
    found = list(people_of(SHARED, LIBRARY))
    assert [one.id for one in found if isinstance(one, Subject)] == [str(n) for n in range(1, 28, 2)]
    assert not [one for one in found if isinstance(one, Rejected)]
    dead = [one.id for one in found if isinstance(one, Subject) and "Dead" in one.evidence]
    assert len(dead) == 3
    assert sum(len(one.evidence.get("Systolic", ())) for one in found if isinstance(one, Subject)) > 20


@pytest.mark.parametrize(
    ("cells", "certainty"),
    [
        (",,,,,,", TRUE),
        (",,,0,,0,", TRUE),
        ("No,,,0,,0,", None),  # an answer that was given no concept
        (",,,0,,77,", UNKNOWN),  # a qualifier: it may say that there is none
        (",,,0,,0,absent", UNKNOWN),
        (",,,10,,0,", None),
    ],
)
def test_a_finding_with_an_answer_beside_it_is_not_there_for_that(
    cells: str, certainty: Truth | None, tmp_path: Path
) -> None:
    more = "value_source_value,value_as_number,value_as_string,value_as_concept_id,unit_concept_id"
    header = "observation_id,person_id,observation_concept_id,observation_date"
    table = f"{header},{more},qualifier_concept_id,qualifier_source_value\n1,1,1,2020-01-02,{cells}\n"
    ((subject,), rejected) = read(tmp_path, OBSERVATION=table)
    assert rejected == []
    assert [sure for _, sure in rows(subject, "RA")] == ([] if certainty is None else [certainty])


@pytest.mark.parametrize(
    ("status", "source", "certainty"),
    [("", "", TRUE), ("0", "", TRUE), ("11", "", TRUE), ("8", "", UNKNOWN), ("12", "", UNKNOWN),
     ("99", "", UNKNOWN), ("0", "ruled out", UNKNOWN)],
)  # fmt: skip
def test_a_condition_of_a_status_that_nobody_can_read_is_only_possible(
    status: str, source: str, certainty: Truth, tmp_path: Path
) -> None:
    concepts = f"{CONCEPTS}11,Primary diagnosis,Condition Status,y\n12,,Condition Status,z\n"
    table = f"{CONDITION},condition_status_source_value\n1,1,1,2020-01-02,,{status},,,{source}\n"
    ((subject,), _) = read(tmp_path, CONDITION_OCCURRENCE=table, CONCEPT=concepts)
    assert [sure for _, sure in rows(subject, "RA")] == [certainty]


@pytest.mark.parametrize(
    ("operator", "number", "source", "value"),
    [
        ("0", "100", "<100", Bounds(None, Decimal("99.99999999"))),
        ("", "100", "≥ 100", Bounds(Decimal(100), None)),
        ("4172703", "100", "<100", Bounds(Decimal(100), Decimal(100))),
        ("0", "100", "100", Bounds(Decimal(100), Decimal(100))),
        ("0", ".5", ".5", Bounds(Decimal("0.5"), Decimal("0.5"))),  # as some databases write it
    ],
)
def test_a_number_below_a_limit_is_none_that_was_measured(
    operator: str, number: str, source: str, value: Bounds, tmp_path: Path
) -> None:
    table = f"{MEASUREMENT}\n1,1,3,2020-01-02,,{operator},{number},0,4,,{source}\n"
    ((subject,), _) = read(tmp_path, MEASUREMENT=table)
    assert rows(subject, "Systolic") == [(value, TRUE)]


def test_no_known_allergy_among_observations_denies_no_condition(tmp_path: Path) -> None:
    table = f"{OBSERVATION}\n1,1,11,2020-01-02,,,0\n"
    ((subject,), _) = read(tmp_path, OBSERVATION=table, CONCEPT=f"{CONCEPTS}11,,SNOMED,716186003\n")
    assert subject.absences == {}


def test_an_id_of_which_a_program_left_digits_out_is_of_nobody(tmp_path: Path) -> None:
    """`1.23457e+09` is what `%g` makes of 1234567890, and of many others beside."""
    person = f"{PERSON}\n1234570000,8532,1970,5,,\n1.23457e+09,8532,1970,5,,\n"
    condition = f"{CONDITION}\n1,1.23457e+09,1,2024-03-05,,,,\n"
    (found,), rejected = read(tmp_path, PERSON=person, CONDITION_OCCURRENCE=condition)
    assert (found.id, rows(found, "RA")) == ("1234570000", [])
    assert [each.place for each in rejected] == ["PERSON.csv:3", "CONDITION_OCCURRENCE.csv:2"]


def test_a_fault_of_the_program_at_the_rows_of_one_person_takes_no_other_with_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    right = omop.patient

    def failing(row: Any, death: Any) -> Any:
        if row["person_id"] == "2":
            raise TypeError("cannot add somebody's value")
        return right(row, death)

    monkeypatch.setattr(omop, "patient", failing)
    found, (rejected,) = read(tmp_path, PERSON=f"{PERSON}\n1,8532,1970,5,,\n2,8532,1970,5,,\n3,8532,1970,5,,\n")
    assert [each.id for each in found] == ["1", "3"]
    assert (rejected.id, rejected.place, rejected.kind) == ("2", "PERSON.csv:3", "fault of this program")
    assert "value" not in rejected.reason


@pytest.mark.parametrize(
    "other", ["CONDITION_OCCURRENCE.csv.gz", "condition_occurrence.tsv", "Condition_Occurrence.txt"]
)
def test_a_table_that_stands_in_two_files_is_refused(other: str, tmp_path: Path) -> None:
    """Else the rows of one of them would be lost."""
    text = f"{CONDITION}\n".encode()
    (tmp_path / other).write_bytes(gzip.compress(text) if other.endswith(".gz") else text)
    with pytest.raises(UnreadableRecord, match="CONDITION_OCCURRENCE is not in one file") as refused:
        read(tmp_path, CONDITION_OCCURRENCE=f"{CONDITION}\n1,1,1,2024-03-05,,,,\n")
    assert "keep one file of each table" in str(refused.value)
