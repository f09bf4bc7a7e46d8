"""What a typed line says of a screen: what is taken, what is refused with what is accepted, what stays open."""

from __future__ import annotations

import datetime
from dataclasses import replace
from typing import Any

import pytest

from screening import screen
from screening.evaluation.answer_line import ReadBack, read
from screening.evaluation.said import Beside, Wanting
from screening.evaluation.units import NotTaken
from screening.language.library import Library
from screening.outcome.interview import Page, Shape

DAY = datetime.date(2026, 11, 22)
HEART = ("Unstable Angina", "Myocardial Infarction", "Heart Failure", "Stroke")
SCALES = ("Fatigue", "Waking Unrefreshed", "Cognitive Symptoms")
LIVER = ("ALT", "ALT Upper Limit", "Bilirubin")


@pytest.fixture(scope="module")
def library() -> Library:
    return screen.load_protocol("ketamine-ra-fm")


def said(
    library: Library, names: tuple[str, ...], line: str, shape: Shape = "yes or no", **beside: Any
) -> ReadBack:
    asked = tuple(library.requirement(name) for name in names)
    page = Page(asked[0].obtain, shape, asked)
    return read(library, page, line, replace(Beside(DAY, "K7", who="b"), **beside))


def values(found: ReadBack) -> dict[str, Any]:
    return {name: item.get("value", item) for name, item in found.answered.items.items()}


# ------------------------------------------------------------------------------ questions of yes or no


def test_none_of_these_is_one_absence_each(library: Library) -> None:
    found = said(library, HEART, "n")
    assert values(found) == dict.fromkeys(HEART, "FALSE")
    for item in found.answered.items.values():
        assert item["source"] == "asked 2026-11-22 by K7, this person and chart"
        assert (item["date"], item["by"]) == ("2026-11-22", "K7")


def test_what_is_not_spoken_of_stays_open(library: Library) -> None:
    found = said(library, HEART, "2 2021-03 4")
    assert values(found) == {"Myocardial Infarction": "TRUE", "Stroke": "TRUE"}
    assert found.answered.items["Myocardial Infarction"]["date"] == "2021-03"
    # Since when there was a stroke was not said; it is not dated on the day of the question.
    assert "date" not in found.answered.items["Stroke"]
    assert found.answered.names == {"Myocardial Infarction", "Stroke"}


@pytest.mark.parametrize(
    ("line", "yes", "no", "unknown", "skipped"),
    [
        ("2 n", {2}, {1, 3, 4}, set(), set()),
        ("2, 4 n", {2, 4}, {1, 3}, set(), set()),
        ("1-3 n", {1, 2, 3}, {4}, set(), set()),
        ("a", {1, 2, 3, 4}, set(), set(), set()),
        ("?", set(), set(), {1, 2, 3, 4}, set()),
        ("s", set(), set(), set(), {1, 2, 3, 4}),
        ("2 ?", {2}, set(), {1, 3, 4}, set()),
        ("2=n", set(), {2}, set(), set()),
        ("2=? n", set(), {1, 3, 4}, {2}, set()),
        ("1 2=? 3=s n", {1}, {4}, {2}, {3}),
        ("2=y 2020, 3=n", {2}, {3}, set(), set()),
    ],
)
def test_the_others_are_as_the_line_says(
    library: Library, line: str, yes: set[int], no: set[int], unknown: set[int], skipped: set[int]
) -> None:
    found = said(library, HEART, line)
    numbered = {name: number for number, name in enumerate(HEART, 1)}
    answers = {numbered[name]: value for name, value in values(found).items()}
    assert answers == {**dict.fromkeys(yes, "TRUE"), **dict.fromkeys(no, "FALSE")}
    assert {numbered[name] for name in found.answered.unknown} == unknown
    assert {numbered[name] for name in found.answered.skipped} == skipped


def test_one_question_alone_is_simply_answered(library: Library) -> None:
    assert values(said(library, ("Stroke",), "y")) == {"Stroke": "TRUE"}
    assert values(said(library, ("Stroke",), "no")) == {"Stroke": "FALSE"}
    assert values(said(library, ("Stroke",), "1 2021")) == {"Stroke": "TRUE"}


def test_who_says_so_is_wanted_and_may_be_said_at_once(library: Library) -> None:
    with pytest.raises(Wanting) as wanting:
        said(library, HEART, "n", who="")
    assert wanting.value.want == "who"
    item = said(library, HEART, "n c", who="").answered.items["Stroke"]
    assert item["source"] == "asked 2026-11-22 by K7, the chart, read today"


def test_a_judgement_names_who_judged(library: Library) -> None:
    with pytest.raises(Wanting) as wanting:
        said(library, ("RA Diagnosis Confirmed",), "y")
    assert wanting.value.want == "judge"
    item = said(library, ("RA Diagnosis Confirmed",), "y by rheumatologist K2").answered.items
    assert item["RA Diagnosis Confirmed"]["by"] == "rheumatologist K2"
    assert item["RA Diagnosis Confirmed"]["source"] == "asked 2026-11-22 by K7, judgement"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("5", "there is no 5 on this screen"),
        ("0 n", "there is no 0 on this screen"),
        ("2 2027-01 n", "lies after the as-of date"),
        ("2 2021-13", "is not a date"),
        ("stroke", "is no answer here"),
        ("2=maybe", "is neither yes nor no"),
        ("999999999999", "is no answer here"),
    ],
)
def test_what_cannot_be_is_refused(library: Library, line: str, message: str) -> None:
    with pytest.raises(NotTaken, match=message) as refused:
        said(library, HEART, line)
    assert refused.value.help


# -------------------------------------------------------------------------------------------- values


def test_values_in_order_by_number_and_some_of_them(library: Library) -> None:
    assert values(said(library, SCALES, "2 2 1", "values")) == dict(zip(SCALES, "221", strict=True))
    assert values(said(library, SCALES, "3=1, 1=0", "values")) == {"Cognitive Symptoms": "1", "Fatigue": "0"}
    found = said(library, SCALES, "2 - ?", "values")
    assert values(found) == {"Fatigue": "2"}
    assert found.answered.unknown == {"Cognitive Symptoms"}
    found = said(library, SCALES, "2 s", "values")
    assert found.answered.skipped == {"Waking Unrefreshed", "Cognitive Symptoms"}


def test_a_number_alone_is_in_the_unit_that_is_shown_unless_two_are_in_use(library: Library) -> None:
    found = said(library, LIVER, "22 40 0.6 mg/dL on 2026-11-16", "values")
    assert values(found) == {"ALT": "22 'U/L'", "ALT Upper Limit": "40 'U/L'", "Bilirubin": "0.6 'mg/dL'"}
    assert {item["date"] for item in found.answered.items.values()} == {"2026-11-16"}
    with pytest.raises(NotTaken, match="has no unit"):
        said(library, LIVER, "22 40 0.6", "values")


def test_each_value_may_have_its_own_day(library: Library) -> None:
    found = said(library, LIVER, "1=22@2026-11-16 2=40", "values")
    assert [item["date"] for item in found.answered.items.values()] == ["2026-11-16", "2026-11-22"]


def test_beyond_the_scale_is_refused_and_beyond_what_is_plausible_is_asked_again(library: Library) -> None:
    with pytest.raises(NotTaken, match=r"4 is not on this scale \(0 to 3\)"):
        said(library, SCALES, "4", "values")
    with pytest.raises(Wanting) as wanting:
        said(library, LIVER, "9000", "values")
    assert wanting.value.want == "sure"
    assert "1 to 5000 U/L" in wanting.value.text
    assert values(said(library, LIVER, "9000", "values", sure=True)) == {"ALT": "9000 'U/L'"}


def test_a_decimal_comma_is_refused_and_never_read_as_two_values(library: Library) -> None:
    with pytest.raises(NotTaken, match="with a comma"):
        said(library, ("Height", "Weight"), "1,65 74", "values")
    with pytest.raises(NotTaken, match="not a whole number"):
        said(library, ("Pain",), "7.5", "values")


def test_the_anchors_of_a_scale_are_answers_too(library: Library) -> None:
    found = said(library, SCALES, "2 slight or intermittent none", "values")
    assert list(values(found).values()) == ["2", "1", "0"]


def test_two_equal_readings_are_two(library: Library) -> None:
    found = said(library, ("Systolic Pressure",), "128+128", "values")
    rows = found.answered.items["Systolic Pressure"]["records"]
    assert [row["value"] for row in rows] == ["128 'mm[Hg]'"] * 2
    assert rows[0] != rows[1]
    assert (
        said(library, ("Systolic Pressure",), "190", "values")
        .values["Systolic Pressure"]
        .endswith("1 of 2 readings")
    )


def test_dates_are_as_precise_as_they_are_known(library: Library) -> None:
    names = ("FM Symptom Onset", "Pain Onset")
    assert values(said(library, names, "2022-10 2021", "values")) == {
        "FM Symptom Onset": "@2022-10",
        "Pain Onset": "@2021",
    }
    with pytest.raises(NotTaken, match="after the as-of date"):
        said(library, names, "2030", "values")


def test_age_and_words(library: Library) -> None:
    found = said(library, ("Age", "Sex at Birth"), "49 female", "values")
    assert found.answered.items["Age"]["age"] == "49"
    assert values(found)["Sex at Birth"] == "female"
    assert said(library, ("Age",), "1977-02", "values").answered.items["Age"]["born"] == "1977-02"
    with pytest.raises(NotTaken):
        said(library, ("Age", "Sex at Birth"), "49 perhaps", "values")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("1,5", "none of its answers"),
        ("high", "none of its answers"),
        ("2.5", "none of its answers"),
        ("1 1 1 1", "more values than questions"),
        ("1=2 1=3", "answered twice"),
        ("7=1", "there is no 7"),
        ("2 kg", "none of its answers"),
        ("-1", "not on this scale"),
        ("1e400", "."),
    ],
)
def test_a_wrong_value_is_refused(library: Library, line: str, message: str) -> None:
    with pytest.raises(NotTaken, match=message):
        said(library, SCALES, line, "values")


# --------------------------------------------------------------------------------------------- lists


def test_a_list_of_drugs_by_name(library: Library) -> None:
    line = "methotrexate, 2013-02, primary inefficacy, days 240; Adalimumab, loss, 700 days, stopped 2016-05; all"
    item = said(library, ("DMARD Trials",), line, "list").answered.items["DMARD Trials"]
    assert item["complete"] == "true"
    first, second = item["records"]
    assert first == {
        "drug": "methotrexate",
        "code": "RxNorm 6851",
        "date": "2013-02",
        "outcome": "primary inefficacy",
        "days": "240",
    }
    assert second["outcome"] == "loss of response"
    assert second["code"].startswith("RxNorm ")
    assert (second["days"], second["stopped"]) == ("700", "@2016-05")


def test_a_list_by_numbers_and_units(library: Library) -> None:
    line = "duloxetine, 1, 56 days, adequate dose y, 10 %; more"
    item = said(library, ("Pain Drug Trials",), line, "list").answered.items["Pain Drug Trials"]
    assert item["complete"] == "false"
    assert item["records"][0]["outcome"] == "stopped without enough relief"
    assert item["records"][0]["relief"] == "10 '%'"
    assert item["records"][0]["adequate dose"] == "TRUE"
    item = said(library, ("Non-drug Treatments",), "1, no benefit, 8 weeks; all", "list").answered.items
    assert item["Non-drug Treatments"]["records"][0]["measure"] == "exercise or physiotherapy"


def test_a_list_says_whether_it_is_whole_and_what_a_name_means(library: Library) -> None:
    with pytest.raises(Wanting) as wanting:
        said(library, ("DMARD Trials",), "methotrexate, 1", "list")
    assert wanting.value.want == "whole"
    with pytest.raises(NotTaken, match="no name that the rules know") as refused:
        said(library, ("DMARD Trials",), "metotrexate, 1; all", "list")
    assert "Methotrexate" in refused.value.help or "methotrexate" in refused.value.help
    with pytest.raises(Wanting) as wanting:
        said(library, ("DMARD Trials",), "bee venom, 1; all", "list")
    assert wanting.value.want == "sure"
    with pytest.raises(NotTaken, match="says nothing that is asked"):
        said(library, ("DMARD Trials",), "methotrexate, it did nothing; all", "list")
    found = said(library, ("DMARD Trials",), "n", "list").answered.items["DMARD Trials"]
    assert found["absent"] == "true"
    assert said(library, ("DMARD Trials",), "?", "list").answered.unknown == {"DMARD Trials"}
