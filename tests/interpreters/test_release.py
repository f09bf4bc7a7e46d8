"""The installed release of the engine: found by the folder beside it, or by reading all that is installed."""

from __future__ import annotations

import importlib.metadata
import sys
from pathlib import Path
from types import ModuleType

import pytest

from screening.interpreters.release import installed


def by_metadata() -> str:
    try:
        return importlib.metadata.version("durable-rules")
    except importlib.metadata.PackageNotFoundError:
        return ""


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which an installer left an extension of release 9.9.9."""
    folder = tmp_path / "durable_rules-9.9.9.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Name: durable_rules\nVersion: 9.9.9\n", encoding="utf-8")
    extension = ModuleType("durable_rules_engine")
    extension.__file__ = str(tmp_path / "durable_rules_engine.so")
    monkeypatch.setitem(sys.modules, "durable_rules_engine", extension)
    return folder


def test_the_expected_release_is_the_folder_beside_the_extension(elsewhere: Path) -> None:
    assert installed("9.9.9") == "9.9.9"


def test_any_other_release_is_read_from_the_metadata(elsewhere: Path) -> None:
    assert installed("9.9.8") == by_metadata()
    (elsewhere / "METADATA").unlink()
    assert installed("9.9.9") == by_metadata()


def test_before_the_extension_is_imported_the_metadata_says_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "durable_rules_engine", raising=False)
    assert installed("2.0.28") == by_metadata()
    assert installed("no release") == by_metadata()
