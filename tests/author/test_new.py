"""`screening new`: what is written is sound, is shown to editors, and overwrites nothing."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest
import yaml

from screening import author, screen
from tests.cli.calls import call


def test_what_is_written_is_sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    done = call(monkeypatch, "new", "my-trial", "--into", str(tmp_path))
    assert (done.status, done.err) == (0, "")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["cases.schema.json", "my-trial.cases.yaml", "my-trial.yaml", "rules.schema.json"]
    rule = str(tmp_path / "my-trial.yaml")
    assert call(monkeypatch, "lint", rule).status == 0
    tested = call(monkeypatch, "test", rule)
    assert (tested.status, tested.out.splitlines()[-1]) == (0, "5 cases in 1 file, all as expected")
    assert call(monkeypatch, "show", "my-trial", "--rules", str(tmp_path)).status == 0


def test_each_file_names_its_schema_and_fits_it(tmp_path: Path) -> None:
    files = author.beginning("my-trial", screen.rules_folders())
    for name, schema in (("my-trial.yaml", "rules.schema.json"), ("my-trial.cases.yaml", "cases.schema.json")):
        assert files[name].splitlines()[0] == f"# yaml-language-server: $schema={schema}"
        jsonschema.validate(yaml.load(files[name], yaml.BaseLoader), json.loads(files[schema]))
        assert all(len(line) <= 115 for line in files[name].splitlines())


def test_nothing_is_overwritten(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "my-trial.cases.yaml").write_text("mine")
    done = call(monkeypatch, "new", "my-trial", "--into", str(tmp_path))
    assert done.status == 3
    assert "is there already and is left as it is" in done.err
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("my-trial.cases.yaml", "mine")]


def test_a_schema_that_is_there_stays(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "rules.schema.json").write_text("mine")
    assert call(monkeypatch, "new", "my-trial", "--into", str(tmp_path)).status == 0
    assert (tmp_path / "rules.schema.json").read_text() == "mine"


@pytest.mark.parametrize("name", ["My Trial", "../trial", "", "trial.yaml", "ketamine-ra-fm"])
def test_a_name_that_cannot_be_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    done = call(monkeypatch, "new", name, "--into", str(tmp_path))
    assert done.status == 3
    assert "error: " in done.err
    assert list(tmp_path.iterdir()) == []
