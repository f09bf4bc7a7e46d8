"""The steps of `features/ledger.feature`, at the command line as a site would."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path

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


@given("a ledger in which the investigator has a key")
def _(site: Site) -> None:
    key = str(site.folder / "k7.pem")
    assert site.log("init", "--new-key", key, "--by", "K. Seven", "--role", "investigator").status == 0


@given("the published index case and her completed variant were entered as drafts")
def _(site: Site) -> None:
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
