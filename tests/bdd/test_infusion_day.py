"""The steps of the day of infusion. They call `screening.screen` and nothing deeper."""

from __future__ import annotations

import datetime
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from pytest_bdd import given, parsers, scenarios, then, when

from screening import screen
from screening.errors import VerificationError

RECORD = Path(__file__).parents[2] / "rules" / "records" / "infusion-day-no-hold.yaml"
TODAY = datetime.date(2026, 11, 25)

scenarios("infusion_day.feature")


class Checklist:
    """One person on one day: the record as it is changed, and what the checklist says."""

    def __init__(self) -> None:
        self.library = screen.load_library("ketamine-infusion-day")
        self.record: dict[str, Any] = yaml.load(RECORD.read_text(encoding="utf-8"), yaml.BaseLoader)
        self.screening: Any = None

    def item(self, name: str, value: str, **more: str) -> None:
        self.record["evidence"][name] = {"value": value, "date": TODAY.isoformat(), **more}

    def listed(self, name: str, rows: list[dict[str, str]]) -> None:
        self.record["evidence"][name] = {"complete": "true", "records": rows}

    def subject(self) -> Any:
        return screen.read_record(json.dumps(self.record).encode(), self.library, "record.json")

    def go_through(self, day: datetime.date = TODAY) -> None:
        self.screening = screen.screen(self.library, self.subject(), day)

    @property
    def text(self) -> str:
        return " ".join(screen.plain_text(screen.told(self.screening)).split())

    def output(self, name: str) -> Any:
        told = self.screening.certificate["determination"]["outputs"]
        return next(output["value"] for output in told if output["output"] == name)


@pytest.fixture
def checklist() -> Checklist:
    return Checklist()


@given("a woman on the day of her third session, with everything asked, measured and arranged")
def _in_order(checklist: Checklist) -> None:
    assert len(checklist.record["evidence"]["Sessions"]["records"]) == 2


@given(parsers.re(r"she had a light meal at (?P<clock>[\d:]+)"))
def _light_meal(checklist: Checklist, clock: str) -> None:
    checklist.item("Last Light Meal", f"@{TODAY}T{clock}")


@given(parsers.re(r"her blood pressure was (?P<readings>\d+/\d+ at .+)"))
def _pressure(checklist: Checklist, readings: str) -> None:
    found = re.findall(r"(\d+)/(\d+) at (\d\d:\d\d)", readings)
    for name, place in (("Systolic Pressure", 0), ("Diastolic Pressure", 1)):
        rows = [{"value": f"{each[place]} 'mm[Hg]'", "date": f"{TODAY}T{each[2]}"} for each in found]
        checklist.listed(name, rows)


@given("her blood pressure was measured yesterday only")
def _yesterday(checklist: Checklist) -> None:
    for name in ("Systolic Pressure", "Diastolic Pressure"):
        (row,) = checklist.record["evidence"][name]["records"]
        row["date"] = "2026-11-24T08:40"


@given("a physician accepts her blood pressure")
def _accepted_pressure(checklist: Checklist) -> None:
    checklist.item("Pressure Accepted", "TRUE", by="physician K1")


@given("a physician decides to resume the series")
def _resumed(checklist: Checklist) -> None:
    checklist.item("Resuming Accepted", "TRUE", by="physician K1")


@given(parsers.re(r'"(?P<name>[^"]+)" is answered (?P<answer>yes|no) today'))
def _answered(checklist: Checklist, name: str, answer: str) -> None:
    checklist.item(name, {"yes": "TRUE", "no": "FALSE"}[answer])


@given(parsers.re(r"her temperature is (?P<degrees>[\d.]+) degrees"))
def _temperature(checklist: Checklist, degrees: str) -> None:
    checklist.item("Temperature", f"{degrees} 'Cel'")


@given(
    parsers.re(
        r"she had (?P<reaction>[a-z ]+) for (?P<hours>\d+) hours after the last session, "
        r"and it has (?P<still>not )?passed"
    )
)
def _reaction(checklist: Checklist, reaction: str, hours: str, still: str | None) -> None:
    resolved = "FALSE" if still else "TRUE"
    checklist.listed(
        "Reactions", [{"reaction": reaction, "hours": hours, "resolved": resolved, "date": "2026-11-24"}]
    )


@given(parsers.re(r"her ALT is (?P<value>\d+) with an upper limit of (?P<limit>\d+)"))
def _alt(checklist: Checklist, value: str, limit: str) -> None:
    checklist.item("ALT", f"{value} 'U/L'")
    checklist.item("ALT Upper Limit", f"{limit} 'U/L'")


@given("sessions 1 and 2 were given, 3 and 4 were missed")
def _missed(checklist: Checklist) -> None:
    outcomes = ("given", "given", "missed", "missed")
    checklist.listed(
        "Sessions",
        [{"session": str(n), "day": f"@2026-11-{20 + n}", "outcome": each} for n, each in enumerate(outcomes, 1)],
    )


@given(parsers.re(r"the last session was (?P<days>\d+) days ago"))
def _gap(checklist: Checklist, days: str) -> None:
    day = TODAY - datetime.timedelta(days=int(days))
    checklist.listed("Sessions", [{"session": "1", "day": f"@{day}", "outcome": "given"}])


@given("the day before was stopped for the liver")
def _stopped(checklist: Checklist) -> None:
    checklist.record["evidence"]["Sessions"]["records"][1] |= {"outcome": "stopped", "reason": "liver"}


@given(parsers.re(r"an infusion rate of (?P<rate>\d+) mg/h was ordered for a weight of (?P<weight>\d+) kg"))
def _ordered(checklist: Checklist, rate: str, weight: str) -> None:
    checklist.item("Infusion Rate Ordered", f"{rate} 'mg/h'")
    checklist.item("Weight", f"{weight} 'kg'")


@when("the checklist is gone through")
def _gone_through(checklist: Checklist) -> None:
    checklist.go_through()


@when("the checklist is gone through with the same record on the next day")
def _next_day(checklist: Checklist) -> None:
    checklist.go_through(TODAY + datetime.timedelta(days=1))


@then(parsers.re(r'it says "(?P<label>[^"]+)"'))
def _says(checklist: Checklist, label: str) -> None:
    assert checklist.screening.determination.label == label
    assert re.search(rf"[+!?x] {label} ", checklist.text)


@then(parsers.re(r"the series (?P<ends>ends|does not end)"))
def _ends(checklist: Checklist, ends: str) -> None:
    assert checklist.output("ends_series") == ("TRUE" if ends == "ends" else "FALSE")
    assert f"ends series: {'yes' if ends == 'ends' else 'no'}" in checklist.text


@then(parsers.re(r"(?P<article>a|no) new screening is needed"))
def _new_screening(checklist: Checklist, article: str) -> None:
    assert checklist.output("new_screening") == ("TRUE" if article == "a" else "FALSE")


@then(parsers.re(r"it is her session (?P<session>\d+), on day (?P<day>\d+) of the series"))
def _counted(checklist: Checklist, session: str, day: str) -> None:
    assert checklist.output("session") == {"low": session, "high": session}
    assert checklist.output("day") == {"low": day, "high": day}


@then(parsers.re(r"fasting is reached at (?P<clock>[\d:]+)"))
def _fasting(checklist: Checklist, clock: str) -> None:
    instant = f"@{TODAY}T{clock}:00"
    assert checklist.output("fasting_reached") == {"low": instant, "high": instant}
    assert f"{TODAY} {clock}" in checklist.text


@then("the screen says that the physician orders")
def _physician(checklist: Checklist) -> None:
    assert "The physician orders, or does not; this program orders nothing." in checklist.text
    assert not re.search(r"\b(GO|go ahead|cleared|approved)\b", checklist.text)


@then("blood pressure is still to be measured")
def _to_measure(checklist: Checklist) -> None:
    wanted = {item.requirement for item in checklist.screening.determination.to_obtain}
    assert {"Systolic Pressure", "Diastolic Pressure"} <= wanted


@then(parsers.re(r"the screen shows row (?P<id>\w+) with the reading of (?P<reading>\d+)"))
def _shows_row(checklist: Checklist, id: str, reading: str) -> None:
    assert re.search(rf"! {id} .*{reading} mmHg", checklist.text)


@then("an alert is shown, and that nobody has been told")
def _alert(checklist: Checklist) -> None:
    assert "!! ALERT" in checklist.text
    assert "Nobody has been told: this program sends no messages." in checklist.text


@then("the screen names no other rate than the one that was ordered")
def _rates(checklist: Checklist) -> None:
    assert set(re.findall(r"([\d.]+) mg(?:/kg)?/h", checklist.text)) == {"28"}


@then("the certificate is accepted")
def _accepted(checklist: Checklist) -> None:
    certificate = json.loads(json.dumps(checklist.screening.certificate))
    screen.verify(certificate, checklist.library, checklist.subject())


@then(parsers.re(r'it is refused when somebody writes "(?P<word>[^"]+)" for "(?P<other>[^"]+)" or yes for no'))
def _altered(checklist: Checklist, word: str, other: str) -> None:
    said = checklist.screening.certificate["determination"]
    assert said["label"] == other
    assert said["outputs"][0]["value"] == "FALSE"
    for change in ({"label": word}, {"outputs": [{**said["outputs"][0], "value": "TRUE"}, *said["outputs"][1:]]}):
        changed = {**checklist.screening.certificate, "determination": {**said, **change}}
        with pytest.raises(VerificationError):
            screen.verify(changed, checklist.library, checklist.subject())
