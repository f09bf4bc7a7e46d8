"""An expression asked of a person: its worth part by part, and what keeps it open."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from screening import author, screen
from screening.errors import RuleError

DAY = datetime.date(2026, 11, 22)
FOLDERS = screen.rules_folders([Path(__file__).parents[1] / "cli" / "rules"])
RECORDS = Path(__file__).parents[1] / "cli" / "records"


def lines(text: str, record: str = "eligible", protocol: str = "small") -> list[str]:
    name, library = author.asked(text, protocol, FOLDERS)
    person = screen.read_record((RECORDS / f"{record}.yaml").read_bytes(), library, record)
    found = author.answer(library, name, person, DAY)
    return [line.text for line in author.answer_told(found)][3:]


def faults(text: str) -> list[str]:
    with pytest.raises(RuleError) as wrong:
        author.asked(text, "small", FOLDERS)
    return [f"{d.span.line}:{d.span.column} {d.message}" for d in wrong.value.diagnostics]


def test_every_part_is_shown_with_its_worth() -> None:
    found = lines("Age >= 18 and not (Age > 100)")
    assert found[0].startswith("+ Age >= 18 and not (Age > 100): holds")
    assert [line[0] for line in found if line.strip() and line[0] != " "] == ["+", "+", "+", "x"]


def test_what_keeps_it_open_is_named() -> None:
    found = lines("ALT > 3 * 40 'U/L'", "index")
    assert found[0] == "? ALT > 3 * 40 'U/L': is open"
    at = found.index("Open for want of")
    assert found[at + 1].startswith("  ALT: not recorded; a blood")


def test_a_criterion_may_be_asked_and_what_is_recorded() -> None:
    assert lines("INC01 or true")[0].startswith("+ ")
    assert lines("ALT is null", "index")[0].startswith("+ ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Agee >= 18", ["1:1 `Agee` is not declared"]),
        ("Age >= 18 and\nALT > 3", ["2:7 `ALT` is in `U/L` and `3` has no unit"]),
        ("Age >= ", ["1:7 a value or a condition was expected and the expression ends here"]),
        ("", ["1:1 the expression is empty"]),
        ("Agee >= 18 and ALTT is null", ["1:1 `Agee` is not declared", "1:16 `ALTT` is not declared"]),
    ],
)
def test_what_is_wrong_is_said_at_its_column(text: str, said: list[str]) -> None:
    assert faults(text) == said
