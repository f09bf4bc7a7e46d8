"""The steps of `near.feature`. They call the API of the command and read what it writes, nothing deeper."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from screening import near, screen
from tests.checkout import ROOT
from tests.cli.calls import Called
from tests.cli.cohorts import called
from tests.cli.test_screens import NEVER

scenarios("near.feature")

# What is never said of somebody's facts.
FORBIDDEN = re.compile(
    r"\b(enter|change to|stop|taper|discontinue|phenelzine|suicid\w*|pregnan\w* would)\b", re.IGNORECASE
)


class Person:
    """One record that the scenarios change, and what was shown of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.text = (ROOT / "rules" / "records" / "index-completed.yaml").read_text(encoding="utf-8")
        self.shown = Called(0, "", "")
        self.data: dict[str, Any] = {}

    def say(self, name: str, value: str) -> None:
        """Another value for one item of the record."""
        self.text, count = re.subn(
            rf"^  {re.escape(name)}: .*$", f"  {name}: {value}", self.text, flags=re.MULTILINE
        )
        assert count == 1, name

    def ask(self, *words: str) -> Called:
        (self.folder / "person.yaml").write_text(self.text, encoding="utf-8")
        done = called(self.folder, *words, "person.yaml", "--as-of", "2026-11-22")
        assert done.err == ""
        return done

    def look(self) -> None:
        """The screen of the command, and the same as data."""
        library = screen.load_protocol("ketamine-ra-fm")
        subject = screen.read_record(self.text.encode(), library, name="person.yaml")
        found = near.near(library, subject, datetime.date(2026, 11, 22))
        told = screen.plain_text(near.told_near(library, subject, found))
        self.data = near.near_data(library, subject, found)
        self.shown = Called({"ELIGIBLE": 0, "INELIGIBLE": 2}[self.data["verdict"]], told, "")

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())

    def sets(self, criterion: str | None, aim: str) -> list[dict[str, Any]]:
        """What would have to be so, of a bar or of the whole."""
        every = self.data["would_have_to_be"]
        found: list[dict[str, Any]] = next(a for a in every if (a["criterion"], a["for"]) == (criterion, aim))[
            "sets"
        ]
        return found


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


@given("the index case with everything recorded")
def _index(person: Person) -> None:
    assert "SYN-0049" in person.text


@given("an ALT of 121 U/L with an upper limit of 40")
def _alt(person: Person) -> None:
    person.say("ALT", "{value: \"121 'U/L'\", date: 2026-11-16, source: laboratory}")


@given("a blood pressure of 164 over 96")
def _pressure(person: Person) -> None:
    for name, values in (("Systolic Pressure", ("163", "165")), ("Diastolic Pressure", ("97", "95"))):
        rows = ", ".join(
            f"{{value: \"{value} 'mm[Hg]'\", date: 2026-11-20T09:0{n}}}" for n, value in enumerate(values)
        )
        person.say(name, f"{{records: [{rows}]}}")


@given("phenelzine, last taken on 2026-11-09")
def _phenelzine(person: Person) -> None:
    person.say("MAO Inhibitor", "{records: [{code: RxNorm 8123, date: 2026-01-10}]}")
    person.text += "\n  MAO Inhibitor Ongoing: {value: FALSE, date: 2026-11-20}\n"
    person.text += '  MAO Inhibitor Last Dose: {value: "@2026-11-09", date: 2026-11-20}\n'


@given("a C-SSRS with a recent behaviour")
def _behaviour(person: Person) -> None:
    person.say("C-SSRS Recent Behaviour", "{value: TRUE, date: 2026-11-20, source: form}")


@when("the verdict is looked at")
def _looked(person: Person) -> None:
    person.look()
    assert [found[0] for found in NEVER.finditer(person.shown.out)] == []
    said = person.shown.out.partition("This follows from the rules")[0]
    assert FORBIDDEN.search(said) is None, said


@then(parsers.parse("it is {verdict}"))
def _verdict(person: Person, verdict: str) -> None:
    assert person.data["verdict"] == verdict
    assert person.shown.status == {"ELIGIBLE": 0, "INELIGIBLE": 2}[verdict]
    assert f" {verdict} " in person.shown.out


@then(parsers.parse("the screen says that {what} above its limit"))
def _above(person: Person, what: str) -> None:
    label, _, distance = what.partition(" is ")
    assert re.search(
        rf"{label} [\d.]+[\w/ ]* is {re.escape(distance)} above its limit of .*by little", person.words
    )


@then("the check of the same person says so in one line")
def _line(person: Person) -> None:
    assert re.search(r"^Near +INC04: DAS28 ESR is 0.1 above its limit$", person.ask("check").out, re.MULTILINE)


@then("it says that this is the only bar, by numbers alone")
def _only(person: Person) -> None:
    said = "SHE03A: ALT is 1 U/L above its limit; the only bar, and it is one by numbers alone"
    assert said in person.words
    assert [miss["criterion"] for miss in person.data["near_misses"]] == ["SHE03A"]


@then("it says that the protocol measures again in 2 to 4 weeks, and that all readings stay")
def _again(person: Person) -> None:
    assert "by the protocol measured again: in 2 to 4 weeks [site choice]; all readings stay" in person.words


@then("BP systolic would have to be below 160 mmHg for the bar to fall")
def _below(person: Person) -> None:
    assert re.search(r"x SCV01A +BP systolic would have to be ", person.shown.out)
    (one,) = person.sets("SCV01A", "bar")
    (fact,) = one["facts"]
    assert fact["requirement"] == "Systolic Pressure"
    assert fact["limits"][-1] == {"operator": "<", "value": "160"}


@then("for ELIGIBLE both pressures would have to be lower")
def _both(person: Person) -> None:
    (one,) = person.sets(None, "ELIGIBLE")
    limits = {f["requirement"]: f["limits"][-1] for f in one["facts"]}
    assert limits == {
        "Systolic Pressure": {"operator": "<", "value": "140"},
        "Diastolic Pressure": {"operator": "<", "value": "90"},
    }


@then(parsers.parse("the bar falls by time alone, not before {day}"))
def _time(person: Person, day: str) -> None:
    assert f"by time alone: not before {day} (screening when)" in person.words
    assert person.data["by_time"] == [{"criterion": "SMD02", "not_before": day}]


@then("nobody is told to stop a medicine")
def _no_stop(person: Person) -> None:
    assert all(aim["sets"] == [] for aim in person.data["would_have_to_be"])


@then("nothing modifiable would help")
def _nothing(person: Person) -> None:
    assert "nothing modifiable would help" in person.words
    assert all(aim["sets"] == [] for aim in person.data["would_have_to_be"])


@then("the ALT and its upper limit alone force INELIGIBLE")
def _forced(person: Person) -> None:
    assert "2 recorded facts alone force INELIGIBLE (SHE03A): ALT; ALT, upper limit" in person.words
    assert person.data["sufficient"]["requirements"] == ["ALT", "ALT Upper Limit"]


def test_nobody_is_told_that_a_disease_would_have_to_be_worse() -> None:
    """Less treatment would make it so: of disease activity nothing is said."""
    library = screen.load_protocol("ketamine-ra-fm")
    active = [r for r in library.requirements if re.search(r"DAS28|CDAI|SDAI|RAPID3|Pain|Fatigue|WPI|SSS", r.name)]
    assert len(active) > 5
    assert {r.modifiable for r in active} == {"never"}
