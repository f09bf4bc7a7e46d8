"""What an answer adds to a profile: nothing that is recorded is taken back by it, nor what is said of a list."""

from __future__ import annotations

import datetime

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
