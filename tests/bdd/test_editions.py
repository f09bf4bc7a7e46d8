"""The steps of `editions.feature`. They call the command line and nothing deeper."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.cli.calls import Called, call

RULES = ("--rules", "tests/reports/made")
DAY = ("--as-of", "2026-11-22")
ON = "date: 2026-11-20"

scenarios("editions.feature")


class Desk:
    """One person and the last thing that was printed of them, for people and as data."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "person.yaml"
        self.evidence: dict[str, str] = {}
        self.shown = Called(0, "", "")
        self.data: dict[str, Any] = {}

    def run(self, command: str, *more: str) -> None:
        items = "".join(f"  {name}: {item}\n" for name, item in self.evidence.items())
        self.file.write_text(f"subject: SYN-1\nsynthetic: true\nevidence:\n{items}", encoding="utf-8")
        arguments = (command, str(self.file), *RULES, *DAY, *more)
        with pytest.MonkeyPatch.context() as calling:
            self.shown = call(calling, *arguments)
        if self.shown.status == 0 and command != "check":
            with pytest.MonkeyPatch.context() as calling:
                plain = [each for each in arguments if each != "--unused"]
                self.data = json.loads(call(calling, *plain, "--format", "json").out)

    @property
    def words(self) -> str:
        return " ".join(self.shown.out.split())


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


@given(parsers.re(r"the made-up editions of aches: .*"))
def _editions() -> None:
    """They stand in `tests/reports/made`."""


@given(parsers.re(r"a person with (?P<areas>\d+) areas, severity (?P<severity>\d+) and (?P<regions>.+)"))
def _aching(desk: Desk, areas: str, severity: str, regions: str) -> None:
    values = {"Areas": areas, "Severity": severity}
    if found := re.match(r"(\d+) regions", regions):
        values["Regions"] = found[1]
    desk.evidence = {name: f"{{value: {value}, {ON}}}" for name, value in values.items()}


@given(
    parsers.re(r"a person born in (?P<year>\d+) with pain (?P<pain>\d+) of 10 and without rheumatoid arthritis")
)
def _in_pain(desk: Desk, year: str, pain: str) -> None:
    row = f"{{value: {pain}, {ON}}}"
    desk.evidence = {
        "Age": f"{{born: {year}}}",
        "Pain": f"{{records: [{row}]}}",
        "RA": f"{{value: false, {ON}}}",
    }


@given(parsers.re(r"pain (?P<pain>\d+) of 10 seven weeks ago"))
def _older(desk: Desk, pain: str) -> None:
    desk.evidence["Pain"] = desk.evidence["Pain"].replace("]}", f", {{value: {pain}, date: 2026-10-04}}]}}")


@when("the editions are compared")
def _compared(desk: Desk) -> None:
    desk.run("compare", "--library", "aches")


@when("the person is matched")
def _matched(desk: Desk) -> None:
    desk.run("match", "--unused")


@when("the person is screened against the retired trial")
def _against_retired(desk: Desk) -> None:
    desk.run("check", "--protocol", "trial-old")


@when("the person is screened against the retired trial all the same")
def _all_the_same(desk: Desk) -> None:
    desk.run("check", "--protocol", "trial-old", "--retired")


@then(parsers.re(r"the edition of (?P<year>\d+) is (?P<truth>met|not met|unknown)"))
def _is(desk: Desk, year: str, truth: str) -> None:
    wanted = {"met": "TRUE", "not met": "FALSE", "unknown": "UNKNOWN"}[truth]
    (edition,) = (each for each in desk.data["editions"] if each["protocol"] == f"aches-{year}")
    assert edition["truth"] == wanted
    assert re.search(rf"^[+x?]  {year} +{truth} ", desk.shown.out, re.MULTILINE)


@then(parsers.re(r'they disagree on "(?P<thing>[^"]+)"'))
def _disagree(desk: Desk, thing: str) -> None:
    assert [each["thing"] for each in desk.data["differences"]] == [thing]
    assert f"They disagree on {thing}: " in desk.words


@then(parsers.re(r"the edition of (?P<year>\d+) does not ask for it"))
def _asks_not(desk: Desk, year: str) -> None:
    (difference,) = desk.data["differences"]
    assert any(year in other["editions"] and other["asks"] is None for other in difference["others"])


@then("no two editions disagree")
def _agree(desk: Desk) -> None:
    assert desk.data["differences"] == []
    assert "No two editions disagree" in desk.words


@then("every edition has an answer and nothing is wrong with the record")
def _all_answer(desk: Desk) -> None:
    assert (desk.shown.status, desk.shown.err) == (0, "")
    assert len(desk.data["editions"]) == 4
    assert desk.data["unread"] == []


@then(parsers.re(r'the trial "(?P<name>[^"]+)" is (?P<verdict>[A-Z]+) and comes first'))
def _first(desk: Desk, name: str, verdict: str) -> None:
    first = desk.data["protocols"][0]
    assert (first["protocol"], first["verdict"]) == (name, verdict)


@then(parsers.re(r'the trial "(?P<name>[^"]+)" is (?P<verdict>[A-Z]+)'))
def _verdict(desk: Desk, name: str, verdict: str) -> None:
    (found,) = (each for each in desk.data["protocols"] if each["protocol"] == name)
    assert found["verdict"] == verdict


@then("it is said that nothing here is an offer")
def _no_offer(desk: Desk) -> None:
    assert "Nothing here is an offer: recruitment is not looked up." in desk.shown.out


@then(parsers.re(r'it is said that "(?P<words>[^"]+)"'))
def _said(desk: Desk, words: str) -> None:
    assert words in desk.words


@then("it is said that the older pain is outside what is asked")
def _outside(desk: Desk) -> None:
    assert "pain: 1 entry, 2026-10-04: outside what is asked, within 7 days" in desk.words


@then("the first line says DRAFT")
def _draft(desk: Desk) -> None:
    assert "DRAFT" in desk.shown.out.splitlines()[0]


@then("it is refused, and nothing is said of the person")
def _refused(desk: Desk) -> None:
    assert (desk.shown.status, desk.shown.out) == (3, "")
    assert "is retired" in desk.shown.err


@then("RETIRED stands on the screen")
def _retired(desk: Desk) -> None:
    assert "RETIRED, not for use in care" in desk.shown.out.splitlines()[0]
