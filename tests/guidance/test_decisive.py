"""What could settle an open verdict equals brute force: every combination of answers, through the law."""

from __future__ import annotations

import datetime
import os
from collections import Counter
from pathlib import Path

import pytest

from screening import decide, screen
from screening.guidance.decisive import smallest
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import Verdict, determine
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from tests.guidance.everyone import answered, cases

AS_OF = datetime.date(2026, 11, 22)
VERDICTS = (Verdict.INELIGIBLE, Verdict.REVIEW, Verdict.ELIGIBLE)

LIBRARY = """
library: desk
version: "1"
title: One of each kind of open item
status: draft
sources: {made: up for this test}
requirements:
  Age: {type: Integer, take: age on Screening Date}
  Pain: {type: Integer, scale: [0, 10], obtain: ask}
  ALT: {type: Quantity, unit: U/L, floor: "0", plausible: [1, 5000], obtain: blood}
  Stroke: {type: Boolean, condition: SNOMED 230690007, obtain: ask}
  Pressure: {type: Quantity, unit: "mm[Hg]", take: mean of latest day, readings: 2, obtain: examine}
  Accepted: {type: Judgement, obtain: judge}
  Consent: {type: Boolean, take: latest, obtain: arrange}
criteria:
  - id: INC1
    category: inclusion
    text: adults
    source: {made: up}
    expression: |
      Age >= 18
  - id: INC2
    category: inclusion
    text: pain of at least 4, or accepted as it is
    source: {made: up}
    expression: |
      Pain >= 4 or Accepted
  - id: EXC1
    category: exclusion
    text: stroke
    source: {made: up}
    expression: |
      Stroke
  - id: EXC2
    category: exclusion
    text: ALT above 120
    source: {made: up}
    expression: |
      ALT > 120 'U/L'
  - id: EXC3
    category: exclusion
    strength: relative
    text: pressure of 140 or more
    source: {made: up}
    expression: |
      Pressure >= 140 'mm[Hg]'
  - id: ADM1
    category: inclusion
    strength: administrative
    text: consent
    source: {made: up}
    expression: |
      Consent
anchors: [Stroke]
"""


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    folder = tmp_path_factory.mktemp("rules")
    (folder / "desk.yaml").write_text(LIBRARY, encoding="utf-8")
    return load(folder / "desk.yaml", [folder])


def person(library: Library, evidence: str) -> Subject:
    text = f"subject: SYN-1\nsynthetic: true\nevidence:\n{evidence}"
    return read_profile(text.encode(), library, name="person.yaml")


KNOWN = """
  Age: {born: 1970-05-04}
  Pain: {value: 7, date: 2026-11-20}
  ALT: {value: "30 'U/L'", date: 2026-11-20}
  Stroke: {absent: true, date: 2026-11-20}
  Pressure: {records: [{value: "120 'mm[Hg]'", date: 2026-11-20}, {value: "122 'mm[Hg]'", date: 2026-11-20}]}
  Consent: {value: TRUE, date: 2026-11-20}
"""


def without(*names: str) -> str:
    return "\n".join(line for line in KNOWN.splitlines() if line.strip().split(":")[0] not in names) + "\n"


# ------------------------------------------------------------------------------- against brute force


def _held(seeds: range, folder: Path, people: int, most: int) -> Counter[str]:
    """Every set, and every item that matters, of undetermined people under so many libraries."""
    found: Counter[str] = Counter()
    for case in cases(seeds, folder, people, most):
        whole = case.person
        # Against the answers that were listed: whether those are all is another question, asked of completions.
        whole.tables.sampled = lambda items: frozenset()  # type: ignore[method-assign]
        if not all(part.is_whole for part in whole.parts.all):
            found["cut"] += 1
            continue
        found["people"] += 1
        assert set(whole.matter()) == case.matter(), case.subject.id
        for verdict in VERDICTS:
            if verdict is whole.verdict:
                continue
            told = smallest(whole, verdict, most=2000)
            wanted = case.sets(verdict)
            assert {frozenset(each.items) for each in told.sets} == wanted, f"{case.subject.id} {verdict.name}"
            assert told.least == min(map(len, wanted), default=None)
            assert told.number == len(wanted)
            found[verdict.name] += bool(wanted)
            found["sets"] += len(wanted)
            found["of several"] += sum(len(items) > 1 for items in wanted)
            for each in told.sets:
                trace = Law(case.library).trace(answered(whole.gaps.seen, list(each.answers)), AS_OF)
                assert determine(case.library, trace).verdict is verdict
    return found


def test_sets_and_what_matters_equal_brute_force(tmp_path: Path) -> None:
    found = _held(range(1, 45), tmp_path, 3, 400)
    assert found["people"] > 10 and found["sets"] > 30 and found["of several"] > 5


@pytest.mark.long
def test_sets_and_what_matters_equal_brute_force_for_long(tmp_path: Path) -> None:
    first = int(os.environ.get("FIRST_SEED", "30000"))
    libraries = int(os.environ.get("LIBRARIES", "2000"))
    found = _held(range(first, first + libraries), tmp_path, 3, 1500)
    print(dict(found))
    assert found["people"] > libraries / 4 and all(found[verdict.name] > libraries / 40 for verdict in VERDICTS)


# ------------------------------------------------------------------------------- what is told of a person


def test_one_missing_answer_settles_it_either_way(library: Library) -> None:
    found = decide.decisive(library, person(library, without("Stroke")), AS_OF)
    assert found.verdict is Verdict.UNDETERMINED
    assert found.missing == found.matter == ("Stroke",)
    assert [(s.verdict, s.least) for s in found.smallest] == [
        (Verdict.INELIGIBLE, 1), (Verdict.REVIEW, None), (Verdict.ELIGIBLE, 1)
    ]  # fmt: skip
    assert found.of(Verdict.INELIGIBLE).sets[0].answers[0].said == "yes"
    assert found.of(Verdict.ELIGIBLE).sets[0].answers[0].said == "none"


def test_a_judgement_that_is_not_given_leaves_a_review(library: Library) -> None:
    found = decide.decisive(library, person(library, without("Pain", "Stroke")), AS_OF)
    assert {s.items for s in found.of(Verdict.REVIEW).sets} == {("Stroke",)}
    assert {s.items for s in found.of(Verdict.ELIGIBLE).sets} == {("Pain", "Stroke"), ("Stroke", "Accepted")}
    assert found.of(Verdict.INELIGIBLE).sets[0].items == ("Stroke",)
    # Pain below 4 and a Judgement against it bar together.
    assert ("Pain", "Accepted") in {s.items for s in found.of(Verdict.INELIGIBLE).sets}


def test_what_is_partly_known_is_refined(library: Library) -> None:
    partly = without("ALT", "Pressure") + (
        "  ALT: {value: \"<200 'U/L'\", date: 2026-11-20}\n"
        "  Pressure: {records: [{value: \"139 'mm[Hg]'\", date: 2026-11-20T09:00}]}\n"
    )
    someone = person(library, partly)
    values = {
        row.value.high for s in decide.completions(library, someone, AS_OF, "ALT") for row in s.evidence["ALT"]
    }
    assert all(value < 200 for value in values) and min(values) <= 120 < max(values)
    for completed in decide.completions(library, someone, AS_OF, "Pressure"):
        assert len(completed.evidence["Pressure"]) >= 2
        assert completed.evidence["Pressure"][0].value == someone.evidence["Pressure"][0].value


def test_nothing_matters_once_it_is_settled(library: Library) -> None:
    barred = person(library, without("Stroke", "Pain") + "  Stroke: {value: TRUE, date: 2026-11-20}\n")
    found = decide.decisive(library, barred, AS_OF)
    assert found.verdict is Verdict.INELIGIBLE
    assert found.matter == () and found.questions == () and found.smallest == ()
    assert decide.matter(library, person(library, KNOWN), AS_OF) == ()


def test_the_next_question_weighs_burden(library: Library) -> None:
    someone = person(library, without("Stroke", "ALT", "Consent"))
    assert [q.requirement for q in decide.ranked(library, someone, AS_OF)] == ["Stroke", "ALT", "Consent"]
    from decimal import Decimal

    dear = {"Stroke": Decimal(20)}
    assert next(q.requirement for q in decide.ranked(library, someone, AS_OF, dear)) == "ALT"
    often = {"EXC2": Decimal("0.99"), "EXC1": Decimal("0.01")}
    assert next(q.requirement for q in decide.ranked(library, someone, AS_OF, chances=often)) == "ALT"


def test_what_is_answered_is_asked_no_more() -> None:
    found = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    someone = screen.read_record(data, found, name)
    assert decide.matter(found, someone, AS_OF) == ()


def test_decided_despite_missing_is_a_note_beside_the_verdict(tmp_path: Path) -> None:
    """Whatever is missing, every answer decides alike; the law leaves it open, and its verdict stays."""
    text = LIBRARY.replace("Pain >= 4 or Accepted", "Pain <= 5 or Pain > 5").replace(
        "ALT > 120 'U/L'", "ALT <= 35 'U/L' and ALT > 35 'U/L'"
    )
    (tmp_path / "desk.yaml").write_text(text, encoding="utf-8")
    library = load(tmp_path / "desk.yaml", [tmp_path])
    found = decide.decisive(library, person(library, without("Pain", "ALT")), AS_OF)
    assert found.verdict is Verdict.UNDETERMINED
    notes = {(note.criterion, note.truth): dict(note.domain) for note in found.despite}
    assert notes[("INC2", "TRUE")] == {"Pain": "0 to 10 by its scale"}
    # What is plausible bounds no missing value.
    assert notes[("EXC2", "FALSE")] == {"ALT": "any number"}
    assert ("", "ELIGIBLE") in notes and ("", "INELIGIBLE") not in notes
    told = "\n".join(line.text for line in decide.told(library, person(library, without("Pain")), AS_OF, found))
    assert "INC2 is met whatever is answered" in told


def test_what_only_plausible_numbers_decide_is_not_decided(tmp_path: Path) -> None:
    text = LIBRARY.replace("ALT > 120 'U/L'", "ALT > 5000 'U/L'")
    (tmp_path / "desk.yaml").write_text(text, encoding="utf-8")
    library = load(tmp_path / "desk.yaml", [tmp_path])
    found = decide.decisive(library, person(library, without("ALT")), AS_OF)
    assert found.of(Verdict.INELIGIBLE).least is None
    assert found.despite == ()


def test_the_api_as_a_program_uses_it() -> None:
    """An interview by hand: ask, answer, ask again, until no answer changes the verdict."""
    library = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    whole = screen.read_record(data, library, name)
    hidden = ("Stroke", "Uncontrolled Arrhythmia", "Consent Signed")
    from dataclasses import replace

    from screening.guidance.questions import Questions

    evidence = {n: rows for n, rows in whole.evidence.items() if n not in hidden}
    absences = {n: rows for n, rows in whole.absences.items() if n not in hidden}
    subject = replace(whole, evidence=evidence, absences=absences)
    questions, asked = Questions(library), []
    while ranked := questions.ranked(subject, AS_OF):
        item = ranked[0].requirement
        asked.append(item)
        subject = replace(
            subject,
            evidence={**subject.evidence, item: whole.evidence.get(item, ())},
            absences={**subject.absences, item: whole.absences.get(item, ())},
        )
    assert set(asked) == set(hidden) and asked[-1] == "Consent Signed"
    assert screen.screen(library, subject, AS_OF).determination.verdict is Verdict.ELIGIBLE
