"""`screening diff` as a rule author calls it: over people on record, and as a check that runs before a release."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from screening import analyse
from tests.checkout import ROOT
from tests.cli.calls import RECORDS, RULES, Called, call

pytest.importorskip("z3")

DAY = ("--as-of", "2026-11-22")
PEOPLE = ("eligible", "index")
CHANGED = ["SYN-2018: UNDETERMINED to INELIGIBLE at INC01", "SYN-0049: ELIGIBLE to INELIGIBLE at INC01"]


@pytest.fixture(scope="module")
def editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small protocol, and an edition that lets in from 60 years; people as files, prepared and in a ledger."""
    folder = tmp_path_factory.mktemp("editions")
    for name in ("old", "new"):
        shutil.copytree(ROOT / RULES, folder / name)
    _edit(folder / "new" / "small.yaml", "Age >= 18", "Age >= 60")
    (folder / "people").mkdir()
    old = ("--protocol", "small", "--rules", str(folder / "old"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
        ledger, key = str(folder / "site.ledger"), str(folder / "k7.pem")
        named = ("--by", "K. Seven", "--role", "investigator")
        assert call(patch, "log", "init", ledger, "--new-key", key, *named).status == 0
        for name in PEOPLE:
            record = f"{RECORDS}/{name}.yaml"
            shutil.copy(ROOT / record, folder / "people")
            patch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
            assert call(patch, "log", "add", ledger, record, *old, *DAY, "--draft", "--key", key).status == 0
        assert call(patch, "prepare", str(folder / "people"), str(folder / "prepared"), *old).status == 0
    return folder


def _edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def diff(patch: pytest.MonkeyPatch, folder: Path, *more: str) -> Called:
    return call(patch, "diff", str(folder / "old" / "small.yaml"), str(folder / "new" / "small.yaml"), *DAY, *more)


@pytest.mark.parametrize("source", ["prepared", "people", "site.ledger"])
def test_everybody_on_record_is_told_who_changes(
    editions: Path, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    option = "--ledger" if source.endswith("ledger") else "--cohort"
    called = diff(monkeypatch, editions, option, str(editions / source))
    assert called.status == 0
    assert "INC01: tightened" in called.out
    assert "Age: born 2" in called.out  # the person who shows it, in words
    assert "Of 2 people on record, 2 would change" in called.out
    assert all(line in called.out for line in CHANGED)


def test_somebody_who_was_screened_again_is_one_person(
    editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, key = tmp_path / "site.ledger", str(editions / "k7.pem")
    shutil.copy(editions / "site.ledger", ledger)
    shutil.copy(ROOT / RECORDS / "eligible.yaml", tmp_path / "right.yaml")
    _edit(tmp_path / "right.yaml", "born: 1969-02", "born: 1950-02-03")
    monkeypatch.setenv("SCREENING_PASSPHRASE", "a long passphrase")
    old = ("--protocol", "small", "--rules", str(editions / "old"), *DAY, "--draft", "--key", key)
    again = call(
        monkeypatch, "log", "correct", str(ledger), "3", str(tmp_path / "right.yaml"), "--reason", "x", *old
    )
    assert again.status == 0, again.err
    called = diff(monkeypatch, editions, "--ledger", str(ledger))
    assert "Of 2 people on record, 1 would change" in called.out
    assert CHANGED[0] in called.out and "SYN-0049" not in called.out.partition("on record")[2]


def test_a_record_that_stands_twice_or_is_broken_takes_nobody_out(
    editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = tmp_path / "people"
    shutil.copytree(editions / "people", people)
    shutil.copy(people / "eligible.yaml", people / "zz-again.yaml")
    for name in ("broken.yaml", "broken-too.yaml"):
        (people / name).write_text("subject: [", encoding="utf-8")
    called = diff(monkeypatch, editions, "--cohort", str(people))
    said = [line.strip() for line in called.out.partition("Of 4 people")[2].splitlines()]
    assert said[0] == "on record, 2 would change; 2 people could not be screened under both"
    assert sorted(said[1:]) == sorted(
        [*CHANGED, "broken-too.yaml:1:11: not screened", "broken.yaml:1:11: not screened"]
    )


def test_another_standing_is_a_change_too(editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("old", "new"):
        shutil.copytree(editions / "old", tmp_path / name)
    _edit(tmp_path / "new" / "small.yaml", "anchors: [Recorded FM]\n", "")
    called = diff(monkeypatch, tmp_path, "--ledger", str(editions / "site.ledger"))
    assert "Of 2 people on record, 1 would change" in called.out
    assert "SYN-2018: NO ANCHOR EVIDENCE to NOT RULED OUT" in called.out


def test_the_same_as_data(editions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = diff(monkeypatch, editions, "--cohort", str(editions / "prepared"), "--json")
    said = json.loads(called.out)
    assert {person["id"]: person["new"] for person in said["people"]} == {
        "SYN-2018": "INELIGIBLE", "SYN-0049": "INELIGIBLE"
    }  # fmt: skip
    assert said["version"] == {"asked": "major", "made": "none", "told": False, "why": "the version is the same"}


def test_nobody_changes_under_an_edition_in_other_words(
    editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(editions / "old", tmp_path / "new")
    _edit(tmp_path / "new" / "small.yaml", "Age >= 18", "not (Age < 18)")
    shutil.copytree(editions / "old", tmp_path / "old")
    called = diff(monkeypatch, tmp_path, "--ledger", str(editions / "site.ledger"))
    assert "Of 2 people on record, 0 would change" in called.out
    assert "13 criteria the same of everybody" in called.out


def test_who_cannot_be_screened_under_both_is_not_counted_as_changed() -> None:
    rows = [
        ("A", "ELIGIBLE", "INELIGIBLE", "C1"),
        ("B", "not screened", "not screened", ""),
        ("C", "purged", "purged", ""),
    ]
    said = [line.text.strip() for line in analyse.people_told(rows, 5)]
    assert said[0] == "Of 5 people on record, 1 would change; 2 people could not be screened under both"
    assert said[1:] == ["A: ELIGIBLE to INELIGIBLE at C1", "B: not screened", "C: purged"]


VERSION = 'version: "0.1"'


@pytest.mark.parametrize(
    ("edit", "version", "status"),
    [
        (("Age >= 18", "Age >= 60"), "0.1", 5),
        (("Age >= 18", "Age >= 60"), "0.1.1", 5),
        (("Age >= 18", "Age >= 60"), "0.2", 0),
        (("Age >= 18", "not (Age < 18)"), "0.1", 5),
        (("Age >= 18", "not (Age < 18)"), "0.1.1", 0),
        (("Pain of at least the site's limit", "At least the site's limit of pain"), "0.1", 5),
        (("Pain of at least the site's limit", "At least the site's limit of pain"), "0.1.1", 0),
    ],
)
def test_an_undeclared_change_of_meaning_fails_the_check(
    editions: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    edit: tuple[str, str],
    version: str,
    status: int,
) -> None:
    shutil.copytree(editions / "old", tmp_path / "old")
    shutil.copytree(editions / "old", tmp_path / "new")
    _edit(tmp_path / "new" / "small.yaml", *edit)
    _edit(tmp_path / "new" / "small.yaml", VERSION, f'version: "{version}"')
    called = diff(monkeypatch, tmp_path, "--check-version")
    assert called.status == status
    assert "asks for a step of the kind" in called.out


def test_an_edition_reads_what_it_includes_beside_itself(
    editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("old", "new"):
        shutil.copytree(editions / "old", tmp_path / name)
    _edit(tmp_path / "new" / "small-safety.yaml", VERSION, 'version: "0.2"')
    _edit(tmp_path / "new" / "small.yaml", VERSION, 'version: "0.2"')
    _edit(
        tmp_path / "new" / "small.yaml",
        f"library: small-safety\n    {VERSION}",
        'library: small-safety\n    version: "0.2"',
    )
    called = diff(monkeypatch, tmp_path, "--rules", str(tmp_path / "old"), "--check-version")
    assert called.status == 0, called.err


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (("180 'mm[Hg]'", "190 'mm[Hg]'"), "alert of SCV01A: loosened"),
        (("180 'mm[Hg]'", "170 'mm[Hg]'"), "alert of SCV01A: tightened"),
        (("180 'mm[Hg]' or", "180.0 'mm[Hg]' or"), ""),
    ],
)
def test_another_alert_is_told_though_no_verdict_shows_it(
    editions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, edit: tuple[str, str], said: str
) -> None:
    shutil.copytree(editions / "old", tmp_path / "new")
    _edit(tmp_path / "new" / "small-safety.yaml", *edit)
    paths = (str(each / "small-safety.yaml") for each in (editions / "old", tmp_path / "new"))
    called = call(monkeypatch, "diff", *paths, *DAY)
    assert called.status == 0 and "verdict: equivalent" in called.out
    assert said in called.out and ("alert of" in called.out) is bool(said)
    assert f"asks for a step of the kind `{'major' if said else 'patch'}`" in called.out


def test_the_end_of_the_calendar_is_a_day_too(editions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = (str(editions / each / "small.yaml") for each in ("old", "new"))
    assert call(monkeypatch, "diff", *paths, "--as-of", "9999-12-31").status == 0


def test_an_edition_that_is_not_there_is_told(editions: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = call(monkeypatch, "diff", str(editions / "old" / "small.yaml"), "no-such-edition", *DAY)
    assert (called.status, called.out) == (3, "")
    assert "no-such-edition" in called.err
