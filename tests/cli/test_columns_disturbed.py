"""A cohort screened in columns, or one by one, and disturbed: killed or ended at any moment, or its disk full."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.checkout import ROOT
from tests.cli.cohorts import SMALL, called, cohort, made_people

ROWS = ("people.csv", "people.ndjson", "people.parquet", "rejected.csv")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}


def rows_of(out: Path) -> dict[str, bytes]:
    """The files of a cohort that are the same in every run, if it is there whole."""
    assert json.loads((out / "manifest.json").read_text(encoding="utf-8"))["run"]["finished"]
    assert (out / "screening-log.csv").stat().st_size
    return {name: (out / name).read_bytes() for name in ROWS}


def prepared(folder: Path, people: int, out: str) -> None:
    """A prepared cohort of so many people beside others."""
    assert called(folder, "prepare", str(made_people(folder / f"of-{out}", people)), *SMALL[:4], out).status == 0


@pytest.mark.long
@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("engine", ["polars", "one-by-one"])
def test_a_cohort_killed_at_any_moment_leaves_the_one_before_or_is_whole(engine: str, tmp_path: Path) -> None:
    prepared(tmp_path, 400, "source")
    prepared(tmp_path, 3, "small")
    listed = ("--engine", engine, "--identification", "list.csv")
    assert cohort(tmp_path, "source", *listed, out="undisturbed").status == 0
    assert cohort(tmp_path, "small", *listed).status == 0
    before, expected = rows_of(tmp_path / "out"), rows_of(tmp_path / "undisturbed")
    pseudonyms = (tmp_path / "list.csv").read_bytes()
    command = [sys.executable, "-m", "screening", "cohort", "source", *SMALL, *listed, "--out", "out", "--jobs"]
    begun = time.monotonic()
    subprocess.run(
        [*command, "1", "--out", "timed"], cwd=tmp_path, env=ENVIRONMENT, check=True, capture_output=True
    )
    longest = time.monotonic() - begun
    choose = random.Random(engine)
    killed = 0
    for number in range(50):
        run = subprocess.Popen(
            [*command, "12"[number % 2]],
            cwd=tmp_path,
            env=ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(choose.uniform(0.2, 1.0) * longest)
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            killed += 1
        run.wait()
        assert rows_of(tmp_path / "out") in (before, expected)
        assert (tmp_path / "list.csv").read_bytes() == pseudonyms
    assert killed > 10
    done = subprocess.run([*command, "1"], cwd=tmp_path, env=ENVIRONMENT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert rows_of(tmp_path / "out") == expected
    names = {path.name for path in tmp_path.iterdir()}
    made = {"source", "small", "out", "undisturbed", "timed", "list.csv"}
    assert names == made | {"of-source", "of-small", ".source.parts", ".small.parts"}


def begun(folder: Path, command: str, sent: str, handler: Any) -> subprocess.Popen[str]:
    """A run that has begun to write, in a process that meets a signal as `handler` says."""
    arguments = [command, "people", *SMALL[:4], *(("out",) if command == "prepare" else ("--out", "out"))]
    run = subprocess.Popen(
        [sys.executable, "-m", "screening", *arguments, "--jobs", "2"],
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.Signals[sent], handler),
    )
    while not list(folder.glob(".out.*.partial")):
        assert run.poll() is None, run.communicate()
        time.sleep(0.01)
    return run


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize("sent", ["SIGINT", "SIGTERM", "SIGHUP"])
@pytest.mark.parametrize("command", ["prepare", "cohort"])
def test_a_run_that_is_ended_says_so_and_leaves_nothing_half(command: str, sent: str, tmp_path: Path) -> None:
    """By Ctrl-C, by a request to end, or because its terminal closes."""
    made_people(tmp_path / "people", 200)
    (tmp_path / "out").mkdir()
    run = begun(tmp_path, command, sent, signal.SIG_DFL)
    run.send_signal(signal.Signals[sent])
    out, err = run.communicate(timeout=60)
    assert (run.returncode, out) == (130, "")
    assert "interrupted; no file or folder is half written" in err
    # A worker that is being started at that very moment says by itself that nobody tells it what to do.
    assert "Traceback" not in err or "EOFError: Ran out of input" in err
    kept = {".out.parts"} if command == "prepare" else set()
    assert {path.name for path in tmp_path.iterdir()} == {"people", "out"} | kept
    assert not list((tmp_path / "out").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_run_that_a_closed_terminal_is_not_to_end_goes_on(tmp_path: Path) -> None:
    """As `nohup` starts it."""
    made_people(tmp_path / "people", 60)
    run = begun(tmp_path, "prepare", "SIGHUP", signal.SIG_IGN)
    run.send_signal(signal.SIGHUP)
    assert run.communicate(timeout=60)[0].startswith("small ")
    assert run.returncode == 0


@contextmanager
def small_disk(place: Path, size: str) -> Iterator[Path]:
    """A file system of a size, as far as this machine lets us have one."""
    place.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("no file system of a limited size can be made here")
    try:
        yield place
    finally:
        subprocess.run(["umount", str(place)], check=True)


@pytest.mark.skipif(sys.platform != "linux", reason="it needs a file system of a limited size")
@pytest.mark.parametrize("engine", ["polars", "one-by-one"])
@pytest.mark.parametrize("size", [0, 12, 40, 150])
def test_a_full_disk_is_said_and_leaves_the_cohort_before(engine: str, size: int, tmp_path: Path) -> None:
    prepared(tmp_path, 400, "source")
    prepared(tmp_path, 3, "small")
    with small_disk(tmp_path / "disk", "600k") as disk:
        assert cohort(disk, tmp_path / "small", "--engine", engine).status == 0
        before = rows_of(disk / "out")
        names = sorted(path.name for path in disk.iterdir())
        with (disk / "much").open("wb") as much:
            much.write(bytes(free(disk) - size * 1024))
        done = cohort(disk, tmp_path / "source", "--engine", engine)
        assert (done.status, done.out) == (1, ""), done
        assert "the output cannot be written" in done.err and "no space left on device" in done.err
        assert rows_of(disk / "out") == before
        assert sorted(path.name for path in disk.iterdir()) == sorted([*names, "much"])


def free(disk: Path) -> int:
    found = os.statvfs(disk)
    return found.f_bavail * found.f_frsize


# --------------------------------------------------------------- two runs and one identification list


_HOLDING = """
import sys, time
from pathlib import Path
from screening.output.pseudonym import identification
with identification(Path("list.csv")) as listed:
    listed.of(sys.argv[1])
    print("held", flush=True)
    sys.stdin.readline()
    listed.keep()
"""


def test_two_runs_at_once_never_share_an_identification_list(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 3)
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, "SOMEBODY"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdin is not None and other.stdout is not None
    assert other.stdout.readline() == "held\n"
    done = cohort(tmp_path, source, "--identification", "list.csv")
    assert done.status == 3 and "another run is using the identification list `list.csv`" in done.err
    assert not (tmp_path / "out").exists()
    other.communicate("\n")
    assert other.returncode == 0
    assert cohort(tmp_path, source, "--identification", "list.csv").status == 0
    ids = [line.split(",")[1] for line in (tmp_path / "list.csv").read_text("utf-8-sig").splitlines()]
    assert sorted(ids) == ["SOMEBODY", "SYN-0000", "SYN-0001", "SYN-0002", "id"]
    assert not list(tmp_path.glob(".list.csv*"))


def test_a_killed_run_frees_its_identification_list(tmp_path: Path) -> None:
    other = subprocess.Popen(
        [sys.executable, "-c", _HOLDING, "SOMEBODY"],
        cwd=tmp_path,
        env=ENVIRONMENT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert other.stdout is not None and other.stdout.readline() == "held\n"
    other.kill()
    other.communicate()
    source = made_people(tmp_path / "people", 2)
    assert cohort(tmp_path, source, "--identification", "list.csv").status == 0
    assert not list(tmp_path.glob(".list.csv*"))
