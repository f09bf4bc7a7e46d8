"""Reasons of real screenings: what was searched, what was set aside, what contradicts itself."""

from __future__ import annotations

import datetime
import json
from typing import Any

import pytest

from screening import screen
from tests.checkout import ROOT
from tests.cli.calls import RULES

DAY = datetime.date(2026, 11, 22)


def lines_of(record: dict[str, Any] | str, everything: bool = True) -> dict[str, str]:
    """The text of each criterion in the long screen, folded into one line; "" is the whole screen."""
    library = screen.load_library("small", [ROOT / RULES])
    data = record if isinstance(record, str) else json.dumps(record)
    person = screen.read_record(data.encode(), library, "record")
    text = screen.plain_text(screen.told(screen.screen(library, person, DAY), everything=everything))
    found, last = {"": text}, ""
    for line in text.splitlines():
        if line[:2] in ("x ", "! ", "? ", "+ ", "- ") and line[2:3].isupper():
            last = line.split()[1]
            found[last] = line
        elif last and line.startswith(" " * 10):
            found[last] += " " + line.strip()
        else:
            last = ""
    return found


def bundle(*resources: dict[str, Any]) -> dict[str, Any]:
    patient = {"resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1970-05-01"}
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": each} for each in (patient, *resources)],
    }


def condition(code: str, day: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "id": f"c{code}",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": code}]},
        "onsetDateTime": day,
    }


def test_a_search_in_a_chart_says_what_it_searched() -> None:
    found = lines_of(bundle(condition("195662009", "1999-03-01"), condition("444814009", "2024-03-01")))
    assert "Stroke: none of 2 codes in 2 conditions, 1999 to 2024" in found["SCV04"]
    assert "lamotrigine" in found["SMD07"]


def test_a_fact_of_a_chart_names_its_resource() -> None:
    found = lines_of(bundle(condition("230690007", "2024-03-01")))
    assert found["SCV04"].startswith("x SCV04   present: ")
    assert "SNOMED 230690007, 2024-03-01; Condition/c230690007" in found["SCV04"]


def test_what_nobody_asked_is_said_so() -> None:
    found = lines_of({"subject": "SYN-1", "evidence": {}})
    assert "neck and airway: nobody has asked" in found["SAW01"]
    assert "not recorded" in found["SHE03A"]
    assert "Sign-off  missing" in found[""]


def test_a_value_set_aside_is_said_to_be_there() -> None:
    found = lines_of({"subject": "SYN-1", "evidence": {"ALT": {"value": "30", "date": "2026-11-20"}}})
    assert "1 entry recorded and set aside: no unit" in found["SHE03A"]
    assert "30" not in found["SHE03A"].replace("2026-11-20", "")


def test_an_entry_outside_the_window_is_counted() -> None:
    found = lines_of({"subject": "SYN-1", "evidence": {"ALT": {"value": "30 'U/L'", "date": "2026-01-01"}}})
    assert "none within 14 days; 1 entry in all" in found["SHE03A"]


def test_one_reading_is_not_two() -> None:
    reading = {"value": "150 'mm[Hg]'", "date": "2026-11-20", "source": "vitals, row 2"}
    found = lines_of({"subject": "SYN-1", "evidence": {"Systolic Pressure": reading}})
    assert "1 reading, 2 readings wanted" in found["SCV01A"]


def test_silence_read_as_no_is_named_in_the_assumptions() -> None:
    found = lines_of({"subject": "SYN-1", "evidence": {}})
    assert "Assumed   not mentioned, read as no by the rule file: Lamotrigine" in found[""]


def test_a_partly_known_value_shows_its_bounds() -> None:
    found = lines_of({"subject": "SYN-1", "evidence": {"WPI": {"low": 5, "high": 8}, "SSS": 7}})
    assert "5..8" in found["INC03"]


def test_a_contradiction_is_shown_as_such() -> None:
    readings = [{"value": f"{n} 'U/L'", "date": "2026-11-20"} for n in (30, 150)]
    evidence = {"ALT": {"records": readings}, "ALT Upper Limit": {"value": "40 'U/L'", "date": "2026-11-20"}}
    found = lines_of({"subject": "SYN-1", "evidence": evidence})
    assert found["SHE03A"].startswith("! SHE03A  contradicted: ")
    assert "30 U/L and 150 U/L" in found["SHE03A"]


def test_the_record_s_own_words_are_escaped() -> None:
    evidence = {"Stroke": {"value": True, "date": "2026-11-20", "source": "chart\u202e, row 1"}}
    text = lines_of({"subject": "SYN-1", "evidence": evidence})[""]
    assert "chart\\u202e, row 1" in text


@pytest.mark.parametrize("everything", [True, False])
def test_each_criterion_is_shown_or_counted(everything: bool) -> None:
    text = lines_of({"subject": "SYN-1", "evidence": {}}, everything)[""]
    if everything:
        assert sum(line[:2] in ("x ", "! ", "? ", "+ ", "- ") for line in text.splitlines()) == 14
    else:
        assert "? UNDETERMINED  12 of 13 criteria are unknown" in text


def test_a_day_of_birth_after_the_day_asked_about_is_no_age() -> None:
    record = bundle()
    record["entry"][0]["resource"]["birthDate"] = "2030-02-01"
    found = lines_of(record)
    assert "the day of birth lies after the day that is asked about" in found["INC01"]
    assert "-4" not in found[""]


def test_a_day_of_birth_that_is_no_date_is_said_to_be_set_aside() -> None:
    record = bundle()
    record["entry"][0]["resource"]["birthDate"] = "05.03.62"
    found = lines_of(record)
    assert "1 entry recorded and set aside: not a date" in found["INC01"]
    assert "62" not in found["INC01"]
