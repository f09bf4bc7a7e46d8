"""The steps of `features/ledger.feature`, at the command line as a site would."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pytest_bdd import given, scenarios, then, when

from tests.cli.calls import Called, call

scenarios("ledger.feature")
RECORDS = Path("rules/records")
DAY = ("--as-of", "2026-11-22")


@dataclass
class Site:
    """A site's folder, and what was said last."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch
    said: Called = field(default_factory=lambda: Called(0, "", ""))
    head: str = ""
    copy: Path = field(default_factory=Path)

    @property
    def ledger(self) -> str:
        return str(self.folder / "site.ledger")

    def do(self, *words: str) -> Called:
        self.monkeypatch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
        self.said = call(self.monkeypatch, *words)
        return self.said

    def log(self, word: str, *words: str) -> Called:
        return self.do("log", word, self.ledger, *words)

    @property
    def key(self) -> tuple[str, str]:
        return ("--key", str(self.folder / "k7.pem"))

    def exported(self) -> list[bytes]:
        self.log("export", "--out", str(self.folder / "copy.jsonl"))
        return (self.folder / "copy.jsonl").read_bytes().splitlines(keepends=True)

    def copied(self, lines: list[bytes]) -> str:
        self.copy = self.folder / "changed.jsonl"
        self.copy.write_bytes(b"".join(lines))
        return str(self.copy)


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    return Site(tmp_path, monkeypatch)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what every scenario begins with: made once, copied for each."""
    folder = tmp_path_factory.mktemp("begun")
    with pytest.MonkeyPatch.context() as monkeypatch:
        site = Site(folder, monkeypatch)
        key = str(folder / "k7.pem")
        assert site.log("init", "--new-key", key, "--by", "K. Seven", "--role", "investigator").status == 0
        shutil.copy(site.ledger, folder / "opened")
        _enter_both(site)
    return folder


@given("a ledger in which the investigator has a key")
def _(site: Site, begun: Path) -> None:
    shutil.copy(begun / "k7.pem", site.folder)
    shutil.copy(begun / "opened", site.ledger)


@given("the published index case and her completed variant were entered as drafts")
def _(site: Site, begun: Path) -> None:
    shutil.copy(begun / "site.ledger", site.ledger)


def _enter_both(site: Site) -> None:
    published = site.log("add", str(RECORDS / "index-2018.yaml"), "--as-of", "2018-02-05", "--draft", *site.key)
    assert "DRAFT entry: it can never support an enrolment." in published.out
    assert "screened  INDEX-2018  UNDETERMINED" in published.out
    completed = site.log("add", str(RECORDS / "index-completed.yaml"), *DAY, "--draft", *site.key)
    assert "screened  SYN-0049  ELIGIBLE" in completed.out


@then("the ledger is whole, and says what that does not show")
def _(site: Site) -> None:
    said = site.log("verify")
    assert said.status == 0
    assert said.out.startswith("+ WHOLE      4 entries")
    assert "Signed     3 entries by 1 key" in said.out
    assert "that what was typed is true" in said.out
    assert "no head kept elsewhere was given" in said.out


@then("every screening comes out again byte for byte")
def _(site: Site) -> None:
    said = site.do("replay", site.ledger)
    assert said == Called(0, "  Replayed   2 screenings; 2 the same, byte for byte\n", "")


@when("the investigator enters a screening without calling it a draft")
def _(site: Site) -> None:
    site.log("add", str(RECORDS / "index-completed.yaml"), *DAY, *site.key)


@then("it is refused, because its rules are not approved")
def _(site: Site) -> None:
    assert site.said.status == 3
    assert "its rules are not approved" in site.said.err
    assert "4 entries" in site.log("verify").out


@when("somebody changes UNDETERMINED to ELIGIBLE in a copy")
def _(site: Site) -> None:
    lines = site.exported()
    site.do("log", "verify", site.copied([line.replace(b"UNDETERMINED", b"ELIGIBLE", 1) for line in lines]))


@then("the copy is not whole, and the entry is named")
def _(site: Site) -> None:
    assert site.said.status == 5
    assert site.said.out.startswith("x NOT WHOLE  entry 3: ")
    assert "Rely on nothing from 3 on." in site.said.out


@given("the sponsor kept the head")
def _(site: Site) -> None:
    site.head = site.log("head").out.strip()
    assert len(site.head) == 64


@when("somebody cuts off the last entry of a copy")
def _(site: Site) -> None:
    lines = site.exported()
    last = max(n for n, line in enumerate(lines) if "entry" in json.loads(line))
    site.copied(lines[:last])


@then("the copy holds by itself, and not against the head that was kept")
def _(site: Site) -> None:
    assert site.do("log", "verify", str(site.copy)).status == 0
    said = site.do("log", "verify", str(site.copy), "--expect-head", site.head)
    assert said.status == 5
    assert "it was cut off, rolled back" in said.out


@when("the investigator wants to let the published index case enter")
def _(site: Site) -> None:
    site.do("sign", "INDEX-2018", "--ledger", site.ledger, "--decision", "may-enter", "--draft", *site.key)


@then("it is refused, and she is told how many items are not known")
def _(site: Site) -> None:
    assert site.said.status == 3
    assert "items are not known, and cannot be signed away" in site.said.out
    assert "4 entries" in site.log("verify").out


@when("the pain of the completed index case was misread, and is corrected with a reason")
def _(site: Site) -> None:
    record = (RECORDS / "index-completed.yaml").read_text(encoding="utf-8")
    changed = site.folder / "corrected.yaml"
    changed.write_text(record.replace("Pain: {value: 10,", "Pain: {value: 9,"), encoding="utf-8")
    again = site.log("correct", "4", str(changed), *DAY, "--reason", "misread", "--draft", *site.key)
    assert again.status == 0, again.err


@then("both screenings are in the ledger, and what was before and after")
def _(site: Site) -> None:
    assert "corrected  SYN-0049" in site.said.out
    assert "re-screened  SYN-0049  ELIGIBLE" in site.said.out
    lines = [json.loads(line) for line in site.exported()]
    kinds = [line["kind"] for line in lines if "entry" in line]
    assert kinds == ["opened", "key", "screened", "screened", "corrected", "re-screened"]
    assert site.do("replay", site.ledger).status == 0


@when("what the published index case was screened from is purged, because she was never approached")
def _(site: Site) -> None:
    said = site.log("purge", "3", "--reason", "never approached", *site.key)
    assert said.status == 0, said.err


@then("the ledger is whole, and nothing of her record is in its file")
def _(site: Site) -> None:
    said = site.log("status")
    assert said.status == 0
    assert "Purged     3 contents, each with a reason" in said.out
    assert b"published case report" not in b"".join(p.read_bytes() for p in site.folder.glob("site.ledger*"))
    assert "1          cannot be replayed" in site.do("replay", site.ledger).out


# --------------------------------------------------------------- what is lost, altered, and comes before consent

COMPLETED = str(RECORDS / "index-completed.yaml")
NOTE = "fainted at venepuncture"


@when("what the published index case was screened from disappears without an entry")
def _(site: Site) -> None:
    with closing(sqlite3.connect(site.ledger)) as connection, connection:
        connection.execute("DROP TRIGGER content_stays")
        first = "SELECT json_extract(data, '$.contents[0].digest') FROM entry WHERE number = 3"
        connection.execute(f"DELETE FROM content WHERE digest = ({first})")


@then("doing the screenings again fails, and says what was lost")
def _(site: Site) -> None:
    said = site.do("replay", site.ledger)
    assert said.status == 5
    assert "entry 3    INDEX-2018  lost: what it was made from is not there" in said.out
    assert site.log("verify").status == 5


@when("somebody alters a kept rule file")
def _(site: Site) -> None:
    with closing(sqlite3.connect(site.ledger)) as connection, connection:
        connection.execute("DROP TRIGGER rule_is")
        connection.execute("UPDATE rule SET data = CAST(replace(data, '180', '190') AS BLOB)")


@then("the ledger is not whole, because of its rules")
def _(site: Site) -> None:
    for word in ("verify", "status"):
        said = site.log(word)
        assert said.status == 5
        assert "entry 3: the rule files kept for it are not those of its digest" in " ".join(said.out.split())


@given("the rules were approved")
def _(site: Site) -> None:
    people = ("--author", "A", "--reviewer", "B", "--approver", "C", "--effective", "2018-01-01")
    said = site.log("approve", "--protocol", "ketamine-ra-fm", *people, "--ethics", "none, a test", *site.key)
    assert said.status == 0, said.err


@when("the completed index case is entered without a day of consent")
def _(site: Site) -> None:
    site.log("add", COMPLETED, *DAY, *site.key)


@then("it is refused, because consent comes first")
def _(site: Site) -> None:
    assert site.said.status == 3
    assert "no day of consent is given" in site.said.err


@when("her consent is entered as an event, and she is entered again")
def _(site: Site) -> None:
    consent = site.log("event", "SYN-0049", "consent", "--on", "2018-01-10", *site.key)
    assert consent.status == 0, consent.err
    assert site.log("add", COMPLETED, *DAY, *site.key).status == 0, site.said.err


@then("the screening has the day of her consent")
def _(site: Site) -> None:
    last = json.loads(next(line for line in reversed(site.exported()) if b'"entry"' in line))
    assert (last["kind"], last["statement"]["consent"]) == ("screened", "2018-01-10")


@when("she is entered as a pre-screening without a basis")
def _(site: Site) -> None:
    site.log("add", COMPLETED, *DAY, "--stage", "pre-screening", *site.key)


@then("it is refused, because a basis is missing")
def _(site: Site) -> None:
    assert site.said.status == 3
    assert "on which basis records are read before consent" in site.said.err


@when("she is entered as a pre-screening under a waiver")
def _(site: Site) -> None:
    said = site.log(
        "add", COMPLETED, *DAY, "--stage", "pre-screening", "--basis", "partial waiver, IRB 12", *site.key
    )
    assert said.status == 0, said.err


@then("the investigator cannot let her enter on it")
def _(site: Site) -> None:
    said = site.do("sign", "SYN-0049", "--ledger", site.ledger, "--decision", "may-enter", *site.key)
    assert said.status == 3
    assert "a pre-screening supports no enrolment" in said.err


@when("her consent is withdrawn")
def _(site: Site) -> None:
    assert site.log("event", "SYN-0049", "consent-withdrawn", "--on", "2018-01-11", *site.key).status == 0


@then("entering her again is refused")
def _(site: Site) -> None:
    said = site.log("add", COMPLETED, *DAY, "--draft", *site.key)
    assert said.status == 3
    assert "has withdrawn consent" in said.err


@when("an adverse event of the completed index case is entered with a note")
def _(site: Site) -> None:
    said = site.log("event", "SYN-0049", "adverse-event", "--on", "2018-01-12", "--note", NOTE, *site.key)
    assert said.status == 0, said.err


@then("the event refers to her screening, and its words are no part of the chain")
def _(site: Site) -> None:
    lines = [json.loads(line) for line in site.exported()]
    [entry] = [line for line in lines if line.get("kind") == "event"]
    assert (entry["refers"], entry["statement"]) == ([4], {"event": "adverse event", "on": "2018-01-12"})
    assert NOTE not in json.dumps(entry)
    assert base64.b64decode(lines[-1]["data"]).decode() == NOTE
    assert site.log("verify").status == 0


@when("the administrator restores a file and says so")
def _(site: Site) -> None:
    assert site.log("exception", "--reason", "restored from the copy of Monday", *site.key).status == 0


@then("the exception stands in the ledger with its reason")
def _(site: Site) -> None:
    last = json.loads(site.exported()[-1])
    assert (last["kind"], last["reason"]) == ("exception", "restored from the copy of Monday")


# ----------------------------------------------------------------------------------------- what can be looked up


@when("somebody declined before she was screened")
def _(site: Site) -> None:
    assert site.log("event", "P-9", "declined", "--on", "2018-01-12", *site.key).status == 0


@then("the table has a row for each screening and for her, with primary and all reasons")
def _(site: Site) -> None:
    rows = list(csv.DictReader(io.StringIO(site.log("table").out)))
    assert [(row["code"], row["outcome"], row["decision"]) for row in rows] == [
        ("INDEX-2018", "UNDETERMINED", ""),
        ("SYN-0049", "ELIGIBLE", ""),
        ("P-9", "", "declined"),
    ]
    assert rows[0]["reasons"].split()[0] == rows[0]["primary_reason"] != ""
    assert (rows[1]["reasons"], rows[1]["draft"], rows[2]["assessed"]) == ("", "yes", "2018-01-12")


@given("the investigator decided on the published index case")
def _(site: Site) -> None:
    decided = ("--decision", "may-not-enter", "--reason", "too much is not known", "--draft")
    assert site.do("sign", "INDEX-2018", "--ledger", site.ledger, *decided, *site.key).status == 0


@when("her screening is corrected after that")
def _(site: Site) -> None:
    record = (RECORDS / "index-2018.yaml").read_text(encoding="utf-8")
    changed = site.folder / "corrected.yaml"
    changed.write_text(re.sub(r"(Pain: {value: )\d+", r"\g<1>3", record, count=1), encoding="utf-8")
    said = site.log(
        "correct", "3", str(changed), "--as-of", "2018-02-05", "--reason", "misread", "--draft", *site.key
    )
    assert said.status == 0, said.err


@then("late entries, changes after a decision and roles can be listed")
def _(site: Site) -> None:
    def kinds(*words: str) -> list[str]:
        return [
            line.split("Z  ")[1].split("  ")[0]
            for line in site.log("list", *words).out.splitlines()
            if "Z  " in line
        ]

    assert kinds("--after-decision") == ["corrected", "re-screened"]
    assert kinds("--roles") == ["key"]
    assert kinds("--code", "INDEX-2018", "--late", "300") == ["screened", "re-screened"]
    assert kinds("--kind", "decided", "--code", "SYN-0049") == []
    assert site.log("list", "--kind", "nothing").status == 3


# ---------------------------------------------------------------------------------- what leaves, and what goes


@then("an export holds against the head that was kept")
def _(site: Site) -> None:
    copy = site.copied(site.exported())
    said = site.do("log", "verify", copy, "--expect-head", site.head)
    assert said.status == 0
    assert "that you gave is entry 4" in said.out


@when("the ledger is exported under codes")
def _(site: Site) -> None:
    site.log("event", "SYN-0049", "adverse-event", "--on", "2018-01-12", "--note", NOTE, *site.key)
    site.log("export", "--coded")


def _without_words(site: Site) -> list[dict[str, Any]]:
    assert site.said.status == 0, site.said.err
    for typed in ("K. Seven", "SYN-0049", "INDEX-2018", NOTE, "investigator"):
        assert typed not in site.said.out
    head, *lines = (json.loads(line) for line in site.said.out.splitlines())
    assert "nothing here can be held against" in head["says"]
    entries = [json.loads(line) for line in site.exported() if b'"entry"' in line]
    assert [line["previous"] for line in lines] == [entry["previous"] for entry in entries]
    assert head["head"] == lines[-1]["hash"] == site.log("head").out.strip()
    return lines


@then("no name, no words and no id of a record is in it, and every hash is that of the ledger")
def _(site: Site) -> None:
    lines = _without_words(site)
    assert lines[3]["said"]["verdict"] == "ELIGIBLE"
    assert lines[3]["criteria"]["SCV01A"] == "FALSE"
    assert lines[3]["about"] == lines[4]["about"] != lines[2]["about"]


@when("the ledger is exported with years alone")
def _(site: Site) -> None:
    site.log("export", "--years")


@then("no day is in it, and every code is new")
def _(site: Site) -> None:
    lines = _without_words(site)
    assert lines[2]["said"]["as_of"] == "2018"
    assert not any(re.search(r"\d{4}-\d{2}-\d{2}", json.dumps(line["said"])) for line in lines)
    assert {len(line["at"]) for line in lines} == {4}
    first = lines[2]["about"]
    site.log("export", "--years")
    assert json.loads(site.said.out.splitlines()[3])["about"] not in ("", first)


POLICY = ("purge", "--never-approached", "--reason", "policy of the site")


@when("the policy for those never approached is tried")
def _(site: Site) -> None:
    site.log(*POLICY, *site.key)


@then("it names two people, and nothing is deleted")
def _(site: Site) -> None:
    assert site.said.status == 0, site.said.err
    assert "To purge   6 contents of 2 people" in site.said.out
    assert "INDEX-2018, SYN-0049" in site.said.out
    assert "Nothing was deleted." in site.said.out
    assert "4 entries" in site.log("verify").out


@when("the same policy is carried out")
def _(site: Site) -> None:
    assert site.log(*POLICY, "--yes", *site.key).status == 0, site.said.err


@then("the ledger is whole, and replaying says what was purged")
def _(site: Site) -> None:
    assert site.log("verify").status == 0
    said = site.do("replay", site.ledger)
    assert said.status == 4
    assert "was purged, by an entry that says why" in " ".join(said.out.split())


@when("the completed index case has consented")
def _(site: Site) -> None:
    assert site.log("event", "SYN-0049", "consent", "--on", "2018-01-10", *site.key).status == 0


@then("purging her screening is refused, and a policy keeps it")
def _(site: Site) -> None:
    said = site.log("purge", "4", "--reason", "a wish", *site.key)
    assert said.status == 3
    assert "--retention-ended" in said.err
    said = site.log(*POLICY, *site.key)
    assert "To purge   3 contents of 1 person" in said.out
    assert "Kept       3 contents of 1 person: consented or decided on" in said.out
    assert site.log("purge", "4", "--reason", "15 years", "--retention-ended", *site.key).status == 0


@then("the screenings can be done again under the rules as they are now")
def _(site: Site) -> None:
    said = site.do("replay", site.ledger, "--protocol", "ketamine-ra-fm")
    assert said.status == 0
    assert "2 screenings; 2 the same under ketamine-ra-fm as it is now" in said.out


@when("the file is copied, lost and restored")
def _(site: Site) -> None:
    kept = site.folder / "backup"
    shutil.copy(site.ledger, kept)
    Path(site.ledger).unlink()
    shutil.copy(kept, site.ledger)


@then("the restored ledger holds against the head that was kept")
def _(site: Site) -> None:
    said = site.log("verify", "--expect-head", site.head)
    assert said.status == 0
    assert site.do("replay", site.ledger).status == 0


# ------------------------------------------------------------------------------------ one person of a run; a pack


@given("both were screened in a run that was entered")
def _(site: Site) -> None:
    people = site.folder / "people"
    people.mkdir()
    for name in ("index-2018.yaml", "index-completed.yaml"):
        shutil.copy(RECORDS / name, people)
    run = str(site.folder / "run")
    assert site.do("cohort", str(people), "--out", run, "--protocol", "ketamine-ra-fm", *DAY).status == 0
    said = site.log("add", run, "--protocol", "ketamine-ra-fm", "--draft", *site.key)
    assert said.status == 0, said.err
    site.head = site.log("head").out.strip()


@when("the completed index case is screened by herself")
def _(site: Site) -> None:
    said = site.log("add", COMPLETED, *DAY, "--draft", "--run", str(site.folder / "run"), *site.key)
    assert said.status == 0, said.err
    assert [line.split()[2] for line in said.out.splitlines() if line.startswith("  entry")] == [
        "cohort",
        "screened",
    ]


@then("her row in the run has an entry of its own, and a proof that a stranger can check")
def _(site: Site) -> None:
    assert site.log("verify").status == 0
    entries = [json.loads(line) for line in site.exported() if b'"entry"' in line]
    row, screened = entries[-2:]
    assert (row["kind"], row["refers"], screened["refers"]) == ("cohort row", [5], [row["number"]])
    run = ("--run", str(site.folder / "run"))
    of_run = site.log("prove", *run, "--subject", "SYN-0049").out
    assert of_run == site.log("prove", "--subject", "SYN-0049").out
    proof = site.folder / "proof.json"
    proof.write_text(of_run, encoding="utf-8")
    said = site.do("log", "verify", str(proof), "--expect-head", site.head)
    assert said.status == 0
    assert said.out.startswith("+ PROVED     row 2 of 2 of the run of entry 5")
    assert "it is the head that you gave" in said.out
    # Whoever acts on her again refers to the same entry.
    assert site.log("add", COMPLETED, *DAY, "--draft", *run, *site.key).status == 0
    assert "cohort row" not in site.said.out


@then("a proof for another row does not hold")
def _(site: Site) -> None:
    proof = site.folder / "proof.json"
    made = json.loads(proof.read_text(encoding="utf-8"))
    made["row"] = made["row"].replace("ELIGIBLE", "INELIGIBLE", 1)
    proof.write_text(json.dumps(made, sort_keys=True), encoding="utf-8")
    said = site.do("log", "verify", str(proof))
    assert said.status == 5
    assert "the row is not among those of the run" in said.out


@when("a validation pack is made")
def _(site: Site) -> None:
    assert site.do("validation-pack", site.ledger, "--out", str(site.folder / "pack.zip")).status == 0


@then("it maps every requirement, says that no test was run, and its sums fit")
def _(site: Site) -> None:
    with zipfile.ZipFile(site.folder / "pack.zip") as pack:
        members = {name: pack.read(name) for name in pack.namelist()}
    sums = dict(line.split("  ")[::-1] for line in members.pop("SHA256SUMS").decode().splitlines())
    assert sums == {name: hashlib.sha256(data).hexdigest() for name, data in members.items()}
    mapped = members["requirements.md"].decode()
    assert [line for line in mapped.splitlines() if line.startswith("## ")] == [f"## R{n}" for n in range(1, 29)]
    assert "No test was run for this pack" in mapped
    index = members["INDEX.md"].decode()
    assert all(f"| {name} |" in index for name in members if name != "INDEX.md")
    copy = site.folder / "packed.jsonl"
    copy.write_bytes(members["ledger/export.jsonl"])
    assert site.do("log", "verify", str(copy)).status == 0


@then("the same ledger gives the same bytes")
def _(site: Site) -> None:
    again = str(site.folder / "again.zip")
    site.do("validation-pack", site.ledger, "--out", again)
    assert Path(again).read_bytes() == (site.folder / "pack.zip").read_bytes()
