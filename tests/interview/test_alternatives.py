"""What measures one thing twice is asked one way: what comes first, what follows, what is left out."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from itertools import count

import pytest

from screening import interview, screen
from screening.guidance.alternatives import Alternatives
from screening.guidance.interview import Left, Pages
from screening.interview import Interview
from screening.language.library import Library
from screening.outcome.determination import Verdict
from screening.outcome.interview import Page
from screening.outcome.question import BURDENS
from tests.interview.clinic import known, line

DAY = datetime.date(2026, 11, 22)
ASKED = "date: 2026-11-20, source: chart"
# What the rules take as one thing: how it is asked first, and what only follows where that was not known.
PAIRS = [
    ("C-SSRS Item 4 or 5", "C-SSRS Question 4"),
    ("C-SSRS Item 4 or 5", "C-SSRS Question 5"),
    ("C-SSRS Item 3", "C-SSRS Question 3"),
    ("C-SSRS Recent Behaviour", "C-SSRS Question 6 in 3 Months"),
    ("Suicidal Behaviour", "C-SSRS Question 6"),
    ("C-SSRS Question 6", "C-SSRS Question 6 Lately"),
    ("WPI Total", "Jaw Left"),
    ("SSS Total", "Fatigue"),
    ("Painful Regions Total", "Upper Arm Left"),
    ("STOP-Bang Total", "Snoring"),
    ("QTcF Recorded", "QT Interval"),
    ("PHQ-9 Total", "PHQ-9 Item 1"),
    ("Heavy Alcohol Use", "AUDIT-C Total"),
    ("AUDIT-C Total", "AUDIT-C Item 1"),
    ("Drug Screen Positive", "Cocaine Screen"),
    ("CDAI Recorded", "Evaluator Global"),
    ("FM Symptom Onset", "FM Symptom Months"),
    ("FM Symptom Months", "FM Symptom Days"),
    # The rule takes the laboratory's own value only where no creatinine is recorded; either is one question.
    ("Serum Creatinine", "eGFR Reported"),
]


@pytest.fixture(scope="module")
def library() -> Library:
    return screen.load_protocol("ketamine-ra-fm")


def talk(library: Library, **recorded: str) -> Interview:
    text = interview.begun("SYN-1", DAY, "K7")
    rows = "".join(f"  {name}: {item}\n" for name, item in recorded.items())
    assert text.rstrip().endswith("evidence:")
    return Interview(library, text + rows, DAY, "K7")


def screens(begun: Interview, answer: Callable[[Page], str]) -> list[Page]:
    """Every screen that is asked, each answered as `answer` says."""
    found = []
    while (page := begun.asking.page) is not None:
        found.append(page)
        begun.answer(answer(page))
    begun.close()
    return found


@pytest.mark.parametrize(("first", "then"), PAIRS)
def test_the_fewest_questions_come_first(library: Library, first: str, then: str) -> None:
    tiers = Alternatives(library).tiers
    assert tiers[first] < tiers[then]
    screened = Pages(library).pages([r.name for r in library.requirements])
    assert not any({first, then} <= set(page.names) for page in screened)


def in_turn(library: Library) -> list[Page]:
    """Every screen of a library in the order in which it is asked of somebody who knows nothing."""
    begun = talk(library)
    trace, pages = begun.trace, Pages(library)
    begun.close()
    left, found = [r.name for r in library.requirements], []
    while (page := pages.now(pages.pages(left), trace)) is not None:
        found.append(page)
        left = [name for name in left if name not in page.names]
    return found


def test_what_is_not_known_is_asked_the_other_way(library: Library) -> None:
    place = {name: n for n, page in enumerate(in_turn(library)) for name in page.names}
    assert all(place[first] < place[then] for first, then in PAIRS)
    assert place.keys() == {r.name for r in library.requirements}


def test_what_is_answered_is_not_asked_the_other_way(library: Library) -> None:
    record = known()
    asked = {name for page in screens(talk(library), lambda page: line(page, record)) for name in page.names}
    answered = [(first, then) for first, then in PAIRS if first in asked and first in record]
    assert len(answered) >= 8
    # Where the pain is decides beside the index.
    assert not {then for _, then in answered} & asked


def test_what_is_recorded_in_another_way_is_not_asked(library: Library) -> None:
    begun = talk(library, **{"eGFR Reported": f"{{value: \"80 'mL/min/{{1.73_m2}}'\", {ASKED}}}"})
    asked = Left(library).ranked(begun.subject, DAY, begun.trace)
    begun.close()
    assert not {"Serum Creatinine", "eGFR Reported"}.intersection(asked)
    assert "Bilirubin" in asked


@pytest.mark.parametrize("unknown", [False, True])
def test_one_yes_and_none_of_the_others_never_contradict_each_other(unknown: bool) -> None:
    """Each yes on the screens of the form, whether it names the questions or sums them up."""
    library = screen.load_protocol("c-ssrs")
    verdicts = set()
    for number in count(1):
        begun = talk(library)
        if unknown:
            begun.answer("?")
        page = begun.asking.page
        assert page is not None
        if number > len(page.names):
            begun.close()
            break
        begun.answer(f"{number} n")
        assert not any(step.conflict for step in begun.trace.steps), page.names[number - 1]
        assert begun.determination.verdict is not Verdict.ELIGIBLE
        verdicts.add((begun.determination.verdict, bool(begun.alerts)))
        begun.close()
    assert (Verdict.INELIGIBLE, True) in verdicts


def test_who_comes_first_then_what_is_cheap(library: Library) -> None:
    made = in_turn(library)
    assert {"Age", *library.anchors} <= set(made[0].names)
    assert "C-SSRS Item 4 or 5" in made[1].names
    ways = list(dict.fromkeys(page.obtain for page in made[2:] if page.obtain != "questionnaire"))
    assert ways[:2] == ["ask", "chart"]
    # At once, before anything is asked another way.
    tiers = Alternatives(library).tiers
    first = [page.obtain for page in made[2:] if not any(tiers.get(name) for name in page.names)]
    burdens = [BURDENS[way] for way in first]
    assert burdens == sorted(burdens)
    declared = Pages(library, declared=True).pages(["Pain", "Potassium", "Age"], ["Potassium", "Pain", "Age"])
    assert [page.names[0] for page in declared] == ["Potassium", "Pain", "Age"]
