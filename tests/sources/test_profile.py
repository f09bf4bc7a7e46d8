"""Profiles: every shape of an item, every fault at its place, and no value in any message."""

from __future__ import annotations

import datetime
import json
import os
from decimal import Decimal
from random import Random
from typing import Any

import jsonschema
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.errors import OutOfRange, RecordError, RequirementMismatch, UnreadableRecord
from screening.record.subject import Completeness, Evidence, SetAside, Subject
from screening.sources.document import read_tree
from screening.sources.profile import profile_schema, read_profile, template
from screening.sources.profile_form import Entry, Row, Since, fitting
from screening.sources.profile_text import born_between
from screening.sources.tree import Faults, Mapping
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.calendar import age, days_of
from screening.values.coding import Code
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.sources.protocol import library

D = Decimal
WHOLE = """\
subject: SYN-0049
synthetic: true
extracted: 2026-11-20
source: K7, by hand
note: nothing
evidence:
  Age: {born: 1969-02}
  Gender: female
  WPI: 9
  Fatigue: {value: 2, date: 2026-11-20, source: form 3, by: K7}
  CRP: <5 'mg/L'
  Creatinine: {value: "1.3 'mg/dL'", date: 2026-11-19T08:30}
  DAS28: {low: 3.1, high: 3.4}
  Pregnant: {absent: true, date: 2026-11-20}
  Psychosis: FALSE
  Arthritis: {code: ICD-10-CM M05.79, date: 2020-04}
  Onset: "@2024-03"
  Hand: "'left'"
  Stop Reason: {value: SNOMED 58848006}
  Judged: {value: TRUE, by: K1}
  Trials:
    complete: true
    records:
      - {drug: RxNorm 6851, mechanism: csDMARD, outcome: failed, date: 2024-03, status: confirmed,
         code: RxNorm 6851}
      - {drug: the white tablets, days: 90, dose: 15 'mg', stopped: 2025-01-31, by: K2}
"""


def read(text: str | bytes, **parts: Any) -> Subject:
    return read_profile(text, library(), name="p.yaml", **parts)


def given_for(name: str, item: str) -> Subject:
    return read(f"subject: S\nevidence:\n  {name}: {item}\n")


def only(name: str, item: str) -> Evidence:
    rows = given_for(name, item).evidence[name]
    assert len(rows) == 1
    return rows[0]


def faults(text: str | bytes) -> list[str]:
    with pytest.raises(RecordError) as caught:
        read(text)
    for fault in caught.value.diagnostics:
        assert issubclass(fault.kind, RecordError)
        assert not fault.excerpt
    return [f"{d.span.line}:{d.span.column} {d.kind.__name__} {d.message}" for d in caught.value.diagnostics]


def fault(name: str, item: str) -> str:
    found = faults(f"subject: S\nevidence:\n  {name}: {item}\n")
    assert len(found) == 1, found
    return found[0].partition(" ")[2]


# ----------------------------------------------------------------------------------- the whole


def test_a_whole_profile() -> None:
    found = read(WHOLE)
    assert (found.id, found.synthetic, found.extracted) == ("SYN-0049", True, datetime.date(2026, 11, 20))
    assert (found.source, found.site) == ("K7, by hand", "")
    assert {name: rows[0].value for name, rows in found.evidence.items()} == {
        "Age": days_of("1969-02"),
        "Gender": (Code("", "female"),),
        "WPI": exactly(9),
        "Fatigue": exactly(2),
        "CRP": Bounds(D(0), D("4.99999999")),
        "Creatinine": exactly(D("114.92")),
        "DAS28": Bounds(D("3.1"), D("3.4")),
        "Pregnant": FALSE,
        "Arthritis": TRUE,
        "Onset": days_of("2024-03"),
        "Hand": (Code("", "left"),),
        "Stop Reason": (Code("SNOMED", "58848006"),),
        "Judged": TRUE,
        "Trials": TRUE,
    }
    assert found.absences["Psychosis"][0].concepts is None
    assert found.complete == {"Trials": Completeness(None, "record")}
    assert found.concepts["Psychosis"] == 3
    assert found.evidence["Fatigue"][0].origin == "profile Fatigue (form 3)"
    assert found.evidence["WPI"][0].origin == "profile WPI (K7, by hand)"
    assert [row.origin for row in found.evidence["Trials"]] == [
        "profile Trials, row 2 (K7, by hand)",
        "profile Trials, row 1 (K7, by hand)",
    ]
    assert [n.text for n in found.notices] == ["1 entry whose `drug` cannot be used, that field set aside"]
    assert found.searched["Trials"].records == 2
    assert (found.searched["Trials"].first, found.searched["Trials"].codes) == ("2024-03-01", 3)
    assert found.searched["Died"].records == 0


def _as_json(text: str) -> str:
    return json.dumps(yaml.load(text, yaml.BaseLoader))


def test_yaml_and_json_are_the_same_record() -> None:
    spelled = read(_as_json(WHOLE))
    assert (
        spelled
        == read(WHOLE)
        == read(WHOLE.encode())
        == read("\ufeff" + WHOLE)
        == read(WHOLE.replace("\n", "\r\n"))
    )
    assert len(spelled.digest) == 64


def test_the_order_of_keys_leaves_no_trace() -> None:
    data = yaml.load(WHOLE, yaml.BaseLoader)
    for seed in range(20):
        rng = Random(seed)

        def shuffled(value: Any, rng: Random = rng) -> Any:
            if isinstance(value, dict):
                return {key: shuffled(value[key]) for key in rng.sample(list(value), len(value))}
            return [shuffled(item) for item in value] if isinstance(value, list) else value

        assert read(json.dumps(shuffled(data))) == read(WHOLE)


def test_the_order_of_rows_changes_no_fact() -> None:
    rows = "[{date: 2026-11-20, value: 3}, {date: 2026-11-19, value: 2}, {value: 1}]"
    back = "[{value: 1}, {date: 2026-11-19, value: 2}, {date: 2026-11-20, value: 3}]"
    first, again = given_for("Fatigue", f"{{records: {rows}}}"), given_for("Fatigue", f"{{records: {back}}}")
    assert [(r.id, r.value, r.when) for r in first.evidence["Fatigue"]] == [
        (r.id, r.value, r.when) for r in again.evidence["Fatigue"]
    ]
    assert first.digest != again.digest


# ----------------------------------------------------------------------------------- the items


@pytest.mark.parametrize(
    ("name", "item", "value"),
    [
        ("WPI", "9", exactly(9)),
        ("WPI", '"9"', exactly(9)),
        ("WPI", "<= 9", Bounds(None, 9)),
        ("WPI", "UNKNOWN", OPEN),
        ("WPI", "{low: 3, high: 4}", Bounds(3, 4)),
        ("WPI", "{high: 4}", Bounds(None, 4)),
        ("Fatigue", "77", OPEN),
        ("Fatigue", "NA", OPEN),
        ("DAS28", "3.20", exactly(D("3.2"))),
        ("CRP", "1.2 'mg/dL'", exactly(D(12))),
        ("CRP", "\">5 'mg/L'\"", Bounds(D("5.00000001"), None)),
        ("CRP", "{low: 1 'mg/L', high: 2 'mg/L'}", Bounds(D(1), D(2))),
        ("CRP", "1.3", SetAside("no unit")),
        ("CRP", "1.3 'mgs/litre'", SetAside("unknown unit")),
        ("CRP", "{low: 1, high: 2}", SetAside("no unit")),
        ("CRP", "{text: negative}", SetAside("recorded as text")),
        ("Pregnant", "true", TRUE),
        ("Pregnant", "False", FALSE),
        ("Pregnant", "unknown", UNKNOWN),
        ("Onset", "2026-08", days_of("2026-08")),
        ("Onset", "{low: 2026-08, high: 2026-09}", Bounds(datetime.date(2026, 8, 1), datetime.date(2026, 9, 30))),
        ("Hand", "left", (Code("", "left"),)),
        ("Stop Reason", "SNOMED 58848006", (Code("SNOMED", "58848006"),)),
        ("Stop Reason", "did not help much", SetAside("recorded as text")),
        ("Stop Reason", "{text: did not help much}", SetAside("recorded as text")),
        ("Gender", "'''female'''", (Code("", "female"),)),
        ("Gender", "Other", ()),
        ("Age", '"@1969-02-03"', days_of("1969-02-03")),
        ("Age", "{born: 1969}", days_of("1969")),
        (
            "Age",
            "{age: 49, date: 2018-02-05}",
            Bounds(datetime.date(1968, 2, 6), datetime.date(1969, 2, 5)),
        ),
    ],
)
def test_an_item(name: str, item: str, value: object) -> None:
    assert only(name, item).value == value


@pytest.mark.parametrize(
    ("name", "item"),
    [
        ("WPI", ""), ("WPI", "~"), ("WPI", "{}"), ("WPI", "{missing: true}"), ("WPI", "{value: }"),
        ("WPI", "{date: 2026-11-20, by: K7}"), ("Judged", "OPEN"), ("Judged", "UNKNOWN"), ("Age", "UNKNOWN"),
        ("Age", "{born: }"), ("Trials", "{records: []}"), ("Trials", "{complete: true}"), ("Trials", "UNKNOWN"),
    ],
)  # fmt: skip
def test_what_says_nothing_is_no_evidence(name: str, item: str) -> None:
    found = given_for(name, item)
    assert (dict(found.evidence), dict(found.absences)) == ({}, {})


@pytest.mark.parametrize("item", ["FALSE", "{absent: true}", "{value: false}", "{records: [{status: absent}]}"])
def test_absence_of_a_condition_is_attested(item: str) -> None:
    found = given_for("Psychosis", item)
    assert not found.evidence
    assert found.absences["Psychosis"][0].concepts is None


def test_absence_may_be_of_one_concept() -> None:
    found = given_for("Psychosis", "{absent: true, code: SNOMED 69322001, date: 2026-03}")
    assert found.absences["Psychosis"][0].concepts == frozenset({1})


def test_nothing_tried_is_attested_too() -> None:
    assert given_for("Trials", "FALSE").absences["Trials"][0].concepts is None


def test_who_files_an_uncoded_row_says_what_it_is_but_text_does_not() -> None:
    assert only("Psychosis", "{records: [{date: 2014}]}").certainty is TRUE
    assert only("Psychosis", "{records: [{text: see letter}]}").certainty is UNKNOWN
    assert only("Psychosis", "{records: [{}]}").certainty is UNKNOWN
    assert only("Psychosis", "UNKNOWN").certainty is UNKNOWN
    assert only("Trials", "{records: [{text: a comment, outcome: failed}]}").certainty is UNKNOWN
    assert only("CRP", "{records: [{text: fasting, value: 3 'mg/L'}]}").certainty is TRUE


def test_a_row_of_another_code_is_out_with_a_notice() -> None:
    found = given_for("Psychosis", "{records: [{code: SNOMED 1}, {code: LOCAL 1}]}")
    assert [row.certainty for row in found.evidence["Psychosis"]] == [UNKNOWN]
    assert "1 entry coded as something else, not used" in [n.text for n in found.notices]


@pytest.mark.parametrize(
    ("item", "complete"),
    [
        ("{records: []}", None),
        ("{complete: false, records: []}", None),
        ("{complete: TRUE}", Completeness(None, "record")),
        (
            "{complete: {since: 2019-01-01, because: reviewed, signed: K1}, records: []}",
            Completeness(datetime.date(2019, 1, 1), "site declaration", "reviewed", "K1"),
        ),
    ],
)
def test_completeness_is_declared_never_assumed(item: str, complete: Completeness | None) -> None:
    assert given_for("Trials", item).complete.get("Trials") == complete


@pytest.mark.parametrize("years", [0, 17, 49, 130])
@pytest.mark.parametrize("told", ["2018-02-05", "2020-02-29", "2019-02-28", "2021-03-01", "2018-02", "2018"])
def test_born_within_that_year(years: int, told: str) -> None:
    first, last = born_between(years, days_of(told))
    asked = days_of(told)
    one = datetime.timedelta(days=1)
    for text, outside in ((first, -one), (last, one)):
        day = datetime.date.fromisoformat(text)
        on = exactly(asked.low) if text == first else exactly(asked.high)
        assert age(exactly(day), on) == exactly(years)
        assert age(exactly(day + outside), on) != exactly(years)


# ---------------------------------------------------------------------------------- the faults


def test_everything_wrong_is_said_at_once_at_its_place() -> None:
    assert faults(
        """\
subjct: SYN
synthetic: perhaps
extracted: 2026-11
evidence:
  WPI: 25
  Fatigue: {valeu: 2}
  CRP: TRUE
  Psychosiss: FALSE
  Pregnant: {value: 7, date: 2026-13-01}
  Trials:
    complete: {since: 2019, because: x}
    records:
      - {druk: x, date: 2024-03}
      - {outcome: faild, code: 6851, status: confirmd}
      - {code: Snomed 1, days: some}
      - just text
      - {date: soon}
"""
    ) == [
        "1:1 UnreadableRecord `subject` of the profile is missing",
        "1:1 UnreadableRecord the profile has no such key",
        "2:12 UnreadableRecord `synthetic` is true or false",
        "3:12 UnreadableRecord `extracted` is a day",
        "5:8 OutOfRange `WPI` lies outside its scale, 0 to 19",
        "6:13 UnreadableRecord `Fatigue` has no such key",
        "7:8 RequirementMismatch `CRP` is not a number with its unit",
        "8:3 RequirementMismatch this is no requirement of every-kind",
        "9:21 RequirementMismatch `Pregnant` is not yes or no",
        "9:30 RequirementMismatch `date` of `Pregnant` is not a date",
        "11:5 UnreadableRecord `signed` of `Trials` is missing",
        "13:10 UnreadableRecord a row of `Trials` has no such key",
        "14:19 RequirementMismatch `outcome` of `Trials` is not one of its declared values",
        "14:32 RequirementMismatch a code of `Trials` is not written as one",
        "14:46 RequirementMismatch `Trials` has no such status",
        "15:16 RequirementMismatch a code of `Trials` is of no known system",
        "15:32 RequirementMismatch `days` of `Trials` is not a whole number",
        "16:9 UnreadableRecord a row of `Trials` is written as keys with values",
        "17:16 RequirementMismatch `date` of `Trials` is not a date",
    ]


def test_in_json_too() -> None:
    assert faults('{"subject": "S",\n "evidence": {"WPI": 25, "Fatigue": "x"}}') == [
        "2:22 OutOfRange `WPI` lies outside its scale, 0 to 19",
        "2:37 RequirementMismatch `Fatigue` is not a whole number",
    ]


@pytest.mark.parametrize(
    ("name", "item", "message"),
    [
        ("WPI", "7.5", "RequirementMismatch `WPI` is not a whole number"),
        ("WPI", "'@2026'", "RequirementMismatch `WPI` is not a whole number"),
        ("WPI", "[1, 2]", "RequirementMismatch `WPI` is a list"),
        ("WPI", "{value: [1]}", "UnreadableRecord `value` of `WPI` is one text"),
        ("WPI", "{value: 1, low: 2}", "RequirementMismatch `WPI` gives `value` and `low and high` at once"),
        ("WPI", "{value: 1, missing: true}", "RequirementMismatch `WPI` gives `value` and `missing` at once"),
        ("WPI", "{value: 1, records: []}", "RequirementMismatch `WPI` gives a value and a list at once"),
        ("WPI", "{missing: perhaps}", "RequirementMismatch `missing` of `WPI` is true or false"),
        ("WPI", "{born: 1969}", "RequirementMismatch `WPI` is not an age"),
        ("WPI", "{records: 3}", "UnreadableRecord `records` of `WPI` is a list"),
        ("WPI", "{records: [3]}", "UnreadableRecord a row of `WPI` is written as keys with values"),
        ("WPI", "{low: <3, high: 5}", "RequirementMismatch `low` of `WPI` is a number without a comparator"),
        ("Fatigue", "4", "OutOfRange `Fatigue` lies outside its scale, 0 to 3"),
        ("Fatigue", "1e99", "OutOfRange `Fatigue` lies outside its scale, 0 to 3"),
        ("Fatigue", "{low: 2, high: 4}", "OutOfRange `Fatigue` lies outside its scale, 0 to 3"),
        ("DAS28", "3,2", "RequirementMismatch `DAS28` is not a number"),
        ("DAS28", ".nan", "RequirementMismatch `DAS28` is not a number"),
        ("CRP", "high", "RequirementMismatch `CRP` is not a number with its unit"),
        ("CRP", "{low: 1 'mg/L', high: 2 'mg/dL'}",
         "RequirementMismatch `low` and `high` of `CRP` are not in one unit"),
        ("CRP", "{value: 5, unit: mg/L}", "UnreadableRecord `CRP` has no such key"),
        ("Pregnant", "yes", "RequirementMismatch `Pregnant` is not yes or no"),
        ("Pregnant", "OPEN", "RequirementMismatch `Pregnant` is not yes or no"),
        ("Pregnant", "{low: 1}", "RequirementMismatch `Pregnant` cannot be a range"),
        ("Onset", "soon", "RequirementMismatch `Onset` is not a date"),
        ("Onset", "2026-02-30", "RequirementMismatch `Onset` is not a date"),
        ("Onset", "'@2026-02-01/2026-02-05'", "RequirementMismatch `Onset` is not a date"),
        ("Onset", "/", "RequirementMismatch `Onset` is not a date"),
        ("Gender", "f", "RequirementMismatch `Gender` is not administrative gender"),
        ("Stop Reason", "SNOMDE 58848006", "RequirementMismatch `Stop Reason` is not a code of a known system"),
        ("Psychosis", "schizophrenia", "RequirementMismatch `Psychosis` is not yes or no"),
        ("Psychosis", "{code: 58214004}", "RequirementMismatch a code of `Psychosis` is not written as one"),
        ("Psychosis", "{absent: true, status: provisional}",
         "RequirementMismatch `Psychosis` is absent and of another status at once"),
        ("Trials", "TRUE", "RequirementMismatch `Trials` is a list of rows"),
        ("Trials", "{complete: perhaps}", "RequirementMismatch `complete` of `Trials` is true or false"),
        ("Trials", "{complete: {since: 2019, because: x, signed: y}}",
         "RequirementMismatch `since` of `Trials` is a day"),
        ("Trials", "{complete: {since: 2019-01-01, because: '', signed: y}}",
         "UnreadableRecord `because` of `Trials` is missing"),
        ("Trials", "{records: [{drug: [x]}]}", "UnreadableRecord `records` of `Trials` is one text"),
        ("Age", "49", "RequirementMismatch `Age` is not a date of birth, from which the age on a day follows"),
        ("Age", "{age: 49}", "RequirementMismatch `age` of `Age` needs the `date` on which it was told"),
        ("Age", "{age: 490, date: 2018}", "RequirementMismatch `age` of `Age` is completed years, 0 to 130"),
        ("Age", "{born: yesterday}", "RequirementMismatch `born` of `Age` is not a date"),
        ("Age", "{born: 1969, age: 3}", "RequirementMismatch `Age` gives `born` and `age` at once"),
    ],
)  # fmt: skip
def test_a_fault(name: str, item: str, message: str) -> None:
    assert fault(name, item) == message


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("subject:\nevidence: {}", "1:1 UnreadableRecord `subject` of the profile is missing"),
        ("note: x\nsubject: ''", "2:1 UnreadableRecord `subject` of the profile is missing"),
        ("note: x", "1:1 UnreadableRecord `subject` of the profile is missing"),
        (f"subject: {'S' * 201}", "1:1 UnreadableRecord `subject` of the profile is longer than 200 characters"),
        ("subject: S\nsource: [a]", "2:1 UnreadableRecord `source` of the profile is one text"),
        ("subject: S\nevidence: {WPI: {codes: [a, {b: c}]}}",
         "2:29 UnreadableRecord `codes` of `WPI` is one text"),
        ("subject: S\nevidence: {Trials: {complete: [a]}}",
         "2:21 UnreadableRecord `complete` of `Trials` is one text"),
        ("subject: S\nevidence: {Trials: {complete: {since: 2019, because: [x], signed: y}}}",
         "2:45 UnreadableRecord `complete.because` of `Trials` is one text"),
        ("subject: S\nevidence: {Trials: {complete: {since: 2019-01-01, because: x, signed: y, by: z}}}",
         "2:74 UnreadableRecord `Trials` has no such key"),
        ("subject: S\nevidence: {Trials: {records: [" + "{}, " * 20_001 + "]}}",
         "2:21 UnreadableRecord `records` of `Trials` has more than 20000 rows"),
    ],
    ids=lambda text: text[:40],
)  # fmt: skip
def test_a_fault_of_the_form_stands_at_its_key(text: str, found: str) -> None:
    assert found in faults(text)


def test_what_a_record_says_is_not_changed() -> None:
    form = Since({"since": "2019-01-01", "because": "x", "signed": "y"}, {})
    with pytest.raises(AttributeError, match="is not changed"):
        form.signed = "z"


def test_the_class_of_the_error_is_that_of_its_faults() -> None:
    with pytest.raises(OutOfRange):
        given_for("WPI", "25")
    with pytest.raises(RequirementMismatch):
        given_for("WPI", "x")
    with pytest.raises(UnreadableRecord):
        read("subject: [")
    with pytest.raises(RecordError) as caught:
        read("subject: S\nevidence: {WPI: x, Fatigue: 9}")
    assert type(caught.value) is RecordError


@pytest.mark.parametrize(
    "text",
    [
        "",
        "- a",
        "just text",
        "<Bundle/>",
        "subject:",
        "subject: ''",
        "evidence: {}",
        "subject: S\nevidence: [a]",
        "subject: S\nevidence: x",
    ],
)
def test_what_is_no_profile(text: str) -> None:
    assert all("UnreadableRecord" in found for found in faults(text))


def test_help_names_what_was_meant() -> None:
    helps = {
        "subject: S\nevidence: {WPI: {valeu: 3}}": "did you mean `value`",
        "subject: S\nevidence: {WPI: {unit: x}}": "write the unit with the value: `5.2 'mg/L'`",
        "subject: S\nevidence: {Psychosiss: TRUE}": "did you mean `Psychosis`",
        "subject: S\nevidence: {Trials: {records: [{outcom: failed}]}}": "did you mean `outcome`",
        "subject: S\nevidence: {Trials: {records: [{outcome: faild}]}}": "did you mean `failed`",
        "subject: S\nevidence: {Psychosis: {code: SNOMDE 1}}": "did you mean `SNOMED`",
        "subject: S\nevidence: {WPI: {value: 3, status: confirmd}}": "did you mean `confirmed`",
        "subject: S\nsynthetics: true": "did you mean `synthetic`",
    }
    for text, help in helps.items():
        with pytest.raises(RecordError) as caught:
            read(text)
        assert caught.value.diagnostics[0].help == help


def test_items_of_other_protocols_are_passed_over_with_a_notice() -> None:
    found = read("subject: S\nevidence:\n  Hair Colour: red\n  WPI: 3\n  Shoe Size: {value: 43}\n")
    assert [(n.place, n.text) for n in found.notices] == [
        ("line 3, 5", "2 items that every-kind does not ask for, not used")
    ]


def test_a_near_name_beside_the_right_one_is_another_protocols() -> None:
    assert read("subject: S\nevidence: {Psychosis: FALSE, Psychosiss: TRUE}").notices
    assert faults("subject: S\nevidence: {Systolic  pressure: 120}")


def test_many_faults_end_somewhere() -> None:
    rows = ", ".join("{date: soon}" for _ in range(500))
    found = faults(f"subject: S\nevidence: {{Trials: {{records: [{rows}]}}}}")
    assert len(found) == 201
    assert found[-1].endswith("and 300 more")


# ----------------------------------------------------------------------------------- the schema


def _validator(schema: dict[str, Any]) -> jsonschema.Draft202012Validator:
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_accepts_what_is_read() -> None:
    own, generic = _validator(profile_schema(library())), _validator(profile_schema(None))
    for text in (WHOLE, template(library())):
        for loader in (yaml.BaseLoader, yaml.SafeLoader):
            data = json.loads(json.dumps(yaml.load(text, loader), default=str))
            for validator in (own, generic):
                assert not list(validator.iter_errors(data))


@pytest.mark.parametrize(
    "item",
    [
        {"WPI": 25}, {"WPI": "x"}, {"WPI": 2.5}, {"WPI": {"valeu": 3}}, {"CRP": "high"}, {"CRP": {"unit": "mg/L"}},
        {"Pregnant": "yes"}, {"Onset": "soon"}, {"Gender": "f"}, {"Age": 49}, {"WPI": {"born": 1969}},
        {"Trials": True},
        {"Trials": {"records": [{"druk": "x"}]}}, {"Trials": {"records": [{"outcome": "faild"}]}},
        {"Trials": {"records": [3]}}, {"Trials": {"complete": {"since": "2019-01-01"}}}, {"Pregnant": {"low": 1}},
    ],
)  # fmt: skip
def test_the_schema_refuses_what_is_refused(item: dict[str, Any]) -> None:
    data = {"subject": "S", "evidence": item}
    assert list(_validator(profile_schema(library())).iter_errors(data))
    assert faults(json.dumps(data))


_SINCE = {"since": "2019", "because": "x", "signed": "y"}
_SHAPES = st.sampled_from(["one", ["one"], _SINCE, [{}], [{"code": "x"}]])
_ENTRIES = st.dictionaries(st.sampled_from([*Entry.keys, "valeu", "since", "unit"]), _SHAPES, max_size=4)


@given(_ENTRIES, st.dictionaries(st.sampled_from([*Row.keys, "any field"]), _SHAPES, max_size=3))
@settings(deadline=None)
def test_form_and_schema_refuse_the_same_shapes(entry: dict[str, Any], row: dict[str, Any]) -> None:
    entry = {**entry, "records": [row]}
    words = {"Yes": "true", "Day": "2019", "Complete": "true"}
    for kinds, data in ((Entry.keys, entry), (Row.keys, row)):
        data.update({key: words.get(kinds.get(key, ""), "one") for key in data if data[key] == "one"})
    schema = profile_schema(None)
    valid = _validator({**schema["$defs"]["Entry"], "$defs": schema["$defs"]}).is_valid(entry)
    noted = Faults("p.json")
    tree = read_tree(json.dumps(entry), noted)
    assert isinstance(tree, Mapping)
    fitting(Entry, tree, noted, "the entry")
    assert valid is not bool(noted.found)


def test_the_schema_is_of_the_protocol() -> None:
    schema = profile_schema(library())
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert list(schema["properties"]["evidence"]["properties"]) == [r.name for r in library().requirements]
    assert schema["properties"]["evidence"]["properties"]["WPI"]["description"] == "Widespread pain index"
    assert json.loads(json.dumps(schema)) == schema
    assert profile_schema(library()) == schema
    assert "properties" not in profile_schema(None)["properties"]["evidence"]


# --------------------------------------------------------------------------------- the template


def test_the_template_read_back_holds_nothing() -> None:
    text = template(library())
    found = read(text)
    assert (dict(found.evidence), dict(found.absences), dict(found.complete), found.notices) == ({}, {}, {}, ())
    names = yaml.load(text, yaml.BaseLoader)["evidence"]
    assert sorted(names) == sorted(r.name for r in library().requirements)
    assert text.isascii()
    assert all(len(line) < 200 for line in text.splitlines())


def test_the_template_says_what_is_asked() -> None:
    lines = template(library()).splitlines()
    assert "  # Widespread pain index" in lines
    assert "  WPI:  # Integer; 0 to 19" in lines
    assert "  CRP:  # Quantity in 'mg/L'; within 30 days" in lines
    assert "  Age:  # {born: 1969-02}, or {age: 49, date: 2018-02-05}" in lines
    assert "  #     - {date: , code: , drug: , mechanism: , outcome: , days: , dose: , stopped: }" in lines
    assert (
        lines.index("  # ---- From the chart")
        < lines.index("  # ---- To ask")
        < lines.index("  # ---- From blood")
    )


def test_a_template_filled_in_is_a_profile() -> None:
    text = template(library()).replace("  WPI:  #", "  WPI: 9  #").replace("TO-FILL", "SYN-1")
    assert read(text).evidence["WPI"][0].value == exactly(9)


# -------------------------------------------------------------------------------------- mangled

MARKER = "4711984237"
PLANTED = WHOLE
for _plain in ("form 3", "K7, by hand", "the white tablets", "nothing", "'left'", "58848006", "1.3 ", "SYN-0049"):
    PLANTED = PLANTED.replace(
        _plain, f"{MARKER}{_plain}" if _plain[0].isdigit() else f"{_plain} {MARKER}"[: len(_plain) + 11]
    )
EXAMPLES = int(os.environ.get("MANGLED", "800"))
_PIECES = st.sampled_from(
    ["", "\n", "  ", "\t", ":", ": ", "- ", "{", "}", "[", "]", ",", '"', "'", "\\", "#", "&a", "*a",
     "!!x", "|", ">", "?",
     "~", "null", "NaN", "-", "<", "9" * 30, "1e400", "@", "\x00", "\x1b", "\ud800", "\u2028", "\u202e",
     "\U0001f600", "é",
     "TRUE", "evidence", "records", "complete", "value"]
)  # fmt: skip


def _read_or_refused(text: str) -> Subject | RecordError:
    try:
        return read(text)
    except RecordError as refused:
        return refused


def _refused_or_read(text: str) -> None:
    found = _read_or_refused(text)
    if isinstance(found, RecordError):
        assert found.diagnostics
        assert all(issubclass(d.kind, RecordError) for d in found.diagnostics)
        assert MARKER not in str(found)
        assert MARKER not in "".join(d.message + d.help + d.why for d in found.diagnostics)
    else:
        assert MARKER not in " ".join(f"{n.requirement} {n.text}" for n in found.notices)
        assert all(row.id for rows in found.evidence.values() for row in rows)


def test_the_marker_is_planted() -> None:
    assert PLANTED.count(MARKER) == 8
    _refused_or_read(PLANTED)


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.booleans(),
    st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(0, 12), _PIECES), min_size=1, max_size=4),
)
def test_mangled_text_is_refused_or_read(as_json: bool, edits: list[tuple[int, int, str]]) -> None:
    text = _as_json(PLANTED) if as_json else PLANTED
    for at, cut, piece in edits:
        at %= len(text) + 1
        text = text[:at] + piece + text[at + cut :]
    _refused_or_read(text)


_SCALARS = st.sampled_from(
    ["", "9", "TRUE", "FALSE", "UNKNOWN", "OPEN", "3.5", "<5 'mg/L'", "2026-08", "@2026-08-15T09:00",
     "SNOMED 69322001",
     "LOCAL 1", "failed", "absent", "refuted", "true", "false", "1e400", "-1", "7 'mg'", "'x'",
     f"{MARKER}", f"{MARKER} 'mg/L'",
     f"SNOMED {MARKER}", f"word {MARKER}", f"5 '{MARKER}'", "<", "'", "@", "9" * 600, "99", "m" * 300]
)  # fmt: skip
_ROWS = st.dictionaries(
    st.sampled_from(
        ["date", "value", "code", "codes", "panel", "status", "by", "source", "text", "drug",
         "mechanism", "outcome", "days",
         "dose", "stopped", "low", "high", "missing", "absent", "born", "age", "complete", "unit"]
    ),
    _SCALARS | st.lists(_SCALARS, max_size=2),
    max_size=5,
)  # fmt: skip
_COMPLETE = _SCALARS | st.fixed_dictionaries({"since": _SCALARS, "because": _SCALARS, "signed": _SCALARS})
_ITEMS = (
    _SCALARS
    | _ROWS
    | st.fixed_dictionaries({"records": st.lists(_ROWS, max_size=3)}, optional={"complete": _COMPLETE})
    | st.lists(_SCALARS, max_size=2)
)
_EVIDENCE = st.dictionaries(st.sampled_from([r.name for r in library().requirements]), _ITEMS, max_size=5)


@settings(max_examples=EXAMPLES, deadline=None)
@given(_EVIDENCE)
def test_any_items_are_refused_or_read(evidence: dict[str, Any]) -> None:
    text = json.dumps({"subject": "S", "evidence": evidence})
    _refused_or_read(text)


@settings(max_examples=EXAMPLES, deadline=None)
@given(_EVIDENCE)
def test_what_the_schema_refuses_of_single_items_is_never_silently_dropped(evidence: dict[str, Any]) -> None:
    """Whatever is read leaves a trace: evidence, an absence, a notice, completeness, or an explicit nothing."""
    nothing = ("", "UNKNOWN", "OPEN")
    try:
        found = read(json.dumps({"subject": "S", "evidence": evidence}))
    except RecordError:
        return
    for name, item in evidence.items():
        if isinstance(item, str) and item not in nothing:
            there = name in found.evidence or name in found.absences
            assert there or any(n.requirement == name for n in found.notices), (name, item)


def test_an_item_written_at_the_top_is_told_where_it_belongs() -> None:
    with pytest.raises(RecordError) as caught:
        read("subject: S\nCRP: 5 'mg/L'\n")
    assert "what is recorded stands below `evidence:`" in str(caught.value)
