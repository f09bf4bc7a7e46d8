"""A bulk export read column by column gives what the door that reads person by person gives, entry for entry."""

from __future__ import annotations

import gzip
import json
import re
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
from screening.sources import fhir_lines
from screening.sources.fhir_bulk import Bulk
from screening.sources.fhir_columns import Parts, prepared_by_columns
from screening.sources.fhir_json import read_tree
from screening.sources.fhir_plan import stated
from screening.sources.fhir_shape import cut, shape_of
from screening.sources.site import read_site
from screening.sources.unread import people_through
from screening.values.bounds import Bounds, exactly
from tests.checkout import ROOT, absent
from tests.sources import exports, protocol

KETAMINE = ROOT / "rules" / "ketamine-ra-fm.yaml"
SITE = """\
site: Example Clinic
owner: head of the outpatient department
signed by: K7
date: 2026-11-01
complete:
  - {list: conditions, since: 2019-01-01, because: the problem list is reviewed at every visit}
"""
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
            value = stated(row["amount"])
            if requirement.type.name == "Integer":
                value = exactly(int(row["amount"]))
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
    for one in people_through(Bulk(files, library)):
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
            assert [repr(row.fields) for row in map(_sorted, given)] == [
                repr(r.fields) for r in map(_sorted, wanted)
            ]
            assert [repr(row.value) for row in given] == [repr(row.value) for row in wanted]
        assert absences.get(number, {}) == dict(subject.absences), (subject.id, slow)
        assert subject.complete == dict(parts.complete)
    return parts


def _sorted(row: Evidence) -> Evidence:
    return replace(row, fields=dict(sorted(row.fields.items())))


def share(parts: Parts) -> float:
    return int(parts.people["slow"].sum()) / max(1, parts.people.height)


def test_an_export_as_hospitals_write_it_is_read_in_columns(tmp_path: Path) -> None:
    files = exports.write(tmp_path, ketamine(), 300)
    parts = agree(files, ketamine(), tmp_path)
    assert share(parts) < 0.1
    assert parts.evidence.height > 3000


@pytest.mark.parametrize("seed", range(4))
def test_odd_and_broken_exports(tmp_path: Path, seed: int) -> None:
    rules = protocol.library() if seed else ketamine()
    files = exports.write(
        tmp_path, rules, 80, seed=seed, odd=0.03, broken=0.003 * (seed % 2), parts=1 + seed % 2,
        packed=seed == 3, mixed=seed > 1, repeated=0.01 * (seed % 2), spaced=seed == 1,
    )  # fmt: skip
    parts = agree(files, rules, tmp_path)
    assert 0 < share(parts) < 1


@pytest.mark.parametrize("seed", range(24))
def test_every_edit_of_a_resource_is_seen(tmp_path: Path, seed: int) -> None:
    """Some hundred random edits each, of one resource in twelve, so that few people have more than one."""
    rules = ketamine() if seed % 12 == 0 else protocol.library()
    files = exports.write(tmp_path, rules, 120, seed=100 + seed, odd=0.08)
    agree(files, rules, tmp_path)


@pytest.mark.parametrize("seed", range(4))
def test_every_broken_line_is_seen(tmp_path: Path, seed: int) -> None:
    files = exports.write(tmp_path, protocol.library(), 60, seed=200 + seed, broken=0.1, mixed=seed > 1)
    agree(files, protocol.library(), tmp_path)


def _lines(tmp_path: Path, *resources: Any, name: str = "All.ndjson") -> Path:
    path = tmp_path / name
    lines = (
        one if isinstance(one, bytes) else json.dumps(one, separators=(",", ":")).encode() for one in resources
    )
    path.write_bytes(b"\n".join(lines))
    return path


def _whole(tmp_path: Path, people: int = 20) -> bytes:
    path = exports.write(tmp_path, protocol.library(), people, seed=7, mixed=True)[0]
    return path.read_bytes()


@pytest.mark.parametrize(
    "what", ["mark", "returns", "blanks", "letters", "cut", "not packed", "empty lines", "long"]
)
def test_files_as_they_come(tmp_path: Path, what: str) -> None:
    data = _whole(tmp_path)
    path = tmp_path / "given.ndjson"
    match what:
        case "mark":
            data = b"\xef\xbb\xbf" + data
        case "marks":
            data = data.replace(b"\n", b"\n\xef\xbb\xbf", 3)
        case "returns":
            data = data.replace(b"\n", b"\r\n")
        case "blanks":
            data = data.replace(b"\n", b" \t\n  ")
        case "letters":
            data = data.replace(b'"code":"', b'"code":"\xff', 3)
        case "cut":
            path = tmp_path / "given.ndjson.gz"
            data = gzip.compress(data)[:-300]
        case "not packed":
            path = tmp_path / "given.ndjson.gz"
        case "empty lines":
            data = b"\n\n" + data.replace(b"\n", b"\n\n\x0b\n")
    path.write_bytes(data)
    agree([path], protocol.library(), tmp_path)


def test_blocks_are_cut_at_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_lines, "BLOCK", 1000)
    files = exports.write(tmp_path, protocol.library(), 30, odd=0.05, broken=0.01, mixed=True)
    agree(files, protocol.library(), tmp_path)


def test_nobody_and_nothing(tmp_path: Path) -> None:
    agree([], protocol.library(), tmp_path)
    agree([_lines(tmp_path)], protocol.library(), tmp_path)
    maker = exports.Maker(protocol.library())
    agree([_lines(tmp_path, maker.patient("a"))], protocol.library(), tmp_path)
    parts = agree([_lines(tmp_path, *(maker.condition("a") for _ in range(5)))], protocol.library(), tmp_path)
    assert [rejected.id for rejected in parts.rejected] == ["a"]


def test_medicines_and_questionnaires_beside_the_entries(tmp_path: Path) -> None:
    maker = exports.Maker(ketamine(), odd=0.0)
    drug = {"resourceType": "Medication", "id": "m", "code": maker.coded(("ATC", "L01BA01"), text="drug")}
    request = maker.request("a")
    del request["medicationCodeableConcept"]
    answered = [maker.response("a") | {"questionnaire": "http://example.org/q"}, maker.response("b")]
    form: dict[str, Any] = {"resourceType": "Questionnaire", "url": "http://example.org/q", "item": []}
    for item in answered[0]["item"]:
        form["item"].append(
            {"linkId": item["linkId"], "code": [{"system": "http://loinc.org", "code": "72514-3"}]}
        )
    requests = [request | {"medicationReference": {"reference": "Medication/m"}}, maker.request("b")]
    people = [maker.patient("a"), maker.patient("b")]
    for beside in ((), (drug,), (drug, form)):
        path = _lines(tmp_path, *people, *requests, *answered, *beside)
        agree([path], ketamine(), tmp_path)


def test_sex_at_birth(tmp_path: Path) -> None:
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    maker = exports.Maker(ketamine(), odd=0.0)
    codes = ["F", "M", "UNK", "F", "OTH", "M"]
    people = [
        maker.patient(str(n)) | {"extension": [{"url": url, "valueCode": code}]} for n, code in enumerate(codes)
    ]
    parts = agree([_lines(tmp_path, *people, maker.patient("none"))], ketamine(), tmp_path)
    words = {"F": "female", "M": "male"}
    said = [found.get("Sex at Birth", ()) for _, found in sorted(evidence_of(parts).items())]
    shown = [[getattr(each.value, "why", "") or each.value[0].code for each in rows] for rows in said[:6]]
    assert shown == [[words.get(code, "not recorded as female or male")] for code in codes]
    assert said[6:] in ([], [()])


def test_what_the_site_declares(tmp_path: Path) -> None:
    files = exports.write(tmp_path, protocol.library(), 10)
    declared = read_site(SITE, "site.yaml")
    parts = prepared_by_columns(files, protocol.library(), declared, tmp_path)
    slow = [one for one in people_through(Bulk(files, protocol.library(), declared)) if isinstance(one, Subject)]
    assert parts.complete and all(one.complete == parts.complete for one in slow)
    broken = _lines(tmp_path, b"{", name="z.ndjson")
    assert not prepared_by_columns([*files, broken], protocol.library(), declared, tmp_path).complete


@pytest.mark.parametrize("seed", range(3))
def test_a_line_matches_its_shape_and_no_other(seed: int) -> None:
    """Two lines of one shape are one tree with other values; a line of an ordinary shape is one that is read."""
    maker = exports.Maker(protocol.library(), seed, odd=0.3)
    seen: dict[str, Any] = {}
    for number in range(60):
        for resource in maker.of_person(f"p{number}"):
            line = (
                exports.spoilt_line(json.dumps(resource), maker.random)
                if number % 3 == 0
                else json.dumps(resource)
            )
            shape = shape_of(cut(line))
            if shape is None or not re.match(shape.pattern, line):
                continue
            tree = read_tree(line, "line")
            assert tree["resourceType"] == shape.kind
            form = _form(tree)
            assert seen.setdefault(shape.pattern, form) == form


def _form(part: Any) -> Any:
    if isinstance(part, dict):
        return {key: _form(value) for key, value in part.items()}
    return [_form(one) for one in part] if type(part) is list else type(part).__name__


def test_the_samples_one_resource_a_line(tmp_path: Path) -> None:
    if not FHIR.exists():
        absent(str(FHIR))
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
