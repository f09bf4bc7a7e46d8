"""Mistakes planted one at a time in shipped rule files: each is found at its place; nothing else is accused."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from screening import author, screen
from screening.cases.run import Running

HERE = Path(__file__).parent
SHIPPED = screen.rules_folders()[-1]
SEEDS = [
    pytest.param(library, seed, id=f"{library}, {seed['slip']}")
    for library, seeds in yaml.safe_load((HERE / "seeds.yaml").read_text(encoding="utf-8")).items()
    for seed in seeds
]
# One of each kind in turn, spread over the files; the rest with `--long`.
SAMPLE = SEEDS[::9]
AWAY = 12


def planted(folder: Path, library: str, seed: dict[str, Any]) -> tuple[Path, int]:
    """The file with one mistake, its worked cases beside it, and the line of the mistake."""
    text = (SHIPPED / f"{library}.yaml").read_text(encoding="utf-8")
    assert seed["was"] in text, "the file no longer says what this mistake is planted in"
    line = text[: text.index(seed["was"])].count("\n") + 1
    path = folder / f"{library}.yaml"
    path.write_text(text.replace(seed["was"], seed["now"], 1), encoding="utf-8")
    for cases in SHIPPED.glob(f"{library}.*cases.yaml"):
        shutil.copy(cases, folder)
    (folder / "records").symlink_to(SHIPPED / "records")
    return path, line


def is_found(folder: Path, library: str, seed: dict[str, Any]) -> str:
    """Who finds a mistake, told at its place: `lint`, `case`, or nobody."""
    path, line = planted(folder, library, seed)
    folders = [folder, SHIPPED]
    wrong = [d for d in author.lint([str(path)], folders).diagnostics if d.severity == "error"]
    if wrong:
        assert {Path(d.span.file) for d in wrong} == {path}, "a file that nobody touched is accused"
        near = [d for d in wrong if abs(d.span.line - line) <= AWAY]
        assert near, f"told in line {wrong[0].span.line}, planted in line {line}"
        return "lint"
    running = Running(folders)
    for cases in sorted(folder.glob("*.cases.yaml")):
        outcome = running.run(cases)
        if outcome.diagnostics:  # a case speaks of what is no longer there
            assert any(d.span.file == cases.as_posix() and d.span.line for d in outcome.diagnostics)
            return "case"
        for differing in outcome.differing:
            assert all(d.span.file == cases.as_posix() and d.span.line for d in differing.differences)
            assert any(d.name or d.aspect in ("verdict", "reasons", "review") for d in differing.differences)
            return "case"
    return "nobody"


@pytest.mark.parametrize(("library", "seed"), SAMPLE)
def test_a_mistake_is_found(tmp_path: Path, library: str, seed: dict[str, Any]) -> None:
    assert is_found(tmp_path, library, seed) == seed["found"]


@pytest.mark.long
def test_of_all_mistakes_nearly_every_one_is_found(tmp_path: Path) -> None:
    missed = []
    for number, parameter in enumerate(SEEDS):
        library, seed = parameter.values
        folder = tmp_path / str(number)
        folder.mkdir()
        if is_found(folder, library, seed) != seed["found"]:  # type: ignore[arg-type, index]
            missed.append(parameter.id)
    assert len(SEEDS) >= 60
    assert len(missed) * 100 <= len(SEEDS) * 5, missed


def test_no_untouched_file_is_accused() -> None:
    names = sorted({str(parameter.values[0]) for parameter in SEEDS})
    found = author.lint([str(SHIPPED / f"{name}.yaml") for name in names], [SHIPPED])
    assert [d for d in found.diagnostics if d.severity == "error"] == []
