"""Layouts of public surveys and registers: what is coded missing there, gate questions, arrays, bands of ages."""

from __future__ import annotations

import re
from datetime import date as day
from decimal import Decimal
from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.language.types import CODE, quantity
from screening.people import people_of
from screening.record.rows import RowSet
from screening.record.selection import select
from screening.record.subject import Evidence, SetAside, Subject, Value
from screening.sources import mapping as mapping_door
from screening.sources.mapping import read_mapping
from screening.sources.proposal import propose
from screening.values.bounds import OPEN, Bounds
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.sources.bundles import AGE, asks, library
from tests.sources.test_tables import one_column, read, values

DRUGS = """
tables:
  people.csv: {people: true, id: id}
  drugs.csv: {id: id, rows: {%s, missing: ["55555", "."]}}
"""
NAMED = "list: medications, name: drug, names: {METHOTREXATE: MTX}, unlisted: something else"


@pytest.mark.parametrize(
    ("rows", "drug", "certainty"),
    [
        (NAMED, "METHOTREXATE", TRUE),
        (NAMED, "LISINOPRIL", None),
        # A drug that nobody could name, and one that nobody wrote down, may be any.
        (NAMED, "55555", UNKNOWN),
        (NAMED, "55555.0", UNKNOWN),
        (NAMED, "", UNKNOWN),
        ("list: medications, code: drug, system: RxNorm", "6851", TRUE),
        ("list: medications, code: drug, system: RxNorm", "55555", UNKNOWN),
        ("list: conditions, code: drug, system: SNOMED", "69322001", TRUE),
        ("list: conditions, code: drug, system: SNOMED", "38341003", None),
        ("list: conditions, code: drug, system: SNOMED", ".", UNKNOWN),
        ("for: MTX, code: drug, system: RxNorm", "6851", TRUE),
        ("for: MTX, code: drug, system: RxNorm", "", UNKNOWN),
        ("for: MTX, code: drug, system: RxNorm", "55555", UNKNOWN),
    ],
)
def test_an_entry_of_which_nobody_knows_what_it_is_may_be_anything(
    rows: str, drug: str, certainty: Truth | None, tmp_path: Path
) -> None:
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "drugs.csv": f"id,drug\n1,{drug}\n"}
    (subject,), rejected = read(tmp_path, DRUGS % rows, tables)
    name = "Psychosis" if "conditions" in rows else "MTX"
    found = [row.certainty for row in subject.evidence.get(name, ())]
    assert (found, rejected) == ([] if certainty is None else [certainty], [])


def test_a_field_of_a_row_has_codes_of_its_own_for_what_is_missing(tmp_path: Path) -> None:
    mapping = DRUGS % 'for: Trials, fields: {weeks: {column: weeks, missing: ["99"]}}'
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "drugs.csv": "id,weeks\n1,99.0\n1,12\n"}
    (subject,), _ = read(tmp_path, mapping, tables)
    assert sorted("weeks" in row.fields for row in subject.evidence["Trials"]) == [False, True]


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ("{for: Smoker, words: {1: TRUE, 2: FALSE, 9: }}", "the answer `9` is given no meaning"),
        ("{for: RA, words: {1: TRUE, 2: ''}}", "the answer `2` is given no meaning"),
        ("{for: Smoker, words: {1: yes, 2: FALSE}}", "`yes` is no answer to `Smoker`"),
        ("{for: Gender, words: {1: male, 2: F}}", "`F` is no answer to `Gender`"),
        ("{for: Psychosis, words: {1: present}}", "`present` is no answer to `Psychosis`"),
    ],
)
def test_an_answer_that_is_given_no_meaning_is_told_and_is_no_yes(
    columns: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError, match=message) as refused:
        one_column(tmp_path, "1", columns)
    assert all(each.help and each.span.line for each in refused.value.diagnostics)


@pytest.mark.parametrize("id", ["NaN", ".", "NA", "null", "#N/A", r"\N"])
def test_a_word_for_an_empty_cell_is_no_id_and_makes_nobody_of_several_people(id: str, tmp_path: Path) -> None:
    tables: dict[str, str | bytes] = {
        "people.csv": f"id\n1\n{id}\n{id}\n",
        "drugs.csv": f"id,drug\n{id},METHOTREXATE\n1,METHOTREXATE\n",
    }
    (subject,), rejected = read(tmp_path, DRUGS % NAMED, tables)
    assert (subject.id, len(subject.evidence["MTX"])) == ("1", 1)
    assert [one.place for one in rejected] == ["people.csv:3", "people.csv:4", "drugs.csv:2"]
    assert all("a word for an empty cell" in one.reason for one in rejected)


GATE = """
tables:
  p.csv:
    id: id
    columns:
      any: {for: %(name)s, words: {1: UNKNOWN, 2: FALSE}, missing: ["9"], where: {any: ["2", "9"]}}
      which: {for: %(name)s, words: {1: FALSE, 2: TRUE}, missing: ["9"], where: {any: "1"}}
"""


@pytest.mark.parametrize(
    ("cells", "answer"),
    [
        ("2,", FALSE),
        ("1,2", TRUE),
        ("1,1", FALSE),
        ("1.0,2.0", TRUE),
        ("1,9", UNKNOWN),
        ("1,", UNKNOWN),
        ("9,", UNKNOWN),
        (",", UNKNOWN),
        (",2", UNKNOWN),  # nobody knows whether it was asked
    ],
)
def test_a_question_behind_a_gate_waits_for_no_answer_where_it_was_not_asked(
    cells: str, answer: Truth, tmp_path: Path
) -> None:
    for name in ("Smoker", "RA"):
        (subject,), rejected = read(tmp_path, GATE % {"name": name}, {"p.csv": f"id,any,which\n1,{cells}\n"})
        rows = [row.value for row in subject.evidence.get(name, ()) if row.certainty is TRUE]
        denied = [absence for absence in subject.absences.get(name, ()) if absence.concepts is None]
        found = TRUE if TRUE in rows else FALSE if FALSE in rows or denied else UNKNOWN
        assert (found, rejected) == (answer, [])


ARRAY = """
tables:
  p.csv:
    id: id
    rows: {list: conditions, %s, system: SNOMED, date: [d0, d1, d2], missing: ["99999"]}
"""


def test_each_column_of_an_array_is_an_entry_and_an_empty_one_is_none(tmp_path: Path) -> None:
    table = "id,c0,c1,c2,d0,d1,d2\n1,69322001,38341003,NA,2001-05-01,2002,NA\n2,,,,,,\n3,38341003,99999,,,,\n"
    subjects, rejected = read(tmp_path, ARRAY % "code: [c0, c1, c2]", {"p.csv": table})
    found = [[(r.certainty, r.when.low, r.origin) for r in s.evidence.get("Psychosis", ())] for s in subjects]
    assert found == [[(TRUE, day(2001, 5, 1), "p.csv:2 c0")], [], [(UNKNOWN, None, "p.csv:4 c1")]]
    assert rejected == []


@pytest.mark.parametrize("columns", ["code: [c0, c1]", "code: c0"])
def test_columns_of_an_array_that_do_not_fit_are_told(columns: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="the columns of an array do not fit") as refused:
        read(tmp_path, ARRAY % columns, {"p.csv": "id,c0,c1,d0,d1,d2\n1,,,,,\n"})
    assert [each.span.line for each in refused.value.diagnostics] == [5]


@pytest.mark.parametrize(
    ("cell", "words", "born"),
    [
        ("1", '{1: "18..24"}', (day(1989, 1, 2), day(1996, 12, 31))),
        ("18-24", '{18-24: "18..24"}', (day(1989, 1, 2), day(1996, 12, 31))),
        ("85+", '{85+: ">=85"}', (None, day(1929, 12, 31))),
        ("40", "{}", (day(1973, 1, 2), day(1974, 12, 31))),
    ],
)
def test_an_age_may_be_a_band_and_a_survey_may_last_two_years(
    cell: str, words: str, born: tuple[day | None, day], tmp_path: Path
) -> None:
    subject = one_column(tmp_path, cell, f"{{for: Age, as: age, on: 2014/2014, words: {words}}}")
    assert values(subject, "Age") == [Bounds(*born)]
    subject = one_column(tmp_path, cell, f"{{for: Age, as: age, on: 2013/2014, words: {words}}}")
    assert values(subject, "Age") == [Bounds(born[0] and born[0].replace(year=born[0].year - 1), born[1])]


def test_a_band_of_numbers_is_known_between_its_ends_alone(tmp_path: Path) -> None:
    pain = one_column(tmp_path, "some", "{for: Pain, words: {some: 1..4}, on: 2013/2014}")
    assert values(pain, "Pain") == [Bounds(1, 4)]
    assert pain.evidence["Pain"][0].when == Bounds(day(2013, 1, 1), day(2014, 12, 31))
    crp = one_column(tmp_path, "1", '{for: CRP, unit: mg/dL, words: {1: "0.5..1"}}')
    assert values(crp, "CRP") == [Bounds(Decimal(5), Decimal(10))]
    turned = one_column(tmp_path, "1", '{for: CRP, unit: mg/dL, words: {1: "1..0.5"}}')
    assert values(turned, "CRP") == [SetAside("ends before it begins")]


@pytest.mark.parametrize("on", ["2014/", "/2014", "2014/2013", "2013/14", "summer"])
def test_a_period_has_two_ends_in_order(on: str, tmp_path: Path) -> None:
    with pytest.raises(RuleError, match="`on` is a date or a period"):
        one_column(tmp_path, "3", f'{{for: Pain, on: "{on}"}}')


def test_an_id_may_stand_in_several_columns_and_is_one_in_all_tables(tmp_path: Path) -> None:
    mapping = """
tables:
  p.csv: {people: true, id: [state, number], columns: {pain: Pain}}
  d.csv: {id: [state, number], rows: {list: medications, code: drug, system: RxNorm}}
"""
    tables: dict[str, str | bytes] = {
        "p.csv": "state,number,pain\n01,001,3\n02,001,4\n1-2,3,5\n1,2-3,6\n,7,8\n03,.,8\n01,001,9\n",
        "d.csv": "number,state,drug\n001,02,6851\n001,03,6851\n",
    }
    subjects, rejected = read(tmp_path, mapping, tables)
    assert [(s.id, len(s.evidence.get("MTX", ()))) for s in subjects] == [
        ("01-001", 0),
        ("02-001", 1),
        ("1-2-3", 0),
    ]
    assert [one.place for one in rejected] == ["p.csv:5", "p.csv:6", "p.csv:7", "p.csv:8", "d.csv:3"]
    subjects, _ = read(tmp_path, f"ids: numbers{mapping}", tables)
    assert [subject.id for subject in subjects] == ["1-1", "2-1", "1-2-3"]


@pytest.mark.parametrize(
    ("system", "written", "code"),
    [
        ("ICD-10-CM", "M0579", "ICD-10-CM M05.79"),
        ("ICD-10-CM", "m05.79", "ICD-10-CM M05.79"),
        ("ICD-10-CM", "S72001A", "ICD-10-CM S72.001A"),
        ("ICD-10", "I10", "ICD-10 I10"),
        ("ICD-9-CM", "7140", "ICD-9-CM 714.0"),
        ("ICD-9-CM", "714.0", "ICD-9-CM 714.0"),
        ("ICD-9-CM", "V5861", "ICD-9-CM V58.61"),
        ("ICD-9-CM", "E8120", "ICD-9-CM E812.0"),
        ("ICD-9-CM", "250", "ICD-9-CM 250"),
        ("column", "ICD-10-CM M0579", "ICD-10-CM M05.79"),
        ("LOCAL", "M0579", "LOCAL M0579"),
    ],
)
def test_a_diagnosis_without_its_point_is_the_same_and_no_other_disease(
    system: str, written: str, code: str, tmp_path: Path
) -> None:
    mapping = f"tables: {{p.csv: {{id: id, rows: {{for: Onset Reason, code: c, system: {system}}}}}}}"
    reason = asks("Onset Reason", "condition", code.replace("LOCAL ", "SNOMED "), type=CODE)
    (tmp_path / "p.csv").write_text(f"id,c\n1,{written}\n")
    (tmp_path / "map.yaml").write_text(mapping)
    (subject,) = people_of(tmp_path, library(reason), mapping=tmp_path / "map.yaml")
    assert isinstance(subject, Subject)
    assert [str(code) for row in subject.evidence["Onset Reason"] for code in row.codes] == [code]
    assert [row.certainty for row in subject.evidence["Onset Reason"]] == [UNKNOWN if "LOCAL" in code else TRUE]


@pytest.mark.parametrize(
    ("system", "meant"), [("icd10cm", "ICD-10-CM"), ("Snomed CT", "SNOMED"), ("rxnorm", "RxNorm")]
)
def test_a_known_system_of_codes_that_is_written_otherwise_is_told(
    system: str, meant: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError, match=f"did you mean `{meant}`"):
        read(tmp_path, DRUGS % f"list: conditions, code: drug, system: {system}", {"people.csv": "id\n1\n"})


VISITS = """
tables:
  p.csv:
    id: id
    missing: ["NA", ".", "99", "refused"]
    columns:
      crp1: {for: CRP, unit: mg/L, date: day1}
      crp2: {for: CRP, unit: mg/L, date: day2}
"""


@pytest.mark.parametrize("empty", ["", "NA", "."])
def test_an_empty_cell_says_the_same_whatever_program_has_written_it(empty: str, tmp_path: Path) -> None:
    said = VISITS.replace('["NA", ".", "99", "refused"]', '["99", "refused"]\n    empty: ["NA", "."]')
    table = f"id,crp1,day1,crp2,day2\n1,5,2009-03-04,{empty},{empty}\n"
    (subject,), _ = read(tmp_path, said, {"p.csv": table})
    assert values(subject, "CRP") == [Bounds(Decimal(5), Decimal(5))]


@pytest.mark.parametrize("untold", ["NA", ".", "99", "refused"])
def test_what_is_declared_missing_is_no_empty_cell(untold: str, tmp_path: Path) -> None:
    table = f"id,crp1,day1,crp2,day2\n1,5,2009-03-04,{untold},2013-05-06\n"
    (subject,), _ = read(tmp_path, VISITS, {"p.csv": table})
    assert values(subject, "CRP") == [Bounds(Decimal(5), Decimal(5)), OPEN]


THIRD = Decimal("158.66666667")


def taken(rows: tuple[Evidence, ...]) -> Value:
    """The mean of the latest day out of certain rows, two readings wanted."""
    return select(RowSet(rows, (), None, (), 0, None), "mean of latest day", 2, OPEN).value


@pytest.mark.parametrize("day_of", ["2016-06-01", "2016-06-01 10:15"])
@pytest.mark.parametrize("more", ["", ", by: nurse"])
def test_equal_readings_in_several_columns_are_several(day_of: str, more: str, tmp_path: Path) -> None:
    pressure = asks("BP", "observation", "LOINC 8480-6", type=quantity("1"), take="mean of latest day", readings=2)
    columns = ", ".join(f"s{n}: {{for: [BP, Latest]{more}}}" for n in (1, 2, 3))
    mapping = f"tables: {{p.csv: {{id: id, date: day, columns: {{{columns}}}}}}}"
    (tmp_path / "p.csv").write_text(f"id,day,nurse,s1,s2,s3\n1,{day_of},K7,156,156,164\n2,{day_of},K7,118,118,\n")
    (tmp_path / "map.yaml").write_text(mapping)
    latest = asks("Latest", "observation", "LOINC 8480-6", type=quantity("1"), take="latest")
    one, two = (s for s in people_of(tmp_path, library(pressure, latest), mapping=tmp_path / "map.yaml"))
    assert isinstance(one, Subject)
    assert isinstance(two, Subject)
    means = [taken(subject.evidence["BP"]) for subject in (one, two)]
    assert means == [Bounds(THIRD, THIRD), Bounds(118, 118)]
    assert [len(s.evidence["Latest"]) for s in (one, two)] == [2, 1]


@pytest.mark.parametrize("cell", ["-1", "-1.0", ""])
def test_a_question_that_was_not_asked_is_an_empty_cell_where_the_mapping_says_so(
    cell: str, tmp_path: Path
) -> None:
    table = f"id,crp1,day1,crp2,day2\n1,5,2009-03-04,{cell},2013-05-06\n"
    for said in (
        VISITS.replace("date: day2", 'date: day2, empty: ["-1"]'),
        VISITS.replace('"refused"]', '"refused"]\n    empty: ["-1"]'),
    ):
        (subject,), _ = read(tmp_path, said, {"p.csv": table})
        assert values(subject, "CRP") == [Bounds(Decimal(5), Decimal(5))]


def test_bands_of_ages_and_zeros_of_sas_are_asked_about(tmp_path: Path) -> None:
    zero = "5.397605346934028e-79"
    (tmp_path / "s.csv").write_text(f"id,age,DPQ010\n1,18-24,{zero}\n2,85+,1\n3,80 years and over,2\n")
    text = propose([tmp_path / "s.csv"], library(AGE)).text
    assert '`words: {"18-24": "18..24", "85+": ">=85"}`' in text
    assert f'`words: {{"{zero}": 0}}`: DPQ010' in text
    assert "80 years" not in text


def test_rows_that_say_in_full_what_the_columns_are_are_nobody(tmp_path: Path) -> None:
    table = 'id,pain\nResponse,"How strong,\nall in all?"\n"{""ImportId"":""id""}",x\nR_1,3\n'
    mapping = "tables: {p.csv: {id: id, skip: 2, columns: {pain: Pain}}}"
    (subject,), rejected = read(tmp_path, mapping, {"p.csv": table})
    assert (subject.id, values(subject, "Pain"), rejected) == ("R_1", [Bounds(3, 3)], [])
    assert subject.source == "p.csv:5"
    with pytest.raises(RuleError, match="`skip` is how many rows"):
        read(tmp_path, mapping.replace("2", "two"), {"p.csv": table})


@pytest.mark.parametrize(
    ("column", "head", "message"),
    [
        ("{for: CRP, unit: mgs/dl}", "", "the unit `mgs/dl` is not known"),
        ("Onset", "dates: [DD/MM/YYYY, MM/DD/YYYY]", "two forms differ only in what comes first"),
    ],
)
def test_a_unit_that_is_none_and_two_readings_of_one_date_are_told(
    column: str, head: str, message: str, tmp_path: Path
) -> None:
    with pytest.raises(RuleError, match=message) as refused:
        one_column(tmp_path, "3", column, head)
    assert all(each.help and each.span.line for each in refused.value.diagnostics)


def test_units_of_a_site_and_forms_that_no_text_shares_are_fine(tmp_path: Path) -> None:
    found = one_column(tmp_path, "3", "{for: CRP, unit: Milligramm}", "units: {Milligramm: mg/L}")
    assert values(found, "CRP") == [Bounds(3, 3)]
    for cell, head in (("2004.0", ""), ("05.03.2004", "dates: [DD.MM.YYYY, MM/YYYY]")):
        (days,) = values(one_column(tmp_path, cell, "Onset", head), "Onset")
        assert isinstance(days, Bounds)
        assert str(days.low).startswith("2004")


PAGE = Path(mapping_door.__file__).parents[1] / "mapping.md"


def test_the_page_of_the_mapping_names_every_key_and_its_example_is_one() -> None:
    page = PAGE.read_text(encoding="utf-8")
    keys = (*mapping_door.HEAD, *mapping_door.TABLE, *mapping_door.COLUMN, *mapping_door.BOXES, *mapping_door.ROWS)
    example = re.search(r"```yaml\n(.*?)```", page, re.S)
    assert example
    spoken = page.replace(example[0], "")
    words = {word.strip() for part in re.findall(r"`([^`]+)`", spoken) for word in re.split(r"[:{},]", part)}
    said = set(re.findall(r"([a-z]+(?: column)?):", example[1]))
    assert [key for key in dict.fromkeys(keys) if key not in words | said] == []
    found = read_mapping(example[1], "page.yaml")
    assert [len(table.rows) for table in found.tables] == [2, 1]
