"""The schemas of rule files and case files: every shipped file fits, and every faulty form is told."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from screening import author, screen
from screening.cases.document import CASE_KEYS, FILE_KEYS
from screening.reading.draft import CRITERION, DEFINITION, TOP
from screening.reading.requirements import KEYS

ROOT = Path(__file__).parents[2]
RULES: dict[str, Any] = json.loads(author.schema_text("rules"))
CASES: dict[str, Any] = json.loads(author.schema_text("cases"))
RULE_FILES = sorted(
    path
    for folder in ("rules", "tests/cli/rules", "tests/reading/rules")
    for path in (ROOT / folder).glob("*.yaml")
    if ".cases." not in path.name
)
CASE_FILES = sorted((ROOT / "rules").glob("*.cases.yaml"))


class Editor(yaml.SafeLoader):
    """YAML as an editor reads it: by the core schema of YAML 1.2, in which a date is a text."""


Editor.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF"),
    ("null", r"^(?:~|null|Null|NULL|)$", "~nN"),
    ("int", r"^[-+]?[0-9]+$", "-+0123456789"),
    ("float", r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$", "-+0123456789."),
):
    Editor.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), [*_first, ""] if _tag == "null" else list(_first)
    )


def faults(schema: dict[str, Any], data: Any) -> list[str]:
    found = jsonschema.Draft202012Validator(schema).iter_errors(data)
    return [f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in found]


@pytest.mark.parametrize("schema", [RULES, CASES], ids=["rules", "cases"])
def test_the_schema_is_one(schema: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(schema)
    assert schema["additionalProperties"] is False


@pytest.mark.parametrize("loader", [Editor, yaml.BaseLoader], ids=["editor", "texts"])
@pytest.mark.parametrize("path", RULE_FILES, ids=lambda path: path.name)
def test_every_rule_file_fits(path: Path, loader: Any) -> None:
    assert faults(RULES, yaml.load(path.read_text(encoding="utf-8"), loader)) == []


@pytest.mark.parametrize("loader", [Editor, yaml.BaseLoader], ids=["editor", "texts"])
@pytest.mark.parametrize("path", CASE_FILES, ids=lambda path: path.name)
def test_every_case_file_fits(path: Path, loader: Any) -> None:
    assert faults(CASES, yaml.load(path.read_text(encoding="utf-8"), loader)) == []


def test_every_key_that_is_read_can_be_completed() -> None:
    top = RULES["properties"]
    assert set(top) == set(TOP)
    assert set(top["requirements"]["additionalProperties"]["properties"]) == set(KEYS)
    assert set(top["criteria"]["items"]["properties"]) == set(CRITERION)
    assert set(top["definitions"]["additionalProperties"]["anyOf"][1]["properties"]) == set(DEFINITION)
    assert set(CASES["properties"]) == set(FILE_KEYS)
    assert set(CASES["properties"]["cases"]["items"]["properties"]) == set(CASE_KEYS)


def test_every_key_says_what_it_means() -> None:
    for schema in (RULES, CASES):
        for name, below in schema["properties"].items():
            assert "description" in below or "$ref" in below or "anyOf" in below, name


FORMS = ("file-unknown-key", "file-status", "file-without-name", "criterion-keys", "requirement-type")


@pytest.mark.parametrize("name", FORMS)
def test_a_faulty_file_is_marked(name: str) -> None:
    text = (ROOT / "tests" / "faulty" / f"{name}.yaml").read_text(encoding="utf-8")
    assert faults(RULES, yaml.load(text, Editor))


def made(change: Callable[[Any], None], base: str) -> Any:
    data = copy.deepcopy(yaml.load(author.beginning("made", screen.rules_folders())[base], Editor))
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d.update(librari="x"),
        lambda d: d["criteria"][0].update(category="inclusive"),
        lambda d: d["criteria"][0].pop("source"),
        lambda d: d["criteria"][0].update(id="inc01"),
        lambda d: d["criteria"][0].update(strenght="relative"),
        lambda d: d["requirements"]["Age"].update(type="Whole"),
        lambda d: d["requirements"]["Age"].update(take="newest"),
        lambda d: d["requirements"]["Age"].update(scale=[0, 1, 2]),
        lambda d: d["requirements"]["Age"].update(obtain="guess"),
        lambda d: d.update(status="final"),
        lambda d: d.pop("version"),
    ],
)
def test_a_fault_of_form_in_a_rule_file_is_marked(change: Callable[[Any], None]) -> None:
    assert faults(RULES, made(change, "made.yaml"))


@pytest.mark.parametrize(
    "change",
    [
        lambda d: d["cases"][0].pop("why"),
        lambda d: d["cases"][0]["expect"].update(verdict="ELIGABLE"),
        lambda d: d["cases"][0]["expect"].update(criteria={"INC01": "meet"}),
        lambda d: d["cases"][0]["expect"].update(values={"WPI": [7]}),
        lambda d: d["cases"][0].update(expects={}),
        lambda d: d.update({"as of": "today"}),
        lambda d: d.update(cases=[]),
        lambda d: d["cases"][0]["expect"].update(until={"EXC01": "soon"}),
    ],
)
def test_a_fault_of_form_in_a_case_file_is_marked(change: Callable[[Any], None]) -> None:
    assert faults(CASES, made(change, "made.cases.yaml"))
