"""Somebody whom the small protocol finds ELIGIBLE, and what one types for them, screen by screen from nothing."""

from __future__ import annotations

import datetime
from typing import Any

from screening import interview, screen
from screening.interview import Interview
from tests.cli.calls import RULES
from tests.interview.clinic import line

DAY = datetime.date(2026, 11, 22)
RECORD: dict[str, Any] = {
    "Systolic Pressure": {"records": [{"value": "127 'mm[Hg]'"}, {"value": "129 'mm[Hg]'"}]},
    "Diastolic Pressure": {"records": [{"value": "79 'mm[Hg]'"}, {"value": "77 'mm[Hg]'"}]},
    "Consent": {"value": "TRUE"},
    "Age": {"value": "49"},
    "Pain": {"value": "9"},
    "Stroke": {"value": "FALSE"},
    "Neck and Airway": {"value": "FALSE"},
    "ECG Wanted": {"value": "FALSE"},
    "MAO Inhibitor Last Dose": {"value": "2016"},
    "Lamotrigine": {"value": "FALSE"},
    "Recorded FM": {"value": "TRUE", "date": "2012-03"},
    "WPI": {"value": "9"},
    "SSS": {"value": "7"},
    "ALT": {"value": "22 'U/L'", "date": "2026-11-20"},
    "ALT Upper Limit": {"value": "40 'U/L'"},
    "Refractory": {"value": "TRUE"},
    "DMARD Trials": {
        "complete": "true",
        "records": [
            {"drug": "adalimumab", "mechanism": "TNF", "outcome": "failed"},
            {"drug": "tofacitinib", "mechanism": "JAK", "outcome": "failed"},
        ],
    },
}


def _typed() -> tuple[str, ...]:
    library = screen.load_protocol("small", [RULES])
    talk = Interview(library, interview.begun("SYN-0021", DAY, "K7"), DAY, "K7")
    found: list[str] = []
    while (page := talk.asking.page) is not None:
        found.append(line(page, RECORD))
        talk.answer(found[-1])
    talk.close()
    return tuple(found)


TYPED = _typed()


def until(name: str) -> tuple[str, ...]:
    """What one types to be asked about a requirement: everything before it is passed over."""
    library = screen.load_protocol("small", [RULES])
    talk = Interview(library, interview.begun("SYN-0021", DAY, "K7"), DAY, "K7")
    found: list[str] = []
    while talk.asking.page is not None and name not in talk.asking.page.names:
        found.append("s")
        talk.answer("s")
    talk.close()
    return tuple(found)


# A systolic pressure at which the small protocol alerts; everything before it is passed over.
ALERTING = (*until("Systolic Pressure"), "196")
