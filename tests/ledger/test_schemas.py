"""The schemas of everything that leaves a ledger, held against a ledger with an entry of every kind."""

from __future__ import annotations

import base64
import copy
import datetime
import hashlib
import hmac
import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from screening import coded, logbook, proving, retention, screen, signing
from screening.ledger import key
from screening.ledger.draft import Signer
from screening.ledger.entry import Kind
from screening.ledger.store import Ledger
from tests.checkout import ROOT

SCHEMAS = {
    path.stem: json.loads(path.read_text()) for path in (ROOT / "screening" / "schemas").glob("ledger-*.json")
}
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS.values()
)
DAY = datetime.date(2026, 11, 22)


def validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(
        SCHEMAS[f"ledger-{name}"], registry=REGISTRY, format_checker=Draft202012Validator.FORMAT_CHECKER
    )


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], dict[str, Any], bytes, Any]:
    """A certificate that is to be reviewed, another of the same person, their record and the library."""
    library = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    barred_by_nothing = data.replace(b"Lamotrigine: {value: FALSE", b"Lamotrigine: {value: TRUE")
    made = []
    for record in (data, barred_by_nothing):
        person = screen.read_record(record, library, name)
        made.append(screen.screen(library, person, DAY).certificate)
    assert signing.to_review(made[1])
    return made[0], made[1], data, library


@pytest.fixture(scope="module")
def every(
    tmp_path_factory: pytest.TempPathFactory, people: tuple[dict[str, Any], dict[str, Any], bytes, Any]
) -> Iterator[tuple[Ledger, Path]]:
    """A ledger with an entry of every kind, each made as the program makes it, and the run that one is of."""
    tmp_path, ticks = tmp_path_factory.mktemp("every"), itertools.count()

    def clock() -> datetime.datetime:
        return datetime.datetime(2026, 11, 22, 9, tzinfo=datetime.UTC) + datetime.timedelta(seconds=next(ticks))

    first, second, record, library = people
    files = logbook.rule_files(library, "ketamine-ra-fm", screen.rules_folders(()))
    rules = logbook.Rules(library.name, library.version, library.digest, library.status)
    given = logbook.Given(record, "person.yaml")
    owner = Signer("K. Seven", "investigator", key.make(tmp_path / "k.pem", "a long passphrase"))
    ledger = logbook.create(tmp_path / "every.ledger", owner, clock(), "Site 1")
    other = key.make(tmp_path / "o.pem", "another passphrase")
    entry = logbook.key_entry("C. Coordinator", "coordinator", ("review",), other.public.text)
    ledger.append([entry], owner, clock())

    def by(**more: Any) -> logbook.Entering:
        return logbook.Entering(owner, clock(), **more)

    approval = {"author": "A", "reviewer": "B", "approver": "C"}
    logbook.approve(ledger, rules, "2026-11-22", "IRB 12", approval, by())
    logbook.enter_event(ledger, "consent", "K7QD-4MXR", "2026-11-20", "on paper", by())
    run = _run(tmp_path, library, record)
    logbook.enter_cohort(ledger, run, library.digest, files, by(is_draft=True))
    row = proving.row(ledger, run, first["subject"], "K7QD-4MXR")
    *_, screening = logbook.enter(ledger, first, given, "K7QD-4MXR", files, by(), row)
    again = logbook.correct(ledger, screening.number, second, given, files, by(), "misread")[-1]
    answers = dict.fromkeys(signing.to_review(second), "accept")
    drafts = [signing.decision(again, second, "more needed", "a second opinion", False)]
    drafts.append(signing.review(again, second, answers, "other", "seen", False))
    signing.enter(ledger, drafts, owner, clock())
    ledger.append([logbook.withdrawal(other.public.fingerprint, "left the site")], owner, clock())
    logbook.withdraw(ledger, library.digest[:16], "replaced", by())
    logbook.enter_exception(ledger, "restored a copy", by())
    logbook.enter_event(ledger, "audit trail reviewed", "", "2026-11-22", "", by())
    identities = str(tmp_path / "who.json")
    code = logbook.code_of(identities, "a long passphrase", first["subject"])
    logbook.looked_up(ledger, identities, "a long passphrase", code, "to call", owner, clock())
    retention.purge_entries(ledger, [screening.number], "a wish", True, owner, clock())
    logbook.sign_head(ledger, owner, clock())
    yield ledger, run
    ledger.close()


def _run(folder: Path, library: Any, record: bytes) -> Path:
    """A run of one person, as the program writes it."""
    from tests.cli.cohorts import called

    people = folder / "people"
    people.mkdir()
    (people / "one.yaml").write_bytes(record)
    made = called(
        folder, "cohort", "people", "--out", "run", "--protocol", library.name, "--as-of", DAY.isoformat()
    )
    assert made.status == 0, made.err
    return folder / "run"


def test_the_schemas_are_schemas() -> None:
    assert sorted(SCHEMAS) == [f"ledger-{name}" for name in ("coded", "entry", "export", "head", "proof")]
    for schema in SCHEMAS.values():
        Draft202012Validator.check_schema(schema)


def test_every_kind_of_entry_is_as_its_schema_says(every: tuple[Ledger, Path]) -> None:
    ledger, _ = every
    assert ledger.verified().is_whole
    entries = [json.loads(text) for _, text in ledger.texts()]
    assert {entry["kind"] for entry in entries} == {kind.value for kind in Kind}
    held = validator("entry")
    for entry in entries:
        assert not [error.message for error in held.iter_errors(entry)], entry["kind"]
        for wrong in _wrong(entry):
            assert not held.is_valid(wrong), wrong


def _wrong(entry: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """An entry with each of its keys left out, and with one that does not belong there."""
    for path in ((), ("actor",), ("statement",), *((("rules",),) if entry["rules"] else ())):
        part: Any = entry
        for name in path:
            part = part[name]
        for key_of in (*part, None):
            made = copy.deepcopy(entry)
            holder: Any = made
            for name in path:
                holder = holder[name]
            if key_of is None:
                holder["more"] = "x"
            else:
                del holder[key_of]
            yield made


def test_an_export_is_as_its_schema_says(every: tuple[Ledger, Path]) -> None:
    ledger, run = every
    lines = [json.loads(line) for line in ledger.exported()]
    held = validator("export")
    assert {"content" in line for line in lines} == {True, False}
    assert all(held.is_valid(line) for line in lines)
    assert not held.is_valid({**lines[-1], "content": "ab" * 32})
    assert validator("head").is_valid(ledger.order.head)
    for years_only in (False, True):
        for text in coded.lines(ledger, years_only):
            assert not [error.message for error in validator("coded").iter_errors(json.loads(text))]
    subject = json.loads((run / "people.ndjson").read_text())["id"]
    proof = json.loads(proving.of_folder(ledger, run, subject))
    assert not [error.message for error in validator("proof").iter_errors(proof)]
    assert not validator("proof").is_valid({**proof, "head": "x"})


# ------------------------------------------------ a stranger's program, written from `screening/ledger.md` alone


def _canonical(data: Any) -> bytes:
    """RFC 8785 for what entries hold: texts, whole numbers, truths; names of keys in ASCII."""
    return json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _stranger(lines: list[bytes]) -> tuple[str, dict[int, dict[str, Any]], dict[str, bytes]]:
    """The head of an export that holds, its entries and contents; sections 1, 2, 3 and 5 of the page."""
    entries: dict[int, dict[str, Any]] = {}
    held: dict[str, bytes] = {}
    keys: dict[str, str] = {}
    purged: set[str] = set()
    head = "0" * 64
    for line in lines:
        data = json.loads(line)
        if "content" in data:
            content = base64.b64decode(data["data"])
            assert _sha256(base64.b64decode(data["salt"]) + content).hex() == data["content"]
            held[data["content"]] = content
            continue
        assert (data["number"], data["previous"]) == (len(entries) + 1, head)
        head = _sha256(_canonical(data)).hex()
        entries[data["number"]] = data
        if data["kind"] == "key":
            keys[_sha256(base64.b64decode(data["statement"]["public"])).hex()[:32]] = data["statement"]["public"]
        if data["kind"] == "purged":
            purged |= set(data["statement"]["contents"])
        if data["number"] > 1:
            public = Ed25519PublicKey.from_public_bytes(base64.b64decode(keys[data["actor"]["key"]]))
            unsigned = {name: value for name, value in data.items() if name != "signature"}
            public.verify(base64.b64decode(data["signature"]), _canonical(unsigned))
    named = {content["digest"] for entry in entries.values() for content in entry["contents"]}
    assert named == held.keys() | purged
    assert not purged & held.keys()
    return head, entries, held


def _is_in_the_run(row: bytes, proof: dict[str, Any], run: dict[str, Any]) -> bool:
    """Section 6 of the page, line by line."""
    found = _sha256(b"\x00" + bytes.fromhex(proof["salt"]) + row)
    place, last = proof["position"], proof["rows"] - 1
    for beside in map(bytes.fromhex, proof["path"]):
        if last == 0:
            return False
        if place % 2 or place == last:
            found = _sha256(b"\x01" + beside + found)
            while place % 2 == 0 and place > 0:
                place, last = place // 2, last // 2
        else:
            found = _sha256(b"\x01" + found + beside)
        place, last = place // 2, last // 2
    return last == 0 and found.hex() == run["statement"]["root"] and proof["rows"] == run["statement"]["rows"]


def test_a_stranger_verifies_it_by_the_page_alone(every: tuple[Ledger, Path]) -> None:
    ledger, _ = every
    lines = list(ledger.exported())
    head, entries, held = _stranger(lines)
    assert head == ledger.order.head
    [row] = [entry for entry in entries.values() if entry["kind"] == "cohort row"]
    line, proof = (held[content["digest"]] for content in row["contents"])
    run = entries[row["refers"][0]]
    assert _is_in_the_run(line, json.loads(proof), run)
    assert not _is_in_the_run(line + b" ", json.loads(proof), run)
    key_of = next(content["digest"] for content in run["contents"] if content["kind"] == "row key")
    position = json.loads(proof)["position"]
    salt = hmac.new(held[key_of], position.to_bytes(8, "big"), "sha256").hexdigest()
    assert salt == json.loads(proof)["salt"]
    with pytest.raises((AssertionError, InvalidSignature)):
        _stranger([each.replace(b"more needed", b"may enter") for each in lines])
