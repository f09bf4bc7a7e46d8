"""What time alone does to a verdict equals asking the law on every day."""

from __future__ import annotations

import datetime
import json
import os
from pathlib import Path

import pytest

from screening.errors import RuleError
from screening.guidance.questions import ranked
from screening.guidance.timeline import timeline
from screening.interpreters.compiled import Compiled
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.determination import Verdict
from screening.outcome.timeline import Timeline, liftings
from screening.reading.load import load
from screening.sources.profile import read_profile
from screening.values import calendar
from tests.agree import generate

DAY = datetime.timedelta(days=1)
THREE_YEARS = generate.AS_OF + 1096 * DAY

LIBRARY = """
library: washout
version: "1"
title: One wash-out, one result that expires, one age
status: draft
sources:
  made: up for this test
requirements:
  Age: {type: Integer, take: age on Screening Date}
  Last Dose: {type: Date, take: latest}
  hCG: {type: Boolean, take: latest, within: 7 days}
criteria:
  - id: INC1
    category: inclusion
    text: of age
    source: {made: up}
    expression: |
      Age >= 18
  - id: EXC1
    category: exclusion
    text: last dose within 14 days
    source: {made: up}
    expression: |
      "Last Dose" 13 days or less on or before day of "Screening Date"
  - id: EXC2
    category: exclusion
    text: pregnant
    source: {made: up}
    expression: |
      hCG
"""

AGE = """\
  Age: {type: Integer, take: latest}
  First Dose: {type: Date, take: latest}
"""
LIBRARY_OF_DAYS = LIBRARY.replace("  Age: {type: Integer, take: age on Screening Date}\n", AGE).replace(
    "      hCG\n",
    """\
      hCG
  - id: EXC3
    category: exclusion
    text: last dose within two months of the first one
    source: {made: up}
    expression: |
      "Last Dose" 2 months or less after "First Dose"
""",
)


def day(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def found(folder: Path, born: str, dose: str, hcg: str, answer: str = "FALSE") -> tuple[Timeline, Library]:
    path = folder / "washout.yaml"
    path.write_text(LIBRARY, encoding="utf-8")
    library = load(path, [folder])
    evidence = {
        "Age": {"born": born},
        "Last Dose": {"records": [{"value": f"@{dose}"}]},
        "hCG": {"records": [{"value": answer, "date": hcg}]},
    }
    data = json.dumps({"subject": "SYN-1", "synthetic": "true", "evidence": evidence}).encode()
    subject = read_profile(data, library, name="made.json")
    return timeline(library, subject, generate.AS_OF, THREE_YEARS), library


@pytest.mark.parametrize(
    ("as_of", "dose"),
    [("2026-11-22", "9999-12-31"), ("9999-12-31", "9999-12-30"), ("0001-01-02", "0001-01-01")],
)
def test_days_at_the_ends_of_the_calendar_are_days(tmp_path: Path, as_of: str, dose: str) -> None:
    """Many systems write 9999-12-31 for what has no end."""
    path = tmp_path / "washout.yaml"
    path.write_text(LIBRARY_OF_DAYS, encoding="utf-8")
    library, today = load(path, [tmp_path]), day(as_of)
    dosed = {"records": [{"value": f"@{dose}"}]}
    for evidence in ({"Last Dose": dosed, "First Dose": dosed}, {"First Dose": dosed}, {}):
        data = json.dumps({"subject": "SYN-1", "synthetic": "true", "evidence": evidence}).encode()
        subject = read_profile(data, library, name="made.json")
        ranked(library, subject, today, {}, None)
        last = min(today, calendar.LAST - 30 * DAY) + 30 * DAY
        line = timeline(library, subject, today, last)
        assert line.stretches[-1].last == last
        assert all(each.verdict is not Verdict.ELIGIBLE for each in line.stretches)


def test_a_wash_out_ends_and_a_result_expires(tmp_path: Path) -> None:
    line, library = found(tmp_path, "1980-01-01", "2026-11-09", "2026-11-20")
    assert [(s.first, s.verdict) for s in line.stretches] == [
        (day("2026-11-22"), Verdict.INELIGIBLE),
        (day("2026-11-23"), Verdict.ELIGIBLE),
        (day("2026-11-28"), Verdict.UNDETERMINED),
    ]
    assert line.earliest_certain == day("2026-11-23")
    (lifting,) = liftings(line, library)
    assert (lifting.criterion, lifting.possible, lifting.certain) == ("EXC1", day("2026-11-23"), day("2026-11-23"))


def test_a_date_known_to_the_month_gives_an_earliest_possible_and_an_earliest_certain_day(tmp_path: Path) -> None:
    line, library = found(tmp_path, "2009-02", "2026-01-01", "2026-11-20")
    (lifting,) = liftings(line, library)
    assert (lifting.possible, lifting.certain) == (day("2027-02-01"), day("2027-02-28"))


def test_a_result_that_lapses_lifts_nothing(tmp_path: Path) -> None:
    line, library = found(tmp_path, "1980-01-01", "2026-01-01", "2026-11-20", "TRUE")
    (lifting,) = liftings(line, library)
    assert (lifting.certain, lifting.lapses) == (None, day("2026-11-28"))
    assert line.earliest_certain is None


def test_days_before_the_as_of_date_are_refused(tmp_path: Path) -> None:
    line, library = found(tmp_path, "1980-01-01", "2026-01-01", "2026-11-20")
    nobody = read_profile(b'{"subject": "x", "evidence": {}}', library, name="x")
    with pytest.raises(ValueError, match="before"):
        timeline(library, nobody, line.as_of, line.as_of - DAY)


def _scanned(seed: int, folder: Path, people: int) -> int:
    """Holds the timelines of some people under one library against a scan day by day; how many were."""
    file = generate.library(seed)
    path = folder / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    try:
        library = load(path, [folder])
    except RuleError:
        return 0
    compiled, law = Compiled(library), Law(library)
    for number in range(people):
        person = seed * 1000 + number
        profile = json.dumps(generate.person(file, person)).encode()
        subject = read_profile(profile, library, name="chance.json")
        line = timeline(library, subject, generate.AS_OF, THREE_YEARS)
        for stretch in line.stretches:
            expected = compiled.verdict(subject, stretch.first)
            each = stretch.first
            while each <= stretch.last:
                assert compiled.verdict(subject, each) == expected, f"library {seed}, person {person}, {each}"
                each += DAY
            values = law.evaluate(subject, stretch.last)
            assert expected[:4] == tuple(values[root] for root in ROOTS), f"library {seed}, person {person}"
        changed = [a for a, b in zip(line.stretches, line.stretches[1:], strict=False) if a.last + DAY != b.first]
        assert (changed, line.stretches[-1].last) == ([], THREE_YEARS)
    return people


def test_a_timeline_is_a_scan_day_by_day(tmp_path: Path) -> None:
    assert sum(_scanned(seed, tmp_path, 2) for seed in range(8)) >= 8


@pytest.mark.long
def test_many_timelines_are_scans_day_by_day(tmp_path: Path) -> None:
    libraries, start = int(os.environ.get("LIBRARIES", "400")), int(os.environ.get("START", "100"))
    assert sum(_scanned(seed, tmp_path, 5) for seed in range(start, start + libraries)) > libraries
