"""Every kind of finding in a rule file of its own: about what, where in the file, and who shows it by the law."""

from __future__ import annotations

import datetime
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("z3")

from screening import analyse
from screening.analysis.questions import findings
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.finding import EVERY_RECORD, NOT_DECIDED, SHOWN, Finding
from screening.reading.load import load
from screening.values.truth import FALSE, TRUE, UNKNOWN
from tests.analysis.rules import library
from tests.checkout import ROOT
from tests.cli.calls import call

DAY = datetime.date(2026, 11, 22)
Said = Callable[[Mapping[str, Any]], bool]


def definition(text: str, more: str = "") -> str:
    """A definition `Class` of one line."""
    return f"  Class:\n{more}    expression: |\n      {text}\n"


def claim(text: str) -> str:
    """One property of a file."""
    return f"properties:\n  - {text}\n"


# Criteria, definitions and properties; then the kind, about what, what stands at the place, of whom it is shown.
TABLE: dict[str, tuple[tuple[str, ...], str, str, str, tuple[str, ...], str, Said | None]] = {
    "never met": (("Score > 6",), "", "", "never met", ("C1",), "C1", lambda v: v["C1"] is FALSE),
    "always met": (
        ("Score >= 0", "Other > 2"), "", "", "never failed", ("C1",), "C1", lambda v: v["C1"] is TRUE,
    ),
    "implied": (
        ("Score >= 3", "Score >= 2"), "", "", "implied", ("C2", "C1"), "C2",
        lambda v: v["C1"] is TRUE and v["C2"] is TRUE,
    ),
    "two inclusions that contradict": (
        ("Score + Other > 6", "Disease", "Score + Other < 5"), "", "", "contradiction", ("C1", "C3"), "C1",
        lambda v: v["C1"] is TRUE and v["C3"] is not TRUE,
    ),
    "an inclusion and an exclusion that contradict": (
        ("Score > 4", "(exclusion) Score > 1"), "", "", "contradiction", ("C1", "C2"), "C1",
        lambda v: v["C1"] is TRUE and v["C2"] is not FALSE,
    ),
    "two exclusions of which one always bars": (
        ("(exclusion) Score > 3", "(exclusion) Score <= 3"), "", "", "contradiction", ("C1", "C2"), "C1",
        lambda v: v["C1"] is FALSE and v["C2"] is not FALSE,
    ),
    "three that nobody satisfies together": (
        ("Score > Other", "Other >= 3", "Score < 4"), "", "", "nobody eligible", ("C1", "C2", "C3"), "C1",
        lambda v: v["C1"] is TRUE and v["C2"] is TRUE and v["C3"] is not TRUE,
    ),
    "a gap between bands": (
        ("Score > 1",), definition("if Score < 2 then 'a' else if Score between 3 and 4 then 'b' else 'c'"), "",
        "gap between bands", ("Class",), "if Score", lambda v: v["Score"] == (2, 2),
    ),
    "bands that overlap": (
        ("Score > 1",),
        definition("if Score between 0 and 2 then 'a' else if Score between 2 and 4 then 'b' else 'c'"), "",
        "bands overlap", ("Class",), "if Score", lambda v: v["Score"] == (2, 2),
    ),
    "a band that is never reached": (
        ("Score > 1",), definition("if Score < 4 then 'a' else if Score < 2 then 'b' else 'c'"), "",
        "never reached", ("Class",), "Score < 2", lambda v: v["Score"].high < 2,
    ),
    "a limit outside the plausible range": (
        ("Disease or Heart > 300",), "", "", "limit out of reach", ("C1",), "Heart > 300",
        lambda v: v["Heart"].high <= 300,
    ),
    "UNKNOWN that is decided": (
        ("Score <= 3 or Score > 3 or Disease",), "", "", "decided although UNKNOWN", ("C1",), "Score <= 3 or",
        lambda v: v["C1"] is UNKNOWN,
    ),
    "a printed form that differs": (
        ("Score >= 3 ;; equivalent_to: Score > 3",), "", "", "equivalent to", ("C1",), "C1",
        lambda v: v["Score"] == (3, 3),
    ),
    "a printed form of a number that differs": (
        ("Class > 1",), definition("Score + Other", "    equivalent_to: Score + Score\n"), "", "equivalent to",
        ("Class",), "Class", lambda v: v["Score"] != v["Other"],
    ),
    "more that takes away": (
        ("Score between 2 and 4",), "", claim("{more: Score, keeps: C1, because: it was thought a lower limit}"),
        "property", (), "C1", lambda v: v["C1"] is TRUE,
    ),
    "more of a sum that takes away": (
        ("Class < 5",), definition("Score + Other"), claim("{more: Class, keeps: C1, because: of a slip}"),
        "property", (), "C1", lambda v: v["C1"] is TRUE,
    ),
    "a property that does not hold": (
        ("Score >= 3 or Other > 5",), "", claim("{never: Disease and eligible, because: it is barred}"),
        "property", (), "Disease and", lambda v: v["eligible"] is TRUE,
    ),
    "a property that always should": (
        ("Score >= 3",), "", claim("{always: C1 or Other < 3, because: of a slip}"), "property", (), "C1 or",
        lambda v: v["C1"] is FALSE,
    ),
}  # fmt: skip


def planted(folder: Path, row: str) -> Library:
    criteria, definitions, tail = TABLE[row][:3]
    found = library(folder, *criteria, definitions=definitions, tail=tail) if "Heart" not in criteria[0] else None
    if found is not None:
        return found
    text = library(folder, "Score > 1")
    path = Path(text.path)
    changed = path.read_text(encoding="utf-8").replace("Score > 1", criteria[0])
    heart = (
        "  Heart: {type: Integer, plausible: [20, 250], code: LOINC 3-3, source: {report: table}}\ndefinitions:"
    )
    path.write_text(changed.replace("definitions:", heart, 1), encoding="utf-8")
    return load(path, [folder])


@pytest.mark.parametrize("row", TABLE)
def test_each_kind_is_found_at_its_place_and_shown_by_a_person(tmp_path: Path, row: str) -> None:
    found = planted(tmp_path, row)
    *_, kind, about, at, said = TABLE[row]
    faults = [f for f in findings(found, DAY) if f.is_fault and f.kind == kind and f.about == about]
    assert len(faults) == 1
    (fault,) = faults
    assert fault.sure != NOT_DECIDED
    line = Path(found.path).read_text(encoding="utf-8").splitlines()[fault.place.line - 1]
    assert line[fault.place.column - 1 :].startswith(at)
    assert fault.shown or kind in ("gap between bands", "bands overlap") or fault.sure == SHOWN
    if said is not None:
        assert fault.subject is not None
        assert said(Law(found).evaluate(fault.subject, DAY))


@pytest.mark.parametrize("row", TABLE)
def test_the_author_reads_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, row: str) -> None:
    path = planted(tmp_path, row).path
    called = call(monkeypatch, "analyse", path, "--as-of", "2026-11-22")
    said = " ".join(called.out.split())
    assert called.status == 5
    kind, about = TABLE[row][3], TABLE[row][4]
    assert f"{', '.join(about)} {kind}".strip() in said or " and ".join(about) in said
    assert "small.yaml:" in said
    person = ("Score", "Other", "Disease", "Heart", "a person of whom nothing is recorded")
    assert any(word in said.partition("small.yaml:")[2] for word in person)


def test_both_places_of_two_that_contradict_are_named(tmp_path: Path) -> None:
    found = library(tmp_path, "Score > 4", "Disease", "(exclusion) Score > 1")
    (fault,) = [f for f in findings(found, DAY) if f.kind == "contradiction"]
    places = [criterion.span.line for criterion in found.criteria if criterion.id != "C2"]
    assert [fault.place.line, fault.beside.line] == places
    told = " ".join(line.text for line in analyse.findings_told(found, [fault], DAY))
    assert all(f"small.yaml:{line}:" in told for line in places)


def test_silence_that_is_read_as_no_is_shown_by_who_is_eligible_for_it(tmp_path: Path) -> None:
    text = Path(library(tmp_path, "Score >= 3", "(exclusion) Disease").path)
    silent = text.read_text(encoding="utf-8").replace(
        "condition: SNOMED 1,", "condition: SNOMED 1, when_absent: false, because: {report: asked of everybody},"
    )
    text.write_text(silent, encoding="utf-8")
    found = findings(load(text, [tmp_path]), DAY)
    (safe,) = [f for f in found if f.kind == "fail-safe"]
    assert safe.sure == EVERY_RECORD
    assert "is granted: small.yaml:" in safe.text
    (silence,) = [f for f in found if f.kind == "silence"]
    assert (silence.about, silence.is_fault) == (("Disease",), False)
    assert silence.subject is not None
    assert set(silence.subject.evidence) == {"Score"}


def test_what_is_not_settled_in_time_is_never_called_proved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("screening.analysis.proofs.STEPS", 1)
    monkeypatch.setattr("screening.analysis.search.STEPS", 1)
    criteria = [f"Score * Other + {n} > Other * Other or Disease" for n in range(4)]
    found = findings(library(tmp_path, *criteria), DAY)
    (safe,) = [f for f in found if f.kind == "fail-safe"]
    assert safe.sure == NOT_DECIDED
    told = " ".join(line.text for line in analyse.findings_told(library(tmp_path, *criteria), found, DAY))
    assert "proved of every record" not in told.partition("C1")[0]
    assert not any(f.is_fault for f in found)


def test_several_codings_of_one_thing_are_not_ruled_out(tmp_path: Path) -> None:
    """A record may say two codes of one value; what only fails of such a record is not said of every record."""
    path = tmp_path / "coded.yaml"
    text = """library: coded
version: "0.1"
title: Codes
status: draft
sources: {report: A report}
requirements:
  Kind: {type: Code, code: LOINC 1-1, source: {report: table}}
valuesets:
  First: {concepts: [SNOMED 1], source: {report: table}}
  Second: {concepts: [SNOMED 2], source: {report: table}}
criteria:
  - {id: C1, category: inclusion, text: A, source: {report: table}, expression: Kind in First and Kind in Second}
"""
    path.write_text(text, encoding="utf-8")
    found = [f for f in findings(load(path, [tmp_path]), DAY) if f.kind == "never met"]
    assert [f.sure == EVERY_RECORD for f in found] == [False]
    assert "one code of each thing" in found[0].sure


@pytest.mark.parametrize("arguments", [["analyse", "phq-9"], ["diff", "phq-9", "audit-c"]])
def test_without_the_solver_it_is_said_how_to_get_it(arguments: list[str]) -> None:
    hidden = (
        f"import sys; sys.modules['z3'] = None; from screening.cli.main import run; sys.exit(run({arguments!r}))"
    )
    called = subprocess.run([sys.executable, "-c", hidden], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (called.returncode, called.stdout) == (3, "")
    assert "the solver is not installed: pip install 'screening[analysis]'" in called.stderr


def told(found: list[Finding]) -> list[tuple[str, tuple[str, ...]]]:
    return [(f.kind, f.about) for f in found if f.is_fault]


def test_one_of_a_chain_is_told_once(tmp_path: Path) -> None:
    """Of many limits of one value each that does nothing is told with one that makes it so, not with every one."""
    found = findings(library(tmp_path, *(f"(exclusion) Score > {n}" for n in (1, 2, 3, 4, 1))), DAY)
    assert sorted(about[0] for kind, about in told(found) if kind == "implied") == ["C1", "C2", "C3", "C4"]


def test_the_day_of_the_highest_reading_stops_no_analysis(tmp_path: Path) -> None:
    """The solver has no term for it: any day will do, and who is shown is confirmed by the law."""
    path = Path(library(tmp_path, "Score > 1").path)
    text = path.read_text(encoding="utf-8").replace(
        "scale: [0, 6], code: LOINC 1-1", "take: highest, code: LOINC 1-1"
    )
    path.write_text(
        text.replace("Score > 1", 'date of Score 3 months or less before "Screening Date"'), encoding="utf-8"
    )
    assert told(findings(load(path, [tmp_path]), DAY)) == []


def test_the_same_bytes_whatever_order_a_process_keeps_its_sets_in(tmp_path: Path) -> None:
    path = library(
        tmp_path, "Score > 4 or Other * Score > 7", "(exclusion) Score > 1 and Disease", "Other < Score"
    ).path
    said = set()
    for seed in ("1", "2"):
        command = [sys.executable, "-m", "screening", "analyse", path, "--json", "--as-of", "2026-11-22"]
        called = subprocess.run(
            command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=False
        )
        said.add(called.stdout)
    assert len(said) == 1
    assert b"findings" in said.pop()


def test_a_gap_that_stays_without_a_word_is_told(tmp_path: Path) -> None:
    """`null` at the end of a chain is no band: a number between two bands is left without a word."""
    bands = (
        "if Score < 2 then 'low' else if Score between 3 and 4 then 'middle' else if Score > 4 then 'high' else"
    )
    for last, expected in (("null", [("gap between bands", ("Class",))]), ("'mid'", [])):
        found = findings(library(tmp_path / last, "Class = 'low'", definitions=definition(f"{bands} {last}")), DAY)
        assert [told for told in told(found) if told[0] == "gap between bands"] == expected


def test_that_nothing_makes_eligible_wrong_is_proved_of_whatever_day(tmp_path: Path) -> None:
    path = Path(library(tmp_path, "Score > 1").path)
    text = path.read_text(encoding="utf-8").replace(
        "Score > 1", 'date of Score 3 months or less on or before day of "Screening Date" and Score > 1'
    )
    path.write_text(text, encoding="utf-8")
    found = findings(load(path, [tmp_path]), DAY)
    (safe,) = [f for f in found if f.kind == "fail-safe"]
    assert (safe.sure, safe.text) == (
        EVERY_RECORD,
        "no completion of what is unknown makes ELIGIBLE wrong, on whatever day",
    )


def test_what_is_proved_of_one_day_says_which(tmp_path: Path) -> None:
    """Three months and 89 days leave nothing between them in November, and do in May."""
    ago = 'date of Score {} day of "Screening Date"'
    criteria = ago.format("3 months or more before"), ago.format("89 days or less on or before")
    found = findings(library(tmp_path, *criteria), DAY)
    assert ("contradiction", ("C1", "C2")) in told(found)
    text = " ".join(line.text for line in analyse.findings_told(library(tmp_path, *criteria), found, DAY))
    assert "proved of every record as of 2026-11-22" in text
    assert not told(findings(library(tmp_path, *criteria), datetime.date(2026, 5, 22)))


def test_a_mean_of_whole_numbers_is_not_taken_for_one(tmp_path: Path) -> None:
    """Of two scores of one day, 2 and 3, the mean is 2.5; twice that is an odd number."""
    path = Path(library(tmp_path, "Score > 2 and Score < 3", "Score * Other = 5 and Other = 2").path)
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("scale: [0, 6], code: LOINC 1-1", "scale: [0, 6], take: mean of latest day, code: LOINC 1-1"),
        encoding="utf-8",
    )
    assert not [finding for finding in told(findings(load(path, [tmp_path]), DAY)) if finding[0] != "implied"]
