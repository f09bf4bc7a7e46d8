"""Expressions of CQL by rule in an engine that nobody here wrote, and by our parser and law.

`.ci/cql` runs a part; all of them by hand:
`SCREENING_CQL_NODE=... python -m pytest -m "cql and long" tests/agree/test_expressions.py`.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from random import Random

import pytest

from tests.agree import cql_engines
from tests.agree.cql_engines import EXECUTION
from tests.agree.cql_expressions import differing, ended, reasons, unexplained
from tests.checkout import absent
from tests.cql.chance import expressions
from tests.cql.conformance import PASS, Outcome

pytestmark = pytest.mark.cql

FEW = 600


@pytest.fixture(scope="module", autouse=True)
def _engines() -> None:
    if cql_engines.folder() is None:
        absent("SCREENING_CQL_NODE names no folder with the CQL engines; see `.ci/cql`")


def _agree(found: list[Outcome]) -> None:
    different = unexplained(found, reasons(EXECUTION))
    assert not different, "\n".join(different[:40])


def test_some_expressions_agree(tmp_path: Path) -> None:
    found = differing(Random("expressions").sample(expressions(), FEW), EXECUTION, tmp_path)
    _agree(found)
    assert len(found) == FEW
    assert sum(each.state == PASS for each in found) > FEW // 3


@pytest.mark.long
def test_all_expressions_agree(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = differing(expressions(), EXECUTION, tmp_path)
    known = reasons(EXECUTION)
    explained = Counter(
        next((line.example for line in known if line.speaks_of(each)), "")
        for each in found
        if each.state == "fail"
    )
    with capsys.disabled():
        print(f"\n{len(found)} expressions: {dict(Counter(each.state for each in found))}")
        for example, count in explained.most_common():
            print(f"{count} as {example or 'NOTHING THAT IS KNOWN'}")
    _agree(found)


def test_known_answers_are_still_given(tmp_path: Path) -> None:
    assert ended(EXECUTION, tmp_path) == []
