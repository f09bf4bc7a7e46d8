"""Reads the corpus of semantic cases and turns each into a rule file and a record.

Nothing is short-cut: a case becomes the text of a rule file and of a profile, which go through the
same doors as any other.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

CORPUS = Path(__file__).parent / "semantics.yaml"
OWN = Path(__file__).parent / "own.yaml"
RECORD_KEYS = {"date", "value", "code", "codes", "panel", "status", "by", "text", "source"}
EVIDENCE_KEYS = {"value", "low", "high", "missing", "text", "born", "records", "complete", "by"}


@dataclass(frozen=True)
class Instance:
    """One case with one row of inputs."""

    id: str
    case: dict[str, Any]
    given: dict[str, Any]
    as_of: datetime.date
    expect: Any
    also: tuple[str, ...] = field(default=())


def cases() -> list[dict[str, Any]]:
    """Every case of the corpus, all scalars as text."""
    found = yaml.load(CORPUS.read_text(encoding="utf-8"), yaml.BaseLoader)
    if OWN.exists():
        found += yaml.load(OWN.read_text(encoding="utf-8"), yaml.BaseLoader)
    return found


def instances() -> Iterator[Instance]:
    """Each case once for every row and every completion."""
    for case in cases():
        base = dict(case.get("given", {}))
        rows = case.get("rows") or [[case["expect"]] if "expect" in case else []]
        for number, row in enumerate(rows, 1):
            columns = case.get("columns", ["expect"])
            bound = dict(zip(columns, row, strict=True))
            expect = bound.pop("expect", case.get("expect"))
            as_of = bound.pop("as_of", case.get("as_of", "2026-11-22"))
            name = f"{case['id']}[{number}]" if "rows" in case else case["id"]
            day = datetime.date.fromisoformat(as_of)
            yield Instance(name, case, base | bound, day, expect, tuple(case.get("also", ())))
            for position, completion in enumerate(case.get("completions", ()), 1):
                yield Instance(
                    f"{name}+{position}", case, base | bound | completion["given"], day, completion["expect"]
                )


def requirement_of(name: str, given: Any) -> tuple[dict[str, Any], Any]:
    """One named input as a requirement's declaration and a profile's item (None: nothing recorded)."""
    if isinstance(given, str):
        return _of_literal(name, given)
    declared = {key: value for key, value in given.items() if key not in EVIDENCE_KEYS}
    item = {key: value for key, value in given.items() if key in EVIDENCE_KEYS}
    records = given.get("records", [])
    if "because" in declared and isinstance(declared["because"], str) and "factor" not in declared:
        declared["because"] = declared["because"]
    if "type" not in declared:
        declared["type"] = "Records"
        for record in records:
            quantity = re.fullmatch(r"\S+ '(.+)'", record.get("value", ""))
            if quantity:
                declared |= {"type": "Quantity", "unit": quantity[1]}
    if declared["type"] == "Records":
        values = declared.pop("values", {})
        names = dict.fromkeys(key for record in records for key in record if key not in RECORD_KEYS)
        names |= dict.fromkeys(values)
        names |= dict.fromkeys(["class", "outcome", "mechanism", "drug"] if "codes" not in declared else [])
        declared["fields"] = {
            key: {"type": "String", "values": values[key]} if key in values else "String" for key in names
        }
    if given.get("missing") == "true":
        return declared, None
    return declared, item


def _of_literal(name: str, text: str) -> tuple[dict[str, Any], Any]:
    if text in ("TRUE", "FALSE", "UNKNOWN"):
        return {"type": "Boolean"}, None if text == "UNKNOWN" else text
    if text == "OPEN":
        return {"type": "Judgement"}, None
    if name == "Gender":
        return {"type": "String", "take": "gender"}, text
    if re.fullmatch(r"-?\d+", text):
        return {"type": "Integer"}, text
    if re.fullmatch(r"-?\d+\.\d+", text):
        return {"type": "Decimal"}, text
    if text.startswith("@"):
        return {"type": "Date"}, text
    quantity = re.fullmatch(r"\S+ '(.+)'", text)
    if quantity:
        return {"type": "Quantity", "unit": quantity[1]}, text
    return {"type": "String"}, text


def rule_file(instance: Instance) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The rule file of an instance, and a second one that includes it where the case changes it."""
    case = instance.case
    declared = {name: requirement_of(name, given)[0] for name, given in instance.given.items()}
    source = {"report": "the case"}
    library: dict[str, Any] = {
        "library": "case",
        "version": "1",
        "title": "A semantic case",
        "status": "draft",
        "sources": {"report": "the corpus of semantic cases"},
        "requirements": declared,
    }
    if "valuesets" in case:
        library["valuesets"] = {n: {"concepts": codes, "source": source} for n, codes in case["valuesets"].items()}
    if "anchors" in case:
        library["anchors"] = case["anchors"]
    if "criteria" in case:
        library["criteria"] = [_criterion(c, source) for c in case["criteria"]]
        if "changes" in case:
            outer = {k: v for k, v in library.items() if k in ("version", "title", "status", "sources")}
            changes = {
                id: c | ({"source": {"report": c["source"]}} if "source" in c else {})
                for id, c in case["changes"].items()
            }
            include = [{"library": "case", "version": "1", "overrides": changes}]
            return library, {"library": "outer", **outer, "include": include}
        return library, None
    expression = case["expression"]
    place = case.get("place", "definition")
    criterion: dict[str, Any] = {"id": "INC01", "category": "inclusion", "text": "a case", "source": source}
    match place:
        case "definition" | "by_availability":
            definition: dict[str, Any] = {"expression": expression}
            if place == "by_availability":
                definition["by_availability"] = source
            library["definitions"] = {"Answer": definition}
            declared["Anything"] = {"type": "Boolean"}
            criterion["expression"] = "Anything"
        case "administrative":
            declared["Anything"] = {"type": "Boolean"}
            criterion["expression"] = "Anything"
            arranged = {"id": "ADM01", "strength": "administrative", "expression": expression}
            library["criteria"] = [criterion, {**criterion, **arranged}]
            return library, None
        case "inclusion absolute" | "exclusion absolute":
            criterion |= {"category": place.split()[0], "expression": expression}
    library["criteria"] = [criterion]
    return library, None


def _criterion(given: dict[str, Any], source: dict[str, str]) -> dict[str, Any]:
    criterion = {"text": "a criterion", "source": source, **given}
    if "applies_when" in criterion:
        criterion["applies when"] = criterion.pop("applies_when")
    if "alert" in criterion:
        criterion["alert"] = {"expression": criterion["alert"], "text": "see this now"}
    return criterion


def profile(instance: Instance) -> dict[str, Any]:
    """The record of an instance, in the project's own form."""
    evidence = {}
    for name, given in instance.given.items():
        item = requirement_of(name, given)[1]
        if item is not None:
            evidence[name] = item
    record: dict[str, Any] = {"subject": "SYN-CASE", "synthetic": "true", "evidence": evidence}
    if "extracted" in instance.case:
        record["extracted"] = instance.case["extracted"]
    return record
