"""All engines over the same tables of many people: law, compiled form, Polars, DuckDB, PostgreSQL and Spark.

The people of a library are made once. The compiled form screens everybody; the law every so many-th of the
programme's people and everybody of the generated libraries; each engine of columns screens everybody, and its row
is the compiled form's wherever it does not say that the law has to be asked (`odd`). Run by hand, an engine at a
time if need be: `ENGINES=polars,duckdb PEOPLE=20000 python -m pytest -m long tests/agree/test_engines.py`.
"""

from __future__ import annotations

import datetime
import json
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl
import pytest

from screening import screen
from screening.columns import InPolars, InWarehouse
from screening.errors import RecordError
from screening.interpreters.compiled import Compiled
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.outcome.row import cells, columns, row_of
from screening.record.subject import Subject
from screening.record.tables import Tables
from screening.sources.profile import read_profile
from tests.agree import cohorts, generate
from tests.agree.test_agree import _library
from tests.agree.test_cohort import PROGRAMME
from tests.agree.test_compiled import DAYS, FILES, _person
from tests.agree.test_warehouse import NAMED, _absent

MANY = int(os.environ.get("PEOPLE", "20000"))
LAW_EVERY = int(os.environ.get("LAW_EVERY", "10"))
AT_ONCE = 10_000  # people of the programme in one set of tables
OF_EACH = 500  # people of a generated library
POLARS, DUCKDB, POSTGRES, SPARK = "polars", "duckdb", "postgres", "spark"
# The most that may be left to the law of generated people, who are odder than any real ones.
MOST_ODD = {POLARS: 0.25, DUCKDB: 0.4, POSTGRES: 0.4, SPARK: 0.4}
CHOSEN = os.environ.get("ENGINES", "").split(",")
# The rows of nobody are complete without the law: what stands behind the anchors is the law's alone.
LAWS_ALONE = "anchor_evidence"


@dataclass
class Told:
    """What an engine was asked, and what came of it."""

    people: int = 0
    odd: int = 0
    seconds: float = 0.0
    why: dict[str, int] = field(default_factory=dict)
    differing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        share = self.odd / max(1, self.people)
        return f"{self.people} people, {self.odd} odd ({share:.2%}), {self.seconds:.0f} s, {self.why}"


def _wanted(
    library: Library, people: Sequence[Subject], day: datetime.date, law_every: int, told: dict[str, Told]
) -> list[tuple[str, ...]]:
    """The cells of everybody by the compiled form, those of every so many-th person held against the law."""
    ids = tuple(criterion.id for criterion in library.criteria)
    compiled, law = Compiled(library, day), Law(library)
    found, began = [], time.monotonic()
    for subject in people:
        found.append(compiled.row(subject, day))
    told["compiled"].people += len(people)
    told["compiled"].seconds += time.monotonic() - began
    began = time.monotonic()
    for subject, row in list(zip(people, found, strict=True))[::law_every]:
        trace = law.trace(subject, day)
        made = row_of(library, subject.as_of(day), trace, determine(library, trace))
        told["law"].people += 1
        if replace(made, evidence=()) != row:
            told["law"].differing.append(f"{library.name} {subject.id}")
    told["law"].seconds += time.monotonic() - began
    return [tuple(cells(row, ids)) for row in found]


def _asked(engine: str, library: Library, tables: Tables, day: datetime.date, folder: Path, told: Told) -> Path:
    """The rows of everybody by an engine, written as a cohort run writes them."""
    rows, began = folder / f"{engine}.parquet", time.monotonic()
    query: InPolars | InWarehouse
    if engine == POLARS:
        query = InPolars(library, tables, day)
    else:
        query = InWarehouse(library, tables, day, os.environ[NAMED] if engine == POSTGRES else engine)
    query.write(rows)
    told.seconds += time.monotonic() - began
    for reason, number in query.oddities().items():
        told.why[reason] = told.why.get(reason, 0) + number
    return rows


def _held(wanted: Sequence[tuple[str, ...]], rows: Path, library: Library, told: Told) -> None:
    """Holds the rows of an engine against those of the compiled form, person by person."""
    names = columns(tuple(criterion.id for criterion in library.criteria))
    kept = [n for n, name in enumerate(names) if name != LAWS_ALONE]
    found = pl.read_parquet(rows, columns=[*(names[n] for n in kept), "odd"])
    assert found.height == len(wanted), f"{library.name}: {rows.stem} has other people"
    for own, (*cells_, odd) in zip(wanted, found.iter_rows(), strict=True):
        told.people += 1
        assert cells_[0] == own[0], f"{library.name}: {rows.stem} has another order"
        if odd:
            told.odd += 1
        elif cells_ != [own[n] for n in kept]:
            differing = [names[n] for n, cell in zip(kept, cells_, strict=True) if cell != own[n]]
            told.differing.append(f"{library.name} {own[0]}: {differing}")


def _compare(
    engines: Sequence[str],
    library: Library,
    people: Sequence[Subject],
    day: datetime.date,
    folder: Path,
    law_every: int,
    told: dict[str, Told],
) -> None:
    tables = cohorts.write(library, people, folder, AT_ONCE)
    wanted = _wanted(library, people, day, law_every, told)
    for engine in engines:
        rows = _asked(engine, library, tables, day, folder, told[engine])
        _held(wanted, rows, library, told[engine])
        rows.unlink()


def _of_programme(library: Library, numbers: Iterable[int]) -> Iterator[Subject]:
    """People of the shipped records, answers withheld from them and added to them by chance."""
    beside = {key for record in FILES.values() for key in record["evidence"]}
    names = list(FILES)
    for number in numbers:
        name = names[number % len(names)]
        rng = generate.Random(f"engines {library.name} {number}")
        person = {**_person(rng, FILES[name], library), "subject": f"{name} {number}"}
        try:
            yield screen.read_record(json.dumps(person).encode(), library, "person.json", beside=beside)
        except RecordError:
            continue  # one of the answers by chance is none for this library


def _generated(seed: int, library: Library, count: int) -> list[Subject]:
    file = generate.library(seed)
    profiles = (generate.person(file, seed * 10_000 + number) for number in range(count))
    return [read_profile(json.dumps(each).encode(), library, name="chance.json") for each in profiles]


def _report(what: str, told: dict[str, Told], capsys: pytest.CaptureFixture[str]) -> None:
    with capsys.disabled():
        for name, each in told.items():
            print(f"\n{what}, {name}: {each}", end="", flush=True)
        print(flush=True)
    differing = {name: each.differing[:20] for name, each in told.items() if each.differing}
    assert not differing, {name: (len(told[name].differing), some) for name, some in differing.items()}


def _engines(*wanted: str) -> list[str]:
    """The engines of a test, or those of them that the environment names."""
    found = [engine for engine in wanted if CHOSEN == [""] or engine in CHOSEN]
    if POSTGRES in found and not os.environ.get(NAMED):
        _absent(f"{NAMED} names no database")
    return found


def _told(engines: Sequence[str]) -> dict[str, Told]:
    return {name: Told() for name in ("compiled", "law", *engines)}


@pytest.mark.long
@pytest.mark.postgres
@pytest.mark.parametrize("name", PROGRAMME)
def test_the_programme(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engines = _engines(POLARS, DUCKDB, POSTGRES)
    told, library, first = _told(engines), screen.load_library(name), 0
    while told["compiled"].people < MANY:
        after = first + min(AT_ONCE, MANY - told["compiled"].people)
        people = list(_of_programme(library, range(first, after)))
        _compare(engines, library, people, DAYS[0], tmp_path / str(first), LAW_EVERY, told)
        first = after
    _report(name, told, capsys)
    assert told["compiled"].people == MANY
    assert all(each.odd < 0.25 * each.people for each in told.values())


def _many_generated(
    engines: Sequence[str], many: int, of_each: int, first: int, folder: Path, told: dict[str, Told]
) -> int:
    """How many generated libraries it took."""
    seed, libraries = first, 0
    while told["compiled"].people < many:
        library = _library(seed, folder)
        if library is not None:
            people = _generated(seed, library, min(of_each, many - told["compiled"].people))
            _compare(engines, library, people, generate.AS_OF, folder / str(seed), 1, told)
            libraries += 1
        seed += 1
    return libraries


@pytest.mark.long
@pytest.mark.postgres
def test_generated_libraries(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engines = _engines(POLARS, DUCKDB, POSTGRES)
    told = _told(engines)
    libraries = _many_generated(engines, MANY, OF_EACH, 2000, tmp_path, told)
    _report(f"{libraries} generated libraries", told, capsys)
    assert all(told[engine].odd < MOST_ODD[engine] * told[engine].people for engine in engines)


@pytest.mark.long
@pytest.mark.spark
def test_generated_libraries_in_spark(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    engines = _engines(SPARK)
    told = _told(engines)
    libraries = _many_generated(engines, MANY // 10, OF_EACH, 3000, tmp_path, told)
    _report(f"{libraries} generated libraries", told, capsys)
    assert all(told[engine].odd < MOST_ODD[engine] * told[engine].people for engine in engines)
