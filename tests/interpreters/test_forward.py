"""Forward chaining says of every node what the law says, in the same words, and the verifier accepts it."""

from __future__ import annotations

import ast
import datetime
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.audit.verify import verify_trace
from screening.errors import DefectError, EngineFault, ScreeningError, UnsupportedError
from screening.interpreters import blueprint, forward, network, reference
from screening.interpreters.forward import Derived, Forward, Rail
from screening.language import expression as e
from screening.language.expression import Expression
from screening.language.library import Library
from screening.language.types import BOOLEAN, DECIMAL, INTEGER
from screening.outcome.trace import Step, Trace
from screening.record.subject import Evidence, Subject, Value
from screening.values.bounds import Bounds, exactly
from screening.values.truth import FALSE, TRUE, UNKNOWN, Truth
from tests.interpreters import trees
from tests.interpreters.driven import require_engine
from tests.interpreters.trees import DAY, JUDGEMENT, library

ROOMS = Path(forward.__file__).parent
ROOT = ROOMS.parent.parent
# Files that people can be screened against: those with criteria, no worked cases, none that only lends.
RULES = sorted(
    path for path in (ROOT / "rules").glob("*.yaml") if "\ncriteria:" in path.read_text(encoding="utf-8")
)


@pytest.fixture(autouse=True)
def _engine() -> None:
    require_engine()


def agree(made: Library, chain: Forward, subject: Subject, as_of: datetime.date = DAY) -> Trace:
    """The trace, held against the law's and against the record."""
    law, found = reference.trace(made, subject, as_of), chain.trace(subject, as_of)
    for mine, wanted in zip(found.steps, law.steps, strict=True):
        # The spelling counts too: 5 and 5.0 are one number and two texts of a certificate.
        assert repr(mine) == repr(wanted)
    assert found.steps == law.steps
    assert (found.library, found.as_of, found.engine) == (made.name, as_of, "durable-rules")
    verify_trace(made, subject, found)
    _holds(chain.derivation, found)
    return found


def _holds(derivation: tuple[Derived, ...], trace: Trace) -> None:
    """Every rail is what its step says, stands after what it rests on, and no rail stands twice."""
    truths = {step.place: step.value for step in trace.steps if not step.row}
    raised: set[Rail] = set()
    for derived in derivation:
        assert raised.issuperset(derived.premises)
        assert derived.rail not in raised
        raised.add(derived.rail)
        assert truths[derived.rail.place] is (TRUE if derived.rail.met else FALSE)


def on(made: Library, subject: Subject) -> tuple[Trace, tuple[Derived, ...]]:
    chain = Forward(made)
    try:
        return agree(made, chain, subject), chain.derivation
    finally:
        chain.dispose()


def answered(**answers: Value) -> Subject:
    """A person of whom each requirement is answered once."""
    return Subject("SYN-1", {name: (Evidence(name.lower(), name, value),) for name, value in answers.items()})


def asked(name: str, judged: bool = False) -> Expression:
    type = JUDGEMENT if judged else BOOLEAN
    return e.Select(e.Retrieve(name), "latest", 1, Bounds(None, None), type)


def truths(trace: Trace) -> dict[str, Any]:
    return {step.place: step.value for step in trace.steps if not step.row}


# ------------------------------------------------------------------------------------- by chance


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees.libraries(), st.lists(trees.subjects(), min_size=1, max_size=3))
def test_agrees_with_the_law_on_any_tree(made: Library, subjects: list[Subject]) -> None:
    _agree_on(made, subjects)


@pytest.mark.long
@settings(max_examples=1500, deadline=None, suppress_health_check=list(HealthCheck))
@given(trees.libraries(entries=8, depth=4), st.lists(trees.subjects(), min_size=1, max_size=4))
def test_agrees_with_the_law_on_any_tree_for_long(made: Library, subjects: list[Subject]) -> None:
    _agree_on(made, subjects)


def _agree_on(made: Library, subjects: list[Subject]) -> None:
    chain = Forward(made)
    try:
        for subject in subjects:
            for as_of in (DAY, DAY - datetime.timedelta(days=31)):
                agree(made, chain, subject, as_of)
    finally:
        chain.dispose()


# ------------------------------------------------------------------------------- shipped rule files


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_agrees_with_the_law_on_shipped_rules(path: Path) -> None:
    from screening.reading.load import load

    made = load(path, [path.parent])
    random = Random(path.stem)
    chain = Forward(made)
    for number in range(30):
        agree(made, chain, trees.some_person(random, made, withheld=number / 30))
    chain.dispose()


# ---------------------------------------------------------------------------------------- by hand


@pytest.mark.parametrize("a", Truth)
@pytest.mark.parametrize("b", Truth)
def test_connectives(a: Truth, b: Truth) -> None:
    x, y = e.Reference("A"), e.Reference("B")
    made = library(
        {
            "A": asked("A"),
            "B": asked("B"),
            "and": e.And((x, y)),
            "or": e.Or((x, y)),
            "not": e.Not(x),
            "xor": e.Xor(x, y),
            "implies": e.Implies(x, y),
            "if": e.If(x, y, e.Not(y), BOOLEAN),
            "constants": e.And((e.Or((x, e.Literal(FALSE, BOOLEAN))), e.Literal(TRUE, BOOLEAN))),
            "open": e.Or((x, e.Literal(UNKNOWN, BOOLEAN))),
            "single": e.And((x,)),
            "alone": e.Or((e.Not(x),)),
            "twice": e.Or((e.Not(x), e.Not(x))),
            "empty": e.And(()),
            "nothing": e.Or(()),
        }
    )
    found = truths(on(made, answered(A=a, B=b))[0])
    assert found["and"] is (FALSE if FALSE in (a, b) else TRUE if a is b is TRUE else UNKNOWN)
    assert found["constants"] is found["single"] is a
    assert found["alone"] is found["twice"] is found["not"]
    assert found["open"] is (TRUE if a is TRUE else UNKNOWN)
    assert (found["empty"], found["nothing"]) == (TRUE, FALSE)


def test_a_value_may_hang_on_a_statement_made_before() -> None:
    limit = e.If(e.Reference("Treated"), e.Literal(exactly(14), INTEGER), e.Literal(exactly(28), INTEGER), INTEGER)
    days = e.Select(e.Retrieve("Days"), "latest", 1, Bounds(None, None), INTEGER)
    made = library(
        {
            "Either": e.Or((asked("A"), asked("B"))),
            "Treated": e.Not(e.Reference("Either")),
            "Days": days,
            "Long Enough": e.Compare(">=", e.Reference("Days", INTEGER), limit),
            "Is Open": e.Is(e.Reference("Treated"), "null", False),
        }
    )
    for a, b, wanted, is_open in (
        (TRUE, UNKNOWN, FALSE, FALSE),
        (FALSE, FALSE, TRUE, FALSE),
        (FALSE, UNKNOWN, UNKNOWN, TRUE),
    ):
        found = truths(on(made, answered(A=a, B=b, Days=exactly(20)))[0])
        assert (found["Long Enough"], found["Is Open"]) == (wanted, is_open)


def test_an_open_judgement_is_read_in_the_persons_favour() -> None:
    made = library(
        {
            "Judged": asked("Judged", judged=True),
            "I1": e.And((asked("A"), e.Reference("Judged", JUDGEMENT))),
            "favourable:I1": e.And((asked("A"), e.Favoured(e.Reference("Judged", JUDGEMENT), TRUE))),
        }
    )
    found = truths(on(made, answered(A=TRUE))[0])
    assert (found["Judged"], found["I1"], found["favourable:I1"]) == (UNKNOWN, UNKNOWN, TRUE)


def test_a_contradiction_is_seen_when_it_is_found_not_before() -> None:
    total, items = (e.Select(e.Retrieve(n), "latest", 1, Bounds(None, None), INTEGER) for n in ("Total", "Items"))
    made = library(
        {
            "before": e.Contradicted("I0", ("I1.1",), ()),
            "I1": e.Compare(">=", e.Function("Agree", (total, items), DECIMAL), e.Literal(exactly(5), INTEGER)),
            "after": e.Contradicted("I1", ("I1.1",), ()),
            "again": e.Contradicted("I0", ("I1.1",), ()),
        }
    )
    made = replace(made, order=(("I0", trees.placed(asked("A"), "I0")), *made.order))
    found = truths(on(made, answered(A=TRUE, Total=exactly(12), Items=exactly(7)))[0])
    assert (found["before"], found["I1"], found["after"], found["again"]) == (FALSE, UNKNOWN, TRUE, TRUE)


def test_equal_leaves_are_one_question() -> None:
    made = library({"I1": e.And((asked("A"), asked("B"))), "E1": e.And((asked("B"), asked("A")))})
    trace, derivation = on(made, answered(A=TRUE, B=TRUE))
    assert len(trace.steps) == 10
    assert [derived.rail.place for derived in derivation] == ["I1.1", "I1.2", "I1"]


def test_the_as_of_date_hides_what_is_dated_later() -> None:
    made = library({"A": asked("A")})
    row = Evidence("a", "A", TRUE, exactly(DAY + datetime.timedelta(days=1)))
    chain = Forward(made)
    assert chain.trace(Subject("SYN-1", {"A": (row,)}), DAY).steps[-1].value is UNKNOWN
    later = chain.trace(Subject("SYN-1", {"A": (row,)}), DAY + datetime.timedelta(days=1))
    assert later.steps[-1] == Step("A", "", TRUE, ("a",))


# ------------------------------------------------------------------------------------- derivation


def test_the_derivation_says_what_raised_what() -> None:
    made = library({"A": asked("A"), "B": asked("B"), "I1": e.And((e.Reference("A"), e.Not(e.Reference("B"))))})
    _, derivation = on(made, answered(A=TRUE, B=FALSE))
    a, b = Rail("A", True), Rail("B", False)
    assert derivation == (Derived(a), Derived(b), Derived(Rail("I1", True), (a, b)))
    _, derivation = on(made, answered(B=TRUE))
    assert derivation == (Derived(Rail("B", True)), Derived(Rail("I1", False), (Rail("B", True),)))
    assert on(made, answered())[1] == ()


def test_a_wide_conjunction_rests_on_its_parts_not_on_its_folds() -> None:
    names = [f"Part {number}" for number in range(40)]
    entries: dict[str, Expression] = {name: asked(name) for name in names}
    made = library(entries | {"all": e.And(tuple(e.Reference(name) for name in names))})
    trace, derivation = on(made, answered(**dict.fromkeys(names, TRUE)))
    assert truths(trace)["all"] is TRUE
    assert derivation[-1].rail == Rail("all", True)
    assert {rail.place for rail in derivation[-1].premises} == set(names)


# ------------------------------------------------------------------------------------ what may fail


def test_a_library_too_large_for_the_engine_is_not_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blueprint, "MAX_NODES", 3)
    made = library({f"A{number}": asked(f"A{number}") for number in range(4)})
    with pytest.raises(UnsupportedError, match="too large for the chaining engine"):
        Forward(made)


def test_without_the_engine_nothing_is_chained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network, "TESTED_VERSION", "0")
    assert not forward.available()
    with pytest.raises(EngineFault):
        Forward(library({"A": asked("A")}))


def test_a_fault_of_the_engine_is_no_trace_and_lasts(monkeypatch: pytest.MonkeyPatch) -> None:
    chain = Forward(library({"A": asked("A"), "I1": e.And((e.Reference("A"), asked("B")))}))
    with monkeypatch.context() as patched:
        patched.setattr(network.Network, "_raise", lambda *_: (_ for _ in ()).throw(EngineFault("it failed")))
        with pytest.raises(EngineFault):
            chain.trace(answered(A=TRUE), DAY)
    with pytest.raises(EngineFault, match="failed before"):
        chain.trace(answered(A=TRUE), DAY)


def test_a_fault_of_ours_ends_the_session_and_the_next_person_is_screened() -> None:
    made = library({"A": asked("A"), "I1": e.And((e.Reference("A"), asked("B")))})
    chain = Forward(made)
    broken = Subject("SYN-1", {"B": (None,)})  # type: ignore[dict-item]
    with pytest.raises(AttributeError):
        chain.trace(broken, DAY)
    agree(made, chain, answered(A=TRUE, B=TRUE))


def test_nothing_can_be_traced_after_disposal() -> None:
    chain = Forward(library({"A": asked("A")}))
    chain.dispose()
    with pytest.raises(DefectError):
        chain.trace(answered(A=TRUE), DAY)


def test_threads_wait_for_each_other() -> None:
    made = library({"A": asked("A"), "B": asked("B"), "I1": e.And((e.Reference("A"), e.Not(e.Reference("B"))))})
    chain, wrong = Forward(made), list[ScreeningError | str]()
    law = reference.Law(made)

    def screen(seed: int) -> None:
        random = Random(seed)
        for _ in range(60):
            subject = answered(A=random.choice(list(Truth)), B=random.choice(list(Truth)))
            try:
                if chain.trace(subject, DAY).steps != law.trace(subject, DAY).steps:
                    wrong.append("another person's steps")
            except ScreeningError as error:
                wrong.append(error)

    workers = [threading.Thread(target=screen, args=(seed,)) for seed in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert not wrong


# ------------------------------------------------------------------------------------ independence


def _imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("name", ["gather", "table", "leaves", "forward"])
def test_agreement_proves_something(name: str) -> None:
    """Neither the law nor its tables of rows and truths are imported: they are said a second time."""
    imported = list(_imported(ROOMS / f"{name}.py"))
    for shared in ("interpreters.reference", "record.rows", "audit"):
        assert not [each for each in imported if shared in each]
    tables = [each for each in imported if each.startswith("screening.values.truth.")]
    assert {each.rsplit(".", 1)[1] for each in tables} <= {"Truth", "TRUE", "FALSE", "UNKNOWN"}
