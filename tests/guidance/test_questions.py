"""The order of questions, counted: beside asking by fail rate, and beside the best order there is."""

from __future__ import annotations

import datetime
import statistics
from pathlib import Path

from screening import screen
from screening.guidance.answerable import anew
from screening.guidance.interview import Left
from screening.guidance.questions import Person, Questions
from screening.interpreters.reference import Law
from screening.outcome.decisive import Anew
from screening.outcome.determination import Verdict, determine
from screening.reading.load import load
from screening.sources.profile import read_profile
from tests.bench import questions as bench
from tests.guidance.everyone import answered


def test_no_more_questions_than_by_fail_rate() -> None:
    counts, eligible = bench.programme(6, 6, seed=4)
    assert 3 * eligible >= 6
    pairs = zip(counts["next best"], counts["by fail rate"], strict=True)
    assert all(ours <= theirs for (ours, _, _), (theirs, _, _) in pairs)
    assert not any(unshown for _, _, unshown in counts["next best"])


def test_near_the_best_possible_order_on_small_cases() -> None:
    found = bench.optimum(40, seed=3)
    best, ours, plain = (statistics.mean(column) for column in zip(*found, strict=True))
    assert len(found) > 4
    assert all(a <= b + 1e-9 for a, b, _ in found)
    assert best <= ours <= 1.25 * best and ours <= plain + 1e-9


def test_candidates_meet_the_anchors_and_are_asked_what_matters_alone() -> None:
    library = screen.load_library("ketamine-ra-fm")
    questions, law = Questions(library), Law(library)
    for one in bench.candidates(library, questions, 2, 4, seed=2):
        made = determine(library, law.trace(answered(one.known, list(one.hidden.values())), bench.AS_OF))
        assert made.verdict is not Verdict.UNDETERMINED
        assert set(questions.matter(one.known, bench.AS_OF)) <= {r.name for r in library.requirements}
        for anchor in library.anchors:
            assert made.standing.name != "NO_ANCHOR_EVIDENCE", anchor


ON_FILE = """
library: on-file
version: "1"
title: An interval and whether there is one
status: draft
sources: {made: up for this test}
requirements:
  On File: {type: Boolean, take: latest}
  Length: {type: Quantity, unit: ms, plausible: [200, 800]}
  Rate: {type: Quantity, unit: /min, plausible: [30, 220]}
  Demanded: {type: Boolean, take: latest}
  Pain: {type: Boolean, take: latest}
definitions:
  Corrected:
    expression: |
      if Length is null then null else Length / (60 '/min' / Rate) ^ (1 / 3)
    by_availability: {made: up}
criteria:
  - id: EXC1
    category: exclusion
    text: too long
    source: {made: up}
    applies when: |
      Demanded or Agree(if "On File" then 1 else 0,
                        if Length > 0 'ms' then 1 else if "On File" then 1 else 0) = 1
    expression: |
      Corrected > 480 'ms'
  - id: EXC2
    category: exclusion
    strength: relative
    text: pain
    source: {made: up}
    expression: |
      Pain
"""


def _asked_of(folder: Path, text: str, evidence: str) -> tuple[set[str], frozenset[str], bool]:
    person = _person(folder, text, evidence)
    return set(person.matter()), person.shown, person.may_be_cleared


def _person(folder: Path, text: str, evidence: str) -> Person:
    (folder / "on-file.yaml").write_text(text, encoding="utf-8")
    library = load(folder / "on-file.yaml", [folder])
    profile = f"subject: SYN-1\nsynthetic: true\nevidence: {{Demanded: 'TRUE', {evidence}}}\n"
    subject = read_profile(profile.encode(), library, name="person.yaml")
    return Questions(library).person(subject, datetime.date(2026, 11, 22))


def test_what_could_only_contradict_the_record_is_not_asked_nor_what_waits_for_it(tmp_path: Path) -> None:
    asked, shown, may = _asked_of(tmp_path, ON_FILE, "On File: 'TRUE'")
    assert asked == {"Length", "Rate", "Pain"} == shown and may
    # No ECG is on file and one is demanded: until that is corrected nothing else can make it ELIGIBLE.
    assert _asked_of(tmp_path, ON_FILE, "On File: 'FALSE'") == (set(), frozenset(), False)
    assert _asked_of(tmp_path, ON_FILE, "On File: 'FALSE', Rate: \"70 '/min'\"") == (set(), frozenset(), False)


def test_what_keeps_others_from_being_answered_has_to_be_recorded_anew(tmp_path: Path) -> None:
    no = "On File: {value: 'FALSE', date: 2026-11-20}"
    assert anew(_person(tmp_path, ON_FILE, no).gaps) == (Anew("On File", ("Length",)),)
    assert not anew(_person(tmp_path, ON_FILE, "On File: 'TRUE'").gaps)
    library = load(tmp_path / "on-file.yaml", [tmp_path])
    profile = f"subject: SYN-1\nsynthetic: true\nevidence: {{Demanded: 'TRUE', {no}}}\n"
    subject, left = read_profile(profile.encode(), library, name="person.yaml"), Left(library)
    # On the day it was said it is not asked again; on a later day it may be otherwise.
    for day, asked in ((20, ()), (21, ("On File",))):
        as_of = datetime.date(2026, 11, day)
        assert left.ranked(subject, as_of, Law(library).trace(subject, as_of)) == asked
        assert left.anew == (Anew("On File", ("Length",)),)


def test_a_screening_says_what_has_to_be_recorded_anew_first(tmp_path: Path) -> None:
    person = _person(tmp_path, ON_FILE, "On File: {value: 'FALSE', date: 2026-11-20}")
    library, day = person.gaps.reading.library, datetime.date(2026, 11, 22)
    said = screen.plain_text(screen.told(screen.screen(library, person.gaps.seen, day)))
    assert "On File has to be recorded anew first." in " ".join(said.split())


def test_an_answer_that_only_some_numbers_contradict_is_asked(tmp_path: Path) -> None:
    # An interval of 0 would be none.
    from_zero = ON_FILE.replace("plausible: [200, 800]", "plausible: [0, 800]")
    assert "Length" in _asked_of(tmp_path, from_zero, "On File: 'FALSE'")[0]
