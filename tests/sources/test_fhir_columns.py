"""A bulk export read column by column gives what the door that reads person by person gives, byte for byte."""

from __future__ import annotations

import gzip
import json
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from screening.language.library import Library
from screening.reading.load import load
from screening.record.people import Rejected
from screening.record.subject import Subject
from screening.sources import fhir_blocks, fhir_columns, fhir_shared
from screening.sources.admission import order_of
from screening.sources.fhir_bulk import Bulk
from screening.sources.fhir_columns import InBlocks
from screening.sources.fhir_json import read_tree
from screening.sources.fhir_shape import cut, shape_of
from screening.sources.joint import joined
from screening.sources.prepared_columns import Rebuilding, columns_of
from screening.sources.prepared_part import Part, is_whole, packed, part_of, together
from screening.sources.site import SiteDeclaration, adapted, read_site
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


class Shelf(dict[str, bytes]):
    """Keeps what one run made, as the folder of parts does."""

    def has(self, key: str) -> bool:
        return key in self

    def keep(self, key: str, data: bytes) -> None:
        assert is_whole(data)
        self[key] = data

    def read(self, key: str) -> bytes:
        return self[key]


def in_columns(
    files: Sequence[Path], libraries: Sequence[Library], shelf: Shelf, site: SiteDeclaration | None = None
) -> tuple[Part, InBlocks]:
    """Everybody of an export by blocks and ranges, as one part."""
    joint = joined([adapted(library, site) for library in libraries])
    bulks = [Bulk(files, layer, site) for layer in joint.layers]
    with tempfile.TemporaryDirectory() as work:
        export = InBlocks(bulks, joint, shelf, "rules", Path(work))
        export.read(lambda people: None)
        parts, first = [], 0
        for part in export.parts():
            later = pl.col("number") + first
            parts.append(
                replace(part, people=part.people.with_columns(later), rejected=part.rejected.with_columns(later))
            )
            first += 1 << 20
    return together(parts), export


def one_by_one(files: Sequence[Path], libraries: Sequence[Library], site: SiteDeclaration | None = None) -> Part:
    """The same through the door that reads person by person."""
    joint = joined([adapted(library, site) for library in libraries])
    doors = [Bulk(files, layer, site) for layer in joint.layers]

    def records() -> Iterator[tuple[int, list[Subject | Rejected], str]]:
        for number, one in enumerate(doors[0].unread()):
            if isinstance(one, Rejected):
                yield number, [one], one.place
            else:
                yield number, [next(iter(door.read(one)))[0] for door in doors], one.place

    return part_of(joint, records())


def agree(
    files: Sequence[Path],
    libraries: Library | Sequence[Library],
    site: SiteDeclaration | None = None,
    shelf: Shelf | None = None,
) -> Part:
    """Holds both roads against each other, table by table, and gives what the columns say."""
    libraries = [libraries] if isinstance(libraries, Library) else libraries
    wanted = one_by_one(files, libraries, site)
    found, export = in_columns(files, libraries, Shelf() if shelf is None else shelf, site)
    assert found.rejected.drop("number", "record").equals(wanted.rejected.drop("number", "record"))
    assert sum(export.counted) == found.people.height + found.rejected.height
    assert found.people.drop("number", "rest").equals(wanted.people.drop("number", "rest"))
    for rest, whole in zip(found.people["rest"], wanted.people["rest"], strict=True):
        # Of somebody on the fast road nothing is said but this.
        quiet = [{key: one[key] for key in ("concepts", "site") if key in one} for one in json.loads(whole)]
        assert rest == whole or json.loads(rest) == quiet
    ours_of = {
        "evidence": unshared(found, libraries, site),
        "absences": found.absences,
        "complete": found.complete,
    }
    for kind, ours in ours_of.items():
        theirs = getattr(wanted, kind)
        assert ours.keys() == theirs.keys()
        for number, table in theirs.items():
            assert_frame_equal(ours[number], table)
    return found


def unshared(part: Part, libraries: Sequence[Library], site: SiteDeclaration | None) -> dict[str, pl.DataFrame]:
    """The whole of the entries of each requirement in the order of their lists, wherever they lie."""
    joint = joined([adapted(library, site) for library in libraries])
    found = {}
    for each in joint.asked:
        tables = [part.evidence[each.number]] if each.number in part.evidence else []
        tables += [table for number, table in part.shared.items() if each.number in part.sharing[number]]
        if not tables:
            continue
        whole = pl.concat(tables)
        if len(tables) > 1:
            rebuilding = Rebuilding(columns_of(each.requirement), whole.columns)
            rows = [(row[0], order_of(rebuilding.evidence(row, 1))) for row in whole.iter_rows()]
            whole = whole[sorted(range(whole.height), key=rows.__getitem__)]
        found[each.number] = whole
    return dict(sorted(found.items()))


@pytest.fixture(autouse=True, params=["much is shared", "nothing is shared"])
def sharing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_shared, "LEAST_SPARED", 1 if request.param == "much is shared" else 1 << 40)


def share(part: Part) -> float:
    """The share of people who were read one by one."""
    return sum("digest" in rest for rest in part.people["rest"]) / max(1, part.people.height)


def entries(part: Part) -> int:
    own = sum(table.height for table in part.evidence.values())
    return own + sum(table.height * len(part.sharing[number]) for number, table in part.shared.items())


def test_an_export_as_hospitals_write_it_is_read_in_columns(tmp_path: Path) -> None:
    files = exports.write(tmp_path, ketamine(), 300)
    parts = agree(files, ketamine())
    assert share(parts) < 0.1
    assert entries(parts) > 3000


@pytest.mark.parametrize("seed", range(4))
def test_odd_and_broken_exports(tmp_path: Path, seed: int) -> None:
    rules = protocol.library() if seed else ketamine()
    files = exports.write(
        tmp_path, rules, 80, seed=seed, odd=0.03, broken=0.003 * (seed % 2), parts=1 + seed % 2,
        packed=seed == 3, mixed=seed > 1, repeated=0.01 * (seed % 2), spaced=seed == 1,
    )  # fmt: skip
    parts = agree(files, rules)
    assert 0 < share(parts) < 1


@pytest.mark.parametrize("seed", range(24))
def test_every_edit_of_a_resource_is_seen(tmp_path: Path, seed: int) -> None:
    """Some hundred random edits each, of one resource in twelve, so that few people have more than one."""
    rules = ketamine() if seed % 12 == 0 else protocol.library()
    files = exports.write(tmp_path, rules, 120, seed=100 + seed, odd=0.08)
    agree(files, rules)


@pytest.mark.parametrize("seed", range(4))
def test_every_broken_line_is_seen(tmp_path: Path, seed: int) -> None:
    files = exports.write(tmp_path, protocol.library(), 60, seed=200 + seed, broken=0.1, mixed=seed > 1)
    agree(files, protocol.library())


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
    agree([path], protocol.library())


def test_blocks_are_cut_at_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fhir_blocks, "BLOCK", 1000)
    files = exports.write(tmp_path, protocol.library(), 30, odd=0.05, broken=0.01, mixed=True)
    agree(files, protocol.library())


def test_nobody_and_nothing(tmp_path: Path) -> None:
    agree([], protocol.library())
    agree([_lines(tmp_path)], protocol.library())
    maker = exports.Maker(protocol.library())
    agree([_lines(tmp_path, maker.patient("a"))], protocol.library())
    parts = agree([_lines(tmp_path, *(maker.condition("a") for _ in range(5)))], protocol.library())
    assert parts.rejected["id"].to_list() == ["a"]


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
        agree([path], ketamine())


def test_sex_at_birth(tmp_path: Path) -> None:
    url = "http://hl7.org/fhir/us/core/StructureDefinition/us-core-birthsex"
    maker = exports.Maker(ketamine(), odd=0.0)
    codes = ["F", "M", "UNK", "F", "OTH", "M"]
    people = [
        maker.patient(str(n)) | {"extension": [{"url": url, "valueCode": code}]} for n, code in enumerate(codes)
    ]
    part = agree([_lines(tmp_path, *people, maker.patient("none"))], ketamine())
    words = {"F": "|female", "M": "|male"}
    (asked,) = [each.number for each in joined([ketamine()]).asked if each.name == "Sex at Birth"]
    said = part.evidence[asked].select("subject", pl.coalesce("why", "word")).rows()
    wanted = [words.get(code, "not recorded as female or male") for code in codes]
    assert said == list(enumerate(wanted))


def test_what_the_site_declares(tmp_path: Path) -> None:
    files = exports.write(tmp_path, protocol.library(), 10)
    declared = read_site(SITE, "site.yaml")
    assert agree(files, protocol.library(), declared).complete
    broken = _lines(tmp_path, b"{", name="z.ndjson")
    assert not agree([*files, broken], protocol.library(), declared).complete


# ------------------------------------------------------------- several protocols, blocks and ranges


@pytest.mark.parametrize("people", [1, 7, 10_000])
def test_ranges_of_people_and_blocks_of_lines(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, people: int
) -> None:
    monkeypatch.setattr(fhir_columns, "PEOPLE", people)
    monkeypatch.setattr(fhir_blocks, "BLOCK", 20_000)
    files = exports.write(tmp_path, protocol.library(), 40, odd=0.02, broken=0.002, repeated=0.01, parts=3)
    assert 0 < share(agree(files, protocol.library(), read_site(SITE, "site.yaml"))) < 1


def test_several_protocols_of_one_reading_and_of_two(tmp_path: Path) -> None:
    names = ("ketamine-ra-fm", "fibromyalgia-acr-2016", "ra-acr-eular-2010", "ketamine-safety")
    rules = [load(ROOT / "rules" / f"{name}.yaml", [ROOT / "rules"]) for name in names]
    files = exports.write(tmp_path, ketamine(), 60, odd=0.01, broken=0.001)
    agree(files, rules)
    text = """\
library: {name}
version: "0.1"
title: One medicine
status: draft
sources: {{made: for the tests}}
requirements:
  Methotrexate: {{type: Boolean, medication: [RxNorm 6851, ATC L04AX03]}}
{more}criteria:
  - {{id: INC01, category: inclusion, text: It, source: {{made: here}}, expression: Methotrexate}}
"""
    other = "  Biologics: {type: Boolean, medication: [RxNorm 214555, ATC L04AB01]}\n"
    two = []
    for name, more in (("plain", ""), ("more", other)):
        path = tmp_path / f"{name}.yaml"
        path.write_text(text.format(name=name, more=more), encoding="utf-8")
        two.append(load(path, [tmp_path]))
    assert len(joined(two).layers) == 2
    agree(files, two)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_kept_is_not_read_again_and_gives_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    """A run that ended anywhere leaves some of its parts; and files change between two runs."""
    monkeypatch.setattr(fhir_columns, "PEOPLE", 9)
    monkeypatch.setattr(fhir_blocks, "BLOCK", 30_000)
    rules = protocol.library()
    files = exports.write(tmp_path, rules, 50, seed=seed, odd=0.02, broken=0.002, parts=2)
    shelf = Shelf()
    found, export = in_columns(files, [rules], shelf)
    assert export.counted.kept == 0
    again, export = in_columns(files, [rules], shelf)
    assert export.counted.read == 0 and same(again, found)
    choose = random.Random(seed)
    some = Shelf({key: data for key, data in shelf.items() if choose.random() < 0.5})
    again, export = in_columns(files, [rules], some)
    assert same(again, found)
    lines = files[-1].read_bytes().split(b"\n")
    files[-1].write_bytes(b"\n".join(lines[:3] + lines[4:]))
    agree(files, rules, shelf=shelf)
    (tmp_path / "a.ndjson").write_bytes(lines[3])
    agree([tmp_path / "a.ndjson", *files], rules, shelf=shelf)
    _, export = in_columns([tmp_path / "a.ndjson", *files], [rules], shelf)
    assert export.counted.read == 0


def same(one: Part, other: Part) -> bool:
    """Whether two parts are the same bytes, with what is shared."""
    both = ((part, replace(part, evidence=part.shared, sharing={})) for part in (one, other))
    kept = [(packed(part), packed(shared), part.sharing) for part, shared in both]
    return kept[0] == kept[1]


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
    parts = agree(files, ketamine())
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
