"""Rows, comparisons and truths as chaining says them: by the page, and against the law's own tables."""

from __future__ import annotations

import datetime
from collections import Counter
from decimal import Decimal
from itertools import product
from random import Random
from typing import Any

import pytest

from screening.errors import UnsupportedError
from screening.interpreters import distinct, gather, leaves, reference, selection, table
from screening.interpreters.gather import Listing, Said
from screening.language import expression as e
from screening.language.library import AS_OF
from screening.language.types import BOOLEAN, DATE, DECIMAL, INTEGER, STRING
from screening.record import keys
from screening.record import rows as law
from screening.record import selection as law_selection
from screening.record.subject import Absence, Completeness, Evidence, SetAside, Subject
from screening.values import bounds
from screening.values import truth as kleene
from screening.values.bounds import OPEN, Bounds, exactly
from screening.values.calendar import clock_of, days_of
from screening.values.coding import Code, word
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.interpreters.trees import DAY, library

MISSING = gather.missing_until(DAY)
UNUSABLE = SetAside("no unit")
NOW = "2026-11-20"
DATES = ("", "", "2026-11-20", "2026-11-20T08:00", "2026-11-20T09:30", "2026-11", "2026-10-31", "2026")
CODES = (Code("S", "1"), Code("S", "2"), Code("T", "1"), Code("T", "2"), Code("U", "1"))
NUMBERS = (exactly(3), exactly(3), exactly(5), exactly(Decimal("5.0")), Bounds(2, 4), Bounds(None, 4), OPEN)


def row(id: str, value: Any, date: str = "", **more: Any) -> Evidence:
    when, clock = (days_of(date), clock_of(date)) if date else (OPEN, "")
    return Evidence(id, "X", value, when, clock, **more)


def person(
    *rows: Evidence, denials: tuple[Absence, ...] = (), complete: bool = False, concepts: int = 0
) -> Subject:
    known = {"X": Completeness(None, "record")} if complete else {}
    return Subject("SYN-1", {"X": rows}, {"X": denials}, known, {"X": concepts})


def number(low: int, high: int | None = None) -> e.Literal:
    return e.Literal(Bounds(low, low if high is None else high), DECIMAL)


def listed(*rows: Evidence, **more: Any) -> Listing:
    return gather.listing(person(*rows, **more), "X", MISSING)


# ------------------------------------------------------------------------------------ the law


def some_rows(random: Random, values: tuple[Any, ...]) -> Subject:
    """A short list of rows that get into each other's way."""
    rows = []
    for number in range(random.choice([0, 1, 1, 2, 2, 3, 4])):
        value = UNUSABLE if random.random() < 0.08 else random.choice(values)
        concepts = frozenset(random.sample(range(3), random.choice([0, 1, 1, 2])))
        fields: dict[str, Any] = {
            "kind": random.choice([word("a"), word("b"), (), UNUSABLE, exactly(2), OPEN, TRUE])
        }
        if random.random() < 0.2:
            fields = {}
        certainty = random.choice([TRUE, TRUE, TRUE, UNKNOWN])
        date = random.choice(DATES)
        codes = tuple(random.sample(CODES, random.choice([0, 1, 1, 2])))
        rows.append(
            row(f"r{number}", value, date, certainty=certainty, concepts=concepts, codes=codes, fields=fields)
        )
    denials = []
    for number in range(random.choice([0, 0, 0, 1, 2])):
        named = random.choice([None, frozenset(random.sample(range(3), random.choice([1, 2])))])
        date = random.choice(DATES)
        denials.append(Absence(f"no{number}", "X", days_of(date) if date else OPEN, named))
    since = random.choice([None, datetime.date(2026, 11, 1)])
    complete = {"X": Completeness(since, random.choice(["record", "site declaration"]))}
    return Subject(
        "SYN-1",
        {"X": tuple(rows)},
        {"X": tuple(denials)},
        random.choice([{}, complete]),
        {"X": random.choice([0, 2, 3])},
    )


def same(said: Said, found: law.Finding) -> bool:
    # The spelling counts too: 5 and 5.0 are one number and two texts of a certificate.
    return repr((said.value, said.facts, said.conflict, said.reason)) == repr(tuple(found))


@pytest.mark.parametrize("values", [NUMBERS, (TRUE, FALSE, UNKNOWN, TRUE), (word("a"), word("b"), ())], ids=str)
def test_every_table_over_rows_is_the_laws(values: tuple[Any, ...]) -> None:
    random, seen = Random(20261122), Counter[str]()
    counts: list[law.Finding] = []
    numeric = isinstance(values[0], Bounds)
    takes = ["latest", "first"] + (["highest", "lowest", "mean of latest day"] if numeric else [])
    blanks = [OPEN, Bounds(0, 4), Bounds(3, None)] if numeric else [values[2]]
    for _ in range(6000):
        subject = some_rows(random, values)
        found, rows = gather.listing(subject, "X", MISSING), law.retrieve(subject, "X", DAY)
        take, readings, blank = random.choice(takes), random.choice([1, 1, 2]), random.choice(blanks)
        cap, function = random.choice([None, 1, 2]), random.choice(["Min", "Max", "Sum", "Mean"])
        pairs = [
            (gather.existence(found), law.exists(rows)),
            (gather.count(found), law.count(rows)),
            (gather.count_distinct("kind", cap)(found), law.count_distinct(rows, "kind", cap)),
            (gather.count_distinct("value", cap)(found), law.count_distinct(rows, "value", cap)),
            (gather.count_distinct("code", cap)(found), law.count_distinct(rows, "code", cap)),
            (gather.over("value", function)(found), law.over_rows(rows, "value", function)),
            (gather.over("kind", function)(found), law.over_rows(rows, "kind", function)),
            (selection.selection(take, readings, blank)(found), law_selection.select(rows, take, readings, blank)),
            (selection.dating(take, readings)(found), law_selection.date_of(rows, take, readings)),
        ]
        for said, wanted in pairs:
            assert same(said, wanted), (subject, take, readings, blank, said, wanted)
            seen[f"{said.reason} {said.conflict}"] += 1
        counts.append(pairs[4][1])
    assert len({found.value for found in counts}) > 8
    for reason in ("recorded as present and as absent True", "absence attested False", "several candidates True",
                   "set aside False", "site declaration False", "2 readings wanted False"):  # fmt: skip
        assert seen[reason] > 30, reason


def test_the_missing_row_is_the_laws() -> None:
    for complete in (
        None,
        Completeness(None, "record"),
        Completeness(datetime.date(2026, 1, 1), "site declaration"),
    ):
        subject = Subject("SYN-1", {}, complete={} if complete is None else {"X": complete})
        mine, theirs = gather.listing(subject, "X", MISSING).missing, law.retrieve(subject, "X", DAY).unlisted
        assert (mine is None) is (theirs is None)
        if mine is not None and theirs is not None:
            assert (mine.id, mine.when, mine.codes, dict(mine.fields)) == (theirs.id, theirs.when, (), {})
            assert gather.field(mine, "value", "blank") == "blank"


def test_a_total_is_open_while_two_rows_may_be_one() -> None:
    dated, undated, other = row("a", exactly(4), "2026-11-20"), row("b", exactly(4)), row("c", exactly(5))
    for function, rows, value in (
        ("Sum", (dated, other), exactly(9)),
        ("Sum", (dated, undated), OPEN),
        ("Mean", (dated, undated), OPEN),
        ("Max", (dated, undated), exactly(4)),
    ):
        subject = person(*rows, complete=True)
        found = law.over_rows(law.retrieve(subject, "X", DAY), "value", function)
        said = gather.over("value", function)(gather.listing(subject, "X", MISSING))
        assert (found.value, found.reason) == (value, "entries may be one" if value is OPEN else "")
        assert same(said, found)
    empty = law.over_rows(law.retrieve(person(complete=True), "X", DAY), "value", "Sum")
    assert (empty.value, empty.reason) == (OPEN, "no entries")


def test_many_keys_are_counted_alike_and_never_too_high() -> None:
    random = Random(20261122)
    for _ in range(300):
        rows = [
            row(f"r{n}", TRUE, codes=tuple(Code(random.choice("STU"), str(random.randrange(9))) for _ in range(2)))
            for n in range(random.randrange(10, 30))
        ]
        found = [key for each in rows if (key := keys.key_of(each, "code")) is not None]
        low, high = keys.least_distinct(found), keys.most_distinct(found)
        named = [distinct.names(each, "code") for each in rows]
        assert (low, high) == (distinct.at_least(named), distinct.at_most(named))
        assert 1 <= low <= high <= len(set(found))


# ------------------------------------------------------------------------------- the page, 5.3


CERTAIN = row("a", TRUE, "2024-04-01", concepts=frozenset({0}))
DOUBTFUL = row("b", TRUE, "2026-05-01", certainty=UNKNOWN)


@pytest.mark.parametrize(
    ("found", "value", "reason"),
    [
        (listed(), UNKNOWN, "not recorded"),
        (listed(complete=True), FALSE, "list complete"),
        (listed(CERTAIN), TRUE, ""),
        (listed(DOUBTFUL, complete=True), UNKNOWN, "only possible entries"),
        (listed(denials=(Absence("n", "X"),)), FALSE, "absence attested"),
        (listed(denials=(Absence("n", "X", concepts=frozenset({0})),), concepts=2), UNKNOWN, "not recorded"),
        (listed(CERTAIN, denials=(Absence("n", "X", days_of("2019")),)), TRUE, ""),
        (
            listed(CERTAIN, denials=(Absence("n", "X", days_of("2025")),)),
            UNKNOWN,
            "recorded as present and as absent",
        ),
        (listed(CERTAIN, denials=(Absence("n", "X", concepts=frozenset({1})),), concepts=2), TRUE, ""),
        (listed(DOUBTFUL, denials=(Absence("n", "X", days_of("2026-03")),)), UNKNOWN, "only possible entries"),
        (listed(DOUBTFUL, denials=(Absence("n", "X", days_of("2026-06-01")),)), FALSE, "absence attested"),
    ],
)
def test_existence(found: Listing, value: Truth, reason: str) -> None:
    said = gather.existence(found)
    assert (said.value, said.reason) == (value, reason)
    assert said.conflict is (reason == "recorded as present and as absent")


# ------------------------------------------------------------------------------- the page, 5.6


@pytest.mark.parametrize(
    ("take", "rows", "value", "facts"),
    [
        ("latest", [row("a", exactly(12), "2026-11-01"), row("b", exactly(4), "2026-11-20")], exactly(4), "b"),
        ("first", [row("a", exactly(12), "2026-11-01"), row("b", exactly(4), "2026-11-20")], exactly(12), "a"),
        (
            "latest",
            [row("a", exactly(12), "2026-11-20T16:00"), row("b", exactly(4), "2026-11-20T08:00")],
            exactly(12),
            "a",
        ),
        (
            "latest",
            [row("a", exactly(12), "2026-11-20"), row("b", exactly(4), "2026-11-20T08:00")],
            Bounds(4, 12),
            "ab",
        ),
        ("latest", [row("a", exactly(12), "2026-10"), row("b", exactly(4), "2026-10-20")], Bounds(4, 12), "ab"),
        ("latest", [row("a", exactly(12), "2026-09"), row("b", exactly(4), "2026-10-20")], exactly(4), "b"),
        ("latest", [row("a", exactly(12)), row("b", exactly(4), "2026-10-20")], Bounds(4, 12), "ab"),
        (
            "latest",
            [row("a", exactly(4), "2026-11-20"), row("b", exactly(12), "2026-11-21", certainty=UNKNOWN)],
            Bounds(4, 12),
            "ab",
        ),
        (
            "latest",
            [row("a", exactly(4), "2026-11-20"), row("b", exactly(12), "2026-11-19", certainty=UNKNOWN)],
            exactly(4),
            "a",
        ),
        ("latest", [row("a", exactly(12), "2026-11-19", certainty=UNKNOWN)], OPEN, "a"),
        ("latest", [row("a", UNUSABLE, "2026-11-22"), row("b", exactly(1), "2026-11-15")], OPEN, "ab"),
        ("highest", [row("a", exactly(5)), row("b", exactly(9), certainty=UNKNOWN)], Bounds(5, 9), "ab"),
        ("highest", [row("a", exactly(5)), row("b", exactly(3), certainty=UNKNOWN)], exactly(5), "a"),
        ("lowest", [row("a", exactly(5)), row("b", exactly(3), certainty=UNKNOWN)], Bounds(3, 5), "ab"),
        ("highest", [row("a", exactly(5)), row("b", Bounds(None, 4))], exactly(5), "a"),
        (
            "mean of latest day",
            [row(x, exactly(y), z) for x, y, z in (("a", 140, NOW), ("b", 141, NOW), ("c", 9, "2026-11-01"))],
            exactly(Decimal("140.5")),
            "ab",
        ),
        ("mean of latest day", [row("a", exactly(140), "2026-11-20"), row("b", exactly(141))], OPEN, "ab"),
    ],
)  # fmt: skip
def test_selection(take: str, rows: list[Evidence], value: Bounds, facts: str) -> None:
    for order in (rows, rows[::-1]):
        said = selection.selection(take, 1, OPEN)(listed(*order))
        assert (said.value, set(said.facts)) == (value, set(facts))


def test_two_readings_are_two_rows_of_one_day() -> None:
    mean = selection.selection("mean of latest day", 2, OPEN)
    assert mean(listed(row("a", exactly(162), "2026-11-20T09:00"))).reason == "2 readings wanted"
    # SPEC: semantics 5.6; no falling back to a better-measured, older day.
    older = [row("b", exactly(1), "2026-11-10"), row("c", exactly(3), "2026-11-10T09:00")]
    assert mean(listed(*older)).value == exactly(2)
    assert mean(listed(*older, row("a", exactly(162), "2026-11-20"))) == Said(OPEN, ("a",), "2 readings wanted")


def test_contradicting_answers_are_open_and_raise_review() -> None:
    yes, no = row("a", TRUE, "2026-11-20"), row("b", FALSE, "2026-11-20")
    said = selection.selection("latest", 1, UNKNOWN)(listed(yes, no))
    assert said == Said(UNKNOWN, ("a", "b"), "several candidates", True)
    said = selection.selection("latest", 1, UNKNOWN)(listed(yes, row("c", TRUE, "2026-11-20")))
    assert said == Said(TRUE, ("a", "c"))


# ----------------------------------------------------------------------- comparisons and truths


GRID = [Bounds(a, b) for a, b in product([None, 1, 2, 3], [None, 1, 2, 3]) if a is None or b is None or a <= b]


@pytest.mark.parametrize("operator", ["=", "!=", "<", "<=", ">", ">="])
def test_comparisons_say_what_every_completion_says(operator: str) -> None:
    within = {"=": "==", "!=": "!="}.get(operator, operator)
    for a, b in product(GRID, GRID):
        pairs = product(*([x for x in range(-1, 6) if _inside(x, end)] for end in (a, b)))
        answers = {eval(f"{x} {within} {y}") for x, y in pairs}
        wanted = UNKNOWN if len(answers) == 2 else kleene.truth_of(answers.pop())
        assert table.COMPARE[operator](a, b) is wanted is bounds.COMPARISONS[operator](a, b), (a, b)


def _inside(x: int, b: Bounds) -> bool:
    return (b.low is None or b.low <= x) and (b.high is None or x <= b.high)


def test_the_tables_of_truth() -> None:
    for a, b in product(Truth, Truth):
        assert table.settled(FALSE, TRUE)([a, b]) is table.BOTH[a, b] is kleene.conjoin((a, b))
        assert table.settled(TRUE, FALSE)([a, b]) is kleene.disjoin((a, b))
        assert table.XOR[a, b] is kleene.exclusive(a, b)
        assert table.NOT[a] is kleene.negate(a)
        assert table.hull(BOOLEAN)(a, b) is kleene.agreeing(a, b)
    assert table.hull(INTEGER)(exactly(3), Bounds(None, 2)) == Bounds(None, 3)
    assert table.hull(STRING)(word("a"), word("b")) == ()
    assert table.alike("=", STRING)(word("a"), word("a")) is TRUE
    assert table.alike("!=", BOOLEAN)(TRUE, UNKNOWN) is UNKNOWN
    assert table.settled(FALSE, TRUE)([]) is TRUE


def test_what_may_be_asked_of_a_value() -> None:
    values = [TRUE, FALSE, UNKNOWN, OPEN, exactly(3), Bounds(None, 4), (), word("a")]
    said = {state: [ask(value) for value in values] for state, ask in table.STATES.items()}
    # SPEC: semantics 1.2; partly known is not null.
    assert said["null"] == [False, False, True, True, False, False, True, False]
    assert said["true"] == [True] + [False] * 7
    assert said["false"] == [False, True] + [False] * 6


# --------------------------------------------------------------------------- numbers and queries


@pytest.mark.parametrize(
    ("node", "value", "reason"),
    [
        (e.Arithmetic("/", number(1), number(4), DECIMAL), exactly(Decimal("0.25")), ""),
        (e.Arithmetic("/", number(1), number(-1, 1), DECIMAL), OPEN, "divisor may be 0"),
        (e.Arithmetic("^", number(-2), number(2, 3), DECIMAL), OPEN, "outside the domain"),
        (e.Function("Ln", (number(0, 1),), DECIMAL), OPEN, "outside the domain"),
        (e.Function("Sqrt", (number(-1),), DECIMAL), OPEN, "outside the domain"),
        (e.Function("Abs", (number(-3, 1),), DECIMAL), Bounds(0, 3), ""),
        (e.Function("Round", (number(3), number(0, 1)), DECIMAL), OPEN, "places not known"),
        (e.Function("Agree", (number(4, 7), number(6, 9)), DECIMAL), Bounds(6, 7), ""),
        (
            e.Function("Agree", (number(1, 3), number(5), number(2)), DECIMAL),
            OPEN,
            "the measurements contradict each other",
        ),
    ],
)
def test_numbers_say_why_they_are_open(node: e.Expression, value: Bounds, reason: str) -> None:
    found, steps = steps_of(node, person())
    assert (found, steps[-1].value, steps[-1].reason) == (value, value, reason)
    assert steps[-1].conflict is reason.endswith("contradict each other")


def steps_of(node: e.Expression, subject: Subject) -> tuple[Any, list[Any]]:
    made = library({"N": node})
    run = leaves.Run(subject, DAY)
    return leaves.Leaves(made).leaf(made.order[0][1])(run, ()), run.steps


def within_months(amount: int) -> e.Expression:
    """`R.date N months or less on or before day of "Screening Date"`."""
    number, day = e.Literal(exactly(amount), INTEGER), e.Parameter(AS_OF, DATE)
    return e.Timing(e.Field("R", "date", DATE), "or less before", True, number, "months", day)


def test_an_inner_alias_hides_an_outer_one() -> None:
    recent = within_months(1)
    inner = e.Exists(e.Where(e.Retrieve("X"), "R", recent))
    node = e.Count(e.Where(e.Retrieve("X"), "R", e.And((inner, recent))))
    subject = person(row("a", TRUE, "2026-11-20"), row("b", TRUE, "2025-01-01"), complete=True)
    value, steps = steps_of(node, subject)
    assert value == exactly(1)
    assert {step.row for step in steps} == {"", "a", "b", "a/a", "a/b", "b/a", "b/b"}
    assert [step.place for step in steps][-1] == "N"


def test_three_queries_deep_each_alias_keeps_its_row() -> None:
    def later(alias: str, than: str) -> e.Expression:
        return e.Compare(">", e.Field(alias, "date", DATE), e.Field(than, "date", DATE))

    third = e.Exists(e.Where(e.Retrieve("X"), "C", e.And((later("C", "B"), later("C", "A")))))
    second = e.Exists(e.Where(e.Retrieve("X"), "B", e.And((later("B", "A"), third))))
    node = e.Count(e.Where(e.Retrieve("X"), "A", second))
    days = [row(id, TRUE, f"2026-11-{day}") for id, day in (("a", 10), ("b", 11), ("c", 12), ("d", 13))]
    value, steps = steps_of(node, person(*days, complete=True))
    assert value == exactly(2)
    assert reference.trace(library({"N": node}), person(*days, complete=True), DAY).steps == tuple(steps)


def test_a_denial_is_tried_by_its_days_alone() -> None:
    recent = within_months(6)
    node = e.Exists(e.Where(e.Retrieve("X"), "R", recent))
    for date, wanted in (("2025-01-10", UNKNOWN), ("2026-11-20", FALSE), ("", FALSE)):
        when = days_of(date) if date else OPEN
        value, _ = steps_of(node, person(denials=(Absence("no", "X", when),)))
        assert value is wanted


def test_a_denial_says_nothing_of_a_value() -> None:
    node = e.Exists(e.Where(e.Retrieve("X"), "R", e.Not(e.Field("R", "value", BOOLEAN))))
    value, steps = steps_of(node, person(denials=(Absence("no", "X"),), complete=True))
    assert value is FALSE
    assert [step.value for step in steps if step.row == "no"] == [UNKNOWN, UNKNOWN]


def test_a_node_that_nobody_knows_is_refused() -> None:
    with pytest.raises(UnsupportedError, match=r"the node at N\b"):
        steps_of(e.Function("Median", (), INTEGER), person())
