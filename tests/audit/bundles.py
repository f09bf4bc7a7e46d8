"""Bundles to be verified: of a small protocol, and of libraries and people made by chance; and edits of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from screening import screen, verifying
from screening.errors import RuleError
from screening.reading.load import load
from tests.agree import generate

_AT = {"report": "page 1"}


def _criterion(id: str, expression: str, category: str = "inclusion", **more: Any) -> dict[str, Any]:
    return {"id": id, "category": category, "text": id, "source": _AT, "expression": expression, **more}


# What libraries made by chance do not hold.
REST: dict[str, Any] = {
    "library": "rest",
    "version": "1",
    "title": "Nodes that are rarely needed",
    "status": "draft",
    "sources": {"report": "a report"},
    "parameters": {
        "Most Days": {"type": "Integer", "value": "28", "source": _AT},
        "Screening Date": {"type": "Date"},
    },
    "requirements": {
        "CRP": {"type": "Quantity", "unit": "mg/L", "take": "highest", "within": "30 days"},
        "CRP Limit": {"type": "Quantity", "unit": "mg/dL"},
        "Creatinine": {
            "type": "Quantity",
            "unit": "umol/L",
            "take": "mean of latest day",
            "factor": [{"from": "mg/dL", "by": "88.4", "because": _AT}],
        },
        "Temperature": {"type": "Quantity", "unit": "Cel"},
        "Fever Limit": {"type": "Quantity", "unit": "[degF]"},
        "Infusion Start": {"type": "DateTime"},
        "Infusion End": {"type": "DateTime"},
        "Consent": {"type": "Boolean"},
        "Pain": {"type": "Integer", "scale": ["0", "10"], "readings": "2"},
        "Stroke": {"type": "Boolean", "condition": ["SNOMED 230690007"], "when_absent": "false", "because": _AT},
    },
    "definitions": {
        "Days": {"expression": 'days between "Infusion Start" and "Infusion End"'},
        "Power": {"expression": "(Pain + 1) ^ 2 / 3 - Ln(2) * Exp(1) + Sqrt(2) + Abs(-1)"},
        "Known Pain": {"expression": "Round(Agree(Pain, Pain), 1)"},
    },
    "outputs": {"days": "Days", "power": "Power", "pain": "Known Pain"},
    "criteria": [
        _criterion("INC01", 'CRP > "CRP Limit" or Temperature < "Fever Limit"'),
        _criterion("INC02", '"Infusion Start" "Most Days" days or less on or before day of "Screening Date"'),
        _criterion("EXC01", "Creatinine > 100 'umol/L'", "exclusion"),
        _criterion("EXC02", "Stroke", "exclusion", strength="relative"),
        _criterion("EXC03", "Pain > 7", "exclusion", **{"applies when": "Pain > 2"}),
        _criterion("ADM01", "Consent is true and not (Pain is null)", strength="administrative"),
        _criterion("ADM02", "Coalesce(Pain, 3) >= 0", strength="administrative"),
    ],
}
REST_RECORD = {
    "subject": "SYN-0002",
    "synthetic": "true",
    "evidence": {
        "CRP": {
            "records": [
                {"value": "1.2 'mg/dL'", "date": "2026-11-10"},
                {"value": "< 5 'mg/L'", "date": "2026-11-12"},
                {"value": "30 'mg/L'", "date": "2026-12-24"},
            ]
        },
        "CRP Limit": {"value": "0.8 'mg/dL'"},
        "Creatinine": {
            "records": [
                {"value": "0.9 'mg/dL'", "date": "2026-11-10"},
                {"value": "81 'umol/L'", "date": "2026-11-10"},
            ]
        },
        "Temperature": {"value": "98.6 '[degF]'", "date": "2026-11-20"},
        "Fever Limit": {"value": "100.4 '[degF]'"},
        "Infusion Start": {"value": "2026-11-01T09:30"},
        "Infusion End": {"value": "2026-11-03T08:00"},
        "Consent": "TRUE",
        "Pain": {"records": [{"value": "6", "date": "2026-11-20"}, {"value": "7", "date": "2026-11"}]},
    },
}

# Of the chance libraries and people: few, and every kind of node among them.
CHANCE = ((1, 1), (2, 5), (5, 3), (8, 2), (13, 7), (21, 4), (34, 9))


def bundle_of(rules: dict[str, Any], record: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A person screened against a rule file, as a bundle. Raises RuleError for a file that is ill typed."""
    path = folder / f"{rules['library']}.yaml"
    path.write_text(json.dumps(rules), encoding="utf-8")
    library = load(path, [folder])
    subject = screen.read_record(json.dumps(record).encode(), library, "record.json")
    found = screen.screen(library, subject, generate.AS_OF)
    return stable(verifying.bundle(found.certificate, library, subject))


def stable(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle that says the same whichever release of the engine made the steps."""
    certificate = bundle["certificate"]
    certificate["engine"] = {"name": "reference", "version": "0"}
    certificate["program"]["version"] = "0"
    return restated(bundle)


def restated(bundle: dict[str, Any]) -> dict[str, Any]:
    """A bundle with digests that fit what is in it, as somebody who alters it would write them."""
    from screening.outcome import codec, embedded, recorded
    from screening.outcome.certificate import expected_digest

    certificate = bundle["certificate"]
    certificate["rests_on"] = {
        "tree": codec.digest(embedded.FORMAT, bundle["tree"]),
        "record": codec.digest(recorded.FORMAT, bundle["record"]),
    }
    certificate["digest"] = expected_digest(certificate)
    return bundle


def by_chance(library_seed: int, person_seed: int, folder: Path) -> dict[str, Any] | None:
    """A bundle of a library and a person made by chance; None where the file is refused."""
    rules = generate.library(library_seed)
    try:
        return bundle_of(rules, generate.person(rules, person_seed), folder)
    except RuleError:
        return None


def text_of(bundle: dict[str, Any]) -> str:
    """A bundle as it is kept: one line for each member of each part, so that a diff can be read."""
    lines = []
    for part in ("certificate", "tree", "record"):
        inner = ",\n".join(
            f"{json.dumps(key)}:{json.dumps(value, separators=(',', ':'))}" for key, value in bundle[part].items()
        )
        lines.append(f'"{part}":{{\n{inner}\n}}')
    return f'{{"bundle":{json.dumps(bundle["bundle"])},\n' + ",\n".join(lines) + "\n}\n"


def kinds(data: Any) -> Iterator[str]:
    """The kinds of all nodes in a tree."""
    if isinstance(data, dict):
        if "node" in data and "place" in data:
            yield data["node"]
        for value in data.values():
            yield from kinds(value)
    elif isinstance(data, list):
        for value in data:
            yield from kinds(value)
