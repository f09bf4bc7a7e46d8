"""The steps of the feature file of analysis. They call the commands and nothing deeper."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_bdd import given, parsers, scenarios, then, when

from tests.cli.calls import Called, call

pytest.importorskip("z3")

scenarios("analysis.feature")


class Desk:
    """A folder of rules, and what the last command said."""

    def __init__(self, folder: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self.patch, self.name = folder, patch, ""
        self.said = Called(0, "", "")

    def call(self, *arguments: str) -> None:
        self.said = call(self.patch, *arguments)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


@given(parsers.re(r'a new protocol "(?P<name>[^"]+)"'))
def _new(desk: Desk, name: str) -> None:
    desk.name = name
    desk.call("new", name, "--into", str(desk.folder))


@given(parsers.re(r'the limit "(?P<old>[^"]+)" also lets in "(?P<new>[^"]+)"'))
def _also(desk: Desk, old: str, new: str) -> None:
    path = desk.folder / f"{desk.name}.yaml"
    text = path.read_text(encoding="utf-8")
    assert f'"Example Measurement" {old}' in text
    changed = text.replace(
        f'"Example Measurement" {old}', f'"Example Measurement" {old} or "Example Measurement" {new}'
    )
    path.write_text(changed, encoding="utf-8")


@when("the rules are analysed")
def _analysed(desk: Desk) -> None:
    desk.call("analyse", str(desk.folder / f"{desk.name}.yaml"), "--as-of", "2026-11-22")


@when(parsers.re(r'"(?P<old>[^"]+)" is held against "(?P<new>[^"]+)"'))
def _held(desk: Desk, old: str, new: str) -> None:
    desk.call("diff", old, new, "--as-of", "2026-11-22")


@then(parsers.re(r'the author reads "(?P<text>[^"]+)"'))
def _reads(desk: Desk, text: str) -> None:
    assert text in " ".join((desk.said.out + desk.said.err).split())


@then("a fault was found")
def _fault(desk: Desk) -> None:
    assert desk.said.status == 5
