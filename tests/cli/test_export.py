"""`screening export`: what is printed, what is written, what is told."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from tests.cli.calls import call
from tests.cli.cohorts import called

INDEX = "rules/records/index-2018.yaml"
POWERS = """library: powers
version: "1"
title: A power
status: draft
sources: {made: here}
requirements: {A: {type: Decimal}, B: {type: Decimal}}
criteria:
  - id: INC01
    category: inclusion
    text: a power
    source: {made: here}
    expression: |
      A ^ B > 2
"""
EXPORT = ("export", "ra-boolean-remission-2022", "--to", "cql")


def test_a_protocol_is_printed_or_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    printed = call(monkeypatch, *EXPORT)
    assert (printed.status, printed.err) == (0, "")
    assert 'library "ra-boolean-remission-2022" version ' in printed.out
    written = call(monkeypatch, *EXPORT, "--out", str(tmp_path / "cql"))
    path = tmp_path / "cql" / "ra-boolean-remission-2022.cql"
    assert (written.status, written.out) == (0, f"{path.as_posix()}\n")
    assert path.read_text(encoding="utf-8") == printed.out


def test_a_record_is_written_beside_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    more = ("--record", INDEX, "--as-of", "2026-11-22", "--out", str(tmp_path))
    assert call(monkeypatch, *EXPORT, *more).status == 0
    found = json.loads((tmp_path / "ra-boolean-remission-2022.parameters.json").read_text(encoding="utf-8"))
    assert found["Screening Date"] == "2026-11-22"
    assert stat.S_IMODE((tmp_path / "ra-boolean-remission-2022.parameters.json").stat().st_mode) == 0o600
    library = (tmp_path / "ra-boolean-remission-2022.cql").read_text(encoding="utf-8")
    assert all(f'parameter "{name}"' in library for name in found)


def test_what_cannot_be_said_is_told_with_its_place(tmp_path: Path) -> None:
    (tmp_path / "powers.yaml").write_text(POWERS, encoding="utf-8")
    told = called(tmp_path, "export", "powers", "--to", "cql", "--rules", str(tmp_path))
    assert told.status == 0
    said = "powers.yaml:13:7: note: `INC01` is handed in: a power is exported with a constant exponent"
    assert told.err.startswith(said)
    assert 'parameter "INC01" Boolean' in told.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((*EXPORT, "--record", INDEX), "--record is written beside the library"),
        (("export", "nothing-of-this-name", "--to", "cql"), "nothing-of-this-name"),
        (("export", "ketamine-ra-fm", "--to", "sql"), "'sql' is not 'cql'"),
        (("export", "ketamine-ra-fm"), "--to"),
    ],
)
def test_wrong_usage_is_said(monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str) -> None:
    told = call(monkeypatch, *arguments)
    assert told.status == 3
    assert said in told.err
