"""A library as CQL text: what must stand in it, what cannot be said, and a record as its parameters.

That the text gives the law's answers is tried in two CQL engines (`tests/agree/test_cql.py`).
"""

from __future__ import annotations

import datetime
import json
import re
from decimal import Decimal
from pathlib import Path

import pytest

from screening import screen
from screening.interpreters import cql, cql_record
from screening.interpreters.cql_name import function_names, text
from screening.language.library import AS_OF, ROOTS, Library
from screening.reading.load import load
from screening.sources.profile import read_profile
from screening.values.bounds import Bounds
from screening.values.truth import TRUE, UNKNOWN
from tests.checkout import ROOT

GOLDEN = ROOT / "tests" / "golden" / "cql" / "ra-boolean-remission-2022.cql"
DAY = datetime.date(2026, 11, 22)


@pytest.fixture(scope="module")
def programme() -> tuple[Library, str]:
    library = screen.load_library("ketamine-ra-fm")
    made = cql.export(library)
    assert not made.gaps
    return library, made.text


def _library(folder: Path, requirements: str, expression: str) -> Library:
    path = folder / "asked.yaml"
    path.write_text(
        "library: asked\nversion: '1'\ntitle: Asked\nstatus: draft\nsources: {made: here}\n"
        f"requirements:\n{requirements}\n"
        "criteria:\n  - id: INC01\n    category: inclusion\n    text: It's so\n    source: {made: 'page 1'}\n"
        f"    expression: |\n      {expression}\n",
        encoding="utf-8",
    )
    return load(path, [folder])


def test_every_criterion_stands_with_its_sentence_and_source(programme: tuple[Library, str]) -> None:
    library, written = programme
    for criterion in library.criteria:
        sentence = " ".join(criterion.text.split())
        assert f"// {criterion.id}, {criterion.category}, {criterion.strength}: {sentence}\n" in written
        assert f"// source: {criterion.source.source}, " in written
        assert f'define "{criterion.id}":\n' in written


def test_every_name_is_defined_once_and_before_it_is_used(programme: tuple[Library, str]) -> None:
    library, written = programme
    known: set[str] = set()
    for block in written.split("\n\n"):
        body = "\n".join(line for line in block.split("\n") if not line.startswith("//"))
        found = re.search(r'^(?:define function|define) "([^"]+)"', body, re.MULTILINE)
        if found is None:
            known.update(re.findall(r'^parameter "([^"]+)"', body, re.MULTILINE))
            continue
        used = re.findall(r'"([^"]+)"', re.sub(r"'(?:[^'\\]|\\.)*'", "", body.partition("\n")[2]))
        aliases = {"row", "by", "T", "E", found[1]}
        aliases |= set(re.findall(r'\) "([^"]+)" (?:return|where)', body))
        assert set(used) <= known | aliases, found[1]
        assert found[1] not in known
        known.add(found[1])
    assert {name for name, _ in library.order} | {"Verdict"} <= known
    assert set(ROOTS) <= known


def test_the_same_library_is_the_same_text(programme: tuple[Library, str]) -> None:
    assert cql.export(screen.load_library("ketamine-ra-fm")).text == programme[1]


def test_the_text_of_one_library(pytestconfig: pytest.Config) -> None:
    found = cql.export(screen.load_library("ra-boolean-remission-2022")).text
    if pytestconfig.getoption("--bless"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert GOLDEN.read_text(encoding="utf-8") == found


def test_what_cql_cannot_say_is_a_gap_with_reason_and_place(tmp_path: Path) -> None:
    requirements = "  Drugs: {type: Records, codes: [RxNorm 1, ATC A1]}\n  Age: {type: Integer}"
    expression = "Count(distinct (Drugs D return D.code)) > 1 or Age > 17"
    made = cql.export(_library(tmp_path, requirements, expression))
    ((name, gap),) = made.gaps
    assert name == "INC01"
    assert (gap.span.line, gap.span.file) == (15, str(tmp_path / "asked.yaml"))
    assert "codes of several systems may be one thing" in gap.message
    # What cannot be said is handed in; what rests on it is still written.
    assert 'parameter "INC01" Boolean' in made.text
    assert 'define "eligible":\n  "INC01"' in made.text


def test_instants_and_days_are_kept_apart(tmp_path: Path) -> None:
    requirements = "  Meal: {type: DateTime, take: latest}\n  Start: {type: DateTime, take: latest}"
    expression = "Meal 6 hours or more before Start and hours between Meal and Start >= 7"
    made = cql.export(_library(tmp_path, requirements, expression))
    assert not made.gaps
    assert (
        '"Instant At Most"("Meal", "Instants Shifted"("Start", "Minus"("Exactly"(6.0)), \'hours\'))' in made.text
    )
    assert '"At Least"("Hours Between"("Meal", "Start"), "Exactly"(7.0))' in made.text


def test_a_power_of_what_is_not_known_before_is_a_gap(tmp_path: Path) -> None:
    made = cql.export(_library(tmp_path, "  A: {type: Decimal}\n  B: {type: Decimal}", "A ^ B > 2"))
    assert [gap.message for _, gap in made.gaps] == ["a power is exported with a constant exponent alone"]


def test_a_function_gives_way_to_a_name_of_the_rules(tmp_path: Path) -> None:
    assert "At Least" in function_names()
    made = cql.export(_library(tmp_path, '  "At Least": {type: Decimal}', '"At Least" >= 2'))
    assert 'define "INC01":\n  "At Least Function"("At Least", "Exactly"(2.0))' in made.text
    assert 'define function "At Least Function"(' in made.text


def test_words_that_would_end_the_text_are_escaped(tmp_path: Path) -> None:
    assert text("it's\nso \\") == "'it\\'s so \\\\'"
    made = cql.export(_library(tmp_path, "  Word: {type: String}", "Word = 'don\\'t'"))
    assert "{ 'don\\'t' }" in made.text


def test_a_record_as_parameters(tmp_path: Path) -> None:
    requirements = (
        "  CRP: {type: Quantity, unit: mg/L, take: latest}\n"
        "  Stroke: {type: Boolean, condition: [SNOMED 1, SNOMED 2]}\n"
        "  Trials: {type: Records, fields: {kind: String, weeks: Integer}}"
    )
    library = _library(tmp_path, requirements, "CRP > 5 'mg/L' and exists Stroke and exists Trials")
    record = {
        "subject": "SYN-1",
        "synthetic": True,
        "evidence": {
            "CRP": {
                "records": [{"value": "<5 'mg/L'", "date": "2026-08"}, {"value": "7 'mg/L'", "date": "2026-12-01"}]
            },
            "Stroke": {"records": [{"status": "absent", "code": "SNOMED 1", "date": "2026-03"}]},
            "Trials": {"complete": True, "records": [{"kind": "alpha", "date": "2026-01-02"}]},
        },
    }
    subject = read_profile(json.dumps(record).encode(), library, name="person.json")
    found = cql_record.parameters(library, subject, DAY)
    assert found[AS_OF] == "2026-11-22"
    (crp,) = found["CRP Entries"]
    # The reading of December is later than the day of screening: nobody sees it.
    assert (crp["first"], crp["last"], crp["certain"], crp["kind"]) == ("2026-08-01", "2026-08-31", True, "entry")
    assert (crp["value"]["low"], crp["value"]["high"]) == (None, "4.99999999")
    (absence,) = found["Stroke Entries"]
    assert (absence["kind"], absence["whole"], absence["concepts"]) == ("absence", False, [0])
    assert (absence["last"], absence["until"]) == ("2026-03-01", "2026-03-31")
    trial, complete = found["Trials Entries"]
    assert (complete["kind"], complete["first"]) == ("complete", None)
    assert [(each["name"], each["value"]["codes"]) for each in trial["fields"] if each["value"]["codes"]] == [
        ("kind", ["alpha"])
    ]
    json.dumps(found)


def test_a_value_that_is_handed_in() -> None:
    library = screen.load_library("body-mass-index")
    types = {name: node.type for name, node in library.order}
    given = cql_record.handed(Bounds(None, Decimal("24.5")), types["BMI"])
    assert given == {"low": None, "high": "24.5"}
    assert cql_record.handed(UNKNOWN, types["eligible"]) is None
    assert cql_record.handed(TRUE, types["eligible"]) is True


def test_what_binds_more_tightly_in_cql_is_put_in_brackets(tmp_path: Path) -> None:
    rules = "  A: {type: Boolean}\n  B: {type: Boolean}"
    library = _library(tmp_path, rules, "not A = B and not (A xor B) = not B")
    made = cql.export(library).text
    assert '((not ("A")) = ("B"))' in made
    assert '((not (("A" xor "B"))) = (not ("B")))' in made
