"""The identification list in memory and on disk: the same list, nobody named twice, nothing lost."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

import polars as pl
import pytest

from screening.errors import UnreadableRecord
from screening.output import pseudonym, pseudonym_table
from screening.output.pseudonym import Pseudonyms

IDS = ["=1+1", "'quoted", 'a "b", c', "line\nend", *(f"P{n}" for n in range(40))]


@pytest.fixture(params=[10, 10_000], ids=["on disk", "in memory"])
def most(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """How many people are held in memory."""
    monkeypatch.setattr(pseudonym, "MOST_HELD", request.param)
    monkeypatch.setattr(pseudonym_table, "PIECE", 25)
    return int(request.param)


def named(folder: Path, ids: list[str]) -> dict[str, str]:
    """A run over these people: their pseudonyms, as they stand beside the rows."""
    work = folder / "work"
    work.mkdir(exist_ok=True)
    pl.DataFrame({"id": ids}).write_parquet(work / "rows.parquet")
    listed = Pseudonyms(folder / "list.csv")
    with tempfile.TemporaryDirectory(dir=work) as passing:
        listed.beside(work / "rows.parquet", Path(passing) / "named.parquet")
        found = pl.read_parquet(Path(passing) / "named.parquet")
    listed.keep()
    assert found["listed"].to_list() == ids
    assert sorted(path.name for path in work.iterdir()) == ["rows.parquet"]
    return dict(zip(ids, found["pseudonym"].to_list(), strict=True))


def test_a_run_names_everybody_and_the_next_one_alike(most: int, tmp_path: Path) -> None:
    first = named(tmp_path, IDS)
    assert len(set(first.values())) == len(IDS)
    assert (tmp_path / "list.csv").stat().st_mode & 0o777 == 0o600
    lines = (tmp_path / "list.csv").read_text().splitlines()[1:]
    again = named(tmp_path, [*reversed(IDS), "new", "newer"])
    assert {id: again[id] for id in IDS} == first
    assert len(set(again.values())) == len(IDS) + 2
    # Whoever is not among the people of this run stays in the list.
    assert named(tmp_path, ["P1"]) == {"P1": first["P1"]}
    assert set(lines) < set((tmp_path / "list.csv").read_text().splitlines())


def test_a_list_of_one_way_is_read_by_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pseudonym, "MOST_HELD", 10)
    on_disk = named(tmp_path, IDS)
    monkeypatch.setattr(pseudonym, "MOST_HELD", 10_000)
    written = (tmp_path / "list.csv").read_bytes()
    assert Pseudonyms(tmp_path / "list.csv").of_many(IDS) == list(on_disk.values())
    held = Pseudonyms(tmp_path / "list.csv")
    held.added = 1
    held.keep()
    assert (tmp_path / "list.csv").read_bytes() == written


def test_what_is_drawn_twice_is_drawn_again(most: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(7)
    monkeypatch.setattr(pseudonym, "_drawn", lambda number: [f"{chance.randrange(400):03}" for _ in range(number)])
    first = named(tmp_path, IDS)
    assert len(set(first.values())) == len(IDS)
    again = named(tmp_path, [*IDS, "A", "B", "C"])
    assert {id: again[id] for id in IDS} == first
    assert len(set(again.values())) == len(IDS) + 3


def test_a_list_that_is_none_is_refused(most: int, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text("name,id\nA,B\n")
    with pytest.raises(UnreadableRecord, match="no list of pseudonyms"):
        Pseudonyms(tmp_path / "list.csv")


def test_a_person_who_is_listed_twice_is_refused(most: int, tmp_path: Path) -> None:
    lines = [f"X{n},P{n}" for n in range(30)]
    (tmp_path / "list.csv").write_text("\n".join(["pseudonym,id", *lines, "Y,P3"]) + "\n")
    before = (tmp_path / "list.csv").read_bytes()
    with pytest.raises(UnreadableRecord, match="twice"):
        named(tmp_path, IDS)
    assert (tmp_path / "list.csv").read_bytes() == before
