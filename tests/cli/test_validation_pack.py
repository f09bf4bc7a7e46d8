"""What is packed for whoever validates: requirements against features and tests that exist, results, software."""

from __future__ import annotations

import ast
import json
import re
import stat
import zipfile
from pathlib import Path

import pytest
from pytest_bdd.feature import get_features
from pytest_bdd.scenario import make_python_name

import screening
from screening import validation
from screening.errors import UnreadableRecord
from screening.output.archive import archive
from screening.output.sbom import sbom
from tests.checkout import ROOT
from tests.cli.calls import call

REQUIRED = validation.requirements()
JUNIT = (
    """<?xml version="1.0" encoding="utf-8"?><testsuites><testsuite name="pytest">{}</testsuite></testsuites>"""
)
CASE = '<testcase classname="{}" name="{}">{}</testcase>'


def tagged() -> dict[str, set[str]]:
    """The titles of the scenarios that carry the tag of each requirement."""
    found: dict[str, set[str]] = {}
    for feature in get_features([str(ROOT / "features")]):
        for scenario in feature.scenarios.values():
            for tag in scenario.tags:
                found.setdefault(tag, set()).add(scenario.name)
    return found


def test_every_requirement_is_mapped() -> None:
    assert [each.id for each in REQUIRED] == [f"R{number}" for number in range(1, 29)]
    for each in REQUIRED:
        assert each.says, each.id
        assert each.scenarios or each.tests or each.procedure, each.id


def test_the_tags_of_the_features_are_the_map() -> None:
    assert tagged() == {each.id: set(each.scenarios) for each in REQUIRED if each.scenarios}


def test_every_named_test_exists() -> None:
    for each in REQUIRED:
        for test in each.tests:
            path, _, name = test.partition("::")
            tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
            assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, test


def test_scenarios_are_found_by_the_names_that_they_run_under() -> None:
    for each in REQUIRED:
        for title in each.scenarios:
            assert validation.function_of(title) == f"test_{make_python_name(title)}"


def test_results_are_told_test_by_test() -> None:
    cases = [
        ("tests.ledger.test_merkle", "test_root[1]", ""),
        ("tests.ledger.test_merkle", "test_root[2]", '<failure message="x"/>'),
        ("tests.bdd.test_ledger", "test_the_ledger_holds", ""),
        ("tests.bdd.test_ledger", "test_left_out", "<skipped/>"),
    ]
    found = validation.results(JUNIT.format("".join(CASE.format(*case) for case in cases)).encode())
    assert found == {
        "tests.ledger.test_merkle::test_root": "failed",
        "tests.bdd.test_ledger::test_the_ledger_holds": "passed",
        "tests.bdd.test_ledger::test_left_out": "skipped",
    }


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"<html/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><testsuites/>',
        JUNIT.format("<a>").encode(),
        b"\xff\xfe<",
    ],
)
def test_what_is_no_junit_file(data: bytes) -> None:
    with pytest.raises(UnreadableRecord, match="no JUnit file"):
        validation.results(data)


def test_a_failed_test_is_told_and_the_command_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, results, out = (str(tmp_path / name) for name in ("site.ledger", "junit.xml", "pack.zip"))
    call(monkeypatch, "log", "init", ledger, "--by", "K. Seven")
    clock = CASE.format("tests.ledger.test_ledger", "test_the_clock_does_not_go_back", "<failure/>")
    holds = CASE.format("tests.bdd.test_ledger", "test_the_ledger_holds", "")
    Path(results).write_text(JUNIT.format(clock + holds), encoding="utf-8")
    said = call(monkeypatch, "validation-pack", ledger, "--out", out, "--results", results, "--coded")
    assert said.status == 5, said.err
    assert "28 requirements; failed: R3" in said.out
    assert stat.S_IMODE(Path(out).stat().st_mode) == 0o600
    with zipfile.ZipFile(out) as pack:
        mapped = pack.read("requirements.md").decode()
        assert {each.date_time for each in pack.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert pack.namelist() == sorted(pack.namelist())
        assert pack.read("results/junit.xml") == Path(results).read_bytes()
        assert "ledger/export.jsonl" not in pack.namelist()
        assert all(b"K. Seven" not in pack.read(name) for name in pack.namelist())
    assert "::test_the_clock_does_not_go_back: **failed**" in mapped
    assert "scenario: The ledger holds: **passed**" in mapped
    assert "**not run here**" in mapped


def test_a_ledger_that_does_not_hold_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger, out = str(tmp_path / "site.ledger"), tmp_path / "pack.zip"
    call(monkeypatch, "log", "init", ledger, "--by", "K. Seven")
    said = call(monkeypatch, "validation-pack", ledger, "--out", str(out), "--expect-head", "ab" * 32)
    assert said.status == 5
    assert "NOT WHOLE" in said.out
    assert not out.exists()


def test_an_archive_is_its_members() -> None:
    members = {"b.txt": b"two", "a.txt": b"one"}
    assert archive(members) == archive(dict(reversed(members.items())))
    assert archive(members) != archive({**members, "b.txt": b"three"})


def test_the_software_inventory_is_one_and_names_what_is_needed() -> None:
    from cyclonedx.schema import SchemaVersion
    from cyclonedx.validation.json import JsonStrictValidator

    made = sbom(screening.__version__)
    assert made == sbom(screening.__version__)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(made.decode()) is None
    found = json.loads(made)
    assert (found["specVersion"], found["metadata"]["component"]["name"]) == ("1.6", "screening")
    assert "timestamp" not in found["metadata"]
    names = {each["name"] for each in found["components"]}
    assert {"python", "click", "lark", "pydantic", "pyyaml", "rfc8785"} <= names
    assert not names & {"pytest", "hypothesis", "mypy", "ruff"}
    assert all(
        re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[\w.%-]+", each["purl"])
        for each in found["components"]
        if "purl" in each
    )
