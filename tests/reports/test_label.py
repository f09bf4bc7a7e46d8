"""A labelled protocol says its own words on every form; one without labels says what it always said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from screening import screen, verifying
from tests.agree import generate

LABELS = {
    "ELIGIBLE": {"label": "no hold found", "text": "The physician orders."},
    "REVIEW": {"label": "HOLD", "text": "A physician decides."},
    "UNDETERMINED": "HOLD",
    "INELIGIBLE": {"label": "STOP", "text": "Nothing today."},
}
FILE: dict[str, Any] = {
    "library": "made",
    "version": "1",
    "title": "A checklist",
    "sources": {"report": "a report"},
    "requirements": {
        "Score": {"type": "Integer", "scale": ["0", "10"]},
        "Cough": {"type": "Boolean", "obtain": "ask"},
        "Kit": {"type": "Boolean", "obtain": "arrange"},
        "Begins": {"type": "DateTime"},
    },
    "definitions": {"Ends": "Score >= 9", "Late": "Begins + 2 hours"},
    "criteria": [
        {
            "id": "EXC01",
            "category": "exclusion",
            "text": "high",
            "source": {"report": "p"},
            "expression": "Score >= 8",
        },
        {
            "id": "EXC02",
            "category": "exclusion",
            "strength": "relative",
            "text": "cough",
            "source": {"report": "p"},
            "expression": "Cough",
        },
        {
            "id": "ADM01",
            "category": "inclusion",
            "strength": "administrative",
            "text": "kit",
            "source": {"report": "p"},
            "expression": "Kit",
        },
    ],
}
IN_ORDER = {"Score": "1", "Cough": "FALSE", "Kit": "TRUE", "Begins": "@2026-11-22T09:30"}
PEOPLE = {
    "ELIGIBLE": IN_ORDER,
    "REVIEW": {**IN_ORDER, "Cough": "TRUE"},
    "UNDETERMINED": {"Score": "1"},
    "INELIGIBLE": {**IN_ORDER, "Score": "9"},
}


def forms(folder: Path, person: dict[str, str], labelled: bool) -> dict[str, str]:
    file = {**FILE, "labels": LABELS, "outputs": {"ends": "Ends", "late_at": "Late"}} if labelled else FILE
    (folder / "made.yaml").write_text(json.dumps(file), encoding="utf-8")
    library = screen.load_library("made", [folder])
    evidence = {name: {"value": value, "date": "2026-11-22"} for name, value in person.items()}
    record = {"subject": "SYN-0001", "synthetic": "true", "evidence": evidence}
    subject = screen.read_record(json.dumps(record).encode(), library, "record.json")
    found = screen.screen(library, subject, generate.AS_OF)
    told = {
        "screen": screen.told(found),
        "all": screen.told(found, everything=True),
        "plain": screen.told(found, plain=True),
        "agreed": verifying.agreed(found.certificate, library, subject),
    }
    return {name: " ".join(screen.plain_text(lines).split()) for name, lines in told.items()}


@pytest.mark.parametrize("verdict", PEOPLE)
def test_every_form_says_the_label_and_what_is_told_beside_it(verdict: str, tmp_path: Path) -> None:
    texts = forms(tmp_path, PEOPLE[verdict], labelled=True)
    label = LABELS[verdict] if isinstance(LABELS[verdict], str) else LABELS[verdict]["label"]  # type: ignore[index]
    ends = {"UNDETERMINED": "no", "INELIGIBLE": "yes"}.get(verdict, "no")
    late = "unknown" if verdict == "UNDETERMINED" else "2026-11-22 11:30"
    assert f"Verdict: {label}." in texts["plain"]
    assert f"{label} ({verdict})" in texts["agreed"]
    for form in ("screen", "all"):
        assert f"Outputs ends: {ends}; late at: {late}" in texts[form]
        assert "standing" not in texts[form]
    for form in ("screen", "plain"):
        assert verdict not in texts[form]
    assert f"2 outputs: ends: {ends}; late at: {late}." in texts["plain"]
    assert f"{verdict} is shown as {label}" in texts["all"]


def test_its_own_sentence_stands_below_the_word(tmp_path: Path) -> None:
    said = {verdict: forms(tmp_path, person, labelled=True)["screen"] for verdict, person in PEOPLE.items()}
    assert "is indicated or safe for this person. The physician orders." in said["ELIGIBLE"]
    assert "A physician decides." in said["REVIEW"]
    assert "closed by two named people" not in said["REVIEW"]
    assert 'That is not the same as "no hold found".' in said["UNDETERMINED"]
    assert "Nothing today." in said["INELIGIBLE"]


@pytest.mark.parametrize("verdict", PEOPLE)
def test_without_labels_the_verdict_and_its_standing_are_said(verdict: str, tmp_path: Path) -> None:
    texts = forms(tmp_path, PEOPLE[verdict], labelled=False)
    assert f"{verdict} " in texts["screen"]
    assert "standing: " in texts["screen"]
    assert f"Verdict: {verdict}." in texts["plain"]
    assert "Outputs" not in texts["screen"] + texts["all"]
    assert f"{verdict}, standing" in texts["agreed"]
