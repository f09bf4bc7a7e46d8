"""People out of CSV tables by a mapping file: cells at the same door as any record, broken rows each named."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from datetime import date as day
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from screening.errors import RuleError, UnreadableRecord
from screening.language.library import DataRequirement, RowField
from screening.language.types import BOOLEAN, DATE, INTEGER, STRING, Type, quantity
from screening.people import people_of
from screening.record.people import PARTIAL, Rejected
from screening.record.subject import SetAside, Subject, Value
from screening.sources.delimited import Delimited
from screening.sources.mapping import read_mapping
from screening.sources.profile import read_profile
from screening.sources.site import read_site
from screening.values.bounds import OPEN, Bounds
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.sources.bundles import AGE, GENDER, METHOTREXATE, RHEUMATOID, asks, library

PAIN = DataRequirement("Pain", INTEGER, scale=Bounds(0, 10), missing=("77",), take="latest")
SMOKER = DataRequirement("Smoker", BOOLEAN)
SITE_NAME = DataRequirement("Clinic", STRING)
ONSET = DataRequirement("Onset", DATE)
CRP = asks(
    "CRP",
    "observation",
    "LOINC 1988-5",
    type=quantity("mg/L"),
    take="latest",
    plausible=Bounds(Decimal(0), Decimal(500)),
)
PSYCHOSIS = asks("Psychosis", "condition", "SNOMED 69322001")
TRIALS = DataRequirement(
    "Trials",
    Type("Records"),
    fields=(RowField("drug", STRING), RowField("weeks", INTEGER), RowField("why", STRING, ("failed", "toxic"))),
)
LIBRARY = library(PAIN, SMOKER, SITE_NAME, ONSET, CRP, PSYCHOSIS, TRIALS, AGE, GENDER, RHEUMATOID, METHOTREXATE)


def read(
    folder: Path, mapping: str, tables: dict[str, str | bytes], **more: Any
) -> tuple[list[Subject], list[Rejected]]:
    for name, text in tables.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    (folder / "map.yaml").write_text(mapping, encoding="utf-8")
    found = list(people_of(folder, LIBRARY, mapping=folder / "map.yaml", **more))
    subjects = [one for one in found if isinstance(one, Subject)]
    return subjects, [one for one in found if isinstance(one, Rejected)]


def values(subject: Subject, name: str) -> list[Value | SetAside]:
    return [row.value for row in subject.evidence.get(name, ())]


def one_column(folder: Path, cell: str, column: str, head: str = "") -> Subject:
    mapping = f"{head}\ntables: {{p.csv: {{id: id, columns: {{c: {column}}}}}}}"
    (subject,), rejected = read(folder, mapping, {"p.csv": f'id,c,d\n1,"{cell}",2024-03-05\n'})
    assert rejected == []
    return subject


# ----------------------------------------------------------------------------------------- cells


@pytest.mark.parametrize(
    ("cell", "column", "name", "value"),
    [
        ("7", "Pain", "Pain", Bounds(7, 7)),
        ("7.0", "Pain", "Pain", Bounds(7, 7)),
        ("77", "Pain", "Pain", OPEN),  # coded missing in the rule file
        ("99", '{for: Pain, missing: ["99"]}', "Pain", OPEN),
        ("99.0", '{for: Pain, missing: ["99"]}', "Pain", OPEN),  # as programs write it that know only fractions
        ("77.0", "Pain", "Pain", OPEN),
        ("1.0", "{for: Smoker, words: {1: TRUE, 2: FALSE}}", "Smoker", TRUE),
        ("refused", "{for: Pain, missing: [refused]}", "Pain", OPEN),
        ("bad", "Pain", "Pain", SetAside("not a number")),
        ("bad", "{for: Pain, words: {bad: 8}}", "Pain", Bounds(8, 8)),
        ("1", "{for: Smoker, words: {1: TRUE, 2: FALSE}}", "Smoker", TRUE),
        ("2", "{for: Smoker, words: {1: TRUE, 2: FALSE}}", "Smoker", FALSE),
        ("9", '{for: Smoker, words: {1: TRUE, 2: FALSE}, missing: ["9"]}', "Smoker", UNKNOWN),
        ("1", "Smoker", "Smoker", SetAside("neither yes nor no")),
        ("True", "Smoker", "Smoker", TRUE),
        ("5.2", "{for: CRP, unit: mg/L}", "CRP", Bounds(Decimal("5.2"), Decimal("5.2"))),
        ("0.52", "{for: CRP, unit: mg/dL}", "CRP", Bounds(Decimal("5.2"), Decimal("5.2"))),
        ("0.52 mg/dL", "{for: CRP, unit: mg/L}", "CRP", Bounds(Decimal("5.2"), Decimal("5.2"))),
        ("<5", "{for: CRP, unit: mg/L}", "CRP", Bounds(None, Decimal("4.99999999"))),
        ("≥5", "{for: CRP, unit: mg/L}", "CRP", Bounds(Decimal(5), None)),
        ("5", "CRP", "CRP", SetAside("no unit")),
        ("5", "{for: CRP, unit: mmol/L}", "CRP", SetAside("unit of another dimension")),
        ("900", "{for: CRP, unit: mg/L}", "CRP", SetAside("not plausible")),
        ("1,234.5", "{for: CRP, unit: mg/L}", "CRP", SetAside("not a number")),
        ("w", "{for: Gender, words: {w: female}}", "Gender", word("female")),
        ("3", "Gender", "Gender", SetAside("none of the declared values")),
        ("1970-05", "Age", "Age", Bounds(day(1970, 5, 1), day(1970, 5, 31))),
        ("40", "{for: Age, as: age, date: d}", "Age", Bounds(day(1983, 3, 6), day(1984, 3, 5))),
        ("40.0", "{for: Age, as: age, date: d}", "Age", Bounds(day(1983, 3, 6), day(1984, 3, 5))),
        ("40.5", "{for: Age, as: age, date: d}", "Age", SetAside("not an age in completed years")),
        ("80.0", '{for: Age, as: age, date: d, words: {80: ">=80"}}', "Age", Bounds(None, day(1944, 3, 5))),
        (">=80", "{for: Age, as: age, date: d}", "Age", Bounds(None, day(1944, 3, 5))),
        ("80", '{for: Age, as: age, date: d, words: {80: ">=80"}}', "Age", Bounds(None, day(1944, 3, 5))),
        ("40", '{for: Age, as: age, on: "2014"}', "Age", Bounds(day(1973, 1, 2), day(1974, 12, 31))),
        ("here", "Clinic", "Clinic", word("here")),
        ("2024-05", "Onset", "Onset", Bounds(day(2024, 5, 1), day(2024, 5, 31))),
    ],
)  # fmt: skip
def test_a_cell_is_worth_what_it_would_be_in_any_record(
    cell: str, column: str, name: str, value: Value | SetAside, tmp_path: Path
) -> None:
    assert values(one_column(tmp_path, cell, column), name) == [value]


@pytest.mark.parametrize("cell", ["", "  "])
def test_an_empty_cell_says_nothing(cell: str, tmp_path: Path) -> None:
    assert one_column(tmp_path, cell, "Pain").evidence == {}


def test_a_missing_age_is_no_age(tmp_path: Path) -> None:
    assert values(one_column(tmp_path, "99", '{for: Age, as: age, date: d, missing: ["99"]}'), "Age") == []


@pytest.mark.parametrize(
    ("cell", "head", "expected"),
    [
        ("5.3.2024", "dates: DD.MM.YYYY", day(2024, 3, 5)),
        ("3/5/2024", "dates: MM/DD/YYYY", day(2024, 3, 5)),
        ("3/5/2024", "dates: [DD/MM/YYYY]", day(2024, 5, 3)),
        ("2024-03-05", "dates: DD.MM.YYYY", day(2024, 3, 5)),
        ("2024-03-05 09:30:00", "", day(2024, 3, 5)),
    ],
)
def test_a_date_is_read_in_the_declared_form(cell: str, head: str, expected: day, tmp_path: Path) -> None:
    assert values(one_column(tmp_path, cell, "Onset", head), "Onset") == [Bounds(expected, expected)]


def test_a_date_of_another_form_is_never_guessed(tmp_path: Path) -> None:
    assert values(one_column(tmp_path, "3/5/2024", "Onset"), "Onset") == [SetAside("not a date")]


def test_the_units_of_a_site_are_translated_and_a_decimal_comma_is_declared(tmp_path: Path) -> None:
    head = 'decimal: ","\nunits: {mg pro Liter: mg/L}'
    found = one_column(tmp_path, "5,2 mg pro Liter", "CRP", head)
    assert values(found, "CRP") == [Bounds(Decimal("5.2"), Decimal("5.2"))]


def test_a_table_and_a_profile_say_the_same(tmp_path: Path) -> None:
    mapping = """
tables:
  p.csv:
    id: id
    date: seen
    columns:
      pain: Pain
      crp: {for: CRP, unit: mg/L}
      sex: {for: Gender, words: {1: male, 2: female}}
      smoker: {for: Smoker, words: {1: TRUE, 0: FALSE}}
      ps: {for: Psychosis, words: {1: TRUE, 0: FALSE}}
      born: Age
"""
    table = "id,seen,pain,crp,sex,smoker,ps,born\nx,2024-03-05,7,<5,2,0,0,1970\n"
    (found,), _ = read(tmp_path, mapping, {"p.csv": table})
    profile = """
subject: x
evidence:
  Pain: {value: 7, date: 2024-03-05}
  CRP: {value: "<5 'mg/L'", date: 2024-03-05}
  Gender: {value: female, date: 2024-03-05}
  Smoker: {value: FALSE, date: 2024-03-05}
  Psychosis: {value: FALSE, date: 2024-03-05}
  Age: {born: 1970}
"""
    alone = read_profile(profile, LIBRARY, name="x.yaml")

    def said(subject: Subject) -> object:
        rows = subject.evidence.items()
        return (
            {name: [(r.value, r.when, r.certainty, r.codes) for r in every] for name, every in rows},
            {name: [(a.when, a.concepts) for a in every] for name, every in subject.absences.items()},
        )

    assert said(found) == said(alone)


# ------------------------------------------------------------------------------------ checkboxes

BOXES = """
tables:
  p.csv:
    id: id
    checkboxes:
      - {%s columns: {q___1: Psychosis, q___2: Smoker}%s}
"""


@pytest.mark.parametrize(
    ("row", "form", "none", "psychosis", "smoker"),
    [
        ("0,0,2,0", "form: f,", "", "absent", FALSE),  # none ticked, and the form is complete
        ("0,0,0,0", "form: f,", "", None, None),
        ("0,0,,0", "form: f,", "", None, None),
        ("0,0,2,0", "", "", None, None),  # no form is declared: none ticked is not known
        ("1,0,0,0", "", "", TRUE, FALSE),
        ("1,0,0,0", "form: f,", "", TRUE, None),  # ticked, on a form that is not complete
        ("1.0,0.0,2.0,0", "form: f,", "", TRUE, FALSE),
        ("Checked,Unchecked,Complete,0", "form: f,", "", TRUE, FALSE),
        ("0,0,0,1", "", ", none: q___9", "absent", FALSE),  # none of these
        ("1,0,0,1", "", ", none: q___9", TRUE, None),  # both at once: only what is ticked is used
        (",,2,0", "form: f,", "", None, None),
    ],
)
def test_a_box_that_is_not_ticked_says_no_only_where_the_question_was_answered(
    row: str, form: str, none: str, psychosis: object, smoker: object, tmp_path: Path
) -> None:
    table = f"id,q___1,q___2,f,q___9\n1,{row}\n"
    (subject,), _ = read(tmp_path, BOXES % (form, none), {"p.csv": table})
    if psychosis == "absent":
        assert "Psychosis" in subject.absences
    else:
        assert values(subject, "Psychosis") == ([] if psychosis is None else [psychosis])
        assert subject.absences == {}
    assert values(subject, "Smoker") == ([] if smoker is None else [smoker])


@pytest.mark.parametrize("written", ["Yes", "x", "2", "-99", "ja"])
def test_a_box_with_anything_else_in_it_never_says_no(written: str, tmp_path: Path) -> None:
    table = f"id,q___1,q___2,f,q___9\n1,{written},1,2,0\n"
    (subject,), _ = read(tmp_path, BOXES % ("form: f,", ""), {"p.csv": table})
    assert subject.absences == {}
    (found,) = values(subject, "Psychosis")
    assert isinstance(found, SetAside)


def test_a_box_that_holds_a_code_of_what_is_missing_is_not_known(tmp_path: Path) -> None:
    table = "id,q___1,q___2,f,q___9\n1,NA,NA,2,0\n"
    boxes = BOXES.replace("id: id", "id: id\n    missing: [NA]") % ("form: f,", "")
    (subject,), _ = read(tmp_path, boxes, {"p.csv": table})
    assert subject.absences == {}
    assert values(subject, "Smoker") == [UNKNOWN]


def test_what_somebody_did_not_tell_is_in_no_list_that_is_declared_complete(tmp_path: Path) -> None:
    """A tick at `refused`, or a code for it, leaves an entry possible, also in a list declared complete."""
    site = read_site(
        b"site: S\nowner: O\nsigned by: B\ndate: 2026-11-02\ncomplete: [{requirement: Psychosis, since: ever, "
        b"because: kept}, {requirement: Trials, since: ever, because: kept}]",
        "site.yaml",
    )
    mapping = BOXES % ("", ", missing: q___9") + '    columns: {t: {for: Trials, missing: ["9"]}}\n'
    (subject,), _ = read(tmp_path, mapping, {"p.csv": "id,q___1,q___2,q___9,t\n1,0,0,1,9\n"}, site=site)
    assert values(subject, "Smoker") == [UNKNOWN]
    for name in ("Psychosis", "Trials"):
        assert name in subject.complete
        (row,) = subject.evidence[name]
        assert row.certainty is UNKNOWN


# --------------------------------------------------------------------------------- child tables

LABS = """
tables:
  people.csv: {people: true, id: id, columns: {pain: Pain}}
  labs.csv:
    id: who
    date: day
    rows: {list: observations, code: loinc, system: LOINC, value: result, unit column: unit}
"""


def test_rows_of_a_coded_table_answer_what_their_code_says(tmp_path: Path) -> None:
    labs = "who,loinc,day,result,unit\n1,1988-5,2024-01-02,5,mg/L\n1,2823-3,2024-01-02,4,mmol/L\n"
    labs += "2,,2024-01-03,9,mg/L\n"
    (one, two), rejected = read(tmp_path, LABS, {"people.csv": "id,pain\n1,3\n2,4\n", "labs.csv": labs})
    assert rejected == []
    assert [(r.value, r.certainty, r.origin) for r in one.evidence["CRP"]] == [
        (Bounds(Decimal(5), Decimal(5)), TRUE, "labs.csv:2")
    ]
    # A row without a code may be of anything that the table holds.
    assert [r.certainty for r in two.evidence["CRP"]] == [UNKNOWN]


def test_names_of_a_laboratory_are_mapped_and_what_is_not_listed_is_declared(tmp_path: Path) -> None:
    mapping = """
tables:
  people.csv: {people: true, id: id}
  labs.csv: {id: id, date: day, rows: {list: observations, name: test, names: {C-reactive protein: CRP},
             unlisted: %s, value: result, unit: mg/L}}
"""
    tables: dict[str, str | bytes] = {
        "people.csv": "id\n1\n",
        "labs.csv": "id,test,day,result\n1,C-reactive protein,2024-01-02,5\n1,Kalium,2024-01-03,4\n",
    }
    (possible,), _ = read(tmp_path, mapping % "possible", tables)
    (other,), _ = read(tmp_path, mapping % "something else", tables)
    assert [r.certainty for r in possible.evidence["CRP"]] == [TRUE, UNKNOWN]
    assert [r.certainty for r in other.evidence["CRP"]] == [TRUE]


def test_each_row_may_be_one_entry_of_a_requirement_with_its_fields(tmp_path: Path) -> None:
    mapping = """
tables:
  people.csv: {people: true, id: id}
  drugs.csv:
    id: id
    date: start
    rows: {for: Trials, fields: {drug: drug, weeks: weeks, why: {column: stop, words: {1: failed, 2: toxic}}}}
"""
    drugs = "id,start,drug,weeks,stop\n1,2020-01-05,methotrexate,12,1\n1,2021,leflunomide,n/a,9\n"
    (subject,), _ = read(tmp_path, mapping, {"people.csv": "id\n1\n", "drugs.csv": drugs})
    first, second = subject.evidence["Trials"]
    assert first.fields == {"drug": word("methotrexate"), "weeks": Bounds(12, 12), "why": word("failed")}
    assert second.when == Bounds(day(2021, 1, 1), day(2021, 12, 31))
    assert isinstance(second.fields["why"], SetAside)


@pytest.mark.parametrize(
    ("row", "days"),
    [
        ("2020-01-01,2020-03-01", Bounds(day(2020, 1, 1), day(2020, 3, 1))),
        ("2020-01-01,", Bounds(day(2020, 1, 1), None)),
    ],
)
def test_what_has_no_end_goes_on(row: str, days: Bounds, tmp_path: Path) -> None:
    mapping = """
tables:
  people.csv: {people: true, id: id}
  drugs.csv: {id: id, rows: {list: medications, code: rx, system: RxNorm, date: from, until: to}}
"""
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "drugs.csv": f"id,rx,from,to\n1,6851,{row}\n"}
    (subject,), _ = read(tmp_path, mapping, tables)
    assert [r.when for r in subject.evidence["MTX"]] == [days]


@pytest.mark.parametrize(
    ("until", "certainty"),
    [
        ("", TRUE),
        ("NA", TRUE),  # a code of what is missing is no end
        ("2027-05-01", TRUE),  # it ends later than the tables tell
        ("2026", UNKNOWN),  # in the year of the extract
        ("stopped", UNKNOWN),
        ("2026-10-31", None),  # it was over
    ],
)
def test_what_is_asked_for_now_is_over_only_where_it_surely_is(
    until: str, certainty: Truth | None, tmp_path: Path
) -> None:
    drug = asks("MTX Now", "medication", "RxNorm 6851", active_only=True)
    (tmp_path / "map.yaml").write_text("""
extracted: 2026-11-01
tables:
  people.csv: {people: true, id: id}
  drugs.csv: {id: id, missing: [NA], rows: {list: medications, code: rx, system: RxNorm, date: from, until: to}}
""")
    (tmp_path / "people.csv").write_text("id\n1\n")
    (tmp_path / "drugs.csv").write_text(f"id,rx,from,to\n1,6851,2026-01-01,{until}\n")
    (found,) = people_of(tmp_path, library(drug), mapping=tmp_path / "map.yaml")
    assert isinstance(found, Subject)
    rows = found.evidence.get("MTX Now", ())
    assert [row.certainty for row in rows] == ([] if certainty is None else [certainty])


@pytest.mark.parametrize("until", ["2019-01-01", "2031-01-01"])
def test_no_end_is_surely_over_where_nobody_says_when_the_tables_are_of(until: str, tmp_path: Path) -> None:
    drug = asks("MTX Now", "medication", "RxNorm 6851", active_only=True)
    (tmp_path / "map.yaml").write_text("""
tables:
  people.csv: {people: true, id: id}
  drugs.csv: {id: id, rows: {list: medications, code: rx, system: RxNorm, date: from, until: to}}
""")
    (tmp_path / "people.csv").write_text("id\n1\n")
    (tmp_path / "drugs.csv").write_text(f"id,rx,from,to\n1,6851,2018-01-01,{until}\n")
    (found,) = people_of(tmp_path, library(drug), mapping=tmp_path / "map.yaml")
    assert isinstance(found, Subject)
    assert [row.certainty for row in found.evidence["MTX Now"]] == [UNKNOWN]


def test_no_known_is_an_attested_absence(tmp_path: Path) -> None:
    mapping = """
tables:
  people.csv: {people: true, id: id}
  allergies.csv: {id: id, date: day, rows: {list: allergies, code: code, system: SNOMED}}
"""
    allergy = asks("Ketamine Allergy", "allergy", "RxNorm 6130")
    (tmp_path / "map.yaml").write_text(mapping)
    (tmp_path / "people.csv").write_text("id\n1\n")
    (tmp_path / "allergies.csv").write_text("id,code,day\n1,716186003,2024-05-01\n")
    (found,) = people_of(tmp_path, library(allergy), mapping=tmp_path / "map.yaml")
    assert isinstance(found, Subject)
    assert [a.concepts for a in found.absences["Ketamine Allergy"]] == [None]


@pytest.mark.parametrize(
    ("written", "is_age"),
    [
        ("51", True),
        ("51 years", True),
        ("51 y", True),
        ("18 months", False),
        ("30 weeks", False),
        ("51 kg", False),
    ],
)
def test_an_age_in_anything_but_years_is_none(written: str, is_age: bool, tmp_path: Path) -> None:
    subject = one_column(tmp_path, written, "{for: Age, as: age, on: 2024-03-05}")
    (found,) = values(subject, "Age")
    assert isinstance(found, SetAside) is not is_age


def test_what_comes_after_a_place_that_is_not_in_the_encoding_is_told(tmp_path: Path) -> None:
    rows = "".join(f"{number},5\n" for number in range(5000))
    whole = f"id,pain\n{rows}".encode("utf-16")
    table = whole[:30_000] + b"\x00\xd8\x0a\x00" + whole[30_000:]
    mapping = "tables: {p.csv: {id: id, encoding: utf-16, columns: {pain: Pain}}}"
    subjects, rejected = read(tmp_path, mapping, {"p.csv": table})
    assert len(subjects) < 5000
    assert [one.reason for one in rejected] == ["from here on the table is not in the encoding that is declared"]
    assert all(PARTIAL in {notice.text for notice in one.notices} for one in subjects)


def test_rows_of_one_id_are_one_person_where_the_mapping_says_so(tmp_path: Path) -> None:
    mapping = "tables: {p.csv: {id: id, repeats: true, date: day, columns: {pain: Pain}}}"
    (subject,), rejected = read(tmp_path, mapping, {"p.csv": "id,day,pain\n1,2024-01-01,3\n1,2024-02-01,4\n"})
    assert rejected == []
    assert values(subject, "Pain") == [Bounds(3, 3), Bounds(4, 4)]


def test_very_many_identical_rows_of_one_person_are_one(tmp_path: Path) -> None:
    labs = "who,loinc,day,result,unit\n" + "1,1988-5,2024-01-02,5,mg/L\n" * 20_000
    (subject,), _ = read(tmp_path, LABS, {"people.csv": "id,pain\n1,3\n", "labs.csv": labs})
    assert len(subject.evidence["CRP"]) == 1


# --------------------------------------------------------------------------------- nobody lost


def test_every_row_is_a_person_or_rejected(tmp_path: Path) -> None:
    people = (
        "id,pain\n"
        "1,3\n"
        '2,"4\n'  # a quote that is never closed
        "3,5\n"
        "4\n"  # half a row
        ",6\n"  # nobody
        "1,7\n"  # the second of one id
        "5,11\n"  # off its scale
        "6,7,8\n"  # too many cells
        "\n"
        "7,9\n"
    )
    subjects, rejected = read(
        tmp_path, LABS, {"people.csv": people, "labs.csv": "who,loinc,day,result,unit\n9,x,,,\n"}
    )
    assert [s.id for s in subjects] == ["1", "3", "7"]
    assert [(r.place, r.kind) for r in rejected] == [
        ("people.csv:3", "unreadable"),
        ("people.csv:5", "unreadable"),
        ("people.csv:6", "unreadable"),
        ("people.csv:7", "duplicate id"),
        ("people.csv:9", "unreadable"),
        ("people.csv:8:2", "off scale"),
        ("labs.csv:2", "nobody's"),
    ]
    in_table = len([line for line in people.splitlines()[1:] if line])
    of_people = [r for r in rejected if r.place.startswith("people.csv")]
    assert len(subjects) + len(of_people) == in_table
    assert "people.csv:2" in rejected[3].reason


def test_a_row_in_another_encoding_is_rejected_alone(tmp_path: Path) -> None:
    people = b"id,pain\n1,3\n\xe9,4\n3,5\n"
    subjects, (rejected,) = read(tmp_path, "tables: {p.csv: {id: id, columns: {pain: Pain}}}", {"p.csv": people})
    assert [s.id for s in subjects] == ["1", "3"]
    assert (rejected.place, rejected.reason) == ("p.csv:3", "the row is not in the encoding that is declared")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8-sig"])
def test_a_declared_encoding_is_read(encoding: str, tmp_path: Path) -> None:
    text = "id,größe\r\nä,3\r\n".encode(encoding)
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    mapping = f"encoding: {declared}\ntables: {{p.csv: {{id: id, columns: {{größe: Pain}}}}}}"
    (subject,), _ = read(tmp_path, mapping, {"p.csv": text})
    assert (subject.id, values(subject, "Pain")) == ("ä", [Bounds(3, 3)])


def test_a_broken_row_leaves_no_declared_list_complete(tmp_path: Path) -> None:
    site = read_site(
        b"{site: S, owner: O, signed by: N, date: 2026-11-01, "
        b"complete: [{list: observations, since: ever, because: all are sent}]}",
        "site.yaml",
    )
    whole: dict[str, str | bytes] = {"people.csv": "id,pain\n1,3\n", "labs.csv": "who,loinc,day,result,unit\n"}
    (complete,), _ = read(tmp_path, LABS, whole, site=site)
    (partial,), _ = read(tmp_path, LABS, {**whole, "labs.csv": "who,loinc,day,result,unit\n1,x\n"}, site=site)
    assert ("CRP" in complete.complete, "CRP" in partial.complete) == (True, False)
    assert ([n.text for n in complete.notices], [n.text for n in partial.notices]) == ([], [PARTIAL])
    # A list that no table is mapped to was not looked into.
    assert "Psychosis" not in complete.complete


def test_rows_under_an_id_that_is_written_otherwise_leave_no_list_of_that_person_complete(tmp_path: Path) -> None:
    """Else a list would be empty, and complete, whose rows stand under `42` where the person is `42.0`."""
    site = read_site(
        b"site: S\nowner: O\nsigned by: B\ndate: 2026-11-02\n"
        b"complete: [{requirement: Trials, since: ever, because: all are kept}]",
        "site.yaml",
    )
    mapping = "tables: {p.csv: {people: true, id: id}, t.csv: {id: id, rows: {for: Trials, fields: {drug: drug}}}}"
    tables: dict[str, str | bytes] = {"p.csv": "id\n42.0\n43.0\n", "t.csv": "id,drug\n42,a\n99,b\n"}
    (meant, other), (first, second) = read(tmp_path, mapping, tables, site=site)
    assert ("Trials" in meant.complete, "Trials" in other.complete) == (False, True)
    assert (first.id, second.id) == ("42", "99")
    told = "table of people, where an id differs from it only in how it is written; `ids: numbers` in the mapping"
    assert told in first.reason
    assert second.reason.endswith("who is not in the table of people")


@pytest.mark.parametrize("other", ["100000.0", "1e+05", "0100000", '"100000,0"'])
def test_ids_that_are_numbers_are_one_however_they_are_written_where_the_mapping_says_so(
    other: str, tmp_path: Path
) -> None:
    mapping = "ids: numbers\ntables: {p.csv: {id: id}, t.csv: {id: id, rows: {for: Trials, fields: {drug: drug}}}}"
    mapping = mapping.replace("{id: id}", "{people: true, id: id}", 1)
    for people, rows_ in ((other, "100000"), ("100000", other)):
        tables: dict[str, str | bytes] = {"p.csv": f"id\n{people}\nP-07\n", "t.csv": f"id,drug\n{rows_},a\n"}
        (meant, named), rejected = read(tmp_path, mapping, tables)
        assert (meant.id, len(meant.evidence["Trials"]), named.id, rejected) == ("100000", 1, "P-07", [])


@pytest.mark.parametrize("said", ["", "ids: numbers\n"])
@pytest.mark.parametrize(("other", "person"), [("1.30E+05", "130000"), ("1.23457e+09", "1234570000")])
def test_an_id_of_which_a_program_left_digits_out_is_nobodys(
    other: str, person: str, said: str, tmp_path: Path
) -> None:
    """Else the entries of everybody whose id it shortened to one text would be those of the first."""
    mapping = "tables: {p.csv: {people: true, id: id}, t.csv: {id: id, rows: {for: Trials, fields: {drug: drug}}}}"
    tables: dict[str, str | bytes] = {"p.csv": f"id\n{other}\n{person}\n", "t.csv": f"id,drug\n{other},a\n"}
    (found,), rejected = read(tmp_path, said + mapping, tables)
    assert (found.id, PARTIAL in [n.text for n in found.notices]) == (person, True)
    assert "Trials" not in found.evidence
    assert [(each.place, "spreadsheet" in each.reason) for each in rejected] == [
        ("p.csv:2", True),
        ("t.csv:2", True),
    ]


def test_columns_are_found_in_other_capitals_and_never_one_of_two(tmp_path: Path) -> None:
    mapping = "tables: {p.csv: {id: SEQN, columns: {Pain: Pain}}}"
    (found,), rejected = read(tmp_path, mapping, {"p.csv": "seqn,PAIN\n1,4\n"})
    assert (found.id, values(found, "Pain"), rejected) == ("1", [Bounds(4, 4)], [])
    with pytest.raises(RuleError, match="no column `Pain`"):
        read(tmp_path, mapping, {"p.csv": "seqn,PAIN,pain\n1,4,5\n"})


@pytest.mark.parametrize(
    ("cell", "said", "expected"),
    [
        ("9", "missing: [9.0]", UNKNOWN), ("9.0", "missing: [9]", UNKNOWN), ("9,0", "missing: [9]", UNKNOWN),
        ("7.7777e+04", "missing: [77777]", UNKNOWN), ("1", "words: {1.0: TRUE}", TRUE),
        ("2.0", "words: {2: FALSE}", FALSE),
    ],
)  # fmt: skip
def test_a_code_is_the_same_as_a_whole_number_and_as_a_fraction(
    cell: str, said: str, expected: Truth, tmp_path: Path
) -> None:
    found = values(one_column(tmp_path, cell, f"{{for: Smoker, {said}}}"), "Smoker")
    assert found == ([expected] if expected is not UNKNOWN else found)
    assert expected is not UNKNOWN or not {TRUE, FALSE} & set(found)


def test_a_code_of_a_drug_is_a_whole_number_and_that_of_a_disease_is_not(tmp_path: Path) -> None:
    mapping = (
        "tables: {p.csv: {people: true, id: id}, "
        "t.csv: {id: id, rows: {list: medications, code: c, system: RxNorm, date: d}}}"
    )
    tables: dict[str, str | bytes] = {"p.csv": "id\n1\n", "t.csv": "id,c,d\n1,6851.0,2024-03-05\n"}
    (found,), _ = read(tmp_path, mapping, tables)
    assert values(found, "MTX") == [TRUE]


def test_a_code_of_a_disease_without_its_point_is_that_code(tmp_path: Path) -> None:
    mapping = (
        "tables: {p.csv: {people: true, id: id}, "
        "t.csv: {id: id, rows: {list: conditions, code: c, system: ICD-10-CM, date: d}}}"
    )
    tables: dict[str, str | bytes] = {"p.csv": "id\n1\n", "t.csv": "id,c,d\n1,M069,2024-03-05\n"}
    (found,), _ = read(tmp_path, mapping, tables)
    assert [row.codes for row in found.evidence["RA"]] == [(Code("ICD-10-CM", "M06.9"),)]


def test_a_packed_table_is_read_and_one_that_ends_too_early_is_named(tmp_path: Path) -> None:
    text = gzip.compress(b"id,c\n" + b"".join(b"%d,%d\n" % (n, n % 10) for n in range(20_000)))
    mapping = "tables: {p.csv.gz: {id: id, columns: {c: Pain}}}"
    whole, rejected = read(tmp_path, mapping, {"p.csv.gz": text})
    assert (len(whole), rejected) == (20_000, [])
    half, (cut,) = read(tmp_path, mapping, {"p.csv.gz": text[: len(text) // 2]})
    assert 0 < len(half) < 20_000
    assert cut.reason == "the table cannot be read from here on; it may be cut off"
    assert PARTIAL in [notice.text for notice in half[0].notices]


def rows(path: Path) -> Iterator[tuple[int, bool]]:
    return ((row.line, bool(row.wrong)) for row in Delimited(path, path.name).opened().rows())


def test_a_text_of_several_lines_is_one_cell(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"two\nlines, and ""quotes"""\n2,x\n')
    assert list(rows(path)) == [(2, False), (4, False)]


def test_a_quote_that_swallows_rows_gives_them_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('a,b\n1,"x\n' + "".join(f"{n},y\n" for n in range(2, 2000)))
    found = list(rows(path))
    assert found[0] == (2, True)
    assert len(found) == 1999
    assert not any(wrong for _, wrong in found[1:])


# -------------------------------------------------------------------------- what does not fit


@pytest.mark.parametrize(
    ("mapping", "words"),
    [
        ("tables: {p.csv: {id: id, columns: {pian: Pain}}}", "did you mean `pain`"),
        ("tables: {p.csv: {id: nr, columns: {pain: Pain}}}", "no column `nr`"),
        ("tables: {p.csv: {id: id, columns: {pain: Paine}}}", "did you mean `Pain`"),
        ("tables: {q.csv: {id: id, columns: {pain: Pain}}}", "no table `q.csv`"),
        ("tables: {p.csv: {columns: {pain: Pain}}}", "`id` is missing"),
        ("tables: {p.csv: {id: id}}", "nothing says what the table holds"),
        ("tables: {p.csv: {id: id, colums: {pain: Pain}}}", "did you mean `columns`"),
        ("tables: {p.csv: {id: id, columns: {pain: {for: Pain, as: age}}}}", "needs the day"),
        ("tables: {p.csv: {id: id, dates: DD.MM.YY, columns: {pain: Pain}}}", "no form of a date"),
        ("tables: {p.csv: {id: id, encoding: utf-9, columns: {pain: Pain}}}", "no such encoding"),
        ("tables: {p.csv: {id: id, rows: {list: labs, code: pain, system: LOINC}}}", "no such list"),
        ("tables: {p.csv: {id: id, rows: {list: observations, code: pain}}}", "of which system"),
        ("tables: {p.csv: {id: id, rows: {for: Trials, fields: {dose: pain}}}}", "no field `dose`"),
        ("tables: {}", "`tables` is missing"),
        ("[1]", "keys with values"),
        ("tables: {p.csv: {id: id, delimiter: ';', columns: {pain: Pain}}}", "`id,pain`|divided by"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told_at_its_place_before_anybody_is_read(
    mapping: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises((RuleError, UnreadableRecord), match=words):
        read(tmp_path, mapping, {"p.csv": "id,pain\n1,2\n"})


@pytest.mark.parametrize("table", ["", "\n", "id,id\n1,2\n"])
def test_a_table_without_its_columns_is_refused(table: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecord, match=r"empty|two columns"):
        read(tmp_path, "tables: {p.csv: {id: id, columns: {pain: Pain}}}", {"p.csv": table})


def test_a_table_in_an_encoding_that_nobody_declared_says_which_to_declare(tmp_path: Path) -> None:
    table = "id,pain\n1,2\n".encode("utf-16-le")
    with pytest.raises(UnreadableRecord, match="say `encoding: utf-16-le` in the mapping"):
        read(tmp_path, "tables: {p.csv: {id: id, columns: {pain: Pain}}}", {"p.csv": table})
    (subject,), _ = read(tmp_path, "encoding: utf-16-le\ntables: {p.csv: {id: id, columns: {pain: Pain}}}", {})
    assert values(subject, "Pain") == [Bounds(2, 2)]


@pytest.mark.parametrize("first", ["p1,1970-05-01,male", "p1;5.3.1970;m", "p1,27.4,x", "17,3,2,male"])
def test_a_table_without_a_line_of_names_is_refused_and_no_value_is_shown(first: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableRecord) as refused:
        read(tmp_path, "delimiter: ';'\ntables: {p.csv: {id: id, columns: {c: Pain}}}" if ";" in first else
             "tables: {p.csv: {id: id, columns: {c: Pain}}}", {"p.csv": f"{first}\n{first}\n"})  # fmt: skip
    assert "where names of columns stand" in str(refused.value)
    assert not any(value in str(refused.value) for value in ("male", "1970", "27.4"))


def test_names_of_columns_may_be_years_and_codes(tmp_path: Path) -> None:
    text = "id,2019,2020,2160-0\n1,3,4,5\n"
    (subject,), _ = read(tmp_path, "tables: {p.csv: {id: id, columns: {'2020': Pain}}}", {"p.csv": text})
    assert values(subject, "Pain") == [Bounds(4, 4)]


def test_every_fault_of_a_mapping_is_told_at_once() -> None:
    text = "tables:\n  p.csv:\n    columns:\n      a: {unit: mg}\n    people: perhaps\n"
    with pytest.raises(RuleError) as refused:
        read_mapping(text, "map.yaml")
    assert [d.span.line for d in refused.value.diagnostics] == [2, 4, 5]


def test_a_single_table_is_read_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "other.csv").write_text("id,pain\n1,2\n")
    (tmp_path / "map.yaml").write_text("tables: {p.csv: {id: id, columns: {pain: Pain}}}")
    (found,) = people_of(tmp_path / "other.csv", LIBRARY, mapping=tmp_path / "map.yaml")
    assert isinstance(found, Subject)


def test_no_rejection_and_no_notice_holds_a_value(tmp_path: Path) -> None:
    people = "id,pain\n1,54321\n2,abcxyz\n"
    subjects, rejected = read(tmp_path, "tables: {p.csv: {id: id, columns: {pain: Pain}}}", {"p.csv": people})
    told = " ".join([r.reason for r in rejected] + [n.text for s in subjects for n in s.notices])
    assert told
    assert "54321" not in told
    assert "abcxyz" not in told


# -------------------------------------------------------------------- what only looks like an answer


@pytest.mark.parametrize(
    ("row", "known"),
    [
        ("2,2", FALSE),
        ("2,", UNKNOWN),  # not asked
        ("2,9", UNKNOWN),  # not known
        ("2,8", UNKNOWN),  # nobody said what 8 means
        ("9,2", UNKNOWN),
    ],
)
def test_no_to_one_of_several_columns_is_no_to_the_question_only_beside_answers_to_all(
    row: str, known: Truth, tmp_path: Path
) -> None:
    said = "words: {1: TRUE, 2: FALSE}, missing: [9]"
    mapping = (
        f"tables: {{p.csv: {{id: id, columns: {{a: {{for: Psychosis, {said}}}, b: {{for: Psychosis, {said}}}}}}}}}"
    )
    (subject,), _ = read(tmp_path, mapping, {"p.csv": f"id,a,b\n1,{row}\n"})
    assert ("Psychosis" in subject.absences) == (known is FALSE)
    assert all(each.certainty is UNKNOWN for each in subject.evidence.get("Psychosis", ()))


def test_the_same_question_on_several_days_is_answered_on_each(tmp_path: Path) -> None:
    said = "for: Psychosis, words: {1: TRUE, 2: FALSE}"
    mapping = f"tables: {{p.csv: {{id: id, columns: {{a: {{{said}, date: d}}, b: {{{said}, date: e}}}}}}}}"
    (subject,), _ = read(tmp_path, mapping, {"p.csv": "id,a,b,d,e\n1,2,,2024-01-01,2024-06-01\n"})
    assert len(subject.absences["Psychosis"]) == 1


def test_an_empty_box_beside_one_that_is_ticked_for_the_same_contradicts_nothing(tmp_path: Path) -> None:
    mapping = "tables: {p.csv: {id: id, checkboxes: [{columns: {a: Psychosis, b: Psychosis, c: Smoker}}]}}"
    (subject,), _ = read(tmp_path, mapping, {"p.csv": "id,a,b,c\n1,1,0,0\n"})
    assert values(subject, "Psychosis") == [TRUE]
    assert subject.absences == {}
    assert values(subject, "Smoker") == [FALSE]


PRESENT = """
extracted: 2026-01-01
tables:
  people.csv: {people: true, id: id}
  problems.csv:
    {id: id, date: from, rows: {list: conditions, code: code, system: SNOMED, value: present%s}}
"""


@pytest.mark.parametrize(
    ("cell", "words", "certainty"),
    [
        ("Y", ", words: {Y: TRUE, N: FALSE}", TRUE),
        ("N", ", words: {Y: TRUE, N: FALSE}", FALSE),
        ("", ", words: {Y: TRUE, N: FALSE}", UNKNOWN),
        ("U", ", words: {Y: TRUE, N: FALSE}", UNKNOWN),
        ("0", "", UNKNOWN),  # nobody said what 0 means
        ("false", "", FALSE),
    ],
)
def test_a_condition_that_a_cell_beside_it_denies_is_not_there(
    cell: str, words: str, certainty: Truth, tmp_path: Path
) -> None:
    tables: dict[str, str | bytes] = {
        "people.csv": "id\n1\n",
        "problems.csv": f"id,from,code,present\n1,2020-01-01,69322001,{cell}\n",
    }
    (subject,), _ = read(tmp_path, PRESENT % words, tables)
    assert ("Psychosis" in subject.absences) == (certainty is FALSE)
    assert [each.certainty for each in subject.evidence.get("Psychosis", ())] == [certainty] * (
        certainty is not FALSE
    )


def test_one_of_several_names_denied_denies_not_all_of_them(tmp_path: Path) -> None:
    mapping = """
tables:
  people.csv: {people: true, id: id}
  c.csv:
    {id: id, rows: {list: conditions, name: name, names: {Schizophrenia: Psychosis, %s: Psychosis}, status: st}}
"""
    tables: dict[str, str | bytes] = {"people.csv": "id\n1\n", "c.csv": "id,name,st\n1,Schizophrenia,absent\n"}
    (one,), _ = read(tmp_path, mapping % "Delirium", tables)
    assert one.absences == {}
    (whole,), _ = read(tmp_path, mapping.replace(", %s: Psychosis", ""), tables)
    assert "Psychosis" in whole.absences


@pytest.mark.parametrize(
    ("cell", "certainty"), [("", TRUE), (".", TRUE), ("U", UNKNOWN), ("2025-01-01", None), ("2026-09-09", TRUE)]
)
def test_an_end_that_nobody_knows_is_not_taken_for_none(
    cell: str, certainty: Truth | None, tmp_path: Path
) -> None:
    active = library(asks("Ongoing", "condition", "SNOMED 69322001", active_only=True))
    mapping = """
extracted: 2026-01-01
tables:
  p.csv: {people: true, id: id}
  c.csv: {id: id, date: a, missing: [U, "."], rows: {for: Ongoing, until: z}}
"""
    (tmp_path / "p.csv").write_text("id\n1\n")
    (tmp_path / "c.csv").write_text(f"id,a,z\n1,2020-01-01,{cell}\n")
    (tmp_path / "map.yaml").write_text(mapping)
    (subject,) = people_of(tmp_path, active, mapping=tmp_path / "map.yaml")
    assert isinstance(subject, Subject)
    rows = subject.evidence.get("Ongoing", ())
    assert [row.certainty for row in rows] == ([] if certainty is None else [certainty])


@pytest.mark.parametrize(
    ("cell", "decimal", "value"),
    [
        (".5", ".", Bounds(Decimal("0.5"), Decimal("0.5"))),  # as SPSS writes it
        (",5", ",", Bounds(Decimal("0.5"), Decimal("0.5"))),
        ("5.2", ",", Bounds(Decimal("5.2"), Decimal("5.2"))),
        ("1.234", ",", None),  # a thousand, where a comma divides
        ("1.234,5", ",", None),
    ],
)
def test_a_point_before_three_digits_is_no_decimal_point_where_a_comma_is(
    cell: str, decimal: str, value: Bounds | None, tmp_path: Path
) -> None:
    (found,) = values(one_column(tmp_path, cell, "{for: CRP, unit: mg/L}", f'decimal: "{decimal}"'), "CRP")
    assert found == value or (value is None and isinstance(found, SetAside))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        ("70 Frau Meier", "with something behind the number that is no unit"),
        ("70 2026-11-02", "with something behind the number that is no unit"),
        ("70 lb/x", "unknown unit"),
    ],
)
def test_what_is_no_unit_behind_a_number_is_not_kept(cell: str, why: str, tmp_path: Path) -> None:
    found = one_column(tmp_path, cell, "{for: CRP, unit: mg/L}")
    assert values(found, "CRP") == [SetAside(why)]
    if why != "unknown unit":
        assert [row.written for row in found.evidence["CRP"]] == ["70"]
