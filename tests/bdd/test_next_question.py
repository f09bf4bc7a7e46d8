"""The steps of `next_question.feature`. They call the Python API of decisive questions and nothing deeper."""

from __future__ import annotations

import datetime
import json
from decimal import Decimal
from typing import Any

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from screening import decide, screen
from screening.outcome.decisive import Decisive
from screening.outcome.determination import Verdict
from tests.bdd.test_features import read

scenarios("next_question.feature")


class Desk:
    """One person's record, what items cost at the site, and what was said of what is missing."""

    def __init__(self) -> None:
        self.library: Any = None
        self.day = datetime.date(2026, 11, 22)
        self.record: dict[str, Any] = {}
        self.burdens: dict[str, Decimal] = {}
        self.said: Decisive | None = None

    @property
    def found(self) -> Decisive:
        assert self.said is not None
        return self.said


@pytest.fixture
def desk() -> Desk:
    return Desk()


@given(parsers.re(r'the protocol "(?P<name>[^"]+)" on (?P<day>[\d-]+)'))
def _protocol(desk: Desk, name: str, day: str) -> None:
    desk.library, desk.day = screen.load_library(name), datetime.date.fromisoformat(day)


@given("the completed index case")
def _completed(desk: Desk) -> None:
    desk.record = read("index-completed.yaml")


@given(parsers.re(r'"(?P<name>[^"]+)" was not recorded'))
def _not_recorded(desk: Desk, name: str) -> None:
    del desk.record["evidence"][name]


@given(parsers.re(r'"(?P<name>[^"]+)" is recorded as "(?P<value>[^"]+)"'))
def _recorded(desk: Desk, name: str, value: str) -> None:
    desk.record["evidence"][name] = {"value": value, "date": "2026-11-21"}


@given(parsers.re(r'at this site "(?P<a>[^"]+)" costs (?P<x>\d+) and "(?P<b>[^"]+)" costs (?P<y>\d+)'))
def _costs(desk: Desk, a: str, x: str, b: str, y: str) -> None:
    desk.burdens = {a: Decimal(x), b: Decimal(y)}


@when("what could settle it is asked for")
def _asked(desk: Desk) -> None:
    subject = screen.read_record(json.dumps(desk.record).encode(), desk.library, "record.json")
    desk.said = decide.decisive(desk.library, subject, desk.day, desk.burdens)


@then(parsers.re(r"the verdict is (?P<word>\w+)"))
def _verdict(desk: Desk, word: str) -> None:
    assert desk.found.verdict is Verdict[word]


@then(parsers.re(r"1 answer can settle (?P<first>\w+)(, and 1 (?P<second>\w+))?"))
def _one(desk: Desk, first: str, second: str | None) -> None:
    assert desk.found.of(Verdict[first]).least == 1
    assert second is None or desk.found.of(Verdict[second]).least == 1


@then(parsers.re(r"no answer can settle (?P<word>\w+)"))
def _none(desk: Desk, word: str) -> None:
    assert desk.found.of(Verdict[word]).least is None


@then(parsers.re(r'the first question is about "(?P<name>[^"]+)"'))
def _first(desk: Desk, name: str) -> None:
    assert desk.found.questions[0].requirement == name


@then(parsers.re(r'ELIGIBLE needs 2 answers, those to "(?P<a>[^"]+)" and "(?P<b>[^"]+)"'))
def _needs(desk: Desk, a: str, b: str) -> None:
    found = desk.found.of(Verdict.ELIGIBLE)
    assert [set(settling.items) for settling in found.sets] == [{a, b}]


@then("nothing is asked any more")
def _nothing(desk: Desk) -> None:
    assert desk.found.questions == () and desk.found.matter == ()
