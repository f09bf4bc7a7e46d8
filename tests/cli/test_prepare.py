"""`screening prepare`: whole or not at all, nothing read twice, the same bytes however often it was killed."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from screening import prepare, screen
from screening.output import folder
from screening.sources import fhir_shared
from screening.sources import prepared as read_again
from screening.sources.prepared_part import part_of
from tests.checkout import ROOT
from tests.cli.calls import Called
from tests.cli.cohorts import RECORDS, SMALL, called, made_people, row_bytes
from tests.cli.test_screens import held
from tests.sources import exports

RULES = ("--protocol", "small", "--rules", str(ROOT / "tests" / "cli" / "rules"))


def prepared(folder: Path, source: Path | str, *more: str, out: str = "out") -> Called:
    """`screening prepare` for the small protocol."""
    return called(folder, "prepare", str(source), out, *RULES, *more)


def bytes_of(out: Path) -> dict[str, bytes]:
    return {
        path.relative_to(out).as_posix(): path.read_bytes() for path in sorted(out.rglob("*")) if path.is_file()
    }


def again(said: str) -> tuple[int, int]:
    """How many records a run read, and how many it knew."""
    found = re.search(r"Read this time: ([0-9,]+) records?; not changed since an\s+earlier run: ([0-9,]+)", said)
    assert found, said
    return int(found[1]), int(found[2])


def made_export(folder: Path, people: int) -> Path:
    """An export of so many people as a hospital writes it, a few lines of it odd or broken."""
    folder.mkdir()
    library = screen.load_protocol("small", (ROOT / "tests" / "cli" / "rules",), None, {})
    exports.write(folder, library, people, odd=0.02, broken=0.002, parts=2)
    return folder


@pytest.fixture
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of a few records, so that few people make many of them."""
    monkeypatch.setattr(prepare, "PART_RECORDS", 4)


@pytest.fixture
def bless(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--bless"))


def test_the_screen_is_as_reviewed_and_says_when_nothing_has_changed(tmp_path: Path, bless: bool) -> None:
    shutil.copytree(RECORDS, tmp_path / "people")
    (tmp_path / "people" / "broken.yaml").write_text("subject: [", encoding="utf-8")
    shutil.copy(RECORDS / "review.yaml", tmp_path / "people" / "twice.yaml")
    first = prepared(tmp_path, "people")
    assert (first.status, first.err) == (0, "")
    before = bytes_of(tmp_path / "out")
    second = prepared(tmp_path, "people")
    assert second.status == 0 and bytes_of(tmp_path / "out") == before
    shown = "$ screening prepare people out --protocol small\n"
    held("prepare", f"{shown}{first.out}{shown}{second.out}", bless)


def test_a_prepared_cohort_is_screened_like_its_source(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 40)
    assert prepared(tmp_path, source).status == 0
    plain = called(tmp_path, "cohort", str(source), *SMALL, "--out", "plain")
    of_it = called(tmp_path, "cohort", "out", *SMALL, "--out", "of-it")
    assert (plain.status, of_it.status) == (0, 0)
    assert row_bytes(tmp_path / "plain") == row_bytes(tmp_path / "of-it")
    for command in ("check", "explain"):
        alone = called(tmp_path, "check", str(source / "0003.yaml"), *SMALL)
        found = called(tmp_path, command, "out", "--subject", "SYN-0003", *SMALL)
        assert found == alone


def test_one_person_needs_an_id(tmp_path: Path) -> None:
    assert prepared(tmp_path, made_people(tmp_path / "people", 2)).status == 0
    assert called(tmp_path, "check", "out", *SMALL).status == 3
    assert called(tmp_path, "explain", "out", "--subject", "nobody", *SMALL).status == 3


def test_files_are_for_their_owner_alone(tmp_path: Path) -> None:
    assert prepared(tmp_path, made_people(tmp_path / "people", 3)).status == 0
    for top in (tmp_path / "out", tmp_path / ".out.parts"):
        for path in (top, *top.rglob("*")):
            mode = stat.S_IMODE(path.stat().st_mode)
            assert mode == (0o700 if path.is_dir() else 0o600), path


# ----------------------------------------------------------------------------- nothing read twice


def test_one_changed_file_alone_is_read_again(tmp_path: Path, small_parts: None) -> None:
    source = made_people(tmp_path / "people", 120)
    assert prepared(tmp_path, source).status == 0
    path = source / "0060.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("SYN-0060", "SYN-9060"), encoding="utf-8")
    (source / "0000b.yaml").write_text("subject: SYN-NEW\nevidence: {}\n", encoding="utf-8")
    (source / "0100.yaml").unlink()
    read, kept = again(prepared(tmp_path, source).out)
    assert read + kept == 120 and 0 < read <= 3 * prepare.MOST_TIMES * 4
    assert prepared(tmp_path, source, out="anew").status == 0
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "anew")
    assert "SYN-9060" in called(tmp_path, "check", "out", "--subject", "SYN-9060", *SMALL).out


def test_one_changed_person_of_an_export_alone_is_read_again(tmp_path: Path, small_parts: None) -> None:
    from tests.sources.test_prepared import bulk

    source = bulk(tmp_path / "bulk", 60)
    assert prepared(tmp_path, source).status == 0
    path = source / "Observation.ndjson"
    path.write_bytes(path.read_bytes().replace(b'"id": "op30"', b'"id": "oq30"'))
    read, kept = again(prepared(tmp_path, source).out)
    assert read + kept == 62 and 0 < read <= 2 * prepare.MOST_TIMES * 4


def test_other_rules_read_everything_anew(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 8)
    assert prepared(tmp_path, source).status == 0
    assert prepared(tmp_path, source, "--site", str(RECORDS / "site.yaml")).status == 0
    made = json.loads((tmp_path / "out" / "manifest.json").read_text(encoding="utf-8"))
    assert made["site"]["name"] == "St Anna, pain unit"
    shutil.copytree(ROOT / "tests" / "cli" / "rules", tmp_path / "rules")
    rule = tmp_path / "rules" / "small.yaml"
    rule.write_text(rule.read_text(encoding="utf-8") + "\n# another file\n", encoding="utf-8")
    shown = called(tmp_path, "prepare", str(source), "out", "--protocol", "small", "--rules", "rules")
    assert shown.status == 0 and "earlier run" not in shown.out and "Nothing has changed" not in shown.out


def test_a_broken_table_and_a_broken_part_are_made_again(tmp_path: Path, small_parts: None) -> None:
    source = made_people(tmp_path / "people", 30)
    assert prepared(tmp_path, source).status == 0
    before = bytes_of(tmp_path / "out")
    for path in (tmp_path / "out" / "subjects.parquet", sorted((tmp_path / ".out.parts").iterdir())[0]):
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(bytes(data))
    read, kept = again(prepared(tmp_path, source).out)
    assert 0 < read <= prepare.MOST_TIMES * 4 and read + kept == 30
    assert bytes_of(tmp_path / "out") == before


def test_the_bytes_do_not_depend_on_jobs_memory_or_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = made_people(tmp_path / "people", 60)
    assert prepared(tmp_path, source).status == 0
    expected = bytes_of(tmp_path / "out")
    assert prepared(tmp_path, source, "--jobs", "2", out="jobs").status == 0
    monkeypatch.setattr(prepare, "PART_RECORDS", 3)
    monkeypatch.setattr(prepare, "_LEAST", 1)
    monkeypatch.setattr(prepare, "_TAKEN", 1 << 40)
    assert prepared(tmp_path, source, out="pieces").status == 0
    assert bytes_of(tmp_path / "jobs") == expected == bytes_of(tmp_path / "pieces")


def test_an_export_in_columns_is_the_one_read_person_by_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All bytes but those of the people's table, in which a few texts say less; and cohorts of it are the same."""
    source = made_export(tmp_path / "bulk", 80)
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1 << 60)
    assert prepared(tmp_path, source, out="one-by-one").status == 0
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
    done = prepared(tmp_path, source)
    assert done.status == 0 and not [path for path in tmp_path.iterdir() if path.name.endswith(".partial")]
    wanted, found = bytes_of(tmp_path / "one-by-one"), bytes_of(tmp_path / "out")
    assert wanted.keys() == found.keys()
    differing = {name for name in wanted if wanted[name] != found[name]}
    assert differing == {"subjects.parquet", "manifest.json"}
    made = [json.loads(each["manifest.json"]) for each in (wanted, found)]
    assert made[0]["counts"] == made[1]["counts"]
    for engine in ("polars", "one-by-one"):
        for name in ("one-by-one", "out"):
            run = called(tmp_path, "cohort", name, *SMALL, "--engine", engine, "--out", f"of-{name}-{engine}")
            assert run.status == 0, run.err
        assert row_bytes(tmp_path / f"of-out-{engine}") == row_bytes(tmp_path / f"of-one-by-one-{engine}")
    assert "Nothing has changed" in prepared(tmp_path, source).out
    path = sorted(source.iterdir())[-1]
    path.write_bytes(path.read_bytes() + b"\n{\n")
    assert prepared(tmp_path, source).status == 0
    assert prepared(tmp_path, source, out="anew").status == 0
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "anew")


SEVERAL = """\
library: several
version: "0.1"
title: Requirements that one entry may answer together
status: draft
sources: {made: for the tests}
parameters:
  Screening Date: Date
requirements:
  Diabetes: {type: Boolean, condition: SNOMED 73211009, obtain: chart}
  Asthma: {type: Boolean, condition: SNOMED 195967001, obtain: chart}
  Gout: {type: Boolean, condition: ICD-10-CM M10.*, obtain: chart}
  Sodium: {type: Quantity, unit: mmol/L, code: LOINC 2951-2, obtain: blood}
  Potassium: {type: Quantity, unit: mmol/L, code: LOINC 2823-3, obtain: blood}
  Methotrexate: {type: Boolean, medication: RxNorm 6851, obtain: chart}
  Leflunomide: {type: Boolean, medication: RxNorm 27169, obtain: chart}
criteria:
  - {id: INC01, category: inclusion, text: One, source: {made: here}, expression: Diabetes or Asthma}
  - id: INC02
    category: inclusion
    text: Two
    source: {made: here}
    expression: Sodium > 5 'mmol/L' and Potassium > 3 'mmol/L'
  - {id: EXC01, category: exclusion, text: Three, source: {made: here}, expression: Gout and Methotrexate}
  - {id: EXC02, category: exclusion, text: Four, source: {made: here}, expression: Leflunomide}
"""


def test_entries_of_many_requirements_lie_in_tables_of_their_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever reads them, in columns or one by one, finds what lies in a table for each requirement otherwise."""
    (tmp_path / "several.yaml").write_text(SEVERAL, encoding="utf-8")
    rules = ("--protocol", "several", "--rules", str(tmp_path))
    several = (*rules, "--as-of", "2026-11-22")
    source = tmp_path / "bulk"
    source.mkdir()
    library = screen.load_protocol("several", (tmp_path,), None, {})
    exports.write(source, library, 80, odd=0.02, broken=0.002, parts=2)

    def prepared(folder: Path, source: Path, out: str) -> Called:
        return called(folder, "prepare", str(source), out, *rules)

    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
    assert prepared(tmp_path, source, out="apart").status == 0
    monkeypatch.setattr(fhir_shared, "LEAST_SPARED", 1)
    assert prepared(tmp_path, source, out="shared").status == 0
    made = [json.loads((tmp_path / name / "manifest.json").read_bytes()) for name in ("apart", "shared")]
    assert made[0]["counts"] == made[1]["counts"]
    of = [{each["name"]: (each["entries"], each["shared"]) for each in data["requirements"]} for data in made]
    assert {name: entries for name, (entries, _) in of[0].items()} == {
        name: entries for name, (entries, _) in of[1].items()
    }
    tables = sorted(path.stem for path in (tmp_path / "shared" / "shared").iterdir())
    assert tables and tables == sorted({table for _, shared in of[1].values() for table in shared})
    assert not (tmp_path / "apart" / "shared").exists()
    for engine in ("polars", "duckdb", "one-by-one"):
        for name in ("apart", "shared"):
            run = called(tmp_path, "cohort", name, *several, "--engine", engine, "--out", f"of-{name}-{engine}")
            assert run.status == 0, run.err
        assert row_bytes(tmp_path / f"of-apart-{engine}") == row_bytes(tmp_path / f"of-shared-{engine}")
    assert row_bytes(tmp_path / "of-shared-polars") == row_bytes(tmp_path / "of-shared-one-by-one")
    alone = [called(tmp_path, "check", name, "--subject", "p7", *several).out for name in ("apart", "shared")]
    assert alone[0] == alone[1].replace("shared", "apart")
    monkeypatch.setattr(prepare, "_LEAST", 1)
    monkeypatch.setattr(prepare, "_TAKEN", 1 << 40)
    assert prepared(tmp_path, source, out="pieces").status == 0
    assert bytes_of(tmp_path / "shared") == bytes_of(tmp_path / "pieces")


@pytest.mark.long
def test_a_run_without_changes_takes_a_twentieth(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 5000)
    begun = time.monotonic()
    assert prepared(tmp_path, source, "--protocol", "ketamine-ra-fm").status == 0
    first, begun = time.monotonic() - begun, time.monotonic()
    assert "Nothing has changed" in prepared(tmp_path, source, "--protocol", "ketamine-ra-fm").out
    assert first > 20 * (time.monotonic() - begun)


# ------------------------------------------------------------------------- whole or not at all


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.parametrize("of", ["records", "export"])
@pytest.mark.parametrize("times", [4, pytest.param(50, marks=pytest.mark.long)])
def test_a_killed_run_is_gone_on_with_and_nobody_sees_the_difference(
    times: int, of: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 0)
    source = made_people(tmp_path / "people", 200) if of == "records" else made_export(tmp_path / "bulk", 200)
    assert prepared(tmp_path, source, out="undisturbed").status == 0
    assert prepared(tmp_path, made_people(tmp_path / "before", 3)).status == 0
    before, expected = bytes_of(tmp_path / "out"), bytes_of(tmp_path / "undisturbed")
    choose = random.Random(times)
    # Small parts, as a source of many people would have many.
    small = "from screening import prepare; prepare.PART_RECORDS = 4; prepare.LEAST_IN_BLOCKS = 0; "
    small += "from screening.sources import fhir_blocks, fhir_columns; "
    small += "fhir_columns.PEOPLE = 20; fhir_blocks.BLOCK = 30_000; "
    start = small + "from screening.cli.main import main; main()"
    command = [sys.executable, "-c", start, "prepare", str(source), "out", *RULES, "--jobs"]
    killed = 0
    for number in range(times):
        run = subprocess.Popen(
            [*command, "12"[number % 2]],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        time.sleep(choose.uniform(0.3, 3.0))
        if run.poll() is None:
            run.send_signal(signal.SIGKILL)
            killed += 1
        run.wait()
        assert bytes_of(tmp_path / "out") in (before, expected)
    assert killed
    done = subprocess.run(
        [*command, "1"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert bytes_of(tmp_path / "out") == expected
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith((".partial", ".before"))] == []


@pytest.mark.parametrize("is_told_by", ["contents", "times"])
def test_what_a_killed_run_left_goes_also_where_nothing_has_changed(
    is_told_by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once the new cohort stands in its place: the one before is people's records that nobody sees."""
    source = made_people(tmp_path / "people", 6)
    assert prepared(tmp_path, made_people(tmp_path / "before", 3)).status == 0
    exchanging = folder._take_place
    with monkeypatch.context() as killing:

        def killed(made: Path, place: Path) -> None:
            exchanging(made, place)
            killing.setattr(shutil, "rmtree", lambda *given, **more: None)
            raise SystemExit(9)

        killing.setattr(folder, "_take_place", killed)
        with pytest.raises(SystemExit):
            prepared(tmp_path, source)
    (left,) = tmp_path.glob(".out.*.partial")
    assert (left / "manifest.json").exists()
    if is_told_by == "times":
        # Another run that was killed, before one that is told by times.
        assert "Nothing has changed" in prepared(tmp_path, source).out
        shutil.copytree(tmp_path / "out", left)
    shown = prepared(tmp_path, source)
    assert "Nothing has changed" in shown.out
    assert not left.exists()
    assert prepared(tmp_path, source, out="undisturbed").status == 0
    assert bytes_of(tmp_path / "out") == bytes_of(tmp_path / "undisturbed")
    parts = [
        {path.name for path in (tmp_path / name).glob("*.part")} for name in (".out.parts", ".undisturbed.parts")
    ]
    assert parts[0] == parts[1]


def refused(tmp_path: Path, shown: Called, before: dict[str, bytes], *words: str) -> None:
    assert shown.status in (1, 3) and shown.out == ""
    assert all(word in shown.err for word in words), shown.err
    assert bytes_of(tmp_path / "out") == before
    assert [each.name for each in tmp_path.iterdir() if each.name.endswith(".partial")] == []


def test_a_source_that_is_gone_leaves_the_earlier_cohort(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 3)
    assert prepared(tmp_path, source).status == 0
    before = bytes_of(tmp_path / "out")
    shutil.rmtree(source)
    refused(tmp_path, prepared(tmp_path, source), before, "there is no such file or folder")


def test_a_source_that_changes_meanwhile_leaves_the_earlier_cohort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(tmp_path, made_people(tmp_path / "before", 3)).status == 0
    before = bytes_of(tmp_path / "out")
    source = made_people(tmp_path / "people", 12)

    def removing(*given: object) -> object:
        found = part_of(*given)  # type: ignore[arg-type]
        (source / "0011.yaml").unlink(missing_ok=True)
        return found

    monkeypatch.setattr("screening.prepare.part_of", removing)
    refused(tmp_path, prepared(tmp_path, source), before, "was changed while it was read")


def test_a_file_that_cannot_be_read_is_a_rejected_record(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 3)
    (source / "0001.yaml").unlink()
    (source / "0001.yaml").mkdir()
    (source / "0002b.yaml").symlink_to(tmp_path / "nowhere.yaml")
    shown = prepared(tmp_path, source)
    assert shown.status == 0
    assert "2 + 0 = 2" in " ".join(shown.out.split()) or "people 2" in " ".join(shown.out.split())


def test_an_interrupt_ends_with_the_usual_status_and_leaves_the_earlier_cohort(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert prepared(tmp_path, made_people(tmp_path / "before", 3)).status == 0
    before = bytes_of(tmp_path / "out")

    def stopped(*given: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr(prepare, "part_of", stopped)
    shown = prepared(tmp_path, made_people(tmp_path / "people", 5))
    assert shown.status == 130 and bytes_of(tmp_path / "out") == before


@pytest.mark.skipif(sys.platform != "linux", reason="it needs a file system of a limited size")
@pytest.mark.parametrize("pages", [16, 24, 40])
def test_a_full_disk_is_said_and_leaves_the_earlier_cohort(pages: int, tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 60)
    disk = tmp_path / "disk"
    disk.mkdir()
    assert prepared(disk, made_people(tmp_path / "before", 1)).status == 0
    before = bytes_of(disk / "out")
    limit = f"import resource; resource.setrlimit(resource.RLIMIT_FSIZE, ({pages * 256}, {pages * 256})); "
    ignore = "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    start = ignore + limit + "from screening.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", start, "prepare", str(source), "out", *RULES],
        cwd=disk,
        env={**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        check=False,
    )
    refused(
        disk,
        Called(done.returncode, done.stdout, done.stderr),
        before,
        "the output cannot be written",
        "file too large",
    )


def test_what_is_not_a_cohort_is_never_replaced(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 2)
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("mine", encoding="utf-8")
    shown = prepared(tmp_path, source)
    assert shown.status == 3 and "`mine.txt`" in shown.err
    assert prepared(tmp_path, source, out="people/out").status == 3
    assert prepared(tmp_path, source, out="good").status == 0
    assert prepared(tmp_path, "good", out="better").status == 3


def test_two_runs_at_once_do_not_disturb_each_other(tmp_path: Path) -> None:
    from screening.output.parts import Parts

    source = made_people(tmp_path / "people", 2)
    with Parts(tmp_path / "out", lambda data: True):
        shown = prepared(tmp_path, source)
    assert shown.status == 3 and "another run is preparing" in shown.err


@pytest.mark.parametrize("size", ["12", "1T", "a lot", "63M"])
def test_a_size_is_written_in_one_way(size: str, tmp_path: Path) -> None:
    assert prepared(tmp_path, "people", "--memory", size).status == 3


def test_the_api_says_what_was_read(tmp_path: Path) -> None:
    source = made_people(tmp_path / "people", 5)
    library = screen.load_protocol("small", (ROOT / "tests" / "cli" / "rules",), None, {})
    seen: list[int] = []
    wanted = prepare.Preparation(source, (library,))
    made = prepare.prepared(wanted, tmp_path / "out", lambda read, total: seen.append(read))
    assert (made.read, made.kept, seen[-1]) == (5, 0, 5)
    assert read_again.person_of_prepared(tmp_path / "out", library, None, "SYN-0002").id == "SYN-0002"
    found = prepare.prepared(wanted, tmp_path / "out", lambda read, total: None)
    assert found.is_unchanged and found.manifest == made.manifest


def test_who_is_read_one_by_one_is_counted_with_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prepare, "LEAST_IN_BLOCKS", 1)
    source = made_export(tmp_path / "export", 60)
    told = prepared(tmp_path, source)
    found = re.search(
        r"Read one by one, which is slower: ([0-9,]+) (?:person|people), (.*?)\.", told.out, re.DOTALL
    )
    assert found, told.out
    assert int(found[1]) == sum(int(number) for number in re.findall(r"([0-9]+) for ", found[2])) > 0
    assert "a line whose form is not understood" in " ".join(found[2].split())
    # What a kept block left to the other road is counted again.
    (source / "Another.ndjson").write_text('{"resourceType":"Patient","id":"another"}\n')
    again_told = prepared(tmp_path, source)
    assert f"{found[1]} p" in again_told.out.partition("Read one by one")[2]
