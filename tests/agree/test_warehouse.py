"""The query over tables says of everybody what the law says, or that it cannot say it (`odd`).

Generated libraries and people, and the programme's libraries over the shipped records with answers withheld, added
and charted twice. The marks `postgres` and `spark` need a server or Java; where `CI` is set, their absence fails.
"""

from __future__ import annotations

import datetime
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest

from screening import screen
from screening.errors import RecordError, RuleError, UnsupportedError
from screening.interpreters import warehouse, warehouse_query
from screening.interpreters import warehouse_number as numbers
from screening.interpreters import warehouse_term as t
from screening.interpreters.reference import Law
from screening.interpreters.warehouse_connection import ConnectionRefused, Warehouse, connect, shown
from screening.interpreters.warehouse_load import load
from screening.interpreters.warehouse_query import Built
from screening.interpreters.warehouse_value import Range, multiply
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.outcome.row import cells, columns, row_of
from screening.reading.load import load as read_library
from screening.record.subject import Subject
from screening.record.tables import Entries, Tables
from screening.sources.profile import read_profile
from screening.values import bounds
from tests.agree import generate, prepared
from tests.agree.test_compiled import FILES, _person

PROGRAMME = ("ketamine-ra-fm", "ketamine-safety", "ketamine-trial-strict", "fibromyalgia-acr-2016")
DAY = datetime.date(2026, 11, 22)
NAMED = "SCREENING_TEST_POSTGRES"  # the address of an empty database that tests may write in


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


def _rows(
    connection: Warehouse, library: Library, tables: Tables, day: datetime.date
) -> dict[str, dict[str, Any]]:
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
    connection: Warehouse,
    library: Library,
    people: Sequence[Subject],
    folder: Path,
    day: datetime.date,
    where: str,
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


def _write_pairs(file: Path, pairs: Sequence[Any]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    made = {"subject": pa.array(range(len(pairs)), pa.int64())}
    for side, name in enumerate("ab"):
        for end, which in enumerate(("low", "high")):
            texts = [pair[side][end] for pair in pairs]
            made[f"{name}.{which}"] = pa.array([None if x is None else float(x) for x in texts], pa.float64())
    parquet.write_table(pa.table(made), file)


def test_generated_libraries(duckdb: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The last: a choice between a count that is not 1 and a truth was read as NOT (count = 1 is the truth).
    tried, odd = _generated(duckdb, [*range(12), 2035], 60, tmp_path)
    _told(capsys, "generated", tried, odd)
    assert odd < 0.25 * tried


@pytest.mark.parametrize(
    ("operate", "law", "most_odd"), [(numbers.power, bounds.power, 40), (multiply, bounds.multiply, 0)]
)
def test_products_and_powers_with_open_ends_are_those_of_the_law(
    operate: Callable[..., Range],
    law: Callable[..., bounds.Bounds | None],
    most_odd: int,
    duckdb: Warehouse,
    tmp_path: Path,
) -> None:
    """Of every pair of kinds. No product is left to the law; of powers only whole ones of what may be negative or
    has an open end are."""
    kinds: list[tuple[str | None, str | None]] = [
        (None, None), ("0", "0"), ("2", "2"), ("-3", "-3"), ("0.5", "1"), (None, "1"), ("1", None), ("0", "2"),
        ("-2", "3"), ("-2", "-1"), (None, "-1"), ("-1", None), (None, "0"), ("0", None), ("-1.5", "0"),
    ]  # fmt: skip

    def bounded(kind: tuple[str | None, str | None]) -> bounds.Bounds:
        return bounds.Bounds(*(None if end is None else Decimal(end) for end in kind))

    pairs = [(a, b) for a in kinds for b in kinds]
    _write_pairs(tmp_path / "pairs.parquet", pairs)
    doubts: list[t.Term] = []
    sides = [Range(*(t.column(f"{name}.{end}", "float") for end in ("low", "high"))) for name in "ab"]
    found = operate(*sides, lambda _, truth: doubts.append(truth))
    outputs = {"n": t.column("subject", "int"), "low": found.low, "high": found.high,
               "odd": t.disjunction(*doubts)}  # fmt: skip
    asked = Built(duckdb, str(tmp_path / "pairs.parquet"), "subject", {}).query(outputs)
    rows = sorted(duckdb.rows(asked), key=lambda row: int(row["n"]))
    for row, (a, b) in zip(rows, pairs, strict=True):
        wanted = law(bounded(a), bounded(b)) or bounds.Bounds(None, None)
        ends = [None if end is None else float(end) for end in wanted]
        assert row["odd"] or [row["low"], row["high"]] == pytest.approx(ends, abs=1e-12), (a, b)
    assert sum(row["odd"] for row in rows) <= most_odd


@pytest.mark.parametrize("name", ["ketamine-ra-fm", "fibromyalgia-acr-2016"])
def test_the_programme(name: str, duckdb: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The others of the programme are of the first; `test_engines` asks them of many people."""
    library, people = _programme(name, 60, 1)
    odd = _agree(duckdb, library, people, tmp_path, DAY, name)
    _told(capsys, name, len(people), odd)
    # A sixth of them is charted twice with another sex: which stands first, only the law knows.
    assert odd <= 0.25 * len(people)


@pytest.mark.postgres
def test_truths_are_packed_where_a_table_has_few_columns(
    postgres: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with the largest protocols, which `test_engines` asks of PostgreSQL."""
    monkeypatch.setattr(warehouse_query, "_MOST_COLUMNS", 20)
    library, people = _programme("fibromyalgia-acr-2016", 40, 3)
    odd = _agree(postgres, library, people, tmp_path, DAY, library.name)
    _told(capsys, f"{library.name}, packed, PostgreSQL", len(people), odd)
    assert odd <= 0.05 * len(people)


@pytest.mark.postgres
def test_generated_libraries_in_postgres(
    postgres: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried, odd = _generated(postgres, range(3), 60, tmp_path)
    _told(capsys, "generated, PostgreSQL", tried, odd)
    assert odd < 0.35 * tried


@pytest.mark.spark
def test_generated_libraries_in_spark(
    spark: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tried, odd = _generated(spark, [0], 60, tmp_path)
    _told(capsys, "generated, Spark", tried, odd)
    assert odd < 0.5 * tried


@pytest.mark.long
@pytest.mark.spark
@pytest.mark.parametrize("name", PROGRAMME)
def test_the_programme_in_spark_for_long(
    name: str, spark: Warehouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    library, people = _programme(name, int(os.environ.get("PEOPLE", "2000")), 4)
    _told(capsys, name, len(people), _agree(spark, library, people, tmp_path, DAY, name))


def test_an_address_is_shown_without_its_password() -> None:
    assert shown("postgres://me:secret@host/db?password=other") == "postgres://me:***@host/db?password=***"


@pytest.mark.parametrize("address", ["mysql://me:secret@host/db", "postgres://me:secret@127.0.0.1:1/none"])
def test_what_cannot_be_reached_is_said_without_the_password(address: str) -> None:
    with pytest.raises(ConnectionRefused) as refused:
        connect(address)
    assert "secret" not in str(refused.value)
    assert "me:***@" in str(refused.value)


def test_entries_of_two_lists_held_against_each_other_are_refused_by_place(tmp_path: Path) -> None:
    criterion = {"id": "INC01", "category": "inclusion", "strength": "absolute", "text": "made",
                 "source": generate.SOURCE,
                 "expression": "exists (Trials T where exists (Trials U where T.weeks < U.weeks))"}  # fmt: skip
    file = {**generate.library(0), "criteria": [criterion]}
    file.pop("definitions", None)
    path = tmp_path / "chance.yaml"
    path.write_text(json.dumps(file), encoding="utf-8")
    library = read_library(path, [tmp_path])
    tables = prepared.write(library, [], tmp_path)
    entries = Entries("trials.parquet", {"weeks.low": "weeks", "weeks.high": "weeks"})
    held = replace(tables, requirements={"Trials": entries})
    with pytest.raises(UnsupportedError) as refused:
        warehouse.compile(library, held, DAY, Warehouse("duckdb", None, "duckdb"))
    assert "INC01" in str(refused.value)
