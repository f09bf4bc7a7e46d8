"""The steps of the feature files. They call `screening.screen` and nothing deeper."""

from __future__ import annotations

import copy
import datetime
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_bdd import given, parsers, scenarios, then, when

from screening import screen
from screening.errors import VerificationError

RECORDS = Path(__file__).parents[2] / "rules" / "records"

scenarios("missing_data.feature", "verdicts.feature", "audit.feature", "profiles.feature")


class Visit:
    """One person at one visit: the record as it grows, and what the screening says."""

    def __init__(self) -> None:
        self.library: Any = None
        self.day = datetime.date(2026, 11, 22)
        self.record: dict[str, Any] = {}
        self.screening: Any = None
        self.certificate: dict[str, Any] = {}

    def subject(self, record: dict[str, Any] | None = None) -> Any:
        return screen.read_record(json.dumps(record or self.record).encode(), self.library, "record.json")

    def screen(self) -> None:
        self.screening = screen.screen(self.library, self.subject(), self.day)
        self.certificate = copy.deepcopy(self.screening.certificate)


@pytest.fixture
def visit() -> Visit:
    return Visit()


def read(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.load((RECORDS / name).read_text(encoding="utf-8"), yaml.BaseLoader)
    return loaded


@given(parsers.re(r'the protocol "(?P<name>[^"]+)" on (?P<day>[\d-]+)'))
def _protocol(visit: Visit, name: str, day: str) -> None:
    visit.library, visit.day = screen.load_library(name), datetime.date.fromisoformat(day)


@given("the completed index case")
def _completed(visit: Visit) -> None:
    visit.record = read("index-completed.yaml")


@given("the index case as published")
def _published(visit: Visit) -> None:
    visit.record = read("index-2018.yaml")


@given("a person of whom nothing is recorded")
def _nothing(visit: Visit) -> None:
    visit.record = {"subject": "SYN-0000", "synthetic": "true", "evidence": {}}


@given(parsers.re(r'"(?P<name>[^"]+)" was not recorded'))
def _not_recorded(visit: Visit, name: str) -> None:
    del visit.record["evidence"][name]


@given("nothing was recorded of her medicines")
def _no_medicines(visit: Visit) -> None:
    medicines = {r.name for r in visit.library.requirements if r.kind == "medication"}
    assert medicines & set(visit.record["evidence"])
    for name in medicines:
        visit.record["evidence"].pop(name, None)


@given(parsers.re(r'"(?P<name>[^"]+)" is recorded as "(?P<value>[^"]+)"(?: on (?P<day>[\d-]+))?'))
def _recorded(visit: Visit, name: str, value: str, day: str | None) -> None:
    if day is None:
        visit.record["evidence"][name] = {"value": value, "date": "2026-11-21"}
        return
    rows = {"records": [{"value": value, "date": day}]}
    before = visit.record["evidence"].get(name)
    if isinstance(before, dict):
        rows["records"] += before.get("records", [before])
    visit.record["evidence"][name] = rows


@given(parsers.re(r"psychotic disorder was (?P<how>denied|suspected) on (?P<day>[\d-]+)"))
def _charted(visit: Visit, how: str, day: str) -> None:
    rows = visit.record["evidence"]["Psychotic Disorder"].get("records", [])
    row = {"status": "absent" if how == "denied" else "provisional", "date": day}
    visit.record["evidence"]["Psychotic Disorder"] = {"records": [*rows, row]}


@given(parsers.re(r"one blood pressure reading of (?P<high>\d+) over (?P<low>\d+) on (?P<day>[\d-]+)"))
def _one_reading(visit: Visit, high: str, low: str, day: str) -> None:
    for name, value in (("Systolic Pressure", high), ("Diastolic Pressure", low)):
        row = {"value": f"{value} 'mm[Hg]'", "date": f"{day}T09:00"}
        visit.record["evidence"][name] = {"records": [row]}


@when(parsers.re(r"she is screened(?: on (?P<day>[\d-]+))?"))
def _screened(visit: Visit, day: str | None) -> None:
    if day is not None:
        visit.day = datetime.date.fromisoformat(day)
    visit.screen()


@when(parsers.re(r'somebody changes the verdict in her certificate to "(?P<verdict>\w+)"'))
def _changed(visit: Visit, verdict: str) -> None:
    visit.certificate["determination"]["verdict"] = verdict


@then(parsers.re(r"the verdict is (?P<verdict>\w+)"))
def _verdict(visit: Visit, verdict: str) -> None:
    assert visit.screening.determination.verdict.value == verdict


@then(parsers.re(r"the standing is (?P<standing>.+)"))
def _standing(visit: Visit, standing: str) -> None:
    assert visit.screening.determination.standing.value == standing


@then(parsers.re(r"criterion (?P<id>\w+) is unknown"))
def _unknown(visit: Visit, id: str) -> None:
    assert visit.screening.determination.finding(id).shown == "UNKNOWN"


@then(parsers.re(r'"(?P<name>[^"]+)" is still to be obtained'))
def _to_obtain(visit: Visit, name: str) -> None:
    assert name in {item.requirement for item in visit.screening.determination.to_obtain}


@then(parsers.re(r"criterion (?P<id>\w+) speaks against her"))
def _against(visit: Visit, id: str) -> None:
    assert id in visit.screening.determination.reasons


@then("no criterion speaks against her")
def _none_against(visit: Visit) -> None:
    assert visit.screening.determination.reasons == ()


@then(parsers.re(r"criterion (?P<id>\w+) is to be reviewed"))
def _to_review(visit: Visit, id: str) -> None:
    assert id in visit.screening.determination.to_review


@then(parsers.re(r"the alert of (?P<id>\w+) is shown"))
def _alert(visit: Visit, id: str) -> None:
    assert id in {alert.criterion for alert in visit.screening.determination.alerts}


@then("a notice says that something is dated after the as-of date")
def _notice(visit: Visit) -> None:
    assert any("after the as-of date" in notice.text for notice in visit.screening.subject.notices)


@then('the screen says under "Assumed" that the denial is old')
def _assumed(visit: Visit) -> None:
    text = " ".join(screen.plain_text(screen.told(visit.screening, everything=True)).split())
    assert "denied more than a year ago or without a date, read as still so: psychotic disorder" in text


@then("her certificate is accepted with the same rules and record")
def _accepted(visit: Visit) -> None:
    screen.verify(json.loads(json.dumps(visit.certificate)), visit.library, visit.subject())


@then("her certificate is refused")
def _refused(visit: Visit) -> None:
    with pytest.raises(VerificationError):
        screen.verify(visit.certificate, visit.library, visit.subject())


@then("her certificate is refused with the record of the published index case")
def _another_record(visit: Visit) -> None:
    with pytest.raises(VerificationError):
        screen.verify(visit.certificate, visit.library, visit.subject(read("index-2018.yaml")))


@then("a second screening gives the same certificate")
def _same_bytes(visit: Visit) -> None:
    again = screen.screen(visit.library, visit.subject(), visit.day)
    assert json.dumps(again.certificate) == json.dumps(visit.certificate)
