"""Screenings done again from what was kept: the same bytes, what was purged, and what was lost."""

from __future__ import annotations

import datetime
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from screening import logbook, replaying, screen
from screening.cli.kept import screened_again
from screening.errors import LedgerError
from screening.ledger.draft import Signer
from screening.ledger.store import Ledger
from tests.cli.calls import call
from tests.cli.cohorts import called
from tests.ledger.conftest import Clock

DAY = datetime.date(2026, 11, 22)
# A library that leaves a parameter open, one with parameters, and one without.
LIBRARIES = ("fibromyalgia-fiqr", "ra-das28-crp", "stop-bang")


@pytest.fixture
def kept(ledger: Ledger, investigator: Signer, clock: Clock) -> Ledger:
    """Two people under each of these libraries, with hardly anything recorded."""
    for name in LIBRARIES:
        library = screen.load_library(name)
        files = logbook.rule_files(library, name, screen.rules_folders(()))
        for number in range(2):
            record = f"subject: SYN-{number}\nevidence: {{}}\n".encode()
            certificate = screen.screen(library, screen.read_record(record, library, "r.yaml"), DAY).certificate
            given = logbook.Given(record, "r.yaml")
            entering = logbook.Entering(investigator, clock(), consent="2026-11-20", is_draft=name != LIBRARIES[0])
            if name == LIBRARIES[0] and not number:
                rules = logbook.Rules(library.name, library.version, library.digest, library.status)
                logbook.approve(ledger, rules, "2026-11-22", "", {}, entering)
            logbook.enter(ledger, certificate, given, f"{name}-{number}", files, entering)
    return ledger


def test_every_screening_comes_out_again(kept: Ledger) -> None:
    libraries: dict[tuple[str, ...], object] = {}
    done = list(
        replaying.replay(kept, lambda one, place: screened_again(one, place, libraries=libraries).certificate)
    )
    assert [(each.outcome, each.place) for each in done] == [("same", "")] * 6
    assert len(libraries) == len(LIBRARIES)


def test_consent_that_came_later_is_none_of_an_earlier_draft(
    ledger: Ledger, investigator: Signer, clock: Clock
) -> None:
    library = screen.load_library("stop-bang")
    record = b"subject: SYN-1\nevidence: {}\n"
    person = screen.read_record(record, library, "r.yaml")
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    logbook.enter_event(ledger, "consent", "C", "2026-11-20", "", entering)
    found = []
    for day in (DAY, datetime.date(2026, 11, 19)):
        certificate = screen.screen(library, person, day).certificate
        [entry] = logbook.enter(ledger, certificate, logbook.Given(record, "r.yaml"), "C", {}, entering)
        found.append(entry.statement["consent"])
    assert found == ["2026-11-20", ""]


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        (
            {"program": {"name": "screening", "version": "0.0.9"}},
            0,
            "1 the same but for the version of the program",
        ),
        ({"engine": {"name": "law", "version": ""}}, 0, "the same but for the version"),
        ({"searched": ["x"]}, 5, "drifts at /searched"),
    ],
)
def test_another_version_is_told_apart_from_a_drift(
    ledger: Ledger,
    investigator: Signer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, object],
    status: int,
    said: str,
) -> None:
    library = screen.load_library("stop-bang")
    files = logbook.rule_files(library, library.name, screen.rules_folders(()))
    record = b"subject: SYN-1\nevidence: {}\n"
    certificate = screen.screen(library, screen.read_record(record, library, "r.yaml"), DAY).certificate
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    logbook.enter(ledger, certificate | changed, logbook.Given(record, "r.yaml"), "C", files, entering)
    called = call(monkeypatch, "replay", str(ledger.path))
    assert called.status == status
    assert said in " ".join(called.out.split())


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({}, 4, "1 certificate form 1, written by screening 0.0.9: byte for byte only by that version; what both"),
        ({"searched": ["x"]}, 5, "certificate form 1, written by screening 0.0.9; drifts at /searched"),
    ],
)
def test_a_certificate_of_an_earlier_form_is_told_as_one(
    ledger: Ledger,
    investigator: Signer,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    changed: dict[str, object],
    status: int,
    said: str,
) -> None:
    library = screen.load_library("stop-bang")
    files = logbook.rule_files(library, library.name, screen.rules_folders(()))
    record = b"subject: SYN-1\nevidence: {}\n"
    made = screen.screen(library, screen.read_record(record, library, "r.yaml"), DAY).certificate
    # The first form digested neither tree nor record, and said less of the library.
    first = {name: each for name, each in made.items() if name != "rests_on"} | {
        "certificate": "screening-certificate-1",
        "program": {"name": "screening", "version": "0.0.9"},
        "library": {name: each for name, each in made["library"].items() if name != "approval"},
        "digest": "aa" * 32,
    }
    entering = logbook.Entering(investigator, clock(), is_draft=True)
    logbook.enter(ledger, first | changed, logbook.Given(record, "r.yaml"), "C", files, entering)
    called = call(monkeypatch, "replay", str(ledger.path))
    assert called.status == status, called.out
    assert said in " ".join(called.out.split())


def test_lost_and_purged_are_two_things(
    kept: Ledger, investigator: Signer, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(kept.path)
    assert call(monkeypatch, "replay", path).status == 0
    first, second, *_ = (entry for entry in kept.entries() if entry.kind in logbook.SCREENINGS)
    kept.purge([each.digest for each in first.contents], "policy", investigator, clock())
    assert call(monkeypatch, "replay", path).status == 4
    with closing(sqlite3.connect(path)) as connection, connection:
        # As somebody might who wants it to look like a purge: without its entry.
        digest = second.contents[0].digest
        connection.execute("INSERT INTO purged VALUES (?)", (digest,))
        connection.execute("DELETE FROM content WHERE digest = ?", (digest,))
    said = call(monkeypatch, "replay", path)
    assert said.status == 5
    assert f"entry {second.number}" in said.out
    assert "lost" in said.out
    assert call(monkeypatch, "log", "verify", path).status == 5


def test_kept_rules_are_held_against_their_digest(
    kept: Ledger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(kept.path)
    assert call(monkeypatch, "log", "verify", path).status == 0
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TRIGGER rule_stays")
    digest = "SELECT digest FROM rule WHERE file = 'stop-bang.yaml'"
    for statement, why in (
        ("INSERT INTO rule SELECT digest, 'stray.yaml', data FROM rule LIMIT 1", "none of them"),
        (f"DELETE FROM rule WHERE digest = ({digest})", "are not kept any more"),
    ):
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(statement)
        said = call(monkeypatch, "log", "verify", path)
        assert said.status == 5
        assert why in " ".join(said.out.split())
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute("DELETE FROM rule WHERE file = 'stray.yaml'")


def test_rules_that_cannot_be_read_are_wrong_input(kept: Ledger, tmp_path: Path) -> None:
    place = str(kept.path)
    for more, said in (
        (("--protocol", "nope"), "there is no library `nope`"),
        (("--rules", "rules"), "--protocol"),
    ):
        done = called(tmp_path, "replay", place, *more)
        assert (done.status, done.out) == (3, "")
        assert said in done.err


def test_who_was_screened_under_several_protocols_is_decided_on_under_the_one_named(
    kept: Ledger, investigator: Signer, clock: Clock
) -> None:
    """A score that says ELIGIBLE of everybody must not be what somebody is entered by."""
    about, by = f"{LIBRARIES[0]}-0", logbook.Entering(investigator, clock(), is_draft=True)
    first = logbook.to_decide(kept, about)
    assert first == logbook.latest(kept, about) == logbook.to_decide(kept, about, LIBRARIES[0])
    library = screen.load_library(LIBRARIES[2])
    record = b"subject: SYN-0\nevidence: {}\n"
    certificate = screen.screen(library, screen.read_record(record, library, "r.yaml"), DAY).certificate
    [second] = logbook.enter(kept, certificate, logbook.Given(record, "r.yaml"), about, {}, by)
    with pytest.raises(LedgerError, match=f"screened under {LIBRARIES[0]}, {LIBRARIES[2]}; say which"):
        logbook.to_decide(kept, about)
    assert logbook.to_decide(kept, about, LIBRARIES[0]) == first
    assert logbook.to_decide(kept, about, LIBRARIES[2]) == second
    with pytest.raises(LedgerError, match=f"not screened under `{LIBRARIES[1]}`"):
        logbook.to_decide(kept, about, LIBRARIES[1])
    with pytest.raises(LedgerError, match="no screening of `nobody`"):
        logbook.to_decide(kept, "nobody", LIBRARIES[1])
