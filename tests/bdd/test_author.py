"""The steps of the author's feature file. They call the commands and nothing deeper."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.cli.calls import Called, call

scenarios("author.feature")

PUBLISHED = "rules/records/index-2018.yaml"


class Desk:
    """A folder of rules, and what the last command said."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.name = folder, patch, ""
        self.said = Called(0, "", "")

    def call(self, *arguments: str) -> None:
        self.said = call(self.patch, *arguments)

    @property
    def text(self) -> str:
        """What was said, on one line."""
        return " ".join((self.said.out + self.said.err).split())


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


@given(parsers.re(r'a new protocol "(?P<name>[^"]+)"'))
def _new(desk: Desk, name: str) -> None:
    desk.name = name
    desk.call("new", name, "--into", str(desk.folder))
    assert desk.said.status == 0


@given(parsers.re(r'the author changes "(?P<old>[^"]+)" to "(?P<new>[^"]+)" in the (?P<where>rules|cases)'))
def _changes(desk: Desk, old: str, new: str, where: str) -> None:
    path = desk.folder / f"{desk.name}{'.cases' if where == 'cases' else ''}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


@given(parsers.re(r'the author asks "(?P<text>[^"]+)" of the index case as published'))
def _asks(desk: Desk, text: str) -> None:
    desk.call("eval", text, "--record", PUBLISHED, "--as-of", "2018-02-05")


@given(parsers.re(r'the author computes "(?P<name>[^"]+)" from "(?P<one>[^"]+)" and "(?P<other>[^"]+)"'))
def _computes(desk: Desk, name: str, one: str, other: str) -> None:
    desk.call("calculate", name, "--set", one, "--set", other, "--as-of", "2026-11-22")


@when("its worked cases are run")
def _run(desk: Desk) -> None:
    desk.call("test", str(desk.folder))


@then("all cases are as expected")
def _expected(desk: Desk) -> None:
    assert desk.said.status == 0
    assert "all as expected" in desk.text


@then("nothing is run")
def _not_run(desk: Desk) -> None:
    assert desk.said.status == 3
    assert "1 file not run" in desk.text


@then(parsers.re(r'the author reads "(?P<words>.+)"'))
def _reads(desk: Desk, words: str) -> None:
    assert " ".join(words.split()) in desk.text


@then(parsers.re(r'the author is refused with "(?P<words>.+)"'))
def _refused(desk: Desk, words: str) -> None:
    assert (desk.said.status, desk.said.out) == (3, "")
    assert words in desk.said.err
