"""The cohort in columns says of everybody what the law says, or says that the law has to be asked.

Generated libraries and people, and the programme's own libraries with answers withheld: every column of the row,
for everybody who is not odd. The share of odd people is printed and bounded.
"""

from __future__ import annotations

import datetime
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any, TypeAlias

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from screening import screen
from screening.errors import RecordError
from screening.interpreters import cohort, cohort_slices
from screening.interpreters.compiled import Compiled
from screening.interpreters.reference import Law
from screening.language.library import Library
from screening.outcome.determination import determine
from screening.outcome.row import Row, row_of
from screening.record.subject import Evidence, Subject
from screening.record.tables import Tables
from screening.sources.profile import read_profile
from screening.values.coding import Code
from tests.agree import cohorts, generate
from tests.agree.test_agree import _library
from tests.agree.test_compiled import DAYS, FILES, NESTED, _nested, _person

PROGRAMME = ["ketamine-ra-fm", "ketamine-guideline", "ketamine-trial-strict", "ketamine-uk-smpc"]
LISTS = {"deciding": "deciding_reasons", "reasons": "all_reasons", "alerts": "alerts"}
Write: TypeAlias = Callable[[Library, Sequence[Subject], Path], Tables]
TEXTS = ("id", "standing", "verdict", "not_before", "age_years", "sex")


def rows_of(library: Library, people: Sequence[Subject], day: datetime.date) -> Iterator[tuple[Row, Row]]:
    """The rows as the compiled form has them, and as the law has them."""
    law, compiled = Law(library), Compiled(library, day)
    for subject in people:
        trace = law.trace(subject, day)
        yield compiled.row(subject, day), row_of(library, subject.as_of(day), trace, determine(library, trace))


def compare(
    library: Library, people: Sequence[Subject], day: datetime.date, folder: Path, write: Write = cohorts.write
) -> Counter[str]:
    """Fails with the first person of whom the columns say something else; counts people and odd people."""
    query = cohort.compile(library, write(library, people, folder), day)
    found = query.write(folder / "rows.parquet", 1)
    made = pl.read_parquet(folder / "rows.parquet")
    rows: Iterable[Mapping[str, Any]] = made.iter_rows(named=True)
    # All at once, in one plan, says the same; and so do the truths alone.
    assert_frame_equal(made, query.rows().collect(engine="streaming"))
    truths = query.truths().collect(engine="streaming").iter_rows(named=True)
    place = {r.name: n for n, r in enumerate(library.requirements)}
    counted: Counter[str] = Counter(people=len(people))
    for row, truth, (wanted, told) in zip(rows, truths, rows_of(library, people, day), strict=True):
        assert replace(told, evidence=()) == wanted, (library.name, row["id"])
        assert truth.get("odd", False) <= row["odd"]
        if row["odd"]:
            counted["odd"] += 1
            continue
        where = f"{library.name} {row['id']} in {folder}"
        _held_against(wanted, row, place, where)
        words = {True: "TRUE", False: "FALSE", None: "UNKNOWN"}
        assert truth["verdict"] == wanted.verdict, where
        for id, shown in wanted.criteria:
            assert shown in ("NOT APPLICABLE", words[truth[id]]), (where, id)
        counted[wanted.verdict] += 1
    assert bool(counted["odd"]) == bool(found)
    assert found.keys() <= set(cohort.ODDITIES)
    return counted + Counter(found)


def _held_against(wanted: Row, row: Mapping[str, Any], place: Mapping[str, int], where: str) -> None:
    criteria = dict(wanted.criteria)
    assert {id: row[id] for id in criteria} == criteria, where
    assert row["verdict"] == wanted.verdict, where
    for name in TEXTS:
        assert row[name] == getattr(wanted, name), (where, name)
    for name, column in LISTS.items():
        assert row[column] == "|".join(getattr(wanted, name)), (where, name)
    assert row["missing_items"] == "|".join(sorted(wanted.missing, key=place.__getitem__)), where


def generated(seed: int, folder: Path, count: int) -> Counter[str]:
    """One generated library over so many generated people."""
    library = _library(seed, folder)
    if library is None:
        return Counter()
    file = generate.library(seed)
    people = [
        read_profile(json.dumps(generate.person(file, seed * 1000 + n)).encode(), library, name="chance.json")
        for n in range(count)
    ]
    return compare(library, people, generate.AS_OF, folder / str(seed))


def programme(name: str, folder: Path, numbers: Iterable[int], seed: int) -> Counter[str]:
    """A library of the programme over its records, answers withheld from them and added to them by chance."""
    library = screen.load_library(name)
    beside = {key for record in FILES.values() for key in record["evidence"]}
    people = []
    for number in numbers:
        for record_name, record in FILES.items():
            rng = Random(f"{seed} {name} {record_name} {number}")
            person = json.dumps({**_person(rng, record, library), "subject": f"{record_name} {number}"}).encode()
            try:
                people.append(screen.read_record(person, library, "person.json", beside=beside))
            except RecordError:
                continue
    return compare(library, people, DAYS[0], folder)


def severally_coded(library: Library, subject: Subject, rng: Random) -> Subject:
    """The same person with more codings of some entries, of this or that system, some of another concept."""
    concepts = {each.name: len(each.concepts) for each in library.requirements}

    def coded(row: Evidence) -> Evidence:
        if rng.random() < 0.5:
            return row
        more = tuple(Code(rng.choice(("LOCAL", "SNOMED", "RxNorm")), f"{rng.randrange(3)}") for _ in range(2))
        named = row.concepts
        if concepts[row.requirement] and rng.random() < 0.5:
            named |= {rng.randrange(concepts[row.requirement])}
        return replace(row, codes=tuple(dict.fromkeys((*row.codes, *more))), concepts=named)

    evidence = {name: tuple(map(coded, rows)) for name, rows in subject.evidence.items()}
    return replace(subject, evidence=evidence)


def told(counted: Counter[str], capsys: pytest.CaptureFixture[str]) -> float:
    """Prints what was counted, and gives the share of odd people."""
    share = counted["odd"] / counted["people"]
    with capsys.disabled():
        print(f"\n{counted['people']} people, {share:.1%} odd: {dict(counted)}")
    return share


def test_generated_libraries_agree(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A dozen people at a time make the same rows as everybody in one plan.
    monkeypatch.setattr(cohort_slices, "FEWEST", 12)
    counted: Counter[str] = Counter()
    for seed in range(8):
        counted += generated(seed, tmp_path, 40)
    assert counted["people"] > 200
    assert told(counted, capsys) < 0.25


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(n, marks=pytest.mark.long) for n in range(6, 60))])
def test_entries_of_several_codings_agree(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """They are said by columns where nobody asks what they are coded as; with and without that they agree."""
    library = _library(seed, tmp_path)
    if library is None:
        pytest.skip("no library by chance")
    file, rng = generate.library(seed), Random(seed)
    people = [
        severally_coded(
            library,
            read_profile(json.dumps(generate.person(file, seed * 1000 + n)).encode(), library, name="chance.json"),
            rng,
        )
        for n in range(40)
    ]
    every = compare(library, people, generate.AS_OF, tmp_path / "without")
    left = compare(library, people, generate.AS_OF, tmp_path / "exactly", cohorts.write_exactly)
    assert left["odd"] <= every["odd"]
    with capsys.disabled():
        print(f"\n{every['odd']} of {every['people']} odd, {left['odd']} with what is said beside the columns")


# A query about the row of another one is a gap that is declared.
CORRELATED = ("INC01", "INC03", "EXC08")


@pytest.mark.parametrize("seed", range(3))
def test_contradictions_inside_conditions(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for id in CORRELATED:
        monkeypatch.delitem(NESTED, id)
    file, library = _nested(seed, tmp_path)
    people = [
        read_profile(json.dumps(generate.person(file, seed * 1000 + n)).encode(), library, name="chance.json")
        for n in range(40)
    ]
    assert compare(library, people, generate.AS_OF, tmp_path / "tables")["odd"] < 20


@pytest.mark.parametrize("name", PROGRAMME)
def test_the_programme_agrees(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counted = programme(name, tmp_path, range(3), 0)
    assert counted["people"] > 5
    assert told(counted, capsys) < 0.5
