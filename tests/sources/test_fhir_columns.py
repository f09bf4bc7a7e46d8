"""A bulk export read column by column gives what the door that reads person by person gives, entry for entry."""

from __future__ import annotations

import datetime
import json
import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from screening.language.library import Library
from screening.reading.load import load
from screening.record.people import Rejected
from screening.record.subject import Absence, Evidence, Subject
from screening.sources.fhir_bulk import people_of_bulk
from screening.sources.fhir_columns import Parts, prepared_by_columns
from screening.sources.number import number_of, plain
from screening.values.bounds import Bounds, exactly
from tests.checkout import ROOT, absent
from tests.sources import exports, protocol

KETAMINE = ROOT / "rules" / "ketamine-ra-fm.yaml"
FHIR = ROOT.parent / "shared" / "data" / "fhir"


@cache
def ketamine() -> Library:
    return load(KETAMINE, [ROOT / "rules"])


def evidence_of(parts: Parts) -> dict[int, dict[str, tuple[Evidence, ...]]]:
    """The entries of everybody, put together again from the columns."""
    found: dict[int, dict[str, list[Evidence]]] = defaultdict(dict)
    for row in parts.evidence.iter_rows(named=True):
        requirement = parts.library.requirements[row["requirement"]]
        entry = parts.templates[row["template"]]
        value, written = entry.value, entry.written
        if row["amount"] is not None:
            number = number_of(row["amount"])
            assert isinstance(number, Decimal)
            whole = requirement.type.name == "Integer"
            value = exactly(int(number) if whole else plain(number))
            written = row["amount"] + written
        if row["day"] is not None:
            value, written = exactly(row["day"]), row["day"].isoformat()
        days = {name: exactly(row[f"f{n}"]) for n, name in enumerate(parts.fields[row["template"]])}
        rows = found[row["subject"]].setdefault(requirement.name, [])
        made = replace(
            entry,
            id=f"{requirement.name}#{len(rows) + 1}",
            value=value,
            written=written,
            when=Bounds(row["low"], row["high"]),
            clock=row["clock"],
            origin=row["origin"],
            fields={**entry.fields, **days},
        )
        rows.append(made)
    return {number: {name: tuple(rows) for name, rows in every.items()} for number, every in found.items()}


def absences_of(parts: Parts) -> dict[int, dict[str, tuple[Absence, ...]]]:
    found: dict[int, dict[str, list[Absence]]] = defaultdict(dict)
    for row in parts.absences.iter_rows(named=True):
        requirement = parts.library.requirements[row["requirement"]]
        rows = found[row["subject"]].setdefault(requirement.name, [])
        id = f"{requirement.name}#absent{len(rows) + 1}"
        when = Bounds(row["low"], row["high"])
        rows.append(replace(parts.absent[row["template"]], id=id, when=when, origin=row["origin"]))
    return {number: {name: tuple(rows) for name, rows in every.items()} for number, every in found.items()}


def agree(files: Sequence[Path], library: Library, folder: Path) -> Parts:
    """Holds both roads against each other, and gives the columns."""
    subjects: list[Subject] = []
    rejected: list[Rejected] = []
    for one in people_of_bulk(files, library):
        if isinstance(one, Subject):
            subjects.append(one)
        else:
            rejected.append(one)
    parts = prepared_by_columns(files, library, None, folder)
    assert list(parts.rejected) == rejected
    people = parts.people.to_dicts()
    assert [(p["id"], p["place"], p["synthetic"]) for p in people] == [
        (s.id, s.source, s.synthetic) for s in subjects
    ]
    evidence, absences = evidence_of(parts), absences_of(parts)
    for number, subject in enumerate(subjects):
        slow = people[number]["slow"]
        made = evidence.get(number, {})
        for name in subject.evidence.keys() | made.keys():
            wanted, given = subject.evidence.get(name, ()), made.get(name, ())
            assert given == wanted, (subject.id, name, slow)
            assert [repr(row.fields) for row in map(_sorted, given)] == [repr(r.fields) for r in map(_sorted, wanted)]
            assert [repr(row.value) for row in given] == [repr(row.value) for row in wanted]
        assert absences.get(number, {}) == dict(subject.absences), (subject.id, slow)
        assert subject.complete == dict(parts.complete)
    return parts


def _sorted(row: Evidence) -> Evidence:
    return replace(row, fields=dict(sorted(row.fields.items())))


def share(parts: Parts) -> float:
    return float(parts.people["slow"].mean() or 0)


def test_an_export_as_hospitals_write_it_is_read_in_columns(tmp_path: Path) -> None:
    files = exports.write(tmp_path, ketamine(), 300)
    parts = agree(files, ketamine(), tmp_path)
    assert share(parts) < 0.1
    assert parts.evidence.height > 3000


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("rules", [ketamine, protocol.library])
def test_odd_and_broken_exports(tmp_path: Path, seed: int, rules: Any) -> None:
    files = exports.write(
        tmp_path, rules(), 120, seed=seed, odd=0.03, broken=0.003 * (seed % 2), parts=1 + seed % 2,
        packed=seed == 3, mixed=seed > 1, repeated=0.01 * (seed % 2), spaced=seed == 1,
    )  # fmt: skip
    parts = agree(files, rules(), tmp_path)
    assert 0 < share(parts) < 1


@pytest.mark.parametrize("seed", range(20))
def test_every_edit_of_a_resource_is_seen(tmp_path: Path, seed: int) -> None:
    """A person for each of some hundred random edits, so that one who is refused hides no other."""
    files = exports.write(tmp_path, ketamine(), 150, seed=100 + seed, odd=0.1)
    agree(files, ketamine(), tmp_path)


def test_the_samples_one_resource_a_line(tmp_path: Path) -> None:
    if not FHIR.exists():
        absent(FHIR)
    files = exploded(FHIR, tmp_path)
    parts = agree(files, ketamine(), tmp_path)
    assert parts.people.height


def exploded(source: Path, folder: Path) -> list[Path]:
    """Every bundle of R4 as lines, references as a bulk export writes them."""
    lines: dict[str, list[str]] = defaultdict(list)
    for path in sorted(source.glob("*/*.json")):
        tree = json.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        if "dstu" in path.parent.name:
            continue
        urls = {}
        for entry in tree.get("entry", ()):
            resource = entry.get("resource", {})
            urls[entry.get("fullUrl")] = f"{resource.get('resourceType')}/{resource.get('id')}"
        for entry in tree.get("entry", ()):
            resource = _refer(entry["resource"], urls)
            text = json.dumps(resource, separators=(",", ":"), default=str)
            lines[resource["resourceType"]].append(text)
    files = []
    for kind, every in sorted(lines.items()):
        files.append(folder / f"{kind}.ndjson")
        files[-1].write_text("\n".join(every) + "\n", encoding="utf-8")
    return files


def _refer(part: Any, urls: dict[Any, str]) -> Any:
    if isinstance(part, dict):
        return {k: urls.get(v, v) if k == "reference" else _refer(v, urls) for k, v in part.items()}
    if isinstance(part, list):
        return [_refer(one, urls) for one in part]
    return float(part) if isinstance(part, Decimal) else part
