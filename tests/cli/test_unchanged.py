"""Whether a prepared cohort still stands, told by sizes, times and places; and when those are not relied on."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from screening.output import seen
from tests.cli.calls import Called
from tests.cli.cohorts import SMALL, called, cohort, manifest
from tests.cli.test_prepare import bytes_of, made_export, prepared

BY_STAMPS, BY_CONTENTS = "Told by the size, times and place", "Told by the contents"


@pytest.fixture
def source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An export that was prepared, on a disk that counts time in the smallest steps."""
    monkeypatch.setattr(seen, "STEP", 0)
    made = made_export(tmp_path / "export", 30)
    assert prepared(tmp_path, made).status == 0
    assert BY_STAMPS in prepared(tmp_path, made).out
    return made


def first_of(source: Path) -> Path:
    return sorted(source.iterdir())[0]


def changed_in_place(path: Path) -> None:
    """Another letter at the end, and the time of the last change set back: as a copy that keeps times does it."""
    status, data = path.stat(), path.read_bytes()
    path.write_bytes(data[:-2] + b" \n")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert path.stat().st_size == status.st_size and path.stat().st_mtime_ns == status.st_mtime_ns


def changed_by_another_file(path: Path) -> None:
    status, other = path.stat(), path.with_name(".other")
    other.write_bytes(path.read_bytes()[:-2] + b" \n")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    os.replace(other, path)


def one_more(path: Path) -> None:
    path.with_name("Zebra.ndjson").write_bytes(b'{"resourceType":"Patient","id":"new"}\n')


@pytest.mark.parametrize("change", [changed_in_place, changed_by_another_file, one_more, Path.unlink])
def test_every_change_of_the_source_is_seen(tmp_path: Path, source: Path, change: Callable[[Path], None]) -> None:
    change(first_of(source))
    called = prepared(tmp_path, source)
    assert "Nothing has changed" not in called.out, called.out
    alone = prepared(tmp_path, source, out="anew")
    assert alone.status == called.status and bytes_of(tmp_path / "anew") == bytes_of(tmp_path / "out")


def test_a_file_that_was_only_touched_is_compared_by_its_contents(tmp_path: Path, source: Path) -> None:
    os.utime(first_of(source))
    assert BY_CONTENTS in prepared(tmp_path, source).out
    assert BY_STAMPS in prepared(tmp_path, source).out


def test_contents_are_compared_on_request(tmp_path: Path, source: Path) -> None:
    assert BY_CONTENTS in prepared(tmp_path, source, "--checksum").out


def test_a_result_that_is_not_as_it_was_written_is_made_again(tmp_path: Path, source: Path) -> None:
    before = bytes_of(tmp_path / "out")
    table = sorted((tmp_path / "out" / "evidence").iterdir())[0]
    data = bytearray(table.read_bytes())
    data[len(data) // 2] ^= 1
    table.write_bytes(bytes(data))
    assert "Nothing has changed" not in prepared(tmp_path, source).out
    assert bytes_of(tmp_path / "out") == before


def test_another_call_is_another_question(tmp_path: Path, source: Path) -> None:
    called = prepared(tmp_path, source, "--rules", str(tmp_path))
    assert BY_STAMPS not in called.out
    rules = tmp_path / "more.yaml"
    assert BY_STAMPS in prepared(tmp_path, source, "--rules", str(tmp_path)).out
    # A rule file that comes into one of the folders may be another protocol's, or this one's.
    rules.write_text("# nothing\n")
    assert BY_STAMPS not in prepared(tmp_path, source, "--rules", str(tmp_path)).out


def test_what_was_changed_a_moment_ago_is_not_relied_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # On a slow machine a moment is over before the second run has begun.
    monkeypatch.setattr(seen, "STEP", 60 * 10**9)
    source = made_export(tmp_path / "export", 5)
    assert prepared(tmp_path, source).status == 0

    def again() -> Called:
        return prepared(tmp_path, source)

    assert BY_CONTENTS in again().out and BY_CONTENTS in again().out


def test_a_link_to_a_folder_and_a_time_to_come_are_not_relied_on(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file").write_bytes(b"x")
    later = time.time_ns() + seen.STEP + 10**9
    os.utime(folder / "file", ns=(0, 0))
    os.utime(folder / "file", ns=(later, later))
    assert not seen.look([str(folder)]).is_settled
    other = tmp_path / "other"
    other.mkdir()
    assert seen.look([str(other)]).is_settled
    (other / "link").symlink_to(folder)
    assert not seen.look([str(other)]).is_settled
    assert seen.look([str(tmp_path / "missing")]).digest != seen.look([str(other / "missing")]).digest


@pytest.mark.parametrize(("source", "other"), [("t/p.csv", "d.csv"), ("t", "../d.csv")])
def test_a_change_of_a_table_that_lies_outside_of_the_source_is_seen(
    source: str, other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else rows that came since would be of nobody: the cohort would be found unchanged without them."""
    monkeypatch.setattr(seen, "STEP", 0)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "p.csv").write_text("id,pain\n1,5\n2,6\n", encoding="utf-8")
    trials = tmp_path / "t" / other
    trials.write_text("id,m,o\n1,TNF,failed\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text(
        "tables:\n  p.csv: {people: true, id: id, columns: {pain: Pain}}\n"
        f"  {other}: {{id: id, rows: {{for: DMARD Trials, fields: {{mechanism: m, outcome: o}}}}}}\n",
        encoding="utf-8",
    )
    given = (source, *SMALL[2:4], "--protocol", "small", "--map", "map.yaml")

    def entries() -> int:
        assert called(tmp_path, "prepare", given[0], "out", *given[1:]).status == 0
        return int(manifest(tmp_path / "out")["counts"]["entries"])

    assert cohort(tmp_path, source, "--map", "map.yaml", out="run").status == 0
    before = entries()
    again = called(tmp_path, "prepare", given[0], "out", *given[1:])
    assert BY_CONTENTS in again.out
    trials.write_text("id,m,o\n1,TNF,failed\n1,JAK,failed\n", encoding="utf-8")
    assert entries() == before + 1
    told = called(tmp_path, "explain", "run", "--subject", "1")
    assert f"Source: changed since the run: 1 file ({other})" in " ".join(told.out.split())
