"""The exported libraries in two CQL engines that nobody here wrote: every value of everybody is the law's.

`.ci/cql` installs the engines into a folder of their own and runs the small tests. By hand, many people:
`PEOPLE=20000 SCREENING_CQL_NODE=... python -m pytest -m "cql and long" tests/agree/test_cql.py`.
"""

from __future__ import annotations

import datetime
import json
import os
import re
import time
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
import yaml

from screening import screen
from screening.interpreters import cql
from screening.interpreters.cql_name import carried, days, kind_of
from screening.interpreters.reference import Law
from screening.language.library import AS_OF, Library
from screening.record.subject import Subject
from screening.sources.profile import read_profile
from screening.values.bounds import exactly
from screening.values.calendar import days_of, duration
from tests.agree import cql_engines, generate
from tests.agree.cql_engines import EXECUTION, FRAMEWORK, TRANSLATE
from tests.agree.crossed import Crossed, read
from tests.agree.test_agree import _library
from tests.agree.test_cohort import PROGRAMME
from tests.checkout import ROOT, absent
from tests.corpus.cases import profile
from tests.corpus.test_corpus import INSTANCES, _load

pytestmark = pytest.mark.cql

MANY = int(os.environ.get("PEOPLE", "20000"))
DAYS = ["2026-11-22", "2024-02-29", "2026-11-25", "2027-03-31"]
FEW, PARENTS = 40, 20
CORPUS_EVERY = int(os.environ.get("CORPUS_EVERY", "17"))
DIVERGENCES = yaml.safe_load((Path(__file__).parent / "cql" / "divergences.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where exports and what they are translated to are kept for one run."""
    if cql_engines.folder() is None:
        absent("SCREENING_CQL_NODE names no folder with the CQL engines; see `.ci/cql`")
    return tmp_path_factory.mktemp("cql")


def _told(found: cql_engines.Agreement) -> str:
    return "\n".join(f"person {number}: {name}: {what}" for number, name, what in found.differing[:20])


@pytest.mark.parametrize("name", PROGRAMME)
def test_the_translator_has_nothing_to_say(home: Path, name: str) -> None:
    path, handed = cql_engines.written(screen.load_library(name), EXECUTION, home)
    assert not handed
    assert cql_engines.ran(TRANSLATE, [{"library": str(path)}], 150) == [{"id": 0, "notes": []}]


def test_the_page_names_what_is_handed_in() -> None:
    page = " ".join((ROOT / "screening" / "cql.md").read_text(encoding="utf-8").split())
    (told,) = re.findall(r"Of the programme's libraries that is: (.*?)\. In `cql-execution`", page)
    libraries = [screen.load_library(name) for name in PROGRAMME]
    assert set(told.split(", ")) == set().union(*map(cql_engines.calculated, libraries))
    assert all(not cql.export(library).gaps for library in libraries)


@pytest.mark.parametrize("name", PROGRAMME)
def test_few_people_agree(home: Path, name: str) -> None:
    library = screen.load_library(name)
    crossed = Crossed(library, generate.AS_OF, "few", PARENTS)
    found = cql_engines.many(library, crossed, FEW, EXECUTION, home, 170, afresh=3)
    assert not found.differing, _told(found)
    assert found.people == FEW
    assert found.values > 350 * found.people


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_few_people_and_nobody_agree(home: Path, engine: str) -> None:
    library = screen.load_library("ketamine-uk-smpc")
    nobody = Subject("nobody", {})
    found = cql_engines.compared(library, [nobody, *read(library, 2, 0)], generate.AS_OF, engine, home, 170)
    assert not found.differing, _told(found)
    assert found.people == 3


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_what_nobody_hands_in_is_not_known(home: Path, tmp_path: Path, engine: str) -> None:
    library = _library(0, tmp_path)
    assert library is not None
    path, handed = cql_engines.written(library, engine, home)
    values = dict(Law(library).evaluate(Subject("nobody", {}), generate.AS_OF))
    kinds = {n: kind for n, node in library.order if (kind := kind_of(node.type)) and n not in handed}
    nothing = {"library": str(path), "parameters": {AS_OF: generate.AS_OF.isoformat()}}
    (told,) = cql_engines.ran(engine, [nothing], 170)
    assert told["values"]["eligible"] is None
    assert told["values"]["Verdict"] == "UNDETERMINED"
    # Of what is handed in where this engine does not calculate, nothing is known either.
    assert handed or cql_engines.differences(values, kinds, told) == []


@pytest.mark.long
@pytest.mark.parametrize("day", DAYS)
@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
@pytest.mark.parametrize("name", PROGRAMME)
def test_many_people_agree(
    home: Path, name: str, engine: str, day: str, capsys: pytest.CaptureFixture[str]
) -> None:
    library, began = screen.load_library(name), time.monotonic()
    crossed = Crossed(library, datetime.date.fromisoformat(day), day)
    # A person evaluated afresh costs the slower engine as much as a hundred others.
    afresh = 50 if engine == EXECUTION else 250
    found = cql_engines.many(library, crossed, MANY // len(DAYS), engine, home, 7200, afresh)
    with capsys.disabled():
        print(f"\n{name}, {engine}, {day}: {found.people} people, {found.values} values", end="")
        print(f", {len(found.differing)} disagreements, {time.monotonic() - began:.0f} s", flush=True)
    assert not found.differing, _told(found)
    assert found.people == MANY // len(DAYS)


class _Asked:
    """People of many libraries, asked of one engine at once."""

    def __init__(self, engine: str, home: Path) -> None:
        self.engine, self.home = engine, home
        self.files: dict[str, Path] = {}
        self.lines: list[dict[str, Any]] = []
        self.wanted: list[tuple[str, dict[str, Any], dict[str, str]]] = []

    def add(self, where: str, library: Library, subject: Subject, day: Any) -> None:
        given = cql_engines.calculated(library) if self.engine == FRAMEWORK else frozenset[str]()
        made = cql.export(library, given)
        handed = given | {name for name, _ in made.gaps}
        if made.text not in self.files:
            self.files[made.text] = self.home / f"{self.engine}-{len(self.files)}.cql"
            self.files[made.text].write_text(made.text, encoding="utf-8")
        values = dict(Law(library).evaluate(subject, day))
        parameters = cql_engines.asked(library, subject, {**values, "": exactly(day)}, handed)
        self.lines.append({"library": str(self.files[made.text]), "parameters": parameters})
        kinds = {n: kind for n, node in library.order if (kind := kind_of(node.type)) and n not in handed}
        self.wanted.append((where, values, kinds))

    def differing(self, seconds: float) -> list[str]:
        found = []
        for told, (where, values, kinds) in zip(
            cql_engines.ran(self.engine, self.lines, seconds), self.wanted, strict=True
        ):
            found += [f"{where}: {each}" for each in cql_engines.differences(values, kinds, told)]
        return found


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_semantic_cases_agree(home: Path, tmp_path: Path, engine: str) -> None:
    asked = _Asked(engine, tmp_path)
    for number, instance in enumerate(INSTANCES[::CORPUS_EVERY]):
        if isinstance(instance.expect, dict) and "error" in instance.expect:
            continue
        folder = tmp_path / str(number)
        folder.mkdir()
        library = _load(instance, folder)
        subject = read_profile(json.dumps(profile(instance)).encode(), library, name="case.yaml")
        asked.add(instance.id, library, subject, instance.as_of)
    assert len(asked.lines) > 20
    assert asked.differing(1700) == []


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_libraries_by_chance_agree(home: Path, tmp_path: Path, engine: str) -> None:
    libraries = int(os.environ.get("LIBRARIES", "3"))
    asked, seed = _Asked(engine, tmp_path), 0
    while libraries:
        library = _library(seed, tmp_path)
        if library is not None:
            libraries -= 1
            for number in range(8):
                record = generate.person(generate.library(seed), seed * 1000 + number)
                subject = read_profile(json.dumps(record).encode(), library, name="chance.json")
                asked.add(f"library {seed}, person {number}", library, subject, generate.AS_OF)
        seed += 1
    assert asked.differing(1700) == []


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_known_divergences_are_still_there(home: Path, engine: str) -> None:
    own = [each for each in DIVERGENCES if each["engine"] == engine]
    path = home / f"divergences-{engine}.cql"
    defines = "".join(f'define "{n}":\n  {each["expression"]}\n\n' for n, each in enumerate(own))
    path.write_text(f"library \"Divergences\" version '1'\n\n{defines}", encoding="utf-8")
    (told,) = cql_engines.ran(engine, [{"library": str(path), "parameters": {}}], 120)
    ended = [
        f"{each['expression']} is {told['values'][str(n)]} by now, no more {each['answer']}"
        for n, each in enumerate(own)
        if told["values"][str(n)] != each["answer"]
    ]
    assert not ended, "\n".join(ended)


@pytest.mark.parametrize("engine", [EXECUTION, FRAMEWORK])
def test_durations_of_either_direction_agree(home: Path, engine: str) -> None:
    rng, pairs = (
        Random("durations"),
        [("2014-12-31", "2014-06-01"), ("2016-02-29", "2015-02-28"), ("2014", "2014-06")],
    )
    while len(pairs) < 100:
        whole = [f"{rng.randint(1995, 2030)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" for _ in "ab"]
        pairs.append((whole[0][: rng.choice([10, 10, 7, 4])], whole[1][: rng.choice([10, 10, 7, 4])]))
    asked = [(unit, days_of(a), days_of(b)) for a, b in pairs for unit in ("years", "months", "weeks", "days")]
    said = [f"\"Between\"({days(a)}, {days(b)}, '{unit}')" for unit, a, b in asked]
    defines = [f'define "{number}":\n  {text}' for number, text in enumerate(said)]
    path = home / f"durations-{engine}.cql"
    path.write_text("\n\n".join(["library \"Durations\" version '1'", *carried(said), *defines]), encoding="utf-8")
    (told,) = cql_engines.ran(engine, [{"library": str(path), "parameters": {}}], 170)
    for number, (unit, a, b) in enumerate(asked):
        found = {end: int(Decimal(value)) for end, value in told["values"][str(number)].items()}
        assert found == duration(a, b, unit)._asdict(), (unit, a, b)


def test_a_changed_limit_is_noticed(home: Path, tmp_path: Path) -> None:
    library = _library(0, tmp_path)
    assert library is not None
    asked = _Asked(EXECUTION, tmp_path)
    record = generate.person(generate.library(0), 3, withheld=0.0)
    asked.add("changed", library, read_profile(json.dumps(record).encode(), library, name="p"), generate.AS_OF)
    (path,) = asked.files.values()
    text = path.read_text(encoding="utf-8")
    changed = text.replace("then true else if", "then false else if", 3)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    assert asked.differing(120)
