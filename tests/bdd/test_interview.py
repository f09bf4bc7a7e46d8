"""The steps of `interview.feature`. They call the command line and read what it writes, nothing deeper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import SMALL, Called, call
from tests.interview.small import ALERTING, TYPED, until

scenarios("interview.feature")

DAY, NEXT = "2026-11-22", "2026-11-23"


class Clinic:
    """Where somebody is asked, and what was shown last."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.monkeypatch, self.folder = monkeypatch, folder
        self.profile = folder / "SYN-0021.yaml"
        self.shown = Called(0, "", "")
        self.protocol: tuple[str, ...] = tuple(SMALL)

    def ask(self, *lines: str, day: str = DAY) -> None:
        answers = self.folder / "answers.txt"
        answers.write_text("\n".join(lines) + "\n", encoding="utf-8")
        more = ("--as-of", day, "--by", "K7", "--answers", str(answers))
        self.shown = call(self.monkeypatch, "ask", *self.protocol, *more, "--save", str(self.profile))
        assert self.shown.err == ""

    @property
    def saved(self) -> list[str]:
        """What the profile holds, item by item."""
        return re.findall(r"^  .+: \{.*\}$", self.profile.read_text(encoding="utf-8"), re.MULTILINE)

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())


@pytest.fixture
def clinic(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Clinic:
    return Clinic(monkeypatch, tmp_path)


@given("nothing is known of SYN-0021")
def _nothing(clinic: Clinic) -> None:
    assert not clinic.profile.exists()


@given("the age of 17 was answered for SYN-0021")
@when("the age of 17 is answered")
def _young(clinic: Clinic) -> None:
    clinic.ask(*until("Age"), "4=17")


@given("the first two questions were answered for SYN-0021")
def _begun(clinic: Clinic) -> None:
    clinic.ask(*TYPED[:2], "q")


@when("every question is answered as the completed case answers it")
def _complete(clinic: Clinic) -> None:
    clinic.ask(*TYPED)


@when('"none of these" is said of the history, by this person and the chart')
def _none(clinic: Clinic) -> None:
    clinic.ask(*until("Stroke"), "n", "b", "q")


@when("the clinician goes back and answers 49")
def _corrected(clinic: Clinic) -> None:
    clinic.profile.unlink()
    clinic.ask(*until("Age"), "4=17", "b", "4=49", "q")
    assert clinic.shown.out.index("x INELIGIBLE") < clinic.shown.out.index("4=49")


@when('every question is answered with "not known"')
def _unknown(clinic: Clinic) -> None:
    clinic.ask(*["?"] * 30)


@when("a blood pressure of 196 is answered")
def _alert(clinic: Clinic) -> None:
    clinic.ask(*ALERTING)


@when("the interview is begun again on the next day")
def _again(clinic: Clinic) -> None:
    clinic.ask("1=2016", "q", day=NEXT)


@then("the verdict is ELIGIBLE")
def _eligible(clinic: Clinic) -> None:
    assert clinic.shown.status == 0
    assert "+ ELIGIBLE" in clinic.shown.out


@then("the verdict is INELIGIBLE")
def _ineligible(clinic: Clinic) -> None:
    assert clinic.shown.status == 2
    assert "x INELIGIBLE" in clinic.shown.out


@then("the verdict is UNDETERMINED")
def _undetermined(clinic: Clinic) -> None:
    assert clinic.shown.status == 4
    assert "? UNDETERMINED" in clinic.shown.out


@then("the saved profile is screened to the same verdict")
def _same(clinic: Clinic) -> None:
    done = call(clinic.monkeypatch, "check", str(clinic.profile), *SMALL, "--as-of", DAY)
    assert (done.status, done.err) == (clinic.shown.status, "")


@then("it says of every answer on which day it was asked and by whom")
def _provenance(clinic: Clinic) -> None:
    assert len(clinic.saved) >= 12
    assert all(f'source: "asked {DAY} by K7, ' in item for item in clinic.saved)


@then("one absence is recorded for each of them, and each says who said so")
def _absences(clinic: Clinic) -> None:
    absent = [item for item in clinic.saved if "value: FALSE" in item]
    assert len(absent) == len(clinic.saved) == 3
    assert all("this person and chart" in item for item in absent)
    assert "3 absences recorded, one each" in clinic.words


@then("what stood on other screens is still unknown")
def _others(clinic: Clinic) -> None:
    assert clinic.shown.status == 4
    assert "To obtain" in clinic.shown.out


@then("it is said how many questions were not asked, since no answer to them can change this verdict")
def _left(clinic: Clinic) -> None:
    assert re.search(r"\d+ questions were not asked: no answer to them can change this verdict\.", clinic.words)


@then("the questions that the wrong answer had closed are asked")
def _opened(clinic: Clinic) -> None:
    assert "> 4=49" in clinic.shown.out
    assert "Block" in clinic.shown.out.partition("> 4=49")[2]
    assert "age: 17" not in clinic.profile.read_text(encoding="utf-8")


@then("nothing is recorded")
def _empty(clinic: Clinic) -> None:
    # That nobody knows is noted, and is no evidence.
    assert all("{complete: false, note: " in line and "not known" in line for line in clinic.saved)


@then("the interview stops with the alert and what is to be done")
def _stops(clinic: Clinic) -> None:
    assert clinic.shown.out.count("Block ") == len(ALERTING)
    assert "!! ALERT" in clinic.shown.out
    assert "The interview stops here." in clinic.words
    assert "Urgent referral." in clinic.words


@then("the reading is kept in the profile")
def _kept(clinic: Clinic) -> None:
    assert any("196 'mm[Hg]'" in item for item in clinic.saved)


@then("it is said that nobody has been told")
def _told(clinic: Clinic) -> None:
    assert "Nobody has been told" in clinic.words


@then("what was answered is not asked again")
def _not_again(clinic: Clinic) -> None:
    question = clinic.shown.out.partition("Block 1")[2]
    asked = question.partition("Your 1 answer")[0]
    assert asked
    assert not any(name in asked for name in ("Age", "Stroke", "WPI", "SSS"))


@then("the answers of both days stand in the profile, each with its own day")
def _both(clinic: Clinic) -> None:
    days = [day for day in (DAY, NEXT) for item in clinic.saved if f"asked {day}" in item]
    assert days.count(DAY) >= 4
    assert days.count(NEXT) == 1


@given("nothing is known of SYN-0021, whom the programme's protocol is asked about")
def _programme(clinic: Clinic) -> None:
    assert not clinic.profile.exists()
    clinic.protocol = ()


@when("the form says yes to item 4 or 5 of the C-SSRS, and no to all else on that screen")
def _summed(clinic: Clinic) -> None:
    clinic.ask("s", "q")
    number = re.search(r"(\d+) C-SSRS item 4 or 5", clinic.shown.out)
    assert number is not None
    clinic.ask("s", f"{number[1]} n")


@when('the screen with item 4 or 5 of the C-SSRS is answered with "not known"')
def _not_known(clinic: Clinic) -> None:
    clinic.ask("s", "?", "q")


@then("no question of the form was asked beside it")
def _one_way(clinic: Clinic) -> None:
    assert "C-SSRS item 4 or 5" in clinic.shown.out
    assert "C-SSRS question" not in clinic.shown.out
    assert not any("C-SSRS Question" in item for item in clinic.saved)


@then("nothing that is recorded contradicts itself")
def _consistent(clinic: Clinic) -> None:
    assert "contradict" not in clinic.shown.out
    done = call(clinic.monkeypatch, "check", str(clinic.profile), "--as-of", DAY)
    assert done.status == 2
    assert "contradict" not in done.out


@then("the alert of the C-SSRS is raised")
def _raised(clinic: Clinic) -> None:
    assert "!! ALERT  SPS06A" in clinic.shown.out


@then("the questions of the form are asked on a later screen")
def _later(clinic: Clinic) -> None:
    asked = re.split(r"^Block ", clinic.shown.out.partition("To obtain")[0], flags=re.MULTILINE)
    summed = [n for n, shown in enumerate(asked) if "C-SSRS item 4 or 5" in shown]
    one_by_one = [n for n, shown in enumerate(asked) if "C-SSRS question 4" in shown]
    assert len(summed) == 1
    assert one_by_one
    assert one_by_one[0] > summed[0]
