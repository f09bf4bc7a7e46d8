"""The published conformance tests, where they lie beside the checkout, and our own of the same form everywhere."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.checkout import ROOT
from tests.cql import suite
from tests.cql.__main__ import main
from tests.cql.conformance import DELIBERATE, FAIL, OUTSIDE, PASS, Outcome, deviations, outcomes
from tests.cql.page import conformance, written
from tests.cql.pieces import OutsideSubset
from tests.cql.spelling import spelled

OWN = Path(__file__).parent / "own.xml"
PAGE = ROOT / "screening" / "cql.md"
# Every test of these must come out as published, of the others at most two in a hundred may not.
WHOLE = (
    "CqlLogicalOperatorsTest",
    "CqlNullologicalOperatorsTest",
    "CqlConditionalOperatorsTest",
    "CqlComparisonOperatorsTest",
)
NEARLY = (
    "CqlDateTimeOperatorsTest",
    "CqlIntervalOperatorsTest",
    "CqlArithmeticFunctionsTest",
    "CqlListOperatorsTest",
)


_DAY_BESIDE_INSTANT = (
    "((@2012-02-12) before day of (@2012-02-13T05:30)) or "
    '((@2012-02-12) same day as (@2012-02-13T05:30) and "Unknown Truth")'
)


@pytest.fixture(scope="module")
def published() -> list[Outcome]:
    path = suite.found()
    if path is None:
        pytest.skip(f"the published CQL tests are not beside the checkout; {suite.VARIABLE} may name them")
    return outcomes(suite.tests([path]))


def test_nothing_inside_the_subset_fails(published: list[Outcome]) -> None:
    failed = [f"{o.test.place}: {o.test.expression}: {o.detail}" for o in published if o.state == FAIL]
    assert not failed, "\n".join(failed)


@pytest.mark.parametrize("file", WHOLE)
def test_these_are_answered_as_published(published: list[Outcome], file: str) -> None:
    states = Counter(o.state for o in published if o.test.file == file and o.state != OUTSIDE)
    assert set(states) == {PASS}, states


@pytest.mark.parametrize("file", NEARLY)
def test_of_these_nearly_all_that_are_not_deliberate_are(published: list[Outcome], file: str) -> None:
    states = Counter(o.state for o in published if o.test.file == file)
    assert states[PASS] >= 0.98 * (states[PASS] + states[FAIL]) > 0


def test_every_exclusion_is_still_needed(published: list[Outcome]) -> None:
    needed = {o.deviation for o in [*published, *outcomes(suite.tests([OWN]))]}
    spare = [line.because for number, line in enumerate(deviations()) if number not in needed]
    assert not spare, f"nothing is answered otherwise for this reason any more: {spare}"
    named = {place for line in deviations() for place in line.tests}
    passing = [o.test.place for o in published if o.test.place in named and o.state == PASS]
    assert not passing, f"excluded, and answered as published: {passing}"


def test_deliberate_deviations_are_few(published: list[Outcome]) -> None:
    inside = [o for o in published if o.state != OUTSIDE]
    assert len(inside) > 550
    assert sum(o.state == DELIBERATE for o in inside) < 0.07 * len(inside)


def test_the_page_tells_what_came_out(published: list[Outcome], pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text(encoding="utf-8")
    now = written(page, conformance(published))
    if pytestconfig.getoption("--bless"):
        PAGE.write_text(now, encoding="utf-8")
    elif len(published) == 1220:
        assert page == now, "screening/cql.md is not what came out: pytest tests/cql --bless, and read the diff"


def test_our_own_tests_of_this_form(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main([str(OWN)]) == 5
    said = capsys.readouterr().out
    assert "| **all** |  | 65 | 1 | 10 | 0 | 8 | 85.5 % | 98.5 % |" in said
    assert "fail: own/Wrong on purpose/OneIsTwo: 1 = 1\n  FALSE wanted, TRUE found" in said
    assert main([str(OWN.parent / "none.xml")]) == 3
    broken = tmp_path / "broken.xml"
    broken.write_text("<tests><group", encoding="utf-8")
    assert main([str(broken)]) == 3


@pytest.mark.parametrize(
    ("text", "ours"),
    [
        ("DateTime(2012, 2, 12) < DateTime(2012, 2, 13, 5, 30)", _DAY_BESIDE_INSTANT),
        ("Interval[1, 10) overlaps Interval[10, 20]", "((1) <= (20)) and ((10) <= ((10 - 1)))"),
        ("case when 1 > 2 then 'a' else null end", "if ((1) > (2)) is true then ('a') else (\"Unknown Word\")"),
        ("null in Interval[1, 10]", '("Unknown Number") in Interval[1, 10]'),
        ("not true or false and 1 < 2", "(not (true)) or ((false) and ((1) < (2)))"),
        ("@2014-10-01 same day or before Today()", '((@2014-10-01) <= ("Screening Date"))'),
    ],
)
def test_spelling(text: str, ours: str) -> None:
    assert spelled(text).text == ours


@pytest.mark.parametrize(
    "text", ["@T10:00 = @T10:00", "{1} union {2}", "1 +", "'a' < 'b'", "Tuple { a: 1 } = null", "§"]
)
def test_what_has_no_spelling(text: str) -> None:
    with pytest.raises(OutsideSubset):
        spelled(text)
