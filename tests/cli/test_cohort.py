"""`screening cohort` and what follows a run: whole or not at all, nobody lost, every row explained."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screening import cohort as path
from screening import screen
from screening.errors import DefectError, ScreeningError
from screening.everybody import plan, worker
from tests.checkout import ROOT
from tests.cli.cohorts import RECORDS, ROW_FILES, SMALL, called, cohort, made_people, manifest, row_bytes, table
from tests.cli.test_screens import NEVER, held

WORDS = ("--protocol", "small", "--as-of", "2026-11-22")


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a cohort of the small records and broken ones was screened as `out`."""
    folder = tmp_path_factory.mktemp("cohort")
    shutil.copytree(RECORDS, folder / "people")
    (folder / "people" / "broken.yaml").write_text("subject: [", encoding="utf-8")
    (folder / "people" / "empty.yaml").write_text("", encoding="utf-8")
    (folder / "people" / "half.json").write_text('{"resourceType": "Bundle", "entry": [{"resour', encoding="utf-8")
    (folder / "people" / "latin.yaml").write_bytes("subject: Zoë\nevidence: {}\n".encode("latin-1"))
    shutil.copy(RECORDS / "review.yaml", folder / "people" / "twice.yaml")
    done = cohort(folder, "people")
    assert (done.status, done.err) == (0, "")
    (folder / "screen.txt").write_text(done.out, encoding="utf-8")
    return folder


def test_the_screen_of_a_run_is_as_reviewed(ran: Path, bless: bool) -> None:
    text = (ran / "screen.txt").read_text(encoding="utf-8")
    held("cohort", f"$ screening cohort people {' '.join(WORDS)} --out out\n{text}", bless)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("funnel", ("funnel", "out")),
        ("funnel-all", ("funnel", "out", "--all")),
        ("funnel-suppressed", ("funnel", "out", "--suppress", "3")),
        ("worklist", ("worklist", "out", "--out", "worklist.csv")),
        ("explain", ("explain", "out", "--subject", "SYN-0018")),
    ],
)
def test_what_follows_a_run_is_as_reviewed(ran: Path, bless: bool, name: str, arguments: tuple[str, ...]) -> None:
    done = called(ran, *arguments)
    assert (done.status, done.err) == (2 if name == "explain" else 0, "")
    held(name, f"$ screening {' '.join(arguments)}\n{done.out}", bless)
    lines = done.out.splitlines()
    assert max(map(len, lines)) <= 80
    assert [line for line in lines if line != line.rstrip() or not line.isascii()] == []
    assert "DRAFT" in lines[0] and "as of 2026-11-22" in lines[1].lower()
    assert "Decision support for qualified health professionals" in done.out
    said = " ".join(lines).replace("no forecast", "")
    assert [found[0] for found in NEVER.finditer(said)] == []


# --------------------------------------------------------------------------------- nobody is lost


def test_every_record_is_a_row_or_a_rejected_row_with_its_reason(ran: Path) -> None:
    files = [each for each in (ran / "people").iterdir() if each.suffix in (".yaml", ".json")]
    rows, rejected = table(ran / "out" / "people.csv"), table(ran / "out" / "rejected.csv")
    assert len(rows) + len(rejected) == len(files)
    assert all(each["place"] and each["reason"] for each in rejected)
    assert {each["place"].partition(":")[0] for each in rejected} >= {
        "broken.yaml", "empty.yaml", "half.json", "latin.yaml", "site.yaml", "twice.yaml",
    }  # fmt: skip
    assert "duplicate id" in {each["kind"] for each in rejected}


def test_the_counts_add_up(ran: Path) -> None:
    counts = manifest(ran / "out")["counts"]
    assert counts["read"] == counts["people"] + counts["rejected"]
    for sums in ("standing", "verdict"):
        assert sum(counts[sums].values()) == counts["people"]
    assert sum(counts["rejected_by_kind"].values()) == counts["rejected"]
    rows = table(ran / "out" / "people.csv")
    assert counts["people"] == len(rows) == len((ran / "out" / "people.ndjson").read_text().splitlines())
    assert counts["held_against_the_whole_path"] == len(rows)


def test_each_row_is_what_check_says_of_that_person(ran: Path) -> None:
    for row in table(ran / "out" / "people.csv"):
        file = next(
            f
            for f in sorted((ran / "people").iterdir())
            if f"subject: {row['id']}\n" in f.read_text("utf-8", "replace")
        )
        made = json.loads(called(ran, "check", str(file), *SMALL, "--format", "json").out)["determination"]
        assert (row["verdict"], row["standing"]) == (made["verdict"], made["standing"])
        for each in made["criteria"]:
            assert row[each["id"]] == each["shown"]


def test_files_are_for_their_owner_alone(ran: Path) -> None:
    called(ran, "worklist", "out", "--out", "private.csv")
    files = [*(ran / "out").iterdir(), ran / "private.csv", ran / "out.identification.csv"]
    assert len(files) == 9
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert stat.S_IMODE((ran / "out").stat().st_mode) == 0o700


# --------------------------------------------------------------------- the same bytes, whole or not


def test_the_same_source_gives_the_same_bytes_whatever_the_jobs(tmp_path: Path) -> None:
    made_people(tmp_path / "people", 150)
    (tmp_path / "people" / "0077.yaml").write_text("subject: [", encoding="utf-8")
    assert cohort(tmp_path, "people", out="one").status == 0
    assert cohort(tmp_path, "people", "--jobs", "2", out="two").status == 0
    assert cohort(tmp_path, "people", "--jobs", "3", out="three").status == 0
    assert row_bytes(tmp_path / "one") == row_bytes(tmp_path / "two") == row_bytes(tmp_path / "three")
    one, two = manifest(tmp_path / "one"), manifest(tmp_path / "two")
    assert {key for key in one if one[key] != two[key]} == {"run"}


def test_pseudonyms_are_random_and_kept_across_runs(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran / "people", tmp_path / "people")
    cohort(tmp_path, "people")
    first = table(tmp_path / "out" / "screening-log.csv")
    cohort(tmp_path, "people")
    again = table(tmp_path / "out" / "screening-log.csv")
    assert [row["pseudonym"] for row in first] == [row["pseudonym"] for row in again]
    assert {row["pseudonym"] for row in first}.isdisjoint(
        row["pseudonym"] for row in table(ran / "out" / "screening-log.csv")
    )
    ids = {row["id"]: row["pseudonym"] for row in table(tmp_path / "out.identification.csv")}
    assert list(ids.values()) != [] and {row["pseudonym"] for row in first} == set(ids.values())
    log = (tmp_path / "out" / "screening-log.csv").read_bytes().decode()
    assert not any(id in log for id in ids)
    assert log.count("\r\n") == len(first) + 1


def test_a_broken_identification_list_stops_the_run_and_is_left_as_it_is(ran: Path, tmp_path: Path) -> None:
    (tmp_path / "out.identification.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    done = cohort(tmp_path, ran / "people")
    assert done.status == 3
    assert not (tmp_path / "out").exists()
    assert (tmp_path / "out.identification.csv").read_text() == "a,b\n1,2\n"


def test_a_folder_with_something_else_in_it_is_not_replaced(ran: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "notes.txt").write_text("mine", encoding="utf-8")
    done = cohort(tmp_path, ran / "people")
    assert done.status == 3
    assert "notes.txt" in done.err
    assert [each.name for each in (tmp_path / "out").iterdir()] == ["notes.txt"]


def test_a_folder_inside_the_source_is_refused(tmp_path: Path) -> None:
    shutil.copytree(RECORDS, tmp_path / "people")
    done = cohort(tmp_path, "people", out="people/out")
    assert done.status == 3
    assert "inside the source" in done.err
    assert cohort(tmp_path, ".", out="out").status == 3
    assert not (tmp_path / "out").exists()


def test_the_list_of_pseudonyms_never_goes_with_what_a_run_replaces(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran / "people", tmp_path / "people")
    assert cohort(tmp_path, "people").status == 0
    before = row_bytes(tmp_path / "out")
    for place in ("out/list.csv", "people/list.csv"):
        done = cohort(tmp_path, "people", "--identification", place)
        assert done.status == 3
        assert "`list.csv` lies inside" in done.err
        assert not (tmp_path / place).exists()
    assert row_bytes(tmp_path / "out") == before


@pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own")
def test_a_folder_inside_the_source_is_refused_through_a_link_too(tmp_path: Path) -> None:
    shutil.copytree(RECORDS, tmp_path / "people")
    (tmp_path / "link").symlink_to(tmp_path / "people", target_is_directory=True)
    assert cohort(tmp_path, "people", out="link/out").status == 3
    assert not (tmp_path / "people" / "out").exists()


def test_a_source_that_changes_while_it_is_read_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from screening import people

    shutil.copytree(RECORDS, tmp_path / "people")
    whole = people.people_of

    def changing(*arguments: object) -> object:
        yield from whole(*arguments)  # type: ignore[arg-type]
        (tmp_path / "people" / "late.yaml").write_text("subject: SYN-9\nevidence: {}\n", encoding="utf-8")

    monkeypatch.setattr(people, "people_of", changing)
    assert "The source was changed while it was read" in cohort(tmp_path, "people").out


@pytest.mark.parametrize("what", ["removed", "changed", "all removed"])
def test_a_file_that_goes_or_changes_while_people_are_read_leaves_the_earlier_folder(
    what: str, ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screening import people

    source = made_people(tmp_path / "people", 6)
    assert cohort(tmp_path, ran / "people").status == 0
    before, names = row_bytes(tmp_path / "out"), sorted(each.name for each in tmp_path.iterdir())
    whole = people.people_of

    def changing(*arguments: object) -> object:
        yield from whole(*arguments)  # type: ignore[arg-type]
        match what:
            case "removed":
                (source / "0002.yaml").unlink(missing_ok=True)
            case "changed":
                (source / "0002.yaml").write_text("subject: SYN-9\nevidence: {}\n", encoding="utf-8")
            case _:
                shutil.rmtree(source, ignore_errors=True)

    monkeypatch.setattr(people, "people_of", changing)
    done = cohort(tmp_path, source)
    assert (done.status, done.out) == (3, "")
    assert "`people` was changed while it was read; nothing was written, run this again" in done.err
    assert row_bytes(tmp_path / "out") == before
    assert names == sorted({*(each.name for each in tmp_path.iterdir()), "people"})


def test_check_of_a_folder_asks_for_a_person(ran: Path) -> None:
    done = called(ran, "check", "out")
    assert (done.status, done.out) == (3, "")
    assert "--subject" in done.err


def test_a_source_that_is_not_there_leaves_the_earlier_folder(ran: Path, tmp_path: Path) -> None:
    cohort(tmp_path, ran / "people")
    before = row_bytes(tmp_path / "out")
    assert cohort(tmp_path, "nowhere").status == 3
    assert row_bytes(tmp_path / "out") == before


def test_a_source_that_breaks_off_leaves_the_earlier_folder(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from screening import people

    cohort(tmp_path, ran / "people")
    before = row_bytes(tmp_path / "out")
    whole = people.people_of

    def breaking(*arguments: object) -> object:
        stream = whole(*arguments)  # type: ignore[arg-type]

        def some() -> object:
            yield next(stream)
            raise OSError(28, "no space left on device")

        return some()

    monkeypatch.setattr(people, "people_of", breaking)
    done = cohort(tmp_path, ran / "people")
    assert done.status == 1
    assert "no space left" in done.err
    assert row_bytes(tmp_path / "out") == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "out.identification.csv"]


def test_a_folder_in_folders_that_are_not_there_yet_is_made_with_its_list(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 2)
    assert cohort(tmp_path, source, out="this/year/run").status == 0
    assert {path.name for path in (tmp_path / "this" / "year").iterdir()} == {"run", "run.identification.csv"}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_a_killed_run_leaves_the_earlier_folder_and_the_next_one_is_undisturbed(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 120)
    assert cohort(tmp_path, source, out="undisturbed").status == 0
    old = made_people(tmp_path / "before", 3)
    assert cohort(tmp_path, old).status == 0
    before, expected = row_bytes(tmp_path / "out"), row_bytes(tmp_path / "undisturbed")
    choose = random.Random(4)
    command = [sys.executable, "-m", "screening", "cohort", str(source), *SMALL, "--out", "out", "--jobs"]
    killed = 0
    for jobs in ("1", "2", "1", "2", "1"):
        run = subprocess.Popen(
            [*command, jobs],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(choose.uniform(0.1, 1.5))
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            killed += 1
        run.wait()
        assert row_bytes(tmp_path / "out") in (before, expected)
    assert killed
    assert cohort(tmp_path, source).status == 0
    assert row_bytes(tmp_path / "out") == expected
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith((".partial", ".before"))] == []


# ------------------------------------------------------------------------- what does not agree


def test_somebody_of_whom_the_interpreters_differ_has_no_verdict_and_is_named(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = screen.screen

    def failing(library: object, subject: object, *more: object) -> object:
        if getattr(subject, "id", "") == "SYN-0018":
            raise screen.NotScreened("the chaining engine and the law disagree at INC03.2", "INC03.2")
        return whole(library, subject, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(screen, "screen", failing)
    done = cohort(tmp_path, ran / "people")
    assert done.status == 1
    assert "SYN-0018 (INC03.2)" in done.out
    counts = manifest(tmp_path / "out")["counts"]
    assert counts["not_screened"] == 1
    assert sum(counts["verdict"].values()) == counts["people"] == counts["screened"] + 1
    (row,) = (row for row in table(tmp_path / "out" / "people.csv") if row["id"] == "SYN-0018")
    assert (row["verdict"], row["standing"], row["INC01"]) == ("NOT SCREENED", "NOT SCREENED", "")
    assert "NOT SCREENED" in called(tmp_path, "funnel", "out").out
    called(tmp_path, "worklist", "out", "--out", "w.csv")
    assert "SYN-0018" not in (tmp_path / "w.csv").read_text(encoding="utf-8")


def test_a_difference_in_a_sample_holds_everybody(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Only the first person is in the sample, and the fast row of everybody is wrong.
    monkeypatch.setattr(plan, "ALL_HELD", 1)
    monkeypatch.setattr(plan, "LEAST_HELD", 1)
    right = worker.fast

    def wrong(library: object, as_of: object) -> object:
        from dataclasses import replace

        made = right(library, as_of)  # type: ignore[arg-type]
        return lambda subject: replace(made(subject), verdict="ELIGIBLE", standing="NOT RULED OUT")

    monkeypatch.setattr(worker, "fast", wrong)
    done = cohort(tmp_path, ran / "people")
    assert done.status == 1
    counts = manifest(tmp_path / "out")["counts"]
    assert counts["held_against_the_whole_path"] == counts["people"]
    rows = {row["id"]: row["verdict"] for row in table(tmp_path / "out" / "people.csv")}
    assert {id for id, verdict in rows.items() if verdict == "ELIGIBLE"} <= {"SYN-0049"}


def test_somebody_of_whom_very_much_is_recorded_is_held_by_the_law_with_the_same_row(
    ran: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "LONGEST", 3)
    assert cohort(tmp_path, ran / "people").status == 0
    counts = manifest(tmp_path / "out")["counts"]
    assert 0 < counts["held_against_the_whole_path"] < counts["people"]
    assert row_bytes(tmp_path / "out") == row_bytes(ran / "out")


def test_a_lost_record_is_a_defect_and_nothing_is_written(ran: Path, tmp_path: Path) -> None:
    tally = path.Tally(read=2)
    tally.verdict["ELIGIBLE"] = 1

    class Losing(path.Tally):
        @property
        def people(self) -> int:
            return super().people - 1

    with pytest.MonkeyPatch.context() as patching:
        patching.setattr(path, "Tally", Losing)
        done = cohort(tmp_path, ran / "people")
    assert done.status == 1
    assert "a record was lost" in done.err
    assert not (tmp_path / "out").exists()
    assert issubclass(DefectError, ScreeningError)


# ----------------------------------------------------------------------------------- one person


def test_any_person_is_explained_and_equals_the_row(ran: Path) -> None:
    statuses = {"ELIGIBLE": 0, "INELIGIBLE": 2, "UNDETERMINED": 4, "REVIEW": 4}
    for row in table(ran / "out" / "people.csv"):
        for words in (("explain", "out"), ("check", "out")):
            done = called(ran, *words, "--subject", row["id"])
            assert done.status == statuses[row["verdict"]]
            assert "agree with the row of the cohort" in " ".join(done.out.split())
            assert row["id"] in done.out


def test_a_changed_source_is_said_and_a_row_that_differs_fails(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran / "people", tmp_path / "people")
    cohort(tmp_path, "people")
    file = tmp_path / "people" / "ineligible.yaml"
    file.write_text(file.read_text("utf-8").replace("121 'U/L'", "21 'U/L'"), encoding="utf-8")
    done = called(tmp_path, "explain", "out", "--subject", "SYN-0018")
    assert done.status == 5
    words = " ".join(done.out.split())
    assert "differs from the row of the cohort" in words
    assert "changed since the run: 1 file (ineligible.yaml)" in words
    other = called(tmp_path, "explain", "out", "--subject", "SYN-0049", "--format", "json")
    assert other.status == 0
    assert json.loads(other.out)["determination"]["verdict"] == "ELIGIBLE"
    assert "changed since the run" in other.err


def test_nobody_of_that_id(ran: Path) -> None:
    done = called(ran, "explain", "out", "--subject", "SYN-9999")
    assert (done.status, done.out) == (3, "")
    assert "no row of that id" in done.err


@pytest.mark.parametrize("words", [("funnel",), ("worklist", "--out", "w.csv"), ("explain", "--subject", "A")])
def test_a_folder_that_is_no_run_is_wrong_input(tmp_path: Path, words: tuple[str, ...]) -> None:
    done = called(tmp_path, words[0], str(tmp_path), *words[1:])
    assert (done.status, done.out) == (3, "")
    assert "screening cohort" in done.err


def test_a_broken_manifest_or_row_is_told(ran: Path, tmp_path: Path) -> None:
    shutil.copytree(ran / "out", tmp_path / "out")
    with open(tmp_path / "out" / "people.csv", "a", encoding="utf-8") as file:
        file.write("SYN-9999\n")
    assert "is broken" in called(tmp_path, "funnel", "out").err
    (tmp_path / "out" / "manifest.json").write_text("{", encoding="utf-8")
    assert "is broken" in called(tmp_path, "funnel", "out").err


def test_a_table_is_a_source_too_and_no_cell_of_it_is_run(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,pain\n=1+1,10\n@b,2\n@b,3\nSYN-3,\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text("tables: {p.csv: {id: id, columns: {pain: Pain}}}", encoding="utf-8")
    done = cohort(tmp_path, "p.csv", "--map", "map.yaml")
    assert (done.status, done.err) == (0, "")
    rows = {row["id"]: row["verdict"] for row in table(tmp_path / "out" / "people.csv")}
    assert rows == {"'=1+1": "UNDETERMINED", "'@b": "INELIGIBLE", "SYN-3": "UNDETERMINED"}
    data = [json.loads(line) for line in (tmp_path / "out" / "people.ndjson").read_text().splitlines()]
    assert [row["id"] for row in data] == ["=1+1", "@b", "SYN-3"]
    assert called(tmp_path, "explain", "out", "--subject", "@b").status == 2
    (tmp_path / "map.yaml").write_text("tables: {p.csv: {id: id, columns: {pain: {for: Pain}}}}", encoding="utf-8")
    done = called(tmp_path, "explain", "out", "--subject", "@b")
    assert done.status == 2
    assert "changed since the run: 1 file (map.yaml)" in " ".join(done.out.split())


def test_retired_rules_are_refused(tmp_path: Path) -> None:
    shutil.copytree(RECORDS, tmp_path / "people")
    rules = str(ROOT / "tests" / "reports" / "made")
    words = (
        "cohort",
        "people",
        "--protocol",
        "trial-old",
        "--rules",
        rules,
        "--as-of",
        "2026-11-22",
        "--out",
        "out",
    )
    done = called(tmp_path, *words)
    assert done.status == 3 and "is retired" in done.err
    assert not (tmp_path / "out").exists()


def test_the_row_files_have_no_path_and_no_time(ran: Path) -> None:
    for name in ROW_FILES:
        text = (ran / "out" / name).read_text(encoding="utf-8")
        assert str(ran) not in text
        assert manifest(ran / "out")["run"]["started"] not in text
