"""Pages for tests: people of the small protocol, a cohort of them, a ledger, the page of the second verifier."""

from __future__ import annotations

import datetime
from collections import Counter
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import report, screen
from screening.reports.cohort_page import cohort_page
from screening.reports.manifest import manifest
from tests.checkout import ROOT
from tests.cli.cohorts import RECORDS, SMALL, called, cohort, made_people

STUB = Path(__file__).resolve().parent / "stub_verifier.js"
PEOPLE = ("eligible", "ineligible", "review", "index", "alert", "contradicted")
BY = ("--by", "K. Seven", "--role", "investigator")


def pages(folder: Path) -> dict[str, Path]:
    """One page of each kind, with the stand-in for the second verifier."""
    with pytest.MonkeyPatch.context() as standing_in:
        standing_in.setattr(report, "VERIFIER", stand_in(folder))
        made = {name: folder / f"{name}.html" for name in (*PEOPLE, "cohort", "ledger", "verifier")}
        for name in PEOPLE:
            _done(folder, "report", f"{RECORDS / name}.yaml", *SMALL, "--out", f"{name}.html")
        made_people(folder / "people", 250)
        assert cohort(folder, "people").status == 0
        _done(folder, "report", "out", "--out", "cohort.html")
        _ledger(folder)
        _done(folder, "report", "site.ledger", "--out", "ledger.html")
        _done(folder, "report", "--verifier", "verifier.html")
    return made


def stand_in(folder: Path) -> Path:
    """The stand-in for the second verifier, behind the true one."""
    path = folder / "stand-in.js"
    path.write_text(
        report.VERIFIER.read_text(encoding="utf-8") + STUB.read_text(encoding="utf-8"), encoding="utf-8"
    )
    return path


def _ledger(folder: Path) -> None:
    draft = ("--draft", *BY)
    _done(folder, "log", "init", "site.ledger", *BY, "--site-name", "North")
    for name in ("review", "ineligible"):
        _done(folder, "log", "add", "site.ledger", f"{RECORDS / name}.yaml", *SMALL, *draft)
    text = (RECORDS / "ineligible.yaml").read_text(encoding="utf-8").replace("121 'U/L'", "21 'U/L'")
    (folder / "corrected.yaml").write_text(text, encoding="utf-8")
    _done(folder, "log", "correct", "site.ledger", "3", "corrected.yaml", *SMALL, "--reason", "misread", *draft)


def _done(folder: Path, *arguments: str) -> None:
    done = called(folder, *arguments)
    assert done.status == 0, (arguments, done.err)


def large_cohort(people: int) -> str:
    """The page of a made-up cohort of so many, each lacking much; nobody of it was ever screened."""
    library = screen.load_library("small", [ROOT / "tests" / "cli" / "rules"])
    random = Random(11)
    criteria, items = [c.id for c in library.criteria], [r.name for r in library.requirements]
    letters = "23456789BCDFGHJKMNPQRSTVWXYZ"

    def some(names: list[str]) -> str:
        return "|".join(name for name in names if random.random() < 0.6)

    def person() -> tuple[str, ...]:
        pseudonym = "-".join("".join(random.choices(letters, k=4)) for _ in range(2))
        verdict = random.choices(("INELIGIBLE", "UNDETERMINED", "REVIEW"), (30, 60, 1))[0]
        standing = (
            "RULED OUT" if verdict == "INELIGIBLE" else random.choice(("NOT RULED OUT", "NO ANCHOR EVIDENCE"))
        )
        alerts = "SCV01A" if random.random() < 0.001 else ""
        reasons = some(criteria)
        return pseudonym, standing, verdict, reasons, reasons, some(items), alerts, ""

    rows = [person() for _ in range(people)]
    made: dict[str, Any] = manifest(library, datetime.date(2026, 11, 22), {"extracted": None}, None, {}, {})
    made["run"] = {"started": "2026-11-22T10:00:00Z", "finished": "2026-11-22T10:01:00Z"}
    made["counts"] = {
        "read": people,
        "rejected": 0,
        "rejected_by_kind": {},
        "people": people,
        "not_screened": 0,
        "standing": Counter(row[1] for row in rows),
        "verdict": Counter(row[2] for row in rows),
        "people_with_alerts": sum(bool(row[6]) for row in rows),
    }
    return cohort_page(made, rows)[0]
