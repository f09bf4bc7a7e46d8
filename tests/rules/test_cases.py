"""The worked cases of the clinical references, as `rules/*.cases.yaml` beside the rule files: `screening test`."""

from __future__ import annotations

import functools
from pathlib import Path

import pytest

from screening import author, screen
from screening.outcome.case import CaseOutcome, CasesOutcome
from screening.reports.cases import differences

FOLDERS = screen.rules_folders()
FILES, _ = author.case_files([], FOLDERS)
WATCH = author.watch(lambda: FILES, FOLDERS)


@functools.cache
def ran(file: Path) -> CasesOutcome:
    return WATCH.running.run(file)


def cases() -> list[object]:
    return [
        pytest.param(case, id=f"{file.name.removesuffix('.cases.yaml')}: {case.name}")
        for file in FILES
        for case in ran(file).cases
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_case_file_can_be_run(file: Path) -> None:
    assert [str(diagnostic) for diagnostic in ran(file).diagnostics] == []
    assert ran(file).cases


@pytest.mark.parametrize("case", cases())
def test_case(case: CaseOutcome) -> None:
    assert list(differences(case)) == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_a_glance_sees_what_the_steps_say(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("screening.cases.run.holds_at_a_glance", lambda *_: False)
    assert [list(differences(case)) for case in WATCH.running.run(file).cases if case.differences] == []


def test_every_rule_file_has_cases() -> None:
    tried = {case.library for file in FILES for case in ran(file).cases}
    names = {name for library in tried for name in (library.name, *(part.name for part in library.includes))}
    assert {stamp.name for stamp in screen.stamps()} <= names
