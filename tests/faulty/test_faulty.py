"""One wrong rule file each, and beside it everything that its author is told. `--bless` rewrites the texts."""

from __future__ import annotations

from pathlib import Path

import pytest

from screening import errors
from screening.errors import Diagnostic, RuleError
from screening.reading.load import load

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.yaml"))
KINDS = ("SyntaxFault", "NameFault", "TypeFault", "UnitFault", "CitationFault")


def told(path: Path) -> tuple[Diagnostic, ...]:
    with pytest.raises(RuleError) as caught:
        load(Path(path.name), [Path(), Path("included")])
    return caught.value.diagnostics


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_author_is_told(path: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    found = told(path)
    text = "".join(f"{d.kind.__name__}\n{d}\n" for d in found)
    golden = path.with_suffix(".txt")
    if request.config.getoption("--bless"):
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_diagnostic_has_its_place_and_is_one_sentence(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    found = told(path)
    places = [(d.span.file, d.span.line, d.span.column) for d in found]
    assert places == sorted(places)
    for diagnostic in found:
        assert diagnostic.span.line >= 1
        assert not diagnostic.message.endswith(".")
        assert diagnostic.message[0] in "`+-" or not diagnostic.message[0].isupper()
        assert diagnostic.kind.__name__ not in str(diagnostic)
        assert "None" not in str(diagnostic)


def test_every_kind_of_fault_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(HERE)
    seen = {d.kind for path in FILES for d in told(path)}
    assert {getattr(errors, kind) for kind in KINDS} <= seen
    assert len(FILES) >= 40


def test_no_text_is_left_over() -> None:
    assert {path.stem for path in HERE.glob("*.txt")} == {path.stem for path in FILES}
