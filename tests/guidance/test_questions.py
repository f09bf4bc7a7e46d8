"""The order of questions, counted: beside asking by fail rate, and beside the best order there is."""

from __future__ import annotations

import statistics

from screening import screen
from screening.guidance.questions import Questions
from screening.interpreters.reference import Law
from screening.outcome.determination import Verdict, determine
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
