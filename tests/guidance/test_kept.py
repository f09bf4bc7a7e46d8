"""What is kept from one question of an interview to the next is what would be found anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from random import Random

from screening import screen
from screening.guidance.cubes import NEVER, Family, both, either
from screening.guidance.questions import Questions
from screening.record.subject import Subject
from tests.bench import questions as bench
from tests.guidance.everyone import answered, cases

AS_OF = bench.AS_OF


def programme(hidden: int, seed: int) -> tuple[Questions, Subject, Subject]:
    library = screen.load_library("ketamine-ra-fm")
    data, name = screen.example("index-completed.yaml")
    whole = screen.read_record(data, library, name)
    recorded = [n for n in whole.evidence if whole.evidence[n] or whole.absences.get(n)]
    names = [n for n in recorded if n not in library.anchors]
    return Questions(library), whole, bench.hidden_of(whole, Random(seed).sample(names, hidden))


def test_an_interview_asks_as_if_each_question_were_the_first() -> None:
    questions, whole, subject = programme(25, seed=7)
    counted = 0
    while ranked := questions.ranked(subject, AS_OF):
        assert ranked == bench.replaced(questions).ranked(subject, AS_OF)
        item = next((q.requirement for q in ranked if q.requirement in whole.evidence), "")
        if not item:
            break
        subject = bench.as_recorded(whole, item).of(subject)
        counted += 1
    assert counted > 5


def test_people_by_chance_are_asked_the_same_with_what_is_kept(tmp_path: Path) -> None:
    compared = 0
    for case in cases(range(200, 230), tmp_path, 3, 300):
        questions = Questions(case.library)
        for given in list(case.verdicts)[:: max(1, len(case.verdicts) // 12)]:
            answers = [case.person.tables.answer(item, number) for item, number in given]
            subject = answered(case.person.gaps.seen, answers)
            fresh = bench.replaced(questions)
            assert questions.ranked(subject, AS_OF) == fresh.ranked(subject, AS_OF)
            assert questions.matter(subject, AS_OF) == fresh.matter(subject, AS_OF)
            compared += 1
    assert compared > 60


def test_an_answer_that_is_corrected_is_not_taken_for_the_one_before() -> None:
    questions, _, subject = programme(25, seed=7)
    before = questions.person(subject, AS_OF)
    item = next(q.requirement for q in before.ranked({}, {}) if q.against)
    for answer in before.tables.answers(item).answers:
        now = answer.of(subject)
        assert questions.ranked(now, AS_OF) == bench.replaced(questions).ranked(now, AS_OF)
        assert item not in questions.matter(now, AS_OF)


def test_only_the_parts_that_an_answer_touches_are_made_anew() -> None:
    questions, whole, subject = programme(25, seed=3)
    before = questions.person(subject, AS_OF)
    item = next(q.requirement for q in before.ranked({}, {}) if q.requirement in whole.evidence)
    after = questions.person(bench.as_recorded(whole, item).of(subject), AS_OF)
    touched = [part for part in before.parts.all if item in part.items]
    assert len(touched) == 1 and len(before.parts.all) > 5
    same = [part for part in before.parts.all if any(part is other for other in after.parts.all)]
    assert len(same) == len(before.parts.all) - 1


def test_what_can_never_be_met_ends_a_conjunction_whatever_was_left_out() -> None:
    sampled = Family(({"a": 2},), True, frozenset("a"))
    assert both((sampled, NEVER)) == NEVER
    # What is left out of one goes with the cubes of the other.
    together = both((sampled, Family(({"b": 4},))))
    assert together.cubes == ({"a": 2, "b": 4},) and together.beyond == {"a", "b"}
    assert either((sampled, Family(({"b": 4},)))).beyond == {"a"}


def test_nothing_that_matters_is_left_out_and_little_else_is_named(tmp_path: Path) -> None:
    named = matter = 0
    for case in cases(range(30000, 30060), tmp_path, 3, 600):
        told = set(case.person.matter())
        assert case.matter() <= told
        named, matter = named + len(told), matter + len(case.matter())
    assert matter > 30 and named <= 1.2 * matter


def test_the_best_order_costs_what_brute_force_says(tmp_path: Path) -> None:
    """The mean over all answers, each counting alike; every answer costs the same."""
    compared = 0
    for case in cases(range(2000, 2080), tmp_path, 3, 300):
        if len(case.items) < 2:
            continue
        matter = case.person.matter()
        found = case.person.optimum(matter, lambda item: bench.ALIKE["ask"], {})
        best, ours, _ = bench.regret(case)
        if found is not None:
            assert abs(found.cost() - best) < 1e-9, case.subject.id
            assert abs(ours - best) < 1e-9
            compared += 1
    assert compared > 10


def test_that_a_dated_thing_is_not_there_is_an_answer_too() -> None:
    """Its date is asked as well (`until:`), so that its answers are no mere list."""
    questions, _, subject = programme(0, seed=1)
    empty = replace(subject, evidence={}, absences={}, complete={})
    person = questions.person(empty, AS_OF)
    said = [answer.said for answer in person.tables.answers("Hypertensive Emergency").answers]
    assert said[0] == "none" and "yes" in said
    assert person.may_be_cleared and set(person.matter()) >= {"Hypertensive Emergency", "Bipolar Disorder"}


def test_a_conjunction_that_is_cut_short_says_what_it_may_concern() -> None:
    many = [Family(({f"a{n}": 2}, {f"b{n}": 2})) for n in range(10)]
    found = both(many)
    assert not found.is_all and len(found.beyond) == 20
