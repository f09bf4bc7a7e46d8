"""Whatever says a verdict on ketamine says that it is off-label, and how weak the evidence is."""

from __future__ import annotations

import pytest

from screening import screen
from tests.checkout import ROOT

KETAMINE = sorted(path.stem for path in (ROOT / "rules").glob("ketamine-*.yaml") if ".cases" not in path.name)


def test_there_are_rule_files_on_ketamine() -> None:
    assert {"ketamine-ra-fm", "ketamine-safety", "ketamine-guideline"} <= set(KETAMINE)


@pytest.mark.parametrize("name", KETAMINE)
def test_a_verdict_on_ketamine_prints_its_words(name: str) -> None:
    words = " ".join(screen.load_library(name).fixed_words)
    for said in ("Off-label", "not licensed", "grade D", "one published case", "responsible physician decides"):
        assert said in words
