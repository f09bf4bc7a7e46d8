"""The worksheet that a physician signs: every criterion, what is on record, what is not, and nothing filled in."""

from __future__ import annotations

import re

import pytest

from tests.cli.calls import call

COMPLETED = ("worksheet", "rules/records/index-completed.yaml", "--as-of", "2026-11-22")
PUBLISHED = ("worksheet", "rules/records/index-2018.yaml", "--as-of", "2018-02-05")


def criteria(out: str) -> dict[str, str]:
    """Each criterion's lines, folded into one."""
    found = re.findall(r"^([A-Z]{2,4}\d+[A-Z]?) +(.*?)\n\n", out, re.MULTILINE | re.DOTALL)
    return {id: " ".join(text.split()) for id, text in found}


def test_every_criterion_has_value_date_source_and_a_line(monkeypatch: pytest.MonkeyPatch) -> None:
    said = call(monkeypatch, *COMPLETED)
    assert said.status == 0
    assert said.out.startswith("DRAFT, not for use in care. Eligibility worksheet of SYN-0049, as of 2026-11-22\n")
    found = criteria(said.out)
    assert len(found) == 128
    assert "pain 10, 2026-11-20 (limit >= 4)" in found["INC06"]
    assert all(text.endswith("checked ______________ date ______________") for text in found.values())
    assert "Program: ELIGIBLE, no bar was found in the data given" in said.out
    assert "[ ] may enter   [ ] may not enter   [ ] more needed" in said.out
    assert all(len(line) <= 80 for line in said.out.splitlines())


def test_what_is_not_recorded_is_left_open(monkeypatch: pytest.MonkeyPatch) -> None:
    found = criteria(call(monkeypatch, *PUBLISHED).out)
    open_ones = [id for id, text in found.items() if "not recorded: __________" in text]
    assert len(open_ones) == 123


def test_as_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    page = call(monkeypatch, *COMPLETED, "--format", "html").out
    assert "<script" not in page
    assert page.count("<th") >= 6
    assert "Eligibility worksheet of SYN-0049" in page
