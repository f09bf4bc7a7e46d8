"""The query over tables says of everybody what the law says, or that it cannot say it (`odd`).

Generated libraries and people, and the programme's libraries over the shipped records with answers withheld, added
and charted twice. The marks `postgres` and `spark` need a server or Java; where `CI` is set, their absence fails.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import screen
from screening.errors import RecordError, RuleError
from screening.interpreters import warehouse
from screening.interpreters.reference import Law
from screening.interpreters.warehouse_connection import Warehouse, connect
from screening.interpreters.warehouse_load import load
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.outcome.row import cells, columns, row_of
from screening.reading.load import load as read_library
from screening.record.subject import Subject
from screening.record.tables import Tables
from screening.sources.profile import read_profile
from tests.agree import generate, prepared
from tests.agree.test_compiled import FILES, _person

PROGRAMME = ("ketamine-ra-fm", "ketamine-safety", "ketamine-trial-strict", "fibromyalgia-acr-2016")
DAY = datetime.date(2026, 11, 22)
NAMED = "SCREENING_POSTGRES"  # the address of an empty database that tests may write in


def _absent(what: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def duckdb() -> Iterator[Warehouse]:
    found = connect("duckdb")
    yield found
    found.close()


@pytest.fixture(scope="session")
def postgres() -> Iterator[Warehouse]:
    address = os.environ.get(NAMED)
    if not address:
        _absent(f"{NAMED} names no database")
    found = connect(str(address))
    yield found
    found.close()


@pytest.fixture(scope="session")
def spark() -> Iterator[Warehouse]:
    pytest.importorskip("pyspark") if not os.environ.get("CI") else None
    if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
        _absent("there is no Java")
    found = connect("spark")
    yield found
    found.close()


def _rows(connection: Warehouse, library: Library, tables: Tables, day: datetime.date) -> dict[str, dict[str, Any]]:
    if connection.engine == "postgres":
        tables = load(tables, connection, "cohort")
    query = warehouse.compile(library, tables, day, connection)
    found = connection.rows(query.rows())
    return {row["id"]: row for row in found}


def _wanted(library: Library, law: Law, subject: Subject, day: datetime.date) -> dict[str, str]:
    seen, trace = subject.as_of(day), law.trace(subject, day)
    row = row_of(library, seen, trace, determine(library, trace))
    ids = tuple(criterion.id for criterion in library.criteria)
    found = dict(zip(columns(ids), cells(row, ids), strict=True))
    # A set of names: its order is that of the library here.
    order = [requirement.name for requirement in library.requirements]
    found["missing_items"] = "|".join(sorted(row.missing, key=order.index))
    del found["anchor_evidence"]
    return found


def _agree(
    connection: Warehouse, library: Library, people: Sequence[Subject], folder: Path, day: datetime.date, where: str
) -> int:
    """How many people are odd; everybody else is what the law says."""
    numbered = [replace(subject, id=f"P{number}") for number, subject in enumerate(people)]
    found, law, odd = _rows(connection, library, prepared.write(library, numbered, folder), day), Law(library), 0
    assert len(found) == len(numbered)
    for subject in numbered:
        row = found[subject.id]
        if row["odd"]:
            odd += 1
            continue
        wanted = _wanted(library, law, subject, day)
        assert {name: row[name] for name in wanted} == wanted, f"{where}, {subject.id}"
    return odd


def _generated(connection: Warehouse, seeds: Sequence[int], people: int, folder: Path) -> tuple[int, int]:
    tried = odd = 0
    for seed in seeds:
        file = generate.library(seed)
        path = folder / "chance.yaml"
        path.write_text(json.dumps(file), encoding="utf-8")
        try:
            library = read_library(path, [folder])
        except RuleError:
            continue
        profiles = [generate.person(file, seed * 1000 + number) for number in range(people)]
        subjects = [read_profile(json.dumps(p).encode(), library, name="chance.json") for p in profiles]
        odd += _agree(connection, library, subjects, folder / str(seed), generate.AS_OF, f"library {seed}")
        tried += people
    return tried, odd


def _programme(name: str, count: int, seed: int) -> tuple[Library, list[Subject]]:
    """People of the shipped records, each with answers withheld and added."""
    library = screen.load_library(name)
    beside = {each for record in FILES.values() for each in record["evidence"]}
    records, people, number = list(FILES.values()), [], 0
    while len(people) < count:
        rng = Random(f"{seed} {name} {number}")
        number += 1
        record = json.dumps(_person(rng, records[number % len(records)], library)).encode()
        try:
            people.append(screen.read_record(record, library, "person.json", beside=beside))
        except RecordError:
            assert number < 10 * count
    return library, people


def _told(capsys: pytest.CaptureFixture[str], what: str, tried: int, odd: int) -> None:
    with capsys.disabled():
        print(f"\n{what}: {tried} people, {odd} odd ({odd / tried:.1%})")


def test_generated_libraries(duckdb: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tried, odd = _generated(duckdb, range(8), 60, tmp_path)
    _told(capsys, "generated", tried, odd)
    assert odd < 0.25 * tried


@pytest.mark.parametrize("name", PROGRAMME)
def test_the_programme(
    name: str, duckdb: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, people = _programme(name, 60, 1)
    odd = _agree(duckdb, library, people, tmp_path, DAY, name)
    _told(capsys, name, len(people), odd)
    assert odd < 0.6 * len(people)
