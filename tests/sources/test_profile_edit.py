"""What an answer adds to a profile: nothing that is recorded is taken back by it, nor what is said of a list."""

from __future__ import annotations

import datetime

import pytest

from screening.sources.profile_edit import added
from screening.sources.profile_unknown import marked, unmarked


def test_a_denial_stands_beside_what_is_recorded() -> None:
    recorded = {"records": [{"date": "2020-01-01", "possible": "true"}]}
    said = added(recorded, {"absent": "true", "date": "2026-11-22", "by": "K7"})
    assert said == {
        "records": [
            {"date": "2020-01-01", "possible": "true"},
            {"date": "2026-11-22", "by": "K7", "status": "absent"},
        ]
    }


def test_a_list_that_is_not_complete_stays_so() -> None:
    recorded = {"value": "TRUE", "date": "2020-01-01", "complete": "false"}
    said = added(recorded, {"value": "TRUE", "date": "2026-11-22"})
    assert said["complete"] == "false"
    assert [row["date"] for row in said["records"]] == ["2020-01-01", "2026-11-22"]


def test_that_a_list_is_not_complete_outlives_the_mark_of_what_is_not_known() -> None:
    day = datetime.date(2026, 11, 22)
    for item in ({"complete": "false"}, {"complete": "false", "note": "by hand"}):
        assert unmarked(marked(item, day, "K7"))["complete"] == "false"
    assert unmarked(marked("", day, "K7")) == ""


ANSWER = {"value": "5", "date": "2026-11-22", "by": "K7"}


@pytest.mark.parametrize(
    ("recorded", "was"),
    [
        ({"low": "2", "high": "8", "date": "2026-11-22"}, "2 to 8"),
        ({"low": "2", "high": "8"}, "2 to 8"),
        ({"value": "<6", "date": "2026-11-22"}, "<6"),
        ({"value": ">=5"}, ">=5"),
        ({"low": "5"}, "5 to"),
        ("<6", "<6"),
    ],
)
def test_a_number_in_the_range_that_is_recorded_makes_it_exact(recorded: object, was: str) -> None:
    assert added(recorded, ANSWER, True) == {**ANSWER, "note": f"recorded before: {was}"}


@pytest.mark.parametrize(
    "recorded",
    [
        {"low": "6", "high": "8", "date": "2026-11-22"},
        {"low": "2", "high": "8", "date": "2026-11-20"},
        {"low": "2", "high": "8", "date": "2026-11"},
        {"low": "2 'mg/L'", "high": "8 'mg/L'"},
        {"value": "<5"},
        {"value": "9"},
        {"records": [{"low": "2", "high": "8"}, {"value": "3"}]},
        {"records": [{"low": "2", "high": "8", "possible": "true"}]},
        {"value": "5", "absent": "true"},
    ],
)
def test_what_an_answer_does_not_refine_stays_beside_it(recorded: object) -> None:
    assert added(recorded, ANSWER, True) == added(recorded, ANSWER)
    assert "records" in added(recorded, ANSWER)


def test_a_range_stays_where_not_the_latest_reading_alone_counts() -> None:
    assert len(added({"low": "2", "high": "8"}, ANSWER)["records"]) == 2
