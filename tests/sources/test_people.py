"""People of bundles, bulk exports, profiles and JSON Lines: nobody is lost, and a fault of one stops no other."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from screening.errors import UnreadableRecord
from screening.language.library import DataRequirement
from screening.language.types import BOOLEAN, INTEGER
from screening.people import people_of
from screening.record.people import PARTIAL, Rejected
from screening.record.subject import Subject
from screening.sources.fhir import read_bundle
from screening.sources.site import read_site
from screening.values.truth import TRUE
from tests.sources.bundles import (
    EVERYTHING,
    METHOTREXATE,
    RHEUMATOID,
    RXNORM,
    SHARED,
    SYSTOLIC,
    bundle,
    concept,
    condition,
    every_shared,
    library,
    observation,
    prescription,
    shared,
)

LIBRARY = library(*EVERYTHING)
SITE = b"""
site: S
owner: O
signed by: N
date: 2026-11-01
complete:
  - {list: conditions, since: ever, because: the problem list is kept}
"""
Tree = dict[str, Any]


def read(source: Path, asked: Any = LIBRARY, **more: Any) -> tuple[list[Subject], list[Rejected]]:
    found = list(people_of(source, asked, **more))
    again = list(people_of(source, asked, **more))
    assert found == again, "the same source, another stream"
    subjects = [one for one in found if isinstance(one, Subject)]
    return subjects, [one for one in found if isinstance(one, Rejected)]


def person(id: str, **more: Any) -> Tree:
    return {"resourceType": "Patient", "id": id, "birthDate": "1970-05-01", **more}


def about(id: str, resource: Tree, **more: Any) -> Tree:
    return {**resource, "subject": {"reference": f"Patient/{id}"}, **more}


def ndjson(path: Path, *lines: Tree | bytes) -> None:
    path.write_bytes(
        b"".join((line if isinstance(line, bytes) else json.dumps(line).encode()) + b"\n" for line in lines)
    )


def put(path: Path, tree: Tree) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(tree), encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------- bundles


def test_a_folder_of_bundles_is_read_in_the_order_of_its_names(tmp_path: Path) -> None:
    put(tmp_path / "b.json", bundle(patient=person("b")))
    put(tmp_path / "a" / "z.json", bundle(patient=person("az")))
    (tmp_path / "notes.txt").write_text("no record")
    (tmp_path / ".hidden.json").write_text("{")
    subjects, rejected = read(tmp_path)
    assert ([s.id for s in subjects], rejected) == (["az", "b"], [])


def test_one_person_is_the_same_as_when_the_bundle_is_read_alone(tmp_path: Path) -> None:
    tree = bundle(condition(), observation(valueQuantity={"value": 120, "code": "mm[Hg]"}))
    path = put(tmp_path / "one.json", tree)
    subjects, _ = read(tmp_path)
    assert subjects == [read_bundle(path.read_bytes(), LIBRARY, name="one.json")]


def test_several_people_of_a_bundle_each_have_their_own_entries(tmp_path: Path) -> None:
    first, second = person("p1"), person("p2")
    drug = {"resourceType": "Medication", "id": "m", "code": concept("6851", RXNORM)}
    taken = prescription(medicationReference={"reference": "Medication/m"})
    tree = bundle(second, condition(), about("p2", taken), drug, patient=first)
    put(tmp_path / "two.json", tree)
    (one, two), rejected = read(tmp_path)
    assert rejected == []
    assert (sorted(one.evidence), sorted(two.evidence)) == (["Age", "RA", "RA Active"], ["Age", "MTX"])


def test_a_fault_of_one_person_of_a_bundle_stops_no_other(tmp_path: Path) -> None:
    broken = about("p2", condition(id="c2"), code="no concept")
    stranger = about("p9", condition(id="c9"))
    nobodys = {key: part for key, part in condition(id="c0").items() if key != "subject"}
    tree = bundle(person("p2"), broken, condition(), stranger, nobodys, patient=person("p1"))
    put(tmp_path / "two.json", tree)
    subjects, rejected = read(tmp_path, site=read_site(SITE, "site.yaml"))
    assert [s.id for s in subjects] == ["p1"]
    # An entry that may be anybody's leaves nobody's list complete.
    assert subjects[0].complete == {}
    assert [(r.id, r.kind) for r in rejected] == [("p2", "unreadable"), ("", "nobody's"), ("", "nobody's")]
    assert "Condition/c9" in rejected[2].place + rejected[1].place


def test_of_two_records_of_one_id_the_second_is_out_and_both_places_are_named(tmp_path: Path) -> None:
    put(tmp_path / "a.json", bundle(patient=person("p")))
    put(tmp_path / "b.json", bundle(about("p", condition()), patient=person("p")))
    subjects, rejected = read(tmp_path)
    assert [s.source for s in subjects] == ["a.json"]
    assert rejected == [Rejected("b.json", "the id stands in a.json already", "p", "duplicate id")]


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("x.json", b"", "empty"),
        ("x.json", b'{"resourceType": "Bundle", "type": "coll', "no JSON"),
        ("x.json", b'{"resourceType": "Patient"}', "single Patient"),
        ("x.json", b'{"resourceType": "Bundle", "type": "collection", "entry": []}', "no Patient"),
        ("x.json", '{"resourceType": "Bundle", "\xe9": 1}'.encode("latin-1"), "not UTF-8"),
        ("x.xml", b"<Bundle/>", "XML"),
        ("x.json.gz", b"\x1f\x8b", "packed"),
        ("x.yaml", b"subject: x\nevidence: [1]\n", "evidence"),
        ("x.yaml", b"subjekt: x\n", "no such key"),
    ],
)
def test_what_cannot_be_read_is_rejected_and_the_rest_goes_on(
    name: str, data: bytes, reason: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_bytes(data)
    put(tmp_path / "y.json", bundle(patient=person("y")))
    subjects, rejected = read(tmp_path)
    assert [s.id for s in subjects] == ["y"]
    assert len(rejected) == 1
    assert rejected[0].place.startswith(name)
    assert reason in rejected[0].reason


# ---------------------------------------------------------------------------------- bulk export


def test_a_bulk_export_is_put_together_by_person(tmp_path: Path) -> None:
    ndjson(tmp_path / "Condition.000.ndjson", about("p2", condition()), about("p1", condition()))
    ndjson(tmp_path / "Condition.001.ndjson", about("p1", condition("203082005", id="c2")))
    ndjson(tmp_path / "Patient.ndjson", person("p1"), person("p2"), person("p3"))
    sent = about("p2", prescription(medicationReference={"reference": "https://x.example/fhir/Medication/m"}))
    (tmp_path / "MedicationRequest.ndjson.gz").write_bytes(gzip.compress(json.dumps(sent).encode()))
    ndjson(
        tmp_path / "Medication.ndjson", {"resourceType": "Medication", "id": "m", "code": concept("6851", RXNORM)}
    )
    subjects, rejected = read(tmp_path)
    assert rejected == []
    assert {s.id: sorted(s.evidence) for s in subjects} == {
        "p1": ["Age", "FM", "RA", "RA Active"],
        "p2": ["Age", "MTX", "RA", "RA Active"],
        "p3": ["Age"],
    }
    assert [s.source for s in subjects] == ["Patient.ndjson:1", "Patient.ndjson:2", "Patient.ndjson:3"]


@pytest.mark.parametrize("lines", [False, True])
def test_of_whom_two_bundles_are_no_list_is_complete(lines: bool, tmp_path: Path) -> None:
    """The second is rejected, and what it holds is not absent."""
    bundles = [bundle(), bundle(condition()), {**bundle(), "entry": [{"resource": person("p2")}]}]
    if lines:
        (tmp_path / "all.ndjson").write_text("\n".join(map(json.dumps, bundles)))
    else:
        for number, each in enumerate(bundles):
            (tmp_path / f"{number}.json").write_text(json.dumps(each))
    (one, other), (second,) = read(tmp_path, site=read_site(SITE, "site.yaml"))
    assert (second.id, second.kind) == (one.id, "duplicate id")
    assert (one.complete, "RA" in other.complete) == ({}, True)
    assert any("another record of the same id" in notice.text for notice in one.notices)


def test_people_without_an_id_have_that_of_their_entry(tmp_path: Path) -> None:
    """Bundles that are made to be sent to a server leave out the ids that it gives."""

    def entries(id: str) -> list[dict[str, Any]]:
        patient, about = {"resourceType": "Patient", "gender": "female"}, {"reference": f"urn:uuid:{id}"}
        found = {**condition(subject=about)}
        return [{"fullUrl": f"urn:uuid:{id}", "resource": patient}, {"fullUrl": "urn:uuid:0", "resource": found}]

    for name, ids in (("a.json", ["p-1"]), ("b.json", ["p-2"]), ("c.json", ["p-3", "p-4"])):
        every = [entry for id in ids for entry in entries(id)]
        (tmp_path / name).write_text(json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": every}))
    subjects, rejected = read(tmp_path)
    assert (sorted(s.id for s in subjects), rejected) == (["p-1", "p-2", "p-3", "p-4"], [])
    assert all("RA" in s.evidence for s in subjects)


def test_people_whom_nothing_names_are_named_by_their_files(tmp_path: Path) -> None:
    for name in ("a.json", "b.json"):
        put(tmp_path / name, {**bundle(), "entry": [{"resource": {"resourceType": "Patient", "gender": "male"}}]})
    subjects, rejected = read(tmp_path)
    assert ([s.id for s in subjects], rejected) == (["a.json", "b.json"], [])


def test_an_id_that_fhir_does_not_have_is_named_as_the_fault_it_is(tmp_path: Path) -> None:
    put(
        tmp_path / "a.json",
        {**bundle(), "entry": [{"resource": person("p_1")}, {"resource": about("p_1", condition())}]},
    )
    (tmp_path / "lines").mkdir()
    ndjson(tmp_path / "lines" / "Patient.ndjson", person("p_1"))
    for source in (tmp_path / "a.json", tmp_path / "lines"):
        _, (rejected,) = read(source)
        assert "the `id` of this Patient is none of FHIR" in rejected.reason


def test_an_export_may_refer_by_the_urns_of_the_bundles_that_it_was(tmp_path: Path) -> None:
    """Where a Patient and a Medication have one id, each is meant where only it can be."""
    for medicine in ("m", "p1"):
        whom = {"subject": {"reference": "urn:uuid:p1"}}
        sent = prescription(medicationReference={"reference": f"urn:uuid:{medicine}"})
        ndjson(tmp_path / "all.ndjson", {**condition(), **whom}, {**sent, **whom}, person("p1"), person("p2"),
               {"resourceType": "Medication", "id": medicine, "code": concept("6851", RXNORM)})  # fmt: skip
        (one, other), rejected = read(tmp_path)
        assert rejected == []
        assert sorted(one.evidence)[0] == "Age"
        assert ("RA" in one.evidence, "MTX" in one.evidence, sorted(other.evidence)) == (True, True, ["Age"])
        certain = [row.certainty for row in one.evidence["MTX"]]
        assert medicine == "p1" or certain == [TRUE]


def test_what_a_server_says_of_its_export_is_nobodys_record(tmp_path: Path) -> None:
    ndjson(tmp_path / "Patient.ndjson", person("p1"))
    said = {"transactionTime": "2026-11-01T00:00:00Z", "request": "x", "output": [], "error": []}
    (tmp_path / "manifest.json").write_text(json.dumps(said))
    subjects, rejected = read(tmp_path)
    assert ([s.id for s in subjects], rejected) == (["p1"], [])


def test_lines_of_an_export_that_cannot_be_read_are_named_and_leave_no_list_complete(tmp_path: Path) -> None:
    ndjson(tmp_path / "Patient.ndjson", person("p1"), b"", b"{half", person("p1"), {"resourceType": "Patient"})
    ndjson(
        tmp_path / "Condition.ndjson",
        about("p1", condition()),
        about("p9", condition(id="c9")),
        about("p9", condition(id="c8")),
        b'{"resourceType": "Condition", "x": "\xff"}',
        b"[1]",
    )
    (tmp_path / "Observation.ndjson").write_bytes(b"")
    subjects, rejected = read(tmp_path, site=read_site(SITE, "site.yaml"))
    assert [s.id for s in subjects] == ["p1"]
    assert subjects[0].complete == {}
    assert PARTIAL in [notice.text for notice in subjects[0].notices]
    assert [(r.place, r.kind) for r in rejected] == [
        ("Condition.ndjson:4", "unreadable"),
        ("Condition.ndjson:5", "unreadable"),
        ("Patient.ndjson:3", "unreadable"),
        ("Patient.ndjson:4", "duplicate id"),
        ("Patient.ndjson:5", "unreadable"),
        ("Condition.ndjson:2", "nobody's"),
    ]
    assert rejected[3].reason == "the id stands in Patient.ndjson:1 already"
    assert rejected[5].reason.startswith("2 entries")


def test_a_whole_export_leaves_declared_lists_complete(tmp_path: Path) -> None:
    ndjson(tmp_path / "Patient.ndjson", person("p1"))
    subjects, _ = read(tmp_path, site=read_site(SITE, "site.yaml"))
    assert "RA" in subjects[0].complete


def test_a_packed_file_that_ends_too_early_is_named(tmp_path: Path) -> None:
    ndjson(tmp_path / "Patient.ndjson", person("p1"))
    whole = gzip.compress(json.dumps(about("p1", condition())).encode() * 1000)
    (tmp_path / "Condition.ndjson.gz").write_bytes(whole[: len(whole) // 2])
    subjects, rejected = read(tmp_path)
    assert [s.id for s in subjects] == ["p1"]
    assert "ends too early" in rejected[-1].reason or "no JSON" in rejected[-1].reason


def test_an_entry_that_cannot_be_read_rejects_its_person_alone(tmp_path: Path) -> None:
    ndjson(tmp_path / "Patient.ndjson", person("p1"), person("p2"))
    ndjson(tmp_path / "Condition.ndjson", about("p1", condition(), code=3), about("p2", condition()))
    subjects, rejected = read(tmp_path)
    assert [s.id for s in subjects] == ["p2"]
    assert [r.id for r in rejected] == ["p1"]


def test_a_bundle_and_an_export_of_the_same_say_the_same(tmp_path: Path) -> None:
    if not SHARED.exists():
        shared("x")
    for path in every_shared():
        text = shared(path).decode()
        tree = json.loads(text)
        folder = tmp_path / path.replace("/", "-")
        folder.mkdir()
        lines: dict[str, list[Tree]] = {}
        keys = {
            e.get("fullUrl"): f"{e['resource']['resourceType']}/{e['resource'].get('id')}" for e in tree["entry"]
        }
        for entry in tree["entry"]:
            one = json.loads(json.dumps(entry["resource"]))
            for element in ("subject", "patient"):
                if element in one:
                    reference = one[element]["reference"]
                    one[element]["reference"] = keys.get(reference, reference)
            lines.setdefault(one["resourceType"], []).append(one)
        for kind, resources in lines.items():
            ndjson(folder / f"{kind}.ndjson", *resources)
        (found,), rejected = read(folder)
        alone = read_bundle(text, LIBRARY, name="x")
        assert rejected == []
        assert said(found) == said(alone)


def said(subject: Subject) -> Tree:
    """What is known, without where it stands."""
    rows = subject.evidence.items()
    return {name: [(r.value, r.when, r.certainty, r.codes) for r in every] for name, every in rows}


# ------------------------------------------------------------------------- profiles and lines


PAIN = DataRequirement("Pain", INTEGER)
SMOKER = DataRequirement("Smoker", BOOLEAN)


def test_profiles_in_folders_and_in_lines_say_the_same(tmp_path: Path) -> None:
    profiles = [{"subject": f"s{n}", "evidence": {"Pain": n}} for n in range(3)]
    folder = tmp_path / "folder"
    for profile in profiles:
        put(folder / f"{profile['subject']}.json", profile)
    lines = tmp_path / "people.jsonl"
    ndjson(lines, *profiles, b"{broken", b"7", profiles[0])
    asked = library(PAIN, SMOKER)
    of_folder, none = read(folder, asked)
    of_lines, rejected = read(lines, asked)
    assert none == []
    assert of_folder == of_lines
    assert [r.place for r in rejected] == ["people.jsonl:4:1:2", "people.jsonl:5", "people.jsonl:6"]
    assert rejected[2].kind == "duplicate id"


def test_bundles_stand_in_lines_too(tmp_path: Path) -> None:
    lines = tmp_path / "people.ndjson"
    ndjson(lines, bundle(condition()), bundle(patient=person("p2")))
    subjects, rejected = read(lines)
    assert ([s.id for s in subjects], rejected) == (["p1", "p2"], [])
    assert subjects[0].evidence["RA"][0].certainty is TRUE


def test_one_file_of_resources_is_an_export(tmp_path: Path) -> None:
    lines = tmp_path / "all.ndjson"
    ndjson(lines, person("p1"), condition())
    subjects, _ = read(lines)
    assert sorted(subjects[0].evidence) == ["Age", "RA", "RA Active"]


def test_a_value_off_its_scale_is_counted_as_such(tmp_path: Path) -> None:
    from screening.values.bounds import Bounds

    asked = library(DataRequirement("Pain", INTEGER, scale=Bounds(0, 10)))
    put(tmp_path / "a.json", {"subject": "a", "evidence": {"Pain": 11}})
    _, (rejected,) = read(tmp_path, asked)
    assert rejected.kind == "off scale"
    assert "11" not in rejected.reason


# ------------------------------------------------------------------------ what is no source


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ([], "no record of anybody"),
        (["notes.txt"], "no record of anybody"),
        (["people.csv"], "what their columns are"),
        (["a.json", "Patient.ndjson"], "NDJSON files beside records"),
        (["Patient.ndjson", "labs.csv"], "tables beside NDJSON files"),
        (["Patient.ndjson", "labs.parquet"], "tables beside NDJSON files"),
    ],
)
def test_a_folder_that_is_no_source_is_refused_at_once(names: list[str], words: str, tmp_path: Path) -> None:
    for name in names:
        (tmp_path / name).write_text("{}")
    with pytest.raises(UnreadableRecord, match=words):
        people_of(tmp_path, LIBRARY)


def test_a_folder_of_profiles_or_bundles_a_line_is_read_as_its_files_are(tmp_path: Path) -> None:
    profiles = [{"subject": id, "evidence": {}} for id in ("a", "b")]
    folder = tmp_path / "people"
    (folder / "more").mkdir(parents=True)
    (folder / "one.jsonl").write_text("broken\n" + "".join(f"{json.dumps(one)}\n" for one in profiles))
    (folder / "more" / "two.ndjson").write_text(json.dumps(bundle(patient=person("c"))) + "\n")
    (folder / "none.ndjson").write_text("")
    people, rejected = read(folder)
    assert [one.id for one in people] == ["c", "a", "b"]
    assert [one.place for one in rejected] == ["one.jsonl:1"]
    (folder / "Patient.ndjson").write_text(json.dumps(person("d")) + "\n")
    with pytest.raises(UnreadableRecord, match="single resources beside files of whole records"):
        people_of(folder, LIBRARY)


def test_a_link_to_another_folder_is_not_passed_over_in_silence(tmp_path: Path) -> None:
    (tmp_path / "people").mkdir()
    (tmp_path / "people" / "a.json").write_text("{}")
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "people" / "more").symlink_to(tmp_path / "elsewhere", target_is_directory=True)
    with pytest.raises(UnreadableRecord, match="link to another folder"):
        people_of(tmp_path / "people", LIBRARY)


@pytest.mark.parametrize(
    ("name", "words"),
    [("x.csv", "a table"), ("x.parquet", "a table"), ("x.txt", "no source"), ("y", "no such file")],
)
def test_a_file_that_is_no_source_is_refused_at_once(name: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("a,b\n")
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    (tmp_path / "x.txt").write_bytes(b"x")
    with pytest.raises(UnreadableRecord, match=words):
        people_of(tmp_path / name, LIBRARY)


def test_the_shared_bundles_are_all_counted() -> None:
    if not SHARED.exists():
        shared("x")
    subjects, rejected = read(SHARED, library(RHEUMATOID, METHOTREXATE, SYSTOLIC))
    assert (len(subjects), len(rejected)) == (len(every_shared()), 1)
    assert "DSTU1" in rejected[0].reason
