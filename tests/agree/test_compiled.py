"""The compiled form says of everybody what the law says: under every shipped rule file, by every name.

People are those of the shipped records with answers withheld, and with answers by chance, charted twice, for what
a rule file asks beyond them; and everybody in the worked cases. Generated libraries are tried in `test_agree`.
"""

from __future__ import annotations

import copy
import datetime
import json
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

import screening.cases.run
from screening import screen
from screening.cases.run import Running
from screening.errors import RecordError, RuleError
from screening.interpreters.compiled import Compiled
from screening.interpreters.reference import Law
from screening.language.library import ROOTS, Library
from screening.outcome.determination import determine
from screening.outcome.row import Row, row_of
from screening.reading.load import load
from screening.reading.question import lending
from screening.record.subject import Subject, Value
from screening.sources.profile import read_profile
from screening.values.truth import TRUE
from tests.agree import generate
from tests.law.completion import answer

ROOT = Path(__file__).parents[2]
RULES = sorted(path for path in (ROOT / "rules").glob("*.yaml") if not path.name.endswith(".cases.yaml"))
CASES = sorted((ROOT / "rules").glob("*.cases.yaml"))
RECORDS = sorted((ROOT / "rules" / "records").glob("*.yaml"))
DAYS = [datetime.date(2026, 11, 22), datetime.date(2026, 11, 25), datetime.date(2014, 3, 1)]
SHORT, LONG = 1, 25
FILES = {path.stem: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in RECORDS}


def _library(path: Path) -> Library:
    try:
        return screen.load_library(path.stem)
    except RuleError:
        lent = lending(path, [ROOT / "rules"], {}, "")
        assert lent is not None
        return lent


def _twice(rng: Random, item: Any, more: Any) -> Any:
    """An item of a profile, charted again with another one."""
    if not isinstance(item, dict) or not isinstance(more, dict):
        return item
    if "records" in item and "records" in more:
        return {**item, "records": [*item["records"], *more["records"]]}
    if "value" not in item or "value" not in more:
        return rng.choice([item, more])
    return {"records": [item, {**more, "source": "again"}]}


def _person(rng: Random, record: dict[str, Any], library: Library) -> dict[str, Any]:
    """A record from which answers are withheld and to which others are added."""
    kept, added = rng.choice([1.0, 0.9, 0.5, 0.1]), rng.choice([0.0, 0.2, 0.8])
    evidence = {name: item for name, item in copy.deepcopy(record["evidence"]).items() if rng.random() < kept}
    for requirement in library.requirements:
        if rng.random() < added:
            item = answer(rng, requirement)
            name = requirement.name
            evidence[name] = _twice(rng, evidence[name], item) if name in evidence else item
    return {**record, "evidence": evidence}


def _row(law: Law, subject: Subject, day: datetime.date) -> Row | None:
    """What a cohort keeps of somebody, off the law's trace; what is behind the anchors is the law's alone."""
    if not all(root in dict(law.library.order) for root in ROOTS):
        return None
    trace = law.trace(subject, day)
    return replace(row_of(law.library, subject.as_of(day), trace, determine(law.library, trace)), evidence=())


def _agree(
    values: dict[str, Value], row: Row | None, compiled: Compiled, subject: Subject, day: datetime.date
) -> None:
    """The compiled form against the values of the law, and its row against the one read off the law's trace."""
    library, found = compiled.library, compiled.evaluate(subject, day)
    assert found == values, [name for name in values if found[name] != values[name]]
    if row is None:
        return  # a file that only lends its definitions
    told = compiled.row(subject, day)
    differing = [name for name in Row.__slots__ if getattr(told, name) != getattr(row, name)]
    assert not differing, [(getattr(told, name), getattr(row, name)) for name in differing]
    screened = compiled.verdict(subject, day)
    assert screened[:4] == tuple(values[root] for root in ROOTS)
    assert screened.criteria == {criterion.id: values[criterion.id] for criterion in library.criteria}
    assert screened.anchors == tuple(values[name] for name in library.anchors)
    alerts = {c.id: c.alert.definition for c in library.criteria if c.alert is not None}
    assert screened.alerts == tuple(id for id, name in alerts.items() if values[name] is TRUE)


def _everybody(path: Path, times: int, seed: int) -> tuple[int, int]:
    """How many people were tried, and how many records the rule file refused."""
    library = _library(path)
    law, tried, refused = Law(library), 0, 0
    beside = {name for record in FILES.values() for name in record["evidence"]}
    forms = [Compiled(library), Compiled(library, DAYS[0])]
    for name, record in FILES.items():
        for number in range(times):
            rng = Random(f"{seed} {path.stem} {name} {number}")
            person = json.dumps(_person(rng, record, library)).encode()
            try:
                subject = screen.read_record(person, library, "person.json", beside=beside)
            except RecordError:
                refused += 1
                continue
            day = DAYS[number % 3]
            values, row = law.evaluate(subject, day), _row(law, subject, day)
            for form in forms:
                _agree(values, row, form, subject, day)
            tried += 1
    return tried, refused


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_shipped_rule_files(path: Path) -> None:
    tried, refused = _everybody(path, SHORT, 0)
    assert tried > refused


@pytest.mark.long
@pytest.mark.parametrize("path", RULES, ids=lambda path: path.stem)
def test_shipped_rule_files_for_long(path: Path) -> None:
    tried, refused = _everybody(path, LONG, 1)
    assert tried > refused


class _Both(Law):
    """The law, which asks the compiled form too."""

    asked = 0

    def __init__(self, library: Library) -> None:
        super().__init__(library)
        self.compiled = Compiled(library)

    def evaluate(self, subject: Subject, as_of: datetime.date) -> dict[str, Value]:
        values = super().evaluate(subject, as_of)
        _Both.asked += 1
        _agree(values, _row(self, subject, as_of), self.compiled, subject, as_of)
        return values


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_everybody_in_the_worked_cases(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening.cases.run, "Law", _Both)
    before = _Both.asked
    outcome = Running([ROOT / "rules"]).run(path)
    assert not outcome.diagnostics
    assert _Both.asked > before


# Queries within queries, contradictions inside a condition on rows, the same contradiction in two criteria: what
# the generated libraries of `test_agree` do not write.
NESTED = {
    "INC01": "exists (Trials T where exists (Drugs D where D.date 9 days or less before day of T.date))",
    "INC02": 'Count(Trials T where T.weeks >= Agree("Number 0", "Number 1") and T.good) >= 1',
    "INC03": "exists (Trials T where T.good and exists (Trials U where U.weeks >= 9 and T.weeks < U.weeks))",
    "INC04": 'Agree("Number 0", "Number 1") >= 3 or exists (Drugs D where D.good)',
    "INC05": 'not exists (Drugs D where D.good) and Agree("Number 0", "Number 1") < 9',
    "INC06": 'Count(Trials T where T.good and (T.weeks >= 4 or exists "Presence 0")) between 1 and 3',
    "INC07": "exists (Trials U where U.good and U.kind = 'beta') implies exists (Trials T where T.kind = 'beta')",
    "EXC08": "Count(distinct (Drugs D where exists (Trials T where T.good and D.good) return D.code)) >= 2",
    "EXC09": 'Max((Trials T where exists "Drugs" return T.weeks)) > 12 and "Presence 1"',
    "EXC10": '(if exists (Drugs D where D.good) then "Number 0" else "Number 1") in Interval(2, 8]',
}


def _nested(seed: int, folder: Path) -> tuple[dict[str, Any], Library]:
    file = generate.library(seed)
    criteria = []
    for number, (id, expression) in enumerate(NESTED.items()):
        category = "inclusion" if id.startswith("INC") else "exclusion"
        strength = "relative" if category == "exclusion" and number % 2 else "absolute"
        criteria.append(
            {"id": id, "category": category, "strength": strength, "text": "made", "source": generate.SOURCE,
             "expression": expression}
        )  # fmt: skip
    made = {**file, "criteria": criteria}
    made.pop("definitions", None)
    path = folder / "chance.yaml"
    path.write_text(json.dumps(made), encoding="utf-8")
    return made, load(path, [folder])


@pytest.mark.parametrize("seed", range(6))
def test_queries_within_queries(seed: int, tmp_path: Path) -> None:
    file, library = _nested(seed, tmp_path)
    law, contradicted = Law(library), 0
    forms = [Compiled(library), Compiled(library, generate.AS_OF)]
    for number in range(60):
        profile = generate.person(file, seed * 1000 + number)
        subject = read_profile(json.dumps(profile).encode(), library, name="chance.json")
        values, row = law.evaluate(subject, generate.AS_OF), _row(law, subject, generate.AS_OF)
        contradicted += values["review"] is TRUE
        for form in forms:
            _agree(values, row, form, subject, generate.AS_OF)
    assert contradicted > 3
