"""`.ci/meaning`: a rule file whose meaning changed has another version, or the check fails."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.checkout import ROOT

pytest.importorskip("z3")
FILE = "rules/fibromyalgia-acr-2016.yaml"


def ran(folder: Path, *command: str) -> tuple[int, str]:
    """What a command prints in a folder, and its status."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    kept |= {"PYTHON": sys.executable, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=kept, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A repository of rule files and the check, committed once."""
    shutil.copytree(ROOT / "rules", tmp_path / "rules", ignore=shutil.ignore_patterns("records"))
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "meaning", tmp_path / ".ci")
    named = ("-c", "user.name=K7", "-c", "user.email=k7@example.org")
    for command in (("init", "-q"), ("add", "."), (*named, "commit", "-qm", "first")):
        assert ran(tmp_path, "git", *command)[0] == 0
    return tmp_path


def test_an_undeclared_change_of_meaning_fails(checkout: Path) -> None:
    path = checkout / FILE
    text = path.read_text(encoding="utf-8")
    changed = text.replace("WPI >= 7", "WPI >= 8", 1)
    assert changed != text
    assert 'version: "0.1"' in changed
    for written, status, told in (
        (text, 0, "0 rule files differ"),
        (changed, 1, "the version is the same"),
        (changed.replace('version: "0.1"', 'version: "0.2"', 1), 0, "1 rule files differ"),
    ):
        path.write_text(written, encoding="utf-8")
        said = ran(checkout, "env", "SCREENING_BASE=HEAD", ".ci/meaning")
        assert said[0] == status, said
        assert told in said[1]
