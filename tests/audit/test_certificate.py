"""A certificate is accepted from itself, rules and record alone, and refused for every altered field."""

from __future__ import annotations

import copy
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from screening import screen
from screening.errors import VerificationError
from screening.outcome.certificate import expected_digest
from screening.reading.load import load
from tests.agree import generate

AS_OF = datetime.date(2026, 11, 22)
RULES = {
    "library": "small",
    "version": "1",
    "title": "A small protocol",
    "status": "draft",
    "sources": {"report": "a report"},
    "anchors": ["Recorded RA"],
    "parameters": {
        "Lowest Pain": {"type": "Integer", "value": "4", "chosen": "true", "source": {"report": "page 1"}}
    },
    "requirements": {
        "Recorded RA": {"type": "Boolean", "condition": ["SNOMED 69896004", "ICD-10-CM M06.9"]},
        "Pain": {"type": "Integer", "scale": ["0", "10"], "within": "30 days"},
        "ALT": {"type": "Quantity", "unit": "U/L", "code": "LOINC 1742-6"},
        "ALT Limit": {"type": "Quantity", "unit": "U/L"},
        "Trials": {"type": "Records", "fields": {"mechanism": "String", "outcome": "String"}},
        "Stable": {"type": "Judgement", "obtain": "judge"},
    },
    "labels": {
        "ELIGIBLE": "no hold found",
        "REVIEW": {"label": "HOLD", "text": "A physician decides."},
        "UNDETERMINED": "HOLD",
        "INELIGIBLE": "STOP",
    },
    "outputs": {"ends_series": "Ends Series", "rise": "Rise", "before": "First"},
    "definitions": {
        "Ends Series": {"expression": 'ALT > 3 * "ALT Limit" or Pain = 10'},
        "Rise": {"expression": 'ALT / "ALT Limit"'},
        "First": {"expression": "date of ALT - 3 days"},
    },
    "criteria": [
        {
            "id": "INC01",
            "category": "inclusion",
            "text": "RA",
            "source": {"report": "p"},
            "expression": '"Recorded RA"',
        },
        {
            "id": "INC02",
            "category": "inclusion",
            "text": "pain",
            "source": {"report": "p"},
            "expression": 'Pain >= "Lowest Pain"',
        },
        {
            "id": "INC03",
            "category": "inclusion",
            "text": "two mechanisms",
            "source": {"report": "p"},
            "expression": "Stable or "
            "Count(distinct (Trials T where T.outcome = 'failed' return T.mechanism)) >= 2",
        },
        {
            "id": "EXC01",
            "category": "exclusion",
            "text": "liver",
            "source": {"report": "p"},
            "alert": {"expression": "ALT > 1000 'U/L'", "text": "look at the liver now"},
            "expression": 'ALT > 3 * "ALT Limit"',
        },
    ],
}
RECORD = {
    "subject": "SYN-0001",
    "synthetic": "true",
    "evidence": {
        "Recorded RA": {"records": [{"code": "ICD-10-CM M06.9", "date": "2019-03"}]},
        "Pain": {"records": [{"value": "7", "date": "2026-11-20"}, {"value": "9", "date": "2026-01-02"}]},
        "ALT": {"value": "121 'U/L'", "date": "2026-11-16", "source": "laboratory"},
        "ALT Limit": {"value": "40 'U/L'"},
        "Trials": {
            "complete": "true",
            "records": [
                {"mechanism": "TNF", "outcome": "failed", "date": "2020"},
                {"mechanism": "JAK", "date": "2022"},
                {"outcome": "failed"},
            ],
        },
    },
}


@pytest.fixture
def made(tmp_path: Path) -> Any:
    (tmp_path / "small.yaml").write_text(json.dumps(RULES), encoding="utf-8")
    library = load(tmp_path / "small.yaml", [tmp_path])
    data = json.dumps(RECORD).encode()
    subject = screen.read_record(data, library, "record.json")
    return library, subject, screen.screen(library, subject, AS_OF).certificate


def leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of every value that is neither a list nor a mapping, and of empty ones."""
    if isinstance(data, dict) and data:
        for key, value in data.items():
            yield from leaves(value, (*path, key))
    elif isinstance(data, list) and data:
        for position, value in enumerate(data):
            yield from leaves(value, (*path, position))
    else:
        yield path


def altered(data: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(data)
    place = changed
    for key in path[:-1]:
        place = place[key]
    old = place[path[-1]]
    swap = {"TRUE": "FALSE", "FALSE": "UNKNOWN", "UNKNOWN": "TRUE", True: False, False: True, None: "7"}
    if isinstance(old, list):
        place[path[-1]] = ["x"]
    elif isinstance(old, dict):
        place[path[-1]] = {"x": "y"}
    else:
        place[path[-1]] = swap.get(old, f"{old}1" if isinstance(old, str) else (old or 0) + 1)
    return changed


def test_it_is_accepted_as_made_and_after_a_trip_through_a_file(made: Any) -> None:
    library, subject, certificate = made
    screen.verify(certificate, library, subject)
    screen.verify(json.loads(json.dumps(certificate, indent=2)), library, subject)


def test_it_carries_what_the_protocol_calls_the_verdict_and_its_outputs(made: Any) -> None:
    _, _, certificate = made
    said = certificate["determination"]
    assert (said["verdict"], said["label"]) == ("INELIGIBLE", "STOP")
    assert said["outputs"] == [
        {"output": "ends_series", "definition": "Ends Series", "value": "TRUE"},
        {"output": "rise", "definition": "Rise", "value": {"low": "3.025", "high": "3.025"}},
        {"output": "before", "definition": "First", "value": {"low": "@2026-11-13", "high": "@2026-11-13"}},
    ]


def test_a_label_and_an_output_that_do_not_follow_are_refused_at_their_place(made: Any) -> None:
    library, subject, certificate = made
    for path, text in (
        (("determination", "label"), "no hold found"),
        (("determination", "outputs", 0, "value"), "FALSE"),
        (("determination", "outputs", 0, "definition"), "Rise"),
    ):
        changed = copy.deepcopy(certificate)
        place = changed
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = text
        changed["digest"] = expected_digest(changed)
        with pytest.raises(VerificationError, match="/".join(map(str, path))):
            screen.verify(changed, library, subject)


def test_every_altered_field_is_refused(made: Any) -> None:
    library, subject, certificate = made
    paths = list(leaves(certificate))
    assert len(paths) > 300
    for path in paths:
        with pytest.raises(VerificationError):
            screen.verify(altered(certificate, path), library, subject)


def test_every_altered_field_is_refused_also_with_a_new_digest(made: Any) -> None:
    library, subject, certificate = made
    # Who made it is a statement, not a finding: nothing else in a certificate rests on these.
    said = {("program", "version"), ("engine", "version"), ("digest",)}
    for path in leaves(certificate):
        if path in said:
            continue
        changed = altered(certificate, path)
        changed["digest"] = expected_digest(changed)
        with pytest.raises(VerificationError):
            screen.verify(changed, library, subject)


def test_missing_added_and_swapped_parts_are_refused(made: Any) -> None:
    library, subject, certificate = made
    for key in certificate:
        less = {k: v for k, v in certificate.items() if k != key}
        if key != "digest":
            less["digest"] = expected_digest(less)
        with pytest.raises(VerificationError):
            screen.verify(less, library, subject)
    for change in (
        lambda c: c["steps"].pop(),
        lambda c: c["steps"].append(c["steps"][-1]),
        lambda c: c["steps"].reverse(),
        lambda c: c.update(extra="x"),
        lambda c: c["facts"].pop(),
    ):
        changed = copy.deepcopy(certificate)
        change(changed)
        changed["digest"] = expected_digest(changed)
        with pytest.raises(VerificationError):
            screen.verify(changed, library, subject)


def test_another_record_or_other_rules_are_refused(made: Any, tmp_path: Path) -> None:
    library, subject, certificate = made
    other_record = copy.deepcopy(RECORD)
    other_record["evidence"]["Pain"]["records"][0]["value"] = "8"  # type: ignore[index]
    other = screen.read_record(json.dumps(other_record).encode(), library, "record.json")
    with pytest.raises(VerificationError, match="another record"):
        screen.verify(certificate, library, other)
    rules = copy.deepcopy(RULES)
    rules["criteria"][3]["expression"] = 'ALT > 4 * "ALT Limit"'  # type: ignore[index]
    folder = tmp_path / "other"
    folder.mkdir()
    (folder / "small.yaml").write_text(json.dumps(rules), encoding="utf-8")
    with pytest.raises(VerificationError, match="other rules"):
        screen.verify(certificate, load(folder / "small.yaml", [folder]), subject)


def test_the_same_inputs_give_the_same_bytes(made: Any) -> None:
    library, subject, certificate = made
    again = screen.read_record(json.dumps(generate.shuffled(RECORD, 3)).encode(), library, "record.json")
    second = screen.screen(library, again, AS_OF).certificate
    assert json.dumps(second["steps"]) == json.dumps(certificate["steps"])
    assert json.dumps(second["determination"]) == json.dumps(certificate["determination"])
    first = screen.screen(library, subject, AS_OF).certificate
    assert json.dumps(first) == json.dumps(certificate)
