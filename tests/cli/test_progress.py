"""How far a long run has come: said on standard error, as often as it can be read, and left out of a short run."""

from __future__ import annotations

import io
import sys
import time
from pathlib import Path

import pytest

from screening.cli.progress import Progress, sentence
from tests.cli.cohorts import RECORDS, cohort


class Console(io.StringIO):
    """A stream that says of itself whether somebody looks at it."""

    def __init__(self, is_terminal: bool) -> None:
        super().__init__()
        self.is_terminal = is_terminal

    def isatty(self) -> bool:
        return self.is_terminal


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def _run(progress: Progress, clock: list[float], seconds: int) -> None:
    for second in range(1, seconds + 1):
        clock[0] += 1
        progress(second * 100)
    progress.end()


def test_a_file_gets_a_line_every_ten_seconds(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    console = Console(False)
    monkeypatch.setattr(sys, "stderr", console)
    _run(Progress(4000), clock, 35)
    lines = console.getvalue().splitlines()
    assert [line.partition(",")[0] for line in lines] == ["25%", "50%", "75%"]
    assert lines[0] == "25%, 1,000 of about 4,000 records, 100 a second, about 30 seconds left"


@pytest.mark.parametrize("columns", [10, 40, 60, 80])
def test_no_line_is_wider_than_the_terminal(
    clock: list[float], monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    console = Console(True)
    monkeypatch.setattr(sys, "stderr", console)
    monkeypatch.setattr("screening.cli.progress._columns", lambda: columns)
    progress = Progress(120_431_000)
    clock[0] += 182
    progress(74_667_200)
    progress.end()
    _, said, *_ = console.getvalue().split("\r")
    assert said.startswith("61%") and 0 < len(said) < columns
    assert columns == 10 or said.endswith(
        ("410,259 a second, 112 seconds left", "410,259 a second, about 112 seconds left")
    )


def test_a_terminal_gets_one_line_written_again_and_cleared(
    clock: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    console = Console(True)
    monkeypatch.setattr(sys, "stderr", console)
    _run(Progress(None), clock, 3)
    text = console.getvalue()
    assert "\n" not in text
    assert text.split("\r")[1:4] == [f"{n}00 records, 100 a second" for n in (1, 2, 3)]
    assert text.endswith("\r" + " " * 25 + "\r")


def test_the_rate_of_a_slow_run_and_a_wrong_guess_of_the_whole() -> None:
    assert sentence(3, 10, 9) == "30%, 3 of about 10 records, 20 a minute, about 21 seconds left"
    assert sentence(11, 10, 1) == "11 records, 11 a second"
    assert sentence(10, 10, 1) == "99%, 10 of about 10 records, 10 a second, about 1 second left"
    assert sentence(1, 10**6, 1).endswith("about 278 hours left")


def test_a_short_run_says_nothing_of_it(tmp_path: Path) -> None:
    assert cohort(tmp_path, RECORDS).err == ""
