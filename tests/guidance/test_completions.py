"""What a missing item may turn out to be: every kind of answer, and none that withdraws what is recorded."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from itertools import combinations_with_replacement, product
from pathlib import Path
from random import Random

import pytest

from screening.guidance.completions import answers
from screening.guidance.gaps import Gaps
from screening.guidance.questions import Questions
from screening.guidance.reading import Reading
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import Verdict, determine
from screening.reading.load import load
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.agree import generate
from tests.guidance.everyone import made
from tests.law.fill import filled, gapped

AS_OF = datetime.date(2026, 11, 22)
HEAD = """
library: kinds
version: "1"
title: One requirement
status: draft
sources: {made: up for this test}
requirements:
%s
criteria:
  - id: INC1
    category: inclusion
    text: what is asked
    source: {made: up}
    expression: |
      %s
anchors: []
"""


def said(
    folder: Path, requirements: str, expression: str, evidence: str = " {}", of: str = "X"
) -> tuple[list[str], bool]:
    """The answers to a requirement in short, and whether they are all."""
    library = _library(folder, requirements, expression)
    found = answers(Gaps(Reading(library), _subject(library, evidence), AS_OF), of)
    return [answer.said for answer in found.answers], found.is_exact


def _library(folder: Path, requirements: str, expression: str) -> Library:
    text = HEAD % ("\n".join(f"  {line}" for line in requirements.splitlines()), expression)
    (folder / "kinds.yaml").write_text(text.replace("anchors: []\n", ""), encoding="utf-8")
    return load(folder / "kinds.yaml", [folder])


def _subject(library: Library, evidence: str = " {}") -> Subject:
    profile = f"subject: SYN-1\nsynthetic: true\nevidence:{evidence}\n"
    return read_profile(profile.encode(), library, name="person.yaml")


def reached(folder: Path, requirements: str, expression: str, evidence: str = " {}") -> tuple[set[Truth], bool]:
    """What the law makes of a criterion with each of the answers, and whether they are all."""
    library = _library(folder, requirements, expression)
    subject, law = _subject(library, evidence), Law(library)
    found = answers(Gaps(Reading(library), subject, AS_OF), "X")
    truths = {law.evaluate(answer.of(subject), AS_OF)["INC1"] for answer in found.answers}
    return {truth for truth in (TRUE, FALSE, UNKNOWN) if truth in truths}, found.is_exact


def test_yes_and_no(tmp_path: Path) -> None:
    assert said(tmp_path, "X: {type: Boolean, take: latest}", "X") == (["yes", "no"], True)
    assert said(tmp_path, "X: {type: Judgement, obtain: judge}", "X") == (["yes", "no"], True)


def test_an_entry_or_none(tmp_path: Path) -> None:
    assert said(tmp_path, "X: {type: Boolean, condition: SNOMED 1}", "X") == (["none", "yes"], True)


def test_words_that_a_rule_names_and_one_that_none_names(tmp_path: Path) -> None:
    found = said(tmp_path, "X: {type: String}", "X = 'mild' or X in {'severe', 'mild'}")
    assert found == (["mild", "another"], True)


def test_a_number_on_each_side_of_a_limit_and_between_two(tmp_path: Path) -> None:
    found, is_exact = said(tmp_path, "X: {type: Decimal}", "X between 4 and 7.5 or X > 9")
    assert is_exact and len(found) == 2
    found, is_exact = said(tmp_path, "X: {type: Integer, scale: [0, 3]}", "X >= 2")
    assert (found, is_exact) == (["0", "2"], True)


def test_boundaries_of_a_formula_are_searched_for(tmp_path: Path) -> None:
    found, is_exact = said(
        tmp_path, "X: {type: Decimal, scale: [0, 100]}", "X * 3 + 1 > 100 and X * 3 + 1 < 100.5"
    )
    numbers = [float(text) for text in found]
    assert any(33 < number < 33.1667 for number in numbers) and any(number <= 33 for number in numbers)
    assert is_exact


def test_a_partly_known_number_stays_within_what_is_known(tmp_path: Path) -> None:
    found, _ = said(tmp_path, "X: {type: Decimal}", "X >= 3", "\n  X: {value: '<5', date: 2026-11-20}")
    assert sorted(float(text) >= 3 for text in found) == [False, True] and all(float(text) < 5 for text in found)


def test_a_vague_day_becomes_a_day_of_it_on_each_side_of_the_window(tmp_path: Path) -> None:
    found, is_exact = said(
        tmp_path,
        "X: {type: Date}",
        'X 3 months or more before day of "Screening Date"',
        "\n  X: {value: '@2026-08'}",
    )
    assert is_exact and len(found) == 2 and all(text.startswith("2026-08") for text in found)


def test_the_second_reading_that_is_wanted_is_added(tmp_path: Path) -> None:
    requirements = "X: {type: Decimal, take: mean of latest day, readings: 2}"
    found, _ = said(tmp_path, requirements, "X >= 100", "\n  X: {records: [{value: 90, date: 2026-11-22T08:00}]}")
    assert len(found) == 2


def test_a_list_of_entries_by_what_conditions_tell_apart(tmp_path: Path) -> None:
    requirements = "X: {type: Records, fields: {kind: {type: String, values: [a, b, c]}, weeks: Integer}}"
    found, is_exact = said(tmp_path, requirements, "exists (X T where T.kind = 'a' and T.weeks >= 6)")
    assert is_exact and len(found) == 2 and "none" in found
    found, is_exact = said(tmp_path, requirements, "Count(X T where T.kind = 'a') >= 2")
    assert is_exact and len(found) == 2


def test_what_a_record_says_is_all_leaves_no_answer(tmp_path: Path) -> None:
    whole = "\n  X: {records: [], complete: true}"
    assert said(tmp_path, "X: {type: Decimal}", "X >= 3", whole)[0] == []


def test_a_joint_formula_of_two_missing_numbers_is_a_sample_and_says_so(tmp_path: Path) -> None:
    found, is_exact = said(tmp_path, "X: {type: Decimal}\nY: {type: Decimal}", "X > 3 * Y")
    assert len(found) > 3 and not is_exact


def test_a_stretch_between_two_limits_of_a_formula_is_found(tmp_path: Path) -> None:
    found, is_exact = said(tmp_path, "X: {type: Decimal, scale: [0, 100]}", "X * 3 + 1 between 100 and 100.5")
    assert is_exact and any(33 <= float(text) <= 33.1667 for text in found)


def test_two_words_may_be_two_that_no_rule_names(tmp_path: Path) -> None:
    found, is_exact = said(tmp_path, "X: {type: String}\nY: {type: String}", "X != Y")
    assert len(found) == 2 and not is_exact


def test_a_denial_of_a_vague_day_may_be_of_any_of_its_days(tmp_path: Path) -> None:
    evidence = (
        "\n  X: {complete: true, records: [{date: 2026-11-08, code: SNOMED 1}, {status: absent, date: 2026-11}]}"
    )
    found, _ = said(tmp_path, "X: {type: Boolean, condition: SNOMED 1}", "X", evidence)
    assert any("2026-11-01" in text for text in found)


def test_many_doubtful_entries_are_not_all_combined(tmp_path: Path) -> None:
    rows = ", ".join(f"{{date: 2026-{1 + n % 9:02d}, code: SNOMED 1, possible: true}}" for n in range(60))
    evidence = f"\n  X: {{records: [{rows}]}}"
    found, is_exact = said(tmp_path, "X: {type: Boolean, condition: SNOMED 1, within: 3 months}", "X", evidence)
    assert found and not is_exact


def test_what_is_added_up_over_entries_is_a_sample_and_says_so(tmp_path: Path) -> None:
    fields = "X: {type: Records, fields: {weeks: Integer}}"
    _, is_exact = said(tmp_path, fields, "Sum((X T where T.weeks < 7 return T.weeks)) >= 20")
    assert not is_exact


CLOSED = "X: {type: Records, fields: {kind: {type: String, values: [a, b, c, d, e]}, weeks: Integer}}"
FREE = "X: {type: Records, fields: {kind: String, weeks: Integer}}"
CODED = "X: {type: Boolean, condition: [SNOMED 1, SNOMED 2, SNOMED 3, SNOMED 4, SNOMED 5, SNOMED 6]}"


@pytest.mark.parametrize(
    ("requirements", "expression"),
    [
        (CLOSED, "Count(distinct (X T where T.weeks >= 6 return T.kind)) >= 2"),
        (CLOSED, "Count(distinct (X T where T.kind != 'a' return T.kind)) >= 4"),
        (CLOSED, "Count(distinct (X T where T.weeks >= 6 return T.kind)) = 3"),
        (FREE, "Count(distinct (X T where T.weeks >= 6 return T.kind)) >= 3"),
        (FREE, "Count(distinct (X T return T.kind)) > 9"),
        (FREE, "Count(X T where T.weeks >= 6) >= 2"),
        (FREE, "Count(X T where T.weeks >= 6) >= 8"),
        (CODED, "Count(distinct (X T return T.code)) >= 5"),
    ],
)
def test_as_many_entries_as_a_rule_counts(tmp_path: Path, requirements: str, expression: str) -> None:
    assert reached(tmp_path, requirements, expression) == ({TRUE, FALSE}, True)


@pytest.mark.parametrize(
    "expression",
    [
        "Count(X T where T.weeks >= 6) >= 30",
        "Count(X T where T.weeks >= 6) / 2 >= 4",
        "Count(distinct (X T return T.weeks)) >= 3",
    ],
)
def test_where_not_every_number_of_entries_is_tried_it_is_said(tmp_path: Path, expression: str) -> None:
    assert not reached(tmp_path, FREE, expression)[1]


def test_readings_that_are_counted_are_a_sample_and_say_so(tmp_path: Path) -> None:
    assert not reached(tmp_path, "X: {type: Decimal}", "Count(X T where T.value > 3) >= 3")[1]


def test_a_new_entry_is_another_than_the_recorded_one(tmp_path: Path) -> None:
    coded = "X: {type: Boolean, condition: SNOMED 1}"
    evidence = "\n  X: {records: [{date: 2026-11-22, code: SNOMED 1}]}"
    assert reached(tmp_path, coded, "Count(X) >= 2", evidence) == ({TRUE, FALSE}, True)
    # Without a day it may be any of the new ones again, charted twice.
    undated = evidence.replace("date: 2026-11-22, ", "")
    assert not reached(tmp_path, coded, "Count(X) >= 2", undated)[1]


def _counted(rng: Random) -> str:
    """A count of entries by chance, held against a number."""

    def condition() -> str:
        one = [
            f"T.kind {rng.choice(['=', '!='])} '{rng.choice('abc')}'",
            f"T.weeks {rng.choice(['>=', '<'])} {rng.choice([2, 6])}",
            f'T.date {rng.choice([14, 30])} days or less on or before day of "Screening Date"',
        ]
        picked = rng.sample(one, rng.choice([1, 1, 2]))
        return f" {rng.choice(['and', 'or'])} ".join(picked)

    counts = [f"Count(X T where {condition()})", f"Count(distinct (X T where {condition()} return T.kind))"]
    return f"{rng.choice(counts)} {rng.choice(['>=', '<', '=', '!='])} {rng.randrange(1, 4)}"


def _lists() -> Iterator[str]:
    """Lists of up to three entries, of every kind that such counts tell apart, each at its own time."""
    kinds = list(product("abcd", (1, 4, 7), ("2026-11-20", "2026-11-02", "2026-01-05")))
    for size in range(4):
        # Of three entries those of one day alone, which are enough.
        for some in combinations_with_replacement(kinds if size < 3 else kinds[::3], size):
            rows = (f"kind: {k}, weeks: {w}, date: {day}T10:0{n}" for n, (k, w, day) in enumerate(some))
            yield f"\n  X: {{records: [{', '.join(f'{{{row}}}' for row in rows)}], complete: true}}"


def test_what_lists_make_of_counts_is_what_every_list_makes_of_them(tmp_path: Path) -> None:
    rng, lists, held = Random(5), list(_lists()), 0
    fields = "X: {type: Records, fields: {kind: {type: String, values: [a, b, c, d]}, weeks: Integer}}"
    for _ in range(8):
        expression = f"({_counted(rng)}) {rng.choice(['and', 'or'])} ({_counted(rng)})"
        found, is_exact = reached(tmp_path, fields, expression)
        assert is_exact, expression
        law = Law(_library(tmp_path, fields, expression))
        some = rng.sample(lists, 120)
        made = {law.evaluate(_subject(law.library, each), AS_OF)["INC1"] for each in some}
        assert made <= found, expression
        held += len(made) > 1
    assert held > 2


def test_the_programme_can_be_cleared_by_the_history_of_treatment() -> None:
    """Two mechanisms that failed are among what the list of trials may turn out to hold."""
    from screening import screen

    library = screen.load_library("ketamine-ra-fm")
    evidence = "\n  DMARD Access Limited: {value: FALSE, date: 2026-11-20}"
    person = Questions(library).person(_subject(library, evidence), AS_OF)
    part = next(part for part in person.parts.all if "INC04" in part.criteria)
    assert part.clearing.cubes or part.clearing.beyond
    assert person.may_be_cleared and "DMARD Trials" in person.matter()


def _verdict(library: Library, profile: dict[str, object]) -> Verdict:
    subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
    return determine(library, Law(library).trace(subject, generate.AS_OF)).verdict


def test_whatever_fills_the_gaps_was_among_what_can_settle_it(tmp_path: Path) -> None:
    """Gaps filled by chance lead to no verdict that none of the listed answers lead to."""
    held = 0
    for seed in range(900, 960):
        found = made(seed, tmp_path)
        if found is None:
            continue
        file, library = found
        questions = Questions(library)
        for number in range(4):
            profile = gapped(file, seed * 100 + number)
            subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
            person = questions.person(subject, generate.AS_OF)
            if person.verdict is not Verdict.UNDETERMINED or not all(map(person.is_exact, person.parts.all)):
                continue
            later = _verdict(library, filled(file, profile, seed + number))
            held += later is not Verdict.UNDETERMINED
            if later is Verdict.INELIGIBLE:
                assert any(part.barring.cubes for part in person.parts.all), f"{seed} {number}"
            if later is Verdict.ELIGIBLE:
                assert person.may_be_cleared, f"{seed} {number}"
    assert held > 3


@pytest.mark.parametrize("name", ["SYN-0003.yaml", "SYN-0024.yaml"])
def test_completions_of_shipped_people_are_read_by_the_law(name: str) -> None:
    from screening import decide, screen

    library = screen.load_library("ketamine-ra-fm")
    data, place = screen.example(name)
    subject = screen.read_record(data, library, place)
    law = Law(library)
    for item in decide.matter(library, subject, AS_OF)[:3]:
        before = determine(library, law.trace(subject, AS_OF))
        for completed in decide.completions(library, subject, AS_OF, item):
            after = determine(library, law.trace(completed, AS_OF))
            settled = {f.id: f.truth for f in before.findings if f.truth.value != "UNKNOWN"}
            assert settled.items() <= {f.id: f.truth for f in after.findings}.items()
